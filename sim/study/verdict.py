"""What a table of contrasts says, in sentences that claim no more than the numbers bear out."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from sim.records import FIRMS
from sim.table import Column

LEVELS = {
    "price",
    "cash",
    "receivable",
    "liability",
    "lifetime_value",
    "customer_equity",
}  # money that is no monthly flow
NOT_PARTS = ("stock_", "fleet")  # pure numbers that are no parts of a whole
DOWN, UP = "lowers", "raises"


def unit_of(metric: str, columns: Mapping[str, Column]) -> tuple[str, float]:
    """Unit in which a metric's difference is said, and what it is multiplied with: shares in points, money a month.

    >>> unit_of("share", FIRMS), unit_of("profit", FIRMS), unit_of("price", FIRMS)
    (('points', 100.0), ('AUD/month', 1.0), ('AUD', 1.0))
    """
    unit = columns[metric].unit if metric in columns else ""
    if unit == "1":
        return ("", 1.0) if metric.startswith(NOT_PARTS) else ("points", 100.0)
    return (f"{unit}/month" if unit == "AUD" and metric not in LEVELS else unit), 1.0


def digits(half: float) -> int:
    """Decimals worth printing: down to the first figure of the half-width.

    >>> digits(0.4), digits(21.0), digits(0.03)
    (1, 0, 2)
    """
    return min(max(-math.floor(math.log10(half)), 0), 6) if half > 0 and math.isfinite(half) else 3


def _number(value: float, decimals: int, sign: bool = False) -> str:
    value = round(value, decimals) + 0.0
    return f"{value:{'+' if sign and value else ''},.{decimals}f}"


def _amount(row: pd.Series, columns: Mapping[str, Column]) -> str:
    """By how much, without its sign: 3.1 points (95 %: 2.7 to 3.5); the limits turn with the sign."""
    unit, scale = unit_of(row["metric"], columns)
    turn = scale if row["difference"] >= 0 else -scale
    if math.isnan(row["low"]):
        return f"{abs(row['difference']) * scale:,.4g} {unit}".rstrip()
    low, high = sorted((row["low"] * turn, row["high"] * turn))
    decimals = digits((high - low) / 2)
    by, least, most = (_number(value, decimals) for value in (row["difference"] * turn, low, high))
    return f"{by} {unit}".rstrip() + f" ({least} to {most})"


def _limits(row: pd.Series, columns: Mapping[str, Column]) -> str:
    """An interval with signs and unit: -12 to +30 AUD/month."""
    unit, scale = unit_of(row["metric"], columns)
    low, high = row["low"] * scale, row["high"] * scale
    decimals = digits((high - low) / 2)
    alone = ", before the correction" * (low > 0 or high < 0)
    return f"{_number(low, decimals, True)} to {_number(high, decimals, True)} {unit}".rstrip() + alone


def _joined(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _clear(rows: pd.DataFrame, b: str, owner: str, nouns: Mapping[str, str], columns: Mapping[str, Column]) -> str:
    """B raises x's depth by ... and lowers its price by ...: one clause a metric."""
    clauses = []
    for place, (_, row) in enumerate(rows.iterrows()):
        verb = UP if row["difference"] > 0 else DOWN
        whose = f"{owner}'s" if place == 0 else "its"
        always = " in every seed" if math.isnan(row["low"]) else ""
        clauses.append(f"{verb} {whose} {_noun(row, nouns)} by {_amount(row, columns)}{always}")
    return f"{b} {_joined(clauses)}" if clauses else ""


def _noun(row: pd.Series, nouns: Mapping[str, str]) -> str:
    return nouns.get(row["metric"], row["metric"].replace("_", " "))


def _of_firm(
    rows: pd.DataFrame, b: str, confidence: float, nouns: Mapping[str, str], columns: Mapping[str, Column]
) -> str:
    owner = rows["firm"].iloc[0]
    known, tested = rows["difference"].notna(), rows["p"].notna()
    fixed = known & ~tested & (rows["pairs"].combine(rows[["seeds_a", "seeds_b"]].min(axis=1), max) > 1)
    clear = (tested & (rows["holm"] < 1 - confidence)) | (fixed & (rows["difference"] != 0))
    same, unclear = fixed & (rows["difference"] == 0), tested & ~clear
    sentences = [_clear(rows[clear], b, owner, nouns, columns)]
    groups = (
        (unclear, "not distinguishable", lambda row: f"{_noun(row, nouns)} ({_limits(row, columns)})"),
        (same, "the same in every seed", lambda row: _noun(row, nouns)),
        (~known, "not known in both", lambda row: _noun(row, nouns)),
    )
    for mask, told, said in groups:
        if mask.any():
            whose = f"{owner}'s" if not any(sentences) else "its"
            listed = _joined([said(row) for _, row in rows[mask].iterrows()])
            sentences.append(f"{whose} {listed} {'is' if mask.sum() == 1 else 'are'} {told}")
    return "; ".join(part for part in sentences if part) + "."


def _single(rows: pd.DataFrame, nouns: Mapping[str, str], columns: Mapping[str, Column]) -> str:
    parts = []
    for _, row in rows[rows["difference"].notna()].iterrows():
        sign = "-" if row["difference"] < 0 else "+" if row["difference"] > 0 else ""
        parts.append(f"{_noun(row, nouns)} {sign}{_amount(row, columns)}")
    return f"{rows['firm'].iloc[0]}: {', '.join(parts) or 'not known in both'}."


def verdicts(
    table: pd.DataFrame,
    a: str,
    b: str,
    words: Mapping[str, str],
    columns: Mapping[str, Column] = FIRMS,
    confidence: float = 0.95,
    compared: int | None = None,
) -> list[str]:
    """Sentences on a table of `sim.study.contrast.contrasts`: how it was judged, then one a firm.

    A difference is said to be there where its p-value, corrected by Holm, is below 1 - confidence, or where it is the same
    in every seed; what is left is listed with its interval as not distinguishable, also where only the correction makes it so. One seed says nothing about chance, and
    then only the differences are listed.

    Parameters
    ----------
    a, b : what the two arms are called. words : how a metric is called instead of its column's name.
    columns : of the firms' records, for the units; `sim.records.firm_columns` knows those of the mechanisms.
    confidence : the one that the table was made with. compared : what Holm's correction was made over, if that is more
        than this table.

    >>> from sim.study.contrast import contrasts
    >>> runs = pd.DataFrame({"arm": ["A"] * 3 + ["B"] * 3, "seed": [1, 2, 3] * 2, "firm": "echo",
    ...                      "depth": [0.30, 0.31, 0.32, 0.331, 0.342, 0.350], "price": [30.0] * 3 + [27.5] * 3})
    >>> for sentence in verdicts(contrasts(runs, "A", "B", ["depth", "price"]), "A", "B", {"price": "fare"}):
    ...     print(sentence)
    B against A: 95 % intervals over 3 seeds, paired by seed, in brackets; what counts as a difference is corrected by Holm over 1 comparison.
    B raises echo's depth by 3.1 points (2.9 to 3.3) and lowers its fare by 2.5 AUD in every seed.
    """
    seeds = int(table[["seeds_a", "seeds_b"]].max().max())
    firms = [rows for _, rows in table.groupby("firm", sort=False)]
    enough = table[["seeds_a", "seeds_b"]].min(axis=1).max() > 1
    if not enough:
        opening = f"{b} against {a}: one seed says nothing about chance; the differences are"
        return [f"{opening}:", *(_single(rows, words, columns) for rows in firms)]
    compared = int(table["p"].notna().sum()) if compared is None else compared
    how = "paired by seed" if (table["how"] == "paired").all() else "not paired, since the two share no seed"
    opening = (
        f"{b} against {a}: {100 * confidence:g} % intervals over {seeds} seeds, {how}, in brackets; what counts as a difference"
        f" is corrected by Holm over {compared} comparison{'s' * (compared != 1)}."
    )
    return [opening, *(_of_firm(rows, b, confidence, words, columns) for rows in firms)]
