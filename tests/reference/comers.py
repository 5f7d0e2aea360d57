"""Markets that firms enter and leave, and what is written down of them."""

import sim
from sim.market.records import Records

COACHES = ["echo", "grandcoach", "mosaic", "nightowl", "thrift"]
FIXED = [f"firms.{name}.pricing=fixed_price" for name in COACHES]


def market_of(*overrides, customers=1000, periods=12, without=(), **kwargs):
    """A small market, without some of its firms."""
    scenario = sim.compose(f"population.customers={customers}", f"periods={periods}", "replications=1", *overrides)
    firms = {name: firm for name, firm in scenario.firms.items() if name not in without}
    return sim.Market(scenario.replace(firms=firms), **kwargs)


def record(market, name):
    """What a mechanism writes down of the last month."""
    return market.world.mechanism[name].on_record(market)


def recorded(market, months):
    """Play on; the records of the firms, by firm and month, and of the market, by month."""
    records = Records(market)
    for _ in range(months):
        market.step()
        records.note()
    return records.frame("records").set_index(["firm", "period"]), records.frame("market").set_index("period")
