"""The cache of steps: computed once, told apart by every ingredient, kept through kills."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import warnings
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from varstar import make_sample
from varstar.compendium import cache, record
from varstar.compendium.fingerprint import fingerprint


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
    from varstar.lightcurves.sample import light_curves

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
        "index": pd.Index(["a", "b"], name="star_id"),
        "numbers_index": pd.Index([2.5, 1.5]),
        "levels": pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["star", None]),
        "sample": sample,
        "curves": light_curves(sample),
        "nested": {"empty": {}, "list": []},
    }
    for _ in range(2):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
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
        for name in ("index", "numbers_index", "levels"):
            pd.testing.assert_index_equal(back[name], value[name])
        assert fingerprint(back["sample"]) == fingerprint(sample)
        assert list(back["sample"].dtypes) == list(sample.dtypes)
        assert back["sample"].index.name == "star_id"
        assert type(back["curves"]) is type(value["curves"])
        np.testing.assert_array_equal(back["curves"].mag, [1, 2, 3])
        assert back["nested"] == value["nested"]


def test_what_cannot_be_hashed_is_an_error() -> None:
    with pytest.raises(TypeError, match="expected numbers"):
        cache.cached("bad", len, object(), quiet=True)


ODD = [{1: "a"}, {1, 2}, Path("x"), pd.DataFrame({"a": [{1}, "x", 2.5]}), [1j]]


def give(number):
    return {0: ODD}[0][number]


@pytest.mark.parametrize("number", range(len(ODD)))
def test_what_cannot_be_kept_comes_back_with_a_warning(folders: Path, number, monkeypatch) -> None:
    result = ODD[number]
    monkeypatch.setattr(cache, "function_parts", lambda function: {"function": "give"})
    for _ in range(2):  # the hours of work are not lost
        with pytest.warns(UserWarning, match="cannot be kept"):
            back = cache.cached("bad", give, number, quiet=True)
        assert type(back) is type(result)
    assert not list((folders / "cache" / "bad").iterdir())


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


# --- one ingredient at a time -------------------------------------------------------------


def score(images, labels, epochs=1, rate=0.1, options=None):
    return float(np.sum(images)) * epochs


def other_score(images, labels, epochs=1, rate=0.1, options=None):
    return float(np.sum(images)) * epochs + 1


def stars_table(labels="xy", ids="ab", mag=(1.0, 2.0, 3.0), split=2):
    star = [ids[0]] * split + [ids[1]] * (3 - split)
    points = pd.DataFrame({"star_id": star, "t": [1.0, 2.0, 3.0], "mag": mag})
    return make_sample(points, pd.DataFrame({"star_id": list(ids), "label": list(labels)}))


BASE = {"images": np.ones((2, 3)), "labels": stars_table(), "options": {"a": 1}}


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"images": np.zeros((2, 3))}, "images changed"),
        ({"images": np.ones((3, 2))}, "images changed"),
        ({"images": np.ones((2, 3), dtype=np.float32)}, "images changed"),
        ({"images": np.ones((2, 3), order="F")}, None),
        ({"labels": stars_table().iloc[::-1]}, "labels changed"),
        ({"labels": stars_table(labels="xz")}, "labels changed"),
        ({"labels": stars_table(ids="ac")}, "labels changed"),
        ({"labels": stars_table(mag=(1.0, 2.0, 4.0))}, "labels changed"),
        ({"labels": stars_table(split=1)}, "labels changed"),
        ({"labels": stars_table().rename(columns={"label": "class"})}, "labels changed"),
        ({"labels": stars_table()}, None),
        ({"epochs": 2}, "epochs absent -> 2"),
        ({"rate": 0.2}, "rate absent -> 0.2"),
        ({"options": {"a": 2}}, "options changed"),
        ({"options": {"a": 1.0}}, "options changed"),
        ({"options": {"b": 1}}, "options changed"),
    ],
)
def test_what_changes_is_computed_again_and_named(capsys, changed, reason) -> None:
    cache.cached("step", score, **BASE)
    capsys.readouterr()
    cache.cached("step", score, **{**BASE, **changed})
    said = capsys.readouterr().err
    if reason is None:
        assert "read from the cache" in said
    else:
        assert f"computing (changed: {reason})" in said


def test_code_is_an_ingredient(capsys, monkeypatch) -> None:
    cache.cached("step", score, **BASE)
    cache.cached("step", other_score, **BASE)
    assert "changed: code of function" in capsys.readouterr().err
    real = cache.function_parts
    two_away = {"varstar.lightcurves.sample": "other"}
    monkeypatch.setattr(cache, "function_parts", lambda f: {**real(f), **two_away})
    cache.cached("step", score, **BASE)
    assert "code of varstar.lightcurves.sample changed" in capsys.readouterr().err


def test_versions_are_ingredients(capsys, monkeypatch) -> None:
    cache.cached("step", score, **BASE)
    newer = {**cache._versions(), "numpy": "99.0"}
    monkeypatch.setattr(cache, "_versions", lambda: newer)
    cache.cached("step", score, **BASE)
    assert f"version of numpy {np.__version__} -> 99.0" in capsys.readouterr().err
    assert "varstar" not in newer


def add(x, y):
    return x + y


class Adder:
    def __init__(self, x):
        self.x = x

    def add(self, y):
        return self.x + y


def test_partials_and_methods_are_told_apart() -> None:
    assert cache.cached("partial", partial(add, 1), 10, quiet=True) == 11
    assert cache.cached("partial", partial(add, 2), 10, quiet=True) == 12
    assert cache.cached("method", Adder(1).add, 4, quiet=True) == 5
    assert cache.cached("method", Adder(7).add, 4, quiet=True) == 11


def test_periods_and_features_of_changed_code_are_computed_again(monkeypatch) -> None:
    import varstar as vs
    from varstar.compendium import source

    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 50, 60))
    points = pd.DataFrame({"star_id": "a", "t": t, "mag": np.sin(t) + rng.normal(0, 0.01, 60)})
    sample = make_sample(points)
    first = cache.cached("periods", vs.find_periods, sample, quiet=True)
    assert first["period"].iloc[0] == pytest.approx(2 * np.pi, rel=0.01)
    from varstar.periods import find

    monkeypatch.setattr(find, "_star_row", lambda *a, **k: find.no_period(60, "other code"))
    real = source._parsed

    def edited(path):
        parsed = real(path)
        return parsed._replace(sha="edited") if path.name == "find.py" else parsed

    monkeypatch.setattr(source, "_parsed", edited)
    again = cache.cached("periods", vs.find_periods, sample, quiet=True)
    assert again["status"].tolist() == ["other code"]


# --- two at a time, and killed ------------------------------------------------------------

COUNTED = """
import sys, time
from pathlib import Path
from varstar.compendium.cache import cached

def slow(log, scratch):
    Path(scratch, "state").write_text("half way")
    with open(log, "a") as file:
        file.write("computed\\n")
    time.sleep(1.5)
    return [1.0, 2.0]

print(cached("slow", slow, sys.argv[1], scratch="scratch"))
"""


def test_two_processes_compute_a_step_once(folders: Path) -> None:
    log = str(folders / "log")
    command = [sys.executable, "-c", COUNTED, log]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate(timeout=120) for process in both]
    assert [out for out, _ in said] == ["[1.0, 2.0]\n"] * 2
    assert Path(log).read_text() == "computed\n"
    assert sorted(p.suffix for p in (folders / "cache" / "slow").iterdir()) == [""]


def count_and_wait(log):
    with open(log, "a") as file:
        file.write("computed\n")
    time.sleep(0.5)
    return 1


def test_two_threads_compute_a_step_once(folders: Path) -> None:
    log = str(folders / "log")
    threads = [
        threading.Thread(target=cache.cached, args=("threads", count_and_wait, log))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Path(log).read_text() == "computed\n"


def test_a_step_that_fails_lets_the_next_one_compute() -> None:
    done = []

    def step():
        return 1 / len(done)

    with pytest.raises(ZeroDivisionError):
        cache.cached("step", step, quiet=True)
    lock = Path(os.environ["VARSTAR_CACHE"]) / "step"
    assert not list(lock.glob("*.lock"))


def test_an_entry_is_a_record(folders: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cache.cached("step", score, **BASE)
    (path,) = (folders / "cache").glob("step/*/entry.json")
    entry = record.read(path)
    assert {"step", "key", "seconds", "ingredients", "files"} <= set(entry)
    assert entry["ingredients"]["images"] == f"#{fingerprint(BASE['images'])}"
    assert json.loads((path.parent / "result.json").read_text()) == 6.0
    assert record.changes(entry, entry["ingredients"]) == []
