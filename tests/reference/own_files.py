"""Files of one's own that add a part, and runs with them."""

import pytest

import sim
from sim.ground.params import ConfigError

SMALL = ("population.customers=300", "periods=3", "replications=2", "mechanism=[]")
HEAD = """from dataclasses import dataclass
from typing import ClassVar
import numpy as np
import pandas as pd
from sim.ground.column import Column
from sim.ground.params import param

"""


def played(tmp_path, *words):
    """A run with the parts of a folder."""
    return sim.run(sim.compose(*SMALL, *words, config_dir=tmp_path, allow_foreign=True))


def refused(tmp_path, *words):
    """Without the opt-in there is one line."""
    with pytest.raises(ConfigError, match="code outside this package is refused unless --allow-foreign-code is given") as said:
        sim.compose(*SMALL, *words, config_dir=tmp_path)
    assert len(str(said.value).splitlines()) == 1
