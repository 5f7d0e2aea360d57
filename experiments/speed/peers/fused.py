"""The month without mechanisms in C++, fused by hand: compiled with the system's compiler, called with a market's columns."""

import ctypes
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).with_name("fused.cpp")
WHOLE = ("rows", "firms", "attributes", "kinds", "cells", "today")
POINTERS = (
    "keys", "identity", "segment", "cumulative", "alpha", "standard", "journey", "taste", "presence", "fare", "level",
    "mode", "cents", "context", "recent", "cell", "wallet", "provider", "before", "inclusive", "quality", "paid",
    "bought", "purchases", "revenue", "units", "delivered", "returning", "repeated", "surplus", "buyers", "depth",
    "held", "kept",
)  # fmt: skip
SUMS = POINTERS[-11:]


class Month(ctypes.Structure):
    """The structure of the same name in fused.cpp."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in WHOLE), ("now", ctypes.c_uint32),
        *((name, ctypes.c_void_p) for name in POINTERS),
    ]  # fmt: skip


def library():
    """The compiled program; None where there is no C++ compiler."""
    compiler = os.environ.get("CXX") or shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        return None
    made = Path(tempfile.mkdtemp()) / "fused.so"
    options = ["-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-shared", "-fPIC", "-std=c++17"]
    subprocess.run([compiler, *options, str(SOURCE), "-o", str(made)], check=True)
    return ctypes.CDLL(str(made))


class FusedMarket:
    """Plays months on a copy of a market's columns; the offers stay those of the month that the market has opened."""

    def __init__(self, program, market, threads=1):
        self.program, self.market, self.threads, self.month = program, market, threads, market.period
        table, board = market.table, market.board
        firms, attributes, cells = board.level.shape
        names = {"provider_before": "before", "price_sensitivity": "alpha", "standard_appeal": "standard"}
        columns = (
            "identity", "segment", "price_sensitivity", "standard_appeal", "journey", "taste", "context", "recent",
            "cell", "wallet", "provider", "provider_before", "inclusive", "quality", "paid", "bought",
        )  # fmt: skip
        self.arrays = {names.get(name, name): table[name].copy() for name in columns}
        self.arrays |= {name: getattr(board, name).copy() for name in ("fare", "level", "cents")}
        self.arrays |= {"cumulative": market.cumulative_mix, "presence": market.presence, "mode": market.mode_of}
        keys = [market.key("context"), market.key("outside shock"), *market.keys("shock")]
        self.arrays["keys"] = np.array(keys, np.uint32)
        self.sizes = dict(zip(WHOLE, (market.heads, firms, attributes, len(market.contexts), cells, 0), strict=True))
        shapes = {"units": (firms, cells), "surplus": (1,)}
        self.sums = [{n: np.zeros(shapes.get(n, (firms,)), np.int64) for n in SUMS} for _ in range(threads)]

    def step(self):
        """One month, the customers shared out among the threads."""
        groups = -(-self.market.heads // 256)
        edges = [min(groups * k // self.threads * 256, self.market.heads) for k in range(self.threads + 1)]

        def play(k):
            for counts in self.sums[k].values():
                counts[:] = 0
            sizes = self.sizes | {"today": self.month % 12}
            arrays = {n: a.ctypes.data for n, a in (self.arrays | self.sums[k]).items()}
            month = Month(**sizes, now=self.month, **arrays)
            self.program.play(ctypes.byref(month), ctypes.c_int64(edges[k]), ctypes.c_int64(edges[k + 1]))

        if self.threads == 1:
            play(0)
        else:
            with ThreadPoolExecutor(self.threads) as pool:
                list(pool.map(play, range(self.threads)))
        self.purchases = sum(counts["purchases"] for counts in self.sums)
        self.month += 1
