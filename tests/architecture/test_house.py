"""The house stays as it was planned: imports point one way, names and global draws stay out."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SIM = ROOT / "sim"
ORDER = [
    {"values"},
    {"params", "table", "draws", "places", "shown", "interrupt"},
    {"files"},
    {"state", "features", "survey", "segmentation", "foreign", "names"},
    {"rules"},
    {"kernels", "network"},
    {"gathered"},
    {"demand"},
    {"strategies"},
    {"pricing", "revision"},
    {"population", "closed_loop"},
    {"mechanisms"},
    {"firms", "limits"},
    {"memory"},
    {"scenario"},
    {"given"},
    {"standing"},
    {"pilot"},
    {"agents", "board"},
    {"phases"},
    {"market"},
    {"metrics"},
    {"parquet"},
    {"panel", "valuation"},
    {"records"},
    {"fit", "study"},
    {"report"},
    {"runs"},
    {"spelling", "overriding"},
    {"reading"},
    {"door", "composition"},
    {"mistakes"},
    {"choices", "settings"},
    {"configuration"},
    {"wording"},
    {"planning"},
    {"questions"},
    {"environment"},
    {"screen"},
    {"profile"},
    {"describe", "usage"},
    {"console", "console_study"},
    {"console_multirun"},
    {"cli"},
    {"__main__"},
]
RANK = {name: level for level, names in enumerate(ORDER) for name in names}
FORBIDDEN = re.compile(r"manager|engine|handler|helper|utils|processor", re.IGNORECASE)
ONLY_IN = {
    "hydra": {"overriding", "door", "composition", "mistakes", "configuration", "wording", "planning", "console", "console_multirun"},
    "omegaconf": {
        "overriding", "reading", "composition", "choices", "mistakes", "configuration", "planning", "console", "console_multirun",
    },
    "duckdb": {"study"},
    "loky": {"study"},
    "dask": {"study"},
    "ray": {"study"},
    "submitit": {"study"},
    "SALib": {"study"},
    "ema_workbench": {"study"},
    "mesa": {"agents", "market"},
    "pettingzoo": {"environment"},
    "gymnasium": {"environment"},
    "numba": {"rules", "kernels", "mechanisms"},
}
PANDAS_FROM = RANK["metrics"]


def modules():
    for path in sorted(SIM.rglob("*.py")):
        if path != SIM / "__init__.py":
            yield path, path.relative_to(SIM).parts[0].removesuffix(".py")


def imports(path):
    """(module name, whether it is needed when the program runs) for each import of a file."""
    tree = ast.parse(path.read_text())
    typing_only = {
        id(n)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for n in ast.walk(node)
    }
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [f"sim.{a.name}" for a in node.names] if node.module == "sim" else [node.module]
        yield from ((name, id(node) not in typing_only) for name in names)


@pytest.mark.parametrize(
    ("path", "place"), modules(), ids=lambda x: str(x.relative_to(SIM)) if isinstance(x, Path) else ""
)
def test_imports_point_one_way(path, place):
    for name, needed in imports(path):
        if not name.startswith("sim.") or not needed or name == "sim.__version__":
            continue
        other = name.split(".")[1]
        assert other in RANK, f"{name} is not part of the plan"
        inside = other == place
        assert inside or RANK[other] < RANK[place], f"{path.name} imports {name}"


@pytest.mark.parametrize("place", ["strategies", "pricing", "revision", "mechanisms"])
def test_no_strategy_imports_a_strategy_and_no_mechanism_a_mechanism(place):
    for path in (SIM / place).glob("*.py"):
        for name, _ in imports(path):
            assert not name.startswith(f"sim.{place}.") or path.name == "__init__.py"


def test_libraries_stay_where_they_belong():
    for path, place in modules():
        for name, needed in imports(path):
            library = name.split(".")[0]
            if needed and library in ONLY_IN:
                assert place in ONLY_IN[library], f"{path} imports {library}"
            if needed and library == "pandas" and place != "fit":
                assert RANK[place] >= PANDAS_FROM, f"{path} imports pandas"


def test_no_global_random_draws():
    calls = re.compile(
        r"np\.random\.(?!Generator|default_rng|SeedSequence|Philox)\w+\(|^\s*import random\b|\brandom\.(random|randint|choice|gauss)\(",
        re.MULTILINE,
    )
    for path, _ in modules():
        assert not calls.search(path.read_text()), path


def test_names_that_mean_nothing_are_not_used():
    for path, _ in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                assert not FORBIDDEN.search(node.name), f"{path}: {node.name}"
        assert not FORBIDDEN.search(path.stem), path


def test_files_are_short_and_public_things_are_documented():
    for path, _ in modules():
        text = path.read_text()
        assert text.count("\n") <= 300, path
        tree = ast.parse(text)
        assert ast.get_docstring(tree), path
        for node in ast.walk(tree):
            if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and not node.name.startswith("_"):
                nested = any(
                    node in ast.walk(other)
                    for other in ast.walk(tree)
                    if isinstance(other, ast.FunctionDef) and other is not node
                )
                assert nested or ast.get_docstring(node), f"{path}: {node.name} has no docstring"
                assert node.end_lineno - node.lineno < 60 or isinstance(node, ast.ClassDef), (
                    f"{path}: {node.name} is too long"
                )


def test_parameters_have_no_values_in_python():
    """A value lives in YAML only."""
    for path, place in modules():
        if place in ("strategies", "pricing", "revision", "mechanisms", "population", "scenario"):
            assert "default=" not in path.read_text(), path
