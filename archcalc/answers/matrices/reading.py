"""Matrices as students write them: rows by ``;`` or on lines, brackets, LaTeX, what numpy and PyTorch print.

What may be meant in several ways gives several readings; the question decides by its size.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fractions import Fraction
from unicodedata import normalize

from ..wording import NO_TEXT
from ..written_kinds import WrittenCell, WrittenMatrix

# Signs of an answer, its cells, and digits of a number at most.
LONGEST, MOST_CELLS, MOST_DIGITS, LARGEST_POWER = 20_000, 10_000, 40, 40
# Brackets within brackets at most.
DEEPEST = 6

_MINUS = dict.fromkeys(map(ord, "−–—‐‑‒﹣－"), "-") | {ord("⁄"): "/", ord("∕"): "/", ord("\u00a0"): " "}
# Pieces of tall brackets that some programs draw, a piece for each line.
_PIECES = str.maketrans("⎡⎢⎣⎤⎥⎦⎛⎜⎝⎞⎟⎠│┃┌┐└┘─", " " * 19)
_NUMBER = re.compile(r"([+-]?)(?:(\d+)/([+-]?\d+)|(\d+(?:\.\d*)?|\.\d+)(?:[eE]([+-]?\d+))?)", re.ASCII)
_LATEX = (
    (re.compile(r"\\\\(?:\s?\[[^\]]*\])?"), ";"),
    (re.compile(r"\$|\\[\[\]()]|\\(?:left|right|displaystyle|quad|qquad|hline|[,;:! ])"), " "),
    (re.compile(r"\\[dt]?frac\s?\{\s?(-?\d+)\s?\}\s?\{\s?(\d+)\s?\}"), r"\1/\2"),
    (re.compile(r"\\begin\s?\{[a-zA-Z]*(?:matrix|array)\*?\}(?:\s?(?:\{[lcr| ]*\}|\[[lcr]\]))?"), "["),
    (re.compile(r"\\end\s?\{[a-zA-Z]*(?:matrix|array)\*?\}"), "]"),
    (re.compile(r"&"), ","),
)
_CALLED = re.compile(r"\b(?:(?:np|numpy|torch|tf)\s?\.\s?)?(?:array|tensor|matrix|Tensor|constant)\s?\(")
_KIND = re.compile(
    r",?\s?\b(?:dtype|device|shape|grad_fn|requires_grad)\s?=\s?(?:'[^']*'|<[^>]*>|\([^)]*\)|[\w.]+)"
)
_LEAD = re.compile(
    r"\s?(?:(?:my |the )?(?:final )?(?:answer|result|output|values?|matrix|solution|ergebnis|antwort|réponse|"
    r"lösung)(?: is| are| ist)?\s?[:=]?|[a-zA-Z]\w{0,15}\s?=|=)\s?",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"\b(?:channel|filter|feature map|map|kanal|canal)\s?#?\d{1,4}\s?[:=]?|\bf\d{1,2}\s?[:=]", re.IGNORECASE
)
_TOKEN = re.compile(r"[\[\]]|[^\s\[\],;|]+|[,;|\n]|\s")
# A comma between digits.
_COMMA = re.compile(r"(?<=\d),(?=\d)")
# A fraction behind a whole number, and a sign for a fraction behind a digit.
_MIXED = re.compile(r"(?<![\d.,/])(\d{1,6}) (\d{1,4})/(\d{1,4})(?![\d./])")
_AFTER_DIGIT = re.compile(r"(?<=\d)(?=[¼-¾⅐-⅞])")
_GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")


class UnreadMatrixError(Exception):
    """Raised for a text that is no matrix; the message says why."""


def read_matrices(text: str) -> list[WrittenMatrix]:
    """The matrices that a text may mean, the likeliest first; never none.

    Raises:
        UnreadMatrixError: For a text that is no matrix.

    Example:
        >>> from archcalc.answers.matrices.reading import read_matrices
        >>> [(one.shape, [int(cell.value) for cell in one.cells]) for one in read_matrices("1 2; 3 4")]
        [((1, 2, 2), [1, 2, 3, 4])]
    """
    if len(text) > LONGEST:
        raise UnreadMatrixError(f"it is longer than {LONGEST:,} signs")
    if NO_TEXT.search(re.sub(r"[\r\n\t]", " ", text)):
        raise UnreadMatrixError("a character in it cannot be read")
    plain = _plain(text)
    found: list[WrittenMatrix] = []
    first: UnreadMatrixError | None = None
    for spelled in _spellings(plain):
        try:
            for rows in _shapes(spelled):
                made = _matrix(text, rows)
                if made not in found:
                    found.append(made)
        except UnreadMatrixError as error:
            first = first or error
    if not found:
        assert first is not None
        raise first
    return found


# The text ------------------------------------------------------------------------------------------


def _plain(text: str) -> str:
    """A text in which every bracket is square, and nothing stands but numbers and what parts them."""
    text = _AFTER_DIGIT.sub(" ", text)
    plain = normalize("NFKC", text.replace("½", "1/2").replace("¼", "1/4").replace("¾", "3/4"))
    plain = plain.translate(_MINUS).translate(_PIECES).replace("\r\n", "\n").replace("\r", "\n")
    plain = _spaced(plain)
    for sign, by in _LATEX:
        plain = sign.sub(by, plain)
    plain = _spaced(plain)
    plain = _CALLED.sub("(", _KIND.sub("", plain))
    plain = _CHANNEL.sub("|", plain)
    lead = _LEAD.match(plain)
    if lead is not None and lead.end() < len(plain):
        plain = plain[lead.end() :]
    plain = plain.strip().strip("`").strip().rstrip(".").strip()
    lines = [line.strip() for line in plain.split("\n")]
    ruled = [line for line in lines if line]
    if ruled and all(line.startswith("|") and line.endswith("|") and len(line) > 1 for line in ruled):
        rows = [line.strip("|").replace("|", ",") for line in ruled if not _is_rule(line)]
        plain = "\n".join(rows)
    return plain.translate(str.maketrans("{}()", "[][]")).strip().lstrip("|").strip()


def _spaced(text: str) -> str:
    """A text with one space for several, one empty line for several, and none around lines."""
    lines = [" ".join(line.split()) for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


def _is_rule(line: str) -> bool:
    """Whether a line of a table stands between its head and its rows."""
    return "--" in line and not set(line) - set("|-:+ \t")


def _spellings(plain: str) -> Iterator[str]:
    """The text with its commas between cells, with decimal commas, with commas between thousands, and with
    mixed numbers, as `2 3/4`."""
    yield plain
    mixed = _MIXED.sub(_improper, plain)
    if mixed != plain:
        yield mixed
    if _COMMA.search(plain):
        yield _COMMA.sub(".", plain)
        joined = _GROUPED.sub(lambda found: found[0].replace(",", ""), plain)
        if joined != plain:
            yield joined


def _improper(found: re.Match[str]) -> str:
    """A mixed number as one fraction; what is none, as it is."""
    whole, above, below = map(int, found.groups())
    return f"{whole * below + above}/{below}" if 0 < above < below else found[0]


# Its shape -----------------------------------------------------------------------------------------

_Rows = list[list[list[str]]]  # channels, rows, cells


def _shapes(text: str) -> Iterator[_Rows]:
    """The channels of a text, each with its rows and their cells. Raises UnreadMatrixError."""
    if "[" in text or "]" in text:
        yield from _bracketed(text)
        return
    parts = [part for part in re.split(r"\||\n[ \t]*\n\s*", text) if part.strip()]
    planes = [_plane(part) for part in parts]
    if not planes:
        raise UnreadMatrixError("there is no number in it")
    if len(planes) > 1 and all(len(plane) == 1 for plane in planes):
        yield [[row for plane in planes for row in plane]]
    yield planes


def _plane(text: str) -> list[list[str]]:
    """The rows of a text without brackets."""
    text = text.strip().strip(";")
    between = r";|\n" if re.search(r";|\n", text) else r"\s/\s"
    return [_cells(row) for row in re.split(between, text) if row.strip()]


def _cells(text: str) -> list[str]:
    cells = [cell.strip() for cell in text.split(",")] if "," in text else [text]
    if len(cells) > 1 and not cells[-1]:
        cells.pop()
    if "" in cells:
        raise UnreadMatrixError("a number is missing between two commas")
    return [word for cell in cells for word in cell.split()]


class _Group:
    """What stands in a pair of brackets: other groups, or the text of rows."""

    def __init__(self) -> None:
        self.groups: list[_Group] = []
        self.text = ""

    @property
    def depth(self) -> int:
        return 1 + max([group.depth for group in self.groups], default=0)


def _groups(text: str) -> _Group:
    """The brackets of a text. Raises UnreadMatrixError."""
    whole = _Group()
    open_groups = [whole]
    for token in _TOKEN.findall(text):
        if token == "[":
            group = _Group()
            open_groups[-1].groups.append(group)
            open_groups.append(group)
            if len(open_groups) > DEEPEST:
                raise UnreadMatrixError("it has too many brackets within each other")
        elif token == "]":
            if len(open_groups) == 1:
                raise UnreadMatrixError("a bracket is closed that was not opened")
            open_groups.pop()
        else:
            open_groups[-1].text += token
    if len(open_groups) > 1:
        raise UnreadMatrixError("a bracket is not closed")
    for group in _all(whole):
        if group.groups and group.text.strip(" ,;|\n\t"):
            stray = group.text.strip(" ,;|\n\t").split()[0]
            raise UnreadMatrixError(f"`{stray[:20]}` stands outside of the brackets")
    return whole


def _all(group: _Group) -> Iterator[_Group]:
    yield group
    for inner in group.groups:
        yield from _all(inner)


def _bracketed(text: str) -> Iterator[_Rows]:
    whole = _groups(text)
    while len(whole.groups) == 1 and whole.groups[0].groups:
        whole = whole.groups[0]  # the outer brackets alone, or a batch of one
    if len(whole.groups) == 1:  # [1 2; 3 4]
        parts = [part for part in re.split(r"\||\n[ \t]*\n\s*", whole.groups[0].text) if part.strip()]
        yield [_plane(part) for part in parts] or _nothing()
        return
    depths = {group.depth for group in whole.groups}
    if len(depths) > 1:
        raise UnreadMatrixError("its brackets do not make rows")
    (depth,) = depths
    if depth == 1:
        planes = [_plane(group.text) for group in whole.groups]
        if any(not plane for plane in planes):
            raise UnreadMatrixError("there are brackets with nothing in them")
        if all(len(plane) == 1 for plane in planes):
            yield [[row for plane in planes for row in plane]]
        yield planes
    elif depth == 2:
        planes = [[_row(row) for row in group.groups] for group in whole.groups]
        yield planes
        # Height, width and channels, as nested lists with the channels last.
        counts = {len(row) for plane in planes for row in plane}
        if len(counts) == 1:
            yield [[[row[c] for row in plane] for plane in planes] for c in range(counts.pop())]
    else:
        raise UnreadMatrixError("its brackets are nested too deeply")


def _row(group: _Group) -> list[str]:
    rows = _plane(group.text)
    if len(rows) != 1:
        raise UnreadMatrixError(
            "there are brackets with nothing in them" if not rows else "a row has rows in it"
        )
    return rows[0]


def _nothing() -> _Rows:
    raise UnreadMatrixError("there is no number in it")


# Its numbers ---------------------------------------------------------------------------------------


def _matrix(text: str, planes: _Rows) -> WrittenMatrix:
    """A matrix of words. Raises UnreadMatrixError."""
    if not all(row for plane in planes for row in plane) or not all(planes):
        raise UnreadMatrixError("there is no number in a part of it")
    first = planes[0]
    width = len(first[0])
    if sum([len(row) for plane in planes for row in plane]) > MOST_CELLS:
        raise UnreadMatrixError(f"it has more than {MOST_CELLS:,} numbers")
    for plane in planes:
        if len(plane) != len(first):
            raise UnreadMatrixError(f"its channels differ in size: {len(first)} rows and {len(plane)}")
        for number, row in enumerate(plane, 1):
            if len(row) != width:
                raise UnreadMatrixError(
                    f"its rows differ in length: row 1 has {_numbers(width)}, row {number} has {len(row)}"
                )
    cells = [_cell(word) for plane in planes for row in plane for word in row]
    return WrittenMatrix(text, (len(planes), len(first), width), tuple(cells))


def _numbers(count: int) -> str:
    return f"{count} number" + ("" if count == 1 else "s")


def _cell(word: str) -> WrittenCell:
    """A number with the precision that it is written with. Raises UnreadMatrixError."""
    found = _NUMBER.fullmatch(word)
    if found is None:
        raise UnreadMatrixError(f"`{word[:40]}` in it is no number")
    sign, above, below, decimal, power = found.groups()
    if sum(map(str.isdigit, word)) > MOST_DIGITS or abs(int(power or 0)) > LARGEST_POWER:
        raise UnreadMatrixError("a number in it has too many digits")
    minus = -1 if sign == "-" else 1
    if above is not None:
        if int(below) == 0:
            raise UnreadMatrixError(f"`{word[:40]}` divides by zero")
        value = minus * Fraction(int(above), int(below))
        return WrittenCell(value, value, value, 0)
    scale = Fraction(10) ** int(power or 0)
    value = minus * Fraction(decimal) * scale
    behind = decimal.partition(".")[2]
    if not behind and power is None:
        return WrittenCell(value, value, value, 0)
    half = scale * Fraction(1, 10 ** len(behind)) / 2
    return WrittenCell(value, value - half, value + half, len(decimal.replace(".", "").lstrip("0")))


def digits_of(cells: Sequence[WrittenCell]) -> int:
    """Significant digits of the cells that are written with decimals, the fewest of them; 0 for none."""
    return min([cell.digits for cell in cells if cell.digits], default=0)
