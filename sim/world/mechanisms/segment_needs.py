"""Different needs, different offers (A2, A6, F1): depth of diversification moves each segment's offer towards its ideal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground import draws
from sim.ground.column import Column
from sim.ground.params import ConfigError, param
from sim.science.kernels.segment_needs import add_fit, add_fit_delivered
from sim.world.mechanisms import ByHook, Mechanism, at

f4 = np.float32


@dataclass(frozen=True, kw_only=True)
class SegmentNeeds(Mechanism):
    """Customers have ideal points on service dimensions; a firm at depth d posts z_fs = z0 + d (estimate_s - z0).

    The estimate is the firm's own: the mean of what interviewed customers of the segment said, with noise, pooled over
    all its interviews, or what its own research found (mechanism `research`). An offer gains
    weight * ((z0 - a)^2 - (z - a)^2) utils over the standard one, so that a misread need costs variety and gains nothing.
    """

    keeps: ClassVar[Mapping[str, Column]] = {
        "estimate": Column(
            "float64", "scale points", "what a segment wants by the firm's interviews", "", ("firm", "segment", "need")
        ),
        "interviewed": Column("float64", "customers", "interviews that it rests on", "", ("firm", "segment")),
    }
    records: ClassVar[Mapping[str, Column]] = {
        "depth_of_offer": Column(
            "float64", "1", "how far the offer moves towards what the firm believes a segment wants", "d_f"
        ),
        "research_error": Column(
            "float64", "scale points", "root mean square error of the firm's estimate of the needs"
        ),
    }
    reads: ClassVar[ByHook] = at(on_offer="researches aim addressed", on_settle="ideal segment")
    writes: ClassVar[ByHook] = at(
        on_begin="need_weight need_standard position",
        on_offer="position unit_cost",
        on_serve="quality",
        on_settle="needs",
    )
    neutral: ClassVar[Mapping[str, object]] = {"weight": 0.0, "variety_cost": 0.0, "interview_cost": 0.0}
    policies: ClassVar[frozenset[str]] = frozenset({"interviews"})
    once: ClassVar[Mapping[str, object]] = {"interviews": 0}

    interviews: int = param(
        "depth interviews a month that a firm holds", "customers", low=0, source="A6; register R581"
    )
    weight: float = param("utility of a full-scale squared misfit", "utils", low=0, source="A2; register R21")
    standard: float = param(
        "position of the standard service on every dimension", "scale points", low=0, high=1, source="register R22"
    )
    variety_cost: float = param(
        "cost of a fully diversified journey over the common one", "¤", low=0, source="F1; register R33"
    )
    interview_noise: float = param(
        "standard deviation of an interview's error", "scale points", low=0, source="A6; register R23"
    )
    interview_cost: float = param("cost of one depth interview", "¤", low=0, source="A6; register R24")

    def check_scenario(self, scenario):
        """There must be service dimensions to differ on."""
        if not scenario.population.needs:
            raise ConfigError("mechanism.segment_needs: population.needs names no service dimension")

    def on_begin(self, market):
        """No firm knows anything yet: every estimate is the standard service."""
        market.kept["estimate"][:] = self.standard
        market.board.position[:] = self.standard
        market.board.need_weight, market.board.need_standard = self.weight, self.standard

    def on_offer(self, market):
        """Post each segment's offer between the common one and its estimated ideal."""
        for firm in market.trading:
            aim, varied = self._plan(market, firm)
            wanted = self.standard + firm.depth * (aim - self.standard)
            market.board.position[firm.index] = np.repeat(wanted.T, len(market.contexts), axis=1)
            firm.unit_cost += self.variety_cost * firm.depth * np.repeat(varied, len(market.contexts))

    def _plan(self, market, firm) -> tuple[np.ndarray, np.ndarray]:
        """Where the offer of each segment aims, (segments, needs), and which segments get one of their own, (segments,).

        A firm that does research of its own (mechanism `research`) follows its plan; the others follow their interviews.
        """
        if self._researches(market, firm):
            return market.kept["aim"][firm.index], market.kept["addressed"][firm.index].astype(float)
        return market.kept["estimate"][firm.index], np.ones(len(market.segments))

    @staticmethod
    def _researches(market, firm) -> bool:
        return "researches" in market.kept and bool(market.kept["researches"][firm.index])

    def on_weigh(self, rows, firm, out_appeal):
        """Add the fit of the firm's offer with each customer's ideal point."""
        if firm.depth > 0:
            position, posted = rows.market.board.position[firm.index], rows.scratch(f4)
            for d in range(len(rows.market.needs)):
                add_fit(f4(self.weight), position[d], f4(self.standard), rows.ideal[d], rows.cell, posted, out_appeal)

    def on_serve(self, rows):
        """The same fit is part of the service received."""
        add_fit_delivered(
            rows.provider, f4(self.weight), rows.market.board.position, f4(self.standard), rows.ideal, rows.cell,
            rows.scratch(f4), rows.quality,
        )  # fmt: skip

    def on_settle(self, market):
        """Hold the interviews that firms ordered and pool what was said with what was heard before."""
        ideal, segment = market.table["ideal"], market.table["segment"]
        for firm in market.trading:
            asked = min(firm.policy("segment_needs", "interviews"), market.heads)
            if not asked or self._researches(market, firm):
                continue  # `research` holds the interviews of firms that do research of their own
            rng = draws.generator(market.seed, "interview", firm.name, market.period)
            rows = market.rows_of(rng.choice(market.heads, asked, replace=False))
            said = ideal[:, rows] + rng.normal(0.0, self.interview_noise, (len(market.needs), asked))
            estimate, heard = market.kept["estimate"][firm.index], market.kept["interviewed"][firm.index]
            count = np.bincount(segment[rows], minlength=len(heard))
            total = np.stack([np.bincount(segment[rows], s, len(heard)) for s in said], axis=1)
            pooled = (estimate * heard[:, None] + total) / np.maximum(heard + count, 1)[:, None]
            known = (heard + count > 0)[:, None]
            firm.needs = np.where(known, pooled, estimate)
            estimate[:] = firm.needs
            heard += count
            firm.bill("research", self.interview_cost * asked)

    def on_record(self, market):
        """Depth of each firm's offer and how far its picture of the needs is from the truth."""
        truth = market.mean_ideal
        believed = [
            f.needs if self._researches(market, f) and f.needs is not None else market.kept["estimate"][f.index]
            for f in market.firms
        ]
        error = [np.sqrt(np.mean((needs - truth) ** 2)) for needs in believed]
        return {
            "depth_of_offer": np.array([firm.posted["depth"] for firm in market.firms]),
            "research_error": np.array(error),
        }
