"""Every test of the compendium has its own folders."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("build", "cache", "figures"):
        monkeypatch.setenv(f"VARSTAR_{name.upper()}", str(tmp_path / name))
    monkeypatch.delenv("VARSTAR_PRODUCTS", raising=False)
    return tmp_path
