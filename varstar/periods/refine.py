"""Exact powers at few frequencies of one light curve, and the best frequency among them.

The power is that of the floating-mean (generalised) Lomb-Scargle periodogram, or of a
harmonic series of `n_terms`: ``1 - chi^2(series) / chi^2(mean)``, in [0, 1] (Zechmeister
& Kuerster 2009, A&A 496, 577, Eq 5; VanderPlas & Ivezic 2015, ApJ 812, 18, Eq 11).
"""

from collections.abc import Callable

import numpy as np

from varstar.periods.harmonics import normal_equations

#: Half-distances [grid steps] of the three points through which a parabola is laid, in
#: each round: a coarse peak is at most half a step off.
ROUNDS = (0.5, 0.1)
#: Turns held at a time: 2^20 are 16 MB, however many points and frequencies there are.
TURNS = 2**20


def turns(t: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    """``exp(2 pi i f t)``, shape (n_frequencies, n_points)."""
    cycles = frequency[:, None] * t[None, :]
    angle = 2 * np.pi * (cycles - np.rint(cycles))
    result = np.empty(angle.shape, complex)
    np.cos(angle, out=result.real)
    np.sin(angle, out=result.imag)
    return result


def fan(t: np.ndarray, frequency: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """`turns` at every ``frequency + offset``, shape (n_offsets * n_frequencies, n_points).

    A cosine and a sine for each frequency and each offset; their sums by multiplication.
    """
    middle, shift = turns(t, frequency), turns(t, offsets)
    return (shift[:, None, :] * middle[None, :, :]).reshape(-1, len(t))


def exact_power(
    t: np.ndarray, mag: np.ndarray, weight: np.ndarray, frequency: np.ndarray
) -> np.ndarray:
    """Floating-mean Lomb-Scargle power at each frequency.

    Parameters
    ----------
    t, mag, weight : ndarray, shape (n_points,)
        `weight` sums to one, the weighted mean of `mag` is zero.
    frequency : ndarray, shape (n,)
    """
    return fan_power(t, frequency, np.zeros(1), mag, weight)[0]


def fan_power(
    t: np.ndarray,
    frequency: np.ndarray,
    offsets: np.ndarray,
    mag: np.ndarray,
    weight: np.ndarray,
    n_terms: int = 1,
) -> np.ndarray:
    """Power of a series at every ``frequency + offset``, shape (n_offsets, n_frequencies).

    Only sums over the points are kept, so that a million of them take no more memory.
    """

    def sums(*part: np.ndarray) -> tuple[np.ndarray, ...]:
        return _sums(fan(part[0], frequency, offsets), *part[1:], n_terms)

    rows = len(frequency) * len(offsets)
    power = _power_from(sum_in_chunks(sums, rows, t, mag, weight), weight @ (mag * mag), n_terms)
    return power.reshape(len(offsets), -1)


def sum_in_chunks(
    sums: Callable[..., tuple[np.ndarray, ...]], rows: int, *points: np.ndarray
) -> tuple[np.ndarray, ...]:
    """``sums(*points)``, some points at a time, added up; `rows` turns a point are needed."""
    size = max(1, TURNS // max(rows, 1))
    total = sums(*(a[:size] for a in points))
    for first in range(size, len(points[0]), size):
        more = sums(*(a[first : first + size] for a in points))
        total = tuple(a + b for a, b in zip(total, more, strict=True))
    return total


def _sums(
    turn: np.ndarray, mag: np.ndarray, weight: np.ndarray, n_terms: int
) -> tuple[np.ndarray, ...]:
    """The sums over the points that the power of a series is made of."""
    if n_terms > 1:
        return trig_sums(turn, mag, weight, n_terms)
    return turn @ np.stack([weight, weight * mag], axis=1), (turn * turn) @ weight


def _power_from(sums: tuple[np.ndarray, ...], yy: float, n_terms: int) -> np.ndarray:
    """The power from `_sums`; `yy` is the weighted mean square of the magnitudes."""
    return _power_of_one(*sums, yy) if n_terms == 1 else _power_of_many(*sums, yy)


def _power_of_one(first: np.ndarray, second: np.ndarray, yy: float) -> np.ndarray:
    c, s = first[:, 0].real, first[:, 0].imag
    yc, ys = first[:, 1].real, first[:, 1].imag
    cc = (1 + second.real) / 2 - c * c
    ss = (1 - second.real) / 2 - s * s
    cs = second.imag / 2 - c * s
    determinant = cc * ss - cs * cs
    with np.errstate(divide="ignore", invalid="ignore"):
        power = (ss * yc**2 + cc * ys**2 - 2 * cs * yc * ys) / (yy * determinant)
    # Where all points share two phases the sine is not determined: no evidence, no power.
    return np.where(determinant > 1e-8, np.clip(power, 0.0, 1.0), 0.0)


def series_power(
    t: np.ndarray, mag: np.ndarray, weight: np.ndarray, frequency: np.ndarray, n_terms: int
) -> np.ndarray:
    """Power of a harmonic series with `n_terms` at each frequency (0 if undetermined)."""
    return fan_power(t, frequency, np.zeros(1), mag, weight, n_terms)[0]


def power_of(turn: np.ndarray, mag: np.ndarray, weight: np.ndarray, n_terms: int = 1) -> np.ndarray:
    """`series_power` from the `turns` at the frequencies."""
    return _power_from(_sums(turn, mag, weight, n_terms), weight @ (mag * mag), n_terms)


def _power_of_many(moments: np.ndarray, projections: np.ndarray, yy: float) -> np.ndarray:
    n_terms = len(projections) - 1
    normal, right = normal_equations(moments, projections)
    # A tiny ridge keeps the solution of an undetermined series bounded; it lowers the
    # power of a determined one by less than 1e-7.
    normal[:, np.arange(2 * n_terms + 1), np.arange(2 * n_terms + 1)] += 1e-8
    solution = np.linalg.solve(normal, right[..., None])[..., 0]
    explained = 2 * np.einsum("ij,ij->i", solution, right) - np.einsum(
        "ij,ijk,ik->i", solution, normal, solution
    )
    return np.clip(explained / yy, 0.0, 1.0)


def bic(power: np.ndarray, n_points: int, n_terms: int) -> np.ndarray:
    """BIC of a series of `n_terms`, up to a constant: ``n ln(1 - power) + k ln n``.

    Bayesian information criterion for errors of unknown common scale, ``k = 2 n_terms + 1``.
    """
    misfit = np.maximum(1.0 - np.asarray(power), 1e-12)
    return n_points * np.log(misfit) + (2 * n_terms + 1) * np.log(n_points)


def terms_by_bic(
    t: np.ndarray,
    mag: np.ndarray,
    weight: np.ndarray,
    frequency: np.ndarray,
    step: float,
    most: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """How many harmonics each candidate deserves, and the candidates by that.

    Parameters
    ----------
    frequency : ndarray, shape (n,)
        Candidates near their tops. For each number of harmonics the frequency may move
        by a part of the grid step, as more harmonics want it more exactly.
    step : float
        Grid step [1/d].
    most : int
        Largest number of harmonics tried; fewer where the points do not suffice.

    Returns
    -------
    frequency, power, n_terms, value : ndarray
        The lowest BIC (`value`) first; one entry a candidate.
    """
    most = max(1, min(most, (len(t) - 2) // 4))
    n = len(frequency)
    best = np.full(n, np.inf)
    place, top, terms = frequency.copy(), np.zeros(n), np.ones(n, int)
    for k in range(1, most + 1):
        offsets = step * np.linspace(-0.5, 0.5, 4 * k + 1) / 2
        powers = fan_power(t, frequency, offsets, mag, weight, k)
        row = powers.argmax(axis=0)
        power = powers[row, np.arange(n)]
        value = bic(power, len(t), k)
        better = value < best
        best, top = np.where(better, value, best), np.where(better, power, top)
        place = np.where(better, frequency + offsets[row], place)
        terms = np.where(better, k, terms)
    order = np.argsort(best, kind="stable")
    return place[order], top[order], terms[order], best[order]


def trig_sums(
    turn: np.ndarray, mag: np.ndarray, weight: np.ndarray, n_terms: int
) -> tuple[np.ndarray, np.ndarray]:
    """``sum w exp(ikx)``, k = 0 ... 2 n_terms, and ``sum w m exp(ikx)``, k = 0 ... n_terms.

    For every row of `turn` = exp(ix), as `varstar.periods.harmonics.normal_equations`
    wants them.
    """
    moments = np.empty((2 * n_terms + 1, len(turn)), complex)
    projections = np.empty((n_terms + 1, len(turn)), complex)
    columns = np.stack([weight, weight * mag], axis=1)
    moments[0], projections[0] = columns.sum(axis=0)
    power = turn
    for k in range(1, 2 * n_terms + 1):
        if k > 1:
            power = power * turn
        if k <= n_terms:
            moments[k], projections[k] = (power @ columns).T
        else:
            moments[k] = power @ weight
    return moments, projections


def climb(
    power_at: Callable[[np.ndarray, np.ndarray], np.ndarray],
    frequency: np.ndarray,
    step: float,
    n_terms: int = 1,
    keep: int = 6,
) -> tuple[np.ndarray, np.ndarray]:
    """Move candidates to the tops of their peaks; the best first.

    Parameters
    ----------
    power_at : callable
        ``power_at(frequency, offsets)``: exact powers at every ``frequency + offset``,
        shape (n_offsets, n_frequencies).
    frequency : ndarray, shape (n,)
        Candidates, at most half a `step` from their tops.
    step : float
        Grid step [1/d].
    n_terms : int
        Harmonics of the series whose power it is: its peaks are as many times as sharp.
    keep : int
        Only so many candidates are taken into the second round.

    Returns
    -------
    frequency, power : ndarray
        Of distinct peaks (none within 2.5 steps of a higher one), falling power.
    """
    if n_terms > 1:
        offsets = step * np.linspace(-1, 1, 2 * n_terms + 1)
        best = power_at(frequency, offsets).argmax(axis=0)
        frequency = frequency + offsets[best]
    for i, half in enumerate(np.array(ROUNDS) * step / n_terms):
        powers = power_at(frequency, half * np.array([-1.0, 0.0, 1.0]))
        frequency, power = _parabola(frequency, powers, half)
        order = np.argsort(-power, kind="stable")
        if i == 0:
            order = order[distinct(frequency[order], 2.5 * step)][:keep]
        frequency, power = frequency[order], power[order]
    power = power_at(frequency, np.zeros(1))[0]
    order = np.argsort(-power, kind="stable")
    return frequency[order], power[order]


def _parabola(
    frequency: np.ndarray, powers: np.ndarray, half: float
) -> tuple[np.ndarray, np.ndarray]:
    """Tops of the parabolas through three points; the highest point where there is none."""
    left, middle, right = powers
    curvature = left - 2 * middle + right
    with np.errstate(divide="ignore", invalid="ignore"):
        shift = (left - right) / (2 * curvature)
    inside = (curvature < 0) & (np.abs(shift) <= 1.5)
    shift = np.where(inside, shift, np.argmax(powers, axis=0) - 1.0)
    top = np.where(inside, middle - curvature * shift**2 / 2, powers.max(axis=0))
    return frequency + shift * half, top


def distinct(frequency: np.ndarray, distance: float) -> np.ndarray:
    """Positions of the frequencies (best first) without a better one within `distance`."""
    close = np.abs(frequency[:, None] - frequency[None, :]) < distance
    keep: list[int] = []
    for i in range(len(frequency)):
        if not close[i, keep].any():
            keep.append(i)
    return np.array(keep, np.int64)
