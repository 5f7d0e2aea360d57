"""A study on one page: pictures, what each point came to, what failed, and where it comes from."""

from __future__ import annotations

import pathlib
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sim.ground.params import ConfigError, nearest
from sim.ground.units import words_of
from sim.pages import effects, html, response
from sim.pages.axes import empty, grid, in_words
from sim.study import measures
from sim.study.declared import Name, names, short
from sim.study.plan import chosen_by
from sim.study.unit import gap_unit, level_unit
from sim.world.contested import rivals

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.study.factor import Factor
    from sim.study.store import Study

FIRMS, ROWS, MOST, ERRORS, LONG = 6, 60, 3000, 10, 400
METRICS = ("share", "profit")


def _followed(outcomes: pd.DataFrame) -> dict[str, str]:
    """The strategy of every firm; of one that follows another at other points, that it is moved."""
    found = outcomes.groupby("firm", sort=False)["strategy"].unique()
    return {firm: names[0] if len(names) == 1 else "strategy moved" for firm, names in found.items()}


def _contested(outcomes: pd.DataFrame) -> dict[str, str]:
    """Firms that follow a strategy, with it, at most six, the largest studies' first; all firms if none does."""
    known = _followed(outcomes)
    moving = {firm: strategy for firm, strategy in known.items() if strategy != "fixed"}
    return dict(list((moving or known).items())[:FIRMS])


def _strategies(outcomes: pd.DataFrame, firms: Sequence[str] | None) -> dict[str, str]:
    if firms is None:
        return _contested(outcomes)
    known = _followed(outcomes)
    for firm in firms:
        if firm not in known:
            raise ConfigError(f"firms: {firm}: no such firm in the study; {nearest(str(firm), known)}")
    return {firm: known[firm] for firm in firms}


def _words(study: Study) -> Mapping[str, str]:
    """Words of the market, or plain ones if the study goes over markets of several kinds."""
    first, *others = (base["population"]["words"] for base in study.header["bases"])
    return measures.PLAIN if any(other != first for other in others) else first


def _without_accounts(study: Study, rows: pd.DataFrame) -> pd.Series:
    """Which rows are of firms without a strategy outside the contested mode: their accounts are not modelled."""
    modes = ({name: firm["mode"] for name, firm in base["firms"].items()} for base in study.header["bases"])
    contested = {name for of in modes for name in rivals(of)}
    return (rows["strategy"] == "fixed") & ~rows["firm"].isin(contested)


def _measure(study: Study, metric: str, to: int | None) -> response.Measure:
    name = measures.name(metric, _words(study))
    if to is None:
        return response.Measure(metric, name, level_unit(metric)[0])
    return response.Measure(metric, name, gap_unit(metric)[0], _told(study, to))


def _told(study: Study, point: int) -> str:
    """A point with the values of its factors, in words."""
    names = [factor.name for factor in study.factors]
    values = study.runs[study.runs["point"] == point].iloc[0][names]
    pairs = zip(short(names), values, strict=True)
    told = ", ".join(f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in pairs)
    return f"point {point} ({told})"


def _outcomes(study: Study, metrics: Sequence[str], to: int | None) -> pd.DataFrame:
    """Outcomes as people read them, parts of a whole in per cent; or their differences to a point, in points."""
    outcomes = study.outcomes(list(metrics))
    if to is None:
        return outcomes.assign(**{metric: outcomes[metric] * level_unit(metric)[1] for metric in metrics})
    if to not in set(outcomes["point"]):
        known = f"{outcomes['point'].min()} to {outcomes['point'].max()}"
        raise ConfigError(f"to: point {to} has no complete run in the study; expected one of {known}")
    gaps = response.against(outcomes, metrics, to)
    return gaps.assign(**{metric: gaps[metric] * gap_unit(metric)[1] for metric in metrics})


def compared(study: Study) -> bool:
    """Whether points are drawn one by one, so that their differences to one of them can be read."""
    factors = study.factors
    return len(factors) == 1 or (len(factors) == 2 and not any(factor.continuous for factor in factors))


def picture(study: Study, metric: str, firms: Sequence[str] | None = None, to: int | None = None) -> Figure:
    """A metric over what the study moves, with 95 % intervals over seeds, by firm.

    No factor: month by month. One: against it. Two on a grid: a heat map a firm. Else: against each factor by itself.

    Parameters
    ----------
    study : the study. metric : a column of the firms' records. firms : whom to draw; None for those with a strategy.
    to : a point, to draw differences to it, seed by seed; None for levels.

    Raises
    ------
    ConfigError : no run is complete, a firm is not in the study, or the point is not or has no complete run.
    """
    if not (study.runs["status"] == "complete").any():
        raise ConfigError(f"study {study.folder}: no run is complete, so there is nothing to draw")
    factors = list(study.factors)
    to = to if factors else None
    outcomes, measure = _outcomes(study, [metric], to), _measure(study, metric, to)
    strategies = _strategies(outcomes, firms)
    outcomes = outcomes[outcomes["firm"].isin(list(strategies))]
    if outcomes[metric].isna().all():
        figure, (axis,) = grid(1, 1, 1.5)
        empty(axis, f"{measure.heading}: the runs are too short for this measure")
        return figure
    if not factors:
        rows = study.frame("firms", ["period", "firm", metric])
        rows = rows[rows["firm"].isin(list(strategies))].merge(study.runs[["run", "seed"]], on="run")
        rows = rows.assign(**{metric: rows[metric] * level_unit(metric)[1]})
        return response.over_months(rows, measure, strategies)
    if len(factors) == 1:
        return response.along_one(outcomes, measure, factors[0], strategies, names(study))
    if compared(study):
        return response.over_two(outcomes, measure, tuple(factors), strategies, names(study))
    return effects.against_each(outcomes, measure, factors, strategies, names(study))


def numbers(study: Study, metrics: Sequence[str], to: int | None = None) -> pd.DataFrame:
    """Last-year means of every point and firm with the half-widths of their 95 % intervals over seeds, as numbers.

    to : a point, for differences to it, seed by seed, of parts of a whole in points; None for levels, fractions of 1.

    Returns point, the factors, firm, strategy, seeds, then each metric and `<metric>_half` (NaN with one seed).
    """
    outcomes = study.outcomes(list(metrics)) if to is None else _outcomes(study, metrics, to)
    by = ["point", *(factor.name for factor in study.factors), "firm", "strategy"]
    frame = outcomes.groupby(by, sort=False, dropna=False)["seed"].nunique().rename("seeds").reset_index()
    for metric in metrics:
        found = response.means(outcomes, by, metric).drop(columns="seeds")
        frame = frame.merge(found.rename(columns={"mean": metric, "half": f"{metric}_half"}), on=by, how="left")
    return frame.sort_values("point", kind="stable", ignore_index=True)


def table(study: Study, metrics: Sequence[str] = METRICS, to: int | None = None) -> pd.DataFrame:
    """The same as text with the half-width behind ±, for a terminal or a page; accounts that are not modelled are a dash."""
    frame = numbers(study, metrics, to)
    told = frame.drop(columns=[c for metric in metrics for c in (metric, f"{metric}_half")])
    for metric in metrics:
        measure, times = _measure(study, metric, to), level_unit(metric)[1] if to is None else 1.0
        pairs = zip(frame[metric] * times, frame[f"{metric}_half"] * times, strict=True)
        cells = [_cell(mean, half, measure) for mean, half in pairs]
        told[measure.title] = cells
        if metric == "profit":
            told.loc[_without_accounts(study, frame), measure.title] = measures.UNKNOWN
    return told


def _cell(mean: float, half: float, measure: response.Measure) -> str:
    if measure.to:
        return measures.give_or_take(mean, half, measure.unit, signed=True)
    text = measures.number(mean, measure.unit)
    return text if pd.isna(half) or pd.isna(mean) else f"{text} ±{measures.number(half, measure.unit)}"


def brief(rows: pd.DataFrame, called: Mapping[str, Name] | None = None) -> pd.DataFrame:
    """A table of points as it is read: factors under their names with units, told once a point; no strategies, no seeds."""
    where = list(rows.columns[: list(rows.columns).index("firm")])  # the point, and the factors
    told = rows.drop(columns=["strategy", "seeds"]).map(lambda v: f"{v:.4g}" if isinstance(v, float) else str(v))
    told.loc[rows["point"].duplicated(), where] = ""
    titles = dict(zip(where, short(where), strict=True)) | {name: of.heading for name, of in (called or {}).items()}
    return told.rename(columns=titles)


def failures(study: Study) -> pd.DataFrame:
    """Runs that did not complete: the first of their points, factors, seed, status and the first line of the error."""
    names = [factor.name for factor in study.factors]
    runs = study.runs.drop_duplicates("run")
    failed = runs[runs["status"] != "complete"]
    first = failed["error"].fillna("").astype(str).str.split("\n").str[0]
    return failed[["point", *names, "seed", "status"]].assign(error=first).sort_values(["point", "seed"])


def _about(study: Study) -> dict[str, str]:
    """The catalogue as facts: what moved over which values, then the rest; configurations are left to the file itself."""
    moved = {f"factor {factor.name}": _over(factor) for factor in study.factors}
    rest = {key: _plain(value) for key, value in study.header.items() if key not in ("factors", "bases", "format")}
    return {key: textwrap.shorten(text, LONG, placeholder=" …") for key, text in (moved | rest).items()}


def _over(factor: Factor) -> str:
    if factor.levels is None:
        return f"{factor.low:g} to {factor.high:g}"
    return ", ".join(str(level) for level in factor.levels)


def _plain(value: object) -> str:
    """A value of the catalogue without brackets and quotes.

    >>> _plain({"_target_": "sim.study.design.sobol.Sobol", "samples": 64}), _plain(["a=1", "b=2"])
    ('sobol, samples 64', 'a=1, b=2')
    """
    if isinstance(value, Mapping):
        told = (chosen_by(item) if key == "_target_" else f"{key} {item}" for key, item in value.items())
        return ", ".join(told)
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _cautions(study: Study) -> list[str]:
    """What speaks against reading the study as it stands: runs that failed, damaged files, one seed a point."""
    bad, runs = failures(study), study.runs["run"].nunique()
    told = [f"chunk {name} is damaged ({why}) and its runs are left out." for name, why in study.damaged.items()]
    if len(bad):
        counts = ", ".join(f"{count} {status}" for status, count in bad["status"].value_counts().items())
        told.append(f"{len(bad):,} of {runs:,} runs did not complete ({counts}) and are in no picture and no mean.")
    elif runs and study.runs.groupby("point")["seed"].nunique().max() < 2:
        told.append("one seed a point says nothing about chance; replications= plays more.")
    return [f"Caution: {caution}" for caution in told]


def _failed(study: Study) -> list[str]:
    """The first of the runs that failed, folded; nothing if none did."""
    rows = failures(study)
    shown = f"the first {ERRORS} of {len(rows):,}" if len(rows) > ERRORS else f"{len(rows):,}"
    return [html.folded(f"Runs that failed: {shown}", [html.table(rows.head(ERRORS), "words")])] * (not rows.empty)


CAPTIONS = {
    "levels": "Levels, each with its own interval.",
    "differences": "Differences that the same seeds make: points of one seed share their draws, so chance cancels.",
    "by itself": "Lines and bars with intervals: what a factor does by itself, fitted to all factors at once; an interval is of "
    "the distance to the mean over all points, seed by seed. Dots: points, what the other factors do taken away.",
}


def _pictures(study: Study, metrics: Sequence[str], first: int) -> list[str]:
    words = words_of(*study.header["bases"])
    drawn = [(metric, to) for metric in metrics for to in ((None, first) if compared(study) else (None,))]
    parts = []
    for number, (metric, to) in enumerate(drawn, 1):
        kind = "levels" if len(study.factors) < 2 or compared(study) else "by itself"
        name, figure = measures.heading(metric, _words(study)), in_words(picture(study, metric, to=to), words)
        kind = kind if to is None else "differences"
        parts.append(html.picture(figure, number, name, f"{name}. {CAPTIONS[kind]}"))
    return parts


def _tables(study: Study, metrics: Sequence[str], first: int) -> list[str]:
    """Every point's levels, and where factors have levels the differences of every point to the first, seed by seed."""
    rows = table(study, metrics)
    parts = [html.heading("The last year, point by point"), *_listed(study, rows)]
    parts.append(html.note("Mean over seeds ± half-width of the 95 % interval."))
    if not study.factors or any(factor.continuous for factor in study.factors):
        return parts
    gaps = table(study, metrics, first)
    gaps = gaps[gaps["firm"].isin(list(_contested(gaps))) & (gaps["point"] != first)]
    parts += [html.heading(f"Differences to {_told(study, first)}"), *_listed(study, gaps)]
    told = "Seed by seed, then the mean ± half-width of the 95 % interval, of each difference by itself; differentia compare "
    parts.append(html.note(f"{told}{study.folder} corrects for reading so many together."))
    return parts


def _listed(study: Study, rows: pd.DataFrame) -> list[str]:
    """A table of points: the first rows, then the others folded; of very many the file has the rest."""
    called, more = names(study), rows.iloc[ROWS:MOST]
    parts = [html.table(brief(rows.head(ROWS), called))]
    if len(more):
        parts.append(html.folded(f"{len(more):,} more rows", [html.table(brief(more, called))]))
    if len(rows) > MOST:
        parts.append(html.note(f"{len(rows) - MOST:,} more rows are in study.csv."))
    return parts


def page(study: Study, metrics: Sequence[str] = METRICS) -> str:
    """The whole page as text: what was played, cautions, pictures, what each point came to; failures and provenance folded."""
    name, complete = study.folder.name, study.runs[study.runs["status"] == "complete"]
    points, runs = study.runs[["point", "run"]].nunique()
    moved = ", ".join(factor.name for factor in study.factors) or "nothing"
    played = f"{points:,} points, {runs:,} runs, {complete['run'].nunique():,} complete. Moved: {moved}."
    parts = [html.heading(f"Study {name}", 1), html.listed([played, *_cautions(study)])]
    if len(complete):
        first = int(complete.groupby("point")["seed"].nunique().idxmax())  # of the points with most seeds
        parts += [html.heading("Pictures"), *_pictures(study, metrics, first), *_tables(study, metrics, first)]
    parts += [*_failed(study), html.folded("Where this comes from", [html.facts(_about(study))])]
    return html.document(f"study {name}", parts, words_of(*study.header["bases"]))


def write(study: Study, path: pathlib.Path, metrics: Sequence[str] = METRICS) -> pathlib.Path:
    """Write the page; it is complete or not there."""
    return html.save(page(study, metrics), pathlib.Path(path))
