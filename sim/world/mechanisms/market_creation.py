"""Market creation (A8): some features serve needs that nobody served; they take from staying out, not from rivals (Kim & Mauborgne 2005)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.params import param
from sim.science.kernels.market_creation import bring_needs, count_created, leave_needs, place_needs
from sim.science.kernels.occasions import fill
from sim.world.mechanisms import ByHook, Mechanism, at

f4 = np.float32


@dataclass(frozen=True, kw_only=True)
class MarketCreation(Mechanism):
    """Some needs fit no present service: a feature opens a part of them, and only those who offer it can serve these.

    A month brings a customer an unmet need with probability unserved. The need has a place u on [0, 1]; firm f can serve
    it in a cell if u < 1 - prod_m (1 - creates_m fidelity_mf) over its market-creating features that serve the cell. For
    the others, and where nobody can, the need stays at home. Whoever can is weighed as always, staying out included.
    """

    columns: ClassVar[Mapping[str, Column]] = {
        "unmet": Column(
            "bool", "1", "whether this month's last occasion is a need that no ordinary service fits", "u_it"
        )
    }
    tallies: ClassVar[Mapping[str, tuple[str | int, ...]]] = {"created": ("firm",)}
    records: ClassVar[Mapping[str, Column]] = {
        "created": Column("int64", "purchases", "journeys sold this month for needs that no ordinary service fits")
    }
    needs: ClassVar[Mapping[str, str]] = {"innovation": "which brings the features that open a market"}
    policies: ClassVar[frozenset[str]] = frozenset({"aim"})
    passing: ClassVar[Mapping[str, Column]] = {
        "need_place": Column("float32", "1", "place of the present need if it is an unmet one, below 0 if not", "u")
    }
    reads: ClassVar[ByHook] = at(on_offer="features")
    writes: ClassVar[ByHook] = at(on_hear="occasions")
    neutral: ClassVar[Mapping[str, object]] = {"aim": 0.0}

    aim: float = param(
        "chance that a new feature is made for an unmet need", "1", low=0, high=1, source="A8; register R308"
    )
    opens: float = param(
        "part of the unmet needs that such a feature of mean size opens", "1", low=0, high=1,
        source="A8; register R309",
    )  # fmt: skip
    unserved: float = param(
        "chance per month that a customer has a need that no ordinary service fits", "1", low=0, high=1,
        source="A8; register R310",
    )  # fmt: skip
    cost: float = param("what serving such a need costs more", "¤/journey", low=0, source="A8; register R311")

    def _opened(self, market, firm):
        """(cells,) part of the unmet needs that the firm can serve."""
        left = np.ones(market.cells)
        for feature in market.features:
            if feature.creates and firm.name in feature.offered:
                left[feature.cells] *= 1 - feature.creates * feature.offered[firm.name]
        return 1 - left

    def unforeseen(self):
        """Whose unmet need a feature opens is drawn after fares are set."""
        return "needs are met that nobody served before" if self.aim and self.unserved else ""

    def on_offer(self, market):
        """Work out what part of the unmet needs each firm can serve, once for all customers."""
        opened = market.memory["market_creation"] = np.zeros((len(market.firms), market.cells))
        for firm in market.trading:
            opened[firm.index] = self._opened(market, firm)

    def on_hear(self, block):
        """Bring an unmet need to some customers of those segments for which somebody has opened any."""
        market = block.market
        opened = market.memory["market_creation"].any(axis=0).reshape(len(market.segments), -1).any(axis=1)
        if opened.any():
            bring_needs(
                block.identity, block.now, *market.key("unmet need"), block.alive, block.segment, opened,
                f4(self.unserved), block.scratch(f4), block.unmet, block.occasions,
            )  # fmt: skip
        else:
            fill(np.bool_(False), block.unmet)

    def on_occasion(self, rows):
        """Find the place of the need, where it is an unmet one."""
        market = rows.market
        if market.memory["market_creation"].any():
            place, key = rows.scratch(f4), market.key("unmet need: place")
            place_needs(rows.identity, rows.now, *key, rows.unmet, rows.occasions, place)
            rows.passing["need_place"] = place

    def on_weigh(self, rows, firm, out_appeal):
        """Leave the need to those who can serve it."""
        opened = rows.market.memory["market_creation"]
        if opened.any():
            leave_needs(rows.passing["need_place"], opened[firm.index], rows.cell, out_appeal)

    def on_bond(self, rows):
        """Count what was sold to whom nobody served before."""
        if rows.market.memory["market_creation"].any():
            count_created(rows.now, rows.unmet, rows.occasions, rows.provider, rows.tally["created"])

    def on_settle(self, market):
        """Pay for what these journeys cost more."""
        for firm in market.trading:
            firm.bill("market_creation", self.cost * int(market.total("created")[firm.index]))

    def on_record(self, market):
        """Journeys that would not have been made."""
        return {"created": market.total("created")}
