"""The slow, exact search with astropy: what the fast one is tested against."""

from collections.abc import Callable

import numpy as np
from astropy.timeseries import LombScargle, LombScargleMultiband

from varstar.periods.grid import frequency_grid


def find_period_reference(
    t: np.ndarray, mag: np.ndarray, err: np.ndarray, n_terms: int = 1, **grid_options
) -> tuple[float, float]:
    """Best period [d] and its power by the exact floating-mean periodogram on the grid.

    Every trial frequency of the same grid (see `varstar.periods.grid`) is computed
    exactly; the highest is then refined on twenty times as fine a grid.

    Parameters
    ----------
    t, mag, err : ndarray
        One clean light curve [d, mag, mag].
    n_terms : int
    **grid_options
        For `varstar.periods.grid.frequency_grid`.
    """
    model = LombScargle(t, mag, err, nterms=n_terms)
    method = "cython" if n_terms == 1 else "chi2"
    return _best(lambda f: model.power(f, method=method, assume_regular_frequency=False),
                 t, grid_options)  # fmt: skip


def find_period_multiband_reference(
    t: np.ndarray,
    mag: np.ndarray,
    err: np.ndarray,
    band: np.ndarray,
    shared: bool = False,
    **grid_options,
) -> tuple[float, float]:
    """The same for several bands (VanderPlas & Ivezic 2015), exact.

    Parameters
    ----------
    band : ndarray
        Name or code of each point's band.
    shared : bool
        One phase and amplitude for all bands, each with its own mean (N_base 1, N_band
        0); otherwise each band has its own (N_base 0, N_band 1, their multi-phase model).
    """
    terms = {"nterms_base": 1, "nterms_band": 0} if shared else {"nterms_base": 0, "nterms_band": 1}
    model = LombScargleMultiband(
        t, mag, band, dy=err, reg_base=0, reg_band=1e-10, regularize_by_trace=False, **terms
    )
    return _best(lambda f: model.power(f, method="flexible"), t, grid_options)


def _best(power: Callable, t: np.ndarray, grid_options: dict) -> tuple[float, float]:
    grid = frequency_grid(float(np.ptp(t)), **grid_options)
    frequency = np.arange(grid.k_first, grid.k_last + 1) * grid.step
    best = frequency[np.argmax(power(frequency))]
    fine = best + grid.step * np.linspace(-1, 1, 41)
    values = power(fine)
    return float(1 / fine[np.argmax(values)]), float(values.max())
