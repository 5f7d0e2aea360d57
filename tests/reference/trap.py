"""A mechanism that does what no mechanism should: it raises, kills its worker, kills the main process, or waits.

Which, is said by its one parameter. A file in the folder named by the environment's TRAP says that a trap is still set;
it is removed when it springs, so that the same run goes well the next time.
"""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from sim.ground.params import param
from sim.world.mechanisms import Mechanism

HARMLESS, RAISES, DEADLY, KILLS_WORKER, KILLS_MAIN, WAITS, FULL = range(7)
MOST = 600  # s


def trap_set(name):
    """Whether a trap of this name is set; it is not any more."""
    try:
        (Path(os.environ["TRAP"]) / name).unlink()
    except FileNotFoundError:
        return False
    return True


def folder_of_traps():
    """Where traps are set."""
    return Path(os.environ["TRAP"])


@dataclass(frozen=True, kw_only=True)
class Trap(Mechanism):
    """Springs before the first month."""

    bait: int = param("what happens", "1", low=0, high=6, source="these tests")

    def on_begin(self, market):
        """Do it."""
        if self.bait == RAISES and (folder_of_traps() / "raise").exists():
            raise ValueError("the trap\nwas sprung")
        if self.bait == DEADLY or (self.bait == KILLS_WORKER and trap_set("worker")):
            os.kill(os.getpid(), signal.SIGKILL)
        if self.bait == KILLS_MAIN and trap_set("main"):
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(MOST)
        if self.bait == WAITS and trap_set("wait"):
            (folder_of_traps() / "waiting").touch()
            time.sleep(MOST)
