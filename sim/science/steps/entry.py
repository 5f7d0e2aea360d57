"""Entries of one signature into compiled kernels: what they are called with is read from a table of 8-byte words.

A kernel's machine code takes its arguments by the compiler's convention, another one for every list of types. An entry
reads the words of one step (`sim.science.steps.plan`), finds every array's address for the rows at hand and calls the
kernel. It is a few dozen instructions, shared by all kernels that take the same types, and made in about 10 ms.
"""

from __future__ import annotations

import hashlib
import pathlib
import pickle
import sys
from contextlib import suppress
from typing import Any

import numba
from llvmlite import ir
from numba.core import types
from numba.core.compiler_lock import global_compiler_lock
from numba.core.errors import NumbaError
from numba.core.registry import cpu_target
from numba.np.arrayobj import make_array, populate_array
from numba.np.numpy_support import from_dtype

from sim.ground.files import beside
from sim.ground.params import ConfigError
from sim.science.kernels import Kernel
from sim.science.rules import CACHE, PIECES
from sim.science.steps.reference import array_type

Kinds = tuple[tuple, ...]
WORD, STATUS, ADDRESS = ir.IntType(64), ir.IntType(32), ir.IntType(32)
SOURCE = hashlib.blake2b(pathlib.Path(__file__).read_bytes(), digest_size=8).hexdigest()
MADE: dict[tuple[Kernel, Kinds], tuple[int, int]] = {}  # addresses of the entry and of the kernel's machine code
ENTRIES: dict[Kinds, int] = {}
_libraries: list[object] = []  # machine code lives as long as its library does


def types_of(kinds: Kinds) -> tuple[types.Type, ...]:
    """The compiler's types of a list of arguments."""
    return tuple(_type_of(*kind) for kind in kinds)


def _type_of(kind: str, *more: Any) -> types.Type:
    if kind == "array":
        return array_type(*more[1:4])
    return types.uint32 if kind == "now" else from_dtype(more[0])


def made(kernel: Kernel, kinds: Kinds, told: str) -> tuple[int, int]:
    """Addresses of the entry into a kernel and of its machine code, for arguments of these kinds.

    Raises
    ------
    ConfigError : the kernel cannot be compiled for them; told : of whose step it is.
    """
    found = MADE.get((kernel, kinds))
    if found is None:
        try:
            found = MADE[kernel, kinds] = _make(kernel, kinds)
        except NumbaError as problem:
            first = next((line for line in str(problem).splitlines()[1:] if line.strip()), str(problem))
            raise ConfigError(f"{told} cannot be compiled for what it is called with: {first.strip()}") from None
    return found


@global_compiler_lock
def _make(kernel: Kernel, kinds: Kinds) -> tuple[int, int]:
    signature = types_of(kinds)
    kernel.compile(signature)
    code = kernel.overloads[signature]
    if kinds not in ENTRIES:
        ENTRIES[kinds] = _entry(kinds)
    return ENTRIES[kinds], code.library.get_pointer_to_function(code.fndesc.llvm_func_name)


def _entry(kinds: Kinds) -> int:
    """Address of the entry for arguments of these kinds, read from where it was kept or written anew."""
    target = cpu_target.target_context.codegen()
    version = repr((numba.__version__, sys.version_info[:2], target.magic_tuple(), kinds, SOURCE))
    name = f"entry_{hashlib.blake2b(version.encode(), digest_size=12).hexdigest()}"
    library = _kept(name)
    if library is None:
        library = target.create_library(name)
        library.enable_object_caching()
        module = library.create_ir_module(name)
        _write(module, name, kinds)
        library.add_ir_module(module)
        library.finalize()
        _keep(name, library)
    _libraries.append(library)
    return library.get_pointer_to_function(name)


def _kept(name: str) -> Any:
    """An entry's machine code from disk, or None; it is kept only where nobody else can write (`sim.ground.places`)."""
    with suppress(Exception):  # none there, or whatever reading a damaged file gives
        return cpu_target.target_context.codegen().unserialize_library(pickle.loads(_place(name).read_bytes()))
    return None


def _place(name: str) -> pathlib.Path:
    return CACHE / f"{name}{PIECES.lstrip('*')}"


def _keep(name: str, library: Any) -> None:
    if CACHE is not None:
        with suppress(OSError), beside(_place(name)) as part:  # a full disk, a folder that was deleted
            part.write_bytes(pickle.dumps(library.serialize_using_object_code()))


def _write(module: ir.Module, name: str, kinds: Kinds) -> None:
    """One entry: (words, first row, rows, block, scratch) -> 0, or what the kernel says when it fails."""
    context, signature = cpu_target.target_context, types_of(kinds)
    function = ir.Function(module, ir.FunctionType(STATUS, [WORD] * 5), name)
    builder = ir.IRBuilder(function.append_basic_block())
    words = _Words(builder, *function.args)
    code = words.next()
    passed = [words.argument(context, of, *kind) for kind, of in zip(kinds, signature, strict=True)]
    convention = context.call_conv.get_function_type(types.none, signature)
    kernel = builder.inttoptr(code, convention.as_pointer())
    status, _ = context.call_conv.call_function(builder, kernel, types.none, signature, passed)
    builder.ret(status.code)


class _Words:
    """The words of a step, read one after the other."""

    def __init__(self, builder, words, start, rows, block, scratch) -> None:
        self.builder, self.at, self.table = builder, 0, builder.inttoptr(words, WORD.as_pointer())
        self.start, self.rows, self.block, self.scratch = start, rows, block, scratch

    def next(self, of=WORD):
        """The next word, as a value of some type."""
        place = self.builder.gep(self.table, [WORD(self.at)])
        self.at += 1
        return self.builder.load(place if of == WORD else self.builder.bitcast(place, of.as_pointer()))

    def argument(self, context, of, kind, where="", *rest):
        """The next argument of the kernel."""
        builder = self.builder
        if kind == "array":
            return self._array(context, of, where, *rest[3:])
        if kind == "now":
            return builder.load(builder.inttoptr(self.scratch, ADDRESS.as_pointer()))
        if of == types.boolean:
            return builder.trunc(self.next(), context.get_value_type(of))
        return self.next(context.get_value_type(of))

    def _array(self, context, of, where, by_row, beside):
        builder, address, start, block = self.builder, self.next(), self.start, self.block
        array, entry = make_array(of)(context, builder), context.get_data_type(of.dtype)
        size = WORD(context.get_abi_sizeof(entry))
        if where == "rows":
            address = builder.add(address, builder.mul(start, size))
        elif where == "counts":
            address = builder.add(address, builder.mul(block, self.next()))
        elif where == "scratch":
            address = builder.add(address, self.scratch)
        shape = [self.next() for _ in range(of.ndim - by_row)] + [self.rows] * by_row
        if of.layout == "C":
            strides = [size]
            for length in reversed(shape[1:]):
                strides.insert(0, builder.mul(strides[0], length))
        else:
            strides = [self.next() for _ in range(of.ndim - beside)] + [size] * beside
        data = builder.inttoptr(address, entry.as_pointer())
        populate_array(array, data=data, shape=shape, strides=strides[: of.ndim], itemsize=size, meminfo=None)
        return array._getvalue()
