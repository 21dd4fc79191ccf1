"""Numbers of stars, however the user gave them: a column, one number, a Series, an array."""

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.sample import LightCurves


def star_index(sample: NestedFrame | LightCurves) -> pd.Index:
    """Names of the stars of a sample; of flat light curves their numbers."""
    if isinstance(sample, LightCurves):
        return pd.RangeIndex(sample.n_stars, name="star_id")
    return sample.index


def star_values(
    sample: NestedFrame | LightCurves,
    values: "str | float | np.ndarray | pd.Series | None",
    name: str,
) -> np.ndarray:
    """One number per star, in the order of the sample, however the user gave it.

    Parameters
    ----------
    sample : NestedFrame or LightCurves
    values : str, float, Series, array_like or None
        A column of `sample`, one number for all, a Series by star, or an array in the
        order of the sample. NaN where a Series lacks a star; None gives NaN.
    name : str
        What the values are, for the error message.

    Raises
    ------
    ValueError
        Unknown column, no numbers, an array of another length, or a Series that names a
        star twice or none of the sample's stars.
    """
    index = star_index(sample)
    if values is None:
        return np.full(len(index), np.nan)
    if isinstance(values, str):
        columns = [] if isinstance(sample, LightCurves) else list(sample.columns)
        if values not in columns:
            raise ValueError(f"{name}: no column {values!r} in the sample. Columns: {columns}")
        values = sample[values]
    if isinstance(values, pd.Series):
        values = _by_star(values, index, name)
    try:
        if isinstance(values, pd.Series):
            values = pd.to_numeric(values).to_numpy(float, na_value=np.nan)
        values = np.asarray(values, float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}: expected numbers. {error}") from error
    if values.ndim and values.shape != (len(index),):
        raise ValueError(
            f"{name}: expected one value per star ({len(index)}). Received shape: {values.shape}"
        )
    return np.array(np.broadcast_to(values, (len(index),)))


def _by_star(values: pd.Series, index: pd.Index, name: str) -> pd.Series:
    """`values` in the order of `index`."""
    if values.index.equals(index):
        return values
    if not values.index.is_unique:
        twice = values.index[values.index.duplicated()][:3].tolist()
        raise ValueError(f"{name}: expected one value per star. Received twice: {twice}")
    if len(index) and not index.isin(values.index).any():
        raise ValueError(
            f"{name}: a Series by star names none of the sample's stars. Sample: "
            f"{index[:3].tolist()}. Received: {values.index[:3].tolist()}"
        )
    return values.reindex(index)
