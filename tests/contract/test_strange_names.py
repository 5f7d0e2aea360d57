"""A study says the same under any name of its folder, and no text in its tables is a formula."""

import csv
import os
import shutil

import numpy as np
import pandas as pd
import pytest
from studies import COMPARED, HERE, SMALL, TWO, chunks, renamed, resumed

import sim
from sim.ground import files
from sim.ground.params import ConfigError
from sim.study.answers.compare import compare
from sim.study.store import Study

NAMES = ["share=1", "run=a", "point=7", "seed=5", "firm=x", "period=2", "status=failed", "metric=share", "[a]", "*", "**", "?", "{x}",
         "{a,b}", "it's", '"so"', "two  words", " led", "100%", "a%20b", "#1", "a;b", "a,b", "$HOME", "~", "-n", "x.parquet", "trailing.",
         "a\\b", "new\nline", "夜班车", "é", "e\u0301", "😀", "x" * 200, "=1+1", "a=b=c", "=", "run=", "__HIVE_DEFAULT_PARTITION__", "s3:"]  # fmt: skip


def told(study):
    """What every reader says."""
    frames = [study.outcomes(["share", "profit"]), study.runs.drop(columns="seconds"), study.parameters()]
    frames += [study.frame(table) for table in ("firms", "market")]
    frames += [study.query("SELECT * FROM runs JOIN firms USING (run) ORDER BY ALL").drop(columns="seconds")]
    return [*frames, study.fingerprint(), sorted(study.finished), study.config(3)]


def alike(one, other):
    return all(a.equals(b) if isinstance(a, pd.DataFrame) else a == b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("inside", ["{}", "{}/study", "a=1/{}/seed=9"])
def test_any_name_of_a_folder_gives_the_same_numbers(whole, tmp_path, inside):
    """Also of a folder above; read, and gone on with."""
    right = told(whole)
    for number, name in enumerate(NAMES if inside == "{}" else NAMES[::3]):
        folder = tmp_path / inside.format(name)
        shutil.copytree(whole.folder, folder)
        study = Study(folder)
        study.verify()
        assert not study.damaged, name
        assert alike(told(study), right) if number < 8 else study.outcomes(["share", "profit"]).equals(right[0]), name
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", ["share=1", "run=a/seed=5", "it's [a]*", "a\\b"])
def test_a_study_is_played_resumed_compared_and_analysed_under_any_name(whole, tmp_path, monkeypatch, name, undrawn):
    monkeypatch.chdir(tmp_path)
    study = sim.sweep(*SMALL, *TWO, HERE, folder=name)
    assert study.outcomes(["share"]).equals(whole.outcomes(["share"]))
    shutil.rmtree(chunks(study.folder)[-1])
    study = resumed(study.folder)
    assert study.fingerprint() == whole.fingerprint()
    found, right = compare(name, *COMPARED), compare(str(whole.folder), *COMPARED)
    pd.testing.assert_frame_equal(found.contrasts, right.contrasts)
    with pytest.raises(ConfigError, match="nothing to analyse"):
        sim.analyse(name, "profit")


def test_the_panel_of_a_run_is_the_same_under_any_name(tmp_path):
    scenario = sim.compose("records=panel", "population.customers=300", "periods=3", "replications=1", "records.sample=50")
    right = sim.run(scenario).panel
    for name in ("amount=1", "customer=7/firm=x", "[a]"):
        pd.testing.assert_frame_equal(sim.run(scenario, folder=tmp_path / name).panel, right)


@pytest.mark.parametrize("name", [b"\xff", b"a\xfeb"])
def test_a_folder_whose_name_is_no_text_is_told(whole, tmp_path, name):
    folder = os.fsencode(tmp_path) + b"/" + name
    shutil.copytree(os.fsencode(whole.folder), folder)
    with pytest.raises(ConfigError, match="name is text in UTF-8"):
        Study(os.fsdecode(folder))


def test_a_long_word_is_no_folder(tmp_path):
    with pytest.raises(ConfigError, match="at least two arms"):
        compare("name=" + "x" * 5000, folder=tmp_path / "study")


STARTS = ["=", "+", "-", "@", "\t=", "\r=", "\n", "＝", "＋", "－", "＠", " =", "\u00a0=", "\ufeff="]
FORMULAS = [f"{start}{rest}" for start in STARTS for rest in ("cmd|' /C calc'!A0", "1+1", "SUM(A1)", "x", "HYPERLINK(\"http://x\")", '","=1', "\n=1")]
HARMLESS = ["", "x", "a\n=1", "a=b", "1-2", "-0.5", "+3", "-1e-9", "-inf", "夜", "'=1", "(=1)", "0", "nan", "x@y"]


def test_no_cell_is_a_formula_and_every_number_stays(tmp_path):
    texts = FORMULAS + HARMLESS
    rng = np.random.default_rng(1)
    numbers = rng.normal(size=len(texts)) * 10.0 ** rng.integers(-12, 12, len(texts))
    frame = pd.DataFrame({"text": texts, "mixed": [*texts[1:], -0.25], "number": numbers, "whole": -np.arange(len(texts)), "=x": numbers < 0,
                          "kind": pd.Categorical(texts), "nothing": [None] * len(texts)})  # fmt: skip
    files.write_csv(tmp_path / "a.csv", frame)
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        head, *rows = list(csv.reader(file))
    assert head == ["text", "mixed", "number", "whole", "'=x", "kind", "nothing"]
    for row in rows:
        for cell in row:
            bare = cell.lstrip(" \u00a0\ufeff")
            if bare[:1] and bare[0] in "=+-@\t\r\n＝＋－＠":
                float(cell)
    assert [float(row[2]) for row in rows] == numbers.tolist()
    assert [int(row[3]) for row in rows] == (-np.arange(len(texts))).tolist()
    assert [row[0] for row in rows][len(FORMULAS) :] == HARMLESS
    assert [row[0] for row in rows][: len(FORMULAS)] == [f"'{text}".replace("\r", "\n") for text in FORMULAS]


def test_the_tables_of_a_hostile_study_hold_no_formula(again, undrawn):
    """Of a sweep, a comparison and an analysis."""
    renamed(again, "=1+cmd|' /C calc'!A0", "@SUM(1)")
    study = Study(again)
    sim.report(study, ["share"])
    found = sorted(again.glob("*.csv"))
    assert found
    for path in found:
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.reader(file):
                for cell in row:
                    if cell[:1] and cell[0] in "=+-@":
                        float(cell)
