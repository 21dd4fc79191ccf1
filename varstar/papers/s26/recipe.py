"""``s26-eros2``: images in two bands and a period, one network.

Learned from EROS-2's B_E and R_E light curves of the LMC, the survey's own sub-classes as in
``k21-lmc`` less RRab, whose R_E light curves are not at hand. The stars are cut into five
parts; a network of the architecture ``s26-light`` learns from all but one of them, and every
score is *out of fold*: a star is judged by the one network that never saw it. The networks
ship together, their probabilities averaged.

What differs from S26's own recipe, decided on the first part out of fold:

- images of 32 x 64 pixels, one cycle, folded with the period and with twice the period (a
  periodogram finds half an eclipsing binary's orbit);
- the network is told, beside the period, magnitude, range and amplitude in each band and
  the colour: the images are scaled to the star and have lost them;
- every star is drawn several times, with noise and with points left out, and is shown
  sometimes with one band only, sometimes with the period of the catalogue, else with the
  one found in the bands that it is shown with.

To look at a star also with each band alone and to average the answers (``views`` of
`s26.predict`) had seemed better on the first part and is not on all.

The catalogue's periods of nearly all RRe, and of some RRc, are one-day aliases of those found
here; folded with them a star shows nothing. So the scores that count are those with found
periods, those with given periods stand beside them, and `varstar.classify` looks at found
ones (`varstar.papers.s26.classifier.own_periods`).
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar import load as load_survey
from varstar.compendium.cache import cached
from varstar.features import FEATURES, variability_features
from varstar.learning import evaluate, splits
from varstar.lightcurves.sample import LightCurves, light_curves, select_bands
from varstar.papers.s26 import inputs as s26
from varstar.papers.s26.card import card
from varstar.papers.s26.renders import (
    BANDS,
    CLASSES,
    COPIES,
    SURVEY,
    drawings,
    one_band,
    stars,
)
from varstar.papers.s26.training import GIVEN, ONE_BAND, TRAINING, network_options, train_network
from varstar.periods import find_periods

N_FOLDS = 5
#: Networks trained, each without one part; the stars of the others are not judged.
MEMBERS = 4
#: So much longer learns the network of both bands, which is shown both 36 x 0.6 times: not
#: more often than the network of one band is shown that.
BOTH = {"epochs": 36, "single": ONE_BAND}


def make(
    name: str = "s26-eros2",
    root: str | Path | None = None,
    *,
    seed: int = 0,
    **changes: Any,
) -> dict[str, Any]:
    """Train the model, measure it out of fold, write it; returns the scores.

    Parameters
    ----------
    name : str
    root : path, optional
        Folder with ``eros2_lmc_upsilon``.
    seed : int
    **changes
        Of `TRAINING`.
    """
    from varstar.models import store

    curves, labels, period = stars(root)
    drawn = drawings(curves, period, seed=seed)
    fold = splits.folds_by_star(labels, N_FOLDS, seed=seed).to_numpy()
    y = labels.to_numpy(str)
    training = {**TRAINING, **changes}
    of_bands = {"B,R": drawn, **{b: one_band(drawn, k) for k, b in enumerate(BANDS)}}
    networks = {
        bands: train_folds(
            some, y, fold, seed=seed, **(training | (BOTH if bands == "B,R" else {}))
        )
        for bands, some in of_bands.items()
    }
    answers = out_of_fold(networks, of_bands, fold)
    answers |= forest_out_of_fold(root, labels, fold, seed=seed)
    judged = fold < MEMBERS
    answers = {who: p[judged] for who, p in answers.items()}
    scores = compare(answers, y[judged], fold[judged])
    options = network_options(drawn, np.arange(len(y)), CLASSES)
    settings = {
        **training, **BOTH, "networks_of_one_band": training, "copies": COPIES, "given": GIVEN,
        "folds": N_FOLDS, "members": MEMBERS, "seed": seed,
    }  # fmt: skip
    content = card(scores, answers["B,R"], curves, y, judged, period["found"], options, settings)
    store.save(store.folder(name), content, networks["B,R"])
    return scores


def train_folds(
    drawn: Mapping[str, list[s26.Inputs]],
    labels: np.ndarray,
    fold: np.ndarray,
    *,
    seed: int,
    **training: Any,
) -> list[Any]:
    """A network for each fold, which has not seen it; finished ones are read back."""
    from varstar.models import build

    options = network_options(drawn, np.arange(len(labels)), CLASSES)
    return [
        cached(
            "recipe_s26_network", train_network, drawn, labels, np.flatnonzero(fold != k),
            seed=seed + 1000 * k, options=options, classes=CLASSES, **training, scratch="folder",
            build=partial(build, "s26-light", **options),
        )
        for k in range(MEMBERS)
    ]  # fmt: skip


def judge(networks: list[Any], x: s26.Inputs, fold: np.ndarray, views: bool = False) -> np.ndarray:
    """Probabilities of each star by the one network that has not seen it."""
    result = np.full((len(fold), len(CLASSES)), np.nan)
    for k, network in enumerate(networks):
        rows = np.flatnonzero(fold == k)
        result[rows] = s26.predict(network, s26.take(x, rows), views=views)
    return result


def out_of_fold(
    networks: Mapping[str, list[Any]],
    of_bands: Mapping[str, Mapping[str, list[s26.Inputs]]],
    fold: np.ndarray,
) -> dict[str, np.ndarray]:
    """Probabilities of every star as measured, by network and by what it was shown.

    Returns
    -------
    dict
        ``"B,R"``, ``"B"``, ``"R"``: the networks of these bands with the period found in
        them. Of the network of both ``"B,R, views"`` (of `s26.predict`), ``"B,R,
        given periods"``, ``"B,R, given periods checked"`` (where given and found `disagree`,
        the surer answer of the two), ``"B,R, shown B only"`` and ``"B,R, shown R only"``.
    """
    answers = {b: judge(networks[b], of_bands[b]["found"][0], fold) for b in ("B,R", *BANDS)}
    both, drawn = networks["B,R"], of_bands["B,R"]
    found, given = drawn["found"][0], drawn["given"][0]
    answers["B,R, views"] = judge(both, found, fold, views=True)
    p_given = judge(both, given, fold)
    answers["B,R, given periods"] = p_given
    use_found = disagree(given.periods[:, 0], found.periods[:, 0])
    use_found &= answers["B,R"].max(axis=1) > p_given.max(axis=1)
    answers["B,R, given periods checked"] = np.where(use_found[:, None], answers["B,R"], p_given)
    for k, b in enumerate(BANDS):
        own = s26.without_band(drawn["own"][0], 1 - k)
        own = own._replace(periods=own.periods[:, [k]])
        answers[f"B,R, shown {b} only"] = judge(both, own, fold)
    return answers


def disagree(log_a: np.ndarray, log_b: np.ndarray) -> np.ndarray:
    """Whether periods (log10) differ by more than 1 %, up to a factor of two.

    False where either is missing.
    """
    apart = np.abs(log_a[:, None] - log_b[:, None] + np.log10([0.5, 1.0, 2.0]))
    return apart.min(axis=1) > np.log10(1.01)


def forest_out_of_fold(
    root: str | Path | None, labels: pd.Series, fold: np.ndarray, *, seed: int = 0
) -> dict[str, np.ndarray]:
    """A random forest on K21's sixteen features, of B_E and of both bands, same stars and folds."""
    from sklearn.ensemble import RandomForestClassifier

    sample = load_survey(SURVEY, root=root, bands=BANDS)
    sample = sample[sample["label"].isin(CLASSES).to_numpy()]
    curves = light_curves(sample)
    tables = {b: cached("recipe_s26_features", sixteen, curves, b, quiet=True) for b in BANDS}
    columns = {"forest B": ["B"], "forest B,R": BANDS}
    y, result = labels.to_numpy(str), {}
    for name, bands in columns.items():
        x = np.column_stack([tables[b].to_numpy(float) for b in bands])
        x = np.where(np.isfinite(x), x, -99.0)
        result[name] = np.zeros((len(y), len(CLASSES)))
        for k in range(MEMBERS):
            model = RandomForestClassifier(300, random_state=seed)
            model.fit(x[fold != k], y[fold != k])
            if model.classes_.tolist() != CLASSES:
                raise ValueError(f"expected the classes {CLASSES}. Received: {model.classes_}")
            result[name][fold == k] = model.predict_proba(x[fold == k])
    return result


def sixteen(curves: LightCurves, band: str) -> pd.DataFrame:
    """K21's features in one band, at the strongest period found in it."""
    some = select_bands(curves, band)
    found = find_periods(some, weighted=False, double=False)
    return variability_features(some, found["period"], phases="arctan2")[FEATURES]


def compare(
    answers: Mapping[str, np.ndarray], labels: np.ndarray, fold: np.ndarray
) -> dict[str, Any]:
    """Scores of each answer, mean and SEM over the folds, and differences fold by fold."""
    names = np.asarray(CLASSES)
    table: dict[str, list[dict[str, float]]] = {}
    scores: dict[str, Any] = {}
    for who, p in answers.items():
        guess = names[p.argmax(axis=1)]
        table[who] = [
            evaluate.scores(labels[fold == k], guess[fold == k]) for k in range(int(fold.max()) + 1)
        ]
        scores[who] = {k: round(v, 4) for k, v in evaluate.scores(labels, guess).items()}
        for key in ("mc", "macro_f1"):
            scores[who][f"{key}_sem"] = _mean_sem([row[key] for row in table[who]])[1]
    differences = {}
    for a, b in (("B,R", "B"), ("B,R", "R"), ("B,R", "forest B"), ("B,R", "forest B,R"),
                 ("B", "forest B"), ("B,R, views", "B,R")):  # fmt: skip
        if a in table and b in table:
            differences[f"{a} - {b}"] = {
                key: _mean_sem([x[key] - y[key] for x, y in zip(table[a], table[b], strict=True)])
                for key in ("mc", "macro_f1")
            }
    return {**scores, "differences (mean, SEM over folds)": differences}


def _mean_sem(values: list[float]) -> list[float]:
    return [round(v, 4) for v in evaluate.mean_sem(values)]
