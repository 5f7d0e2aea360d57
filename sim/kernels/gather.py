"""Bring scattered rows side by side, and back."""

from sim.kernels import kernel


@kernel
def take(column, index, out):
    """Copy the entries of some rows; column : (n, all rows), index : (rows,) uint32, out : (n, rows)."""
    for k in range(column.shape[0]):
        for j in range(index.size):
            out[k, j] = column[k, index[j]]


@kernel
def put(values, index, out_column):
    """Copy the entries of some rows back; values : (n, rows)."""
    for k in range(values.shape[0]):
        for j in range(index.size):
            out_column[k, index[j]] = values[k, j]
