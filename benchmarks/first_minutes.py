"""The first minutes of a new user: seconds to a figure and to a class, and what is said on the way.

    python benchmarks/first_minutes.py            # on a machine that does nothing else
    python benchmarks/first_minutes.py --busy 1   # beside so many busy processes

Three ways, each in a process of its own: `varstar classify star.csv`; a notebook of three
cells that reads the same file and classifies it; notebook 00 until its first figure. Times
begin with the process and the kernel, so that imports count. Warnings are the lines of stderr
(of a notebook: of its outputs to stderr) that are no progress bar.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

FEW_CELLS = (
    "import varstar as vs",
    "star = vs.read_light_curve({star!r})",
    "vs.classify(star)[['family', 'label', 'status']]",
)


def make_star(folder: Path) -> Path:
    """A simulated RRab star as a file of its own."""
    import varstar as vs

    sample = vs.load("sim-asassn", size=1, seed=5, classes=["RRAB"], balance="labels")
    path = folder / "star.csv"
    curve = sample["lc"].iloc[0]
    curve.rename(columns={"t": "hjd", "err": "mag_err"}).to_csv(path, index=False)
    return path


def by_command(star: Path) -> dict[str, float]:
    """Seconds until the command has printed its answer; lines on stderr."""
    begin = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "varstar", "classify", str(star)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return {"seconds": time.perf_counter() - begin, "warnings": len(warnings_in(done.stderr))}


def by_notebook(cells: list[str], folder: Path, until: str) -> dict[str, float]:
    """Seconds from starting the kernel to the first output of a kind; lines on stderr."""
    import nbformat
    from nbclient import NotebookClient

    content = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    client = NotebookClient(content, timeout=900, resources={"metadata": {"path": str(folder)}})
    begin, said = time.perf_counter(), 0
    with client.setup_kernel():
        for number, cell in enumerate(content.cells):
            client.execute_cell(cell, number)
            for output in cell.outputs:
                if output.get("name") == "stderr":
                    said += len(warnings_in(output["text"]))
            if any(until in output.get("data", {}) for output in cell.outputs):
                return {"seconds": time.perf_counter() - begin, "warnings": said}
    raise RuntimeError(f"no output {until}")


def warnings_in(text: str) -> list[str]:
    """Lines that are no progress bar."""
    lines = [line.rsplit("\r", 1)[-1].strip() for line in text.splitlines()]
    return [line for line in lines if line and "it/s" not in line and "star/s" not in line]


def measure(folder: Path, star: Path, notebook: Path) -> dict[str, dict[str, float]]:
    """Each of the three ways, once."""
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    few = [cell.format(star=str(star)) for cell in FEW_CELLS]
    return {
        "a class of one's own star, by command": by_command(star),
        "a class of one's own star, in a notebook": by_notebook(few, folder, "text/html"),
        "the first figure of notebook 00": by_notebook(code, folder, "image/png"),
    }


def main() -> None:
    """Measure, and print a table: median and largest of the repetitions."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--busy", type=int, default=0, help="processes that spin beside it")
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    notebook = Path(__file__).parents[1] / "notebooks" / "00_start_here.ipynb"
    spinning = [
        subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(options.busy)
    ]
    rows = []
    try:
        with tempfile.TemporaryDirectory() as name:
            star = make_star(Path(name))
            for repeat in range(options.repeats):
                for what, got in measure(Path(name), star, notebook).items():
                    rows.append({"what": what, "repeat": repeat, **got})
    finally:
        for process in spinning:
            process.kill()
    table = pd.DataFrame(rows).groupby("what", sort=False)
    found = (
        table["seconds"].agg(["median", "max"]).round(1).assign(warnings=table["warnings"].max())
    )
    print(f"{options.busy} busy processes beside it, {os.cpu_count()} cores; seconds")
    print(found.to_string())


if __name__ == "__main__":
    main()
