"""One `.py` and one `.yaml` add a rule of firms, an engine or a population, and nothing without the opt-in."""

import sys

import pytest
from own_files import HEAD, SMALL, played, refused

import sim
from sim.ground.folders import config_folder
from sim.ground.params import ConfigError

STRATEGY = HEAD + '''from sim.world.strategies import Decision, Strategy

@dataclass(frozen=True, kw_only=True)
class Thrifty(Strategy):
    seats: int = param("seats", "seats", low=1, source="mine")

    def decide(self, seen, memory, rng):
        return Decision(policy={"signature": {"seats": self.seats}}), memory
'''
PRICING = HEAD + '''from sim.world.pricing import Pricing

@dataclass(frozen=True, kw_only=True)
class Round(Pricing):
    to: float = param("multiple that fares are of", "AUD", low=0.01, source="mine")

    def price(self, quote, memory, rng):
        return np.full(len(quote.unit_cost), np.round(quote.list_price / self.to) * self.to), memory
'''
REVISION = HEAD + '''from sim.world.revision import Revision, moved

@dataclass(frozen=True, kw_only=True)
class Cheaper(Revision):
    stride: float = param("part of the way", "1", low=0, high=1, source="mine")

    def revise(self, seen, memory, rng):
        return moved(seen.mix, {"price": 1.0}, self.stride), memory
'''
ENGINE = HEAD + '''from sim.study.engine import Execution
from sim.study.engine.serial import SerialPool

SUBMITTED = []

class Noted(SerialPool):
    def submit(self, task, *args):
        SUBMITTED.append(task)
        return super().submit(task, *args)

@dataclass(frozen=True, kw_only=True)
class Watched(Execution):
    def open(self):
        return Noted()
'''
DESIGN = HEAD + '''from sim.study.design import Design

@dataclass(frozen=True, kw_only=True)
class Ends(Design):
    """The first and the last value of all factors together, some points between."""

    between: int = param("points between the ends", "points", low=0, source="mine")

    def points(self, factors, seed):
        for place in np.linspace(0, 1, 2 + self.between):
            yield {f.name: f.at(place) for f in factors}
'''
POPULATION = HEAD + '''from sim.world.population.survey import Survey, modechoice
from sim.world.population.surveyed import SurveyedPopulation

@dataclass(frozen=True, kw_only=True)
class Rich(SurveyedPopulation):
    """Whoever of the survey earns more than a household in two."""

    def asked(self):
        everybody = modechoice()
        kept = everybody.income >= np.median(everybody.income)
        return Survey(everybody.modes, *(getattr(everybody, n)[..., kept] for n in
                      ("income", "party", "chosen", "travel_time", "terminal_time", "fare")))
'''


@pytest.mark.parametrize(
    ("group", "text", "cls", "values", "words"),
    [
        ("strategy", STRATEGY, "Thrifty", "seats: 40\n", ["firms.thrift.strategy=mine"]),
        ("pricing", PRICING, "Round", "to: 7.0\n", ["firms.air.pricing=mine"]),
        ("revision", REVISION, "Cheaper", "stride: 0.5\n", ["firms.thrift.strategy=mixed", "firms.thrift.revision=mine"]),
    ],
)
def test_a_strategy_a_pricing_rule_and_a_revision_rule(add, tmp_path, group, text, cls, values, words):
    add(group, "mine", text, cls, values)
    found = played(tmp_path, *words, "mechanism=[cost_accounting]")
    firm = found.scenario.firms[words[-1].split(".")[1]]
    assert type(getattr(firm, group)).__name__ == cls
    rows = found.firms[found.firms["firm"] == words[-1].split(".")[1]]
    assert rows["strategy"].iloc[0] == "thrifty" or group != "strategy"
    assert (rows["price"] % 7 == 0).all() or group != "pricing"
    assert rows["mix_price"].iloc[-1] > 0.8 or group != "revision"
    refused(tmp_path, *words)


def test_an_engine(add, tmp_path):
    module = add("engine", "watched", ENGINE, "Watched")
    words = *SMALL, "firms.thrift.markup=0.1,0.4", "engine=watched"
    with pytest.raises(ConfigError, match="engine._target_.*refused unless --allow-foreign-code"):
        sim.sweep(*words, config_dir=tmp_path, folder=tmp_path / "no")
    study = sim.sweep(*words, config_dir=tmp_path, allow_foreign=True, folder=tmp_path / "study")
    assert len(study.runs) == 4 and sys.modules[module].SUBMITTED


def test_a_design(add, tmp_path):
    module = add("design", "ends", DESIGN, "Ends", "between: 1\n")
    words = *SMALL, "firms.thrift.markup=interval(0.1,0.5)", "firms.air.presence=0.5,1.0", "design=ends", "engine=serial"
    with pytest.raises(ConfigError, match="design._target_.*refused unless --allow-foreign-code") as said:
        sim.sweep(*words, config_dir=tmp_path, folder=tmp_path / "no")
    assert len(str(said.value).splitlines()) == 1
    how = {"config_dir": tmp_path, "allow_foreign": True, "folder": tmp_path / "study"}
    study = sim.sweep(*words, **how)
    found = study.runs.drop_duplicates("point")[["firms.thrift.markup", "firms.air.presence"]].round(9).to_numpy().tolist()
    assert found == [[0.1, 0.5], [0.3, 1.0], [0.5, 1.0]]
    assert study.design.between == 1 and module in study.header["code"]
    assert len(sim.sweep(resume=True, **how).runs) == 6
    stranger = sim.Study(tmp_path / "study")
    assert len(stranger.runs) == 6, "rows are read without its code"
    with pytest.raises(ConfigError, match="design._target_.*refused unless --allow-foreign-code"):
        _ = stranger.design


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        ("yield {", "yield {'more': 1} | {", "Ends.points: point 0 = .*: expected a value for each of: firms.thrift.markup"),
        ("f.at(place)", "9.0", r"Ends.points: point 0: firms.thrift.markup = 9.0: expected 0.1 to 0.5"),
        ("f.at(place)", "place / 0", "Ends.points: one_file_.* line .*: "),
        ("def points", "def point", r"Ends .* lacks the method points"),
        ("yield {", "continue\n            yield {", "design: no points to play"),
    ],
)
def test_a_design_that_cannot_be_played_is_said_in_one_line(add, tmp_path, then, now, said):
    add("design", "ends", DESIGN.replace(then, now).replace("np.linspace(0, 1, 2 + self.between)", "(0, 1)"), "Ends", "between: 0\n")
    words = *SMALL, "firms.thrift.markup=interval(0.1,0.5)", "design=ends", "engine=serial"
    with pytest.raises(ConfigError, match=said) as caught:
        sim.sweep(*words, config_dir=tmp_path, allow_foreign=True, folder=tmp_path / "study")
    assert len(str(caught.value).splitlines()) == 1


def test_a_population_and_a_survey_of_ones_own(add, tmp_path):
    shipped = (config_folder() / "population" / "intercity.yaml").read_text()
    values = "".join(line for line in shipped.splitlines(True) if not line.startswith("_target_"))
    add("population", "rich", POPULATION, "Rich", values)
    found = played(tmp_path, "population=rich")
    everybody = played(tmp_path)
    assert type(found.scenario.population).__name__ == "Rich"
    assert 100 <= found.scenario.population.sources < everybody.scenario.population.sources == 210
    assert not found.firms["share"].equals(everybody.firms["share"])
    refused(tmp_path, "population=rich")


def test_a_file_in_the_folder_is_in_all(tmp_path):
    """`all` is read from the folder itself, so that no list can say otherwise."""
    for group in ("mechanism", "metric", "chapter"):
        files = {path.stem for path in (config_folder() / group).glob("*.yaml")}
        assert set(getattr(sim.compose(f"{group}=all"), group)) == files and "all" not in files
