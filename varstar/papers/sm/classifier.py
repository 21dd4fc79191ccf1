"""The trained models of Santomena & Mufti's kind: what `varstar.classify` calls.

They see catch22 of the light curve in order of time and in order of phase, and beside it
what catch22 cannot know: period, amplitude and the shape over two periods. A card of this
kind holds, besides what all have: ``columns`` (of `all_features`, in order), ``centre`` and
``spread`` (of each column, for the networks), ``tree_share`` (weight of the boosted trees
``trees.npz`` in the mean of the two), ``low`` and ``high`` (1st and 99th percentile of each
column among the training stars).
"""

from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.features.catch22 import MIN_POINTS, catch22_features
from varstar.learning import trees
from varstar.lightcurves.sample import LightCurves, light_curves, one_band
from varstar.models import store
from varstar.papers.k21 import shipped as feature_classifier

#: Columns by where they come from, for `varstar.learning.importance.group_importance`; what is not
#: named here is catch22: ``raw_...`` in order of time, ``folded_...`` in order of phase.
PERIOD = ["period", "power", "runner_up_ratio", "runner_up_power"]


def all_features(curves: LightCurves, base: "pd.DataFrame | None" = None) -> pd.DataFrame:
    """Everything the models see, and ``status``; the period is found here.

    K21's sixteen features and the shape over two periods
    (`varstar.papers.k21.shipped.all_features`), the period and the amplitude as
    logarithms; catch22 and the standard deviation in order of time, ``raw_...``, and in
    order of phase, ``folded_...``. `base` is the first of these, where it is known.
    """
    table = feature_classifier.all_features(curves) if base is None else base.copy()
    raw = catch22_features(curves, catch24=True).drop(columns=["status", "mean"])
    folded = catch22_features(curves, series="folded", periods=table["period"].to_numpy())
    status = table.pop("status")
    with np.errstate(invalid="ignore", divide="ignore"):
        for name in ("period", "amplitude", "fit_amplitude", "fit_rms"):
            table[name] = np.log10(table[name])
        raw["std"] = np.log10(raw["std"])
    parts = [table, raw.add_prefix("raw_"), folded.drop(columns="status").add_prefix("folded_")]
    frame = pd.concat(parts, axis=1).astype(float)
    return frame.replace([np.inf, -np.inf], np.nan).assign(status=status)


def network_inputs(table: pd.DataFrame, card: dict[str, Any]) -> np.ndarray:
    """Standard scores within +-5; 0, the mean star, where a feature is missing."""
    z = (table[card["columns"]].to_numpy(float) - card["centre"]) / np.asarray(card["spread"])
    return np.nan_to_num(np.clip(z, -5, 5)).astype(np.float32)


def combined(by_network: np.ndarray, by_tree: np.ndarray, share: float) -> np.ndarray:
    """Mean of two sets of probabilities, `share` the weight of the trees'."""
    return (1 - share) * by_network + share * by_tree


def probabilities(
    sample: NestedFrame,
    periods: np.ndarray,
    card: dict[str, Any],
    networks: tuple,
    bands: str | None = None,
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Class probabilities of each star: the networks' mean and the trees', averaged.

    Parameters
    ----------
    sample : NestedFrame
    periods : ndarray
        Not used: every star's period is found alike, as in training. (The training
        survey's catalogue has periods of eclipsing binaries only; a model that saw them
        would learn the catalogue's gaps.)
    card : dict
    networks : tuple of keras.Model
    bands : str, optional

    Returns
    -------
    probability : ndarray, shape (n_stars, n_classes)
        NaN for a star that cannot be classified.
    status : ndarray of str
    more : dict
        ``feature_period``, the period at which the features were computed [d];
        ``out_of_range``, the share of features beyond the training stars' 1st and 99th
        percentile, or missing.
    """
    curves = light_curves(sample, bands)
    table = all_features(one_band(curves))
    status = table["status"].to_numpy(object, copy=True)
    columns = card["columns"]
    short = table["raw_std"].isna().to_numpy()  # too few points for catch22
    status[(status == "ok") & short] = f"fewer than {MIN_POINTS} valid points"
    usable = (status == "ok") & np.isfinite(table["period"].to_numpy())
    probability = np.full((len(table), len(card["classes"])), np.nan)
    out = np.full(len(table), np.nan)
    if usable.any():
        part = table[usable]
        x = network_inputs(part, card)
        by_network = np.mean([_outputs(network, x) for network in networks], axis=0)
        by_tree = trees.predict(store.arrays(card["name"], "trees"), part[columns].to_numpy())
        probability[usable] = combined(by_network, by_tree, card["tree_share"])
        values = part[columns].to_numpy(float)
        inside = (values >= card["low"]) & (values <= card["high"])
        out[usable] = 1 - inside.mean(axis=1)
    status[(status == "ok") & ~usable] = "no period"
    more = {"feature_period": 10 ** table["period"].to_numpy(), "out_of_range": out}
    return probability, status.astype(str), more


def _outputs(network: Any, x: np.ndarray, batch: int = 4096) -> np.ndarray:
    import keras

    parts = [
        keras.ops.convert_to_numpy(network(x[i : i + batch], training=False))
        for i in range(0, len(x), batch)
    ]
    return np.concatenate(parts)
