"""What columns mean, in words."""

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.results import MEANINGS, Page, class_columns


def table(**more):
    columns = {"label": ["A", None], "probability": [0.9, np.nan], "A": [0.9, np.nan],
               "B": [0.1, np.nan], "n_points": [5, 0], "period": [1.0, np.nan]}  # fmt: skip
    return pd.DataFrame({**columns, **more, "status": ["ok", "no points"]})


def test_class_columns_end_where_other_columns_begin():
    assert class_columns(table()) == ["A", "B"]
    assert class_columns(table(novelty=[1.0, 2.0])) == ["A", "B"]
    with pytest.raises(ValueError, match=r"varstar\.classify"):
        class_columns(pd.DataFrame({"period": [1.0]}))


def test_every_column_of_find_periods_has_words():
    found = vs.find_periods((np.arange(50) * 0.37, np.sin(np.arange(50.0))))
    assert set(found.columns) <= set(MEANINGS)
    text = vs.explain(found)
    assert all(f"\n{name}\n" in f"\n{text}" for name in found.columns)


def test_explain_says_what_is_to_note_in_this_table():
    text = vs.explain(table(fap=[0.5, 1e-9], out_of_range=pd.array([2, None], dtype="Int64")))
    assert "A, B\n    probability of each of the 2 classes" in text
    assert "1 of 2 without an answer: no points" in text
    assert "1 of 2 may not be periodic" in text
    assert "1 of 2 lie outside the training stars" in text
    assert "above one half" not in text


def test_a_page_prints_as_it_is_and_its_html_is_escaped():
    page = Page("a <b>\n c")
    assert repr(page) == "a <b>\n c"
    assert "a &lt;b&gt;" in page._repr_html_()
