"""Bars and notices, quiet where nobody looks."""

import sys
import types

import pytest

from varstar import progress


class _Shell:
    pass


_Shell.__name__ = "ZMQInteractiveShell"


@pytest.fixture
def notebook(monkeypatch):
    shown = []
    ipython = types.ModuleType("IPython")
    ipython.get_ipython = _Shell
    display = types.ModuleType("IPython.display")
    display.HTML, display.display = str, shown.append
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    monkeypatch.delenv("TQDM_DISABLE", raising=False)
    return shown


def test_a_notice_goes_to_stderr_outside_notebooks(capsys):
    progress.say("step: computing")
    out, err = capsys.readouterr()
    assert (out, err) == ("", "step: computing\n")


def test_a_notice_in_a_notebook_is_grey_not_red(notebook, capsys):
    progress.say("a <b>")
    assert capsys.readouterr() == ("", "")
    assert "a &lt;b&gt;" in notebook[0]
    assert "gray" in notebook[0]


def test_an_executed_notebook_keeps_no_notice(notebook, monkeypatch, capsys):
    monkeypatch.setenv("TQDM_DISABLE", "1")
    progress.say("computing")
    assert notebook == []
    assert capsys.readouterr().err == "computing\n"


def test_no_bar_where_stderr_is_no_terminal(capsys):
    assert list(progress.tqdm([1, 2])) == [1, 2]
    with progress.tqdm(total=3, desc="stars", leave=False) as bar:
        bar.update(2)
    assert capsys.readouterr() == ("", "")


def test_without_ipywidgets_a_notebook_has_no_bar_and_no_warning(notebook, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    assert list(progress.tqdm([1, 2])) == [1, 2]
    assert capsys.readouterr() == ("", "")
