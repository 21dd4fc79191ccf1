"""Trained models that look at features: what `varstar.classify` calls.

A card of this kind holds, besides what all have: ``scalings`` (a state of
`fit_scaling` for each network), ``range`` (one of all training stars, for the
flag), ``tree_share`` (weight of the boosted trees ``trees.npz`` in the mean of the two).
"""

from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.features import FEATURES, variability_features
from varstar.features.shape import SHAPE, shape_features
from varstar.learning import trees
from varstar.lightcurves.sample import LightCurves, light_curves, one_band, select_bands
from varstar.models import store
from varstar.papers.k21.classifier import as_features, out_of_range, scale
from varstar.periods import find_periods


def all_features(curves: LightCurves) -> pd.DataFrame:
    """K21's sixteen features, those of the shape, and ``status``, at one period found here.

    The period is the strongest of the unweighted Lomb-Scargle periodogram, as in UPSILoN.
    """
    found = find_periods(curves, weighted=False)
    table = variability_features(curves, found["period"], phases="arctan2")
    shape = shape_features(curves, found)
    return pd.concat([table[FEATURES], shape[SHAPE], table["status"]], axis=1)


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
        Not used: the models were trained on features at the strongest Lomb-Scargle
        period, half an eclipsing binary's own, and get the same here.
    card : dict
    networks : tuple of keras.Model
    bands : str, optional

    Returns
    -------
    probability : ndarray, shape (n_stars, n_classes)
        NaN for a star without any feature; never NaN for another.
    status : ndarray of str
    more : dict
        ``feature_period``, the period at which the features were computed [d];
        ``out_of_range``, how many of the sixteen are missing or beyond those of the
        training set.
    """
    curves = light_curves(sample, bands)
    own = card["inputs"].get("bands")
    if bands is None and own in curves.bands:
        curves = select_bands(curves, own)  # the band it learned from, where there are several
    table = all_features(one_band(curves))
    features = as_features(table)
    status = table["status"].to_numpy(object, copy=True)
    known = features.notna().any(axis=1).to_numpy()
    probability = np.full((len(table), len(card["classes"])), np.nan)
    if known.any():
        probability[known] = _mean(table[known], card, networks)
    status[known & (status == "no period")] = "ok"  # the features without a period served
    missing = pd.Series(out_of_range(features, card["range"])).where(known).to_numpy(float)
    more = {"feature_period": table["period"].to_numpy(), "out_of_range": missing}
    return probability, status.astype(str), more


def _mean(table: pd.DataFrame, card: dict[str, Any], networks: tuple) -> np.ndarray:
    from varstar.papers.k21.training import predict

    features = as_features(table)
    by_network = np.mean(
        [
            predict(network, scale(features, state))
            for network, state in zip(networks, card["scalings"], strict=True)
        ],
        axis=0,
    )
    share = card["tree_share"]
    by_tree = trees.predict(store.arrays(card["name"], "trees"), table[[*FEATURES, *SHAPE]])
    return (1 - share) * by_network + share * by_tree
