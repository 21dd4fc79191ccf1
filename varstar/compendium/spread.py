"""How far networks of other seeds move the numbers of a notebook's small run.

On another machine a trained network is another network; so is one of another seed. The small
run is made again with other initial weights and nothing else changed: what moves hangs on a
network, and may differ by about as much elsewhere; what does not must be the same everywhere.
"""

import json
import os
import time
from pathlib import Path

from varstar import paths
from varstar.compendium import numbers
from varstar.compendium.run import profile_parameters, read, run

#: Runs with other initial weights.
OTHERS = 2
#: The first cell of such a run: Keras and `varstar.learning` seed their initial weights by it.
_SHIFT = """\
import random

_seed = random.seed
random.seed = lambda a=None, *more: _seed(a + {shift} if isinstance(a, int) else a, *more)
"""


def stored(copy: Path) -> Path:
    """Where the numbers of a small copy stand."""
    return copy.parent / "numbers" / f"{copy.stem}.json"


def known_spread(copy: Path) -> dict[str, dict[str, float]] | None:
    """The spread measured last; None where there is none yet."""
    path = stored(copy)
    return json.loads(path.read_text("utf-8"))["spread"] if path.is_file() else None


def keep(
    copy: Path, found: dict[str, numbers.Numbers], spread: dict[str, dict[str, float]]
) -> bool:
    """Write the numbers and their spread; whether the file changed."""
    path = stored(copy)
    text = json.dumps({"spread": spread, "numbers": found}, indent=0, ensure_ascii=False) + "\n"
    changed = not path.is_file() or path.read_text("utf-8") != text
    if changed:
        path.parent.mkdir(exist_ok=True)
        with paths.atomic(path) as temporary:
            temporary.write_text(text, "utf-8")
    return changed


def measure(notebook: Path, first: dict[str, numbers.Numbers]) -> dict[str, dict[str, float]]:
    """The spread of a notebook's numbers, by running it again with other initial weights."""
    runs, folder = [first], paths.build() / "update"
    for shift in range(1, OTHERS + 1):
        content = read(notebook)
        cell = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [],
                "source": _SHIFT.format(shift=shift), "id": "shift"}  # fmt: skip
        content["cells"].insert(0, cell)
        copy = folder / f"{notebook.stem}-{shift}.ipynb"
        copy.write_text(json.dumps(content), "utf-8")
        begin, cache = time.time(), os.environ.get("VARSTAR_CACHE")
        os.environ["VARSTAR_CACHE"] = str(folder / f"cache-{shift}")
        try:
            executed = folder / f"{notebook.stem}-{shift}.executed.ipynb"
            run(copy, executed, profile_parameters(notebook, "smoke"))
        finally:
            os.environ.pop("VARSTAR_CACHE")
            if cache is not None:
                os.environ["VARSTAR_CACHE"] = cache
        executed.unlink()
        copy.unlink()
        runs.append(numbers.made(paths.build() / "smoke", notebook.name[:2], begin))
    return numbers.spread(runs)
