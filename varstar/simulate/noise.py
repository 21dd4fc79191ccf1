"""What a survey does to the light: errors against magnitude, outliers, limits."""

import numpy as np


def error(mag: np.ndarray, floor: float, photon: float, sky: float, at: float) -> np.ndarray:
    """One-sigma error [mag] of a measurement at `mag`.

    ``sqrt(floor^2 + (photon 10^(0.2 (m - at)))^2 + (sky 10^(0.4 (m - at)))^2)``: the
    systematic floor, the star's own photons, and the background, given at the magnitude
    `at`.
    """
    x = mag - at
    return np.sqrt(floor**2 + photon**2 * 10 ** (0.4 * x) + sky**2 * 10 ** (0.8 * x))
