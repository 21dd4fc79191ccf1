"""S26's periods: from one band by a multi-harmonic fit, from several bands together.

Szklenár et al. (2026, A&A 706, A346), Sect. 3.2 and 3.3. From one band the period comes
from a multi-harmonic fit (`varstar.periods.multi_harmonic`), from several bands from a
multi-band Lomb-Scargle periodogram (`multi_band_periods`, astropy's
``LombScargleMultiband``), each from at least 20 points. How often they are right:
`varstar.papers.s26.period_success`.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.sample import clean, light_curves, select_bands
from varstar.papers.s26.period_success import RULES, interval, is_right, periods_by_years
from varstar.periods import find_periods, period_success
from varstar.periods.multi_harmonic import MAX_HARMONICS, MAXIMUM_FREQUENCY, multi_harmonic_fit

#: Fewest points of a light curve that is searched, Sect. 3.2.
MIN_POINTS = 20
#: Of the multi-band search, Sect. 3.3.
SAMPLES_PER_PEAK = 20


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


def star_periods(
    sample: NestedFrame,
    bands: Sequence[str],
    *,
    samples_per_peak: float = SAMPLES_PER_PEAK,
) -> pd.DataFrame:
    """A period a band, and one of all bands together, of every star.

    Parameters
    ----------
    sample : NestedFrame
    bands : sequence of str
    samples_per_peak : float
        Of the search in all bands.

    Returns
    -------
    DataFrame
        Columns `bands` and ``all`` [d]; NaN where none was found.
    """
    table = pd.DataFrame(index=sample.index)
    for band in bands:
        table[band] = multi_harmonic_periods(sample, band)["period"]
    found = multi_band_periods(sample, bands, samples_per_peak=samples_per_peak)
    return table.assign(all=found["period"])


def tuned_periods(
    sample: NestedFrame, found: pd.DataFrame, bands: Sequence[str], *, true: str = "period"
) -> pd.DataFrame:
    """The bands' periods as S26 had them: wrong ones searched again about the catalogue's.

    Parameters
    ----------
    found : DataFrame
        From `star_periods` of the same sample.
    true : str
        Column of the catalogue's periods.

    Returns
    -------
    DataFrame
        Columns `bands` [d]; see `varstar.papers.s26.periods.search_again`.
    """
    table = pd.DataFrame(index=sample.index)
    for band in bands:
        status = np.where(found[band].notna(), "ok", "no period")
        known = pd.DataFrame({"period": found[band], "n_harmonics": 0, "status": status})
        table[band] = search_again(sample, band, known, sample[true])["period"]
    return table


def catalogue(sample: NestedFrame, bands: Sequence[str], true: str = "period") -> pd.DataFrame:
    """The catalogue's period in the form of `star_periods`: the same in every column."""
    values = sample[true].to_numpy(float)
    return pd.DataFrame(dict.fromkeys([*bands, "all"], values), index=sample.index)


def periods_of(
    sample: NestedFrame,
    bands: Sequence[str],
    one_band: Sequence[str],
    windows: Sequence[float],
    label: str,
    *,
    samples_per_peak: float = SAMPLES_PER_PEAK,
    true: str = "period",
) -> pd.DataFrame:
    """S26's periods of a sample by years: each of `one_band` alone, and all bands together.

    Returns
    -------
    DataFrame
        As `periods_by_years`; the methods are the band's name, the band's with " tuned"
        (searched again about the truth), and the bands joined by "+".
    """
    methods: dict[str, Callable[[NestedFrame], pd.DataFrame]] = {}
    found: dict[str, pd.DataFrame] = {}

    def alone(cut: NestedFrame, band: str) -> pd.DataFrame:
        found[band] = multi_harmonic_periods(cut, band)
        return found[band]

    def tuned(cut: NestedFrame, band: str) -> pd.DataFrame:
        return search_again(cut, band, found[band], sample[true])

    for band in one_band:
        methods[band] = partial(alone, band=band)
        methods[f"{band} tuned"] = partial(tuned, band=band)
    methods["+".join(bands)] = partial(
        multi_band_periods, bands=bands, samples_per_peak=samples_per_peak
    )
    return periods_by_years(sample, methods, windows, label=label, true=true)


def rules_of(periods: pd.DataFrame) -> dict[str, str]:
    """S26's rule for each method of `periods_of`."""
    return {m: "several bands" if "+" in m else "one band" for m in periods["method"].unique()}


#: Name -> options of `varstar.find_periods`; "S26" is the multi-phase model of
#: ``LombScargleMultiband``'s defaults.
MODELS: dict[str, dict[str, Any]] = {
    "a sine a band (S26)": {},
    "a sine a band, equal weights": {"weighted": False},
    "two harmonics a band": {"n_terms": 2},
    "one sine for all bands": {"shared": True},
    "four harmonics for all bands": {"shared": True, "n_terms": 4},
    "four harmonics for all, equal weights": {"shared": True, "n_terms": 4, "weighted": False},
}


def compare(
    sample: NestedFrame,
    bands: Sequence[str],
    label: str,
    *,
    models: Mapping[str, Mapping[str, Any]] | None = None,
    true: str = "period",
    oversampling: float = 5.0,
) -> pd.DataFrame:
    """Right periods by model, of all stars, from all their years.

    Parameters
    ----------
    sample : NestedFrame
    bands : sequence of str
        All bands; the first also on its own.
    label : str
        Column of the classes.
    models : mapping, optional
        `MODELS` by default.
    true : str
        Column of the catalogue's periods.
    oversampling : float
        Of the search; candidates are refined.

    Returns
    -------
    DataFrame
        A row a model: ``model, bands, stars, right`` (S26's rule for several bands) with
        Wilson's interval ``low, high``, then the parts of each outcome of
        `varstar.periods.period_success`.
    """
    chosen = MODELS if models is None else models
    trials = [("one sine", [bands[0]], {}), ("four harmonics", [bands[0]], {"n_terms": 4})]
    trials += [(name, list(bands), dict(options)) for name, options in chosen.items()]
    rows = []
    for name, used, options in trials:
        found = find_periods(
            sample,
            used,
            maximum_frequency=MAXIMUM_FREQUENCY,
            oversampling=oversampling,
            double=False,
            **options,
        )["period"]
        good = is_right(found, sample[true], sample[label], **RULES["several bands"])
        low, high = interval(int(good.sum()), len(good))
        outcome = period_success(found, sample[true]).value_counts(normalize=True).to_dict()
        rows.append(
            {
                "model": name,
                "bands": "+".join(used),
                "stars": len(good),
                "right": float(good.mean()),
                "low": float(low[0]),
                "high": float(high[0]),
                **{k: outcome.get(k, 0.0) for k in ("exact", "P/2", "2P", "harmonic", "alias")},
            }
        )
    return pd.DataFrame(rows)
