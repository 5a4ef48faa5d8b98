"""Processes that share the designs of a sweep: on this machine, or wherever dask.distributed has workers."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
import math
import os
import re
import signal
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from .._version import __version__
from ..diagnostics import SpecError, fail
from ..packages import needed
from .job import Chunk, Job, other_version, version_here

if TYPE_CHECKING:
    import numpy as np

    from .request import Sweep

T = TypeVar("T")

# Seconds within which a scheduler has to answer, and for which a cluster may be without workers.
PATIENCE = 10.0
WITHOUT_WORKERS = 60.0
# Tasks that are out at a time, for each worker thread: one is computed, one waits for it.
AHEAD = 2
# Seconds after which somebody who waits is called back.
BEAT = 0.25

# What becomes of tasks whose scheduler is gone.
_CANCELLED = (asyncio.CancelledError, concurrent.futures.CancelledError)
# What processes find: arrays come and go, and their memory is kept for the next ones. dask.distributed has it
# given back at once, and computing takes twice as long.
_ENVIRONMENT = {"MALLOC_TRIM_THRESHOLD_": 2**28, "MALLOC_MMAP_THRESHOLD_": 2**25, "OMP_NUM_THREADS": 1}
_CLEANS = "ignore:resource_tracker:UserWarning"
_ADDRESS = re.compile(r"(?:[a-z]+://)?(?:\[[0-9a-fA-F:]+\]|[^\s:/\[\]]+):\d{1,5}/?|inproc://\S+")


def is_address(text: str) -> bool:
    """Tell whether a text says where workers are.

    Args:
        text: An address, the file that a scheduler writes, or a number of processes.

    Returns:
        Whether it is one of them.

    Example:
        >>> from archcalc.sweeping.cluster import is_address
        >>> [is_address(text) for text in ("10.0.0.7:8786", "tls://head:8786", "nodes.json", "vgg16")]
        [True, True, True, False]
    """
    return text.isdecimal() or text.endswith(".json") or _ADDRESS.fullmatch(text) is not None


def check_address(text: str) -> None:
    """Raises SpecError for a text that does not say where workers are."""
    if not is_address(text):
        raise fail(
            "argument",
            f"`{text}` is no address of a scheduler",
            "as in --dask 10.0.0.7:8786, or --dask scheduler.json; --dask 4 makes processes here",
            "without an address --dask stands at the end of the line",
        )


class Workers:
    """Workers of dask.distributed, in the block of a ``with``.

    Args:
        where: The address of a scheduler, the file that one has written, or a ``distributed.Client``; a
            number is that of processes on this machine, None as many as it has processors.
        patience: Seconds within which a scheduler has to answer.
        without_workers: Seconds for which there may be no worker.

    Raises:
        SpecError: Where the scheduler does not answer or has no workers, one of which may have another
            archcalc; where dask.distributed is not installed.
    """

    def __init__(
        self, where: Any = None, *, patience: float = PATIENCE, without_workers: float = WITHOUT_WORKERS
    ):
        self._where = int(where) if isinstance(where, str) and where.isdecimal() else where
        self._patience = patience
        self._without_workers = without_workers
        self._closing = ExitStack()
        self._client: Any = None
        self._distributed: Any = None
        self._counted = -math.inf, 0  # when threads were counted, and how many there were

    def __enter__(self) -> Workers:
        self._distributed = needed("distributed", "--dask")
        try:
            self._client = self._connected()
            self._check_workers()
        except BaseException:
            self._closing.close()
            raise
        return self

    def __exit__(self, *raised: object) -> None:
        self._closing.close()

    # Connecting -------------------------------------------------------------------------------

    def _connected(self) -> Any:
        """A client of the cluster. Raises SpecError."""
        where, distributed = self._where, self._distributed
        if isinstance(where, distributed.Client):
            if where.asynchronous:
                raise ValueError("dask=CLIENT takes a client that is not asynchronous")
            return where
        # What there is to say of workers is said here, in one message.
        self._closing.enter_context(_quiet())
        if where is None or isinstance(where, int):
            if where is not None and where < 1:
                raise fail("argument", f"{where} processes compute nothing", "as in --dask 4")
            try:
                cluster = self._processes(where)
            except RuntimeError as error:
                raise fail(
                    "cluster",
                    f"processes of this machine cannot be started: {error}",
                    'a script stands in a file, and calls this below `if __name__ == "__main__":`, '
                    "for each process reads it again",
                ) from None
            self._closing.callback(cluster.close)
            client = distributed.Client(cluster, set_as_default=False)
        else:
            client = self._client_of(str(where))
        self._closing.callback(_closed, client)
        return client

    def _processes(self, count: int | None) -> Any:
        """A cluster of processes on this machine, in which nobody else can have anything computed."""
        distributed = self._distributed
        needed("cryptography", "--dask")
        dask = needed("dask", "--dask")
        with _deaf_children(), dask.config.set({"distributed.nanny.pre-spawn-environ": _ENVIRONMENT}):
            return distributed.LocalCluster(
                n_workers=count or needed("dask.system", "--dask").CPU_COUNT,
                threads_per_worker=1,
                processes=True,
                security=True,
                dashboard_address=None,
                silence_logs=logging.CRITICAL + 1,
            )

    def _client_of(self, where: str) -> Any:
        """The client of a scheduler elsewhere. Raises SpecError."""
        check_address(where)
        named: dict[str, str] = {"address": where}
        if where.endswith(".json"):
            if not os.path.isfile(where):
                raise fail("file", f"there is no file {where}", f"dask scheduler --scheduler-file {where}")
            named = {"scheduler_file": where}
        try:
            return self._distributed.Client(**named, timeout=self._patience, set_as_default=False)
        except Exception as error:
            reason = str(error).strip().partition("\n")[0] or type(error).__name__
            raise fail(
                "cluster",
                f"no scheduler of dask answers at {where}: {reason}",
                "start one: dask scheduler",
                "and on each machine: dask worker ADDRESS --nthreads 1 --nworkers auto",
            ) from None

    def _check_workers(self) -> None:
        """Raises SpecError where there are no workers, or one has another archcalc."""
        client = self._client
        try:
            client.wait_for_workers(1, timeout=self._patience)
        except Exception:
            raise self._no_workers(self._patience) from None
        found = client.run(version_here, on_error="return")
        for worker, version in sorted(found.items()):
            if isinstance(version, Exception):  # it did not find this function
                raise fail(
                    "cluster",
                    f"the worker {worker} has no archcalc, or an older one, and here it is {__version__}",
                    f"there: python -m pip install archcalc=={__version__}",
                )
            if version != __version__:
                raise other_version(str(version), __version__, f"the worker {worker}")

    def _no_workers(self, seconds: float) -> SpecError:
        return fail(
            "cluster",
            f"the scheduler at {self._client.scheduler.address} has had no worker for {seconds:.0f} seconds",
            f"start some: dask worker {self._client.scheduler.address} --nthreads 1 --nworkers auto",
        )

    # Computing --------------------------------------------------------------------------------

    @property
    def threads(self) -> int:
        """How many tasks the workers compute at a time, as many as are there now. Raises SpecError where the
        scheduler is gone."""
        now = time.monotonic()
        counted, count = self._counted
        if now - counted > BEAT:
            try:
                count = sum(self._client.nthreads().values())
            except OSError:  # the connection is closed
                raise self._lost() from None
            self._counted = time.monotonic(), count
        return count

    def results(
        self, sweep: Sweep, work: Callable[[Sweep, np.ndarray], T], chunks: Iterable[Chunk]
    ) -> Iterator[T | None]:
        """Do some work on the designs of a sweep, a chunk at a time, wherever there is a worker.

        A worker that ends takes nothing along: what it had is computed by another. Few tasks are out at a
        time, so that memory does not grow with the number of chunks. Whoever stops in the midst cancels them.

        Args:
            sweep: The sweep.
            work: What is to be done, of a sweep and the numbers of designs; it can be pickled.
            chunks: Which designs: the first and the one behind the last, or their numbers.

        Yields:
            What came of each chunk, in the order of the chunks; and None while nothing comes, a few times a
            second, so that whoever waits can see to other things.

        Raises:
            SpecError: For what is raised by the work; where a chunk has ended several workers; where no
                workers are left.
        """
        client = self._client
        job = Job.of(sweep)
        # A task, and no data that is laid on workers: what a task gave is made again where it is lost.
        held = client.submit(_itself, job, key=f"archcalc-job-{job.token}", pure=False)
        waiting: deque[tuple[Chunk, Any]] = deque()
        rest = enumerate(chunks)
        try:
            while True:
                while len(waiting) <= AHEAD * self.threads:
                    number, chunk = next(rest, (0, None))
                    if chunk is None:
                        break
                    key = f"archcalc-designs-{job.token}-{number}"
                    task = client.submit(_computed, held, work, chunk, key=key, pure=False)
                    waiting.append((chunk, task))
                if not waiting:
                    return
                for _ in self._waits(waiting[0][1]):
                    yield None
                yield self._result(*waiting[0])
                waiting.popleft()[1].release()
        finally:
            left = [held, *[task for _, task in waiting]]
            with suppress(Exception):  # where the scheduler is lost, nothing is left to cancel
                client.cancel(left, force=True)
            for task in left:
                task.release()

    def _waits(self, task: Any) -> Iterator[None]:
        """Until a task is done: a step each time that it is not. Raises SpecError where nobody is left to do
        it."""
        alone_since: float | None = None
        while True:
            try:
                with self._client.as_current(), suppress(self._distributed.TimeoutError):
                    self._distributed.wait([task], timeout=BEAT)
                    return
            except _CANCELLED:
                raise self._lost() from None
            yield
            now = time.monotonic()
            alone_since = None if self.threads else (alone_since or now)
            if alone_since is not None and now - alone_since > self._without_workers:
                raise self._no_workers(self._without_workers)

    def _result(self, chunk: Chunk, task: Any) -> Any:
        """What came of a chunk. Raises SpecError."""
        try:
            return task.result()
        except self._distributed.KilledWorker as error:
            raise fail(
                "cluster",
                f"{_called(chunk)} ended {_workers(error.allowed_failures + 1)}",
                "a worker that needs more memory than it has is ended: give each more, or start fewer",
            ) from None
        except _CANCELLED:
            raise self._lost() from None

    def _lost(self) -> SpecError:
        return fail("cluster", f"the scheduler at {self._client.scheduler.address} does not answer any more")


def _called(chunk: Chunk) -> str:
    first, last = (chunk[0], chunk[1] - 1) if isinstance(chunk, tuple) else (chunk[0], chunk[-1])
    return f"computing the designs {int(first):,} to {int(last):,}"


def _workers(count: int) -> str:
    return "1 worker" if count == 1 else f"{count} workers, one after the other"


def _closed(client: Any) -> None:
    with suppress(Exception):
        client.close(timeout=2)


def _itself(job: Job) -> Job:
    return job


def _computed(job: Job, work: Callable[[Sweep, np.ndarray], T], chunk: Chunk) -> T:
    # The worker's own folder is cleared behind it, also where it was killed.
    scratch: str = needed("distributed", "--dask").get_worker().local_directory
    return job.computed(work, chunk, scratch)


@contextmanager
def _deaf_children() -> Iterator[None]:
    """A block in which threads begin whose processes do not hear of Ctrl-C. At a terminal it reaches all of
    them; this process alone answers it, behind the block where it comes in its midst."""
    if os.name == "nt":
        yield
        return
    from multiprocessing import resource_tracker

    warned = os.environ.get("PYTHONWARNINGS")
    # The process that cleans up behind this one has nothing to say where this one ends at once.
    os.environ["PYTHONWARNINGS"] = f"{warned},{_CLEANS}" if warned else _CLEANS
    try:
        resource_tracker.ensure_running()  # who starts it lets signals through again
    finally:
        if warned is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = warned
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _quiet() -> ExitStack:
    """A block in which dask.distributed writes nothing to standard error."""
    stack = ExitStack()
    for handler in logging.getLogger("distributed").handlers:
        stack.callback(handler.setLevel, handler.level)
        handler.setLevel(logging.CRITICAL + 1)
    stack.enter_context(warnings.catch_warnings())
    warnings.simplefilter("ignore")
    return stack
