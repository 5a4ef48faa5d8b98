"""The answers of a question under every misconception and convention, worked out once.

A wrong answer is looked up in a table: a value to the readings that come to it, single ones before
pairs. Pairs are cheap, threes would explain anything. Rules are run on plain numbers for the table,
and again on named ones where a working is to be shown.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from ..graph import Layer
from ..ops.window import EXACT
from ..shape import Shape
from .assumptions import Alternative, Assumed, Assumption, Hypothesis, Reading, format_assumptions
from .conventions import ARCHCALC, CONVENTIONS
from .methods import AssumedShapes, Method, Sum, VolumeMethod
from .misconceptions import CATALOGUE, CONVENTION, Belief
from .question import UNFIT, Question
from .relatives import Relative, relatives
from .tool_figures import ToolFigure, ToolFigures, chosen_figure, tool_figures
from .working import Named, Working, named, unnamed

if TYPE_CHECKING:
    from ..letters.explanation import LetterExplanation
    from ..loading.applying import Applied

# The parts of a sum beyond which pairs that change all layers' sizes are left out, and all pairs.
LONG_SUM, LONGEST_SUM = 60, 200
# The layers beyond which no rule is followed through all of them and no two conventions are tried
# at once, and those in which one is followed alone.
DEEPEST, MOST_ALONE = 1000, 16

# Numbers so small that two assumptions come to nearly any of them.
SMALL = ("size", "rf", "pad", "depth")


class Diagnosis:
    """Everything there is to know of a question before anyone answers it.

    believed  the shapes a student believes in, where a question is judged by them; the diagnosis
              has readings of one assumption only then
    letters   the formulas of a question in letters; None for one in numbers
    applied   the layers of a question about values, run on what is given; None for any other, and
    flip      whether kernels are turned round there
    """

    letters: LetterExplanation | None = None
    applied: Applied | None = None
    flip = False

    def __init__(self, asked: Question, believed: AssumedShapes | None = None, method: Method | None = None):
        self.asked = asked
        self.assumed_shapes = believed or asked.subject.assumed_shapes
        self.follows = believed is not None or method is not None
        self._method = method
        self._plain: dict[Any, Method | None] = {}  # methods by the rule that all layers follow
        self.rules = [CATALOGUE[id] for _, id in asked.conventions.rules]

    # The right value ------------------------------------------------------------------------

    def _raw(self, named: Named, assumed_shapes: AssumedShapes | None = None) -> Method | None:
        """The method as textbooks have it, before any convention."""
        if self._method is not None:
            return self._method
        asked = self.asked
        if assumed_shapes is not None and self._arrives_alike(assumed_shapes):
            assumed_shapes = None
        key = (assumed_shapes.change, assumed_shapes.alone) if assumed_shapes is not None else None
        if named is unnamed and key in self._plain:
            return self._plain[key]
        method = asked.method(assumed_shapes or self.assumed_shapes, named)
        if named is unnamed:
            self._plain[key] = method
        return method

    def _arrives_alike(self, assumed_shapes: AssumedShapes) -> bool:
        """Whether a rule that other layers follow leaves the one layer that is asked about as it is: the
        method reads nothing but what arrives there."""
        layer = self.asked.layer
        if layer is None or self.asked.block or self.asked.sides or assumed_shapes.stated or self.follows:
            return False
        return assumed_shapes.inputs(layer) == [above.output for above in layer.inputs]

    @cached_property
    def known(self) -> bool:
        """Whether the method gives what archcalc computes: else nothing can be said but the value."""
        if self.follows:
            return self._raw(unnamed) is not None
        method = self._raw(unnamed)
        return method is not None and self._in_its_quantity(method.value) == self.asked.plain

    @cached_property
    def value(self) -> Any:
        """The right value under the conventions that hold: an int, a Shape, a tuple of ints an
        axis, UNFIT; None where there is no rule."""
        if self.counter_figure is not None:
            return self.counter_figure.printed
        if not self.known:
            return None if self.follows else self.asked.plain
        return self._value(self._made((), self.rules))

    @cached_property
    def counter_figure(self) -> ToolFigure | None:
        """What the counter prints that a course has chosen in the place of archcalc's count."""
        return None if self.follows else chosen_figure(self.asked)

    @cached_property
    def tool_figures(self) -> ToolFigures:
        """What other tools count, where that is not the right value. It is worked out only where nothing
        simpler explains an answer."""
        figures = [] if self.follows else tool_figures(self.asked)
        return ToolFigures([figure for figure in figures if figure.printed != self.value])

    def made(self, named: Named = unnamed) -> Method | None:
        """The method under the conventions that hold, its numbers with names or with other values;
        None where there is none."""
        return self._made((), self.rules, named) if self.known else None

    def of(self, layer: Layer) -> Diagnosis:
        """The diagnosis of the same question about one layer."""
        asked = self.asked
        return Diagnosis(Question(asked.subject, layer, asked.quantity, asked.conventions))

    @property
    def working(self) -> Working | None:
        """How it comes about."""
        if self.counter_figure is not None:
            return self.counter_figure.working
        return self.shown(Hypothesis((), tuple(self.rules)))

    def shown(self, hypothesis: Hypothesis | None) -> Working | None:
        """The working of a hypothesis, with names."""
        if not self.known or hypothesis is None:
            return None
        method = self._made(hypothesis.assumptions, hypothesis.rules, named)
        if method is None:
            return None
        if self.asked.quantity == "size":
            working = method.working
            lines = [line for line in working.lines if line.of != "channels"]
            return Working(lines, self._in_its_quantity(method.value))
        return method.working

    def _in_its_quantity(self, value: Any) -> Any:
        """A method's value as the quantity wants it."""
        if self.asked.quantity == "size" and isinstance(value, Shape):
            sizes = tuple(value.spatial) or tuple(value)  # of a vector its length
            return sizes[0] if len(set(sizes)) == 1 else sizes or None
        return value

    def _value(self, method: Method | None) -> Any:
        if method is None:
            return None
        if isinstance(method, VolumeMethod) and any(w.rounding == EXACT for w in method.windows):
            return self._in_its_quantity(method.value) if method.value is not None else UNFIT
        return self._in_its_quantity(method.value)

    def _made(
        self, assumptions: Iterable[Assumption], rules: Iterable[Belief], named: Named = unnamed
    ) -> Method | None:
        """The method under conventions and assumptions; None where one does not apply."""
        assumptions = list(assumptions)
        spread = [a for a in assumptions if a.follows]
        subject = self.asked.subject
        assumed_shapes = subject.following(spread[0].belief, spread[0].alone) if spread else None
        method = self._raw(named, assumed_shapes)
        if spread and spread[0].everywhere and isinstance(method, VolumeMethod):
            # Followed in every layer, and so in this one.
            assumptions.append(Assumption(spread[0].belief, spread[0].words))
        for rule in rules:
            if method is not None:
                method = next((v.method for v in rule.applied(method)), method)
        for assumption in assumptions:
            if method is None:
                return None
            belief, words = assumption.belief, assumption.words
            if not assumption.follows:
                optional = bool(spread) and belief is spread[0].belief
                changed = next((v.method for v in belief.applied(method) if v.name == words), None)
                method = changed if changed is not None or not optional else method
        return method

    # Conventions ----------------------------------------------------------------------------

    @cached_property
    def alternatives(self) -> list[Alternative]:
        """The values that are right under another convention, where they differ."""
        found: list[Alternative] = []
        if not self.known or self.follows:
            return found
        chosen = {rule.id for rule in self.rules}
        known = {_key(self.value)}
        method = self._made((), self.rules)
        far: list[Alternative] = []
        joined: list[tuple[tuple[Assumption, ...], Method]] = []
        ours = self._value(method)
        if self.counter_figure is not None and _key(ours) not in known:
            known.add(_key(ours))
            words, as_ours = CONVENTIONS["counter"].choices[ARCHCALC], Hypothesis((), tuple(self.rules))
            found.append(Alternative(ours, words, as_ours, taken_back="counter"))
        # Those that hold, taken back one by one; then all others, put on top.
        for name, id in self.asked.conventions.rules:
            rules = tuple([rule for rule in self.rules if rule.id != id])
            without = self._made((), rules)
            value = self._value(without)
            words = CONVENTIONS[name].choices[CONVENTIONS[name].usual]
            if _key(value) not in known:
                known.add(_key(value))
                found.append(Alternative(value, words, Hypothesis((), rules), taken_back=name))
            if CATALOGUE[id].joins and without is not None:
                far += [
                    Alternative(
                        value,
                        f"{words}, and {format_assumptions(hypothesis.assumptions)}",
                        hypothesis,
                        True,
                        name,
                    )
                    for value, hypothesis in self._joined([((), without)], rules, CATALOGUE[id])
                ]
        for belief in CATALOGUE.values():
            if belief.scope != CONVENTION or belief.id in chosen or method is None:
                continue
            if belief.id == "input-224" and self._states_227:
                continue
            assumed = [Assumption(belief, variant.name) for variant in belief.applied(method)]
            if belief.propagates and self._propagates and self._changes(belief):
                assumed.append(Assumption(belief, belief.name, True))
            for assumption in assumed:
                hypothesis = Hypothesis((assumption,), tuple(self.rules))
                changed = self._made(hypothesis.assumptions, hypothesis.rules)
                value = self._value(changed)
                if changed is not None and belief.joins and len(self.asked.layers) <= DEEPEST:
                    joined.append(((assumption,), changed))
                if value is not None and _key(value) not in known:
                    known.add(_key(value))
                    found.append(Alternative(value, assumption.description, hypothesis))
        far += [
            Alternative(value, format_assumptions(hypothesis.assumptions), hypothesis, True)
            for value, hypothesis in self._joined(joined, tuple(self.rules))
        ]
        for alternative in far:
            if _key(alternative.value) not in known:
                known.add(_key(alternative.value))
                found.append(alternative)
        if self.asked.with_heads is not None and not self.rules:
            found.append(Alternative(self.asked.with_heads, "side heads included", None))
        return found

    def _joined(
        self,
        assumed: Iterable[tuple[tuple[Assumption, ...], Method]],
        rules: tuple[Belief, ...],
        but: Belief | None = None,
    ) -> Iterator[tuple[Any, Hypothesis]]:
        """Yield the values of a convention of counting operations on top of what is assumed."""
        others = [belief for belief in CATALOGUE.values() if belief.joins and belief is not but]
        for first, method in assumed:
            taken = (*rules, *[assumption.belief for assumption in first])
            for second in others:
                for variant in second.applied(method) if second not in taken else ():
                    value = self._value(variant.method)
                    both = (*first, Assumption(second, variant.name))
                    if value is not None:
                        yield value, Hypothesis(both, rules)

    @property
    def _propagates(self) -> bool:
        """Whether a rule for sizes that all layers follow would make a difference."""
        asked = self.asked
        return asked.quantity not in ("rf", "pad") and len(asked.graph.layers) <= DEEPEST

    def _changes(self, belief: Belief) -> bool:
        """Whether any layer puts out something else where a rule for sizes is followed in all of them."""
        subjects = [side.subject for side in self.asked.sides.values()]
        return any(subject.changed_by(belief) for subject in (self.asked.subject, *subjects))

    @property
    def _states_227(self) -> bool:
        """Whether the task itself says 227: an answer for 224 is an answer to another question.
        Of a network that is only named, as `alexnet`, either may be meant."""
        graph = self.asked.graph
        return not graph.metadata.family and any(227 in at.output.spatial for at in graph.inputs)

    @property
    def quotient(self) -> Fraction | None:
        """The size of an output before it is rounded; None where it is whole, or there is none."""
        method = self._made((), self.rules) if self.known else None
        return method.windows[0].quotient if isinstance(method, VolumeMethod) and method.windows else None

    @cached_property
    def relatives(self) -> list[Relative]:
        """The values of the quantity for the other networks of the family, where this is one of the zoo."""
        return relatives(self.asked)

    # Readings -------------------------------------------------------------------------------

    @cached_property
    def singles(self) -> dict[Any, list[Hypothesis]]:
        """Values that one assumption comes to."""
        table: dict[Any, list[Hypothesis]] = {}
        for known in self._assumed:
            self._enter(table, known.value, (known.assumption,))
        return table

    @cached_property
    def pairs(self) -> dict[Any, list[Hypothesis]]:
        """Values that two assumptions come to, and no single one."""
        table: dict[Any, list[Hypothesis]] = {}
        method = self._made((), self.rules) if self.known else None
        parts = len(method.parts) if isinstance(method, Sum) else 0
        few = self.asked.quantity in SMALL or bool(self.asked.sides)
        if self.follows or few or parts > LONGEST_SUM:
            return table
        found = [known for known in self._assumed if known.assumption.belief.pairs]
        # What is followed everywhere leads: the rest is assumed of the layer as it is then.
        found.sort(key=lambda known: not known.assumption.follows)
        for place, (first, method, _) in enumerate(found):
            for second, _, _ in found[place + 1 :]:
                if first.belief is second.belief or second.follows:
                    continue
                if first.follows and (parts > LONG_SUM or VolumeMethod in second.belief.of):
                    continue
                if first.alone is not None and parts > MOST_ALONE:
                    continue
                for variant in second.belief.applied(method):
                    value = self._value(variant.method)
                    if value not in self.singles:
                        self._enter(table, value, (first, second))
        return table

    @cached_property
    def _assumed(self) -> list[Assumed]:
        """Every assumption that gives a value: about the layer itself, about one
        before it, then about every layer, where that gives another value."""
        method = self._made((), self.rules) if self.known else None
        if method is None:
            return []
        found: list[Assumed] = []
        of_one: dict[str, Any] = {}
        for belief in CATALOGUE.values():
            if belief.scope == CONVENTION:
                continue
            for variant in belief.applied(method):
                value = of_one[belief.id] = self._value(variant.method)
                if value is not None:
                    found.append(Assumed(Assumption(belief, variant.name), variant.method, value))
        if self.follows or not self._propagates:
            return found
        alone = list(self._assumed_alone())
        found += alone
        for known in alone:
            of_one.setdefault(known.assumption.belief.id, known.value)
        for belief in CATALOGUE.values():
            if not belief.propagates or belief.scope == CONVENTION or not self._changes(belief):
                continue
            assumption = Assumption(belief, belief.name, True)
            changed = self._made((assumption,), self.rules)
            value = self._value(changed)
            # In a network of one such layer it is the same.
            if changed is not None and value is not None and value != of_one.get(belief.id):
                found.append(Assumed(assumption, changed, value))
        return found

    def _assumed_alone(self) -> Iterator[Assumed]:
        """Yield the assumptions about one layer before the one asked about, and about no other."""
        asked = self.asked
        ends = (asked.layer,) if asked.layer is not None else asked.graph.layers
        above = asked.graph.ancestors(*ends)
        for belief in CATALOGUE.values():
            if not belief.alone:
                continue
            layers = [
                layer
                for layer in asked.subject.changed_by(belief)
                if layer in above and layer is not asked.layer
            ]
            for layer in layers[-MOST_ALONE:]:
                assumption = Assumption(belief, belief.alone.format(layer.name), alone=layer)
                changed = self._made((assumption,), self.rules)
                value = self._value(changed)
                if changed is not None and value is not None:
                    yield Assumed(assumption, changed, value)

    def _enter(
        self, table: dict[Any, list[Hypothesis]], value: Any, assumptions: tuple[Assumption, ...]
    ) -> None:
        """Enter a way to a value, where it is a wrong one."""
        if value is not None and value is not UNFIT and value != self.value:
            table.setdefault(value, []).append(Hypothesis(assumptions, tuple(self.rules)))

    @cached_property
    def _single_numbers(self) -> list[int | Fraction]:
        return sorted([value for value in self.singles if isinstance(value, (int, Fraction))])

    @cached_property
    def _pair_numbers(self) -> list[int | Fraction]:
        return sorted([value for value in self.pairs if isinstance(value, int)])

    def readings(self, value: Any, pairs: bool = True) -> list[Hypothesis]:
        """The hypotheses that give exactly this value, fewest assumptions first."""
        found = list(self.singles.get(value, ()))
        if pairs:
            found += self.pairs.get(value, ())
        return found

    def within(
        self, low: Fraction, high: Fraction, pairs: bool = True
    ) -> list[tuple[int | Fraction, Hypothesis]]:
        """The hypotheses that give a value in ``low <= x < high``, fewest assumptions first."""
        found: list[tuple[int | Fraction, Hypothesis]] = []
        tables = [(self._single_numbers, self.singles)]
        if pairs:
            tables.append((self._pair_numbers, self.pairs))
        for values, table in tables:
            at = bisect_left(values, low)
            while at < len(values) and values[at] < high:
                found += [(values[at], hypothesis) for hypothesis in table[values[at]]]
                at += 1
        return found

    def covered(self, low: Fraction, high: Fraction) -> list[Reading]:
        """The misconceptions of just this quantity that come to a value in ``low <= x < high``: an
        answer that is right when rounded may be any of them."""
        found: list[Reading] = []
        if self.asked.sides:
            return found  # around a share lie too many
        for value, hypothesis in self.within(low, high, pairs=False):
            (assumption,) = hypothesis.assumptions
            belief = assumption.belief
            if not (assumption.follows or belief.family or belief.slight or belief.of == (VolumeMethod,)):
                found.append(self.reading(hypothesis, value))
        return found

    def reading(self, hypothesis: Hypothesis, value: Any) -> Reading:
        """A hypothesis for a reader."""
        words = format_assumptions(hypothesis.assumptions)
        beliefs = [assumption.belief for assumption in hypothesis.assumptions]
        special = any(belief.special for belief in beliefs)
        made = partial(self.shown, hypothesis)
        return Reading(hypothesis.ids, words, value, made, beliefs[0].hint, special=special)


def _key(value: Any) -> str:
    """For a set: UNFIT, shapes and numbers."""
    return repr(value)
