"""Brokers' adapters, with arrays: probabilities, zeros for what cannot be, never an exception."""

import sys

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar import brokers
from varstar.brokers.antares import Varstar
from varstar.brokers.fink import classifier

MODEL = "k21-lmc"
N = 9


@pytest.fixture(scope="module")
def star():
    rng = np.random.default_rng(2)
    t = np.sort(rng.uniform(60000, 60400, 120))
    mag = 17 + 0.4 * np.cos(2 * np.pi * t / 0.57) + rng.normal(0, 0.02, len(t))
    flux = 10 ** (-0.4 * (mag - brokers.ZERO_POINT))
    return t, flux, 0.02 * flux, np.full(len(t), "r"), mag


def test_direct_fluxes_are_classified_as_magnitudes_are(star):
    t, flux, err, band, mag = star
    observations = pd.DataFrame({"star_id": 0, "t": t, "mag": mag, "err": err / flux * 1.0857362})
    expected = vs.classify(vs.make_sample(observations.assign(band="r")), model=MODEL)
    found = brokers.probabilities([t], [flux], [err], [band], model=MODEL, kind="direct")
    assert len(found) == 1
    assert all(isinstance(p, float) for p in found[0])
    names = brokers.classes(MODEL)
    np.testing.assert_allclose(found[0], expected[names].iloc[0], atol=1e-4)


def test_differences_with_the_reference_are_the_direct_flux(star):
    t, flux, err, band, _ = star
    direct = brokers.probabilities([t], [flux], [err], [band], model=MODEL, kind="direct")
    less = flux - 10 ** (-0.4 * (17.0 - brokers.ZERO_POINT))
    found = brokers.probabilities([t], [less], [err], [band], model=MODEL, references=17.0)
    np.testing.assert_allclose(found, direct, atol=1e-4)
    alone = brokers.probabilities([t], [less], [err], [band], model=MODEL)
    assert sum(alone[0]) == pytest.approx(1, abs=1e-4)


def test_without_reference_the_amplitude_is_assumed():
    flux = np.linspace(-50, 50, 101)
    band = np.array(["g"] * 101)
    total = brokers.direct_fluxes(flux, band)
    low, high = np.percentile(total, [5, 95])
    assert 2.5 * np.log10(high / low) == pytest.approx(brokers.AMPLITUDE)
    assert total - flux == pytest.approx(total[0] - flux[0])


def test_what_cannot_be_classified_gives_zeros_in_its_place(star, caplog):
    t, flux, err, band, _ = star
    nan = np.full(len(t), np.nan)
    times = [t, [], None, t[:3], t, t]
    fluxes = [flux, [], None, flux[:3], nan, flux[:5]]
    errors = [err, [], None, err[:3], err, err]
    bands = [band, [], None, band[:3], band, band]
    found = brokers.probabilities(times, fluxes, errors, bands, model=MODEL, kind="direct")
    assert [sum(p) > 0.5 for p in found] == [True] + [False] * 5
    assert all(len(p) == N for p in found)
    assert "arrays of 120, 5" in caplog.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": "nothing"},
        {"model": MODEL, "kind": "indirect"},
        {"model": MODEL, "references": [1.0]},
    ],
)
def test_never_raises(star, wrong):
    t, flux, err, band, _ = star
    found = brokers.probabilities([t, t], [flux, flux], [err, err], [band, band], **wrong)
    assert len(found) == 2
    assert not any(found[1])
    assert brokers.probabilities(None, None, None, None, model=MODEL) == []


def test_no_broker_is_imported():
    assert not {"pyspark", "antares", "fink_science"} & set(sys.modules)


def test_fink_gets_a_list_per_alert(star):
    t, flux, err, band, _ = star
    column = [pd.Series([a, a[:2]], index=[7, 8]) for a in (t, flux, err, band)]
    found = classifier(MODEL, kind="direct")(*column)
    assert found.index.tolist() == [7, 8]
    assert sum(found[7]) == pytest.approx(1, abs=1e-4)
    assert found[8] == [0.0] * N


class Locus:
    def __init__(self, star):
        names = Varstar.REQUIRED_ALERT_PROPERTIES
        self.timeseries = pd.DataFrame(dict(zip(names, star, strict=True)))
        self.properties, self.tags = {}, []

    def tag(self, name):
        self.tags.append(name)


def test_antares_gets_properties_and_a_tag(star):
    t, flux, err, band, mag = star
    filter_ = Varstar()
    filter_.setup()
    locus = Locus((t, mag, err / flux, band))
    filter_.run(locus)
    expected = brokers.probabilities([t], [flux], [err], [band], model=MODEL, kind="direct")[0]
    assert locus.properties["varstar_class"] == brokers.classes(MODEL)[int(np.argmax(expected))]
    assert locus.properties["varstar_probability"] == pytest.approx(max(expected), abs=1e-2)
    assert locus.tags == ["varstar_sure"] * (locus.properties["varstar_probability"] >= 0.9)
    short = Locus((t[:2], mag[:2], err[:2], band[:2]))
    filter_.run(short)
    assert short.properties == {}
