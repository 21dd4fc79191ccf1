"""A door to `varstar.lightcurves.sample` and `varstar.datasets.samples`, which it was once."""

from varstar.datasets.samples import make_sample
from varstar.lightcurves.sample import LightCurves, clean, light_curves, nest

__all__ = ["LightCurves", "clean", "light_curves", "make_sample", "nest"]
