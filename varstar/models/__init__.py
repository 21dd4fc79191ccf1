"""Networks by name, and the trained models that ship with varstar.

``build("s20")`` gives a paper's network, untrained; ``available()`` names the trained
ones, ``card(name)`` tells what each was trained on and how well it does.
"""

from importlib import import_module
from typing import Any

from varstar.models.store import available, card, load

__all__ = ["BUILDERS", "architectures", "available", "build", "card", "load", "outline"]

#: name -> (module, function). A builder is a pure function of numbers that returns an
#: untrained ``keras.Model``.
BUILDERS = {
    "s20": ("varstar.papers.s20.network", "build_s20"),
    "s20-64": ("varstar.papers.s20.network", "build_s20_64"),
    "s20-cifar": ("varstar.papers.s20.network", "build_cifar"),
    "s20-light": ("varstar.papers.s20.network", "build_light"),
    "k21": ("varstar.papers.k21.network", "build_k21"),
    "s26": ("varstar.papers.s26.network", "build_s26"),
    "s26-light": ("varstar.papers.s26.network", "build_light"),
    "sm": ("varstar.papers.sm.network", "build_dense"),
    "sm-first": ("varstar.papers.sm.network", "build_first"),
    "sm-recurrent": ("varstar.papers.sm.network", "build_recurrent"),
    "ts19": ("varstar.papers.ts19.network", "build_ts19"),
    "ts19-light": ("varstar.papers.ts19.network", "build_light"),
    "ts19-estimation": ("varstar.papers.ts19.network", "build_estimation"),
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


#: Layers of a network by the first word of what `outline` calls them.
_WORDS = {"Conv2D": "conv", "SpatialDropout2D": "dropout", "Dropout": "dropout",
          "MaxPooling2D": "pool", "AveragePooling2D": "pool", "Flatten": "flatten",
          "Dense": "dense", "InputLayer": "input", "GRU": "GRU", "RepeatVector": "repeat",
          "Functional": "network"}  # fmt: skip


def outline(model: Any) -> list[tuple[str, tuple[int, ...], int]]:
    """What a network consists of: label, output shape and parameters of each layer."""
    rows = []
    for layer in model.layers:
        word = _WORDS.get(type(layer).__name__)
        if word is None:
            continue
        kernel = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
        label = word + (f" {kernel[0]}x{kernel[1]}" if kernel else "")
        shape = layer.output.shape[1:]
        rows.append((label, tuple(int(v) for v in shape), int(layer.count_params())))
    return rows
