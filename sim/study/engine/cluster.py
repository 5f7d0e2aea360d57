"""What all libraries of clusters ask for: an address to connect to, or workers to start on this computer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sim.ground.params import param
from sim.study.engine import Execution, Pool, installed, may_start, same_version


@dataclass(frozen=True, kw_only=True)
class Cluster(Execution):
    """Base of engines that connect to a cluster or start one; it is none itself.

    library : what must be installed. called : the engine's name on the command line.
    """

    library: ClassVar[str]
    called: ClassVar[str]

    address: str  # declared by each in its own words; empty for a cluster on this computer
    workers: int = param(
        "processes of a cluster on this computer; 0 is one for each core",
        "processes",
        low=0,
        high=4096,
        source="choice of the user",
    )
    timeout: float = param("how long to wait for a cluster's answer", "s", low=0.1, source="register R530")

    def ready(self) -> None:
        """Raise `ConfigError` if the library is not installed, or this process may not start it."""
        installed(self.library, self.called)
        if not self.address:
            may_start(self.called)

    def connected(self) -> Pool:
        """Start the cluster, or connect to it.

        Raises
        ------
        ConfigError : it cannot be reached.
        """
        raise NotImplementedError

    def open(self) -> Pool:
        """Start the cluster, or connect to it and ask a worker for its version."""
        self.ready()
        pool = self.connected()
        return same_version(pool, self.address, self.timeout) if self.address else pool
