"""`archcalc check` of answers in letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..diagnostics import fail
from ..loading.letters import LetteredChain, one_quantity
from ..report.answer import Answer
from .answer import write_answer
from .check_shared import CheckOptions, given_conventions
from .options import writes_sheets

if TYPE_CHECKING:
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


def marked_letters(chain: LetteredChain, words: Sequence[str], options: CheckOptions) -> int:
    """Mark answers about a chain in letters. Raises SpecError."""
    from ..answers.in_letters import LetterQuestion, LetterVerdict
    from ..answers.letter_items import mark_following
    from ..report.screens.check_letters import LetterAnswers

    if options.hint and not writes_sheets(options.format):
        raise fail("usage", "--hint is for the screen", "leave out --format")
    if (refused := one_quantity(words)) is not None:
        raise refused
    conventions = given_conventions(options)
    questions: list[LetterQuestion] = []
    verdicts: list[LetterVerdict] = []
    for word in words:
        ask, sign, text = word.partition("=")
        if not sign:
            raise fail(
                "usage", f"`{word}` is no answer: it is QUANTITY=FORMULA", "as in params='k(3f^2 + 1)'"
            )
        question = LetterQuestion(
            chain, ask.strip(), conventions, options.batch, options.dtype, options.layout
        )
        if question.name in [other.name for other in questions]:
            raise fail("argument", f"`{question.name}` is answered twice")
        questions.append(question)
        verdicts.append(question.mark(text.strip()))
    mark_following(questions, verdicts)
    taught = options.verbose or options.solution
    marked = LetterAnswers(chain.text, questions, verdicts, options.hint, taught)

    def record() -> dict[str, Any]:
        from ..report.records.checking import letter_answers_record

        return letter_answers_record(marked, conventions)

    def table() -> FlatTable:
        from ..report.screens.check_letters import letter_answer_records
        from ..report.screens.class_tables import MARKED

        def rows() -> Iterator[list[Any]]:
            for one in letter_answer_records(marked):
                readings = " | ".join([reading["words"] for reading in one["readings"]])
                yield [
                    *[one[key] for key in ("question", "layer", "quantity", "answer", "verdict", "right")],
                    one["convention"] or readings,
                    *[
                        one[key] if one[key] is not None else ""
                        for key in ("points", "kind", "reason", "unit")
                    ],
                ]

        return MARKED, rows()

    def sheets(space: Space) -> list[Sheet]:
        from ..report.screens.check_letters import letter_answer_sheets

        return letter_answer_sheets(marked, space)

    write_answer(Answer(record, table, sheets), options)
    return 0 if all(verdict.holds for verdict in verdicts) else 1
