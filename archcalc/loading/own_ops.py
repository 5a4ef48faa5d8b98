"""Ops of one's own: from a Python file that the user names, and from installed packages.

A file is run only where its name was given, on the command line or to ``archcalc.load``. Packages offer
theirs under the entry point ``archcalc.ops``; they are imported when a word is not known, or when all
ops are asked for, so that nobody else waits for them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType

from ..diagnostics import Diagnostic, SpecError, fail
from ..language.library import Library
from ..ops import Op, registry
from ..ops.attributes import RESERVED
from ..source import Source, Span
from ..texts import read

GROUP = "archcalc.ops"
# How the modules are called that files become.
_MODULE = "archcalc_ops_of "
# What may be a word that no op had when it was read.
_UNKNOWN = ("name", "syntax")


def load_ops(path: str) -> None:
    """Run a Python file that defines ops; they are known from then on.

    A file that was run or imported before, and has not changed, is not run again.

    Args:
        path: The file.

    Raises:
        SpecError: For a file that is missing, cannot be run, defines no op, or gives an op the name of
            another; the error points at the line to blame.

    Example:
        >>> from archcalc.loading.own_ops import load_ops
        >>> load_ops("no_such_file.py")
        Traceback (most recent call last):
        ...
        archcalc.diagnostics.SpecError: there is no file no_such_file.py
    """
    load_ops_text(path, read(path))


def load_ops_text(path: str, text: str) -> None:
    """Run the text of a file that defines ops, as ``load_ops`` does, where the file need not be here.

    Args:
        path: What the file is called.
        text: What it holds.

    Raises:
        SpecError: As ``load_ops``.

    Example:
        >>> from archcalc.loading.own_ops import load_ops_text
        >>> load_ops_text("empty.py", "")
        Traceback (most recent call last):
        ...
        archcalc.diagnostics.SpecError: empty.py defines no op
          help: an op is a subclass of archcalc.ops.Op that has a `name`
    """
    source = Source(path, text)
    name = _MODULE + os.path.abspath(path)
    for module in list(sys.modules.values()):
        same = os.path.abspath(getattr(module, "__file__", None) or "") == os.path.abspath(path)
        if same and getattr(module, "archcalc_text", source.text) == source.text:
            return
    module = ModuleType(name)
    module.__file__ = os.path.abspath(path)
    module.__dict__["archcalc_text"] = source.text
    try:
        with _undone_by_errors() as added:
            sys.modules[name] = module
            try:
                exec(compile(source.text, path, "exec"), module.__dict__)
            except (Exception, SystemExit) as error:
                raise SpecError([_complaint(error, source)]) from None
            _sources[name] = source
            if not list(added()):
                help = "an op is a subclass of archcalc.ops.Op that has a `name`"
                raise fail("ops", f"{path} defines no op", help)
    except BaseException:  # it is none of the files that other processes are to run
        sys.modules.pop(name, None)
        _sources.pop(name, None)
        raise


def own_files() -> list[str]:
    """Name the files that were run, in their order.

    Returns:
        Their paths.

    Example:
        >>> from archcalc.loading.own_ops import own_files
        >>> own_files()
        []
    """
    return [source.name for source in _sources.values()]


def own_texts() -> dict[str, str]:
    """Give the texts of the files that were run, in their order.

    Returns:
        What each held when it was run, by its path.

    Example:
        >>> from archcalc.loading.own_ops import own_texts
        >>> own_texts()
        {}
    """
    return {source.name: source.text for source in _sources.values()}


class OpsOfFiles:
    """``with OpsOfFiles(texts):`` has in its block the ops of these files, and of no others. They are run
    once, however often the block is entered.

    Args:
        texts: What the files hold, by their paths.

    Raises:
        SpecError: As ``load_ops``.
    """

    def __init__(self, texts: Mapping[str, str]):
        known = registry().items()
        self._state: _State = ({name: op for name, op in known if not _is_of_file(op)}, {}, {})
        self._before: list[_State] = []
        with self:
            for path, text in texts.items():
                load_ops_text(path, text)

    def __enter__(self) -> None:
        self._before.append(_replaced(self._state))

    def __exit__(self, *raised: object) -> None:
        self._state = _replaced(self._before.pop())


# The ops that there are; the sources and the modules of files that were run.
_State = tuple[dict[str, type[Op]], dict[str, Source], dict[str, ModuleType]]


def _replaced(state: _State) -> _State:
    """Put another state into the place of the one that there is, which is returned."""
    ops, sources, modules = registry(), _sources, sys.modules
    mine = {name: module for name, module in modules.items() if name.startswith(_MODULE)}
    before = (dict(ops), dict(sources), mine)
    for name in mine:
        del modules[name]
    ops.clear()
    sources.clear()
    for place, values in zip((ops, sources, modules), state, strict=True):
        place.update(values)  # type: ignore[attr-defined]
    return before


def _is_of_file(op: type[Op]) -> bool:
    return op.__module__.startswith(_MODULE)


def other_ops() -> list[str]:
    """Name the ops that are neither of archcalc nor of a file that was run.

    Returns:
        Words of ops that a program or an installed package has defined.

    Example:
        >>> from archcalc.loading.own_ops import other_ops
        >>> other_ops()
        []
    """
    here = __name__.partition(".")[0] + "."
    return [
        name for name, op in registry().items() if not _is_of_file(op) and not op.__module__.startswith(here)
    ]


def load_installed() -> list[str]:
    """Import the ops of installed packages, those of the entry point ``archcalc.ops``, once.

    Returns:
        For each package whose ops cannot be loaded, a sentence that says why.

    Example:
        >>> from archcalc.loading.own_ops import load_installed
        >>> load_installed()
        []
    """
    global _broken
    if _broken is None:
        from importlib.metadata import entry_points

        _broken = []
        for entry in entry_points(group=GROUP):
            try:
                with _undone_by_errors():
                    entry.load()
            except (Exception, SystemExit) as error:
                package = entry.dist.name if entry.dist is not None else "an installed package"
                _broken.append(f"the ops of {package}, `{entry.value}`, cannot be loaded: {_words(error)}")
    return _broken


# Why ops of installed packages cannot be loaded; None before anybody looked. The files that were run.
_broken: list[str] | None = None
_sources: dict[str, Source] = {}


def more_ops(error: SpecError) -> bool:
    """Whether installed packages have ops, of which nothing was known when this error was raised: then
    it is worth another try. Why some cannot be loaded becomes a note of the error."""
    if _broken is not None or not any(d.code in _UNKNOWN for d in error.diagnostics):
        return False
    before = len(registry())
    error.diagnostics[0].add_notes(load_installed())
    return len(registry()) > before


@contextmanager
def _undone_by_errors() -> Iterator[Callable[[], Iterator[type[Op]]]]:
    """A block in which ops are defined; after an error there are those that there were before. Gives a
    function for the ops that are new. Raises SpecError for a name that cannot be an op's."""
    ops = registry()
    before = dict(ops)

    def added() -> Iterator[type[Op]]:
        return (op for name, op in ops.items() if before.get(name) is not op)

    try:
        yield added
        for op in added():
            if not op.name.isidentifier() or op.name in RESERVED:
                raise _misnamed(op, "it is no word, or one of the language")
            if op.name in Library().blocks:
                raise _misnamed(op, "there is a block of that name")
            if op.volume is Op.volume and op.output is Op.output:
                help = "write `volume`, or `output`"
                raise fail("ops", f"{_class_of(op)} does not say what it puts out", help)
    except BaseException:
        ops.clear()
        ops.update(before)
        raise


def _misnamed(op: type[Op], why: str) -> SpecError:
    """The error for an op whose name cannot be its."""
    return fail("ops", f"no op can be called `{op.name}`, as {_class_of(op)}: {why}")


def _class_of(op: type[Op]) -> str:
    file = getattr(sys.modules.get(op.__module__), "__file__", None) or op.__module__
    return f"class {op.__qualname__} in {file}"


def raised_in_ops(error: BaseException) -> Diagnostic | None:
    """What to say of an error of a rule that stands in a file of ops; None of any other error."""
    files = {file for file, _ in _lines(error)}
    for source in _sources.values():
        if source.name in files:
            return _complaint(error, source)
    return None


def _complaint(error: BaseException, source: Source) -> Diagnostic:
    """An error of a file as a diagnostic that points at the line to blame."""
    if isinstance(error, SpecError):
        return error.diagnostics[0]
    line: int | None = None
    if isinstance(error, SyntaxError) and error.filename == source.name:
        line = error.lineno
        message = f"it is no Python: {error.msg}"
    else:
        message = f"it cannot be run: {_words(error)}"
        line = next((line for file, line in reversed(list(_lines(error))) if file == source.name), None)
    if line is None or not 1 <= line <= len(source.starts):
        return Diagnostic("ops", f"{source.name}: {message}")
    text = source.line(line)
    start = source.starts[line - 1] + len(text) - len(text.lstrip())
    return Diagnostic("ops", message, Span(source, start, start + len(text.strip())))


def _lines(error: BaseException) -> Iterator[tuple[str, int]]:
    """The lines that an error came through, each with its file, the innermost last."""
    at = error.__traceback__
    while at is not None:
        yield at.tb_frame.f_code.co_filename, at.tb_lineno
        at = at.tb_next


def _words(error: BaseException) -> str:
    text = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}{': ' if text else ''}{text}"
