"""How close the stated mobile market comes to what is known of real ones.

    python experiments/telecom/measure.py [name=value ...]

Ten seeds of the scenario `telecom`; the measures are taken in months 37 to 48, when what the market began with has worn
off. For the elasticities the operator `swift` raises its price by a tenth at the end of month 24, against the same market
without the rise.
"""

import dataclasses
import sys

import numpy as np

import sim
from sim.metrics.interval import half_width
from sim.metrics.value import gini, top_share

BEFORE, AFTER, RISE = 24, 36, 0.1
FACTS = {
    "outside share [1]": "about 0.05, domain G1",
    "monthly churn, all operators [%]": "1.14 to 2.82, four US operators 2006-07, company reports",
    "monthly churn, lowest operator [%]": "1.14, Verizon Wireless",
    "monthly churn, highest operator [%]": "2.82, T-Mobile USA",
    "kept for 12 months [1]": "0.869 high end, 0.631 regular, Berry & Linoff (2004)",
    "Gini of customer value [1]": "0.557, Iranian operator, UCI data set 563",
    "value of the top fifth [1]": "0.577, the same",
    "own-price elasticity, year 1 [1]": "-0.47 to -1.1, Austrian operators, Dewenter & Haucap (2007)",
    "own-price elasticity, year 2 [1]": "the same",
    "own-price elasticity, year 3 [1]": "the same",
}


def churn(market):
    """Of those who bought from a firm last month and are still there, the part that did not this month; counts by firm."""
    bought, there = market.table["bought"], market.table["alive"]
    last, now = (bought >> 1 & 1).astype(bool) & there, (bought & 1).astype(bool)
    return (last & ~now).sum(axis=1), last.sum(axis=1)


def standing(market):
    """Outside share, part kept for twelve months, concentration of value, at the end of a month."""
    table = market.table
    bought, there = table["bought"], table["alive"]
    year = 2**13 - 1  # this month and the twelve before
    customers = (bought >> 12 & 1).astype(bool) & there
    value = table["contribution"].astype(float).sum(axis=0)[there & (table["wallet"] > 0)]
    return {
        "outside share [1]": 1 - ((bought & 1).astype(bool).any(axis=0))[there].mean(),
        "kept for 12 months [1]": ((bought & year) == year)[customers].mean(),
        "Gini of customer value [1]": gini(value),
        "value of the top fifth [1]": top_share(value),
    }


def go_on(scenario, snapshot, markup):
    """Play on from a snapshot with another markup of `swift`; its price and purchases, and the market at month 48."""
    market = sim.Market(scenario)
    market.restore(snapshot)
    firm = market.firm("swift")
    pricing = dataclasses.replace(firm.spec.pricing, markup=markup)
    firm.spec = dataclasses.replace(firm.spec, pricing=pricing)
    price, purchases, left, held, state = [], [], 0, 0, {}
    for month in range(AFTER):
        market.step()
        price.append(firm.price)
        purchases.append(firm.books["purchases"])
        if 12 <= month < 24:
            now = churn(market)
            left, held = left + now[0], held + now[1]
        if month == 23:
            state = standing(market)
    rates = 100 * left / held
    state["monthly churn, all operators [%]"] = 100 * left.sum() / held.sum()
    state |= {"monthly churn, lowest operator [%]": rates.min(), "monthly churn, highest operator [%]": rates.max()}
    return np.array(price), np.array(purchases), state


def measure(scenario):
    """Every measure of one seed."""
    market = sim.Market(scenario)
    market.run_for(BEFORE)
    snapshot, markup = market.snapshot(), market.firm("swift").spec.pricing.markup
    price, sold, found = go_on(scenario, snapshot, markup)
    dearer, less, _ = go_on(scenario, snapshot, (1 + markup) * (1 + RISE) - 1)
    for year in range(3):
        months = slice(12 * year, 12 * year + 12)
        change = np.log(less[months].sum() / sold[months].sum())
        found[f"own-price elasticity, year {year + 1} [1]"] = change / np.log(
            dearer[months].mean() / price[months].mean()
        )
    return found


def main(overrides):
    """Play and print."""
    scenario = sim.compose("scenario=telecom", "population.customers=5000", "periods=60", *overrides)
    seeds = range(scenario.seed, scenario.seed + scenario.replications)
    found = [measure(scenario.replace(seed=seed, replications=1)) for seed in seeds]
    print(f"{scenario.population.customers:,} customers, {len(seeds)} seeds; mean ± half-width of the 95 % interval\n")
    print("| measure | here | known |\n|---|---|---|")
    for name, fact in FACTS.items():
        values = np.array([f[name] for f in found])
        print(f"| {name} | {values.mean():.3f} ±{half_width(values):.3f} | {fact} |")


if __name__ == "__main__":
    main(sys.argv[1:])
