"""Every point of a stored study held against its first one: what to ask of a study of more than two points."""

from __future__ import annotations

import pathlib
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sim.ground.found import Found
from sim.ground.params import ConfigError
from sim.ground.units import told, words_of
from sim.study.answers.comparison import CONFIDENCE, facts_of, spoilt
from sim.study.answers.contrast import each_against
from sim.study.store import Study
from sim.world.contested import contested_of

MOST = 500  # points


@dataclass(frozen=True, repr=False)
class Cells(Found):
    """What the points of one study say when each is held against the first of them.

    Attributes
    ----------
    study : where the points were played. names : the points; the others are held against the first of them. words : none.
    contrasts : a row a point, metric and contested firm, see `sim.study.answers.contrast.contrasts`, with the point as arm; holm is
        over all rows. points : the values of the factors, a row a point. verdicts : how to read them, in sentences.
    """

    study: Study
    names: tuple[int, ...]
    words: dict[int, str]
    contrasts: pd.DataFrame
    points: pd.DataFrame
    verdicts: list[str]
    contested: list[str]
    scenario_words: dict[str, str]
    facts: dict[str, str]
    confidence: float = CONFIDENCE

    def __repr__(self) -> str:
        return f"Cells of {self.study.folder}, {len(self.names)} points: .contrasts, .verdicts; sim.report(it, folder)"

    @property
    def folder(self) -> pathlib.Path:
        """Where the study lies."""
        return self.study.folder


def cells(study: Study, points: Sequence[int], metrics: Sequence[str]) -> Cells:
    """Hold points of a study against the first of those that have most seeds.

    points : of the study, with a complete run each. metrics : columns of the firms' records.

    Raises
    ------
    ConfigError : points that are drawn from intervals, or too many of them; the line says how two are compared.
    """
    how = two(study, points)
    if any(factor.continuous for factor in study.factors) or len(points) > MOST:
        raise ConfigError(
            f"compare {study.folder}: {len(points):,} points; expected a grid of at most {MOST} to hold all against one; "
            f"for two of them: {how}; for all of them: differentia analyse {shlex.quote(str(study.folder))}"
        )
    outcomes = study.outcomes(metrics)
    outcomes = outcomes[outcomes["point"].isin(points)]
    asked, points = len(points), [point for point in points if point in set(outcomes["point"])]
    if len(points) < 2:
        raise ConfigError(f"compare {study.folder}: of {asked} points {len(points)} has a complete run; expected two at least")
    first = int(outcomes.groupby("point")["seed"].nunique().idxmax())
    order = [first, *(point for point in points if point != first)]
    scenario = study.scenario(first)
    contested = list(contested_of(scenario, dict(zip(outcomes["firm"], outcomes["strategy"], strict=True))))
    rows = outcomes[outcomes["firm"].isin(contested)].rename(columns={"point": "arm"})
    table = each_against(rows, first, order[1:], metrics, CONFIDENCE)
    place = table["firm"].map({firm: place for place, firm in enumerate(contested)})
    table = table.assign(place=place).sort_values(["arm", "place"], kind="stable", ignore_index=True).drop(columns="place")
    names = [factor.name for factor in study.factors]
    values = study.runs.drop_duplicates("point").set_index("point").loc[order, names]
    return Cells(
        study=study,
        names=tuple(order),
        words={},
        contrasts=table,
        points=values,
        verdicts=[
            *(f"Caution: {why}" for why in [*spoilt([study]), *_lost(asked, points)]),
            *(told(line, words_of(*study.header["bases"])) for line in _told(study, table, values, how)),
        ],
        contested=contested,
        scenario_words=dict(scenario.population.words),
        facts=facts_of(scenario, outcomes, [study]),
    )


def _lost(asked: int, points: Sequence[int]) -> list[str]:
    """That points without a complete run are left out, if there are any."""
    return [f"{asked - len(points)} of {asked} points have no complete run and are left out."] * (len(points) < asked)


def _told(study: Study, table: pd.DataFrame, values: pd.DataFrame, how: str) -> list[str]:
    first = values.index[0]
    at = ", ".join(f"{name}={_plain(value)}" for name, value in values.loc[first].items())
    tested, seeds = int(table["p"].notna().sum()), int(table[["seeds_a", "seeds_b"]].max().max())
    clear = int((table["holm"] < 1 - CONFIDENCE).sum())
    same = int((table["p"].isna() & (table["difference"].abs() > 0) & (table["pairs"] > 1)).sum())
    sure = (
        f"{100 * CONFIDENCE:g} % intervals over {seeds} seeds, paired by seed; corrected by Holm, {clear} of {tested} "
        f"differences are told from zero{f', {same} more are the same in every seed' if same else ''}"
        if seeds > 1
        else "one seed says nothing about chance"
    )
    opening = f"{len(values)} points of {study.folder}, each against point {first} ({at}): {sure}."
    return [opening, f"Two of them, with their paths over the months and who moved from whom: {how}"]


def two(study: Study, points: Sequence[int]) -> str:
    """The command that compares two points of a study: the first of these, and one that differs from it in one factor if any does.

    The first factor's values are named twice, the others' once where all agree.
    """
    names = [factor.name for factor in study.factors]
    rows = study.runs.drop_duplicates("point").set_index("point").loc[list(points), names]
    one = rows.iloc[0]
    other = rows.iloc[1:].loc[(rows.iloc[1:] != one).sum(axis=1).sort_values(kind="stable").index].iloc[0]
    words = [_word(name, one) if one[name] == other[name] else f"{_word(name, one)} {_word(name, other)}" for name in names]
    return f"differentia compare {shlex.quote(str(study.folder))} {' '.join(words)}"


def _word(name: str, values: Mapping[str, object]) -> str:
    return shlex.quote(f"{name}={_plain(values[name])}")


def _plain(value: object) -> object:
    """A factor's value as it is written; the store keeps whole numbers as floats where another point has none."""
    return int(value) if isinstance(value, float) and value.is_integer() else value
