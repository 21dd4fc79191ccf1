"""Small dense networks without TensorFlow: their weights read and multiplied by NumPy.

Importing TensorFlow takes longer than classifying thousands of stars with K21's network.
The file of weights is Keras' own, as its card names it; the answers are Keras' to some
1e-6 (float32 sums in another order).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

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
    import h5py

    with h5py.File(path) as file:
        stored = {
            group: [np.asarray(item["vars"][k], float) for k in sorted(item["vars"], key=int)]
            for group, item in file["layers"].items()
            if "vars" in item and len(item["vars"])
        }
    dense = _of(stored, "dense")
    norms = _of(stored, "batch_normalization")
    if len(norms) not in (0, len(dense) + 1) or len(stored) != len(dense) + len(norms):
        raise ValueError(f"{path}: not a network {name!r}. Layers: {sorted(stored)}")
    layers = []
    for k, (weights, bias) in enumerate(dense):
        if norms:
            scale, shift = _affine(norms[k + 1], NETWORKS[name])
            if k == 0:  # of the inputs
                before, add = _affine(norms[0], NETWORKS[name])
                weights, bias = before[:, None] * weights, bias + add @ weights
            weights, bias = weights * scale, bias * scale + shift
        layers.append((weights, bias))
    return DenseNetwork(layers)


def _of(stored: Mapping[str, list[np.ndarray]], kind: str) -> list[list[np.ndarray]]:
    """The layers of a kind, in the order that Keras numbers them."""
    numbers = {
        int(name.removeprefix(kind).lstrip("_") or 0): values
        for name, values in stored.items()
        if name == kind or name.removeprefix(f"{kind}_").isdecimal()
    }
    return [numbers[k] for k in sorted(numbers)]


def _affine(norm: list[np.ndarray], epsilon: float) -> tuple[np.ndarray, np.ndarray]:
    """A trained normalisation as a factor and a term."""
    gamma, beta, mean, variance = norm
    scale = gamma / np.sqrt(variance + epsilon)
    return scale, beta - mean * scale
