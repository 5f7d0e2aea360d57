"""Markets of theory: coaches only, customers as a test wants them, nothing in the appeal but what theory has."""

import sim

CORRIDOR = ("air", "car", "echo", "grandcoach", "mosaic", "nightowl", "thrift", "train")


def coaches(names, pricing, *overrides, cost=100.0, list_price=150.0, mechanisms=("cost_accounting",), customers=2000):
    """A market of these coaches only, alike but for overrides, who all price by one rule and pay a fixed unit cost."""
    firms = [f"~firms.{name}" for name in CORRIDOR if name not in names]
    for name in names:
        assert name in CORRIDOR
        firms += [
            f"firms.{name}.strategy={{kind: fixed, seats: 47}}", f"firms.{name}.pricing={pricing}",
            f"firms.{name}.list_price={list_price}", f"firms.{name}.handling_cost={cost}", f"firms.{name}.vehicle_cost=0",
            f"firms.{name}.overhead=0", f"firms.{name}.presence=1",
        ]  # fmt: skip
    market = sim.Market(
        sim.compose(
            *firms, f"mechanism=[{','.join(mechanisms)}]", f"population.customers={customers}", "periods=2000",
            "replications=1", *overrides,
        )
    )  # fmt: skip
    table = market.table
    table["journey"][:] = 1
    return market


def alike(market, quality=200.0, scale=25.0):
    """Let every customer have the utility (quality - fare) / scale from every firm, 0 from staying out."""
    market.table["standard_appeal"][:] = quality / scale
    market.table["price_sensitivity"][:] = 1 / scale
    return market
