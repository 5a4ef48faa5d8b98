"""Records of what is marked: answers, classes, quizzes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from . import headed
from .verdicts import plain_points, plain_value, verdict_record

if TYPE_CHECKING:
    from ...answers.audit import Finding
    from ...answers.classroom import Classroom, Marked
    from ...answers.conventions import Conventions
    from ...answers.quiz import Quiz
    from ...answers.quiz_item import QuizItem
    from ...answers.tally import Tally, Unread
    from ...solving.budgets import Budgets
    from ..screens.check_letters import LetterAnswers
    from ..screens.check_words import MarkedAnswers


def answers_record(name: str, marked: MarkedAnswers, unread: Sequence[str] = ()) -> dict[str, Any]:
    """`check TARGET`: single answers, or those of a layer table."""
    from ...answers.marking import counts

    return headed(
        {
            "name": name,
            "conventions": dict(marked.conventions),
            "answers": [verdict_record(item.id, marked.of(item), item.points) for item in marked.items],
            "verdicts": counts(marked.verdicts.values()),
            "unread": list(unread),
        }
    )


def letter_answers_record(marked: LetterAnswers, conventions: Conventions) -> dict[str, Any]:
    """`check TARGET` of answers in letters."""
    from ..screens.check_letters import letter_answer_records

    kinds = [verdict.kind for verdict in marked.verdicts]
    return headed(
        {
            "name": marked.chain,
            "conventions": dict(conventions),
            "answers": letter_answer_records(marked),
            "verdicts": {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)},
            "unread": [],
        }
    )


def budgets_record(budgets: Budgets) -> dict[str, Any]:
    """`check TARGET --where`: the conditions on a network, and whether they hold."""
    summary = budgets.summary
    return headed(
        {
            "name": summary.graph.metadata.name,
            "batch": summary.batch,
            "dtype": summary.dtype,
            "input": summary.input,
            "holds": budgets.holds,
            "conditions": [budget.to_dict() for budget in budgets.conditions],
            "uncounted": summary.uncounted,
        }
    )


def audit_record(quiz: Quiz, findings: Sequence[Finding]) -> dict[str, Any]:
    """`check --audit`: what is found of the questions of a quiz."""
    return headed(
        {
            "title": quiz.title,
            "conventions": dict(quiz.conventions),
            "questions": [_finding(finding) for finding in findings],
        }
    )


def _finding(finding: Finding) -> dict[str, Any]:
    """The record of the findings about a question."""
    item = finding.item
    key = finding.key
    return {
        "question": finding.question.id,
        "asks": item.asked.name,
        "target": finding.question.target,
        "computed": plain_value(item.diagnosis.value),
        "key": verdict_record(item.id, key, item.points) if key is not None else None,
        "wrong": finding.wrong,
        "by_convention": finding.by_convention,
        "batch": item.asked.summary.batch,
        "dtype": item.asked.summary.dtype,
        "blind": [{"id": blind.belief.id, "why": blind.why} for blind in finding.blind],
        "ties": [
            {"value": plain_value(tie.value), "ids": [belief.id for belief in tie.beliefs]}
            for tie in finding.ties
        ],
        "covered": [{"ids": list(reading.ids), "value": reading.value} for reading in finding.covered],
    }


def class_record(quiz: Quiz, sheets: Iterable[Any], tally: Tally, faults: Sequence[Unread]) -> dict[str, Any]:
    """`check QUIZ SHEETS`: the records of sheets one after the other, and behind them what the class as a
    whole did."""
    return headed(
        {
            "title": quiz.title,
            "conventions": dict(quiz.conventions),
            "points": plain_points(quiz.points),
            "sheets": iter(sheets),
            "questions": (_question(item, tally) for item in tally.items),
            "unread": _unread(tally, faults),
            "not_read": (one._asdict() for one in tally.aside if not one.student),
            "statistics": lambda: class_statistics(tally),
        }
    )


def statistics_record(quiz: Quiz, tally: Tally) -> dict[str, Any]:
    """`check QUIZ SHEETS --statistics`."""
    return headed({"title": quiz.title, "points": plain_points(quiz.points), **class_statistics(tally)})


def class_statistics(tally: Tally) -> dict[str, Any]:
    """The record of the statistics of a class."""
    from ...answers.statistics import ClassStatistics
    from ..screens.class_statistics import figures_record

    return figures_record(ClassStatistics.of(tally))


def _unread(tally: Tally, faults: Sequence[Unread]) -> Iterator[dict[str, Any]]:
    # A generator, so that the tally is looked at when the sheets have gone by.
    for one in (*faults, *tally.unread):
        yield one._asdict()


def sheet_record(items: Sequence[QuizItem], sheet: Marked) -> dict[str, Any]:
    """The record of a marked sheet."""
    submission = sheet.submission
    return {
        "student": submission.student,
        "source": submission.source,
        "ids": dict(submission.ids),
        "attempt": submission.attempt or None,
        "platform": submission.platform or None,
        "points": plain_points(sheet.points),
        "open": plain_points(sheet.open),
        "unreadable": submission.unreadable or None,
        "faults": [fault._asdict() for fault in submission.faults],
        "not_read": [fault._asdict() for fault in submission.aside],
        "answers": [verdict_record(i.id, sheet.verdicts[i.id], i.points) for i in items],
    }


def encoded_sheet(classroom: Classroom, sheet: Marked) -> str:
    """The record of a marked sheet as JSON."""
    from ..formats.json import encoder

    return encoder()(sheet_record(classroom.items, sheet))


def _question(item: QuizItem, tally: Tally) -> dict[str, Any]:
    return {
        "question": item.id,
        "asked": item.asked.name,
        "right": None if item.varies else plain_value(item.diagnosis.value),
        "points": plain_points(item.points),
        "verdicts": tally.verdicts[item.id],
        "readings": dict(tally.readings[item.id].most_common()),
    }
