"""The experiments of K21 (Kim et al. 2021), step by step, for their notebook.

Two protocols run through all of them. ``"as_published"``: the stars that are reported on
also step the learning rate, choose the epoch and, with all others, fit the scaling (so
the authors' reference code). ``"clean"``: a part of the training stars does the first two,
the training stars alone fit the scaling, and the test is looked at once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from nested_pandas import NestedFrame

from varstar import taxonomy
from varstar.features import FEATURES, variability_features
from varstar.learning import trees as trees_
from varstar.learning.scaling import Scaler, as_features, fit_scaler
from varstar.learning.splits import stratified_part
from varstar.lightcurves.sample import light_curves
from varstar.papers.k21 import classifier as k21
from varstar.progress import tqdm

PROTOCOLS = ("as_published", "clean")


# --- data ---------------------------------------------------------------------------------


def features_of(
    sample: NestedFrame, bands: str | None, phases: str = "upsilon", workers: int = 1
) -> pd.DataFrame:
    """The sixteen features and ``status`` of a sample; a function of its content alone."""
    curves = light_curves(sample, bands)
    table = variability_features(curves, phases=phases, workers=workers)
    return table.set_index(sample.index)


def labelled(
    features: pd.DataFrame,
    labels: pd.Series,
    scheme: str | None = None,
    survey: str | None = None,
    classes: Sequence[str] | None = None,
    minimum: int = 0,
) -> tuple[pd.DataFrame, pd.Series]:
    """Features and classes of the stars that have both.

    Parameters
    ----------
    features, labels
        By star.
    scheme : str, optional
        Class scheme of `varstar.taxonomy`; the labels as they are by default.
    survey : str, optional
        Whose labels they are.
    classes : sequence of str, optional
        Only these.
    minimum : int
        Only classes with so many stars.
    """
    wanted = labels if scheme is None else taxonomy.to_classes(labels, scheme, survey)
    keep = (wanted.notna() & (features["status"] == "ok")).to_numpy(bool, copy=True)
    if classes is not None and len(classes):
        keep &= wanted.isin(list(classes)).to_numpy(bool)
    counts = wanted[keep].value_counts()
    keep &= wanted.isin(counts.index[counts >= minimum]).to_numpy(bool)
    return features.loc[keep, FEATURES], wanted[keep].astype(str)


# --- training -----------------------------------------------------------------------------


def _network(n_classes: int, n_features: int, hidden: tuple[int, ...], last_only: bool) -> Any:
    from varstar.papers.k21.network import build_k21, transferred

    network = build_k21(n_classes, n_features, hidden)
    return transferred(network, n_classes, last_only=True) if last_only else network


def run(
    features: pd.DataFrame,
    labels: pd.Series,
    test: np.ndarray,
    *,
    protocol: str = "clean",
    fraction: float = 1.0,
    source: "k21.K21Classifier | None" = None,
    layers: str = "every",
    hidden: Sequence[int] = (64, 128, 256),
    scaling: str = "published",
    epochs: int = 500,
    batch_size: int = 1024,
    seed: int = 0,
    weighted: bool = False,
    balanced: bool = False,
    log_train_score: bool = False,
    networks: dict | None = None,
) -> dict[str, Any]:
    """One training and its test.

    Parameters
    ----------
    features, labels
        Of all stars.
    test : ndarray of bool
        The stars to report on; the others are K21's D0.8.
    protocol : {"as_published", "clean"}
    fraction : float
        Share of D0.8, stratified, that is trained on.
    source : K21Classifier, optional
        Begin with its weights and keep its scaling (transfer); from scratch otherwise.
    layers : {"every", "last"}
        Which layers learn in a transfer.
    weighted, balanced : bool
        Loss weights (Eq 12), over-sampling.
    networks : dict, optional
        Compiled networks, used again in further runs; compiling takes longer than many
        runs. Filled here.

    Returns
    -------
    dict
        ``mc`` (of the test, at the chosen epoch), ``best_epoch``, ``history``,
        ``probability`` and ``predicted`` (of the test stars), ``classes``, ``weights``
        (of the network), ``scaling`` (state).
    """
    from varstar.learning.evaluate import mc
    from varstar.learning.training import seeded
    from varstar.papers.k21 import training
    from varstar.papers.k21.network import build_k21, transferred

    if protocol not in PROTOCOLS:
        raise ValueError(f"protocol: expected one of {PROTOCOLS}. Received: {protocol!r}")
    classes, y = np.unique(labels.to_numpy(str), return_inverse=True)
    rows, validation = training.training_rows(
        y, test, fraction, protocol, np.random.default_rng(seed)
    )
    if source is not None:
        scaler = source.scaling_
    else:
        scaler = fit_scaler(
            features if protocol == "as_published" else features.iloc[rows], scaling
        )
    x = scaler(as_features(features, scaler.columns))

    with seeded(seed):
        if source is None:
            fresh = build_k21(len(classes), x.shape[1], hidden)
        else:
            fresh = transferred(source.networks_[0], len(classes))
            hidden = source.hidden
    shape = (len(classes), x.shape[1], tuple(hidden), layers == "last")
    networks = {} if networks is None else networks
    if shape not in networks:
        networks[shape] = _network(*shape)
    network = networks[shape]
    network.set_weights(fresh.get_weights())
    history = training.train(
        network, x[rows], y[rows], x[validation], y[validation], epochs=epochs,
        batch_size=batch_size, seed=seed,
        weights=training.class_weights(y[rows], len(classes)) if weighted else None,
        balanced=balanced, log_train_score=log_train_score,
    )  # fmt: skip
    probability = training.predict(network, x[test])
    predicted = probability.argmax(axis=1)
    return {
        "mc": mc(y[test], predicted),
        "best_epoch": int(history["mc_val"].idxmax()),
        "history": history,
        "probability": probability,
        "predicted": classes[predicted],
        "classes": classes,
        "weights": network.get_weights(),
        "scaling": scaler.to_dict(),
    }


def classifier_of(result: Mapping[str, Any], hidden: Sequence[int] = (64, 128, 256)) -> Any:
    """The `K21Classifier` of a `run`."""
    from varstar.papers.k21.network import build_k21

    classifier = k21.K21Classifier(hidden=tuple(hidden), scaling=result["scaling"]["scaling"])
    classifier.classes_ = np.asarray(result["classes"])
    classifier.scaling_ = Scaler.from_dict(result["scaling"])
    classifier.n_features_in_ = len(classifier.scaling_.columns)
    network = build_k21(len(classifier.classes_), classifier.n_features_in_, hidden)
    network.set_weights(result["weights"])
    classifier.networks_, classifier.history_ = [network], [result["history"]]
    return classifier


def reported_stars(labels: pd.Series, share: float = 0.2, seed: int = 0) -> np.ndarray:
    """Mask of a random stratified test set."""
    return stratified_part(labels.to_numpy(str), share, np.random.default_rng([seed, 20210602]))


def repeats(
    features: pd.DataFrame,
    labels: pd.Series,
    n: int,
    *,
    share: float = 0.2,
    seed: int = 0,
    **options,
) -> dict[str, Any]:
    """`run` with `n` random splits: every Mc, and all of the best run (K21 Sect 3.3.2).

    Returns
    -------
    dict
        ``mc`` (list), ``best`` (a `run`'s result), ``best_test`` (its test mask).
    """
    scores, best, best_test = [], None, None
    options = {"networks": {}, **options}
    for k in tqdm(range(n), desc="repeats", disable=None, leave=False):
        test = reported_stars(labels, share, seed + k)
        result = run(features, labels, test, seed=seed + k, **options)
        scores.append(result["mc"])
        if best is None or result["mc"] > best["mc"]:
            best, best_test = result, test
    return {"mc": scores, "best": best, "best_test": best_test}


def architectures(
    features: pd.DataFrame, labels: pd.Series, names: Sequence[str], n: int, **options
) -> pd.DataFrame:
    """K21's Table 3: best, mean and SEM of Mc, and size, of each architecture."""
    from varstar.learning.evaluate import mean_sem
    from varstar.papers.k21.network import ARCHITECTURES, build_k21

    rows = []
    n_classes = labels.nunique()
    for name in names:
        hidden = ARCHITECTURES[name]
        scores = repeats(features, labels, n, hidden=hidden, **options)["mc"]
        mean, sem = mean_sem(scores)
        count = build_k21(n_classes, features.shape[1], hidden).count_params()
        rows.append((name, max(scores), mean, sem, count, count * 4 / 1024))
    columns = ["layers", "best_mc", "mean_mc", "sem", "parameters", "size_kb"]
    return pd.DataFrame(rows, columns=columns).set_index("layers")


#: The models that K21's Sect 4 compares.
MODELS = ("base", "scratch", "every-layer", "last-layer")


def transfer_curve(
    features: pd.DataFrame,
    labels: pd.Series,
    source: Any,
    fractions: Sequence[float],
    n: int,
    *,
    share: float = 0.2,
    models: Sequence[str] = MODELS,
    seed: int = 0,
    scaling: str = "published",
    **options,
) -> dict[str, Any]:
    """K21's Sect 4.1, steps 1 to 6: Mc of each model on each subset of D0.8.

    The base model is a scratch model on all of D0.8, trained apart with another seed.
    `source` is a `K21Classifier` or the result of a `run`.

    Returns
    -------
    dict
        ``table`` (one row a training: ``repeat``, ``model``, ``fraction``, ``stars``,
        ``mc``, ``best_epoch``), ``best`` (model -> the best run on the largest fraction,
        with ``test``), ``histories`` (model -> list of Mc by epoch, largest fraction).
    """
    source = source if isinstance(source, k21.K21Classifier) else classifier_of(source)
    rows: list[dict[str, Any]] = []
    best: dict[str, Any] = {}
    histories: dict[str, list] = {m: [] for m in models}
    largest = max(fractions)
    options = {"networks": {}, **options}
    jobs = [(k, m, f) for k in range(n) for m in models for f in fractions
            if m != "base" or f == largest]  # fmt: skip
    for k, model, fraction in tqdm(jobs, desc="transfer", disable=None, leave=False):
        test = reported_stars(labels, share, seed + k)
        kind = {} if model in ("base", "scratch") else {"source": source}
        result = run(
            features, labels, test, fraction=1.0 if model == "base" else fraction,
            layers="last" if model == "last-layer" else "every", scaling=scaling,
            seed=seed + k + (5000 if model == "base" else 0), **kind, **options,
        )  # fmt: skip
        rows.append({"repeat": k, "model": model, "fraction": fraction,
                     "stars": round((~test).sum() * fraction), "mc": result["mc"],
                     "best_epoch": result["best_epoch"]})  # fmt: skip
        if fraction == largest:
            histories[model].append(result["history"]["mc_val"].to_numpy())
            if model not in best or result["mc"] > best[model]["mc"]:
                best[model] = {**result, "test": test}
    return {"table": pd.DataFrame(rows), "best": best, "histories": histories}


def curve_summary(table: pd.DataFrame) -> pd.DataFrame:
    """Mean and SEM of Mc by model and fraction, and the mean best epoch."""
    groups = table.groupby(["model", "fraction"], sort=False)
    summary = groups.agg(
        mean_mc=("mc", "mean"), sem=("mc", "sem"), n=("mc", "size"), stars=("stars", "first"),
        best_epoch=("best_epoch", "mean"),
    )  # fmt: skip
    return summary.reset_index()


# --- other classifiers --------------------------------------------------------------------


def forest_search(
    features: pd.DataFrame,
    labels: pd.Series,
    test: np.ndarray,
    trees: Sequence[int],
    variables: Sequence[int],
    folds: int = 10,
    seed: int = 0,
) -> dict[str, Any]:
    """K21's random forest: trees t and variables m by cross-validation, then the test.

    Returns
    -------
    dict
        ``grid`` (Mc by t and m, from the folds), ``trees``, ``variables``, ``mc``,
        ``predicted`` (of the test stars), ``importance`` (by feature).
    """
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    from varstar.learning.evaluate import mc

    x = features.fillna(features[~test].median())
    y = labels.to_numpy(str)
    folds = min(folds, int(labels[~test].value_counts().min()))
    rows = []
    for t in trees:
        for m in variables:
            forest = trees_.forest(seed, n_estimators=t, max_features=m, n_jobs=-1)
            if len(trees) * len(variables) == 1 or folds < 2:
                score = np.nan
            else:
                cut = StratifiedKFold(folds, shuffle=True, random_state=seed)
                score = mc(y[~test], cross_val_predict(forest, x[~test], y[~test], cv=cut))
            rows.append((t, m, score))
    grid = pd.DataFrame(rows, columns=["trees", "variables", "mc"])
    best = grid.loc[grid["mc"].fillna(0).idxmax()]
    forest = trees_.forest(
        seed, n_estimators=int(best["trees"]), max_features=int(best["variables"]), n_jobs=-1
    ).fit(x[~test], y[~test])
    predicted = forest.predict(x[test])
    importance = dict(zip(features.columns, forest.feature_importances_.tolist(), strict=True))
    return {"grid": grid, "trees": int(best["trees"]), "variables": int(best["variables"]),
            "mc": mc(y[test], predicted), "predicted": predicted,
            "importance": importance}  # fmt: skip


def boosting(
    features: pd.DataFrame, labels: pd.Series, test: np.ndarray, seed: int = 0, **options
) -> dict[str, Any]:
    """Gradient-boosted trees (scikit-learn's histogram method) beside the others."""
    from varstar.learning.evaluate import mc

    y = labels.to_numpy(str)
    model = trees_.boosted(seed, **{"learning_rate": 0.08, "max_iter": 150, **options})
    predicted = model.fit(features[~test], y[~test]).predict(features[test])
    return {"mc": mc(y[test], predicted), "predicted": predicted}


# --- classes ------------------------------------------------------------------------------


def to_k21(labels: pd.Series, survey: str) -> pd.Series:
    """K21's sub-classes of Tab 4: as in Tab 1, with all long-period variables as "LPV"."""
    classes = taxonomy.to_classes(labels, "k21", survey).astype(object)
    slow = labels.astype(str).isin(["MIRA", "LPV", "M", "SR", "SRD", "LSP", "L"])
    classes[slow] = "LPV"
    return classes.map(coarse, na_action="ignore")


def coarse(name: str) -> str:
    """The sub-class of Tab 4 of one of K21's 21 classes (or of a survey's own nine)."""
    name = str(name)
    for own, ours in (("RRL RR", "RRL "), ("LPV", "LPV")):
        if name.startswith(own):
            return "LPV" if ours == "LPV" else ours + name[len(own) :]
    return name


def mc_by_class(true: Sequence[str], predicted: Sequence[str]) -> pd.Series:
    """Mc of each class against all others together, and of all classes ("Total")."""
    from varstar.learning.evaluate import mc

    true, predicted = np.asarray(true).astype(str), np.asarray(predicted).astype(str)
    scores = {c: mc((true == c).astype(str), (predicted == c).astype(str)) for c in np.unique(true)}
    return pd.Series({**scores, "Total": mc(true, predicted)}, name="mc")
