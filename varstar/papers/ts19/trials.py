"""What holds an estimation network back: the same features, the head trained in other ways."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from varstar.features.sequences import Sequences
from varstar.learning import novelty
from varstar.learning.evaluate import one_hot
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
