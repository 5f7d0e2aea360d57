"""What a seat costs: the vehicle's cost shared by those who sit in it, less what efficiency saves. Implements A4, F6."""


def seat_cost(vehicle_cost: float, standard_seats: int, seats: int, efficiency: float) -> float:
    """Vehicle cost of one passenger when fewer seats share a vehicle at the same load factor [¤].

    >>> seat_cost(18.0, 47, 47, 0.0)
    18.0
    """
    return vehicle_cost * standard_seats / seats * (1 - efficiency)
