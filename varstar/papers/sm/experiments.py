"""The experiment of Santomena & Mufti ("SM"), step by step, for its notebook.

Light curves -> classes -> a balanced training set and a natural test set -> cleaning ->
catch22 -> forest, ladder of dense networks; and light curves -> recurrent networks.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar import taxonomy
from varstar.features.catch22 import as_series
from varstar.learning import splits, trees
from varstar.learning.scaling import Scaler, fit_scaler
from varstar.lightcurves.sample import LightCurves, clean, light_curves, one_band

CLASSES = taxonomy.classes("sm")

#: The ladder of Sect. VI.B: rung (its name in published/sm.yaml) -> (network, options,
#: batch size). The paper prints neither widths nor batch sizes below the rungs that
#: change them: 32-16 and 128 are the house's. Batch normalisation gave less and is
#: dropped again after its rung.
LADDER: dict[str, tuple[str, dict[str, Any], int]] = {
    "first": ("sm-first", {"dropout": 0.5}, 128),
    "simple": ("sm", {"units": [32, 16], "dropout": 0.5, "l2": 0.0}, 128),
    "dropout": ("sm", {"units": [32, 16], "dropout": 0.2, "l2": 0.0}, 128),
    "batch": ("sm", {"units": [32, 16], "dropout": 0.2, "l2": 0.0}, 32),
    "batch_norm": ("sm", {"units": [32, 16], "dropout": 0.2, "l2": 0.0, "batch_norm": True}, 32),
    "wider": ("sm", {"units": [64, 32], "dropout": 0.2, "l2": 0.0}, 32),
    "widest": ("sm", {"units": [128, 64], "dropout": 0.2, "l2": 0.0}, 32),
    "l2": ("sm", {"units": [128, 64], "dropout": 0.2, "l2": 1e-4}, 32),
}


def class_counts(survey: str, size: int = 378_319) -> pd.Series:
    """Stars of each class of a survey, the most numerous first (Fig. 1).

    Of a simulated survey, which is endless, as many as `size` stars would have (no light
    curve is made for that); of a real one, those on disk.
    """
    from varstar.compendium.provenance import is_simulated

    if is_simulated(survey):
        from varstar.simulate import SURVEYS
        from varstar.simulate.plan import plan

        rows, row, _ = plan(SURVEYS[survey], size)
        counts = pd.Series(np.bincount(row, minlength=len(rows)), [r["label"] for r in rows])
        counts = counts.groupby(level=0).sum()
    else:
        import varstar as vs

        counts = vs.load(survey)["label"].value_counts()
    return counts[counts > 0].sort_values(ascending=False).rename("stars").rename_axis("class")


def load_parts(
    survey: str,
    *,
    scheme: str = "sm",
    train_stars: int | None = None,
    test_stars: int | None = None,
    bands: str | None = None,
    seed: int = 0,
) -> tuple[dict[str, NestedFrame], pd.DataFrame]:
    """Balanced training and validation sets and a test set with natural proportions.

    A simulated survey gives two skies, one balanced and one natural. The stars of a real
    survey are split first (70/10/20, by star and class), then the larger classes of the
    training and validation parts are cut down to `train_stars` / number of classes.

    Parameters
    ----------
    survey : str
    scheme : str
        Whose classes (`varstar.taxonomy`).
    train_stars, test_stars : int or None
        At most so many; None takes all (of a simulated survey, its own size).
    bands : str, optional
    seed : int

    Returns
    -------
    parts : dict of NestedFrame
        ``train``, ``validation``, ``test``, and ``natural``: other training stars, as
        many, in natural proportions. The class is in column ``sm_class``.
    left_out : DataFrame
        ``reason`` and ``stars``.
    """
    import varstar as vs
    from varstar.compendium.provenance import is_simulated

    if is_simulated(survey):
        classes = {"classes": "sm"} if scheme == "sm" else {}
        known = vs.load(
            survey, bands=bands, size=train_stars, seed=seed, balance="labels", **classes
        )
        natural = vs.load(survey, bands=bands, size=test_stars, seed=seed + 1, **classes)
        others = vs.load(survey, bands=bands, size=train_stars, seed=seed + 2, **classes)
        others, _ = usable(others, survey, scheme)
        known, left_out = usable(known, survey, scheme)
        test, left_out_test = usable(natural, survey, scheme)
        test = test.set_axis([f"test-{s}" for s in test.index]).rename_axis("star_id")
        part = splits.split_by_star(
            known["sm_class"], {"train": 0.85, "validation": 0.15}, seed=seed
        )
        left_out = pd.concat([left_out, left_out_test]).groupby("reason", as_index=False).sum()
    else:
        everything, left_out = usable(vs.load(survey, bands=bands), survey, scheme)
        shares = {"train": 0.7, "validation": 0.1, "test": 0.2}
        where = splits.split_by_star(everything["sm_class"], shares, seed=seed)
        test = everything[(where == "test").to_numpy()]
        if test_stars is not None and test_stars < len(test):
            test = test.sample(test_stars, random_state=seed)
        known = everything[(where != "test").to_numpy()]
        others = known if train_stars is None else known.sample(
            min(train_stars, len(known)), random_state=seed
        )  # fmt: skip
        keep = np.ones(len(known), bool)
        if train_stars is not None:
            most = train_stars // known["sm_class"].nunique()
            keep = splits.at_most(known["sm_class"].to_numpy(str), most, seed=seed)
        known, part = known[keep], where[where != "test"][keep]
    train, validation = (known[(part == p).to_numpy()] for p in ("train", "validation"))
    parts = {"train": train, "validation": validation, "test": test, "natural": others}
    return parts, left_out


def usable(
    sample: NestedFrame, survey: str, scheme: str = "sm", min_points: int = 10
) -> tuple[NestedFrame, pd.DataFrame]:
    """The stars of the scheme's classes with at least `min_points` points, and what was
    left out (``reason``, ``stars``)."""
    label = taxonomy.to_classes(sample["label"], scheme, survey=survey)
    _, status = clean(one_band(light_curves(sample)), min_points)
    reason = np.where(status != "ok", status, "")
    reason = np.where(label.isna(), f"no class of {scheme}", reason)
    left_out = pd.Series(reason[reason != ""], dtype=object).value_counts()
    kept = sample.assign(sm_class=label.astype(object))[reason == ""]
    return kept, left_out.rename_axis("reason").reset_index(name="stars")


def feature_scaler(train: pd.DataFrame) -> Scaler:
    """Standard scores by the training set's median and spread, within +-5; a missing
    value becomes 0, the median star."""
    return fit_scaler(train, centre="median", clip=5.0)


def forest(**options: Any) -> Any:
    """A random forest with the defaults of TensorFlow's ``RandomForestModel`` (Sect. VI.A:
    300 trees, depth 16, leaves of 5), in scikit-learn, untrained."""
    settings = {"n_estimators": 300, "max_depth": 16, "min_samples_leaf": 5}
    return trees.forest(**{**settings, **options})


def boosting(**options: Any) -> Any:
    """Gradient boosting by histograms (scikit-learn), untrained."""
    settings = {"max_iter": 120, "learning_rate": 0.08, "max_leaf_nodes": 15,
                "l2_regularization": 5.0, "early_stopping": "auto"}  # fmt: skip
    return trees.boosted(**{**settings, **options})


def fit_network(
    x: np.ndarray,
    labels: np.ndarray,
    x_validation: np.ndarray,
    labels_validation: np.ndarray,
    *,
    network: str = "sm",
    options: Mapping[str, Any] | None = None,
    classes: list[str] = CLASSES,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
    epochs: int = 50,
    patience: int | None = 8,
    seed: int = 0,
    folder: str | None = None,
) -> dict[str, Any]:
    """Train a network on feature rows or series with Adam and cross-entropy.

    Parameters
    ----------
    x, x_validation : ndarray, shape (n, n_inputs) or (n, n_steps, n_columns)
    labels, labels_validation : ndarray of str, shape (n,)
    network, options
        See `varstar.models.build`; input and output sizes follow from the data.
    classes : list of str
        Order of the outputs.
    batch_size, learning_rate, epochs, patience, seed
        The epoch with the best validation loss is kept.
    folder : path, optional
        Where the state between epochs is kept; a killed training goes on from there.

    Returns
    -------
    dict
        ``model`` and ``history``.
    """
    from varstar.learning.evaluate import one_hot
    from varstar.learning.training import array_batches, seeded, train
    from varstar.models import build
    from varstar.optional import keras

    sizes = {"n_classes": len(classes)}
    sizes |= {"n_inputs": x.shape[1]} if x.ndim == 2 else dict(
        zip(("n_steps", "n_columns"), x.shape[1:], strict=True)
    )  # fmt: skip
    with seeded(seed):
        model = build(network, **{**(options or {}), **sizes})
    model.compile(keras.optimizers.Adam(learning_rate), "categorical_crossentropy",
                  metrics=["accuracy"])  # fmt: skip
    y, y_validation = one_hot(labels, classes), one_hot(labels_validation, classes)
    history = train(
        model,
        lambda epoch: array_batches(x, y, batch_size, seed=seed + epoch),
        array_batches(x_validation, y_validation, 512),
        epochs=epochs, patience=patience, folder=folder, seed=seed, description=network,
    )  # fmt: skip
    return {"model": model, "history": history}


def outputs(model: Any, x: np.ndarray, batch_size: int = 2048) -> np.ndarray:
    """Class probabilities by a network, shape (n, n_classes)."""
    from varstar.learning.training import predict as network_outputs

    return network_outputs(model, x, batch_size)


def predict(model: Any, x: np.ndarray, classes: list[str] = CLASSES) -> np.ndarray:
    """The most probable class of each row, by a network or a scikit-learn model."""
    if hasattr(model, "classes_"):
        return np.asarray(model.predict(x)).astype(str)
    return np.array(classes)[outputs(model, x).argmax(axis=1)]


def windows(curves: LightCurves, n_steps: int = 15, *, seed: int = 0) -> np.ndarray:
    """A random run of `n_steps` successive points of each star (Sect. VI.C).

    Returns
    -------
    ndarray of float32, shape (n_stars, n_steps, 2)
        Days since the run's first point, in units of 100 d, and magnitude minus the
        star's mean; a shorter light curve is filled up with zeros.
    """
    rng = np.random.default_rng(seed)
    out = np.zeros((curves.n_stars, n_steps, 2), np.float32)
    for i in range(curves.n_stars):
        t, mag, _ = curves.one(i)
        if len(t):
            first = rng.integers(0, max(len(t) - n_steps, 0) + 1)
            run = slice(first, first + n_steps)
            out[i, : len(t[run]), 0] = (t[run] - t[run][0]) / 100
            out[i, : len(t[run]), 1] = mag[run] - mag.mean()
    return out


def padded(curves: LightCurves, n_steps: int | None = None) -> np.ndarray:
    """Whole light curves, filled up with zeros behind (Sect. VI.C); columns as in
    `windows`. `n_steps` cuts longer ones; by default the longest decides."""
    n_steps = int(curves.counts.max(initial=1)) if n_steps is None else n_steps
    out = np.zeros((curves.n_stars, n_steps, 2), np.float32)
    for i in range(curves.n_stars):
        t, mag, _ = curves.one(i)
        n = min(len(t), n_steps)
        if n:
            out[i, :n, 0] = (t[:n] - t[0]) / 100
            out[i, :n, 1] = mag[:n] - mag.mean()
    return out


def sequences(
    curves: LightCurves, series: str, periods: np.ndarray, n_steps: int = 64
) -> np.ndarray:
    """What the authors planned to try: equal steps, of time ("resampled") or of phase
    ("profile").

    Returns
    -------
    ndarray of float32, shape (n_stars, n_steps, 2 or 3)
        Standard score of the magnitude within the star and, the same at every step,
        log10 of the star's standard deviation [mag]; for "profile" also log10 of the
        period [d]. Zeros where a star has no series.
    """
    flat, _ = as_series(curves, series, periods, n_steps)
    values = flat.reshape(curves.n_stars, n_steps)
    spread = values.std(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        columns = [(values - values.mean(axis=1, keepdims=True)) / spread, np.log10(spread)]
        if series == "profile":
            columns.append(np.log10(periods)[:, None])
    out = np.stack([np.broadcast_to(c, values.shape) for c in columns], axis=2)
    return np.nan_to_num(out, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32)


def features(
    sample: NestedFrame, found: pd.DataFrame, *, series: str = "raw", n_steps: int = 200
) -> pd.DataFrame:
    """catch22 of a sample, and beside it what it cannot know.

    Parameters
    ----------
    sample : NestedFrame
    found : DataFrame
        Of `varstar.find_periods`.
    series, n_steps
        See `varstar.catch22_features`.

    Returns
    -------
    DataFrame
        catch22's 22 columns; ``log_std``, log10 of the standard deviation [mag];
        ``log_period``, log10 of the strongest period [d], its ``power``, and ``gain_2p``.
    """
    from varstar.features.catch22 import catch22_features

    table = catch22_features(
        sample, series=series, periods=found["period"], n_steps=n_steps, catch24=True
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        extra = {
            "log_std": np.log10(table["std"].where(table["std"] > 0)),
            "log_period": np.log10(found["period"].to_numpy(float)),
            "power": found["power"].to_numpy(float),
            "gain_2p": found["gain_2p"].to_numpy(float),
        }
    return table.drop(columns=["mean", "std", "status"]).assign(**extra)


def forest_score(
    train: pd.DataFrame,
    labels: np.ndarray,
    test: pd.DataFrame,
    test_labels: np.ndarray,
    model: Any = None,
) -> tuple[float, np.ndarray]:
    """Macro F1 of a forest (or another untrained `model`) on scaled features, and what it
    predicts."""
    from varstar.learning.evaluate import macro_f1

    scaler = feature_scaler(train)
    model = (forest() if model is None else model).fit(scaler(train), labels)
    predicted = predict(model, scaler(test))
    return macro_f1(test_labels, predicted), predicted


def augmentation_trial(
    sample: NestedFrame,
    test: pd.DataFrame,
    test_labels: np.ndarray,
    *,
    per_class: int,
    copies: int,
    period: str | None = None,
    seed: int = 0,
) -> dict[str, float]:
    """Does augmentation help? A forest on catch22 of few stars, three times.

    Parameters
    ----------
    sample : NestedFrame
        With ``sm_class``; `per_class` stars of each are drawn by `seed`.
    test : DataFrame
        catch22 of other stars.
    test_labels : ndarray of str
    per_class, copies : int
        Stars of each class, and synthetic light curves of each star.
    period : str, optional
        Column for the Gaussian processes, see `varstar.papers.sm.gaussian_process.copies`.
    seed : int

    Returns
    -------
    dict
        Macro F1 ``"none"``, with ``"noise"`` copies (S20), with ``"gp"`` copies.
    """
    from varstar.features.catch22 import catch22_features
    from varstar.lightcurves import augment
    from varstar.papers.sm import gaussian_process as augment_gp

    few = sample[splits.at_most(sample["sm_class"].to_numpy(str), per_class, seed=seed)]
    labels = few["sm_class"]
    real = catch22_features(few).drop(columns="status")
    each = (labels.value_counts() * (copies + 1)).to_dict()
    plan = augment.plan_copies(labels, each, seed=seed)
    made = plan[plan["copy"] > 0]
    curves, _ = clean(one_band(light_curves(few)))
    noise = augment.copies(curves, made, seed=seed)
    gp = augment_gp.copies(few, made, period=period, seed=seed)
    y, more = labels.to_numpy(str), made["label"].to_numpy(str)
    result = {"none": forest_score(real, y, test, test_labels)[0]}
    for name, synthetic in (("noise", noise), ("gp", gp)):
        table = pd.concat([real, catch22_features(synthetic).drop(columns="status")])
        result[name] = forest_score(table, np.concatenate([y, more]), test, test_labels)[0]
    return result
