"""Downloads from a server that misbehaves: whole files or none, and the reason."""

import hashlib
import io
import json
import os
import shutil
import tarfile
import time
from pathlib import PurePosixPath

import pytest
from archive_server import serving
from hypothesis import given, settings
from hypothesis import strategies as st

from varstar.datasets import download
from varstar.datasets.download import DownloadError, File, fetch, log, size_text, verify
from varstar.datasets.unpack import unpack

BODY = bytes(range(256)) * 2000  # half a megabyte: several portions


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as site:
        site.files["/a.dat"] = BODY
        yield site


def get(site, folder, *paths, **options):
    files = [p if isinstance(p, File) else File(f"{site.url}/{p}", p) for p in paths]
    options = {"backoff": 0.01, "timeout": 5.0, "progress": False, **options}
    return fetch(files, folder, **options)


def whole(folder, path="a.dat", body=BODY):
    """The file, and nothing half-finished beside it."""
    assert (folder / path).read_bytes() == body
    assert [p.name for p in folder.rglob("*.part*")] == []


def nothing(folder, path="a.dat"):
    """No file that looks finished."""
    assert not (folder / path).exists()


# --- the good way -------------------------------------------------------------------------


def test_a_file_is_fetched_once_and_written_down(site, tmp_path):
    assert get(site, tmp_path, "a.dat") == {"fetched": 1, "there": 0, "absent": 0,
                                            "bytes": len(BODY)}  # fmt: skip
    whole(tmp_path)
    row = log(tmp_path)[0]
    assert row["sha256"] == hashlib.sha256(BODY).hexdigest()
    assert row["bytes"] == len(BODY)
    assert row["url"] == f"{site.url}/a.dat"
    assert row["fetched"].startswith("20")
    assert get(site, tmp_path, "a.dat")["there"] == 1
    assert site.count("/a.dat") == 1


def test_redirects_are_followed(site, tmp_path):
    site.scripts["/old.dat"] = [("redirect", f"{site.url}/a.dat")]
    get(site, tmp_path, File(f"{site.url}/old.dat", "sub/folder/a.dat"))
    whole(tmp_path, "sub/folder/a.dat")


def test_a_dry_run_fetches_nothing_and_says_what_and_how_much(site, tmp_path):
    said = []
    files = [File(f"{site.url}/a.dat", "a.dat", size=188_000_000), File("http://x/b", "b")]
    count = fetch(files, tmp_path, dry_run=True, say=said.append)
    assert count["fetched"] == 2
    assert site.asked == []
    assert list(tmp_path.iterdir()) == []
    text = "\n".join(said)
    assert f"{site.url}/a.dat -> a.dat (188 MB)" in text
    assert "in all: 2 files, 188 MB and 1 files of unknown size; 0 there" in text


def test_requests_to_one_host_are_apart(site, tmp_path):
    site.files |= {f"/{i}": b"x" for i in range(4)}
    start = time.monotonic()
    get(site, tmp_path, *[str(i) for i in range(4)], pause=0.1)
    assert time.monotonic() - start > 0.3


def test_size_text():
    assert size_text(None) == "size unknown"
    assert size_text(999) == "999 B"
    assert size_text(188e6) == "188 MB"
    assert size_text(2.34e9) == "2.3 GB"


# --- troubles that pass -------------------------------------------------------------------


@pytest.mark.parametrize("status", sorted(download.TRANSIENT))
def test_a_busy_server_is_asked_again(site, tmp_path, status):
    site.scripts["/a.dat"] = [status, status]
    get(site, tmp_path, "a.dat")
    whole(tmp_path)
    assert site.count("/a.dat") == 3


def test_a_cut_line_is_gone_on_with(site, tmp_path):
    site.scripts["/a.dat"] = [("cut", 200_000), ("cut", 100_000)]
    get(site, tmp_path, "a.dat")
    whole(tmp_path)
    starts = [int(r.removeprefix("bytes=").rstrip("-")) for _, r in site.asked[1:]]
    assert starts[0] > 0
    assert starts[1] > starts[0]


def test_a_stalled_line_is_gone_on_with(site, tmp_path):
    site.scripts["/a.dat"] = [("stall", 300_000)]
    get(site, tmp_path, "a.dat", timeout=0.3)
    whole(tmp_path)
    assert site.asked[1][1] is not None


def test_another_session_goes_on_where_the_first_was_cut(site, tmp_path):
    site.scripts["/a.dat"] = [("cut", 250_000)] * 2
    with pytest.raises(DownloadError, match=r"given up after 2 attempts.*goes on from there"):
        get(site, tmp_path, "a.dat", attempts=2)
    nothing(tmp_path)
    assert (tmp_path / "a.dat.part").stat().st_size > 250_000
    assert log(tmp_path) == []
    get(site, tmp_path, "a.dat")
    whole(tmp_path)
    assert site.asked[-1][1] is not None


def test_a_file_that_changed_meanwhile_is_begun_anew(site, tmp_path):
    site.scripts["/a.dat"] = [("cut", 250_000)]
    with pytest.raises(DownloadError):
        get(site, tmp_path, "a.dat", attempts=1)
    site.files["/a.dat"], site.tag = BODY[::-1], '"v2"'
    get(site, tmp_path, "a.dat")
    whole(tmp_path, body=BODY[::-1])


@pytest.mark.parametrize("tag", ['"v1"', None])
def test_a_server_that_cannot_resume_sends_all_again(site, tmp_path, tag):
    site.ranges, site.tag = False, tag
    site.scripts["/a.dat"] = [("cut", 250_000)]
    get(site, tmp_path, "a.dat")
    whole(tmp_path)


def test_a_part_longer_than_the_file_is_thrown_away(site, tmp_path):
    (tmp_path / "a.dat.part").write_bytes(BODY * 2)
    (tmp_path / "a.dat.part.json").write_text(json.dumps({"tag": '"v1"'}))
    site.scripts["/a.dat"] = [416]
    get(site, tmp_path, "a.dat")
    whole(tmp_path)


def test_fewer_bytes_than_announced_are_not_taken_for_a_file(site, tmp_path):
    site.scripts["/a.dat"] = [("length", 100)] * 2
    with pytest.raises(DownloadError, match="given up after 2 attempts"):
        get(site, tmp_path, "a.dat", attempts=2)
    nothing(tmp_path)


def test_the_pause_that_a_server_asks_for_is_kept(site, tmp_path):
    site.scripts["/a.dat"] = [("wait", 429, 1)]
    start = time.monotonic()
    get(site, tmp_path, "a.dat")
    assert time.monotonic() - start >= 1
    whole(tmp_path)


def test_pauses_grow(site, tmp_path, monkeypatch):
    slept = []
    monkeypatch.setattr(download.time, "sleep", slept.append)
    site.scripts["/a.dat"] = [503] * 4
    get(site, tmp_path, "a.dat", backoff=2.0)
    assert slept == [2, 4, 8, 16]


def test_a_server_that_is_not_there(tmp_path):
    with pytest.raises(DownloadError, match=r"given up after 2 attempts.*ConnectionError"):
        fetch([File("http://127.0.0.1:9/a", "a")], tmp_path, attempts=2, backoff=0.01)
    nothing(tmp_path, "a")


# --- troubles that stay -------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_not_asked_again(site, tmp_path, status):
    site.scripts["/a.dat"] = [status]
    with pytest.raises(DownloadError, match=f"a.dat: status {status}"):
        get(site, tmp_path, "a.dat")
    assert site.count("/a.dat") == 1
    nothing(tmp_path)


def test_a_missing_file_is_an_error_unless_it_is_optional(site, tmp_path):
    with pytest.raises(DownloadError, match="no such file"):
        get(site, tmp_path, "none.dat")
    optional = File(f"{site.url}/none.dat", "none.dat", optional=True)
    assert get(site, tmp_path, optional, "a.dat")["absent"] == 1
    whole(tmp_path)
    asked = site.count("/none.dat")
    assert get(site, tmp_path, optional)["absent"] == 1
    assert site.count("/none.dat") == asked  # written down, not asked again


def test_endless_redirects(site, tmp_path):
    site.scripts["/a.dat"] = [("redirect", f"{site.url}/a.dat")] * 50
    with pytest.raises(DownloadError, match="redirects"):
        get(site, tmp_path, "a.dat")
    nothing(tmp_path)


def test_a_redirect_to_a_local_file_is_refused(site, tmp_path):
    site.scripts["/a.dat"] = [("redirect", "file:///etc/hostname")]
    with pytest.raises(DownloadError):
        get(site, tmp_path, "a.dat")
    nothing(tmp_path)


def test_a_wrong_hash(site, tmp_path):
    wrong = File(f"{site.url}/a.dat", "a.dat", hash="sha256:" + "0" * 64)
    with pytest.raises(DownloadError, match="not the file expected"):
        get(site, tmp_path, wrong)
    nothing(tmp_path)
    assert log(tmp_path) == []
    right = File(f"{site.url}/a.dat", "a.dat", hash="md5:" + hashlib.md5(BODY).hexdigest())
    get(site, tmp_path, right)
    whole(tmp_path)


def test_a_file_with_another_hash_than_the_registrys_is_fetched_anew(site, tmp_path):
    (tmp_path / "a.dat").write_bytes(b"an older one")
    right = File(f"{site.url}/a.dat", "a.dat", hash="sha256:" + hashlib.sha256(BODY).hexdigest())
    assert get(site, tmp_path, right)["fetched"] == 1
    whole(tmp_path)


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><html>", b"\n <HTML><body>Moved</body>"])
def test_a_web_page_is_not_a_data_file(site, tmp_path, page):
    site.files["/a.dat"] = page
    with pytest.raises(DownloadError, match="Received: a web page"):
        get(site, tmp_path, "a.dat")
    nothing(tmp_path)
    get(site, tmp_path, File(f"{site.url}/a.dat", "a.html", web_page=True))


@pytest.mark.parametrize("path", ["../a.dat", "/etc/a.dat", "sub/../../a.dat", "."])
def test_a_path_outside_the_folder_is_refused(site, tmp_path, path):
    with pytest.raises(ValueError, match="inside"):
        get(site, tmp_path / "raw", File(f"{site.url}/a.dat", path))
    assert site.asked == []


def test_verify_finds_what_changed(site, tmp_path):
    site.files |= {"/b": b"bb", "/c": b"cc"}
    get(site, tmp_path, "a.dat", "b", "c")
    assert verify(tmp_path) == []
    (tmp_path / "b").write_bytes(b"bx")
    os.remove(tmp_path / "c")
    assert verify(tmp_path) == [
        "b: not the file that was fetched (SHA-256 differs)",
        "c: fetched once, not there now",
    ]


def test_a_log_cut_by_a_kill_is_still_read(site, tmp_path):
    get(site, tmp_path, "a.dat")
    with open(tmp_path / download.LOG, "a") as f:
        f.write('{"path": "b", "sha')
    assert [row["path"] for row in log(tmp_path)] == ["a.dat"]


# --- archives -----------------------------------------------------------------------------


def tar(path, *members, mode="w:gz"):
    """A tar of ``(name, content)``, or of TarInfo."""
    with tarfile.open(path, mode) as t:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                t.addfile(member)
                continue
            info = tarfile.TarInfo(member[0])
            info.size = len(member[1])
            t.addfile(info, io.BytesIO(member[1]))
    return path


def by_name(member: PurePosixPath) -> str | None:
    return member.name if member.suffix == ".dat" else None


def test_unpack_takes_what_is_wanted(tmp_path):
    archive = tar(tmp_path / "p.tar.gz", ("phot/I/a.dat", b"1 2 3"), ("./README", b"x"))
    assert unpack(archive, tmp_path / "out", by_name) == 1
    assert [p.name for p in (tmp_path / "out").rglob("*")] == ["a.dat"]


def link(name, target, kind=tarfile.SYMTYPE):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def device(name):
    info = tarfile.TarInfo(name)
    info.type = tarfile.CHRTYPE
    return info


@pytest.mark.parametrize(
    "member",
    [
        ("../evil.dat", b"x"),
        ("phot/../../evil.dat", b"x"),
        ("/tmp/evil.dat", b"x"),
        ("..\\evil.dat", b"x"),
        link("phot/I/evil.dat", "/etc/passwd"),
        link("phot/I/evil.dat", "../../evil.dat", tarfile.LNKTYPE),
        device("phot/I/evil.dat"),
    ],
)
def test_a_hostile_archive_leaves_nothing(tmp_path, member):
    archive = tar(tmp_path / "p.tar.gz", ("phot/I/a.dat", b"1 2 3"), member)
    with pytest.raises(ValueError, match=r"hostile member name|no plain file"):
        unpack(archive, tmp_path / "out", by_name)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["p.tar.gz"]
    assert not (tmp_path.parent / "evil.dat").exists()


def test_a_place_outside_is_refused(tmp_path):
    archive = tar(tmp_path / "p.tar", ("a.dat", b"x"), mode="w")
    with pytest.raises(ValueError, match="leave the folder"):
        unpack(archive, tmp_path / "out", lambda m: "../b.dat")


def test_a_member_too_large_is_refused(tmp_path):
    archive = tar(tmp_path / "p.tar.gz", ("a.dat", bytes(2000)))
    with pytest.raises(ValueError, match="2000 bytes; expected at most 1000"):
        unpack(archive, tmp_path / "out", by_name, largest=1000)


@settings(max_examples=20, deadline=None)
@given(part=st.floats(0.01, 0.8))
@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_truncated_archive_leaves_nothing(tmp_path_factory, mode, part):
    folder = tmp_path_factory.mktemp("tar")
    members = [(f"{i}.dat", os.urandom(3000)) for i in range(20)]
    archive = tar(folder / "p.tar.gz", *members, mode=mode)
    assert unpack(archive, folder / "whole", by_name) == 20
    shutil.rmtree(folder / "whole")
    raw = archive.read_bytes()
    archive.write_bytes(raw[: int(len(raw) * part)])
    with pytest.raises(ValueError, match=r"truncated|no light curve"):
        unpack(archive, folder / "out", by_name)
    assert [p.name for p in folder.iterdir()] == ["p.tar.gz"]


def test_an_earlier_unpacking_is_replaced_only_by_a_whole_one(tmp_path):
    good = tar(tmp_path / "p.tar.gz", ("a.dat", b"old"))
    unpack(good, tmp_path / "out", by_name)
    bad = tar(tmp_path / "q.tar.gz", ("a.dat", b"new"), ("../b", b"x"))
    with pytest.raises(ValueError, match="hostile"):
        unpack(bad, tmp_path / "out", by_name)
    assert (tmp_path / "out" / "a.dat").read_bytes() == b"old"
