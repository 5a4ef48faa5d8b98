"""Quizzes: what is asked, how it is counted, what an answer is worth.

A quiz is TOML: ``title``, perhaps a ``target`` for all questions, ``[conventions]``, ``[marks]``
and a ``[[question]]`` each. Every fault of it points at the file and the key.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from ..analysis.totals import DTYPES
from ..diagnostics import MOST_ERRORS, Diagnostic, SpecError, did_you_mean, fail
from ..files import read_bytes
from ..loading.two_sizes import pair
from ..loading.unsized import depends, unsized
from ..quantities import called
from ..source import Source, Span
from .conventions import Conventions
from .marking import Marks
from .places import Places
from .quiz_item import QuizItem
from .sheets.names import bare
from .toml import read_toml
from .units import unit_called, unit_in

if TYPE_CHECKING:
    from ..loading import LoadedNetwork

_TOP = ("title", "target", "batch", "dtype", "conventions", "marks", "question", "students")
_STUDENT = ("decimal",)
_QUESTION = ("id", "target", "ask", "points", "key", "digits", "text", "unit")
# Shares of a question's points, by the key in a quiz: of which verdict, or of what explains it.
_SHARES = {
    "rounded": "rounded",
    "convention": "convention",
    "follow-through": "follow-through",
    "cut_off": "cut-off",
    "wrong": "wrong",
}
_MARKS = (*_SHARES, "approximate", "misconceptions")


# Images of a batch, and significant digits, at most.
LARGEST, MOST_DIGITS = 10**9, 100


class QuizQuestion(NamedTuple):
    """A question of a quiz.

    id      as the sheets name it
    target  the network, as text
    ask     ``[LAYER.]QUANTITY``: ``output``, ``conv1.params``, ``total.macs``
    points  what it is worth
    key     the teacher's own answer, as written; empty for none
    digits  significant digits that are enough; None where nothing is said
    text    the question in words, for reports; empty for none
    unit    in which a number is wanted, ``KiB``; where it is empty, as the text says it
    """

    id: str
    target: str
    ask: str
    points: Fraction = Fraction(1)
    key: str = ""
    digits: int | None = None
    text: str = ""
    unit: str = ""

    @property
    def stated_unit(self) -> tuple[str, str]:
        """The scale and the unit in which a number is wanted; empty where that is the plain one."""
        return unit_called(self.unit) or unit_in(self.text) or ("", "")


class Quiz(NamedTuple):
    """A quiz: its title, conventions and marks, images of a batch and type of values where memory
    is asked for, whether ``~`` widens an answer by a unit of its last digit, the questions in their
    order, where in the file all this stands, and the decimal signs of single students by their names."""

    title: str
    conventions: Conventions
    marks: Marks
    batch: int
    dtype: str
    approximate: bool
    questions: tuple[QuizQuestion, ...]
    places: Places
    decimals: tuple[tuple[str, str], ...] = ()

    def decimal_of(self, *names: str) -> str:
        """The decimal sign that the quiz states of a student, by any of the names; empty for none."""
        return next((sign for name, sign in self.decimals if name in names), "")

    @property
    def points(self) -> Fraction:
        """Points of all questions together."""
        return sum([question.points for question in self.questions], Fraction(0))

    @property
    def texts(self) -> dict[str, str]:
        """The questions in words, by id, those that have them."""
        return {question.id: question.text for question in self.questions if question.text}

    @property
    def quantities(self) -> dict[str, str]:
        """What each question asks for, ``output`` or ``params``, by its id."""
        asked = {question.id: called(question.ask.rpartition(".")[2]) for question in self.questions}
        return {id: meant.number or meant.name for id, meant in asked.items() if meant is not None}

    def items(self) -> list[QuizItem]:
        """The questions, each on the graph of its network. Raises SpecError, with all faults."""
        from .question import Question, Subject

        subjects: dict[str, Subject | None] = {}
        others: dict[str, Subject] = {}  # networks of targets that state no size, in the size asked about
        faults: list[Diagnostic] = []
        found = []
        for number, question in enumerate(self.questions):
            target = question.target
            if target not in subjects:
                subjects[target] = None  # what is wrong with it is reported once
                try:
                    made = [
                        Subject(network.graph, batch=self.batch, dtype=self.dtype)
                        for network in self.networks(target)
                    ]
                    subjects[target] = made[0]
                    if len(made) > 1:
                        others[target] = made[1]
                except SpecError as error:
                    named = self.places.has("question", number, "target")
                    faults += self.places.blamed(error, "question" if named else "", number, "target")
            subject = subjects[target]
            if subject is None:
                continue
            try:
                asked = Question.read(subject, question.ask, self.conventions)
                if target in others:
                    other = Question.read(others[target], question.ask, self.conventions)
                    if other.plain != asked.plain:
                        raise depends(asked.name, target)
                asked.stated_unit = question.stated_unit
                found.append(QuizItem(question.id, asked, question.points, question.digits))
            except SpecError as error:
                faults += self.places.blamed(error, "question", number, "ask")
            if len(faults) >= MOST_ERRORS:
                break  # the rest is no news
        if faults:
            raise SpecError(faults)
        return found

    def networks(self, target: str) -> tuple[LoadedNetwork, ...]:
        """The network of a question; two of different sizes where its input has none. Raises
        SpecError."""
        return pair(target, self.network) if unsized(target) else (self.network(target),)

    def network(self, target: str) -> LoadedNetwork:
        """The network of a question; a file is looked for beside the quiz. Raises SpecError."""
        from ..loading import LoadedNetwork
        from ..loading.targets import module_of, runs_no_code

        if not target.isprintable():
            raise fail("target", "a target holds a character that cannot be read")
        if module_of(target) is not None:
            raise runs_no_code(target, "a quiz")
        path = target.partition(":")[0]
        if "->" not in target and path.endswith(".arch"):
            folder = os.path.dirname(self.places.source.name)
            target = os.path.join(folder, target)
        elif target.strip() == "-":
            raise fail("target", "a quiz reads no standard input")
        return LoadedNetwork.of(target)


def read_quiz(path: str) -> Quiz:
    """The quiz in a file. Raises SpecError, with all faults."""
    from .sheets.decoding import LARGEST, NotTextError, decoded

    try:
        text = decoded(read_bytes(path, LARGEST))
    except OSError as error:
        why = (error.strerror or "unreadable").lower()
        raise fail("file", f"cannot read {path}: {why}") from None
    except NotTextError as error:
        raise fail("file", f"cannot read {path}: {error}") from None
    return parse_quiz(text, path)


def parse_quiz(text: str, name: str = "<quiz>") -> Quiz:
    """The quiz in a text. Raises SpecError, with all faults."""
    source = Source(name, text)
    return _Reader(Places(source), read_toml(source)).quiz()


class _Reader:
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
        conventions = self.conventions()
        marks = self.marks()
        batch = self.number(
            self.table, "batch", "", 0, Fraction(1), _whole, f"images, 1 or more, at most {LARGEST:,}"
        )
        dtype = self.text(self.table, "dtype", "", 0) or "fp32"
        if dtype not in DTYPES:
            self.fault(
                f"there is no dtype `{_brief(dtype)}`",
                "",
                0,
                "dtype",
                *did_you_mean(dtype, DTYPES),
                f"there are {', '.join(DTYPES)}",
            )
        approximate = self.section("marks").get("approximate", False)
        if not isinstance(approximate, bool):
            self.fault("`approximate` is true or false", "marks", 0, "approximate")
        questions = self.questions()
        decimals = list(self.decimals())
        if self.faults:
            raise SpecError(self.faults)
        return Quiz(
            title,
            conventions,
            marks,
            int(batch or 1),
            dtype,
            approximate,
            tuple(questions),
            self.places,
            tuple(decimals),
        )

    def known(self, table: Mapping[str, Any], keys: tuple[str, ...], name: str, number: int) -> None:
        for key in table:
            if key not in keys:
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

    def conventions(self) -> Conventions:
        given = {}
        words = {True: "yes", False: "no"}
        for key, value in self.section("conventions").items():
            choice = words[value] if isinstance(value, bool) else str(value)
            try:
                Conventions({key: choice})
                given[key] = choice
            except SpecError as error:
                self.add(self.places.blamed(error, "conventions", 0, key))
        return Conventions(given)

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
        of = section.get("misconceptions", {})
        if not isinstance(of, dict):
            self.fault("`misconceptions` is a table: [marks.misconceptions]", "marks", 0, "misconceptions")
            of = {}
        by_id = {key: self.share(value, "marks.misconceptions", key) for key, value in of.items()}
        try:
            return Marks(shares, by_id)
        except SpecError as error:
            self.add(self.places.blamed(error, "marks"))
            return Marks()

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
        texts = {key: self.text(table, key, name, number) for key in ("id", "ask", "key", "text", "unit")}
        target = self.text(table, "target", name, number) or self.text(self.table, "target", "", 0)
        for key, value in (("id", texts["id"]), ("ask", texts["ask"]), ("target", target)):
            misread = key in table and not isinstance(table[key], str)  # and said so
            if not value and not misread:
                which = f"question `{texts['id']}`" if texts["id"] else f"question {number + 1}"
                self.fault(f"{which} has no `{key}`", name, number, key)
        if texts["unit"] and unit_called(texts["unit"]) is None:
            self.fault(
                f"there is no unit `{_brief(texts['unit'])}`", name, number, "unit", "KiB, MB, million …"
            )
        points = self.number(
            table,
            "points",
            name,
            number,
            Fraction(1),
            lambda n: 0 <= n <= 10**6,
            "points, 0 or more, at most 1,000,000",
        )
        digits = self.number(
            table,
            "digits",
            name,
            number,
            None,
            lambda n: _whole(n) and n <= MOST_DIGITS,
            f"significant digits, 1 or more, at most {MOST_DIGITS}",
        )
        return QuizQuestion(
            texts["id"],
            target,
            texts["ask"],
            points or Fraction(0),
            texts["key"],
            None if digits is None else int(digits),
            texts["text"],
            texts["unit"],
        )

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
