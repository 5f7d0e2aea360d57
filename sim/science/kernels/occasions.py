"""The frame of a month and of an occasion: what every hook finds filled, and how many occasions there are."""

from sim.science.kernels import kernel


@kernel
def fill(value, out):
    """Give every row the same value, of the column's own type."""
    for i in range(out.size):
        out[i] = value


@kernel
def keep_alive(alive, out_occasions):
    """Leave no occasion to who is not in the market."""
    for i in range(alive.size):
        out_occasions[i] *= alive[i]


@kernel
def tally_occasions(alive, occasions, out_present, out_occasions):
    """Count who is there and all their occasions; both (1,) int64, added to."""
    present, count = 0, 0
    for i in range(alive.size):
        present += alive[i]
        count += occasions[i]
    out_present[0] += present
    out_occasions[0] += count
