"""A door to `varstar.compendium.cache`, which it was once."""

from varstar.compendium.cache import cached

__all__ = ["cached"]
