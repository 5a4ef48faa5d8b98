"""A look at a quiz before anyone answers it: whether its key is right, and what it cannot detect.

A question is blind to a misconception that gives the right number: stride 1, no padding, one
channel. A right answer proves little there. Two misconceptions that give the same number cannot be
told apart, and a rounded answer may cover one.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import floor, log10
from typing import NamedTuple

from ..graph import Graph, Layer
from .assumptions import Reading
from .classroom import Classroom
from .diagnosis import Diagnosis
from .marks import Marks
from .matrices.asking import VALUES
from .meaning import judge_as_meant
from .misconceptions import CATALOGUE, Belief
from .quiz import Quiz, QuizQuestion
from .quiz_item import QuizItem
from .sheets import SheetAnswer, Submission
from .verdict import CONVENTION, RIGHT, ROUNDED, UNREADABLE, Verdict
from .written import Written, WrittenWord

# The misconceptions that a question of a quantity is there to find, and which numbers hide them.
CORE: dict[str, dict[str, str]] = {
    "output": {
        "pad-ignored": "there is no padding",
        "pad-once": "there is no padding",
        "stride-ignored": "the stride is 1",
        "one-forgotten": "",
        "rounded-up": "it comes out even",
        "pool-up": "it comes out even",
        "channels-kept": "as many filters as channels",
        "dilation-ignored": "there is no dilation",
    },
    "params": {
        "bias-forgotten": "there is no bias",
        "channels-forgotten": "one channel arrives",
        "three-channels": "three channels arrive",
        "kernel-not-squared": "the kernel is 1x1",
        "filters-for-channels": "as many filters as channels",
        "stride-for-channels": "as many channels as the stride",
        "groups-ignored": "one group",
        "not-shared": "the output has one position",
        "flatten-channels-forgotten": "one channel arrives",
        "pool-parameters": "",
    },
    "macs": {
        "channels-forgotten": "one channel arrives",
        "one-position": "the output has one position",
        "input-positions": "the output is as large as the input",
        "pad-ignored": "there is no padding",
        "stride-ignored": "the stride is 1",
        "groups-ignored": "one group",
    },
    "rf": {
        "kernels-added": "one layer has a window",
        "strides-forgotten": "no stride before it",
        "pools-left-out": "no pooling before it",
        "own-stride": "no stride up to it",
        "layers-reversed": "all layers are alike",
        "dilation-ignored": "there is no dilation",
    },
}
CORE["size"] = {id: why for id, why in CORE["output"].items() if id != "channels-kept"}
CORE["weights"] = {id: why for id, why in CORE["params"].items() if id != "bias-forgotten"}
CORE["flops"] = CORE["macs"]
# Of values, with the kinds of layers that each is about.
OF_VALUES = {
    "kernel-turned": ("convolution",),
    "kernel-transposed": ("convolution",),
    "pad-ignored": ("convolution", "pooling"),
    "stride-ignored": ("convolution", "pooling"),
    "pooled-otherwise": ("pooling",),
    "activation-left-out": ("activation",),
    "result-transposed": ("convolution", "pooling"),
}
CORE[VALUES] = {
    "kernel-turned": "the kernel is the same turned round",
    "kernel-transposed": "the kernel is the same along its diagonal",
    "pad-ignored": "the padding changes no value",
    "stride-ignored": "the stride changes no value",
    "pooled-otherwise": "all values of a window are alike",
    "activation-left-out": "it changes no value",
    "result-transposed": "the result is the same along its diagonal",
}
# What belongs to the other kind of layer is no question's fault.
_OF_POOLS = ("pool-up", "pool-parameters")
_OF_CONVOLUTIONS = ("rounded-up", "channels-kept", "dilation-ignored")
_RARE = ("groups-ignored", "dilation-ignored", "pool-up", "pool-parameters")


class Blind(NamedTuple):
    """A misconception that a question cannot detect, and why."""

    belief: Belief
    why: str


class Tie(NamedTuple):
    """Misconceptions that a question cannot tell apart: they come to the same value."""

    value: object
    beliefs: tuple[Belief, ...]


class Finding(NamedTuple):
    """The findings about one question.

    key      the verdict on the teacher's own answer, read as those of students are; None where there is none
    blind    what it cannot detect
    ties     what it cannot tell apart
    covered  what an answer that is rounded as allowed covers; ``digits`` is how far that is
    """

    question: QuizQuestion
    item: QuizItem
    key: Verdict | None
    blind: tuple[Blind, ...]
    ties: tuple[Tie, ...]
    covered: tuple[Reading, ...]
    digits: int | None

    @property
    def wrong(self) -> bool:
        """Whether the key is not what archcalc computes, rounding apart."""
        return self.key is not None and self.key.kind not in (RIGHT, ROUNDED)

    @property
    def by_convention(self) -> bool:
        """Whether the key is right by another convention than those of the question, and by that alone."""
        return self.key is not None and self.key.kind == CONVENTION


def audit(quiz: Quiz) -> list[Finding]:
    """Audit all questions of a quiz, its keys read and marked as a student's answers are. Raises SpecError,
    with all faults of the quiz."""
    classroom = Classroom(quiz)
    keys = [SheetAnswer(question.id, question.key, "key") for question in quiz.questions if question.key]
    written = classroom.written(Submission("", "", tuple(keys)))
    return [
        finding(question, item, written.get(item.id), quiz.marks)
        for question, item in zip(quiz.questions, classroom.items, strict=True)
    ]


def finding(
    question: QuizQuestion, item: QuizItem, written: Written | None = None, marks: Marks | None = None
) -> Finding:
    """One question, looked at, and what its key is worth."""
    diagnosis, marks = item.diagnosis, marks or Marks()
    key = None
    if written is not None and not (isinstance(written, WrittenWord) and written.meaning == "blank"):
        key = judge_as_meant(item, written, None, marks.worth)
        key.points = item.points * marks.share(key, item).share
        key.open = item.points if key.kind == UNREADABLE else key.open
    digits = item.digits
    return Finding(
        question,
        item,
        key,
        tuple(_blind(diagnosis)),
        tuple(_ties(diagnosis)),
        tuple(_covered(diagnosis, digits)) if digits is not None else (),
        digits,
    )


def _blind(diagnosis: Diagnosis) -> Iterator[Blind]:
    asked = diagnosis.asked
    if asked.layer is None or not diagnosis.known:
        return
    visible = {
        id for hypotheses in diagnosis.singles.values() for hypothesis in hypotheses for id in hypothesis.ids
    }
    visible |= {id for a in diagnosis.alternatives if a.hypothesis for id in a.hypothesis.ids}
    group = asked.layer.op.group
    for id, why in CORE.get(asked.quantity, {}).items():
        if id in visible or not why or id in _RARE:
            continue
        if group == "pooling" and id in _OF_CONVOLUTIONS:
            continue
        if not _concerns(id, asked.layer, asked.quantity):
            continue
        yield Blind(CATALOGUE[id], why)


def _concerns(id: str, layer: Layer, quantity: str) -> bool:
    """Whether a layer is one that the misconception is about."""
    op, group = layer.op.name, layer.op.group
    if quantity == VALUES:
        return any(_has(id, before) for before in Graph.ancestors(layer))
    if quantity == "rf":
        return True
    if id == "flatten-channels-forgotten":
        return op == "fc" and bool(layer.inputs[0].output.spatial)
    if op == "fc":
        return id in ("bias-forgotten",)
    if quantity in ("params", "weights", "macs", "flops"):
        return group == "convolution"
    return group in ("convolution", "pooling")


def _has(id: str, layer: Layer) -> bool:
    """Whether a layer has what a misconception of values is about: a padding, a stride of its own."""
    op = layer.op
    if op.group not in OF_VALUES[id]:
        return False
    if id == "pad-ignored":
        return "pad" in op.attributes and op.argument("pad") != 0
    if id == "stride-ignored":
        return "stride" in op.attributes and op.argument("stride") != 1
    return True


def _ties(diagnosis: Diagnosis) -> Iterator[Tie]:
    if diagnosis.asked.layer is None:
        return  # a sum has too many
    for value, hypotheses in diagnosis.singles.items():
        found = {
            hypothesis.ids[0]: hypothesis.assumptions[0].belief
            for hypothesis in hypotheses
            if not hypothesis.assumptions[0].everywhere and not hypothesis.assumptions[0].belief.family
        }
        if len(found) > 1:
            yield Tie(value, tuple(found.values()))


def _covered(diagnosis: Diagnosis, digits: int) -> Iterator[Reading]:
    """The misconceptions that come to the same number when it is rounded to ``digits`` digits."""
    right = diagnosis.value
    if not isinstance(right, int) or right <= 0:
        return
    step = Fraction(10) ** (floor(log10(right)) + 1 - digits)
    if step <= 1:
        return
    rounded = floor(right / step + Fraction(1, 2)) * step
    yield from diagnosis.covered(rounded - step / 2, rounded + step / 2)
