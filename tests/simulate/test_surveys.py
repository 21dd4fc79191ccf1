"""What each simulated survey does to its stars: bands, errors, mistakes, cameras, Gaia."""

import numpy as np
import pytest

from varstar import taxonomy
from varstar.lightcurves.sample import clean, light_curves
from varstar.simulate import SURVEYS, TYPES, observe_star, survey
from varstar.simulate.plan import plan


@pytest.mark.parametrize("name", sorted(SURVEYS))
def test_tables_of_classes(name):
    spec = SURVEYS[name]
    labels = [r["label"] for r in spec["classes"]]
    known = taxonomy.vocabulary(name)
    assert not [x for x in labels if x not in known], "labels that the taxonomy lacks"
    for row in spec["classes"]:
        assert row["type"] in TYPES
        assert row["count"] > 0
        for what in ("mag", "log_p"):
            assert what not in row or (np.diff(row[what]) >= 0).all(), row["label"]
        assert spec["place"] == "lmc" or len(row["mag"]) == 7
    assert set(spec["cadence"]) == set(spec["noise"]) == set(spec["bands"])
    for chosen in spec.get("choices", {}).values():
        assert set(chosen) <= {*labels, *(r["superclass"] for r in spec["classes"])}


def test_all_classes_of_the_papers_are_there():
    def classes(name, paper, choice=None):
        spec = SURVEYS[name]
        rows = plan(spec, 1, classes=choice)[0]
        mapped = taxonomy.to_classes([r["label"] for r in rows], paper, survey=name)
        return set(mapped.dropna())

    assert classes("sim-ogle3", "k21", "k21") == set(taxonomy.classes("k21"))
    assert classes("sim-ogle3", "s20") == set(taxonomy.classes("s20"))
    assert classes("sim-ogle4", "s20") == set(taxonomy.classes("s20")) - {"DSCT"}
    assert classes("sim-asassn", "sm", "sm") == set(taxonomy.classes("sm"))
    assert classes("sim-asassn", "ts19", "ts19") == set(taxonomy.classes("ts19"))
    assert classes("sim-ztf", "s26") == set(taxonomy.classes("s26"))
    assert classes("sim-asas", "k21-asas", "seven") == set(taxonomy.classes("k21-asas"))
    assert len({r["label"] for r in SURVEYS["sim-hipparcos"]["classes"]}) == 23
    assert len(set(SURVEYS["sim-asassn"]["choices"]["k21"])) == 19


def test_proportions_are_those_of_the_tables():
    for name in ("sim-hipparcos", "sim-asassn", "sim-asas"):
        spec = SURVEYS[name]
        rows, row, _ = plan(spec, 20_000, minimum=0)
        count = np.bincount(row, minlength=len(rows))
        wanted = np.array([r["count"] for r in rows], float)
        assert np.abs(count - wanted / wanted.sum() * 20_000).max() < 3


def test_equal_between_labels():
    sample = survey("sim-ogle3", size=270, classes="k21", balance="labels", clean=True)
    counts = sample["label"].value_counts()
    assert len(counts) == 26
    assert counts.min() >= 9
    one = survey("sim-ogle3", size=30, classes="k21", balance={"RRab": 2, "QSO": 1}, clean=True)
    assert one["label"].value_counts().to_dict() == {"RRab": 20, "QSO": 10}


def test_wrong_labels_at_the_stated_rate_and_none_when_clean():
    # the types' own wrong rows (contact binaries among the DSCT) apart
    sample = survey("sim-asas", size=2000, seed=4, classes=["EC", "ED"], balance="labels")
    wrong = sample["label"] != sample["true_label"]
    assert 0.03 < wrong.mean() < 0.075
    swapped = sample[wrong]
    assert set(swapped["label"]) <= {"ESD"}
    none = survey("sim-asas", size=300, classes=["EC", "ED"], clean=True)
    assert (none["label"] == none["true_label"]).all()
    np.testing.assert_allclose(none["period"], none["true_period"])


def test_published_periods():
    sample = survey("sim-ogle3", size=800, seed=2, balance="equal")
    off = np.abs(sample["period"] / sample["true_period"] - 1)
    # cycles lost over the survey
    lost = off * (2452123 - 2454952) / sample["true_period"]
    assert np.mean(np.abs(lost) < 0.03) > 0.98
    assert np.mean(off > 0.1) < 0.01
    eros = survey("sim-eros2", size=300, seed=2, classes=["EB", "RRL RRe"], balance="labels")
    eb = eros[eros["true_type"].str.startswith("EB")]
    ratio = eb["true_period"] / eb["period"]
    assert 1.99 < np.median(ratio) < 2.01
    rre = eros[eros["true_type"] == "RRe"]
    alias = 1 / (1 / rre["true_period"] - 1)
    assert np.mean(np.abs(rre["period"] / alias - 1) < 0.01) > 0.9


def test_both_cameras_of_eros_look_at_once():
    sample = survey("sim-eros2", size=10, seed=1, classes="CEPH F")
    blue, red = light_curves(sample, "B_E"), light_curves(sample, "R_E")
    for i in range(10):
        same = np.isin(red.one(i)[0], blue.one(i)[0])
        assert same.mean() > 0.8
    # the Cepheid's amplitude falls with wavelength, in the same phase
    for i in range(10):
        t, mag, _ = blue.one(i)
        t2, mag2, _ = red.one(i)
        both, a, b = np.intersect1d(t, t2, return_indices=True)
        assert len(both) > 100
        assert np.corrcoef(mag[a], mag2[b])[0, 1] > 0.6
        assert np.std(mag2[b]) < 1.1 * np.std(mag[a])


def test_errors_grow_with_magnitude_but_those_of_asas_do_not():
    def slope(name, band):
        sample = survey(name, size=400, seed=1, balance="labels")
        curves, status = clean(light_curves(sample, band))
        ok = status == "ok"
        mag, err = (
            np.array([np.median(x) for x in np.split(v, curves.offsets[1:-1])])[ok]
            for v in (curves.mag, curves.err)
        )
        return np.corrcoef(mag, np.log(err))[0, 1]

    assert slope("sim-ogle3", "I") > 0.8
    assert abs(slope("sim-asas", "V")) < 0.2


def test_asassn_has_upper_limits_cameras_and_gaia():
    sample = survey("sim-asassn", size=400, seed=1, balance="labels")
    limits = sample["lc.mag"].to_numpy() > 90
    assert 0.001 < limits.mean() < 0.2
    assert (sample["lc.err"].to_numpy()[limits] > 90).all()
    _, status = clean(light_curves(sample))
    assert np.mean(status == "ok") > 0.95
    assert sample["mean_mag"].between(8, 18).mean() > 0.98
    assert sample["class_prob"].between(0, 1).all()
    sure = (sample["label"] == sample["true_label"]) & (sample["true_type"] != "VAR")
    assert sample.loc[sure, "class_prob"].median() > 0.95
    assert sample.loc[~sure, "class_prob"].median() < 0.8
    miss = (sample["parallax"] - sample["true_parallax"]) / sample["parallax_error"]
    assert abs(miss.mean()) < 0.2
    assert miss.std() == pytest.approx(1, abs=0.15)
    np.testing.assert_allclose(1000 / sample["true_parallax"], sample["true_distance"], rtol=1e-9)
    red = sample.loc[sample["label"] == "M", "bp_rp"].median()
    assert red > sample.loc[sample["label"] == "RRAB", "bp_rp"].median() + 2


def test_tess_is_dense_and_short():
    sample = survey("sim-tess", size=2)
    curves = light_curves(sample)
    assert curves.counts.min() > 15_000
    assert np.ptp(curves.t) < 28
    assert np.median(curves.err) < 0.05


def test_epochs_a_star_are_those_of_the_surveys():
    for name, band, low, high in [
        ("sim-ogle3", "I", 330, 560), ("sim-ogle3", "V", 25, 60), ("sim-ogle4", "I", 480, 750),
        ("sim-ogle4", "V", 70, 160), ("sim-eros2", "B_E", 430, 600), ("sim-asas", "V", 300, 560),
        ("sim-catalina", "V", 150, 320), ("sim-hipparcos", "Hp", 60, 150),
        ("sim-asassn", "V", 150, 300), ("sim-ztf", "r", 250, 600), ("sim-ztf", "g", 90, 300),
    ]:  # fmt: skip
        counts = light_curves(survey(name, size=60, seed=1), band).counts
        assert low < np.median(counts) < high, (name, band, np.median(counts))


def test_lmc_stars_are_as_bright_as_there():
    sample = survey("sim-ogle3", size=900, seed=1, classes="k21", balance="labels", clean=True)
    level = sample.groupby("label")["mean_mag"].median()
    for label, low, high in [
        ("RRab", 18.4, 19.1), ("CEP F", 14.9, 15.7), ("LPV Mira AGB O", 13.2, 15.8),
        ("DSCT", 19.0, 20.6), ("LPV OSARG RGB", 14.2, 15.8), ("QSO", 17.0, 20.5),
    ]:  # fmt: skip
        assert low < level[label] < high, (label, level[label])


def test_one_star_seen_by_three_surveys():
    seen = observe_star("CEP F", period=6.5, number=3, clean=True)
    assert list(seen.index) == ["sim-ogle4", "sim-ztf", "sim-tess"]
    np.testing.assert_allclose(seen["true_period"], 6.5)
    assert seen["true_distance"].nunique() == seen["ra"].nunique() == 1
    curves = light_curves(seen)
    assert set(curves.bands) == {"I", "V", "g", "r", "i", "T"}
    assert curves.counts[2] > 15_000
    # the same phase of maximum in I and T: fold both with the true period
    first = []
    for row, band in ((0, "I"), (2, "T")):
        t, mag, _ = light_curves(seen, band).one(row)
        first.append(np.sum((mag - mag.mean()) * np.exp(2j * np.pi * t / 6.5)) / len(t))
    assert abs(np.angle(first[0] / first[1])) < 0.25
    with pytest.raises(ValueError, match="unknown type"):
        observe_star("CEP")
    with pytest.raises(ValueError, match="unknown simulated survey"):
        observe_star("CEP F", ["ztf"])


#: Points, mean time [d], mean magnitude, mean error of the first stars with seed 3.
FIRST_STARS = {
    "sim-asas": (8497, 2453250.0240, 11.427204, 0.037732),
    "sim-asassn": (4642, 2457533.3086, 13.739802, 0.019688),
    "sim-catalina": (4075, 55055.3796, 14.663789, 0.073627),
    "sim-eros2": (18952, 2451509.9889, 16.958660, 0.050587),
    "sim-hipparcos": (2350, 2448473.3869, 7.932613, 0.018735),
    "sim-ogle3": (10243, 2453482.6650, 18.192195, 0.047072),
    "sim-ogle4": (13656, 2456455.0371, 17.669885, 0.019647),
    "sim-tess": (35852, 2458696.5027, 10.370813, 0.001452),
    "sim-ztf": (13324, 2459105.3290, 17.024458, 0.022122),
}


@pytest.mark.parametrize("name", FIRST_STARS)
def test_a_seed_gives_the_same_stars_for_good(name):
    curves = light_curves(survey(name, size=2 if name == "sim-tess" else 20, seed=3))
    n, t, mag, err = FIRST_STARS[name]
    measured = curves.mag < 90
    assert len(curves.t) == n
    assert curves.t.mean() == pytest.approx(t, abs=1e-3)
    assert curves.mag[measured].mean() == pytest.approx(mag, abs=2e-6)
    assert curves.err[measured].mean() == pytest.approx(err, abs=2e-6)


@pytest.mark.real
def test_cepheids_against_ogle4(real_data):
    """Simulated classical Cepheids against the real ones of OGLE-IV, medians of quantities."""
    from varstar.datasets import load

    real = load("ogle4_lmc_cep", root=real_data, size=1200)
    real = real[(real["label"] == "CEP F") & real["period"].notna()]
    sim = survey("sim-ogle4", size=600, seed=1, classes="CEP F", clean=True)
    for column, tolerance in (("mean_mag", 0.3), ("amplitude", 0.06)):
        assert sim[column].median() == pytest.approx(real[column].median(), abs=tolerance)
    logs = [np.log10(x["period"]).median() for x in (sim, real)]
    assert logs[0] == pytest.approx(logs[1], abs=0.08)
    errors = [np.median(x["lc.err"].to_numpy(float)) for x in (sim, real)]
    assert 0.6 < errors[0] / errors[1] < 2
