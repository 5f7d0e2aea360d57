"""The plain market finds a sign error in any of the compiled market's rules: otherwise its agreement would prove nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEAST = 8  # errors of different rules


def test_every_planted_sign_error_is_found():
    paths = os.pathsep.join(str(path) for path in (ROOT, Path(__file__).parent))
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "planted_errors.py")],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": paths}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found.pop("nothing") is None, "without an error the two agree"
    assert len(found) >= LEAST
    assert not [rule for rule, where in found.items() if where is None]
