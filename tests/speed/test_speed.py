"""Speed is a ratio measured in one run by experiments/speed; here only that its figures follow from the times taken."""

import json
import sys
from pathlib import Path

import pytest

import sim

HERE = Path(__file__).parents[2] / "experiments" / "speed"


@pytest.fixture
def measure(monkeypatch, tmp_path):
    """The script, in an empty folder; its peers and the plain market are found as it finds them."""
    monkeypatch.chdir(tmp_path)
    known = set(sys.modules)
    monkeypatch.syspath_prepend(str(HERE))
    monkeypatch.setattr(sys, "path", list(sys.path))
    import measure

    yield measure
    for name in {"measure", *(path.stem for path in (HERE / "peers").glob("*.py"))} - known:
        sys.modules.pop(name, None)


def test_figures_are_medians_of_pairs_beside_their_bars(measure, monkeypatch, capsys):
    slow = iter([0.002, 0.004, 0.003, 0.001, 0.005] * 2)

    def seconds(step, times=1):
        step()
        ours = isinstance(step.__self__, sim.Market) or type(step.__self__).__name__ == "FusedMarket"
        return 0.00001 if ours else next(slow)

    monkeypatch.setattr(measure, "seconds", seconds)
    measure.main(["bare", "--customers", "300"])
    said = json.loads(Path("speed.json").read_text())
    one = said["bare, one thread, over plain Mesa"]
    assert (one["median"], one["low"], one["high"]) == pytest.approx((300, 100, 500)) and (one["bar"], one["aim"]) == (250, 350)
    assert "bare, two threads, over plain Mesa" in said and "250   350" in capsys.readouterr().out


def test_the_market_fused_by_hand_in_another_language_sells_the_same(measure):
    from fused import FusedMarket, library

    if (program := library()) is None:
        pytest.skip("no C++ compiler here")
    market = measure.market(customers=20_000)
    for threads in (1, 2):
        market.open()
        fused = FusedMarket(program, market, threads)
        fused.step()
        market.play(0, market.heads)
        sums = {name: sum(counts[name] for counts in fused.sums) for name in fused.sums[0]}
        counted = {
            "purchases": "purchases", "revenue": "revenue", "returning": "returning", "repeated": "repeated",
            "buyers": "buyers", "depth": "wallet", "held": "held", "kept": "kept", "delivered": "quality",
            "units": "journeys", "surplus": "surplus",
        }  # fmt: skip
        for theirs, ours in counted.items():
            assert sums[theirs] == pytest.approx(market.total(ours), rel=1e-3), theirs
        market.close()


def test_peers_in_python_play_the_same_market_or_are_refused(measure, monkeypatch, capsys):
    measure.peers(2000)
    assert "bare over NumPy" in capsys.readouterr().out
    from numpy_market import NumpyMarket

    monkeypatch.setattr(NumpyMarket, "_consume", lambda self, cell, best, total: setattr(self, "purchases", self.purchases))
    with pytest.raises(SystemExit, match="NumPy plays another market"):
        measure.peers(2000)
