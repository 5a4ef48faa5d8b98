"""The sizes of what a module is given and gives, read off how its layer applies it.

A layer says in source how its module is applied: ``m(x.movedim(1, -1)).movedim(-1, 1)``. What stands inside
the call leads from the layer's inputs to what the module takes, what stands around it from what the module
gives to the layer's output.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

from ..arithmetic import product

AxisSizes = tuple[int, ...]


class UnknownSizesError(Exception):
    """Source whose sizes are not known."""


class CallSizes(NamedTuple):
    """What a module is given, and what it gives."""

    takes: AxisSizes
    gives: AxisSizes | None


def sizes_of_calls(apply: str, inputs: Sequence[AxisSizes], output: AxisSizes) -> list[CallSizes]:
    """Return the sizes of each call of the module ``m`` in a layer's source, in the order of the source.

    Args:
        apply: How the layer is applied, from ``m``, ``x`` and ``xs``.
        inputs: AxisSizes of the tensors that the layer reads, batch first, channels second.
        output: Those of what it gives.
    """
    found: list[CallSizes] = []
    for call, around in _calls(apply):
        takes = _sizes(call.args[0], inputs)
        gives: AxisSizes | None = output
        try:
            for outer in around:
                gives = _undone(outer, gives or (), len(takes))
        except UnknownSizesError:
            gives = None
        if found and gives is not None:
            gives = (*takes[:2], *gives[2:])  # the number of values in each window, of a tensor of ones
        found.append(CallSizes(takes, gives))
    return found


@cache
def _calls(apply: str) -> list[tuple[ast.Call, list[ast.expr]]]:
    """The calls of ``m``, each with what stands around it, from outside to inside."""
    found: list[tuple[ast.Call, list[ast.expr]]] = []

    def visit(node: ast.AST, around: list[ast.expr]) -> None:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "m":
            found.append((node, around))
            return
        inner = [*around, node] if isinstance(node, ast.expr) else around
        for child in _in_order(node):
            visit(child, inner)

    visit(ast.parse(apply, mode="eval"), [])
    return found


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """The parts of an expression in the order in which they are computed."""
    if isinstance(node, ast.Call):
        yield node.func.value if isinstance(node.func, ast.Attribute) else node.func
        yield from node.args
    elif isinstance(node, ast.ListComp):
        yield from [generator.iter for generator in node.generators]
    else:
        yield from ast.iter_child_nodes(node)


def _sizes(node: ast.expr, inputs: Sequence[AxisSizes]) -> AxisSizes:
    """The sizes of an expression. Raises UnknownSizesError."""
    if isinstance(node, ast.Starred):
        return _sizes(node.value, inputs)
    if isinstance(node, ast.Name) and node.id in ("x", "xs"):
        return inputs[0]
    if isinstance(node, ast.Subscript):
        if isinstance(node.value, ast.Name) and node.value.id == "xs":
            return inputs[int(str(_literal(node.slice)))]
        return _sliced(_sizes(node.value, inputs), node.slice)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        raise UnknownSizesError(ast.unparse(node))
    if isinstance(node.func.value, ast.Name) and node.func.value.id in ("torch", "F"):
        sizes, given = _sizes(node.args[0], inputs), node.args[1:]
    else:
        sizes, given = _sizes(node.func.value, inputs), node.args
    arguments = [_literal(argument) for argument in given]
    return _done(node.func.attr, sizes, arguments)


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        raise UnknownSizesError(ast.unparse(node)) from None


def _done(name: str, sizes: AxisSizes, arguments: Sequence[object]) -> AxisSizes:
    """The sizes behind a function of PyTorch that moves or pads values. Raises UnknownSizesError."""
    match name, arguments:
        case "clone" | "ones_like" | "contiguous", _:
            return sizes
        case "flatten", [int(start), *rest]:
            end = int(str(rest[0])) % len(sizes) if rest else len(sizes) - 1
            return (*sizes[:start], int(product(sizes[start : end + 1])), *sizes[end + 1 :])
        case "unsqueeze", [int(axis)]:
            return (*sizes[:axis], 1, *sizes[axis:])
        case "squeeze", [int(axis)]:
            return (*sizes[:axis], *sizes[axis + 1 :])
        case "movedim", [source, target]:
            return _moved(sizes, source, target)
        case "pad", [list() as sides, *_]:
            found = list(sizes)
            for number, extra in enumerate(sides):
                found[len(sizes) - 1 - number // 2] += extra
            return tuple(found)
    raise UnknownSizesError(name)


def _moved(sizes: AxisSizes, source: object, target: object) -> AxisSizes:
    sources = source if isinstance(source, tuple) else (source,)
    targets = target if isinstance(target, tuple) else (target,)
    axes = len(sizes)
    placed = {t % axes: s % axes for s, t in zip(sources, targets, strict=True)}
    rest = iter([axis for axis in range(axes) if axis not in placed.values()])
    return tuple([sizes[placed[at] if at in placed else next(rest)] for at in range(axes)])


def _sliced(sizes: AxisSizes, node: ast.expr) -> AxisSizes:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    found = list(sizes)
    for axis, part in enumerate(parts):
        if not isinstance(part, ast.Slice):
            raise UnknownSizesError(ast.unparse(node))
        bounds = part.lower, part.upper, part.step
        ends = [None if bound is None else int(str(_literal(bound))) for bound in bounds]
        found[axis] = len(range(sizes[axis])[slice(*ends)])
    return tuple(found)


def _undone(node: ast.expr, sizes: AxisSizes, axes: int) -> AxisSizes:
    """The sizes in front of what stands around a call, of those behind it; the call is given so many axes.
    Raises UnknownSizesError."""
    if isinstance(node, ast.BinOp):
        return sizes
    if isinstance(node, ast.Subscript):
        if _literal(node.slice) == 0:  # the first of the tensors that it gives
            return sizes
        raise UnknownSizesError(ast.unparse(node))
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        raise UnknownSizesError(ast.unparse(node))
    of_torch = isinstance(node.func.value, ast.Name) and node.func.value.id in ("torch", "F")
    arguments = [_literal(argument) for argument in (node.args[1:] if of_torch else node.args)]
    match node.func.attr, arguments:
        case "movedim", [source, target]:
            return _moved(sizes, target, source)
        case "squeeze", [int(axis)]:
            return _done("unsqueeze", sizes, [axis])
        case "flatten", [1]:  # of a single position
            return (*sizes, *[1] * (axes - 2))
        case "unflatten", [0, tuple() as front]:
            return _done("flatten", sizes, [0, len(front) - 1])
        case "pad", [list() as sides, *_]:
            return _done("pad", sizes, [[-side for side in sides]])
    raise UnknownSizesError(ast.unparse(node))
