"""What a firm's money buys, rule by rule: capability, levels of service, cost of a seat, price.

Sources: model.md's capability stock after Nerlove & Arrow (1962), Economica 29, 129-142 (goodwill: spend in, decay
out); square-root response to spending as in Vidale & Wolfe's tradition, Little (1979), Operations Research 27,
629-667. Implements A1-A4, F1, F6.
"""




def seat_cost(vehicle_cost: float, standard_seats: int, seats: int, efficiency: float) -> float:
    """Vehicle cost of one passenger when fewer seats share a vehicle at the same load factor [AUD].

    >>> seat_cost(18.0, 47, 47, 0.0)
    18.0
    """
    return vehicle_cost * standard_seats / seats * (1 - efficiency)
