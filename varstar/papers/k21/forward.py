"""K21's network as NumPy computes it: see `varstar.papers.k21.network`."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from varstar.models.forward import stack


def network(
    layers: Mapping, inputs: Sequence[np.ndarray], options: Mapping[str, Any]
) -> np.ndarray:
    """Probabilities, shape (n, n_classes), of scaled features, shape (n, n_features)."""
    return stack(layers, inputs[0], epsilon=1e-5)
