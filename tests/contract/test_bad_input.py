"""Bad input on the command line: one clear line, nothing written, no stranger's code run."""

import json
import sys

import pandas as pd
import pytest

from sim.desk import cli

SMALL = ["population.customers=300", "periods=3", "replications=2"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def only_run(folder):
    (run,) = sorted((folder / "results").glob("*/*"))
    return run


BAD = [
    (["periodz=3"], "periodz: unknown name; nearest valid name: 'period'"),
    (["scenario=intercitty"], "nearest valid name: 'intercity'"),
    (["mechanism=[contextz]"], "nearest valid name: 'contexts'"),
    (["mechanism.imitation.lagg=3"], "nearest valid name: 'mechanism.imitation.lag'"),
    (["population.customers=many"], "expected a whole number"),
    (["population.customers=2.5"], "expected a whole number"),
    (["population.customers=-5"], "expected 1 <= customers"),
    (["mechanism.state_dependence.weight=nan"], "weight = nan utils"),
    (["mechanism.state_dependence.carry_over=1.5"], "expected 0 <= carry_over <= 1"),
    (["firms=null"], "firms: expected at least one firm"),
    (["~firms", "+firms={}"], "firms"),
    (["firms.thrift.strategy=distinctivness"], "nearest valid name: 'distinctiveness'"),
    (["firms.thrift.pricing=cost_pluss"], "nearest valid name: 'cost_plus'"),
    (["firms.thrfit.markup=0.2"], "nearest valid name: 'thrift'"),
    (["firms.thrift.markupp=0.2"], "nearest valid name: 'markup'"),
    (["firms.thrift.mode=buss"], "nearest valid name: 'bus'"),
    (["firms.thrift=3"], "expected the firm's parameters by name"),
    (["population.segments.party.contexts.night=0.5"], "expected weights that sum to 1"),
    (["population.modes.bus.share=0.5"], "expected weights that sum to 1"),
    (["population.segments.party.party=[1,9]"], "belongs to 2 segments"),
    (["population.survey=modechoise"], "nearest valid name: 'modechoice'"),
    (["seed=null"], "seed: missing"),
    (["seed=99999999999999999999"], "expected 0 <= seed"),
    (["scenario=null"], "differentia:"),
    (["firms.thrift.strategy.budget=3"], "set its values as firms.thrift.<parameter>"),
    (["firms.nova.mode=bus"], "expected the name of a strategy"),
    (["population.tastes.luxury=3"], "unknown name"),
    (["seed=-1"], "expected 0 <= seed"),
    (["seed=1.5"], "expected a whole number"),
    (["mechanism=[must_have]"], "needs mechanism.satisfaction"),
    (["mechanism=[imitation]"], "needs mechanism.innovation"),
    (["mechanism.loyalty_programme.points_per_trip=200"], "points_per_trip <= threshold"),
    (["mechanism.purchase_incidence.mean=0"], "nobody earns points"),
    (["mechanism.word_of_mouth.degree=5"], "expected an even number below population.customers"),
    (["mechanism.contract.months.bus=99"], "expected months.bus <= periods"),
    (["mechanism.contact_channels.preference.party.hotline=0.9"], "expected a sum of 1"),
    (["+mechanism.perishability.seats.boat=1"], "mechanism.perishability.seats.boat"),
    (["mechanism.perishability.seats={bus: 0.1, car: 1}"], "seats.car: unknown name; +mechanism.perishability.seats.car"),
    (["~mechanism.nosuch"], "mechanism.nosuch: unknown name"),
    (["mechanism.life_events.departure=1.5"], "expected 0 <= departure <= 1"),
    (["mechanism.contexts.gap.nigth=10"], "nigth"),
    (["+mechanism.evil._target_=os.system"], "code outside this package is refused"),
    (["+mechanism.evil._target_=sim.desk.cli.main"], "not a Mechanism"),
    (["records.every=0"], "expected 1 <= every"),
    (["threads=0"], "expected 1 <= threads"),
    (["periods="], "periods"),
    (["seed=[1"], "differentia:"),
    (["discribe"], "nearest valid name: 'describe'"),
    (["--multirunn"], "--help lists the options"),
    (["--config-dir", "/nowhere"], "no such folder"),
    (["mechanism.contexts=3"], "expected the parameters of a Mechanism by name"),
    (["population.modes.bus=3"], "expected the parameters of a SurveyedMode by name"),
    (["firms.thrift.strategy={kind:[1]}"], "unknown strategy"),
    (["firms.thrift.list_price=3e7"], "list_price <= 100000"),
    (["firms.thrift.markup=1e5"], "one a segment, from 0 to 100000 AUD"),
    (["seed=9007199254740992"], "seed + replications - 1"),
    (["seed=1,2"], "--multirun a run of each"),
    (["firms.thrift.pricng=undercut"], "nearest valid name: 'pricing'"),
    (["firms.thrift.markup=intervall(0.1,0.3)"], "no function intervall(); nearest valid name: 'interval'"),
    (["design.samples=8"], "design.samples: read by studies only"),
    (["design.sample=8"], "design.sample: read by studies only"),
    (["+factor={}"], "factor: unknown name; nearest valid name: 'factors'"),
    (["describe", "mechanizm.imitation"], "nearest valid name: 'mechanism.imitation'"),
    (["compare", "nowhere", "arm=A", "arm=B"], "nowhere: no study here"),
    (["sweep", "/nowhere/fares"], "not of the form name=value; compare and analyse take folders of studies"),
    (["lag=3"], "nearest valid name: 'mechanism.imitation.lag'"),
    (["++firms.a$b.mode=bus", "++firms.a$b.strategy=price"], "firms.a$b"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), BAD, ids=[" ".join(w) for w, _ in BAD])
def test_a_mistake_gets_one_clear_line_and_leaves_nothing(here, capsys, words, said):
    alone = words[0].startswith("--") or words[0] in cli.COMMANDS
    code = cli.main([*words] if alone else [*SMALL, *words])
    out, err = capsys.readouterr()
    assert code == 2
    assert said in err
    assert len(err.strip().splitlines()) == 1, err
    assert "Traceback" not in err + out
    assert not (here / "results").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: x\n  periods: [3\n", "line 2"),
        ("# @package _global_\nname: x\nfirms:\n  a: {mode: bus}\n  a: {mode: car}\n", "duplicate"),
        ("- 1\n- 2\n", "differentia:"),
        ("\x00\x01", "differentia:"),
    ],
    ids=["malformed", "duplicate firm", "a list", "binary"],
)
def test_a_broken_file_of_ones_own_gets_one_clear_line(here, capsys, text, said):
    (here / "mine" / "scenario").mkdir(parents=True)
    (here / "mine" / "scenario" / "mine.yaml").write_text(text)
    code = cli.main(["--config-dir", "mine", "scenario=mine"])
    _, err = capsys.readouterr()
    assert code == 2
    assert said in err
    assert len(err.strip().splitlines()) == 1, err
    assert not (here / "results").exists()


def test_a_command_that_takes_nothing_refuses_more(capsys):
    assert cli.main(["fit", "seed=1"]) == 2
    assert "takes nothing more" in capsys.readouterr().err


def test_a_missing_seed_is_said(here, capsys):
    assert cli.main([*SMALL, "~seed"]) == 2
    assert "seed: missing" in capsys.readouterr().err


def test_foreign_code_runs_only_with_the_opt_in(here, capsys, monkeypatch, undrawn):
    (here / "foreign_policy.py").write_text(
        "from dataclasses import dataclass\nfrom sim.world.strategies import Decision, Strategy\n\n"
        "@dataclass(frozen=True, kw_only=True)\nclass Idle(Strategy):\n"
        "    def decide(self, seen, memory, rng):\n        return Decision(), memory\n"
    )
    monkeypatch.syspath_prepend(str(here))
    words = [*SMALL, "firms.thrift.strategy={_target_:foreign_policy.Idle}", "-q"]
    assert cli.main(words) == 2
    assert "foreign_policy" not in sys.modules
    assert not (here / "results").exists()
    capsys.readouterr()
    assert cli.main([*words, "--allow-foreign-code"]) == 0
    records = pd.read_parquet(only_run(here) / "records.parquet")
    assert set(records[records["firm"] == "thrift"]["strategy"]) == {"idle"}


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("hydra/launcher", "_target_: os.system\n"),
        (
            "hydra/launcher",
            "_target_: hydra._internal.core_plugins.basic_launcher.BasicLauncher\nx: [{_target_: os.system}]\n",
        ),
        ("hydra/callbacks", "evil: {_target_: logging.FileHandler, _args_: [victim]}\n"),
        ("hydra/job_logging", "version: 1\nhandlers: {evil: {class: logging.FileHandler, filename: victim}}\n"),
        ("hydra/job_logging", "version: 1\nhandlers: {evil: {class: logging.StreamHandler, stream: 'ext://evil.x'}}\n"),
        ("hydra/job_logging", "version: 1\nhandlers: {evil: {'()': os.system}}\n"),
        ("hydra/job_logging", "version: 1\nhandlers: {evil: {class: os.system}}\n"),
    ],
)
def test_a_strangers_hydra_settings_cannot_run_code_either(here, capsys, group, text):
    (here / "mine" / group).mkdir(parents=True)
    (here / "mine" / group / "evil.yaml").write_text(text)
    for words in (["--multirun"], []):
        assert cli.main(["--config-dir", "mine", *words, f"{group}=evil", *SMALL]) == 2
    err = capsys.readouterr().err
    assert "foreign code is refused" in err
    assert not (here / "results").exists()


def test_a_strangers_file_cannot_read_the_environment_or_leave_the_results_folder(here, capsys, monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")
    (here / "mine" / "experiment").mkdir(parents=True)
    for text, said in (
        ("name: '${oc.env:SECRET}'", "foreign code"),
        ("name: ../../escape", "expected a name of up to 40 letters"),
    ):
        (here / "mine" / "experiment" / "spy.yaml").write_text(f"# @package _global_\n{text}\n")
        assert cli.main(["--config-dir", "mine", "experiment=spy", *SMALL]) == 2
        assert said in capsys.readouterr().err
    assert [p.name for p in here.iterdir()] == ["mine"]


def test_a_strategy_that_fails_is_said_in_one_line(here, capsys, monkeypatch):
    (here / "broken_policy.py").write_text(
        "from dataclasses import dataclass\nfrom sim.world.strategies import Decision, Strategy\n\n"
        "@dataclass(frozen=True, kw_only=True)\nclass Broken(Strategy):\n"
        "    def decide(self, seen, memory, rng):\n"
        "        if seen.period == 2:\n            return Decision(budget=0.1, mix={'prise': 1.0}), memory\n"
        "        return Decision(), memory\n"
    )
    monkeypatch.syspath_prepend(str(here))
    assert (
        cli.main([*SMALL, "firms.thrift.strategy={_target_:broken_policy.Broken}", "--allow-foreign-code", "-q"]) == 2
    )
    err = capsys.readouterr().err
    assert "firms.thrift.strategy (Broken.decide, month 2" in err
    assert "nearest valid name: 'price'" in err
    assert len(err.strip().splitlines()) == 1
    run = only_run(here)
    assert pd.read_parquet(run / "records.parquet")["period"].max() == 1
    assert "failed" in json.loads((run / "manifest.json").read_text())["status"]
