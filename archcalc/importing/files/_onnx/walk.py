"""Goes through the nodes of an ONNX file one by one, and writes what they do into a recording."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from ....diagnostics import fail
from ...operations.builder import OperationError
from ...operations.recording import Recording, Value
from .container import TYPES, written_by
from .entering import Entering
from .folding import folded
from .left_out import weights_left_out
from .naming import NodePlace, of_weight_name, place_of
from .nodes import OnnxNode
from .reader import OnnxReader
from .rules import rules
from .tensors import KnownValues, OnnxTensor

# Nodes of all graphs and calls of functions, and graphs inside each other.
MOST_NODES = 100_000
_DEEPEST = 16
# Other names of ONNX's own domain.
_OWN = ("", "ai.onnx")


class NodeWalk(OnnxReader):
    """One way through the nodes of a file; see ``OnnxReader``."""

    def __init__(self, file: str, model: Any, entering: Entering):
        super().__init__(file, model, entering)
        self._entering = entering
        self._versions = {_domain(one.domain): one.version for one in model.opset_import}
        self._functions = {(one.domain, one.name): one for one in model.functions}
        self._rules = rules()
        self._read = 0
        self._depth = 0
        self._calls: list[tuple[str, ExitStack]] = []

    # The whole --------------------------------------------------------------------------------

    def recording(self) -> Recording:
        """Read all nodes. Raises SpecError."""
        graph = self.model.graph
        self._look_at_version()
        for given in self._entering.inputs:
            try:
                value = self.builder.input(given.name, given.sizes, given.dtype, batch=given.batch)
            except OperationError as error:
                raise fail("file", f"{self.file}: the input {given.name}: {error}") from None
            self.scope[given.name] = OnnxTensor.of(given.name, value)
        self.scope.update(weights_left_out(graph))
        self.constants(graph)
        self.nodes(graph.node)
        outputs = {}
        for one in graph.output:
            found = self.scope.get(one.name)
            if found is None:
                raise self.missing(one.name, "the network puts it out")
            if found.depends and all(found.sizes):  # one without values is no output of a layer
                outputs[one.name] = self.value(found)
        if not outputs:
            raise fail("file", f"{self.file}: no output depends on an input")
        self._leave(0)
        recording = self.builder.finish(outputs)
        recording.rung, recording.why = "file", written_by(self.model)
        recording.notes += [*self.notes, *self.declared.notes()]
        return recording

    def _look_at_version(self) -> None:
        """Note a version of the operators that is newer than what is known of them. Raises SpecError for one
        that there is not."""
        from onnx import defs

        version, newest = self._versions.get("", 1), defs.onnx_opset_version()
        if version < 1:
            raise fail("file", f"{self.file} asks for version {version} of ONNX's operators: the first is 1")
        if version > newest:
            self.note(
                f"it asks for version {version} of ONNX's operators, which are read as those of {newest}"
            )

    def constants(self, graph: Any) -> None:
        """Enter the tensors that a graph holds; those that it was given already stay, in each turn of a loop
        the same ones."""
        for proto in graph.initializer:
            if proto.name not in self.scope.maps[0]:
                self.scope[proto.name] = self.held(proto, proto.name, True)
        for sparse in graph.sparse_initializer:
            name = sparse.values.name
            sizes = tuple(sparse.dims)
            dtype = TYPES.get(sparse.values.data_type, "float32")
            self.scope[name] = OnnxTensor(name, sizes, sizes, dtype, stated=True)

    # Nodes ------------------------------------------------------------------------------------

    def nodes(self, protos: Sequence[Any]) -> None:
        """Read nodes in their order. Raises SpecError."""
        for proto in protos:
            for name in proto.input:
                if name:
                    self.readers.setdefault(name, []).append(proto)
        for proto in protos:
            self._node(proto)

    def _node(self, proto: Any) -> None:
        self._read += 1
        if self._read > MOST_NODES:
            raise fail("limit", f"{self.file} has more than {MOST_NODES:,} nodes")
        domain = _domain(proto.domain)
        version = self._versions.get(domain, 1)
        node = OnnxNode(self, proto, proto.name or f"{proto.op_type} {self._read}", domain, version)
        wanted = [name for name in node.outputs if name]
        if not wanted or self._done(wanted):
            return  # nobody wants it, or another node has done it with its own
        again = [name for name in wanted if name in self.scope.maps[0] or wanted.count(name) > 1]
        if again:
            node.refuse(f"{again[0]} is put out twice, or is an input")
        for name in node.inputs:
            if name and name not in self.scope:
                raise self.missing(name, f"node {node.name} ({node}) reads it")
        try:
            known = folded(node)
        except (ValueError, TypeError, LookupError, ArithmeticError, MemoryError) as error:
            raise node.error(f"it cannot be computed ({type(error).__name__})") from error
        if known is not None:
            self._put(node, known)
            return
        function = self._functions.get((proto.domain, proto.op_type))
        self._enter(node)
        try:
            outputs = self._called(node, function) if function is not None else self._ruled(node)
        except OperationError as error:
            raise node.error(str(error)) from None
        except (ValueError, TypeError, LookupError, ArithmeticError) as error:
            raise node.error(f"what it states does not fit together ({type(error).__name__})") from error
        self._put(node, outputs)

    def _done(self, names: Sequence[str]) -> bool:
        return all(name in self.given for name in names)

    def _ruled(self, node: OnnxNode) -> Sequence[OnnxTensor | None]:
        rule = self._rules.get((node.domain, node.operator))
        if rule is not None:
            found = rule(self, node)
        else:
            found = node.unknown()
        if isinstance(found, Value):
            found = (found,)
        named = [*node.outputs, *[""] * len(found)]
        return [
            None if one is None else self._tensor(name, one) for name, one in zip(named, found, strict=False)
        ]

    def _tensor(self, name: str, value: Value | OnnxTensor) -> OnnxTensor:
        if isinstance(value, OnnxTensor):
            return value.renamed(name)
        if value.number is not None:
            import numpy as np

            dtype = value.dtype if hasattr(np, value.dtype) else None
            known = KnownValues(np.full(value.sizes, value.number, dtype))
            return OnnxTensor(name, value.sizes, value.at_two or value.sizes, value.dtype, known, value)
        return OnnxTensor.of(name, value)

    def _put(self, node: OnnxNode, outputs: Sequence[OnnxTensor | None]) -> None:
        for name, tensor in zip(node.outputs, outputs, strict=False):
            if name and tensor is not None:
                self.scope[name] = tensor
                if tensor.parts is not None:
                    continue  # a list has no sizes
                self.declared.compare(f"node {node.name} ({node})", name, tensor)

    def _enter(self, node: OnnxNode) -> None:
        """Be in the modules that a node stands in, from the outermost one on."""
        if self._depth:
            return
        place = self._place(node)
        kinds = dict(place.kinds)
        parts = place.path.split(".") if place.path else []
        paths = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
        if place.kinds:  # what is no module of the exporter's, as a list is, has no call
            paths = [path for path in paths if path in kinds or path == place.path]
        same = 0
        while same < min(len(paths), len(self._calls)) and paths[same] == self._calls[same][0]:
            same += 1
        self._leave(same)
        for path in paths[same:]:
            stack = ExitStack()
            stack.enter_context(self.builder.call(path, kinds.get(path, "Module")))
            self._calls.append((path, stack))

    def _leave(self, count: int) -> None:
        """Leave modules, until so many are left."""
        while len(self._calls) > count:
            self._calls.pop()[1].close()

    def _place(self, node: OnnxNode) -> NodePlace:
        place = place_of(node.proto)
        for name in node.inputs[1:]:
            tensor = self.scope.get(name) if name else None
            path = of_weight_name(name) if tensor is not None and tensor.stated else ""
            if path and (not place.path or path.startswith(f"{place.path}.") or "." in name):
                return NodePlace(path, place.kinds, place.kind)
        return place

    # Graphs inside ----------------------------------------------------------------------------

    def inside(self, graph: Any, given: dict[str, OnnxTensor]) -> list[OnnxTensor | None]:
        """Read a graph that a node holds, and return what it puts out.

        Args:
            graph: The graph.
            given: Its inputs by name.
        """
        with self._deeper(ChainMap(dict(given), *self.scope.maps)):
            self.constants(graph)
            self.nodes(graph.node)
            return [self.scope.get(one.name) for one in graph.output]

    def _called(self, node: OnnxNode, function: Any) -> Sequence[OnnxTensor | None]:
        """What a function of the model puts out."""
        inner: ChainMap[str, OnnxTensor] = ChainMap({})
        for at, name in enumerate(function.input):
            if node.has(at):
                inner[name] = node.tensor(at)
        versions = dict(self._versions)
        defaults = {one.name: one for one in function.attribute_proto}
        given = {**defaults, **{one.name: one for one in node.proto.attribute}}
        with self._deeper(inner):
            self._versions = {
                **versions,
                **{_domain(one.domain): one.version for one in function.opset_import},
            }
            try:
                self.nodes([_filled(one, given) for one in function.node])
                return [self.scope.get(name) for name in function.output]
            finally:
                self._versions = versions

    @contextmanager
    def _deeper(self, scope: ChainMap[str, OnnxTensor]) -> Iterator[None]:
        kept, readers, given = self.scope, self.readers, self.given
        self._depth += 1
        if self._depth > _DEEPEST:
            raise fail("limit", f"{self.file} has graphs more than {_DEEPEST} deep inside each other")
        self.scope, self.readers, self.given = scope, {}, {}
        try:
            yield
        finally:
            self.scope, self.readers, self.given = kept, readers, given
            self._depth -= 1


def _filled(proto: Any, given: dict[str, Any]) -> Any:
    """A node of a function with the attributes that the call gives."""
    if not any(one.ref_attr_name for one in proto.attribute):
        return proto
    found = type(proto)()
    found.CopyFrom(proto)
    del found.attribute[:]
    for one in proto.attribute:
        stated = given.get(one.ref_attr_name) if one.ref_attr_name else one
        if stated is not None:
            found.attribute.add().CopyFrom(stated)
            found.attribute[-1].name = one.name
    return found


def _domain(name: str) -> str:
    """A domain as rules have it: empty for ONNX's own, whichever way it is written."""
    return "" if name in _OWN else name
