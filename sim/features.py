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
    cells : (cells,) bool, the segment x context cells it serves. unit_cost : cost to provide [AUD a journey].
    fidelity : firm name -> how much of the original its version delivers, 1 for the innovator.
    offered : the same as posted this period; a copy begun now is offered from the next.
    """

    name: str
    kind: str
    introduced_by: str
    period: int
    attribute: int
    size: float
    cells: np.ndarray
    unit_cost: float
    fidelity: dict[str, float] = field(default_factory=dict)
    offered: dict[str, float] = field(default_factory=dict)
