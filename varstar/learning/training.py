"""Training that can be interrupted: epoch by epoch, the same result however often it stops.

Each epoch is seeded with ``seed + epoch`` (order of the batches, dropout), and after each
one the model, its optimizer and the history are written as a whole. A run that was
killed goes on after its last finished epoch and ends where an uninterrupted one ends.
"""

import json
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar.optional import keras
from varstar.progress import tqdm

# TensorFlow's warnings of retracing, with addresses that differ from run to run, would
# stand in the notebooks among the results.
logging.getLogger("tensorflow").addFilter(lambda record: record.levelno >= logging.ERROR)


class Batches(keras.utils.PyDataset):
    """Arrays in shuffled batches, whole arrays never copied.

    Parameters
    ----------
    x : ndarray or sequence of ndarray, each of shape (n, ...)
        Inputs. Images of shape (n, height, width) get `channels` equal channels.
    y : ndarray, shape (n, n_classes)
        One-hot labels.
    batch_size : int
    channels : int or None
        S20's network takes three equal ones. None: the arrays are no images.
    seed : int or None
        Of the order; None keeps the order.
    weights : ndarray, shape (n,), optional
        Of the rows.
    """

    def __init__(
        self,
        x: np.ndarray | Sequence[np.ndarray],
        y: np.ndarray,
        batch_size: int = 64,
        *,
        channels: int | None = 1,
        seed: int | None = None,
        weights: np.ndarray | None = None,
    ) -> None:
        super().__init__()
        self.x = [x] if isinstance(x, np.ndarray) else list(x)
        self.y, self.weights = y, weights
        self.batch_size, self.channels = batch_size, channels
        n = len(y)
        if any(len(a) != n for a in self.x) or n == 0:
            raise ValueError(f"expected {n} > 0 rows. Received: {[len(a) for a in self.x]}")
        self.order = np.arange(n) if seed is None else np.random.default_rng(seed).permutation(n)

    def __len__(self) -> int:
        return -(-len(self.order) // self.batch_size)

    def __getitem__(self, i: int) -> tuple:
        rows = self.order[i * self.batch_size : (i + 1) * self.batch_size]
        x = [
            as_channels(a[rows], self.channels) if a.ndim == 3 and self.channels else a[rows]
            for a in self.x
        ]
        x = x[0] if len(x) == 1 else tuple(x)
        if self.weights is None:
            return x, self.y[rows]
        return x, self.y[rows], self.weights[rows]


def as_channels(images: np.ndarray, channels: int = 1) -> np.ndarray:
    """Images (n, height, width) with a last axis of `channels` equal channels."""
    return np.repeat(images[..., None], channels, axis=-1)


def one_hot(labels: Sequence[str], classes: Sequence[str]) -> np.ndarray:
    """Labels as float32 rows of zeros and a one, shape (n, n_classes)."""
    labels = np.asarray(labels, object)
    codes = pd.Index(list(classes), dtype=object).get_indexer(labels)
    if (codes < 0).any():
        unknown = sorted(set(labels[codes < 0].tolist()), key=str)[:5]
        raise ValueError(f"labels: {unknown} are not among the classes {list(classes)}")
    return np.eye(len(classes), dtype=np.float32)[codes]


def reseed(model: keras.Model, seed: int) -> None:
    """Seed everything random inside a model (dropout).

    Not by `keras.utils.set_random_seed`: that makes TensorFlow forget its compiled
    kernels, a second an epoch for a recurrent network.
    """
    for k, layer in enumerate(model._flatten_layers()):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            generator.state.assign(np.array([seed, k], dtype=str(generator.state.dtype)))


def train(
    model: keras.Model,
    data: Callable[[int], Any],
    validation: Any = None,
    *,
    epochs: int,
    patience: int | None = 7,
    min_delta: float = 1e-4,
    monitor: str | None = "val_loss",
    mode: str = "min",
    on_epoch: Callable[[int, keras.Model, dict], None] | None = None,
    folder: str | Path | None = None,
    seed: int = 0,
    description: str = "training",
) -> pd.DataFrame:
    """Train a compiled model; keep the best weights; stop early; resume.

    Parameters
    ----------
    model : keras.Model
        Compiled. At the end it holds the weights of its best epoch.
    data : callable
        ``data(epoch)`` gives the batches of an epoch: anything that ``model.fit`` takes
        (a `Batches`).
    validation : optional
        One thing that ``model.evaluate`` takes, labels included (a `Batches`).
    epochs : int
        At most so many.
    patience : int or None
        Stop when `monitor` has not improved by more than `min_delta` for so many epochs
        (S20, Sect. 3.5: 7 and 1e-4); None never stops.
    monitor, mode
        The quantity in the history, and whether "min" or "max" of it is best. With
        `monitor` None the last epoch is kept, whatever its scores.
    on_epoch : callable, optional
        Called with (epoch, model, row of history) after each epoch; may add to the row,
        for a score of one's own or a learning-rate rule.
    folder : path, optional
        Where the state is kept between epochs; resumes from there. No resuming without.
    seed : int

    Returns
    -------
    DataFrame
        The history: one row an epoch (from 1), a column a quantity.
    """
    if mode not in ("min", "max"):
        raise ValueError(f"mode: expected 'min' or 'max'. Received: {mode!r}")
    if epochs < 1:
        raise ValueError(f"epochs: expected 1 or more. Received: {epochs!r}")
    sign = 1.0 if mode == "min" else -1.0
    state = {"epoch": 0, "best": None, "reference": None, "wait": 0, "history": [],
             "stopped": False}  # fmt: skip
    best_weights = model.get_weights()
    keras.utils.set_random_seed(seed)
    folder = Path(folder) if folder is not None else None
    if folder is not None and (folder / "state.json").is_file():
        state |= json.loads((folder / "state.json").read_text())
        best_weights = _restore(model, folder, state["epoch"], state["best_epoch"])

    with tqdm(total=epochs, initial=state["epoch"], desc=description, disable=None) as bar:
        while state["epoch"] < epochs and not state["stopped"]:
            epoch = state["epoch"]
            reseed(model, seed + epoch)
            batches = data(epoch)
            fit = model.fit(batches, epochs=1, shuffle=False, verbose=0).history
            row = {"epoch": epoch + 1, **{k: float(v[-1]) for k, v in fit.items()}}
            if validation is not None:
                scores = model.evaluate(validation, verbose=0, return_dict=True)
                row |= {f"val_{k}": float(v) for k, v in scores.items()}
            if on_epoch is not None:
                on_epoch(epoch, model, row)
            row["learning_rate"] = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
            if not np.isfinite(row["loss"]):
                raise FloatingPointError(f"{description}: the loss is {row['loss']} in {row}")
            if monitor is not None and monitor not in row:
                raise ValueError(f"monitor: expected one of {sorted(row)}. Received: {monitor!r}")
            state["history"].append(row)
            state["epoch"] = epoch + 1
            value = -epoch if monitor is None else sign * row[monitor]
            if not np.isfinite(value):
                raise FloatingPointError(f"{description}: {monitor} is {value} in {row}")
            # Waiting is Keras': small steps add up until they are min_delta below the last
            # value that counted. The weights kept are those of the truly best epoch.
            if state["reference"] is None or value < state["reference"] - min_delta:
                state["reference"], state["wait"] = value, 0
            else:
                state["wait"] += 1
            if state["best"] is None or value < state["best"]:
                state["best"], state["best_epoch"] = value, epoch + 1
                best_weights = model.get_weights()
            state["stopped"] = patience is not None and state["wait"] >= patience
            if folder is not None:
                _save(model, folder, state)
            bar.update()
            bar.set_postfix({k: f"{v:.4g}" for k, v in row.items() if k != "epoch"})
    model.set_weights(best_weights)
    return pd.DataFrame(state["history"]).set_index("epoch")


def _save(model: keras.Model, folder: Path, state: dict) -> None:
    """Write the state after an epoch; ``state.json``, written last, makes it valid."""
    folder.mkdir(parents=True, exist_ok=True)
    epoch = state["epoch"]
    names = [f"epoch{epoch}.keras"] + [f"best{epoch}.weights.h5"] * (state["best_epoch"] == epoch)
    for name in names:
        temporary = folder / f"tmp_{name}"
        model.save(temporary) if name.endswith(".keras") else model.save_weights(temporary)
        os.replace(temporary, folder / name)
    temporary = folder / "tmp_state.json"
    temporary.write_text(json.dumps(state))
    os.replace(temporary, folder / "state.json")
    keep = {f"epoch{epoch}.keras", f"best{state['best_epoch']}.weights.h5", "state.json"}
    for old in folder.iterdir():
        if old.name not in keep:
            old.unlink()


def _restore(model: keras.Model, folder: Path, epoch: int, best_epoch: int) -> list:
    """Put the state of `folder` into `model`; gives the best weights so far."""
    model.optimizer.build(model.trainable_variables)
    model.load_weights(folder / f"best{best_epoch}.weights.h5")
    best = model.get_weights()
    saved = keras.saving.load_model(folder / f"epoch{epoch}.keras")
    model.set_weights(saved.get_weights())
    for mine, theirs in zip(model.optimizer.variables, saved.optimizer.variables, strict=True):
        mine.assign(theirs)
    return best
