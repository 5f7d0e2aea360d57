"""What a table of contrasts says, in sentences that claim no more than the numbers bear out."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from sim.study.unit import gap_unit

DOWN, UP = "lowers", "raises"


def digits(half: float) -> int:
    """Decimals worth printing: down to the first figure of the half-width.

    >>> digits(0.4), digits(21.0), digits(0.03)
    (1, 0, 2)
    """
    return min(max(-math.floor(math.log10(half)), 0), 6) if half > 0 and math.isfinite(half) else 3


def _number(value: float, decimals: int, sign: bool = False) -> str:
    value = round(value, decimals) + 0.0
    return f"{value:{'+' if sign and value else ''},.{decimals}f}"


def _amount(row: pd.Series) -> str:
    """By how much, without its sign: 3.1 points (95 %: 2.7 to 3.5); the limits turn with the sign."""
    unit, scale = gap_unit(row["metric"])
    turn = scale if row["difference"] >= 0 else -scale
    if math.isnan(row["low"]):
        return f"{abs(row['difference']) * scale:,.4g} {unit}".rstrip()
    low, high = sorted((row["low"] * turn, row["high"] * turn))
    decimals = digits((high - low) / 2)
    by, least, most = (_number(value, decimals) for value in (row["difference"] * turn, low, high))
    return f"{by} {unit}".rstrip() + f" ({least} to {most})"


def _limit(value: float, decimals: int) -> str:
    """A limit with its sign, and with more decimals where fewer would hide on which side of zero it lies."""
    hidden = 0 < abs(value) < 0.5 * 10**-decimals
    return _number(value, digits(abs(value)) if hidden else decimals, True)


def _limits(row: pd.Series) -> str:
    """An interval with signs and unit: -12 to +30 ¤/month."""
    unit, scale = gap_unit(row["metric"])
    low, high = row["low"] * scale, row["high"] * scale
    decimals = digits((high - low) / 2)
    alone = ", clear by itself but not among so many" * (low > 0 or high < 0)
    return f"{_limit(low, decimals)} to {_limit(high, decimals)} {unit}".rstrip() + alone


def _joined(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _clear(rows: pd.DataFrame, b: str, owner: str, nouns: Mapping[str, str]) -> str:
    """B raises x's depth by ... and lowers its price by ...: one clause a metric."""
    clauses = []
    for place, (_, row) in enumerate(rows.iterrows()):
        verb = UP if row["difference"] > 0 else DOWN
        whose = f"{owner}'s" if place == 0 else "its"
        always = " in every seed" if math.isnan(row["low"]) else ""
        clauses.append(f"{verb} {whose} {_noun(row, nouns)} by {_amount(row)}{always}")
    return f"{b} {_joined(clauses)}" if clauses else ""


def _noun(row: pd.Series, nouns: Mapping[str, str]) -> str:
    return nouns.get(row["metric"], row["metric"].replace("_", " "))


def _judged(table: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """The table with a column `judged`: clear, unclear, same in every seed, unknown in one of the arms, or alone."""
    known, tested = table["difference"].notna(), table["p"].notna()
    fixed = known & ~tested & (table["pairs"].combine(table[["seeds_a", "seeds_b"]].min(axis=1), max) > 1)
    clear = (tested & (table["holm"] < 1 - confidence)) | (fixed & (table["difference"] != 0))
    cases = [clear, tested, fixed, ~known]
    return table.assign(judged=np.select(cases, ["clear", "unclear", "same", "unknown"], "alone"))


def _of_firm(rows: pd.DataFrame, b: str, nouns: Mapping[str, str]) -> str:
    owner = rows["firm"].iloc[0]
    sentences = [_clear(rows[rows["judged"] == "clear"], b, owner, nouns)]
    groups = {
        "unclear": ("not distinguishable", lambda row: f"{_noun(row, nouns)} ({_limits(row)})"),
        "same": ("the same in every seed", lambda row: _noun(row, nouns)),
        "unknown": ("not known in both", lambda row: _noun(row, nouns)),
    }
    for judged, (told, said) in groups.items():
        found = [said(row) for _, row in rows[rows["judged"] == judged].iterrows()]
        if found:
            whose = f"{owner}'s" if not any(sentences) else "its"
            sentences.append(f"{whose} {_joined(found)} {'is' if len(found) == 1 else 'are'} {told}")
    return "; ".join(part for part in sentences if part) + "."


def _single(rows: pd.DataFrame, nouns: Mapping[str, str]) -> str:
    parts = []
    for _, row in rows[rows["difference"].notna()].iterrows():
        sign = "-" if row["difference"] < 0 else "+" if row["difference"] > 0 else ""
        parts.append(f"{_noun(row, nouns)} {sign}{_amount(row)}")
    return f"{rows['firm'].iloc[0]}: {', '.join(parts) or 'not known in both'}."


def verdicts(
    table: pd.DataFrame,
    a: str,
    b: str,
    words: Mapping[str, str],
    confidence: float = 0.95,
    compared: int | None = None,
) -> list[str]:
    """Sentences on a table of `sim.study.answers.contrast.contrasts`: how it was judged, then one a firm, those with clear differences first.

    A difference is said to be there where its p-value, corrected by Holm, is below 1 - confidence, or where it is the same
    in every seed; what is left is listed with its interval as not distinguishable, also where only the correction makes it so. One seed says nothing about chance, and
    then only the differences are listed.

    Parameters
    ----------
    a, b : what the two arms are called. words : how a metric is called instead of its column's name.
    confidence : the one that the table was made with. compared : what Holm's correction was made over, if that is more
        than this table.

    >>> from sim.study.answers.contrast import contrasts
    >>> runs = pd.DataFrame({"arm": ["A"] * 3 + ["B"] * 3, "seed": [1, 2, 3] * 2, "firm": "echo",
    ...                      "depth": [0.30, 0.31, 0.32, 0.331, 0.342, 0.350], "price": [30.0] * 3 + [27.5] * 3})
    >>> for sentence in verdicts(contrasts(runs, "A", "B", ["depth", "price"]), "A", "B", {"price": "fare"}):
    ...     print(sentence)
    B against A: 95 % intervals over 3 seeds, paired by seed, in brackets; what counts as a difference is corrected by Holm over 1 comparison.
    B raises echo's depth by 3.1 points (2.9 to 3.3) and lowers its fare by 2.5 ¤ in every seed.
    """
    seeds = int(table[["seeds_a", "seeds_b"]].max().max())
    firms = [rows for _, rows in _judged(table, confidence).groupby("firm", sort=False)]
    enough = table[["seeds_a", "seeds_b"]].min(axis=1).max() > 1
    if not enough:
        opening = f"{b} against {a}: one seed says nothing about chance; the differences are"
        return [f"{opening}:", *(_single(rows, words) for rows in firms)]
    compared = int(table["p"].notna().sum()) if compared is None else compared
    how = "paired by seed" if (table["how"] == "paired").all() else "not paired, since the two share no seed"
    opening = (
        f"{b} against {a}: {100 * confidence:g} % intervals over {seeds} seeds, {how}, in brackets; what counts as a difference"
        f" is corrected by Holm over {compared} comparison{'s' * (compared != 1)}."
    )
    firms.sort(key=lambda rows: "clear" not in set(rows["judged"]))
    unclear = any("unclear" in set(rows["judged"]) for rows in firms)
    more = ["More seeds (replications=) would narrow what is not distinguishable."] * unclear
    return [opening, *(_of_firm(rows, b, words) for rows in firms), *more]
