"""Decided capacity: a fleet follows a plan, slowly; a seat costs money whether it is sold or not.

    K* = expected demand / (target load * seats of the standard timetable)   (or a size that the firm names)
    K' = K + expansion (K* - K)   if K* > K,       K' = K - retirement (K - K*)   if K* < K
    fleet's cost = q v lambda0 S,      of which idle = q v lambda0 (S - sold)

K is measured in standard timetables, v is the vehicle cost of a passenger at the standard load lambda0, q the part of
it that does not depend on passengers. At the standard load the fleet costs what passengers are billed, whatever q.
Sources: Talluri & van Ryzin (2004), The Theory and Practice of Revenue Management, ch. 1 and sect. 9.2, on capacity that
is paid for before it is sold; Hamermesh & Pfann (1996), Journal of Economic Literature 34, 1264-1292, on slow adjustment
and its cost. Implements G3, C8.
"""


def planned(expected: float, target_load: float, standard: float) -> float:
    """Fleet in standard timetables that carries the expected demand at the load aimed at.

    >>> planned(60.0, 0.5, 100.0)
    1.2
    """
    return expected / (target_load * standard)


def adjusted(fleet: float, plan: float, expansion: float, retirement: float) -> float:
    """Fleet of next month: a part of the gap to the plan is closed.

    >>> adjusted(1.0, 2.0, 0.1, 0.05), adjusted(1.0, 0.0, 0.1, 0.05)
    (1.1, 0.95)
    """
    return fleet + (expansion if plan > fleet else retirement) * (plan - fleet)


def seat_price(vehicle: float, fixed_share: float, standard_load: float) -> float:
    """What a seat costs whether it is sold or not [¤].

    >>> seat_price(18.0, 1.0, 0.5)
    9.0
    """
    return vehicle * fixed_share * standard_load


def fleet_bill(vehicle: float, fixed_share: float, standard_load: float, seats: float, journeys: float) -> float:
    """What the fleet costs over what the journeys were billed for it [¤]; nothing at the standard load.

    >>> fleet_bill(18.0, 1.0, 0.5, 100, 50.0), fleet_bill(18.0, 1.0, 0.5, 100, 30.0)
    (0.0, 360.0)
    """
    return seat_price(vehicle, fixed_share, standard_load) * seats - vehicle * fixed_share * journeys
