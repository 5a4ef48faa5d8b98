"""Questions about what is computed of several quantities: ``params(a) - params(b)``, of two networks too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from .. import quantities
from ..arithmetic import Expression, symbol
from ..diagnostics import did_you_mean, fail
from ..graph import Graph, Layer
from ..language.conditions import QuantityExpression
from .calculated_kinds import BYTES, DIFFERENCE, PERCENTAGE, RATIO, SHARES
from .conventions import Conventions
from .methods import AssumedShapes, Method
from .methods.calculated import Calculated, Side, StatedNumber, applied, computed
from .question import Question, Subject
from .working import Named, unnamed

# The networks of a calculation, in their order.
LETTERS = "ABCDEFGH"

_WORDS = re.compile(r"[a-z_]+", re.IGNORECASE)
_SIGNS = re.compile(r"[-+*/()]")


def is_calculation(text: str, graph: Graph) -> bool:
    """Tell whether a text is computed of quantities, and names no quantity by itself."""
    if _SIGNS.search(text) is None or quantities.called(text) is not None or graph.find(text) is not None:
        return False
    place, _, word = text.rpartition(".")
    return not (quantities.called(word) is not None and graph.find(place) is not None)


@dataclass(eq=False)
class CalculatedQuestion(Question):
    """A question about what is computed of several quantities.

    text     the expression as written
    made     it, its symbols the keys of the quantities
    asking   the question about each quantity, by its key
    written  how each stands in the text
    percent  it is given in per cent
    """

    text: str = ""
    made: Expression = field(default_factory=lambda: Expression("number", (), 0))
    asking: dict[str, Question] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    percent: bool = False

    @classmethod
    def of(
        cls, subjects: Sequence[Subject], text: str, conventions: Conventions, names: Sequence[str] = ()
    ) -> CalculatedQuestion:
        """The question that a text asks about one network or several. Of several, ``A`` is the first;
        ``names`` are what else they are called. Raises SpecError."""
        for word in _WORDS.findall(text):
            if quantities.called(word) is None and (meant := quantities.on_device(word)) is not None:
                raise fail(
                    "argument",
                    f"nothing is computed of `{meant.name}` on a device",
                    "ask for it by itself, as in total.time",
                )
        reader = _Sides(subjects, conventions, names)
        table = [quantity.name for quantity in quantities.TABLE]
        synonyms = {word: meant.name for word, meant in quantities.names().items() if word not in table}
        calculation = QuantityExpression(
            text, table, called=synonyms, placed=reader.placed, option="<expression>"
        )
        if not calculation.named:
            raise fail("argument", f"`{text}` names no quantity", "as in params(conv1) / params(total)")
        for key in calculation.named:
            if key not in reader.asking:
                reader.asking[key] = reader.of_network(key)
        asking = {key: reader.asking[key] for key in calculation.named}
        for key, asked in asking.items():
            single_number(key, asked)
        made = calculation.value(
            {key: symbol(key, single_number(key, asked)) for key, asked in asking.items()}
        )
        if made is None:
            raise fail("argument", f"`{text}` divides by zero")
        share, percent = _in_percent(made)
        kind = PERCENTAGE if percent else RATIO if _divides(share) else DIFFERENCE
        if kind == DIFFERENCE and len({asked.unit for asked in asking.values()} | {"bytes"}) == 1:
            kind = BYTES
        words = {key: calculation.written[key] for key in asking}
        return cls(
            subjects[0],
            None,
            kind,
            conventions,
            text=" ".join(text.split()),
            made=share,
            asking=asking,
            written=words,
            percent=percent,
        )

    @property
    def sides(self) -> dict[str, Question]:
        return self.asking

    def method(self, assumed_shapes: AssumedShapes, named: Named = unnamed) -> Method | None:
        sides = []
        for key, asked in self.asking.items():
            shapes = asked.subject.assuming(assumed_shapes)
            method = asked.method(shapes, named)
            plain = single_number(key, asked)
            if method is None or (shapes.right and method.value != plain):
                method = StatedNumber(plain)
            sides.append(Side(key, self.written[key], method))
        return Calculated(sides, self.made, self.percent)

    def having(self, numbers: dict[str, int | Fraction]) -> Method | None:
        method = self.method(self.subject.assumed_shapes)
        given: dict[str, Method] = {key: StatedNumber(number) for key, number in numbers.items()}
        return method.having(given) if isinstance(method, Calculated) else None

    @property
    def layers(self) -> list[Layer]:
        return [layer for asked in self.asking.values() for layer in asked.layers]

    @property
    def uncounted(self) -> list[Layer]:
        return [layer for asked in self.asking.values() for layer in asked.uncounted]

    @property
    def with_heads(self) -> int | None:
        return None

    @property
    def other_numbers(self) -> list[tuple[Any, str]]:
        return []

    @property
    def addends(self) -> list[Layer]:
        return []

    @property
    def name(self) -> str:
        return self.text

    @property
    def where(self) -> str:
        return self.text

    @property
    def words(self) -> str:
        return self.text

    @property
    def label(self) -> str:
        return self.text

    @property
    def short(self) -> str:
        return self.text

    @property
    def unit(self) -> str:
        units = {asked.unit for asked in self.asking.values()}
        return units.pop() if len(units) == 1 and self.quantity in (DIFFERENCE, BYTES) else ""

    @property
    def shares(self) -> bool:
        """Whether it comes to a quotient."""
        return self.quantity in SHARES

    @property
    def formula(self) -> Expression:
        """The expression, its symbols called as in the text."""
        sides = {
            key: symbol(self.written[key], single_number(key, asked)) for key, asked in self.asking.items()
        }
        found: Expression = applied(self.made, sides)
        return found

    @property
    def shown(self) -> str:
        """What it comes to, for a reader."""
        value = self.plain
        return f"{value:,}" if isinstance(value, int) else str(value)

    @property
    def plain(self) -> Any:
        values = {key: single_number(key, asked) for key, asked in self.asking.items()}
        return computed(self.made, values, self.percent)


class _Sides:
    """The questions about the quantities of a calculation, by their keys."""

    def __init__(self, subjects: Sequence[Subject], conventions: Conventions, names: Sequence[str]):
        self.subjects = dict(zip(LETTERS, subjects, strict=False))
        self.names = {name.lower(): letter for letter, name in zip(LETTERS, names, strict=False)}
        self.conventions = conventions
        self.asking: dict[str, Question] = {}

    def placed(self, text: str) -> str:
        """The key of a quantity of a place, whose question is made. Raises SpecError."""
        place, _, word = text.rpartition(".")
        letter, rest = self._network(place)
        key = f"{place}.{word}"
        self.asking[key] = Question.read(
            self.subjects[letter], f"{rest}.{word}" if rest else word, self.conventions
        )
        return key

    def of_network(self, word: str) -> Question:
        """The question about a quantity without a place. Raises SpecError."""
        if len(self.subjects) > 1:
            *most, last = [f"{letter}.{word}" for letter in self.subjects]
            raise fail(
                "argument", f"`{word}` of which network?", f"say {', '.join(most)} or {last}, or {word}(A)"
            )
        return Question.read(self.subjects[LETTERS[0]], word, self.conventions)

    def _network(self, place: str) -> tuple[str, str]:
        """The letter of the network of a place, and the layer in it; empty for all of it. Raises
        SpecError."""
        if len(self.subjects) == 1:
            return LETTERS[0], place
        first, _, rest = place.partition(".")
        letter = first.upper() if first.upper() in self.subjects else self.names.get(first.lower(), "")
        if letter:
            return letter, rest
        having = [at for at, subject in self.subjects.items() if subject.graph.find(place) is not None]
        if len(having) == 1:
            return having[0], place
        if having:
            raise fail(
                "argument",
                f"`{place}` is in {' and in '.join(having)}",
                f"say {' or '.join([f'{at}.{place}' for at in having])}",
            )
        names = [name for subject in self.subjects.values() for name in subject.graph.names()]
        letters = ", ".join(self.subjects)
        raise fail(
            "name",
            f"there is no network and no layer `{place}`",
            *did_you_mean(place, names),
            f"the networks are {letters}, in their order",
        )


def single_number(key: str, asked: Question) -> int | Fraction:
    """The number that a quantity is; of sizes that are the same along each axis that one. Raises SpecError
    where it is none."""
    value = asked.plain
    if value is None:
        raise fail("argument", f"{key} is not known")
    if isinstance(value, tuple) and asked.quantity != "output" and len(set(value)) == 1:
        value = value[0]
    if not isinstance(value, (int, Fraction)):
        sizes = "x".join(map(str, value))
        raise fail("argument", f"{key} is {sizes}, and no one number", "neurons are the values of an output")
    return value


def _in_percent(made: Expression) -> tuple[Expression, bool]:
    """What stands behind a hundred times, where that is a quotient: ``100 * (a / b)``, ``100 * a / b``; and
    whether it does."""
    if made.operator == "*":
        for factor, rest in (made.arguments, made.arguments[::-1]):
            if factor.operator == "number" and factor.value == 100 and _divides(rest):
                return rest, True
    if made.operator == "/" and made.arguments[0].operator == "*":
        above, below = made.arguments
        for factor, rest in (above.arguments, above.arguments[::-1]):
            if factor.operator == "number" and factor.value == 100:
                return rest / below, True
    return made, False


def _divides(made: Expression) -> bool:
    return made.operator == "/" or any(_divides(part) for part in made.arguments)


def asked_of_two(quantity: str) -> list[str]:
    """What is asked of two networks where one quantity is named: how many fewer the second has, how many
    times fewer, and what share is saved."""
    a, b = f"{quantity}(A)", f"{quantity}(B)"
    return [f"{a} - {b}", f"{a} / {b}", f"percent(1 - {b} / {a})"]


def question_of(
    subject: Subject, ask: str, conventions: Conventions, others: Sequence[Subject] = ()
) -> Question:
    """The question about a quantity, ``conv1.params``, or about what is computed of several, of other
    networks too. Raises SpecError."""
    if others or is_calculation(ask, subject.graph):
        subjects = [subject, *others]
        return CalculatedQuestion.of(subjects, ask, conventions, [at.graph.metadata.name for at in subjects])
    if quantities.on_device(ask.rpartition(".")[2]) is not None:
        from .on_device import DeviceQuestion

        return DeviceQuestion.of(subject, ask, conventions)
    return Question.read(subject, ask, conventions)
