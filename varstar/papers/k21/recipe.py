"""``k21-lmc``, ``k21-asas``, ``k21-hipparcos``, ``k21-sim``: K21's network and boosted trees.

The stars are cut into five parts. Five networks of K21's architecture each learn from four
of them (a fifth of which chooses the epoch); every score is *out of fold*: each star is
judged by the network and the trees that never saw it. Shipped are three of the five networks, whose
probabilities are averaged, and trees fitted once more to all stars.

What differs from K21's own recipe, each decided out of fold on the training survey: phases
over the whole circle (``phases="arctan2"``), plain logarithms (``scaling="log"``: K21's
squeeze all periods below a day into a tenth of the range), batches of 128 instead of
1024, dropout, and the trees, which also see the shape of the light curve over two periods
(`varstar.features.shape`).
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar import load as load_survey
from varstar import taxonomy
from varstar.compendium.cache import cached
from varstar.features import FEATURES
from varstar.features.shape import SHAPE, all_features
from varstar.learning import splits, trees
from varstar.learning.scaling import fit_scaler
from varstar.lightcurves.sample import light_curves
from varstar.models import training_card
from varstar.papers.k21 import classifier as k21
from varstar.papers.k21.light_curves import NETWORK, TREE_SHARE, TREES

N_FOLDS = 5
#: Networks that ship: all weights of varstar stay below 10 MB.
SHIPPED = 3

#: What each model learns from.
SURVEYS: dict[str, dict[str, Any]] = {
    "k21-lmc": {
        "survey": "eros2_lmc_upsilon", "bands": "B", "scheme": None,
        "classes": ["CEPH F", "CEPH 1O", "EB EC", "EB ED", "EB ESD", "RRL RRab", "RRL RRc",
                    "RRL RRd", "RRL RRe"],
        "about": "EROS-2 LMC, B_E (Tisserand et al. 2007; Kim et al. 2014)",
    },
    "k21-asas": {
        "survey": "asas_acvs", "bands": "V", "scheme": None,
        "classes": ["EC", "ED", "ESD", "RRAB", "RRC", "DSCT", "MIRA"],
        "about": "ASAS-3 V, classes of the ACVS (Pojmanski 2002)",
    },
    "k21-hipparcos": {
        "survey": "debosscher_hip_ogle", "bands": "Hp (listed as Clear)", "scheme": None,
        "classes": None, "minimum": 10, "shape": [c for c in SHAPE if c != "n_points"],
        "about": "the Hipparcos stars, in Hp, of Debosscher et al. (2007)",
        "limits": [
            "Until 2026-11-26 the model of this name had learned from Hipparcos and OGLE stars "
            "together. In that set nearly all detached, semi-detached and contact binaries, RRd "
            "stars and multi-mode Cepheids are OGLE's, so that the number of points gave the "
            "class away: its scores (macro F1 .643, Mc .893) were worth little.",
            "Too few eclipsing binaries (one) to know them; classes below 30 stars are learned "
            "from very few.",
        ],
    },
    "k21-sim": {
        "survey": ["sim-ogle3", "sim-eros2"], "bands": ["I", "B_E"], "scheme": "k21",
        "classes": None, "size": 3500,
        "about": "simulated surveys only: OGLE-III LMC in I and EROS-2 LMC in B_E",
    },
}  # fmt: skip


def make(
    name: str, root: str | Path | None = None, *, seed: int = 0, networks: int = 1, **changes
) -> dict[str, Any]:
    """Train the model `name`, measure it out of fold, write it; returns the scores.

    Parameters
    ----------
    name : str
        Of `SURVEYS`.
    root : path, optional
        Folder of the surveys.
    seed : int
    networks : int
        Networks a fold.
    **changes
        Of `NETWORK`.
    """
    recipe = SURVEYS[name]
    table, labels = _stars(recipe, root, seed)
    options = {**NETWORK, **changes}
    found = _judged_out_of_fold(name, table, labels, options, seed, networks)
    answers = {
        "both": (1 - TREE_SHARE) * found["network"] + TREE_SHARE * found["trees"],
        "network": found["network"],
        "trees": found["trees"],
    }
    y, classes = labels.to_numpy(str), np.unique(labels)
    scores = {kind: training_card.scores(p, y, classes, seed) for kind, p in answers.items()}
    card = {
        **_description(recipe, classes, options),
        "scalings": found["scalings"][:SHIPPED],
        "range": fit_scaler(table[FEATURES], options["scaling"]).to_dict(),
        "tree_share": TREE_SHARE,
        "training": _training(name, labels, options, seed),
        "scores": {
            "test": f"out of fold on the training survey, {N_FOLDS} folds by star",
            **scores,
            "by_class": training_card.by_class(answers["both"], y, classes),
        },
        "limits": _limits(recipe),
    }
    _save(name, card, found["networks"][:SHIPPED], table, y, seed)
    return scores


def _judged_out_of_fold(
    name: str,
    table: pd.DataFrame,
    labels: pd.Series,
    options: Mapping[str, Any],
    seed: int,
    networks: int,
) -> dict[str, Any]:
    """`out_of_fold` on the recipe's folds, trained once and kept."""
    fold = splits.folds_by_star(labels, N_FOLDS, seed=seed).to_numpy()
    return cached(
        f"recipe_{name}", out_of_fold, table, labels, fold, options, TREES, seed, networks,
        shape=_shape(SURVEYS[name]),
        build=_builder(labels.nunique(), options["dropout"]), quiet=False,
    )  # fmt: skip


def _shape(recipe: Mapping[str, Any]) -> Sequence[str]:
    """The columns of the light curve's shape that the trees see."""
    return recipe.get("shape", SHAPE)


def _description(
    recipe: Mapping[str, Any], classes: np.ndarray, options: Mapping[str, Any]
) -> dict[str, Any]:
    """The card's first part: what the model is, what it answers and what it sees."""
    return {
        "paper": "K21",
        "about": "K21's network (three, averaged) and boosted trees; learned from "
        + recipe["about"],
        "classes": classes.tolist(),
        "inputs": {
            "features": FEATURES,
            "shape": list(_shape(recipe)),
            "phases": "arctan2",
            "find_periods": False,
            "periods": "strongest Lomb-Scargle period, found when classifying; half an "
            "eclipsing binary's own",
            "bands": recipe["bands"],
            "min_points": 10,
            "period_policy": "found",
        },
        "network": {
            "name": "k21",
            "options": {"n_classes": len(classes), "dropout": options["dropout"]},
        },
    }


def _training(
    name: str, labels: pd.Series, options: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    """The card's account of the training."""
    return {
        "survey": SURVEYS[name]["survey"],
        "kind": "simulated" if name == "k21-sim" else "real",
        "stars": training_card.counts(labels),
        "network": {**options, "networks": SHIPPED},
        "trees": TREES,
        "seed": seed,
        "recipe": f"python -m varstar train {name}",
    }


def _limits(recipe: Mapping[str, Any]) -> list[str]:
    """What the card warns of: for all models of K21, then for this one."""
    return [
        "Every star gets one of these classes, whatever it is: a class that is not in "
        "the list is taken for the most similar one.",
        "A feature outside the training range is counted in out_of_range; such answers "
        "deserve doubt.",
        "The labels are the survey's own, with its errors.",
        *recipe.get("limits", []),
    ]


def _save(
    name: str,
    card: Mapping[str, Any],
    networks: Sequence[Any],
    table: pd.DataFrame,
    y: np.ndarray,
    seed: int,
) -> None:
    """Fit the trees once more, to all stars, and write the model."""
    from varstar.models import store

    seen = table[[*FEATURES, *_shape(SURVEYS[name])]]
    model = trees.boosted(seed, **TREES).fit(seen, y)
    store.save(
        store.folder(name), card, networks, {"trees": trees.to_arrays(model, seen.to_numpy())}
    )


def _stars(
    recipe: Mapping[str, Any], root: str | Path | None, seed: int
) -> tuple[pd.DataFrame, pd.Series]:
    """Features and labels of the recipe's stars."""
    surveys = recipe["survey"]
    surveys = [surveys] if isinstance(surveys, str) else surveys
    bands = recipe["bands"] if isinstance(recipe["bands"], list) else [recipe["bands"]]
    tables, labels = [], []
    for survey, band in zip(surveys, bands, strict=True):
        extra: dict[str, Any] = {}
        if survey.startswith("sim-"):
            extra = {"size": recipe["size"], "seed": seed, "minimum": 200}
            if survey == "sim-ogle3":
                extra["classes"] = "k21"
        sample = load_survey(survey, root=root, bands=band, **extra)
        table = cached("recipe_features", all_features, light_curves(sample), quiet=True)
        table.index = sample.index
        label = sample["label"]
        if recipe["scheme"]:
            label = taxonomy.to_classes(label, recipe["scheme"], survey)
        keep = (table["status"] == "ok").to_numpy() & label.notna().to_numpy(bool)
        tables.append(table[keep])
        labels.append(label[keep].astype(str))
    table, label = pd.concat(tables), pd.concat(labels)
    wanted = recipe["classes"]
    if wanted is None:
        counts = label.value_counts()
        wanted = counts.index[counts >= recipe.get("minimum", 0)].tolist()
    keep = label.isin(wanted).to_numpy()
    return table[keep], label[keep]


def out_of_fold(
    table: pd.DataFrame,
    labels: pd.Series,
    fold: np.ndarray,
    network: Mapping[str, Any],
    tree_options: Mapping[str, Any],
    seed: int,
    networks: int,
    shape: Sequence[str] = SHAPE,
) -> dict[str, Any]:
    """Networks and trees of every fold, and each star's probabilities by those of its own."""
    classes, y = np.unique(labels.to_numpy(str), return_inverse=True)
    result: dict[str, Any] = {
        "network": np.zeros((len(y), len(classes))), "trees": np.zeros((len(y), len(classes))),
        "networks": [], "scalings": [],
    }  # fmt: skip
    for k in range(int(fold.max()) + 1):
        rows, judged = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        classifier = k21.K21Classifier(**network, seed=seed + 100 * k, n_networks=networks)
        classifier.fit(table.iloc[rows][FEATURES], classes[y[rows]])
        column = np.searchsorted(classes, classifier.classes_)
        p = classifier.predict_proba(table.iloc[judged][FEATURES])
        result["network"][np.ix_(judged, column)] = p
        result["networks"] += classifier.networks_
        result["scalings"] += [classifier.scaling_.to_dict()] * networks
        columns = [*FEATURES, *shape]
        model = trees.boosted(seed, **tree_options).fit(table.iloc[rows][columns], classes[y[rows]])
        column = np.searchsorted(classes, model.classes_)
        p = model.predict_proba(table.iloc[judged][columns])
        result["trees"][np.ix_(judged, column)] = p
    return result


def _builder(n_classes: int, dropout: float) -> Any:
    from functools import partial

    from varstar.papers.k21.network import build_k21

    return partial(build_k21, n_classes, dropout=dropout)
