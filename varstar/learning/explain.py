"""What a network looks at."""

from typing import Any

import numpy as np

from varstar.learning.training import as_channels


def occlusion(
    network: Any, image: np.ndarray, output: int, *, patch: int = 8, step: int = 4
) -> np.ndarray:
    """How much an output drops when a patch of the image is painted black.

    Zeiler & Fergus (2014, ECCV 8689, 818, Sect. 4.2), with black as the image's own
    ground. Works on any Keras backend, for it needs no gradients.

    Parameters
    ----------
    network : keras.Model
        Of one image input.
    image : ndarray of uint8, shape (height, width)
    output : int
        Index of the class.
    patch, step : int
        Side of the patch and its stride [pixels].

    Returns
    -------
    ndarray of float, shape (height, width)
        Mean drop of the probability over the patches that cover each pixel; negative
        where the class becomes more probable without it.
    """
    height, width = image.shape
    corners = [(r, c) for r in _starts(height, patch, step) for c in _starts(width, patch, step)]
    covered = np.repeat(image[None], len(corners) + 1, axis=0)
    for k, (r, c) in enumerate(corners, start=1):
        covered[k, r : r + patch, c : c + patch] = 0
    channels = network.inputs[0].shape[-1]
    p = np.asarray(network.predict(as_channels(covered, channels), batch_size=256, verbose=0))
    drop, times = np.zeros(image.shape), np.zeros(image.shape)
    for (r, c), value in zip(corners, p[0, output] - p[1:, output], strict=True):
        drop[r : r + patch, c : c + patch] += value
        times[r : r + patch, c : c + patch] += 1
    return drop / np.maximum(times, 1)


def _starts(length: int, patch: int, step: int) -> list[int]:
    """Where patches begin so that they cover a side of `length` pixels to its end."""
    last = max(length - patch, 0)
    return sorted({*range(0, last, step), last})
