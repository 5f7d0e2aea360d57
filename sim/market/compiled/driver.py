"""The driver: plays recorded steps over rows, a window at a time, with no interpreter and no lock in between."""

import numpy as np
from llvmlite import ir
from numba import carray, types
from numba.core import cgutils
from numba.extending import intrinsic

from sim.ground.grid import ROUND
from sim.science.rules import compiled

FAR = 1 << 40  # no array is longer
WINDOW = 1024  # rows played at once: what a step leaves in the cache the next one finds there


@intrinsic
def call(typing, entry, words, start, rows, block, scratch):
    """Call an entry by its address; 0 if all went well."""
    del typing, entry, words, start, rows, block, scratch
    word = types.int64

    def build(context, builder, signature, args):
        function = ir.FunctionType(ir.IntType(32), [ir.IntType(64)] * 5)
        return builder.call(builder.inttoptr(args[0], function.as_pointer()), args[1:])

    return types.int32(word, word, word, word, word, word), build


@intrinsic
def pointer(typing, address, like):
    """The address as a pointer to entries of the type of `like`."""
    del typing

    def build(context, builder, signature, args):
        return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

    return types.CPointer(like)(types.int64, like), build


@intrinsic
def clock(typing):
    """The processor's count of cycles."""
    del typing

    def build(context, builder, signature, args):
        fn = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(ir.IntType(64), []), "llvm.readcyclecounter"
        )
        return builder.call(fn, [])

    return types.int64(), build


@compiled
def _steps(entries, words, start, rows, block, scratch, out_cycles):
    """All steps for one window of rows; the number of the step that failed, from 1, or 0."""
    timed = out_cycles.size > 0
    for k in range(entries.size):
        before = clock() if timed else 0
        if call(entries[k], words[k], start, rows, block, scratch) != 0:
            return k + 1
        if timed:
            out_cycles[k] += clock() - before
    return 0


def _nogil(function):
    return compiled(function, nogil=True)


@_nogil
def play_rows(entries, words, first, last, window, block, scratch, now, out_cycles):
    """Play steps for rows [first, last), in place; the number of the step that failed, from 1, or 0."""
    carray(pointer(scratch, np.uint32(0)), FAR)[0] = now
    for start in range(first, last, window):
        failed = _steps(entries, words, start, min(window, last - start), block, scratch, out_cycles)
        if failed:
            return failed
    return 0


@compiled
def _copy(source, target, index, rows, item, back):
    """Bring entries of one column side by side, or take them back; addresses, and bytes an entry."""
    if item == 4:
        a, b = carray(pointer(source, np.uint32(0)), FAR), carray(pointer(target, np.uint32(0)), FAR)
        for j in range(rows):
            if back:
                a[index[j]] = b[j]
            else:
                b[j] = a[index[j]]
    elif item == 1:
        c, d = carray(pointer(source, np.uint8(0)), FAR), carray(pointer(target, np.uint8(0)), FAR)
        for j in range(rows):
            if back:
                c[index[j]] = d[j]
            else:
                d[j] = c[index[j]]
    elif item == 2:
        e, f = carray(pointer(source, np.uint16(0)), FAR), carray(pointer(target, np.uint16(0)), FAR)
        for j in range(rows):
            if back:
                e[index[j]] = f[j]
            else:
                f[j] = e[index[j]]
    else:
        g, h = carray(pointer(source, np.uint64(0)), FAR), carray(pointer(target, np.uint64(0)), FAR)
        for j in range(rows):
            if back:
                g[index[j]] = h[j]
            else:
                h[j] = g[index[j]]


@compiled
def _move(moves, index, rows, scratch, back):
    """Gather the columns of a window, or put those back that may have changed."""
    for m in range(moves.shape[0]):
        if not back or moves[m, 3]:
            _copy(moves[m, 0], scratch + moves[m, 2], index, rows, moves[m, 1], back)


@_nogil
def play_some(entries, words, moves, chosen, first, last, window, block, place, scratch, now, out_cycles):
    """Play steps for those of rows [first, last) that are chosen, brought side by side; the failed step's number, or 0.

    moves : (columns, 4) address of a column's first entry, bytes an entry, its place in scratch, whether to put it back.
    chosen : (all rows,) numbers; a row is chosen if its number exceeds that of the occasion. place : of the rows'
    places in scratch. now : address of the occasion's draws.
    """
    carray(pointer(scratch, np.uint32(0)), FAR)[0] = now
    index, number, rows = carray(pointer(scratch + place, np.uint32(0)), FAR), now >> ROUND, 0
    for row in range(first, last):
        index[rows] = row
        rows += chosen[row] > number
        if rows == window or (row == last - 1 and rows > 0):
            _move(moves, index, rows, scratch, False)
            failed = _steps(entries, words, 0, rows, block, scratch, out_cycles)
            if failed:
                return failed
            _move(moves, index, rows, scratch, True)
            rows = 0
    return 0
