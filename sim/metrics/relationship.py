"""The stages of the relationship between customers and a firm, and the passage from one to another."""

from __future__ import annotations

import numpy as np

from sim.metrics import ratio


def stage_shares(counts: np.ndarray) -> np.ndarray:
    """Part of the customers in each stage [1]; counts : (..., stages), one line a firm or a period.

    Source: life cycle of buyer and seller, Dwyer, Schurr & Oh (1987), J. Marketing 51.

    >>> stage_shares(np.array([[3, 1], [1, 1]])).tolist()
    [[0.75, 0.25], [0.5, 0.5]]
    """
    return ratio(counts, np.sum(counts, axis=-1, keepdims=True))


def transition_matrix(counts: np.ndarray) -> np.ndarray:
    """Probability to be in the column's state next, the row's being the present one [1]; NaN for a row never seen.

    counts : (states, states) passages from row to column, those to the same state included.
    Source: maximum likelihood, Anderson & Goodman (1957), Annals of Mathematical Statistics 28; of customers,
    Pfeifer & Carraway (2000), J. Interactive Marketing 14.

    >>> transition_matrix(np.array([[3, 1], [0, 0]])).tolist()
    [[0.75, 0.25], [nan, nan]]
    """
    counts = np.asarray(counts, float)
    return ratio(counts, counts.sum(axis=1, keepdims=True))


def dwell_time(passages: np.ndarray) -> np.ndarray:
    """Mean stay in each state: all passages from it / those that leave it = 1 / (1 - p_ii) [periods]; NaN if never left.

    passages : (states, states), counts or probabilities of passing from row to column.
    Source: Kemeny & Snell (1960), Finite Markov Chains, ch. 3.

    >>> dwell_time(np.array([[0.75, 0.25], [0.5, 0.5]])).tolist()
    [4.0, 2.0]
    """
    leaving = np.where(np.eye(len(passages), dtype=bool), 0, passages).sum(axis=1)
    return ratio(np.sum(passages, axis=1), leaving)
