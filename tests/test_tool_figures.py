"""What other tools print, in answers: right by a tool's rule, wrong by its fault, and a course's counter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calling import call

import archcalc
from archcalc.answers.conventions import CONVENTIONS, Conventions
from archcalc.answers.diagnosis import Diagnosis
from archcalc.answers.forms import forms_of
from archcalc.answers.judging import judge
from archcalc.answers.question import Question, Subject
from archcalc.answers.tool_figures import ToolFigures, tool_figures
from archcalc.answers.verdict import CONVENTION, RIGHT, WRONG, Verdict
from archcalc.answers.written import read
from archcalc.counters import count, profile, profiles


def verdict(target: str, ask: str, text: str, **chosen: str) -> Verdict:
    """The verdict on an answer."""
    asked = Question.read(Subject(archcalc.load(target).graph), ask, Conventions(chosen))
    return judge(Diagnosis(asked), read(text, asked.quantity))


@pytest.mark.parametrize(
    ("target", "ask", "text", "words"),
    [
        # fvcore 0.1.5 measured on torchvision's module: flops-counter.pytorch#76, fvcore#42.
        ("resnet50", "total.macs", "4.11G", "fvcore's count"),
        ("resnet50", "total.macs", "4111512576", "fvcore's count, norms and adaptive pooling with it"),
        ("resnet50", "total.flops", "4.11G", "fvcore's count, norms"),
        ("resnet50", "total.flops", "8223025152", "twice fvcore's count"),
        ("resnet50", "total.macs", "4089238376", "torchinfo's count"),
        ("resnet50", "total.macs", "4133742592", "thop's count"),
        # mmclassification's model zoo prints 4.12 GFLOPs: ptflops#94, OpCounter#17.
        ("resnet101", "total.flops", "7.85G", "mmcv's count"),
    ],
)
def test_what_a_tool_prints_by_its_rule_is_a_convention(target: str, ask: str, text: str, words: str) -> None:
    """Defeats: a figure that was looked up in a tool explained by a misconception that comes near it."""
    found = verdict(target, ask, text)
    assert found.kind == CONVENTION
    assert found.convention.startswith(words)
    assert found.convention_ids[0] == "counter"
    assert found.other is not None


@pytest.mark.parametrize(
    ("target", "ask", "text", "tool", "why"),
    [
        ("resnet50", "total.macs", "4132436968", "ptflops", "counted both"),
        ("vit_b_16", "total.macs", "0.173G", "torchinfo", "however many positions"),
        ("vit_b_16", "total.macs", "16.87G", "fvcore", "products of attention"),
        ("64x64x8 -> tconv 4x4 16 stride=2 pad=1", "macs", "33816576", "torchinfo", "transposed"),
    ],
)
def test_what_a_tool_prints_by_a_fault_stays_wrong(
    target: str, ask: str, text: str, tool: str, why: str
) -> None:
    """Its name and the reason stand in the reading. Defeats: every figure of a tool taken as a convention."""
    found = verdict(target, ask, text)
    assert found.kind == WRONG
    readings = {reading.ids: reading for reading in found.readings}
    assert tool in readings["tool-fault",].words
    assert why in readings["tool-fault",].reason


def test_two_digits_are_no_figure_of_a_tool() -> None:
    """Defeats: so many figures that one of them agrees with any answer of two digits."""
    found = verdict("vit_b_16", "total.macs", "0.17G")
    assert not [reading for reading in found.readings if reading.ids == ("tool-fault",)]


def test_a_simpler_explanation_goes_first() -> None:
    """A misconception that comes to just the figure, in which the tools are named that print it by a fault.
    Defeats: a student who took the output's positions for the input's, and is told of torchinfo alone or of
    three reasons for one."""
    found = verdict("64x64x8 -> tconv 4x4 16 stride=2 pad=1 bias=false", "macs", "33554432")
    assert found.kind == WRONG
    assert [one.ids for one in found.readings if "tool-fault" in one.ids] == []
    assert found.readings[0].ids == ("output-positions",)
    assert found.readings[0].explanation.endswith("print this figure too, by a fault.")
    assert "thop" in found.readings[0].explanation
    assert "torchinfo" in found.readings[0].explanation


@pytest.mark.parametrize(
    ("target", "text", "tool"),
    [("2x2x3 -> tconv 2x2 1 stride=2", "192", "thop"), ("20x64 -> linear 10", "650", "torchinfo")],
)
def test_a_short_figure_is_no_tools_where_a_misconception_comes_to_it(
    target: str, text: str, tool: str
) -> None:
    """Defeats: a tool named beside a misconception for three digits, which one of twenty tools always has."""
    found = verdict(target, "macs", text)
    assert found.readings
    assert tool not in " ".join([f"{one.words} {one.explanation}" for one in found.readings])


@pytest.mark.parametrize("of", ["meant", "printed"])
def test_figures_are_found_by_their_values(of: str) -> None:
    """As by asking each of them. Defeats: a search in sorted values that loses the first or the last of
    those with which a rounded answer agrees."""
    diagnosis = Diagnosis(
        Question.read(Subject(archcalc.load("resnet50").graph), "total.flops", Conventions())
    )
    every = tool_figures(diagnosis.asked)
    for figure in every:
        for text in (str(figure.printed), f"{figure.printed / 10**9:.2f}G", str(figure.printed + 1)):
            forms = list(forms_of(diagnosis.asked, read(text, "flops"), diagnosis.value))
            agreeing = [one for one in every for form in forms if form.agrees(getattr(one, of))]
            found = ToolFigures(every).near(forms, of)
            assert sorted(map(id, found)) == sorted(map(id, agreeing)), text
            assert [bool(one.faults) for one in found] == sorted([bool(one.faults) for one in found])


def test_a_misconception_goes_before_a_tool_in_a_network_of_a_task() -> None:
    """Three digits of a chain that a misconception comes to are that. Defeats: credit for a wrong answer that
    some tool comes near."""
    chain = "8x8x3 -> conv 3x3 8 pad=1 bias=false -> bn -> conv 3x3 8 pad=1 bias=false"
    right, positions = 50_688, 1_024
    assert verdict(chain, "total.macs", str(right)).kind == RIGHT
    for text in (str(right + positions), "51.7K"):
        found = verdict(chain, "total.macs", text)
        assert (found.kind, found.readings[0].ids) == (WRONG, ("bias-added",)), text


@pytest.mark.parametrize("name", profiles())
@pytest.mark.parametrize("quantity", ["macs", "flops"])
def test_a_course_may_choose_a_counter(name: str, quantity: str) -> None:
    """Its figure is the key, with the tool's faults; archcalc's own is right by another convention.
    Defeats: a choice that changes the words of the report alone."""
    target = "vit_b_16"
    printed = count(profile(name), archcalc.load(target)).figure
    ours = 17_563_828_224 * (1 if quantity == "macs" else 2)
    found = verdict(target, f"total.{quantity}", str(printed), counter=name)
    if profile(name).unit == "FLOPs" and quantity == "macs":
        assert found.value == ours
        return
    if profile(name).unit == "MACs" and quantity == "flops" and "flops" not in profile(name).prints.lower():
        found = verdict(target, "total.flops", str(2 * printed), counter=name)
    assert found.kind == RIGHT
    assert found.working is not None
    assert found.working.value == found.value == found.working.lines[0].made.value
    if found.value != ours:
        other = verdict(target, f"total.{quantity}", str(ours), counter=name)
        assert (other.kind, other.convention_ids) == (CONVENTION, ("counter",))


def test_the_counter_goes_on_the_command_line_and_in_a_quiz(tmp_path: Path) -> None:
    """Defeats: a convention that only one of the two knows."""
    answer = ["check", "resnet50", "total.macs=4111412224"]
    assert "right by another convention" in " ".join(call(*answer).out.split())
    chosen = call(*answer, "--convention", "counter=fvcore")
    assert (chosen.code, "another convention" in chosen.out) == (0, False)
    assert "counted as by fvcore" in " ".join(chosen.out.split())
    quiz = tmp_path / "quiz.toml"
    quiz.write_text(
        'title = "t"\ntarget = "resnet50"\n[conventions]\ncounter = "fvcore"\n'
        '[[question]]\nid = "1"\nask = "total.macs"\n'
    )
    sheet = tmp_path / "ann.txt"
    sheet.write_text("1: 4111412224\n")
    marked = json.loads(call("check", str(quiz), str(sheet), "--format", "json").out)
    assert marked["conventions"]["counter"] == "fvcore"
    assert marked["sheets"][0]["answers"][0]["verdict"] == "right"


def test_a_counter_that_there_is_not_is_refused() -> None:
    """Defeats: a misspelt name that counts as archcalc does."""
    refused = call("check", "resnet50", "total.macs=1", "--convention", "counter=fvcor")
    assert refused.code == 2
    assert "`counter` is not `fvcor`" in refused.err


def test_the_usual_counter_goes_without_saying() -> None:
    """Defeats: a line more in every report."""
    assert "counter" in Conventions()
    assert not [words for words in Conventions().words if "counted as" in words]
    assert list(CONVENTIONS["counter"].choices) == ["archcalc", *profiles()]


def test_profiles_are_read_only_where_a_figure_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither for a right answer, nor by another convention, nor for parameters. Defeats: a class of a
    thousand sheets that waits for them."""
    monkeypatch.setattr("archcalc.counters.profile", lambda name: pytest.fail(f"{name} was read"))
    for name, macs in (("vgg16", 15_470_264_320), ("resnet50", 4_089_184_256)):
        assert verdict(name, "total.macs", str(macs)).kind == RIGHT
        assert verdict(name, "total.macs", str(2 * macs)).kind == CONVENTION
        assert verdict(name, "total.params", "130000000").kind == WRONG
