"""Brands that are known, and niches that leave customers out."""

import numpy as np

from sim.science.kernels import kernel
from sim.science.rules.awareness import AWARE

NEVER, KNOWN = np.float32(-np.inf), np.uint8(AWARE)


@kernel
def know_brand(brand, out_funnel):
    """Let whoever knows a brand know the firm that trades under it; brand : stages of the brand's own funnel."""
    for i in range(brand.size):
        out_funnel[i] = max(out_funnel[i], min(brand[i], KNOWN))


@kernel
def shut_out(shut, cell, out_appeal):
    """Take a firm out of the choice in the cells that it does not serve; shut : (cells,) bool."""
    for i in range(cell.size):
        out_appeal[i] = NEVER if shut[cell[i]] else out_appeal[i]
