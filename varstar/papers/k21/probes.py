"""What K21's network looks at, and what it makes of nonsense and of short light curves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from varstar.features import variability_features
from varstar.learning.scaling import as_features
from varstar.lightcurves.sample import LightCurves, clean
from varstar.papers.k21 import classifier as k21
from varstar.papers.k21 import experiments


def shap_importance(
    classifier: Any, features: pd.DataFrame, n_background: int, n_stars: int, seed: int = 0
) -> pd.DataFrame:
    """Mean absolute SHAP value of each feature for each class (K21 Fig 6).

    Permutation estimate of the Shapley values (Lundberg & Lee 2017), which knows nothing
    of the network's inside. Features in rows, the most important first. `classifier` is a
    `K21Classifier` or the result of a `run`.
    """
    if not isinstance(classifier, k21.K21Classifier):
        classifier = experiments.classifier_of(classifier)
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap

    table = features.sample(min(n_background + n_stars, len(features)), random_state=seed)
    x = classifier.scaling_(as_features(table, classifier.scaling_.columns))
    n_background = min(n_background, len(x) // 2)
    from varstar.papers.k21.training import predict

    def probability(z: np.ndarray) -> np.ndarray:
        return predict(classifier.networks_[0], np.asarray(z, np.float32))

    explainer = shap.explainers.Permutation(probability, x[:n_background], seed=seed)
    n_features = x.shape[1]
    values = explainer(x[n_background:], max_evals=2 * n_features + 1, silent=True).values
    result = pd.DataFrame(
        np.abs(values).mean(axis=0), index=classifier.scaling_.columns,
        columns=classifier.classes_,
    )  # fmt: skip
    return result.loc[result.sum(axis=1).sort_values(ascending=False).index]


def random_light_curves(n: int, n_points: int = 500, span: float = 2500.0, seed: int = 0
                        ) -> LightCurves:  # fmt: skip
    """Light curves of Gaussian noise at random times (K21 Sect 3.3.3)."""
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(0, span, (n, n_points)), axis=1)
    mag = rng.normal(17.0, 0.1, (n, n_points))
    flat = (t.ravel(), mag.ravel(), np.full(n * n_points, 0.1), np.zeros(n * n_points, np.int8))
    return LightCurves(*flat, np.arange(n + 1) * n_points, ("?",))


def shuffled(curves: LightCurves, seed: int = 0) -> LightCurves:
    """Magnitudes (with their errors) of each star in random order over its times."""
    curves, _ = clean(curves)
    order = np.lexsort((np.random.default_rng(seed).random(len(curves.t)), curves.star))
    return curves._replace(mag=curves.mag[order], err=curves.err[order])


def resampled(curves: LightCurves, days: float, n: int, seed: int = 0
              ) -> tuple[LightCurves, np.ndarray]:  # fmt: skip
    """The first `days` of each light curve, thinned to `n` random points (K21 Sect 5).

    Returns
    -------
    LightCurves
        Of the stars that have so many points in so short a time.
    rows : ndarray of int
        Which they are.
    """
    curves, status = clean(curves)
    first = np.full(curves.n_stars, np.inf)
    some = np.flatnonzero(curves.counts)
    first[some] = curves.t[curves.offsets[some]]
    early = curves.t - first[curves.star] <= days
    order = np.random.default_rng(seed).random(len(curves.t))
    order[~early] = np.inf
    # rank of each point's random number within its star
    place = np.lexsort((order, curves.star))
    rank = np.empty(len(place), np.int64)
    rank[place] = np.arange(len(place)) - curves.offsets[curves.star[place]]
    thin = curves.where(early & (rank < n))
    rows = np.flatnonzero((thin.counts == n) & (status == "ok"))
    return thin.stars(rows), rows


def duration_grid(
    curves: LightCurves,
    labels: pd.Series,
    classifiers: Mapping[str, Any],
    durations: Sequence[float],
    points: Sequence[int],
    phases: str = "upsilon",
    seed: int = 0,
    minimum: int = 20,
) -> pd.DataFrame:
    """Mc against duration and number of points (K21 Fig 12); predictions as `to_k21` has them.

    Parameters
    ----------
    classifiers : mapping
        Name -> (classifier, function from its labels to those of `labels`).
    minimum : int
        Cells with fewer stars are left out.
    """
    from varstar.learning.evaluate import mc

    rows = []
    for d in durations:
        for n in points:
            thin, stars = resampled(curves, d, n, seed)
            if len(stars) < minimum:
                continue
            table = variability_features(thin, phases=phases)
            ok = (table["status"] == "ok").to_numpy()
            true = labels.to_numpy(str)[stars][ok]
            for name, (classifier, rename) in classifiers.items():
                predicted = [rename(p) for p in classifier.predict(table[ok])]
                rows.append((name, d, n, int(ok.sum()), mc(true, predicted)))
    return pd.DataFrame(rows, columns=["model", "days", "points", "stars", "mc"])
