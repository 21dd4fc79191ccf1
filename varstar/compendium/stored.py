"""What notebooks hold when they are committed, and their small copies for the tests.

``notebooks/NN.ipynb`` is stored as `make reproduce` executed it (profile ``laptop``): numbers
that mean something, and the figures, as palette PNGs. ``tests/notebooks/NN.ipynb`` is the same
cells executed at ``smoke``, text only, which `make test` runs again and compares.
"""

import base64
import io
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from varstar import paths
from varstar.compendium import numbers, spread
from varstar.compendium.digest import digest
from varstar.compendium.run import find, profile_parameters, read, run, source

#: Outputs of text above this many characters do not stay.
MAX_OUTPUT = 10_000
#: Colours of a stored figure, and its greatest width [pixels].
COLOURS, MAX_WIDTH = 128, 1000

_CHANGING = (
    "metadata.papermill metadata.language_info.version metadata.widgets "
    "cell.metadata.papermill cell.metadata.execution"
)


def copies() -> Path:
    """The folder of the small copies."""
    return paths.project() / "tests" / "notebooks"


def cells_digest(content: dict[str, Any]) -> str:
    """Hash of the code that was run, but for the cell that papermill puts in; words around it
    may be mended without running it again."""
    return digest(*map(source, code_cells(content)))


def code_cells(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The notebook's own cells of code."""
    return [cell for cell in own_cells(content) if cell["cell_type"] == "code"]


def own_cells(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The cells without the one that holds a profile's parameters."""
    return [cell for cell in content["cells"] if not is_injected(cell)]


def is_injected(cell: dict[str, Any]) -> bool:
    """Whether papermill has put in this cell."""
    return "injected-parameters" in cell.get("metadata", {}).get("tags", [])


def update(notebook: str | Path, *, measure: bool = False) -> bool:
    """Run a notebook at the profile ``smoke``; keep its small text outputs in its copy, and the
    numbers of its tables and figures in a JSON beside.

    The template, which has no copy, keeps its outputs itself. Run twice, nothing changes but
    what the cells print. Returns whether a file changed.

    Parameters
    ----------
    notebook : str or path
    measure : bool
        Measure anew, in two more runs, how far networks move the numbers (`spread.measure`);
        done anyway where that was never measured.
    """
    notebook, begin = find(notebook), time.time()
    executed = paths.build() / "update" / notebook.name
    numbered = notebook.stem != "template"
    values = profile_parameters(notebook, "smoke") if numbered else {"profile": "smoke"}
    run(notebook, executed, values)
    content = read(executed)
    if not numbered:
        content["cells"] = own_cells(content)
        _count(content)
    target = copies() / notebook.name if numbered else notebook
    changed = _write(content, target, pictures=False)
    executed.unlink()
    if numbered:
        found = numbers.made(paths.build() / "smoke", notebook.name[:2], begin)
        moved = spread.known_spread(target)
        if moved is None or measure:
            moved = spread.measure(notebook, found)
        changed |= spread.keep(target, found, moved)
    return changed


def store(notebook: Path, executed: Path) -> bool:
    """Put the outputs of a run at ``laptop``, figures among them, into the notebook.

    Raises
    ------
    ValueError
        When other code was executed than the notebook has.
    """
    ran, content = read(executed), read(notebook)
    if cells_digest(ran) != cells_digest(content):
        raise ValueError(f"{notebook.name}: {executed} has other cells; make reproduce again")
    of = iter(code_cells(ran))
    content["cells"] = [
        cell if cell["cell_type"] != "code" else next(of) for cell in own_cells(content)
    ]
    content["metadata"]["varstar"] = {"profile": "laptop", "cells": cells_digest(content)}
    return _write(content, notebook, pictures=True)


def _count(content: dict[str, Any]) -> None:
    """Number the cells anew, as if they alone had run."""
    code = [c for c in content["cells"] if c["cell_type"] == "code" and source(c).strip()]
    for number, cell in enumerate(code, 1):
        cell["execution_count"] = number
        for output in cell["outputs"]:
            if "execution_count" in output:
                output["execution_count"] = number


def _write(content: dict[str, Any], target: Path, *, pictures: bool) -> bool:
    """Write a notebook without what a run leaves behind; whether the file changed."""
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            kept = (small(output, pictures=pictures) for output in cell["outputs"])
            cell["outputs"] = [output for output in kept if output]
    target.parent.mkdir(parents=True, exist_ok=True)
    with paths.atomic(paths.build() / "update" / f"{target.stem}.cleaned.ipynb") as temporary:
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        temporary.write_text(text, "utf-8")
        keep = ["--keep-output", "--keep-count", "--extra-keys", _CHANGING]
        subprocess.run([sys.executable, "-m", "nbstripout", *keep, str(temporary)], check=True)
        changed = not target.is_file() or temporary.read_bytes() != target.read_bytes()
        if changed:
            with paths.atomic(target) as beside:
                shutil.copyfile(temporary, beside)
    return changed


def small(output: dict[str, Any], *, pictures: bool) -> dict[str, Any] | None:
    """A cell's output as it is stored; None: nothing is left of it.

    What went to stderr, the state of widgets and texts above `MAX_OUTPUT` go; figures become
    palette PNGs, or go too.
    """
    if output.get("name") == "stderr":
        return None
    if "data" not in output:
        return output if _length(output.get("text", "")) <= MAX_OUTPUT else None
    data = output["data"]
    if any(kind.startswith("application/vnd.jupyter.widget") for kind in data):
        data = {kind: value for kind, value in data.items() if kind.startswith("image/")}
    drawn = any(kind.startswith("image/") for kind in data)
    if drawn and not pictures:
        return None
    kept = {
        kind: value
        for kind, value in data.items()
        if not kind.startswith(("image/", "application/")) and _length(value) <= MAX_OUTPUT
    }
    if "image/png" in data:
        kept = {"image/png": palette(data["image/png"]), "text/plain": kept.get("text/plain", "")}
    return {**output, "data": kept} if kept else None


def palette(picture: str) -> str:
    """A PNG in base64 with few colours, so that it takes a third of the space."""
    from PIL import Image

    image = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")
    if image.width > MAX_WIDTH:
        size = (MAX_WIDTH, round(image.height * MAX_WIDTH / image.width))
        image = image.resize(size, Image.Resampling.LANCZOS)
    image = image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return base64.b64encode(written.getvalue()).decode("ascii") + "\n"


def _length(text: Any) -> int:
    return len(text if isinstance(text, str) else "".join(map(str, text)))
