"""A study keeps what it has found: it resumes, refuses what does not fit, and finds out what was damaged."""

import errno
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from studies import HERE, SMALL, TWO, chunks, resumed, same

import sim
from sim.desk import cli
from sim.ground.params import ConfigError
from sim.study import chunk
from sim.study.store import Study

pytestmark = pytest.mark.usefixtures("undrawn")  # pictures have tests of their own

EXPERIMENT = "# @package _global_\nmechanism:\n  trap: {_target_: trap.Trap, bait: 0}\nfirms: {thrift: {markup: 0.2}}\n"


@pytest.fixture
def trapped(tmp_path, monkeypatch):
    """Words and options of a study with a trap in it."""
    monkeypatch.setenv("TRAP", str(tmp_path))
    own = tmp_path / "own" / "experiment"
    own.mkdir(parents=True)
    (own / "trapped.yaml").write_text(EXPERIMENT)
    how = {"config_dir": str(own.parent), "allow_foreign": True, "folder": tmp_path / "trapped"}
    return [*SMALL, "experiment=trapped", "mechanism.trap.bait=0,1", HERE], how


def test_what_is_missing_is_played_and_nothing_else(whole, again, monkeypatch):
    for path in chunks(again)[::2]:
        shutil.rmtree(path)
    before, played, totals = Study(again).finished, [], set()
    assert 0 < len(before) < 12
    monkeypatch.setattr(chunk, "played", lambda s, one=chunk.played: played.append(s.seed) or one(s))
    same(resumed(again, tell=lambda progress: totals.add(progress.total)), whole)
    assert totals == {len(played)} == {12 - len(before)}


def test_a_fingerprint_holds_every_number(whole, again):
    path = max(again.glob("chunks/*/firms.parquet"))
    table = pq.read_table(path)
    profit = table["profit"].to_numpy().copy()
    profit[len(profit) - 1] *= 1 + 1e-15
    pq.write_table(table.set_column(table.schema.get_field_index("profit"), "profit", [profit]), path)
    assert Study(again).fingerprint() != whole.fingerprint()


def test_a_doubled_row_changes_the_fingerprint(whole, again):
    path = max(again.glob("chunks/*/market.parquet"))
    table = pq.read_table(path)
    pq.write_table(table.take([0, *range(len(table))]), path)
    assert Study(again).fingerprint() != whole.fingerprint()


def test_more_replications_are_added_to_what_is_there(again):
    study = resumed(again, *SMALL[:2], "replications=4", SMALL[3], *TWO, HERE)
    assert study.runs.groupby("point")["seed"].agg(list).tolist() == [[1, 2, 3, 4]] * 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([*SMALL, *TWO, HERE, "firms.echo.seats=40"], "firms.echo.seats was "),
        ([*SMALL, TWO[0], "firms.echo.markup=0.9", HERE], "factor firms.echo.markup was"),
        ([*SMALL, *TWO, HERE, "seed=5"], "seed was 1, is 5"),
        ([*SMALL, *TWO, HERE, "tables=[firms]"], "tables was "),
    ],
)
def test_a_changed_question_is_refused_with_what_differs(again, words, told):
    with pytest.raises(ConfigError, match=r"cannot be resumed: ") as refused:
        resumed(again, *words)
    assert told in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_changed_file_or_changed_code_is_refused_with_what_differs(trapped, monkeypatch):
    words, how = trapped
    sim.sweep(*words, **how)
    file = Path(how["config_dir"]) / "experiment" / "trapped.yaml"
    file.write_text(EXPERIMENT.replace("0.2", "0.25"))
    with pytest.raises(ConfigError, match=r"firms\.thrift\.markup was 0\.2, is 0\.25; begin a new study"):
        sim.sweep(*words, **how, resume=True)
    file.write_text(EXPERIMENT)
    monkeypatch.setattr("sim.study.planning.code", lambda: sim.study.version.code() | {"model": "0123456789ab"})
    with pytest.raises(ConfigError, match=r"model was [0-9a-f]{12}, is 0123456789ab; begin a new study"):
        sim.sweep(*words, **how, resume=True)
    monkeypatch.undo()
    import trap

    monkeypatch.setattr(trap, "__file__", __file__)
    with pytest.raises(ConfigError, match="test_studies.py was edited after Python had read it; start Python again"):
        sim.sweep(*words, **how, resume=True)


def test_a_failed_run_is_told_and_played_again_only_when_asked(trapped, tmp_path):
    words, how = trapped
    words[-2] = "mechanism.trap.bait=1,0"  # the first chunk is a failed run alone
    whole = sim.sweep(*words, **how | {"folder": tmp_path / "well"})
    (tmp_path / "raise").touch()
    study = sim.sweep(*words, **how)
    rows = study.runs[["seed", "status", "error", "overrides"]].values.tolist()
    failed = "Trap.on_begin: trap.py line 43: ValueError: the trap was sprung"
    assert rows == [[n, "failed", failed, "mechanism.trap.bait=1"] for n in (1, 2, 3)] + [
        [n, "complete", "", "mechanism.trap.bait=0"] for n in (1, 2, 3)
    ]
    assert set(study.outcomes(["share"])["point"]) == {1}
    (tmp_path / "raise").unlink()
    assert set(sim.sweep(*words, **how, resume=True).runs["status"]) == {"complete", "failed"}
    same(sim.sweep(*words, **how, resume=True, retry_failed=True), whole)


def test_a_failed_run_that_points_share_is_told_once_and_played_again_once(trapped, tmp_path, capsys):
    words, how = trapped
    words[-2:] = ["mechanism.trap.bait=interval(0,1)", "design=random", "design.samples=5", HERE]
    whole = sim.sweep(*words, **how | {"folder": tmp_path / "well"})
    (tmp_path / "raise").touch()
    options = ["--config-dir", how["config_dir"], "--allow-foreign-code", "--folder", str(how["folder"]), "-q"]
    assert cli.main(["sweep", *words, *options]) == 3
    told = capsys.readouterr().err.splitlines()
    assert [line.endswith("failed: Trap.on_begin: trap.py line 43: ValueError: the trap was sprung") for line in told] == [True] * 3
    failed = Study(how["folder"]).query("SELECT count(*), count(DISTINCT run) FROM runs WHERE status = 'failed'")
    assert failed.values.tolist() == [[(whole.runs["mechanism.trap.bait"] == 1).sum(), 3]]
    assert failed.iloc[0, 0] > 3
    (tmp_path / "raise").unlink()
    totals = set()
    same(sim.sweep(*words, **how, resume=True, retry_failed=True, tell=lambda p: totals.add(p.total)), whole)
    assert totals == {3}


def test_a_study_in_which_all_fails_is_a_study(trapped, tmp_path):
    words, how = trapped
    (tmp_path / "raise").touch()
    study = sim.sweep(*words[:-2], "mechanism.trap.bait=1", HERE, **how)
    assert study.runs["status"].tolist() == ["failed"] * 3
    assert study.fingerprint() == Study(study.folder).fingerprint()


def test_fail_fast_stops_at_the_first_failure_and_says_which(trapped, tmp_path, capsys):
    words, how = trapped
    (tmp_path / "raise").touch()
    options = ["--config-dir", how["config_dir"], "--allow-foreign-code", "--folder", str(how["folder"]), "-q"]
    assert cli.main(["sweep", *words, "mechanism.trap.bait=1,0", *options, "--fail-fast"]) == 3
    told = capsys.readouterr().err
    assert "(mechanism.trap.bait=1) failed: Trap.on_begin: trap.py line 43: ValueError: the trap was sprung; go on with: differentia sweep" in told
    assert "--allow-foreign-code" in told
    assert len(told.splitlines()) == 1
    assert len(Study(how["folder"]).finished) == 1


def test_parts_of_another_difference_are_not_mixed_into_a_study(tmp_path):
    ask = lambda b, **how: sim.explain(*SMALL, HERE, arms=["", b], metric="share", folder=tmp_path / "study", **how)  # noqa: E731
    first = ask("firms.thrift.markup=0.4 firms.echo.markup=0.3")
    with pytest.raises(ConfigError, match="cannot be resumed: 9 of its 12 runs were played with other values"):
        ask("firms.thrift.markup=0.1 firms.echo.markup=0.9", resume=True)
    assert ask("firms.thrift.markup=0.4 firms.echo.markup=0.3", resume=True).table.equals(first.table)


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (
            FileNotFoundError(errno.ENOENT, "No such file", "a.csv"),
            "FileNotFoundError: [Errno 2] No such file: 'a.csv'",
        ),
        (SystemExit(7), "SystemExit: 7"),
        (ValueError("no \udcff text"), "ValueError: no ? text"),
    ],
)
def test_whatever_a_run_raises_is_a_failed_run(tmp_path, monkeypatch, failure, told):
    def raises(scenario):
        raise failure

    monkeypatch.setattr(chunk, "played", raises)
    study = sim.sweep(*SMALL, HERE, folder=tmp_path / "study")
    assert study.runs[["status", "error"]].to_numpy().tolist() == [["failed", told]] * 3


def test_a_first_month_that_fails_leaves_no_estimate_but_a_study(trapped, tmp_path, capsys):
    words, how = trapped
    (tmp_path / "raise").touch()
    options = ["--config-dir", how["config_dir"], "--allow-foreign-code", "--folder", str(how["folder"]), "--no-report"]
    assert cli.main(["sweep", *words, *options]) == 3
    assert "6 runs; how long cannot be told: ValueError: the trap was sprung" in capsys.readouterr().err
    assert sorted(Study(how["folder"]).runs["status"]) == ["complete"] * 3 + ["failed"] * 3


@pytest.mark.parametrize(("where", "well"), [("pq.write_table", 4), ("os.rename", 1)])  # in the second chunk
def test_a_full_disk_leaves_what_was_finished(whole, tmp_path, monkeypatch, capsys, where, well):
    place, _, name = where.partition(".")
    module = sim.ground.parquet if place == "pq" else chunk
    real, calls = getattr(getattr(module, place), name), []

    def full(*args, **how):
        calls.append(args)
        if len(calls) > well:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args, **how)

    monkeypatch.setattr(getattr(module, place), name, full)
    folder = tmp_path / "a study"
    assert cli.main(["sweep", *SMALL, *TWO, HERE, "chunk_seconds=0.1", "--folder", str(folder), "-q"]) == 3
    told = capsys.readouterr().err.strip()
    monkeypatch.undo()
    kept = len(Study(folder).finished)
    assert 0 < kept < 12
    assert f"No space left on device; {kept} runs are kept; go on with: differentia sweep --resume" in told
    assert f"--folder '{folder}'" in told
    assert "\n" not in told
    assert not list(folder.glob("unfinished/*/*"))
    same(resumed(folder), whole)
