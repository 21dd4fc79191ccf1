"""Every keyword of every public function changes something.

A table names, for each public function, a call and for each of its keywords another value; what
comes back (or is drawn) must then differ, in the column that is named where one is. A keyword that
is missing from the table fails, so that none is added without a word on what it does.
"""

import inspect
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from keyword_rows import AX, AX_2, BAND, ERR, MAG, SAMPLE, STARS, Row, T, Try, rows, seen, two_stars

import varstar as vs
from varstar import paths


def axes() -> plt.Axes:
    return plt.subplots()[1]


def public() -> dict[str, Callable]:
    """Name -> every public function, each once."""
    found = {name: getattr(vs, name) for name in vs._PUBLIC}
    own = {inspect.unwrap(f) for f in found.values()}
    for module in vs._MODULES:
        room = getattr(vs, module)
        names = getattr(room, "__all__", None) or [
            n for n, f in vars(room).items() if getattr(f, "__module__", "") == room.__name__
            and not n.startswith("_")]  # fmt: skip
        for name in names:
            f = getattr(room, name)
            if isinstance(f, types.FunctionType) and inspect.unwrap(f) not in own:
                found[f"{module}.{name}"] = f
    return {name: f for name, f in found.items() if keywords(f)}


def keywords(function: Callable) -> list[str]:
    """Arguments that may be left out, and ``**further`` ones."""
    found = []
    for name, p in inspect.signature(function).parameters.items():
        if p.kind is p.VAR_KEYWORD:
            found.append(f"**{name}")
        elif p.default is not p.empty:
            found.append(name)
    return found


CASES = [(name, key) for name, f in public().items() for key in keywords(f)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files and two small surveys on disk."""
    top = tmp_path_factory.mktemp("keywords")
    odd = pd.DataFrame({"one": T, "two": MAG, "three": MAG / 2 + ERR, "four": BAND, "five": T * 2})
    odd.to_csv(top / "odd.csv", index=False)
    for survey, shift in (("data", 0), ("other", 1)):
        place = top / survey / "toy"
        place.mkdir(parents=True)
        stars = STARS.rename_axis("star_id").reset_index()
        stars.assign(label="RR").to_parquet(place / "stars.parquet")
        two_stars().rename(columns={"t": "time", "err": "mag_err"}).assign(
            mag=lambda o, shift=shift: o["mag"] + shift
        ).to_parquet(place / "observations.parquet")
    return top


@pytest.fixture(scope="module")
def the_rows(folder: Path) -> dict[str, Row]:
    return rows(folder)


def call(function: Callable, arguments: dict[str, Any]) -> Any:
    arguments = dict(arguments)
    for name, value in arguments.items():
        if value is AX or value is AX_2:
            arguments[name] = axes() if value is AX else [axes(), axes()]
    further = [arguments.pop(k) for k in list(arguments) if k.startswith("**")]
    value = function(**arguments, **{k: v for d in further for k, v in d.items()})
    if isinstance(value, Path):  # the next call may write the same file
        return [value.name, value.read_bytes(), value.with_suffix(".json").read_text()]
    return value


@pytest.mark.parametrize(("name", "key"), CASES, ids=lambda v: v)
def test_the_keyword_changes_something(
    name: str, key: str, the_rows: dict[str, Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VARSTAR_DATA", raising=False)
    monkeypatch.setattr(paths, "build", lambda: tmp_path)
    assert name in the_rows, f"{name}: no row in the table"
    row = the_rows[name]
    if key in row.same:
        assert len(row.same[key]) > 10
        return
    assert key in row.others, f"{name}: what does {key} change? Write it into the table"
    one = row.others[key] if isinstance(row.others[key], Try) else Try(row.others[key])
    before = call(public()[name], {**row.base, **one.beside})
    after = call(public()[name], {**row.base, **one.beside, key: one.value})
    if key == "ax":
        assert before is not after
    elif one.check is None:
        assert seen(before) != seen(after)
    else:
        assert one.check(before, after)
    plt.close("all")


def test_the_table_has_no_function_and_no_keyword_that_is_none(the_rows: dict[str, Row]) -> None:
    assert set(the_rows) == {name for name, _ in CASES}
    for name, row in the_rows.items():
        assert set(row.others) | set(row.same) == set(keywords(public()[name])), name
        assert not set(row.others) & set(row.same), name


def test_the_table_notices_a_keyword_without_effect(the_rows: dict[str, Row]) -> None:
    """What is compared does not change from call to call."""
    for name in ("find_periods", "fold_images", "plot_folded", "evaluate.bootstrap", "load"):
        function, base = public()[name], the_rows[name].base
        assert seen(call(function, base)) == seen(call(function, base)), name
        plt.close("all")


def test_verbose_prints_the_report(folder: Path, capsys: pytest.CaptureFixture) -> None:
    given = {"path": folder / "odd.csv", "t": "one", "mag": "two"}
    vs.read_light_curve(**given)
    assert not capsys.readouterr().out
    vs.read_light_curve(**given, verbose=True)
    assert "odd.csv" in capsys.readouterr().out


def test_no_answer_depends_on_the_chunk() -> None:
    whole = vs.catch22_features(SAMPLE)
    pd.testing.assert_frame_equal(vs.catch22_features(SAMPLE, chunk=1), whole)
