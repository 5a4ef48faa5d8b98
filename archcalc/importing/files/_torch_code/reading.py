"""From pasted code of PyTorch to the graph: which network it holds, and what that does."""

from __future__ import annotations

import ast
import os
import re
from typing import Any

from ....diagnostics import NOTE, Diagnostic, SpecError, did_you_mean, fail
from ...operations.builder import OperationError
from ...operations.lifting import graph_of, lifted
from ...operations.lifting.given import UnliftedError
from ...operations.recording import Recording
from .. import ImportedGraph, Request, refused
from .._source.neighbours import FilesBeside, LazyImport
from .._source.python_file import Listing
from .._source.values import EvaluationError, PythonClass, PythonFunction, UnknownValue
from .host import TorchHost, TorchName, literal, runs_net
from .inputs import GivenInputs, ways
from .modules import CodeModule, NetworkRun, module_of

# So many networks of a file are named in a message.
_MOST_NAMED = 12


def torch_network(listing: Listing, request: Request) -> ImportedGraph:
    """Read the network of a listing.

    Args:
        listing: The code.
        request: What the caller wants besides.

    Returns:
        The graph, as that of the traced module.

    Raises:
        SpecError: At the place that cannot be read.
    """
    reading = _Reading(listing, request)
    try:
        return reading.network()
    except EvaluationError as error:
        raise reading.refused(error) from None
    except RecursionError:
        raise fail("limit", f"the code of {listing.name} is nested too deep to be read") from None


class _Reading:
    """One listing."""

    def __init__(self, listing: Listing, request: Request):
        self.listing = listing
        self.request = request
        self.run = NetworkRun(listing.name)
        stem = os.path.splitext(os.path.basename(listing.name))[0]
        self.host = TorchHost(self.run, request, re.sub(r"\W", "_", stem) or "code")
        self.run.place = listing.place
        self.host.evaluator.files = FilesBeside(listing, self.host.evaluator)
        self.name = ""
        self.notes: list[str] = []
        self.failed: EvaluationError | None = None

    def network(self) -> ImportedGraph:
        """Read the network. Raises EvaluationError."""
        self._read_file()
        module = self._chosen()
        for name in self.host.used:
            self.request.settings.pop(name, None)
        recording, given = self._traced(module)
        recording.rung = "file"
        recording.why = f"code in {os.path.basename(self.listing.name)}"
        try:
            graph = graph_of(lifted(recording), self.name)
        except UnliftedError as error:
            report = "this is a fault of archcalc: please report it, with the code"
            raise fail(
                "internal", f"{self.listing.name} was read, and no graph came of it: {error}", report
            ) from None
        texts = [*([given.note] if given.note else []), *self.notes]
        kinds = {one.kind for _, one in module.all_modules()}
        for name, base in self.host.taken.items():
            if name in kinds:
                texts.append(f"{base}, of which {name} is made, is not read, and is taken for nn.Module")
        notes = [Diagnostic("module", text, severity=NOTE) for text in texts]
        return ImportedGraph(graph, notes)

    def _read_file(self) -> None:
        """Read the statements of the file; what cannot be read gives what is not known."""
        evaluator = self.host.evaluator
        for statement in self.listing.tree.body:
            body = statement.body if _is_main(statement) else [statement]  # type: ignore[attr-defined]
            for one in body:
                try:
                    evaluator.run([one])
                except EvaluationError as error:
                    evaluator.leave_out(one, error, evaluator.globals)
                    if self.failed is None and self._makes_network(one):
                        self.failed = error
                        targets = one.targets if isinstance(one, ast.Assign) else []
                        self.name = next((at.id for at in targets if isinstance(at, ast.Name)), "")

    def _makes_network(self, statement: ast.stmt) -> bool:
        """Whether a statement would have made a network: of a class of the code, or an ``nn.Sequential``."""
        call = statement.value if isinstance(statement, ast.Assign) else None
        callee = call.func if isinstance(call, ast.Call) else None
        if isinstance(callee, ast.Name):
            value = self.host.evaluator.globals.values.get(callee.id)
            return callee.id == "Sequential" or (isinstance(value, PythonClass) and self._makes(value))
        return isinstance(callee, ast.Attribute) and callee.attr == "Sequential"

    def refused(self, error: EvaluationError) -> SpecError:
        """The error at its place in the code, with ways out."""
        help = list(error.help)
        name = self.listing.name
        if name.endswith(".py"):
            values = self.host.evaluator.globals.values
            whole = self.name or next((key for key in reversed(values) if self._makes(values[key])), "Net")
            help.append(f"`{name}:{whole}` runs the code, and traces what it does")
        help.append("`archcalc ops` lists the layers that a spec has a word for")
        return refused(error.message, self.listing.span(error.node), *help)

    # ---- which network

    def _chosen(self) -> CodeModule:
        """The network that is meant. Raises SpecError where there are several."""
        values = self.host.evaluator.globals.values
        wanted = self.request.settings.pop("net", None)
        if wanted is not None:
            name = str(wanted)
            value = values.get(name)
            if isinstance(value, LazyImport):
                value = value.found()
            if isinstance(value, UnknownValue):
                raise EvaluationError(value.reason or f"what `{name}` is cannot be read", value.node)
            if not isinstance(value, (PythonClass, PythonFunction)) and module_of(value) is None:
                known = [name for name, value in values.items() if self._makes(value)]
                raise fail(
                    "argument", f"{self.listing.name} holds no network `{name}`", *did_you_mean(name, known)
                )
            return self._made(name, value)
        if self.failed is not None:
            raise self.failed
        found = self._instances(values) or self._definitions(values)
        if not found:
            raise self._nothing(values)
        if len(found) > 1:
            lines = [f"{name}, line {line}" for name, (_, line) in list(found.items())[:_MOST_NAMED]]
            raise fail(
                "argument",
                f"{self.listing.name} holds several networks: {'; '.join(lines)}",
                f"--set net={next(iter(found))} chooses one",
            )
        name, (value, _) = next(iter(found.items()))
        return self._made(name, value)

    def _nothing(self, values: dict[str, Any]) -> Exception:
        """The error where the code holds no network: at what may be one and is not read."""
        for name, value in reversed(values.items()):
            if isinstance(value, UnknownValue) and value.reason and _MODELS.search(name):
                help = []
                found = re.match(r"`torchvision\.models\.(\w{1,60})` is not read", value.reason)
                if found is not None:
                    help.append(f"`archcalc summary torchvision.models:{found[1]}` reads that network")
                self.name = name
                node = next((n for n in ast.walk(self.listing.tree) if _gives(n, name)), value.node)
                return EvaluationError(f"what `{name}` is cannot be read: {value.reason}", node, *help)
        message = f"{self.listing.name} holds no network: no class of nn.Module and no nn.Sequential"
        return fail("file", message, "name what makes it, as in `net.py:Net`, which runs the code")

    def _makes(self, value: Any) -> bool:
        return module_of(value) is not None or (
            isinstance(value, PythonClass) and isinstance(value.host(), TorchName)
        )

    def _instances(self, values: dict[str, Any]) -> dict[str, tuple[Any, int]]:
        """The networks that variables of the file hold, and that are not parts of others."""
        held = {name: module for name, value in values.items() if (module := module_of(value)) is not None}
        parts = {id(part) for module in held.values() for path, part in module.all_modules() if path}
        seen: set[int] = set()
        found: dict[str, tuple[Any, int]] = {}
        for name, module in held.items():
            able = module.work is not None or module.made_of is not None
            if id(module) in parts or id(module) in seen or not able:
                continue
            seen.add(id(module))
            found[name] = (values[name], self._line(name))
        whole = {
            name: one
            for name, one in found.items()
            if held[name].made_of is not None or held[name].base == "Sequential"
        }
        return whole or found

    def _definitions(self, values: dict[str, Any]) -> dict[str, tuple[Any, int]]:
        """The classes of the file that no other uses; functions that make them where these need arguments."""
        classes = {
            name: value
            for name, value in values.items()
            if isinstance(value, PythonClass) and self._runs(value) and self.listing.holds(value.node)
        }
        definitions = {
            node.name: node for node in self.listing.tree.body if isinstance(node, ast.FunctionDef)
        }
        functions = {
            name: value
            for name, value in values.items()
            if isinstance(value, PythonFunction) and (name in definitions or self.listing.holds(value.node))
        }
        # A decorator may have put another function in the place of the one that stands there.
        trees: dict[str, ast.AST] = {
            **{name: value.node for name, value in classes.items()},
            **{name: definitions.get(name, value.node) for name, value in functions.items()},
        }
        names_in = {
            name: {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
            for name, tree in trees.items()
        }
        for name, value in classes.items():  # methods that are put into it later
            added = [one.node for one in value.values.values() if isinstance(one, PythonFunction)]
            names_in[name] |= {
                node.id for tree in added for node in ast.walk(tree) if isinstance(node, ast.Name)
            }
        used: set[str] = set()
        waiting = list(classes)
        helpers: set[str] = set()
        while waiting:
            name = waiting.pop()
            for other in names_in[name] - {name}:
                used.add(other)
                if other in functions and other not in helpers:
                    helpers.add(other)
                    waiting.append(other)
        tops = {name: value for name, value in classes.items() if name not in used}
        # What a function makes through one that needs arguments; one that needs none is a maker itself.
        through = {name: names_in[name] for name in functions if self._lacks(functions[name])}
        found: dict[str, tuple[Any, int]] = {}
        for name, value in tops.items():
            makers = [
                other
                for other in functions
                if other not in helpers
                and name in _reached(names_in[other], through)
                and not self._lacks(functions[other])
            ]
            if self._lacks(value.find("__init__"), 1) and makers:
                found.update({maker: (functions[maker], _line_of(trees[maker])) for maker in makers})
            else:
                found[name] = (value, _line_of(value.node))
        if not found:
            sequences = [name for name in functions if name not in used and not self._lacks(functions[name])]
            for name in sequences:
                nodes = ast.walk(trees[name])
                if any(isinstance(node, ast.Attribute) and node.attr == "Sequential" for node in nodes):
                    found[name] = (functions[name], _line_of(trees[name]))
        return found

    def _runs(self, value: PythonClass) -> bool:
        host = value.host()
        layer = host.layer_class if isinstance(host, TorchName) else None
        does = value.find("forward") is not None or (layer is not None and layer.work is not None)
        return layer is not None and (does or runs_net(value))

    def _lacks(self, function: Any, skipped: int = 0) -> list[str]:
        """The parameters of a function that have no value by themselves or by a setting."""
        if not isinstance(function, PythonFunction):
            return []
        arguments = function.node.args
        names = [one.arg for one in (*arguments.posonlyargs, *arguments.args)][skipped:]
        count = max(len(names) - len(function.defaults), 0)
        found = [
            *names[:count],
            *[one.arg for one in arguments.kwonlyargs if one.arg not in function.by_name],
        ]
        return [name for name in found if name not in self.request.settings]

    def _line(self, name: str) -> int:
        """The line that gives a name its value."""
        for node in ast.walk(self.listing.tree):
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
                return node.lineno
        return 1

    def _made(self, name: str, value: Any) -> CodeModule:
        """The module that a name stands for. Raises EvaluationError."""
        self.name = name
        if isinstance(value, (PythonClass, PythonFunction)):
            init = value.find("__init__") if isinstance(value, PythonClass) else value
            missing = self._lacks(init, 1 if isinstance(value, PythonClass) else 0)
            given: dict[str, Any] = {}
            for word in [*missing]:
                made = self._configuration(word, init)
                if made is not None:
                    given[word] = made
                    missing.remove(word)
            if missing:
                node = value.node
                raise EvaluationError(
                    f"{name} needs {', '.join(missing)}",
                    node,
                    f"{' '.join([f'--set {word}=…' for word in missing[:4]])} gives "
                    f"{'a value' if len(missing) == 1 else 'values'}",
                )
            if isinstance(init, PythonFunction):
                arguments = init.node.args
                names = [one.arg for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]
                for word in names:
                    if word in self.request.settings:
                        given[word] = self._setting(self.request.settings.pop(word), value.node)
            value = self.host.evaluator.call(value, (), given, value.node)
        module = module_of(value)
        if module is None:
            raise EvaluationError(f"{name} gives no module that can be read", getattr(value, "node", None))
        if module.made_of is not None:
            self.name = module.kind
        return module

    def _setting(self, text: Any, node: ast.AST) -> Any:
        """The value of a setting: a literal, or what the code makes, as ``GPTConfig(n_layer=2)``."""
        found = literal(text)
        if not isinstance(found, str):
            return found
        try:
            tree = ast.parse(found, mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return found
        evaluator = self.host.evaluator
        name = tree.func if isinstance(tree, ast.Call) else tree
        value = evaluator.globals.values.get(name.id) if isinstance(name, ast.Name) else None
        if value is None or isinstance(value, UnknownValue):
            return found
        for part in ast.walk(tree):
            ast.copy_location(part, node)
        made = evaluator.value(tree, evaluator.globals)
        return (
            evaluator.call(made, (), {}, node)
            if isinstance(made, PythonClass) and module_of(made) is None
            else made
        )

    def _configuration(self, word: str, function: Any) -> Any:
        """What a parameter gets that nobody gives: an object of the one class of the code that holds
        settings, with its defaults. None where there is no such class."""
        if not isinstance(function, PythonFunction):
            return None
        arguments = function.node.args
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        annotation = next((one.annotation for one in every if one.arg == word), None)
        hint = getattr(annotation, "id", getattr(annotation, "value", None))
        values = self.host.evaluator.globals.values
        found = [
            value
            for name, value in values.items()
            if isinstance(value, PythonClass)
            and value.host() is None
            and (name == hint or (_CONFIGURED.search(word) and _CONFIGURED.search(name)))
            and self._has_defaults(value)
        ]
        named = [one for one in found if one.name == hint]
        if len(named or found) != 1:
            return None
        chosen = (named or found)[0]
        self.notes.append(
            f"`{word}` is {chosen.name}() with its own values: `--set {word}={chosen.name}(…)` gives others"
        )
        return self.host.evaluator.call(chosen, (), {}, chosen.node)

    def _has_defaults(self, made: PythonClass) -> bool:
        """Whether a class can be made without arguments."""
        fields = made.find("__dataclass_fields__")
        if isinstance(fields, dict):
            return all(default is not ... for default in fields.values())
        init = made.find("__init__")
        return init is None or (isinstance(init, PythonFunction) and not self._lacks(init, 1))

    # ---- what it does

    def _traced(self, module: CodeModule) -> tuple[Recording, GivenInputs]:
        """What the network does on the first input that it takes. Raises EvaluationError."""
        examples = [
            sizes
            for at, sizes in self.host.example
            if at is module or (at.made_of and at.defined == module.defined)
        ]
        examples += [
            sizes[0][1:]
            for at, sizes in self.run.example
            if at is module and len(sizes) == 1 and len(sizes[0]) > 1
        ]
        first: EvaluationError | None = None
        for given in ways(module, self.request.inputs, self.request.layout, examples):
            try:
                return self._ran(module, given), given
            except EvaluationError as error:
                if given.note:
                    error.help = (*error.help, given.note, "--input says other sizes")
                first = first or error
        assert first is not None
        raise first

    def _ran(self, module: CodeModule, given: GivenInputs) -> Recording:
        self.run.restart(self.name, module.kind, module.defined)
        try:
            arguments = given.arguments(self.run)
        except OperationError as error:
            raise EvaluationError(str(error)) from None
        result = (
            self.run.root(module, (), arguments)
            if module.made_of
            else self.run.root(module, list(arguments.values()), {})
        )
        values = self.run.returned(result)
        if isinstance(result, UnknownValue):
            why = f": {result.reason}" if result.reason else ""
            raise EvaluationError(f"what {self.name} gives is not known{why}", result.node)
        if not values:
            raise EvaluationError(
                f"{self.name} gives no tensor", module.made_of.of.node if module.made_of else None
            )
        return self.run.builder.finish(values)


# Names of variables that hold a network.
_MODELS = re.compile(r"model|net|backbone|classifier|encoder", re.IGNORECASE)
# Names of parameters, and of classes, that hold how a network is made.
_CONFIGURED = re.compile(r"config|cfg|args|params|settings|opt$|options", re.IGNORECASE)


def _gives(node: ast.AST, name: str) -> bool:
    """Whether a statement gives a name its value."""
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _reached(names: set[str], through: dict[str, set[str]]) -> set[str]:
    """The names that a function uses, and those that functions use which it calls."""
    found: set[str] = set()
    new = set(names)
    while new:
        found |= new
        new = {other for name in new for other in through.get(name, ())} - found
    return found


def _line_of(node: ast.AST) -> int:
    return getattr(node, "lineno", 1)


def _is_main(statement: ast.stmt) -> bool:
    """Whether it is ``if __name__ == "__main__":``."""
    return (
        isinstance(statement, ast.If)
        and isinstance(statement.test, ast.Compare)
        and isinstance(statement.test.left, ast.Name)
        and statement.test.left.id == "__name__"
    )
