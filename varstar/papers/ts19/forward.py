"""TS19's autoencoder as NumPy computes it: see `varstar.papers.ts19.network.build_ts19`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from varstar.models.forward import Network, dense, gru, numbered, projected

#: Sequences at a time: a step of all of them is one product of matrices.
ROWS = 512
_SMALL = np.float32(1e-6)


def autoencoder(
    layers: Mapping, inputs: Sequence[np.ndarray], options: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    """What the autoencoder says about sequences.

    Parameters
    ----------
    layers : mapping
        Of `varstar.models.forward.weights`.
    inputs : sequence of ndarray
        Sequences (n, length, 3).
    options : mapping

    Returns
    -------
    dict of ndarray
        ``reconstruction`` (n, length); ``features`` (n, embedding + 2): the embedding,
        relative Euclidean distance and cosine similarity (TS19, Eq 2).
    """
    recurrent, linear = numbered(layers, "gru"), numbered(layers, "dense")
    sequences = np.asarray(inputs[0], np.float32)
    parts = [
        _some(sequences[k : k + ROWS], recurrent, linear)
        for k in range(0, max(len(sequences), 1), ROWS)
    ]
    reconstruction, features = (np.concatenate(part) for part in zip(*parts, strict=True))
    return {"reconstruction": reconstruction, "features": features}


def _some(sequence: np.ndarray, recurrent: list, linear: list) -> tuple[np.ndarray, np.ndarray]:
    steps = np.ascontiguousarray(sequence.transpose(1, 0, 2))
    there = (steps != 0).any(axis=2)
    x = gru(projected(steps, recurrent[0]), recurrent[0], there)
    x = gru(projected(x, recurrent[1]), recurrent[1], there, sequences=False)
    code = dense(x, linear[0])
    kernel, _, bias = recurrent[2]
    n = code.shape[1]  # the code is the same at every step: only dt changes
    x = (code @ kernel[:n] + bias[0]) + steps[:, :, :1] * kernel[n]
    x = gru(x, recurrent[2])
    x = gru(projected(x, recurrent[3]), recurrent[3])
    reconstruction = dense(x, linear[1])[:, :, 0].T
    return reconstruction, np.concatenate([code, _measures(sequence, reconstruction)], axis=1)


def _measures(sequence: np.ndarray, reconstruction: np.ndarray) -> np.ndarray:
    valid = sequence[:, :, 2] > 0
    x, r = sequence[:, :, 1] * valid, reconstruction * valid

    def norm(v: np.ndarray) -> np.ndarray:
        return np.sqrt((v * v).sum(axis=1) + _SMALL)

    cosine = (x * r).sum(axis=1) / (norm(x) * norm(r))
    return np.stack([norm(x - r) / norm(x), cosine], axis=1)


def reconstructed(network: Any, x: np.ndarray) -> tuple[int, dict[str, np.ndarray]]:
    """The embedding's width; ``features`` and ``reconstruction`` of sequences."""
    if isinstance(network, Network):
        return int(network.options.get("embedding", 16)), network.predict_on_batch([x])
    from varstar.papers.ts19.training import predict

    nothing = np.zeros((len(x), network.inputs[1].shape[-1]), np.float32)
    return network.get_layer("embedding").units, predict(network, x, nothing)
