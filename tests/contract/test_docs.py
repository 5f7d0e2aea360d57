"""Every command in the documents runs, and every link leads somewhere."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sim import cli

SHELL = set("|&;<>$*`")
ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), *ROOT.glob("experiments/**/*.md"), ROOT / "results" / "README.md"])
BLOCK = re.compile(
    r"(?:<!-- file: (?P<file>\S+) -->\s*)?^```(?P<language>\w+)\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL
)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_its_code_runs(page, tmp_path, monkeypatch):
    """bash blocks line by line, python blocks in one namespace, in the page's own order, in an empty folder.

    A line that is nothing but the command is played in this process, which has imported and compiled already.
    """
    command = tmp_path / "bin" / "differentia"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m sim "$@"\n')
    command.chmod(0o755)
    path = f"{command.parent}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": f"{ROOT}{os.pathsep}{tmp_path}", "MPLBACKEND": "agg"}
    python = []
    work = tmp_path / "work"
    work.mkdir()
    (work / "experiments").symlink_to(ROOT / "experiments")
    for block in BLOCK.finditer(page.read_text()):
        language, body = block["language"], block["body"]
        if block["file"]:
            target = work / block["file"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(body)
        elif language == "bash":
            for line in body.replace("\\\n", " ").splitlines():
                if line.startswith("differentia ") and not SHELL & set(line):
                    monkeypatch.chdir(work)
                    assert cli.main(shlex.split(line)[1:]) == 0, line
                    continue
                done = subprocess.run(["bash", "-c", line], cwd=work, env=environment, capture_output=True, text=True)
                assert done.returncode == 0, f"{line}\n{done.stderr}"
        elif language == "python":
            python.append(body)
    if python:
        done = subprocess.run(
            [sys.executable, "-c", "\n".join(python)], cwd=work, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr


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
