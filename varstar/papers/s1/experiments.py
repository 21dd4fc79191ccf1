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
from varstar.lightcurves.sample import clean, light_curves
from varstar.periods import find_periods
from varstar.taxonomy import classes, to_classes

__all__ = [
    "PAIRS",
    "distinguishability",
    "features_of",
    "measured",
    "real",
    "simulated",
    "transfer",
    "with_periods",
]

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
    """The sixteen features of the stars that have them, and what they were measured on.

    Returns
    -------
    DataFrame
        The features; ``class``; the medians ``magnitude`` and ``error`` [mag]; ``epochs``.
    """
    periods = sample["period"] if catalogue_period else None
    codes = [b for b in sample["lc.band"].unique() if str(b).split(" ")[0] == band]
    if len(codes) != 1:
        raise ValueError(f"expected one band {band!r}. Has: {list(sample['lc.band'].unique())}")
    table = variability_features(sample, periods=periods, bands=str(codes[0]))
    table["class"] = sample["class"].to_numpy(str)
    curves, _ = clean(light_curves(sample, str(codes[0])))
    split = [np.split(x, curves.offsets[1:-1]) for x in (curves.mag, curves.err)]
    table["magnitude"], table["error"] = (
        [np.median(x) if len(x) else np.nan for x in part] for part in split
    )
    table["epochs"] = curves.counts
    return table[table["status"] == "ok"].drop(columns="status")


def measured(pair: str, kind: str, per_class: int, seed: int = 0) -> pd.DataFrame:
    """`features_of` the stars of a pair, ``"real"`` or ``"simulated"``."""
    spec = _pair(pair)
    if kind not in ("real", "simulated"):
        raise ValueError(f"kind: expected 'real' or 'simulated'. Received: {kind!r}")
    sample = real(pair, per_class, seed) if kind == "real" else simulated(pair, per_class, seed)
    band = spec["band" if kind == "real" else "simulated_band"]
    return features_of(sample, band, spec["catalogue_period"])


def _matrix(table: pd.DataFrame) -> np.ndarray:
    values = table[FEATURES].to_numpy(float)
    return np.clip(np.where(np.isfinite(values), values, -99.0), -1e6, 1e6)


def _forest(seed: int, **options: object) -> RandomForestClassifier:
    usual = dict(n_estimators=300, min_samples_leaf=2, max_features=5, random_state=seed)
    return RandomForestClassifier(**(usual | options))


def distinguishability(
    reference: pd.DataFrame, simulated_features: pd.DataFrame, folds: int = 4, seed: int = 0
) -> pd.DataFrame:
    """Area under the ROC curve of a forest that tells simulated from real stars of a class.

    As many stars of the `reference` as simulated ones of each class, predicted by
    cross-validation.

    Returns
    -------
    DataFrame
        By class: ``auc`` (0.5: alike; 1: told apart each time), ``stars`` of each kind,
        ``feature`` on which most depends, and its median in the ``reference`` and among the
        ``simulated``. Classes with fewer than twice `folds` stars are left out.
    """
    rng = np.random.default_rng(seed)
    rows = {}
    for name in sorted(set(reference["class"]) & set(simulated_features["class"])):
        a = reference[reference["class"] == name]
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
            "reference": np.nanmedian(a[worst]),
            "simulated": np.nanmedian(b[worst]),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("class")


def transfer(
    reference: pd.DataFrame,
    simulated_features: pd.DataFrame,
    seed: int = 0,
    name: str = "real",
) -> tuple[pd.DataFrame, Mapping[str, pd.Series]]:
    """Two forests on the same unseen half of the reference stars.

    One learned from the other half of them, one from simulated stars only.

    Returns
    -------
    scores : DataFrame
        By class and ``macro``: F1 of both, ``from <name>`` and ``from simulated``.
    predictions : dict of str to Series
        ``"true"`` and, for each forest, its class of every star of the unseen half.
    """
    rng = np.random.default_rng(seed)
    names = sorted(set(reference["class"]))
    test = np.zeros(len(reference), bool)
    for each in names:
        mine = rng.permutation(np.flatnonzero((reference["class"] == each).to_numpy()))
        test[mine[: max(1, len(mine) // 2)]] = True
    unseen = reference[test]
    training = {f"from {name}": reference[~test], "from simulated": simulated_features}
    predictions = {"true": unseen["class"]}
    scores = {}
    for how, table in training.items():
        forest = _forest(seed, class_weight="balanced_subsample")
        forest.fit(_matrix(table), table["class"].to_numpy(str))
        found = pd.Series(forest.predict(_matrix(unseen)), unseen.index, name=how)
        truth = unseen["class"].to_numpy(str)
        f1 = f1_score(truth, found, labels=names, average=None, zero_division=0)
        scores[how] = {**dict(zip(names, f1, strict=True)), "macro": float(np.mean(f1))}
        predictions[how] = found
    return pd.DataFrame(scores).rename_axis("class"), predictions


def with_periods(sample: NestedFrame, band: str) -> NestedFrame:
    """The sample with a period found for each star whose catalogue gives none."""
    without = ~(sample["period"].to_numpy(float) > 0)
    if without.any():
        part = sample[without]
        codes = [b for b in part["lc.band"].unique() if str(b).split(" ")[0] == band]
        found = find_periods(part, bands=str(codes[0]), weighted=False)["period"]
        sample = sample.copy()
        sample.loc[part.index, "period"] = found.to_numpy()
    return sample
