"""LSST's six bands over ten years, as simulated: what S26 plans for, and we tabulate.

``varstar.load("sim-lsst")`` gives it with the rhythm of the published baseline: pairs of
visits within a night, seasons, rolling years (`varstar.simulate.pairs`). `lsst` can also
give the plan of notebook 05: each band on nights of its own, without pairs and rolling.
The visits are those of the main survey, 824 in ten years (Ivezić et al. 2019, ApJ 873,
111, Tab. 1), the errors those of its Eq. 4 and 5, the depths those of its Tab. 2. In u and
y the stars' light is that of the nearest band that the simulated stars know, g and z, in u
fainter by 1.2 mag: the simulated colours know no Balmer jump.
"""

from collections.abc import Mapping, Sequence

from nested_pandas import NestedFrame

from varstar.simulate import pairs  # noqa: F401  (registers its cadence)
from varstar.simulate.star_model import COLOUR
from varstar.simulate.survey import survey
from varstar.simulate.surveys import SURVEYS

NAME = "sim-lsst"
#: Visits in ten years.
VISITS = {"u": 56, "g": 80, "r": 184, "i": 184, "z": 160, "y": 160}
#: Five-sigma depth of a visit [mag], that of u less the stars' u - g of 1.2; and gamma.
DEPTH = {"u": 23.78 - 1.2, "g": 24.81, "r": 24.35, "i": 23.92, "z": 23.34, "y": 22.45}
GAMMA = {"u": 0.038, "g": 0.039, "r": 0.039, "i": 0.039, "z": 0.039, "y": 0.039}
#: Stars brighter than about 16 saturate: quantiles (0, 5, 25, 50, 75, 95, 100 %) of r.
MAGNITUDES = (16.2, 16.8, 18.0, 19.0, 20.0, 21.5, 22.5)
#: Wavelength [nm] of z; u and y see what g and z see.
_Z = 869.0


def _noise(band: str) -> dict:
    """Eq. 5: ``sigma^2 = (0.04 - gamma) x + gamma x^2``, ``x = 10^(0.4 (m - m5))``, and 0.005."""
    gamma = GAMMA[band]
    photon, sky = (0.04 - gamma) ** 0.5, gamma**0.5
    return dict(
        error=(0.005, photon, sky, DEPTH[band]),
        ratio=1.0,
        epoch=0.15,
        crowding=0.1,
        tails=0.01,
        outliers=0.002,
        limit=DEPTH[band],
        limit_scatter=0.25,
        bright=14.5,
    )


def _cadence(band: str) -> dict:
    moonlight = {"u": 0.9, "g": 0.6}.get(band, 0.2)
    return dict(
        epochs=VISITS[band], scatter=0.06, longitude=-70.75, hour_angle=4.5, moonlight=moonlight
    )


def _spec(plan: str) -> dict:
    """The survey with the visits of a plan."""
    ztf = SURVEYS["sim-ztf"]
    alone = plan == "independent"
    return {
        "about": "LSST as simulated: ugrizy, 824 visits in ten years, S26's classes.",
        "size": 1000, "minimum": 10, "balance_by": "superclass",
        "place": "galaxy", "declination": (-62.0, 2.0), "prefix": "SIM-LSST",
        "bands": tuple(VISITS), "main": "r",
        "start": 2461041.0, "end": 2464693.5, "time_scale": "MJD", "digits": 4 if alone else 5,
        "classes": [{**row, "mag": MAGNITUDES} for row in ztf["classes"]],
        "detects": dict(band="r", ratio=1.5, error=(0.005, 0.032, 0.198, DEPTH["r"])),
        "cadence": {
            band: _cadence(band) if alone else dict(kind="pairs", like="plan", band=band)
            for band in VISITS
        },
        "noise": {band: _noise(band) for band in VISITS},
        "blends": 0.25, "wrong": {"rate": 0.0}, "bad_period": 0.0,
    }  # fmt: skip


COLOUR.setdefault("z", (1 / 550.0 - 1 / _Z) / (1 / 550.0 - 1 / 798.0))
COLOUR.setdefault("u", COLOUR["g"])
COLOUR.setdefault("y", COLOUR["z"])
#: Survey of each plan of visits.
PLANS = {"pairs": _spec("pairs"), "independent": _spec("independent")}
SURVEYS.setdefault(NAME, PLANS["pairs"])


def lsst(
    size: int = 1000,
    seed: int = 0,
    bands: Sequence[str] | str | None = None,
    balance: str | Mapping[str, float] | None = "equal",
    plan: str = "pairs",
    **options,
) -> NestedFrame:
    """Stars of S26's classes as LSST would see them in its ten years.

    Parameters
    ----------
    size, seed, bands, balance, **options
        As for `varstar.simulate.survey`.
    plan : {"pairs", "independent"}
        The rhythm of the published baseline, or each band on nights of its own.
    """
    if plan not in PLANS:
        raise ValueError(f"plan: expected one of {list(PLANS)}. Received: {plan!r}")
    return survey(NAME, size, seed, bands, balance, spec=PLANS[plan], **options)
