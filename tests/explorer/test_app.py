"""The explorer's widget, driven without a browser; and in a real JupyterLab where there is one."""

import base64
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import varstar as vs

pytest.importorskip("plotly")
pytest.importorskip("ipywidgets")

NAMES = ["plain", "<b>bold</b>", "two points", "no errors"]


@pytest.fixture(scope="module")
def stars():
    rng = np.random.default_rng(0)
    t = np.sort(rng.uniform(0, 120, 150))
    phase = (t / 0.57) % 1
    mag = 15 - 0.4 * (1 - phase) + 0.01 * rng.standard_normal(150)
    parts = [
        pd.DataFrame({"star_id": name, "t": t, "mag": mag, "err": 0.02, "band": "V"})
        for name in NAMES
    ]
    parts[2] = parts[2].iloc[:2]
    parts[3]["err"] = np.nan
    return vs.make_sample(pd.concat(parts))


@pytest.fixture(scope="module")
def explorer(stars):
    return vs.explore(stars, model="k21-lmc")


def choose(explorer, name):
    explorer.stars.value = next(v for text, v in explorer.stars.options if name in text)


def test_a_star_is_shown_at_its_period(explorer):
    choose(explorer, "plain")
    assert explorer.period.value == pytest.approx(0.57, rel=1e-3)
    assert explorer.second.value == pytest.approx(1.14, rel=1e-3)
    panels = [trace.xaxis for trace in explorer.figure.data]
    assert panels.count("x3") == 1
    assert panels.count("x4") == 1
    assert "k21-lmc: <b>" in explorer.answer.value
    folded = next(trace for trace in explorer.figure.data if trace.xaxis == "x3")
    assert len(folded.x) == 300
    assert np.ptp(folded.x) < 2


def test_another_period_folds_and_asks_anew(explorer):
    choose(explorer, "plain")
    before = explorer.answer.value
    explorer.set_period(0.57 / 2)
    assert explorer.period.value == pytest.approx(0.285)
    explorer.slider.value = 10
    span = float(np.ptp(explorer.state.curve(explorer.row).t))
    assert explorer.period.value == pytest.approx(0.285 + 10 * 0.05 * 0.285**2 / span)
    explorer.alias.value = "-1 a day"
    assert 1 / explorer.period.value == pytest.approx(1 / 0.285 - 1, rel=1e-2)
    explorer.set_period(0.57)
    assert explorer.answer.value == before


def test_points_left_out_leave_every_panel_but_the_first(explorer):
    choose(explorer, "plain")
    trace = next(t for t in explorer.figure.data if t.xaxis in (None, "x"))

    class Points:
        point_inds = (0, 1, 2)

    explorer._chosen_points(trace, Points, None)
    folded = next(t for t in explorer.figure.data if t.xaxis == "x3")
    assert len(folded.x) == 2 * 147
    grey = [t for t in explorer.figure.data if t.marker.color == "#cccccc"]
    assert len(grey) == 1
    assert len(grey[0].x) == 3
    explorer._take_back()
    assert not [t for t in explorer.figure.data if t.marker.color == "#cccccc"]


def test_odd_stars_are_shown_or_said_why_not(explorer):
    choose(explorer, "two points")
    assert "few" in explorer.answer.value or "point" in explorer.answer.value
    choose(explorer, "no errors")
    assert "k21-lmc" in explorer.answer.value
    choose(explorer, "bold")
    assert "<b>bold" not in explorer.said.value


def test_the_list_follows_search_and_marks_notes(explorer):
    explorer.search.value = "pl"
    assert [text.strip() for text, _ in explorer.stars.options] == ["plain"]
    explorer.label.value = "RRAB"
    explorer.keep.click()
    assert explorer.state.notes["plain"]["label"] == "RRAB"
    explorer.search.value = ""
    assert any(text.startswith("* plain") for text, _ in explorer.stars.options)


def test_a_click_on_the_map_chooses_the_star(explorer):
    trace = explorer.map.data[0]

    class Points:
        point_inds = (list(trace.customdata).index(NAMES.index("no errors")),)

    explorer._clicked(trace, Points)
    assert explorer.stars.value == NAMES.index("no errors")


def test_without_a_kernel_a_picture_stands_there(explorer):
    choose(explorer, "plain")
    data, _ = explorer._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in data


def test_an_empty_sample(stars):
    assert "No stars" in vs.explore(stars.iloc[:0]).root.value


def test_the_periodogram_peaks_at_the_period(stars):
    explorer = vs.explore(stars, model="k21-lmc")
    frequency, power = explorer.power
    assert frequency[power.argmax()] == pytest.approx(1 / 0.57, abs=2e-3)
    assert len(frequency) <= 4100


def test_the_command_writes_a_notebook(stars, tmp_path, capsys):
    from varstar.__main__ import main

    file = tmp_path / "a.csv"
    stars["lc"].iloc[0][["t", "mag", "err"]].to_csv(file, index=False)
    status = main(["explore", str(file), "--folder", str(tmp_path / "x"), "--no-lab"])
    assert status == 0
    cell = json.loads((tmp_path / "x" / "explore.ipynb").read_text())["cells"][0]
    text = "".join(cell["source"])
    assert str(file) in text
    compile(text, "cell", "exec")


# --- in a browser -------------------------------------------------------------------------

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")


@pytest.fixture
def lab(tmp_path):
    """A JupyterLab with one notebook that explores three stars."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    text = (
        "import varstar as vs\n"
        "stars = vs.load('sim-asassn', size=3, seed=1)\n"
        f"e = vs.explore(stars, model='k21-lmc', notes={str(tmp_path / 'notes.csv')!r})\n"
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


@pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs chromium and chromedriver")
@pytest.mark.slow
def test_in_a_real_browser(lab):
    selenium = pytest.importorskip("selenium.webdriver")
    from selenium.common.exceptions import WebDriverException
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    address, folder = lab
    options = selenium.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in ("--headless=new", "--no-sandbox", "--window-size=1600,1300",
                 "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"):  # fmt: skip
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = selenium.Chrome(options=options, service=Service(DRIVER))
    try:
        wait = WebDriverWait(browser, 90, ignored_exceptions=(WebDriverException,))
        for _ in range(60):
            try:
                browser.get(address)
                break
            except WebDriverException:
                time.sleep(1)
        wait.until(lambda b: b.execute_script("return !!window.jupyterapp"))
        wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, ".jp-Notebook .jp-CodeCell"))
        time.sleep(2)
        browser.execute_script("window.jupyterapp.commands.execute('runmenu:run-all')")
        wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, ".js-plotly-plot .main-svg"))
        options_of = lambda: browser.find_elements(By.CSS_SELECTOR, ".widget-select option")  # noqa: E731
        wait.until(lambda b: len(options_of()) == 3)
        said = lambda: browser.find_element(By.TAG_NAME, "body").text  # noqa: E731
        wait.until(lambda b: "status" in said())
        options_of()[1].click()
        period = lambda: float(  # noqa: E731
            browser.find_elements(By.CSS_SELECTOR, ".widget-text input[type=number]")[0]
            .get_attribute("value")
        )  # fmt: skip
        time.sleep(1)
        before = period()
        half = next(b for b in browser.find_elements(By.TAG_NAME, "button") if b.text == "P/2")
        half.click()
        wait.until(lambda b: abs(period() / before - 0.5) < 1e-6)
        label = browser.find_elements(By.CSS_SELECTOR, ".widget-text input[type=text]")[-2]
        label.send_keys("RRC")
        keep = [b for b in browser.find_elements(By.TAG_NAME, "button") if b.text == "write down"]
        keep[0].click()
        wait.until(lambda b: (folder / "notes.csv").is_file())
        text = (folder / "notes.csv").read_text()
        assert "RRC" in text
        assert re.search(rf",{before / 2!r}"[:8], text)
        browser.save_screenshot(str(folder / "explorer.png"))
        if os.environ.get("VARSTAR_SCREENSHOT"):
            shutil.copy(folder / "explorer.png", os.environ["VARSTAR_SCREENSHOT"])
        severe = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
        ours = [e for e in severe if "favicon" not in e["message"] and "404" not in e["message"]]
        assert not ours, ours[:3]
    finally:
        browser.quit()
