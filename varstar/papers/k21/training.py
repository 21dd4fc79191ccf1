"""K21's way of training (Kim et al. 2021, Sect 3.3.2): plain SGD, a rate that falls and returns.

The learning rate is divided by 10 whenever the score Mc has not improved for three epochs,
and set back to 0.1 when it falls below 1e-10; the weights of the best epoch are kept.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar.learning import evaluate
from varstar.learning import training as learning
from varstar.learning.splits import stratified_part
from varstar.learning.training import array_batches
from varstar.optional import keras

#: K21's numbers.
RATE, FACTOR, PATIENCE, FLOOR = 0.1, 0.1, 3, 1e-10
BATCH_SIZE = 1024
EPOCHS = 500


class CyclicalRate:
    """The rule of the rate alone: tell it each epoch's score, it tells the next rate.

    Parameters
    ----------
    rate : float
        At the start and after each return.
    factor : float
        By which the rate is multiplied after `patience` epochs without improvement. An
        improvement is a score above the best since the last change of the rate's cycle
        began, i.e. since the rate was last set to `rate`.
    patience : int
    floor : float
        A rate below it returns to `rate`.
    """

    def __init__(
        self,
        rate: float = RATE,
        factor: float = FACTOR,
        patience: int = PATIENCE,
        floor: float = FLOOR,
    ) -> None:
        self.start, self.factor, self.patience, self.floor = rate, factor, patience, floor
        self.rate, self.best, self.stale = rate, -np.inf, 0

    def update(self, score: float) -> float:
        """The rate of the next epoch."""
        if score > self.best:
            self.best, self.stale = score, 0
            return self.rate
        self.stale += 1
        if self.stale >= self.patience:
            self.rate, self.stale = self.rate * self.factor, 0
            if self.rate < self.floor * (1 - 1e-6):
                self.rate, self.best = self.start, -np.inf
        return self.rate


def predict(model: Any, x: np.ndarray) -> np.ndarray:
    """Probabilities, shape (n, n_classes); of several networks the mean."""
    return learning.predict(model, x, 4096)


def class_weights(y: np.ndarray, n_classes: int) -> np.ndarray:
    """K21 Eq 12: ``alpha_i = f_i / sum f``, ``f_i = 1 / N_i``; 0 for a class without stars."""
    counts = np.bincount(y, minlength=n_classes)
    f = np.where(counts > 0, 1.0 / np.maximum(counts, 1), 0.0)
    return f / f.sum()


def over_sample(y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rows of a set in which every class is as large as the largest, by random doubles."""
    counts = np.bincount(y)
    rows = [np.arange(len(y))]
    for k in np.flatnonzero(counts):
        members = np.flatnonzero(y == k)
        rows.append(rng.choice(members, counts.max() - len(members)))
    return np.concatenate(rows)


def compiled(model: keras.Model, rate: float = RATE) -> keras.Model:
    """A network with plain SGD and cross-entropy; one that has them already keeps its
    compiled step."""
    if not isinstance(getattr(model, "optimizer", None), keras.optimizers.SGD):
        model.compile(keras.optimizers.SGD(rate), "categorical_crossentropy")
    model.optimizer.learning_rate = rate
    return model


def epoch_batches(
    x: np.ndarray,
    y: np.ndarray,
    n_classes: int,
    batch_size: int,
    *,
    seed: int,
    weights: np.ndarray | None = None,
    balanced: bool = False,
) -> Callable[[int], Any]:
    """Function that makes the batches of an epoch, for `varstar.learning.training.train`.

    One generator of random numbers serves all epochs, in their order.
    """
    rng = np.random.default_rng(seed)
    target = np.eye(n_classes, dtype=np.float32)[y]
    of_rows = None if weights is None else (weights[y] / weights[y].mean()).astype(np.float32)
    drawn = 0

    def batches(epoch: int) -> Any:
        nonlocal drawn
        while drawn <= epoch:  # a resumed training draws those of the finished epochs first
            order = rng.permutation(over_sample(y, rng) if balanced else len(y))
            drawn += 1
        if len(order) % batch_size == 1 and len(order) > 1:
            order = order[:-1]  # one star has no variance to normalise a batch by
        return array_batches(x, target, batch_size, order=order, weights=of_rows)

    return batches


def train(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    x_validation: np.ndarray,
    y_validation: np.ndarray,
    *,
    epochs: int = EPOCHS,
    batch_size: int = BATCH_SIZE,
    seed: int = 0,
    weights: np.ndarray | None = None,
    balanced: bool = False,
    log_train_score: bool = False,
    folder: str | Path | None = None,
    **rule,
) -> pd.DataFrame:
    """Train a network as K21 does; it ends with the weights of its best epoch.

    Parameters
    ----------
    model : keras.Model
        Of `varstar.papers.k21.network`.
    x, y : ndarray
        Scaled features and class numbers to train on.
    x_validation, y_validation : ndarray
        Steps the rate and chooses the epoch.
    epochs, batch_size : int
    seed : int
        Seed of the order of the batches.
    weights : ndarray, shape (n_classes,), optional
        Loss weight of each class (K21 Eq 12: `class_weights`); scaled to a mean of one
        over the stars, as the weighted mean of K21's loss does.
    balanced : bool
        Over-sample the smaller classes in each epoch (K21's appendix).
    log_train_score : bool
        Note Mc of the training set too.
    folder : path, optional
        State between epochs, to resume from.
    **rule
        Of `CyclicalRate`.

    Returns
    -------
    DataFrame
        One row per epoch: ``rate``, ``mc_val``, ``loss``, ``mc_train`` where asked for;
        index ``epoch`` from 1. ``attrs["best"]`` is the best Mc.
    """
    n_classes = model.outputs[0].shape[-1]
    x, x_validation = (np.ascontiguousarray(a, np.float32) for a in (x, x_validation))
    cycle = CyclicalRate(**rule)

    def scores(epoch: int, network: keras.Model, row: dict) -> None:
        row["mc_val"] = evaluate.mc(y_validation, predict(network, x_validation).argmax(axis=1))
        if log_train_score:
            row["mc_train"] = evaluate.mc(y, predict(network, x).argmax(axis=1))

    history = learning.train(
        compiled(model, cycle.rate),
        epoch_batches(x, y, n_classes, batch_size, seed=seed, weights=weights, balanced=balanced),
        epochs=epochs, patience=None, monitor="mc_val", mode="max", on_epoch=scores,
        next_rate=lambda row: cycle.update(row["mc_val"]), fit=learning.fit_epoch_on_batches,
        seed=seed, folder=folder, description="k21",
    ).rename(columns={"learning_rate": "rate"})  # fmt: skip
    history.attrs["best"] = float(history["mc_val"].max())
    return history


def training_rows(
    y: np.ndarray, test: np.ndarray, fraction: float, protocol: str, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rows that are trained on, and the mask of those that choose the epoch: the test stars
    as published, a fifth of the training stars in the clean protocol."""
    rows = np.flatnonzero(~test)
    if fraction < 1:
        rows = rows[stratified_part(y[rows], fraction, rng)]
    if protocol != "clean":
        return rows, test
    validation = np.zeros(len(y), bool)
    validation[rows[stratified_part(y[rows], 0.2, rng)]] = True
    return rows[~validation[rows]], validation
