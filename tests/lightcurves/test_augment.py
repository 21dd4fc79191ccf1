import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varstar.lightcurves.augment import copies, noisy, plan_copies
from varstar.lightcurves.sample import LightCurves


def curves_of(counts, err=0.02):
    n = sum(counts)
    rng = np.random.default_rng(0)
    return LightCurves(
        np.arange(n, dtype=float),
        rng.normal(15, 0.2, n),
        np.broadcast_to(err, n).astype(float),
        np.zeros(n, np.int8),
        np.concatenate([[0], np.cumsum(counts)]),
        ("I",),
    )


def test_a_plan_by_hand():
    labels = pd.Series(["A", "B", "A"], index=["x", "y", "z"])
    plan = plan_copies(labels, 3)
    assert plan.columns.tolist() == ["star_id", "row", "copy", "label"]
    assert plan["label"].value_counts().to_dict() == {"A": 3, "B": 3}
    assert plan.query("label == 'B'")["copy"].tolist() == [0, 1, 2]
    assert sorted(plan.query("label == 'A'")["copy"]) == [0, 0, 1]
    assert (labels.index[plan["row"]] == plan["star_id"]).all()
    assert (labels.to_numpy()[plan["row"]] == plan["label"]).all()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from("ABC"), min_size=1, max_size=40), st.integers(0, 30))
def test_every_class_gets_what_is_wanted_from_all_of_its_stars(names, per_class):
    labels = pd.Series(names)
    plan = plan_copies(labels, per_class, seed=1)
    assert len(plan) == per_class * labels.nunique()
    for name, n in labels.value_counts().items():
        part = plan[plan["label"] == name]
        assert len(part) == per_class
        times = part["row"].value_counts()
        assert len(times) == min(n, per_class)  # a larger class is cut down to some stars ...
        if per_class:
            assert times.max() - times.min() <= 1  # ... and no star is copied more than needed
        for _, star in part.groupby("row"):  # copies are numbered from 0, the measured one
            assert star["copy"].tolist() == list(range(len(star)))


def test_plans_by_class_and_seed():
    labels = pd.Series(["A"] * 20 + ["B"] * 5 + [None])
    plan = plan_copies(labels, {"A": 4, "B": 7})
    assert plan["label"].value_counts().to_dict() == {"A": 4, "B": 7}
    assert 25 not in set(plan["row"])
    assert set(plan_copies(labels, {"B": 2})["label"]) == {"B"}
    assert plan_copies(labels, 4, seed=1).equals(plan_copies(labels, 4, seed=1))
    assert not plan_copies(labels, 4, seed=1).equals(plan_copies(labels, 4, seed=2))


def test_plans_that_cannot_be():
    labels = pd.Series(["A", "B"])
    with pytest.raises(ValueError, match=r"no star of \['C'\]. Classes: \['A', 'B'\]"):
        plan_copies(labels, {"A": 1, "C": 1})
    with pytest.raises(ValueError, match=r"per_class: expected numbers.*Received: -1"):
        plan_copies(labels, -1)
    with pytest.raises(ValueError, match=r"labels: expected stars with a class. Received: 2"):
        plan_copies(pd.Series([None, None], dtype=object), 3)


def test_copy_0_is_as_measured_and_the_others_are_not():
    curves = curves_of([3, 0, 5])
    plan = pd.DataFrame({"row": [0, 0, 1, 2, 2], "copy": [0, 1, 0, 0, 3]})
    made = copies(curves, plan, seed=1)
    assert made.counts.tolist() == [3, 3, 0, 5, 5]
    for i, row in enumerate(plan["row"]):
        t, mag, err = made.one(i)
        t0, mag0, err0 = curves.one(row)
        assert np.array_equal(t, t0)
        assert np.array_equal(err, err0)
        assert np.array_equal(mag, mag0) == (plan["copy"][i] == 0 or len(t) == 0)
    assert np.array_equal(copies(curves, plan, seed=1).mag, made.mag)
    assert not np.array_equal(copies(curves, plan, seed=2).mag, made.mag)


def test_the_noise_is_as_large_as_the_error():
    err = np.repeat([0.01, 0.1, 1.0], 20_000)
    curves = curves_of([30_000, 30_000], err)
    noise = noisy(curves, np.random.default_rng(1)).mag - curves.mag
    for sigma in (0.01, 0.1, 1.0):
        some = noise[err == sigma]
        assert some.std() == pytest.approx(sigma, rel=0.02)  # its own error: 0.5 %
        assert abs(some.mean()) < 4 * sigma / np.sqrt(20_000)
    assert abs(np.corrcoef(noise[:-1] / err[:-1], noise[1:] / err[1:])[0, 1]) < 0.02


def test_amounts_by_star():
    curves = curves_of([20_000, 20_000, 10], 0.1)
    made = noisy(curves, np.random.default_rng(1), np.array([0.0, 0.5, 1.0]))
    assert np.array_equal(made.one(0)[1], curves.one(0)[1])
    assert (made.one(1)[1] - curves.one(1)[1]).std() == pytest.approx(0.05, rel=0.03)


def test_the_original_stays():
    curves = curves_of([10])
    before = curves.mag.copy()
    noisy(curves, np.random.default_rng(0))
    assert np.array_equal(curves.mag, before)
