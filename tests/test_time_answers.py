"""Answers about what a device adds: the least time, the bytes moved, operations per byte."""

from __future__ import annotations

from fractions import Fraction

import pytest
from calling import call

import archcalc
from archcalc.analysis.durations import Duration
from archcalc.answers.calculated import question_of
from archcalc.answers.conventions import Conventions
from archcalc.answers.diagnosis import Diagnosis
from archcalc.answers.misconceptions import CATALOGUE, CONVENTION
from archcalc.answers.question import Subject
from archcalc.answers.quiz_reading import parse_quiz
from archcalc.answers.written import read
from archcalc.devices import device
from archcalc.diagnostics import SpecError
from archcalc.quantities import ON_DEVICE

# 10 values in, 20 out, 220 parameters; 400 operations of multiply-adds and 20 additions of biases.
FC = "10 -> fc 20"
INPUTS, PARAMETERS, OUTPUTS = 4 * 10, 4 * 220, 4 * 20
MOVED = INPUTS + PARAMETERS + OUTPUTS
# The T4: bytes and fp32 operations a second.
BANDWIDTH, PEAK = 320 * 10**9, 81 * 10**11
PS = 10**12
CONV = "32x32x64 -> conv 3x3 128 pad=1"


def diagnosis(target: str, ask: str, batch: int = 1) -> Diagnosis:
    subject = Subject(archcalc.load(target).graph, batch=batch, device=device("t4"))
    return Diagnosis(question_of(subject, ask, Conventions()))


def sentence(target: str, ask: str, answer: str, **how: object) -> tuple[str, str]:
    found = archcalc.check(target, ask, answer, on="t4", **how)
    return found.verdict, found.sentence


# The belief, the question, the batch, and what it comes to; all worked out here from the sizes.
SEEN = [
    ("outputs-unmoved", FC, "fc1.traffic", 1, INPUTS + PARAMETERS),
    ("inputs-unmoved", FC, "fc1.traffic", 1, PARAMETERS + OUTPUTS),
    ("parameters-unmoved", FC, "fc1.traffic", 1, INPUTS + OUTPUTS),
    ("parameters-unmoved", FC, "fc1.intensity", 1, Fraction(420, INPUTS + OUTPUTS)),
    ("one-image-moved", FC, "fc1.traffic", 8, MOVED),
    ("parameters-moved-again", FC, "fc1.traffic", 8, 8 * MOVED),
    ("bits-for-bytes", FC, "fc1.traffic", 1, 8 * MOVED),
    ("values-for-bytes", FC, "fc1.traffic", 1, 250),
    ("macs-for-operations", FC, "fc1.intensity", 1, Fraction(200, MOVED)),
    ("macs-for-operations", FC, "fc1.intensity", 1, Fraction(220, MOVED)),
    ("products-alone", FC, "fc1.intensity", 1, Fraction(400, MOVED)),
    ("one-side-of-the-roof", FC, "fc1.time", 1, 420 * PS // PEAK),
    ("one-side-of-the-roof", CONV, "conv1.time", 1, 4 * 1024 * (64 + 128) * PS // BANDWIDTH + 923_200),
    ("sides-of-the-roof-added", FC, "fc1.time", 1, MOVED * PS // BANDWIDTH + 420 * PS // PEAK),
    ("layers-side-by-side", f"{CONV} -> relu", "total.time", 1, 151_257_088 * PS // PEAK),
    ("intensity-turned", FC, "fc1.intensity", 1, Fraction(MOVED, 420)),
]


@pytest.mark.parametrize(("id", "target", "ask", "batch", "value"), SEEN)
def test_the_wrong_rule_leads_to_the_number(id, target, ask, batch, value):
    found = diagnosis(target, ask, batch)
    if CATALOGUE[id].scope == CONVENTION:
        under = [a.hypothesis.ids for a in found.alternatives if a.value == value and a.hypothesis]
        assert (id,) in under
    else:
        assert (id,) in [one.ids for one in found.singles.get(value, ())], found.singles
    assert found.value != value
    for wrong, hypotheses in found.singles.items():
        for hypothesis in hypotheses:
            working = found.shown(hypothesis)
            assert working is not None
            assert working.value == wrong
            assert working.lines[-1].made.value == wrong


def test_every_belief_about_a_device_was_seen():
    """A belief that no question reaches would never be found wrong."""
    mine = {id for id, one in CATALOGUE.items() if one.rule.__module__.endswith(".rooflines")}
    assert mine == {id for id, *_ in SEEN}


@pytest.mark.parametrize("name", ["vgg16", "mobilenet_v2", "lenet5"])
def test_the_right_values_are_those_of_the_report(name):
    """Defeats: a second sum of its own, as of the bytes divided once for all layers."""
    network = archcalc.load(name)
    report = network.time("t4", batch=4)
    subject = Subject(network.graph, batch=4, device=device("t4"))
    for row in report.rows:
        for quantity, value in (("time", row.time), ("traffic", row.bytes), ("intensity", row.intensity)):
            if value is None:
                continue
            asked = question_of(subject, f"{row.name}.{quantity}", Conventions())
            assert asked.plain == value
            assert Diagnosis(asked).known  # its method comes to the same
    totals = report.totals
    for quantity, value in (
        ("time", totals.time),
        ("traffic", totals.bytes),
        ("intensity", totals.intensity),
    ):
        found = Diagnosis(question_of(subject, f"total.{quantity}", Conventions()))
        assert found.known
        assert found.value == value


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("1284921600 ps", "right"),
        ("1.2849216 ms", "right"),
        ("1284.92 µs", "rounded"),
        ("1.28ms", "rounded"),
        ("0.00128 s", "rounded"),
        ("1.285e-3 s", "rounded"),
        ("1.28 microseconds", "wrong"),
        ("1.29 ms", "wrong"),
        ("1.28", "unreadable"),
        ("1.28 MB", "unreadable"),
    ],
)
def test_a_time_is_right_as_far_as_it_was_written(answer, verdict):
    """Defeats: the number read without its unit, and a tolerance in per cent."""
    assert sentence("vgg16", "fc6.time", answer)[0] == verdict


def test_an_exact_time_is_not_wrong_by_a_picosecond():
    """Defeats: 122,738,779.7 ps, which a calculator gives with all digits, held against the whole
    picoseconds of the report; and of a sum the picoseconds that each layer loses."""
    exact = Fraction(411174912 * PS, 3350 * 10**9)
    assert exact.denominator > 1
    digits = f"{float(exact / 10**6):.10f} us"
    assert archcalc.check("vgg16", "fc6.time", digits, on="h100").right
    rows = archcalc.load("vgg16").time("h100").rows
    whole = sum(
        [
            max(Fraction(row.bytes * PS, 3350 * 10**9), Fraction(row.operations * PS, 669 * 10**11))
            for row in rows
        ]
    )
    assert archcalc.check("vgg16", "total.time", f"{float(whole / 10**6):.7f} us", on="h100").right
    assert archcalc.check("vgg16", "total.time", "649.566537 us", on="h100").right  # as the report has it
    assert not archcalc.check("vgg16", "total.time", "649.5667 us", on="h100").right


@pytest.mark.parametrize(
    ("ask", "answer", "verdict"),
    [
        ("fc6.traffic", "411,174,912", "right"),
        ("fc6.traffic", "392 MiB", "rounded"),
        ("fc6.traffic", "411.2 MB", "rounded"),
        ("fc6.traffic", "3289399296 bits", "right"),
        ("fc6.traffic", "3289399296", "wrong"),
        ("fc6.intensity", "100354/200769", "right"),
        ("fc6.intensity", "205524992/411174912", "right"),
        ("fc6.intensity", "0.4998 FLOPs/byte", "rounded"),
        ("fc6.intensity", "0.5", "rounded"),
        ("fc6.intensity", "205520896/411174912", "convention"),
        ("fc6.intensity", "0.2499", "wrong"),
    ],
)
def test_bytes_and_intensity(ask, answer, verdict):
    assert sentence("vgg16", ask, answer)[0] == verdict


def test_what_a_wrong_answer_is_consistent_with():
    """Defeats: the side that is not the bound named behind a reading that comes to the same by chance."""
    assert sentence("vgg16", "fc6.time", "25.4 us") == (
        "wrong",
        "wrong, consistent with the time of computing, where the memory bounds it",
    )
    assert "MACs in the place of operations" in sentence("vgg16", "fc6.intensity", "0.2499")[1]
    assert "the parameters forgotten" in sentence("vgg16", "fc6.traffic", "116736")[1]


def test_no_device_is_one_clear_message():
    done = call("check", "vgg16", "fc6.traffic=392MiB")
    assert done.code == 2
    assert "`traffic` is of a device, and none is named" in done.err
    assert "--on t4" in done.err
    with pytest.raises(SpecError, match="has no figure for fp16"):
        archcalc.check("vgg16", "fc6.time", "1 ms", on="cpu", dtype="fp16")
    with pytest.raises(SpecError, match="no bytes are moved"):
        archcalc.check("8x8x3 -> flatten", "flatten1.intensity", "1", on="t4")


def test_the_command_marks_with_a_device():
    done = call("check", "vgg16", "fc6.traffic=392MiB", "fc6.time=25.4us", "--on", "t4")
    assert done.code == 1
    assert "1 of 2 right, 1 wrong" in done.out
    # A matrix is still what --on is where values are asked for.
    assert call("check", "maxpool 2x2", "values=3;4", "--on", "1 3;2 0;4 1;0 0").code == 0


QUIZ = """
target = "vgg16"
on = "t4"
[[question]]
id = "1"
ask = "fc6.time"
unit = "us"
digits = 3
[[question]]
id = "2"
ask = "total.traffic"
on = "h100"
dtype = "fp16"
batch = 2
[[question]]
id = "3"
ask = "fc6.intensity"
digits = 3
"""


def test_a_quiz_names_the_device(tmp_path):
    """Defeats: one network worked out once, on the device of the first question."""
    quiz = parse_quiz(QUIZ)
    assert quiz.quantities == {"1": "time", "2": "traffic", "3": "intensity"}
    one, two, three = quiz.items()
    report = archcalc.load("vgg16").time("h100", batch=2, dtype="fp16")
    assert one.diagnosis.value == 1284921600
    assert two.diagnosis.value == report.totals.bytes
    assert three.asked.roofline.device.name == "t4"
    (tmp_path / "quiz.toml").write_text(QUIZ, "utf-8")
    (tmp_path / "ann.txt").write_text("1: 1285\n2: 25.4 KB\n3: 0.4998\n", "utf-8")
    done = call("check", str(tmp_path / "quiz.toml"), str(tmp_path / "ann.txt"))
    assert "2 rounded, 1 wrong of 3 · 2 points of 3" in done.out, done.out + done.err


@pytest.mark.parametrize(
    ("on", "words"),
    [("t5", "there is no device `t5`"), ("there/is/none.toml", "there is no file"), ("", "none is named")],
)
def test_a_device_that_there_is_not_is_shown_at_its_place(on, words):
    with pytest.raises(SpecError, match=words.replace("`", ".")) as error:
        parse_quiz(QUIZ.replace('on = "t4"', f'on = "{on}"')).items()
    span = error.value.diagnostics[0].span
    line = span.source.text[: span.start].count("\n") + 1
    assert line == (3 if on else 6)  # at the name, or at the question that needs one


def test_a_device_of_ones_own_stands_beside_the_quiz(tmp_path):
    text = 'title = "a board"\nbandwidth = 1\n[peak]\nfp32 = 1\n'
    (tmp_path / "mine.toml").write_text(f"[board]\n{text.replace('[peak]', '[board.peak]')}", "utf-8")
    quiz = QUIZ.replace('"t4"', '"mine.toml"')
    (one, *_) = parse_quiz(quiz, str(tmp_path / "quiz.toml")).items()
    assert one.diagnosis.value == 411174912 * 1000


def test_setting_and_marking_agree(tmp_path):
    """What `quiz` writes as the key is right for `check`, and a platform gets a number in the unit."""
    (tmp_path / "quiz.toml").write_text(QUIZ + '[[question]]\nid = "4"\nask = "fc6.time"\nkind = "choice"\n')
    done = call("quiz", str(tmp_path / "quiz.toml"), "--format", "toml", "-o", str(tmp_path / "key.toml"))
    assert done.code == 0, done.err
    assert call("check", "--audit", str(tmp_path / "key.toml")).code in (0, 1)
    key = parse_quiz((tmp_path / "key.toml").read_text("utf-8"))
    for question, item in zip(key.questions, key.items(), strict=True):
        written = read(question.key, item.asked.quantity)
        assert written.covers(item.diagnosis.value) or item.asked.quantity == "traffic"
    moodle = call("quiz", str(tmp_path / "quiz.toml"), "--format", "moodle")
    assert "<text>1284.9216</text>" in moodle.out
    without = QUIZ.replace('unit = "us"\n', "")
    (tmp_path / "quiz.toml").write_text(without)
    refused = call("quiz", str(tmp_path / "quiz.toml"), "--format", "moodle")
    assert "is of a time, and a platform needs its unit" in refused.err


def test_what_a_device_adds_is_one_list():
    """Every quantity of the list can be asked for. Defeats: a second list in the marking."""
    subject = Subject(archcalc.load(FC).graph, device=device("t4"))
    for name, quantity in ON_DEVICE.items():
        for word in (name, *quantity.called):
            assert question_of(subject, f"fc1.{word}", Conventions()).quantity == name


def test_durations_are_written_with_a_unit():
    assert [str(Duration(n)) for n in (0, 5, 4_200, 45_089_763, 10**12)] == [
        "0 ps",
        "5 ps",
        "4.2 ns",
        "45.0898 us",
        "1 s",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["vgg16", "resnet50", "time(A)/time(B)=2"], "nothing is computed of `time`"),
        (["vgg16", "total.time/total.traffic=2"], "nothing is computed of `time`"),
        (["quiz.toml", "ann.txt"], "it names its device itself"),
        (["vgg16", "nope.time=1 ms"], "vgg16 has no layer `nope`"),
    ],
)
def test_what_is_not_marked_on_a_device_says_so(words, message):
    """Defeats: `t4` read as a matrix, and a quiz marked on another device than its own."""
    done = call("check", *words, "--on", "t4")
    assert done.code == 2
    assert message in done.err


def test_an_endless_name_of_a_device_is_cut():
    with pytest.raises(SpecError) as error:
        parse_quiz(QUIZ.replace('"t4"', f'"{"a" * 100_000}"'))
    assert len(str(error.value)) < 500
