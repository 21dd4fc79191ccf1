"""How the shipped models were made: a recipe each, rerun with ``python -m varstar train NAME``.

A recipe loads a real survey, trains, measures, and writes weights and card to
``varstar/models/shipped/``. It can be interrupted and goes on where it stopped.
"""

from importlib import import_module
from pathlib import Path
from typing import Any

#: model -> the module whose ``make(name, root, **options)`` trains and writes it
RECIPES = {
    "s20-catalina": "varstar.recipes.s20_catalina",
    "s20p-catalina": "varstar.recipes.s20_catalina",
    "k21-lmc": "varstar.recipes.k21",
    "k21-asas": "varstar.recipes.k21",
    "k21-hipparcos": "varstar.recipes.k21",
    "k21-sim": "varstar.recipes.k21",
    "s26-eros2": "varstar.recipes.s26_eros2",
    "sm-asas": "varstar.recipes.sm_asas",
    "ts19-catalina": "varstar.recipes.ts19_catalina",
}


def make(name: str, root: str | Path | None = None, **options: Any) -> dict[str, Any]:
    """Train the model `name` anew and write it; returns its card's scores."""
    if name not in RECIPES:
        raise ValueError(f"unknown model {name!r}. Known: {sorted(RECIPES)}")
    return import_module(RECIPES[name]).make(name, root=root, **options)
