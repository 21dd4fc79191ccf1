"""Pin everything that pyproject.toml asks for, direct or not: requirements.lock (read by
`make env`) and environment.yml (for conda users, the direct ones). Run by `make lock`: what
is pinned stays as it is, unless `make lock UPGRADE=1` asks for the newest of everything."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import install

HEAD = """\
# For users of conda: the same versions as requirements.lock. Made by `make lock`.
#   conda env create -f environment.yml && conda activate varstar && pip install --no-deps -e .
name: varstar
channels:
  - conda-forge
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def main() -> int:
    """Exit status 0 when both files are written."""
    lock = install.LOCK
    temporary = lock.with_name("requirements.tmp.lock")
    pip = [sys.executable, "-m", "pip"]
    command = ["uv", "pip", "compile", "pyproject.toml", "--all-extras", "--universal"]
    command += ["--python-version", "3.11", "--no-annotate", "--no-header", "--quiet"]
    command += ["--no-emit-index-url", "--no-emit-find-links"]
    if "upgrade" in sys.argv[1:]:
        command.append("--upgrade")
    elif lock.exists():  # uv keeps the versions that it finds in its output
        shutil.copy(lock, temporary)
    command[0] = str(Path(sys.executable).with_name("uv"))
    subprocess.run(
        [*command, "--output-file", str(temporary)],
        check=True,
        cwd=install.TOP,
        env=install.uv_environment(pip),
        stdout=subprocess.DEVNULL,
    )
    temporary.replace(lock)
    (install.TOP / "environment.yml").write_text(environment(lock.read_text()))
    return 0


def environment(lock: str) -> str:
    """environment.yml: the direct dependencies, pinned as in the lock for Python 3.11."""
    project = tomllib.loads((install.TOP / "pyproject.toml").read_text())["project"]
    asked = project["dependencies"] + [
        line for extra in project["optional-dependencies"].values() for line in extra
    ]
    names = sorted({re.split(r"[<>=!~\[; ]", line)[0].lower() for line in asked})
    pins = pinned(lock)
    return HEAD + "".join(f"      - {name}=={pins[name]}\n" for name in names)


def pinned(lock: str) -> dict[str, str]:
    """Name -> version in the lock, for Python 3.11."""
    found = {}
    for line in lock.splitlines():
        requirement, _, marker = line.partition(";")
        name, equals, version = requirement.strip().partition("==")
        if equals and not re.search(r"[>=]= '3\.1[2-9]", marker):
            found[name.lower()] = version
    return found


if __name__ == "__main__":
    if sys.argv[1:] == ["environment"]:
        (install.TOP / "environment.yml").write_text(environment(install.LOCK.read_text()))
    else:
        sys.exit(main())
