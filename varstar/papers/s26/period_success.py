"""How often S26's periods are right, by years of survey (Sect. 3.2 and 3.3).

A period from one band is right within 15 % of the catalogue's, one from several bands
within 5 %, for eclipsing binaries also of P/2 and 2P.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.lightcurves.preprocess import first_years
from varstar.lightcurves.sample import LightCurves, light_curves
from varstar.periods import OUTCOMES, period_success

#: Lengths of the light curves [yr], Sect. 3.2; ten years are LSST's plan.
WINDOWS = (1, 2, 3, 5)


#: What counts as right: largest relative difference, and for which classes which multiples
#: of the period count too. Sect. 3.2 and 3.3.
RULES: dict[str, dict] = {
    "one band": {"tolerance": 0.15, "multiples": {}},
    # EB: what EROS-2 calls them
    "several bands": {"tolerance": 0.05, "multiples": {"ECL": (0.5, 2.0), "EB": (0.5, 2.0)}},
}


def is_right(
    found: pd.Series,
    true: pd.Series,
    label: pd.Series | None = None,
    *,
    tolerance: float,
    multiples: Mapping[str, Sequence[float]] | None = None,
) -> pd.Series:
    """Whether each period is the catalogue's by S26's rules (see `RULES`).

    Parameters
    ----------
    found, true : Series
        Periods by star [d]; aligned to the index of `found`.
    label : Series, optional
        Classes, where `multiples` names some.
    tolerance : float
        Largest ``|found - k true| / (k true)``.
    multiples : mapping, optional
        Class -> further factors k that count.

    Returns
    -------
    Series of bool
        False where either period is missing.
    """
    p = found.to_numpy(float)
    truth = true.reindex(found.index).to_numpy(float)

    def near(k: float) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.abs(p / (k * truth) - 1) <= tolerance

    right = near(1.0)
    for name, factors in (multiples or {}).items():
        if label is None:
            raise ValueError("label: expected the classes, since multiples names some")
        mine = (label.reindex(found.index) == name).to_numpy(bool)
        for k in factors:
            right |= mine & near(k)
    return pd.Series(right, index=found.index, name="right")


def periods_by_years(
    sample: NestedFrame,
    methods: Mapping[str, Callable[[NestedFrame], pd.DataFrame]],
    windows: Sequence[float] = WINDOWS,
    *,
    label: str = "superclass",
    true: str = "period",
) -> pd.DataFrame:
    """Every method's periods from the first years, one row per star, window and method.

    Parameters
    ----------
    sample : NestedFrame
    methods : mapping
        Name -> function of a sample, such as `multi_band_periods`.
    windows : sequence of float
        [yr].
    label, true : str
        Columns of the classes and of the catalogue's periods.

    Returns
    -------
    DataFrame
        ``star_id, label, true, method, years, period, n_points, status, span`` [d].
    """
    parts = []
    for years in windows:
        cut = first_years(sample, years)
        span = _spans(light_curves(cut))
        for name, method in methods.items():
            part = method(cut).drop(columns="n_harmonics").reset_index()
            part = part.assign(
                label=sample[label].to_numpy(object),
                true=sample[true].to_numpy(float),
                method=name,
                years=years,
                span=span,
            )
            parts.append(part)
    columns = ["star_id", "label", "true", "method", "years", "period"]
    return pd.concat(parts, ignore_index=True)[[*columns, "n_points", "status", "span"]]


def _spans(curves: LightCurves) -> np.ndarray:
    low, high = np.full(curves.n_stars, np.inf), np.full(curves.n_stars, -np.inf)
    np.minimum.at(low, curves.star, curves.t)
    np.maximum.at(high, curves.star, curves.t)
    return np.where(curves.counts > 0, high - low, np.nan)


def interval(
    right: np.ndarray | int, n: np.ndarray | int, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's interval of the rate ``right / n``; NaN where `n` is zero."""
    from astropy.stats import binom_conf_interval

    right, n = np.atleast_1d(np.asarray(right, int)), np.atleast_1d(np.asarray(n, int))
    some = n > 0
    low, high = np.full(len(n), np.nan), np.full(len(n), np.nan)
    if some.any():
        low[some], high[some] = binom_conf_interval(
            right[some], n[some], confidence_level=level, interval="wilson"
        )
    return low, high


def success_by_years(
    periods: pd.DataFrame,
    rule: str | Mapping[str, str],
    classes: Sequence[str] | None = None,
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """S26's Tables 2 and 3: how many periods are right, by class and years.

    Parameters
    ----------
    periods : DataFrame
        From `periods_by_years`.
    rule : str or mapping
        Name in `RULES`, one for all or by method.
    classes : sequence of str, optional
        Order of the rows; those of `periods` by default.
    level : float
        Of the binomial intervals (Wilson).

    Returns
    -------
    DataFrame
        Index ``method, label, years``: ``stars``, ``few_points`` (flagged: not enough
        points), ``judged`` (with a period searched for), ``right``, ``rate`` with ``low``
        and ``high`` among the judged, ``rate_of_all`` among all.
    """
    parts = []
    for method, part in periods.groupby("method", sort=False):
        chosen = RULES[rule if isinstance(rule, str) else rule[method]]
        right = is_right(part["period"], part["true"], part["label"], **chosen)
        parts.append(part.assign(right=right, judged=part["status"] == "ok"))
    table = pd.concat(parts)
    rows = table.groupby(["method", "label", "years"], sort=False).agg(
        stars=("star_id", "size"), judged=("judged", "sum"), right=("right", "sum")
    )
    rows["few_points"] = rows["stars"] - rows["judged"]
    rows["rate"] = rows["right"] / rows["judged"].where(rows["judged"] > 0)
    rows["low"], rows["high"] = interval(rows["right"], rows["judged"], level)
    rows["rate_of_all"] = rows["right"] / rows["stars"]
    if classes is not None:
        known = set(rows.index.get_level_values("label"))
        order = [c for c in classes if c in known]
        rows = rows.reindex(order, level="label")
    columns = ["stars", "few_points", "judged", "right", "rate", "low", "high", "rate_of_all"]
    return rows[columns]


def outcomes_by_years(
    periods: pd.DataFrame, *, tolerance: float = 0.01, by: Sequence[str] = ("method", "years")
) -> pd.DataFrame:
    """The same periods by our taxonomy (`varstar.periods.success`): parts of each outcome."""
    found = periods["period"].where(periods["status"] == "ok")
    outcome = period_success(found, periods["true"], periods["span"], tolerance)
    keys = [periods[k] for k in by]
    counts = pd.crosstab(keys, outcome).reindex(columns=OUTCOMES, fill_value=0)
    return counts.div(counts.sum(axis=1), axis=0).assign(stars=counts.sum(axis=1))
