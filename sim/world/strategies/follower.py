"""Imitate whatever pays (A7): watch the best-earning rival's visible offer and move one's own effort towards it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sim.ground.params import param
from sim.science.rules.revision import posture, toward
from sim.world.strategies import KINDS, Decision, Strategy


@dataclass(frozen=True, kw_only=True)
class Follower(Strategy):
    """Move the mix part of the way to the posture of the rival that earned most since the last review.

    Nothing moves if the firm itself earned more.

    The posture is read off what anybody can see: how well the timetable is adapted, how far offers differ between
    segments, how far the offer stands out, how far the fare undercuts the dearest.
    """

    sets: ClassVar[Mapping[str, frozenset[str]]] = {"signature": frozenset({"seats"})}

    budget: float = param("spending on capabilities", "¤/head/month", low=0, source="A7")
    seats: int = param("seats in a coach", "seats", low=1, source="A3")
    imitation: float = param("absorptive capacity", "1", low=0, high=1, source="Cohen & Levinthal 1990")
    review_every: int = param("months between reviews", "months", low=1, source="Schlag 1998, J. Economic Theory 78")
    step: float = param("part of the way moved at a review", "1", low=0, high=1, source="Schlag 1998")

    def begin(self):
        """Start with effort spread evenly and no profit seen."""
        return {"mix": dict.fromkeys(KINDS, 1 / len(KINDS)), "earned": {}, "own": 0.0, "seats": self.seats, "model": ""}

    def decide(self, seen, memory, rng):
        """Add up rivals' published profits; when a review is due, move towards the best earner's posture."""
        earned = {name: memory["earned"].get(name, 0.0) + facts.profit for name, facts in sorted(seen.rivals.items())}
        memory = memory | {"earned": earned, "own": memory["own"] + seen.me.profit}
        if seen.period and earned and seen.period % self.review_every == 0:
            best = max(earned, key=lambda name: earned[name])
            if earned[best] <= memory["own"]:
                return self._decision(memory), memory | {"earned": {}, "own": 0.0}
            dearest = max(facts.price for facts in [*seen.rivals.values(), seen.me])
            model = seen.rivals[best]
            shown = posture(model.flexibility, model.depth, model.shown.get("distinctiveness", 0.0), model.price, dearest)
            seats = int(model.shown.get("seats", memory["seats"]))
            mix = dict(zip(KINDS, toward([memory["mix"][kind] for kind in KINDS], shown, self.step), strict=True))
            memory = {"mix": mix, "earned": {}, "own": 0.0, "seats": seats, "model": best}
        return self._decision(memory), memory

    def _decision(self, memory):
        return Decision(
            budget=self.budget,
            mix=memory["mix"],
            imitation=self.imitation,
            policy={"signature": {"seats": memory["seats"]}},
        )
