"""A figure as somebody printed it: the number, and of what it may be one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import NamedTuple

from ..amounts import SCALES
from ..answers.written import read
from ..answers.written_kinds import Ambiguous, WrittenNumber
from ..arithmetic import last_place
from ..diagnostics import did_you_mean, fail
from ..quantities import BYTES, QUANTITIES, called

# Families of quantities that are compared with each other.
OPERATIONS, PARAMETERS, MEMORY, DEPTH = "operations", "parameters", "memory", "depth"
# What a figure may be called before an equals sign, besides the names of quantities.
_FAMILIES = {
    **dict.fromkeys(("macs", "flops", "operations", "mul_add", "multiplications"), OPERATIONS),
    **dict.fromkeys(("params", "weights", "trainable", "total", "buffers"), PARAMETERS),
    **dict.fromkeys(("depth", "layers"), DEPTH),
}
_UNITS = {"macs": "macs", "flops": "flops", "operations": "", "params": "params", "bytes": "memory"}
_UNIT_FAMILIES = {
    "macs": OPERATIONS,
    "flops": OPERATIONS,
    "operations": OPERATIONS,
    "params": PARAMETERS,
    "bytes": MEMORY,
}
_BILLION = re.compile(r"(?<=\d) ?B(?: (?=FLOP|MAC|mult|op|param)|(?=FLOP|MAC|op))", re.IGNORECASE)
_LAYERS = re.compile(r"(\d+)[- ]?layers?(?: deep)?", re.IGNORECASE)
# What is no figure, though its parts are numbers.
_PARTED = re.compile(r"\w ?[/÷] ?\d")
_TOO_LARGE = re.compile(r"\d+(?:\.\d*)?e[+-]?\d{3,}", re.IGNORECASE)
# A word that belongs to the number before it.
_UNIT_WORD = re.compile(
    r"[KMGTB]|[KMGT]i?B|[KMGT]?(?:FLOPs?|MACs?|mult-adds?|params?|parameters?)|[kmbt]\w{1,3}ions?|layers?",
    re.IGNORECASE,
)
# Signs of a text that a message repeats.
LONGEST_SHOWN = 40
# How far from ours a figure may lie whose unit is not printed.
_FARTHEST = 16


class PrintedFigure(NamedTuple):
    """A figure that is to be explained.

    text      as it was printed
    number    what it says, and what it may stand for
    families  what it may be a figure of, in the order in which to try
    quantity  ``macs``, ``flops``, ``params``, ``memory``; empty where the figure does not say
    of        the label that it is about; empty for the whole network
    """

    text: str
    number: WrittenNumber
    families: tuple[str, ...]
    quantity: str = ""
    of: str = ""

    @property
    def step(self) -> Fraction:
        """The worth of its last digit."""
        return Fraction(1) if self.number.exact else self.number.high - self.number.low

    @property
    def digits(self) -> int:
        """How many digits are printed."""
        return len(str(int(self.number.value / self.step)))

    def scaled(self, factor: int) -> PrintedFigure:
        """The figure in a unit that is not printed: 4.09 in billions."""
        number = self.number
        return self._replace(
            number=number._replace(
                value=number.value * factor, low=number.low * factor, high=number.high * factor
            )
        )

    def binary(self) -> PrintedFigure | None:
        """The figure with K, M and G as powers of 1,024; None where it has none of them."""
        number = self.number.binary()
        return None if number.scale == self.number.scale else self._replace(number=number)


def figures_of(words: Iterable[str]) -> list[str]:
    """The figures of a call. A unit that stands apart belongs to the number before it: ``4.1 GFLOPs``."""
    found: list[str] = []
    for word in words:
        if found and _UNIT_WORD.fullmatch(word) and any(map(str.isdigit, found[-1])):
            found[-1] = f"{found[-1]} {word}"
        else:
            found.append(word)
    return found


def read_figure(text: str) -> PrintedFigure:
    """Read a printed figure: ``4.09G``, ``25.6M params``, ``params=25.6M``, ``97.8 MiB``, ``50 layers``.

    Raises SpecError.
    """
    # A billion of operations is written with a B too, which alone would be bytes.
    name, sign, words = _BILLION.sub("G ", text).rpartition("=")
    shown = text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
    of, _, name = name.strip().rpartition(".")
    of, name = "" if of.lower() == "total" else of, name.lower()
    family = quantity = ""
    if sign:
        family, quantity = _named(name, shown)
    if of and family not in (OPERATIONS, PARAMETERS):
        raise fail("argument", f"`{shown}`: of a label operations and parameters are looked for alone")
    layers = _LAYERS.fullmatch(words.strip())
    if layers:
        family, words = DEPTH, layers[1]
    found = read(words.strip(), "memory" if family == MEMORY else "macs")
    reason = ""
    if _TOO_LARGE.fullmatch(words.strip()):
        reason = "its exponent is too large"
    elif _PARTED.search(words):
        reason = "it is a quotient; figures are given one by one"
    elif isinstance(found, WrittenNumber):
        reason = "" if found.value > 0 else "it is not above 0"
    elif not isinstance(found, Ambiguous):
        reason = getattr(found, "reason", "it is no number")
    if reason:
        raise fail("argument", f"`{shown}` is no figure: {reason}", "as in 4.09G, 25.6M params or 97.8MiB")
    if isinstance(found, Ambiguous):
        raise fail("argument", f"`{shown}`: {found.question}", "as in 4.09G, 25.6M params or 97.8MiB")
    assert isinstance(found, WrittenNumber)
    number = _rounded(found)
    if number.unit in ("bits", "values", "pixels"):
        raise fail(
            "argument",
            f"`{shown}`: figures in {number.unit} are not looked for",
            "operations, parameters, bytes and layers are",
        )
    of_unit = _UNIT_FAMILIES.get(number.unit, "")
    if number.scale.endswith("i") and not of_unit:
        of_unit = MEMORY
    if family and of_unit and family != of_unit:
        raise fail("argument", f"`{shown}`: {name} are not counted in {number.unit}")
    family = family or of_unit
    quantity = quantity or _UNITS.get(number.unit, "")
    return PrintedFigure(text.strip(), number, (family,) if family else (), quantity, of)


def placed(figure: PrintedFigure, ours: dict[str, int]) -> PrintedFigure:
    """The figure as one of the families that it may be of, by how near our figures of them are. A bare
    number with a decimal point is one in millions or billions."""
    if figure.number.exact or figure.number.scale:
        scales = [1]
    else:
        scales = [1, SCALES["K"], SCALES["M"], SCALES["G"], SCALES["T"]]
    near = []
    for factor in scales:
        value = figure.number.value * factor
        for family, value_of_ours in ours.items():
            if value_of_ours and family in (figure.families or (OPERATIONS, PARAMETERS, DEPTH)):
                near.append((max(value / value_of_ours, value_of_ours / value), family, factor))
    near.sort(key=lambda one: one[0])
    if not near:
        return figure
    factor = near[0][2]
    within = [family for ratio, family, at in near if at == factor and ratio <= _FARTHEST]
    return figure.scaled(factor)._replace(families=figure.families or tuple(within) or (near[0][1],))


def _named(name: str, text: str) -> tuple[str, str]:
    """The family and the quantity of a name before the equals sign. Raises SpecError."""
    known = called(name)
    word = known.name if known is not None else name
    if word in _FAMILIES:
        quantity = word if word in ("macs", "flops") else ""
        return _FAMILIES[word], quantity
    if word in QUANTITIES and QUANTITIES[word].form == BYTES:
        return MEMORY, ""
    raise fail(
        "argument",
        f"`{text}`: figures called `{name}` are not looked for",
        *did_you_mean(name, {**_FAMILIES, "memory": MEMORY}),
        "there are macs, flops, params, memory and depth",
    )


def _rounded(number: WrittenNumber) -> WrittenNumber:
    """A whole number that ends in noughts may be rounded: 4,089,000,000."""
    whole = number.value
    if not number.exact or whole.denominator != 1 or whole < 10**5 or whole % 1000:
        return number
    half = Fraction(last_place(int(whole)), 2)
    return number._replace(low=whole - half, high=whole + half)
