"""What the repository holds: no data, no pickles, nothing large, no machine's own paths."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from varstar import paths
from varstar.compendium import gallery
from varstar.compendium.provenance import _PACKAGES, MAX_BYTES

TOP = paths.project()


def tracked() -> list[Path]:
    done = subprocess.run(["git", "-C", str(TOP), "ls-files", "-z"], capture_output=True, text=True)
    return [TOP / n for n in done.stdout.split("\0") if n and (TOP / n).is_file()]


FILES = tracked()
needs_git = pytest.mark.skipif(not FILES, reason="not a clone")


def texts() -> list[tuple[Path, str]]:
    """Every tracked text file but this one, which must name what it looks for."""
    found = []
    for path in FILES:
        if path == Path(__file__).resolve():
            continue
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    assert len(found) > 20
    return found


@needs_git
def test_no_data_and_no_pickles() -> None:
    suffixes = {".parquet", ".pkl", ".pickle", ".joblib", ".dill", ".zip", ".gz", ".sav"}
    names = {p for p in FILES if p.suffix in suffixes and "tests" not in p.parts}
    assert not names
    assert not {p for p in FILES if p.suffix in suffixes - {".parquet", ".zip", ".gz"}}
    data = [p for p in FILES if p.is_relative_to(TOP / "data")]
    assert data == [TOP / "data" / "README.md"]


@needs_git
def test_pickles_are_not_used() -> None:
    used = [
        path
        for path, text in texts()
        if path.suffix == ".py"
        and re.search(r"^\s*(import|from) (pickle|joblib|dill)|allow_pickle=True", text, re.M)
    ]
    assert not used


@needs_git
def test_nothing_large() -> None:
    limits = {".png": MAX_BYTES, ".ipynb": 1_000_000, ".csv": 500_000, ".h5": 15_000_000}
    large = {p: p.stat().st_size for p in FILES if p.stat().st_size > limits.get(p.suffix, 10**6)}
    assert not large


@needs_git
def test_no_paths_of_a_machine() -> None:
    pattern = re.compile(r"(?<![\w.$~}])/(work|home|root|Users|mnt|scratch)/\w|\.\./shared")
    found = [
        (str(path.relative_to(TOP)), match.group())
        for path, text in texts()
        if (match := pattern.search(text)) and path != TOP / ".ci" / "run"
    ]
    assert not found


@needs_git
def test_no_package_index() -> None:
    pattern = re.compile(r"(extra-)?index-url *[=:] *\S+://|pypi\.org/simple|file://", re.I)
    found = [
        str(path.relative_to(TOP))
        for path, text in texts()
        if path.suffix != ".py" and pattern.search(text)
    ]
    assert not found


@needs_git
def test_no_loose_ends() -> None:
    pattern = re.compile(r"\b(TODO|FIXME|XXX)\b|NotImplementedError")
    found = [str(p.relative_to(TOP)) for p, text in texts() if pattern.search(text)]
    assert not found


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_import_loads_nothing_heavy() -> None:
    code = (
        "import sys, varstar; "
        "heavy = {'tensorflow', 'keras', 'torch', 'matplotlib', 'sklearn'} & set(sys.modules); "
        "print(sorted(heavy))"
    )
    assert run_python(code) == "[]"


@pytest.mark.parametrize("name", ["load", "available", "fold", "fold_images", "make_sample"])
def test_the_front_door_does_not_load_tensorflow(name: str) -> None:
    code = f"import sys, varstar; varstar.{name}; print('tensorflow' in sys.modules)"
    assert run_python(code) == "False"


def test_every_public_name_is_there() -> None:
    code = (
        "import varstar; "
        "print([n for n in varstar.__all__ if not hasattr(varstar, n)], len(varstar.__all__) > 10)"
    )
    assert run_python(code) == "[] True"


# --- products -----------------------------------------------------------------------------

PRODUCTS = sorted(p for p in paths.committed_figures().rglob("*") if p.suffix in (".png", ".csv"))


def test_every_product_has_its_own_provenance() -> None:
    for path in PRODUCTS:
        record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert record["product"] == path.name
        assert record["sha256"] == paths.sha256(path), f"{path.name} was edited by hand"
        assert record["data"], path
        simulated = path.relative_to(paths.committed_figures()).parts[0].startswith("simulated")
        if simulated:
            assert record["kind"] == "simulated", path
        assert record["profile"] != "smoke", path
        assert record["caption"] or path.stem.startswith("comparison"), f"{path.name}: no caption"


#: Of these a run on real stars has still to be repeated with committed code: the list can only
#: become shorter.
STILL_DIRTY = {"real/00_start_here", "real/05_s26", "real/S1_simulated_against_real"}


def test_products_come_from_committed_code_of_known_versions() -> None:
    dirty = set()
    for path in PRODUCTS:
        record = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        assert re.fullmatch(r"[0-9a-f]{40}", record["commit"]), path
        assert record["dirty"] in (True, False), path
        if record["dirty"]:
            dirty.add(path.parent.relative_to(paths.committed_figures()).as_posix())
        assert {"python", *_PACKAGES} <= set(record["versions"]), path
        for name, version in record["versions"].items():
            assert re.match(r"\d+\.\d+", version), f"{path}: {name} {version!r}"
    assert not dirty - STILL_DIRTY, "commit the code first, then make reproduce publish"
    assert not STILL_DIRTY - dirty, f"take {sorted(STILL_DIRTY - dirty)} out of STILL_DIRTY"


def test_no_provenance_without_its_product() -> None:
    records = [p for p in paths.committed_figures().rglob("*.json")]
    assert not [p for p in records if not any(p.with_suffix(s).exists() for s in (".png", ".csv"))]


def test_the_generated_pages_are_current() -> None:
    assert not gallery.stale(), "make gallery"
    readme = (TOP / "README.md").read_text(encoding="utf-8")
    assert all(gallery.BEGIN.format(part) in readme for part in gallery.PARTS)


def test_links_of_the_readme_lead_somewhere() -> None:
    for page in (
        TOP / "README.md",
        TOP / "data" / "README.md",
        paths.committed_figures() / "README.md",
    ):
        links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))
        missing = [link for link in links if not (page.parent / link).exists()]
        assert not missing, page
