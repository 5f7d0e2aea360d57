"""Who the customers are, what they want, what a purchase is to them (A6): drawn from a survey or from stated segments.

A population is one of two kinds, chosen by `_target_` in its file: `surveyed.SurveyedPopulation` draws customers from
real persons, `segmented.SegmentedPopulation` from segments that somebody has described.
"""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.ground import draws
from sim.ground.params import ConfigError, Params, nearest, param
from sim.science.kernels.draw import normals, uniforms

if TYPE_CHECKING:
    from sim.state.table import Rows

STEEPEST = np.float32(1e30)  # utils/¤; more times a fare is no number any longer
WORDS = (
    "purchase", "purchases", "price", "buyers", "trade", "serves", "served", "gap", "signature", "class", "standard", "vehicle",
)  # fmt: skip


def check_weights(weights: Mapping[str, float], where: str) -> None:
    """Raise `ConfigError` unless the probabilities sum to one."""
    total = sum(weights.values())
    if abs(total - 1) > 1e-9:
        raise ConfigError(f"{where}: expected weights that sum to 1, got {total:.12g}")


@dataclass(frozen=True, kw_only=True)
class Mode(Params):
    """A way of being served that firms share: the standard service from which their offers differ."""

    constant: float = param(
        "constant of the mode in the utility", "utils", low=-1000, high=1000, source="fitted; Manski & Lerman 1977"
    )
    standard_fare: float = param("price of a standard purchase", "¤", low=0.01, source="modechoice survey")
    timetabled: bool = param("whether the standard service leaves gaps in some contexts", "1", source="A1")
    seats: int = param("seats of the standard vehicle, 0 if none is modelled", "seats", low=0, source="A3")
    accounts: bool = param(
        "whether the books of its firms are modelled: what service costs them", "1", source="choice of the user"
    )
    firms: str = param("what the firms of the mode are called together", "1", source="choice of the user")

    @property
    def reached(self) -> bool:
        """Whether customers deal with somebody; who serves himself, as by car, does not."""
        return self.timetabled or self.accounts


@dataclass(frozen=True, kw_only=True)
class Segment(Params):
    """An observable group of customers: what it wants, when it buys."""

    ideal: Mapping[str, float] = param(
        "mean ideal point on each service dimension", "scale points", low=0, high=1, source="register R20"
    )
    contexts: Mapping[str, float] = param(
        "probability of each usage context", "1", low=0, high=1, source="register R12"
    )

    def check(self):
        """Contexts are a probability distribution."""
        check_weights(self.contexts, "contexts")


class People(abc.ABC):
    """The customers of a population before they are drawn; made once for a market.

    centre : (segments, needs) mean ideal points.
    """

    def __init__(self, population: Population) -> None:
        self.population = population
        self.centre = np.array([[s.ideal[d] for d in population.needs] for s in population.segments.values()])

    @abc.abstractmethod
    def identify(self, drawn: np.ndarray, seed: int, rows: Rows) -> np.ndarray:
        """Write source_row, segment, standard_appeal and journey of these customers, return their price sensitivity.

        drawn : (rows,) uniform numbers that say which person it is. The return is the median over persons like them.
        """

    def populate(self, seed: int, rows: Rows) -> None:
        """Say who these customers are; customer i's draws are addressed by its identity and rows.now, in any order."""
        population, identity, now = self.population, rows.identity, rows.now
        draw = np.empty(len(rows), np.float32)
        uniforms(identity, now, *draws.key(seed, "person"), draw)
        with np.errstate(over="ignore", invalid="ignore"):
            median = self.identify(draw.astype(float), seed, rows)
            normals(identity, now, *draws.key(seed, "price sensitivity"), draw)
            rows.price_sensitivity[:] = median * np.exp(population.price_spread * draw.astype(float))
            self._check(rows)
        for k, taste in enumerate(population.tastes.values()):
            rows.taste[k] = taste
        for d, name in enumerate(population.needs):
            normals(identity, now, *draws.key(seed, "ideal point", name), draw)
            rows.ideal[d] = self.centre[rows.segment, d] + population.ideal_spread * draw

    @staticmethod
    def _check(rows: Rows) -> None:
        """Raise `ConfigError` if money would mean more to somebody than a utility can say, or anything is no number."""
        for weight in (rows.price_sensitivity, *(rows.price_sensitivity * journey for journey in rows.journey)):
            if not (weight <= STEEPEST).all():
                raise ConfigError(
                    f"population: expected a price sensitivity times the size of a purchase of at most {STEEPEST:g} for "
                    f"everybody, got {weight.max():g}; take smaller spreads, elasticities or usages"
                )


@dataclass(frozen=True, kw_only=True)
class Population(Params, abc.ABC):
    """What every population says: how many customers, their tastes and needs, the modes they can be served by."""

    customers: int = param("customers in the market", "customers", low=1, high=2**31, source="register R1")
    price_sensitivity: float = param("median utility lost per ¤", "utils/¤", low=0, high=100, source="fitted")
    price_spread: float = param("standard deviation of ln price sensitivity", "1", low=0, high=5, source="register R14")
    tastes: Mapping[str, float] = param(
        "marginal utility of a unit of each service attribute",
        "utils/unit",
        low=-1000,
        high=1000,
        source="fitted; register R15, R16",
    )
    needs: tuple[str, ...] = param("service dimensions with ideal points", "1", source="A2; register R20")
    ideal_spread: float = param(
        "standard deviation of ideal points within a segment", "scale points", low=0, high=10, source="register R20"
    )
    words: Mapping[str, str] = param("what this market calls things in reports", "1", source="choice of the user")
    modes: Mapping[str, Mode] = dataclasses.field()
    segments: Mapping[str, Segment] = dataclasses.field()

    @property
    def contexts(self) -> tuple[str, ...]:
        """Names of the usage contexts, the same for all segments."""
        return tuple(next(iter(self.segments.values())).contexts)

    @property
    def mix(self) -> np.ndarray:
        """(segments, contexts) probability of each context."""
        return np.array([[s.contexts[c] for c in self.contexts] for s in self.segments.values()])

    @property
    def sources(self) -> int:
        """How many persons, or segments, customers are drawn from."""
        return len(self.segments)

    @property
    @abc.abstractmethod
    def origin(self) -> str:
        """Where the customers come from, for the manifest."""

    @abc.abstractmethod
    def people(self) -> People:
        """The customers before they are drawn."""

    def check(self):
        """Names that appear in several places must agree."""
        if not self.segments or not self.modes:
            raise ConfigError("segments: expected at least one segment and one mode")
        for name, segment in self.segments.items():
            if set(segment.contexts) != set(self.contexts):
                raise ConfigError(f"segments.{name}.contexts: expected the contexts {', '.join(self.contexts)}")
            if set(segment.ideal) != set(self.needs):
                raise ConfigError(f"segments.{name}.ideal: expected the dimensions {', '.join(self.needs)}")
        for word in self.words:
            if word not in WORDS:
                raise ConfigError(f"words.{word}: unknown word; {nearest(str(word), WORDS)}")
        for word in WORDS:
            if word not in self.words:
                raise ConfigError(f"words.{word}: missing; expected what this market calls it")
