"""One `.py` and one `.yaml` add a mechanism, a metric or a chapter, and nothing without the opt-in."""

import pandas as pd
import pytest
from own_files import HEAD, SMALL, played, refused

import sim
from sim.ground.params import ConfigError
from sim.pages import page

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
