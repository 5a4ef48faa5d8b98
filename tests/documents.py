"""Documents read back: eyes that know nothing of how they were made."""

from __future__ import annotations

import re

# A network whose words mean something to every format that it is written in.
HOSTILE = r"""net a "=t|i`t\\le *x* _y_ <b>b</b> [l](u) ![i](u) $m$ &amp; 9% #1 ~~z~~ ^ a--b é β 中"
  input 8x8x3
  report params 232 "=T|able_1 *50%* & {x} \\ #2"
  one: conv 3x3 4 -> relu
  two: 3 x (conv 1x1 4 -> bn)
  gap
  fc 10
"""


class MarkdownTable:
    """A pipe table: heads, which columns are right aligned, cells, without their escapes.

    rows  of cells; ``total`` is the last of them where it is so called
    """

    def __init__(self, text: str, number: int = 0):
        tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
        lines = tables[number].rstrip("\n").split("\n")
        self.raw = [cells(line) for line in lines]
        assert len({len(row) for row in self.raw}) == 1, "as many cells in every row"
        assert len({len(line) for line in lines if line.isascii()}) == 1, "columns in line"
        self.heads = self.raw[0]
        assert all(re.fullmatch(r"-{2,}[-:]", cell) for cell in self.raw[1])
        self.right = [cell.endswith(":") for cell in self.raw[1]]
        self.rows = self.raw[2:]
        self.total = self.rows.pop() if self.rows[-1][0] == "**total**" else None

    def names(self) -> list[str]:
        """The first cell of each row, indented by two a step."""
        found = []
        for row in self.rows:
            step = row[0].count("&emsp;")
            name = row[0].replace("&emsp;", "").strip("*")
            found.append("  " * step + unescaped(name))
        return found

    def numbers(self, head: str) -> list[tuple[int, int]]:
        """How deep a row stands and its number, 0 for none."""
        at = self.heads.index(head)
        return [(row[0].count("&emsp;"), number(row[at])) for row in self.rows]

    def check_sums(self, *heads: str) -> None:
        """Children sum to their parent, rows at the margin to the total."""
        assert self.total is not None
        for head in heads:
            column = self.numbers(head)
            total = number(self.total[self.heads.index(head)])
            assert sum(value for depth, value in column if depth == 0) == total
            for at, (depth, value) in enumerate(column):
                children = []
                for deeper, child in column[at + 1 :]:
                    if deeper <= depth:
                        break
                    if deeper == depth + 1:
                        children.append(child)
                assert not children or sum(children) == value, (head, self.rows[at])


def cells(line: str) -> list[str]:
    """The cells of a row of a pipe table: parted by the pipes that no backslash escapes."""
    assert line.startswith("| ")
    assert line.endswith(" |")
    return [cell.strip() for cell in re.split(r"(?<!\\)(?:\\\\)*\|", line)[1:-1]]


def unescaped(text: str) -> str:
    """A text of Markdown without its backslashes, and with signs in the place of their names."""
    return re.sub(r"\\([!-/:-@\[-`{-~])|&lt;", lambda found: found[1] or "<", text)


def number(cell: str) -> int:
    """A number with commas, bold or not; 0 for an empty cell."""
    return int(cell.strip("*").replace(",", "") or 0)


# LaTeX ------------------------------------------------------------------------------------------

# A command, one sign behind a backslash, a comment, or one sign.
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|%[^\n]*\n?|.", re.DOTALL)
# What a bare LaTeX, booktabs and longtable know.
COMMANDS = (
    "begin end caption label centering par medskip bigskip noindent normalsize small footnotesize"
    " scriptsize begingroup endgroup setlength tabcolsep linewidth raggedright tabularnewline"
    " multicolumn quad textbf textit textsf toprule midrule bottomrule addlinespace endfirsthead"
    " endhead endfoot textbackslash textless textgreater textbar textasciicircum times cdot lfloor"
    " rfloor geq approx sim surd dots beta paragraph displaystyle frac left right lceil rceil"
    " mathbf mathrm bmod max min gcd cdots"
)


def tokens(text: str) -> list[str]:
    """The tokens of a LaTeX text."""
    return _TOKEN.findall(text)


def check_latex(text: str) -> None:
    """What holds of every table: ASCII, groups and formulas closed, environments nested, nothing
    that means something to TeX left alone, as many cells in each row as there are columns."""
    assert text.isascii()
    depth = 0
    formula = False
    opened: list[str] = []
    found = tokens(text)
    for at, token in enumerate(found):
        if token == "{":
            depth += 1
        elif token == "}":
            depth -= 1
            assert depth >= 0, "a group is closed that was not opened"
        elif token == "$":
            formula = not formula
        elif token == "^" or token == "_":
            assert formula, f"`{token}` outside a formula"
        elif token == "#" or token == "~":
            raise AssertionError(f"`{token}` means something")
        elif token.startswith("%"):
            assert at == 0, "a comment in the text"
        elif token in ("\\begin", "\\end"):
            name = re.match(r"\{(\w+)\}", "".join(found[at + 1 : at + 20]))
            assert name is not None
            if token == "\\begin":
                opened.append(name.group(1))
            else:
                assert opened.pop() == name.group(1)
        elif len(token) > 2:
            assert token[1:] in COMMANDS.split(), token
        if token == "\n":
            assert not formula, "a formula goes on over lines"
    assert depth == 0
    assert not opened
    for layout, body in re.findall(
        r"\\begin\{(?:tabular|longtable)\}\{(.*?@\{\})\}\n(.*?)\\end\{(?:tabular|longtable)\}",
        text,
        re.DOTALL,
    ):
        width = len(re.findall(r"[lr]|p\{[^}]*\}", layout))
        rows = latex_rows(body)
        assert len(rows) > 2
        for row in rows:
            assert len(row) == width, row


def latex_rows(body: str) -> list[list[str]]:
    """The cells of a table's rows, those that head several rows spread over all columns."""
    rows = []
    for line in body.split("\n"):
        shown = re.sub(r" (?:\\\\|\\tabularnewline)$", "", line)
        if shown == line or line.startswith("\\caption"):
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)&", shown)]
        spread = re.match(r"\\multicolumn\{(\d+)\}", shown)
        rows.append(cells + [""] * (int(spread.group(1)) - 1 if spread else 0))
    return rows


def latex_number(cell: str) -> int:
    """A number with its commas in groups, bold or not; 0 for an empty cell."""
    return int(re.sub(r"\\textbf\{(.*)\}$", r"\1", cell).replace("{,}", "") or 0)
