"""The physics of the simulated stars, against cases that can be done by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varstar.simulate import TYPES, rotators, shapes
from varstar.simulate.cadence import ground, moon_age, scan, sidereal_hours, stare
from varstar.simulate.eclipses import binary, hidden, kepler
from varstar.simulate.irregular import events, walk
from varstar.simulate.noise import blended, error, measure
from varstar.simulate.random import from_quantiles, keys, normal, several, uniform
from varstar.simulate.star_model import COLOUR, PHASES, look_up, magnitudes, series

STORED_KEYS = [17988058137227986226, 6617943531269699059]
STORED_UNIFORM = [0.8123954160631296, 0.2691833889445382]
GRID = np.arange(PHASES) / PHASES


def pair(r1=0.2, r2=0.1, inclination=np.pi / 2, brightness=1.0, q=1.0, **more):
    usual = dict(u=0.0, distortion=0.0, albedo=0.0)
    arrays = (np.array([x], float) for x in (r1, r2, inclination, brightness, q))
    return binary(GRID, *arrays, **(usual | more))[0]


def flux(mag):
    return 10 ** (-0.4 * mag)


# --- eclipses -----------------------------------------------------------------------------


def test_depths_of_central_eclipses():
    """Equal surface brightness: at phase 0 star 2 covers (r2 / r1)^2 of star 1's disc; at
    0.5 star 1 hides star 2 altogether."""
    light = flux(pair(r1=0.2, r2=0.1))
    l1, l2 = 0.8, 0.2
    assert light[0] == pytest.approx(1 - l1 * 0.25, abs=2e-3)
    assert light[PHASES // 2] == pytest.approx(1 - l2, abs=1e-9)
    assert light[PHASES // 4] == pytest.approx(1, abs=1e-9)


def test_a_dark_companion_gives_the_transit_depth_and_no_secondary():
    light = flux(pair(r1=0.1, r2=0.01, brightness=0.0))
    assert light[0] == pytest.approx(1 - 0.01, abs=1.5e-3)
    assert light[PHASES // 2] == pytest.approx(1, abs=1e-9)


def test_limb_darkening_makes_the_central_transit_deeper():
    flat, dark = (flux(pair(r1=0.1, r2=0.01, brightness=0.0, u=u))[0] for u in (0.0, 0.6))
    # intensity at the middle over the mean: 1 / (1 - u / 3)
    assert (1 - dark) / (1 - flat) == pytest.approx(1 / (1 - 0.2), rel=0.03)


@pytest.mark.parametrize(("r1", "r2"), [(0.2, 0.1), (0.1, 0.1), (0.15, 0.3)])
def test_duration_is_that_of_the_contacts(r1, r2):
    """Edge on, the discs touch where sin(2 pi phase) = r1 + r2."""
    inside = pair(r1=r1, r2=r2) > 1e-6
    half = np.arcsin(r1 + r2) / (2 * np.pi)
    assert inside[: PHASES // 4].sum() / PHASES == pytest.approx(half, abs=2 / PHASES)


def test_no_eclipse_where_the_discs_pass_each_other():
    inclination = np.arccos(0.31)
    assert np.ptp(pair(r1=0.2, r2=0.1, inclination=inclination)) < 1e-9
    assert np.ptp(pair(r1=0.2, r2=0.1, inclination=np.arccos(0.29))) > 1e-6


def overlap(d, r, s):
    """Area of two discs' overlap, by the two circular segments."""
    if d >= r + s:
        return 0.0
    if d <= abs(r - s) + 1e-9:
        return np.pi * min(r, s) ** 2
    a = r**2 * np.arccos((d**2 + r**2 - s**2) / (2 * d * r))
    b = s**2 * np.arccos((d**2 + s**2 - r**2) / (2 * d * s))
    return a + b - 0.5 * np.sqrt((-d + r + s) * (d + r - s) * (d - r + s) * (d + r + s))


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 0.8), st.floats(0.05, 0.4), st.floats(0.05, 0.4))
def test_hidden_part_is_the_overlap_of_discs(d, r, s):
    one = [np.array([x]) for x in (d, r, s, 0.0)]
    assert hidden(*one)[0] == pytest.approx(overlap(d, r, s) / (np.pi * r**2), abs=1e-6)


@pytest.mark.parametrize("d", [0.0, 0.1, 0.2, 0.27, 0.33])
def test_hidden_light_of_a_darkened_disc_is_the_integral(d):
    """Against a sum over a fine grid of points on the disc."""
    r, s, u = 0.25, 0.1, 0.7
    x, y = np.meshgrid(*[np.linspace(-r, r, 1201)] * 2)
    rho = np.hypot(x, y)
    light = np.where(rho < r, 1 - u * (1 - np.sqrt(np.maximum(0, 1 - (rho / r) ** 2))), 0)
    part = light[np.hypot(x - d, y) < s].sum() / light.sum()
    one = [np.array([v]) for v in (d, r, s, u)]
    assert hidden(*one)[0] == pytest.approx(part, abs=0.004)


def test_a_stretched_star_is_brightest_from_the_side():
    light = pair(r1=0.3, r2=0.02, inclination=1.1, distortion=1.35, brightness=0.0)
    assert set(np.round(np.sort(np.argsort(light)[:2]) / PHASES, 2)) == {0.25, 0.75}
    # q r^3 sin^2 i times 1.35, of all the light
    expected = -2.5 * np.log10(1 - 1.35 * 0.3**3 * np.sin(1.1) ** 2)
    assert np.ptp(light) == pytest.approx(expected, rel=1e-6)


def test_third_light_dilutes():
    light = flux(pair(r1=0.2, r2=0.1, third=0.5))
    assert light[PHASES // 2] == pytest.approx(1 - 0.5 * 0.2, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.floats(-3.1, 3.1), st.floats(0, 0.7))
def test_kepler(mean, e):
    nu = kepler(np.array([mean]), np.array([e]))[0]
    ecc = 2 * np.arctan2(np.sqrt(1 - e) * np.sin(nu / 2), np.sqrt(1 + e) * np.cos(nu / 2))
    assert ecc - e * np.sin(ecc) == pytest.approx(mean, abs=1e-8)


def test_an_eccentric_orbit_moves_the_secondary():
    e, omega = 0.2, 0.4
    light = pair(r1=0.08, r2=0.08, e=e, omega=omega)
    second = 0.3 + np.argmax(light[int(0.3 * PHASES) : int(0.8 * PHASES)]) / PHASES
    assert np.argmax(light) in (0, 1, PHASES - 1)
    # to first order in e: 0.5 + (2 / pi) e cos(omega)
    assert second == pytest.approx(0.5 + 2 / np.pi * e * np.cos(omega), abs=0.015)


# --- pulsation ----------------------------------------------------------------------------


def shape_at(kind, log_period):
    z = np.zeros((len(log_period), 4))
    c = shapes.coefficients(kind, np.asarray(log_period, float), z)
    return c, c[:, 1] / np.abs(c[:, 0])


def test_series_is_the_sum_of_cosines():
    c = np.array([[0.3 - 0.1j, 0.05j]])
    expected = np.real(c[0, 0] * np.exp(2j * np.pi * GRID) + c[0, 1] * np.exp(4j * np.pi * GRID))
    np.testing.assert_allclose(series(c)[0], expected, atol=1e-12)


def test_the_bump_of_cepheids_moves_with_the_period():
    """Hertzsprung progression (OGLE's I band): phi21 rises from 3 to 8 d; R21 has its least
    value near 10 d, where bump and maximum meet."""
    days = np.array([3.0, 4.0, 5.0, 6.0, 7.0, 8.0])
    c, q = shape_at("CEP F", np.log10(days))
    phi21 = np.unwrap(np.angle(q) - 2 * np.angle(c[:, 0]))
    assert (np.diff(phi21) > 0).all()
    assert 0.3 < phi21[-1] - phi21[0] < 2
    r21 = np.abs(shape_at("CEP F", np.log10([4.0, 10.0, 20.0]))[1])
    assert r21[1] < 0.6 * r21[0]
    assert r21[1] < r21[2]


def test_rrab_rise_faster_than_rrc():
    def rise(kind, log_period):
        curve = series(shapes.to_zero(shape_at(kind, [log_period])[0]))[0]
        return 1 - np.argmax(curve) / PHASES  # from least light to the next greatest

    assert rise("RRab", -0.26) < 0.25
    assert 0.3 < rise("RRc", -0.48) < 0.5


def test_phase_zero_is_greatest_light():
    star = TYPES["RRab"](keys("test", 0, np.arange(50)))
    for band in "VI":
        at = star.curve(COLOUR[band]).argmin(axis=1)
        off = np.minimum(at, PHASES - at) / PHASES
        assert np.median(off) < 0.03


def test_bands_of_one_star_are_tied():
    """RR Lyrae: A(I) / A(V) near 0.63; I is later than V; the period is the same."""
    star = TYPES["RRab"](keys("test", 0, np.arange(200)))
    v, i = star.curve(COLOUR["V"]), star.curve(COLOUR["I"])
    ratio = np.ptp(i, axis=1) / np.ptp(v, axis=1)
    assert np.median(ratio) == pytest.approx(0.63, abs=0.05)
    assert np.corrcoef(np.ptp(i, axis=1), np.ptp(v, axis=1))[0, 1] > 0.97
    first = [np.fft.rfft(x, axis=1)[:, 1] for x in (v, i)]
    assert np.median(np.angle(first[1] / first[0])) == pytest.approx(-0.08, abs=0.01)


def test_double_modes_have_the_period_ratios():
    for kind, low, high in (("RRd", 0.735, 0.755), ("CEP 1O/2O", 0.78, 0.83)):
        star = TYPES[kind](keys("test", 0, np.arange(300)))
        ratio = star.truth["second_period"] / star.period
        ratio = np.where(ratio > 1, 1 / ratio, ratio)
        assert low < np.median(ratio) < high


def test_spots_repeat_and_have_unit_range():
    curve = series(rotators.spots(keys("test", 0, np.arange(100))))
    assert np.median(np.ptp(curve, axis=1)) == pytest.approx(1, abs=0.1)


# --- no period ----------------------------------------------------------------------------


def test_structure_function_of_the_damped_random_walk():
    """SF^2(dt) = 2 sigma^2 (1 - exp(-dt / tau)), over 4000 walks."""
    n, tau, sigma = 4000, 200.0, 0.15
    key = keys("walk", 0, np.arange(n))
    change = walk(key, np.full(n, tau), np.full(n, sigma))
    row = np.arange(n)
    start = change(np.full(n, 5000.0), row, 0.0, None)
    assert start.std() == pytest.approx(sigma, rel=0.05)
    for dt in (20.0, 100.0, 400.0, 2000.0):
        later = change(np.full(n, 5000.0 + dt), row, 0.0, None)
        expected = np.sqrt(2 * (1 - np.exp(-dt / tau))) * sigma
        assert np.sqrt(np.mean((later - start) ** 2)) == pytest.approx(expected, rel=0.08)


def test_a_walk_does_not_depend_on_what_else_is_asked():
    key = keys("walk", 0, np.arange(3))
    change = walk(key, np.full(3, 50.0), np.full(3, 0.1))
    t = np.linspace(0, 100, 7)
    all_at_once = change(np.tile(t, 3), np.repeat(np.arange(3), 7), 0.0, None)
    alone = change(t, np.full(7, 1), 0.0, None)
    np.testing.assert_array_equal(all_at_once[7:14], alone)


def test_an_event_rises_and_decays():
    key = keys("event", 0, [0])
    one = events(
        key, np.array([1e4]), lambda u: 0 * u + 2, lambda u: 0 * u + 10, lambda u: 0 * u + 50
    )
    t = np.arange(0.0, 1e4, 1.0)
    light = one(t, np.zeros(len(t), int), 0.0, None)
    top = light.argmax()
    assert light.max() == pytest.approx(2, abs=0.25)
    assert top + 50 < len(t)
    assert light[top + 50] == pytest.approx(light[top] * np.exp(-1), rel=0.05)


# --- telescope ----------------------------------------------------------------------------


def test_error_is_the_quadratic_sum():
    assert error(np.array([18.0]), 0.003, 0.004, 0.0, 18.0)[0] == pytest.approx(0.005)
    brighter = error(np.array([15.5]), 0.0, 0.01, 0.0, 18.0)[0]
    assert brighter == pytest.approx(0.01 / 10**0.5)
    fainter = error(np.array([20.5]), 0.0, 0.0, 0.01, 18.0)[0]
    assert fainter == pytest.approx(0.1)


def test_a_neighbour_of_equal_light_halves_a_small_amplitude():
    delta = np.array([-0.01, 0.01])
    assert np.ptp(blended(delta, np.ones(2))) == pytest.approx(0.01, rel=1e-3)
    np.testing.assert_allclose(blended(delta, np.zeros(2)), delta, atol=1e-12)


def test_measured_scatter_is_the_quoted_one_without_outliers():
    n = 20000
    seen, number = keys("noise", 0, [0]), np.arange(n)
    noise = dict(error=(0.02, 0.0, 0.0, 18.0), epoch=0.0, quoted_scatter=0.0, outliers=0.01)
    true = np.full(n, 17.0)
    t, star = np.arange(n, dtype=float), np.zeros(n, int)
    mag, err = measure(true, t, star, number, seen, "V", noise, clean=True)
    assert np.std(mag - true) == pytest.approx(0.02, rel=0.03)
    assert np.median(err) == pytest.approx(0.02, rel=1e-6)
    bad, _ = measure(true, t, star, number, seen, "V", noise, clean=False)
    assert np.mean(np.abs(bad - true) > 0.1) == pytest.approx(0.0068, abs=0.002)


def test_sidereal_time_and_moon():
    # Greenwich, 2000 January 1, 12h UT: 18.697 h; a day later 3 min 56.6 s more
    assert sidereal_hours(np.array([2451545.0]), 0.0)[0] == pytest.approx(18.697, abs=1e-3)
    step = sidereal_hours(np.array([2451546.0]), 0.0)[0] - 18.697374558
    assert step == pytest.approx(0.0657098, abs=1e-6)
    # full Moon of 2019 January 21, 5h16 UT
    assert moon_age(np.array([2458504.72]))[0] == pytest.approx(0.5, abs=0.02)


def test_epochs_from_the_ground_are_at_night_and_in_season():
    t, number = ground("test", 3, 80.0, 2452123.0, 2454952.0, epochs=450, longitude=-70.7)
    assert 250 < len(t) < 800
    assert len(np.unique(number)) == len(number)
    hours = np.mod(t + 0.5 - 70.7 / 360, 1.0) * 24  # local mean solar time
    assert ((hours > 18.9) | (hours < 5.1)).all()
    month = np.histogram(np.mod(t - 2451544.5, 365.25), 12, (0, 365.25))[0]
    assert month[[10, 11, 0]].sum() > 5 * month[[4, 5, 6]].sum()  # the Sun is near in June


def test_hipparcos_scans_in_pairs_and_groups():
    t, _ = scan("test", 0, 0.0, 2447857.0, 2449063.0, epochs=100)
    step = np.diff(t)
    assert 40 < len(t) < 250
    assert np.mean(np.abs(step - 0.0143) < 1e-6) > 0.3
    assert np.mean(np.abs(step - 0.0746) < 1e-6) > 0.1
    assert np.max(step) > 20


def test_tess_stares():
    t, _ = stare("test", 0, 0.0, 2458683.0, 2458710.0)
    assert np.median(np.diff(t)) * 86400 == pytest.approx(120)
    assert 18000 < len(t) < 19500


# --- random numbers -----------------------------------------------------------------------


def test_numbers_belong_to_the_star():
    many = keys("sky", 5, np.arange(1000))
    np.testing.assert_array_equal(keys("sky", 5, [17]), many[17:18])
    np.testing.assert_array_equal(uniform(many, "a")[17], uniform(many[17:18], "a")[0])
    np.testing.assert_array_equal(several(many, "b", 3)[17, 2], normal(many[17:18], "b", 2)[0])
    assert len(np.unique(many)) == 1000
    assert not np.isin(keys("sky", 6, np.arange(1000)), many).any()


def test_numbers_are_the_same_on_any_machine():
    """Stored once; a change of these is a change of every simulated star."""
    key = keys("sky", 0, [0, 1])
    assert [int(k) for k in key] == STORED_KEYS
    np.testing.assert_allclose(uniform(key, "period"), STORED_UNIFORM, rtol=1e-12)


def test_numbers_are_uniform_and_independent():
    key = keys("sky", 0, np.arange(40000))
    u, v = uniform(key, "u"), uniform(key, "v")
    assert u.mean() == pytest.approx(0.5, abs=0.006)
    assert u.var() == pytest.approx(1 / 12, abs=0.002)
    assert abs(np.corrcoef(u, v)[0, 1]) < 0.02
    assert abs(np.corrcoef(u, uniform(key, "u", 1))[0, 1]) < 0.02
    assert abs(np.corrcoef(u[1:], u[:-1])[0, 1]) < 0.02
    assert u.min() > 0
    assert u.max() < 1


def test_quantiles():
    values = [1, 2, 3, 4, 5, 6, 7]
    u = uniform(keys("sky", 0, np.arange(20000)), "q")
    x = from_quantiles(u, values)
    np.testing.assert_allclose(np.quantile(x, [0.05, 0.25, 0.5, 0.95]), [2, 3, 4, 6], atol=0.06)


# --- every type ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(TYPES))
@pytest.mark.parametrize("sky", ["lmc", "field"])
def test_every_type(kind, sky):
    key = keys(f"test/{kind}", 1, np.arange(40))
    light = TYPES[kind](key, sky)
    assert light.absolute.shape == light.colour.shape == light.period.shape == (40,)
    assert np.isfinite(light.absolute).all()
    assert np.isfinite(light.colour).all()
    assert light.curve is None or ((light.period > 0.01) & (light.period < 2000)).all()
    t = np.tile(np.linspace(2452000.0, 2454500.0, 60), 40)
    star = np.repeat(np.arange(40), 60)
    for w in (COLOUR["V"], COLOUR["I"]):
        delta, amplitude = magnitudes(light, np.full(40, 2455000.0), t, star, w)
        assert np.isfinite(delta).all()
        assert np.abs(delta).max() < 12
        if light.curve is not None:
            assert (amplitude > 0).all()
            assert np.abs(light.curve(w).mean()) < 3
    for values in light.truth.values():
        assert len(values) == 40
    # another number of stars, the same stars
    few = TYPES[kind](key[:3], sky)
    np.testing.assert_array_equal(few.period, light.period[:3])
    if light.curve is not None:
        np.testing.assert_allclose(few.curve(0.5), light.curve(0.5)[:3], atol=1e-12)


#: type -> (bounds of the median period [d], bounds of the median amplitude in V [mag])
BOUNDS = {
    "RRab": ((0.55, 0.60), (0.6, 1.0)),
    "RRc": ((0.32, 0.35), (0.36, 0.52)),
    "CEP F": ((3.1, 4.2), (0.6, 0.95)),
    "CEP 1O": ((1.8, 2.3), (0.2, 0.45)),
    "DSCT": ((0.075, 0.1), (0.25, 0.6)),
    "T2CEP WVir": ((11.0, 15.0), (0.4, 1.1)),
    "EB ED": ((2.2, 3.4), (0.15, 0.8)),
    "EB ESD": ((1.7, 2.8), (0.1, 0.6)),
    "LPV Mira O": ((240, 320), (3.0, 5.0)),
    "LPV OSARG RGB": ((18, 25), (0.015, 0.06)),
}


@pytest.mark.parametrize("kind", sorted(BOUNDS))
def test_populations_hold_for_every_seed(kind):
    (low, high), (small, large) = BOUNDS[kind]
    for seed in range(100):
        light = TYPES[kind](keys(f"lmc/{kind}", seed, np.arange(150)))
        slack = 1.35  # of a median over 150 stars
        assert low / slack < np.median(light.period) < high * slack, seed
        if seed % 10 == 0:
            size = np.ptp(light.curve(COLOUR["V"]), axis=1)
            assert small < np.median(size) < large, seed


def test_period_luminosity_of_cepheids():
    light = TYPES["CEP F"](keys("lmc/CEP F", 0, np.arange(3000)))
    slope, level = np.polyfit(np.log10(light.period) - 0.7, light.absolute - light.colour, 1)
    assert slope == pytest.approx(-2.95, abs=0.05)
    assert level == pytest.approx(-3.78, abs=0.03)


def test_folded_curves_are_periodic():
    grid = np.random.default_rng(0).normal(size=(2, PHASES))
    star = np.array([0, 1, 1])
    a = look_up(grid, star, np.array([0.0, 0.25, 0.999999]))
    b = look_up(grid, star, np.array([3.0, -0.75, -1.000001]))
    np.testing.assert_allclose(a, b, atol=1e-6)
    assert a[0] == grid[0, 0]
    assert a[1] == grid[1, PHASES // 4]
