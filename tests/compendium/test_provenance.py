"""Figures and tables with their provenance."""

import json
import platform
import subprocess
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from varstar import paths
from varstar.compendium import provenance
from varstar.compendium.provenance import (
    MAX_BYTES,
    PROFILES,
    Output,
    git_state,
    parameters,
    save_figure,
    save_table,
)
from varstar.plots import use_style

mpl.use("Agg")
import matplotlib.pyplot as plt


def out(profile: str = "laptop", data: str | tuple[str, ...] = "sim-ogle3", **options) -> Output:
    return Output("01_s20", profile=profile, data=data, **options)


# --- where products go --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "data", "folder"),
    [
        ("laptop", "sim-ogle3", "figures/simulated/01_s20"),
        ("laptop", ("sim-ogle3", "sim-ogle4"), "figures/simulated/01_s20"),
        ("real", ("catalina_sss", "catalina_css_north"), "figures/real/01_s20"),
        ("real", ("sim-ogle3", "catalina_sss"), "figures/real/01_s20"),
        ("smoke", "sim-ogle3", "build/smoke/simulated/01_s20"),
        ("paper", "sim-ogle3", "figures/simulated-paper/01_s20"),
    ],
)
def test_folder(folders: Path, profile: str, data, folder: str) -> None:
    assert out(profile, data).folder == folders / folder
    assert profile in PROFILES


def test_bad_output() -> None:
    with pytest.raises(ValueError, match=r"expected one of .*'smoke'.* Received: 'fast'"):
        out("fast")
    for data in ("", (), ("sim-ogle3", 5)):
        with pytest.raises(ValueError, match="names of the surveys"):
            out(data=data)


def test_parameters_are_the_literals_of_a_name_space() -> None:
    space = {"n": 3, "rate": 1e-3, "names": ["a"], "limit": None, "In": ["n = 3"], "Out": {}}
    space |= {"_": 5, "_i1": "n = 3", "__name__": "__main__", "exit": print, "mpl": mpl}
    assert parameters(space) == {"n": 3, "rate": 1e-3, "names": ["a"], "limit": None}


# --- what is written ----------------------------------------------------------------------


def draw(n: int = 10) -> plt.Figure:
    use_style()
    fig, ax = plt.subplots()
    ax.plot(np.arange(n))
    return fig


def test_a_figure_and_its_record() -> None:
    where = out(seed=7, parameters={"epochs": np.int64(3), "sizes": (1, 2)})
    path = save_figure(draw(), "fig04_confusion", where, caption="A confusion matrix.")
    record = json.loads(path.with_suffix(".json").read_text())
    assert record["product"] == "fig04_confusion.png"
    assert record["data"] == ["sim-ogle3"]
    assert record["kind"] == "simulated"
    assert record["seed"] == 7
    assert record["parameters"] == {"epochs": 3, "sizes": [1, 2]}
    assert record["versions"]["matplotlib"] == mpl.__version__
    assert {"commit", "dirty", "date", "caption", "sha256"} <= set(record)
    assert sorted(p.name for p in path.parent.iterdir()) == [
        "fig04_confusion.json",
        "fig04_confusion.png",
    ]


def test_the_same_figure_has_the_same_bytes_and_keeps_its_record() -> None:
    path = save_figure(draw(), "fig01", out())
    first = (path.read_bytes(), path.with_suffix(".json").read_bytes())
    record = json.loads(first[1])
    path.with_suffix(".json").write_text(json.dumps({**record, "date": "long ago"}))
    save_figure(draw(), "fig01", out())
    assert path.read_bytes() == first[0]
    assert json.loads(path.with_suffix(".json").read_text())["date"] == "long ago"
    save_figure(draw(11), "fig01", out())  # another figure: a new record
    assert path.read_bytes() != first[0]
    assert json.loads(path.with_suffix(".json").read_text())["date"] != "long ago"
    assert b"Software" not in first[0]


def test_no_figure_is_too_large() -> None:
    fig, ax = plt.subplots(figsize=(12, 9))
    ax.imshow(np.random.default_rng(0).random((800, 800)), cmap="nipy_spectral")
    assert save_figure(fig, "fig01", out(), dpi=300).stat().st_size <= MAX_BYTES


def test_a_table_is_rounded_and_names_its_own_data() -> None:
    table = pd.DataFrame({"f1": [1 / 3, np.nan], "n": [25000, 1], "ours": [1e-7 / 3, "within"]})
    path = save_table(table.astype({"ours": object}), "tab03", out(), data="sim-ogle4")
    assert path.read_text() == "f1,n,ours\n0.3333,25000,3.333e-08\n,1,within\n"
    assert json.loads(path.with_suffix(".json").read_text())["data"] == ["sim-ogle4"]
    path = save_table(pd.DataFrame({"n": [1]}, index=["ACEP"]), "tab04", out())
    assert path.read_text() == ",n\nACEP,1\n"


@pytest.mark.parametrize("name", ["", "a/b", "../a", "fig01.png", ".hidden"])
def test_bad_names(name: str) -> None:
    with pytest.raises(ValueError, match="without folder or ending"):
        save_table(pd.DataFrame({"n": [1]}), name, out())


def test_a_figure_and_a_table_do_not_share_a_name() -> None:
    save_figure(draw(), "fig01", out())
    with pytest.raises(ValueError, match=r"fig01\.png already"):
        save_table(pd.DataFrame({"n": [1]}), "fig01", out())


def test_a_failed_write_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_table(pd.DataFrame({"n": [1]}), "tab01", out())
    before = path.read_bytes()

    def broken(self, path, **options) -> None:
        Path(path).write_text("half")
        raise OSError("disk full")

    monkeypatch.setattr(pd.DataFrame, "to_csv", broken)
    with pytest.raises(OSError, match="disk full"):
        save_table(pd.DataFrame({"n": [2]}), "tab01", out())
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 2


def test_the_runner_is_told(folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VARSTAR_PRODUCTS", str(folders / "list"))
    made = [save_table(pd.DataFrame({"n": [1]}), name, out()) for name in ("tab01", "tab02")]
    assert (folders / "list").read_text().splitlines() == [str(p) for p in made]


# --- commit, dirty, versions --------------------------------------------------------------


def git(folder: Path, *arguments: str) -> str:
    options = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
    command = ["git", "-C", str(folder), *options, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with one commit: code and a figure."""
    top = tmp_path / "clone"
    (top / "figures").mkdir(parents=True)
    (top / "code.py").write_text("1")
    (top / "figures" / "fig01.png").write_text("1")
    git(top, "init", "-q")
    git(top, "add", ".")
    git(top, "commit", "-q", "-m", "first")
    monkeypatch.setattr(paths, "project", lambda: top)
    return top


def test_git_state_names_the_commit_and_what_is_not_committed(clone: Path, monkeypatch) -> None:
    commit = git(clone, "rev-parse", "HEAD")
    assert git_state() == {"commit": commit, "dirty": False}
    (clone / "varstar").mkdir(exist_ok=True)
    (clone / "varstar" / "new.py").write_text("1")  # code that was never added
    assert git_state() == {"commit": commit, "dirty": True}
    (clone / "varstar" / "new.py").unlink()
    (clone / "untracked.py").write_text("1")
    (clone / "figures" / "fig01.png").write_text("2")  # a product, not an ingredient
    assert git_state() == {"commit": commit, "dirty": False}
    (clone / "code.py").write_text("2")
    assert git_state() == {"commit": commit, "dirty": True}
    git(clone, "commit", "-q", "-a", "-m", "second")
    assert git_state() == {"commit": git(clone, "rev-parse", "HEAD"), "dirty": False}
    assert git_state()["commit"] != commit
    inner = clone / "inner"  # a folder inside somebody else's clone has no state of its own
    inner.mkdir()
    for folder in (inner, clone.parent):
        monkeypatch.setattr(paths, "project", lambda folder=folder: folder)
        assert git_state() == {"commit": None, "dirty": None}


def test_a_product_says_from_which_commit_and_versions_it_is(clone: Path) -> None:
    def record() -> dict:
        path = save_table(pd.DataFrame({"n": [1]}), "tab01", out())
        return json.loads(path.with_suffix(".json").read_text())

    first = git(clone, "rev-parse", "HEAD")
    (clone / "code.py").write_text("2")
    made = record()
    assert (made["commit"], made["dirty"]) == (first, True)
    assert made["versions"]["numpy"] == np.__version__
    assert made["versions"]["python"] == platform.python_version()
    assert {"keras", "tensorflow", "scikit-learn", "varstar"} <= set(made["versions"])
    assert record() == made  # the same product of the same code keeps its record
    git(clone, "commit", "-q", "-a", "-m", "second")
    made = record()  # the code is committed by now
    assert (made["commit"], made["dirty"]) == (git(clone, "rev-parse", "HEAD"), False)
    (clone / "code.py").write_text("3")
    assert record() == made  # known to come from committed code as well


def test_another_version_makes_another_record(clone: Path, monkeypatch) -> None:
    path = save_table(pd.DataFrame({"n": [1]}), "tab01", out())
    older = {**provenance.versions(), "numpy": "1.0"}
    monkeypatch.setattr(provenance, "versions", lambda: older)
    save_table(pd.DataFrame({"n": [1]}), "tab01", out())
    assert json.loads(path.with_suffix(".json").read_text())["versions"]["numpy"] == "1.0"
