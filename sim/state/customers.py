"""The data dictionary of the market's own state: every column of a customer that no mechanism has to add."""

from __future__ import annotations

from sim.ground.column import Column
from sim.ground.grid import NOBODY

CUSTOMER: dict[str, Column] = {
    "identity": Column("uint32", "1", "number that addresses this customer's draws", "i"),
    "source_row": Column("uint16", "1", "surveyed person this customer was drawn from", place_of="source"),
    "segment": Column("uint8", "1", "segment, an observable group of customers", "s", place_of="segment"),
    "context": Column("uint8", "1", "usage context of this period's purchase occasion", "c", place_of="context"),
    "cell": Column(
        "uint16", "1", "segment x context, the row of an offer that concerns this customer", place_of="cell"
    ),
    "price_sensitivity": Column("float32", "utils/¤", "utility lost per unit of money", "alpha_i"),
    "taste": Column(
        "float32", "utils/unit of attribute", "marginal utility of a service attribute", "theta_ik", ("attribute",)
    ),
    "ideal": Column("float32", "scale points", "ideal point on a service dimension", "a_id", ("need",)),
    "standard_appeal": Column("float32", "utils", "appeal of a mode's standard service before fare", "v_im", ("mode",)),
    "journey": Column("float32", "1", "fare of this customer's journey relative to the mode's mean", "l_im", ("mode",)),
    "inclusive": Column("float32", "1", "sum of exp(appeal), the outside option included", "sum exp V"),
    "alive": Column("bool", "1", "whether this row is a customer of the market at present", "", (), True),
    "occasions": Column("uint8", "occasions", "purchase occasions of this period", "n_it", (), 1),
    "provider": Column(
        "int8", "firm", "firm bought from at the last occasion of this period, -1 for nobody", "y_it", (), NOBODY, place_of="firm",
    ),
    "provider_before": Column(
        "int8", "firm", "firm of the purchase before that, -1 for none", "", (), NOBODY, place_of="firm"
    ),
    "paid": Column("int32", "cents", "money paid at this period's last occasion"),
    "quality": Column("float32", "utils", "value of the service received over the mode's standard service", "q_it"),
    "gap": Column("float32", "utils", "perceived minus expected quality of the last service received", "d_it"),
    "bought": Column(
        "uint32",
        "1",
        "months with a purchase from a firm: bit b is b months ago, 24 bits",
        "",
        ("firm",),
        by_purchase=True,
    ),
    "recent": Column("uint8", "purchases", "purchases of each of the last 12 periods, at most 255", "", ("month",)),
    "wallet": Column("uint16", "purchases", "purchases of the last 12 periods", "n_i"),
}

WRITTEN = frozenset({
    "context", "cell", "inclusive", "provider", "provider_before", "paid", "quality", "gap",
})  # fmt: skip

TALLIES: dict[str, tuple[str | int, ...]] = {
    "occasions": (1,),
    "present": (1,),
    "purchases": ("firm",),
    "revenue": ("firm",),
    "quality": ("firm",),
    "gap": ("firm",),
    "returning": ("firm",),
    "repeated": ("firm",),
    "buyers": ("firm",),
    "own": ("firm",),
    "wallet": ("firm",),
    "held": ("firm",),
    "kept": ("firm",),
    "journeys": ("firm", "cell"),
    "surplus": (1,),
    "market": (2,),
}
