"""Forests and boosted trees as plain arrays: fitted by scikit-learn, kept without pickles.

Our own few arrays, because pickles die with each version of scikit-learn, and its
successors (skops, treelite) either need the same version or another compiled library.
`to_arrays` compares what they say with what scikit-learn says.
"""

from typing import Any

import numpy as np

#: Rows times trees handled at once.
_CHUNK = 1_000_000


def forest(seed: int = 0, **options: Any) -> Any:
    """An untrained random forest of scikit-learn; 100 trees unless `options` say otherwise."""
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(**{"random_state": seed, **options})


def boosted(seed: int = 0, **options: Any) -> Any:
    """Untrained boosted trees (scikit-learn's histogram method), never stopped early."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(
        **{"random_state": seed, "early_stopping": False, **options}
    )


def to_arrays(model: Any, x: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """The trees of a fitted scikit-learn model.

    Thresholds are kept in half precision (forests) or single precision (boosted trees)
    where that resolves them, in a longer one where a feature varies little around a large
    value.

    Parameters
    ----------
    model : HistGradientBoostingClassifier, RandomForestClassifier, ExtraTreesClassifier or
        IsolationForest
    x : ndarray, shape (n, n_features), optional
        Rows (training stars) for which the arrays must say what the model says.

    Returns
    -------
    dict of ndarray
        What `predict` needs. By node ``feature`` (-1 at a leaf of a forest),
        ``threshold``, ``left``, ``right`` (a leaf points to itself) and what the leaf says.

    Raises
    ------
    ValueError
        When the arrays' answers for `x` differ from the model's, or the model does not
        fit into the arrays.
    """
    if hasattr(model, "_predictors"):
        arrays, most = _of_boosted(model), 1e-3
    elif hasattr(model, "max_samples_"):
        arrays, most = _of_isolation(model), 0.02
    else:
        arrays, most = _of_forest(model), 0.02
    if x is not None:
        expected = -model.score_samples(x) if "path" in arrays else model.predict_proba(x)
        difference = float(np.abs(predict(arrays, x) - expected).mean())
        if not difference <= most:
            raise ValueError(
                f"expected the answers of {type(model).__name__} from its arrays. Received: a "
                f"mean difference of {difference:.3g}"
            )
    return arrays


def predict(arrays: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """What the fitted model says.

    Parameters
    ----------
    arrays : dict
        Of `to_arrays`.
    x : ndarray, shape (n, n_features)
        NaN where a feature is missing, of boosted trees only.

    Returns
    -------
    ndarray
        Probabilities, shape (n, n_classes); of an isolation forest its anomaly score
        ``2^-(mean path)``, shape (n,): near 1 for what few cuts isolate, below 0.5 for
        what lies among others.
    """
    if "baseline" in arrays:
        return _boosted_probabilities(arrays, np.asarray(x))
    x = np.asarray(x, np.float32)
    if "path" in arrays:
        return 2.0 ** -_mean_over_trees(arrays, x, arrays["path"][:, None])[:, 0]
    share = arrays["share"].astype(np.float32)
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1)
    return _mean_over_trees(arrays, x, share)


def _precise(threshold: np.ndarray, feature: np.ndarray, types: tuple) -> np.ndarray:
    """Thresholds in the shortest type that moves those of no feature by more than a
    fiftieth of their spread."""
    for kind in types[:-1]:
        with np.errstate(over="ignore", invalid="ignore"):
            short = threshold.astype(kind)
            # A split "is it missing?" has an infinite threshold, which does not move.
            moved = np.where(short == threshold, 0.0, np.abs(short - threshold))
        if all(
            moved[feature == k].max() <= max(0.02 * threshold[feature == k].std(), 1e-12)
            or (np.ptp(threshold[feature == k]) == 0 and moved[feature == k].max() <= 1e-3)
            for k in np.unique(feature[feature >= 0])
        ):  # fmt: skip
            return short
    return threshold.astype(types[-1])


# --- boosted trees ------------------------------------------------------------------------


def _of_boosted(model: Any) -> dict[str, np.ndarray]:
    trees = [(tree.nodes, k) for stage in model._predictors for k, tree in enumerate(stage)]
    if any(nodes["is_categorical"].any() for nodes, _ in trees):
        raise ValueError("expected trees without categorical features")
    first = np.cumsum([0, *(len(nodes) for nodes, _ in trees)])
    nodes = np.concatenate([nodes for nodes, _ in trees])
    offset = np.repeat(first[:-1], np.diff(first))
    leaf, own = nodes["is_leaf"].astype(bool), np.arange(len(nodes))
    feature = np.where(leaf, -1, nodes["feature_idx"].astype(np.int64))
    threshold = np.where(leaf, 0, nodes["num_threshold"])
    return {
        "first": first[:-1].astype(np.int32),
        "output": np.array([k for _, k in trees], np.int16),
        "baseline": np.asarray(model._baseline_prediction, float).ravel(),
        "feature": np.maximum(feature, 0).astype(np.int16),
        "threshold": _precise(threshold, feature, (np.float32, np.float64)),
        "left": np.where(leaf, own, nodes["left"] + offset).astype(np.int32),
        "right": np.where(leaf, own, nodes["right"] + offset).astype(np.int32),
        "missing_left": nodes["missing_go_to_left"].astype(bool),
        "value": np.where(leaf, nodes["value"], 0).astype(np.float32),
    }


def _boosted_probabilities(trees: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    x = x.astype(np.promote_types(trees["threshold"].dtype, np.float32))
    n_trees, n_outputs = len(trees["first"]), len(trees["baseline"])
    rows = max(1, _CHUNK // max(n_trees, 1))
    raw = np.tile(trees["baseline"], (len(x), 1))
    order = np.argsort(trees["output"], kind="stable")
    starts = np.searchsorted(trees["output"][order], np.arange(n_outputs))
    for begin in range(0, len(x), rows):
        part = x[begin : begin + rows]
        node = np.tile(trees["first"][order], (len(part), 1))
        row = np.arange(len(part))[:, None]
        while True:
            value = part[row, trees["feature"][node]]
            with np.errstate(invalid="ignore"):
                left = value <= trees["threshold"][node]
            left = np.where(np.isnan(value), trees["missing_left"][node], left)
            below = np.where(left, trees["left"][node], trees["right"][node])
            if np.array_equal(below, node):
                break
            node = below
        raw[begin : begin + rows] += np.add.reduceat(
            trees["value"][node].astype(float), starts, axis=1
        )
    if n_outputs == 1:
        p = 1 / (1 + np.exp(-raw[:, 0]))
        return np.stack([1 - p, p], axis=1)
    raw -= raw.max(axis=1, keepdims=True)
    p = np.exp(raw)
    return p / p.sum(axis=1, keepdims=True)


# --- forests ------------------------------------------------------------------------------


def _of_forest(model: Any) -> dict[str, np.ndarray]:
    """``share``, uint8 (n_nodes, n_classes): 255 times the class shares of a leaf."""
    arrays = _nodes(model)
    values = np.concatenate([e.tree_.value[:, 0, :] for e in model.estimators_])
    share = np.round(255 * values / values.sum(axis=1, keepdims=True))
    return {**arrays, "share": np.where(arrays["feature"][:, None] < 0, share, 0).astype(np.uint8)}


def _of_isolation(model: Any) -> dict[str, np.ndarray]:
    """``path``: depth of a leaf and the expected further depth of the samples in it, over
    the expected depth of all (Liu et al. 2008)."""
    paths = []
    for estimator in model.estimators_:
        tree = estimator.tree_
        depth = np.zeros(tree.node_count)
        for parent in range(tree.node_count):  # a child's number is above its parent's
            for child in (tree.children_left[parent], tree.children_right[parent]):
                if child > 0:
                    depth[child] = depth[parent] + 1
        paths.append(depth + average_path(tree.n_node_samples))
    whole = average_path(np.array([model.max_samples_]))[0]
    return {**_nodes(model), "path": (np.concatenate(paths) / whole).astype(np.float32)}


def average_path(n: np.ndarray) -> np.ndarray:
    """Mean depth of `n` samples in a random binary tree (Liu et al. 2008, Eq 1)."""
    n = np.asarray(n, float)
    safe = np.maximum(n, 3)
    value = 2 * (np.log(safe - 1) + np.euler_gamma) - 2 * (safe - 1) / safe
    return np.select([n < 2, n == 2], [0.0, 1.0], value)


def _nodes(model: Any) -> dict[str, np.ndarray]:
    trees = [e.tree_ for e in model.estimators_]
    size = np.array([t.node_count for t in trees])
    if size.max() > 65535 or model.n_features_in_ > 127:
        raise ValueError(
            f"expected trees of at most 65535 nodes and 127 features. Received: {size.max()}, "
            f"{model.n_features_in_}"
        )
    left, right, threshold, feature = (
        np.concatenate([getattr(t, name) for t in trees])
        for name in ("children_left", "children_right", "threshold", "feature")
    )
    leaf = left < 0
    own = np.concatenate([np.arange(n) for n in size])
    feature = np.where(leaf, -1, feature)
    types = (np.float16, np.float32, np.float64)
    return {
        "size": size.astype(np.int32),
        "feature": feature.astype(np.int8),
        "threshold": _precise(np.where(leaf, 0, threshold), feature, types),
        "left": np.where(leaf, own, left).astype(np.uint16),
        "right": np.where(leaf, own, right).astype(np.uint16),
    }


def _mean_over_trees(arrays: dict[str, np.ndarray], x: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Mean over the trees of `value` (n_nodes, k) at the leaf of each row of x."""
    size = arrays["size"].astype(np.int64)
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    start = np.repeat(first, size)
    left, right = (arrays[k].astype(np.int64) + start for k in ("left", "right"))
    feature = np.maximum(arrays["feature"], 0)
    threshold = arrays["threshold"]
    threshold = threshold.astype(np.promote_types(threshold.dtype, np.float32))
    out = np.empty((len(x), value.shape[1]))
    rows = max(1, _CHUNK // len(first))
    for begin in range(0, len(x), rows):
        part = x[begin : begin + rows]
        node = np.tile(first, (len(part), 1))
        row = np.arange(len(part))[:, None]
        while True:
            below = np.where(part[row, feature[node]] <= threshold[node], left[node], right[node])
            if np.array_equal(below, node):
                break
            node = below
        out[begin : begin + rows] = value[node].mean(axis=1)
    return out
