"""Service features: what a firm added to its service, what it does for whom, and who holds it how well (A7)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

FEATURE_KINDS = ("flexibility", "diversification", "distinctiveness")


@dataclass
class Feature:
    """One innovation.

    Attributes
    ----------
    name, kind, introduced_by, period : identity, kind of strategy it belongs to, innovator, month of introduction.
    attribute : index of the service attribute it moves. size : by how much, at full fidelity [attribute's unit].
    cells : (cells,) bool, the segment x context cells it serves. unit_cost : cost to provide [¤ a journey].
    scale : how large it is, in units of its kind's mean; what introducing and copying it cost goes by this [1].
    creates : part of the needs that nobody served which it opens; then it moves no attribute [1].
    fidelity : firm name -> how much of the original its version holds, 1 for the innovator.
    offered : the same as posted this period; a copy begun now is offered from the next.
    worth : firm name -> what its version does, in parts of the original, where that is not its fidelity.
    withdrawn : firm name -> month in which it gave the feature up.
    reached : most firms that ever offered it at once. grew : month in which their number last rose.
    """

    name: str
    kind: str
    introduced_by: str
    period: int
    attribute: int
    size: float
    cells: np.ndarray
    unit_cost: float
    scale: float = 1.0
    creates: float = 0.0
    fidelity: dict[str, float] = field(default_factory=dict)
    offered: dict[str, float] = field(default_factory=dict)
    worth: dict[str, float] = field(default_factory=dict)
    withdrawn: dict[str, int] = field(default_factory=dict)
    reached: int = 0
    grew: int = 0

    def effect(self, firm: str) -> float:
        """What the firm's version does, in parts of the original: its fidelity, unless elements hang together."""
        return self.worth.get(firm, self.fidelity[firm])

    def give_up(self, firm: str, period: int) -> None:
        """The firm offers the feature no longer, and will not copy it again."""
        del self.fidelity[firm]
        self.worth.pop(firm, None)
        self.withdrawn[firm] = period
