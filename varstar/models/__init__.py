"""Networks by name, and trained models.

``build("s20")`` gives a paper's network, untrained; ``available()`` names the trained
models that ship, ``card(name)`` tells what each was trained on and how well it does, and
``load_classifier(name)`` gives it ready to classify.

The wings of `varstar.papers` build on this package. It looks them up by name, when it is
asked for one of their networks or classifiers, and imports none of them.
"""

from collections.abc import Callable, Mapping
from functools import wraps
from importlib import import_module
from typing import Any

from varstar.models import cards
from varstar.models.cards import card, table
from varstar.models.store import available, find, load

__all__ = [
    "architectures",
    "available",
    "build",
    "card",
    "load",
    "load_classifier",
    "outline",
    "suggest",
    "table",
]


def _look_up(name: str) -> Any:
    """A function of the wings by its dotted name: the only way from here to them. The hashes
    of code follow such names (`varstar.compendium.source`)."""
    module, _, function = name.rpartition(".")
    return getattr(import_module(module), function)


def architectures() -> list[str]:
    """Names that `build` knows."""
    return sorted(_look_up("varstar.papers.networks")())


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
    known = _look_up("varstar.papers.networks")()
    if name not in known:
        raise ValueError(f"unknown network {name!r}. Known: {sorted(known)}")
    module, function = known[name]
    return getattr(import_module(module), function)(**options)


def head(name: str, network: Any, part: str) -> Any:
    """One head of a network that was built as `name`, as a network of its own."""
    module, _ = _look_up("varstar.papers.networks")()[name]
    return import_module(module).head(network, part)


def forward_pass(network: Mapping[str, Any]) -> Callable | None:
    """The forward pass in NumPy of a card's ``network``; None where its wing has none."""
    known = _look_up("varstar.papers.forwards")().get(network.get("name"))
    if known is None:
        return None
    module, function = import_module(known[0]), known[1]
    knows = getattr(module, "knows", None)
    return getattr(module, function) if knows is None or knows(network["options"]) else None


def load_classifier(model: Any) -> Any:
    """A trained classifier.

    Parameters
    ----------
    model : str or path
        The name of a shipped model, or the folder of a saved one.

    Returns
    -------
    varstar.models.classifier.Classifier
        Of the wing that the card names. Its networks are read when they are first needed,
        and only once in a process.
    """
    content = card(model)
    return _look_up("varstar.papers.classifier")(content)(content, folder=find(model))


@wraps(cards.suggest)
def suggest(sample: Any) -> Any:
    return cards.suggest(_look_up("varstar.front_door.as_sample")(sample))


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
