"""A family left out: its stars are news where they look like nothing that stayed."""

import numpy as np
import pandas as pd

from varstar.papers.any import unseen
from varstar.papers.any.fit import FAMILIES
from varstar.papers.any.look import COLUMNS


def test_neither_the_survey_nor_the_family_is_learned_from():
    rng = np.random.default_rng(4)
    family = np.tile(np.repeat(["RR", "ECL", "LPV"], 80), 2)
    survey = np.repeat(["a", "b"], 240)
    x = rng.normal(size=(480, len(COLUMNS)))
    for k, name in enumerate(("RR", "ECL", "LPV")):
        x[family == name] += 4 * k
    judged = pd.DataFrame({"survey": survey, "family": family, "label": None, "guise": "own"})
    part, seen = np.repeat([0, 1], 240), []

    def learn(mask, path):
        seen.append((set(survey[mask]), set(family[mask])))
        centre = {f: x[mask & (family == f)].mean() for f in set(family[mask])}

        def predict(values):
            p = np.zeros((len(values), len(FAMILIES)))
            for f, c in centre.items():
                p[:, FAMILIES.index(f)] = np.exp(-((values.mean(axis=1) - c) ** 2))
            return p / p.sum(axis=1, keepdims=True)

        return predict

    found = unseen.left_out_families(x, np.ones(480), judged, part, learn, np.ones(480))
    assert all(len(surveys) == 1 for surveys, _ in seen)
    assert [families for _, families in seen[:2]] == [{"ECL", "LPV"}] * 2
    assert found["LPV"]["mean"] > 0.95
    assert set(found["RR"]) == {"a", "b", "mean"}
