"""One row of a table as a column whose entries lie side by side; without that no loop over it is vectorised."""

from numba import types
from numba.core.imputils import impl_ret_borrowed
from numba.extending import intrinsic, overload


def row_of(table, k):
    """Row k of a table that has an entry for each customer in every row; its entries have to lie side by side.

    A table of some customers is a part of a larger one, so that the compiler knows nothing of where its entries lie.
    """
    return table[k]


@intrinsic
def _side_by_side(typing, column):
    """The same column, of a type that says that its entries lie side by side."""
    del typing

    def build(context, builder, signature, args):
        """Nothing to do: both types are kept alike."""
        return impl_ret_borrowed(context, builder, signature.return_type, args[0])

    return types.Array(column.dtype, 1, "C", readonly=not column.mutable)(column), build


@overload(row_of)
def _row_of(table, k):
    del table, k

    def row(table, k):
        """As `row_of`; raises if the entries do not lie side by side."""
        column = table[k]
        if column.size > 1 and column.strides[0] != column.itemsize:
            raise ValueError("entries of a row do not lie side by side")
        return _side_by_side(column)

    return row
