"""Bring scattered rows side by side, and back; index : (rows,), unsigned.

Loops that look something up in a small table, by cell or segment, do it here first: one look-up inside a loop keeps the
compiler from vectorising the rest of it.
"""

from sim.science.kernels import kernel


@kernel
def take(column, index, out):
    """Copy the entries of some rows, or look each row's entry up; column : (all rows,), out : (rows,)."""
    for j in range(index.size):
        out[j] = column[index[j]]


@kernel
def put(values, index, out_column):
    """Copy the entries of some rows back; values : (rows,), out_column : (all rows,)."""
    for j in range(index.size):
        out_column[index[j]] = values[j]


@kernel
def take_all(column, index, out):
    """Copy the entries of some rows; column : (n, all rows), out : (n, rows)."""
    for k in range(column.shape[0]):
        for j in range(index.size):
            out[k, j] = column[k, index[j]]


@kernel
def put_all(values, index, out_column):
    """Copy the entries of some rows back; values : (n, rows), out_column : (n, all rows)."""
    for k in range(values.shape[0]):
        for j in range(index.size):
            out_column[k, index[j]] = values[k, j]


@kernel
def copy(values, out):
    """Copy a column; (rows,) each."""
    for i in range(values.size):
        out[i] = values[i]
