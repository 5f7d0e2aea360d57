"""Play from the command line: compose, check, make the folder, play with progress, report."""

from __future__ import annotations

import argparse
import json
import os
import pathlib
import shutil
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sim.configuration import config_folder, load, normalised, plain
from sim.params import ConfigError
from sim.scenario import Scenario
from sim.study.catalogue import new_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.records import Records
    from sim.runs import Result
    from sim.study.jobs import JobLog

STOPPED = 130


def _checked(overrides: list[str], args: argparse.Namespace) -> tuple[DictConfig, dict[str, Any], Scenario]:
    config = load(overrides, args.config_dir, args.allow_foreign_code)
    values = plain(config, args.config_dir)
    return config, values, Scenario.from_config(values, args.allow_foreign_code)


def _remove(folder: pathlib.Path) -> None:
    """Take back a folder that was made for nothing, and its parents as far as they are empty."""
    shutil.rmtree(folder)
    with suppress(OSError):
        folder.parent.rmdir()
        folder.parent.parent.rmdir()


def single(args: argparse.Namespace) -> int:
    """Check everything, then play one scenario; nothing is written before the configuration is known to be good."""
    from sim.report.terminal import show

    config, values, scenario = _checked(args.words, args)
    if args.cfg:
        print(OmegaConf.to_yaml(values), end="")
        return 0
    folder = new_folder(pathlib.Path(config.hydra.run.dir))
    code, result = _play(values, scenario, folder, args, args.words)
    if result is not None and not args.quiet:
        show(result, _console())
    if code == 0:
        print(folder if args.quiet or args.no_report else f"\nReport: {folder / 'report.html'}")
    return code


def multirun(args: argparse.Namespace) -> int:
    """Check every combination of a sweep, then hand the sweep to Hydra's sweeper and launcher."""
    import hydra
    from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    from sim.report.terminal import show_jobs
    from sim.study.jobs import Jobs
    from sim.wording import listed

    words = normalised(map(listed, args.words))
    try:
        parsed = OverridesParser.create().parse_overrides(words)
        (jobs,) = BasicSweeper.split_arguments(parsed, max_batch_size=None)
    except HydraException as error:
        raise ConfigError(" ".join(str(error).split())) from None
    checked = [_checked(list(job), args) for job in jobs]
    if args.cfg:
        print("---\n".join(OmegaConf.to_yaml(values) for _, values, _ in checked), end="")
        return 0
    plain_jobs = [[word.removeprefix("++") for word in job] for job in jobs]
    codes: list[int] = []
    played: list[tuple[list[str], Result]] = []

    def task(config: DictConfig) -> None:
        values = plain(config, args.config_dir)
        scenario = Scenario.from_config(values, args.allow_foreign_code)
        folder = pathlib.Path(HydraConfig.get().runtime.output_dir)
        own = [word.removeprefix("++") for word in HydraConfig.get().overrides.task]
        log = study.job(HydraConfig.get().job.num, scenario)
        code, result = _guarded(values, scenario, folder, args, own, log)
        codes.append(code)
        if code == STOPPED:
            raise KeyboardInterrupt
        if result is not None:
            moved = [word for word in own if not all(word in job for job in plain_jobs)]
            played.append((moved, result))
            print(f"{' '.join(moved)}: {folder}")

    folder = new_folder(pathlib.Path(checked[0][0].hydra.sweep.dir))
    study = Jobs.begin(folder, args.words, plain_jobs, [(values, scenario) for _, values, scenario in checked])
    before, sys.argv = (
        sys.argv,
        ["differentia", "--multirun", *words, f"hydra.sweep.dir={folder}"],
    )
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")
    try:
        hydra.main(version_base="1.3", config_path=str(config_folder()), config_name="config")(task)()
    finally:
        sys.argv = before
    if played and not args.quiet:
        show_jobs(played, _console())
    return max(codes, default=0)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else 120)


def _guarded(
    values: dict[str, Any],
    scenario: Scenario,
    folder: pathlib.Path,
    args: argparse.Namespace,
    overrides: list[str],
    log: JobLog,
) -> tuple[int, Result | None]:
    """One job of a sweep: its runs go into the study; a failure is said and counted, and the sweep goes on."""
    error = ""
    try:
        return _play(values, scenario, folder, args, overrides, log.seen)
    except (ConfigError, OSError) as failure:
        error = str(failure)
        print(f"differentia: {folder}: {error}", file=sys.stderr)
        return 2, None
    finally:
        log.close(error)


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
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=quiet or not console.is_terminal, transient=True) as progress:
        total = scenario.periods * scenario.replications
        task = progress.add_task(f"{scenario.name}, {scenario.replications} seeds", total=total)
        yield lambda: progress.advance(task)


def _play(
    values: dict[str, Any],
    scenario: Scenario,
    folder: pathlib.Path,
    args: argparse.Namespace,
    overrides: list[str],
    seen: Callable[[Records], None] = lambda records: None,
) -> tuple[int, Result | None]:
    """Play into a folder; the exit code and, if the run was completed, its result."""
    from sim.report import chapters
    from sim.report.manifest import manifest
    from sim.runs import Interrupted, run

    (folder / "config.yaml").write_text(OmegaConf.to_yaml(values), encoding="utf-8")
    about, began = manifest(scenario) | {"overrides": " ".join(overrides) or "none"}, time.perf_counter()

    def close(status: str) -> None:
        facts = about | {"status": status, "wall_time_seconds": round(time.perf_counter() - began, 2)}
        (folder / "manifest.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")

    try:
        with _progress(scenario, args.quiet) as tick:
            result = run(scenario, folder=folder, tick=tick, seen=seen)
    except Interrupted as stopped:
        close(str(stopped))
        print(f"differentia: {stopped}; what was recorded is in {folder}", file=sys.stderr)
        return STOPPED, None
    except (ConfigError, MemoryError) as error:
        if not (folder / "records.parquet").exists():
            _remove(folder)  # nothing was played: leave nothing half-written
        else:
            close(f"failed: {error}")
        raise
    if not args.no_report:
        result.report(folder / "report.html")
        chapters.write(result, folder)
    close("complete")
    return 0, result
