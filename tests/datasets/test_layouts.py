# ruff: noqa: E501  (rows of tables)
"""The same rows mean the same in every container, with columns in any order."""

import gzip

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from astropy.table import Table
from datasets.survey_rows import SURVEYS

import varstar as vs
from varstar.datasets.layouts import match, plain, registry
from varstar.lightcurves.sample import clean, light_curves


def _table(d):
    out = Table()
    for name in d.columns:
        values = d[name].to_numpy()
        out[name] = (
            values.astype(str) if values.dtype == object or "str" in str(d[name].dtype) else values
        )
    return out


def csv(d, path):
    d.to_csv(path.with_suffix(".csv"), index=False)
    return path.with_suffix(".csv")


def commented(d, path):
    """Tabs, comments above, UTF-8 with its mark, gzipped."""
    text = "# made up\n# ra=1 dec=2\n\n" + d.to_csv(index=False, sep="\t")
    path = path.with_suffix(".tsv.gz")
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + text.encode()))
    return path


def indexed(d, path):
    """As pandas writes it without index=False, in another order of rows and columns."""
    shuffled = d[list(np.random.default_rng(1).permutation(d.columns))].sample(
        frac=1, random_state=1
    )
    shuffled.to_csv(path.with_suffix(".csv"))
    return path.with_suffix(".csv")


def astropy(suffix, fmt):
    def write(d, path):
        path = path.with_suffix(suffix)
        if fmt == "ascii.ipac":  # names of letters and figures only
            d = d.rename(columns=lambda c: c.replace(" ", "_").replace("/", "_"))
        _table(d).write(path, format=fmt)
        return path

    write.__name__ = fmt
    return write


def parquet(d, path):
    d.to_parquet(path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


def lists(d, path):
    """One row, all columns as lists in its cell, but those of one value."""
    cells = {}
    for name in d.columns:
        values = d[name].tolist()
        cells[name] = (
            [values[0]]
            if d[name].nunique(dropna=False) == 1 and name != d.columns[-1]
            else [values]
        )
    cells[d.columns[0]] = cells[d.columns[0]]
    pq.write_table(pa.table(cells), path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


CONTAINERS = [csv, commented, indexed, astropy(".ecsv", "ascii.ecsv"), astropy(".vot", "votable"),
              astropy(".fits", "fits"), astropy(".tbl", "ascii.ipac"), parquet, lists]  # fmt: skip


def check(sample, right):
    curves, _ = clean(light_curves(sample))
    order = np.lexsort((right["mag"], right["t"]))
    t, mag = np.asarray(right["t"], float)[order], np.asarray(right["mag"], float)[order]
    ours = np.lexsort((curves.mag, curves.t))
    assert len(sample) == 1
    np.testing.assert_allclose(curves.t[ours], t, rtol=0, atol=2e-6)
    np.testing.assert_allclose(curves.mag[ours], mag, rtol=0, atol=2e-5)
    assert np.median(curves.err) == pytest.approx(right["err"], rel=1e-4)
    if "bands" in right:
        assert {curves.bands[k] for k in curves.band} == right["bands"]
    if "star" in right:
        assert list(sample.index) == [right["star"]]
    if "scale" in right:
        assert sample["time_scale"].tolist() == [right["scale"]]


@pytest.mark.parametrize("write", CONTAINERS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("survey", SURVEYS, ids=lambda f: f.__name__)
def test_the_same_rows_mean_the_same_in_every_container(survey, write, tmp_path):
    d, right = survey()
    check(vs.read_light_curve(write(d, tmp_path / "star")), right)


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda f: f.__name__)
def test_make_sample_understands_the_surveys_tables_too(survey):
    d, right = survey()
    right = {k: v for k, v in right.items() if k not in ("star", "scale")}
    check(vs.make_sample(d), right)
    check(vs.make_sample(_table(d)), right)
    check(vs.make_sample({c: d[c].tolist() for c in d.columns}), right)


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda f: f.__name__)
def test_the_report_counts_every_row(survey, tmp_path):
    d, right = survey()
    report = vs.read_light_curve(csv(d, tmp_path / "star")).attrs["report"]
    assert report["measurements"] == len(right["t"])
    assert report["rows"] == len(d)
    assert sum(report["bands"].values()) == report["measurements"]


def test_every_layout_says_where_it_is_described_and_is_first_for_its_own_columns():
    for name, layout in registry()["layouts"].items():
        assert layout["source"], name
        own = {n.split("|")[0]: n for n in layout["needs"]}
        assert match(own)[0] == name


@pytest.mark.parametrize(
    ("name", "as_compared"),
    [("HJD (d)", "hjd"), ("UT Date", "ut_date"), ("###MJD", "mjd"), ("chi/N", "chi_n"),
     ("Mag Error", "mag_error"), ("i:magpsf", "magpsf"), ("J.D.-2400000", "jd_2400000")],
)  # fmt: skip
def test_names_as_they_are_compared(name, as_compared):
    assert plain(name) == as_compared


def test_plain_tables_are_of_no_layout():
    for columns in (["hjd", "mag", "err"], ["time", "flux", "flux_err"], ["jd", "v", "b"]):
        assert match(dict.fromkeys(columns)) is None


def gaia_raw(as_text):
    t = np.array([1700.5, 1720.25, 1755.125, 1790.5])
    cell = (lambda v: "[" + ", ".join(map(str, v)) + "]") if as_text else list
    return pd.DataFrame(
        {
            "source_id": [5284240582308398080], "n_transits": [4], "transit_id": [cell([1, 2, 3, 4])],
            "g_transit_time": [cell(t)], "g_transit_flux_over_error": [cell([100.0] * 4)],
            "g_transit_mag": [cell([15.0, 15.5, 9.0, 15.2])], "bp_obs_time": [cell(t + 0.01)],
            "bp_flux_over_error": [cell([20.0] * 4)], "bp_mag": [cell([15.5, np.nan, 15.7, 15.8])],
            "rp_obs_time": [cell(t + 0.02)], "rp_flux_over_error": [cell([20.0] * 4)],
            "rp_mag": [cell([14.5, 14.6, 14.7, 14.8])],
            "variability_flag_g_reject": [cell([False, False, True, False])],
        }
    )  # fmt: skip


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_gaias_raw_arrays_in_cells(suffix, tmp_path):
    d = gaia_raw(suffix == "csv")
    path = tmp_path / f"star.{suffix}"
    d.to_csv(path, index=False) if suffix == "csv" else d.to_parquet(path)
    curves, _ = clean(light_curves(vs.read_light_curve(path)))
    names = np.array(curves.bands)[curves.band]
    assert {b: int((names == b).sum()) for b in set(names)} == {"G": 3, "BP": 3, "RP": 4}
    assert curves.t.min() == 2455197.5 + 1700.5
    assert np.median(curves.err[names == "G"]) == pytest.approx(0.010857, rel=1e-4)


@pytest.mark.parametrize("kind", ["list of structures", "structure of lists", "nested"])
def test_many_stars_with_their_light_curves_in_cells(kind, tmp_path):
    t, mag = [58000.5, 58001.5, 58003.5], [15.0, 15.5, 15.2]
    path = tmp_path / "stars.parquet"
    if kind == "nested":
        obs = pd.DataFrame(
            {"star_id": ["a"] * 3 + ["b"] * 3, "t": t * 2, "mag": mag * 2, "err": 0.1}
        )
        vs.make_sample(obs).to_parquet(path)
    else:
        one = {"mjd": t, "mag": mag, "magerr": [0.1] * 3, "catflags": [0, 0, 1], "fid": [1, 1, 2]}
        cell = [dict(zip(one, v, strict=True)) for v in zip(*one.values(), strict=True)]
        cells = [cell, cell] if kind == "list of structures" else [one, one]
        pq.write_table(pa.table({"object_id": ["a", "b"], "lc": cells}), path)
    sample = vs.read_light_curve(path)
    assert list(sample.index) == ["a", "b"]
    assert light_curves(sample).counts.tolist() == ([3, 3] if kind == "nested" else [2, 2])
    assert light_curves(sample).mag.tolist()[:2] == mag[:2]


def test_atlas_difference_fluxes_lose_no_point(tmp_path):
    t = 58000 + np.sort(np.random.default_rng(0).uniform(0, 60, 60))
    ujy = 300 * np.sin(2 * np.pi * t / 3.3)
    d = pd.DataFrame({"MJD": t, "m": np.where(ujy > 0, 18.0, -18.0), "dm": 0.1, "uJy": ujy, "duJy": 20.0,
                      "F": "o", "err": 0})  # fmt: skip
    with pytest.warns(UserWarning, match="linear in flux"):
        sample = vs.read_light_curve(csv(d, tmp_path / "star"))
    assert light_curves(sample).counts.tolist() == [60]
    assert vs.find_periods(sample)["period"].iloc[0] == pytest.approx(3.3, rel=0.01)
    np.testing.assert_allclose(sample["lc.flux"], ujy)


def test_alerts_without_a_corrected_magnitude_are_added_to_the_reference(tmp_path):
    """m = -2.5 log10(10^-0.4 m_ref +- 10^-0.4 m_diff)."""
    d = pd.DataFrame({"jd": [1.0, 2.0, 3.0], "fid": 1, "magpsf": [18.0, 18.0, 17.9], "sigmapsf": 0.1,
                      "isdiffpos": ["t", "f", "1"], "magnr": 16.0})  # fmt: skip
    mag = light_curves(vs.read_light_curve(csv(d, tmp_path / "star"))).mag
    np.testing.assert_allclose(mag[:2], [15.8403, 16.1874], atol=1e-4)
    limits = csv(
        pd.DataFrame({"mjd": [1.0], "fid": [1], "diffmaglim": [20.5]}), tmp_path / "limits"
    )
    with pytest.raises(ValueError, match="non-detections"):
        vs.read_light_curve(limits)


def test_zwicky_forced_photometry_has_the_reference_added(tmp_path):
    zp, reference = 26.2, 17.0
    total = 10 ** (0.4 * (zp - np.array([16.8, 17.1, 17.3])))
    rows = [f" {i} {2458000.5 + i} ZTF_g {zp} {f - 10 ** (0.4 * (zp - reference)):.6f} 5.0 {reference} 0"
            for i, f in enumerate(total)]  # fmt: skip
    head = "# request\nindex, jd, filter, zpdiff, forcediffimflux, forcediffimfluxunc, nearestrefmag, infobitssci\n"
    (tmp_path / "x.txt").write_text(head + "\n".join(rows) + "\n")
    c = light_curves(vs.read_light_curve(tmp_path / "x.txt"))
    np.testing.assert_allclose(c.mag, [16.8, 17.1, 17.3], atol=1e-5)
    assert c.bands == ("g",)
