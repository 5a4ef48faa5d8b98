"""Records of the reference of layers and blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..screens.op_page import default_of, signature
from . import numbered

if TYPE_CHECKING:
    from ...ops.base import Op
    from ..screens.op_page import ReferencePage


def page_record(op: type[Op] | None, page: ReferencePage) -> dict[str, Any]:
    """`ops NAME`: the reference of an op, or of a block where there is no op."""
    return numbered(_op(op, page) if op is not None else _block(page))


def _op(op: type[Op], page: ReferencePage) -> dict[str, Any]:
    return {
        "name": op.name,
        "group": op.group,
        "summary": page.summary,
        "doc": op.documentation(),
        "signature": signature(op),
        "attributes": [
            {
                "name": name,
                "kind": attribute.kind,
                "required": attribute.required,
                "default": None if attribute.default is None else default_of(attribute),
                "help": attribute.help,
                "positional": name in op.positional,
                "letter": attribute.symbol,
            }
            for name, attribute in op.attributes.items()
        ],
        "counting": op.format_counting(),
        "macs": op.matrix_product,
        "example": op.example,
        "source": op.source,
        "elsewhere": [*op.synonyms, *op.elsewhere],
        **_worked_out(page),
    }


def _block(page: ReferencePage) -> dict[str, Any]:
    return {
        "name": page.name,
        "group": page.group,
        "summary": page.summary,
        "doc": "\n\n".join([page.summary, *page.doc]),
        "signature": page.signature,
        "parameters": [
            {"name": a.name, "default": None if a.default == "required" else a.default}
            for a in page.arguments
        ],
        "example": page.example,
        "text": page.text,
        **_worked_out(page),
    }


def _worked_out(page: ReferencePage) -> dict[str, Any]:
    backward = "; ".join(dict(page.facts).get("backward", []))
    return {
        "keeps": backward.removeprefix("keeps "),
        "facts": {word: list(lines) for word, lines in page.facts},
        "result": list(page.result),
    }
