"""Writes a ``Recording`` without PyTorch: what a network does, in PyTorch's words, as a reader finds it.

A reader says which inputs there are, which modules run, and which operations are done, one after the other.
The builder works out the sizes that each gives, with a batch of one and of two, and what is missing of its
arguments. What comes of it is lifted as what a traced module did:

>>> from archcalc.importing.operations.builder import RecordingBuilder
>>> from archcalc.importing.operations.lifting import lift
>>> net = RecordingBuilder("net.py")
>>> x = net.input("x", (1, 3, 32, 32))
>>> weight = net.parameter("conv1.weight", (8, 3, 5, 5))
>>> bias = net.parameter("conv1.bias", (8,))
>>> with net.call("conv1", "Conv2d", x) as call:
...     x = net.operation("conv2d", x, weight, bias, 1, 2, source=("net.py", 7))
...     call.gives(x)
>>> x = net.operation("relu", x, called="F.relu")
>>> x = net.operation("max_pool2d", x, 2)
>>> x = net.operation("view", x, (net.size(x, 0), -1))
>>> x.sizes, x.at_two
((1, 2048), (2, 2048))
>>> x = net.operation("linear", x, net.parameter("fc.weight", (10, 2048)))
>>> [layer.name for layer in lift(net.finish(x)).layers]
['conv1', 'relu1', 'maxpool1', 'fc']

Operations are called as PyTorch calls them inside, ``conv2d``, ``aten.add.Tensor``; their arguments are those
of its schemas, by place or by name. A name with an underscore, ``relu_``, writes over its first argument: who
reads that later reads what stands there then.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from .kinds import FIRST_ALONE, SAME_NUMBER, UNREAD, number_made
from .liveness import keep_needed
from .memory import LiveTensor, Memories, TensorMemory, ViewChain
from .recording import BUFFER, CONSTANT, INPUT, PARAMETER, ModuleCall, ModuleInfo, Operation, Recording, Value
from .schemas import resolved
from .sizing import SIZE_RULES, OperationError, Shaped
from .sizing.tensors import OutputRule, checked
from .two_batches import TwoSizes, at_one, at_two

__all__ = ["BuiltCall", "OperationError", "RecordingBuilder", "TwoSizes"]

# Classes of torch.nn that hold other modules and compute nothing themselves.
HOLDERS = frozenset(("Module", "Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict"))


class BuiltCall:
    """A call of a module that is under way.

    Attributes:
        call: The call as the recording has it.
        info: The module.
    """

    __slots__ = ("call", "info", "_builder")

    def __init__(self, call: ModuleCall, info: ModuleInfo, builder: RecordingBuilder):
        self.call = call
        self.info = info
        self._builder = builder

    def gives(self, *results: Value) -> None:
        """Say what the call returns."""
        self.call.results = tuple([self._builder.now(value) for value in results])
        self.call.first = (self.call.first[0], self.call.results[0] if results else None)


class RecordingBuilder(Memories):
    """Writes a ``Recording``.

    Args:
        target: What the user calls the network.
        kind: The name of the class of the network.
        training: Whether it is in training mode.
        defined: Its class, with the module of Python that defines it.
    """

    def __init__(self, target: str, kind: str = "", *, training: bool = False, defined: str = ""):
        super().__init__()
        self.count = 0
        self._recording = Recording(target)
        self._recording.training = training
        self._held: dict[Value, LiveTensor] = {}
        self._inputs: list[Value] = []
        self._stack: list[ModuleCall] = []
        self._ended = 0
        root = self.module("", kind or target, defined=defined)
        self._stack.append(self._begin(root))

    # ---- modules

    def module(
        self,
        path: str,
        kind: str,
        *,
        base: str | None = None,
        settings: Mapping[str, object] | None = None,
        defined: str = "",
        subclass: bool = False,
    ) -> ModuleInfo:
        """Register a module.

        Args:
            path: Its dotted name. Modules that it stands in and that are not known yet come with it.
            kind: The name of its class.
            base: The class of ``torch.nn`` that it is or is made of; empty for none.
            settings: What its attributes say that are numbers, words, yes or no: ``stride``, ``eps``.
            defined: Its class with the module of Python that defines it, ``torch.nn.modules.conv.Conv2d``.
            subclass: Whether its class is made of ``base``, and not that one.

        Returns:
            The module; if there is one of that name, that one, which stays as it is.
        """
        modules = self._recording.modules
        found = modules.get(path)
        if found is not None:
            return found
        parent, _, name = path.rpartition(".")
        if path and parent not in modules:
            self.module(parent, "Module")
        base = "" if base is None or base in HOLDERS else base
        exact = bool(base) and not subclass
        found = ModuleInfo(path, kind, base, exact, True, dict(settings or {}), defined)
        size = found.settings.get("kernel_size")
        if isinstance(size, (int, tuple)):
            found.kernel_size = size
        modules[path] = found
        if path:
            modules[parent].children[name] = found
            modules[parent].leaf = False
        return found

    @contextmanager
    def call(self, path: str, kind: str = "", *arguments: Value, **described: Any) -> Iterator[BuiltCall]:
        """Let a module run until the block ends.

        Args:
            path: Its dotted name.
            kind: The name of its class; that of a module that is registered already is not asked for.
            arguments: The tensors that it is given, those by position.
            described: See ``module``.

        Yields:
            The call, which takes what it returns; without that it returns what its last operation gave.
        """
        info = self._recording.modules.get(path) or self.module(path, kind or "Module", **described)
        call = self._begin(info, arguments)
        self._stack.append(call)
        mark = len(self.operations)
        try:
            yield BuiltCall(call, info, self)
        finally:
            self._stack.remove(call)
        if not call.results and len(self.operations) > mark:
            call.results = self.operations[-1].outputs[:1]
            call.first = (call.first[0], call.results[0])
        self._end(call)

    @contextmanager
    def again(self, call: ModuleCall) -> Iterator[None]:
        """Go on with a call of a module that was left, until the block ends: what it does stands in several
        places.

        Args:
            call: The call.
        """
        self._stack.append(call)
        try:
            yield
        finally:
            self._stack.pop()

    def current_call(self) -> ModuleCall:
        """The innermost call of a module that is under way."""
        return self._stack[-1]

    def _begin(self, info: ModuleInfo, arguments: Sequence[Value] = ()) -> ModuleCall:
        info.calls += 1
        parent = self._stack[-1] if self._stack else None
        call = ModuleCall(info.path, info.kind, info.calls, parent, len(self._recording.calls))
        self._recording.calls.append(call)
        call.arguments = tuple([self.now(value) for value in arguments])
        call.first = (call.arguments[0] if arguments else None, None)
        return call

    def _end(self, call: ModuleCall) -> None:
        call.ended = self._ended
        self._ended += 1

    # ---- tensors

    def input(
        self, name: str, sizes: Sequence[int], dtype: str = "float32", *, batch: int | None = 0
    ) -> Value:
        """Register a tensor that the network is given.

        Args:
            name: What ``forward`` calls it.
            sizes: Its sizes, the batch included, which is one.
            dtype: Its type.
            batch: Which axis is the batch; None where none is.

        Raises:
            OperationError: The sizes are none.
        """
        double = [2 * size if n == batch else size for n, size in enumerate(sizes)]
        value = self._root(sizes, double, dtype, INPUT, name)
        self._inputs.append(value)
        return value

    def parameter(
        self,
        name: str,
        sizes: Sequence[int],
        dtype: str = "float32",
        *,
        frozen: bool = False,
        registered: bool = True,
    ) -> Value:
        """Register a learned tensor.

        Args:
            name: Its dotted name, ``layer1.0.conv1.weight``; the module that it stands in comes with it.
            sizes: Its sizes.
            dtype: Its type.
            frozen: Whether it takes no gradient.
            registered: Whether the module registers it.

        Raises:
            OperationError: The sizes are none.
        """
        value = self._root(sizes, sizes, dtype, PARAMETER, name)
        value.frozen = frozen
        if registered:
            self.tie(name, value)
        return value

    def buffer(self, name: str, sizes: Sequence[int], dtype: str = "float32") -> Value:
        """Register a tensor that is stored and not learned; see ``parameter``."""
        value = self._root(sizes, sizes, dtype, BUFFER, name)
        self.tie(name, value)
        return value

    def tie(self, name: str, value: Value) -> None:
        """Give a parameter or buffer a name in its module; it may have several."""
        path, _, word = name.rpartition(".")
        info = self.module(path, "Module")
        (info.parameters if value.kind == PARAMETER else info.buffers)[word] = value

    def constant(
        self,
        sizes: Sequence[int],
        number: int | float | bool | None = None,
        dtype: str = "float32",
        name: str = "",
    ) -> Value:
        """Make a tensor that depends on no input and that nothing registers.

        Args:
            sizes: Its sizes.
            number: What it holds, where it is of one value and that is known.
            dtype: Its type.
            name: The name of the attribute that holds it, if any does.

        Raises:
            OperationError: The sizes are none.
        """
        value = self._root(sizes, at_two(tuple(sizes)), dtype, CONSTANT, name)
        value.number = number
        return value

    def _root(self, sizes: Sequence[int], double: Sequence[int], dtype: str, kind: str, name: str) -> Value:
        memory = self.new_memory()
        one = checked(Shaped(at_one(tuple(sizes)), dtype))
        two = checked(Shaped(tuple(double), dtype))
        value = Value(len(self.values), one.sizes, dtype, kind, name, None, memory.number)
        value.at_two = two.sizes
        self.values.append(value)
        self._held[value] = LiveTensor((one, two), value, memory)
        return value

    def now(self, value: Value) -> Value:
        """What a tensor holds now: it may have been written over since."""
        held = self._held.get(value)
        if held is None:
            raise ValueError(f"{value!r} is of another recording")
        found = self.newest(held)
        self._held.setdefault(found, held)
        return found

    def size(self, value: Value, dim: int) -> int:
        """How many positions a tensor has along an axis, as an argument: it may depend on the batch."""
        one = value.sizes[dim]
        two = one if value.at_two is None else value.at_two[dim]
        return one if one == two else TwoSizes(one, two)

    # ---- operations

    def operation(
        self, name: str, /, *args: Any, source: tuple[str, int] | None = None, called: str = "", **kwargs: Any
    ) -> Any:
        """Do an operation.

        Args:
            name: What PyTorch calls it inside: ``conv2d``, ``add``, ``aten.add.Tensor``, ``relu_``.
            args: Its arguments by place: tensors, numbers, words, tuples of these.
            source: The file and the line of the user's code.
            called: What the code calls, as it spells it: ``F.relu``.
            kwargs: Its arguments by name.

        Returns:
            The tensor that it gives; a tuple of them where it gives several.

        Raises:
            OperationError: It cannot be done, or there is no rule for what it gives.
        """
        args = tuple([self._current(argument) for argument in args])
        kwargs = {word: self._current(argument) for word, argument in kwargs.items()}
        schema, arguments, inplace = resolved(name, args, kwargs)
        rule = SIZE_RULES.get(schema.name)
        if rule is None:
            raise OperationError(f"there is no rule for what `{schema.name}` gives", schema.name)
        ones = self._results(rule, schema.name, arguments, 0)
        try:
            twos = self._results(rule, schema.name, arguments, 1)
        except (OperationError, _NotTriedError):
            twos = ()
        self.count += 1
        operation = Operation(
            schema.target(inplace), schema.name, at_one(arguments), self.current_call(), source, called=called
        )
        operation.arguments = {word: at_one(argument) for word, argument in arguments.items()}
        self._made(operation, ones, twos, inplace)
        return operation.outputs[0] if isinstance(ones, _One) else operation.outputs

    def _results(
        self, rule: OutputRule, name: str, arguments: Mapping[str, Any], batch: int
    ) -> tuple[Shaped, ...]:
        """What an operation gives, with a batch of one, or of two. Raises OperationError."""
        try:
            return _results(rule(name, self._shaped(arguments, batch)))
        except OperationError as error:
            error.name = error.name or name
            raise
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            # Arguments that no one gives PyTorch: too many, too few, of another kind.
            raise OperationError("it does not take these arguments", name) from error

    def stated(
        self,
        target: str,
        inputs: Sequence[Value],
        results: Sequence[tuple[Sequence[int], str]],
        source: tuple[str, int] | None = None,
        **options: Any,
    ) -> tuple[Value, ...]:
        """Do an operation that PyTorch has no word for.

        Args:
            target: What it is called, with the name of what it is from: ``onnx.NonMaxSuppression``.
            inputs: The tensors that it reads.
            results: Sizes and type of each tensor that it gives; ``TwoSizes`` where they depend on the
                batch.
            source: The file and the line of the user's code.
            options: Its other arguments: numbers and words.

        Returns:
            The tensors that it gives.

        Raises:
            OperationError: The sizes are none.
        """
        both = [
            tuple([checked(Shaped(tuple(chosen(tuple(sizes))), dtype)) for sizes, dtype in results])
            for chosen in (at_one, at_two)
        ]
        self.count += 1
        given = {"inputs": tuple([self.now(value) for value in inputs]), **options}
        operation = Operation(target, target, given, self.current_call(), source)
        self._made(operation, both[0], both[1], False)
        return operation.outputs

    def _current(self, argument: Any) -> Any:
        """An argument, each tensor as it is now."""
        if isinstance(argument, Value):
            return self.now(argument)
        if isinstance(argument, (tuple, list)):
            return tuple([self._current(part) for part in argument])
        return argument

    def _shaped(self, arguments: Mapping[str, Any], batch: int) -> dict[str, Any]:
        """Arguments as the rules of sizes know them, with a batch of one, or of two."""

        def shaped(argument: Any) -> Any:
            if isinstance(argument, Value):
                found = self._held[argument].tensor[batch]
                if found is None:
                    raise _NotTriedError
                return found
            return tuple([shaped(part) for part in argument]) if isinstance(argument, tuple) else argument

        choose = at_two if batch else at_one
        return {word: shaped(choose(argument)) for word, argument in arguments.items()}

    def _made(
        self, operation: Operation, ones: Sequence[Shaped], twos: Sequence[Shaped], inplace: bool
    ) -> None:
        """Make the values that an operation gives."""
        inputs = operation.inputs
        name, read = operation.name, inputs
        if name in UNREAD:
            read = ()
        elif name in FIRST_ALONE or operation.target == "aten.to.other":
            read = read[:1]
        elif name == "copy" and inplace:
            read = read[1:]
        if inplace:
            self._written(operation, ones, read)
            return
        outputs: list[Value] = []
        for number, one in enumerate(ones):
            two = twos[number] if len(twos) == len(ones) else None
            source = self._held[inputs[0]] if one.viewed and inputs else None
            memory = self.new_memory() if source is None else source.memory
            value = self._value(one, two, operation, read, memory)
            chain: ViewChain | None = None
            if source is not None:
                word = next(key for key, argument in operation.arguments.items() if argument is inputs[0])
                operation.view = True
                chain = ViewChain(source.chain, (operation, number, word))
            self._held[value] = LiveTensor((one, two), value, memory, chain)
            outputs.append(value)
        operation.outputs = tuple(outputs)
        if name == "linear" and len(inputs[0].sizes) > 2:
            operation.contiguous = self._held[inputs[0]].tensor[0].contiguous
        self.operations.append(operation)

    def _value(
        self,
        one: Shaped,
        two: Shaped | None,
        operation: Operation,
        read: tuple[Value, ...],
        memory: TensorMemory,
    ) -> Value:
        value = self.new_value(
            one.sizes, one.dtype, operation, read, memory, None if two is None else two.sizes
        )
        if value.kind == CONSTANT and one.values == 1:
            kept = operation.name in SAME_NUMBER and read
            value.number = read[0].number if kept else number_made(operation.name, operation.arguments)
        return value

    def _written(self, operation: Operation, ones: Sequence[Shaped], read: tuple[Value, ...]) -> None:
        """The first argument of an operation is written over."""
        target = operation.inputs[0]
        held = self._held[target]
        if ones[0].sizes != target.sizes:
            raise OperationError(
                f"what it gives has other sizes than what it writes over: {ones[0].sizes} for {target.sizes}",
                operation.name,
            )
        value = self._value(Shaped(target.sizes, target.dtype), held.tensor[1], operation, read, held.memory)
        operation.outputs = (value,)
        operation.inplace = True
        self._held[value] = held
        self.operations.append(operation)
        self.write_over(held, value)

    # ---- the end

    def finish(self, outputs: Any) -> Recording:
        """Return the recording.

        Args:
            outputs: What the network returns: a tensor, or a list or dictionary of them.
        """
        recording = self._recording
        recording.inputs = tuple(self._inputs)
        recording.outputs = tuple([(name or "out", self.now(value)) for name, value in _named(outputs)])
        root = recording.calls[0]
        root.arguments = recording.inputs
        root.results = tuple([value for _, value in recording.outputs])
        root.first = (
            root.arguments[0] if root.arguments else None,
            root.results[-1 if isinstance(outputs, Mapping) else 0] if root.results else None,
        )
        self._end(root)
        keep_needed(recording, self.operations, self.recorded, self.count)
        return recording


class _NotTriedError(Exception):
    """Nobody knows the sizes of a tensor with a batch of two."""


class _One(tuple[Shaped, ...]):
    """What an operation gives that gives one tensor."""


def _results(found: Shaped | Sequence[Shaped]) -> tuple[Shaped, ...]:
    """What a rule gives, its sizes looked at."""
    if isinstance(found, Shaped):
        return _One((checked(found),))
    return tuple([checked(one) for one in found])


def _named(tree: Any, name: str = "") -> Iterator[tuple[str, Value]]:
    """The tensors of a tree with their names: places in lists and keys, with dots between them."""
    if isinstance(tree, Value):
        yield name, tree
    elif isinstance(tree, Mapping):
        for key, part in tree.items():
            yield from _named(part, f"{name}.{key}" if name else str(key))
    elif isinstance(tree, (tuple, list)):
        for place, part in enumerate(tree):
            yield from _named(part, f"{name}.{place}" if name else str(place))
