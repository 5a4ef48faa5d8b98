"""What an expansion finds wrong, and how much it may take."""

from __future__ import annotations

from typing import Protocol

from ..diagnostics import Collector, Diagnostic, SpecError, TooManyProblemsError
from ..source import Span
from .lexer import LONGEST_PATH

# Layers that a network may have, unless --budget says otherwise.
BUDGET = 50_000
# Statements, turns and calls that it may take for each layer of the budget: blocks within blocks
# need several per layer, and what needs more makes no layers at all.
STEPS_PER_LAYER = 4
# Items within items: blocks, merges, repeats. The expansion is recursive, and Python's stack small.
DEEPEST = 64


class HasTrail(Protocol):
    """A body that knows the calls which led to it."""

    def notes(self) -> list[str]: ...


class Problems:
    """Collects the faults of a spec, each with the calls that led to it; with ``notes`` also what may
    surprise."""

    def __init__(self, diagnostics: Collector, notes: bool = True):
        self.diagnostics = diagnostics
        self.notes = notes

    @property
    def errors(self) -> int:
        """The number of errors so far."""
        return self.diagnostics.errors

    def report(self, diagnostic: Diagnostic, body: HasTrail) -> None:
        """Collect a fault that was found in this body."""
        if not self.diagnostics.knows(diagnostic):
            diagnostic.add_notes(body.notes())
            self.diagnostics.add(diagnostic)

    def report_file(self, error: SpecError, called: str, span: Span, body: HasTrail) -> None:
        """Collect what is wrong with another file, for which this place called."""
        for diagnostic in error.diagnostics:
            if diagnostic.span is None:
                diagnostic.span = span
            elif not self.diagnostics.knows(diagnostic):
                diagnostic.add_notes([f"the file is read for `{called}`, called at {span}"])
            self.report(diagnostic, body)

    def give_up(self, diagnostic: Diagnostic, body: HasTrail) -> TooManyProblemsError:
        """Collect a fault after which it is pointless to go on; the caller raises the result."""
        self.report(diagnostic, body)
        return TooManyProblemsError()


class Budget:
    """How many layers, steps and letters a network may take, and how deep its text may be nested.

    A spec is data from a stranger: no text may make the expansion run on and on.
    """

    def __init__(self, layers: int, problems: Problems):
        self.layers = layers
        self.depth = 0  # of the item that is being expanded
        self._problems = problems
        self._steps = STEPS_PER_LAYER * layers + 1_000
        self._left = self._steps

    def spend(self, span: Span) -> None:
        """Count one statement, turn or call. Raises TooManyProblemsError at the end of the budget."""
        self._left -= 1
        if self._left < 0:
            self._problems.diagnostics.add(
                Diagnostic(
                    "limit",
                    f"the network takes more than {self._steps:,} statements, turns and calls",
                    span,
                    help="--budget sets another number",
                )
            )
            raise TooManyProblemsError

    def check_depth(self, span: Span, body: HasTrail) -> None:
        """Raise TooManyProblemsError where items are nested too deep."""
        if self.depth > DEEPEST + 1:
            message = f"nested more than {DEEPEST} deep"
            raise self._problems.give_up(Diagnostic("limit", message, span), body)

    def check_layers(self, number: int, span: Span, body: HasTrail) -> None:
        """Raise TooManyProblemsError where one layer more would be too many."""
        if number >= self.layers:
            message = f"the network has more than {self.layers:,} layers"
            help = "--budget sets another number"
            raise self._problems.give_up(Diagnostic("limit", message, span, help=help), body)

    def check_name(self, name: str, span: Span, body: HasTrail) -> None:
        """Raise TooManyProblemsError for a full name that is too long: each layer below it would
        hold it again."""
        if len(name) > LONGEST_PATH:
            message = f"a name of more than {LONGEST_PATH} letters, with those that it stands in"
            raise self._problems.give_up(Diagnostic("limit", message, span), body)
