"""Where the questions of a practice come from: a template, whose values are drawn again and again, or a
network, of which other layers are asked about."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..answers.question import QUANTITIES, quantity_called
from ..diagnostics import fail
from ..source import Source
from .drawing import SeededStream
from .network import NetworkQuestions, network_quiz
from .posed import PosedQuestion
from .templates import QuizTemplate
from .variants import VariantMaker

# The course that is practised where no network and no quiz is named: a template.
COURSE = os.path.join(os.path.dirname(__file__), "course.toml")
# Draws of one question that are looked at until one is new and shows what it is to show.
MOST_LOOKED_AT = 40


class PracticeKind(NamedTuple):
    """What is practised: a quantity of a kind of layer.

    quantity  as ``archcalc explain`` calls it
    of        the layer, as the language calls it; empty for a whole network
    letters   whether the answer is a formula in letters
    """

    quantity: str
    of: str
    letters: bool = False

    @classmethod
    def of_question(cls, question: PosedQuestion) -> PracticeKind:
        """The kind of a question."""
        asked = question.item.asked
        layer = asked.layer
        of = "" if layer is None or asked.block else layer.op.name
        return cls(asked.quantity, of, question.item.letters is not None)

    @property
    def words(self) -> str:
        """For a reader: ``parameters of conv``, ``MACs of a whole network``."""
        what = QUANTITIES.get(self.quantity, self.quantity)
        if self.of:
            what = f"{what} of {self.of}"
        elif quantity_called(self.quantity) is not None:
            what = f"{what} of a network"
        return f"{what}, in letters" if self.letters else what


class QuestionPool:
    """Questions in steps, the easy ones first; a step can be asked again with other numbers.

    title  what is practised
    target  the network or the file; empty for the course that comes with archcalc
    steps  how many there are
    """

    title: str
    target: str
    steps: int

    def draws(self, step: int, stream: SeededStream) -> Iterator[PosedQuestion]:
        """Questions of a step in a drawn order; of some pools there is one, which is always the same.
        Raises SpecError."""
        raise NotImplementedError


class TemplatePool(QuestionPool):
    """The questions of a quiz or of a template, in the order of the file."""

    def __init__(self, text: str, name: str, target: str):
        """Raises SpecError for a file that is none, and for one without a question."""
        template = QuizTemplate(Source(name, text))
        self._maker = VariantMaker(template)
        self.title = self._maker.quiz.title or "Quiz"
        self.target = target
        self.steps = len(template.questions)
        self._drawn = template.drawn
        if not self.steps:
            raise fail("quiz", f"{name} has no question", "[[question]] begins one")

    @classmethod
    def course(cls) -> TemplatePool:
        """The course that comes with archcalc."""
        with open(COURSE, encoding="utf-8") as file:
            return cls(file.read(), COURSE, "")

    def draws(self, step: int, stream: SeededStream) -> Iterator[PosedQuestion]:
        for _ in range(MOST_LOOKED_AT if self._drawn else 1):
            found = self._maker.drawn(step, stream)
            if found is None:
                return
            yield found


class NetworkPool(QuestionPool):
    """Questions about the layers of a network: a step for each quantity of each kind of layer."""

    def __init__(self, target: str, choices: int = 0):
        """Raises SpecError for a target that is none, or of which nothing is worth asking."""
        quiz = network_quiz(target)
        self._questions = NetworkQuestions(quiz, target, choices)
        self.title = quiz.title
        self.target = target
        self._kinds: Sequence[tuple[str, str]] = self._questions.kinds()
        self.steps = len(self._kinds)
        if not self.steps:
            raise fail("question", f"nothing about {target} is worth asking", "a network with layers")

    def draws(self, step: int, stream: SeededStream) -> Iterator[PosedQuestion]:
        return self._questions.of_kind(self._kinds[step], stream)
