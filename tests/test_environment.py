"""pyproject.toml, requirements.lock and environment.yml say the same."""

import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement

import varstar

TOP = Path(varstar.__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(
    not (TOP / "pyproject.toml").is_file(), reason="installed without a clone"
)


def project() -> dict:
    return tomllib.loads((TOP / "pyproject.toml").read_text())["project"]


def asked() -> list[Requirement]:
    """The direct dependencies, with their lower bounds."""
    lines = [*project()["dependencies"]]
    for extra in project()["optional-dependencies"].values():
        lines += extra
    return [Requirement(line) for line in lines]


def locked(python: str) -> dict[str, str]:
    """Name -> version in the lock for a Python ("3.11") on Linux."""
    environment = {**default_environment(), "python_version": python, "sys_platform": "linux"}
    environment |= {"python_full_version": f"{python}.9", "implementation_name": "cpython"}
    environment |= {"os_name": "posix", "platform_system": "Linux"}
    found = {}
    for line in (TOP / "requirements.lock").read_text().splitlines():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            (pin,) = requirement.specifier
            assert pin.operator == "==", line
            assert requirement.name not in found, line
            found[requirement.name] = pin.version
    return found


@pytest.mark.parametrize("python", ["3.11", "3.12"])
def test_every_direct_dependency_is_pinned_within_its_bounds(python: str) -> None:
    pins = locked(python)
    assert len(asked()) > 10
    for requirement in asked():
        assert requirement.name in pins, requirement
        assert requirement.specifier.contains(pins[requirement.name]), requirement


def test_environment_yml_pins_the_same() -> None:
    content = yaml.safe_load((TOP / "environment.yml").read_text())
    assert content["channels"] == ["conda-forge"]
    (python,) = [x for x in content["dependencies"] if str(x).startswith("python=")]
    (pip,) = [x["pip"] for x in content["dependencies"] if isinstance(x, dict)]
    found = {r.name: str(next(iter(r.specifier)).version) for r in map(Requirement, pip)}
    assert set(found) == {requirement.name for requirement in asked()}
    pins = locked(python.split("=")[1])
    assert found == {name: pins[name] for name in found}


def test_the_lock_names_no_index() -> None:
    text = (TOP / "requirements.lock").read_text()
    assert not re.search(r"://|--index|--find-links|@ ", text)


def test_one_version_of_the_package() -> None:
    version = project()["version"]
    assert varstar.__version__ == version
    assert re.search(rf"^version: {re.escape(version)}$", (TOP / "CITATION.cff").read_text(), re.M)
    assert "## [Unreleased]" in (TOP / "CHANGELOG.md").read_text()


def test_this_environment_is_the_locked_one() -> None:
    """What runs is what was pinned: a test on other versions proves nothing of these."""
    pins = locked(".".join(map(str, sys.version_info[:2])))
    other = {
        requirement.name: metadata.version(requirement.name)
        for requirement in asked()
        if metadata.version(requirement.name).split("+")[0] != pins[requirement.name]
    }
    assert not other
