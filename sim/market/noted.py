"""What is written down of the period that a market has just closed: values by column, a table at a time."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from sim.ground.grid import WINDOW
from sim.ground.params import ConfigError
from sim.ground.values import shown
from sim.market.offers import offer_vectors
from sim.metrics import ratio
from sim.metrics.loyalty import repeat_rate, retention
from sim.metrics.mix import entropy_within, strategy_mix_entropy
from sim.metrics.offers import mean_over, offer_distance, price_dispersion
from sim.metrics.share import breadth, depth, herfindahl, share
from sim.science.rules.innovation import stage
from sim.world.strategies import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sim.market.agents import Firm
    from sim.market.market import Market
    from sim.state.features import Feature
    from sim.world.metric import Metric


def _spent(firm: Firm) -> Mapping[str, float]:
    """Parts of this month's spending on capabilities by kind; empty if nothing was spent."""
    return firm.decision.mix if firm.decision.budget > 0 else {}


def firms(market: Market) -> dict[str, Sequence]:
    """Columns of the firms' records, a value a firm."""
    total = market.total
    firms, purchases, revenue = market.firms, total("purchases"), total("revenue")
    books = {key: [f.books[key] for f in firms] for key in ("revenue", "cost", "profit", "cash")}
    unknown = np.full(len(firms), np.nan)
    year, two_years = market.period >= WINDOW, market.period >= 2 * WINDOW
    judged = any("gap" in mechanism.written() for mechanism in market.mechanisms)
    values = {
        "period": [market.period - 1] * len(firms),
        "firm": [f.name for f in firms],
        "strategy": [f.strategy for f in firms],
        "price": np.where(market.by_firm("trading"), market.by_firm("price"), np.nan),
        "purchases": purchases,
        "share": share(purchases),
        "value_share": share(revenue),
        "breadth": breadth(total("buyers"), total("market")[0]) if year else unknown,
        "depth": depth(total("own"), total("wallet")) if year else unknown,
        "repeat_rate": repeat_rate(total("repeated"), total("returning")),
        "retention": retention(total("kept"), total("held")) if two_years else unknown,
        "satisfaction_gap": ratio(market.off_grid(total("gap")), purchases) if judged else unknown,
        "margin": ratio(np.array(books["profit"]), np.array(books["revenue"])),
    } | books
    values |= {f"mix_{kind}": [_spent(f).get(kind, 0.0) for f in firms] for kind in KINDS}
    for mechanism in market.mechanisms:
        values |= mechanism.on_record(market)
    return values


def measured(
    metrics: Iterable[Metric], firms: Mapping[str, Sequence], market: Mapping[str, float]
) -> tuple[dict[str, Sequence], dict[str, float]]:
    """Values of metrics, of the firms and of the market, by name; raises `ConfigError` for what is not a number each."""
    columns = {name: np.array(values) for name, values in firms.items()}
    for values in columns.values():
        values.flags.writeable = False
    found: dict[str, dict] = {"firms": {}, "market": {}}
    for metric in metrics:
        value = np.asarray(metric.compute(MappingProxyType(columns), MappingProxyType(dict(market))))
        told, shape = ("one number a firm", columns["firm"].shape) if metric.of == "firms" else ("one number", ())
        if value.shape != shape or value.dtype.kind not in "bif":
            raise ConfigError(f"metric.{metric.called}: expected {told}, got {shown(value.tolist())}")
        found[metric.of][metric.called] = value if shape else value.item()
    return found["firms"], found["market"]


def of_market(market: Market) -> dict[str, float]:
    """Columns of the market's records, one value each."""
    purchases = market.total("purchases")
    occasions = max(int(market.total("occasions")[0]), 1)
    surplus = float(market.off_grid(market.total("surplus"))[0])
    priced = market.table["price_sensitivity"].min() > 0
    offers, prices = offer_vectors(market), market.by_firm("price")
    groups = [[f.index for f in market.trading if f.mode_index == m] for m in range(len(market.modes))]
    mixes = [[_spent(f).get(kind, 0.0) for kind in KINDS] for f in market.trading if _spent(f)]
    contested = [group for group in groups if len(group) > 1]
    values = {
        "period": market.period - 1,
        "customers": int(market.total("present")[0]),
        "firms": len(market.trading),
        "purchases": int(purchases.sum()),
        "outside_share": 1 - purchases.sum() / occasions,
        "hhi": herfindahl(share(purchases)),
        "price_dispersion": mean_over(price_dispersion, prices, contested),
        "offer_distance": mean_over(offer_distance, offers, contested),
        "strategy_mix_entropy": strategy_mix_entropy(mixes),
        "entropy_within": entropy_within(mixes),
        "consumer_surplus": surplus / occasions if priced else np.nan,
        "total_surplus": (surplus + market.by_firm("profit").sum()) / market.heads if priced else np.nan,
    }
    for mechanism in market.mechanisms:
        values |= mechanism.on_record_market(market)
    return values


def feature(market: Market, feature: Feature) -> dict[str, Sequence]:
    """Columns of one feature, a value a firm that may offer it."""
    settled = getattr(market.world.mechanism.get("innovation"), "settled", WINDOW)
    names = sorted([feature.introduced_by, *(f.name for f in market.rivals_of(feature.introduced_by))])
    fidelity = [feature.offered.get(name, 0.0) for name in names]
    n = len(names)
    life = stage(len(feature.offered), feature.reached, n, market.period - 1 - feature.grew, settled)
    return {
        "feature": [feature.name] * n,
        "kind": [feature.kind] * n,
        "introduced_by": [feature.introduced_by] * n,
        "period": [market.period - 1] * n,
        "firm": names,
        "adopted": [name in feature.offered for name in names],
        "fidelity": fidelity,
        "introduced": [feature.period] * n,
        "attribute": ["" if feature.creates else market.attributes[feature.attribute]] * n,
        "size": [feature.size] * n,
        "creates": [feature.creates] * n,
        "unit_cost": [feature.unit_cost] * n,
        "worth": [feature.worth.get(name, f) for name, f in zip(names, fidelity, strict=True)],
        "stage": [life] * n,
    }


def spending(market: Market, firm: Firm) -> dict[str, Sequence]:
    """Columns of what a firm spent, a value a line."""
    lines = {"journeys": firm.books["cost"] - firm.fixed_cost} | firm.bills if firm.billed else {}
    n = len(lines)
    return {"period": [market.period - 1] * n, "firm": [firm.name] * n, "line": list(lines), "amount": list(lines.values())}
