"""Variants of a template: values drawn until everything that is demanded of them holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..answers.quiz import Quiz, QuizSubjects
from ..diagnostics import Diagnostic, SpecError
from .choices import ChoiceError, drawn_choices
from .demands import unmet
from .drawing import SeededStream, variant_seed
from .formulas import TemplateFormula, TemplateFormulaError
from .posed import PosedQuestion, PosedQuiz, QuizVariant, variant_names
from .templates import MOST_DRAWS, QuestionTemplate, QuizTemplate
from .values import TemplateValues
from .wording import question_text

# Draws of what all questions of a variant share.
MOST_SHARED = 200


class Refused(NamedTuple):
    """Why values are not taken.

    demand   which demand they do not meet
    details  what is wrong with these values; perhaps empty
    """

    demand: str
    details: str = ""


def posed_variants(template: QuizTemplate, seed: int = 1, count: int = 1) -> PosedQuiz:
    """So many variants of a template, each from a seed of its own.

    Raises:
        SpecError: For a fault of the template, and where no values meet its conditions.
    """
    maker = VariantMaker(template)
    made = [
        maker.variant(number, name, variant_seed(seed, number))
        for number, name in enumerate(variant_names(count), 1)
    ]
    return PosedQuiz(maker.quiz, seed, tuple(made))


class VariantMaker:
    """Draws variants, and keeps what is worked out of values that are met again."""

    def __init__(self, template: QuizTemplate):
        self.template = template
        self.quiz = self._first_quiz()
        self._subjects = QuizSubjects(self.quiz)
        self._posed: dict[tuple[int, int, int], PosedQuestion | Refused] = {}
        if not template.drawn:
            self.quiz.items()  # which raises all faults at once

    def _first_quiz(self) -> Quiz:
        """The quiz with the first values that its conditions allow: its faults are those of the file."""
        template = self.template
        shared = self._first(template.values, {}, template.where, "", 0)
        tables = []
        for question in template.questions:
            place = "question", question.number
            values = self._first(question.values, shared, question.demands.where, *place)
            try:
                tables.append(question.filled(values))
            except TemplateFormulaError as error:
                template.fault(str(error), *place, "")
        return template.quiz(tables)

    def _first(
        self,
        values: TemplateValues,
        known: Mapping[str, Any],
        where: Sequence[TemplateFormula],
        table: str,
        number: int,
    ) -> dict[str, Any]:
        """The first values that conditions allow, else the first of all. Raises SpecError where even these
        cannot be worked out."""
        why = ""
        first: dict[str, Any] | None = None
        for draw in range(min(values.size, MOST_DRAWS)):
            try:
                found = values.assigned(draw, known)
                first = first or found
                if all(one.holds(found) for one in where):
                    return found
            except TemplateFormulaError as error:
                why = why or str(error)
        if first is None:
            self.template.fault(why, table, number, "values")
        return first

    def variant(self, number: int, name: str, seed: int) -> QuizVariant:
        """A variant. Raises SpecError where no draw meets all conditions."""
        template = self.template
        stream = SeededStream(f"{seed} shared")
        refused: Counter[tuple[int, Refused]] = Counter()
        tries = MOST_SHARED if template.values.choices else 1
        for _ in range(tries):
            at = stream.below(template.values.size)
            shared = self._shared(at)
            if isinstance(shared, Refused):
                refused[-1, shared] += 1
                continue
            found = self._questions(seed, at, shared, refused)
            if found is not None:
                return QuizVariant(number, name, seed, found)
        (question, reason), _ = refused.most_common(1)[0]
        table = "question" if question >= 0 else ""
        message = f"no values were found in the draws of variant {name}: {reason.demand}"
        help = [reason.details] if reason.details else []
        place = template.places.of(table, max(question, 0), "")
        raise SpecError([Diagnostic("quiz", message, place, help=help)])

    def drawn(self, number: int, stream: SeededStream) -> PosedQuestion | None:
        """One question of the template alone, its number counted from 0; None where no draw meets all
        conditions."""
        template = self.template
        refused: Counter[tuple[int, Refused]] = Counter()
        self._subjects = QuizSubjects(self.quiz)
        for _ in range(MOST_SHARED if template.values.choices else 1):
            at = stream.below(template.values.size)
            shared = self._shared(at)
            if not isinstance(shared, Refused):
                found = self._question(template.questions[number], stream, at, shared, set(), refused)
                if found is not None:
                    return found
        return None

    def _shared(self, number: int) -> dict[str, Any] | Refused:
        values = self.template.values
        try:
            found = values.assigned(number, {})
            for condition in self.template.where:
                if not condition.holds(found):
                    return Refused(f"`{condition.text}` does not hold")
        except TemplateFormulaError as error:
            return Refused(str(error))
        return found

    def _questions(
        self, seed: int, at: int, shared: Mapping[str, Any], refused: Counter[tuple[int, Refused]]
    ) -> tuple[PosedQuestion, ...] | None:
        found: list[PosedQuestion] = []
        answers: set[str] = set()
        self._subjects = QuizSubjects(self.quiz)  # networks that several questions are about
        for question in self.template.questions:
            id = self.quiz.questions[question.number].id
            stream = SeededStream(f"{seed} {id}")
            posed = self._question(question, stream, at, shared, answers, refused)
            if posed is None:
                return None
            answers.add(repr(posed.value))
            found.append(posed)
        return tuple(found)

    def _question(
        self,
        question: QuestionTemplate,
        stream: SeededStream,
        at: int,
        shared: Mapping[str, Any],
        answers: set[str],
        refused: Counter[tuple[int, Refused]],
    ) -> PosedQuestion | None:
        size = question.values.size
        bad: set[int] = set()
        reasons: Counter[tuple[int, Refused]] = Counter()  # they matter only where no draw is taken
        for _ in range(MOST_DRAWS if size > 1 else 1):
            number = stream.below(size)
            if number in bad:
                if len(bad) == size:
                    break
                continue
            key = (question.number, number, at if question.shared else 0)
            made = self._posed.get(key)
            if made is None:
                made = self._posed[key] = self._tried(question, number, shared)
            if isinstance(made, PosedQuestion) and self.template.distinct and repr(made.value) in answers:
                made = Refused("its answer is that of another question of the variant (`distinct`)")
            if isinstance(made, PosedQuestion):
                try:
                    return made._replace(choices=drawn_choices(made, stream))
                except ChoiceError as error:
                    made = self._posed[key] = Refused(str(error), "a smaller `choices`, or other values")
            reasons[question.number, made] += 1
            bad.add(number)
        refused.update(reasons)
        return None

    def _tried(
        self, question: QuestionTemplate, number: int, shared: Mapping[str, Any]
    ) -> PosedQuestion | Refused:
        """The question with the values of a draw, or why they are refused."""
        try:
            values = question.values.assigned(number, shared)
            for condition in question.demands.where:
                if not condition.holds(values):
                    return Refused(f"`{condition.text}` does not hold")
            table = question.filled(values)
        except TemplateFormulaError as error:
            return Refused(str(error))
        try:
            asked = self.template.question(table, question.number)
            network = self._subjects.network(asked)
            item = self._subjects.item(asked)
        except SpecError as error:
            shown = ", ".join([f"{name} = {value}" for name, value in values.items()])
            first = error.diagnostics[0].message
            if not self.template.drawn:
                raise
            return Refused(first, f"with {shown}" if shown else "")
        reason = unmet(question.demands, asked, network, item)
        if reason:
            return Refused(reason)
        return PosedQuestion(asked, question_text(asked, item), item, (), asked.figure, table)
