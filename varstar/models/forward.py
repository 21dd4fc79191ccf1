"""Layers of trained networks as NumPy computes them: predicting without TensorFlow.

Importing TensorFlow takes longer than classifying thousands of stars. Weights are Keras' own
files; a wing writes its network's forward pass from these layers (its ``FORWARD``), and the
answers are Keras' to some 1e-6 (float32 sums in another order).
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

#: Of Keras' batch normalisation, unless a network says otherwise.
EPSILON = 1e-3


def weights(path: str | Path) -> dict[str, list[np.ndarray]]:
    """The arrays of a file ``*.weights.h5``, in single precision.

    Returns
    -------
    dict
        Layer, as Keras numbers them in the file (``conv2d``, ``conv2d_1``, ...,
        ``functional/dense``), -> its arrays in Keras' order.
    """
    import h5py

    found: dict[str, list[np.ndarray]] = {}

    def visit(name: str, item: object) -> None:
        if isinstance(item, h5py.Group) and name.endswith("/vars") and len(item):
            layer = name.removesuffix("/vars").removesuffix("/cell").replace("/layers/", "/")
            values = [np.asarray(item[k], np.float32) for k in sorted(item, key=int)]
            found[layer] = values

    with h5py.File(path) as file:
        file["layers"].visititems(visit)
    return found


def numbered(layers: Mapping[str, list[np.ndarray]], kind: str) -> list[list[np.ndarray]]:
    """The layers of a kind (``"dense"``), in the order that Keras numbers them."""
    numbers = {
        int(name.removeprefix(kind).lstrip("_") or 0): values
        for name, values in layers.items()
        if name == kind or name.removeprefix(f"{kind}_").isdecimal()
    }
    return [numbers[k] for k in sorted(numbers)]


def affine(norm: list[np.ndarray], epsilon: float = EPSILON) -> tuple[np.ndarray, np.ndarray]:
    """A trained batch normalisation as a factor and a term."""
    gamma, beta, mean, variance = norm
    scale = gamma / np.sqrt(variance + epsilon)
    return scale, beta - mean * scale


def relu(x: np.ndarray) -> np.ndarray:
    """``max(x, 0)``, in place."""
    return np.maximum(x, 0, out=x)


def softmax(x: np.ndarray) -> np.ndarray:
    """Over the last axis."""
    x = np.exp(x - x.max(axis=-1, keepdims=True))
    return x / x.sum(axis=-1, keepdims=True)


def sigmoid(x: np.ndarray) -> np.ndarray:
    """``1 / (1 + exp(-x))``, in place; by the hyperbolic tangent, which NumPy does faster."""
    x *= 0.5
    np.tanh(x, out=x)
    x *= 0.5
    x += 0.5
    return x


def convolve(
    x: np.ndarray, kernel: np.ndarray, bias: np.ndarray | float = 0.0, stride: int = 1
) -> np.ndarray:
    """A convolution with padding "same", as TensorFlow pads.

    Parameters
    ----------
    x : ndarray, shape (n, rows, columns, channels)
    kernel : ndarray, shape (height, width, channels, filters)
    bias : ndarray, shape (filters,), optional
    stride : int

    Returns
    -------
    ndarray, shape (n, ceil(rows / stride), ceil(columns / stride), filters)
    """
    height, width, channels, filters = kernel.shape
    pads = [_same(size, k, stride) for size, k in zip(x.shape[1:3], (height, width), strict=True)]
    x = np.pad(x, [(0, 0), *pads, (0, 0)])
    seen = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(1, 2))
    seen = seen[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)
    shape = seen.shape[:3]
    out = seen.reshape(-1, height * width * channels) @ kernel.reshape(-1, filters)
    return (out + bias).reshape(*shape, filters)


def _same(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Padding before and after an axis."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def max_pool(x: np.ndarray) -> np.ndarray:
    """The largest of every two by two pixels; an odd last row or column is left out."""
    rows, columns = x.shape[1:3]
    x = x[:, : rows // 2 * 2, : columns // 2 * 2]
    x = np.maximum(x[:, ::2], x[:, 1::2])
    return np.maximum(x[:, :, ::2], x[:, :, 1::2])


def gru(
    x: np.ndarray,
    layer: list[np.ndarray],
    mask: np.ndarray | None = None,
    *,
    sequences: bool = True,
) -> np.ndarray:
    """A gated recurrent unit as Keras defines it (``reset_after``).

    Parameters
    ----------
    x : ndarray, shape (steps, n, 3 units)
        The inputs times the layer's kernel, plus its first bias: `projected`.
    layer : list of ndarray
        Kernel (n_in, 3 units), recurrent kernel (units, 3 units), biases (2, 3 units); in
        the order update gate, reset gate, candidate.
    mask : ndarray of bool, shape (steps, n), optional
        Steps that count; at the others the state stays.
    sequences : bool
        All states, or the last one only.

    Returns
    -------
    ndarray, shape (steps, n, units) or (n, units)
    """
    _, recurrent, bias = layer
    units = len(recurrent)
    h = np.zeros((x.shape[1], units), np.float32)
    states = np.empty((*x.shape[:2], units), np.float32) if sequences else None
    masked = np.zeros(len(x), bool) if mask is None else ~mask.all(axis=1)
    for step in range(len(x)):
        inner = h @ recurrent
        inner += bias[1]
        gates = sigmoid(x[step, :, : 2 * units] + inner[:, : 2 * units])
        update, reset = gates[:, :units], gates[:, units:]
        new = inner[:, 2 * units :]
        new *= reset
        new += x[step, :, 2 * units :]
        np.tanh(new, out=new)
        after = new + update * (h - new)
        h = np.where(mask[step][:, None], after, h) if masked[step] else after
        if states is not None:
            states[step] = h
    return h if states is None else states


def projected(x: np.ndarray, layer: list[np.ndarray]) -> np.ndarray:
    """What `gru` takes: x (steps, n, n_in) times the kernel, plus the first bias."""
    return x @ layer[0] + layer[2][0]


class Network:
    """A trained network that only predicts.

    Parameters
    ----------
    function : callable
        ``function(layers, inputs, options)``: the forward pass of a wing.
    layers : dict
        Of `weights`.
    options : mapping
        What the network was built with, and ``head`` where it has several.
    """

    def __init__(self, function: Callable, layers: Mapping, options: Mapping[str, Any]) -> None:
        self.function, self.layers, self.options = function, layers, options

    def predict_on_batch(self, inputs: Any) -> Any:
        """The network's outputs for any number of rows."""
        inputs = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        return self.function(self.layers, inputs, self.options)


def in_chunks(function: Callable, rows: int, *arrays: np.ndarray) -> np.ndarray:
    """``function(*arrays)`` of a few rows at a time: what it makes stays in the processor's
    cache. Without rows, the shape comes from one of zeros."""
    n = len(arrays[0])
    if n == 0:
        return function(*(np.zeros((1, *a.shape[1:]), a.dtype) for a in arrays))[:0]
    starts = range(0, n, rows)
    return np.concatenate([function(*(a[k : k + rows] for a in arrays)) for k in starts])


def dense(x: np.ndarray, layer: list[np.ndarray]) -> np.ndarray:
    """``x @ weights + bias``."""
    return x @ layer[0] + layer[1]


def stack(layers: Mapping[str, list[np.ndarray]], x: np.ndarray, epsilon: float) -> np.ndarray:
    """Dense layers with ReLU between them and softmax at the end.

    Parameters
    ----------
    layers : mapping
        Of `weights`: dense layers only, or these with a batch normalisation of the inputs and
        one behind each.
    x : ndarray, shape (n, n_in)
    epsilon : float
        Of the normalisations.

    Raises
    ------
    ValueError
        There are other layers.
    """
    parts, norms = numbered(layers, "dense"), numbered(layers, "batch_normalization")
    if len(norms) not in (0, len(parts) + 1) or len(layers) != len(parts) + len(norms):
        raise ValueError(f"not a network of dense layers. Layers: {sorted(layers)}")
    x = np.asarray(x, np.float32)
    if norms:
        scale, shift = affine(norms[0], epsilon)
        x = x * scale + shift
    for k, part in enumerate(parts):
        x = dense(np.maximum(x, 0) if k else x, part)
        if norms:
            scale, shift = affine(norms[k + 1], epsilon)
            x = x * scale + shift
    return softmax(x)


def convolutions(layers: Mapping[str, list[np.ndarray]]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Each convolution's kernel and bias, its batch normalisation multiplied in."""
    pairs = zip(numbered(layers, "conv2d"), numbered(layers, "batch_normalization"), strict=True)
    return [(kernel * affine(norm)[0], affine(norm)[1]) for (kernel,), norm in pairs]


def image_map(images: np.ndarray, parts: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """What the light image networks make of images (0..1): the first convolution takes every
    second pixel, each of the others is followed by pooling; flat, shape (n, n_features)."""
    x = images
    for k, (kernel, bias) in enumerate(parts):
        x = relu(convolve(x, kernel, bias, stride=1 if k else 2))
        x = max_pool(x) if k else x
    return x.reshape(len(x), -1)
