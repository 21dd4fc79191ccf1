"""What the small runs of the notebooks are compared by."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from varstar import paths, plots
from varstar.compendium import numbers
from varstar.compendium.provenance import Output, save_figure, save_table
from varstar.compendium.run import notebooks, read, source
from varstar.compendium.spread import stored
from varstar.compendium.stored import copies

MATRIX = pd.DataFrame([[5, 2, 0], [1, 7, 1], [0, 3, 9]], index=list("abc"), columns=list("abc"))
X = np.linspace(0, 1, 20)


@pytest.fixture(autouse=True)
def own_build(monkeypatch, tmp_path):
    monkeypatch.setenv("VARSTAR_BUILD", str(tmp_path))


def drawn(draw):
    fig, ax = plt.subplots()
    draw(ax)
    found = numbers.of_figure(fig)
    plt.close(fig)
    return found


def wrong(ours, known, spread=None):
    return numbers.differences({"p": ours}, {"p": known}, {"p": spread or {}})


FIGURES = {
    "a confusion transposed": (lambda ax: plots.plot_confusion(MATRIX, ax),
                               lambda ax: plots.plot_confusion(MATRIX.T, ax)),
    "columns of a confusion exchanged": (
        lambda ax: plots.plot_confusion(MATRIX, ax),
        lambda ax: plots.plot_confusion(MATRIX[list("bac")].set_axis(list("abc"), axis=1), ax)),
    "a line upside down": (lambda ax: ax.plot(X, X**2), lambda ax: ax.plot(X, -(X**2))),
    "axes exchanged": (lambda ax: ax.plot(X, X**2), lambda ax: ax.plot(X**2, X)),
    "a line in another order": (lambda ax: ax.plot(X, X**2), lambda ax: ax.plot(X, X[::-1] ** 2)),
    "points elsewhere": (lambda ax: ax.scatter(X, X**2), lambda ax: ax.scatter(X, X**2 + 0.1)),
    "colours of points exchanged": (lambda ax: ax.scatter(X, X, c=X),
                                    lambda ax: ax.scatter(X, X, c=X[::-1])),
    "bars exchanged": (lambda ax: ax.bar([1, 2, 3], [1, 5, 2]),
                       lambda ax: ax.bar([1, 2, 3], [1, 2, 5])),
    "bars to the left": (lambda ax: ax.barh([1, 2], [3, 4]), lambda ax: ax.barh([1, 2], [-3, -4])),
    "intervals of no width": (lambda ax: ax.errorbar(X, X, yerr=0.1),
                              lambda ax: ax.errorbar(X, X, yerr=0.0)),
    "magnitudes upside down": (lambda ax: (ax.plot(X, X), ax.invert_yaxis()),
                               lambda ax: ax.plot(X, X)),
    "a large image mirrored": (lambda ax: ax.imshow(np.outer(X, X**2)),
                               lambda ax: ax.imshow(np.outer(X, X**2)[:, ::-1])),
    "another label": (lambda ax: ax.set_xlabel("predicted"), lambda ax: ax.set_xlabel("true")),
}  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_that_shows_something_else_is_noticed(name):
    right, slip = (drawn(draw) for draw in FIGURES[name])
    assert wrong(slip, right), name
    assert not wrong(right, right)


def test_a_transposed_confusion_is_noticed_whatever_the_network_says():
    """Networks of other seeds move columns, not rows: those are the stars of each class."""
    tables = [MATRIX, MATRIX - np.eye(3, dtype=int) + np.roll(np.eye(3, dtype=int), 1, axis=1)]
    per_cent = [t.div(t.sum(axis=1), axis=0) * 100 for t in tables]
    first, other = ({"p": drawn(lambda ax, t=t: ax.imshow(t))} for t in per_cent)
    spread = numbers.spread([first, other])
    assert not numbers.differences(other, first, spread)
    slip = {"p": drawn(lambda ax: ax.imshow(per_cent[0].T))}
    assert numbers.differences(slip, first, spread)


def out(tmp_path):
    return Output("99_x", profile="smoke", data="sim-asas", seed=1)


def test_tables_cell_by_cell_and_figures_from_their_record(tmp_path):
    here = out(tmp_path)
    table = pd.DataFrame({"class": ["a", "b"], "f1": [0.5, np.nan], "train_seconds": [3.0, 4.0]})
    save_table(table, "tab01_x", here, caption="x")
    fig, ax = plt.subplots()
    ax.plot(X, X)
    save_figure(fig, "fig01_x", here, caption="x")
    plt.close(fig)
    found = numbers.made(tmp_path / "smoke", "99")
    assert set(found) == {"simulated/fig01_x.png", "simulated/tab01_x.csv"}
    assert found["simulated/tab01_x.csv"] == {
        "rows": 2.0, "columns": "class, f1, train_seconds", "0, class": "a", "1, class": "b",
        "0, f1": 0.5, "1, f1": "",
    }  # fmt: skip
    assert found["simulated/fig01_x.png"]["axes 0, line 0: y mean"] == 0.5
    assert not numbers.made(tmp_path / "smoke", "99", since=1e12)  # of an older run


def test_a_long_table_is_summarised(tmp_path):
    path = tmp_path / "long.csv"
    pd.DataFrame({"x": np.arange(100.0)}).to_csv(path, index=False)
    found = numbers.of_table(path)
    assert found["all, x: mean"] == 49.5
    assert len(found) == 6
    pd.DataFrame({"x": np.arange(100.0)[::-1]}).to_csv(path, index=False)
    assert wrong(numbers.of_table(path), found)


def test_what_moves_with_the_network_may_differ_by_as_much_and_nothing_else():
    first = {"p": {"0, f1": 0.5, "1, f1": 0.6, "0, stars": 20.0, "0, best": "a"}}
    other = {"p": {"0, f1": 0.55, "1, f1": 0.6, "0, stars": 20.0, "0, best": "b"}}
    spread = numbers.spread([first, other])
    assert spread == {"p": {"f1": 0.05, "best": -1.0}}
    for key, value, fine in (("1, f1", 0.69, True), ("1, f1", 0.71, False), ("0, best", "c", True),
                             ("0, stars", 20.001, True), ("0, stars", 21.0, False)):  # fmt: skip
        ours = {"p": {**first["p"], key: value}}
        assert bool(numbers.differences(ours, first, spread)) != fine, (key, value)


def test_what_is_missing_or_new_is_said():
    assert numbers.differences({}, {"p": {}}, {}) == ["p is missing"]
    assert numbers.differences({"p": {}}, {}, {}) == ["p is new"]
    assert wrong({"a": 1.0}, {"a": 1.0, "b": 2.0})
    assert wrong({"a": 1.0, "b": 2.0}, {"a": 1.0})


def saving(notebook):
    """Cells that save a table or a figure."""
    cells = [c for c in read(notebook)["cells"] if c["cell_type"] == "code"]
    return [c for c in cells if "save_table(" in source(c) or "save_figure(" in source(c)]


@pytest.mark.parametrize("notebook", notebooks(), ids=lambda p: p.stem)
def test_every_notebook_has_its_numbers(notebook):
    path = stored(copies() / notebook.name)
    assert path.is_file(), "make notebooks-update"
    known = json.loads(path.read_text("utf-8"))
    assert set(known) == {"numbers", "spread"}
    values = [v for product in known["numbers"].values() for v in product.values()]
    assert sum(isinstance(v, float) for v in values) > 50
    assert len(known["numbers"]) >= len(saving(notebook)) // 2
    # most of what is compared has no tolerance at all, or one that a slip would exceed
    assert set(known["spread"]) <= set(known["numbers"])
    assert not [p for p, s in known["spread"].items() for k, v in s.items() if np.isnan(v)]


def test_no_numbers_of_no_notebook():
    folder = copies() / "numbers"
    assert {p.stem for p in folder.glob("*")} == {n.stem for n in notebooks()}


def test_the_project_is_found():
    assert (paths.project() / "pyproject.toml").is_file()
