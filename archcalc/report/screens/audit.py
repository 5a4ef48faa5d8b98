"""The screen of `archcalc check --audit`, and its records for machines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ...answers.audit import Finding
from ...answers.quiz import Quiz
from ...answers.verdict import CONVENTION, ROUNDED, Verdict
from ..flat import FlatTable
from ..grid import Cell, Column, Grid
from ..lines import Line, clean, hanging
from ..sheet import PAGE, NotesBlock, Sheet, Space, TableBlock, TextBlock
from .check_words import SIGNS, details, format_answer, format_points, format_value, format_verdict

EDGE = 80
# Of a key that is right by another convention alone.
BY_CONVENTION = ("◑", "warn")


def audit_sheets(quiz: Quiz, findings: Sequence[Finding], space: Space = PAGE) -> list[Sheet]:
    """The key beside what is computed, what is wrong with it, and what questions cannot detect."""
    name = clean(quiz.title or "quiz")
    about = _about(quiz, findings)
    if space.drawn:
        lines = TextBlock(lambda space: audit_lines(quiz, findings, space))
        return [Sheet(name, "", about, "audit", lines, headed=False)]
    layout = quiz.conventions["layout"]
    below = TextBlock(
        lambda space: [*_wrong(findings, layout, space.of(EDGE)), *_weak(findings, space.of(EDGE))]
    )
    notes = NotesBlock([summary(findings)], quiz.conventions.words)
    return [Sheet(name, "", about, "audit", TableBlock(_grid(findings, layout, space)), below, notes)]


def audit_lines(quiz: Quiz, findings: Sequence[Finding], space: Space) -> Iterator[Line]:
    """The key beside what is computed, what is wrong with it, and what questions cannot detect."""
    edge = EDGE if space.width is None else space.width
    space = space.of(edge)
    subtitle = _about(quiz, findings)
    title = clean(quiz.title or "quiz")
    yield from space.heading(title, "", subtitle, edge)
    yield from space.asides(quiz.conventions.words)
    yield []
    yield from space.shown_grid(_grid(findings, quiz.conventions["layout"], space)).lines()
    yield from _wrong(findings, quiz.conventions["layout"], space)
    yield from _weak(findings, space)
    yield []
    yield [(summary(findings), "")]


def _about(quiz: Quiz, findings: Sequence[Finding]) -> str:
    """How many questions, of how many points, and of which batch and type of values."""
    counted = {counted_for(finding) for finding in findings}
    (words,) = counted if len(counted) == 1 else ("batch and type by question",)
    return f"{len(findings)} questions, {format_points(quiz.points)} points, {words}"


def counted_for(finding: Finding) -> str:
    """``batch 1, fp32``."""
    found = finding.item.asked.summary
    return f"batch {found.batch:,}, {found.dtype}"


def _asks(finding: Finding, findings: Sequence[Finding]) -> str:
    """What a question asks; the batch and the type of values where others have other ones."""
    several = len({counted_for(other) for other in findings}) > 1
    return f"{finding.item.asked.name}{f' ({counted_for(finding)})' if several else ''}"


def _sign(key: Verdict) -> tuple[str, str]:
    """The sign of a key: one of its own where it is right by another convention alone."""
    return BY_CONVENTION if key.kind == CONVENTION else SIGNS[key.kind]


def summary(findings: Sequence[Finding]) -> str:
    """``2 of 12 keys are not what is computed · 5 questions are blind to something``."""
    keyed = [finding for finding in findings if finding.key is not None]
    wrong = sum(finding.wrong for finding in keyed)
    parts = [f"{wrong} of {len(keyed)} keys {'is' if wrong == 1 else 'are'} not what is computed"]
    if not keyed:
        parts = ["no question has a key"]
    by_convention = sum(finding.by_convention for finding in findings)
    if by_convention:
        parts.append(
            f"{by_convention} of these {'is' if by_convention == 1 else 'are'} right by a convention"
        )
    blind = sum(bool(finding.blind) for finding in findings)
    if blind:
        parts.append(f"{blind} of {len(findings)} questions cannot detect something")
    return " · ".join(parts)


def _grid(findings: Sequence[Finding], layout: str, space: Space) -> Grid:
    rows: list[list[Cell]] = []
    for finding in findings:
        key = finding.key
        answer = format_answer(key) if key is not None else ""
        sign: Cell = _sign(key) if key is not None else ("", "")
        value = format_value(finding.item.diagnosis.value, layout)
        rows.append(
            [
                (clean(finding.question.id), ""),
                (clean(_asks(finding, findings)), "spec"),
                (answer if space.width_of(answer) <= 24 else answer[:23] + "…", ""),
                sign,
                (value, "aside"),
            ]
        )
    return Grid(
        [
            Column("question"),
            Column("asks"),
            Column("key", right=True),
            Column("", gap=1),
            Column("computed", right=True),
        ],
        rows,
    )


def _wrong(findings: Sequence[Finding], layout: str, space: Space) -> Iterator[Line]:
    edge = space.width or EDGE
    reported = [f for f in findings if f.wrong or (f.key is not None and f.key.covers)]
    if not reported:
        return
    yield []
    wide = max(space.width_of(clean(f.question.id)) for f in reported)
    margin = 3 + wide + 2
    for finding in reported:
        key = finding.key
        assert key is not None
        start: Line = [_sign(key), ("  ", ""), (clean(finding.question.id).ljust(wide), ""), ("  ", "")]
        sentence = format_verdict(key, space, layout)
        if key.kind == ROUNDED:
            sentence = [("right, rounded: it does not show whether the answer was right", "")]
        rows = [*space.folded(sentence, edge - margin), *details(key, space.of(edge - margin), layout)]
        yield from hanging(start, rows, margin)


def _weak(findings: Sequence[Finding], space: Space) -> Iterator[Line]:
    """The lines on what questions cannot detect, cannot distinguish, and let through rounded."""
    edge = space.width or EDGE
    for head, formatted in (
        ("cannot detect", _blind),
        ("cannot tell apart", _tied),
        ("rounded, lets through", _covered),
    ):
        rows = [(clean(f.question.id), text) for f in findings if (text := formatted(f))]
        if not rows:
            continue
        yield []
        yield [(head, "aside")]
        wide = max(space.width_of(id) for id, _ in rows)
        for id, text in rows:
            yield from space.of(edge).hanging([(id.ljust(wide) + "  ", "")], text, wide + 2)


def _blind(finding: Finding) -> str:
    groups: dict[str, list[str]] = {}
    for blind in finding.blind:
        groups.setdefault(blind.why, []).append(blind.belief.name)
    return "; ".join([f"{', '.join(names)} ({why})" for why, names in groups.items()])


def _tied(finding: Finding) -> str:
    return "; ".join(
        [
            f"{' = '.join([belief.name for belief in tie.beliefs])} ({format_value(tie.value)})"
            for tie in finding.ties
        ]
    )


def _covered(finding: Finding) -> str:
    if not finding.covered:
        return ""
    names = [f"{reading.words} ({format_value(reading.value)})" for reading in finding.covered]
    digits = f"{finding.digits} digits" if finding.digits != 1 else "1 digit"
    return f"in {digits}: {', '.join(names)}"


def audit_table(findings: Sequence[Finding]) -> FlatTable:
    """One record per question."""
    names = ["question", "asks", "key", "verdict", "computed", "convention", "reading", "blind"]
    names += ["batch", "dtype"]

    def records() -> Iterator[list[Any]]:
        for finding in findings:
            key = finding.key
            readings = key.readings if key is not None else ()
            yield [
                finding.question.id,
                finding.item.asked.name,
                format_answer(key) if key is not None else "",
                key.kind if key is not None else "",
                format_value(finding.item.diagnosis.value).replace(",", ""),
                key.convention if key is not None else "",
                readings[0].words if readings else "",
                " ".join([blind.belief.id for blind in finding.blind]),
                finding.item.asked.summary.batch,
                finding.item.asked.summary.dtype,
            ]

    return names, records()
