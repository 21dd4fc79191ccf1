"""How the networks of `varstar.papers.s26.classifier` learn: every star in random views."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from varstar.papers.s26 import inputs as s26

NETWORK = {"filters": [12, 24, 32, 48], "features": 32, "dropout": 0.3}
#: Share of stars shown with the catalogue's period, and with one of two bands.
GIVEN, ONE_BAND = 0.2, 0.4
#: Columns that the images are moved by at most: where the minimum is found is uncertain.
ROLL = 4
TRAINING = {"epochs": 24, "learning_rate": 3e-3, "batch_size": 64}


def epoch_batches(
    drawn: Mapping[str, list[s26.Inputs]],
    one_hot: np.ndarray,
    rows: np.ndarray,
    epoch: int,
    *,
    batch_size: int,
    seed: int,
    given: float = GIVEN,
    single: float = ONE_BAND,
) -> Any:
    """The batches of one epoch: each star once, in one of its guises.

    Parameters
    ----------
    drawn : mapping
        Of `drawings` or `one_band`.
    one_hot : ndarray, shape (n, n_classes)
    rows : ndarray of int
        The stars to learn from.
    epoch, batch_size, seed : int
    given : float
        Share shown with the catalogue's period.
    single : float
        Share shown with one band of several.
    """
    from varstar.learning.training import Batches

    order = np.random.default_rng([seed, epoch]).permutation(rows)

    def make(i: int) -> tuple:
        some = order[i * batch_size : (i + 1) * batch_size]
        x = guises(drawn, some, np.random.default_rng([seed, epoch, i]), given, single)
        return (x.images, x.mask, x.periods, x.numbers), one_hot[some]

    return Batches(len(order) // batch_size, make)


def guises(
    drawn: Mapping[str, list[s26.Inputs]],
    rows: np.ndarray,
    rng: np.random.Generator,
    given: float = GIVEN,
    single: float = ONE_BAND,
) -> s26.Inputs:
    """Each of the stars `rows` in a random guise: copy, kind of period, bands, small shift."""
    copy = rng.integers(len(drawn["given"]), size=len(rows))
    with_given = rng.random(len(rows)) < given
    n_bands = drawn["given"][0].mask.shape[1]
    alone = np.full(len(rows), -1)  # the band that is left, -1: all
    if n_bands > 1:
        alone = np.where(rng.random(len(rows)) < single, rng.integers(n_bands, size=len(rows)), -1)
    kind = np.where(with_given, "given", np.where(alone >= 0, "own", "found"))
    first = drawn["given"][0]
    images = np.empty((len(rows), *first.images.shape[1:]), np.uint8)
    mask = np.ones((len(rows), n_bands), np.float32)
    period = np.empty((len(rows), 1), np.float32)
    numbers = np.empty((len(rows), first.numbers.shape[1]), np.float32)
    for name, drawings_of in drawn.items():
        for c, x in enumerate(drawings_of):
            here = np.flatnonzero((kind == name) & (copy == c))
            stars_here = rows[here]
            images[here], mask[here] = x.images[stars_here], x.mask[stars_here]
            numbers[here] = x.numbers[stars_here]
            column = np.maximum(alone[here], 0) * (x.periods.shape[1] > 1)
            period[here, 0] = x.periods[stars_here, column]
    left = alone >= 0
    keep = (np.arange(n_bands) == alone[:, None]) | ~left[:, None]
    mask *= keep
    colours = np.repeat(~left[:, None], n_bands - 1, axis=1)
    if numbers.shape[1]:
        numbers[~np.concatenate([keep, keep, keep, colours], axis=1)] = np.nan
    roll = rng.integers(-ROLL, ROLL + 1, size=len(rows))
    columns = (np.arange(images.shape[3]) - roll[:, None]) % images.shape[3]
    images = np.take_along_axis(images, columns[:, None, None, :, None], axis=3)
    return s26.Inputs(images, mask, period, numbers, np.full(len(rows), "ok"))


def train_network(
    drawn: Mapping[str, list[s26.Inputs]],
    labels: np.ndarray,
    rows: np.ndarray,
    *,
    seed: int,
    options: Mapping[str, Any],
    epochs: int,
    learning_rate: float,
    batch_size: int,
    classes: Sequence[str],
    given: float = GIVEN,
    single: float = ONE_BAND,
    folder: "str | None" = None,
) -> Any:
    """One network from the stars `rows`; the rate falls to zero as half a cosine.

    `folder` keeps the state between epochs.
    """
    from varstar.learning.evaluate import one_hot
    from varstar.learning.training import train
    from varstar.models import build
    from varstar.optional import keras

    keras.utils.set_random_seed(seed)
    model = build("s26-light", **options)
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate, epochs * (len(rows) // batch_size)
    )
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.03)
    model.compile(keras.optimizers.AdamW(schedule, weight_decay=0.05), loss)
    y = one_hot(labels, classes)
    train(
        model,
        lambda epoch: epoch_batches(drawn, y, rows, epoch, batch_size=batch_size, seed=seed,
                                    given=given, single=single),
        epochs=epochs, patience=None, monitor=None, seed=seed, folder=folder,
        description="s26-light",
    )  # fmt: skip
    return model


def network_options(
    drawn: Mapping[str, list[s26.Inputs]],
    rows: np.ndarray,
    classes: Sequence[str],
    network: Mapping[str, Any] = NETWORK,
) -> dict[str, Any]:
    """Options of ``s26-light``: shapes, and what the numbers are scaled by."""
    x = drawn["found"][0]
    values = x.numbers[rows]
    return {
        **s26.options_for(x, classes),
        "n_periods": 1,
        "center": np.round(np.nanmedian(values, axis=0), 3).tolist(),
        "width": np.round(np.nanstd(values, axis=0), 3).tolist(),
        **network,
    }
