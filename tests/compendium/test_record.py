"""One format of records, one way to say what has changed."""

from pathlib import Path

import numpy as np

from varstar.compendium import record


def test_changes_name_what_differs() -> None:
    before = {"ingredients": {"n": "3", "images": "#a", "gone": "1", "same": "#c"}}
    now = {"n": "5", "images": "#b", "same": "#c", "rate": "0.1"}
    assert record.changes(before, now) == [
        "n 3 -> 5",
        "images changed",
        "gone 1 -> absent",
        "rate absent -> 0.1",
    ]
    assert record.changes(before, before["ingredients"]) == []
    assert record.changes(None, now) == ["the first time"]
    assert record.changes({}, now) == ["the first time"]
    assert record.changes({"ingredients": {"source": {"a": "b"}}}, now) == ["the first time"]
    assert record.changes(before, now, maximum=2) == ["n 3 -> 5", "images changed", "and 2 more"]


def test_short_values_are_shown_others_are_not() -> None:
    assert [record.show(v) for v in (None, True, 3, 0.1, "x")] == [
        "None",
        "True",
        "3",
        "0.1",
        "'x'",
    ]
    assert [record.show(v) for v in ("x" * 100, [1], np.float64(1))] == [None, None, None]


def test_a_record_is_written_whole_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a" / "record.json"
    record.write_json(path, {"n": np.int64(3), "x": np.arange(2), "s": {"b", "a"}, "t": (1, 2)})
    assert record.read(path) == {"n": 3, "x": [0, 1], "s": ["a", "b"], "t": [1, 2]}
    path.write_text('{"n": 3')
    assert record.read(path) is None
    assert record.read(tmp_path / "nowhere.json") is None
    path.write_text("[1]")
    assert record.read(path) is None
