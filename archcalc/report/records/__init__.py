"""The JSON of every command: one function each builds its record, here and nowhere else.

Keys are only ever added; docs/schema describes them. What a part of a network says of itself, a
layer's row or a derivation, is said by its class.
"""

from __future__ import annotations

from typing import Any

from ..._version import __version__

# The number that every record carries: another one means that keys have changed or gone.
SCHEMA = 1


def headed(record: dict[str, Any]) -> dict[str, Any]:
    """A record behind the version of archcalc that made it and the number of its schema."""
    return {"archcalc": __version__, "schema": SCHEMA, **record}


def numbered(record: dict[str, Any]) -> dict[str, Any]:
    """A record with the number of its schema."""
    return {"schema": SCHEMA, **record}
