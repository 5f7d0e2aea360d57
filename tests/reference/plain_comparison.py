"""What two markets must agree on after a month: read off the compiled one and the plain one, side by side."""

import numpy as np

OPINION, HABIT = 1 / 1024, 1 / 65535
COUNTS = ("purchases", "returning", "repeated", "buyers", "wallet", "held", "kept")
CONTRACTS = ("signed", "broken", "penalties", "bound")
POINTS = ("points_earned", "points_redeemed", "points_expired", "points_at_partners")

# How far apart two values may be: rounding of single precision, of a kept opinion, of a paid cent, and nothing else.
NEAR = {
    "logsum": (2.1 * OPINION, 0),
    "satisfaction": (2.1 * OPINION, 0),
    "expectation": (2.1 * OPINION, 0),
    "habit": (2.1 * HABIT, 0),
    "fare": (0.0101, 0),
    "revenue": (0.05, 1e-6),
    "cost": (0.05, 1e-6),
    "cash": (0.5, 1e-6),
    "quality": (0.05, 1e-4),
    "gap": (0.05, 1e-4),
    "surplus": (1.0, 1e-4),
    "stock": (1e-6, 0),
    "level": (1e-4, 1e-5),
    "position": (1e-5, 0),
    "fidelity": (1e-9, 0),
}


def house_after(market):
    """What the compiled market says after a month; money in AUD, opinions in utils."""
    table, seen = market.table, {"choice": market.table["provider"].copy()}
    seen["logsum"] = np.log(np.maximum(table["inclusive"].astype(float), 1.0))
    for name, grain in (("satisfaction", OPINION), ("expectation", OPINION), ("habit", HABIT), ("points", 1)):
        if name in table:
            seen[name] = table[name].T * grain
    contracts = CONTRACTS if "contract_with" in table else ()
    for name in (*COUNTS, *contracts, *(POINTS if "points" in table else ())):
        seen[name] = market.total(name)
    seen["market"] = market.total("market")
    seen["occasions"] = np.concatenate([market.total("present"), market.total("occasions")])
    if programme := market.world.mechanism.get("loyalty_programme"):
        seen["liability"] = programme.on_record(market)["points_liability"]
    seen |= {name: market.off_grid(market.total(name)) for name in ("quality", "gap")}
    seen["surplus"] = market.off_grid(market.total("surplus")).sum()
    seen["revenue"] = market.total("revenue") / 100
    seen["fare"] = np.array([firm.price for firm in market.firms])
    seen |= {name: np.array([firm.books[name] for firm in market.firms]) for name in ("cost", "cash")}
    seen["stock"] = np.array([list(firm.stock.values()) for firm in market.firms])
    seen["level"] = market.board.level.copy()
    if "segment_needs" in market.world.mechanism:
        seen["position"] = market.board.position.swapaxes(1, 2).copy()
    seen["features"] = [feature.name for feature in market.features]
    seen["fidelity"] = fidelities(market.features, market.firms)
    return seen


def plain_after(market):
    """The same of the plain market."""
    people, on = market.people, market.on
    seen = {"choice": np.array([-1 if c.firm is None else c.firm for c in people])}
    seen["logsum"] = np.log([c.inclusive for c in people])
    seen["surplus"] = market.surplus
    kept = {"satisfaction": "satisfaction", "expectation": "satisfaction", "points": "loyalty_programme"}
    for name, mechanism in kept.items():
        if mechanism in on:
            seen[name] = np.array([getattr(c, name) for c in people])
    if "state_dependence" in on:
        seen["habit"] = np.array([c.habit for c in people]) * HABIT
    contracts = CONTRACTS if "contract" in on else ()
    for name in (*COUNTS, "quality", "gap", *contracts, *(POINTS if "loyalty_programme" in on else ())):
        seen[name] = np.array(market.count[name])
    seen["market"] = np.array([market.everybody["buyers"], market.everybody["purchases"]])
    seen["occasions"] = np.array([market.heads, sum(market.occasions)])
    if "loyalty_programme" in on:
        seen["liability"] = seen["points"].sum(axis=0)
    seen["revenue"] = np.array(market.count["revenue"]) / 100
    seen |= {name: np.array([getattr(firm, name) for firm in market.firms]) for name in ("fare", "cost", "cash")}
    seen["stock"] = np.array([list(firm.stock.values()) for firm in market.firms])
    seen["level"] = np.array([firm.level for firm in market.firms])
    if "segment_needs" in on:
        seen["position"] = np.array([firm.position for firm in market.firms])
    seen["features"] = [feature.name for feature in market.features.every]
    seen["fidelity"] = fidelities(market.features.every, market.firms)
    return seen


def fidelities(features, firms):
    """(features, firms) how faithfully each firm holds each feature, 0 if it does not."""
    return np.array([[feature.fidelity.get(firm.name, 0.0) for firm in firms] for feature in features])


def disagreements(one, other):
    """Names of what two markets do not agree on after the same month, choices first."""
    assert one.keys() == other.keys()
    return [name for name, value in one.items() if not agree(name, value, other[name])]


def agree(name, one, other):
    """Whether two values are the same but for rounding."""
    if name == "features":
        return one == other
    if np.shape(one) != np.shape(other):
        return False
    absolute, relative = NEAR.get(name, (0, 0))
    return bool(np.allclose(one, other, rtol=relative, atol=absolute))
