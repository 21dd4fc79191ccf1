"""The entrants' methods: each takes stars to learn from and stars to judge, and gives
probabilities.

``method(train, labels, test, seed, **options) -> Answer``, where `train` and `test` are
`varstar.papers.head.survey.Survey`. An outsider's ``entry(train, labels, test)`` may give a plain
array of probabilities, a column a class in sorted order.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import yaml

from varstar.learning import trees
from varstar.lightcurves.folding import epoch_of_maximum
from varstar.lightcurves.sample import clean, light_curves
from varstar.papers.head.survey import Survey

#: Groups of columns that a method may name.
FOURIER = ["sixteen:amplitude", "sixteen:r21", "sixteen:phi21"]


class Answer(NamedTuple):
    """Probabilities (n_stars, n_classes), seconds of training, and the size of what was learned."""

    probability: np.ndarray
    train_seconds: float
    mb: float


def entries() -> dict[str, dict[str, Any]]:
    """Entrant -> its YAML: ``title``, ``method``, ``needs`` (groups of columns), ``options``."""
    folder = Path(__file__).parent / "entries"
    return {p.stem: yaml.safe_load(p.read_text("utf-8")) for p in sorted(folder.glob("*.yaml"))}


def method(name: str) -> Callable[..., Answer]:
    """A method by the name that an entrant's YAML gives."""
    known = {f.__name__: f for f in (majority, columns, kernels, network, any_survey)}
    if name not in known:
        raise ValueError(f"unknown method {name!r}. Known: {sorted(known)}")
    return known[name]


def majority(train: Survey, labels: np.ndarray, test: Survey, seed: int) -> Answer:
    """The shares of the classes in training, for every star."""
    share = np.unique(labels, return_counts=True)[1] / len(labels)
    return Answer(np.tile(share, (len(test.labels), 1)), 0.0, 0.0)


def columns(
    train: Survey,
    labels: np.ndarray,
    test: Survey,
    seed: int,
    *,
    groups: Sequence[str],
    learner: str = "forest",
    **options: Any,
) -> Answer:
    """A forest or boosting on groups of columns: sixteen, shape, catch22, fourier."""
    names = [
        c
        for c in train.table.columns
        for g in groups
        if (c in FOURIER if g == "fourier" else c.startswith(f"{g}:"))
    ]
    names = list(dict.fromkeys(names))
    x, y = _finite(train.table[names]), _finite(test.table[names])
    start = time.process_time()
    if learner == "forest":
        model = trees.forest(seed, **{"n_estimators": 300, "min_samples_leaf": 2, **options})
        middle = np.nanmedian(x, axis=0)
        x, y = (np.where(np.isfinite(v), v, middle) for v in (x, y))
    else:
        model = trees.boosted(seed, **{"max_iter": 120, "learning_rate": 0.1, **options})
    model.fit(x, labels)
    seconds = time.process_time() - start
    arrays = trees.to_arrays(model)
    return Answer(model.predict_proba(y), seconds, sum(a.nbytes for a in arrays.values()) / 1e6)


def _finite(table: pd.DataFrame) -> np.ndarray:
    values = table.to_numpy(float)
    return np.where(np.abs(values) < 1e30, values, np.nan)


def kernels(
    train: Survey, labels: np.ndarray, test: Survey, seed: int, *, n: int = 400, bins: int = 64
) -> Answer:
    """Random convolution kernels on folded curves (ROCKET: Dempster, Petitjean & Webb 2020, with
    circular padding), beside the logarithm of the period, and a linear classifier."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    start = time.process_time()
    bank = _bank(n, bins, np.random.default_rng(seed))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.05, max_iter=400))
    model.fit(_responses(train, bank, bins), labels)
    seconds = time.process_time() - start
    found = model.predict_proba(_responses(test, bank, bins))
    return Answer(found, seconds, model[-1].coef_.nbytes / 1e6)


def _bank(n: int, bins: int, rng: np.random.Generator) -> list[tuple[np.ndarray, int, float]]:
    """Kernels: weights, dilation, bias."""
    out = []
    for _ in range(n):
        length = int(rng.choice([7, 9, 11]))
        weights = rng.normal(size=length)
        dilation = int(2 ** rng.uniform(0, np.log2((bins - 1) / (length - 1))))
        out.append((weights - weights.mean(), dilation, rng.uniform(-1, 1)))
    return out


def _responses(survey: Survey, bank: list, bins: int) -> np.ndarray:
    """Share above the bias and maximum of each kernel's response; and log10 P."""
    profile = folded_means(survey, bins)
    parts = []
    for weights, dilation, bias in bank:
        shifted = (w * np.roll(profile, -k * dilation, axis=1) for k, w in enumerate(weights))
        response = sum(shifted) + bias
        parts += [(response > 0).mean(axis=1), response.max(axis=1)]
    period = np.log10(survey.search["period"].to_numpy(float))
    return np.stack([*parts, np.nan_to_num(period)], axis=1)


def folded_means(survey: Survey, bins: int) -> np.ndarray:
    """Folded light curves in bins of phase, empty ones interpolated around the circle; zero
    mean and unit deviation; flat where there is no period."""
    curves, _ = clean(light_curves(survey.sample), min_points=2)
    period = survey.search["period"].to_numpy(float)
    safe = np.where(period > 0, period, 1.0)
    epoch = epoch_of_maximum(curves, safe)
    phase = ((curves.t - epoch[curves.star]) / safe[curves.star]) % 1.0
    cell = curves.star * bins + np.minimum((phase * bins).astype(int), bins - 1)
    n = np.bincount(cell, minlength=curves.n_stars * bins).reshape(-1, bins)
    total = np.bincount(cell, curves.mag, minlength=n.size).reshape(n.shape)
    out, grid = np.zeros(n.shape), np.arange(bins)
    for i in np.flatnonzero((period > 0) & (n.sum(axis=1) > 1)):
        there = n[i] > 0
        row = np.interp(grid, grid[there], total[i, there] / n[i, there], period=bins)
        out[i] = (row - row.mean()) / max(row.std(), 1e-9)
    return out


def network(
    train: Survey, labels: np.ndarray, test: Survey, seed: int, *, wing: str, **training: Any
) -> Answer:
    """A paper's classifier by the protocol: ``fit`` on the stars, then ``classify``."""
    from varstar import papers

    start = time.process_time()
    kind = papers.classifier(wing)
    model = kind.fit(train.sample, labels, periods=_periods(train), seed=seed, **training)
    seconds = time.process_time() - start
    answer = model.classify(test.sample, periods=_periods(test))
    share = pd.Series(labels).value_counts(normalize=True)
    found = answer.reindex(columns=sorted(share.index)).fillna(share)
    size = sum(w.size for net in model.networks for w in net.get_weights()) * 4e-6
    return Answer(found.to_numpy(float), seconds, size)


def _periods(survey: Survey) -> Any:
    if not survey.given:
        return survey.search
    return pd.Series(survey.search["period"].to_numpy(float), survey.sample.index)


def any_survey(train: Survey, labels: np.ndarray, test: Survey, seed: int) -> Answer:
    """The shipped model for any survey, its family probabilities; it has learned from surveys
    of its own, these perhaps among them, so that it only stands in the table of families."""
    import varstar as vs

    answer = vs.classify(test.sample, periods=_periods(test) if test.given else None)
    classes = np.unique(labels)
    found = answer.reindex(columns=classes).fillna(1 / len(classes)).to_numpy(float) + 1e-9
    return Answer(found / found.sum(axis=1, keepdims=True), 0.0, 0.8)


__all__ = ["Answer", "any_survey", "columns", "entries", "kernels", "majority", "method",
           "network"]  # fmt: skip
