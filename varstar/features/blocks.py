"""Many light curves as one matrix: rows are stars, columns points, short rows padded.

Formulas on light curves read most plainly on matrices with the points along the last
axis. Stars of similar length share a block, so that little of it is padding, and a block
is small, so that it stays in the processor's cache and memory stays bounded whatever the
size of the sample.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from varstar.lightcurves.sample import LightCurves

#: Elements a block (a matrix of float64 of this size is 256 kB).
BLOCK_POINTS = 32_768


class Block(NamedTuple):
    """Light curves of similar length as matrices of shape (n_stars, width).

    Attributes
    ----------
    rows : ndarray of int, shape (n_stars,)
        Rows of the stars in the sample.
    n : ndarray of int, shape (n_stars,)
        Points of each star; columns from ``n`` on are padding.
    valid : ndarray of bool
        False in the padding.
    t, mag, err : ndarray
        Padding: 0, 0, 1.
    """

    rows: np.ndarray
    n: np.ndarray
    valid: np.ndarray
    t: np.ndarray
    mag: np.ndarray
    err: np.ndarray


def blocks(curves: LightCurves, use: np.ndarray, size: int = BLOCK_POINTS) -> Iterator[Block]:
    """The stars in the mask `use`, in blocks of similar length."""
    counts = curves.counts
    order = np.flatnonzero(use)
    order = order[np.argsort(-counts[order], kind="stable")]
    start = 0
    while start < len(order):
        width = int(counts[order[start]])
        stop = min(start + max(1, size // width), len(order))
        rows = order[start:stop]
        # no star shorter than 7/8 of the longest, so that the padding stays small
        long_enough = int(np.searchsorted(-counts[rows], -(width * 7 // 8), side="right"))
        rows = rows[: max(1, long_enough)]
        yield _block(curves, rows, width)
        start += len(rows)


def _block(curves: LightCurves, rows: np.ndarray, width: int) -> Block:
    n = curves.counts[rows]
    column = np.arange(width)
    valid = column < n[:, None]
    take = np.minimum(curves.offsets[rows][:, None] + column, len(curves.t) - 1)
    values = (
        np.where(valid, flat[take], padding)
        for flat, padding in ((curves.t, 0.0), (curves.mag, 0.0), (curves.err, 1.0))
    )
    return Block(rows, n, valid, *values)


def percentile(ordered: np.ndarray, n: np.ndarray, percent: float) -> np.ndarray:
    """Percentile of the first `n` values of each row of `ordered` (rising), linear between.

    The same definition as `numpy.percentile`'s default; NaN where `n` is zero.
    """
    place = (n - 1) * (percent / 100)
    low = np.clip(np.floor(place).astype(np.int64), 0, ordered.shape[1] - 1)
    high = np.clip(low + 1, 0, np.maximum(n - 1, 0))
    row = np.arange(len(n))
    below, above = ordered[row, low], ordered[row, high]
    with np.errstate(invalid="ignore"):
        value = below + (above - below) * (place - low)
    return np.where(n > 0, value, np.nan)
