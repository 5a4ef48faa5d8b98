"""Templates: values that are drawn, what is demanded of them, and options out of the catalogue.

The wrong ways to defeat: a draw that depends on the machine or on `random`; a value outside of its range; a
condition that is not asked; two variants of one key; a wrong option that is right, or that is
there twice.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from calling import call

from archcalc.diagnostics import SpecError
from archcalc.questions.drawing import SeededStream
from archcalc.questions.formulas import TemplateFormula, TemplateFormulaError
from archcalc.questions.posed import PosedQuiz
from archcalc.questions.templates import QuizTemplate
from archcalc.questions.variants import posed_variants

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "examples" / "quizzes" / "convolution.toml"


def posed(text: str, seed: int = 1, count: int = 1) -> PosedQuiz:
    """The variants of a template in a text."""
    return posed_variants(QuizTemplate.of(text, "quiz.toml"), seed, count)


def question(*lines: str, ask: str = "output") -> str:
    """A quiz of one question."""
    target = "{n}x{n}x4 -> conv {k}x{k} 8 stride={s}"
    return f'[[question]]\nid = "1"\nask = "{ask}"\ntarget = "{target}"\n' + "\n".join(lines)


VALUES = '[question.values]\nn = "8..20"\nk = [3, 5]\ns = [1, 2, 3]\n'


def targets(quiz: PosedQuiz) -> list[tuple[int, int, int]]:
    """Size, kernel and stride of the first question of each variant."""
    found = [re.findall(r"\d+", variant.questions[0].question.target) for variant in quiz.variants]
    return [(int(numbers[0]), int(numbers[3]), int(numbers[-1])) for numbers in found]


def test_a_draw_is_the_sha_of_its_seed() -> None:
    """The numbers, worked out beside the code. Defeats `random`, whose methods may change."""
    first = int.from_bytes(hashlib.sha256(b"7:0").digest()[:8], "big")
    assert SeededStream("7").number() == first
    assert [SeededStream("7").below(n) for n in (2, 3, 10)] == [first % n for n in (2, 3, 10)]
    assert sorted(SeededStream("x").shuffled(range(20))) == list(range(20))
    large = [SeededStream(f"large {seed}").below(10**240) for seed in range(20)]
    assert 10**238 < max(large) < 10**240  # a number of one word would never be found below such a bound


def test_draws_are_even() -> None:
    """Defeats a shuffle that leaves an item where it is, and numbers that favour small ones."""
    stream = SeededStream("even")
    counts = [0] * 6
    places = [0] * 4
    for _ in range(6000):
        counts[stream.below(6)] += 1
        places[stream.shuffled(range(4)).index(0)] += 1
    assert max(abs(count - 1000) for count in counts) < 150
    assert max(abs(count - 1500) for count in places) < 180


def test_values_come_from_their_ranges_and_meet_their_conditions() -> None:
    """Defeats a range without its end, and a condition that is not asked."""
    quiz = posed(question('where = ["n % s == 0", "k > s"]', VALUES), seed=3, count=300)
    found = set(targets(quiz))
    assert {n for n, _, _ in found} == set(range(8, 21))
    assert {k for _, k, _ in found} == {3, 5}
    assert all(n % s == 0 and k > s for n, k, s in found)
    allowed = {(n, k, s) for n in range(8, 21) for k in (3, 5) for s in (1, 2, 3) if n % s == 0 and k > s}
    assert found == allowed


def test_a_window_comes_out_even() -> None:
    """By the remainder of the division. Defeats `even` that looks at the size of the input."""
    assert all((n - k) % s == 0 for n, k, s in targets(posed(question("even = true", VALUES), 5, 100)))
    assert any((n - k) % s for n, k, s in targets(posed(question(VALUES), 5, 100)))


def test_misconceptions_can_be_told_apart() -> None:
    """With stride 1 a forgotten stride gives the right value. Defeats a demand that is not met."""
    line = 'distinguishable = ["stride-ignored", "one-forgotten"]'
    assert {s for _, _, s in targets(posed(question(line, VALUES), 2, 100))} == {2, 3}


def test_no_two_answers_are_equal() -> None:
    """Two questions with the same few values. Defeats `distinct` that compares texts or ids."""
    two = question(VALUES) + question(VALUES).replace('id = "1"', 'id = "2"')
    free = posed(two.replace("8..20", "8..10"), 1, 60)
    apart = posed("distinct = true\n" + two.replace("8..20", "8..10"), 1, 60)
    assert any(len({one.value for one in variant.questions}) == 1 for variant in free.variants)
    assert all(len({one.value for one in variant.questions}) == 2 for variant in apart.variants)


def test_questions_share_the_values_of_the_quiz() -> None:
    """Defeats questions about one layer that are about two."""
    text = "[values]\nn = [8, 9, 10]\nk = [3]\ns = [1, 2]\n" + question() + "\n" + question(ask="params")
    quiz = posed(text.replace('id = "1"\nask = "params"', 'id = "2"\nask = "params"'), 4, 20)
    for variant in quiz.variants:
        assert len({one.question.target for one in variant.questions}) == 1
    assert len(set(targets(quiz))) > 3


def test_a_variant_is_repeated_by_its_seed_and_no_other() -> None:
    """Defeats a generator that goes on where the variant before has ended."""
    text = TEMPLATE.read_text()
    many, few = posed(text, 7, 5), posed(text, 7, 2)
    for one, other in zip(many.variants, few.variants, strict=False):
        assert [q.text for q in one.questions] == [q.text for q in other.questions]
        assert [q.choices[:0] or [c.text for c in q.choices] for q in one.questions] == [
            [c.text for c in q.choices] for q in other.questions
        ]
    assert [q.text for q in posed(text, 8).variants[0].questions] != [
        q.text for q in many.variants[0].questions
    ]


def test_what_is_drawn_stays_as_it_is() -> None:
    """The very questions of a seed: another version of Python, or of archcalc, draws the same.
    Defeats a change of the draws that nobody notices, after which keys do not fit printed sheets."""
    (variant,) = posed(TEMPLATE.read_text(), 7).variants
    assert variant.seed == int.from_bytes(hashlib.sha256(b"variant 7 1:0").digest()[:8], "big") >> 16
    assert [one.question.target for one in variant.questions] == [
        "44x44x3 -> conv 5x5 8 stride=1 pad=2",
        "44x44x3 -> conv 5x5 8 stride=1 pad=2",
        "53x53x6 -> conv 5x5 6 stride=3",
        "44x44x3 -> conv 5x5 8 stride=2 -> maxpool 2x2 -> conv 3x3 16",
    ]
    assert [choice.text for choice in variant.questions[1].choices] == ["208", "600", "608", "128"]


def test_wrong_options_are_values_of_misconceptions() -> None:
    """Each wrong option goes through `check`, which gives it the reading that it carries; the right one is
    there once. Defeats distractors that are near, and of which nobody can say anything."""
    quiz = posed(TEMPLATE.read_text(), 11, 12)
    places = set()
    for variant in quiz.variants:
        one = variant.questions[1]
        texts = [choice.text for choice in one.choices]
        assert len(set(texts)) == 4
        places.add([choice.right for choice in one.choices].index(True))
        for choice in one.choices:
            found = call("check", one.question.target, f"params={choice.text}", "--format", "json").out
            assert ('"verdict": "right"' in found) == choice.right
            if choice.reading is not None:
                assert choice.reading.words in found
                assert choice.reading.explanation
    assert len(places) == 4


def test_options_are_never_right_by_a_convention() -> None:
    """The weights without biases are what some courses count: no wrong option. Defeats an option that a
    student may rightly defend."""
    text = question("choices = 6", VALUES, ask="macs")
    for variant in posed(text, 1, 20).variants:
        one = variant.questions[0]
        alternatives = {alternative.value for alternative in one.item.diagnosis.alternatives}
        assert not alternatives & {choice.reading.value for choice in one.choices if choice.reading}


FAULTS: dict[str, tuple[str, str]] = {
    "a name without values": (question("[question.values]\nn = [8]\nk = [3]\n"), "no value `s`"),
    "an unknown name in a condition": (question('where = ["m > 3"]', VALUES), "no value `m`"),
    "no condition": (question('where = ["n +"]', VALUES), "no condition"),
    "a condition that is a number": (question('where = ["n + 1"]', VALUES), "is no condition"),
    "a range upside down": (question(VALUES.replace("8..20", "20..8")), "no range"),
    "nothing meets it": (question('where = ["n > 99"]', VALUES), "`n > 99` does not hold"),
    "a window that is too large": (question(VALUES.replace("[3, 5]", "[99]")), "with n = "),
    "a circle": (question('[question.values]\nn = [8]\nk = "s"\ns = "k"\n'), "which has no value before it"),
    "division by zero": (question('where = ["n % 0 == 0"]', VALUES), "divides by 0"),
    "no whole number": (question(VALUES + "q = [1]\n").replace("{s}", "{n/7}"), "no whole number"),
    "an unknown misconception": (question('distinguishable = ["padd"]', VALUES), "no misconception `padd`"),
    "too many options": (question("choices = 26", VALUES), "wrong options"),
    "an unknown key": (question("whre = 3", VALUES), "there is no key `whre`"),
    "a quiz of nothing": ("title = 'x'\n", "it has no questions"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_a_template_has_a_message(name: str) -> None:
    """Defeats a traceback, and a draw that never ends."""
    text, message = FAULTS[name]
    with pytest.raises(SpecError) as caught:
        posed(text, 1, 3)
    (first, *_) = caught.value.diagnostics
    assert message in f"{first.message} {' '.join(first.help)}"
    assert first.span is not None
    assert first.span.source.name == "quiz.toml"


def test_check_refuses_a_template(tmp_path: Path) -> None:
    """Defeats a class that is marked by braces."""
    found = call("check", str(TEMPLATE), str(tmp_path))
    assert found.code == 2
    assert "is of a template" in found.err
    assert "archcalc quiz" in found.err


FORMULAS: dict[str, Any] = {
    "1 + 2 * 3": 7,
    "-(2 - 5) // 2": 1,
    "7 % 4 == 3 and not 2 > 3": True,
    "1 < n <= 4 or n = 9": True,
    "9 < n < 99": False,
    "n / 2": 2,
    "w == 'same'": True,
}


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas(text: str) -> None:
    assert TemplateFormula(text).value({"n": 4, "w": "same"}) == FORMULAS[text]


@pytest.mark.parametrize(
    "text", ["", "1 +", "(1", "1)", "1 2", "n.x", "__import__('os')", "n == 'a'", "9*" * 500 + "9", "(" * 99]
)
def test_what_is_no_formula(text: str) -> None:
    """Defeats text that Python would run, and one that takes it long."""
    with pytest.raises(TemplateFormulaError):
        TemplateFormula(text).value({"n": 4, "__import__": 1})


def test_the_question_that_stops_a_draw_is_named(tmp_path: Path) -> None:
    """Defeats a message about a condition of another question that fails in some draws, and is met in
    others."""
    path = tmp_path / "quiz.toml"
    path.write_text(
        """[values]
k = [3, 5]
[[question]]
id = "1"
target = "{m}x{m}x4 -> conv {f}x{f} 8"
ask = "size"
where = ["m > 9"]
[question.values]
m = [10, 6, 7, 8, 9]
f = [5]
[[question]]
id = "2"
target = "8x8x3 -> conv {k}x{k} 8 as a"
ask = "params"
""",
        encoding="utf-8",
    )
    found = call("quiz", str(path))
    assert found.code == 2
    assert "`m > 9`" not in found.err
    assert "`conv` takes no further value" in found.err
    assert ":11:1" in found.err
