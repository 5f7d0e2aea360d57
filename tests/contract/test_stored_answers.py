"""What stored studies say when they are held against each other or analysed, also when they do not match or are spoilt."""

import shlex
import shutil

import numpy as np
import pandas as pd
import pytest
from studies import HERE, SMALL, chunks

import sim
from sim.desk import cli
from sim.ground.params import ConfigError
from sim.metrics.interval import half_width, holm
from sim.study import chunk
from sim.study.answers.cells import Cells
from sim.study.store import Study

pytestmark = pytest.mark.usefixtures("undrawn")  # pictures have tests of their own

BARE = (SMALL[0], SMALL[3])
FARES = ("firms.thrift.markup=1,1.5", "firms.echo.markup=2,3")
PLAYS = ("firms.thrift.strategy=price,flexibility", "firms.echo.markup=0.2,0.4", "firms.thrift.markup=0.2,0.4")


@pytest.fixture(scope="module")
def fares(tmp_path_factory):
    """A study of two factors."""
    return sim.sweep(*SMALL, *FARES, HERE, folder=tmp_path_factory.mktemp("fares") / "study").folder


@pytest.fixture(scope="module")
def arms(tmp_path_factory):
    """A comparison of two arms with a panel, and another one with fewer seeds."""
    folder, markups = tmp_path_factory.mktemp("arms"), ("firms.thrift.markup=0.1", "firms.thrift.markup=0.3")
    for name, seeds in (("more", 3), ("fewer", 2)):
        sim.compare(*BARE, "periods=2", f"replications={seeds}", *markups, HERE, folder=folder / name)
    return folder / "more", folder / "fewer"


def failing(monkeypatch, *which):
    """Let runs fail of which this is the markup of a firm and the seed."""
    played = chunk.played

    def play(scenario):
        if any(scenario.firms[firm].pricing.markup == markup and scenario.seed == seed for firm, markup, seed in which):
            raise ValueError("not well")
        return played(scenario)

    monkeypatch.setattr(chunk, "played", play)


def test_a_value_is_found_however_it_is_written(fares):
    found = sim.compare(str(fares), "firms.thrift.markup=1", "firms.thrift.markup=1.50", "firms.echo.markup=2.0")
    assert found.differing.to_numpy().tolist() == [["firms.thrift.markup", "1", "1.5"]]


def test_names_that_are_repeated_belong_together(fares, arms):
    words = [f"firms.thrift.markup={x}" for x in (1, 1.5)] + [f"firms.echo.markup={x}" for x in (2, 3)]
    assert len(sim.compare(str(fares), *words).differing) == 2
    two = sim.compare(*map(str, arms), "arm=A", "arm=B")
    assert ["firms.thrift.markup", "0.1", "0.3"] in two.differing.to_numpy().tolist()
    for wrong, told in (
        (["firms.thrift.markup=1", "firms.thrift.markup=1,1.5", "firms.echo.markup=2"], "expected one value"),
        ([*words, "firms.echo.markup=4"], "a value for each arm"),
    ):
        with pytest.raises(ConfigError, match=told):
            sim.compare(str(fares), *wrong)
    with pytest.raises(ConfigError, match="2 studies, 3 values of a name"):
        sim.compare(*map(str, arms), "arm=A", "arm=B", "arm=A")


def test_studies_of_other_seeds_are_compared_in_those_that_both_have(arms):
    found = sim.compare(*map(str, arms), "arm=A")
    assert set(found.contrasts["pairs"].loc[found.contrasts["metric"] == "share"]) == {2}
    square = found.moved("B").to_numpy()
    assert square.sum() == square.trace() > 0


def test_customers_of_other_months_have_not_moved(tmp_path):
    found = sim.compare(*BARE, "replications=2", HERE, "periods=2", "periods=3", folder=tmp_path / "study")
    assert found.moves is None


def test_what_speaks_against_a_comparison_is_said(arms, tmp_path, monkeypatch):
    more, fewer = shutil.copytree(arms[0], tmp_path / "more"), tmp_path / "fewer"
    victim = chunks(more)[0]
    (victim / "market.parquet").write_bytes(b"")
    monkeypatch.setattr("sim.study.planning.code", lambda: sim.study.version.code() | {"model": "0123456789ab"})
    markups = ("firms.thrift.markup=0.1", "firms.thrift.markup=0.3")
    sim.compare(*BARE, "periods=2", "replications=2", *markups, HERE, folder=fewer)
    monkeypatch.undo()
    told = [sentence for sentence in sim.compare(str(more), str(fewer), "arm=A").verdicts if "Caution" in sentence]
    assert len(told) == 3 and "fewer seeds than others" in told[1]
    assert told[0].startswith(f"Caution: chunk {victim.name} of {more} is damaged (market.parquet")
    assert told[2] == "Caution: the studies were played with different code (model)."


def test_the_correction_counts_the_comparisons_of_all_arms_and_firms(tmp_path):
    found = sim.compare(*SMALL, HERE, arms=["", "~firms.thrift", "~firms.echo"], folder=tmp_path / "study")
    rows = found.contrasts
    assert 1 < rows.loc[rows["arm"] == "B", "holm"].count() < rows["holm"].count() < rows["p"].count()
    assert set(rows.loc[rows["holm"].notna(), "firm"]) <= set(found.contested)
    told = [sentence for sentence in found.verdicts if "corrected by Holm" in sentence]
    assert len(told) == 2
    assert all(sentence.endswith(f"over {rows['holm'].count()} comparisons.") for sentence in told)


def test_what_can_only_be_a_study_is_taken_for_one(fares, tmp_path):
    copy = shutil.copytree(fares, tmp_path / "copy")
    (copy / "study.json").unlink()
    words = [str(copy), "firms.thrift.markup=1", "firms.thrift.markup=1.5", "firms.echo.markup=2"]
    assert sim.compare(*words).names == ("A", "B")
    with pytest.raises(ConfigError, match="fare: no study here"):
        sim.compare("fare", *words[1:])


def test_no_arm_is_dropped():
    with pytest.raises(ConfigError, match="27 arms; expected at most 26"):
        sim.compare(*SMALL, *(f"mechanism.imitation.lag={lag}" for lag in range(27)))


def test_strategies_that_are_drawn_with_their_futures_have_no_regret(tmp_path):
    words = "firms.echo.markup=interval(0.1,0.9)", "design=latin_hypercube", "design.samples=4"
    study = sim.sweep(*SMALL, HERE, "replications=1", PLAYS[0], *words, folder=tmp_path / "study")
    with pytest.raises(ConfigError, match=r"nothing to analyse; .* in every combination"):
        sim.analyse(study)
    with pytest.raises(ConfigError, match="--metric retention: known in no run"):
        sim.analyse(study, metric="retention")


def test_a_seed_that_failed_once_is_left_out_of_regret(tmp_path, monkeypatch):
    failing(monkeypatch, ("echo", 0.4, 2))
    found = sim.analyse(sim.sweep(*SMALL, HERE, *PLAYS, folder=tmp_path / "study"))
    assert (
        "Caution: 1 of 3 seeds are left out of regret: not every strategy has them in every future." in found.sentences
    )
    assert set(found.losses["seed"]) == {1, 3}
    assert set(found.losses["future"]) == {
        f"echo markup {x}, thrift markup {y}" for x in (0.2, 0.4) for y in (0.2, 0.4)
    }


def test_a_stated_precision_goes_on_where_a_seed_failed(tmp_path, monkeypatch):
    failing(monkeypatch, ("thrift", 0.1, 2))
    stated = [f"precision.{word}" for word in ("metric=share", "half_width=1e-9", "first=3", "batch=1", "cap=5")]
    words = [*SMALL, HERE, "firms.thrift.markup=0.1", *stated, "precision.of=mean"]
    assert sim.sweep(*words, folder=tmp_path / "study").runs["seed"].tolist() == [1, 2, 3, 4, 5]
    failing(monkeypatch, *(("thrift", 0.1, seed) for seed in range(9)))
    assert set(sim.sweep(*words, folder=tmp_path / "none").runs["status"]) == {"failed"}
    with pytest.raises(ConfigError, match="no run is complete"):
        sim.analyse(tmp_path / "none")
    with pytest.raises(ConfigError, match=r"no run of the first point of .* is complete"):
        sim.sweep(*SMALL, HERE, "firms.thrift.markup=0.1,0.2", *stated, folder=tmp_path / "first")


def test_code_from_outside_is_let_in_by_whoever_reads(own, tmp_path):
    how = {"config_dir": str(own), "allow_foreign": True}
    words = [*SMALL, "experiment=trapped", HERE]
    stated = "precision.metric=share", "precision.half_width=1", "precision.first=2", "precision.of=mean"
    assert len(sim.sweep(*words, *stated, folder=tmp_path / "swept", **how).runs) == 2
    more = [*words, *stated[:2], "precision.first=3", stated[3]]
    assert len(sim.sweep(*more, folder=tmp_path / "swept", resume=True, **how).runs) == 3
    arms = ["mechanism.trap.bait=0", "mechanism.trap.bait=5"]
    assert sim.compare(*words, *arms, folder=tmp_path / "compared", **how).names == ("A", "B")
    assert sim.compare(str(tmp_path / "compared"), "arm=A", "arm=B", allow_foreign=True).names == ("A", "B")
    with pytest.raises(ConfigError, match="code outside this package is refused"):
        Study(tmp_path / "compared").scenario(0)


def test_stored_arms_are_judged_by_the_measures_of_arms_that_are_played(fares):
    arms = ("firms.thrift.markup=1", "firms.thrift.markup=1.5", "firms.echo.markup=2")
    found = sim.compare(str(fares), *arms)
    assert set(found.contrasts["metric"]) == set(sim.study.planning.question([]).metrics)
    assert found.words == {"A": "firms.thrift.markup=1", "B": "firms.thrift.markup=1.5"}
    assert set(sim.compare(str(fares), *arms, "metrics=[price,share]").contrasts["metric"]) == {"price", "share"}
    with pytest.raises(ConfigError, match="does not know the measure prise; nearest valid name: 'price'"):
        sim.compare(str(fares), *arms, "metrics=[prise]")


def test_regret_is_of_the_firm_whose_strategy_moves_and_it_is_said(tmp_path):
    study = sim.sweep(
        *SMALL, "firms.nightowl.strategy=price,flexibility", "firms.echo.markup=0.2,0.4", HERE, folder=tmp_path / "s"
    )
    found = sim.analyse(study)
    assert found.firm == "nightowl"
    assert found.sentences[0].startswith(
        "Profit of nightowl, mean of the last year in AUD/month (the firm whose strategy moves;"
    )
    assert (
        sim.analyse(study, firm="echo")
        .sentences[0]
        .startswith("Profit of echo, mean of the last year in AUD/month (as asked;")
    )


def test_more_seeds_are_a_resumed_study_with_that_word_alone(fares, tmp_path):
    folder = shutil.copytree(fares, tmp_path / "study")
    before = len(Study(folder).runs)
    after = sim.sweep("replications=4", folder=folder, resume=True).runs
    assert len(after) == before // 3 * 4 and set(after["status"]) == {"complete"}


def test_arms_that_are_the_same_are_refused(tmp_path):
    with pytest.raises(ConfigError, match="two arms are the same"):
        sim.compare(*SMALL, HERE, "firms.thrift.markup=0.1", "firms.thrift.markup=0.10", folder=tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_every_point_of_a_study_is_held_against_its_first_seed_by_seed(fares, tmp_path, capsys):
    """Numbers equal to differences that are worked out by hand from the store; Holm's correction over all of them."""
    found = sim.compare(str(fares), "metrics=[share,profit]")
    assert isinstance(found, Cells) and found.names == (0, 1, 2, 3)
    outcomes = sim.Study(fares).outcomes(["share", "profit"]).set_index(["point", "seed", "firm"])
    seeds = outcomes.index.get_level_values("seed").unique()
    assert len(found.contrasts) == 3 * 2 * len(found.contested)
    for row in found.contrasts.itertuples():
        gaps = [outcomes.loc[(row.arm, s, row.firm), row.metric] - outcomes.loc[(0, s, row.firm), row.metric] for s in seeds]
        assert row.difference == pytest.approx(np.mean(gaps), abs=1e-12) and row.pairs == len(seeds)
        if not np.isnan(row.low):
            assert (row.high - row.low) / 2 == pytest.approx(half_width(np.array(gaps)))
    assert found.contrasts["holm"].tolist() == pytest.approx(holm(found.contrasts["p"].to_numpy()), nan_ok=True)
    page = sim.report(found, tmp_path).read_text()
    assert page.count("<tr>") == len(found.contrasts) and "Every point of study against point 0" in page
    kept = pd.read_csv(tmp_path / "compare.csv")
    assert len(kept) == len(found.contrasts) and {"point", "firms.thrift.markup", "firms.echo.markup"} <= set(kept)
    assert cli.main(["compare", str(fares), "--report-folder", str(tmp_path)]) == 0
    told = capsys.readouterr().out
    assert "4 points of" in told and "Differences to point 0" in told


def test_a_study_of_many_points_says_how_two_are_compared_and_the_words_work(fares):
    found = sim.compare(str(fares))
    (how,) = (sentence for sentence in found.verdicts if sentence.startswith("Two of them"))
    words = shlex.split(how.partition("differentia compare ")[2])
    assert words[0] == str(fares) and len(sim.compare(*words).differing) == 1


def test_words_that_leave_two_points_compare_these(fares):
    found = sim.compare(str(fares), "firms.echo.markup=3")
    assert found.differing.to_numpy().tolist() == [["firms.thrift.markup", "1", "1.5"]]
    with pytest.raises(ConfigError, match="one point; name a factor several times"):
        sim.compare(str(fares), "firms.echo.markup=3", "firms.thrift.markup=1")
    with pytest.raises(ConfigError, match="does not know the measure"):
        sim.compare(str(fares), "metrics=[shar]")


def test_points_from_intervals_are_not_held_against_one_of_them(tmp_path):
    words = "firms.thrift.markup=interval(0.1,0.4)", "design=latin_hypercube", "design.samples=3", "replications=1"
    study = sim.sweep(*BARE, "periods=2", *words, HERE, folder=tmp_path / "drawn")
    with pytest.raises(ConfigError, match=r"3 points; expected a grid .* for two of them: differentia compare .*: differentia analyse"):
        sim.compare(str(study.folder))


def test_points_without_a_complete_run_are_left_out_and_it_is_said(tmp_path, monkeypatch):
    failing(monkeypatch, ("thrift", 1.5, 1), ("thrift", 1.5, 2), ("thrift", 1.5, 3))
    study = sim.sweep(*SMALL, "firms.thrift.markup=1,1.5,2,3", HERE, folder=tmp_path / "study")
    lost = set(study.runs["point"]) - set(study.outcomes(["share"])["point"])
    found = sim.compare(str(study.folder))
    assert len(lost) == 1 and set(found.names) == {0, 1, 2, 3} - lost
    assert found.verdicts[0] == "Caution: 1 of 4 points have no complete run and are left out."
    assert sim.table(study, ["share"]) is not None
    page = sim.report(study, ["share"]).read_text()
    assert 0 < page.index("Caution: 3 of 12 runs did not complete") < page.index("<h2>Pictures</h2>")
