"""Classifier of Santomena & Mufti: catch22 in, probabilities out.

It sees catch22 of the light curve in order of time and in order of phase, and beside it
what catch22 cannot know: period, amplitude and the shape over two periods. A card of this
kind holds, besides what all have: ``columns`` (of `all_features`, in order), ``centre`` and
``spread`` (of each column, for the networks), ``tree_share`` (weight of the boosted trees
``trees.npz`` in the mean of the two), ``low`` and ``high`` (1st and 99th percentile of each
column among the training stars).
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from varstar.features import shape
from varstar.features.catch22 import MIN_POINTS, catch22_features
from varstar.features.shape import SEARCH
from varstar.learning import trees as tree_code
from varstar.learning.scaling import fit_scaler
from varstar.lightcurves.sample import LightCurves
from varstar.models.classifier import Classifier
from varstar.models.ensemble import mean_prediction

NETWORK = {"units": [128, 64], "dropout": 0.3, "l2": 1e-4}
TRAINING = {"batch_size": 128, "learning_rate": 1e-3, "epochs": 30, "patience": 8}
TREES = {"max_iter": 100, "learning_rate": 0.1, "max_leaf_nodes": 15,
         "l2_regularization": 5.0, "max_features": 0.4}  # fmt: skip
#: Trees alone score as high, but are surer than they should be; the networks calibrate them.
TREE_SHARE = 0.8
#: Columns by where they come from, for `varstar.learning.explain.group_importance`; what is not
#: named here is catch22: ``raw_...`` in order of time, ``folded_...`` in order of phase.
PERIOD = ["period", "power", "runner_up_ratio", "runner_up_power"]


def all_features(
    curves: LightCurves, base: pd.DataFrame | None = None, found: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Everything the models see, and ``status``.

    K21's sixteen features and the shape over two periods
    (`varstar.features.shape.all_features`), the period and the amplitude as logarithms;
    catch22 and the standard deviation in order of time, ``raw_...``, and in order of
    phase, ``folded_...``. `base` is the first of these, where it is known; `found` the
    periods at which it is made otherwise.
    """
    table = shape.all_features(curves, found) if base is None else base.copy()
    raw = catch22_features(curves, catch24=True).drop(columns=["status", "mean"])
    folded = catch22_features(curves, series="folded", periods=table["period"].to_numpy())
    status = table.pop("status")
    with np.errstate(invalid="ignore", divide="ignore"):
        for name in ("period", "amplitude", "fit_amplitude", "fit_rms"):
            table[name] = np.log10(table[name])
        raw["std"] = np.log10(raw["std"])
    parts = [table, raw.add_prefix("raw_"), folded.drop(columns="status").add_prefix("folded_")]
    frame = pd.concat(parts, axis=1).astype(float)
    return frame.replace([np.inf, -np.inf], np.nan).assign(status=status)


def network_inputs(table: pd.DataFrame, card: dict[str, Any]) -> np.ndarray:
    """Standard scores within +-5; 0, the mean star, where a feature is missing."""
    z = (table[card["columns"]].to_numpy(float) - card["centre"]) / np.asarray(card["spread"])
    return np.nan_to_num(np.clip(z, -5, 5)).astype(np.float32)


def fit_scaling(table: pd.DataFrame) -> dict[str, list[float]]:
    """``centre`` and ``spread`` of the columns, for `network_inputs`."""
    scaler = fit_scaler(table)
    return {"centre": short(scaler.centre), "spread": short(scaler.spread)}


def short(values: Sequence[float]) -> list[float]:
    """Six digits of each number, as cards keep them."""
    return [float(f"{v:.6g}") for v in values]


def combined(by_network: np.ndarray, by_tree: np.ndarray, share: float) -> np.ndarray:
    """Mean of two sets of probabilities, `share` the weight of the trees'."""
    return (1 - share) * by_network + share * by_tree


class Catch22Classifier(Classifier):
    """Classes from catch22 in order of time and of phase, and what it cannot know.

    Every star's period is found, as in training: a given one is not used. (The training
    survey's catalogue has periods of eclipsing binaries only; a model that saw them would
    learn the catalogue's gaps.)
    """

    PERIODS = "found"
    SEARCH = SEARCH
    COLUMNS: ClassVar = {"out_of_range": "Int64"}
    INPUTS: ClassVar = {"period_policy": "found", "min_points": 10}

    def inputs(self, curves: LightCurves, periods: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
        """The table of `all_features`."""
        table = all_features(curves, found=periods)
        status = table["status"].to_numpy(object, copy=True)
        short = table["raw_std"].isna().to_numpy()  # too few points for catch22
        status[(status == "ok") & short] = f"fewer than {MIN_POINTS} valid points"
        return table[status == "ok"], status

    def predict(self, x: pd.DataFrame) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The networks' mean and the trees', averaged."""
        by_network = mean_prediction(self.predictors, [network_inputs(x, self.card)])
        values = x[self.card["columns"]].to_numpy()
        by_tree = tree_code.predict(self.part("trees"), values)
        inside = (values >= self.card["low"]) & (values <= self.card["high"])
        probability = combined(by_network, by_tree, self.card["tree_share"])
        return probability, {"out_of_range": (~inside).sum(axis=1)}

    def learn(
        self,
        curves: LightCurves,
        periods: pd.DataFrame,
        labels: np.ndarray,
        *,
        seed: int,
        tree_share: float = TREE_SHARE,
        network: Mapping[str, Any] = NETWORK,
        trees: Mapping[str, Any] = TREES,
        **training: Any,
    ) -> None:
        """Train the paper's final dense network and boosted trees.

        Parameters
        ----------
        curves, periods, labels, seed
            See `varstar.models.classifier.Classifier.learn`.
        tree_share : float
            Weight of the trees in the mean of the two probabilities.
        network, trees : mapping
            Options of the network, and of scikit-learn's HistGradientBoostingClassifier.
        **training
            What differs from `TRAINING`: ``epochs``, ``batch_size``, ...
        """
        from varstar.learning import splits
        from varstar.papers.sm import experiments

        table = all_features(curves, found=periods)
        usable = (table.pop("status") == "ok").to_numpy()
        table, labels = table[usable], labels[usable]
        low, high = np.nanpercentile(table.to_numpy(), [1, 99], axis=0)
        self.card |= {"columns": list(table.columns), **fit_scaling(table), "low": low.tolist(),
                      "high": high.tolist(), "tree_share": tree_share}  # fmt: skip
        x = network_inputs(table, self.card)
        part = splits.folds_by_star(pd.Series(labels), 8, seed=seed).to_numpy()
        fitted = experiments.fit_network(
            x[part > 0], labels[part > 0], x[part == 0], labels[part == 0],
            options=network, classes=self.classes, seed=seed, **{**TRAINING, **training},
        )  # fmt: skip
        seen = table.to_numpy(np.float32)
        boosted = tree_code.boosted(seed, **trees)
        boosted.fit(seen, np.searchsorted(self.classes, labels))
        options = {**network, "n_inputs": x.shape[1], "n_classes": len(self.classes)}
        self.card["network"] = {"name": "sm", "options": options}
        self._networks = (fitted["model"],)
        self._parts = {"trees": tree_code.to_arrays(boosted, seen)}
