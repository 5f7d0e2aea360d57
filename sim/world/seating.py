"""Seats in a firm's vehicle: a policy of `signature`, counted by whoever bills or sells them, whether that is on or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.state.firm import FirmState
    from sim.world.firm import FirmSpec


def seats_in_vehicle(firm: FirmState) -> int:
    """Seats in one of the firm's vehicles: those of its mode's standard one unless it says another number."""
    return firm.policy("signature", "seats", 0) or firm.mode.seats or 1


def seats_shown(firm: FirmState) -> dict[str, float]:
    """What anybody can count: public facts for `on_publish`."""
    return {"seats": seats_in_vehicle(firm)}


def most_seats(firm: FirmSpec) -> int | None:
    """Most seats that the firm's vehicles will have: what a strategy that sets them has for it; None if only the run tells."""
    return getattr(firm.strategy, "seats", None) if "seats" in type(firm.strategy).sets.get("signature", ()) else None
