"""What models see of one star and say about it: answers, inputs, and what the answers hang on."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar.classification import classify
from varstar.features.catch22 import catch22_features
from varstar.features.sequences import fold_sequences
from varstar.features.variability import FEATURES, variability_features
from varstar.lightcurves.sample import clean, light_curves
from varstar.models import available, load_classifier
from varstar.models.classifier import Classifier
from varstar.periods.find import COLUMNS, find_periods
from varstar.results import class_columns

#: Stars of a class whose numbers are measured, at most.
REFERENCE = 300
#: Side of the patch that is painted black, and its stride [pixels].
PATCH = 8
#: How a star's sequence is folded: as `ts19-catalina` does.
SEQUENCE = {"length": 128, "minimum": 20, "cut": "even", "epochs": "max"}
#: Whose eyes are lent where no model asked has such.
IMAGES, NUMBERS = "s20p-catalina", "k21-asas"


class Answer(NamedTuple):
    """What a model says of one star.

    Attributes
    ----------
    model : str
    classes : Series
        Probability by class, the highest first; empty where there is no answer.
    row : Series
        All columns of `varstar.classify`.
    error : str
        Why there is no row; "" where there is one.
    """

    model: str
    classes: pd.Series
    row: pd.Series
    error: str = ""


def ask(star: NestedFrame, name: str, model: Classifier, period: float) -> Answer:
    """The model's answer for one star at this period [d]; without one it finds its own."""
    try:
        with _quiet():
            table = classify(star, model, periods=period if period > 0 else None)
    except ValueError as error:  # one model's refusal is part of the page, beside the others
        return Answer(name, pd.Series(dtype=float), pd.Series(dtype=object), str(error))
    row = table.iloc[0]
    classes = row[class_columns(table)].astype(float).dropna()
    return Answer(name, classes.sort_values(ascending=False, kind="stable"), row)


class Image(NamedTuple):
    """A star as an image network sees it.

    Attributes
    ----------
    model : str
    pixels : ndarray of uint8, shape (rows, columns, channels)
    drop : ndarray of float, shape (rows, columns)
        How much the probability of `label` falls when the place is painted black in all
        channels.
    label : str
    probability : float
    status : str
        "ok", or why there is no image.
    """

    model: str
    pixels: np.ndarray
    drop: np.ndarray
    label: str
    probability: float
    status: str


def image(name: str, model: Classifier, star: NestedFrame, period: float) -> Image:
    """The image of a star at this period, and which part of it the answer hangs on.

    Of a model with several bands the bands stand among the channels.
    """
    inputs = model.card["inputs"]
    size = inputs["size"] if "size" in inputs else inputs["images"]["size"]
    size = tuple(np.broadcast_to(size, 2).tolist())
    nothing = Image(name, np.zeros((*size, 1), np.uint8), np.zeros(size), "", np.nan, "no period")
    x, status = _inputs(model, star, period)
    if x is None:
        return nothing._replace(status=status)
    whole = _drawn(x)[0]
    corners = [(r, c) for r in range(0, size[0], PATCH) for c in range(0, size[1], PATCH)
               if whole[r : r + PATCH, c : c + PATCH].any()]  # fmt: skip
    covered = np.repeat(whole[None], len(corners) + 1, axis=0)
    for k, (r, c) in enumerate(corners, start=1):
        covered[k, r : r + PATCH, c : c + PATCH] = 0
    probability, _ = model.predict(_with_drawn(x, covered))
    best = int(probability[0].argmax())
    drop = np.zeros(size)
    for (r, c), p in zip(corners, probability[1:, best], strict=True):
        drop[r : r + PATCH, c : c + PATCH] = probability[0, best] - p
    return Image(name, whole, drop, model.classes[best], probability[0, best], "ok")


def _drawn(x: Any) -> np.ndarray:
    """The images among a model's inputs, shape (n, rows, columns, channels)."""
    if isinstance(x, list):
        return x[0]
    images = x.images if x.images.ndim == 5 else x.images[..., None]
    n, bands, rows, columns, channels = images.shape
    return images.transpose(0, 2, 3, 1, 4).reshape(n, rows, columns, bands * channels)


def _with_drawn(x: Any, images: np.ndarray) -> Any:
    """The inputs of one star, with each of these images instead of its own."""
    n = len(images)
    if isinstance(x, list):
        return [images, *(np.repeat(part, n, axis=0) for part in x[1:])]
    bands, shape = x.images.shape[1], x.images.shape[2:]
    images = images.reshape(n, *images.shape[1:3], bands, -1).transpose(0, 3, 1, 2, 4)
    several = type(x)(*(np.repeat(part, n, axis=0) for part in x))
    return several._replace(images=images.reshape(n, bands, *shape))


def sequence(star: NestedFrame, period: float) -> tuple[np.ndarray, np.ndarray, str]:
    """Phase and scaled magnitude of the star's first folded sequence, and its status."""
    none = np.array([])
    if not period > 0:
        return none, none, "no period"
    with _quiet():
        found, status = fold_sequences(star, np.array([period]), **SEQUENCE)
    if status[0] != "ok":
        return none, none, str(status[0])
    steps = found.mask[0]
    return np.cumsum(found.x[0, steps, 0]), found.x[0, steps, 1], "ok"


def numbers(sample: NestedFrame, periods: np.ndarray, kind: str = "sixteen") -> pd.DataFrame:
    """The sixteen features of stars at these periods [d], phases over the whole circle; or,
    ``"catch22"``, those of the light curve in order of phase."""
    periods = np.asarray(periods, float)
    with _quiet():
        if kind == "catch22":
            return catch22_features(sample, series="folded", periods=periods)
        return variability_features(sample, periods, phases="arctan2")


def numbers_of(numbers_model: tuple[str, Classifier] | None) -> str:
    """Which `numbers` a model of "numbers" looks at."""
    return "catch22" if numbers_model and "columns" in numbers_model[1].card else "sixteen"


def reference(
    sample: NestedFrame, periods: np.ndarray, rows: np.ndarray, kind: str = "sixteen", seed: int = 0
) -> pd.DataFrame:
    """The `numbers` of at most `REFERENCE` of the stars `rows`, drawn by chance."""
    rows = rows[np.isfinite(periods[rows])]
    if len(rows) > REFERENCE:
        rows = np.sort(np.random.default_rng(seed).choice(rows, REFERENCE, replace=False))
    return numbers(sample.iloc[rows], periods[rows], kind).drop(columns="status")


def against(star: pd.Series, others: pd.DataFrame) -> pd.DataFrame:
    """A star's features among those of a class.

    Returns
    -------
    DataFrame
        One row a feature: ``value``; ``below``, per cent of the others that are smaller; and
        ``place``, ``q5``, ``q25``, ``q75``, ``q95``: in units of the others' half range from
        25 to 75 per cent about their median, where the star and their quantiles lie. NaN where
        fewer than ten others have the feature.
    """
    rows = {}
    for name in others.columns:
        value, known = float(star[name]), others[name].dropna().to_numpy(float)
        if len(known) < 10:
            rows[name] = dict.fromkeys(("below", "place", "q5", "q25", "q75", "q95"), np.nan)
        else:
            q5, q25, median, q75, q95 = np.percentile(known, [5, 25, 50, 75, 95])
            unit = (q75 - q25) / 2 or np.ptp(known) or 1.0
            below = 100 * np.mean(known < value) if np.isfinite(value) else np.nan
            places = {"place": value, "q5": q5, "q25": q25, "q75": q75, "q95": q95}
            rows[name] = {"below": below} | {k: (v - median) / unit for k, v in places.items()}
        rows[name]["value"] = value
    return pd.DataFrame.from_dict(rows, orient="index")


def without_each(model: Classifier, star: NestedFrame, period: float) -> tuple[pd.Series, str]:
    """How much the probability of a feature model's class falls without each of its features;
    of many the sixteen that matter most.

    A missing feature is what the model itself knows as such: the mean one to the networks,
    missing to the trees.

    Returns
    -------
    drop : Series
        By feature; empty where the model gives no answer.
    label : str
        The class, or why there is none.
    """
    x, status = _inputs(model, star, period)
    if x is None:
        return pd.Series(dtype=float), status
    names = [c for c in x.columns if c in model.card.get("columns", FEATURES)]
    table = pd.concat([x] * (len(names) + 1), ignore_index=True)
    for k, name in enumerate(names, start=1):
        table.loc[k, name] = np.nan
    probability, _ = model.predict(table)
    best = int(probability[0].argmax())
    drop = pd.Series(probability[0, best] - probability[1:, best], names)
    most = drop.abs().sort_values(ascending=False).index[: len(FEATURES)]
    return drop[[n for n in names if n in most]], model.classes[best]


class Eyes:
    """The models that an explorer asks, each read once."""

    def __init__(self) -> None:
        self._models: dict[str, Classifier] = {}

    def model(self, name: str) -> Classifier:
        """A model by name or folder."""
        if name not in self._models:
            self._models[name] = load_classifier(name)
        return self._models[name]

    def of_kind(self, kind: str, asked: list[str]) -> tuple[str, Classifier] | None:
        """The first model asked that looks at "images" or "numbers", else the shipped one that
        lends its eyes; None where it is not installed."""
        test, lent = {
            "images": (lambda card: {"size", "images"} & set(card["inputs"]), IMAGES),
            "numbers": (lambda card: {"scalings", "columns"} & set(card), NUMBERS),
        }[kind]
        for name in [*asked, *([lent] if lent in available() else [])]:
            if test(self.model(name).card):
                return name, self.model(name)
        return None


def _inputs(model: Classifier, star: NestedFrame, period: float) -> tuple[Any, str]:
    """What the model looks at, or None and why not."""
    with _quiet():
        curves = light_curves(star)
        if not len(curves.t):
            return None, "no points"
        curves, _ = model.choose_bands(curves, None)
        curves, status = clean(curves, model.min_points)
        if status[0] != "ok":
            return None, str(status[0])
        periods = pd.DataFrame(np.nan, index=[0], columns=COLUMNS)
        if model.PERIODS == "found":  # it was trained on found ones: its answer has its own
            periods = find_periods(curves, **model.SEARCH).reset_index(drop=True)
            period = float(periods["period"].iloc[0])
        elif model.PERIODS == "checked":  # as its answer says which
            given = period if period > 0 else None
            period = float(classify(star, model, periods=given)["period"].iloc[0])
        if model.NEEDS_PERIOD and not period > 0:
            return None, "no period"
        source = "found" if model.PERIODS == "found" else "given"
        x, status = model.inputs(curves, periods.assign(period=[period], source=source))
    return (x, "ok") if status[0] == "ok" else (None, str(status[0]))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warning that a star has several bands, at every step of a slider."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        yield
