"""JSON as text, written layer by layer so that a long network needs little memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ..analysis.summary import Summary


def text(value: Any) -> str:
    """A JSON value, indented where it nests."""
    return json.dumps(value, indent=1, ensure_ascii=False)


def summary_json(summary: Summary) -> Iterator[str]:
    """The JSON of a summary in pieces: a record a line among the layers."""
    encode = json.JSONEncoder(ensure_ascii=False).encode
    yield "{\n"
    for key, value in summary.head().items():
        yield f" {encode(key)}: {encode(value)},\n"
    yield ' "layers": [\n'
    between = ""
    for record in summary.records():
        yield f"{between}  {encode(record)}"
        between = ",\n"
    yield "\n ]"
    for key, value in summary.tail().items():
        yield f",\n {encode(key)}: {encode(value)}"
    yield "\n}\n"
