"""The explorer in a real JupyterLab, where there is a browser."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("plotly")
pytest.importorskip("ipywidgets")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")


@pytest.fixture
def lab(tmp_path):
    """A JupyterLab with one notebook that explores some stars."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    text = (
        "import varstar as vs\n\n"
        "stars = vs.load('sim-asassn', size=60, seed=1)\n"
        "results = vs.classify(stars)\n"
        "e = vs.explore(stars, results, notes='notes.csv',\n"
        "               model=['any', 's20p-catalina', 'k21-asas'])\n"
        "e"
    )
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None, "outputs": [],
            "source": text}  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4,
               "nbformat_minor": 5}  # fmt: skip
    (tmp_path / "look.ipynb").write_text(json.dumps(content))
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", f"--port={port}",
               "--ServerApp.token=t", "--allow-root", "--LabApp.expose_app_in_browser=True",
               "--LabApp.news_url=None", f"--notebook-dir={tmp_path}"]  # fmt: skip
    environment = {**os.environ, "JUPYTER_CONFIG_DIR": str(tmp_path / "config")}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)  # fmt: skip
    yield f"http://127.0.0.1:{port}/lab/tree/look.ipynb?token=t", tmp_path
    process.terminate()
    process.wait(20)


@pytest.fixture
def page(lab):
    """The notebook in a browser, run."""
    selenium = pytest.importorskip("selenium.webdriver")
    from selenium.webdriver.chrome.service import Service

    options = selenium.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in ("--headless=new", "--no-sandbox", "--window-size=1600,1500",
                 "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"):  # fmt: skip
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = selenium.Chrome(options=options, service=Service(DRIVER))
    try:
        yield Page(browser, *lab)
    finally:
        if os.environ.get("VARSTAR_SCREENSHOT"):
            Path(os.environ["VARSTAR_SCREENSHOT"], "console.json").write_text(
                json.dumps(browser.get_log("browser"), indent=1)
            )
            browser.save_screenshot(str(Path(os.environ["VARSTAR_SCREENSHOT"], "last.png")))
        browser.quit()


class Page:
    """What a reader sees and does."""

    def __init__(self, browser, address, folder):
        from selenium.common.exceptions import WebDriverException
        from selenium.webdriver.support.ui import WebDriverWait

        self.browser, self.folder, self.address = browser, folder, address
        # what is looked for may not be drawn yet, or be drawn anew at this moment
        not_yet = (WebDriverException, IndexError, StopIteration)
        self.wait = WebDriverWait(browser, 60, ignored_exceptions=not_yet).until
        self.open()

    def open(self):
        from selenium.common.exceptions import WebDriverException

        for _ in range(60):
            try:
                self.browser.get(self.address)
                break
            except WebDriverException:
                time.sleep(1)
        self.wait(lambda b: b.execute_script("return !!window.jupyterapp"))
        self.wait(lambda _: self.all(".jp-Notebook .jp-CodeCell"))
        time.sleep(2)

    def command(self, name):
        self.browser.execute_script(f"window.jupyterapp.commands.execute('{name}')")

    def all(self, selector):
        return self.browser.find_elements("css selector", selector)

    def stars(self):
        return self.all(".widget-select:not(.widget-select-multiple) select option")

    def choose(self, k):
        """Click on a star of the list."""
        self.wait(lambda _: (self.stars()[k].click(), True))

    def period(self):
        return float(self.all(".widget-text input[type=number]")[0].get_attribute("value"))

    def button(self, text):
        self.wait(lambda _: (next(b for b in self.all("button") if b.text == text).click(), True))

    def tab(self, text):
        def click(_):
            labels = self.all(".lm-TabBar-tabLabel, .p-TabBar-tabLabel")
            next(label for label in labels if label.text == text).click()
            return True

        self.wait(click)

    def press(self, key):
        self.browser.switch_to.active_element.send_keys(key)

    def points(self):
        """Colour and number of the points in the light curve's panel."""
        return self.browser.execute_script(
            "return [...document.querySelectorAll('.js-plotly-plot')]"
            ".filter(p => p.data.some(t => t.xaxis === 'x3'))"
            ".flatMap(p => p.data.filter(t => t.mode === 'markers' && (t.xaxis || 'x') === 'x')"
            ".map(t => [t.marker.color, t.x.length]))"
        )

    def box(self):
        """Drag a box over the right half of the light curve."""
        from selenium.webdriver import ActionChains

        area = self.browser.execute_script(
            "const p = [...document.querySelectorAll('.js-plotly-plot')]"
            ".find(p => p.data.some(t => t.xaxis === 'x3'));"
            "return p.querySelector('.xy .nsewdrag, .draglayer .nsewdrag')"
        )
        wide, high = area.size["width"], area.size["height"]
        chain = ActionChains(self.browser).move_to_element_with_offset(area, 0, 5 - high // 2)
        chain.click_and_hold()
        for _ in range(5):
            chain.move_by_offset(wide // 11, high // 6)
        chain.pause(0.3).release().perform()

    def boxes(self):
        """Boxes that are drawn."""
        return self.all(".selectionlayer path, .select-outline")

    def shot(self, name):
        """A picture of the page, kept where ``VARSTAR_SCREENSHOT`` names a folder."""
        self.browser.execute_script(
            "document.querySelectorAll('.Toastify__toast').forEach(t => t.remove())"
        )
        self.browser.save_screenshot(str(self.folder / f"{name}.png"))
        if os.environ.get("VARSTAR_SCREENSHOT"):
            shutil.copy(self.folder / f"{name}.png", os.environ["VARSTAR_SCREENSHOT"])

    def errors(self):
        severe = [e["message"] for e in self.browser.get_log("browser") if e["level"] == "SEVERE"]
        return [e for e in severe if "favicon" not in e and "404" not in e]


@pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver")
@pytest.mark.slow
def test_in_a_real_browser(page):
    page.command("application:toggle-left-area")
    page.command("runmenu:run-all")
    page.wait(lambda _: page.all(".js-plotly-plot .main-svg"))
    page.wait(lambda _: len(page.stars()) == 60)
    page.wait(lambda b: "k21-asas" in b.find_element("tag name", "body").text)

    # a star, and half its period
    page.choose(1)
    time.sleep(2)
    before = page.wait(lambda _: page.period())
    page.wait(lambda _: not page.all("[class^=varstar-picture]")[0].is_displayed())
    page.button("P/2")
    page.wait(lambda _: abs(page.period() / before - 0.5) < 1e-6)

    # keys, where JupyterLab has keys of its own (d d deletes a cell)
    page.choose(1)
    cells = len(page.all(".jp-CodeCell"))
    for key, factor in (("d", 1), ("d", 2), ("o", 1)):
        page.press(key)
        page.wait(lambda _, f=factor: abs(page.period() / before - f) < 1e-6)
    assert len(page.all(".jp-CodeCell")) == cells
    page.press("g")
    time.sleep(2)
    page.shot("explorer")

    # a box on the light curve leaves points out
    whole = sum(n for _, n in page.points())
    page.press("x")
    time.sleep(1)
    page.box()
    time.sleep(1)
    page.shot("left-out")
    page.wait(lambda _: any(colour == "#cccccc" for colour, _ in page.points()))
    assert sum(n for _, n in page.points()) == whole
    page.wait(lambda _: not page.boxes())  # the box has done its work
    page.button("all points back")
    page.wait(lambda _: all(colour != "#cccccc" for colour, _ in page.points()))

    # what models see
    page.tab("what models see")
    page.wait(lambda _: page.all(".heatmaplayer image, .hm image"))
    time.sleep(1)
    page.shot("seen")
    page.tab("the star")

    # written down, and exported by the button
    page.wait(lambda _: (page.all(".varstar-label input")[0].send_keys("RRC\t"), True))
    page.button("write down")
    notes = page.folder / "notes.csv"
    page.wait(lambda _: notes.is_file())
    text = notes.read_text()
    assert "RRC" in text
    assert re.search(rf",{before!r}"[:8], text)
    page.button("export")
    exported = page.folder / "notes.ecsv"
    page.wait(lambda _: exported.is_file())
    assert "RRC" in exported.read_text()
    assert not page.errors()

    # reloaded: without the widget the picture stands there; the notes are read again
    page.command("docmanager:save")
    page.command("kernelmenu:shutdown")
    time.sleep(3)
    page.open()
    page.wait(lambda _: page.all("[class^=varstar-picture]")[0].is_displayed())
    page.shot("without")
    page.command("runmenu:run-all")
    page.wait(lambda _: any(s.text.startswith("* ") for s in page.stars()))
    # JupyterLab itself says that the stored output's widget is gone
    assert not [e for e in page.errors() if "widget model not found" not in e]
