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


def test_neighbouring_customers_are_uncorrelated():
    u = column(uniforms)
    assert abs(np.corrcoef(u[:-1], u[1:])[0, 1]) < 4 / np.sqrt(N)
