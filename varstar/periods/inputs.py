"""What callers hand in: a sample or flat arrays, one band, periods by star."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.sample import LightCurves, light_curves, select_bands
from varstar.lightcurves.sample import one_band as sample_one_band


def one_band(sample: NestedFrame | LightCurves, bands: str | None) -> tuple[LightCurves, pd.Index]:
    """Single-band light curves of a sample (see `one_band`), and its stars."""
    curves, index = some_bands(sample, None)
    return sample_one_band(curves, bands), index


def some_bands(
    sample: NestedFrame | LightCurves, bands: str | Sequence[str] | None
) -> tuple[LightCurves, pd.Index]:
    """Light curves of a sample in the bands asked for, and the index of its stars."""
    if isinstance(sample, LightCurves):
        curves, index = sample, pd.RangeIndex(sample.n_stars, name="star_id")
    else:
        curves, index = light_curves(sample), sample.index
    if bands is not None:
        curves = select_bands(curves, bands)
    return curves, index


def stars_with_several_bands(curves: LightCurves) -> np.ndarray:
    """Mask of the stars that have points in more than one band."""
    lowest = np.full(curves.n_stars, 127)
    highest = np.full(curves.n_stars, -1)
    some = np.flatnonzero(curves.counts)
    if len(some):
        lowest[some] = np.minimum.reduceat(curves.band, curves.offsets[some])
        highest[some] = np.maximum.reduceat(curves.band, curves.offsets[some])
    return highest > lowest


def star_periods(
    sample: NestedFrame | LightCurves, periods: pd.Series | np.ndarray | None, index: pd.Index
) -> np.ndarray:
    """Periods [d] in the order of the sample; NaN where a star has none."""
    if periods is None:
        if isinstance(sample, LightCurves) or "period" not in sample.columns:
            raise ValueError("expected periods=..., or a sample with the column 'period'")
        periods = sample["period"]
    if isinstance(periods, pd.Series):
        values = pd.to_numeric(periods, errors="coerce")
        if not values.index.is_unique:
            raise ValueError("periods: expected one period a star. Received a star_id twice")
        return values.reindex(index).to_numpy(float, na_value=np.nan)
    values = np.asarray(periods, float)
    if values.shape != (len(index),):
        raise ValueError(
            f"periods: expected one per star ({len(index)}). Received shape {values.shape}"
        )
    return values


def period_status(status: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """`status` with the stars whose period is missing or not positive marked as such."""
    status = status.copy()
    bad = ~(np.isfinite(periods) & (periods > 0)) & (status == "ok")
    status[bad] = "no period"
    return status
