"""How firms set their fares."""

from __future__ import annotations

import abc

import numpy as np

from sim.params import Params


class Pricing(Params, abc.ABC):
    """A pricing rule. Subclasses are frozen dataclasses of `param` fields."""

    @abc.abstractmethod
    def price(self, unit_cost: np.ndarray, sold: np.ndarray, list_price: float) -> np.ndarray:
        """Fares of a standard journey by segment [AUD].

        Parameters
        ----------
        unit_cost : (segments,) the firm's cost of serving one standard journey [AUD]; 0 where it is not known.
        sold : (segments,) journeys the firm has sold to each segment so far, from its own books; never all zero.
        list_price : the fare the firm started with [AUD].
        """
