"""The site is built without a warning, its links lead somewhere, and it needs no network."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

from varstar import paths

TOP = paths.PACKAGE.parent
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("myst_nb") is None or not (TOP / "docs" / "build.py").is_file(),
    reason="needs a clone and the extra docs",
)


@pytest.fixture(scope="module")
def site() -> Path:
    done = subprocess.run(
        [sys.executable, str(TOP / "docs" / "build.py")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "WARNING" not in done.stderr
    return TOP / "build" / "site"


def pages(site: Path) -> dict[Path, str]:
    return {p: p.read_text("utf-8") for p in site.rglob("*.html")}


def test_internal_links_lead_somewhere(site: Path) -> None:
    texts = pages(site)
    assert len(texts) > 30
    ids = {p.resolve(): set(re.findall(r'\bid="([^"]+)"', text)) for p, text in texts.items()}
    lost = []
    for page, text in texts.items():
        for link in re.findall(r'<a[^>]+href="([^"]+)"', text):
            target, _, anchor = link.partition("#")
            if re.match(r"[a-z]+:", target) or link == "#":
                continue
            there = (page.parent / unquote(target)).resolve() if target else page.resolve()
            known = anchor in ids.get(there, {anchor})
            if not there.is_file() or (anchor and not known):
                lost.append(f"{page.relative_to(site)}: {link}")
    assert not lost, lost[:10]


def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    for page, text in pages(site).items():
        loaded = re.findall(r'<(?:script|img|link)[^>]+(?:src|href)="(https?://[^"]+)"', text)
        assert not loaded, (page, loaded)


def test_every_public_function_has_its_docstring_there(site: Path) -> None:
    import varstar

    text = (site / "api" / "index.html").read_text("utf-8")
    for name in set(varstar._PUBLIC) - {"as_sample"}:
        assert f'id="varstar.{name}"' in text, name


def test_figures_of_notebooks_are_shown(site: Path) -> None:
    text = (site / "notebooks" / "00_start_here.html").read_text("utf-8")
    assert len(re.findall(r'<img[^>]+src="\.\./_images/', text)) >= 3
    assert "<math" in text or "<math" in (site / "notebooks" / "07_any_survey.html").read_text()


def test_the_pictures_of_the_course_are_made_by_code(tmp_path, monkeypatch) -> None:
    spec = importlib.util.spec_from_file_location("pictures", TOP / "docs" / "pictures.py")
    pictures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pictures)
    monkeypatch.setattr(pictures, "FOLDER", tmp_path)
    assert pictures.main() == 0
    made = {p.name for p in tmp_path.glob("*.png")}
    assert made == {p.name for p in (TOP / "docs" / "course").glob("*.png")}
