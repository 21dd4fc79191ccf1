"""Images of phase-folded light curves: what the networks of S20 and S26 look at.

S20, Sect. 2.1: magnitudes become fluxes with zero point 25, are divided by the star's
maximum flux, folded with the period, and drawn over two cycles (phase 0..2) as white
dots on black, 128 x 128 pixels, 8 bits. No clipping; errors are not used.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.folding import epoch_of_maximum, fold_curves
from varstar.lightcurves.sample import LightCurves, clean, light_curves, one_band
from varstar.lightcurves.stars import star_values
from varstar.periods.find import known_periods, period_status

#: Zero point of the fluxes [mag] (S20, Sect. 2.1).
ZERO_POINT = 25.0
#: Rows of stars drawn at a time: their images stay in the processor's cache.
_CHUNK = 64


def fold_images(
    sample: NestedFrame | LightCurves,
    size: int | tuple[int, int] = 128,
    *,
    periods: "pd.Series | np.ndarray | str | float | None" = None,
    epochs: "pd.Series | np.ndarray | str | float" = 0.0,
    bands: str | Sequence[str] | None = None,
    scale: str = "unit",
    dot: int = 1,
    bits: int = 8,
    return_status: bool = False,
) -> np.ndarray | tuple[np.ndarray, np.ndarray]:
    """Draw each star's folded light curve, as S20 does.

    Parameters
    ----------
    sample : NestedFrame or LightCurves
    size : int or (int, int)
        Pixels a side, or rows and columns.
    periods : Series by star_id, array of shape (n_stars,), column name or number, optional
        Period [d] of each star; the column ``period``, or searched, by default (see
        `varstar.lightcurves.sample`). For an eclipsing binary the orbital period.
    epochs : float, str, Series, ndarray
        Time [d] of phase 0; a column such as ``"t0"``; or ``"max"``, which puts the
        maximum of a two-term Fourier fit at phase 0.
    bands : str, optional
        Each star's main band by default.
    scale : {"unit", "star", "bulk", "bulk-2mag"}
        The vertical axis. "unit": relative flux 1..0 (S20's words; keeps the amplitude).
        "star": down to the star's own minimum (shape alone). "bulk": the star's own
        magnitudes, 2nd to 98th percentile; "bulk-2mag": 2 mag from the bright end.
        The last two do not shrink when there are outliers.
    dot : int
        Side of a dot in pixels.
    bits : {8, 1}
        8: uint8, 0 or 255. 1: bool.
    return_status : bool
        Also return for each star ``"ok"`` or why its image is black.

    Returns
    -------
    images : ndarray of uint8 or bool, shape (n_stars, rows, columns)
        Row 0 is the brightest, column 0 phase 0; the two cycles stand side by side.
        A star that cannot be drawn is black.
    status : ndarray of str, shape (n_stars,)
        Only with `return_status`.

    Raises
    ------
    ValueError
        Unknown scale, bits, band or column; a size or dot out of range.
    """
    shape = _check(size, scale, dot, bits)
    curves, status = clean(one_band(light_curves(sample), bands))
    period = known_periods(sample, periods, curves)
    status = period_status(status, period)
    if isinstance(epochs, str) and epochs == "max":
        epoch = epoch_of_maximum(curves, period)
    else:
        epoch = star_values(sample, epochs, "epochs")
        status = np.where((status == "ok") & ~np.isfinite(epoch), "no epoch", status)
    images = draw(
        curves.stars(status == "ok"),
        period[status == "ok"],
        epoch[status == "ok"],
        size=size,
        scale=scale,
        dot=dot,
        bits=bits,
    )
    if len(images) < len(status):
        all_images = np.zeros((len(status), *shape), images.dtype)
        all_images[status == "ok"] = images
        images = all_images
    return (images, status) if return_status else images


def draw(
    curves: LightCurves,
    period: np.ndarray,
    epoch: np.ndarray | float = 0.0,
    *,
    size: int | tuple[int, int] = 128,
    scale: str = "unit",
    dot: int = 1,
    bits: int = 8,
    cycles: int = 2,
    depth: np.ndarray | None = None,
) -> np.ndarray:
    """The fast way of `fold_images`, on clean arrays: every star has points and a period.

    `cycles` 1 spends all columns on one cycle (S20 draws two). `depth`, the share of the
    way down of every point, takes the place of `scale` where the axis is the caller's.

    Returns
    -------
    ndarray of uint8 or bool, shape (n_stars, rows, columns)
    """
    rows, columns = _check(size, scale, dot, bits)
    n = curves.n_stars
    images = np.zeros((n, rows * columns), bool if bits == 1 else np.uint8)
    white = True if bits == 1 else 255
    if depth is not None and len(depth) != len(curves.t):
        raise ValueError(f"depth: expected {len(curves.t)} values. Received: {len(depth)}")
    period = np.asarray(period, float)
    epoch = np.broadcast_to(np.asarray(epoch, float), (n,))
    reach = range(-(dot // 2), dot - dot // 2)
    for first in range(0, n, _CHUNK):
        last = min(first + _CHUNK, n)
        offsets = curves.offsets[first : last + 1]
        s = slice(offsets[0], offsets[-1])
        part = LightCurves(*(a[s] for a in curves[:4]), offsets - offsets[0], curves.bands)
        phase = fold_curves(part, period[first:last], epoch[first:last])
        down = SCALES[scale](part.mag, part.offsets) if depth is None else depth[s]
        row = np.clip((down * rows).astype(np.int64), 0, rows - 1)
        base = np.repeat(np.arange(last - first) * (rows * columns), part.counts)
        flat = images[first:last].reshape(-1)
        for cycle in range(cycles):
            column = ((phase + cycle) * (columns / cycles)).astype(np.int64)
            column = np.minimum(column, columns - 1)
            for dy in reach:
                line = base + np.clip(row + dy, 0, rows - 1) * columns
                for dx in reach:
                    flat[line + (column + dx) % columns] = white
    return images.reshape(n, rows, columns)


def _unit(mag: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """1 - F / F_max: S20's words, on an axis of relative flux from 1 down to 0."""
    # The same operations as in the reference, for the same bits at the borders of pixels.
    flux = 10.0 ** (-0.4 * (mag - ZERO_POINT))
    return 1.0 - flux / np.repeat(np.maximum.reduceat(flux, offsets[:-1]), np.diff(offsets))


def _star(mag: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """As `_unit`, the axis ending at the star's own minimum: shape without amplitude."""
    depth = _unit(mag, offsets)
    deepest = np.maximum.reduceat(depth, offsets[:-1])
    return depth / np.repeat(np.where(deepest > 0, deepest, 1.0), np.diff(offsets))


def _bulk(mag: np.ndarray, offsets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The 2nd and 98th percentile of each star's magnitudes (nearest rank)."""
    counts = np.diff(offsets)
    ordered = mag[np.lexsort((mag, np.repeat(np.arange(len(counts)), counts)))]
    beyond = (0.02 * counts).astype(np.int64)
    return ordered[offsets[:-1] + beyond], ordered[offsets[1:] - 1 - beyond]


def _bulk_star(mag: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Magnitudes between the percentiles, with margins of 15 %: a flare costs no detail."""
    low, high = _bulk(mag, offsets)
    width = np.maximum(high - low, 0.02)
    counts = np.diff(offsets)
    return (mag - np.repeat(low - 0.15 * width, counts)) / np.repeat(1.3 * width, counts)


def _bulk_2mag(mag: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """An axis of 2 mag from 0.1 mag above the bright percentile: amplitude, robustly."""
    low, _ = _bulk(mag, offsets)
    return (mag - np.repeat(low - 0.1, np.diff(offsets))) / 2.0


#: name -> vertical axis of the image: the share of the way down, 0 at the top, for each
#: magnitude, the stars being ``offsets``; what lies outside 0..1 is drawn on the border.
SCALES = {"unit": _unit, "star": _star, "bulk": _bulk_star, "bulk-2mag": _bulk_2mag}


def _check(size: int | tuple[int, int], scale: str, dot: int, bits: int) -> tuple[int, int]:
    """Rows and columns, after every option was found possible."""
    shape = (size, size) if np.ndim(size) == 0 else tuple(size)
    if len(shape) != 2 or not all(_whole(v, 2, 4096) for v in shape):
        raise ValueError(
            f"size: expected pixels a side, 2 to 4096, or (rows, columns). Received: {size!r}"
        )
    if scale not in SCALES:
        raise ValueError(f"scale: expected one of {sorted(SCALES)}. Received: {scale!r}")
    if not _whole(dot, 1, min(shape)):
        raise ValueError(
            f"dot: expected a whole number of pixels, 1 to {min(shape)}. Received: {dot!r}"
        )
    if bits not in (1, 8):
        raise ValueError(f"bits: expected 8 or 1. Received: {bits!r}")
    return int(shape[0]), int(shape[1])


def _whole(value: object, low: int, high: int) -> bool:
    """Whether `value` is a whole number (True is none) from `low` to `high`."""
    number = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return number and low <= value <= high
