"""docs/any.md says what the card says."""

import pytest

from varstar import paths
from varstar.papers.any import page


@pytest.mark.skipif(not (paths.project() / "docs" / "any.md").is_file(), reason="needs a clone")
def test_the_page_is_current() -> None:
    assert (paths.project() / "docs" / "any.md").read_text("utf-8") == page.page(), (
        "make leaderboard"
    )


def test_the_tables_by_hand() -> None:
    scores = {
        "sky": {"stars": 10, "macro_f1": 0.876, "f1": {"RR": 0.9, "CEP": 0.85}, "ece": 0.014,
                "coverage": 0.95, "set_size": 1.44},
        "constants called variable": {"8 points or more": 0.0856},
        "by points": [{"points_from": 8.0, "points_to": 12.0, "stars": 70.0, "macro_f1": 0.457,
                       "period_right": 0.066}],
        "novelty of a family left out": {"RR": 0.567, "LPV": 0.84},
    }  # fmt: skip
    text = page.measured(scores)
    assert "| sky | 10 | 0.88 | 0.90 | 0.85 |  |  |  |  |  | 0.01 | 0.95 | 1.4 |" in text
    assert "| 8-12 | 70 | 0.46 | 0.07 |" in text
    assert "8 points or more: 8.6 %" in text
    assert "RR 0.57, LPV 0.84" in text
