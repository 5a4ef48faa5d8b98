"""What other tools print, in answers about operations: right by the rule of a tool, or wrong by its fault.

Profiles are read only where such a figure is looked for.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..arithmetic import symbol
from ..code_form import CodeForm
from ..diagnostics import SpecError
from .assumptions import PUBLISHED, Reading
from .conventions import ARCHCALC, WITHOUT_FAULTS
from .forms import AnswerForm
from .working import Working, WorkingLine, lifted

if TYPE_CHECKING:
    from ..counters import Profile
    from ..graph import Layer
    from .question import Question

OPERATIONS = ("macs", "flops")
MACS = "MACs"
CONVENTION = "convention"
# The id of a convention that is a tool's, and of a reading that is its fault.
COUNTER, FAULT = "counter", "tool-fault"
# Tools that are named behind the first whose count an answer is.
MOST_NAMED = 3
_HINT = "Which tool printed the figure, and what does it count?"


class ToolFigure(NamedTuple):
    """What a tool counts for a question.

    profile   how it counts
    asked     the question
    printed   the figure that it prints
    terms     what it means to count, each with its sum
    faults    what it counts by its faults beside them, each by its name
    times     2 for twice its MACs, where FLOPs are asked for
    written   how the code is written that it counts, as ``LayerForms`` has it
    """

    profile: Profile
    asked: Question
    printed: int
    terms: tuple[tuple[str, int], ...]
    faults: tuple[tuple[str, int], ...]
    times: int = 1
    written: str = ""

    @property
    def meant(self) -> int:
        """The figure by its rule, without its faults."""
        return sum([value for _, value in self.terms])

    @property
    def is_one_operation(self) -> bool:
        """Whether a multiply-add is one operation by the conventions of the question."""
        return self.asked.conventions["operations"] == "mac"

    @property
    def calls_it_so(self) -> bool:
        """Whether the tool itself calls its MACs FLOPs, where FLOPs are asked for."""
        return self.asked.quantity == "macs" or "flops" in self.profile.prints.lower()

    def doubled(self) -> ToolFigure:
        """Twice its figure."""
        terms, faults = ([(what, 2 * value) for what, value in part] for part in (self.terms, self.faults))
        return self._replace(printed=2 * self.printed, terms=tuple(terms), faults=tuple(faults), times=2)

    @property
    def owner(self) -> str:
        """The tool's name in front of what is its own."""
        name = self.profile.tool
        return ("twice " if self.times == 2 else "") + (f"{name}'" if name.endswith("s") else f"{name}'s")

    @property
    def unit_id(self) -> str:
        """The convention by which its unit stands for the one that is asked for; empty where it is that."""
        counts = "flops" if self.profile.unit != MACS or self.times == 2 else "macs"
        if counts == self.asked.quantity or self.is_one_operation:
            return ""
        return "flops-halved" if counts == "macs" else "macs-doubled"

    @property
    def sum(self) -> str:
        """Its figure as a sum: ``4,111,512,576 = 4,089,184,256 multiply-adds + …``."""
        return f"{self.meant:,} = {' + '.join([f'{value:,} {what}' for what, value in self.terms])}"

    @property
    def words(self) -> str:
        """Its convention for a reader."""
        more = [what for what, _ in self.terms[1:]]
        unit = ", 1 MAC called 1 FLOP" if self.unit_id == "flops-halved" else ""
        unit = ", 2 operations for each MAC" if self.unit_id == "macs-doubled" else unit
        faults = ", without its faults" if self.faults else ""
        return f"{self.owner} count{faults}{f', {listed(more)} with it' if more else ''}{unit}"

    @property
    def working(self) -> Working:
        """How the figure comes about that it prints."""
        (what, value), *more = [*self.terms, *self.faults]
        total = symbol(what, value)
        for what, value in more:
            total = total + symbol(what, value) if value > 0 else total - symbol(what, -value)
        return Working([WorkingLine("", lifted(total))], self.printed)

    def verdict(self, others: Sequence[ToolFigure] = ()) -> dict[str, Any]:
        """The verdict on an answer that is right by its rule, and by those of others."""
        names = dict.fromkeys([figure.owner for figure in others if not figure.faults])
        more = [name for name in names if name != self.owner][:MOST_NAMED]
        return {
            "kind": CONVENTION,
            "convention": f"{self.words}{f'; or {listed(more)}' if more else ''}",
            "convention_ids": (COUNTER, *filter(None, [self.unit_id])),
            "other": None if self.faults else self.working,
            "known_reason": f"{self.profile.tool} counts {self.sum}{self.written}.",
        }

    def reading(self) -> Reading:
        """The reading of an answer that it prints by its faults."""
        words = f"{self.owner} figure, by a fault of the tool"
        why = "; ".join([self.profile.faults[fault] for fault, _ in self.faults])
        reason = f"{self.profile.tool} {self.profile.version}: {why}."
        return Reading((FAULT,), words, self.printed, None, _HINT, kind=PUBLISHED, reason=reason)


def tool_figures(asked: Question) -> list[ToolFigure]:
    """What tools count for a question about operations; nothing for others. Of figures that are the same
    whichever way the code is written, the first."""
    if asked.quantity not in OPERATIONS or asked.sides:
        return []
    from ..counters import profile, profiles

    found: dict[tuple[str, int, int], ToolFigure] = {}
    for written in writings(asked):
        for name in profiles():
            for figure in _figures(profile(name), asked, written):
                found.setdefault((name, figure.printed, figure.meant), figure)
    return list(found.values())


class LayerForms(NamedTuple):
    """A way in which the code of a network may be written.

    words   behind a figure, for a reader; empty for the code that archcalc exports, or that was traced
    forms   of which kinds of layers it is another
    layers  the layers that the code has
    """

    words: str
    forms: Mapping[str, CodeForm]
    layers: Sequence[Layer]


def writings(asked: Question) -> Iterator[LayerForms]:
    """The ways in which the code of a network may be written, as it is exported first. Of what was traced
    the code is known."""
    from ..counters.modules import as_module

    layers = asked.layers
    yield LayerForms("", {}, layers)
    if asked.graph.metadata.traced:
        return
    modules = {layer.op.name: form for layer in layers if (form := as_module(layer)) is not None}
    if modules:
        yield LayerForms(", where its activations, pools and attention are modules", modules, layers)
    last = layers[-1]
    if asked.layer is None and last.op.name == "softmax":
        shorter = layers[:-1]
        yield LayerForms(", where its code ends without the softmax", {}, shorter)
        yield LayerForms(
            ", where its activations, pools and attention are modules, without the softmax", modules, shorter
        )


def chosen_figure(asked: Question) -> ToolFigure | None:
    """The figure of the counter that a course has chosen; None where it has none, or where that counts
    nothing of what is asked."""
    name = asked.conventions["counter"]
    if name == ARCHCALC or asked.quantity not in OPERATIONS or asked.sides:
        return None
    from ..counters import profile

    counter = name.removesuffix(WITHOUT_FAULTS)
    figures = _figures(profile(counter), asked, LayerForms("", {}, asked.layers), counter == name)
    if asked.quantity == "macs":
        figures = [figure for figure in figures if figure.profile.unit == MACS]
    elif figures and not figures[0].calls_it_so and not figures[0].is_one_operation:
        figures.reverse()
    return figures[0] if figures else None


def _figures(
    profile: Profile, asked: Question, writing: LayerForms, with_faults: bool = True
) -> list[ToolFigure]:
    """What a tool counts for a question, and twice of it where FLOPs are asked for and it counts MACs.
    Nothing where it counts nothing, or its rule fails."""
    from ..counters import count

    try:
        counted = count(profile, asked.graph, with_faults, writing=writing.forms, layers=writing.layers)
    except SpecError:
        return []
    batch = asked.summary.batch
    terms: dict[str, int] = {}
    faults: dict[str, int] = {}
    for layer in counted.layers:
        for term in layer.terms:
            table, key = (terms, term.what) if term.fault is None else (faults, term.fault)
            table[key] = table.get(key, 0) + term.value * batch
    if not terms:
        return []
    wrong = tuple([(fault, value) for fault, value in faults.items() if value])
    printed = counted.figure * batch
    figure = ToolFigure(profile, asked, printed, tuple(terms.items()), wrong, written=writing.words)
    return [figure, figure.doubled()] if asked.quantity == "flops" and profile.unit == MACS else [figure]


def listed(words: Sequence[str]) -> str:
    """Words as a reader lists them."""
    return " and ".join([*filter(None, [", ".join(words[:-1])]), words[-1]])


class ToolFigures:
    """The figures of tools for a question, found by their values: of a class of sheets thousands of answers
    ask for them.

    Args:
        figures: What the tools count.
    """

    def __init__(self, figures: Sequence[ToolFigure]):
        by_rule = sorted([(figure.meant, place, figure) for place, figure in enumerate(figures)])
        printed = sorted([(figure.printed, place, figure) for place, figure in enumerate(figures)])
        self._tables = {"meant": by_rule, "printed": printed}
        self._values = {of: [value for value, *_ in table] for of, table in self._tables.items()}

    def near(self, forms: Sequence[AnswerForm], of: str) -> list[ToolFigure]:
        """The figures with which an answer agrees: of tools without a fault first, then of those that call
        it as it is asked for, then the nearest.

        Args:
            forms: The ways of taking the answer.
            of: ``meant`` for what they count by their rules, ``printed`` for what they print.
        """
        table, values = self._tables[of], self._values[of]
        found = []
        for form in forms:
            number = form.number
            if number is None:
                continue
            first = bisect_left(values, min(number.low, number.value))
            last = bisect_right(values, max(number.high, number.value))
            found += [
                (bool(figure.faults), not figure.calls_it_so, abs(value - number.value), place, figure)
                for value, place, figure in table[first:last]
                if form.agrees(value)
            ]
        return [one[-1] for one in sorted(found, key=lambda one: one[:-1])]
