"""S26's recipe: who knows the labels of its training stars by heart knows nothing of others."""

import numpy as np
import pandas as pd
import pytest
from papers.s26.test_recipe import drawn_of

from varstar.features import FEATURES
from varstar.papers.s26 import inputs as s26
from varstar.papers.s26 import recipe

N = 20


def code_of(x):
    """Which star each image is of (`drawn_of`)."""
    return (x.images.max(axis=(1, 2, 3, 4)).astype(int) - 1) % 20


@pytest.fixture
def by_heart(monkeypatch):
    """Networks that remember the label of every star they learned from, and no more."""
    learned = []

    def train(drawn, labels, rows, *, classes, **_):
        learned.append(set(rows.tolist()))
        return {int(s): classes.index(labels[s]) for s in rows}

    def predict(memory, x, *, views=False):
        p = np.full((len(x.status), len(recipe.CLASSES)), 1 / len(recipe.CLASSES))
        for i, star in enumerate(code_of(x)):
            if star in memory:
                p[i] = np.eye(len(recipe.CLASSES))[memory[star]]
        return p

    monkeypatch.setattr(recipe, "cached", lambda _, work, *a, scratch, build, **k: work(*a, **k))
    monkeypatch.setattr(recipe, "train_network", train)
    monkeypatch.setattr(recipe, "network_options", lambda *_: {})
    monkeypatch.setattr(s26, "predict", predict)
    return learned


def test_out_of_fold_is_out_of_fold(by_heart):
    fold = np.arange(N) % recipe.N_FOLDS
    labels = np.array(recipe.CLASSES)[np.random.default_rng(1).integers(0, 8, N)]
    of_bands = {
        "B,R": drawn_of(N), "B": drawn_of(N, bands=1), "R": drawn_of(N, bands=1)
    }  # fmt: skip
    networks = {b: recipe.train_folds(d, labels, fold, seed=0) for b, d in of_bands.items()}
    for k, rows in enumerate(by_heart[: recipe.MEMBERS]):
        assert rows == set(np.flatnonzero(fold != k).tolist())
    answers = recipe.out_of_fold(networks, of_bands, fold)
    judged = fold < recipe.MEMBERS
    for name, p in answers.items():
        # whatever is shown of it, nobody remembers a star that is judged
        np.testing.assert_allclose(p[judged], 1 / 8, err_msg=name)
        assert np.isnan(p[~judged]).all(), name
    # and the spy would notice: networks that learned from all know everything
    leaked = [{int(s): recipe.CLASSES.index(labels[s]) for s in range(N)}] * recipe.MEMBERS
    p = recipe.judge(leaked, of_bands["B,R"]["found"][0], fold)
    assert (np.array(recipe.CLASSES)[p[judged].argmax(axis=1)] == labels[judged]).all()


def test_the_forest_beside_it_is_out_of_fold_too(monkeypatch):
    rng = np.random.default_rng(2)
    numbers = pd.DataFrame(rng.normal(size=(400, len(FEATURES))), columns=FEATURES)
    numbers["period"] = np.arange(400.0)  # a forest would know each star by it
    labels = pd.Series(np.array(recipe.CLASSES)[rng.integers(0, 8, 400)], name="label")
    fold = rng.integers(0, recipe.N_FOLDS, 400)
    monkeypatch.setattr(recipe, "load_survey", lambda *_, **__: labels.to_frame())
    monkeypatch.setattr(recipe, "light_curves", lambda _: None)
    monkeypatch.setattr(recipe, "cached", lambda *_, **__: numbers)
    judged = fold < recipe.MEMBERS
    for p in recipe.forest_out_of_fold(None, labels, fold, seed=0).values():
        right = np.array(recipe.CLASSES)[p[judged].argmax(axis=1)] == labels[judged]
        assert abs(right.mean() - 1 / 8) < 4 * np.sqrt(1 / 8 * 7 / 8 / judged.sum())
