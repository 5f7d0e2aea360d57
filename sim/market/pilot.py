"""Test markets that a firm pays for (A6, C2; Urban & Hauser 1993, Design and Marketing of New Products): a copy of the market.

A firm cannot look into the market, but it can try something for a while where it does no harm, at a price. The market
plays each mix that the revision rule wants tried on a copy of itself: customers as they are now, rivals of all modes
repeating their last decision and the fares they asked last, and every draw under another seed, so that nothing that will happen
by chance in the market itself is foreseen. All mixes of one review are tried under the same draws and may be compared.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.ground import draws
from sim.world.revision.fixed import Fixed
from sim.world.told import SameFares, told

if TYPE_CHECKING:
    from sim.market.agents import Firm
    from sim.state.state import State
    from sim.world.revision import Mix, Pilots
    from sim.world.strategies import Decision, Seen

SEEDS = 2**53


def hold(market: State, firm: Firm, seen: Seen) -> Seen:
    """What the firm sees once the test markets that its revision rule orders have been held; they are billed."""
    firm.pilot_cost = 0.0
    orders, firm.revision_memory = firm.ask("revision", "pilots", seen, firm.revision_memory)
    if orders is None or not orders.mixes:
        return seen
    firm.pilot_cost = orders.cost * orders.months * len(orders.mixes) * market.heads
    earned = {"mixes": [dict(mix) for mix in orders.mixes], "profit": try_out(market, firm, orders)}
    return replace(seen, reports={**seen.reports, "pilot": earned})


def try_out(market: State, firm: Firm, orders: Pilots) -> list[float]:
    """Mean profit of the firm in each test market [¤ a head of market and month]."""
    state = market.snapshot()
    seed = int(draws.generator(market.seed, "pilot", firm.name, market.period).integers(SEEDS))
    firms = {
        name: told(spec, SameFares()) if name in _settled(market, firm) else replace(spec, revision=Fixed())
        for name, spec in market.world.firms.items()
    }
    trial = type(market)(market.world.replace(seed=seed, firms=firms))
    return [_play(trial, state, market, firm.name, mix, orders.months) for mix in orders.mixes]


def _settled(market: State, tester: Firm) -> set[str]:
    """The other firms that have decided before and can repeat it; who comes in later decides for itself."""
    return {firm.name for firm in market.firms if firm is not tester and firm.decided}


def _repeated(market: State, firm: Firm) -> Decision:
    """The firm's last decision, without what it buys once."""
    policy = dict(firm.decision.policy)
    for name, mechanism in market.world.mechanism.items():
        if mechanism.once:
            policy[name] = {**policy.get(name, {}), **mechanism.once}
    return replace(firm.decision, policy=policy)


def _play(trial: State, state: dict, market: State, name: str, mix: Mix, months: int) -> float:
    trial.restore(state)
    trial.opened, trial.published = market.period, dict(market.published)  # who enters this month has entered
    for rival in _settled(market, market.firm(name)):
        firm = trial.firm(rival)
        firm.memory, firm.pricing_memory = {"decision": _repeated(market, firm)}, {}
        firm.revision_memory, firm.mix = {}, {}
    tester = trial.firm(name)
    tester.mix, tester.revision_memory = dict(mix), {}
    earned = 0.0
    for _ in range(months):
        trial.step()
        earned += tester.books["profit"]
    return earned / months / market.heads
