"""Class probabilities for alert brokers: arrays in, lists of numbers out, never an exception.

::

    from varstar import brokers
    brokers.probabilities(times, fluxes, errors, bands, model="k21-lmc", kind="direct")

No broker's package is imported; `varstar.brokers.fink` and `varstar.brokers.antares` hold
the few lines that each broker wants around it.
"""

import logging
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = ["classes", "probabilities"]

#: Zero point [mag] of Rubin's fluxes in nJy.
ZERO_POINT = 31.4
#: Amplitude [mag] that a star known by its difference fluxes alone is taken to have.
AMPLITUDE = 0.5
_LOG = logging.getLogger(__name__)


def classes(model: str) -> list[str]:
    """Names of the classes, in the order of the probabilities."""
    from varstar.models import store

    return list(store.card(model)["classes"])


def probabilities(
    times: Sequence[Any],
    fluxes: Sequence[Any],
    errors: Sequence[Any],
    bands: Sequence[Any],
    *,
    model: str,
    kind: str = "difference",
    references: Sequence[float | None] | float | None = None,
    zero_point: float = ZERO_POINT,
) -> list[list[float]]:
    """Class probabilities of each object; zeros for one that cannot be classified.

    Parameters
    ----------
    times, fluxes, errors, bands : sequence of array_like
        Of each object: times [d], fluxes and errors in one unit, names of bands. None,
        NaN and empty arrays are allowed.
    model : str
        One of ``varstar.models.available()``.
    kind : {"difference", "direct"}
        "direct": the star's own flux, as in forced photometry on direct images.
        "difference": its flux less that in a reference image, as in alerts.
    references : float or sequence of float, optional
        For differences, the magnitude of each star in the reference image. Without it
        every band is taken to vary by `AMPLITUDE` magnitudes: period and shape are the
        star's own then, its amplitude is not, and the probabilities are rough.
    zero_point : float
        Magnitude of a flux of 1.

    Returns
    -------
    list of list of float
        One list per object, in the order of `classes`. Whatever goes wrong is logged and
        gives zeros: a broker's stream must not stop.
    """
    nothing: list[list[float]] = [[] for _ in range(_length(times))]
    try:
        names = classes(model)
        nothing = [[0.0] * len(names) for _ in nothing]
        if kind not in ("difference", "direct"):
            raise ValueError(f"kind: expected 'difference' or 'direct'. Received: {kind!r}")
        return _probabilities(
            (times, fluxes, errors, bands), nothing, names, model, kind, references, zero_point
        )
    except Exception:
        _LOG.exception("no probabilities of %s objects", len(nothing))
        return nothing


def _length(values: Any) -> int:
    try:
        return len(values)
    except TypeError:
        return 0


def _probabilities(
    arrays: tuple,
    found: list,
    names: list[str],
    model: str,
    kind: str,
    references: Any,
    zero: float,
) -> list[list[float]]:
    from varstar.classification import classify

    if np.ndim(references) == 0:
        references = [references] * len(found)
    curves = []
    for k in range(len(found)):
        try:
            one = _one([a[k] for a in map(_by_position, arrays)], kind, references[k], zero)
        except (ValueError, TypeError, IndexError) as error:
            _LOG.warning("object %s: %s", k, error)
            continue
        if len(one[0]):
            curves.append((k, *one))
    if not curves:
        return found
    sample = _sample(curves)
    answer = classify(sample, model=model)[names].to_numpy(float)
    for k, row in zip(sample.index, answer, strict=True):
        if np.isfinite(row).all():
            found[k] = row.tolist()
    return found


def _by_position(values: Any) -> Any:
    return values.to_numpy() if hasattr(values, "to_numpy") else values


def _one(arrays: list, kind: str, reference: Any, zero: float) -> tuple[np.ndarray, ...]:
    """``t, mag, err, band`` of the usable measurements of an object."""
    t, flux, err = (np.asarray([] if a is None else a, float).ravel() for a in arrays[:3])
    band = np.asarray([] if arrays[3] is None else arrays[3]).astype(str).ravel()
    if not len(t) == len(flux) == len(err) == len(band):
        raise ValueError(f"arrays of {len(t)}, {len(flux)}, {len(err)} and {len(band)} values")
    good = np.isfinite(t) & np.isfinite(flux)
    t, flux, err, band = t[good], flux[good], err[good], band[good]
    if kind == "difference":
        flux = direct_fluxes(flux, band, reference, zero)
    good = flux > 0
    t, flux, err, band = t[good], flux[good], err[good], band[good]
    return t, zero - 2.5 * np.log10(flux), 2.5 / np.log(10) * err / flux, band


def _sample(curves: list[tuple]) -> Any:
    """A sample of objects, numbered by their place in the alert packet."""
    import pandas as pd

    from varstar.lightcurves.sample import LightCurves, nest

    number, *columns = zip(*curves, strict=True)
    t, mag, err, band = (np.concatenate(c) for c in columns)
    names, codes = np.unique(band, return_inverse=True)
    offsets = np.concatenate([[0], np.cumsum([len(c) for c in columns[0]])])
    flat = LightCurves(t, mag, err, codes.astype(np.int16), offsets, tuple(names.tolist()))
    return nest(flat, pd.DataFrame({"star_id": number}))


def direct_fluxes(
    flux: np.ndarray,
    band: np.ndarray,
    reference: float | None = None,
    zero_point: float = ZERO_POINT,
) -> np.ndarray:
    """Difference fluxes and the star's flux in the reference image.

    Parameters
    ----------
    flux, band : ndarray
        Of one star.
    reference : float, optional
        Magnitude in the reference image. Without it each band gets the constant with which
        its 5th to 95th percentiles span `AMPLITUDE` magnitudes.
    """
    if reference is not None and np.isfinite(reference):
        return flux + 10 ** (-0.4 * (reference - zero_point))
    total = flux.copy()
    for name in np.unique(band):
        mine = band == name
        low, high = np.percentile(flux[mine], [5, 95])
        total[mine] += (high - low) / (10 ** (0.4 * AMPLITUDE) - 1) - low
    return total
