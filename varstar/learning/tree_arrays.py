"""Forests as plain arrays: fitted by scikit-learn, kept and used without pickles.

Thresholds are kept in half precision: what is said about a star is what these arrays say,
in fitting as in use.
"""

from typing import Any

import numpy as np

#: Stars times trees handled at once.
_CHUNK = 500_000


def to_arrays(forest: Any) -> dict[str, np.ndarray]:
    """The trees of a fitted random forest or extra-trees classifier.

    Returns
    -------
    dict of ndarray
        ``size`` (nodes of each tree); by node ``feature`` (-1 at a leaf), ``threshold``,
        ``left``, ``right`` (node of the same tree; a leaf points to itself) and
        ``share``, uint8 (n_nodes, n_classes): 255 times the class shares of a leaf.
    """
    arrays = _nodes(forest)
    values = np.concatenate([e.tree_.value[:, 0, :] for e in forest.estimators_])
    share = np.round(255 * values / values.sum(axis=1, keepdims=True))
    leaf = arrays["feature"] < 0
    return {**arrays, "share": np.where(leaf[:, None], share, 0).astype(np.uint8)}


def predict(arrays: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """Mean class shares of the leaves, shape (n, n_classes): the forest's probabilities but
    for rounding.

    Parameters
    ----------
    arrays : dict
        Of `to_arrays`.
    x : ndarray, shape (n, n_features)
        Finite.
    """
    share = arrays["share"].astype(np.float32)
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1)
    return _mean_over_trees(arrays, x, share)


def isolation_to_arrays(forest: Any) -> dict[str, np.ndarray]:
    """The trees of a fitted isolation forest (Liu et al. 2008).

    Returns
    -------
    dict of ndarray
        As `to_arrays`, with ``path`` instead of ``share``: the depth of a leaf and the
        expected further depth of the samples in it, over the expected depth of all.
    """
    paths = []
    for estimator in forest.estimators_:
        tree = estimator.tree_
        depth = np.zeros(tree.node_count)
        for parent in range(tree.node_count):  # a child's number is above its parent's
            for child in (tree.children_left[parent], tree.children_right[parent]):
                if child > 0:
                    depth[child] = depth[parent] + 1
        paths.append(depth + average_path(tree.n_node_samples))
    whole = average_path(np.array([forest.max_samples_]))[0]
    return {**_nodes(forest), "path": (np.concatenate(paths) / whole).astype(np.float32)}


def isolation(arrays: dict[str, np.ndarray], x: np.ndarray) -> np.ndarray:
    """Anomaly score ``2^-(mean path)``, shape (n,): near 1 for what few cuts isolate, below
    0.5 for what lies among others."""
    return 2.0 ** -_mean_over_trees(arrays, x, arrays["path"][:, None])[:, 0]


def average_path(n: np.ndarray) -> np.ndarray:
    """Mean depth of `n` samples in a random binary tree (Liu et al. 2008, Eq 1)."""
    n = np.asarray(n, float)
    safe = np.maximum(n, 3)
    value = 2 * (np.log(safe - 1) + np.euler_gamma) - 2 * (safe - 1) / safe
    return np.select([n < 2, n == 2], [0.0, 1.0], value)


def _nodes(forest: Any) -> dict[str, np.ndarray]:
    parts: dict[str, list] = {k: [] for k in ("feature", "threshold", "left", "right")}
    size = []
    for estimator in forest.estimators_:
        tree = estimator.tree_
        leaf = tree.children_left < 0
        own = np.arange(tree.node_count)
        size.append(tree.node_count)
        parts["feature"].append(np.where(leaf, -1, tree.feature).astype(np.int8))
        parts["threshold"].append(np.where(leaf, 0, tree.threshold).astype(np.float16))
        for side in ("left", "right"):
            child = getattr(tree, f"children_{side}")
            parts[side].append(np.where(leaf, own, child).astype(np.uint16))
    if max(size) > 65535 or forest.n_features_in_ > 127:
        raise ValueError(f"expected small trees of few features. Received: {max(size)} nodes")
    return {"size": np.array(size, np.int32), **{k: np.concatenate(v) for k, v in parts.items()}}


def _mean_over_trees(arrays: dict[str, np.ndarray], x: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Mean over the trees of `value` (n_nodes, k) at the leaf of each row of x."""
    x = np.asarray(x, np.float32)
    size = arrays["size"].astype(np.int64)
    first = np.concatenate([[0], np.cumsum(size)[:-1]])
    start = np.repeat(first, size)
    left, right = (arrays[k].astype(np.int64) + start for k in ("left", "right"))
    feature = np.maximum(arrays["feature"], 0)
    threshold = arrays["threshold"].astype(np.float32)
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
