"""Work shared out to several processes: results in the order of the work, as one process gives them.

The processes are started afresh. Only so much work is on its way at once that memory stays as it is, however
much comes. However it ends, by itself, by an error or by a signal, no process stays and nothing is printed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from ..diagnostics import SpecError, fail
from ..interrupts import Undone

S = TypeVar("S")
T = TypeVar("T")

# Pieces of work that go to a process at once, and such packets that wait for each process.
PACKET, AHEAD = 24, 3
# Seconds in which a process that is ended has gone.
SOON = 5
# More processes than this would wait for the one that reads and writes.
MOST = 16


def cores() -> int:
    """How many processes can work at the same time: the cores that this one may use, at most MOST."""
    try:
        number = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        number = os.cpu_count() or 1
    return min(number, MOST)


def in_order(set_up: Callable[[], Callable[[S], T]], work: Iterable[S], processes: int) -> Iterator[T]:
    """The results of a function for each piece of work, in their order. ``set_up`` makes the function, once
    in each process. Whatever it raises is raised here. Raises SpecError where a process is lost."""
    coming = iter(work)
    packets = iter(lambda: list(islice(coming, PACKET)), [])
    started: list[_Helper] = []

    def end() -> None:
        for helper in started:
            helper.end()

    with Undone(end):
        with _unheard():
            for _ in range(processes):
                started.append(_Helper(set_up))
        for helper in (one for _ in range(AHEAD) for one in started):
            helper.send(next(packets, None))
        for helper in cycle(started):
            found = helper.take()
            if found is None:
                return
            helper.send(next(packets, None))
            yield from found


class _Helper:
    """A process, and the connection with it.

    waiting  packets that were sent and that are not taken back yet
    """

    def __init__(self, set_up: Callable[[], Callable[[Any], Any]]):
        context = multiprocessing.get_context("spawn")
        self._connection, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other, set_up), daemon=True)
        self._process.start()
        other.close()
        self.waiting = 0

    def send(self, packet: list[Any] | None) -> None:
        """Send it a packet, if there is one."""
        if packet is None:
            return
        self.waiting += 1
        try:
            self._connection.send(packet)
        except OSError:
            raise self._lost() from None

    def take(self) -> list[Any] | None:
        """The results of the packet that was sent first; None where none was sent. Raises what was
        raised there."""
        if not self.waiting:
            return None
        try:
            error, found = self._connection.recv()
        except (EOFError, OSError):
            raise self._lost() from None
        self.waiting -= 1
        if error is not None:
            raise error
        return list(found)

    def end(self) -> None:
        """End it, wherever it is, and wait until it has gone."""
        self._process.kill()
        self._process.join(SOON)

    def _lost(self) -> SpecError:
        """The error where the process has gone."""
        return fail("memory", "a process was ended from outside", "--jobs 1 does the work in one process")


@contextmanager
def _unheard() -> Iterator[None]:
    """Signals wait for the end of the block. Processes that are started in it never hear them: Ctrl-C is
    for this one, which ends them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()  # which unblocks signals
    known = {number for name in ("SIGINT", "SIGTERM", "SIGHUP") if (number := getattr(signal, name, None))}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, known)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: Connection, set_up: Callable[[], Callable[[Any], Any]]) -> None:
    """What a process does: it takes packets, and sends their results."""
    from queue import Queue
    from threading import Thread

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    packets: Queue[list[Any]] = Queue()

    def listen() -> None:
        """Take packets off the connection at once, so that whoever sends never waits; end with them."""
        try:
            while True:
                packets.put(connection.recv())
        except (EOFError, OSError):
            os._exit(1)

    Thread(target=listen, daemon=True).start()
    function: Callable[[Any], Any] | None = None
    while True:
        packet = packets.get()
        try:
            function = function or set_up()
            answer: tuple[Exception | None, list[Any]] = None, [function(one) for one in packet]
        except Exception as error:
            answer = error, []
        try:
            connection.send(answer)
        except OSError:
            os._exit(1)
        except Exception:  # what cannot be sent is told in words
            connection.send((RuntimeError(f"{type(answer[0]).__name__}: {answer[0]}"), []))
