"""Play from the command line: compose, check, make the folder, play with progress, report."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys
import time
from contextlib import contextmanager
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sim.configuration import config_folder, load, normalised, plain
from sim.params import ConfigError
from sim.scenario import Scenario

STOPPED = 130


def _checked(overrides: list[str], args: argparse.Namespace) -> tuple[DictConfig, dict[str, Any], Scenario]:
    config = load(overrides, args.config_dir, args.allow_foreign_code)
    values = plain(config, args.config_dir)
    return config, values, Scenario.from_config(values, args.allow_foreign_code)


def _new_folder(wanted: pathlib.Path) -> pathlib.Path:
    """Make a folder that nobody has used, adding a number if two runs began in the same second."""
    number = 1
    while True:
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if not wanted.exists():
                raise
            number += 1
        else:
            return folder


def single(args: argparse.Namespace) -> int:
    """Check everything, then play one scenario; nothing is written before the configuration is known to be good."""
    config, values, scenario = _checked(args.words, args)
    if args.cfg:
        print(OmegaConf.to_yaml(values), end="")
        return 0
    return _play(values, scenario, _new_folder(pathlib.Path(config.hydra.run.dir)), args.quiet)


def multirun(args: argparse.Namespace) -> int:
    """Check every combination of a sweep, then hand the sweep to Hydra's sweeper and launcher."""
    import hydra
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    try:
        parsed = OverridesParser.create().parse_overrides(normalised(args.words))
        (jobs,) = BasicSweeper.split_arguments(parsed, max_batch_size=None)
    except HydraException as error:
        raise ConfigError(" ".join(str(error).split())) from None
    checked = [
        _checked([word.removeprefix("++") if word.startswith("++firms.") else word for word in job], args)
        for job in jobs
    ]
    if args.cfg:
        print("---\n".join(OmegaConf.to_yaml(values) for _, values, _ in checked), end="")
        return 0
    codes: list[int] = []

    def task(config: DictConfig) -> None:
        values = plain(config, args.config_dir)
        scenario = Scenario.from_config(values, args.allow_foreign_code)
        folder = pathlib.Path(HydraConfig.get().runtime.output_dir)
        codes.append(_guarded(values, scenario, folder, args.quiet))
        if codes[-1] == STOPPED:
            raise KeyboardInterrupt

    own = [] if args.config_dir is None else ["--config-dir", str(pathlib.Path(args.config_dir).resolve())]
    before, sys.argv = sys.argv, ["differentia", "--multirun", *own, *normalised(args.words)]
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")
    try:
        hydra.main(version_base="1.3", config_path=str(config_folder()), config_name="config")(task)()
    finally:
        sys.argv = before
    return max(codes, default=0)


def _guarded(values: dict[str, Any], scenario: Scenario, folder: pathlib.Path, quiet: bool) -> int:
    """One job of a sweep: a failure is said and counted, and the sweep goes on."""
    try:
        return _play(values, scenario, folder, quiet)
    except OSError as error:
        print(f"differentia: {error.filename or folder}: {error.strerror or error}", file=sys.stderr)
        return 2


@contextmanager
def _progress(scenario: Scenario, quiet: bool):
    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("months, time left"),
        TimeRemainingColumn(),
        TimeElapsedColumn(),
    ]
    with Progress(*columns, console=Console(stderr=True), disable=quiet, transient=True) as progress:
        total = scenario.periods * scenario.replications
        task = progress.add_task(f"{scenario.name}, {scenario.replications} seeds", total=total)
        yield lambda: progress.advance(task)


def _play(values: dict[str, Any], scenario: Scenario, folder: pathlib.Path, quiet: bool) -> int:
    from sim.report.manifest import manifest
    from sim.report.terminal import show
    from sim.runs import Interrupted, run

    (folder / "config.yaml").write_text(OmegaConf.to_yaml(values), encoding="utf-8")
    about, began, code = manifest(scenario), time.perf_counter(), 0
    try:
        with _progress(scenario, quiet) as tick:
            result, status = run(scenario, folder, tick), "complete"
    except Interrupted as stopped:
        result, status, code = stopped.result, str(stopped), STOPPED
    about |= {"status": status, "wall_time_seconds": round(time.perf_counter() - began, 2)}
    (folder / "manifest.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    if status != "complete":
        print(f"differentia: {status}; what was recorded is in {folder}", file=sys.stderr)
        return code
    page = result.report(folder / "report.html")
    if quiet:
        print(folder)
    else:
        console = Console(width=None if sys.stdout.isatty() else 120)
        show(result, console)
        console.print(f"\nReport: {page}", highlight=False, soft_wrap=True)
    return code
