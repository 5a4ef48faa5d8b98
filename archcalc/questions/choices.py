"""The options of a multiple choice: the right value, and values that misconceptions come to."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from ..answers.assumptions import Hypothesis
from ..answers.audit import CORE
from ..answers.calculated_kinds import SHARES
from ..answers.diagnosis import Diagnosis
from ..answers.matrices.value import MatrixValue
from ..answers.question import UNFIT
from .drawing import SeededStream
from .posed import PosedQuestion, QuizChoice
from .value_texts import option_text


class ChoiceError(Exception):
    """Raised where the catalogue has too few wrong options for a question; the message says how many."""


def drawn_choices(question: PosedQuestion, stream: SeededStream) -> tuple[QuizChoice, ...]:
    """The options of a question in a drawn order; none where its answer is written.

    Wrong ones are those that the audit of a quiz looks for, then what other single misconceptions come to,
    then pairs; within each of these groups they are drawn. None is right by another convention.

    Raises:
        ChoiceError: Where there are too few of them.
    """
    wanted = question.question.choices
    if not wanted:
        return ()
    diagnosis = question.item.diagnosis
    layout = question.item.asked.conventions["layout"]
    right = option_text(question.value, layout)
    taken = {right, *[option_text(one.value, layout) for one in diagnosis.alternatives]}
    options = [QuizChoice(right, True)]
    for group in _groups(diagnosis):
        for value, hypothesis in stream.shuffled(group) if len(options) < wanted else ():
            text = option_text(value, layout)
            if len(options) < wanted and text not in taken:
                taken.add(text)
                options.append(QuizChoice(text, False, diagnosis.reading(hypothesis, value)))
        if len(options) == wanted:
            return tuple(stream.shuffled(options))
    found = len(options) - 1
    raise ChoiceError(f"the catalogue has {found} wrong options, and {wanted - 1} are needed (`choices`)")


def _groups(diagnosis: Diagnosis) -> Iterator[list[tuple[Any, Hypothesis]]]:
    """Wrong values and how they come about: typical ones, others of one misconception, then of two."""
    core = CORE.get(diagnosis.asked.quantity, {})
    typical: list[tuple[Any, Hypothesis]] = []
    others: list[tuple[Any, Hypothesis]] = []
    for value, hypotheses in diagnosis.singles.items():
        if not _sensible(value, diagnosis):
            continue
        is_core = any(
            one.of_the_whole or (one.ids[0] in core and not one.assumptions[0].follows) for one in hypotheses
        )
        (typical if is_core else others).append((value, _first(hypotheses)))
    yield typical
    yield others
    yield [(value, _first(some)) for value, some in diagnosis.pairs.items() if _sensible(value, diagnosis)]


def _first(hypotheses: list[Hypothesis]) -> Hypothesis:
    """What `check` names first of several: what few layers have goes before what any layer may have."""
    return sorted(hypotheses, key=lambda one: not any(part.belief.special for part in one.assumptions))[0]


def _sensible(value: object, diagnosis: Diagnosis) -> bool:
    """Whether a value may stand among options: no one believes in less than nothing, but of a difference,
    which may be turned round."""
    if value is UNFIT or isinstance(value, MatrixValue):
        return value is not UNFIT
    asked = diagnosis.asked
    if asked.solved_by_method:
        return isinstance(value, (int, Fraction)) and value > 0
    if asked.sides:
        return isinstance(value, (int, Fraction)) and (value > 0 or asked.quantity not in SHARES)
    return all(
        isinstance(size, int) and size >= 0 for size in (value if isinstance(value, tuple) else (value,))
    )
