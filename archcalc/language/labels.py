"""The labels of a body: each names one place."""

from __future__ import annotations

from collections.abc import Container

from ..diagnostics import Collector, Diagnostic
from ..source import Span
from .syntax import Body, Literal, Statement, calls

# What a shortcut without a label is called.
SHORTCUT = "shortcut"


def check_labels(body: Body, inputs: Container[str], diagnostics: Collector) -> None:
    """Every label of a body names one place."""
    seen: dict[str, Span] = {}
    for statement in body.walk():
        label, span = statement.label, statement.label_span
        if label is None or span is None:
            continue
        if label in inputs:
            diagnostics.add(Diagnostic("name", f"`{label}` is the name of an input", span))
        if label in seen:
            diagnostics.twice(f"two places are called `{label}`", seen[label], span)
        else:
            seen[label] = span
    if SHORTCUT in seen:
        _check_shortcuts(body, seen[SHORTCUT], diagnostics)
    turns = {s.label: s for s in body.walk() if s.turns is not None}
    for label in seen if turns else ():
        repeat, _, number = label.rpartition("_")
        if repeat in turns and number.isdigit() and number[0] != "0":
            _check_turn(turns[repeat], int(number), seen[label], diagnostics)


def _check_shortcuts(body: Body, label: Span, diagnostics: Collector) -> None:
    """Report a shortcut without a label beside something that is called ``shortcut``, as it is."""
    for statement in body.walk():
        if statement.label is not None and statement.sole:
            continue
        for call in calls(statement.chain):
            if call.name == SHORTCUT:
                first, second = sorted((label, call.span), key=lambda span: span.start)
                diagnostics.add(
                    Diagnostic(
                        "name",
                        f"two places are called `{SHORTCUT}`",
                        second,
                        label="here again",
                        others=[(first, "first here")],
                        help="a shortcut without a label is called so: give one of them another label",
                    )
                )


def _check_turn(statement: Statement, number: int, where: Span, diagnostics: Collector) -> None:
    """Report a label that a turn of a repeat has: the turns are called L_1, L_2 …"""
    assert statement.turns is not None
    assert statement.label_span is not None
    count = statement.turns.count
    if isinstance(count, Literal) and isinstance(count.value, int) and number > count.value:
        return
    diagnostics.add(
        Diagnostic(
            "name",
            f"two places are called `{where.text}`",
            where,
            label="here again",
            others=[(statement.label_span, f"turn {number} of this repeat")],
        )
    )
