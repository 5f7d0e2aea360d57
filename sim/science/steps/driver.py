"""The driver: plays recorded steps over rows, a window at a time, with no interpreter and no lock in between."""

import ctypes
import time

import numpy as np
from llvmlite import ir
from numba import carray, types
from numba.extending import intrinsic

from sim.ground.grid import ROUND
from sim.science.rules import compiled

HERE, BACK = np.uint8(0), np.uint8(1)  # which way columns are moved; of a type, so that nothing is compiled twice
FAR = 1 << 40  # no array is longer
NANO, ANSWER, MONOTONIC = np.int64(10**9), 16, np.int32(time.CLOCK_MONOTONIC if hasattr(time, "CLOCK_MONOTONIC") else 0)
WINDOW = 1024  # rows played at once: what a step leaves in the cache the next one finds there


def clock() -> int:
    """Address of the C library's clock, 0 where there is none: steps can then not be timed."""
    try:
        return ctypes.cast(ctypes.CDLL(None).clock_gettime, ctypes.c_void_p).value or 0
    except (OSError, TypeError, AttributeError):
        return 0


@intrinsic
def call(typing, entry, words, start, rows, block, scratch):
    """Call an entry by its address; 0 if all went well."""
    del typing, entry, words, start, rows, block, scratch
    word = types.int64

    def build(context, builder, signature, args):
        """Write the call."""
        function = ir.FunctionType(ir.IntType(32), [ir.IntType(64)] * 5)
        return builder.call(builder.inttoptr(args[0], function.as_pointer()), args[1:])

    return types.int32(word, word, word, word, word, word), build


@intrinsic
def pointer(typing, address, like):
    """The address as a pointer to entries of the type of `like`."""
    del typing

    def build(context, builder, signature, args):
        """Write the change of type."""
        return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

    return types.CPointer(like)(types.int64, like), build


@intrinsic
def _ask(typing, clock, which, where):
    """Call the C library's `clock_gettime` by its address."""
    del typing, clock, which, where

    def build(context, builder, signature, args):
        """Write the call."""
        place = ir.IntType(64).as_pointer()
        function = ir.FunctionType(ir.IntType(32), [ir.IntType(32), place])
        return builder.call(
            builder.inttoptr(args[0], function.as_pointer()), [args[1], builder.inttoptr(args[2], place)]
        )

    return types.int32(types.int64, types.int32, types.int64), build


@compiled
def _now(clock, scratch):
    """Time [ns]; the clock's answer stands in the first line of scratch."""
    _ask(clock, MONOTONIC, scratch + ANSWER)
    said = carray(pointer(scratch + ANSWER, np.int64(0)), 2)
    return said[0] * NANO + said[1]


@compiled
def _steps(entries, words, start, rows, block, scratch, clock, out_spent):
    """All steps for one window of rows; the number of the step that failed, from 1, or 0."""
    before = _now(clock, scratch) if clock else 0
    for k in range(entries.size):
        if call(entries[k], words[k], start, rows, block, scratch) != 0:
            return k + 1
        if clock:
            after = _now(clock, scratch)
            out_spent[k] += after - before
            before = after
    return 0


def _nogil(function):
    return compiled(function, nogil=True)


@_nogil
def play_rows(entries, words, first, last, window, block, scratch, now, clock, out_spent):
    """Play steps for rows [first, last), in place; the number of the step that failed, from 1, or 0."""
    carray(pointer(scratch, np.uint32(0)), FAR)[0] = now
    for start in range(first, last, window):
        failed = _steps(entries, words, start, min(window, last - start), block, scratch, clock, out_spent)
        if failed:
            return failed
    return 0


@compiled
def _between(column, beside, index, rows, back):
    """Copy entries of a column side by side, or back."""
    if back:
        for j in range(rows):
            column[index[j]] = beside[j]
    else:
        for j in range(rows):
            beside[j] = column[index[j]]


@compiled
def _copy(source, target, index, rows, item, back):
    """Bring entries of one column side by side, or take them back; addresses, and bytes an entry."""
    one, two, four, eight = np.uint8(0), np.uint16(0), np.uint32(0), np.uint64(0)
    if item == 4:
        _between(carray(pointer(source, four), FAR), carray(pointer(target, four), FAR), index, rows, back)
    elif item == 1:
        _between(carray(pointer(source, one), FAR), carray(pointer(target, one), FAR), index, rows, back)
    elif item == 2:
        _between(carray(pointer(source, two), FAR), carray(pointer(target, two), FAR), index, rows, back)
    else:
        _between(carray(pointer(source, eight), FAR), carray(pointer(target, eight), FAR), index, rows, back)


@compiled
def _move(moves, index, rows, scratch, back):
    """Gather the columns of a window, or put those back that may have changed."""
    for m in range(moves.shape[0]):
        if not back or moves[m, 3]:
            _copy(moves[m, 0], scratch + moves[m, 2], index, rows, moves[m, 1], back)


@_nogil
def play_some(entries, words, moves, chosen, first, last, window, block, place, scratch, now, clock, out_spent):
    """Play steps for those of rows [first, last) that are chosen, brought side by side; the failed step's number, or 0.

    moves : (columns, 4) address of a column's first entry, bytes an entry, its place in scratch, whether to put it back.
    chosen : (all rows,) numbers; a row is chosen if its number exceeds that of the occasion. place : of the rows'
    places in scratch. now : address of the occasion's draws. clock : of `clock` where steps are timed, else 0.
    """
    carray(pointer(scratch, np.uint32(0)), FAR)[0] = now
    index, number, rows = carray(pointer(scratch + place, np.uint32(0)), FAR), now >> ROUND, 0
    for row in range(first, last):
        index[rows] = row
        rows += chosen[row] > number
        if rows == window or (row == last - 1 and rows > 0):
            _move(moves, index, rows, scratch, HERE)
            failed = _steps(entries, words, np.int64(0), rows, block, scratch, clock, out_spent)
            if failed:
                return failed
            _move(moves, index, rows, scratch, BACK)
            rows = 0
    return 0


def prepare() -> None:
    """Compile the driver, or load it, by playing nothing."""
    nothing, counted = np.zeros(0, np.int64), np.zeros(0, np.uint8)
    room = np.zeros(1, np.int64)
    how = WINDOW, 0, room.ctypes.data, np.uint32(0), 0, nothing
    play_rows(nothing, nothing, 0, 0, *how)
    play_some(nothing, nothing, nothing.reshape(0, 4), counted, 0, 0, *how[:2], 0, *how[2:])
