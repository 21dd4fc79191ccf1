"""Random numbers that belong to a star, not to the order of a computation.

Every star has a 64-bit key, made from the seed, the sky, the type and the star's number in
it. A random number is a hash of that key, the name of what is drawn (the `stream`), and a
counter: so a star is the same whatever else is simulated with it, on any machine, and all
is computed on whole arrays. The hash is the finaliser of SplitMix64 (Steele, Lea & Flood
2014, OOPSLA'14, 453), applied twice.
"""

import hashlib

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def word(text: str) -> np.uint64:
    """A 64-bit number for a name, the same on any machine."""
    return np.uint64(int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest()[:8]))


def _mix(z: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def keys(name: str, seed: int, numbers: ArrayLike) -> np.ndarray:
    """Keys of the stars `numbers` of the population `name`; uint64, same shape."""
    numbers = np.asarray(numbers).astype(np.uint64)
    with np.errstate(over="ignore"):
        start = word(f"{name}/{int(seed)}") + numbers * _GOLDEN
    return _mix(_mix(np.atleast_1d(start)) ^ word(name))


def uniform(key: np.ndarray, stream: str, number: ArrayLike = 0) -> np.ndarray:
    """Uniform numbers in (0, 1), never 0 or 1; `key` and `number` broadcast."""
    with np.errstate(over="ignore"):
        counter = np.asarray(number).astype(np.uint64) * _GOLDEN + word(stream)
        z = _mix(_mix(key + counter) + (key ^ _GOLDEN))
    return ((z >> np.uint64(12)).astype(float) + 0.5) / 2.0**52


def normal(key: np.ndarray, stream: str, number: ArrayLike = 0) -> np.ndarray:
    """Standard normal numbers; `key` and `number` broadcast."""
    return ndtri(uniform(key, stream, number))


def several(key: np.ndarray, stream: str, m: int, kind: str = "normal") -> np.ndarray:
    """`m` numbers for each star, shape (n_stars, m); `kind` is "normal" or "uniform"."""
    draw = {"normal": normal, "uniform": uniform}[kind]
    return draw(key[:, None], stream, np.arange(m)[None, :])


def from_quantiles(
    u: np.ndarray, values: ArrayLike, levels: ArrayLike = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
) -> np.ndarray:
    """Numbers with the quantiles `values` at `levels`, straight between them."""
    return np.interp(u, levels, values)
