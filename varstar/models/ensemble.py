"""Predictions of several networks, averaged."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from varstar.models.forward import Network


def mean_prediction(networks: Sequence[Any], x: list[np.ndarray]) -> np.ndarray:
    """Mean of the networks' outputs, shape (n, n_outputs).

    Parameters
    ----------
    networks : sequence of keras.Model or of varstar.models.forward.Network
        With one output each.
    x : list of ndarray
        The networks' inputs, each with n rows.
    """
    if all(isinstance(network, Network) for network in networks):
        return np.mean([network.predict_on_batch(x) for network in networks], axis=0)
    from varstar.learning.training import predict  # imports TensorFlow

    return predict(list(networks), x)
