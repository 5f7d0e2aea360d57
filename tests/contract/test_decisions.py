"""A decision and public facts belong to any market: what one industry alone decides or shows is a mechanism's."""

import dataclasses
import inspect
import re

import pytest

import sim
from sim.world.strategies import Decision, PublicFacts, Seen
from sim.world.strategies.former import NOW_POLICY, NOW_SHOWN

INDUSTRY = ["seat", "coach", "comfort", "attended", "attendant", "interview", "programme", "vehicle", "trip"]
SMALL = ["population.customers=400", "periods=2", "replications=1"]


@pytest.mark.parametrize("kind", [Decision, PublicFacts])
def test_it_holds_no_word_of_one_industry(kind):
    fields = [field.name for field in dataclasses.fields(kind)]
    words = " ".join(fields) + " " + inspect.getsource(kind)
    assert not [word for word in INDUSTRY if re.search(word, words, re.IGNORECASE)]


@pytest.mark.parametrize("name", NOW_POLICY)
def test_a_decision_of_the_old_kind_is_told_the_new_way(name):
    mechanism, now = NOW_POLICY[name]
    with pytest.raises(sim.ConfigError) as caught:
        Decision(budget=0.1, mix={"price": 1.0}, **{name: 1})
    assert str(caught.value) == (
        f'Decision({name}=...): a policy of a mechanism now; write Decision(policy={{"{mechanism}": {{"{now}": ...}}}})'
    )
    with pytest.raises(sim.ConfigError, match="a policy of a mechanism now"):
        dataclasses.replace(Decision(), **{name: 1})
    with pytest.raises(AttributeError, match=rf'read policy\["{mechanism}"\]\["{now}"\]'):
        getattr(Decision(), name)


def test_several_old_fields_are_told_at_once():
    with pytest.raises(sim.ConfigError) as caught:
        Decision(seats=32, attended=True, programme=True)
    said = '{"signature": {"seats": ..., "attended": ...}, "loyalty_programme": {"run": ...}}'
    assert str(caught.value).endswith(f"write Decision(policy={said})")


@pytest.mark.parametrize("name", NOW_SHOWN)
def test_a_reader_of_the_old_facts_is_told_the_new_way(name):
    facts = PublicFacts(30.0, 0.0, 0.0, 0.0)
    with pytest.raises(AttributeError, match=rf'read shown.get\("{NOW_SHOWN[name]}"\)'):
        getattr(facts, name)
    assert not hasattr(facts, "anything else")


def test_an_old_strategy_outside_the_package_is_one_clear_line(tmp_path, monkeypatch):
    (tmp_path / "old_kind.py").write_text(
        "from dataclasses import dataclass\n"
        "from sim.world.strategies import Decision, Strategy\n\n\n"
        "@dataclass(frozen=True, kw_only=True)\n"
        "class Mine(Strategy):\n"
        "    def decide(self, seen, memory, rng):\n"
        "        return Decision(seats=40, interviews=3), memory\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    scenario = sim.compose(*SMALL, "firms.thrift.strategy={_target_: old_kind.Mine}", allow_foreign=True)
    with pytest.raises(sim.ConfigError) as caught:
        sim.run(scenario)
    line = str(caught.value)
    assert line.startswith("firms.thrift.strategy (Mine.decide, month 0") and "\n" not in line
    assert 'policy={"signature": {"seats": ...}, "segment_needs": {"interviews": ...}}' in line


def test_what_a_strategy_decides_cannot_be_the_firm_s_own_policy_too():
    with pytest.raises(sim.ConfigError, match="policy.signature.seats: the strategy distinctiveness decides it"):
        sim.compose(*SMALL, "firms.grandcoach.policy.signature.seats=40")
    market = sim.Market(sim.compose(*SMALL, "firms.thrift.policy.signature.attended=true"))
    market.step()
    assert market.firm("thrift").policy("signature", "attended") is True


def test_a_policy_of_a_mechanism_that_is_off_is_checked_all_the_same():
    with pytest.raises(sim.ConfigError, match="firms.thrift.policy.loyalty_programme.runs: unknown policy"):
        sim.compose(*SMALL, "mechanism=[]", "+firms.thrift.policy.loyalty_programme.runs=true")


def test_everybody_follows_a_mechanism_s_own_value_unless_he_says_another():
    market = sim.Market(sim.compose(*SMALL, "mechanism.loyalty_programme.run=true", "firms.thrift.policy.loyalty_programme.run=false"))
    market.run_for(2)
    shown = {firm.name: firm.public_facts().shown["programme"] for firm in market.firms}
    assert not shown["thrift"] and shown["nightowl"] and shown["mosaic"]
    told = market.firm("nightowl").look(market.published)
    assert isinstance(told, Seen) and told.rivals["mosaic"].shown["programme"] == 1.0


@pytest.mark.parametrize(
    ("mechanisms", "names"),
    [
        ("[]", set()),
        ("[cost_accounting]", {"seats"}),
        ("[perishability]", {"seats"}),
        ("[signature]", {"distinctiveness", "seats"}),
        ("[innovation]", {"distinctiveness"}),
        ("[loyalty_programme]", {"programme"}),
    ],
)
def test_the_public_sees_what_mechanisms_show(mechanisms, names):
    market = sim.Market(sim.compose(*SMALL, f"mechanism={mechanisms}"))
    assert market.firm("grandcoach").public_facts().shown == {}, "nobody has decided anything yet"
    market.run_for(2)
    shown = market.firm("grandcoach").public_facts().shown
    assert set(shown) == names and shown.get("seats", 32) == 32


def test_seats_count_for_the_bill_whether_their_comfort_is_felt_or_not():
    """A coach with 32 seats for 47 costs 47/32 a seat; nobody who says nothing has any other than the standard."""
    costs = []
    for mechanisms in ("[cost_accounting]", "[cost_accounting,signature]"):
        market = sim.Market(sim.compose(*SMALL, f"mechanism={mechanisms}", "mechanism.signature.attended_cost=0" if "sig" in mechanisms else "seed=1"))
        market.step()
        costs.append(market.kept["vehicle_cost_now"].tolist())
        coach, air = market.firm("grandcoach"), market.firm("air")
        assert market.kept["vehicle_cost_now"][coach.index] == coach.spec.vehicle_cost * 47 / 32
        assert market.kept["vehicle_cost_now"][air.index] == air.spec.vehicle_cost
    assert costs[0] == costs[1]


def test_features_stand_out_whatever_their_attribute_is_called():
    """A market without coaches: what distinctive features move is seen there, too, whether `signature` is on or off."""
    for off in ([], ["~mechanism.signature"]):
        telecom = ["scenario=telecom", "periods=20", "mechanism.innovation.productivity=3"]
        market = sim.Market(sim.compose(*SMALL, *telecom, *off))
        market.run_for(20)
        assert "comfort" not in market.attributes
        for firm in market.firms:
            level = market.board.level[firm.index, market.attributes.index("care")].mean()
            assert firm.public_facts().shown["distinctiveness"] == level
        assert market.features and max(firm.public_facts().shown["distinctiveness"] for firm in market.firms) > 0
