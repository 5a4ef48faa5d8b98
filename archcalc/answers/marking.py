"""Points for verdicts, and the examiner: every question once, then any number of sheets."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from ..graph import Graph, Layer
from .answer_marker import EarlierAnswer
from .diagnosis import Diagnosis
from .following import NO_ANSWER, SHAPES, Earlier
from .judging import FollowThrough
from .marks import NOTHING, Marks
from .meaning import judge_as_meant
from .methods.rows import AddedRows, GrownField
from .question import SUMMED, Question
from .quiz_item import QuizItem
from .verdict import CONVENTION, FOLLOWS, RIGHT, UNREADABLE, VERDICTS, WRONG, Verdict
from .written import Ambiguous, Written, WrittenNumber, WrittenSizes


class Graded(NamedTuple):
    """What an answer got: the verdict's kind, and points."""

    kind: str
    points: Fraction


class Change(NamedTuple):
    """An answer whose verdict another marking changes."""

    id: str
    before: Graded
    after: Graded


class Examiner:
    """Marks sheets. What a question needs is worked out once, when it is first answered wrong."""

    def __init__(self, items: Sequence[QuizItem], marks: Marks | None = None):
        self.items = list(items)
        self.marks = marks or Marks(once=NOTHING)  # nothing is deducted where there are no marks
        self._believing: dict[Any, Diagnosis] = {}
        self._by_id = {item.id: item for item in self.items}
        self._ordered = sorted(self.items, key=_order)
        # The questions about each network, in its order, in batches and types of whatever size.
        self._of: dict[Graph, list[QuizItem]] = {}
        for item in self._ordered:
            self._of.setdefault(item.asked.graph, []).append(item)

    @property
    def points(self) -> Fraction:
        """The points of a sheet on which everything is right."""
        return sum([item.points for item in self.items], Fraction(0))

    def mark(self, answers: Mapping[str, Written], decided: Collection[str] = ()) -> dict[str, Verdict]:
        """A verdict for every item, by its id. An item without an answer is blank. Nothing is deducted at
        the items that a person has ``decided`` upon, or has to."""
        found: dict[str, Verdict] = {}
        worth = self.marks.worth
        answers = dict(answers)
        earlier: dict[Graph, Earlier] = {}
        for item in self._ordered:
            written = answers.get(item.id, NO_ANSWER)
            verdict = judge_as_meant(item, written, None, worth)
            if item.letters is not None and verdict.kind == WRONG:
                self._in_letters(item, verdict, answers, found)
            elif verdict.kind in (WRONG, CONVENTION) or isinstance(written, Ambiguous):
                graph = item.asked.graph
                if graph not in earlier:
                    earlier[graph] = Earlier(graph, self._of[graph], found, answers)
                follow_through = self._partly(item, written, answers, found) or self._start(
                    item, answers, found, earlier[graph]
                )
                if follow_through is not None:
                    verdict = judge_as_meant(item, written, follow_through, worth)
            if verdict.kind == WRONG and not verdict.remark:
                verdict.remark = self._adds_up(item, answers)
            found[item.id] = verdict
            answers[item.id] = verdict.written  # of several readings, the one that holds
        return self._worth({item.id: found[item.id] for item in self.items}, decided)

    def _worth(self, verdicts: dict[str, Verdict], decided: Collection[str]) -> dict[str, Verdict]:
        """The verdicts with their points, in the order of the quiz: what was deducted at one question is
        not deducted at a later one."""
        deducted: dict[str, str] = {}
        for item in self.items:
            verdict = verdicts[item.id]
            share = self.marks.share(verdict, item, deducted)
            verdict.points, verdict.counted = item.points * share.share, share.counted
            verdict.open = item.points if verdict.kind == UNREADABLE else Fraction(0)
            if item.points and item.id not in decided:
                deducted.update(dict.fromkeys(share.deducted, item.id))
        return verdicts

    def _in_letters(
        self, item: QuizItem, verdict: Verdict, answers: Mapping[str, Written], found: Mapping[str, Verdict]
    ) -> None:
        """Mark a formula that is wrong as it stands by the student's own earlier formulas."""
        from .following_in_letters import StatedFormula, start_of

        def stated(other: QuizItem) -> StatedFormula | None:
            answer = answers.get(other.id)
            return (
                None
                if other.letters is None or answer is None
                else StatedFormula(other.id, other.letters, other.letters.text_of(answer))
            )

        earlier = [
            stated(self._by_id[id]) for id, one in found.items() if one.kind not in (RIGHT, UNREADABLE)
        ]
        mine = stated(item)
        others = [one for one in earlier if one is not None]
        follows = start_of(mine, others, mark_numbers) if mine is not None and others else ""
        if follows:
            verdict.kind, verdict.follows = FOLLOWS, follows
            verdict.readings, verdict.remark = (), ""

    # Follow-through -------------------------------------------------------------------------

    def _start(
        self, item: QuizItem, answers: Mapping[str, Written], found: Mapping[str, Verdict], earlier: Earlier
    ) -> FollowThrough | None:
        """The question as the student's own earlier answers put it; None where they are right,
        absent, or impossible."""
        asked = item.asked
        if item.marker is not None:
            marked = [other for other in self._of[asked.graph] if other.id in found]
            return item.marker.start([EarlierAnswer(one.id, one.asked, found[one.id]) for one in marked])
        if asked.sides:
            return self._of_sides(item, answers, found)
        layer = asked.layer
        if asked.quantity == "rf":
            return self._field(item, answers, found, earlier)
        if layer is None:
            rows = self._rows(item, answers)
            if rows is not None and rows.value is not None and rows.off:
                slip = self._first(self._addends(item), found)
                return FollowThrough(Diagnosis(asked, method=rows), slip, rows=True) if slip else None
        believed = earlier.believed(asked)
        if believed is None:
            return None
        diagnosis = self._believing.get((item.id, believed))
        if diagnosis is None:
            if len(self._believing) > 1_000:  # a class of strangers must not fill the memory
                self._believing.clear()
            diagnosis = self._believing[item.id, believed] = Diagnosis(asked, earlier.assumed_shapes)
        if not diagnosis.known or diagnosis.value in (None, item.diagnosis.value):
            return None
        if layer is None:
            return FollowThrough(diagnosis, self._first(earlier.stating, found))
        return FollowThrough(diagnosis, earlier.before(layer, "output", asked.quantity not in SHAPES).first)

    def _of_sides(
        self, item: QuizItem, answers: Mapping[str, Written], found: Mapping[str, Verdict]
    ) -> FollowThrough | None:
        """What is computed of quantities, with the student's own answers for those that were asked too."""
        asked = item.asked
        stated: dict[str, int | Fraction] = {}
        stating = []
        for key, side in asked.sides.items():
            for other in self._of.get(side.graph, ()):
                answer = answers.get(other.id)
                if other is item or other.asked.name != side.name or other.asked.subject is not side.subject:
                    continue
                number = _whole(answer)
                if number is None and isinstance(answer, WrittenNumber):
                    number = int(answer.value) if answer.value.denominator == 1 else None
                if number is not None:
                    stating.append(other)
                    if found[other.id].kind != RIGHT:
                        stated[key] = number
        place = self._first(stating, found)
        method = asked.having(stated) if stated and place else None
        return FollowThrough(Diagnosis(asked, method=method), place) if method is not None else None

    def _partly(
        self, item: QuizItem, written: Written, answers: Mapping[str, Written], found: Mapping[str, Verdict]
    ) -> FollowThrough | None:
        """A total of the student's own rows where the quiz asks for some of them only: the others
        as they are. None where it is not that total."""
        asked = item.asked
        if asked.layer is not None or not isinstance(written, WrittenNumber):
            return None
        earlier = self._addends(item)
        rows: dict[Layer, WrittenNumber] = {}
        off = False
        for other in earlier:
            answer, layer = answers.get(other.id), other.asked.layer
            if not isinstance(answer, WrittenNumber):
                return None
            if layer is not None:
                rows[layer] = answer
                off = off or not answer.covers(other.diagnosis.value)
        rest = [layer for layer in asked.addends if layer not in rows]
        if not off or not rest:
            return None  # nothing to follow, or all rows are asked for
        for layer in rest:
            known = Question(asked.subject, layer, asked.quantity, asked.conventions)
            value = Diagnosis(known).value
            if not isinstance(value, int):
                return None
            exact = Fraction(value)
            rows[layer] = WrittenNumber("", exact, exact, exact)
        ordered = sorted(rows, key=lambda layer: layer.index)
        whole = AddedRows([(layer.name, rows[layer]) for layer in ordered], off)
        if whole.value is None or not written.covers(whole.value):
            return None
        place = self._first(earlier, found)
        return FollowThrough(Diagnosis(asked, method=whole), place, rows=True) if place else None

    def _addends(self, item: QuizItem) -> list[QuizItem]:
        """The questions about the layers that a total is the sum of, in their order."""
        asked = item.asked
        if asked.layer is not None or asked.quantity not in (*SUMMED, "memory"):
            return []
        return [
            other
            for other in self._of[asked.graph]
            if other.asked.layer is not None
            and other.asked.quantity == asked.quantity
            and other.asked.subject is asked.subject
        ]

    @staticmethod
    def _first(earlier: Iterable[QuizItem], found: Mapping[str, Verdict]) -> str:
        """The id of the earliest answer that went wrong by itself."""
        off = [
            item
            for item in earlier
            if item.id in found and found[item.id].kind in (WRONG, CONVENTION, FOLLOWS)
        ]
        slips = [item for item in off if found[item.id].kind != FOLLOWS]
        return (slips or off)[0].id if off else ""

    def _rows(self, item: QuizItem, answers: Mapping[str, Written]) -> AddedRows | None:
        """The sum of the student's own rows; None where one is absent that adds something."""
        asked = item.asked
        written: dict[Layer, WrittenNumber] = {}
        right: dict[Layer, int] = {}
        for other in self._addends(item):
            layer, answer = other.asked.layer, answers.get(other.id)
            if layer is None:
                continue
            right[layer] = other.diagnosis.value
            if isinstance(answer, WrittenNumber):
                written[layer] = answer
            elif other.diagnosis.value:
                return None
        if not right:
            return None
        if any(layer not in written for layer in asked.addends):
            return None
        ordered = sorted(written, key=lambda layer: layer.index)
        off = any(not written[layer].covers(right[layer]) for layer in ordered)
        return AddedRows([(layer.name, written[layer]) for layer in ordered], off)

    def _adds_up(self, item: QuizItem, answers: Mapping[str, Written]) -> str:
        """A remark with the sum of the student's rows, where a total is another number."""
        if item.asked.layer is not None:
            return ""
        rows = self._rows(item, answers)
        return f"your rows add up to {rows.text}" if rows is not None else ""

    def _field(
        self, item: QuizItem, answers: Mapping[str, Written], found: Mapping[str, Verdict], earlier: Earlier
    ) -> FollowThrough | None:
        """A receptive field grown from the student's own one before it."""
        layer, right = item.asked.layer, item.diagnosis.value
        before = earlier.before(layer, "rf", False) if layer is not None else None
        if before is None or before.last is None:
            return None
        other = before.last[1]
        if found[other.id].kind not in (WRONG, FOLLOWS):
            return None
        stated, start = _whole(answers.get(other.id)), other.diagnosis.value
        if stated is None or not isinstance(right, int) or not isinstance(start, int):
            return None
        return FollowThrough(Diagnosis(item.asked, method=GrownField(stated, right - start)), before.first)


def mark_numbers(items: Sequence[QuizItem], answers: Mapping[str, Written]) -> dict[str, Verdict]:
    """Return the verdicts on the answers of one sheet."""
    return Examiner(items).mark(answers)


def _whole(written: Written | None) -> int | None:
    if isinstance(written, WrittenSizes) and len(set(written.dims)) == 1:
        return written.dims[0]
    if isinstance(written, WrittenNumber) and written.exact and written.value.denominator == 1:
        return int(written.value)
    return None


def _order(item: QuizItem) -> tuple[int, int, int]:
    """Layers in the order of the network, the shape of each before what follows from it; totals
    behind them, and what is computed of all these last."""
    layer = item.asked.layer
    if item.asked.sides:
        return (2, 0, 0)
    shapes = item.asked.quantity in ("output", "size")
    return (1, 0, 0) if layer is None else (0, layer.index, 0 if shapes else 1)


def counts(verdicts: Iterable[Verdict]) -> dict[str, int]:
    """The number of answers with each verdict; verdicts without an answer are left out."""
    found = dict.fromkeys(VERDICTS, 0)
    for verdict in verdicts:
        found[verdict.kind] += 1
    return {kind: number for kind, number in found.items() if number}


def changes(before: Mapping[str, Verdict], after: Mapping[str, Verdict]) -> Iterator[Change]:
    """Yield the answers whose verdict or points differ under other conventions or marks."""
    for id, old in before.items():
        new = after.get(id)
        if new is not None and (old.kind, old.points) != (new.kind, new.points):
            yield Change(id, Graded(old.kind, old.points), Graded(new.kind, new.points))
