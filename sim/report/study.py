"""A study on one page: pictures, what each point came to, what failed, and where it comes from."""

from __future__ import annotations

import pathlib
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from sim.params import ConfigError, nearest
from sim.report import html, measures, response
from sim.study.plan import chosen_by

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.questions.study import Study
    from sim.study.factor import Factor

FIRMS, ROWS, ERRORS, LONG = 6, 60, 10, 400
METRICS = ("share", "profit")


def _contested(outcomes: pd.DataFrame) -> dict[str, str]:
    """Firms that follow a strategy, with it, at most six, the largest studies' first; all firms if none does."""
    known = dict(zip(outcomes["firm"], outcomes["strategy"], strict=True))
    moving = {firm: strategy for firm, strategy in known.items() if strategy != "fixed"}
    return dict(list((moving or known).items())[:FIRMS])


def _strategies(outcomes: pd.DataFrame, firms: Sequence[str] | None) -> dict[str, str]:
    if firms is None:
        return _contested(outcomes)
    known = dict(zip(outcomes["firm"], outcomes["strategy"], strict=True))
    for firm in firms:
        if firm not in known:
            raise ConfigError(f"firms: {firm}: no such firm in the study; {nearest(str(firm), known)}")
    return {firm: known[firm] for firm in firms}


def picture(study: Study, metric: str, firms: Sequence[str] | None = None) -> Figure:
    """A metric over what the study moves, with 95 % intervals over seeds, by firm.

    No factor: month by month. One: against it. Two on a grid: a heat map a firm. Else: at every point against each.

    Parameters
    ----------
    study : the study. metric : a column of the firms' records. firms : whom to draw; None for those with a strategy.

    Raises
    ------
    ConfigError : no run is complete, or a firm is not in the study.
    """
    if not (study.runs["status"] == "complete").any():
        raise ConfigError(f"study {study.folder}: no run is complete, so there is nothing to draw")
    outcomes = study.outcomes([metric])
    strategies, factors = _strategies(outcomes, firms), list(study.factors)
    outcomes = outcomes[outcomes["firm"].isin(list(strategies))]
    if not factors:
        rows = study.frame("firms", ["period", "firm", metric])
        rows = rows[rows["firm"].isin(list(strategies))].merge(study.runs[["run", "seed"]], on="run")
        return response.over_months(rows, metric, strategies)
    if len(factors) == 1:
        return response.along_one(outcomes, metric, factors[0], strategies)
    if len(factors) == 2 and not any(factor.continuous for factor in factors):
        return response.over_two(outcomes, metric, tuple(factors), strategies)
    return response.against_each(outcomes, metric, factors, strategies)


def numbers(study: Study, metrics: Sequence[str]) -> pd.DataFrame:
    """Last-year means of every point and firm with the half-widths of their 95 % intervals over seeds, as numbers.

    Returns point, the factors, firm, strategy, seeds, then each metric and `<metric>_half` (NaN with one seed).
    """
    outcomes = study.outcomes(list(metrics))
    by = ["point", *(factor.name for factor in study.factors), "firm", "strategy"]
    frame = outcomes.groupby(by, sort=False, dropna=False)["seed"].nunique().rename("seeds").reset_index()
    for metric in metrics:
        found = response.means(outcomes, by, metric).drop(columns="seeds")
        frame = frame.merge(found.rename(columns={"mean": metric, "half": f"{metric}_half"}), on=by, how="left")
    return frame.sort_values("point", kind="stable", ignore_index=True)


def table(study: Study, metrics: Sequence[str] = METRICS) -> pd.DataFrame:
    """The same as text with the half-width behind ±, for a terminal or a page."""
    frame = numbers(study, metrics)
    told = frame.drop(columns=[c for metric in metrics for c in (metric, f"{metric}_half")])
    for metric in metrics:
        unit = measures.unit(metric)
        pairs = zip(frame[metric], frame[f"{metric}_half"], strict=True)
        told[measures.title(metric)] = [_with_half(mean, half, unit) for mean, half in pairs]
    return told


def brief(rows: pd.DataFrame) -> pd.DataFrame:
    """A table of points as it is read: factors by the end of their name, told once a point; no strategies, no seeds."""
    where = list(rows.columns[: list(rows.columns).index("firm")])  # the point, and the factors
    told = rows.drop(columns=["strategy", "seeds"]).map(lambda v: f"{v:.4g}" if isinstance(v, float) else str(v))
    told.loc[rows["point"].duplicated(), where] = ""
    return told.rename(columns=dict(zip(where, short(where), strict=True)))


def short(names: Sequence[str]) -> list[str]:
    """The last parts of dotted names, as many as tell them apart.

    >>> short(["firms.thrift.markup", "firms.echo.markup", "mechanism.imitation.lag"])
    ['thrift markup', 'echo markup', 'lag']
    """
    parts, shown = {name: name.split(".") for name in names}, dict.fromkeys(names, 1)
    while True:
        told = {name: " ".join(parts[name][-shown[name] :]).replace("_", " ") for name in names}
        same = [n for n in names if list(told.values()).count(told[n]) > 1 and shown[n] < len(parts[n])]
        if not same:
            return list(told.values())
        for name in same:
            shown[name] += 1


def _with_half(mean: float, half: float, unit: str) -> str:
    text = measures.number(mean, unit)
    return text if pd.isna(half) or pd.isna(mean) else f"{text} ±{measures.number(half, unit)}"


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


def _failed(study: Study) -> list[str]:
    rows = failures(study)
    if rows.empty:
        return [html.note(f"All {study.runs['run'].nunique():,} runs completed.")]
    more = f"; the first {ERRORS} are shown" if len(rows) > ERRORS else ""
    counts = ", ".join(f"{count} {status}" for status, count in rows["status"].value_counts().items())
    told = f"{len(rows):,} of {study.runs['run'].nunique():,} runs did not complete ({counts}) and are in no picture and no mean{more}."
    return [html.note(told), html.table(rows.head(ERRORS), "words")]


def _pictures(study: Study, metrics: Sequence[str]) -> list[str]:
    parts = []
    for number, metric in enumerate(metrics, 1):
        caption = f"{measures.heading(metric)}; {response.sure(study.outcomes([metric]))}."
        parts.append(html.picture(picture(study, metric), number, measures.name(metric), caption))
    return parts


def page(study: Study, metrics: Sequence[str] = METRICS) -> str:
    """The whole page as text: what was played, pictures, table, failures, provenance."""
    name, (points, runs) = study.folder.name, study.runs[["point", "run"]].nunique()
    complete, moved = runs - len(failures(study)), ", ".join(factor.name for factor in study.factors) or "nothing"
    parts = [
        html.heading(f"Study {name}", 1),
        html.note(f"{points:,} points, {runs:,} runs, {complete:,} complete. Moved: {moved}."),
    ]
    if complete:
        rows = table(study, metrics)
        parts += [html.heading("Pictures"), *_pictures(study, metrics), html.heading("The last year, point by point")]
        parts.append(html.table(brief(rows.head(ROWS))))
        more = (
            f" {len(rows) - ROWS:,} more rows are in study.csv, with strategies and seeds." if len(rows) > ROWS else ""
        )
        parts.append(html.note(f"Mean over seeds ± half-width of the 95 % interval.{more}"))
    parts += [html.heading("Runs that failed"), *_failed(study)]
    parts += [html.heading("Where this comes from"), html.facts(_about(study))]
    return html.document(f"study {name}", parts)


def write(study: Study, path: pathlib.Path, metrics: Sequence[str] = METRICS) -> pathlib.Path:
    """Write the page; it is complete or not there."""
    return html.save(page(study, metrics), pathlib.Path(path))
