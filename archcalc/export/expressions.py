"""A step as an expression: its source, with what it reads put in its places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from .drafts import Ref
from .layout import Bracket, TextNode, flat

# What a text is to an operator: something in brackets or a name, a product, a sum.
ATOM, PRODUCT, SUM = range(3)

_PLACE = re.compile(r"\bxs\[(\d+)\]|\bxs\b|\bx\b")
# Channels put in front of the positions again, after they were put behind them for a module.
BACK, FORTH = ".movedim(-1, 1)", ".movedim(1, -1)"


@dataclass(eq=False)
class Action:
    """A step to write.

    text       its source, with ``x`` or ``xs`` for what it reads, `*xs` for arguments; of
               a loop, what it goes through
    refs       where that is from
    outputs    how many tensors it gives
    inline     it can stand on the line of what it reads: a norm, an activation, dropout
    free       and that wherever the spec writes it: an activation
    function   it works value by value, wherever the channels are
    merge      it joins branches
    label      what the tensor is called, None if it has no label of its own
    names      of a loop, the variables that go round; of several outputs, what they are called
    statement  of the spec
    condition  where it holds the step is there, else ``past`` stands for its output
    """

    text: str
    refs: tuple[Ref, ...]
    _: KW_ONLY
    outputs: int = 1
    inline: bool = False
    free: bool = False
    function: bool = False
    merge: bool = False
    label: str | None = None
    names: Sequence[str] = ()
    loop: int | None = None
    statement: object = None
    condition: str | None = None
    past: Ref | None = None

    def __post_init__(self) -> None:
        # What is read twice must be a variable.
        self.once = len(_PLACE.findall(self.text)) == 1 or self.merge


def filled(action: Action, inputs: list[tuple[TextNode, int]]) -> tuple[TextNode, int]:
    """Return the text of an action with its inputs in their places, and what it is to the operators
    around it."""
    text = action.text
    whole = re.split(r"(\*?)\bxs\b(?!\[)", text)
    if len(whole) > 1:
        start, star, end = whole
        nodes = [node for node, _ in inputs]
        return Bracket(start, nodes, end) if star else Bracket(f"{start}[", nodes, f"]{end}"), ATOM
    level = _level(text)
    if action.merge:
        sign = " + " if level == SUM else " * "
        terms: list[TextNode] = []
        for number, term in enumerate(text.split(sign)):
            match = _PLACE.match(term)
            assert match is not None
            node, binding = inputs[int(match[1])]
            rest = term[match.end() :]
            if binding > (ATOM if rest or (number and binding == level) else level):
                node = Bracket("(", [node])
            terms.append(Bracket("", [node], rest) if rest else node)
        return Bracket("", terms, "", sign), level
    if not action.once:
        # A variable, as often as it is needed.
        text = _PLACE.sub(lambda match: flat(inputs[int(match[1] or 0)][0]), text)
        fraction = text.split(" / ")
        return (Bracket("", fraction, "", " / ") if len(fraction) == 2 else text), level
    match = _PLACE.search(text)
    assert match is not None
    start, end = text[: match.start()], text[match.end() :]
    node, binding = inputs[0]
    if end.startswith(FORTH) and isinstance(node, Bracket) and node.close.endswith(BACK):
        node = Bracket(node.open, node.parts, node.close.removesuffix(BACK), node.joint)
        end = end.removeprefix(FORTH)
    if action.function and isinstance(node, Bracket) and node.close.endswith(BACK):
        node = Bracket(node.open, node.parts, node.close.removesuffix(BACK), node.joint)
        end += BACK
    enclosed = start.endswith(("(", "[", ", ")) and end.startswith((")", "]", ","))
    if binding != ATOM and not enclosed:
        node = Bracket("(", [node])
    if not start and not end:
        return node, binding
    return Bracket(start, [node], end), level


def _level(text: str) -> int:
    """Return what a text is to the operators around it."""
    depth, found = 0, ATOM
    for at, character in enumerate(text):
        if character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif depth == 0 and character in "+-*/" and text[at - 1 : at] == " ":
            found = max(found, SUM if character in "+-" else PRODUCT)
    return found
