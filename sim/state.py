"""The data dictionary of the market's own state: every column of a customer that no mechanism has to add."""

from __future__ import annotations

from sim.table import Column

NOBODY = -1
WINDOW = 12
CENTS = 100
DEAREST = 100_000
GRID = 2**20

CUSTOMER: dict[str, Column] = {
    "identity": Column("uint32", "1", "number that addresses this customer's draws", "i"),
    "source_row": Column("int16", "1", "surveyed person this customer was drawn from"),
    "segment": Column("int8", "1", "segment, an observable group of customers", "s"),
    "context": Column("int8", "1", "usage context of this period's purchase occasion", "c"),
    "cell": Column("int16", "1", "segment x context, the row of an offer that concerns this customer"),
    "price_sensitivity": Column("float32", "utils/AUD", "utility lost per unit of money", "alpha_i"),
    "taste": Column(
        "float32", "utils/unit of attribute", "marginal utility of a service attribute", "theta_ik", ("attribute",)
    ),
    "ideal": Column("float32", "scale points", "ideal point on a service dimension", "a_id", ("need",)),
    "standard_appeal": Column("float32", "utils", "appeal of a mode's standard service before fare", "v_im", ("mode",)),
    "journey": Column("float32", "1", "fare of this customer's journey relative to the mode's mean", "l_im", ("mode",)),
    "appeal": Column("float32", "utils", "appeal of the firm being weighed (scratch)", "V_if"),
    "best": Column("float32", "utils", "appeal plus shock of the best alternative so far"),
    "inclusive": Column("float32", "1", "sum of exp(appeal), the outside option included", "sum exp V"),
    "provider": Column("int8", "firm", "firm bought from this period, -1 for nobody", "y_it", (), NOBODY),
    "provider_before": Column(
        "int8", "firm", "firm of the last purchase before this period, -1 for none", "", (), NOBODY
    ),
    "paid": Column("int32", "cents", "money paid this period"),
    "quality": Column("float32", "utils", "value of the service received over the mode's standard service", "q_it"),
    "gap": Column("float32", "utils", "perceived minus expected quality of this period's service", "d_it"),
    "history": Column("int8", "firm", "firm bought from in each of the last 24 periods", "", ("past",), NOBODY),
    "bought": Column("uint8", "purchases", "purchases from a firm in the last 12 periods", "n_if", ("firm",)),
    "bought_before": Column(
        "uint8", "purchases", "purchases from a firm in the 12 periods before those", "", ("firm",)
    ),
}
