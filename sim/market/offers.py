"""Every firm's offer as one vector, so that distances between offers can be measured."""

from __future__ import annotations

import numpy as np

from sim.state.state import State


def offer_vectors(market: State) -> np.ndarray:
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
