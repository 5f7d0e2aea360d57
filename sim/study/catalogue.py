"""The catalogue of a study: one small file that says what was asked; it can be made again from any chunk."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import pathlib
import uuid
import zlib
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sim.params import ConfigError
from sim.study.plan import Plan

FORMAT = 1
CATALOGUE = "study.json"
WHOLE = {"name", "words", "factors", "design", "seed", "tables", "points", "code", "bases"}  # beside the format


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


def read(folder: pathlib.Path) -> dict[str, Any]:
    """The catalogue of a study.

    Raises
    ------
    ConfigError : no study there, or one that another version wrote.
    """
    try:
        header = json.loads((folder / CATALOGUE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        header = None
    whole = isinstance(header, dict) and (header.get("format") != FORMAT or header.keys() >= WHOLE)
    if not whole:
        header = _rebuilt(folder)
    if header.get("format") != FORMAT:
        by = header.get("code", {}).get("differentia", "of another kind")
        raise ConfigError(
            f"{folder}: written in format {header.get('format')} by differentia {by}; this version reads format {FORMAT}"
        )
    return header


def _rebuilt(folder: pathlib.Path) -> dict[str, Any]:
    """The catalogue again, from the first chunk that holds a copy of it."""
    for path in sorted(folder.glob("chunks/*/runs.parquet")):
        try:
            header = json.loads(zlib.decompress(base64.b85decode(pq.read_schema(path).metadata[b"study"])))
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, zlib.error):
            continue
        written(folder / CATALOGUE, json.dumps(header, indent=1) + "\n")
        return header
    raise ConfigError(f"{folder}: no study here; expected a folder that differentia sweep or compare has made")


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


def written(path: pathlib.Path, text: str) -> None:
    """Write a text under a temporary name, then rename."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
