"""Sheets of every kind, read into the same small thing: who answered what, where, in which words.

Nothing is judged here but what cannot be read; a fault of one sheet never stops the rest.
"""

from __future__ import annotations

from typing import NamedTuple


class SheetAnswer(NamedTuple):
    """An answer on a sheet.

    question  the quiz's id of it, or in a layer table ``LAYER.QUANTITY``
    text      as it was written
    place     where: ``line 3``, ``row 4, params``
    doubt     why it is not to be believed that this is the answer; empty where it is
    """

    question: str
    text: str
    place: str
    doubt: str = ""


class Fault(NamedTuple):
    """Something of a sheet that was not read: where, why, and the words of the sheet."""

    place: str
    message: str
    text: str = ""


class Submission(NamedTuple):
    """One student's sheet: the answers in their order, and all else that stands on it.

    student     who: a class list's id, or the name of the file without its ending
    source      the file it is from, and the row
    details     what else the class list says of the student, by column
    unreadable  why nothing of it could be read; empty where something was
    aside       lines and cells that are neither answers nor headings: nobody has read them
    """

    student: str
    source: str
    entries: tuple[SheetAnswer, ...] = ()
    faults: tuple[Fault, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    unreadable: str = ""
    aside: tuple[Fault, ...] = ()
