"""The sixteen features of Kim et al. (2021) for many stars: `variability_features`."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.features import formulas
from varstar.features.blocks import Block, blocks, percentile
from varstar.features.fourier import UNDETERMINED, determined_series
from varstar.lightcurves.folding import usable_periods
from varstar.lightcurves.sample import LightCurves, clean, light_curves, one_band
from varstar.lightcurves.stars import star_index
from varstar.periods.find import known_periods, period_status
from varstar.progress import tqdm

#: The sixteen, in UPSILoN's (alphabetical) order.
FEATURES = [
    "amplitude", "hl_amp_ratio", "kurtosis", "period", "phase_cusum", "phase_eta", "phi21",
    "phi31", "quartile31", "r21", "r31", "shapiro_w", "skewness", "slope_per10",
    "slope_per90", "stetson_k",
]  # fmt: skip
#: Those that need a period.
PERIODIC = [
    "amplitude", "period", "phase_cusum", "phase_eta", "phi21", "phi31", "r21", "r31",
    "slope_per10", "slope_per90",
]  # fmt: skip
#: Symbols of K21's Tab 2.
SYMBOLS = {
    "amplitude": "$H_1$", "hl_amp_ratio": "$A$", "kurtosis": r"$\gamma_2$",
    "period": "Period", "phase_cusum": r"$\psi^{CS}$", "phase_eta": r"$\psi^{\eta}$",
    "phi21": r"$\phi_{21}$", "phi31": r"$\phi_{31}$", "quartile31": "$Q_{3-1}$",
    "r21": "$R_{21}$", "r31": "$R_{31}$", "shapiro_w": "$W$", "skewness": r"$\gamma_1$",
    "slope_per10": "$m_{p10}$", "slope_per90": "$m_{p90}$", "stetson_k": "$K$",
}  # fmt: skip
#: Further features, by name: functions of a `varstar.features.blocks.Block` and the periods
#: [d] of its stars, one value per star. They stand after the sixteen. No shipped model looks
#: at them: a model looks at the features that its own card names, or at `FEATURES`.
MORE: dict[str, Callable[[Block, np.ndarray], np.ndarray]] = {}
#: Fewest points: below, the row is NaN. A series of three harmonics needs 8; K21's
#: authors advise 80.
MIN_POINTS = 3


def variability_features(
    sample: NestedFrame | LightCurves,
    periods: pd.Series | np.ndarray | str | float | None = None,
    bands: str | None = None,
    *,
    phases: str = "upsilon",
    **period_options,
) -> pd.DataFrame:
    """K21's sixteen features of every star, unlogged and unscaled.

    Parameters
    ----------
    sample : NestedFrame or LightCurves
    periods : Series by star_id, array of shape (n_stars,), column name or number, optional
        Periods [d]; the column ``period``, or searched, by default (see
        `varstar.lightcurves.sample`), unweighted as in UPSILoN. A network's features should
        all come from one kind of period.
    bands : str, optional
        Each star's main band by default.
    phases : {"upsilon", "arctan2"}
        Convention of phi21 and phi31, see `varstar.features.formulas.fourier_features`.
    **period_options
        For `varstar.find_periods` (`workers`, `maximum_frequency`, ...).

    Returns
    -------
    DataFrame
        Index ``star_id``; the columns `FEATURES` in UPSILoN's order, those of `MORE`, and
        ``status``: ``"ok"``, ``"no period"`` (the features that need none are there), ``"phases do
        not determine the series"`` (all but the Fourier features are there), or why there
        is nothing. Folding is at ``t mod 2 P`` with the times as given, as in UPSILoN.

    Raises
    ------
    ValueError
        Unknown band, column or convention.

    Notes
    -----
    Where a light curve does not define a feature it is NaN: the Fourier features below 8
    points, W below 3, A where no point is fainter than the median, slopes where no two
    neighbours in phase differ.
    """
    if phases not in ("upsilon", "arctan2"):
        raise ValueError(f"phases: expected 'upsilon' or 'arctan2'. Received: {phases!r}")
    if periods is not None and period_options:
        raise ValueError(f"periods given: options {sorted(period_options)} would be ignored")
    index = star_index(sample)
    curves, status = clean(one_band(light_curves(sample), bands), min_points=MIN_POINTS)
    periods = known_periods(sample, periods, curves, **{"weighted": False} | period_options)
    usable = status == "ok"
    status = period_status(status, periods)
    has_period = status == "ok"

    table = {name: np.full(curves.n_stars, np.nan) for name in [*FEATURES, *MORE]}
    bar = tqdm(total=int(usable.sum()), desc="features", unit="star", disable=None, leave=False)
    with bar:
        for block in blocks(curves, usable):
            for name, values in _features(block, periods[block.rows]).items():
                table[name][block.rows] = values
            bar.update(len(block.rows))
    periods = np.where(has_period, periods, np.nan)
    coefficients, chi2 = determined_series(curves, periods, 3, weighted=False)
    status[has_period & (curves.counts >= 8) & np.isnan(chi2)] = UNDETERMINED
    table |= formulas.fourier_features(coefficients, phases)
    table["period"] = periods
    for name in PERIODIC:
        table[name][~has_period] = np.nan
    table = pd.DataFrame(table, index=index)[[*FEATURES, *MORE]]
    return table.assign(status=pd.array(status, dtype="str"))


def _features(block: Block, periods: np.ndarray) -> dict[str, np.ndarray]:
    """All but the Fourier features of one block."""
    _, n, valid, t, mag, err = block
    mean, std = formulas.weighted_mean_std(mag, err, valid)
    ordered = np.where(valid, mag, np.inf)
    ordered.sort(axis=1)
    median = percentile(ordered, n, 50)
    skewness, kurtosis = formulas.skewness_kurtosis(mag, valid, n)

    known = usable_periods(periods)
    period = np.where(np.isnan(known), 1.0, known)[:, None]
    phase = np.where(valid, t % (2 * period), np.inf)
    order = np.argsort(phase, axis=1)
    folded = np.take_along_axis(mag, order, axis=1)
    phase = np.where(valid, np.take_along_axis(phase, order, axis=1), 0.0)
    slope10, slope90 = formulas.slope_percentiles(phase, folded, n)
    return {
        "hl_amp_ratio": formulas.hl_amp_ratio(mag, err, valid, median),
        "kurtosis": kurtosis,
        "phase_cusum": formulas.phase_cusum(folded, n, mean, std),
        "phase_eta": formulas.phase_eta(folded, n, std),
        "quartile31": formulas.quartile31(ordered, n),
        "shapiro_w": formulas.shapiro_w(ordered, n),
        "skewness": skewness,
        "slope_per10": slope10,
        "slope_per90": slope90,
        "stetson_k": formulas.stetson_k(mag, err, valid, n, median),
        **{name: function(block, periods) for name, function in MORE.items()},
    }
