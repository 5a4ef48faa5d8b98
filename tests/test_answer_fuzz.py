"""A short run of composed answers; `python -m tests.answer_fuzz --cases 100000` is the long one."""

from __future__ import annotations

from answer_fuzz import cases, lost

from archcalc.answers.verdict import UNREADABLE


def test_a_right_value_is_never_wrong_and_a_wrong_one_never_right() -> None:
    """Defeats: a reader that takes the first number of a text, or the last; that knows one language; that
    reads a remark's number as the answer; and one that asks a person about everything."""
    found = list(cases(800, 20))
    assert [(case, kind) for case, kind in found if lost(case, kind)] == []
    asked = [case for case, kind in found if case.right and kind == UNREADABLE]
    assert len(asked) < 0.03 * sum(case.right for case, _ in found), asked
    assert sum(kind == "wrong" for case, kind in found if not case.right) > 100
