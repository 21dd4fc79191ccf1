"""One scaler: by hand, against the numbers that older cards hold, whatever comes in."""

import json

import numpy as np
import pandas as pd
import pytest

from varstar.features import FEATURES
from varstar.learning.scaling import CUT, Scaler, as_features, fit_scaler


def clouds(n, seed=0):
    values = np.random.default_rng(seed).gamma(4, 0.25, (n, 16))
    return pd.DataFrame(values, columns=FEATURES)


def test_published_scaling_by_hand():
    table = pd.DataFrame({"period": [1.0, 10.0, 100.0], "r21": [0.0, 1.0, 2.0]})
    scaler = fit_scaler(table, "published")
    logs = np.log10([1, 10, 100])  # x - min + 1
    expected = np.column_stack([logs, [0, 1, 2]])
    expected = (expected - expected.mean(axis=0)) / expected.std(axis=0)
    assert scaler(table) == pytest.approx(expected, rel=1e-5)
    assert scaler(table).dtype == np.float32


def test_log_scaling_by_hand():
    table = pd.DataFrame({
        "period": [1.0, 10.0, 100.0], "slope_per10": [-2.0, 4.0, 6.0], "r21": [0.0, 1.0, 4.0],
    })  # fmt: skip
    scaler = fit_scaler(table, "log")
    raw = np.column_stack([[0.0, 1.0, 2.0], np.arcsinh([-2 / 4, 1, 6 / 4]), [0.0, 1.0, 4.0]])
    assert scaler(table) == pytest.approx((raw - raw.mean(axis=0)) / raw.std(axis=0), rel=1e-6)
    assert scaler.centre == pytest.approx(raw.mean(axis=0))
    assert not np.allclose(scaler(table), fit_scaler(table, "published")(table))


def test_centre_and_clip():
    x = np.array([[0.0], [0.0], [9.0]])
    spread = np.std([0, 0, 9])
    assert fit_scaler(x)(x)[:, 0] == pytest.approx((x[:, 0] - 3) / spread)
    assert fit_scaler(x, centre="median")(x)[:, 0] == pytest.approx(x[:, 0] / spread)
    assert fit_scaler(x, clip=0.5)(x)[:, 0] == pytest.approx([-0.5, -0.5, 0.5])


@pytest.mark.parametrize("scaling", ["published", "log"])
def test_scaled_features_are_finite_whatever_comes(scaling):
    x = clouds(50)
    scaler = fit_scaler(x, scaling)
    strange = x.iloc[:5].copy()
    for k, value in enumerate((np.nan, -1e9, 1e9, 0.0)):
        strange.iloc[k] = value
    z = scaler(strange)
    assert np.isfinite(z).all()
    assert np.abs(z).max() <= CUT
    assert (z[0] == 0).all()
    assert scaler.out_of_range(strange).tolist()[:3] == [16, 16, 16]
    assert scaler.out_of_range(x).max() == 0
    assert scaler.out_of_range(x.assign(r21=x["r21"] + 100)).tolist() == [1] * 50


def test_infinite_values_without_a_limit_are_missing():
    scaler = fit_scaler(np.array([[1.0], [3.0]]))
    assert scaler(np.array([[np.inf], [np.nan], [3.0]]))[:, 0].tolist() == [0, 0, 1]


def test_constant_and_empty_columns_scale_to_zero():
    x = np.array([[3.0, np.nan], [3.0, np.nan]])
    assert fit_scaler(x)(x).tolist() == [[0, 0], [0, 0]]
    with pytest.raises(ValueError, match=r"no values at all of \['period'\]"):
        fit_scaler(pd.DataFrame({"period": [np.nan]}), "log")


@pytest.mark.parametrize("scaling", ["standard", "published", "log"])
def test_a_scaler_survives_json(scaling):
    x = clouds(30)
    scaler = fit_scaler(x, scaling, centre="median")
    again = Scaler.from_dict(json.loads(json.dumps(scaler.to_dict())))
    assert again == scaler
    assert (again(x) == scaler(x)).all()


def test_states_of_older_cards_give_the_same_bits():
    x = clouds(40)
    new = fit_scaler(x, "log")
    old = new.to_dict()
    old |= {"mean": old.pop("centre"), "std": old.pop("spread")}
    del old["clip"]
    assert (Scaler.from_dict(old)(x) == new(x)).all()
    values = x.to_numpy()
    z = (values - np.array(old["mean"])) / np.array(old["std"])  # SM's card, TS19's fit
    sm = Scaler.from_dict(
        {"columns": FEATURES, "centre": old["mean"], "spread": old["std"]}, clip=5
    )
    assert (sm(x) == np.nan_to_num(np.clip(z, -5, 5)).astype(np.float32)).all()
    ts19 = Scaler.from_dict({"mean": old["mean"], "sd": old["std"]})
    assert (ts19(values) == z.astype(np.float32)).all()


def test_columns_are_taken_by_name():
    x = clouds(10)
    scaler = fit_scaler(x)
    assert (scaler(x[x.columns[::-1]]) == scaler(x)).all()
    with pytest.raises(ValueError, match=r"Missing: \['period'\]"):
        scaler(x.drop(columns="period"))
    with pytest.raises(ValueError, match=r"shape \(n, 16\). Received: \(10, 3\)"):
        scaler(x.to_numpy()[:, :3])
    with pytest.raises(ValueError, match="scaling: expected one of"):
        fit_scaler(x, "sqrt")
    with pytest.raises(ValueError, match="centre: expected one of"):
        fit_scaler(x, centre="mode")


def test_as_features():
    x = clouds(3)
    x.iloc[0, 0] = np.inf
    assert as_features(x).isna().sum().sum() == 1
    assert (as_features(x.to_numpy()).columns == FEATURES).all()
    with pytest.raises(ValueError, match="Missing"):
        as_features(x.drop(columns="r21"))
