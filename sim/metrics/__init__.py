"""Numbers computed from what happened: one place, one name, one formula, one source each. Pure functions of columns, no market."""

import numpy as np


def ratio(part, whole):
    """part / whole elementwise, NaN where whole is zero.

    >>> ratio(np.array([1, 0]), np.array([4, 0])).tolist()
    [0.25, nan]
    """
    part, whole = np.asarray(part, float), np.asarray(whole, float)
    return np.divide(part, whole, out=np.full(np.broadcast(part, whole).shape, np.nan), where=whole != 0)
