"""Every file in every config group composes and plays three periods; every assumption is in the register."""

import re
from pathlib import Path

import pytest

import sim
from sim.world.composing.configuration import config_folder

FOLDER = config_folder()
NEEDS = {name: list(mechanism.needs) for name, mechanism in sim.compose("mechanism=all").mechanism.items()}
SHORT = "mechanism.contract.months.mobile=3"  # a year does not fit into three months
HOME = {"telecom": ["scenario=telecom", SHORT], "strategies_telecom": ["experiment=strategies_telecom", SHORT]}
ROOT = Path(__file__).parents[2]
FILES = sorted(p.relative_to(FOLDER) for p in FOLDER.glob("*/*.yaml"))
OF_A_MARKET = [p for p in FILES if p.parent.name not in ("design", "engine", "precision")]  # those are of a study


@pytest.mark.parametrize("path", OF_A_MARKET, ids=str)
def test_it_composes_and_plays_three_periods(path):
    group, name = path.parent.name, path.stem
    choice = {
        "strategy": f"firms.thrift.strategy={name}",
        "pricing": f"firms.thrift.pricing={name}",
        "mechanism": f"mechanism=[{','.join([name, *NEEDS.get(name, [])])}]",
        "market": "population=intercity",  # whose file asks for it
    }.get(group, f"{group}={name}")
    mixed = ["firms.thrift.strategy=mixed", f"firms.thrift.revision={name}"]
    home = HOME.get(name, [choice]) if group in ("scenario", "population", "experiment") else [choice]
    chosen = mixed if group == "revision" else home
    plain = ["mechanism=[cost_accounting]"] if name == "logit_bertrand" else []  # some mechanisms make it invalid
    result = sim.run(sim.compose(*chosen, *plain, "population.customers=300", "periods=3", "replications=1"))
    assert set(result.firms["period"]) <= {0, 1, 2}
    assert result.firms["period"].max() == 2


def test_all_is_every_mechanism_in_the_folder():
    files = {p.stem for p in (FOLDER / "mechanism").glob("*.yaml")}
    assert set(sim.compose("mechanism=all").mechanism) == files


def cited(folders, pattern):
    text = "\n".join(p.read_text() for folder, glob in folders for p in sorted((ROOT / folder).rglob(glob)))
    return {int(n) for n in re.findall(pattern, text)}


def test_the_register_and_the_code_cite_the_same_assumptions():
    register = (FOLDER / "README.md").read_text()
    listed = {int(n) for n in re.findall(r"^\|\s*R(\d+)\s*\|", register, re.MULTILINE)}
    used = cited([("configs", "*.yaml")], r"\bR(\d+)\b") | cited([("sim", "*.py")], r"register R(\d+)")
    assert used - listed == set(), "cited, but not in the register"
    assert listed - used == set(), "in the register, but cited nowhere"


TAGS = re.compile(r"\bR\d+|\bA\d+|fitted|survey|Kahneman|population share|month|timed|seed|threads")
NUMBER = re.compile(r"(?<![\w.])-?\d+\.?\d*")


def numbered_lines():
    """(place, numbers, comment, comments of the mappings it stands in) of every line of every config file."""
    for path in FILES:
        parents = []
        for number, line in enumerate((FOLDER / path).read_text().splitlines(), 1):
            value, _, comment = line.partition("#")
            indent = len(line) - len(line.lstrip())
            parents = [(depth, text) for depth, text in parents if depth < indent]
            found = [float(n) for n in NUMBER.findall(value.partition(":")[2])]
            yield f"{path}:{number}: {line.strip()}", found, comment, [text for _, text in parents]
            if line.strip() and not line.lstrip().startswith("#"):
                parents.append((indent, comment))


def test_every_number_in_the_configs_is_fitted_registered_or_sourced():
    """On its own line or on the line of the mapping it stands in; zero and one as neutral values need no reason."""
    loose = [
        place
        for place, found, comment, parents in numbered_lines()
        if any(n not in (0, 1) for n in found) and not any(TAGS.search(text) for text in [comment, *parents])
    ]
    assert loose == []


def test_the_register_says_the_numbers_that_the_configs_hold():
    register = (FOLDER / "README.md").read_text()
    said = {
        row: {float(n) for n in NUMBER.findall(value)}
        for row, value in re.findall(r"^\| (R\d+) \| ([^|]*) \|", register, re.MULTILINE)
    }
    wrong = []
    for place, found, comment, parents in numbered_lines():
        ids = re.findall(r"\bR\d+", comment) or [i for text in parents for i in re.findall(r"\bR\d+", text)]
        known = {n for i in ids for n in said.get(i, set())}
        wrong += [f"{place}: {n:g} is not in {', '.join(ids)}" for n in found if ids and n not in known]
    assert wrong == []
