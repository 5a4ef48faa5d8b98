"""Diagnostics are data; how they look is decided in ``archcalc.report.diagnostics``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from .source import Span

ERROR = "error"
WARNING = "warning"
NOTE = "note"

# More would scroll the first one, which is usually the cause of the rest, off the screen.
MOST_ERRORS = 20


def shown(text: str) -> str:
    """Return a text as a terminal may get it: what would be obeyed instead of shown stands escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


class Diagnostic:
    """One thing to say about a spec.

    code      what kind of fault it is, one word (``syntax``, ``name``, ``shape``, ``fit`` …)
    severity  ``error``, ``warning`` or ``note``
    message   the fact, lower case, without a full stop
    span      the smallest stretch of source that is to blame; None if there is no source
    label     a few words printed behind the carets
    others    secondary (span, label) pairs
    notes     further facts: the expansion trail comes last
    help      suggestions
    """

    __slots__ = ("code", "severity", "message", "span", "label", "others", "notes", "help")

    def __init__(
        self,
        code: str,
        message: str,
        span: Span | None = None,
        *,
        severity: str = ERROR,
        label: str = "",
        others: Iterable[tuple[Span, str]] = (),
        notes: Iterable[str] = (),
        help: Iterable[str] = (),
    ):
        self.code = code
        self.severity = severity
        self.message = shown(message)
        self.span = span
        self.label = label
        self.others = tuple(others)
        self.notes = tuple(shown(note) for note in notes)
        self.help = (shown(help),) if isinstance(help, str) else tuple(shown(h) for h in help)

    def add_notes(self, notes: Iterable[str]) -> None:
        """Further facts, behind those there are."""
        self.notes = (*self.notes, *[shown(note) for note in notes])

    def to_dict(self) -> dict[str, object]:
        """Return the JSON form: code, severity, message, file, line, column, help."""
        line: int | None = None
        column: int | None = None
        if self.span is not None:
            line, column = self.span.position
        return {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "file": self.span.source.name if self.span is not None else None,
            "line": line,
            "column": column,
            "help": "; ".join(self.help) or None,
            "notes": list(self.notes),
        }

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for the same fault met twice, as in the turns of a repeat."""
        span = self.span
        place = (id(span.source), span.start, span.end) if span is not None else None
        return (self.code, self.message, place)


class SpecError(Exception):
    """A spec, a target or an option is wrong. The error carries every fault that was found.

    Attributes:
        diagnostics: What was found: errors, and warnings and notes that came up before them.

    Example:
        >>> try:
        ...     archcalc.load("32x32x3 -> cnov 5x5 10")
        ... except archcalc.SpecError as error:
        ...     print(error)
        <command line>:1:12: no layer or block is called `cnov`
          help: did you mean `conv`?
    """

    def __init__(self, diagnostics: Sequence[Diagnostic]):
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(self.messages()))

    def __reduce__(self) -> tuple[type[SpecError], tuple[Sequence[Diagnostic]]]:
        return SpecError, (self.diagnostics,)  # another process may raise it

    def __str__(self) -> str:
        return "\n".join(self.messages())

    def messages(self) -> list[str]:
        """Return the errors, each with its place, its notes and its help below it."""
        errors = [d for d in self.diagnostics if d.severity == ERROR] or self.diagnostics[:1]
        lines = []
        for error in errors:
            place = f"{error.span}: " if error.span is not None else ""
            lines.append(f"{place}{error.message}")
            lines += [f"  note: {note}" for note in error.notes]
            lines += [f"  help: {help}" for help in error.help]
        return lines


def fail(code: str, message: str, *help: str) -> SpecError:
    """Return the error for something that has no place in a source: an option, a target, a file."""
    return SpecError([Diagnostic(code, message, help=help)])


class PlacedError(Exception):
    """Something is wrong at a place; the expansion reports it and goes on."""

    def __init__(self, diagnostic: Diagnostic):
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class UnknownSizeError(Exception):
    """A size is asked of a tensor that an earlier fault left without one. It adds no message of its own."""


def fault(
    code: str, message: str, place: Any, *help: str, label: str = "", others: Sequence[tuple[Span, str]] = ()
) -> PlacedError:
    """Return a fault at a node of the syntax tree, or at a span."""
    span = getattr(place, "span", place)
    return PlacedError(Diagnostic(code, message, span, label=label, others=others, help=help))


class TooManyProblemsError(Exception):
    """Raised when enough has been collected, or nothing could follow; never leaves the package."""


class Collector:
    """Gathers the diagnostics of one run, each fault once."""

    def __init__(self) -> None:
        self.items: list[Diagnostic] = []
        self.errors = 0
        self._seen: set[tuple[object, ...]] = set()

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic. Raises TooManyProblemsError once there are
        MOST_ERRORS errors."""
        key = diagnostic.key
        if key in self._seen:
            return
        self._seen.add(key)
        self.items.append(diagnostic)
        if diagnostic.severity == ERROR:
            self.errors += 1
            if self.errors >= MOST_ERRORS:
                raise TooManyProblemsError

    def twice(self, message: str, first: Span, second: Span, code: str = "name") -> None:
        """Keep an error about two places that are one too many."""
        self.add(Diagnostic(code, message, second, label="here again", others=[(first, "first here")]))

    def knows(self, diagnostic: Diagnostic) -> bool:
        """Tell whether this fault has been collected already."""
        return diagnostic.key in self._seen

    def check(self) -> None:
        """Raise SpecError if there has been an error."""
        if self.errors:
            raise SpecError(self.items)


def did_you_mean(word: str, candidates: Iterable[str]) -> list[str]:
    """Return help lines that suggest the nearest candidate, if one is near."""
    near = nearest(word, candidates)
    return [f"did you mean `{near}`?"] if near else []


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate most like ``word``, or None."""
    import difflib  # only a wrong name pays for it

    some = list(islice((c for c in candidates if len(c) < 80), 2000))
    found = difflib.get_close_matches(word[:80], some, n=8, cutoff=0.65)
    # Signs that have changed places are the likeliest slip: vgg61.
    swapped = (like for like in found if sorted(like) == sorted(word))
    return next(swapped, found[0] if found else None)


def no_layer(network: str, name: str, known: Iterable[str]) -> SpecError:
    """Return the error for a name that no layer and no label of a network has."""
    return fail("name", f"{network or 'the network'} has no layer `{name}`", *did_you_mean(name, known))
