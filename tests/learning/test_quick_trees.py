"""All nodes at once says what walking down the trees says."""

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from varstar.learning import quick_trees, trees


@pytest.mark.parametrize(("classes", "leaves"), [(2, 31), (4, 8), (3, 64)])
def test_the_same_probabilities_as_the_fitted_model(classes, leaves):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 6)).astype(np.float32)
    x[rng.random(x.shape) < 0.2] = np.nan
    y = rng.integers(0, classes, 600) + (np.nan_to_num(x[:, 0]) > 0)
    y = np.minimum(y, classes - 1)
    model = HistGradientBoostingClassifier(max_iter=7, max_leaf_nodes=leaves, random_state=0)
    arrays = trees.to_arrays(model.fit(x, y))
    fast = quick_trees.predict(quick_trees.prepare(arrays), x)
    np.testing.assert_allclose(fast, model.predict_proba(x), atol=1e-5)
    np.testing.assert_allclose(fast, trees.predict(arrays, x), atol=1e-6)


def test_trees_of_one_leaf_and_too_many_leaves():
    x = np.random.default_rng(1).normal(size=(50, 2)).astype(np.float32)
    model = HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=100)
    arrays = trees.to_arrays(model.fit(x, np.arange(50) % 2))
    fast = quick_trees.predict(quick_trees.prepare(arrays), x)
    np.testing.assert_allclose(fast, 0.5, atol=1e-6)
    big = HistGradientBoostingClassifier(max_iter=1, max_leaf_nodes=100, min_samples_leaf=1)
    x = np.random.default_rng(1).normal(size=(2000, 2)).astype(np.float32)
    arrays = trees.to_arrays(big.fit(x, np.random.default_rng(2).integers(0, 2, 2000)))
    with pytest.raises(ValueError, match="at most 64 leaves"):
        quick_trees.prepare(arrays)
