"""The notebooks' form. What they compute is compared by ``pytest --nbval-lax`` (make test), in
small copies; here is checked that this comparison cannot pass without comparing anything, and
that copies and notebooks have the same cells."""

import ast
import json
import re
from pathlib import Path

import pytest

from varstar import paths
from varstar.compendium import gallery, published
from varstar.compendium.provenance import PROFILES
from varstar.compendium.run import (
    check,
    defaults,
    notebooks,
    profile_parameters,
    read,
    source,
)
from varstar.compendium.stored import MAX_OUTPUT, cells_digest, copies, own_cells

NOTEBOOKS = notebooks()
TEMPLATE = paths.notebooks() / "template.ipynb"
SOLUTIONS = sorted((paths.notebooks() / "solutions").glob("*.ipynb"))
PAPERS = {published.load(short)["notebook"]: short for short in published.papers()}

#: Lines of a cell, and parameters of a notebook's first cell of them.
MAX_CELL, MAX_FIRST = 40, 12

every = pytest.mark.parametrize("notebook", [*NOTEBOOKS, TEMPLATE], ids=lambda p: p.stem)
copied = pytest.mark.parametrize(
    "notebook", [*(copies() / n.name for n in NOTEBOOKS), TEMPLATE], ids=lambda p: p.stem
)
numbered = pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda p: p.stem)
of_papers = pytest.mark.parametrize(
    "notebook", [n for n in [*NOTEBOOKS, TEMPLATE] if n.stem in {*PAPERS, "template"}],
    ids=lambda p: p.stem,
)  # fmt: skip


def code(notebook: Path) -> list[dict]:
    return [cell for cell in read(notebook)["cells"] if cell["cell_type"] == "code"]


def compared(notebook: Path) -> list[dict]:
    tags = "nbval-check-output"
    return [c for c in code(notebook) if tags in c["metadata"].get("tags", [])]


def headings(notebook: Path) -> list[str]:
    text = "\n".join(source(c) for c in read(notebook)["cells"] if c["cell_type"] == "markdown")
    return re.findall(r"^#{1,2} (.*)$", text, re.M)


def text_of(output: dict) -> str:
    data = output.get("data", {})
    return "".join(
        part if isinstance(part, str) else "".join(map(str, part))
        for part in (output.get("text", ""), *data.values())
    )


@numbered
def test_the_copy_has_the_same_cells(notebook: Path) -> None:
    copy = copies() / notebook.name
    assert copy.is_file(), f"make notebooks-update: {copy.name}"
    ours, theirs = read(notebook)["cells"], own_cells(read(copy))
    assert [source(c) for c in theirs] == [source(c) for c in ours], "make notebooks-update"
    assert [c["cell_type"] for c in theirs] == [c["cell_type"] for c in ours]
    assert [c["metadata"].get("tags", []) for c in theirs] == [
        c["metadata"].get("tags", []) for c in ours
    ]


def test_no_copy_without_its_notebook() -> None:
    assert {p.name for p in copies().glob("*.ipynb")} == {n.name for n in NOTEBOOKS}


@numbered
def test_stored_numbers_are_those_of_these_cells(notebook: Path) -> None:
    content = read(notebook)
    advice = f"make reproduce-{notebook.name[:2]} publish"
    said = content["metadata"].get("varstar")
    assert said, advice
    assert said == {"profile": "laptop", "cells": cells_digest(content)}, advice


@numbered
def test_stored_notebooks_show_their_figures(notebook: Path) -> None:
    pictures = [
        output["data"]["image/png"]
        for cell in code(notebook)
        for output in cell["outputs"]
        if "image/png" in output.get("data", {})
    ]
    drawn = [name for name in manifest(notebook) if name.endswith(".png")]
    assert len(pictures) >= max(1, len(drawn))
    assert max(map(len, pictures)) < 400_000


def test_stored_notebooks_are_small() -> None:
    """The repository grows by as much whenever figures change."""
    assert sum(n.stat().st_size for n in NOTEBOOKS) < 8e6


@copied
def test_every_compared_cell_has_something_to_compare(notebook: Path) -> None:
    cells = compared(notebook)
    assert cells, "no cell is tagged nbval-check-output"
    for cell in cells:
        assert cell["execution_count"], source(cell)
        assert cell["outputs"], source(cell)
        assert any(text_of(output).strip() for output in cell["outputs"]), source(cell)


@every
def test_it_has_been_run_from_top_to_bottom_without_errors(notebook: Path) -> None:
    counts = [cell["execution_count"] for cell in code(notebook) if source(cell).strip()]
    assert counts == list(range(1, len(counts) + 1)), "make notebooks-update"
    kinds = {output["output_type"] for cell in code(notebook) for output in cell["outputs"]}
    assert "error" not in kinds


@copied
def test_copies_hold_no_figures(notebook: Path) -> None:
    kinds = {k for c in code(notebook) for out in c["outputs"] for k in out.get("data", {})}
    assert not [kind for kind in kinds if kind.startswith("image/")]


@pytest.mark.parametrize(
    "notebook", [*NOTEBOOKS, TEMPLATE, *(copies() / n.name for n in NOTEBOOKS)],
    ids=lambda p: f"{p.parent.name}-{p.stem}",
)  # fmt: skip
def test_outputs_are_small_without_traces_of_a_machine(notebook: Path) -> None:
    for cell in code(notebook):
        for output in cell["outputs"]:
            assert output.get("name") != "stderr", "make notebooks-update"
            data = {k: v for k, v in output.get("data", {}).items() if k != "image/png"}
            text = text_of({**output, "data": data})
            assert len(text) <= MAX_OUTPUT
            assert not re.search(r"(?<![\w.])/(home|root|Users|tmp|work|mnt|opt|usr)/", text)
    metadata = json.dumps([cell["metadata"] for cell in code(notebook)])
    assert "papermill" not in metadata + json.dumps(read(notebook)["metadata"])
    assert "iopub" not in metadata


@every
def test_one_parameters_cell_of_literals_each_explained(notebook: Path) -> None:
    found = defaults(notebook)
    assert found["profile"] == "laptop"
    assert "seed" in found


@every
def test_compared_cells_do_not_train(notebook: Path) -> None:
    for cell in compared(notebook):
        assert ".fit(" not in source(cell)
        assert "cached(" not in source(cell)


@pytest.mark.parametrize(
    "notebook", [*NOTEBOOKS, TEMPLATE, *SOLUTIONS], ids=lambda p: f"{p.parent.name}-{p.stem}"
)
def test_cells_are_thin(notebook: Path) -> None:
    """What is long or used twice belongs to the package."""
    for cell in code(notebook):
        assert len(source(cell).splitlines()) <= MAX_CELL, source(cell)
        lines = [x for x in source(cell).splitlines() if not x.lstrip().startswith(("%", "!"))]
        for node in ast.walk(ast.parse("\n".join(lines))):
            kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            assert not isinstance(node, kinds), f"{node.name} belongs to a module"


@of_papers
def test_first_the_few_parameters_that_matter(notebook: Path) -> None:
    """A dozen are enough before the first star; the rest follow in a cell of their own."""
    tags = {t: c for c in code(notebook) for t in c["metadata"].get("tags", [])}
    first = tags.get("first-parameters", tags["parameters"])
    assert len(ast.parse(source(first)).body) <= MAX_FIRST


@every
def test_kernel(notebook: Path) -> None:
    assert read(notebook)["metadata"]["kernelspec"]["name"] == "python3"


@of_papers
def test_headings_of_the_template(notebook: Path) -> None:
    found = headings(notebook)
    wanted = ["Aim", "Theory in short", "Parameters", "Data", "Method"]
    wanted += ["Compare with the paper", "What differs and why", "Exercises"]
    assert [h for h in found if h in wanted] == wanted
    assert any(re.match(r"(Figure|Table|Figures|Tables|Section) [A-Z]?\d", h) for h in found)


@numbered
def test_headings_that_all_have(notebook: Path) -> None:
    found = headings(notebook)
    wanted = ["Aim", "Parameters", "Exercises"]
    assert [h for h in found if h in wanted] == wanted


def is_for_real_stars(notebook: Path) -> bool:
    """Whether the notebook says how it is run on real surveys: a contributor may lack them."""
    return (notebook.parent / "params" / "real" / f"{notebook.name[:2]}.yaml").is_file()


@numbered
@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_has_parameters_that_exist(notebook: Path, profile: str) -> None:
    if profile == "real" and not is_for_real_stars(notebook):
        return
    given = profile_parameters(notebook, profile)
    if profile == "laptop":  # the notebook as it stands is the laptop profile
        assert given == {"profile": "laptop"}


def test_no_parameters_of_no_notebook() -> None:
    numbers = {notebook.name[:2] for notebook in NOTEBOOKS}
    for path in (paths.notebooks() / "params").glob("*/*"):
        assert path.parent.name in PROFILES, path
        assert path.stem in numbers, path
        assert path.suffix == ".yaml", path


@numbered
def test_real_surveys_in_the_profile_real(notebook: Path) -> None:
    from varstar.datasets import SURVEYS

    if not is_for_real_stars(notebook):
        return
    given = check(profile_parameters(notebook, "real"), defaults(notebook), "real")
    strings = [v for v in given.values() if isinstance(v, str)]
    strings += [x for v in given.values() if isinstance(v, list) for x in v if isinstance(x, str)]
    surveys = [s for s in strings if s in SURVEYS or s.startswith("sim-")]
    assert surveys, "names no survey"
    assert not [s for s in surveys if s.startswith("sim-")]


@pytest.mark.parametrize("notebook", SOLUTIONS, ids=lambda p: p.stem)
def test_solutions_belong_to_a_notebook(notebook: Path) -> None:
    assert notebook.name[:3] in {n.name[:3] for n in NOTEBOOKS}
    for cell in code(notebook):
        assert not [out for out in cell["outputs"] if out["output_type"] == "error"]


@numbered
def test_exercises_have_solutions(notebook: Path) -> None:
    assert notebook.name[:3] in {s.name[:3] for s in SOLUTIONS}


# --- what they make -----------------------------------------------------------------------


def manifest(notebook: Path) -> set[str]:
    """Names of the figures and tables that the notebook's cells save: ``fig01_gallery.png``.

    What is saved under an ``if`` without ``else`` depends on the profile and may be missing.
    """
    found = set()
    suffix = {"save_figure": ".png", "save_table": ".csv"}
    for cell in code(notebook):
        lines = [x for x in source(cell).splitlines() if not x.lstrip().startswith(("%", "!"))]
        tree = ast.parse("\n".join(lines))
        maybe = {
            inner
            for node in ast.walk(tree)
            if isinstance(node, ast.If) and not node.orelse
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or node in maybe:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else None
            name = node.func.id if isinstance(node.func, ast.Name) else name
            if name in suffix and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                found.add(f"{node.args[1].value}{suffix[name]}")
    return found


#: What the last run on real stars did not make yet: it was before the notebook had it. The list
#: can only become shorter.
NOT_YET_REAL = {name: {"claims.csv"} for name in ("03_k21_transfer", "04_ts19_novelty",
                                                  "05_s26_multiband")}  # fmt: skip


@numbered
@pytest.mark.parametrize("kind", ["simulated", "real"])
def test_every_figure_and_table_is_there(notebook: Path, kind: str) -> None:
    there = {record["product"] for record in gallery.products(notebook.stem, kind)}
    if kind == "real" and not is_for_real_stars(notebook):
        return
    missing = manifest(notebook) - there
    late = NOT_YET_REAL.get(notebook.stem, set()) if kind == "real" else set()
    assert late <= missing, f"take {sorted(late - missing)} out of NOT_YET_REAL"
    missing -= late
    assert not missing, f"make reproduce-{notebook.name[:2]} (PROFILE=real for real ones)"


@pytest.mark.parametrize("name", sorted(set(PAPERS) & {n.stem for n in NOTEBOOKS}))
def test_every_published_item_is_shown(name: str) -> None:
    names = manifest(paths.notebooks() / f"{name}.ipynb")
    names |= {record["product"] for record in gallery.products(name, "simulated")}
    for stem, item in published.load(PAPERS[name])["items"].items():
        assert any(gallery.belongs(n, stem) for n in names), (
            f"{item['item']}: no figure or table {stem}_*"
        )
