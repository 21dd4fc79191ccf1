"""How well a score tells what is new: cuts, ROC, baselines, leave-one-class-out, reasons.

Everywhere a *score* is larger the newer a light curve looks; TS19's is the sample energy
of a Gaussian mixture. Arrays in, tables out: nothing here knows networks or files.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy.linalg import solve_triangular
from scipy.special import logsumexp
from sklearn import metrics

from varstar.learning import splits

#: TS19, Sect. 3.2: percentiles of the training energies at which is cut.
PERCENTILES = (95, 80)


# --- how good is a score ------------------------------------------------------------------


def detections(
    training: np.ndarray,
    known: np.ndarray,
    novel: np.ndarray,
    percentiles: Sequence[float] = PERCENTILES,
) -> pd.DataFrame:
    """Precision, recall and F1 of "novel" when cut at a percentile of the training scores.

    Parameters
    ----------
    training : ndarray, shape (n_training,)
        Scores of what the model learned from: they set the cut, and nothing else.
    known, novel : ndarray, shape (n_known,), (n_novel,)
        Scores of light curves that it did not learn from, of known and of new classes.
    percentiles : sequence of float
        Linear interpolation between scores, as in `numpy.percentile`.

    Returns
    -------
    DataFrame
        A row a percentile: ``cut`` (novel is what lies *above*), ``precision`` (0 where
        nothing is found), ``recall``, ``f1``, ``false_alarms`` (share of `known` above).

    Notes
    -----
    Precision and F1 depend on how many novel light curves are in the test; recall and
    false alarms do not (see `expected_precision`).
    """
    training, known, novel = (
        _scores(a, n) for a, n in ((training, "training"), (known, "known"), (novel, "novel"))
    )
    rows = []
    for q in percentiles:
        cut = float(np.percentile(training, q))
        hits, alarms = int((novel > cut).sum()), int((known > cut).sum())
        rows.append(
            {
                "percentile": q,
                "cut": cut,
                "precision": hits / (hits + alarms) if hits + alarms else 0.0,
                "recall": hits / len(novel),
                "f1": 2 * hits / (hits + alarms + len(novel)),
                "false_alarms": alarms / len(known),
            }
        )
    return pd.DataFrame(rows).set_index("percentile")


def expected_precision(recall: float, false_alarms: float, share: float) -> float:
    """Precision where `share` of all light curves is novel (Bayes' theorem).

    >>> round(expected_precision(0.8, 0.05, 0.5), 3)
    0.941
    >>> round(expected_precision(0.8, 0.05, 0.01), 3)
    0.139
    """
    for name, v in (("recall", recall), ("false_alarms", false_alarms), ("share", share)):
        if not 0 <= v <= 1:
            raise ValueError(f"{name}: expected a share from 0 to 1. Received: {v!r}")
    found = share * recall + (1 - share) * false_alarms
    return share * recall / found if found else 0.0


def roc(known: np.ndarray, novel: np.ndarray) -> pd.DataFrame:
    """Recall of what is new against false alarms, over all cuts.

    Returns
    -------
    DataFrame
        ``false_alarms``, ``recall``, ``cut`` (novel is what lies at or above it), from
        the highest cut to the lowest.
    """
    truth, score = _truth(known, novel)
    false_alarms, recall, cut = metrics.roc_curve(truth, score)
    return pd.DataFrame({"false_alarms": false_alarms, "recall": recall, "cut": cut})


def auc(known: np.ndarray, novel: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a novel light curve has the higher score
    of a random pair, ties counting half."""
    return float(metrics.roc_auc_score(*_truth(known, novel)))


def auc_interval(
    known: np.ndarray,
    novel: np.ndarray,
    *,
    known_stars: Sequence[Hashable] | None = None,
    novel_stars: Sequence[Hashable] | None = None,
    n: int = 200,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Bootstrap interval of `auc`, known and novel resampled apart.

    Parameters
    ----------
    known, novel : ndarray
    known_stars, novel_stars : sequence, optional
        The star of each score: then stars are resampled, with all of their sequences,
        which are no independent measurements.
    n, level, seed
        Resamplings, probability of the interval, seed.
    """
    _truth(known, novel)
    rng = np.random.default_rng(seed)
    sides = [
        (np.asarray(score, float), _members(score, stars))
        for score, stars in ((known, known_stars), (novel, novel_stars))
    ]
    values = []
    for _ in range(n):
        drawn = [
            score[np.concatenate([members[i] for i in rng.integers(0, len(members), len(members))])]
            for score, members in sides
        ]
        values.append(auc(*drawn))
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _members(score: np.ndarray, stars: Sequence[Hashable] | None) -> list[np.ndarray]:
    """Rows of each star."""
    if stars is None:
        return list(np.arange(len(score))[:, None])
    if len(stars) != len(score):
        raise ValueError(f"stars: expected {len(score)} of them. Received: {len(stars)}")
    codes, _ = pd.factorize(np.asarray(stars))
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)


def summary(
    training: np.ndarray,
    known: np.ndarray,
    novel: np.ndarray,
    percentiles: Sequence[float] = PERCENTILES,
) -> dict[str, float]:
    """AUC, and precision, recall and F1 at each cut (``"f1_95"``, ...), in one dict."""
    row = {"auc": auc(known, novel)}
    for q, cells in detections(training, known, novel, percentiles).iterrows():
        row |= {f"{name}_{q:g}": float(cells[name]) for name in ("precision", "recall", "f1")}
    return row


def by_kind(
    training: np.ndarray,
    known: np.ndarray,
    novel: np.ndarray,
    kinds: Sequence[str],
    percentile: float = 95,
) -> pd.DataFrame:
    """AUC of each kind of novel light curve, and the share found when cut at `percentile`.

    Parameters
    ----------
    training, known, novel : ndarray
        Scores, see `detections`.
    kinds : sequence of str
        Of each of the novel.
    percentile : float

    Returns
    -------
    DataFrame
        A row a kind: ``novel`` (number), ``auc``, ``recall``.
    """
    kinds = np.asarray(kinds, object).astype(str)
    if kinds.shape != np.shape(novel):
        raise ValueError(f"kinds: expected {np.shape(novel)}. Received: {kinds.shape}")
    rows = {}
    for kind in sorted(set(kinds.tolist())):
        here = np.asarray(novel)[kinds == kind]
        recall = detections(training, known, here, [percentile])["recall"].iloc[0]
        rows[kind] = {"novel": len(here), "auc": auc(known, here), "recall": recall}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("kind")


# --- methods ------------------------------------------------------------------------------
# One interface: what a method needs of the training set, the first also of all others, and
# a function ``(training, others, seed) -> [scores of training, scores of others[0], ...]``.

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
    return [explain_energy(a, phi, mu, sigma)["energy"].to_numpy() for a in tables]


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


# --- which class is new -------------------------------------------------------------------


def leave_one_class_out(
    labels: Sequence[str],
    fit: Callable[[np.ndarray, np.ndarray, int], Any],
    *,
    groups: Sequence[Hashable] | None = None,
    classes: Sequence[str] | None = None,
    seeds: Sequence[int] = (0,),
    training: float = 0.8,
) -> pd.DataFrame:
    """Every class in turn is the new one: how the score depends on which is held out.

    For each class and seed the others are split by star; the model learns from one part,
    and must tell the other part from the class that it never saw.

    Parameters
    ----------
    labels : sequence of str
        Class of each light curve.
    fit : callable
        ``fit(train_rows, test_rows, seed)``, rows as integers, gives for each method a
        pair of scores, ``{method: (of train_rows, of test_rows)}``.
    groups : sequence, optional
        The star of each row, where stars have several.
    classes : sequence of str, optional
        Those held out in turn; all by default.
    seeds : sequence of int
        Of split and training, one run each.
    training : float
        Share of the known stars that the model learns from.

    Returns
    -------
    DataFrame
        A row a run and method: ``held_out``, ``seed``, ``method``, ``novel`` and
        ``known`` (numbers of rows in the test), and `summary`'s columns. See `mean_sem_table`.
    """
    labels = np.asarray(labels, object).astype(str)
    stars = np.arange(len(labels)) if groups is None else np.asarray(groups)
    found = list(dict.fromkeys(np.sort(labels).tolist()))
    classes = found if classes is None else list(classes)
    unknown = [c for c in classes if c not in found]
    if unknown or len(found) < 2:
        raise ValueError(
            f"classes: expected some of {found}, of which two or more. Received: {classes}"
        )
    shares = {"train": training, "test": 1 - training}
    rows = []
    for name in classes:
        new = np.flatnonzero(labels == name)
        others = np.flatnonzero(labels != name)
        for seed in seeds:
            part = splits.split_by_star(
                pd.Series(labels[others]), shares, seed=seed, groups=stars[others]
            ).to_numpy(object)
            train, test = others[part == "train"], others[part == "test"]
            found_scores = fit(train, np.concatenate([test, new]), seed)
            for method, (of_train, of_test) in found_scores.items():
                sides = of_test[: len(test)], of_test[len(test) :]
                rows.append(
                    {"held_out": name, "seed": seed, "method": method, "novel": len(new),
                     "known": len(test), **summary(of_train, *sides)}
                )  # fmt: skip
    return pd.DataFrame(rows)


def mean_sem_table(
    runs: pd.DataFrame,
    by: Sequence[str] = ("held_out", "method"),
    columns: Sequence[str] = ("auc", "f1_95", "f1_80"),
) -> pd.DataFrame:
    """Mean of each column and its standard error (ddof 1; NaN for one run), by group.

    Returns
    -------
    DataFrame
        Indexed by the columns of `by`; ``runs``, then ``<column>`` and
        ``<column>_sem`` for each.
    """
    grouped = runs.groupby(list(by), sort=False)
    table = pd.DataFrame({"runs": grouped.size()})
    for name in columns:
        table[name], table[f"{name}_sem"] = grouped[name].mean(), grouped[name].sem()
    return table


# --- why ----------------------------------------------------------------------------------


def explain_energy(
    z: np.ndarray,
    phi: np.ndarray,
    mu: np.ndarray,
    sigma: np.ndarray,
    names: Sequence[str] | None = None,
) -> pd.DataFrame:
    r"""Which feature drives an energy.

    The energy of a Gaussian mixture, :math:`E = -\ln\sum_k \phi_k \mathcal N(z; \mu_k,
    \Sigma_k)` (TS19, Eq. 4, 5), is exactly

    .. math:: E = \tfrac12 \delta^T\Sigma_k^{-1}\delta + \tfrac12\ln|2\pi\Sigma_k|
        - \ln\phi_k + \ln r_k, \qquad \delta = z - \mu_k

    for any component *k*, its responsibility being :math:`r_k`. Taken is the one with
    the largest. Only the first term, half the squared Mahalanobis distance, depends on
    how far *z* lies out; it is shared among the features as
    :math:`\tfrac12\delta_j(\Sigma_k^{-1}\delta)_j`, which add up to it. Of correlated
    features one may count negative: it makes the deviation of the other less surprising.

    Parameters
    ----------
    z : ndarray, shape (n, n_features)
    phi, mu, sigma : ndarray, shape (n_components,), (n_components, n_features),
        (n_components, n_features, n_features)
        Weights, means and covariances.
    names : sequence of str, optional
        Of the features; ``z0``, ``z1``, ... by default.

    Returns
    -------
    DataFrame
        A row a row of `z`; a column a feature, its contribution; ``component``;
        ``mahalanobis`` (their sum, half the squared distance), ``volume``
        (:math:`\tfrac12\ln|2\pi\Sigma_k|`), ``weight`` (:math:`\ln r_k - \ln\phi_k`),
        and ``energy``, the sum of the three.

    Raises
    ------
    ValueError
        Shapes that do not fit, or a covariance that is not positive definite.
    """
    z, phi, mu, sigma = (np.asarray(a, float) for a in (z, phi, mu, sigma))
    k = len(phi)
    n_features = z.shape[1] if z.ndim == 2 else -1
    if mu.shape != (k, n_features) or sigma.shape != (k, n_features, n_features):
        raise ValueError(
            f"expected z (n, l), phi (k,), mu (k, l) and sigma (k, l, l). Received: "
            f"{z.shape}, {phi.shape}, {mu.shape}, {sigma.shape}"
        )
    names = [f"z{j}" for j in range(n_features)] if names is None else list(names)
    if len(names) != n_features:
        raise ValueError(f"names: expected {n_features}. Received: {len(names)}")
    parts, half, volume = np.empty((k, *z.shape)), np.empty((k, len(z))), np.empty(k)
    for c in range(k):
        try:
            factor = np.linalg.cholesky(sigma[c])
        except np.linalg.LinAlgError as error:
            raise ValueError(f"sigma: component {c} is not positive definite") from error
        delta = z - mu[c]
        white = solve_triangular(factor, delta.T, lower=True)
        parts[c] = 0.5 * delta * solve_triangular(factor.T, white, lower=False).T
        half[c] = 0.5 * (white**2).sum(axis=0)
        volume[c] = np.log(np.diag(factor)).sum() + 0.5 * n_features * np.log(2 * np.pi)
    with np.errstate(divide="ignore"):  # a component that nothing belongs to
        log_phi = np.log(phi)
    log_joint = log_phi[:, None] - half - volume[:, None]
    total = logsumexp(log_joint, axis=0)
    best, row = log_joint.argmax(axis=0), np.arange(len(z))
    table = pd.DataFrame(parts[best, row], columns=names)
    table["component"] = best
    table["mahalanobis"], table["volume"] = half[best, row], volume[best]
    table["weight"] = log_joint[best, row] - total - log_phi[best]
    table["energy"] = table["mahalanobis"] + table["volume"] + table["weight"]
    return table


def drivers(explained: pd.DataFrame, names: Sequence[str], groups: Sequence[str]) -> pd.DataFrame:
    """Mean contribution of each feature in each group of light curves: rows groups."""
    if len(groups) != len(explained):
        raise ValueError(f"groups: expected {len(explained)}. Received: {len(groups)}")
    table = explained[list(names)].groupby(np.asarray(groups, object).astype(str)).mean()
    return table.rename_axis("group")


# --- checks -------------------------------------------------------------------------------


def _scores(values: np.ndarray, name: str) -> np.ndarray:
    values = np.asarray(values, float)
    if values.ndim != 1 or len(values) == 0 or np.isnan(values).any():
        raise ValueError(
            f"{name}: expected one or more scores without NaN, in one dimension. Received: "
            f"shape {values.shape}, {int(np.isnan(values).sum())} NaN"
        )
    return values


def _truth(known: np.ndarray, novel: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """0 for known and 1 for novel, and their scores; infinite ones become the largest."""
    known, novel = _scores(known, "known"), _scores(novel, "novel")
    score = np.nan_to_num(np.concatenate([known, novel]))
    return np.repeat([0, 1], [len(known), len(novel)]), score
