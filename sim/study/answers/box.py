"""A box in the space of factors: limits within which something happens often, and the sentence that says so."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

FEW = 30  # cases in a box below which its density is known to no better than ± 0.1 or so
EITHER = 20  # cases with and without what is looked for, below which a box may be missed
DROP = 0.1  # loss of density on cases that the box was not found on, beyond which it fits them too closely


@dataclass(frozen=True)
class Limit:
    """One side of a box.

    factor : its name. sign, value : `>` or `<` of an interval, `>=` or `<=` of levels and whole numbers, `in` a tuple of
    levels that are no numbers, as text. quasi_p : chance of so many hits if this limit made no difference.
    """

    factor: str
    sign: Literal[">", "<", ">=", "<=", "in"]
    value: float | tuple[str, ...]
    quasi_p: float

    def holds(self, x: pd.DataFrame) -> np.ndarray:
        """Which rows obey it; x : a column a factor.

        >>> Limit("lag", "<=", 3.0, 0.0).holds(pd.DataFrame({"lag": [1, 3, 6]})).tolist()
        [True, True, False]
        """
        column = x[self.factor]
        if isinstance(self.value, tuple):
            return column.astype(str).isin(self.value).to_numpy()
        compare = {">": np.greater, "<": np.less, ">=": np.greater_equal, "<=": np.less_equal}[self.sign]
        return compare(column.to_numpy(float), self.value)


@dataclass(frozen=True, kw_only=True)
class Box:
    """A region in which something happens more often than elsewhere; without limits when none was found.

    Attributes
    ----------
    limits : all of which hold inside. earlier : boxes found before, whose cases are no longer counted.
    density : share of the cases inside in which it happens. coverage : share of all such cases that lie inside.
    mass : share of all cases that lie inside. points : number of them. cases : number of all cases, in and out.
    base : share in which it happens where this box was looked for: everywhere outside earlier boxes.
    held_out : density of boxes found on either half of the cases, on the other half; NaN if half was not enough.
    """

    limits: tuple[Limit, ...]
    earlier: int
    density: float
    coverage: float
    mass: float
    points: int
    cases: int
    base: float
    held_out: float

    def inside(self, x: pd.DataFrame) -> np.ndarray:
        """Which rows of a table of the factors' values obey all limits, in earlier boxes or not."""
        return inside(self.limits, x)

    @property
    def warnings(self) -> list[str]:
        """Why not to rely on the box, in sentences."""
        said = []
        if self.limits and self.points < FEW:
            said.append(f"Only {self.points} cases lie in the box: its density is rough.")
        if self.limits and math.isnan(self.held_out):
            said.append("Half of the cases are too few to find such a box in: it may fit these cases only.")
        elif self.limits and self.density - self.held_out > DROP:
            said.append(
                f"Boxes found on half of the cases hold {self.held_out:.0%} on the other half, not {self.density:.0%}: "
                "the limits fit these cases too closely."
            )
        return said


def inside(limits: Sequence[Limit], x: pd.DataFrame) -> np.ndarray:
    """Which rows obey all the limits."""
    return np.logical_and.reduce([np.ones(len(x), bool), *(limit.holds(x) for limit in limits)])


def sentence(box: Box, subject: str, does: str = "leads", units: Mapping[str, str] | None = None) -> str:
    """Say a box in plain words.

    Parameters
    ----------
    subject, does : who does what in the cases of interest. units : of the factors' values, where they have one.

    >>> limits = (Limit("price_sensitivity", ">", 1.4, 0.0), Limit("lag", "<=", 3.0, 0.0))
    >>> box = Box(limits=limits, earlier=0, density=0.92, coverage=0.71, mass=0.3, points=120, cases=400, base=0.39,
    ...           held_out=0.9)
    >>> print(sentence(box, "grandcoach", units={"lag": "months"}))
    grandcoach leads in 92 % of the cases (density) where price_sensitivity > 1.4 and lag <= 3 months; that is 71 % of
    all cases in which it leads (coverage), 120 points. Boxes found on half of the points hold 90 % on the other half.
    """
    if not box.limits:
        return _without_limits(box, f"{subject} {does}", does)
    other = "of the cases outside the boxes before, " if box.earlier else ""
    said = (
        f"{other}{subject} {does} in {_percent(box.density)} of the cases (density) where {where(box.limits, units)}; that is "
        f"{_percent(box.coverage)} of all cases in which it {does} (coverage), {box.points} points."
    )
    if not math.isnan(box.held_out):
        said += f" Boxes found on half of the points hold {_percent(box.held_out)} on the other half."
    return said[0].upper() + said[1:] if box.earlier else said


def _without_limits(box: Box, clause: str, does: str) -> str:
    if box.density in (0.0, 1.0):
        return f"No box: {clause} in {'all' if box.density else 'none'} of the {box.cases} cases."
    hits = round(box.density * box.cases)
    if min(hits, box.cases - hits) < EITHER:
        return (
            f"No box: {clause} in {hits} of the {box.cases} cases, too few to find limits and to check them: that takes "
            f"{EITHER} cases in which it {does} and {EITHER} in which it does not."
        )
    return (
        f"No box: {clause} in {_percent(box.density)} of the {box.cases} cases, and no limits on the factors were found "
        f"within which it {does} clearly more often."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def where(limits: Sequence[Limit], units: Mapping[str, str] | None = None) -> str:
    """Limits in words, a clause a factor; units : of the factors' values, where they have one.

    >>> where([Limit("lag", ">=", 3.0, 0.0), Limit("lag", "<=", 6.0, 0.0)], {"lag": "months"})
    'lag is between 3 and 6 months'
    """
    said, units = [], units or {}
    for factor in dict.fromkeys(limit.factor for limit in limits):
        own = [limit for limit in limits if limit.factor == factor]
        unit = f" {units[factor]}" if units.get(factor, "1") != "1" else ""
        if isinstance(own[0].value, tuple):
            said.append(f"{factor} is {' or '.join(own[0].value)}")
        elif len(own) == 1:
            said.append(f"{factor} {own[0].sign} {own[0].value:.3g}{unit}")
        else:
            low, high = sorted(limit.value for limit in own)
            between = f"is {low:.3g}" if low == high else f"is between {low:.3g} and {high:.3g}"
            said.append(f"{factor} {between}{unit}")
    return " and ".join(said)
