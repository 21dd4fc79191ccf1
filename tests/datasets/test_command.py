"""``python -m varstar data``, from a local server to a sample."""

import gzip
import io
import json
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest
from archive_server import serving
from datasets import test_archives as archives

from varstar import __main__ as front
from varstar import paths
from varstar.datasets import SURVEYS, build, load, page
from varstar.lightcurves.sample import light_curves


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as site:
        yield site


@pytest.fixture
def run(site, tmp_path, capsys):
    """``run("fetch", "ogle4-lmc", ...)`` -> (status, text printed, text of errors)."""

    def command(*words, mirror=True):
        more = ["--mirror", site.url, "--pause", "0"] if mirror and words[0] == "fetch" else []
        status = front.main(["data", *words, "--root", str(tmp_path), *more])
        said = capsys.readouterr()
        return status, said.out, said.err

    return command


def serve_ogle(site, folder):
    """OGLE-IV LMC with two RR Lyrae stars and one eclipsing star."""
    raw = archives.ogle_files(folder / "as served")
    for path in raw.rglob("*"):
        if path.is_file():
            site.files["/" + path.relative_to(raw).as_posix()] = path.read_bytes()
    with tarfile.open(raw / "ecl.tar.gz", "w:gz") as tar:
        for band in "IV":
            name = f"phot/{band}/OGLE-LMC-ECL-00001.dat"
            body = (raw / "ecl" / name).read_bytes()
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    site.files["/ecl/phot.tar.gz"] = (raw / "ecl.tar.gz").read_bytes()
    with tarfile.open(raw / "rrlyr" / "phot.tar.gz") as tar:
        for member in tar:
            site.files["/rrlyr/" + member.name] = tar.extractfile(member).read()


# --- fetching -----------------------------------------------------------------------------


def test_ogle_in_bulk(run, site, tmp_path):
    serve_ogle(site, tmp_path)
    status, out, _ = run("fetch", "ogle4-lmc", "--types", "rrlyr,ecl")
    assert status == 0
    assert "Please cite: Udalski, Szymański & Szymański 2015, AcA 65, 1" in out
    assert "3 stars (0 of them without a light curve), 6 observations in ['I', 'V']" in out
    sample = load("ogle4-lmc", root=tmp_path)
    assert sorted(sample["label"]) == ["ECL NC", "RRab", "RRc"]
    assert light_curves(sample).counts.sum() == 6
    record = json.loads((tmp_path / "ogle4-lmc" / "provenance.json").read_text())
    assert {s["path"] for s in record["sources"]} >= {"rrlyr/phot.tar.gz", "ecl/ident.dat"}
    asked = len(site.asked)
    status, out, _ = run("fetch", "ogle4-lmc", "--types", "rrlyr,ecl")
    assert status == 0
    assert len(site.asked) == asked  # all there, and what the archive lacks is known
    assert run("check", "ogle4-lmc")[:2] == (0, "ogle4-lmc: as it should be\n")


def test_ogle_some_stars_one_by_one(run, site, tmp_path):
    serve_ogle(site, tmp_path)
    status, out, _ = run("fetch", "ogle4-lmc", "--types", "rrlyr,ecl", "--stars", "2")
    assert status == 0
    assert not any(p.endswith("tar.gz") for p, _ in site.asked)
    sample = load("ogle4-lmc", root=tmp_path)
    assert len(sample) == 2
    assert sample["label"].nunique() == 2  # in turn from each label
    assert (light_curves(sample).counts > 0).all()
    assert "2 stars" in out


def test_asas_star_by_star(run, site, tmp_path):
    site.files["/asas/data/ACVS.1.1.gz"] = gzip.compress("\n".join(archives.ACVS).encode())
    page_of = "/cgi-asas/asas_cgi_get_data?{},asas3"
    site.files[page_of.format("000053-1717.5")] = "\n".join(archives.ASAS_PAGE).encode()
    status, out, _ = run("fetch", "asas_acvs")
    assert status == 0
    assert "4 stars (3 of them without a light curve)" in out
    sample = load("asas_acvs", root=tmp_path)
    assert light_curves(sample).counts.tolist() == [2, 0, 0, 0]


def test_asassn_star_by_star(run, site, tmp_path):
    site.files["/variables.csv?action=index&controller=variables"] = archives.ASASSN.encode()
    body = b"hjd,camera,mag,mag_err,flux,flux_err\n2457008.77,ba,15.2,0.02,3,1\n"
    site.files[f"/variables/{archives.UUID}.csv"] = body
    assert run("fetch", "asassn")[0] == 0
    assert light_curves(load("asassn", root=tmp_path)).counts.tolist() == [1, 0]


def test_ztf_star_by_star(run, site, tmp_path):
    table = archives.ztf_catalogue(tmp_path / "served").read_bytes()
    url = "/viz-bin/asu-tsv?-source=J/ApJS/249/18/table2&-out.all&-out.max=unlimited"
    site.files[url] = table
    rows = [archives.ZTF_HEAD, archives.ztf_row(1, 2458202.8, 58202.3, 18.67)]
    query = (
        "/cgi-bin/ZTF/nph_light_curves?POS=CIRCLE+0.000610+72.237160+0.000417&BANDNAME=g,r,i"
        "&BAD_CATFLAGS_MASK=32768&COLLECTION=ztf_dr24&FORMAT=csv"
    )
    site.files[query] = "\n".join(rows).encode()
    assert run("fetch", "ztf")[0] == 0
    assert light_curves(load("ztf", root=tmp_path)).counts.tolist() == [0, 1]


def test_a_dry_run_asks_nobody(run, site, tmp_path):
    for name in sorted(n for n, row in SURVEYS.items() if "archive" in row):
        status, out, _ = run("fetch", name, "--dry-run", "--stars", "3")
        assert status == 0, name
        assert "in all: " in out or "SELECT TOP 3" in out
    assert site.asked == []
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_names_sizes_and_addresses(run):
    _, out, _ = run("fetch", "ogle4-lmc", "--dry-run", "--types", "rrlyr", mirror=False)
    url = SURVEYS["ogle4-lmc"]["base"] + "/rrlyr/phot.tar.gz"
    assert f"would fetch {url} -> rrlyr/phot.tar.gz (188 MB)" in out


def test_a_cut_download_goes_on_and_leaves_no_survey(run, site, tmp_path):
    serve_ogle(site, tmp_path)
    site.scripts["/rrlyr/phot.tar.gz"] = [("cut", 20)]
    words = ("fetch", "ogle4-lmc", "--types", "rrlyr", "--attempts", "1")
    status, _, err = run(*words)
    assert status == 1
    assert "given up after 1 attempts" in err
    assert not (tmp_path / "ogle4-lmc" / "stars.parquet").exists()
    assert run(*words)[0] == 0
    assert site.count("/rrlyr/phot.tar.gz") == 2
    assert site.count("/rrlyr/ident.dat") == 1
    assert len(load("ogle4-lmc", root=tmp_path)) == 2


def test_an_absent_catalogue_is_an_error(run, site):
    status, _, err = run("fetch", "ogle4-lmc", "--types", "rrlyr")
    assert status == 1
    assert "/rrlyr/ident.dat: the archive has no such file (404)" in err


# --- converting and checking --------------------------------------------------------------


def test_convert_without_a_network(run, site, tmp_path):
    raw = archives.ogle_files(tmp_path / "elsewhere")
    status, out, _ = run("convert", "ogle4-lmc", "--raw", str(raw))
    assert status == 0
    assert site.asked == []
    assert "3 stars" in out
    status, out, _ = run("convert", "ogle4-lmc", "--raw", str(raw), "--stars", "1")
    assert len(load("ogle4-lmc", root=tmp_path)) == 1


def test_labels_that_the_taxonomy_does_not_know_are_said(run, tmp_path):
    raw = tmp_path / "elsewhere"
    line = archives.at({**archives.RRAB, 23: "RRx"})
    archives.write(raw / "rrlyr" / "ident.dat", line)
    _, out, _ = run("convert", "ogle4-lmc", "--raw", str(raw))
    assert "labels that the taxonomy does not know (no paper's class): ['RRx']" in out
    assert "no light curve of any of the 1 stars was found" in out


def test_check_finds_a_changed_file(run, site, tmp_path):
    serve_ogle(site, tmp_path)
    run("fetch", "ogle4-lmc", "--types", "ecl")
    path = tmp_path / "ogle4-lmc" / "raw" / "ecl" / "ident.dat"
    path.write_text(path.read_text().replace("NC", "C "))
    status, out, _ = run("check", "ogle4-lmc")
    assert status == 1
    assert "raw/ecl/ident.dat: not the file that was fetched" in out
    status, out, _ = run("check")  # all that are here
    assert status == 1
    status, out, _ = run("check", "asas_acvs")
    assert "stars.parquet: not there" in out


@pytest.mark.real
def test_the_real_surveys_pass_the_check(real_data):
    for name in ("ztf_examples", "asassn_sample", "sdss_s82_rrlyr", "linear_catalog"):
        assert build.check(name, real_data) == []


# --- what it says -------------------------------------------------------------------------


def test_list(run, site, tmp_path):
    serve_ogle(site, tmp_path)
    run("fetch", "ogle4-lmc", "--types", "ecl")
    status, out, _ = run("list")
    assert status == 0
    assert "ogle4-lmc" in out.split("To fetch:")[0]
    assert "ogle3-lmc" in out.split("To fetch:")[1]
    status, out, _ = run("list", "ogle3-lmc")
    assert "AcA" in out
    assert "Known:" in run("list", "ogle")[2]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fetch", "ogle"], "unknown survey 'ogle'. Known:"),
        (["fetch"], "data fetch: expected the name of a survey"),
        (["fetch", "debosscher_hip_ogle"], "has no archive to fetch it from"),
        (["fetch", "ogle4-lmc", "--types", "lpv"], "unknown types ['lpv']. Known: ['acep'"),
        (["fetch", "gaia-dr3"], "expected --stars N"),
        (["convert", "ogle4-lmc"], "no raw files in"),
        (["convert", "ogle4-lmc", "--stars", "0"], "no raw files in"),
    ],
)
def test_errors_say_what_was_expected(run, words, message):
    status, _, err = run(*words)
    assert status == 1
    assert message in err
    assert "Traceback" not in err


def test_stars_in_turn():
    import pandas as pd

    stars = pd.DataFrame({"star_id": list("abcdef"), "label": list("xxxxyz")})
    assert build.in_turn(stars, 3)["star_id"].tolist() == ["a", "e", "f"]
    assert build.in_turn(stars, 4)["star_id"].tolist() == ["a", "b", "e", "f"]
    assert len(build.in_turn(stars, None)) == len(build.in_turn(stars, 99)) == 6
    with pytest.raises(ValueError, match="expected a positive number"):
        build.in_turn(stars, 0)


# --- the page -----------------------------------------------------------------------------


def test_the_page_of_the_surveys_is_current():
    path = paths.project() / "docs" / "surveys.md"
    if not (paths.project() / "pyproject.toml").is_file():
        pytest.skip("not a clone")
    assert path.read_text(encoding="utf-8") == page.surveys_page(), (
        "make it anew: python -m varstar data page > docs/surveys.md"
    )


def test_the_page_names_every_survey_and_paper(run):
    _, text, _ = run("page")
    assert text == page.surveys_page()
    for name, row in SURVEYS.items():
        assert f"### {name}\n" in text
        assert row["terms"] in text
        assert row["citation"][0] in text
    for paper, entry in page.PAPERS.items():
        assert entry["title"] in text
        assert page.run_command(paper) in text
        assert set(entry["surveys"]) <= set(SURVEYS)
    assert str(Path.home()) not in text


@pytest.mark.parametrize("paper", list(page.PAPERS))
def test_the_parameters_of_the_page_are_those_of_the_notebook(paper):
    from varstar.compendium.run import defaults, find

    entry = page.PAPERS[paper]
    assert set(entry["parameters"]) <= set(defaults(find(entry["notebook"])))


def test_killed_while_fetching_and_started_again(run, site, tmp_path):
    """What a kill leaves is no survey, and is gone on with."""
    serve_ogle(site, tmp_path)
    path = "/ecl/phot.tar.gz"
    site.files[path] += b"\0" * 1_000_000  # padding after the tar's end, as tapes have it
    site.scripts[path] = [("stall", 500_000)]
    words = ["fetch", "ogle4-lmc", "--types", "ecl", "--root", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-m", "varstar", "data", *words, "--mirror", site.url, "--pause", "0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    part = tmp_path / "ogle4-lmc" / "raw" / "ecl" / "phot.tar.gz.part"
    for _ in range(600):
        if part.is_file() and part.stat().st_size > 300_000:
            break
        time.sleep(0.1)
    process.kill()
    process.wait()
    assert part.stat().st_size > 300_000
    assert not part.with_suffix("").exists()
    assert not (tmp_path / "ogle4-lmc" / "stars.parquet").exists()
    asked = len(site.asked)
    assert run(*words[:-2])[0] == 0
    assert [r is not None for p, r in site.asked[asked:]] == [True]  # only the rest of one file
    assert light_curves(load("ogle4-lmc", root=tmp_path)).counts.tolist() == [2]
