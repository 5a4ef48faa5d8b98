"""Templates: a quiz whose questions have values that are drawn, and conditions on what is drawn.

A quiz without any is a template too, whose every draw is the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from ..answers.matrices.asking import asks_values
from ..answers.misconceptions import CATALOGUE
from ..answers.quiz import Quiz, QuizQuestion
from ..answers.quiz_reading import GIVEN, TEMPLATE, QuizReader
from ..diagnostics import Diagnostic, SpecError, did_you_mean
from ..source import Source
from ..toml_places import Places
from ..toml_text import read_toml
from .formulas import TemplateFormula, TemplateFormulaError
from .values import FilledValue, TemplateValues

# The texts of a question that are as they stand: braces in all others are filled.
_NOT_FILLED = ("id", "kind")
# Draws that are tried until one meets all conditions.
MOST_DRAWS = 2000
# Conditions on one question or on all.
_WHERE = 100


class Demands:
    """What is demanded of every draw of a question.

    where            conditions on its values
    even             every window of the network fits exactly
    distinguishable  the misconceptions that its answer has to tell apart from the right one and from each
                     other: ids, or all that its quantity is there to find, as an empty tuple; None for
                     nothing
    """

    def __init__(
        self, where: list[TemplateFormula], even: bool = False, distinguishable: tuple[str, ...] | None = None
    ):
        self.where = where
        self.even = even
        self.distinguishable = distinguishable


class QuestionTemplate:
    """A question with braces in its texts.

    number   its place among the questions, from 0
    values   what may be drawn for its names
    demands  conditions on what is drawn
    shared   whether it has names in it that all questions share
    """

    def __init__(
        self,
        number: int,
        table: dict[str, Any],
        texts: dict[str, FilledValue],
        values: TemplateValues,
        demands: Demands,
    ):
        self.number = number
        self._table = table
        self._texts = texts
        self.values = values
        self.demands = demands
        used = set().union(*[text.names for text in texts.values()])
        for formula in [*demands.where, *values.derived.values()]:
            used |= formula.names
        self.shared = bool(used - set(values.names))

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The table of a question with values. Raises TemplateFormulaError."""
        texts = {key: text.filled(values) for key, text in self._texts.items()}
        return {**self._table, **texts}


class QuizTemplate:
    """A quiz with values that are drawn.

    places     where in the file everything stands
    values     what all questions share
    where      conditions on that
    questions  in their order
    distinct   no two questions of a variant have the same answer
    drawn      whether anything is drawn at all
    """

    def __init__(self, source: Source):
        """Raises SpecError, with the faults of the first part that has some."""
        table = read_toml(source)
        self.places = Places(source)
        self.source = source
        self._head = {key: value for key, value in table.items() if key not in TEMPLATE}
        self.values = self._values(table, "", 0)
        demands = self._demands(table, "", 0, self.values.names, None)
        self.where = demands.where
        self.distinct = self._flag(table, "distinct", "", 0) is True
        given = table.get("question", [])
        tables = given if isinstance(given, list) and all(isinstance(one, dict) for one in given) else []
        target = table.get("target")
        self.questions = [self._question(one, number, target, demands) for number, one in enumerate(tables)]
        self.drawn = bool(self.values.names) or any(one.values.names for one in self.questions)

    @classmethod
    def of(cls, text: str, name: str) -> QuizTemplate:
        """The template in a text. Raises SpecError."""
        return cls(Source(name, text))

    def reader(self, tables: list[dict[str, Any]] | None = None) -> QuizReader:
        """A reader of the quiz with these questions."""
        return QuizReader(self.places, {**self._head, **({"question": tables} if tables is not None else {})})

    def quiz(self, tables: list[dict[str, Any]]) -> Quiz:
        """The quiz with these questions. Raises SpecError, with all its faults."""
        made = self.reader(tables if self.questions else None).quiz()
        found: Quiz = made
        return found

    def question(self, table: dict[str, Any], number: int) -> QuizQuestion:
        """A question whose braces are filled. Raises SpecError, with all its faults."""
        reader = self.reader()
        made = reader.question(table, number)
        if reader.faults:
            raise SpecError(reader.faults)
        return made

    # Reading -----------------------------------------------------------------------------------

    def fault(self, message: str, table: str, number: int, key: str, *help: str) -> NoReturn:
        """Raise the fault of a key."""
        raise SpecError([Diagnostic("quiz", message, self.places.of(table, number, key), help=help)])

    def _question(
        self, given: dict[str, Any], number: int, target: object, common: Demands
    ) -> QuestionTemplate:
        name = "question"
        table = {key: value for key, value in given.items() if key not in TEMPLATE}
        if "target" not in table and isinstance(target, str):
            table["target"] = target
            if asks_values(str(table.get("ask", ""))) or any(key in table for key in GIVEN):
                table = {**{key: self._head[key] for key in GIVEN if key in self._head}, **table}
        values = self._values(given, name, number, self.values.names)
        known = [*self.values.names, *values.names]
        demands = self._demands(given, name, number, known, common)
        texts: dict[str, FilledValue] = {}
        for key, value in table.items() if known else ():
            if key in _NOT_FILLED:
                continue
            try:
                texts[key] = FilledValue(value)
            except TemplateFormulaError as error:
                self.fault(f"`{key}` has braces without a formula: {error}", name, number, key)
            self._names(texts[key].names, known, name, number, key)
        return QuestionTemplate(number, table, texts, values, demands)

    def _values(
        self, table: Mapping[str, Any], name: str, number: int, known: list[str] | None = None
    ) -> TemplateValues:
        given = table.get("values", {})
        if not isinstance(given, dict):
            self.fault("`values` is a table, as in k = [3, 5, 7]", name, number, "values")
        try:
            return TemplateValues(given, known or ())
        except TemplateFormulaError as error:
            where = f"{name}.values" if name else "values"
            at = number if self.places.has(where, number) else 0
            self.fault(f"{error}", where, at, "", 'as in k = [3, 5, 7], n = "28..64:4", p = "(k - 1) // 2"')

    def _demands(
        self, table: Mapping[str, Any], name: str, number: int, known: list[str], common: Demands | None
    ) -> Demands:
        given = table.get("where", [])
        texts = [given] if isinstance(given, str) else given
        if not isinstance(texts, list) or not all(isinstance(one, str) for one in texts):
            self.fault('`where` is a list of conditions, as in ["n % s == 0"]', name, number, "where")
        if len(texts) > _WHERE:
            self.fault(f"there are more than {_WHERE} conditions", name, number, "where")
        where = []
        for text in texts:
            try:
                where.append(TemplateFormula(text))
            except TemplateFormulaError as error:
                self.fault(f"`{text}` is no condition: {error}", name, number, "where")
            self._names(where[-1].names, known, name, number, "where")
        even = self._flag(table, "even", name, number)
        distinguishable = self._distinguishable(table, name, number)
        if common is None:
            return Demands(where, even is True, distinguishable)
        return Demands(
            where,
            common.even if even is None else even,
            common.distinguishable if "distinguishable" not in table else distinguishable,
        )

    def _names(self, names: set[str], known: list[str], name: str, number: int, key: str) -> None:
        for one in sorted(names - set(known)):
            help = (*did_you_mean(one, known), f"there are {', '.join(known)}" if known else "there are none")
            self.fault(f"there is no value `{one}`", name, number, key, *help)

    def _flag(self, table: Mapping[str, Any], key: str, name: str, number: int) -> bool | None:
        found = table.get(key)
        if found is None or isinstance(found, bool):
            return found
        self.fault(f"`{key}` is true or false", name, number, key)

    def _distinguishable(self, table: Mapping[str, Any], name: str, number: int) -> tuple[str, ...] | None:
        found = table.get("distinguishable", False)
        if isinstance(found, bool):
            return () if found else None
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            message = "`distinguishable` is true, or a list of misconceptions"
            self.fault(message, name, number, "distinguishable", 'as in ["pad-ignored", "stride-ignored"]')
        for one in found:
            if one not in CATALOGUE:
                message = f"there is no misconception `{one}`"
                self.fault(message, name, number, "distinguishable", *did_you_mean(one, CATALOGUE))
        return tuple(found)
