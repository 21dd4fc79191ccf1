"""What the explorer knows, without a widget."""

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table

import varstar as vs
from varstar.explorer import state
from varstar.explorer.state import State, aliases, read_notes, step


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
    with pytest.raises(ValueError, match="order: expected one of"):
        one.chosen(order="size")


def test_periods_are_the_users_the_answers_the_catalogues(sample, results):
    one = State(sample, results)
    one.note(2, period=6.0)
    np.testing.assert_array_equal(one.periods(), [0.51, 0.7, 6.0, np.nan])
    np.testing.assert_array_equal(State(sample).periods(), [0.5, 0.7, np.nan, np.nan])


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
    assert table.colnames == state.COLUMNS
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


def test_steps_and_aliases_by_hand():
    # 100 d / 0.5 d = 200 cycles: 5 % of a cycle at the end is 0.05 / 200 of the period
    assert step(0.5, 100) == pytest.approx(0.5 * 0.05 / 200)
    found = aliases(0.5)
    assert found["+1 a day"] == pytest.approx(1 / 3)
    assert found["-1 a day"] == pytest.approx(1.0)
    assert found["-1 a year"] == pytest.approx(1 / (2 - 1 / 365.25))
