"""What must not matter: order, company, zero points; and what a partition must keep."""

import warnings

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.features.fourier import fourier_parameters
from varstar.features.sequences import fold_sequences
from varstar.lightcurves.sample import LightCurves, clean, light_curves, one_band
from varstar.periods.harmonics import evaluate_series, fit_series
from varstar.simulate import SURVEYS


def observations(n_stars=4, seed=0):
    """Stars in two bands of other means and errors; which band has more points alternates."""
    rng = np.random.default_rng(seed)
    rows = []
    for k in range(n_stars):
        for band, n in (("r", 60 + 30 * (k % 2)), ("g", 75)):
            t = rng.uniform(0, 200, n)
            err = rng.uniform(0.01, 0.05, n)
            x = 2 * np.pi * t / (0.7 + 0.31 * k)
            mag = 14 + k + 0.4 * (band == "g") + 0.3 * np.cos(x) + 0.1 * np.cos(2 * x + 1)
            rows.append(
                pd.DataFrame({"star_id": f"s{k}", "t": t, "mag": mag + rng.normal(0, err),
                              "err": err, "band": band})
            )  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def _images(sample, **options):
    images = vs.fold_images(sample, 16, **options)
    return pd.DataFrame(images.reshape(len(images), 256), sample.index)


def _sequences(sample, **options):
    found, status = fold_sequences(sample, length=40, minimum=20, per_star=1, **options)
    table = pd.DataFrame(found.x.reshape(len(found.x), 120)).set_axis(found.star)
    return table.reindex(range(len(sample))).set_axis(sample.index).assign(status=status)


FUNCTIONS = {
    "find_periods": vs.find_periods,
    "variability_features": vs.variability_features,
    "fourier_parameters": fourier_parameters,
    "catch22": vs.catch22_features,
    "catch22 folded": lambda s, **o: vs.catch22_features(s, series="folded", **o),
    "images": _images,
    "sequences": _sequences,
}

pytestmark = pytest.mark.filterwarnings("ignore:.*several bands")


@pytest.fixture(scope="module")
def table():
    return observations()


@pytest.fixture(params=FUNCTIONS, scope="module")
def function(request):
    return FUNCTIONS[request.param]


def same(a, b, rtol=1e-6):
    pd.testing.assert_frame_equal(a, b, rtol=rtol, atol=1e-9)


def test_the_order_of_points_does_not_matter(function, table):
    shuffled = table.sample(frac=1, random_state=3).sort_values("star_id", kind="stable")
    same(function(vs.make_sample(shuffled)), function(vs.make_sample(table)))


def test_a_star_alone_is_the_star_among_others(function, table):
    sample = vs.make_sample(table)
    whole = function(sample)
    for k in (0, 3):
        same(function(sample.iloc[[k]]), whole.iloc[[k]])
        alone = vs.make_sample(table[table.star_id == f"s{k}"])
        same(function(alone), whole.iloc[[k]])
    order = [2, 0, 3, 1]
    same(function(sample.iloc[order]), whole.iloc[order])


def test_the_order_of_bands_does_not_matter(function, table):
    turned = pd.concat([table[table.band == "g"], table[table.band == "r"]])
    turned = turned.sort_values("star_id", kind="stable")
    same(function(vs.make_sample(turned)), function(vs.make_sample(table)))


def test_an_empty_partition_has_the_columns_and_types_of_a_full_one(function, table):
    sample = vs.make_sample(table)
    empty = function(sample.iloc[:0])
    assert len(empty) == 0
    if function not in (_images, _sequences):
        assert empty.dtypes.equals(function(sample).dtypes)


def test_the_index_comes_back_and_may_repeat(function, table):
    sample = vs.make_sample(table)
    twins = sample.set_axis(pd.Index([7, 7, 8, 9], name="number"))
    result = function(twins)
    assert result.index.equals(twins.index)
    same(result.reset_index(drop=True), function(sample).reset_index(drop=True))


def test_flat_light_curves_give_what_the_sample_gives(function, table):
    if function in (_images, _sequences):
        pytest.skip("their helpers above want a table")
    sample = vs.make_sample(table)
    flat = function(light_curves(sample))
    same(flat.reset_index(drop=True), function(sample).reset_index(drop=True))


def test_moving_time_and_magnitude_and_scaling_errors_moves_no_period(table):
    before = vs.find_periods(vs.make_sample(table))
    moved = table.assign(t=table.t + 1234.5, mag=table.mag - 3, err=2 * table.err)
    after = vs.find_periods(vs.make_sample(moved))
    same(after[["period", "power", "runner_up"]], before[["period", "power", "runner_up"]], 1e-4)
    assert before["period"].to_numpy() == pytest.approx([0.7, 1.01, 1.32, 1.63], rel=1e-3)


def test_errors_and_bands_stay_with_their_times():
    t = np.array([3.0, 1.0, 2.0])
    c = LightCurves(t, 10 + t, t / 10, np.array([1, 0, 1], np.int8), np.array([0, 3]), ("V", "I"))
    from varstar.lightcurves.sample import clean

    cleaned, _ = clean(c)
    assert cleaned.t.tolist() == [1, 2, 3]
    assert cleaned.mag.tolist() == [11, 12, 13]
    assert cleaned.err.tolist() == pytest.approx([0.1, 0.2, 0.3])
    assert [cleaned.bands[k] for k in cleaned.band] == ["V", "I", "I"]


def test_fourier_phases_have_their_sign_and_harmonic():
    t = np.sort(np.random.default_rng(0).uniform(0, 50, 200))
    x = 2 * np.pi * t / 0.83
    mag = 12 + np.cos(x + 0.4) + 0.5 * np.cos(2 * x + 1.1) + 0.25 * np.cos(3 * x + 2.0)
    star = LightCurves(t, mag, np.full(200, 0.01), np.zeros(200, np.int8), np.array([0, 200]), "V")
    expected = {"phi21": 1.1 - 0.8, "phi31": 2.0 - 1.2, "r21": 0.5, "r31": 0.25}
    for row in (
        fourier_parameters(star, 0.83).iloc[0],
        vs.variability_features(star, 0.83, phases="arctan2").iloc[0],
    ):
        for name, value in expected.items():
            assert row[name] == pytest.approx(value, abs=1e-6), name


SIMULATED = sorted(set(SURVEYS) - {"sim-tess"})
#: Real surveys with eclipsing binaries, and with RRab or fundamental Cepheids and periods.
ECLIPSING = ["asas_acvs", "asas_macc_training", "catalina_css_north", "catalina_sss",
             "debosscher_hip_ogle", "eros2_lmc_upsilon"]  # fmt: skip
PULSATING = ["catalina_css_north", "catalina_sss", "eros2_lmc_upsilon", "ogle3_lmc_cep",
             "ogle4_lmc_cep", "sdss_s82_rrlyr"]  # fmt: skip


def eclipsing_skewness(sample, survey):
    """Median skewness of the magnitudes of eclipsing binaries."""
    family = vs.taxonomy.to_classes(sample["label"], "s20", survey=survey)
    binaries = sample[(family == "ECL").fillna(False).to_numpy(bool)].iloc[:100]
    assert len(binaries) > 10
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return vs.variability_features(binaries, 1.0)["skewness"].median()


def rise_time(sample):
    """Median part of the period from least to greatest light, of RRab and Cepheids."""
    label = sample["label"].astype("string").fillna("").str.upper()
    label = label.str.replace("[^A-Z0-9]", "", regex=True)
    chosen = label.str.contains("RRAB|^CEPF$|DCEPFU|^DCEP$|CEPHF$").to_numpy(bool)
    stars = sample[chosen & (sample["period"] > 0).to_numpy(bool)].iloc[:80]
    assert len(stars) > 10
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        curves, _ = clean(one_band(light_curves(stars)), 20)
    coefficients, _, _ = fit_series(curves, stars["period"].to_numpy(float), 4)
    mag = evaluate_series(coefficients, np.arange(256) / 256)
    mag = mag[np.isfinite(mag).all(axis=1)]
    return np.median((mag.argmin(axis=1) - mag.argmax(axis=1)) / 256 % 1)


@pytest.mark.parametrize("survey", SIMULATED)
def test_simulated_eclipses_are_faint_and_pulsating_stars_rise_fast(survey):
    sample = vs.load(survey, size=300, seed=3, balance="equal")
    assert eclipsing_skewness(sample, survey) > 0.3
    assert rise_time(sample) < 0.35


@pytest.mark.real
@pytest.mark.parametrize("survey", ECLIPSING)
def test_real_eclipses_are_faint(survey, real_data):
    assert eclipsing_skewness(vs.load(survey, root=real_data), survey) > 0.3


@pytest.mark.real
@pytest.mark.parametrize("survey", PULSATING)
def test_real_pulsating_stars_rise_fast(survey, real_data):
    assert rise_time(vs.load(survey, root=real_data)) < 0.35
