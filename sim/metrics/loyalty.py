"""Loyalty as it shows: measured from purchases, never assumed."""

from __future__ import annotations

import numpy as np

from sim.metrics import ratio


def repeat_rate(repeated: np.ndarray, returning: np.ndarray) -> np.ndarray:
    """Buyers of this period who bought from their last provider again / buyers whose last provider it was [1].

    Source: Ehrenberg (1988), Repeat-Buying, ch. 2.

    >>> repeat_rate(np.array([3]), np.array([4])).tolist()
    [0.75]
    """
    return ratio(repeated, returning)


def retention(kept: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Customers of the twelve months before who bought again in the last twelve / customers of the twelve before [1].

    Source: Fader & Hardie (2009), Probability models for customer-base analysis, J. Interactive Marketing 23.

    >>> retention(np.array([81]), np.array([100])).tolist()
    [0.81]
    """
    return ratio(kept, held)
