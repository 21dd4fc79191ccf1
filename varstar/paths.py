"""Where data, caches and figures live, and how a file is written and hashed.

``VARSTAR_DATA`` names the folder that holds the surveys (one folder each),
``VARSTAR_CACHE`` the folder of intermediate results. Both default to folders of the
project when the package runs from a clone, and to the user's own folders otherwise.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

_NUMBERS = count()

PACKAGE = Path(__file__).resolve().parent


def in_clone() -> bool:
    """Whether the package runs from a clone."""
    return (PACKAGE.parent / "pyproject.toml").is_file()


def project() -> Path:
    """The clone's top folder; the current folder when varstar is installed without one."""
    return PACKAGE.parent if in_clone() else Path.cwd()


def _own(kind: str) -> Path:
    """A folder of this user's for varstar, where the platform keeps such: ``data``, ``cache``."""
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")("varstar", appauthor=False))


def data(root: str | Path | None = None) -> Path:
    """The folder of surveys: `root`, else ``VARSTAR_DATA``, else ``<clone>/data``, else the
    user's own (``~/.local/share/varstar`` on Linux)."""
    own = root or os.environ.get("VARSTAR_DATA")
    return Path(own or (project() / "data" if in_clone() else _own("data"))).expanduser()


def cache() -> Path:
    """The folder of intermediate results: ``VARSTAR_CACHE``, else ``<clone>/cache``, else the
    user's own (``~/.cache/varstar`` on Linux)."""
    own = os.environ.get("VARSTAR_CACHE")
    return Path(own or (project() / "cache" if in_clone() else _own("cache"))).expanduser()


def figures() -> Path:
    """The folder that figures and tables are written to: ``VARSTAR_FIGURES``, else
    ``<build>/figures``."""
    return Path(os.environ.get("VARSTAR_FIGURES") or build() / "figures").expanduser()


def committed_figures() -> Path:
    """The figures and tables that came with the clone: ``<project>/figures``."""
    return project() / "figures"


def build() -> Path:
    """The git-ignored folder of what can be made again: ``VARSTAR_BUILD``, else
    ``<clone>/build``, else one in the cache: executed notebooks, and the figures of the
    smallest profile.
    """
    own = os.environ.get("VARSTAR_BUILD")
    return Path(own or (project() if in_clone() else cache()) / "build").expanduser()


def notebooks() -> Path:
    """The folder of notebooks."""
    return project() / "notebooks"


@contextmanager
def atomic(path: str | Path, overwrite: bool = True) -> Iterator[Path]:
    """A temporary name beside `path` to write to; it becomes `path` when the block ends.

    ::

        with paths.atomic(folder / "stars.parquet") as temporary:
            table.to_parquet(temporary)

    The block writes a file or makes a folder under the temporary name. When it raises, or
    the process is killed, `path` is what it was before.

    Parameters
    ----------
    path : path
        The file or folder; folders above it are made.
    overwrite : bool
        Replace an older `path`. False: keep it, for content that its name decides.

    Yields
    ------
    Path
        A name of this process alone, with the suffixes of `path`
        (``stars.tmp.1234-0.parquet``).
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    start, dot, suffixes = path.name.partition(".")
    temporary = path.with_name(f"{start}.tmp.{os.getpid()}-{next(_NUMBERS)}{dot}{suffixes}")
    try:
        yield temporary
        if path.exists() and not overwrite:
            return
        if path.is_dir() and temporary.is_dir():
            _replace_folder(temporary, path)
        else:
            os.replace(temporary, path)
    finally:
        _remove(temporary)


def _replace_folder(temporary: Path, path: Path) -> None:
    """A folder that is not empty cannot be replaced in one step: the old one steps aside."""
    aside = temporary.with_name(f"{temporary.name}.old")
    os.replace(path, aside)
    try:
        os.replace(temporary, path)
    except OSError:
        os.replace(aside, path)
        raise
    shutil.rmtree(aside, ignore_errors=True)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sha256(path: str | Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
