"""Periods: frequency grids, Lomb-Scargle and its kin, significance, and success."""

from varstar.periods.find import find_periods

__all__ = ["find_periods"]
