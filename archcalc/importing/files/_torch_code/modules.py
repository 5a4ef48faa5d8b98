"""The modules of pasted code: what each registers, and what a call of it does."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from ...operations.builder import RecordingBuilder
from ...operations.recording import ModuleInfo, Value
from .._source.values import EvaluationError, HostValue, PythonInstance, UnknownValue
from .tensors import CodeParameter, CodeRun, CodeTensor

# Modules below one another, and modules of one network.
DEEPEST = 40
MOST_MODULES = 20_000
# So often a module runs while the network is made.
_MOST_TRIES = 200
# Methods that give the module as it was.
_SAME = frozenset(
    (
        *("to", "cuda", "cpu", "eval", "train", "half", "float", "double", "apply", "requires_grad_"),
        *("type", "share_memory", "xpu", "bfloat16"),
    )
)
# Methods that change nothing that is counted.
_WITHOUT_EFFECT = frozenset(
    (
        *(
            "load_state_dict",
            "state_dict",
            "zero_grad",
            "extra_repr",
            "register_forward_hook",
            "init_weights",
        ),
        *(
            "reset_parameters",
            "flatten_parameters",
            "register_load_state_dict_pre_hook",
            "compile",
            "__init__",
        ),
    )
)


# All methods that are known.
METHODS = (
    _SAME
    | _WITHOUT_EFFECT
    | {"forward", "parameters", "buffers", "named_parameters", "named_buffers", "modules", "named_modules"}
    | {"children", "named_children", "items", "keys", "values", "add_module", "register_module", "append"}
    | {"extend", "update", "insert", "register_buffer", "register_parameter"}
)


# The classes of torch.nn that others are made from, as far as code looks for them.
ABOVE = {
    **{
        f"{name}{rank}d": (f"_{name}", "_NormBase")
        for name in ("BatchNorm", "InstanceNorm")
        for rank in "123"
    },
    "SyncBatchNorm": ("_BatchNorm", "_NormBase"),
    **{f"Conv{rank}d": ("_ConvNd",) for rank in "123"},
    **{f"ConvTranspose{rank}d": ("_ConvTransposeNd", "_ConvNd") for rank in "123"},
    **{f"Dropout{rank}d": ("_DropoutNd",) for rank in "123"},
    **dict.fromkeys(("Dropout", "AlphaDropout", "FeatureAlphaDropout"), ("_DropoutNd",)),
    **dict.fromkeys(("RNN", "LSTM", "GRU"), ("RNNBase",)),
    "ReLU6": ("Hardtanh",),
    "NonDynamicallyQuantizableLinear": ("Linear",),
}


class NetworkRun(CodeRun):
    """A run of a network: modules have their dotted names in it.

    Attributes:
        made: How many modules of PyTorch the code has made.
        waiting: Makes each lazy module wait for its first input again.
        within: Tells whether a function of the code is under way.
        example: The sizes of tensors that a module was called with before it ran, and the module.
    """

    def __init__(self, name: str):
        super().__init__(name)
        self.made = 0
        self.example: list[tuple[CodeModule, tuple[tuple[int, ...], ...]]] = []
        self.waiting: list[Callable[[], None]] = []
        self.within: Callable[[], bool] = lambda: False
        self._infos: dict[int, tuple[CodeModule, ModuleInfo]] = {}
        self._depth = 0
        self._tries = 0

    def register(self, path: str, module: CodeModule) -> ModuleInfo:
        """Register a module with all that it holds, in PyTorch's order."""
        held = self._infos.get(id(module))
        if held is not None:
            return held[1]
        if len(self._infos) > MOST_MODULES or path.count(".") > DEEPEST:
            raise EvaluationError("this network has too many modules, or they hold one another without end")
        builder = self.builder
        info = builder.module(
            path,
            module.kind,
            base=module.base,
            settings=module.settings,
            defined=module.defined,
            subclass=module.subclass,
        )
        if not path:  # the builder has made it
            _described(info, module)
        size = module.settings.get("kernel_size")
        if isinstance(size, (int, tuple)):
            info.kernel_size = size
        self._infos[id(module)] = (module, info)
        prefix = f"{path}." if path else ""
        for name, tensor in module.tensors.items():
            tensor.register(prefix + name)
        for name, child in module.children.items():
            info.children[name] = self.register(prefix + name, child)
        info.leaf = not module.children
        return info

    def call(self, module: CodeModule, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Let a module run. Raises EvaluationError."""
        if not self.tracing:
            return self._begun(module, args, kwargs)
        held = self._infos.get(id(module))
        if held is None:
            parent = self.builder.current_call().path
            stem = path = ".".join([part for part in (parent, module.kind) if part])
            number = 1
            while any(info.path == path for _, info in self._infos.values()):
                number += 1
                path = f"{stem}_{number}"
            info = self.register(path, module)
        else:
            info = held[1]
        if self._depth >= DEEPEST:
            raise EvaluationError(f"modules call one another more than {DEEPEST} deep")
        self._depth += 1
        given = list(_values((*args, *kwargs.values())))
        try:
            with self.builder.call(info.path, module.kind, *given) as call:
                result = module.forward(args, kwargs)
                call.gives(*_values(result))
        finally:
            self._depth -= 1
        return result

    def tried(self, module: CodeModule, args: Sequence[Any], kwargs: Mapping[str, Any], node: ast.AST) -> Any:
        """Let a module run while the network is made, as far as that is known: code looks at the sizes of
        what comes out."""
        known = all(isinstance(one, CodeTensor) for one in args) and not kwargs
        if self._depth:
            return self._begun(module, args, kwargs)
        if known and self.within() and self._tries < _MOST_TRIES:
            self._tries += 1
            try:
                return self._begun(module, args, kwargs)
            except EvaluationError as error:
                return UnknownValue(node, error.message)
        return UnknownValue(node, "it is computed outside of a network")

    def _begun(self, module: CodeModule, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        if self._depth >= DEEPEST:
            raise EvaluationError(f"modules call one another more than {DEEPEST} deep")
        self._depth += 1
        try:
            return module.forward(args, kwargs)
        finally:
            self._depth -= 1

    def became(self, module: CodeModule) -> None:
        """Take notice of a module that was lazy and has become one of another class."""
        held = self._infos.get(id(module))
        if held is None:
            return
        info = held[1]
        _described(info, module)
        size = module.settings.get("kernel_size")
        info.kernel_size = size if isinstance(size, (int, tuple)) else info.kernel_size
        for name, tensor in module.tensors.items():
            tensor.register(f"{info.path}.{name}" if info.path else name)
        call = self.builder.current_call()
        if call.path == info.path:
            call.kind = module.kind

    def restart(self, target: str, kind: str, defined: str) -> None:
        """Begin anew: nothing has run."""
        self.builder = RecordingBuilder(target, kind, defined=defined)
        self._infos = {}
        self._depth = 0
        for wait in self.waiting:
            wait()

    def root(self, module: CodeModule, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Let the whole network run. Raises EvaluationError."""
        self.tracing = True
        self.register("", module)
        return module.forward(args, kwargs)

    def returned(self, tree: Any) -> Any:
        """What a network returns, each tensor as the builder knows it; None where there is none."""
        if isinstance(tree, CodeTensor):
            return tree.value
        if isinstance(tree, (tuple, list)):
            parts = [self.returned(part) for part in tree]
            return parts if any(part is not None for part in parts) else None
        if isinstance(tree, dict):
            found = {str(key): self.returned(part) for key, part in tree.items()}
            return found if any(part is not None for part in found.values()) else None
        return None


def _described(info: ModuleInfo, module: CodeModule) -> None:
    """Say again what a module is."""
    info.base, info.exact = module.base, bool(module.base) and not module.subclass
    info.settings, info.defined, info.kind = dict(module.settings), module.defined, module.kind


def _values(tree: Any) -> Iterator[Value]:
    """The tensors of lists and dictionaries."""
    if isinstance(tree, CodeTensor):
        yield tree.value
    elif isinstance(tree, (tuple, list)):
        for part in tree[:1000]:
            yield from _values(part)
    elif isinstance(tree, dict):
        for part in tree.values():
            yield from _values(part)


def module_of(value: Any) -> CodeModule | None:
    """The module that a value of the code is; None where it is none."""
    if isinstance(value, PythonInstance):
        value = value.state
    return value if isinstance(value, CodeModule) else None


class CodeModule(HostValue):
    """A module: one of ``torch.nn``, or what an object of the code's own class has of one.

    Attributes:
        kind: The name of its class.
        base: The class of ``torch.nn`` that it is or is made of.
        defined: Its class, with the module of Python that defines it.
        subclass: Whether its class is made of ``base``, and not that one.
        settings: What its attributes say that are numbers, words, yes or no.
        tensors: The parameters and buffers that it registers.
        children: The modules that it registers.
        rank: How many axes of space it works on, by its name; 0 for none.
        plain: Other attributes.
        made_of: The object of the code that it is of; None for one of ``torch.nn``.
    """

    def __init__(self, run: NetworkRun, kind: str, base: str, defined: str, *, subclass: bool = False):
        self.run = run
        self.kind = kind
        self.base = base
        self.defined = defined
        self.subclass = subclass
        self.settings: dict[str, object] = {}
        self.tensors: dict[str, CodeParameter] = {}
        self.children: dict[str, CodeModule] = {}
        self.plain: dict[str, Any] = {}
        self.rank = next((int(sign) for sign in base if sign in "123"), 0)
        self.made_of: PythonInstance | None = None
        self.work: Callable[..., Any] | None = None

    @property
    def described(self) -> str:  # type: ignore[override]
        """What a message calls it."""
        return f"a {self.kind}"

    @property
    def object(self) -> Any:
        """What the code has of it."""
        return self.made_of or self

    def setting(self, name: str) -> Any:
        """A setting, or another attribute that was given."""
        return self.plain[name] if name in self.plain else self.settings[name]

    def parameter(self, name: str, *sizes: int, present: Any = True) -> None:
        """Register a parameter, where it is there."""
        if present:
            self.tensors[name] = CodeParameter(self.run, sizes)

    def buffer(self, name: str, *sizes: int, present: Any = True) -> None:
        """Register a buffer, where it is there."""
        if present:
            self.tensors[name] = CodeParameter(self.run, sizes, learned=False)

    def blank(self) -> CodeModule:
        """Return a module of its class that holds nothing yet."""
        return CodeModule(self.run, self.kind, self.base, self.defined, subclass=self.subclass)

    # ---- as the code uses it

    def attribute(self, name: str) -> Any:
        """Return an attribute or a method."""
        if name in self.children:
            return self.children[name].object
        for held in (self.tensors, self.plain, self.settings):
            if name in held:
                return held[name]
        if name == "training":
            return False
        if name == "_modules":
            return {key: child.object for key, child in self.children.items()}
        if name in ("_parameters", "_buffers"):
            learned = name == "_parameters"
            return {key: tensor for key, tensor in self.tensors.items() if tensor.learned == learned}
        if name in ("weight", "bias", "running_mean", "running_var", "in_proj_bias"):
            return None
        if name not in METHODS:
            raise EvaluationError(f"{self.described} has no `{name}` that can be read")
        return ModuleMethod(self, name)

    def is_instance(self, kind: Any) -> bool:
        """Whether it is of a class of ``torch.nn``."""
        word = getattr(kind, "path", "").rpartition(".")[2]
        return word in (self.base, "Module") or word in ABOVE.get(self.base, ())

    def set_attribute(self, name: str, value: Any) -> None:
        """Register a module or parameter, or keep another value."""
        module = module_of(value)
        if module is not None:
            self.tensors.pop(name, None)
            self.plain.pop(name, None)
            self.children[name] = module
        elif isinstance(value, CodeParameter):
            self.children.pop(name, None)
            self.plain.pop(name, None)
            self.tensors[name] = value
        else:
            self.children.pop(name, None)
            self.tensors.pop(name, None)
            self.plain[name] = value

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return what a call of it gives: before the network runs, nothing that is known."""
        self.run.at(node)
        if not self.run.tracing:
            sizes = tuple([at.sizes for at in positional if isinstance(at, CodeTensor)])
            if sizes:
                self.run.example.append((self, sizes))
            return self.run.tried(self, positional, keywords, node)
        return self.run.call(self, positional, keywords)

    def forward(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Do what it does. Raises EvaluationError."""
        if self.work is None:
            raise EvaluationError(f"what a `{self.kind}` does cannot be read")
        try:
            return self.work(self, *args, **kwargs)
        except (TypeError, AttributeError, ValueError, IndexError, KeyError) as error:
            raise EvaluationError(f"`{self.kind}` cannot take this") from error

    def item(self, index: Any) -> Any:
        """Return a module of a list or dictionary of modules."""
        if isinstance(index, str):
            if index in self.children:
                return self.children[index].object
            raise EvaluationError(f"there is no module `{index}`")
        modules = [child.object for child in self.children.values()]
        if isinstance(index, slice):
            part = CodeModule(self.run, self.kind, self.base, self.defined, subclass=False)
            part.work = self.work
            for name, child in list(self.children.items())[index]:
                part.children[name] = child
            return part
        if not isinstance(index, int) or not -len(modules) <= index < len(modules):
            raise EvaluationError(f"there is no module {index!r}: there are {len(modules)}")
        return modules[index]

    def elements(self) -> Iterable[Any]:
        """Return the modules of a list of modules, the names of a dictionary of them."""
        if self.base == "ModuleDict":
            return list(self.children)
        if self.base in ("ParameterList", "ParameterDict"):
            return list(self.tensors.values())
        return [child.object for child in self.children.values()]

    def length(self) -> int:
        """Return how many modules there are."""
        return len(self.children)

    def add(self, name: str, value: Any) -> None:
        """Register a module. Raises EvaluationError where it is none."""
        module = module_of(value)
        if module is None:
            if isinstance(value, UnknownValue):
                raise EvaluationError("what this module is cannot be read", value.node)
            raise EvaluationError("this is no module")
        self.children[name] = module

    def all_modules(self) -> Iterator[tuple[str, CodeModule]]:
        """Yield it and the modules below it with their dotted names, each once."""
        seen: set[int] = set()
        waiting: list[tuple[str, CodeModule]] = [("", self)]
        while waiting:
            path, module = waiting.pop()
            if id(module) in seen:
                continue
            seen.add(id(module))
            if len(seen) > MOST_MODULES:
                raise EvaluationError("this network has too many modules")
            yield path, module
            prefix = f"{path}." if path else ""
            waiting += reversed([(prefix + name, child) for name, child in module.children.items()])

    def all_tensors(self, learned: bool) -> list[tuple[str, CodeParameter]]:
        """Return its parameters, or buffers, and those of the modules below it."""
        found: dict[int, tuple[str, CodeParameter]] = {}
        for path, module in self.all_modules():
            for name, tensor in module.tensors.items():
                if tensor.learned == learned:
                    found.setdefault(id(tensor), (f"{path}.{name}" if path else name, tensor))
        return list(found.values())


class ModuleMethod(HostValue):
    """A method of a module."""

    described = "a method of a module"

    def __init__(self, of: CodeModule, name: str):
        self.of = of
        self.name = name

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return what it gives."""
        of, name, run = self.of, self.name, self.of.run
        run.at(node)
        given = [*positional, *keywords.values()]
        if name in _SAME:
            if name == "requires_grad_" and given and given[0] is False:
                for _, tensor in of.all_tensors(True):
                    tensor.set_attribute("requires_grad", False)
            return of.object
        if name in _WITHOUT_EFFECT:
            return None
        if name == "forward":
            return of.forward(positional, keywords)
        if name in ("parameters", "buffers"):
            return [tensor for _, tensor in of.all_tensors(name == "parameters")]
        if name in ("named_parameters", "named_buffers"):
            return [(path, tensor) for path, tensor in of.all_tensors(name == "named_parameters")]
        if name == "modules":
            return [module.object for _, module in of.all_modules()]
        if name == "named_modules":
            return [(path, module.object) for path, module in of.all_modules()]
        if name == "children":
            return [child.object for child in of.children.values()]
        if name in ("named_children", "items"):
            return [(key, child.object) for key, child in of.children.items()]
        if name == "keys":
            return list(of.children)
        if name == "values":
            return [child.object for child in of.children.values()]
        if name in ("add_module", "register_module") and len(given) == 2:
            of.add(str(given[0]), given[1])
            if of.made_of is not None:
                of.made_of.values.pop(str(given[0]), None)
            return None
        if name == "append" and len(given) == 1:
            if isinstance(given[0], CodeParameter):
                of.tensors[str(len(of.tensors))] = given[0]
            else:
                of.add(str(len(of.children)), given[0])
            return of.object
        if name == "extend" and len(given) == 1 and isinstance(given[0], (list, tuple, CodeModule)):
            for one in given[0].elements() if isinstance(given[0], CodeModule) else given[0]:
                of.add(str(len(of.children)), one)
            return of.object
        if name == "update" and isinstance(given[0], dict):
            for key, one in given[0].items():
                of.add(str(key), one)
            return None
        if name == "insert" and len(given) == 2 and isinstance(given[0], int):
            modules = [child.object for child in of.children.values()]
            modules.insert(given[0], given[1])
            of.children.clear()
            for place, one in enumerate(modules):
                of.add(str(place), one)
            return None
        if name in ("register_buffer", "register_parameter") and len(given) >= 2:
            self._register(str(given[0]), given[1], name == "register_parameter")
            return None
        raise EvaluationError(f"`{name}` of a module cannot be read", node)

    def _register(self, name: str, value: Any, learned: bool) -> None:
        of = self.of
        if isinstance(value, CodeTensor):
            if not isinstance(value, CodeParameter):
                value = CodeParameter(of.run, value.sizes, value.value.dtype, learned=learned)
            of.tensors[name] = value
        elif isinstance(value, UnknownValue):
            raise EvaluationError("what this tensor is cannot be read", value.node)
        else:
            of.plain[name] = value
