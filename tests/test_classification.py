"""What every trained model promises, whatever the light curves are."""

import warnings

import keras
import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar import papers
from varstar.models import build, store

#: The model for any survey answers in a form of its own: tests/papers/any.
SHIPPED = [name for name in store.available() if name != "any"]
PERIOD = 0.5437
INPUTS = {
    "size": [32, 32],
    "cycles": 1,
    "scales": ["bulk", "bulk-2mag"],
    "epochs": "max",
    "min_points": 10,
    "period": True,
}


def toy_card():
    options = {"input_shape": [32, 32, 2], "n_classes": 4, "heads": ["period"], "dense": 8}
    return {
        "paper": "S20",
        "classes": ["ECL", "PULS", "LPV"],
        "outputs": ["ECL", "PULS", "PULS", "LPV"],
        "prior_ratio": [1.0, 0.5, 2.0, 1.0],
        "inputs": INPUTS,
        "network": {"name": "s20-light", "options": options},
        "training": {},
        "scores": {},
    }


@pytest.fixture(scope="module", autouse=True)
def toy(tmp_path_factory):
    """An untrained model in a store of its own, beside those that ship."""
    folder, shipped = tmp_path_factory.mktemp("store"), store.folder
    patch = pytest.MonkeyPatch()
    patch.setattr(
        store, "folder", lambda name: (folder if name == "toy-sim" else shipped("")) / name
    )
    patch.setattr(store, "available", lambda: [*SHIPPED, "toy-sim"])
    keras.utils.set_random_seed(3)
    card = toy_card()
    networks = [build("s20-light", **card["network"]["options"]) for _ in range(2)]
    store.save(folder / "toy-sim", card, networks)
    yield "toy-sim"
    patch.undo()


def found_only(model):
    """Whether the model was trained on found periods and does not use given ones."""
    return papers.classifier(vs.models.card(model)).PERIODS == "found"


every = pytest.mark.parametrize("model", [*SHIPPED, "toy-sim"])


def rr_lyrae(n=80, seed=0, period=PERIOD):
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(0, 400, n))
    phase = t / period % 1
    mag = 16 + 0.4 * np.cos(2 * np.pi * phase) + 0.15 * np.cos(4 * np.pi * phase + 1)
    return t, mag + rng.normal(0, 0.02, n), np.full(n, 0.02)


def observations(star, t, mag, err, band="V"):
    return pd.DataFrame({"star_id": star, "t": t, "mag": mag, "err": err, "band": band})


def stars():
    """Name -> (t, mag, err), its period in the catalogue, and whether it can be classified."""
    t, mag, err = rr_lyrae()
    n = len(t)
    mixed = np.random.default_rng(1).permutation(n)
    bad = np.arange(n) % 4 == 0
    two = slice(0, 2)
    return {
        "fine": ((t, mag, err), PERIOD, True),
        "another": (rr_lyrae(seed=5, period=0.31), 0.31, True),
        "unsorted": ((t[mixed], mag[mixed], err[mixed]), PERIOD, True),
        "twice": ((np.tile(t, 2), np.tile(mag, 2), np.tile(err, 2)), PERIOD, True),
        "no period": ((t, mag, err), np.nan, True),
        "zero period": ((t, mag, err), 0.0, True),
        "negative period": ((t, mag, err), -1.0, True),
        "zero errors": ((t, mag, 0 * err), PERIOD, True),
        "negative errors": ((t, mag, -err), PERIOD, True),
        "some not measured": ((t, np.where(bad, 99.999, mag), err), PERIOD, True),
        "some NaN": ((np.where(bad, np.nan, t), mag, err), PERIOD, True),
        "none measured": ((t, 0 * t + 99.999, err), PERIOD, False),
        "all NaN": ((t, 0 * t + np.nan, err), PERIOD, False),
        "two points": ((t[two], mag[two], err[two]), PERIOD, False),
        "two points, no period": ((t[two], mag[two], err[two]), np.nan, False),
        "constant": ((t, 0 * t + 15, err), PERIOD, False),
        "constant, no period": ((t, 0 * t + 15, err), np.nan, False),
        "at one time": ((0 * t + 5, mag, err), PERIOD, False),
        "empty": ((t[:0], mag[:0], err[:0]), PERIOD, False),
        "empty, no period": ((t[:0], mag[:0], err[:0]), np.nan, False),
    }


def make(names=None):
    table = {k: v for k, v in stars().items() if names is None or k in names}
    return vs.make_sample(
        pd.concat(observations(name, *curve) for name, (curve, _, _) in table.items()),
        pd.DataFrame({"star_id": list(table), "period": [v[1] for v in table.values()]}),
    )


_ANSWERS = {}


def answer(model):
    if model not in _ANSWERS:
        _ANSWERS[model] = vs.classify(make(), model=model)
    return _ANSWERS[model]


@every
def test_columns(model):
    table = answer(model)
    classes = vs.models.card(model)["classes"]
    assert table.columns[:2].tolist() == ["label", "probability"]
    assert table.columns[2 : 2 + len(classes)].tolist() == classes
    assert table.columns[-3:].tolist() == ["period", "period_source", "status"]
    assert table.columns.is_unique
    assert table.index.tolist() == list(stars())
    assert table.index.name == "star_id"


@every
def test_probabilities(model):
    table = answer(model)
    classes = vs.models.card(model)["classes"]
    fine = table[table["status"] == "ok"]
    assert (fine[classes] >= 0).all(axis=None)
    assert fine[classes].sum(axis=1).to_numpy() == pytest.approx(1, abs=1e-5)
    assert fine["label"].tolist() == fine[classes].idxmax(axis=1).tolist()
    assert fine["probability"].to_numpy() == pytest.approx(fine[classes].max(axis=1).to_numpy())


@every
@pytest.mark.parametrize("star", stars())
def test_every_star_has_an_answer_or_a_reason(model, star):
    row = answer(model).loc[star]
    classes = vs.models.card(model)["classes"]
    if stars()[star][2]:
        assert row["status"] == "ok"
        assert row["label"] in classes
    else:
        assert row["status"] not in ("ok", "", "nan", "None")
        assert pd.isna(row["label"])
        assert np.isnan(row[["probability", *classes]].to_numpy(float)).all()


@every
def test_the_period_and_its_source_are_those_that_were_used(model):
    table = answer(model)
    fine = table.loc[["fine", "twice", "zero errors"]]
    policy = papers.classifier(vs.models.card(model)).PERIODS
    assert set(fine["period_source"]) == {"given" if policy == "given" else "found"}
    if policy == "given":
        assert fine["period"].tolist() == [PERIOD] * 3
        assert fine["fap"].isna().all()
        assert table.loc["constant", ["period", "period_source"]].tolist() == [PERIOD, "given"]
    else:
        assert fine["period"].to_numpy() == pytest.approx(PERIOD, rel=1e-3)
        assert (fine["period"] != PERIOD).all()
        assert (fine["fap"] < 1e-3).all()
    missing = table.loc[["no period", "zero period", "negative period"]]
    assert set(missing["period_source"]) == {"found"}
    assert (missing["fap"] < 1e-3).all()
    ratio = missing["period"].to_numpy() / PERIOD
    assert np.abs(ratio - np.round(ratio)).max() < 0.01  # the period, or twice it
    assert ratio.round().max() <= 2
    nothing = table.loc[["two points, no period", "constant, no period", "empty, no period"]]
    assert nothing["period"].isna().all()
    assert set(nothing["period_source"]) == {"none"}


@every
def test_points_are_counted(model):
    count = answer(model)["n_points"]
    assert count[["fine", "twice", "two points", "empty"]].tolist() == [80, 160, 2, 0]
    assert count[["some not measured", "some NaN", "none measured"]].tolist() == [60, 60, 0]


@every
def test_inputs_beyond_the_training_range_are_counted(model):
    if "out_of_range" not in answer(model):
        assert "ranges" not in vs.models.card(model)
        return
    out = answer(model)["out_of_range"]
    assert out.dtype == "Int64"
    assert out.notna().tolist() == [fine for *_, fine in stars().values()]
    bright = make(["fine"])
    bright["lc.mag"] = bright["lc.mag"] - 25.0
    assert vs.classify(bright, model=model)["out_of_range"].iloc[0] >= out["fine"]


@every
def test_what_does_not_matter(model):
    table, classes = answer(model), vs.models.card(model)["classes"]
    fine = table.loc["fine", classes].to_numpy(float)
    assert table.loc["unsorted", classes].to_numpy(float) == pytest.approx(fine, abs=1e-5)
    # Equal errors are equal weights, known or not.
    for star in ("zero errors", "negative errors"):
        assert table.loc[star, "status"] == "ok"


@every
def test_order_and_company_do_not_matter(model):
    sample, table = make(), answer(model)
    classes = vs.models.card(model)["classes"]
    order = np.random.default_rng(2).permutation(len(sample))
    again = vs.classify(sample.iloc[order], model=model)
    assert again.index.tolist() == sample.index[order].tolist()
    again = again.loc[table.index]
    for column in ("label", "period_source", "status"):
        assert again[column].fillna("-").tolist() == table[column].fillna("-").tolist()
    np.testing.assert_allclose(again[["period", *classes]], table[["period", *classes]], atol=1e-5)
    alone = vs.classify(make(["another"]), model=model)
    np.testing.assert_allclose(alone[classes], table.loc[["another"], classes], atol=1e-5)


@every
def test_no_stars(model):
    """Columns and dtypes are those of a full answer: what LSDB asks an empty call for."""
    sample, table = make(), answer(model)
    empty = vs.classify(sample.iloc[:0], model=model)
    assert len(empty) == 0
    assert empty.dtypes.to_dict() == table.dtypes.to_dict()
    assert empty.columns.tolist() == table.columns.tolist()
    card = vs.models.card(model)
    expected = papers.classifier(card).columns(card)
    assert {k: str(v) for k, v in table.dtypes.items()} == expected
    without = vs.classify(sample.iloc[:0].drop(columns="period"), model=model)
    assert without.dtypes.to_dict() == table.dtypes.to_dict()
    few = vs.classify(sample.loc[["empty", "two points"]], model=model)
    assert few.dtypes.to_dict() == table.dtypes.to_dict()


@every
def test_an_index_that_names_stars_twice_comes_back(model):
    sample, table = make(["fine", "no period", "another"]), answer(model)
    classes = vs.models.card(model)["classes"]
    twice = sample.set_index(pd.Index([7, 7, 9], name="_healpix_29"))
    found = vs.classify(twice, model=model)
    assert found.index.equals(twice.index)
    expected = table.loc[sample.index, classes].to_numpy()
    np.testing.assert_allclose(found[classes].to_numpy(), expected, atol=1e-5)


@every
def test_the_sample_stays(model):
    sample = make(["fine", "zero period"])
    before = sample.copy()
    vs.classify(sample, model=model)
    assert sample["period"].equals(before["period"])
    assert np.array_equal(sample["lc.mag"].to_numpy(), before["lc.mag"].to_numpy())


@every
def test_periods_can_be_given(model):
    sample, table = make(["fine", "another"]), answer(model)
    classes = vs.models.card(model)["classes"]
    periods = pd.Series({"another": 0.31, "fine": PERIOD})
    by_series = vs.classify(sample.drop(columns="period"), model=model, periods=periods)
    if papers.classifier(vs.models.card(model)).PERIODS == "given":
        assert by_series["period"].tolist() == [PERIOD, 0.31]
        assert by_series["period_source"].tolist() == ["given", "given"]
    expected = table.loc[["fine", "another"], classes].to_numpy(float)
    assert by_series[classes].to_numpy() == pytest.approx(expected, abs=1e-5)
    by_column = vs.classify(sample.rename(columns={"period": "P"}), model=model, periods="P")
    assert by_column[classes].to_numpy() == pytest.approx(expected, abs=1e-5)
    with pytest.raises(ValueError, match=r"periods: no column 'Q'"):
        vs.classify(sample, model=model, periods="Q")
    with pytest.raises(ValueError, match=r"periods: .*none of"):
        vs.classify(sample, model=model, periods=pd.Series([0.5, 0.7]))


@every
def test_a_search_can_be_handed_in(model, monkeypatch):
    sample = make(["fine", "another"]).drop(columns="period")
    expected = vs.classify(sample, model=model)
    options = papers.classifier(vs.models.card(model)).SEARCH
    found = vs.find_periods(sample, **options)

    def again(*args, **kwargs):
        raise AssertionError("searched again")

    monkeypatch.setattr("varstar.periods.find.find_periods", again)
    monkeypatch.setattr("varstar.features.shape.find_periods", again)
    table = vs.classify(sample, model=model, periods=found.iloc[::-1])
    pd.testing.assert_frame_equal(table, expected, atol=1e-5)


@every
def test_a_sample_without_any_period(model):
    sample = make(["fine", "another"]).drop(columns="period")
    table = vs.classify(sample, model=model)
    assert set(table["status"]) == {"ok"}


@every
def test_each_star_has_its_band_whatever_the_others_have(model):
    """A star alone is answered as among others, and the answer says by which band."""
    t, mag, err = rr_lyrae()
    card = vs.models.card(model)
    trained = set(np.ravel(card["inputs"].get("bands") or [])) & {"V", "I"}
    parts = {
        "V": [("V", slice(None))],
        "V and few I": [("V", slice(None)), ("I", slice(0, 30))],
        "I": [("I", slice(None))],
        "I and few V": [("I", slice(None)), ("V", slice(0, 50))],
    }
    sample = vs.make_sample(
        pd.concat(
            observations(star, t[s], mag[s], err[s], band)
            for star, bands in parts.items()
            for band, s in bands
        )
    ).assign(period=PERIOD)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = vs.classify(sample, model=model)
    said = [str(w.message) for w in caught if issubclass(w.category, UserWarning)]
    assert any("bands" in m for m in said) or trained
    assert table["bands_used"].tolist() == [
        *("V", "I" if trained == {"I"} else "V"),
        *("I", "V" if trained == {"V"} else "I"),
    ]
    assert table["n_points"].tolist() == [
        *(80, 30 if trained == {"I"} else 80),
        *(80, 50 if trained == {"V"} else 80),
    ]
    assert set(table["status"]) == {"ok"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alone = pd.concat(vs.classify(sample.iloc[[i]], model=model) for i in range(4))
        pd.testing.assert_frame_equal(alone, table, atol=1e-5)
        named = vs.classify(sample, model=model, bands="V")
    classes = card["classes"]
    np.testing.assert_allclose(named.iloc[1][classes].to_numpy(float),
                               named.iloc[0][classes].to_numpy(float), atol=1e-5)  # fmt: skip
    assert named.loc["I", "status"].startswith("no points")
    with pytest.raises(ValueError, match=r"unknown band \['R'\]. Known: \['V', 'I'\]"):
        vs.classify(sample, model=model, bands="R")


# --- bad calls --------------------------------------------------------------------------


def test_unknown_models():
    with pytest.raises(ValueError, match=r"unknown model 's20-nowhere'. Known: \[.*'toy-sim'"):
        vs.classify(make(["fine"]), model="s20-nowhere")


def test_what_is_no_sample():
    with pytest.raises(ValueError, match="expected a column of magnitudes"):
        vs.classify(pd.DataFrame({"t": [1, 2]}), model="toy-sim")
    with pytest.raises(ValueError, match=r"expected a sample"):
        vs.classify(7, model="toy-sim")


def test_a_model_is_named_unless_the_one_for_any_survey_is_there(monkeypatch):
    monkeypatch.setattr(store, "available", lambda: ["toy-sim"])
    monkeypatch.setattr(vs.models, "available", lambda: ["toy-sim"])
    with pytest.raises(ValueError, match=r"model: expected one of \['toy-sim'\]"):
        vs.classify(make(["fine"]))


def test_a_classifier_and_its_folder_serve_as_well_as_its_name():
    sample = make(["fine", "another"])
    expected = vs.classify(sample, model="toy-sim")
    by_folder = vs.classify(sample, model=str(store.folder("toy-sim")))
    pd.testing.assert_frame_equal(by_folder, expected)
    loaded = vs.models.load_classifier(store.folder("toy-sim"))
    pd.testing.assert_frame_equal(vs.classify(sample, model=loaded), expected)


def test_a_card_of_an_unknown_paper(tmp_path):
    store.save(tmp_path / "strange", {**toy_card(), "paper": "tea leaves"})
    with pytest.raises(ValueError, match=r"unknown paper 'tea leaves'. Known: \["):
        vs.classify(make(["fine"]), model=tmp_path / "strange")


def test_an_old_card_names_a_kind():
    card = {**toy_card(), "paper": "", "kind": "sequences"}
    assert papers.classifier(card).__name__ == "SequenceClassifier"
    assert papers.classifier(toy_card()).__name__ == "ImageClassifier"


@pytest.mark.parametrize("model", SHIPPED)
def test_a_few_points_of_noise_get_no_class(model):
    rng = np.random.default_rng(0)
    table = pd.concat(
        pd.DataFrame({"star_id": f"{n} points", "t": np.sort(rng.uniform(0, 300, n)),
                      "mag": rng.normal(15, 0.1, n), "err": 0.1, "band": "V"})
        for n in (3, 5, 8)
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        results = vs.classify(vs.make_sample(table), model=model)
    assert results["label"].isna().all()
    assert results["probability"].isna().all()
    assert (results["status"] != "ok").all()


def test_no_public_function_is_hidden_by_its_module():
    import sys

    from varstar import _PUBLIC

    for name, module in _PUBLIC.items():
        assert module != f"varstar.{name}"
        assert f"varstar.{name}" not in sys.modules


@pytest.mark.real
@pytest.mark.parametrize("model", [m for m in SHIPPED if m.startswith("s20")])
def test_another_sky(model, real_data):
    """Stars of Catalina North, which the models have not seen."""
    from varstar.papers.s20 import experiments as s20

    sample = vs.load("catalina_css_north", root=real_data, bands="V", size=500, seed=1)
    stars, _ = s20.usable(sample, "catalina_css_north")
    table = vs.classify(stars, model=model)
    assert set(table["status"]) <= {"ok", "fewer than 20 valid points"}
    known = (table["status"] == "ok").to_numpy()
    right = (table["label"] == stars["s20_class"]).to_numpy()[known]
    assert right.mean() > (0.97 if model == "s20p-catalina" else 0.85)
