"""Hashes of values and functions: what a function can see is in them."""

import datetime
import enum
import functools
import os
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from varstar import make_sample
from varstar.compendium import published
from varstar.compendium.fingerprint import fingerprint, function_hash, function_parts
from varstar.papers.k21.network import build_k21

# --- values -------------------------------------------------------------------------------

Point = namedtuple("Point", "x y")
Other = namedtuple("Other", "x y")


class Colour(enum.IntEnum):
    RED = 1


def test_equal_values_equal_hashes_others_not() -> None:
    struct = [("a", "i4"), ("b", "i4")]
    values = [
        1, 1.0, True, "1", b"1", None, 1j, [1], (1,), {1}, {"a": 1}, {"a": 2}, {1: "a"},
        {"1": "a"}, [[1], 2], [1, [2]], np.arange(3), np.arange(3.0), np.arange(3, dtype="i4"),
        np.arange(4), np.arange(4).reshape(2, 2), np.arange(4).reshape(1, 4),
        np.array([["a"]], dtype=object), np.array(["a"]), np.float32(1), np.int8(1), np.array(1),
        np.zeros(1, struct), np.zeros(1, [("a", "i4"), ("c", "i4")]),
        np.ma.array([1, 2], mask=[0, 1]), np.ma.array([1, 2], mask=[0, 0]),
        np.datetime64("2020-01-01"), datetime.date(2020, 1, 1), datetime.timedelta(1),
        Point(1, 2), Other(1, 2), (1, 2), Colour.RED, float("nan"), pd.NA, pd.NaT,
        pd.Timestamp(0), np.dtype("f4"), np.dtype("f8"), np.mean, np.add, len,
    ]  # fmt: skip
    hashes = [fingerprint(v) for v in values]
    assert len(set(hashes)) == len(values)
    assert hashes == [fingerprint(v) for v in values]
    assert fingerprint(np.arange(6)[::2]) == fingerprint(np.array([0, 2, 4]))
    assert fingerprint({"a": 1, "b": 2}) != fingerprint({"b": 2, "a": 1})  # a function sees it
    assert fingerprint({1, 2, 3}) == fingerprint({3, 1, 2})


def test_a_changed_table_has_another_hash() -> None:
    table = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}, index=pd.Index(["s1", "s2"], name="star"))
    others = [
        table,
        table.iloc[::-1],
        table[["b", "a"]],
        table.rename(columns={"a": "c"}),
        table.rename(index={"s1": "s3"}),
        table.rename_axis("id"),
        table.rename_axis("quantity", axis=1),
        table.reset_index(),
        table.assign(a=[1, 3]),
        table.assign(a=[1.0, 2.0]),
        table.assign(b=pd.Categorical(["x", "y"])),
        table.assign(b=pd.Categorical(["x", "y"], categories=["y", "x"])),
        table.assign(b=table["b"].astype(object)),
        table.assign(a=pd.array([1, 2], dtype="Int64")),
        table.assign(a=pd.array([1, None], dtype="Int64")),
        table.assign(a=pd.array([True, None], dtype="boolean")),
        table.assign(b=pd.array(["x", None], dtype="string")),
        table["a"],
        table["a"].rename("c"),
        table.index,
        table.set_index("b", append=True).index,
        table.set_index("b", append=True).index.set_names(["star", "c"]),
        table["a"].array,
    ]
    hashes = [fingerprint(other) for other in others]
    assert len(set(hashes)) == len(others)
    assert hashes[0] == fingerprint(table.copy())
    twice = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert fingerprint(twice) != fingerprint(twice.iloc[:, ::-1].set_axis(["a", "a"], axis=1))


def sample_of(frame: pd.DataFrame, **stars) -> pd.DataFrame:
    ids = frame["star_id"].unique()
    return make_sample(frame, pd.DataFrame({"star_id": ids, **stars}))


def test_a_changed_sample_has_another_hash() -> None:
    frame = pd.DataFrame(
        {"star_id": list("aab"), "t": [1.0, 2, 3], "mag": [1.0, 2, 3], "band": list("VII")}
    )
    sample = sample_of(frame, label=["x", "y"])
    others = [
        sample,
        sample_of(frame.assign(mag=[1.0, 2, 4]), label=["x", "y"]),
        sample_of(frame.assign(t=[1.0, 2, 4]), label=["x", "y"]),
        sample_of(frame.assign(band=list("VIV")), label=["x", "y"]),
        sample_of(frame.assign(star_id=list("abb")), label=["x", "y"]),  # only offsets differ
        sample_of(frame.assign(star_id=list("aac")), label=["x", "y"]),
        sample_of(frame, label=["x", "z"]),
        sample_of(frame, kind=["x", "y"]),
        sample.iloc[::-1],
        sample.iloc[:1],
        sample.rename_axis("id"),
    ]
    assert len({fingerprint(other) for other in others}) == len(others)
    assert fingerprint(sample) == fingerprint(sample_of(frame, label=["x", "y"]))
    # a part of a sample is what it would be on its own
    alone = sample_of(frame[frame["star_id"] == "b"], label=["y"])
    assert fingerprint(sample.iloc[1:]["lc.mag"]) == fingerprint(alone["lc.mag"])


def test_a_path_is_the_content_of_its_files(tmp_path: Path) -> None:
    one, two = tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv"
    for path, text in ((one, "1"), (two, "2")):
        path.parent.mkdir()
        path.write_text(text)
    assert fingerprint(one) != fingerprint(two)
    assert fingerprint(one.parent) != fingerprint(two.parent)
    two.write_text("1")
    assert fingerprint(one) == fingerprint(two)
    assert fingerprint(one.parent) == fingerprint(two.parent)
    two.rename(two.with_name("y.csv"))
    assert fingerprint(one.parent) != fingerprint(two.parent)
    with pytest.raises(FileNotFoundError):
        fingerprint(tmp_path / "nowhere")


class Scale:
    def __init__(self, k):
        self.k = k

    def of(self, x):
        return self.k * x

    def __call__(self, x):
        return self.k * x


class Hidden:
    __slots__ = ("k",)


def test_an_object_is_its_attributes() -> None:
    assert fingerprint(Scale(1)) == fingerprint(Scale(1))
    assert fingerprint(Scale(1)) != fingerprint(Scale(2))
    assert fingerprint(Scale(np.ones(3))) != fingerprint(Scale(np.zeros(3)))


@pytest.mark.parametrize(
    "value",
    [
        object(),
        Hidden(),
        np.random.default_rng(0),
        iter([1]),
        functools.cmp_to_key(max),
        [object()],
    ],
)
def test_what_cannot_be_seen_is_refused(value) -> None:
    with pytest.raises(TypeError, match=r"Received: "):
        fingerprint(value)


def test_a_value_may_hold_itself() -> None:
    one, two = [1], [2]
    one.append(one)
    two.append(two)
    assert fingerprint(one) != fingerprint(two)


# --- functions ----------------------------------------------------------------------------


def add(x, y):
    return x + y


def test_a_partial_is_its_function_and_its_arguments() -> None:
    hashes = {
        function_hash(f)
        for f in (
            add,
            functools.partial(add, 1),
            functools.partial(add, 2),
            functools.partial(add, y=1),
            functools.partial(functools.partial(add, 1), 2),
            functools.partial(build_k21, n_classes=3),
            functools.partial(build_k21, n_classes=4),
            build_k21,
        )
    }
    assert len(hashes) == 8
    parts = function_parts(functools.partial(build_k21, n_classes=3))
    assert "varstar.papers.k21.network" in parts


def test_a_method_is_its_function_and_its_object() -> None:
    assert function_hash(Scale(1).of) == function_hash(Scale(1).of)
    assert function_hash(Scale(1).of) != function_hash(Scale(2).of)
    assert function_hash(Scale(1)) != function_hash(Scale(2))
    assert function_hash("a".join) != function_hash("b".join)
    with pytest.raises(TypeError):
        function_hash(np.random.default_rng(0).normal)


def scaled(function, k):
    @functools.wraps(function)
    def wrapper(*args):
        return k * function(*args)

    return wrapper


def test_a_function_is_hashed_with_what_it_closes_over() -> None:
    def make(k):
        def f(x, n=1):
            "Words."
            return x * k

        return f

    def again(k):
        def f(x, n=1):
            return x * k

        return f

    assert function_hash(make(1)) == function_hash(make(1))
    assert function_hash(make(1)) != function_hash(make(2))
    assert function_parts(make(1))["function"] == function_parts(again(1))["function"]
    assert function_hash(scaled(add, 1)) != function_hash(scaled(add, 2))
    assert function_hash(scaled(add, 1)) != function_hash(add)
    assert function_hash(published.load) != function_hash(published.table)


def test_closures_of_the_package_are_told_apart() -> None:
    from varstar.papers.ts19.baselines import _as_given

    assert function_hash(_as_given("energy")) != function_hash(_as_given("reconstruction"))


FACTOR = 2


def by_factor(x):
    return x * FACTOR


def calls_by_factor(x):
    return [by_factor(v) for v in x]


def calls_itself(n):
    return n and calls_itself(n - 1)


def test_a_notebooks_function_is_hashed_with_the_names_it_uses(monkeypatch) -> None:
    before = function_hash(calls_by_factor)
    assert function_hash(calls_itself) == function_hash(calls_itself)
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", 3)
    assert function_hash(calls_by_factor) != before
    monkeypatch.setattr(sys.modules[__name__], "FACTOR", object())
    with pytest.raises(TypeError, match=r"uses the global name 'by_factor'.*'FACTOR'"):
        function_hash(calls_by_factor)


def test_a_notebooks_function_sees_the_package_behind_a_module() -> None:
    import varstar as vs

    code = compile("def f(s):\n    return vs.find_periods(s)\n", "cell", "exec")
    space = {"vs": vs, "__name__": "__main__"}
    exec(code, space)
    parts = function_parts(space["f"])
    assert "varstar.periods.find" in parts
    assert "varstar.simulate" not in parts


def test_hashes_do_not_depend_on_the_process() -> None:
    code = (
        "from varstar.compendium.fingerprint import function_hash, fingerprint\n"
        "def f(x): return x in {'EA', 'EB', 'RRAB', ('a', 'b')}\n"
        "print(function_hash(f), fingerprint({'EA', 'EB', 'RRAB'}), fingerprint(f))"
    )
    said = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(said) == 1
