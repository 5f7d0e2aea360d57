"""Wherever a study is played, and whoever dies there, it is the same study."""

import gc

import pytest
from studies import HERE, same, sweep, words

from sim.study.store import Study

ENGINES = {
    "dask": ["engine=dask", "engine.workers=2", "engine.timeout=300"],
    "ray": ["engine=ray", "engine.workers=2"],
    "slurm": ["engine=slurm", "engine.cluster=local", "engine.jobs=1"],
}


pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # of the libraries, where a worker was killed


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_finds_the_same(own, tmp_path, monkeypatch, engine):
    """On clusters, a worker is killed in the middle."""
    monkeypatch.chdir(tmp_path)
    asked = [*words(0, 3), "replications=2"] if engine != "slurm" else [*words(0), "replications=3"]
    alone = sweep(own, tmp_path / "alone", *asked, HERE)
    (own / "worker").touch()
    study = sweep(own, tmp_path / "study", *asked, *ENGINES[engine])
    assert (own / "worker").exists() == (engine == "slurm")
    assert not Study(study.folder).damaged
    same(study, alone)
    gc.collect()  # what the libraries left open is not another test's
