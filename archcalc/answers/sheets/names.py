"""Names of questions, students and quantities on sheets, however they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

_ASKED = re.compile(
    r"^(?:question|problem|exercise|task|aufgabe|part|q|ex)(?=[ ._#:(-]|\d)[ ._#:-]*(?=[\w(])"
)
_BETWEEN = re.compile(r"(?<!\d)\.|\.(?!\d)|[^\w.]|_")


def bare(name: str) -> str:
    """The name of a question, a row or a column without what varies: ``Q1 (b)``, ``1.b`` and
    ``question 1b`` are ``1b``; ``1.1`` and ``11`` stay apart."""
    name = " ".join(name.lower().split()).strip("*`'\" ")
    return _BETWEEN.sub("", _ASKED.sub("", name))


# The number of an exercise in the name of one of its parts: `1a`, `1.2`.
_EXERCISE = re.compile(r"\d+(?=\.\d|[^\W\d_]$)")


class QuestionNames(dict[str, str]):
    """The ids of questions by their bare names.

    texts       what a quiz asks in words, by the id of the question; those that have words
    quantities  what each question asks for, ``output`` or ``params``, where it is known
    order       the ids in the order of the quiz; empty where the order says nothing
    variants    of a quiz with several variants the names in the words of each, by the name of the variant
    options     the options of multiple choices, as a sheet lists them
    """

    variants: Mapping[str, QuestionNames]
    options: Sequence[Sequence[str]]

    def __init__(
        self,
        ids: Mapping[str, str],
        texts: Mapping[str, str] | None = None,
        quantities: Mapping[str, str] | None = None,
        order: Iterable[str] = (),
    ):
        super().__init__(ids)
        self.texts = dict(texts or {})
        self.quantities = dict(quantities or {})
        self.order = tuple(order)
        self.variants = {}
        self.options = ()
        # Where no name begins with a number, a number can only be the place of a question.
        self._by_place = not any(name[:1].isdecimal() for name in self)

    def numbered(self, number: str) -> str:
        """The id of the question that a number calls, by its name or, where no name begins with a number, by
        its place in the quiz; empty for none."""
        if not number.isdecimal() or len(number) > 4:
            return ""
        value = int(number)
        if str(value) in self:
            return self[str(value)]
        return self.order[value - 1] if self._by_place and 0 < value <= len(self.order) else ""

    def of_variant(self, name: str) -> QuestionNames:
        """The names in the words of a variant; these where there is none of that name."""
        return self.variants.get(name, self)

    def parts(self, number: str) -> QuestionNames:
        """The questions of an exercise by what they are called below it: ``a`` for ``1a``."""
        if number not in self._parts:
            found = {
                name[len(number) :].lstrip("."): question
                for name, question in self.items()
                if name.startswith(number)
                and (name[len(number) :].isalpha() or name[len(number) : len(number) + 1] == ".")
            }
            self._parts[number] = QuestionNames(found)
        return self._parts[number]

    def beside(self, question: str) -> QuestionNames | None:
        """The parts of the exercise that a question is a part of; None where it is of none."""
        found = _EXERCISE.match(self._named.get(question, ""))
        return self.parts(found[0]) if found is not None else None

    @cached_property
    def _named(self) -> dict[str, str]:
        return {question: name for name, question in self.items()}

    @cached_property
    def _parts(self) -> dict[str, QuestionNames]:
        return {}

    @cached_property
    def longest(self) -> int:
        """The signs of the longest name; of numbers with noughts before them a few more."""
        return max([len(name) for name in self], default=0) + 3

    def place(self, question: str) -> int:
        """The place of a question in the quiz; -1 where it has none."""
        return self._places.get(question, -1)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {question: place for place, question in enumerate(self.order or self.values())}


def by_name(
    names: Iterable[str], texts: Mapping[str, str] | None = None, quantities: Mapping[str, str] | None = None
) -> QuestionNames:
    """Names by what is left of them when what varies is left out."""
    order = tuple(names)
    return QuestionNames({bare(name): name for name in order}, texts, quantities, order)


# Columns of a class list that say who somebody is, the surest first.
WHO = tuple(
    """sid studentid student studentnumber studentno matriculationnumber matrikelnummer matrikelnr matrnr
    matricule matrícula matricola idnumber idnummer id username user login netid benutzername anmeldename
    email emailaddress mail emailadresse courriel correo name fullname studentname studierende studierender
    naam nomcomplet""".split()
)
# What the columns of a class list say, by the names of ``sheets.IDS``, in the languages of the platforms.
_SAID = {
    "id": """sid studentid studentnumber studentno matriculationnumber matrikelnummer matrnr matrikelnr
        idnumber idnummer matricule matrícula matricola id""",
    "login": "username user login netid benutzername anmeldename",
    "email": "email emailaddress mail emailadresse courriel correo",
    "name": "name fullname student studentname studierende studierender naam nomcomplet",
    "first": "firstname givenname forename vorname prénom prenom nombre voornaam imię",
    "last": """lastname surname familyname nachname familienname nom nomdefamille apellidos apellido cognome
        sobrenome apelido achternaam nazwisko""",
    "section": "section sektion",
    "variant": "variant variante version вариант",
}
IDENTITY = {word: key for key, words in _SAID.items() for word in words.split()}
# Columns of a class list that hold neither answers nor who somebody is.
OTHERS = frozenset(
    """timestamp decimal group gruppe groupe submitted score points grade total totalpoints totalscore punkte
    gesamtpunkte status attempt""".split()
)
