"""A chain as one line of text that can be read again: its name, which titles print."""

from __future__ import annotations

import re

from ..source import Span
from .definitions import Net
from .syntax import Body, Call, Chain, Item, Literal, Repeat, Statement

# A string stays, a comment and whatever space there is do not; other signs become the language's.
_PIECES = re.compile(r'("(?:[^"\\\n]|\\.)*")|(#[^\n]*)|([\s\xa0]+)|(-->|=>|[–—−]>|[→⇒⟶])|([×])|([−–])')
_FOREIGN = re.compile(r"-->|=>|[→⇒⟶×−–—\xa0]")
_SIGNS = {3: " ", 4: "->", 5: "x", 6: "-"}


def one_line(net: Net) -> str:
    """Return the text of a chain, on one line."""
    assert net.file is not None
    text = net.file.source.text.strip()
    if "\n" not in text and not _FOREIGN.search(text):
        return text
    head = _plain(net.inputs[0].span)
    body = _body(net.body, bare=True)
    return f"{head} -> {body}" if body else head


def _plain(span: Span) -> str:
    def piece(found: re.Match[str]) -> str:
        which = found.lastindex or 0
        return found.group() if which == 1 else _SIGNS.get(which, " ")

    return " ".join(_PIECES.sub(piece, span.text).split())


def _body(body: Body, bare: bool = False) -> str:
    return "; ".join(_statement(statement, bare) for statement in body.statements)


def _statement(statement: Statement, bare: bool) -> str:
    """Return a statement; ``bare``: a merge that ends it needs no parentheses, if its branches are one
    statement each."""
    items = statement.chain.items
    last = items[-1]
    words = [_item(item) for item in items[:-1]]
    if (
        bare
        and isinstance(last, Call)
        and statement.condition is None
        and all(len(branch.body.statements) == 1 for branch in last.branches)
    ):
        words.append(_merge(last))
    else:
        words.append(_item(last))
    text = " -> ".join(words)
    if statement.label is not None:
        text = f"{statement.label}: {text}"
    if statement.out:
        text = f"out {text}"
    if statement.condition is not None:
        text += f" if {_plain(statement.condition.span)}"
    return text


def _merge(call: Call) -> str:
    """Return a merge with its branches behind it, which take whatever follows."""
    branches = [_body(branch.body) for branch in call.branches]
    return " | ".join([_plain(call.span), *branches])


def _item(item: Item) -> str:
    if isinstance(item, Call):
        return f"({_merge(item)})" if item.branches else _plain(item.span)
    if isinstance(item, Chain):
        return f"({' -> '.join(_item(part) for part in item.items)})"
    if isinstance(item, Repeat):
        count = _plain(item.count.span)
        count = count if isinstance(item.count, Literal) else f"({count})"
        return f"{count} x {_item(item.item)}"
    return _plain(item.span)
