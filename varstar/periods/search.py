"""Coarse search of one light curve: all trial frequencies with one non-uniform FFT.

What is searched is Schuster's periodogram ``|sum w m exp(2 pi i f t)|^2`` of the
mean-subtracted magnitudes. It differs from the floating-mean Lomb-Scargle power where
the sampling is uneven in phase (near one cycle a day, and for few cycles), therefore it
only nominates candidates; `varstar.periods.refine` computes the exact powers and decides.

Single precision is enough to nominate, on two conditions. The phases are reduced in
double precision before the cast. And the grid is cut into blocks of `BLOCK` frequencies:
the middle frequency of each block is multiplied into the strengths in double precision,
so the transform itself turns no point by more than ``BLOCK / 2`` steps; each block's FFT
also stays in the processor's cache, which makes it four times as fast as a single one.
"""

import threading

import finufft
import numpy as np

from varstar.periods.grid import Grid

#: Frequencies a block.
BLOCK = 16384
#: Relative accuracy of the transform.
EPS = 1e-3
#: Phases computed at a time: 2^20 are 24 MB, however many blocks and points there are.
PHASES = 2**20
#: Candidates are picked from windows of so many grid points (a power of two).
WINDOW = 8

_local = threading.local()


def _plan() -> finufft.Plan:
    """This thread's plan, made once and used for every star."""
    if not hasattr(_local, "plan"):
        _local.plan = finufft.Plan(
            1, (BLOCK,), n_trans=1, eps=EPS, isign=1, dtype="complex64", nthreads=1,
            upsampfac=1.25,
        )  # fmt: skip
    return _local.plan


def periodogram(t: np.ndarray, strength: np.ndarray, grid: Grid) -> np.ndarray:
    """``|sum strength exp(2 pi i f t)|^2`` on the grid, in single precision.

    Parameters
    ----------
    t : ndarray of float64
        Times [d], best counted from the middle of the light curve.
    strength : ndarray
        Weights times mean-subtracted magnitudes.
    grid : Grid

    Returns
    -------
    ndarray of float32, shape (grid.n,)
    """
    cycles = t * grid.step
    cycles -= np.floor(cycles)
    plan = _plan()
    plan.setpts((2 * np.pi * (cycles - 0.5)).astype(np.float32))
    power = np.empty(grid.n, np.float32)
    strength = strength.astype(np.float32)
    starts = np.arange(0, grid.n, BLOCK)
    together = max(1, PHASES // len(t))
    for first in range(0, len(starts), together):
        some = starts[first : first + together]
        turned = _turned(cycles, strength, grid.k_first + some + BLOCK // 2)
        # A block holds the modes -BLOCK/2 ... BLOCK/2 - 1 about its middle; the half turn of
        # the points above changes signs only, not powers.
        for start, strengths in zip(some, turned, strict=True):
            squares = plan.execute(strengths).view(np.float32)
            squares *= squares
            total = squares[0::2] + squares[1::2]
            power[start : start + BLOCK] = total[: grid.n - start]
    return power


def _turned(cycles: np.ndarray, strength: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """``strength exp(2 pi i k t)`` for the middle k of each block, shape (n_blocks, n_points).

    From block to block every point turns by the same angle: only the first block's angles and
    that one have a cosine and a sine computed, in double precision.
    """
    first, step = _unit_circle(cycles, middle[0]), _unit_circle(cycles, BLOCK)
    turned = np.empty((len(middle), len(cycles)), np.complex64)
    first *= strength
    for row in turned:
        row[:] = first
        first *= step
    return turned


def _unit_circle(cycles: np.ndarray, k: int) -> np.ndarray:
    """``exp(2 pi i k t)``; whole turns are taken out before the cosine."""
    angle = cycles * k
    angle -= np.floor(angle)
    angle *= 2 * np.pi
    return np.cos(angle) + 1j * np.sin(angle)


def harmonic_sum(power: np.ndarray, grid: Grid, n_terms: int) -> np.ndarray:
    """Powers added over the harmonics ``f, 2f ... n_terms f``: the power of a series.

    With even phase coverage the reduction of chi^2 by a harmonic series is the sum of
    the powers at its frequencies. A harmonic beyond the grid adds nothing; the k-th is
    looked up within half of k steps, since the grid at f samples it k times as coarsely.
    """
    total = power.copy()
    for order in range(2, n_terms + 1):
        size = grid.k_last // order - grid.k_first + 1  # frequencies whose harmonic is on the grid
        if size <= 0:
            break
        start, reach = (order - 1) * grid.k_first, order // 2
        # the k-th harmonics lie `order` apart: slices, no look-up; the ends repeat themselves
        padded = np.concatenate([power[:1].repeat(reach), power, power[-1:].repeat(reach)])
        best = padded[start::order][:size].copy()
        for shift in range(1, 2 * reach + 1):
            np.maximum(best, padded[start + shift :: order][:size], out=best)
        total[:size] += best
    return total


def highest_peaks(power: np.ndarray, n_peaks: int) -> np.ndarray:
    """Positions of the `n_peaks` highest windows' maxima, highest first.

    A peak at the border of two windows may be named twice; the refinement merges them.
    """
    top = power
    for _ in range(WINDOW.bit_length() - 1):  # halved three times, faster than one reduction
        last = top[-1:] if len(top) % 2 else top[:0]
        pairs = len(top) // 2 * 2
        top = np.concatenate([np.maximum(top[0:pairs:2], top[1:pairs:2]), last])
    n_peaks = min(n_peaks, len(top))
    windows = np.argpartition(top, -n_peaks)[-n_peaks:]
    windows = windows[np.argsort(top[windows])[::-1]]
    peaks = [w * WINDOW + int(np.argmax(power[w * WINDOW : (w + 1) * WINDOW])) for w in windows]
    return np.array(peaks, np.int64)
