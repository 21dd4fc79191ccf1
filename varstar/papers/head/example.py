"""An outsider's method: all that it takes to stand on the leaderboard."""

import numpy as np

from varstar.papers.head.survey import Survey


def nearest_means(train: Survey, labels: np.ndarray, test: Survey) -> np.ndarray:
    """Probabilities from the distance to each class's mean in the sixteen features."""
    names = [c for c in train.table if c.startswith("sixteen:")]
    middle, width = train.table[names].median(), train.table[names].std()
    x, y = (((t[names] - middle) / width).fillna(0).clip(-5, 5) for t in (train.table, test.table))
    means = x.groupby(labels).mean()
    square = ((y.to_numpy()[:, None] - means.to_numpy()) ** 2).mean(axis=2)
    weight = np.exp(-(square - square.min(axis=1, keepdims=True)))
    return weight / weight.sum(axis=1, keepdims=True)
