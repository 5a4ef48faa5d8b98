"""Quizzes read from TOML: every fault of it points at the file and the key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from ..analysis.totals import DTYPES
from ..diagnostics import MOST_ERRORS, Diagnostic, SpecError, did_you_mean, fail
from ..files import read_bytes
from ..source import Source, Span
from ..toml_places import Places
from ..toml_text import read_toml
from .conventions import Conventions
from .marks import ALL, CONVENTIONS_ALONE, NOTHING, Marks
from .matrices.asking import asks_values
from .matrices.given import GivenMatrices
from .quiz import Quiz, QuizQuestion
from .sheets.names import bare
from .units import unit_called

# The matrices that layers are given: of a question, or of all.
GIVEN = ("matrix", "kernel", "bias", "statistics", "flip")
_TOP = (
    "title",
    "target",
    "batch",
    "dtype",
    "on",
    "conventions",
    "marks",
    "question",
    "students",
    "variant",
    "seed",
    *GIVEN,
)
_STUDENT = ("decimal",)
_QUESTION = (
    "id",
    "target",
    "second",
    "ask",
    "points",
    "key",
    "digits",
    "least_digits",
    "text",
    "batch",
    "dtype",
    "on",
    "unit",
    "conventions",
    "options",
    "kind",
    "choices",
    "figure",
    *GIVEN,
)
# What a template has besides: `archcalc quiz` draws the values, and the quiz that comes of it has none.
TEMPLATE = ("values", "where", "even", "distinguishable", "distinct")
# Shares of a question's points, by the key in a quiz: of which verdict, or of what explains it.
_SHARES = {
    "rounded": "rounded",
    "convention": "convention",
    "follow-through": "follow-through",
    "coarse": "coarse",
    "cut_off": "cut-off",
    "slip": "slip",
    "right_working": "right-working",
    "wrong": "wrong",
}
_TABLES = ("marks.misconceptions", "marks.conventions")
_MARKS = (*_SHARES, "approximate", "once", "least_digits", "cells", "misconceptions", "conventions")
# What is charged once a sheet, as a quiz says it.
_ONCE = {True: ALL, False: NOTHING, "conventions": CONVENTIONS_ALONE}


# Images of a batch, and significant digits, at most.
LARGEST, MOST_DIGITS = 10**9, 100
# Signs of a device's name, or of its file, at most.
LONGEST_NAME = 1000
# The options of a question at most: each is called by a letter.
MOST_OPTIONS = 26
# Those of a question that does not say how many.
USUAL_CHOICES = 4


def read_quiz(path: str) -> Quiz:
    """The quiz in a file. Raises SpecError, with all faults."""
    return parse_quiz(quiz_text(path), path)


def quiz_text(path: str) -> str:
    """The text of the file of a quiz. Raises SpecError."""
    from .sheets.decoding import LARGEST, NotTextError, decoded

    try:
        return decoded(read_bytes(path, LARGEST))
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise fail("file", f"cannot read {path}: {why}") from None
    except NotTextError as error:
        raise fail("file", f"cannot read {path}: {error}") from None


def parse_quiz(text: str, name: str = "<quiz>") -> Quiz:
    """The quiz in a text. Raises SpecError, with all faults."""
    source = Source(name, text)
    return QuizReader(Places(source), read_toml(source)).quiz()


class QuizReader:
    """Takes a quiz from its TOML, and gathers what is wrong with it."""

    def __init__(self, places: Places, table: dict[str, Any]):
        self.places = places
        self.table = table
        self.faults: list[Diagnostic] = []

    def fault(self, message: str, table: str, number: int = 0, key: str = "", *help: str) -> None:
        self.add([Diagnostic("quiz", message, self.places.of(table, number, key), help=help)])

    def add(self, faults: list[Diagnostic]) -> None:
        """Gather faults. Raises SpecError where there are MOST_ERRORS of them: more would be no news."""
        self.faults += faults
        if len(self.faults) >= MOST_ERRORS:
            raise SpecError(self.faults[:MOST_ERRORS])

    def quiz(self) -> Quiz:
        self.known(self.table, _TOP, "", 0)
        title = self.text(self.table, "title", "", 0)
        self.text(self.table, "target", "", 0)
        variant = self.text(self.table, "variant", "", 0)
        conventions = Conventions(self.conventions(self.section("conventions"), "conventions"))
        marks = self.marks()
        batch = self.batch(self.table, "", 0)
        dtype = self.dtype(self.table, "", 0) or "fp32"
        on = self.device(self.table, "", 0)
        approximate = self.section("marks").get("approximate", False)
        if not isinstance(approximate, bool):
            self.fault("`approximate` is true or false", "marks", 0, "approximate")
        questions = self.questions()
        held = [conventions.but(dict(question.conventions)) for question in questions] or [conventions]
        for id, reason in marks.never(held).items():
            table = next((t for t in _TABLES if self.places.has(t, 0, id)), "marks")
            self.fault(f"`{id}` is never met in this quiz: {reason}", table, 0, id)
        decimals = list(self.decimals())
        if self.faults:
            raise SpecError(self.faults)
        return Quiz(
            title,
            conventions,
            marks,
            batch or 1,
            dtype,
            approximate,
            tuple(questions),
            self.places,
            tuple(decimals),
            variant,
            on,
        )

    def known(self, table: Mapping[str, Any], keys: tuple[str, ...], name: str, number: int) -> None:
        for key in table:
            if key in TEMPLATE and keys in (_TOP, _QUESTION):
                help = "archcalc quiz TEMPLATE --format toml -o KEY.toml writes a quiz with drawn values"
                self.fault(f"`{key}` is of a template, which is no quiz yet", name, number, key, help)
            elif key not in keys:
                self.fault(
                    f"there is no key `{_brief(key)}` here",
                    name,
                    number,
                    key,
                    *did_you_mean(key, keys),
                    f"there are {', '.join(keys)}",
                )

    def text(self, table: Mapping[str, Any], key: str, name: str, number: int) -> str:
        value = table.get(key, "")
        if isinstance(value, str):
            return value.strip()
        if key in ("id", "key") and isinstance(value, (int, Fraction)) and value is not True:
            return _as_written(self.places.of(name, number, key), value)
        self.fault(f"`{key}` is a text", name, number, key)
        return ""

    def section(self, key: str) -> Mapping[str, Any]:
        found = self.table.get(key, {})
        if isinstance(found, dict):
            return found
        self.fault(f"`{key}` is a table: [{key}]", "", 0, key)
        return {}

    def conventions(
        self, section: Mapping[str, Any], table: str, number: int = 0, at: str = ""
    ) -> dict[str, str]:
        """The choices of a table of conventions; ``at`` is the key of the table where it is one."""
        given = {}
        words = {True: "yes", False: "no"}
        for key, value in section.items():
            choice = words[value] if isinstance(value, bool) else str(value)
            try:
                Conventions({key: choice})
                given[key] = choice
            except SpecError as error:
                self.add(self.places.blamed(error, table, number, at or key))
        return given

    def batch(self, table: Mapping[str, Any], name: str, number: int) -> int | None:
        wanted = f"images, 1 or more, at most {LARGEST:,}"
        found = self.number(table, "batch", name, number, None, _whole, wanted)
        return None if found is None else int(found)

    def dtype(self, table: Mapping[str, Any], name: str, number: int) -> str:
        dtype = self.text(table, "dtype", name, number)
        if dtype and dtype not in DTYPES:
            self.fault(
                f"there is no dtype `{_brief(dtype)}`",
                name,
                number,
                "dtype",
                *did_you_mean(dtype, DTYPES),
                f"there are {', '.join(DTYPES)}",
            )
        return dtype

    def device(self, table: Mapping[str, Any], name: str, number: int) -> str:
        """The name of a device, or of a file beside the quiz."""
        found = self.text(table, "on", name, number)
        if len(found) <= LONGEST_NAME and found.isprintable():
            return found
        self.fault(f"there is no device `{_brief(found)}`", name, number, "on", 'as in on = "t4"')
        return ""

    def decimals(self) -> Iterator[tuple[str, str]]:
        """The decimal signs of single students: ``[students."Haas, J."]``, ``decimal = "comma"``."""
        for name, table in self.section("students").items():
            where = next(
                (key for key in (f"students.{name}", f'students."{name}"') if self.places.has(key)), ""
            )
            if not isinstance(table, dict):
                self.fault(f"a student is a table: [students.{name}]", where or "students", 0, name)
                continue
            self.known(table, _STUDENT, where, 0)
            sign = table.get("decimal", "")
            if sign in ("point", "comma"):
                yield name, str(sign)
            elif sign != "":
                self.fault('`decimal` is "point" or "comma"', where, 0, "decimal")

    def marks(self) -> Marks:
        section = self.section("marks")
        self.known(section, _MARKS, "marks", 0)
        shares = {
            _SHARES[key]: self.share(value, "marks", key) for key, value in section.items() if key in _SHARES
        }
        once = section.get("once", True)
        if not isinstance(once, (bool, str)) or once not in _ONCE:
            self.fault('`once` is true, false or "conventions"', "marks", 0, "once")
            once = True
        least = self.digits(section, "least_digits", "marks", 0)
        by_id = {}
        for name in ("misconceptions", "conventions"):
            of = section.get(name, {})
            if not isinstance(of, dict):
                self.fault(f"`{name}` is a table: [marks.{name}]", "marks", 0, name)
                of = {}
            by_id[name] = self.by_id(of, name)
        cells = self.flag(section, "cells", "marks", 0)
        return Marks(shares, by_id["misconceptions"], by_id["conventions"], _ONCE[once], least or 1, cells)

    def by_id(self, given: Mapping[str, Any], name: str) -> dict[str, Fraction]:
        """The shares of misconceptions or conventions, of those that there are."""
        table, found = f"marks.{name}", {}
        for key, value in given.items():
            share = self.share(value, table, key)
            try:
                Marks(None, *([{key: share}] if name == "misconceptions" else [None, {key: share}]))
                found[key] = share
            except SpecError as error:
                self.add(self.places.blamed(error, table, 0, key))
        return found

    def share(self, value: Any, table: str, key: str) -> Fraction:
        if not isinstance(value, (int, Fraction)) or isinstance(value, bool) or not 0 <= value <= 1:
            self.fault(f"`{key}` is a share of the points, 0 to 1", table, 0, key)
            return Fraction(0)
        return Fraction(value)

    def questions(self) -> list[QuizQuestion]:
        given = self.table.get("question", [])
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            self.fault("a question is a table of its own: [[question]]", "", 0, "question")
            return []
        if not given:
            self.fault("it has no questions", "", 0, "title", "[[question]] begins one")
        found: list[QuizQuestion] = []
        for number, table in enumerate(given):
            found.append(self.question(table, number))
        self.apart(found)
        return found

    def question(self, table: Mapping[str, Any], number: int) -> QuizQuestion:
        name = "question"
        self.known(table, _QUESTION, name, number)
        texts = {key: self.text(table, key, name, number) for key in ("id", "ask", "key", "text")}
        target = self.text(table, "target", name, number) or self.text(self.table, "target", "", 0)
        for key, value in (("id", texts["id"]), ("ask", texts["ask"]), ("target", target)):
            misread = key in table and not isinstance(table[key], str)  # and said so
            if not value and not misread:
                which = f"question `{texts['id']}`" if texts["id"] else f"question {number + 1}"
                self.fault(f"{which} has no `{key}`", name, number, key)
        points = self.number(
            table,
            "points",
            name,
            number,
            Fraction(1),
            lambda n: 0 <= n <= 10**6,
            "points, 0 or more, at most 1,000,000",
        )
        digits = self.digits(table, "digits", name, number)
        least = self.digits(table, "least_digits", name, number)
        given = table.get("conventions", {})
        if not isinstance(given, dict):
            self.fault('`conventions` is a table, as in { bias = "no" }', name, number, "conventions")
            given = {}
        if "decimal" in given:
            message = "`decimal` is a convention of a student or of the whole quiz, and not of a question"
            self.fault(message, name, number, "conventions", 'as in [students."NAME"]')
            given = {}
        conventions = self.conventions(given, name, number, "conventions")
        unit = self.text(table, "unit", name, number)
        if unit and unit_called(unit) is None:
            self.fault(
                f"`{_brief(unit)}` is no unit", name, number, "unit", "as in KiB, MB, million or GFLOPs"
            )
        return QuizQuestion(
            texts["id"],
            target,
            texts["ask"],
            points or Fraction(0),
            texts["key"],
            digits,
            texts["text"],
            least,
            self.batch(table, name, number),
            self.dtype(table, name, number),
            unit,
            tuple(conventions.items()),
            self.options(table, name, number),
            self.choices(table, name, number),
            self.flag(table, "figure", name, number),
            self.text(table, "second", name, number),
            self.given(table, texts["ask"], name, number),
            self.device(table, name, number),
        )

    def given(self, table: Mapping[str, Any], ask: str, name: str, number: int) -> GivenMatrices | None:
        """The matrices of a question, with those that are given for all questions."""
        asked = asks_values(ask)
        if not asked and not any(key in table for key in GIVEN):
            return None
        # What is given for all questions is given to the layers of all: a question with others has its own.
        shared = {} if "target" in table else self.table
        places = {key: (table, name, number) if key in table else (shared, "", 0) for key in GIVEN}
        texts = {key: self.matrix_texts(*places[key], key) for key in GIVEN[:-1]}
        flip = self.flag(places["flip"][0], "flip", *places["flip"][1:])
        if len(texts["matrix"]) != 1:
            if "matrix" not in places["matrix"][0]:
                help = 'as in matrix = "1 2 0; 0 1 3; 2 1 1"'
                self.fault("values are asked for, and there is no `matrix`", name, number, "ask", help)
            return None
        return GivenMatrices(texts["matrix"][0], texts["kernel"], texts["bias"], texts["statistics"], flip)

    def matrix_texts(self, table: Mapping[str, Any], name: str, number: int, key: str) -> tuple[str, ...]:
        """The matrices of a key: a text, a number, nested lists of numbers, or a list of texts."""
        value = table.get(key, [])
        if isinstance(value, (str, int, Fraction)) and not isinstance(value, bool):
            return (str(value),)
        if isinstance(value, list):
            if value and all(isinstance(one, str) for one in value) and key != "matrix":
                return tuple(value)
            rows = [one if isinstance(one, list) else [one] for one in value]
            flat = [cell for row in rows for cell in row]
            if all(isinstance(cell, (int, Fraction)) and not isinstance(cell, bool) for cell in flat):
                if value and not any(isinstance(one, list) for one in value):
                    return (" ".join(map(str, flat)),)
                return ("; ".join([" ".join(map(str, row)) for row in rows]),) if value else ()
        wanted = f'`{key}` is a matrix: a text such as "1 2; 3 4", or lists of numbers'
        self.fault(wanted, name, number, key)
        return ()

    def options(self, table: Mapping[str, Any], name: str, number: int) -> tuple[str, ...]:
        """The options of a multiple choice, no two alike."""
        given = table.get("options", [])
        texts = [one.strip() for one in given if isinstance(one, str)] if isinstance(given, list) else []
        if not isinstance(given, list) or len(texts) != len(given) or "" in texts:
            self.fault('`options` is a list of texts, as in ["760", "750"]', name, number, "options")
        elif len(set(texts)) < len(texts):
            self.fault("two options are the same", name, number, "options")
        elif len(texts) > MOST_OPTIONS:
            self.fault(f"a question has {MOST_OPTIONS} options at most", name, number, "options")
        else:
            return tuple(texts)
        return ()

    def choices(self, table: Mapping[str, Any], name: str, number: int) -> int:
        """How many options a multiple choice is to have; 0 for an answer that is written."""
        kind = self.text(table, "kind", name, number)
        if kind not in ("", "choice", "written"):
            self.fault('`kind` is "choice" or "written"', name, number, "kind")
        wanted = f"options, 2 to {MOST_OPTIONS}"
        found = self.number(
            table, "choices", name, number, None, lambda n: _whole(n) and 2 <= n <= MOST_OPTIONS, wanted
        )
        if kind == "written":
            return 0
        return int(found) if found is not None else USUAL_CHOICES * (kind == "choice")

    def flag(self, table: Mapping[str, Any], key: str, name: str, number: int) -> bool:
        """A key that is true or false, and false where nothing is said."""
        found = table.get(key, False)
        if not isinstance(found, bool):
            self.fault(f"`{key}` is true or false", name, number, key)
        return found is True

    def digits(self, table: Mapping[str, Any], key: str, name: str, number: int) -> int | None:
        wanted = f"significant digits, 1 or more, at most {MOST_DIGITS}"
        found = self.number(table, key, name, number, None, lambda n: _whole(n) and n <= MOST_DIGITS, wanted)
        return None if found is None else int(found)

    def number(
        self,
        table: Mapping[str, Any],
        key: str,
        name: str,
        number: int,
        usual: Fraction | None,
        fits: Callable[[Fraction], bool],
        wanted: str,
    ) -> Fraction | None:
        value = table.get(key, usual)
        if value is None:
            return None
        if not isinstance(value, (int, Fraction)) or isinstance(value, bool) or not fits(Fraction(value)):
            self.fault(f"`{key}` is a number of {wanted}", name, number, key)
            return usual
        return Fraction(value)

    def apart(self, questions: list[QuizQuestion]) -> None:
        """Refuse names that a sheet could not tell apart."""
        seen: dict[str, str] = {}
        for number, question in enumerate(questions):
            name = bare(question.id)
            if question.id and not name:
                self.fault(
                    f"`{question.id}` is no name: letters and digits are needed", "question", number, "id"
                )
            elif name in seen:
                other = seen[name]
                message = (
                    f"two questions are `{other}`"
                    if other == question.id
                    else (f"`{question.id}` and `{other}` are the same name on a sheet")
                )
                self.fault(message, "question", number, "id")
            seen.setdefault(name, question.id)


def _brief(name: str) -> str:
    """A name for a message."""
    return name if len(name) <= 60 else f"{name[:59]}…"


def _as_written(place: Span, value: int | Fraction) -> str:
    """A number of the file in the words of the file, where they can be found: 1.10 is not 1.1."""
    found = re.search(r"=\s*([-+0-9._eE]+)\s*(#.*)?$", place.text)
    return found[1] if found else str(value)


def _whole(number: Fraction) -> bool:
    return number.denominator == 1 and 1 <= number <= LARGEST
