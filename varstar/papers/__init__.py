"""How the shipped models were made: a recipe each, rerun with ``python -m varstar train NAME``.

A recipe loads a real survey, trains, measures, and writes weights and card to
``varstar/models/shipped/``. It can be interrupted and goes on where it stopped.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

#: model -> the module whose ``make(name, root, **options)`` trains and writes it
RECIPES = {
    "s20-catalina": "varstar.papers.s20.recipe",
    "s20p-catalina": "varstar.papers.s20.recipe",
    "k21-lmc": "varstar.papers.k21.recipe",
    "k21-asas": "varstar.papers.k21.recipe",
    "k21-hipparcos": "varstar.papers.k21.recipe",
    "k21-sim": "varstar.papers.k21.recipe",
    "s26-eros2": "varstar.papers.s26.recipe",
    "sm-asas": "varstar.papers.sm.recipe",
    "ts19-catalina": "varstar.papers.ts19.recipe",
}


def make(name: str, root: str | Path | None = None, **options: Any) -> dict[str, Any]:
    """Train the model `name` anew and write it; returns its card's scores."""
    if name not in RECIPES:
        raise ValueError(f"unknown model {name!r}. Known: {sorted(RECIPES)}")
    return import_module(RECIPES[name]).make(name, root=root, **options)
