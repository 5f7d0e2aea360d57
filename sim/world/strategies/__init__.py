"""How firms turn what they may know into their next decisions: the first of the two doors to extend the market.

A strategy is ordinary Python, because firms are few. Its parameters are frozen; what it remembers travels in a memory
that the market keeps for it, so that a run can be copied, stopped and resumed.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

import numpy as np

from sim.ground.params import ConfigError, Params, check_number, nearest
from sim.ground.values import native, shown
from sim.state.firm import KINDS
from sim.world.strategies.former import refuse_former, tell_former

Memory = dict[str, Any]


@dataclass(frozen=True)
class PublicFacts:
    """What anybody may see of a firm: last period's offer, and the profit and purchases in its published accounts.

    shown : what mechanisms let the public see of it (`on_publish`), by name: how far its offer stands out
        (`distinctiveness`), and whatever else there is to be seen in such a market; a name is missing where there is nothing.
    """

    price: float
    flexibility: float
    depth: float
    profit: float
    purchases: float = 0.0
    shown: Mapping[str, float] = field(default_factory=dict)

    def __getattr__(self, name: str) -> float:
        raise AttributeError(tell_former(type(self).__name__, name))


@dataclass(frozen=True)
class Seen:
    """Everything a firm may know when it decides: public facts, its own books, the research it paid for.

    Attributes
    ----------
    period : number of the period about to begin, from 0.
    heads : customers in the market (a published statistic).
    me : the firm's own public facts of last period.
    rivals : public facts of the firms of the same mode, by name; empty before the first period is over.
    books : the firm's own last accounts: purchases [trips], revenue, cost, profit, cash [¤].
    needs : (segments, service dimensions) estimate of the segments' ideal points from bought interviews, or None.
    complaints : what was complained of last period: purchases by attribute, or by "delivery" for everything else; empty
        where nobody complains.
    mix : the firm's own strategy mix, as its revision rule has just left it.
    reports : what each mechanism tells this firm about itself, by the mechanism's name: its staff, its dealers, the
        research it paid for; plain numbers and arrays.
    first : whether the firm was not in the market last period, so that its own facts and accounts are of no month.
    """

    period: int
    heads: int
    me: PublicFacts
    rivals: Mapping[str, PublicFacts]
    books: Mapping[str, float]
    needs: np.ndarray | None
    complaints: Mapping[str, int] = field(default_factory=dict)
    mix: Mapping[str, float] = field(default_factory=dict)
    reports: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    first: bool = False


@dataclass(frozen=True)
class Decision:
    """What a firm resolves to do this period.

    Attributes
    ----------
    budget : spending on capabilities [¤ a head of market a month].
    mix : fractions of the budget by kind of strategy (`KINDS`), non-negative, summing to 1 (0 if nothing is spent).
    research_and_development : spending on new features [¤ a head of market a month].
    innovate : kind of feature that research and development aims at.
    imitation : absorptive capacity, the fraction of copying chances that the firm can use.
    standing : this period's advertising, evidence, promise or empowerment, where they are not to be the firm's own.
    policy : values of a mechanism's policies, by mechanism and name, where they are not to be the firm's own.
    """

    budget: float = 0.0
    mix: Mapping[str, float] = field(default_factory=dict)
    research_and_development: float = 0.0
    innovate: str = "price"
    imitation: float = 0.0
    standing: Mapping[str, float] = field(default_factory=dict)
    policy: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def __new__(cls, *args: Any, **fields: Any) -> Self:
        """Refuse what decisions held before, telling where it is said now."""
        refuse_former(fields)
        return super().__new__(cls)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(tell_former(type(self).__name__, name))

    def checked(self) -> Decision:
        """The decision with plain numbers; raises `ConfigError` unless it can be carried out."""
        values = {name: native(getattr(self, name)) for name in _NAMES}
        for name in ("mix", "standing", "policy"):
            if not isinstance(values[name], Mapping):
                raise ConfigError(f"{name} = {shown(values[name])}: expected a mapping of names")
        _check_kind(values["innovate"], "innovate")
        for name, (low, high) in LIMITS.items():
            values[name] = quantity(values[name], name, low, high)
        check_mix(values["mix"], "mix", whole=values["budget"] > 0)
        return self if all(values[name] is getattr(self, name) for name in _NAMES) else Decision(**values)


_NAMES = tuple(each.name for each in fields(Decision))
LIMITS = {  # of a decision's numbers: least, most
    "budget": (0, None),
    "research_and_development": (0, None),
    "imitation": (0, 1),
}


def _check_kind(kind: object, where: str) -> None:
    if not isinstance(kind, str) or kind not in KINDS:
        raise ConfigError(f"{where} = {shown(kind)}: unknown kind; {nearest(str(kind), KINDS)}")


def quantity(value: object, where: str, low: float, high: float | None, whole: bool = False) -> float:
    """A number of a decision; raises `ConfigError` unless it is one and lies within the limits."""
    value = native(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or (whole and value != value // 1):
        raise ConfigError(f"{where} = {shown(value)}: expected {'a whole number' if whole else 'a number'}")
    check_number(value, where, "1", low, high)
    return int(value) if whole else value


def check_mix(mix: object, where: str, whole: bool = True) -> None:
    """Raise `ConfigError` unless these are parts by kind of strategy; whole : that have to sum to 1."""
    if not isinstance(mix, Mapping):
        raise ConfigError(f"{where} = {shown(mix)}: expected parts by kind of strategy: {', '.join(KINDS)}")
    for kind, part in mix.items():
        _check_kind(kind, f"{where}.{kind}")
        quantity(part, f"{where}.{kind}", 0, 1)
    if whole and abs(sum(mix.values()) - 1) > 1e-9:
        raise ConfigError(f"{where}: expected parts that sum to 1, got {sum(mix.values()):.12g}")


class Strategy(Params, abc.ABC):
    """A firm's way of deciding. Subclasses are frozen dataclasses of `param` fields.

    sets : policies of mechanisms that it decides every period, by mechanism; `firms.<firm>.policy` may not say them again.
        Where a number has a parameter of the same name, that is the most that it decides.
    """

    sets: ClassVar[Mapping[str, frozenset[str]]] = {}

    def opening_mix(self) -> dict[str, float]:
        """Strategy mix on the first day, for strategies that let a revision rule change it; empty for the others."""
        return {}

    def check_scenario(self, scenario: Any, name: str) -> None:
        """Raise `ConfigError` if the scenario has no place for this strategy; name : the firm."""

    def begin(self) -> Memory:
        """Memory before the first decision."""
        return {}

    @abc.abstractmethod
    def decide(self, seen: Seen, memory: Memory, rng: np.random.Generator) -> tuple[Decision, Memory]:
        """Decide on the coming period from what is seen; return the decision and the new memory."""
