"""StarModel of two stars that eclipse each other: geometry, no templates.

Two limb-darkened spheres on a Kepler orbit (lengths in units of the semi-major axis),
with the ellipsoidal and reflection terms of close pairs and the light of a third star.
"""

import numpy as np

from varstar.simulate.star_model import Array

#: rings of equal area into which a disc is cut
_RINGS = 24


def kepler(mean_anomaly: Array, e: Array) -> Array:
    """True anomaly from the mean anomaly [rad]; five Newton steps, e < 0.8."""
    ecc = mean_anomaly + e * np.sin(mean_anomaly)
    for _ in range(5):
        ecc = ecc - (ecc - e * np.sin(ecc) - mean_anomaly) / (1 - e * np.cos(ecc))
    return 2 * np.arctan2(np.sqrt(1 + e) * np.sin(ecc / 2), np.sqrt(1 - e) * np.cos(ecc / 2))


def hidden(d: Array, r: Array, front: Array, u: Array) -> Array:
    """Fraction of a disc's light hidden by another disc.

    Parameters
    ----------
    d : ndarray
        Projected distance of the centres; `r` radius of the disc behind, `front` of the
        one before it, all in one unit.
    u : ndarray
        Linear limb darkening, I(mu) = 1 - u (1 - mu), of the disc behind.

    Returns
    -------
    ndarray
        In [0, 1]. Without limb darkening the overlap of two discs, exactly; its effect from
        rings of equal area, each with the arc that the disc in front covers.
    """
    d = np.maximum(d, 1e-9)
    bright = np.zeros(np.broadcast(d, r, front, u).shape)
    plain, light = np.zeros_like(bright), np.zeros_like(bright)
    for x in (np.arange(_RINGS) + 0.5) / _RINGS:
        rho = r * np.sqrt(x)
        weight = 1 - u * (1 - np.sqrt(1 - x))
        cosine = (rho**2 + d**2 - front**2) / (2 * rho * d)
        arc = np.arccos(np.clip(cosine, -1, 1)) / np.pi
        plain += arc
        bright += weight * arc
        light += weight
    # a front disc between two rings covers none of them: there the intensity at its middle
    at = np.clip(d / r, 0, 1)
    here = 1 - u * (1 - np.sqrt(1 - at**2))
    mean = (bright + 0.2 * here) / (plain + 0.2) / (light / _RINGS)
    mean = np.where(d <= front - r, 1.0, mean)
    return np.clip(overlap(d, r, front) / (np.pi * r**2) * mean, 0, 1)


def overlap(d: Array, r: Array, s: Array) -> Array:
    """Area that two discs of radii `r` and `s` at the distance `d` have in common."""
    d = np.maximum(d, 1e-9)
    a = np.arccos(np.clip((d**2 + r**2 - s**2) / (2 * d * r), -1, 1))
    b = np.arccos(np.clip((d**2 + s**2 - r**2) / (2 * d * s), -1, 1))
    kite = (-d + r + s) * (d + r - s) * (d - r + s) * (d + r + s)
    return r**2 * a + s**2 * b - 0.5 * np.sqrt(np.maximum(kite, 0))


def binary(
    phase: Array,
    r1: Array,
    r2: Array,
    inclination: Array,
    brightness: Array,
    q: Array,
    u: Array | float = 0.5,
    e: Array | float = 0.0,
    omega: Array | float = 0.0,
    third: Array | float = 0.0,
    distortion: Array | float = 1.3,
    albedo: Array | float = 0.5,
) -> Array:
    """Magnitudes of eclipsing binaries against phase, 0 at the primary's eclipse.

    Parameters
    ----------
    phase : ndarray, shape (n_phases,)
        Orbital phase; 0 where star 1 is behind star 2.
    r1, r2 : ndarray, shape (n_stars,)
        Radii over the semi-major axis.
    inclination : ndarray
        [rad]; pi/2 is edge-on.
    brightness : ndarray
        Surface brightness of star 2 over that of star 1 in this band.
    q : ndarray
        Mass of star 2 over that of star 1.
    u, e, omega, third
        Limb darkening, eccentricity, argument of periastron [rad], the third light's part
        of the total.
    distortion : float
        Factor 0.15 (15 + u) (1 + g) / (3 - u) of the ellipsoidal term q r^3 sin^2 i
        (Morris 1985, ApJ 295, 143, Eq. 1-3); g is the gravity darkening.
    albedo : float
        Part of the other star's light that a star's near side sends back.

    Returns
    -------
    ndarray, shape (n_stars, n_phases)
        Magnitude, 0 at the unweighted mean of the flux of both stars undisturbed.
    """
    col = [np.atleast_1d(np.asarray(x, float))[:, None] for x in (r1, r2, inclination)]
    r1, r2, inc = col
    brightness, q, u, e, omega, third, distortion, albedo = (
        np.broadcast_to(np.atleast_1d(np.asarray(x, float)), (len(r1),))[:, None]
        for x in (brightness, q, u, e, omega, third, distortion, albedo)
    )
    # conjunction (star 1 behind) is at true anomaly pi/2 - omega; `theta` from there
    n = len(r1)
    theta = np.broadcast_to(2 * np.pi * np.asarray(phase, float)[None, :], (n, len(phase)))
    distance = np.ones_like(theta)
    oval = np.flatnonzero(e[:, 0] > 0)
    if len(oval):
        ecc, nu0 = e[oval], np.pi / 2 - omega[oval]
        ecc0 = 2 * np.arctan2(
            np.sqrt(1 - ecc) * np.sin(nu0 / 2), np.sqrt(1 + ecc) * np.cos(nu0 / 2)
        )
        mean = ecc0 - ecc * np.sin(ecc0) + theta[oval]
        nu = kepler(np.mod(mean + np.pi, 2 * np.pi) - np.pi, ecc)
        theta = theta.copy()
        theta[oval] = nu - nu0
        distance[oval] = (1 - ecc**2) / (1 + ecc * np.cos(nu))
    sin_i = np.sin(inc)
    cosine = np.cos(theta)
    toward = cosine * sin_i  # +1: star 2 between us and star 1
    d = distance * np.sqrt(np.maximum(1 - toward**2, 0))

    l1, l2 = r1**2 * np.ones_like(q), r2**2 * brightness
    total = l1 + l2
    l1, l2 = l1 / total, l2 / total
    # a sphere that fills its Roche lobe is no sphere: the terms are held at r = 0.45
    x1, x2 = (np.minimum(r / distance, 0.45) for r in (r1, r2))
    shape1 = 1 - distortion * q * x1**3 * (sin_i**2) * cosine**2
    shape2 = 1 - distortion / q * x2**3 * (sin_i**2) * cosine**2
    # the side of star 2 that faces star 1 is turned to us around phase 0.5
    back1 = albedo * l2 * x1**2 * 0.5 * (1 + toward)
    back2 = albedo * l1 * x2**2 * 0.5 * (1 - toward)
    f1, f2 = l1 * shape1 + back1, l2 * shape2 + back2

    near = d < r1 + r2
    for front_is_2 in (True, False):
        rows, cols = np.nonzero(near & ((toward > 0) == front_is_2))
        behind, front, flux = (r1, r2, f1) if front_is_2 else (r2, r1, f2)
        part = hidden(d[rows, cols], behind[rows, 0], front[rows, 0], u[rows, 0])
        flux[rows, cols] *= 1 - part
    light = (1 - third) * (f1 + f2) + third
    return -2.5 * np.log10(np.maximum(light, 1e-3))
