"""Draws have the distributions they claim and do not depend on one another."""

import numpy as np
import pytest
from scipy.stats import kstest, norm

from sim.ground import draws
from sim.science.kernels.draw import normals, uniforms

N = 100_000
IDENTITY = np.arange(N, dtype=np.uint32)


def column(kernel, period=0, decision="shock", name="", seed=1):
    out = np.empty(N, np.float32)
    kernel(IDENTITY, np.uint32(period), *draws.key(seed, decision, name), out)
    return out


def test_uniforms_are_uniform():
    assert kstest(column(uniforms), "uniform").pvalue > 1e-4


def test_normals_are_normal():
    assert kstest(column(normals), norm.cdf).pvalue > 1e-4


@pytest.mark.parametrize("other", [{"period": 1}, {"decision": "context"}, {"name": "air"}, {"seed": 2}])
def test_streams_are_uncorrelated(other):
    assert abs(np.corrcoef(column(uniforms), column(uniforms, **other))[0, 1]) < 4 / np.sqrt(N)


@pytest.mark.parametrize("apart", [1, 64, 128, 192, 256])
def test_customers_are_uncorrelated_neighbours_and_those_of_one_call(apart):
    u = column(uniforms)
    assert abs(np.corrcoef(u[:-apart], u[apart:])[0, 1]) < 4 / np.sqrt(N)


@pytest.mark.parametrize("kernel", [uniforms, normals])
@pytest.mark.parametrize("first", [0, 100, 256, 2**32 - 1 - N])
def test_a_number_is_the_same_whoever_else_is_drawn(kernel, first):
    """All in order, some of them, many or few of a group, in any order, one at a time."""
    identity, key, rng = np.arange(N, dtype=np.uint32) + np.uint32(first), draws.key(1, "shock"), np.random.default_rng(2)
    every = np.empty(N, np.float32)
    kernel(identity, np.uint32(3), *key, every)
    parts = [np.sort(rng.choice(N, n, replace=False)) for n in (1, 500, 20_000, 45_000, 95_000)]
    parts += [rng.permutation(N), np.arange(N)[::-1], np.arange(1, 1000), np.arange(256, 512), np.r_[0:100, 300:700, 5, 90:400]]
    for part in parts:
        some = np.empty(len(part), np.float32)
        kernel(identity[part], np.uint32(3), *key, some)
        assert (some == every[part]).all()
