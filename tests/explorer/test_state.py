"""What the explorer knows, without a widget."""

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table

import varstar as vs
from varstar.explorer.curves import aliases, harmonics, press, step
from varstar.explorer.notes import COLUMNS, read_notes
from varstar.explorer.state import State
from varstar.lightcurves.sample import light_curves


@pytest.fixture
def sample():
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 100, 60))
    parts = [
        pd.DataFrame({"star_id": f"star {k}", "t": t, "mag": 15 + 0.3 * np.sin(2 * np.pi * t / p),
                      "err": 0.02, "band": "V"})
        for k, p in enumerate((0.5, 0.7, 3.0, 9.0))
    ]  # fmt: skip
    stars = pd.DataFrame({
        "star_id": [f"star {k}" for k in range(4)],
        "label": ["RRAB", "RRC", "EA", None], "period": [0.5, 0.7, np.nan, np.nan],
    })  # fmt: skip
    return vs.make_sample(pd.concat(parts), stars)


@pytest.fixture
def results(sample):
    return pd.DataFrame(
        {"family": ["RR", "RR", "ECL", "LPV"], "label": ["RRAB", "RRAB", "EA", "M"],
         "family_probability": [0.9, 0.4, 0.7, np.nan], "novelty_percentile": [10, 99, 50, np.nan],
         "period": [0.51, 0.7, 3.0, np.nan]},
        index=sample.index,
    )  # fmt: skip


def test_filters_and_orders(sample, results):
    one = State(sample, results)
    assert one.chosen().tolist() == [0, 1, 2, 3]
    assert one.chosen(name="RR").tolist() == [0, 1]
    assert one.chosen(search="STAR 2").tolist() == [2]
    assert one.chosen(least=0.6).tolist() == [0, 2]
    assert one.chosen(order="most doubtful").tolist() == [3, 1, 2, 0]
    assert one.chosen(order="most novel").tolist() == [1, 2, 0, 3]
    assert one.chosen(order="disagrees with the catalogue").tolist()[0] == 1
    assert one.chosen(order="period").tolist() == [0, 1, 2, 3]
    assert one.chosen(most=0.5).tolist() == [1]
    assert one.chosen(within=np.array([3, 1])).tolist() == [1, 3]
    one.note(2, label="EA")
    assert one.chosen(status="written down").tolist() == [2]
    assert one.chosen(status="not yet").tolist() == [0, 1, 3]
    with pytest.raises(ValueError, match="order: expected one of"):
        one.chosen(order="size")
    with pytest.raises(ValueError, match="status: expected one of"):
        one.chosen(status="bad")


def test_by_status(sample, results):
    status = ["ok", "no points", "ok", "no period"]
    one = State(sample, results.assign(status=status))
    assert one.chosen(status="ok").tolist() == [0, 2]
    assert one.chosen(status="not ok").tolist() == [1, 3]
    assert State(sample).chosen(status="ok").tolist() == [0, 1, 2, 3]


def test_disagreement_is_between_families_or_like_spelled_classes(sample, results):
    assert State(sample, results).disagrees.tolist() == [False, True, False, False]
    other = sample.assign(label=["RRAB", "EA", "star of mine", None])
    assert State(other, results).disagrees.tolist() == [False, True, False, False]
    named = other.assign(label=["DCEP", "HADS", "EW", "M"])
    named.attrs["survey"] = "sim-asassn"
    assert State(named, results).disagrees.tolist() == [True, True, True, False]
    plain = results[["label"]].assign(probability=0.5, RRAB=0.5, RRC=0.2, EA=0.1, M=0.2)
    assert State(sample, plain).disagrees.tolist() == [False, True, False, False]


def test_results_are_put_in_the_samples_order(sample, results):
    one = State(sample, results.iloc[::-1])
    assert one.classes.tolist() == ["RR", "RR", "ECL", "LPV"]
    with pytest.raises(ValueError, match=r"own stars\. Received other names: \['x'\]"):
        State(sample, results.set_axis(["x", "star 1", "star 2", "star 3"]))
    with pytest.raises(ValueError, match="expected light curves"):
        State(light_curves(sample))


def test_axes_of_the_map(sample, results):
    one = State(sample.assign(ra=[1.0, 2, 3, 4], name="a", same=1.0), results)
    names = ["log10 period [d]", "log10 scatter [mag]", "mean magnitude", "ra",
             "family_probability", "novelty_percentile"]  # fmt: skip
    assert one.axes() == names
    np.testing.assert_allclose(one.axis("log10 period [d]")[:3], np.log10([0.51, 0.7, 3.0]))
    assert one.axis("ra").tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(one.axis("mean magnitude"), 15, atol=0.05)
    assert "log10 period [d]" not in State(sample.drop(columns="period")).axes()
    # a sine of semi-amplitude 0.3
    np.testing.assert_allclose(10 ** one.axis("log10 scatter [mag]"), 0.3 / np.sqrt(2), rtol=0.15)


def test_periods_are_the_users_the_answers_the_catalogues(sample, results):
    one = State(sample, results)
    one.note(2, period=6.0)
    np.testing.assert_array_equal(one.periods(), [0.51, 0.7, 6.0, np.nan])
    np.testing.assert_array_equal([one.period(k) for k in range(4)], one.periods())
    np.testing.assert_array_equal(State(sample).periods(), [0.5, 0.7, np.nan, np.nan])
    for text in ("one day", "-1", "inf", ""):
        one.notes["star 2"]["period"] = text  # a file that was edited by hand
        assert one.periods()[2] == one.period(2) == 3.0


def test_points_left_out_and_taken_back(sample):
    one = State(sample)
    whole = one.curve(1)
    one.exclude(1, [0, 3])
    one.exclude(1, [5])
    left = one.curve(1)
    assert len(left.t) == len(whole.t) - 3
    assert set(whole.t[[0, 3, 5]]).isdisjoint(left.t)
    assert len(one.curve(1, whole=True).t) == len(whole.t)
    assert len(one.curve(0).t) == len(whole.t)  # another star's stay
    assert len(one.star(1)["lc"].iloc[0]) == len(left.t)
    assert one.star(1).index.tolist() == ["star 1"]
    one.exclude(1, [5, 6], toggle=True)
    assert np.flatnonzero(one.out(1)).tolist() == [0, 3, 6]
    one.include_all(1)
    assert len(one.curve(1).t) == len(whole.t)


def test_notes_are_kept_and_read_again(sample, tmp_path):
    file = tmp_path / "notes.csv"
    first = State(sample, notes_file=file)
    first.note(0, label="RRAB", period=0.5123456789012345, remark='odd, "wide"\nline', who="me")
    again = State(sample, notes_file=file)
    note = again.notes["star 0"]
    assert float(note["period"]) == 0.5123456789012345
    assert (note["label"], note["remark"], note["who"]) == ("RRAB", 'odd, "wide"\nline', "me")
    assert note["when"].endswith("Z")
    again.note(3, label="M")
    assert set(read_notes(file)) == {"star 0", "star 3"}
    assert not [p for p in tmp_path.iterdir() if p != file]


def test_export(sample, tmp_path):
    one = State(sample)
    one.note(0, label="RRAB", period=0.5)
    one.export(tmp_path / "a.ecsv")
    table = Table.read(tmp_path / "a.ecsv")
    assert table.colnames == COLUMNS
    assert table["star_id"][0] == "star 0"
    assert read_notes(one.export(tmp_path / "a.csv")) == one.notes
    with pytest.raises(ValueError, match=r"ends in \.csv or \.ecsv"):
        one.export(tmp_path / "a.xls")
    State(sample).export(tmp_path / "empty.ecsv")
    assert len(Table.read(tmp_path / "empty.ecsv")) == 0


def test_another_file_is_no_notes(sample, tmp_path):
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="is no file of notes"):
        State(sample, notes_file=tmp_path / "other.csv")


def test_results_of_other_stars(sample, results):
    with pytest.raises(ValueError, match="3 rows for 4 stars"):
        State(sample, results.iloc[:3])


def test_an_empty_sample(sample):
    one = State(sample.iloc[:0])
    assert one.chosen(order="most novel").tolist() == []
    assert one.thinned().tolist() == []


def test_thinning(sample):
    one = State(sample)
    one.names = ["x"] * 60_000
    rows = one.thinned(6000)
    assert len(rows) == len(set(rows)) == 6000
    assert rows.max() < 60_000
    assert (np.diff(rows) > 0).all()
    inside = np.arange(60_000) >= 58_000
    assert one.thinned(6000, inside=inside).tolist() == list(range(58_000, 60_000))


def test_steps_and_aliases_by_hand():
    # 100 d / 0.5 d = 200 cycles: 5 % of a cycle at the end is 0.05 / 200 of the period
    assert step(0.5, 100) == pytest.approx(0.5 * 0.05 / 200)
    found = aliases(0.5)
    assert found["+1 a day"] == pytest.approx(1 / 3)
    assert found["-1 a day"] == pytest.approx(1.0)
    assert found["-1 a year"] == pytest.approx(1 / (2 - 1 / 365.25))


def test_gaps_are_pressed_and_seasons_kept():
    season = np.arange(0, 30, 1.0)
    t = np.concatenate([season, season + 200, season + 600])
    pressed = press(t[::-1])
    x = pressed.x[::-1]
    for k in range(3):
        np.testing.assert_allclose(np.diff(x[30 * k : 30 * k + 30]), 1.0)
    assert x[0] == 0.0
    np.testing.assert_allclose(pressed.gaps[:, 1], [171, 371])
    np.testing.assert_allclose(pressed.start[:, 1], [0, 200, 600])
    np.testing.assert_allclose(pressed.start[:, 0], x[[0, 30, 60]])
    assert np.ptp(x) < 100
    assert (pressed.gaps[:, 0] > x[[29, 59]]).all()
    assert (pressed.gaps[:, 0] < x[[30, 60]]).all()


def test_nothing_is_pressed_without_gaps():
    t = np.array([5.0, 7.0, np.nan, 6.0])
    np.testing.assert_array_equal(press(t).x, t)
    assert press(t).start.tolist() == [[5.0, 5.0]]
    assert press(np.array([])).gaps.shape == (0, 2)
    assert press(np.array([3.0, 3.0])).x.tolist() == [3.0, 3.0]


def test_a_series_leaves_the_noise(sample):
    rng = np.random.default_rng(1)
    t = 2.45e6 + np.sort(rng.uniform(0, 300, 400))
    phase = 2 * np.pi * t / 0.61
    mag = 15 + 0.4 * np.cos(phase + 1) + 0.15 * np.cos(2 * phase) + 0.02 * rng.standard_normal(400)
    band = np.where(np.arange(400) % 2, "V", "I")
    curves = light_curves(vs.light_curve(t, mag - (band == "I"), np.full(400, 0.02), band))
    out = np.isin(np.arange(400), [3, 70])
    curves = curves._replace(mag=np.where(np.arange(400) == 3, 20, curves.mag))
    found = harmonics(curves, 0.61, epoch=2.45e6 + 0.2, out=out)
    assert set(found.terms.values()) == {2}
    assert found.rms == pytest.approx(0.02, rel=0.1)
    assert np.flatnonzero(np.isnan(found.residual)).tolist() == [3, 70]
    want = 15 + 0.4 * np.cos(2 * np.pi * (2.45e6 + 0.2) / 0.61 + 1)
    want += 0.15 * np.cos(4 * np.pi * (2.45e6 + 0.2) / 0.61)
    assert found.curve[curves.bands.index("V")][0] == pytest.approx(want, abs=0.01)
    assert harmonics(curves, 0.7377).rms > 0.2
    for period in (np.nan, 0.0, -1.0, np.inf):
        assert np.isnan(harmonics(curves, period).residual).all()
    assert harmonics(curves.where(np.arange(400) < 3), 0.61).terms == {}
