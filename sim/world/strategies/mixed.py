"""A mix of strategies (A1, A2, A3, A4, F1, F4): a point on the simplex, from a pure strategy at a corner to a bit of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.ground.params import ConfigError, nearest, param
from sim.world.strategies import KINDS, Decision, Strategy

CLOSE = 1e-6


@dataclass(frozen=True, kw_only=True)
class Mixed(Strategy):
    """Split money, research, seats and attention by the mix that the revision rule has left.

    Of `spending` each kind leaves its `research_part` to research and development, aimed at a kind drawn by what it
    leaves; the rest builds capabilities, split by the mix. Seats go from `seats` to `fewest_seats` with the weight of
    distinctiveness, interviews grow with the weight of diversification; attendants and programme come above a weight.
    """

    sets: ClassVar[Mapping[str, frozenset[str]]] = {
        "signature": frozenset({"seats", "attended"}),
        "loyalty_programme": frozenset({"run"}),
        "segment_needs": frozenset({"interviews"}),
    }

    mix: Mapping[str, float] = param(
        "weight of each kind on the first day; kinds left out have none",
        "1",
        low=0,
        high=1,
        source="A1-A4; register R245",
    )
    spending: float = param(
        "spending on capabilities and research together", "¤/head/month", low=0, source="A1-A4; register R246"
    )
    research_part: Mapping[str, float] = param(
        "part of a kind's spending that goes into research", "1", low=0, high=1, source="A7; register R247"
    )
    seats: int = param("seats in a coach without distinctiveness", "seats", low=1, source="A3")
    fewest_seats: int = param("seats in a coach at full distinctiveness", "seats", low=1, source="A3: 32 seats for 47")
    attended_from: float = param(
        "weight of distinctiveness from which attendants and meals come along", "1", low=0, high=1,
        source="A3; register R248",
    )  # fmt: skip
    programme_from: float = param(
        "weight of diversification from which there is a programme", "1", low=0, high=1, source="A5; register R249"
    )
    interviews: int = param(
        "depth interviews at each review at full diversification", "customers", low=0, source="A6; register R75"
    )
    review_every: int = param("months between reviews", "months", low=1, source="C1; register R76")
    imitation: float = param("absorptive capacity", "1", low=0, high=1, source="Cohen & Levinthal 1990; register R68")

    def check(self):
        """Kinds exist, the mix is on the simplex, and a luxury coach has no more seats than a standard one."""
        for name in ("mix", "research_part"):
            for kind in getattr(self, name):
                if kind not in KINDS:
                    raise ConfigError(f"{name}.{kind}: unknown kind; {nearest(str(kind), KINDS)}")
        total = sum(self.mix.values())
        if abs(total - 1) > CLOSE:
            raise ConfigError(f"mix: expected parts that sum to 1, got {total:.12g}")
        if self.fewest_seats > self.seats:
            raise ConfigError(
                f"fewest_seats = {self.fewest_seats} seats: expected fewest_seats <= seats = {self.seats}"
            )

    def opening_mix(self):
        """The configured mix."""
        return _on_simplex(self.mix)

    def decide(self, seen, memory, rng):
        """Carry out the present mix."""
        mix = _on_simplex(seen.mix or self.mix)
        left = {kind: mix[kind] * self.research_part.get(kind, 0.0) for kind in KINDS}
        research = sum(left.values())
        decision = Decision(
            budget=self.spending * (1 - research),
            mix=mix,
            research_and_development=self.spending * research,
            innovate=_aim(left, research, rng.random()),
            imitation=self.imitation,
            policy=self._policy(mix["distinctiveness"], mix["diversification"], seen.period % self.review_every == 0),
        )
        return decision, memory

    def _policy(self, distinct: float, diverse: float, due: bool) -> dict[str, dict[str, object]]:
        """Policies of mechanisms by the weights of two kinds; due : whether customers are to be interviewed."""
        return {
            "signature": {
                "seats": round(self.seats - distinct * (self.seats - self.fewest_seats)),
                "attended": distinct > 0 and distinct >= self.attended_from,
            },
            "loyalty_programme": {"run": diverse > 0 and diverse >= self.programme_from},
            "segment_needs": {"interviews": round(self.interviews * diverse) if due else 0},
        }


def _aim(left: Mapping[str, float], total: float, draw: float) -> str:
    """Kind at which this month's research aims, drawn by what the kinds leave for it; price if nothing is left."""
    for kind, part in left.items():
        if part > 0 and draw * total < part:
            return kind
        draw -= part / total if total else 0.0
    return max(left, key=lambda kind: left[kind]) if total else "price"


def _on_simplex(mix: Mapping[str, float]) -> dict[str, float]:
    """All kinds in their order, scaled to sum to 1 whatever was lost in rounding."""
    total = sum(mix.values())
    return {kind: mix.get(kind, 0.0) / total for kind in KINDS}
