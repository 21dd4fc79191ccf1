"""K21's way of training (Kim et al. 2021, Sect 3.3.2): plain SGD, a rate that falls and returns.

The learning rate is divided by 10 whenever the score Mc has not improved for three epochs,
and set back to 0.1 when it falls below 1e-10; the weights of the best epoch are kept.
"""

from typing import Any

import numpy as np
import pandas as pd

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


def mc_score(true: np.ndarray, predicted: np.ndarray, n_classes: int) -> float:
    """Mc = (1 + MCC) / 2 of class numbers (K21 Eq 9, 10; Gorodkin 2004); 0.5 if undefined."""
    c = np.bincount(true * n_classes + predicted, minlength=n_classes**2).astype(float)
    c = c.reshape(n_classes, n_classes)
    total, right = c.sum(), np.trace(c)
    rows, columns = c.sum(axis=1), c.sum(axis=0)
    scale = np.sqrt((total**2 - columns @ columns) * (total**2 - rows @ rows))
    mcc = (right * total - rows @ columns) / scale if scale > 0 else 0.0
    return float((1 + mcc) / 2)


class CyclicalRateCallback(keras.callbacks.Callback):
    """`CyclicalRate` for ``model.fit``; Mc of the validation set each epoch, best weights kept.

    Parameters
    ----------
    x, y : ndarray
        Validation features and class numbers.
    **rule
        Of `CyclicalRate`.

    Attributes
    ----------
    history : list of dict
        ``epoch``, ``rate``, ``mc_val`` of each epoch.
    """

    def __init__(self, x: np.ndarray, y: np.ndarray, **rule) -> None:
        super().__init__()
        self.x, self.y, self.rule = x, np.asarray(y), CyclicalRate(**rule)
        self.history: list[dict[str, float]] = []
        self.best, self.weights = -np.inf, None

    def on_train_begin(self, logs: dict | None = None) -> None:
        self.model.optimizer.learning_rate = self.rule.rate

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        p = predict(self.model, self.x)
        score = mc_score(self.y, p.argmax(axis=1), p.shape[1])
        self.history.append({"epoch": epoch + 1, "rate": self.rule.rate, "mc_val": score})
        if score > self.best:
            self.best, self.weights = score, self.model.get_weights()
        self.model.optimizer.learning_rate = self.rule.update(score)

    def on_train_end(self, logs: dict | None = None) -> None:
        if self.weights is not None:
            self.model.set_weights(self.weights)


def predict(model: keras.Model, x: np.ndarray, batch: int = 4096) -> np.ndarray:
    """Probabilities, shape (n, n_classes)."""
    parts = [
        np.asarray(keras.ops.convert_to_numpy(model.predict_on_batch(x[i : i + batch])))
        for i in range(0, len(x), batch)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, model.outputs[0].shape[-1]))


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


def train(
    model: keras.Model,
    x: np.ndarray,
    y: np.ndarray,
    x_val: np.ndarray,
    y_val: np.ndarray,
    *,
    epochs: int = EPOCHS,
    batch_size: int = BATCH_SIZE,
    seed: int = 0,
    weights: np.ndarray | None = None,
    balanced: bool = False,
    watch_training: bool = False,
    **rule,
) -> pd.DataFrame:
    """Train a network as K21 does; it ends with the weights of its best epoch.

    The same as ``model.fit`` with `CyclicalRateCallback`, without its overhead, which for
    sets of a few hundred stars is most of the time.

    Parameters
    ----------
    model : keras.Model
        Of `varstar.papers.k21.network`.
    x, y : ndarray
        Scaled features and class numbers to train on.
    x_val, y_val : ndarray
        To step the rate by and choose the epoch.
    epochs, batch_size : int
    seed : int
        Of the order of the batches.
    weights : ndarray, shape (n_classes,), optional
        Loss weight of each class (K21 Eq 12: `class_weights`); scaled to a mean of one
        over the stars, as the weighted mean of K21's loss does.
    balanced : bool
        Over-sample the smaller classes in each epoch (K21's appendix).
    watch_training : bool
        Note Mc on the training set too.
    **rule
        Of `CyclicalRate`.

    Returns
    -------
    DataFrame
        One row an epoch: ``rate``, ``mc_val``, ``mc_train`` where watched; index
        ``epoch`` from 1. ``attrs["best"]`` is the best Mc.
    """
    n_classes = model.outputs[0].shape[-1]
    rng = np.random.default_rng(seed)
    target = np.eye(n_classes, dtype=np.float32)[y]
    x = np.ascontiguousarray(x, np.float32)
    x_val = np.ascontiguousarray(x_val, np.float32)
    star_weight = None
    if weights is not None:
        star_weight = weights[y] / weights[y].mean()
    cycle = CyclicalRate(**rule)
    if not isinstance(getattr(model, "optimizer", None), keras.optimizers.SGD):
        # a network that was compiled by an earlier training keeps its compiled step
        model.compile(keras.optimizers.SGD(cycle.rate), "categorical_crossentropy")
    rows: list[dict[str, Any]] = []
    best, kept = -np.inf, None
    for epoch in range(1, epochs + 1):
        order = over_sample(y, rng) if balanced else np.arange(len(y))
        order = rng.permutation(order)
        model.optimizer.learning_rate = cycle.rate
        for start in range(0, len(order), batch_size):
            some = order[start : start + batch_size]
            if len(some) < 2 and len(order) > 1:
                continue  # one star has no variance to normalise a batch by
            w = None if star_weight is None else star_weight[some].astype(np.float32)
            model.train_on_batch(x[some], target[some], sample_weight=w)
        score = mc_score(y_val, predict(model, x_val).argmax(axis=1), n_classes)
        row = {"epoch": epoch, "rate": cycle.rate, "mc_val": score}
        if watch_training:
            row["mc_train"] = mc_score(y, predict(model, x).argmax(axis=1), n_classes)
        rows.append(row)
        if score > best:
            best, kept = score, model.get_weights()
        cycle.update(score)
    if kept is not None:
        model.set_weights(kept)
    history = pd.DataFrame(rows).set_index("epoch")
    history.attrs["best"] = best
    return history
