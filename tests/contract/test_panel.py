"""The customer panel holds every purchase of its sample, once, whatever the threads and the numbering."""

import dataclasses
import errno
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import sim
from sim.market.panel import Panel, panel_columns
from sim.market.records import Records

CUSTOMERS = 9000


def scenario(*overrides):
    return sim.compose(
        "records=panel", "records.sample=400", f"population.customers={CUSTOMERS}", "periods=7", "replications=1", *overrides
    )  # fmt: skip


def test_all_customers_together_are_the_tallies():
    result = sim.run(scenario(f"records.sample={CUSTOMERS}"))
    bought = result.panel.groupby(["period", "firm"]).agg(purchases=("amount", "size"), revenue=("amount", "sum"))
    firms = result.firms.set_index(["period", "firm"])
    firms = firms[firms["purchases"] > 0]
    assert bought["purchases"].to_dict() == firms["purchases"].to_dict()
    assert bought["revenue"].to_dict() == pytest.approx(firms["revenue"].to_dict())


def test_a_row_says_what_was_bought_and_what_the_others_asked():
    world = scenario()
    result = sim.run(world)
    panel = result.panel
    assert list(panel.columns) == list(panel_columns(sim.Market(world)))
    assert panel["customer"].nunique() <= 400
    per_head = result.firms["purchases"].sum() / CUSTOMERS
    assert len(panel) == pytest.approx(400 * per_head, rel=0.25), "four standard errors: rates differ by person"
    assert not panel.duplicated(["customer", "period", "occasion"]).any()
    assert panel.equals(panel.sort_values(["period", "customer", "occasion"], ignore_index=True))
    asked = np.array([row[f"price_{row['firm']}"] for _, row in panel.iterrows()])
    assert ((panel["amount"] == asked) | (panel["amount"] == 0)).all()
    assert (panel["amount"] == asked).mean() > 0.9
    assert panel["date"].iloc[0] == pd.Timestamp("2001-01-01")
    assert panel["date"].iloc[-1] == pd.Timestamp("2001-07-01")
    assert set(panel["context"]) <= set(world.population.contexts)
    assert panel["satisfaction"].dtype == np.float32
    assert 0 < panel["satisfaction"].abs().max() < 5
    assert panel.query("period == 0")["relation"].eq("none").all()
    assert panel.query("period == 1")["relation"].isin(["none", "exploration"]).all()


def test_threads_and_the_folder_change_no_bit(tmp_path):
    alone = sim.run(scenario()).panel
    shared = sim.run(scenario("threads=2", "records.flush=3"), folder=tmp_path)
    assert [p.name for p in sorted((tmp_path / "panel").iterdir())] == [f"part-0000{n}.parquet" for n in range(3)]
    pd.testing.assert_frame_equal(alone, shared.panel, check_exact=True)
    whole = pd.read_parquet(tmp_path / "panel")
    pd.testing.assert_frame_equal(alone, whole.sort_values(["period", "customer", "occasion"], ignore_index=True))
    schema = pq.read_schema(tmp_path / "panel" / "part-00000.parquet")
    assert schema.field("amount").metadata[b"unit"] == b"AUD"


def test_the_sample_does_not_depend_on_the_numbering_and_grows_around_a_kernel():
    world, order = scenario("periods=2"), np.random.default_rng(1).permutation(CUSTOMERS)
    frames = []
    for identity, sample in ((None, 400), (order, 400), (None, 401)):
        market = sim.Market(world, identity=identity)
        panel = Panel(market, sample)
        market.run_for(2)
        frames.append(panel.frame())
    pd.testing.assert_frame_equal(frames[0], frames[1], check_exact=True)
    assert set(frames[0]["customer"]) <= set(frames[2]["customer"])


def test_a_sample_of_any_size_is_exact_and_spread():
    market = sim.Market(scenario())
    for sample in (1, 400, CUSTOMERS - 1, CUSTOMERS, CUSTOMERS + 5):
        panel = Panel(market, sample)
        market.table["provider"][:] = 0
        panel.see(market.block(0, CUSTOMERS))
        market.period += 1
        seen = panel.frame()["customer"]
        assert len(seen) == min(sample, CUSTOMERS)
        if sample == 400:
            assert abs(seen.mean() / CUSTOMERS - 0.5) < 4 * 0.289 / 20


def test_no_sample_no_panel_and_only_the_own_seed_is_followed(tmp_path):
    assert (
        sim.run(sim.compose("population.customers=300", "periods=2", "replications=1"), folder=tmp_path / "a").panel
        is None
    )
    assert not (tmp_path / "a" / "panel").exists()
    world = scenario("periods=3")
    assert sim.run(world.replace(replications=2)).panel.equals(sim.run(world).panel)


def test_what_an_earlier_run_left_is_not_mixed_in(tmp_path):
    sim.run(scenario("records.flush=1"), folder=tmp_path)
    again = sim.run(scenario("periods=2"), folder=tmp_path)
    assert again.panel["period"].max() == 1
    assert len(list((tmp_path / "panel").iterdir())) == 1


def test_a_panel_of_nobody_can_be_read(tmp_path):
    world = scenario("periods=1", "records.sample=1", "population.travel_share=0.0001")
    assert len(sim.run(world, folder=tmp_path).panel) <= 1
    assert len(sim.run(world).panel) <= 1


def test_many_purchases_are_written_before_the_flush_is_due(tmp_path, monkeypatch):
    monkeypatch.setattr("sim.market.panel.MOST", 500)
    result = sim.run(scenario("periods=4"), folder=tmp_path)
    assert len(list((tmp_path / "panel").iterdir())) == 2
    assert result.panel.equals(sim.run(scenario("periods=4")).panel)


def test_a_broken_write_leaves_the_parts_before_it_readable(tmp_path, monkeypatch):
    real, parts = pq.write_table, []

    def write(table, path, **options):
        if "panel" in str(path):
            parts.append(path)
            if len(parts) == 3:
                Path(path).write_bytes(b"half a")
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
        real(table, path, **options)

    monkeypatch.setattr("sim.ground.parquet.pq.write_table", write)
    with pytest.raises(OSError, match="No space"):
        sim.run(scenario("records.flush=2"), folder=tmp_path)
    assert sorted(p.name for p in (tmp_path / "panel").iterdir()) == ["part-00000.parquet", "part-00001.parquet"]
    assert pd.read_parquet(tmp_path / "panel")["period"].max() == 3


def test_what_a_kill_leaves_of_a_part_stands_in_nobodys_way(tmp_path):
    result = sim.run(scenario(), folder=tmp_path)
    (tmp_path / "panel" / ".part-00001.parquet.0123abcd").write_bytes(b"half a")
    assert len(pd.read_parquet(tmp_path / "panel")) == len(result.panel)
    sim.run(scenario("periods=1"), folder=tmp_path)
    assert [p.name for p in (tmp_path / "panel").iterdir()] == ["part-00000.parquet"]


def test_an_unfinished_month_stays_out():
    market = sim.Market(scenario())
    records = Records(market)
    market.step()
    market.open()
    market.customers.do("step")
    assert set(records.panel.frame()["period"]) == {0}
    market.close()
    assert set(records.panel.frame()["period"]) == {0, 1}


def test_without_mechanisms_the_panel_has_the_columns_that_exist():
    panel = sim.run(scenario("mechanism=[]", "periods=2")).panel
    assert "satisfaction" not in panel
    assert "relation" not in panel
    assert (panel["amount"] > 0).all()


def test_recency_frequency_and_value_come_out_of_the_panel_as_lifetimes_counts_them():
    """One row a purchase with customer, date and amount is all that a customer-base model asks for."""
    panel = sim.run(scenario()).panel
    one = panel[panel["customer"] == panel["customer"].iloc[0]]
    lifetimes = pytest.importorskip("lifetimes.utils", exc_type=ImportError)
    summary = lifetimes.summary_data_from_transaction_data(panel, "customer", "date", "amount")
    assert summary.loc[one["customer"].iloc[0], "frequency"] == one["date"].nunique() - 1
    assert summary["T"].max() == (panel["date"].max() - panel["date"].min()).days


def test_the_plan_is_checked():
    with pytest.raises(sim.ConfigError, match="expected 0 <= sample"):
        sim.compose("records.sample=-1")
    assert dataclasses.replace(scenario().records, sample=0).sample == 0
