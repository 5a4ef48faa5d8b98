"""What PyTorch gives to pasted code, by its names."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import Request
from .._source.evaluating import Evaluator, Host
from .._source.plain import CONSTANTS
from .._source.plain import FUNCTIONS as PLAIN
from .._source.values import (
    BoundMethod,
    Builtin,
    EvaluationError,
    HostValue,
    PythonClass,
    PythonFunction,
    PythonInstance,
    Scope,
    UnknownValue,
)
from . import attention as attention
from . import layers as layers
from . import lazy as lazy
from . import recurrences as recurrences
from .copying import copied
from .functional import functional
from .functions import MAKERS, tensor_method, torch_function
from .modules import METHODS, MOST_MODULES, CodeModule, ModuleMethod, NetworkRun, module_of
from .tensors import CodeParameter, CodeTensor, TypeWord
from .vocabulary import CLASSES, ModuleClass

_ROOTS = ("torch", "math", "numpy", "torchsummary", "torchinfo", "torchvision")
_TYPES = {
    **{"float": "float32", "double": "float64", "half": "float16", "long": "int64", "int": "int32"},
    **{name: name for name in ("float32", "float64", "float16", "bfloat16", "int64", "int32", "int16")},
    **{name: name for name in ("int8", "uint8", "bool")},
}
# Names that code pasted without its imports uses.
_PASTED = {"torch": "torch", "nn": "torch.nn", "F": "torch.nn.functional", "math": "math", "np": "numpy"}
# What gives its argument, or its first argument, as far as figures go.
_PASSING = frozenset(
    (
        "Variable",
        "from_numpy",
        "no_grad",
        "checkpoint",
        "script",
        "compile",
        "DataParallel",
        "DistributedDataParallel",
    )
)


class Calling(HostValue):
    """Something that can be called."""

    described = "this function"

    def __init__(self, work: Callable[[list[Any], dict[str, Any]], Any]):
        self.work = work

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return what it gives."""
        return self.work(list(positional), dict(keywords))


class TorchName(HostValue):
    """Something of a library by its dotted path."""

    def __init__(self, host: TorchHost, path: str):
        self.host = host
        self.path = path
        self.described = f"`{path}`"

    @property
    def layer_class(self) -> ModuleClass | None:
        """The class of ``torch.nn`` that it is; None for another thing."""
        if not self.path.startswith("torch.nn."):
            return None
        return CLASSES.get(self.path.rpartition(".")[2])

    def attribute(self, name: str) -> Any:
        """Return what the path goes on to."""
        if name == "__name__":
            return self.path.rpartition(".")[2]
        if name == "__init__":
            return Calling(self._initialised)
        return self.host.named(f"{self.path}.{name}")

    def _initialised(self, positional: list[Any], keywords: dict[str, Any]) -> None:
        module = module_of(positional[0]) if positional else None
        if module is not None and self.layer_class is not None:
            self.layer_class.made(module, positional[1:], keywords)

    def item(self, index: Any) -> Any:
        """``List[int]`` is a type."""
        return self

    def call(self, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST) -> Any:
        """Return what it gives. Raises EvaluationError."""
        return self.host.named_call(self, list(positional), dict(keywords), node)

    def operator(self, symbol: str, other: Any, reflected: bool, node: ast.AST) -> Any:
        """Types are joined."""
        return self

    def type_of(self) -> Any:
        """Return the class of a class."""
        return UnknownValue(None) if self.layer_class is None else Builtin("type")


class ModuleOfCode(CodeModule):
    """A module whose class is the code's own."""

    evaluator: Evaluator

    def blank(self) -> CodeModule:
        """Return a module of its class that holds nothing yet."""
        found = ModuleOfCode(self.run, self.kind, self.base, self.defined, subclass=self.subclass)
        found.evaluator = self.evaluator
        return found

    def forward(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Do what its ``forward`` does. Raises EvaluationError."""
        assert self.made_of is not None
        forward = self.made_of.of.find("forward")
        if forward is None:
            if runs_net(self.made_of.of) and "net" in self.children:
                return self.evaluator.call(self.children["net"].object, args, kwargs, self.made_of.of.node)
            if self.work is None:
                raise EvaluationError(f"{self.kind} has no `forward`")
            return super().forward(args, kwargs)
        return self.evaluator.call(BoundMethod(forward, self.made_of), args, kwargs, self.made_of.of.node)


def runs_net(made: PythonClass) -> bool:
    """Whether a class is made from one of d2l, whose ``forward`` calls the attribute ``net``."""
    nodes = [one.node for one in made.line]
    bases = [base for node in nodes if isinstance(node, ast.ClassDef) for base in node.bases]
    return any(ast.unparse(base).startswith("d2l.") for base in bases)


def _is_module_class(made: ast.ClassDef) -> bool:
    """Whether a class, whose base is not read, is one of modules: it says what it does, or makes layers."""
    if any(ast.unparse(base).endswith("LightningModule") for base in made.bases):
        return True
    if any(ast.unparse(base).startswith("d2l.") for base in made.bases):
        return not any(ast.unparse(base).endswith(("Data", "DataModule", "Trainer")) for base in made.bases)
    methods = {one.name: one for one in made.body if isinstance(one, ast.FunctionDef)}
    init = methods.get("__init__")
    layers = init is not None and any(
        isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "nn"
        for node in ast.walk(init)
    )
    return layers and "forward" in methods


class TorchHost(Host):
    """PyTorch, for one file.

    Attributes:
        used: The settings that the code has used.
        example: Sizes of an input, channels first and without the batch, that the code itself gives to a
            tool that prints summaries, with the module.
        taken: The classes that are taken for ``nn.Module``, since nobody reads them, by the class that the
            code makes from each.
    """

    def __init__(self, run: NetworkRun, request: Request, module: str):
        self.run = run
        run.method = tensor_method
        self.request = request
        self.module = module
        self.used: set[str] = set()
        self.example: list[tuple[CodeModule, tuple[int, ...]]] = []
        self.taken: dict[str, str] = {}
        self._names: dict[str, TorchName] = {}
        self.evaluator = TorchEvaluator(self)
        run.within = lambda: self.evaluator.depth > 0

    # ---- names

    def imported(self, path: str, node: ast.AST) -> Any:
        """Return what an import gives."""
        if path.partition(".")[0] in _ROOTS:
            return self.named(path)
        word = path.rpartition(".")[2]
        return UnknownValue(
            node, f"`{word}` is from `{path.rpartition('.')[0] or path}`, which is not read", word
        )

    def named(self, path: str) -> Any:
        """Return what a dotted path stands for."""
        if path in CONSTANTS:
            return CONSTANTS[path]
        root, _, word = path.rpartition(".")
        if root == "torch" and word in _TYPES:
            return TypeWord(_TYPES[word])
        if path.startswith("torch.nn.") and word in CLASSES:
            path = f"torch.nn.{word}"  # a class has one name, wherever it is taken from
        elif word == "Tensor":
            path = "torch.Tensor"
        return self._names.setdefault(path, TorchName(self, path))

    def undefined(self, name: str, node: ast.AST) -> Any:
        """Return what a name stands for that the code does not define."""
        if name in _PASTED:
            return self.named(_PASTED[name])
        if name in CLASSES:
            return self.named(f"torch.nn.{name}")
        return UnknownValue(node, f"`{name}` has no value in this code", name)

    def setting(self, name: str, value: Any, top: bool) -> Any:
        """Return the value that somebody has set for a name, else the code's own."""
        meant = isinstance(value, (HostValue, PythonFunction, PythonClass, PythonInstance))
        settable = not meant or isinstance(value, UnknownValue)
        if top and settable and name != "net" and name in self.request.settings:
            self.used.add(name)
            return literal(self.request.settings[name])
        return value

    # ---- calls

    def named_call(
        self, named: TorchName, positional: list[Any], keywords: dict[str, Any], node: ast.AST
    ) -> Any:
        """Return what a call of something by its path gives. Raises EvaluationError."""
        path = named.path
        root, _, word = path.rpartition(".")
        run = self.run
        run.at(node)
        given = [*positional, *keywords.values()]
        if named.layer_class is not None:
            kind = named.layer_class
            run.made += 1
            if run.made > MOST_MODULES:
                raise EvaluationError(f"this makes more than {MOST_MODULES:,} modules", node)
            module = CodeModule(run, kind.name, kind.name, kind.defined)
            kind.made(module, positional, keywords)
            return module
        if path in PLAIN:
            unknown = any(isinstance(one, HostValue) for one in given)
            return (
                UnknownValue(node)
                if unknown
                else self.evaluator.plain(PLAIN[path], positional, keywords, node)
            )
        if word in _PASSING and positional:
            return self._passed(word, positional, keywords, node)
        if root == "numpy" and (word in ("array", "zeros", "ones", "arange", "full", "eye")):
            missing = self._known(given, node)
            return missing if missing is not None else self._array(word, positional, keywords)
        if word == "summary" and len(positional) > 1:
            shown, sizes = module_of(positional[0]), keywords.get("input_size", positional[1])
            sized = isinstance(sizes, (tuple, list)) and all(isinstance(one, int) for one in sizes)
            if shown is not None and sized:
                self.example.append((shown, tuple(sizes[1:] if root.endswith("torchinfo") else sizes)))
            return UnknownValue(node)
        if path == "torch.nn.Parameter" or (word == "Parameter" and root.startswith("torch.nn")):
            return self._parameter(positional, keywords, node)
        if root.startswith("torch.nn.functional"):
            return self._known(given, node) or functional(run, word, *positional, **keywords)
        if root.startswith("torch.nn.init") or root.startswith("torch.nn.utils.clip"):
            return given[0] if given else None
        if root.startswith("torch.nn.utils") and word in ("weight_norm", "spectral_norm"):
            raise EvaluationError(f"`{word}` cannot be read", node)
        if root in ("torch.nn", "torch.nn.modules.loss") and word.endswith("Loss"):
            return CodeModule(run, word, word, f"torch.nn.modules.loss.{word}")
        if root.startswith("torch.nn"):
            raise EvaluationError(f"the module `nn.{word}` cannot be read", node)
        if word in ("is_available", "is_scripting", "is_tracing"):
            return False
        if word == "device_count":
            return 0
        if word == "_assert":
            return None
        if word == "device":
            return TypeWord("cpu")
        if word in ("is_tensor",):
            return bool(positional) and isinstance(positional[0], CodeTensor)
        if root == "torch" and (word in MAKERS or _has_tensor(given)):
            missing = self._known(given, node)
            if missing is not None:
                return missing
            return torch_function(run, word, positional, keywords)
        return UnknownValue(node, f"`{path}` is not read")

    def _array(self, word: str, positional: list[Any], keywords: dict[str, Any]) -> Any:
        """An array of numpy, as a tensor of its sizes."""
        kinds = [one for one in (*positional, *keywords.values()) if isinstance(one, TorchName)]
        positional = [one for one in positional if not isinstance(one, TorchName)]
        keywords.pop("dtype", None)
        if kinds or word in ("zeros", "ones", "full", "eye"):
            name = kinds[0].path.rpartition(".")[2] if kinds else "float64"
            keywords["dtype"] = TypeWord(_TYPES.get(name, "float64"))
        return torch_function(self.run, "tensor" if word == "array" else word, positional, keywords)

    def _known(self, given: list[Any], node: ast.AST) -> UnknownValue | None:
        """What a function gives that is given what is not known: before the network runs, that neither."""
        for one in given:
            if isinstance(one, UnknownValue) and not self.run.tracing:
                return UnknownValue(node, one.reason, one.name)
        return None

    def _passed(self, word: str, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        if word == "checkpoint":
            return self.evaluator.call(positional[0], positional[1:], {}, node)
        return positional[0]

    def copied(self, value: Any) -> Any:
        """Return a copy of a module or tensor."""
        module = module_of(value)
        if module is not None:
            return copied(module).object
        return value if isinstance(value, HostValue) else ...

    def _parameter(self, positional: list[Any], keywords: dict[str, Any], node: ast.AST) -> Any:
        data = keywords.get("data", positional[0] if positional else None)
        learns = keywords.get("requires_grad", positional[1] if len(positional) > 1 else True)
        if not isinstance(data, CodeTensor):
            reason = getattr(data, "reason", "")
            message = f"the sizes of this parameter are not known{': ' + reason if reason else ''}"
            raise EvaluationError(message, getattr(data, "node", None) or node)
        return CodeParameter(self.run, data.sizes, data.value.dtype, frozen=not learns)

    # ---- classes of the code

    def base(self, value: Any, made: ast.ClassDef) -> Any:
        """Return a class that the code makes another one from: one that is not read, of modules, is taken for
        ``nn.Module``."""
        if not isinstance(value, UnknownValue) or not _is_module_class(made):
            return value
        self.taken[made.name] = ", ".join([ast.unparse(base) for base in made.bases])[:80]
        return self.named("torch.nn.Module")

    def instance(
        self, made: PythonInstance, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> None:
        """Take notice of an object whose class is made from a module."""
        kind = made.of.host()
        layer = kind.layer_class if isinstance(kind, TorchName) else None
        if layer is None:
            return
        state = ModuleOfCode(
            self.run, made.of.name, layer.name, f"{self.module}.{made.of.name}", subclass=True
        )
        state.evaluator, state.made_of = self.evaluator, made
        state.work = layer.work
        made.state = state
        if made.of.find("__init__") is None:
            layer.made(state, positional, keywords)

    def inherited(self, made: PythonInstance, name: str) -> Any:
        """Return an attribute that an object has as a module."""
        state = made.state
        if not isinstance(state, CodeModule):
            return ...
        if name == "layer_summary":  # of d2l: the sizes of an input, with the batch
            return Calling(lambda positional, keywords: self._shown(state, positional))
        if name == "__init__":
            if made.of.name in self.taken or any(one.name in self.taken for one in made.of.line):
                return Calling(lambda positional, keywords: None)
            layer = CLASSES[state.base]
            return Calling(lambda positional, keywords: layer.made(state, positional, keywords))
        if name == "forward":
            return Calling(lambda positional, keywords: CodeModule.forward(state, positional, keywords))
        if name == "__class__":
            return made.of
        try:
            found = state.attribute(name)
        except EvaluationError:
            return ...
        return ... if isinstance(found, ModuleMethod) and name not in METHODS else found

    def _shown(self, module: CodeModule, positional: list[Any]) -> None:
        sizes = positional[0] if positional else ()
        if isinstance(sizes, (tuple, list)) and all(isinstance(one, int) for one in sizes[1:]):
            self.example.append((module, tuple(sizes[1:])))

    def called(
        self, made: PythonInstance, positional: Sequence[Any], keywords: Mapping[str, Any], node: ast.AST
    ) -> Any:
        """Return what a call of a module of the code gives. Raises EvaluationError."""
        if isinstance(made.state, CodeModule):
            return made.state.call(positional, keywords, node)
        raise EvaluationError(f"an object of {made.of.name} cannot be called", node)

    def assigned(self, made: PythonInstance, name: str, value: Any) -> None:
        """Register a module or parameter that an object is given."""
        if isinstance(made.state, CodeModule):
            made.state.set_attribute(name, value)


def _has_tensor(tree: Any) -> bool:
    if isinstance(tree, (list, tuple)):
        return any(_has_tensor(one) for one in tree[:1000])
    return isinstance(tree, CodeTensor)


def literal(value: Any) -> Any:
    """The value that a text of ``--set`` stands for."""
    if isinstance(value, str):
        try:
            return ast.literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return value
    return value


class TorchEvaluator(Evaluator):
    """Reads code of PyTorch: tensors are written over, and branches that are not known are refused."""

    host: TorchHost

    def __init__(self, host: TorchHost):
        super().__init__(host)

    def _of_subscript(self, node: ast.Subscript, scope: Scope) -> Any:
        some = self.value(node.value, scope)
        index = self.value(node.slice, scope)
        self.host.run.at(node)
        if isinstance(some, PythonInstance) and isinstance(some.state, CodeModule):
            return some.state.item(index)
        if isinstance(some, (CodeModule, CodeTensor)):
            unknown = index if isinstance(index, UnknownValue) else None
            if unknown is not None:
                raise EvaluationError("this index is not known", unknown.node or node)
            return some.item(index)
        return super()._of_subscript(node, scope)

    def _of_call(self, node: ast.Call, scope: Scope) -> Any:
        if isinstance(node.func, ast.Attribute) and node.func.attr == "save_hyperparameters":
            of = self.value(node.func.value, scope)
            if isinstance(of, PythonInstance) and isinstance(of.state, CodeModule):
                hidden = ("self", "__class__", "__self__")
                given = {name: value for name, value in scope.values.items() if name not in hidden}
                for name, value in given.items():
                    self.set_attribute(of, name, value)
                parameters = PythonInstance(PythonClass("HyperParameters", (), {}, node))
                parameters.values = given
                self.set_attribute(of, "hparams", parameters)
                return None
        return super()._of_call(node, scope)

    def elements(self, value: Any) -> Any:
        """Return what a loop over a value takes."""
        if isinstance(value, PythonInstance) and isinstance(value.state, CodeModule):
            return value.state.elements()
        return super().elements(value)

    def assign(self, target: ast.AST, value: Any, scope: Scope) -> None:
        """Give a target of an assignment its value; a module in a list or dictionary of modules is one."""
        if isinstance(target, ast.Subscript):
            some = self.value(target.value, scope)
            module = module_of(some)
            if module is not None:
                index = self.value(target.slice, scope)
                names = list(module.children)
                known = isinstance(index, int) and -len(names) <= index < len(names)
                module.add(names[index] if known else str(index), value)
                return
            if isinstance(some, CodeTensor):
                index = self.value(target.slice, scope)
                self.host.run.at(target)
                if self.host.run.tracing and (
                    isinstance(index, UnknownValue) or isinstance(value, UnknownValue)
                ):
                    raise EvaluationError("what is written into this tensor is not known", target)
                some.write(index, value)
                return
        super().assign(target, value, scope)

    def _iterable(self, value: Any) -> Any:
        # A tensor or a module that is put into a list is not opened.
        holder = isinstance(value, CodeModule) and value.base in ("ModuleList", "ModuleDict", "ParameterList")
        return super()._iterable(value) if holder else value

    def _do_augassign(self, node: ast.AugAssign, scope: Scope) -> None:
        old = self.value(node.target, scope)
        held = module_of(old)
        if held is not None and held.base == "ModuleList" and isinstance(node.op, ast.Add):
            for one in self.elements(self.value(node.value, scope)):
                held.add(str(len(held.children)), one)
            return
        if isinstance(old, CodeTensor):
            from .._source.plain import SYMBOLS

            other = self.value(node.value, scope)
            if isinstance(other, UnknownValue):
                raise EvaluationError("this value is not known", other.node or node)
            made = old.operator(f"{SYMBOLS[type(node.op).__name__]}=", other, False, node)
            self.assign(node.target, made, scope)
            return
        super()._do_augassign(node, scope)

    def _do_delete(self, node: ast.Delete, scope: Scope) -> None:
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                of = self.value(target.value, scope)
                module = module_of(of)
                if isinstance(of, PythonInstance):
                    of.values.pop(target.attr, None)
                if module is not None:
                    for held in (module.children, module.tensors, module.plain):
                        held.pop(target.attr, None)
            elif isinstance(target, ast.Subscript) and module_of(self.value(target.value, scope)):
                raise EvaluationError("a module that is taken out of a list cannot be read", node)
        super()._do_delete(node, scope)

    def _left_out(self, body: Sequence[ast.stmt], scope: Scope, test: ast.AST) -> None:
        if scope.outer is not None and not all(_says_nothing(statement) for statement in body):
            raise EvaluationError("whether this condition holds is not known", test)
        for node in ast.walk(ast.Module(list(body), [])):
            target = node.func if isinstance(node, ast.Call) else node
            changes = isinstance(target, ast.Attribute) and (
                isinstance(target.ctx, ast.Store)
                or target.attr in ("add_module", "append", "extend", "insert")
            )
            if changes and self._is_module(target, scope):
                raise EvaluationError("whether this condition holds is not known", test)
        super()._left_out(body, scope, test)

    def _is_module(self, node: ast.AST, scope: Scope) -> bool:
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            node = node.value
        found = scope.find(node.id) if isinstance(node, ast.Name) else None
        return (
            found is not None and isinstance(node, ast.Name) and module_of(found.values[node.id]) is not None
        )

    def leave_out(self, statement: ast.stmt, error: EvaluationError, scope: Scope) -> None:
        """Leave out a statement of a file that cannot be read: what it gives values to is not known.

        Raises:
            EvaluationError: It may change a module.
        """
        for node in ast.walk(statement):
            target = node.func if isinstance(node, ast.Call) else node
            changes = isinstance(target, ast.Attribute) and (
                isinstance(target.ctx, ast.Store) or target.attr in ("add_module", "append", "extend")
            )
            if changes and self._is_module(target, scope):
                raise error
            if isinstance(node, ast.Call) and self._is_changed(node, scope):
                raise error
        super().leave_out(statement, error, scope)

    def _is_changed(self, call: ast.Call, scope: Scope) -> bool:
        """Whether a function of the code is given a module that it changes."""
        found = scope.values.get(call.func.id) if isinstance(call.func, ast.Name) else None
        given = [*call.args, *[one.value for one in call.keywords]]
        if not isinstance(found, PythonFunction) or not any(self._is_module(one, scope) for one in given):
            return False
        arguments = found.node.args
        names = {one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}
        for node in ast.walk(found.node):
            target = node.func if isinstance(node, ast.Call) else node
            root: ast.AST = target
            while isinstance(root, (ast.Attribute, ast.Subscript)):
                root = root.value
            changes = isinstance(target, ast.Attribute) and (
                isinstance(target.ctx, ast.Store) or target.attr in ("add_module", "append", "extend")
            )
            if changes and isinstance(root, ast.Name) and root.id in names:
                return True
        return False


def _says_nothing(statement: ast.stmt) -> bool:
    """Whether a statement only checks or prints something, or names a value."""
    if isinstance(statement, (ast.Raise, ast.Pass, ast.Assert)):
        return True
    if isinstance(statement, ast.Assign):  # the names are not known any more
        calls = any(isinstance(node, ast.Call) for node in ast.walk(statement.value))
        return not calls and all(isinstance(target, ast.Name) for target in statement.targets)
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Constant):
        return True
    return isinstance(call, ast.Call) and getattr(call.func, "id", getattr(call.func, "attr", "")) in (
        "print",
        "warn",
    )
