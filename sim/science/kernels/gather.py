"""Look entries up, and copy columns; index : (rows,), unsigned.

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
def copy(values, out):
    """Copy a column; (rows,) each."""
    for i in range(values.size):
        out[i] = values[i]
