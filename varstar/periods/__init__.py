"""Periods: frequency grids, Lomb-Scargle and its kin, significance, and success."""

from varstar.periods.find import find_periods
from varstar.periods.success import OUTCOMES, period_success, success_table

__all__ = ["OUTCOMES", "find_periods", "period_success", "success_table"]
