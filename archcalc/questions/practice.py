"""A practice: one question after the other, hints, further tries, and what comes back when.

The steps of a pool stand in a row. A question that is right at the first try sends its step to the end of
the row. Any other sends it back among the next ones: the first time behind two others, then behind four,
six and so on; behind twice as many where it was right in the end. It is asked again with other numbers, and
with such for which the misconception that was seen comes to another value than the right one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from ..analysis.notation import written
from ..answers.audit import CORE
from ..answers.classroom import written_answer
from ..answers.decimal_signs import sign_of
from ..answers.diagnosis import Diagnosis
from ..answers.marking import Examiner
from ..answers.misconceptions import CATALOGUE
from ..answers.verdict import BLANK, UNREADABLE, Verdict
from ..answers.working import WorkingLine
from .drawing import SeededStream
from .pools import MOST_LOOKED_AT, PracticeKind, QuestionPool
from .posed import PosedQuestion

# Wrong answers to a question, then its solution is shown; and answers that cannot be read.
MOST_TRIES, MOST_UNREAD = 2, 5
# Verdicts on what is no try.
_NO_TRY = (UNREADABLE, BLANK)
# Behind how many other questions a step comes back that was not right, the first time.
BACK = 2
# How a question ended: right at the first try, right with help, not; and left before it was answered.
FIRST, HELPED, NOT, LEFT = "first", "helped", "not", "left"
OUTCOMES = (FIRST, HELPED, NOT, LEFT)
# The hints of a question, in their order.
LEADING, FORMULA, SOLUTION = "leading", "formula", "solution"


class PracticeTurn:
    """A question that is practised, and what became of it.

    number    counted from 1
    step      the step of the pool that it is of
    question  as it is set
    again     it came back: an earlier one of the step went wrong
    verdicts  on the answers, in their order; those that could not be read are among them
    hints     the hints that were given
    outcome   one of OUTCOMES
    """

    def __init__(self, number: int, step: int, question: PosedQuestion, again: bool):
        self.number = number
        self.step = step
        self.question = question
        self.kind = PracticeKind.of_question(question)
        self.again = again
        self.verdicts: list[Verdict] = []
        self.hints: list[str] = []
        self.outcome = LEFT
        self.ended = False
        self._unread = 0
        if question.choices:
            question.item.options = tuple([choice.text for choice in question.choices])
        self._examiner = Examiner([question.item])

    def answered(self, text: str, decimal: str) -> Verdict:
        """The verdict on an answer, which may end the question."""
        item = self.question.item
        verdict = self._examiner.mark({item.id: written_answer(item, text, decimal)})[item.id]
        self.verdicts.append(verdict)
        self._unread += verdict.kind in _NO_TRY
        if verdict.right:
            self.outcome = HELPED if self.wrong or self.hints else FIRST
            self.ended = True
        elif len(self.wrong) >= MOST_TRIES or self._unread >= MOST_UNREAD:
            self.given_up()
        return verdict

    def hinted(self) -> str:
        """The next hint that there is; the last is the solution, which ends the question."""
        hint = next(one for one in self._hints() if one not in self.hints)
        self.hints.append(hint)
        if hint == SOLUTION:
            self.given_up()
        return hint

    def given_up(self) -> None:
        """End the question without a right answer."""
        self.outcome = NOT
        self.ended = True

    @property
    def wrong(self) -> Sequence[Verdict]:
        """The verdicts on answers that were wrong."""
        return [verdict for verdict in self.verdicts if not verdict.right and verdict.kind not in _NO_TRY]

    @property
    def misconceptions(self) -> list[str]:
        """The misconceptions that wrong answers are consistent with first, by their ids."""
        found = [verdict.readings[0].ids for verdict in self.wrong if verdict.readings]
        return list(dict.fromkeys([id for ids in found for id in ids if id in CATALOGUE]))

    @property
    def leading(self) -> str:
        """Questions that lead on, and give nothing away: those after the last wrong answer. Before one, that
        on a misconception which such a question is there to find, else on any that changes its value. Empty
        for none."""
        wrong = self.wrong
        if wrong and wrong[-1].hints:
            return " ".join(wrong[-1].hints)
        seen = _ids(self._in_numbers)
        core = [id for id in CORE.get(self._in_numbers.asked.quantity, {}) if id in seen]
        hints = [CATALOGUE[id].hint for id in [*core, *seen]]
        return next(filter(None, hints), "")

    @property
    def formula(self) -> Sequence[WorkingLine]:
        """How the value comes about, line by line, where that has names for its numbers."""
        working = self._in_numbers.working
        lines = working.lines if working is not None else ()
        return [line for line in lines if written(line.made) != written(line.made, numbers=True)]

    @cached_property
    def _in_numbers(self) -> Diagnosis:
        return _in_numbers(self.question)

    def _hints(self) -> Iterator[str]:
        if self.leading:
            yield LEADING
        if self.formula:
            yield FORMULA
        yield SOLUTION


class _WaitingStep(NamedTuple):
    """A step of the row: how often in turn it was not right, and the misconceptions to be shown."""

    number: int
    failed: int = 0
    shows: tuple[str, ...] = ()


class Practice:
    """A practice of so many questions, drawn from a seed.

    turns  the questions that were asked, in their order
    """

    def __init__(self, pool: QuestionPool, seed: int, count: int):
        self.pool = pool
        self.seed = seed
        self.count = count
        self.turns: list[PracticeTurn] = []
        self._row = [_WaitingStep(number) for number in range(pool.steps)]
        self._asked: set[str] = set()
        self._answers: list[tuple[str, str]] = []

    def next(self) -> PracticeTurn | None:
        """The next question; None at the end. Raises SpecError."""
        while self._row and len(self.turns) < self.count:
            step = self._row[0]
            question = self._drawn(step)
            if question is None:  # all of it was asked, and right
                self._row.pop(0)
                continue
            self._asked.add(question.text)
            turn = PracticeTurn(len(self.turns) + 1, step.number, question, bool(step.failed))
            self.turns.append(turn)
            return turn
        return None

    def answer(self, text: str) -> Verdict:
        """The verdict on an answer to the question that was asked last."""
        turn = self.turns[-1]
        item = turn.question.item
        self._answers.append((text, item.asked.quantity))
        return turn.answered(text, sign_of(item.asked.conventions["decimal"], self._answers))

    def settled(self) -> None:
        """Send the step of a question that is over to its place in the row."""
        turn = self.turns[-1]
        step = self._row.pop(0)
        if turn.outcome == FIRST:
            self._row.append(_WaitingStep(step.number))
            return
        failed = step.failed + 1
        behind = BACK * failed * (2 if turn.outcome == HELPED else 1)
        shows = tuple(turn.misconceptions) or step.shows
        self._row.insert(behind, _WaitingStep(step.number, failed, shows))

    def _drawn(self, step: _WaitingStep) -> PosedQuestion | None:
        """A question of a step: a new one that shows the misconceptions, else a new one, else, of a step
        that was not right, one that was asked before."""
        stream = SeededStream(f"{self.seed} practice {len(self.turns) + 1}")
        fallback: PosedQuestion | None = None
        known: PosedQuestion | None = None
        for number, question in enumerate(self.pool.draws(step.number, stream)):
            if question.text in self._asked:
                known = known or question
            elif not step.shows or _shows(question, step.shows):
                return question
            else:
                fallback = fallback or question
            if number + 1 >= MOST_LOOKED_AT:
                break
        return fallback or (known if step.failed else None)


def _shows(question: PosedQuestion, ids: Sequence[str]) -> bool:
    """Whether wrong values of a question come from one of these misconceptions."""
    return any(id in _ids(_in_numbers(question)) for id in ids)


def _in_numbers(question: PosedQuestion) -> Diagnosis:
    """The diagnosis of a question; of one in letters, that of its numbers in some case."""
    item = question.item
    return item.diagnosis if item.letters is None else Diagnosis(item.asked)


def _ids(diagnosis: Diagnosis) -> dict[str, None]:
    """The misconceptions that come to wrong values, in the order of the catalogue."""
    return dict.fromkeys(
        [id for hypotheses in diagnosis.singles.values() for one in hypotheses for id in one.ids]
    )
