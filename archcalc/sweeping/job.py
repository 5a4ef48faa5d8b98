"""A sweep as it is sent to another process, perhaps on another machine: with the texts that it reads."""

from __future__ import annotations

import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from .._version import __version__
from ..diagnostics import SpecError, fail
from ..language.lexer import ARROW
from ..language.library import Library
from ..language.neighbours import MOST_FILES, MOST_LETTERS
from ..loading.own_ops import OpsOfFiles, load_installed, other_ops, own_texts
from ..loading.targets import find
from ..ops import registry
from ..texts import read
from .request import Sweep, SweepRequest

T = TypeVar("T")

# Some designs: the first and the one behind the last, or their numbers.
Chunk = tuple[int, int] | np.ndarray

# How many sweeps a process keeps open: one for each user of a cluster that is shared by a few.
MOST_OPEN = 4


class Job(NamedTuple):
    """A sweep as it is sent.

    token    what tells it from every other
    version  the archcalc that it comes from
    designs  how many there are: whoever opens it has to come to the same
    request  what is swept; a target that is a file is one of these files
    files    texts of the folder of the spec, by the names of its files
    links    names of files that are links to other ones of these
    ops      texts of the files that define ops, by path
    words    ops that are neither of archcalc nor of these files
    """

    token: str
    version: str
    designs: int
    request: SweepRequest
    files: Mapping[str, str]
    links: Mapping[str, str]
    ops: Mapping[str, str]
    words: Sequence[str]

    @classmethod
    def of(cls, sweep: Sweep) -> Job:
        """What another process needs to compute designs of a sweep.

        Args:
            sweep: The sweep.

        Returns:
            It with the texts of all files that its target can name: those that lie beside it. A file of
            another tool is sent as the spec that was read from it.

        Raises:
            SpecError: Where the file cannot be read any more, or its folder holds too much.

        Example:
            >>> from archcalc.sweeping.job import Job
            >>> from archcalc.sweeping.request import Sweep, SweepRequest
            >>> Job.of(Sweep(SweepRequest("resnet18", {"classes": "2..10"}))).designs
            9
        """
        request, files, links = _with_files(sweep.request)
        token = os.urandom(16).hex()
        return cls(token, __version__, sweep.space.size, request, files, links, own_texts(), other_ops())

    def computed(self, work: Callable[[Sweep, np.ndarray], T], chunk: Chunk, scratch: str | None = None) -> T:
        """Do some work on designs, in whichever process this is.

        Args:
            work: What is to be done, of a sweep and the numbers of designs.
            chunk: Which designs.
            scratch: The folder in which files are put; by default that of the system.

        Returns:
            What comes of it.

        Raises:
            SpecError: Where archcalc is of another version here.

        Example:
            >>> from archcalc.sweeping.engine import evaluated
            >>> from archcalc.sweeping.job import Job
            >>> from archcalc.sweeping.request import Sweep, SweepRequest
            >>> job = Job.of(Sweep(SweepRequest("32x32x3 -> conv {3, 5} 8", {})))
            >>> job.computed(evaluated, (1, 2)).columns["params"].tolist()
            [608]
        """
        numbers = np.arange(*chunk) if isinstance(chunk, tuple) else chunk
        # Ops stand in one place for the whole process, and a library is made for one reader.
        with _one_at_a_time:
            opened = _opened.get(self.token)
            if opened is None:
                opened = _opened[self.token] = _Opened(self, scratch)
                while len(_opened) > MOST_OPEN:
                    _opened.popitem(last=False)
            _opened.move_to_end(self.token)
            with opened.ops:
                return work(opened.sweep, numbers)


class _Opened:
    """A job that was opened: its sweep, the ops that it knows, and the folder where its files are."""

    def __init__(self, job: Job, scratch: str | None):
        if job.version != __version__:
            raise other_version(__version__, job.version)
        request = job.request
        if job.files:
            self.folder = tempfile.TemporaryDirectory(
                prefix="archcalc-sweep-", dir=scratch, ignore_cleanup_errors=True
            )
            for name, text in job.files.items():
                with open(os.path.join(self.folder.name, name), "w", encoding="utf-8", newline="") as file:
                    file.write(text)
            for name, of in job.links.items():
                os.symlink(of, os.path.join(self.folder.name, name))
            request = request._replace(target=os.path.join(self.folder.name, request.target))
        self.ops = OpsOfFiles(job.ops)
        with self.ops:
            for word in job.words:
                if word not in registry():
                    load_installed()
                if word not in registry():
                    raise fail(
                        "cluster",
                        f"a worker does not know `{word}`, which is defined here and in no file",
                        "write its class into a file of its own: --ops FILE.py is sent to workers",
                    )
            self.sweep = Sweep(request)
        if self.sweep.space.size != job.designs:
            raise fail(
                "cluster",
                f"a worker finds {self.sweep.space.size:,} designs, where there are {job.designs:,}",
                "the same archcalc has to run on all of them",
            )


# Sweeps that are open in this process, the one used last at the end.
_opened: OrderedDict[str, _Opened] = OrderedDict()
_one_at_a_time = threading.Lock()


def other_version(theirs: str, ours: str, where: str = "a worker") -> SpecError:
    """The error for a worker that has another archcalc."""
    return fail(
        "cluster",
        f"{where} has archcalc {theirs}, and here it is {ours}: their figures may differ",
        f"there: python -m pip install archcalc=={ours}",
    )


def _with_files(request: SweepRequest) -> tuple[SweepRequest, dict[str, str], dict[str, str]]:
    """What is swept where its file lies in some folder; the texts of that; and the links there."""
    if request.target == "-" or ARROW.search(request.target):
        return request, {}, {}
    library = Library()
    net = find(request.target, library, request.stdin)
    assert net.file is not None
    if library.is_shipped(net.file):
        return request, {}, {}
    path = net.file.source.name
    name = os.path.basename(path) if path.endswith(".arch") else "net.arch"
    files, links = {name: net.file.source.text}, dict[str, str]()
    if library.neighbours(net.file) is not None:
        more, links = _texts(os.path.dirname(path))
        files = {**more, **files}
        links.pop(name, None)
    return request._replace(target=f"{name}:{net.name}"), files, links


def _texts(folder: str) -> tuple[dict[str, str], dict[str, str]]:
    """The texts of the specs in a folder by their names, and which names are links. What is no text is left
    out: no spec can use it. Raises SpecError where it is too much to be sent."""
    texts: dict[str, str] = {}
    links: dict[str, str] = {}
    first: dict[str, str] = {}
    for name in sorted(os.listdir(folder or ".")):
        path = os.path.join(folder, name)
        if not name.endswith(".arch") or not os.path.isfile(path):
            continue
        place = os.path.realpath(path)
        if place in first:
            links[name] = first[place]
            continue
        first[place] = name
        try:
            texts[name] = read(path)
        except SpecError:
            continue
        if len(texts) > MOST_FILES or sum(map(len, texts.values())) > MOST_LETTERS:
            raise fail(
                "limit",
                f"{folder or 'this folder'} holds more specs than are sent to workers",
                "put the spec, and what it uses, into a folder of its own",
            )
    return texts, {name: of for name, of in links.items() if of in texts}


def version_here() -> str:
    """The version of archcalc in the process where this is called."""
    return __version__
