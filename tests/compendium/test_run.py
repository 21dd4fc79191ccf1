"""The strict runner and `make reproduce`, on a notebook of three cells."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import papermill
import pytest

from varstar import paths
from varstar.__main__ import main
from varstar.compendium import ingredients, record, reproduce, run, source

PARAMETERS = """\
profile = "smoke"
survey = "sim-ogle3"
n = 3
rate = 1e-3
names = ["a", "b"]
limit = None
"""
WORK = """\
import pandas as pd
from varstar.compendium.provenance import Output, save_figure, save_table
from varstar.compendium.published import against_paper

out = Output("01_toy", profile=profile, data="sim-ogle3", seed=0)
save_table(pd.DataFrame({"n": range(n), "rate": rate}), "tab01_numbers", out)
comparison = against_paper({"fig02.parameters": 1615685, "fig03.training_accuracy": 0.5}, "s20",
                           data="sim-ogle3")
save_table(comparison, "comparison", out)
"""


def write_notebook(path: Path, work: str = WORK, parameters: str = PARAMETERS) -> Path:
    cell = nbformat.v4.new_code_cell
    cells = [cell(parameters, metadata={"tags": ["parameters"]}), cell(work)]
    cells.append(cell("import matplotlib.pyplot as plt\nfig, ax = plt.subplots(); ax.plot([n, 1]);"
                      "save_figure(fig, 'fig01_line', out, caption='A line.')"))  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(nbformat.writes(notebook))
    return path


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one notebook, its figures and records in a temporary folder."""
    monkeypatch.setenv("VARSTAR_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path / "notebooks")
    monkeypatch.setattr(paths, "committed_figures", lambda: tmp_path / "committed")
    for profile in ("smoke", "laptop", "real"):
        folder = tmp_path / "notebooks" / "params" / profile
        folder.mkdir(parents=True)
        (folder / "01.yaml").write_text("{}\n" if profile == "smoke" else "n: 5\n")
    return write_notebook(tmp_path / "notebooks" / "01_toy.ipynb")


# --- parameters ---------------------------------------------------------------------------


def test_defaults_agree_with_papermill(toy: Path) -> None:
    found = run.defaults(toy)
    assert found == {
        "profile": "smoke", "survey": "sim-ogle3", "n": 3, "rate": 1e-3, "names": ["a", "b"],
        "limit": None,
    }  # fmt: skip
    assert set(found) == set(papermill.inspect_notebook(str(toy)))


@pytest.mark.parametrize("line", ["m = n * 2", "from os import *", "a = b = 1", "x: int = 1"])
def test_only_literals_in_the_parameters_cell(toy: Path, line: str) -> None:
    write_notebook(toy, parameters=f"n = 3\n{line}\n")
    with pytest.raises(ValueError, match=r"parameters cell. Received"):
        run.defaults(toy)


def test_exactly_one_parameters_cell(toy: Path) -> None:
    notebook = json.loads(toy.read_text())
    notebook["cells"][1]["metadata"]["tags"] = ["parameters"]
    toy.write_text(json.dumps(notebook))
    with pytest.raises(ValueError, match=r"one cell tagged 'parameters'\. Received: 2"):
        run.defaults(toy)


def test_parameters_that_a_reader_meets_first(toy: Path) -> None:
    notebook = json.loads(toy.read_text())
    known = run.defaults(toy)
    more = dict(notebook["cells"][0])
    more |= {"source": "first = 1\nsecond = [2]", "metadata": {"tags": ["first-parameters"]}}
    notebook["cells"].insert(0, more)
    toy.write_text(json.dumps(notebook))
    assert run.defaults(toy) == {"first": 1, "second": [2], **known}


def test_check_names_types_and_yaml_exponents() -> None:
    known = {"n": 3, "rate": 1e-3, "on": True, "names": ["a"], "limit": None}
    assert run.check({"rate": "1e-6"}, known, "x") == {"rate": 1e-6}
    assert run.check({"rate": 1}, known, "x") == {"rate": 1.0}
    assert run.check({"limit": 4, "n": None}, known, "x") == {"limit": 4, "n": None}
    with pytest.raises(ValueError, match=r"unknown parameters \['m'\]. Known: .*'n'"):
        run.check({"m": 1}, known, "x")
    for given in ({"n": "many"}, {"n": 1.5}, {"n": True}, {"on": 1}, {"names": "a"}):
        with pytest.raises(ValueError, match=r"expected .* Received"):
            run.check(given, known, "x")


def test_profile_parameters(toy: Path) -> None:
    assert run.profile_parameters(toy, "laptop") == {"n": 5, "profile": "laptop"}
    with pytest.raises(ValueError, match=r"unknown profile 'fast'. Known: .*'smoke'"):
        run.profile_parameters(toy, "fast")
    with pytest.raises(ValueError, match="no parameters for the profile 'paper'"):
        run.profile_parameters(toy, "paper")
    yaml = toy.parent / "params" / "real" / "01.yaml"
    for text, message in (("n: [", "not YAML"), ("5", "name: value"), ("profile: smoke", "real")):
        yaml.write_text(text)
        with pytest.raises(ValueError, match=message):
            run.profile_parameters(toy, "real")


def test_find(toy: Path) -> None:
    assert run.find("01") == run.find("1") == run.find("01_toy") == run.find(toy) == toy
    with pytest.raises(ValueError, match=r"unknown notebook '07'. Known: \['01_toy'\]"):
        run.find("07")
    damaged = toy.with_name("02_damaged.ipynb")
    damaged.write_text(toy.read_text()[:100])
    with pytest.raises(ValueError, match="is not a notebook"):
        run.defaults(damaged)


# --- running ------------------------------------------------------------------------------


def test_run_finished_failed_and_cwd(toy: Path, tmp_path: Path) -> None:
    output = tmp_path / "out" / "01.ipynb"
    write_notebook(toy, "import os\nprint(os.getcwd(), n, limit)\nassert n < 9\n" + WORK)
    assert run.run(toy, output, {"n": 4}) == output
    assert f"{toy.parent} 4 None" in output.read_text()
    assert [p.name for p in output.parent.iterdir()] == ["01.ipynb"]

    with pytest.raises(run.NotebookError, match=r"01_toy.ipynb, cell .*: AssertionError"):
        run.run(toy, output, {"n": 10})
    # nothing looks finished, not even what an earlier run had made
    assert sorted(p.name for p in output.parent.iterdir()) == ["01.failed.ipynb", "01.log"]

    run.run(toy, output)
    assert [p.name for p in output.parent.iterdir()] == ["01.ipynb"]
    with pytest.raises(ValueError, match="unknown parameters"):
        run.run(toy, output, {"m": 1})


# --- reproduce ----------------------------------------------------------------------------


def one(profile: str = "laptop", **options) -> dict:
    (done,) = reproduce.reproduce(profile, **options)
    return done


def test_reproduce_runs_what_has_changed(toy: Path, tmp_path: Path, capsys) -> None:
    folder = tmp_path / "figures" / "simulated" / "01_toy"
    made = one()
    assert made["status"] == "ran"
    assert sorted(p.name for p in folder.glob("*.[pc]*")) == [
        "comparison.csv", "fig01_line.png", "tab01_numbers.csv",
    ]  # fmt: skip
    assert made["verdicts"] == {"within": 1, "below": 1}
    assert len((folder / "tab01_numbers.csv").read_text().splitlines()) == 1 + 5
    assert "the first time" in capsys.readouterr().out

    before = {p: p.read_bytes() for p in folder.iterdir()}
    assert one()["status"] == "up to date"
    assert "skipped" in capsys.readouterr().out
    assert one(force=True)["status"] == "ran"  # the same bytes, provenance included
    assert {p: p.read_bytes() for p in folder.iterdir()} == before

    def reasons() -> list[str]:
        ((notebook, (_, now)),) = reproduce.everything("laptop").items()
        return reproduce.stale(notebook, now, "laptop")

    assert reasons() == []
    (toy.parent / "params/laptop/01.yaml").write_text("n: 5\nrate: 2.0e-3\n")
    assert reasons() == ["parameter rate 0.001 -> 0.002"]
    (folder / "fig01_line.png").unlink()
    table = (folder / "tab01_numbers.csv").read_text()
    (folder / "tab01_numbers.csv").write_text("n")
    write_notebook(toy, WORK + "\nmore = 1")
    text = "; ".join(reasons())
    assert "cells changed" in text
    assert "fig01_line.png is missing" in text
    assert "tab01_numbers.csv is not what the last run made" in text
    (folder / "tab01_numbers.csv").write_text(table)
    write_notebook(toy, WORK.replace("tab01_numbers", "tab01_renamed"))
    assert one()["status"] == "ran"
    names = {p.name for p in folder.iterdir()}  # what is no longer made is taken away
    assert {"fig01_line.png", "tab01_renamed.csv", "comparison.json"} <= names
    assert not {"tab01_numbers.csv", "tab01_numbers.json"} & names


def test_a_failed_run_is_not_up_to_date(toy: Path, capsys) -> None:
    one()
    write_notebook(toy, WORK + "\nraise RuntimeError('broken')")
    assert main(["reproduce", "--profile", "laptop"]) == 1
    assert "RuntimeError: broken" in capsys.readouterr().out
    write_notebook(toy)
    assert one()["status"] == "ran"


def test_ingredients_see_the_source_of_what_is_imported(toy: Path) -> None:
    found = ingredients.ingredients(toy, {}, [])
    for name in ("varstar.compendium.published", "papers/s20/published.yaml"):
        assert found[f"code of {name}"].startswith("#")
    assert "code of varstar.periods.find" not in found
    assert found["requirements.lock"].startswith("#")
    assert found["parameter names"].startswith("#")
    assert found["parameter n"] == "3"


def test_one_ingredient_at_a_time(toy: Path, tmp_path: Path, monkeypatch) -> None:
    def now() -> dict[str, str]:
        return ingredients.ingredients(toy, {"profile": "real", "survey": "mine"}, ["mine"])

    folder = tmp_path / "data" / "mine"
    folder.mkdir(parents=True)
    for name in ("stars.parquet", "observations.parquet"):
        (folder / name).write_bytes(b"1")
    before = {"ingredients": now()}

    def changed() -> list[str]:
        found = record.changes(before, now())
        before["ingredients"] = now()
        return found

    assert changed() == []
    (folder / "observations.parquet").write_bytes(b"22")
    assert changed() == ["data mine changed"]
    write_notebook(toy, WORK + "\nmore = 1")
    assert changed() == ["cells changed"]
    write_notebook(toy, WORK + "\nmore = 1", PARAMETERS.replace("n = 3", "n = 4"))
    assert changed() == ["cells changed", "parameter n 3 -> 4"]
    write_notebook(toy, WORK + "\nimport varstar.papers")
    assert "code of varstar.papers changed" in changed()
    monkeypatch.setenv("VARSTAR_FIGURES", str(tmp_path / "elsewhere"))
    (reason,) = [text for text in changed() if "figures" in text]
    assert reason.endswith("elsewhere")
    real = source._hash
    monkeypatch.setattr(source, "_hash", lambda p: "x" if p.name == "published.yaml" else real(p))
    assert "code of papers/s20/published.yaml changed" in changed()


def test_cells_with_lines_of_ipython_are_read(toy: Path) -> None:
    cells = [
        "files = !ls\n%matplotlib inline\nimport varstar.papers.k21.network",
        "%%bash\nfor x in 1 2; do\n  echo $x\ndone",
        "this is no Python",
        "!ls varstar\nfrom varstar import taxonomy\ntaxonomy?",
    ]
    notebook = json.loads(toy.read_text())
    notebook["cells"] += [{**notebook["cells"][1], "id": f"c{i}", "source": text}
                          for i, text in enumerate(cells)]  # fmt: skip
    toy.write_text(json.dumps(notebook))
    found = ingredients.ingredients(toy, {}, [])
    assert {"code of varstar.papers.k21.network", "code of taxonomy/taxonomy.yaml"} <= set(found)


def test_another_folder_of_figures_is_filled_and_the_first_one_left_alone(
    toy: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    one()
    archive = tmp_path / "figures"
    before = {path: path.read_bytes() for path in archive.rglob("*") if path.is_file()}
    assert len(before) == 6
    monkeypatch.setenv("VARSTAR_FIGURES", str(tmp_path / "new"))
    write_notebook(toy, WORK.replace("tab01_numbers", "tab01_renamed"))
    assert one()["status"] == "ran"
    assert "folder of figures" in capsys.readouterr().out
    assert len(list((tmp_path / "new").rglob("*.csv"))) == 2
    assert {p: p.read_bytes() for p in archive.rglob("*") if p.is_file()} == before


def test_a_product_changed_by_hand_is_not_deleted(toy: Path, tmp_path: Path) -> None:
    one()
    path = tmp_path / "figures" / "simulated" / "01_toy" / "tab01_numbers.csv"
    path.write_text("mine")
    write_notebook(toy, WORK.replace("tab01_numbers", "tab01_renamed"))
    assert one()["status"] == "ran"
    assert path.read_text() == "mine"


def test_a_dead_kernel_is_one_failed_notebook(toy: Path, tmp_path: Path, capsys) -> None:
    write_notebook(toy, WORK + "\nimport os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    (toy.parent / "params/laptop/02.yaml").write_text("{}")
    write_notebook(toy.with_name("02_other.ipynb"), WORK.replace("01_toy", "02_other"))
    records = reproduce.reproduce("laptop")
    assert [r["status"] for r in records] == ["failed", "ran"]
    assert "01_toy.ipynb" in records[0]["error"]
    assert "died" in records[0]["error"]
    folder = tmp_path / "build" / "reproduce" / "laptop"
    assert "tab01_numbers" in (folder / "01_toy.failed.ipynb").read_text()


def test_kernels_keep_their_memory_and_do_not_spin(toy: Path, tmp_path: Path, monkeypatch) -> None:
    names = ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "OMP_WAIT_POLICY"]
    for name in names:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    write_notebook(toy, f"import os\nprint([os.environ[n] for n in {names}])\n" + WORK)
    text = run.run(toy, tmp_path / "out.ipynb").read_text()
    assert "['4294967296', '4294967296', 'ACTIVE']" in text  # what the user has set stays
    assert "MALLOC_TRIM_THRESHOLD_" not in os.environ


def test_what_is_left_is_estimated(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(paths, "committed_figures", lambda: tmp_path)
    (tmp_path / "seconds.yaml").write_text("laptop: {00_a: 60, 01_b: 600, 02_c: 1200}")
    clock = reproduce.Clock(
        "laptop", [Path(f"{n}.ipynb") for n in ("00_a", "01_b", "02_c", "03_d")]
    )
    assert clock.left("00_a") == "about 60 s, 33 min with what follows"
    clock.ran("00_a", 120.0)  # this machine takes twice as long
    assert clock.left("01_b") == "about 20 min, 64 min with what follows"
    clock.ran("01_b", 1200.0)
    assert clock.left("03_d") == "about 4 min (a guess)"
    again = reproduce.Clock("laptop", [Path("00_a.ipynb")])
    assert again.left("00_a") == "about 2 min"


def test_the_first_notebook_runs_first() -> None:
    assert run.notebooks()[0].stem == "00_start_here"


def test_missing_surveys_are_named_with_the_way_to_get_them(toy: Path, capsys) -> None:
    (toy.parent / "params" / "real" / "01.yaml").write_text("survey: catalina_sss\n")
    with pytest.raises(ingredients.MissingData, match=r"VARSTAR_DATA[\s\S]*catalina_sss"):
        one("real")
    assert main(["reproduce", "--profile", "real"]) == 1
    assert "catalina_sss" in capsys.readouterr().err
    assert main(["run", "01", "--profile", "real"]) == 1


def test_survey_files_are_ingredients(toy: Path, tmp_path: Path) -> None:
    (toy.parent / "params" / "real" / "01.yaml").write_text("survey: mine\n")
    folder = tmp_path / "data" / "mine"
    folder.mkdir(parents=True)
    for name in ("stars.parquet", "observations.parquet"):
        (folder / name).write_bytes(b"1")
    parameters = run.profile_parameters(toy, "real")
    assert ingredients.surveys_of(parameters) == ["mine"]
    before = ingredients.survey_hash("mine")
    assert ingredients.survey_hash("mine") == before
    (folder / "stars.parquet").write_bytes(b"22")
    assert ingredients.survey_hash("mine") != before


def test_the_command_line_says_what_is_wrong(toy: Path, capsys) -> None:
    for arguments, message in (
        (["reproduce", "--profile", "fast"], "unknown profile 'fast'. Known: ['smoke'"),
        (["reproduce", "09"], "unknown notebook '09'"),
        (["run", "01", "-p", "m=1"], "unknown parameters ['m']"),
        (["run", "01", "-p", "n=many"], "expected int for 'n'"),
        (["run", "01", "-p", "n"], "expected NAME=VALUE"),
        (["run", "01", "--profile", "fast"], "unknown profile"),
    ):
        assert main(arguments) == 1
        assert message in capsys.readouterr().err


def test_summary_is_a_table() -> None:
    done = {"notebook": "01_toy", "status": "ran", "seconds": 61.2, "verdicts": {"within": 2}}
    text = reproduce.summary([{**done, "products": {"a.png": "", "b.csv": "", "c.csv": ""}}])
    head, _, line = text.splitlines()
    assert " ".join(head.split()) == "notebook status figures tables time against the paper"
    assert " ".join(line.split()) == "01_toy ran 1 2 1 min 01 s 2 within"


KILLED = """\
import time
from varstar.compendium.cache import cached

def slow(scratch):
    import pathlib
    seen = pathlib.Path(scratch, "state")
    first = not seen.exists()
    seen.write_text("half way")
    if first:
        time.sleep(60)
    return [1.0, 2.0]

values = cached("slow", slow, scratch="scratch")
save_table(pd.DataFrame({"values": values}), "tab02_values", out)
"""


def test_killed_and_started_again(toy: Path, tmp_path: Path) -> None:
    write_notebook(toy, WORK + KILLED)
    script = (
        "import sys; from pathlib import Path; from varstar import paths; "
        f"paths.notebooks = lambda: Path({str(toy.parent)!r}); "
        "from varstar.__main__ import main; sys.exit(main(['reproduce', '--profile', 'smoke']))"
    )
    state = tmp_path / "cache" / "slow"
    process = subprocess.Popen([sys.executable, "-c", script], start_new_session=True)
    deadline = time.monotonic() + 90
    while not list(state.glob("*.scratch/state")) and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    records = tmp_path / "build" / "reproduce" / "smoke"
    assert list(state.glob("*.scratch/state")), "the notebook never got to its slow step"
    assert not (records / "01_toy.ipynb").exists()
    assert not (records / "01_toy.json").exists()

    done = one("smoke")  # goes on from the state that the killed step had left
    assert done["status"] == "ran"
    assert any("tab02_values" in name for name in done["products"])
    assert not list(state.glob("*.scratch"))
    assert not list(records.glob("*.tmp*"))
    assert one("smoke")["status"] == "up to date"
