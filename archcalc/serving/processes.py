"""Answers by processes beside the server: one that takes too long is ended, and the server goes on.

A process reads a question from each line of its input and writes an answer to each line of its output, both
as JSON. It hears no Ctrl-C, and ends when its input does, so that none outlives the server.
"""

from __future__ import annotations

import json
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from asyncio import Semaphore
    from asyncio.subprocess import Process

# Seconds that an answer takes at most, processes at the same time, and bytes of memory of each.
SECONDS, MOST, MEMORY = 10, 4, 2**32
# Bytes of an answer at most.
LONGEST_ANSWER = 2**27


class Processes:
    """The processes that answer. They are started when they are needed, and belong to one event loop.

    Args:
        seconds: How long an answer takes at most.

    Example:
        >>> import asyncio
        >>> from archcalc.serving.processes import Processes
        >>> async def shapes():
        ...     processes = Processes()
        ...     question = {"text": "8x8x3 -> conv 3x3 4", "parameters": {}, "what": "lines"}
        ...     try:
        ...         return json.loads(await processes.answer(question))["shapes"]
        ...     finally:
        ...         await processes.end()
        >>> import json
        >>> asyncio.run(shapes())
        {'1': '6x6x4'}
    """

    def __init__(self, seconds: float = SECONDS):
        self._seconds = seconds
        self._idle: list[Process] = []
        self._all: set[Process] = set()
        self._free: Semaphore | None = None
        # What takes long leaves one process to the lines that somebody types.
        self._long: Semaphore | None = None

    async def ready(self, number: int = 2) -> None:
        """Start processes before they are needed: lines and the network are computed side by side.

        Args:
            number: How many.
        """
        for _ in range(number):
            self._idle.append(await self._start())

    async def answer(self, question: dict[str, Any]) -> bytes:
        """Have a question answered.

        Args:
            question: What ``archcalc.serving.answering.answer`` takes.

        Returns:
            The answer as JSON; where it took too long, or too much memory, an answer that says so.
        """
        import asyncio
        from contextlib import AsyncExitStack

        if self._free is None or self._long is None:
            self._free, self._long = asyncio.Semaphore(MOST), asyncio.Semaphore(MOST - 1)
        async with AsyncExitStack() as turn:
            if question.get("what") != "lines":
                await turn.enter_async_context(self._long)
            await turn.enter_async_context(self._free)
            return await self._answer(question)

    async def _answer(self, question: dict[str, Any]) -> bytes:
        import asyncio

        process = self._idle.pop() if self._idle else await self._start()
        try:
            found = await asyncio.wait_for(_exchange(process, question), self._seconds)
        except asyncio.TimeoutError:
            await self._stop(process)
            return _failed(f"this takes longer than {self._seconds:g} seconds: it is not computed here")
        except BaseException:  # the server ends
            await self._stop(process)
            raise
        if found.endswith(b"\n"):
            self._idle.append(process)
            return found
        await self._stop(process)
        return _failed("this takes more memory than there is for it")

    async def end(self) -> None:
        """End all processes."""
        for process in list(self._all):
            await self._stop(process)

    async def _start(self) -> Process:
        import asyncio

        # The same places as here: a file in the folder at hand takes the place of no module.
        code = f"import sys; sys.path[:] = {sys.path!r}; from archcalc.serving.processes import run; run()"
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            code,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=LONGEST_ANSWER,
        )
        self._all.add(process)
        return process

    async def _stop(self, process: Process) -> None:
        self._all.discard(process)
        if process in self._idle:
            self._idle.remove(process)
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _exchange(process: Process, question: dict[str, Any]) -> bytes:
    """Send a question, and read the answer; where the process is lost it ends with no new line."""
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(question).encode() + b"\n")
        await process.stdin.drain()
        return await process.stdout.readline()
    except (OSError, ValueError):
        return b""


def _failed(message: str) -> bytes:
    from .answering import failed_record

    return json.dumps(failed_record(message)).encode() + b"\n"


def run() -> None:
    """Answer the questions of standard input, until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    from .answering import answer, fault_record

    for line in sys.stdin.buffer:
        try:
            found = json.dumps(answer(json.loads(line)), separators=(",", ":")).encode() + b"\n"
        except Exception as error:  # also where memory ends
            found = json.dumps(fault_record(error)).encode() + b"\n"
        sys.stdout.buffer.write(found)
        sys.stdout.buffer.flush()


def _limit_memory() -> None:
    """Take no more than MEMORY, where the system can see to it."""
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    wanted = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (wanted, most))
