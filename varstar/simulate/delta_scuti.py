"""Delta Scuti stars.

| number | value | source |
|---|---|---|
| shapes of high-amplitude ones, unfiltered | tables/shapes.csv | Catalina HADS, Drake+2014, 2017 |
| log P, amplitude in the LMC | `_LOG_P`, 0.1-0.4 mag in I | Poleski+2010 AcA 60, 1 |
| M_V | -2.94 log P - 1.34, +-0.2 | Ziaali+2019 MNRAS 486, 4348 |
| P(1O)/P(F) | 0.773 | Poleski+2010, Fig. 4 |
"""

import numpy as np

from varstar.simulate import shapes
from varstar.simulate.random import normal, several, uniform
from varstar.simulate.star_model import COLOUR, Array, StarModel, period_of, series

_RATIO, _LAG = np.array([0.60, 0.62, 0.64]), np.array([-0.06, 0.02, 0.08])
_LOG_P = np.log10([0.035, 0.056, 0.072, 0.086, 0.106, 0.155, 0.25])


def delta_scuti(
    key: Array, sky: str = "lmc", log_p: object = None, second: float = 0.15, weak: float = 0.2
) -> StarModel:
    """Radial, high amplitude; a part of them with the first overtone besides."""
    log_period = period_of(key, _LOG_P, log_p)
    c = shapes.coefficients("DSCT", log_period, several(key, "shape", 4))
    # smaller ones are rounder: the k-th harmonic falls with the k-th power of the amplitude
    small = uniform(key, "weak") < weak
    factor = np.where(small, 0.25 + 0.5 * uniform(key, "how weak"), 1.0)
    round_ = np.where(small, 0.3 + 0.5 * factor, 0.7 + 0.4 * uniform(key, "round"))
    c = c * factor[:, None] * round_[:, None] ** np.arange(c.shape[1])
    top = shapes.to_zero(c)
    reference = COLOUR[shapes.table()["DSCT"].band]

    def curve(w: float) -> np.ndarray:
        return series(shapes.in_band(top, _RATIO, _LAG, w - reference))

    absolute = -2.94 * log_period - 1.34 + 0.2 * normal(key, "luminosity")
    v_i = 0.33 + 0.5 * (log_period + 1.05) + 0.05 * normal(key, "colour")
    star = StarModel(10**log_period, curve, absolute, v_i)
    has = uniform(key, "second") < second
    p1 = star.period * (0.773 + 0.002 * normal(key, "ratio"))
    size = has * np.abs(top[:, 0]) * (0.2 + 0.6 * uniform(key, "second size"))
    start = uniform(key, "second phase")

    def overtone(t: Array, row: Array, w: float, phase: Array) -> Array:
        x = 2 * np.pi * (t / p1[row] + start[row])
        return size[row] * _RATIO[0] ** w * np.cos(x)

    star.changes.append(overtone)
    star.truth = {"second_period": np.where(has, p1, np.nan)}
    return star


TYPES = {"DSCT": delta_scuti}
