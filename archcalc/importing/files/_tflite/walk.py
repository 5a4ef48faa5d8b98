"""Goes through the operators of a graph one by one, and writes what they do into a recording."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack

from ....diagnostics import fail
from ...operations.builder import OperationError
from ...operations.recording import ModuleCall, Recording, Value
from .. import Request
from .._known import KnownValues
from .container import BROKEN, MOST_OPERATORS, FileModel, is_broken, shape_of
from .description import FileGraph, FileOperator, FileTensor
from .entering import SizedInput, StatedInputs
from .folding import folded, held
from .naming import activation_of, kind_of, path_of, shared_scopes
from .nodes import TfliteOperator
from .reader import TfliteReader, TfliteTensor
from .rules import rules

# So many tensors of other sizes than stated are noted by name.
_MOST_DIFFERENCES = 3
# What reads its weight behind a map or vector.
WEIGHTED = (
    "CONV_2D",
    "DEPTHWISE_CONV_2D",
    "FULLY_CONNECTED",
    "TRANSPOSE_CONV",
    "CONV_3D",
    "CONV_3D_TRANSPOSE",
)
# Graphs inside each other.
_DEEPEST = 16


class OperatorWalk(TfliteReader):
    """One way through the operators of a graph; see ``TfliteReader``."""

    def __init__(self, model: FileModel, request: Request):
        graph = model.chosen(request.settings.pop("net", None))
        if not graph.operators:
            raise is_broken(model.path, "it holds no operators")
        entering = StatedInputs(model.path, graph, request.inputs, request.layout)
        super().__init__(model.path, graph, entering)
        self._model = model
        self._entering = entering
        self._rules = rules()
        self._calls: dict[tuple[str, ...], ModuleCall] = {(): self.builder.current_call()}
        self._paths = [self._path(at) for at in range(len(graph.operators))]
        around = shared_scopes(self._paths)
        self._around = around
        self._paths = [path[around:] for path in self._paths]
        self._differences: list[str] = []
        self._read = 0
        self._depth = 0

    def recording(self) -> Recording:
        """Read all operators. Raises SpecError."""
        for given in self._entering.inputs:
            self.tensors[given.tensor.index] = TfliteTensor(given.tensor, None, self._entered(given))
        self._operators()
        outputs = {}
        for number in dict.fromkeys(self.graph.outputs):
            found = self.tensors.get(number)
            if found is None:
                raise self.missing(number, "the network puts it out")
            if found.depends:
                outputs[self.graph.tensors[number].name] = self.value(found)
        if not outputs:
            raise fail("file", f"{self.file}: no output depends on an input")
        if len(outputs) > 1:
            self.note(
                f"of {len(outputs)} outputs the first is that of the network, and the others are side heads",
                "--with-heads counts the layers that only those need",
            )
        self._closing_notes()
        recording = self.builder.finish(outputs)
        recording.rung = "file"
        recording.notes += self._differences[:_MOST_DIFFERENCES]
        more = len(self._differences) - _MOST_DIFFERENCES
        if more > 0:
            recording.notes.append(f"{more} more tensors have other sizes than the file states")
        return recording

    def _operators(self) -> None:
        """Read the operators of the graph in their order, with the tensors that it holds."""
        for tensor in self.graph.tensors:
            if tensor.stored and tensor.index not in self.tensors:
                self.tensors[tensor.index] = TfliteTensor(tensor, held(tensor))
        for at in range(len(self.graph.operators)):
            self._operator(at)

    # Other graphs -----------------------------------------------------------------------------

    def graph_of(self, number: int) -> FileGraph:
        """Return another graph of the file. Raises SpecError where there is none."""
        return self._model.graph(number)

    def inside(self, number: int, given: Sequence[TfliteTensor]) -> list[TfliteTensor]:
        """Read another graph of the file, and return what it puts out.

        Args:
            number: The graph.
            given: Its inputs.
        """
        graph = self.graph_of(number)
        if self._depth >= _DEEPEST:
            raise fail("limit", f"{self.file} has graphs more than {_DEEPEST} deep inside each other")
        if len(graph.inputs) != len(given):
            raise is_broken(
                self.file, f"graph {number} has {len(graph.inputs)} inputs, and is given {len(given)}"
            )
        before = self.graph, self.tensors
        self.graph = graph
        self.tensors = dict(zip(graph.inputs, given, strict=True))
        self._depth += 1
        try:
            self._operators()
            for one in graph.outputs:
                if one not in self.tensors:
                    raise self.missing(one, f"graph {number} puts it out")
            return [self.tensors[one] for one in graph.outputs]
        finally:
            self.graph, self.tensors = before
            self._depth -= 1

    def _entered(self, given: SizedInput) -> Value:
        """An input as the file has it; the input of a recording that is a map has its channels in front."""
        kind, sizes = given.tensor.number_type, given.sizes
        if not given.is_map:
            return self.builder.input(given.name, sizes, kind, batch=given.batch)
        value = self.builder.input(given.name, (sizes[0], sizes[-1], *sizes[1:-1]), kind)
        found: Value = self.do("permute", value, (0, *range(2, len(sizes)), 1))
        return found

    # Operators --------------------------------------------------------------------------------

    def _operator(self, at: int) -> None:
        self._read += 1
        if self._read > MOST_OPERATORS:
            raise fail(
                "limit", f"{self.file} has more than {MOST_OPERATORS:,} operators, its loops written out"
            )
        node = TfliteOperator(self, self.graph.operators[at])
        if node.outputs and all(number in self.tensors for number in node.outputs):
            if any(self.graph.tensors[number].stored for number in node.outputs):
                node.refuse("it puts out a tensor that the file holds")
            return  # another operator has done it with its own
        for number in node.inputs:
            if number >= 0 and number not in self.tensors:
                raise self.missing(number, f"{node.called} reads it")
        with ExitStack() as stack:
            if not self._depth:  # what a loop does stands in the layer that has the loop
                stack.enter_context(self.builder.again(self._call(self._paths[at])))
            try:
                known = folded(node)
                if known is not None:
                    for number, one in zip(node.outputs, known, strict=False):
                        self.tensors[number] = TfliteTensor(self.graph.tensors[number], one)
                    return
                found = self._ruled(node)
            except OperationError as error:
                raise node.error(str(error)) from None
            except BROKEN as error:
                why = f"what it states does not fit together ({type(error).__name__})"
                raise node.error(why) from error
        for number, made in zip(node.outputs, found, strict=False):
            if isinstance(made, TfliteTensor):
                made = TfliteTensor(made.stated, made.known, made.value)
            elif made is not None:
                same = None
                if not made.depends and made.number is not None:
                    import numpy as np

                    same = KnownValues(np.full(made.sizes, made.number))
                made = TfliteTensor(self.graph.tensors[number], same, made)
                self._compare(node, made)
            if made is not None:
                self.tensors[number] = made

    def _ruled(self, node: TfliteOperator) -> Sequence[Value | TfliteTensor | None]:
        word = f"CUSTOM:{node}" if node.word == "CUSTOM" else node.word
        rule = self._rules.get(word)
        found = rule(self, node) if rule is not None else node.unknown()
        return (found,) if isinstance(found, (Value, TfliteTensor)) else found

    def _compare(self, node: TfliteOperator, tensor: TfliteTensor) -> None:
        """Hold the sizes of a tensor against those that the file states."""
        stated: FileTensor = tensor.stated
        if not self._entering.as_stated or not stated.sizes or self._depth or node.stated in self.widened:
            return
        wanted = stated.signature or stated.sizes
        more = self.batch - 1
        alike = len(wanted) == len(tensor.sizes) and all(
            size < 0 or size in (one, one + more * (two - one))
            for size, one, two in zip(wanted, tensor.sizes, tensor.at_two, strict=True)
        )
        if not alike:
            mine, theirs = shape_of(tensor.sizes), shape_of(wanted)
            self._differences.append(f"what {node.called} puts out is {mine}, not {theirs} as stated")

    # Names ------------------------------------------------------------------------------------

    def _path(self, at: int) -> tuple[str, ...]:
        """The layer that an operator is of, by the names of its weights and of what it puts out."""
        operator = self.graph.operators[at]
        tensors = self.graph.tensors
        weighted = operator.word in WEIGHTED and len(operator.inputs) > 1 and operator.inputs[1] >= 0
        names = [tensors[operator.inputs[1]].name] if weighted else []
        names += [tensors[n].name for n in operator.outputs]
        names += [tensors[n].name for n in operator.inputs if n >= 0 and tensors[n].stored]
        return path_of(names, weighted)

    def _call(self, path: tuple[str, ...]) -> ModuleCall:
        """The call of a layer: one, wherever its operators stand in the file."""
        found = self._calls.get(path)
        if found is None:
            with (
                self.builder.again(self._call(path[:-1])),
                self.builder.call(".".join(path), kind_of(path[-1])) as begun,
            ):
                found = begun.call
            self._calls[path] = found
        return found

    def activation(self, stated: FileOperator, word: str, value: Value) -> Value:
        """Write the activation that an operator ends with, which may be a layer of its own."""
        with ExitStack() as stack:
            if not self._depth:
                path = self._paths[stated.number]
                name = self.graph.tensors[stated.outputs[0]].name
                mine = activation_of(name, path, self._around)
                stack.enter_context(self.builder.again(self._call(mine)))
            found: Value = self.do(word, value)
        return found

    def _closing_notes(self) -> None:
        several = {number: count for number, count in self.merged.items() if count > 1}
        if several:
            total = sum(several.values())
            self.note(
                f"biases of {total} layers are equal, and the file holds them once: each layer is counted "
                "with its own"
            )
        steps = [tensor for tensor in self.graph.tensors if tensor.steps]
        if steps:
            kinds = ", ".join(sorted({tensor.dtype for tensor in steps}))
            self.note(
                f"the file is quantised ({kinds}): figures are those of the network with real numbers",
                "--dtype int8 gives the bytes of whole numbers",
            )
