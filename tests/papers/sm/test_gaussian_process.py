"""Gaussian-process copies: the textbook's posterior, draws that keep the star's light."""

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.lightcurves import augment
from varstar.lightcurves.sample import light_curves
from varstar.papers.sm import gaussian_process as augment_gp


def star(n=80, period=0.7, noise=0.02, seed=0):
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(0, 120, n))
    mag = 12 + 0.3 * np.sin(2 * np.pi * t / period)
    return t, mag + noise * rng.standard_normal(n), np.full(n, noise)


def test_dense_posterior_of_one_point_by_hand():
    mean, covariance = augment_gp.dense_posterior(
        np.array([0.0]), np.array([2.0]), np.array([1.0]), np.array([0.0, 50.0]),
        augment_gp.squared_exponential,
    )  # fmt: skip
    np.testing.assert_allclose(mean, [1.0, 0.0], atol=1e-12)
    np.testing.assert_allclose(covariance, [[0.5, 0], [0, 1]], atol=1e-12)


def test_celerite_agrees_with_the_dense_formula():
    t, mag, err = star(40)
    process = augment_gp.fit(t, mag, err, 0.7)
    new = np.linspace(5, 100, 17)
    noise = np.hypot(err, process.jitter)

    def kernel(a, b):
        return process.kernel.get_value(np.abs(np.subtract.outer(a, b)))

    mean, covariance = augment_gp.dense_posterior(t, mag - process.mean, noise, new, kernel)
    draws = np.array([
        augment_gp.draw(t, mag, err, np.random.default_rng(k), times=new, process=process,
                        noise=False)[1]
        for k in range(400)
    ])  # fmt: skip
    spread = np.sqrt(np.diag(covariance)) + 1e-4
    assert np.all(np.abs(draws.mean(axis=0) - mean - process.mean) < 5 * spread / 20)
    assert np.all(np.abs(draws.std(axis=0) / spread - 1) < 0.25)


def test_a_draw_keeps_the_folded_curve():
    t, mag, err = star(150)
    when, drawn, new_err = augment_gp.draw(t, mag, err, np.random.default_rng(1), period=0.7)
    truth = 12 + 0.3 * np.sin(2 * np.pi * when / 0.7)
    assert np.std(drawn - truth) < 0.09
    assert np.all(np.diff(when) >= 0)
    assert when.min() >= t[0]
    assert when.max() <= t[-1]
    assert len(new_err) == len(when) == len(t)


def test_without_period_a_slow_star_is_followed():
    rng = np.random.default_rng(2)
    t = np.sort(rng.uniform(0, 400, 120))
    mag = 10 + 0.5 * np.sin(t / 40) + 0.01 * rng.standard_normal(120)
    new = np.linspace(20, 380, 30)
    _, drawn, _ = augment_gp.draw(t, mag, np.full(120, 0.01), rng, times=new, noise=False)
    assert np.std(drawn - 10 - 0.5 * np.sin(new / 40)) < 0.1


def test_copies_follow_the_plan_and_the_seed():
    rows = [
        pd.DataFrame({"star_id": f"s{i}", "t": t, "mag": m, "err": e, "band": "V"})
        for i, (t, m, e) in enumerate([star(40, seed=1), star(40, seed=2), star(3, seed=3)])
    ]
    stars = pd.DataFrame(
        {"star_id": ["s0", "s1", "s2"], "label": ["a", "b", "b"], "period": [0.7, np.nan, 0.7]}
    )
    sample = vs.make_sample(pd.concat(rows), stars)
    plan = augment.plan_copies(sample["label"], {"a": 2, "b": 4}, seed=0)
    one, two = (augment_gp.copies(sample, plan, period="period", seed=5) for _ in range(2))
    assert one.index.tolist() == ["s0#0", "s0#1", "s1#0", "s1#1", "s2#0", "s2#1"]
    curves = light_curves(one)
    np.testing.assert_array_equal(curves.mag, light_curves(two).mag)
    np.testing.assert_array_equal(curves.one(0)[1], light_curves(sample).one(0)[1])
    assert not np.array_equal(curves.one(1)[1], curves.one(0)[1])
    np.testing.assert_array_equal(curves.one(5)[1], curves.one(4)[1])  # too few points
    other = augment_gp.copies(sample, plan, period="period", seed=6)
    assert not np.array_equal(light_curves(other).mag, curves.mag)


def test_bad_input():
    t, mag, err = star(4)
    with pytest.raises(ValueError, match="5 points"):
        augment_gp.fit(t, mag, err)
    with pytest.raises(ValueError, match="vary"):
        augment_gp.fit(np.arange(9.0), np.ones(9), np.ones(9))
