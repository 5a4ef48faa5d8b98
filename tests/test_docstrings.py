"""The docstrings of the Python API: what they say of arguments is complete, and their examples are true."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import archcalc
from archcalc import loading, network, quantities
from archcalc.api import answers, budgets, classes, comparisons, explanations, solutions, summaries
from archcalc.diagnostics import SpecError
from archcalc.graph import Graph, Label, Layer, Metadata, PublishedFigure
from archcalc.loading import own_ops, targets
from archcalc.ops.attributes import Attribute
from archcalc.ops.base import Op
from archcalc.ops.facts import OperationCounts, Saved, Tensor
from archcalc.ops.volume import Volume
from archcalc.ops.window import Window
from archcalc.quantities import Quantity

# The classes whose public methods are the API, and its functions.
CLASSES = (
    network.Network,
    summaries.SummaryReport,
    summaries.ReceptiveFieldReport,
    budgets.BudgetReport,
    comparisons.ComparisonReport,
    comparisons.LayerComparison,
    explanations.ExplanationReport,
    answers.MarkedAnswer,
    answers.AnswerReport,
    classes.SheetReport,
    classes.ClassReport,
    solutions.SolutionReport,
    SpecError,
)
FUNCTIONS = (
    network.load,
    network.compare,
    network.solve,
    network.trace,
    answers.check,
    classes.mark,
    own_ops.load_ops,
    own_ops.load_installed,
    own_ops.own_files,
    targets.find,
    targets.module_of,
    targets.parameters_of,
    targets.plain_name,
    loading.parameter,
    quantities.called,
    quantities.further,
    quantities.names,
    quantities.measured,
    quantities.reported,
    quantities.reports,
)


# What the author of an op writes with. Of the rules, those that hardly any op leaves out show an example.
OPS = {
    **{
        cls.__name__: cls for cls in (Attribute, Op, OperationCounts, Quantity, Saved, Tensor, Volume, Window)
    },
    **{
        f"Op.{name}": getattr(Op, name)
        for name in ("facts", "operations", "output", "saves", "tensors", "torch_code", "volume", "window")
    },
}
# The graph that a network has.
GRAPH = {cls.__name__: cls for cls in (Graph, Label, Layer, Metadata, PublishedFigure)}
# Where the methods of the classes are defined that belong to the API.
FILES = ("archcalc.network", "archcalc.api", "archcalc.loading")


def documented() -> Iterator[tuple[str, Any]]:
    """All that is documented, by name."""
    for function in FUNCTIONS:
        yield function.__name__, function
    for cls in CLASSES:
        yield cls.__name__, cls
        for name, value in inspect.getmembers(cls):
            where = value.fget if isinstance(value, property) else value
            if not name.startswith("_") and getattr(where, "__module__", "").startswith(FILES):
                yield f"{cls.__name__}.{name}", value


API = {**dict(documented()), **GRAPH, **OPS}


@pytest.mark.parametrize("name", API)
def test_an_example_that_is_true(name: str) -> None:
    """Defeats an example that the program has outgrown, and a name without one."""
    docstring = inspect.getdoc(API[name]) or ""
    parser = doctest.DocTestParser()
    example = parser.get_doctest(docstring, {"archcalc": archcalc}, name, None, None)
    assert example.examples, f"{name} shows no example"
    failures: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, out=failures.append)
    assert not failures, "".join(failures)


MODULES = [
    module.name
    for module in pkgutil.walk_packages(archcalc.__path__, "archcalc.")
    if not module.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_every_example_of_a_module_is_true(name: str) -> None:
    """Of what is no API too. Defeats an example that nobody runs."""
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        pytest.skip(str(error))
    failures: list[str] = []
    for example in doctest.DocTestFinder(exclude_empty=True).find(module, extraglobs={"archcalc": archcalc}):
        doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False).run(example, out=failures.append)
    assert not failures, "".join(failures)


@pytest.mark.parametrize("name", [name for name in API if name in OPS or inspect.isroutine(API[name])])
def test_all_arguments_are_shown(name: str) -> None:
    """Defeats an argument that was added without a word, and one that is gone."""
    docstring = inspect.getdoc(API[name]) or ""
    is_class = inspect.isclass(API[name])
    signature = inspect.signature(API[name])
    arguments = re.search(r"^Args:\n((?:    .*\n?|\n)+)", docstring, re.MULTILINE)
    args = re.findall(r"^    (\w+): ", arguments[1], re.MULTILINE) if arguments else []
    assert args == [name for name in signature.parameters if name not in ("self", "cls")]
    returns = not is_class and signature.return_annotation not in (None, "None", inspect.Signature.empty)
    assert returns == ("\nReturns:\n" in docstring)
    assert docstring.partition("\n")[0].endswith("."), "the first line is a sentence"


@pytest.mark.parametrize("name", GRAPH)
def test_all_attributes_are_explained(name: str) -> None:
    """Defeats an attribute that was added without a word, and one that is gone."""
    explained = re.findall(r"^    (\w+): ", inspect.getdoc(GRAPH[name]) or "", re.MULTILINE)
    assert sorted(explained) == sorted(slot for slot in GRAPH[name].__slots__ if not slot.startswith("_"))


def tables_of_attributes() -> Iterator[tuple[str, list[str], set[str]]]:
    """Of every class whose docstring explains attributes in a table: the words of its first column, and
    the names that the class knows."""
    for path in sorted(Path(archcalc.__file__).parent.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.ClassDef):
                continue
            words = re.findall(r"^(\w+(?:, \w+)*)  +\S", ast.get_docstring(node) or "", re.MULTILINE)
            if words:
                known = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                known |= {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
                known |= {n.name for n in ast.walk(node) if isinstance(n, ast.FunctionDef)}
                known |= {n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and n.value in words}
                yield f"{path.name}: {node.name}", ", ".join(words).split(", "), known


def test_tables_of_attributes_name_attributes() -> None:
    """Defeats a docstring that explains an attribute by the name that it had last year."""
    tables = list(tables_of_attributes())
    assert len(tables) > 20
    assert [(where, word) for where, words, known in tables for word in words if word not in known] == []
