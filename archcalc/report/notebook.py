"""Reports and pages in a notebook: tables, formulas and notes in the notebook's own colours, and a page in a
frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from .formats import Document
from .grid import Cell, Column
from .sheet import PAGE, FactsBlock, NotesBlock, PictureBlock, Sheet, TableBlock, TextBlock, indented
from .working import WorkingBlock

# Small type, in a weaker tone of the colour that the notebook has.
_ASIDE = 'style="margin:.3em 0;opacity:.75;font-size:smaller"'
# Where the dark theme is on, and where the light one: JupyterLab and Jupyter Notebook, VS Code, Colab, sites
# that show notebooks. A reader may choose another theme than that of the system.
_DARK = (
    '[data-jp-theme-light="false"]',
    '[data-vscode-theme-kind="vscode-dark"]',
    '[data-vscode-theme-kind="vscode-high-contrast"]',
    '[data-theme="dark"]',
    'html[theme="dark"]',
)
_LIGHT = (
    '[data-jp-theme-light="true"]',
    '[data-vscode-theme-kind="vscode-light"]',
    '[data-vscode-theme-kind="vscode-high-contrast-light"]',
    '[data-theme="light"]',
    'html[theme="light"]',
)


def _in_theme(selectors: Iterable[str], scheme: str) -> str:
    """The rule by which a frame has the colours of the theme: a page reads them as those of the system."""
    frames = ", ".join([f"{selector} .archcalc-page iframe" for selector in selectors])
    return f"{frames} {{ color-scheme: {scheme}; }}\n"


# The frame has its height, and the corner changes it. What stands behind the frame is read where a notebook
# takes frames away.
_FRAME_STYLE = (
    """\
.archcalc-page { position: relative; height: 44rem; min-height: 12rem; resize: vertical; overflow: hidden; }
.archcalc-page iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0;
  color-scheme: light dark; }
"""
    + _in_theme(_LIGHT, "light")
    + _in_theme(_DARK, "dark")
)


def framed(page: str) -> str:
    """A page in a frame. Its scripts run there, and reach neither the notebook nor the network."""
    return (
        f'<div class="archcalc-page"><style>\n{_FRAME_STYLE}</style>'
        "<p>This page is shown where the notebook is trusted.</p>"
        '<iframe title="A network, by archcalc" sandbox="allow-scripts" allow="clipboard-write" '
        f'srcdoc="{escape(page)}"></iframe></div>'
    )


class Notebook(Document):
    """The blocks of sheets as HTML without colours of its own."""

    def document(self, sheets: Iterable[Sheet]) -> Iterator[str]:
        """One after the other. What a sheet is about stands in its first table, or above it."""
        for sheet in sheets:
            self._caption = sheet.caption
            if not any(isinstance(block, TableBlock) for block in sheet.blocks):
                aside = f" · {escape(sheet.aside)}" if sheet.aside else ""
                yield f"<p>{escape(sheet.caption)}{aside}</p>"
            for block in sheet.blocks:
                yield from self.block(block)

    def facts(self, block: FactsBlock) -> Iterator[str]:
        """A line per fact."""
        for word, line in block.lines_for(PAGE):
            about = f"<b>{escape(word)}</b> " if word else ""
            yield f'<p style="margin:.3em 0">{about}{_text(line)}</p>'

    def notes(self, block: NotesBlock) -> Iterator[str]:
        """A paragraph per note."""
        for parts in block.notes:
            yield f"<p {_ASIDE}>{escape(' · '.join(parts))}</p>"

    def text(self, block: TextBlock) -> Iterator[str]:
        """Lines as they stand."""
        lines = ["".join([text for text, _ in line]).rstrip() for line in block.lines_for(PAGE)]
        yield f"<pre>{escape(chr(10).join(lines).strip(chr(10)))}</pre>"

    def picture(self, block: PictureBlock) -> Iterator[str]:
        """The picture, on its own ground."""
        svg = block.svg()
        if svg is not None:
            yield f'<figure role="img" aria-label="{escape(block.title)}">{svg}</figure>'

    def working(self, block: WorkingBlock) -> Iterator[str]:
        """The answer, the formulas below it, and what is to be known of them."""
        yield f"<p><b>{escape(block.quantity)}</b> {escape(block.answer)}</p>"
        if block.steps:
            texts = [escape(text) for step in block.steps for text in step.texts]
            yield "<pre>" + "\n".join(texts) + "</pre>"
        for note in [*block.notes, *([f"from {block.source}"] if block.source else [])]:
            yield f"<p {_ASIDE}>{escape(note)}</p>"

    def table(self, block: TableBlock) -> Iterator[str]:
        """A table."""
        grid = block.grid
        caption = f"{self._caption}: {block.title}" if block.title else self._caption
        heads = _row([(column.head, "") for column in grid.columns], grid.columns, "th")
        body = "".join([_row(row, grid.columns, "td") for row in grid.rows])
        feet = "".join([_row(row, grid.columns, "th") for row in grid.feet])
        yield f"<table><caption>{escape(caption)}</caption><thead>{heads}</thead><tbody>{body}</tbody>"
        yield f"{f'<tfoot>{feet}</tfoot>' if feet else ''}</table>"
        if block.more:
            yield f"<p {_ASIDE}>{escape(block.more)}</p>"


def notebook(sheets: Iterable[Sheet]) -> str:
    """Sheets as HTML for a notebook."""
    return "".join(Notebook().document(sheets))


def _text(line: Iterable[tuple[str, str]]) -> str:
    """A line without its colours; what is a link stays one."""
    parts = []
    for text, role in line:
        shown = escape(text)
        parts.append(f'<a href="{shown}">{shown}</a>' if role == "link" else shown)
    return "".join(parts).strip()


def _row(cells: Sequence[Cell], columns: Sequence[Column], tag: str) -> str:
    found = []
    for cell, column in zip(cells, columns, strict=True):
        depth, line = indented(cell)
        style = "text-align:right" if column.right else "text-align:left"
        if depth:
            style += f";padding-left:{depth}em"
        if tag == "td" and any(role == "sum" for _, role in line):
            style += ";font-weight:bold"
        text = escape("".join([text for text, _ in line]).strip())
        found.append(f'<{tag} style="{style}">{text}</{tag}>')
    return f"<tr>{''.join(found)}</tr>"
