"""RR Lyrae stars: the Bailey types ab, c, d, e, and the Blazhko effect.

| number | value | source |
|---|---|---|
| shapes, amplitudes without a filter | tables/shapes.csv | Catalina, Drake+2014, 2017 |
| A(I)/A(V), phases | `_RATIO`, `_LAG` | Morgan+1998 AcA 48, 341; OGLE-IV against Catalina at equal period |
| M_V, V - I | 0.60, 0.49 (ab); 0.55, 0.38 (c) | Catelan+2004 ApJS 154, 633; Soszynski+2009 AcA 59, 1 |
| P1/P0 of double modes | 0.7455 - 0.05 (log P0 + 0.31), +-0.0008 | Soszynski+2009, Fig. 4 |
| Blazhko stars among RRab | 30 %, periods 15-200 d | Prudil & Skarka 2017 MNRAS 466, 2602; Netzel+2018 |
"""  # noqa: E501

import numpy as np

from varstar.simulate import shapes
from varstar.simulate.random import normal, several, uniform
from varstar.simulate.star_model import COLOUR, Array, StarModel, period_of, series

_RATIO, _LAG = np.array([0.63, 0.65, 0.66]), np.array([-0.08, 0.10, 0.24])
#: quantiles of log P, in the order of `from_quantiles`: OGLE-III LMC (Soszynski+2009), the
#: Galaxy's field (Catalina, Drake+2014, 2017)
_LOG_P = {
    "lmc": {
        "RRab": np.log10([0.40, 0.470, 0.527, 0.575, 0.625, 0.730, 0.92]),
        "RRc": np.log10([0.22, 0.268, 0.313, 0.337, 0.363, 0.406, 0.46]),
        "RRe": np.log10([0.21, 0.242, 0.259, 0.269, 0.280, 0.300, 0.32]),
        "RRd": np.log10([0.325, 0.342, 0.352, 0.359, 0.369, 0.395, 0.42]),
    },
    "field": {
        "RRab": np.log10([0.35, 0.430, 0.505, 0.558, 0.615, 0.715, 0.88]),
        "RRc": np.log10([0.20, 0.250, 0.288, 0.317, 0.346, 0.388, 0.43]),
        "RRe": np.log10([0.21, 0.242, 0.259, 0.269, 0.280, 0.300, 0.32]),
        "RRd": np.log10([0.30, 0.335, 0.350, 0.362, 0.385, 0.42, 0.46]),
    },
}


def _brightness(key: Array, kind: str, log_period: Array) -> tuple[Array, Array]:
    """M_V and V - I: the horizontal branch's level, spread by metallicity and age."""
    level, colour = {"RRab": (0.60, 0.49)}.get(kind, (0.55, 0.38))
    middle = {"RRab": -0.24}.get(kind, -0.47)
    absolute = level - 0.6 * (log_period - middle) + 0.13 * normal(key, "luminosity")
    return absolute, colour + 0.8 * (log_period - middle) + 0.04 * normal(key, "colour")


def _star(
    key: Array, kind: str, shape: str, sky: str, log_p: object, factor: float = 1.0
) -> StarModel:
    log_period = period_of(key, _LOG_P[sky][kind], log_p)
    # Catalina's own errors widen its amplitudes: OGLE-IV's scatter about the relation is less
    z = several(key, "shape", 4) * np.array([0.62 if shape == "RRab" else 1.0, 0.8, 0.8, 0.8])
    c = shapes.coefficients(shape, log_period, z) * factor
    if shape == "RRab":  # the mean of curves out of phase is too smooth: OGLE's and ASAS's R31
        c = c * 1.06 ** np.arange(c.shape[1])
    top = shapes.to_zero(c)
    reference = COLOUR[shapes.table()[shape].band]

    def curve(w: float) -> Array:
        return series(shapes.in_band(top, _RATIO, _LAG, w - reference))

    absolute, colour = _brightness(key, kind, log_period)
    return StarModel(10**log_period, curve, absolute, colour)


def rrab(key: Array, sky: str = "lmc", log_p: object = None, blazhko: float = 0.3) -> StarModel:
    """Fundamental mode; a part of them with a Blazhko cycle."""
    star = _star(key, "RRab", "RRab", sky, log_p)
    has = uniform(key, "blazhko") < blazhko
    depth = has * (0.04 + 0.3 * uniform(key, "blazhko depth") ** 1.5)
    swing = has * 0.03 * np.abs(normal(key, "blazhko swing"))
    cycle = 10 ** (1.2 + 1.1 * uniform(key, "blazhko period"))
    start = uniform(key, "blazhko phase")

    def warp(t: Array, row: Array) -> tuple[Array, Array]:
        x = 2 * np.pi * (t / cycle[row] + start[row])
        return 1 + depth[row] * np.sin(x), swing[row] * np.cos(x)

    star.warp = warp
    star.truth = {"blazhko_period": np.where(has, cycle, np.nan)}
    return star


def rrc(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """First overtone."""
    return _star(key, "RRc", "RRc", sky, log_p, factor=0.9)


def rre(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Second overtone (as OGLE-III had them): short, small, nearly a sine."""
    return _star(key, "RRe", "RRc", sky, log_p, factor=0.68)


def rrd(key: Array, sky: str = "lmc", log_p: object = None) -> StarModel:
    """Double mode: the first overtone leads, the fundamental beats with it."""
    star = _star(key, "RRd", "RRc", sky, log_p, factor=0.8)
    log_p0 = np.log10(star.period / 0.7455)
    ratio = 0.7455 - 0.05 * (log_p0 + 0.31) + 0.0008 * normal(key, "ratio")
    p0 = star.period / ratio
    size = np.ptp(star.curve(0.0), axis=1) / 2 * (0.3 + 0.6 * uniform(key, "second"))
    start = uniform(key, "second phase")

    def second(t: Array, row: Array, w: float, phase: Array) -> Array:
        x = 2 * np.pi * (t / p0[row] + start[row])
        main = 2 * np.pi * phase
        scale = size[row] * _RATIO[0] ** w
        both = 0.25 * (np.cos(x + main) + 0.7 * np.cos(x - main))
        return scale * (np.cos(x) + 0.2 * np.cos(2 * x + 2.0) + both)

    star.changes.append(second)
    star.truth = {"second_period": p0}
    return star


TYPES = {"RRab": rrab, "RRc": rrc, "RRd": rrd, "RRe": rre}
