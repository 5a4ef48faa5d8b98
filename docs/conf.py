"""The documentation as a site: ``python -m sphinx -W -b html docs build/docs`` builds it.

The pages are those of this folder, in Markdown; the API is written from the docstrings, whose examples the
tests run.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pygments.lexer import RegexLexer, bygroups
from pygments.lexers.special import TextLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, Text

project = "archcalc"
author = "the authors of archcalc"
root = Path(__file__).parent.parent
version = release = re.findall(r'"([\d.]+)"', (root / "archcalc" / "_version.py").read_text("utf-8"))[0]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["schema"]
myst_heading_anchors = 4
suppress_warnings = ["myst.header"]
myst_enable_extensions = ["colon_fence"]
highlight_language = "text"
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
napoleon_google_docstring = True
html_theme = "furo"
html_title = f"archcalc {version}"
html_show_sphinx = False
html_static_path: list[str] = []

# A link from one page to a file of the project that is none: on a site it is its text alone.
OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./[^)]*\)")


class ArchLexer(RegexLexer):  # type: ignore[misc]
    """The language of specs."""

    name = "archcalc"
    aliases = ["arch"]  # noqa: RUF012
    tokens = {  # noqa: RUF012
        "root": [
            (r"#.*$", Comment),
            (r'"[^"\n]*"', String),
            (r"^(\s*)(net|block|default|input|paper|note|family|year|report|out)\b", bygroups(Text, Keyword)),
            (r"\b(if|else)\b", Keyword),
            (r"([A-Za-z_]\w*)(:)", bygroups(Name.Label, Operator)),
            (r"@[\w.]+", Name.Variable),
            (r"->|[=+*/x?-]", Operator),
            (r"\d[\dx.]*", Number),
            (r"\w+", Name),
            (r"\s+|.", Text),
        ]
    }


def setup(app: Any) -> None:
    """Teach Sphinx the language of specs, and what to do with links out of this folder."""
    app.add_lexer("arch", ArchLexer)
    for words in ("expect", "prototxt"):  # what a test compares, and what has no lexer
        app.add_lexer(words, TextLexer)

    def read(app: Any, page: str, source: list[str]) -> None:
        source[0] = OUTSIDE.sub(r"\1", source[0])

    app.connect("source-read", read)
