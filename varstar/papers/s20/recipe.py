"""``s20-catalina`` (image only) and ``s20p-catalina`` (image and period).

Both are heads of one network (`varstar.papers.s20.network.build_light`), trained together on
Catalina South, four times, each time without another fifth of the stars. The four are
shipped as an ensemble; every score on the South is *out of fold* (each star judged by the
one network that never saw it), every score on the North is the ensemble's, on another sky.

What was tried is in the comments where it was decided, on the South, save one thing: that
class weights chosen on a single validation part do harm was first seen on the North, and
they are now kept only where they win in cross-validation on the South.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar import load as load_survey
from varstar.compendium.cache import cached
from varstar.learning import evaluate, splits
from varstar.lightcurves.folding import epoch_of_maximum
from varstar.lightcurves.sample import LightCurves, clean, light_curves
from varstar.models import training_card
from varstar.models.ensemble import mean_prediction
from varstar.papers.s20 import experiments as s20
from varstar.papers.s20.classifier import network_inputs, to_classes
from varstar.papers.s20.training import sampling, train_network

HEADS = {"s20-catalina": "image", "s20p-catalina": "period"}
TRAIN, TEST = "catalina_sss", "catalina_css_north"

#: What the network sees. Two vertical axes that outliers do not shrink did better than
#: S20's relative flux, which a single flare compresses. One cycle on all 128 columns
#: shows what two do, at twice the resolution: Catalina takes four images in half an
#: hour, and how close they fall tells short periods from long.
INPUTS = {
    "size": [64, 128],
    "cycles": 1,
    "scales": ["bulk", "bulk-2mag"],
    "epochs": "max",
    "min_points": 20,
    "bands": ["V"],
}
#: The network learns the survey's own finer classes, and their sum is reported.
OUTPUTS = {
    "ACEP": "ACEP",
    "delta-Scuti": "DSCT",
    "EA": "ECL",
    "Ecl (contact/semi-detached, EW/EB)": "ECL",
    "RRab": "RRLYR",
    "RRc": "RRLYR",
    "RRd": "RRLYR",
    "Cep-II": "T2CEP",
}
#: Blazhko stars are RRab whose shape changes.
SAME = {"Blazhko": "RRab"}

#: Of the network: what `varstar.models.build` is told.
OPTIONS = {
    "input_shape": [*INPUTS["size"], len(INPUTS["scales"])],
    "n_classes": len(OUTPUTS),
    "heads": ["image", "period"],
}

N_FOLDS = 5
#: Networks trained, each without one fold: a fifth adds less than it costs.
MEMBERS = 4


def make(
    name: str,
    root: str | Path | None = None,
    *,
    epochs: int = 24,
    learning_rate: float = 2e-3,
    seed: int = 0,
) -> dict[str, Any]:
    """Train both models (`name` may be either), measure, write both; returns scores.

    Parameters
    ----------
    name : str
    root : path, optional
        Folder with ``catalina_sss`` and ``catalina_css_north``.
    epochs, learning_rate, seed
        Of each fold's training; the rate falls to zero as half a cosine.
    """
    stars, curves, period = _survey(TRAIN, root)
    north, north_curves, north_period = _survey(TEST, root)
    fine = stars["label"].astype(object).replace(SAME).astype(str)
    fold = splits.folds_by_star(fine, N_FOLDS, seed=seed).to_numpy()
    code = pd.Categorical(fine, categories=list(OUTPUTS)).codes
    prior_ratio, pick = sampling(code, len(OUTPUTS))
    settings = {"epochs": epochs, "learning_rate": learning_rate, "seed": seed}
    networks = [
        _train_without(k, curves, period, code, fold, pick, **settings) for k in range(MEMBERS)
    ]
    judged = fold < MEMBERS
    truth = stars["s20_class"].to_numpy(str)[judged]
    result = {}
    for model, h in HEADS.items():
        south = _out_of_fold(networks, curves, period, fold, h)[judged]
        decision, choice = _decision(south, truth, fold[judged], prior_ratio)
        on_north = _ensemble(networks, north_curves, north_period, h)
        scores = {
            TRAIN + ", out of fold": _scores(to_classes(south, decision), truth),
            TEST: _scores(to_classes(on_north, decision), north["s20_class"].to_numpy(str)),
        }
        card = {
            **_description(h, decision),
            "training": _training(fine, choice, **settings),
            "ranges": training_card.ranges(curves, period),
            "scores": scores,
        }
        _save(model, card, networks)
        result[model] = scores
    return result


def _train_without(
    k: int,
    curves: LightCurves,
    period: np.ndarray,
    code: np.ndarray,
    fold: np.ndarray,
    pick: np.ndarray,
    *,
    epochs: int,
    learning_rate: float,
    seed: int,
) -> Any:
    """The network, with both heads, that never sees fold `k`; trained once and kept."""
    from varstar.models import build

    rows = np.flatnonzero(fold != k)
    return cached(
        "recipe_s20_network", train_network, OPTIONS, curves, period, code, rows,
        pick[rows] / pick[rows].sum(), INPUTS, epochs=epochs, learning_rate=learning_rate,
        seed=seed + 1000 * k, scratch="folder", build=partial(build, "s20-light", **OPTIONS),
    )  # fmt: skip


def _out_of_fold(
    networks: Sequence[Any], curves: LightCurves, period: np.ndarray, fold: np.ndarray, h: str
) -> np.ndarray:
    """Each star's outputs by the one network that never saw it; 0 in the folds of none."""
    from varstar.papers.s20.network import head

    outputs = np.zeros((len(fold), len(OUTPUTS)))
    for k, both in enumerate(networks):
        held = np.flatnonzero(fold == k)
        outputs[held] = _outputs(head(both, h), curves.stars(held), period[held], h)
    return outputs


def _ensemble(
    networks: Sequence[Any], curves: LightCurves, period: np.ndarray, h: str
) -> np.ndarray:
    """Mean of all networks' outputs."""
    from varstar.papers.s20.network import head

    return sum(_outputs(head(both, h), curves, period, h) / MEMBERS for both in networks)


def _decision(
    outputs: np.ndarray, labels: np.ndarray, fold: np.ndarray, prior_ratio: np.ndarray
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the card says of the way from outputs to classes, and how its weights were chosen."""
    decision: dict[str, Any] = {
        "classes": s20.CLASSES,
        "outputs": list(OUTPUTS.values()),
        "prior_ratio": prior_ratio.tolist(),
    }
    decision["class_weight"], choice = choose_class_weight(
        to_classes(outputs, decision), labels, s20.CLASSES, fold
    )
    return decision, choice


def _description(h: str, decision: Mapping[str, Any]) -> dict[str, Any]:
    """The card's first part: what the model is, what it answers and what it sees."""
    return {
        "paper": "S20",
        "description": "Folded light curve as an image"
        + (" and its period" if h == "period" else "")
        + f"; {MEMBERS} networks, mean of their probabilities.",
        **decision,
        "inputs": {**INPUTS, "period": h == "period", "period_policy": "given"},
        "network": {"name": "s20-light", "options": OPTIONS, "head": h},
    }


def _training(
    fine: pd.Series, choice: Mapping[str, Any], *, epochs: int, learning_rate: float, seed: int
) -> dict[str, Any]:
    """The card's account of the training."""
    return {
        "survey": TRAIN,
        "citation": "Drake et al. 2017, MNRAS 469, 3688",
        "stars": training_card.counts(fine, list(OUTPUTS)),
        "recipe": "varstar.papers.s20.recipe",
        "folds": N_FOLDS,
        "members": MEMBERS,
        "epochs": epochs,
        "learning_rate": learning_rate,
        "seed": seed,
        "class_weight": choice,
    }


def _save(model: str, card: Mapping[str, Any], networks: Sequence[Any]) -> None:
    """Write the model; the one with the period uses the files of the other."""
    from varstar.models import store

    if HEADS[model] == "image":
        store.save(store.folder(model), card, networks)
    else:
        store.save(store.folder(model), card, shares="s20-catalina")


def choose_class_weight(
    probability: np.ndarray,
    labels: np.ndarray,
    classes: list[str],
    fold: np.ndarray,
) -> tuple[list[float], dict[str, Any]]:
    """Weights of the classes in the decision that raise macro F1, if they really do.

    The most probable class is not the best answer for macro F1, which counts a class of
    a hundred stars like one of ten thousand. Weights are found by coordinate search on
    out-of-fold probabilities. Whether they help is asked on stars that did not choose
    them: weights from four folds judged on the fifth; if not, all stay 1.

    Returns
    -------
    weights : list of float
    choice : dict
        Macro F1 with and without, cross-validated.
    """
    names = np.asarray(classes)

    def answer(p: np.ndarray, w: np.ndarray) -> np.ndarray:
        return names[(p * w).argmax(axis=1)]

    with_weights = np.empty(len(labels), dtype=names.dtype)
    for k in np.unique(fold):
        w = _search(probability[fold != k], labels[fold != k], names)
        with_weights[fold == k] = answer(probability[fold == k], w)
    plain = evaluate.macro_f1(labels, answer(probability, np.ones(len(names))))
    weighted = evaluate.macro_f1(labels, with_weights)
    w = _search(probability, labels, names) if weighted > plain else np.ones(len(names))
    return [round(float(v), 4) for v in w], {
        "cross-validated macro F1 with": round(weighted, 4),
        "without": round(plain, 4),
    }


def _search(probability: np.ndarray, labels: np.ndarray, names: np.ndarray) -> np.ndarray:
    """Coordinate search, a smoothed score so that single stars do not decide."""
    grid = np.exp(np.linspace(-2.5, 2.5, 21))
    weights = np.ones(len(names))
    code = pd.Categorical(labels, categories=list(names)).codes
    for _ in range(3):
        for k in range(len(names)):
            values = []
            for g in grid:
                w = weights.copy()
                w[k] = g
                values.append(_macro_f1((probability * w).argmax(axis=1), code, len(names)))
            values = np.convolve(np.pad(values, 2, mode="edge"), np.ones(5) / 5, "valid")
            weights[k] = grid[int(values.argmax())]
    return weights


def _macro_f1(predicted: np.ndarray, code: np.ndarray, n: int) -> float:
    right = np.bincount(code[predicted == code], minlength=n)
    both = np.bincount(code, minlength=n) + np.bincount(predicted, minlength=n)
    return float(np.mean(2 * right / np.maximum(both, 1)))


def _survey(name: str, root: str | Path | None) -> tuple[pd.DataFrame, LightCurves, np.ndarray]:
    """The stars of S20's classes that can be drawn, their clean curves and periods."""
    sample, _ = s20.usable(load_survey(name, root=root, bands="V"), name)
    curves, _ = clean(light_curves(sample))
    enough = curves.counts >= INPUTS["min_points"]
    sample = sample[enough]
    return sample.drop(columns="lc"), curves.stars(enough), sample["period"].to_numpy(float)


def _outputs(network: Any, curves: LightCurves, period: np.ndarray, h: str) -> np.ndarray:
    """The network's outputs for many stars, drawn chunk by chunk."""
    parts = []
    for first in range(0, curves.n_stars, 2048):
        rows = np.arange(first, min(first + 2048, curves.n_stars))
        part = curves.stars(rows)
        epoch = epoch_of_maximum(part, period[rows])
        x = network_inputs(part, period[rows], epoch, {**INPUTS, "period": h == "period"})
        parts.append(mean_prediction([network], x))
    return np.concatenate(parts)


def _scores(probability: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    classes = training_card.by_class(probability, labels, s20.CLASSES)
    return {
        **training_card.scores(probability, labels, s20.CLASSES),
        "f1": {c: v["f1"] for c, v in classes.items()},
    }
