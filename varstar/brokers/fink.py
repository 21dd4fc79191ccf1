"""Fink's science module: the function that goes under its two decorators.

In ``fink_science/rubin/varstar/processor.py``, where Spark is::

    from pyspark.sql.functions import pandas_udf
    from pyspark.sql.types import ArrayType, FloatType
    from fink_science.tester import spark_unit_tests
    from varstar.brokers.fink import classifier

    varstar_classes = pandas_udf(classifier("k21-lmc"), ArrayType(FloatType()))
"""

from collections.abc import Callable

import pandas as pd

from varstar import brokers

__all__ = ["classifier"]


def classifier(model: str, kind: str = "difference") -> Callable[..., pd.Series]:
    """A function of columns, each element an array: history and current measurement.

    Its arguments are Fink's for Rubin; its answer is a list of probabilities per alert, in
    the order of `varstar.brokers.classes`, zeros where there is none.
    """

    def varstar(
        midpointMjdTai: pd.Series,
        psfFlux: pd.Series,
        psfFluxErr: pd.Series,
        band: pd.Series,
    ) -> pd.Series:
        columns = (midpointMjdTai, psfFlux, psfFluxErr, band)
        return pd.Series(
            brokers.probabilities(*columns, model=model, kind=kind), index=midpointMjdTai.index
        )

    return varstar
