"""How the notebooks' stored outputs are compared (pytest --nbval-lax): what their tagged cells
print, and at the end, in an item of its own, the numbers of all tables and figures."""

import itertools
import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from varstar import paths
from varstar.compendium import numbers, spread

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TQDM_DISABLE", "1")  # bars and notices are no outputs


def pytest_collectstart(collector: Any) -> None:
    """A new warning on stderr is no failure; the numbers come last."""
    if not hasattr(collector, "skip_compare"):
        return
    collector.skip_compare += ("stderr",)
    if spread.stored(Path(collector.path)).is_file():
        cells = collector.collect

        def collect() -> Iterator[Any]:
            last = TablesAndFigures.from_parent(collector, name="tables and figures")
            return itertools.chain(cells(), [last])

        collector.collect = collect


class TablesAndFigures(pytest.Item):
    """The numbers that the notebook's run has saved, against the stored ones."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.begin = time.time()

    def runtest(self) -> None:
        """Compare; every difference is a line of the message."""
        notebook = self.path
        known = json.loads(spread.stored(notebook).read_text("utf-8"))
        ours = numbers.made(paths.build() / "smoke", notebook.name[:2], self.begin)
        wrong = numbers.differences(ours, known["numbers"], known["spread"])
        assert known["numbers"], "nothing is compared"
        assert not wrong, "\n".join(["make notebooks-update, or a mistake:", *wrong[:40]])

    def repr_failure(self, excinfo: Any, style: Any = None) -> str:
        """The differences alone."""
        return str(excinfo.value)

    def reportinfo(self) -> tuple[Path, int, str]:
        """What the report calls it."""
        return self.path, 0, f"{self.path.stem}: tables and figures"
