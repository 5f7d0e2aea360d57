"""Rules of revision against the theory of imitation: Schlag's replicator path, Fermi fixation, Vega-Redondo's Walrasian end."""

import dataclasses
import functools
import math

import numba
import numpy as np
import pytest

import sim
from sim.science.rules.revision import fermi_probability, imitation_probability
from sim.world.strategies import KINDS, PublicFacts, Seen

PLAYERS = 20


@functools.cache
def rule_of(name, **values):
    own = [f"firms.thrift.{key}={value}" for key, value in {"revise_every": 1, "copy_step": 1.0, **values}.items()]
    scenario = sim.compose("firms.thrift.strategy=mixed", f"firms.thrift.revision={name}", *own)
    return scenario.firms["thrift"].revision


def shown(mix, profit):
    """Public facts from which a mix can be read, if the dearest firm asks 1."""
    return PublicFacts(
        1 - mix["price"], mix["flexibility"], mix["diversification"], profit,
        shown={"distinctiveness": mix["distinctiveness"]},
    )  # fmt: skip


def review(rule, mixes, profits, reviewers, number):
    """One round: the reviewers see everybody, a dear firm that earns nothing worth copying among them, and revise."""
    dear = {"dear": PublicFacts(1.0, 0.0, 0.0, -1e9)} if type(rule).__name__ == "ImitateBest" else {}
    facts = {str(i): shown(mix, profit) for i, (mix, profit) in enumerate(zip(mixes, profits, strict=True))}
    after = [*mixes]
    for i in reviewers:
        rivals = {name: f for name, f in facts.items() if name != str(i)} | dear
        sight = Seen(1, 1, facts[str(i)], rivals, {"profit": profits[i]}, None, {}, mixes[i])
        after[i], _ = rule.revise(sight, rule.begin(), np.random.default_rng([number, i]))
    return after


def corner(kind):
    return {k: float(k == kind) for k in KINDS}


def test_imitation_of_the_best_ends_near_the_walrasian_quantity():
    """Cournot, linear demand P = 1 - Q, no cost: five firms, 0.2 each is Walrasian, 1/6 each is Cournot-Nash."""
    rule = rule_of("imitate_best", experimentation=0.05, experiment_step=0.1)
    n, most = 5, 0.4
    rng = np.random.default_rng(1)
    mixes = [dict(zip(KINDS, rng.dirichlet([1, 2, 2, 2]).tolist(), strict=True)) for _ in range(n)]
    total = []
    for number in range(800):
        quantity = np.array([most * mix["flexibility"] for mix in mixes])
        total.append(quantity.sum())
        profits = ((1 - quantity.sum()) * quantity).tolist()
        mixes = review(rule, mixes, profits, range(n), number)
    assert total[0] < 5 / 6
    assert 0.97 <= np.mean(total[400:]) <= 1.03


@numba.njit
def fixed(runs, players, payoff, intensity, rng):
    """Of so many populations with one mutant, how many it takes over: pairs drawn at random compare by the Fermi rule."""
    taken = 0
    for _ in range(runs):
        mutants = 1
        while 0 < mutants < players:
            mine, model = int(rng.random() * players), int(rng.random() * (players - 1))
            model += model >= mine
            is_mutant, sees_mutant = mine < mutants, model < mutants
            if is_mutant != sees_mutant:
                a = ((mutants - 1) * payoff[0, 0] + (players - mutants) * payoff[0, 1]) / (players - 1)
                b = (mutants * payoff[1, 0] + (players - mutants - 1) * payoff[1, 1]) / (players - 1)
                own, other = (a, b) if is_mutant else (b, a)
                if rng.random() < fermi_probability(own, other, intensity):
                    mutants += 1 if sees_mutant else -1
        taken += mutants == players
    return taken / runs


def fixation(players, payoff, intensity):
    """Traulsen, Nowak & Pacheco (2006): 1 / (1 + sum_k prod_{j<=k} T-(j) / T+(j)), the ratio exp(-intensity (a_j - b_j))."""
    total, product = 1.0, 1.0
    for j in range(1, players):
        a = ((j - 1) * payoff[0, 0] + (players - j) * payoff[0, 1]) / (players - 1)
        b = (j * payoff[1, 0] + (players - j - 1) * payoff[1, 1]) / (players - 1)
        product *= math.exp(-intensity * (a - b))
        total += product
    return 1 / total


def test_one_mutant_among_twenty_equally_paid_strategies_fixes_one_time_in_twenty():
    assert fixed(40_000, PLAYERS, np.ones((2, 2)), 1.0, np.random.default_rng(1)) == pytest.approx(
        1 / PLAYERS, abs=0.005
    )


@pytest.mark.parametrize(
    "payoff", [[[1.1, 1.1], [1.0, 1.0]], [[0.0, 1.5], [0.5, 1.0]]], ids=["constant advantage", "hawk and dove"]
)
def test_fixation_under_selection_is_the_fermi_formula(payoff):
    payoff, runs = np.array(payoff), 20_000
    expected = fixation(PLAYERS, payoff, 1.0)
    assert abs(expected - 1 / PLAYERS) > 0.02
    error = math.sqrt(expected * (1 - expected) / runs)
    assert fixed(runs, PLAYERS, payoff, 1.0, np.random.default_rng(2)) == pytest.approx(expected, abs=4 * error)


def test_the_fermi_firms_take_over_as_the_formula_says():
    """Twenty firms through `revise` itself: a firm with a lead takes over from one mutant as often as it should."""
    rule, players, runs, taken = rule_of("fermi", intensity=1.0), 5, 250, 0
    lead = np.array([[2.0, 2.0], [1.0, 1.0]])
    for run in range(runs):
        rng, mixes, number = (
            np.random.default_rng([7, run]),
            [corner("flexibility"), *[corner("diversification")] * 4],
            0,
        )
        while 0 < (mutants := sum(mix["flexibility"] for mix in mixes)) < players:
            profits = [2.0 if mix["flexibility"] else 1.0 for mix in mixes]
            mixes = review(rule, mixes, profits, [int(rng.integers(players))], 1000 * run + number)
            number += 1
        taken += mutants == players
    expected = fixation(players, lead, 1.0)
    assert taken / runs == pytest.approx(expected, abs=4 * math.sqrt(expected * (1 - expected) / runs))


@numba.njit
def imitate(players, share, payoff, span, part, rounds, rng):
    """Share of the first strategy, round by round: a part of the players review, each looks at one other."""
    first = round(share * players)
    path = np.empty(rounds + 1)
    path[0] = first / players
    for t in range(rounds):
        x = first / players
        paid = (payoff[0, 0] * x + payoff[0, 1] * (1 - x), payoff[1, 0] * x + payoff[1, 1] * (1 - x))
        change = 0
        for i in range(players):
            if rng.random() < part:
                mine, other = 0 if i < first else 1, 0 if rng.random() < x else 1
                if rng.random() < imitation_probability(paid[mine], paid[other], span):
                    change += mine - other
        first += change
        path[t + 1] = first / players
    return path


@pytest.mark.parametrize(
    ("payoff", "start"), [([[-1.0, 2.0], [0.0, 1.0]], 0.05), ([[2.0, 2.0], [1.0, 1.0]], 0.02)],
    ids=["hawk and dove", "dominance"],
)  # fmt: skip
def test_proportional_imitation_follows_the_replicator_path(payoff, start):
    """Mean dynamics of 200,000 firms against dx/dt = x (1 - x) (f_1 - f_2) / span, in steps of part."""
    payoff, span, part, rounds = np.array(payoff), 3.0, 0.05, 400
    path = imitate(200_000, start, payoff, span, part, rounds, np.random.default_rng(3))
    x, expected = start, [start]
    for _ in range(rounds * 10):
        lead = (payoff @ [x, 1 - x])[0] - (payoff @ [x, 1 - x])[1]
        x += part / 10 * x * (1 - x) * lead / span
        expected.append(x)
    assert np.abs(path - np.array(expected)[::10]).max() < 0.012
    assert expected[-1] - start > 0.4


def test_firms_that_imitate_in_proportion_move_as_the_replicator_says():
    """The rule through `revise`: the mean change of 40 firms over many rounds from the same state."""
    rule, rounds = rule_of("proportional_imitation", span=2.0), 40
    mixes = [corner("flexibility")] * 10 + [corner("price")] * 30
    profits = [1.5] * 10 + [1.0] * 30
    gained = []
    for number in range(rounds):
        after = review(rule, mixes, profits, range(10, 40), number)
        gained.append(sum(mix["flexibility"] for mix in after) - 10)
    expected = 30 * 10 / 39 * (1.5 - 1.0) / 2.0
    chance = expected / 30
    assert np.mean(gained) == pytest.approx(expected, abs=4 * math.sqrt(30 * chance * (1 - chance) / rounds))


def test_the_replicator_mutator_gives_more_to_what_earns_more_and_loses_nothing():
    scenario = sim.compose("firms.thrift.strategy=mixed", "firms.thrift.revision=replicator_mutator")
    given = {"revise_every": 1, "selection": 1.0, "mutation": 0.1}
    rule = dataclasses.replace(scenario.firms["thrift"].revision, **given)
    own = dict.fromkeys(KINDS, 0.25)
    rich, poor = shown(corner("flexibility"), math.log(4.0)), shown(corner("diversification"), 0.0)
    dear = PublicFacts(1.0, 0.0, 0.0, 0.0, shown={"distinctiveness": 1.0})
    sight = Seen(1, 1, shown(own, 0.0), {"rich": rich, "poor": poor, "dear": dear}, {"profit": 0.0}, None, {}, own)
    mix, _ = rule.revise(sight, rule.begin(), np.random.default_rng(1))
    # flexibility goes with ln 4 * 1 / 1.25, everything else with 0: 4^0.8 against 1; a tenth strays, a third to each other
    fit = np.array([4**0.8, 1.0, 1.0, 1.0])
    share = fit / fit.sum()
    assert [mix[kind] for kind in KINDS] == pytest.approx((0.9 * share + 0.1 * (1 - share) / 3).tolist())


def test_a_content_firm_stays_and_a_discontented_one_searches():
    scenario = sim.compose(
        "firms.thrift.strategy=mixed", "firms.thrift.revision=aspiration", "firms.thrift.revise_every=1",
        "firms.thrift.social=0", "firms.thrift.aspiration_rate=0.5", "firms.thrift.search_step=0.1",
    )  # fmt: skip
    rule = scenario.firms["thrift"].revision
    mix, memory, aspired, moved = dict.fromkeys(KINDS, 0.25), rule.begin(), [], []
    for number, profit in enumerate([8.0, 8.0, 4.0, 4.0, 5.0]):
        sight = Seen(1, 1, shown(mix, profit), {}, {"profit": profit}, None, {}, mix)
        after, memory = rule.revise(sight, memory, np.random.default_rng(number))
        aspired.append(memory["aspiration"])
        moved.append(after != mix)
        assert max(abs(after[k] - mix[k]) for k in KINDS) <= 0.1
        mix = after
    assert aspired == [8.0, 8.0, 6.0, 5.0, 5.0]
    assert moved == [False, False, True, True, False]
