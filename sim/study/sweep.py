"""Play every point of a design with every seed, resume what was interrupted, and stop when the answer is precise enough."""

from __future__ import annotations

import os
import pathlib
import time
from collections.abc import Callable, Sequence

import numpy as np
from filelock import AcquireReturnProxy, FileLock, Timeout

from sim.ground.files import regular
from sim.ground.names import check_call
from sim.ground.params import ConfigError
from sim.market.records import firm_columns
from sim.study.catalogue import CATALOGUE, header_of, new_folder
from sim.study.engine import cores
from sim.study.engine.processes import Processes
from sim.study.engine.serial import Serial
from sim.study.planning import Question, question
from sim.study.precision import Precision, column_of, comparisons, needed
from sim.study.precision import words as words_of
from sim.study.runner import Progress, Runner, refuse_changed
from sim.study.store import Study
from sim.study.words import parsed, refuse_places
from sim.world.composing.door import check_strange_words
from sim.world.contested import contested_of
from sim.world.memory import check_memory
from sim.world.scenario import Scenario


class Stopped(KeyboardInterrupt):
    """Ctrl-C while a study was played; says how much of it is kept, and where."""

    def __init__(self, study: Study) -> None:
        study.refresh()
        super().__init__(f"{len(study.finished):,} runs are in {study.folder}")
        self.folder = study.folder


def sweep(
    *words: str,
    folder: str | pathlib.Path | None = None,
    resume: bool = False,
    fail_fast: bool = False,
    retry_failed: bool = False,
    config_dir: str | None = None,
    allow_foreign: bool = False,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Study:
    """Play a study and return it.

    Parameters
    ----------
    words : overrides as on the command line; several values, range() or interval() make a factor.
    folder : where the study is kept; by default a new one under results/.
    resume : go on with the study in `folder`, playing only what is missing; with its own words and then these.
    fail_fast : stop at the first run that fails. retry_failed : play failed runs again.
    tell : called with the progress after every chunk.

    Raises
    ------
    ConfigError : a mistake in the words, a folder that is taken, or a study that cannot be resumed, in one line.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     small = "population.customers=300", "periods=2", "replications=2", "engine=serial"
    ...     study = sweep(*small, "firms.thrift.markup=0.1,0.2", folder=folder)
    ...     study.runs["status"].tolist()
    ['complete', 'complete', 'complete', 'complete']
    """
    check_call("sweep", words, folder=folder, config_dir=config_dir)
    asked, study = opened(words, folder, resume, config_dir, allow_foreign)
    return played(asked, study, fail_fast=fail_fast, retry_failed=retry_failed, tell=tell)


def opened(
    words: Sequence[str],
    folder: str | pathlib.Path | None,
    resume: bool,
    config_dir: str | None,
    allow_foreign: bool,
    asking: Callable[..., Question] = question,
) -> tuple[Question, Study]:
    """The question, and the study that answers it: a new one, or the one to go on with, verified."""
    existing = None
    if resume:
        if folder is None:
            raise ConfigError("--resume: which study? write --folder results/...")
        existing = Study(folder, allow_foreign)
        existing.verify()
    own = existing.header["words"] if existing else []
    said = _instead(own, words)
    refuse_places(folder, own, words)
    if not allow_foreign:
        check_strange_words([word for word in said if word not in words], f"{folder}: {CATALOGUE}")
    asked = asking(said, config_dir, allow_foreign)
    asked.execution.ready()
    _check_memory(asked)
    if existing is not None:
        refuse_changed(existing, asked.plan)
        return asked, existing
    return asked, create(folder, header_of(asked.plan), asked.plan.name, allow_foreign)


def _check_memory(asked: Question) -> None:
    """Refuse more at a time than this computer's memory holds, by the first and the last point; of others nothing is known."""
    several, points = isinstance(asked.execution, Processes), len(asked.plan.points)
    if not several and not isinstance(asked.execution, Serial):
        return
    copies = min(cores(asked.execution.workers), points * asked.plan.replications) if several else 1
    for number in {0, points - 1}:
        try:
            scenario = Scenario.from_config(asked.plan.config(number), asked.plan.allow_foreign)
        except ConfigError:  # when it is played this is a failed run, like any other
            continue
        check_memory(scenario, copies)


def _instead(own: Sequence[str], words: Sequence[str]) -> list[str]:
    """A study's own words in their order, those about the same names, or below them, replaced; what is new comes last.

    >>> _instead(["periods=2", "engine=dask", "engine.workers=3", "seed=1"], ["engine=serial", "moves=0"])
    ['periods=2', 'engine=serial', 'seed=1', 'moves=0']
    """
    told: list[dict[str, list[str]]] = [{}, {}]
    for names, some in zip(told, (own, words), strict=True):
        for word in some:
            names.setdefault(parsed(word).key_or_group, []).append(word)
    kept = {name: some for name, some in told[0].items() if not any(name.startswith(f"{new}.") for new in told[1])}
    return [word for some in (kept | told[1]).values() for word in some]


def create(folder: str | pathlib.Path | None, header: dict, name: str, allow_foreign: bool = False) -> Study:
    """A new study in a folder; refuses one in which a study lies already."""
    wanted = pathlib.Path(folder or pathlib.Path("results") / name / time.strftime("%Y-%m-%d_%H-%M-%S"))
    made = [path for path in (wanted, *wanted.parents) if not path.exists()]
    if folder is None:
        wanted = new_folder(wanted)
        made = list(dict.fromkeys([wanted, *made]))
    elif wanted.exists() and not wanted.is_dir():
        raise ConfigError(f"{wanted}: is a file; expected a folder")
    wanted.mkdir(parents=True, exist_ok=True)
    with _alone(wanted):
        if os.path.lexists(wanted / CATALOGUE) or any((wanted / "chunks").glob("*/runs.parquet")):
            raise ConfigError(f"{wanted}: holds a study already; add --resume to go on with it, or name another folder")
        return Study.create(wanted, header, allow_foreign, made)


def played(
    asked: Question,
    study: Study,
    *,
    fail_fast: bool,
    retry_failed: bool,
    tell: Callable[[Progress], None],
) -> Study:
    """Play what is missing; with a stated precision, seeds are added until it is reached or the cap is.

    Raises
    ------
    Stopped : Ctrl-C. ConfigError : another command plays into the folder. FailedFast, OSError : see `Runner.play`.
    """
    runner = Runner(asked.plan, study, asked.execution, asked.chunk_seconds, fail_fast)
    with _alone(study.folder):
        if retry_failed:
            study.refresh()
            study.forget_failed()
        try:
            _play(runner, asked, study, tell)
        except KeyboardInterrupt:
            raise Stopped(study) from None
        except ConfigError:
            if study.made is not None and not study.finished:  # the engine could not be opened
                study.take_back()
            raise
    return study


def _play(runner: Runner, asked: Question, study: Study, tell: Callable[[Progress], None]) -> None:
    if asked.precision is None:
        runner.play(asked.plan.replications, tell)
        return
    replications = asked.precision.first
    while True:
        runner.play(replications, tell)
        if not study.holds("firms"):
            return
        more = needed(values_of(study, asked.precision), asked.precision)
        if more <= replications or replications >= asked.precision.cap:
            return
        replications = min(replications + asked.precision.batch, more, asked.precision.cap)


def values_of(study: Study, precision: Precision) -> np.ndarray:
    """(comparisons, seeds) what a stated precision is about, as far as it has been played; only contested firms are meant."""
    scenario = study.scenario(0)
    metric = column_of(precision.metric, firm_columns(scenario))
    outcomes = study.outcomes([metric])
    firms = contested_of(scenario, dict(zip(outcomes["firm"], outcomes["strategy"], strict=True)))
    if precision.of == "difference" and 0 not in outcomes["point"].to_numpy():
        raise ConfigError(f"precision.of = 'difference': no run of the first point of {study.folder} is complete")
    found = comparisons(outcomes[outcomes["firm"].isin(firms)], metric, precision.of)
    return found.reindex(columns=sorted(study.runs["seed"].unique())).to_numpy()  # seeds that failed count as played


def reached(study: Study, precision: Precision) -> str:
    """Whether the stated precision was reached, in words."""
    return words_of(values_of(study, precision), precision)


def _alone(folder: pathlib.Path) -> AcquireReturnProxy:
    """Held while a study is played, so that two commands never play into one; it goes with the process."""
    lock = folder / ".lock"
    if os.path.lexists(lock) and not regular(lock):
        raise ConfigError(f"{lock}: a link or a folder; expected a file of its own there: take it away")
    try:
        return FileLock(lock).acquire(timeout=0)
    except Timeout:
        raise ConfigError(f"{folder}: another differentia is playing into it") from None
