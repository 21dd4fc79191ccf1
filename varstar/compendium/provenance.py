"""What was run on what: figures and tables, each with a JSON of provenance beside it.

A notebook says once, after its parameters cell, where its products go and what they
come from::

    out = Output("01_s20", profile=profile, data=(train_survey, test_survey), seed=seed,
                 parameters=parameters(globals()))
    save_figure(fig, "fig04_confusion_ogle3", out, caption="...")
    save_table(report, "tab03_report", out, data="sim-ogle3", caption="...")

The product's bytes depend on what it shows only: no dates in the PNG, rounded numbers in
the CSV. Date, commit and versions stand in the JSON, which is left alone when a later
run gives the same product from the same data, parameters and versions.
"""

import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from varstar import paths
from varstar.compendium import record as records
from varstar.paths import sha256

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

#: profile -> what it is; the keys are all the profiles there are.
PROFILES = {
    "smoke": "the whole notebook in about a minute, for tests; products go to build/",
    "laptop": "simulated surveys, two cores, no network, trained from scratch",
    "real": "real surveys found under VARSTAR_DATA",
    "paper": "the paper's own sizes and epochs; wants a GPU",
}

#: No figure is larger: it is saved with fewer dots per inch until it fits.
MAX_BYTES = 300_000

_PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "matplotlib",
    "keras",
    "tensorflow",
    "astropy",
    "varstar",
)


def is_simulated(survey: str) -> bool:
    """Whether the survey's name is one of a simulated survey (``sim-...``)."""
    return survey == "simulated" or survey.startswith("sim-")


@dataclass(frozen=True)
class Output:
    """Where a notebook's products go, and what they come from.

    Parameters
    ----------
    paper : str
        The folder: number and paper, ``"01_s20"``.
    profile : str
        One of `PROFILES`.
    data : str or sequence of str
        The surveys used. Where all are simulated the products are "simulated", where
        any is real they are "real": the name of the folder they go to.
    seed : int, optional
    parameters : mapping, optional
        The notebook's parameters (see `parameters`).
    """

    paper: str
    profile: str
    data: tuple[str, ...]
    seed: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.profile not in PROFILES:
            raise ValueError(
                f"profile: expected one of {list(PROFILES)}. Received: {self.profile!r}"
            )
        data = (self.data,) if isinstance(self.data, str) else tuple(self.data)
        if not data or not all(isinstance(d, str) and d for d in data):
            raise ValueError(
                f"data: expected the names of the surveys used. Received: {self.data!r}"
            )
        object.__setattr__(self, "data", tuple(dict.fromkeys(data)))

    @property
    def kind(self) -> str:
        """``"simulated"`` or ``"real"``."""
        return "simulated" if all(map(is_simulated, self.data)) else "real"

    @property
    def folder(self) -> Path:
        """``figures/<kind>/<paper>``; of the profile ``smoke`` a git-ignored one, of
        ``paper`` one of its own. What was made with other parameters than the profile's
        is no product of it: it goes to a git-ignored folder, too."""
        from varstar.compendium.profiles import is_changed

        if self.profile == "smoke":
            return paths.build() / "smoke" / self.kind / self.paper
        if is_changed(self.parameters, self.paper, self.profile):
            return paths.build() / f"{self.profile}-changed" / self.kind / self.paper
        if self.profile == "paper":
            return paths.figures() / f"{self.kind}-paper" / self.paper
        return paths.figures() / self.kind / self.paper


def parameters(namespace: Mapping[str, Any]) -> dict[str, Any]:
    """The literals of a notebook's name space: its parameters, when called right after
    the parameters cell as ``parameters(globals())``.
    """
    plain = (bool, int, float, str, type(None), list, tuple, dict)
    return {
        name: value
        for name, value in namespace.items()
        if isinstance(value, plain) and not name.startswith("_") and name not in ("In", "Out")
    }


def save_figure(
    fig: "Figure",
    name: str,
    out: Output,
    data: str | Sequence[str] | None = None,
    caption: str = "",
    dpi: float | None = None,
) -> Path:
    """Write a figure as ``<out.folder>/<name>.png``, with ``<name>.json`` beside it.

    Parameters
    ----------
    fig : matplotlib Figure
    name : str
        Begins with the paper's own number: ``"fig04_confusion_ogle3"``, ``"figA1_..."``,
        ``"sec6b_..."``; ``"more_..."`` for what the paper does not have.
    out : Output
    data : str or sequence of str, optional
        The surveys that this figure shows; all of `out` by default.
    caption : str
        What it shows, in a sentence; the gallery prints it.
    dpi : float, optional
        The style's by default; lowered when the file would exceed `MAX_BYTES`.

    Returns
    -------
    Path
        The PNG.
    """
    import matplotlib as mpl

    dpi = mpl.rcParams["savefig.dpi"] if dpi is None else dpi
    dpi = fig.dpi if dpi == "figure" else float(dpi)

    def write(path: Path) -> None:
        size = dpi
        while True:
            fig.savefig(path, format="png", dpi=size, metadata={"Software": None})
            bytes_ = path.stat().st_size
            if bytes_ <= MAX_BYTES or size < 40:
                return
            size *= min(0.9, 0.95 * (MAX_BYTES / bytes_) ** 0.5)

    more = {}
    if out.profile == "smoke":  # what the tests compare instead of pixels
        from varstar.compendium.numbers import of_figure

        more = {"numbers": of_figure(fig)}
    return _save(write, name, ".png", out, data, caption, more)


def save_table(
    table: "pd.DataFrame",
    name: str,
    out: Output,
    data: str | Sequence[str] | None = None,
    caption: str = "",
    digits: int = 4,
    index: bool | None = None,
) -> Path:
    """Write a table as ``<out.folder>/<name>.csv``, with ``<name>.json`` beside it.

    Parameters
    ----------
    table : DataFrame
    name, out, data, caption
        As for `save_figure`: ``"tab03_report_ogle3"``.
    digits : int
        Significant digits of floats.
    index : bool, optional
        Write the index; by default when it is not a plain numbering.

    Returns
    -------
    Path
        The CSV.
    """
    import pandas as pd

    if index is None:
        index = not isinstance(table.index, pd.RangeIndex)

    def rounded(value: Any) -> Any:
        if not isinstance(value, float | np.floating) or float(value).is_integer():
            return value  # counts stay as they are, whatever their type
        return float(f"{value:.{digits}g}")

    def write(path: Path) -> None:
        plain = table.copy()
        for i, dtype in enumerate(plain.dtypes):
            if pd.api.types.is_object_dtype(dtype) or pd.api.types.is_float_dtype(dtype):
                plain.isetitem(i, plain.iloc[:, i].map(rounded))
        plain.to_csv(path, index=index, lineterminator="\n")

    return _save(write, name, ".csv", out, data, caption)


def git_state() -> dict[str, Any]:
    """``{"commit": ..., "dirty": ...}`` of the clone; ``None`` where there is none.

    Dirty means that tracked files other than products (``figures/``) differ from the commit.
    """

    def git(*args: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(paths.project()), *args], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    try:
        top = Path(git("rev-parse", "--show-toplevel")).resolve()
        if top != paths.project().resolve():
            return {"commit": None, "dirty": None}
        changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!figures")
        # Code that was never added counts too; a user's own files elsewhere do not.
        changed += git("ls-files", "--others", "--exclude-standard", "--", "varstar", "notebooks")
        return {"commit": git("rev-parse", "HEAD"), "dirty": bool(changed)}
    except (OSError, subprocess.CalledProcessError):
        return {"commit": None, "dirty": None}


def versions() -> dict[str, str]:
    """Versions of Python and of the packages that decide the numbers."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _save(
    write: Any,
    name: str,
    suffix: str,
    out: Output,
    data: str | Sequence[str] | None,
    caption: str,
    more: Mapping[str, Any] | None = None,
) -> Path:
    if not name or Path(name).name != name or name.startswith(".") or Path(name).suffix:
        raise ValueError(
            f"name: expected a file name without folder or ending, as 'fig04_confusion'. "
            f"Received: {name!r}"
        )
    surveys = out.data if data is None else (data,) if isinstance(data, str) else tuple(data)
    out.folder.mkdir(parents=True, exist_ok=True)
    path = out.folder / f"{name}{suffix}"
    twin = path.with_suffix({".png": ".csv", ".csv": ".png"}[suffix])
    if twin.exists():
        raise ValueError(f"name: {name!r} names {twin.name} already; both would share {name}.json")
    with paths.atomic(path) as temporary:
        write(temporary)
    record = {
        "product": path.name,
        "sha256": sha256(path),
        "caption": caption,
        "data": list(surveys),
        "kind": "simulated" if all(map(is_simulated, surveys)) else "real",
        "paper": out.paper,
        "profile": out.profile,
        "seed": out.seed,
        "parameters": dict(out.parameters),
        "versions": versions(),
        **(more or {}),
    }
    record = records.plain(record)
    beside = path.with_suffix(".json")
    changed, was_dirty = stable_record(beside) != record, (records.read(beside) or {}).get("dirty")
    if changed or was_dirty:
        state = git_state()
        if changed or not state["dirty"]:  # the code was committed since
            when = datetime.now(UTC).isoformat(timespec="seconds")
            records.write_json(beside, {**record, **state, "date": when})
    _report_product(path)
    return path


def stable_record(path: Path) -> dict[str, Any] | None:
    """The record beside a product without what changes from run to run."""
    record = records.read(path)
    changing = ("commit", "dirty", "date")
    return record and {k: v for k, v in record.items() if k not in changing}


def _report_product(path: Path) -> None:
    """Add the product to the runner's list (see `varstar.compendium.run`), where one runs us."""
    products = os.environ.get("VARSTAR_PRODUCTS")
    if products:
        with open(products, "a", encoding="utf-8") as file:
            file.write(f"{path}\n")
