"""Features of light curves: numbers that a classifier can use."""

from varstar.features.catch22 import catch22_features
from varstar.features.fourier import fourier_parameters
from varstar.features.variability import FEATURES, variability_features

__all__ = ["FEATURES", "catch22_features", "fourier_parameters", "variability_features"]
