"""What every keyword of every public function changes: see test_keywords.py."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import varstar as vs
from varstar.compendium.provenance import Output
from varstar.lightcurves.sample import light_curves

RNG = np.random.default_rng(5)
PERIOD = 0.7346


def wave(n: int, period: float, band: str, seed: int) -> pd.DataFrame:
    """A star with two harmonics, errors of two sizes and one band."""
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(0, 200, n))
    err = np.where(np.arange(n) % 3 == 0, 0.15, 0.02)
    angle = 2 * np.pi * t / period
    mag = 15 + 0.3 * np.sin(angle) + 0.15 * np.cos(2 * angle) + rng.normal(0, err)
    return pd.DataFrame({"t": t, "mag": mag, "err": err, "band": band})


def table() -> pd.DataFrame:
    parts = [wave(90, PERIOD, "V", 1), wave(60, PERIOD, "I", 2).assign(mag=lambda o: o["mag"] - 1)]
    return pd.concat(parts, ignore_index=True)


def two_stars() -> pd.DataFrame:
    other = pd.concat([wave(80, 1.9271, "V", 3), wave(70, 1.9271, "I", 4)])
    return pd.concat([table().assign(star_id="a"), other.assign(star_id="b")])


STARS = pd.DataFrame({"period": [PERIOD, 1.9271], "other": [0.31, 0.77]}, index=["a", "b"])
SAMPLE = vs.make_sample(two_stars(), STARS)
ONE = SAMPLE.iloc[[0]]
T, MAG, ERR, BAND = (table()[c].to_numpy() for c in ("t", "mag", "err", "band"))
LABELS = pd.Series(RNG.choice(["a", "b"], 60, p=[0.7, 0.3]), [f"s{i}" for i in range(60)])
SAID = pd.Series(np.where(RNG.random(60) < 0.8, LABELS, "a"), LABELS.index)
SKY = pd.DataFrame({"ra": [10.0, 20.0], "dec": [0.0, 5.0], "twin": ["q", "p"]}, index=["m", "n"])
SKY_2 = pd.DataFrame({"ra": [10.0, 80.0], "dec": [5 / 3600, 0.0]}, index=["p", "r"])


# --- what came back -------------------------------------------------------------------------


def seen(value: Any) -> Any:
    """What a user sees of an answer, as something that can be compared."""
    if isinstance(value, pd.DataFrame):
        plain = {c: seen(value[c]) for c in value.columns}
        return [list(value.columns), [str(i) for i in value.index], plain]
    if isinstance(value, pd.Series):
        return [repr(v) for v in value]
    if isinstance(value, np.ndarray):
        return [value.shape, str(value.dtype), value.tobytes()]
    if isinstance(value, plt.Axes):
        return drawn(value)
    if isinstance(value, plt.Figure):
        return [drawn(ax) for ax in value.axes]
    if isinstance(value, tuple | list):
        return [seen(v) for v in value]
    if isinstance(value, Path):
        return [value.name, value.read_bytes(), value.with_suffix(".json").read_text()]
    return repr(value)


def drawn(ax: plt.Axes) -> list:
    """Numbers and words of what is on axes."""
    lines = [line.get_xydata().round(9).tolist() for line in ax.lines]
    looks = [(line.get_color(), line.get_alpha()) for line in ax.lines]
    bars = [[round(p.get_width(), 9), round(p.get_height(), 9)] for p in ax.patches]
    images = [np.asarray(image.get_array()).tolist() for image in ax.images]
    words = [t.get_text() for t in (*ax.texts, ax.title, ax.xaxis.label, ax.yaxis.label)]
    names = ax.get_legend_handles_labels()[1]
    return [lines, looks, bars, images, words, names, list(ax.get_xlim())]


# --- the table ------------------------------------------------------------------------------


class Try(NamedTuple):
    """Another value of a keyword, the further arguments of both calls, and how they must differ."""

    value: Any
    beside: Mapping[str, Any] = MappingProxyType({})
    check: Callable[[Any, Any], bool] | None = None


class Row(NamedTuple):
    """A call of a function, and another value of each of its keywords."""

    base: dict[str, Any]
    others: dict[str, Any]
    same: Mapping[str, str] = MappingProxyType(
        {}
    )  # keywords that change no number, and what shows that they act


AX, AX_2 = object(), object()  # stand for axes of the call's own, one and two


def column(name: str, check: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    """A check of one column's first value, before and after."""
    return lambda a, b: check(a[name].iloc[0], b[name].iloc[0])


def n_points(sample: Any) -> int:
    return sum(len(lc) for lc in sample["lc"])


def first(sample: Any, name: str) -> Any:
    return sample["lc"].iloc[0][name].iloc[0]


def spread(interval: tuple[float, float]) -> float:
    return interval[1] - interval[0]


def less(a: float, b: float) -> bool:
    return a < b


def more(a: float, b: float) -> bool:
    return a > b


#: One nested column under names that nobody knows, as catalogues have them.
PARTITION = SAMPLE.rename(columns={"period": "p"}).reset_index(names="object_id")
ODD = {"t": "when", "mag": "shine", "err": "doubt", "band": "colour"}
WORKERS = {"workers": "processes change no number: tests/periods/test_periods.py"}
CATALOGUES = {"layout": "names of nested fields: tests/catalogs/test_nested.py",
              "keep": "a partition's own columns: tests/catalogs/test_lsdb.py"}  # fmt: skip
HISTORY = pd.DataFrame({"accuracy": [0.5, 0.9], "loss": [1.0, 0.2], "mc": [0.6, 0.8]})
OUTCOME = pd.DataFrame({"confidence": [0.4, 0.9], "accuracy": [0.5, 0.8], "stars": [3, 9]})
MATRIX = pd.DataFrame([[8, 2], [1, 3]], ["a", "b"], ["a", "b"])
ANSWER = pd.DataFrame({"label": ["RR"], "probability": [0.8], "RR": [0.8], "ECL": [0.2],
                       "period": [0.6], "period_source": ["found"], "n_points": [100],
                       "status": ["ok"]}, ["a"])  # fmt: skip
PHASES = (np.linspace(0, 1, 5), np.arange(5.0), np.full(5, 0.1))
BROKER = {"times": [T[:90]], "fluxes": [10 ** (-0.4 * (MAG[:90] - 31.4))],
          "errors": [np.full(90, 1e4)], "bands": [BAND[:90]], "model": "k21-lmc"}  # fmt: skip


def output() -> Output:
    return Output("09_toy", profile="smoke", data=("sim-ogle3", "sim-ogle4"), seed=1)


def rows(folder: Path) -> dict[str, Row]:
    """Public function -> its row."""
    file = folder / "odd.csv"
    return {
        **of_data(folder, file), **of_periods_and_features(), **of_learning(), **of_plots(),
        **of_models(folder),
    }  # fmt: skip


def of_data(folder: Path, file: Path) -> dict[str, Row]:
    arrays = {"t": T, "mag": MAG}
    fluxes = {"t": T, "mag": None, "flux": np.linspace(10, 20, len(T))}
    columns = {"t": "one", "mag": "two"}
    here = folder / "data"
    sky = {"name": "sim-ztf", "size": 6}
    return {
        "available": Row({}, {"root": Try(here, check=lambda a, b: "toy" in set(b) - set(a))}),
        "datasets.is_on_disk": Row(
            {"name": "toy"}, {"root": Try(here, check=lambda a, b: b and not a)}),
        "load": Row({"name": "toy", "root": here}, {
            "root": folder / "other",
            "bands": Try("V", check=lambda a, b: n_points(a) > n_points(b)),
            "size": Try(1, check=lambda a, b: (len(a), len(b)) == (2, 1)),
            "seed": Try(1, {"size": 1}),
            "**options": Try({"clean": True}, {"name": "sim-ztf", "root": None, "size": 6}),
        }),
        "make_sample": Row({"observations": table()}, {
            "stars": Try(pd.DataFrame({"period": [0.5]}, ["x"]),
                         check=lambda a, b: list(b.index) == ["x"] and b["period"].iloc[0] == 0.5)
        }),
        "light_curve": Row(arrays, {
            "mag": MAG + 1, "err": Try(ERR, check=lambda a, b: first(b, "err") == ERR[0]),
            "band": Try(BAND, check=lambda a, b: set(b["lc"].iloc[0]["band"]) == {"V", "I"}),
            "flux": Try(fluxes["flux"] * 2, fluxes, lambda a, b: np.isclose(
                first(a, "mag") - first(b, "mag"), 2.5 * np.log10(2))),
            "flux_err": Try(np.full(len(T), 0.5), fluxes, lambda a, b: np.isclose(
                first(b, "err"), 2.5 / np.log(10) * 0.05, rtol=0.01)),
            "star_id": Try("x", check=lambda a, b: list(b.index) == ["x"]),
            "period": Try(0.5, check=lambda a, b: b["period"].iloc[0] == 0.5),
            "zero_point": Try(20.0, fluxes | {"zero_point": 25.0}, lambda a, b: np.isclose(
                first(a, "mag") - first(b, "mag"), 5)),
            "flux_unit": Try("Jy", fluxes | {"flux_unit": "mJy"}, lambda a, b: np.isclose(
                first(a, "mag") - first(b, "mag"), 7.5)),
            "time_unit": Try("h", check=lambda a, b: np.isclose(
                first(a, "t"), 24 * first(b, "t"))),
            "**values": Try({"label": "RRab"}, check=lambda a, b: b["label"].iloc[0] == "RRab"),
        }),
        "read_light_curve": Row({"path": file, **columns}, {
            "t": Try("five", check=lambda a, b: first(b, "t") != first(a, "t")),
            "mag": Try("three", check=lambda a, b: first(b, "mag") != first(a, "mag")),
            "err": Try("three", check=lambda a, b: first(b, "err") != first(a, "err")),
            "band": Try("four", check=lambda a, b: set(b["lc"].iloc[0]["band"]) == {"V", "I"}),
            "flux": Try("three", {"mag": None, "flux": "two"}),
            "flux_err": Try("three", {"mag": None, "flux": "two"},
                            lambda a, b: first(b, "err") != first(a, "err")),
            "zero_point": Try(20.0, {"mag": None, "flux": "two", "zero_point": 25.0},
                              lambda a, b: np.isclose(first(a, "mag") - first(b, "mag"), 5)),
            "star_id": Try("four", check=lambda a, b: set(b.index) == {"V", "I"}),
            "period": Try(0.5, check=lambda a, b: b["period"].iloc[0] == 0.5),
            "time_unit": Try("h", {"time_unit": "d"}, lambda a, b: np.isclose(
                first(a, "t"), 24 * first(b, "t"))),
            "mag_unit": Try("mmag", {"mag_unit": "mag"}, lambda a, b: np.isclose(
                first(a, "mag"), 1000 * first(b, "mag"))),
            "flux_unit": Try("Jy", {"mag": None, "flux": "two", "flux_unit": "mJy"},
                             lambda a, b: np.isclose(first(a, "mag") - first(b, "mag"), 7.5)),
        }, {"verbose": "test_verbose_prints_the_report"}),
        "simulate.survey": Row(sky, {
            "size": Try(3, check=lambda a, b: (len(a), len(b)) == (6, 3)),
            "seed": 1, "bands": Try("r", check=lambda a, b: n_points(a) > n_points(b)),
            "balance": Try("equal", {"size": 40}, lambda a, b: b["label"].value_counts().std()
                           < a["label"].value_counts().std()),
            "classes": Try(["DSCT"], check=lambda a, b: b["superclass"].eq("DSCT").all()
                           and not a["superclass"].eq("DSCT").all()),
            "minimum": Try(4, {"size": 40, "balance": "natural"}, lambda a, b: (
                b["superclass"].value_counts().min() == 4 < a["superclass"].value_counts().min())),
            "clean": Try(True, {"size": 60}),
            "spec": vs.simulate.SURVEYS["sim-ogle3"],
        }),
        "simulate.observe_star": Row({"kind": "CEP F", "surveys": ["sim-ztf"]}, {
            "surveys": Try(["sim-ogle4"], check=lambda a, b: list(b.index) == ["sim-ogle4"]),
            "number": 1, "seed": 1,
            "mean_mag": Try(15.0, check=lambda a, b: 0.5 < np.nanmean(b["lc"].iloc[0]["mag"])
                            - np.nanmean(a["lc"].iloc[0]["mag"]) < 1.5),
            "period": Try(5.0, check=lambda a, b: np.isclose(b["true_period"].iloc[0], 5)
                          and not np.isclose(a["true_period"].iloc[0], 5)),
            "clean": Try(True, {"number": 3}),
        }),
        "catalogs.read_partition": Row({"partition": PARTITION}, {
            "layout": Try({"mag": "err", "t": "t"}, check=lambda a, b: first(b, "mag") == ERR[0]),
            "bands": Try("z", check=lambda a, b: (
                "z" in set(light_curves(b).bands) - set(light_curves(a).bands))),
        }),
    }  # fmt: skip


def of_periods_and_features() -> dict[str, Row]:
    shifted = {"periods": np.array([0.31, 0.77])}
    return {
        "find_periods": Row({"sample": SAMPLE}, {
            "bands": "I", "minimum_frequency": Try(1.7, check=column("period", more)),
            "maximum_frequency": Try(0.9, check=column("period", less)),
            "oversampling": Try(1.5, check=column("power", lambda a, b: a != b)),
            "n_terms": Try(2, check=column("power", less)),
            "weighted": Try(False, check=column("power", more)),
            "double": False, "shared": True,
        }, WORKERS | CATALOGUES),
        "fold": Row({"t": T, "period": 0.7}, {
            "period": 0.5,
            "epoch": Try(0.07, check=lambda a, b: np.allclose((a - b) % 1, 0.1)),
        }),
        "fold_images": Row({"sample": SAMPLE, "size": 24}, {
            "size": Try(12, check=lambda a, b: b.shape == (2, 12, 12)),
            "periods": "other", "epochs": "max", "bands": "I", "scale": "star",
            "dot": Try(3, check=lambda a, b: b.sum() > a.sum()),
            "bits": Try(1, check=lambda a, b: b.dtype == bool and ((a == 255) == b).all()),
            "return_status": Try(True, check=lambda a, b: list(b[1]) == ["ok", "ok"]),
        }, CATALOGUES),
        "variability_features": Row({"sample": SAMPLE}, {
            "periods": Try("other", check=column("period", lambda a, b: b == 0.31)),
            "bands": "I", "phases": Try("arctan2", check=column("phi21", lambda a, b: a != b)),
            "**period_options": Try({"maximum_frequency": 0.9}, {
                "sample": vs.make_sample(two_stars())}, column("period", less)),
        }, CATALOGUES),
        "catch22_features": Row({"sample": SAMPLE}, {
            "series": "folded", "periods": Try("other", {"series": "folded"}),
            "n_steps": Try(60, {"series": "profile"}), "bands": "I",
            "catch24": Try(True, check=lambda a, b: len(set(b) - set(a)) == 2),
        }, CATALOGUES | {"chunk": "stars at a time change no number: "
                                  "test_no_answer_depends_on_the_chunk"}),
        "features.fourier_parameters": Row({"sample": SAMPLE}, {
            "periods": Try(shifted["periods"], check=column("rms", less)),
            "n_terms": Try(1, check=column("chi2", less)), "bands": "I",
        }),
        "periods.period_success": Row(
            {"found": np.array([1.0, 10.1]), "true": np.array([1.02, 10.0])}, {
            "span": Try(np.array([20.0, 500]), check=lambda a, b: b[0] == "exact" != a[0]),
            "tolerance": Try(0.03, check=lambda a, b: b[0] == "exact" != a[0]),
        }),
    }  # fmt: skip


def of_learning() -> dict[str, Row]:
    said = {"labels": LABELS, "predicted": SAID}
    probability = np.column_stack([SAID == "a", SAID == "b"]) * 0.6 + 0.2
    return {
        "evaluate.bootstrap": Row(said | {"n": 20}, {
            "score": vs.evaluate.mc, "n": 30, "seed": 1,
            "level": Try(0.5, check=lambda a, b: spread(b) < spread(a)),
        }),
        "evaluate.calibration": Row(
            {"labels": LABELS, "probability": probability + RNG.uniform(0, 0.2, (60, 2)),
             "classes": ["a", "b"]},
            {"n_bins": Try(20, check=lambda a, b: len(b) > len(a))}),
        "evaluate.confusion": Row(said | {"classes": ["a", "b"]}, {
            "normalize": Try(True, check=lambda a, b: np.allclose(b.sum(axis=1), 100)
                             and a.to_numpy().sum() == 60)}),
        "splits.at_most": Row({"labels": LABELS, "n": 5}, {"seed": 1}),
        "splits.folds_by_star": Row({"labels": LABELS}, {
            "n_folds": Try(3, check=lambda a, b: (a.max(), b.max()) == (4, 2)), "seed": 1}),
        "splits.split_by_star": Row({"labels": LABELS}, {
            "fractions": Try({"x": 0.5, "y": 0.5}, check=lambda a, b: set(b) == {"x", "y"}),
            "seed": 1,
            "groups": Try(LABELS + np.tile(list("pq"), 30), check=lambda a, b: (
                b.groupby(LABELS + np.tile(list("pq"), 30)).nunique().max() == 1)),
        }),
        "splits.shared_stars": Row({"sample": SKY, "other": SKY_2}, {
            "column": Try("twin", check=lambda a, b: b.tolist() == [False, True]),
            "radius": Try(6.0, check=lambda a, b: (a.sum(), b.tolist()) == (0, [True, False])),
        }),
        "taxonomy.to_classes": Row({"labels": ["rrlyr", "ecl"], "survey": "sim-ogle3"}, {
            "paper": Try("k21", {"labels": ["RRab"], "survey": None}),
            "survey": Try("ogle3_catalog_pelsvae", {"labels": ["ELL"], "survey": "hipparcos"}),
        }),
    }  # fmt: skip


def of_plots() -> dict[str, Row]:
    t, mag, err = PHASES
    arrays = {"mag": mag, "err": None}
    style = Try({"color": "red"}, check=lambda a, b: drawn(b)[1][0][0] == "red")
    star = {"star": ONE}
    figure = plt.figure(figsize=(1, 1))
    where = {"out": output(), "caption": "One."}
    save = {"data": "sim-ogle3", "caption": "Two."}
    return {
        "plot": Row(star, {"results": ANSWER, "period": 0.31, "bands": "I"}),
        "plot_light_curve": Row(star, {"ax": AX, "bands": "I"}),
        "plot_folded": Row(star, {"period": 0.31, "ax": AX, "epoch": 0.1, "bands": "I"}),
        "plot_periodogram": Row(star, {"ax": AX, "period": 0.31, "bands": "I"}),
        "plots.plot_light_curve": Row({"t": t, "ax": AX, **arrays}, {
            "mag": mag + 1, "err": Try(err, check=lambda a, b: len(b.collections) == 1),
            "ax": AX, "**style": style}),
        "plots.plot_folded": Row({"phase": t, "ax": AX, **arrays}, {
            "mag": mag + 1, "err": Try(err, check=lambda a, b: len(b.collections) == 1),
            "ax": AX, "**style": style}),
        "plots.plot_confusion": Row({"matrix": MATRIX, "ax": AX}, {
            "percent": Try(False, check=lambda a, b: drawn(b)[3] == [[[8, 2], [1, 3]]])}),
        "plots.plot_history": Row({"history": HISTORY, "axes": AX_2}, {
            "columns": Try(("mc", "loss"), check=lambda a, b: b[0].get_ylabel() == "mc")}),
        "plots.plot_image_gallery": Row(
            {"images": np.zeros((2, 4, 4), np.uint8), "labels": ["a", "b"], "classes": ["a", "b"]},
            {"per_class": Try(3, check=lambda a, b: (len(a.axes), len(b.axes)) == (12, 6))}),
        "plots.plot_reliability": Row({"table": OUTCOME, "ax": AX}, {
            "label": Try("me", check=lambda a, b: "me" in drawn(b)[5])}),
        "plots.save_figure": Row({"fig": figure, "name": "fig01_a", **where}, {
            **save, "dpi": Try(40, {"dpi": 80}, lambda a, b: a[1] != b[1])}),
        "plots.save_table": Row({"table": OUTCOME / 3, "name": "tab01_a", **where}, {
            **save, "digits": Try(2, check=lambda a, b: len(b[1]) < len(a[1])),
            "index": Try(True, check=lambda a, b: a[1].startswith(b"conf")
                         and b[1].startswith(b",conf")),
        }),
    }  # fmt: skip


def of_models(folder: Path) -> dict[str, Row]:
    return {
        "classify": Row({"sample": SAMPLE, "model": "k21-asas"}, {
            "model": "k21-lmc",
            "periods": Try("other", {"model": "s20-catalina"},
                           column("period", lambda a, b: b == 0.31)),
            "bands": Try("I", check=column("bands_used", lambda a, b: (a, b) == ("V", "I"))),
        }, CATALOGUES),
        "models.build": Row({"name": "k21"}, {"**options": Try(
            {"hidden": (8,)}, check=lambda a, b: a.count_params() > b.count_params())}),
        "explore": Row({"sample": SAMPLE, "model": "k21-asas"}, {
            "results": Try(ANSWER.loc[["a", "a"]].set_axis(["a", "b"]),
                           check=lambda a, b: a.state.results is None
                           and len(b.state.results) == 2),
            "notes": Try(folder / "notes.csv", check=lambda a, b: a.state.notes_file is None
                         and b.state.notes_file == folder / "notes.csv"),
            "model": Try("k21-lmc", check=lambda a, b: (a.c.asked.value, b.c.asked.value)
                         == (("k21-asas",), ("k21-lmc",))),
            "axes": Try(("mean magnitude", "log10 scatter [mag]"),
                        check=lambda a, b: (a.c.across.value, b.c.across.value)
                        == ("log10 period [d]", "mean magnitude")),
        }),
        "brokers.probabilities": Row(BROKER | {"kind": "direct"}, {
            "kind": "difference", "references": Try(14.0, {"kind": "difference"}),
            "zero_point": Try(25.0, {"kind": "difference", "references": 14.0}),
        }),
    }  # fmt: skip
