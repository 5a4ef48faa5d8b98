"""Shares of the points: for every id, once a sheet, in the digits and the unit of each question."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from calling import call

from archcalc.answers.classroom import Classroom
from archcalc.answers.marks import convention_ids
from archcalc.answers.misconceptions import CATALOGUE
from archcalc.answers.quiz_reading import parse_quiz
from archcalc.answers.sheets import SheetAnswer, Submission
from archcalc.answers.verdict import Verdict
from archcalc.diagnostics import SpecError

CHAIN = "32x24x3 -> conv 5x5 10 pad=2 -> maxpool 2x2 -> conv 3x3 20 pad=1 -> fc 10"


def mark(asks: dict[str, str], marks: str = "", more: str = "", **keys: str) -> list[Verdict]:
    """Answers to ``[LAYER.]QUANTITY``, each a question of a quiz; ``keys`` are lines of every question."""
    lines = "\n".join(f"{key} = {value}" for key, value in keys.items())
    questions = [f'[[question]]\nid = "Q{n}"\nask = "{ask}"\n{lines}' for n, ask in enumerate(asks, 1)]
    text = "\n".join([f'target = "{CHAIN}"', more, f"[marks]\n{marks}", *questions])
    entries = [SheetAnswer(f"Q{n}", answer, f"line {n}") for n, answer in enumerate(asks.values(), 1)]
    (marked,) = Classroom(parse_quiz(text)).mark([Submission("ann", "ann.txt", tuple(entries))])
    return list(marked.verdicts.values())


def points(*arguments: object, **keys: str) -> list[Fraction]:
    return [verdict.points for verdict in mark(*arguments, **keys)]  # type: ignore[arg-type]


def fault(text: str) -> str:
    with pytest.raises(SpecError) as caught:
        parse_quiz(f'target = "{CHAIN}"\n{text}\n[[question]]\nid = "Q1"\nask = "conv1.params"\n')
    return caught.value.diagnostics[0].message


# ---------------------------------------------------------------------------------------------
# Shares by id


@pytest.mark.parametrize("table", ["misconceptions", "conventions"])
def test_a_convention_of_the_catalogue_has_its_share(table: str):
    """Defeats: an id that is accepted and ignored."""
    for share in (0, 0.25):
        assert points({"conv1.macs": "1,152,000"}, f"[marks.{table}]\nmacs-doubled = {share}") == [share]
    assert points({"conv1.macs": "1,152,000"}) == [1]


@pytest.mark.parametrize(
    ("id", "ask", "answer", "more"),
    [
        ("layout", "conv1.output", "10x32x24", ""),
        ("megabyte", "conv1.memory", "30 KB", "[conventions]\nmegabyte = 'decimal'"),
        ("operations", "conv1.flops", "576000", ""),
        ("flops-halved", "conv1.flops", "576000", ""),
        ("bias", "conv1.params", "760", "[conventions]\nbias = 'no'"),
        ("memory", "conv1.memory", "7680", ""),
        ("bytes-forgotten", "conv1.memory", "7680", ""),
        ("channels-alone", "conv1.output", "10", ""),
        ("in-bytes", "conv1.params", "3040 bytes", ""),
        ("biases-among-operations", "conv1.macs", "583680", ""),
    ],
)
def test_every_convention_has_an_id(id: str, ask: str, answer: str, more: str):
    """Its share is given by that id, and by no other one's."""
    table = "misconceptions" if id == "bytes-forgotten" else "conventions"
    (plain,) = mark({ask: answer}, "convention = 0.5", more)
    assert (plain.kind, plain.points) == ("convention", Fraction(1, 2))
    assert points({ask: answer}, f"[marks.{table}]\n{id} = 0.25", more) == [Fraction(1, 4)]
    assert set(plain.convention_ids) <= set(convention_ids())
    others = [other for other in convention_ids() if other not in (id, *plain.convention_ids)]
    shares = "\n".join(f"{other} = 0" for other in others if other not in ("operations", "flops-halved"))
    assert points({ask: answer}, f"[marks.conventions]\n{shares}", more) == [1]


def test_every_misconception_may_have_a_share():
    for id, belief in CATALOGUE.items():
        if belief.scope == "error":
            marks = f"[marks.misconceptions]\n{id} = 0.5"
            quiz = parse_quiz(f'target = "{CHAIN}"\n{marks}\n[[question]]\nid = "1"\nask = "rf"\n')
            assert quiz.marks.misconceptions == {id: Fraction(1, 2)}


def test_an_id_that_is_never_met_is_refused():
    """Defeats: `bias-forgotten = 0.5` in a quiz whose rule is that biases are forgotten."""
    text = '[conventions]\nbias = "no"\n[marks.misconceptions]\nbias-forgotten = 0.5'
    assert fault(text) == "`bias-forgotten` is never met in this quiz: bias = no makes it the rule"
    assert "no convention `bias-forgotten`" in fault("[marks.conventions]\nbias-forgotten = 1")
    assert "no misconception `biass`" in fault("[marks.misconceptions]\nbiass = 1")
    assert "a share of the points" in fault("[marks.conventions]\nlayout = 2")
    assert "`once` is" in fault('[marks]\nonce = "twice"')


def test_what_explains_a_wrong_answer_has_its_share():
    marks = "cut_off = 0.1\nslip = 0.2\nright_working = 0.3\nwrong = 0.05"
    assert points({"conv1.macs": "575K"}, marks) == [Fraction(1, 20)]  # nothing explains it
    assert points({"total.params": "40.9K"}, marks) == [Fraction(1, 10)]  # 40,990, cut off
    assert points({"conv1.params": "706"}, marks) == [Fraction(1, 5)]  # two digits are swapped
    assert points({"conv1.params": "(5*5*3+1)*10 = 706"}, marks) == [Fraction(3, 10)]
    assert points({"conv1.macs": "(5*5*3)*32*24*10 = 567,000"}) == [Fraction(1, 2)]  # by default


# ---------------------------------------------------------------------------------------------
# Once a sheet


def test_a_mistake_is_charged_once():
    """Defeats: one habit that costs every question of a sheet."""
    asks = {"conv1.params": "750", "conv2.params": "1800", "fc1.params": "38400"}
    found = mark(asks)
    assert [verdict.points for verdict in found] == [0, 1, 1]
    assert [verdict.kind for verdict in found] == ["wrong"] * 3
    assert [verdict.counted for verdict in found] == ["", "Q1", "Q1"]
    assert points(asks, "once = false") == [0, 0, 0]
    assert points(asks, 'once = "conventions"') == [0, 0, 0]
    assert points(asks, "once = false\n[marks.misconceptions]\nbias-forgotten = 0.5") == [Fraction(1, 2)] * 3


def test_a_convention_is_charged_once():
    asks = {"conv1.output": "10x32x24", "conv2.output": "20x16x12", "conv1.macs": "1,152,000"}
    for once in ("true", '"conventions"'):
        found = mark(asks, f"convention = 0.5\nonce = {once}")
        assert [verdict.points for verdict in found] == [Fraction(1, 2), 1, Fraction(1, 2)]
        assert [verdict.counted for verdict in found] == ["", "Q1", ""]
    assert points(asks, "convention = 0.5\nonce = false") == [Fraction(1, 2)] * 3


def test_what_cost_nothing_is_not_counted():
    """Defeats: `already counted` where nothing was."""
    found = mark({"conv1.output": "10x32x24", "conv2.output": "20x16x12"})
    assert [verdict.counted for verdict in found] == ["", ""]


def test_the_order_is_that_of_the_quiz():
    """Marking goes by the layers of the network, charging by the questions."""
    found = mark({"conv2.params": "1800", "conv1.params": "750"})
    assert [(verdict.points, verdict.counted) for verdict in found] == [(0, ""), (1, "Q1")]


@pytest.mark.parametrize(
    ("once", "last"), [("true", 1), ('"conventions"', Fraction(1, 2)), ("false", Fraction(1, 2))]
)
def test_a_belief_and_its_convention_are_one_mistake(once: str, last: Fraction):
    """Defeats: biases that are forgotten in two layers and then, as `biases not counted`, once more in the
    total: one mistake that is deducted as a misconception and as a convention. Questions that are asked
    in another order than that of the layers are deducted in the order of the quiz."""
    asks = {"conv1.params": "750", "conv2.params": "1800", "total.params": "40950"}
    marks = f"once = {once}\nconvention = 0.5\n[marks.misconceptions]\nbias-forgotten = 0.25"
    found = mark(asks, marks)
    assert [verdict.kind for verdict in found] == ["wrong", "wrong", "convention"]
    assert found[0].points == Fraction(1, 4)
    assert found[2].points == last
    assert found[2].counted == (found[1].counted if last == 1 else "")


def test_mistakes_of_a_family_are_several():
    """Another layer left out of a sum is another mistake."""
    found = mark({"total.params": "40220", "total.macs": "576000"})
    assert all(verdict.counted == "" for verdict in found)


# ---------------------------------------------------------------------------------------------
# Digits


@pytest.mark.parametrize(
    ("answer", "digits", "kind", "share"),
    [
        ("346,000", "3", "rounded", 1),  # of 345,600
        ("350,000", "3", "rounded", Fraction(1, 2)),
        ("350,000", "2", "rounded", 1),
        ("300,000", "2", "rounded", Fraction(1, 2)),
        ("347,000", "3", "wrong", 0),
        ("345,000", "3", "wrong", 0),  # cut off, and not rounded
        ("346,000", "", "wrong", 0),  # without `digits` a plain number is exact
        ("346K", "3", "rounded", 1),
        ("345,600", "3", "right", 1),
        ("346000.0", "3", "rounded", 1),  # as Canvas writes 346000
        ("346000.0", "", "wrong", 0),
        ("346.00K", "3", "rounded", 1),
        ("350000.0", "3", "rounded", Fraction(1, 2)),
        ("350.0K", "3", "wrong", 0),
    ],
)
def test_noughts_at_the_end(answer: str, digits: str, kind: str, share: Fraction):
    """Defeats: 3,580,000 that is wrong where 3.58M is right, and any number that ends with noughts;
    a platform's `.0` taken for a digit of the student's."""
    keys = {"digits": digits} if digits else {}
    (found,) = mark({"conv2.macs": answer}, **keys)
    assert (found.kind, found.points) == (kind, share)


def test_noughts_before_a_convention():
    """Defeats: a convention that comes to just these noughts, and takes points from an answer that is
    rounded as the question allows: 138,000,000 as a page prints it, without biases."""
    quiz = parse_quiz(
        'target = "vgg16"\n[marks]\nconvention = 0.5\n'
        '[[question]]\nid = "1"\nask = "total.params"\ndigits = 3\n'
    )
    for text in ("138M", "138000000", "138,000,000", "138000000.0"):
        (marked,) = Classroom(quiz).mark([Submission("a", "a", (SheetAnswer("1", text, "line 1"),))])
        assert (marked.verdicts["1"].kind, marked.points) == ("rounded", 1), text


def test_digits_at_least():
    """432 parameters: 0.4K has a digit, and `coarse` is its share where two are needed."""
    asks = {"conv1.params": "0.8K"}
    assert points(asks) == [Fraction(1, 2)]
    assert points(asks, "least_digits = 2") == [0]
    assert points(asks, "least_digits = 2\ncoarse = 0.25") == [Fraction(1, 4)]
    assert points(asks, least_digits="2") == [0]
    assert points({"conv1.params": "0.76K"}, "least_digits = 2") == [Fraction(1, 2)]


# ---------------------------------------------------------------------------------------------
# What a question says of itself


def test_a_question_has_its_own_batch_type_and_conventions():
    quiz = parse_quiz(
        f'''
target = "{CHAIN}"
batch = 2
[conventions]
bias = "no"
[[question]]
id = "Q1"
ask = "conv1.memory"
[[question]]
id = "Q2"
ask = "conv1.memory"
batch = 32
dtype = "fp16"
[[question]]
id = "Q3"
ask = "conv1.params"
[[question]]
id = "Q4"
ask = "conv1.params"
conventions = {{ bias = true, layout = "chw" }}
'''
    )
    values = [item.diagnosis.value for item in Classroom(quiz).items]
    assert values == [2 * 30720, 32 * 15360, 750, 760]
    again = Classroom(quiz.under({"bias": "yes"}))  # another convention for all questions
    assert [item.diagnosis.value for item in again.items][2:] == [760, 760]
    assert again.items[3].asked.conventions["layout"] == "chw"


def test_what_follows_follows_into_another_batch():
    """Defeats: questions of another batch that know nothing of the student's volumes."""
    asks = {"conv1.output": "28x20x10", "conv1.memory": str(4 * 28 * 20 * 10 * 8)}
    text = f'target = "{CHAIN}"\n[[question]]\nid = "Q1"\nask = "conv1.output"\n'
    text += '[[question]]\nid = "Q2"\nask = "conv1.memory"\nbatch = 8\n'
    entries = [SheetAnswer(f"Q{n}", answer, "") for n, answer in enumerate(asks.values(), 1)]
    (marked,) = Classroom(parse_quiz(text)).mark([Submission("ann", "", tuple(entries))])
    assert [verdict.kind for verdict in marked.verdicts.values()] == ["wrong", "follow-through"]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("batch = 0", "`batch` is a number of images"),
        ('dtype = "fp7"', "no dtype `fp7`"),
        ('unit = "furlong"', "`furlong` is no unit"),
        ('conventions = { bias = "maybe" }', "`bias` is not `maybe`"),
        ('conventions = "bias"', "`conventions` is a table"),
        ('conventions = { decimal = "comma" }', "of a student or of the whole quiz"),
        ("least_digits = 0", "`least_digits` is a number of significant digits"),
    ],
)
def test_faults_of_a_question_point_at_its_key(key: str, message: str):
    text = f'target = "{CHAIN}"\n[[question]]\nid = "Q1"\nask = "conv1.params"\n{key}\n'
    with pytest.raises(SpecError) as caught:
        parse_quiz(text)
    (found,) = caught.value.diagnostics
    assert message in found.message
    assert found.span is not None
    assert found.span.position[0] == 5


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("30", "right"),  # 30,720 bytes in KiB
        ("30 KiB", "right"),
        ("30720", "right"),
        ("30,720 bytes", "right"),
        ("7680", "convention"),  # values
        ("31", "wrong"),
    ],
)
def test_a_question_has_its_unit(answer: str, kind: str):
    """Defeats: a bare number that is always of bytes, and one that is never."""
    (found,) = mark({"conv1.memory": answer}, unit='"KiB"')
    assert found.kind == kind


def test_a_unit_in_the_words_of_a_question_makes_nothing_wrong():
    for answer in ("30", "30720", "30.72 kB"):
        (found,) = mark({"conv1.memory": answer}, text='"Memory of the output (in KiB)?"')
        assert (found.kind, found.points) in (("right", 1), ("rounded", Fraction(1, 2))), answer


def test_a_unit_that_was_left_out_is_asked_about():
    (found,) = mark({"conv1.memory": "30"})
    assert found.kind == "unreadable"
    assert found.remark == "is that 30 KiB? it has no unit"
    assert found.open == 1
    (found,) = mark({"conv1.memory": "30.72"}, unit='"KiB"')
    assert found.remark == "is that 30.72 kB? it has no unit"


def test_a_number_of_macs_in_millions():
    (found,) = mark({"conv1.macs": "0.576"}, unit='"million"')
    assert found.kind in ("right", "rounded")


# ---------------------------------------------------------------------------------------------
# Solutions and hints


def test_a_solution_keeps_to_the_conventions(tmp_path: Path):
    """Defeats: a solution with the biases that the course does not count."""
    quiz, sheet = tmp_path / "quiz.toml", tmp_path / "ann.txt"
    head = f'target = "{CHAIN}"\n[conventions]\nbias = "no"\n'
    quiz.write_text(f'{head}[[question]]\nid = "Q1"\nask = "conv1.params"\n')
    sheet.write_text("Q1: 7\n")
    out = call("check", str(quiz), str(sheet), "--solution").out
    assert "5·5·3·10 = 750" in out
    assert "760" not in out
    single = call("check", CHAIN, "conv1.params=7", "--convention", "bias=no", "--solution").out
    assert "750" in single
    assert "760" not in single


def test_a_report_says_what_single_questions_have_of_their_own(tmp_path: Path):
    quiz, sheet = tmp_path / "quiz.toml", tmp_path / "ann.txt"
    question = (
        '[[question]]\nid = "Q1"\nask = "conv1.memory"\nbatch = 8\nconventions = { megabyte = "binary" }\n'
    )
    quiz.write_text(f'target = "{CHAIN}"\n{question}')
    sheet.write_text("Q1: 760 or 750\n")
    out = " ".join(call("check", str(quiz), str(sheet)).out.split())
    assert "Q1: 1 MB is 2^20 bytes, batch 8" in out
    assert "0 points of 1, and 1 still open" in out
