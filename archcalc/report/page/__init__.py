"""A network as a page: one HTML file that holds the graph, the table, and how each number comes about.

The page needs nothing else: no network, no library from elsewhere. What is computed stands in it as JSON;
its scripts draw, fold, sort and add up, and compute no figure of a layer.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from ..kinds import KINDS
from ..notebook import framed
from ..palette import PALETTE
from .network import page_record

if TYPE_CHECKING:
    from ...analysis.summary import Summary

# The scripts, those first that others import; dagre lays the graph out.
SCRIPTS = (
    "words.js",
    "network.js",
    "store.js",
    "layout.js",
    "legend.js",
    "paper.js",
    "graph.js",
    "columns.js",
    "table.js",
    "derivation.js",
    "windows.js",
    "field.js",
    "depth.js",
    "main.js",
    "address.js",
)
LIBRARY = "dagre.min.js"
# The styles: those of all parts, of each, and behind them what other widths and paper have in their place.
STYLES = ("page.css", "graph.css", "table.css", "sections.css", "widths.css", "paper.css")
_IMPORT = re.compile(r'^import (\{[^}]*\}) from "\./(\w+)\.js";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|const|class|let) (\w+))", re.MULTILINE)


class PageText(str):
    """A page as text. A notebook shows it in a frame of its own, in which its scripts and styles stay."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return framed(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What it is. IPython would write the whole text: a notebook would hold the page twice."""
        printer.text(f"<page, {len(self):,} characters>")

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"text/html": self._repr_html_()}


def page(summary: Summary) -> Iterator[str]:
    """Write the page of a network.

    Args:
        summary: What is computed of the network.

    Returns:
        The HTML, in pieces.
    """
    return pieces(
        summary.graph.metadata.name, embedded(page_record(summary)), scripts={"start": _asset("start.js")}
    )


def pieces(
    title: str,
    data: str,
    *,
    scripts: Mapping[str, str],
    style: str = "",
    beside: str = "",
    policy: Sequence[str] = (),
) -> Iterator[str]:
    """Write a page that shows networks.

    Args:
        title: Its name.
        data: What its scripts begin with, as ``embedded`` writes it.
        scripts: The scripts behind those of all pages, by the names that they import one another by.
        style: CSS behind that of all pages.
        beside: HTML in front of the sections of all pages.
        policy: What the page may do besides, as a Content-Security-Policy says it.

    Returns:
        The HTML, in pieces.
    """
    library = _asset(LIBRARY)
    modules = [_as_value(name.removesuffix(".js"), _asset(name)) for name in SCRIPTS]
    modules += [_as_value(name, script) for name, script in scripts.items()]
    script = '"use strict";\n' + "\n".join(modules)
    allowed = [
        "default-src 'none'",
        "img-src data: blob:",
        "style-src 'unsafe-inline'",
        f"script-src {_hash(library)} {_hash(script)}",
        "base-uri 'none'",
        "form-action 'none'",
        *policy,
    ]
    parts = {
        "TITLE": escape(title),
        "POLICY": "; ".join(allowed),
        "STYLE": "".join([PALETTE, *map(_asset, STYLES), style]),
        "BESIDE": beside,
        "LEGEND": "".join(_legend()),
        "DATA": data,
        "LIBRARY": library,
        "SCRIPT": script,
    }
    for text in re.split(r"(\{\{[A-Z]+\}\})", _asset("page.html")):
        yield parts[text[2:-2]] if text.startswith("{{") else text


def embedded(record: Any) -> str:
    """JSON that can stand in a script element: no sign in it ends the element or begins a comment.

    Args:
        record: The value.

    Returns:
        The text, in which each ``<`` is written ``\\u003c``.

    Example:
        >>> from archcalc.report.page import embedded
        >>> embedded({"name": "</script><!--"})
        '{"name":"\\\\u003c/script>\\\\u003c!--"}'
    """
    return json.dumps(record, separators=(",", ":"), ensure_ascii=True).replace("<", "\\u003c")


def _as_value(name: str, module: str) -> str:
    """A module as part of one script: a value that holds what it exports."""
    exported = ", ".join([match[2] for match in _EXPORT.finditer(module)])
    inside = _EXPORT.sub(r"\1", _IMPORT.sub(r"const \1 = \2_js;\n", module))
    return f"const {name}_js = (() => {{\n{inside}return {{ {exported} }};\n}})();\n"


def _legend() -> Iterator[str]:
    """All kinds of boxes; a script shows those that the network has."""
    for name, kind in KINDS.items():
        yield f'<li data-kind="{name}" hidden><span class="key-{name}"></span>{escape(kind.words)}</li>'


def _hash(script: str) -> str:
    return f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"


def _asset(name: str) -> str:
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")
