"""Composed configurations, and the same with something else in a place."""

import copy
import functools

from sim.world.composing.configuration import load, plain

WORDS = ["population.customers=300", "periods=12", "replications=1"]
WORLDS = [["scenario=intercity"], ["scenario=telecom"], ["experiment=price_war"]]


@functools.cache
def composed(world):
    """One of the worlds as plain values."""
    return plain(load([*WORLDS[world], *WORDS]))


def changed(config, key, value):
    """The configuration with one value put in place of another; None stands there as it is."""
    config = copy.deepcopy(config)
    *path, last = key.split(".")
    place = config
    for part in path:
        place = place.setdefault(part, {})
    place[last] = value
    return config
