"""Cleaning light curves: clipping, smoothing, noise reduction, thinning (SM, Sect. IV.A).

Each step is a plain function of one light curve, ``(t, mag, err) -> (t, mag, err)``, the
times ascending; `STEPS` names them. `pipeline` runs several on a whole sample and records
what each removed or changed. What a step may do to a light curve it says itself: clipping
and thinning leave points out, smoothing and noise reduction *move* magnitudes.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.sample import LightCurves, light_curves, nest
from varstar.progress import tqdm

Curve = tuple[np.ndarray, np.ndarray, np.ndarray]


def sigma_clip(
    t: np.ndarray,
    mag: np.ndarray,
    err: np.ndarray,
    *,
    sigma: float = 4.0,
    max_iterations: int = 5,
    period: float | None = None,
) -> Curve:
    """Leave out points further than `sigma` deviations from the median.

    Parameters
    ----------
    t, mag, err : ndarray, shape (n,)
        [d], [mag], [mag]
    sigma : float
        In robust standard deviations (1.4826 x median absolute deviation).
    max_iterations : int
    period : float, optional
        [d]; then the deviation is from SuperSmoother's folded curve instead of from the
        median. Without it, eclipses are what is clipped first; with it, those wider than
        about a tenth of the cycle are spared.

    Notes
    -----
    `astropy.stats.sigma_clip` with median and ``mad_std``. A curve of fewer than five
    points, or more than half of whose points are equal (MAD 0), is left alone.
    """
    from astropy.stats import mad_std
    from astropy.stats import sigma_clip as clip

    if sigma <= 0:
        raise ValueError(f"sigma: expected a positive number. Received: {sigma!r}")
    x = mag if period is None else mag - smooth(t, mag, err, period=period)[1]
    if len(x) < 5 or not mad_std(x) > 0:
        return t, mag, err
    clipped = clip(x, sigma=sigma, maxiters=max_iterations, cenfunc="median", stdfunc=mad_std)
    keep = ~np.ma.getmaskarray(clipped)
    return t[keep], mag[keep], err[keep]


def smooth(
    t: np.ndarray,
    mag: np.ndarray,
    err: np.ndarray,
    *,
    period: float | None = None,
    alpha: float | None = None,
) -> Curve:
    """Replace magnitudes by Friedman's SuperSmoother (1984) at the same times.

    Parameters
    ----------
    t, mag, err
    period : float, optional
        [d]; smooth over phase instead of time.
    alpha : float, optional
        Bass enhancement, 0 to 10: larger is smoother.

    Notes
    -----
    A curve of fewer than 10 points, or too clumped for local lines, is returned as it is.
    """
    from supersmoother import SuperSmoother

    if len(t) < 10 or not np.ptp(mag) > 0:
        return t, mag, err
    x, back = (t, None) if period is None else (t / period % 1.0, 1.0)
    # Equal abscissae leave the local lines without a slope: part them a little.
    order = np.argsort(x, kind="stable")
    x = x[order] + np.arange(len(x)) * (1e-6 / len(x)) * max(float(np.ptp(x)), 1e-12)
    # Local lines through fewer than about eight points follow the noise.
    least = min(max(0.05, 8 / len(x)), 0.5)
    spans = {"primary_spans": (least, max(0.2, least), 0.5), "final_span": least}
    model = SuperSmoother(alpha=alpha, period=back, middle_span=max(0.2, least), **spans)
    try:
        with np.errstate(invalid="ignore", divide="ignore"):
            values = model.fit(x, mag[order], err[order]).predict(x)
    except ValueError:  # no slope somewhere: too few different abscissae
        return t, mag, err
    out = np.empty_like(mag)
    out[order] = np.where(np.isfinite(values), values, mag[order])
    return t, out, err


def smoother_residual(t: np.ndarray, mag: np.ndarray, err: np.ndarray, *, period: float) -> float:
    """SuperSmoother's residual on the folded curve, in units of the star's own scatter.

    The share of the variation that the folded curve does *not* explain: mean absolute
    deviation from the smooth over mean absolute deviation from the median; about 0 for a
    clean periodic star, about 1 for noise. Tsang & Schultz (2019, Sect. 3) keep stars
    with a residual of at most 0.7; their exact normalisation is not printed.
    """
    residual = np.abs(mag - smooth(t, mag, err, period=period)[1]).mean()
    spread = np.abs(mag - np.median(mag)).mean()
    return float(residual / spread) if spread > 0 else float("nan")


def denoise(
    t: np.ndarray,
    mag: np.ndarray,
    err: np.ndarray,
    *,
    dimension: int = 5,
    manifold: int = 2,
    neighbours: int = 30,
    iterations: int = 3,
) -> Curve:
    """GHKSS, locally projective noise reduction (Grassberger et al. 1993; TISEAN).

    Windows of `dimension` successive magnitudes are points in a space; each is projected
    on the `manifold`-dimensional plane through its nearest `neighbours`, and the
    corrections of a magnitude in all of its windows are averaged. Made for densely
    sampled deterministic series: where successive points lie several cycles apart, as in
    a survey, neighbours in that space share nothing but chance (see `unevenness`).

    Notes
    -----
    A curve too short for `neighbours` windows is returned as it is.
    """
    import ghkss

    if not 0 < manifold < dimension:
        raise ValueError(f"expected 0 < manifold < dimension. Received: {manifold}, {dimension}")
    if len(mag) < neighbours + dimension or not np.ptp(mag) > 0:
        return t, mag, err
    config = ghkss.FilterConfig()
    config.delay_vector_pattern = list(range(dimension))
    config.projection_dimension = manifold
    config.minimum_neighbour_count = neighbours
    config.iterations = iterations
    mean = mag.mean()  # the filter's sums are best conditioned around zero
    out = np.asarray(ghkss.filter_ghkss((mag - mean)[:, None], config), float).reshape(-1)
    return t, out + mean, err


def downsample(
    t: np.ndarray,
    mag: np.ndarray,
    err: np.ndarray,
    *,
    max_points: int = 500,
    min_gap: float = 0.0,
) -> Curve:
    """Thin an over-sampled curve: points closer than a gap become one, then every k-th.

    Parameters
    ----------
    t, mag, err
    max_points : int
        At most so many points; taken at equal steps of their rank, first and last kept.
    min_gap : float
        [d]; a run of points each within `min_gap` of the run's first becomes one, with
        mean time, the mean magnitude weighted by 1/err^2, and its error. Keep it far
        below the shortest period, or the variation itself is averaged away.
    """
    if max_points < 2:
        raise ValueError(f"max_points: expected at least 2. Received: {max_points!r}")
    if min_gap > 0 and len(t):
        run = np.zeros(len(t), np.int64)
        first, k = t[0], 0
        for i, when in enumerate(t):
            if when - first > min_gap:
                first, k = when, k + 1
            run[i] = k
        n = np.bincount(run)
        weight = 1.0 / err**2
        total = np.bincount(run, weight)
        t = np.bincount(run, t) / n
        mag = np.bincount(run, weight * mag) / total
        err = total**-0.5
    if len(t) > max_points:
        keep = np.round(np.linspace(0, len(t) - 1, max_points)).astype(int)
        t, mag, err = t[keep], mag[keep], err[keep]
    return t, mag, err


def unevenness(t: np.ndarray) -> float:
    """Standard deviation of the time steps over their mean (ddof 0): 0 for even sampling,
    1 for random times."""
    step = np.diff(t)
    return float(step.std() / step.mean()) if len(step) and step.mean() > 0 else float("nan")


#: name -> function, for `pipeline`
STEPS: dict[str, Callable[..., Curve]] = {
    "sigma_clip": sigma_clip,
    "downsample": downsample,
    "denoise": denoise,
    "smooth": smooth,
}


def pipeline(
    sample: NestedFrame,
    steps: Sequence[str | tuple[str, Mapping[str, Any]]],
    *,
    bands: str | None = None,
    period: str | None = None,
) -> tuple[NestedFrame, pd.DataFrame]:
    """Run steps on every light curve of a sample and record what they did.

    Parameters
    ----------
    sample : NestedFrame
    steps : sequence of str or (str, dict)
        Names of `STEPS`, in order, each with its options if any.
    bands : str, optional
        The band to use, see `varstar.lightcurves.sample.one_band`.
    period : str, optional
        A column [d] handed to the steps that can use one (``sigma_clip``, ``smooth``);
        a star without a period is treated in time.

    Returns
    -------
    sample : NestedFrame
        With the cleaned light curves. Unusable points are gone.
    record : DataFrame
        One row per star and step: ``star_id``, ``step``, ``points`` (left), ``removed``,
        ``moved`` (root mean square change of the magnitudes that stayed [mag]; NaN where
        the step thins by averaging).

    Raises
    ------
    ValueError
        An unknown step.
    """
    from varstar.lightcurves.sample import clean, one_band

    plan = [(s, {}) if isinstance(s, str) else (s[0], dict(s[1])) for s in steps]
    unknown = [name for name, _ in plan if name not in STEPS]
    if unknown:
        raise ValueError(f"unknown step {unknown}. Known: {list(STEPS)}")
    curves, _ = clean(one_band(light_curves(sample), bands))
    periods = sample[period].to_numpy(float) if period else np.full(len(sample), np.nan)
    done, rows = [], []
    for i in tqdm(range(curves.n_stars), desc="cleaning", unit="star", disable=None, leave=False):
        curve = curves.one(i)
        for name, options in plan:
            if name in ("sigma_clip", "smooth") and periods[i] > 0:
                options = {"period": float(periods[i]), **options}
            before, curve = curve, STEPS[name](*curve, **options)
            rows.append((sample.index[i], name, len(curve[0]), *_change(before, curve)))
        done.append(curve)
    offsets = np.concatenate([[0], np.cumsum([len(c[0]) for c in done])]).astype(np.int64)
    flat = [np.concatenate([c[k] for c in done]) if done else np.empty(0) for k in range(3)]
    first = np.minimum(curves.offsets[:-1], max(len(curves.band) - 1, 0))
    band = curves.band[first] if len(curves.band) else np.zeros(curves.n_stars, np.int8)
    new = LightCurves(*flat, np.repeat(band, np.diff(offsets)), offsets, curves.bands)
    record = pd.DataFrame(rows, columns=["star_id", "step", "points", "removed", "moved"])
    return nest(new, sample.drop(columns="lc")), record


def _change(before: Curve, after: Curve) -> tuple[int, float]:
    removed = len(before[0]) - len(after[0])
    stayed = np.isin(before[0], after[0])
    if stayed.sum() != len(after[0]) or not len(after[0]):
        return removed, float("nan")
    return removed, float(np.sqrt(np.mean((before[1][stayed] - after[1]) ** 2)))


YEAR = 365.25


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


def at_most_points(sample: NestedFrame, n: int, *, seed: int = 0) -> NestedFrame:
    """The same stars with at most `n` of their points, left out by chance."""
    curves = light_curves(sample)
    order = np.lexsort((np.random.default_rng(seed).random(len(curves.t)), curves.star))
    place = np.arange(len(order)) - curves.offsets[curves.star[order]]
    keep = np.zeros(len(order), bool)
    keep[order[place < n]] = True
    return nest(curves.where(keep), pd.DataFrame(sample.drop(columns="lc")))


def thinned(sample: NestedFrame, lowest: float = 0.08, *, seed: int = 0) -> NestedFrame:
    """Each star with a random part of its points, from `lowest` to all of them.

    The part is drawn evenly in its logarithm, so that few points are as common as many; it
    is the same for all bands of a star, and points are left out at random.

    Parameters
    ----------
    sample : NestedFrame
    lowest : float
        Smallest part, in (0, 1].
    seed : int

    Returns
    -------
    NestedFrame
        The same stars and columns.

    Raises
    ------
    ValueError
        When `lowest` is not in (0, 1].
    """
    if not 0 < lowest <= 1:
        raise ValueError(f"lowest: expected a part in (0, 1]. Received: {lowest!r}")
    curves = light_curves(sample)
    rng = np.random.default_rng(seed)
    part = np.exp(rng.uniform(np.log(lowest), 0.0, curves.n_stars))
    keep = rng.random(len(curves.t)) < part[curves.star]
    return nest(curves.where(keep), pd.DataFrame(sample.drop(columns="lc")))
