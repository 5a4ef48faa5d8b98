"""The values of each ``?`` that meet a demand, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from ..analysis.receptive import FieldExtent
from ..analysis.summary import Summary, laid_out
from ..analysis.totals import DTYPES
from ..diagnostics import ERROR, Diagnostic, SpecError, did_you_mean, fail
from ..graph import GraphCounter
from ..language.conditions import Condition
from ..language.definitions import Net
from ..language.expand import BUDGET
from ..language.lexer import ARROW
from ..language.library import Library
from ..language.unknowns import INPUT, Query, TrialExpansion, Unknown, of_parameter
from ..loading import parameter
from ..loading.inputs import doubts, given_shapes
from ..loading.targets import find, module_of
from ..ops.attributes import show
from ..quantities import ALIASES, CONDITIONED, called, names
from ..shape import Shape
from .input_sizes import InputSizes
from .search import Candidate, Found, Outcome, search
from .widening import Widening

if TYPE_CHECKING:
    from .modules import ModuleDesigns

# Quantities that are shown of every design.
SHOWN = ("params", "macs", "rf")
# Faults that no other value would mend.
SAME_FOR_ALL = ("name", "syntax")
# What a shape of another number of axes misses by: more than sizes can.
OTHER_AXES = Fraction(4)


class Design:
    """Values that are put in, and what comes of it.

    values  by the names of what was asked for
    spec    the one-liner with them; None for a network whose parameters were asked for
    gap     how far it is from the demand; 0 where it meets it
    output  what the main path puts out, channels last
    field   the receptive field of its last layer that does not see everything: None where there is
            none; ``blind`` where it is not known
    record  its quantities
    """

    __slots__ = ("values", "spec", "gap", "output", "field", "blind", "record")

    def __init__(self, values: dict[str, Any], spec: str | None, gap: Fraction, record: Candidate):
        self.values = values
        self.spec = spec
        self.gap = gap
        self.record = record
        summary = record.summary
        self.output: Shape = summary.graph.output.output
        local = None if summary.blind else summary.local
        self.field: FieldExtent | None = local.extent if local is not None else None
        self.blind = summary.blind

    @property
    def summary(self) -> Summary:
        """All that is computed of it."""
        return self.record.summary

    def to_dict(self, quantities: list[str]) -> dict[str, Any]:
        """Return the JSON: values, output, quantities."""
        return {
            "values": {name: _json(value) for name, value in self.values.items()},
            "spec": self.spec,
            "output": laid_out(self.output, "hwc"),
            **{name: self.record[name] for name in quantities},
        }


class Solution:
    """The designs that were found, and how far it was looked.

    answers     designs that meet the demand, the smallest change first
    nearest     where none does, those that come nearest
    unknowns       what was asked for, and what was looked at
    quantities  those shown of a design: parameters, MACs, receptive field, and those of the demand
    tried       designs that were computed; ``refused`` of them are no networks
    space       how many designs there are
    whole       whether all were looked at, or ruled out
    widened     whether numbers beyond the first ranges were looked at
    below       why the next smaller input is no answer, where the network does not take it
    diagnostics  what else is to be said: of an input that looks channels first
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    below: str = ""

    def __init__(
        self,
        target: str,
        where: Condition | None,
        unknowns: list[Unknown],
        found: Found,
        batch: int,
        dtype: str,
        widened: bool = False,
    ):
        self.target = target
        self.where = where
        self.unknowns = unknowns
        self.batch = batch
        self.dtype = dtype
        self.answers: list[Design] = [outcome.design for _, outcome in found.answers]
        self.nearest: list[Design] = [outcome.design for _, outcome in found.nearest]
        self.tried = found.tried
        self.refused = found.refused
        self.space = found.space
        self.whole = found.whole
        self.widened = widened
        named = where.named if where is not None else []
        asked = {unknown.name for unknown in unknowns}
        shown = [name for name in named if name not in asked and name != "output"]
        self.quantities = list(dict.fromkeys([*SHOWN, *shown]))


S = TypeVar("S", bound=Solution)


def solved(
    kind: type[S],
    target: str,
    where: str | None,
    set: Mapping[str, Any] | None,
    *,
    input: Any,
    batch: int,
    dtype: str,
    limit: int,
    up_to: int | None,
    budget: int | None,
    stdin: str | None,
    even: bool = False,
    counter: GraphCounter | None = None,
) -> S:
    """Return what ``archcalc.solve`` finds, as an object of the class ``kind``. Raises SpecError."""
    if dtype not in DTYPES:
        raise ValueError(f"no dtype {dtype!r}; there are {', '.join(DTYPES)}")
    library = Library()
    given = dict(set or {})
    asked = [name for name, value in given.items() if value == "?"]
    text = (stdin or "").strip() if target == "-" else target
    text = ARROW.sub("->", text) if "?" in text else text
    sizes = InputSizes(text, None if module_of(text) is not None else input, up_to)
    read = sizes.text(text)
    query = Query(read, library, up_to) if "?" in read and "->" in read else None
    module = None if query is not None else module_of(text)
    designs: ModuleDesigns | None = None
    net: Net | None = None
    if module is not None:
        from .modules import ModuleDesigns

        designs = ModuleDesigns(module, input, given, up_to)
        asked, given, unknowns = [], {}, list(designs.unknowns)
    elif query is not None:
        if input is not None:
            raise fail("argument", "a one-liner begins with its input: write it there")
        net, unknowns = query.net, list(query.unknowns)
    else:
        net, unknowns = find(read if sizes.asked else target, library, stdin), []
    fixed = {name: parameter(name, value) for name, value in given.items() if name not in asked}
    shapes = {} if net is None or sizes.asked else given_shapes(net, input)
    doubted = [] if net is None else doubts(net, shapes, "hwc")
    for doubt in doubted:
        doubt.help = ()  # sizes have one order here
    if net is not None:
        unknowns += [of_parameter(net, name, up_to) for name in asked]
    asserts = (query is not None and query.asks) or (sizes.asked and _asserts(read))
    if sizes.asked:
        unknowns.append(sizes.unknown)
    if not unknowns:
        raise fail(
            "argument",
            "nothing is asked: there is no `?`",
            'as in archcalc solve "56x56x64 -> conv 3x3 8 stride=2 pad=? -> [28x28x8]"',
            'or archcalc solve mobilenet_v2 --set width=? --where "macs < 1G"',
        )
    condition = _condition(where, unknowns) if where is not None else None
    if condition is None and not asserts and not even and not sizes.asked:
        raise fail(
            "argument",
            "nothing is demanded: any value will do",
            "assert a shape, as in `-> [28x28x128]`",
            'or say --where "params <= 1M"',
        )
    refusals: dict[tuple[Any, ...], SpecError] = {}

    shown = [*SHOWN, *(condition.named if condition is not None else [])]

    def parts(values: tuple[Any, ...]) -> tuple[tuple[Any, ...], tuple[Any, ...], int | None]:
        """Values of the spec, of parameters, and the size of the input."""
        size = values[-1] if sizes.asked else None
        rest = values[:-1] if sizes.asked else values
        number = len(rest) - len(asked)
        return rest[:number], rest[number:], size

    def made(values: tuple[Any, ...]) -> tuple[Summary, list[tuple[Any, Any]]]:
        if designs is not None:
            return Summary(designs.graph(values).counted_by(counter), batch=batch, dtype=dtype), []
        assert net is not None
        of_spec, of_net, size = parts(values)
        asking, declared, given_here = query, net, shapes
        if size is not None and asserts:
            # What a chain asserts, it asserts of the input that it declares.
            chain = sizes.text(text, size)
            asking = Query(chain, library, up_to) if query is not None else None
            declared = asking.net if asking is not None else find(chain, library, stdin)
        elif size is not None:
            given_here = sizes.shapes(net, size)
        if asking is not None:
            asking.substitute(of_spec)
        trial = TrialExpansion(library, budget or BUDGET)
        parameters = {**fixed, **dict(zip(asked, of_net, strict=True))}
        graph = trial.network(declared, given_here, parameters)
        if even and trial.leaves_over:
            trial.missed.append(((1,), (2,)))
        if query is not None:
            graph.metadata.name = text
        return Summary(graph.counted_by(counter), batch=batch, dtype=dtype), trial.missed

    def attempt(values: tuple[Any, ...]) -> Outcome | None:
        try:
            summary, missed = made(values)
        except SpecError as error:
            if any(d.code in SAME_FOR_ALL for d in error.diagnostics):
                raise
            refusals.setdefault(values, error)
            return None
        named = {unknown.name: value for unknown, value in zip(unknowns, values, strict=True)}
        record = Candidate(summary, lambda: made(values)[0])
        record.update({name: value for name, value in named.items() if called(name) is None})
        gap = sum((_missed_by(Shape(wanted), Shape(came)) for wanted, came in missed), Fraction(0))
        lost = False
        if condition is not None:
            gap += condition.gap(record)
            lost = condition.lost(record)
        of_spec, _, size = parts(values)
        spec = query.text(of_spec) if query is not None else read if "->" in read else None
        if spec is not None and size is not None:
            spec = sizes.shown(spec, size)
        design = Design(named, spec, gap, record)
        record.settle(shown)
        return Outcome(gap, lost, design)

    spaces = [unknown.values for unknown in unknowns]
    first = [len(space) for space in spaces]
    if condition is None and not asserts and not even:
        _cut_behind(spaces[-1], lambda size: attempt((*[space[0] for space in spaces[:-1]], size)))
    found = search(spaces, [unknown.growing for unknown in unknowns], attempt, limit)
    if found.whole and up_to is None:
        found = Widening(spaces, [unknown.step for unknown in unknowns], attempt, found, limit).run()
    if found.refused == found.tried:
        substitute = ", ".join(f"{unknown.name}={show(unknown.values[0])}" for unknown in unknowns)
        others = f", and none of {found.tried:,} that were tried is a network"
        refused = next(iter(refusals.values()))
        first_refused = refused.diagnostics[0]
        first_refused.add_notes([f"with {substitute}{others if found.tried > 1 else ''}"])
        first_refused.help += tuple(doubt.message for doubt in doubted)
        raise refused
    widened = first != [len(space) for space in spaces]
    solution = kind(text, condition, unknowns, found, batch, dtype, widened)
    solution.diagnostics = tuple(doubted)
    if len(unknowns) == 1 and sizes.asked:
        solution.below = _below(solution, refusals)
    return solution


def _condition(where: str, unknowns: Sequence[Unknown]) -> Condition:
    """A condition on quantities of the network, of its layers, and on what is asked for. Raises
    SpecError."""
    others = [unknown.name for unknown in unknowns if called(unknown.name) is None]

    def placed(text: str) -> str:
        word = text.rpartition(".")[2]
        if called(word) is None:
            raise fail("name", f"no quantity is called `{word}`", *did_you_mean(word.lower(), names()))
        return text

    return Condition(where, [*CONDITIONED, *others], {"output": ()}, called=ALIASES, placed=placed)


def _asserts(chain: str) -> bool:
    """Whether a chain asserts a shape, ``-> [7x7x512]``."""
    return "[" in chain


def _cut_behind(space: list[int], attempt: Callable[[int], Outcome | None]) -> None:
    """Leave out of the sizes, where nothing is demanded of the network, those far beyond the first that it
    takes."""
    first = next((place for place, size in enumerate(space) if attempt(size) is not None), len(space))
    del space[first + 1 :]


def _below(solution: Solution, refusals: Mapping[tuple[Any, ...], SpecError]) -> str:
    """Why the size right below the smallest answer is none; empty where there is no such."""
    smallest = min([design.values[INPUT] for design in solution.answers], default=1)
    refused = refusals.get((smallest - 1,))
    if refused is None:
        return ""
    faults = [at for at in refused.diagnostics if at.severity == ERROR]
    first = (faults or refused.diagnostics)[0]
    place = f" at {first.span.text}" if first.span is not None else ""
    return f"{INPUT} {smallest - 1}: {first.message}{place}"


def _missed_by(wanted: Shape, came: Shape) -> Fraction:
    """Tell how far a shape is from the one that is asserted: by what shares its sizes miss."""
    if len(wanted) != len(came):
        return OTHER_AXES
    pairs = zip(wanted, came, strict=True)
    return sum((Fraction(abs(a - b), max(a, b)) for a, b in pairs), Fraction(0))


def _json(value: Any) -> Any:
    return value if isinstance(value, (bool, int)) else show(value)
