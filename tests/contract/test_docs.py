"""Every command in the documents runs, and every link leads somewhere."""

import os
import re
import runpy
import shlex
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from sim.desk import cli

SHELL = set("|&;<>$*`")
ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("experiments/**/*.md"), ROOT / "results" / "README.md"])
DRAWN = ("guide.md", "studies.md")
BLOCK = re.compile(
    r"(?:<!-- file: (?P<file>\S+) -->\s*)?^```(?P<language>\w+)\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL
)


@pytest.fixture
def work(tmp_path, monkeypatch):
    """An empty folder to run a page in, with `python` and `differentia` on the path and nothing left behind."""
    command = tmp_path / "bin" / "differentia"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sim "$@"\n')
    command.chmod(0o755)
    work = tmp_path / "work"
    work.mkdir()
    (work / "experiments").symlink_to(ROOT / "experiments")
    monkeypatch.chdir(work)
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(command.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{tmp_path}")
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.syspath_prepend(work)
    modules = set(sys.modules)
    yield work
    for name in set(sys.modules) - modules:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def run_line(line, monkeypatch):
    """Play the command and the experiments in this process; anything else is the shell's."""
    words = shlex.split(line)
    if SHELL & set(line) or not words or words[0] not in ("differentia", "python"):
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
        assert done.returncode == 0, f"{line}\n{done.stderr}"
    elif words[0] == "differentia":
        assert cli.main(words[1:]) == 0, line
    else:
        with monkeypatch.context() as patch, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            patch.setattr("sys.argv", words[1:])
            patch.setattr("sys.path", [str(Path(words[1]).parent), *sys.path])
            runpy.run_path(words[1], run_name="__main__")


def run_python(code, page):
    """Python blocks in a namespace of their own; those that change where modules are found need a process of their own."""
    if "__path__" in code:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(code, page, "exec"), {"__name__": "__main__"})


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_its_code_runs(page, work, monkeypatch, request):
    """bash blocks line by line, python blocks in one namespace, in the page's own order, in an empty folder.

    The pictures of the first report of the pages about runs and about studies are drawn, those of others are only built.
    """
    if page.name not in DRAWN:
        request.getfixturevalue("undrawn")
    python = []
    for block in BLOCK.finditer(page.read_text()):
        language, body = block["language"], block["body"]
        if block["file"]:
            target = work / block["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(body)
        elif language == "bash":
            for line in body.replace("\\\n", " ").splitlines():
                run_line(line, monkeypatch)
                request.getfixturevalue("undrawn")
        elif language == "python":
            python.append(body)
    if python:
        run_python("\n".join(python), str(page))


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", ROOT / "configs" / "README.md", *PAGES], ids=lambda p: str(p.relative_to(ROOT))
)
def test_its_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if not link.startswith("http"):
            assert (page.parent / link).exists(), link


def test_the_gate_is_the_readmes_test_command():
    readme = (ROOT / "README.md").read_text()
    commands = [line for line in readme.splitlines() if ".venv/bin/" in line]
    assert len(commands) == 2
    assert commands[0].endswith(".venv/bin/differentia")
    assert commands[1].endswith(".venv/bin/pytest")
    assert "README.md" in (ROOT / ".ci" / "run").read_text()
