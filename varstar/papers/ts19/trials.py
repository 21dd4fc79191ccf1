"""What else notebook 04 tries: heads, sizes of the embedding, divisions, classes held out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.features import sequences as folded
from varstar.features.sequences import Sequences
from varstar.learning import novelty
from varstar.learning.evaluate import one_hot
from varstar.papers.ts19 import baselines, experiments
from varstar.papers.ts19 import fit as ts19

#: name -> what is changed: ``dropout`` of the head; weight of the mixture's ``energy``
#: beside the cross-entropy; how many times ``longer`` the training; whether the features are
#: ``standard`` scores.
TRIALS: dict[str, dict[str, Any]] = {
    "as published": {},
    "three times the epochs": {"longer": 3},
    "without dropout": {"dropout": 0.0},
    "without the energy in the loss": {"energy": 0.0},
    "features standardised": {"standard": True},
    "the last three together": {"dropout": 0.0, "energy": 0.0, "standard": True},
}


def head_trials(
    fitted: Mapping[str, Any],
    parts: Mapping[str, Sequences],
    labels: np.ndarray,
    *,
    trials: Mapping[str, Mapping[str, Any]] = TRIALS,
    epochs: int = 60,
    batch_size: int = 64,
    learning_rate: float = 5e-3,
    seed: int = 0,
) -> pd.DataFrame:
    """New estimation networks on the features of one fit, the autoencoder left as it is.

    Parameters
    ----------
    fitted : dict
        Of `varstar.papers.ts19.fit.fit`, without photometry.
    parts : dict of Sequences
        ``training``, ``validation``, ``novel``.
    labels : ndarray of str
        Of each star.
    trials : mapping
        See `TRIALS`.
    epochs, batch_size, learning_rate, seed

    Returns
    -------
    DataFrame
        A row a trial: ``training`` and ``validation`` (accuracies), and
        `varstar.learning.novelty.summary` of the energies under the new memberships' mixture.
    """
    z = {name: ts19.latent(fitted, part)["z"] for name, part in parts.items()}
    y = {
        name: one_hot(np.asarray(labels, object)[parts[name].star], fitted["classes"])
        for name in ("training", "validation")
    }
    rows = {}
    for name, trial in trials.items():
        gamma, used = _head(z, y["training"], **trial, epochs=epochs, batch_size=batch_size,
                            learning_rate=learning_rate, seed=seed)  # fmt: skip
        rows[name] = {
            part: float(np.mean(gamma[part].argmax(axis=1) == y[part].argmax(axis=1))) for part in y
        } | _novelty(gamma["training"], used)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("head")


def _novelty(gamma: np.ndarray, z: Mapping[str, np.ndarray]) -> dict[str, float]:
    from varstar.papers.ts19 import mixture as gmm

    mixture = gmm.fit(gamma, z["training"])
    return novelty.summary(*(gmm.score(mixture, z[p]) for p in ("training", "validation", "novel")))


def _head(
    z: Mapping[str, np.ndarray],
    y: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    dropout: float = 0.5,
    energy: float = 1.0,
    longer: int = 1,
    standard: bool = False,
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Memberships of each part by a new head, and the features that it saw."""
    from varstar.optional import keras
    from varstar.papers.ts19 import mixture as gmm
    from varstar.papers.ts19.network import build_estimation

    z = dict(z)
    if standard:
        centre, spread = z["training"].mean(axis=0), z["training"].std(axis=0)
        z = {name: (a - centre) / np.maximum(spread, 1e-6) for name, a in z.items()}
    keras.utils.set_random_seed(seed)
    inner = build_estimation(z["training"].shape[1], y.shape[1], dropout=dropout)
    inputs = keras.Input((z["training"].shape[1],), name="z")
    gamma = inner(inputs)
    outputs = {
        "memberships": keras.layers.Identity(name="memberships")(gamma),
        "mixture": keras.layers.Concatenate(name="mixture")([gamma, inputs]),
    }
    head = keras.Model(inputs, outputs)
    head.compile(
        keras.optimizers.Adam(learning_rate),
        loss={"memberships": "categorical_crossentropy", "mixture": gmm.mixture_energy},
        loss_weights={"memberships": 1.0, "mixture": energy},
    )
    head.fit(z["training"], {"memberships": y, "mixture": y}, batch_size=batch_size,
             epochs=longer * epochs, verbose=0)  # fmt: skip
    return {name: np.asarray(inner.predict(a, verbose=0)) for name, a in z.items()}, z


def embedding_trials(
    parts: Mapping[str, Sequences],
    labels: np.ndarray,
    sizes: Sequence[int],
    seeds: Sequence[int],
    *,
    options: Mapping[str, Any] | None = None,
    **training: Any,
) -> pd.DataFrame:
    """Joint and sequential training with embeddings of several sizes (TS19, Sect. 3.1).

    Returns
    -------
    DataFrame
        A row a run: ``embedding``, ``how``, ``seed``, and `scores_of` it.
    """
    rows = []
    for size in sizes:
        for how in ("joint", "sequential"):
            for seed in seeds:
                fitted = ts19.fit(
                    parts["training"], labels, parts["validation"], how=how, seed=seed,
                    options={**(options or {}), "embedding": size}, **training,
                )  # fmt: skip
                row = scores_of(fitted, parts, labels)
                rows.append({"embedding": size, "how": how, "seed": seed, **row})
    return pd.DataFrame(rows)


def scores_of(
    fitted: Mapping[str, Any], parts: Mapping[str, Sequences], labels: np.ndarray
) -> dict[str, float]:
    """How well a fit without photometry does.

    Returns
    -------
    dict
        ``epochs`` of the autoencoder, ``accuracy`` of the validation, ``loss`` (of the
        autoencoder, validation, last epoch), ``jitter`` of that loss, and
        `varstar.learning.novelty.summary` of the energies.
    """
    seen = {p: ts19.latent(fitted, parts[p]) for p in ("validation", "novel")}
    truth = np.asarray(labels, object)[parts["validation"].star]
    answer = ts19.predicted(fitted, seen["validation"]["memberships"])
    loss = autoencoder_loss(fitted["history"])
    energies = (seen[p]["energy"] for p in ("validation", "novel"))
    return {
        "epochs": len(loss), "accuracy": float(np.mean(answer == truth)),
        "loss": float(loss.iloc[-1]), "jitter": jitter(loss),
        **novelty.summary(fitted["energies"], *energies),
    }  # fmt: skip


def split_trials(
    sample: NestedFrame,
    *,
    trials: Mapping[str, tuple[str, str]],
    length: int,
    minimum: int,
    per_star: int | None = None,
    cut: str = "even",
    epochs_at: float | str = 0.0,
    seed: int = 0,
    grid: Mapping[str, Sequence[Any]] = ts19.FOREST_GRID,
    **training: Any,
) -> pd.DataFrame:
    """The same stars, divided and folded in several ways, joint training.

    Parameters
    ----------
    sample : NestedFrame
        Of `experiments.load_stars`.
    trials : mapping
        Name -> (``by`` of `experiments.parts_of`, column of periods).
    length, minimum, per_star, cut, epochs_at
        Of `varstar.features.sequences.fold_sequences`.
    seed, **training
        Of `varstar.papers.ts19.fit.fit`.

    Returns
    -------
    DataFrame
        A row a trial: ``stars``, ``sequences`` of the known, ``shared`` (share of the
        validation's sequences whose star was trained on), ``network`` and
        ``random_forest`` (accuracy), and `varstar.learning.novelty.summary`.
    """
    labels, rows = sample["class"].to_numpy(str), {}
    for name, (by, periods) in trials.items():
        sequences, _ = folded.fold_sequences(
            sample, periods, length, minimum=minimum, per_star=per_star, cut=cut,
            epochs=epochs_at,
        )  # fmt: skip
        parts = experiments.parts_of(sequences, labels, by=by, seed=seed)
        fitted = ts19.fit(parts["training"], labels, parts["validation"], seed=seed, **training)
        table = experiments.table_2(
            {"joint": fitted}, parts, labels, grid=grid, n_folds=2, seed=seed
        )
        known = np.concatenate([parts["training"].star, parts["validation"].star])
        shared = np.isin(parts["validation"].star, parts["training"].star).mean()
        rows[name] = {"stars": len(np.unique(known)), "sequences": len(known), "shared": shared,
                      **table["joint"]}  # fmt: skip
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("division")


def autoencoder_loss(history: pd.DataFrame) -> pd.Series:
    """L_AE of the validation by epoch of the training of the autoencoder."""
    if "stage" in history:
        history = history[history["stage"] == "autoencoder"]
    return history["val_reconstruction_loss"].astype(float).reset_index(drop=True)


def jitter(loss: pd.Series) -> float:
    """Standard deviation of a loss's change from epoch to epoch [per cent], over the second
    half of the training."""
    half = np.log(loss.to_numpy(float)[len(loss) // 2 :])
    return float(100 * np.diff(half).std()) if len(half) > 2 else np.nan


def hold_out(
    sequences: Sequences,
    labels: np.ndarray,
    features: pd.DataFrame,
    *,
    seeds: Sequence[int] = (0,),
    classes: Sequence[str] | None = None,
    methods: Sequence[str] | None = None,
    **training: Any,
) -> pd.DataFrame:
    """Every class novel in turn (`varstar.learning.novelty.leave_one_class_out`), every method.

    Parameters
    ----------
    sequences : Sequences
    labels : ndarray of str
        Class of each star; those of `experiments.NOVEL` take no part.
    features : DataFrame
        Of each star, see `experiments.variability`.
    seeds, classes, methods
        Of the driver; methods of `varstar.papers.ts19.baselines.METHODS`.
    **training
        Of `varstar.papers.ts19.fit.fit`.
    """
    labels = np.asarray(labels, object).astype(str)
    sequences = sequences.of_stars(labels != experiments.NOVEL)
    methods = list(baselines.METHODS if methods is None else methods)

    def fit(train: np.ndarray, test: np.ndarray, seed: int) -> dict[str, tuple]:
        both = sequences.rows(train), sequences.rows(test)
        fitted = ts19.fit(both[0], labels, seed=seed, **training)
        seen = [experiments.evidence(fitted, part, features, labels=labels) for part in both]
        return {m: tuple(baselines.scores(m, *seen, seed=seed)) for m in methods}

    return novelty.leave_one_class_out(
        labels[sequences.star], fit, groups=sequences.star, seeds=seeds, classes=classes
    )
