"""Cepheids: classical, type II, anomalous.

| number | value | source |
|---|---|---|
| shapes of classical Cepheids, I | tables/shapes.csv | OGLE-IV LMC, Soszynski+2015 AcA 65, 297 |
| shapes of type II and anomalous, unfiltered | tables/shapes.csv | Catalina, Drake+2014, 2017 |
| A(I)/A(V), phases | `_RATIO`, `_LAG` | Ngeow+2003 ApJ 586, 959; OGLE-IV V and I |
| period-luminosity | `_PL` | Soszynski+2008 AcA 58, 163 and 293; 2015 AcA 65, 233; Bhardwaj+2017 A&A 605, A100 |
| alternating minima of RV Tauri stars | 0.1-0.6 of the amplitude | Soszynski+2008 AcA 58, 293 |
| P2/P1, P1/P0 of double modes | 0.805, 0.72 | Soszynski+2008 AcA 58, 163, Fig. 5 |
"""  # noqa: E501

import numpy as np

from varstar.simulate import shapes
from varstar.simulate.random import normal, several, uniform
from varstar.simulate.star_model import COLOUR, Array, StarModel, period_of, series

_RATIO, _LAG = np.array([0.60, 0.61, 0.63]), np.array([-0.12, 0.02, 0.12])

#: type -> (M_I at the middle period, slope, log of the middle period, scatter, V - I there,
#: its slope with log P)
_PL = {
    "CEP F": (-3.78, -2.95, 0.70, 0.12, 0.66, 0.22),
    "CEP 1O": (-3.27, -3.25, 0.33, 0.12, 0.55, 0.20),
    "ACEP F": (-1.15, -2.4, 0.02, 0.15, 0.50, 0.35),
    "ACEP 1O": (-1.40, -2.6, -0.14, 0.15, 0.38, 0.35),
    "BLHer": (-0.90, -2.1, 0.24, 0.20, 0.45, 0.45),
    "WVir": (-2.55, -2.1, 1.13, 0.20, 0.80, 0.45),
    "pWVir": (-2.80, -2.3, 0.94, 0.35, 0.62, 0.40),
    "RVTau": (-4.00, -2.6, 1.53, 0.35, 0.80, 0.60),
}

#: quantiles of log P in OGLE-III LMC, in the order of `from_quantiles`
_LOG_P = {
    "CEP F": np.log10([1.0, 2.10, 2.95, 3.60, 4.95, 12.5, 60.0]),
    "CEP 1O": np.log10([0.26, 0.62, 1.50, 2.05, 2.70, 4.15, 6.3]),
    "CEP 2O": np.log10([0.4, 0.45, 0.58, 0.70, 0.90, 1.3, 1.6]),
    "CEP F/1O": np.log10([0.45, 0.95, 1.4, 2.3, 3.1, 4.3, 6.0]),
    "CEP 1O/2O": np.log10([0.3, 0.40, 0.59, 0.73, 0.92, 1.27, 1.4]),
    "ACEP F": np.log10([0.58, 0.68, 0.88, 1.06, 1.35, 1.90, 2.3]),
    "ACEP 1O": np.log10([0.37, 0.43, 0.56, 0.68, 0.82, 1.05, 1.3]),
    "BLHer": np.log10([1.0, 1.06, 1.32, 1.70, 2.40, 3.60, 4.0]),
    "WVir": np.log10([4.2, 6.0, 9.5, 13.3, 15.5, 17.8, 20.0]),
    "pWVir": np.log10([4.2, 4.8, 6.2, 8.0, 9.8, 15.0, 19.0]),
    "RVTau": np.log10([20.0, 21.0, 25.0, 31.0, 39.0, 55.0, 66.0]),
}


def _star(
    key: Array, kind: str, shape: str, log_p: object, factor: Array | float = 1.0
) -> StarModel:
    log_period = period_of(key, _LOG_P[kind], log_p)
    c = shapes.coefficients(shape, log_period, several(key, "shape", 4))
    c = c * np.reshape(factor, (-1, 1))
    reference = COLOUR[shapes.table()[shape].band]
    top = shapes.to_zero(c)

    def curve(w: float) -> np.ndarray:
        return series(shapes.in_band(top, _RATIO, _LAG, w - reference))

    kind = {"CEP F/1O": "CEP F"}.get(kind, kind)
    level, slope, middle, scatter, colour, reddens = _PL.get(kind, _PL["CEP 1O"])
    x = log_period - middle
    strip = normal(key, "strip")  # a star at the red edge of the strip is fainter
    v_i = colour + reddens * x + 0.06 * strip
    absolute = level + slope * x + scatter * strip + v_i
    return StarModel(10**log_period, curve, absolute, v_i)


def fundamental(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Classical Cepheids; the bump moves along the curve with the period (Hertzsprung)."""
    return _star(key, "CEP F", "CEP F", log_p)


def first_overtone(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Classical Cepheids pulsating in the first overtone."""
    return _star(key, "CEP 1O", "CEP 1O", log_p)


def second_overtone(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Classical Cepheids in the second overtone: small and nearly a sine."""
    star = _star(key, "CEP 2O", "CEP 1O", log_p, factor=0.35)
    return star


def _double(
    key: Array, kind: str, shape: str, log_p: object, ratio: float, flat: float
) -> StarModel:
    """Two radial modes; the catalogue's period is the longer-lived, stronger first one."""
    star = _star(key, kind, shape, log_p, factor=0.8)
    other = star.period * (ratio + 0.004 * normal(key, "ratio"))
    size = np.ptp(star.curve(0.0), axis=1) / 2 * (0.15 + flat * uniform(key, "second"))
    start = uniform(key, "second phase")

    def second(t: Array, row: Array, w: float, phase: Array) -> Array:
        x, main = 2 * np.pi * (t / other[row] + start[row]), 2 * np.pi * phase
        both = 0.2 * (np.cos(x + main) + 0.6 * np.cos(x - main))
        return size[row] * _RATIO[0] ** w * (np.cos(x) + both)

    star.changes.append(second)
    star.truth = {"second_period": other}
    return star


def fundamental_and_first(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Beat Cepheids, F/1O: P1/P0 about 0.72."""
    return _double(key, "CEP F/1O", "CEP F", log_p, 0.72, 0.6)


def first_and_second(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Beat Cepheids, 1O/2O: P2/P1 about 0.805."""
    return _double(key, "CEP 1O/2O", "CEP 1O", log_p, 0.805, 0.35)


def anomalous_fundamental(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Anomalous Cepheids, fundamental mode: steep rise, like a long-period RR Lyrae."""
    return _star(key, "ACEP F", "ACEP", log_p, factor=1.1 * np.exp(0.22 * normal(key, "wide")))


def anomalous_first_overtone(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Anomalous Cepheids, first overtone: rounder and smaller."""
    return _star(key, "ACEP 1O", "ACEP", log_p, factor=0.75)


def bl_herculis(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Type II Cepheids of 1-4 d."""
    return _star(key, "BLHer", "BLHer", log_p)


def w_virginis(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Type II Cepheids of 4-20 d: a flat top, a deep minimum."""
    return _wandering(_star(key, "WVir", "WVir", log_p), key, 0.05)


def peculiar_w_virginis(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Bluer, brighter W Virginis stars (many of them binaries): steeper rise."""
    return _wandering(_star(key, "pWVir", "BLHer", log_p, factor=0.85), key, 0.03)


def _wandering(star: StarModel, key: Array, size: float) -> StarModel:
    """Cycle-to-cycle changes: amplitude and phase drift over tens of periods."""
    rate = 1 / (star.period * (8 + 20 * uniform(key, "drift period")))
    start = several(key, "drift", 3, "uniform")
    depth = size * (0.5 + uniform(key, "drift depth"))

    def warp(t: Array, row: Array) -> tuple[Array, Array]:
        x = 2 * np.pi * t * rate[row]
        a = np.sin(x + 6.28 * start[row, 0]) + 0.6 * np.sin(2.7 * x + 6.28 * start[row, 1])
        b = np.sin(0.6 * x + 6.28 * start[row, 2])
        return 1 + depth[row] * a, 0.25 * depth[row] * b

    star.warp = warp
    return star


def rv_tauri(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Type II Cepheids above 20 d: deep and shallow minima in turn, and irregular.

    The catalogue's period is the formal one, from minimum to next minimum.
    """
    star = _star(key, "RVTau", "RVTau", log_p)
    star = _wandering(star, key, 0.15)
    whole = np.ptp(star.curve(0.0), axis=1)
    half = whole * (0.05 + 0.45 * uniform(key, "alternate")) / 2
    wander = several(key, "wander", 4, "uniform")
    size = whole * (0.05 + 0.15 * uniform(key, "wander size"))

    def alternate(t: Array, row: Array, w: float, phase: Array) -> Array:
        x = np.pi * (phase + 0.5)
        slow = 2 * np.pi * t / star.period[row]
        noise = np.sin(slow / 7.3 + 6.28 * wander[row, 0])
        noise += np.sin(slow / 3.1 + 6.28 * wander[row, 1])
        noise += np.sin(slow / 1.7 + 6.28 * wander[row, 2])
        scale = _RATIO[0] ** w
        return scale * (half[row] * np.cos(x) + size[row] * noise)

    star.changes.append(alternate)
    return star


TYPES = {
    "CEP F": fundamental,
    "CEP 1O": first_overtone,
    "CEP 2O": second_overtone,
    "CEP F/1O": fundamental_and_first,
    "CEP 1O/2O": first_and_second,
    "ACEP F": anomalous_fundamental,
    "ACEP 1O": anomalous_first_overtone,
    "T2CEP BLHer": bl_herculis,
    "T2CEP WVir": w_virginis,
    "T2CEP pWVir": peculiar_w_virginis,
    "T2CEP RVTau": rv_tauri,
}
