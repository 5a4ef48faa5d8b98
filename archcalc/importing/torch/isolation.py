"""Somebody's code in this process: what it prints is kept apart, what it changes is as before afterwards."""

from __future__ import annotations

import gc
import io
import logging
import os
import random
import signal
import sys
import sysconfig
import threading
import warnings
from collections.abc import Callable
from types import TracebackType
from typing import Any

from ...diagnostics import WARNING, Diagnostic

# Signs and lines of what a module prints that are kept.
MOST_PRINTED = 2**16
MOST_LINES = 20


class CapturedOutput(io.TextIOBase):
    """A stream that keeps the first of what is written to it. Once it is closed it hands on to the stream
    in whose place it stood: whoever still holds it, as a logger does, writes where he should."""

    def __init__(self, name: str, sink: list[str]):
        super().__init__()
        self._stream = name
        self._sink: list[str] | None = sink
        self._left = MOST_PRINTED

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """As of any text stream."""
        return "utf-8"

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, text: str) -> int:
        """Keep a text, as far as there is room."""
        if self._sink is None:
            stream = getattr(sys, self._stream, None)
            if stream is not None and stream is not self:
                stream.write(text)
        elif self._left > 0:
            self._sink.append(text[: self._left])
            self._left -= len(text)
        return len(text)

    def let_go(self) -> None:
        """Hand on from now on."""
        self._sink = None

    def close(self) -> None:
        """Stay open: it is not his who closes it."""


class Isolated:
    """``with Isolated() as kept:`` runs somebody's code. What it prints is kept in ``kept.lines``; behind
    the block the state of the process is what it was: streams, paths, environment, working folder, signals,
    warnings, loggers, random numbers, and the settings of PyTorch.

    Python modules of the caller's own that were imported in the block are forgotten if that is asked for, so
    that a change of their files is seen the next time; installed packages stay imported.
    """

    def __init__(self, forget: bool = False) -> None:
        self._forget = forget
        self._printed: list[str] = []
        self._undo: list[Callable[[], object]] = []

    @property
    def lines(self) -> list[str]:
        """The lines that were printed."""
        return "".join(self._printed).splitlines()

    def __enter__(self) -> Isolated:
        try:
            for keep in (
                self._modules,
                self._process,
                self._random,
                self._torch,
                self._warnings,
                self._logging,
                self._signals,
                self._descriptor,
                self._streams,
            ):
                keep()
        except BaseException:
            self._put_back()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._put_back()

    def _put_back(self) -> None:
        while self._undo:
            undo = self._undo.pop()
            try:
                undo()
            except Exception:  # the rest is put back all the same
                continue

    def _streams(self) -> None:
        for name in ("stdout", "stderr"):
            before = getattr(sys, name)
            printed = CapturedOutput(name, self._printed)
            self._undo.append(printed.let_go)
            self._undo.append(lambda name=name, before=before: setattr(sys, name, before))  # type: ignore[misc]
            setattr(sys, name, printed)
        # input() waits for nobody.
        before = sys.stdin
        self._undo.append(lambda: setattr(sys, "stdin", before))
        sys.stdin = io.StringIO()

    def _descriptor(self) -> None:
        """What is written past Python goes to standard error."""
        original = sys.__stdout__
        try:
            if original is not None:
                original.flush()
            kept = os.dup(1)
            os.dup2(2, 1)
        except (OSError, ValueError):
            return  # there is none

        def back() -> None:
            try:
                if original is not None:
                    original.flush()
            finally:
                os.dup2(kept, 1)
                os.close(kept)

        self._undo.append(back)

    def _process(self) -> None:
        folder = _folder()
        environment, path, argv = dict(os.environ), list(sys.path), list(sys.argv)
        meta_path, hooks = list(sys.meta_path), list(sys.path_hooks)
        recursion, collecting, umask = sys.getrecursionlimit(), gc.isenabled(), os.umask(0o022)
        os.umask(umask)
        excepthook, displayhook, trace = sys.excepthook, sys.displayhook, sys.gettrace()

        def back() -> None:
            if folder is not None and _folder() != folder:
                os.chdir(folder)
            if dict(os.environ) != environment:
                os.environ.clear()
                os.environ.update(environment)
            sys.path[:], sys.argv[:] = path, argv
            sys.meta_path[:], sys.path_hooks[:] = meta_path, hooks
            sys.setrecursionlimit(recursion)
            (gc.enable if collecting else gc.disable)()
            os.umask(umask)
            sys.excepthook, sys.displayhook = excepthook, displayhook
            if sys.gettrace() is not trace:
                sys.settrace(trace)

        self._undo.append(back)

    def _modules(self) -> None:
        if not self._forget:
            return
        before = set(sys.modules)

        def back() -> None:
            folders = installed()
            for name in [name for name in sys.modules if name not in before]:
                file = getattr(sys.modules.get(name), "__file__", None)
                if isinstance(file, str) and not os.path.realpath(file).startswith(folders):
                    del sys.modules[name]

        self._undo.append(back)

    def _random(self) -> None:
        """Random numbers are the same each time: a module that looks at values always takes one branch."""
        state = random.getstate()
        self._undo.append(lambda: random.setstate(state))
        random.seed(0)
        numpy: Any = sys.modules.get("numpy")
        if numpy is not None:
            of_numpy = numpy.random.get_state()
            self._undo.append(lambda: numpy.random.set_state(of_numpy))
            numpy.random.seed(0)

    def _torch(self) -> None:
        torch: Any = sys.modules.get("torch")
        if torch is not None:
            from .torch_state import keep

            self._undo.append(keep())
            torch.manual_seed(0)

    def _warnings(self) -> None:
        """They are about running, which nobody wants to do."""
        catching = warnings.catch_warnings()
        catching.__enter__()
        self._undo.append(lambda: catching.__exit__(None, None, None))
        warnings.simplefilter("ignore")

    def _logging(self) -> None:
        """Loggers are as before. Those that write to the terminal, as PyTorch's own does, have had its stream
        since they were made: what they write is kept apart as all that is printed."""
        disabled = logging.root.manager.disable
        loggers = [logging.getLogger(), *logging.root.manager.loggerDict.values()]
        for logger in loggers:
            if not isinstance(logger, logging.Logger):
                continue  # the place of one that nobody has asked for
            self._undo.append(_logger_as_it_is(logger))
            for handler in logger.handlers:
                self._redirect(handler)
        self._undo.append(lambda: logging.disable(disabled))

    def _redirect(self, handler: logging.Handler) -> None:
        stream = getattr(handler, "stream", None)
        for name in ("stdout", "stderr"):
            if stream is not None and stream is getattr(sys, name) and hasattr(handler, "setStream"):
                printed = CapturedOutput(name, self._printed)
                self._undo.append(lambda: handler.setStream(stream))
                handler.setStream(printed)

    def _signals(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return
        numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
        before = {number: signal.getsignal(number) for number in numbers}

        def back() -> None:
            for number, handler in before.items():
                if handler is not None and signal.getsignal(number) is not handler:
                    signal.signal(number, handler)

        self._undo.append(back)


def _logger_as_it_is(logger: logging.Logger) -> Callable[[], object]:
    """What makes a logger again what it is now."""
    handlers, level, disabled, propagate = (
        list(logger.handlers),
        logger.level,
        logger.disabled,
        logger.propagate,
    )

    def back() -> None:
        logger.setLevel(level)
        logger.handlers[:] = handlers
        logger.disabled, logger.propagate = disabled, propagate

    return back


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it is gone
        return None


def installed() -> tuple[str, ...]:
    """Folders in which Python and its packages stand, archcalc's own among them."""
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    paths = [sysconfig.get_path(name) for name in names]
    paths += [path for path in sys.path if os.path.basename(path) in ("site-packages", "dist-packages")]
    paths.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
    return tuple({os.path.realpath(path) + os.sep for path in paths if path})


def printed(target: str, lines: list[str]) -> Diagnostic:
    """Return the warning that holds what a module printed."""
    shown = lines[:MOST_LINES]
    left = len(lines) - len(shown)
    count = "a line" if len(lines) == 1 else f"{len(lines):,} lines"
    return Diagnostic(
        "module",
        f"{target} printed {count}",
        severity=WARNING,
        notes=[*shown, *([f"… and {left:,} more"] if left else [])],
    )
