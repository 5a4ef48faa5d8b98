"""What is asked of a search, and what is demanded: read once, and each design made from it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from ..analysis.summary import Summary
from ..analysis.totals import DTYPES
from ..diagnostics import SpecError, did_you_mean, fail
from ..graph import GraphCounter
from ..language.conditions import Condition
from ..language.definitions import Net
from ..language.expand import BUDGET
from ..language.lexer import ARROW
from ..language.library import Library
from ..language.unknowns import INPUT, Query, TrialExpansion, Unknown
from ..loading import parameter
from ..loading.inputs import doubts, given_shapes
from ..loading.targets import find, module_of
from ..ops.attributes import show
from ..quantities import ALIASES, CONDITIONED, COUNTER, called, names
from ..shape import Shape
from .designs import SHOWN, Design, Miss
from .input_sizes import InputSizes
from .ranges import AskedSettings
from .search import SAME_FOR_ALL, Candidate, Objective, Outcome

if TYPE_CHECKING:
    from .modules import ModuleDesigns
    from .spaces.demands import AssertedShape, DesignJudge

# What a shape of another number of axes misses by: more than sizes can.
OTHER_AXES = Fraction(4)

# Designs that are computed at once.
FEW_DESIGNS = 1024
# Quantities of a layer that follow from the network up to it; what the whole network is called.
_SIZES, _WHOLE = ("output", "size"), ("total", "totals")
_ALL_SIZES = re.compile(r"\s*(?:\?\s*[x×]\s*)+(?P<channels>\d+)\s*")


class CountOptions(NamedTuple):
    """How designs are counted: the batch, the type of values, the most layers, the counter of a tool."""

    batch: int
    dtype: str
    budget: int | None
    counter: GraphCounter | None


class SearchRequest:
    """A target in which values are asked for, and a demand.

    text       the target
    unknowns   what is asked for
    condition  what has to hold besides the shapes that a chain asserts
    objective  what is to be as large or as small as can be
    demanding  whether anything is demanded
    refusals   why designs that were tried by themselves are no networks, by their values
    doubted    what is to be said of the order of the axes

    Raises SpecError.
    """

    def __init__(
        self,
        target: str,
        where: str | None,
        set: Mapping[str, Any] | None,
        *,
        input: Any,
        up_to: int | None,
        stdin: str | None,
        even: bool,
        best: tuple[str, int] | None,
        counting: CountOptions,
    ):
        if counting.dtype not in DTYPES:
            raise ValueError(f"no dtype {counting.dtype!r}; there are {', '.join(DTYPES)}")
        self._library = Library()
        self._counting = counting
        self._input, self._stdin, self._even, self._up_to = input, stdin, even, up_to
        settings = AskedSettings(set or {})
        text = (stdin or "").strip() if target == "-" else target
        self.text = text = ARROW.sub("->", text) if "?" in text else text
        self._target = target
        module = module_of(text)
        self.sizes = InputSizes(text, None if module is not None else input, up_to)
        self._read = read = self.sizes.text(text)
        self._query = Query(read, self._library, up_to) if "?" in read and "->" in read else None
        self._module: ModuleDesigns | None = None
        net: Net | None = None
        self.unknowns: list[Unknown] = []
        if self._query is not None:
            if input is not None:
                raise fail("argument", "a one-liner begins with its input: write it there")
            net, self.unknowns = self._query.net, list(self._query.unknowns)
            settings.narrow(self.unknowns, self._query)
        elif module is not None:
            from .modules import ModuleDesigns

            self._module = ModuleDesigns(module, input, settings.for_a_module(), up_to)
            self.unknowns = list(self._module.unknowns)
            settings.narrow(self.unknowns)
        else:
            net = find(read if self.sizes.asked else target, self._library, stdin)
            by_name = settings.input_of(net, input, up_to)
            if by_name is not None:
                self.sizes = InputSizes(text, by_name[0], up_to)
                self.sizes.unknown.values = list(by_name[1])
        self._net = net
        self._settings = settings
        self._fixed: dict[str, Any] = {}
        if net is not None:
            self._fixed = {name: parameter(name, value) for name, value in settings.fixed.items()}
            self.unknowns += settings.of_net(net, up_to)
        self._shapes = {} if net is None or self.sizes.asked else given_shapes(net, input)
        self.doubted = [] if net is None else doubts(net, self._shapes, "hwc")
        for doubt in self.doubted:
            doubt.help = ()  # sizes have one order here
        self._asserts = (self._query is not None and self._query.asks) or (self.sizes.asked and "[" in read)
        if self.sizes.asked:
            self.unknowns.append(self.sizes.unknown)
        if not self.unknowns:
            raise fail(
                "argument",
                "nothing is asked: there is no `?`",
                'as in archcalc solve "56x56x64 -> conv 3x3 8 stride=2 pad=? -> [28x28x8]"',
                'or archcalc solve mobilenet_v2 --set width=? --where "macs < 1G"',
            )
        self.condition = self._condition(where) if where is not None else None
        self.objective = None if best is None else self._objective(*best)
        self.demanding = self.condition is not None or self._asserts or even or self.objective is not None
        if not self.demanding and not self.sizes.asked:
            raise fail(
                "argument",
                "nothing is demanded: any value will do",
                "assert a shape, as in `-> [28x28x128]`",
                'or say --where "params <= 1M"',
            )
        self.refusals: dict[tuple[Any, ...], SpecError] = {}
        named = self.condition.named if self.condition is not None else []
        values = {unknown.name for unknown in self.unknowns}
        wanted = [] if self.objective is None else [self.objective.quantity]
        self.shown = [
            name for name in dict.fromkeys([*SHOWN, *named, *wanted]) if name not in values or name in SHOWN
        ]

    # The demand --------------------------------------------------------------------------------

    def _condition(self, where: str) -> Condition:
        """A condition on quantities of the network, of its layers, and on what is asked for. Raises
        SpecError."""
        others = [unknown.name for unknown in self.unknowns if called(unknown.name) is None]

        def placed(text: str) -> str:
            word = text.rpartition(".")[2]
            if called(word) is None:
                raise fail("name", f"no quantity is called `{word}`", *did_you_mean(word.lower(), names()))
            return text

        return Condition(where, [*CONDITIONED, *others], {"output": ()}, called=ALIASES, placed=placed)

    def _objective(self, word: str, sign: int) -> Objective:
        """What is to be as large as can be (1), or as small (-1). Raises SpecError."""
        values = [unknown.name for unknown in self.unknowns]
        if word in values and called(word) is None:
            return Objective(word, sign)
        meant = called(word)
        if meant is None or meant.name not in CONDITIONED:
            others = [name for name in values if called(name) is None]
            known = [*CONDITIONED, *others]
            raise fail(
                "name",
                f"no quantity of a network is called `{word}`",
                *did_you_mean(word.lower(), known),
                f"there are {', '.join(known)}",
            )
        return Objective(meant.number or meant.name, sign)

    # Designs one by one ------------------------------------------------------------------------

    def parts(self, values: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...], int | None]:
        """Values of the spec, of parameters, and the size of the input."""
        size = values[-1] if self.sizes.asked else None
        rest = values[:-1] if self.sizes.asked else values
        number = len(rest) - len(self._settings.asked)
        return rest[:number], rest[number:], size

    def _made(self, values: tuple[Any, ...]) -> tuple[Summary, list[tuple[Any, Any]]]:
        """A design, and what it misses of what is asserted. Raises SpecError."""
        batch, dtype, budget, counter = self._counting
        if self._module is not None:
            graph = self._module.graph(values)
            return Summary(graph.counted_by(counter), batch=batch, dtype=dtype), []
        assert self._net is not None
        of_spec, of_net, size = self.parts(values)
        asking, declared, given_here = self._query, self._net, self._shapes
        if size is not None and self._asserts:
            # What a chain asserts, it asserts of the input that it declares.
            chain = self.sizes.text(self.text, size)
            asking = Query(chain, self._library, self._up_to) if self._query is not None else None
            declared = asking.net if asking is not None else find(chain, self._library, self._stdin)
        elif size is not None:
            given_here = self.sizes.shapes(self._net, size)
        if asking is not None:
            asking.substitute(of_spec)
        trial = TrialExpansion(self._library, budget or BUDGET)
        parameters = {**self._fixed, **dict(zip(self._settings.asked, of_net, strict=True))}
        graph = trial.network(declared, given_here, parameters)
        if self._even and trial.leaves_over:
            trial.missed.append(((1,), (2,)))
        if self._query is not None:
            graph.metadata.name = self.text
        return Summary(graph.counted_by(counter), batch=batch, dtype=dtype), trial.missed

    def attempt(self, values: tuple[Any, ...]) -> Outcome | None:
        """What comes of a design; None where it is no network. Raises SpecError for a fault that all
        have."""
        try:
            summary, missed = self._made(values)
        except SpecError as error:
            if any(d.code in SAME_FOR_ALL for d in error.diagnostics):
                raise
            self.refusals.setdefault(values, error)
            return None
        record = self._candidate(values, summary)
        gap = sum((_missed_by(Shape(wanted), Shape(came)) for wanted, came in missed), Fraction(0))
        misses = [Miss.of_shape(wanted, came) for wanted, came in missed]
        lost = False
        condition = self.condition
        if condition is not None:
            further = condition.gap(record)
            gap += further
            misses += Miss.of_condition(condition, record) if further else []
            lost = condition.lost(record)
        design = self._design(values, gap, record)
        design.misses = misses
        record.settle(self.shown)
        return Outcome(gap, lost, design)

    def design(self, values: tuple[Any, ...], output: Shape, figures: Mapping[str, Any]) -> Design:
        """A design that meets the demand, of which this is known already."""
        record = self._candidate(values, None)
        record.update(figures)
        return self._design(values, Fraction(0), record, output)

    def _candidate(self, values: tuple[Any, ...], summary: Summary | None) -> Candidate:
        record = Candidate(summary, lambda: self._made(values)[0])
        for unknown, value in zip(self.unknowns, values, strict=True):
            if called(unknown.name) is None:
                record[unknown.name] = value
        return record

    def _design(
        self, values: tuple[Any, ...], gap: Fraction, record: Candidate, output: Shape | None = None
    ) -> Design:
        named = {unknown.name: value for unknown, value in zip(self.unknowns, values, strict=True)}
        of_spec, _, size = self.parts(values)
        spec = None
        if self._query is not None:
            spec = self._query.text(of_spec)
        elif "->" in self._read:
            spec = self._read
        if spec is not None and size is not None:
            spec = self.sizes.shown(spec, size)
        return Design(named, spec, gap, record, output)

    # Many designs at a time --------------------------------------------------------------------

    def judge(self, spaces: Sequence[Sequence[Any]]) -> DesignJudge | None:
        """What judges many designs with these values at a time; None where each has to be made by itself:
        modules are traced, a layer or a tool is counted by itself, and windows that come out even are looked
        at one by one."""
        condition = self.condition
        named = [] if condition is None else condition.named
        placed = [name for name in named if "." in name and name not in self._names]
        parts = [name.rpartition(".") for name in placed]
        by_layer = any(word not in _SIZES or place.lower() in _WHOLE for place, _, word in parts)
        wanted = [] if self.objective is None else [self.objective.quantity]
        if (
            self._net is None
            or self._even
            or by_layer
            or self._counting.counter is not None
            or COUNTER.name in (*named, *wanted)
        ):
            return None
        written = self._settings.written.items()
        settings = {name: value if isinstance(value, str) else show(value) for name, value in written}
        given_input = self._input
        if self.sizes.asked:
            sizes = self._all_sizes()
            if sizes is None:
                return None
            settings[INPUT], given_input = "?", None
        from ..sweeping.request import Sweep, SweepRequest
        from ..sweeping.space import Axis
        from .spaces.demands import DesignJudge, PlacedSweep, asserted

        target = self._target
        shapes: list[AssertedShape] = []
        if "->" in self._read:
            found = asserted(self._net, self._read)
            if found is None:
                return None
            target, shapes = found

        def asking(chain: str, settings: Mapping[str, str]) -> SweepRequest:
            batch, dtype, budget, _ = self._counting
            stdin = self._stdin if "->" not in chain else None
            return SweepRequest(
                chain, settings, given_input, batch=batch, dtype=dtype, budget=budget, stdin=stdin
            )

        ahead: list[tuple[tuple[int, ...], Sweep | None]] = []
        size = {INPUT: "?"} if self.sizes.asked else {}
        for shape in shapes:
            if shape.ahead is None:
                ahead.append((shape.sizes, None))
            elif "?" in shape.ahead and not size and shape.ahead.count("->"):
                ahead.append((shape.sizes, Sweep(asking(shape.ahead, {}))))
            else:
                return None
        pairs = zip(self.unknowns, spaces, strict=True)
        axes = [Axis(unknown.name, tuple(values)) for unknown, values in pairs]
        # Few designs are computed once, with all that is shown of them.
        few = prod(len(values) for values in spaces) <= FEW_DESIGNS
        others = [name for name in self.shown if called(name) is not None and name != "output"]
        quantities = [name for name in (*wanted, *(others if few else ())) if name not in self._names]
        designs = asking(target, settings)
        places = {name: PlacedSweep(designs, name.rpartition(".")[0]) for name in placed}
        return DesignJudge(Sweep(designs), axes, ahead, condition, quantities, places)

    @property
    def _names(self) -> Sequence[str]:
        return [unknown.name for unknown in self.unknowns if called(unknown.name) is None]

    def _all_sizes(self) -> str | None:
        """The input, where each of its sizes is asked for and there is one alone; else None."""
        assert self._net is not None
        if len(self._net.inputs) != 1 or any(p.name == INPUT for p in self._net.parameters):
            return None
        head = self._net.inputs[0]
        written = self.sizes.written
        found = _ALL_SIZES.fullmatch(written)
        if found is None or written.count("?") != len(head.sizes) - 1:
            return None
        return written if int(found["channels"]) == head.sizes[-1] else None


def _missed_by(wanted: Shape, came: Shape) -> Fraction:
    """Tell how far a shape is from the one that is asserted: by what shares its sizes miss."""
    if len(wanted) != len(came):
        return OTHER_AXES
    pairs = zip(wanted, came, strict=True)
    return sum((Fraction(abs(a - b), max(a, b)) for a, b in pairs), Fraction(0))
