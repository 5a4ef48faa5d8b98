"""Every command, every format and every way to check, on every op, alone, behind an enlargement and
before a window: each call ends in an answer or in a message of its own.

``call`` raises where archcalc itself breaks. Defeats: a screen that knows whole numbers alone, and
strides behind an enlargement are fractions; an op that one screen has forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from calling import Answer, call

from archcalc import load
from archcalc.analysis.derivation import QUANTITIES
from archcalc.ops import registry
from archcalc.report.formats import names as formats

OPS = sorted(registry())
FORMATS = formats()
ASKED = ("output", "size", "params", "weights", "biases", "neurons", "macs", "flops", "memory", "rf")
ANSWERS = ("2", "7x7x3")
CHECKED: tuple[tuple[str, ...], ...] = (
    ("--solution", "-v"),
    ("--hint",),
    ("--format", "json"),
    ("--format", "csv"),
    ("--format", "plain"),
)
# What stands in front: it may halve the input that is given, so that the op gets what it had.
ENLARGED = ("upsample 2", "upsample 2 mode=bilinear", "tconv {k} {c} stride=2")


def chains(op: str) -> Iterator[str]:
    """Texts with the op in it."""
    example = registry()[op].example
    assert example
    yield example
    head, _, rest = example.partition(" -> ")
    sizes = [int(size) for size in head.split("x")]
    if len(sizes) == 1:
        for front in ENLARGED:
            yield network(f"2x2x{head}", front.format(k="2x2", c=sizes[0]), f"gap -> {rest}")
        return
    window = "x".join(["2"] * (len(sizes) - 1))
    if all(size % 2 == 0 for size in sizes[:-1]):
        sizes[:-1] = [size // 2 for size in sizes[:-1]]
    small = "x".join(map(str, sizes))
    for front in ENLARGED:
        made = front.format(k=window, c=sizes[-1])
        yield network(small, made, rest.replace("@input", "@up"))


def network(size: str, front: str, rest: str) -> str:
    """A spec whose first layer is called ``up``."""
    lines = [f"input {size}", f"up: {front}", *rest.split("\n")]
    return "net n\n" + "".join([f"  {line}\n" for line in lines])


def with_window(text: str) -> str | None:
    """The text with a convolution behind it, where there is something for its window."""
    output = load("-", stdin=text).graph.output.output
    if not output.spatial or min(output.spatial) < 3:
        return None
    conv = f"conv {'x'.join(['3'] * len(output.spatial))} 4"
    if text.startswith("net "):
        return f"{text}  {conv}\n"
    return f"{text}\n{conv}" if "\n" in text else f"{text} -> {conv}"


def texts(op: str) -> list[str]:
    """All of an op's texts, as a chain where they are one line."""
    found = []
    for text in chains(op):
        found.append(text)
        longer = with_window(text)
        if longer is not None:
            found.append(longer)
    return found


def given(text: str) -> tuple[str, str]:
    """The target and standard input that mean a text."""
    return ("-", text) if "\n" in text else (text, "")


def fine(*words: str, stdin: str, codes: tuple[int, ...] = (0,)) -> Answer:
    found = call(*words, stdin=stdin)
    assert found.code in codes, (words, stdin, found.err)
    assert bool(found.out) == (found.code != 2)
    assert found.code != 2 or found.err.strip()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("op", OPS)
def test_behind_an_enlargement(op: str) -> None:
    """The calls that know most of fractions, on every op."""
    for text in texts(op):
        target, stdin = given(text)
        for form in ("table", "markdown", "latex"):
            fine("explain", target, "rf", "--format", form, stdin=stdin)
        fine("explain", target, stdin=stdin)
        fine("rf", target, stdin=stdin)
        fine("check", target, "rf=3", "--solution", stdin=stdin, codes=(0, 1, 2))


def exports(target: str, stdin: str) -> bool:
    """Whether a module can be written of a network."""
    return call("export", target, stdin=stdin).code == 0


@pytest.mark.slow
@pytest.mark.parametrize("op", OPS)
def test_every_answer(op: str) -> None:
    """Every command in every format on the op's example. Its other texts take one format for each
    command and one way for each question, the next text the next one: what a format writes and what
    an op has behind an enlargement meet in every pair."""
    for number, text in enumerate(texts(op), OPS.index(op)):
        target, stdin = given(text)
        output = load("-", stdin=text).graph.output
        position = ",".join("0" for _ in output.output.spatial) or "0"
        commands = [
            ["summary", target],
            ["summary", target, "-v"],
            ["summary", target, "--like", "keras"],
            # Of a layer without a counterpart in PyTorch there is no module.
            *([["summary", target, "--like", "torchinfo"]] if exports(target, stdin) else ()),
            ["rf", target],
            ["rf", target, "--all"],
            ["explain", target],
            ["explain", target, "total"],
            ["compare", target, "lenet5"],
            *(["explain", target, quantity] for quantity in QUANTITIES),
        ]
        # A chain is read channels first then, which may not fit; and not every layer has such a unit.
        refused = [["summary", target, "--layout", "chw"], ["rf", target, output.name, "--at", position]]
        is_example = text == registry()[op].example
        for turn, words in enumerate([*commands, *refused], number):
            for form in FORMATS if is_example else [FORMATS[turn % len(FORMATS)]]:
                fine(*words, "--format", form, stdin=stdin, codes=(0, 2) if words in refused else (0,))
        for form in ("table", "plain", "json"):
            fine("show", target, "--format", form, stdin=stdin)
        for form in ("dot", "mermaid"):
            fine("draw", target, "--format", form, stdin=stdin)
        fine("export", target, stdin=stdin, codes=(0, 2))
        fine("summary", target, "--chart", stdin=stdin)
        fine("summary", target, "--optimizer", "adam", "--mixed", "--fits", "1GiB", stdin=stdin, codes=(0, 2))
        # Each quantity in every way, by the last of the texts, the two answers in turn.
        for turn, quantity in enumerate(ASKED, number):
            asked = [(ANSWERS[number % 2], turn)]
            if is_example:
                asked.append((ANSWERS[(number + 1) % 2], turn - 1))
            for answer, way in asked:
                words = [f"{quantity}={answer}", *CHECKED[way % len(CHECKED)]]
                fine("check", target, *words, stdin=stdin, codes=(0, 1, 2))


@pytest.mark.parametrize(
    "text",
    [
        "999999999999x999999999999x3 -> conv 3x3 4 -> relu -> maxpool 2x2 -> gap -> fc 10",
        "1x1x1 -> conv 1x1 1",
        "1 -> fc 1",
        "8x8x3 -> identity",
        "3 -> 0 x relu -> relu",
        "8x8x3 -> conv 1x1 999999999999 -> conv 1x1 999999999999 -> upsample 1000000",
        "1000000x1 -> conv 1000000 1 -> upsample 7 -> conv 3 1 dilation=2",
    ],
)
def test_at_the_ends(text: str) -> None:
    """Numbers as large as they may be, and as small."""
    for form in FORMATS:
        for command in ("summary", "rf", "explain", "compare"):
            other = ["lenet5"] if command == "compare" else []
            fine(command, text, *other, "--format", form, stdin="", codes=(0, 2))
    for words in (
        ["summary", text, "--chart"],
        ["summary", text, "--like", "keras"],
        ["summary", text, "--like", "torchinfo"],
        ["show", text],
        ["draw", text],
        ["summary", text, "--batch", str(10**12), "--optimizer", "adam"],
        ["export", text],
    ):
        fine(*words, stdin="", codes=(0, 2))
    for quantity in ASKED:
        fine("check", text, f"{quantity}=3", "--solution", stdin="", codes=(0, 1, 2))
