"""varstar: the reproducible compendium of deep learning for variable stars.

The front door. Every public name is loaded when it is first used, so that
``import varstar`` takes milliseconds and does not import TensorFlow.
"""

import os
import sys
from importlib import import_module
from typing import Any

# TensorFlow's C++ start-up messages drown a notebook's first output; set the variable
# yourself to see them.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

__version__ = "0.1.0"

#: public name -> the module that defines it
_PUBLIC = {
    "available": "varstar.datasets",
    "load": "varstar.datasets",
    "read_light_curve": "varstar.datasets.light_curve",
    "make_sample": "varstar.datasets.samples",
    "light_curve": "varstar.datasets.samples",
    "light_curves": "varstar.datasets.samples",
    "find_periods": "varstar.periods",
    "fold": "varstar.lightcurves.folding",
    "fold_images": "varstar.features.images",
    "variability_features": "varstar.features",
    "catch22_features": "varstar.features",
    "classify": "varstar.classification",
    "as_sample": "varstar.front_door",
    "plot": "varstar.plots.star",
    "plot_light_curve": "varstar.plots.star",
    "plot_folded": "varstar.plots.star",
    "plot_periodogram": "varstar.plots.star",
    "explain": "varstar.results",
    "cite": "varstar.citations",
    "explore": "varstar.explorer.app",
}
#: public module -> its place
_MODULES = {
    "models": "varstar.models",
    "plots": "varstar.plots",
    "evaluate": "varstar.learning.evaluate",
    "taxonomy": "varstar.taxonomy",
    "simulate": "varstar.simulate",
    "features": "varstar.features",
    "splits": "varstar.learning.splits",
    "periods": "varstar.periods",
    "datasets": "varstar.datasets",
    "catalogs": "varstar.catalogs",
    "brokers": "varstar.brokers",
}

#: public functions whose first argument may be whatever light curves come as
_TAKE_ANYTHING = {
    "classify", "find_periods", "variability_features", "catch22_features", "fold_images",
    "plot", "plot_light_curve", "plot_folded", "plot_periodogram",
}  # fmt: skip
#: and of these also a partition of a survey's catalogue (LSDB, Dask)
_TAKE_PARTITIONS = {
    "classify", "find_periods", "variability_features", "catch22_features", "fold_images",
}  # fmt: skip

__all__ = ["__version__", *_PUBLIC, *_MODULES]


def __getattr__(name: str) -> Any:
    # No public function has the name of a module: importing the module would hide it.
    if name in _PUBLIC:
        value = getattr(import_module(_PUBLIC[name]), name)
        if name in _TAKE_PARTITIONS:
            value = import_module("varstar.catalogs").of_partitions(value)
        if name in _TAKE_ANYTHING:
            value = import_module("varstar.front_door").takes_anything(value)
        if "IPython" in sys.modules:
            import_module("varstar.views").register()
        globals()[name] = value
        return value
    if name in _MODULES:
        return import_module(_MODULES[name])
    from varstar.hints import meant

    near = "" if name.startswith("_") else meant(name, __all__)
    raise AttributeError(f"module 'varstar' has no attribute {name!r}.{near}")


def __dir__() -> list[str]:
    return sorted(__all__)
