"""catch22 (Lubba et al. 2019) of many light curves: `catch22_features`.

catch22 was chosen for series sampled at equal steps; light curves are not. What stands in
for the series is therefore a choice, `SERIES`, and a parameter.
"""

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.folding import epoch_of_maximum, fold_curves
from varstar.lightcurves.sample import LightCurves, clean, light_curves, one_band
from varstar.lightcurves.stars import star_index
from varstar.optional import need
from varstar.periods.find import known_periods, period_status
from varstar.progress import tqdm

#: What catch22 is computed on.
SERIES = {
    "raw": "the magnitudes in order of time, as if equally spaced (Santomena & Mufti)",
    "resampled": "linear interpolation at equal steps of time",
    "folded": "the magnitudes in order of phase, from maximum light on, as if equally spaced",
    "profile": "means in equal bins of phase, gaps interpolated across the cycle's end",
}
#: Fewest points; shorter series leave catch22 almost nothing to measure.
MIN_POINTS = 10


def names(catch24: bool = False) -> list[str]:
    """Short names of the features, in catch22's order (catch24: mean and std follow)."""
    pycatch22 = need("pycatch22", what="catch22")

    return [row["short_name"] for row in pycatch22.feature_table(catch24=catch24)]


def catch22_features(
    sample: NestedFrame | LightCurves,
    *,
    series: str = "raw",
    periods: "pd.Series | np.ndarray | str | float | None" = None,
    n_steps: int = 200,
    catch24: bool = False,
    bands: str | None = None,
    chunk: int = 500,
) -> pd.DataFrame:
    """The 22 canonical time-series characteristics of every star.

    Parameters
    ----------
    sample : NestedFrame or LightCurves
    series : str
        What stands for the light curve, see `SERIES`. catch22 looks at z-scored series
        (ddof 1), so none of the 22 knows the amplitude, and with ``"raw"`` none knows
        how long the steps of time are.
    periods : Series by star_id, array of shape (n_stars,), column name or number, optional
        Periods [d] for ``"folded"`` and ``"profile"``; the column ``period``, or searched,
        by default (see `varstar.lightcurves.sample`).
    n_steps : int
        Length of ``"resampled"`` and ``"profile"``.
    catch24 : bool
        Also ``mean`` and ``std`` (ddof 1) [mag].
    bands : str, optional
        Each star's main band by default.
    chunk : int
        Stars a chunk.

    Returns
    -------
    DataFrame
        Index ``star_id``; catch22's short names (see `names`), and ``status``: ``"ok"``
        or why the row is NaN. A feature that a series does not define (for instance a
        fluctuation analysis of a dozen points) is NaN.

    Raises
    ------
    ValueError
        Unknown `series`, band or column, or fewer than 10 steps.

    References
    ----------
    Lubba et al. 2019, Data Min. Knowl. Disc. 33, 1821; code of pycatch22 (GPL-3).
    """
    if series not in SERIES:
        raise ValueError(f"series: expected one of {list(SERIES)}. Received: {series!r}")
    if n_steps < MIN_POINTS:
        raise ValueError(f"n_steps: expected at least {MIN_POINTS}. Received: {n_steps!r}")
    index = star_index(sample)
    curves, status = clean(one_band(light_curves(sample), bands), min_points=MIN_POINTS)
    period = np.full(curves.n_stars, np.nan)
    if series in ("folded", "profile"):
        period = known_periods(sample, periods, curves)
        status = period_status(status, period)
    columns = names(catch24)
    parts = []
    bar = tqdm(total=curves.n_stars, desc="catch22", unit="star", disable=None, leave=False)
    with bar:
        for start in range(0, curves.n_stars, chunk):
            rows = np.arange(start, min(start + chunk, curves.n_stars))
            part = curves.stars(rows)
            flat, offsets = as_series(part, series, period[rows], n_steps)
            parts.append(_compute(flat, offsets, status[rows] == "ok", len(columns)))
            bar.update(len(rows))
    values = np.concatenate(parts) if parts else np.empty((0, len(columns)))
    return pd.DataFrame(values, index=index, columns=columns).assign(
        status=pd.array(status, dtype="str")
    )


def as_series(
    curves: LightCurves, series: str, periods: np.ndarray, n_steps: int = 200
) -> tuple[np.ndarray, np.ndarray]:
    """The series that stand for light curves, end to end.

    Parameters
    ----------
    curves : LightCurves
        Clean (see `varstar.lightcurves.sample.clean`).
    series : str
        See `SERIES`.
    periods : ndarray, shape (n_stars,)
        [d]; only the folded series need them.
    n_steps : int

    Returns
    -------
    values : ndarray
    offsets : ndarray of int, shape (n_stars + 1,)
        Series i is ``values[offsets[i]:offsets[i + 1]]``; of a star without points or
        period it may be empty or NaN.
    """
    if series == "raw":
        return curves.mag, curves.offsets
    if series == "folded":
        phase = fold_curves(curves, periods, epoch_of_maximum(curves, periods))
        return curves.mag[np.lexsort((phase, curves.star))], curves.offsets
    out = np.full((curves.n_stars, n_steps), np.nan)
    some = np.flatnonzero(curves.counts > 0)
    if series == "resampled":
        for i in some:
            t, mag, _ = curves.one(i)
            out[i] = np.interp(np.linspace(t[0], t[-1], n_steps), t, mag)
    else:
        profile = _profiles(curves, periods, n_steps)
        centre = (np.arange(n_steps) + 0.5) / n_steps
        for i in some:
            full = np.isfinite(profile[i])
            if full.any():
                out[i] = np.interp(centre, centre[full], profile[i][full], period=1.0)
    return out.ravel(), np.arange(curves.n_stars + 1) * n_steps


def _profiles(curves: LightCurves, periods: np.ndarray, n_bins: int) -> np.ndarray:
    """Mean magnitude in bins of phase from maximum light on; NaN where a bin is empty."""
    phase = fold_curves(curves, periods, epoch_of_maximum(curves, periods))
    used = np.isfinite(phase)
    cell = (curves.star * n_bins)[used] + np.minimum((phase[used] * n_bins).astype(int), n_bins - 1)
    size = curves.n_stars * n_bins
    count = np.bincount(cell, minlength=size)
    total = np.bincount(cell, curves.mag[used], minlength=size)
    mean = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return mean.reshape(curves.n_stars, n_bins)


def _compute(flat: np.ndarray, offsets: np.ndarray, usable: np.ndarray, n: int) -> np.ndarray:
    pycatch22 = need("pycatch22", what="catch22")

    out = np.full((len(offsets) - 1, n), np.nan)
    for i in np.flatnonzero(usable):
        x = flat[offsets[i] : offsets[i + 1]]
        if np.isfinite(x).all() and len(x) and np.ptp(x) > 0:
            found = pycatch22.catch22_all(x.tolist(), catch24=n == 24, mask_nans=False)
            out[i] = found["values"]
    return out
