"""A population drawn from surveyed persons (A6): every customer is like somebody who was asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.ground.params import ConfigError, param
from sim.world.population import Mode, People, Population, Segment, check_weights
from sim.world.population.survey import Survey, load


@dataclass(frozen=True, kw_only=True)
class SurveyedMode(Mode):
    """A mode of the survey: the standard service is what its persons faced."""

    share: float = param(
        "share of the mode among purchases in the population", "1", low=0, high=1, source="Greene & Hensher 1997"
    )
    income_taste: float = param("utility per thousand ¤ of household income", "utils/k¤", source="fitted")
    party_taste: float = param("utility per person travelling together", "utils/person", source="fitted")


@dataclass(frozen=True, kw_only=True)
class SurveyedSegment(Segment):
    """A group of surveyed persons: who belongs to it, what it wants, when it travels."""

    income: tuple[float, ...] = param(
        "household income from (inclusive) and to (exclusive)", "k¤", low=0, source="register R11"
    )
    party: tuple[float, ...] = param("party size from and to, both inclusive", "persons", low=1, source="register R11")

    def check(self):
        """Limits come in pairs and contexts are a probability distribution."""
        for name in ("income", "party"):
            limits = getattr(self, name)
            if len(limits) != 2 or limits[0] > limits[1]:
                raise ConfigError(f"{name} = {list(limits)}: expected [from, to] with from <= to")
        super().check()


@dataclass(frozen=True, kw_only=True)
class SurveyedPopulation(Population):
    """Customers drawn with replacement from a choice-based survey, weighted to the population's shares.

    A person who chose mode m is drawn with probability proportional to population share / sample share of m
    (Manski & Lerman 1977, Econometrica 45). Price sensitivity is log-normal over customers with median
    price_sensitivity * (income / mean income)^-income_elasticity, so that it never changes sign.
    """

    survey: str = param("survey that customers are drawn from", "1", source="modechoice")
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
    modes: Mapping[str, SurveyedMode] = param("modes by name", "1", source="modechoice")
    segments: Mapping[str, SurveyedSegment] = param("segments by name", "1", source="register R11")

    def check(self):
        """Shares must sum to one, the modes must be the survey's, and every surveyed person in one segment."""
        super().check()
        check_weights({name: mode.share for name, mode in self.modes.items()}, "modes.share")
        survey = self.asked()
        if set(survey.modes) != set(self.modes):
            raise ConfigError(f"modes: expected the survey's modes {', '.join(survey.modes)}")
        for name in ("travel_time", "terminal_time"):
            if name not in self.tastes:
                raise ConfigError(f"tastes.{name}: missing; the survey's journeys differ by it")
        self.segment_of(survey)

    def asked(self) -> Survey:
        """The persons who were asked; a class of one's own gives others, under whatever name `survey` says."""
        return load(self.survey, "survey")

    @property
    def origin(self) -> str:
        """The survey's name."""
        return self.survey

    @property
    def sources(self) -> int:
        """The persons who were asked."""
        return len(self.asked().income)

    def people(self) -> People:
        """The surveyed persons."""
        return SurveyedPeople(self)

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
                f"segments: a surveyed person with income {survey.income[n]:g} k¤ and party {survey.party[n]:g} belongs to {count[n]} segments; expected 1"
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


class SurveyedPeople(People):
    """The surveyed persons as customers of a population, each by its number.

    cumulative : probability to be drawn, added up. segment : group. sensitivity : median price sensitivity [utils/¤].
    utility, journey : (modes, persons) of each mode's standard service.
    """

    def __init__(self, population: SurveyedPopulation) -> None:
        super().__init__(population)
        survey = population.asked()
        relative = survey.income / survey.income.mean()
        self.cumulative = np.cumsum(population.weights(survey))
        self.segment = population.segment_of(survey)
        self.sensitivity = population.price_sensitivity * relative**-population.income_elasticity
        order = [survey.modes.index(name) for name in population.modes]
        fares = np.array([mode.standard_fare for mode in population.modes.values()])
        self.utility, self.journey = population.standard_utility(survey)[order], survey.fare[order] / fares[:, None]

    def identify(self, drawn, seed, rows):
        """Draw a surveyed person for each customer."""
        person = np.minimum(np.searchsorted(self.cumulative, drawn), len(self.cumulative) - 1)
        rows.source_row[:], rows.segment[:] = person, self.segment[person]
        rows.standard_appeal[:], rows.journey[:] = self.utility[:, person], self.journey[:, person]
        return self.sensitivity[person]
