"""One star in many guises: seen with another survey's dates, fewer points, more noise.

A star of known period is *carried over* to other dates: each new date takes a measurement of
nearly the same phase, noise and all, so that no shape is assumed. Other stars are thinned.
Constants are made from the real noise of real stars.
"""

import numpy as np

Curve = tuple[np.ndarray, np.ndarray, np.ndarray]

#: Kinds of constant stars that `constant` makes.
CONSTANTS = ("shuffled", "white", "residual", "trend", "outliers", "nights")


def dates(rng: np.random.Generator, library: list[np.ndarray]) -> tuple[np.ndarray, int]:
    """Dates of a random light curve of the library, some of them left out; and which it was."""
    which = int(rng.integers(len(library)))
    t = library[which]
    n = int(np.exp(rng.uniform(np.log(14), np.log(350))))
    return fewer(t, n, rng), which


def fewer(t: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """`n` of the dates: scattered over all, or of one stretch of the survey."""
    if n >= len(t):
        return t
    if rng.random() < 0.25:
        stretch = min(len(t), int(n * rng.uniform(1.0, 2.5)))
        start = int(rng.integers(0, len(t) - stretch + 1))
        t = t[start : start + stretch]
    return t[np.sort(rng.choice(len(t), min(n, len(t)), replace=False))]


def carried(curve: Curve, period: float, t: np.ndarray, rng: np.random.Generator) -> Curve:
    """The star at the dates `t`: each takes one of the three points nearest in phase."""
    t0, mag, err = curve
    phase = (t0 / period) % 1.0
    order = np.argsort(phase)
    at = np.searchsorted(phase[order], (t / period + rng.random()) % 1.0)
    take = order[(at + rng.integers(-1, 2, len(t))) % len(order)]
    return t, mag[take], err[take]


def thinned(curve: Curve, rng: np.random.Generator) -> Curve:
    """Fewer points of the same star."""
    t, mag, err = curve
    n = int(np.exp(rng.uniform(np.log(10), np.log(max(12, min(len(t), 300))))))
    some = fewer(np.arange(len(t)), n, rng)
    return t[some], mag[some], err[some]


def disguised(curve: Curve, rng: np.random.Generator) -> Curve:
    """Another band and another instrument: amplitude scaled, noise added, errors misjudged."""
    t, mag, err = curve
    middle = np.median(mag)
    mag = middle + (mag - middle) * 10 ** rng.normal(0, 0.08)
    if rng.random() < 0.6:
        extra = 10 ** rng.uniform(-2.5, -0.35) * np.ptp(np.percentile(mag, [5, 95]))
        mag = mag + extra * rng.standard_normal(len(mag))
        err = np.hypot(err, extra)
    if rng.random() < 0.15:  # an outlier or two
        some = rng.integers(0, len(mag), 1 + len(mag) // 100)
        mag = mag.copy()
        mag[some] += rng.normal(0, 6, len(some)) * np.median(err)
    return t, mag, err * 10 ** rng.normal(0, 0.12)


def constant(curve: Curve, period: float, rng: np.random.Generator, kind: str) -> Curve:
    """A star that does not vary, with the dates and the noise of one that does."""
    t, mag, err = curve
    n = len(t)
    if kind == "shuffled":
        some = rng.permutation(n)
        return t, mag[some], err[some]
    if kind == "residual" and period > 0 and n >= 40:
        order = np.argsort((t / period) % 1.0)
        smooth = np.convolve(np.pad(mag[order], 3, mode="wrap"), np.ones(7) / 7, "valid")
        rest = np.empty(n)
        rest[order] = mag[order] - smooth
        return t, np.median(mag) + rng.permutation(rest), err
    noise = err * 10 ** rng.normal(0, 0.15) * rng.standard_normal(n)
    if kind == "trend":
        x = (t - t[0]) / max(t[-1] - t[0], 1e-9)
        noise = noise + np.median(err) * rng.uniform(-3, 3) * x
    elif kind == "outliers":
        some = rng.random(n) < rng.uniform(0.005, 0.05)
        noise[some] += rng.normal(0, 10, some.sum()) * np.median(err)
    elif kind == "nights":
        night = np.unique(np.floor(t), return_inverse=True)[1]
        noise = noise + np.median(err) * 0.5 * rng.standard_normal(night.max() + 1)[night]
    return t, np.median(mag) + noise, err
