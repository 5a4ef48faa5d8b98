"""The signs and words of an answer: one sign for what is typed in many ways, and answers that are
words."""

from __future__ import annotations

import re
from unicodedata import category, decimal, normalize

# Behind this many signs nothing is an answer.
LONGEST = 300
# What stands for a sign that could not be read, and what is no sign of a text but that: the
# controls that are no space.
UNREAD = "\ufffd"
NO_TEXT = re.compile("[\\0-\\x08\\x0e-\\x1f\\x7f-\\x84\\x86-\\x9f\ufffd]")

_SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("×✕✖⨯хХ", "x"),
        **dict.fromkeys("·⋅∙•∗", "*"),
        **dict.fromkeys("−–—―‐‑‒", "-"),
        **dict.fromkeys("÷⁄∕", "/"),
        **dict.fromkeys("’‘ʼ´‛", "'"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("≈≃≅∼˜≊", "~"),
        "≤": "<",
        "≥": ">",
        "…": "...",
        "К": "k",
        "к": "k",
        "М": "m",
    }
)
# What TeX writes, longest first where one begins another.
_TEX = (
    (r"\times", "x"),
    (r"\cdot", "*"),
    (r"\lfloor", "⌊"),
    (r"\rfloor", "⌋"),
    (r"\lceil", "⌈"),
    (r"\rceil", "⌉"),
    (r"\left", ""),
    (r"\right", ""),
    (r"\approx", "~"),
    (r"\sim", "~"),
    (r"{,}", ","),
    (r"\,", " "),
    (r"\;", " "),
    (r"\ ", " "),
    (r"\text", ""),
    (r"\mathrm", ""),
    (r"\(", ""),
    (r"\)", ""),
    (r"\[", ""),
    (r"\]", ""),
)
_RAISED = re.compile(f"[{''.join(_SUPERSCRIPTS)}]+")
_BOLD = re.compile(r"(?<![\w)])\*\*([^* ][^*]*)\*\*(?![\w(])")
_POWER = re.compile(r"(?<=[\d)]) ?\*\* ?(?=[-+\d(])")
_EMPHASIS = ("**", "__", "*", "_", "`", "$", '"', "'", "~~")


def normalised(text: str) -> str:
    """An answer in lower case and in few signs: ``x * / - ' " ~`` for their many kinds, ``^2``
    for a superscript, single spaces, plain digits, nothing of Markdown or TeX around them."""
    text = _RAISED.sub(lambda m: f"^{''.join(_SUPERSCRIPTS[c] for c in m[0])} ", text)
    if "\\" in text or "{" in text:
        for tex, sign in _TEX:
            text = text.replace(tex, sign)
        text = text.replace("{", "(").replace("}", ")")
    if not text.isascii():
        text = "".join([_plain(c) for c in normalize("NFKC", text.translate(_SIGNS))])
        text = text.translate(_SIGNS)
    text = _POWER.sub("^", _BOLD.sub(r"\1", " ".join(text.lower().split())))
    return _without_marks(text)


def _without_marks(text: str) -> str:
    """A text without the signs of emphasis and quotation that stand around all of it."""
    start, end = 0, len(text)
    while True:
        mark = next(
            (
                mark
                for mark in _EMPHASIS
                if end - start > 2 * len(mark)
                and text.startswith(mark, start)
                and text.endswith(mark, start, end)
            ),
            "",
        )
        low, high = start + len(mark), end - len(mark)
        while low < high and text[low] == " ":
            low += 1
        while low < high and text[high - 1] == " ":
            high -= 1
        if not mark or low == high:
            return text[start:end]
        start, end = low, high


def _plain(sign: str) -> str:
    kind = category(sign)
    if kind == "Nd":
        return str(decimal(sign))
    return " " if kind in ("Zs", "Zl", "Zp", "Cc") else "" if kind == "Cf" else sign


NO_FIT = "does not fit"
NOT_APPLICABLE = "not applicable"
EVERYTHING = "everything"
BLANK = "blank"
ZERO = "zero"

_MEANINGS = tuple(
    (re.compile(pattern), meaning)
    for pattern, meaning in (
        (
            r"[-_.?\s/]*|blank|\(blank\)|no answer|not answered|skip(ped)?|tbd|todo|idk|nan|null"
            r"|(i )?(do not|don't|dont) know",
            BLANK,
        ),
        (r"n ?/ ?a\.?|n\.? ?a\.?|not applicable", NOT_APPLICABLE),
        (r"(it )?(does not|doesn't|doesnt|won't|wont|cannot|can't|cant|did not|didn't|not) fit\b.*", NO_FIT),
        (
            r"(invalid|not valid|impossible|(it is )?not possible|undefined|not defined|not allowed"
            r"|illegal|error|not an? (integer|whole number)|no(t)? integer|non-?integer|does not work"
            r"|doesn't work)( \(.*\))?",
            NO_FIT,
        ),
        (
            r"(the )?(all|everything|global|(whole|entire|full|complete) (image|input|picture))"
            r"( of it)?",
            EVERYTHING,
        ),
        (r"zero|none|nil|nothing|no (learnable |trainable )?(parameters|params|weights|operations)", ZERO),
    )
)


def meaning(text: str) -> str | None:
    """The meaning of a normalised answer in words; None if it is not one of these words."""
    bare = text.strip(" .!;,\"'") if text.strip(" .!;,\"'") else text
    for pattern, meant in _MEANINGS:
        if pattern.fullmatch(bare):
            return meant
    return None


# Unit words, each with what it counts.
_UNITS = {
    **dict.fromkeys(("byte", "bytes"), "bytes"),
    **dict.fromkeys(("bit", "bits"), "bits"),
    **dict.fromkeys(
        (
            "mac",
            "macs",
            "madd",
            "madds",
            "mult-add",
            "mult-adds",
            "multiply-add",
            "multiply-adds",
            "multiplication",
            "multiplications",
            "mults",
            "multiply-accumulates",
        ),
        "macs",
    ),
    **dict.fromkeys(("flop", "flops"), "flops"),
    **dict.fromkeys(("op", "ops", "operation", "operations"), "operations"),
    **dict.fromkeys(
        ("param", "params", "parameter", "parameters", "weight", "weights", "weights and biases"), "params"
    ),
    **dict.fromkeys(
        (
            "value",
            "values",
            "neuron",
            "neurons",
            "unit",
            "units",
            "activation",
            "activations",
            "float",
            "floats",
            "number",
            "numbers",
            "element",
            "elements",
            "feature",
            "features",
        ),
        "values",
    ),
    **dict.fromkeys(("px", "pixel", "pixels"), "pixels"),
}
_SCALES = {
    **dict.fromkeys(("k", "thousand", "kilo"), "K"),
    **dict.fromkeys(("m", "mn", "mln", "mio", "mil", "million", "millions", "mega"), "M"),
    **dict.fromkeys(("g", "bn", "billion", "billions", "giga"), "G"),
    **dict.fromkeys(("t", "trillion", "tera"), "T"),
    "ki": "Ki",
    "mi": "Mi",
    "gi": "Gi",
    "ti": "Ti",
    "kibi": "Ki",
    "mebi": "Mi",
    "gibi": "Gi",
}
# Said of a number without changing it.
_ASIDE = re.compile(
    r"\(?\b((with(out)?|no|incl(\.|uding)?|excl(\.|uding)?) (the )?bias(es)?"
    r"|no (learnable |trainable )?(parameters|params|weights)"
    r"|in total|total|altogether|overall|exactly|learnable|trainable|per image)\b\)?|/ ?image\b"
)


def without_asides(text: str) -> str:
    """A normalised text without the words about a number that do not change it."""
    return " ".join(_ASIDE.sub(" ", text).split())


_SCALED = re.compile(rf"({'|'.join(sorted(_SCALES, key=len, reverse=True))})?[ -]?(.*)")


def suffix(text: str, bytes_expected: bool) -> tuple[str, str] | None:
    """Scale and unit of what stands behind a number: ``k macs``, ``mib``, ``million``. A lone B is
    a byte where bytes are expected, else a billion. None if it is neither."""
    if not text:
        return "", ""
    if text in _UNITS:
        return "", _UNITS[text]
    if text == "b":
        return ("", "bytes") if bytes_expected else ("G", "")
    found = _SCALED.fullmatch(text)
    if found is None or found[1] is None:
        return None
    scale, unit = _SCALES[found[1]], found[2].strip()
    if not unit or unit in _UNITS:
        return scale, _UNITS.get(unit, "")
    return (scale, "bytes") if unit == "b" else None
