"""Single-precision exponential, logarithm and normal quantile that vectorise.

The compiler packaged with Numba has no vector mathematics library, so a call to ``exp`` or ``log`` stays a scalar
call. Range reduction to one octave, then the polynomials of Moshier's Cephes library, take a tenth of the time.
Sources: Moshier (1989), Methods and Programs for Mathematical Functions (Cephes: expf, logf); Giles (2012),
Approximating the erfinv function, GPU Computing Gems, ch. 10.
"""

import math

import numpy as np

from sim.science.rules import rule

f4, i4, i2 = np.float32, np.int32, np.int16
FINE, MOST = f4(1024), f4(32767)
LOG2E, LN2_HIGH, LN2_LOW = f4(1.44269504), f4(0.693359375), f4(-2.12194440e-4)
SQRT_HALF_BITS, MANTISSA = i4(0x3F3504F3), i4(23)


@rule
def log32(x):
    """Natural logarithm of a normal positive float32; absolute error below 1e-6 on (0, 1].

    >>> abs(float(log32(np.float32(0.25))) + 1.3862944) < 1e-6
    True
    """
    bits = f4(x).view(np.int32)
    octave = i4(i4(bits - SQRT_HALF_BITS) >> MANTISSA)
    r = i4(bits - i4(octave << MANTISSA)).view(np.float32) - f4(1.0)
    z = r * r
    y = f4(7.0376836292e-2)
    y = y * r - f4(1.1514610310e-1)
    y = y * r + f4(1.1676998740e-1)
    y = y * r - f4(1.2420140846e-1)
    y = y * r + f4(1.4249322787e-1)
    y = y * r - f4(1.6668057665e-1)
    y = y * r + f4(2.0000714765e-1)
    y = y * r - f4(2.4999993993e-1)
    y = y * r + f4(3.3333331174e-1)
    y = y * r * z + f4(octave) * LN2_LOW - f4(0.5) * z
    return r + y + f4(octave) * LN2_HIGH


@rule
def exp32(x):
    """Exponential of a float32, relative error below 3e-7; the argument is held to [-80, 80].

    >>> abs(float(exp32(np.float32(1.0))) - 2.7182818) < 1e-6
    True
    """
    x = min(max(f4(x), f4(-80.0)), f4(80.0))
    n = f4(math.floor(x * LOG2E + f4(0.5)))
    r = x - n * LN2_HIGH - n * LN2_LOW
    y = f4(1.9875691500e-4)
    y = y * r + f4(1.3981999507e-3)
    y = y * r + f4(8.3334519073e-3)
    y = y * r + f4(4.1665795894e-2)
    y = y * r + f4(1.6666665459e-1)
    y = y * r + f4(5.0000001201e-1)
    y = y * r * r + r + f4(1.0)
    return y * i4(i4(i4(n) + i4(127)) << MANTISSA).view(np.float32)


@rule
def normal_quantile(u):
    """Standard normal quantile of u in (0, 1), float32, absolute error below 3e-6 for |z| < 4.

    >>> abs(float(normal_quantile(np.float32(0.975))) - 1.959964) < 1e-5
    True
    """
    x = f4(2.0) * u - f4(1.0)
    w = -log32(f4(4.0) * u * (f4(1.0) - u))
    a, b = w - f4(2.5), f4(math.sqrt(w)) - f4(3.0)
    p = f4(2.81022636e-08)
    p = p * a + f4(3.43273939e-07)
    p = p * a + f4(-3.5233877e-06)
    p = p * a + f4(-4.39150654e-06)
    p = p * a + f4(0.00021858087)
    p = p * a + f4(-0.00125372503)
    p = p * a + f4(-0.00417768164)
    p = p * a + f4(0.246640727)
    p = p * a + f4(1.50140941)
    q = f4(-0.000200214257)
    q = q * b + f4(0.000100950558)
    q = q * b + f4(0.00134934322)
    q = q * b + f4(-0.00367342844)
    q = q * b + f4(0.00573950773)
    q = q * b + f4(-0.0076224613)
    q = q * b + f4(0.00943887047)
    q = q * b + f4(1.00167406)
    q = q * b + f4(2.83297682)
    return f4(1.41421356) * x * (p if w < f4(5.0) else q)


@rule
def to_grid(opinion):
    """Opinion in utils as kept: the nearest of 1/1024 utils, held to [-32, 32], in two bytes.

    >>> int(to_grid(f4(0.5))), int(to_grid(f4(-100.0)))
    (512, -32767)
    """
    return i2(math.floor(min(max(opinion * FINE, -MOST), MOST) + f4(0.5)))


@rule
def from_grid(kept):
    """Opinion in utils from what is kept.

    >>> float(from_grid(to_grid(f4(-0.25))))
    -0.25
    """
    return f4(kept) / FINE
