"""Simulated surveys: known types of variable stars, seen as real surveys see them.

``survey("sim-ogle3", size=2000, seed=1)`` gives a sample as `varstar.load` gives a real one,
with the truth besides; ``watch("CEP F")`` shows one star through several surveys. One
module a family of stars (`rr_lyrae`, `cepheids`, ...), each with its numbers and their
sources at the top; `surveys` holds the surveys, `cadence` and `noise` what they do to the
light.
"""

from varstar.simulate import lsst  # noqa: F401  (registers "sim-lsst")
from varstar.simulate.survey import survey
from varstar.simulate.surveys import SURVEYS
from varstar.simulate.types import TYPES
from varstar.simulate.watch import watch

__all__ = ["SURVEYS", "TYPES", "survey", "watch"]
