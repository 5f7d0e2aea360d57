"""Speed is a ratio measured in one run by experiments/speed; here only that the measurement itself works."""

import importlib.util
from pathlib import Path

PATH = Path(__file__).parents[2] / "experiments" / "speed" / "measure.py"


def test_the_measurement_plays_both_markets_and_prints_both_figures(capsys):
    spec = importlib.util.spec_from_file_location("measure", PATH)
    measure = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(measure)
    measure.main([200])
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    for line in lines[1:]:
        ours, plain, ratio = (
            float(word)
            for word in line.split("mechanisms" if "mechanisms" in line else "mechanism")[-1].split("(")[0].split()
        )
        assert ours > 0
        assert plain > 0
        assert ratio > 0
