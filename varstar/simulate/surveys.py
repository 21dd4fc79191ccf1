"""The simulated surveys as data: sky, bands, cadence, noise, classes and their numbers."""

import numpy as np

from varstar.simulate.random import normal, uniform


def _lmc(key: np.ndarray) -> dict[str, np.ndarray]:
    """A star in the LMC.

    Distance modulus 18.477, Pietrzynski+2019 Nature 567, 200; tilted disc and depth after
    Jacyszyn-Dobrzeniecka+2016 AcA 66, 149; E(V-I) about 0.10, Skowron+2021 ApJS 252, 23.
    """
    x, y = 2.2 * normal(key, "x"), 1.1 * normal(key, "y")
    dec = np.clip(-69.5 + y, -74, -64)
    ra = np.clip(80.5 + x / np.cos(np.radians(dec)), 66, 95)
    return {
        "ra": ra,
        "dec": dec,
        "modulus": 18.477 - 0.02 * x + 0.06 * normal(key, "depth"),
        "extinction": 2.4 * 0.10 * np.exp(0.45 * normal(key, "dust")),
        "field": (uniform(key, "field") * 40).astype(np.int64),
    }


def _row(label: str, superclass: str, kind: str, count: float) -> dict:
    return {"label": label, "superclass": superclass, "type": kind, "count": count}


#: OGLE-III LMC: numbers by superclass as in S20 Tab. 1 (83, 2696, 26121, 24904, 203); the parts
#: of the subtypes from Soszynski+2008 AcA 58, 293 (ACEP, T2CEP), 2009 AcA 59, 1 (RR Lyrae) and
#: Graczyk+2011 AcA 61, 103 (eclipsing).
_OGLE3 = [
    _row("ACEP F", "ACEP", "ACEP F", 62),
    _row("ACEP 1O", "ACEP", "ACEP 1O", 21),
    _row("DSCT", "DSCT", "DSCT", 2696),
    _row("ECL ED", "ECL", "EB ED", 17100),
    _row("ECL ESD", "ECL", "EB ESD", 6650),
    _row("ECL EC", "ECL", "EB EC", 1381),
    _row("ECL ELL", "ECL", "EB ELL", 990),
    _row("RRab", "RRLYR", "RRab", 17693),
    _row("RRc", "RRLYR", "RRc", 4958),
    _row("RRd", "RRLYR", "RRd", 986),
    _row("RRe", "RRLYR", "RRe", 1267),
    _row("T2CEP BLHer", "T2CEP", "T2CEP BLHer", 64),
    _row("T2CEP WVir", "T2CEP", "T2CEP WVir", 80),
    _row("T2CEP pWVir", "T2CEP", "T2CEP pWVir", 17),
    _row("T2CEP RVTau", "T2CEP", "T2CEP RVTau", 42),
]

#: OGLE-IV LMC: Soszynski+2015 AcA 65, 233 (ACEP), 2016 AcA 66, 131 (RR Lyrae), 2018 AcA 68,
#: 89 (T2CEP), Pawlak+2016 AcA 66, 421 (eclipsing: C, NC, ELL). No delta Scuti at the time.
_OGLE4 = [
    _row("ACEP F", "ACEP", "ACEP F", 102),
    _row("ACEP 1O", "ACEP", "ACEP 1O", 39),
    _row("ECL NC", "ECL", "EB ED", 26200),
    _row("ECL NC", "ECL", "EB ESD", 11500),
    _row("ECL C", "ECL", "EB EC", 1300),
    _row("ECL ELL", "ECL", "EB ELL", 1204),
    _row("RRab", "RRLYR", "RRab", 27620),
    _row("RRc", "RRLYR", "RRc", 9663),
    _row("RRd", "RRLYR", "RRd", 1799),
    _row("T2CEP BLHer", "T2CEP", "T2CEP BLHer", 97),
    _row("T2CEP WVir", "T2CEP", "T2CEP WVir", 105),
    _row("T2CEP pWVir", "T2CEP", "T2CEP pWVir", 27),
    _row("T2CEP RVTau", "T2CEP", "T2CEP RVTau", 56),
]

_LCO = dict(longitude=-70.7, hour_angle=5.5)

SURVEYS: dict[str, dict] = {
    "sim-ogle3": {
        "about": "OGLE-III LMC as simulated: I band, some V, eight years (2001-2009).",
        "size": 2000,
        "minimum": 10,
        "sky": "lmc",
        "prefix": "SIM-LMC",
        "place": _lmc,
        "field_ra": lambda f: 70.0 + f * 0.55,
        "bands": ("I", "V"),
        "main": "I",
        "start": 2452123.0,
        "end": 2454952.0,
        "time_scale": "HJD",
        "digits": 3,
        "balance_by": "superclass",
        "classes": _OGLE3,
        "choices": {},
        "cadence": {
            "I": dict(epochs=450, scatter=0.28, break_every=90.0, **_LCO),
            "V": dict(epochs=44, scatter=0.25, moonlight=0.6, break_every=90.0, **_LCO),
        },
        # Udalski+2008 AcA 58, 69 and the errors of the published Cepheid light curves:
        # (floor, photon, sky) at magnitude 18
        "noise": {
            "I": dict(error=(0.005, 0.016, 0.018, 18.0), scatter=0.15, outliers=0.004,
                      underestimate=1.15, limit=21.5),
            "V": dict(error=(0.004, 0.009, 0.008, 18.0), scatter=0.15, outliers=0.004,
                      underestimate=1.15, limit=22.5),
        },
        "cross": {"ogle3_id": 0},
    },
    "sim-ogle4": {
        "about": "OGLE-IV LMC as simulated: I band, V, six years (2010-2016). "
        "Part of its stars are those of sim-ogle3.",
        "size": 2000,
        "minimum": 10,
        "sky": "lmc",
        "prefix": "SIM-LMC",
        "place": _lmc,
        "field_ra": lambda f: 70.0 + f * 0.55,
        "bands": ("I", "V"),
        "main": "I",
        "start": 2455260.0,
        "end": 2457500.0,
        "time_scale": "HJD",
        "digits": 3,
        "balance_by": "superclass",
        "classes": _OGLE4,
        "choices": {},
        "cadence": {
            "I": dict(epochs=640, scatter=0.2, break_every=90.0, **_LCO),
            "V": dict(epochs=117, scatter=0.4, moonlight=0.6, break_every=90.0, **_LCO),
        },
        "noise": {
            "I": dict(error=(0.005, 0.013, 0.014, 18.0), scatter=0.15, outliers=0.004,
                      underestimate=1.15, limit=21.7),
            "V": dict(error=(0.0035, 0.006, 0.0055, 18.0), scatter=0.15, outliers=0.004,
                      underestimate=1.15, limit=22.7),
        },
        # about 24 800 of the 39 000 RR Lyrae were known from OGLE-III (S20 Sect. 5)
        "shared": 0.63,
        "own_from": 500_000,
        "cross": {"ogle4_id": 0, "ogle3_id": 500_000},
    },
}  # fmt: skip
