"""The house stays as it was planned: imports point one way, names and global draws stay out."""

import ast
import re
from pathlib import Path

import networkx as nx
import pytest
import yaml

ROOT = Path(__file__).parents[2]
SIM = ROOT / "sim"
STAIR = ["ground", "metrics science", "state", "world", "market", "study", "pages", "desk"]  # what stands left imports nothing of its right
FLOOR = {room: floor for floor, rooms in enumerate(STAIR) for room in rooms.split()}
DOORS = {"__init__", "__main__"}
FORBIDDEN = re.compile(r"manager|engine|handler|helper|utils|processor", re.IGNORECASE)
ONLY_IN = {
    "hydra": {"world", "study", "desk"},
    "omegaconf": {"world", "study", "desk"},
    "duckdb": {"study"},
    "loky": {"ground"},
    "dask": {"study"},
    "ray": {"study"},
    "submitit": {"study"},
    "SALib": {"study"},
    "ema_workbench": {"study"},
    "mesa": {"market"},
    "pettingzoo": {"desk"},
    "gymnasium": {"desk"},
    "numba": {"science"},
    "matplotlib": {"pages"},
    "pandas": {"ground", "metrics", "market", "study", "pages", "desk", "world"},
}


def modules():
    for path in sorted(SIM.rglob("*.py")):
        if path.parent != SIM:
            yield path, path.relative_to(SIM).parts[0]


FILES = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in SIM.rglob("*.py")}
FILES_BY_PATH = {path: name for name, path in FILES.items()}


def imports(path):
    """Names of the modules that a file imports, anywhere in it: at its head, in functions, for types only."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            for a in node.names:
                full = f"{node.module}.{a.name}"
                yield full if full in FILES else node.module


def test_no_module_lies_loose_and_every_room_says_what_lives_there():
    assert {path.stem for path in SIM.glob("*.py")} == DOORS
    rooms = {path.name for path in SIM.iterdir() if path.is_dir() and path.name not in ("__pycache__", "_configs")}
    assert rooms == set(FLOOR)
    for folder in {path.parent for path, _ in modules()}:
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text())), f"{folder} does not say what lives there"


def test_the_page_of_the_house_says_what_the_rooms_say():
    page = (ROOT / "docs" / "house.md").read_text()
    assert " ◄ ".join(rooms.replace(" ", ", ") for rooms in STAIR) in page
    for room in FLOOR:
        says = ast.get_docstring(ast.parse((SIM / room / "__init__.py").read_text())).split(". ")[0]
        assert f"| `sim/{room}` | {says}. |" in page, room


@pytest.mark.parametrize(
    ("path", "room"), modules(), ids=lambda x: str(x.relative_to(SIM)) if isinstance(x, Path) else ""
)
def test_imports_point_one_way(path, room):
    for name in imports(path):
        if name.startswith("sim."):
            other = name.split(".")[1]
            assert other == room or FLOOR[other] < FLOOR[room], f"{path.name} imports {name}"


def test_no_files_import_each_other_in_a_circle():
    arrows = nx.DiGraph()
    for name, path in FILES.items():
        for other in imports(path):
            while other and other not in FILES:
                other = other.rpartition(".")[0]
            package = path.name == "__init__.py" and other.startswith(f"{name}.")
            if other and other not in (name, "sim") and not package:
                arrows.add_edge(name, other)
    assert [sorted(c) for c in nx.strongly_connected_components(arrows) if len(c) > 1] == []


@pytest.mark.parametrize("place", ["strategies", "pricing", "revision", "mechanisms"])
def test_no_strategy_imports_a_strategy_and_no_mechanism_a_mechanism(place):
    kinds = {yaml.safe_load(p.read_text()).get("_target_", "").rpartition(".")[0] for p in (ROOT / "configs").glob("*/*.yaml")}
    for path in (SIM / "world" / place).glob("*.py"):
        name = FILES_BY_PATH[path]
        assert path.name == "__init__.py" or not (set(imports(path)) & kinds) - {name}, path


def test_libraries_stay_where_they_belong():
    for path, room in modules():
        for name in imports(path):
            library = name.split(".")[0]
            assert room in ONLY_IN.get(library, {room}), f"{path} imports {library}"


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
                assert ast.get_docstring(node), f"{path}: {node.name} has no docstring"
                assert node.end_lineno - node.lineno < 60 or isinstance(node, ast.ClassDef), (
                    f"{path}: {node.name} is too long"
                )


def _configured(node):
    """Whether a class is built from configuration: a frozen dataclass of parameters."""
    told = " ".join(ast.unparse(base) for base in (*node.bases, *node.decorator_list))
    return "kw_only=True" in told


def test_parameters_have_no_values_in_python():
    """A value lives in YAML only."""
    for path, room in modules():
        if room != "world":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            for field in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(field, ast.AnnAssign) and "ClassVar" not in ast.unparse(field.annotation) and _configured(node):
                    value = ast.unparse(field.value) if field.value else "param("
                    assert value.startswith(("param(", "field(", "dataclasses.field(")) and "default" not in value, f"{path}: {field.target.id}"


def test_kernels_change_only_what_their_names_say():
    """A plan puts back the columns that are passed as `out` or `out_...`; what else a kernel changes has to be scratch."""
    for path in sorted((SIM / "science" / "kernels").glob("*.py")):
        for function in [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]:
            if not any(getattr(d, "id", "") == "kernel" for d in function.decorator_list):
                continue
            given = {a.arg for a in function.args.args}
            stores = [n for n in ast.walk(function) if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store)]
            changed = {next(x.id for x in ast.walk(n.value) if isinstance(x, ast.Name)) for n in stores} & given
            told = ast.get_docstring(function)
            free = {name for name in given if re.search(rf"\b{name}\b[^.;:]* : [^.;]*\bscratch", told)}
            wrong = {name for name in changed - free if name != "out" and not name.startswith("out_")}
            assert not wrong, f"{path.name}: {function.name} changes {wrong}"
