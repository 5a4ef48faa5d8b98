"""A sweep: the designs of a target, and what is computed of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any, NamedTuple

from ..analysis.summary import Summary
from ..analysis.totals import DTYPES
from ..diagnostics import SpecError, did_you_mean, fail
from ..graph import Graph
from ..language.conditions import Condition
from ..language.definitions import Net
from ..language.expand import BUDGET
from ..language.lexer import ARROW
from ..language.library import Library
from ..language.unknowns import INPUT, Query, TrialExpansion, Unknown, nothing_to_look_through, of_parameter
from ..loading import parameter
from ..loading.inputs import given_shapes
from ..loading.targets import find, module_of
from ..loading.unsized import TRIED, unsized_axes, with_size
from ..ops.attributes import show
from ..quantities import ALIASES, COMPARED, called
from ..shape import Shape
from .misplaced import with_choices
from .space import Axis, DesignSpace
from .values import is_many, read_values

# What a choice within a chain looks like; within a quoted string and a comment it is text.
_CHOICE = re.compile(r'"(?:[^"\\\n]|\\.)*"|#[^\n]*|(?P<choice>\{[^{}"]*(?:"[^"]*"[^{}"]*)*\})')
_CHOICES = re.compile(rf"{_CHOICE.pattern}|(?P<asked>\?)")
_ASKED = re.compile(r"\?")
# What a text begins with that is a spec, and no chain.
_SPEC = re.compile(r"^[ \t]*(?:net|block|use)\b", re.MULTILINE)


class SweepRequest(NamedTuple):
    """What is to be swept, in plain values: it can be sent to another process.

    target      a name, a file or a chain; a chain may hold ``?`` and ``{a, b}``
    settings    values of parameters by name, as text: one, a range, a list between braces, or ``?``;
                ``input`` is the height and width of the input
    input       other sizes of the input
    quantities  what is computed of each design
    where       the condition that designs have to meet
    batch, dtype, budget, stdin   as for a summary
    """

    target: str
    settings: Mapping[str, str]
    input: Any = None
    quantities: tuple[str, ...] = ("params", "macs", "rf")
    where: str | None = None
    batch: int = 1
    dtype: str = "fp32"
    budget: int | None = None
    stdin: str | None = None


# Designs that are computed at once as long as nothing is known of their network.
AT_ONCE = 1 << 13


class Sweep:
    """The designs of a target. ``at_once`` says how many are best computed at a time: whoever computes them
    learns it.

    Args:
        request: What is to be swept.

    Raises:
        SpecError: For a target that is none, parameters that there are not, or a space without an axis.

    Example:
        >>> from archcalc.sweeping.request import Sweep, SweepRequest
        >>> sweep = Sweep(SweepRequest("32x32x3 -> conv {3, 5} ? pad=half", {"conv1.filters": "8..32:8"}))
        >>> sweep.space.size, [axis.name for axis in sweep.space.axes]
        (8, ['kernel', 'filters'])
    """

    def __init__(self, request: SweepRequest):
        if request.dtype not in DTYPES:
            raise ValueError(f"no dtype {request.dtype!r}; there are {', '.join(DTYPES)}")
        self.request = request
        self.at_once = AT_ONCE
        self._library = Library()
        text = (request.stdin or "").strip() if request.target == "-" else request.target
        chain = bool(ARROW.search(text)) and _SPEC.search(text) is None
        open_axes: list[int] = []
        choices: list[str | None] = []
        written = text
        if chain:
            text = ARROW.sub("->", text) if _ASKED.search(text) or "{" in text else text
            open_axes = unsized_axes(text)
            written = with_size(text, TRIED[0]) if open_axes else text
            text, choices = _without_choices(written)
        self.text = text if chain else request.target
        self._chain = chain
        # Whether the chain itself leaves the size of its input open: what it asserts holds for each.
        self._unsized = bool(open_axes)
        if request.target != "-" and module_of(text) is not None:
            raise fail(
                "argument",
                f"{text} is a module: each design of it would have to be traced",
                "sweep a spec of it: archcalc trace MODULE > net.arch",
            )
        try:
            self.query = Query(text, self._library, given=True) if chain and "?" in text else None
        except SpecError as error:
            raise with_choices(error, written, _CHOICES) from None
        self.net: Net = (
            self.query.net
            if self.query is not None
            else find(text if chain else request.target, self._library, request.stdin)
        )
        settings = dict(request.settings)
        # The axes of each input that the size of the input is the size of.
        self._open = [open_axes or range(len(head.sizes) - 1) for head in self.net.inputs]
        if open_axes:
            settings.setdefault(INPUT, "?")
        axes = self._asked_in_text(choices, settings)
        self._sized = INPUT in settings and all(p.name != INPUT for p in self.net.parameters)
        self._fixed: dict[str, Any] = {}
        self._of_net: list[str] = []
        self._fixed_size: Any = None
        for name, value in settings.items():
            axes += self._setting(name, value)
        if not axes:
            raise fail(
                "argument",
                "nothing differs from design to design",
                "say --set width=16..256:16, or write ? or {3, 5} in the chain",
            )
        self.space = DesignSpace(axes)
        self._shapes = given_shapes(self.net, request.input)
        self.quantities = tuple(dict.fromkeys(map(_quantity, request.quantities)))
        self.condition = self._condition(request.where)

    def _asked_in_text(self, choices: list[str | None], settings: dict[str, str]) -> list[Axis]:
        """An axis for each ``?`` and each choice of the chain; ``--set`` says what a ``?`` may be."""
        self._spots: list[str] = []  # the axis of each ``?``
        axes: list[Axis] = []
        if self.query is None:
            return axes
        for unknown, choice, kind in zip(self.query.unknowns, choices, self.query.kinds, strict=True):
            given = [name for name in (unknown.name, _full(self.query, unknown)) if name in settings]
            if choice is not None:
                values = read_values(unknown.name, choice, "<command line>")
            elif given:
                values = self._given(given[0], settings.pop(given[0]), unknown)
            else:
                values = _ascending(unknown.values)
            if not values:
                raise nothing_to_look_through(unknown.name, kind, unknown.span)
            self._spots.append(unknown.name)
            axes.append(Axis(unknown.name, values))
        return axes

    def _given(self, name: str, text: str, unknown: Unknown) -> tuple[Any, ...]:
        if text.strip() == "?":
            return _ascending(unknown.values)
        return read_values(name, text) if is_many(text) else (parameter(name, text),)

    def _setting(self, name: str, text: str) -> list[Axis]:
        """The axis of a parameter that differs; none for one that is fixed. Raises SpecError."""
        asked = text.strip() == "?"
        if name == INPUT and self._sized:
            one = not asked and not is_many(text)
            values = tuple(range(8, 513, 8)) if asked else read_values(name, text)
            wrong = [value for value in values if type(value) is not int or not 1 <= value <= 2**40]
            if wrong:
                raise fail("argument", f"`{name}` is a height and width, not {show(wrong[0])}")
            if one:
                (self._fixed_size,) = values
                return []
            return [Axis(name, values)]
        names = [p.name for p in self.net.parameters if not p.name.startswith("?")]
        if name not in names:
            known = [*names, *self._spots, INPUT]
            raise fail(
                "argument",
                f"{self.net.name or 'this'} has no parameter `{name}`",
                *did_you_mean(name, known),
                f"there are {', '.join(known)}",
            )
        if not asked and not is_many(text):
            self._fixed[name] = parameter(name, text)
            return []
        self._of_net.append(name)
        values = _ascending(of_parameter(self.net, name).values) if asked else read_values(name, text)
        return [Axis(name, values)]

    def _condition(self, where: str | None) -> Condition | None:
        """The condition on quantities of the network, and on what differs. Raises SpecError."""
        if where is None:
            return None
        others = [axis.name for axis in self.space.axes if axis.name not in COMPARED]
        return Condition(where, [*COMPARED, *others], called=ALIASES)

    def with_quantities(self, names: Sequence[str]) -> Sweep:
        """The same designs, of which other quantities are computed. Raises SpecError."""
        other = copy(self)
        other.request = self.request._replace(quantities=tuple(names))
        other.quantities = tuple(dict.fromkeys(map(_quantity, names)))
        return other

    # Designs ----------------------------------------------------------------------------------

    @contextmanager
    def lasting(self) -> Iterator[Callable[[Mapping[str, Any]], Summary]]:
        """Give what ``summary`` is for lanes: nothing of these designs is kept behind it."""
        trial = self._trial()
        try:
            yield lambda values: self._summary(self._graph(trial, values))
        finally:
            trial.forget()

    def _summary(self, graph: Graph) -> Summary:
        return Summary(graph, batch=self.request.batch, dtype=self.request.dtype)

    def _trial(self) -> TrialExpansion:
        return TrialExpansion(self._library, self.request.budget or BUDGET, notes=False)

    def summary(self, values: Mapping[str, Any]) -> Summary:
        """All that is computed of the design with these values, by the names of the axes.

        Raises SpecError for what is no network.
        """
        return self._summary(self.graph(values))

    def graph(self, values: Mapping[str, Any]) -> Graph:
        """The design with these values. Raises SpecError."""
        return self._graph(self._trial(), values)

    def _graph(self, trial: TrialExpansion, values: Mapping[str, Any]) -> Graph:
        parameters = dict(self._fixed)
        if self.query is not None:
            self.query.substitute([values[axis] for axis in self._spots])
        parameters.update({name: values[name] for name in self._of_net})
        shapes = self._inputs(values)
        if self._unsized:
            for head in self.net.inputs:
                head.sizes = shapes[head.name]
        graph = trial.network(self.net, shapes, parameters)
        if trial.missed:
            wanted, came = trial.missed[0]
            raise fail("assert", f"the shape is {_by(came)}, not {_by(wanted)}")
        return graph

    def _inputs(self, values: Mapping[str, Any]) -> dict[str, Shape]:
        size = values[INPUT] if self._sized and INPUT in values else self._fixed_size
        if size is None:
            return self._shapes
        return {
            head.name: Shape([size if axis in axes else known for axis, known in enumerate(head.sizes)])
            for head, axes in zip(self.net.inputs, self._open, strict=True)
            if axes
        }

    def spec(self, values: Mapping[str, Any]) -> str:
        """What to type for a design: its chain, or the target with its settings."""
        if self._chain:
            text = self.text
            if self.query is not None:
                text = self.query.text([values[axis] for axis in self._spots])
            shapes = self._inputs(values)
            _, arrow, layers = text.partition("->")
            return f"{next(iter(shapes.values()))} ->{layers}" if shapes and arrow else text
        settings = {**self._fixed, **{name: values[name] for name in self._of_net}}
        words = [self.text, *(f"--set {name}={show(value)}" for name, value in settings.items())]
        shapes = self._inputs(values)
        named = len(self.net.inputs) > 1
        words += [
            f"--input {name}={shape}" if named else f"--input {shape}" for name, shape in shapes.items()
        ]
        return " ".join(words)


def _without_choices(text: str) -> tuple[str, list[str | None]]:
    """A chain with a ``?`` in the place of each choice; and of each ``?`` the choice that stood there."""
    choices: list[str | None] = []
    made: list[str] = []
    at = 0
    for match in _CHOICES.finditer(text):
        if match["choice"] is not None or match["asked"] is not None:
            choices.append(match["choice"])
            made += [text[at : match.start()], "?"]
            at = match.end()
    return "".join([*made, text[at:]]), choices


def _full(query: Query, unknown: Unknown) -> str:
    """The name of an unknown with its layer in front, ``conv1.pad``."""
    return unknown.name if "." in unknown.name else query.full_names[unknown.name]


def _ascending(values: Sequence[Any]) -> tuple[Any, ...]:
    """Numbers by their size, then words."""
    numbers = sorted(value for value in values if not isinstance(value, (str, bool)))
    return (*numbers, *[value for value in values if isinstance(value, (str, bool))])


def _quantity(word: str) -> str:
    meant = called(word)
    if meant is None or meant.name not in COMPARED:
        raise fail(
            "name",
            f"no quantity of a network is called `{word}`",
            *did_you_mean(word.lower(), COMPARED),
            f"there are {', '.join(COMPARED)}",
        )
    return meant.number or meant.name


def _by(sizes: Sequence[Any]) -> str:
    return "x".join(map(str, sizes))
