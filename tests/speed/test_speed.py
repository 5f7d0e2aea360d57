"""Speed is a ratio measured in one run by experiments/speed; here only that its figures follow from the times taken."""

import importlib.util
import itertools
from pathlib import Path

import sim

PATH = Path(__file__).parents[2] / "experiments" / "speed" / "measure.py"


def test_the_measurement_plays_both_markets_and_prints_medians_of_its_pairs(capsys, monkeypatch):
    spec = importlib.util.spec_from_file_location("measure", PATH)
    measure = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(measure)
    played, slow = [], itertools.cycle([0.002, 0.004, 0.003])

    def seconds(step):
        step()
        played.append(type(step.__self__).__name__)
        return 0.00001 if isinstance(step.__self__, sim.Market) else next(slow)

    monkeypatch.setattr(measure, "seconds", seconds)
    measure.main([200])
    assert played == (["Market"] * 5 + ["PlainMarket"]) * 3 * 2
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    for line in lines[1:]:
        assert line.split()[-6:] == ["20.00", "0.0667", "300", "(200", "to", "400)"]
