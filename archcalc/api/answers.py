"""Marked answers: what ``archcalc.check()`` gives, and each answer of a sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .text import Report, as_text

if TYPE_CHECKING:
    from ..answers.assumptions import Reading
    from ..answers.conventions import Conventions
    from ..answers.quiz_item import QuizItem
    from ..answers.verdict import Verdict
    from ..report.flat import FlatTable
    from ..report.screens.check_letters import LetterAnswers
    from ..report.screens.check_words import MarkedAnswers
    from ..report.sheet import Sheet, Space


class MarkedAnswer(Report):
    """An answer with its verdict; a table where it is shown in a notebook.

    Attributes:
        question: The id of the question in the quiz, or ``LAYER.QUANTITY``.
        answer: What was written.
        verdict: ``right``, ``rounded``, ``convention``, ``follow-through``, ``wrong``, ``decided``,
            ``unreadable`` or ``blank``.
        right: Whether it is right, perhaps rounded or by another convention.
        value: The right value: an int, a shape, or sizes.
        points: The points for it, an exact ``Fraction``.
        of: The points of the question.
        open: Points that a person has still to decide upon.
        readings: What a wrong answer is consistent with, the likeliest first: each has ``ids``, ``words``,
            ``value``, ``kind`` and ``explanation``.
        kind: What explains it: ``slip``, ``misconception``, ``convention``, ``cut-off``, ``factor``; empty
            where nothing does.
        convention: The convention under which it is right, where that is another one.
        reason: Why it is not simply right, in sentences; empty where nothing is known.

    Example:
        >>> answer = archcalc.check("32x32x3 -> conv 5x5 10 pad=2", "params", "750")
        >>> answer.verdict, answer.value, answer.readings[0].ids
        ('wrong', 760, ('bias-forgotten',))
    """

    def __init__(self, item: QuizItem, verdict: Verdict, conventions: Conventions):
        self._item = item
        self._verdict = verdict
        self._conventions = conventions
        self.question: str = item.id
        self.answer: str = verdict.written.text
        self.verdict: str = verdict.kind
        self.right: bool = verdict.right
        self.value: Any = verdict.value
        self.points: Fraction = verdict.points
        self.of: Fraction = item.points
        self.open: Fraction = verdict.open
        self.readings: tuple[Reading, ...] = verdict.readings
        self.kind: str = verdict.explained
        self.convention: str = verdict.convention
        self.reason: str = verdict.reason

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.question}={self.answer!r}: {self.verdict}>"

    @property
    def sentence(self) -> str:
        """The verdict in a sentence, with the right value or what a wrong one is consistent with.

        Example:
            >>> archcalc.check("32x32x3 -> conv 5x5 10 pad=2", "params", "750").sentence
            'wrong, consistent with bias forgotten'
        """
        return self._sentence(False)

    @property
    def hint(self) -> str:
        """The verdict, and one step that leads on, without any right value.

        Example:
            >>> archcalc.check("32x32x3 -> conv 5x5 10 pad=2", "params", "750").hint
            'not yet: Is there anything in a filter besides the weights of its window?'
        """
        return self._sentence(True)

    @property
    def solution(self) -> str:
        """How the right value comes about: formulas, and the numbers put in.

        Example:
            >>> text = archcalc.check("32x32x3 -> conv 5x5 10 pad=2", "params", "750").solution
            >>> "(5 · 5 · 3 + 1) · 10 = 760" in text
            True
        """
        from ..report.screens.solutions import solution_sheets
        from ..report.sheet import PAGE, screen

        return as_text(screen(solution_sheets(self._item.diagnosis, PAGE), PAGE))

    def to_dict(self) -> dict[str, Any]:
        """Give the record of the answer, as ``--format json`` writes it.

        Returns:
            Dicts, lists, strings and numbers alone.

        Example:
            >>> quiz = {"target": "8x8x3 -> conv 3x3 8", "question": [{"id": "1", "ask": "params"}]}
            >>> archcalc.mark(quiz, {"1": "216"}).sheets[0].answers["1"].to_dict()["points"]
            0
        """
        from ..report.records.verdicts import verdict_record

        return verdict_record(self._item.id, self._verdict, self._item.points)

    def _marked(self, hint: bool = False) -> MarkedAnswers:
        from ..report.screens.check_words import MarkedAnswers

        return MarkedAnswers([self._item], {self._item.id: self._verdict}, self._conventions, hint)

    def _sentence(self, hint: bool) -> str:
        from ..report.lines import plain
        from ..report.sheet import PAGE

        return plain(self._marked(hint).sentence(self._item, PAGE))

    def _flat_table(self) -> FlatTable:
        """A line."""
        from ..report.screens.class_tables import marked_table

        return marked_table([self._item], {self._item.id: self._verdict})

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """The verdict, and the arithmetic of both sides."""
        from ..report.screens.check import answers_sheets

        return answers_sheets(self._item.asked.graph, self._marked(), space)


class AnswerReport(MarkedAnswer):
    """What ``archcalc.check()`` returns: one answer with its verdict; the screen where it is printed.

    It has the attributes of ``MarkedAnswer``.

    Example:
        >>> answer = archcalc.check("vgg16", "total.params", "138M", digits=3)
        >>> answer.verdict, answer.points, answer.value
        ('rounded', Fraction(1, 1), 138357544)
    """

    def to_dict(self) -> dict[str, Any]:
        """Give all that was found, as ``archcalc check TARGET QUESTION=ANSWER --format json`` writes it.

        Returns:
            Dicts, lists, strings and numbers alone.

        Example:
            >>> archcalc.check("lenet5", "c1.params", "150").to_dict()["answers"][0]["right"]
            156
        """
        from ..report.records.checking import answers_record, letter_answers_record

        letters = self._in_letters()
        if letters is not None:
            return letter_answers_record(letters, self._conventions)
        return answers_record(self._item.asked.graph.metadata.name, self._marked())

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """The screen of `archcalc check`."""
        from ..report.screens.check_letters import letter_answer_sheets

        letters = self._in_letters()
        return super()._sheets(space) if letters is None else letter_answer_sheets(letters, space)

    def _in_letters(self) -> LetterAnswers | None:
        """The answer to a question in letters; None for one in numbers."""
        from ..report.screens.check_letters import LetterAnswers

        question = self._item.letters
        if question is None:
            return None
        return LetterAnswers(question.chain.text, [question], [question.mark(self.answer)])


def _formula_text(answer: Any) -> str:
    """A formula as a student would write it; of a list one for each size."""
    from ..answers.sheets.given import answer_text

    if isinstance(answer, (list, tuple)) and answer:
        return " x ".join([f"({part})" for part in answer])
    return answer_text(answer)


def check(
    target: Any,
    question: str,
    answer: Any,
    *,
    input: Any = None,
    batch: int = 1,
    dtype: str = "fp32",
    layout: str = "hwc",
    conventions: Mapping[str, str | bool] | None = None,
    points: int | float | Fraction = 1,
    digits: int | None = None,
    on: Any = None,
    kernels: Any = None,
    biases: Any = None,
    statistics: Mapping[str, Any] | None = None,
    flip: bool = False,
    **parameters: Any,
) -> AnswerReport:
    """Mark one answer about a network, and say what a wrong one is consistent with.

    Args:
        target: A network, or a target as ``archcalc.load`` takes it; or a chain with letters in the place of
            numbers, ``"m x n x 3 -> conv f x f k"``, whose answers are formulas in these letters.
        question: What is asked, ``[LAYER.]QUANTITY``: ``params`` of a chain's last layer, ``conv1.output``,
            ``total.macs``.
        answer: What the student wrote: a text, or a number, or a list of sizes. None is blank.
        input: Another input shape, as in ``archcalc.load``.
        batch: Images per batch, from 1, where operations or memory are asked for.
        dtype: The type of values, as in ``Network.summary``.
        layout: The order of the axes in shapes, also in the answer: ``hwc`` or ``chw``.
        conventions: How something is counted, by the names of a quiz's ``[conventions]``:
            ``{"bias": "no", "decimal": "comma"}``.
        points: What a right answer is worth.
        digits: Significant digits to which an answer may be rounded and still get all points.
        on: A matrix that the layers of ``target`` are given, as in ``archcalc.apply``. The question is then
            ``values``, ``pool1.values`` or ``values[1,2]``, and the answer a text, nested lists or an array.
            Of ``time``, ``traffic`` and ``intensity`` the device, as ``Network.time`` takes it.
        kernels: See ``archcalc.apply``.
        biases: See ``archcalc.apply``.
        statistics: See ``archcalc.apply``.
        flip: Whether kernels are turned round first.
        parameters: Parameters of the network, as in ``archcalc.load``.

    Returns:
        The marked answer.

    Raises:
        SpecError: For a target that is none, a question that there is not, or an unknown convention.
        ValueError: For an unknown dtype or layout, a batch or ``digits`` below 1, or negative points.

    Example:
        >>> answer = archcalc.check("32x32x3 -> conv 5x5 10 pad=2", "output", "28x28x10")
        >>> answer.right, answer.sentence
        (False, 'wrong, consistent with padding ignored')
        >>> archcalc.check("m x n x 3 -> conv f x f k", "params", "k(3f^2 + 1)").verdict
        'right'
        >>> archcalc.check("vgg16", "fc6.time", "1.28 ms", on="t4").verdict
        'rounded'
        >>> archcalc.check("maxpool 2x2", "values", [[3], [4]], on="1 3;2 0;4 1;0 0").right
        True
    """
    from ..answers.calculated import question_of
    from ..answers.classroom import written_answer
    from ..answers.conventions import Conventions
    from ..answers.in_letters import LetterQuestion
    from ..answers.letter_items import letter_item
    from ..answers.marking import Examiner
    from ..answers.question import Subject
    from ..answers.quiz_item import QuizItem
    from ..answers.sheets.given import answer_text
    from ..devices import device as device_called
    from ..loading import LoadedNetwork
    from ..loading.letters import LetteredChain
    from ..quantities import on_device
    from .matrices import HandedMatrices, matrix_text

    if layout not in ("hwc", "chw"):
        raise ValueError(f"{layout!r} is neither hwc nor chw")
    if digits is not None and digits < 1:
        raise ValueError(f"digits are a whole number from 1, not {digits}")
    worth = Fraction(str(points))  # a tenth, and not the nearest binary fraction
    if worth < 0:
        raise ValueError(f"points are a number from 0, not {points}")
    words = {True: "yes", False: "no"}
    given = {
        name: words[choice] if isinstance(choice, bool) else choice
        for name, choice in (conventions or {}).items()
    }
    agreed = Conventions({"layout": layout, **given})
    device = None
    if on is not None and on_device(question.rpartition(".")[2]) is not None:
        device, on = (device_called(on) if isinstance(on, str) else on), None
    chain = LetteredChain.find(target) if isinstance(target, str) and on is None else None
    if on is not None:
        given_to = HandedMatrices(on, kernels, biases, statistics, flip)
        item = given_to.item(target, question.strip(), agreed, worth, digits)
    elif chain is not None:
        letters = LetterQuestion(chain, question.strip(), agreed, batch, dtype, layout)
        item = letter_item(letters.name, letters, worth)
    else:
        network = target
        if not isinstance(target, LoadedNetwork):
            network = LoadedNetwork.of(target, input, parameters, layout=layout, runs_code=True)
        subject = Subject(network.graph, batch=batch, dtype=dtype, device=device)
        asked = question_of(subject, question.strip(), agreed)
        item = QuizItem(asked.name, asked, worth, digits)
    text = _formula_text(answer) if chain is not None else answer_text(answer)
    if item.marker is not None and on is not None:
        text = matrix_text(answer)
    written = written_answer(item, text.strip(), agreed["decimal"])
    return AnswerReport(item, Examiner([item]).mark({item.id: written})[item.id], agreed)
