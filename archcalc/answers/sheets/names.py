"""Names of questions, students and quantities on sheets, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_ASKED = re.compile(
    r"^(?:question|problem|exercise|task|aufgabe|part|q|ex)(?=[ ._#:(-]|\d)[ ._#:-]*(?=[\w(])"
)
_BETWEEN = re.compile(r"(?<!\d)\.|\.(?!\d)|[^\w.]|_")


def bare(name: str) -> str:
    """The name of a question, a row or a column without what varies: ``Q1 (b)``, ``1.b`` and
    ``question 1b`` are ``1b``; ``1.1`` and ``11`` stay apart."""
    name = " ".join(name.lower().split()).strip("*`'\" ")
    return _BETWEEN.sub("", _ASKED.sub("", name))


class QuestionNames(dict[str, str]):
    """The ids of questions by their bare names.

    texts  what a quiz asks in words, by the id of the question; those that have words
    """

    def __init__(self, ids: Mapping[str, str], texts: Mapping[str, str] | None = None):
        super().__init__(ids)
        self.texts = dict(texts or {})


def by_name(names: Iterable[str], texts: Mapping[str, str] | None = None) -> QuestionNames:
    """Names by what is left of them when what varies is left out."""
    return QuestionNames({bare(name): name for name in names}, texts)


# Columns of a class list that say who somebody is, the surest first.
WHO = (
    "sid",
    "studentid",
    "student",
    "studentnumber",
    "matriculationnumber",
    "matrikelnummer",
    "id",
    "username",
    "user",
    "login",
    "email",
    "emailaddress",
    "name",
    "fullname",
)
# Columns of a part of a name, and of more of the student.
NAMES = ("firstname", "givenname", "lastname", "surname", "familyname")
DETAILS = (*WHO, *NAMES, "section", "timestamp", "group", "decimal")
# What the columns of a class list say, by the names of ``sheets.IDS``.
IDENTITY = {
    **dict.fromkeys(
        ("sid", "studentid", "studentnumber", "matriculationnumber", "matrikelnummer", "id"), "id"
    ),
    **dict.fromkeys(("username", "user", "login"), "login"),
    **dict.fromkeys(("email", "emailaddress"), "email"),
    **dict.fromkeys(("name", "fullname", "student"), "name"),
    **dict.fromkeys(("firstname", "givenname"), "first"),
    **dict.fromkeys(("lastname", "surname", "familyname"), "last"),
    "section": "section",
}
