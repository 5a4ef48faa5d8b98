"""Signals that end the command: Ctrl-C, and the system's requests to end (SIGTERM, SIGHUP).

A signal ends the process at once, with exit code 128 and its number: 130 for Ctrl-C. What must not
stay behind, such as a temporary file or a child process, is registered before it is made, and is
removed on the way out. Nothing is raised: an exception in the midst of an import or of a finaliser
would end in a traceback or in silence.
"""

from __future__ import annotations

import os
import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

# Not everywhere there is a SIGHUP.
_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")

_undoings: dict[int, Callable[[], None]] = {}
_held = 0
_waiting: list[int] = []


def install() -> None:
    """Have the signals end this process cleanly. A signal that is ignored, as in the background or
    under nohup, stays so."""
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, frame: FrameType | None) -> None:
    if _held:
        _waiting.append(number)
        return
    for undo in list(_undoings.values()):
        undo()
    if sys.stderr is not None and sys.stderr.isatty():
        os.write(2, b"\n")  # behind what stands on the line: a count, or ^C
    os._exit(128 + number)


class Undone:
    """``with Undone(action):`` runs the action at the end of the block, however it ends: by itself,
    by an exception, or by a signal. The action must bear to be run twice, and before anything was
    made."""

    __slots__ = ("_action",)

    def __init__(self, action: Callable[[], None]):
        self._action = action

    def __enter__(self) -> None:
        _undoings[id(self)] = self._action

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._action()
        _undoings.pop(id(self), None)


class Uninterrupted:
    """``with Uninterrupted():`` has a signal wait for the end of the block, for what must be done
    whole, such as moving one folder out of the way and another into its place."""

    __slots__ = ()

    def __enter__(self) -> None:
        global _held
        _held += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        global _held
        _held -= 1
        if not _held and _waiting:
            _end(_waiting[0], None)


class AwaitedInterrupt:
    """``with AwaitedInterrupt() as awaited:`` Ctrl-C does not end the process inside of the block. It raises
    KeyboardInterrupt where ``with awaited:`` waits for something, at once or when that begins, and nowhere
    else. Where Ctrl-C is ignored, it stays so."""

    __slots__ = ("_before", "_came", "_waits", "_entered")

    def __init__(self) -> None:
        self._before: object = None
        self._came = self._waits = False
        self._entered = 0

    def __enter__(self) -> AwaitedInterrupt:
        self._entered += 1
        if self._entered == 1:
            if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
                self._before = signal.signal(signal.SIGINT, self._interrupt)
        else:
            self._waits = True
            if self._came:
                self._waits = self._came = False
                self._entered -= 1
                raise KeyboardInterrupt
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._waits = False
        self._entered -= 1
        if not self._entered and self._before is not None:
            signal.signal(signal.SIGINT, self._before)  # type: ignore[arg-type]

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._waits:
            self._waits = False
            raise KeyboardInterrupt
        self._came = True


class Temporary(Undone):
    """``with Temporary(folder) as path:`` gives a path at which nothing stands yet. Whatever stands
    there at the end of the block, file or folder, is removed."""

    __slots__ = ("path",)

    def __init__(self, folder: str, prefix: str = ".archcalc-", suffix: str = ""):
        self.path = os.path.join(folder, f"{prefix}{os.urandom(8).hex()}{suffix}")
        super().__init__(self._remove)

    def __enter__(self) -> str:  # type: ignore[override]
        super().__enter__()
        return self.path

    def _remove(self) -> None:
        try:
            os.unlink(self.path)
        except FileNotFoundError:
            pass
        except OSError:  # a folder: what the system says of it differs
            import shutil

            shutil.rmtree(self.path, ignore_errors=True)
