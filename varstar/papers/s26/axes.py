"""What stands on the axes of S26's images: periods, epochs, depths, and the numbers beside."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from varstar.features.images import SCALES
from varstar.lightcurves.folding import epoch_of_maximum, usable_periods
from varstar.lightcurves.sample import LightCurves
from varstar.lightcurves.stars import star_values
from varstar.periods.harmonics import fit_series


def period_table(sample: Any, periods: Any, n: int, n_bands: int) -> np.ndarray:
    """Periods [d] of shape (n, 1), (n, bands) or (n, bands + 1); NaN where unusable."""
    if isinstance(periods, pd.DataFrame):
        if not isinstance(sample, LightCurves):
            periods = periods.reindex(sample.index)
        periods = periods.to_numpy(float, na_value=np.nan)
    if np.ndim(periods) < 2:
        if isinstance(sample, LightCurves):
            sample = pd.DataFrame(index=range(n))
        periods = star_values(sample, periods, "periods")[:, None]
    table = usable_periods(periods)
    if table.shape not in {(n, 1), (n, n_bands), (n, n_bands + 1)}:
        raise ValueError(
            f"periods: expected {n} rows with 1, {n_bands} (one a band) or {n_bands + 1} columns "
            f"(the last of all bands). Received: {table.shape}"
        )
    return table


def folding_periods(table: np.ndarray, n_bands: int) -> np.ndarray:
    """The period that folds each band's image, shape (n, bands)."""
    if table.shape[1] == 1:
        return np.repeat(table, n_bands, axis=1)
    own = table[:, :n_bands]
    # A star's stand-in: the last column, else the first period that it has.
    known = np.isfinite(table)
    first = np.take_along_axis(table, known.argmax(axis=1)[:, None], axis=1)[:, 0]
    last = table[:, -1] if table.shape[1] > n_bands else first
    stand_in = np.where(np.isfinite(last), last, first)
    return np.where(np.isfinite(own), own, stand_in[:, None])


def epochs_of(
    curves_of: Mapping[int, LightCurves],
    drawn: Mapping[int, np.ndarray],
    folding: np.ndarray,
    epochs: str | np.ndarray | float,
) -> np.ndarray:
    """Time [d] of phase 0 of each star and band."""
    if not isinstance(epochs, str):
        epochs = np.asarray(epochs, float)
        return np.broadcast_to(epochs[:, None] if epochs.ndim else epochs, folding.shape)
    if epochs not in ("max", "min"):
        raise ValueError(f"epochs: expected 'max', 'min' or times. Received: {epochs!r}")
    result = np.full(folding.shape, np.nan)
    reference = np.full(len(folding), np.nan)
    reference_period = np.full(len(folding), np.nan)
    for b, part in curves_of.items():
        here = drawn[b]
        period = folding[here, b]
        use = (reference_period[here] == period) & np.isfinite(reference[here])
        new = np.flatnonzero(~use)
        result[here[use], b] = reference[here[use]]
        if len(new):
            curves = part.stars(new)
            if epochs == "min":
                curves = curves._replace(mag=-curves.mag)
            result[here[new], b] = epoch_of_maximum(curves, period[new])
            first = here[new][np.isnan(reference[here[new]])]
            reference[first], reference_period[first] = result[first, b], folding[first, b]
    return result


def _quantiles(curves: LightCurves, *shares: float) -> list[np.ndarray]:
    """Nearest-rank quantiles of each star's magnitudes; every star has points."""
    ordered = curves.mag[np.lexsort((curves.mag, curves.star))]
    return [
        ordered[curves.offsets[:-1] + np.round(q * (curves.counts - 1)).astype(np.int64)]
        for q in shares
    ]


def shared_depths(
    curves_of: Mapping[int, LightCurves],
    drawn: Mapping[int, np.ndarray],
    n: int,
    scales: Sequence[str],
) -> dict[str, dict[int, np.ndarray]]:
    """For each scale and band, every point's share of the way down the star's common axis."""
    flat = {b: c for b, c in curves_of.items() if len(drawn[b])}
    if not flat:
        return {}
    mags = [c.mag - np.repeat(_quantiles(c, 0.5)[0], c.counts) for c in flat.values()]
    star = np.concatenate([np.repeat(drawn[b], c.counts) for b, c in flat.items()])
    order = np.argsort(star, kind="stable")
    counts = np.bincount(star, minlength=n)
    offsets = np.concatenate([[0], np.cumsum(counts[counts > 0])])
    together = np.concatenate(mags)[order]
    cuts = np.cumsum([len(m) for m in mags])[:-1]
    result = {}
    for scale in scales:
        depth = np.empty(len(order))
        depth[order] = SCALES[scale](together, offsets)
        result[scale] = dict(zip(flat, np.split(depth, cuts), strict=True))
    return result


def number_names(bands: Sequence[str]) -> list[str]:
    """What the columns of `Inputs.numbers` are: 4 x bands - 1 of them.

    Median magnitude; log10 of the range from the 2nd to the 98th percentile [mag], which
    noise widens; log10 of the semi-amplitude of a sine of the period [mag], which it does
    not; differences of the median magnitudes of neighbouring bands.
    """
    return [
        *(f"magnitude {b}" for b in bands),
        *(f"log10 range {b}" for b in bands),
        *(f"log10 amplitude {b}" for b in bands),
        *(f"{a} - {b}" for a, b in pairwise(bands)),
    ]


def numbers_of(
    curves_of: Mapping[int, LightCurves],
    drawn: Mapping[int, np.ndarray],
    mask: np.ndarray,
    folding: np.ndarray,
) -> np.ndarray:
    """The numbers of `number_names`; NaN for a band that is missing."""
    mag, spread, amplitude = (np.full(mask.shape, np.nan) for _ in range(3))
    for b, part in curves_of.items():
        if len(drawn[b]):
            bright, mag[drawn[b], b], faint = _quantiles(part, 0.02, 0.5, 0.98)
            spread[drawn[b], b] = np.log10(np.maximum(faint - bright, 1e-3))
            series, _, _ = fit_series(part, folding[drawn[b], b], 1)
            sine = np.hypot(series[:, 1], series[:, 2])
            amplitude[drawn[b], b] = np.log10(np.maximum(sine, 1e-3))
    colour = mag[:, :-1] - mag[:, 1:]
    return np.column_stack([mag, spread, amplitude, colour]).astype(np.float32)
