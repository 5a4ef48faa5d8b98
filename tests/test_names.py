"""Names: one word has one meaning, and says it to somebody who reads the code for the first time.

Defeats: a private vocabulary that grows back, in which ``room`` is the width of a screen, the memory
of a device and a budget; a traceback through functions that are all called ``_``; two types of one
name, one of which is found instead of the other.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from archcalc.answers.misconceptions import CATALOGUE

ROOT = Path(__file__).resolve().parent.parent

# Words that had a private meaning, and what stands for each now.
PRIVATE = {
    "room": "width_left, memory_limit, budget, slack, classroom",
    "said": "what it is: a message, a description, parts; a function that formats is format_*",
    "told": "explanation, shown, reported",
    "tell": "why, explanation",
    "own": "follow_through, stated, owned",
    "Own": "FollowThrough",
    "ghost": "skipped",
    "ghosts": "skipped",
    "holes": "unknowns",
    "Hole": "Unknown",
    "Riddle": "Query",
    "Trial": "TrialExpansion",
    "put_in": "substitute",
    "shelf": "zoo_path",
    "Strand": "PeriodicWindows",
    "Even": "AffineWindows",
    "Uneven": "PiecewiseWindows",
    "Ragged": "IrregularWindows",
    "ragged": "irregular",
    "hull": "union",
    "View": "TensorField",
    "Sight": "FieldsByInput",
    "twin": "torch_code",
    "Twin": "TorchCode",
    "untwinned": "no_torch_reason",
    "over": "inplace",
    "miscounted": "no_flops_reason",
    "keeps": "saves",
    "Kept": "Saved",
    "unkept": "no_saved_rule",
    "followed": "input_gradient",
    "assembled": "backward_temporaries",
    "Ledger": "OperationCounts",
    "ledger": "operations, breakdown",
    "rides": "inline",
    "riders": "attached",
    "board": "attach",
    "wing": "half_bar",
    "charged": "owns_parameters, parameter_owners",
    "spared": "refuse_overwrite",
    "there": "require_device, exists, present",
    "enough": "require_memory",
    "give": "write_answer",
    "say": "report_diagnostics",
    "World": "AssumedShapes",
    "Asked": "Question",
    "Recipe": "Hypothesis",
    "Likeness": "OtherToolTable",
    "About": "Metadata",
    "Claim": "PublishedFigure",
    "Place": "Label",
    "needs_company": "needs_batch",
    "Problem": "a name that ends in Error",
    "Malformed": "a name that ends in Error",
    "TooLong": "a name that ends in Error",
    "Doubtful": "a name that ends in Error",
    "NoText": "a name that ends in Error",
    "Skip": "a name that ends in Error",
}
# Those of them that are no part of a longer name either: they say nothing in it.
NO_PART = {
    *("ghost", "ghosts", "hull", "ledger", "miscounted", "ragged", "riddle", "rider", "riders", "shelf"),
    *("strand", "strands", "twin", "twinned", "twins", "unkept", "untwinned", "wing"),
}
# Words like them that stay, for what they mean.
ORDINARY = {
    "kept": "what a selection keeps; what backward keeps is saved",
    "look": "how the cells of a column look",
    "witness": "the folder of the check against PyTorch, which is independent of the rules",
    "Fault": "what could not be read on a sheet; it is no exception",
    "Unknown": "a number that solve looks for; it is no exception",
}
# Types that share their name with another, and why they may.
SHARED = {
    **dict.fromkeys(
        ("Row", "Scope", "Totals"), "quantities.py must not import the types that are computed with it"
    ),
    "Format": "formats.named looks for a class of this name in the file of each format",
    "Reader": "files.readers looks for a class of this name in the file of each kind of file",
    "Value": "a tensor on its way to a layer: of a recording, and of a model of Keras",
    "Call": "a call of a layer: in a spec, and in a model of Keras",
    "KerasModel": "what the reader has of a model, and what the screen has",
    "Platform": "platforms.platforms looks for a class of this name in the file of each platform",
}


@cache
def trees() -> list[tuple[str, ast.Module]]:
    """All files that are written for the project: the package, its tests, documents, measurements."""
    folders = ("archcalc", "benchmarks", "docs", "examples", "tests")
    paths = [
        path for folder in folders for path in (ROOT / folder).rglob("*.py") if "golden" not in path.parts
    ]
    return [(str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))) for path in sorted(paths)]


def identifiers(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """What a file names: functions, classes, arguments, variables, attributes."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name, node.lineno
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno
        elif isinstance(node, ast.alias) and node.asname:
            yield node.asname, 0


@cache
def every_identifier() -> list[tuple[str, str, int]]:
    """What all files name, with the place: the walk through them takes a second."""
    return [(path, name, line) for path, tree in trees() for name, line in identifiers(tree)]


def types(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The public classes of a file, and its names for types that are made of others."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node.lineno
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name[0].isupper() and not name.isupper():
                yield name, node.lineno


@pytest.fixture(scope="module", autouse=True)
def _looked_through() -> None:
    """The files are parsed once, for all tests."""
    every_identifier()


def test_no_private_words() -> None:
    found = [
        f"{path}:{line}: {name}: {PRIVATE[name.strip('_')]}"
        for path, name, line in every_identifier()
        if name.strip("_") in PRIVATE
    ]
    assert not found, "\n".join(found)


def test_no_private_words_in_longer_names() -> None:
    """Defeats a constant of twins, and a test of ledgers."""
    found = [
        f"{path}:{line}: {name}"
        for path, name, line in every_identifier()
        if NO_PART & {part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
    ]
    assert not found, "\n".join(found)


def test_ordinary_words_are_in_use() -> None:
    """An exception from the list of words goes when its last use has gone."""
    used = {name.strip("_") for _, name, _ in every_identifier()}
    used |= {folder.name for folder in (ROOT / "archcalc").iterdir()}
    assert set(ORDINARY) <= used
    assert not set(ORDINARY) & set(PRIVATE)


def test_functions_that_format_say_so() -> None:
    found = [
        f"{path}:{line}: {name}"
        for path, name, line in every_identifier()
        if name.endswith(("_said", "_told")) or name.startswith(("said_", "told_"))
    ]
    assert not found, "\n".join(found)


def test_every_function_has_a_name() -> None:
    found = [
        f"{path}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and not node.name.strip("_")
    ]
    assert not found, "\n".join(found)


def test_misconceptions_are_named_after_their_ids() -> None:
    """A traceback says which, and nobody has to look for ``bias-forgotten`` under another name."""
    assert CATALOGUE
    names = [belief.rule.__name__ for belief in CATALOGUE.values()]
    assert len(set(names)) == len(names)
    for id, belief in CATALOGUE.items():
        assert belief.id == id == belief.rule.__name__.replace("_", "-")
        assert id.strip("-")


def test_exceptions_are_errors() -> None:
    bases: dict[str, list[str]] = {}
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = [ast.unparse(base).rpartition(".")[2] for base in node.bases]

    def raised(name: str) -> bool:
        above = [base for base in bases.get(name, ()) if base != name]
        return name in ("Exception", "BaseException") or any(map(raised, above))

    known = [name for name in bases if raised(name) or any(b.endswith("Error") for b in bases[name])]
    assert len(known) > 5
    assert not [name for name in known if not name.endswith("Error")]


def test_one_name_for_each_type() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path, tree in trees():
        if path.startswith("archcalc"):
            for name, line in types(tree):
                # A module that PyTorch lacks has the name of the op that it stands for, a layer of Keras its
                # name in Keras.
                if not path.startswith(
                    ("archcalc/witness/modules/", "archcalc/importing/files/_keras/layers/")
                ):
                    places[name].append(f"{path}:{line}")
    twice = {name: where for name, where in places.items() if len(where) > 1}
    assert not {name: where for name, where in twice.items() if name not in SHARED}
    assert set(SHARED) <= set(twice), "no longer shared"
