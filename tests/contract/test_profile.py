"""The profile tells where the time goes: nothing is left out, and measuring changes nothing."""

import pytest

import sim
from sim.desk import cli
from sim.desk.profile import Timed, profile
from sim.world.composing.configuration import config_folder

NAMES = sorted(p.stem for p in (config_folder() / "mechanism").glob("*.yaml"))
SMALL = ["population.customers=3000", "periods=2"]


@pytest.fixture(scope="module")
def found():
    return profile(sim.compose(*SMALL))


def test_the_parts_are_the_whole(found):
    assert found.months == 2
    assert sorted(found.mechanisms) == NAMES
    assert all(seconds > 0 for seconds in found.mechanisms.values())
    assert found.core > 0
    assert sum(found.mechanisms.values()) + found.core == pytest.approx(found.seconds)
    assert found.rate == pytest.approx(3000 * 2 / found.seconds)
    assert found.cost(found.seconds) == pytest.approx(1e9 / found.rate)
    assert found.bare > 0
    assert found.bytes >= sim.Market(found.scenario).table.bytes_per_row


def test_a_timed_market_plays_the_same_months(world):
    plain, timed = sim.Market(world()), sim.Market(world())
    timed.mechanisms[:] = [Timed(mechanism) for mechanism in timed.mechanisms]
    for market in (plain, timed):
        market.run_for(3)
    assert plain.table["bought"].tobytes() == timed.table["bought"].tobytes()
    assert [firm.books for firm in plain.firms] == [firm.books for firm in timed.firms]


def test_the_command_prints_every_part_and_the_shares_add_up(capsys):
    assert cli.main(["profile", *SMALL]) == 0
    said, steps = capsys.readouterr().out.split("  hook ")
    rows = {line.split()[0].removeprefix("mechanism."): line.split() for line in said.splitlines() if line.strip()}
    assert set(NAMES) < set(rows)
    shares = [float(rows[name][-1]) for name in [*NAMES, "the"]]
    assert sum(shares) == pytest.approx(100, abs=0.05 * len(shares) + 0.01)
    for word in ("million customer-months a second", "bytes a customer", "times the time", "without mechanisms"):
        assert word in said
    for word in ("ns", "on_weigh", "add_opinion", "the market"):
        assert word in steps


def test_a_market_without_mechanisms_has_a_profile_too(capsys):
    assert cli.main(["profile", *SMALL, "mechanism=[]"]) == 0
    assert "the market's own phases" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"), [(["periodz=3"], "nearest valid name"), (["--multirun", "seed=1,2"], "not an option of profile")]
)
def test_a_mistake_gets_one_line(capsys, words, said):
    assert cli.main(["profile", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert len(err.strip().splitlines()) == 1


def test_describe_mechanism_lists_every_mechanism_with_source_neutral_value_and_cost(capsys, monkeypatch):
    monkeypatch.setattr("sim.desk.describe.CUSTOMERS", 2000)
    monkeypatch.setattr("sim.desk.describe.MONTHS", 1)
    assert cli.main(["describe", "mechanism"]) == 0
    said = capsys.readouterr().out
    rows = {line.split()[0]: line for line in said.splitlines() if line.strip()}
    assert set(NAMES) < set(rows)
    assert "weight = 0.0" in rows["satisfaction"]
    assert "Oliver" in said
    for name in NAMES:
        ours, share = rows[name].split()[-2:]
        assert float(ours) > 0
        assert 0 <= float(share) < 100
    assert "time per customer and month" in said
    assert cli.main(["describe", "must_have"]) == 0
    assert "rate" in capsys.readouterr().out


def test_a_customer_takes_at_most_400_bytes_with_ten_firms_and_everything_on():
    scenario = sim.compose("experiment=speed", "population.customers=5000")
    assert len(scenario.firms) == 10
    assert profile(scenario, months=1).bytes <= 400
