"""Training and predicting with Keras networks: one loop, one kind of batches, one predictor.

Each epoch is seeded with ``seed + epoch`` (order of the batches, dropout), and after each
one the model, its optimizer and the history are written as a whole. A training that was
killed continues after its last finished epoch and gives the same bits as an uninterrupted
one; Keras' own callbacks (BackupAndRestore, EarlyStopping) do not promise that.
"""

import json
import os
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar.optional import keras
from varstar.progress import tqdm

# --- batches ------------------------------------------------------------------------------


class Batches(keras.utils.PyDataset):
    """Batches made when they are asked for.

    Parameters
    ----------
    n : int
        Number of batches.
    make : callable
        ``make(i)`` returns batch `i`: (x, y) or (x, y, weights).
    """

    def __init__(self, n: int, make: Callable[[int], tuple]) -> None:
        super().__init__()
        self.n, self.make = n, make

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, i: int) -> tuple:
        return self.make(i)


def array_batches(
    x: np.ndarray | Sequence[np.ndarray],
    y: Any,
    batch_size: int = 64,
    *,
    seed: int | None = None,
    order: np.ndarray | None = None,
    channels: int | None = None,
    weights: np.ndarray | None = None,
) -> Batches:
    """Rows of arrays in batches; whole arrays are never copied.

    Parameters
    ----------
    x : ndarray or sequence of ndarray, each of shape (n, ...)
        Inputs.
    y : ndarray, or dict or tuple of ndarray, each of shape (n, ...)
        Targets.
    batch_size : int
    seed : int, optional
        Seed of a random order; without it the order is kept.
    order : ndarray of int, optional
        Rows to use, in this order, instead of a random one.
    channels : int, optional
        Number of equal channels that images of shape (n, height, width) get. Without it
        all arrays keep their shape.
    weights : ndarray, shape (n,), optional
        Weights of the rows.
    """
    inputs = [x] if isinstance(x, np.ndarray) else list(x)
    targets = keras.tree.flatten(y)
    n = len(targets[0])
    if n == 0 or any(len(a) != n for a in (*inputs, *targets)):
        raise ValueError(
            f"expected {n} > 0 rows. Received: {[len(a) for a in (*inputs, *targets)]}"
        )
    if order is None:
        order = np.arange(n) if seed is None else np.random.default_rng(seed).permutation(n)

    def make(i: int) -> tuple:
        rows = order[i * batch_size : (i + 1) * batch_size]
        some = [a[rows] for a in inputs]
        if channels:
            some = [as_channels(a, channels) if a.ndim == 3 else a for a in some]
        batch = some[0] if len(some) == 1 else tuple(some)
        target = keras.tree.map_structure(lambda a: a[rows], y)
        return (batch, target) if weights is None else (batch, target, weights[rows])

    return Batches(-(-len(order) // batch_size), make)


def as_channels(images: np.ndarray, channels: int = 1) -> np.ndarray:
    """Images (n, height, width) with a last axis of `channels` equal channels."""
    return np.repeat(images[..., None], channels, axis=-1)


# --- seeds --------------------------------------------------------------------------------


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Inside, networks are built with initial weights that depend on `seed` alone.

    Keras draws the seeds of its initializers from Python's `random`; its state is put
    back afterwards, so that nothing else in the session is reseeded.
    """
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


def reseed(model: keras.Model, seed: int) -> None:
    """Seed everything random inside a model (dropout).

    `keras.utils.set_random_seed` would reseed the whole session, and makes TensorFlow
    forget its compiled kernels: a second an epoch for a recurrent network.
    """
    for k, layer in enumerate(model._flatten_layers()):
        generator = getattr(layer, "seed_generator", None)
        if generator is not None:
            generator.state.assign(np.array([seed, k], dtype=str(generator.state.dtype)))


# --- training -----------------------------------------------------------------------------


def fit_epoch(model: keras.Model, batches: Any) -> dict[str, float]:
    """One epoch by ``model.fit``; its losses and metrics."""
    history = model.fit(batches, epochs=1, shuffle=False, verbose=0).history
    return {k: float(v[-1]) for k, v in history.items()}


def fit_epoch_on_batches(model: keras.Model, batches: Batches) -> dict[str, float]:
    """One epoch by ``model.train_on_batch``; the mean loss of the batches.

    The same steps as `fit_epoch` without its overhead, which for sets of a few hundred
    stars is most of the time.
    """
    losses = []
    for i in range(len(batches)):
        x, y, *weights = batches[i]
        losses.append(model.train_on_batch(x, y, *weights, return_dict=True)["loss"])
    return {"loss": float(np.mean(losses))}


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
    next_rate: Callable[[dict], float] | None = None,
    fit: Callable[[keras.Model, Any], dict[str, float]] = fit_epoch,
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
        ``data(epoch)`` gives the batches of an epoch (`array_batches`, `Batches`).
    validation : optional
        One thing that ``model.evaluate`` takes, labels included (a `Batches`).
    epochs : int
        Maximum number of epochs.
    patience : int or None
        Stop when `monitor` has not improved by more than `min_delta` for so many epochs
        (S20, Sect. 3.5: 7 and 1e-4); None never stops.
    monitor, mode
        The quantity in the history, and whether "min" or "max" of it is best. With
        `monitor` None the last epoch is kept, whatever its scores.
    on_epoch : callable, optional
        Called with (epoch, model, row of history) after each epoch; may add scores to
        the row.
    next_rate : callable, optional
        Called with each row of the history in turn; returns the learning rate of the next
        epoch. On resuming it is called with the rows of the finished epochs first.
    fit : callable
        ``fit(model, batches)`` trains one epoch: `fit_epoch` or `fit_epoch_on_batches`.
    folder : path, optional
        Where the state is kept between epochs; resumes from there. No resuming without.
    seed : int

    Returns
    -------
    DataFrame
        The history: one row per epoch (from 1), one column per quantity; ``learning_rate``
        is the rate at the end of the epoch.
    """
    if mode not in ("min", "max"):
        raise ValueError(f"mode: expected 'min' or 'max'. Received: {mode!r}")
    if epochs < 1:
        raise ValueError(f"epochs: expected 1 or more. Received: {epochs!r}")
    sign = None if monitor is None else {"min": 1.0, "max": -1.0}[mode]
    state = {"epoch": 0, "best": None, "reference": None, "wait": 0, "history": [],
             "stopped": False}  # fmt: skip
    best_weights = model.get_weights()
    folder = Path(folder) if folder is not None else None
    if folder is not None and (folder / "state.json").is_file():
        state |= json.loads((folder / "state.json").read_text())
        best_weights = _restore(model, folder, state["epoch"], state["best_epoch"])
    if next_rate is not None:
        for row in state["history"]:
            next_rate(row)

    bar = tqdm(total=epochs, initial=state["epoch"], desc=description, disable=None)
    with bar:
        while state["epoch"] < epochs and not state["stopped"]:
            epoch = state["epoch"]
            reseed(model, seed + epoch)
            row = {"epoch": epoch + 1, **fit(model, data(epoch))}
            if validation is not None:
                scores = model.evaluate(validation, verbose=0, return_dict=True)
                row |= {f"val_{k}": float(v) for k, v in scores.items()}
            if on_epoch is not None:
                on_epoch(epoch, model, row)
            row["learning_rate"] = float(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
            if next_rate is not None:
                model.optimizer.learning_rate = next_rate(row)
            if _note(state, row, monitor, sign, min_delta, patience, description):
                best_weights = model.get_weights()
            if folder is not None:
                _save(model, folder, state)
            bar.update()
            bar.set_postfix({k: f"{v:.4g}" for k, v in row.items() if k != "epoch"})
    model.set_weights(best_weights)
    return pd.DataFrame(state["history"]).set_index("epoch")


def _note(
    state: dict,
    row: dict[str, float],
    monitor: str | None,
    sign: float | None,
    min_delta: float,
    patience: int | None,
    description: str,
) -> bool:
    """Put the row of an epoch into the state; whether its weights are the best so far."""
    if not np.isfinite(row["loss"]):
        raise FloatingPointError(f"{description}: the loss is {row['loss']} in {row}")
    if monitor is not None and monitor not in row:
        raise ValueError(f"monitor: expected one of {sorted(row)}. Received: {monitor!r}")
    value = -row["epoch"] if monitor is None else sign * row[monitor]
    if not np.isfinite(value):
        raise FloatingPointError(f"{description}: {monitor} is {value} in {row}")
    state["history"].append(row)
    state["epoch"] = row["epoch"]
    # As in Keras: small steps add up until they are min_delta below the last value that
    # counted. The weights kept are those of the truly best epoch.
    if state["reference"] is None or value < state["reference"] - min_delta:
        state["reference"], state["wait"] = value, 0
    else:
        state["wait"] += 1
    state["stopped"] = patience is not None and state["wait"] >= patience
    best = state["best"] is None or value < state["best"]
    if best:
        state["best"], state["best_epoch"] = value, row["epoch"]
    return best


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
    for variable, value in zip(model.optimizer.variables, saved.optimizer.variables, strict=True):
        variable.assign(value)
    return best


# --- predicting ---------------------------------------------------------------------------

#: A single batch smaller than all others is filled up to one of these sizes.
SIZES = (16, 64)
#: Keras compiles a network at its first batch.
_LOCK = threading.Lock()


def predict(networks: Any, x: np.ndarray | Sequence[np.ndarray], batch_size: int = 256) -> Any:
    """Outputs of a network for many rows; of several networks the mean.

    Batch by batch through one compiled function per network. The last batch is filled up
    with copies of its first row (a single smaller one to one of `SIZES`), so that a
    network is compiled for few shapes. Networks predict in one thread at a time.

    Parameters
    ----------
    networks : keras.Model or sequence of keras.Model
    x : ndarray or sequence of ndarray, each of shape (n, ...)
        One array per input. Images without channels get as many equal ones as the
        network takes.
    batch_size : int

    Returns
    -------
    ndarray, shape (n, ...)
        A dict or list of arrays where the network has several outputs.
    """
    networks = list(networks) if isinstance(networks, list | tuple) else [networks]
    x = list(x) if isinstance(x, list | tuple) else [x]
    n = len(x[0])
    if not networks or any(len(a) != n for a in x):
        raise ValueError(
            f"expected one network or more and {n} rows of each input. "
            f"Received: {len(networks)}, {[len(a) for a in x]}"
        )
    outputs = [_outputs(network, x, n, batch_size) for network in networks]
    if len(outputs) == 1:
        return outputs[0]
    return keras.tree.map_structure(lambda *parts: sum(parts) / len(parts), *outputs)


def _outputs(network: keras.Model, x: list[np.ndarray], n: int, batch_size: int) -> Any:
    if n == 0:  # one row, to see what the outputs are
        x = [np.zeros((1, *a.shape[1:]), a.dtype) for a in x]
    full = next((size for size in SIZES if n <= size < batch_size), batch_size)
    ranks = [len(t.shape) for t in getattr(network, "inputs", ())]
    parts = []
    for first in range(0, max(n, 1), full):
        batch = [a[first : first + full] for a in x]
        for k, rank in enumerate(ranks):
            if batch[k].ndim == 3 and rank == 4:
                batch[k] = as_channels(batch[k], network.inputs[k].shape[-1])
        missing = full - len(batch[0])
        if missing:
            batch = [np.concatenate([a, np.repeat(a[:1], missing, axis=0)]) for a in batch]
        with _LOCK:
            parts.append(network.predict_on_batch(batch if len(batch) > 1 else batch[0]))
    return keras.tree.map_structure(lambda *a: np.concatenate(a)[:n], *parts)
