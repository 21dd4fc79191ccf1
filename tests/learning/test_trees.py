"""Trees as arrays say what scikit-learn says, or are refused."""

import numpy as np
import pytest
from sklearn.ensemble import ExtraTreesClassifier, IsolationForest

from varstar.learning import trees

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 4))
Y = np.where(X[:, 0] + X[:, 1] > 0, "a", np.where(X[:, 2] > 0, "b", "c"))
NEW = RNG.normal(size=(200, 4))
FOREST = {"n_estimators": 20, "max_depth": 6}


def fitted(kind, x=X):
    model = {
        "boosted": trees.boosted(max_iter=10, max_leaf_nodes=7),
        "forest": trees.forest(**FOREST),
        "extra": ExtraTreesClassifier(random_state=0, **FOREST),
        "isolation": IsolationForest(random_state=0, n_estimators=20),
    }[kind]
    return model.fit(x) if kind == "isolation" else model.fit(x, Y)


@pytest.mark.parametrize("kind", ["boosted", "forest", "extra", "isolation"])
@pytest.mark.parametrize("offset", [0.0, 2_450_000.0])
def test_arrays_say_what_the_model_says(kind, offset):
    # a date: its thresholds once lost all their digits in half precision
    scale = 30.0 if offset else 1.0
    x, new = offset + scale * X, offset + scale * NEW
    model = fitted(kind, x)
    arrays = trees.to_arrays(model, x)
    expected = -model.score_samples(new) if kind == "isolation" else model.predict_proba(new)
    got = trees.predict(arrays, new)
    assert got.shape == expected.shape
    assert np.abs(got - expected).mean() < 5e-3
    if kind != "isolation":
        assert (got.argmax(axis=1) == expected.argmax(axis=1)).mean() > 0.97
    if kind != "boosted":
        assert (arrays["threshold"].dtype == np.float16) == (offset == 0)


def test_two_classes_and_missing_values():
    x = X.copy()
    x[::5, 0] = np.nan
    model = trees.boosted(max_iter=5).fit(x, Y == "a")
    arrays = trees.to_arrays(model, x)
    new = NEW.copy()
    new[::3, 0] = np.nan
    assert trees.predict(arrays, new) == pytest.approx(model.predict_proba(new), abs=1e-5)


@pytest.mark.parametrize("kind", ["boosted", "forest", "isolation"])
def test_arrays_that_say_something_else_are_refused(kind, monkeypatch):
    model = fitted(kind)
    monkeypatch.setattr(trees, "_precise", lambda t, f, types: np.zeros(len(t), types[0]))
    with pytest.raises(ValueError, match=r"from its arrays. Received: a mean difference of 0"):
        trees.to_arrays(model, X)


def test_seeds_and_options_reach_the_models():
    assert trees.forest(3, n_estimators=5).get_params()["random_state"] == 3
    assert trees.forest(3, n_estimators=5).n_estimators == 5
    assert trees.boosted(4, max_iter=7).get_params()["random_state"] == 4
    assert not trees.boosted().early_stopping
    assert trees.boosted(max_iter=7).max_iter == 7
