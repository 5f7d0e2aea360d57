"""The offer board: everything that customers may see of firms in a period, as plain arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sim.market.market import Market


class Board:
    """All that customers may see of firms in a period.

    fare : (firms, cells) float32, fare of a standard journey [AUD]; cents : the same, int32 [cents].
    price : (firms,) float32, mean fare over the cells [AUD].
    level : (firms, attributes, cells) float32, service over the mode's standard service [attribute's unit].
    cue : the same shape, the part of level that anybody can judge before purchase, whatever the evidence.
    position : (firms, needs, cells) float32, place on the service dimensions [scale points].
    need_weight, need_standard : utility of a full-scale squared misfit with the needs [utils], and the place of the standard
        service on every dimension [scale points]; 0 where offers meet no needs.
    offered : for each firm, the attributes in which it differs from the standard service.
    """

    def __init__(self, firms: int, attributes: int, needs: int, cells: int) -> None:
        self.fare, self.cents = np.zeros((firms, cells), np.float32), np.zeros((firms, cells), np.int32)
        self.price = np.zeros(firms, np.float32)
        self.level = np.zeros((firms, attributes, cells), np.float32)
        self.cue = np.zeros_like(self.level)
        self.position = np.zeros((firms, needs, cells), np.float32)
        self.need_weight, self.need_standard = 0.0, 0.0
        self.offered: list[list[int]] = [[] for _ in range(firms)]


def offer_vectors(market: Market) -> np.ndarray:
    """Every firm's offer as one vector over cells and attributes, fare included, at mean tastes [utils].

    Entries are scaled by the root of the cell's part of occasions, so that Euclidean distance between two rows is
    the root mean square distance over occasions. Means are taken in the order of customers' identity, so that they are
    the same bits however customers are numbered.
    """
    order = np.argsort(market.table["identity"], kind="stable")
    taste, sensitivity = (np.take(market.table[name], order, axis=-1) for name in ("taste", "price_sensitivity"))
    heads = np.bincount(market.table["segment"], minlength=len(market.segments)) / market.heads
    part = np.sqrt((heads[:, None] * market.mix).ravel())
    worth = market.board.level * taste.mean(axis=1)[None, :, None]
    ideal = np.repeat(market.mean_ideal.T, len(market.contexts), axis=1)
    place = market.board.need_weight * ((market.board.need_standard - ideal) ** 2 - (market.board.position - ideal) ** 2)
    money = (market.board.fare * sensitivity.mean())[:, None, :]
    return (np.concatenate([worth, place, money], axis=1) * part).reshape(len(market.firms), -1)
