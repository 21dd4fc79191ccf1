"""The recipes of CONTRIBUTING.md, followed to the letter in a copy of the package."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from varstar import paths

PAGE = paths.project() / "CONTRIBUTING.md"
pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="not a clone")


def steps(section: str) -> list[tuple[str, str, str]]:
    """What a section of the page says to do: (verb, where, text) of each marked block."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {section}\n")[1].split("\n## ")[0]
    block = re.compile(r"^ *<!-- (\w+): (.+?) -->\n( *)```\w*\n(.*?)^\3```", re.M | re.S)
    return [(verb, where, dedent(body)) for verb, where, _, body in block.findall(text)]


def follow(section: str, copy: Path) -> None:
    """Do the section's steps in the copy."""
    done = steps(section)
    assert done, section
    for verb, where, text in done:
        marker, _, name = where.rpartition(" | ")
        path = copy / name
        if verb == "run":
            path.mkdir(parents=True)
            run(copy, "-c", text, folder=path)
        elif verb == "file":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif verb == "end":
            path.write_text(path.read_text() + text)
        else:
            old = path.read_text()
            assert old.count(f"\n{marker}\n") == 1, f"{name}: {marker!r}"
            indented = re.sub(r"^(?=.)", "    " if name.endswith(".py") and verb == "after" else
                              "  " if verb == "after" else "", text, flags=re.M)  # fmt: skip
            new = f"\n{indented}" if verb == "replace" else f"\n{marker}\n{indented}"
            path.write_text(old.replace(f"\n{marker}\n", new))


def run(copy: Path, *arguments: str, folder: Path | None = None) -> str:
    environment = {**os.environ, "PYTHONPATH": str(copy), "VARSTAR_DATA": str(copy / "data"),
                   "VARSTAR_BUILD": str(copy / "build"), "VARSTAR_CACHE": str(copy / "cache"),
                   "TQDM_DISABLE": "1"}  # fmt: skip
    done = subprocess.run([sys.executable, *arguments], cwd=folder or copy, env=environment,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.fixture
def copy(tmp_path):
    """The package, its pages and its quick tests; shipped weights stay out."""
    top = paths.project()
    leave = shutil.ignore_patterns("__pycache__", "*.h5", "*.npz")
    for name in ("varstar", "docs", "tests"):
        shutil.copytree(top / name, tmp_path / name, ignore=leave)
    for name in ("pyproject.toml", "README.md", "CONTRIBUTING.md"):
        shutil.copy(top / name, tmp_path)
    (tmp_path / "data").mkdir()
    shutil.copy(top / "data" / "README.md", tmp_path / "data")
    return tmp_path


def test_every_recipe_has_steps():
    assert [len(steps(name)) for name in ("A survey", "A feature", "A model", "A notebook")] == [
        5,
        2,
        4,
        4,
    ]


def test_a_survey(copy):
    follow("A survey", copy)
    page = run(copy, "-m", "varstar", "data", "page")
    (copy / "docs" / "surveys.md").write_text(page)
    assert "My survey of two stars" in page
    code = (
        "import varstar as vs; s = vs.load('my_survey')\n"
        "print(vs.taxonomy.to_classes(s['label'], 's20', 'my_survey').fillna('-').tolist(),"
        " vs.find_periods(s)['status'].tolist(), 'my_survey' in vs.available())"
    )
    assert run(copy, "-c", code).strip() == "['RRLYR', '-'] ['ok', 'ok'] True"
    run(copy, "-m", "pytest", "-q", "-x", "tests/taxonomy", "tests/datasets/test_datasets.py")


def test_a_feature_changes_no_model(copy):
    code = (
        "import numpy as np, pandas as pd, varstar as vs\n"
        "from varstar.features.shape import all_features\n"
        "from varstar.lightcurves.sample import clean, light_curves\n"
        "s = vs.load('sim-ogle3', size=3, seed=1, bands='I')\n"
        "table = all_features(clean(light_curves(s))[0])\n"
        "print(table.columns.tolist(), table.round(6).to_csv())"
    )
    before = run(copy, "-c", code)
    follow("A feature", copy)
    assert run(copy, "-c", code) == before
    code = (
        "import varstar as vs; t = vs.variability_features(([1., 2., 4., 7.], [1., 3., 3., 4.]),"
        " periods=1.5); print(t['median_step'].tolist(), len(t.columns))"
    )
    assert run(copy, "-c", code).strip() == "[1.0] 18"
    run(copy, "-m", "pytest", "-q", "-x", "tests/features/test_variability.py")


@pytest.mark.slow
def test_a_model(copy):
    follow("A model", copy)
    scores = run(copy, "-m", "varstar", "train", "toy-sim")
    assert "accuracy" in scores
    code = (
        "import varstar as vs\n"
        "s = vs.load('sim-ogle3', size=8, seed=5, bands='I', balance='labels',"
        " classes=['RRab', 'LPV Mira AGB O'])\n"
        "r = vs.classify(s, model='toy-sim')\n"
        "print((r['label'] == s['label']).mean() > 0.8, (r['status'] == 'ok').all())\n"
        "print('toy-sim' in vs.models.table().index)\n"
        "print('An example.' in str(vs.models.card('toy-sim')))"
    )
    assert run(copy, "-c", code).split() == ["True"] * 4


@pytest.mark.slow
def test_a_notebook(copy):
    """From the template to the small copy that the tests compare, without a real survey."""
    (copy / "notebooks").mkdir()
    shutil.copy(paths.notebooks() / "template.ipynb", copy / "notebooks")
    follow("A notebook", copy)
    content = json.loads((copy / "notebooks" / "98_mine.ipynb").read_text("utf-8"))
    assert "00_template" not in json.dumps(content)
    assert run(copy, "-m", "varstar", "update", "98").strip() == "98_mine: updated"
    known = json.loads((copy / "tests/notebooks/numbers/98_mine.json").read_text("utf-8"))
    assert set(known["numbers"]) == {"simulated/fig01_points.png", "simulated/tab01_stars.csv"}
    assert known["spread"] == {}  # no network in it
    assert sum(v for k, v in known["numbers"]["simulated/tab01_stars.csv"].items()
               if k.endswith(", stars")) == 12  # fmt: skip
    # the comparison notices another number (and nothing else is wrong)
    known["numbers"]["simulated/tab01_stars.csv"]["0, stars"] += 1.0
    (copy / "tests/notebooks/numbers/98_mine.json").write_text(json.dumps(known))
    with pytest.raises(AssertionError, match=r"0, stars(.|\n)*1 failed"):
        run(copy, "-m", "pytest", "--nbval-lax", "tests/notebooks/98_mine.ipynb", "-o", "addopts=")
    # at laptop: figures and the notebook's own outputs
    run(copy, "-m", "varstar", "reproduce", "98")
    run(copy, "-m", "varstar", "publish", "98")
    assert (copy / "figures/simulated/98_mine/fig01_points.png").is_file()
    stored = json.loads((copy / "notebooks" / "98_mine.ipynb").read_text("utf-8"))
    assert stored["metadata"]["varstar"]["profile"] == "laptop"
