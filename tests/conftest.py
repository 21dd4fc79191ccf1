"""Fixtures that all tests share."""

import os
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("MPLBACKEND", "Agg")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real surveys; the test is skipped where there is none."""
    folder = os.environ.get("VARSTAR_DATA")
    if not folder or not (Path(folder) / "catalina_sss" / "stars.parquet").is_file():
        pytest.skip("needs the real surveys under VARSTAR_DATA")
    return Path(folder)
