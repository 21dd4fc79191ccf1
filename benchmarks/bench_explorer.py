"""The explorer with 60 000 stars in a real JupyterLab and Chromium: seconds until it is drawn.

    python benchmarks/bench_explorer.py --stars 60000

Measured in the browser, from the click to the picture: opening (the cell is run; the sample is
there already), another star of the list, half the period. 600 simulated stars are repeated. Where
there is no chromium with its chromedriver nothing is measured.
"""

import argparse
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

CELLS = (
    "import numpy as np, pandas as pd, varstar as vs\n"
    "few = vs.load('sim-asassn', size=600, seed=1)\n"
    "rows = np.arange({stars}) % len(few)\n"
    "stars = few.iloc[rows]\n"
    "stars.index = pd.Index([f'{{k:06d}}-{{n}}' for k, n in enumerate(stars.index)],"
    " name='star_id')\n"
    "results = vs.classify(few).iloc[rows].set_index(stars.index)\n"
    "print('ready')",
    "vs.explore(stars, results)",
)
#: Sum of what the light curve's panel shows: another star has another.
SHOWN = """
const p = [...document.querySelectorAll('.js-plotly-plot')].find(p => p.data &&
  p.data.some(t => t.xaxis === 'x3'));
if (!p) return null;
const sum = (xs) => Array.from(xs).reduce((a, b) => a + b, 0);
return [sum(p.data.filter(t => (t.xaxis || 'x') === 'x').flatMap(t => [...t.y])),
        sum(p.data.filter(t => t.xaxis === 'x3' && t.mode === 'markers').flatMap(t => [...t.x]))];
"""


def lab(folder: Path, stars: int) -> tuple[subprocess.Popen, str]:
    """A JupyterLab with the notebook."""
    cells = [
        {"cell_type": "code", "id": f"c{k}", "metadata": {}, "execution_count": None,
         "outputs": [], "source": text.format(stars=stars)} for k, text in enumerate(CELLS)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    content = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4,
               "nbformat_minor": 5}  # fmt: skip
    (folder / "look.ipynb").write_text(json.dumps(content))
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", f"--port={port}",
               "--ServerApp.token=t", "--allow-root", "--LabApp.expose_app_in_browser=True",
               "--LabApp.news_url=None", f"--notebook-dir={folder}"]  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    address = f"http://127.0.0.1:{port}/lab/tree/look.ipynb?token=t"
    return subprocess.Popen(command, **quiet), address


class Watch:
    """A browser on the notebook."""

    def __init__(self, address: str) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for flag in ("--headless=new", "--no-sandbox", "--window-size=1600,1500",
                     "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"):  # fmt: skip
            options.add_argument(flag)
        self.browser = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
        self.until(lambda: self.browser.get(address) is None)
        self.until(lambda: self.browser.execute_script("return !!window.jupyterapp"))
        self.until(lambda: self.all(".jp-Notebook .jp-CodeCell"))
        time.sleep(3)

    def all(self, selector: str) -> list:
        return self.browser.find_elements("css selector", selector)

    def until(self, done, most: float = 180) -> float:
        """Seconds until something is true."""
        begin = time.perf_counter()
        while time.perf_counter() - begin < most:
            try:
                if done():
                    return time.perf_counter() - begin
            except Exception:  # not there yet, in one of many ways
                pass
            time.sleep(0.01)
        raise TimeoutError("nothing came")

    def shown(self) -> list | None:
        return self.browser.execute_script(SHOWN)

    def changes(self, act, part: int) -> float:
        """Seconds from an act until the light curve (0) or the folded one (1) is another."""
        before = self.shown()[part]
        begin = time.perf_counter()
        act()
        self.until(lambda: abs(self.shown()[part] - before) > 1e-6)
        return time.perf_counter() - begin


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--stars", type=int, default=60_000)
    parser.add_argument("--times", type=int, default=8)
    options = parser.parse_args()
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        print("needs chromium and chromedriver")
        return
    with tempfile.TemporaryDirectory() as name:
        process, address = lab(Path(name), options.stars)
        try:
            watch = Watch(address)
            run = "window.jupyterapp.commands.execute('notebook:run-cell-and-select-next')"
            watch.browser.execute_script(run)
            watch.until(lambda: "ready" in watch.browser.find_element("tag name", "body").text)
            begin = time.perf_counter()
            watch.browser.execute_script(run)
            watch.until(lambda: watch.shown() and watch.shown()[1] > 0)
            opened = time.perf_counter() - begin
            time.sleep(3)
            star = ".widget-select:not(.widget-select-multiple) select option"
            half = "//button[normalize-space()='P/2']"
            found = {"another star": [], "half the period": []}
            for k in range(1, options.times + 1):
                option = watch.all(star)[7 * k]
                found["another star"].append(watch.changes(option.click, 0))
                time.sleep(1)
                button = watch.browser.find_element("xpath", half)
                found["half the period"].append(watch.changes(button.click, 1))
                time.sleep(1)
            print(f"{options.stars} stars; seconds")
            print(f"opened: {opened:.2f}")
            for what, values in found.items():
                print(f"{what}: median {np.median(values):.2f}, at most {max(values):.2f}")
        finally:
            watch.browser.quit()
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    main()
