"""The values of each ``?`` that meet a demand, and what comes of them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeVar

from ..analysis.receptive import FieldExtent
from ..analysis.summary import Summary, laid_out
from ..analysis.totals import DTYPES
from ..diagnostics import Diagnostic, SpecError, fail
from ..language.conditions import Condition
from ..language.definitions import Net
from ..language.expand import BUDGET
from ..language.lexer import ARROW
from ..language.library import Library
from ..language.unknowns import Query, TrialExpansion, Unknown, of_parameter
from ..loading import parameter
from ..loading.inputs import doubts, given_shapes
from ..loading.targets import find, module_of
from ..loading.unsized import no_size, unsized
from ..ops.attributes import show
from ..quantities import ALIASES, COMPARED
from ..shape import Shape
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
    diagnostics  what else is to be said: of an input that looks channels first
    """

    diagnostics: tuple[Diagnostic, ...] = ()

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
        self.quantities = list(dict.fromkeys([*SHOWN, *named]))


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
) -> S:
    """Return what ``archcalc.solve`` finds, as an object of the class ``kind``. Raises SpecError."""
    if dtype not in DTYPES:
        raise ValueError(f"no dtype {dtype!r}; there are {', '.join(DTYPES)}")
    library = Library()
    given = dict(set or {})
    asked = [name for name, value in given.items() if value == "?"]
    text = (stdin or "").strip() if target == "-" else target
    text = ARROW.sub("->", text) if "?" in text else text
    if unsized(text):
        raise no_size(text)
    query = Query(text, library, up_to) if "?" in text and "->" in text else None
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
        net, unknowns = find(target, library, stdin), []
    fixed = {name: parameter(name, value) for name, value in given.items() if name not in asked}
    shapes = {} if net is None else given_shapes(net, input)
    doubted = [] if net is None else doubts(net, shapes, "hwc")
    for doubt in doubted:
        doubt.help = ()  # sizes have one order here
    if net is not None:
        unknowns += [of_parameter(net, name, up_to) for name in asked]
    asserts = query is not None and query.asks
    if not unknowns:
        raise fail(
            "argument",
            "nothing is asked: there is no `?`",
            'as in archcalc solve "56x56x64 -> conv 3x3 8 stride=2 pad=? -> [28x28x8]"',
            'or archcalc solve mobilenet_v2 --set width=? --where "macs < 1G"',
        )
    condition = Condition(where, COMPARED, called=ALIASES) if where is not None else None
    if condition is None and not asserts:
        raise fail(
            "argument",
            "nothing is demanded: any value will do",
            "assert a shape, as in `-> [28x28x128]`",
            'or say --where "params <= 1M"',
        )
    refusals: list[SpecError] = []

    shown = [*SHOWN, *(condition.named if condition is not None else [])]

    def made(values: tuple[Any, ...]) -> tuple[Summary, list[tuple[Any, Any]]]:
        if designs is not None:
            return Summary(designs.graph(values), batch=batch, dtype=dtype), []
        assert net is not None
        of_spec = values[: len(unknowns) - len(asked)]
        if query is not None:
            query.substitute(of_spec)
        trial = TrialExpansion(library, budget or BUDGET)
        parameters = {**fixed, **dict(zip(asked, values[len(of_spec) :], strict=True))}
        graph = trial.network(net, shapes, parameters)
        if query is not None:
            graph.metadata.name = text
        return Summary(graph, batch=batch, dtype=dtype), trial.missed

    def attempt(values: tuple[Any, ...]) -> Outcome | None:
        try:
            summary, missed = made(values)
        except SpecError as error:
            if any(d.code in SAME_FOR_ALL for d in error.diagnostics):
                raise
            if not refusals:
                refusals.append(error)
            return None
        record = Candidate(summary, lambda: made(values)[0])
        gap = sum((_missed_by(Shape(wanted), Shape(came)) for wanted, came in missed), Fraction(0))
        lost = False
        if condition is not None:
            gap += condition.gap(record)
            lost = condition.lost(record)
        named = {unknown.name: value for unknown, value in zip(unknowns, values, strict=True)}
        of_spec = values[: len(unknowns) - len(asked)]
        spec = query.text(of_spec) if query is not None else None
        design = Design(named, spec, gap, record)
        record.settle(shown)
        return Outcome(gap, lost, design)

    spaces = [unknown.values for unknown in unknowns]
    first = [len(space) for space in spaces]
    found = search(spaces, [unknown.growing for unknown in unknowns], attempt, limit)
    if found.whole and up_to is None:
        found = Widening(spaces, [unknown.step for unknown in unknowns], attempt, found, limit).run()
    if found.refused == found.tried:
        substitute = ", ".join(f"{unknown.name}={show(unknown.values[0])}" for unknown in unknowns)
        others = f", and none of {found.tried:,} that were tried is a network"
        first_refused = refusals[0].diagnostics[0]
        first_refused.add_notes([f"with {substitute}{others if found.tried > 1 else ''}"])
        first_refused.help += tuple(doubt.message for doubt in doubted)
        raise refusals[0]
    widened = first != [len(space) for space in spaces]
    solution = kind(text, condition, unknowns, found, batch, dtype, widened)
    solution.diagnostics = tuple(doubted)
    return solution


def _missed_by(wanted: Shape, came: Shape) -> Fraction:
    """Tell how far a shape is from the one that is asserted: by what shares its sizes miss."""
    if len(wanted) != len(came):
        return OTHER_AXES
    pairs = zip(wanted, came, strict=True)
    return sum((Fraction(abs(a - b), max(a, b)) for a, b in pairs), Fraction(0))


def _json(value: Any) -> Any:
    return value if isinstance(value, (bool, int)) else show(value)
