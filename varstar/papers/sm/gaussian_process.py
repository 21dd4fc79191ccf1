"""Synthetic light curves from real ones by Gaussian processes (SM, Sect. IV.B, App. B).

A Gaussian process is conditioned on a measured light curve and drawn at other times of
the same survey; each draw gets noise of the measured errors. The covariance comes from
`celerite2` (Foreman-Mackey et al. 2017, AJ 154, 220), whose cost grows linearly with the
number of points. `dense_posterior` is the textbook's way, for the lesson and the tests.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.sample import LightCurves, clean, light_curves, nest, one_band
from varstar.progress import tqdm

#: Harmonics of a periodic star's covariance.
N_HARMONICS = 4


class Process(NamedTuple):
    """A fitted process: mean [mag], covariance (a celerite2 term), extra noise [mag] and
    log-likelihood."""

    mean: float
    kernel: Any
    jitter: float
    log_likelihood: float


def fit(t: np.ndarray, mag: np.ndarray, err: np.ndarray, period: float | None = None) -> Process:
    """The most likely process of a light curve.

    Parameters
    ----------
    t, mag, err : ndarray, shape (n,)
        [d], [mag], [mag]; times ascending.
    period : float, optional
        [d]. With it the covariance is a sum of damped oscillators at the period and its
        harmonics, with powers from a least-squares series, whose coherence time, common
        scale and extra noise are fitted; without it one overdamped oscillator, whose
        time scale, amplitude and extra noise are.

    Raises
    ------
    ValueError
        Fewer than 5 points, or a constant magnitude.
    """
    from scipy.optimize import minimize

    if len(t) < 5 or not np.ptp(mag) > 0:
        raise ValueError(f"expected 5 points that vary. Received: {len(t)} points")
    t, mag, err = (np.array(a, float) for a in (t, mag, err))  # celerite2 wants them its own
    mean = float(np.average(mag, weights=err**-2.0))
    span, spread = max(t[-1] - t[0], 1e-6), float(mag.std())
    power = None if period is None else _harmonic_powers(t, mag - mean, err, period)

    def process(x: np.ndarray) -> Process:
        scale, when, jitter = np.exp(np.clip(x, -20, 20))
        kernel = _kernel(scale, when, period, power)
        return Process(
            mean, kernel, float(jitter), _log_likelihood(t, mag, err, mean, kernel, jitter)
        )

    when = [0.5 * span, 5 * span] if period else np.geomspace(max(span / len(t), 0.05), span / 5, 4)
    starts = [np.log([spread, w, 0.3 * np.median(err) + 1e-4]) for w in when]
    best = max(starts, key=lambda x: process(x).log_likelihood)

    def cost(x: np.ndarray) -> float:
        # weak walls keep time scale and noise where the data can speak
        wall = np.sum(np.clip(np.abs(x - best) - 5, 0, None) ** 2)
        return -process(x).log_likelihood + wall

    found = minimize(cost, best, method="Nelder-Mead", options={"maxfev": 30, "xatol": 0.05})
    return process(found.x if np.isfinite(found.fun) else best)


def _kernel(scale: float, when: float, period: float | None, power: np.ndarray | None) -> Any:
    from celerite2 import terms

    if period is None:
        return terms.SHOTerm(sigma=scale, rho=2 * np.pi * when, Q=2**-0.5)
    kernel = None
    for k, part in enumerate(power, start=1):
        # an oscillator of quality Q forgets its phase within Q P / pi
        quality = max(np.pi * when * k / period, 0.6)
        term = terms.SHOTerm(sigma=scale * np.sqrt(part), rho=period / k, Q=quality)
        kernel = term if kernel is None else kernel + term
    return kernel


def _harmonic_powers(t: np.ndarray, x: np.ndarray, err: np.ndarray, period: float) -> np.ndarray:
    """Share of the variance in each harmonic, none quite zero."""
    angle = 2 * np.pi * np.outer(np.arange(1, N_HARMONICS + 1), t / period % 1.0)
    rows = np.concatenate([np.ones((1, len(t))), np.cos(angle), np.sin(angle)]) / err
    ridge = 1e-3 * len(t) * np.mean(err**-2.0) * np.eye(len(rows))
    c = np.linalg.solve(rows @ rows.T + ridge, rows @ (x / err))[1:]
    power = c[:N_HARMONICS] ** 2 + c[N_HARMONICS:] ** 2
    power = power / max(power.sum(), 1e-300) + 1e-4
    return power / power.sum()


def _gp(t: np.ndarray, err: np.ndarray, mean: float, kernel: Any, jitter: float) -> Any:
    from celerite2 import GaussianProcess

    gp = GaussianProcess(kernel, mean=mean)
    # Equal times make the factorisation fail only without noise; errors are positive.
    gp.compute(t, diag=err**2 + jitter**2, quiet=True)
    return gp


def _log_likelihood(
    t: np.ndarray, mag: np.ndarray, err: np.ndarray, mean: float, kernel: Any, jitter: float
) -> float:
    value = _gp(t, err, mean, kernel, jitter).log_likelihood(mag)
    return float(value) if np.isfinite(value) else -1e25


def draw(
    t: np.ndarray,
    mag: np.ndarray,
    err: np.ndarray,
    rng: np.random.Generator,
    *,
    period: float | None = None,
    times: np.ndarray | None = None,
    process: Process | None = None,
    noise: bool = True,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """One synthetic light curve, conditioned on a measured one.

    Parameters
    ----------
    t, mag, err : ndarray, shape (n,)
        [d], [mag], [mag]; times ascending.
    rng : numpy Generator
    period : float, optional
        [d]; see `fit`.
    times : ndarray, optional
        [d], ascending; by default new nights of the same cadence: measured times moved
        by whole days (at most three) and a few minutes.
    process : Process, optional
        Already fitted.
    noise : bool
        Add Gaussian noise of the measured errors and of the process' extra noise.

    Returns
    -------
    t, mag, err : ndarray
    """
    t, mag, err = (np.array(a, float) for a in (t, mag, err))
    process = fit(t, mag, err, period) if process is None else process
    if times is None:
        pick = np.sort(rng.integers(0, len(t), len(t)))
        shift = rng.integers(-3, 4, len(t)) + rng.normal(0, 0.01, len(t))
        times = np.clip(t[pick] + shift, t[0], t[-1])
        order = np.argsort(times, kind="stable")
        times, new_err = times[order], err[pick][order]
    else:
        times, new_err = np.asarray(times, float), rng.choice(err, len(times))
    gp = _gp(t, err, process.mean, process.kernel, process.jitter)
    predicted = gp.condition(mag, t=times)
    covariance = predicted.covariance
    covariance = (covariance + covariance.T) / 2
    f = predicted.mean + _root(covariance) @ rng.standard_normal(len(times))
    if noise:
        f = f + rng.standard_normal(len(times)) * np.hypot(new_err, process.jitter)
    return times, f, new_err


def _root(covariance: np.ndarray) -> np.ndarray:
    """A factor L with L L^T the covariance, its rounding errors below zero cut off."""
    scale = max(float(np.trace(covariance)) / len(covariance), 1e-30)
    try:
        return np.linalg.cholesky(covariance + 1e-9 * scale * np.eye(len(covariance)))
    except np.linalg.LinAlgError:
        value, vector = np.linalg.eigh(covariance)
        return vector * np.sqrt(np.clip(value, 0, None))


def copies(
    sample: NestedFrame,
    plan: pd.DataFrame,
    *,
    period: str | None = None,
    bands: str | None = None,
    max_points: int = 400,
    seed: int = 0,
) -> NestedFrame:
    """The light curves of a plan of copies, every copy but the first synthetic.

    Parameters
    ----------
    sample : NestedFrame
    plan : DataFrame
        Of `varstar.lightcurves.augment.plan_copies`: ``row``, ``copy`` (0: as measured), ``label``.
    period : str, optional
        Column [d]; stars without one get the aperiodic covariance.
    bands : str, optional
    max_points : int
        A longer light curve is thinned before (the draw's cost grows with the cube).
    seed : int

    Returns
    -------
    NestedFrame
        In the order of the plan, ``star_id`` as index of the copy
        (``<star>#<copy>``), columns ``star``, ``copy``, ``label``. A star that no
        process can be fitted to (too few points) is repeated as measured.
    """
    from varstar.lightcurves.preprocess import downsample

    curves, status = clean(one_band(light_curves(sample), bands), min_points=5)
    periods = sample[period].to_numpy(float) if period else np.full(len(sample), np.nan)
    parts, last, process = [], -1, None
    bar = tqdm(plan[["row", "copy"]].itertuples(index=False), total=len(plan), desc="GP copies",
               disable=None, leave=False)  # fmt: skip
    for row, copy in bar:
        curve = curves.one(row)
        if copy and status[row] == "ok":
            p = float(periods[row]) if periods[row] > 0 else None
            curve = downsample(*curve, max_points=max_points)
            if row != last:
                last, process = row, fit(*curve, p)
            curve = draw(*curve, np.random.default_rng([seed, row, copy]), process=process)
        parts.append(curve)
    offsets = np.concatenate([[0], np.cumsum([len(p[0]) for p in parts])]).astype(np.int64)
    flat = [np.concatenate([p[k] for p in parts]) for k in range(3)]
    table = LightCurves(*flat, np.zeros(len(flat[0]), np.int8), offsets, ("synthetic",))
    stars = plan[["star_id", "copy", "label"]].rename(columns={"star_id": "star"})
    index = [f"{s}#{c}" for s, c in zip(stars["star"], stars["copy"], strict=True)]
    return nest(table, stars.set_axis(pd.Index(index, name="star_id")))


def squared_exponential(
    a: np.ndarray, b: np.ndarray, *, sigma: float = 1.0, scale: float = 1.0
) -> np.ndarray:
    """``k(a, b) = sigma^2 exp(-(a - b)^2 / (2 scale^2))``, shape (len(a), len(b))."""
    return sigma**2 * np.exp(-0.5 * np.subtract.outer(a, b) ** 2 / scale**2)


def dense_posterior(
    x: np.ndarray,
    y: np.ndarray,
    err: np.ndarray,
    new: np.ndarray,
    kernel: Callable[[np.ndarray, np.ndarray], np.ndarray],
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and covariance of ``f(new)`` given ``y = f(x) + noise`` (SM, App. B).

    With ``K^ = K(x, x) + diag(err^2)`` and mean zero:
    ``mu = K(new, x) K^-1 y`` and ``Sigma = K(new, new) - K(new, x) K^-1 K(x, new)``; the
    paper leaves the two formulas out.

    Parameters
    ----------
    x, y, err : ndarray, shape (n,)
    new : ndarray, shape (m,)
    kernel : callable
        ``kernel(a, b)`` of shape (len(a), len(b)).
    """
    from scipy.linalg import cho_factor, cho_solve

    factor = cho_factor(kernel(x, x) + np.diag(np.asarray(err, float) ** 2))
    cross = kernel(new, x)
    mean = cross @ cho_solve(factor, y)
    return mean, kernel(new, new) - cross @ cho_solve(factor, cross.T)
