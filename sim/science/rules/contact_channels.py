"""Contact channels: how a customer prefers to reach a firm, and which way is left when that one is closed.

Reaching a firm through channel c costs the customer friction_c; a customer whose preferred channel the firm does not
run takes the firm's easiest one and the detour on top. Fitted constants and the known handling cost already hold what
is usual, so everything is counted over the mean of the segment's own preferences::

    reach_fsc = mean_s(friction) - friction_{r(f, c)} - detour [c not run by f],   mean_s(x) = sum_c p_sc x_c

Sources: Bucklin (1966), A Theory of Distribution Channel Structure, for channels as bundles of service outputs that
save the customer's effort; Coughlan, Anderson, Stern & El-Ansary (2006), Marketing Channels, 7th ed., for the loss of
control over who sells for you. Implements C5, G5 and C7.
"""

import numpy as np


def route(friction: np.ndarray, offered: np.ndarray) -> np.ndarray:
    """(channels,) channel through which each preferred one reaches the firm: itself, or the easiest that the firm runs.

    >>> route(np.array([0.2, 0.5, 0.1]), np.array([True, True, False])).tolist()
    [0, 1, 0]
    """
    easiest = int(np.argmin(np.where(offered, friction, np.inf)))
    return np.where(offered, np.arange(len(friction)), easiest)


def reach(friction: np.ndarray, offered: np.ndarray, detour: float, preference: np.ndarray) -> np.ndarray:
    """(segments, channels) utility of reaching the firm by each preferred channel over what is usual [utils].

    >>> reach(np.array([0.2, 0.4]), np.array([True, True]), 0.1, np.array([[0.5, 0.5]])).round(3).tolist()
    [[0.1, -0.1]]
    >>> reach(np.array([0.2, 0.4]), np.array([True, False]), 0.1, np.array([[0.5, 0.5]])).round(3).tolist()
    [[0.1, 0.0]]
    """
    effort = friction[route(friction, offered)] + detour * ~offered
    return (preference @ friction)[:, None] - effort[None, :]
