"""Populations: two kinds by `_target_`, one clear line for each mistake, nothing asked of a kind that it does not need."""

import dataclasses

import pytest

import sim
from sim.ground.params import ConfigError
from sim.pages import page, summary
from sim.world.population.segmented import SegmentedPopulation
from sim.world.population.surveyed import SurveyedPopulation

SMALL = ["population.customers=300", "periods=12", "replications=1"]
BAD = [
    (["population.segments.young.weight=0.5"], "segments.weight: expected weights that sum to 1, got 1.2"),
    (["+population.segments.young.utility.mobil=1"], "segments.young.utility.mobil: unknown mode; nearest valid name: 'mobile'"),
    (["population.segments.young.contexts.peak=0.5"], "expected weights that sum to 1"),
    (["~population.segments.young.ideal.data"], "segments.young.ideal: expected the dimensions data, support"),
    (["population.segments.young.sensitivity=-1"], "expected 0 <= sensitivity"),
    (["population.usage_spread=9"], "expected 0 <= usage_spread <= 3"),
    (["+population.survey=modechoice"], "population.survey: unknown name"),
    (["population._target_=sim.world.population.segmented.SegmentdPopulation"], "not found"),
    (["population._target_=sim.world.pricing.cost_plus.CostPlus"], "not a Population"),
    (["population._target_=os.system"], "code outside this package is refused"),
    (["~population._target_"], "expected the dotted name of a Population"),
    (["~population.words.price"], "words.price: missing; expected what this market calls it"),
    (["+population.words.prise=fee"], "words.prise: unknown word; nearest valid name: 'price'"),
    (["mechanism.contexts.attribute=waitng"], "unknown attribute; nearest valid name: 'waiting'"),
    (["mechanism.signature.attribute=caer"], "unknown attribute; nearest valid name: 'care'"),
    (["+mechanism.contract.months.bus=3"], "months.bus: unknown mode"),
    (["+mechanism.contrat.months={mobile: 3}"], "mechanism.contrat: unknown name; nearest valid name: 'contract'"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "said"), BAD, ids=[" ".join(w) for w, _ in BAD])
def test_a_mistake_gets_one_clear_line(words, said):
    with pytest.raises(ConfigError) as error:
        sim.compose("scenario=telecom", *SMALL, *words)
    assert said in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_the_scenarios_have_the_two_kinds():
    surveyed, stated = (sim.compose(f"scenario={name}", *SMALL).population for name in ("intercity", "telecom"))
    assert type(surveyed) is SurveyedPopulation
    assert type(stated) is SegmentedPopulation
    own = {f.name for f in dataclasses.fields(stated)}
    assert not own & {"survey", "travel_share", "income_elasticity"}


def test_a_scenarios_values_lie_idle_when_their_mechanism_is_off():
    off = sim.compose("scenario=telecom", *SMALL, "mechanism=[]")
    assert not off.mechanism
    two = sim.compose("scenario=telecom", *SMALL, "mechanism=[contract,contexts]")
    assert two.mechanism["contract"].months == {"mobile": 12}
    assert two.mechanism["contexts"].gap == {"peak": 8.0, "roaming": 32.0}
    assert "purchase_incidence" not in sim.compose("scenario=telecom", *SMALL).mechanism


def test_null_takes_a_name_out_of_a_mapping():
    gap = sim.compose(*SMALL, "mechanism.contexts.gap.night=null").mechanism["contexts"].gap
    assert gap == {"peak": 60.0}


def test_a_report_speaks_the_markets_language():
    result = sim.run(sim.compose("scenario=telecom", "population.customers=200", "periods=12", "replications=1"))
    words = result.scenario.population.words
    texts = [*page.CAPTIONS.values(), *page.GLOSSARY.values()]
    told = " ".join([*summary.titles(result).values(), *summary.sentences(result), *(t.format(**words) for t in texts)])
    for word in ("share of subscriptions", "Compared are the operators", "personal care", "subscribers"):
        assert word in told
    for word in ("journey", "coach", "fare ", "travel", "vehicle", "comfort"):
        assert word not in told, word
