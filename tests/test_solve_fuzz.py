"""Whatever is asked of `solve` ends in an answer or in one message, and soon."""

from __future__ import annotations

import time

import pytest
from calling import call
from hypothesis import given, settings
from hypothesis import strategies as st

LAYERS = [
    *(
        "conv 3x3 ?",
        "conv ? ? stride=? pad=?",
        "conv 3x3 8 groups=?",
        "maxpool ?",
        "fc ?",
        "? x (conv 3x3 4 pad=1)",
    ),
    *(
        "[6x6x8]",
        "[6x6]",
        "relu",
        "flatten",
        "bn",
        "dwconv ?",
        "tconv ? 4 stride=?",
        "lstm ?",
        "gap",
        "upsample ?",
    ),
    *("conv {2*?} 3", "dropout ?", "conv 99999x3 ?", "reshape ?", "softmax", "pad ?", "conv ?x? 3"),
]
HEADS = ["8x8x3", "?x?x3", "32x32x4", "?x8x3", "1x1x1", "20x4", "7", "?", "0x0x3", "99999999x99999999x3"]
WHERE = [
    *(
        "params <= 1K",
        "rf >= 7",
        "output = 6x6x8",
        "size(conv1) = 6",
        "params / 0 < 3",
        "conv1.params < 99",
        "stride = 2",
    ),
    *(
        "macs > 1e30",
        "not (params < 5 or macs > 3)",
        "filters > 3",
        "pad < 3",
        "-params < 2",
        "output < 3",
        "params <",
    ),
    *("peak + params * macs <= 1e25", "counter < 3", "size = 4", "output(nix) = 3x3x3", "params"),
]
SETS = [
    "filters=1..9:2",
    "conv1.filters={3, 5}",
    "pad={same, 1, 2x2}",
    "input=?",
    "input=1..40",
    "x=?",
    "filters=9..1",
    "units=?",
]
BEST = ["params", "filters", "rf", "input", "output", "nothing", "stride", "macs", "pad"]


@st.composite
def calls(draw: st.DrawFn) -> list[str]:
    layers = draw(st.lists(st.sampled_from(LAYERS), min_size=1, max_size=4))
    words = [" -> ".join([draw(st.sampled_from(HEADS)), *layers])]
    if draw(st.booleans()):
        words += ["--where", draw(st.sampled_from(WHERE))]
    for setting in draw(st.lists(st.sampled_from(SETS), max_size=2)):
        words += ["--set", setting]
    if draw(st.booleans()):
        words += [draw(st.sampled_from(["--maximize", "--minimize"])), draw(st.sampled_from(BEST))]
    if draw(st.booleans()):
        words += ["--up-to", draw(st.sampled_from(["1", "7", "3000", "1000000"]))]
    words += draw(
        st.sampled_from([[], ["--even"], ["--counter", "fvcore"], ["--dtype", "int8", "--batch", "7"]])
    )
    form = draw(st.sampled_from(["table", "json", "csv", "markdown"]))
    return [*words, "--limit", "600", "--format", form]


def check(words: list[str]) -> None:
    start = time.process_time()
    answer = call("solve", *words)
    assert answer.code in (0, 1, 2)
    assert bool(answer.out) is (answer.code < 2)
    assert time.process_time() - start < 30


@settings(max_examples=40, deadline=None)
@given(calls())
def test_some_calls(words: list[str]) -> None:
    check(words)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(calls())
def test_many_calls(words: list[str]) -> None:
    check(words)
