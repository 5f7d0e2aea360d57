"""How an innovation spreads when some adopt by themselves and others because others have."""

from __future__ import annotations

import numpy as np


def bass_curve(months: np.ndarray, innovation: float, imitation: float) -> np.ndarray:
    """Part of the final adopters who have adopted so many months after the start [1].

    F(t) = (1 - e^-(p + q) t) / (1 + q / p e^-(p + q) t); innovation : p [1/month], above 0. imitation : q [1/month].
    Source: Bass (1969), Management Science 15.

    >>> bass_curve(np.array([0.0, np.log(4.0)]), 0.5, 0.5).round(6).tolist()
    [0.0, 0.6]
    """
    left = np.exp(-(innovation + imitation) * np.asarray(months, float))
    return (1 - left) / (1 + imitation / innovation * left)


def peak_time(innovation: float, imitation: float) -> float:
    """Months from the start to the fastest adoption: ln(q / p) / (p + q), 0 where q does not exceed p.

    Source: Bass (1969), Management Science 15.

    >>> round(peak_time(0.01, 0.1), 3)
    20.933
    """
    return float(np.log(imitation / innovation) / (innovation + imitation)) if imitation > innovation else 0.0


def peak_height(innovation: float, imitation: float) -> float:
    """Fastest adoption [part of the final adopters per month]: (p + q)^2 / 4 q, p where q does not exceed p.

    Source: Bass (1969), Management Science 15.

    >>> peak_height(0.25, 0.75)
    0.3333333333333333
    """
    return (innovation + imitation) ** 2 / (4 * imitation) if imitation > innovation else innovation
