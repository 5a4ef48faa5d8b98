"""The screen of `archcalc summary FILE` for a file that holds tensors and no network."""

from __future__ import annotations

from ...importing.parameters import ParameterTree, StoredTensor
from ...shape import Shape
from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..lines import clean, clean_line
from ..sheet import NotesBlock, Sheet, TableBlock
from ..words import binary, count, unit_for

# Rows of a table that nobody has asked to be longer.
MOST_ROWS = 100
COLUMNS = (
    Column("tensor"),
    Column("shape"),
    Column("type"),
    Column("parameters", True),
    Column("memory", True),
)


def parameters_sheets(tree: ParameterTree, depth: int | None = None) -> list[Sheet]:
    """The tensors, those below one name as one row where they are many.

    depth  parts of the names that have rows of their own; 0 is all, None as many as there is room for
    """
    deepest = max([tensor.name.count(".") + 1 for tensor in tree.tensors], default=1)
    if depth is None:
        fitting = [at for at in range(deepest, 0, -1) if len(_groups(tree, at)) <= MOST_ROWS]
        depth = fitting[0] if fitting else 1
    depth = min(depth or deepest, deepest)
    unit = unit_for(tree.bytes or 0)
    rows: list[list[Cell]] = []
    for name, tensors in _groups(tree, depth).items():
        sizes = [tensor.bytes for tensor in tensors]
        kinds = list(dict.fromkeys([tensor.dtype for tensor in tensors]))
        alone = len(tensors) == 1 and tensors[0].name == name
        shape = "x".join(map(str, tensors[0].shape)) or "one value" if alone else f"{len(tensors)} tensors"
        learned = sum([tensor.values for tensor in tensors if tensor.learned])
        memory = "?" if None in sizes else binary(sum([size or 0 for size in sizes]), unit)
        rows.append(
            [
                (clean(name), ""),
                (shape, "spec"),
                (clean(", ".join(kinds)), ""),
                (count(learned), "" if learned else "aside"),
                (memory, "warn" if memory == "?" else ""),
            ]
        )
    whole = "?" if tree.bytes is None else binary(tree.bytes, unit)
    total: list[Cell] = [("total", "sum"), ("", ""), ("", ""), (count(tree.params), "sum"), (whole, "sum")]
    notes = ["it holds tensors and no graph: MACs and receptive fields are those of a module or a spec"]
    if tree.buffers:
        notes.append(f"{tree.buffers:,} values are taken for batch-norm statistics, by their names")
    folded = [f"depth {depth} of {deepest}"] if depth < deepest else []
    return [
        Sheet(
            clean_line(tree.path),
            tree.kind,
            "",
            "parameters",
            TableBlock(Grid(COLUMNS, rows, [total])),
            NotesBlock(notes, [f"memory in {unit}", *folded]),
        )
    ]


def parameters_table(tree: ParameterTree) -> FlatTable:
    """One record per tensor."""
    return ["name", "shape", "dtype", "values", "bytes", "learned"], (
        [tensor.name, Shape(tensor.shape), tensor.dtype, tensor.values, tensor.bytes, tensor.learned]
        for tensor in tree.tensors
    )


def _groups(tree: ParameterTree, depth: int) -> dict[str, list[StoredTensor]]:
    """The tensors by the first parts of their names."""
    found: dict[str, list[StoredTensor]] = {}
    for tensor in tree.tensors:
        found.setdefault(".".join(tensor.name.split(".")[:depth]), []).append(tensor)
    return found
