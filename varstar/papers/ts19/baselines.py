"""Ways to find novel light curves beside TS19's energy, behind one interface.

What a method needs of the training set, the first also of all others, and a function
``(training, others, seed) -> [scores of training, scores of others[0], ...]``.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from varstar.learning.novelty import summary
from varstar.papers.ts19 import mixture

_Part = Mapping[str, np.ndarray]


def _as_given(name: str) -> Callable[..., list[np.ndarray]]:
    def score(training: _Part, others: Sequence[_Part], seed: int) -> list[np.ndarray]:
        return [np.asarray(part[name], float) for part in (training, *others)]

    return score


def _doubt(training: _Part, others: Sequence[_Part], seed: int) -> list[np.ndarray]:
    return [1 - np.asarray(part["probability"], float).max(axis=1) for part in (training, *others)]


def _standard(training: _Part, others: Sequence[_Part]) -> list[np.ndarray]:
    """Standard scores by the training set's median and spread, within +-10; what is
    missing becomes 0, the median. Features that the training set does not vary in are
    left out."""
    tables = [np.asarray(part["features"], float) for part in (training, *others)]
    tables = [np.where(np.isfinite(a), a, np.nan) for a in tables]
    usable = np.isfinite(tables[0]).sum(axis=0) > 1
    usable[usable] = np.nanstd(tables[0][:, usable], axis=0) > 0
    if not usable.any():
        raise ValueError("features: expected one that varies in the training set")
    clean = [a[:, usable] for a in tables]
    centre, spread = np.nanmedian(clean[0], axis=0), np.nanstd(clean[0], axis=0)
    return [np.nan_to_num(np.clip((a - centre) / spread, -10, 10)) for a in clean]


def _outliers(make: Callable[[int], Any]) -> Callable[..., list[np.ndarray]]:
    """A scikit-learn detector of outliers on standard scores of the features."""

    def score(training: _Part, others: Sequence[_Part], seed: int) -> list[np.ndarray]:
        tables = _standard(training, others)
        detector = make(seed).fit(tables[0])
        return [-detector.score_samples(a) for a in tables]

    return score


def _isolation_forest(seed: int) -> Any:
    from sklearn.ensemble import IsolationForest

    return IsolationForest(n_estimators=200, random_state=seed)


def _one_class_svm(seed: int) -> Any:
    from sklearn.svm import OneClassSVM

    return OneClassSVM(nu=0.05, gamma="scale")


def _elliptic_envelope(seed: int) -> Any:
    from sklearn.covariance import EllipticEnvelope

    return EllipticEnvelope(support_fraction=0.9, random_state=seed)


def _local_outlier_factor(seed: int) -> Any:
    from sklearn.neighbors import LocalOutlierFactor

    return LocalOutlierFactor(n_neighbors=20, novelty=True)


def _gaussians(training: _Part, others: Sequence[_Part], seed: int) -> list[np.ndarray]:
    """One Gaussian a class on the features: TS19's energy without their network."""
    tables = _standard(training, others)
    labels = np.asarray(training["labels"], object).astype(str)
    classes, code = np.unique(labels, return_inverse=True)
    size = tables[0].shape[1]
    phi = np.bincount(code) / len(code)
    mu = np.stack([tables[0][code == k].mean(axis=0) for k in range(len(classes))])
    sigma = np.stack(
        [
            np.cov(tables[0][code == k].T, ddof=0).reshape(size, size) + 0.01 * np.eye(size)
            for k in range(len(classes))
        ]
    )
    return [mixture.explain_energy(a, phi, mu, sigma)["energy"].to_numpy() for a in tables]


#: name -> (what it needs, function). ``energy`` and ``reconstruction``: shape (n,);
#: ``probability``: (n, n_classes); ``features``: (n, n_features), gaps as NaN;
#: ``labels``: (n,), of the training set. Only the last method sees the classes.
METHODS: dict[str, tuple[tuple[str, ...], Callable[..., list[np.ndarray]]]] = {
    "GMM energy": (("energy",), _as_given("energy")),
    "reconstruction error": (("reconstruction",), _as_given("reconstruction")),
    "softmax doubt": (("probability",), _doubt),
    "isolation forest": (("features",), _outliers(_isolation_forest)),
    "one-class SVM": (("features",), _outliers(_one_class_svm)),
    "elliptic envelope": (("features",), _outliers(_elliptic_envelope)),
    "local outlier factor": (("features",), _outliers(_local_outlier_factor)),
    "Gaussian a class": (("features", "labels"), _gaussians),
}


def scores(method: str, training: _Part, *others: _Part, seed: int = 0) -> list[np.ndarray]:
    """Scores by one of `METHODS`: of the training set, then of each of the `others`.

    Parameters
    ----------
    method : str
        Of `METHODS`, which says what each needs.
    training, others : mapping of str to ndarray
        What is known of each light curve: ``energy``, ``reconstruction``,
        ``probability``, ``features``, ``labels``; one row a light curve.
    seed : int

    Raises
    ------
    ValueError
        Unknown method, or what it needs is missing.
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}. Known: {list(METHODS)}")
    needs, function = METHODS[method]
    for part, wanted in ((training, needs), *((part, needs[:1]) for part in others)):
        missing = [name for name in wanted if name not in part]
        if missing:
            raise ValueError(f"{method} needs {missing}. Received: {sorted(part)}")
    return function(training, others, seed)


def compare(
    training: _Part,
    known: _Part,
    novel: _Part,
    *,
    methods: Sequence[str] | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """`summary` of every method whose needs are there, one a row, the best AUC first."""
    if methods is None:
        methods = [name for name, (needs, _) in METHODS.items() if set(needs) <= set(training)]
    rows = {m: summary(*scores(m, training, known, novel, seed=seed)) for m in methods}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")
    return table.sort_values("auc", ascending=False, kind="stable")
