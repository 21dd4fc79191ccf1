"""The simulated surveys as data, one YAML file each: sky, bands, cadence, noise, classes.

A row of ``classes`` has the survey's own ``label``, its ``superclass``, the ``type`` of
star (`varstar.simulate.types`), the ``count`` in the real catalogue, and where the survey
differs from the type's own values:

``mag``, ``periods``
    Quantiles (0, 5, 25, 50, 75, 95, 100 %) of the mean magnitude in the main band, and of
    the period [d]; `SURVEYS` has the decadic logarithm of the periods as ``log_p``.
``amplitude``
    Range of amplitudes [mag] that the catalogue holds.
``formal``, ``doubled``
    The published period over the true one; the share of periods published twice too long.
``true_label``
    Of stars that the survey classifies wrongly as a rule.
``options``
    For the type's function.
"""

from pathlib import Path
from typing import Any

import numpy as np
import yaml

_FOLDER = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _read(name: str) -> dict[str, Any]:
    """The description of a survey."""
    spec = yaml.load((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), _LOADER)
    spec["bands"] = tuple(spec["bands"])
    spec.pop("magnitudes", None)
    if "classes_of" in spec:
        mag = spec.pop("mag")
        spec["classes"] = [{**row, "mag": mag} for row in _read(spec.pop("classes_of"))["classes"]]
        return spec
    spec["classes"] = [_row(row) for row in spec["classes"]]
    return spec


def _row(row: dict[str, Any]) -> dict[str, Any]:
    periods = row.pop("periods", None)
    return row if periods is None else {**row, "log_p": np.log10(periods)}


#: Name -> description of each simulated survey.
SURVEYS: dict[str, dict[str, Any]] = {
    path.stem: _read(path.stem) for path in sorted(_FOLDER.glob("*.yaml"))
}
