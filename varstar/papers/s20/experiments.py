"""The experiment of S20 (Szklenár et al. 2020), step by step, for its notebook.

Light curves -> classes -> parts by star -> noise copies -> folded images -> network; and
beside it the random forest on amplitude, R21 and phi21 (Sect. 3.6).
"""

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar import taxonomy
from varstar.features.images import draw
from varstar.lightcurves import augment
from varstar.lightcurves.folding import epoch_of_maximum, star_values
from varstar.lightcurves.sample import clean, light_curves, one_band

CLASSES = ["ACEP", "DSCT", "ECL", "RRLYR", "T2CEP"]
#: What the random forest sees (Sect. 3.6).
FOREST_COLUMNS = ["amplitude", "r21", "phi21"]
#: Copies drawn at a time.
_CHUNK = 1000


def usable(
    sample: NestedFrame, survey: str, bands: str | None = None
) -> tuple[NestedFrame, pd.DataFrame]:
    """The stars of S20's five classes that can be folded, and what was left out.

    Parameters
    ----------
    sample : NestedFrame
    survey : str
        Whose labels they are (see `varstar.taxonomy`).
    bands : str, optional

    Returns
    -------
    sample : NestedFrame
        With the column ``s20_class``.
    left_out : DataFrame
        ``reason`` and ``stars``.
    """
    label = taxonomy.to_classes(sample["label"], "s20", survey=survey)
    _, status = clean(one_band(light_curves(sample), bands))
    period = sample["period"].to_numpy(float, na_value=np.nan)
    reason = np.where(status != "ok", status, "")
    reason = np.where((reason == "") & ~(period > 0), "no period", reason)
    reason = np.where(label.isna(), "no class of S20", reason)
    left_out = pd.Series(reason[reason != ""], dtype=object).value_counts()
    kept = sample.assign(s20_class=label.astype(object))[reason == ""]
    return kept, left_out.rename_axis("reason").reset_index(name="stars")


def draw_copies(
    sample: NestedFrame,
    plan: pd.DataFrame,
    *,
    size: int = 128,
    scale: str = "unit",
    epochs: str | float = 0.0,
    bands: str | None = None,
    seed: int = 0,
) -> np.ndarray:
    """Folded images of a plan of noise copies (`varstar.lightcurves.augment.plan_copies`).

    Parameters
    ----------
    sample : NestedFrame
        The stars that the plan was made for, with ``period`` [d].
    plan : DataFrame
    size, scale, epochs, bands
        As in `varstar.fold_images`.
    seed : int
        Of the noise. A copy's noise depends on it and on the copy's place in the plan.

    Returns
    -------
    ndarray of uint8, shape (len(plan), size, size)

    Raises
    ------
    ValueError
        When a star of the plan cannot be folded (see `usable`), or is to be copied with
        noise and has no measured errors.
    """
    measured = one_band(light_curves(sample), bands)
    curves, status = clean(measured)
    period = sample["period"].to_numpy(float, na_value=np.nan)
    bad = (status != "ok") | ~(np.isfinite(period) & (period > 0))
    bad = plan["row"].to_numpy()[bad[plan["row"]]]
    if len(bad):
        raise ValueError(
            f"expected stars that can be folded (see usable). Received: "
            f"{sample.index[np.unique(bad)[:3]].tolist()}"
        )
    known = np.isfinite(measured.err) & (measured.err > 0)
    with_error = np.bincount(measured.star[known], minlength=len(sample)) > 0
    bad = plan.loc[~with_error[plan["row"]] & (plan["copy"] > 0), "row"].unique()
    if len(bad):
        raise ValueError(
            f"noise copies need measured errors. Received: {len(bad)} stars without any, "
            f"for example {sample.index[bad[:3]].tolist()}"
        )
    if epochs == "max":
        epoch = epoch_of_maximum(curves, period)
    else:
        epoch = star_values(sample, epochs, "epochs")
    images = np.empty((len(plan), size, size), np.uint8)
    for first in range(0, len(plan), _CHUNK):
        part = plan.iloc[first : first + _CHUNK]
        rows = part["row"].to_numpy()
        copies = augment.copies(curves, part, seed=seed + first)
        images[first : first + len(part)] = draw(
            copies, period[rows], epoch[rows], size=size, scale=scale
        )
    return images


def compiled(
    network: str,
    options: Mapping[str, Any],
    *,
    optimizer: str = "adam",
    learning_rate: float = 1e-6,
) -> Any:
    """A network of S20, compiled with categorical cross-entropy (Table 2)."""
    from varstar.models import build
    from varstar.optional import keras

    model = build(network, **options)
    optimizers = {
        "adam": keras.optimizers.Adam,
        "rmsprop": keras.optimizers.RMSprop,
        "sgd": keras.optimizers.SGD,
    }
    if optimizer not in optimizers:
        raise ValueError(f"optimizer: expected one of {sorted(optimizers)}. Received: {optimizer}")
    model.compile(
        optimizers[optimizer](learning_rate), "categorical_crossentropy", metrics=["accuracy"]
    )
    return model


def fit_network(
    x: np.ndarray,
    labels: np.ndarray,
    x_validation: np.ndarray,
    labels_validation: np.ndarray,
    *,
    network: str = "s20",
    options: Mapping[str, Any] | None = None,
    classes: list[str] = CLASSES,
    optimizer: str = "adam",
    learning_rate: float = 1e-6,
    batch_size: int = 64,
    epochs: int = 200,
    patience: int | None = 7,
    min_delta: float = 1e-4,
    seed: int = 0,
    folder: str | None = None,
) -> dict[str, Any]:
    """Train a network on images as S20 does (Table 2, Sect. 3.4 and 3.5).

    Parameters
    ----------
    x, x_validation : ndarray of uint8, shape (n, height, width)
    labels, labels_validation : ndarray of str, shape (n,)
    network, options
        See `varstar.models.build`.
    classes : list of str
        Order of the network's outputs.
    optimizer, learning_rate, batch_size, epochs, patience, min_delta, seed
        The defaults are the paper's.
    folder : path, optional
        Where the state between epochs is kept; a killed training goes on from there.

    Returns
    -------
    dict
        ``model`` (at its best epoch), ``history`` and ``seconds`` (of training, as measured
        when it ran).
    """
    from varstar.learning.evaluate import one_hot
    from varstar.learning.training import array_batches, seeded, train

    with seeded(seed):
        model = compiled(network, options or {}, optimizer=optimizer, learning_rate=learning_rate)
    channels = model.inputs[0].shape[-1]
    y, y_validation = one_hot(labels, classes), one_hot(labels_validation, classes)
    start = time.perf_counter()
    history = train(
        model,
        lambda epoch: array_batches(x, y, batch_size, channels=channels, seed=seed + epoch),
        array_batches(x_validation, y_validation, 256, channels=channels),
        epochs=epochs,
        patience=patience,
        min_delta=min_delta,
        folder=folder,
        seed=seed,
        description=network,
    )
    seconds = time.perf_counter() - start
    return {"model": model, "history": history, "seconds": seconds}


def predict(model: Any, images: np.ndarray, batch_size: int = 256) -> np.ndarray:
    """Class probabilities of images, shape (n, n_classes)."""
    from varstar.learning.training import predict as outputs

    return outputs(model, images, batch_size)


def forest_parameters(sample: NestedFrame, bands: str | None = None) -> pd.DataFrame:
    """Amplitude, R21 and phi21 of every star, by our own Fourier fit; NaN where it fails.

    The paper takes them from the catalogue, and computes them for eclipsing binaries
    only; here every class is measured alike.
    """
    from varstar.features.fourier import fourier_parameters

    return fourier_parameters(sample, n_terms=4, bands=bands)[FOREST_COLUMNS]
