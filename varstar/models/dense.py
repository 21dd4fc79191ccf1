"""Small dense networks without TensorFlow: their weights read and multiplied by NumPy.

Importing TensorFlow takes longer than classifying thousands of stars with K21's network.
The file of weights is Keras' own, as its card names it; the answers are Keras' to some
1e-6 (float32 sums in another order).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from varstar.models import forward

#: Networks that are known here -> the epsilon of their batch normalisation; layers are
#: [normalisation,] dense, [normalisation,] ReLU, ..., dense, [normalisation,] softmax.
NETWORKS = {"k21": 1e-5, "sm": 1e-3}


class DenseNetwork:
    """A forward pass through dense layers, ReLU between them and softmax at the end.

    Parameters
    ----------
    layers : list of (ndarray, ndarray)
        Weights, shape (n_in, n_out), and biases of each layer, normalisations included.
    """

    def __init__(self, layers: list[tuple[np.ndarray, np.ndarray]]) -> None:
        self.layers = [(w.astype(np.float32), b.astype(np.float32)) for w, b in layers]

    def predict_on_batch(self, x: np.ndarray) -> np.ndarray:
        """Probabilities, shape (n, n_classes), of inputs, shape (n, n_in)."""
        x = np.asarray(x, np.float32)
        for k, (weights, bias) in enumerate(self.layers):
            x = (np.maximum(x, 0) if k else x) @ weights + bias
        x = np.exp(x - x.max(axis=1, keepdims=True))
        return x / x.sum(axis=1, keepdims=True)


def is_known(network: Mapping[str, Any]) -> bool:
    """Whether a card's ``network`` is a dense one that is known here."""
    plain = "head" not in network and not network.get("options", {}).get("batch_norm")
    return plain and network.get("name") in NETWORKS


def read(path: str | Path, name: str) -> DenseNetwork:
    """The network of a file ``*.weights.h5``.

    Parameters
    ----------
    path : path
    name : str
        One of `NETWORKS`.

    Raises
    ------
    ValueError
        The file's layers are not those of that network.
    """
    stored = forward.weights(path)
    dense = forward.numbered(stored, "dense")
    norms = forward.numbered(stored, "batch_normalization")
    if len(norms) not in (0, len(dense) + 1) or len(stored) != len(dense) + len(norms):
        raise ValueError(f"{path}: not a network {name!r}. Layers: {sorted(stored)}")
    layers = []
    for k, (weights, bias) in enumerate(dense):
        if norms:
            scale, shift = forward.affine(norms[k + 1], NETWORKS[name])
            if k == 0:  # of the inputs
                before, add = forward.affine(norms[0], NETWORKS[name])
                weights, bias = before[:, None] * weights, bias + add @ weights
            weights, bias = weights * scale, bias * scale + shift
        layers.append((weights, bias))
    return DenseNetwork(layers)
