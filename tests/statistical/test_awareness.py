"""Awareness alone is the Bass curve; nobody buys what he does not know."""

import numpy as np
import pytest

import sim

P, Q = 0.03, 0.38
PEAK_TIME = np.log(Q / P) / (P + Q)
PEAK_HEIGHT = (P + Q) ** 2 / (4 * Q)


def discrete(step, years=25):
    """Known share at the ends of steps of the mechanism's own recursion."""
    known = [0.0]
    while len(known) < years / step:
        known.append(known[-1] + (1 - known[-1]) * -np.expm1(-(P + Q * known[-1]) * step))
    return np.array(known)


def peak(known, step):
    """When adoption is fastest and how fast, by the parabola through the three highest steps."""
    speed = np.diff(known) / step
    k = int(speed.argmax())
    a, b, c = speed[k - 1 : k + 2]
    shift = 0.5 * (a - c) / (a - 2 * b + c)
    return (k + 0.5 + shift) * step, b - 0.25 * (a - c) * shift


def market_of(step, customers):
    return sim.Market(
        sim.compose(
            "mechanism=[awareness]", f"population.customers={customers}", "periods=400", "firms.thrift.known=0",
            f"firms.thrift.advertising={P * step}", "mechanism.awareness.response=1",
            f"mechanism.awareness.contagion={Q * step}", "mechanism.awareness.forgetting=0",
        )
    )  # fmt: skip


def known_by(market, months):
    thrift = next(f.index for f in market.firms if f.name == "thrift")
    known = [0.0]
    for _ in range(months):
        market.step()
        known.append((market.table["funnel"][thrift] > 0).mean())
    return np.array(known)


def test_awareness_alone_is_the_bass_curve():
    step, customers = 1 / 12, 40_000
    known = known_by(market_of(step, customers), 240)
    t = np.arange(len(known)) * step
    bass = -np.expm1(-(P + Q) * t) / (1 + Q / P * np.exp(-(P + Q) * t))
    assert np.abs(known - discrete(step)[: len(known)]).max() < 4 * np.sqrt(0.25 / customers) * 3
    assert np.abs(known - bass).max() < 0.02
    yearly = np.diff(known[::12])
    assert abs(yearly.argmax() + 0.5 - PEAK_TIME) <= 1
    assert yearly.max() == pytest.approx(PEAK_HEIGHT, rel=0.04)


def test_small_steps_close_in_on_the_peak_of_bass_in_proportion():
    """The error of a step is of first order: a quarter of the step, a quarter of the error in time."""
    late = []
    for step in (1 / 3, 1 / 12, 1 / 48):
        time, height = peak(discrete(step), step)
        late.append(time - PEAK_TIME)
        assert height == pytest.approx(PEAK_HEIGHT, rel=0.15 * step)
    assert late[0] / late[1] == pytest.approx(4, rel=0.15)
    assert late[1] / late[2] == pytest.approx(4, rel=0.15)
    assert abs(late[1]) < 0.11, "a month's step moves the peak by about a month"


def test_nobody_buys_what_he_does_not_know():
    market = sim.Market(
        sim.compose(
            "mechanism=[awareness]", "population.customers=20000", "firms.thrift.known=0.3", "firms.thrift.advertising=0",
            "mechanism.awareness.contagion=0", "mechanism.awareness.forgetting=0",
        )
    )  # fmt: skip
    thrift = next(f.index for f in market.firms if f.name == "thrift")
    ignorant = market.table["funnel"][thrift] == 0
    assert ignorant.mean() == pytest.approx(0.7, abs=0.02)
    market.run_for(14)
    assert (market.table["bought"][thrift][ignorant] == 0).all()
    assert (market.table["bought"][thrift][~ignorant] > 0).sum() > 500
    stages = market.total("stages")[thrift]
    assert stages.sum() == market.heads
    assert stages[0] == ignorant.sum()
    buyers = (market.table["bought"][thrift] & (2**12 - 1)) > 0
    assert stages[3] + stages[4] == buyers.sum()


def test_only_as_many_firms_are_kept_in_mind_as_there_is_room_for():
    market = sim.Market(
        sim.compose("mechanism=[awareness]", "population.customers=5000", "mechanism.awareness.consideration=2")
    )
    market.step()
    kept = sum((market.table["considered"] >> f) & 1 for f in range(len(market.firms)))
    assert set(kept.tolist()) == {2}
    chosen = market.table["provider"]
    bought = chosen >= 0
    assert ((market.table["considered"][bought] >> chosen[bought].astype(np.uint32)) & 1).all()


def test_who_took_no_interest_forgets():
    market = sim.Market(
        sim.compose(
            "mechanism=[awareness]", "population.customers=20000", "firms.thrift.known=0.99999", "firms.thrift.advertising=0",
            "firms.thrift.list_price=900", "mechanism.awareness.contagion=0", "mechanism.awareness.forgetting=0.1",
        )
    )  # fmt: skip
    thrift = next(f.index for f in market.firms if f.name == "thrift")
    market.run_for(10)
    assert (market.table["funnel"][thrift] == 0).mean() == pytest.approx(1 - 0.9**10, abs=0.05)
    assert (market.table["funnel"][market.firm("car").index] > 0).all(), "what everybody knows is not forgotten"


def test_only_who_took_no_interest_forgets():
    from sim.science.kernels.awareness import hear_of

    stages, segment = np.arange(5, dtype=np.uint8), np.zeros(5, np.int8)
    draw = (np.arange(5, dtype=np.uint32), np.uint32(0), np.uint32(1), np.uint32(2), segment)
    room = np.empty((2, 5), np.float32)
    hear_of(*draw, np.zeros(1, np.float32), np.float32(1.1), *room, stages)
    assert stages.tolist() == [0, 0, 2, 3, 4]
    hear_of(*draw, np.full(1, 1.1, np.float32), np.float32(0), *room, stages)
    assert stages.tolist() == [1, 1, 2, 3, 4]
