"""K21 (Kim et al. 2021): sixteen features in, classes out, and transfer between surveys.

The front door is `K21Classifier`, the paper's appendix in scikit-learn's manner::

    features = vs.variability_features(sample)
    source = K21Classifier().fit(features, labels)
    target = source.transfer(other_features, other_labels, layers="every")
    target.predict(more_features)
    target.save("folder"); K21Classifier.load("folder")

and `varstar.classify(sample, model="k21-...")` for the models that ship with varstar.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, check_is_fitted, check_X_y

from varstar import paths
from varstar.features.variability import FEATURES
from varstar.learning.scaling import Scaler, as_features, fit_scaler
from varstar.learning.splits import stratified_part


class K21Classifier(ClassifierMixin, BaseEstimator):
    """K21's network with its scaling and its training, for tables of features.

    Parameters
    ----------
    hidden : tuple of int
        Neurons of the hidden layers.
    epochs, batch_size : int
    learning_rate : float
        Of the start of each cycle.
    weight_class : bool
        Weight the loss by K21's Eq 12.
    balanced_sampling : bool
        Over-sample the smaller classes.
    validation : float
        Share of the training stars that steps the rate and chooses the epoch, when
        `fit` is given no validation set of its own.
    scaling : {"published", "log"}
        See `varstar.learning.scaling.Scaler`.
    dropout : float
        None in K21.
    n_networks : int
        Networks trained with different seeds and validation parts, whose probabilities
        are averaged; one in K21.
    seed : int
    columns : list of str, optional
        The features to use; by default the sixteen of a table that has them, else all.

    Attributes
    ----------
    classes_ : ndarray
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        When it was fitted on a table.
    networks_ : list of keras.Model
    scaling_ : varstar.learning.scaling.Scaler
    history_ : list of DataFrame
    """

    def __init__(
        self,
        hidden: tuple[int, ...] = (64, 128, 256),
        epochs: int = 500,
        batch_size: int = 1024,
        learning_rate: float = 0.1,
        weight_class: bool = False,
        balanced_sampling: bool = False,
        validation: float = 0.2,
        scaling: str = "published",
        dropout: float = 0.0,
        n_networks: int = 1,
        seed: int = 0,
        columns: list[str] | None = None,
    ) -> None:
        self.hidden = hidden
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_class = weight_class
        self.balanced_sampling = balanced_sampling
        self.validation = validation
        self.scaling = scaling
        self.dropout = dropout
        self.n_networks = n_networks
        self.seed = seed
        self.columns = columns

    def fit(self, X: Any, y: Any) -> "K21Classifier":
        """Train from scratch.

        Parameters
        ----------
        X : DataFrame or array, shape (n_stars, n_features)
            Unscaled features, as of `varstar.variability_features`; NaN allowed.
        y : array, shape (n_stars,)
            Classes.
        """
        from varstar.papers.k21.network import build_k21

        table, y = self._features(X, y)
        self.scaling_ = fit_scaler(table, self.scaling)

        def start(n_classes: int) -> Any:
            return build_k21(n_classes, len(table.columns), self.hidden, self.dropout)

        return self._train(start, table, y)

    def _features(self, X: Any, y: Any) -> tuple[pd.DataFrame, np.ndarray]:
        """The features of a training set as a table; notes their number and names."""
        named = isinstance(X, pd.DataFrame)
        names = self.columns
        if names is None and named:
            names = FEATURES if set(FEATURES) <= set(X.columns) else list(X.columns)
        values = as_features(X, names) if named else X
        values, y = check_X_y(values, y, dtype=float, ensure_all_finite=False, estimator=self)
        check_classification_targets(y)
        if names is None:
            n = values.shape[1]
            names = FEATURES if n == len(FEATURES) else [f"x{k}" for k in range(n)]
        table = as_features(values, names)
        self.n_features_in_ = table.shape[1]
        self.feature_names_in_ = np.array(list(table.columns), object)
        if not named:
            del self.feature_names_in_
        return table, y

    def _table(self, X: Any) -> pd.DataFrame:
        """Features to predict from, as a table: by name, or an array in the order of `fit`."""
        check_is_fitted(self, "networks_")
        columns = self.scaling_.columns
        if isinstance(X, pd.DataFrame) and set(map(str, X.columns)) >= set(map(str, columns)):
            return as_features(X, columns)
        if isinstance(X, pd.DataFrame) and hasattr(self, "feature_names_in_"):
            return as_features(X, columns)  # says which are missing
        values = check_array(X, dtype=float, ensure_all_finite=False, estimator=self)
        if values.shape[1] != len(columns):
            raise ValueError(
                f"X has {values.shape[1]} features, but {type(self).__name__} is expecting "
                f"{len(columns)} features as input"
            )
        return as_features(values, columns)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags

    def transfer(
        self, features: Any, labels: Any, layers: str = "every", **changes
    ) -> "K21Classifier":
        """A new classifier for another survey's classes, begun from this one's weights.

        Classes may be added, removed, or be all others. The scaling is kept: a feature
        means the same to the network in both surveys.

        Parameters
        ----------
        features, labels
            Of the target survey.
        layers : {"every", "last"}
            Which layers learn (K21 Sect 4.1).
        **changes
            Parameters that differ from this classifier's.
        """
        from varstar.papers.k21.network import transferred

        if layers not in ("every", "last"):
            raise ValueError(f"layers: expected 'every' or 'last'. Received: {layers!r}")
        check_is_fitted(self, "networks_")
        target = K21Classifier(**{**self.get_params(), **changes})
        target.scaling_, target.columns = self.scaling_, self.scaling_.columns
        table, labels = target._features(features, labels)
        sources = iter(np.resize(np.arange(len(self.networks_)), target.n_networks))

        def start(n_classes: int) -> Any:
            return transferred(self.networks_[next(sources)], n_classes, layers == "last")

        return target._train(start, table, labels)

    def _train(self, start: Any, table: pd.DataFrame, labels: Any) -> "K21Classifier":
        from varstar.learning.training import seeded
        from varstar.papers.k21 import training

        labels = np.asarray(labels)
        labels = labels.astype(str) if labels.dtype == object else labels
        if len(labels) != len(table):
            raise ValueError(f"expected {len(table)} labels. Received: {len(labels)}")
        self.classes_, y = np.unique(labels, return_inverse=True)
        self.n_features_in_ = table.shape[1]
        n_classes = len(self.classes_)
        if n_classes < 2:
            raise ValueError(
                f"expected two classes or more. Received one class: {self.classes_.tolist()}"
            )
        x = self.scaling_(table)
        weights = training.class_weights(y, n_classes) if self.weight_class else None
        self.networks_, self.history_ = [], []
        for k in range(self.n_networks):
            seed = self.seed + 1000 * k
            part = stratified_part(y, self.validation, np.random.default_rng(seed))
            with seeded(seed):
                network = start(n_classes)
            chosen = part if part.any() else ~part
            history = training.train(
                network,
                x[~part],
                y[~part],
                x[chosen],
                y[chosen],
                epochs=self.epochs,
                batch_size=self.batch_size,
                seed=seed,
                weights=weights,
                balanced=self.balanced_sampling,
                rate=self.learning_rate,
            )
            self.networks_.append(network)
            self.history_.append(history)
        return self

    def predict_proba(self, features: Any) -> np.ndarray:
        """Probabilities, shape (n, n_classes); never NaN (see `out_of_range`)."""
        from varstar.papers.k21.training import predict

        table = self._table(features)
        x = self.scaling_(table)
        return np.mean([predict(network, x) for network in self.networks_], axis=0)

    def predict(self, features: Any) -> np.ndarray:
        """The most probable class of each star."""
        probability = self.predict_proba(features)
        return self.classes_[probability.argmax(axis=1)]

    def out_of_range(self, features: Any) -> np.ndarray:
        """For each star how many features are missing or beyond those trained on.

        Such a star gets probabilities all the same: a missing feature counts as the mean
        one, and scaled features are cut at `varstar.learning.scaling.CUT` standard deviations.
        """
        table = self._table(features)
        return self.scaling_.out_of_range(table)

    def save(self, folder: str | Path) -> Path:
        """Write the classifier as weights and JSON; returns the folder."""
        check_is_fitted(self, "networks_")
        folder = Path(folder)
        content = {
            "parameters": self.get_params(),
            "classes": self.classes_.tolist(),
            "scaling": self.scaling_.to_dict(),
            "networks": len(self.networks_),
        }
        with paths.atomic(folder) as temporary:
            temporary.mkdir()
            for k, network in enumerate(self.networks_):
                network.save_weights(temporary / f"network{k}.weights.h5")
            text = json.dumps(content, indent=1)
            (temporary / "classifier.json").write_text(text, encoding="utf-8")
        return folder

    @classmethod
    def load(cls, folder: str | Path) -> "K21Classifier":
        """A classifier that was saved."""
        from varstar.papers.k21.network import build_k21

        path = Path(folder) / "classifier.json"
        if not path.is_file():
            raise FileNotFoundError(f"expected a saved classifier in {folder}: no {path.name}")
        content = json.loads(path.read_text())
        parameters = content["parameters"]
        parameters["hidden"] = tuple(parameters["hidden"])
        classifier = cls(**parameters)
        classifier.classes_ = np.array(content["classes"])
        classifier.scaling_ = Scaler.from_dict(content["scaling"])
        classifier.n_features_in_ = len(classifier.scaling_.columns)
        classifier.networks_, classifier.history_ = [], []
        for k in range(content["networks"]):
            network = build_k21(
                len(classifier.classes_), classifier.n_features_in_, classifier.hidden,
                classifier.dropout,
            )  # fmt: skip
            network.load_weights(Path(folder) / f"network{k}.weights.h5")
            classifier.networks_.append(network)
        return classifier
