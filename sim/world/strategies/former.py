"""What decisions and public facts held before, when every market was one of coaches: each word with where it is said now."""

from __future__ import annotations

from collections.abc import Iterable

from sim.ground.params import ConfigError

NOW_POLICY = {  # fields of a decision that are policies of a mechanism now
    "seats": ("signature", "seats"),
    "attended": ("signature", "attended"),
    "programme": ("loyalty_programme", "run"),
    "interviews": ("segment_needs", "interviews"),
}
NOW_SHOWN = {"comfort": "distinctiveness", "seats": "seats", "programme": "programme"}  # public facts


def refuse_former(names: Iterable[str]) -> None:
    """Raise `ConfigError` if a decision is to be made with a field that is a policy of a mechanism now.

    >>> refuse_former(["budget", "mix"])
    """
    former = [name for name in names if name in NOW_POLICY]
    if not former:
        return
    policy: dict[str, list[str]] = {}
    for name in former:
        mechanism, now = NOW_POLICY[name]
        policy.setdefault(mechanism, []).append(f'"{now}": ...')
    said = ", ".join(f'"{mechanism}": {{{", ".join(now)}}}' for mechanism, now in policy.items())
    raise ConfigError(f"Decision({former[0]}=...): a policy of a mechanism now; write Decision(policy={{{said}}})")


def tell_former(kind: str, name: str) -> str:
    """What to say when a decision or public facts are asked for something that they do not hold.

    >>> tell_former("Decision", "attended")
    'Decision.attended: a policy of a mechanism now; read policy["signature"]["attended"]'
    """
    if kind == "Decision" and name in NOW_POLICY:
        mechanism, now = NOW_POLICY[name]
        return f'{kind}.{name}: a policy of a mechanism now; read policy["{mechanism}"]["{now}"]'
    if kind == "PublicFacts" and name in NOW_SHOWN:
        return f'{kind}.{name}: shown by a mechanism now; read shown.get("{NOW_SHOWN[name]}")'
    return f"{kind!r} object has no attribute {name!r}"
