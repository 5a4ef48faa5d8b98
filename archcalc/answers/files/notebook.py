"""Jupyter notebooks: text cells are the sheet, code and what it printed stand behind them."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..platforms.heads import match
from ..sheets import Fault, SheetAnswer
from ..sheets.decoding import decoded
from ..sheets.names import QuestionNames, bare
from .document import Contents, ContentsWriter, FileError, FileReader

# What nbgrader puts in the place of a solution.
_BLANK = re.compile(
    r"(?:#+\s*)?(?:YOUR ANSWER HERE|YOUR CODE HERE|raise NotImplementedError\(\))", re.IGNORECASE
)
_PRINT = re.compile(r"print\(.*\);?")
_PIECES = re.compile(r"[^a-z0-9.]+", re.IGNORECASE)
MOST_CELLS = 5000


class Reader(FileReader):
    """Notebooks of every version of the format, which is JSON."""

    suffixes = (".ipynb",)
    kind = "notebook"
    reads = (
        "text cells; solution cells of nbgrader by their ids; where a question has no other "
        "answer, what code printed, then the code"
    )

    def read(self, data: bytes, names: QuestionNames) -> Contents:
        try:
            book = json.loads(decoded(data))
        except (ValueError, RecursionError):
            raise FileError("it is no notebook: it is no JSON") from None
        cells = list(_cells(book))
        if not cells:
            raise FileError("it is no notebook, or one without cells")
        if len(cells) > MOST_CELLS:
            raise FileError(f"it has {len(cells):,} cells, more than {MOST_CELLS:,}")
        return _Notebook(names).document(cells)


def _cells(book: Any) -> Iterator[Mapping[str, Any]]:
    """The cells of a notebook; those of the third version stand in worksheets."""
    if not isinstance(book, dict):
        return
    sheets = book.get("worksheets")
    for holder in (book, *(sheets if isinstance(sheets, list) else ())):
        cells = holder.get("cells") if isinstance(holder, dict) else None
        yield from [cell for cell in (cells if isinstance(cells, list) else ()) if isinstance(cell, dict)]


class _Notebook:
    """Sorts the cells of a notebook: the task's own, solutions of a known question, text, and code."""

    def __init__(self, names: QuestionNames):
        self.names = names
        self.sheet = ContentsWriter()
        self.code = ContentsWriter()
        self.question = ""  # of the task's cell above
        self.heading = ""  # of the text above, where it ends in one

    def document(self, cells: Sequence[Mapping[str, Any]]) -> Contents:
        for number, cell in enumerate(cells, 1):
            self.cell(cell, number)
        return self.sheet.contents(self.code.contents())

    def cell(self, cell: Mapping[str, Any], number: int) -> None:
        place = f"cell {number}"
        text = _joined(cell.get("source", cell.get("input", "")))
        is_code = cell.get("cell_type") == "code"
        metadata = cell.get("metadata")
        grader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        grader = grader if isinstance(grader, dict) else {}
        named = self.named(str(grader.get("grade_id", "")))
        if grader.get("locked") and not grader.get("solution"):
            self.question = named or self.asked(text)
            return
        results = list(_outputs(cell)) if is_code else []
        blank = [line for line in text.split("\n") if line.strip()]
        if grader.get("solution"):
            question, self.question = named or self.question, ""
            kept = "\n".join([line for line in blank if not _BLANK.fullmatch(line.strip())]).strip()
            if question and not is_code and kept.count("\n") == 0:
                self.sheet.entries.append(SheetAnswer(question, _unlabelled(kept, self.names), place))
                return
            if question:
                self.code.line(question, place) if is_code else self.sheet.line(f"{question}:", place)
            text = kept
        for why in ("a picture is not read",) if is_code and _pictures(cell) else ():
            self.sheet.aside.append(Fault(place, why))
        if not is_code:
            last = blank[-1].strip(" #*_:") if blank else ""
            self.heading = self.names.get(bare(last), "")
            for at, line in enumerate(text.split("\n"), 1):
                self.sheet.line(line, f"{place}, line {at}")
            self.sheet.line("", place)
            return
        # A label in a comment is the label of what the cell prints, and only then of its code.
        labels, working = _leading_comments(text)
        if results:
            # What was printed is the answer, and not how.
            shown = [line for line in working if _PRINT.fullmatch(line.strip())]
            working = [line for line in working if line not in shown]
            self.sheet.aside += [
                Fault(place, "it is code, and what it printed is read", one) for one in shown
            ]
        labels += [self.heading] if self.heading and not labels else []
        self.heading = ""
        for line in working:
            if remark := _remark(line):
                self.sheet.aside.append(Fault(place, "it is a remark in code", remark))
        bare_code = [line.removesuffix(_remark(line)).rstrip() for line in working]
        for line in (*labels, *results, *bare_code, "", *_by_key(text)):
            self.code.line(line, place)
        self.code.line("", place)

    def named(self, grade_id: str) -> str:
        """The question that nbgrader's id of a cell names: `q4`, `answer_q4`, `week5-Q4`."""
        if (id := self.names.get(bare(grade_id))) is not None:
            return id
        pieces = [piece for piece in _PIECES.split(grade_id.replace("_", " ")) if piece]
        found = {
            self.names[name]
            for size in (1, 2)
            for at in range(len(pieces) - size + 1)
            if (name := bare(" ".join(pieces[at : at + size]))) in self.names
            and (size == 2 or not pieces[at].isdigit() or len(pieces) == 1)
        }
        return found.pop() if len(found) == 1 else ""

    def asked(self, text: str) -> str:
        """The question that a cell of the task asks, by its words or its label."""
        lines = [line.strip(" #*_") for line in text.split("\n") if line.strip(" #*_")]
        heads = dict(enumerate([" ".join(lines), *lines[:3]]))
        found = match(heads, self.names, loose=True).found
        return next(iter(found.values()), "")


def _unlabelled(text: str, names: QuestionNames) -> str:
    """An answer without a label in front of it."""
    label, sign, rest = text.partition(":")
    return rest.strip() if sign and bare(label) in names else text


def _leading_comments(code: str) -> tuple[list[str], list[str]]:
    """The comments that code begins with, without their signs, and the rest of its lines."""
    lines = [line for line in code.split("\n") if line.strip() and not _BLANK.fullmatch(line.strip())]
    end = next((at for at, line in enumerate(lines) if not line.lstrip().startswith("#")), len(lines))
    return [line.lstrip().lstrip("#").strip() for line in lines[:end]], lines[end:]


def _remark(line: str) -> str:
    """The remark behind code; empty for none, and where a text may hold the sign."""
    code, sign, remark = line.partition("#")
    return sign + remark if code.strip() and not set(line) & set("\"'") else ""


def _by_key(code: str) -> Iterator[str]:
    """The members of tables that code writes down, ``answers = {"Q1": 5}``, as lines."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in tree.body:
        value = node.value if isinstance(node, (ast.Assign, ast.Expr)) else None
        if not isinstance(value, ast.Dict):
            continue
        for key, member in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                text = str(member.value) if isinstance(member, ast.Constant) else ast.unparse(member)
                yield f"{key.value}: {text}"


def _joined(source: Any) -> str:
    """The text of a cell, which may stand there as a list of lines."""
    if isinstance(source, list):
        source = "".join([line for line in source if isinstance(line, str)])
    return source if isinstance(source, str) else ""


def _outputs(cell: Mapping[str, Any]) -> Iterator[str]:
    """The lines that a cell printed, and the values that it ended in."""
    outputs = cell.get("outputs")
    for output in outputs if isinstance(outputs, list) else ():
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        text = data.get("text/plain", "") if isinstance(data, dict) else output.get("text", "")
        yield from [line for line in _joined(text).split("\n") if line.strip()]


def _pictures(cell: Mapping[str, Any]) -> bool:
    outputs = cell.get("outputs")
    return any(
        isinstance(output, dict)
        and isinstance(output.get("data"), dict)
        and any(str(kind).startswith("image/") for kind in output["data"])
        for output in (outputs if isinstance(outputs, list) else ())
    )
