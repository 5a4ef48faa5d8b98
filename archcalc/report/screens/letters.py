"""The screen of `archcalc explain` of a chain in letters: each quantity as a formula in these letters."""

from __future__ import annotations

from collections.abc import Iterator

from ...analysis.derivation import Formula
from ...analysis.notation import Notation
from ...arithmetic import Expression
from ...letters.explanation import LetterDerivation, LetterExplanation
from ..lines import Line, clean, clean_line
from ..sheet import PAGE, NotesBlock, Sheet, SheetBlock, Space, TextBlock
from ..working import Step, WorkingBlock
from .explain import EDGE, MARGIN
from .formulas import signs_of


def letter_sheets(explanation: LetterExplanation, space: Space = PAGE) -> list[Sheet]:
    """Each quantity with its formulas, in every format."""
    name, what = clean(explanation.label or explanation.layer or "total"), clean_line(explanation.chain.text)
    if space.drawn:
        lines = TextBlock(lambda space: letter_lines(explanation, space))
        return [Sheet(name, what, "", "explain", lines, headed=False, spec=True)]
    blocks: list[SheetBlock] = []
    for derivation in explanation.derivations:
        steps = [
            Step(Formula(formula.of, formula.forms[0]), bool(formula.of), "", formula.forms)
            for formula in derivation.formulas
        ]
        blocks.append(WorkingBlock(derivation.quantity, "", steps, derivation.notes, ""))
    if explanation.notes:
        blocks.append(NotesBlock(explanation.notes))
    return [Sheet(name, what, "", "explain", *blocks, spec=True)]


def letter_lines(explanation: LetterExplanation, space: Space) -> Iterator[Line]:
    """The screen, for a width; None is as wide as it comes."""
    width = space.width
    edge = EDGE if width is None else min(width, EDGE)
    inside = space.of(edge)
    name = clean(explanation.label or explanation.layer or "total")
    yield from space.of(edge if width is None else width).heading(
        clean_line(explanation.chain.text), name, "", edge
    )
    for derivation in explanation.derivations:
        if not derivation.formulas and not derivation.notes:
            continue
        yield []
        yield from _derivation(derivation, inside)
    if explanation.notes:
        yield []
        yield from inside.asides(explanation.notes)


def format_letters(made: Expression, space: Space = PAGE) -> str:
    """A formula in letters as one text, nothing left out."""
    return "".join([token[0] for token in signs(space).tokens(made)])


def signs(space: Space) -> Notation:
    """The signs of formulas in letters: no term is left out, and factors stand close."""
    found = signs_of(space)
    return found._replace(more="", times=found.close)


def _derivation(derivation: LetterDerivation, space: Space) -> Iterator[Line]:
    label = derivation.quantity.ljust(MARGIN)
    if space.width_of(label) > MARGIN:  # a long name stands on a line of its own
        yield [(label, "title")]
        label = " " * MARGIN
    for formula in derivation.formulas:
        name = f"{formula.of} = " if formula.of else ""
        for place, made in enumerate(formula.forms):
            start = label if not place else " " * (MARGIN + max(0, space.width_of(name) - 2) - 2 * (not name))
            text = format_letters(made, space)
            text = f"{name}{text}" if not place else f"= {text}"
            role = "title" if len(formula.forms) == place + 1 else ""
            yield from space.hanging([(start, "title")], text, MARGIN + 2, role)
            label = " " * MARGIN
    for note in derivation.notes:
        yield from space.hanging([(label, "title")], clean(note), MARGIN, "aside")
        label = " " * MARGIN
