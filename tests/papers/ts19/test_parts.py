"""What each part of ts19-catalina learns from."""

import numpy as np
import pandas as pd

from varstar.papers.ts19 import parts


def test_large_classes_are_capped():
    labels = np.array(["A"] * 10 + ["B"] * 3, object)
    rows = np.arange(1, 13)
    few = parts.capped(labels, rows, 4, seed=0)
    assert pd.Series(labels[few]).value_counts().to_dict() == {"A": 4, "B": 3}
    assert set(few) <= set(rows)
    assert len(set(few)) == 7
