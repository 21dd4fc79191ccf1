"""S26's light network as NumPy computes it: see `varstar.papers.s26.network.build_light`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from varstar.models.forward import (
    convolutions,
    dense,
    image_map,
    in_chunks,
    numbered,
    relu,
    softmax,
)

#: Images at a time.
ROWS = 16
#: Centre and width of log10 P/d, as in the network.
LOG_PERIOD = (-0.3, 0.5)


def light(layers: Mapping, inputs: Sequence[np.ndarray], options: Mapping[str, Any]) -> np.ndarray:
    """Probabilities, shape (n, n_classes).

    Parameters
    ----------
    layers : mapping
        Of `varstar.models.forward.weights`; the bands share their convolutions.
    inputs : sequence of ndarray
        Images, mask, periods, and numbers where the network sees some.
    options : mapping
    """
    bands = options.get("bands", 2)
    layer = numbered(layers, "dense")
    pictures = convolutions(layers)
    mask = (inputs[1] > 0.5).astype(np.float32)

    def branch(images: np.ndarray, seen: np.ndarray) -> np.ndarray:
        x = images.astype(np.float32) / 255
        x = (x if x.ndim == 4 else x[..., None]) * seen[:, None, None, None]
        return relu(dense(image_map(x, pictures), layer[0])) * seen[:, None]

    parts = [in_chunks(branch, ROWS, inputs[0][:, b], mask[:, b]) for b in range(bands)]
    if bands > 1:
        parts.append(mask)
    following = iter(layer[1:])
    if options.get("n_periods", bands):
        x = known(inputs[2], *LOG_PERIOD)
        for _ in options.get("period_dense", (32, 32)):
            x = relu(dense(x, next(following)))
        parts.append(x)
    if options.get("n_numbers"):
        center = np.asarray(options.get("center") or np.zeros(1))
        width = np.asarray(options.get("width") or np.ones(1))
        parts.append(known(inputs[-1], center, width))
    x = np.concatenate(parts, axis=1, dtype=np.float32)
    for _ in options.get("joint_dense", (64,)):
        x = relu(dense(x, next(following)))
    return softmax(dense(x, next(following)))


def knows(options: Mapping[str, Any]) -> bool:
    """Whether a network of these options is computed here: one whose bands share all."""
    return bool(options.get("shared", True))


def known(values: np.ndarray, center: Any, width: Any) -> np.ndarray:
    """Values scaled, zero where they are NaN, and beside them whether each is known."""
    there = np.isfinite(values) | np.isinf(values)
    scaled = np.where(there, (values - center) / width, 0.0)
    return np.concatenate([scaled, there], axis=1, dtype=np.float32)
