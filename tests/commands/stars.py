"""Made-up light curves, and a classifier that needs no network."""

from pathlib import Path

import numpy as np
import pandas as pd

PERIOD = 0.5473


def curve(n: int = 120, period: float = PERIOD, seed: int = 0) -> pd.DataFrame:
    """A sine of half a magnitude in V, seen at random times."""
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(2453000, 2453400, n))
    mag = 15 + 0.5 * np.sin(2 * np.pi * t / period) + rng.normal(0, 0.01, n)
    return pd.DataFrame({"hjd": t, "mag": mag, "err": 0.01})


def write(folder: Path, *names: str) -> list[str]:
    """CSV files of that curve under the names, each with another seed."""
    for seed, name in enumerate(names):
        curve(seed=seed).to_csv(folder / name, index=False)
    return [str(folder / name) for name in names]


class Fake:
    """Stands in for `varstar.classification.classify`; remembers how it was called."""

    def __init__(self) -> None:
        self.calls: list[tuple[list, dict]] = []

    def __call__(self, sample: pd.DataFrame, **options) -> pd.DataFrame:
        self.calls.append((list(sample.index), options))
        n = len(sample)
        return pd.DataFrame(
            {
                "label": pd.array(["RRAB"] * n, dtype="str"),
                "probability": np.full(n, 0.9),
                "RRAB": np.full(n, 0.9),
                "EC": np.full(n, 0.1),
                "n_points": sample["lc"].array.list_lengths.astype(np.int64),
                "period": sample.get("period", PERIOD),
                "period_source": "found",
                "status": "ok",
            },
            index=sample.index,
        )
