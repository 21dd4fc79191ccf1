"""The package as it is built, installed and taken to Binder."""

import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
import yaml

from varstar import paths

TOP = paths.project()
pytestmark = pytest.mark.skipif(not (TOP / "pyproject.toml").is_file(), reason="not a clone")

BUILD = "from setuptools import build_meta as b; import sys; print(b.{}(sys.argv[1]))"
CLASSIFY = """
import sys
import varstar as vs

assert vs.__file__.startswith(sys.argv[1]), vs.__file__
star = vs.load("sim-asassn", size=2, seed=3)
answer = vs.classify(star)
assert list(answer["status"]) == ["ok", "ok"], answer
assert "tensorflow" not in sys.modules
print(len(vs.models.available()))
"""


def build(source: Path, kind: str, into: Path) -> Path:
    into.mkdir(exist_ok=True)
    done = subprocess.run([sys.executable, "-c", BUILD.format(kind), str(into)], cwd=source,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return into / done.stdout.split()[-1]


def packaged(folder: Path) -> set[str]:
    """Files that belong to the package."""
    found = {p.relative_to(folder.parent).as_posix() for p in folder.rglob("*") if p.is_file()}
    return {name for name in found if "__pycache__" not in name}


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """What a build needs, and no more."""
    folder = tmp_path_factory.mktemp("source")
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(TOP / "varstar", folder / "varstar", ignore=ignore)
    (folder / "docs").mkdir()
    for name in ("pyproject.toml", "LICENSE", "README.md", "docs/package.md"):
        shutil.copy(TOP / name, folder / name)
    return folder


@pytest.mark.slow
def test_wheel_and_sdist_hold_the_whole_package_and_classify(source, tmp_path):
    files = packaged(source / "varstar")
    assert any(name.endswith(".weights.h5") for name in files)
    wheel = build(source, "build_wheel", tmp_path / "wheels")
    inside = {n for n in zipfile.ZipFile(wheel).namelist() if n.startswith("varstar/")}
    assert inside == files
    assert wheel.stat().st_size < 20e6
    sdist = build(source, "build_sdist", tmp_path / "sdists")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / sdist.name.removesuffix(".tar.gz")
    again = build(unpacked, "build_wheel", tmp_path / "again")
    theirs = {n for n in zipfile.ZipFile(again).namelist() if n.startswith("varstar/")}
    assert theirs == files

    # installed alone, in another folder than the clone
    there = tmp_path / "there"
    install = ["-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(there)]
    subprocess.run([sys.executable, *install, str(wheel)], check=True, capture_output=True)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VARSTAR_")}
    environment |= {"PYTHONPATH": str(there), "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", CLASSIFY, str(there)], cwd=tmp_path,
                          env=environment, capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert int(done.stdout.split()[-1]) >= 10


def test_the_folder_is_one_that_repo2docker_builds():
    """Rules of repo2docker (https://repo2docker.readthedocs.io, "Configuration files")."""
    for folder in ("binder", ".binder"):  # there it would look instead of here
        assert not (TOP / folder).exists()
    for other in ("Dockerfile", "apt.txt", "install.R", "default.nix", "Pipfile", "setup.py"):
        assert not (TOP / other).exists(), f"{other} would take precedence or be run too"
    content = yaml.safe_load((TOP / "environment.yml").read_text("utf-8"))
    assert set(content) == {"name", "channels", "dependencies"}  # no prefix
    pythons = [d for d in content["dependencies"] if isinstance(d, str) and d.startswith("python")]
    assert pythons == ["python=3.11"]  # a version that it knows, pinned to the minor
    names = [d for d in content["dependencies"] if isinstance(d, str)]
    assert "pip" in names
    pip = [d["pip"] for d in content["dependencies"] if isinstance(d, dict)]
    assert len(pip) == 1
    assert any(name.startswith("jupyterlab==") for name in pip[0])
    # the clone is copied after environment.yml is read, so the package itself comes later
    assert not [d for d in pip[0] if d.startswith(("-e", ".", "git+", "/"))]
    script = TOP / "postBuild"
    text = script.read_text("utf-8")
    assert text.startswith("#!/bin/bash\n")
    assert os.access(script, os.X_OK)
    assert "pip install --no-deps --no-cache-dir -e ." in text
