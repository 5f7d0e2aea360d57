"""Small studies that several tests play, spoil and hold against each other."""

import pandas as pd

import sim

SMALL = ("population.customers=300", "periods=2", "replications=3", "mechanism=[]")
TWO = ("firms.thrift.markup=0.1,0.3", "firms.echo.markup=0.2,0.4")
HERE = "engine=serial"
TRAPPED = "# @package _global_\nmechanism:\n  trap: {_target_: trap.Trap, bait: 0}\n"


def words(*baits):
    """Words of a study with these traps in it, written down in small chunks."""
    return [*SMALL, "experiment=trapped", "chunk_seconds=0.1", f"mechanism.trap.bait={','.join(map(str, baits))}"]


def sweep(own, folder, *more, **how):
    """Play a study that may have traps in it."""
    return sim.sweep(*more, folder=folder, config_dir=str(own), allow_foreign=True, **how)


def resumed(folder, *words, **how):
    """Go on with a study."""
    return sim.sweep(*words, folder=folder, resume=True, **how)


def chunks(folder):
    """Folders of its chunks."""
    return sorted(folder.glob("chunks/*"))


def same(one, other):
    """The same rows in every table, however they are spread over files."""
    assert one.fingerprint() == other.fingerprint()
    for table in ("runs", "firms", "market"):
        left, right = (s.query(f"SELECT * FROM {table} ORDER BY ALL") for s in (one, other))
        left, right = (frame.drop(columns="seconds", errors="ignore") for frame in (left, right))
        keys = [name for name in ("run", "period", "firm") if name in left]
        left, right = (f.sort_values(keys, ignore_index=True) for f in (left, right))
        pd.testing.assert_frame_equal(left, right)
