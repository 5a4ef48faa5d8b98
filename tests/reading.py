"""A screen of `archcalc summary` read back: an eye that knows nothing of how it was made."""

from __future__ import annotations

import re

RULE = re.compile(r"[─-]{10,}$")


UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def figure(text: str) -> tuple[float, float]:
    """A number as a screen writes it, and by how much it may be off: ``1.85G`` by 5M."""
    bare = text.replace(",", "")
    scale = UNITS.get(bare[-1:])
    if scale is None:
        return int(bare), 0
    places = len(bare[:-1].partition(".")[2])
    return float(bare[:-1]) * scale, scale / 10**places / 2


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
        self.rows = [(len(line) - len(line.lstrip()), line) for line in lines[rules[0] + 1 : rules[1]]]
        if "output" in self.heads:  # the second and later lines of a broken text have no numbers
            self.rows = [(indent, line) for indent, line in self.rows if self.cell(line, "output")]
        self.total = lines[rules[1] + 1]
        self.foot = lines[rules[1] + 2 :]

    def cell(self, line: str, head: str) -> str:
        """The text of a right-aligned cell."""
        end = self.heads[head]
        if line[end - 1 : end].strip() == "":
            return ""
        assert not line[end : end + 1].strip(), (line, head)
        return re.split(r"[\s│|━╸╺╴╶=-]", line[:end])[-1]

    def column(self, head: str) -> list[tuple[int, float | None]]:
        """Indent and number of each row; None where there is none."""
        found = []
        for indent, line in self.rows:
            text = self.cell(line, head)
            found.append((indent, figure(text)[0] if text else None))
        return found

    def check_sums(self) -> None:
        """Children sum to their parent, rows at the margin to the total, as well as figures of a
        few digits can."""
        for head in ("parameters", "params", "MACs"):
            if head not in self.heads:
                continue
            texts = [(indent, self.cell(line, head)) for indent, line in self.rows]
            rows = [(indent, figure(text) if text else (0, 0)) for indent, text in texts]
            total = figure(self.cell(self.total, head))
            self._add_up([part for indent, part in rows if indent == 0], total, head)
            for at, (indent, value) in enumerate(rows):
                children = []
                for deeper, child in rows[at + 1 :]:
                    if deeper <= indent:
                        break
                    if deeper == indent + 2:
                        children.append(child)
                if children:
                    self._add_up(children, value, f"{head}: {self.rows[at]}")
        if "memory" in self.heads:
            self._check_memory()

    @staticmethod
    def _add_up(parts: list[tuple[float, float]], whole: tuple[float, float], what: str) -> None:
        slack = sum(off for _, off in parts) + whole[1]
        assert abs(sum(value for value, _ in parts) - whole[0]) <= slack * 1.000001, what

    def _check_memory(self) -> None:
        """Rows at the margin come to the total as well as rounded figures can."""
        cells = [self.cell(line, "memory") for indent, line in self.rows if indent == 0]
        reported = [float(cell.lstrip("<").replace(",", "")) for cell in cells if cell]
        total = float(self.cell(self.total, "memory").replace(",", ""))
        assert abs(sum(reported) - total) <= 0.01 * (len(reported) + 1), reported
