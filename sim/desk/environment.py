"""Policies from outside (A10): the firms of a market as the agents of a PettingZoo environment.

A policy that was learned elsewhere sees what its firm may know (`Seen`, as a vector) and decides once a month for its
firm. It gets the firm's monthly profit a head of the market as its reward. All other firms play the strategies of the
scenario. Source: Terry et al. (2021), PettingZoo: Gym for multi-agent reinforcement learning, NeurIPS 34.

This module is the only one that needs PettingZoo and Gymnasium: `pip install 'differentia[rl]'`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import yaml
from gymnasium.spaces import Box
from pettingzoo import ParallelEnv

from sim.ground.folders import config_folder
from sim.ground.params import ConfigError, Params, nearest, param
from sim.market import phases
from sim.market.given import seeded
from sim.market.market import Market
from sim.world.pricing import Pricing
from sim.world.scenario import Scenario
from sim.world.strategies import KINDS, Decision, PublicFacts, Seen
from sim.world.told import told

AIMS = tuple(kind for kind in KINDS if kind != "price")
ACTIONS = (
    *(f"mix.{kind}" for kind in KINDS), "budget", "research_and_development", *(f"innovate.{kind}" for kind in AIMS),
    "seats", "attended", "programme", "interviews", "imitation", "markup",
)  # fmt: skip
FACTS = ("price", "flexibility", "depth", "comfort", "seats", "programme", "profit", "purchases")
SHOWN = {"comfort": "distinctiveness", "seats": "seats", "programme": "programme"}  # by what mechanisms call them
BOOKS = ("purchases", "revenue", "cost", "profit", "cash")
PER_HEAD = ("profit", "purchases")
HALF = 0.5


@dataclass(frozen=True, kw_only=True)
class Reach(Params):
    """What an outside policy may decide at most; the values are in `configs/environment.yaml`."""

    budget: float = param("most spending on capabilities", "¤/head/month", low=0, source="register R252")
    research_and_development: float = param(
        "most spending on features", "¤/head/month", low=0, source="register R252"
    )
    seats: tuple[int, ...] = param("fewest and most seats in a coach", "seats", low=1, source="register R253")
    interviews: int = param("most interviews in a month", "customers", low=0, source="register R254")
    markup: tuple[float, ...] = param("lowest and highest markup on unit cost", "1", low=-1, source="register R255")

    def check(self):
        """Limits come in pairs."""
        for name in ("seats", "markup"):
            limits = getattr(self, name)
            if len(limits) != 2 or limits[0] > limits[1]:
                raise ConfigError(f"{name} = {list(limits)}: expected [lowest, highest]")


@dataclass(frozen=True, kw_only=True)
class AskedMarkup(Pricing):
    """Mean unit cost, or the list price where no cost is known, times (1 + the markup that lies in the memory)."""

    def begin(self):
        """Cost, before anybody has asked for anything."""
        return {"markup": 0.0}

    def price(self, quote, memory, rng):
        """One fare for all segments."""
        return quote.flat((quote.mean_cost or quote.list_price) * (1 + memory["markup"])), memory


class Firms(ParallelEnv):
    """The firms of a scenario as agents that decide at the same time, once a month.

    Parameters
    ----------
    scenario : the world; it is played for its `periods`, then all agents are truncated.
    agents : names of the firms that are played from outside; by default all firms of the modes that several firms share.
    reach : what an action may decide at most; by default the shipped values.

    `reset(seed)` plays the world with that seed; without a seed each episode takes the next one after the scenario's.
    An agent whose firm leaves the market is terminated.

    Examples
    --------
    >>> import sim
    >>> env = Firms(sim.compose("population.customers=300", "periods=2"), ["echo", "thrift"])
    >>> seen, _ = env.reset(seed=5)
    >>> env.agents, seen["echo"].shape == env.observation_space("echo").shape
    (['echo', 'thrift'], True)
    """

    metadata = {"name": "differentia_firms_v0", "render_modes": []}

    def __init__(self, scenario: Scenario, agents: Iterable[str] | None = None, reach: Reach | None = None) -> None:
        self.possible_agents = _agents(seeded(scenario, None), agents)
        values = yaml.safe_load((config_folder() / "environment.yaml").read_text(encoding="utf-8"))
        self.reach = Reach.build(values, "environment") if reach is None else reach
        outside = {name: told(scenario.firms[name], AskedMarkup()) for name in self.possible_agents}
        self.scenario = scenario.replace(firms={**scenario.firms, **outside})
        self.agents, self.render_mode, self.episode, self.market = [], None, 0, None
        self._seen: Mapping[str, Seen] = {}
        self._entries = {name: self._names(name) for name in self.possible_agents}
        low = {name: np.full(len(entries), -np.inf, np.float32) for name, entries in self._entries.items()}
        self._sights = {name: Box(bottom, -bottom, dtype=np.float32) for name, bottom in low.items()}
        self._moves = {name: Box(0.0, 1.0, (len(ACTIONS),), np.float32) for name in self.possible_agents}

    def observation_space(self, agent: str) -> Box:
        """Vectors of the entries that `entries` names."""
        return self._of(agent, self._sights)

    def action_space(self, agent: str) -> Box:
        """Numbers from 0 to 1, one for each name of `ACTIONS`."""
        return self._of(agent, self._moves)

    def entries(self, agent: str) -> tuple[str, ...]:
        """Names of the entries of an agent's observations, in order."""
        return self._of(agent, self._entries)

    def seen(self, agent: str) -> Seen:
        """Everything the agent's firm may know now, what mechanisms report to it included."""
        if not self._seen:
            raise ConfigError("seen: nothing yet; call reset() before")
        return self._of(agent, self._seen)

    @staticmethod
    def _of(agent: str, known: Mapping[str, Any]) -> Any:
        if agent not in known:
            raise ConfigError(f"agent {agent!r}: unknown agent; {nearest(str(agent), known)}")
        return known[agent]

    def reset(self, seed: int | None = None, options: dict | None = None):
        """Open a market; observations and infos by agent."""
        self.market = Market(self.scenario, rng=self.scenario.seed + self.episode if seed is None else seed)
        self.episode += 1
        phases.begin(self.market)
        self._seen = phases.look(self.market)
        self.agents = [name for name in self.possible_agents if name in self._seen]
        return {name: self._encode(name) for name in self.agents}, {name: {} for name in self.agents}

    def step(self, actions: Mapping[str, np.ndarray]):
        """Play one month; observations, rewards, terminations, truncations and infos of those who were there.

        Raises
        ------
        ConfigError : before `reset` or after the last month; an agent without an action, or with one that is none. Then
            nothing was played.
        """
        self._check(actions)
        market, played = self.market, self.agents
        told = {name: self.decision(name, actions[name]) for name in played}
        for name, (decision, markup) in told.items():
            firm = market.firm(name)
            firm.memory, firm.pricing_memory = {"decision": decision}, {"markup": markup}
        phases.decide(market, self._seen)
        phases.offer(market)
        market.customers.do("step")
        market.close()
        over = not market.running
        if over:  # nobody enters or leaves a month that will not be played
            published = {firm.name: firm.public_facts() for firm in market.trading}
            self._seen = {firm.name: firm.look(published) for firm in market.trading}
        else:
            phases.begin(market)
            self._seen = phases.look(market)
        gone = {name: name not in self._seen for name in played}
        self._seen = {**self._seen, **{n: market.firm(n).look(market.published) for n in played if gone[n]}}
        self.agents = (
            [] if over else [name for name in self.possible_agents if name in self._seen and not gone.get(name)]
        )
        told = [
            *played,
            *(name for name in self.agents if name not in played),
        ]  # newcomers see, and have earned nothing
        rewards = {name: market.firm(name).books["profit"] / market.heads for name in told}
        sights, gone = {name: self._encode(name) for name in told}, {name: gone.get(name, False) for name in told}
        return sights, rewards, gone, {name: over and not gone[name] for name in told}, {name: {} for name in told}

    def _check(self, actions: object) -> None:
        """Raise `ConfigError` unless there is a month to play, and an action for every agent."""
        if self.market is None or not self.market.running:
            raise ConfigError(f"step: {'no' if self.market is None else 'the last'} month is open; call reset() before")
        if not isinstance(actions, Mapping):
            raise ConfigError(f"actions: expected an action for each agent by name, got a {type(actions).__name__}")
        for name in actions:
            self._of(name, self._moves)
        missing = [name for name in self.agents if name not in actions]
        if missing:
            raise ConfigError(f"actions: missing for {', '.join(missing)}; expected one for each of env.agents")

    def render(self) -> None:
        """Nothing to draw: see the report of a run."""

    def decision(self, agent: str, action: np.ndarray) -> tuple[Decision, float]:
        """Decision and markup that an action stands for; override it to let policies decide on more.

        Numbers outside 0 to 1 are cut off there. Weights of the mix are scaled to sum to 1, all alike if all are 0;
        research aims at the kind with the greatest weight; yes is 0.5 and more.
        """
        try:
            numbers = np.asarray(action, float)
        except (TypeError, ValueError):
            numbers = np.empty(0)
        if numbers.shape != (len(ACTIONS),) or not np.isfinite(numbers).all():
            raise ConfigError(f"action of {agent}: expected {len(ACTIONS)} finite numbers: {', '.join(ACTIONS)}")
        part = dict(zip(ACTIONS, np.clip(numbers, 0.0, 1.0).tolist(), strict=True))
        weights, reach = [part[f"mix.{kind}"] for kind in KINDS], self.reach
        total = sum(weights)
        decision = Decision(
            budget=part["budget"] * reach.budget,
            mix={kind: w / total if total > 0 else 1 / len(KINDS) for kind, w in zip(KINDS, weights, strict=True)},
            research_and_development=part["research_and_development"] * reach.research_and_development,
            innovate=max(AIMS, key=lambda kind: part[f"innovate.{kind}"]),
            imitation=part["imitation"],
            policy={
                "signature": {
                    "seats": round(reach.seats[0] + part["seats"] * (reach.seats[1] - reach.seats[0])),
                    "attended": part["attended"] >= HALF,
                },
                "loyalty_programme": {"run": part["programme"] >= HALF},
                "segment_needs": {"interviews": round(part["interviews"] * reach.interviews)},
            },
        )
        return decision, reach.markup[0] + part["markup"] * (reach.markup[1] - reach.markup[0])

    def _rivals(self, agent: str) -> list[str]:
        """Firms of the same mode, whether they are in the market or not."""
        firms = self.scenario.firms
        return [name for name in firms if name != agent and firms[name].mode == firms[agent].mode]

    def _names(self, agent: str) -> tuple[str, ...]:
        population = self.scenario.population
        names = ["period", *(f"me.{fact}" for fact in FACTS), *(f"books.{entry}" for entry in BOOKS), "needs.known"]
        names += [f"needs.{segment}.{need}" for segment in population.segments for need in population.needs]
        names += [f"complaints.{fault}" for fault in (*population.tastes, "delivery")]
        for rival in self._rivals(agent):
            names += [f"rivals.{rival}.seen", *(f"rivals.{rival}.{fact}" for fact in FACTS)]
        return tuple(names)

    def _encode(self, agent: str) -> np.ndarray:
        """What the firm sees as one vector; zeros for what it does not know."""
        seen, population = self._seen[agent], self.scenario.population
        shape = len(population.segments), len(population.needs)
        needs = np.zeros(shape) if seen.needs is None else seen.needs
        faults = [seen.complaints.get(fault, 0) / seen.heads for fault in (*population.tastes, "delivery")]
        books = [seen.books[entry] / seen.heads for entry in BOOKS]
        values = [seen.period, *_facts(seen.me, seen.heads), *books, seen.needs is not None, *needs.ravel(), *faults]
        for rival in self._rivals(agent):
            facts = seen.rivals.get(rival)
            values += [facts is not None, *([0.0] * len(FACTS) if facts is None else _facts(facts, seen.heads))]
        return np.array(values, np.float32)


def _agents(scenario: Scenario, agents: object) -> list[str]:
    """The firms named, or all of the modes that several firms share; raises `ConfigError` for anything else."""
    shared = [spec.mode for spec in scenario.firms.values()]
    contested = [name for name, spec in scenario.firms.items() if shared.count(spec.mode) > 1]
    if agents is not None and (isinstance(agents, str) or not isinstance(agents, Iterable)):
        raise ConfigError(f"agents = {agents!r}: expected a list of firms' names")
    named = contested if agents is None else [*dict.fromkeys(agents)]
    for name in named:
        if name not in scenario.firms:
            raise ConfigError(f"agents: unknown firm '{name}'; {nearest(str(name), scenario.firms)}")
    if not named:
        raise ConfigError("agents: none; expected the names of firms to be played from outside")
    return sorted(named)


def _facts(facts: PublicFacts, heads: int) -> list[float]:
    """Public facts as numbers, profit and purchases a head of the market; 0 for what nothing shows."""
    values = vars(facts) | {name: facts.shown.get(key, 0.0) for name, key in SHOWN.items()}
    return [float(values[name]) / (heads if name in PER_HEAD else 1) for name in FACTS]
