"""What it costs to win and to keep customers, and what that returns (D4): from paired runs, and from the books alone."""

from __future__ import annotations

import numpy as np

from sim.metrics import ratio


def incremental_cost(spent: np.ndarray, with_it: np.ndarray, without: np.ndarray) -> np.ndarray:
    """Cost of one more customer: spending / (customers with the spending - customers without it) [¤].

    Customers won, or kept, in two runs that share all draws; negative where spending drove customers away.
    Source: incremental response, Blattberg & Neslin (1990), Sales Promotion, ch. 5.

    >>> float(incremental_cost(600.0, 130, 100))
    20.0
    """
    return ratio(spent, np.subtract(with_it, without))


def booked_cost(spent: np.ndarray, customers: np.ndarray) -> np.ndarray:
    """What a firm's books say a customer cost: spending / all who came, or all who stayed [¤].

    Most of them would have come, or stayed, without it; only a paired run can tell.
    Source: Blattberg & Deighton (1996), Harvard Business Review 74(4).

    >>> float(booked_cost(600.0, 130)) == 600 / 130
    True
    """
    return ratio(spent, customers)


def incremental_cost_limits(spent: float, more: float, half: float) -> tuple[float, float]:
    """Limits of the cost of one more customer, from the interval more +/- half of customers; infinite where it reaches 0.

    >>> incremental_cost_limits(600.0, 25.0, 5.0), incremental_cost_limits(600.0, 25.0, 35.0)
    ((20.0, 30.0), (10.0, inf))
    """
    return spent / (more + half), spent / (more - half) if more > half else float("inf")


def return_on_spending(profit_with: np.ndarray, profit_without: np.ndarray, spent: np.ndarray) -> np.ndarray:
    """Profit gained per ¤ spent, the spending itself paid: -1 if the money is simply lost [1].

    >>> float(return_on_spending(950.0, 1000.0, 100.0))
    -0.5
    """
    return ratio(np.subtract(profit_with, profit_without), spent)


def profit_of_less_churn(
    contribution: np.ndarray, retention: np.ndarray, profit: np.ndarray, points: float = 0.05
) -> np.ndarray:
    """Growth of profit when so much less of the customers leave a year and as many come as before [1].

    With c newcomers a year a firm settles at c / (1 - r) customers; so contribution grows by (1 - r) / (1 - r - points)
    while what else the firm pays stays. contribution, profit : ¤ a year. retention : r [1], held below 1.
    Source: after Reichheld & Sasser (1990), Harvard Business Review 68; steady state of a renewal, Fader & Hardie (2009).

    >>> round(float(profit_of_less_churn(1000.0, 0.75, 500.0)), 3)  # a quarter more customers
    0.5
    """
    left = np.subtract(1, retention)
    after = np.maximum(np.subtract(left, points), 1e-9)
    return ratio(np.multiply(contribution, ratio(left, after) - 1), np.abs(profit))
