"""``varstar inspect``: how a light-curve file is read, column by column."""

import argparse
import sys

from varstar.commands import files
from varstar.datasets.report import describe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of ``varstar inspect``."""
    files.add_arguments(parser)


def main(options: argparse.Namespace) -> int:
    """Print each file's report; 1 when one of them could not be read."""

    unread = 0
    for path in files.find(options.files):
        with files.notes() as said:
            sample = files.read(path, options)
        print(f"{path}")
        if isinstance(sample, str):
            print(f"  unreadable: {sample}")
            unread += 1
            continue
        report = sample.attrs.get("report")
        lines = describe(report).splitlines()[1:] if report else []
        lines = [line.strip() for line in [*_layout(report), *lines]]
        lines += [f"note: {note}" for note in said]
        for line in [*lines, *contents(sample)]:
            print(f"  {line}")
        sys.stdout.flush()
    return int(unread > 0)


def _layout(report: dict | None) -> list[str]:
    return [f"layout   {report['layout']}"] if report else []


def contents(sample: object, most: int = 5) -> list[str]:
    """A line on each of the first stars: points, bands, span, range of magnitudes."""
    import numpy as np

    from varstar.lightcurves.sample import clean, light_curves

    curves = light_curves(sample)
    fit, status = clean(curves)
    found = []
    for i, name in enumerate(sample.index[:most]):
        points = slice(fit.offsets[i], fit.offsets[i + 1])
        bands = ", ".join(fit.bands[b] for b in np.unique(fit.band[points])) or "-"
        text = f"{name}: {fit.counts[i]} of {curves.counts[i]} points usable, band {bands}"
        if fit.counts[i]:
            t, mag = fit.t[points], fit.mag[points]
            text += f", {np.ptp(t):.5g} d from {t.min():.5f}"
            text += f", magnitude {mag.min():.3f} to {mag.max():.3f}"
        found.append(text if status[i] == "ok" else f"{text}: {status[i]}")
    if len(sample) > most:
        found.append(f"... {len(sample)} stars")
    return found
