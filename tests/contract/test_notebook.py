"""The notebook of the documents plays from top to bottom, and is kept without what it printed."""

import json
import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "study.ipynb"


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A kernel of this interpreter that imports this tree, whatever kernels are installed."""
    where = tmp_path / "kernels" / "here"
    where.mkdir(parents=True)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "this interpreter",
        "language": "python",
    }
    (where / "kernel.json").write_text(json.dumps(spec))
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return "here"


def test_it_plays(kernel, tmp_path):
    notebook = nbformat.read(PAGE, as_version=4)
    NotebookClient(notebook, kernel_name=kernel, timeout=900, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    assert sum("image/png" in out.get("data", {}) for out in shown) == 4
    told = [out["text"] for out in shown if out.get("name") == "stderr"]
    assert not [text for text in told if "IProgress not found" not in text]  # a bar of Mesa's that nobody sees
    assert any("B against A" in out.get("text", "") for out in shown)


def test_it_is_kept_without_outputs():
    notebook = nbformat.read(PAGE, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None, cell["source"]
