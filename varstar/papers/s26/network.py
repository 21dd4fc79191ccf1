"""The network of S26 (Szklenár et al. 2026) and its lighter sibling.

One convolutional branch per passband reads the folded light curve in that band; a dense
branch reads the periods; each classifies on its own, and a last layer joins the two
classifications. Inputs, in this order:

``images``
    (bands, rows, columns), or (bands, rows, columns, channels) where there are several
    channels; 0..255.
``mask``
    (bands,): 1 where the star was measured in the band, 0 where not. A band that is
    missing counts as nothing, whatever its image holds.
``periods``
    (n_periods,): log10 of the period [d]; NaN where there is none.
``numbers``
    (n_numbers,), only in the lighter sibling and only if wanted; NaN where unknown.
"""

from collections.abc import Sequence
from typing import Any

from varstar.optional import keras, layers, ops

#: Centre and width of log10 P/d, to bring 0.05 to 50 days to order one.
LOG_PERIOD = (-0.3, 0.5)


def build_s26(
    bands: int = 2,
    n_classes: int = 5,
    *,
    n_periods: int | None = None,
    size: int | Sequence[int] = 128,
    channels: int = 1,
    filters: Sequence[int] = (16, 32, 64, 128),
    kernels: Sequence[Sequence[int]] = ((7, 5), (3, 3, 3), (3, 3, 3), (3, 3)),
    padding: str = "valid",
    activation: str = "relu",
    dropout: float = 0.2,
    pool: int = 2,
    image_dense: Sequence[int] = (64,),
    period_dense: Sequence[int] = (64, 64),
    joint_dense: Sequence[int] = (64,),
    name: str = "s26",
) -> keras.Model:
    """S26's network (Sect. 4, Fig. 3) for any number of bands.

    The text gives the kinds of layers, the kernels and the 64 units of the joint layer.
    Table 4 is a picture in the copy at hand, so the numbers of filters, the widths of the
    other dense layers, dropout and padding are ours: filters that double from block to
    block as in S20, and as many as the paper's 6 seconds an epoch on its card allow (0.2
    billion multiplications an image).

    Parameters
    ----------
    bands : int
        Passbands, 1 or more: one branch each, all alike.
    n_classes : int
    n_periods : int, optional
        Periods per star; one per band by default, as in the paper. 0: no period branch.
    size : int or (int, int)
        Pixels a side, or rows and columns.
    channels : int
        Of an image.
    filters : sequence of int
        Of the convolutions of each block.
    kernels : sequence of sequence of int
        Widths of the kernels of each block: [7, 5], twice [3, 3, 3], and [3, 3].
    padding, activation, dropout, pool
        Of every block; dropout leaves out whole maps.
    image_dense, period_dense, joint_dense : sequence of int
        Widths of the dense layers before the three softmaxes.

    Returns
    -------
    keras.Model
        Softmax over `n_classes`, named ``label``; the two classifications that it joins
        are the layers ``image`` and ``period``.

    Raises
    ------
    ValueError
        No band, filters and kernels of different numbers, or images too small.
    """
    n_periods = _check(bands, n_periods)
    if len(filters) != len(kernels):
        raise ValueError(f"one set of kernels a block: {len(filters)} filters, {len(kernels)} sets")
    rows, columns = _shape(size)
    left = min(rows, columns)
    for block in kernels:
        left = (left - (sum(block) - len(block)) * (padding == "valid")) // pool
    if left < 1:
        raise ValueError(
            f"size: nothing is left of the image after {len(kernels)} blocks. Received: {size!r}"
        )
    inputs, pictures, mask = _image_inputs(bands, rows, columns, channels)
    seen = []
    for b in range(bands):
        x = pictures[b]
        for n, block in zip(filters, kernels, strict=True):
            for kernel in block:
                x = layers.Conv2D(n, kernel, padding=padding, activation=activation)(x)
            x = layers.SpatialDropout2D(dropout)(x)
            x = layers.MaxPooling2D(pool)(x)
        seen.append(layers.Flatten()(x) * mask[:, b : b + 1])
    x = layers.Concatenate()(seen) if bands > 1 else seen[0]
    for width in image_dense:
        x = layers.Dense(width, activation=activation)(x)
    parts = [layers.Dense(n_classes, activation="softmax", name="image")(x)]
    if n_periods:
        period = keras.Input((n_periods,), name="periods")
        inputs.append(period)
        x = _known(period, *LOG_PERIOD)
        for width in period_dense:
            x = layers.Dense(width, activation=activation)(x)
        parts.append(layers.Dense(n_classes, activation="softmax", name="period")(x))
    x = layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    for width in joint_dense:
        x = layers.Dense(width, activation=activation)(x)
    label = layers.Dense(n_classes, activation="softmax", name="label")(x)
    return keras.Model(inputs, label, name=name)


def build_light(
    bands: int = 2,
    n_classes: int = 5,
    *,
    n_periods: int | None = None,
    n_numbers: int = 0,
    size: int | Sequence[int] = (32, 64),
    channels: int = 1,
    filters: Sequence[int] = (12, 24, 32, 48),
    shared: bool = True,
    features: int = 32,
    period_dense: Sequence[int] = (32, 32),
    joint_dense: Sequence[int] = (64,),
    dropout: float = 0.3,
    center: Sequence[float] | None = None,
    width: Sequence[float] | None = None,
) -> keras.Model:
    """S26's idea for two cores, ours: a hundredth of the multiplications.

    What differs: small images; one set of convolutions for all bands unless `shared` is
    off (each then learns from the stars of all bands); batch normalisation; and the
    branches hand over features, not classifications, so that the joint layer can weigh
    what only the image and the period together tell, such as a period that is half of
    what the image shows.

    Parameters
    ----------
    bands, n_classes, n_periods, size, channels
        As in `build_s26`.
    n_numbers : int
        Further numbers a star, such as magnitudes and amplitudes; not in the paper.
    filters : sequence of int
        Of the convolutions: the first (5 x 5) takes every second pixel, each of the
        others (3 x 3) is followed by pooling.
    shared : bool
        Whether all bands share their convolutions.
    features : int
        What a band hands over.
    period_dense, joint_dense : sequence of int
        Widths of the hidden layers.
    dropout : float
        Before the bands' features and half of it before the softmax.
    center, width : sequence of float, optional
        Of the `n_numbers` numbers: (x - center) / width is learned; 0 and 1 by default.

    Returns
    -------
    keras.Model
        Softmax over `n_classes`, named ``label``.
    """
    n_periods = _check(bands, n_periods)
    rows, columns = _shape(size)
    if min(rows, columns) < 2 ** len(filters):
        raise ValueError(
            f"size: expected at least {2 ** len(filters)} pixels a side for {len(filters)} "
            f"convolutions. Received: {size!r}"
        )
    inputs, pictures, mask = _image_inputs(bands, rows, columns, channels)

    if shared:
        # All bands as one batch: each layer is called once.
        x = layers.Concatenate(axis=0)(pictures) if bands > 1 else pictures[0]
        x = _branch(x, filters, features, dropout)
        seen = ops.split(x, bands, axis=0) if bands > 1 else [x]
    else:
        seen = [_branch(pictures[b], filters, features, dropout, f"band{b}_") for b in range(bands)]
    parts = [seen[b] * mask[:, b : b + 1] for b in range(bands)]
    if bands > 1:
        parts.append(mask)
    if n_periods:
        period = keras.Input((n_periods,), name="periods")
        inputs.append(period)
        x = _known(period, *LOG_PERIOD)
        for units in period_dense:
            x = layers.Dense(units, activation="relu")(x)
        parts.append(x)
    if n_numbers:
        number, x = _numbers(n_numbers, center, width)
        inputs.append(number)
        parts.append(x)
    x = layers.Concatenate()(parts) if len(parts) > 1 else parts[0]
    for units in joint_dense:
        x = layers.Dense(units, activation="relu")(x)
    x = layers.Dropout(dropout / 2)(x)
    label = layers.Dense(n_classes, activation="softmax", name="label")(x)
    return keras.Model(inputs, label, name="s26_light")


def _branch(x: Any, filters: Sequence[int], features: int, dropout: float, prefix: str = "") -> Any:
    """Features of the images of one band, or of all bands as one batch."""
    for k, n in enumerate(filters):
        first = k == 0
        x = layers.Conv2D(n, 5 if first else 3, strides=2 if first else 1, padding="same",
                          use_bias=False, name=f"{prefix}conv{k}")(x)  # fmt: skip
        # Means that follow quickly: a short training has only some hundred batches.
        x = layers.BatchNormalization(momentum=0.9, name=f"{prefix}norm{k}")(x)
        x = layers.ReLU(name=f"{prefix}relu{k}")(x)
        if not first:
            x = layers.MaxPooling2D(2, name=f"{prefix}pool{k}")(x)
            x = layers.SpatialDropout2D(0.1, name=f"{prefix}drop{k}")(x)
    x = layers.Flatten(name=f"{prefix}flat")(x)
    x = layers.Dropout(dropout, name=f"{prefix}drop")(x)
    return layers.Dense(features, activation="relu", name=f"{prefix}features")(x)


def _numbers(
    n_numbers: int, center: Sequence[float] | None, width: Sequence[float] | None
) -> tuple[Any, Any]:
    """The input of the further numbers, and these scaled."""
    center = [0.0] * n_numbers if center is None else list(center)
    width = [1.0] * n_numbers if width is None else list(width)
    if len(center) != n_numbers or len(width) != n_numbers:
        raise ValueError(
            f"center, width: expected {n_numbers} values each. "
            f"Received: {len(center)} and {len(width)}"
        )
    number = keras.Input((n_numbers,), name="numbers")
    return number, _known(number, ops.array([center]), ops.array([width]))


def _check(bands: int, n_periods: int | None) -> int:
    if isinstance(bands, bool) or not isinstance(bands, int) or bands < 1:
        raise ValueError(f"bands: expected a whole number from 1. Received: {bands!r}")
    n_periods = bands if n_periods is None else n_periods
    if n_periods < 0:
        raise ValueError(f"n_periods: expected 0 or more. Received: {n_periods!r}")
    return n_periods


def _shape(size: int | Sequence[int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))


def _image_inputs(
    bands: int, rows: int, columns: int, channels: int
) -> tuple[list[Any], list[Any], Any]:
    """The two inputs, each band's picture (0..1, black where masked), and the mask (0, 1)."""
    shape = (bands, rows, columns) + ((channels,) if channels > 1 else ())
    images = keras.Input(shape, name="images")
    mask_input = keras.Input((bands,), name="mask")
    mask = ops.cast(mask_input > 0.5, "float32")
    x = layers.Rescaling(1 / 255)(images)
    # Also here, not only behind the branch: batch normalisation must not see a masked image.
    x = ops.reshape(x, (-1, bands, rows, columns, channels))
    x = x * ops.reshape(mask, (-1, bands, 1, 1, 1))
    return [images, mask_input], [x[:, b] for b in range(bands)], mask


def _known(values: Any, center: Any, width: Any) -> Any:
    """Values scaled, zero where they are NaN, and beside them whether each is known."""
    missing = ops.isnan(values)
    scaled = (ops.where(missing, 0.0, values) - center) / width
    known = ops.cast(ops.logical_not(missing), "float32")
    return layers.Concatenate()([scaled * known, known])
