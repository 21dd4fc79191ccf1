"""One wing per paper, found by name: adding a method is adding a folder.

A wing is a package ``varstar/papers/<key>/``. Its ``__init__`` names, without importing
them, what the wing offers; each name is optional:

- ``NETWORKS``: name for `varstar.models.build` -> function of its module ``network``;
- ``FORWARD``: name of a network -> function of its module ``forward`` that computes it in
  NumPy (`varstar.models.forward`), so that its trained models answer without TensorFlow;
- ``CLASSIFIER``: ``"module.Class"``, a subclass of
  `varstar.models.classifier.Classifier`; a card's ``paper`` names the wing's key, in
  small or capital letters;
- ``RECIPES``: names of the shipped models that ``make(name, root)`` of its module
  ``recipe`` trains, measures and writes (``python -m varstar train NAME``).
"""

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

#: ``kind`` in cards that were written before a card named its paper's wing.
_KINDS = {"images": "s20", "features": "k21", "catch22": "sm", "sequences": "ts19",
          "multiband": "s26"}  # fmt: skip


def wings() -> dict[str, ModuleType]:
    """The wings that there are, by key."""
    keys = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.ispkg)
    return {key: import_module(f"varstar.papers.{key}") for key in keys}


def networks() -> dict[str, tuple[str, str]]:
    """Name of each network -> the module and the function that build it."""
    return {
        name: (f"varstar.papers.{key}.network", function)
        for key, wing in wings().items()
        for name, function in getattr(wing, "NETWORKS", {}).items()
    }


def forwards() -> dict[str, tuple[str, str]]:
    """Name of a network -> the module and the function of its forward pass in NumPy."""
    return {
        name: (f"varstar.papers.{key}.forward", function)
        for key, wing in wings().items()
        for name, function in getattr(wing, "FORWARD", {}).items()
    }


def classifiers() -> dict[str, tuple[str, str]]:
    """Key of each wing that classifies -> the module and the name of its classifier."""
    return {
        key: tuple(f"varstar.papers.{key}.{wing.CLASSIFIER}".rsplit(".", 1))
        for key, wing in wings().items()
        if hasattr(wing, "CLASSIFIER")
    }


def classifier(card: "Mapping[str, Any] | str") -> type:
    """The classifier class of a card, or of a wing's key.

    Raises
    ------
    ValueError
        When no wing has that key.
    """
    known = classifiers()
    key = card if isinstance(card, str) else str(card.get("paper", ""))
    if key.lower() not in known and not isinstance(card, str):
        key = _KINDS.get(str(card.get("kind")), key)
    if key.lower() not in known:
        raise ValueError(f"unknown paper {key!r}. Known: {sorted(known)}")
    module, name = known[key.lower()]
    return getattr(import_module(module), name)


def recipes() -> dict[str, str]:
    """Shipped model -> the module that makes it."""
    return {
        name: f"varstar.papers.{key}.recipe"
        for key, wing in wings().items()
        for name in getattr(wing, "RECIPES", ())
    }


def make(name: str, root: str | Path | None = None, **options: Any) -> dict[str, Any]:
    """Train the shipped model `name` anew and write it; returns its card's scores."""
    known = recipes()
    if name not in known:
        raise ValueError(f"unknown model {name!r}. Known: {sorted(known)}")
    return import_module(known[name]).make(name, root=root, **options)
