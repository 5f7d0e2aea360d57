"""The same config, seed and version give the same numbers as when they were last agreed on.

A change that moves them is a regression to be explained: commit it as `Regression: ...` with the new file, which
`python tests/golden/test_golden.py` writes.
"""

import json
from pathlib import Path

import pytest

import sim

SCENARIOS = ["intercity", "telecom"]
COLUMNS = ["purchases", "breadth", "depth", "repeat_rate", "satisfaction_gap", "revenue", "cost", "cash"]


def file_of(name):
    return Path(__file__).with_name(f"{name}.json")


def numbers(name):
    """Last month of a small run, by firm, and the features that were introduced."""
    small = ["population.customers=2000", "periods=24", "replications=1", "seed=1"]
    result = sim.run(sim.compose(f"scenario={name}", *small))
    last = result.firms[result.firms["period"] == 23].set_index("firm")[COLUMNS]
    features = sorted(result.features["feature"].unique())
    return {"firms": last.to_dict("index"), "market": result.market.iloc[-1].to_dict(), "features": features}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_numbers_have_not_moved(name):
    agreed, found = json.loads(file_of(name).read_text()), numbers(name)
    assert found["features"] == agreed["features"]
    assert found["market"] == pytest.approx(agreed["market"], rel=1e-9)
    for firm, row in agreed["firms"].items():
        assert found["firms"][firm] == pytest.approx(row, rel=1e-9), firm


if __name__ == "__main__":
    for name in SCENARIOS:
        file_of(name).write_text(json.dumps(numbers(name), indent=1) + "\n")
