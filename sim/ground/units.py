"""The words of a scenario for money and time: what stands in generic units in the code is told in them where people read.

In units, meanings and sentences of the code money is `SIGN`, and a period is a month. A year is the window of twelve
periods that every market looks back over, whatever a period is: of a market of weeks it is told as 12 weeks.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd

from sim.ground.column import Column
from sim.ground.params import ConfigError

SIGN = "¤"
LONGEST = 8  # signs of a currency
YEAR = 12  # periods
EVERY = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}
SPOKEN = EVERY | {"period": "periodic"}
WORD = r"(?<![\w.=`'\"])(?:{})(?![\w`]|\.\w| = )"  # never part of a name, such as `months.bus` or `records=yearly`
RULES = [  # what the code says of time, and how it is said of other periods, one after the other
    (re.compile(WORD.format(said)), told)
    for said, told in (
        ("year's months|year of 12 months", "{year} {period}s"),
        ("(?<!\\d )year's", "{year} {period}s'"),
        ("accounting year", "accounting spell of {year} {period}s"),
        ("coming years", "coming spells of {year} {period}s"),
        ("two years", "{two} {period}s"),
        ("(?<=last-)year|(?<!-)yearly", "{year}-{period}"),
        (rf"(?<={SIGN}/)year|(?<![/\d-])(?<!\d )year", "{year} {period}s"),
        ("month", "{period}"),
        ("months", "{period}s"),
        ("Month", "{Period}"),
        ("monthly", "{every}"),
        ("Monthly", "{Every}"),
    )
]


@dataclass(frozen=True)
class Words:
    """How a scenario calls its money and one of its periods."""

    currency: str
    period: str


AS_WRITTEN = Words(SIGN, "month")  # in the code: what it is where no scenario says how
GENERIC = Words("\N{CURRENCY SIGN}", "period")  # where markets that are told of together do not agree


def words_of(*markets: object) -> Words:
    """The words of scenarios, or of configurations or facts as plain values, that are told of together.

    >>> words_of({"currency": "USD", "period": "week"}, {"currency": "USD", "period": "day"})
    Words(currency='USD', period='period')
    """
    said = {name: {_text(market, name) or getattr(AS_WRITTEN, name) for market in markets} for name in vars(GENERIC)}
    found = {name: texts.pop() if len(texts) == 1 else getattr(GENERIC, name) for name, texts in said.items()}
    return Words(found["currency"], found["period"] if found["period"] in SPOKEN else AS_WRITTEN.period)


def _text(market: object, name: str) -> str:
    found = market.get(name) if isinstance(market, Mapping) else getattr(market, name, "")
    return found if isinstance(found, str) else ""


def check_currency(currency: str) -> None:
    """Raise `ConfigError` unless tables, axes and files can show it: letters, signs of money and points.

    >>> check_currency("R$")
    """
    known = all(sign == "." or unicodedata.category(sign) in ("Lu", "Ll", "Lo", "Sc") for sign in currency)
    if not known or not currency.strip(".") or len(currency) > LONGEST:
        raise ConfigError(f"currency = {currency!r}: expected 1 to {LONGEST} letters or signs of money, such as USD or €")


def told(text: str, words: Words) -> str:
    """A unit, a meaning or a sentence in a scenario's words.

    >>> told("7 months after the last year", Words("USD", "week"))
    '7 weeks after the last 12 weeks'
    >>> told("months.bus, records=monthly", Words("USD", "week"))
    'months.bus, records=monthly'
    """
    if words.period != "month":
        every = SPOKEN[words.period]
        said = {"year": YEAR, "two": 2 * YEAR, "period": words.period, "every": every}
        said |= {"Period": words.period.capitalize(), "Every": every.capitalize()}
        for rule, told_as in RULES:
            text = rule.sub(told_as.format(**said), text)
    return text.replace(SIGN, words.currency)


def told_table(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """A table of text in a scenario's words, titles and cells."""

    def in_words(cell: object) -> object:
        """A cell in the words; what is no text stays."""
        return told(cell, words) if isinstance(cell, str) else cell

    return frame.rename(columns=in_words).map(in_words)


def told_columns(columns: Mapping[str, Column], words: Words) -> dict[str, Column]:
    """Columns with their units and meanings in a scenario's words; their names stay."""
    return {
        name: dataclasses.replace(column, unit=told(column.unit, words), meaning=told(column.meaning, words))
        for name, column in columns.items()
    }


def told_lines(text: str, words: Words, plain: Callable[[str], str]) -> str:
    """A text in a scenario's words, the currency as `plain` writes it where signs have a meaning."""
    return told(text, dataclasses.replace(words, currency=plain(words.currency)))


@contextmanager
def mistakes_told(words: Words) -> Iterator[None]:
    """Tell every `ConfigError` raised inside in a scenario's words; names that it offers stay as they are."""
    try:
        yield
    except ConfigError as error:
        said, names, offered = str(error).partition("valid name")
        if (line := told(said, words) + names + offered) == str(error):
            raise
        raise ConfigError(line) from error
