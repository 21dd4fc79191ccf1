"""Steps between a file and a light curve whose answer can be written down."""

import numpy as np
import pandas as pd
import pytest

from varstar.datasets import brightness, columns, load, times
from varstar.datasets.archives import eros2, ogle

LAYOUTS = {
    **{"ident " + " ".join(k): v for k, v in ogle._IDENT.items()},
    **{f"parameters {k}": v for k, v in ogle._PARAMETERS.items()},
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_byte_of_every_column(name):
    """Columns filled from their first byte to their last, each with letters of its own."""
    layout = LAYOUTS[name]
    line, wanted = [" "] * max(b for _, b in layout.values()), {}
    for letter, (column, (a, b)) in zip("abcdefghijklm", layout.items(), strict=False):
        line[a - 1 : b] = wanted[column] = letter * (b - a + 1)
    wanted.pop("number", None)
    star = "a" * layout[ogle._ID][1]
    line = "".join(line)
    assert ogle._by_position(line, layout, star) == wanted
    for column, (a, b) in layout.items():
        if column not in (ogle._ID, "number"):  # a value that reaches over a border
            for byte in {a - 2, b}:
                marked = line[:byte].ljust(byte) + "#" + line[byte + 1 :]
                assert ogle._by_position(marked, layout, star) is None, (column, byte)


def test_eros2_leaves_out_what_has_no_error(tmp_path):
    path = tmp_path / "x.time"
    rows = ["1.0 19.1 0.1 19.5 0.2", "2.0 19.2 9.0 19.6 8.9", "3.0 19.3 9.5 99.0 0.1",
            "4.0 90.0 0.1 0.0 0.1", "5.0 89.9 0.1 19.7 9.999"]  # fmt: skip
    path.write_text("\n".join(rows) + "\n")
    found = {curve.band: curve for curve in eros2.read_old(path)}
    assert found["R"].mag.tolist() == [19.1, 89.9]
    assert found["R"].err.tolist() == [0.1, 0.1]
    assert found["B"].mag.tolist() == [19.5, 19.6]
    assert found["B"].err.tolist() == [0.2, 8.9]


def test_three_of_the_stars_that_are_there_twice_are_named(tmp_path):
    (tmp_path / "toy").mkdir()
    stars = pd.DataFrame({"star_id": list("abcde") * 2, "label": "x"})
    stars.to_parquet(tmp_path / "toy" / "stars.parquet")
    stars.assign(band="V", time=1.0, mag=1.0, mag_err=0.1).to_parquet(
        tmp_path / "toy" / "observations.parquet"
    )
    with pytest.raises(ValueError, match=r"Received twice: \['a', 'b', 'c'\]$"):
        load("toy", root=tmp_path)


def test_magnitudes_linear_in_flux():
    """0.1 mag for a small part of the scale: 2.5 / ln 10 times it; errors alike, none above."""
    flux, err = np.array([-4.0, -1.0, 0.0, 1.0, 4.0]), np.array([0.5, 1.0, 7.0, np.nan, 1.0])
    mag, mag_err = brightness._linear(flux, err, 20.0, True)
    scale = np.percentile([4.0, 1.0, 0.0, 1.0, 4.0], 95)
    pogson = 2.5 / np.log(10)
    assert mag == pytest.approx(20 - 2.5 * np.log10(scale) - pogson * flux / scale)
    assert mag_err == pytest.approx(pogson * err / scale, nan_ok=True)


@pytest.mark.parametrize(("name", "kind"), [("m", "mag"), ("f", "flux")])
def test_a_letter_that_stands_for_a_brightness(name, kind):
    assert columns._brightness(name) == (kind, "")


@pytest.mark.parametrize(("names", "seconds"), [
    ("us", 1e-6), ("ms msec millisecond milliseconds", 1e-3), ("s sec secs second Seconds", 1),
    ("min mins minute minutes min.", 60), ("h hr hrs hour hours", 3600), ("d day days", 86400),
    ("yr yrs year years a", 31_557_600), ("BJD mag", None), ("week", 604_800),
])  # fmt: skip
def test_units_of_time(names, seconds):
    for name in names.split():
        assert times.unit_seconds(name) == seconds, name


def test_days_that_may_be_years():
    irregular = np.sort(np.random.default_rng(0).uniform(1990, 2020, 60))
    regular = 1960 + 0.5 * np.arange(60)
    assert times._maybe_years(irregular)
    assert not times._maybe_years(regular)  # one long series of days
    assert times._maybe_years(regular[:15])
    for edge in (1949.9, 2060.1):
        assert not times._maybe_years(np.append(irregular, edge))
    assert not times._maybe_years(irregular[:1])
