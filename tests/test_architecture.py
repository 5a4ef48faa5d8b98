"""The walls of the house: which part may import which, and what is imported at all.

The import graph is drawn from the source, imports inside functions and those for the type checker alone
included: a low file that speaks of a high one is not low.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "archcalc"

# From the lowest layer to the highest. An entry is a part: files and folders of archcalc that may import
# each other. A part imports lower layers, and nothing of its own layer or above.
LAYERS = (
    ("_version", "amounts", "arrays", "arithmetic", "files", "interrupts", "source"),
    ("diagnostics", "module_run", "periodic", "shape", "algebra", "code_form", "keras_listing"),
    ("ops", "packages", "texts", "toml_text", "toml_places"),
    ("graph", "quantities"),
    ("torch_code",),
    ("export",),
    ("counters",),
    ("analysis", "language", "importing", "values"),
    ("devices", "loading"),
    ("letters",),
    ("answers", "sweeping", "witness"),
    ("solving",),
    ("questions", "reconciling"),
    ("report",),
    ("__init__ network api",),
    ("serving",),
    ("cli",),
    ("__main__",),
)
LAYER_OF = {
    name: (height, part) for height, layer in enumerate(LAYERS) for part in layer for name in part.split()
}

# Packages that one part alone imports: files and folders. PyTorch is what witness/ is about; a terminal
# is drawn by rich, and the command line read by click.
OWNERS = {
    "torch": ("witness", "importing/torch"),
    "rich": ("report/terminal.py",),
    "click": ("cli",),
    "pandas": ("report/frame.py",),
    "matplotlib": ("report/pictures/canvas.py", "report/pictures/scene.py"),
}
# Packages that take long to import: never at the head of a file, besides those of their owners.
LAZY = ("numpy", "rich", "torch")
# Folders that import them with the file: they work on nothing else, and are imported lazily themselves.
EAGER = ("witness/", "importing/torch/", "arrays/", "sweeping/", "solving/spaces/")


class Arrow(NamedTuple):
    """An import: the module that imports, the module that is imported, and the line."""

    module: str
    imported: str
    line: int


# A file is parsed once for all tests, and looked through once.
parsed = cache(ast.parse)


@cache
def imports_and_calls(text: str) -> list[ast.Import | ast.ImportFrom | ast.Call]:
    """The nodes of a file that the walls are about."""
    nodes = ast.walk(parsed(text))
    return [node for node in nodes if isinstance(node, (ast.Import, ast.ImportFrom, ast.Call))]


@cache
def sources() -> dict[str, str]:
    """The text of all modules by their path below archcalc: ``ops/base.py``."""
    folder = ROOT / PACKAGE
    return {str(p.relative_to(folder).as_posix()): p.read_text("utf-8") for p in sorted(folder.rglob("*.py"))}


def arrows(files: Mapping[str, str]) -> Iterator[Arrow]:
    """All imports of these files by one another. Modules are called by their paths."""
    for path, text in files.items():
        for node in imports_and_calls(text):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = _base(path, node)
                names = [f"{base}.{alias.name}" for alias in node.names]
            else:
                continue
            for name in names:
                found = _file(name, files)
                if found is not None and found != path:
                    yield Arrow(path, found, node.lineno)


def _nodes(tree: ast.AST, typing: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """All nodes, each with whether it stands below ``if TYPE_CHECKING``."""
    for node in ast.iter_child_nodes(tree):
        only = (
            isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        )
        yield node, typing
        yield from _nodes(node, typing or only)


def _base(path: str, node: ast.ImportFrom) -> str:
    """The full name of the package that ``from … import`` names."""
    if not node.level:
        return node.module or ""
    parts = [PACKAGE, *path.split("/")[:-1]]
    return ".".join([*parts[: len(parts) - node.level + 1], *([node.module] if node.module else [])])


def _file(name: str, files: Mapping[str, str]) -> str | None:
    """The file of a module, or the one that holds a name; None of another package."""
    parts = name.split(".")
    if parts[0] != PACKAGE:
        return None
    for end in (len(parts), len(parts) - 1):
        stem = "/".join(parts[1:end])
        for path in (f"{stem}.py", f"{stem}/__init__.py".lstrip("/")):
            if path in files:
                return path
    return None


def layer_of(path: str) -> tuple[int, str]:
    """The height and the part of a file."""
    name = path.partition("/")[0].removesuffix(".py")
    assert name in LAYER_OF, f"archcalc/{path} is in no layer: say in LAYERS where {name} stands"
    return LAYER_OF[name]


def upwards(files: Mapping[str, str]) -> list[str]:
    """The arrows that do not run down, as messages that name file and line."""
    found = []
    for arrow in arrows(files):
        (height, part), (other, imported) = layer_of(arrow.module), layer_of(arrow.imported)
        if part != imported and other >= height:
            found.append(
                f"archcalc/{arrow.module}:{arrow.line} imports {arrow.imported}: "
                f"{part} may not import {imported}"
            )
    return found


def circles(files: Mapping[str, str]) -> list[str]:
    """The circles of imports, each as a message with the lines that close it."""
    out: dict[str, dict[str, Arrow]] = {path: {} for path in files}
    for arrow in arrows(files):
        out[arrow.module].setdefault(arrow.imported, arrow)
    done: set[str] = set()
    found = []
    for start in files:
        path: list[str] = []
        stack = [(start, iter(out[start]))] if start not in done else []
        if stack:
            path.append(start)
        while stack:
            module, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                stack.pop()
                path.pop()
                done.add(module)
            elif step in path:
                ring = [*path[path.index(step) :], step]
                closing = [f"{a}:{out[a][b].line}" for a, b in pairwise(ring)]
                found.append("a circle of imports: " + " -> ".join([*closing, step]))
            elif step not in done:
                stack.append((step, iter(out[step])))
                path.append(step)
    return found


@cache
def _imports(text: str) -> list[tuple[ast.AST, bool]]:
    return [found for found in _nodes(parsed(text)) if isinstance(found[0], (ast.Import, ast.ImportFrom))]


def foreign(files: Mapping[str, str]) -> Iterator[tuple[str, str, int, bool]]:
    """Imports of other packages: the file, the package, the line, and whether it is imported with the
    file."""
    for path, text in files.items():
        tree = parsed(text)
        head = {id(node) for node in tree.body}
        for node, typing in _imports(text):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            else:
                continue
            for name in names:
                yield path, name.partition(".")[0], node.lineno, id(node) in head and not typing


def strangers(files: Mapping[str, str]) -> list[str]:
    """Imports of packages outside the parts that own them, and heavy ones with a file."""
    found = []
    for path, package, line, with_file in foreign(files):
        owners = OWNERS.get(package)
        owned = any(path == owner or path.startswith(f"{owner}/") for owner in owners or ())
        if owners is not None and not owned:
            found.append(
                f"archcalc/{path}:{line} imports {package}: that is for {', '.join(owners) or 'nobody'}"
            )
        elif package in LAZY and with_file and not path.startswith(EAGER):
            found.append(
                f"archcalc/{path}:{line} imports {package} with the file: import it where it is used"
            )
    return found


def printing(files: Mapping[str, str]) -> list[str]:
    """Calls of ``print`` below the command line."""
    return [
        f"archcalc/{path}:{node.lineno} prints"
        for path, text in files.items()
        if not path.startswith(("cli/", "__main__"))
        for node in imports_and_calls(text)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]


def test_no_arrow_points_upwards() -> None:
    assert upwards(sources()) == []


def test_there_are_no_circles() -> None:
    assert circles(sources()) == []


def test_packages_are_imported_by_their_owners() -> None:
    assert strangers(sources()) == []


def test_nothing_below_the_command_line_prints() -> None:
    assert printing(sources()) == []


# What must be caught: files in the place of others, and what is said of them.
BREAKS = {
    "an arrow upwards": (
        upwards,
        {"analysis/totals.py": "x = 1\n\nfrom ..report.lines import Line\n"},
        "archcalc/analysis/totals.py:3 imports report/lines.py: analysis may not import report",
    ),
    "an arrow upwards inside a function": (
        upwards,
        {"ops/base.py": "def f():\n    import archcalc.language.parser\n"},
        "archcalc/ops/base.py:2 imports language/parser.py: ops may not import language",
    ),
    "an arrow upwards for the type checker": (
        upwards,
        {"graph.py": "if TYPE_CHECKING:\n    from .analysis.totals import Totals\n"},
        "archcalc/graph.py:2 imports analysis/totals.py: graph may not import analysis",
    ),
    "a neighbour": (
        upwards,
        {"language/lexer.py": "from ..analysis import totals\n"},
        "archcalc/language/lexer.py:1 imports analysis/totals.py: language may not import analysis",
    ),
    "a circle through a function": (
        circles,
        {
            "analysis/totals.py": "from . import scope\n",
            "analysis/scope.py": "def f():\n    from .totals import Totals\n",
        },
        "a circle of imports: analysis/scope.py:2 -> analysis/totals.py:1 -> analysis/scope.py",
    ),
    "a circle through the type checker": (
        circles,
        {
            "analysis/totals.py": "if TYPE_CHECKING:\n    from . import scope\n",
            "analysis/scope.py": "from . import totals\n",
        },
        "a circle of imports: analysis/scope.py:1 -> analysis/totals.py:2 -> analysis/scope.py",
    ),
    "torch where nothing needs it": (
        strangers,
        {"report/words.py": "def f():\n    import torch.nn\n"},
        "archcalc/report/words.py:2 imports torch: that is for witness, importing/torch",
    ),
    "numpy with a file": (
        strangers,
        {"analysis/totals.py": "import numpy as np\n"},
        "archcalc/analysis/totals.py:1 imports numpy with the file: import it where it is used",
    ),
    "a print": (printing, {"report/words.py": "\nprint('here')\n"}, "archcalc/report/words.py:2 prints"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_caught(name: str) -> None:
    """Defeats a graph that is drawn without lazy imports, and a check that finds nothing at all."""
    check, files, message = BREAKS[name]
    assert message in check({**sources(), **files})


def test_a_summary_imports_little() -> None:
    """Defeats an import at the head of a file that every call pays for."""
    script = (
        "import sys\n"
        "sys.argv = ['archcalc', 'summary', 'vgg16']\n"
        "from archcalc.__main__ import run\n"
        "try:\n    run()\n"
        "except SystemExit:\n    pass\n"
        "print('\\n'.join(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    modules = set(done.stderr.split())
    assert "archcalc.analysis.summary" in modules
    assert not {"torch", "numpy", "pandas", "importlib.metadata"} & modules
    assert not [name for name in modules if "onnx" in name]
