"""Play a scenario: one run written down in full, and replications of it behind every interval."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from sim.ground.column import Column
from sim.ground.foreign import blamed
from sim.ground.found import Found
from sim.ground.interrupt import check
from sim.ground.names import check_call
from sim.ground.params import ConfigError
from sim.ground.parquet import write_parquet
from sim.ground.units import told, words_of
from sim.ground.values import shown
from sim.market import panel
from sim.market.beside import Beside, shared
from sim.market.market import Market
from sim.market.records import TABLES, Records
from sim.world.scenario import Scenario

SEED = Column("int64", "1", "seed of the replication")


class Interrupted(Exception):
    """The user stopped the run; `result` holds what was recorded until then, or None."""

    def __init__(self, result: Result | None, where: str) -> None:
        super().__init__(f"stopped by the user: {where}")
        self.result, self.where = result, where


@dataclass(frozen=True, repr=False)
class Result(Found):
    """What a run left behind.

    Attributes
    ----------
    scenario : what was played. firms : a row a firm a period. market : a row a period.
    features : a row a feature, firm and period.
    replications, all_features : the firms' and the features' rows of all seeds, the column `seed` first; the run's own
        seed is the first of them, and a feature's name begins with its seed.
    spending : a row a line of cost, firm, period and seed.
    tables : the tables of all seeds that mechanisms add, by name, such as `tenders`; also as `result.tenders`.
    purchases : the panel of the run's own seed, or the folder that it was written to; read it as `panel`.
    """

    scenario: Scenario
    firms: pd.DataFrame
    market: pd.DataFrame
    features: pd.DataFrame
    replications: pd.DataFrame
    all_features: pd.DataFrame
    spending: pd.DataFrame
    tables: Mapping[str, pd.DataFrame]
    purchases: pd.DataFrame | pathlib.Path | None = None

    def __getattr__(self, name: str) -> pd.DataFrame:
        """A table that a mechanism adds."""
        tables = self.__dict__.get("tables", {})
        return tables[name] if name in tables else super().__getattr__(name)

    @property
    def panel(self) -> pd.DataFrame | None:
        """A row a purchase of the sampled customers, of the run's own seed; None without `records.sample`."""
        return panel.read(self.purchases) if isinstance(self.purchases, pathlib.Path) else self.purchases

    def __repr__(self) -> str:
        seeds = self.replications["seed"].nunique()
        return f"Result of {self.scenario!r}: {len(self.market)} periods recorded, {seeds} seeds; sim.table(it), sim.draw(it), sim.report(it, path)"


def months(scenario: Scenario) -> Iterator[Records]:
    """Play one seed: its records, once before the first month and once after every month, noted as the scenario asks."""
    with blamed(scenario.strangers):
        market = Market(scenario)
        records = Records(market)
    yield records
    for period in range(1, scenario.periods + 1):
        with blamed(scenario.strangers):
            market.step()
            if period % scenario.records.every == 0 or period == scenario.periods:
                records.note()
        yield records


def play(scenario: Scenario, tick: Callable[[], None], folder: pathlib.Path | None = None) -> Records:
    """Play one seed to the end, flushing the records to a folder as it goes.

    Raises
    ------
    Interrupted : on Ctrl-C, after everything recorded was written.
    """
    records = None
    try:
        for records in months(scenario):
            period = records.market.period
            due = period % scenario.records.flush == 0 or period == scenario.periods or records.full
            if folder is not None and period and due:
                records.write(folder)
            if period:
                tick()
            check()
    except ConfigError:
        if folder is not None and records is not None and records.market.period:
            records.write(folder)
        raise
    except KeyboardInterrupt:
        if records is None:
            raise Interrupted(None, told(f"seed {scenario.seed} before its first month", words_of(scenario))) from None
        if folder is not None:
            records.write(folder)
        played = told(f"seed {scenario.seed} in month {records.market.period}", words_of(scenario))
        raise Interrupted(_result(scenario, [records], folder), played) from None
    return records


def run(
    scenario: Scenario,
    seed: int | None = None,
    folder: str | pathlib.Path | None = None,
    tick: Callable[[], None] = lambda: None,
    seen: Callable[[Records], None] = lambda records: None,
) -> Result:
    """Play a scenario and its replications, side by side where that saves time (`threads: auto`).

    Parameters
    ----------
    scenario : what to play; the run's own seed is recorded in full, the other replications by firm.
    seed : of the first replication, in place of the scenario's.
    folder : where to write the Parquet files, or None to keep everything in memory.
    tick : called after every period of every replication, for a progress bar.
    seen : called with the records of every replication that was played to its end, in the order of the seeds; those
        that another process played are without their market.

    Raises
    ------
    Interrupted : on Ctrl-C. OSError : the folder cannot be written; what was written before stays readable.

    Examples
    --------
    >>> import sim
    >>> result = run(sim.compose("periods=2", "population.customers=500", "replications=2"))
    >>> result.market["period"].tolist(), result.replications["seed"].unique().tolist()
    ([0, 1], [1, 2])
    """
    _check_call(scenario, seed, folder, tick, seen)
    scenario = scenario if seed is None else scenario.replace(seed=seed)
    if folder is not None:
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        panel.clear(folder)
    processes, alike = shared(scenario)
    beside, played = Beside(alike, processes, play, tick), list[Records]()
    try:
        with threadpool_limits(1):  # of libraries, whose threads are none of the scenario's
            played.append(play(alike, beside.tick, folder))
            seen(played[0])
            for records in beside.rest():
                played.append(records)
                seen(records)
    except Interrupted as stopped:
        if not played:
            raise
        raise _stopped(scenario, played, folder, stopped.where) from None
    except KeyboardInterrupt:
        if not played:
            raise
        raise _stopped(scenario, played, folder, f"seed {scenario.seed + len(played)} in another process") from None
    finally:
        beside.close()
    return _result(scenario, played, folder)


def _check_call(scenario: object, seed: object, folder: object, tick: object, seen: object) -> None:
    if not isinstance(scenario, Scenario):
        raise ConfigError(
            f"run: expected a Scenario, got {shown(scenario)}; write sim.run(sim.compose('scenario=intercity'))"
        )
    if isinstance(seed, (str, pathlib.Path)):
        raise ConfigError(f"run: seed = {shown(str(seed))}: expected a whole number; a folder is given as folder=...")
    check_call("run", (), folder=folder)
    for name, function in (("tick", tick), ("seen", seen)):
        if not callable(function):
            raise ConfigError(f"run: {name} = {shown(function)}: expected a function")


def _stopped(scenario: Scenario, played: list[Records], folder: pathlib.Path | None, where: str) -> Interrupted:
    done = f"{where}, after {len(played)} of {scenario.replications} seeds"
    return Interrupted(_result(scenario, played, folder), done)


def _result(scenario: Scenario, played: list[Records], folder: pathlib.Path | None) -> Result:
    first = played[0]
    seeded = {table: _all_seeds(scenario.seed, played, table) for table in first.columns if table != "market"}
    features = seeded["features"]
    features["feature"] = features["seed"].astype(str) + "/" + features["feature"]
    if folder is not None:
        for table, frame in seeded.items():
            name = "replications" if table == "records" else f"replications_{table}"
            write_parquet(frame, folder / f"{name}.parquet", {"seed": SEED} | first.columns[table])
    tables = first.frame("records"), first.frame("market"), first.frame("features")
    purchases = None if first.panel is None else first.panel.frame() if folder is None else folder
    added = {name: frame for name, frame in seeded.items() if name not in TABLES}
    return Result(scenario, *tables, seeded["records"], features, seeded["spending"], added, purchases)


def _all_seeds(seed: int, played: list[Records], table: str) -> pd.DataFrame:
    frames = ((seed + number, records.frame(table)) for number, records in enumerate(played))
    columns = [{"seed": np.full(len(frame), of, np.int64)} | dict(frame.items()) for of, frame in frames]
    return pd.concat([pd.DataFrame(seeded) for seeded in columns], ignore_index=True)
