"""What a month without mechanisms needs to know, read off a market: the same for every peer."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Given:
    """One month's offers and customers; arrays of customers come last axis by customer.

    alpha, taste, journey, standard, segment : of customers. cumulative : (segments, contexts) mix of contexts.
    fare, cents : (firms, cells). level : (firms, attributes, cells). presence, mode : (firms,).
    """

    alpha: np.ndarray
    taste: np.ndarray
    journey: np.ndarray
    standard: np.ndarray
    segment: np.ndarray
    cumulative: np.ndarray
    fare: np.ndarray
    cents: np.ndarray
    level: np.ndarray
    presence: np.ndarray
    mode: np.ndarray


def given(market):
    """Read it off a market whose month has been opened."""
    table, board = market.table, market.board
    return Given(
        table["price_sensitivity"], table["taste"], table["journey"], table["standard_appeal"], table["segment"],
        market.cumulative_mix, board.fare, board.cents, board.level, market.presence, market.mode_of,
    )  # fmt: skip
