"""What is installed is what was tested: wheel and sdist work from another directory."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", str(out), str(ROOT)], check=True, capture_output=True)
    return out


def test_the_sdist_holds_what_a_reader_needs(built):
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {name.split("/", 1)[1] for name in packed.getnames() if "/" in name}
    assert {
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "CITATION.cff",
        "configs/config.yaml",
        "sim/desk/cli.py",
        "docs/guide.md",
        "docs/study.ipynb",
    } <= names
    assert not any(name.startswith("results") for name in names)


def test_the_wheel_plays_from_another_directory(built, tmp_path):
    """Built from the sdist, unpacked on its own: the configuration travels inside the package.

    All of the configuration is composed; what is played is without mechanisms, since a new place has no compiled code yet.
    """
    (wheel,) = built.glob("*.whl")
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    assert (site / "sim" / "_configs" / "scenario" / "intercity.yaml").exists()
    assert "differentia = sim.desk.cli:main" in next(site.glob("*.dist-info/entry_points.txt")).read_text()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    small = ["population.customers=300", "periods=3", "replications=1"]
    words = ["-q", "--multirun", "seed=1,2", "mechanism=[]", *small]
    environment = os.environ | {"PYTHONPATH": str(site)}
    whole = subprocess.run(
        [sys.executable, "-m", "sim", "--cfg", "mechanism=all", *small], cwd=elsewhere, env=environment, capture_output=True
    )
    assert whole.returncode == 0 and b"awareness" in whole.stdout, whole.stderr
    done = subprocess.run(
        [sys.executable, "-m", "sim", *words], cwd=elsewhere, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    runs = sorted(elsewhere.glob("results/intercity/*/*/records.parquet"))
    assert len(runs) == 2
    assert all(len(pd.read_parquet(run)) == 24 for run in runs)
    where = subprocess.run(
        [sys.executable, "-c", "import sim; print(sim.__file__)"],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert where.stdout.startswith(str(site))
