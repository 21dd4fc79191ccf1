"""Periods that a caller gives, in the order of the sample."""

import warnings
from typing import Any

import numpy as np
import pandas as pd

from varstar.lightcurves.folding import usable_periods
from varstar.lightcurves.stars import star_values

#: A table with these columns is one of `varstar.find_periods`.
SEARCHED = ("period", "fap")


def given_periods(sample: pd.DataFrame, periods: Any) -> tuple[np.ndarray, pd.DataFrame | None]:
    """Each star's given period [d], NaN for none, and the caller's own search.

    Parameters
    ----------
    sample : DataFrame
        One row per star.
    periods : optional
        None: the column ``period`` where the sample has one. A column's name, one number
        for all, an array in the order of the sample, a Series or a table by star. A table
        of `varstar.find_periods` is a search: it stands in for the classifier's own.

    A zero or a number that is none counts as no period, as in catalogues; a negative one
    among several too, with a warning.

    Raises
    ------
    ValueError
        One number for all that is not positive, an unknown column, an array of another
        length, or an index that names none of the stars
        (`varstar.lightcurves.stars.star_values`).
    """
    if isinstance(periods, int | float | np.number) and periods <= 0:
        raise ValueError(f"periods: expected a positive number of days. Received: {periods!r}")
    if periods is None and "period" in sample.columns:
        periods = "period"
    if not isinstance(periods, pd.DataFrame):
        return _usable(star_values(sample, periods, "periods")), None
    if "period" not in periods.columns:
        raise ValueError(
            f"periods: expected a table with the column 'period'. Received: {list(periods.columns)}"
        )
    if not set(SEARCHED) <= set(periods.columns):
        return _usable(star_values(sample, periods["period"], "periods")), None
    from varstar.periods.find import COLUMNS

    row = star_values(sample, pd.Series(np.arange(len(periods)), periods.index), "periods")
    table = periods.reset_index(drop=True).reindex(row).reset_index(drop=True)
    return np.full(len(sample), np.nan), table.reindex(columns=COLUMNS)


def _usable(values: np.ndarray) -> np.ndarray:
    """Positive periods; NaN for the others, with a warning where some are negative."""
    negative = int(np.sum(values.astype(float) < 0))
    if negative:
        warnings.warn(
            f"periods: {negative} negative, which count as none: they are found", stacklevel=4
        )
    return usable_periods(values)
