"""From surveyed persons to customers: who they are, what they want, what their journeys are like (A6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim import draws
from sim.kernels.draw import normals, uniforms
from sim.params import ConfigError, Params, param
from sim.survey import Survey, load

if TYPE_CHECKING:
    from sim.table import Rows


def check_weights(weights: Mapping[str, float], where: str) -> None:
    """Raise `ConfigError` unless the probabilities sum to one."""
    total = sum(weights.values())
    if abs(total - 1) > 1e-9:
        raise ConfigError(f"{where}: expected weights that sum to 1, got {total:.12g}")


@dataclass(frozen=True, kw_only=True)
class Mode(Params):
    """A way of being served that firms share: the standard service that the survey's persons faced."""

    constant: float = param(
        "constant of the mode in the utility", "utils", low=-1000, high=1000, source="fitted; Manski & Lerman 1977"
    )
    share: float = param(
        "share of the mode among purchases in the population", "1", low=0, high=1, source="Greene & Hensher 1997"
    )
    standard_fare: float = param("mean fare of the surveyed journeys", "AUD", low=0.01, source="modechoice survey")
    income_taste: float = param("utility per thousand AUD of household income", "utils/kAUD", source="fitted")
    party_taste: float = param("utility per person travelling together", "utils/person", source="fitted")
    timetabled: bool = param("whether departures follow a timetable", "1", source="A1")
    seats: int = param("seats of the standard vehicle, 0 if none is modelled", "seats", low=0, source="A3")


@dataclass(frozen=True, kw_only=True)
class Segment(Params):
    """An observable group of customers: who belongs to it, what it wants, when it travels."""

    income: tuple[float, ...] = param(
        "household income from (inclusive) and to (exclusive)", "kAUD", low=0, source="register R11"
    )
    party: tuple[float, ...] = param("party size from and to, both inclusive", "persons", low=1, source="register R11")
    ideal: Mapping[str, float] = param(
        "mean ideal point on each service dimension", "scale points", low=0, high=1, source="register R20"
    )
    contexts: Mapping[str, float] = param(
        "probability of each usage context", "1", low=0, high=1, source="register R12"
    )

    def check(self):
        """Limits come in pairs and contexts are a probability distribution."""
        for name in ("income", "party"):
            limits = getattr(self, name)
            if len(limits) != 2 or limits[0] > limits[1]:
                raise ConfigError(f"{name} = {list(limits)}: expected [from, to] with from <= to")
        check_weights(self.contexts, "contexts")


@dataclass(frozen=True, kw_only=True)
class Population(Params):
    """Customers drawn with replacement from a choice-based survey, weighted to the population's shares.

    A person who chose mode m is drawn with probability proportional to population share / sample share of m
    (Manski & Lerman 1977, Econometrica 45). Price sensitivity is log-normal over customers with median
    price_sensitivity * (income / mean income)^-income_elasticity, so that it never changes sign.
    """

    customers: int = param("customers in the market", "customers", low=1, high=2**31, source="register R1")
    survey: str = param("survey that customers are drawn from", "1", source="modechoice")
    price_sensitivity: float = param("median utility lost per AUD", "utils/AUD", low=0, high=100, source="fitted")
    price_spread: float = param("standard deviation of ln price sensitivity", "1", low=0, high=5, source="register R14")
    income_elasticity: float = param(
        "by how many per cent sensitivity falls per per cent of income", "1", low=0, high=10, source="fitted"
    )
    travel_share: float = param(
        "part of the months in which a customer travels in the surveyed market",
        "1",
        low=0,
        high=1,
        source="A5; register R13",
    )
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
    modes: Mapping[str, Mode] = param("modes by name", "1", source="modechoice")
    segments: Mapping[str, Segment] = param("segments by name", "1", source="register R11")

    @property
    def contexts(self) -> tuple[str, ...]:
        """Names of the usage contexts, the same for all segments."""
        return tuple(next(iter(self.segments.values())).contexts)

    @property
    def mix(self) -> np.ndarray:
        """(segments, contexts) probability of each context."""
        return np.array([[s.contexts[c] for c in self.contexts] for s in self.segments.values()])

    def check(self):
        """Names that appear in several places must agree, shares must sum to one."""
        if not self.segments or not self.modes:
            raise ConfigError("segments: expected at least one segment and one mode")
        check_weights({name: mode.share for name, mode in self.modes.items()}, "modes.share")
        for name, segment in self.segments.items():
            if set(segment.contexts) != set(self.contexts):
                raise ConfigError(f"segments.{name}.contexts: expected the contexts {', '.join(self.contexts)}")
            if set(segment.ideal) != set(self.needs):
                raise ConfigError(f"segments.{name}.ideal: expected the dimensions {', '.join(self.needs)}")
        survey = load(self.survey, "survey")
        if set(survey.modes) != set(self.modes):
            raise ConfigError(f"modes: expected the survey's modes {', '.join(survey.modes)}")
        self.segment_of(survey)

    def segment_of(self, survey: Survey) -> np.ndarray:
        """Segment of each surveyed person; raises `ConfigError` if one belongs to none or to two."""
        belongs = np.array(
            [
                (survey.income >= s.income[0])
                & (survey.income < s.income[1])
                & (survey.party >= s.party[0])
                & (survey.party <= s.party[1])
                for s in self.segments.values()
            ]
        )
        count = belongs.sum(axis=0)
        if (count != 1).any():
            n = int((count != 1).argmax())
            raise ConfigError(
                f"segments: a surveyed person with income {survey.income[n]:g} kAUD and party {survey.party[n]:g} belongs to {count[n]} segments; expected 1"
            )
        return belongs.argmax(axis=0)

    def weights(self, survey: Survey) -> np.ndarray:
        """Probability that a customer is drawn from each surveyed person."""
        population = np.array([self.modes[m].share for m in survey.modes])
        weight = (population / survey.sample_share)[survey.chosen]
        return weight / weight.sum()

    def standard_utility(self, survey: Survey) -> np.ndarray:
        """(modes, persons) utility of each mode's standard service before its fare."""
        rows = []
        for m, name in enumerate(survey.modes):
            mode = self.modes[name]
            rows.append(
                mode.constant
                + self.tastes["travel_time"] * survey.travel_time[m]
                + self.tastes["terminal_time"] * survey.terminal_time[m]
                + mode.income_taste * survey.income
                + mode.party_taste * survey.party
            )
        return np.array(rows)


class Surveyed:
    """The surveyed persons as customers of a population, each by its number; made once for a market.

    cumulative : probability to be drawn, added up. segment : group. sensitivity : median price sensitivity [utils/AUD].
    centre : (segments, needs) mean ideal points. utility, journey : (modes, persons) of each mode's standard service.
    """

    def __init__(self, population: Population) -> None:
        survey = load(population.survey, "survey")
        relative = survey.income / survey.income.mean()
        self.cumulative = np.cumsum(population.weights(survey))
        self.segment = population.segment_of(survey)
        self.sensitivity = population.price_sensitivity * relative**-population.income_elasticity
        self.centre = np.array([[s.ideal[d] for d in population.needs] for s in population.segments.values()])
        order = [survey.modes.index(name) for name in population.modes]
        fares = np.array([mode.standard_fare for mode in population.modes.values()])
        self.utility, self.journey = population.standard_utility(survey)[order], survey.fare[order] / fares[:, None]


def populate(population: Population, surveyed: Surveyed, seed: int, rows: Rows) -> None:
    """Say who these customers are; customer i's draws are addressed by its identity and rows.now, in any order."""
    identity, now = rows.identity, rows.now
    draw = np.empty(len(rows), np.float32)
    uniforms(identity, now, *draws.key(seed, "person"), draw)
    cumulative = surveyed.cumulative
    person = np.minimum(np.searchsorted(cumulative, draw.astype(float)), len(cumulative) - 1)
    rows.source_row[:], rows.segment[:] = person, surveyed.segment[person]
    normals(identity, now, *draws.key(seed, "price sensitivity"), draw)
    spread = np.exp(population.price_spread * draw.astype(float))
    rows.price_sensitivity[:] = surveyed.sensitivity[person] * spread
    for k, taste in enumerate(population.tastes.values()):
        rows.taste[k] = taste
    for d, name in enumerate(population.needs):
        normals(identity, now, *draws.key(seed, "ideal point", name), draw)
        rows.ideal[d] = surveyed.centre[rows.segment, d] + population.ideal_spread * draw
    rows.standard_appeal[:], rows.journey[:] = surveyed.utility[:, person], surveyed.journey[:, person]
