"""One `.py` and one `.yaml` add a part of every kind, also outside the package, and nothing without the opt-in."""

import importlib
import itertools
import sys

import pandas as pd
import pytest

import sim
from sim.ground.folders import config_folder
from sim.ground.params import ConfigError
from sim.pages import page

NUMBER = itertools.count()
SMALL = ("population.customers=300", "periods=3", "replications=2", "mechanism=[]")
HEAD = """from dataclasses import dataclass
from typing import ClassVar
import numpy as np
import pandas as pd
from sim.ground.column import Column
from sim.ground.params import param

"""
MECHANISM = HEAD + '''from sim.world.mechanisms import Mechanism

@dataclass(frozen=True, kw_only=True)
class Footfall(Mechanism):
    """Counts who looked, with a record and a table of its own."""

    tallies: ClassVar = {"looked": ("firm",)}
    records: ClassVar = {"footfall": Column("int64", "customers", "customers who chose the firm")}
    tables: ClassVar = {"visits": {"period": Column("int64", "months", "month"), "firm": Column("str", "", "firm"),
                                   "rush": Column("bool", "1", "whether many came")}}
    many: int = param("customers that are many", "customers", low=1, source="mine")

    def on_begin(self, market):
        market.memory["footfall"] = []

    def on_serve(self, rows):
        bought = rows.provider >= 0
        np.add.at(rows.tally["looked"], rows.provider[bought], 1)

    def on_settle(self, market):
        rush = market.total("looked") >= self.many
        market.memory["footfall"] += [{"period": market.period, "firm": f.name, "rush": bool(rush[f.index])} for f in market.firms]

    def on_record(self, market):
        return {"footfall": market.total("looked")}

    def on_table(self, market):
        return {"visits": market.memory["footfall"]}
'''
METRIC = HEAD + '''from sim.world.metric import Metric

@dataclass(frozen=True, kw_only=True)
class BigShare(Metric):
    """Share of the firm, or nothing below a threshold."""

    column: ClassVar = Column("float64", "1", "share above the threshold")
    reads: ClassVar = frozenset({"share"})
    least: float = param("threshold", "1", low=0, high=1, source="mine")

    def compute(self, firms, market):
        return np.where(firms["share"] >= self.least, firms["share"], 0.0)
'''
CHAPTER = HEAD + '''from sim.pages.chapters import Told
from sim.world.chapter import Chapter

@dataclass(frozen=True, kw_only=True)
class Winners(Chapter):
    """Who sold most."""

    def tell(self, result):
        sold = result.replications.groupby("firm")["purchases"].sum().reset_index()
        text = sold.astype(str)
        return Told("Who sold most of all", ((text, "Purchases of all seeds."),), text, sold)
'''
STRATEGY = HEAD + '''from sim.world.strategies import Decision, Strategy

@dataclass(frozen=True, kw_only=True)
class Thrifty(Strategy):
    seats: int = param("seats", "seats", low=1, source="mine")

    def decide(self, seen, memory, rng):
        return Decision(policy={"signature": {"seats": self.seats}}), memory
'''
PRICING = HEAD + '''from sim.world.pricing import Pricing

@dataclass(frozen=True, kw_only=True)
class Round(Pricing):
    to: float = param("multiple that fares are of", "AUD", low=0.01, source="mine")

    def price(self, quote, memory, rng):
        return np.full(len(quote.unit_cost), np.round(quote.list_price / self.to) * self.to), memory
'''
REVISION = HEAD + '''from sim.world.revision import Revision, moved

@dataclass(frozen=True, kw_only=True)
class Cheaper(Revision):
    stride: float = param("part of the way", "1", low=0, high=1, source="mine")

    def revise(self, seen, memory, rng):
        return moved(seen.mix, {"price": 1.0}, self.stride), memory
'''
ENGINE = HEAD + '''from sim.study.engine import Execution
from sim.study.engine.serial import SerialPool

SUBMITTED = []

class Noted(SerialPool):
    def submit(self, task, *args):
        SUBMITTED.append(task)
        return super().submit(task, *args)

@dataclass(frozen=True, kw_only=True)
class Watched(Execution):
    def open(self):
        return Noted()
'''
DESIGN = HEAD + '''from sim.study.design import Design

@dataclass(frozen=True, kw_only=True)
class Ends(Design):
    """The first and the last value of all factors together, some points between."""

    between: int = param("points between the ends", "points", low=0, source="mine")

    def points(self, factors, seed):
        for place in np.linspace(0, 1, 2 + self.between):
            yield {f.name: f.at(place) for f in factors}
'''
POPULATION = HEAD + '''from sim.world.population.survey import Survey, modechoice
from sim.world.population.surveyed import SurveyedPopulation

@dataclass(frozen=True, kw_only=True)
class Rich(SurveyedPopulation):
    """Whoever of the survey earns more than a household in two."""

    def asked(self):
        everybody = modechoice()
        kept = everybody.income >= np.median(everybody.income)
        return Survey(everybody.modes, *(getattr(everybody, n)[..., kept] for n in
                      ("income", "party", "chosen", "travel_time", "terminal_time", "fare")))
'''


@pytest.fixture
def add(tmp_path, monkeypatch):
    """Write one module and one YAML file of a group; gives the name of the module."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def written(group, name, text, cls, values=""):
        module = f"one_file_{next(NUMBER)}"
        (tmp_path / f"{module}.py").write_text(text)
        (tmp_path / group).mkdir(exist_ok=True)
        package = f"# @package {group}.{name}\n" if group in ("mechanism", "metric", "chapter") else ""
        (tmp_path / group / f"{name}.yaml").write_text(f"{package}_target_: {module}.{cls}\n{values}")
        importlib.invalidate_caches()
        return module

    yield written
    for name in [name for name in sys.modules if name.startswith("one_file_")]:
        del sys.modules[name]


def played(tmp_path, *words):
    return sim.run(sim.compose(*SMALL, *words, config_dir=tmp_path, allow_foreign=True))


def refused(tmp_path, *words):
    """Without the opt-in there is one line."""
    with pytest.raises(ConfigError, match="code outside this package is refused unless --allow-foreign-code is given") as said:
        sim.compose(*SMALL, *words, config_dir=tmp_path)
    assert len(str(said.value).splitlines()) == 1


def test_a_mechanism_with_a_record_and_a_table_of_its_own(add, tmp_path):
    add("mechanism", "footfall", MECHANISM, "Footfall", "many: 20\n")
    found = played(tmp_path, "mechanism=[footfall]")
    assert (found.firms["footfall"] == found.firms["purchases"]).all() and found.firms["footfall"].sum() > 0
    visits = found.tables["visits"]
    assert visits.columns.tolist() == ["seed", "period", "firm", "rush"] and visits["seed"].nunique() == 2
    sold = found.replications.set_index(["seed", "period", "firm"])["purchases"]
    assert ((sold >= 20) == visits.set_index(["seed", "period", "firm"])["rush"]).all()
    assert found.visits.equals(visits)
    refused(tmp_path, "mechanism=[footfall]")


def test_its_table_is_written_by_runs_and_kept_by_studies(add, tmp_path):
    add("mechanism", "footfall", MECHANISM, "Footfall", "many: 20\n")
    scenario = sim.compose(*SMALL, "mechanism=[footfall]", "records.every=3", config_dir=tmp_path, allow_foreign=True)
    found = sim.run(scenario, folder=tmp_path / "out")
    assert len(pd.read_parquet(tmp_path / "out" / "visits.parquet")) == 3 * len(scenario.firms), "months between notes, too"
    assert pd.read_parquet(tmp_path / "out" / "replications_visits.parquet").equals(found.tables["visits"])
    study = sim.sweep(
        *SMALL, "mechanism=[footfall],[]", "tables=[firms,visits]", "engine=serial", "metrics=[share]",
        config_dir=tmp_path, allow_foreign=True, folder=tmp_path / "study",
    )  # fmt: skip
    assert study.query("SELECT DISTINCT point FROM visits JOIN runs USING (run)")["point"].tolist() == [0]
    assert len(study.frame("visits")) == 2 * 3 * len(scenario.firms)
    with pytest.raises(ConfigError, match="tables: visit: unknown table; nearest valid name: 'visits'"):
        sim.sweep(*SMALL, "mechanism=[footfall]", "tables=[firms,visit]", config_dir=tmp_path, allow_foreign=True)


def test_a_table_may_not_take_the_name_of_another(add, tmp_path):
    add("mechanism", "footfall", MECHANISM.replace('"visits"', '"spending"'), "Footfall", "many: 20\n")
    with pytest.raises(ConfigError, match="mechanism.footfall: table 'spending': taken"):
        played(tmp_path, "mechanism=[footfall]")


def test_a_metric_is_recorded_and_shown_like_any_column(add, tmp_path):
    add("metric", "big_share", METRIC, "BigShare", "least: 0.05\n")
    found = played(tmp_path, "metric=big_share")
    share = found.firms["share"]
    assert found.firms["big_share"].tolist() == share.where(share >= 0.05, 0.0).tolist()
    assert "big_share" not in played(tmp_path).firms, "only where it is chosen"
    study = sim.sweep(
        *SMALL, "metric=[all,big_share]", "firms.thrift.markup=0.1,0.4", "metrics=[big_share]", "engine=serial",
        config_dir=tmp_path, allow_foreign=True, folder=tmp_path / "study",
    )  # fmt: skip
    assert "big share [%]" in sim.table(study, ["big_share"]).columns
    assert "price_premium" in study.metrics()
    refused(tmp_path, "metric=big_share")


def test_a_metric_of_the_market_is_kept_in_its_table_and_is_no_measure_of_firms(add, tmp_path):
    text = METRIC.replace("    reads:", '    of: ClassVar = "market"\n    reads:').replace(
        'np.where(firms["share"] >= self.least, firms["share"], 0.0)', 'firms["share"].max()'
    )
    add("metric", "big_share", text, "BigShare", "least: 0.05\n")
    words = *SMALL, "metric=big_share", "firms.thrift.markup=0.1,0.4", "tables=[firms,market]", "engine=serial"
    how = {"config_dir": tmp_path, "allow_foreign": True}
    study = sim.sweep(*words, folder=tmp_path / "study", **how)
    largest = study.frame("firms").groupby(["run", "period"])["share"].max()
    assert study.frame("market").set_index(["run", "period"])["big_share"].sort_index().equals(largest.rename("big_share"))
    with pytest.raises(ConfigError, match="metrics = 'big_share': recorded of the market, not of a firm; .*tables="):
        sim.sweep(*words, "metrics=[big_share]", folder=tmp_path / "no", **how)


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ("BigShare", "Share", "metric.share: tables have a column of this name"),
        ('"share"}', '"shares"}', "metric.big_share: reads shares, which nobody records; nearest valid name: 'share'"),
        ('firms["share"], 0.0)', 'firms["share"], 0.0)[:2]', "metric.big_share: expected one number a firm, got"),
        ("    column: ClassVar =", "    other: ClassVar =", "BigShare: declares no column"),
    ],
)
def test_a_metric_that_cannot_be_recorded_is_said_in_one_line(add, tmp_path, then, now, said):
    add("metric", "big_share", METRIC.replace(then, now), now if then == "BigShare" else "BigShare", "least: 0.05\n")
    with pytest.raises(ConfigError) as caught:
        played(tmp_path, "metric=big_share")
    assert said in str(caught.value) and len(str(caught.value).splitlines()) == 1


def test_no_metric_changes_what_happened(add, tmp_path):
    meddling = METRIC.replace("        return", '        firms["purchases"][:] = 0\n        return')
    add("metric", "big_share", meddling, "BigShare", "least: 0.05\n")
    with pytest.raises(ConfigError, match="read-only"):
        played(tmp_path, "metric=big_share")
    plain, more = played(tmp_path), played(tmp_path, "metric=price_premium")
    assert more.firms.drop(columns="price_premium").equals(plain.firms) and more.market.equals(plain.market)


def test_a_chapter_is_on_the_page_and_its_numbers_in_a_file(add, tmp_path, monkeypatch):
    monkeypatch.setattr("sim.pages.page.PICTURES", {"shares": page.PICTURES["shares"]})
    add("chapter", "winners", CHAPTER, "Winners", "place: 5\n")
    found = played(tmp_path, "chapter=[all,winners]")
    assert "<summary>Who sold most of all</summary>" in page.render(found)
    assert list(sim.pages.chapters.built(found.scenario)) == ["winners", "entry", "tenders", "dealers"]
    sim.pages.chapters.write(found, tmp_path)
    assert pd.read_csv(tmp_path / "winners.csv")["purchases"].sum() == found.replications["purchases"].sum()
    assert "Who sold most of all" not in page.render(played(tmp_path))
    refused(tmp_path, "chapter=[all,winners]")


def test_a_chapter_that_is_none_is_said_in_one_line(add, tmp_path):
    add("chapter", "winners", CHAPTER.replace("return Told(", "return tuple("), "Winners", "place: 5\n")
    with pytest.raises(ConfigError, match=r"Winners\.tell.*TypeError"):
        sim.pages.chapters.chapters(played(tmp_path, "chapter=[winners]"))


@pytest.mark.parametrize(
    ("group", "text", "cls", "values", "words"),
    [
        ("strategy", STRATEGY, "Thrifty", "seats: 40\n", ["firms.thrift.strategy=mine"]),
        ("pricing", PRICING, "Round", "to: 7.0\n", ["firms.air.pricing=mine"]),
        ("revision", REVISION, "Cheaper", "stride: 0.5\n", ["firms.thrift.strategy=mixed", "firms.thrift.revision=mine"]),
    ],
)
def test_a_strategy_a_pricing_rule_and_a_revision_rule(add, tmp_path, group, text, cls, values, words):
    add(group, "mine", text, cls, values)
    found = played(tmp_path, *words, "mechanism=[cost_accounting]")
    firm = found.scenario.firms[words[-1].split(".")[1]]
    assert type(getattr(firm, group)).__name__ == cls
    rows = found.firms[found.firms["firm"] == words[-1].split(".")[1]]
    assert rows["strategy"].iloc[0] == "thrifty" or group != "strategy"
    assert (rows["price"] % 7 == 0).all() or group != "pricing"
    assert rows["mix_price"].iloc[-1] > 0.8 or group != "revision"
    refused(tmp_path, *words)


def test_an_engine(add, tmp_path):
    module = add("engine", "watched", ENGINE, "Watched")
    words = *SMALL, "firms.thrift.markup=0.1,0.4", "engine=watched"
    with pytest.raises(ConfigError, match="engine._target_.*refused unless --allow-foreign-code"):
        sim.sweep(*words, config_dir=tmp_path, folder=tmp_path / "no")
    study = sim.sweep(*words, config_dir=tmp_path, allow_foreign=True, folder=tmp_path / "study")
    assert len(study.runs) == 4 and sys.modules[module].SUBMITTED


def test_a_design(add, tmp_path):
    module = add("design", "ends", DESIGN, "Ends", "between: 1\n")
    words = *SMALL, "firms.thrift.markup=interval(0.1,0.5)", "firms.air.presence=0.5,1.0", "design=ends", "engine=serial"
    with pytest.raises(ConfigError, match="design._target_.*refused unless --allow-foreign-code") as said:
        sim.sweep(*words, config_dir=tmp_path, folder=tmp_path / "no")
    assert len(str(said.value).splitlines()) == 1
    how = {"config_dir": tmp_path, "allow_foreign": True, "folder": tmp_path / "study"}
    study = sim.sweep(*words, **how)
    found = study.runs.drop_duplicates("point")[["firms.thrift.markup", "firms.air.presence"]].round(9).to_numpy().tolist()
    assert found == [[0.1, 0.5], [0.3, 1.0], [0.5, 1.0]]
    assert study.design.between == 1 and module in study.header["code"]
    assert len(sim.sweep(resume=True, **how).runs) == 6
    stranger = sim.Study(tmp_path / "study")
    assert len(stranger.runs) == 6, "rows are read without its code"
    with pytest.raises(ConfigError, match="design._target_.*refused unless --allow-foreign-code"):
        _ = stranger.design


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ("yield {", "yield {'more': 1} | {", "Ends.points: point 0 = .*: expected a value for each of: firms.thrift.markup"),
        ("f.at(place)", "9.0", r"Ends.points: point 0: firms.thrift.markup = 9.0: expected 0.1 to 0.5"),
        ("f.at(place)", "place / 0", "Ends.points: one_file_.* line .*: "),
        ("def points", "def point", r"Ends .* lacks the method points"),
        ("yield {", "continue\n            yield {", "design: no points to play"),
    ],
)
def test_a_design_that_cannot_be_played_is_said_in_one_line(add, tmp_path, then, now, said):
    add("design", "ends", DESIGN.replace(then, now).replace("np.linspace(0, 1, 2 + self.between)", "(0, 1)"), "Ends", "between: 0\n")
    words = *SMALL, "firms.thrift.markup=interval(0.1,0.5)", "design=ends", "engine=serial"
    with pytest.raises(ConfigError, match=said) as caught:
        sim.sweep(*words, config_dir=tmp_path, allow_foreign=True, folder=tmp_path / "study")
    assert len(str(caught.value).splitlines()) == 1


def test_a_population_and_a_survey_of_ones_own(add, tmp_path):
    shipped = (config_folder() / "population" / "intercity.yaml").read_text()
    values = "".join(line for line in shipped.splitlines(True) if not line.startswith("_target_"))
    add("population", "rich", POPULATION, "Rich", values)
    found = played(tmp_path, "population=rich")
    everybody = played(tmp_path)
    assert type(found.scenario.population).__name__ == "Rich"
    assert 100 <= found.scenario.population.sources < everybody.scenario.population.sources == 210
    assert not found.firms["share"].equals(everybody.firms["share"])
    refused(tmp_path, "population=rich")


def test_a_file_in_the_folder_is_in_all(tmp_path):
    """`all` is read from the folder itself, so that no list can say otherwise."""
    for group in ("mechanism", "metric", "chapter"):
        files = {path.stem for path in (config_folder() / group).glob("*.yaml")}
        assert set(getattr(sim.compose(f"{group}=all"), group)) == files and "all" not in files
