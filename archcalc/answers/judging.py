"""The verdict on an answer: what was written, held against what a diagnosis knows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from ..analysis.totals import DTYPES
from ..shape import Shape
from . import wording
from .assumptions import Reading
from .cutting import cut_off, cut_off_by_convention
from .diagnosis import Diagnosis
from .forms import SIZES, STORED, TIMES, AnswerForm, forms_of
from .published import by_convention, printed
from .question import UNFIT, Question
from .readings import readings_of, right_for, rough
from .remarks import agree
from .tools import Tools
from .verdict import BLANK, CONVENTION, FOLLOWS, RIGHT, ROUNDED, UNREADABLE, VERDICTS, WRONG, Verdict
from .written import Ambiguous, Unreadable, Written, WrittenNumber, WrittenReading, WrittenSizes, WrittenWord
from .written_kinds import WrittenFormula, WrittenMatrix

_BYTES = ("bytes", "bits")
# What a verdict of a kind is worth; of a convention, with the ids of those that hold.
Worth = Callable[[str, tuple[str, ...]], Fraction]
# Readings that are worth a line; what explains an answer in more ways explains nothing.
MOST = 6


class FollowThrough(NamedTuple):
    """A question as a student's own earlier answers put it.

    diagnosis  of the question with those answers in the place of the right ones
    place      the id of the earliest of them that is wrong
    rows       they are the rows of which the question asks the sum
    """

    diagnosis: Diagnosis
    place: str
    rows: bool = False


def judge(
    diagnosis: Diagnosis,
    written: Written,
    follow_through: FollowThrough | None = None,
    worth: Worth | None = None,
) -> Verdict:
    """The verdict on an answer. ``worth`` says what verdicts are worth, so that of two that
    hold the better one is given; the right key goes first.

    An answer is wrong only where one reading takes all of its text. Of several readings, or of one
    that leaves something of the text, the one that is right holds; where none is, a person is asked.
    """
    if isinstance(written, (WrittenFormula, WrittenMatrix)):
        return Verdict(UNREADABLE, diagnosis, written, remark="a number is asked for, and this is a formula")
    if not isinstance(written, Ambiguous):
        return _judge_reading(diagnosis, written, follow_through, worth)
    found = [_judge_reading(diagnosis, one, follow_through, worth) for one in written.readings]
    holding = [verdict for verdict in found if verdict.kind in HOLDING]
    if holding and agree(written.left, diagnosis.asked):
        return min(holding, key=lambda verdict: VERDICTS.index(verdict.kind))
    return Verdict(UNREADABLE, diagnosis, written, remark=written.question)


# The verdicts by which a reading holds that is not the only one.
HOLDING = (RIGHT, ROUNDED, CONVENTION, FOLLOWS)


def _judge_reading(
    diagnosis: Diagnosis, written: WrittenReading, follow_through: FollowThrough | None, worth: Worth | None
) -> Verdict:
    """The verdict on the one reading of an answer."""
    asked, value = diagnosis.asked, diagnosis.value

    def verdict(kind: str, **more: Any) -> Verdict:
        return Verdict(kind, diagnosis, written, **more)

    if isinstance(written, WrittenWord) and written.meaning == wording.BLANK:
        return verdict(BLANK)
    if isinstance(written, Unreadable):
        return verdict(UNREADABLE, remark=written.reason)
    if isinstance(written, WrittenWord):
        return _word(diagnosis, written)
    forms = list(forms_of(asked, written, value))
    if not forms:
        return verdict(UNREADABLE, remark=_misfit(asked))
    usual = [form for form in forms if not form.convention]
    if isinstance(written, WrittenNumber) and written.unit in _BYTES and asked.quantity not in STORED:
        convention = _in_bytes(asked, written, value)
        if convention:
            return verdict(CONVENTION, convention=convention, convention_ids=("in-bytes",))
        doubt = f"is that a number of {asked.label}, or of bytes?"
        return verdict(UNREADABLE, remark=_misfit(asked) if asked.quantity in SIZES else doubt)
    for form in usual:
        if form.agrees(value):
            if one := _operations_as_one(asked, written):
                return verdict(CONVENTION, convention=one[0], convention_ids=(one[1],))
            worked, remark = _worked(diagnosis, form)
            if form.is_exactly(value):
                return verdict(RIGHT, remark=remark or _unit_remark(asked, written))
            assert form.number is not None
            if exact := _exact_by_convention(forms, value, worth):
                return verdict(CONVENTION, convention=exact.convention, convention_ids=(exact.id,))
            covers = worked or diagnosis.covered(form.number.low, form.number.high)
            return verdict(ROUNDED, covers=tuple(covers[:MOST]), remark=remark)
    # A right number that was cut off, before conventions that come near it.
    plain, follow_throughs = list(_by_form(forms, value)), list(_by_follow_through(follow_through, usual))
    cut = [] if plain or follow_throughs else list(cut_off(diagnosis, usual))
    conventions = list(_by_convention(diagnosis, usual, far=not cut))
    if cut:
        others = [_as_reading(one) for one in conventions]
        others += [one.reading(value) for one in printed(diagnosis, usual)]
        return verdict(WRONG, readings=(*cut, *others)[:MOST])
    found = [*plain, *conventions, *by_convention(printed(diagnosis, usual)), *follow_throughs]
    tools = Tools(diagnosis, usual) if not found else None
    if tools is not None and tools.conventions:
        nearest, *rest = tools.conventions
        found = [nearest.verdict(rest)]
    if found:
        best = found[0]
        if worth is not None:
            best = max(found, key=lambda one: worth(one["kind"], one.get("convention_ids", ())))
        return verdict(best.pop("kind"), **best)
    unusual = [form for form in forms if form.convention]
    readings = list(
        readings_of(diagnosis, usual, follow_through.diagnosis if follow_through is not None else None)
    )
    cut = [*cut_off(diagnosis, unusual), *cut_off_by_convention(diagnosis, usual)]
    if not readings and not cut:
        # Perhaps it is wrong in another order of the axes, or in other units.
        readings = list(readings_of(diagnosis, unusual))
    if tools is not None:
        readings = tools.beside(readings)
    if not readings and not cut:
        readings = list(right_for(diagnosis, usual))
    if cut:
        fine = not any(rough(form) for form in usual)
        readings = [*cut, *readings] if fine else [*readings, *cut]
    more: dict[str, Any] = {}
    if follow_through is not None and readings and readings[0].follows:
        more = {"follows": follow_through.place, "follow_through": follow_through.diagnosis.working}
    return verdict(WRONG, readings=tuple(readings[:MOST]), **more)


def _worked(diagnosis: Diagnosis, form: AnswerForm) -> tuple[list[Reading], str]:
    """For a right number with a working that comes to another one: the readings of that working,
    and what to say of it."""
    made = form.number.working if form.number is not None else None
    if made is None or Fraction(made.value).denominator != 1 or made.value == diagnosis.value:
        return [], ""
    value = int(made.value)
    if not isinstance(diagnosis.value, int) or not form.agrees(diagnosis.value):
        return [], ""
    readings = [diagnosis.reading(hypothesis, value) for hypothesis in diagnosis.readings(value, False)]
    consistent = f": {readings[0].words}" if readings else ""
    return readings, f"your working comes to {value:,}{consistent}"


def _word(diagnosis: Diagnosis, word: WrittenWord) -> Verdict:
    """The verdict on ``does not fit``, ``not applicable``, ``everything``."""
    asked, value = diagnosis.asked, diagnosis.value
    none = word.meaning == wording.NOT_APPLICABLE and asked.quantity in ("output", "size")
    if word.meaning == wording.NO_FIT or none:  # n/a: there is no such output
        if value is UNFIT:
            return Verdict(RIGHT, diagnosis, word)
        strict = next((a for a in diagnosis.alternatives if a.value is UNFIT), None)
        if strict is not None:
            return Verdict(CONVENTION, diagnosis, word, convention=strict.words, convention_ids=strict.ids)
        if isinstance(value, Shape) and len(value) > 1:
            axes = len(value) - 1
            along = f"each of its {axes} axes" if axes > 1 else "its axis"
            remark = f"nothing is in the way: there is a size along {along}"
            return Verdict(WRONG, diagnosis, word, remark=remark)
    elif word.meaning == wording.EVERYTHING and asked.quantity == "rf" and asked.layer is not None:
        extent = asked.summary.fields.main(asked.layer)
        if extent is not None and extent.whole:
            return Verdict(RIGHT, diagnosis, word)
        if asked.other_numbers:
            words = asked.other_numbers[0][1]
            return Verdict(CONVENTION, diagnosis, word, convention=words, convention_ids=("whole-image",))
    elif word.meaning == wording.NOT_APPLICABLE and value == 0:
        return Verdict(RIGHT, diagnosis, word, remark="there are none: 0")
    return Verdict(WRONG, diagnosis, word)


def _misfit(asked: Question) -> str:
    if asked.quantity in SIZES:
        return "sizes are asked for, and this is a number of something else"
    if asked.quantity in TIMES:
        return "it has no unit of time, as in 4.2 us"
    return "one number is asked for, and these are sizes"


def _in_bytes(asked: Question, written: WrittenNumber, value: Any) -> str:
    """The bytes per value where a right number of values was given in bytes, and what a
    megabyte is then; else empty."""
    if asked.quantity in ("macs", "flops") or not isinstance(value, int):
        return ""
    each = DTYPES[asked.summary.dtype]
    eighth = 8 if written.unit == "bits" else 1
    for way in (written, written.binary()):
        if way.covers(value * each * eighth):
            unit = f", 1 {written.scale}B as 2^{10 * ('KMGT'.find(written.scale) + 1)} bytes"
            return f"{each} bytes a value{unit if way is not written else ''}"
    return ""


def _operations_as_one(asked: Question, written: Written) -> tuple[str, str] | None:
    """Under which convention a right number of operations has the unit that stands behind it, in words
    and by its id: MACs called FLOPs, or FLOPs called MACs. None where it is the unit that is asked for."""
    unit = written.unit if isinstance(written, WrittenNumber) else ""
    if {unit, asked.quantity} != {"macs", "flops"} or asked.conventions["operations"] == "mac":
        return None
    if unit == "flops":
        return "1 MAC called 1 FLOP", "flops-halved"
    return "each multiply and each add called a MAC", "macs-doubled"


def _unit_remark(asked: Question, written: WrittenNumber | WrittenSizes) -> str:
    """A remark on the unit of a right number; empty where the unit is right."""
    unit = written.unit if isinstance(written, WrittenNumber) else ""
    if unit == "params" and asked.quantity in ("macs", "flops"):
        return "those are operations, and no parameters"
    if unit in ("macs", "flops") and asked.quantity in ("params", "weights"):
        return "those are parameters, and no operations"
    return ""


# ---------------------------------------------------------------------------------------------
# Conventions and own answers


def _exact_by_convention(forms: list[AnswerForm], value: Any, worth: Worth | None) -> AnswerForm | None:
    """The convention under which a number is the right one itself, where that is worth more than being
    rounded to it: 140 KB are 143,360 bytes, and near 140,000."""
    if worth is None:
        return None
    rounded = worth(ROUNDED, ())
    exact = [form for form in forms if form.convention and form.is_exactly(value) and form.agrees(value)]
    return next((form for form in exact if worth(CONVENTION, (form.id,)) > rounded), None)


def _by_form(forms: list[AnswerForm], value: Any) -> Iterator[dict[str, Any]]:
    """Right in other units, or in another order of the axes."""
    for form in forms:
        if form.convention and form.agrees(value):
            yield {"kind": CONVENTION, "convention": form.convention, "convention_ids": (form.id,)}
            return


def _as_reading(one: Mapping[str, Any]) -> Reading:
    """A convention that comes near, beside what is nearer."""
    return Reading((), one["convention"], None, one.get("other"), kind=CONVENTION)


def _by_convention(
    diagnosis: Diagnosis, usual: list[AnswerForm], far: bool = True
) -> Iterator[dict[str, Any]]:
    """Right as others count; ``far``: also by two conventions at once."""
    asked = diagnosis.asked
    for alternative in diagnosis.alternatives:
        near = [form for form in usual if not alternative.far or (far and not rough(form))]
        if any(form.agrees(alternative.value) for form in near):
            yield {
                "kind": CONVENTION,
                "convention": alternative.words,
                "convention_ids": alternative.ids,
                "other": diagnosis.shown(alternative.hypothesis),
                "known_reason": alternative.reason,
            }
            return
    scope = "whole-image" if asked.quantity == "rf" else "other-part"
    others = [(number, words, scope) for number, words in asked.other_numbers]
    if asked.with_norm is not None:
        others.append((*asked.with_norm, "with-norm"))
    for number, words, id in others:
        if any(form.agrees(number) for form in usual):
            yield {"kind": CONVENTION, "convention": words, "convention_ids": (id,)}
            return
    if asked.quantity in STORED and asked.conventions["memory"] == "bytes":
        hypotheses = _of(diagnosis, "bytes-forgotten")
        for near, hypothesis in hypotheses:
            if any(f.agrees(near) and f.number and f.number.unit != "bytes" for f in usual):
                yield {
                    "kind": CONVENTION,
                    "convention": "memory is counted in values",
                    "convention_ids": ("memory",),
                    "other": diagnosis.shown(hypothesis),
                }
                return


def _of(diagnosis: Diagnosis, id: str) -> Iterator[tuple[Any, Any]]:
    """The values to which one belief leads."""
    for value, hypotheses in diagnosis.singles.items():
        for hypothesis in hypotheses:
            if hypothesis.ids == (id,):
                yield value, hypothesis


def _by_follow_through(
    follow_through: FollowThrough | None, forms: list[AnswerForm]
) -> Iterator[dict[str, Any]]:
    if follow_through is None:
        return
    value = follow_through.diagnosis.value
    if value is not None and any(form.agrees(value) for form in forms):
        yield {
            "kind": FOLLOWS,
            "follows": follow_through.place,
            "follow_through": follow_through.diagnosis.working,
            "rows": follow_through.rows,
        }
