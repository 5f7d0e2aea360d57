"""A mechanism that would end more than its run: by SystemExit, by errors that no handler expects, or by the process itself."""

import os
import sys
from dataclasses import dataclass

from sim.ground.params import param
from sim.world.mechanisms import Mechanism


class Halt(BaseException):
    """No Exception: it passes through most handlers."""


class Mute(Exception):
    """An error whose own text fails."""

    def __str__(self):
        raise ValueError("no words")


WAYS = (
    lambda: None,
    lambda: sys.exit(7),
    lambda: sys.exit("several\nlines"),
    lambda: exec("raise SystemExit"),
    lambda: (_ for _ in ()).throw(Halt("stop")),
    lambda: (_ for _ in ()).throw(Mute),
    lambda: (_ for _ in ()).throw(GeneratorExit),
    lambda: os._exit(7),
)
LAST = len(WAYS) - 1


@dataclass(frozen=True, kw_only=True)
class Ending(Mechanism):
    """Ends before the first month, in one of several ways."""

    way: int = param("how it ends", "1", low=0, high=LAST, source="these tests")

    def on_begin(self, market):
        """Do it."""
        WAYS[self.way]()
