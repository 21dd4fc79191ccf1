"""How the notebooks' stored outputs are compared (pytest --nbval-lax)."""

import os
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TQDM_DISABLE", "1")  # bars and notices are no outputs


def pytest_collectstart(collector: Any) -> None:
    """A new warning on stderr is no failure."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("stderr",)
