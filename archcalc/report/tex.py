"""Text for TeX: every sign as commands that a bare LaTeX knows, whatever engine and encoding."""

from __future__ import annotations

import re
import unicodedata

# Signs that mean something to TeX, or that its fonts have another glyph for. Brackets and the star
# would be read as arguments of the line end before them.
_ASCII = {
    "\\": "\\textbackslash{}",
    "{": "\\{",
    "}": "\\}",
    "$": "\\$",
    "&": "\\&",
    "#": "\\#",
    "%": "\\%",
    "_": "\\_",
    "~": "$\\sim$",
    "^": "\\textasciicircum{}",
    "<": "\\textless{}",
    ">": "\\textgreater{}",
    "|": "\\textbar{}",
    '"': "''",
    "`": "{`}",
    "[": "{[}",
    "]": "{]}",
    "*": "{*}",
}
_MATHS = (
    "times cdot div pm lfloor rfloor lceil rceil geq leq approx neq rightarrow leftarrow leftrightarrow"
    " infty surd sum in surd"
)
_LETTERS = "pounds copyright S P ss ae AE oe OE o O l L i dots"
_SIGNS = {
    **{sign: f"$\\{name}$" for sign, name in zip("×·÷±⌊⌋⌈⌉≥≤≈≠→←↔∞√∑∈✓", _MATHS.split(), strict=True)},
    **{sign: f"\\{name}{{}}" for sign, name in zip("£©§¶ßæÆœŒøØłŁı…", _LETTERS.split(), strict=True)},
    **dict(zip("‐‑⁄’�", "--/'?", strict=True)),
    **{"–": "--", "—": "---", "“": "``", "”": "''", "„": "``", "‘": "{`}"},
    **{"−": "$-$", "°": "$^{\\circ}$", "′": "$'$", "✗": "\\textsf{\\textbf{x}}"},
}
# Accents that every font encoding can put on a letter: grave, acute, circumflex, tilde, macron, breve, dot,
# diaeresis, ring, double acute, caron, dot below, cedilla, macron below.
_ACCENTS = dict(
    zip(
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0323\u0327\u0331",
        "`'^~=u.\"rHvdcb",
        strict=True,
    )
)
_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho varsigma sigma"
    " tau upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_GREEK = dict(zip("αβγδεζηθικλμνξπρςστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", _NAMES.split(" "), strict=True))
# Greek letters that look like Latin ones have no command.
_LATIN = dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True))


def tex(text: str) -> str:
    """A text that means nothing but itself, in ASCII. Signs that no bare LaTeX has are written as
    ``[U+4E2D]``."""
    escaped_text = "".join([_sign(c) for c in unicodedata.normalize("NFC", text)])
    return re.sub("-(?=-)", "-{}", escaped_text)


def _sign(c: str) -> str:
    if c.isascii():
        return _ASCII.get(c, c)
    if c in _GREEK:
        return f"$\\{_GREEK[c]}$"
    return _SIGNS.get(c) or _LATIN.get(c) or _accented(c) or _in_other_signs(c)


def _accented(c: str) -> str:
    """A letter and what stands above or below it."""
    parts = unicodedata.normalize("NFD", c)
    base, marks = parts[0], parts[1:]
    if not marks or not all(mark in _ACCENTS for mark in marks):
        return ""
    letter = _sign(base)
    for mark in marks:
        letter = f"\\{_ACCENTS[mark]}{{{letter}}}"
    return letter


def _in_other_signs(c: str) -> str:
    """A sign that stands for others, as ½ does; else its number."""
    kind, _, codes = unicodedata.decomposition(c).partition(" ")
    if not kind.startswith("<"):
        return f"{{[}}U+{ord(c):04X}{{]}}"
    letters = "".join([_sign(chr(int(code, 16))) for code in codes.split()])
    if kind in ("<super>", "<sub>"):
        return f"\\text{kind[1:-1]}script{{{letters}}}"
    return letters


def tex_number(text: str) -> str:
    """A number, several along axes, or a volume: commas that part no lists, real minus signs."""
    number = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "{,}", tex(text))
    number = re.sub(r"(?<![\w.])-(?=\d)", "$-$", number)
    return re.sub(r"(?<=\d)x(?=\d)", r"$\\times$", number)


# How wide signs are in points, Computer Modern at 10 points.
_NARROW = dict.fromkeys("iljtfI.,:;'!|()[]/ -", 3.2)
_WIDE = dict.fromkeys("mwMW%@~<>=+&…≥≈×", 8.4)


def points(text: str) -> float:
    """How wide a text is about, in the usual size."""
    return sum(
        [_NARROW.get(c) or _WIDE.get(c) or (7.2 if c.isupper() else 5.1 if c.isascii() else 10) for c in text]
    )
