"""A recording that is written once more by the builder, operation by operation: the witness that both writers
of recordings come to the same."""

from __future__ import annotations

from typing import Any

from archcalc.graph import Graph
from archcalc.importing.operations.builder import RecordingBuilder, TwoSizes
from archcalc.importing.operations.recording import (
    BUFFER,
    INPUT,
    PARAMETER,
    ModuleCall,
    Operation,
    Recording,
    Value,
)


class Replayed:
    """A recording that the builder has written, from what another one says was done.

    Attributes:
        recording: The recording.
        values: The builder's value for each of the other, by ``Value.index``.
        differences: Where an operation came to something else: sizes, types, views.
    """

    def __init__(self, given: Recording):
        self.given = given
        self.values: dict[int, Value] = {}
        self.differences: list[str] = []
        root = given.modules[""]
        self.builder = RecordingBuilder(
            given.target, root.kind, training=given.training, defined=root.defined
        )
        for path, info in given.modules.items():
            if path:
                self.builder.module(
                    path,
                    info.kind,
                    base=info.base,
                    settings=info.settings,
                    defined=info.defined,
                    subclass=bool(info.base) and not info.exact,
                )
        self._open: list[tuple[ModuleCall, Any, Any]] = []
        for value in given.inputs:
            batch = 0 if value.sizes and value.sizes[0] == 1 else None
            self.values[value.index] = self.builder.input(value.name, value.sizes, value.dtype, batch=batch)
        for info in given.modules.values():
            for kind in (info.parameters, info.buffers):
                for name, value in kind.items():
                    self.builder.tie(f"{info.path}.{name}" if info.path else name, self._root(value))
        for operation in in_order(given):
            self._replay(operation)
        self._enter(given.calls[0])
        outputs = {name: self._now(value) for name, value in given.outputs}
        self.recording = self.builder.finish(outputs)

    def _root(self, value: Value) -> Value:
        """The builder's value of one that no operation has made."""
        found = self.values.get(value.index)
        if found is None:
            if value.kind == PARAMETER:
                found = self.builder.parameter(
                    value.name, value.sizes, value.dtype, frozen=value.frozen, registered=False
                )
            elif value.kind == BUFFER:
                found = self.builder.buffer(value.name, value.sizes, value.dtype)
            else:
                found = self.builder.constant(value.sizes, value.number, value.dtype, value.name)
            self.values[value.index] = found
        return found

    def _now(self, argument: Any) -> Any:
        if isinstance(argument, Value):
            if argument.index in self.values:
                return self.values[argument.index]
            assert argument.kind != INPUT
            assert argument.operation is None
            return self._root(argument)
        if isinstance(argument, (tuple, list)):
            return tuple([self._now(part) for part in argument])
        return argument

    def _replay(self, operation: Operation) -> None:
        if operation.name == "write":
            target = self.values[operation.arguments["self"].index]
            self.values[operation.output.index] = self.builder.now(target)
            return
        self._enter(operation.call)
        space, name, overload = operation.target.split(".")
        at_two = operation.at_two or operation
        arguments = {
            word: self._now(both(argument, at_two.arguments[word]))
            for word, argument in operation.arguments.items()
        }
        made = self.builder.operation(
            f"{space}.{name}.{overload}", source=operation.source, called=operation.called, **arguments
        )
        found = (made,) if isinstance(made, Value) else made
        self._compare(operation, found)
        for mine, its in zip(operation.outputs, found, strict=False):
            self.values[mine.index] = its

    def _compare(self, operation: Operation, found: tuple[Value, ...]) -> None:
        mine = [(value.sizes, value.dtype, value.kind) for value in operation.outputs]
        its = [(value.sizes, value.dtype, value.kind) for value in found]
        if mine != its:
            self.differences.append(f"{operation.target}: {its} for {mine}")
        twos = [value.at_two for value in operation.outputs]
        if any(twos) and twos != [value.at_two for value in found]:
            self.differences.append(f"{operation.target}: {[v.at_two for v in found]} for {twos} at two")
        theirs = found[0].operation
        assert theirs is not None
        written = {word: shown(argument) for word, argument in operation.arguments.items()}
        if written != {word: shown(argument) for word, argument in theirs.arguments.items()}:
            self.differences.append(f"{operation.target}: {theirs.arguments} for {operation.arguments}")
        for word in ("target", "name", "view", "inplace", "contiguous"):
            if getattr(operation, word) != getattr(theirs, word):
                self.differences.append(f"{operation.target}: {word} is {getattr(theirs, word)}")

    def _enter(self, call: ModuleCall) -> None:
        """Leave the calls that are over, and begin those that are under way."""
        chain = call.chain()[1:]
        depth = 0
        while depth < min(len(chain), len(self._open)) and self._open[depth][0] is chain[depth]:
            depth += 1
        while len(self._open) > depth:
            ended, context, built = self._open.pop()
            results = [v for v in ended.results if v.index in self.values]
            built.gives(*[self.values[v.index] for v in results])
            context.__exit__(None, None, None)
        for begun in chain[depth:]:
            given = [self.values[v.index] for v in begun.arguments if v.index in self.values]
            context = self.builder.call(begun.path, begun.kind, *given)
            self._open.append((begun, context, context.__enter__()))


# What a layer knows of where it comes from.
ORIGIN = ("module", "kind", "source", "lifted", "form")


def both(one: Any, two: Any) -> Any:
    """An argument that depends on the batch as a number that knows that."""
    if type(one) is int and type(two) is int and one != two:
        return TwoSizes(one, two)
    if isinstance(one, tuple) and isinstance(two, tuple) and len(one) == len(two):
        return tuple([both(*pair) for pair in zip(one, two, strict=True)])
    return one


def shown(argument: Any) -> Any:
    """An argument, a tensor as its sizes."""
    if isinstance(argument, Value):
        return argument.sizes
    if isinstance(argument, (tuple, list)):
        return tuple([shown(part) for part in argument])
    return argument


def in_order(recording: Recording) -> list[Operation]:
    """All operations that outputs need, on inputs or not, so that each comes after what it reads."""
    found: set[Operation] = set()
    waiting: list[Operation | None] = [value.operation for _, value in recording.outputs]
    waiting += recording.operations
    while waiting:
        operation = waiting.pop()
        if operation is not None and operation not in found:
            found.add(operation)
            waiting += [value.operation for value in operation.inputs]
    return sorted(found, key=lambda operation: operation.outputs[0].index)


def facts_of(graph: Graph) -> list[tuple[Any, ...]]:
    """What a graph says of each layer."""
    return [
        (
            layer.name,
            layer.text,
            [at.name for at in layer.inputs],
            tuple(layer.output),
            layer.facts.params,
            layer.facts.macs,
            layer.owner.name,
            layer.origin and [getattr(layer.origin, word) for word in ORIGIN],
        )
        for layer in graph.layers
    ]


def tree_of(group: Any) -> Any:
    """A group of layers with all that stands in it."""
    if not hasattr(group, "members"):
        return group.name
    return group.kind, group.name, group.text, [tree_of(member) for member in group.members]


def calls_of(graph: Graph) -> list[tuple[Any, ...]]:
    """The calls of modules that did something, as tools that hook modules see them."""
    traced = graph.metadata.traced
    assert traced is not None
    assert traced.run is not None
    return [(at.module.path, at.takes, at.gives, list(at.layers)) for at in traced.run.calls if at.layers]
