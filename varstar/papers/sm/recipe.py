"""``sm-asas``: Santomena & Mufti's final network, and boosted trees, on ASAS stars.

The seven classes of the ASAS Catalogue of Variable Stars with 200 stars or more. The stars
are cut into five parts; five networks and five sets of trees each learn from four of them,
and every score is *out of fold*: each star is judged by those that never saw it. Shipped
are the five networks, averaged, and trees fitted once more to all stars.

The catalogue's period is never used: it is given for eclipsing binaries and for nothing
else, so that whoever sees it (or sees that it is missing) is told the answer. Every star's
period is found by `varstar.find_periods`, in training as in use.

Decided out of fold on these stars: the columns (catch22 alone, with the period, with the
variability features, with the shape over two periods: all of them did best, see the card's
``scores``), and the share of the trees, 0.8.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar import load as load_survey
from varstar.compendium.cache import cached
from varstar.features import FEATURES, shape
from varstar.learning import splits
from varstar.learning.explain import group_importance
from varstar.lightcurves.sample import light_curves
from varstar.models import training_card
from varstar.papers.sm import experiments as sm
from varstar.papers.sm.classifier import (
    NETWORK,
    PERIOD,
    TRAINING,
    TREE_SHARE,
    TREES,
    all_features,
    combined,
    fit_scaling,
    network_inputs,
    short,
)

SURVEY, BANDS = "asas_acvs", "V"
CLASSES = ["EC", "ED", "ESD", "RRAB", "RRC", "DSCT", "MIRA"]
N_FOLDS = 5
#: What the card warns of.
LIMITS = [
    "Every star gets one of seven classes, whatever it is: Cepheids, semi-regular and "
    "rotational variables were not among the training stars.",
    "Columns and settings were chosen on the same five folds that are reported, so the "
    "scores are slightly optimistic.",
    "Labels are the catalogue's automatic ones: EC against ESD is partly a matter of its "
    "own threshold, RRC against EC and DSCT against EC of a doubled period.",
]


def column_sets(columns: list[str]) -> dict[str, list[str]]:
    """What is compared: from catch22 alone to everything."""
    raw = [c for c in columns if c.startswith("raw_") and c != "raw_std"]
    return {
        "catch22": raw,
        "catch22 and period": [*raw, "period"],
        "sixteen variability features": FEATURES,
        "without catch22": [c for c in columns if not c.startswith(("raw_", "folded_"))],
        "all": columns,
    }


def importance_groups(columns: list[str]) -> dict[str, list[str]]:
    """Columns in groups that belong together."""
    shape = [
        c for c in columns if not c.startswith(("raw_", "folded_")) and c not in FEATURES + PERIOD
    ]
    return {
        "period and its power": PERIOD,
        "variability features": [c for c in FEATURES if c != "period"],
        "shape over two periods": shape,
        "catch22, order of time": [c for c in columns if c.startswith("raw_")],
        "catch22, order of phase": [c for c in columns if c.startswith("folded_")],
    }


def features(root: str | Path | None = None) -> tuple[pd.DataFrame, pd.Series, int]:
    """Features and labels of the stars that can be used, and how many could not."""
    sample = load_survey(SURVEY, root=root, bands=BANDS)
    curves = light_curves(sample)
    # The same call as of K21's recipe: whichever runs first serves both.
    base = cached("recipe_features", shape.all_features, curves, quiet=True)
    table = cached("recipe_catch22", all_features, curves, base, quiet=True)
    table.index = sample.index
    wanted = sample["label"].isin(CLASSES).to_numpy()
    usable = wanted & (table["status"] == "ok").to_numpy() & table["period"].notna().to_numpy()
    labels = sample["label"][usable].astype(str)
    return table[usable].drop(columns="status"), labels, int(wanted.sum() - usable.sum())


def make(name: str, root: str | Path | None = None, *, seed: int = 0) -> dict[str, Any]:
    """Train ``sm-asas``, measure it out of fold, write it; returns the scores.

    Parameters
    ----------
    name : str
    root : path, optional
        Folder with ``asas_acvs``.
    seed : int
    """
    table, labels, unusable = features(root)
    y = labels.to_numpy(str)
    fold = splits.folds_by_star(labels, N_FOLDS, seed=seed).to_numpy()
    network, answers = _judged_out_of_fold(table, y, fold, seed)
    scores = {kind: training_card.scores(p, y, CLASSES, seed) for kind, p in answers.items()}
    importance = cached("recipe_sm_importance", importance_out_of_fold, table, y, fold, TREES, seed)
    card = {
        **_description(table, network["scaling"]),
        "training": _training(y, unusable, seed),
        "scores": {
            **scores,
            "by class, out of fold": training_card.by_class(answers["out of fold"], y, CLASSES),
        },
        "importance": _importance(importance),
        "limits": LIMITS,
    }
    _save(name, card, network["networks"], table, y, seed)
    return scores


def _judged_out_of_fold(
    table: pd.DataFrame, y: np.ndarray, fold: np.ndarray, seed: int
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """What `networks_out_of_fold` found, and the probabilities of all that is compared."""
    columns = list(table.columns)
    network = cached("recipe_sm_networks", networks_out_of_fold, table, y, fold, NETWORK, TRAINING,
                     seed, build=_builder(len(columns)))  # fmt: skip
    by_tree = {
        kind: cached("recipe_sm_trees", trees_out_of_fold, table[some], y, fold, TREES, seed)
        for kind, some in column_sets(columns).items()
    }
    return network, {
        "out of fold": combined(network["probability"], by_tree["all"], TREE_SHARE),
        "networks alone, out of fold": network["probability"],
        **{f"trees, {kind}, out of fold": p for kind, p in by_tree.items()},
    }


def _description(table: pd.DataFrame, scaling: Mapping[str, Any]) -> dict[str, Any]:
    """The card's first part: what the model is, what it answers and what it sees."""
    columns = list(table.columns)
    low, high = np.nanpercentile(table.to_numpy(), [1, 99], axis=0)
    return {
        "paper": "SM",
        "description": "catch22 in order of time and phase, period, variability features and the "
        "shape over two periods; boosted trees, and the paper's final dense network (five, "
        "averaged).",
        "classes": CLASSES,
        "columns": columns,
        **scaling,
        "low": short(low),
        "high": short(high),
        "tree_share": TREE_SHARE,
        "inputs": {
            "features": "varstar.papers.sm.classifier.all_features",
            "bands": [BANDS],
            "find_periods": False,
            "min_points": 10,
            "period_policy": "found",
            "periods": "strongest Lomb-Scargle period, found when classifying; half an eclipsing "
            "binary's own. A period that is given is not used.",
        },
        "network": {
            "name": "sm",
            "options": {**NETWORK, "n_inputs": len(columns), "n_classes": len(CLASSES)},
        },
    }


def _training(y: np.ndarray, unusable: int, seed: int) -> dict[str, Any]:
    """The card's account of the training."""
    return {
        "survey": SURVEY,
        "citation": "Pojmanski 2002, AcA 52, 397",
        "stars": training_card.counts(y, CLASSES),
        "unusable": unusable,
        "recipe": "varstar.papers.sm.recipe",
        "folds": N_FOLDS,
        "network": TRAINING,
        "trees": TREES,
        "seed": seed,
    }


def _importance(importance: pd.DataFrame) -> dict[str, Any]:
    """The card's table of what `importance_out_of_fold` found."""
    return {
        "what": "drop of macro F1 when the columns are shuffled together; trees, out of "
        "fold, mean and SEM over the folds",
        **{
            group: training_card.rounded(row[["drop", "sem"]])
            for group, row in importance.iterrows()
        },
    }


def _save(
    name: str,
    card: Mapping[str, Any],
    networks: Sequence[Any],
    table: pd.DataFrame,
    y: np.ndarray,
    seed: int,
) -> None:
    """Fit the trees once more, to all stars, and write the model."""
    from varstar.learning import trees
    from varstar.models import store

    x = table.to_numpy(np.float32)
    model = sm.boosting(**TREES, random_state=seed, early_stopping=False)
    # scikit-learn sorts the classes: as numbers they keep the card's order
    model.fit(x, _codes(y))
    store.save(store.folder(name), card, networks, {"trees": trees.to_arrays(model, x)})


def networks_out_of_fold(
    table: pd.DataFrame,
    y: np.ndarray,
    fold: np.ndarray,
    network: Mapping[str, Any],
    training: Mapping[str, Any],
    seed: int,
) -> dict[str, Any]:
    """A network a fold, its epoch chosen on an eighth of the stars that it learns from."""
    scaling = fit_scaling(table)
    x = network_inputs(table, {"columns": list(table.columns), **scaling})
    probability, networks = np.zeros((len(y), len(CLASSES))), []
    for k in range(int(fold.max()) + 1):
        rows, judged = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        part = splits.folds_by_star(pd.Series(y[rows]), 8, seed=seed + k).to_numpy()
        learn, choose = rows[part > 0], rows[part == 0]
        fitted = sm.fit_network(
            x[learn], y[learn], x[choose], y[choose],
            options=network, classes=CLASSES, seed=seed + 100 * k, **training,
        )  # fmt: skip
        networks.append(fitted["model"])
        probability[judged] = sm.outputs(fitted["model"], x[judged])
    return {"probability": probability, "networks": networks, "scaling": scaling}


def trees_out_of_fold(
    table: pd.DataFrame, y: np.ndarray, fold: np.ndarray, options: Mapping[str, Any], seed: int
) -> np.ndarray:
    """Each star's probabilities by the trees that never saw it."""
    x, probability = table.to_numpy(np.float32), np.zeros((len(y), len(CLASSES)))
    for k in range(int(fold.max()) + 1):
        model = sm.boosting(**options, random_state=seed, early_stopping=False)
        model.fit(x[fold != k], _codes(y[fold != k]))
        probability[fold == k] = model.predict_proba(x[fold == k])
    return probability


def importance_out_of_fold(
    table: pd.DataFrame,
    y: np.ndarray,
    fold: np.ndarray,
    options: Mapping[str, Any],
    seed: int,
    *,
    repeats: int = 3,
) -> pd.DataFrame:
    """How much macro F1 drops when a group of columns is shuffled among a fold's stars.

    Each fold's trees are asked about the stars that they never saw; mean and SEM over the
    folds.
    """
    drops = []
    for k in range(int(fold.max()) + 1):
        model = sm.boosting(**options, random_state=seed, early_stopping=False)
        model.fit(table[fold != k].to_numpy(np.float32), _codes(y[fold != k]))
        result = group_importance(
            lambda part, model=model: np.array(CLASSES)[model.predict(part.to_numpy(np.float32))],
            table[fold == k], y[fold == k], importance_groups(list(table.columns)),
            repeats=repeats, seed=seed + k,
        )  # fmt: skip
        drops.append(result["drop"])
    drop = pd.concat(drops, axis=1)
    columns = result["columns"].reindex(drop.index)
    out = pd.DataFrame({"drop": drop.mean(axis=1), "sem": drop.sem(axis=1), "columns": columns})
    return out.sort_values("drop", ascending=False)


def _codes(y: np.ndarray) -> np.ndarray:
    return pd.Categorical(y, categories=CLASSES).codes.astype(int)


def _builder(n_inputs: int) -> Any:
    from functools import partial

    from varstar.papers.sm.network import build_dense

    return partial(build_dense, n_inputs, len(CLASSES), **NETWORK)
