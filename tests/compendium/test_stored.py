"""What a committed notebook holds: numbers, palette figures, nothing of the machine."""

import base64
import io
import json
from pathlib import Path

import nbformat
import pytest
from PIL import Image

from varstar import paths
from varstar.compendium import stored

WORK = """\
import sys
from IPython.display import display

print("kept", n)
print("warned", file=sys.stderr)
display("y" * 20000)
"""
FIGURE = "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([n, 1]);"


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "notebooks", lambda: tmp_path / "notebooks")
    monkeypatch.setattr(stored, "copies", lambda: tmp_path / "tests")
    folder = tmp_path / "notebooks" / "params" / "smoke"
    folder.mkdir(parents=True)
    (folder / "01.yaml").write_text("profile: smoke\nn: 2\n")
    cell = nbformat.v4.new_code_cell
    cells = [cell('profile = "laptop"\nn = 5', metadata={"tags": ["parameters"]}),
             cell(WORK), cell(FIGURE)]  # fmt: skip
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    content = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    path = tmp_path / "notebooks" / "01_toy.ipynb"
    path.write_text(nbformat.writes(content))
    return path


def outputs(path: Path) -> list[str]:
    return [json.dumps(cell.get("outputs")) for cell in nbformat.read(path, 4).cells]


def test_the_copy_is_small_text_at_smoke_and_stable(notebook: Path, tmp_path: Path) -> None:
    before = notebook.read_bytes()
    assert stored.update(notebook)
    assert notebook.read_bytes() == before
    copy = tmp_path / "tests" / "01_toy.ipynb"
    content = stored.read(copy)
    assert [stored.is_injected(c) for c in content["cells"]] == [False, True, False, False]
    assert stored.cells_digest(content) == stored.cells_digest(stored.read(notebook))
    text = outputs(copy)
    assert "kept 2" in text[2]
    assert "warned" not in text[2]
    assert "yyy" not in text[2]
    assert "image/png" not in text[3]
    known = json.loads((tmp_path / "tests" / "numbers" / "01_toy.json").read_text())
    assert known == {"spread": {}, "numbers": {}}  # it saves nothing
    assert not stored.update(notebook)


def test_the_notebook_is_stored_with_numbers_and_figures(notebook: Path, tmp_path: Path) -> None:
    executed = tmp_path / "executed.ipynb"
    stored.run(notebook, executed, {})
    assert stored.store(notebook, executed)
    content = stored.read(notebook)
    assert content["metadata"]["varstar"]["profile"] == "laptop"
    assert content["metadata"]["varstar"]["cells"] == stored.cells_digest(content)
    text = outputs(notebook)
    assert "kept 5" in text[1]
    assert "warned" not in text[1]
    assert "image/png" in text[2]
    assert "papermill" not in notebook.read_text()
    assert not stored.store(notebook, executed)
    # words around the code may be mended: they stay, and so do the numbers
    changed = stored.read(notebook)
    changed["cells"].insert(0, nbformat.v4.new_markdown_cell("A new sentence."))
    notebook.write_text(json.dumps(changed))
    assert stored.store(notebook, executed)
    again = stored.read(notebook)
    assert stored.source(again["cells"][0]) == "A new sentence."
    assert again["metadata"]["varstar"] == content["metadata"]["varstar"]
    assert "kept 5" in outputs(notebook)[2]
    notebook.write_text(notebook.read_text().replace("kept", "left"))
    with pytest.raises(ValueError, match="other cells; make reproduce again"):
        stored.store(notebook, executed)


def test_a_figure_keeps_its_look_in_less_space() -> None:
    image = Image.linear_gradient("L").resize((1500, 600)).convert("RGB")
    image.paste((200, 30, 40), (100, 100, 400, 300))
    written = io.BytesIO()
    image.save(written, "PNG")
    found = stored.palette(base64.b64encode(written.getvalue()).decode())
    shown = Image.open(io.BytesIO(base64.b64decode(found)))
    assert shown.size == (1000, 400)
    assert shown.mode == "P"
    red, green, blue = shown.convert("RGB").getpixel((150, 120))
    assert abs(red - 200) + abs(green - 30) + abs(blue - 40) < 30


def test_widgets_leave_no_state_but_their_picture() -> None:
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "a"}, "text/plain": "W()"}
    assert stored.small({"output_type": "display_data", "data": view}, pictures=True) is None
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "blue").save(picture, "PNG")
    view["image/png"] = base64.b64encode(picture.getvalue()).decode()
    kept = stored.small({"output_type": "display_data", "data": view}, pictures=True)
    assert set(kept["data"]) == {"image/png", "text/plain"}
    assert stored.small({"output_type": "display_data", "data": view}, pictures=False) is None
