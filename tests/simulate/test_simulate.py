"""Simulated surveys: determinism, endlessness, proportions, published against true."""

import numpy as np
import pytest

from varstar.lightcurves.sample import light_curves
from varstar.simulate import SURVEYS, TYPES, survey

NAMES = sorted(SURVEYS)


def test_there_are_surveys():
    assert {"sim-ogle3", "sim-ogle4"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_contract(name):
    sample = survey(name, size=60, seed=2)
    assert len(sample) == 60
    assert sample.index.is_unique
    needed = {"label", "superclass", "period", "t0", "ra", "dec", "mean_mag", "amplitude",
              "survey", "time_scale", "true_label", "true_type", "true_period"}  # fmt: skip
    assert needed <= set(sample.columns)
    curves = light_curves(sample)
    assert set(curves.bands) == set(SURVEYS[name]["bands"])
    assert curves.counts.min() >= 1
    assert np.isfinite(curves.mag).all()
    assert (curves.err > 0).all()
    spec = SURVEYS[name]
    shift = 2400000.5 if spec["time_scale"] == "MJD" else 0
    assert curves.t.min() >= spec["start"] - shift - 1
    assert curves.t.max() <= spec["end"] - shift + 1
    same = np.diff(curves.star) == 0
    sorted_in_band = (np.diff(curves.band) != 0) | (np.diff(curves.t) >= 0)
    assert sorted_in_band[same].all()
    assert sample["true_type"].isin(list(TYPES)).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("balance", ["natural", "equal"])
def test_another_size_has_the_same_stars(name, balance):
    small = survey(name, size=25, seed=3, balance=balance)
    large = survey(name, size=70, seed=3, balance=balance)
    part = large.iloc[:25]
    assert list(small.index) == list(part.index)
    a, b = light_curves(small), light_curves(part)
    for x, y in zip(a[:5], b[:5], strict=True):
        np.testing.assert_array_equal(x, y)


def test_same_seed_same_stars_other_seed_others():
    a, b = (survey("sim-ogle3", size=20, seed=7) for _ in range(2))
    np.testing.assert_array_equal(a["lc.mag"], b["lc.mag"])
    c = survey("sim-ogle3", size=20, seed=8)
    assert not np.array_equal(a["period"], c["period"])


def test_balance():
    sample = survey("sim-ogle3", size=500, balance="equal", clean=True)
    assert sample["superclass"].value_counts().eq(100).all()
    parts = survey("sim-ogle3", size=400, balance={"RRLYR": 3, "ECL": 1}, clean=True)
    assert parts["superclass"].value_counts().sub([300, 100]).abs().max() <= 2
    natural = survey("sim-ogle3", size=3000, minimum=0, bands="V", clean=True)[
        "superclass"
    ].value_counts()
    assert abs(natural["ECL"] / 3000 - 26121 / 54007) < 0.002
    assert natural["ACEP"] == pytest.approx(3000 * 83 / 54007, abs=2.5)
    few = survey("sim-ogle3", size=60)["superclass"].value_counts()
    assert few.min() >= SURVEYS["sim-ogle3"]["minimum"] - 1


def test_shared_stars_are_the_same_stars():
    a = survey("sim-ogle3", size=300, seed=1, balance="equal")
    b = survey("sim-ogle4", size=300, seed=1, balance="equal")
    both = a.index.intersection(b.index)
    assert len(both) > 80
    assert set(both) <= set(b.index[b["ogle3_id"] != ""])
    np.testing.assert_array_equal(a.loc[both, "true_period"], b.loc[both, "true_period"])
    only = b[b["ogle3_id"] == ""]
    assert not set(only.index) & set(a.index)
    assert 0.2 < len(only) / len(b) < 0.55


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"size": 0}, "size"),
        ({"size": 2.5}, "size"),
        ({"seed": -1}, "seed"),
        ({"bands": "Z"}, "unknown band"),
        ({"classes": "XYZ"}, "classes"),
        ({"balance": "even"}, "balance"),
        ({"balance": {"RRLYR": -1}}, "balance"),
        ({"balance": {"nothing": 1}}, "balance"),
    ],
)
def test_bad_input(options, words):
    with pytest.raises(ValueError, match=words):
        survey("sim-ogle3", **{"size": 5} | options)


def test_unknown_survey_names_the_known():
    with pytest.raises(ValueError, match="sim-ogle3"):
        survey("sim-nothing")
