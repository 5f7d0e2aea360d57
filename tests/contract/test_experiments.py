"""The factors of the experiments make the worlds that their files say."""

import functools

import pytest

import sim
from sim.study.plan import differing
from sim.study.planning import question
from sim.world.composing.configuration import load, plain, study_values
from sim.world.scenario import Scenario

COACHES = ("northline", "southline", "harbour", "valley")
FEW = ("nightowl.strategy=price,discount", "sensitivity=1,4")  # of 84 points
KINDS = ("flexibility", "diversification", "distinctiveness")
LINES = {
    "capability": "budget",
    "innovation": "research_and_development",
    "advertising": "advertising",
    "evidence": "evidence",
    "research": "interviews",
    "staff": "policy.staff.internal_marketing",
    "customer_management": "policy.customer_management",
}


@functools.cache
def planned(experiment, *words):
    return question([f"experiment={experiment}", *words]).plan


def config_of(plan, **values):
    (number,) = [number for number, point in enumerate(plan.points) if dict(point.values) == values]
    return plan.config(number)


def test_a_world_of_the_imitation_grid_sets_all_kinds_and_copies_that_do_not_grow():
    plan = planned("imitation")
    assert len(plan.points) == 27
    rule = config_of(plan, imitability=0.5, lag=12, fidelity=0.7)["mechanism"]["imitation"]
    assert rule["imitability"] == dict.fromkeys(KINDS, 0.5)
    assert [rule[name] for name in ("lag", "first_fidelity", "ceiling", "growth")] == [12, 0.7, 0.7, 0]


def test_the_controls_differ_from_the_grid_by_imitation_and_innovation_only():
    plan, grid = planned("imitation_controls"), planned("imitation").config(0)
    shipped, alone, nothing_new = (
        config_of(plan, world=name) for name in ("as shipped", "no imitation", "no innovation")
    )
    between = {key.rpartition(".")[0] for key in differing(shipped, grid)}
    assert between == {"", "mechanism.imitation", "mechanism.imitation.imitability"}
    assert set(shipped["mechanism"]) - set(alone["mechanism"]) == {"imitation"}
    assert list(differing(shipped, nothing_new)) == ["mechanism.innovation.productivity"]
    assert nothing_new["mechanism"]["innovation"]["productivity"] == 0


@pytest.mark.parametrize(("fares", "at_peace"), [("peace", COACHES), ("war", ()), ("held", ("harbour", "valley"))])
def test_who_fights_the_price_war(fares, at_peace):
    plan = planned("price_war")
    assert len(plan.points) == 12
    config = config_of(plan, fares=fares, protection=0, market="steep")
    second = {firm: config["firms"][firm]["schedule_markups"][1] for firm in COACHES}
    assert second == {firm: 0.287 if firm in at_peace else -0.2 for firm in COACHES}
    assert config["firms"]["harbour"]["policy"]["dealers"]["protection"] == 0
    surveyed = config_of(plan, fares=fares, protection=0, market="corridor")["population"]["price_sensitivity"]
    assert config["population"]["price_sensitivity"] == pytest.approx(3 * surveyed)


def test_in_where_only_what_moves_differs_between_the_points():
    """Five coaches begin alike; a strategy brings its own values, a future its price sensitivity and its needs."""
    plan = planned("where", *FEW)
    assert len(plan.points) == 12
    usual = {"nightowl.strategy": "price", "sensitivity": "1", "needs": "usual"}
    base = config_of(plan, **usual)
    firms = [Scenario.from_config(base).firms[name] for name in ("nightowl", "mosaic", "grandcoach", "thrift", "echo")]
    alike = {"strategy", "policy", "revision"}
    terms = [{name: value for name, value in vars(firm).items() if name not in alike} for firm in firms]
    assert all(other == terms[0] for other in terms[1:])
    dear = config_of(plan, **usual | {"sensitivity": "4"})
    assert differing(base, dear) == {"population.price_sensitivity": (0.0169886, 4 * 0.0169886)}
    discount = config_of(plan, **usual | {"nightowl.strategy": "discount"})
    assert differing(base, discount) == {"firms.nightowl.markup": (None, 0.15)}


def test_in_where_needs_lie_as_far_from_the_standard_service_as_their_level_says():
    plan = planned("where", *FEW)
    usual = {"nightowl.strategy": "price", "sensitivity": "1", "needs": "usual"}
    shipped = config_of(plan, **usual)["population"]
    for needs, times in (("alike", 0), ("apart", 5 / 3)):
        config = config_of(plan, **usual | {"needs": needs})
        assert config["population"]["ideal_spread"] == pytest.approx(times * shipped["ideal_spread"])
        for name, segment in config["population"]["segments"].items():
            for need, ideal in segment["ideal"].items():
                wanted = 0.5 + times * (shipped["segments"][name]["ideal"][need] - 0.5)
                assert ideal == pytest.approx(min(wanted, 1.0), abs=1e-3)
        tastes, usually = (
            c["mechanism"].get("random_tastes", {"spread": {}}) for c in (config, config_of(plan, **usual))
        )
        assert bool(tastes["spread"]) == (times > 0)
        for name, spread in tastes["spread"].items():
            assert spread == pytest.approx(times * usually["spread"][name], rel=0.01)


def test_regret_tells_two_levels_of_one_strategy_apart(tmp_path):
    small = "population.customers=300", "periods=2", "replications=2", "engine=serial"
    study = sim.sweep("experiment=where", *FEW, "needs=usual", *small, folder=tmp_path / "where")
    assert set(sim.analyse(study, firm="nightowl").regret["strategy"]) == {"price", "discount"}


def test_the_arms_of_the_opening_differ_by_what_they_are_called():
    plan = planned("opening")
    base = config_of(plan, arm="open")
    assert base["mechanism"]["entry"]["opens"] == {"bus": 12}
    apart = {arm: set(differing(base, config_of(plan, arm=arm))) for arm in ("closed", "uneven", "steep")}
    assert apart == {
        "closed": {"mechanism.entry.opens.bus"},
        "uneven": {"firms.nightowl.opening_cash", "firms.thrift.opening_cash"},
        "steep": {"population.price_sensitivity"},
    }
    assert config_of(plan, arm="closed")["mechanism"]["entry"]["opens"]["bus"] > base["periods"]


def test_the_ablation_leaves_out_every_mechanism_with_those_that_need_it():
    found = load(["experiment=ablation"])
    levels = study_values(found)["factors"]["without"]["levels"]
    gone = {name: {word.removeprefix("~mechanism.") for word in words} for name, words in levels.items()}
    mechanisms = Scenario.from_config(plain(found)).mechanism
    assert gone.pop("nothing") == set()
    assert gone == {name: {name, *(o for o, m in mechanisms.items() if name in m.needs)} for name in mechanisms}


def test_a_world_of_the_returns_changes_its_line_of_its_coach_only():
    plan = planned("returns")
    base = config_of(plan, change="nothing")
    names = [point.values["change"] for point in plan.points if point.values["change"] != "nothing"]
    assert len(names) == 29
    for name in names:
        firm, line = name.split()
        changed = differing(base, config_of(plan, change=name))
        assert changed
        assert all(key.startswith(f"firms.{firm}.{LINES[line]}") for key in changed)
        assert line in ("staff", "customer_management") or [new for _, new in changed.values()] == [0]


@pytest.mark.parametrize(
    ("experiment", "focal", "mode"), [("strategies", "nightowl", "bus"), ("strategies_telecom", "swift", "mobile")]
)
def test_in_a_cell_of_the_matrix_all_begin_alike_and_only_the_firm_itself_plays_otherwise(experiment, focal, mode):
    plan = planned(experiment, f"{focal}.strategy=price,mixed", "rivals=distinctiveness,price")
    for own, rivals in (("mixed", "distinctiveness"), ("price", "price")):
        world = Scenario.from_config(config_of(plan, **{f"{focal}.strategy": own, "rivals": rivals}))
        firms = {name: vars(firm) for name, firm in world.firms.items() if firm.mode == mode}
        assert len(firms) == 5
        alone = firms.pop(focal)
        assert type(alone["strategy"]).__module__.endswith(f".{own}")
        alike = {"policy", "revision"} if own == rivals else {"policy", "revision", "strategy"}
        for other in firms.values():
            assert type(other["strategy"]).__module__.endswith(f".{rivals}")
            assert {k: v for k, v in other.items() if k not in alike} == {
                k: v for k, v in alone.items() if k not in alike
            }


def test_on_the_mobile_market_a_strategy_brings_the_values_of_the_operator_that_plays_it():
    operators = sim.compose("scenario=telecom").firms
    shipped = {type(firm.strategy): firm.strategy for firm in operators.values()}
    played = "flexibility,diversification,distinctiveness,price,follower"
    plan = planned("strategies_telecom", "swift.strategy=price,mixed", f"rivals={played}")
    for rivals in played.split(","):
        firms = Scenario.from_config(config_of(plan, **{"swift.strategy": "mixed", "rivals": rivals})).firms
        assert all(firm.strategy == shipped[type(firm.strategy)] for name, firm in firms.items() if name != "swift")
    factors = study_values(load(["experiment=strategies_telecom"]))["factors"]
    own, rivals = (factors[name]["levels"] for name in ("swift.strategy", "rivals"))
    others = [name for name in operators if name != "swift"]
    for name, words in own.items():
        assert sorted(rivals[name]) == sorted(w.replace("swift", firm) for firm in others for w in words)


def test_a_world_of_the_claims_differs_from_the_market_as_shipped_by_what_it_is_called():
    plan = planned("claims")
    base = config_of(plan, world="as shipped")
    apart = {p.values["world"]: config_of(plan, world=p.values["world"]) for p in plan.points}
    changed = {world: set(differing(base, config)) for world, config in apart.items()}
    gone = {world: set(base["mechanism"]) - set(config["mechanism"]) for world, config in apart.items()}
    assert gone["no programme"] == {"loyalty_programme"}
    assert gone["no imitation"] == {"imitation"}
    assert gone["no norm"] == {"must_have"}
    for firm in ("nightowl", "mosaic", "grandcoach", "thrift"):
        assert {key.split(".")[1] for key in changed[f"{firm} ventures nothing"]} == {firm}
    assert {f["strategy"]["_target_"] for f in apart["nobody ventures anything"]["firms"].values()} == {
        "sim.world.strategies.fixed.Fixed"
    }
    rule = "mechanism.imitation."
    assert changed["tenfold imitation"] == {f"{rule}ceiling", *(f"{rule}imitability.{kind}" for kind in KINDS)}
    assert {key.split(".")[1] for key in changed["thrift standard at the luxury fare"]} == {"thrift"}
    assert changed["steep fares"] == {"population.price_sensitivity"}


def test_a_world_of_the_custody_changes_one_policy_of_the_coach():
    plan = planned("custody")
    base = config_of(plan, world="nothing")
    for point in plan.points:
        changed = {".".join(key.split(".")[:4]) for key in differing(base, config_of(plan, **point.values))}
        world = point.values["world"]
        policy = "staff" if world == "internal marketing" else "customer_management"
        assert changed == ({f"firms.grandcoach.policy.{policy}"} if world != "nothing" else set())
