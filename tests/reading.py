"""A screen of `archcalc summary` read back: an eye that knows nothing of how it was made."""

from __future__ import annotations

import re

RULE = re.compile(r"[─-]{10,}$")


class Screen:
    """The parts of a screen.

    heads   where each column's head ends, by head; columns are right aligned, save the first two
    rows    indent and line of each row of the table
    total   the line of totals
    foot    lines below the table
    """

    def __init__(self, text: str):
        lines = text.split("\n")
        rules = [number for number, line in enumerate(lines) if RULE.match(line)]
        head = lines[rules[0] - 1]
        self.heads = {match.group(): match.end() for match in re.finditer(r"\S+", head)}
        self.rows = [
            (len(line) - len(line.lstrip()), line) for line in lines[rules[0] + 1 : rules[1]]
        ]
        self.total = lines[rules[1] + 1]
        self.foot = lines[rules[1] + 2 :]

    def cell(self, line: str, head: str) -> str:
        """The text of a right-aligned cell."""
        end = self.heads[head]
        if line[end - 1 : end].strip() == "":
            return ""
        assert not line[end : end + 1].strip(), (line, head)
        return re.split(r"[\s│|━╸╺╴╶=-]", line[:end])[-1]

    def column(self, head: str) -> list[tuple[int, int | None]]:
        """Indent and number of each row; None where there is none."""
        found = []
        for indent, line in self.rows:
            text = self.cell(line, head)
            found.append((indent, int(text.replace(",", "")) if text else None))
        return found

    def check_sums(self) -> None:
        """Children sum to their parent, rows at the margin to the total."""
        for head in ("parameters", "MACs"):
            if head not in self.heads:
                continue
            column = self.column(head)
            total = int(self.cell(self.total, head).replace(",", ""))
            assert sum(value or 0 for indent, value in column if indent == 0) == total, head
            for at, (indent, value) in enumerate(column):
                children = []
                for deeper, child in column[at + 1 :]:
                    if deeper <= indent:
                        break
                    if deeper == indent + 2:
                        children.append(child or 0)
                if children:
                    assert sum(children) == value, (head, self.rows[at])
        if "memory" in self.heads:
            self._check_memory()

    def _check_memory(self) -> None:
        """Rows at the margin come to the total as well as rounded figures can."""
        cells = [self.cell(line, "memory") for indent, line in self.rows if indent == 0]
        told = [float(cell.lstrip("<").replace(",", "")) for cell in cells if cell]
        total = float(self.cell(self.total, "memory").replace(",", ""))
        assert abs(sum(told) - total) <= 0.01 * (len(told) + 1), told
