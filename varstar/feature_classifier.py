"""Trained models that look at the sixteen features: what `varstar.classify` calls."""

from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.features import variability_features
from varstar.k21 import as_features, out_of_range, scale
from varstar.periods.inputs import stars_with_several_bands
from varstar.sample import light_curves, one_band


def probabilities(
    sample: NestedFrame,
    periods: np.ndarray,
    card: dict[str, Any],
    networks: tuple,
    bands: str | None = None,
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Class probabilities of each star by the networks' mean.

    Parameters
    ----------
    sample : NestedFrame
    periods : ndarray
        Not used: the networks were trained on features at the strongest Lomb-Scargle
        period, half an eclipsing binary's own, and get the same here.
    card : dict
        Of the model: ``inputs`` (``phases``), ``scaling``, ``classes``.
    networks : tuple of keras.Model
    bands : str, optional

    Returns
    -------
    probability : ndarray, shape (n_stars, n_classes)
        NaN for a star without any feature.
    status : ndarray of str
    more : dict
        ``feature_period``, the period at which the features were computed [d];
        ``out_of_range``, how many of the sixteen are missing or beyond those of the
        training set.
    """
    curves = light_curves(sample, bands)
    if stars_with_several_bands(curves).any():
        curves = one_band(curves, None)
    table = variability_features(curves, phases=card["inputs"]["phases"])
    features = as_features(table, card["scaling"]["columns"])
    status = table["status"].to_numpy(object)
    known = features.notna().any(axis=1).to_numpy()
    probability = np.full((len(table), len(card["classes"])), np.nan)
    if known.any():
        from varstar.models.k21_training import predict

        x = scale(features[known], card["scaling"])
        probability[known] = np.mean([predict(network, x) for network in networks], axis=0)
    status[known & (status == "no period")] = "ok"  # the features without a period served
    missing = pd.Series(out_of_range(features, card["scaling"])).where(known).to_numpy(float)
    more = {"feature_period": table["period"].to_numpy(), "out_of_range": missing}
    return probability, status.astype(str), more
