"""The papers' published numbers, and ours beside them."""

import numpy as np
import pytest

from varstar.compendium import published


def test_s20_as_printed() -> None:
    assert published.value("s20", "fig02.parameters") == 1_615_685
    table = published.table("s20", "tab03")
    assert table.loc["RRLYR", "cnn_precision"] == 0.959
    report = table.drop("Average")
    assert abs(report["cnn_f1"].mean() - table.loc["Average", "cnn_f1"]) < 0.001
    harmonic = 2 / (1 / report["cnn_precision"] + 1 / report["cnn_recall"])
    np.testing.assert_allclose(harmonic, report["cnn_f1"], atol=0.002)


def test_against_paper() -> None:
    ours = {"fig02.parameters": 1615685, "tab03.ACEP.cnn_f1": 0.8, "tab08.seconds_per_image": 0.01}
    data = {"fig02": "any", "tab03.ACEP.cnn_f1": "sim-ogle3", "tab08": "sim-ogle3"}
    table = published.against_paper(ours, "s20", data=data)
    assert list(table.columns) == published.COLUMNS
    assert table["verdict"].tolist() == ["within", "below", "-"]
    assert table["data"].tolist() == ["any", "sim-ogle3", "sim-ogle3"]
    assert table["difference"].tolist() == pytest.approx([0, -0.079, -0.12])
    assert published.verdicts(table) == {"within": 1, "below": 1, "not judged": 1}
    lines = published.verdict_lines(table).splitlines()
    assert lines[0] == "Fig 2 trainable parameters: paper 1615685, any within 0: True"
    assert len(lines) == 2
    wide = published.against_paper(ours, "s20", data="x", tolerance={"tab03": 0.1})
    assert wide["verdict"].tolist() == ["within", "within", "-"]
    assert published.against_paper({"tab03.ACEP.cnn_f1": float("nan")}, "s20", data="x").empty


def test_unknown_quantities_papers_tables() -> None:
    with pytest.raises(ValueError, match=r"unknown paper 's21'. Known: .*'s20'"):
        published.load("s21")
    with pytest.raises(ValueError, match=r"no quantity \['tab03.X'\]. Known: .*tab03.ACEP"):
        published.against_paper({"tab03.X": 1.0}, "s20", data="x")
    with pytest.raises(ValueError, match="no table 'fig01'"):
        published.table("s20", "fig01")
    with pytest.raises(ValueError, match="not a number"):
        published.against_paper({"tab02.Batch size.chosen": 64}, "s20", data="x")


@pytest.mark.parametrize("paper", published.papers())
def test_every_paper_is_well_formed(paper: str) -> None:
    content = published.load(paper)
    assert {"paper", "title", "authors", "year", "reference", "notebook", "method", "items"} <= set(
        content
    )
    table = published.quantities(paper)
    assert table.index.is_unique
    assert set(content["headline"]) <= set(table.index)
    assert table["where"].map(bool).all()
    for stem, item in content["items"].items():
        assert {"item", "title", "where"} <= set(item), stem
        for name, cells in item.get("rows", {}).items():
            assert len(cells) == len(item["columns"]), (stem, name)
    for name in content["headline"]:
        assert isinstance(table.loc[name, "published"], int | float)


@pytest.mark.parametrize(
    ("paper", "item", "column", "total"),
    [
        ("s20", "tab01", "stars", 54007),
        ("k21", "tab01", "stars", 144823),
        ("k21", "tab04", "stars", 10779),
        ("k21", "tab05", "stars", 1570),
        ("k21", "tab07", "stars", 288698),
    ],
)
def test_printed_totals_are_the_sums(paper: str, item: str, column: str, total: int) -> None:
    stars = published.table(paper, item)[column]
    assert stars["Total"] == total == stars.drop("Total").sum()


@pytest.mark.parametrize("item", ["fig05", "fig06"])
def test_confusion_matrices_give_the_printed_scores(item: str) -> None:
    matrix = published.table("sm", item).to_numpy()
    assert matrix.sum() == published.value("sm", "fig05.stars")
    right = np.diag(matrix)
    f1 = 2 * right / (matrix.sum(0) + matrix.sum(1))
    assert abs(f1.mean() - published.value("sm", f"{item}.macro_f1")) < 1e-4


@pytest.mark.parametrize("item", ["tab05", "tab06"])
def test_rows_of_percentages_sum_to_a_hundred(item: str) -> None:
    rows = published.table("s20", item).dropna().astype(float).sum(axis=1)
    assert (rows - 100).abs().max() < 0.05
