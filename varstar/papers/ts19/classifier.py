"""Classifier of TS19: folded sequences in, probabilities and novelty out.

An autoencoder turns each folded sequence of a star into learned features; their mean over
the star's sequences and K21's sixteen variability features, at the same period, are what
boosted trees name the class by. How new a star looks has three parts:

- its *misfit*: how far it lies from the class that it fits best (Mahalanobis distance on
  normal scores), as a rank among that class's own stars;
- the *doubt* of a small forest: the entropy of its class probabilities;
- its *isolation*: how few random cuts part it from the known stars (isolation forest).

Each is expressed as ``-log(tail)``, the share of known stars (not learned from) that go
further; their sum is the ``novelty``.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from scipy.linalg import solve_triangular
from scipy.stats import norm

from varstar.features import FEATURES, variability_features
from varstar.features.sequences import Sequences, fold_sequences
from varstar.learning import trees
from varstar.lightcurves.sample import LightCurves
from varstar.models.classifier import Classifier
from varstar.papers.ts19 import fit as ts19
from varstar.papers.ts19.forward import reconstructed

#: What the network's features, a star's mean, are called here.
MEASURES = ["log_distance", "atanh_cosine", "mean", "log_sd", "log_period", "log_chi", "log_mad",
            "log_kurtosis"]  # fmt: skip
#: Of the sixteen: those whose logarithm is taken, and those of heavy tails on both sides.
LOGARITHM = ["period", "amplitude", "hl_amp_ratio", "quartile31", "phase_eta"]
ARSINH = ["slope_per10", "slope_per90"]
#: Quantiles at which a feature's distribution is kept.
QUANTILES = np.array(
    [0.001, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999]
)
#: Parts of the novelty.
PARTS = ["misfit", "doubt", "isolation"]


def learned_names(n_embedding: int) -> list[str]:
    """Names of the columns of `learned_features`."""
    return [*(f"e{k + 1}" for k in range(n_embedding)), *MEASURES]


def learned_features(network: Any, sequences: Sequences, n_stars: int) -> np.ndarray:
    """What the autoencoder says about each star, the mean over its sequences.

    Parameters
    ----------
    network : keras.Model or varstar.models.forward.Network
        Of `varstar.models.build("ts19")`, or its forward pass.
    sequences : Sequences
    n_stars : int

    Returns
    -------
    ndarray, shape (n_stars, n_embedding + 8)
        Embedding; log10 of the relative distance and artanh of the cosine of TS19's Eq 2;
        mean magnitude, log10 of its deviation and of the period; log10 of the root mean
        square of (data - reconstruction) / error, of the median absolute difference, and
        of the difference's kurtosis. NaN for a star without a sequence.
    """
    n_embedding, out = reconstructed(network, sequences.x)
    x, sigma = sequences.x[:, :, 1].astype(float), sequences.x[:, :, 2].astype(float)
    mask, n = sequences.mask, sequences.points
    off = np.where(mask, x - out["reconstruction"], 0.0)
    square = (off**2).sum(axis=1) / n
    chi = np.sqrt((off**2 / np.where(mask, sigma, 1.0) ** 2).sum(axis=1) / n)
    middle = np.nanmedian(np.where(mask, np.abs(off), np.nan), axis=1) if len(off) else chi
    kurtosis = (off**4).sum(axis=1) / n / square**2
    columns = [
        out["features"][:, : n_embedding + 2].astype(float),
        np.stack([sequences.mean, np.log10(sequences.sd), sequences.log_period], axis=1),
        np.log10(np.stack([chi, middle, kurtosis], axis=1).clip(1e-6)),
    ]
    table = ts19.per_star(np.concatenate(columns, axis=1), sequences.star, n_stars)
    table[:, n_embedding] = np.log10(table[:, n_embedding])
    table[:, n_embedding + 1] = np.arctanh(np.clip(table[:, n_embedding + 1], -0.999, 0.9999))
    return table


def variability(
    curves: LightCurves, periods: np.ndarray, names: Sequence[str] = FEATURES
) -> np.ndarray:
    """K21's sixteen features at these periods, tamed: logarithms and inverse sinh; NaN where
    one is not defined."""
    table = variability_features(curves, periods, phases="arctan2")[list(names)].astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        for name in LOGARITHM:
            table[name] = np.log10(np.maximum(table[name], 1e-6))
    for name in ARSINH:
        table[name] = np.arcsinh(table[name])
    values = table.to_numpy()
    return np.where(np.isfinite(values), values, np.nan)


def fill(values: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Missing values replaced by the medians of the training set."""
    return np.where(np.isfinite(values), values, quantiles[len(QUANTILES) // 2])


# --- misfit -------------------------------------------------------------------------------


def normal_scores(x: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Each column mapped to a Gaussian by the training set's quantiles.

    Linear between the quantiles and, so that what lies far outside stays far, beyond them;
    at most 12 deviations.

    Parameters
    ----------
    x : ndarray, shape (n, n_features)
    quantiles : ndarray, shape (15, n_features)
        At `QUANTILES`; ascending.
    """
    g = norm.ppf(QUANTILES)
    out = np.empty(x.shape)
    for j in range(x.shape[1]):
        v = quantiles[:, j] + np.arange(len(g)) * 1e-9 * max(1.0, np.abs(quantiles[:, j]).max())
        out[:, j] = np.interp(x[:, j], v, g)
        low, high = x[:, j] < v[0], x[:, j] > v[-1]
        out[low, j] = g[0] + (x[low, j] - v[0]) * (g[1] - g[0]) / (v[1] - v[0])
        out[high, j] = g[-1] + (x[high, j] - v[-1]) * (g[-1] - g[-2]) / (v[-1] - v[-2])
    return np.clip(out, -12, 12)


def fit_misfit(x: np.ndarray, labels: np.ndarray, classes: Sequence[str]) -> dict[str, np.ndarray]:
    """The Gaussian of each class on normal scores, and how far its own stars lie.

    Parameters
    ----------
    x : ndarray, shape (n, n_features)
        NaN where missing.
    labels : ndarray of str, shape (n,)
    classes : sequence of str
        Each with at least two stars.

    Returns
    -------
    dict of ndarray
        ``quantiles`` (15, n_features); ``center`` (n_classes, n_features), ``factor``
        (n_classes, n_features, n_features), Cholesky factors; ``own`` (n_classes, 201),
        quantiles of each class's own squared distances.
    """
    quantiles = np.nanquantile(x, QUANTILES, axis=0)
    scores = normal_scores(fill(x, quantiles), quantiles)
    center, factor, own = [], [], []
    for name in classes:
        part = scores[labels == name]
        covariance = np.cov(part.T)
        # Small classes: a little towards independence, and a floor under every axis.
        covariance = 0.95 * covariance + 0.05 * np.diag(np.diag(covariance))
        covariance += 0.01 * np.eye(len(covariance))
        center.append(part.mean(axis=0))
        factor.append(np.linalg.cholesky(covariance))
        distance = _distance(part, center[-1], factor[-1])
        own.append(np.quantile(distance, np.linspace(0, 1, 201)))
    values = {"quantiles": quantiles, "center": center, "factor": factor, "own": own}
    return {k: np.asarray(v, np.float32) for k, v in values.items()}


def _distance(scores: np.ndarray, center: np.ndarray, factor: np.ndarray) -> np.ndarray:
    return (solve_triangular(factor, (scores - center).T, lower=True) ** 2).sum(axis=0)


def misfit(x: np.ndarray, state: Mapping[str, np.ndarray]) -> np.ndarray:
    """How badly a star fits the class that it fits best, shape (n,).

    The share of a class's own stars that lie closer to its center, smallest over the
    classes: 1 for a star that is farther out than all of them; a thousandth of the log
    distance orders those.
    """
    state = {k: np.asarray(v, float) for k, v in state.items()}
    scores = normal_scores(fill(x, state["quantiles"]), state["quantiles"])
    best = np.full(len(x), np.inf)
    level = np.linspace(0, 1, state["own"].shape[1])
    for center, factor, own in zip(state["center"], state["factor"], state["own"], strict=True):
        distance = _distance(scores, center, factor)
        rank = np.interp(distance, own + np.arange(len(own)) * 1e-9, level)
        best = np.minimum(best, rank + 1e-3 * np.log1p(distance))
    return best


# --- doubt --------------------------------------------------------------------------------


def entropy(probability: np.ndarray) -> np.ndarray:
    """Entropy of each row of probabilities, in nats."""
    return -(probability * np.log(probability + 1e-9)).sum(axis=1)


# --- from parts to novelty ----------------------------------------------------------------

#: Tail probabilities at which the scores of the known stars are kept.
TAILS = 10.0 ** -np.linspace(0, 3.8, 153)


def fit_tail(known: np.ndarray) -> np.ndarray:
    """Quantiles of the scores of known stars, for `minus_log_tail`; shape (153,)."""
    return np.quantile(known, 1 - TAILS).astype(np.float32)


def minus_log_tail(score: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """``-log`` (natural) of the share of known stars with a greater score, up to 8.7; a
    thousandth of the score orders those beyond the last."""
    steps = np.asarray(quantiles, float) + np.arange(len(TAILS)) * 1e-9
    return np.interp(score, steps, -np.log(TAILS)) + 1e-3 * score


def percentile(novelty: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Percentile of a novelty among those of known stars (quantiles of `fit_tail`)."""
    steps = np.asarray(quantiles, float) + np.arange(len(TAILS)) * 1e-9
    return 100 * (1 - np.interp(novelty, steps, TAILS))


# --- the front door -----------------------------------------------------------------------


def fold_inputs(curves: LightCurves, periods: np.ndarray, inputs: Mapping[str, Any]) -> tuple:
    """Sequences and status, folded as the card's ``inputs`` say."""
    options = {k: inputs[k] for k in ("length", "minimum", "cut", "epochs")}
    return fold_sequences(curves, periods, **options)


def raw_scores(
    x: np.ndarray, parts: Mapping[str, Mapping[str, np.ndarray]]
) -> dict[str, np.ndarray]:
    """`PARTS` of each row of `x`, before they become tails."""
    known = fill(x, parts["misfit"]["quantiles"])
    return {
        "misfit": misfit(x, parts["misfit"]),
        "doubt": entropy(trees.predict(parts["forest"], known)),
        "isolation": trees.predict(parts["isolation"], known),
    }


def judge(
    x: np.ndarray, parts: Mapping[str, Mapping[str, np.ndarray]]
) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities and parts of the novelty of stars by the fitted parts of one fold.

    Parameters
    ----------
    x : ndarray, shape (n, n_features)
    parts : mapping
        ``trees`` (`varstar.learning.trees`), ``forest`` and ``isolation`` (the same),
        ``misfit`` (`fit_misfit`), and ``tails`` with
        quantiles of each of `PARTS` (`fit_tail`).

    Returns
    -------
    probability : ndarray, shape (n, n_classes)
    scores : ndarray, shape (n, 3)
        `PARTS`, as ``-log(tail)``.
    """
    probability = trees.predict(parts["trees"], fill(x, parts["misfit"]["quantiles"]))
    raw = raw_scores(x, parts)
    scores = [minus_log_tail(raw[name], parts["tails"][name]) for name in PARTS]
    return probability, np.stack(scores, axis=1)


def flat(parts: Mapping[str, Mapping[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """The parts of a fold as one dict of arrays, as they are kept."""
    return {f"{part}/{k}": v for part, arrays in parts.items() for k, v in arrays.items()}


class SequenceClassifier(Classifier):
    """Classes and novelty from folded sequences and K21's sixteen features.

    Its columns are ``novelty``, larger for what looks newer, the sum of ``misfit``,
    ``doubt`` and ``isolation``, which are given too; ``novelty_percentile`` among known
    stars that were not learned from; ``is_novel``, above the card's percentile.
    """

    BINARIES = ("EA", "Ecl (contact/semi-detached, EW/EB)")
    COLUMNS: ClassVar = {
        "novelty": "float64",
        "novelty_percentile": "float64",
        "is_novel": "boolean",
        **dict.fromkeys(PARTS, "float64"),
    }

    INPUTS: ClassVar = {
        "length": 128,
        "minimum": 20,
        "min_points": 20,
        "cut": "even",
        "epochs": "max",
        "variability": FEATURES,
        "period_policy": "given",
    }

    def inputs(
        self, curves: LightCurves, periods: pd.DataFrame
    ) -> tuple[tuple[Sequences, np.ndarray], np.ndarray]:
        """Sequences, and the sixteen features of the stars that have some."""
        period = periods["period"].to_numpy(float)
        sequences, status = fold_inputs(curves, period, self.card["inputs"])
        rows = np.flatnonzero(status == "ok")
        some = sequences.of_stars(rows)
        some = some._replace(star=np.searchsorted(rows, some.star))
        names = self.card["inputs"].get("variability", FEATURES)
        return (some, variability(curves.stars(rows), period[rows], names)), status

    def predict(self, x: tuple[Sequences, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The mean over the folds, each with an autoencoder, trees and novelty of its own."""
        sequences, general = x
        answers = [
            judge(np.hstack([learned_features(network, sequences, len(general)), general]),
                  self._fold(k))
            for k, network in enumerate(self.predictors)
        ]  # fmt: skip
        probability, scores = (np.mean(part, axis=0) for part in zip(*answers, strict=True))
        novelty = scores.sum(axis=1)
        place = percentile(novelty, self.part("novelty")["known"])
        is_novel = place > self.card["novelty"]["percentile"]
        return probability, {
            "novelty": novelty, "novelty_percentile": place, "is_novel": is_novel,
            **dict(zip(PARTS, scores.T, strict=True)),
        }  # fmt: skip

    def _fold(self, k: int) -> dict[str, dict[str, np.ndarray]]:
        """The fitted parts of fold `k`, from their file: ``<part>/<array>``."""
        found: dict[str, dict[str, np.ndarray]] = {}
        for key, values in self.part(f"fold{k}").items():
            part, array = key.split("/", 1)
            found.setdefault(part, {})[array] = values
        return found

    def learn(
        self,
        curves: LightCurves,
        periods: pd.DataFrame,
        labels: np.ndarray,
        *,
        seed: int,
        folds: int = 3,
        network: "Mapping[str, Any] | None" = None,
        **training: Any,
    ) -> None:
        """Train an autoencoder, trees and a novelty score in each fold.

        Parameters
        ----------
        curves, periods, labels, seed
            See `varstar.models.classifier.Classifier.learn`.
        folds : int
            Parts of the stars; each fold learns from all but one part, on which its
            novelty is calibrated. At least as many stars of every class.
        network : mapping, optional
            What differs from the options in `varstar.papers.ts19.parts.NETWORK`.
        **training
            Of the autoencoder: ``epochs``, ``batch_size``, ``learning_rate``, ``clip``.
        """
        from varstar.learning import splits
        from varstar.models import build
        from varstar.papers.ts19 import parts as learning

        network = {**learning.NETWORK, **(network or {})}
        period = periods["period"].to_numpy(float)
        sequences, status = fold_inputs(curves, period, self.card["inputs"])
        general = variability(curves, period)
        usable = np.flatnonzero(status == "ok")
        fold = np.full(len(labels), -1)
        fold[usable] = splits.folds_by_star(pd.Series(labels[usable]), folds, seed=seed)
        n_classes = len(self.classes)
        options = {"length": self.card["inputs"]["length"], "n_classes": n_classes, **network}
        self.card["network"] = {"name": "ts19", "options": options}
        self.card["novelty"] = {"percentile": learning.PERCENTILE, "parts": PARTS}
        networks, kept, novelty = [], {}, np.full(len(labels), np.nan)
        for k in range(folds):
            rows, held = np.flatnonzero((fold >= 0) & (fold != k)), np.flatnonzero(fold == k)
            trained, _ = learning.train_autoencoder(
                sequences, labels.astype(object), rows, seed=seed + 1000 * k, network=network,
                n_classes=n_classes, training={**learning.TRAINING, **training},
            )  # fmt: skip
            networks.append(build("ts19", **options))
            networks[-1].set_weights(trained.get_weights())
            x = np.hstack([learned_features(networks[-1], sequences, len(labels)), general])
            parts = learning.fit_parts(x, labels, rows, seed)
            raw = raw_scores(x, parts)
            parts["tails"] = {name: fit_tail(values[held]) for name, values in raw.items()}
            novelty[held] = judge(x[held], parts)[1].sum(axis=1)
            kept[f"fold{k}"] = flat(parts)
        self._networks = tuple(networks)
        self._parts = {**kept, "novelty": {"known": fit_tail(novelty[usable])}}
