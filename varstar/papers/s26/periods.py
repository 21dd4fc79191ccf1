"""S26: periods from the first years of a survey, and how often they are right.

Szklenár et al. (2026, A&A 706, A346), Sect. 3.2 and 3.3. From one band the period comes
from a multi-harmonic fit (`multi_harmonic_fit`, after seismolab's ``MultiHarmonicFitter``,
Bódi 2024 JOSS 9, 7118), from several bands from a multi-band Lomb-Scargle periodogram
(`multi_band_periods`, astropy's ``LombScargleMultiband``), each within the first 1, 2, 3
and 5 years and from at least 20 points. A period from one band is right within 15 % of the
catalogue's, one from several bands within 5 %, for eclipsing binaries also of P/2 and 2P.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.sample import LightCurves, clean, light_curves, nest, select_bands
from varstar.periods import OUTCOMES, find_periods, period_success, refine, search
from varstar.periods.grid import Grid
from varstar.periods.harmonics import fit_series

#: Lengths of the light curves [yr], Sect. 3.2; ten years are LSST's plan.
WINDOWS = (1, 2, 3, 5)
YEAR = 365.25
#: Fewest points of a light curve that is searched, Sect. 3.2.
MIN_POINTS = 20
#: ``samples_per_peak`` and ``maximum_frequency`` [1/d] of the multi-band search, Sect. 3.3.
SAMPLES_PER_PEAK, MAXIMUM_FREQUENCY = 20, 25.0
#: Most harmonics and the height [standard deviations] that each must have, as seismolab's.
MAX_HARMONICS, THRESHOLD = 3, 3.0

#: What counts as right: largest relative difference, and for which classes which multiples
#: of the period count too. Sect. 3.2 and 3.3.
RULES: dict[str, dict] = {
    "one band": {"tolerance": 0.15, "multiples": {}},
    # EB: what EROS-2 calls them
    "several bands": {"tolerance": 0.05, "multiples": {"ECL": (0.5, 2.0), "EB": (0.5, 2.0)}},
}


def first_years(
    sample: NestedFrame, years: float, *, start: float | None = None, year: float = YEAR
) -> NestedFrame:
    """The same stars, their light curves cut to the first `years`.

    Parameters
    ----------
    sample : NestedFrame
    years : float
    start : float, optional
        When the survey begins, on the sample's time scale [d]. By default each star's
        years count from its own first measurement, in whichever band.
    year : float
        Days a year.

    Returns
    -------
    NestedFrame
        Every star stays, perhaps with an empty light curve; other columns as they are.

    Raises
    ------
    ValueError
        When `years` is not a positive number.
    """
    if not (np.isfinite(years) and years > 0):
        raise ValueError(f"years: expected a positive number. Received: {years!r}")
    curves = light_curves(sample)
    finite = np.isfinite(curves.t)
    if start is None:
        first = np.full(curves.n_stars, np.inf)
        np.minimum.at(first, curves.star[finite], curves.t[finite])
    else:
        first = np.full(curves.n_stars, float(start))
    since = curves.t - first[curves.star]
    keep = finite & (since >= 0) & (since < years * year)
    stars = pd.DataFrame(sample.drop(columns="lc"))
    return nest(curves.where(keep), stars)


class HarmonicFit(NamedTuple):
    """A fitted series ``zero_point + sum_k amplitude[k] cos(2 pi (k + 1) f t + phase[k])``."""

    frequency: float
    amplitudes: np.ndarray
    phases: np.ndarray
    zero_point: float

    @property
    def n_harmonics(self) -> int:
        return len(self.amplitudes)


def multi_harmonic_fit(
    t: np.ndarray,
    mag: np.ndarray,
    err: np.ndarray,
    frequency: float,
    *,
    max_harmonics: int = MAX_HARMONICS,
    threshold: float = THRESHOLD,
    maximum_frequency: float = MAXIMUM_FREQUENCY,
) -> HarmonicFit:
    """Harmonics of one light curve by successive prewhitening, then all fitted together.

    As seismolab's ``MultiHarmonicFitter.fit_harmonics`` does from a first frequency on:
    the frequency is fitted with one sine; the (k+1)-th harmonic is added as long as the
    amplitude spectrum of what remains has, within 1/T of (k+1) f, a peak higher than the
    mean plus `threshold` standard deviations of the spectrum around (0.5/d, or 10/T where
    that is more, to either side); at the end the frequency, amplitudes and phases are
    fitted at once, weighted with 1/err^2.

    Parameters
    ----------
    t, mag, err : ndarray, shape (n_points,)
        One clean light curve in one band, sorted by time.
    frequency : float
        Where to begin [1/d]; `multi_harmonic_periods` takes the highest peak.
    max_harmonics : int
        The fundamental included.
    threshold : float
    maximum_frequency : float
        No harmonic beyond this [1/d].

    Returns
    -------
    HarmonicFit
        Phases [rad] in [0, 2 pi) of the cosines, at t = 0.
    """
    if max_harmonics < 1:
        raise ValueError(f"max_harmonics: expected at least 1. Received: {max_harmonics!r}")
    span = float(t[-1] - t[0])
    middle = (t[0] + t[-1]) / 2
    weight = 1.0 / err**2
    weight = weight / weight.sum()
    mean = float(weight @ mag)
    x, y = t - middle, mag - mean
    frequency = _top(x, y, weight, frequency, 1, 0.5 / span)
    n = 1
    most = min(max_harmonics, (len(t) - 2) // 2, int(maximum_frequency / frequency))
    while n < most:
        residual = _residual(x, y, weight, frequency, n)
        if not _stands_out(x, residual, (n + 1) * frequency, span, threshold):
            break
        n += 1
    frequency = _top(x, y, weight, frequency, n, 0.25 / span)
    curves = LightCurves(t, mag, err, np.zeros(len(t), np.int8), np.array([0, len(t)]), ("?",))
    row = fit_series(curves, np.array([1 / frequency]), n)[0][0]
    b, c = row[1 : n + 1], row[n + 1 :]
    return HarmonicFit(
        float(frequency), np.hypot(b, c), np.arctan2(-c, b) % (2 * np.pi), float(row[0])
    )


def _top(
    t: np.ndarray, mag: np.ndarray, weight: np.ndarray, frequency: float, n: int, reach: float
) -> float:
    """The frequency of highest power within `reach`, by four rounds of ever finer steps."""
    for _ in range(4):
        offsets = reach * np.linspace(-1, 1, 21)
        offsets = offsets[frequency + offsets > 0]
        power = refine.power_of(refine.fan(t, np.array([frequency]), offsets), mag, weight, n)
        frequency = frequency + offsets[int(power.argmax())]
        reach /= 10
    return float(frequency)


def _residual(
    t: np.ndarray, mag: np.ndarray, weight: np.ndarray, frequency: float, n: int
) -> np.ndarray:
    angle = 2 * np.pi * frequency * t[:, None] * np.arange(1, n + 1)
    design = np.hstack([np.ones((len(t), 1)), np.cos(angle), np.sin(angle)])
    root = np.sqrt(weight)
    solution = np.linalg.lstsq(design * root[:, None], mag * root, rcond=None)[0]
    return mag - design @ solution


def _stands_out(
    t: np.ndarray, residual: np.ndarray, frequency: float, span: float, threshold: float
) -> bool:
    """Whether the residual's amplitude spectrum has a peak at `frequency`."""
    step = 0.1 / span
    half = max(0.5, 10 / span)
    low = max(1, round((frequency - half) / step))
    grid = Grid(step, low, max(low + 1, round((frequency + half) / step)))
    amplitude = np.sqrt(search.periodogram(t, residual - residual.mean(), grid))
    f = (grid.k_first + np.arange(grid.n)) * grid.step
    near = np.abs(f - frequency) < 1 / span
    return bool(amplitude[near].max() > amplitude.mean() + threshold * amplitude.std())


def multi_harmonic_periods(
    sample: NestedFrame,
    band: str,
    *,
    min_points: int = MIN_POINTS,
    minimum_frequency: float | None = None,
    maximum_frequency: float = MAXIMUM_FREQUENCY,
    max_harmonics: int = MAX_HARMONICS,
    oversampling: float = 10.0,
) -> pd.DataFrame:
    """Periods from one band by a multi-harmonic fit (S26 Sect. 3.2).

    The highest peak of the Lomb-Scargle periodogram (equal weights, ten steps a peak, as
    seismolab's) and then `multi_harmonic_fit`.

    Parameters
    ----------
    sample : NestedFrame
    band : str
    min_points : int
        Fewer usable points in the band than this: no period.
    minimum_frequency, maximum_frequency, oversampling : float
        As for `varstar.find_periods`. The paper does not give its limits; by default one
        cycle in the light curve and the multi-band search's 25 a day.
    max_harmonics : int

    Returns
    -------
    DataFrame
        Index ``star_id``: ``period`` [d], ``n_harmonics``, ``n_points``, ``status``.
    """
    curves = select_bands(light_curves(sample), band)
    curves, status = clean(curves, min_points=min_points)
    good = np.flatnonzero(status == "ok")
    options = dict(
        minimum_frequency=minimum_frequency,
        maximum_frequency=maximum_frequency,
        oversampling=oversampling,
        weighted=False,
        double=False,
    )
    found = find_periods(curves.stars(good), **options)
    period, harmonics = np.full(curves.n_stars, np.nan), np.zeros(curves.n_stars, int)
    for i, first in zip(good, found["period"], strict=True):
        if np.isfinite(first):
            fit = multi_harmonic_fit(
                *curves.one(i),
                1 / first,
                max_harmonics=max_harmonics,
                maximum_frequency=maximum_frequency,
            )
            period[i], harmonics[i] = 1 / fit.frequency, fit.n_harmonics
    status[good] = found["status"].to_numpy(object)
    return _periods(period, harmonics, curves.counts, status, sample.index)


def multi_band_periods(
    sample: NestedFrame,
    bands: Sequence[str] | None = None,
    *,
    min_points: int = MIN_POINTS,
    samples_per_peak: float = SAMPLES_PER_PEAK,
    minimum_frequency: float | None = None,
    maximum_frequency: float = MAXIMUM_FREQUENCY,
    workers: int = 1,
) -> pd.DataFrame:
    """Periods from several bands by multi-band Lomb-Scargle (S26 Sect. 3.3).

    What astropy's ``LombScargleMultiband`` finds on the same grid, which with its default
    regularisation of 1e-6 is the multi-phase model of `varstar.periods.multiband`; here the
    grid is searched with non-uniform FFTs and only the best peaks are computed exactly.

    Parameters
    ----------
    sample : NestedFrame
    bands : sequence of str, optional
        All by default.
    min_points : int
        Fewer usable points in all bands together than this: no period.
    samples_per_peak, minimum_frequency, maximum_frequency : float
        The grid. The lowest frequency is by default that of one cycle in the light curve;
        astropy's own begins at a half of a grid step, from which no period follows.
    workers : int
        Threads.

    Returns
    -------
    DataFrame
        As from `multi_harmonic_periods`.
    """
    curves = light_curves(sample)
    if bands is not None:
        curves = select_bands(curves, list(bands))
    curves, status = clean(curves, min_points=min_points)
    good = np.flatnonzero(status == "ok")
    found = find_periods(
        curves.stars(good),
        minimum_frequency=minimum_frequency,
        maximum_frequency=maximum_frequency,
        oversampling=samples_per_peak,
        double=False,
        workers=workers,
    )
    period, harmonics = np.full(curves.n_stars, np.nan), np.zeros(curves.n_stars, int)
    period[good], harmonics[good] = found["period"], found["n_terms"]
    status[good] = found["status"].to_numpy(object)
    return _periods(period, harmonics, curves.counts, status, sample.index)


def _periods(
    period: np.ndarray, terms: np.ndarray, counts: np.ndarray, status: np.ndarray, index: pd.Index
) -> pd.DataFrame:
    columns = {"period": period, "n_harmonics": terms, "n_points": counts, "status": status}
    return pd.DataFrame(columns, index=index)


def search_again(
    sample: NestedFrame, band: str, periods: pd.DataFrame, true: pd.Series, *, factor: float = 1.5
) -> pd.DataFrame:
    """Wrong periods from one band, searched again about the catalogue's: S26's second step.

    Sect. 3.2: where the period was more than 15 % off, "the frequency calculation
    boundaries were fine-tuned based on the ground-truth data". It makes the success of a
    search that knows the answer; a survey of unknown stars cannot do so.

    Parameters
    ----------
    periods : DataFrame
        From `multi_harmonic_periods` of the same sample and band.
    true : Series
        The catalogue's periods by star [d].
    factor : float
        The new boundaries: true frequency over and times this; less than 2, or half the
        period stays. The paper does not give its own.
    """
    periods = periods.copy()
    right = is_right(periods["period"], true, **RULES["one band"])
    truth = true.reindex(periods.index).to_numpy(float)
    wrong = (periods["status"] == "ok").to_numpy() & ~right.to_numpy() & (truth > 0)
    curves, _ = clean(select_bands(light_curves(sample), band))
    columns = [periods.columns.get_loc(c) for c in ("period", "n_harmonics")]
    for i in np.flatnonzero(wrong):
        one, f = curves.stars([i]), 1 / truth[i]
        limits = {"minimum_frequency": f / factor, "maximum_frequency": f * factor}
        first = find_periods(one, oversampling=10.0, weighted=False, double=False, **limits)
        period = float(first["period"].iloc[0])
        if np.isfinite(period):
            fit = multi_harmonic_fit(*one.one(0), 1 / period)
            periods.iloc[i, columns] = [1 / fit.frequency, fit.n_harmonics]
    return periods


def is_right(
    found: pd.Series,
    true: pd.Series,
    label: pd.Series | None = None,
    *,
    tolerance: float,
    multiples: Mapping[str, Sequence[float]] | None = None,
) -> pd.Series:
    """Whether each period is the catalogue's by S26's rules (see `RULES`).

    Parameters
    ----------
    found, true : Series
        Periods by star [d]; aligned to the index of `found`.
    label : Series, optional
        Classes, where `multiples` names some.
    tolerance : float
        Largest ``|found - k true| / (k true)``.
    multiples : mapping, optional
        Class -> further factors k that count.

    Returns
    -------
    Series of bool
        False where either period is missing.
    """
    p = found.to_numpy(float)
    truth = true.reindex(found.index).to_numpy(float)

    def near(k: float) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.abs(p / (k * truth) - 1) <= tolerance

    right = near(1.0)
    for name, factors in (multiples or {}).items():
        if label is None:
            raise ValueError("label: expected the classes, since multiples names some")
        mine = (label.reindex(found.index) == name).to_numpy(bool)
        for k in factors:
            right |= mine & near(k)
    return pd.Series(right, index=found.index, name="right")


def periods_by_years(
    sample: NestedFrame,
    methods: Mapping[str, Callable[[NestedFrame], pd.DataFrame]],
    windows: Sequence[float] = WINDOWS,
    *,
    label: str = "superclass",
    true: str = "period",
) -> pd.DataFrame:
    """Every method's periods from the first years, one row a star, window and method.

    Parameters
    ----------
    sample : NestedFrame
    methods : mapping
        Name -> function of a sample, such as `multi_band_periods`.
    windows : sequence of float
        [yr].
    label, true : str
        Columns of the classes and of the catalogue's periods.

    Returns
    -------
    DataFrame
        ``star_id, label, true, method, years, period, n_points, status, span`` [d].
    """
    parts = []
    for years in windows:
        cut = first_years(sample, years)
        span = _spans(light_curves(cut))
        for name, method in methods.items():
            part = method(cut).drop(columns="n_harmonics").reset_index()
            part = part.assign(
                label=sample[label].to_numpy(object),
                true=sample[true].to_numpy(float),
                method=name,
                years=years,
                span=span,
            )
            parts.append(part)
    columns = ["star_id", "label", "true", "method", "years", "period"]
    return pd.concat(parts, ignore_index=True)[[*columns, "n_points", "status", "span"]]


def _spans(curves: LightCurves) -> np.ndarray:
    low, high = np.full(curves.n_stars, np.inf), np.full(curves.n_stars, -np.inf)
    np.minimum.at(low, curves.star, curves.t)
    np.maximum.at(high, curves.star, curves.t)
    return np.where(curves.counts > 0, high - low, np.nan)


def interval(
    right: np.ndarray | int, n: np.ndarray | int, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's interval of the rate ``right / n``; NaN where `n` is zero."""
    from astropy.stats import binom_conf_interval

    right, n = np.atleast_1d(np.asarray(right, int)), np.atleast_1d(np.asarray(n, int))
    some = n > 0
    low, high = np.full(len(n), np.nan), np.full(len(n), np.nan)
    if some.any():
        low[some], high[some] = binom_conf_interval(
            right[some], n[some], confidence_level=level, interval="wilson"
        )
    return low, high


def success_by_years(
    periods: pd.DataFrame,
    rule: str | Mapping[str, str],
    classes: Sequence[str] | None = None,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """S26's Tables 2 and 3: how many periods are right, by class and years.

    Parameters
    ----------
    periods : DataFrame
        From `periods_by_years`.
    rule : str or mapping
        Name in `RULES`, one for all or by method.
    classes : sequence of str, optional
        Order of the rows; those of `periods` by default.
    level : float
        Of the binomial intervals (Wilson).

    Returns
    -------
    DataFrame
        Index ``method, label, years``: ``stars``, ``few_points`` (flagged: not enough
        points), ``judged`` (with a period searched for), ``right``, ``rate`` with ``low``
        and ``high`` among the judged, ``rate_of_all`` among all.
    """
    parts = []
    for method, part in periods.groupby("method", sort=False):
        chosen = RULES[rule if isinstance(rule, str) else rule[method]]
        right = is_right(part["period"], part["true"], part["label"], **chosen)
        parts.append(part.assign(right=right, judged=part["status"] == "ok"))
    table = pd.concat(parts)
    rows = table.groupby(["method", "label", "years"], sort=False).agg(
        stars=("star_id", "size"), judged=("judged", "sum"), right=("right", "sum")
    )
    rows["few_points"] = rows["stars"] - rows["judged"]
    rows["rate"] = rows["right"] / rows["judged"].where(rows["judged"] > 0)
    rows["low"], rows["high"] = interval(rows["right"], rows["judged"], level)
    rows["rate_of_all"] = rows["right"] / rows["stars"]
    if classes is not None:
        known = set(rows.index.get_level_values("label"))
        order = [c for c in classes if c in known]
        rows = rows.reindex(order, level="label")
    columns = ["stars", "few_points", "judged", "right", "rate", "low", "high", "rate_of_all"]
    return rows[columns]


def outcomes_by_years(
    periods: pd.DataFrame, *, tolerance: float = 0.01, by: Sequence[str] = ("method", "years")
) -> pd.DataFrame:
    """The same periods by our taxonomy (`varstar.periods.success`): parts of each outcome."""
    found = periods["period"].where(periods["status"] == "ok")
    outcome = period_success(found, periods["true"], periods["span"], tolerance)
    keys = [periods[k] for k in by]
    counts = pd.crosstab(keys, outcome).reindex(columns=OUTCOMES, fill_value=0)
    return counts.div(counts.sum(axis=1), axis=0).assign(stars=counts.sum(axis=1))
