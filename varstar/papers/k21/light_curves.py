"""Classifier of K21: light curves in, their features to the network and to boosted trees.

A card of this wing holds, besides what all have: ``scalings`` (a state of
`varstar.learning.scaling.Scaler` for each network), ``range`` (one of all
training stars, for ``out_of_range``), ``tree_share`` (weight of the boosted trees
``trees.npz`` in the mean of the two).
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from varstar.features import FEATURES
from varstar.features.fourier import UNDETERMINED
from varstar.features.shape import SEARCH, SHAPE, all_features
from varstar.learning import trees as tree_code
from varstar.learning.scaling import Scaler, as_features, fit_scaler
from varstar.lightcurves.sample import LightCurves
from varstar.models.classifier import Classifier
from varstar.models.ensemble import mean_prediction
from varstar.papers.k21.classifier import K21Classifier

NETWORK = {"epochs": 150, "batch_size": 128, "dropout": 0.2, "scaling": "log"}
TREES = {"learning_rate": 0.08, "max_iter": 120, "max_features": 0.4, "l2_regularization": 1.0}
#: Weight of the trees in the mean of the two probabilities.
TREE_SHARE = 0.6


class FeatureClassifier(Classifier):
    """Classes from K21's sixteen features and the shape over two periods.

    The models were trained on features at the strongest Lomb-Scargle period, which is
    half an eclipsing binary's own, so they get the same here: a given period is not used.
    """

    PERIODS = "found"
    SEARCH = SEARCH
    NEEDS_PERIOD = False
    COLUMNS: ClassVar = {"out_of_range": "Int64"}
    INPUTS: ClassVar = {
        "features": FEATURES,
        "shape": SHAPE,
        "phases": "arctan2",
        "period_policy": "found",
        "min_points": 10,
    }

    def inputs(self, curves: LightCurves, periods: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
        """The table of `varstar.features.shape.all_features`."""
        table = all_features(curves, periods)
        known = as_features(table, self.card["inputs"]["features"]).notna().any(axis=1).to_numpy()
        status = table["status"].to_numpy(object, copy=True)
        partial = np.isin(status, ["no period", UNDETERMINED])
        status[known & partial] = "ok"  # the other features serve; `out_of_range` counts these
        status[~known & (status == "ok")] = "no feature"
        return table[status == "ok"], status

    def predict(self, x: pd.DataFrame) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The networks' mean and the trees', averaged."""
        inputs = self.card["inputs"]  # the card's own lists: a new feature changes no model
        features = as_features(x, inputs["features"])
        by_network = np.mean(
            [
                mean_prediction([network], [Scaler.from_dict(state)(features)])
                for network, state in zip(self.predictors, self.card["scalings"], strict=True)
            ],
            axis=0,
        )
        share = self.card["tree_share"]
        by_tree = tree_code.predict(self.part("trees"), x[[*inputs["features"], *inputs["shape"]]])
        probability = (1 - share) * by_network + share * by_tree
        outside = Scaler.from_dict(self.card["range"]).out_of_range(features)
        return probability, {"out_of_range": outside}

    def learn(
        self,
        curves: LightCurves,
        periods: pd.DataFrame,
        labels: np.ndarray,
        *,
        seed: int,
        source: "FeatureClassifier | None" = None,
        layers: str = "every",
        tree_share: float = TREE_SHARE,
        trees: Mapping[str, Any] = TREES,
        **network: Any,
    ) -> None:
        """Train K21's network and boosted trees.

        Parameters
        ----------
        curves, periods, labels, seed
            See `varstar.models.classifier.Classifier.learn`.
        source : FeatureClassifier, optional
            A classifier of another survey from whose network the training starts (K21
            Sect 4); the classes may be others. The trees start anew.
        layers : {"every", "last"}
            Which layers of a source's network learn.
        tree_share : float
            Weight of the trees in the mean of the two probabilities.
        trees : mapping
            Options of scikit-learn's HistGradientBoostingClassifier.
        **network
            Of `varstar.papers.k21.classifier.K21Classifier`: ``epochs``, ``hidden``, ...
        """
        table = all_features(curves, periods)
        options = {**NETWORK, **network, "seed": seed}
        if source is None:
            fitted = K21Classifier(**options).fit(table[FEATURES], labels)
        else:
            start = K21Classifier(**options)
            start.networks_ = list(source.networks)
            start.scaling_ = Scaler.from_dict(source.card["scalings"][0])
            start.classes_ = np.array(source.classes)
            fitted = start.transfer(table[FEATURES], labels, layers)
            self.card["training"]["source"] = source.card.get("name", "")
        seen = table[[*FEATURES, *SHAPE]].to_numpy(float)
        boosted = tree_code.boosted(seed, **trees).fit(seen, labels)
        self.card["network"] = {
            "name": "k21",
            "options": {"n_classes": len(self.classes), "hidden": list(fitted.hidden),
                        "dropout": fitted.dropout},
        }  # fmt: skip
        self.card["scalings"] = [fitted.scaling_.to_dict()] * len(fitted.networks_)
        self.card["range"] = fit_scaler(table[FEATURES], fitted.scaling).to_dict()
        self.card["tree_share"] = tree_share
        self._networks = tuple(fitted.networks_)
        self._parts = {"trees": tree_code.to_arrays(boosted, seen)}
