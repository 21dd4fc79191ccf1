"""Features of light curves: numbers that a classifier can use."""

from varstar.features.fourier import fourier_parameters

__all__ = ["fourier_parameters"]
