"""How ``ts19-catalina`` is judged: stars, folds, and the scores of novelty that were compared."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from varstar import load as load_survey
from varstar.features import FEATURES
from varstar.learning import novelty, splits
from varstar.papers.ts19.classifier import (
    fill,
    fit_tail,
    judge,
    minus_log_tail,
    normal_scores,
    raw_scores,
)
from varstar.papers.ts19.parts import PERCENTILE, fit_parts

SURVEY = "catalina_sss"
#: The stars that play what has not been seen: never learned from.
NOVEL = ["LPV", "Blazhko", "Misc (type code 11)", "LMC-Cep-I"]
N_FOLDS = 3
#: Scores that were compared, each a sum of ``-log(tail)`` of the named parts.
CANDIDATES = {
    "misfit + doubt + isolation": ["misfit", "doubt", "isolation"],
    "misfit + doubt": ["misfit", "doubt"],
    "misfit + isolation": ["misfit", "isolation"],
    "doubt + isolation": ["doubt", "isolation"],
    "misfit": ["misfit"],
    "doubt": ["doubt"],
    "isolation": ["isolation"],
    "energy of a Gaussian a class": ["energy"],
    "isolation forest, sixteen features": ["isolation forest, sixteen"],
}
SHIPPED = "misfit + doubt + isolation"
BASELINE = "isolation forest, sixteen features"
#: Known classes that are left out together, beside each class alone: what is new to a
#: survey is often far from all that it knows, not the sister of a known class.
GROUPS = {
    "RR Lyrae": ["RRab", "RRc", "RRd"],
    "eclipsing": ["EA", "Ecl (contact/semi-detached, EW/EB)"],
    "Cepheids": ["ACEP", "Cep-II"],
}


def known_stars(root: str | Path | None = None) -> tuple[Any, np.ndarray]:
    """The survey's sample, and which of its stars are known."""
    sample = load_survey(SURVEY, root=root, bands="V")
    return sample, ~sample["label"].isin(NOVEL).to_numpy()


def folds(sample: pd.DataFrame, known: np.ndarray, seed: int) -> np.ndarray:
    """Part of each known star; -1 for the others."""
    fold = np.full(len(sample), -1)
    label = sample["label"][known].astype(str)
    fold[known] = splits.folds_by_star(label, N_FOLDS, seed=seed).to_numpy()
    return fold


def all_scores(
    x: np.ndarray, labels: np.ndarray, rows: np.ndarray, reference: np.ndarray, seed: int
) -> dict[str, np.ndarray]:
    """Every candidate's score of every star; learned from `rows`, tails from `reference`."""
    from sklearn.ensemble import IsolationForest

    from varstar.papers.ts19 import mixture as gmm

    parts = fit_parts(x, labels, rows, seed, boosted=False)
    raw = raw_scores(x, parts)
    known = fill(x, parts["misfit"]["quantiles"])
    sixteen = known[:, -len(FEATURES) :]
    forest = IsolationForest(n_estimators=200, random_state=seed).fit(sixteen[rows])
    raw["isolation forest, sixteen"] = -forest.score_samples(sixteen)
    scores = normal_scores(known, np.asarray(parts["misfit"]["quantiles"], float))
    y = labels.astype(str)
    member = (y[rows][:, None] == np.unique(y[rows])).astype(float)
    raw["energy"] = gmm.score(gmm.fit(member, scores[rows], ridge=0.01), scores)
    tails = {k: minus_log_tail(v, fit_tail(v[reference])) for k, v in raw.items()}
    return {name: sum(tails[p] for p in parts) for name, parts in CANDIDATES.items()}


def leave_one_out(
    tables: list[np.ndarray],
    labels: np.ndarray,
    fold: np.ndarray,
    usable: np.ndarray,
    classes: list[str],
    seed: int,
) -> pd.DataFrame:
    """Each known class, and each of `GROUPS`, left out in turn: AUC by score, class and fold."""
    rows = []
    for k, x in enumerate(tables):
        for name in [*classes, *GROUPS]:
            out = np.isin(labels, GROUPS.get(name, [name]))
            learn = np.flatnonzero(usable & (fold >= 0) & (fold != k) & ~out)
            others = np.flatnonzero(usable & (fold == k) & ~out)
            novel = np.flatnonzero(usable & (fold == k) & out)
            for score, values in all_scores(x, labels, learn, others, seed).items():
                rows.append((score, name, k, novelty.auc(values[others], values[novel])))
    return pd.DataFrame(rows, columns=["score", "class", "fold", "auc"])


def out_of_fold(
    tables: list[np.ndarray],
    labels: np.ndarray,
    fold: np.ndarray,
    usable: np.ndarray,
    known: np.ndarray,
    classes: list[str],
    seed: int,
) -> dict[str, Any]:
    """The parts of each fold, what they say about its stars, and the test on novel classes."""
    from sklearn.ensemble import RandomForestClassifier

    n = len(labels)
    probability = {k: np.full((n, len(classes)), np.nan) for k in ("shipped", "sixteen features")}
    novelty_of, fitted, areas = np.full(n, np.nan), [], []
    for k, x in enumerate(tables):
        learn = np.flatnonzero(usable & known & (fold != k))
        held = np.flatnonzero(usable & (fold == k))
        parts = fit_parts(x, labels, learn, seed)
        raw = raw_scores(x, parts)
        parts["tails"] = {name: fit_tail(values[held]) for name, values in raw.items()}
        fitted.append(parts)
        probability["shipped"][held], scores = judge(x[held], parts)
        novelty_of[held] = scores.sum(axis=1)
        sixteen = fill(x, parts["misfit"]["quantiles"])[:, -len(FEATURES) :]
        forest = RandomForestClassifier(
            n_estimators=200, min_samples_leaf=2, class_weight="balanced_subsample",
            random_state=seed,
        )  # fmt: skip
        forest.fit(sixteen[learn], labels[learn].astype(str))
        probability["sixteen features"][held] = forest.predict_proba(sixteen[held])
        for score, values in all_scores(x, labels, learn, held, seed).items():
            for name in [*NOVEL, "all"]:
                new = usable & (~known if name == "all" else labels == name)
                areas.append((score, name, novelty.auc(values[held], values[new])))
                if score == SHIPPED:
                    cut = np.percentile(values[held], PERCENTILE)
                    areas.append(("recall", name, float(np.mean(values[new] > cut))))
    table = pd.DataFrame(areas, columns=["score", "class", "value"]).groupby(["score", "class"])
    mean, sem = table["value"].mean(), table["value"].sem()
    novel = {
        score: {c: [round(float(mean[score, c]), 4), round(float(sem[score, c]), 4)]
                for c in [*NOVEL, "all"]}
        for score in ["recall", *CANDIDATES]
    }  # fmt: skip
    novel[f"recall of {SHIPPED}, above the {PERCENTILE:.0f}th percentile"] = novel.pop("recall")
    return {"probability": probability, "novelty": novelty_of, "parts": fitted, "novel": novel}
