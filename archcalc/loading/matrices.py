"""Matrices that somebody types or names: rows parted by ``;``, channels by ``|``, or a file.

Whole numbers, fractions and decimals stay exact: ``1/9``, ``0.25``. The floats of a file of numpy are floats.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ..diagnostics import Diagnostic, SpecError, fail
from ..files import read_bytes
from ..packages import needed
from ..source import Source, Span

# What a file may hold, and how many numbers a matrix may have.
MOST_BYTES = 2**26
MOST_NUMBERS = 10_000_000
# Characters of a matrix that is typed.
LONGEST_TYPED = 2**20
# Decimal places of the numbers of a large table that is read at once.
MOST_PLACES = 9
# Digits of a number, and the largest power of ten that is written behind an `e`.
LONGEST_NUMBER, LARGEST_POWER = 40, 40

_MINUS = str.maketrans("−–", "--")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+/[0-9]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?)")
_WHOLE = re.compile(r"[+-]?\d{1,18}")
# A text of nothing else is a matrix, whatever files there are.
_TYPED = re.compile(r"[\s.,;|/+\-−–eE]*\d[\s\d.,;|/+\-−–eE]*")
# What is looked for where no file has the name that somebody typed.
_ENDS = (".csv", ".tsv", ".txt", ".npy", ".png", ".pgm", ".ppm", ".pbm", ".jpg", ".jpeg", ".bmp", ".gif")
_EXAMPLE = 'rows are parted by `;`, channels by `|`: "1 0 2;3 1 1"'


def read_matrix(
    text: str, role: str = "MATRIX", layout: str = "hwc", stdin: Callable[[], bytes] | None = None
) -> Any:
    """Read a matrix that is typed, the name of a file, or ``-``.

    Args:
        text: The numbers, a path, or ``-`` for standard input.
        role: What the matrix is, for messages: ``MATRIX``, ``--kernel``.
        layout: The order of the axes of a file that has three: ``hwc`` or ``chw``.
        stdin: Reads standard input; None refuses it.

    Returns:
        An array, rows x columns x channels, of exact numbers or of floats. A file of numpy may have four
        axes, which stay as they are.

    Raises:
        SpecError: For what is no matrix; it points at the place.

    Example:
        >>> from archcalc.loading.matrices import read_matrix
        >>> read_matrix("1 2;3 1/2")[..., 0].tolist()
        [[1, 2], [3, Fraction(1, 2)]]
    """
    if text.strip() == "-":
        if stdin is None:
            raise fail("usage", f"{role} cannot be read from standard input here")
        return _of_bytes(stdin(), "<stdin>", role, layout)
    if not _TYPED.fullmatch(text) and _names_file(text):
        return _of_bytes(_content(text), text, role, layout)
    text = _unbracketed(text)
    if len(text) > LONGEST_TYPED:
        raise fail("limit", f"{role} has more than {LONGEST_TYPED:,} characters", "put it into a file")
    return _typed(Source(f"<{role}>", text), role)


# Between two rows of a list of lists, as Python, numpy and MATLAB write it.
_BETWEEN_ROWS = re.compile(r"\](\s*(?:[,;]\s*)?)\[")


def _unbracketed(text: str) -> str:
    """A text whose brackets are rows and whose length is the same: ``[[1, 2], [3, 4]]``, ``[1 2; 3 4]``."""
    bare = text.strip()
    if not (bare.startswith("[") and bare.endswith("]")) or re.match(r"\[\s*\[\s*\[", bare):
        return text
    text = _BETWEEN_ROWS.sub(lambda found: ";".ljust(len(found[0])), text)
    return text.replace("[", " ").replace("]", " ")


def typed_matrix(text: str, role: str = "MATRIX") -> Any:
    """Read a matrix that is typed, and no file.

    Args:
        text: The numbers.
        role: What the matrix is, for messages.

    Returns:
        An array, rows x columns x channels, of exact numbers.

    Raises:
        SpecError: For what is no matrix; it points at the place.

    Example:
        >>> from archcalc.loading.matrices import typed_matrix
        >>> typed_matrix("1 2;3 1/2").shape
        (2, 2, 1)
    """
    text = _unbracketed(text)
    if len(text) > LONGEST_TYPED:
        raise fail("limit", f"{role} has more than {LONGEST_TYPED:,} characters")
    return _typed(Source(f"<{role}>", text), role)


def read_filters(
    text: str, role: str = "KERNEL", layout: str = "hwc", stdin: Callable[[], bytes] | None = None
) -> Any:
    """Read the kernels of a layer: filters parted by ``||``, each as ``read_matrix`` takes it.

    Or a file of numpy whose four axes are filters x channels x rows x columns, as PyTorch has them.

    Args:
        text: The kernels.
        role: What they are, for messages.
        layout: As in ``read_matrix``.
        stdin: As in ``read_matrix``.

    Returns:
        An array, filters x rows x columns x channels.

    Raises:
        SpecError: For what is no kernel, and for filters that differ in size.

    Example:
        >>> from archcalc.loading.matrices import read_filters
        >>> read_filters("1 2;3 4|0 0;0 1 || 1 1;1 1|2 2;2 2").shape
        (2, 2, 2, 2)
    """
    import numpy as np

    parts = text.split("||") if "||" in text and not _names_file(text) else [text]
    found = [read_matrix(part, role, layout, stdin) for part in parts]
    if len(found) == 1 and found[0].ndim == 4:
        return np.moveaxis(found[0], 1, -1)
    if len({kernel.shape for kernel in found}) > 1:
        sizes = " and ".join(sorted({"x".join(map(str, kernel.shape)) for kernel in found}))
        raise fail("matrix", f"the filters of {role} differ in size: {sizes}")
    return np.stack(found)


def _names_file(text: str) -> bool:
    if "\0" in text or len(text) > 4096:
        return False
    return os.path.exists(text) or (text.lower().endswith(_ENDS) and not re.search(r"[;|\n]", text))


def _content(path: str) -> bytes:
    """The bytes of a file. Raises SpecError."""
    try:
        data = read_bytes(path, MOST_BYTES)
    except FileNotFoundError:
        raise fail("file", f"there is no file {path}") from None
    except OSError as error:
        raise fail("file", f"cannot read {path}: {(error.strerror or 'unreadable').lower()}") from None
    return data


def _of_bytes(data: bytes, name: str, role: str, layout: str) -> Any:
    """A matrix of the bytes of a file or of standard input; the first of them say what it is."""
    if len(data) > MOST_BYTES:
        raise fail("limit", f"{name} holds more than {MOST_BYTES // 2**20} MiB")
    if data.startswith(b"\x93NUMPY"):
        return _of_numpy(data, name, layout)
    if data.startswith(
        (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"P1", b"P2", b"P3", b"P4", b"P5", b"P6")
    ):
        return _of_image(data, name)
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # as spreadsheets write it
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise fail("file", f"{name} is no text, no .npy and no image that can be read") from None
    return _table(text, name, role)


# Text ---------------------------------------------------------------------------------------------


def _table(text: str, name: str, role: str) -> Any:
    """A matrix of a file of text: a row on each line, an empty line between two channels."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").replace('"', " ")
    lines = text.split("\n")
    if len(lines) > 1 and all(";" in line.strip(" ;") for line in lines if line.strip()):
        # A table of a country that writes 0,5: cells are parted by semicolons.
        text = text.replace(",", ".").replace(";", ",")
    fast = _large_table(text)
    return _typed(Source(name, text), role) if fast is None else fast


def _large_table(text: str) -> Any:
    """A large table of whole numbers or of decimals, read at once; None where it is another one."""
    if len(text) < 100_000 or re.search(
        r"[^\d\s,.+-]|\n\s*\n|,\s*(?:,|\n|$)|\n,|\d[+-]|[\d.]{18}|\.\d*\.|\.(?!\d)|[+-](?![\d.])", text
    ):
        return None
    import numpy as np

    from ..arrays.exact import quotients

    counts = {len(line.replace(",", " ").split()) for line in text.split("\n")}
    words = text.replace(",", " ").split()
    if len(counts) > 1 or len(words) > MOST_NUMBERS:
        return None
    places = max(map(len, re.findall(r"\.(\d+)", text)), default=0)
    if places > MOST_PLACES:
        return None
    shape = (-1, counts.pop(), 1)
    if not places:
        return _exact(np.array(words, dtype=np.int64).reshape(shape))
    # Of a decimal of less than 16 digits a float is near enough to find the whole number of its last places.
    decimals = np.array(words, dtype=np.float64) * 10**places
    if np.abs(decimals).max() >= 2**50:
        return None
    return quotients(np.rint(decimals).astype(np.int64).reshape(shape), 10**places)


def _typed(source: Source, role: str) -> Any:
    """A matrix of text. Raises SpecError, which points at the place."""
    import numpy as np

    from ..arrays.exact import array_of

    channels: list[list[list[Any]]] = []
    count = 0
    for start, stop in _parts(source.text, r"\||\n[ \t]*\n\s*"):
        rows: list[list[Any]] = []
        for first, last in _parts(source.text, r";|\n", start, stop):
            row = _row(source, first, last, role)
            if not row and not source.text[first:last].strip() and rows and last == stop:
                continue  # behind the last `;`
            if not row:
                raise _at(source, first, max(last, first + 1), f"a row of {role} is empty", _EXAMPLE)
            if rows and len(row) != len(rows[0]):
                message = f"row {len(rows) + 1} of {role} has {len(row)} numbers, row 1 has {len(rows[0])}"
                raise _at(source, first, last, message, "all rows are equally long")
            count += len(row)
            if count > MOST_NUMBERS:
                raise fail("limit", f"{role} has more than {MOST_NUMBERS:,} numbers")
            rows.append(row)
        if channels and (len(rows), len(rows[0])) != (len(channels[0]), len(channels[0][0])):
            sizes = [f"{len(part)}x{len(part[0])}" for part in (rows, channels[0])]
            message = f"channel {len(channels) + 1} of {role} is {sizes[0]}, channel 1 is {sizes[1]}"
            raise _at(source, start, stop, message, "all channels have the same size")
        channels.append(rows)
    return np.moveaxis(array_of(channels), 0, -1)


def _parts(text: str, between: str, start: int = 0, stop: int | None = None) -> list[tuple[int, int]]:
    """The ends of the parts of a text."""
    stop = len(text) if stop is None else stop
    parts = []
    for found in re.compile(between).finditer(text, start, stop):
        parts.append((start, found.start()))
        start = found.end()
    return [*parts, (start, stop)]


def _row(source: Source, start: int, stop: int, role: str) -> list[Any]:
    row = []
    text = source.text
    double = re.compile(r",\s*,|^\s*,").search(text[start:stop])
    if double:
        at = start + double.end() - 1
        raise _at(source, at, at + 1, f"a number is missing in {role}", "0 stands for nothing")
    for found in re.compile(r"[^\s,]+").finditer(text, start, stop):
        row.append(_number(source, found.start(), found.end(), role))
    return row


def _number(source: Source, start: int, stop: int, role: str) -> Any:
    """A number, exactly. Raises SpecError."""
    text = source.text[start:stop].translate(_MINUS)
    if text.isascii() and _WHOLE.fullmatch(text):
        return int(text)
    found = _NUMBER.fullmatch(text)
    if found is None or not text.isascii():
        raise _at(source, start, stop, f"`{text[:40]}` in {role} is no number", "as in 3, -1, 0.5 or 1/9")
    if sum(map(str.isdigit, text)) > LONGEST_NUMBER or abs(int(found[1] or 0)) > LARGEST_POWER:
        raise _at(source, start, stop, f"a number of {role} has too many digits")
    try:
        value = Fraction(text)
    except ZeroDivisionError:
        raise _at(source, start, stop, f"`{text}` divides by zero") from None
    return value.numerator if value.denominator == 1 else value


def _at(source: Source, start: int, stop: int, message: str, *help: str) -> SpecError:
    return SpecError([Diagnostic("matrix", message, Span(source, start, stop), help=help)])


# Files of numpy, and images -----------------------------------------------------------------------


def _exact(numbers: Any) -> Any:
    from ..arrays.exact import array_of

    return array_of(numbers)


def _of_numpy(data: bytes, name: str, layout: str) -> Any:
    """An array of numpy; nothing of it is run. Raises SpecError."""
    import numpy as np
    from numpy.lib import format as npy

    stream = io.BytesIO(data)
    try:
        version = npy.read_magic(stream)
        reader = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, kind = reader(stream)
    except (ValueError, SyntaxError, TypeError, EOFError, UnicodeError, MemoryError, RecursionError):
        raise fail("file", f"{name} is no array of numpy that can be read") from None
    if kind.kind not in "iufb":
        raise fail("matrix", f"{name} holds {kind}, and no real numbers")
    count = 1
    for size in shape:
        count *= size
    if count > MOST_NUMBERS:
        raise fail("limit", f"{name} has more than {MOST_NUMBERS:,} numbers")
    if not 1 <= len(shape) <= 4 or count < 1:
        raise fail("matrix", f"{name} has {len(shape)} axes and {count} numbers", "a matrix has 1 to 4 axes")
    body = data[stream.tell() :]
    if len(body) < count * kind.itemsize:
        raise fail("file", f"{name} ends before its numbers do")
    found = np.frombuffer(body, dtype=kind, count=count).reshape(shape, order="F" if fortran else "C")
    if kind.kind == "f" and not np.isfinite(found).all():
        raise fail("matrix", f"{name} holds numbers that are not finite")
    if found.ndim == 1:
        found = found[None, :, None]
    elif found.ndim == 2:
        found = found[:, :, None]
    elif found.ndim == 3 and layout == "chw":
        found = np.moveaxis(found, 0, -1)
    return _exact(found)


def _of_image(data: bytes, name: str) -> Any:
    """The grey values or the three colours of an image, 0 to 255. Raises SpecError."""
    import warnings

    import numpy as np

    image = needed("PIL.Image", "an image")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of images that are merely large
            found = image.open(io.BytesIO(data))
            if 3 * found.width * found.height > 3 * MOST_NUMBERS:
                raise fail("limit", f"{name} has {found.width:,} x {found.height:,} pixels")
            if found.mode not in ("L", "RGB"):
                grey = found.mode in ("1", "I;16", "I", "F", "LA")
                found = found.convert("L" if grey else "RGB")
            pixels = np.asarray(found)
    except SpecError:
        raise
    except Exception:  # Pillow raises whatever its readers come upon
        raise fail("file", f"{name} is no image that can be read") from None
    return _exact(pixels if pixels.ndim == 3 else pixels[:, :, None])
