"""Boosted trees as plain arrays: fitted by scikit-learn, kept and used without pickles."""

from typing import Any

import numpy as np

#: Stars times trees handled at once.
_CHUNK = 2_000_000


def to_arrays(model: Any) -> dict[str, np.ndarray]:
    """The trees of a fitted `HistGradientBoostingClassifier`.

    Returns
    -------
    dict of ndarray
        ``first`` (first node of each tree), ``output`` (class of each tree),
        ``baseline`` (n_outputs,), and by node ``feature``, ``threshold``, ``left``,
        ``right`` (node numbers; a leaf points to itself), ``missing_left``, ``value``.
    """
    nodes, first, output, start = [], [], [], 0
    for stage in model._predictors:
        for k, tree in enumerate(stage):
            nodes.append((tree.nodes, start))
            first.append(start)
            output.append(k)
            start += len(tree.nodes)
    parts: dict[str, list] = {name: [] for name in _NODE}
    for tree, offset in nodes:
        leaf = tree["is_leaf"].astype(bool)
        own = np.arange(len(tree)) + offset
        parts["feature"].append(np.where(leaf, 0, tree["feature_idx"]).astype(np.int16))
        parts["threshold"].append(np.where(leaf, 0, tree["num_threshold"]).astype(np.float32))
        parts["left"].append(np.where(leaf, own, tree["left"] + offset).astype(np.int32))
        parts["right"].append(np.where(leaf, own, tree["right"] + offset).astype(np.int32))
        parts["missing_left"].append(tree["missing_go_to_left"].astype(bool))
        parts["value"].append(np.where(leaf, tree["value"], 0).astype(np.float32))
    return {
        "first": np.array(first, np.int32),
        "output": np.array(output, np.int16),
        "baseline": np.asarray(model._baseline_prediction, float).ravel(),
        **{name: np.concatenate(values) for name, values in parts.items()},
    }


_NODE = ("feature", "threshold", "left", "right", "missing_left", "value")


def predict(trees: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """Probabilities, shape (n, n_classes), as the fitted model gives them.

    Parameters
    ----------
    trees : dict
        Of `to_arrays`.
    x : ndarray, shape (n, n_features)
        NaN where a feature is missing.
    """
    x = np.asarray(x, np.float32)
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
