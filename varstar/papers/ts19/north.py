"""The shipped model ``ts19-catalina`` on another sky, the Catalina North."""

from pathlib import Path
from typing import Any

import numpy as np

from varstar import classify
from varstar import load as load_survey
from varstar.learning import evaluate, novelty
from varstar.lightcurves.sample import clean, light_curves
from varstar.papers.ts19.classifier import variability
from varstar.papers.ts19.judging import known_stars

NORTH = "catalina_css_north"
#: Its labels in the names of the South; its novel classes.
NORTH_LABELS = {
    "EW": "Ecl (contact/semi-detached, EW/EB)",
    "beta_lyrae": "Ecl (contact/semi-detached, EW/EB)",
    "EA": "EA", "RRab": "RRab", "RRc": "RRc", "RRd": "RRd", "ACEP": "ACEP", "Cep_II": "Cep-II",
    "HADS": "delta-Scuti", "RS_CVn": "Rotational", "ELL": "Rotational",
}  # fmt: skip
NORTH_NOVEL = ["LPV", "Blazhko", "PCEB"]
#: Stars of the North whose periods are found instead of given.
FOUND = 1000


def on_the_north(name: str, root: str | Path | None, seed: int) -> dict[str, Any]:
    """Classes and novelty of the Catalina North by the shipped model."""
    from sklearn.ensemble import IsolationForest

    sample = load_survey(NORTH, root=root, bands="V")
    sample = sample[sample["label"].isin([*NORTH_LABELS, *NORTH_NOVEL]).to_numpy()]
    south, known = known_stars(root)
    at = {}
    for key, part in (("south", south[known]), ("north", sample)):
        values = variability(clean(light_curves(part))[0], part["period"].to_numpy(float))
        at[key] = values
    middle = np.nanmedian(at["south"], axis=0)
    at = {k: np.where(np.isfinite(v), v, middle) for k, v in at.items()}
    forest = IsolationForest(n_estimators=200, random_state=seed).fit(at["south"])
    result = {"periods given": _report(name, sample, -forest.score_samples(at["north"]))}
    some = np.sort(np.random.default_rng(seed).permutation(len(sample))[:FOUND])
    few = sample.iloc[some].drop(columns="period")
    result[f"periods found ({len(few)} stars)"] = _report(name, few)
    return result


def _report(name: str, sample: Any, forest: np.ndarray | None = None) -> dict[str, Any]:
    table = classify(sample, model=name)
    ok = (table["status"] == "ok").to_numpy()
    label = sample["label"].to_numpy(object)
    is_known = np.isin(label, list(NORTH_LABELS)) & ok
    truth = [NORTH_LABELS[c] for c in label[is_known]]
    score, novel = table["novelty"].to_numpy(), table["is_novel"].fillna(False).to_numpy(bool)
    areas = {}
    for c in [*NORTH_NOVEL, "all"]:
        new = ok & (~np.isin(label, list(NORTH_LABELS)) if c == "all" else label == c)
        areas[c] = {
            "stars": int(new.sum()),
            "auc": round(novelty.auc(score[is_known], score[new]), 4),
            "called novel": round(float(novel[new].mean()), 4),
        }
        if forest is not None:
            auc = novelty.auc(forest[is_known], forest[new])
            areas[c]["auc, isolation forest, sixteen features"] = round(auc, 4)
    guess = table["label"].to_numpy(object)[is_known]
    return {
        "known stars": int(is_known.sum()),
        **{k: round(v, 4) for k, v in evaluate.scores(truth, guess).items()},
        "known stars called novel": round(float(novel[is_known].mean()), 4),
        "novel classes": areas,
    }
