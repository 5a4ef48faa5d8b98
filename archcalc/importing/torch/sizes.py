"""What ``--input`` and ``--tensor`` say of the arguments of ``forward``; nothing here imports PyTorch."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from math import prod
from typing import Any

from ...diagnostics import fail

_BETWEEN = re.compile(r"[xX×*,]")
_SHORT = {"float": "float32", "half": "float16", "double": "float64", "int": "int32", "long": "int64"}
DTYPES = (
    *("float32", "float64", "float16", "bfloat16"),
    *("int64", "int32", "int16", "int8", "uint8", "bool", "complex64"),
)
_SHORT |= {"fp32": "float32", "fp64": "float64", "fp16": "float16", "bf16": "bfloat16"}
# As large as any size of the language.
_LARGEST = 2**40
MOST_AXES = 8
# Signs of a value.
_LONGEST_VALUE = 40
VALUES_EXAMPLE = "as in --tensor lengths=4:int64=5,3,2,1"
# Inputs that a call may name.
_MOST = 1000


class GivenTensor:
    """A tensor of which somebody has said the sizes.

    Attributes:
        sizes: Its sizes; of an exact one as PyTorch has them, with the batch, else without it.
        dtype: Its type, ``int64``; empty where nothing was said: then it is the module's.
        exact: Whether the sizes are taken as they stand.
        values: What it holds, in the order of its last axis first: a number for each element, or one for all
            of them; empty where nothing was said.
    """

    __slots__ = ("sizes", "dtype", "exact", "values")

    def __init__(
        self,
        sizes: tuple[int, ...],
        dtype: str = "",
        exact: bool = False,
        values: tuple[int | float | bool, ...] = (),
    ):
        self.sizes = sizes
        self.dtype = dtype
        self.exact = exact
        self.values = values

    @property
    def integers(self) -> bool:
        """Whether it holds whole numbers or yes and no, which have no layout of a picture."""
        return self.dtype.startswith(("int", "uint", "bool"))

    def __repr__(self) -> str:
        sizes = "x".join(map(str, self.sizes))
        return f"<GivenTensor {sizes}{':' if self.dtype else ''}{self.dtype}>"


def read_tensor(value: Any, exact: bool = False) -> Any:
    """Read what stands behind ``NAME=``.

    Args:
        value: A text such as ``224x224x3`` or ``128:int64``; sizes; or anything else that an argument may
            be, such as a tensor.
        exact: Whether sizes are taken as they stand, batch included.

    A second ``=`` is followed by the values, a number for each element or one for all.

    Returns:
        A ``GivenTensor`` where sizes were given; else the value: of the texts ``True``, ``False``, ``None``
        and texts in quotes what they are in Python.

    Raises:
        SpecError: For a text that is none of these.

    Example:
        >>> from archcalc.importing.torch.sizes import read_tensor
        >>> read_tensor("1x16:int64", exact=True)
        <GivenTensor 1x16:int64>
        >>> read_tensor("4:int64=5,3,2,1", exact=True).values
        (5, 3, 2, 1)
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return GivenTensor(_checked((value,), str(value)), exact=exact)
    if isinstance(value, (tuple, list)) and value and all(type(size) is int for size in value):
        return GivenTensor(_checked(tuple(value), "x".join(map(str, value))), exact=exact)
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not exact and (text in ("True", "False", "None") or text[:1] in ("'", '"')):
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            raise fail("argument", f"`{text}` is no text in quotes") from None
    text, has_values, listed = text.partition("=")
    sizes, sign, dtype = text.partition(":")
    dtype = _SHORT.get(dtype.strip(), dtype.strip())
    if sign and dtype not in DTYPES:
        raise fail("argument", f"`{dtype}` is no type of values", f"there are {', '.join(DTYPES)}")
    parts = [part.strip() for part in _BETWEEN.split(sizes.strip().strip("()[]"))]
    if not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts):
        example = "as in 1x16:int64" if exact else "as in 224x224x3, or 128:int64"
        raise fail("argument", f"`{text}` is no input size", example)
    found = _checked(tuple(map(int, parts)), sizes)
    return GivenTensor(found, dtype, exact, _values(listed, found, dtype) if has_values else ())


def _values(listed: str, sizes: tuple[int, ...], dtype: str) -> tuple[int | float | bool, ...]:
    """The values behind the second ``=``. Raises SpecError."""
    texts = [text.strip() for text in listed.strip().strip("()[]").split(",")]
    count = prod(sizes)
    if len(texts) not in (1, count):
        raise fail(
            "argument",
            f"{len(texts)} values are given for {'x'.join(map(str, sizes))}, which holds {count:,}",
            "give one for each element, or one for all",
        )
    return tuple([_value(text, dtype) for text in texts])


def _value(text: str, dtype: str) -> int | float | bool:
    """A value of a type; without a type that of a module's weights. Raises SpecError."""
    words = {"True": True, "False": False, "1": True, "0": False}
    if dtype == "bool" and text in words:
        return words[text]
    whole = dtype.startswith(("int", "uint"))
    try:
        if dtype == "bool" or len(text) > _LONGEST_VALUE:
            raise ValueError
        value: int | float = int(text) if whole else float(text)
    except ValueError:
        kind = "True or False" if dtype == "bool" else "a whole number" if whole else "a number"
        raise fail("argument", f"`{text[:_LONGEST_VALUE]}` is no value: {kind} is", VALUES_EXAMPLE) from None
    if whole:
        bits = int(dtype.lstrip("uint"))
        least, beyond = (0, 2**bits) if dtype.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1))
        if not least <= value < beyond:
            raise fail("argument", f"{text} is no {dtype}")
    return value


def _checked(sizes: tuple[int, ...], text: str) -> tuple[int, ...]:
    if min(sizes) < 1 or max(sizes) > _LARGEST or len(sizes) > MOST_AXES:
        raise fail("argument", f"`{text}` is no input size")
    return sizes


def nested(given: Mapping[str, Any]) -> dict[str, Any]:
    """Put values with dotted names into lists and dictionaries: ``boxes.0`` into a list.

    Args:
        given: The values by name.

    Returns:
        The values by their first names.

    Raises:
        SpecError: Where a name is given twice, or the places of a list have gaps.

    Example:
        >>> from archcalc.importing.torch.sizes import nested
        >>> nested({"x": 1, "boxes.0": 2, "boxes.1.label": 3})
        {'x': 1, 'boxes': [2, {'label': 3}]}
    """
    if len(given) > _MOST:
        raise fail("argument", f"there are more than {_MOST} inputs")
    found: dict[str, Any] = {}
    for name, value in given.items():
        first, *rest = name.split(".")
        at: Any = found
        for word in rest:
            at = at.setdefault(first, _Level())
            if not isinstance(at, _Level):
                raise fail("argument", f"the input `{name}` is given twice")
            first = word
        if first in at:
            raise fail("argument", f"the input `{name}` is given twice")
        if not first:
            raise fail("argument", f"`{name}` is no name of an input", "as in x=224x224x3, or boxes.0=4")
        at[first] = value
    return {name: _plain(value, name) for name, value in found.items()}


class _Level(dict[str, Any]):
    """What stands behind a dot."""


def _plain(value: Any, name: str) -> Any:
    if not isinstance(value, _Level):
        return value
    whole = {word: _plain(at, f"{name}.{word}") for word, at in value.items()}
    if not all(word.isdigit() for word in whole):
        return dict(whole)
    by_place = {int(word): at for word, at in whole.items()}
    if sorted(by_place) != list(range(len(whole))):
        first = next(number for number in range(len(whole) + 1) if number not in by_place)
        raise fail("argument", f"`{name}.{first}` is missing: places of a list are counted from 0")
    return [by_place[number] for number in range(len(by_place))]
