"""What a module did when it ran: tensors, operations and calls of modules, without any torch object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# Where a tensor is from: an argument of ``forward``; what the module has registered; a tensor that it made of
# no input (``torch.arange``) or has lying about unregistered; parameters that were worked over before any
# input met them (``weight_norm``); or an operation on inputs.
INPUT, PARAMETER, BUFFER, CONSTANT, PREPARED, MADE = (
    "input",
    "parameter",
    "buffer",
    "constant",
    "prepared",
    "made",
)


class Value:
    """A tensor as it is at one moment. What an operation writes into is another value behind it.

    Attributes:
        index: A number of its own, in the order in which values came to be.
        sizes: Its sizes as PyTorch has them, batch included, with a batch of one.
        dtype: Its type without ``torch.``: ``float32``, ``int64``.
        kind: INPUT, PARAMETER, BUFFER, CONSTANT, PREPARED or MADE.
        name: Of an input its name in ``forward`` (``boxes.0`` inside a list or dictionary); of a parameter or
            buffer its first dotted name in the module; of a parameter or constant that no module registers
            the name of the attribute that holds it. A parameter always has one, made up where there is none;
            otherwise empty.
        operation: The operation that made it; None where none did. Of a prepared value the last of those
            that prepare it.
        storage: A number that all values in the same memory share.
        frozen: Whether it is a parameter that takes no gradient.
        leaves: The parameters, buffers and constants that a prepared value is made of; of those themselves
            just they.
        at_two: Its sizes with a batch of two; None where that was not tried or went another way.
        number: What a constant of one value holds, where it is known; None otherwise.
    """

    __slots__ = (
        *("index", "sizes", "dtype", "kind", "name", "operation", "storage", "frozen", "leaves"),
        *("at_two", "number"),
    )

    def __init__(
        self,
        index: int,
        sizes: tuple[int, ...],
        dtype: str,
        kind: str,
        name: str = "",
        operation: Operation | None = None,
        storage: int = -1,
        frozen: bool = False,
    ):
        self.index = index
        self.sizes = sizes
        self.dtype = dtype
        self.kind = kind
        self.name = name
        self.operation = operation
        self.storage = storage
        self.frozen = frozen
        self.leaves: tuple[Value, ...] = (self,) if kind in (PARAMETER, BUFFER, CONSTANT) else ()
        self.at_two: tuple[int, ...] | None = None
        self.number: int | float | bool | None = None

    @property
    def depends(self) -> bool:
        """Whether it depends on an input."""
        return self.kind in (INPUT, MADE)

    def of(self, tensor: Any) -> Any:
        """Take out of the tensor that has its name what it stands for: all of it."""
        return tensor

    def __repr__(self) -> str:
        sizes = "x".join(map(str, self.sizes))
        return f"<Value {self.index} {self.kind} {self.name} {sizes} {self.dtype}>"


class ModuleCall:
    """One call of a module.

    Attributes:
        path: The dotted name of the module, ``layer1.0.conv1``; empty for the module that is recorded.
        kind: The name of its class.
        number: 1 for the first call of this module, 2 for the second …
        parent: The call inside which it happened; None for the outermost.
        index: Its place in ``Recording.calls``, which is the order in which calls began.
        arguments: The values among what it was given, lists and dictionaries opened, in order.
        results: The values among what it returned, in order.
        ended: Its place in the order in which calls ended; None where an error ended it.
        first: The first value that it was given by position, and the first that it returned, of a dictionary
            the last; None where there is none. That is what tools take for its input and output.
    """

    __slots__ = ("path", "kind", "number", "parent", "index", "arguments", "results", "ended", "first")

    def __init__(self, path: str, kind: str, number: int, parent: ModuleCall | None, index: int):
        self.path = path
        self.kind = kind
        self.number = number
        self.parent = parent
        self.index = index
        self.arguments: tuple[Value, ...] = ()
        self.results: tuple[Value, ...] = ()
        self.ended: int | None = None
        self.first: tuple[Value | None, Value | None] = (None, None)

    def chain(self) -> list[ModuleCall]:
        """The calls that it stands in, from the outermost down to itself."""
        found: list[ModuleCall] = []
        at: ModuleCall | None = self
        while at is not None:
            found.append(at)
            at = at.parent
        return found[::-1]

    def __repr__(self) -> str:
        return f"<ModuleCall {self.path or '(root)'} #{self.number}: {self.kind}>"


class Operation:
    """One operation on tensors.

    Attributes:
        target: The operator with its overload, ``aten.add_.Tensor``.
        name: Its plain name, ``add``: without namespace, overload and the underscore of in-place forms. An
            operator of another namespace than ``aten`` keeps it: ``torchvision.nms``. ``write`` is an
            operation of the recorder's own: its argument ``self`` is a tensor of which a view was written
            to, ``view`` is what the view holds now, ``steps`` the view operations that lead from the one to
            the other, each with the number of its output that leads on, and its output is the tensor
            afterwards. A view that is read after its memory was written to is viewed anew, by the same
            operations on what they view as it is then.
        arguments: All arguments by the names of the schema, defaults included: values, numbers, yes
            and no, None, types and devices as words, and tuples of these.
        outputs: The tensors that it gives, lists opened; behind them those that it wrote to and does not
            give, and what it keeps for a gradient that the module takes itself.
        call: The module call inside which it happened.
        source: File and line of the module's code that called it, as far as that is known.
        inplace: Whether it writes into its first argument.
        view: Whether its outputs share the memory of an argument without writing to it.
        at_two: The same operation with a batch of two; None where that was not tried or went another way.
        contiguous: Whether what a linear layer over several positions read lies in memory in its order.
        called: What the code called, as it spells it: ``F.softmax``, ``Tensor.softmax``; empty where nobody
            knows.
    """

    __slots__ = (
        *("target", "name", "arguments", "outputs", "call", "source", "inplace", "view", "at_two"),
        *("called", "contiguous"),
    )

    def __init__(
        self,
        target: str,
        name: str,
        arguments: dict[str, Any],
        call: ModuleCall,
        source: tuple[str, int] | None = None,
        inplace: bool = False,
        view: bool = False,
        called: str = "",
    ):
        self.called = called
        self.contiguous = True
        self.target = target
        self.name = name
        self.arguments = arguments
        self.outputs: tuple[Value, ...] = ()
        self.call = call
        self.source = source
        self.inplace = inplace
        self.view = view
        self.at_two: Operation | None = None

    @property
    def inputs(self) -> tuple[Value, ...]:
        """The tensors among the arguments, lists opened, in the order of the schema."""
        return tuple(values_in(self.arguments.values()))

    @property
    def output(self) -> Value:
        """The first tensor that it gives."""
        return self.outputs[0]

    def __repr__(self) -> str:
        return f"<Operation {self.target} in {self.call.path or '(root)'}>"


class ModuleInfo:
    """A module of the tree, whether it was called or not.

    Attributes:
        path: Its dotted name; empty for the module that is recorded. Of several names the first.
        kind: The name of its class.
        parameters: The parameters that it registers itself, by the name there; the same value under another
            name is one that is tied.
        buffers: The buffers that it registers itself, batch counters (``num_batches_tracked``) left out.
        calls: How often it was called.
        children: The modules that it registers, by the name there; each stands there with every name it has.
        kernel_size: Its attribute of that name, a number or one for each axis; None where it has none.
        base: The class of ``torch.nn`` that it is, or that its class is made of; empty where there is none.
        exact: Whether its class is that one.
        leaf: Whether it holds no other modules.
        defined: Its class, with the module of Python that defines it.
        settings: What its attributes say that are numbers, words, yes or no.
    """

    __slots__ = (
        *("path", "kind", "parameters", "buffers", "calls", "children", "kernel_size"),
        *("base", "exact", "leaf", "settings", "defined"),
    )

    def __init__(
        self,
        path: str,
        kind: str,
        base: str = "",
        exact: bool = False,
        leaf: bool = True,
        settings: dict[str, object] | None = None,
        defined: str = "",
    ):
        self.path = path
        self.defined = defined
        self.kind = kind
        self.base = base
        self.exact = exact
        self.leaf = leaf
        self.settings = settings or {}
        self.parameters: dict[str, Value] = {}
        self.buffers: dict[str, Value] = {}
        self.calls = 0
        self.children: dict[str, ModuleInfo] = {}
        self.kernel_size: int | tuple[int, ...] | None = None

    def __repr__(self) -> str:
        return f"<ModuleInfo {self.path or '(root)'}: {self.kind}>"


class Recording:
    """What one run of a module came to.

    Attributes:
        target: What the user called it.
        inputs: The tensors that it was given.
        outputs: The tensors that it returned, each with its name: ``out`` or ``0``, ``1`` … or the key;
            those of lists and dictionaries inside with a dot, ``boxes.0``.
        operations: What the outputs need of what the inputs reach, in the order it happened.
        skipped: How many operations that was not: masks, positions, prints. Those that prepare values that
            these operations read are not among them.
        modules: All modules of the tree, by path, in their order, and behind them those that were called and
            that the tree does not hold.
        calls: All calls, in the order in which they began; the first is the module itself.
        unused: The parameters that no output needs, by name.
        rung: On which rung of the ladder it stood: ``meta``, ``gradients`` or ``cpu``; ``file`` where
            nothing was run.
        why: Why it could not stand higher; empty on the first.
        training: Whether the module was in training mode.
        until: The part whose results are the outputs; empty where they are those of the whole module.
        stopped: What ended the run behind that part; empty where nothing did.
        notes: What else the user has to know, a sentence each.
    """

    __slots__ = (
        *("target", "inputs", "outputs", "operations", "skipped", "modules", "calls", "unused"),
        *("rung", "why", "training", "until", "stopped", "notes"),
    )

    def __init__(self, target: str):
        self.target = target
        self.inputs: tuple[Value, ...] = ()
        self.outputs: tuple[tuple[str, Value], ...] = ()
        self.operations: tuple[Operation, ...] = ()
        self.skipped = 0
        self.modules: dict[str, ModuleInfo] = {}
        self.calls: list[ModuleCall] = []
        self.unused: tuple[Value, ...] = ()
        self.rung = "meta"
        self.why = ""
        self.training = False
        self.until = ""
        self.stopped = ""
        self.notes: list[str] = []

    def parameters(self) -> list[Value]:
        """All registered parameters, each once, in the order of the modules."""
        found = {value.index: value for m in self.modules.values() for value in m.parameters.values()}
        return list(found.values())

    def __repr__(self) -> str:
        return f"<Recording {self.target}: {len(self.operations)} operations>"


def values_in(arguments: Any) -> Iterator[Value]:
    """Yield the tensors among arguments, lists and dictionaries opened."""
    for argument in arguments:
        if isinstance(argument, Value):
            yield argument
        elif isinstance(argument, (tuple, list)):
            yield from values_in(argument)
        elif isinstance(argument, dict):
            yield from values_in(argument.values())
