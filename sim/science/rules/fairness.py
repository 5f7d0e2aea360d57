r"""What ordinary customers make of the special treatment of others (C2).

People judge what they get not only by what they expected but by what comparable others get. A customer of segment s
looks at the best that the same firm gives to another segment, and minds what he gets less:

    shortfall_s = max(0, max_{s'} w_{s'} - w_s)

with w the worth of what the firm does for a segment: its service over the standard one, less what it costs.
Sources: Adams (1965), Inequity in social exchange, Advances in Experimental Social Psychology 2, 267-299; Xia, Monroe &
Cox (2004), The price is unfair!, J. Marketing 68(4), 1-15; Feinberg, Krishna & Zhang (2002), Do we care what others
get?, J. Marketing Research 39, 277-291.
"""

import numpy as np


def shortfall(worth: np.ndarray) -> np.ndarray:
    """(segments, contexts) how much less each segment gets than the best served one in the same context [utils].

    worth : (segments, contexts) what one firm does for each [utils].

    >>> shortfall(np.array([[1.0], [0.25], [-0.5]])).ravel().tolist()
    [0.0, 0.75, 1.5]
    """
    return worth.max(axis=0, keepdims=True) - worth
