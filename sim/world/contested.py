"""Whom a comparison is about: the firms of the mode that most firms share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.world.scenario import Scenario


def contested_of(scenario: Scenario, strategy: Mapping[str, str]) -> dict[str, str]:
    """Firms of the mode that most firms share, with their strategies; all firms if no mode is shared."""
    return {name: strategy[name] for name in rivals({name: spec.mode for name, spec in scenario.firms.items()})}


def rivals(modes: Mapping[str, str]) -> list[str]:
    """Names of those firms, from the firms' modes by name.

    >>> rivals({"fast": "coach", "slow": "coach", "car": "car"}), rivals({"a": "air", "t": "train"})
    (['fast', 'slow'], ['a', 't'])
    """
    each = list(modes.values())
    busiest = max(sorted(set(each)), key=each.count)
    return [name for name, mode in modes.items() if mode == busiest or each.count(busiest) == 1]
