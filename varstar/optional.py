"""Packages that varstar needs for some of what it does only, and the line that brings them.

The core is light (see pyproject.toml); neural networks, notebooks and LSDB are extras.
"""

from importlib import import_module
from types import ModuleType

#: package -> the extra of varstar that brings it
EXTRAS = {
    "keras": "deep",
    "tensorflow": "deep",
    "pycatch22": "deep",
    "shap": "deep",
    "matplotlib": "notebooks",
    "seaborn": "notebooks",
    "papermill": "notebooks",
    "celerite2": "notebooks",
    "ghkss": "notebooks",
    "supersmoother": "notebooks",
    "anywidget": "explore",
    "ipywidgets": "explore",
    "lsdb": "lsdb",
}


def need(package: str, *, what: str = "this") -> ModuleType:
    """Import an optional package, or say how to get it.

    Parameters
    ----------
    package : str
        A key of `EXTRAS`, or a module of it ("matplotlib.pyplot").
    what : str
        What needs it, for the message.

    Raises
    ------
    ImportError
        With the pip line that brings the package.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        top = package.split(".")[0]
        if error.name is None or error.name.split(".")[0] != top:
            raise  # something else is missing
        extra = EXTRAS[top]
        raise ImportError(
            f"{what} needs {top}, which is not installed: pip install 'varstar[{extra}]'"
        ) from None
