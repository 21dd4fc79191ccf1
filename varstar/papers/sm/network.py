"""Networks of Santomena & Mufti: dense ones on catch22, recurrent ones on light curves.

The paper names kinds of layers, widths of the later networks and the settings that it
varied; depth and widths of the first network (its Fig. 4) are not printed, and those
here are the house's.
"""

from collections.abc import Sequence
from typing import Any

from varstar.optional import keras, layers


def build_first(
    n_inputs: int = 22,
    n_classes: int = 9,
    *,
    units: Sequence[int] = (512, 512, 256, 256, 128, 128, 64, 64),
    dropout: float = 0.5,
    l2: float = 1e-3,
    slope: float = 0.3,
) -> Any:
    """The first network (Sect. IV.C): dense layers, each with LeakyReLU and dropout, and
    a residual link around every second one.

    Parameters
    ----------
    n_inputs, n_classes : int
    units : sequence of int
        Widths; where a link joins two widths it passes through a linear layer.
    dropout, l2, slope : float
        `slope` is LeakyReLU's below zero (Keras' default).

    Returns
    -------
    keras.Model
        Of inputs (n, n_inputs) to probabilities (n, n_classes).
    """
    inputs = x = keras.Input((n_inputs,), name="features")
    penalty = keras.regularizers.L2(l2) if l2 else None
    for k in range(0, len(units), 2):
        link = x
        for width in units[k : k + 2]:
            x = layers.Dense(width, kernel_regularizer=penalty)(x)
            x = layers.LeakyReLU(negative_slope=slope)(x)
            x = layers.Dropout(dropout)(x)
        if link.shape[-1] != x.shape[-1]:
            link = layers.Dense(x.shape[-1], use_bias=False, kernel_regularizer=penalty)(link)
        x = layers.Add()([x, link])
    outputs = layers.Dense(n_classes, activation="softmax", dtype="float32")(x)
    return keras.Model(inputs, outputs, name="sm_first")


def build_dense(
    n_inputs: int = 22,
    n_classes: int = 9,
    *,
    units: Sequence[int] = (128, 64),
    dropout: float = 0.2,
    l2: float = 1e-4,
    batch_norm: bool = False,
) -> Any:
    """Three dense layers, two of them followed by dropout (Sect. VI.B, Fig. 7).

    The defaults are the last rung of the ladder.

    Returns
    -------
    keras.Model
        Of inputs (n, n_inputs) to probabilities (n, n_classes).
    """
    inputs = x = keras.Input((n_inputs,), name="features")
    penalty = keras.regularizers.L2(l2) if l2 else None
    for width in units:
        x = layers.Dense(width, activation=None if batch_norm else "relu",
                         kernel_regularizer=penalty)(x)  # fmt: skip
        if batch_norm:
            x = layers.Activation("relu")(layers.BatchNormalization()(x))
        if dropout:
            x = layers.Dropout(dropout)(x)
    outputs = layers.Dense(n_classes, activation="softmax", dtype="float32")(x)
    return keras.Model(inputs, outputs, name="sm_dense")


def build_recurrent(
    n_steps: int = 15,
    n_columns: int = 2,
    n_classes: int = 9,
    *,
    cell: str = "gru",
    units: int = 32,
    bidirectional: bool = True,
    masked: bool = False,
    dropout: float = 0.2,
) -> Any:
    """A recurrent layer, dropout and a dense layer (Sect. VI.C).

    The paper's two: ``cell="simple", bidirectional=False, masked=True`` on whole padded
    series, and the default, a bidirectional GRU on windows of 15 points.

    Parameters
    ----------
    n_steps, n_columns, n_classes : int
    cell : {"simple", "gru"}
    units : int
    bidirectional : bool
    masked : bool
        Steps that are zero in all columns are skipped.
    dropout : float

    Returns
    -------
    keras.Model
        Of inputs (n, n_steps, n_columns) to probabilities (n, n_classes).
    """
    cells = {"simple": layers.SimpleRNN, "gru": layers.GRU}
    if cell not in cells:
        raise ValueError(f"cell: expected one of {sorted(cells)}. Received: {cell!r}")
    inputs = x = keras.Input((n_steps, n_columns), name="series")
    if masked:
        x = layers.Masking(0.0)(x)
    recurrent = cells[cell](units)
    x = (layers.Bidirectional(recurrent) if bidirectional else recurrent)(x)
    x = layers.Dropout(dropout)(x)
    outputs = layers.Dense(n_classes, activation="softmax", dtype="float32")(x)
    return keras.Model(inputs, outputs, name=f"sm_{cell}")
