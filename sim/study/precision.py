"""How many replications are enough: two stages, so that the interval keeps its promise.

Adding replications until the interval looks narrow enough stops too often where the spread happened to come out small,
and then the interval misses the truth more often than it says. Stein's rule looks at the spread once, after the first
batch, and takes neither the number of replications nor the interval's width from anything that came later:

    n = max(first, ceil((t s / d)^2)),   half-width = t s / sqrt(n) <= d

with s the standard deviation and t Student's quantile of the first batch, d the half-width asked for. For normal values
the coverage is exact, whatever n comes out and also where a cap cuts it short, because the mean of normal values does not
depend on their spread.

Source: Stein (1945), Annals of Mathematical Statistics 16, 243-258; why looking on costs coverage, Chow & Robbins (1965),
Annals of Mathematical Statistics 36, 457-462, who have it right only as d falls to 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sim.ground.column import Column
from sim.ground.params import ConfigError, Params, nearest, param
from sim.metrics.interval import holm
from sim.study.unit import of_market, unit

DOTTED = {"share.volume": "share", "share.value": "value_share"}


def column_of(metric: str, known: Mapping[str, Column], where: str = "precision.metric") -> str:
    """Column of the firms' records that a metric's name means; `share.volume` and `share.value` are the two shares.

    known : columns of the firms' records, `sim.market.records.firm_columns` of the scenario.

    Raises
    ------
    ConfigError : no number of that name is recorded of a firm.

    >>> from sim.market.records import FIRMS
    >>> column_of("share.value", FIRMS), column_of("depth", FIRMS)
    ('value_share', 'depth')
    """
    column = DOTTED.get(metric, metric)
    numbers = [name for name, c in known.items() if c.dtype != "str" and name != "period"]
    if column not in numbers and of_market(metric):
        raise ConfigError(
            f"{where} = {metric!r}: recorded of the market, not of a firm; it is in the table market: tables=[firms,market]"
        )
    if column not in numbers:
        raise ConfigError(f"{where} = {metric!r}: not recorded of a firm; {nearest(metric, [*numbers, *DOTTED])}")
    return column


@dataclass(frozen=True, kw_only=True)
class Precision(Params):
    """How well a metric shall be known. All that is compared is meant at once: with k comparisons each is held to
    1 - (1 - confidence) / k (Bonferroni), so the probability that all intervals cover is at least `confidence`.
    """

    metric: str = param("what shall be known: a column of the firms' records", "", source="choice of the user")
    of: Literal["difference", "mean"] = param(
        "differences to the first point, paired by seed, or each point's own mean", "", source="choice of the user"
    )
    half_width: float = param(
        "largest half-width of the intervals", "unit of the metric", low=1e-12, source="register R500"
    )
    confidence: float = param("probability that all intervals cover", "1", low=0.5, high=0.9999, source="register R501")
    first: int = param(
        "replications of the first batch, whose spread decides", "replications", low=2, source="register R502"
    )
    batch: int = param("replications added at a time", "replications", low=1, source="register R503")
    cap: int = param("replications at which a study stops anyway", "replications", low=2, source="register R504")

    @property
    def unit(self) -> str:
        """Unit of the metric behind a space; nothing for a pure number."""
        of = unit(DOTTED.get(self.metric, self.metric))
        return "" if of in ("", "1") else f" {of}"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.cap < self.first:
            raise ConfigError(f"cap = {self.cap} replications: expected first <= cap, and first is {self.first}")


def comparisons(outcomes: pd.DataFrame, metric: str, of: str) -> pd.DataFrame:
    """Values to be known, a row a comparison (point, firm), a column a seed in ascending order; NaN where not known.

    Parameters
    ----------
    outcomes : columns point, seed, firm and the metric, a row a run and firm.
    metric : a column of it. of : "mean", or "difference" to the lowest point, of the same firm and seed.

    Raises
    ------
    ConfigError : differences are asked for and there is only one point.

    >>> runs = pd.DataFrame({"point": [0, 0, 1, 1], "seed": [1, 2, 1, 2], "firm": "a", "share": [0.5, 0.25, 0.75, 0.25]})
    >>> comparisons(runs, "share", "difference").to_numpy().tolist()
    [[0.25, 0.0]]
    """
    wide = outcomes.pivot_table(index=["point", "firm"], columns="seed", values=metric, dropna=False)
    if of == "mean":
        return wide
    points = wide.index.get_level_values("point")
    others, base = wide[points > points.min()], wide.xs(points.min(), level="point")
    if others.empty:
        raise ConfigError("precision.of = 'difference': expected at least two points; a single one has its mean only")
    return others - base.reindex(others.index.get_level_values("firm")).to_numpy()


def _first_stage(values: np.ndarray, precision: Precision) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(comparisons,) number, standard deviation and quantile of the first batch; NaN with fewer than two values."""
    from scipy.stats import t

    values = np.asarray(values, float)[:, : precision.first]
    known = np.isfinite(values)
    count = known.sum(axis=1)
    enough = count > 1
    if not enough.any():
        raise ConfigError(
            f"precision.metric = {precision.metric!r}: known in fewer than two of the first {values.shape[1]} replications;"
            " expected a metric that the study's periods and mechanisms record"
        )
    spread, quantile = np.full((2, len(values)), np.nan)
    spread[enough] = [row[seen].std(ddof=1) for row, seen in zip(values[enough], known[enough], strict=True)]
    quantile[enough] = t.ppf(1 - (1 - precision.confidence) / (2 * enough.sum()), count[enough] - 1)
    return count, spread, quantile


def needed(values: np.ndarray, precision: Precision) -> int:
    """Replications that a study needs in all, in whole batches after the first and at most the cap.

    values : (comparisons, n) what was found so far, replications in the order of their seeds. The answer depends on the
    first batch only, so it stays the same while more are added; before the first batch is complete it is `first`. Where
    only some replications of the first batch know a comparison, as many more are asked for in proportion.

    Raises
    ------
    ConfigError : no comparison is known in two replications of the first batch.

    >>> ask = Precision(metric="share", of="mean", half_width=1.0, confidence=0.95, first=3, batch=5, cap=100)
    >>> needed(np.array([[1.0, 2.0, 3.0]]), ask)  # t = 4.303, s = 1, so 18.5 are needed: 3 and four batches of 5
    23
    """
    if np.shape(values)[1] < precision.first:
        return precision.first
    count, spread, quantile = _first_stage(values, precision)
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = np.ceil((quantile * spread / precision.half_width) ** 2) * precision.first / count
    more = max(float(np.nanmax(wanted)) - precision.first, 0.0) / precision.batch
    return int(min(precision.first + math.ceil(min(more, precision.cap)) * precision.batch, precision.cap))


def interval(values: np.ndarray, precision: Precision) -> pd.DataFrame:
    """Means with Stein's intervals, a row a comparison: mean, low, high, half_width, p, holm, known, met.

    Parameters
    ----------
    values : (comparisons, n) as for `needed`; with n below `first` the interval is Student's.

    Returns
    -------
    low, high : simultaneous limits, each at 1 - (1 - confidence) / k. p : of no difference, two-sided; NaN for means and
    where the first batch does not vary. holm : p corrected by Holm (1979) over the comparisons. known : replications that
    know the value. met : whether the half-width is at most what was asked for.

    Error of the rule: none for normal values. For skewed ones the first batch's spread and mean depend on one another and
    coverage falls below `confidence`; `docs/precision.md` has the measured numbers. A first batch without any variance gives
    an interval of no width, which is right for what draws cannot move and too narrow for what they move rarely.

    >>> ask = Precision(metric="share", of="difference", half_width=1.0, confidence=0.95, first=3, batch=5, cap=100)
    >>> found = interval(np.array([[1.0, 2.0, 3.0]]), ask).iloc[0]
    >>> [round(float(found[name]), 3) for name in ("mean", "half_width", "p")], bool(found["met"])
    ([2.0, 2.484, 0.074], False)
    """
    from scipy.stats import t

    values = np.asarray(values, float)
    first, spread, quantile = _first_stage(values, precision)
    known = np.isfinite(values).sum(axis=1)
    mean = np.where(known > 0, np.nansum(values, axis=1) / np.maximum(known, 1), np.nan)
    error = spread / np.sqrt(np.maximum(known, 1))
    tested = (error > 0) & (precision.of == "difference")
    p = np.full(len(values), np.nan)
    p[tested] = 2 * t.sf(np.abs(mean[tested]) / error[tested], first[tested] - 1)
    half = quantile * error
    columns = {"mean": mean, "low": mean - half, "high": mean + half, "half_width": half, "p": p, "holm": holm(p)}
    return pd.DataFrame(columns | {"known": known, "met": half <= precision.half_width * (1 + 1e-9)})


def words(values: np.ndarray, precision: Precision) -> str:
    """What was reached with how many replications, in one or two sentences that name the correction.

    >>> ask = Precision(metric="share", of="mean", half_width=1.0, confidence=0.95, first=3, batch=5, cap=3)
    >>> words(np.array([[1.0, 2.0, 3.0]]), ask)
    'The cap stopped it: with 3 replications the mean of share is known to within 2.5, not within 1, with 95 % confidence.'
    """
    values = np.asarray(values, float)
    found, played = interval(values, precision), values.shape[1]
    judged, of = found[found["half_width"].notna()], precision.unit
    widest = judged["half_width"].max()
    known = f"{played} replications the {precision.of} of {precision.metric} is known to within {widest:.2g}{of}"
    sure = f"with {100 * precision.confidence:g} % confidence"
    if judged["met"].all():
        told = f"Met: with {known} (asked: {precision.half_width:g}{of}), {sure}"
    else:
        reason = "The cap stopped it" if played >= precision.cap else "Not met"
        told = f"{reason}: with {known}, not within {precision.half_width:g}{of}, {sure}"
    if len(judged) > 1:
        told += f" for all {len(judged)} comparisons together (intervals by Bonferroni, p-values by Holm)"
    unknown = len(found) - len(judged)
    silent = f" {unknown} of {len(found)} comparisons are known in fewer than two of the first replications." * (
        unknown > 0
    )
    return f"{told}.{silent}"
