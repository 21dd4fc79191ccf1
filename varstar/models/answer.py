"""The columns of an answer."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd


def labels(probability: np.ndarray, classes: Sequence[str]) -> dict[str, np.ndarray]:
    """Label, its probability, and a column per class; missing where a row has NaN."""
    known = ~np.isnan(probability).any(axis=1)
    label = np.full(len(probability), None, object)
    label[known] = np.asarray(classes, object)[probability[known].argmax(axis=1)]
    top = np.full(len(probability), np.nan)
    top[known] = probability[known].max(axis=1)
    columns = dict(zip(classes, probability.T, strict=True))
    return {"label": label, "probability": top, **columns}


def column(values: Any, dtype: str) -> Any:
    """A column of that dtype; NaN becomes "missing" where the dtype has one."""
    if dtype == "str":
        return pd.array(np.asarray(values, object), dtype="str")
    if dtype in ("Int64", "boolean"):
        values = np.asarray(values, float)
        missing = np.isnan(values)
        column = pd.array(np.where(missing, 0, values).astype(np.int64), dtype="Int64")
        column = column.astype(dtype)
        column[missing] = pd.NA
        return column
    return np.asarray(values, dtype)
