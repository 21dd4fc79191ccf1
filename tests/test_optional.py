"""What is missing is said, with the line that brings it."""

import re
import subprocess
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


def run(code: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)


def test_known_noise_is_left_out_and_the_rest_is_kept() -> None:
    done = run(
        "import os, re\n"
        "from varstar.optional import quiet_stderr, _NOISE\n"
        "with quiet_stderr(_NOISE):\n"
        "    os.write(2, b'WARNING: All log messages before absl::InitializeLog()\\n')\n"
        "    os.write(2, b'I0000 00:00:1.2   3 port.cc:153] oneDNN\\nmine\\n')\n"
        "os.write(2, b'after\\n')"
    )
    assert done.stderr == "mine\nafter\n"


def test_nothing_is_lost_when_the_import_fails() -> None:
    done = run(
        "import os\n"
        "from varstar.optional import quiet_stderr, _NOISE\n"
        "with quiet_stderr(_NOISE):\n"
        "    os.write(2, b'I0000 00:00:1.2 why it fails\\n')\n"
        "    raise ImportError('broken')"
    )
    assert done.stderr.startswith("I0000 00:00:1.2 why it fails\n")
    assert "ImportError: broken" in done.stderr


def test_keras_is_imported_quietly() -> None:
    code = (
        "from varstar.optional import keras, layers, ops\n"
        "print(keras.__name__, layers is keras.layers, ops is keras.ops)"
    )
    done = run(code)
    assert done.stdout.strip() == "keras True True"
    assert done.stderr == ""


def test_the_package_imports_keras_through_here_only() -> None:
    direct = re.compile(
        r"^\s*(import (keras|tensorflow)|from (keras|tensorflow)[\w.]* import)", re.M
    )
    found = [p for p in paths.PACKAGE.rglob("*.py") if direct.search(p.read_text(encoding="utf-8"))]
    assert not found
