"""JSON as text: one record per line, written one after the other so that many need little memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from ...diagnostics import Diagnostic
from ..answer import Answer, Page
from ..records import SCHEMA
from . import Writer


class Format(Writer):
    """``--format json``."""

    suffixes = (".json",)

    def pieces(self, answer: Answer, page: Page) -> Iterator[str]:
        """The record."""
        return json_pieces(answer.record(), page.ascii)

    def diagnostics(self, diagnostics: Sequence[Diagnostic], ascii: bool) -> str:
        """One object."""
        found = [diagnostic.to_dict() for diagnostic in diagnostics]
        return json.dumps({"diagnostics": found, "schema": SCHEMA}, ensure_ascii=ascii) + "\n"


class Encoded(str):
    """A record of which the text is made already, by ``encoder``: it stands in a list of records."""


def encoder(ascii: bool = False) -> Callable[[Any], str]:
    """What makes the text of a record."""
    encoded = json.JSONEncoder(ensure_ascii=ascii).encode

    def encode(value: Any) -> str:
        if isinstance(value, Encoded):
            return value
        text = encoded(value)
        if text.isprintable():
            return text
        return "".join([c if c.isprintable() else json.dumps(c)[1:-1] for c in text])

    return encode


def in_ascii(text: str) -> str:
    """A JSON text whose other signs are escaped."""
    return text if text.isascii() else "".join([c if c.isascii() else json.dumps(c)[1:-1] for c in text])


def json_pieces(value: Any, ascii: bool = False) -> Iterator[str]:
    """A JSON value in pieces: one key of an object per line, one record of a list per line, and more than
    that on no line of its own. An iterator among the values is written as a list, of
    a function what it gives then. ``ascii``
    escapes all other signs; what a terminal would obey is escaped always."""
    encode = encoder(ascii)
    if isinstance(value, dict):
        yield "{"
        between = "\n"
        for key, item in value.items():
            item = item() if callable(item) else item  # what is known when all before it was written
            yield f"{between} {encode(key)}: "
            yield from _records(item, encode, "  ") if _nests(item) else [encode(item)]
            between = ",\n"
        yield "\n}\n"
    elif _nests(value):
        yield from _records(value, encode, " ")
        yield "\n"
    else:
        yield encode(value) + "\n"


def _nests(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict)
    return isinstance(value, Iterator)


def _records(records: Iterable[Any], encode: Callable[[Any], str], indent: str) -> Iterator[str]:
    between = "[\n"
    for record in records:
        yield f"{between}{indent}{encode(record)}"
        between = ",\n"
    yield f"\n{indent[1:]}]" if between == ",\n" else "[]"
