"""Forests as plain arrays: fitted by scikit-learn, kept and used without pickles."""

from typing import Any

import numpy as np

#: Stars times trees handled at once.
_CHUNK = 500_000


def to_arrays(forest: Any) -> dict[str, np.ndarray]:
    """The trees of a fitted random forest or extra-trees classifier.

    Returns
    -------
    dict of ndarray
        ``first`` (first node of each tree); by node ``feature`` (-1 at a leaf),
        ``threshold``, ``left``, ``right`` (node numbers; a leaf points to itself) and
        ``share``, uint8 (n_nodes, n_classes): 255 times the class shares of a leaf.
    """
    parts: dict[str, list] = {k: [] for k in ("feature", "threshold", "left", "right", "share")}
    first, start = [], 0
    for estimator in forest.estimators_:
        tree = estimator.tree_
        leaf = tree.children_left < 0
        own = np.arange(tree.node_count)
        share = tree.value[:, 0, :] / tree.value[:, 0, :].sum(axis=1, keepdims=True)
        first.append(start)
        parts["feature"].append(np.where(leaf, -1, tree.feature).astype(np.int16))
        parts["threshold"].append(np.where(leaf, 0, tree.threshold).astype(np.float32))
        for side in ("left", "right"):
            child = getattr(tree, f"children_{side}")
            parts[side].append((np.where(leaf, own, child) + start).astype(np.int32))
        parts["share"].append(np.where(leaf[:, None], np.round(255 * share), 0).astype(np.uint8))
        start += tree.node_count
    return {
        "first": np.array(first, np.int32),
        **{k: np.concatenate(v) for k, v in parts.items()},
    }


def predict(arrays: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """Mean class shares of the leaves, shape (n, n_classes); the forest's probabilities to
    about 0.002.

    Parameters
    ----------
    arrays : dict
        Of `to_arrays`.
    x : ndarray, shape (n, n_features)
        Finite.
    """
    x = np.asarray(x, np.float32)
    out = np.zeros((len(x), arrays["share"].shape[1]))
    rows = max(1, _CHUNK // len(arrays["first"]))
    for begin in range(0, len(x), rows):
        part = x[begin : begin + rows]
        node = np.tile(arrays["first"], (len(part), 1))
        row = np.arange(len(part))[:, None]
        while True:
            feature = arrays["feature"][node]
            go_left = part[row, np.maximum(feature, 0)] <= arrays["threshold"][node]
            below = np.where(go_left, arrays["left"][node], arrays["right"][node])
            if np.array_equal(below, node):
                break
            node = below
        share = arrays["share"][node].astype(float)
        share /= share.sum(axis=2, keepdims=True)
        out[begin : begin + rows] = share.mean(axis=1)
    return out
