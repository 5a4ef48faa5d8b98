"""Quizzes: what is asked, how it is counted, what an answer is worth.

A quiz is TOML: ``title``, perhaps a ``target`` for all questions, ``[conventions]``, ``[marks]``
and a ``[[question]]`` each. Every fault of it points at the file and the key.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from ..diagnostics import MOST_ERRORS, Diagnostic, SpecError, fail
from ..loading.letters import LetteredChain
from ..loading.two_sizes import pair
from ..loading.unsized import depends, unsized
from ..quantities import asked_about
from ..toml_places import Places
from .conventions import Conventions
from .marks import Marks
from .matrices.asking import VALUES, asks_all_values
from .matrices.given import GivenMatrices
from .quiz_item import QuizItem
from .units import unit_called, unit_in

if TYPE_CHECKING:
    from ..analysis.roofline import Device
    from ..loading import LoadedNetwork
    from ..loading.applying import Applied
    from .question import Subject


class QuizQuestion(NamedTuple):
    """A question of a quiz.

    id      as the sheets name it
    target  the network, as text
    ask     ``[LAYER.]QUANTITY``: ``output``, ``conv1.params``, ``total.macs``
    points  what it is worth
    key     the teacher's own answer, as written; empty for none
    digits  significant digits that are enough; None where nothing is said
    text    the question in words, for reports; empty for none
    least_digits  significant digits that are needed at least; None where nothing is said
    batch, dtype  its own, where they are not the quiz's; None, and empty
    unit    in which a number is wanted, ``KiB``; where it is empty, as the text says it
    options  the options of a multiple choice, in the order of the sheet; an answer may be a letter
    choices  how many options it gets when it is set; 0 for an answer that is written
    figure   whether a picture of the network goes with it
    conventions   its own choices, where they are not the quiz's
    second  another network, as text, for what is computed of two; empty for none
    given   the matrices that the layers of the target are given; None where they are given none
    on      its own device, where it is not the quiz's; empty
    """

    id: str
    target: str
    ask: str
    points: Fraction = Fraction(1)
    key: str = ""
    digits: int | None = None
    text: str = ""
    least_digits: int | None = None
    batch: int | None = None
    dtype: str = ""
    unit: str = ""
    conventions: tuple[tuple[str, str], ...] = ()
    options: tuple[str, ...] = ()
    choices: int = 0
    figure: bool = False
    second: str = ""
    given: GivenMatrices | None = None
    on: str = ""

    @property
    def stated_unit(self) -> tuple[str, str]:
        """The scale and the unit in which a number is wanted; empty where that is the plain one."""
        return unit_called(self.unit) or unit_in(self.text) or ("", "")


class Quiz(NamedTuple):
    """A quiz: its title, conventions and marks, images of a batch and type of values where memory
    is asked for, whether ``~`` widens an answer by a unit of its last digit, the questions in their
    order, where in the file all this stands, the decimal signs of single students by their names, and
    which variant of a quiz it is the key of, and the device on which times are asked about; both empty for
    none."""

    title: str
    conventions: Conventions
    marks: Marks
    batch: int
    dtype: str
    approximate: bool
    questions: tuple[QuizQuestion, ...]
    places: Places
    decimals: tuple[tuple[str, str], ...] = ()
    variant: str = ""
    on: str = ""

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
        asked = {question.id: asked_about(question.ask.rpartition(".")[2]) for question in self.questions}
        found = {id: meant.number or meant.name for id, meant in asked.items() if meant is not None}
        matrices = [one.id for one in self.questions if one.given is not None and asks_all_values(one.ask)]
        return {**found, **dict.fromkeys(matrices, VALUES)}

    def conventions_of(self, question: QuizQuestion) -> Conventions:
        """The conventions that hold at a question."""
        return self.conventions.but(dict(question.conventions))

    def batch_of(self, question: QuizQuestion) -> int:
        """The images of a batch that a question is about."""
        return question.batch or self.batch

    def dtype_of(self, question: QuizQuestion) -> str:
        """The type of values that a question is about."""
        return question.dtype or self.dtype

    def device_of(self, question: QuizQuestion) -> str:
        """The device that a question is about, a file beside the quiz; empty for none."""
        name = question.on or self.on
        path = name.rpartition(":")[0] or name
        if name.endswith(".toml") or path.endswith(".toml"):
            return os.path.join(os.path.dirname(self.places.source.name), name)
        return name

    def under(self, given: Mapping[str, str]) -> Quiz:
        """The quiz with other choices, at every question."""
        questions = [
            question._replace(conventions=tuple([one for one in question.conventions if one[0] not in given]))
            for question in self.questions
        ]
        return self._replace(conventions=self.conventions.but(given), questions=tuple(questions))

    def items(self) -> list[QuizItem]:
        """The questions, each on the graph of its network. Raises SpecError, with all faults."""
        subjects = QuizSubjects(self)
        faults: list[Diagnostic] = []
        reported: set[str] = set()  # what is wrong with a network is reported once
        found = []
        for number, question in enumerate(self.questions):
            target = question.target
            if target in reported:
                continue
            key = "target"
            try:
                if question.given is None:
                    subjects.networks(target)
                key = "second"
                if question.second:
                    subjects.networks(question.second)
                key = "on"
                subjects.device(question)
                key = "ask"
                found.append(subjects.item(question))
            except SpecError as error:
                if key == "target":
                    reported.add(target)
                named = key == "ask" or self.places.has("question", number, key)
                faults += self.places.blamed(error, "question" if named else "", number, key)
            if len(faults) >= MOST_ERRORS:
                break  # the rest is no news
        if faults:
            raise SpecError(faults)
        return found

    def networks(self, target: str) -> tuple[LoadedNetwork, ...]:
        """The network of a question; two of different sizes where its input has none. Raises
        SpecError."""
        chain = LetteredChain.find(target)
        if chain is not None:
            from ..loading import LoadedNetwork

            return (chain.accepted(LoadedNetwork, 1)[0][1],)
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


class QuizSubjects:
    """The networks of a quiz, each loaded once, and what is worked out of them for its questions."""

    def __init__(self, quiz: Quiz):
        self.quiz = quiz
        # Of each target: two where it states no size, in the size asked about.
        self._networks: dict[str, tuple[LoadedNetwork, ...]] = {}
        self._devices: dict[str, Device] = {}
        self._chains: dict[str, LetteredChain | None] = {}
        self._subjects: dict[tuple[str, int, str, str], list[Subject]] = {}
        self._given: dict[tuple[str, GivenMatrices, int, str], tuple[Subject, Applied]] = {}

    def networks(self, target: str) -> tuple[LoadedNetwork, ...]:
        """The networks of a target. Raises SpecError."""
        if target not in self._networks:
            self._networks[target] = self.quiz.networks(target)
        return self._networks[target]

    def device(self, question: QuizQuestion) -> Device | None:
        """The device that a question is about; None where none is named. Raises SpecError."""
        from ..devices import device

        name = self.quiz.device_of(question)
        if name and name not in self._devices:
            self._devices[name] = device(name)
        return self._devices[name] if name else None

    def network(self, question: QuizQuestion) -> LoadedNetwork:
        """The network of a question. Raises SpecError."""
        from ..loading import LoadedNetwork

        if question.given is not None:
            return LoadedNetwork(self._applied(question)[1].graph)
        return self.networks(question.target)[0]

    def item(self, question: QuizQuestion) -> QuizItem:
        """A question, worked out. Raises SpecError."""
        from .calculated import question_of

        quiz = self.quiz
        if question.given is not None:
            return self._of_matrices(question, question.given)
        if question.target not in self._chains:
            self._chains[question.target] = LetteredChain.find(question.target)
        chain = self._chains[question.target]
        if chain is not None:
            return self._in_letters(question, chain)
        conventions = quiz.conventions_of(question)
        second = self._of(question, question.second)[:1] if question.second else []
        asked, *others = [
            question_of(one, question.ask, conventions, second) for one in self._of(question, question.target)
        ]
        if others and others[0].plain != asked.plain:
            raise depends(asked.name, question.target)
        asked.stated_unit = question.stated_unit
        item = QuizItem(question.id, asked, question.points, question.digits, question.least_digits)
        item.options = question.options
        return item

    def _of_matrices(self, question: QuizQuestion, given: GivenMatrices) -> QuizItem:
        """A question about layers that are given a matrix. Raises SpecError."""
        from .matrices.items import matrix_item

        subject, applied = self._applied(question)
        item = matrix_item(
            subject,
            applied,
            question.ask,
            self.quiz.conventions_of(question),
            given.flip,
            question.id,
            question.points,
            question.digits,
            question.least_digits,
        )
        item.asked.stated_unit = question.stated_unit
        item.options = question.options
        return item

    def _applied(self, question: QuizQuestion) -> tuple[Subject, Applied]:
        """The layers of a question, run on its matrices: once for all questions about them. Raises
        SpecError."""
        from .question import Subject

        assert question.given is not None
        how = self.quiz.batch_of(question), self.quiz.dtype_of(question)
        key = question.target, question.given, *how
        if key not in self._given:
            applied = question.given.applied(question.target)
            self._given[key] = Subject(applied.graph, batch=how[0], dtype=how[1]), applied
        return self._given[key]

    def _in_letters(self, question: QuizQuestion, chain: LetteredChain) -> QuizItem:
        """A question about a chain in letters. Raises SpecError."""
        from .in_letters import LetterQuestion
        from .letter_items import letter_item

        quiz = self.quiz
        how = quiz.batch_of(question), quiz.dtype_of(question)
        letters = LetterQuestion(chain, question.ask, quiz.conventions_of(question), *how)
        return letter_item(question.id, letters, question.points)

    def _of(self, question: QuizQuestion, target: str) -> list[Subject]:
        """A network that a question is about, in its batch and type. Raises SpecError."""
        from .question import Subject

        on = self.quiz.device_of(question)
        key = target, self.quiz.batch_of(question), self.quiz.dtype_of(question), on
        if key not in self._subjects:
            at = self.device(question)
            networks = self.networks(target)
            self._subjects[key] = [
                Subject(one.graph, batch=key[1], dtype=key[2], device=at) for one in networks
            ]
        return self._subjects[key]
