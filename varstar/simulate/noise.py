"""What a survey does to the light: errors against magnitude, outliers, blends, drifts."""

from collections.abc import Mapping

import numpy as np

from varstar.simulate.random import normal, uniform
from varstar.simulate.star_model import Array

#: a flux error in units of the flux, over the error in magnitudes; faint is positive
_LN = -0.4 * np.log(10)


def error(mag: Array, floor: float, photon: float, sky: float, at: float) -> Array:
    """One-sigma error [mag] of a measurement at `mag`.

    ``sqrt(floor^2 + (photon 10^(0.2 (m - at)))^2 + (sky 10^(0.4 (m - at)))^2)``: the
    systematic floor, the star's own photons, and the background, given at the magnitude
    `at`.
    """
    x = np.clip(mag - at, -20, 12)
    return np.sqrt(floor**2 + photon**2 * 10 ** (0.4 * x) + sky**2 * 10 ** (0.8 * x))


def blended(delta: Array, light: Array) -> Array:
    """Variation [mag] of a star with `light` (in units of its own mean) of a neighbour."""
    return -2.5 * np.log10((10 ** (-0.4 * delta) + light) / (1 + light))


def measure(
    true: Array,
    t: Array,
    star: Array,
    number: Array,
    seen: Array,
    band: str,
    noise: Mapping,
    clean: bool,
) -> tuple[Array, Array]:
    """Measured magnitudes and the errors the survey quotes.

    Parameters
    ----------
    true : ndarray, shape (n_points,)
        Magnitudes before the telescope; `t` times, `star` rows, `number` counters.
    seen : ndarray, shape (n_stars,)
        Keys of the stars in this survey.
    noise : mapping
        ``error`` (floor, photon, sky, at) of the true scatter; ``quoted``, the same of the
        errors in the catalogue (that of the truth times ``ratio`` otherwise); ``epoch`` and
        ``crowding``, scatter of the logarithm of the error from night to night and from
        star to star; ``quoted_scatter``, that of the quoted error alone; ``tails``, the part
        of points with 3.5 times the error, ``outliers`` with 12 times, ``fainter`` how many
        of these are faint; ``drift``, zero-point changes from season to season [mag].
    clean : bool
        Without tails, outliers, and drifts.
    """
    key = seen[star]
    # the night's seeing and Moon act on the background most
    night = normal(key, f"seeing {band}", number)
    spread = noise.get("epoch", 0.15)
    factor = np.exp(spread * night)
    crowd = np.exp(noise.get("crowding", 0.0) * normal(seen, f"crowding {band}"))[star]
    floor, photon, sky, at = noise["error"]
    sigma = crowd * error(true, floor, photon * factor, sky * factor**2, at)
    z = normal(key, f"noise {band}", number)
    if not clean:
        far, tail = noise.get("outliers", 0.0), noise.get("tails", 0.0)
        u = uniform(key, f"outlier {band}", number)
        odd = np.flatnonzero(u < far + tail)
        side = uniform(key[odd], f"side {band}", number[odd]) < noise.get("fainter", 0.6)
        wide = np.where(u[odd] < far, 12.0, 3.5)
        z[odd] = np.where(side, 1.0, -1.0) * np.abs(z[odd]) * wide
        if noise.get("drift"):
            season = np.floor(t / 220.0).astype(np.int64)
            true = true + noise["drift"] * normal(key, f"drift {band}", season)
    # noise is Gaussian in the flux: faint stars scatter further to the faint side
    mag = true - 2.5 * np.log10(np.maximum(1 + _LN * sigma * z, 0.05))
    # and the survey knows only what it measured
    at_measured = np.clip(mag, true - 1.5, true + 1.5)
    if "quoted" in noise:
        quoted = error(at_measured, *noise["quoted"]) * factor**0.5 * crowd**0.3
    else:
        floor, photon, sky, at = noise["error"]
        quoted = error(at_measured, floor, photon * factor, sky * factor**2, at)
        quoted *= crowd * noise.get("ratio", 1.0)
    spread = noise.get("quoted_scatter", 0.05)
    quoted *= np.exp(spread * normal(key, f"quoted {band}", number))
    return mag, quoted
