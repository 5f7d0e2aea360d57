"""What the customers of each firm were worth in the accounting year just closed: column in, measures out.

The mechanism `customer_value` keeps the contributions; here they are read once a year and measured by
`sim.metrics.value`. Contributions enter in whole grains, so that sums are exact and forget the order of customers.
"""

from __future__ import annotations

import numpy as np

from sim.ground.grid import WINDOW
from sim.metrics import ratio
from sim.metrics.loyalty import retention
from sim.metrics.value import ABC, abc_classes, abc_shares, customer_lifetime_value, gini, top_share
from sim.science.rules.life_cycle import STAGES
from sim.science.rules.numeric import FINE
from sim.science.rules.window import YEAR
from sim.state.state import State


def buyers(market: State, firm: int) -> np.ndarray:
    """Rows of the customers who bought from the firm in the last 12 months, in order of identity."""
    rows = np.flatnonzero(market.table["bought"][firm] & YEAR)
    return rows[np.argsort(market.table["identity"][rows])]


def contributions(market: State, firm: int) -> np.ndarray:
    """Contributions of the customers who bought from the firm in the last 12 months [grains], by customer's identity."""
    return market.table["contribution"][firm, buyers(market, firm)].astype(float)


def yearly(market: State) -> dict[str, np.ndarray]:
    """Measures of value by firm, for the month that the market has just closed; NaN unless it ended a year."""
    mechanism = market.world.mechanism["customer_value"]
    found = {name: np.full(len(market.firms), np.nan) for name in mechanism.records}
    if market.period % WINDOW:
        return found
    for firm in range(len(market.firms)):
        worth = contributions(market, firm)
        if len(worth):
            found["mean_contribution"][firm] = worth.mean() * mechanism.grain
            found["value_gini"][firm], found["value_top"][firm] = gini(worth), top_share(worth)
            found["value_a"][firm], found["value_b"][firm], found["value_c"][firm] = abc_shares(worth)
            if "satisfaction" in market.table:
                best = abc_classes(worth) == 0
                felt = market.table["satisfaction"][firm, buyers(market, firm)] / float(FINE)
                for name, who in (("satisfaction_a", best), ("satisfaction_rest", ~best)):
                    found[name][firm] = ratio(felt[who].sum(), who.sum())
    kept = retention(market.total("kept"), market.total("held"))
    found["lifetime_value"] = customer_lifetime_value(found["mean_contribution"], kept, mechanism.discount)
    found["customer_equity"] = found["lifetime_value"] * market.total("buyers")
    return found


def classes_by_stage(relation: np.ndarray, contribution: np.ndarray) -> np.ndarray:
    """Customers by stage of the life cycle and class of value, (stages, 3); both arrays over a firm's customers.

    Of customers who contribute equally, who comes first is of the better class: give them in order of identity.
    Source: domain C3, D2, D3.

    >>> classes_by_stage(np.array([1, 3, 3, 3, 4, 4, 1, 1, 1, 1]), np.array([0, 9, 8, 3, 3, 2, 2, 1, 1, 1]))[[1, 3, 4]].tolist()
    [[0, 4, 1], [2, 1, 0], [0, 2, 0]]
    """
    size = len(STAGES), len(ABC) + 1
    place = np.asarray(relation, int) * size[1] + abc_classes(contribution)
    return np.bincount(place, minlength=size[0] * size[1]).reshape(size)
