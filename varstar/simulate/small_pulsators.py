"""Many modes of small amplitude: beta Cep, SPB, gamma Dor, low delta Scuti, alpha Cyg.

| kind | periods [d] | amplitude of the first mode in V [mag] | source |
|---|---|---|---|
| BCEP | 0.1-0.3 | 0.01-0.08 | Stankov & Handler 2005 ApJS 158, 193 |
| SPB | 0.8-3 | 0.01-0.04 | Waelkens+1998 A&A 330, 215 |
| GDOR | 0.4-2 | 0.01-0.05 | Henry+2005 AJ 129, 2815 |
| DSCTC | 0.03-0.2 | 0.01-0.04 | Rodriguez+2000 A&AS 144, 469 |
| ACYG | 3-60 | 0.02-0.06, irregular | van Leeuwen+1998 A&AS 128, 117 |
"""

import numpy as np

from varstar.simulate.irregular import walk
from varstar.simulate.random import normal, several
from varstar.simulate.star_model import Array, StarModel, period_of, series

#: kind -> (quantiles of log P, spread of the other modes' periods, how many, size,
#: A(I)/A(V), M_V, V - I)
_KINDS = {
    "BCEP": (np.log10([0.1, 0.12, 0.15, 0.17, 0.2, 0.25, 0.3]), 0.15, 4, 0.016, 0.85, -3.2, -0.2),
    "SPB": (np.log10([0.7, 0.85, 1.15, 1.45, 1.9, 2.8, 4.0]), 0.35, 4, 0.012, 0.75, -0.9, -0.15),
    "GDOR": (np.log10([0.35, 0.45, 0.65, 0.85, 1.2, 1.9, 2.8]), 0.30, 5, 0.014, 0.65, 2.7, 0.4),
    "DSCTC": (np.log10([0.03, 0.045, 0.075, 0.10, 0.14, 0.2, 0.27]), 0.30, 5, 0.012, 0.6, 1.4, 0.3),
    "ACYG": (np.log10([1.5, 2.5, 5.5, 10.0, 20.0, 45.0, 80.0]), 0.6, 4, 0.022, 0.9, -6.8, 0.1),
}  # fmt: skip


def _modes(kind: str) -> object:
    def draw(key: Array, sky: str = "field", log_p: object = None) -> StarModel:
        quantiles, spread, m, size, ratio, level, colour = _KINDS[kind]
        period = 10 ** period_of(key, quantiles, log_p)
        first = size * np.exp(0.5 * normal(key, "size"))
        sizes = first[:, None] * several(key, "sizes", m, "uniform")
        periods = period[:, None] * np.exp(spread * several(key, "periods", m))
        start = several(key, "starts", m, "uniform")
        c = np.stack([-np.ones(len(key)), 0.06 * np.ones(len(key))], 1) * first[:, None]
        grid = series(c.astype(complex))

        def curve(w: float) -> Array:
            return grid * ratio**w

        def others(t: Array, row: Array, w: float, phase: Array) -> Array:
            total = np.zeros(len(t))
            for j in range(m):
                total += sizes[row, j] * np.cos(2 * np.pi * (t / periods[row, j] + start[row, j]))
            return total * ratio**w

        absolute = level + 0.7 * normal(key, "luminosity")
        v_i = colour + 0.06 * normal(key, "colour")
        star = StarModel(period, curve, absolute, v_i, changes=[others])
        if kind == "ACYG":
            star.changes.append(walk(key, 2 * period, 0.8 * first, "irregular"))
        star.truth = {"second_period": periods[:, 0]}
        return star

    draw.__doc__ = f"Stars of the kind {kind}: a leading mode and {_KINDS[kind][2]} others."
    return draw


TYPES = {kind: _modes(kind) for kind in _KINDS}
