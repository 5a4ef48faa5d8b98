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


# What a platform may know a student by. `name` is the full name as it is written; `id` the number that the
# platform or the class list has for a student (in Moodle the ID number, in Canvas the user's id, in
# Gradescope the SID); `sis_id` the number of the university's register where it stands beside that;
# `login` the name of the user's account; `submission` the platform's name of what was handed in; `variant`
# which variant of the quiz the student has.
IDS = ("name", "first", "last", "email", "id", "sis_id", "login", "section", "submission", "variant")


class Submission(NamedTuple):
    """One student's sheet: the answers in their order, and all else that stands on it.

    student     who: a class list's id, or the name of the file without its ending
    source      the file it is from, and the row
    details     what else the class list says of the student, by column
    unreadable  why nothing of it could be read; empty where something was
    aside       lines and cells that are neither answers nor headings: nobody has read them
    ids         what tells a platform who the student is, by the names of IDS; only what is known
    attempt     which attempt of the student it is, where a platform counts them
    platform    the platform whose export it is from; empty where none is known
    """

    student: str
    source: str
    entries: tuple[SheetAnswer, ...] = ()
    faults: tuple[Fault, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    unreadable: str = ""
    aside: tuple[Fault, ...] = ()
    ids: tuple[tuple[str, str], ...] = ()
    attempt: str = ""
    platform: str = ""

    def id(self, name: str) -> str:
        """What is known of the student by a name of IDS; empty where nothing is."""
        return dict(self.ids).get(name, "")
