"""Currency and length of a period are the scenario's: no table, axis, page, file or message says another one's."""

import dataclasses
import io
import re

import pandas as pd
import pyarrow.parquet as pq
import pytest
from matplotlib.text import Text
from rich.console import Console

import sim
from sim.desk import cli, describe
from sim.ground.params import ConfigError
from sim.ground.units import SIGN, told, words_of
from sim.market.runs import Result
from sim.pages import page, terminal
from sim.pages.axes import in_words
from sim.study.plan import digest_of
from sim.world.composing.configuration import alone
from sim.world.scenario import Scenario

TINY = ("population.customers=300", "periods=14", "replications=2", "records=panel")
FOREIGN = re.compile(r"\b(AUD|months?|monthly|years?|yearly)\b|¤", re.IGNORECASE)
NAMES = re.compile(r"`[^`]*`|\b\w+(?:[._]\w+)+|\b\w+(?= = )|valid names?: .*")  # of parameters, whatever they are called
MONEY = [("USD", "week"), ("€", "week"), ("CNY", "quarter"), ("元", "day"), ("R$", "week")]


def plain(text):
    """What is said in a text, without names of parameters."""
    return NAMES.sub("", text)


def said(html):
    """What a page says, without its tags."""
    return re.sub(r"<style>.*?</style>|<!--.*?-->|<[^>]*>", " ", html, flags=re.DOTALL)


def refuse_foreign(text):
    found = FOREIGN.search(text)
    assert found is None, text[max(found.start() - 80, 0) : found.end() + 40]


@pytest.fixture(scope="module", params=["intercity", "telecom"])
def result(request):
    return sim.run(sim.compose(f"scenario={request.param}", *TINY))


@pytest.fixture(params=MONEY, ids=lambda money: money[0])
def renamed(request, result) -> tuple[Result, str, str]:
    currency, period = request.param
    return dataclasses.replace(result, scenario=result.scenario.replace(currency=currency, period=period)), currency, period


def test_pages_tables_terminal_and_pictures_use_the_scenarios_words(renamed):
    result, currency, period = renamed
    told_page, out = said(page.render(result)), io.StringIO()
    terminal.show(result, Console(file=out, width=160))
    table = sim.table(result)
    for text in (told_page, out.getvalue(), table.to_string()):
        refuse_foreign(text)
        assert currency in text
    assert f"profit [{currency}/{period}]" in table and f"the last 12 {period}s" in told_page
    for draw in page.PICTURES.values():
        for text in in_words(draw(result), words_of(result.scenario)).findobj(Text):
            refuse_foreign(text.get_text())
    assert f"14 {period}s" in out.getvalue()


def test_the_shipped_scenarios_say_what_they_always_said(result):
    told_page = said(page.render(result))
    assert "profit [AUD/month]" in sim.table(result) and "The last year" in told_page and "14 months" in told_page
    assert "¤" not in told_page


def test_a_run_from_the_command_line_says_and_writes_them(tmp_path, capfd):
    words = ("currency=USD", "period=week", *TINY, f"hydra.run.dir={tmp_path}/run")
    assert cli.main(["scenario=telecom", *words]) == 0
    refuse_foreign("".join(capfd.readouterr()))
    refuse_foreign(said((tmp_path / "run/report.html").read_text()))
    for path in (tmp_path / "run").rglob("*.csv"):
        refuse_foreign(path.read_text().split("\n")[0])
    units = set()
    for path in (tmp_path / "run").rglob("*.parquet"):
        for field in pq.read_schema(path):
            refuse_foreign(plain(b" ".join((field.metadata or {}).values()).decode()))
            units.add((field.metadata or {}).get(b"unit", b"").decode())
    assert {"USD", "weeks"} <= units
    first, *_ = sorted((tmp_path / "run/panel").glob("*"))
    dates = pd.read_parquet(first, columns=["period", "date"]).drop_duplicates()
    assert (dates["date"] == pd.Timestamp("2001-01-01") + pd.to_timedelta(7 * dates["period"], "D")).all()


def test_studies_and_their_answers_say_them(tmp_path, capfd):
    words = ["currency=€", "period=week", "population.customers=300", "periods=3", "replications=2"]
    words += ["engine=serial", "metrics=[profit,price]", "moves=0"]
    moved = [f"firms.thrift.markup={','.join(f'{0.1 + 0.01 * n:.2f}' for n in range(20))}"]
    assert cli.main(["sweep", *words, *moved, "--folder", f"{tmp_path}/many"]) == 0
    assert cli.main(["compare", f"{tmp_path}/many"]) == 0
    assert cli.main(["analyse", f"{tmp_path}/many"]) == 0
    arms = ["--with", "firms.thrift.markup=0.3", "--with", "firms.thrift.markup=0.2 firms.echo.overhead=0.04"]
    assert cli.main(["compare", *words, *arms, "--folder", f"{tmp_path}/two"]) == 0
    assert cli.main(["explain", *words, *arms, "--folder", f"{tmp_path}/why"]) == 0
    out = "".join(capfd.readouterr())
    refuse_foreign(out)
    assert "€/week" in out
    for path in tmp_path.rglob("*.html"):
        refuse_foreign(said(path.read_text()))
    for path in tmp_path.rglob("*.md"):
        refuse_foreign(path.read_text())
    assert "€/week" in (tmp_path / "two/compare.md").read_text()
    for path in tmp_path.rglob("*.csv"):
        refuse_foreign(path.read_text().split("\n")[0])


def leaves(values, path=()):
    """The place of every number in nested plain values."""
    for key, value in values.items():
        if isinstance(value, dict):
            yield from leaves(value, (*path, key))
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            yield (*path, key)


@pytest.mark.parametrize("scenario", ["intercity", "telecom"])
def test_mistakes_are_told_in_them(scenario):
    """Every number of a configuration set to what it cannot be: no line names another money or time."""
    values = alone([f"scenario={scenario}", "currency=元", "period=week"], None, False)[1]
    lines = []
    for place in leaves(values):
        *folder, name = place
        node = values
        for part in folder:
            node = node[part]
        before, node[name] = node[name], -1e9
        try:
            Scenario.from_config(values)
        except ConfigError as error:
            lines.append(str(error))
        node[name] = before
    assert len(lines) > 300
    for line in lines:
        refuse_foreign(plain(line))
    assert sum("元" in line for line in lines) > 20 and sum("week" in line for line in lines) > 20


def test_mistakes_while_it_is_played_are_told_in_them():
    market = sim.Market(sim.compose("population.customers=300", "currency=元", "period=week"))
    market.period = 2**40
    with pytest.raises(ConfigError, match="^week 1099511627776: expected at most .* weeks"):
        market.step()


def test_the_data_dictionary_says_them():
    text = describe.dictionary(["scenario=telecom", "currency=USD", "period=week"])
    for line in text.split("\n"):
        rest = line if not line.startswith("  ") else re.sub(r"^  (column |kept |record |market record )?\S+", "", line)
        refuse_foreign(plain(rest))
    assert "USD/head/week" in text and "AUD/head/month" in describe.dictionary([])


def test_a_currency_moves_no_bit_and_is_part_of_what_was_asked():
    one, other = (alone([f"currency={currency}"], None, False)[1] for currency in ("AUD", "USD"))
    assert digest_of(one) == digest_of(other) and one["currency"] == "AUD"
    tiny = ("population.customers=300", "periods=2", "replications=1")
    runs = [sim.run(sim.compose(*tiny, *words)) for words in ((), ("currency=USD", "period=week"))]
    pd.testing.assert_frame_equal(runs[0].firms, runs[1].firms)
    assert runs[1].scenario.currency == "USD"


@pytest.mark.parametrize("currency", ["", "A1", "DOLLARSUS", "a b", "<b>", "$ ", "..", "\n"])
def test_a_currency_is_a_few_letters_or_signs_of_money(currency):
    scenario = sim.compose("population.customers=300")
    with pytest.raises(ConfigError, match="currency = .*: expected 1 to 8 letters or signs of money"):
        scenario.replace(currency=currency)


def test_a_period_is_one_of_five_and_a_market_says_its_currency():
    with pytest.raises(ConfigError, match="period = 'weeks': nearest valid name: 'week'"):
        sim.compose("period=weeks")
    with pytest.raises(ConfigError, match="currency: missing; a value is required"):
        sim.compose("currency=null")


def test_words_are_told_once_and_names_stay():
    year = words_of({"currency": "USD", "period": "year"})
    line = told(f"mean of the last year in {SIGN}/month", year)
    assert line == told(line, year) == "mean of the last 12 years in USD/year"
    once = told("last-year shares, 12-month mean of the last year's customers a month", year)
    assert once == "last-12-year shares, 12-year mean of the last 12 years' customers a year"
    assert told("records=yearly months.bus tier_months `month`", year) == "records=yearly months.bus tier_months `month`"
