"""The plain market finds every sign error in what the two do alike: else that they agree would prove little."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EIGHT = {
    "fit_gained", "felt_gap", "carry_on", "money_saved", "cost_of_leaving", "accumulate", "seat_cost",
    "copy_probability",
}  # fmt: skip
UNDISTURBED = "nothing", "nothing any more"


def found_in(*packages):
    """What the plain market says of every sign error in these packages, by error."""
    paths = os.pathsep.join([str(ROOT), str(HERE)])
    done = subprocess.run(
        [sys.executable, str(HERE / "planted_errors.py"), *packages], capture_output=True, text=True, check=False,
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": paths},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("packages", "expected"),
    [
        (["rules", "kernels"], EIGHT),
        (
            ["mechanisms", "strategies", "pricing", "population", "agents", "firm"],
            {"on_offer", "on_settle", "price", "account"},
        ),
    ],
)
def test_every_planted_sign_error_is_found(packages, expected):
    found = found_in(*packages)
    for name in UNDISTURBED:
        assert not any(found.pop(name)), "without an error the two agree"
    assert expected <= {error.split()[0].split(".")[-1] for error in found}
    assert not [error for error, said in found.items() if said is None]
