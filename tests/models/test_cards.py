"""Cards as people read them."""

import numpy as np
import pandas as pd
import pytest

import varstar as vs
from varstar.models import cards, store


@pytest.mark.parametrize("name", store.available())
def test_a_card_prints_as_a_page_and_stays_a_dict(name):
    card = vs.models.card(name)
    assert card == store.card(name)
    text = str(card)
    assert text.startswith(name)
    assert max(map(len, text.splitlines())) <= 96
    assert "sha256" not in text
    assert card["files"] == {} or next(iter(card["files"].values())) not in text
    for word in ("Classes", "Learned from", "For", "How good", "macro F1", f"model='{name}'"):
        assert word in text
    words = " ".join(text.split())
    assert all(" ".join(limit.split()) in words for limit in card.get("limits", ()))
    assert text.replace("'", "&#x27;")[:40] in card._repr_html_()


def test_the_table_has_every_model_and_its_first_score():
    table = vs.models.table()
    assert table.index.tolist() == vs.models.available()
    assert table.loc["s20p-catalina", "macro F1"] == 0.921
    assert table.loc["s20p-catalina", "magnitude"] == "11.6 to 18.8"
    assert table.loc["s26-eros2", "bands"] == "B, R"
    assert table["macro F1"].between(0.3, 1).all()


def star(band, mag, n=150, **more):
    t = np.sort(np.random.default_rng(0).uniform(0, 500, n))
    return pd.DataFrame(
        {"star_id": "a", "t": t, "mag": mag + 0.3 * np.sin(t), "band": band, **more}
    )


def test_suggest_puts_models_of_the_stars_band_and_brightness_first():
    found = vs.models.suggest(vs.make_sample(star("V", 14.0)))
    assert found.index.tolist()[0] in ("s20p-catalina", "k21-asas", "sm-asas", "any")
    assert found.loc["s20p-catalina", "fits"] == 1
    assert found.loc["s26-eros2", "fits"] < 1
    assert "yours: V" in found.loc["s26-eros2", "why"]


def test_suggest_says_what_does_not_fit():
    few = vs.models.suggest(vs.make_sample(star("V", 14.0, n=30)))
    assert "yours: 30" in few.loc["s20p-catalina", "why"]
    faint = vs.models.suggest(vs.make_sample(star("V", 21.0)))
    assert "magnitude 11.6 to 18.8" in faint.loc["s20p-catalina", "why"]
    assert "simulated stars only" in faint.loc["k21-sim", "why"]


def test_suggest_knows_a_surveys_own_names_of_bands():
    both = pd.concat([star("B_E", 18.0, 400), star("R_E", 17.5, 400)])
    assert vs.models.suggest(vs.make_sample(both)).loc["s26-eros2", "fits"] == 1


def test_suggest_of_nothing_has_all_models():
    empty = vs.make_sample(star("V", 14.0)).iloc[:0]
    found = cards.suggest(empty)
    assert set(found.index) == set(store.available())
