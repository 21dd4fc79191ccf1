"""Stars that turn: spots of cool stars, chemical patches of hot ones.

| number | value | source |
|---|---|---|
| log P, amplitudes of spotted stars | `_LOG_P`; 0.05-0.4 mag in V | ASAS-SN (ROT), Jayasinghe+2018 MNRAS 477, 3145; RS CVn: Strassmeier 2009 A&ARv 17, 251 |
| life of spots | 50-1000 d | Strassmeier 2009 |
| chemically peculiar (ACV, SXARI) | 1-15 d, 0.02-0.1 mag, often double wave, stable | Catalano & Renson 1998 A&AS 127, 421; Hummerich+2016 AJ 152, 104 |
"""  # noqa: E501

import numpy as np

from varstar.simulate.irregular import walk
from varstar.simulate.random import normal, several, uniform
from varstar.simulate.star_model import Array, StarModel, period_of, series

_LOG_P = {
    "ROT": np.log10([0.3, 0.7, 2.2, 8.0, 19.0, 60.0, 120.0]),
    "RS": np.log10([0.6, 1.0, 2.5, 5.5, 13.0, 40.0, 100.0]),
    "ACV": np.log10([0.7, 1.0, 1.8, 3.0, 5.0, 11.0, 25.0]),
    "SXARI": np.log10([0.6, 0.75, 0.95, 1.3, 1.8, 3.0, 5.0]),
}


def spots(key: Array, how_many: int = 3) -> Array:
    """Fourier coefficients of a turning star with dark spots, full range about 1 mag.

    Each spot darkens the star by the cosine of its angle from the middle of the disc,
    while it is on the near side: ``max(0, a + b cos)``, kept to four harmonics.
    """
    n = len(key)
    grid = np.arange(64) / 64
    light = np.zeros((n, 64))
    for j in range(how_many):
        where = uniform(key, "spot longitude", j)[:, None]
        a = (0.6 * (uniform(key, "spot latitude", j) - 0.3))[:, None]
        size = (uniform(key, "spot size", j) ** (1 + j))[:, None]
        light += size * np.maximum(0, a + np.cos(2 * np.pi * (grid[None, :] - where)))
    light /= np.maximum(np.ptp(light, axis=1, keepdims=True), 0.05)
    return 2 * np.fft.rfft(light, axis=1)[:, 1:5] / 64


def _spotted(
    key: Array, kind: str, log_p: object, low: float, spread: float, life: float
) -> StarModel:
    period = 10 ** period_of(key, _LOG_P[kind], log_p)
    size = low * np.exp(spread * normal(key, "size"))
    shape = series(spots(key)) * size[:, None]

    def curve(w: float) -> Array:
        return shape * 0.68**w

    tau = np.maximum(life * np.exp(0.8 * normal(key, "life")), 3 * period)
    loud, drift = walk(key, tau, 0.3, "loudness"), walk(key, tau, 0.06, "drift")
    nothing = np.zeros(1)

    def warp(t: Array, row: Array) -> tuple[Array, Array]:
        return np.clip(1 + loud(t, row, 0, nothing), 0.2, 2), drift(t, row, 0, nothing)

    # the cool stars with the long periods are giants
    x = np.clip((np.log10(period) - 0.3) / 0.7, 0, 1)
    absolute = 5.0 - 3.5 * x + 0.8 * normal(key, "luminosity")
    colour = 1.0 + 0.15 * normal(key, "colour")
    cycle = walk(key, np.full(len(key), 1500.0), 0.25 * size, "cycle", slope=-0.3)
    return StarModel(period, curve, absolute, colour, changes=[cycle], warp=warp)


def rotational(key: Array, sky: str = "field", log_p: object = None) -> StarModel:
    """Spotted stars as ASAS-SN finds them (ROT)."""
    return _spotted(key, "ROT", log_p, 0.17, 0.4, 250.0)


def rs_cvn(key: Array, sky: str = "field", log_p: object = None) -> StarModel:
    """RS CVn and BY Dra stars."""
    return _spotted(key, "RS", log_p, 0.10, 0.45, 300.0)


def _patched(key: Array, kind: str, log_p: object, size: float) -> StarModel:
    period = 10 ** period_of(key, _LOG_P[kind], log_p)
    c = np.zeros((len(key), 3), complex)
    double = uniform(key, "double")
    angle = 2 * np.pi * several(key, "angles", 3, "uniform")
    c[:, 0] = np.where(double < 0.3, 0.3, 1.0) * np.exp(1j * angle[:, 0])
    c[:, 1] = np.where(double < 0.3, 1.0, 0.5 * double) * np.exp(1j * angle[:, 1])
    c[:, 2] = 0.08 * np.exp(1j * angle[:, 2])
    half = size * np.exp(0.4 * normal(key, "size"))

    def curve(w: float) -> Array:
        return series(c * half[:, None] * 0.8**w)

    absolute = 0.6 + 0.8 * normal(key, "luminosity") - (1.5 if kind == "SXARI" else 0)
    return StarModel(period, curve, absolute, 0.05 + 0.1 * normal(key, "colour"))


def alpha2_cvn(key: Array, sky: str = "field", log_p: object = None) -> StarModel:
    """Chemically peculiar A stars."""
    return _patched(key, "ACV", log_p, 0.018)


def sx_arietis(key: Array, sky: str = "field", log_p: object = None) -> StarModel:
    """Chemically peculiar B stars."""
    return _patched(key, "SXARI", log_p, 0.016)


TYPES = {"ROT": rotational, "RS": rs_cvn, "ACV": alpha2_cvn, "SXARI": sx_arietis}
