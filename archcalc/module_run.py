"""What the modules of a network do when it runs in PyTorch: the tree of modules, and their calls in order.

The network is a module that was traced, or the one that its export writes. Tools that hook modules, as
torchinfo, see this and nothing else. It knows no torch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from typing import NamedTuple


class BatchSizes(NamedTuple):
    """The sizes of a tensor as PyTorch has them, with a batch of one and with one of two."""

    one: tuple[int, ...]
    two: tuple[int, ...]

    def at(self, batch: int) -> tuple[int, ...]:
        """The sizes with another batch: each grows by the same for each element more."""
        return tuple([a + (b - a) * (batch - 1) for a, b in zip(self.one, self.two, strict=True)])


class ModuleParameter(NamedTuple):
    """A parameter that a module registers itself.

    name    its name there, ``weight``
    sizes   its sizes
    trains  whether it takes a gradient
    tensor  equal for those that are the same tensor: what is tied
    bytes   of one value; None: those of the network's type
    """

    name: str
    sizes: tuple[int, ...]
    trains: bool
    tensor: object
    bytes: int | None = None


class Module:
    """A module of a network.

    kind         the name of its class
    parameters   those that it registers itself
    children     the modules that it registers, with their names there, in order
    kernel_size  the attribute of that name; None where there is none
    path         its dotted name; of several names the first
    """

    __slots__ = ("kind", "parameters", "children", "kernel_size", "path")

    def __init__(self, kind: str, path: str = "", kernel_size: int | tuple[int, ...] | None = None):
        self.kind = kind
        self.path = path
        self.kernel_size = kernel_size
        self.parameters: list[ModuleParameter] = []
        self.children: list[tuple[str, Module]] = []

    def child(self, name: str) -> Module | None:
        """The module that is registered under a name."""
        return next((module for known, module in self.children if known == name), None)

    def named_parameters(
        self, prefix: str = "", seen: set[object] | None = None
    ) -> Iterator[ModuleParameter]:
        """Yield all parameters inside, each once, with dotted names, as PyTorch gives them."""
        seen = set() if seen is None else seen
        for parameter in self.parameters:
            if parameter.tensor not in seen:
                seen.add(parameter.tensor)
                yield parameter._replace(name=prefix + parameter.name)
        for name, module in self.children:
            if module not in seen:
                seen.add(module)
                yield from module.named_parameters(f"{prefix}{name}.", seen)

    def __repr__(self) -> str:
        return f"<Module {self.path or '(root)'}: {self.kind}>"


class RunCall:
    """A call of a module.

    module  the one that is called
    parent  the call inside which it happens; None of the outermost
    takes   sizes of the first tensor that it is given by position; None where there is none
    gives   sizes of what it returns, of several tensors the first; None where nothing is known
    bytes   of one value of what it returns; None: those of the network's type
    layers  names of the layers that it comes to itself, outside of the modules that it calls
    """

    __slots__ = ("module", "parent", "takes", "gives", "bytes", "layers")

    def __init__(
        self,
        module: Module,
        parent: RunCall | None,
        takes: BatchSizes | None,
        gives: BatchSizes | None,
        layers: Sequence[str] = (),
        bytes: int | None = None,
    ):
        self.module = module
        self.parent = parent
        self.takes = takes
        self.gives = gives
        self.bytes = bytes
        self.layers = list(layers)

    def __repr__(self) -> str:
        return f"<RunCall {self.module.path or '(root)'}: {self.module.kind}>"


class ModuleRun:
    """A network as modules that are called.

    root    the network itself
    calls   all calls in the order in which they begin; the first is that of the root
    inputs  of each tensor that it is given the sizes, and the bytes of one value; None: those of its type
    """

    __slots__ = ("root", "calls", "inputs")

    def __init__(
        self, root: Module, calls: Sequence[RunCall], inputs: Sequence[tuple[BatchSizes, int | None]]
    ):
        self.root = root
        self.calls = calls
        self.inputs = inputs

    def frozen(self, paths: Set[str]) -> ModuleRun:
        """The same, the parameters of some modules held fixed."""
        if not paths:
            return self
        copies: dict[Module, Module] = {}
        calls: dict[RunCall | None, RunCall | None] = {None: None}
        found: list[RunCall] = []

        def copied(module: Module) -> Module:
            copy = copies.get(module)
            if copy is None:
                copy = copies[module] = Module(module.kind, module.path, module.kernel_size)
                held = module.path in paths
                copy.parameters = [p._replace(trains=p.trains and not held) for p in module.parameters]
                copy.children = [(name, copied(child)) for name, child in module.children]
            return copy

        root = copied(self.root)
        for call in self.calls:
            made = RunCall(
                copied(call.module), calls[call.parent], call.takes, call.gives, call.layers, call.bytes
            )
            calls[call] = made
            found.append(made)
        return ModuleRun(root, found, self.inputs)
