"""Networks by name, and the trained models that ship with varstar.

``build("s20")`` gives a paper's network, untrained; ``available()`` names the trained
ones, ``card(name)`` tells what each was trained on and how well it does.
"""

from importlib import import_module
from typing import Any

from varstar.models.store import available, card, load

__all__ = ["BUILDERS", "architectures", "available", "build", "card", "load"]

#: name -> (module, function). A builder is a pure function of numbers that returns an
#: untrained ``keras.Model``.
BUILDERS = {
    "s20": ("varstar.models.s20", "build_s20"),
    "s20-64": ("varstar.models.s20", "build_s20_64"),
    "s20-cifar": ("varstar.models.s20", "build_cifar"),
    "s20-light": ("varstar.models.s20", "build_light"),
}


def architectures() -> list[str]:
    """Names that `build` knows."""
    return sorted(BUILDERS)


def build(name: str, **options) -> Any:
    """A paper's network, untrained.

    Parameters
    ----------
    name : str
        One of `architectures`.
    **options
        Of the builder; without any, the paper's own numbers.

    Returns
    -------
    keras.Model
    """
    if name not in BUILDERS:
        raise ValueError(f"unknown network {name!r}. Known: {architectures()}")
    module, function = BUILDERS[name]
    return getattr(import_module(module), function)(**options)
