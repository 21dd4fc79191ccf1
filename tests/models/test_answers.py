"""Every shipped model answers as it did when it was written, and each of its files matters.

``python tests/models/test_answers.py`` writes ``answers.json`` anew: after a model was
trained again, or a mend that is meant to change answers.
"""

import json
import warnings
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.lightcurves.sample import clean, light_curves

FILE = Path(__file__).with_name("answers.json")
#: Named, so that none can vanish; and the survey of which some stars are asked too.
MODELS = {
    "k21-asas": "asas_acvs",
    "k21-hipparcos": "debosscher_hip_ogle",
    "k21-lmc": "eros2_lmc_upsilon",
    "k21-sim": "ogle3_lmc_cep",
    "s20-catalina": "catalina_css_north",
    "s20p-catalina": "catalina_css_north",
    "s26-eros2": "eros2_lmc_upsilon",
    "sm-asas": "asas_acvs",
    "ts19-catalina": "catalina_css_north",
}
N_STARS, N_REAL = 30, 12
each = pytest.mark.parametrize("model", MODELS)


@lru_cache(maxsize=1)
def made_up():
    """Pulsators, binaries and slow variables from plain formulas, in three bands."""
    rng = np.random.default_rng(20)
    tables = []
    for k in range(N_STARS):
        period = 10 ** rng.uniform(-0.7, 2.0)
        size, skew, n = rng.uniform(0.1, 0.9), rng.uniform(0, 0.5), int(rng.integers(60, 160))
        for b, band in enumerate("VBR"):
            t = np.sort(rng.uniform(0, 900, n))
            phase = t / period % 1
            if k % 3 == 0:  # two eclipses of unequal depth
                mag = size * np.exp(-(((phase + 0.5) % 1 - 0.5) ** 2) / 0.004)
                mag += 0.6 * size * np.exp(-((phase - 0.5) ** 2) / 0.004)
            else:
                mag = size * (np.cos(2 * np.pi * phase) + skew * np.sin(4 * np.pi * phase)) / 2
            err = np.full(n, 0.02)
            mag = 15 + k / 10 - b / 3 + mag * (1 - 0.1 * b) + rng.normal(0, 0.02, n)
            tables.append(
                pd.DataFrame({"star_id": f"s{k}", "t": t, "mag": mag, "err": err, "band": band})
            )
    return vs.make_sample(pd.concat(tables))


def real(model, root):
    sample = vs.load(MODELS[model], root=root)
    rows = np.random.default_rng(3).choice(len(sample), N_REAL, replace=False)
    return sample.iloc[np.sort(rows)]


def bands_of(model):
    return ["B", "R"] if model.startswith("s26") else "V"


def answer(model, sample, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        table = vs.classify(sample, model=model, **options)
    columns = [*vs.models.card(model)["classes"], "period"]
    if "novelty" in table:
        columns.append("novelty")
    return {
        str(star): [round(float(v), 6) if np.isfinite(v) else None for v in row]
        for star, row in zip(table.index, table[columns].to_numpy(float), strict=True)
    }


def same(found, stored):
    assert list(found) == list(stored)
    a, b = (np.array(list(x.values()), float) for x in (found, stored))
    # On another processor a feature in its last digit may pass a tree's threshold, which
    # moves one star by that tree's share: few numbers may, and not far.
    np.testing.assert_allclose(a, b, atol=5e-3, rtol=1e-5)
    assert np.isclose(a, b, atol=1e-4, rtol=1e-5, equal_nan=True).mean() > 0.95


def stored(kind, model):
    return json.loads(FILE.read_text())[kind][model]


def test_no_model_vanishes():
    assert set(MODELS) <= set(vs.models.available())
    answers = json.loads(FILE.read_text())
    assert set(answers["made up"]) == set(answers["real"]) == set(MODELS)


@each
def test_answers_to_made_up_stars(model):
    found = answer(model, made_up(), bands=bands_of(model))
    assert sum(row[0] is not None for row in found.values()) >= 0.9 * N_STARS
    same(found, stored("made up", model))


@pytest.mark.real
@each
def test_answers_to_real_stars(model, real_data):
    same(answer(model, real(model, real_data)), stored("real", model))


@each
def test_each_file_has_its_role(model):
    """A network, a scaling or a fold in the place of another one changes the answers."""
    classifier = vs.models.load_classifier(model)
    curves = light_curves(made_up().iloc[:20], bands_of(model))
    curves, _ = classifier.choose_bands(curves, None)
    curves, _ = clean(curves, classifier.min_points)
    periods = classifier._periods(curves, np.ones(20, bool), np.full(20, np.nan), None)
    x, _ = classifier.inputs(curves, periods)
    right, columns = classifier.predict(x)
    if "novelty" in columns:
        right = np.column_stack([right, columns["novelty"]])

    def moved():
        p, columns = classifier.predict(x)
        p = np.column_stack([p, columns["novelty"]]) if "novelty" in columns else p
        return np.abs(p - right).max()

    networks = classifier.predictors
    assert len(networks) == len(vs.models.load(model)) >= 3
    for k in range(len(networks)):
        wrong = list(networks)
        wrong[k] = networks[k - 1]
        classifier._networks = wrong
        assert moved() > 1e-4, f"network {k} in the place of another"
    classifier._networks = networks
    assert moved() < 1e-6
    if "scalings" in classifier.card:
        classifier.card["scalings"] = classifier.card["scalings"][::-1]
        assert moved() > 1e-4, "scalings exchanged"
        classifier.card["scalings"] = classifier.card["scalings"][::-1]
    if "tree_share" in classifier.card:
        classifier.card["tree_share"] /= 2
        assert moved() > 1e-3, "share of the trees"
    parts = [p.removesuffix(".npz") for p in classifier.card["files"] if p.startswith("fold")]
    if parts:
        arrays = {p: classifier.part(p) for p in parts}
        classifier._parts = {**arrays, parts[0]: arrays[parts[1]]}
        assert moved() > 1e-4, "parts of a fold exchanged"


if __name__ == "__main__":
    from varstar import paths

    answers = {
        "made up": {m: answer(m, made_up(), bands=bands_of(m)) for m in MODELS},
        "real": {m: answer(m, real(m, paths.data())) for m in MODELS},
    }
    with paths.atomic(FILE) as temporary:
        temporary.write_text(json.dumps(answers, indent=0) + "\n")
