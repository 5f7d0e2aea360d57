"""The appeal of a firm to customers before its shock: what choosing and studying demand share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.science.kernels.choose import add_attribute, weigh

if TYPE_CHECKING:
    from sim.market.agents import Firm
    from sim.state.table import Rows


def weigh_firm(rows: Rows, firm: Firm, fare: np.ndarray, out_appeal: np.ndarray) -> None:
    """Appeal of a firm to these customers at these fares (cells,), -inf where they do not consider it."""
    market, m, f, posted = rows.market, firm.mode_index, firm.index, rows.scratch(np.float32)
    weigh(
        rows.standard_appeal[m], market.presence[f], rows.price_sensitivity, rows.journey[m], fare, rows.cell, posted,
        out_appeal,
    )  # fmt: skip
    for k in market.board.offered[f]:
        add_attribute(rows.taste[k], market.board.level[f, k], rows.cell, posted, out_appeal)
    for mechanism in rows.acting("on_weigh"):
        mechanism.on_weigh(rows, firm, out_appeal)
    for mechanism in rows.acting("on_consider"):
        mechanism.on_consider(rows, firm, out_appeal)
