"""Whatever light curves come as; and what is said of natural mistakes."""

import re

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table
from astropy.time import Time
from astropy.timeseries import TimeSeries

import varstar as vs
from varstar.front_door import as_sample, takes_anything
from varstar.lightcurves.sample import light_curves

PERIOD = 0.5473
T = np.sort(np.random.default_rng(0).uniform(2453000, 2453300, 60))
MAG = 15 + 0.4 * np.sin(2 * np.pi * T / PERIOD)
ERR = np.full(60, 0.01)
TABLE = pd.DataFrame({"time": T, "mag": MAG, "err": ERR})


class LightKurve:
    """What lightkurve's objects have."""

    def __init__(self):
        self.time, self.flux = Time(T, format="jd"), 10 ** (-0.4 * (MAG - 15))
        self.flux_err, self.label = self.flux * 0.01, "KIC 1"


def forms(folder):
    TABLE.to_csv(folder / "a.csv", index=False)
    masked = Table({"time": T, "mag": MAG, "err": ERR}, masked=True)
    return {
        "arrays": (T, MAG, ERR),
        "two arrays": (T, MAG),
        "lists": [T.tolist(), MAG.tolist(), ERR.tolist()],
        "matrix": np.column_stack([T, MAG, ERR]),
        "matrix of rows": np.stack([T, MAG, ERR]),
        "table of one star": TABLE,
        "dict": {"t": T, "mag": MAG, "err": ERR},
        "astropy table": Table.from_pandas(TABLE),
        "masked table": masked,
        "time series": TimeSeries({"mag": MAG}, time=Time(T, format="jd")),
        "lightkurve": LightKurve(),
        "path": folder / "a.csv",
        "name": str(folder / "a.csv"),
        "pattern": str(folder / "*.csv"),
        "folder": str(folder),
        "list of paths": [folder / "a.csv"],
        "list of arrays": [(T, MAG, ERR)],
        "light_curve": vs.light_curve(T, MAG, ERR),
    }


@pytest.mark.parametrize("form", [
    "arrays", "two arrays", "lists", "matrix", "matrix of rows", "table of one star", "dict",
    "astropy table", "masked table", "time series", "lightkurve", "path", "name", "pattern",
    "folder", "list of paths", "list of arrays", "light_curve",
])  # fmt: skip
def test_one_star_in_every_form(form, tmp_path):
    sample = as_sample(forms(tmp_path)[form])
    curves = light_curves(sample)
    assert curves.n_stars == 1
    np.testing.assert_allclose(curves.t, T, atol=1e-6)
    if form == "lightkurve":
        assert sample.index.tolist() == ["KIC 1"]
        np.testing.assert_allclose(np.ptp(curves.mag), np.ptp(MAG), atol=1e-6)
    else:
        np.testing.assert_allclose(curves.mag, MAG)


@pytest.mark.parametrize("name", sorted(vs._TAKE_ANYTHING - {"classify", "catch22_features"}))
def test_every_function_takes_arrays(name):
    import matplotlib.pyplot as plt

    assert getattr(vs, name)((T, MAG, ERR)) is not None
    plt.close("all")


def test_periods_are_found_for_arrays():
    assert vs.find_periods((T, MAG, ERR))["period"].iloc[0] == pytest.approx(PERIOD, rel=1e-4)


def test_a_sample_and_flat_arrays_stay_as_they_are():
    sample = vs.make_sample(TABLE.assign(star_id="x"))
    assert as_sample(sample) is sample
    curves = light_curves(sample)
    assert as_sample(curves) is curves


def test_many_stars_in_a_list(tmp_path):
    two = as_sample([(T, MAG), (T, MAG + 1)])
    assert two.index.tolist() == ["0", "1"]
    TABLE.to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "b").mkdir()
    TABLE.to_csv(tmp_path / "b" / "a.csv", index=False)
    mixed = as_sample([tmp_path / "a.csv", tmp_path / "b" / "a.csv", vs.light_curve(T, MAG)])
    assert len(mixed) == 3
    assert mixed.index.is_unique


def test_a_table_with_names_of_stars_holds_many():
    both = pd.concat([TABLE.assign(star_id="x"), TABLE.assign(star_id="y")])
    assert as_sample(both).index.tolist() == ["x", "y"]


MISTAKES = {
    "arrays one by one": (
        lambda: vs.find_periods(T, MAG, ERR), r"vs\.find_periods\(\(t, mag, err\)"),
    "columns swapped": (lambda: vs.find_periods((MAG, T)), "cannot be magnitudes"),
    "arrays one by one to classify": (
        lambda: vs.classify(T, MAG, ERR, model="k21-asas"), r"vs\.classify\(\(t, mag, err\)"),
    "a list of numbers": (lambda: vs.find_periods([1.0, 2.0, 3.0]), "expected a sample"),
    "a column": (lambda: vs.find_periods(TABLE["mag"]), "one column is no light curve"),
    "an empty list": (lambda: vs.find_periods([]), "an empty list"),
    "a number": (lambda: vs.classify(7, model="k21-asas"), "expected a sample"),
    "nothing": (lambda: vs.classify(None, model="k21-asas"), "expected a sample"),
    "no magnitude": (lambda: vs.classify(TABLE[["time"]], model="k21-asas"), "mag"),
    "a survey's name": (lambda: vs.classify("sim-ogle3"), r"write vs\.load\('sim-ogle3'\)"),
    "a pattern without files": (lambda: vs.find_periods("nowhere/*.csv"), "no file matches"),
    "a name without a file": (lambda: vs.find_periods("nowhere.csv"), "nothing there"),
    "unequal arrays": (lambda: vs.find_periods((T, MAG[:-1])), "(?i)length|60.*59|59.*60"),
    "no model": (lambda: vs.classify((T, MAG, ERR), model="s20_catalina"), "s20-catalina"),
    "two stars to plot": (lambda: vs.plot([(T, MAG), (T, MAG)]), r"iloc\[\[0\]\]"),
    "an unknown band": (lambda: vs.find_periods((T, MAG), bands="g"), "unknown band"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_natural_mistake_gets_a_sentence_that_says_what_to_do(mistake):
    call, words = MISTAKES[mistake]
    with pytest.raises((ValueError, FileNotFoundError)) as error:
        call()
    assert re.search(words, str(error.value)), str(error.value)


def test_an_empty_call_says_what_is_expected():
    with pytest.raises(TypeError, match="find_periods: expected a sample"):
        vs.find_periods()


def test_the_wrapped_function_keeps_its_name_and_words():
    from varstar.periods import find_periods

    door = takes_anything(find_periods)
    assert door.__doc__ == find_periods.__doc__
    assert door.__wrapped__ is find_periods
    assert door(sample=(T, MAG))["status"].iloc[0] == "ok"
