"""Natural mistakes of a first hour, and the sentence that each gets."""

import re

import numpy as np
import pandas as pd
import pytest
from astropy.table import Table

import varstar as vs
from varstar.__main__ import main
from varstar.hints import meant

PERIOD = 0.5473
T = np.sort(np.random.default_rng(0).uniform(2453000, 2453300, 80))
MAG = 15 + 0.4 * np.sin(2 * np.pi * T / PERIOD)
ERR = np.full(80, 0.01)
TABLE = pd.DataFrame({"time": T, "mag": MAG, "err": ERR})
STAR = vs.light_curve(T, MAG, ERR)
STARS = pd.DataFrame({"star_id": ["a"], "period": [PERIOD]})
K21 = "k21-asas"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder of files as people have them."""
    monkeypatch.chdir(tmp_path)
    TABLE.to_csv("a.csv", index=False)
    TABLE.rename(columns={"time": "mag", "mag": "time"}).to_csv("swapped.csv", index=False)
    TABLE.set_axis(["zeit", "hell", "x"], axis=1).to_csv("own.csv", index=False)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("time,mag,err\n")
    (tmp_path / "folder").mkdir()
    return tmp_path


#: mistake -> the call, and words of the sentence that it must get.
MISTAKES = {
    "a column that is none": (
        lambda: vs.read_light_curve("a.csv", mag="Vmag"), "is no column.*'mag'"),
    "a folder for a file": (
        lambda: vs.read_light_curve("folder"), "expected a light-curve file.*folder"),
    "an empty folder": (lambda: vs.classify("folder"), "expected light-curve files in the folder"),
    "no file": (lambda: vs.read_light_curve("no.csv"), "nothing there"),
    "an empty file": (lambda: vs.read_light_curve("empty.csv"), "the file is empty"),
    "only a header": (lambda: vs.read_light_curve("header.csv"), "no measurements. Columns"),
    "own names of columns": (lambda: vs.read_light_curve("own.csv"), "name it with t=.*zeit"),
    "swapped columns of a file": (
        lambda: vs.read_light_curve("swapped.csv"), "cannot be magnitudes"),
    "swapped arrays": (lambda: vs.light_curve(MAG, T), "cannot be magnitudes"),
    "fluxes as magnitudes": (lambda: vs.light_curve(T, 10 ** (10 - 0.4 * MAG)), "fluxes flux="),
    "no magnitudes": (lambda: vs.light_curve(T), "expected mag or flux"),
    "magnitudes and fluxes": (lambda: vs.light_curve(T, MAG, flux=MAG), "mag or flux, one of them"),
    "a table into the reader": (lambda: vs.read_light_curve(TABLE), "expected a path"),
    "text for numbers": (lambda: vs.find_periods((T.astype(str), MAG)), "turn it into numbers"),
    "arrays one by one": (
        lambda: vs.find_periods(T, MAG, ERR), r"vs\.find_periods\(\(t, mag, err\)"),
    "arrays one by one, classified": (
        lambda: vs.classify(T, MAG, ERR, model=K21), r"vs\.classify\(\(t, mag, err\)"),
    "arrays one by one, drawn": (lambda: vs.plot(T, MAG, ERR), r"vs\.plot\(\(t, mag, err\)"),
    "a row": (lambda: vs.classify(STAR.iloc[0], model=K21), r"sample\.iloc\[\[0\]\]"),
    "the nested column": (lambda: vs.classify(STAR["lc"], model=K21), "write .* or sample"),
    "the answer classified": (
        lambda: vs.classify(vs.find_periods(STAR), model=K21), "a table of results"),
    "tables in the wrong order": (lambda: vs.make_sample(STARS, TABLE), "expected a column for t"),
    "a model's name spelt otherwise": (
        lambda: vs.classify(STAR, model="s20_catalina"), "Did you mean 's20-catalina'"),
    "a model in capitals": (lambda: vs.classify(STAR, model="K21-ASAS"), "Did you mean 'k21-asas'"),
    "a paper for a model": (lambda: vs.models.card("k21"), "Did you mean 'k21-asas'"),
    "a network that is none": (lambda: vs.models.build("cnn"), "unknown network 'cnn'. Known"),
    "a band that is none": (
        lambda: vs.find_periods(vs.light_curve(T, MAG, band="V"), bands="g"), r"Known: \['V'\]"),
    "a band where none is named": (
        lambda: vs.classify(STAR, model=K21, bands="g"), "name no band: leave bands= out"),
    "period for periods": (
        lambda: vs.classify(STAR, model=K21, period=PERIOD), "Did you mean 'periods'"),
    "band for bands": (lambda: vs.classify(STAR, model=K21, band="V"), "Did you mean 'bands'"),
    "an option of another package": (
        lambda: vs.fold_images(STAR, pixels=5), "no option 'pixels'. There are: "),
    "two periods for one star": (
        lambda: vs.classify(STAR, model=K21, periods=[1, 2]), "one value per star"),
    "a column of periods that is none": (
        lambda: vs.classify(STAR, model=K21, periods="period"), "no column 'period'"),
    "a star to fold": (lambda: vs.fold(STAR, PERIOD), r"vs\.plot_folded\(star"),
    "folding without a period": (lambda: vs.fold(T), "expected days"),
    "the drawing function of arrays": (
        lambda: vs.plots.plot_light_curve(STAR), r"vs\.plot_light_curve\(star\)"),
    "the folding function of arrays": (
        lambda: vs.plots.plot_folded(STAR, period=PERIOD), r"vs\.plot_folded\(star\)"),
    "two stars to draw": (lambda: vs.plot(vs.light_curves([(T, MAG)] * 2)), r"iloc\[\[0\]\]"),
    "a model's name for its answer": (
        lambda: vs.plot(STAR, K21), r"vs\.plot\(star, vs\.classify\(star\)\)"),
    "a survey's name": (lambda: vs.classify("sim-ogle3"), r"vs\.load\('sim-ogle3'\)"),
    "half a survey's name": (lambda: vs.load("sim-ogle"), "Did you mean 'sim-ogle3'"),
    "a survey's short name": (lambda: vs.load("asas"), "Did you mean 'asas_acvs'"),
    "n for size": (lambda: vs.load("sim-ogle3", n=10), "load.*no option 'n'.*size"),
    "a band that a survey lacks": (
        lambda: vs.load("sim-ogle3", size=2, bands="W"), r"unknown band \['W'\]"),
    "a class that a survey lacks": (
        lambda: vs.load("sim-ogle3", size=2, classes="Nova"), "classes: expected some of"),
    "a star to explain": (lambda: vs.explain(STAR), "expected what vs.classify"),
    "a model to explain": (lambda: vs.explain(K21), r"vs\.models\.card\(name\)"),
    "a function in the singular": (lambda: vs.find_period, "Did you mean 'find_periods'"),
    "a function in capitals": (lambda: vs.Classify, "Did you mean 'classify'"),
    "a function misspelt": (lambda: vs.plot_periodgram, "Did you mean 'plot_periodogram'"),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_a_sentence_that_says_what_to_do(mistake, here):
    call, words = MISTAKES[mistake]
    with pytest.raises((ValueError, TypeError, AttributeError, FileNotFoundError)) as error:
        call()
    assert re.search(words, str(error.value)), str(error.value)


#: What looks like a mistake and works: the call, and the stars that it finds.
WORKS = {
    "a table of one star": lambda: vs.make_sample(TABLE),
    "a list of arrays": lambda: vs.make_sample([T, MAG, ERR]),
    "a dict of arrays": lambda: vs.make_sample({"t": T, "mag": MAG}),
    "an astropy table": lambda: vs.make_sample(Table.from_pandas(TABLE)),
    "own names, named": lambda: vs.read_light_curve("own.csv", t="zeit", mag="hell", err="x"),
    "unsorted": lambda: vs.light_curve(T[::-1], MAG[::-1], ERR),
    "negative errors": lambda: vs.light_curve(T, MAG, -ERR),
    "dates": lambda: vs.as_sample((pd.to_datetime(T - 2440587.5, unit="D"), MAG)),
    "a dict of stars": lambda: vs.light_curves({"star": (T, MAG)}),
}


@pytest.mark.parametrize("form", WORKS)
def test_what_is_natural_works(form, here):
    found = vs.find_periods(WORKS[form]())
    assert len(found) == 1
    assert found["period"].iloc[0] == pytest.approx(PERIOD, rel=1e-4)


@pytest.mark.parametrize("given", [{"periods": PERIOD}, {"periods": [PERIOD]}])
def test_a_period_by_hand_is_used(given):
    row = vs.classify(STAR, model="s20p-catalina", **given).iloc[0]
    assert row["period_source"] == "given"
    assert row["period"] == PERIOD


@pytest.mark.parametrize(("mag", "status"), [
    (np.full(80, np.nan), "no valid points"), (np.full(80, 15.0), "constant magnitude"),
    (np.where(np.arange(80) < 8, MAG, np.nan), "fewer than 10 valid points"),
])  # fmt: skip
def test_what_cannot_be_classified_keeps_its_row_and_says_why(mag, status):
    row = vs.classify((T, mag, ERR), model=K21).iloc[0]
    assert row["status"] == status
    assert pd.isna(row["label"])


def test_a_model_that_finds_its_own_periods_says_so(here, capfd):
    main(["classify", "a.csv", "--model", K21, "--period", "0.5"])
    assert "--period was not used" in capfd.readouterr().err
    main(["classify", "a.csv", "--model", "s20p-catalina", "--period", "0.5"])
    assert "--period was not used" not in capfd.readouterr().err


def test_suggest_takes_what_the_others_take(here):
    assert list(vs.models.suggest("a.csv").index) == list(vs.models.suggest((T, MAG)).index)


COMMANDS = {
    "nothing": ([], "classify"),
    "a misspelt command": (["classfy", "a.csv"], "Did you mean 'classify'"),
    "a survey that is none": (["data", "list", "asas"], "Did you mean 'asas_acvs'"),
    "a notebook that is none": (["reproduce", "17"], "00_start_here"),
    "own names of columns": (["classify", "own.csv"], "own.csv: unreadable.*name it with --time"),
    "no file": (["classify", "no.csv"], "no.csv: unreadable.*nothing there"),
    "one bad file of two": (["classify", "empty.csv", "a.csv", "--model", K21], "1 of 2 files"),
    "a bad period": (["classify", "a.csv", "--period", "-1"], "positive number of days"),
}


@pytest.mark.parametrize("mistake", COMMANDS)
def test_a_mistake_on_the_command_line_gets_a_sentence(mistake, here, capfd):
    arguments, words = COMMANDS[mistake]
    try:
        status = main(arguments)
    except SystemExit as stop:
        status = stop.code
    out, err = capfd.readouterr()
    assert status != 0
    assert re.search(words, out + err, re.S), out + err
    assert "Traceback" not in err


def test_what_is_far_from_every_name_gets_no_guess():
    assert meant("zzz", ["classify", "load"]) == ""
    assert meant("", ["classify", "load"]) == ""
    assert meant("LOAD", ["classify", "load"]) == " Did you mean 'load'?"
