"""Scaling of tables of features: transformation, centre, spread, limit; missing values."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from varstar.features.variability import FEATURES

#: The nine features whose logarithm K21 takes (Sect 3.2).
LOGGED = [
    "period", "skewness", "kurtosis", "phase_eta", "phase_cusum", "quartile31",
    "hl_amp_ratio", "amplitude", "slope_per90",
]  # fmt: skip
#: Positive features whose plain logarithm ``"log"`` takes.
POSITIVE = ["amplitude", "hl_amp_ratio", "period", "phase_cusum", "phase_eta", "quartile31"]
#: Scaled features beyond this many standard deviations are cut to it (K21).
CUT = 8.0
KINDS = ("standard", "published", "log")


@dataclass(frozen=True)
class Scaler:
    """Scaling learned from a training set; call it with a table of the same columns.

    Attributes
    ----------
    columns : list of str or int
        Columns of the table, in the order of the output.
    centre, spread : list of float
        Of each column after its transformation.
    low, high, unit : list of float
        Smallest, largest and median absolute value of each column, before it.
    scaling : {"standard", "published", "log"}
        ``"standard"``: no transformation. ``"published"``: ``log10(x - min + 1)`` of
        `LOGGED`, as in K21 (Sect 3.2). ``"log"``: the plain ``log10`` of `POSITIVE`
        instead, and ``asinh`` of the slopes in units of their median size (they have long
        tails either way); K21's form squeezes all periods below a day into a tenth of
        its range.
    clip : float, optional
        Values beyond +-clip are cut to it; without it infinite ones count as missing.
    """

    columns: list
    centre: list[float]
    spread: list[float]
    low: list[float]
    high: list[float]
    unit: list[float]
    scaling: str = "standard"
    clip: float | None = None

    def __call__(self, table: pd.DataFrame | np.ndarray) -> np.ndarray:
        """Scaled values, float32, shape (n, n_columns); a missing one becomes 0, the centre."""
        x = (self._transformed(table) - self.centre) / np.asarray(self.spread)
        if self.clip is None:
            return np.where(np.isfinite(x), x, 0.0).astype(np.float32)
        return np.clip(np.nan_to_num(x, nan=0.0), -self.clip, self.clip).astype(np.float32)

    def out_of_range(self, table: pd.DataFrame | np.ndarray) -> np.ndarray:
        """Number of values of each row that are missing or outside the training set's range."""
        x = self._values(table)
        return (~((x >= np.array(self.low)) & (x <= np.array(self.high)))).sum(axis=1)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists, for JSON; `from_dict` reads them."""
        return asdict(self)

    @classmethod
    def from_dict(cls, state: Mapping[str, Any], **defaults: Any) -> "Scaler":
        """A scaler from `to_dict`, or from the older forms in cards.

        Parameters
        ----------
        state : mapping
            Centre and spread may be called ``mean`` and ``std`` or ``sd``. A state with
            another ``scaling`` than "standard" and without ``clip`` is K21's, cut at `CUT`.
        **defaults
            For what an older state lacks, such as ``columns`` or ``clip``.
        """
        state = {**defaults, **state}
        centre = state["centre"] if "centre" in state else state["mean"]
        spread = next(state[k] for k in ("spread", "std", "sd") if k in state)
        scaling = state.get("scaling", "standard")
        n = len(centre)
        return cls(
            list(state.get("columns", range(n))), list(centre), list(spread),
            list(state.get("low", [-np.inf] * n)), list(state.get("high", [np.inf] * n)),
            list(state.get("unit", [1.0] * n)), scaling,
            state.get("clip", None if scaling == "standard" else CUT),
        )  # fmt: skip

    def _values(self, table: pd.DataFrame | np.ndarray) -> np.ndarray:
        if isinstance(table, pd.DataFrame):
            missing = [c for c in self.columns if c not in table.columns]
            if missing:
                raise ValueError(f"expected the columns {self.columns}. Missing: {missing}")
            return table[self.columns].to_numpy(float, copy=True)
        values = np.array(table, float)
        if values.ndim != 2 or values.shape[1] != len(self.columns):
            raise ValueError(
                f"expected an array of shape (n, {len(self.columns)}). Received: {values.shape}"
            )
        return values

    def _transformed(self, table: pd.DataFrame | np.ndarray) -> np.ndarray:
        x = self._values(table)
        for j, name in enumerate(self.columns):
            if self.scaling == "published" and name in LOGGED:
                x[:, j] = np.log10(np.maximum(x[:, j] - self.low[j] + 1, 1.0))
            elif self.scaling == "log" and name in POSITIVE:
                tiny = max(self.low[j], 1e-6 * self.unit[j])
                x[:, j] = np.log10(np.maximum(x[:, j], tiny))
            elif self.scaling == "log" and str(name).startswith("slope"):
                x[:, j] = np.arcsinh(x[:, j] / self.unit[j])
        return x


def fit_scaler(
    table: pd.DataFrame | np.ndarray,
    scaling: str = "standard",
    *,
    centre: str = "mean",
    clip: float | None = None,
) -> Scaler:
    """Learn the scaling of a training set.

    Parameters
    ----------
    table : DataFrame or ndarray, shape (n, n_columns)
        Missing values are left out of the statistics. Spread is the standard deviation
        (ddof 0); 1 for a column that does not vary. A column without any value keeps
        centre 0 and spread 1, but for the scalings of K21.
    scaling : {"standard", "published", "log"}
        See `Scaler`.
    centre : {"mean", "median"}
    clip : float, optional
        See `Scaler`; `CUT` for the scalings of K21.

    Raises
    ------
    ValueError
        Unknown options; a column without any value that a logarithm needs.
    """
    for name, value, known in (
        ("scaling", scaling, KINDS), ("centre", centre, ("mean", "median")),
    ):  # fmt: skip
        if value not in known:
            raise ValueError(f"{name}: expected one of {known}. Received: {value!r}")
    frame = table if isinstance(table, pd.DataFrame) else pd.DataFrame(np.asarray(table, float))
    low, high = frame.min(), frame.max()
    if scaling != "standard" and low.isna().any():
        raise ValueError(f"no values at all of {list(low.index[low.isna()])}")
    unit = frame.abs().median().where(lambda v: v > 0, 1.0)
    n = len(frame.columns)
    before = [v.to_numpy(float).tolist() for v in (low, high, unit)]
    scaler = Scaler(
        list(frame.columns), [0.0] * n, [1.0] * n, *before, scaling,
        clip if clip is not None or scaling == "standard" else CUT,
    )  # fmt: skip
    x = scaler._transformed(frame)
    some = np.isfinite(x).any(axis=0)
    middle, spread = np.zeros(n), np.zeros(n)
    middle[some] = (np.nanmean if centre == "mean" else np.nanmedian)(x[:, some], axis=0)
    spread[some] = np.nanstd(x[:, some], axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    state = {**scaler.to_dict(), "centre": middle.tolist(), "spread": spread.tolist()}
    return Scaler.from_dict(state)


def as_features(features: Any, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A table of features from a DataFrame (by name) or an array (in order); infinite values
    become missing."""
    columns = list(FEATURES if columns is None else columns)
    if isinstance(features, pd.DataFrame):
        missing = [c for c in columns if c not in features.columns]
        if missing:
            raise ValueError(f"expected the columns {columns}. Missing: {missing}")
        table = features[columns].astype(float)
    else:
        values = np.asarray(features, float)
        if values.ndim != 2 or values.shape[1] != len(columns):
            raise ValueError(
                f"expected an array of shape (n, {len(columns)}). Received: {values.shape}"
            )
        table = pd.DataFrame(values, columns=columns)
    return table.where(np.isfinite(table))
