"""What screens say around their figures: whose MACs these are, which parameters are shared, what
more there is, and help texts."""

from __future__ import annotations

import re

import pytest
from calling import call

from archcalc.cli import COMMANDS, cli
from archcalc.language.library import Library

pytestmark = pytest.mark.usefixtures("zoo_kept")

SHARED = """\
block tower c
  conv 3x3 c
  relu
  conv 3x3 c

net shared
  input 32x32x3
  a: conv 3x3 3 pad=1
  b: conv 3x3 3 pad=1 like=a
  t: tower 8
  u: @b -> tower 8 like=t
  add @t @u
"""


def flat(text: str) -> str:
    return " ".join(text.split())


# Sharing ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "how",
    [
        ["summary"],
        ["summary", "--width", "80"],
        ["summary", "--format", "markdown"],
        ["draw"],
        ["draw", "--format", "mermaid"],
        ["rf"],
    ],
)
def test_shared_parameters_are_seen(how: list[str]) -> None:
    """Defeats a row of 0 parameters without a word why."""
    command, *options = how
    text = flat(call(command, "-", *options, stdin=SHARED).out)
    assert "like=a" in text
    assert "like=t" in text
    if command == "summary":
        assert "like=: the parameters of that layer, counted there" in text
        assert "892" in text, "3*3*3*3 + 3 + 3*3*3*8 + 8 + 3*3*8*8 + 8, once"
    plain = call(command, "16x16x3 -> conv 3x3 4", *options).out
    assert "like" not in plain


@pytest.mark.parametrize("form", ["csv", "plain"])
def test_who_holds_the_parameters_is_a_column(form: str) -> None:
    lines = call("summary", "-", "--format", form, stdin=SHARED).out.splitlines()
    rows = [re.split(r"[\t]", line) if form == "plain" else line.split(",") for line in lines]
    assert rows[0][-1] == "like" or "like" in rows[0]
    at = len(rows[0]) - rows[0].index("like")
    held = {row[0]: row[-at] for row in rows[1:]}
    assert held == {
        "input": "",
        "a": "",
        "b": "a",
        "t.conv1": "",
        "t.relu": "",
        "t.conv2": "",
        "u.conv1": "t.conv1",
        "u.relu": "",
        "u.conv2": "t.conv2",
        "add1": "",
    }


# Whose MACs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "whose"),
    [
        ("vgg16", "MACs of conv and fc, no bias"),
        ("vit_b_16", "MACs of conv, fc and attention with its products, no bias"),
        ("20x512 -> lstm 8", "MACs of conv, fc and recurrent layers, no bias"),
        (
            "20x512 -> attention 8 -> gru 8",
            "MACs of conv, fc, attention with its products and recurrent layers, no bias",
        ),
    ],
)
def test_footers_say_what_is_in_the_figure(target: str, whose: str) -> None:
    """Defeats a footer of convolutions under a figure of attention's products."""
    for command in (
        ["summary", target],
        ["summary", target, "--chart"],
        ["compare", target, target],
        ["summary", target, "--format", "markdown"],
    ):
        assert f"{whose} " in flat(call(*command).out) + " "
    assert f"{whose}, for a batch of 8" in flat(call("summary", target, "--batch", "8").out)


@pytest.mark.slow
def test_the_list_says_it_of_what_it_lists() -> None:
    assert "attention with its products, no bias" in flat(call("list").out)
    assert "MACs of conv and fc, no bias" in flat(call("list", "vgg").out)


# More -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_there_is_no_more_under_nothing() -> None:
    """Defeats ``published  1 more with -v`` where nothing stands above it."""
    for name in Library().zoo:
        foot = call("summary", name, "--depth", "1").out.partition("\npublished")[2]
        if foot:
            assert not re.match(r"\s+\d+ more", foot), name


def test_one_layer_is_no_layers() -> None:
    text = call("explain", "16x16x3 -> conv 3x3 4", "total").out
    assert "sums over 1 layer " in text.replace("  ", " ") + " "
    assert "1 layers" not in text


def test_a_table_has_the_letters_of_its_formula() -> None:
    """Defeats F in the formula and k in the table below it."""
    text = call("explain", "32x32x3 -> conv 3x3 4 dilation=2 -> conv 3x3 4 stride=2", "conv2", "rf").out
    assert "r + (F − 1)" in text
    assert not re.search(r"\bk\b", text)
    assert "F kernel" in text
    assert "S stride" in text


# Help -------------------------------------------------------------------------------------------


def test_help_is_whole() -> None:
    """Defeats descriptions that end in three dots."""
    text = call("-h").out
    assert "..." not in text.partition("Commands:")[2]
    shown = flat(text)
    for name in COMMANDS:
        command = cli.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        assert flat((command.help or "").partition("\n\n")[0]).rstrip(".") in shown
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet", "ResNet", "resnet50", "vgg1"])
def test_list_takes_a_name(name: str) -> None:
    """Defeats a refusal of ``archcalc list resnet``."""
    answer = call("list", name)
    assert answer.code == 0
    names = [line.split()[0] for line in answer.out.splitlines() if line.startswith("  ")]
    assert names
    if name.lower() == "resnet":
        assert answer.out == call("list", "--family", "resnet").out
    else:
        assert all(name in found for found in names)
    assert "did you mean" in call("list", "resnett").err


@pytest.mark.parametrize("command", ["show", "summary", "explain", "draw"])
def test_a_layer_that_is_taken_for_a_network(command: str) -> None:
    """Defeats `show conv` without a word of `ops`."""
    answer = call(command, "conv")
    assert answer.code == 2
    assert "archcalc ops conv" in answer.err
