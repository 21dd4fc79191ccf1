"""Magnitudes from what was measured: units, fluxes, and what stands for "not measured"."""

import numpy as np

POGSON = 2.5 / np.log(10.0)
#: Zero point of fluxes without a known unit: arbitrary (Szklenár et al. 2020 use it).
ZERO_POINT = 25.0
#: Zero points of AB magnitudes (3631 Jy).
_AB = {"jy": 8.90, "mjy": 16.40, "ujy": 23.90, "njy": 31.40, "nmgy": 22.5, "nanomaggy": 22.5,
       "nanomaggie": 22.5, "maggy": 0.0, "maggie": 0.0}  # fmt: skip
_RELATIVE = {"ppm": 1e-6, "ppt": 1e-3, "%": 1e-2, "percent": 1e-2, "relative": 1.0}
#: Written for "not measured", whatever the magnitudes are ...
_HARD = np.array([29.999, 99.0, 99.9, 99.99, 99.999, 99.9999, 99.99999, 100.0, 999.0, 999.9,
                  999.99, 999.999, 9999.0, 9999.99, -99.0, -99.9, -99.99, -99.999, -999.0, -999.9,
                  -999.99, -999.999, -9999.0, 99999.0, -99999.0])  # fmt: skip
#: ... and where the star's other magnitudes are far from it, or the error says so.
_SOFT = np.array([9.99, 9.999, 9.9999, -9.99, -9.999, 50.0, 90.0, 0.0, -1.0, 30.0])
_ERRORS = np.array([9.9, 9.99, 9.999, 9.9999, 99.0, 99.9, 99.99, 99.999, 999.0, 999.9, 9999.0,
                    -9.99, -9.999])  # fmt: skip


def _among(values: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Whether a value is one of `marks`, to the precision of 32-bit floats."""
    out = np.zeros(len(values), bool)
    for mark in marks:
        out |= np.abs(values - mark) <= 1e-7 * abs(mark)
    return out


def not_measured(mag: np.ndarray, err: np.ndarray) -> np.ndarray:
    """Where a magnitude is a survey's mark for "not measured" (99.999, 29.999, -99, ...).

    9.999, -9.99, 0 and their like count only where they lie more than 2 mag from the
    median of the others, or where the error is such a mark itself.
    """
    hard = _among(mag, _HARD)
    soft = _among(mag, _SOFT)
    no_error = _among(err, _ERRORS)
    rest = mag[np.isfinite(mag) & ~hard & ~soft]
    far = np.abs(mag - np.median(rest)) > 2 if len(rest) else np.zeros(len(mag), bool)
    return hard | (soft & (far | no_error)) | (no_error & np.isfinite(mag))


def no_flux(flux: np.ndarray, err: np.ndarray) -> np.ndarray:
    """Where a flux stands for "not measured": a mark alone, or with such an error.

    A flux may be 99.99 or 0 in truth; not one with an error of 99.99, or of 0.
    """
    alone = np.isin(flux, [-999.0, -9999.0, -99999.0, 1e20])
    both = _among(flux, _HARD) & (_among(err, _HARD) | _among(err, _ERRORS))
    return alone | both | ((flux == 0) & (err == 0))


def too_large(mag: np.ndarray, err: np.ndarray) -> bool:
    """Whether these can be no errors: most above 3 mag and five times the magnitudes' scatter.
    A column ``std_mag`` may hold standard magnitudes."""
    known = np.isfinite(mag) & np.isfinite(err)
    if known.sum() < 3:
        return False
    return bool(np.median(err[known]) > max(3.0, 5 * np.std(mag[known])))


def error_factor(unit: str) -> float:
    """Magnitudes of a unit of an error: those of `mag_factor`, or the share of the flux."""
    share = _RELATIVE.get(unit.strip().lower())
    return mag_factor(unit) if share is None else POGSON * share


def mag_factor(unit: str) -> float:
    """Magnitudes of a unit: 0.001 for ``mmag``, 1 where none is named."""
    word = unit.strip().lower().replace(" ", "")
    if word in ("mmag", "millimag", "mmags", "millimagnitude", "millimagnitudes"):
        return 1e-3
    return 1e-6 if word in ("umag", "µmag", "micromag") else 1.0


def check_magnitudes(mag: np.ndarray, what: str) -> None:
    """Refuse what cannot be magnitudes: half of them beyond 60, or spread over 40."""
    known = mag[np.isfinite(mag)]
    if not len(known):
        return
    low, middle, high = np.percentile(known, [5, 50, 95])
    if abs(middle) > 60 or high - low > 40:
        raise ValueError(
            f"{what}: {low:.6g} to {high:.6g} cannot be magnitudes. Expected magnitudes; "
            f"millimagnitudes want mag_unit='mmag', fluxes flux="
        )


def zero_point_of(unit: str) -> float | None:
    """Zero point [mag, AB] of a flux density's unit; None where the unit has none."""
    word = unit.strip().lower().replace("µ", "u").replace("μ", "u").replace("micro", "u")
    word = word.removesuffix("s") if word.endswith(("ys", "ies")) else word
    if word in _AB:
        return _AB[word]
    if not word or word in _RELATIVE:
        return None
    from astropy import units as u

    try:
        return 8.90 - 2.5 * np.log10(float(u.Unit(unit, parse_strict="silent").to(u.Jy)))
    except (ValueError, TypeError, u.UnitConversionError, AttributeError):
        return None


def flux_to_mag(
    flux: np.ndarray, flux_err: np.ndarray, zero_point: float | np.ndarray = ZERO_POINT
) -> tuple[np.ndarray, np.ndarray]:
    """Magnitudes and their errors from fluxes; NaN where the flux is not positive.

    ``mag = zero_point - 2.5 log10(flux)``, ``err = 2.5 / ln(10) * flux_err / flux``
    (first order: too small for fluxes below about three times their error).
    """
    flux = np.asarray(flux, float)
    f = np.where(flux > 0, flux, np.nan)
    return zero_point - 2.5 * np.log10(f), POGSON * np.asarray(flux_err, float) / f


def magnitudes(
    flux: np.ndarray,
    flux_err: np.ndarray,
    group: np.ndarray,
    unit: str = "",
    zero_point: float | None = None,
    difference: bool = False,
    what: str = "flux",
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Magnitudes of any fluxes, negative ones too: no point is lost.

    Where all fluxes of a star and band are positive: Pogson's. Where some are not: Pogson's
    above a flux F1, and below it the tangent, linear in flux, with F1 three median errors
    (or a tenth of the median flux, where that is more). Relative fluxes around zero (ppm)
    are ``1 + flux``. Fluxes against a reference image scatter around zero: linear in flux,
    and the 95th percentile of their size is 1.086 mag: periods are right, amplitudes not.

    Parameters
    ----------
    flux, flux_err : ndarray
    group : ndarray of int
        Star and band of each measurement.
    unit : str
        ``"Jy"``, ``"nJy"``, ... give AB magnitudes; ``"ppm"``, ``"relative"`` are relative.
    zero_point : float, optional
        Instead of the unit's; `ZERO_POINT` where the unit has none.
    difference : bool
        Whether these are known to be fluxes against a reference image.

    Returns
    -------
    mag, err : ndarray
    notes : list of str
    """
    word, notes = unit.strip().lower(), []
    zp = zero_point if zero_point is not None else zero_point_of(unit)
    zp = ZERO_POINT if zp is None else zp
    known = flux[np.isfinite(flux)]
    negative = float(np.mean(known <= 0)) if len(known) else 0.0
    if word in _RELATIVE:
        flux, flux_err = flux * _RELATIVE[word], flux_err * _RELATIVE[word]
        if len(known) and abs(np.nanmedian(flux)) < 0.5:
            flux = 1 + flux
    elif negative > 0.2 and not difference and zero_point_of(unit) is None:
        if np.percentile(np.abs(known), 99) > 0.5:
            raise ValueError(
                f"{what}: fluxes scatter around zero: relative (ppm?) or against a reference "
                f"image? Name it with flux_unit='ppm', 'relative' or 'difference'"
            )
        flux = 1 + flux
        notes.append(f"{what}: small fluxes around zero taken as relative: 1 + flux")
    mag, err = flux_to_mag(flux, flux_err, zp)
    dark = np.isfinite(flux) & (flux <= 0)
    if dark.any() or difference:
        of = int(np.isfinite(flux).sum())
        notes.append(
            f"{int(dark.sum())} of {of} fluxes are zero or negative: "
            + ("fluxes against a reference image, " if difference else "faint ones are ")
            + "magnitudes linear in flux"
        )
        for g in np.unique(group[np.isfinite(flux)] if difference else group[dark]):
            rows = np.flatnonzero((group == g) & np.isfinite(flux))
            mag[rows], err[rows] = _linear(flux[rows], flux_err[rows], zp, difference)
    return mag, err, notes


def _linear(
    flux: np.ndarray, flux_err: np.ndarray, zero_point: float, difference: bool
) -> tuple[np.ndarray, np.ndarray]:
    sigma = flux_err[np.isfinite(flux_err) & (flux_err > 0)]
    middle = float(np.median(flux))
    f1 = max(3 * float(np.median(sigma)) if len(sigma) else 0.0, 0.1 * middle)
    if difference or f1 <= 0 or middle < f1 / 3:
        f1 = float(np.percentile(np.abs(flux - middle), 95)) or 1.0
        mag = zero_point - 2.5 * np.log10(f1) - POGSON * (flux - middle) / f1
        return mag, POGSON * flux_err / f1
    bright = np.maximum(flux, f1)
    mag = zero_point - 2.5 * np.log10(bright) - POGSON * (flux - bright) / f1
    return mag, POGSON * flux_err / bright
