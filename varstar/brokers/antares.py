"""ANTARES' filter; derive from its base class where ANTARES is::

import antares.devkit as dk
from varstar.brokers.antares import Varstar

class varstar(Varstar, dk.Filter):
    MODEL = "k21-lmc"
"""

from typing import Any, ClassVar

import numpy as np

from varstar import brokers

__all__ = ["Varstar"]


class Varstar:
    """Writes the most probable class and its probability to a locus, and tags sure ones.

    ANTARES gives ZTF's measurements as magnitudes ``ant_mag`` of the star itself.
    """

    MODEL = "k21-lmc"
    #: Probability from which the locus is tagged.
    SURE = 0.9
    INPUT_LOCUS_PROPERTIES: ClassVar = []
    REQUIRED_ALERT_PROPERTIES: ClassVar = ["ant_mjd", "ant_mag", "ant_magerr", "ant_passband"]
    OUTPUT_LOCUS_PROPERTIES: ClassVar = [
        {"name": "varstar_class", "type": "str", "description": "most probable class of varstar"},
        {"name": "varstar_probability", "type": "float", "description": "its probability"},
    ]
    OUTPUT_TAGS: ClassVar = [{"name": "varstar_sure", "description": "a class with p >= 0.9"}]

    def setup(self) -> None:
        """Read the model once."""
        self.classes = brokers.classes(self.MODEL)

    def run(self, locus: Any) -> None:
        """Classify a locus by its time series."""
        rows = locus.timeseries.to_pandas() if hasattr(locus.timeseries, "to_pandas") else None
        rows = locus.timeseries if rows is None else rows
        t, mag, err, band = (np.asarray(rows[name]) for name in self.REQUIRED_ALERT_PROPERTIES)
        flux = 10 ** (-0.4 * (mag.astype(float) - brokers.ZERO_POINT))
        error = flux * err.astype(float) * np.log(10) / 2.5
        p = brokers.probabilities([t], [flux], [error], [band], model=self.MODEL, kind="direct")[0]
        if not any(p):
            return
        best = int(np.argmax(p))
        locus.properties["varstar_class"] = self.classes[best]
        locus.properties["varstar_probability"] = float(p[best])
        if p[best] >= self.SURE:
            locus.tag("varstar_sure")
