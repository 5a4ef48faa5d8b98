"""A page of its own: tables to read, light and dark, that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from ..._version import __version__
from ..grid import Cell, Column
from ..lines import Line
from ..palette import PALETTE
from ..sheet import PAGE, FactsBlock, NotesBlock, PictureBlock, Sheet, TableBlock, TextBlock, indented
from ..working import WorkingBlock
from . import Document

# What says whose a page is.
GENERATOR = '<meta name="generator" content="archcalc'
# Pages of tables: the colours of all pages, and how tables, lists and lines stand.
STYLE = (
    PALETTE
    + """\
body { font-size: 16px; line-height: 1.5;
  max-width: 100rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.3rem; margin: 2rem 0 .5rem; } h1 small { font-weight: normal; color: var(--aside); }
h2 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
.wide { overflow-x: auto; } figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .5rem 0; }
caption { text-align: left; font-weight: bold; padding: .25rem 0; }
th, td { padding: .15rem .6rem; text-align: left; vertical-align: top; }
th.right, td.right { text-align: right; white-space: nowrap; }
thead th { border-bottom: 1px solid var(--rule); color: var(--aside); font-weight: normal; }
tbody tr:hover { background: color-mix(in srgb, var(--rule) 35%, transparent); }
tfoot td { border-top: 1px solid var(--rule); font-weight: bold; }
pre { overflow-x: auto; line-height: 1.35; } dt { color: var(--aside); } dd { margin: 0 0 .25rem 1.5rem; }
.sum, .title { font-weight: bold; } .aside, .notes { color: var(--aside); } .notes { font-size: .9rem; }
.params, .second { color: var(--cyan); } .macs { color: var(--magenta); } .good { color: var(--good); }
.bad { color: var(--bad); font-weight: bold; } .warn { color: var(--warn); font-weight: bold; }
@page { margin: 18mm 15mm; }
@media print {
  body { font-size: 10pt; max-width: none; margin: 0; padding: 0; }
  h1 { margin-top: 0; } section + section { margin-top: 1.5rem; } h1, h2, caption { break-after: avoid; }
  thead { display: table-header-group; } tr { break-inside: avoid; }
  .wide { overflow: visible; } pre { overflow: visible; white-space: pre-wrap; } }
"""
)


class Format(Document):
    """``--format html``."""

    suffixes = (".html", ".htm")

    def document(self, sheets: Iterable[Sheet]) -> Iterator[str]:
        """A page; no script, and nothing that is fetched."""
        sheets = list(sheets)
        title = escape(sheets[0].caption if sheets else "archcalc")
        yield '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        yield f'{GENERATOR} {__version__}">\n'
        yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        yield f"<title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n"
        for sheet in sheets:
            yield from self.sheet(sheet)
        yield "</body>\n</html>\n"

    def sheet(self, sheet: Sheet) -> Iterator[str]:
        """A heading, and the blocks below it."""
        title = escape(sheet.title)
        shown_title = f"<code>{title}</code>" if sheet.spec else title
        name = escape(sheet.name or sheet.title)
        behind = " · ".join(
            [part for part in (shown_title if sheet.name else "", escape(sheet.aside)) if part]
        )
        yield "<section>\n"
        yield f"<h1>{name}{f' <small>{behind}</small>' if behind else ''}</h1>\n"
        for block in sheet.blocks:
            yield from self.block(block)
        yield "</section>\n"

    def table(self, block: TableBlock) -> Iterator[str]:
        """A table, which scrolls where the page is too narrow for it."""
        grid = block.grid
        yield '<div class="wide">\n<table>\n'
        if block.title:
            yield f"<caption>{escape(block.title)}</caption>\n"
        if any(column.head for column in grid.columns):
            heads = [f'<th{_side(c)} scope="col">{escape(c.head)}</th>' for c in grid.columns]
            yield f"<thead>\n<tr>{''.join(heads)}</tr>\n</thead>\n"
        for tag, rows in (("tbody", grid.rows), ("tfoot", grid.feet)):
            if rows or tag == "tbody":
                yield f"<{tag}>\n"
                for row in rows:
                    yield _row(row, grid.columns)
                yield f"</{tag}>\n"
        yield "</table>\n</div>\n"
        if block.more:
            yield f'<p class="notes">{escape(block.more)}</p>\n'

    def facts(self, block: FactsBlock) -> Iterator[str]:
        """A list of words and the facts behind them; facts without a word are paragraphs."""
        inside = False
        for word, line in block.lines_for(PAGE):
            if word and not inside:
                yield "<dl>\n"
                inside = True
            if word:
                yield f"<dt>{escape(word)}</dt>\n"
            tag = "dd" if inside else "p"
            yield f"<{tag}>{_inline(line)}</{tag}>\n"
        if inside:
            yield "</dl>\n"

    def notes(self, block: NotesBlock) -> Iterator[str]:
        """A paragraph for each note."""
        for parts in block.notes:
            yield f'<p class="notes">{escape(" · ".join(parts))}</p>\n'

    def text(self, block: TextBlock) -> Iterator[str]:
        """Lines as they stand, in their colours."""
        lines = [_inline(line).rstrip() for line in block.lines_for(PAGE)]
        while lines and not lines[-1]:
            lines.pop()
        yield "<pre>\n" + "\n".join(lines) + "\n</pre>\n"

    def picture(self, block: PictureBlock) -> Iterator[str]:
        """The picture, in the page itself."""
        svg = block.svg()
        if svg is not None:
            yield f'<figure role="img" aria-label="{escape(block.title)}">\n{svg}\n</figure>\n'

    def working(self, block: WorkingBlock) -> Iterator[str]:
        """A heading with the answer, the formulas, and what is to be known of them."""
        yield f"<h2>{escape(block.quantity)} {escape(block.answer)}</h2>\n"
        if block.steps:
            texts = [escape(text) for step in block.steps for text in step.texts]
            yield "<pre>\n" + "\n".join(texts) + "\n</pre>\n"
        for note in [*block.notes, *([f"from {block.source}"] if block.source else [])]:
            yield f'<p class="notes">{escape(note)}</p>\n'


def _side(column: Column) -> str:
    return ' class="right"' if column.right else ""


def _row(cells: Sequence[Cell], columns: Sequence[Column]) -> str:
    found = []
    for cell, column in zip(cells, columns, strict=True):
        depth, line = indented(cell)
        deep = f' style="padding-left:{depth + 0.6:g}rem"' if depth else ""
        found.append(f"<td{_side(column)}{deep}>{_inline(line).strip()}</td>")
    return f"<tr>{''.join(found)}</tr>\n"


def _inline(line: Line) -> str:
    parts = []
    for text, role in line:
        if role == "spec" and text.strip():
            parts.append(f"<code>{escape(text)}</code>")
        elif role == "link":
            parts.append(f'<a href="{escape(text)}">{escape(text)}</a>')
        elif role and text.strip():
            parts.append(f'<span class="{role}">{escape(text)}</span>')
        else:
            parts.append(escape(text))
    return "".join(parts)
