"""Families of the model "any": complete, by table, never by a part of a name."""

import pandas as pd
import pytest

from varstar import taxonomy


def test_every_label_of_every_survey_has_a_family_or_is_set_aside_on_purpose():
    families, book = taxonomy.families(), taxonomy._families()
    known = {name: set(members) | {None} for name, members in families.items()}
    for name, words in taxonomy._book()["vocabularies"].items():
        own = book["labels"].get(name, {})
        assert set(own) <= set(words["labels"]), name
        for label, kind in words["labels"].items():
            assert label in own or kind in book["types"], (name, label)
    for pair in [
        *book["types"].values(),
        *(p for v in book["labels"].values() for p in v.values()),
    ]:
        assert pair is None or (len(pair) == 2 and pair[1] in known[pair[0]]), pair


@pytest.mark.parametrize(
    ("survey", "label", "family", "fine"),
    [
        ("asas_acvs", "BCEP", "OTHER", "BCEP"),  # no Cepheid
        ("hipparcos", "ACYG", "OTHER", "ACYG"),
        ("catalina_sss", "ACEP", "CEP", "ACEP"),
        ("catalina_css_north", "ELL", "ROT", "ELL"),
        ("sim-ogle3", "ECL ELL", "ROT", "ELL"),
        ("sim-ogle3", "NonVar", "CONST", "CONST"),
        ("eros2_lmc_upsilon", "EB ED_ESD", "ECL", None),
        ("eros2_lmc_upsilon", "RRL RRe", "RR", "RRC"),
        ("asassn_sample", "VAR", None, None),
        ("asas_acvs", "no such label", None, None),
    ],
)
def test_labels_that_a_careless_match_would_misread(survey, label, family, fine):
    row = taxonomy.to_families([label], survey).iloc[0]
    assert (None if pd.isna(row.family) else row.family) == family
    assert (None if pd.isna(row.label) else row.label) == fine


def test_families_keep_the_index_and_miss_what_is_missing():
    labels = pd.Series(["RRab", None, "EA"], index=[7, 8, 9])
    table = taxonomy.to_families(labels, "catalina_sss")
    assert list(table.index) == [7, 8, 9]
    assert table["family"].fillna("-").tolist() == ["RR", "-", "ECL"]
