"""The networks of Tsang & Schultz (2019): recurrent autoencoder and estimation network."""

from typing import Any

from varstar.optional import keras, layers, ops

_SMALL = 1e-6


def build_ts19(
    length: int = 200,
    n_classes: int = 8,
    *,
    units: int = 96,
    embedding: int = 16,
    n_auxiliary: int = 3,
    hidden: int | None = None,
    dropout: float = 0.25,
    estimation_dropout: float = 0.5,
) -> Any:
    """Autoencoder and estimation network in one (TS19, Sect. 2.2, Fig 1).

    Encoder: two GRU layers with dropout between them, and a linear layer, the embedding.
    Decoder: two GRU layers fed at each step with the embedding and dt. Features z: the
    embedding, the reconstruction's relative Euclidean distance and cosine similarity
    (Eq 2), and the auxiliary ones. Estimation network: a hidden layer (tanh), dropout, softmax.

    Parameters
    ----------
    length : int
        Steps of a sequence.
    n_classes : int
        Classes, and components of the mixture.
    units : int
        Of each GRU layer.
    embedding : int
        8, 16, 32 or 64 in the paper, 16 in its tables.
    n_auxiliary : int
        Auxiliary features: mean, deviation, log10 P, and photometric ones.
    hidden : int, optional
        Width of the hidden layer; the embedding's by default, as in the paper.
    dropout, estimation_dropout : float

    Returns
    -------
    keras.Model
        Inputs ``sequence`` (n, length, 3), see `varstar.features.sequences`, and ``auxiliary``
        (n, n_auxiliary), scaled to order one. Outputs, in a dict: ``reconstruction``
        (n, length, 1); ``memberships`` (n, n_classes); ``mixture`` (n, n_classes +
        n_features), memberships and features z side by side, for the energy.

    Notes
    -----
    Steps beyond a sequence's end (zero in all columns) are masked in the encoder, and do
    not enter the two measures of the reconstruction. All weights are drawn by Keras'
    defaults (Glorot uniform; orthogonal in the recurrence).
    """
    sequence = keras.Input((length, 3), name="sequence")
    auxiliary = keras.Input((n_auxiliary,), name="auxiliary")

    h = layers.Masking(0.0, name="masking")(sequence)
    h = layers.GRU(units, return_sequences=True, name="encoder1")(h)
    h = layers.Dropout(dropout, name="encoder_dropout")(h)
    h = layers.GRU(units, name="encoder2")(h)
    code = layers.Dense(embedding, name="embedding")(h)

    h = layers.RepeatVector(length, name="repeat")(code)
    h = layers.Concatenate(name="decoder_input")([h, sequence[:, :, :1]])
    h = layers.GRU(units, return_sequences=True, name="decoder1")(h)
    h = layers.Dropout(dropout, name="decoder_dropout")(h)
    h = layers.GRU(units, return_sequences=True, name="decoder2")(h)
    reconstruction = layers.Dense(1, name="reconstruction")(h)

    measures = Measures(name="measures")(sequence, reconstruction)
    z = layers.Concatenate(name="features")([code, measures, auxiliary])
    gamma = build_estimation(
        z.shape[-1], n_classes, hidden=hidden or embedding, dropout=estimation_dropout
    )(z)
    outputs = {
        "reconstruction": reconstruction,
        "memberships": layers.Identity(name="memberships")(gamma),
        "mixture": layers.Concatenate(name="mixture")([gamma, z]),
    }
    return keras.Model([sequence, auxiliary], outputs, name="ts19")


def build_light(length: int = 100, n_classes: int = 8, **options: Any) -> Any:
    """`build_ts19` with 48 units on sequences of 100 points: for laptops, five times faster."""
    return build_ts19(length, n_classes, **{"units": 48, **options})


def build_estimation(
    n_features: int = 21, n_classes: int = 8, *, hidden: int = 16, dropout: float = 0.5
) -> Any:
    """The estimation network alone: features z to memberships (TS19, Sect. 2.2)."""
    inputs = keras.Input((n_features,), name="z")
    h = layers.Dense(hidden, activation="tanh", name="hidden")(inputs)
    h = layers.Dropout(dropout, name="hidden_dropout")(h)
    outputs = layers.Dense(n_classes, activation="softmax", name="softmax")(h)
    return keras.Model(inputs, outputs, name="estimation")


@keras.saving.register_keras_serializable("varstar")
class Measures(layers.Layer):
    """Relative Euclidean distance and cosine similarity of a reconstruction (TS19, Eq 2).

    Called with the sequence (n, length, 3) and the reconstruction (n, length, 1); gives
    (n, 2). Steps without a measurement (their sigma is zero) do not enter.
    """

    def call(self, sequence: Any, reconstruction: Any) -> Any:
        valid = ops.cast(sequence[:, :, 2] > 0, reconstruction.dtype)
        x = sequence[:, :, 1] * valid
        r = reconstruction[:, :, 0] * valid

        def norm(v: Any) -> Any:  # never zero: its gradient must stay finite
            return ops.sqrt(ops.sum(ops.square(v), axis=1) + _SMALL)

        cosine = ops.sum(x * r, axis=1) / (norm(x) * norm(r))
        return ops.stack([norm(x - r) / norm(x), cosine], axis=1)

    def compute_output_shape(self, sequence_shape: Any, reconstruction_shape: Any) -> tuple:
        return (sequence_shape[0], 2)


@keras.saving.register_keras_serializable("varstar")
def weighted_square(target: Any, reconstruction: Any) -> Any:
    """Loss of the autoencoder (TS19, Eq 1): mean of ``(x - x')^2 w`` over the valid steps.

    Parameters
    ----------
    target : tensor, shape (n, length, 2)
        Magnitudes x and weights w; a weight of zero marks a step without measurement.
    reconstruction : tensor, shape (n, length, 1)

    Returns
    -------
    tensor, shape (n,)
    """
    x, w = target[:, :, 0], target[:, :, 1]
    square = ops.square(x - reconstruction[:, :, 0]) * w
    steps = ops.sum(ops.cast(w > 0, square.dtype), axis=1)
    return ops.sum(square, axis=1) / ops.maximum(steps, 1.0)
