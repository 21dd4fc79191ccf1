"""Features of light curves: numbers that a classifier can use."""

from varstar.features.fourier import fourier_parameters
from varstar.features.variability import FEATURES, variability_features

__all__ = ["FEATURES", "fourier_parameters", "variability_features"]
