"""S20's light network as NumPy computes it: see `varstar.papers.s20.network.build_light`."""

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
ROWS = 8


def light(layers: Mapping, inputs: Sequence[np.ndarray], options: Mapping[str, Any]) -> np.ndarray:
    """Probabilities, shape (n, n_classes), of the head that ``options["head"]`` names.

    Parameters
    ----------
    layers : mapping
        Of `varstar.models.forward.weights`.
    inputs : sequence of ndarray
        Images (n, rows, columns, channels), 0..255; for the head "period" also (n, 1).
    options : mapping
    """
    heads = list(options.get("heads", ("image",)))
    head = options.get("head") or heads[-1]
    parts, layer = convolutions(layers), numbered(layers, "dense")
    # Keras numbers dense layers in the order in which a walk from the inputs meets them:
    # with a period, its first one comes before that of the image.
    image, period, both = (1, (0, 2), 3) if "period" in heads else (0, (), None)

    def shape(images: np.ndarray) -> np.ndarray:
        x = image_map(images.astype(np.float32) / 255, parts)
        return relu(dense(x, layer[image]))

    x = in_chunks(shape, ROWS, inputs[0])
    if head == "period":
        p = inputs[1].astype(np.float32)
        for k in period:
            p = relu(dense(p, layer[k]))
        x = relu(dense(np.concatenate([x, p], axis=1), layer[both]))
    last = layer[len(layer) - len(heads) + heads.index(head)]
    return softmax(dense(x, last))
