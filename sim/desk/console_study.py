"""Studies from the command line: what will be played, progress with time left, and the answer in a table and a page."""

from __future__ import annotations

import argparse
import pathlib
import shlex
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pandas as pd

from sim.desk import warm
from sim.desk.screen import bar, complain, console, say, say_uncached, say_undrawn
from sim.ground.interrupt import listening
from sim.ground.params import ConfigError
from sim.ground.shown import visible
from sim.ground.units import told as in_words
from sim.ground.units import told_table, words_of
from sim.study.chunk import said
from sim.study.engine import cores
from sim.study.engine.processes import ProcessPool
from sim.study.engine.serial import Serial
from sim.study.runner import FailedFast, NoWorkers
from sim.study.runner import Progress as Done
from sim.study.version import code
from sim.world.scenario import Scenario

if TYPE_CHECKING:
    from sim.study.estimate import Estimate
    from sim.study.planning import Question
    from sim.study.store import Study

STOPPED, FAILED = 130, 3


@contextmanager
def _progress(quiet: bool) -> Iterator[Callable[[Done], None]]:
    """A bar on stderr that counts runs; batches that a stated precision adds make it longer."""
    with bar("runs", quiet) as shown, listening():
        task = shown.add_task("study", total=None)

        def tell(done: Done) -> None:
            """Show how many runs are done, and how many failed."""
            failed = done.total and done.status["failed"] + done.status["crashed"]
            shown.update(
                task,
                total=done.total,
                completed=done.done,
                description=f"study, {failed} failed" if failed else "study",
            )

        yield tell


def _say_damaged(study: Study) -> None:
    for name, why in study.damaged.items():
        kept = "set aside in damaged/, its runs are missing now and --resume plays them again"
        complain(f"{study.folder}: chunk {name}: {why}; {kept}")


def _ending(study: Study, args: argparse.Namespace, run: Callable[[], Any]) -> int:
    """Play, and say in one line how it ended if it did not end well; what was written stays."""
    from sim.study.sweep import Stopped
    from sim.study.words import places

    own = [*places(args.words).values()]
    own += ["--config-dir", args.config_dir] if args.config_dir else []
    own += ["--allow-foreign-code"] if args.allow_foreign_code else []
    again = f"go on with: {shlex.join(['differentia', 'sweep', '--resume', '--folder', str(study.folder), *own])}"
    try:
        run()
    except Stopped as stopped:
        complain(f"stopped; {stopped}; {again}")
        return STOPPED
    except FailedFast as failed:
        complain(f"{failed}; {again}")
        return FAILED
    except OSError as error:
        study.refresh()
        told = f"{error.filename or study.folder}: {error.strerror or error}"
        complain(f"{told}; {len(study.finished):,} runs are kept; {again}")
        return FAILED
    return 0


def sweep(args: argparse.Namespace) -> int:
    """Say how many runs and how long, play them, and show the table."""
    from sim.study.sweep import opened, played

    if args.dry_run and not args.resume:
        from sim.study.planning import question

        _announce(question(args.words, args.config_dir, args.allow_foreign_code), set())
        return 0
    asked, study = opened(args.words, args.folder, args.resume, args.config_dir, args.allow_foreign_code)
    _say_damaged(study)
    with suppress(ConfigError):  # when it is played this is a failed run, like any other
        warm.first(lambda: Scenario.from_config(asked.plan.config(0), asked.plan.allow_foreign), args.quiet)
    if not args.quiet or args.dry_run:
        _announce(asked, study.finished)
    if args.dry_run:
        return 0
    say_uncached()
    with _progress(args.quiet) as tell:
        code = _ending(
            study,
            args,
            lambda: played(asked, study, fail_fast=args.fail_fast, retry_failed=args.retry_failed, tell=tell),
        )
    if code:
        return code
    return _show_study(study, asked.metrics, args, asked.precision)


def _announce(asked: Question, finished: set[str]) -> None:
    """Say what moves, how many runs there are, and what those that are missing will take."""
    words = words_of(*asked.plan.bases)
    for factor in asked.plan.factors:
        say(f"{factor.name}: {factor.told}", error=True)
    replications = asked.precision.first if asked.precision else asked.plan.replications
    wanted = [run.run for run in asked.plan.runs(replications)]
    done = sum(run in finished for run in wanted)
    if done == len(wanted):
        say(f"all of {done:,} runs are done", error=True)
    else:
        workers = cores(asked.execution.workers) if hasattr(asked.execution, "workers") else 1
        try:
            told = _estimated(asked).words(workers, done)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # when it is played this is a failed run, like any other
            told = f"{len(wanted):,} runs; how long cannot be told: {said(error)}"
        say(in_words(told, words), error=True)
    if asked.precision is not None:
        p = asked.precision
        told = f"{p.first} seeds a point at first, more until the {p.of} of {p.metric} is known to ±{p.half_width:g}{p.unit}"
        say(in_words(f"{told}, at most {p.cap}", words), error=True)


def _estimated(asked: Question) -> Estimate:
    """What the study will take; code of one's own is tried in a process beside this one, which it could end."""
    from sim.study.estimate import estimate

    if isinstance(asked.execution, Serial) or not asked.plan.code.keys() - code().keys():
        return estimate(asked)
    pool = ProcessPool(1)
    try:
        future = pool.submit(estimate, asked)
        while not pool.ended({future}, timeout=1.0):
            pass
        return future.result()
    except BrokenExecutor:
        raise RuntimeError("it ended the process that tried its first months") from None
    finally:
        pool.close(now=True)


def _show_study(study: Study, metrics, args: argparse.Namespace, precision) -> int:
    """Table, failures, fingerprint and page of a study."""
    from sim.pages import look
    from sim.pages.terminal import show_study
    from sim.study.declared import names

    runs = study.runs.drop_duplicates("run")
    bad = runs[runs["status"] != "complete"]
    for row in bad.head(3).itertuples():
        complain(f"run {row.run} ({row.overrides or 'no overrides'}) {row.status}: {row.error}")
    if len(bad) > 3:
        say(f"differentia: and {len(bad) - 3:,} more; SELECT * FROM runs WHERE status <> 'complete'", error=True)
    if len(bad) == len(runs):
        return FAILED
    if not args.quiet:
        show_study(look.table(study, metrics), console(), names(study), words_of(*study.header["bases"]))
        if precision is not None:
            from sim.study.sweep import reached

            say(in_words(reached(study, precision), words_of(*study.header["bases"])))
    if not args.no_report:
        look.report(study, metrics)
    say_undrawn()
    where = study.folder if args.quiet or args.no_report else study.folder / "study.html"
    print("" if args.quiet else "\n", end="")
    say(where if args.quiet else f"{len(runs):,} runs, fingerprint {study.fingerprint()}: {where}")
    return FAILED if len(bad) else 0


def compare(args: argparse.Namespace) -> int:
    """Play or read the arms, print the verdicts, write the pages."""
    from sim.pages.terminal import show_cells
    from sim.study.answers.cells import Cells
    from sim.study.answers.compare import compare as ask

    found = _asked(args, ask)
    if found is None:
        return STOPPED
    if not args.quiet:
        for name, words in found.words.items():
            say(f"{name}: {words}")
        for sentence in found.verdicts:
            say(f"- {sentence}")
        if isinstance(found, Cells):
            show_cells(found, console())
    return _pages(found, args)


def explain(args: argparse.Namespace) -> int:
    """Play all combinations of what differs, print the parts, write the pages."""
    from sim.pages.explanation import efficiency, table
    from sim.study.answers.explain import explain as ask

    found = _asked(args, lambda *words, **how: ask(*words, metric=args.metric or "profit", firm=args.firm, **how))
    if found is None:
        return STOPPED
    if not args.quiet:
        words = words_of(found.facts)
        say(f"{found.noun} of {found.firm}, {found.names[1]} against {found.names[0]}:")
        say(in_words(efficiency(found), words))
        with pd.option_context("display.unicode.east_asian_width", True):
            print(told_table(table(found), words).rename(columns=visible).map(visible).to_string(index=False))
    return _pages(found, args)


def _asked(args: argparse.Namespace, ask: Callable[..., Any]) -> Any:
    from sim.study.sweep import Stopped

    if args.arms or any("=" in word for word in args.words):  # stored studies are only read
        say_uncached()
    with _progress(args.quiet) as tell:
        try:
            return ask(
                *args.words,
                arms=args.arms or (),
                folder=args.folder,
                resume=args.resume,
                config_dir=args.config_dir,
                allow_foreign=args.allow_foreign_code,
                tell=tell,
            )
        except FailedFast as failed:
            raise ConfigError(f"{failed}; a comparison needs every run") from None
        except NoWorkers as gone:
            raise ConfigError(f"{gone}; what was played is kept: --resume goes on with it") from None
        except Stopped as stopped:
            more = f"go on with the same words and --resume --folder {shlex.quote(str(stopped.folder))}"
            complain(f"stopped; {stopped}; {more}")
            return None


def _pages(found: Any, args: argparse.Namespace) -> int:
    from sim.pages import look

    page = look.report(found, args.report_folder or found.folder)
    say_undrawn()
    print("" if args.quiet else "\n", end="")
    say(page if args.quiet else f"Report: {page}")
    return 0


def analyse(args: argparse.Namespace) -> int:
    """Say what a stored study tells: sensitivity, boxes, regret, as its design allows."""
    from sim.study.answers.analyse import analyse as ask

    if len(args.words) != 1:
        raise ConfigError("analyse: expected the folder of one study, such as results/intercity/...")
    found = ask(pathlib.Path(args.words[0]), args.metric, args.firm, args.allow_foreign_code)
    if not args.quiet:
        for sentence in found.sentences:
            say(sentence)
    return _pages(found, args)
