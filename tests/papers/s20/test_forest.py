import numpy as np
import pandas as pd
import pytest

from varstar.papers.s20.forest import S20_DUMMY_SIGMA, S20_FOREST, dummies, s20_forest


def table(counts):
    labels = pd.Series([name for name, n in counts.items() for _ in range(n)])
    labels.index = [f"star{i}" for i in range(len(labels))]
    rng = np.random.default_rng(0)
    values = {c: rng.uniform(0.1, 1, len(labels)) for c in ("amplitude", "r21", "phi21")}
    return pd.DataFrame(values, index=labels.index), labels


def test_the_papers_settings():
    forest = s20_forest()
    assert S20_FOREST == {
        "n_estimators": 1000,
        "max_depth": 10,
        "min_samples_split": 10,
        "min_samples_leaf": 5,
        "random_state": 40,
    }
    assert {k: getattr(forest, k) for k in S20_FOREST} == S20_FOREST
    assert s20_forest(n_estimators=3).n_estimators == 3


def test_it_learns_and_repeats_itself():
    parameters, labels = table({"A": 60, "B": 60})
    parameters["amplitude"] += (labels == "B") * 1.0
    options = {"n_estimators": 20, "n_jobs": 1}
    first, second = (s20_forest(**options).fit(parameters, labels) for _ in range(2))
    assert (first.predict(parameters) == labels).all()
    assert np.array_equal(first.predict_proba(parameters), second.predict_proba(parameters))


def test_classes_are_filled_up_and_cut_down():
    parameters, labels = table({"A": 3, "B": 50})
    rows, names = dummies(parameters, labels, 20)
    assert names.value_counts().to_dict() == {"A": 20, "B": 20}
    assert rows.index.equals(names.index)
    assert (labels.loc[names.index] == names).all()
    assert rows[(names == "B").to_numpy()].equals(parameters.loc[names.index[names == "B"]])
    assert names.index[names == "B"].is_unique
    times = names.index[names == "A"].value_counts()
    assert sorted(times) == [6, 7, 7]
    original = rows[(names == "A").to_numpy()].iloc[:3]
    assert original.equals(parameters.loc[original.index])


def test_dummies_lie_as_far_away_as_the_paper_says():
    parameters, labels = table({"A": 2})
    rows, _ = dummies(parameters, labels, 20_000, seed=1)
    moved = (rows - parameters.loc[rows.index])[2:]
    for column, sigma in S20_DUMMY_SIGMA.items():
        assert moved[column].std() == pytest.approx(sigma, rel=0.02)
        assert abs(moved[column].mean()) < 4 * sigma / np.sqrt(20_000)
    wide, _ = dummies(parameters, labels, 2_000, sigma={"amplitude": 0.5}, seed=1)
    moved = (wide - parameters.loc[wide.index])[2:]
    assert moved["amplitude"].std() == pytest.approx(0.5, rel=0.06)
    assert (moved[["r21", "phi21"]] == 0).all(axis=None)


def test_the_seed_decides_and_the_table_stays():
    parameters, labels = table({"A": 3, "B": 9})
    before = parameters.copy()
    first, again, other = (dummies(parameters, labels, 6, seed=s)[0] for s in (1, 1, 2))
    assert first.equals(again)
    assert not first.equals(other)
    assert parameters.equals(before)
