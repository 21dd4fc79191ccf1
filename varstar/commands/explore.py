"""``varstar explore``: JupyterLab with the stars of some files, for who writes no notebooks."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar explore``."""
    parser.add_argument("files", nargs="+", type=Path, help="light-curve files")
    parser.add_argument("--notes", type=Path, default=Path("varstar-notes.csv"),
                        help="where labels, periods and remarks are kept")  # fmt: skip
    parser.add_argument("--model", default="any", help="the model that is asked")
    parser.add_argument("--folder", type=Path, default=Path("varstar-explore"),
                        help="where the notebook goes")  # fmt: skip
    parser.add_argument("--no-lab", action="store_true", help="only write the notebook")


def main(options: argparse.Namespace) -> int:
    """Write a notebook that shows the stars, and open it."""
    from varstar.datasets.light_curve import read_light_curve

    files = [path.resolve() for path in options.files]
    read_light_curve(files)  # what cannot be read is said here, not in the browser
    options.folder.mkdir(parents=True, exist_ok=True)
    path = options.folder / "explore.ipynb"
    path.write_text(json.dumps(notebook(files, options.notes.resolve(), options.model)), "utf-8")
    print(f"{path}: run its cell (Shift-Enter)")
    if options.no_lab:
        return 0
    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return subprocess.run([sys.executable, "-m", "jupyter", "lab", *root, str(path)]).returncode


def notebook(files: list[Path], notes: Path, model: str) -> dict:
    """A notebook of one cell."""
    names = json.dumps([str(f) for f in files], indent=1)
    text = (
        f"import varstar as vs\n\nstars = vs.read_light_curve({names})\n"
        f"results = vs.classify(stars, model={model!r})\n"
        f"vs.explore(stars, results, notes={str(notes)!r}, model={model!r})\n"
    )
    cell = {"cell_type": "code", "id": "explore", "metadata": {}, "execution_count": None,
            "outputs": [], "source": text.splitlines(keepends=True)}  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
