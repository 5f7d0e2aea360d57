"""Measures of an advantage find what was put into made-up records."""

import numpy as np
import pandas as pd
import pytest

from sim.metrics.advantage import advantage_half_life, event_study, first_mover_advantage, premiums


def records(half_life, seeds=6, months=60, noise=0.0, start=10):
    """Firm a innovates in month `start`, is 10 ahead then, half of it half_life later; b and c match it after a year."""
    rng, firms, features = np.random.default_rng(3), [], []
    for seed in range(seeds):
        for month in range(months):
            lead = 10 * 0.5 ** ((month - start) / half_life) if month >= start else 0.0
            for firm in "abc":
                value = (105 + lead if firm == "a" else 100) + noise * rng.normal()
                firms.append((seed, month, firm, value))
                if month >= start:
                    fidelity = 1.0 if firm == "a" or month - start >= 12 else 0.0
                    features.append((seed, f"{seed}/a-1", "k", "a", month, firm, fidelity > 0, fidelity, start))
    columns = ["seed", "feature", "kind", "introduced_by", "period", "firm", "adopted", "fidelity", "introduced"]
    return pd.DataFrame(firms, columns=["seed", "period", "firm", "profit"]), pd.DataFrame(features, columns=columns)


def test_an_event_study_takes_off_what_was_there_before():
    curves = premiums(*records(6), "profit")
    assert np.allclose(curves.to_numpy().T, 10 * 0.5 ** (np.arange(25) / 6))
    study = event_study(curves)
    assert study["low"].le(study["premium"]).all()
    assert study["seeds"].eq(6).all()


def test_the_half_life_is_found_again_in_its_interval_as_often_as_promised():
    """Coverage over 60 made-up experiments of eight seeds, four standard errors below 95 %."""
    rng, ages, covered = np.random.default_rng(3), np.arange(25), np.zeros(2)
    for _ in range(60):
        lead = 10 * 0.5 ** (ages[:, None] / 8) * (1 + 0.2 * rng.normal(size=8)) + rng.normal(size=(25, 8))
        found = advantage_half_life(pd.DataFrame(lead, index=ages))
        covered += found.low <= 8 <= found.high, found.start_low <= 10 <= found.start_high
    assert (covered >= 60 * 0.95 - 4 * np.sqrt(60 * 0.95 * 0.05)).all(), covered
    assert found.months == pytest.approx(8, rel=0.3)


def test_a_half_life_is_found_in_records():
    assert advantage_half_life(premiums(*records(3, noise=0.2), "profit")).months == pytest.approx(3, rel=0.2)


def test_an_advantage_that_stays_has_no_half_life_and_none_has_none():
    ages = np.arange(25)
    stays = advantage_half_life(pd.DataFrame({1: np.ones(25), 2: np.ones(25)}, index=ages))
    assert stays.months == stays.low == np.inf
    assert np.isnan(advantage_half_life(pd.DataFrame({1: -np.ones(25)}, index=ages)).months)


def test_too_early_innovations_are_left_out():
    assert premiums(*records(6, start=3), "profit").empty
    assert len(premiums(*records(6, start=3), "profit", before=0).columns) == 6


def test_what_a_first_mover_keeps_is_measured_after_parity():
    mean, half, features = first_mover_advantage(*records(3), metric="profit", months=12)
    after = 5 + 10 * 0.5 ** (np.arange(12, 24) / 3)
    assert mean == pytest.approx(after.mean())
    assert half == pytest.approx(0, abs=1e-9)
    assert features == 6
