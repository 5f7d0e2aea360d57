"""Sign errors, one a rule, planted in the compiled market's rules: which of them does the plain market find?

    NUMBA_DISABLE_JIT=1 python planted_errors.py

Rules are compiled into the loops that call them, so the market is played here without a compiler: then a rule is an
ordinary function, and a wrong one can stand in its place wherever it was imported. Prints one JSON object: for each error
the month in which the two markets first disagreed and about what, or null if they never did.
"""

import contextlib
import json
import math
import sys
import warnings

import numpy as np
from plain_cases import LIVELY, world
from plain_comparison import disagreements, house_after, plain_after
from plain_market import PlainMarket

import sim
from sim.kernels.bond import add_habit, add_opinion, drift
from sim.mechanisms.contexts import Contexts
from sim.mechanisms.segment_needs import SegmentNeeds
from sim.pricing.cost_plus import CostPlus
from sim.rules.choice import attribute_worth, fare_disutility, fit_gained, gumbel, money_utility
from sim.rules.experience import felt_gap, perceived, smooth
from sim.rules.firm import accumulate, level, room_classes, seat_cost
from sim.rules.habit import carry_on
from sim.rules.numeric import from_grid, to_grid
from sim.rules.programme import first_step, money_saved, nearer
from sim.rules.revision import posture
from sim.rules.rivalry import arrival_probability, copy_probability, learn, notice_lag, opportunity, saturate
from sim.rules.tie import cost_of_leaving

CUSTOMERS, MONTHS = 40, 10


def felt_as_pleasure(gap, loss_aversion):
    """A loss that pleases."""
    return gap if gap >= 0 else -loss_aversion * gap


def habit_away(habit, bought, carry_over):
    """A purchase that takes habit away; kept within its bounds."""
    return min(max(1 - bought + carry_over * (habit - (1 - bought)), 0.0), 65535.0)


def posture_of_the_dear(flexibility, depth, comfort, price, dearest):
    """Who asks more is taken to undercut."""
    visible = (flexibility, depth, max(comfort, 0.0), price / dearest)
    return tuple(value / sum(visible) for value in visible)


def opinion_against(opinion, weight, out_appeal):
    """Satisfaction that repels."""
    for i in range(opinion.size):
        out_appeal[i] -= weight * from_grid(opinion[i])


def habit_against(habit, usual, weight, out_appeal):
    """Habit that repels."""
    for i in range(habit.size):
        out_appeal[i] -= weight * (np.float32(habit[i]) - np.float32(usual[i]))


def drift_away(norm, rate, out_expectation):
    """An expectation that flees from what is common."""
    for i in range(out_expectation.size):
        expected = from_grid(out_expectation[i])
        out_expectation[i] = to_grid(expected - rate * (norm - expected))


def timetable_for_peaks(contexts, market):
    """A timetable that leaves the gap in ordinary hours; nothing else has moved the attribute yet."""
    serve_contexts(contexts, market)
    market.board.level[:, market.attributes.index(contexts.attribute)] *= -1


def away_from_needs(needs, market):
    """An offer that lies on the other side of the standard than what customers want."""
    serve_needs(needs, market)
    market.board.position[:] = 2 * needs.standard - market.board.position


def markup_off(rule, quote, memory, rng):
    """A markup taken off the cost."""
    return quote.flat(quote.mean_cost * (1 - rule.markup)), memory


serve_contexts, serve_needs = Contexts.on_offer, SegmentNeeds.on_offer
WRONG = {
    fare_disutility: lambda alpha, journey, fare: -alpha * journey * fare,
    attribute_worth: lambda taste, level: -taste * level,
    fit_gained: lambda weight, z, z0, a: weight * ((z - a) ** 2 - (z0 - a) ** 2),
    gumbel: lambda u: math.log(-math.log(u)),
    money_utility: lambda inclusive, alpha: -math.log(inclusive) / alpha,
    felt_gap: felt_as_pleasure,
    smooth: lambda before, target, rate: before - rate * (target - before),
    perceived: lambda total, technical, w_t, w_f: w_t * technical - w_f * (total - technical),
    carry_on: habit_away,
    add_habit: habit_against,
    add_opinion: opinion_against,
    drift: drift_away,
    first_step: lambda points, threshold, g: -points / threshold,
    nearer: lambda points, threshold, step, g: step * math.exp(-g * points / threshold),
    money_saved: lambda points, threshold, step, foresight, g, fare: -foresight * fare,
    cost_of_leaving: lambda last, firm, cost: -cost if last >= 0 and last != firm else 0.0,
    accumulate: lambda stock, spend, gain, decay: (1 + decay) * stock + gain * math.sqrt(spend),
    level: lambda stock: math.expm1(-stock),
    seat_cost: lambda cost, standard, seats, saving: cost * standard / seats * (1 + saving),
    room_classes: lambda standard, seats, luxury: math.log(seats / standard) / math.log(standard / luxury),
    arrival_probability: lambda spend, productivity: math.expm1(-productivity * math.sqrt(spend)),
    opportunity: lambda earlier, exhaustion: (1 + exhaustion) ** earlier,
    saturate: lambda total, most: math.copysign(most * math.expm1(-abs(total) / most), -total),
    notice_lag: lambda draw, mean: int(math.log(1 - draw) / math.log(mean / (1 + mean))) if mean else 0,
    copy_probability: lambda age, lag, imitability, capacity: -imitability * capacity if age >= lag else 0.0,
    learn: lambda fidelity, growth, ceiling: max(fidelity - growth, 0.0),
    posture: posture_of_the_dear,
    serve_contexts: timetable_for_peaks,
    serve_needs: away_from_needs,
    CostPlus.price: markup_off,
}  # fmt: skip


def name_of(rule):
    """Name of a rule with its module's, such as choice.gumbel."""
    return f"{rule.__module__.rsplit('.', 1)[-1]}.{rule.__qualname__}"


@contextlib.contextmanager
def planted(rule, wrong):
    """Put a wrong rule wherever the right one was imported, for as long as it is wanted."""
    modules = [module for name, module in sys.modules.items() if name.split(".")[0] == sim.__name__]
    owners = [*modules, Contexts, CostPlus, SegmentNeeds]
    places = [(owner, name) for owner in owners for name, value in list(vars(owner).items()) if value is rule]
    assert places, f"nobody uses {name_of(rule)}"
    for owner, name in places:
        setattr(owner, name, wrong)
    try:
        yield
    finally:
        for owner, name in places:
            setattr(owner, name, rule)


def first_disagreement(scenario, expected):
    """Month and names of what the compiled market says otherwise than the plain one, or None."""
    market = sim.Market(scenario)
    for month, plain in enumerate(expected):
        market.step()
        if names := disagreements(house_after(market), plain):
            return [month, *names]
    return None


def hunt():
    """The same scenario without an error, then once for each error."""
    scenario = world(*LIVELY, customers=CUSTOMERS, months=MONTHS)
    plain, expected = PlainMarket(scenario), []
    for _ in range(MONTHS):
        plain.step()
        expected.append(plain_after(plain))
    found = {"nothing": first_disagreement(scenario, expected)}
    for rule, wrong in WRONG.items():
        with planted(rule, wrong):
            found[name_of(rule)] = first_disagreement(scenario, expected)
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # without a compiler, unsigned numbers that wrap around warn
    print(json.dumps(hunt()))
