"""How close the simulated surveys are to the sky.

Two questions, on the sixteen features: can a classifier tell the simulated stars of a
class from the real ones (`distinguishability`; 0.5 is "no"), and what is a forest worth
on real stars that has seen simulated ones only (`transfer`)?
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from varstar.datasets import load
from varstar.features import FEATURES, variability_features
from varstar.taxonomy import classes, to_classes

__all__ = ["PAIRS", "distinguishability", "features_of", "real", "simulated", "transfer"]

#: Real survey and the simulated one that stands for it: bands, classes (a scheme of
#: `varstar.taxonomy`), whether the catalogue's period is used (else it is found), how the
#: simulated stars are drawn; `seen`: whether the simulation was made with this survey at hand.
PAIRS: dict[str, dict] = {
    "asas": {
        "real": "asas_acvs",
        "band": "V",
        "simulated": "sim-asas",
        "simulated_band": "V",
        "scheme": "k21-asas",
        "catalogue_period": False,
        "draw": {"classes": "seven", "balance": "labels"},
        "seen": True,
    },
    "catalina": {
        "real": "catalina_sss",
        "band": "V",
        "simulated": "sim-catalina",
        "simulated_band": "V",
        "scheme": "s20",
        "catalogue_period": True,
        "draw": {"balance": "equal"},
        "seen": True,
    },
    "eros2": {
        "real": "eros2_lmc_upsilon",
        "band": "B",
        "simulated": "sim-eros2",
        "simulated_band": "B_E",
        "scheme": "k21-lmc",
        "catalogue_period": False,
        "draw": {"classes": "nine", "balance": "labels"},
        "seen": True,
    },
    "macc": {
        "real": "asas_macc_training",
        "band": "V",
        "simulated": "sim-asas",
        "simulated_band": "V",
        "scheme": "k21-asas",
        "catalogue_period": False,
        "draw": {"classes": "seven", "balance": "labels"},
        "seen": False,
    },
}


def _pair(name: str) -> dict:
    if name not in PAIRS:
        raise ValueError(f"unknown pair {name!r}. Known: {list(PAIRS)}")
    return PAIRS[name]


def real(pair: str, per_class: int = 300, seed: int = 0) -> NestedFrame:
    """Real stars of a pair, at most `per_class` of each class, in its one band.

    Returns
    -------
    NestedFrame
        With the column ``class``.

    Raises
    ------
    FileNotFoundError
        The survey is not on disk.
    """
    spec = _pair(pair)
    sample = load(spec["real"])
    sample["class"] = to_classes(sample["label"], spec["scheme"], survey=spec["real"])
    sample = sample[sample["class"].notna()]
    if spec["catalogue_period"]:
        sample = sample[sample["period"].to_numpy(float) > 0]
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(sample))
    place = sample["class"].iloc[order].groupby(sample["class"].iloc[order]).cumcount()
    return sample.iloc[np.sort(order[place.to_numpy() < per_class])]


def simulated(pair: str, per_class: int = 300, seed: int = 0) -> NestedFrame:
    """Simulated stars of a pair, about `per_class` of each class; column ``class``."""
    spec = _pair(pair)
    wanted = classes(spec["scheme"])
    sample = load(spec["simulated"], size=per_class * len(wanted), seed=seed, **spec["draw"])
    sample["class"] = to_classes(sample["label"], spec["scheme"], survey=spec["simulated"])
    return sample[sample["class"].notna()]


def features_of(sample: NestedFrame, band: str, catalogue_period: bool) -> pd.DataFrame:
    """The sixteen features, with the column ``class``; stars without them are left out."""
    periods = sample["period"] if catalogue_period else None
    codes = [b for b in sample["lc.band"].unique() if str(b).split(" ")[0] == band]
    if len(codes) != 1:
        raise ValueError(f"expected one band {band!r}. Has: {list(sample['lc.band'].unique())}")
    table = variability_features(sample, periods=periods, bands=str(codes[0]))
    table["class"] = sample["class"].to_numpy()
    return table[table["status"] == "ok"].drop(columns="status")


def _matrix(table: pd.DataFrame) -> np.ndarray:
    values = table[FEATURES].to_numpy(float)
    return np.clip(np.where(np.isfinite(values), values, -99.0), -1e6, 1e6)


def _forest(seed: int, **options: object) -> RandomForestClassifier:
    usual = dict(n_estimators=300, min_samples_leaf=2, max_features=5, random_state=seed)
    return RandomForestClassifier(**(usual | options))


def distinguishability(
    real_features: pd.DataFrame, simulated_features: pd.DataFrame, folds: int = 4, seed: int = 0
) -> pd.DataFrame:
    """Area under the ROC curve of a forest that tells simulated from real stars of a class.

    As many real as simulated stars of each class, predicted by cross-validation.

    Returns
    -------
    DataFrame
        By class: ``auc`` (0.5: alike; 1: told apart each time), ``stars`` of each kind,
        ``feature`` on which most depends, and its ``real`` and ``simulated`` median.
    """
    rng = np.random.default_rng(seed)
    rows = {}
    for name in sorted(set(real_features["class"]) & set(simulated_features["class"])):
        a = real_features[real_features["class"] == name]
        b = simulated_features[simulated_features["class"] == name]
        n = min(len(a), len(b))
        if n < 2 * folds:
            continue
        a, b = a.iloc[rng.permutation(len(a))[:n]], b.iloc[rng.permutation(len(b))[:n]]
        x = np.vstack([_matrix(a), _matrix(b)])
        y = np.repeat([0, 1], n)
        forest = _forest(seed, n_estimators=200, min_samples_leaf=3)
        cuts = StratifiedKFold(folds, shuffle=True, random_state=seed)
        chance = cross_val_predict(forest, x, y, cv=cuts, method="predict_proba")[:, 1]
        worst = FEATURES[int(np.argmax(forest.fit(x, y).feature_importances_))]
        rows[name] = {
            "auc": roc_auc_score(y, chance),
            "stars": n,
            "feature": worst,
            "real": np.nanmedian(a[worst]),
            "simulated": np.nanmedian(b[worst]),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("class")


def transfer(
    real_features: pd.DataFrame, simulated_features: pd.DataFrame, seed: int = 0
) -> tuple[pd.DataFrame, Mapping[str, pd.Series]]:
    """Two forests on the same unseen half of the real stars.

    One learned from the other half of the real stars, one from simulated stars only.

    Returns
    -------
    scores : DataFrame
        By class and ``macro``: F1 of both, ``real to real`` and ``simulated to real``.
    predictions : dict of str to Series
        ``"true"`` and, for each forest, its class of every star of the unseen half.
    """
    rng = np.random.default_rng(seed)
    names = sorted(set(real_features["class"]))
    test = np.zeros(len(real_features), bool)
    for name in names:
        mine = rng.permutation(np.flatnonzero((real_features["class"] == name).to_numpy()))
        test[mine[: max(1, len(mine) // 2)]] = True
    unseen = real_features[test]
    training = {"real to real": real_features[~test], "simulated to real": simulated_features}
    predictions = {"true": unseen["class"]}
    scores = {}
    for how, table in training.items():
        forest = _forest(seed, class_weight="balanced_subsample")
        forest.fit(_matrix(table), table["class"].to_numpy(str))
        found = pd.Series(forest.predict(_matrix(unseen)), unseen.index, name=how)
        truth = unseen["class"].to_numpy(str)
        each = f1_score(truth, found, labels=names, average=None, zero_division=0)
        scores[how] = {**dict(zip(names, each, strict=True)), "macro": float(np.mean(each))}
        predictions[how] = found
    return pd.DataFrame(scores).rename_axis("class"), predictions
