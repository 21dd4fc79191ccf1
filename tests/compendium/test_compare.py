"""What a run made against what the clone came with; what takes its place."""

import io
import json
from pathlib import Path

import pandas as pd
import pytest

from varstar import paths
from varstar.compendium import compare, gallery, publish, record
from varstar.compendium.compare import compare_tables


def table(text: str) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)


def judged(made: str, known: str) -> tuple[int, int, list[str]]:
    found = compare_tables(table(made), table(known))
    return found.exact, found.within, found.outside


def test_the_same_cells_are_exact() -> None:
    assert judged("class,f1,n\na,0.5,3\nb,,4\n", "class,f1,n\na,0.5,3.0\nb,,4\n") == (5, 0, [])


def test_a_number_without_an_error_agrees_to_three_digits() -> None:
    assert judged("class,f1\na,0.5004\n", "class,f1\na,0.5\n") == (1, 1, [])
    assert judged("class,f1\na,0.51\n", "class,f1\na,0.5\n") == (
        1, 0, ["a, f1: 0.5 -> 0.51 (allowed 0.00051)"],
    )  # fmt: skip
    assert judged("class,f1\na,-0.5\n", "class,f1\na,0.5\n")[2]
    assert judged("class,f1\na,\n", "class,f1\na,0.5\n")[2] == ["a, f1: 0.5 -> empty"]


@pytest.mark.parametrize(
    "columns", ["mc,sem", "mean_mc,mean_mc_sem", "f1,f1_std", "paper_mc,paper_sem", "f1,sem_f1"]
)
def test_a_standard_error_beside_it_decides(columns: str) -> None:
    def of(value: float) -> str:
        return f"class,{columns}\na,{value},0.03\n"

    # two standard errors of the difference: 2 * hypot(0.03, 0.03) = 0.0849
    assert judged(of(0.58), of(0.5)) == (1, 1, [])
    assert len(judged(of(0.59), of(0.5))[2]) == 1


@pytest.mark.parametrize("columns", ["f1,low,high", "f1,f1_low,f1_high", "f1,mc,f1_low,f1_high"])
def test_an_interval_beside_it_decides(columns: str) -> None:
    def of(value: float) -> str:
        mc = "0.7," if "mc" in columns else ""
        return f"class,{columns}\na,{value},{mc}{value - 0.03:.2f},{value + 0.03:.2f}\n"

    # half widths in quadrature: hypot(0.03, 0.03) = 0.042
    assert judged(of(0.54), of(0.5))[1:] == (1, [])
    assert len(judged(of(0.55), of(0.5))[2]) == 1


def test_an_error_belongs_to_its_own_column_only() -> None:
    made, known = "class,a,sem,b\nx,0.6,0.1,0.6\n", "class,a,sem,b\nx,0.5,0.1,0.5\n"
    assert judged(made, known)[2] == ["x, b: 0.5 -> 0.6 (allowed 0.0006)"]


def test_rows_belong_together_by_name_not_by_place() -> None:
    known = "model,days,mc\na,90,0.5\na,180,0.6\nb,90,0.7\n"
    assert judged("model,days,mc\nb,90,0.7\na,180,0.6\na,90,0.5\n", known) == (9, 0, [])
    outside = judged("model,days,mc\na,90,0.5\nb,90,0.7\nc,90,0.7\n", known)[2]
    assert outside == ["row a 180 is missing", "row c 90 is new"]
    assert judged("n\n1\n1\n", "n\n1\n") == (0, 0, ["rows: 1 -> 2"])


def test_words_and_columns_count() -> None:
    made, known = "quantity,verdict,x\na,within,1\n", "quantity,verdict,y\na,below,1\n"
    assert judged(made, known)[2] == [
        "column y is missing",
        "column x is new",
        "a, verdict: below -> within",
    ]


@pytest.mark.parametrize("column", ["seconds", "time", "milliseconds_an_image", "ms_star"])
def test_run_times_are_kept_apart(column: str) -> None:
    found = compare_tables(table(f"step,{column},n\na,9,3\n"), table(f"step,{column},n\na,5,3\n"))
    assert (found.exact, found.times, found.outside) == (2, 1, [])
    found = compare_tables(
        table("quantity,ours\ntab08.seconds_per_image,9\n"),
        table("quantity,ours\ntab08.seconds_per_image,5\n"),
    )
    assert (found.times, found.outside) == (1, [])
    steps = compare_tables(table("a,unevenness_of_time_steps\nx,2\n"),
                           table("a,unevenness_of_time_steps\nx,1\n"))  # fmt: skip
    assert steps.outside


# --- of a project -------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two notebooks' products, committed and made anew, the same."""
    monkeypatch.setattr(paths, "project", lambda: tmp_path)
    for folder in (tmp_path / "figures", tmp_path / "build" / "figures"):
        for name in ("01_s20", "02_sm"):
            put(folder / "simulated" / name / "tab01_a.csv", "class,f1\na,0.5\n")
            put(folder / "simulated" / name / "fig01_a.png", "pixels")
    monkeypatch.delenv("VARSTAR_FIGURES")
    for name in ("01_s20", "02_sm"):
        remember(name)
    found = [tmp_path / "notebooks" / f"{name}.ipynb" for name in ("01_s20", "02_sm")]
    monkeypatch.setattr(compare, "notebooks", lambda: found)
    monkeypatch.setattr(compare, "find", lambda n: next(f for f in found if f.stem[:2] == n))
    return tmp_path


def put(path: Path, text: str, **changes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    known = {"product": path.name, "profile": "laptop", "seed": 1, "data": ["sim-ogle3"],
             "sha256": paths.sha256(path), "commit": "c", "dirty": False, "date": "d"}  # fmt: skip
    path.with_suffix(".json").write_text(json.dumps({**known, **changes}))


def remember(name: str) -> None:
    made = sorted((paths.build() / "figures").glob(f"simulated/{name}/*.[cp][sn][vg]"))
    products = {path.relative_to(paths.project()).as_posix(): paths.sha256(path) for path in made}
    folder = paths.build() / "reproduce" / "laptop"
    record.write_json(folder / f"{name}.json", {"products": products, "seconds": 7.0})


def test_each_notebook_is_judged(project: Path) -> None:
    one, two = compare.compare("laptop")
    assert (one.exact, one.within, one.figures, one.pixels) == (2, 0, 1, 1)
    assert (one.outside, one.missing, one.new) == ([], [], [])
    made = project / "build" / "figures" / "simulated" / "02_sm"
    put(made / "tab01_a.csv", "class,f1\na,0.9\n")
    put(made / "fig01_a.png", "other pixels", seed=2)
    put(made / "tab02_b.csv", "class,f1\na,0.9\n")
    remember("02_sm")
    _, two = compare.compare("laptop")
    assert two.outside == [
        "simulated/02_sm/fig01_a.png: other seed",
        "simulated/02_sm/tab01_a.csv: a, f1: 0.5 -> 0.9 (allowed 0.0009)",
    ]
    assert two.new == ["simulated/02_sm/tab02_b.csv"]
    text = compare.report([one, two])
    assert "02_sm: 1 numbers reproduced exactly, 0 within their error, 2 outside" in text
    assert "other seed" in text
    assert len(json.loads(compare.save([one, two], "laptop").read_text())) == 2


def test_what_was_not_made_is_missing(project: Path, capsys) -> None:
    from varstar.__main__ import main

    assert main(["verify"]) == 0
    (project / "build" / "figures" / "simulated" / "01_s20" / "fig01_a.png").unlink()
    (project / "build" / "reproduce" / "laptop" / "02_sm.json").unlink()
    assert main(["verify"]) == 1
    said = capsys.readouterr().out
    assert "missing: simulated/01_s20/fig01_a.png" in said
    assert "missing: simulated/02_sm/tab01_a.csv" in said
    assert main(["verify", "--profile", "real"]) == 0  # nothing is committed of it


def test_a_long_list_says_how_many_more(project: Path) -> None:
    found = compare.Agreement("01_s20", outside=[f"cell {i}" for i in range(30)])
    assert "outside: and 18 more" in compare.report([found])


def test_publish_replaces_what_changed(project: Path, monkeypatch) -> None:
    found = {project / "notebooks" / f"{name}.ipynb": ({}, {}) for name in ("01_s20", "02_sm")}
    monkeypatch.setattr(publish, "everything", lambda profile, only: found)
    monkeypatch.setattr(publish, "stale", lambda notebook, now, profile: [])
    monkeypatch.setattr(gallery, "write", list)
    stored = []
    monkeypatch.setattr(
        publish.stored, "store", lambda notebook, executed: bool(stored.append(executed))
    )
    committed = project / "figures" / "simulated"
    put(committed / "01_s20" / "fig01_a.png", "pixels", date="long ago")
    put(committed / "02_sm" / "tab09_gone.csv", "n\n1\n")
    put(project / "figures" / "real" / "02_sm" / "tab01_a.csv", "n\n1\n", profile="real")
    made = project / "build" / "figures" / "simulated" / "02_sm"
    put(made / "tab01_a.csv", "class,f1\na,0.9\n", dirty=True)
    remember("02_sm")
    with pytest.raises(ValueError, match=r"code that is not committed, as .*tab01_a\.csv"):
        publish.publish()
    put(made / "tab01_a.csv", "class,f1\na,0.9\n")
    assert not stored
    changed = publish.publish()
    runs = project / "build" / "reproduce" / "laptop"
    assert stored == [runs / "01_s20.ipynb", runs / "02_sm.ipynb"]
    assert sorted(p.name for p in changed) == ["tab01_a.csv", "tab09_gone.csv"]
    assert (committed / "02_sm" / "tab01_a.csv").read_text() == "class,f1\na,0.9\n"
    assert record.read(committed / "01_s20" / "fig01_a.json")["date"] == "long ago"
    assert not (committed / "02_sm" / "tab09_gone.json").exists()
    assert (project / "figures" / "real" / "02_sm" / "tab01_a.csv").exists()
    assert "02_sm: 7" in (project / "figures" / "seconds.yaml").read_text()
    monkeypatch.setattr(publish, "stale", lambda notebook, now, profile: ["cells changed"])
    with pytest.raises(ValueError, match="01_s20 is not reproduced: cells changed"):
        publish.publish()
    with pytest.raises(ValueError, match="smoke"):
        publish.publish("smoke")
