"""The command line: what it writes, what it says, how it fails."""

import errno
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pyarrow.parquet as pq
import pytest

import sim
from sim.desk import cli
from sim.study.planning import question
from sim.world.composing.configuration import config_folder, load, plain

SMALL = ["population.customers=300", "periods=3", "replications=2"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def only_run(folder):
    (run,) = sorted((folder / "results").glob("*/*"))
    return run


def test_a_run_leaves_tables_a_page_a_config_and_a_manifest(here, capsys):
    assert cli.main(SMALL) == 0
    run = only_run(here)
    names = {p.name for p in run.iterdir()}
    assert names == {
        "records.parquet", "market.parquet", "features.parquet", "replications.parquet", "replications_features.parquet",
        "spending.parquet", "replications_spending.parquet", "tenders.parquet", "replications_tenders.parquet",
        "report.html", "config.yaml", "manifest.json",
    }  # fmt: skip
    said = capsys.readouterr().out
    for word in ("grandcoach", "distinctiveness", "breadth", "retention", "profit", "report.html"):
        assert word in said
    about = json.loads((run / "manifest.json").read_text())
    assert about["status"] == "complete"
    assert about["wall_time_seconds"] > 0
    assert {"version", "commit", "seeds", "libraries", "sources used"} <= set(about)


def test_the_tables_have_the_promised_columns_and_units(here, undrawn):
    assert cli.main([*SMALL, "-q"]) == 0
    run = only_run(here)
    promised = {
        "records": "period firm strategy price purchases share value_share breadth depth repeat_rate retention "
        "satisfaction_gap revenue cost profit cash margin mix_flexibility mix_diversification mix_distinctiveness mix_price",
        "market": "period purchases outside_share hhi price_dispersion offer_distance consumer_surplus "
        "customers total_surplus strategy_mix_entropy entropy_within",
        "features": "feature kind introduced_by period firm adopted fidelity",
    }
    for table, columns in promised.items():
        schema = pq.read_schema(run / f"{table}.parquet")
        assert schema.names[: len(columns.split())] == columns.split()
        assert all(b"unit" in schema.field(name).metadata for name in schema.names), table
    records = pd.read_parquet(run / "records.parquet")
    assert len(records) == 3 * 8
    assert records.groupby("period")["share"].sum().round(12).tolist() == [1, 1, 1]
    assert pd.read_parquet(run / "market.parquet")["period"].tolist() == [0, 1, 2]


def test_the_page_opens_offline(here):
    assert cli.main([*SMALL, "-q"]) == 0
    page = (only_run(here) / "report.html").read_text()
    assert page.count("<svg") == 7
    assert not re.search(r"<(script|link|iframe)|src=|@import|url\(\s*['\"]?http", page)
    assert "What happened" in page


def test_the_written_config_gives_the_same_scenario(here, undrawn):
    import yaml

    from sim.world.composing.configuration import compose
    from sim.world.scenario import Scenario

    assert cli.main([*SMALL, "firms.thrift.strategy=distinctiveness", "-q"]) == 0
    values = yaml.safe_load((only_run(here) / "config.yaml").read_text())
    assert Scenario.from_config(values) == compose(*SMALL, "firms.thrift.strategy=distinctiveness")


def test_plain_logit_by_one_override(here):
    assert cli.main([*SMALL, "mechanism=[]", "-q"]) == 0
    run = only_run(here)
    assert len(pd.read_parquet(run / "features.parquet")) == 0
    assert pd.read_parquet(run / "records.parquet")["cost"].eq(0).all()


def test_multirun_plays_every_value(here, capsys, undrawn):
    assert cli.main(["--multirun", "seed=1,2,3", *SMALL, "-q"]) == 0
    runs = sorted((here / "results" / "intercity").glob("*/*/records.parquet"))
    assert len(runs) == 3
    tables = [pd.read_parquet(run)["purchases"].tolist() for run in runs]
    assert len({tuple(t) for t in tables}) == 3


def test_multirun_refuses_a_bad_value_before_anything_is_played(here, capsys):
    assert cli.main(["--multirun", "seed=1,-2", *SMALL]) == 2
    assert not (here / "results").exists()


def test_help_describe_plan_fit_and_version(here, capsys):
    for words, said in (
        (["--help"], "mechanism=all"),
        (["describe"], "records.parquet"),
        (["describe", "mechanism.imitation"], "imitability"),
        (["describe", "design"], "design.latin_hypercube"),
        (["describe", "precision"], "largest half-width of the intervals"),
        (["describe", "engine"], "engine.processes"),
        (["describe", "metrics"], "what tables and pages show"),
        (["describe", "firms.thrift"], "mode the firm serves by"),
        (["describe", "lag"], "mechanism.imitation:"),
        (["plan"], "1. decide"),
        (["fit"], "-199.128"),
        (["--version"], "differentia"),
        (["--cfg", *SMALL], "population:"),
    ):
        assert cli.main(words) == 0
        assert said in capsys.readouterr().out
    assert not (here / "results").exists()


@pytest.mark.parametrize("command", ["sweep", "compare", "explain", "analyse"])
def test_a_command_for_many_runs_says_its_own_options_and_no_others(capsys, command):
    assert cli.main([command, "--help"]) == 0
    told = capsys.readouterr().out
    assert told.startswith(f"Usage: differentia {command} ") and max(map(len, told.splitlines())) <= 110
    own = {"--with" if name == "arms" else f"--{name.replace('_', '-')}" for name in cli.TAKES[command]}
    common = {f"--{name.replace('_', '-')}" for name in cli.COMMON}
    told = set(re.findall(r"^  (--[a-z-]+)", told, re.MULTILINE))
    assert own | {"--quiet"} <= told <= own | common


def test_a_quiet_analysis_prints_where_its_page_is_and_nothing_else(capsys, monkeypatch):
    found = SimpleNamespace(sentences=["What matters most: lag."], folder="f")
    monkeypatch.setattr("sim.pages.look.report", lambda found, folder: f"{folder}/a.html")
    monkeypatch.setattr("sim.study.answers.analyse.analyse", lambda *words, **how: found)
    assert cli.main(["analyse", "f", "-q"]) == 0
    assert capsys.readouterr().out == "f/a.html\n"
    cli.main(["analyse", "f"])
    assert capsys.readouterr().out == "What matters most: lag.\n\nReport: f/a.html\n"


def test_the_values_that_help_names_can_be_given(capsys):
    cli.main(["sweep", "--help"])
    factors, how = capsys.readouterr().out.split("How it is played")
    factors, how = (re.findall(r"^  ('?[a-z_.]+=.*?)(?:  |$)", text, re.MULTILINE) for text in (factors, how))
    assert len(factors) == 5 and len(how) == 7
    for word in factors[:4]:
        assert question([*shlex.split(word), "design=random", "design.samples=2", *SMALL]).plan.factors
    assert question(shlex.split(" ".join(how))).precision.metric == "share"


def test_a_folder_of_ones_own_is_searched_first(here):
    (here / "mine" / "mechanism").mkdir(parents=True)
    shipped = config_folder() / "mechanism" / "imitation.yaml"
    (here / "mine" / "mechanism" / "imitation.yaml").write_text(shipped.read_text().replace("lag: 3", "lag: 9"))
    assert sim.compose(config_dir="mine").mechanism["imitation"].lag == 9
    assert sim.compose().mechanism["imitation"].lag == 3


def test_a_file_that_was_written_again_is_read_again(here):
    for group, name, old, new in (
        ("mechanism", "imitation", "lag: 3", "lag: 11"),
        ("strategy", "price", "budget: 0.04", "budget: 0.11"),
    ):
        (here / "mine" / group).mkdir(parents=True)
        text = (config_folder() / group / f"{name}.yaml").read_text()
        assert old in text
        (here / "mine" / group / f"{name}.yaml").write_text(text)
        before = sim.compose(config_dir="mine")
        (here / "mine" / group / f"{name}.yaml").write_text(text.replace(old, new))
        assert sim.compose(config_dir="mine") != before, group


def test_what_a_caller_does_to_a_composition_changes_no_later_one():
    first = plain(load([]))
    for config in (load([]), load(["seed=1"])):
        config.mechanism.imitation.lag = 99
        plain(config)["firms"]["thrift"]["strategy"]["_target_"] = "changed"
    assert plain(load([])) == first


def test_sweeps_do_not_overwrite_one_another(here):
    for seed in (1, 5):
        assert cli.main(["--multirun", "hydra.sweep.dir=sw", f"seed={seed}", *SMALL, "-q", "--no-report"]) == 0
    assert (here / "sw" / "0" / "records.parquet").read_bytes() != (
        here / "sw-2" / "0" / "records.parquet"
    ).read_bytes()
    assert not list(here.glob("sw*/0/report.html"))


def test_help_imports_none_of_the_heavy_libraries():
    heavy = "{'numpy', 'pandas', 'hydra', 'mesa', 'numba', 'matplotlib', 'statsmodels'}"
    script = f"import sys; sys.argv = ['d', '--help']; from sim.desk.cli import main; main(); assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, env=ENVIRONMENT)


def test_a_folder_that_cannot_be_written_is_said(here, capsys):
    (here / "results").write_text("in the way")
    assert cli.main(SMALL) == 2
    err = capsys.readouterr().err
    assert len(err.strip().splitlines()) == 1
    assert "results" in err


def test_a_full_disk_leaves_what_was_written_before_readable(here, capsys, monkeypatch):
    written = []
    real = pq.write_table

    def write(table, path, **options):
        written.append(path)
        if len(written) > 3:
            Path(path).write_bytes(b"half a")
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        real(table, path, **options)

    monkeypatch.setattr("sim.ground.parquet.pq.write_table", write)
    assert cli.main([*SMALL, "records.flush=1"]) == 2
    err = capsys.readouterr().err
    assert "No space left on device" in err
    assert len(err.strip().splitlines()) == 1
    run = only_run(here)
    assert pd.read_parquet(run / "records.parquet")["period"].tolist() == [0] * 8
    assert not list(run.glob("*.part"))


def test_a_real_limit_on_file_size_is_said_in_one_line(here):
    """The operating system refuses the write: the same as a full disk, without a mock."""
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); from sim.desk.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    words = ["population.customers=300", "periods=40", "replications=1", "records.flush=1", "mechanism=[]", "-q"]
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, text=True, cwd=here, env=ENVIRONMENT
    )
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert len(pd.read_parquet(only_run(here) / "records.parquet")) > 0


def test_ctrl_c_leaves_the_recorded_months_readable(here):
    words = ["population.customers=20000", "periods=5000", "replications=1", "records.flush=1", "-q"]
    process = subprocess.Popen(
        [sys.executable, "-m", "sim", *words],
        cwd=here,
        env=ENVIRONMENT,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a background shell hands down "ignore"
    )
    try:
        deadline = time.monotonic() + 600
        while time.monotonic() < deadline and not list(here.glob("results/*/*/records.parquet")):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=600)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "stopped by the user: seed 1 in month" in err
    run = only_run(here)
    records = pd.read_parquet(run / "records.parquet")
    assert records["period"].max() >= 0
    assert "stopped" in json.loads((run / "manifest.json").read_text())["status"]
    assert not list(run.glob("*.part"))


def test_help_is_quick():
    """It imports next to nothing, which a busy computer cannot change: none of the libraries, a tenth of the modules."""

    def loaded(code):
        told = f"{code}\nprint(*sys.modules, file=sys.stderr)"
        done = subprocess.run([sys.executable, "-c", told], check=True, capture_output=True, env=ENVIRONMENT, text=True)
        return set(done.stderr.split())

    quick = loaded("import sys; from sim.desk.cli import main; assert main(['--help']) == 0")
    slow = loaded("import sys, numpy, pandas, hydra")
    assert not {name.partition(".")[0] for name in quick} & {"numpy", "pandas", "hydra", "omegaconf", "numba", "mesa", "scipy"}
    assert len(quick - loaded("import sys")) < len(slow) / 10
