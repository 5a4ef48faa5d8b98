"""Answers about huge networks are marked in the order of the time that a summary takes, and of its
memory.

The wrong ways to defeat: each of the catalogue's changes made of each of 50,000 layers that are
alike; a layer of nearly the same name looked for at each of 20,000 unknown rows; a field without a
rule that is taken for one with.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from calling import call

from archcalc.answers.methods.sums import Sum
from archcalc.loading import LoadedNetwork
from archcalc.periodic import LONGEST


def seconds(*words: str) -> float:
    start = time.process_time()
    assert call(*words).code in (0, 1)
    return time.process_time() - start


LAYERS = 10_000
CHAIN = f"8x8x3 -> {LAYERS} x conv 1x1 3"


@pytest.mark.parametrize(
    "answer",
    [
        "total.params=5",
        "total.macs=5",
        "total.flops=5",
        "total.memory=5",
        "total.neurons=5",
        "total.peak=5",
        "rf=7",
        "output=3x3x3",
        "conv9.params=7",
    ],
)
@pytest.mark.slow
def test_a_long_chain(answer: str) -> None:
    usual = min(seconds("summary", CHAIN, "--format", "csv") for _ in range(2))
    assert seconds("check", CHAIN, answer) < 3 + 6 * usual


def test_a_wide_concat(tmp_path: Path) -> None:
    path = tmp_path / "wide.arch"
    path.write_text("input 8x8x3\nconcat\n" + "  | conv 1x1 1\n" * 3000)
    usual = seconds("summary", str(path), "--format", "csv")
    assert seconds("check", str(path), "total.params=5", "total.macs=7") < 3 + 6 * usual


@pytest.mark.slow
def test_unknown_rows(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = "".join([f"poool{i},5\n" for i in range(20_000)])
    path.write_text(f"layer,params\nconv1_1,1792\n{rows}")
    assert seconds("check", "vgg16", str(path)) < 8
    assert "`poool1` is no layer of the network: is it pool1?" in call("check", "vgg16", str(path)).out


def test_layers_that_are_alike_are_counted_by_one_method() -> None:
    """And it is the same sum, layer by layer."""
    from archcalc.answers.conventions import Conventions
    from archcalc.answers.diagnosis import Diagnosis
    from archcalc.answers.question import Question, Subject

    graph = LoadedNetwork.of("8x8x3 -> conv 3x3 8 -> 4 x (conv 1x1 8 -> relu) -> flatten -> fc 10").graph
    subject = Subject(graph)
    for quantity in ("params", "macs", "memory"):
        diagnosis = Diagnosis(Question.read(subject, f"total.{quantity}", Conventions()))
        method = diagnosis._made((), diagnosis.rules)
        assert isinstance(method, Sum)
        assert len(method.groups) < len(method.parts)
        assert sum(number for _, number in method.groups) == len(method.parts)
        assert method.value == sum(part.method.value or 0 for part in method.parts)
        changed = method.each(lambda count: count.multiplied(2))
        assert changed is not None
        assert changed.value == 2 * method.value
        assert [part.name for part in changed.parts] == [part.name for part in method.parts]
        assert [part.method.value for part in changed.parts] == [
            2 * (part.method.value or 0) for part in method.parts
        ]
        one = changed.but(parts=changed.parts[:1])
        assert one.value == changed.parts[0].method.value
        assert one.groups == [(changed.parts[0].method, 1)]


@pytest.mark.parametrize("answer", ["rf=3", "rf=14", "output=7x4", "macs=5", "params=0", "rf=2"])
@pytest.mark.parametrize("size", [99_999, 999_999])
def test_a_window_of_which_no_period_is_short(size: int, answer: str) -> None:
    """Defeats: an assertion where windows repeat after very many units. Of a hundred thousand the
    field is known; of a million there is a message."""
    found = call("check", f"14x4 -> adaptive_avgpool {size}", answer)
    if size > LONGEST and answer.startswith("rf"):
        assert found.code == 2
        assert "no rule" in found.err
        assert not found.out
    else:
        assert found.code == (answer not in ("params=0", "rf=2"))


@pytest.mark.slow
def test_a_long_table(tmp_path: Path) -> None:
    """Defeats: all other rows looked through for each row, and all layers for each name."""
    path = tmp_path / "table.csv"
    rows = "".join([f"conv{i},8x8x3,12\n" for i in range(1, 2001)])
    path.write_text(f"layer,output,params\n{rows}total,,24001\n")
    chain = "8x8x3 -> 2000 x conv 1x1 3"
    assert seconds("check", chain, str(path)) < 6
    assert "4000 right, 1 wrong" in call("check", chain, str(path)).out


def test_what_wrong_rows_start_from_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: all earlier rows gone through, and all shapes computed, for every wrong row. Steps
    are counted, and not seconds: from layer to layer there is one."""
    from archcalc.answers.conventions import Conventions
    from archcalc.answers.following import Earlier
    from archcalc.answers.methods import AssumedShapes
    from archcalc.answers.question import Question, Subject
    from archcalc.answers.quiz_item import QuizItem
    from archcalc.answers.verdict import WRONG, Verdict
    from archcalc.answers.written import read

    steps = {"shapes": 0, "answers": 0}
    output, of = AssumedShapes._output, Earlier._of

    def counted_output(self: AssumedShapes, *words: object) -> object:
        steps["shapes"] += 1
        return output(self, *words)  # type: ignore[arg-type]

    def counted_of(self: Earlier, *words: object) -> object:
        steps["answers"] += 1
        return of(self, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(AssumedShapes, "_output", counted_output)
    monkeypatch.setattr(Earlier, "_of", counted_of)
    number = 600
    subject = Subject(LoadedNetwork.of(f"8x8x3 -> {number} x conv 1x1 3").graph)
    asks = [f"conv{at}.{word}" for at in range(1, number + 1) for word in ("output", "params")]
    items = [QuizItem(ask, Question.read(subject, ask, Conventions())) for ask in asks]
    answers = {item.id: read("9x8x3", "output") for item in items if "output" in item.id}
    found: dict[str, Verdict] = {}
    earlier = Earlier(subject.graph, items, found, answers)
    for item in items:
        found[item.id] = Verdict(WRONG, item.diagnosis, answers.get(item.id, read("9", "params")))
        layer = item.asked.layer
        assert layer is not None
        if layer.index:
            assert earlier.believed(item.asked) is not None
            assert earlier.before(layer, "output", "params" in item.id).first == "conv1.output"
    assert steps["shapes"] <= number
    assert steps["answers"] <= 4 * number
