"""The recipe of docs/panel.md finds the parameters of processes in plain NumPy, and its numbers are those of its run."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

PAGE = (Path(__file__).parents[2] / "docs" / "panel.md").read_text()
MODELS, TRIED = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[1:]


@pytest.fixture(scope="module")
def recipe():
    names = {}
    exec(compile(MODELS, "customer_base.py", "exec"), names)
    return names


def buyers(customers, watched, r, alpha, a, b, seed):
    """BG/NBD in plain NumPy: Poisson purchases at gamma rates, a beta chance to drop out after each; counts and last times."""
    rng = np.random.default_rng(seed)
    rate, dropout = rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers)
    bought, last, now, there = np.zeros(customers), np.zeros(customers), np.zeros(customers), np.ones(customers, bool)
    while there.any():
        now += rng.exponential(1, customers) / rate
        there &= now <= watched
        bought[there] += 1
        last[there] = now[there]
        there &= rng.random(customers) >= dropout
    return bought, last, np.full(customers, float(watched))


def test_bg_nbd_is_found_again_within_a_tenth(recipe):
    """The parameters that Fader, Hardie and Lee (2005) found for CDNOW; standard errors of a and b are some 4 per cent here."""
    truth = 0.243, 4.414, 0.793, 2.426
    found = recipe["fit"](recipe["out_at_a_purchase"], [(1, 1, 1, 3), (0.3, 4, 0.5, 20)], *buyers(40_000, 78, *truth, seed=1))
    assert found == pytest.approx(truth, rel=0.1)


def test_where_nobody_drops_out_bg_nbd_says_so(recipe):
    rng = np.random.default_rng(2)
    bought = rng.poisson(24 * rng.gamma(0.8, 0.5, 5000))
    last = np.array([rng.random(count).max(initial=0.0) * 24 for count in bought])
    r, alpha, a, b = recipe["fit"](recipe["out_at_a_purchase"], [(1, 1, 1, 3)], bought, last, np.full(5000, 24.0))
    assert a / (a + b) < 0.002 and r == pytest.approx(0.8, rel=0.1) and r / alpha == pytest.approx(0.4, rel=0.1)


@pytest.mark.parametrize(("shape", "mean", "out"), [(0.78, 1.0, 0.01), (0.4, 0.3, 0.05), (2.0, 2.0, 0.002)])
def test_leaving_by_the_month_is_found_again_and_foretold(recipe, shape, mean, out):
    """Customers of known rates who leave at a month's end; 24 months are fitted, 24 held out."""
    rng, customers = np.random.default_rng(3), 20_000
    counts = rng.poisson(rng.gamma(shape, mean / shape, customers)[:, None], (customers, 48))
    counts[np.arange(48) >= rng.geometric(out, customers)[:, None]] = 0
    fitted = counts[:, :24]
    bought, last = fitted.sum(axis=1), np.where(fitted.any(axis=1), 24 - np.argmax(fitted[:, ::-1] > 0, axis=1), 0)
    told = bought, last, np.full(customers, 24)
    theta = r, alpha, leaving = recipe["fit"](recipe["out_at_a_months_end"], [(1, 1, 0.01), (0.3, 3, 0.1)], *told)
    assert (r, r / alpha) == pytest.approx((shape, mean), rel=0.06)
    assert leaving == pytest.approx(-np.log1p(-out), rel=0.1, abs=5e-4)
    assert recipe["expected"](theta, *told, 24) == pytest.approx(counts[:, 24:].sum(), rel=0.04)


def test_what_the_page_says_of_its_run_is_what_the_run_prints(recipe, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "customer_base", type("CustomerBase", (), recipe))
    exec(compile(TRIED, "panel.md", "exec"), {"__name__": "__main__"})
    printed, told = capsys.readouterr().out, " ".join(PAGE.split())
    stated = re.search(
        r"a shape of (\S+), (\S+) purchases a month and a rate of leaving of (\S+) a month; (\S+) purchases are expected of those "
        r"who were fitted, and they made (\S+)\. .* finds that (\S+) per cent drop out after a purchase",
        told,
    ).groups()
    number = lambda text: float(text.replace(",", "").rstrip("."))  # noqa: E731
    found = [number(text) for text in re.findall(r"\d[\d,.]*", printed)]
    assert [number(text) for text in stated] == pytest.approx(found, rel=2e-3), "libraries may round otherwise"
    assert found[3] == pytest.approx(found[4], rel=0.02)
