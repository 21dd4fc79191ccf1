"""Fourier shapes of pulsating stars, drawn from the table ``tables/shapes.csv``.

For each type the table holds, at knots in log P, the mean of log A1 and of the complex
ratios q_k = (A_k / A_1) exp(i phi_k1), phi_k1 = phi_k - k phi_1 (cosine series of the
magnitude), and how they scatter around it: the column z1 is the part that goes with the
amplitude, z2..z4 are the first principal components of the rest. Made by
``scripts/fit_shapes.py`` from Catalina (RR Lyrae, delta Scuti, type II and anomalous
Cepheids, V) and OGLE-IV LMC (classical Cepheids, I) light curves.
"""

import csv
from functools import cache
from typing import NamedTuple

import numpy as np

from varstar.paths import PACKAGE
from varstar.simulate.star_model import PHASES, Array, series


class Shape(NamedTuple):
    """Rows of the table of one type; see the module."""

    band: str
    knots: Array
    mean: Array  # (n_knots, 1 + 2 (order - 1))
    loadings: Array  # (4, 1 + 2 (order - 1))


@cache
def table() -> dict[str, Shape]:
    """Type -> its `Shape`."""
    rows: dict[str, list[dict]] = {}
    with open(PACKAGE / "simulate" / "tables" / "shapes.csv", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["kind"], []).append(row)

    def values(row: dict, prefix: str) -> list[float]:
        names = [c for c in row if c.startswith(prefix) and c[1:].isdigit() and row[c]]
        return [float(row[c]) for c in names]

    shapes = {}
    for kind, (knots, *rest) in rows.items():
        shapes[kind] = Shape(
            knots["band"],
            np.array(values(knots, "v")),
            np.array([values(r, "v") for r in rest]).T,
            np.array([values(r, "z") for r in rest]).T,
        )
    return shapes


def coefficients(kind: str, log_period: Array, z: Array, spread: float = 1.0) -> Array:
    """Complex Fourier coefficients c_1.. of stars of a type, in the table's band.

    Parameters
    ----------
    kind : str
        A type of `table`.
    log_period : ndarray, shape (n_stars,)
    z : ndarray, shape (n_stars, 4)
        Standard normal deviates: the amplitude's and three of the shape.
    spread : float
        Factor on the scatter of the shape (not of the amplitude).

    Returns
    -------
    ndarray of complex, shape (n_stars, order)
        ``sum_k Re(c_k exp(2 pi i k phase))`` is the magnitude; c_1 is real and negative.
    """
    shape = table()[kind]
    z = np.clip(z, -2.5, 2.5) * np.array([1, spread, spread, spread])
    v = z @ shape.loadings
    for j in range(v.shape[1]):
        v[:, j] += np.interp(log_period, shape.knots, shape.mean[:, j])
    order = (v.shape[1] - 1) // 2 + 1
    q = v[:, 1:order] + 1j * v[:, order:]
    size = np.abs(q)
    q *= np.minimum(1, 0.9 / np.maximum(size, 1e-9))
    k = np.arange(1, order + 1)
    q = np.concatenate([np.ones((len(v), 1)), q], axis=1)
    return 10 ** v[:, :1] * q * np.exp(1j * np.pi * k)


def to_zero(c: Array) -> Array:
    """The same curves with phase 0 at greatest light (least magnitude)."""
    at = series(c).argmin(axis=1) / PHASES
    k = np.arange(1, c.shape[1] + 1)
    return c * np.exp(2j * np.pi * at[:, None] * k)


def in_band(c: Array, ratio: Array, lag: Array, dw: float) -> Array:
    """Coefficients in another band.

    `ratio` and `lag` [rad] are A_k(I)/A_k(V) and phi_k(I) - phi_k(V) for the harmonics
    1, 2, 3 (the last holds for all higher); between the bands they go geometrically,
    `dw` is the difference of the colour coordinates.
    """
    order = c.shape[1]
    take = np.minimum(np.arange(order), len(ratio) - 1)
    k = np.arange(1, order + 1)
    lag = np.where(k > len(lag), lag[-1] * k / len(lag), lag[take])
    return c * np.exp(dw * (np.log(ratio[take]) + 1j * lag))
