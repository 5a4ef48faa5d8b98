"""Answers in letters: right by their value for many numbers, and by their one form where there is one.

A question about a chain in letters is asked for many sets of numbers, each of which is a question of its
own, with its right value and with what the catalogue's changed rules make of it. A formula is right where
it gives the right value for all of them; a misconception explains it where it does so for all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any

from ..algebra.evaluation import NumbersOfLetters, evaluate, quotients, rounded_down
from ..algebra.polynomials import NoFormError, form_of
from ..algebra.reading import LetterFormulaReader, UnreadFormulaError
from ..analysis.notation import FIELD, written
from ..analysis.scope import laid_out
from ..arithmetic import Expression
from ..diagnostics import SpecError
from ..letters.explanation import LetterDerivation, LetterExplanation
from ..loading import LoadedNetwork
from ..loading.letters import LetteredChain
from ..shape import Shape
from . import wording
from .answer_marker import EarlierAnswer
from .assumptions import Alternative, Reading
from .conventions import Conventions
from .diagnosed import diagnosed
from .diagnosis import Diagnosis
from .forms import SIZES
from .judging import FollowThrough, judge
from .letter_readings import LEAST, common_readings
from .question import Question, Subject
from .verdict import BLANK, CONVENTION, RIGHT, UNREADABLE, WRONG, Verdict
from .written import Unreadable, Written, WrittenNumber, WrittenSizes, WrittenWord
from .written_kinds import WrittenFormula

# Sets of numbers for every answer, larger ones for one that is right on these, and how many are tried.
SAMPLES, LARGE, TRIES = 24, 16, 300
# Formulas in full, factors close together.
_CLOSE = FIELD._replace(times=FIELD.close, more="")

# What students and platforms write where they give no answer.
_NO_ANSWER = " \t\n-–—_.?/…"


@dataclass
class LetterVerdict:
    """The verdict on an answer in letters.

    kind      as of an answer in numbers: right, convention, wrong, unreadable or blank
    text      what was written
    right     the formulas of the right answer; empty where they are not known
    exact     whether the two formulas are one by the rules of algebra, whatever the letters stand for
    convention, convention_ids  under which it is right
    readings  the misconceptions that explain it for all numbers
    example   numbers for which it is wrong, what it gives for them, and what is right
    remark    one more sentence; empty
    follows   the question whose answer it follows from, or starts from; empty
    """

    kind: str
    text: str
    right: tuple[tuple[str, tuple[Expression, ...]], ...] = ()
    exact: bool = False
    convention: str = ""
    convention_ids: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()
    example: tuple[NumbersOfLetters, str, str] | None = None
    remark: str = ""
    follows: str = ""

    @property
    def holds(self) -> bool:
        """Whether it is right, perhaps by a convention."""
        return self.kind in (RIGHT, CONVENTION)


class LetterQuestion:
    """A quantity of a chain in letters that is asked for.

    chain      the chain; ``ask`` is ``[LAYER.]QUANTITY``
    asked_for  the sets of numbers that every answer is tried with, and the question for each
    sizes      whether an answer is sizes, and no one number
    layout     the order of the axes in the chain

    Raises SpecError for a question that there is not, or a chain whose layers accept no numbers.
    """

    def __init__(
        self,
        chain: LetteredChain,
        ask: str,
        conventions: Conventions,
        batch: int = 1,
        dtype: str = "fp32",
        layout: str = "hwc",
    ):
        self.chain = chain
        self._layout = layout
        self.conventions = conventions
        self._how = batch, dtype
        self.ask = ask
        accepted = chain.accepted(LoadedNetwork, SAMPLES, layout=layout)
        self.asked_for = [(values, self._diagnosis(network)) for values, network in accepted]
        self.asked = self.asked_for[0][1].asked
        self.name = self.asked.name
        self._marked: dict[str, LetterVerdict] = {}
        self.sizes = self.asked.quantity in (*SIZES, "rf")

    def _diagnosis(self, network: LoadedNetwork) -> Diagnosis:
        batch, dtype = self._how
        subject = Subject(network.graph, batch=batch, dtype=dtype)
        return diagnosed(Question.read(subject, self.ask, self.conventions))

    @cached_property
    def _large(self) -> list[tuple[NumbersOfLetters, Diagnosis]]:
        """The question for large numbers, on which no formula can be right by a choice of small ones."""
        found: list[tuple[NumbersOfLetters, Diagnosis]] = []
        random = Random(7)
        for values in islice(self.chain.samples(Random(3)), TRIES):
            larger = {name: self.chain.larger(name, value, random) for name, value in values.items()}
            with suppress(SpecError):
                found.append((larger, self._diagnosis(self.chain.load(LoadedNetwork, larger, self._layout))))
            if len(found) == LARGE:
                break
        return found

    @cached_property
    def explanation(self) -> LetterExplanation | None:
        """Where the right formulas are from; None where conventions change them, or there are none."""
        if self.asked.conventions.rules or self.asked.block:
            return None
        batch, dtype = self._how
        layer = self.ask.rpartition(".")[0] or None
        try:
            found = LetterExplanation(
                self.chain, layer, self.asked.quantity, self._layout, batch=batch, dtype=dtype
            )
        except SpecError:
            return None
        return found if found.derivations and self._gives(found.derivations[0]) else None

    def _gives(self, derivation: LetterDerivation) -> bool:
        """Whether formulas give what is right here."""
        for values, known in self.asked_for:
            numbers = [evaluate(one.forms[0], values) for one in derivation.formulas]
            right = known.value
            right = tuple(laid_out(right, self._layout)) if isinstance(right, Shape) else right
            wanted = list(right) if isinstance(right, tuple) else [right]
            if numbers != wanted and (len(numbers) != 1 or set(numbers) != set(wanted)):
                return False
        return True

    @property
    def derivation(self) -> LetterDerivation | None:
        """The right formulas; None where there are none."""
        return self.explanation.derivations[0] if self.explanation is not None else None

    def unread(self, text: str) -> str:
        """Why a text cannot be read as an answer; empty where it can."""
        found = self.mark(text)
        return found.remark if found.kind == UNREADABLE else ""

    def start(self, earlier: Sequence[EarlierAnswer]) -> FollowThrough | None:
        """None: a formula follows from no other."""
        return None

    def verdict(
        self, diagnosis: Diagnosis, answer: Written, follow_through: FollowThrough | None = None
    ) -> Verdict:
        """The verdict on an answer of a sheet."""
        if isinstance(answer, WrittenWord):
            return judge(diagnosis, answer)
        if isinstance(answer, Unreadable):
            return Verdict(UNREADABLE, diagnosis, answer, remark=answer.reason)
        text = self.text_of(answer)
        if text not in self._marked:
            if len(self._marked) > 10_000:  # a class of strangers must not fill the memory
                self._marked.clear()
            self._marked[text] = self.mark(text)
        found = self._marked[text]
        remark = found.remark
        if found.example is not None and not found.readings:
            values, given, right = found.example
            letters = ", ".join([f"{name} = {value}" for name, value in values.items()])
            remark = f"for {letters} it gives {given}, and right is {right}"
        return Verdict(
            found.kind,
            diagnosis,
            answer,
            convention=found.convention,
            convention_ids=found.convention_ids,
            readings=tuple([replace(one, value=None, made=None) for one in found.readings]),
            remark=remark,
        )

    @staticmethod
    def text_of(answer: Written) -> str:
        """The formula of an answer of a sheet."""
        return (answer.meant if isinstance(answer, WrittenFormula) else "") or answer.text

    # Answers as numbers ------------------------------------------------------------------------

    def goes_with(self, other: LetterQuestion) -> bool:
        """Whether another question is about the same chain, counted alike."""
        return (self.chain.text, self._how) == (other.chain.text, other._how)

    def formulas(self, text: str) -> list[Expression]:
        """The formulas of an answer; none where it cannot be read."""
        try:
            return self._read(text) if text.strip() else []
        except UnreadFormulaError:
            return []

    def _read(self, text: str) -> list[Expression]:
        reader = LetterFormulaReader(self.chain.names)
        return reader.sizes(text) if self.sizes else [reader.read(text)]

    @staticmethod
    def numbers(made: Sequence[Expression], values: NumbersOfLetters) -> list[Fraction] | None:
        """The whole numbers that formulas give, their quotients rounded down where need be; None for none."""
        for formulas in (made, [rounded_down(one) for one in made]):
            with suppress(ZeroDivisionError):
                found = [evaluate(one, values) for one in formulas]
                if all(number.denominator == 1 for number in found):
                    return found
        return None

    # Marking -----------------------------------------------------------------------------------

    def mark(self, text: str) -> LetterVerdict:
        """The verdict on an answer."""
        if not text.strip(_NO_ANSWER):
            return LetterVerdict(BLANK, text)
        try:
            made = self._read(text)
        except UnreadFormulaError as error:
            if wording.meaning(" ".join(text.casefold().split())) == wording.BLANK:
                return LetterVerdict(BLANK, text)
            return LetterVerdict(UNREADABLE, text, remark=str(error))
        verdict = self._marked_as(text, made)
        spelt = _powers_spelt_out(made)
        if verdict.kind == WRONG and self.sizes and len(made) > 1 and len(spelt) > len(made):
            out = self._marked_as(text, spelt)
            verdict = out if out.holds or (out.readings and not verdict.readings) else verdict
        derivation = self.derivation
        if derivation is not None:
            verdict.right = tuple([(one.of, one.forms) for one in derivation.formulas])
        return verdict

    def _marked_as(self, text: str, made: Sequence[Expression]) -> LetterVerdict:
        return self._verdict(text, made, list(self._judged(self.asked_for, text, made)))

    def _verdict(
        self,
        text: str,
        made: Sequence[Expression],
        judged: list[tuple[NumbersOfLetters, Verdict | None, str]],
    ) -> LetterVerdict:
        plain = [verdict.kind if verdict is not None else WRONG for _, verdict, _ in judged]
        if set(plain) == {RIGHT}:
            if self._same_form(made):
                return LetterVerdict(RIGHT, text, exact=True)
            larger = list(self._judged(self._large, text, made))
            if all(verdict is not None and verdict.kind == RIGHT for _, verdict, _ in larger):
                return LetterVerdict(RIGHT, text)
            judged += larger
            plain = [verdict.kind if verdict is not None else WRONG for _, verdict, _ in judged]
        remark = ""
        if any(quotients(one) for one in made):
            down = [rounded_down(one) for one in made]
            rounded = list(self._judged([*self.asked_for, *self._large], text, down))
            kinds = {verdict.kind if verdict is not None else WRONG for _, verdict, _ in rounded}
            if kinds == {RIGHT} and self._fits_often(made):
                return LetterVerdict(
                    RIGHT, text, remark="where one does not, the quotient is rounded down: ⌊ ⌋"
                )
            if kinds != {RIGHT} and any(verdict is None for _, verdict, _ in judged):
                judged, remark = rounded, "its quotients were rounded down to compare it"
        conventions = [v for _, v, _ in judged if v is not None and v.kind == CONVENTION]
        if conventions and all(v is not None and v.kind in (RIGHT, CONVENTION) for _, v, _ in judged):
            ids = {v.convention_ids for v in conventions}
            if len(ids) == 1:
                return LetterVerdict(
                    CONVENTION, text, convention=conventions[0].convention, convention_ids=ids.pop()
                )
        return self._wrong(text, judged, remark)

    def _wrong(
        self, text: str, judged: list[tuple[NumbersOfLetters, Verdict | None, str]], remark: str
    ) -> LetterVerdict:
        off = [(values, v, given) for values, v, given in judged if v is None or v.kind != RIGHT]
        readings: list[Reading] = []
        if all(v is not None for _, v, _ in off):
            readings = common_readings([v for _, v, _ in judged if v is not None])
        values, _, given = off[0]
        right = next(one for known, one in [*self.asked_for, *self._large] if known is values)
        example = (values, given, _shown(right.value))
        return LetterVerdict(
            WRONG, text, readings=tuple(readings), example=example, remark=remark if readings else ""
        )

    def _judged(
        self, asked: Iterable[tuple[NumbersOfLetters, Diagnosis]], text: str, made: Sequence[Expression]
    ) -> Iterator[tuple[NumbersOfLetters, Verdict | None, str]]:
        """Yield the verdict for each set of numbers, None where the formula gives no whole number, and what
        it gives."""
        for values, diagnosis in asked:
            try:
                numbers = [evaluate(one, values) for one in made]
            except ZeroDivisionError:
                yield values, None, "a division by zero"
                continue
            given = "x".join(map(str, numbers))
            if any(number.denominator != 1 for number in numbers):
                yield values, None, given
                continue
            yield values, judge(diagnosis, self.as_written(text, numbers)), given

    def as_written(self, text: str, numbers: Sequence[Fraction]) -> Written:
        """An answer as one in numbers."""
        if self.sizes:
            return WrittenSizes(text, tuple([int(number) for number in numbers]))
        return WrittenNumber(text, numbers[0], numbers[0], numbers[0])

    def _same_form(self, made: Sequence[Expression]) -> bool:
        """Whether the answer has the form of the right one, which is equal whatever the letters stand for."""
        derivation = self.derivation
        if derivation is None:
            return False
        forms = [one.form for one in derivation.formulas]
        if None in forms or len(forms) not in (1, len(made)):
            return False
        try:
            given = [form_of(one) for one in made]
        except (NoFormError, ZeroDivisionError):
            return False
        return given == forms if len(forms) == len(made) else set(given) == set(forms)

    def _fits_often(self, made: Sequence[Expression]) -> bool:
        """Whether what the answer divides comes out even for some numbers, by more than 1."""
        divided = [one for part in made for one in quotients(part)]
        found = 0
        for values, _ in self.asked_for:
            below = [evaluate(one.arguments[1], values) for one in divided]
            even = all(
                number and (evaluate(one.arguments[0], values) / number).denominator == 1
                for one, number in zip(divided, below, strict=True)
            )
            found += even and any(number > 1 for number in below)
        return found >= LEAST


class LetterDiagnosis(Diagnosis):
    """What there is to know of a question in letters: its right value is a formula, and what wrong answers
    come from, the question finds out."""

    def __init__(self, letters: LetterQuestion):
        super().__init__(letters.asked)
        self._question = letters
        self.letters = letters.explanation

    @cached_property
    def value(self) -> Any:
        """The right formulas as a text; empty where conventions change them."""
        derivation = self._question.derivation
        forms = derivation.formulas if derivation is not None else []
        texts = [written(one.forms[0], notation=_CLOSE) for one in forms]
        return " x ".join([f"({text})" if " " in text and len(texts) > 1 else text for text in texts])

    @cached_property
    def known(self) -> bool:
        """Nothing is known of single numbers."""
        return False

    @cached_property
    def alternatives(self) -> list[Alternative]:
        """None: they are found for each answer."""
        return []


def _powers_spelt_out(made: Sequence[Expression]) -> list[Expression]:
    """Sizes with `(n − f + 1)² x k` written as two sides and the channels."""
    found: list[Expression] = []
    for one in made:
        times = one.arguments[1].value if one.operator == "^" else 1
        found += [one.arguments[0]] * times if times in (2, 3) else [one]
    return found


def _shown(value: Any) -> str:
    return "x".join(map(str, value)) if isinstance(value, tuple) else f"{value}"
