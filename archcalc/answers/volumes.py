"""Volumes that somebody wrote: ``55x55x96``, ``(96,55,55)``, ``[None, 55, 55, 96]``, ``6@28x28``,
``96 maps of 55 by 55``."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

_CALL = re.compile(
    r"^(torch\.size|tf\.tensorshape|tensorshape|output shape|shape|size|tensor|"
    r"volume)\s*(of|is|[=:(\[]|(?=\d))\s*"
)
_TAIL = re.compile(r" ?(volume|tensor|output|map|image|image size|px|pixels?|values)$")
# Between two sizes. An x inside a word is none.
_BETWEEN = re.compile(
    r" ?(?:(?<![a-z])x(?![a-z])|[*,;]|\b(?:by|times|and|of|with|à|mal"
    r"|und|par|por|per|et|y|e|mit|avec|con|на)\b|[乘乗]) ?"
)
_BATCH = re.compile(r"^[(\[]?(?:none|null|-1|\?|n|b|bs|batch(?: ?size)?) ?[x*,] ?")
_CHANNELS = (
    r"channels?|ch|c|depth|deep|tief|d|filters?|kernels|k|(?:feature |activation )?maps?|kanale?n?|tiefe"
    r"|filtern|t|merkmalskarten|canaux|canal|profondeur|filtres?|cartes?|canales|profundidad|filtros?|mapas?|canali"
    r"|profondita|filtri|canais|profundidade|каналов|каналы|通道|通道数|チャンネル|채널"
)
_HEIGHTS = (
    r"height|h|high|tall|rows?|hohe|hoch"
    r"|zeilen|hauteur|lignes|alto|altura|filas|altezza|righe|высота|高|高さ|높이"
)
_WIDTHS = (
    r"width|w|columns?|cols?|breite|breit|b|wide"
    r"|spalten|largeur|colonnes|ancho|anchura|columnas|largura|larghezza"
    r"|colonne|ширина|宽|寬|幅|너비"
)
# A comma that can only set thousands apart: no size begins with a nought.
_NEXT = re.compile(r"(?<=\d) (?=[a-z]+ ?[=:] ?\d)")
# Noughts of a program behind a size, and what is said in brackets of the channels: `48 x 32 (24 maps)`.
_WHOLE = re.compile(r"(?<=\d)\.0{1,2}(?![\d.])")
_BRACKETED = re.compile(r"(?<=\d) ?[(\[](?=\d{1,6} [a-z])")
_GROUPED = re.compile(r"(?<=\d),(?=0\d\d(?!\d))")
_ROLE = re.compile(
    rf"(?:(?P<c>{_CHANNELS})|(?P<h>{_HEIGHTS})|(?P<w>{_WIDTHS})"
    rf"|(?:of )?(?:the )?sizes?(?: of)?|each|pixels?|px|in|out|je|gross|chacune?|cada uno)"
)
_ITEM = re.compile(
    r"(?:(?P<before>[^\W\d_][^\W\d_ ]*(?: [^\W\d_ ]+)*?) ?[=: ] ?)?"
    r"(?P<size>0|[1-9]\d{0,11})(?P<square>\^ ?[23]| squared)?"
    r"(?: ?(?P<after>[^\W\d_][^\W\d_ ]*(?: [^\W\d_ ]+)*))?"
)


# The axes by their letters, before the sizes or in brackets behind them.
AXES = re.compile(r"[(\[]?((?:[nbhwcdk](?: ?[x*,] ?| )?){3,4})[)\]]?")
_ORDER = re.compile(
    r"(?P<sizes>.*\d[)\]]?),? ?(?P<order>[(\[](?:[nbhwcdk](?: ?[x*,] ?| )?){3,4}[)\]]"
    r"|[nbhwcd]{3,4}|\(?channels?[- ](?:first|last)\)?)"
)


def lettered(text: str) -> str:
    """The axes that a text names by their letters, ``hwc``; empty where it is something else."""
    if found := re.fullmatch(r"\(?channels?[- ](first|last)\)?", text):
        return "chw" if found[1] == "first" else "hwc"
    letters = AXES.fullmatch(text)
    order = re.sub(r"[^hwcdkb]", "", letters[1]) if letters else ""
    order = order.replace("b", "" if "w" in order else "w")  # a batch, or a German width
    order = order.replace("k", "c") if "c" not in order else order
    order = order.replace("d", "c") if "c" not in order else order
    return order if sorted(order) == ["c", "h", "w"] else ""


def ordered(sizes: tuple[int, ...], order: str) -> tuple[int, ...]:
    """Three sizes, whose axes have these letters, channels last."""
    by = dict(zip(order, sizes, strict=True))
    return by["h"], by["w"], by["c"]


def volume(text: str) -> tuple[tuple[int, ...], bool] | None:
    """The sizes of a normalised text, and whether the writer said which the channels are: they
    then stand last. None if it is no volume."""
    if in_order := _ORDER.fullmatch(text):
        order, inner = lettered(in_order["order"]), volume(in_order["sizes"])
        if order and inner is not None and len(inner[0]) == 3 and not inner[1]:
            return ordered(inner[0], order), True
    text = _TAIL.sub("", _BATCH.sub("", _CALL.sub("", text).strip("()[] ,;")))
    if text.count("@") == 1:
        front, _, back = text.partition("@")
        channels, sizes = sorted((_sizes(front), _sizes(back)), key=len)
        if len(channels) == 1 and len(sizes) > 1:
            return (*sizes, *channels), True
        return None
    text = _BRACKETED.sub(", ", _WHOLE.sub("", text))
    text = _NEXT.sub(", ", _GROUPED.sub("", text))  # 1,024x1,024x3; H=32 W=32 C=10
    items = _BETWEEN.split(re.sub(r"[()\[\]]", " ", text))
    if len(items) == 1 and re.fullmatch(r"\d{1,12}( \d{1,12})+", text):
        items = text.split(" ")
    found = _by_role([" ".join(item.split()) for item in items])
    listed = re.search(r"[,;]|\b(?:of|and|with|und|mit|et|avec|y|con)\b", text) and re.search(
        r"x|\*|by", text
    )
    if found and listed and not found[1] and len(found[0]) > 3:
        return None  # `28x28x6, 156` is a volume and another answer
    return found


# Distances in positions of the input, one per axis: negative, or a fraction.
_ONE = r"-?\d{1,9}(?: ?/ ?[1-9]\d{0,8})?"
_DISTANCES = re.compile(rf"{_ONE}(?: ?[x*,;] ?{_ONE}){{0,3}}")
_DISTANCE = re.compile(r"(-?\d+)(?: ?/ ?(\d+))?")


def distances(text: str) -> tuple[Any, ...] | None:
    """One number per axis, some of which may be negative or fractions: ``-3x-1``, ``5/2``; None of
    anything else, and of a whole number that is none of these."""
    bare = text.strip("()[] ")
    if not _DISTANCES.fullmatch(bare) or bare.isdigit():
        return None
    found = [Fraction(int(n), int(d or 1)) for n, d in _DISTANCE.findall(bare)]
    return tuple([int(number) if number.denominator == 1 else number for number in found])


def _sizes(text: str) -> tuple[int, ...]:
    found = _by_role([item.strip() for item in _BETWEEN.split(text.strip("()[] "))])
    return found[0] if found else ()


def _by_role(items: list[str]) -> tuple[tuple[int, ...], bool] | None:
    """Sizes in the order written, or by what they were called. None if one is no size."""
    plain: list[int] = []
    called: dict[str, int] = {}
    for item in items:
        found = _ITEM.fullmatch(item)
        if found is None:
            return None
        size = int(found["size"])
        roles = []
        for word in (found["before"], found["after"]):
            role = _ROLE.fullmatch(word.strip()) if word else None
            if word and role is None:
                return None
            if role is not None and role.lastgroup is not None:
                roles.append(role.lastgroup)
        square = found["square"]
        if len(roles) > 1 or (roles and (roles[0] in called or square)):
            return None
        if roles:
            called[roles[0]] = size
        else:
            plain += [size] * (3 if square and "3" in square else 2 if square else 1)
    if not plain and not called:
        return None
    if not called:
        return tuple(plain), False
    if len(plain) > 2:
        # `48x32x24 with 24 filters`: the words say again what one of the sizes is.
        depth = called.get("c", 0)
        if len(called) > 1 or plain.count(depth) != 1:
            return None
        plain.remove(depth)
        return (*plain, depth), True
    sides = [called[role] for role in "hw" if role in called]
    if (plain and sides) or "c" not in called:
        return (*plain, *sides), False
    return (*plain, *sides, called["c"]), True
