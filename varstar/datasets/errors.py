"""Errors that stand in a table as something else: variances, ratios to the brightness, per cent."""

import re
from collections.abc import Mapping

import numpy as np

from varstar.datasets.brightness import POGSON

_FORMS = {
    "ivar": re.compile(r"(?:^|_)(?:ivar|invvar|inv_var|inverse_var(?:iance)?)(?:_|$)"),
    "variance": re.compile(r"(?:^|_)(?:variance|var)$|^(?:variance|var)_(?=mag|flux)"),
    "ratio": re.compile(
        r"(?:^|_)(?:snr|s_n|sn_ratio|signal_to_noise|s_to_n|(?:flux|mag)_over_(?:err|error))(?:_|$)"
    ),
}
_WORDS = {"ivar": "{} ** -0.5", "variance": "{} ** 0.5", "ratio": "brightness / {}"}
_PER_CENT = re.compile(r"(?:^|_)(?:percent|pct|perc|per_cent)(?:_|$)")
_WEIGHTS = re.compile(r"(?:^|_)(?:weights?|wt|wgt)(?:_|$)")


def other_form(kind: str, column: str, known: Mapping[str, str]) -> tuple[str, str] | None:
    """The column from which the error of a brightness follows, and its form.

    Parameters
    ----------
    kind : {"mag", "flux"}
    column : str
        Plain name of the brightness.
    known : mapping
        Plain name -> name of the table's columns.
    """
    for form, pattern in _FORMS.items():
        for name in known:
            hit = pattern.search(name)
            if not hit:
                continue
            rest = (name[: hit.start()] + "_" + name[hit.end() :]).strip("_")
            # "flux_ivar" of "flux" or "flux_nmgy"; "ivar" alone; not "flux_ivar" of "mag"
            if rest in ("", column) or (rest == kind and column.startswith(kind)):
                return name, form
    return None


def from_form(form: str, values: np.ndarray, kind: str, brightness: np.ndarray) -> np.ndarray:
    """Standard deviations, in the brightness's own unit; NaN where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if form == "ivar":  # 0 stands for "not known"
            return np.where(values > 0, 1 / np.sqrt(values), np.nan)
        if form == "variance":
            return np.where(values > 0, np.sqrt(values), np.nan)
        noise = np.where(values > 0, values, np.nan)
        return POGSON / noise if kind == "mag" else np.abs(brightness) / noise


def words(form: str, column: str) -> str:
    """What the report calls such an error."""
    return _WORDS[form].format(column)


def is_per_cent(name: str) -> bool:
    """Whether a column's name says that it is in per cent."""
    return bool(_PER_CENT.search(name))


def weights(known: Mapping[str, str]) -> list[str]:
    """Columns that look like weights: of what unit they are, nobody knows."""
    return [column for name, column in known.items() if _WEIGHTS.search(name)]
