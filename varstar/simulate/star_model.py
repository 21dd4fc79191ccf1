"""What a family of variable stars hands to a survey: the light of its stars in any band.

A band is a number here, the colour coordinate `w`: 0 at V, 1 at Cousins I, and between and
beyond them by the wavelength (`COLOUR`), so the curves of one star in several bands come
from the same physics: amplitudes, phase lags and colours follow `w`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from varstar.simulate.random import from_quantiles, uniform

Array = np.ndarray

#: points in a folded curve
PHASES = 512

#: band -> colour coordinate, from the effective wavelength: (1/550 nm - 1/l) / (1/550 - 1/798).
#: Effective wavelengths: Bessell 2005 ARA&A 43, 293; EROS-2 Tisserand+2007 A&A 469, 387;
#: ZTF Bellm+2019 PASP 131, 018002; Hp Bessell 2000 PASP 112, 961; TESS Ricker+2015.
_WAVELENGTH = {
    "V": 550.0, "I": 798.0, "B": 438.0, "B_E": 560.0, "R_E": 760.0, "Hp": 528.0,
    "g": 477.0, "r": 623.0, "i": 762.0, "G": 620.0, "T": 786.0,
}  # fmt: skip
COLOUR = {b: (1 / 550.0 - 1 / x) / (1 / 550.0 - 1 / 798.0) for b, x in _WAVELENGTH.items()}
#: Catalina has no filter: its amplitudes lie between V and I (RRab: 0.80 of ASAS V)
COLOUR["C"] = 0.45


@dataclass
class StarModel:
    """Stars of one type, and how their light goes.

    Attributes
    ----------
    period : ndarray, shape (n_stars,)
        The period that a catalogue gives [d]; NaN where there is none.
    curve : callable or None
        ``curve(w)`` -> (n_stars, PHASES): magnitude, zero mean, against the phase of
        `period`, phase 0 at `epoch` (greatest light; primary eclipse of a binary).
    absolute : ndarray
        Mean absolute magnitude in V.
    colour : ndarray
        Mean V - I without reddening.
    changes : list of callables
        Each ``f(t, star, w, phase)`` -> magnitudes to add, for points `t` [d] of the rows
        `star`: further modes, modulation, noise of the star itself.
    warp : callable or None
        ``warp(t, star)`` -> (scale, shift): modulation of the folded curve's amplitude and
        phase (Blazhko effect, changing spots).
    truth : dict of str to ndarray
        Parameters that travel with the sample as ``true_<name>``.
    """

    period: Array
    curve: Callable[[float], Array] | None
    absolute: Array
    colour: Array
    changes: list[Callable] = field(default_factory=list)
    warp: Callable | None = None
    truth: dict[str, Array] = field(default_factory=dict)


def period_of(key: Array, quantiles: Array, instead: Array | None = None) -> Array:
    """log10 P of stars, from quantiles (0, 5, 25, 50, 75, 95, 100 %) of a survey or a type."""
    return from_quantiles(uniform(key, "period"), quantiles if instead is None else instead)


def series(coefficients: Array) -> Array:
    """``sum_k Re(c_k exp(2 pi i k phase))`` on the grid of phases; (n_stars, PHASES)."""
    n, order = coefficients.shape
    padded = np.zeros((n, PHASES // 2 + 1), complex)
    padded[:, 1 : order + 1] = coefficients * (PHASES / 2)
    return np.fft.irfft(padded, PHASES, axis=1)


def look_up(grid: Array, star: Array, phase: Array) -> Array:
    """Values of the folded curves of the rows `star` at `phase` (any real), linear between."""
    x = np.mod(phase, 1.0) * PHASES
    j = x.astype(np.int64)
    part = x - j
    j %= PHASES
    base = star * PHASES
    flat = grid.ravel()
    low = flat[base + j]
    return low + part * (flat[base + (j + 1) % PHASES] - low)


def magnitudes(
    light: StarModel, epoch: Array, t: Array, star: Array, w: float
) -> tuple[Array, Array]:
    """Variation [mag] of the rows `star` at times `t` in the band `w`, and the curve's ends.

    Returns
    -------
    delta : ndarray, shape (n_points,)
    amplitude : ndarray, shape (n_stars,)
        Peak to peak of the folded curve; NaN where there is none.
    """
    n = len(light.period)
    phase = (t - epoch[star]) / light.period[star]
    delta = np.zeros(len(t))
    amplitude = np.full(n, np.nan)
    if light.curve is not None:
        grid = light.curve(w)
        grid = grid - grid.mean(axis=1, keepdims=True)
        amplitude = np.ptp(grid, axis=1)
        if light.warp is None:
            delta += look_up(grid, star, phase)
        else:
            scale, shift = light.warp(t, star)
            delta += scale * look_up(grid, star, phase + shift)
    for change in light.changes:
        delta += change(t, star, w, phase)
    return delta, amplitude
