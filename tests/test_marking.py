"""Marking: points, what follows from an earlier answer, regrading."""

from __future__ import annotations

from fractions import Fraction

import pytest

from archcalc import load
from archcalc.answers.conventions import Conventions
from archcalc.answers.diagnosis import Diagnosis
from archcalc.answers.marking import Examiner, Marks, changes, counts
from archcalc.answers.question import Question, Subject
from archcalc.answers.quiz_item import QuizItem
from archcalc.answers.verdict import BLANK, CONVENTION, FOLLOWS, RIGHT, ROUNDED, UNREADABLE, WRONG, Verdict
from archcalc.answers.written import read
from archcalc.diagnostics import SpecError

LENET = {
    "conv1.output": "28x28x6",
    "pool1.output": "14x14x6",
    "conv2.output": "10x10x16",
    "pool2.output": "5x5x16",
    "conv1.params": "156",
    "conv2.params": "2416",
    "fc3.params": "48120",
    "fc4.params": "10164",
    "fc5.params": "850",
    "total.params": "61706",
}


def mark(
    target: str,
    answers: dict[str, str],
    marks: Marks | None = None,
    digits: int | None = None,
    points: int = 1,
    **conventions: str,
) -> dict[str, Verdict]:
    subject = Subject(load(target).graph)
    items = [
        QuizItem(ask, Question.read(subject, ask, Conventions(conventions)), Fraction(points), digits)
        for ask in answers
    ]
    written = {item.id: read(answers[item.id], item.asked.quantity) for item in items}
    return Examiner(items, marks).mark(written)


def lenet(**wrong: str) -> dict[str, Verdict]:
    """The sheet with some answers changed: ``pool2_output="4x4x16"``."""
    return mark("lenet5_modern", {**LENET, **{k.replace("_", "."): v for k, v in wrong.items()}})


# ---------------------------------------------------------------------------------------------
# Follow-through


def test_the_sheet_is_right():
    assert {verdict.kind for verdict in lenet().values()} == {RIGHT}


def test_a_wrong_volume_is_carried_into_the_parameters():
    """The published case: flatten 256 for 400, FC 30,840, total 44,426. Defeats: marking one
    mistake three times."""
    found = lenet(pool2_output="4x4x16", fc3_params="30840", total_params="44426")
    assert found["pool2.output"].kind == WRONG
    assert found["fc3.params"].kind == FOLLOWS
    assert found["fc3.params"].follows == "pool2.output"
    assert found["total.params"].kind == FOLLOWS
    assert found["total.params"].rows
    assert counts(found.values()) == {RIGHT: 7, FOLLOWS: 2, WRONG: 1}


def test_a_volume_is_carried_through_layers_that_were_not_asked():
    found = mark(
        "lenet5_modern", {"conv1.output": "24x24x6", "conv2.output": "8x8x16", "fc3.params": "30840"}
    )
    assert [v.kind for v in found.values()] == [WRONG, FOLLOWS, FOLLOWS]
    # The first slip is the one to look at, and not the answer before.
    assert [v.follows for v in found.values()] == ["", "conv1.output", "conv1.output"]


def test_an_answer_that_was_put_right_again_ends_it():
    """conv1 wrong, pool1 right: what comes behind starts from the right pool1."""
    found = lenet(conv1_output="24x24x6", conv2_output="8x8x16")
    assert found["conv2.output"].kind == WRONG
    assert found["conv2.output"].follows == ""


def test_the_right_key_goes_first():
    """A right answer behind a wrong one is right, though it does not follow. Defeats: replacing
    the key for who made a mistake before."""
    found = lenet(pool2_output="4x4x16")
    assert found["fc3.params"].kind == RIGHT


def test_nothing_follows_from_an_answer_that_is_not_there():
    """A row that is blank, or not read, is not filled in with the right one."""
    for text in ("", "2400?x"):
        found = lenet(conv2_params=text, total_params="59290")
        assert found["conv2.params"].kind in (BLANK, UNREADABLE)
        assert found["total.params"].kind == WRONG


def test_nothing_follows_where_the_layer_would_not_fit():
    found = mark("32x32x3 -> conv 5x5 6 -> conv 5x5 8", {"conv1.output": "4x4x6", "conv2.output": "0x0x8"})
    assert found["conv2.output"].kind == WRONG
    assert found["conv2.output"].follows == ""


def test_a_wrong_method_on_an_own_number():
    """Behind a wrong volume, the bias forgotten as well: one assumption, from the own number."""
    found = lenet(pool2_output="4x4x16", fc3_params="30720")["fc3.params"]
    assert found.kind == WRONG
    assert found.follows == "pool2.output"
    assert [(r.ids, r.follows) for r in found.readings] == [(("bias-forgotten",), True)]


def test_a_total_of_own_rows():
    found = lenet(conv2_params="2400", total_params="61690")
    assert found["total.params"].kind == FOLLOWS
    assert found["total.params"].follows == "conv2.params"


def test_rows_that_add_nothing_may_be_absent():
    """The MACs of norms and pools need no row. Defeats: a sum that waits for a row of nothing."""
    net = "9x9x3 -> conv 3x3 4 -> bn -> maxpool 7x7 -> fc 2"
    found = mark(net, {"conv1.macs": "5000", "fc1.macs": "8", "total.macs": "5008"})
    assert [v.kind for v in found.values()] == [WRONG, RIGHT, FOLLOWS]
    found = mark(
        net, {"conv1.weights": "100", "bn1.weights": "4", "fc1.weights": "8", "total.weights": "112"}
    )
    assert [v.kind for v in found.values()] == [WRONG, RIGHT, RIGHT, FOLLOWS]


def test_rows_that_do_not_add_up():
    """The lecture's memory column: rows right, the sum not. Defeats: silence about the slip."""
    rows = {
        "conv1.params": "156",
        "conv2.params": "2416",
        "fc3.params": "48120",
        "fc4.params": "10164",
        "fc5.params": "850",
        "total.params": "71706",
    }
    found = mark("lenet5_modern", rows)["total.params"]
    assert found.kind == WRONG
    assert found.remark == "your rows add up to 61,706"


def test_a_field_grows_from_the_one_before():
    net = "64x64x1 -> conv 3x3 1 -> maxpool 2x2 -> conv 3x3 1"
    found = mark(net, {"conv1.rf": "4", "maxpool1.rf": "5", "conv2.rf": "9"})
    assert [v.kind for v in found.values()] == [WRONG, FOLLOWS, FOLLOWS]
    assert {v.follows for v in found.values() if v.follows} == {"conv1.rf"}


def test_operations_follow_from_the_own_volume():
    found = mark("32x32x3 -> conv 5x5 10 pad=2", {"output": "28x28x10", "macs": "588000"})
    assert [v.kind for v in found.values()] == [WRONG, FOLLOWS]


def test_a_volume_by_another_convention_is_carried_on():
    """Pools that round up: 14 for 13, and all that follows is not held against it. Of the first
    pool alone it is told as following, where the second one is rounded down again."""
    net = "27x27x3 -> maxpool 2x2 -> conv 3x3 8"
    found = mark(net, {"maxpool1.output": "14x14x3", "conv1.output": "12x12x8"})
    assert [v.kind for v in found.values()] == [CONVENTION, CONVENTION]
    net = "29x29x3 -> maxpool 2x2 -> conv 1x1 3 -> maxpool 2x2"
    found = mark(net, {"maxpool1.output": "15x15x3", "maxpool2.output": "7x7x3"})
    assert [v.kind for v in found.values()] == [CONVENTION, RIGHT]
    found = mark(
        net.replace("1x1 3", "2x2 3"),
        {"maxpool1.output": "15x15x3", "conv1.output": "14x14x3", "maxpool2.output": "7x7x3"},
    )
    assert [v.kind for v in found.values()] == [CONVENTION, CONVENTION, CONVENTION]


def test_sheets_do_not_know_of_each_other():
    """Defeats: a state that one student's answers leave behind for the next."""
    subject = Subject(load("lenet5_modern").graph)
    items = [QuizItem(ask, Question.read(subject, ask, Conventions())) for ask in LENET]
    examiner = Examiner(items)
    wrong = {**LENET, "pool2.output": "4x4x16", "fc3.params": "30840"}
    sheets = [wrong, LENET, wrong, {**LENET, "fc3.params": "30840"}]
    kinds = [
        examiner.mark({k: read(v, k.rpartition(".")[2]) for k, v in sheet.items()})["fc3.params"].kind
        for sheet in sheets
    ]
    assert kinds == [FOLLOWS, RIGHT, FOLLOWS, WRONG]


def test_a_question_is_worked_out_once(monkeypatch: pytest.MonkeyPatch):
    """Defeats: a search through the catalogue for every sheet."""
    entered = []
    enter = Diagnosis._enter
    monkeypatch.setattr(Diagnosis, "_enter", lambda *a: (entered.append(1), enter(*a))[1])
    subject = Subject(load("32x32x3 -> conv 5x5 10 pad=2").graph)
    examiner = Examiner([QuizItem("1", Question.read(subject, "params", Conventions()))])
    examiner.mark({"1": read("760")})
    assert not entered  # nothing is looked for where all is right
    for wrong in ("750", "771"):  # one that a single entry explains, and one that none does
        examiner.mark({"1": read(wrong)})
    once = len(entered)
    assert once > 20
    for wrong in range(100, 400):
        examiner.mark({"1": read(str(wrong))})
    assert len(entered) == once


# ---------------------------------------------------------------------------------------------
# Points


def points(verdict: Verdict) -> Fraction:
    return verdict.points


def test_points_of_every_verdict():
    target = "227x227x3 -> conv 11x11 96 stride=4"
    for text, share in (("34944", 1), ("35K", Fraction(1, 2)), ("1", 0), ("?", 0), ("", 0)):
        (found,) = mark(target, {"params": text}, points=4).values()
        assert found.points == 4 * share


def test_digits_that_are_enough():
    target = "227x227x3 -> conv 11x11 96 stride=4"
    for digits, share in ((2, 1), (3, Fraction(1, 2))):
        (found,) = mark(target, {"params": "35K"}, digits=digits).values()
        assert (found.kind, found.points) == (ROUNDED, share)


def test_partial_credit_of_a_misconception():
    marks = Marks(misconceptions={"bias-forgotten": Fraction(1, 4)})
    target = "32x32x3 -> conv 5x5 10 pad=2"
    (found,) = mark(target, {"params": "750"}, marks, points=2).values()
    assert found.points == Fraction(1, 2)
    (other,) = mark(target, {"params": "260"}, marks, points=2).values()
    assert other.points == 0


def test_a_misconception_that_there_is_not():
    with pytest.raises(SpecError, match="no misconception `bias-forgoten`"):
        Marks(misconceptions={"bias-forgoten": Fraction(1)})


def test_follow_through_with_a_penalty():
    marks = Marks({FOLLOWS: Fraction(3, 4)})
    found = mark("lenet5_modern", {"pool2.output": "4x4x16", "fc3.params": "30840"}, marks)
    assert [v.points for v in found.values()] == [0, Fraction(3, 4)]


def test_of_two_verdicts_the_better_mark_is_kept():
    """750 by another convention of the course and following from nothing; here both hold: a total
    without biases of an own volume cannot be, so a pool that rounds up is what is met."""
    net = "27x27x3 -> maxpool 2x2 -> maxpool 2x2"
    answers = {"maxpool1.output": "14x14x3", "maxpool2.output": "7x7x3"}
    # 13 -> 7 by rounding up (a convention), and 14 -> 7 from the own 14.
    for convention, follows, kind in ((1, 0, CONVENTION), (Fraction(1, 2), 1, FOLLOWS)):
        marks = Marks({CONVENTION: Fraction(convention), FOLLOWS: Fraction(follows)})
        found = mark(net, answers, marks)["maxpool2.output"]
        assert (found.kind, found.points) == (kind, 1)


def test_regrading_under_another_convention():
    """What changes is said, and nothing else. Defeats: a regrading that moves marks unseen."""
    target, answers = "32x32x3 -> conv 5x5 10 pad=2", {"output": "32x32x10", "params": "750"}
    before, after = mark(target, answers), mark(target, answers, bias="no")
    (change,) = changes(before, after)
    assert (change.id, change.before.kind, change.after.kind) == ("params", WRONG, RIGHT)
    assert change.after.points - change.before.points == 1
    assert not list(changes(before, before))


def test_a_question_that_cannot_be_answered_is_refused():
    subject = Subject(load("20 -> embedding 100 8 -> lstm 4").graph)
    with pytest.raises(SpecError, match=r"no rule for lstm1\.pad"):
        QuizItem("1", Question.read(subject, "lstm1.pad", Conventions()))


def test_a_total_follows_from_rows_of_which_some_are_not_asked_for():
    """Defeats: no points for a total carried on from one's own conv2, since nobody asked for
    conv1."""
    target = "40x40x3 -> conv 5x5 8 -> conv 3x3 16 -> gap -> fc 10"
    right = {"conv1": 608, "conv2": 1168, "fc1": 170}
    stated = {**right, "conv2": 1152}
    found = mark(target, {"conv2.params": "1152", "total.params": str(sum(stated.values()))})
    assert (found["total.params"].kind, found["total.params"].follows) == (FOLLOWS, "conv2.params")
    found = mark(target, {"conv2.params": "1152", "total.params": str(sum(stated.values()) + 1)})
    assert found["total.params"].kind == WRONG
