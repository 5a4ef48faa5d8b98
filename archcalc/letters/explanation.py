"""What a network in letters comes to: a formula for each number of each quantity.

The rules run once on numbers that remember their letters, and leave a formula. It is believed where it
gives what the rules give for other numbers; where none does, as behind a choice of the larger of two,
the explanation says that there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Any

from ..algebra.evaluation import evaluate
from ..algebra.polynomials import FormWriter, NoFormError, NormalForm, form_of, of_letter, of_number, pieces
from ..analysis.explained import explained
from ..analysis.explanation import Explanation
from ..arithmetic import Expression
from ..diagnostics import SpecError, fail
from ..loading import LoadedNetwork
from ..loading.letters import LetteredChain
from .readings import NumberInLetters, numbers_of, recorded
from .simplify import LetterReader, divided_evenly, in_own_letters

# Sets of numbers on which a formula is compared with the rules, and those that tell what comes out even.
SAMPLES, EVEN = 24, 10
# The least turns of a repeat for which a formula is made, and for how many counts; from them follows that of
# any number.
LEAST, TURNS = 2, 6
# A form that is longer is left out beside a textbook's.
LONGEST = 60


@dataclass
class LetterFormula:
    """A number in letters.

    of     what it is: ``Ho``; empty where the quantity says it
    forms  ways of writing the formula: as a textbook does, and multiplied out; empty where there is none
    form   its one form; None where it has none
    """

    of: str
    forms: tuple[Expression, ...]
    form: NormalForm | None = None


@dataclass
class LetterDerivation:
    """A quantity in letters: its formulas, and what is to be known of them."""

    quantity: str
    formulas: list[LetterFormula] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class LetterExplanation:
    """The quantities of a chain in its letters.

    chain    the chain
    label    the layer, ``total`` or empty, as in an explanation in numbers
    derivations  one for each quantity

    Raises SpecError for a chain that has faults, or whose layers accept no numbers.
    """

    def __init__(
        self,
        chain: LetteredChain,
        layer: str | None = None,
        quantity: str | None = None,
        layout: str = "hwc",
        **how: Any,
    ):
        self.chain = chain
        how["layout"] = layout
        self._ask = layer, quantity, how
        self.label = layer or ""
        accepted = chain.accepted(LoadedNetwork, SAMPLES, layout=layout)
        self._samples = [values for values, _ in accepted]
        self._numbers = [self._of(network) for _, network in accepted]
        self.base, first = self._base()
        self._writer = FormWriter({name: self.base[name] for name in chain.names})
        if chain.turns:
            turns = [first, *self._more_turns()]
        else:
            turns = [first]
        self.base_explanation = first
        self.layer = "" if first.layers else "the last layer" if chain.turns else first.layer.name
        self.layers = len(first.layers)
        self.notes = [f"for odd {name}: pad=half is ({name} − 1)/2 then" for name in sorted(chain.odd)]
        self.derivations = [
            self._derived(place, [one.derivations[place] for one in turns], turns)
            for place in range(len(first.derivations))
        ]

    def _of(self, network: LoadedNetwork) -> Explanation:
        layer, quantity, how = self._ask
        return explained(Explanation, network.graph, layer, quantity, **how)

    def _in_letters(self, values: Mapping[str, int]) -> Explanation:
        layout = self._ask[2]["layout"]
        return self._of(self.chain.in_letters(LoadedNetwork, values, layout))

    def _base(self) -> tuple[dict[str, int], Explanation]:
        refused: SpecError | None = None
        for values in self.chain.bases():
            if self.chain.turns:
                values[self.chain.turns] = LEAST
            try:
                return values, self._in_letters(values)
            except SpecError as error:
                refused = refused or error
        assert refused is not None
        raise self.chain.refused(refused)

    def _more_turns(self) -> list[Explanation]:
        """The explanations for more turns. Raises SpecError where the layers take few turns alone."""
        turns = self.chain.turns
        try:
            return [
                self._in_letters({**self.base, turns: number}) for number in range(LEAST + 1, LEAST + TURNS)
            ]
        except SpecError as error:
            first = error.diagnostics[0]
            raise fail(
                "argument",
                f"`{turns}` cannot be a number of turns here: {first.message}",
                "a formula in it needs turns that keep the sizes, or make them smaller by the same each",
            ) from None

    # One quantity ------------------------------------------------------------------------------

    def _derived(self, place: int, found: list[Any], turns: list[Explanation]) -> LetterDerivation:
        result = LetterDerivation(found[0].quantity)
        if any(one.value is None for one in found):
            result.notes.append(f"there is no rule for {result.quantity} here")
            return result
        by_turns = [recorded(at, one) for at, one in zip(turns, found, strict=True)]
        targets = [numbers_of(at.derivations[place]) for at in self._numbers]
        lost = []
        for name, number in by_turns[0].items():
            known = [
                (values, target[name])
                for values, target in zip(self._samples, targets, strict=True)
                if name in target
            ]
            if len(known) < len(targets) or not all(name in turn for turn in by_turns):
                lost.append(name)
                continue
            formula = (
                self._of_turns(name, [turn[name] for turn in by_turns], known)
                if self.chain.turns
                else self._formula(name, number, known)
            )
            if formula is None:
                lost.append(name)
            else:
                result.formulas.append(formula)
        self._joined(result)
        if not result.formulas and not lost:
            result.notes.append(f"there is no {result.quantity} here")
        if lost:
            names = ", ".join(filter(None, lost))
            which = f"{result.quantity}{f' ({names})' if names else ''}"
            result.notes.append(f"{which} has no one formula in these letters: give numbers")
        return result

    def _formula(
        self, name: str, number: NumberInLetters, known: Sequence[tuple[Mapping[str, int], Any]]
    ) -> LetterFormula | None:
        """The formula of a number, where it gives what the rules give for other numbers."""
        forms: list[Expression] = []
        form: NormalForm | None = None
        textbook = None if number.textbook is None else in_own_letters(number.textbook)
        for way in (textbook, number.made):
            if way is None:
                continue
            even = divided_evenly(way, self._samples[:EVEN])
            made = LetterReader(self._ordered)(even)
            if not _agrees(made, known):
                continue
            if way is textbook:
                forms.append(made)
            if form is None:
                form = self._form(even)
            if form is None and not forms:
                forms.append(made)
        if form is None and not forms:
            return None
        return LetterFormula(name, self._written(forms, form, known), form)

    def _ordered(self, made: Expression) -> Expression:
        """A sum that is rounded, its letters in the order of the chain."""
        form = self._form(made)
        if form is None:
            return made
        other = self._writer.expanded(form)
        return other if pieces(other) <= pieces(made) + 2 else made

    @staticmethod
    def _form(made: Expression) -> NormalForm | None:
        try:
            return form_of(made)
        except (NoFormError, ZeroDivisionError):
            return None

    def _written(
        self, forms: list[Expression], form: NormalForm | None, known: Sequence[tuple[Mapping[str, int], Any]]
    ) -> tuple[Expression, ...]:
        """The textbook's form and the shortest of the others, each once."""
        found = list(forms)
        if form is not None:
            expanded, factored = self._writer.expanded(form), self._writer.factored(form)
            short = min((factored, expanded), key=pieces)
            if not _agrees(short, known):
                return tuple(found)
            if not found or 2 * pieces(short) < pieces(found[0]):
                found = [short]
            elif not form.rounded:
                other = expanded if found[0].operator == "*" else factored
                found += [other] if pieces(other) <= LONGEST else []
        texts: dict[str, Expression] = {}
        for one in found:
            texts.setdefault(one.text.replace("^", "**"), one)
        return tuple(texts.values())

    def _of_turns(
        self, name: str, numbers: list[NumberInLetters], known: Sequence[tuple[Mapping[str, int], Any]]
    ) -> LetterFormula | None:
        """The formula for any number of turns, from those for 1, 2, 3 …: their differences, the differences
        of these, and so on, until they are 0."""
        forms = []
        for number in numbers:
            assert number.made is not None
            form = self._form(divided_evenly(number.made, self._samples[:EVEN]))
            if form is None:
                return None
            forms.append(form)
        rows = [forms]
        while len(rows[-1]) > 1 and any(form.terms for form in rows[-1]):
            row = rows[-1]
            rows.append([two - one for one, two in pairwise(row)])
        if any(form.terms for form in rows[-1]) or len(rows) > TURNS - 1:
            return None
        turns = of_letter(self.chain.turns)
        whole, chosen = of_number(0), of_number(1)
        for place, row in enumerate(rows):
            whole = whole + chosen * row[0]
            chosen = (chosen * (turns - of_number(LEAST + place))).times(Fraction(1, place + 1))
        written = self._writer
        found: list[Expression] = []
        if len(rows) == 3:  # each turn adds the same
            start = forms[0] - rows[1][0].times(Fraction(LEAST))
            down = all(count < 0 for count in rows[1][0].terms.values())
            n, each = written.expanded(turns), written.factored(-rows[1][0] if down else rows[1][0])
            made = n if _is_one(each) else each * n if each.operator == "number" else n * each
            if start.terms:
                first = written.factored(start)
                made = first - made if down else first + made
            found.append(-made if down and not start.terms else made)
        found = [one for one in found if _agrees(one, known)]
        if not found and not _agrees(written.expanded(whole), known):
            return None
        return LetterFormula(name, self._written(found, whole, known), whole)

    @staticmethod
    def _joined(result: LetterDerivation) -> None:
        """Axes that have the same formula stand together."""
        if result.quantity not in ("rf", "size", "pad", "stride", "start"):
            return
        forms = {one.form for one in result.formulas if one.form is not None}
        if len(forms) == 1 and len(result.formulas) > 1:
            result.formulas = [LetterFormula("", result.formulas[0].forms, result.formulas[0].form)]


def _agrees(made: Expression, known: Sequence[tuple[Mapping[str, int], Any]]) -> bool:
    try:
        return all(evaluate(made, values) == value for values, value in known)
    except (ZeroDivisionError, KeyError):
        return False


def _is_one(made: Expression) -> bool:
    return made.operator == "number" and made.value == 1
