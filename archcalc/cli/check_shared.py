"""Parts shared by the kinds of ``check``: answers, sheets, classes and audits."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from ..diagnostics import fail
from ..report.courses import names as platforms
from .options import CountedOptions, no_folder

if TYPE_CHECKING:
    from ..answers.conventions import Conventions

# What only a class is written as: a file of report/courses/ each.
CLASS_FORMATS = tuple(platforms())
# What the statistics of a class are drawn as.
PICTURES = ("svg", "png")


class CheckOptions(CountedOptions):
    """The words and options of `archcalc check`."""

    words: tuple[str, ...]
    where: tuple[str, ...]
    conventions: tuple[str, ...]
    hint: bool
    solution: bool
    audit: bool
    force: bool
    jobs: int | None
    statistics: bool
    part: str | None
    merge: bool
    decisions: tuple[str, ...]
    open: str | None
    assignment: str | None = None
    visibility: str | None = None
    autograder: str | None = None
    on: str | None = None
    kernels: tuple[str, ...] = ()
    biases: tuple[str, ...] = ()
    flip: bool = False
    at: str | None = None


def given_conventions(options: CheckOptions) -> Conventions:
    """The conventions of ``--convention`` and ``--layout``. Raises SpecError."""
    from ..answers.conventions import Conventions

    given = {"layout": options.layout} if options.layout != "hwc" else {}
    for text in options.conventions:
        name, sign, choice = text.partition("=")
        if not sign:
            raise fail("argument", f"`--convention {text}` is not NAME=CHOICE", "as in --convention bias=no")
        given[name.strip()] = choice.strip()
    return Conventions(given)


def refuse_overwrite(options: CheckOptions, path: str | None = None) -> None:
    """Refuse to write over a file, the output or another, without ``--force``. Raises SpecError."""
    path = path or options.output
    if path is None:
        return
    no_folder(path)
    if options.force:
        return
    if os.path.isdir(path):
        raise fail("file", f"cannot write {path}: it is a folder")
    if os.path.isfile(path):
        raise fail("file", f"{path} is there already", "--force writes over it")
