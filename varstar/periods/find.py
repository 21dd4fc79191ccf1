"""Periods of many stars: `find_periods`."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame
from threadpoolctl import threadpool_limits

from varstar.lightcurves.folding import usable_periods
from varstar.lightcurves.sample import LightCurves, clean, light_curves, several_bands
from varstar.lightcurves.stars import star_index, star_values
from varstar.periods import multiband, multiples, refine, search
from varstar.periods.grid import MAXIMUM_FREQUENCY, OVERSAMPLING, Grid, frequency_grid
from varstar.periods.significance import (
    false_alarm_probability,
    is_alias_of,
    sampling_frequency,
)
from varstar.progress import tqdm

#: Peaks of the coarse periodogram that are computed exactly.
N_CANDIDATES = 24
#: Trial frequencies at the slow end that are always computed exactly: there the coarse
#: periodogram, which knows no floating mean, is not to be trusted.
N_SLOW = 8
#: Most harmonics that ``n_terms="bic"`` tries, and those of its second search.
MOST_TERMS, BIC_SEARCH = 8, 4
#: Fewest usable points: a sinusoid has four numbers (frequency, mean, two amplitudes), and with
#: one point to spare its false-alarm probability is defined. It is near 1 for so few points.
MIN_POINTS = 5

#: Columns of the table and their types.
COLUMNS = {
    "period": float, "power": float, "fap": float, "at_edge": bool, "cycles": float,
    "runner_up": float, "runner_up_power": float, "alias": bool, "alias_of": "str",
    "runner_up_alias_of": "str", "period_2p_preferred": bool, "gain_2p": float,
    "multiple": int, "n_terms": int, "n_points": int, "status": "str",
}  # fmt: skip


class Options(NamedTuple):
    """What decides a star's result besides its light curve."""

    minimum_frequency: float | None = None
    maximum_frequency: float = MAXIMUM_FREQUENCY
    oversampling: float = OVERSAMPLING
    n_terms: int | str = 1
    weighted: bool = True
    double: bool = True
    shared: bool = False


def find_periods(
    sample: NestedFrame | LightCurves,
    bands: str | Sequence[str] | None = None,
    *,
    minimum_frequency: float | None = None,
    maximum_frequency: float = MAXIMUM_FREQUENCY,
    oversampling: float = OVERSAMPLING,
    n_terms: int | str = 1,
    weighted: bool = True,
    double: bool = True,
    shared: bool = False,
    workers: int = 1,
) -> pd.DataFrame:
    """The best period of every star, with what else deserves to be known about it.

    A coarse search on an explicit grid (`varstar.periods.grid`) with a non-uniform FFT
    nominates candidates; their floating-mean Lomb-Scargle powers (or, with `n_terms` > 1,
    the powers of a harmonic series) are computed exactly and their frequencies refined.

    Parameters
    ----------
    sample : NestedFrame or LightCurves
    bands : str or sequence of str, optional
        Only measurements in these bands; all by default. A star with points in several
        is searched in all of them together (`varstar.periods.multiband`).
    minimum_frequency : float, optional
        [1/d]; one cycle in the light curve's span by default.
    maximum_frequency : float
        [1/d].
    oversampling : float
        Grid steps in a peak's width ``1 / span``.
    n_terms : int or "bic"
        Harmonics of the fitted series. ``"bic"``: as many as the Bayesian information
        criterion grants, up to `MOST_TERMS`, and the period for which it is lowest; finds
        narrow eclipses, takes about seven times as long; one band per star only.
    weighted : bool
        Weights 1/err^2; equal weights otherwise.
    double : bool
        Whether to look for evidence of twice the period, or more
        (`varstar.periods.multiples`).
    shared : bool
        With several bands: one series for all, each band with its own mean, instead of
        a series for each.
    workers : int
        Threads.
        A long search is kept by `varstar.compendium.cache.cached`, some thousand stars
        at a time: ``cached("periods", find_periods, sample[i : i + 5000])``.

    Returns
    -------
    DataFrame
        Index ``star_id``:

        - ``period`` [d], ``power`` in [0, 1] (of the series fitted);
        - ``fap``, Baluev's false-alarm probability of the one-harmonic power;
        - ``at_edge``: whether the peak lies at an end of the grid, so that the star may vary
          outside of it; ``cycles``: how often the period fits into the light curve's span
          (below two it is hardly a period);
        - ``runner_up`` [d], ``runner_up_power``: the next distinct peak;
        - ``alias``: whether the period coincides with a rhythm of the sampling; ``alias_of``
          names it (day, sidereal day, month, sidereal month, year);
        - ``runner_up_alias_of``: the rhythm by which the frequency differs from that of a
          runner-up of more than half the power: either may be the alias of the other;
        - ``period_2p_preferred``, ``gain_2p``: whether successive cycles differ so that
          2 x ``period`` is the better period, as for eclipsing binaries, and by how much
          in BIC;
        - ``multiple``: how often the strongest peak's period is taken: above 1 for narrow
          eclipses (`varstar.periods.multiples`); power, fap and edge are the peak's;
        - ``n_terms``: harmonics of the series;
        - ``n_points``, ``status``: ``"ok"``, or why there is no period.

    Raises
    ------
    ValueError
        An unknown band, or options out of range.
    """
    options = Options(
        minimum_frequency, maximum_frequency, oversampling, n_terms, weighted, double, shared
    )
    check_options(options)
    index = star_index(sample)
    curves, status = clean(light_curves(sample, bands), min_points=MIN_POINTS)
    several = several_bands(curves)
    if n_terms == "bic" and several.any():
        raise ValueError("n_terms='bic' is for one band per star; choose one with bands=...")
    star_row = partial(_star_row, options=options, several=several)
    rows = _rows(star_row, curves, status, workers)
    return pd.DataFrame(rows, columns=list(COLUMNS), index=index).astype(COLUMNS)


def known_periods(
    sample: NestedFrame | LightCurves,
    periods: "pd.Series | np.ndarray | str | float | None",
    curves: LightCurves,
    **options,
) -> np.ndarray:
    """The period of every star [d], searched where the caller leaves it to us.

    Parameters
    ----------
    sample : NestedFrame or LightCurves
    periods : Series by star, array, column, number or None
        None: the column ``period`` of the sample where it has one; a star without a
        period there, or every star where there is no such column, is searched. Given
        periods are taken as they are; NaN means that there is none.
    curves : LightCurves
        Of the same stars: what is searched.
    **options
        For `find_periods`.

    Returns
    -------
    ndarray, shape (n_stars,)
        NaN where there is none.
    """
    if periods is not None:
        return star_values(sample, periods, "periods")
    has_column = not isinstance(sample, LightCurves) and "period" in sample.columns
    period = star_values(sample, "period" if has_column else None, "periods")
    missing = np.flatnonzero(np.isnan(usable_periods(period)))
    if len(missing):
        found = find_periods(curves.stars(missing), **({"double": False} | options))
        period[missing] = found["period"].to_numpy()
    return period


def period_status(status: np.ndarray, periods: np.ndarray) -> np.ndarray:
    """`status` with the stars whose period is missing or not positive marked as such."""
    bad = np.isnan(usable_periods(periods)) & (status == "ok")
    return np.where(bad, "no period", status).astype(object)


def check_options(options: Options) -> None:
    """Reject options that make no sense."""
    low, high, oversampling, n_terms, *_ = options
    if not (np.isfinite(high) and high > 0) or (low is not None and not 0 < low < high):
        raise ValueError(
            f"expected 0 < minimum_frequency < maximum_frequency [1/d]. Received: {low}, {high}"
        )
    if not oversampling >= 1:
        raise ValueError(f"oversampling: expected at least 1. Received: {oversampling}")
    if n_terms != "bic" and (isinstance(n_terms, str) or n_terms < 1 or n_terms % 1):
        raise ValueError(
            f"n_terms: expected a whole number from 1, or 'bic'. Received: {n_terms!r}"
        )


def _rows(
    star_row: Callable[..., dict], curves: LightCurves, status: np.ndarray, workers: int
) -> list[dict]:
    """`star_row` of every star, in threads."""
    work = partial(_guarded, star_row, curves, status)
    stars = range(curves.n_stars)
    # The matrices of one star are small: BLAS's own threads would only wait for each other.
    one_thread = threadpool_limits(1, user_api="blas")
    with one_thread, ThreadPoolExecutor(max(1, workers)) as pool:
        rows = map(work, stars) if workers <= 1 else pool.map(work, stars)
        bar = tqdm(
            rows, total=curves.n_stars, desc="periods", unit="star", disable=None, leave=False
        )
        return list(bar)


def _guarded(star_row: Callable, curves: LightCurves, status: np.ndarray, i: int) -> dict:
    if status[i] != "ok":
        return no_period(int(curves.counts[i]), str(status[i]))
    return star_row(curves, i)


def no_period(n_points: int, status: str) -> dict:
    """The row of a star without a period."""
    empty = {float: np.nan, bool: False, int: 0, "str": ""}
    row = {name: empty[kind] for name, kind in COLUMNS.items()}
    return row | {"n_points": n_points, "status": status}


def normalised(
    t: np.ndarray, mag: np.ndarray, err: np.ndarray, weighted: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Times from the middle, magnitudes from their weighted mean, weights of sum one."""
    weight = 1.0 / err**2 if weighted else np.ones_like(mag)
    weight = weight / weight.sum()
    mag = mag - weight @ mag
    # again: what rounding left of the mean is not small beside a variation of 1e-9 mag
    return t - (t[0] + t[-1]) / 2, mag - weight @ mag, weight


class Found(NamedTuple):
    """A star's light curve, all bands as one, and its best frequencies."""

    t: np.ndarray
    mag: np.ndarray
    weight: np.ndarray
    frequency: np.ndarray
    power: np.ndarray
    n_terms: int


def _star_row(curves: LightCurves, i: int, options: Options, several: np.ndarray) -> dict:
    t, mag, err = curves.one(i)
    grid = frequency_grid(t[-1] - t[0], *options[:3])
    if several[i]:
        band = curves.band[curves.offsets[i] : curves.offsets[i + 1]]
        found = _search_bands(
            multiband.band_parts(t, mag, err, band, options.weighted), grid, options
        )
    else:
        found = _search(*normalised(t, mag, err, options.weighted), grid, options)
    if not found.weight @ found.mag**2 > 0:
        within = "bands" if several[i] else "weights"
        return no_period(len(t), f"no variation within the {within}")
    if not len(found.power) or not found.power[0] > 0:
        return no_period(len(t), "no significant frequency")
    return describe(found, grid, options, bool(several[i]))


def _search(
    t: np.ndarray, mag: np.ndarray, weight: np.ndarray, grid: Grid, options: Options
) -> Found:
    """Best frequencies of one band."""
    n_terms = options.n_terms
    if not weight @ (mag * mag) > 0:
        return Found(t, mag, weight, np.empty(0), np.empty(0), 0)
    if n_terms != "bic":
        return Found(t, mag, weight, *best_frequencies(t, mag, weight, grid, n_terms), n_terms)
    trial = [best_frequencies(t, mag, weight, grid, k)[0] for k in (1, BIC_SEARCH)]
    frequency, power, terms, _ = refine.terms_by_bic(
        t, mag, weight, np.concatenate(trial), grid.step, MOST_TERMS
    )
    distinct = refine.distinct(frequency, 2.5 * grid.step)
    return Found(t, mag, weight, frequency[distinct], power[distinct], int(terms[0]))


def _search_bands(parts: list[multiband.BandPart], grid: Grid, options: Options) -> Found:
    """Best frequencies of several bands together."""
    frequency, power = np.empty(0), np.empty(0)
    if sum(p.weight @ p.mag**2 for p in parts) > 0:
        frequency, power = multiband.best_frequencies(
            parts, grid, options.n_terms, options.shared, N_CANDIDATES, N_SLOW
        )
    # what follows looks at all bands as one light curve, their means taken out
    t = np.concatenate([np.empty(0), *(p.t for p in parts)])
    mag = np.concatenate([np.empty(0), *(p.mag for p in parts)])
    weight = np.concatenate([np.empty(0), *(p.share * p.weight for p in parts)])
    order = np.argsort(t, kind="stable")
    return Found(t[order], mag[order], weight[order], frequency, power, options.n_terms)


def describe(found: Found, grid: Grid, options: Options, several: bool = False) -> dict:
    """A star's row from its best frequencies."""
    t, mag, weight, frequency, power, n_terms = found
    span = t[-1] - t[0]
    best = float(frequency[0])
    one_term = power[0]
    if n_terms > 1 or several:
        one_term = refine.exact_power(t, mag, weight, frequency[:1])[0]
    second, second_power, difference = np.nan, np.nan, ""
    if len(frequency) > 1 and power[1] > 0:
        second, second_power = 1.0 / float(frequency[1]), float(power[1])
        if power[1] > 0.5 * power[0]:
            difference = is_alias_of(best, float(frequency[1]), span)
    multiple, gain = 1, np.nan
    if options.double:
        multiple, gain = multiples.best_multiple(t, mag, weight, best, grid.step)
    alias = sampling_frequency(best / multiple, span)
    return {
        "period": multiple / best,
        "power": float(power[0]),
        "fap": false_alarm_probability(float(one_term), t, options.maximum_frequency, weight),
        "at_edge": bool(
            best < (grid.k_first + 1) * grid.step or best > (grid.k_last - 1) * grid.step
        ),
        "cycles": span * best / multiple,
        "runner_up": second,
        "runner_up_power": second_power,
        "alias": bool(alias),
        "alias_of": alias,
        "runner_up_alias_of": difference,
        "period_2p_preferred": bool(gain > multiples.MARGIN),
        "gain_2p": float(gain),
        "multiple": multiple,
        "n_terms": n_terms,
        "n_points": len(t),
        "status": "ok",
    }


def best_frequencies(
    t: np.ndarray, mag: np.ndarray, weight: np.ndarray, grid: Grid, n_terms: int
) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and powers of the highest distinct peaks, the highest first."""
    coarse = search.periodogram(t, weight * mag, grid)
    peaks = search.highest_peaks(coarse, N_CANDIDATES)
    if n_terms > 1:
        summed = search.harmonic_sum(coarse, grid, n_terms)
        peaks = np.union1d(peaks, search.highest_peaks(summed, N_CANDIDATES))
    peaks = np.union1d(peaks, np.arange(min(N_SLOW, grid.n)))
    frequency = (grid.k_first + peaks) * grid.step
    low, high = grid.k_first * grid.step, grid.k_last * grid.step

    def power_at(trial: np.ndarray, offsets: np.ndarray) -> np.ndarray:
        return refine.fan_power(t, trial, offsets, mag, weight, n_terms)

    frequency, power = refine.climb(power_at, frequency, grid.step, n_terms)
    inside = (frequency > low - grid.step) & (frequency < high + grid.step)
    return frequency[inside], power[inside]
