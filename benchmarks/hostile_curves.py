"""Light curves that nobody should have, and what must hold of every answer about them.

`light_curve` makes the k-th of a seed: a plain light curve with up to four things wrong
with it. `complaints_of_*` compare the answers with other people's code, or with what no
light curve can do; each returns sentences, none when all is well.
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from astropy.timeseries import LombScargle
from nested_pandas import NestedFrame
from scipy import stats

from varstar.lightcurves.sample import LightCurves, nest

NAMES = (
    "star", "", " ", "../../etc/passwd", "<script>alert(1)</script>", "</pre>", "$\\frac{1", "a\nb",
    "nan", "-1", "ß€漢字", "%s%n", "x" * 300, "{0}", "'; DROP TABLE stars; --", "NUL\x00", "1e999",
)  # fmt: skip
SIZES = (0, 1, 2, 3, 4, 5, 6, 8, 12, 30, 80, 200, 600)
SHARES = (0.01, 0.02, 0.06, 0.05, 0.05, 0.06, 0.05, 0.07, 0.08, 0.2, 0.2, 0.1, 0.05)
ODD_PERIODS = (np.nan, np.inf, -1.0, 0.0, 1e-300, 1e-9, 1e9, 1e300, 0.5, 1.0)


class Curve:
    """One light curve under way: its arrays, and the generator that spoils them."""

    def __init__(self, rng: np.random.Generator, n: int) -> None:
        self.rng, self.n = rng, n
        span = 10 ** rng.uniform(-2, 3.7)
        self.t = np.sort(rng.uniform(0, span, n)) + rng.choice([0, 2450000.5, 55000, 1000])
        self.err = 10 ** rng.uniform(-3, -0.5, n)
        phase = (self.t / 10 ** rng.uniform(-1.3, 2.5)) % 1
        shapes = (
            np.sin(2 * np.pi * phase), -2.0 * (phase < 0.05), phase, np.zeros(n),
            rng.normal(size=n), self.t - self.t.mean() if n else self.t,
        )  # fmt: skip
        shape = shapes[rng.integers(len(shapes))]
        self.mag = 15 + 10 ** rng.uniform(-3, 0.5) * shape + self.err * rng.normal(size=n)
        self.band = np.zeros(n, np.int8)
        self.bands: tuple[str, ...] = ("V",)

    def some(self) -> np.ndarray:
        return self.rng.random(self.n) < self.rng.choice([0.02, 0.3, 0.97])

    def put(self, field: str, values: tuple[float, ...]) -> None:
        getattr(self, field)[self.some()] = self.rng.choice(values)


def _two_nights(c: Curve) -> None:
    c.t = np.where(c.rng.random(c.n) < 0.5, 1e-3, 1.0) * c.rng.random(c.n) + 3000.0 * (
        np.arange(c.n) > c.n / 2
    )


def _bands(c: Curve) -> None:
    names = ["V", "g", "r", "", "?", "<b>", "../g", "B,R", "lc", "x" * 200]
    k = int(c.rng.integers(2, 6))
    c.bands = tuple(c.rng.choice(names, k, replace=False).tolist())
    c.band = c.rng.integers(0, k, c.n).astype(np.int8)


def _far(c: Curve) -> None:
    if c.n:
        c.t[c.rng.integers(c.n)] += c.rng.choice([1e5, 1e7, 1e9, 1e12, 1e15, 1e300, -1e15])


def _set(field: str, function: Callable[[Curve], np.ndarray]) -> Callable[[Curve], None]:
    return lambda c: setattr(c, field, np.asarray(function(c), float))


def _put(field: str, *values: float) -> Callable[[Curve], None]:
    return lambda c: c.put(field, values)


#: what is wrong -> how it is made
WRONGS: dict[str, Callable[[Curve], None]] = {
    "NaN time": _put("t", np.nan),
    "infinite time": _put("t", np.inf, -np.inf),
    "duplicate times": _set("t", lambda c: np.round(c.t, c.rng.integers(-1, 3))),
    "times on whole days": _set("t", lambda c: np.floor(c.t)),
    "one time": _set("t", lambda c: np.full(c.n, 2450000.5)),
    "two times": _set("t", lambda c: np.where(np.arange(c.n) % 2, 10.0, 11.0)),
    "even sampling": _set("t", lambda c: np.arange(c.n) * c.rng.choice([1 / 24, 0.5, 1.0, 30.0])),
    "unsorted times": _set("t", lambda c: c.rng.permutation(c.t)),
    "two nights": _two_nights,
    "one time far away": _far,
    "times beyond double precision": _set("t", lambda c: c.t + c.rng.choice([1e12, 1e16, 1e300])),
    "tiny times": _set("t", lambda c: c.t * c.rng.choice([1e-9, 1e-15, 1e-300, 5e-324])),
    "long times": _set("t", lambda c: c.t * c.rng.choice([1e3, 1e6, 1e10])),
    "negative times": _set("t", lambda c: -c.t),
    "NaN magnitude": _put("mag", np.nan),
    "infinite magnitude": _put("mag", np.inf, -np.inf),
    "not measured": _put("mag", 99.999, 29.999, -99.9, 9999.0, 1e300),
    "outliers": _put("mag", 0.0, 25.0, -60.0, 89.9),
    "constant": _set("mag", lambda c: np.full(c.n, 15.0)),
    "one differs": _set("mag", lambda c: 15 + (np.arange(c.n) == c.n // 2) * 1e-9),
    "rounded magnitudes": _set("mag", lambda c: np.round(c.mag)),
    "tiny variation": _set("mag", lambda c: 15 + (c.mag - 15) * c.rng.choice([1e-9, 1e-14])),
    "magnitudes about zero": _set("mag", lambda c: (c.mag - 15) * c.rng.choice([1, 1e-9, 1e-200])),
    "zero errors": _put("err", 0.0),
    "negative errors": _put("err", -1.0, -np.inf),
    "NaN errors": _put("err", np.nan, np.inf),
    "huge errors": _put("err", 1e6, 1e30, 1e155, 1e300, 1.7e308),
    "tiny errors": _put("err", 1e-6, 1e-30, 1e-155, 1e-300, 5e-324),
    "errors of every size": _set("err", lambda c: 10 ** c.rng.uniform(-12, 12, c.n)),
    "several bands": _bands,
    "swapped time and magnitude": lambda c: c.__dict__.update(t=c.mag, mag=c.t),
    "swapped magnitude and error": lambda c: c.__dict__.update(mag=c.err, err=c.mag),
}


def light_curve(seed: int, k: int, n: int | None = None) -> tuple[Curve, float, list[str]]:
    """The k-th light curve of a seed, a period that is given, and what is wrong with it."""
    rng = np.random.default_rng([seed, k])
    c = Curve(rng, int(rng.choice(SIZES, p=SHARES)) if n is None else n)
    wrongs = rng.choice(list(WRONGS), rng.integers(0, 5), replace=False).tolist()
    for name in wrongs:
        with np.errstate(all="ignore"):
            WRONGS[name](c)
    period = float(rng.choice(ODD_PERIODS)) if rng.random() < 0.6 else np.nan
    return c, period, [f"{c.n} points", *wrongs]


def sample_of(seed: int, numbers: Sequence[int], n: int | None = None, period: bool = False
              ) -> tuple[NestedFrame, list[str]]:  # fmt: skip
    """A sample of these light curves, one star each, and what is wrong with each."""
    made = [light_curve(seed, k, n) for k in numbers]
    curves = [c for c, _, _ in made]
    bands = tuple(dict.fromkeys(b for c in curves for b in c.bands))
    codes = [np.array([bands.index(b) for b in c.bands], np.int8)[c.band] for c in curves]
    flat = (np.concatenate([getattr(c, f) for c in curves]) for f in ("t", "mag", "err"))
    offsets = np.concatenate([[0], np.cumsum([c.n for c in curves])])
    names = [NAMES[k % len(NAMES)] + f"{k:x}" * (k >= len(NAMES)) for k in numbers]
    stars = pd.DataFrame({"star_id": names})
    if period:
        stars["period"] = [p for _, p, _ in made]
    wrongs = [f"curve {k} ({', '.join(w)})" for k, (_, _, w) in zip(numbers, made, strict=True)]
    return nest(LightCurves(*flat, np.concatenate(codes), offsets, bands), stars), wrongs


# --- what must hold -----------------------------------------------------------------------


def complaints_of_period(row: pd.Series, t: np.ndarray, mag: np.ndarray, err: np.ndarray,
                         several: bool) -> list[str]:  # fmt: skip
    """Of a row of `varstar.find_periods`, and the cleaned light curve."""
    if row["status"] != "ok":
        return [] if np.isnan(row["period"]) else [f"{row['status']}, yet a period"]
    said = []
    span, frequency = t[-1] - t[0], row["multiple"] / row["period"]
    step = max(1 / (5 * span), 24 / 20_000_000)
    checks = {
        "period not positive": 0 < row["period"] < np.inf,
        "power not in 0..1": 0 <= row["power"] <= 1,
        "fap not in 0..1": np.isnan(row["fap"]) or 0 <= row["fap"] <= 1,
        "period beyond the span": frequency > 1 / span - 1.5 * step,
        "frequency beyond the highest": frequency < 24 + 1.5 * max(step, 1 / span),
        "cycles are not span over period": several
        or np.isclose(row["cycles"], span / row["period"]),
        "runner-up better than the best": not row["runner_up_power"] > row["power"] + 1e-9,
    }
    said += [name for name, fine in checks.items() if not fine]
    if not several and len(t) > 3 and not said:
        with np.errstate(all="ignore"):
            check = LombScargle(t - (t[0] + t[-1]) / 2, mag, err).power(frequency, method="slow")
        if not abs(check - row["power"]) < 1e-3:
            # astropy's sums lose what is small beside the mean; a least-squares fit does not
            check = power_by_least_squares(t, mag, err, frequency)
        if not abs(check - row["power"]) < 1e-3:
            said.append(f"power {row['power']:.6f}, not {float(check):.6f}")
    return said


def power_by_least_squares(
    t: np.ndarray, mag: np.ndarray, err: np.ndarray, frequency: float
) -> float:
    """The floating-mean power of one frequency, by the singular values of the three terms."""
    root = (1 / err) / np.sqrt((1 / err**2).sum())
    for _ in range(2):
        mag = mag - root**2 @ mag
    angle = 2 * np.pi * frequency * (t - (t[0] + t[-1]) / 2)
    terms = np.stack([np.ones_like(t), np.cos(angle), np.sin(angle)], axis=1) * root[:, None]
    fit = terms @ np.linalg.lstsq(terms, mag * root, rcond=1e-12)[0]
    return float(1 - np.sum((mag * root - fit) ** 2) / np.sum((mag * root) ** 2))


def complaints_of_features(row: pd.Series, mag: np.ndarray) -> list[str]:
    """Of a row of `varstar.variability_features`, and the cleaned magnitudes."""
    names = [n for n in row.index if n != "status"]
    values = row[names].to_numpy(float)
    said = ["infinite feature " + names[i] for i in np.flatnonzero(np.isinf(values))]
    if row["status"] != "ok":
        return said
    span = np.ptp(mag)
    with np.errstate(all="ignore"):
        skewness, kurtosis = stats.skew(mag), stats.kurtosis(mag)
        quartile31 = np.subtract(*np.percentile(mag, [75, 25]))
    # where the spread is lost in the rounding of the magnitudes no two codes agree
    exact = span > 1e-10 * np.abs(mag).max()
    checks = {
        "amplitude above the range": not row["amplitude"] > span,
        "K above 1": not row["stetson_k"] > 1 + 1e-9,
        "W not in 0..1": not (row["shapiro_w"] > 1 + 1e-6 or row["shapiro_w"] < 0),
        "skewness": not exact or np.isclose(row["skewness"], skewness, rtol=1e-4, atol=1e-4),
        "kurtosis": not exact or np.isclose(row["kurtosis"], kurtosis, rtol=1e-4, atol=1e-4),
        "quartile31": np.isclose(row["quartile31"], quartile31, rtol=1e-6, atol=1e-12),
    }
    return said + [name for name, fine in checks.items() if not fine]


def complaints_of_image(image: np.ndarray, status: str, n: int) -> list[str]:
    """Of an image of `varstar.fold_images`: dots where there is a star, none elsewhere."""
    dots = int((image == 255).sum())
    said = [] if np.isin(image, (0, 255)).all() else ["grey dots"]
    if (dots > 0) != (status == "ok"):
        said.append(f"{dots} dots, status {status}")
    return said + ([f"{dots} dots of {n} points"] if dots > 2 * n else [])


def complaints_of_class(row: pd.Series, classes: list[str], n: int) -> list[str]:
    """Of a row of `varstar.classify`, and the number of valid points."""
    p = row[classes].to_numpy(float)
    if row["status"] != "ok":
        return [] if pd.isna(row["label"]) and np.isnan(p).all() else ["no answer, yet a class"]
    name, value = ("family", "family_probability") if "family" in row else ("label", "probability")
    checks = {
        "probabilities not of sum 1": bool(((p >= 0) & (p <= 1)).all()) and abs(p.sum() - 1) < 1e-3,
        f"{name} is not the most probable": row[name] in classes
        and row[row[name]] == row[value] == p.max(),
        "more points than there are": 0 < row["n_points"] <= n,
        "period not positive": not row["period"] <= 0 and not np.isinf(row["period"]),
    }
    if "family" in row:
        inside = row["set"].split("|") if isinstance(row["set"], str) and row["set"] else []
        checks |= {
            "a set of unknown families": set(inside) <= set(classes),
            "an empty set of what is not novel": bool(inside) or bool(row["is_novel"]),
            "a label surer than its family": row["probability"] <= row["family_probability"] + 1e-6,
            "no percentile": 0 <= row["novelty_percentile"] <= 100,
            "period's probability": not (row["period_probability"] < 0)
            and not row["period_probability"] > 1,
        }
    return [name for name, fine in checks.items() if not fine]
