"""Packages that varstar needs for some of what it does only, and the line that brings them.

The core is light (see pyproject.toml); neural networks, notebooks and LSDB are extras.
"""

import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

#: package -> the extra of varstar that brings it
EXTRAS = {
    "keras": "deep",
    "tensorflow": "deep",
    "pycatch22": "deep",
    "shap": "deep",
    "matplotlib": "explore",
    "seaborn": "notebooks",
    "papermill": "notebooks",
    "celerite2": "notebooks",
    "ghkss": "notebooks",
    "supersmoother": "notebooks",
    "anywidget": "explore",
    "ipywidgets": "explore",
    "plotly": "explore",
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


def __getattr__(name: str) -> ModuleType:
    """``from varstar.optional import keras, layers, ops``: Keras, imported quietly."""
    if name == "keras":
        return _keras()
    if name in ("layers", "ops"):
        return getattr(_keras(), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _keras() -> ModuleType:
    if "keras" in sys.modules:
        return sys.modules["keras"]
    with quiet_stderr(_NOISE):
        keras = need("keras", what="a neural network")
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # advice about retracing
    return keras


#: What TensorFlow's compiled parts write while they load; no variable silences it.
_NOISE = re.compile(rb"WARNING: All log messages before|[IWE]\d{4} \d\d|\d{4}-\d\d-\d\d .*[IWE] ")


@contextmanager
def quiet_stderr(noise: "re.Pattern[bytes]") -> Iterator[None]:
    """The process' stderr (descriptor 2) without the lines that begin with `noise`.

    What else was written appears at the end of the block; when it fails, everything.
    """
    try:
        shown = os.dup(2)
    except OSError:  # no stderr at all
        yield
        return
    sys.stderr and sys.stderr.flush()
    failed = True
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
            failed = False
        finally:
            sys.stderr and sys.stderr.flush()
            os.dup2(shown, 2)
            os.close(shown)
            file.seek(0)
            lines = file.read().splitlines(keepends=True)
            os.write(2, b"".join(x for x in lines if failed or not noise.match(x)))
