"""The arguments of an op: what a spec may give, checked and documented."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..arithmetic import Number, RuleNumber, RuleTruth

# Sizes and counts beyond this are not networks but mistakes, and would only make arithmetic slow.
LARGEST = 2**53
# Words of the language that name no layer; `x` names none but the size of a kernel, 3x3.
RESERVED = frozenset(("x", "if", "in", "out", "and", "or", "not", "yes", "no", "use"))


class OpError(Exception):
    """A rule or an attribute refuses what it was given.

    ``blamed`` is the attribute to blame, or ``"input"`` for the shape that arrives; ``branch`` is
    the number of the input to blame where there are several; ``within`` which part of the attribute's
    text, from and up to. The caller turns them into a place in the source.
    """

    def __init__(
        self,
        code: str,
        message: str,
        blamed: str | None = None,
        *,
        branch: int | None = None,
        within: tuple[int, int] | None = None,
        notes: Iterable[str] = (),
        help: Iterable[str] = (),
    ):
        super().__init__(message)
        self.code = code
        self.message = message
        self.blamed = blamed
        self.branch = branch
        self.within = within
        self.notes = tuple(notes)
        self.help = (help,) if isinstance(help, str) else tuple(help)


class Word(str):
    """A bare word of the spec, such as ``half``; a quoted string is a plain ``str``."""

    __slots__ = ()


class Size(tuple):  # type: ignore[type-arg]
    """Sizes joined by ``x``, such as ``3x3``."""

    __slots__ = ()

    def __str__(self) -> str:
        return "x".join(map(str, self))


def show(value: object) -> str:
    """A value as a spec writes it."""
    if value is True:
        return "yes"
    if value is False:
        return "no"
    if isinstance(value, Fraction):
        return _decimal(value)
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    if isinstance(value, str) and not isinstance(value, Word):
        return f'"{value}"'
    return str(value)


def _decimal(value: Fraction) -> str:
    """A fraction as a decimal where it is one (0.17), else as p/q."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return str(value)
    digits = 0
    scaled = value
    while scaled.denominator != 1:
        scaled *= 10
        digits += 1
    sign = "-" if scaled < 0 else ""
    text = str(abs(scaled.numerator)).rjust(digits + 1, "0")
    return f"{sign}{text[:-digits]}.{text[-digits:]}" if digits else sign + text


def plain_value(value: object) -> object:
    """A value as JSON has it: a fraction as text, all else as it is."""
    return show(value) if isinstance(value, Fraction) else value


class Attribute:
    """A typed, documented argument of an op: a class attribute, whose name is that of the argument.

    A class of arguments says what it takes, as errors put it (``kind``), and in a word (``short``).

    Args:
        help: One line for the reference.
        default: The value where none is given.
        symbol: The letter that the field's formulas use for it.
        required: Whether there must be one.
        word: Its name in a spec, where the class means something else by it; ``Op.argument`` reads it.
        rare: Whether the pages of layers leave it out; docs/language.md explains it once.

    Example:
        >>> from archcalc.ops.attributes import Axes, Size
        >>> kernel = Axes("size of the window", required=True, symbol="F")
        >>> kernel.read(Size((3, 3)))
        (3, 3)
    """

    words: tuple[str, ...] = ()
    # Any word may be its value.
    any_word = False
    kind = "value"
    short = "value"

    def __init__(
        self,
        help: str,
        default: object = None,
        *,
        symbol: str = "",
        required: bool = False,
        word: str = "",
        rare: bool = False,
    ):
        self.help = help
        self.default = default
        self.required = required
        self.symbol = symbol
        self.rare = rare
        self.name = word
        # Under which name an object has its value.
        self.slot = word

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name
        self.slot = name

    if TYPE_CHECKING:
        # An instance holds the value itself, in its __dict__.
        def __get__(self, instance: object, owner: type) -> Any: ...

    def read(self, value: object) -> object:
        """The value to store, checked. Raises OpError."""
        raise NotImplementedError

    def wrong(self, value: object, *help: str) -> OpError:
        """The complaint about a value of the wrong kind."""
        return OpError("argument", f"`{self.name}` is {self.kind}, not {show(value)}", self.name, help=help)


def is_number(value: object) -> bool:
    """Whether a value is a number, of one design or of many."""
    return isinstance(value, (int, Fraction, RuleNumber)) and not isinstance(value, (bool, RuleTruth))


def whole(value: object) -> Any:
    """The whole number that a number is, or None."""
    if isinstance(value, RuleNumber):
        return value.whole
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return None


def worded(value: object, words: tuple[str, ...]) -> Word | None:
    """The word that a value is, whatever its case, and also where it stands in quotes."""
    if not isinstance(value, str):
        return None
    plain = value.lower()
    return next((Word(word) for word in words if word.lower() == plain), None)


class Count(Attribute):
    """A whole number."""

    kind = "a whole number"
    short = "count"

    def __init__(self, help: str, default: object = None, *, least: int = 1, **options: Any):
        super().__init__(help, default, **options)
        self.least = least

    def read(self, value: object) -> object:
        number = whole(value)
        if number is None:
            raise self.wrong(value)
        if not self.least <= number <= LARGEST:
            raise OpError(
                "argument",
                f"`{self.name}` must be at least {self.least}, not {number}"
                if number < self.least
                else f"`{self.name}` is too large",
                self.name,
            )
        return number


class AxisPosition(Attribute):
    """A place that is counted from 0, or from the end where it is negative: an axis, a position."""

    kind = "a whole number, below 0 where it is counted from the end"
    short = "place"

    def read(self, value: object) -> object:
        number = whole(value)
        if number is None:
            raise self.wrong(value)
        if abs(number) > LARGEST:
            raise OpError("argument", f"`{self.name}` is too large", self.name)
        return number


class Axes(Attribute):
    """One whole number for all spatial axes, or one per axis."""

    kind = "a size such as 3x3"
    short = "size"

    def __init__(self, help: str, default: object = None, *, least: int = 1, **options: Any):
        super().__init__(help, default, **options)
        self.least = least

    def read(self, value: object) -> object:
        numbers = value if isinstance(value, Size) else (whole(value),)
        for number in numbers:
            if number is None:
                raise self.wrong(value)
            if not self.least <= number <= LARGEST:
                raise OpError(
                    "argument",
                    f"`{self.name}` must be at least {self.least}, not {show(value)}"
                    if number < self.least
                    else f"`{self.name}` is too large",
                    self.name,
                )
        return numbers[0] if len(numbers) == 1 else Size(numbers)


class Padding(Attribute):
    """Padding: a number, HxW, a begin and an end for each axis (TxBxLxR), or a word."""

    kind = "a number, a size, or one of valid, half, same"
    short = "padding"
    words = ("valid", "half", "same")

    def read(self, value: object) -> object:
        word = worded(value, self.words)
        if word is not None:
            return 0 if word == "valid" else word
        if isinstance(value, str):
            raise self.wrong(value)
        numbers = value if isinstance(value, Size) else (whole(value),)
        for number in numbers:
            if number is None:
                raise self.wrong(value)
            if not 0 <= number <= LARGEST:
                raise OpError("argument", f"`{self.name}` must not be negative", self.name)
        return numbers[0] if len(numbers) == 1 else Size(numbers)


class Flag(Attribute):
    """``yes`` or ``no``."""

    kind = "yes or no"
    short = "yes/no"

    def read(self, value: object) -> object:
        if not isinstance(value, bool):
            raise self.wrong(value)
        return value


class FlagOrNames(Flag):
    """``yes`` or ``no``, or the names of the tensors that are: one as a word, several in quotes."""

    kind = 'yes, no, or tensors such as weight or "weight bias"'
    short = "yes/no/names"
    any_word = True

    def read(self, value: object) -> object:
        if isinstance(value, bool):
            return value
        if not isinstance(value, str) or not value.split():
            raise self.wrong(value)
        names = value.split()
        return Word(names[0]) if len(names) == 1 else " ".join(names)


class Choice(Attribute):
    """One of a few words."""

    short = "word"

    def __init__(self, words: tuple[str, ...], help: str, default: str | None = None, **options: Any):
        super().__init__(help, None if default is None else Word(default), **options)
        self.words = words
        self.kind = "one of " + ", ".join(words)

    def read(self, value: object) -> object:
        word = worded(value, self.words)
        if word is None:
            raise self.wrong(value)
        return word


class Real(Attribute):
    """An exact rational number."""

    kind = "a number"
    short = "number"

    def read(self, value: object) -> object:
        if not is_number(value):
            raise self.wrong(value)
        return value


class Text(Attribute):
    """A quoted string."""

    kind = "a quoted string"
    short = "text"

    def read(self, value: object) -> object:
        if isinstance(value, Word) or not isinstance(value, str):
            raise self.wrong(value)
        return value


class Extent(Axes):
    """Spatial sizes, or ``@label`` for those of another tensor."""

    kind = "a size such as 34x34, or @label"
    takes_tensor = True


def sizes_of(value: Number) -> tuple[Number, ...]:
    """All numbers of a size, also where it is a single one."""
    return tuple(value) if isinstance(value, tuple) else (value,)


def spread(value: Number, count: int, name: str) -> tuple[Number, ...]:
    """One number per axis. Raises OpError if there are as many numbers as some other axis count."""
    if not isinstance(value, tuple):
        return (value,) * count
    if len(value) != count:
        axes = "1 axis" if count == 1 else f"{count} axes" if count else "no spatial axes"
        raise OpError("shape", f"`{name}` has {len(value)} numbers, the input has {axes}", name)
    return value
