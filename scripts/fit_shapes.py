"""How the shape tables of the simulated pulsating stars were made.

Reads real light curves (folders under ``VARSTAR_DATA``), fits a Fourier series to each at
its catalogue period, and writes means and scatters, never a star's own values, to
``varstar/simulate/tables/shapes.csv``. Run again only to remake that table::

    VARSTAR_DATA=... python scripts/fit_shapes.py
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from varstar import paths
from varstar.lightcurves.sample import LightCurves, clean, light_curves
from varstar.simulate.star_model import Array

OUT = Path(paths.PACKAGE) / "simulate" / "tables" / "shapes.csv"

#: class -> (surveys, their labels, band, harmonics, knots in log P or number, period limits)
CLASSES = {
    "RRab": (("catalina_sss", "catalina_css_north"), ("RRab",), "C", 10, 4, (0.35, 0.95)),
    "RRc": (("catalina_sss", "catalina_css_north"), ("RRc",), "C", 4, 3, (0.2, 0.46)),
    "ACEP": (("catalina_sss", "catalina_css_north"), ("ACEP",), "C", 6, 2, (0.3, 2.5)),
    "DSCT": (
        ("catalina_sss", "catalina_css_north"),
        ("delta-Scuti", "HADS"),
        "C",
        4,
        2,
        (0.02, 0.3),
    ),
    "BLHer": (("catalina_sss", "catalina_css_north"), ("Cep-II", "Cep_II"), "C", 6, 2, (0.8, 4.0)),
    "WVir": (("catalina_sss", "catalina_css_north"), ("Cep-II", "Cep_II"), "C", 5, 2, (4.0, 20.0)),
    "RVTau": (
        ("catalina_sss", "catalina_css_north"),
        ("Cep-II", "Cep_II"),
        "C",
        3,
        1,
        (20.0, 160.0),
    ),
    "CEP F": (("ogle4_lmc_cep",), ("CEP F",), "I", 8, 14, (0.9, 60.0)),
    "CEP 1O": (("ogle4_lmc_cep",), ("CEP 1O",), "I", 5, 10, (0.25, 7.0)),
}


def fourier(
    t: Array, mag: Array, err: Array, period: float, order: int
) -> tuple[Array, float, int]:
    """Complex coefficients c_1..c_order of ``sum Re(c_k exp(2 pi i k t / P))`` and the rms."""
    keep = np.ones(len(t), bool)
    for _ in range(3):
        phase = 2j * np.pi * np.outer(t[keep] / period, np.arange(1, order + 1))
        basis = np.exp(phase)
        design = np.column_stack([np.ones(keep.sum()), basis.real, -basis.imag])
        w = 1 / np.hypot(err[keep], 0.01)
        coef = np.linalg.lstsq(design * w[:, None], mag[keep] * w, rcond=None)[0]
        rest = mag[keep] - design @ coef
        sd = 1.4826 * np.median(np.abs(rest))
        new = keep.copy()
        new[keep] = np.abs(rest) < 4 * sd
        if new.sum() == keep.sum() or new.sum() < 4 * order:
            break
        keep = new
    return coef[1 : order + 1] + 1j * coef[order + 1 :], rest.std(), keep.sum()


def doubled(curves: LightCurves, period: Array) -> Array:
    """Whether a period is twice the pulsation's: the odd harmonics are missing."""
    out = np.zeros(curves.n_stars, bool)
    for i in range(curves.n_stars):
        t, mag, err = curves.one(i)
        c = np.abs(fourier(t, mag, err, period[i], 4)[0])
        out[i] = np.hypot(c[0], c[2]) < 0.5 * c[1]
    return out


def shapes(curves: LightCurves, period: Array, order: int, band_limit: float = 0.03) -> Array:
    """``(log10 P, log10 A1, q_2.., q_order)`` of the stars measured well enough."""
    rows = []
    for i in range(curves.n_stars):
        t, mag, err = curves.one(i)
        if len(t) < 6 * order or not np.isfinite(period[i]):
            continue
        c, rms, n = fourier(t, mag, err, period[i], order)
        a = np.abs(c[0])
        if rms * np.sqrt(2 / n) > band_limit * a or rms > 0.45 * a:
            continue
        k = np.arange(2, order + 1)
        q = c[1:] / a * np.exp(-1j * k * np.angle(c[0]))
        rows.append(np.concatenate([[np.log10(period[i]), np.log10(a)], q.real, q.imag]))
    return np.array(rows)


def table(
    name: str, values: Array, order: int, knots: int, source: object, band: str
) -> list[dict]:
    """Rows of the table of one class."""
    x, v = values[:, 0], values[:, 1:]
    q = np.quantile(x, np.linspace(0.03, 0.97, knots)) if knots > 1 else np.array([np.median(x)])
    if knots > 5:  # even knots follow the Hertzsprung progression better
        q = np.linspace(*np.quantile(x, [0.01, 0.99]), knots)
    width = np.inf if knots == 1 else np.median(np.diff(q)) * 0.5
    mean = np.empty((len(q), v.shape[1]))
    for j, at in enumerate(q):
        w = np.exp(-0.5 * ((x - at) / width) ** 2)
        for _ in range(4):
            m = (w[:, None] * v).sum(0) / w.sum()
            d = (((v - m) / (v.std(0) + 1e-9)) ** 2).mean(1)
            w = np.exp(-0.5 * ((x - at) / width) ** 2) / (1 + d / 2) ** 2
        mean[j] = m
    fit = np.column_stack([np.interp(x, q, mean[:, j]) for j in range(v.shape[1])])
    rest = v - fit
    scale = 1.4826 * np.median(np.abs(rest), axis=0)
    ok = (np.abs(rest) < 4 * scale).mean(1) > 0.93
    rest = rest[ok]
    sd = rest[:, 0].std()
    z = rest[:, 0] / sd
    load = (rest * z[:, None]).mean(0)
    load[0] = sd
    left = rest - np.outer(z, load)
    left[:, 0] = 0
    _, s, vt = np.linalg.svd(left - left.mean(0), full_matrices=False)
    comps = (s[:3, None] * vt[:3]) / np.sqrt(len(left))
    other = (left - left @ vt[:3].T @ vt[:3]).std(0)
    k = np.arange(2, order + 1)
    names = ["logA", *[f"re{j}" for j in k], *[f"im{j}" for j in k]]
    out = [
        dict(kind=name, band=band, quantity="knots", **{f"v{j}": u for j, u in enumerate(q)}),
    ]
    for i, quantity in enumerate(names):
        row = dict(kind=name, band=band, quantity=quantity)
        row |= {f"v{j}": mean[j, i] for j in range(len(q))}
        row |= dict(z1=load[i], z2=comps[0, i], z3=comps[1, i], z4=comps[2, i], rest=other[i])
        out.append(row)
    print(f"{name}: {len(values)} stars, {len(rest)} kept, source {source}")
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--stars", type=int, default=2500, help="at most so many a survey and class"
    )
    parser.add_argument("--only", nargs="*", default=list(CLASSES))
    args = parser.parse_args()
    from varstar.datasets import load

    cache, rows = {}, []
    for name in args.only:
        surveys, labels, band, order, knots, limits = CLASSES[name]
        values = []
        for survey in surveys:
            if survey not in cache:
                cache[survey] = load(survey)
            sample = cache[survey]
            widest = (limits[0], limits[1] * (2 if "Cep-II" in labels else 1))
            pick = sample["label"].isin(labels) & sample["period"].between(*widest)
            part = sample[pick].iloc[: args.stars]
            allc = light_curves(part)
            letter = "V" if band == "C" else band  # Catalina: unfiltered, on V's scale
            code = next(b for b in allc.bands if b.startswith(letter))
            curves, _ = clean(light_curves(part, code))
            period = part["period"].to_numpy()
            if "Cep-II" in labels:  # half of the published periods are twice the pulsation's
                period = np.where(doubled(curves, period), period / 2, period)
            values.append(shapes(curves, period, order))
        values = np.concatenate([v for v in values if len(v)])
        inside = (values[:, 0] >= np.log10(limits[0])) & (values[:, 0] <= np.log10(limits[1]))
        values = values[inside]
        rows += table(name, values, order, knots, surveys, band)
    frame = pd.DataFrame(rows)
    columns = [
        "kind",
        "band",
        "quantity",
        *[f"v{j}" for j in range(14)],
        "z1",
        "z2",
        "z3",
        "z4",
        "rest",
    ]
    frame = frame.reindex(columns=columns)
    frame.to_csv(OUT, index=False, float_format="%.4g")


if __name__ == "__main__":
    main()
