"""Names in a configuration are text that tables tell apart, of any script, or are refused in one line."""

import copy

import numpy as np
import pytest
from configurations import changed, composed

from sim.ground.params import ConfigError
from sim.world.scenario import Scenario

NAMES = {"on": True, "off": False, "3": 3, "1.5": 1.5, "nothing": None, "(1,)": (1,), "1": np.int64(1)}


@pytest.mark.parametrize("name", NAMES.values(), ids=list(NAMES))
@pytest.mark.parametrize("value", [None, 1, "a", {}], ids=repr)
def test_a_name_that_is_no_text_is_refused_wherever_it_stands(name, value):
    config = composed(0)
    for key in ("", "firms", "firms.thrift", "mechanism", "mechanism.contexts", "mechanism.contexts.gap", "population.tastes"):
        wrong = copy.deepcopy(config)
        place = wrong
        for part in filter(None, key.split(".")):
            place = place[part]
        place[name] = value
        with pytest.raises(ConfigError, match="reads this name as") as caught:
            Scenario.from_config(wrong)
        assert len(str(caught.value).splitlines()) == 1


def test_yaml_that_reads_on_as_true_says_so():
    with pytest.raises(ConfigError, match=r"firms.True: YAML reads this name as true, as it does on, yes and true; write it in quotes"):
        Scenario.from_config(changed(composed(0), "firms", {True: composed(0)["firms"]["thrift"]}))


TWINS = ["thrift ", "Thrift", "THRIFT", "thr\u0456ft", "nobody", "All", "a/b", "..", ".", "x" * 41, "a\u0301", "a:b", "", " a", "a.", "a\x00", "[/red]x", "-"]


@pytest.mark.parametrize("name", TWINS)
def test_a_firm_whose_name_tables_would_not_tell_apart_is_refused(name):
    config = composed(0)
    wrong = changed(config, "firms", config["firms"] | {name: config["firms"]["thrift"]})
    if name in ("thr\u0456ft", "a\u0301"):  # another letter, though it looks alike, and a letter with a mark
        assert name in Scenario.from_config(wrong).firms
        return
    with pytest.raises(ConfigError, match="firms") as caught:
        Scenario.from_config(wrong)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("pair", [("é", "e\u0301"), ("a b", "a-b"), ("a.b", "a_b"), ("ﬁrm", "firm"), ("ß", "SS"), ("Ⅸ", "ix"), ("１", "1")])
def test_two_firms_that_differ_in_writing_only_are_refused(pair):
    config = composed(0)
    wrong = changed(config, "firms", config["firms"] | dict.fromkeys(pair, config["firms"]["thrift"]))
    with pytest.raises(ConfigError, match="too much like"):
        Scenario.from_config(wrong)


@pytest.mark.parametrize("name", ["夜班车", "नमस्ते", "ไทย", "Ünal", "a b.c-d_e", "7", "Nacht-Bus 7"])
def test_names_of_every_script_are_names(name):
    config = composed(0)
    assert name in Scenario.from_config(changed(config, "firms", config["firms"] | {name: config["firms"]["thrift"]})).firms
