"""What is missing is said, with the line that brings it."""

import re
import sys
import tomllib

import pytest

from varstar import paths
from varstar.optional import EXTRAS, need


def test_an_installed_package_is_given() -> None:
    assert need("matplotlib").__name__ == "matplotlib"
    assert need("matplotlib.pyplot").__name__ == "matplotlib.pyplot"


def test_a_missing_package_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "shap", None)
    with pytest.raises(ImportError, match=re.escape("the plot needs shap, which is not installed")):
        need("shap", what="the plot")
    with pytest.raises(ImportError, match=re.escape("pip install 'varstar[deep]'")):
        need("shap")


def test_what_a_package_itself_misses_is_not_blamed_on_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path
) -> None:
    (tmp_path / "ghkss.py").write_text("import there_is_no_such_module\n")
    monkeypatch.delitem(sys.modules, "ghkss", raising=False)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="there_is_no_such_module"):
        need("ghkss")


@pytest.mark.skipif(not (paths.project() / "pyproject.toml").is_file(), reason="no clone")
def test_the_extras_are_those_of_pyproject() -> None:
    project = tomllib.loads((paths.project() / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for package, extra in EXTRAS.items():
        assert package in {re.split(r"[>=<~!\[]", line)[0] for line in extras[extra]}
        assert package not in {re.split(r"[>=<~!\[]", x)[0] for x in project["dependencies"]}
