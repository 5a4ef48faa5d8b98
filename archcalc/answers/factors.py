"""A wrong count solved for one of its own factors: what would make it right.

"Would be right for 1,600 inputs", "for a 32x32 output". Nothing is known of how somebody came to
the number; but where it is just what the rule makes of another size, that says where to look. A
factor that nearly any number can be divided by says nothing, so a solution counts only where few
numbers near it have one, or where it is a number that stands elsewhere in the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from math import isqrt
from typing import TYPE_CHECKING, Any, NamedTuple

from ..arithmetic import Number, product, symbol, value_of
from ..graph import Layer
from ..ops.terms import GATES, INPUT, MULTIPLIED, SIDE
from .assumptions import FACTOR, Reading
from .methods import CountMethod, Method, Sum
from .methods.counts import LETTERS
from .methods.sums import Addend
from .question import Question
from .working import Named

if TYPE_CHECKING:
    from .diagnosis import Diagnosis

# At most one in RARE of the numbers near a solution may have a solution too, or one in RARE_OF_SUM
# for a sum of several layers: else chance would find one.
RARE, RARE_OF_SUM = 50, 1000
# How many times rarer a number that is known from elsewhere in the network is than any other.
KNOWN = 1000
# The layers of a sum beyond which nothing is solved, the largest factor, and what is named.
LONGEST, LARGEST, MOST = 20, 1 << 29, 3
# The letters of positions, which are changed together.
POSITIONS = ("H", "W", "T", "Ho", "Wo", "To")

LetterValues = Mapping[str, int]


class UnknownFactor(NamedTuple):
    """A number of a task that may have been another.

    put    a number in its place, as the letters of the rule have it then
    words  what would be right then
    hint   what to look at again
    rarer  how many times rarer such a number is than any: one that stands elsewhere in the network,
           or is made as such numbers are
    may    whether the number is possible at all
    """

    put: Callable[[int], LetterValues]
    words: Callable[[int], str]
    hint: str
    rarer: Callable[[int], int] = lambda number: 1
    may: Callable[[int], bool] = lambda number: True


class FactorSolution(NamedTuple):
    """A factor that makes a count right: the method with it, for a reader, and how many numbers near it
    have none for each that has one."""

    method: Method
    words: str
    hint: str
    rarity: int


def solved(diagnosis: Diagnosis, value: int) -> Iterator[Reading]:
    """The factors with which a count would come to a value."""
    method = diagnosis.made()
    if method is None or not isinstance(diagnosis.value, int) or value <= 0:
        return
    found = list(
        _of_sum(diagnosis, method, value) if isinstance(method, Sum) else _of_layer(diagnosis, value, RARE)
    )
    found.sort(key=lambda solution: -solution.rarity)
    for solution in found[:MOST]:
        words = f"would be right for {solution.words}"
        yield Reading(("factor",), words, value, solution.method.working, solution.hint, kind=FACTOR)


def _of_sum(diagnosis: Diagnosis, whole: Sum, value: int) -> Iterator[FactorSolution]:
    """One layer of a network with another number of inputs or positions."""
    asked = diagnosis.asked
    times = int(product([int(_plain(number)) for number in whole.times]))
    few = len(whole.parts) <= LONGEST and asked.summary.batch == 1
    if not few or value % times or asked.quantity not in ("params", "weights", "macs", "flops"):
        return
    rest = value // times - sum([part.method.value or 0 for part in whole.parts])
    for place, part in enumerate(whole.parts):
        layer = asked.graph.layer(part.name)
        wanted = rest + (part.method.value or 0)
        if layer is None or wanted <= 0:
            continue
        one = diagnosis.of(layer)
        if not one.known or one.value != part.method.value:
            continue
        for solution in _of_layer(one, wanted, RARE_OF_SUM, alone=False):
            changed = Addend(part.name, part.kind, solution.method)  # type: ignore[arg-type]
            parts = (*whole.parts[:place], changed, *whole.parts[place + 1 :])
            yield solution._replace(method=whole.but(parts=parts), words=f"{solution.words} of {part.name}")


def _of_layer(diagnosis: Diagnosis, value: int, rare: int, alone: bool = True) -> Iterator[FactorSolution]:
    """The numbers of a layer, each solved for. Of a layer among others, ``alone`` is false: what
    changes what others read is left out."""
    layer = diagnosis.asked.layer
    if layer is None or not layer.inputs or not diagnosis.known:
        return
    method = diagnosis.made(symbol)
    if method is None or method.value is None:
        return
    for unknown in _unknowns(diagnosis.asked, layer, method, alone):
        found = _solution(diagnosis, unknown, value)
        if found is None:
            continue
        number, rarity = found
        if not unknown.may(number) or rarity * unknown.rarer(number) < rare:
            continue
        method = diagnosis.made(_named(unknown.put(number), symbol))
        if isinstance(method, CountMethod):
            # Of inputs that are no map, the letters of its sides say nothing.
            flat = all(value_of(n) == 1 for term in method.terms for n in term.of(SIDE))
            terms = [term.without(SIDE) for term in method.terms] if flat else method.terms
            method = method.but(terms=tuple(terms))
        if method is not None:
            yield FactorSolution(method, unknown.words(number), unknown.hint, rarity)


def _named(values: LetterValues, name: Callable[[str, int], Number] | None = None) -> Named:
    """Other values for some letters."""

    def given(letter: str, number: int) -> Number:
        number = values.get(letter, number)
        return number if name is None else name(letter, number)

    return given


def _solution(diagnosis: Diagnosis, unknown: UnknownFactor, value: int) -> tuple[int, int] | None:
    """The number with which the rule comes to a value, which grows with it, and how far the next
    value is; None where there is no such number."""

    def made(number: int) -> int:
        method = diagnosis.made(_named(unknown.put(number)))
        found = method.value if method is not None else None
        return found if isinstance(found, int) else 0

    low, below = 0, 0  # its value is below the one that is looked for, or it is no number
    high = 1
    while (above := made(high)) < value:
        if high == LARGEST:
            return None
        low, below = high, above
        high = min(8 * high, LARGEST)
    halve = False
    while high - low > 1:
        # Most rules are proportional to their factors, others grow faster.
        step = (high - low) // 2 if halve else (value - below) * (high - low) // (above - below)
        middle = low + min(max(step, 1), high - low - 1)
        found = made(middle)
        if found < value:
            low, below = middle, found
        else:
            high, above = middle, found
        halve = not halve
    if above != value or value == diagnosis.value:
        return None
    return high, made(high + 1) - value


def _letters(method: Method) -> dict[str, set[int]]:
    """The letters of a method's formulas, each with the numbers that it stands for."""
    found: dict[str, set[int]] = {}
    stack = [line.made for line in method.working.lines]
    while stack:
        at = stack.pop()
        if at.name:  # a constant of the formula has none
            found.setdefault(at.name, set()).add(at.value)
        stack += at.arguments
    return found


def _unknowns(asked: Question, layer: Layer, method: Method, alone: bool) -> Iterator[UnknownFactor]:
    """The numbers of a layer that a count of it may be solved for."""
    op, axes = layer.op, len(layer.inputs[0].output) - 1
    letters = _letters(method)
    others = _numbers(asked, layer)

    def known(n: int) -> int:
        return KNOWN if n in others else 1

    if op.flattens:
        yield _inputs(layer, known)
    elif axes and any(letter in letters for letter in POSITIONS):
        yield _positions(layer, method)
    if not alone:
        return
    if "C" in letters and not op.flattens:
        yield UnknownFactor(
            lambda n: {"C": n},
            lambda n: _several(n, "input channel"),
            "How many channels arrive at this layer?",
            known,
        )
    many = next((name for name in ("filters", "units") if name in op.attributes), "")
    if "K" in letters and many:
        yield UnknownFactor(
            lambda n: {"K": n},
            lambda n: _several(n, many[:-1]),
            f"How many {many} does this layer have?",
            known,
        )
    if len(letters.get("F", ())) == 1 and asked.quantity not in ("neurons", "memory"):
        # The positions of the output stay as they are.
        kept = {
            letter: next(iter(letters[letter]))
            for letter in POSITIONS
            if letter in letters and letter.endswith("o")
        }
        yield UnknownFactor(
            lambda n: {**kept, "F": n},
            lambda n: f"a kernel of {'x'.join([str(n)] * axes)}",
            "How large is the kernel?",
        )
    if LETTERS[GATES] in letters:
        yield UnknownFactor(
            lambda n: {LETTERS[GATES]: n},
            lambda n: _several(n, "gate"),
            "How many maps of input and state does the layer have?",
            may=lambda n: n <= 4,
        )
    if "N" in letters:
        yield UnknownFactor(lambda n: {"N": n}, lambda n: _several(n, "image"), "For how many images?")
    yield from _arguments(layer, letters)


def _arguments(layer: Layer, letters: Mapping[str, set[int]]) -> Iterator[UnknownFactor]:
    """Arguments of a layer whose numbers are sides of its tensors, as the words of a table, or that
    stand in its formulas where they are given, as the length of a projection."""
    for name, attribute in layer.op.attributes.items():
        value = layer.op.argument(name)
        optional = value is not None and attribute.default is None and not attribute.required
        known = [letter for letter, numbers in letters.items() if numbers == {value}]
        for letter in known:
            side = letter[-1].isdigit() and len(letter) > 2
            if side or (optional and letter == attribute.symbol):
                yield UnknownFactor(
                    lambda n, letter=letter: {letter: n},  # type: ignore[misc]
                    lambda n, name=name: f"a {name} of {n:,}",  # type: ignore[misc]
                    f"What is the {name} of this layer?",
                )


def _inputs(layer: Layer, known: Callable[[int], int]) -> UnknownFactor:
    """The inputs of a fully connected layer: as many as a map of the channels that arrive has, or
    any number."""
    x = layer.inputs[0].output
    flat = _flattened(layer)
    channels = flat.output.channels if len(flat.output) > 1 else 0
    axes = len(flat.output) - 1

    def side(n: int) -> int:
        """The map that has this number of values; 0 if there is none."""
        if not channels or n % channels or axes not in (1, 2):
            return 0
        positions = n // channels
        root = isqrt(positions) if axes == 2 else positions
        return root if root**axes == positions else 0

    def words(n: int) -> str:
        return _several(n, "input") + (f", {'x'.join([str(side(n))] * axes)}x{channels}" if side(n) else "")

    def put(n: int) -> LetterValues:
        if len(x) == 1:
            return {"C": n}
        # Of a map its sides; else all inputs in the letter of the channels.
        one = side(n) or 1
        return {"H": one, "W": one, "T": one, "C": channels if side(n) else n}

    def rarer(n: int) -> int:
        if side(n):
            return KNOWN
        return max(known(n), channels if channels and n % channels == 0 else 1)

    return UnknownFactor(put, words, "How many inputs does this layer have?", rarer)


def _flattened(layer: Layer) -> Layer:
    """The tensor that a fully connected layer reads, before it is flattened."""
    at = layer.inputs[0]
    while len(at.inputs) == 1 and at.output.values == at.inputs[0].output.values:
        if len(at.output) > 1:
            break
        at = at.inputs[0]
    return at


def _positions(layer: Layer, method: Method) -> UnknownFactor:
    """The positions at which something is counted."""
    axes = len(layer.inputs[0].output) - 1
    terms = method.terms if isinstance(method, CountMethod) else ()
    reads = layer.op.holds_states or any(term.at == INPUT for term in terms if term.kind in MULTIPLIED)

    def put(n: int) -> LetterValues:
        return dict.fromkeys(POSITIONS, n)

    def words(n: int) -> str:
        if layer.op.holds_states:
            return _several(n, "step")
        if axes == 1:
            return _several(n, "position")
        return f"{'an input' if reads else 'an output'} of {'x'.join([str(n)] * axes)}"

    asks = "arrives at this layer" if reads else "does this layer put out"
    return UnknownFactor(put, words, f"What size {asks}?")


def _numbers(asked: Question, layer: Layer) -> set[int]:
    """Channels that stand elsewhere in the network."""
    graph = asked.graph
    return {
        at.output.channels
        for at in (*graph.inputs, *graph.layers)
        if at is not layer and (at.facts.params or not at.inputs)
    }


def _several(number: int, word: str) -> str:
    """``1,600 inputs``."""
    first, _, behind = word.partition(" ")
    if word.startswith("input c"):
        first, behind = word, ""
    plural = first if number == 1 else f"{first}s"
    return f"{number:,} {plural}{' ' if behind else ''}{behind}"


def _plain(number: Any) -> int:
    return int(getattr(number, "value", number))
