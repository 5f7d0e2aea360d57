"""No rule of the house knows an industry: what is said in a market's own words lives with that market."""

import re
from pathlib import Path

import pytest
import yaml

import sim
from sim.ground.params import ConfigError
from sim.world.composing.configuration import config_folder

FOLDER = config_folder()
SCENARIOS = sorted(p.stem for p in (FOLDER / "scenario").glob("*.yaml"))
RULES = [p for group in ("mechanism", "strategy", "pricing", "revision") for p in sorted((FOLDER / group).glob("*.yaml"))]
MARKETS = [p for group in ("scenario", "market", "population", "experiment") for p in sorted((FOLDER / group).glob("*.yaml"))]
NEEDS = {name: list(mechanism.needs) for name, mechanism in sim.compose("mechanism=all").mechanism.items()}
PAGE = (Path(__file__).parents[2] / "docs" / "scenarios.md").read_text()
FILES = dict(re.findall(r"<!-- file: mine/(\S+) -->\n```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
OF_NEEDS = {"segment_needs", "learning_relationship", "research"}  # no service dimension, none of these: they say so


def own_names():
    """Every name that belongs to one shipped market: of modes, segments, contexts, attributes, needs and firms."""
    for scenario in (sim.compose(f"scenario={name}", "mechanism=[]") for name in SCENARIOS):
        population = scenario.population
        yield from (*population.modes, *population.segments, *population.contexts, *population.tastes)
        yield from (*population.needs, *scenario.firms)


NAMES = frozenset(own_names())


def said(values, where=""):
    """(place, text) of every name and every text in nested values."""
    if isinstance(values, dict):
        for key, item in values.items():
            yield f"{where}.{key}", str(key)
            yield from said(item, f"{where}.{key}")
    elif isinstance(values, list):
        for item in values:
            yield from said(item, where)
    elif isinstance(values, str):
        yield where, values


@pytest.mark.parametrize("path", RULES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_rule_is_written_in_the_names_of_one_market(path):
    assert [(place, text) for place, text in said(yaml.safe_load(path.read_text())) if text in NAMES] == []


@pytest.mark.parametrize("path", MARKETS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_market_takes_names_of_another_one_out(path):
    """A whole mechanism may be off (null); inside of one nothing is."""
    for name, values in ((yaml.safe_load(path.read_text()) or {}).get("mechanism") or {}).items():
        text = yaml.safe_dump(values)
        assert values is None or not re.search(r"\bnull\b", text), f"{name}: {text}"


@pytest.fixture(scope="module")
def mine(tmp_path_factory):
    """The folder of the documents' electricity market."""
    folder = tmp_path_factory.mktemp("mine")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def power(folder, *words):
    """The documents' electricity market, small."""
    small = "population.customers=500", "periods=14", "replications=1"
    return sim.compose("scenario=power", *small, *words, config_dir=str(folder))


@pytest.mark.parametrize("name", sorted(set(NEEDS) - OF_NEEDS))
def test_each_mechanism_means_something_in_a_market_that_it_was_not_written_for(name, mine):
    assert name in power(mine, f"mechanism=[{','.join([name, *NEEDS[name]])}]").mechanism


def test_all_of_them_play_there_together(mine):
    result = sim.run(power(mine, "mechanism=all", *(f"~mechanism.{name}" for name in sorted(OF_NEEDS))))
    assert set(result.firms["period"]) == set(range(14))


def test_what_needs_service_dimensions_says_so_in_one_line(mine):
    with pytest.raises(ConfigError, match=r"mechanism.segment_needs: population.needs names no service dimension"):
        power(mine, "mechanism=all")


def test_a_group_that_only_files_ask_for_is_said_to_be_one():
    with pytest.raises(ConfigError, match="market: no choice to change; files ask for one"):
        sim.compose("market=coaches")


def bills(folder, *words):
    """What each firm paid in all, by line."""
    spending = sim.run(power(folder, *words)).spending
    return spending.groupby(["firm", "line"])["amount"].sum().unstack(fill_value=0.0)


def test_a_market_without_seats_pays_for_staff_complaints_and_evidence(mine):
    paid = bills(mine)
    assert (paid["evidence"] > 0).all()
    assert (paid["recovery"] > 0).all()
    assert paid.loc["entrant", "staff"] > 0


def test_whose_accounts_are_not_modelled_pays_for_none_of_them(mine):
    assert not {"evidence", "recovery", "staff"} & set(bills(mine, "population.modes.grid.accounts=false"))


def test_a_population_that_does_not_say_it_is_told_in_one_line(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text.replace("accounts: true, ", ""))
    with pytest.raises(ConfigError) as told:
        power(tmp_path)
    assert str(told.value) == "population.modes.grid.accounts: missing; a value is required"


@pytest.mark.parametrize("accounts", [True, False])
def test_accounts_and_not_seats_decide_who_is_billed(accounts):
    words = "population.customers=500", "periods=3", "replications=1", "population.modes.bus.seats=0"
    spending = sim.run(sim.compose(*words, f"population.modes.bus.accounts={str(accounts).lower()}")).spending
    billed = spending[spending["line"].isin(["evidence", "recovery", "staff", "dealers"])]
    assert set(billed["firm"]) == ({"echo", "grandcoach", "mosaic", "nightowl", "thrift"} if accounts else set())
