"""Where data, caches and figures live: the one place that knows.

``VARSTAR_DATA`` names the folder that holds the surveys (one folder each),
``VARSTAR_CACHE`` the folder of intermediate results. Both default to folders of the
project when the package runs from a clone, and to the user's own folders otherwise.
"""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def project() -> Path:
    """The clone's top folder; the current folder when varstar is installed without one."""
    top = PACKAGE.parent
    return top if (top / "pyproject.toml").is_file() else Path.cwd()


def data(root: str | Path | None = None) -> Path:
    """The folder of surveys: `root`, else ``VARSTAR_DATA``, else ``<project>/data``."""
    return Path(root or os.environ.get("VARSTAR_DATA") or project() / "data").expanduser()


def cache() -> Path:
    """The folder of intermediate results: ``VARSTAR_CACHE``, else ``<project>/cache``."""
    return Path(os.environ.get("VARSTAR_CACHE") or project() / "cache").expanduser()


def figures() -> Path:
    """The folder of figures and tables: ``VARSTAR_FIGURES``, else ``<project>/figures``."""
    return Path(os.environ.get("VARSTAR_FIGURES") or project() / "figures").expanduser()


def build() -> Path:
    """The git-ignored folder of what can be made again: ``VARSTAR_BUILD``, else
    ``<project>/build``: executed notebooks, and the figures of the smallest profile.
    """
    return Path(os.environ.get("VARSTAR_BUILD") or project() / "build").expanduser()


def notebooks() -> Path:
    """The folder of notebooks."""
    return project() / "notebooks"
