"""Checks of values that several mechanisms share: each raises `ConfigError` with the place of the first mistake."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sim.ground.params import ConfigError, nearest
from sim.science.rules.customer_management import CLASSES, JOBS, OWN
from sim.world.population import Population


def check_parts(parts: Mapping[str, float], known: tuple[str, ...], noun: str, where: str) -> None:
    """Raise `ConfigError` unless parts of known names sum to 1, or there are none."""
    for name in parts:
        if name not in known:
            raise ConfigError(f"{where}.{name}: unknown {noun}; {nearest(str(name), known)}")
    if parts and abs(sum(parts.values()) - 1) > 1e-9:
        raise ConfigError(f"{where}: expected parts that sum to 1, got {sum(parts.values()):.12g}")


def check_programme(terms: Mapping, prefix: str = "") -> None:
    """Raise `ConfigError` unless policies that are each legal make a programme; terms : policies by name."""
    check_parts(terms["split"], JOBS, "job", f"{prefix}split")
    check_parts(terms["class_split"], CLASSES, "class", f"{prefix}class_split")
    if terms["budget"] > 0 and not terms["split"]:
        raise ConfigError(f"{prefix}split: expected parts that sum to 1 for {', '.join(JOBS)}, got none")
    if terms["by_value"] and terms["class_split"]:
        raise ConfigError(
            f"{prefix}by_value = True: expected no class_split beside it, the classes' value splits the money"
        )
    for job, amount in terms["voucher"].items():
        if job not in JOBS:
            raise ConfigError(f"{prefix}voucher.{job}: unknown job; {nearest(str(job), JOBS)}")
        if amount < 0 and job != "letting_go":
            raise ConfigError(
                f"{prefix}voucher.{job} = {amount} ¤: expected 0 <= {job}; only letting_go may ask a fee"
            )
    _check_jobs(terms["jobs"], f"{prefix}jobs")


def _check_jobs(jobs: Mapping[str, Mapping[str, str]], where: str) -> None:
    for stage in [*jobs, *OWN]:
        if stage not in OWN:
            raise ConfigError(f"{where}.{stage}: unknown stage; {nearest(str(stage), OWN)}")
        for name in [*jobs.get(stage, {}), *CLASSES]:
            if name not in CLASSES:
                raise ConfigError(f"{where}.{stage}.{name}: unknown class; {nearest(str(name), CLASSES)}")
            job = jobs.get(stage, {}).get(name)
            if job not in JOBS[1:]:
                raise ConfigError(f"{where}.{stage}.{name} = {job!r}: {nearest(str(job), JOBS[1:])}")


def check_known(names: Iterable[str], known: Collection[str], where: str, kind: str) -> None:
    """Raise `ConfigError` unless each of the names is one of those known."""
    for name in names:
        if name not in known:
            raise ConfigError(f"{where}.{name}: unknown {kind}; {nearest(str(name), known)}")


def check_niche(population: Population, served: Sequence[str], where: str) -> None:
    """Raise `ConfigError` unless a niche names segments or contexts of the population, each of one kind only."""
    places = {*population.segments, *population.contexts}
    if not served:
        raise ConfigError(f"{where} = []: expected at least one segment or context; leave the firm out for all")
    for name in served:
        if name not in places:
            raise ConfigError(f"{where}: unknown segment or context '{name}'; {nearest(str(name), places)}")
        if name in population.segments and name in population.contexts:
            raise ConfigError(f"{where}: '{name}' is a segment and a context; expected names that tell which")
