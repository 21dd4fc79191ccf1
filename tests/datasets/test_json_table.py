"""JSON tables are read right or refused aloud; difference fluxes of alerts are called so."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.lightcurves.sample import light_curves

T = 2458000.0 + np.arange(40) * 1.37
MAG = 15 + 0.1 * np.sin(T)


def frame():
    return pd.DataFrame({"jd": T, "mag": MAG, "err": 0.02})


def read(tmp_path, text, name="star.json", **asked):
    (tmp_path / name).write_text(text)
    return vs.read_light_curve(tmp_path / name, **asked)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.json", frame().to_json(orient="records", double_precision=15)),
        ("lines.jsonl", frame().to_json(orient="records", lines=True, double_precision=15)),
        ("columns.json", json.dumps({k: v.tolist() for k, v in frame().items()})),
        ("inside.json", json.dumps({"star": "a", "data": frame().to_dict("records")})),
        ("deeper.json", json.dumps({"result": {"rows": frame().to_dict("records")}})),
    ],
)
def test_the_same_star_in_every_form(tmp_path, name, text):
    lc = read(tmp_path, text, name)["lc"].iloc[0]
    np.testing.assert_allclose(lc["t"], T, rtol=0, atol=1e-8)
    np.testing.assert_allclose(lc["mag"], MAG, rtol=0, atol=1e-12)
    np.testing.assert_allclose(lc["err"], 0.02)


def test_detections_not_limits_of_alerce(tmp_path):
    detection = {"oid": "ZTF1", "magpsf_corr": 15.0, "sigmapsf_corr": 0.02, "fid": 1,
                 "corrected": True, "dubious": False}  # fmt: skip
    rows = [{**detection, "mjd": t - 2400000.5} for t in T]
    limits = [{"mjd": t - 2400000.5, "fid": 1, "diffmaglim": 20.0} for t in np.arange(200) + T[0]]
    sample = read(tmp_path, json.dumps({"detections": rows, "non_detections": limits}))
    report = sample.attrs["report"]
    assert report["layout"] == "ALeRCE detections"
    assert "rows of 'detections'" in report["notes"]
    assert len(sample["lc"].iloc[0]) == len(T)


def test_what_is_missing_stays_missing(tmp_path):
    rows = frame().to_dict("records")
    rows[3]["mag"] = None
    del rows[5]["mag"]
    lc = read(tmp_path, json.dumps(rows))["lc"].iloc[0]
    assert np.isfinite(lc["mag"]).sum() == len(T) - 2


@pytest.mark.parametrize(
    "text",
    ["[1, 2, 3]", '{"a": 1}', '[{"jd": 1', "{", "[]", "[" * 50_000, '{"jd": [1], "mag": []}'],
)
def test_what_is_no_table_is_refused(tmp_path, text):
    with pytest.raises(ValueError, match=r"star\.json: (JSON without a table|not JSON)"):
        read(tmp_path, text)


def test_a_spreadsheet_is_refused_with_advice(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04" + bytes(100))
    with pytest.raises(ValueError, match="save the table as CSV"):
        vs.read_light_curve(tmp_path / "a.xlsx")


def rubin(**columns):
    flux = 500 * np.sin(T)
    table = {"diaSourceId": range(len(T)), "midpointMjdTai": T - 2400000.5, "band": "g",
             "psfFlux": flux, "psfFluxErr": 20.0}  # fmt: skip
    return pd.DataFrame({**table, **columns}).to_csv(index=False)


def test_difference_fluxes_of_an_alert_are_called_so(tmp_path):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        sample = read(tmp_path, rubin(), "dia.csv")
    assert sample.attrs["report"]["layout"] == "Rubin alerts"
    assert any("reference image" in str(w.message) for w in said)


def test_the_science_flux_of_an_alert_is_the_stars_own(tmp_path):
    sample = read(
        tmp_path, rubin(scienceFlux=3e4 + 500 * np.sin(T), scienceFluxErr=25.0), "dia.csv"
    )
    assert sample.attrs["report"]["layout"] == "Rubin difference-image sources"
    mag = sample["lc"].iloc[0]["mag"].to_numpy()
    np.testing.assert_allclose(mag, 31.4 - 2.5 * np.log10(3e4 + 500 * np.sin(T)), atol=1e-9)


def test_zubercal_errors_are_ten_thousandths_of_a_magnitude(tmp_path):
    table = pd.DataFrame({"objectid": 1, "mjd": T - 2400000.5, "mag": MAG, "magerr": 180.0,
                          "flag": np.where(np.arange(len(T)) < 3, 1, 0), "fieldid": 5, "rcidin": 3,
                          "band": "g"})  # fmt: skip
    lc = read(tmp_path, table.to_csv(index=False), "z.csv")["lc"].iloc[0]
    assert len(lc) == len(T) - 3
    np.testing.assert_allclose(lc["err"], 0.018)


def test_plasticc_is_a_difference_with_its_zero_point(tmp_path):
    table = pd.DataFrame({"object_id": 1, "mjd": T - 2400000.5, "passband": 2,
                          "flux": 100 * np.sin(T), "flux_err": 5.0})  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sample = read(tmp_path, table.to_csv(index=False), "p.csv")
    assert sample.attrs["report"]["layout"] == "PLAsTiCC"
    lc = sample["lc"].iloc[0]
    assert set(lc["band"]) == {"r"}
    assert len(lc) == len(T)
    # whatever stands for the reference, the range follows from the fluxes and is finite
    assert np.isfinite(lc["mag"]).all()


@pytest.mark.parametrize(
    "content",
    [
        {"metadata": [{"name": "jd"}, {"name": "mag"}], "data": [[1.5, 12.25], [2.5, 12.5]]},
        {"fields": [{"name": "jd"}, {"name": "mag"}], "rows": [[1.5, 12.25], [2.5, 12.5]]},
        {"columns": ["jd", "mag"], "index": [0, 1], "data": [[1.5, 12.25], [2.5, 12.5]]},
    ],
)
def test_names_apart_from_rows(tmp_path, content):
    path = tmp_path / "star.json"
    path.write_text(json.dumps(content))
    c = light_curves(vs.read_light_curve(path))
    assert c.t.tolist() == [1.5, 2.5]
    assert c.mag.tolist() == [12.25, 12.5]


@pytest.mark.parametrize(
    "content",
    [
        {"columns": ["jd", "mag"], "data": [[1.5, 12.25], [2.5]]},
        {"columns": ["jd", "jd"], "data": [[1.5, 12.25], [2.5, 12.5]]},
        {"columns": ["jd", "mag"], "data": []},
        {"columns": ["jd", 5], "data": [[1.5, 12.25], [2.5, 12.5]]},
    ],
)
def test_names_that_do_not_fit_their_rows(tmp_path, content):
    path = tmp_path / "star.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"JSON without a table|expected a column"):
        vs.read_light_curve(path)
