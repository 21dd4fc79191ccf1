"""Classifier of K21: light curves in, their features to the network and to boosted trees.

A card of this wing holds, besides what all have: ``scalings`` (a state of
`varstar.learning.scaling.Scaler` for each network), ``range`` (one of all
training stars, for ``out_of_range``), ``tree_share`` (weight of the boosted trees
``trees.npz`` in the mean of the two).
"""

from typing import ClassVar

import numpy as np
import pandas as pd

from varstar.features.fourier import UNDETERMINED
from varstar.features.shape import SEARCH, all_features
from varstar.learning import trees
from varstar.learning.scaling import Scaler, as_features
from varstar.lightcurves.sample import LightCurves
from varstar.models.classifier import Classifier, mean_prediction


class FeatureClassifier(Classifier):
    """Classes from K21's sixteen features and the shape over two periods.

    The models were trained on features at the strongest Lomb-Scargle period, which is
    half an eclipsing binary's own, so they get the same here: a given period is not used.
    """

    PERIODS = "found"
    SEARCH = SEARCH
    NEEDS_PERIOD = False
    COLUMNS: ClassVar = {"out_of_range": "Int64"}

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
        by_tree = trees.predict(self.part("trees"), x[[*inputs["features"], *inputs["shape"]]])
        probability = (1 - share) * by_network + share * by_tree
        outside = Scaler.from_dict(self.card["range"]).out_of_range(features)
        return probability, {"out_of_range": outside}
