"""The order of mechanisms follows from what they declare; names of files and the order of lists decide nothing."""

from dataclasses import dataclass

import numpy as np
import pytest
import yaml

import sim
from sim.ground.params import ConfigError
from sim.world.composing.configuration import load, plain
from sim.world.mechanisms import Mechanism
from sim.world.order import acting

SMALL = ("scenario=intercity", "population.customers=300", "periods=4", "replications=1")


@dataclass(frozen=True, kw_only=True)
class Alpha(Mechanism):
    reads = {"on_hear": frozenset({"mood"})}

    def on_hear(self, block):
        """Reads."""


@dataclass(frozen=True, kw_only=True)
class Beta(Mechanism):
    writes = {"on_hear": frozenset({"mood"})}

    def on_hear(self, block):
        """Writes."""


@dataclass(frozen=True, kw_only=True)
class Gamma(Beta):
    reads = {"on_hear": frozenset({"mood"})}


@dataclass(frozen=True, kw_only=True)
class Delta(Gamma):
    after = frozenset({"gamma"})


def names(mechanisms, hook="on_hear"):
    return [mechanism.called for mechanism in acting(mechanisms)[hook]]


def test_who_reads_a_column_comes_after_who_writes_it_however_they_are_listed():
    assert names([Alpha(), Beta()]) == names([Beta(), Alpha()]) == ["beta", "alpha"]


def test_where_nothing_is_declared_between_two_the_names_of_their_classes_decide():
    assert names([Delta(), Beta()], "on_weigh") == []
    assert names([Beta(), Alpha(), Gamma()]) == ["beta", "gamma", "alpha"]


def test_a_contradiction_is_one_clear_line_that_says_how_to_end_it():
    @dataclass(frozen=True, kw_only=True)
    class Epsilon(Gamma):
        """Reads what the other writes, and the other way round."""

    with pytest.raises(ConfigError, match=r"no order at on_hear: .*mood.*`after`") as error:
        acting([Gamma(), Epsilon()])
    assert "\n" not in str(error.value)
    assert names([Delta(), Gamma()]) == ["gamma", "delta"]


def test_renaming_files_and_shuffling_the_list_of_mechanisms_changes_no_bit(tmp_path):
    """Every mechanism under another file name that turns the alphabet round, in a folder of one's own."""
    shipped, written = sim.compose(*SMALL), plain(load(SMALL))["mechanism"]
    folder, lists = tmp_path / "mechanism", []
    folder.mkdir()
    for number, name in enumerate(shipped.mechanism):
        values = yaml.safe_dump(written[name], sort_keys=False)  # with what this market says of it
        (folder / f"z{99 - number}.yaml").write_text(f"# @package mechanism.{name}\n{values}")
        lists.append(f"z{99 - number}")
    off = [f"~mechanism.{name}" for name in shipped.mechanism]
    renamed = sim.compose(*SMALL, *off, *(f"+mechanism@mechanism.{name}={name}" for name in lists), config_dir=tmp_path)
    assert sorted(renamed.mechanism) == sorted(shipped.mechanism)
    shuffled = shipped.replace(mechanism=dict(reversed(shipped.mechanism.items())))
    tables = [sim.run(world).firms for world in (shipped, renamed, shuffled)]
    for other in tables[1:]:
        assert list(other.columns) == list(tables[0].columns)
        for column in other:
            assert np.array_equal(other[column].to_numpy(), tables[0][column].to_numpy(), equal_nan=other[column].dtype.kind == "f")
