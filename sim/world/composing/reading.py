"""A YAML file that may be anybody's, read as data: bounded in size, depth and aliases, names that are text, no resolver.

YAML can call for more than it holds: an alias of an alias of an alias grows to billions of values, a node can hold
itself, and OmegaConf runs what stands between `${` and `}`. All of that is decided on the parsed nodes, before anything
is built from them.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

import yaml
from omegaconf import OmegaConf
from omegaconf._utils import get_yaml_loader

from sim.ground.params import ConfigError

LARGEST = 250_000  # bytes of a file
DEEPEST = 20  # levels, one inside the other
MOST = 50_000  # values of a file, aliases written out
LONGEST = 1_000  # characters of a value that refers to another
REFERENCE = re.compile(r"\$\{(?!hydra)[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*\}")  # to a value of the configuration
FOREIGN = "foreign code is refused unless --allow-foreign-code is given"
REFERRED = "between ${ and } stands the name of one value, such as ${seed}"
TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null"))
MERGE = "tag:yaml.org,2002:merge"
TEXT = "tag:yaml.org,2002:str"


class _Nodes(get_yaml_loader()):
    """The reader of OmegaConf, which stops where nodes lie too deep inside each other."""

    depth = 0

    def compose_node(self, parent: Any, index: Any) -> yaml.Node:
        """A node with all that it holds."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise yaml.MarkedYAMLError(problem=f"more than {DEEPEST} levels deep", problem_mark=self.get_mark())
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def text_of(path: pathlib.Path) -> str:
    """A file's text.

    Raises
    ------
    ConfigError : no ordinary file, too large, or not UTF-8. OSError : it cannot be read.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: not a file that can be read")
    with path.open("rb") as file:
        held = file.read(LARGEST + 1)
    if len(held) > LARGEST:
        raise ConfigError(f"{path}: expected at most {LARGEST:,} bytes of configuration")
    if held.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError(f"{path}: UTF-16 text; save it as UTF-8")
    try:
        return held.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text ({error.reason} at byte {error.start})") from None


def read(path: pathlib.Path, text: str, allow_foreign: bool) -> tuple[dict[str, Any], int]:
    """What the text of a file says, as plain values, and how many values that is.

    allow_foreign : let values name resolvers and set what is Hydra's; they can run code.

    Raises
    ------
    ConfigError : not YAML, not a mapping of names, too large or too deep, or it holds itself; with file and line.
    """
    node = _root(path, text)
    if not isinstance(node, yaml.MappingNode):
        found = "nothing" if node is None else "a list" if isinstance(node, yaml.SequenceNode) else f"'{node.value[:40]}'"
        raise ConfigError(f"{path}: expected lines of the form name: value, found {found}")
    size, depth = _extent(node, path, {}, set())
    if size > MOST or depth > DEEPEST:
        told = f"{size:,} values, {depth} levels deep with its aliases written out"
        raise ConfigError(f"{path}: {told}; expected at most {MOST:,} and {DEEPEST}")
    if not allow_foreign:
        _refuse_foreign(node, path)
    try:
        values = OmegaConf.to_container(OmegaConf.load(StringIO(text)), resolve=False)
    except yaml.YAMLError as error:
        raise broken(error, path) from None
    return values, size


def _root(path: pathlib.Path, text: str) -> yaml.Node | None:
    try:
        return _Nodes(text).get_single_node()
    except yaml.YAMLError as error:
        raise broken(error, path) from None


def broken(error: yaml.YAMLError, path: object) -> ConfigError:
    """What is wrong with a file that is not YAML."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    told = getattr(error, "problem", None) or getattr(error, "reason", None) or type(error).__name__
    told = f"{told}; did a value begin with one that must be quoted?" if "cannot start any token" in told else told
    return ConfigError(f"{path}, line {mark.line + 1}: {told}" if mark else f"{path}: not text that YAML can hold ({told})")


def _line(path: pathlib.Path, node: yaml.Node) -> str:
    return f"{path}, line {node.start_mark.line + 1}"


def _held(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key
            yield value
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def _extent(
    node: yaml.Node, path: pathlib.Path, known: dict[int, tuple[int, int]], inside: set[int]
) -> tuple[int, int]:
    """Number of values and of levels with aliases written out; checks tags and names on the way."""
    if id(node) in known:
        return known[id(node)]
    if id(node) in inside:
        raise ConfigError(f"{_line(path, node)}: holds itself by an alias")
    if isinstance(node, yaml.MappingNode):
        for key, _ in node.value:
            _check_name(key, path)
    if node.tag not in TAGS and node.tag != MERGE:
        raise ConfigError(f"{_line(path, node)}: {node.tag.rpartition(':')[2]}: expected text, numbers, lists and mappings")
    inside.add(id(node))
    held = [_extent(each, path, known, inside) for each in _held(node)]
    known[id(node)] = 1 + sum(size for size, _ in held), 1 + max((depth for _, depth in held), default=0)
    inside.discard(id(node))
    return known[id(node)]


def _check_name(key: yaml.Node, path: pathlib.Path) -> None:
    """A name is text; YAML takes on, no, 12 and null for something else."""
    if not isinstance(key, yaml.ScalarNode):
        raise ConfigError(f"{_line(path, key)}: a name is text, not a list or a mapping")
    if key.tag in (TEXT, MERGE):
        return
    kind = {"bool": "true or false", "null": "nothing"}.get(key.tag.rpartition(":")[2], "a number")
    raise ConfigError(f"{_line(path, key)}: YAML reads the name {key.value or 'null'} as {kind}; write it in quotes")


def _refuse_foreign(root: yaml.MappingNode, path: pathlib.Path) -> None:
    """No setting of Hydra's, and nothing between `${` and `}` but the name of a value."""
    for key, value in root.value:
        if key.value == "hydra" or key.value.startswith("hydra."):
            raise ConfigError(f"{_line(path, key)}: {key.value}: Hydra's settings are for the command line; {FOREIGN}")
        if key.value == "defaults":
            _refuse_in_defaults(value, path, set())
    seen, waiting = set(), [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        waiting += _held(node)
        if isinstance(node, yaml.ScalarNode) and not plain(node.value):
            raise ConfigError(f"{_line(path, node)}: '{node.value[:80]}': {REFERRED}; {FOREIGN}")


def _refuse_in_defaults(node: yaml.Node, path: pathlib.Path, seen: set[int]) -> None:
    """The files that a file is made of are named in full, lie in the folders of configurations, and are not Hydra's."""
    if isinstance(node, yaml.ScalarNode):
        if "$" in node.value or ".." in node.value:
            raise ConfigError(f"{_line(path, node)}: defaults: '{node.value[:80]}': expected the name of a file of a group")
        if re.search(r"(^|[\s/@.:])hydra($|[\s/@.:])", node.value):
            raise ConfigError(f"{_line(path, node)}: defaults: '{node.value[:80]}': {FOREIGN}")
    if id(node) not in seen:
        seen.add(id(node))
        for each in _held(node):
            _refuse_in_defaults(each, path, seen)


def plain(text: str) -> bool:
    """Whether a text asks for nothing but values of the configuration: no resolver, in whatever spelling.

    >>> plain("a ${name}, 5 $"), plain("${ oc.env:HOME}"), plain("${oc.env:HOME}"), plain("${${name}}"), plain("${hydra.job}")
    (True, False, False, False, False)
    """
    if "${" not in text:
        return True
    return len(text) <= LONGEST and "${" not in REFERENCE.sub("", text)


def check_references(values: Mapping[str, Any]) -> None:
    """Raise `ConfigError` unless every reference of a composed configuration leads to one value, which refers to none.

    What refers to what refers could grow without end, or lead back to itself.
    """
    waiting: list[tuple[str, Any]] = [("", values)]
    while waiting:
        where, item = waiting.pop()
        if isinstance(item, Mapping):
            waiting += [(f"{where}.{key}".lstrip("."), each) for key, each in item.items()]
        elif isinstance(item, list):
            waiting += [(f"{where}[{number}]", each) for number, each in enumerate(item)]
        elif isinstance(item, str) and "${" in item:
            _check_reference(item, where, values)


def _check_reference(text: str, where: str, values: Mapping[str, Any]) -> None:
    if not plain(text):
        raise ConfigError(f"{where} = '{text[:80]}': {REFERRED}; {FOREIGN}")
    for name in REFERENCE.findall(text):
        found: Any = values
        for part in name[2:-1].split("."):
            if not isinstance(found, Mapping) or part not in found:
                raise ConfigError(f"{where} = '{text[:80]}': no value of the name {name[2:-1]}")
            found = found[part]
        if isinstance(found, (Mapping, list)) or (isinstance(found, str) and ("${" in found or len(found) > LONGEST)):
            raise ConfigError(f"{where} = '{text[:80]}': {name[2:-1]} is not a single value; expected one that refers to no other")
