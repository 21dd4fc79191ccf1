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

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar import load as load_survey
from varstar import paths
from varstar.compendium.cache import cached
from varstar.features import FEATURES, variability_features
from varstar.learning import evaluate, splits
from varstar.lightcurves.sample import LightCurves, light_curves, select_bands
from varstar.papers.s26 import inputs as s26
from varstar.papers.s26.renders import (
    BANDS,
    CLASSES,
    COPIES,
    IMAGES,
    SURVEY,
    drawings,
    one_band,
    stars,
)
from varstar.periods import find_periods

N_FOLDS = 5
#: Networks trained, each without one part; the stars of the others are not judged.
MEMBERS = 4
NETWORK = {"filters": [12, 24, 32, 48], "features": 32, "dropout": 0.3}
#: Share of stars shown with the catalogue's period, and with one of two bands.
GIVEN, ONE_BAND = 0.2, 0.4
#: Columns that the images are moved by at most: where the minimum is found is uncertain.
ROLL = 4
TRAINING = {"epochs": 24, "learning_rate": 3e-3, "batch_size": 64}
#: So much longer learns the network of both bands, which is shown both 36 x 0.6 times: not
#: more often than the network of one band is shown that.
BOTH = {"epochs": 36, "single": ONE_BAND}


#: How the card tells it.
PERIODS = (
    "found in both bands together, when classifying; a given one serves where none is found that "
    "is significant"
)


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
            some, y, fold, seed=seed, bands=bands, **(training | (BOTH if bands == "B,R" else {}))
        )
        for bands, some in of_bands.items()
    }
    answers = out_of_fold(networks, of_bands, fold)
    answers |= forest_out_of_fold(root, labels, fold, seed=seed)
    judged = fold < MEMBERS
    answers = {who: p[judged] for who, p in answers.items()}
    scores = compare(answers, y[judged], fold[judged])
    options = network_options(drawn, np.arange(len(y)))
    content = card(scores, answers["B,R"], curves, labels, judged, period, options, training, seed)
    store.save(store.folder(name), content, networks["B,R"])
    return scores


def train_folds(
    drawn: Mapping[str, list[s26.Inputs]],
    labels: np.ndarray,
    fold: np.ndarray,
    *,
    seed: int,
    bands: str,
    only: int | None = None,
    **training: Any,
) -> list[Any]:
    """A network for each fold, which has not seen it; finished ones are read back.

    With `only`, that fold's alone: several processes may share the work.
    """
    from varstar.models import build

    text = "-".join(str(v) for v in (seed, *training.values()))
    folder = paths.cache() / "recipes" / f"s26-eros2-{bands.replace(',', '')}-{text}"
    folder.mkdir(parents=True, exist_ok=True)
    options = network_options(drawn, np.arange(len(labels)))
    networks = []
    for k in range(MEMBERS) if only is None else [only]:
        done = folder / f"fold{k}.weights.h5"
        if not done.is_file():
            rows = np.flatnonzero(fold != k)
            network = train_network(drawn, labels, rows, seed=seed + 1000 * k, options=options,
                                    **training)  # fmt: skip
            temporary = folder / f"tmp{k}.weights.h5"
            network.save_weights(temporary)
            os.replace(temporary, done)
        # Weights alone: a compiled model would be saved with its optimizer, three times the size.
        network = build("s26-light", **options)
        network.load_weights(done)
        networks.append(network)
    return networks


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


def card(
    scores: Mapping[str, Any],
    probability: np.ndarray,
    curves: LightCurves,
    labels: pd.Series,
    judged: np.ndarray,
    period: Mapping[str, np.ndarray],
    options: Mapping[str, Any],
    training: Mapping[str, Any],
    seed: int,
) -> dict[str, Any]:
    """What the model says of itself."""
    y = labels.to_numpy(str)
    guess = np.asarray(CLASSES)[probability.argmax(axis=1)]
    report = evaluate.classification_report(y[judged], guess, CLASSES)
    calibration = evaluate.calibration(y[judged], probability, CLASSES)
    ece = evaluate.expected_calibration_error(calibration)
    counts = np.column_stack(
        [select_bands(curves, b).counts for b in BANDS]
    )  # points of each star and band
    numbers = s26.number_names(BANDS)
    return {
        "paper": "S26",
        "about": "Folded light curves in two bands as images, and the period; "
        f"{MEMBERS} networks, mean of their probabilities; learned from EROS-2 LMC, B_E and R_E "
        "(Tisserand et al. 2007; Kim et al. 2014)",
        "classes": CLASSES,
        "inputs": {
            "bands": BANDS,
            "aliases": {"B": ["B_E"], "R": ["R_E"]},
            "images": IMAGES,
            "numbers": True,
            "number_names": numbers,
            "find_periods": False,
            "periods": PERIODS,
        },
        "network": {"name": "s26-light", "options": dict(options)},
        "training": {
            "survey": SURVEY,
            "kind": "real",
            "citation": "Tisserand et al. 2007, A&A 469, 387; Kim et al. 2014, A&A 566, A43",
            "stars": {c: int((y == c).sum()) for c in CLASSES},
            "left_out": "RRL RRab, whose R_E light curves are not at hand; classes of few stars",
            **training,
            **BOTH,
            "networks_of_one_band": dict(training),
            "copies": COPIES,
            "given": GIVEN,
            "folds": N_FOLDS,
            "members": MEMBERS,
            "seed": seed,
            "recipe": "python -m varstar train s26-eros2",
        },
        "ranges": {
            "period [d]": _range(period["found"]),
            **{f"points {b}": _range(counts[:, k]) for k, b in enumerate(BANDS)},
        },
        "scores": {
            "test": f"out of fold on the training survey, {MEMBERS} of {N_FOLDS} folds by star; "
            "periods found in the bands shown unless said otherwise; the forest sees K21's "
            "sixteen features; the recipe was chosen on the first fold",
            "stars": int(judged.sum()),
            **scores,
            "ece": round(ece, 4),
            "by_class": {
                c: {k: round(float(report.loc[c, k]), 4) for k in ("precision", "recall", "f1")}
                for c in CLASSES
            },
        },
        "limits": [
            "Every star gets one of these classes, whatever it is; RRab are not among them.",
            "Magnitudes and colours are those of stars in the LMC seen by EROS-2: elsewhere they "
            "mislead.",
            "The catalogue's periods of nearly all RRe and some RRc are one-day aliases.",
            "The labels are the survey's own, with its errors.",
        ],
    }  # fmt: skip


def _range(values: np.ndarray) -> list[float]:
    """1st and 99th percentile."""
    return [round(float(v), 4) for v in np.nanpercentile(values, [1, 99])]


def epoch_batches(
    drawn: Mapping[str, list[s26.Inputs]],
    one_hot: np.ndarray,
    rows: np.ndarray,
    epoch: int,
    *,
    batch_size: int,
    seed: int,
    given: float = GIVEN,
    single: float = ONE_BAND,
) -> Any:
    """The batches of one epoch: each star once, in one of its guises.

    Parameters
    ----------
    drawn : mapping
        Of `drawings` or `one_band`.
    one_hot : ndarray, shape (n, n_classes)
    rows : ndarray of int
        The stars to learn from.
    epoch, batch_size, seed : int
    given : float
        Share shown with the catalogue's period.
    single : float
        Share shown with one band of several.
    """
    from varstar.optional import keras

    class Shown(keras.utils.PyDataset):
        def __init__(self) -> None:
            super().__init__()
            self.rows = np.random.default_rng([seed, epoch]).permutation(rows)

        def __len__(self) -> int:
            return len(self.rows) // batch_size

        def __getitem__(self, i: int) -> tuple:
            some = self.rows[i * batch_size : (i + 1) * batch_size]
            x = guises(drawn, some, np.random.default_rng([seed, epoch, i]), given, single)
            return (x.images, x.mask, x.periods, x.numbers), one_hot[some]

    return Shown()


def guises(
    drawn: Mapping[str, list[s26.Inputs]],
    rows: np.ndarray,
    rng: np.random.Generator,
    given: float = GIVEN,
    single: float = ONE_BAND,
) -> s26.Inputs:
    """Each of the stars `rows` in a random guise: copy, kind of period, bands, small shift."""
    copy = rng.integers(len(drawn["given"]), size=len(rows))
    with_given = rng.random(len(rows)) < given
    n_bands = drawn["given"][0].mask.shape[1]
    alone = np.full(len(rows), -1)  # the band that is left, -1: all
    if n_bands > 1:
        alone = np.where(rng.random(len(rows)) < single, rng.integers(n_bands, size=len(rows)), -1)
    kind = np.where(with_given, "given", np.where(alone >= 0, "own", "found"))
    first = drawn["given"][0]
    images = np.empty((len(rows), *first.images.shape[1:]), np.uint8)
    mask = np.ones((len(rows), n_bands), np.float32)
    period = np.empty((len(rows), 1), np.float32)
    numbers = np.empty((len(rows), first.numbers.shape[1]), np.float32)
    for name, drawings_of in drawn.items():
        for c, x in enumerate(drawings_of):
            here = np.flatnonzero((kind == name) & (copy == c))
            stars_here = rows[here]
            images[here], mask[here] = x.images[stars_here], x.mask[stars_here]
            numbers[here] = x.numbers[stars_here]
            column = np.maximum(alone[here], 0) * (x.periods.shape[1] > 1)
            period[here, 0] = x.periods[stars_here, column]
    left = alone >= 0
    keep = (np.arange(n_bands) == alone[:, None]) | ~left[:, None]
    mask *= keep
    colours = np.repeat(~left[:, None], n_bands - 1, axis=1)
    if numbers.shape[1]:
        numbers[~np.concatenate([keep, keep, keep, colours], axis=1)] = np.nan
    roll = rng.integers(-ROLL, ROLL + 1, size=len(rows))
    columns = (np.arange(images.shape[3]) - roll[:, None]) % images.shape[3]
    images = np.take_along_axis(images, columns[:, None, None, :, None], axis=3)
    return s26.Inputs(images, mask, period, numbers, np.full(len(rows), "ok"))


def train_network(
    drawn: Mapping[str, list[s26.Inputs]],
    labels: np.ndarray,
    rows: np.ndarray,
    *,
    seed: int,
    options: Mapping[str, Any],
    epochs: int,
    learning_rate: float,
    batch_size: int,
    given: float = GIVEN,
    single: float = ONE_BAND,
) -> Any:
    """One network from the stars `rows`; the rate falls to zero as half a cosine."""
    from varstar.learning.evaluate import one_hot
    from varstar.learning.training import train
    from varstar.models import build
    from varstar.optional import keras

    keras.utils.set_random_seed(seed)
    model = build("s26-light", **options)
    schedule = keras.optimizers.schedules.CosineDecay(
        learning_rate, epochs * (len(rows) // batch_size)
    )
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=0.03)
    model.compile(keras.optimizers.AdamW(schedule, weight_decay=0.05), loss)
    y = one_hot(labels, CLASSES)
    train(
        model,
        lambda epoch: epoch_batches(drawn, y, rows, epoch, batch_size=batch_size, seed=seed,
                                    given=given, single=single),
        epochs=epochs, patience=None, monitor=None, seed=seed, description="s26-eros2",
    )  # fmt: skip
    return model


def network_options(drawn: Mapping[str, list[s26.Inputs]], rows: np.ndarray) -> dict[str, Any]:
    """Options of ``s26-light``: shapes, and what the numbers are scaled by."""
    x = drawn["found"][0]
    values = x.numbers[rows]
    return {
        **s26.options_for(x, CLASSES),
        "n_periods": 1,
        "center": np.round(np.nanmedian(values, axis=0), 3).tolist(),
        "width": np.round(np.nanstd(values, axis=0), 3).tolist(),
        **NETWORK,
    }
