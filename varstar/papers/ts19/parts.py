"""What the classifier of TS19 learns: an autoencoder, and what stands on its features.

The recipe of the shipped model and `SequenceClassifier.fit` train with these functions.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar.features.sequences import Sequences, weights
from varstar.learning import trees
from varstar.papers.ts19.classifier import fill, fit_misfit

#: What the autoencoder sees: half of a star's points at a time, from maximum light.
INPUTS = {"length": 128, "minimum": 20, "cut": "even", "epochs": "max", "bands": ["V"]}
NETWORK = {"units": 48, "embedding": 16, "dropout": 0.1}
#: At most so many stars of a class in an epoch, drawn anew each time, a sequence of each.
DRAWN = 2000
TRAINING = {"epochs": 14, "batch_size": 128, "learning_rate": 3e-3, "clip": 1.0}
#: Classes and doubt: boosted trees, and a small forest that is never sure too soon.
TREES = {"learning_rate": 0.12, "max_iter": 45, "max_leaf_nodes": 12, "l2_regularization": 5.0}
FOREST = {"n_estimators": 32, "max_leaf_nodes": 150, "min_samples_leaf": 3}
ISOLATION = {"n_estimators": 60, "max_samples": 128}
#: The forest learns from at most so many stars of a class.
FOREST_STARS = 1500
#: Above this percentile of the known stars a star is called novel.
PERCENTILE = 95.0


def train_autoencoder(
    sequences: Sequences,
    labels: np.ndarray,
    rows: np.ndarray,
    *,
    seed: int = 0,
    folder: str | Path | None = None,
    training: Mapping[str, Any] = TRAINING,
    network: Mapping[str, Any] = NETWORK,
    n_classes: int | None = None,
) -> tuple[Any, pd.DataFrame]:
    """An autoencoder that learns from the stars `rows`; and its history.

    Labels say only which stars are drawn how often.
    """
    from varstar.learning.training import array_batches, train
    from varstar.models import build
    from varstar.optional import keras
    from varstar.papers.ts19.training import arrays, autoencoder, compile_autoencoder

    keras.utils.set_random_seed(seed)
    n_classes = n_classes or len(set(labels[rows].tolist()))
    length = sequences.x.shape[1]
    model = build("ts19", length=length, n_classes=n_classes, **network)
    first = np.searchsorted(sequences.star, np.arange(len(labels)))
    number = np.bincount(sequences.star, minlength=len(labels))
    members = [rows[(labels[rows] == c) & (number[rows] > 0)] for c in np.unique(labels[rows])]
    steps = -(-sum(min(len(m), DRAWN) for m in members) // training["batch_size"])
    weight = weights(sequences, relative=True)
    nothing = np.zeros((len(sequences.star), 1), np.float32)

    def drawn(epoch: int) -> Any:
        rng = np.random.default_rng([seed, epoch])
        stars = np.concatenate([rng.permutation(m)[:DRAWN] for m in members])
        some = first[stars] + rng.integers(0, number[stars])
        rng.shuffle(some)
        rows_ = (a[some] for a in (sequences.x, nothing, weight, nothing))
        return array_batches(*arrays(*rows_, "autoencoder"), training["batch_size"])

    schedule = keras.optimizers.schedules.CosineDecay(
        training["learning_rate"], training["epochs"] * steps
    )
    part = compile_autoencoder(autoencoder(model), learning_rate=schedule, clip=training["clip"])
    history = train(
        part, drawn, epochs=training["epochs"], patience=None, monitor=None, folder=folder,
        seed=seed, description="autoencoder",
    )  # fmt: skip
    return model, history


def capped(labels: np.ndarray, rows: np.ndarray, maximum: int, seed: int) -> np.ndarray:
    """At most so many of `rows` in each class."""
    rng = np.random.default_rng(seed)
    own = labels[rows]
    return np.concatenate([rng.permutation(rows[own == c])[:maximum] for c in np.unique(own)])


def fit_parts(
    x: np.ndarray, labels: np.ndarray, rows: np.ndarray, seed: int, boosted: bool = True
) -> dict[str, Any]:
    """Trees, forest and misfit of the stars `rows`."""
    from sklearn.ensemble import (
        ExtraTreesClassifier,
        IsolationForest,
    )

    y = labels.astype(str)
    parts: dict[str, Any] = {"misfit": fit_misfit(x[rows], y[rows], np.unique(y[rows]))}
    known = fill(x, parts["misfit"]["quantiles"]).astype(np.float32)
    if boosted:
        model = trees.boosted(seed, **TREES)
        parts["trees"] = trees.to_arrays(model.fit(known[rows], y[rows]), known[rows])
    few = capped(y, rows, FOREST_STARS, seed)
    forest = ExtraTreesClassifier(random_state=seed, class_weight="balanced", **FOREST)
    parts["forest"] = trees.to_arrays(forest.fit(known[few], y[few]), known[few])
    isolating = IsolationForest(random_state=seed, **ISOLATION).fit(known[rows])
    parts["isolation"] = trees.to_arrays(isolating, known[rows])
    return parts
