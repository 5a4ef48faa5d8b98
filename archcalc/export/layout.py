"""Source as a tree of brackets, laid out in lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

_KEYWORD = re.compile(r"\w+=")
WIDTH = 100
STEP = "    "


class Bracket:
    """Parts between an opening and a closing text, which may stand on lines of their own.

    joint  what stands between the parts: a comma, or an operator
    """

    def __init__(self, open: str, parts: Sequence[TextNode], close: str = ")", joint: str = ", "):
        self.open = open
        self.parts = parts
        self.close = close
        self.joint = joint
        self.flat = open + joint.join([flat(part) for part in parts]) + close

    def __str__(self) -> str:
        return self.flat


TextNode = str | Bracket


def flat(node: TextNode) -> str:
    """Return all of it on one line."""
    return node if isinstance(node, str) else node.flat


def lines(node: TextNode, indent: str = "", before: str = "", after: str = "") -> list[str]:
    """Return a node between two texts, on as few lines as fit."""
    whole = f"{indent}{before}{flat(node)}{after}"
    if len(whole) <= WIDTH:
        return [whole]
    if isinstance(node, str):
        return _pieces(node, indent, before, after) or [whole]
    inner = indent + STEP
    if node.joint.strip() not in ("", ","):
        return _terms(node, indent, before, after)
    if len(node.parts) == 1 and isinstance(node.parts[0], Bracket):
        return lines(node.parts[0], indent, before + node.open, node.close + after)
    if not node.open.endswith(("(", "[")) or not node.close.startswith((")", "]")):
        return [whole]  # a bracket that is never closed, to Python, ends with its line
    found = [f"{indent}{before}{node.open}"]
    rows = _rows(node, len(inner))
    comma = "," if node.joint == ", " and (len(rows) > 1 or len(rows[0]) == 1) else ""
    for row in rows:
        if len(row) == 1:
            found += lines(row[0], inner, "", comma)
        else:
            found.append(f"{inner}{', '.join([flat(part) for part in row])}{comma}")
    found.append(f"{indent}{node.close}{after}")
    return found


def _rows(node: Bracket, indent: int) -> list[Sequence[TextNode]]:
    """Return the parts, by lines: all on one; arguments by place on one, by keyword on the next; else
    each on its own."""
    texts = [flat(part) for part in node.parts]
    alone: list[Sequence[TextNode]] = [[part] for part in node.parts]
    if any(text.startswith("*") for text in texts) or node.joint != ", ":
        return alone
    keyword = next((at for at, text in enumerate(texts) if _KEYWORD.match(text)), 0)
    for cuts in ([0, len(texts)], [0, keyword, len(texts)]):
        rows = [node.parts[a:b] for a, b in pairwise(cuts) if a < b]
        if all(sum(len(flat(part)) + 2 for part in row) + indent <= WIDTH + 1 for row in rows):
            return rows
    return alone


def _terms(node: Bracket, indent: str, before: str, after: str) -> list[str]:
    """Return a sum or product, one term per line, in parentheses around it."""
    inner, sign = indent + STEP, node.joint.strip() + " "
    found = [f"{indent}{before}("]
    for number, part in enumerate(node.parts):
        found += lines(part, inner, sign if number else "")
    found.append(f"{indent}){after}")
    return found


def _pieces(text: str, indent: str, before: str, after: str) -> list[str]:
    """Return a long string with spaces as several, one per line; nothing where it is none."""
    at = text.find('"')
    if at < 0 or not text.endswith('"') or " " not in text[at:]:
        return []
    lead, words = text[:at], text[at + 1 : -1].split(" ")
    width_left = WIDTH - len(indent) - len(STEP) - 4
    rows = [""]
    for number, word in enumerate(words):
        piece = word + (" " if number < len(words) - 1 else "")
        if rows[-1] and len(rows[-1]) + len(piece) > width_left:
            rows.append("")
        rows[-1] += piece
    start = f"{indent}{before}{lead}("
    return [start, *[f'{indent}{STEP}"{row}"' for row in rows], f"{indent}){after}"]
