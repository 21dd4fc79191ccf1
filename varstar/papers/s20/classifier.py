"""Classifier of S20: images of folded light curves in, probabilities out.

What a network sees is written in its card's ``inputs``: ``size`` [rows, columns],
``cycles``, ``scales`` (a channel each, see `SCALES`), ``epochs`` (what stands at
phase 0), ``period`` (whether log P is a second input), ``min_points``.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from varstar.features.images import draw
from varstar.lightcurves.folding import epoch_of_maximum
from varstar.lightcurves.sample import LightCurves
from varstar.models.classifier import Classifier
from varstar.models.ensemble import mean_prediction


def network_inputs(
    curves: LightCurves,
    period: np.ndarray,
    epoch: np.ndarray,
    inputs: Mapping[str, Any],
    keep: np.ndarray | None = None,
) -> list[np.ndarray]:
    """The arrays that the network takes: images, and log periods where it wants them.

    Parameters
    ----------
    curves : LightCurves
        Clean, every star with points.
    period, epoch : ndarray, shape (n_stars,)
        [d]
    inputs : mapping
        The card's.
    keep : ndarray of bool, shape (n_points,), optional
        Draw only these points (training leaves some out).
    """
    if keep is not None:
        curves = curves.where(keep)
    size = tuple(inputs["size"])
    images = np.empty((curves.n_stars, *size, len(inputs["scales"])), np.uint8)
    for k, scale in enumerate(inputs["scales"]):
        images[..., k] = draw(
            curves, period, epoch, size=size, scale=scale, cycles=inputs["cycles"]
        )
    return [images, log_period(period)] if inputs["period"] else [images]


def log_period(period: np.ndarray) -> np.ndarray:
    """(log10 P/d + 0.3) / 0.5 as float32, shape (n, 1): of order one for P = 0.05..50 d."""
    return ((np.log10(period) + 0.3) / 0.5).astype(np.float32)[:, None]


def to_classes(outputs: np.ndarray, card: Mapping[str, Any]) -> np.ndarray:
    """Probabilities of the card's classes from the network's outputs.

    A network may have been trained on finer classes (``outputs``: the class of each) and
    on a sample balanced otherwise than the sky: ``prior_ratio`` is each output's share
    in the training survey over its share in training (Bayes' theorem moves the
    probabilities from one to the other). ``class_weight`` then lifts rare classes, so
    that the most probable class is the best answer for macro F1.
    """
    outputs = outputs * np.asarray(card["prior_ratio"])
    member = np.asarray(card["outputs"], object)
    sums = np.stack([outputs[:, member == c].sum(axis=1) for c in card["classes"]], axis=1)
    sums = sums * np.asarray(card.get("class_weight", 1.0))
    return sums / sums.sum(axis=1, keepdims=True)


class ImageClassifier(Classifier):
    """Classes from images of folded light curves, and from periods where the card asks."""

    BINARIES = ("ECL",)
    INPUTS: ClassVar = {
        "size": [64, 128],
        "cycles": 1,
        "scales": ["bulk", "bulk-2mag"],
        "epochs": "max",
        "min_points": 20,
        "period": True,
    }

    def inputs(self, curves: LightCurves, periods: pd.DataFrame) -> tuple[list, np.ndarray]:
        """Images, and log periods: see `network_inputs`."""
        period, options = periods["period"].to_numpy(float), self.card["inputs"]
        epoch = np.zeros(len(period))
        if options["epochs"] == "max":
            epoch = epoch_of_maximum(curves, period)
        return network_inputs(curves, period, epoch, options), np.full(len(period), "ok")

    def predict(self, x: list[np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """The networks' mean, in the card's classes: see `to_classes`."""
        return to_classes(mean_prediction(self.predictors, x), self.card), {}

    def learn(
        self,
        curves: LightCurves,
        periods: pd.DataFrame,
        labels: np.ndarray,
        *,
        seed: int,
        epochs: int | None = None,
        learning_rate: float = 2e-3,
        members: int = 1,
        **network: Any,
    ) -> None:
        """Train networks of the architecture ``s20-light``.

        Parameters
        ----------
        curves, periods, labels, seed
            See `varstar.models.classifier.Classifier.learn`.
        epochs : int, optional
            40, and with few stars more: see `varstar.papers.s20.training.enough_epochs`.
        learning_rate : float
        members : int
            Networks whose probabilities are averaged.
        **network
            Further options of the architecture.
        """
        from varstar.papers.s20.training import enough_epochs, sampling, train_network

        code = np.searchsorted(self.classes, labels)
        inputs, n = self.card["inputs"], len(self.classes)
        ratio, chance = sampling(code, n)
        options = {
            "input_shape": [*inputs["size"], len(inputs["scales"])],
            "n_classes": n,
            "heads": ["period" if inputs["period"] else "image"],
            **network,
        }
        self.card |= {"outputs": self.classes, "prior_ratio": ratio.tolist()}
        self.card["network"] = {"name": "s20-light", "options": options}
        period, rows = periods["period"].to_numpy(float), np.arange(len(code))
        epochs = epochs or enough_epochs(len(rows))
        self._networks = tuple(
            train_network(
                options, curves, period, code, rows, chance / chance.sum(),
                inputs, epochs=epochs, learning_rate=learning_rate, seed=seed + 1000 * k,
            )
            for k in range(members)
        )  # fmt: skip
