"""An archive's table through the one recogniser of columns, as curves to convert."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from varstar.datasets import containers
from varstar.datasets.convert import Curve
from varstar.datasets.measurements import read


def read_curves(path: Path, star_id: str | None = None) -> Iterator[Curve]:
    """One star's measurements, a curve a band, sorted by time.

    Flags and limits are those of the table's layout (``varstar/datasets/layouts.yaml``);
    a table without rows gives no curve.

    Parameters
    ----------
    path : path
    star_id : str, optional
        The file's name by default.
    """
    table = containers.read(path, {})
    if not len(table):
        return
    name = star_id or path.stem
    obs = read(table, str(path), name, {}).obs
    obs = obs[np.isfinite(obs["t"]) & np.isfinite(obs["mag"])].sort_values("t", kind="stable")
    for band, rows in obs.groupby("band", sort=True):
        yield Curve(name, str(band), *(rows[c].to_numpy(float) for c in ("t", "mag", "err")))
