"""One atomic writer, one hash."""

import hashlib
import os
import subprocess
import sys

import pytest

from varstar import paths


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole_under_its_name(tmp_path):
    target = tmp_path / "a" / "model.weights.h5"
    with paths.atomic(target) as temporary:
        assert temporary.parent == target.parent
        assert temporary.name.endswith(".weights.h5")
        assert str(os.getpid()) in temporary.name
        temporary.write_text("new")
        assert not target.exists()
    assert target.read_text() == "new"
    assert names(target.parent) == ["model.weights.h5"]


def half_written(path):
    path.write_text("half")
    raise ZeroDivisionError


def test_a_failure_leaves_what_was_there(tmp_path):
    target = tmp_path / "a.csv"
    target.write_text("old")
    with pytest.raises(ZeroDivisionError), paths.atomic(target) as temporary:
        half_written(temporary)
    assert target.read_text() == "old"
    assert names(tmp_path) == ["a.csv"]


def test_a_folder_replaces_the_older_one_whole(tmp_path):
    target = tmp_path / "model"
    target.mkdir()
    (target / "old.txt").write_text("old")
    with pytest.raises(FileNotFoundError), paths.atomic(target) as temporary:
        (temporary / "inner").mkdir()  # its parent was never made
    assert names(target) == ["old.txt"]
    with paths.atomic(target) as temporary:
        temporary.mkdir()
        (temporary / "new.txt").write_text("new")
    assert names(target) == ["new.txt"]
    assert names(tmp_path) == ["model"]


@pytest.mark.parametrize("folder", [False, True])
def test_what_is_there_may_stay(tmp_path, folder):
    def write(path, text):
        if folder:
            path.mkdir()
            path = path / "content"
        path.write_text(text)

    target = tmp_path / "entry"
    for text in ("first", "second"):
        with paths.atomic(target, overwrite=False) as temporary:
            write(temporary, text)
    assert (target / "content" if folder else target).read_text() == "first"
    assert names(tmp_path) == ["entry"]


def test_nothing_written_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError), paths.atomic(tmp_path / "a.csv"):
        pass
    assert not names(tmp_path)


def test_two_writers_of_one_process_do_not_share_a_name(tmp_path):
    target = tmp_path / "a.txt"
    with paths.atomic(target) as one, paths.atomic(target) as two:
        assert one != two
        one.write_text("one")
        two.write_text("two")
    assert target.read_text() == "one"  # the outer block ends last


def test_a_killed_writer_leaves_the_old_file(tmp_path):
    target = tmp_path / "a.txt"
    target.write_text("old")
    code = (
        "import os, signal\nfrom varstar import paths\n"
        f"with paths.atomic({str(target)!r}) as temporary:\n"
        "    temporary.write_text('half')\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == -9
    assert target.read_text() == "old"


def test_sha256_is_that_of_the_bytes(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"\x00abc" * 50_000)
    assert paths.sha256(path) == hashlib.sha256(b"\x00abc" * 50_000).hexdigest()


def test_without_a_clone_the_users_own_folders(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(paths, "PACKAGE", tmp_path / "site-packages" / "varstar")
    for name in ("VARSTAR_DATA", "VARSTAR_CACHE", "VARSTAR_BUILD", "VARSTAR_FIGURES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert not paths.in_clone()
    assert "varstar" in paths.data().parts
    assert "varstar" in paths.cache().parts
    assert paths.build().is_relative_to(paths.cache())
    assert paths.figures().is_relative_to(paths.build())
    if sys.platform == "linux":
        assert paths.data() == tmp_path / "share" / "varstar"
        assert paths.cache() == tmp_path / "cache" / "varstar"
    monkeypatch.setenv("VARSTAR_DATA", str(tmp_path / "mine"))
    assert paths.data() == tmp_path / "mine"
    assert not (tmp_path / "share").exists()  # nothing is made by asking
