"""A folder of Parquet is classified piece by piece, and goes on where it was killed."""

import os
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from catalogs import frames

import varstar as vs
from varstar import paths
from varstar.catalogs import stream
from varstar.lightcurves.sample import LightCurves, nest

MODEL = "k21-lmc"


@pytest.fixture(scope="module")
def frame():
    n = 24
    rng = np.random.default_rng(5)
    t = np.sort(rng.uniform(0, 200, (n, 40)))
    mag = 15 + 0.3 * np.sin(2 * np.pi * t / rng.uniform(0.4, 2, (n, 1)))
    mag += rng.normal(0, 0.02, t.shape)
    flat = (a.ravel() for a in (t, mag, np.full(t.shape, 0.02), np.zeros(t.shape, np.int8)))
    curves = LightCurves(*flat, np.arange(n + 1) * 40, ("r",))
    return frames.rubin(nest(curves, pd.DataFrame({"star_id": range(n)})))


@pytest.fixture
def folder(frame, tmp_path):
    """Three files of eight stars in row groups of four, in HATS' folders."""
    for k in range(3):
        where = tmp_path / "survey" / "dataset" / "Norder=1" / "Dir=0"
        where.mkdir(parents=True, exist_ok=True)
        part = frame.iloc[8 * k : 8 * k + 8]
        part = part.set_axis(pd.Index(np.arange(8) // 2 + 10 * k, name="_healpix_29"))
        part.reset_index().to_parquet(where / f"Npix={k}.parquet", row_group_size=4)
    (tmp_path / "survey" / "hats.properties").write_text("")
    (tmp_path / "survey" / "dataset" / "_metadata").write_text("")
    return tmp_path / "survey"


def read(output):
    return pd.read_parquet(output).sort_values("objectId")


def test_what_is_a_catalogue(folder, tmp_path):
    assert stream.is_catalogue(folder)
    (folder / "hats.properties").unlink()
    assert stream.is_catalogue(folder)
    assert not stream.is_catalogue(tmp_path / "nothing")
    pd.DataFrame({"t": [1.0]}).to_parquet(tmp_path / "x.parquet")
    (tmp_path / "flat").mkdir()
    (tmp_path / "x.parquet").rename(tmp_path / "flat" / "x.parquet")
    assert not stream.is_catalogue(tmp_path / "flat")


def test_a_collection_leads_to_its_main_catalogue(folder, tmp_path):
    whole = tmp_path / "whole"
    whole.mkdir()
    folder.rename(whole / "main")
    (whole / "margin").mkdir()
    (whole / "margin" / "Npix=0.parquet").write_text("")
    (whole / "collection.properties").write_text("obs_collection=x\nhats_primary_table_url=main\n")
    assert stream.is_catalogue(whole)
    assert [p.name for p in stream.data_files(whole)] == [f"Npix={k}.parquet" for k in range(3)]


@pytest.mark.parametrize("rows", [3, 1000])
def test_the_answers_are_those_of_the_whole(folder, frame, tmp_path, rows):
    summary = stream.classify_folder(folder, tmp_path / "out", MODEL, rows=rows)
    assert summary["stars"].tolist() == [8, 8, 8]
    assert summary["classified"].tolist() == [8, 8, 8]
    table = read(tmp_path / "out")
    expected = vs.classify(frame, model=MODEL)
    assert table["objectId"].tolist() == frame["objectId"].tolist()
    assert table["label"].tolist() == expected["label"].tolist()
    np.testing.assert_allclose(table["probability"], expected["probability"], atol=1e-5)
    assert pd.read_csv(tmp_path / "out" / "_summary.csv")["stars"].sum() == 24


def count(monkeypatch):
    calls = []
    work = stream._classified
    monkeypatch.setattr(stream, "_classified", lambda *a: calls.append(1) or work(*a))
    return calls


def test_what_is_there_is_not_computed_again_and_what_changed_is(
    folder, frame, tmp_path, monkeypatch
):
    stream.classify_folder(folder, tmp_path / "out", MODEL)
    calls = count(monkeypatch)
    stream.classify_folder(folder, tmp_path / "out", MODEL)
    assert calls == []
    one = next((tmp_path / "out").rglob("group0001*.parquet"))
    one.unlink()
    stream.classify_folder(folder, tmp_path / "out", MODEL)
    assert len(calls) == 1
    file = folder / "dataset" / "Norder=1" / "Dir=0" / "Npix=2.parquet"
    table = pq.read_table(file)
    pq.write_table(table.slice(0, 6), file, row_group_size=6)
    stream.classify_folder(folder, tmp_path / "out", MODEL)
    assert len(calls) == 2
    assert len(read(tmp_path / "out")) == 22
    with pytest.raises(ValueError, match="holds the answers of another run"):
        stream.classify_folder(folder, tmp_path / "out", MODEL, bands="r")


def test_a_corrupt_file_is_a_row_of_the_summary(folder, tmp_path):
    where = folder / "dataset" / "Norder=1" / "Dir=0"
    (where / "Npix=0.parquet").write_bytes(b"no Parquet")
    whole = (where / "Npix=1.parquet").read_bytes()
    middle = len(whole) // 3
    (where / "Npix=1.parquet").write_bytes(whole[:200] + bytes(middle) + whole[200 + middle :])
    pd.DataFrame({"a": [1]}).to_parquet(where / "Npix=3.parquet")
    summary = stream.classify_folder(folder, tmp_path / "out", MODEL).set_index("file")
    assert summary["error"].str.len().gt(0).tolist() == [True, True, False, True]
    assert "expected" in summary["error"].iloc[3]
    assert summary["classified"].iloc[2] == 8
    with pytest.raises(ValueError, match="expected Parquet files"):
        stream.classify_folder(tmp_path / "out" / "nothing", tmp_path / "out2", MODEL)


def test_the_command_tells_what_became_of_the_catalogue(folder, tmp_path, capsys):
    from varstar.__main__ import main

    (folder / "dataset" / "Norder=1" / "Dir=0" / "Npix=0.parquet").write_bytes(b"no Parquet")
    out = tmp_path / "out"
    assert main(["classify", str(folder), "--model", MODEL, "--output", str(out)]) == 1
    said = capsys.readouterr()
    assert "16 stars of 3 files: 16 classified, 0 not" in said.out
    assert "Npix=0.parquet: unreadable" in said.err
    assert len(read(out)) == 16
    assert main(["classify", str(folder), "--model", MODEL]) == 1
    assert "expected a folder" in capsys.readouterr().err


def test_a_folder_with_other_things_is_not_written_to(folder, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("")
    with pytest.raises(ValueError, match="not empty"):
        stream.classify_folder(folder, tmp_path / "mine", MODEL)


CODE = """
import sys
from varstar.catalogs import stream
stream.classify_folder(sys.argv[1], sys.argv[2], "k21-lmc", rows=1, workers=int(sys.argv[3]))
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_killed_and_resumed_is_the_same_as_undisturbed(
    folder, frame, tmp_path, monkeypatch, workers
):
    out = tmp_path / "out"
    script = tmp_path / "run.py"
    script.write_text(f"if __name__ == '__main__':\n{CODE.replace(chr(10), chr(10) + '    ')}\n")
    command = [sys.executable, str(script), str(folder), str(out), "2"]
    environment = {**os.environ, "PYTHONPATH": str(paths.PACKAGE.parent)}
    process = subprocess.Popen(
        command, start_new_session=True, stderr=subprocess.DEVNULL, env=environment
    )
    deadline = time.time() + 300
    try:
        while len(list(out.rglob("*-????????????????.parquet"))) < 3:
            assert time.time() < deadline
            assert process.poll() is None
            time.sleep(0.01)
    finally:
        process.kill()  # the parent alone: its workers must end by themselves
        process.wait()
    while _alive(process.pid):
        assert time.time() < deadline
        time.sleep(0.05)
    finished = [p for p in out.rglob("*.parquet") if ".tmp." not in p.name]
    assert 3 <= len(finished) < 24
    for path in finished:
        assert len(pq.read_table(path, partitioning=None)) == 1  # none looks whole and is not
    calls = count(monkeypatch)
    stream.classify_folder(folder, out, MODEL, rows=1)
    assert len(calls) == 24 - len(finished)
    assert not list(out.rglob("*.tmp.*"))
    stream.classify_folder(folder, tmp_path / "undisturbed", MODEL)
    drop = ["Norder", "Dir", "Npix"]
    again, once = read(out), read(tmp_path / "undisturbed")
    pd.testing.assert_frame_equal(again.drop(columns=drop, errors="ignore"),
                                  once.drop(columns=drop, errors="ignore"), atol=1e-5)  # fmt: skip


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_lists_of_structs_are_nested_too(frame):
    array = frame["objectForcedSource"].array
    table = pa.table({"objectId": frame["objectId"], "points": pa.chunked_array(array.list_array)})
    back = table.to_pandas(types_mapper=pd.ArrowDtype)
    assert "list<item: struct" in str(back["points"].dtype)
    same = vs.find_periods(back, maximum_frequency=3.0)
    assert (
        same["period"].tolist() == vs.find_periods(frame, maximum_frequency=3.0)["period"].tolist()
    )
