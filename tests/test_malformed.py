"""What is wrong with a spec, and what is said of it; and that reading one always ends soon."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from malformed import diagnose, outcome, rows

from archcalc import SpecError, load
from archcalc.diagnostics import MOST_ERRORS

ROWS = list(rows())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("snippet", "expected"), [row[1:] for row in ROWS], ids=[f"line {row[0]}" for row in ROWS]
)
def test_row(snippet: str, expected: list[str]) -> None:
    assert outcome(snippet) == expected


def test_the_table_is_long_and_has_no_row_twice() -> None:
    assert len(ROWS) >= 250
    assert len({row[1] for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("line", "snippet"), [row[:2] for row in ROWS], ids=str)
def test_manners(line: int, snippet: str) -> None:
    """Lower case, no full stop, a span that is not a whole file, nothing a terminal would obey."""
    for diagnostic in diagnose(snippet):
        message = diagnostic.message
        assert message[0].islower() or message[0] in "`\"'0123456789", message
        assert not message.endswith((".", "!")), message
        assert "\n" not in message
        assert diagnostic.span is not None
        assert "\n" not in diagnostic.span.text, "the smallest stretch is on one line"
        assert all(text.isprintable() for text in (message, *diagnostic.notes, *diagnostic.help))


def errors(text: str, **options: int) -> list[str]:
    with pytest.raises(SpecError) as caught:
        load("-", stdin=text, **options)
    return [f"{d.code} {d.message}" for d in caught.value.diagnostics if d.severity == "error"]


# The three typical mistakes, in one run and with all that helps --------------------------------


def test_typical_mistakes() -> None:
    text = (
        "block unit c stride=1\n"
        "  add\n"
        "    | conv 3x3 c stride=stride pad=1 -> bn\n"
        "    | identity\n"
        "\n"
        "net mine\n"
        "  input 56x56x64\n"
        "  covn 3x3 64 pad=1\n"
        "  unit 128 stride=2\n"
        "  gap -> fcc 10\n"
        "  @input -> conv 3x3 16 stride=2 round=exact\n"
    )
    with pytest.raises(SpecError) as caught:
        load("-", stdin=text)
    found = [d for d in caught.value.diagnostics if d.severity == "error"]
    name, shape, second, fit = found
    assert (name.span.text, name.help) == ("covn", ("did you mean `conv`?",))
    assert second.span.text == "fcc"
    assert shape.span.text == "conv 3x3 c stride=stride pad=1 -> bn"
    assert shape.label == "28x28x128"
    assert [(span.text, label) for span, label in shape.others] == [("identity", "56x56x64")]
    assert shape.notes == ("while expanding `unit` (c=128, stride=2), called at <stdin>:9:3",)
    assert shape.help == ("`shortcut` projects where the shapes differ",)
    assert fit.span.text == "stride=2"
    assert fit.label == "on 56x56x64"
    assert fit.notes == ("row 55 and column 55 are never read",)


def test_a_fault_in_a_repeat_is_told_once() -> None:
    assert errors("net n\n  input 8x8x4\n  a: 9 x conv 11x11 4\n  @a_7 -> relu\n") == [
        "shape the window 11x11 is larger than the input 8x8"
    ]


def test_what_follows_a_fault_is_not_blamed() -> None:
    text = (
        "block b c\n  y: conv 9x9 c\n  add @y @input\n"
        "net n\n  input 8x8x4\n  a: b 3\n  conv 1x1 (a.c)\n  add @a.y @conv1\n  relu if a.c > 3\n"
    )
    assert errors(text) == ["shape the window 9x9 is larger than the input 8x8"]


def test_no_more_than_fit_on_a_screen() -> None:
    text = "net n\n  input 8x8x4\n" + "".join(f"  nothing{i}xyz\n" for i in range(99))
    assert len(errors(text)) == MOST_ERRORS


def test_a_guess_explains_nothing_further() -> None:
    """A misspelt layer is read as its neighbour; that this wants other arguments is no fault."""
    assert errors("net n\n  input 8x8x4\n  flaten 3x3 yes\n") == ["name no layer or block is called `flaten`"]


def test_a_guess_is_not_remembered() -> None:
    """A misspelt layer is read as its neighbour for one run; the next one reports it again."""
    from archcalc.language.library import Library

    library = Library()
    for _ in range(2):
        with pytest.raises(SpecError):
            load("-", stdin="net n\n  input 8x8x4\n  rleu\n", library=library)


def test_faults_of_a_used_file_are_shown_there(tmp_path: Path) -> None:
    (tmp_path / "part.arch").write_text("net part\n  input 8x8x4\n  conv 3x3 4 $\n  rleu\n")
    (tmp_path / "my.arch").write_text("net my\n  input 8x8x4\n  use part\n  covn 3\n")
    with pytest.raises(SpecError) as caught:
        load(str(tmp_path / "my.arch"))
    files = [Path(str(d.span).split(":")[0]).name for d in caught.value.diagnostics]
    assert files == ["part.arch", "part.arch", "my.arch"]


def test_calls_from_outside(tmp_path: Path) -> None:
    path = tmp_path / "n.arch"
    one = "net a k=1\n  input 8x8x4\n  conv 1x1 k\n"
    for text, target, options, shown in (
        (one, "", {"classes": 3}, "a has no parameter `classes`"),
        (one, "", {"k": "(3"}, "expected|no value"),
        (one, "", {"k": "3 4"}, "expected the end of the line"),
        (one, "", {"k": ""}, "is no value for `k`"),
        (one, ":b", {}, "has no network `b`"),
        (one + one.replace("net a", "net b"), "", {}, "holds 2 networks"),
        ("block a\n  relu\n", "", {}, "defines blocks but no network"),
    ):
        path.write_text(text)
        with pytest.raises(SpecError, match=shown):
            load(str(path) + target, **options)
    with pytest.raises(SpecError, match="nothing is written here"):
        load("# ->")
    with pytest.raises(SpecError, match="begins with the input's size"):
        load("relu -> relu")
    with pytest.raises(SpecError, match="longer than 1,048,576 characters"):
        load("-", stdin=one + "#" * 2**20)


# Text as it comes ------------------------------------------------------------------------------

PLAIN = 'net n "a title"\n  input 8x8x4\n  a: conv 3x3 4\n    -> relu\n  fc 3\n'


@pytest.mark.parametrize(
    "text",
    [
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        "\ufeff" + PLAIN,
        "\f" + PLAIN.replace("\n  fc", "\n\f\n  fc"),
        PLAIN.replace("conv 3x3 4", "conv\t3x3\t4"),
        PLAIN.rstrip("\n"),
        PLAIN.replace("\n", "  # é → ×\n\n\n"),
    ],
    ids=["crlf", "cr", "bom", "form feed", "tabs between", "no last line end", "comments"],
)
@pytest.mark.parametrize("from_file", [False, True])
def test_line_ends_and_marks(text: str, from_file: bool, tmp_path: Path) -> None:
    if text.startswith("\f"):
        text = text[1:]  # in front of `net` it would be indentation
    if from_file:
        path = tmp_path / "n.arch"
        path.write_bytes(text.encode("utf-8"))
        network = load(str(path))
    else:
        network = load("-", stdin=text)
    assert [layer.name for layer in network.graph.layers] == ["a", "a.relu", "fc1"]
    assert network.graph.metadata.title == "a title"


@pytest.mark.parametrize("bad", ["\x1b[31m", "\x00", "\u202e", "\x9b", "\x7f", "\u2028", "\udcff"])
def test_nothing_reaches_the_terminal_raw(bad: str) -> None:
    for text in (
        f'net n "{bad}"\n  input 8x8x4\n  relu\n',
        f"net n\n  input 8x8x4\n  relu {bad}\n",
        f'net n\n  input 8x8x4\n  use "{bad}"\n',
        f"net n\n  input 8x8x4\n  relu  # {bad}\n",
    ):
        try:
            found = load("-", stdin=text).diagnostics
        except SpecError as error:
            found = error.diagnostics
            message = str(error)
        else:
            message = ""
            assert "#" in text
        assert message.replace("\n", "").isprintable()
        for diagnostic in found:
            assert diagnostic.message.isprintable()


def test_files_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "n.arch"
    for data, shown in (
        (b"net n\xff", "is not text in UTF-8: in line 1, column 6 stands the byte 0xff"),
        (b"net n\0", "is not text: it holds a zero byte in line 1, column 6"),
        (b"#" * (2**20 + 1), "is larger than 1,048,576 bytes"),
    ):
        path.write_bytes(data)
        with pytest.raises(SpecError, match=shown):
            load(str(path))
    with pytest.raises(SpecError, match="there is no file"):
        load(str(tmp_path / "other.arch"))
    with pytest.raises(SpecError, match="cannot read"):
        load(str(tmp_path) + "/")


# Limits ----------------------------------------------------------------------------------------


def quick(text: str) -> list[str]:
    start = time.process_time()
    found = errors(text)
    assert time.process_time() - start < 5
    return found


def net(*lines: str) -> str:
    return "net n\n  input 8x8x4\n" + "".join(f"  {line}\n" for line in lines)


DEEP = "limit nested more than 64 deep"


@pytest.mark.parametrize(
    "line",
    [
        "(" * 1000 + "relu" + ")" * 1000,
        "1 x " * 1000 + "relu",
        "(1) x (" * 1000 + "relu" + ")" * 1000,
        "conv 3x3 " + "(" * 1000 + "1" + ")" * 1000,
        "conv 3x3 (" + "-" * 1000 + "1)",
        "relu if " + "not " * 1000 + "yes",
        "conv 3x3 (" + "1 + 2 * (" * 500 + "1" + ")" * 500 + ")",
        "conv 3x3 (" + "min(" * 1000 + "1" + ")" * 1000 + ")",
        "conv 3x3 " + "[" * 1000 + "1" + "]" * 1000,
    ],
    ids=lambda line: line[:20],
)
def test_nesting_of_every_kind(line: str) -> None:
    found = quick(net(line))
    assert found in ([DEEP], ["syntax a list within a list"])


def test_nesting_of_merges() -> None:
    text = net("add")
    for depth in range(200):
        text += "  " + "    " * depth + "  | relu\n" + "  " + "    " * depth + "  | add\n"
    assert quick(text)[0] == DEEP


def test_nesting_of_calls() -> None:
    """Each block is harmless; together they would outgrow Python's stack."""
    parts = [f"block b{i}\n  1 x (1 x (1 x (b{i + 1})))\n" for i in range(500)]
    assert quick("".join(parts) + "block b500\n  relu\n" + net("b0")) == [DEEP]
    parts = [f"block b{i}\n  add\n    | b{i + 1}\n    | identity\n" for i in range(500)]
    assert quick("".join(parts) + "block b500\n  relu\n" + net("b0")) == [DEEP]
    nets = [net(f"use n{i + 1}").replace("net n", f"net n{i}") for i in range(200)]
    (text,) = ["".join([*nets, net("relu").replace("net n", "net n200")])]
    with pytest.raises(SpecError, match="nested more than 64 deep"):
        _first_net(text)


def _first_net(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "n.arch"
        path.write_text(text)
        load(f"{path}:n0")


def test_long_but_flat_is_fine() -> None:
    """256 operators in a row, a thousand items in a chain, none of which nests."""
    total = "+".join(["1"] * 257)
    network = load("-", stdin=net(f"conv 3x3 ({total})", " -> ".join(["relu"] * 1000)))
    assert network.graph.layers[0].output[-1] == 257
    assert len(network.graph.layers) == 1001
    either = " or ".join(["no"] * 256 + ["yes"])
    assert len(load("-", stdin=net("relu", f"relu if {either}")).graph.layers) == 2
    shown = "limit more than 256 operators in an expression"
    assert errors(net(f"conv 3x3 ({total}+1)")) == [shown]


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        net("1000000000 x (relu)"),
        net("1000000000 x (1000000000 x (1000000000 x relu))"),
        net("1000000000 x identity"),
        net("1000000000 x (relu -> 0 x conv 3x3 4)"),
        "block b0\n  relu\n"
        + "".join(f"block b{i}\n  b{i - 1}\n  b{i - 1}\n" for i in range(1, 41))
        + net("b40"),
        "block b0\n  relu\n"
        + "".join(f"block b{i}\n  b{i - 1}\n  b{i - 1}\n" for i in range(1, 41))
        + net("relu", "b40 if no"),
        "block b0\n  identity\n"
        + "".join(f"block b{i}\n  9 x b{i - 1}\n" for i in range(1, 21))
        + net("b20"),
    ],
    ids=["repeat", "repeats", "nothing", "switched off", "doubling", "ghosts", "nines"],
)
def test_expansion_ends_at_once(text: str) -> None:
    assert quick(text) in (
        ["limit the network has more than 50,000 layers"],
        ["limit the network takes more than 201,000 statements, turns and calls"],
    )


def test_budget_is_an_option() -> None:
    text = net("300 x relu")
    assert len(load("-", stdin=text, budget=1000).graph.layers) == 300
    assert len(load("-", stdin=text, budget=300).graph.layers) == 300
    assert errors(text, budget=299) == ["limit the network has more than 299 layers"]


def test_blocks_that_call_themselves() -> None:
    assert quick("block a\n  b\nblock b\n  a\n  a\n" + net("a"))[0].endswith("calls itself")
    assert quick("block a n\n  a (n-1)\n" + net("a 3")) == ["limit `a` calls itself"]
    given = "block a f\n  f\n" + "block b\n  a b\n" + net("b")
    assert quick(given) == ["limit nested more than 64 deep"]
    # Twice in one another, but not within itself: this ends.
    text = "block r f\n  add\n    | f\n    | identity\nblock s\n  r t\nblock t\n  relu\n"
    text += net("r s")
    assert len(load("-", stdin=text).graph.layers) == 3


@pytest.mark.slow
def test_many_labels_statements_and_turns_do_not_grow_quadratically() -> None:
    lines = [f"a{i}: 2 x relu" for i in range(15_000)]
    start = time.process_time()
    assert len(load("-", stdin=net(*lines)).graph.layers) == 30_000
    chain = " -> ".join(f"b{i}" for i in range(2000))
    blocks = "".join(f"block b{i}\n  y: relu\n" for i in range(2000))
    load("-", stdin=blocks + net(f"l: {chain}"))
    merges = [x for _ in range(4000) for x in ("add", "  | relu", "  | identity")]
    load("-", stdin=net(*merges))
    assert time.process_time() - start < 10


def test_use_leads_out_of_no_folder(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "secret.arch").write_text("net secret\n  input 8x8x4\n  relu\n")
    path = tmp_path / "inner" / "n.arch"
    for name in ("../secret", "/etc/passwd", str(tmp_path / "secret"), "a/../../secret", ".", ""):
        path.write_text(net(f'use "{name}"'))
        with pytest.raises(SpecError, match="is no name of a network"):
            load(str(path))
    (tmp_path / "inner" / "my-part.arch").write_text("net part\n  input 8x8x4\n  relu\n")
    path.write_text(net('use "my-part"'))
    assert len(load(str(path)).graph.layers) == 1


@pytest.mark.parametrize("line", ["input image 8x8x3", "input image=8x8x3"])
def test_a_name_of_an_input_without_its_colon(line: str) -> None:
    """Defeats a message that takes a name for a wrong size and leaves it at that."""
    (found,) = diagnose(f"net n\n  {line}\n  relu\n")
    assert found.message == "expected a size such as 224x224x3, found `image`"
    assert found.help == ("a name stands before a colon: `input image: 224x224x3`",)
