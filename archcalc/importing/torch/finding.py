"""From a target to what makes its module: the code that it names is imported, and what stands there is told
apart. This runs that code."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from typing import Any

from ...diagnostics import SpecError, did_you_mean, fail
from ..keras_objects import is_model
from .errors import described, text_of
from .targets import ModuleTarget

# What Keras can compute with, by the names of their modules.
_BACKENDS = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch", "openvino": "OpenVINO"}


class Maker:
    """What a target names: a module, or what makes one when it is called.

    Attributes:
        target: The target.
        module: The module, or model of Keras, where it is there already; else None.
        function: What is called to make it, where it is not.
        example: Arguments that it is known to take, by position and by name; None where none are.
    """

    __slots__ = ("target", "module", "function", "example", "_call")

    def __init__(
        self, target: str, module: Any = None, call: Callable[[], Any] | None = None, function: Any = None
    ):
        self.target = target
        self.module = module
        self.function = function
        self.example: tuple[Any, Any] | None = None
        self._call = call

    def call(self) -> Any:
        """Call what makes the module, and return whatever that returns. Raises what it raises."""
        assert self._call is not None
        return self._call()

    def make(self) -> Any:
        """Call what makes the module. Raises SpecError where that makes none, and whatever it raises."""
        made = self.call()
        if is_model(made) and not _is_module(made):
            raise of_keras(self.target)
        if not _is_module(made):
            raise fail("module", f"{self.target} makes no module but {_kind(made)}", *_inside(made))
        return made


def find(target: ModuleTarget) -> Maker:
    """Import what a target names.

    Args:
        target: The target.

    Returns:
        What makes the module; nothing is made yet.

    Raises:
        SpecError: Where there is nothing of that name, or nothing that is or makes a module, or not from
            these arguments. It holds whatever the code raises, as one message.
    """
    if isinstance(target.found, Maker):
        return target.found
    found = _named(target)
    name = target.attribute.rpartition(".")[2]
    if _is_module(found) or is_model(found):
        if target.called:
            raise fail("module", f"`{target.attribute}` is a module already: it takes no arguments")
        return Maker(target.text, module=found)
    if not callable(found):
        raise fail(
            "module", f"{target.text} is no module, and makes none: it is {_kind(found)}", *_inside(found)
        )
    configured = _configured(target, found)
    if configured is not None:
        return Maker(target.text, call=configured, function=found)
    _fits(target, found, name)
    args, kwargs = target.args, target.kwargs
    return Maker(target.text, call=lambda: found(*args, **kwargs), function=found)


def of_keras(target: str) -> SpecError:
    """Return the error for a model of Keras where a PyTorch module is needed."""
    return fail(
        "module",
        f"{target} is a model of Keras, and no PyTorch module",
        "`archcalc summary` reads one that its file holds by a name: path/to/file.py:model",
    )


def signature_of(target: ModuleTarget) -> list[inspect.Parameter]:
    """Return the parameters of what makes the module that a target names. Raises SpecError."""
    found = _named(target)
    kind = getattr(found, "config_class", found)
    try:
        return list(inspect.signature(kind).parameters.values()) if callable(kind) else []
    except (TypeError, ValueError):
        return []


def _named(target: ModuleTarget) -> Any:
    """Import what a target names, and return what stands there. Raises SpecError."""
    place = guarded(target.text, lambda: _file(target) if target.file else imported(target.place))
    return _attribute(target, place)


def _configured(target: ModuleTarget, maker: Any) -> Callable[[], Any] | None:
    """Of a model of the transformers library, which takes a configuration and nothing else: what makes it
    from the class of its configuration with the arguments of the target. None for any other."""
    kind: Any = getattr(maker, "config_class", None)
    if not inspect.isclass(maker) or not inspect.isclass(kind) or target.args or "config" in target.kwargs:
        return None
    make: Callable[[Any], Any] = maker
    return lambda: make(kind(**target.kwargs))


def guarded(target: str, act: Callable[[], Any]) -> Any:
    """Return what foreign code gives; whatever it raises becomes one message. Raises SpecError."""
    try:
        return with_operators(act)
    except (SpecError, KeyboardInterrupt):
        raise
    except ModuleNotFoundError as error:
        raise fail("module", f"cannot import {target}: {error}", *_beside(error)) from None
    except BaseException as error:
        raise fail("module", described(target, error), *_where(error)) from None


def _where(error: BaseException) -> list[str]:
    """The line of the caller's own code that an error came from, if there is one: the innermost that is of
    no installed package."""
    from .isolation import installed

    found = ""
    at = error.__traceback__
    folders = installed()
    while at is not None:
        file = at.tb_frame.f_code.co_filename
        if os.path.isfile(file) and not os.path.realpath(file).startswith(folders):
            found = f"in {_short(file)}, line {at.tb_lineno}"
        at = at.tb_next
    return [found] if found else []


def _short(path: str) -> str:
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):  # there is no folder here, or it is on another drive
        return path
    return path if relative.startswith("..") else relative


def _beside(error: ModuleNotFoundError) -> list[str]:
    """Help where a module that is not found is a file that lies here, or what Keras computes with."""
    name = error.name or ""
    if name.partition(".")[0] in _BACKENDS and _within_keras(error):
        return [
            f"Keras computes with {_BACKENDS[name.partition('.')[0]]} here, which is not installed; of the "
            "configuration alone NumPy is enough: set KERAS_BACKEND=numpy in front of the command, or "
            'os.environ["KERAS_BACKEND"] = "numpy" before Keras is imported'
        ]
    path = f"{name.replace('.', os.sep)}.py"
    return [f"there is a file {path} here: say {path}:NAME"] if name and os.path.isfile(path) else []


def _within_keras(error: BaseException) -> bool:
    """Whether an error comes out of Keras."""
    at = error.__traceback__
    while at is not None:
        if str(at.tb_frame.f_globals.get("__name__", "")).partition(".")[0] in ("keras", "tf_keras"):
            return True
        at = at.tb_next
    return False


def imported(name: str) -> Any:
    """Import a Python module by its dotted name: one beside the caller too. Raises what that raises."""
    if "" not in sys.path:
        sys.path.insert(0, "")  # as `python -m` has it
    importlib.invalidate_caches()  # a file may have been written a moment ago
    return with_operators(lambda: importlib.import_module(name))


def with_operators(act: Callable[[], Any]) -> Any:
    """Return what a call gives. torchvision beside a PyTorch of another build lacks its own operators, which
    no classifier needs; it imports once they are declared."""
    try:
        return act()
    except Exception as error:
        if _KEPT or not _lacks_operators(error):
            raise
        for other in [other for other in sys.modules if other.startswith("torchvision")]:
            del sys.modules[other]
        import torch

        library: Any = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
        library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(library)
    return act()


_KEPT: list[Any] = []


def _lacks_operators(error: BaseException | None) -> bool:
    met: set[int] = set()
    while error is not None and id(error) not in met:
        if isinstance(error, RuntimeError) and "torchvision::nms" in text_of(error):
            return True
        met.add(id(error))
        error = error.__cause__ or error.__context__
    return False


def _file(target: ModuleTarget) -> Any:
    """Run a file as the module of its name, with its folder on the path, and return that module. Raises
    SpecError where there is no such file, and whatever it raises."""
    path = target.place
    if not os.path.isfile(path):
        what = "is a folder" if os.path.isdir(path) else "is not there"
        folder = os.path.dirname(path) or "."
        here = [name for name in os.listdir(folder) if name.endswith(".py")] if os.path.isdir(folder) else []
        raise fail("file", f"{path} {what}", *did_you_mean(os.path.basename(path), here))
    folder = os.path.dirname(os.path.abspath(path))
    name = os.path.splitext(os.path.basename(path))[0]
    if sys.path[:1] != [folder]:
        sys.path.insert(0, folder)
    importlib.invalidate_caches()
    spec = importlib.util.spec_from_file_location(name, os.path.abspath(path))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    # What the file defines is looked for under its name, as by dataclasses.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        if before is None:
            sys.modules.pop(name, None)
        raise
    finally:
        if before is not None:
            sys.modules[name] = before
    return module


def _attribute(target: ModuleTarget, place: Any) -> Any:
    found = place
    passed = target.place
    for name in target.attribute.split("."):
        try:
            found = guarded(target.text, lambda at=found, name=name: getattr(at, name))  # type: ignore[misc]
        except SpecError:
            if hasattr_safely(found, name):
                raise
            names = [known for known in _names(found) if not known.startswith("_")]
            near = did_you_mean(name, names)
            raise fail("module", f"`{passed}` has no `{name}`", *(near or _modules_of(found))) from None
        passed += f"{':' if passed == target.place else '.'}{name}"
    return found


def hasattr_safely(of: Any, name: str) -> bool:
    """Tell whether a thing has an attribute, whatever asking for it may raise."""
    try:
        return name in _names(of)
    except BaseException:
        return False


def _names(of: Any) -> list[str]:
    try:
        return [*dir(of), *getattr(of, "_modules", {})]
    except Exception:
        return []


def _modules_of(place: Any) -> list[str]:
    """Help that names the classes and modules of a file, where they are few."""
    torch: Any = sys.modules.get("torch")
    if torch is None or not inspect.ismodule(place):
        return []
    names = [
        name
        for name, value in vars(place).items()
        if not name.startswith("_")
        and (
            isinstance(value, torch.nn.Module)
            or (
                inspect.isclass(value)
                and issubclass(value, torch.nn.Module)
                and value.__module__ == place.__name__
            )
        )
    ]
    return [f"it has {', '.join(names[:12])}"] if names else []


def _is_module(found: Any) -> bool:
    torch: Any = sys.modules.get("torch")  # where nobody has imported it, nothing is a module of it
    try:
        return torch is not None and isinstance(found, torch.nn.Module)
    except Exception:  # it says so itself, and raises
        return False


def _kind(found: Any) -> str:
    if found is None:
        return "None"
    if inspect.isclass(found):
        return f"the class {found.__name__}"
    return type(found).__name__


def _inside(found: Any) -> list[str]:
    """Help where a thing that is no module holds one."""
    if isinstance(found, dict):
        names = [repr(name) for name, value in found.items() if _is_module(value)]
        return [f"it holds a module under {', '.join(names[:5])}"] if names else []
    if isinstance(found, (list, tuple)):
        places = [str(number) for number, value in enumerate(found) if _is_module(value)]
        return [f"its element {places[0]} is one: write a function that returns it"] if places else []
    names = [name for name, value in getattr(found, "__dict__", {}).items() if _is_module(value)]
    return [f"its `{names[0]}` is one"] if names else []


def _fits(target: ModuleTarget, maker: Any, name: str) -> None:
    """Refuse arguments that what makes the module does not take, and a call without those that it needs.
    Raises SpecError."""
    try:
        signature = inspect.signature(maker)
    except (TypeError, ValueError):
        return
    parameters = list(signature.parameters.values())
    takes_any = any(one.kind is one.VAR_KEYWORD for one in parameters)
    named = [one.name for one in parameters if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    for word in target.kwargs:
        if word not in named and not takes_any:
            help = did_you_mean(word, named) or [_takes(named)]
            raise fail("argument", f"`{name}` has no argument `{word}`", *help)
    positional = [one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    many = any(one.kind is one.VAR_POSITIONAL for one in parameters)
    if len(target.args) > len(positional) and not many:
        count = len(positional)
        raise fail(
            "argument",
            f"`{name}` takes {count} argument{'' if count == 1 else 's'} by position, not {len(target.args)}",
            _takes(named),
        )
    given = {one.name for one in positional[: len(target.args)]}
    for word in target.kwargs:
        if word in given:
            raise fail("argument", f"`{word}` is given twice: by position and by name")
    lacking = [
        one.name
        for one in parameters
        if one.default is one.empty
        and one.kind not in (one.VAR_KEYWORD, one.VAR_POSITIONAL)
        and one.name not in given
        and one.name not in target.kwargs
    ]
    if lacking:
        bare = target.text.partition("(")[0]
        shown = ", ".join(f"{word}=…" for word in lacking)
        raise fail(
            "argument",
            f"`{name}` needs {'an argument' if len(lacking) == 1 else 'arguments'}: {', '.join(lacking)}",
            f"as in '{bare}({shown})'",
        )


def _takes(names: list[str]) -> str:
    return f"it takes {', '.join(names)}" if names else "it takes none"
