"""A wrong count solved for one of its own factors, and when nothing is to be said of it."""

from __future__ import annotations

import json

import pytest
from calling import call

from archcalc import load
from archcalc.answers.assumptions import FACTOR, SLIP
from archcalc.answers.conventions import Conventions
from archcalc.answers.diagnosis import Diagnosis
from archcalc.answers.judging import judge
from archcalc.answers.question import Question, Subject
from archcalc.answers.verdict import WRONG, Verdict
from archcalc.answers.written import read

POOLED = "32x32x3 -> conv 3x3 10 -> maxpool 2x2 -> flatten -> fc 10"
CLASSROOM = "28x28x1 -> conv 3x3 32 -> maxpool 2x2 -> conv 3x3 64 -> flatten -> fc 128 -> fc 10"
CONV = "32x32x3 -> conv 5x5 10 pad=2"
SAME = "56x56x64 -> conv 3x3 64 pad=1"


def verdict(target: str, ask: str, text: str, batch: int = 1) -> Verdict:
    subject = Subject(load(target).graph, batch=batch)
    diagnosis = Diagnosis(Question.read(subject, ask, Conventions()))
    return judge(diagnosis, read(text, diagnosis.asked.quantity))


@pytest.mark.parametrize(
    ("target", "ask", "value", "words"),
    [
        # Numbers of the task and of what follows of it, put in by hand.
        (SAME, "macs", 3 * 3 * 64 * 32 * 32 * 64, "an output of 32x32"),
        (SAME, "flops", 2 * 3 * 3 * 64 * 24 * 24 * 64, "an output of 24x24"),
        ("4x4x4x3 -> conv 3x3x3 16 pad=1", "macs", 27 * 3 * 11**3 * 16, "an output of 11x11x11"),
        ("100x8 -> conv 3 16 pad=1", "macs", 3 * 8 * 151 * 16, "151 positions"),
        ("9x9x8 -> tconv 4x4 32 stride=2", "macs", 16 * 8 * 7 * 7 * 32, "an input of 7x7"),
        ("20x64 -> lstm 32", "macs", 4 * (64 + 32) * 32 * 30, "30 steps"),
        ("20x64 -> lstm 32", "params", 3 * (64 + 32 + 1) * 32, "3 gates"),
        ("16x64 -> linear 96", "macs", 23 * 64 * 96, "23 positions"),
        ("16x64 -> attention 4", "macs", 4 * 30 * 64 * 64 + 2 * 30 * 30 * 64, "30 positions"),
        ("20 -> embedding 10000 256", "params", 4999 * 256, "a vocabulary of 4,999"),
        ("84x84x4 -> conv 8x8 16 stride=4", "connections", 257 * 16 * 18 * 18, "an output of 18x18"),
        (CONV, "params", (7 * 7 * 3 + 1) * 10, "a kernel of 7x7"),
        (CONV, "params", (5 * 5 * 3 + 1) * 12, "12 filters"),
        (CONV, "weights", 5 * 5 * 7 * 10, "7 input channels"),
        (CONV, "neurons", 25 * 25 * 10, "an output of 25x25"),
        ("9x9x64 -> fc 100", "params", (7 * 7 * 64 + 1) * 100, "3,136 inputs, 7x7x64"),
        ("9x9x64 -> fc 100", "params", (1000 + 1) * 100, "1,000 inputs"),
        (POOLED, "fc1.params", (12 * 12 * 10 + 1) * 10, "1,440 inputs, 12x12x10"),
        (POOLED, "fc1.params", 16_010, "1,600 inputs"),
        (CLASSROOM, "fc1.params", (12 * 12 * 64 + 1) * 128, "9,216 inputs, 12x12x64"),
        (
            CLASSROOM,
            "total.params",
            320 + 18_496 + (12 * 12 * 64 + 1) * 128 + 1290,
            "9,216 inputs, 12x12x64 of fc1",
        ),
        (
            CLASSROOM,
            "total.macs",
            26 * 26 * 288 + 9 * 9 * 18_432 + 7744 * 128 + 1280,
            "an output of 9x9 of conv2",
        ),
    ],
)
def test_a_count_is_solved_for_one_of_its_factors(target, ask, value, words):
    """Defeats: a bare "wrong" for what is right but for one number of the task."""
    found = verdict(target, ask, str(value))
    assert found.kind == WRONG
    first = found.readings[0]
    assert first.words == f"would be right for {words}"
    assert (first.ids, first.kind, first.value) == (("factor",), FACTOR, value)
    # The working is the rule run on that number, and comes to what was written.
    assert first.working is not None
    assert first.working.value == value


@pytest.mark.parametrize(
    ("target", "ask", "text"),
    [
        (CONV, "params", "771"),  # no factor of it
        ("28x28x1 -> conv 3x3 32", "params", "330"),  # 33 filters, as any tenth number has
        ("84 -> fc 10", "params", "1,230"),  # 122 inputs: every tenth number
        (SAME, "macs", "37.7M"),  # rounded, nearly any size is among what it may be
        (CONV, "output", "31x31x10"),
        ("9x9x1 -> conv 5x5 1", "rf", "4"),  # sizes are small numbers
        (SAME, "macs", "0"),
        (SAME, "macs", "-64"),
    ],
)
def test_what_nearly_any_number_would_get_is_left_out(target, ask, text):
    """Defeats: a divisor found in every number, and given out as an explanation."""
    assert all(reading.kind != FACTOR for reading in verdict(target, ask, text).readings)


def test_a_number_known_in_the_network_may_be_a_factor():
    """64 filters of another layer, where every tenth number has some number of filters."""
    net = "28x28x1 -> conv 3x3 32 -> conv 3x3 64"
    assert verdict(net, "conv1.params", "640").readings[0].words == "would be right for 64 filters"
    assert verdict(net, "conv1.params", "650").readings == ()


def test_the_catalogue_and_slips_go_first():
    """Defeats: "right for 9,000 inputs" where a pooling was left out, and a digit miscopied that is
    called another number of inputs."""
    found = verdict(POOLED, "fc1.params", "90,010").readings
    assert [reading.words for reading in found] == ["maxpool1 left out"]
    found = verdict(POOLED, "fc1.params", "22,610").readings
    assert [reading.kind for reading in found] == [SLIP]
    assert verdict(SAME, "macs", "9 * 64 * 56 * 56").readings[0].kind != FACTOR


def test_a_batch_may_be_a_factor():
    """Of a batch of 50, the number for 32 images."""
    found = verdict(CONV, "macs", str(32 * 768_000), batch=50)
    assert "would be right for 32 images" in [reading.words for reading in found.readings]


def test_the_kind_stands_in_its_column_and_on_the_screen():
    found = call("check", SAME, "macs=37748736", "--format", "json")
    (record,) = json.loads(found.out)["answers"]
    assert (record["kind"], record["verdict"]) == ("factor", "wrong")
    assert record["readings"][0]["words"] == "would be right for an output of 32x32"
    assert "factor" in call("check", SAME, "macs=37748736", "--format", "csv").out
    screen = call("check", SAME, "macs=37748736").out
    assert "wrong, would be right for an output of 32x32" in screen
    assert "yours   3·3·64·32·32·64 = 37,748,736" in screen


@pytest.mark.parametrize(
    ("target", "answer", "hints"),
    [
        (
            CONV,
            "params=260",
            ("How deep is a filter?", "Which numbers of the task does a filter's size depend on?"),
        ),
        # A slip of the pen besides is no rival of a rule.
        ("100x64 -> lstm 64", "macs=32768", ("How often is each weight used?",)),
        (CONV, "params=7600", ("Has every digit been copied as it was?",)),
        (SAME, "macs=37748736", ("What size does this layer put out?",)),
        (CONV, "params=750", ("Is there anything in a filter besides the weights of its window?",)),
        # What was worked out decides.
        (CONV, "params=(5*5*1+1)*10", ("Which numbers of the task does a filter's size depend on?",)),
    ],
)
def test_a_hint_does_not_bet_on_one_of_several_readings(target, answer, hints):
    """Defeats: the hint of the first reading, where two lead to the same number."""
    shown = " ".join(call("check", target, answer, "--hint").out.split())
    assert all(hint in shown for hint in hints)
    assert ("more than one thing may be behind it" in shown) == (len(hints) > 1)
    assert shown.count("?") == len(hints)


@pytest.mark.parametrize(
    ("target", "ask", "text", "first"),
    [
        (
            "32x32x1 -> conv 3x3 1 stride=2 pad=1 -> tconv 2x2 1 stride=2 -> conv 3x3 1 pad=1",
            "rf",
            "7",
            "spread-as-window",
        ),
        ("28x28x1 -> conv 3x3 8 dilation=2 pad=1", "output", "28x28x8", "dilation-ignored"),
        ("5x5x1 -> tconv 2x2 1 stride=2 output_pad=1", "output", "10x10x1", "spread-extra-forgotten"),
        ("8x8x4 -> conv 3x3 4 groups=4 pad=1", "params", "148", "groups-ignored"),
    ],
)
def test_what_a_layer_really_has_goes_before_what_may_be_believed_of_any(target, ask, text, first):
    """Defeats: the catalogue's order, in which a dilation or groups that the task states come
    behind a padding that it does not."""
    ids = [reading.ids for reading in verdict(target, ask, text).readings]
    assert len(ids) > 1
    assert ids[0] == (first,)
