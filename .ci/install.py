"""Make the environment ``.venv`` as requirements.lock says. Standard library only.

Run by `make env` with any Python 3.11 or later. uv installs the packages in seconds; where
uv cannot be had, or cannot use the indexes that pip is configured with, pip does it. An
interrupted installation is started afresh.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
VENV = TOP / ".venv"
LOCK = TOP / "requirements.lock"
UNFINISHED = VENV / ".installing"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main() -> int:
    """Exit status 0 when everything is installed."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this file runs on whatever Python there is)
        print(f"varstar wants Python 3.11 or later. Received: {sys.version.split()[0]}")
        print("Name one: make PYTHON=/path/to/python3.11 ...")
        return 1
    if Path(sys.prefix).resolve() == VENV.resolve():  # .venv is active: it must not make itself
        return subprocess.run([sys._base_executable, __file__], check=False).returncode
    if UNFINISHED.exists() or not works(PYTHON):
        print("Making .venv", flush=True)
        venv.EnvBuilder(with_pip=True, clear=True).create(VENV)
    UNFINISHED.touch()
    install(["-r", str(LOCK)])
    install(["--no-deps", "--no-build-isolation", "-e", str(TOP)])
    kernel()
    UNFINISHED.unlink()
    return 0


def kernel() -> None:
    """A kernel called varstar, in the environment's own folder: the right one to choose."""
    command = [str(PYTHON), "-m", "ipykernel", "install", "--prefix", str(VENV)]
    done = subprocess.run([*command, "--name", "varstar"], capture_output=True, check=False)
    if done.returncode:
        print("no Jupyter kernel called varstar: choose Python 3 (ipykernel)", flush=True)


def works(python: Path) -> bool:
    """Whether the environment is whole enough to install into."""
    try:
        subprocess.run([python, "-m", "pip", "--version"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def install(what: list[str]) -> None:
    """Install with uv, else with pip."""
    pip = [str(PYTHON), "-m", "pip"]
    uv = VENV / PYTHON.parent.name / "uv"
    if not uv.exists():
        subprocess.run([*pip, "install", "--quiet", "uv"], check=False)
    if uv.exists():
        command = [str(uv), "pip", "install", "--quiet", "--python", str(PYTHON), *what]
        if subprocess.run(command, check=False, env=uv_environment(pip)).returncode == 0:
            return
        print("uv did not manage; trying pip (this takes a few minutes)", flush=True)
    subprocess.run([*pip, "install", "--quiet", *what], check=True)


def uv_environment(pip: list[str]) -> dict[str, str]:
    """The environment in which uv sees the indexes and certificates that pip is told of."""
    listed = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False)
    settings: dict[str, str] = {}
    for line in listed.stdout.splitlines():  # later lines, ":env:" first, weigh less
        name, equals, value = line.partition("=")
        option = name.rsplit(".", 1)[-1]
        if equals and name.startswith((":env:", "global.", "install.")):
            settings.setdefault(option, value.strip("'\""))
    found = dict(os.environ)
    for option, variable, joint in (
        ("index-url", "UV_DEFAULT_INDEX", None),
        ("extra-index-url", "UV_INDEX", " "),
        ("find-links", "UV_FIND_LINKS", ","),
        ("cert", "SSL_CERT_FILE", None),
        ("trusted-host", "UV_INSECURE_HOST", " "),
    ):
        values = [v.strip("'\",[]") for v in settings.get(option, "").replace("\\n", " ").split()]
        if values:
            found.setdefault(variable, (joint or " ").join(values if joint else values[:1]))
    if settings.get("no-index", "").lower() in ("1", "true", "yes"):
        found.setdefault("UV_NO_INDEX", "1")
    # As pip does: the best version of all indexes, not the first index that has any.
    found.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    if os.stat(TOP).st_dev != _device(found):
        found.setdefault("UV_LINK_MODE", "copy")  # no links across file systems, no warning
    return found


def _device(environment: dict[str, str]) -> int:
    cache = Path(environment.get("UV_CACHE_DIR", Path.home() / ".cache"))
    while not cache.exists():
        cache = cache.parent
    return os.stat(cache).st_dev


if __name__ == "__main__":
    sys.exit(main())
