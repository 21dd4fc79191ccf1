"""The networks of S20 (Szklenár et al. 2020) and their lighter relatives.

Sect. 3.3 gives blocks, kernel widths, strides, pooling and dropout, but neither the
numbers of filters nor the widths of the dense layers; it gives the sum: 1 615 685
trainable parameters. Filters 32, 64, 128, 256 and dense layers of 256, 256, 64 and 5 on
a 128 x 128 x 3 input meet it exactly.
"""

from collections.abc import Sequence

from varstar.optional import keras, layers


def build_s20(
    input_shape: tuple[int, int, int] = (128, 128, 3),
    n_classes: int = 5,
    *,
    filters: Sequence[int] = (32, 64, 128, 256),
    kernels: Sequence[int] = (16, 8, 4, 2),
    stride: int = 1,
    padding: str = "valid",
    activation: str = "relu",
    dropout: float = 0.2,
    pool: int = 2,
    pool_stride: int | None = None,
    pooling: str = "max",
    dense: Sequence[int] = (256, 256, 64),
    name: str = "s20",
) -> keras.Model:
    """S20's network: four blocks of two convolutions, spatial dropout and pooling.

    Parameters
    ----------
    input_shape : tuple
        Height, width, channels; images of 0..255, scaled to 0..1 inside.
    n_classes : int
    filters, kernels : sequence of int
        Of each block, both of its convolutions alike.
    stride, padding, activation, dropout, pool, pooling
        As in Table 2; `pooling` is "max" or "average".
    pool_stride : int, optional
        As wide as the pool by default.
    dense : sequence of int
        Widths of the hidden fully connected layers.

    Returns
    -------
    keras.Model
        Softmax over `n_classes`. With the defaults 1 615 685 trainable parameters.
    """
    if len(filters) != len(kernels):
        raise ValueError(f"one kernel a block: {len(filters)} filters, {len(kernels)} kernels")
    pools = {"max": layers.MaxPooling2D, "average": layers.AveragePooling2D}
    if pooling not in pools:
        raise ValueError(f"pooling: expected one of {sorted(pools)}. Received: {pooling!r}")
    image = keras.Input(input_shape, name="image")
    x = layers.Rescaling(1 / 255)(image)
    for n, kernel in zip(filters, kernels, strict=True):
        for _ in range(2):
            x = layers.Conv2D(n, kernel, strides=stride, padding=padding, activation=activation)(x)
        x = layers.SpatialDropout2D(dropout)(x)
        x = pools[pooling](pool, strides=pool_stride)(x)
    x = layers.Flatten()(x)
    for n in dense:
        x = layers.Dense(n, activation=activation)(x)
    label = layers.Dense(n_classes, activation="softmax", name="label")(x)
    return keras.Model(image, label, name=name)


def build_s20_64(
    input_shape: tuple[int, int, int] = (64, 64, 1), n_classes: int = 5, **options
) -> keras.Model:
    """The smaller sibling for two cores: images, kernels and filters of half the size or less.

    The same four blocks on 64 x 64 pixels; with kernels of half the width (8, 4, 2, 1)
    the maps shrink to 1 x 1 as in the paper's network. 8, 16, 32, 64 filters.
    """
    small = {"filters": (8, 16, 32, 64), "kernels": (8, 4, 2, 1), "dense": (64, 64, 32)}
    return build_s20(input_shape, n_classes, **{**small, "name": "s20_64", **options})


def build_cifar(input_shape: tuple[int, int, int] = (28, 28, 3), n_classes: int = 5) -> keras.Model:
    """The first try of S20, Sect. 3.1: DarkNet's small CIFAR-10 network, in Keras.

    Convolutions of 32 (3 x 3), 16 (1 x 1), 64 (3 x 3), 32 (1 x 1), 128 (3 x 3) and
    64 (1 x 1) filters with batch normalisation and leaky ReLU, pooled after each 3 x 3,
    a last 1 x 1 convolution to the classes and a global average (DarkNet's
    ``cifar_small.cfg``, of which the paper says only that it is the built-in network).
    """
    image = keras.Input(input_shape, name="image")
    x = layers.Rescaling(1 / 255)(image)
    for wide, narrow in ((32, 16), (64, 32), (128, 64)):
        for n, kernel in ((wide, 3), (narrow, 1)):
            x = layers.Conv2D(n, kernel, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization()(x)
            x = layers.LeakyReLU(negative_slope=0.1)(x)
            if kernel == 3:
                x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(n_classes, 1)(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Softmax(name="label")(x), name="s20_cifar")


def build_light(
    input_shape: tuple[int, int, int] = (64, 128, 2),
    n_classes: int = 5,
    *,
    filters: Sequence[int] = (16, 32, 64, 96),
    dense: int = 64,
    dropout: float = 0.4,
    heads: Sequence[str] = ("image",),
) -> keras.Model:
    """An image network for two cores, ours: 20 million multiplications an image.

    S20's takes 9.7 billion, most of them in its wide first kernels. Here the first
    convolution (5 x 5) takes every second pixel, four more (3 x 3) are followed by
    batch normalisation and pooling, and one dense layer reads the map. The head
    "period" has the logarithm of the period as a second input: S20's own "future
    prospects" (Sect. 6).

    Parameters
    ----------
    input_shape : tuple
        Rows, columns, channels; images of 0..255. A channel a vertical axis
        (`varstar.features.images.SCALES`).
    n_classes : int
    filters : sequence of int
        Of the convolutions; the last one has a second of the same size.
    dense : int
        Width of the hidden layer.
    dropout : float
        Before the hidden layer; half of it before the softmax.
    heads : sequence of {"image", "period"}
        Softmax outputs. Both together share the convolutions and train in one go (see
        `head`).

    Returns
    -------
    keras.Model
        Inputs: ``image``, and with the head "period" also ``period`` of shape (1,),
        (log10 P/d + 0.3) / 0.5. Outputs: one a head, of the head's name.
    """
    if not heads or set(heads) - {"image", "period"}:
        raise ValueError(f"heads: expected 'image', 'period' or both. Received: {heads!r}")
    image = keras.Input(input_shape, name="image_input")
    x = layers.Rescaling(1 / 255)(image)

    def convolution(x: keras.KerasTensor, n: int, kernel: int, stride: int) -> keras.KerasTensor:
        x = layers.Conv2D(n, kernel, strides=stride, padding="same", use_bias=False)(x)
        return layers.ReLU()(layers.BatchNormalization()(x))

    x = convolution(x, filters[0], 5, 2)
    for n in filters[1:]:
        x = layers.MaxPooling2D(2)(convolution(x, n, 3, 1))
        x = layers.SpatialDropout2D(0.1)(x)
    x = layers.MaxPooling2D(2)(convolution(x, filters[-1], 3, 1))
    x = layers.Dropout(dropout)(layers.Flatten()(x))
    x = layers.Dense(dense, activation="relu", name="shape")(x)
    inputs, outputs = [image], []
    if "image" in heads:
        seen = layers.Dropout(dropout / 2)(x)
        outputs.append(layers.Dense(n_classes, activation="softmax", name="image")(seen))
    if "period" in heads:
        log_period = keras.Input((1,), name="period_input")
        inputs.append(log_period)
        p = layers.Dense(32, activation="relu")(log_period)
        p = layers.Dense(32, activation="relu")(p)
        both = layers.Dense(dense, activation="relu")(layers.Concatenate()([x, p]))
        both = layers.Dropout(dropout / 2)(both)
        outputs.append(layers.Dense(n_classes, activation="softmax", name="period")(both))
    return keras.Model(
        inputs if len(inputs) > 1 else image,
        outputs if len(outputs) > 1 else outputs[0],
        name="s20_light",
    )


def head(model: keras.Model, name: str) -> keras.Model:
    """One head of a two-headed `build_light`, as a model with that head only."""
    inputs = model.inputs if name == "period" else model.inputs[0]
    return keras.Model(inputs, model.get_layer(name).output, name="s20_light")
