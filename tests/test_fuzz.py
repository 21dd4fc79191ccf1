"""A small part of `benchmarks/fuzz.py`, and what it has found once."""

import bz2
import gzip
import importlib.util
import lzma
import sys

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar import paths
from varstar.__main__ import main
from varstar.lightcurves.sample import LightCurves, clean
from varstar.periods import refine

FOLDER = paths.project() / "benchmarks"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="not a clone")


@pytest.fixture(scope="module")
def fuzz():
    sys.path.insert(0, str(FOLDER))
    try:
        spec = importlib.util.spec_from_file_location("fuzz", FOLDER / "fuzz.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        import hostile_files  # noqa: F401  (found while the folder is on the path)
    finally:
        sys.path.remove(str(FOLDER))
    return module


def test_hostile_light_curves(fuzz) -> None:
    campaign = fuzz.Campaign(tell=False)
    campaign.limit = 20.0  # how long it takes is the benchmark's to say
    for turn in range(4):
        fuzz.try_group(campaign, 5, list(range(50 * turn, 50 * turn + 50)), ["sm-asas"])
    assert not campaign.wrong
    assert campaign.tried["find_periods"] >= 200
    assert 20 < campaign.answered["find_periods"] < 180


def test_hostile_files(fuzz) -> None:
    campaign = fuzz.Campaign(tell=False)
    campaign.limit = 20.0
    assert fuzz.fuzz_files(campaign, 5, 200, 1e9) == 200
    assert not campaign.wrong
    assert 20 < campaign.answered["read_light_curve"] < 180


def test_hostile_files_on_the_command_line(fuzz, tmp_path, capsys) -> None:
    given = []
    with sys.modules["hostile_files"].Files(6) as files:
        for k in range(40):
            path, wrong, options = files.make(k)
            if not options and wrong not in ("odd path", "odd name"):
                given.append(str(path))
        out = tmp_path / "out.parquet"
        assert main(["classify", *given, "--model", "sm-asas", "-o", str(out)]) == 1
    table = pd.read_parquet(out)
    assert set(table["file"]) == set(given)
    bad = table["status"].str.startswith("unreadable: ")
    assert 0 < bad.sum() < len(table)
    assert table.loc[bad, "label"].isna().all()
    assert f"{bad.sum()} of {len(given)} files unreadable" in capsys.readouterr().err


def test_the_campaign_sees_a_wrong_answer(fuzz) -> None:
    t = np.linspace(0, 30, 100) + np.random.default_rng(0).uniform(0, 0.1, 100)
    mag = 15 + np.sin(2 * np.pi * t / 0.7)
    err = np.full(100, 0.01)
    row = vs.find_periods((t, mag, err)).iloc[0]
    said = fuzz.complaints_of_period
    assert not said(row, t, mag, err, False)
    assert said(row.replace({row["power"]: 0.5}), t, mag, err, False)
    assert said(pd.Series({**row, "period": 500.0}), t, mag, err, False)
    assert said(pd.Series({**row, "status": "no points"}), t, mag, err, False)


# --- what it has found --------------------------------------------------------------------


def star(t, mag, err) -> LightCurves:
    flat = (np.asarray(v, float) for v in (t, mag, err))
    return LightCurves(*flat, np.zeros(len(t), np.int8), np.array([0, len(t)]), ("V",))


@pytest.mark.parametrize("odd", [1e-300, 5e-324, 1e300, 1.7e308])
def test_errors_whose_squares_overflow_are_unknown(odd: float) -> None:
    err = np.full(30, 0.02)
    err[3] = odd
    curves, _ = clean(star(np.arange(30.0), np.arange(30) % 7, err))
    assert curves.err[3] == 0.02
    found = vs.find_periods(curves)
    assert found["status"].tolist() == ["ok"]
    assert np.isfinite(found["power"]).all()


@pytest.mark.parametrize("scale", [1e-15, 1e-300, 5e-324])
def test_times_and_magnitudes_closer_than_can_be_told_are_the_same(scale: float) -> None:
    t, mag = np.arange(30.0), np.arange(30) % 7
    assert clean(star(t * scale, mag, mag))[1].tolist() == ["all at one time"]
    assert clean(star(t, mag * scale, mag))[1].tolist() == ["constant magnitude"]
    assert clean(star(t, mag * 1e-6, mag))[1].tolist() == ["ok"]


def test_absurd_times_are_left_out() -> None:
    t = np.arange(30.0)
    t[[4, 5]] = 1e15, -1e300
    assert clean(star(t, t % 7, t))[0].counts.tolist() == [28]


def test_many_points_are_added_up_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    t, mag = np.sort(rng.uniform(0, 50, 300)), rng.normal(size=300)
    weight = np.full(300, 1 / 300)
    mag -= mag.mean()
    frequency, offsets = np.array([0.3, 1.7, 4.1]), np.array([-0.01, 0.0, 0.01])
    whole = [refine.fan_power(t, frequency, offsets, mag, weight, k) for k in (1, 3)]
    monkeypatch.setattr(refine, "TURNS", 9 * 7)  # seven points at a time
    parts = [refine.fan_power(t, frequency, offsets, mag, weight, k) for k in (1, 3)]
    np.testing.assert_allclose(parts, whole, rtol=1e-9)


def test_power_of_a_variation_that_is_small_beside_the_mean(fuzz) -> None:
    rng = np.random.default_rng(4)
    night = 3000 * (np.arange(200) >= 100)
    t = np.sort(night + rng.uniform(0, 1e-3, 200))
    mag = 15 + 1e-9 * rng.normal(size=200)
    err = np.full(200, 0.01)
    row = vs.find_periods(star(t, mag, err)).iloc[0]
    exact = sys.modules["hostile_curves"].power_by_least_squares(
        t, mag, err, row["multiple"] / row["period"]
    )
    assert row["power"] == pytest.approx(exact, abs=1e-6)
    assert row["power"] < 0.5


GOOD = b"hjd,mag,mag_err\n" + b"".join(b"%d.5,15.%d,0.02\n" % (2455000 + i, i) for i in range(99))


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_packed_files_are_read_whole_or_refused(tmp_path, pack) -> None:
    path = tmp_path / "star.csv"
    half = len(GOOD) // 2
    path.write_bytes(pack(GOOD[:half]) + pack(GOOD[half:]))  # two streams, as pbzip2 writes
    assert len(vs.read_light_curve(path)["lc.mag"]) == 99
    raw = pack(GOOD)
    for n in range(20, len(raw), 37):
        path.write_bytes(raw[:n])
        with pytest.raises(ValueError, match="truncated"):
            vs.read_light_curve(path)


def test_a_field_that_is_too_long_is_refused(tmp_path) -> None:
    path = tmp_path / "star.csv"
    path.write_bytes(b"hjd,mag\n" + b"1" * 200_000 + b",2\n2,3\n")
    with pytest.raises(ValueError, match="not a table"):
        vs.read_light_curve(path)


def test_a_name_that_is_too_long_is_no_file(tmp_path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing there"):
        vs.read_light_curve(tmp_path / ("x" * 5000))


def test_a_file_without_a_single_time_is_refused(tmp_path) -> None:
    path = tmp_path / "star.csv"
    path.write_text("hjd,mag\n" + "nan,15.1\n" * 5)
    with pytest.raises(ValueError, match="no measurements"):
        vs.read_light_curve(path)
