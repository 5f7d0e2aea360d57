"""Who the customers are: one dictionary each, from a survey or stated segments (model page 5 and 6, scenarios page)."""

from bisect import bisect_left
from itertools import accumulate
from math import exp

import numpy as np
from statsmodels.datasets import modechoice

SURVEYED = ("air", "train", "bus", "car")


def single(number):
    """A number as a customer keeps it, in single precision."""
    return float(np.float32(number))


def persons():
    """The surveyed persons: income, party, the mode they chose, and what each mode offered them."""
    table = modechoice.load_pandas().data.to_dict("records")
    for start in range(0, len(table), len(SURVEYED)):
        faced = dict(zip(SURVEYED, table[start : start + len(SURVEYED)], strict=True))
        yield {
            "income": faced["air"]["hinc"],
            "party": faced["air"]["psize"],
            "chosen": next(mode for mode in SURVEYED if faced[mode]["choice"]),
            "faced": {mode: {"fare": f["invc"], "time": f["invt"], "wait": f["ttme"]} for mode, f in faced.items()},
        }


def standard(population, mode, person):
    """Utility of a mode's standard service to a surveyed person, before the fare (7.1): v_im."""
    m, tastes, faced = population.modes[mode], population.tastes, person["faced"][mode]
    return (
        m.constant + tastes["travel_time"] * faced["time"] + tastes["terminal_time"] * faced["wait"]
        + m.income_taste * person["income"] + m.party_taste * person["party"]
    )  # fmt: skip


def segment_of(population, person):
    """Number of the segment that a surveyed person belongs to."""
    for number, s in enumerate(population.segments.values()):
        if s.income[0] <= person["income"] < s.income[1] and s.party[0] <= person["party"] <= s.party[1]:
            return number
    raise ValueError("a surveyed person belongs to no segment")


def surveyed(population, draws):
    """Customers drawn from surveyed persons: segment, median price sensitivity, standard appeal and journey by mode."""
    people, modes = list(persons()), list(population.modes)
    chose = {mode: sum(p["chosen"] == mode for p in people) for mode in modes}
    weight = [population.modes[p["chosen"]].share / chose[p["chosen"]] for p in people]
    upto, income = list(accumulate(weight)), sum(p["income"] for p in people) / len(people)
    for draw in draws.uniform("person", "", 0):
        person = people[min(bisect_left(upto, draw * upto[-1]), len(people) - 1)]
        relative = person["income"] / income
        yield {
            "segment": segment_of(population, person),
            "median": population.price_sensitivity * relative**-population.income_elasticity,
            "appeal": [standard(population, mode, person) for mode in modes],
            "journey": [person["faced"][mode]["fare"] / population.modes[mode].standard_fare for mode in modes],
        }


def stated(population, draws):
    """Customers of stated segments: the same, with a usage and a need to be served of their own."""
    segments = list(population.segments.values())
    upto = list(accumulate(s.weight for s in segments))
    columns = [draws.uniform("person", "", 0), draws.normal("usage", "", 0), draws.normal("need to be served", "", 0)]
    for draw, z_usage, z_need in zip(*columns, strict=True):
        number = min(bisect_left(upto, draw), len(upto) - 1)
        s, spread = segments[number], population.usage_spread
        usage = s.usage * exp(spread * z_usage - spread**2 / 2)
        yield {
            "segment": number,
            "median": population.price_sensitivity * s.sensitivity * usage**-population.usage_elasticity,
            "appeal": [
                mode.constant + s.utility.get(name, 0.0) + population.appeal_spread * z_need
                for name, mode in population.modes.items()
            ],
            "journey": [usage] * len(population.modes),
        }


KINDS = {"SurveyedPopulation": surveyed, "SegmentedPopulation": stated}


def customers(population, draws):
    """Every customer as a dictionary: segment, alpha, taste, ideal, appeal and journey."""
    segments, needs = list(population.segments.values()), population.needs
    z_money = draws.normal("price sensitivity", "", 0)
    z_ideal = [draws.normal("ideal point", need, 0) for need in needs]
    for i, drawn in enumerate(KINDS[type(population).__name__](population, draws)):
        mean = segments[drawn["segment"]].ideal
        yield {
            "segment": drawn["segment"],
            "alpha": single(drawn["median"] * exp(population.price_spread * z_money[i])),
            "taste": [single(taste) for taste in population.tastes.values()],
            "ideal": [single(mean[d] + population.ideal_spread * z[i]) for d, z in zip(needs, z_ideal, strict=True)],
            "appeal": [single(v) for v in drawn["appeal"]],
            "journey": [single(length) for length in drawn["journey"]],
        }
