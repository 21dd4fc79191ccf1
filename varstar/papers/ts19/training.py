"""TS19's two ways of training (Sect. 2.3): jointly, or autoencoder first.

Jointly: ``L = L_AE + lambda (L_GMM + L_CE)``, lambda = 1e-3 (Eq 7). Sequentially: the
autoencoder on L_AE alone; then, with its features fixed, the estimation network on
``L_GMM + L_CE``. Both are resumable (`varstar.learning.training.train`).
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar.learning.training import array_batches, train
from varstar.learning.training import predict as outputs
from varstar.optional import keras
from varstar.papers.ts19 import mixture as gmm
from varstar.papers.ts19.network import weighted_square

#: TS19, Sect. 2.3.
LAMBDA, RATE, BATCH_SIZE, EPOCHS = 1e-3, 2e-4, 2000, 2000


def arrays(
    x: np.ndarray, auxiliary: np.ndarray, weight: np.ndarray, y: np.ndarray, how: str = "joint"
) -> tuple[Any, Any]:
    """Inputs and targets of the network of `varstar.papers.ts19.network.build_ts19`.

    Parameters
    ----------
    x : ndarray, shape (n, length, 3)
    auxiliary : ndarray, shape (n, n_auxiliary)
        Scaled.
    weight : ndarray, shape (n, length)
        Weights of the steps (`varstar.features.sequences.weights`).
    y : ndarray, shape (n, n_classes)
        One-hot classes.
    how : {"joint", "autoencoder"}
        Targets of all outputs, or of the reconstruction alone.
    """
    if {len(auxiliary), len(weight), len(y)} != {len(x)}:
        raise ValueError(
            f"expected {len(x)} rows. Received: {[len(a) for a in (x, auxiliary, weight, y)]}"
        )
    target = np.stack([x[:, :, 1], weight], axis=-1)
    if how == "autoencoder":
        return x, target
    return (x, auxiliary), {"reconstruction": target, "memberships": y, "mixture": y}


def autoencoder(model: keras.Model) -> keras.Model:
    """Sequences to reconstructions: the autoencoder of a model, its weights shared."""
    output = model.get_layer("reconstruction").output
    return keras.Model(model.inputs[0], output, name="autoencoder")


def compile_autoencoder(
    model: keras.Model, *, learning_rate: Any = RATE, clip: float | None = None
) -> keras.Model:
    """Compile an `autoencoder` with its loss (Eq 1)."""
    optimizer = keras.optimizers.Adam(learning_rate, global_clipnorm=clip)
    model.compile(optimizer, loss=weighted_square)
    return model


def compile_joint(
    model: keras.Model,
    *,
    learning_rate: Any = RATE,
    strength: float = LAMBDA,
    clip: float | None = None,
) -> keras.Model:
    """Compile with the joint loss (Eq 7).

    Parameters
    ----------
    model : keras.Model
    learning_rate : float or schedule
    strength : float
        The paper's lambda.
    clip : float, optional
        Largest norm of all gradients together.
    """
    model.compile(
        keras.optimizers.Adam(learning_rate, global_clipnorm=clip),
        loss={
            "reconstruction": weighted_square,
            "memberships": "categorical_crossentropy",
            "mixture": gmm.mixture_energy,
        },
        loss_weights={"reconstruction": 1.0, "memberships": strength, "mixture": strength},
        metrics={"memberships": ["accuracy"]},
    )
    return model


def train_joint(
    model: keras.Model,
    data: tuple,
    validation: tuple | None = None,
    *,
    epochs: int = EPOCHS,
    batch_size: int = BATCH_SIZE,
    learning_rate: Any = RATE,
    strength: float = LAMBDA,
    clip: float | None = None,
    patience: int | None = None,
    monitor: str | None = None,
    seed: int = 0,
    folder: str | Path | None = None,
) -> pd.DataFrame:
    """Train all at once; the model ends with the weights of its best, or last, epoch.

    Parameters
    ----------
    model : keras.Model
        Of `varstar.models.build("ts19")`.
    data, validation : (x, auxiliary, weight, y)
        As in `arrays`.
    epochs, batch_size, learning_rate, strength
        The defaults are the paper's; `strength` is its lambda.
    clip : float, optional
        Largest norm of all gradients together.
    patience : int, optional
        Epochs without improvement of `monitor` before stopping.
    monitor : str, optional
        A column of the history; by default ``"val_loss"`` where there is `patience`, else
        none: the last epoch is kept.
    seed : int
    folder : path, optional
        State between epochs, to resume from.

    Returns
    -------
    DataFrame
        History: ``reconstruction_loss`` (L_AE), ``memberships_loss`` (L_CE),
        ``memberships_accuracy``, ``mixture_loss`` (L_GMM; with the batch's own
        mixture), ``loss``; the same with ``val_``.
    """
    compile_joint(model, learning_rate=learning_rate, strength=strength, clip=clip)
    return _train(
        model, data, validation, "joint", epochs=epochs, batch_size=batch_size,
        patience=patience, monitor=monitor, seed=seed, folder=folder,
    )  # fmt: skip


def _train(
    model: keras.Model,
    data: tuple,
    validation: tuple | None,
    how: str,
    *,
    batch_size: int,
    patience: int | None,
    monitor: str | None = None,
    seed: int,
    **options: Any,
) -> pd.DataFrame:
    if patience is not None and validation is None:
        raise ValueError("patience needs a validation set")
    if monitor is None and patience is not None:
        monitor = "val_loss"
    x, y = arrays(*data, how)
    return train(
        model,
        lambda epoch: array_batches(x, y, batch_size, seed=seed + epoch),
        None if validation is None else array_batches(*arrays(*validation, how), batch_size),
        patience=patience,
        monitor=monitor,
        seed=seed,
        description=f"ts19 {how}",
        **options,
    )


def train_sequential(
    model: keras.Model,
    data: tuple,
    validation: tuple | None = None,
    *,
    epochs: int = EPOCHS,
    estimation_epochs: int | None = None,
    batch_size: int = BATCH_SIZE,
    learning_rate: Any = RATE,
    clip: float | None = None,
    patience: int | None = None,
    seed: int = 0,
    folder: str | Path | None = None,
) -> pd.DataFrame:
    """Train the autoencoder, then, on its features, the estimation network.

    Parameters
    ----------
    model, data, validation, epochs, batch_size, learning_rate, clip, patience, seed, folder
        As in `train_joint`.
    estimation_epochs : int, optional
        Of the second stage (thousands of times cheaper than the first); as `epochs` by
        default.

    Returns
    -------
    DataFrame
        History of both stages, one after the other, with a column ``stage``.
    """
    folder = Path(folder) if folder is not None else None
    encoder = compile_autoencoder(autoencoder(model), learning_rate=learning_rate, clip=clip)
    first = _train(
        encoder, data, validation, "autoencoder", epochs=epochs, batch_size=batch_size,
        patience=patience, seed=seed, folder=folder and folder / "autoencoder",
    )  # fmt: skip
    second = train_estimation(
        model, data, validation, epochs=estimation_epochs or epochs, batch_size=batch_size,
        learning_rate=learning_rate, patience=patience, seed=seed,
        folder=folder and folder / "estimation",
    )  # fmt: skip
    names = {"loss": "reconstruction_loss", "val_loss": "val_reconstruction_loss"}
    first = first.rename(columns=names)
    both = pd.concat([first.assign(stage="autoencoder"), second.assign(stage="estimation")])
    both.index = pd.RangeIndex(1, len(both) + 1, name="epoch")
    return both


def train_estimation(
    model: keras.Model,
    data: tuple,
    validation: tuple | None = None,
    *,
    epochs: int = EPOCHS,
    batch_size: int = BATCH_SIZE,
    learning_rate: float = RATE,
    patience: int | None = None,
    seed: int = 0,
    folder: str | Path | None = None,
) -> pd.DataFrame:
    """Train the estimation network of a model on the features of its autoencoder, as it is."""
    if patience is not None and validation is None:
        raise ValueError("patience needs a validation set")
    estimation = model.get_layer("estimation")
    z = keras.Input(estimation.input_shape[1:], name="z")
    gamma = estimation(z)
    head = keras.Model(
        z,
        {
            "memberships": keras.layers.Identity(name="memberships")(gamma),
            "mixture": keras.layers.Concatenate(name="mixture")([gamma, z]),
        },
        name="ts19_head",
    )
    head.compile(
        keras.optimizers.Adam(learning_rate),
        loss={"memberships": "categorical_crossentropy", "mixture": gmm.mixture_energy},
        metrics={"memberships": ["accuracy"]},
    )

    def rows(part: tuple) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        z = predict(model, part[0], part[1])["features"].astype(np.float32)
        return z, {"memberships": part[3], "mixture": part[3]}

    x, y = rows(data)
    return train(
        head,
        lambda epoch: array_batches(x, y, batch_size, seed=seed + epoch),
        None if validation is None else array_batches(*rows(validation), batch_size),
        epochs=epochs,
        patience=patience,
        monitor="val_loss" if patience is not None else None,
        folder=folder,
        seed=seed,
        description="ts19 estimation",
    )


def predict(
    model: keras.Model, x: np.ndarray, auxiliary: np.ndarray, batch_size: int = 512
) -> dict[str, np.ndarray]:
    """Everything a trained network says about sequences.

    Returns
    -------
    dict of ndarray
        ``memberships`` (n, n_classes); ``features`` z (n, n_features);
        ``reconstruction`` (n, length).
    """
    n_classes = model.get_layer("estimation").output_shape[-1]
    out = outputs(model, [x.astype(np.float32), auxiliary.astype(np.float32)], batch_size)
    return {
        "memberships": out["memberships"],
        "features": out["mixture"][:, n_classes:],
        "reconstruction": out["reconstruction"][:, :, 0],
    }
