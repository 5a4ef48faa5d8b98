"""What a target names in somebody's code: a model of Keras, or what a PyTorch module is made from.

The code is run in one place, so that no file is run twice to learn what it holds. Whether PyTorch is imported
first is read from the text of the file: a model of Keras does not need it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from ..diagnostics import NOTE, Diagnostic, SpecError, fail
from ..packages import needed
from .keras_objects import calls_keras, is_model
from .torch.finding import find, guarded
from .torch.isolation import MOST_LINES, Isolated, printed
from .torch.targets import ModuleTarget

# Files that are looked through for a word of Keras, and bytes of each.
_MOST_FILES, _LONGEST = 40, 1 << 20
_KERAS, _TORCH = "keras", "torch"


class Opened:
    """``with Opened(target, settings) as opened:`` runs the code that a target names, at most once.

    Behind the block the process is as it was before.

    Args:
        target: What names a module or model, or the object itself.
        settings: Arguments of what makes it, by name.

    Attributes:
        name: What messages call it.
        model: The model of Keras that it is; None where it is anything else.
        target: What is to be traced where it is no model of Keras.
        settings: The arguments that are still to be given to what makes it.
        remarks: What is to be said of the code that was run.
    """

    def __init__(self, target: Any, settings: Mapping[str, Any] | None = None):
        self.target = target
        self.settings = settings
        self.model: Any = None
        self.remarks: list[Diagnostic] = []
        self._kept: Isolated | None = None
        if isinstance(target, ModuleTarget):
            self.name = target.text
        else:
            self.model = target if is_model(target) else None
            given = getattr(self.model, "name", None)
            self.name = given if isinstance(given, str) and given else type(target).__name__
            if self.model is not None and settings:
                raise fail("argument", f"{self.name} is a model already: nothing takes {', '.join(settings)}")

    def __enter__(self) -> Opened:
        if not isinstance(self.target, ModuleTarget) or not speaks_of(self.target, _KERAS):
            return self
        if speaks_of(self.target, _TORCH):
            # Its settings are put back behind the block where it is there in front of it.
            with contextlib.suppress(SpecError):
                needed("torch", self.name)
        kept = self._kept = Isolated(forget=True)
        kept.__enter__()
        try:
            self._find()
        except SpecError as error:
            kept.__exit__(None, None, None)
            error.diagnostics[0].add_notes(f"it printed: {line}" for line in kept.lines[-MOST_LINES:])
            raise
        except BaseException:
            kept.__exit__(None, None, None)
            raise
        if kept.lines:
            self.remarks.append(printed(self.name, kept.lines))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._kept is not None:
            self._kept.__exit__(kind, error, traceback)
            self._kept = None

    def _find(self) -> None:
        """Run the code, and tell a model of Keras from what is to be traced. Raises SpecError."""
        target = self.target.with_arguments(self.settings)
        maker = find(target)
        made = maker.module
        if made is None and calls_keras(maker.function):
            made = guarded(maker.target, maker.call)
        if is_model(made):
            self.model, self.name = made, target.text
        else:
            target.found, self.target, self.settings = maker, target, None

    def note(self, message: str) -> None:
        """Keep something that is to be said of what was read."""
        self.remarks.append(Diagnostic("module", message, severity=NOTE))


def speaks_of(target: ModuleTarget, word: str) -> bool:
    """Tell whether the file that a target names, or one beside it that this imports, holds a word.

    Args:
        target: The target; nothing of it is run.
        word: The word, in small letters.

    Returns:
        Whether it does; False where there is no text.

    Example:
        >>> from archcalc.importing.opened import speaks_of
        >>> from archcalc.importing.torch.targets import ModuleTarget
        >>> speaks_of(ModuleTarget.read("fractions:Fraction"), "keras")
        False
    """
    if word in target.place.lower():
        return True
    waiting = [*_places(target.place, os.path.dirname(target.place) if target.file else "")]
    met: set[str] = set()
    while waiting and len(met) < _MOST_FILES:
        path = waiting.pop()
        if path in met:
            continue
        met.add(path)
        try:
            with open(path, "rb") as file:
                text = file.read(_LONGEST).decode("utf-8", "replace")
        except OSError:
            continue
        if word in text.lower():
            return True
        for name in _imports(text):
            waiting += _beside(name, os.path.dirname(path))
    return False


def _places(place: str, folder: str) -> Iterator[str]:
    """The file of a module, by its path or its dotted name; no package is imported to find it."""
    if place.endswith(".py"):
        yield place
        return
    top, _, rest = place.partition(".")
    try:
        spec = None if top in sys.builtin_module_names else importlib.util.find_spec(top)
    except (ImportError, ValueError, AttributeError):
        spec = None
    if spec is None:  # as `python -m` finds it
        yield from _beside(place, folder)
        return
    if not rest and spec.origin is not None:
        yield spec.origin
    for found in spec.submodule_search_locations or ():
        yield from _beside(rest or "__init__", found)


def _beside(name: str, folder: str) -> Iterator[str]:
    """The files that a dotted name may mean in a folder."""
    path = os.path.join(folder, *name.strip(".").split("."))
    for one in (f"{path}.py", os.path.join(path, "__init__.py")):
        if os.path.isfile(one):
            yield one


def _imports(text: str) -> Iterator[str]:
    """The modules that the lines of a text import, by their names."""
    for line in text.splitlines():
        words = line.replace(",", " ").split()
        if words[:1] == ["from"] and len(words) > 1:
            yield words[1]
            if not words[1].strip("."):  # from . import one, two
                yield from [word for word in words[3:] if word.isidentifier()]
        elif words[:1] == ["import"]:
            yield from words[1:]
