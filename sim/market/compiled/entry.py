"""Entries of one signature into compiled kernels: what they are called with is read from a table of 8-byte words.

A kernel's machine code takes its arguments by the compiler's convention, another one for every list of types. An entry
reads the words of one step (`sim.market.compiled.plan`), finds every array's address for the rows at hand and calls the
kernel. It is a few dozen instructions, shared by all kernels that take the same types, and made in about 10 ms.
"""

from __future__ import annotations

from llvmlite import ir
from numba.core import types
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.np.arrayobj import make_array, populate_array
from numba.np.numpy_support import from_dtype

from sim.market.compiled.reference import array_type
from sim.science.kernels import Kernel

Kinds = tuple[tuple, ...]
WORD, STATUS, ADDRESS = ir.IntType(64), ir.IntType(32), ir.IntType(32)
CODE: dict[tuple[Kernel, Kinds], int] = {}  # address of a kernel's machine code for these kinds of arguments
ENTRIES: dict[Kinds, int] = {}
_libraries: list[object] = []  # machine code lives as long as its library does


def types_of(kinds: Kinds) -> tuple[types.Type, ...]:
    """The compiler's types of a list of arguments."""
    return tuple(_type_of(*kind) for kind in kinds)


def _type_of(kind: str, *more: object) -> types.Type:
    if kind == "array":
        return array_type(*more)
    return types.uint32 if kind == "now" else from_dtype(more[0])


@global_compiler_lock
def make(wanted: set[tuple[Kernel, Kinds]]) -> None:
    """Compile, or load, what is not there yet: kernels for kinds of arguments, and the entries into them."""
    for kernel, kinds in sorted(wanted - CODE.keys(), key=lambda pair: (pair[0].__name__, str(pair[1]))):
        signature = types_of(kinds)
        kernel.compile(signature)
        made = kernel.overloads[signature]
        CODE[kernel, kinds] = made.library.get_pointer_to_function(made.fndesc.llvm_func_name)
    new = sorted({kinds for _, kinds in wanted} - ENTRIES.keys(), key=str)
    if new:
        library = cpu_target.target_context.codegen().create_library("entries")
        module = library.create_ir_module("entries")
        names = [f"entry_{len(ENTRIES) + place}" for place in range(len(new))]
        for name, kinds in zip(names, new, strict=True):
            _write(module, name, kinds)
        library.add_ir_module(module)
        library.finalize()
        _libraries.append(library)
        ENTRIES.update({kinds: library.get_pointer_to_function(name) for name, kinds in zip(names, new, strict=True)})


def _write(module: ir.Module, name: str, kinds: Kinds) -> None:
    """One entry: (words, first row, rows, block, scratch) -> 0, or what the kernel says when it fails."""
    context, signature = cpu_target.target_context, types_of(kinds)
    function = ir.Function(module, ir.FunctionType(STATUS, [WORD] * 5), name)
    builder = ir.IRBuilder(function.append_basic_block())
    words = _Words(builder, *function.args)
    code = words.next()
    passed = [words.argument(context, kind[0], of) for kind, of in zip(kinds, signature, strict=True)]
    convention = context.call_conv.get_function_type(types.none, signature)
    kernel = builder.inttoptr(code, convention.as_pointer())
    status, _ = context.call_conv.call_function(builder, kernel, types.none, signature, passed)
    builder.ret(status.code)


class _Words:
    """The words of a step, read one after the other."""

    def __init__(self, builder, words, start, rows, block, scratch) -> None:
        self.builder, self.at, self.rows = builder, 0, rows
        self.table, self.terms, self.scratch = builder.inttoptr(words, WORD.as_pointer()), (start, block, scratch), scratch

    def next(self, of=WORD):
        """The next word, as a value of some type."""
        place = self.builder.gep(self.table, [WORD(self.at)])
        self.at += 1
        return self.builder.load(place if of == WORD else self.builder.bitcast(place, of.as_pointer()))

    def argument(self, context, kind, of):
        """The next argument of the kernel."""
        builder = self.builder
        if kind == "array":
            return self._array(context, of)
        if kind == "now":
            return builder.load(builder.inttoptr(self.scratch, ADDRESS.as_pointer()))
        if of == types.boolean:
            return builder.trunc(self.next(), context.get_value_type(of))
        return self.next(context.get_value_type(of))

    def _array(self, context, of):
        builder, address = self.builder, self.next()
        for term in self.terms:
            address = builder.add(address, builder.mul(self.next(), term))
        shape = [self.next() for _ in range(of.ndim)]
        if shape:
            shape[-1] = builder.select(builder.icmp_signed("<", shape[-1], WORD(0)), self.rows, shape[-1])
        strides = [self.next() for _ in range(of.ndim)]
        array, entry = make_array(of)(context, builder), context.get_data_type(of.dtype)
        size = context.get_constant(types.intp, context.get_abi_sizeof(entry))
        data = builder.inttoptr(address, entry.as_pointer())
        populate_array(array, data=data, shape=shape, strides=strides, itemsize=size, meminfo=None)
        return array._getvalue()
