"""``varstar classify``: a bad file is a row, the good ones are answered."""

import subprocess
import sys

import pandas as pd
import pytest
from astropy.table import Table
from commands import stars

import varstar.classification
from varstar.__main__ import main
from varstar.commands import classify as command


@pytest.fixture
def fake(monkeypatch):
    known = stars.Fake()
    monkeypatch.setattr(varstar.classification, "classify", known)
    return known


def rows(path) -> pd.DataFrame:
    return pd.read_csv(path, index_col="star_id")


def test_all_files_in_one_batch(tmp_path, fake):
    names = stars.write(tmp_path, "a.csv", "b.csv", "c.csv")
    out = tmp_path / "out.csv"
    assert main(["classify", *names, "--model", "k21-asas", "-o", str(out)]) == 0
    assert fake.calls == [(["a", "b", "c"], {"bands": None, "model": "k21-asas"})]
    table = rows(out)
    assert table.index.tolist() == ["a", "b", "c"]
    assert table["file"].tolist() == names
    assert table["label"].tolist() == ["RRAB"] * 3
    assert (table["n_points"] == 120).all()


def test_a_bad_file_is_a_row_and_the_status_is_one(tmp_path, fake, capsys):
    names = stars.write(tmp_path, "a.csv", "b.csv", "c.csv")
    open(names[1], "w").close()
    out = tmp_path / "out.csv"
    assert main(["classify", *names, "nowhere.csv", "--model", "x", "-o", str(out)]) == 1
    table = rows(out)
    assert table.index.tolist() == ["a", "b", "c", "nowhere"]
    assert table["status"].tolist()[:3] == ["ok", "unreadable: the file is empty", "ok"]
    assert "nothing there" in table["status"].iloc[3]
    assert table["label"].isna().tolist() == [False, True, False, True]
    assert "2 of 4 files unreadable" in capsys.readouterr().err


def test_only_bad_files(tmp_path, fake):
    out = tmp_path / "out.csv"
    assert main(["classify", "nowhere.csv", "--model", "x", "-o", str(out)]) == 1
    assert rows(out)["status"].str.startswith("unreadable").all()
    assert fake.calls == []


@pytest.mark.parametrize("suffix", [".csv", ".ecsv", ".parquet"])
def test_tables_of_every_kind_keep_rows_and_missing_values(tmp_path, fake, suffix):
    names = stars.write(tmp_path, "a.csv", "b.csv")
    open(names[1], "w").close()
    out = tmp_path / f"out{suffix}"
    assert main(["classify", *names, "--model", "x", "-o", str(out)]) == 1
    if suffix == ".ecsv":
        table = Table.read(out).to_pandas().set_index("star_id")
    else:
        table = rows(out) if suffix == ".csv" else pd.read_parquet(out)
    assert table.index.tolist() == ["a", "b"]
    assert table["probability"].isna().tolist() == [False, True]
    assert table["n_points"].tolist()[0] == 120
    assert [p.name for p in tmp_path.iterdir() if ".tmp" in p.name] == []


def test_an_unknown_kind_of_table_is_said_before_the_work(tmp_path, fake, capsys):
    names = stars.write(tmp_path, "a.csv")
    assert main(["classify", *names, "--model", "x", "-o", "out.xlsx"]) == 1
    assert ".csv, .ecsv, .parquet" in capsys.readouterr().err
    assert fake.calls == []


def test_a_failure_leaves_the_older_table(tmp_path, monkeypatch, capsys):
    names = stars.write(tmp_path, "a.csv")
    out = tmp_path / "out.csv"
    out.write_text("older")

    def fail(*_, **__):
        raise ValueError("no such model")

    monkeypatch.setattr(varstar.classification, "classify", fail)
    assert main(["classify", *names, "--model", "x", "-o", str(out)]) == 1
    assert out.read_text() == "older"
    assert "no such model" in capsys.readouterr().err


def test_folders_and_patterns(tmp_path, fake, capsys):
    stars.write(tmp_path, "b.csv", "a.csv", ".hidden")
    assert main(["classify", str(tmp_path), "--model", "x"]) == 0
    assert main(["classify", str(tmp_path / "*.csv"), str(tmp_path / "a.csv"), "--model", "x"]) == 0
    assert [call[0] for call in fake.calls] == [["a", "b"], ["a", "b"]]
    assert capsys.readouterr().out.startswith("star_id,file,label,")


def test_columns_bands_and_period(tmp_path, fake):
    table = stars.curve().rename(columns={"hjd": "when", "mag": "quantity"}).assign(filt="V")
    table.to_csv(tmp_path / "a.csv", index=False)
    out = tmp_path / "out.parquet"
    arguments = ["classify", str(tmp_path / "a.csv"), "--model", "x", "-o", str(out)]
    assert main([*arguments, "--time", "when"]) == 1  # no magnitude found
    assert main([*arguments, "--time", "when", "--mag", "quantity", "--band", "filt",
                 "--bands", "V,R", "--period", "0.25"]) == 0  # fmt: skip
    assert fake.calls[-1][1]["bands"] == ["V", "R"]
    assert pd.read_parquet(out)["period"].tolist() == [0.25]


@pytest.mark.parametrize("period", ["0", "-1", "nan", "inf", "a"])
def test_a_period_is_a_positive_number(period, capsys):
    with pytest.raises(SystemExit):
        main(["classify", "a.csv", "--model", "x", f"--period={period}"])
    assert "expected a positive number of days" in capsys.readouterr().err


def test_positions_of_columns(tmp_path, fake):
    values = stars.curve().assign(more=1.0)[["more", "mag", "err", "hjd"]]
    values.to_csv(tmp_path / "a.dat", sep=" ", index=False, header=False)
    arguments = ["classify", str(tmp_path / "a.dat"), "--model", "x"]
    assert main([*arguments, "--time", "3", "--mag", "1", "--err", "2"]) == 0


def test_the_same_name_in_two_files_gives_two_rows(tmp_path, fake):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    names = stars.write(tmp_path / "one", "a.csv") + stars.write(tmp_path / "two", "a.csv")
    out = tmp_path / "out.csv"
    assert main(["classify", *names, "--model", "x", "-o", str(out)]) == 0
    table = rows(out)
    assert table.index.is_unique
    assert table["file"].tolist() == names


def test_chunks_are_joined_in_order(tmp_path, fake, monkeypatch):
    monkeypatch.setattr(command, "POINTS", 200)
    names = stars.write(tmp_path, *[f"{i}.csv" for i in range(5)])
    open(names[1], "w").close()
    out = tmp_path / "out.csv"
    assert main(["classify", *names, "--model", "x", "-o", str(out)]) == 1
    assert [len(call[0]) for call in fake.calls] == [2, 2]
    assert rows(out).index.tolist() == [0, 1, 2, 3, 4]


def test_pictures(tmp_path, fake):
    names = stars.write(tmp_path, "a.csv", "b.csv")
    pictures = tmp_path / "pictures"
    assert main(["classify", *names, "--model", "x", "--plot", str(pictures),
                 "-o", str(tmp_path / "t.csv")]) == 0  # fmt: skip
    assert sorted(p.name for p in pictures.iterdir()) == ["a.png", "b.png"]


def test_warnings_are_notes_said_once(tmp_path, fake, capsys):
    for name in ("a.csv", "b.csv"):
        table = stars.curve().rename(columns={"mag": "flux"}).drop(columns="err")
        table["flux"] = 100.0 + table.index
        table.loc[0, "flux"] = -1.0
        table.to_csv(tmp_path / name, index=False)
    main(["classify", str(tmp_path / "*.csv"), "--model", "x"])
    err = capsys.readouterr().err
    assert "Warning" not in err
    assert ".py:" not in err
    assert all(line.startswith("note: ") for line in err.strip().splitlines()), err


@pytest.mark.slow
def test_the_real_thing_is_quiet(tmp_path):
    names = stars.write(tmp_path, "a.csv")
    done = subprocess.run(
        [sys.executable, "-m", "varstar", "classify", *names, "--model", "k21-asas"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    header, row = done.stdout.strip().splitlines()
    assert header.startswith("star_id,file,label,probability,DSCT,EC,")
    assert row.startswith("a,")
    assert done.stderr == ""
