"""The command line: what it lists, and what it says when something is wrong."""

import subprocess
import sys

import pytest
from commands import stars

from varstar.__main__ import main
from varstar.commands import COMMANDS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert f"usage: varstar {command}" in capsys.readouterr().out


def test_help_lists_the_commands_and_imports_none():
    code = (
        "import sys; from varstar.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([m for m in sys.modules if m in ('numpy', 'pandas', 'tensorflow')])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert all(f"    {name}" in out for name in COMMANDS)
    assert out.strip().endswith("[]")


def test_classify_help_names_the_models(capsys):
    with pytest.raises(SystemExit):
        main(["classify", "--help"])
    out = "".join(capsys.readouterr().out.split())
    from varstar.models import available

    assert all(name in out for name in available())


def test_models_are_listed_and_shown(capsys):
    assert main(["models"]) == 0
    out = capsys.readouterr().out
    assert "s20p-catalina" in out
    assert "ACEP, DSCT, ECL, RRLYR, T2CEP" in out
    assert main(["models", "s20p-catalina"]) == 0
    assert "Learned from 18234 stars of catalina_sss" in capsys.readouterr().out
    assert main(["models", "s20_catalina"]) == 1
    assert "s20-catalina" in capsys.readouterr().err


def test_models_for_a_star(tmp_path, capsys):
    (name,) = stars.write(tmp_path, "a.csv")
    assert main(["models", "--for", name]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0].split()[:2] == ["fits", "macro"]
    assert "s26-eros2" in out


def test_inspect_says_what_is_in_a_file(tmp_path, capsys):
    good, bad = stars.write(tmp_path, "a.csv", "b.csv")
    open(bad, "w").close()
    assert main(["inspect", good, bad]) == 1
    out = capsys.readouterr().out
    assert "120 of 120 points usable" in out
    assert "unreadable: the file is empty" in out


def test_plot_writes_a_picture_of_each_star(tmp_path, capsys):
    names = stars.write(tmp_path, "a.csv", "b c.csv")
    assert main(["plot", *names, "--output", str(tmp_path / "pictures")]) == 0
    pictures = sorted(p for p in (tmp_path / "pictures").iterdir())
    assert len(pictures) == 2
    assert all(p.read_bytes()[:4] == b"\x89PNG" for p in pictures)
    assert capsys.readouterr().out.split("\n")[0] == str(pictures[0])
    assert main(["plot", str(tmp_path / "none.csv"), "--output", str(tmp_path)]) == 1
    assert "nothing there" in capsys.readouterr().err
