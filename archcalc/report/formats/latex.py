"""Sheets as LaTeX: a float of booktabs each, or a longtable where a page does not hold it.

All of it is ASCII, so that any engine, input and font encoding will do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..formula_tex import tex_count, tex_formula, tex_symbol
from ..grid import Cell, Column, Grid
from ..lines import ASCII, Line, plain
from ..matrices import BlackboardBlock
from ..sheet import PAGE, FactsBlock, NotesBlock, Sheet, TableBlock, TextBlock, indented, segments
from ..tex import points, tex, tex_number
from ..working import Legend, WorkingBlock
from . import Document

# A page of the article class, in points, and what caption and rules take of its height.
WIDTH, HEIGHT, ABOUT = 345, 540, 60
# Sizes of type: how wide against the usual, and how far apart lines are.
SIZES = [
    ("\\normalsize", 1.0, 12.0),
    ("\\small", 0.925, 11.0),
    ("\\footnotesize", 0.85, 9.5),
    ("\\scriptsize", 0.8, 8.0),
]
FOOTNOTE = 2
# What is tried until a table fits: a size, the space between two columns, and the share of the page
# that the widest text must have left to be broken into lines; None is not to break it.
BETWEEN = 12
TRIES = [
    (0, BETWEEN, None),
    (1, BETWEEN, None),
    (2, BETWEEN, None),
    (2, 8, None),
    (3, 8, None),
    (2, 8, 0.25),
    (3, 8, 0.2),
    (3, 6, 0.18),
    (3, 4, 0.14),
]
BOLD = ("sum", "title")


class Format(Document):
    """``--format latex``."""

    suffixes = (".tex",)

    def document(self, sheets: Iterable[Sheet]) -> Iterator[str]:
        """Sheets one below the other, behind a comment that names the packages."""
        made = [list(self.sheet(sheet)) for sheet in sheets]
        lines = {line for pieces in made for line in pieces}
        packages = [
            package
            for package, sign in (
                ("amsmath", "\\begin{bmatrix}\n"),
                ("booktabs", "\\toprule\n"),
                ("longtable", "\\end{longtable}\n"),
            )
            if sign in lines
        ]
        if packages:
            yield f"% Needs \\usepackage{{{','.join(packages)}}} in the preamble.\n"
        for number, pieces in enumerate(made):
            if number:
                yield "\n"
            yield from pieces

    def sheet(self, sheet: Sheet) -> Iterator[str]:
        """A float with what stands below its table; else paragraphs, their tables among them."""
        self._sheet = sheet
        self._below: list[str] = []
        blocks = list(sheet.blocks)
        if blocks[0].grid is not None:
            self._below = [line for block in blocks if block.below for line in self.block(block)]
            blocks = [block for block in blocks if not block.below]
        else:
            title = f": {tex(sheet.title)}" if sheet.title and sheet.name else ""
            aside = f" ({tex_number(sheet.aside)})" if sheet.aside else ""
            yield f"\\noindent\\textbf{{{tex(sheet.name or sheet.title)}}}{title}{aside}\n"
        for block in blocks:
            for line in self.block(block):
                yield line + "\n"

    def table(self, block: TableBlock) -> Iterator[str]:
        """A float, with what belongs to the table below it."""
        sheet = self._sheet
        title = ": ".join([part for part in (sheet.name, block.title or sheet.title) if part])
        title += f" ({sheet.aside})" if sheet.aside else ""
        label = f"{sheet.name} {block.label or sheet.label}"
        notes = [*([tex(block.more)] if block.more else []), *self._below]
        self._below = []
        return _Float(block.grid, title, label, notes).lines()

    def facts(self, block: FactsBlock) -> Iterator[str]:
        """A paragraph for each fact."""
        named = False
        for word, line in block.lines_for(PAGE):
            named = named or bool(word)
            margin = f"\\textit{{{tex(word)}}}: " if word else "\\quad " if named else ""
            yield margin + _inline(line)

    def notes(self, block: NotesBlock) -> Iterator[str]:
        """A paragraph for each note."""
        for parts in block.notes:
            yield tex(" · ".join(parts))

    def text(self, block: TextBlock) -> Iterator[str]:
        """Lines in typewriter type, in ASCII as on a terminal that has no more."""
        yield ""
        yield "\\par\\noindent{\\footnotesize\\ttfamily\\raggedright"
        for line in block.lines_for(PAGE):
            fixed_width = tex(plain(line).translate(ASCII)).replace(" ", "~")
            yield f"\\mbox{{}}{fixed_width}\\\\"
        yield "\\par}"

    def working(self, block: WorkingBlock) -> Iterator[str]:
        """A paragraph with a display."""
        yield ""
        yield f"\\paragraph{{{tex(block.quantity)}}} {tex_number(block.answer)}"
        if block.steps:
            # Formulas of text, which are broken where a line ends.
            lines = []
            for step in block.steps:
                formula = step.formula
                made = tex_formula(step.forms[0] if step.forms else formula.made)
                numbers = tex_formula(formula.made, numbers=True)
                if formula.of:
                    names = [tex_symbol(name) for name in formula.of.split(", ")]
                    made = f"{', '.join(names)} = {made}"
                lines.append(f"$\\displaystyle {made}$")
                if step.forms:
                    lines += [f"$\\displaystyle = {tex_formula(form)}$" for form in step.forms[1:]]
                    continue
                lines.append(f"$\\displaystyle = {numbers} = \\mathbf{{{tex_count(formula.value)}}}$")
            yield "\\begin{quote}\\raggedright"
            yield "\\\\[2pt]\n".join(lines)
            yield "\\end{quote}"
        notes = [f"{tex(note)}." for note in block.notes]
        if block.source:
            notes.append(f"\\textit{{From {tex(block.source)}.}}")
        if notes:
            yield "\\par\\noindent{\\footnotesize\\raggedright"
            yield "\\par\n".join(notes) + "\\par}"

    def blackboard(self, block: BlackboardBlock) -> Iterator[str]:
        """Displays with the matrices of amsmath."""
        yield ""
        yield from block.tex_lines()

    def legend(self, block: Legend) -> Iterator[str]:
        """The symbols as the formulas have them."""
        means = [f"${tex_symbol(symbol)}$ {tex(means)}" for symbol, means in block.symbols.items()]
        yield ""
        yield f"\\medskip\\noindent{{\\footnotesize\\raggedright {', '.join(means)}\\par}}"


class _Float:
    """A table laid out for a page of an article.

    title   what stands above it; ``label`` is what it is referred to by
    notes   what stands below it, paragraph by paragraph
    size    index of the size of type
    gap     space between two columns, in points
    broken  the column that is broken into lines, and its share of the page's width; or None
    long    a page does not hold it
    """

    def __init__(self, grid: Grid, title: str, label: str, notes: Sequence[str]):
        self.title = title
        self.label = label
        self.columns = grid.columns
        self.rows = grid.rows
        self.feet = grid.feet
        self.notes = notes
        widths = [
            [_width(cell, column) for cell, column in zip(row, self.columns, strict=True)]
            for row in (*self.rows, *self.feet)
            if not _alone(row)
        ]
        heads = [points(column.head) for column in self.columns]
        self.broken: tuple[int, float] | None
        self._fit([max(column) for column in zip(heads, *widths, strict=True)])
        _, scale, apart = SIZES[self.size]
        lines = len(self.rows) + len(self.feet) + 2
        if self.broken is not None:
            at, share = self.broken
            # A line that ends with a word is hardly ever full.
            lines += sum([int(row[at] * scale / (0.8 * share * WIDTH)) for row in widths])
        _, small, near = SIZES[FOOTNOTE]
        below = sum([1 + points(note) * small // WIDTH for note in self.notes]) * near
        self.long = lines * apart + below + ABOUT > HEIGHT

    def _fit(self, widths: Sequence[float]) -> None:
        """Find the best of TRIES that fits, else the last."""
        texts = [at for at, column in enumerate(self.columns) if at and not column.right]
        at = max(texts, key=lambda at: widths[at], default=0)
        self.broken = None
        for size, gap, least in TRIES:
            self.size, self.gap = size, gap
            left = WIDTH - gap * (len(widths) - 1) - sum(widths) * SIZES[size][1]
            if least is None:
                if left >= 0:
                    return
            elif texts:
                share = (left + widths[at] * SIZES[size][1]) / WIDTH
                self.broken = at, max(least, int(share * 100) / 100)
                if share >= least:
                    return

    def lines(self) -> Iterator[str]:
        """The table and what stands below it."""
        size = SIZES[self.size][0]
        if self.gap != BETWEEN:
            size += f"\\setlength{{\\tabcolsep}}{{{self.gap // 2}pt}}"
        caption = f"\\caption{{{tex(self.title)}}}"
        label = f"\\label{{tab:{_slug(self.label)}}}"
        layout = "@{}" + "".join([self._layout(at) for at in range(len(self.columns))]) + "@{}"
        named = " & ".join([tex(column.head) for column in self.columns])
        heads = ["\\toprule", f"{named} \\\\", "\\midrule"]
        body = [self._row(row) for row in self.rows]
        if self.feet:
            body += ["\\midrule", *[self._row(row) for row in self.feet]]
        if self.long:
            yield f"\\begingroup{size}"
            yield f"\\begin{{longtable}}{{{layout}}}"
            yield f"{caption}{label}\\\\"
            yield from [*heads, "\\endfirsthead", *heads, "\\endhead", "\\bottomrule", "\\endfoot"]
            yield from body
            yield from ["\\end{longtable}", "\\endgroup"]
        else:
            yield from ["\\begin{table}[htbp]", "\\centering", caption, label]
            yield f"\\par\\medskip{size}"
            yield f"\\begin{{tabular}}{{{layout}}}"
            yield from [*heads, *body, "\\bottomrule", "\\end{tabular}"]
        if self.notes:
            yield "\\par\\medskip\\noindent"
            yield "\\begin{minipage}{\\linewidth}\\footnotesize\\raggedright"
            for note in self.notes:
                yield f"{note}\\par"
            yield "\\end{minipage}"
        yield "\\par\\bigskip" if self.long else "\\end{table}"

    def _layout(self, at: int) -> str:
        if self.broken is not None and at == self.broken[0]:
            return f"p{{{self.broken[1]}\\linewidth}}"
        return "r" if self.columns[at].right else "l"

    def _row(self, row: Sequence[Cell]) -> str:
        if _alone(row):
            above = "" if row is self.rows[0] else "\\addlinespace\n"
            return f"{above}\\multicolumn{{{len(row)}}}{{@{{}}l@{{}}}}{{{_cell(row[0], False)}}} \\\\"
        cells = []
        for at, (cell, column) in enumerate(zip(row, self.columns, strict=True)):
            content = _cell(cell, column.right)
            broken = content and self.broken is not None and at == self.broken[0]
            cells.append(f"\\raggedright {content}" if broken else content)
        # A line end after \raggedright would end a line of the cell.
        end = "\\tabularnewline" if cells[-1].startswith("\\raggedright ") else "\\\\"
        return f"{' & '.join(cells)} {end}"


def _alone(row: Sequence[Cell]) -> bool:
    """Whether a row is a heading for those below: several texts, and nothing beside them."""
    return isinstance(row[0], list) and not any(text for cell in row[1:] for text, _ in segments(cell))


def _width(cell: Cell, column: Column) -> float:
    depth, line = indented(cell)
    width = sum([points(text) * (1.15 if role in BOLD else 1) for text, role in line])
    if column.right:
        width += 3.5 * sum([text.count("x") for text, _ in line])  # each a sign of multiplication
    return width + 10 * depth


def _cell(cell: Cell, right: bool) -> str:
    depth, line = indented(cell)
    return "\\quad " * depth + _inline(line, right)


def _inline(line: Line, number: bool = False) -> str:
    pieces = []
    for text, role in line:
        inner = tex_number(text) if number else tex(text)
        bare = inner.strip()
        pieces.append(inner.replace(bare, f"\\textbf{{{bare}}}") if bare and role in BOLD else inner)
    return re.sub(" +", " ", "".join(pieces)).strip()


def _slug(text: str) -> str:
    """A text as a key of LaTeX."""
    return re.sub(r"[^A-Za-z0-9]+", "-", text).strip("-")[-60:]
