"""Which code and data a name of the package depends on: one ingredient at a time."""

import time
from pathlib import Path

import pytest

from varstar import paths
from varstar.compendium import source

FILES = {
    "__init__.py": "",
    "paths.py": "PACKAGE = 1\n",
    "common/__init__.py": "from varstar.common.tools import tool\n"
    "from varstar.common.idle import x\nSIZE = 3\n\ndef own():\n    return tool(SIZE)\n",
    "common/tools.py": "from varstar.common import deep\n\ndef tool(x):\n    return deep.f(x)\n",
    "common/deep.py": "def f(x):\n    return x\n",
    "common/idle.py": "x = 1\n",
    "common/limits.yaml": "a: 1\n",
    "common/reads.py": "from varstar import paths\n"
    "FILE = paths.PACKAGE / 'common' / 'limits.yaml'\n",
    "shelf/__init__.py": "def load(name):\n    from varstar.paths import PACKAGE\n"
    "    return PACKAGE / 'shelf' / 'shipped' / name\n\ndef empty():\n    return 0\n",
    "shelf/shipped/model/card.json": "{}",
    "shelf/shipped/model/network0.weights.h5": "weights",
    "wings/__init__.py": "REGISTRY = {'one': 'varstar.wings.one.network:build'}\n"
    "def make(name):\n    return REGISTRY[name]\n",
    "wings/one/__init__.py": "'''The first.'''\n",
    "wings/one/network.py": "def build():\n    return 1\n",
    "wings/one/steps.py": "def train():\n    from varstar.wings.one import network\n"
    "    return network.build()\n",
    "wings/one/published.yaml": "a: 1\n",
    "wings/two/__init__.py": "",
    "wings/two/network.py": "def build():\n    return 2\n",
    "wings/finder.py": "from importlib import import_module\ndef find(key):\n"
    "    return import_module(f'varstar.wings.{key}.network')\n",
    "wings/published.py": "from varstar.paths import PACKAGE\n"
    "def load():\n    return list(PACKAGE.glob('wings/*/published.yaml'))\n",
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    top = tmp_path / "varstar"
    for name, text in FILES.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(paths, "PACKAGE", top)
    return top


def depends_on(package: Path, name: str) -> set[str]:
    """The files of the toy package that change the hash of a name when they change."""
    before = source.code_hash([name])
    found = set()
    for file, text in FILES.items():
        path = package / file
        other = f"{text}\nchanged = True\n" if file.endswith(".py") else f"{text} "
        path.write_text(other)
        if source.code_hash([name]) != before:
            found.add(file)
        path.write_text(text)
    assert source.code_hash([name]) == before
    return found


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("varstar.common.deep", ["common/__init__.py", "common/deep.py"]),
        # two imports away; a neighbour does not count
        (
            "varstar.common.tools",
            ["common/__init__.py", "common/tools.py", "common/deep.py"],
        ),
        # what the package only passes on leads to where it comes from
        (
            "varstar.common.tool",
            ["common/__init__.py", "common/tools.py", "common/deep.py"],
        ),
        ("varstar.common.x", ["common/__init__.py", "common/idle.py"]),
        # what it defines itself brings what its code uses, not all that it imports
        ("varstar.common.own", ["common/__init__.py", "common/tools.py", "common/deep.py"]),
        # the whole of a package is all of it
        (
            "varstar.common",
            ["common/__init__.py", "common/tools.py", "common/deep.py", "common/idle.py"],
        ),
        # data of the package, by the name in a string
        ("varstar.common.reads", ["common/__init__.py", "common/reads.py", "common/limits.yaml",
                                  "paths.py"]),
        # a folder of data, by its name
        ("varstar.shelf.load", ["shelf/__init__.py", "shelf/shipped/model/card.json",
                                "shelf/shipped/model/network0.weights.h5", "paths.py"]),
        # a wing sees itself: neither the registry above it, nor its neighbour
        ("varstar.wings.one.steps", ["wings/__init__.py", "wings/one/__init__.py",
                                     "wings/one/steps.py", "wings/one/network.py"]),
        # a registry of names in strings
        ("varstar.wings.make", ["wings/__init__.py", "wings/one/__init__.py",
                                "wings/one/network.py"]),
        # modules by a pattern of names
        ("varstar.wings.finder", ["wings/__init__.py", "wings/finder.py", "wings/one/__init__.py",
                                  "wings/one/network.py", "wings/two/__init__.py",
                                  "wings/two/network.py"]),
        # data elsewhere in the package, by a pattern
        ("varstar.wings.published", ["wings/__init__.py", "wings/published.py", "paths.py",
                                     "wings/one/published.yaml"]),
    ],
)  # fmt: skip
def test_exactly_what_a_name_depends_on(package: Path, name: str, files: list[str]) -> None:
    assert depends_on(package, name) == set(files)


def test_a_new_module_that_fits_the_pattern_counts(package: Path) -> None:
    before = source.code_hashes(["varstar.wings.finder"])
    (package / "wings" / "three").mkdir()
    (package / "wings" / "three" / "__init__.py").write_text("")
    (package / "wings" / "three" / "network.py").write_text("")
    new = set(source.code_hashes(["varstar.wings.finder"])) - set(before)
    assert new == {"varstar.wings.three", "varstar.wings.three.network"}


def test_words_do_not_count(package: Path) -> None:
    before = source.code_hash(["varstar.common.deep"])
    (package / "common" / "deep.py").write_text(
        "'''Doc.'''\n\ndef f(x):  # why\n\n    return (x)\n"
    )
    assert source.code_hash(["varstar.common.deep"]) == before
    (package / "common" / "deep.py").write_text("def f(x):\n    return -x\n")
    assert source.code_hash(["varstar.common.deep"]) != before


def test_source_hash_sees_code_and_not_words() -> None:
    first = source.source_hash('def f(x):\n    """Doc."""\n    return x  # why\n')
    assert first == source.source_hash("def f(x):\n\n  'Other.'\n  return (x)\n")
    assert first != source.source_hash("def f(x):\n    return -x\n")


def test_imports_find_what_the_front_door_hides() -> None:
    text = "import varstar as vs\nfrom varstar import plots\n"
    text += "def f():\n    import varstar.learning.splits\n"
    text += "    vs.load('x'); vs.models.build('s20'); vs.find_periods(1); plots.use_style()\n"
    text += "from varstar.learning import evaluate as e\ne.mc\n"
    found = source.code_hashes(source.imports(text))
    assert {"varstar.datasets", "varstar.models", "varstar.periods.find"} <= set(found)
    assert {"varstar.plots", "varstar.learning.splits", "varstar.learning.evaluate"} <= set(found)
    assert {"plots/varstar.mplstyle", "varstar.papers.s20.network"} <= set(found)
    assert not [name for name in found if name.startswith("models/shipped")]
    assert source.imports("import numpy as np\nnp.mean(1)") == set()


def test_a_shipped_model_counts_where_models_are_loaded() -> None:
    loads = source.code_hashes(["varstar.models.load"])
    assert "models/shipped/ts19-catalina/card.json" in loads
    steps = source.code_hashes(["varstar.papers.s20.experiments"])
    assert not [name for name in steps if "ts19-catalina" in name]
    assert "varstar.papers.ts19.recipe" not in steps


def test_the_machinery_that_keeps_results_does_not_count() -> None:
    found = set(source.code_hashes(["varstar.papers.s26.renders", "varstar.plots"]))
    assert "varstar.compendium.cache" not in found
    assert "varstar.compendium.provenance" in found  # it rounds what a table shows


def test_every_data_file_of_the_package_belongs_to_a_module() -> None:
    tree = source._tree()
    seen = source.code_hashes(tree.modules)
    assert {"taxonomy/taxonomy.yaml", "plots/varstar.mplstyle"} <= set(tree.data)
    machinery = {name for name in tree.data if name.startswith("compendium/")}  # does not count
    assert machinery == {"compendium/answers.json", "compendium/exercises.yaml"}
    assert [name for name in tree.data if name not in {*seen, *machinery}] == []


def test_hashing_again_is_quick() -> None:
    source.code_hashes(["varstar.papers.s26.experiments"])
    took = []
    for _ in range(5):
        start = time.process_time()
        source.code_hashes(["varstar.papers.s26.experiments"])
        took.append(time.process_time() - start)
    assert min(took) < 0.05
