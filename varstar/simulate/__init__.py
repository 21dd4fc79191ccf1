"""Simulated surveys: known types of variable stars, seen as real surveys see them.

``survey("sim-ogle3", size=2000, seed=1)`` gives a sample as `varstar.load` gives a real one,
with the truth besides; ``observe_star("CEP F")`` gives one star as several surveys observe
it. Each family of stars has a module (`rr_lyrae`, `cepheids`, ...) with its numbers and
their sources at the top; ``surveys/*.yaml`` describe the surveys, `cadence` and `noise`
their epochs and errors.
"""

from varstar.simulate import lsst  # noqa: F401  (registers "sim-lsst")
from varstar.simulate.one_star import observe_star
from varstar.simulate.survey import survey
from varstar.simulate.surveys import SURVEYS
from varstar.simulate.types import TYPES

__all__ = ["SURVEYS", "TYPES", "observe_star", "survey"]
