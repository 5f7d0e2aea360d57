"""The catalogue of a study: one small file that says what was asked; it can be made again from any chunk."""

from __future__ import annotations

import base64
import dataclasses
import json
import pathlib
import zlib
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from sim.ground.files import own_folder, regular, write_text
from sim.ground.params import ConfigError
from sim.ground.parquet import UNREADABLE, opened
from sim.study.header import FORMAT, check, identity
from sim.study.plan import Plan

CATALOGUE = "study.json"
LARGEST = 2**28  # bytes of a copy; more is no catalogue


def header_of(plan: Plan) -> dict[str, Any]:
    """What the catalogue says about a plan; everything but the runs."""
    kind = type(plan.design)
    design = {"_target_": f"{kind.__module__}.{kind.__qualname__}"} | dataclasses.asdict(plan.design)
    return {
        "format": FORMAT,
        "name": plan.name,
        "words": list(plan.words),
        "factors": [dataclasses.asdict(factor) for factor in plan.factors],
        "design": design,
        "seed": plan.seed,
        "tables": list(plan.tables),
        "points": len(plan.points),
        "code": dict(plan.code),
        "bases": [dict(base) for base in plan.bases],
    }


def packed(header: str) -> str:
    """The catalogue as it travels in every chunk."""
    return base64.b85encode(zlib.compress(header.encode())).decode()


def unpacked(copy: bytes) -> dict[str, Any]:
    """The catalogue from its copy in a chunk.

    Raises
    ------
    ValueError, ConfigError among them : it is damaged, or no catalogue of this format.
    """
    try:
        header = json.loads(zlib.decompressobj().decompress(base64.b85decode(copy), LARGEST))
    except (zlib.error, RecursionError) as error:
        raise ValueError(str(error)) from None
    check(header)
    return header


def read(folder: pathlib.Path) -> dict[str, Any]:
    """The catalogue of a study; where it is damaged it is made again from the copies in the chunks.

    Raises
    ------
    ConfigError : no study there, one that another version wrote, or a damaged catalogue of which there is no copy.
    """
    file, wrong = folder / CATALOGUE, None
    try:
        header = json.loads(file.read_text(encoding="utf-8")) if regular(file) else None
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror or error})") from None
    except (ValueError, RecursionError) as error:
        header, wrong = None, ConfigError(f"not JSON ({' '.join(str(error).split())})")
    if isinstance(header, dict) and type(header.get("format")) is int and header["format"] != FORMAT:
        by = header["code"].get("differentia") if isinstance(header.get("code"), dict) else "of another kind"
        raise ConfigError(
            f"{folder}: written in format {header['format']} by differentia {by}; this version reads format {FORMAT}"
        )
    if header is not None:
        try:
            check(header)
            return header
        except ConfigError as error:
            wrong = error
    return _rebuilt(folder, wrong)


def _rebuilt(folder: pathlib.Path, wrong: ConfigError | None) -> dict[str, Any]:
    """The catalogue again, from a copy in the chunks; of several studies' the one that most chunks hold.

    wrong : what is wrong with the one that is there.
    """
    copies, found = Counter[bytes](), dict[str, list[dict[str, Any]]]()
    for path in sorted(own_folder(folder / "chunks").glob("*/runs.parquet")):
        with suppress(*UNREADABLE), opened(own_folder(path.parent) / path.name) as file:
            copies[file.schema_arrow.metadata[b"study"]] += 1
    for copy, times in copies.items():
        with suppress(ValueError):
            header = unpacked(copy)
            found.setdefault(identity(header), []).extend([header] * times)
    if not found and wrong is not None:
        raise ConfigError(f"{folder / CATALOGUE}: {wrong}; no chunk holds a copy from which it could be made again")
    if not found:
        raise ConfigError(f"{folder}: no study here; expected a folder that differentia sweep or compare has made")
    header = max(found.values(), key=len)[0]
    with suppress(OSError):  # the folder may be for reading only
        write_header(folder, header)
    return header


def write_header(folder: pathlib.Path, header: Mapping[str, Any]) -> None:
    """Write the catalogue; it is complete or not there.

    Raises
    ------
    OSError : the disk is full or the folder cannot be written.
    """
    write_text(folder / CATALOGUE, json.dumps(header, indent=1, default=str) + "\n")


def new_folder(wanted: pathlib.Path) -> pathlib.Path:
    """Make a folder that nobody has used, adding a number if two began in the same second."""
    number = 1
    while True:
        folder = wanted if number == 1 else wanted.with_name(f"{wanted.name}-{number}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if not wanted.exists():
                raise
            number += 1
        else:
            return folder
