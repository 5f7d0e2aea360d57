"""Studies that many contract tests read, spoil and go on with; files of one's own that add a part."""

import importlib
import itertools
import shutil
import sys

import pytest
from studies import HERE, SMALL, TWO

import sim

NUMBER = itertools.count()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A study of four points and twelve runs in several chunks, played without a break."""
    return sim.sweep(*SMALL, *TWO, HERE, "chunk_seconds=0.1", folder=tmp_path_factory.mktemp("whole") / "study")


@pytest.fixture
def again(whole, tmp_path):
    """A copy of it that may be spoilt."""
    shutil.copytree(whole.folder, tmp_path / "study")
    return tmp_path / "study"


@pytest.fixture
def add(tmp_path, monkeypatch):
    """Write one module and one YAML file of a group; gives the name of the module."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def written(group, name, text, cls, values=""):
        module = f"one_file_{next(NUMBER)}"
        (tmp_path / f"{module}.py").write_text(text)
        (tmp_path / group).mkdir(exist_ok=True)
        package = f"# @package {group}.{name}\n" if group in ("mechanism", "metric", "chapter") else ""
        (tmp_path / group / f"{name}.yaml").write_text(f"{package}_target_: {module}.{cls}\n{values}")
        importlib.invalidate_caches()
        return module

    yield written
    for name in [name for name in sys.modules if name.startswith("one_file_")]:
        del sys.modules[name]
