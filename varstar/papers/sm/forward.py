"""SM's dense network as NumPy computes it: see `varstar.papers.sm.network`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from varstar.models.forward import EPSILON, stack


def network(
    layers: Mapping, inputs: Sequence[np.ndarray], options: Mapping[str, Any]
) -> np.ndarray:
    """Probabilities, shape (n, n_classes), of scaled metrics, shape (n, n_metrics)."""
    return stack(layers, inputs[0], epsilon=EPSILON)


def knows(options: Mapping[str, Any]) -> bool:
    """Whether a network of these options is computed here: one without normalisation inside."""
    return not options.get("batch_norm")
