"""Surveys of real customers that ship inside libraries, in one shape for the population and the estimator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from sim.ground.params import ConfigError, nearest


@dataclass(frozen=True)
class Survey:
    """Surveyed persons and the journeys they faced.

    modes : names of the modes. income [thousand ¤ a year], party [persons], chosen [mode index] : (persons,).
    travel_time, terminal_time [min], fare [¤] : (modes, persons).
    """

    modes: tuple[str, ...]
    income: np.ndarray
    party: np.ndarray
    chosen: np.ndarray
    travel_time: np.ndarray
    terminal_time: np.ndarray
    fare: np.ndarray

    @property
    def sample_share(self) -> np.ndarray:
        """Share of each mode among the sampled persons; in a choice-based sample not a market share."""
        return np.bincount(self.chosen, minlength=len(self.modes)) / len(self.chosen)


@cache
def modechoice() -> Survey:
    """Travel mode of 210 travellers between Sydney, Canberra and Melbourne, 1987; a choice-based sample.

    Source: Greene & Hensher (1997), Multinomial logit and discrete choice models; data set ``modechoice`` of
    statsmodels (public domain).
    """
    from statsmodels.datasets import modechoice as source

    data = source.load_pandas().data

    def wide(column: str) -> np.ndarray:
        """A column with a row a person and a column a mode, (210, 4)."""
        return data[column].to_numpy().reshape(-1, 4)

    return Survey(
        modes=("air", "train", "bus", "car"),
        income=wide("hinc")[:, 0],
        party=wide("psize")[:, 0],
        chosen=wide("choice").argmax(axis=1),
        travel_time=wide("invt").T,
        terminal_time=wide("ttme").T,
        fare=wide("invc").T,
    )


SURVEYS = {"modechoice": modechoice}


def load(name: str, where: str) -> Survey:
    """Survey by name; raises `ConfigError` naming the nearest valid one."""
    if name not in SURVEYS:
        raise ConfigError(f"{where} = '{name}': {nearest(name, SURVEYS)}")
    return SURVEYS[name]()
