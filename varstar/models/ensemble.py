"""Predictions of several networks, averaged."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from varstar.models.dense import DenseNetwork
from varstar.models.forward import Network


def mean_prediction(networks: Sequence[Any], x: list[np.ndarray]) -> np.ndarray:
    """Mean of the networks' outputs, shape (n, n_outputs).

    Parameters
    ----------
    networks : sequence of keras.Model, DenseNetwork or Network
        With one output each.
    x : list of ndarray
        The networks' inputs, each with n rows.
    """
    if all(isinstance(network, DenseNetwork | Network) for network in networks):
        rows = x if isinstance(networks[0], Network) else x[0]
        return np.mean([network.predict_on_batch(rows) for network in networks], axis=0)
    from varstar.learning.training import predict  # imports TensorFlow

    return predict(list(networks), x)
