"""Complaints: rates against their closed form, longer menus silence people, recovery restores, firms hear what was bad."""

import numpy as np
import pytest

import sim
from sim.ground.params import ConfigError
from sim.market.records import Records

N = 60_000
COACHES = ["echo", "grandcoach", "mosaic", "nightowl", "thrift"]
EQUAL = [f"firms.{name}.delivery_noise=0.8" for name in COACHES]
CONTENT, COMPLAINED, RECOVERED, TELLS, SILENT = range(5)


def played(*overrides, months=1, customers=N, mechanism="complaint,satisfaction"):
    market = sim.Market(
        sim.compose(
            f"population.customers={customers}", "periods=12", "seed=9", f"mechanism=[{mechanism}]", *EQUAL, *overrides
        )
    )
    market.run_for(months)
    return market


def near(part, whole, p):
    return abs(part - whole * p) < 4 * np.sqrt(whole * p * (1 - p))


def test_rates_are_those_of_the_closed_form():
    market = played(
        "mechanism.complaint.threshold=0.3", "mechanism.complaint.voice=0.6", "mechanism.complaint.friction=4",
        "mechanism.complaint.patience=8", "mechanism.complaint.talk=0.3", "firms.thrift.empowerment=0.7",
    )  # fmt: skip
    mood, provider = market.table["mood"], market.table["provider"]
    short = (provider >= 0) & (market.table["gap"] < -0.3)
    assert ((mood > 0) == short).all()
    thrift = market.firm("thrift").index
    p = 0.6 * np.exp(-4 / 8)
    for who in (short, short & (provider == thrift)):
        n = who.sum()
        complained = np.isin(mood[who], (COMPLAINED, RECOVERED)).sum()
        assert n > 300
        assert near(complained, n, p)
        assert near((mood[who] == TELLS).sum(), n, (1 - p) * 0.3)
        assert near((mood[who] == SILENT).sum(), n, (1 - p) * 0.7)
    bought = (provider == thrift).sum()
    assert near((short & (provider == thrift)).sum(), bought, 0.353830)  # normal below -0.3 / 0.8
    ours = np.bincount(mood[provider == thrift], minlength=5)
    assert near(ours[RECOVERED], ours[COMPLAINED] + ours[RECOVERED], 0.7)
    assert near(market.total("gave_up").sum(), short.sum(), 0.6 - p)
    assert market.total("moods")[:, thrift].tolist()[1:] == ours.tolist()[1:]


def test_a_longer_phone_menu_silences_some_and_moves_nobody_else():
    short, long = (played(f"mechanism.complaint.friction={minutes}") for minutes in (1, 20))
    spoke = [np.isin(market.table["mood"], (COMPLAINED, RECOVERED)) for market in (short, long)]
    assert spoke[1].sum() < 0.5 * spoke[0].sum()
    assert not (spoke[1] & ~spoke[0]).any(), "nobody complains because it has become harder"
    assert (short.table["provider"] == long.table["provider"]).all()
    assert long.total("gave_up").sum() > short.total("gave_up").sum()


@pytest.mark.parametrize(("redress", "paradox"), [(0.3, False), (0.5, False), (1.5, True)])
def test_recovery_restores_and_exceeds_only_where_redress_is_larger_than_the_loss(redress, paradox):
    common = ["mechanism.complaint.voice=1", "mechanism.complaint.friction=0", f"mechanism.complaint.redress={redress}"]
    recovered, left = (
        played(*common, *[f"firms.{name}.empowerment={chance}" for name in COACHES], months=1) for chance in (1, 0)
    )
    bus = np.isin(recovered.table["provider"], [recovered.firm(name).index for name in COACHES])
    helped = bus & (recovered.table["mood"] == RECOVERED)
    assert helped.sum() > 300
    assert (left.table["mood"][helped] == COMPLAINED).all()
    provider, gap = recovered.table["provider"][helped], recovered.table["gap"][helped].astype(float)
    after = recovered.table["satisfaction"][provider, np.flatnonzero(helped)] / 1024
    alone = left.table["satisfaction"][provider, np.flatnonzero(helped)] / 1024
    felt = np.where(gap + redress >= 0, gap + redress, 2.25 * (gap + redress))
    assert after == pytest.approx(0.3 * felt, abs=1.1e-3)
    assert alone == pytest.approx(0.3 * 2.25 * gap, abs=1.1e-3)
    assert (after > alone).all()
    clear = np.abs(redress + gap) > 0.01
    assert ((after > 0) == (redress > -gap))[clear].all(), "above a faultless service only if redress exceeds the loss"
    assert (after > 2e-3).any() == paradox
    content = bus & (recovered.table["mood"] == CONTENT)
    rows = np.flatnonzero(content)
    assert (recovered.table["satisfaction"][:, rows] == left.table["satisfaction"][:, rows]).all()


def test_a_firm_whose_comfort_is_bad_hears_about_comfort():
    market = played(
        "population.tastes.comfort=0.5", "firms.thrift.seats=80", "firms.thrift.delivery_noise=0.1", months=2,
        mechanism="complaint,satisfaction,signature",
    )  # fmt: skip
    thrift, owl = market.firm("thrift").complaints, market.firm("nightowl").complaints
    assert sum(thrift.values()) > 50
    assert thrift["comfort"] > 0.95 * sum(thrift.values())
    assert owl["delivery"] == sum(owl.values()) > 20
    assert market.firm("car").complaints == dict.fromkeys((*market.attributes, "delivery"), 0)


def test_a_firm_is_told_of_last_month_and_of_nothing_where_nobody_complains():
    market = played()
    told = market.firm("thrift").look({f.name: f.public_facts() for f in market.firms}).complaints
    thrift = market.firm("thrift").index
    spoke = np.isin(market.table["mood"], (COMPLAINED, RECOVERED)) & (market.table["provider"] == thrift)
    assert sum(told.values()) == spoke.sum() > 0
    silent = played(mechanism="satisfaction")
    assert silent.firm("thrift").look({f.name: f.public_facts() for f in silent.firms}).complaints == {}


@pytest.mark.parametrize(("technical", "functional"), [(1, 1), (3, 0.5)])
def test_faults_are_the_lowest_worth_by_hand(technical, functional):
    market = played(
        "mechanism.complaint.voice=1", "mechanism.complaint.friction=0",
        f"mechanism.satisfaction.technical_weight={technical}",
        f"mechanism.satisfaction.functional_weight={functional}", months=3, mechanism="all",
    )  # fmt: skip
    assert len(market.mechanisms) > 10
    counts = np.array([functional if name == "comfort" else technical for name in market.attributes])
    t, found = market.table, np.zeros_like(market.total("complaints"))

    def note(rows):
        for i in np.flatnonzero(np.isin(rows.mood, (COMPLAINED, RECOVERED))):
            f = rows.provider[i]
            worths = counts * rows.taste[:, i] * market.board.level[f, :, rows.cell[i]]
            parts = [*worths, rows.quality[i] - worths.sum()]
            found[f, int(np.argmin(np.round(parts, 5)))] += 1

    market.witness = note
    market.step()
    assert market.total("complaints").sum() > 1000
    assert np.abs(market.total("complaints") - found).sum() <= 0.001 * found.sum(), "but for rounding"
    assert t["mood"].max() <= SILENT


def test_complaints_are_billed_to_the_cent():
    market = played(
        "mechanism.complaint.handling_cost=1.25", "mechanism.complaint.redress_cost=7.5", months=3,
        mechanism="complaint,cost_accounting,satisfaction",
    )  # fmt: skip
    records = Records(market)
    market.step()
    records.note()
    row = records.frame("records").set_index("firm").loc["thrift"]
    free = played(
        "mechanism.complaint.handling_cost=0", "mechanism.complaint.redress_cost=0", months=4,
        mechanism="complaint,cost_accounting,satisfaction",
    )  # fmt: skip
    assert row["complaints"] > row["recovered"] > 0
    extra = market.firm("thrift").fixed_cost - free.firm("thrift").fixed_cost
    assert extra == pytest.approx(1.25 * row["complaints"] + 7.5 * row["recovered"])
    assert (market.table["provider"] == free.table["provider"]).all(), "fares follow unit costs, not fixed ones"
    disappointed = market.total("moods")[1:].sum(axis=0)
    frame = records.frame("records")
    assert (frame["complaints"] + frame["telling"] + frame["silent"]).tolist() == disappointed.tolist()


@pytest.mark.parametrize(
    ("overrides", "said"),
    [
        (["mechanism=[complaint]"], "mechanism.complaint needs mechanism.satisfaction"),
        (["mechanism.complaint.patience=0"], "expected 0.001 <= patience"),
        (["mechanism.complaint.voice=1.5"], "expected 0 <= voice <= 1"),
        (["+population.tastes.delivery=0.1"], "population.tastes.delivery: tables use the word"),
    ],
)
def test_bad_input_gets_one_line(overrides, said):
    with pytest.raises(ConfigError) as error:
        sim.compose(*overrides)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
