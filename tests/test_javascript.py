"""The scripts and styles of pages: formatted by prettier, and without what ESLint objects to."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = (ROOT / "archcalc" / "report" / "page" / "assets", ROOT / "archcalc" / "serving" / "assets")
SCRIPTS = [path for folder in FOLDERS for path in sorted(folder.glob("*.js")) if path.name != "dagre.min.js"]
STYLES = [path for folder in FOLDERS for path in sorted(folder.glob("*.css"))]
SETTINGS = ROOT / "tests" / "javascript"
TOOLS = ("prettier@3.10.1", "eslint@9.39.5", "globals@17.14.0")


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the tools are installed. Skips where they cannot be."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("Node.js is not installed")
    folder = tmp_path_factory.mktemp("javascript")
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", *TOOLS]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("prettier and ESLint were not to be had in good time")
    if done.returncode:
        pytest.skip("prettier and ESLint are not to be had here")
    return folder


@pytest.mark.slow
def test_scripts_and_styles_are_formatted(tools: Path) -> None:
    command = [str(tools / "node_modules" / ".bin" / "prettier"), "--config", str(SETTINGS / "prettier.json")]
    done = subprocess.run(
        [*command, "--check", *map(str, SCRIPTS + STYLES)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_scripts_have_no_faults(tools: Path) -> None:
    """Defeats a name that is nowhere defined, and an import that nobody uses."""
    for path in SCRIPTS:
        shutil.copy(path, tools / f"{path.parent.parent.name}_{path.name}")
    shutil.copy(SETTINGS / "eslint.config.mjs", tools)
    command = [str(tools / "node_modules" / ".bin" / "eslint"), "--max-warnings", "0", "."]
    done = subprocess.run(command, cwd=tools, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_each_import_is_of_something_that_is_exported() -> None:
    """Defeats a name that was changed in one file alone: joined scripts say so only in a browser."""
    exported = {
        path.stem: set(
            re.findall(r"^export (?:async )?(?:function|const|class|let) (\w+)", path.read_text(), re.M)
        )
        for path in SCRIPTS
    }
    exported["asking"] = exported["server"] & exported["worker"]
    for path in SCRIPTS:
        for names, module in re.findall(r'^import \{([^}]*)\} from "\./(\w+)\.js";', path.read_text(), re.M):
            asked = {name.strip() for name in names.split(",") if name.strip()}
            assert asked <= exported[module], (path.name, module, asked - exported[module])
