"""How a metric answers to the factors of a study: pictures for no, one and two factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import CenteredNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.metrics.interval import by_period, half_width
from sim.pages.axes import SMALL, grid, headline, keyed, name_lines
from sim.pages.style import Look, looks
from sim.study import measures
from sim.study.declared import Name
from sim.study.factor import Factor

FEW, CELLS = 24, 48
EXACT = 1e-12  # of a mean: a smaller half-width is rounding


@dataclass(frozen=True)
class Measure:
    """What a picture of a study shows.

    Attributes
    ----------
    column : of the outcomes. name : in the words of the market. unit : of the column's numbers.
    to : the point from which differences are taken, in words; "" for levels.
    """

    column: str
    name: str
    unit: str
    to: str = ""

    @property
    def title(self) -> str:
        """Name and unit, for an axis or a column."""
        told = f"difference of {self.name}" if self.to else self.name
        return f"{told} [{self.unit}]" if self.unit else told

    @property
    def heading(self) -> str:
        """Name as the first words of a sentence."""
        return f"{self.name[0].upper()}{self.name[1:]}"

    def headed(self, rest: str) -> str:
        """The title of a picture of the last year: what is drawn, then the rest."""
        minus = f" minus that of {self.to}, seed by seed;\n" if self.to else "; "
        return f"{self.heading}, mean of the last year{minus}{rest}"


def against(outcomes: pd.DataFrame, metrics: Sequence[str], point: int) -> pd.DataFrame:
    """The metrics minus what the same firm had at a point with the same seed; NaN where that is not known.

    >>> runs = pd.DataFrame({"point": [0, 1], "seed": 7, "firm": "a", "share": [0.25, 0.5]})
    >>> against(runs, ["share"], 0)["share"].tolist()
    [0.0, 0.25]
    """
    pairs = ["seed", "firm"]
    first = outcomes[outcomes["point"] == point].set_index(pairs)[list(metrics)]
    return outcomes.assign(**outcomes[[*metrics]] - first.reindex(pd.MultiIndex.from_frame(outcomes[pairs])).to_numpy())


def means(outcomes: pd.DataFrame, by: Sequence[str], metric: str) -> pd.DataFrame:
    """Mean of a metric over seeds with the half-width of its 95 % interval, a row a combination of `by`.

    Returns the columns of `by`, then mean, half (NaN with one seed), seeds.

    >>> runs = pd.DataFrame({"point": [0, 0, 0], "share": [1.0, 2.0, 3.0]})
    >>> means(runs, ["point"], "share").round(3).to_numpy().tolist()
    [[0.0, 2.0, 2.484, 3.0]]
    """
    grouped = outcomes.dropna(subset=metric).groupby(list(by), sort=False, observed=True)[metric]
    found = grouped.agg(mean="mean", half=half_width, seeds="count").reset_index()
    return found.assign(half=found["half"].mask(found["half"] <= EXACT * found["mean"].abs(), 0.0))


def numeric(factor: Factor) -> bool:
    """Whether a factor's values are numbers, so that they have places on an axis."""
    kinds = (int, float, np.integer, np.floating)
    levels = factor.levels or ()
    return factor.continuous or all(isinstance(v, kinds) and not isinstance(v, bool) for v in levels)


def places(factor: Factor, values: Sequence) -> list[int]:
    """Position of each value among a factor's levels, also where a store has kept them as text.

    >>> lag = Factor(name="lag", keys=("lag",), levels=(3, "none"), low=0, high=0, whole=False, words={})
    >>> places(lag, ["none", "3", 3.0])
    [1, 0, 0]
    """
    known = {str(level): place for place, level in enumerate(factor.levels)}
    known |= {level: place for place, level in enumerate(factor.levels)}
    return [known[value] for value in values]


def sure(outcomes: pd.DataFrame) -> str:
    """How sure a picture is: over how many seeds a point its 95 % intervals are."""
    seeds = outcomes.groupby("point")["seed"].nunique()
    if seeds.empty or seeds.max() < 2:
        return "one seed a point, no interval"
    low, high = seeds.min(), seeds.max()
    return f"95 % intervals over {low if low == high else f'{low} to {high}'} seeds a point"


def over_months(rows: pd.DataFrame, measure: Measure, strategies: Mapping[str, str]) -> Figure:
    """The metric month by month with its band, by firm; rows: seed, period, firm, metric."""
    figure, (axis,) = grid(1, 1, 3.2)
    frame, ends = by_period(rows, measure.column), {}
    for firm, look in looks(strategies).items():
        line = frame[frame["firm"] == firm].dropna(subset="mean")
        if len(line):
            band(axis, line["period"], line, look)
            ends[firm] = line["period"].iloc[-1], line["mean"].iloc[-1]
    if frame["period"].nunique() > 1:
        axis.set_xlim(frame["period"].min(), frame["period"].max())
    name_lines(axis, ends)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set(xlabel="month", ylabel=measure.title)
    seeds = rows["seed"].nunique()
    told = f"95 % intervals over {seeds} seeds" if seeds > 1 else "one seed, no interval"
    headline(figure, f"{measure.heading} by month, mean over seeds; bands: {told}")
    return figure


def band(axis: Axes, x: Sequence, line: pd.DataFrame, look: Look) -> None:
    """A line with its band; line: mean, low, high."""
    axis.plot(
        x, line["mean"], color=look.colour, ls=look.line, lw=1.7, marker=look.marker, ms=5, markevery=_every(line)
    )
    axis.fill_between(x, line["low"], line["high"], color=look.colour, alpha=0.15, lw=0)


def _every(line: pd.DataFrame) -> int:
    """Which points get a marker: all of a few, else every sixth part of the line."""
    return 1 if len(line) <= FEW else len(line) // 6


def along_one(
    outcomes: pd.DataFrame, measure: Measure, factor: Factor, strategies: Mapping[str, str], called: Mapping[str, Name]
) -> Figure:
    """The metric against one factor with its 95 % band over seeds, by firm; named levels side by side with bars."""
    figure, (axis,) = grid(1, 1, 3.4)
    found, numbers = means(outcomes, [factor.name, "firm"], measure.column), numeric(factor)
    if measure.to:
        axis.axhline(0, color="black", lw=0.7)
    ends, style = {}, looks(strategies)
    for number, (firm, look) in enumerate(style.items()):
        line = found[found["firm"] == firm]
        if line.empty:
            continue
        if numbers:
            line = line.sort_values(factor.name)
            half = line["half"]
            band(axis, line[factor.name], line.assign(low=line["mean"] - half, high=line["mean"] + half), look)
            ends[firm] = line[factor.name].iloc[-1], line["mean"].iloc[-1]
        else:
            dots(axis, beside(factor, line, number, len(style)), line, look)
    if numbers and ends:
        name_lines(axis, ends)
    if not numbers:
        axis.set_xticks(range(len(factor.levels)), [str(level) for level in factor.levels])
        axis.set_xlim(-0.5, len(factor.levels) - 0.5)
        legend(figure, strategies)
    axis.set(xlabel=called[factor.name].label.replace("\n", " "), ylabel=measure.title)
    headline(figure, measure.headed(sure(outcomes)))
    return figure


def beside(factor: Factor, line: pd.DataFrame, number: int, firms: int) -> np.ndarray:
    """Places of named levels, each firm a little beside the others."""
    return np.array(places(factor, line[factor.name])) + (number - (firms - 1) / 2) * 0.12


def dots(axis: Axes, x: Sequence, line: pd.DataFrame, look: Look) -> None:
    """Means with their intervals as bars; line: mean, half."""
    bars = {"elinewidth": 1.0, "mec": "black", "mew": 0.4, "ms": 7}
    axis.errorbar(x, line["mean"], yerr=line["half"].fillna(0.0), fmt=look.marker, color=look.colour, **bars)


def legend(figure: Figure, strategies: Mapping[str, str]) -> None:
    """Every firm with its strategy below a figure."""
    handles = [
        Line2D(
            [], [], color=look.colour, marker=look.marker, ls=look.line, mec="black", mew=0.4,
            label=keyed(f"{firm} ({strategies[firm]})"),
        )
        for firm, look in looks(strategies).items()
    ]  # fmt: skip
    columns = min(len(handles), int(figure.get_figwidth() // 2.1))
    figure.legend(handles=handles, loc="outside lower center", ncols=columns, fontsize=SMALL, frameon=False)


def over_two(
    outcomes: pd.DataFrame,
    measure: Measure,
    factors: tuple[Factor, Factor],
    strategies: Mapping[str, str],
    called: Mapping[str, Name],
) -> Figure:
    """The metric over a grid of two factors, a heat map a firm, all in one scale; cells hold the mean over seeds."""
    across, up = factors
    figure, axes = grid(len(strategies), 3, 0.7 + (0.44 if measure.to else 0.34) * min(len(up.levels), 12))
    found = means(outcomes, [across.name, up.name, "firm"], measure.column)
    found = found.assign(x=places(across, found[across.name]), y=places(up, found[up.name]))
    colours = {"cmap": "cividis", "norm": Normalize(found["mean"].min(), found["mean"].max())}
    if measure.to:
        colours = {"cmap": "RdBu", "norm": CenteredNorm(halfrange=found["mean"].abs().max() or 1.0)}
    for axis, (firm, strategy) in zip(axes, strategies.items(), strict=True):
        cells = np.full((len(up.levels), len(across.levels)), np.nan)
        own = found[found["firm"] == firm]
        cells[own["y"], own["x"]] = own["mean"]
        image = axis.imshow(cells, aspect="auto", origin="lower", **colours)
        if cells.size <= CELLS:
            _numbers(axis, own, image, measure)
        axis.set_xticks(range(len(across.levels)), [str(v) for v in across.levels], fontsize=SMALL)
        axis.set_yticks(range(len(up.levels)), [str(v) for v in up.levels], fontsize=SMALL)
        axis.set_title(f"{firm} ({strategy})", fontsize=SMALL)
    figure.supxlabel(called[across.name].label.replace("\n", " "), fontsize=SMALL)
    figure.supylabel(called[up.name].label, fontsize=SMALL)
    bar = f"difference [{measure.unit}]" if measure.to else measure.title
    figure.colorbar(image, ax=axes, fraction=0.03, pad=0.01).set_label(bar, fontsize=SMALL)
    widest = f"{measures.number(found['half'].max(), measure.unit)} {measure.unit.removeprefix('1')}".rstrip()
    known = f"; half-widths at most {widest}" if found["half"].notna().any() else ""
    headline(figure, measure.headed(sure(outcomes) + known))
    return figure


def _numbers(axis: Axes, own: pd.DataFrame, image: AxesImage, measure: Measure) -> None:
    for row in own.itertuples():
        red, green, blue, _ = image.to_rgba(row.mean)
        ink = "black" if 0.3 * red + 0.6 * green + 0.1 * blue > 0.45 else "white"
        text = measures.number(row.mean, measure.unit)
        if measure.to:
            text = measures.give_or_take(row.mean, row.half, measure.unit, signed=True).replace(" ", "\n")
        axis.text(row.x, row.y, text, ha="center", va="center", fontsize=SMALL, color=ink)
