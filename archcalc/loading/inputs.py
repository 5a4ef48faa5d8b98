"""The inputs of a network: sizes that a caller gave, their layout, and sizes that look like
another one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from ..diagnostics import NOTE, Diagnostic, fail
from ..graph import Graph, Layer
from ..language.definitions import InputHead, Net
from ..language.syntax import Assertion, Body, Call, Chain, Item, Repeat
from ..ops.attributes import show
from ..shape import Shape
from ..source import Span

# Channels of pictures: grey, colour, colour with transparency.
_PICTURES = (1, 3, 4)
_BETWEEN = re.compile(r"[xX×*,]")


def by_name(given: Any) -> Any:
    """Inputs as a caller gave them; by name where a text names them: ``"image=8x8x3 ids=16:int64"``."""
    parts = given.split() if isinstance(given, str) else []
    pairs = [part.partition("=") for part in parts]
    if not pairs or not all(name and sign and size for name, sign, size in pairs):
        return given
    return {name: size for name, _, size in pairs}


def given_shapes(net: Net, given: Any, layout: str = "hwc") -> dict[str, Shape]:
    """Return input shapes by name, from what a caller gave in this layout. Raises SpecError."""
    if given is None:
        return {}
    if not isinstance(given, dict):
        if len(net.inputs) != 1:
            names = ", ".join(head.name for head in net.inputs)
            raise fail("argument", f"{net.name} has several inputs: give {names} by name")
        given = {net.inputs[0].name: given}
    known = [head.name for head in net.inputs]
    shapes = {}
    for name, value in given.items():
        if name not in known:
            raise fail("argument", f"there is no input `{name}`", f"it has {', '.join(known)}")
        shapes[name] = channels_last(shape(value), layout)
    return shapes


def shape(value: Any) -> Shape:
    """Return a shape from ``"224x224x3"`` or a sequence of ints. Raises SpecError."""
    if isinstance(value, str):
        parts = [part.strip() for part in _BETWEEN.split(value.strip().strip("()[]"))]
        if not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts):
            raise fail("argument", f"`{value}` is no input size", "as in 224x224x3")
        value = [int(part) for part in parts]
    elif isinstance(value, int) and not isinstance(value, bool):
        value = [value]
    try:
        sizes = Shape(value)
    except TypeError:
        raise fail("argument", f"{value!r} is no input size", "as in (224, 224, 3)") from None
    whole = all(isinstance(size, int) and not isinstance(size, bool) for size in sizes)
    if not sizes or not whole or min(sizes) < 1 or max(sizes) > 2**40 or len(sizes) > 8:
        raise fail("argument", f"`{'x'.join(map(str, sizes))}` is no input size")
    return sizes


# Layouts ------------------------------------------------------------------------------------------


def channels_last(sizes: tuple[int, ...], layout: str) -> Shape:
    """Sizes that are written in a layout, as everything here has them. Raises ValueError."""
    if layout not in ("hwc", "chw"):
        raise ValueError(f"no layout {layout!r}; there are hwc and chw")
    return Shape(sizes) if layout == "hwc" else Shape((*sizes[1:], sizes[0]))


def written_in(net: Net, layout: str) -> None:
    """Take the sizes of a chain, its input's and those it asserts, as written in a layout."""
    if layout == "hwc":
        return
    heads = [InputHead(h.span, h.name, tuple(channels_last(h.sizes, layout))) for h in net.inputs]
    net.inputs = tuple(heads)
    for assertion in _assertions(net.body):
        assertion.sizes = tuple(channels_last(assertion.sizes, layout))


def _assertions(body: Body) -> Iterator[Assertion]:
    """Yield the shapes that a body asserts, those in branches of merges included."""
    stack: list[Item] = [statement.chain for statement in body.statements]
    while stack:
        item = stack.pop()
        if isinstance(item, Assertion):
            yield item
        elif isinstance(item, Chain):
            stack.extend(item.items)
        elif isinstance(item, Repeat):
            stack.append(item.item)
        elif isinstance(item, Call):
            for branch in item.branches:
                stack.extend(statement.chain for statement in branch.body.statements)


# Doubts -------------------------------------------------------------------------------------------


def doubts(net: Net, shapes: dict[str, Shape], layout: str) -> list[Diagnostic]:
    """Return a note for each input whose sizes look as if the channels stood at the other end."""
    found = []
    for head in net.inputs:
        given = shapes.get(head.name)
        read = given or Shape(head.sizes)
        typed = given is not None or not net.name  # by the caller, in his layout
        words = layout if typed else "hwc"
        written = read if words == "hwc" else Shape((read[-1], *read[:-1]))
        other = _other_way(written, head.sizes if given else None, words)
        if other is None:
            continue
        first, last = ("last", "first") if words == "hwc" else ("first", "last")
        help = (
            f"`--layout chw` reads and prints sizes channels {last}"
            if words == "hwc"
            else ("without `--layout chw` sizes are read channels last")
        )
        found.append(
            Diagnostic(
                "layout",
                f"the input is read as {written}, channels {first}: is it {other}?",
                None if given is not None else head.span,
                severity=NOTE,
                help=help if typed else (),
            )
        )
    return found


def _other_way(written: Shape, declared: tuple[int, ...] | None, layout: str) -> Shape | None:
    """Return the sizes with the channels at the other end, where they seem to stand there."""
    if len(written) < 3:
        return None
    doubted, taken = (written[0], written[-1]) if layout == "hwc" else (written[-1], written[0])
    rest = written[1:] if layout == "hwc" else written[:-1]
    if declared is not None and len(declared) == len(written):
        # One that has the channels which the spec declares is as it should be.
        seems = doubted == declared[-1] != taken
    else:
        seems = False
    batch = layout == "hwc" and len(written) > 3 and doubted == 1  # of which an error tells
    picture = not batch and doubted in _PICTURES and all(size > doubted for size in rest)
    if not (seems or (picture and rest[-2] == rest[-1] and taken not in _PICTURES)):
        return None
    return Shape((*rest, doubted)) if layout == "hwc" else Shape((doubted, *rest))


def flattened_sequences(graph: Graph, spans: Callable[[Layer], Span | None]) -> list[Diagnostic]:
    """Return a note where a fully connected layer reads a whole sequence: the same map at each step, or
    the last step alone, is likely to be meant."""
    found = []
    for layer in graph.layers:
        source = layer.inputs[0]
        while source.op.name == "flatten":
            source = source.inputs[0]
        if layer.op.name != "fc" or len(source.output) != 2 or not is_sequence(source):
            continue
        steps, channels = source.output
        if steps == 1:
            continue  # a single step is a vector
        units = show(getattr(layer.op, "units"))  # noqa: B009 - of the op in question
        help = [f"`linear {units}` maps the {channels} channels at each step"]
        if "returns" in source.op.attributes:
            help.append(
                f"`{source.op.name} … returns=last` hands on the last step alone, as Keras does by default"
            )
        found.append(
            Diagnostic(
                "reading",
                f"`fc` flattens {source.output}: it reads {steps:,} x {channels:,} values",
                spans(layer),
                severity=NOTE,
                help=help,
            )
        )
    return found


def is_sequence(layer: Layer) -> bool:
    """Tell whether the positions are steps of a sequence: a layer for sequences made them."""
    seen = set()
    stack = [layer]
    while stack:
        at = stack.pop()
        if at.op.group == "sequence":
            return True
        if at in seen or len(at.output) != 2:
            continue
        seen.add(at)
        stack.extend(at.inputs)
    return False


def square_signals(net: Net, graph: Graph) -> list[Diagnostic]:
    """Return a note where a window slides over N positions of N channels: a map of one channel is likely
    to be meant."""
    found: list[tuple[Layer, Diagnostic]] = []
    for layer in graph.layers:
        if "kernel" not in layer.op.attributes or len(layer.inputs[0].output) != 2:
            continue
        source = layer.inputs[0]
        while source.inputs and source.inputs[0].output == source.output:
            source = source.inputs[0]
        size = source.output
        if source.inputs or size[0] != size[1] or source in [s for s, _ in found]:
            continue
        head = next((head for head in net.inputs if head.name == source.name), None)
        span = head.span if head is not None and tuple(head.sizes) == tuple(size) else None
        found.append(
            (
                source,
                Diagnostic(
                    "reading",
                    f"{size} is read as {size[0]} positions of {size[1]} channels",
                    span,
                    severity=NOTE,
                    help=f"a map of one channel is written {size}x1",
                ),
            )
        )
    return [diagnostic for _, diagnostic in found]
