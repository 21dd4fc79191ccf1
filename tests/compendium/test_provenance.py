"""Figures and tables with their provenance; hashes; the cache of steps; published numbers."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from varstar.compendium import cache, fingerprint, published
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


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("build", "cache", "figures"):
        monkeypatch.setenv(f"VARSTAR_{name.upper()}", str(tmp_path / name))
    monkeypatch.delenv("VARSTAR_PRODUCTS", raising=False)
    return tmp_path


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
    paths = [save_table(pd.DataFrame({"n": [1]}), name, out()) for name in ("tab01", "tab02")]
    assert (folders / "list").read_text().splitlines() == [str(p) for p in paths]


def test_git_state_names_a_commit_or_says_none() -> None:
    state = git_state()
    assert state["commit"] is None or len(state["commit"]) == 40


# --- fingerprints -------------------------------------------------------------------------


def test_equal_values_equal_hashes_others_not() -> None:
    values = [
        1, 1.0, True, "1", None, [1], {"a": 1}, {"a": 2}, np.arange(3), np.arange(3.0),
        np.arange(4), np.array([["a"]], dtype=object), pd.DataFrame({"a": [1]}),
        pd.DataFrame({"b": [1]}), pd.Series([1], index=[2]), pd.Series(["x"]),
    ]  # fmt: skip
    hashes = [fingerprint.fingerprint(v) for v in values]
    assert len(set(hashes)) == len(values)
    assert hashes == [fingerprint.fingerprint(v) for v in values]
    assert fingerprint.fingerprint({"a": 1, "b": 2}) == fingerprint.fingerprint({"b": 2, "a": 1})
    assert fingerprint.fingerprint(np.arange(6)[::2]) == fingerprint.fingerprint(
        np.array([0, 2, 4])
    )
    with pytest.raises(TypeError, match=r"Received: builtins\.object"):
        fingerprint.fingerprint(object())


def test_a_sample_is_hashed_with_its_light_curves() -> None:
    from varstar.lightcurves.sample import make_sample

    frame = pd.DataFrame({"star_id": ["a", "a", "b"], "t": [1.0, 2, 3], "mag": [1.0, 2, 3]})
    first = fingerprint.fingerprint(make_sample(frame))
    assert first == fingerprint.fingerprint(make_sample(frame))
    assert first != fingerprint.fingerprint(make_sample(frame.assign(mag=[1.0, 2, 4])))


def test_source_hash_sees_code_and_not_words() -> None:
    first = fingerprint.source_hash('def f(x):\n    """Doc."""\n    return x  # why\n')
    assert first == fingerprint.source_hash("def f(x):\n\n  'Other.'\n  return (x)\n")
    assert first != fingerprint.source_hash("def f(x):\n    return -x\n")


def test_imports_find_what_the_front_door_hides() -> None:
    text = "import varstar as vs\nfrom varstar import plots\n"
    text += "def f():\n    import varstar.learning.splits\n"
    text += "    vs.load('x'); vs.models.build('s20'); vs.find_periods(1)\n"
    found = fingerprint.imports(text)
    assert {"varstar.datasets", "varstar.models", "varstar.periods"} <= found
    assert {"varstar.plots", "varstar.learning.splits"} <= found
    hashes = fingerprint.code_hashes(["varstar.compendium.published"])
    assert {"varstar.compendium.published", "published/s20.yaml"} <= set(hashes)
    assert fingerprint.imports(
        "from . import a\nfrom .. import paths", "varstar.papers.s20.network"
    ) >= {
        "varstar.models",
        "varstar.paths",
    }


def test_a_function_is_hashed_with_what_it_closes_over() -> None:
    def make(k):
        def f(x, n=1):
            "Words."
            return x * k

        return f

    assert fingerprint.function_hash(make(1)) == fingerprint.function_hash(make(1))
    assert fingerprint.function_hash(make(1)) != fingerprint.function_hash(make(2))
    assert fingerprint.function_hash(published.load) != fingerprint.function_hash(published.table)


# --- the cache of steps -------------------------------------------------------------------


def test_cached_computes_once_and_says_why(capsys) -> None:
    calls = []

    def step(x, n=2):
        return {"sum": float(x.sum()) * n}

    def run(*args, **kwargs):
        before = len(list(calls))
        result = cache.cached("step", step, *args, **kwargs)
        text = capsys.readouterr().err
        calls.append("read from the cache" not in text)
        return result, calls[before], text

    assert run(np.ones(3))[:2] == ({"sum": 6.0}, True)
    assert run(np.ones(3))[:2] == ({"sum": 6.0}, False)
    result, computed, text = run(np.ones(3), n=5)
    assert (result, computed) == ({"sum": 15.0}, True)
    assert "n absent -> 5" in text
    _, computed, text = run(np.zeros(3), n=5)
    assert computed
    assert "changed: x" in text
    assert not run(np.ones(3), n=5)[1]
    with pytest.raises(ValueError, match="plain name"):
        cache.cached("a/b", step)


def test_what_comes_back_is_what_went_in() -> None:
    from varstar.lightcurves.sample import light_curves, make_sample

    frame = pd.DataFrame({"star_id": ["a", "a", "b"], "t": [1.0, 2, 3], "mag": [1.0, 2, 3]})
    sample = make_sample(frame, pd.DataFrame({"star_id": ["a", "b"], "label": ["x", None]}))
    value = {
        "numbers": [1, 2.5, None, True, "x", float("nan")],
        "tuple": (1, (2,)),
        "scalar": np.float32(1.5),
        "array": np.arange(6, dtype=np.int8).reshape(2, 3),
        "objects": np.array([["a", None]], dtype=object),
        "table": pd.DataFrame({"c": pd.Categorical(["u", "v"]), "d": [1.5, np.nan]}, index=[4, 5]),
        "series": pd.Series([1, 2], name="q", index=["x", "y"]),
        "sample": sample,
        "curves": light_curves(sample),
        "nested": {"empty": {}, "list": []},
    }
    for _ in range(2):
        back = cache.cached("round", lambda: value, quiet=True)
        assert list(back) == list(value)
        assert back["numbers"][:5] == value["numbers"][:5]
        assert back["tuple"] == value["tuple"]
        assert isinstance(back["scalar"], np.float32)
        for name in ("array", "objects"):
            assert back[name].dtype == value[name].dtype
            np.testing.assert_array_equal(back[name], value[name])
        pd.testing.assert_frame_equal(back["table"], value["table"])
        pd.testing.assert_series_equal(back["series"], value["series"])
        assert fingerprint.fingerprint(back["sample"]) == fingerprint.fingerprint(sample)
        assert list(back["sample"].dtypes) == list(sample.dtypes)
        assert back["sample"].index.name == "star_id"
        assert type(back["curves"]) is type(value["curves"])
        np.testing.assert_array_equal(back["curves"].mag, [1, 2, 3])
        assert back["nested"] == value["nested"]


def test_what_cannot_be_kept_or_hashed_is_an_error() -> None:
    with pytest.raises(TypeError, match="expected a result"):
        cache.cached("bad", object, quiet=True)
    with pytest.raises(TypeError, match="expected numbers"):
        cache.cached("bad", len, object(), quiet=True)
    with pytest.raises(TypeError, match="string keys"):
        cache.cached("bad", lambda: {1: 2}, quiet=True)


def test_a_damaged_entry_is_computed_again(folders: Path, capsys) -> None:
    def step():
        return np.arange(3)

    cache.cached("step", step)
    (entry,) = (folders / "cache" / "step").iterdir()
    (entry / "000.npy").write_bytes(b"half")
    np.testing.assert_array_equal(cache.cached("step", step), np.arange(3))
    assert "damaged" in capsys.readouterr().err
    np.testing.assert_array_equal(cache.cached("step", step), np.arange(3))
    assert "read from the cache" in capsys.readouterr().err


def test_an_interrupted_step_leaves_nothing_but_its_scratch(folders: Path) -> None:
    def step(folder, steps):
        state = Path(folder, "state")
        done = int(state.read_text()) if state.exists() else 0
        state.write_text(str(done + 1))
        if done < steps:
            raise KeyboardInterrupt
        return done

    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            cache.cached("step", step, steps=2, scratch="folder", quiet=True)
        assert not list((folders / "cache").glob("*/*/entry.json"))
    assert cache.cached("step", step, steps=2, scratch="folder", quiet=True) == 2
    assert [p.suffix for p in (folders / "cache" / "step").iterdir()] == [""]
    shutil.rmtree(folders / "cache")


@pytest.mark.slow
def test_models_come_back_with_their_weights() -> None:
    import keras

    def build():
        keras.utils.set_random_seed(1)
        return keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(3)])

    def train(seed):
        model = build()
        model.set_weights([w + seed for w in model.get_weights()])
        return {"model": model, "loss": 0.5}

    x = np.ones((1, 2))
    expected = train(1)["model"].predict(x, verbose=0)
    for options in ({}, {"build": build}):
        for _ in range(2):
            back = cache.cached("train", train, 1, quiet=True, **options)
            np.testing.assert_array_equal(back["model"].predict(x, verbose=0), expected)


@pytest.mark.slow
def test_models_with_layers_of_the_package_come_back_in_a_new_process(tmp_path) -> None:
    code = """
import numpy as np
from varstar.compendium.cache import cached
from varstar.models import build
model = cached("net", build, "ts19", length=4, n_classes=2, units=3, embedding=2)
x = [np.ones((1, 4, 3), "f4"), np.ones((1, 3), "f4")]
print(float(model(x)["memberships"][0, 0]))
"""
    said = []
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "VARSTAR_CACHE": str(tmp_path)},
        )  # fmt: skip
        said.append(done)
    assert "read from the cache" in said[1].stderr
    assert said[0].stdout == said[1].stdout


# --- published numbers --------------------------------------------------------------------


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
