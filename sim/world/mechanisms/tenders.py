"""Institutional buyers (B1, B2, D8; Che 1993): public bodies and companies that buy journeys in batches by tender."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from sim.ground.column import Column
from sim.ground.grid import CENTS
from sim.ground.params import ConfigError, Params, nearest, param
from sim.science.rules.cost_accounting import seat_cost
from sim.science.rules.tenders import CRITERIA, bid_cents, novelty, practicality, price_score, score
from sim.world.mechanisms import ByHook, Mechanism, at
from sim.world.seating import most_seats

HELD: dict[str, Column] = {
    "institution": Column("str", "", "name of the buyer"),
    "period": Column("int64", "months", "month in which the tender was held"),
    "firm": Column("str", "", "who won; empty if no bid was admitted, so that the tender lapsed"),
    "price": Column("float64", "¤", "price of a journey in the contract; NaN if the tender lapsed"),
    "bids": Column("int64", "bids", "bids that were admitted"),
}


@dataclass(frozen=True, kw_only=True)
class Buyer(Params):
    """What an institution asks for, how it judges bids and how it pays."""

    modes: tuple[str, ...] = param("modes that may bid", "1", source="B1; choice of the user")
    batch: int = param("journeys bought a month", "journeys/month", low=1, source="B1; register R411")
    months: int = param("length of a contract", "months", low=1, source="B1; register R412")
    first: int = param("month of the first tender", "months", low=1, source="choice of the user")
    seats: int = param("seats that a vehicle must have", "seats", low=0, source="B1; register R413")
    comfort: float = param(
        "comfort over the standard vehicle that an offer must have", "classes", low=-100, source="B2; register R413"
    )
    price_cap: float = param("highest price of a journey", "¤", low=0, high=1e5, source="B1; register R414")
    solvent: bool = param("whether a bidder must have money", "1", source="B1; register R413")
    weights: Mapping[str, float] = param(
        "weights of price, practicality, novelty and follow-up service", "1", low=0, high=1,
        source="Dini, Pacini & Valletti 2006; register R415",
    )  # fmt: skip
    delay: float = param(
        "chance per month that a bill waits for the next month", "1", low=0, high=1, source="B1; register R416"
    )
    default: float = param(
        "chance per month that it stops paying: the contract ends, what it owes is lost", "1", low=0, high=1,
        source="B1; register R416",
    )  # fmt: skip

    def check(self):
        """Weights are parts of one whole, and so are the chances of not being paid."""
        for name in self.weights:
            if name not in CRITERIA:
                raise ConfigError(f"weights.{name}: unknown criterion; {nearest(str(name), CRITERIA)}")
        if set(self.weights) != set(CRITERIA) or abs(sum(self.weights.values()) - 1) > 1e-9:
            total = sum(self.weights.values())
            raise ConfigError(f"weights: expected {', '.join(CRITERIA)} with a sum of 1, got {total:.12g}")
        if self.delay + self.default > 1:
            raise ConfigError(f"default = {self.default}: expected default <= 1 - delay = {1 - self.delay:g}")


@dataclass(frozen=True, kw_only=True)
class Tenders(Mechanism):
    """An institution without a contract puts a batch a month out to tender; the best score of the admitted bids wins it.

    A bid is the firm's own unit cost of last month times (1 + bid_markup). Only what is published, and what a bidder
    must show (money, complaints), decides who is admitted. The winner delivers at its unit cost of each month; each month
    the institution pays what it owes, or pays late, or never. Revenue is booked when it is paid.
    """

    needs: ClassVar[Mapping[str, str]] = {"cost_accounting": "whose unit costs firms bid from"}
    records: ClassVar[Mapping[str, Column]] = {
        "bids": Column("int64", "bids", "bids of the firm that were admitted this month"),
        "contracts_won": Column("int64", "contracts", "tenders won this month"),
        "tender_journeys": Column("int64", "journeys", "journeys delivered to institutions this month"),
        "tender_revenue": Column("float64", "¤", "money received from institutions this month, part of revenue"),
        "receivable": Column("float64", "¤", "what institutions owe the firm at the end of the month"),
        "written_off": Column("float64", "¤", "what institutions owed and will never pay, this month"),
    }
    market_records: ClassVar[Mapping[str, Column]] = {
        "tenders_awarded": Column("int64", "tenders", "tenders won by somebody this month"),
        "tenders_lapsed": Column("int64", "tenders", "tenders of this month to which no bid was admitted"),
    }
    tables: ClassVar[Mapping[str, Mapping[str, Column]]] = {"tenders": HELD}
    reads: ClassVar[ByHook] = at(on_offer="features")
    writes: ClassVar[ByHook] = at(on_settle="other_income")
    neutral: ClassVar[Mapping[str, object]] = {"institutions": {}}
    policies: ClassVar[frozenset[str]] = frozenset({"bid_markup"})

    institutions: Mapping[str, Buyer] = param("institutional buyers by name", "1", source="B1, B2; choice of the user")
    bid_markup: float = param(
        "markup on unit cost in a bid", "1", low=-1, source="Hall & Hitch 1939, Oxford Economic Papers 2; register R410"
    )

    def check_scenario(self, scenario):
        """Somebody must be able to win."""
        for name, buyer in self.institutions.items():
            where, modes = f"mechanism.tenders.institutions.{name}", scenario.population.modes
            for mode in buyer.modes:
                if mode not in modes:
                    raise ConfigError(f"{where}.modes: unknown mode '{mode}'; {nearest(str(mode), modes)}")
            firms = [firm for firm in scenario.firms.values() if firm.mode in buyer.modes]
            if not firms:
                raise ConfigError(f"{where}.modes = {list(buyer.modes)}: nobody can win; no firm serves by these modes")
            if buyer.first >= scenario.periods:
                raise ConfigError(
                    f"{where}.first = {buyer.first} months: expected first < periods = {scenario.periods}"
                )
            self._check_winnable(scenario, buyer, firms, where)

    @staticmethod
    def _check_winnable(scenario, buyer, firms, where):
        """What can be known before the run: seats that no strategy runs, and a price below everybody's lowest cost."""
        seats = [most_seats(firm) for firm in firms]
        if None in seats:
            return
        if buyer.seats > max(seats):
            raise ConfigError(f"{where}.seats = {buyer.seats} seats: nobody can win; expected seats <= {max(seats)}")
        saving = scenario.mechanism["cost_accounting"].max_saving
        markups = (firm.policy.get("tenders", {}).get("bid_markup", 0.0) for firm in firms)
        below = 1 + min(0.0, *markups)  # who says so bids below cost
        costs = [
            below * firm.handling_cost
            + below * seat_cost(firm.vehicle_cost, standard or max(seats), max(seats), saving)
            for firm in firms
            for standard in [scenario.population.modes[firm.mode].seats]
        ]
        if buyer.price_cap < min(costs):
            raise ConfigError(
                f"{where}.price_cap = {buyer.price_cap} ¤: nobody can win; expected price_cap >= {min(costs):g}, the lowest cost of a journey"
            )

    def on_begin(self, market):
        """No contracts yet."""
        new = {"firm": "", "cents": 0, "left": 0, "open": False}
        market.memory["tenders"] = {
            "accounts": {name: new | {"owed": {}} for name in sorted(self.institutions)}, "awards": [], "held": [],
            "cost": np.zeros(len(market.firms)), "journey": (market.mix / len(market.segments)).ravel(),
        }  # fmt: skip
        self._clear(market)

    @staticmethod
    def _clear(market):
        counts = ("bids", "contracts_won", "tender_journeys", "tender_revenue", "written_off")
        market.memory["tenders"]["month"] = {name: np.zeros(len(market.firms), np.int64) for name in counts}

    def on_open(self, market):
        """Announce the tenders of the month and note what journeys cost last month."""
        self._clear(market)
        memory = market.memory["tenders"]
        memory["cost"] = np.array([firm.unit_cost @ memory["journey"] for firm in market.firms])
        for name, account in memory["accounts"].items():
            account["open"] = not account["firm"] and market.period >= self.institutions[name].first

    def on_leave(self, market, firm):
        """A contract ends with its firm; the tender is announced again."""
        for account in market.memory["tenders"]["accounts"].values():
            if account["firm"] == firm.name:
                account |= {"firm": "", "left": 0, "open": True}

    def on_report(self, market, firm):
        """Open tenders and past awards: they are public."""
        memory, told = market.memory["tenders"], []
        for name, account in memory["accounts"].items():
            buyer = self.institutions[name]
            if account["open"] and firm.spec.mode in buyer.modes:
                terms = {n: getattr(buyer, n) for n in ("batch", "months", "seats", "comfort", "price_cap", "solvent")}
                told.append({"institution": name} | terms | {"weights": dict(buyer.weights)})
        awards = [dict(award) for award in memory["awards"]]
        return {"open": told, "awards": awards} if told or awards else {}

    def on_offer(self, market):
        """Collect the bids, admit, score, award."""
        memory = market.memory["tenders"]
        for name, account in memory["accounts"].items():
            if account["open"]:
                bids = self._bids(market, self.institutions[name])
                for firm in bids:
                    memory["month"]["bids"][market.firm(firm).index] += 1
                if bids:
                    self._award(market, name, bids)
                else:
                    lapsed = {"institution": name, "period": market.period, "firm": "", "price": np.nan, "bids": 0}
                    memory["held"].append(lapsed)

    def _bids(self, market, buyer):
        """Admitted bids by firm [cents]."""
        bids = {}
        for firm in market.trading:
            facts, cost = market.published.get(firm.name), market.memory["tenders"]["cost"][firm.index]
            if facts is None or firm.spec.mode not in buyer.modes or cost <= 0:
                continue
            bid = bid_cents(cost, firm.policy("tenders", "bid_markup"))
            fit = _seats(firm, facts) >= buyer.seats and facts.shown.get("distinctiveness", 0.0) >= buyer.comfort
            if fit and bid <= round(buyer.price_cap * CENTS) and (firm.cash_cents > 0 or not buyer.solvent):
                bids[firm.name] = bid
        return bids

    def scores(self, market, name, bids):
        """Score of each admitted bid; bids : cents by firm."""
        lowest, result = min(bids.values()), {}
        for bidder, bid in bids.items():
            firm, facts = market.firm(bidder), market.published[bidder]
            features = sum(feature.offered.get(bidder, 0.0) for feature in market.features)
            complaints = sum(firm.complaints.values()) / max(facts.purchases, 1.0)
            parts = {
                "price": price_score(bid, lowest),
                "practicality": practicality(_seats(firm, facts), firm.mode.seats, facts.flexibility, complaints),
                "novelty": novelty(facts.shown.get("distinctiveness", 0.0), features),
                "service": firm.empowerment,
            }
            result[bidder] = score(parts, self.institutions[name].weights)
        return result

    def _award(self, market, name, bids):
        scores = self.scores(market, name, bids)
        best = [firm for firm in bids if scores[firm] == max(scores.values())]
        winner = max(best, key=lambda firm: market.uniform(f"tie in the tender of {name}", firm))
        memory = market.memory["tenders"]
        memory["accounts"][name] |= {
            "firm": winner, "cents": bids[winner], "left": self.institutions[name].months, "open": False,
        }  # fmt: skip
        memory["month"]["contracts_won"][market.firm(winner).index] += 1
        award = {
            "institution": name, "period": market.period, "firm": winner, "price": bids[winner] / CENTS, "bids": len(bids),
        }  # fmt: skip
        memory["awards"].append(award)
        memory["held"].append(award)

    def on_settle(self, market):
        """Deliver, bill, and pay or not."""
        memory = market.memory["tenders"]
        for name, account in memory["accounts"].items():
            if account["firm"]:
                self._deliver(market, self.institutions[name].batch, account)
            if any(account["owed"].values()):
                self._pay(market, name, account)

    @staticmethod
    def _deliver(market, batch, account):
        firm, memory = market.firm(account["firm"]), market.memory["tenders"]
        firm.bill("tenders", float(firm.unit_cost @ memory["journey"]) * batch)
        memory["month"]["tender_journeys"][firm.index] += batch
        account["owed"][firm.name] = account["owed"].get(firm.name, 0) + account["cents"] * batch
        account["left"] -= 1
        account["firm"] = account["firm"] if account["left"] else ""

    def _pay(self, market, name, account):
        """Pay everything that is owed, or nothing, or never."""
        buyer, luck, month = self.institutions[name], market.uniform("payment", name), market.memory["tenders"]["month"]
        if luck < buyer.default:
            account |= {"firm": "", "left": 0}
        elif luck < buyer.default + buyer.delay:
            return
        for creditor, cents in account["owed"].items():
            firm, lost = market.firm(creditor), luck < buyer.default
            month["written_off" if lost else "tender_revenue"][firm.index] += cents
            firm.other_income += 0.0 if lost else cents / CENTS
        account["owed"] = {}

    def on_record(self, market):
        """What firms won, delivered and were paid."""
        memory = market.memory["tenders"]
        accounts, month = memory["accounts"].values(), memory["month"]
        owed = [sum(account["owed"].get(firm.name, 0) for account in accounts) for firm in market.firms]
        money = {name: month[name] / CENTS for name in ("tender_revenue", "written_off")}
        counts = {name: month[name].copy() for name in ("bids", "contracts_won", "tender_journeys")}
        return counts | money | {"receivable": np.array(owed) / CENTS}

    def on_record_market(self, market):
        """Tenders won and lapsed; the period is over when it is written down."""
        won = [
            bool(tender["firm"]) for tender in market.memory["tenders"]["held"] if tender["period"] == market.period - 1
        ]
        return {"tenders_awarded": sum(won), "tenders_lapsed": len(won) - sum(won)}

    def on_table(self, market):
        """Every tender that was held, won or lapsed."""
        return {"tenders": market.memory["tenders"]["held"]}


def _seats(firm, facts) -> float:
    """Seats that anybody can count in the firm's vehicle, the standard ones where nobody counts."""
    return facts.shown.get("seats", firm.mode.seats)
