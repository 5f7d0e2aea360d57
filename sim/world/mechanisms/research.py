"""Research, segments, targets (A6, F3, C1): a firm asks, sorts, chooses whom to serve, and posts that (Griffin & Hauser 1993)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground import draws
from sim.ground.column import Column
from sim.ground.params import ConfigError, param
from sim.world.mechanisms import ByHook, Mechanism, at
from sim.world.mechanisms.closed_loop import Situation, go_round
from sim.world.mechanisms.segmentation import agreement

INSTRUMENTS = {"interviews": "interview", "surveys": "survey"}
TOLD = (
    "led_by", "asked", "segments", "centres", "sizes", "price_sensitivity", "membership", "group_sizes", "needs", "margin",
    "attractiveness", "targets", "aim", "addressed", "advertising_weight", "position", "extra_cost", "since",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Research(Mechanism):
    """Firms buy interviews and surveys; at each review they play the closed loop on all that they have heard.

    An interview says a + noise; a survey says z0 + (1 - bias)(a - z0) + more noise: people answer like the middle and as
    is expected of them, and no number of answers mends that. A firm that has bought nothing believes in the standard.
    """

    keeps: ClassVar[Mapping[str, Column]] = {
        "researches": Column("bool", "1", "whether the firm does research of its own", "", ("firm",)),
        "aim": Column("float64", "scale points", "where its offer for a segment aims", "", ("firm", "segment", "need")),
        "addressed": Column("bool", "1", "whether a segment gets an offer of its own", "", ("firm", "segment")),
        "advertising_weight": Column(
            "float64", "1", "advertising a head of a segment over the mean", "", ("firm", "segment"), 1
        ),
    }
    records: ClassVar[Mapping[str, Column]] = {
        "research_cost": Column("float64", "¤", "spent on interviews and surveys this month"),
        "segments_found": Column("int64", "segments", "segments that the firm sees, 0 before its first review"),
        "groups_addressed": Column("int64", "segments", "observable segments with an offer of their own"),
        "needs_error": Column(
            "float64", "scale points", "root mean square error of what the firm believes its market's segments want"
        ),
        "segmentation_agreement": Column(
            "float64", "1", "adjusted Rand index of the firm's segments and the true ones, over those it asked"
        ),
        "misread_loss": Column(
            "float64", "utils", "fit of an offer at the true mean needs minus at the firm's estimate, mean customer"
        ),
        "fit_gain": Column("float64", "utils", "fit of the posted offer over the standard one, mean customer"),
    }
    needs: ClassVar[Mapping[str, str]] = {"segment_needs": "where offers can differ at all"}
    reads: ClassVar[ByHook] = at(on_settle="stock alive ideal segment price_sensitivity")
    writes: ClassVar[ByHook] = at(
        on_offer="researches aim addressed advertising_weight", on_settle="aim addressed advertising_weight needs"
    )
    neutral: ClassVar[Mapping[str, object]] = {"interviews": 0, "surveys": 0}
    policies: ClassVar[frozenset[str]] = frozenset({"interviews", "surveys", "review_every", "max_targets", "focus"})

    interviews: int = param("depth interviews at each review", "customers", low=0, source="A6; register R260")
    surveys: int = param("persons surveyed at each review", "customers", low=0, source="A6; register R261")
    review_every: int = param("months from one review to the next", "months", low=1, source="C1; register R262")
    max_targets: int = param("segments served at most", "segments", low=1, source="Smith 1956; register R263")
    focus: float = param(
        "part of the advertising a head taken from segments that are not addressed", "1", low=0, high=1,
        source="C1; register R264",
    )  # fmt: skip
    most_segments: int = param(
        "segments looked for at most", "segments", low=1, high=20, source="Fraley & Raftery 2002; register R265"
    )
    enough: int = param(
        "interviews from which on segments rest on interviews, not on surveys", "customers", low=1,
        source="Griffin & Hauser 1993, Marketing Science 12; register R266",
    )  # fmt: skip
    reach: float = param(
        "part of an observable segment that must belong to targets for it to be addressed", "1", low=0, high=1,
        source="F3; register R267",
    )  # fmt: skip
    interview_noise: float = param(
        "standard deviation of an interview's error", "scale points", low=0, source="A6; register R268"
    )
    interview_price_error: float = param(
        "standard deviation of the logarithm of an interview's price sensitivity", "1", low=0, high=10,
        source="A6; register R269",
    )  # fmt: skip
    interview_cost: float = param("cost of one depth interview", "¤", low=0, source="A6; register R270")
    survey_noise: float = param(
        "standard deviation of a survey answer's error", "scale points", low=0, source="A6; register R271"
    )
    survey_price_error: float = param(
        "standard deviation of the logarithm of a surveyed price sensitivity", "1", low=0, high=10,
        source="A6; register R272",
    )  # fmt: skip
    survey_cost: float = param("cost of one surveyed person", "¤", low=0, source="A6; register R273")
    survey_bias: float = param(
        "part of the way to the standard service by which survey answers shrink", "1", low=0, high=1,
        source="Baumgartner & Steenkamp 2001, J. Marketing Research 38; Krumpal 2013; register R274",
    )  # fmt: skip
    survey_flattery: float = param(
        "how many times more people say in a survey that they would pay", "1", low=1e-3,
        source="Murphy, Allen, Stevens & Weatherhead 2005, Environmental and Resource Economics 30; register R275",
    )  # fmt: skip

    def check(self):
        """Nobody can serve more segments than he looks for."""
        self._check_targets(self.max_targets, "max_targets")

    def _check_targets(self, targets: int, where: str) -> None:
        if targets > self.most_segments:
            raise ConfigError(
                f"{where} = {targets} segments: expected at most as many as are looked for, most_segments = {self.most_segments}"
            )

    def check_scenario(self, scenario):
        """The same for what firms set for themselves."""
        for name, firm in scenario.firms.items():
            own = firm.policy.get("research", {})
            self._check_targets(own.get("max_targets", self.max_targets), f"firms.{name}.policy.research.max_targets")

    def on_begin(self, market):
        """No firm has asked anybody."""
        market.memory["research"] = {}

    def on_offer(self, market):
        """Note who does research, and what came of the last round so far; `segment_needs` posts what the plan aims at."""
        for firm in market.trading:
            buys = firm.policy("research", "interviews") or firm.policy("research", "surveys")
            if buys and firm.name not in market.memory["research"]:
                market.memory["research"][firm.name] = self._nothing(market)
                market.kept["researches"][firm.index] = True
                market.kept["aim"][firm.index] = market.board.need_standard
            elif firm.name in market.memory["research"]:
                since = market.memory["research"][firm.name]["since"]
                since["months"] += 1
                since["profit"] += firm.books["profit"]

    def _nothing(self, market) -> dict:
        """What a firm knows before its first review: it believes in the standard service and addresses nobody."""
        none = {
            "said": np.zeros((0, len(market.needs))), "price_sensitivity": np.zeros(0), "group": np.zeros(0, np.int64),
        }  # fmt: skip
        groups = len(market.segments)
        return {
            "heard": {name: dict(none) for name in INSTRUMENTS},
            "view": {
                "segments": 0, "needs": np.full((groups, len(market.needs)), market.board.need_standard), "targets": [],
                "aim": np.full((groups, len(market.needs)), market.board.need_standard), "addressed": np.zeros(groups, bool),
            },
            "reviews": [], "spent": 0.0, "agreement": np.nan,
            "since": {"months": 0, "research": 0.0, "profit": 0.0},
        }  # fmt: skip

    def on_settle(self, market):
        """Ask whoever was to be asked and bill it; where a review is due, go round the loop."""
        for name, entry in market.memory["research"].items():
            entry["spent"] = 0.0
            firm = market.firm(name)
            if not firm.trading:
                continue
            due = market.period % firm.policy("research", "review_every") == 0
            for instrument in INSTRUMENTS:
                wanted = firm.policy("research", instrument) if due else 0
                wanted += firm.policy("segment_needs", "interviews") if instrument == "interviews" else 0
                self._ask(market, firm, entry, instrument, min(int(wanted), market.heads))
            firm.bill("research", entry["spent"])
            entry["since"]["research"] += entry["spent"]
            if due and any(len(answers["group"]) for answers in entry["heard"].values()):
                self._review(market, firm, entry)

    def _ask(self, market, firm, entry, instrument: str, wanted: int) -> None:
        """Ask so many places of the market; who has moved away does not answer and is not paid for."""
        if not wanted:
            return
        word = INSTRUMENTS[instrument]
        rng = draws.generator(market.seed, word, firm.name, market.period)
        rows = market.rows_of(rng.choice(market.heads, wanted, replace=False))
        noise = rng.normal(0.0, getattr(self, f"{word}_noise"), (len(market.needs), wanted)).T
        error = np.exp(rng.normal(0.0, getattr(self, f"{word}_price_error"), wanted))
        shrink, flattery = (self.survey_bias, self.survey_flattery) if instrument == "surveys" else (0.0, 1.0)
        table, z0 = market.table, market.board.need_standard
        here = table["alive"][rows]
        answers = {
            "said": z0 + (1 - shrink) * (table["ideal"][:, rows].T - z0) + noise,
            "price_sensitivity": table["price_sensitivity"][rows] * error / flattery,
            "group": table["segment"][rows].astype(np.int64),
        }
        before = entry["heard"][instrument]
        entry["heard"][instrument] = {
            key: np.concatenate([before[key], values[here]]) for key, values in answers.items()
        }
        entry["spent"] += getattr(self, f"{word}_cost") * int(here.sum())

    def _review(self, market, firm, entry) -> None:
        seed = int(draws.generator(market.seed, "segmentation", firm.name, market.period).integers(2**31))
        targets = min(firm.policy("research", "max_targets"), self.most_segments)
        situation = Situation(
            len(market.segments), market.board.need_standard, firm.depth, market.board.need_weight,
            market.world.mechanism["segment_needs"].variety_cost, self.most_segments, targets, self.enough, self.reach,
            firm.policy("research", "focus"), seed, entry["since"],
        )  # fmt: skip
        view, steps = go_round(entry["heard"], situation)
        lead = entry["heard"][view["led_by"]]
        entry["agreement"] = agreement(view["label"], lead["group"])
        heads = np.bincount(market.table["segment"], minlength=len(market.segments)) / market.heads
        weight = view["advertising_weight"]
        mean = float(heads @ weight)
        even = mean <= 0 or bool((weight == weight[0]).all())
        market.kept["advertising_weight"][firm.index] = 1.0 if even else weight / mean
        market.kept["aim"][firm.index], market.kept["addressed"][firm.index] = view["aim"], view["addressed"]
        entry["view"] = view
        entry["reviews"].append(
            {"month": market.period, **{name: _without_labels(step) for name, step in steps.items()}}
        )
        entry["since"] = {"months": 0, "research": 0.0, "profit": 0.0}
        firm.needs = view["needs"].copy()

    def on_report(self, market, firm):
        """All that the firm concluded at its last review."""
        entry = market.memory["research"].get(firm.name)
        if entry is None or not entry["reviews"]:
            return {}
        return copy.deepcopy({key: entry["view"][key] for key in TOLD})

    def on_record(self, market):
        """What each firm spent and believes, and, for the records only, how far that is from the truth."""
        truth, z0 = market.mean_ideal, market.board.need_standard
        heads = np.bincount(market.table["segment"], minlength=len(market.segments)) / market.heads
        rows = {name: [] for name in self.records}
        for firm in market.firms:
            entry = market.memory["research"].get(firm.name) or self._nothing(market)
            position = market.board.position[firm.index].reshape(len(market.needs), len(market.segments), -1)[:, :, 0].T
            off = ((entry["view"]["needs"] - truth) ** 2).sum(axis=1)
            gain = ((z0 - truth) ** 2 - (position - truth) ** 2).sum(axis=1)
            rows["research_cost"].append(entry["spent"])
            rows["segments_found"].append(entry["view"]["segments"])
            rows["groups_addressed"].append(int(entry["view"]["addressed"].sum()))
            rows["needs_error"].append(np.sqrt(off.mean() / len(market.needs)))
            rows["segmentation_agreement"].append(entry["agreement"])
            rows["misread_loss"].append(market.board.need_weight * float(heads @ off))
            rows["fit_gain"].append(market.board.need_weight * float(heads @ gain))
        return {name: np.array(values) for name, values in rows.items()}


def _without_labels(step: dict) -> dict:
    """A step's conclusions without the list of who was sorted where."""
    return copy.deepcopy({key: value for key, value in step.items() if key != "label"})
