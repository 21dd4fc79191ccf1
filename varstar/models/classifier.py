"""The protocol of every classifier: light curves in, a table of classes out.

A paper's classifier is a subclass of `Classifier` that writes two methods::

    inputs(curves, periods) -> (x, status)       # what its networks or trees look at
    predict(x) -> (probability, columns)         # classes, and columns of its own

The base does the rest, in the same way for all: it chooses the band of each star, cleans
the light curves, finds periods (or takes the caller's), compares P with 2 P, and builds a
table of which names and dtypes are known before the first star (`Classifier.columns`).
What it says about a star does not depend on the other stars of the sample.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from varstar.lightcurves.folding import usable_periods
from varstar.lightcurves.sample import LightCurves, clean, light_curves, select_bands
from varstar.models import bands as band_choice
from varstar.models import store, training_card
from varstar.models.answer import column, labels
from varstar.models.ensemble import mean_prediction
from varstar.models.periods import given_periods

__all__ = ["Classifier", "mean_prediction"]

#: Stars that are looked at together.
CHUNK = 2048
#: False-alarm probability below which a found period is preferred to a given one, for
#: classifiers with the policy "checked".
SIGNIFICANT = 0.01


class Classifier:
    """Light curves in, class probabilities out; made from a card and what was trained.

    Parameters
    ----------
    card : mapping
        What the model is (`varstar.models.store`): ``classes``, ``inputs``, ...
    networks : sequence of keras.Model, optional
        Read from `folder` when first needed.
    parts : mapping of str to mapping of str to ndarray, optional
        Other trained arrays by name; read from `folder` when first needed.
    folder : path, optional
        Where the model was saved.

    Attributes
    ----------
    PERIODS : {"given", "found", "checked"}
        What becomes of periods that the caller gives. "given": they are used, and one is
        found only for a star without. "found": the model was trained on found periods,
        and every star's is found. "checked": every star's is found, and a given one
        serves where the found one is not significant. The answer's ``period`` and
        ``period_source`` are those of the period that was really used.
    SEARCH : dict
        Options of `varstar.find_periods`.
    NEEDS_PERIOD : bool
        Whether a star without a period cannot be classified.
    BINARIES : tuple of str
        Classes of eclipsing binaries. Where the classifier has one, a star whose period
        was found is looked at with P and with 2 P (see `choose`).
    COLUMNS : dict
        dtype of each further column that `predict` returns.
    INPUTS : dict
        The card's ``inputs`` of a classifier that `fit` trains.
    """

    PERIODS: ClassVar[str] = "given"
    SEARCH: ClassVar[dict[str, Any]] = {"double": False}
    NEEDS_PERIOD: ClassVar[bool] = True
    BINARIES: ClassVar[tuple[str, ...]] = ()
    COLUMNS: ClassVar[dict[str, str]] = {}
    INPUTS: ClassVar[dict[str, Any]] = {}

    def __init__(
        self,
        card: Mapping[str, Any],
        networks: Sequence[Any] | None = None,
        parts: Mapping[str, Mapping[str, np.ndarray]] | None = None,
        folder: str | Path | None = None,
    ) -> None:
        self.card = dict(card)
        self.folder = folder
        self._networks = networks
        self._parts = parts

    # --- what a wing writes -----------------------------------------------------------

    def inputs(self, curves: LightCurves, periods: pd.DataFrame) -> tuple[Any, np.ndarray]:
        """What the model looks at.

        Parameters
        ----------
        curves : LightCurves
            Clean (`varstar.lightcurves.sample.clean`), each star with enough points, in
            its chosen band.
        periods : DataFrame
            One row per star: ``period`` [d], ``source``, and the columns of
            `varstar.find_periods`, NaN where no search was made. With `NEEDS_PERIOD`
            every period is finite and positive.

        Returns
        -------
        x
            Of the stars whose status is "ok", in their order.
        status : ndarray of str, shape (n_stars,)
            "ok", or why the star cannot be classified.
        """
        raise TypeError(f"{type(self).__name__} must define inputs(curves, periods)")

    def predict(self, x: Any) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        """Probabilities, shape (n, n_classes), and the further columns `COLUMNS`."""
        raise TypeError(f"{type(self).__name__} must define predict(x)")

    def learn(
        self, curves: LightCurves, periods: pd.DataFrame, labels: np.ndarray, *, seed: int
    ) -> None:
        """Train on these stars (`curves` and `periods` as in `inputs`; a label each): set
        ``_networks``, ``_parts`` and what the card says of them."""
        raise TypeError(f"{type(self).__name__} cannot be trained: it has no learn(...)")

    # --- what a wing may change -------------------------------------------------------

    def choose_bands(
        self, curves: LightCurves, bands: Sequence[str] | None
    ) -> tuple[LightCurves, np.ndarray]:
        """Each star's measurements in one band, and the name of that band.

        The band that the model was trained in where the star has `min_points` in it, else
        the one in which the star has most. `bands`: choose among these only.
        """
        if bands is not None:
            curves = select_bands(curves, bands)
        return band_choice.choose(curves, band_choice.trained(self.card), self.min_points)

    def candidates(self, periods: pd.DataFrame) -> np.ndarray:
        """Periods [d] at which each star is looked at, shape (n_stars, n); NaN for none."""
        period = periods["period"].to_numpy(float)
        if not set(self.BINARIES) & set(self.classes):
            return period[:, None]
        found = (periods["source"] == "found").to_numpy()
        return np.column_stack([period, np.where(found, 2 * period, np.nan)])

    def choose(self, probability: np.ndarray) -> np.ndarray:
        """Which of the `candidates` each star keeps.

        A periodogram finds half of an eclipsing binary's orbit, and folded with that a
        binary looks like a pulsating star. So 2 P is kept where the probability of a
        binary at 2 P exceeds that of every class at P. Of 733 stars of Catalina South
        with found periods 64 % were right with the doubling that the periodogram itself
        suggests, 92 % with this rule (``s20p-catalina``, trained on that survey, where
        the rule was chosen). Rare pulsating stars pay for it: of simulated anomalous
        Cepheids a third is doubled too, of delta Scuti stars a quarter.

        Parameters
        ----------
        probability : ndarray, shape (n_candidates, n_stars, n_classes)
            NaN where a star was not looked at.
        """
        if len(probability) == 1:
            return np.zeros(probability.shape[1], int)
        binary = np.isin(self.classes, self.BINARIES)
        return (probability[1][:, binary].sum(axis=1) > probability[0].max(axis=1)).astype(int)

    # --- what was trained -------------------------------------------------------------

    @property
    def classes(self) -> list[str]:
        """Names of the classes, in the order of the probabilities."""
        return list(self.card["classes"])

    @property
    def min_points(self) -> int:
        """Fewest usable measurements of a star that is classified."""
        return int(self.card["inputs"].get("min_points", 2))

    @property
    def networks(self) -> tuple:
        """The trained networks, several where the model is an ensemble."""
        if self._networks is None:
            self._networks = store.load(self.folder)
        return tuple(self._networks)

    @property
    def predictors(self) -> tuple:
        """The networks as they predict: small dense ones without TensorFlow."""
        if self._networks is None and self.folder is not None:
            return store.predictors(self.folder)
        return self.networks

    def part(self, name: str) -> Mapping[str, np.ndarray]:
        """The trained arrays of the part `name`."""
        if self._parts is None or name not in self._parts:
            return store.arrays(self.folder, name)
        return self._parts[name]

    @staticmethod
    def load(folder: str | Path) -> "Classifier":
        """The classifier that was saved in `folder`, of the class that its card names."""
        from varstar.models import load_classifier

        return load_classifier(folder)

    def save(self, folder: str | Path) -> Path:
        """Write card, networks and arrays; an old model stays until the new one is whole."""
        return store.save(folder, self.card, self.networks, self._parts, half=False)

    @classmethod
    def fit(
        cls,
        sample: pd.DataFrame,
        labels: Any = "label",
        *,
        periods: Any = None,
        bands: str | Sequence[str] | None = None,
        inputs: Mapping[str, Any] | None = None,
        seed: int = 0,
        **training: Any,
    ) -> "Classifier":
        """Train a classifier on one's own stars.

        Parameters
        ----------
        sample : NestedFrame
        labels : str, Series or sequence
            The column of the classes, or a class per star; stars without one are left out.
        periods, bands
            As in `varstar.classify`.
        inputs : mapping, optional
            What differs from the paper's defaults, `INPUTS`.
        seed : int
        **training
            Of the wing's `learn`: ``epochs`` and others.

        Raises
        ------
        ValueError
            When fewer than two classes have at least two usable stars.
        """
        wing = cls.__module__.split(".")[-2].upper()
        card = {"paper": wing, "inputs": {**cls.INPUTS, **(inputs or {})}, "scores": {}}
        model = cls(card)
        label = training_card.labels_of(sample, labels)
        curves, bands = light_curves(sample), [bands] if isinstance(bands, str) else bands
        given, search = given_periods(sample, periods)
        curves, _ = model.choose_bands(curves, bands)
        rows = np.flatnonzero([name is not None for name in label])
        curves, status = clean(curves.stars(rows), model.min_points)
        search = None if search is None else search.iloc[rows].reset_index(drop=True)
        table = model._periods(curves, status == "ok", given[rows], search)
        no_period = table["period"].isna().to_numpy() & cls.NEEDS_PERIOD
        keep = np.flatnonzero((status == "ok") & ~no_period)
        y = label[rows][keep].astype(str)
        stars = training_card.counts(y)
        if sum(n > 1 for n in stars.values()) < 2:
            raise ValueError(
                "expected two classes or more with two or more usable stars. Received usable "
                f"stars: {stars}, of {len(rows)} with a label"
            )
        curves, table = curves.stars(keep), table.iloc[keep].reset_index(drop=True)
        model.card["classes"] = list(stars)
        if not model.card["inputs"].get("bands"):
            model.card["inputs"]["bands"] = sorted({curves.bands[k] for k in curves.band})
        model.card["training"] = {"stars": stars, "seed": seed, **training}
        if "out_of_range" not in cls.COLUMNS:
            model.card["ranges"] = training_card.ranges(curves, table["period"].to_numpy())
        model.learn(curves, table, y, seed=seed, **training)
        return model

    # --- the answer -------------------------------------------------------------------

    @classmethod
    def columns(cls, card: Mapping[str, Any]) -> dict[str, str]:
        """Name and dtype of each column of the answer, known without a star."""
        ranges = {"out_of_range": "Int64"} if "ranges" in card else {}
        return {
            "label": "str",
            "probability": "float64",
            **dict.fromkeys(card["classes"], "float64"),
            **cls.COLUMNS,
            "bands_used": "str",
            "n_points": "int64",
            **ranges,
            "fap": "float64",
            "period": "float64",
            "period_source": "str",
            "status": "str",
        }

    def classify(
        self, sample: pd.DataFrame, *, periods: Any = None, bands: str | Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Classify every star; see `varstar.classify`."""
        curves = light_curves(sample)
        bands = [bands] if isinstance(bands, str) else bands
        given, search = given_periods(sample, periods)
        counts = curves.counts
        if len(curves.t):
            curves, used = self.choose_bands(curves, bands)
        else:
            used = np.full(curves.n_stars, "", object)
        answers = []
        for first in range(0, curves.n_stars, CHUNK):
            rows = np.arange(first, min(first + CHUNK, curves.n_stars))
            found = None if search is None else search.iloc[rows].reset_index(drop=True)
            answers.append(self._answer(curves.stars(rows), given[rows], found, used[rows]))
        dtypes = self.columns(self.card)
        table = {
            name: column(np.concatenate([a[name] for a in answers]) if answers else [], dtype)
            for name, dtype in dtypes.items()
        }
        table = pd.DataFrame(table, index=sample.index)
        lost = (table["status"] == "no points").to_numpy() & (counts > 0)
        if lost.any():
            names = ", ".join(bands or curves.bands)
            table.loc[lost, "status"] = f"no points in the bands {names}"
        return table

    def _answer(
        self, curves: LightCurves, given: np.ndarray, search: Any, used: np.ndarray
    ) -> dict[str, np.ndarray]:
        """The columns of some stars."""
        curves, status = clean(curves, self.min_points)
        status = np.asarray(status, object)
        periods = self._periods(curves, status == "ok", given, search)
        trial = self.candidates(periods)
        looks = [self._look(curves, periods.assign(period=p), status, k) for k, p in
                 enumerate(trial.T)]  # fmt: skip
        kept = self.choose(np.stack([look["probability"] for look in looks]))
        stars = np.arange(curves.n_stars)
        answer = {name: np.stack([look[name] for look in looks])[kept, stars] for name in looks[0]}
        period, p = trial[stars, kept], answer.pop("probability")
        columns = {
            **labels(p, self.classes),
            "bands_used": used,
            "n_points": curves.counts,
            "fap": periods["fap"].to_numpy(float),
            "period": period,
            "period_source": np.where(np.isnan(period), "none", periods["source"]),
        }
        if "ranges" in self.card:
            outside = training_card.outside(self.card["ranges"], curves, period)
            columns["out_of_range"] = np.where(np.isnan(columns["probability"]), np.nan, outside)
        if "bands_used" in answer:  # a model of several bands
            answer["bands_used"] = np.where(used == "", answer["bands_used"], used)
        return columns | answer

    def _periods(
        self, curves: LightCurves, ok: np.ndarray, given: np.ndarray, search: Any
    ) -> pd.DataFrame:
        """The period of each star, its source, and what the search said."""
        from varstar.periods.find import COLUMNS, find_periods

        if search is None:
            todo = np.flatnonzero(ok if self.PERIODS != "given" else ok & np.isnan(given))
            found = (
                find_periods(curves.stars(todo), **self.SEARCH).set_index(todo)
                if len(todo)
                else pd.DataFrame(columns=COLUMNS, dtype=float)
            )
            search = found.reindex(range(curves.n_stars))
        period = usable_periods(search["period"].to_numpy(float))
        use = np.isfinite(given) & (self.PERIODS != "found")
        if self.PERIODS == "checked":
            use &= ~(search["fap"].to_numpy(float) < SIGNIFICANT)
        source = np.where(use, "given", np.where(np.isnan(period), "none", "found"))
        return search.assign(period=np.where(use, given, period), source=source)

    def _look(
        self, curves: LightCurves, periods: pd.DataFrame, status: np.ndarray, k: int
    ) -> dict[str, np.ndarray]:
        """Probabilities, further columns and status with the k-th candidate period."""
        n = curves.n_stars
        status = status.copy()
        has_period = periods["period"].notna().to_numpy()
        if k or self.NEEDS_PERIOD:
            status[(status == "ok") & ~has_period] = "no period"
        empty = {name: "" if dtype == "str" else np.nan for name, dtype in self.COLUMNS.items()}
        look: dict[str, np.ndarray] = {
            "probability": np.full((n, len(self.classes)), np.nan),
            **{name: np.full(n, v, object if v == "" else float) for name, v in empty.items()},
        }
        rows = np.flatnonzero(status == "ok")
        if len(rows):
            part = periods.iloc[rows].reset_index(drop=True)
            x, status[rows] = self.inputs(curves.stars(rows), part)
            rows = np.flatnonzero(status == "ok")
        if len(rows):
            p, columns = self.predict(x)
            for name, values in {"probability": p, **columns}.items():
                look[name][rows] = values
        return look | {"status": status}
