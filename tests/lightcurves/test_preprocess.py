"""Cleaning: each step on curves whose answer is known, and the pipeline's record."""

import numpy as np
import pandas as pd
import pytest

from varstar import load, make_sample
from varstar.lightcurves import preprocess
from varstar.lightcurves.sample import light_curves


def sine(n=300, period=0.7, noise=0.01, seed=0):
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(0, 200, n))
    clean = 12 + 0.3 * np.sin(2 * np.pi * t / period)
    return t, clean + noise * rng.standard_normal(n), np.full(n, noise), clean


def sample_of(*curves):
    rows = [
        pd.DataFrame({"star_id": f"s{i}", "t": t, "mag": m, "err": e, "band": "V"})
        for i, (t, m, e) in enumerate(curves)
    ]
    return make_sample(pd.concat(rows))


def test_clipping_takes_the_outlier_and_nothing_else():
    t, mag, err, _ = sine()
    mag[7] += 5
    kept_t, kept, kept_err = preprocess.sigma_clip(t, mag, err)
    assert len(kept) == len(kept_err) == len(mag) - 1
    assert t[7] not in kept_t


def test_clipping_around_the_folded_curve_spares_eclipses():
    rng = np.random.default_rng(1)
    t = np.sort(rng.uniform(0, 300, 600))
    phase = t / 3.1 % 1
    mag = 10 + np.clip(0.8 - 8 * np.abs(phase - 0.5), 0, None) + 0.03 * rng.standard_normal(600)
    err = np.full(600, 0.03)
    in_eclipse = mag > 10.4
    plain = preprocess.sigma_clip(t, mag, err)
    folded = preprocess.sigma_clip(t, mag, err, period=3.1)
    assert not np.isin(t[in_eclipse], plain[0]).any()
    assert np.isin(t[in_eclipse], folded[0]).mean() > 0.6


def test_a_constant_majority_is_left_alone():
    t = np.arange(10.0)
    mag = np.r_[np.full(8, 11.0), 12.0, 13.0]
    assert len(preprocess.sigma_clip(t, mag, np.full(10, 0.1))[0]) == 10


def test_smoothing_over_phase_finds_the_sine():
    t, mag, err, clean = sine(noise=0.05)
    out = preprocess.smooth(t, mag, err, period=0.7)[1]
    assert np.std(out - clean) < 0.5 * np.std(mag - clean)
    assert np.array_equal(preprocess.smooth(t[:4], mag[:4], err[:4])[1], mag[:4])


def test_smoothing_bears_equal_times():
    t = np.repeat(np.arange(30.0), 2)
    mag = 10 + np.tile([0.0, 0.2], 30)
    out = preprocess.smooth(t, mag, np.full(60, 0.1))[1]
    assert np.isfinite(out).all()
    assert out.min() >= 9.9
    assert out.max() <= 10.3


def test_residual_tells_a_periodic_star_from_noise():
    t, mag, err, _ = sine()
    assert preprocess.smoother_residual(t, mag, err, period=0.7) < 0.15
    noise = np.random.default_rng(0).standard_normal(300)
    assert preprocess.smoother_residual(t, noise, err, period=0.7) > 0.8
    assert np.isnan(preprocess.smoother_residual(t, np.ones(300), err, period=0.7))


def test_ghkss_denoises_dense_deterministic_series():
    t = np.arange(600) * 0.05
    clean = np.sin(2 * np.pi * t)
    mag = 12 + clean + 0.1 * np.random.default_rng(0).standard_normal(600)
    out = preprocess.denoise(t, mag, np.full(600, 0.1))[1]
    assert np.std(out - 12 - clean) < 0.7 * 0.1


def test_ghkss_destroys_sparsely_sampled_variation():
    """What the notebook warns of: the correction is far larger than the noise."""
    t, mag, err, clean = sine(noise=0.01)
    out = preprocess.denoise(t, mag, err)[1]
    assert np.std(out - clean) > 5 * np.std(mag - clean)


def test_ghkss_leaves_short_curves_alone():
    t, mag, err, _ = sine(n=20)
    assert preprocess.denoise(t, mag, err)[1] is mag
    with pytest.raises(ValueError, match="manifold"):
        preprocess.denoise(t, mag, err, dimension=3, manifold=3)


def test_downsampling_averages_bursts_with_their_weights():
    t = np.array([0.0, 0.001, 5.0])
    out = preprocess.downsample(
        t, np.array([10.0, 12.0, 7.0]), np.array([1.0, 2.0, 1.0]), min_gap=0.01
    )
    np.testing.assert_allclose(out[0], [0.0005, 5.0])
    np.testing.assert_allclose(out[1], [(10 + 12 / 4) / 1.25, 7.0])
    np.testing.assert_allclose(out[2], [1.25**-0.5, 1.0])


def test_downsampling_keeps_the_ends():
    t = np.arange(1000.0)
    out, *_ = preprocess.downsample(t, t, t + 1, max_points=11)
    assert len(out) == 11
    assert out[0] == 0
    assert out[-1] == 999
    with pytest.raises(ValueError, match="max_points"):
        preprocess.downsample(t, t, t, max_points=1)


def test_unevenness():
    assert preprocess.unevenness(np.arange(10.0)) == 0
    random = np.sort(np.random.default_rng(0).uniform(0, 1, 20_000))
    assert preprocess.unevenness(random) == pytest.approx(1, abs=0.05)


def test_the_pipeline_records_what_it_removed_and_moved():
    t, mag, err, _ = sine()
    mag[3] += 9
    sample = sample_of((t, mag, err), (t[:3], mag[:3], err[:3]))
    out, record = preprocess.pipeline(
        sample, ["sigma_clip", ("downsample", {"max_points": 100}), "smooth"]
    )
    curves = light_curves(out)
    assert curves.counts.tolist() == [100, 3]
    assert curves.bands == ("V",)
    first = record[record["star_id"] == "s0"].set_index("step")
    assert first.loc["sigma_clip", "removed"] == 1
    assert first.loc["downsample", "removed"] == 199
    assert first.loc["smooth", "moved"] > 0
    assert first.loc["sigma_clip", "moved"] == 0
    with pytest.raises(ValueError, match="unknown step"):
        preprocess.pipeline(sample, ["polish"])


def test_the_pipeline_keeps_an_empty_star():
    t, mag, err, _ = sine(n=30)
    sample = sample_of((t, mag, err), (t, np.full(30, 99.999), err))
    out, _ = preprocess.pipeline(sample, list(preprocess.STEPS))
    assert light_curves(out).counts[1] == 0
    assert list(out.index) == ["s0", "s1"]


@pytest.mark.parametrize("name", list(preprocess.STEPS))
def test_every_step_bears_tiny_and_constant_curves(name):
    for n in (1, 2, 6):
        t = np.arange(float(n))
        out = preprocess.STEPS[name](t, np.full(n, 10.0), np.full(n, 0.1))
        assert len({len(a) for a in out}) == 1
        assert np.isfinite(np.concatenate(out)).all()


def test_parts_are_spread_and_points_are_the_stars_own():
    sample = load("sim-ztf", size=60, seed=1, bands=["g", "r"], balance="equal")
    few = preprocess.thinned(sample, 0.1, seed=2)
    a, b = light_curves(sample), light_curves(few)
    part = b.counts / a.counts
    assert part.min() < 0.25
    assert part.max() > 0.8
    assert np.median(part) == pytest.approx(np.sqrt(0.1), abs=0.12)
    assert np.isin(b.t, a.t).all()
    assert few.drop(columns="lc").equals(sample.drop(columns="lc"))
    assert np.array_equal(light_curves(preprocess.thinned(sample, 0.1, seed=2)).t, b.t)
    assert np.array_equal(light_curves(preprocess.thinned(sample, 1.0)).counts, a.counts)
    with pytest.raises(ValueError, match="lowest"):
        preprocess.thinned(sample, 0)
