"""The verdict on a matrix, cell by cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..answer_marker import EarlierAnswer
from ..assumptions import SLIP, Reading
from ..diagnosis import Diagnosis
from ..judging import FollowThrough
from ..methods.matrices import MatrixMethod
from ..misconceptions import CATALOGUE
from ..verdict import BLANK, FOLLOWS, RIGHT, ROUNDED, UNREADABLE, WRONG, MarkedCells, Verdict
from ..written import Unreadable, Written, WrittenWord
from ..written_kinds import WrittenCell, WrittenFormula, WrittenMatrix
from .question import MatrixDiagnosis, MatrixQuestion
from .reading import UnreadMatrixError, digits_of, read_matrices
from .slips import NumberResponse, cell_slips, misread_number, number_responses
from .value import MatrixValue, size_words

# Readings that are named, and wrong cells that are.
MOST, MOST_NAMED = 6, 8
# Significant digits that are enough for a number that cannot be written exactly.
ENOUGH = 3
# Verdicts that are kept: many of a class write the same.
MOST_KEPT = 10_000
_BLANKS = ("", "-", "–", "—", "n/a", "?", "none", "blank")


_Misreading = tuple[MatrixMethod, list[NumberResponse], str]


class MatrixMarker:
    """Marks the answers to a question about values.

    asked  the question
    """

    def __init__(self, asked: MatrixQuestion):
        self.asked = asked
        self._responses: list[_Misreading] | None = None
        self._marked: dict[str, Verdict] = {}

    def unread(self, text: str) -> str:
        """Why a text cannot be read as an answer; empty where it can."""
        try:
            read_matrices(text)
        except UnreadMatrixError as error:
            return str(error)
        return ""

    def verdict(
        self, diagnosis: Diagnosis, written: Written, follow_through: FollowThrough | None = None
    ) -> Verdict:
        """The verdict on an answer of a sheet."""
        if isinstance(written, WrittenWord):
            return Verdict(BLANK if written.meaning == "blank" else WRONG, diagnosis, written)
        if isinstance(written, Unreadable):
            return Verdict(UNREADABLE, diagnosis, written, remark=written.reason)
        text = (written.meant if isinstance(written, WrittenFormula) else "") or written.text
        if text.strip().lower() in _BLANKS:
            return Verdict(BLANK, diagnosis, written)
        if follow_through is not None:
            return self._of_text(diagnosis, written, text, follow_through)
        if text not in self._marked:
            if len(self._marked) > MOST_KEPT:  # a class of strangers must not fill the memory
                self._marked.clear()
            self._marked[text] = self._of_text(diagnosis, written, text, None)
        found = self._marked[text]
        return replace(found, written=found.written._replace(text=written.text))

    def _of_text(
        self, diagnosis: Diagnosis, written: Written, text: str, follow_through: FollowThrough | None
    ) -> Verdict:
        """The verdict on the text of an answer."""
        try:
            found = read_matrices(text)
        except UnreadMatrixError as error:
            return Verdict(UNREADABLE, diagnosis, written, remark=str(error))
        found = [one._replace(text=written.text) for one in found]
        right: MatrixValue = diagnosis.value
        fitting = [fit for one in found if (fit := self._fitted(one, right)) is not None]
        if not fitting:
            return self._of_other_size(diagnosis, found, right, follow_through)
        verdicts = [self._of_cells(diagnosis, one, right, follow_through) for one in fitting]
        for kind in (RIGHT, ROUNDED, FOLLOWS):
            for verdict in verdicts:
                if verdict.kind == kind:
                    return verdict
        if len(fitting) > 1:
            remark = "it can be read in several ways: are its commas decimal, which axis is the channels?"
            return Verdict(UNREADABLE, diagnosis, written, remark=remark)
        return verdicts[0]

    def start(self, earlier: Sequence[EarlierAnswer]) -> FollowThrough | None:
        """The question as the student's own earlier answers put it; None where they are right or absent."""
        stated: dict[Any, Any] = {}
        place = ""
        for id, other, verdict in earlier:
            if not isinstance(other, MatrixQuestion) or other.applied is not self.asked.applied or other.at:
                continue
            layer, cells = other.layer, verdict.written
            if layer is None or layer is self.asked.layer or layer not in self.asked.layers:
                continue
            if verdict.kind not in (WRONG, FOLLOWS) or not isinstance(cells, WrittenMatrix):
                continue
            made = other.array_of(cells)
            if made is not None:
                stated[layer] = made
                place = place or id
        if not stated:
            return None
        method = self.asked.method(self.asked.subject.assumed_shapes)
        assert isinstance(method, MatrixMethod)
        return FollowThrough(MatrixDiagnosis(self.asked, method=method.but(stated=stated)), place)

    # Sizes -----------------------------------------------------------------------------------------

    def _fitted(self, written: WrittenMatrix, right: MatrixValue) -> WrittenMatrix | None:
        """The answer in the size of the right one; None where it has another one."""
        if written.shape == right.shape:
            return written
        row = len(written.cells) == len(right.cells) and 1 in written.shape[1:] and written.shape[0] == 1
        if row and (self.asked.is_row or right.single):
            return written._replace(shape=right.shape)
        return None

    def _of_other_size(
        self,
        diagnosis: Diagnosis,
        found: Sequence[WrittenMatrix],
        right: MatrixValue,
        follow_through: FollowThrough | None,
    ) -> Verdict:
        for one in found:
            if follow_through is not None and _covers(one, follow_through.diagnosis.value):
                return Verdict(FOLLOWS, diagnosis, one, follows=follow_through.place)
            # A column where a row is asked for is the other way round, and nothing to ask about.
            row, flat = one.shape[:2] == (1, 1), one.shape.count(1) >= 2
            in_line = row or (flat and right.shape.count(1) < 2)
            in_line = in_line and len(one.cells) == len(right.cells)
            if in_line and all(map(WrittenCell.covers, one.cells, right.cells)):
                line = "row" if row else "column"
                remark = f"its numbers stand in one {line}: is it {right.size}, row by row?"
                return Verdict(UNREADABLE, diagnosis, one, remark=remark)
        for one in found:
            readings = list(_readings(diagnosis, one))
            if readings:
                remark = f"it is {size_words(one.shape)}, and {right.size} is asked for"
                return Verdict(WRONG, diagnosis, one, readings=tuple(readings[:MOST]), remark=remark)
        first = found[0]
        remark = f"it is {size_words(first.shape)}, and {right.size} is asked for"
        return Verdict(WRONG, diagnosis, first, remark=remark)

    # Cells -----------------------------------------------------------------------------------------

    def _of_cells(
        self,
        diagnosis: Diagnosis,
        written: WrittenMatrix,
        right: MatrixValue,
        follow_through: FollowThrough | None,
    ) -> Verdict:
        pairs = list(zip(written.cells, right.cells, strict=True))
        wrong = [number for number, (cell, value) in enumerate(pairs) if not cell.covers(value)]
        places = list(right.positions())
        cells = MarkedCells(
            len(pairs) - len(wrong),
            len(pairs),
            tuple([places[number] for number in wrong]),
            digits_of(written.cells),
        )
        if not wrong:
            rounded = any(isinstance(value, float) or cell.value != value for cell, value in pairs)
            inexact = all(isinstance(value, float) or cell.value == value for cell, value in pairs)
            fine = inexact and digits_of(written.cells) >= ENOUGH
            return Verdict(ROUNDED if rounded and not fine else RIGHT, diagnosis, written, cells=cells)
        if follow_through is not None and _covers(written, follow_through.diagnosis.value):
            return Verdict(FOLLOWS, diagnosis, written, follows=follow_through.place, cells=cells)
        readings = list(_readings(diagnosis, written))
        follows = ""
        if not readings and follow_through is not None:
            readings = list(_readings(follow_through.diagnosis, written, follows=True))
            follows = follow_through.place if readings else ""
        if not readings:
            readings = list(self._slips(diagnosis, written, right, wrong))
        if not readings:
            readings = list(_pairs(diagnosis, written))
        remark = "" if right.single else wrong_cells(right, cells)
        return Verdict(
            WRONG,
            diagnosis,
            written,
            readings=tuple(readings[:MOST]),
            follows=follows,
            cells=cells,
            remark=remark,
        )

    def _slips(
        self, diagnosis: Diagnosis, written: WrittenMatrix, right: MatrixValue, wrong: Sequence[int]
    ) -> Iterator[Reading]:
        if not isinstance(diagnosis, MatrixDiagnosis):
            return
        method = diagnosis.method
        if len(wrong) == 1:
            for words in cell_slips(method, right, written.cells, wrong[0]):
                yield Reading((), words, None, None, kind=SLIP)
            return
        for method, responses, turned in self._misreadings(diagnosis):
            value = method.whole
            for words in misread_number(value, responses, written.cells) if value is not None else ():
                if not turned:
                    yield Reading((), words, None, None, kind=SLIP)
                else:
                    belief = CATALOGUE["kernel-turned"]
                    yield Reading((belief.id,), f"{turned}, and {words}", None, None, belief.hint)

    def _misreadings(self, diagnosis: MatrixDiagnosis) -> list[_Misreading]:
        """The ways in which a number may have been misread: with the kernel as it is, and turned round, with
        the words for that. Worked out once."""
        if self._responses is None:
            method = diagnosis.method
            ways = [(method, "")]
            for variant in CATALOGUE["kernel-turned"].applied(method):
                # A kernel that is the same when it is turned round was not turned round.
                if isinstance(variant.method, MatrixMethod) and variant.method.whole != method.whole:
                    ways.append((variant.method, variant.name))
            self._responses = [(way, number_responses(way), words) for way, words in ways[:2]]
        return self._responses


def wrong_cells(right: MatrixValue, cells: MarkedCells) -> str:
    """Which cells are wrong, in words."""
    named = [right.place(at) for at in cells.wrong[:MOST_NAMED]]
    more = len(cells.wrong) - len(named)
    behind = f" and {more} more" if more else ""
    if not cells.right:
        return f"all {cells.of} cells are wrong"
    verb = "is" if len(cells.wrong) == 1 else "are"
    return f"{len(cells.wrong)} of {cells.of} cells {verb} wrong: {', '.join(named)}{behind}"


def _covers(written: WrittenMatrix, value: MatrixValue | None) -> bool:
    """Whether an answer is a matrix, as exactly as it is written."""
    if value is None or written.shape != value.shape:
        return False
    return all(map(WrittenCell.covers, written.cells, value.cells))


def _readings(diagnosis: Diagnosis, written: WrittenMatrix, follows: bool = False) -> Iterator[Reading]:
    """The misconceptions that come to all cells of an answer, each with its words once."""
    seen: set[str] = set()
    for value, hypotheses in diagnosis.singles.items():
        if not _covers(written, value):
            continue
        for hypothesis in hypotheses:
            reading = diagnosis.reading(hypothesis, value)
            reading.follows = follows
            if reading.words not in seen:
                seen.add(reading.words)
                yield reading


def _pairs(diagnosis: Diagnosis, written: WrittenMatrix) -> Iterator[Reading]:
    """The two misconceptions that come to all cells together, where no other two do."""
    found = [
        diagnosis.reading(hypothesis, value)
        for value, hypotheses in diagnosis.pairs.items()
        if _covers(written, value)
        for hypothesis in hypotheses
    ]
    if len({frozenset(reading.ids) for reading in found}) == 1:
        yield found[0]
