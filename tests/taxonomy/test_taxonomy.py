"""Labels in the papers' classes: complete, explicit, never guessed."""

import pandas as pd
import pytest
import yaml

from varstar import paths, taxonomy


def test_every_survey_and_type_of_the_table_is_sound():
    book = taxonomy._book()
    assert len(taxonomy.surveys()) > 20
    assert set(book["surveys"].values()) <= set(book["vocabularies"])
    assert list(book["types"]["none"]) == ["what"]
    for name, kind in book["types"].items():
        assert kind["what"], name
        for paper, to in kind.items():
            if paper != "what":
                assert to in taxonomy.classes(paper), (name, paper)
    for name, words in book["vocabularies"].items():
        assert words["source"], name
        for label, kind in words["labels"].items():
            assert isinstance(label, str)
            assert kind in book["types"], (name, label)


@pytest.mark.parametrize("paper", taxonomy.papers())
def test_every_class_of_a_paper_is_reached_from_some_label(paper):
    book = taxonomy._book()
    used = {k for v in book["vocabularies"].values() for k in v["labels"].values()}
    reached = {book["types"][k].get(paper) for k in used}
    assert set(taxonomy.classes(paper)) <= reached


def test_the_papers_have_as_many_classes_as_they_publish():
    counts = {p: len(taxonomy.classes(p)) for p in taxonomy.papers()}
    assert counts["s20"] == 5
    assert counts["sm"] == 9
    assert counts["k21"] == 21
    assert counts["ts19"] == 8
    assert counts["s26"] == 5
    assert counts["k21-lmc"] == 9
    assert counts["k21-asas"] == 7


@pytest.mark.parametrize(
    ("survey", "paper", "pairs"),
    [
        (
            "catalina_sss",
            "s20",
            {
                "RRab": "RRLYR",
                "Blazhko": "RRLYR",
                "EA": "ECL",
                "Ecl (contact/semi-detached, EW/EB)": "ECL",
                "Cep-II": "T2CEP",
                "ACEP": "ACEP",
                "delta-Scuti": "DSCT",
                "Misc (type code 11)": None,
                "LMC-Cep-I": None,
                "LPV": None,
                "Rotational": None,
            },
        ),
        (
            "catalina_css_north",
            "s20",
            {"Cep_II": "T2CEP", "HADS": "DSCT", "LADS": "DSCT", "beta_lyrae": "ECL", "ELL": None,
             "PCEB": None, "Hump": None},
        ),
        ("sim-ogle3", "s20", {"ECL ELL": "ECL", "ECL NC": "ECL", "RRe": "RRLYR", "CEP F": None}),
        ("ogle4_lmc_cep", "k21", {"CEP F": "CEPH F", "CEP 1O/2O": "CEPH Other"}),
        ("eros2_lmc_upsilon", "k21-lmc", {"EB ED": "EB ED", "EB ED_ESD": None, "CEPH 2O": None}),
        ("eros2_lmc_upsilon", "s26", {"CEPH 1O_2O": "CEP", "EB ELL_EC": "ECL"}),
        ("asas_acvs", "k21-asas", {"MIRA": "MIRA", "ECL (unspecified)": None, "ACV": None}),
        ("asas_acvs", "sm", {"EC": "EW", "ESD": "EB", "ED": "EA", "MIRA": "M", "DSCT": None}),
        ("asassn_sample", "ts19", {"RRD": "RRCD", "HADS": "DSCT", "ROT:": None, "VAR": None}),
        ("asassn_sample", "sm", {"L": "L", "ROT": "ROT", "ROT:": None, "DCEP": None}),
    ],
)  # fmt: skip
def test_labels_that_matter(survey, paper, pairs):
    got = taxonomy.to_classes(list(pairs), paper, survey)
    assert {k: None if pd.isna(v) else v for k, v in zip(pairs, got, strict=True)} == pairs


def test_index_and_missing_labels_stay():
    labels = pd.Series(["RRab", None, "EA"], index=["x", "y", "z"])
    got = taxonomy.to_classes(labels, "s20", "catalina_sss")
    assert list(got.index) == ["x", "y", "z"]
    assert got["x"] == "RRLYR"
    assert got["y"] is pd.NA
    assert got.name == "s20"


def test_an_unknown_label_is_missing_and_said():
    with pytest.warns(UserWarning, match=r"unknown to the taxonomy.*\['RRabc'\]"):
        got = taxonomy.to_classes(["RRabc", "RRab"], "s20", "catalina_sss")
    assert got.isna().tolist() == [True, False]
    assert taxonomy.unknown_labels(["RRabc", "RRab", None], "catalina_sss") == ["RRabc"]


def test_without_a_survey_a_label_must_mean_one_thing():
    assert taxonomy.to_classes(["RRab", "EW"], "s20").tolist() == ["RRLYR", "ECL"]
    with pytest.raises(ValueError, match=r"different stars in different surveys.*pass survey="):
        taxonomy.to_classes(["ELL"], "s20")


def test_unknown_names_list_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown paper 's21'. Known: \['s20'"):
        taxonomy.to_classes(["RRab"], "s21")
    with pytest.raises(ValueError, match="no labels known of survey 'kepler'"):
        taxonomy.to_classes(["RRab"], "s20", "kepler")


def test_the_table_for_people():
    table = taxonomy.table("catalina_sss")
    assert table.loc["Blazhko", "s20"] == "RRLYR"
    assert pd.isna(table.loc["LPV", "s20"])
    assert list(table.columns) == ["type", *taxonomy.papers()]


def test_every_label_of_the_simulated_surveys_is_known():
    from varstar.simulate import SURVEYS

    assert len(SURVEYS) > 0
    for name, spec in SURVEYS.items():
        labels = [row["label"] for row in spec["classes"]]
        assert len(labels) > 0
        assert taxonomy.unknown_labels(labels, name) == [], name


def test_no_label_stands_twice_in_the_table():
    """YAML lets the last of two equal keys win in silence."""

    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader, node):
        keys = [loader.construct_object(k) for k, _ in node.value]
        assert len(keys) == len(set(keys)), (node.start_mark, keys)
        return yaml.SafeLoader.construct_mapping(loader, node, deep=True)

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    text = (paths.PACKAGE / "taxonomy" / "taxonomy.yaml").read_text(encoding="utf-8")
    assert yaml.load(text, Strict) == taxonomy._book()


@pytest.mark.real
def test_no_label_of_the_real_surveys_is_unknown(real_data):
    folders = sorted(p.parent.name for p in real_data.glob("*/stars.parquet"))
    assert len(folders) > 0
    unknown = {}
    for name in folders:
        labels = pd.read_parquet(real_data / name / "stars.parquet", columns=["label"])["label"]
        lost = taxonomy.unknown_labels(labels, name)
        if lost:
            unknown[name] = lost
    assert unknown == {}
