"""Entry and exit: by hand, with every cent in its place."""

import dataclasses

import numpy as np
import pytest
from comers import FIXED, market_of, record, recorded

import sim
from sim.ground.params import ConfigError
from sim.pages import figures, summary

PLAIN = "mechanism=[entry,cost_accounting]"


def test_a_firm_in_debt_for_its_patience_leaves_with_its_debts():
    market = market_of(
        PLAIN, "+mechanism.entry.patience.bus=2", "firms.thrift.opening_cash=0", "firms.thrift.overhead=9"
    )
    firms, whole = recorded(market, 6)
    thrift = firms.loc["thrift"]
    assert thrift["trading"].tolist() == [True, True, False, False, False, False]
    assert (thrift["cash"].iloc[:2] < 0).all()
    assert thrift["left"].fillna(-1).tolist() == [-1, -1, 2, 2, 2, 2]
    assert (thrift["purchases"] > 0).tolist() == thrift["trading"].tolist()
    assert thrift["price"].isna().tolist() == [False, False, True, True, True, True]
    assert thrift.loc[2:, ["revenue", "cost", "share"]].eq(0).all().all()
    assert thrift["cash"].iloc[1:].nunique() == 1, "what it owes stays"
    assert whole["firms"].tolist() == [8, 8, 7, 7, 7, 7]
    assert whole["exits"].tolist() == [0, 0, 1, 0, 0, 0]
    assert firms["trading"].sort_index().drop("thrift").all(), "air, train and car have no patience to try"


def test_a_planned_entrant_comes_loudly_and_the_rivals_answer():
    campaign = [
        "mechanism.entry.launch_months=2", "mechanism.entry.launch_advertising=0.5", "mechanism.entry.launch_discount=0.25",
        "mechanism.entry.answer_months=3", "mechanism.entry.answer_advertising=0.1", "mechanism.entry.answer_cut=0.1",
        "+firms.thrift.policy.entry.answer_cut=0.0", "firms.echo.list_price=40", "firms.mosaic.list_price=30",
    ]  # fmt: skip
    market = market_of(
        "mechanism=[entry,cost_accounting,awareness]", "+mechanism.entry.opening.echo=3", "firms.echo.known=0",
        *campaign, *FIXED,
    )  # fmt: skip
    firms, whole = recorded(market, 8)
    echo, mosaic, thrift = (firms.loc[name] for name in ("echo", "mosaic", "thrift"))
    assert echo["price"].fillna(0).tolist() == [0, 0, 0, 30, 30, 40, 40, 40]
    assert mosaic["price"].tolist() == [30, 30, 30, 27, 27, 27, 30, 30]
    assert thrift["cut"].eq(0).all(), "its own policy"
    assert echo["campaign"].tolist() == [0, 0, 0, 0.5, 0.5, 0, 0, 0]
    assert mosaic["campaign"].round(9).tolist() == [0, 0, 0, 0.1, 0.1, 0.1, 0, 0]
    assert firms.loc["air"]["campaign"].eq(0).all(), "no rival of its mode"
    assert echo["entered"].fillna(-1).tolist() == [-1, -1, -1, 3, 3, 3, 3, 3]
    assert whole["entries"].tolist() == [0, 0, 0, 1, 0, 0, 0, 0]
    spec = market.firm("echo").spec
    unit, fixed = (
        spec.vehicle_cost + spec.handling_cost,
        spec.overhead + spec.advertising + 0.05,
    )  # budget of a follower
    journeys = echo["revenue"] / echo["price"]
    expected = journeys * unit + (fixed + echo["campaign"]) * 1000
    assert np.allclose(echo["cost"].loc[3:4], expected.loc[3:4], atol=0.02)
    assert (echo["funnel_unaware"].loc[:2] == 1000).all(), "nobody hears of a firm that is not there"
    assert 0.5 < 1 - echo["funnel_unaware"].loc[3] / 1000 < 0.75, "1 - exp(-2 * 0.51) = 0.64"


@pytest.mark.parametrize(("hurdle", "month"), [(-1.0, 4), (50.0, None)])
def test_profit_invites_after_it_was_watched(hurdle, month):
    market = market_of(
        PLAIN, "mechanism.entry.invited=[echo]", f"mechanism.entry.hurdle={hurdle}", "mechanism.entry.watch=4",
        "mechanism.entry.chance=1",
    )  # fmt: skip
    firms, _ = recorded(market, 7)
    came = [m for m in range(7) if firms.loc[("echo", m), "trading"]]
    assert came == ([] if month is None else [4, 5, 6])


def test_the_mean_profit_a_head_of_the_rivals_decides():
    """The hurdle just below and just above what the records say the rivals earned on average."""
    common = [PLAIN, "mechanism.entry.invited=[echo]", "mechanism.entry.watch=3", "mechanism.entry.chance=1"]
    firms, _ = recorded(market_of(*common, "mechanism.entry.hurdle=100"), 5)
    rivals = firms.loc[["grandcoach", "mosaic", "nightowl", "thrift"], "profit"].groupby("period").mean() / 1000
    mean = rivals.loc[1:3].mean()
    market = market_of(*common, f"mechanism.entry.hurdle={rivals.loc[:2].mean() + 1e-6}")
    for hurdle, there in ((mean - 1e-6, True), (mean + 1e-6, False)):
        market = market_of(*common, f"mechanism.entry.hurdle={max(hurdle, -1e5)}")
        market.run_for(5)
        early = rivals.loc[:2].mean() > hurdle
        assert market.firm("echo").trading == (there or early)


def test_a_regulated_monopoly_keeps_its_cap_until_its_market_opens():
    market = market_of(
        PLAIN, "mechanism.entry.invited=[grandcoach,mosaic,nightowl,thrift]", "mechanism.entry.hurdle=-1000", "mechanism.entry.chance=1",
        "mechanism.entry.watch=1", "+mechanism.entry.opens.bus=4", "+mechanism.entry.regulated_fare.bus=20.5",
        "mechanism.entry.answer_cut=0", *FIXED,
    )  # fmt: skip
    firms, whole = recorded(market, 6)
    assert firms.loc["echo"]["price"].round(2).tolist() == [20.5] * 4 + [33.46] * 2
    assert whole["firms"].tolist() == [4] * 4 + [8] * 2


def test_a_franchisee_is_known_by_its_brand_and_pays_for_it_to_the_cent():
    market = market_of(
        "mechanism=[entry,cost_accounting,awareness,evidence]", "+mechanism.entry.franchise.echo=grandcoach",
        "mechanism.entry.royalty=0.0637", "firms.echo.known=0", "firms.grandcoach.known=1", "firms.echo.advertising=0",
        "mechanism.awareness.contagion=0",
    )  # fmt: skip
    market.step()
    echo, brand = market.firm("echo"), market.firm("grandcoach")
    assert market.total("purchases")[echo.index] > 0, "nobody knew it by its own name"
    assert echo.evidence == brand.evidence == 0.9
    for _ in range(5):
        before = [f.cash_cents for f in market.firms]
        market.step()
        paid = market.total("revenue")
        owed = round(int(paid[echo.index]) * 0.0637)
        received = {f.name: round(f.books["revenue"] * 100) - int(paid[f.index]) for f in market.firms}
        assert received == dict.fromkeys(received, 0) | {"grandcoach": owed}
        moved = [owed * ((f is brand) - int(f is echo)) for f in market.firms]
        assert np.rint(record(market, "entry")["royalties"] * 100).tolist() == moved
        other = (echo.spec.overhead + 0.05 + 0.01 * 0.9) * 1000  # overhead, the follower's budget, the brand's look
        journeys = market.off_grid(market.total("journeys"))[echo.index] @ echo.unit_cost
        assert round(echo.books["cost"] * 100) == round((journeys + other) * 100) + owed
        changes = [round((f.books["revenue"] - f.books["cost"]) * 100) for f in market.firms]
        assert [f.cash_cents for f in market.firms] == [a + b for a, b in zip(before, changes, strict=True)]


def test_a_brand_that_leaves_takes_its_name_with_it():
    market = market_of(
        PLAIN, "+mechanism.entry.franchise.echo=grandcoach", "+mechanism.entry.patience.bus=1", "firms.grandcoach.opening_cash=-9",
    )  # fmt: skip
    market.run_for(2)
    assert not market.firm("grandcoach").trading
    assert market.firm("echo").brand == ""
    assert not record(market, "entry")["royalties"].any()


def test_a_niche_firm_serves_its_niche_only():
    market = market_of(
        "mechanism=[entry,contexts,purchase_incidence]",
        "+mechanism.entry.niche.echo=[solo_modest,night]",
        customers=8000,
    )
    seen = set()

    def note(rows):
        who = rows.provider == market.firm("echo").index
        seen.update(zip(rows.segment[who].tolist(), rows.context[who].tolist(), strict=True))

    market.witness = note
    market.run_for(6)
    assert seen == {(market.segments.index("solo_modest"), list(market.contexts).index("night"))}


def test_free_entry_drives_profit_down_to_the_hurdle():
    """Fourteen equal coaches, thirteen of them outside an open door: entry stops when the mean profit is what an entrant asks for."""
    scenario = sim.compose(
        "population.customers=20000", "periods=60", "replications=1", PLAIN, "mechanism.entry.hurdle=0.06", "mechanism.entry.watch=2",
        "mechanism.entry.chance=0.1", "mechanism.entry.launch_discount=0", "mechanism.entry.answer_cut=0", "firms.echo.strategy=fixed",
        "firms.echo.pricing=fixed_price", "firms.echo.list_price=40", "firms.echo.overhead=0.1", "firms.echo.presence=0.2",
    )  # fmt: skip
    names = [f"coach{n:02d}" for n in range(14)]
    firms = {name: scenario.firms["echo"] for name in names} | {n: scenario.firms[n] for n in ("air", "car", "train")}
    door = dataclasses.replace(scenario.mechanism["entry"], invited=tuple(names[1:]))
    market = sim.Market(
        scenario.replace(firms=dict(sorted(firms.items())), mechanism=scenario.mechanism | {"entry": door})
    )
    path = []
    for _ in range(60):
        market.step()
        there = [f for f in market.trading if f.name in names]
        path.append((len(there), np.mean([f.books["profit"] for f in there]) / market.heads))
    count, profit = np.array(path).T
    assert 5 < count[-1] < 12, "some stay outside"
    assert profit[:2].mean() > 0.15
    assert 0.04 < profit[-12:].mean() < 0.065
    assert (np.diff(count) >= 0).all()
    assert (count[-1] == count[-6:]).all(), "entry has stopped"


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["+mechanism.entry.opening.eco=3"], "opening.eco: unknown firm; nearest valid name: 'echo'"),
        (["mechanism.entry.invited=[thrifty]"], "unknown firm; nearest valid name: 'thrift'"),
        (["+mechanism.entry.opening.echo=60"], "expected echo < periods = 60"),
        (["+mechanism.entry.opening.echo=0"], "opening.echo = 0 months"),
        (["+mechanism.entry.opening.echo=3", "+mechanism.entry.opens.bus=5"], "expected echo >= opens.bus = 5"),
        (["+mechanism.entry.opening.echo=3", "mechanism.entry.invited=[echo]"], "which opening names"),
        (["mechanism.entry.invited=[air,train,car,echo,thrift,mosaic,nightowl,grandcoach]"], "at least one firm to be there"),
        (["+mechanism.entry.opens.boat=3"], "unknown mode"),
        (["+mechanism.entry.patience.boat=3"], "unknown mode"),
        (["+mechanism.entry.regulated_fare.bus=3"], "expected opens.bus"),
        (["+mechanism.entry.franchise.echo=echo"], "expected another firm of the mode"),
        (["+mechanism.entry.franchise.echo=air"], "expected another firm of the mode"),
        (["mechanism=[entry]", "+mechanism.entry.franchise.echo=thrift"], "needs mechanism.cost_accounting"),
        (["+mechanism.entry.niche.echo=[students]"], "unknown segment or context"),
        (["+mechanism.entry.niche.echo=[]"], "at least one segment or context"),
        (["+firms.echo.policy.entry.patience=3"], "unknown policy"),
    ],
)  # fmt: skip
def test_bad_input_gets_one_line(overrides, said):
    with pytest.raises(ConfigError, match="entry") as error:
        sim.compose(*overrides)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_absent_firms_do_not_disturb_the_report(tmp_path):
    never = ["mechanism.entry.invited=[echo]", "+mechanism.entry.opens.bus=99"]
    result = sim.run(sim.compose(*never, "population.customers=300", "replications=1", "periods=13"))
    for name in ("breadth_depth", "positioning"):
        figures.ALL[name](result).savefig(tmp_path / f"{name}.svg")
    assert sim.table(result).set_index("firm").loc["echo", "fare [AUD]"] == "–"
    assert "echo has" not in " ".join(summary.sentences(result))
