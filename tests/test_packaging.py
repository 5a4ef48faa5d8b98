"""What is handed on: the packages of a wheel, a source distribution whose tests run, every Python.

Defeats: a folder that is missing from the list of packages, and only an installation that is not
editable shows it; a file that tests read and a source distribution forgot; syntax of a newer Python.
"""

from __future__ import annotations

import configparser
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETUP = configparser.ConfigParser()
SETUP.read(ROOT / "setup.cfg", encoding="utf-8")
MINORS = range(10, 15)
# Files for whoever works in a clone: no part of a release.
NOT_RELEASED = {".gitignore"}


def run(*words: str, folder: Path = ROOT, **environment: str) -> str:
    """What a program prints. Raises AssertionError with what it said where it fails."""
    done = subprocess.run(
        words,
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONUTF8": "1", **environment},
        check=False,
    )
    assert done.returncode == 0, (words, done.stdout[-3000:] + done.stderr[-3000:])
    return done.stdout


def pins(text: str) -> dict[str, str]:
    """The versions that are fixed by ``name==version``."""
    return dict(re.findall(r"([\w-]+)==([\w.]+)", text))


def test_every_folder_is_a_package() -> None:
    found = [str(path.parent.relative_to(ROOT)) for path in (ROOT / "archcalc").rglob("*.py")]
    listed = SETUP["options"]["packages"].split()
    assert sorted(listed) == sorted({name.replace(os.sep, ".") for name in found} | {"archcalc_specs"})
    assert len(listed) == len(set(listed))


def test_versions_agree() -> None:
    """Defeats: a hook that formats otherwise than the tests check."""
    fixed = pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    hooks = pins((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert hooks == {name: fixed[name] for name in hooks}
    assert "ruff" in hooks


def test_pythons_agree() -> None:
    """The oldest Python is the same for pip, ruff and mypy, and the classifiers name the others."""
    names = re.findall(r"Programming Language :: Python :: 3\.(\d+)", SETUP["metadata"]["classifiers"])
    assert [int(name) for name in names] == list(MINORS)
    assert SETUP["options"]["python_requires"] == ">=3.10"
    assert SETUP["mypy"]["python_version"] == "3.10"
    assert 'target-version = "py310"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


# Other interpreters -----------------------------------------------------------------------------

CALLS = """
import sys
from archcalc.cli import main
for words in (
    "summary resnet18",
    "explain alexnet conv1 params",
    "rf vgg16 pool5 --at 3,3",
    "compare lenet5 alexnet --format json",
    "check lenet5_modern conv2.params=2400",
    "export lenet5",
    "ops conv",
):
    try:
        main(words.split())
    except SystemExit as end:
        print(words, "->", end.code)
"""


def interpreter(minor: int) -> str | None:
    """A Python of that version which runs: on the path, or among those of pyenv."""
    name = f"python3.{minor}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    places = [shutil.which(name), *map(str, sorted(pyenv.glob(f"versions/*/bin/{name}")))]
    for place in filter(None, places):
        done = subprocess.run([place, "-c", ""], capture_output=True, check=False)  # a shim may not
        if done.returncode == 0:
            return place
    return None


def packages_at(folder: Path) -> Path:
    """A folder with archcalc and the packages in pure Python that it imports, for any interpreter."""
    (folder / "archcalc").symlink_to(ROOT / "archcalc", target_is_directory=True)
    (folder / "archcalc_specs").symlink_to(ROOT / "specs", target_is_directory=True)
    for name in ("click", "rich", "pygments", "markdown_it", "mdurl"):
        found = importlib.util.find_spec(name)
        if found is not None and found.origin is not None:
            (folder / name).symlink_to(Path(found.origin).parent, target_is_directory=True)
    return folder


@cache
def printed_here() -> str:
    return run(sys.executable, "-c", CALLS, COLUMNS="100")


@pytest.mark.slow
@pytest.mark.parametrize("minor", MINORS)
def test_every_python(minor: int, tmp_path: Path) -> None:
    """Each reads all files, and prints what this one prints. Defeats: syntax and functions of a
    newer Python, an order that only some have."""
    python = interpreter(minor)
    if python is None:
        pytest.skip(f"there is no Python 3.{minor} here")
    environment = {
        "PYTHONPATH": str(packages_at(tmp_path)),
        "PYTHONPYCACHEPREFIX": str(tmp_path / "compiled"),
        "COLUMNS": "100",
    }
    sources = ["archcalc", "benchmarks", "docs", "examples", "specs", "tests"]
    run(python, "-m", "compileall", "-q", "-x", "golden", *sources, **environment)
    assert run(python, "-c", CALLS, **environment) == printed_here()
    codes = re.findall(r"^(\w+) .* -> (\d)$", printed_here(), re.MULTILINE)
    assert [command for command, code in codes if code == "1"] == ["check"]
    assert len(codes) == 7


# A source distribution --------------------------------------------------------------------------

BUILD = "import sys; from setuptools import build_meta; print(build_meta.{}(sys.argv[1]))"
# A part of the quick lane that reads goldens, docs, examples, specs and the README.
PART = ["test_sheets_doc.py", "test_language_doc.py", "test_figures.py", "test_zoo_figures.py"]


def built(what: str, source: Path, folder: Path) -> Path:
    """The file that setuptools makes of a folder of source, without a network."""
    return folder / run(sys.executable, "-c", BUILD.format(what), str(folder), folder=source).splitlines()[-1]


@pytest.mark.slow
def test_a_source_distribution_runs_its_tests(tmp_path: Path) -> None:
    """It is built of a copy, since that leaves files behind, and installed as its wheel would be."""
    pytest.importorskip("setuptools")
    left_out = shutil.ignore_patterns(
        ".git", ".venv", "*.egg-info", "__pycache__", ".*_cache", "build", "dist"
    )
    copy = shutil.copytree(ROOT, tmp_path / "clone", ignore=left_out)
    with tarfile.open(built("build_sdist", copy, tmp_path)) as archive:
        archive.extractall(tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    if (ROOT / ".git").exists():
        tracked = run("git", "ls-files", "-z").split("\0")
        missing = {name for name in tracked if (ROOT / name).is_file() and not (folder / name).exists()}
        assert missing <= NOT_RELEASED
    installed = tmp_path / "installed"
    with zipfile.ZipFile(built("build_wheel", folder, tmp_path)) as archive:
        archive.extractall(installed)
    where = "import archcalc, archcalc_specs; print(archcalc.__file__, archcalc_specs.__file__)"
    for place in run(sys.executable, "-c", where, folder=tmp_path, PYTHONPATH=str(installed)).split():
        assert Path(place).is_relative_to(installed)
    words = ["-n", "0", "-m", "not slow", "-p", "no:cacheprovider", *(f"tests/{name}" for name in PART)]
    run(sys.executable, "-m", "pytest", *words, folder=folder, PYTHONPATH=str(installed))
