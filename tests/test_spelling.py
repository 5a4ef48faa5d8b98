"""What newcomers write is read where it can mean one thing only, and otherwise one message has the
right words. Each row defeats a reader that refuses, or guesses without a word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calling import call

import archcalc
from archcalc import SpecError, load
from archcalc.language.library import Library
from archcalc.language.spelling import _SETTINGS
from archcalc.language.zoo_path import normal
from archcalc.ops import registry

# What is written, and the same in the language's words.
SAME = [
    ("32x32x3 -> conv 32 3x3", "32x32x3 -> conv 3x3 32"),
    ("32x32x3 -> conv 3 3 32", "32x32x3 -> conv 3x3 32"),
    ("32x32x3 -> conv 3x3, 32, stride=2", "32x32x3 -> conv 3x3 32 stride=2"),
    ("32x32x3 -> conv 3x3 32 stride 2", "32x32x3 -> conv 3x3 32 stride=2"),
    ("32x32x3 -> conv 3x3 32 pad same", "32x32x3 -> conv 3x3 32 pad=same"),
    ("32x32x3 -> conv 3x3 32 relu", "32x32x3 -> conv 3x3 32 -> relu"),
    ("32x32x3 -> conv 3x3 32 bn relu maxpool 2x2", "32x32x3 -> conv 3x3 32 -> bn -> relu -> maxpool 2x2"),
    ("32x32x3 -> conv 3x3 32 activation=relu -> bn", "32x32x3 -> conv 3x3 32 -> relu -> bn"),
    ("32x32x3 -> conv 3x3 32 activation='tanh'", "32x32x3 -> conv 3x3 32 -> tanh"),
    ("32x32x3 -> conv 3x3 8 -> Activation relu", "32x32x3 -> conv 3x3 8 -> relu"),
    ("32x32x3 -> 2 x conv 3x3 8 activation=relu", "32x32x3 -> 2 x (conv 3x3 8 -> relu)"),
    ("32x32x3 -> conv 3x3 32 pad=SAME", "32x32x3 -> conv 3x3 32 pad=same"),
    ('32x32x3 -> conv 3x3 32 pad="same"', "32x32x3 -> conv 3x3 32 pad=same"),
    ("32x32x3 -> conv 3x3 32 padding=1", "32x32x3 -> conv 3x3 32 pad=1"),
    ("32x32x3 -> conv kernel_size=3x3 filters=32 strides=2", "32x32x3 -> conv 3x3 32 stride=2"),
    ("32x32x3 -> conv 3x3 32 use_bias=False", "32x32x3 -> conv 3x3 32 bias=no"),
    ("32×32×3 → conv 3×3 32", "32x32x3 -> conv 3x3 32"),
    ("32X32X3 -> conv 3X3 32", "32x32x3 -> conv 3x3 32"),
    ("32 x 32 x 3 -> conv 3 x 3 32", "32x32x3 -> conv 3x3 32"),
    ("32x32x3 -> 2× (conv 3x3 8)", "32x32x3 -> 2 x (conv 3x3 8)"),
    ("32x32x3 -> 2x (conv 3x3 8)", "32x32x3 -> 2 x (conv 3x3 8)"),
    ("32x32x3\xa0-> relu", "32x32x3 -> relu"),
    ("32x32x3 -> Conv2D 32 3x3", "32x32x3 -> conv 3x3 32"),
    ("32x32x3 -> MaxPooling2D 2 2", "32x32x3 -> maxpool 2x2"),
    ("32x32x3 -> globalaveragepooling", "32x32x3 -> gap"),
    ("32x32x3 -> GlobalAveragePooling2D", "32x32x3 -> gap"),
    ("32x32x3 -> BatchNorm2d -> ReLU", "32x32x3 -> bn -> relu"),
    ("32x32x3 -> Linear 10", "32x32x3 -> fc 10"),
    ("64 -> Linear 10", "64 -> fc 10"),
    ("20x64 -> Linear 10", "20x64 -> linear 10"),
    ("20x64 -> Dense 10", "20x64 -> linear 10"),
    ("20x64 -> linear 10", "20x64 -> linear 10"),
    ("20 -> Embedding 100 16 -> LSTM 8", "20 -> embedding 100 16 -> lstm 8"),
    ("9x9x4 -> Separable 3x3 8", "9x9x4 -> separable 3x3 8"),
    ("10 -> dropout .5", "10 -> dropout 0.5"),
    ("32x32x3 --> conv 3x3 8 => relu", "32x32x3 -> conv 3x3 8 -> relu"),
    ("32x32x3 ⇒ conv 3x3 8 –> relu —> bn", "32x32x3 -> conv 3x3 8 -> relu -> bn"),
    ("32x32x3 -> conv 3x3 32 same", "32x32x3 -> conv 3x3 32 pad=same"),
    ("32x32x3 -> conv 3x3 SAME 32 relu", "32x32x3 -> conv 3x3 32 pad=same -> relu"),
    ("33x33x3 -> maxpool 2x2 ceil", "33x33x3 -> maxpool 2x2 round=ceil"),
    ("8x8x3 -> upsample 2 bilinear", "8x8x3 -> upsample 2 mode=bilinear"),
    ("32x32x3 -> conv 3x3 32 s=2 p=1", "32x32x3 -> conv 3x3 32 stride=2 pad=1"),
    (
        "20x64 -> lstm 32 bidirectional biases=two frozen",
        "20x64 -> lstm 32 bidirectional=yes biases=two frozen=yes",
    ),
    ("8x8x3 -> conv 3x3 4 bias frozen same", "8x8x3 -> conv 3x3 4 pad=same frozen=yes"),
    ("8x8x3 -> conv 3x3 4 frozen stride 2 relu", "8x8x3 -> conv 3x3 4 stride=2 frozen=yes -> relu"),
    ("20x64 -> attention 4 causal relu", "20x64 -> attention 4 causal=yes -> relu"),
    ("20x64 -> attention 4 causal yes kv 2", "20x64 -> attention 4 causal=yes kv=2"),
    ("20x64 -> lstm 32 last", "20x64 -> lstm 32 returns=last"),
    ("20x64 -> LSTM 32 return_sequences=False", "20x64 -> lstm 32 returns=last"),
    ("20x64 -> GRU 32 return_sequences=True", "20x64 -> gru 32 returns=sequence"),
    (
        "28x28x8 -> 32 x (add | conv 3x3 8 pad=1 | identity)",
        "28x28x8 -> 32 x (add\n  | conv 3x3 8 pad=1\n  | identity)",
    ),
]


@pytest.mark.parametrize(("written", "meant"), SAME, ids=[row[0] for row in SAME])
def test_read(written: str, meant: str) -> None:
    one, other = load(written).summary().to_dict(), load(meant).summary().to_dict()
    for found in (one, other):
        del found["name"]
    assert one == other


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("32x32x3 -> conv 3 3 32", "the values are read as `conv 3x3 32`"),
        ("20x64 -> Linear 10", "`Linear` is read as `linear`, as 20x64 arrives"),
        ("7x7x8 -> Linear 10", "`Linear` is read as `fc`, as 7x7x8 arrives"),
        ("7x7 -> conv 3 1", "7x7 is read as 7 positions of 7 channels"),
        ("400x3 -> lstm 50 -> fc 1", "`fc` flattens 400x50: it reads 400 x 50 values"),
        ("16x512 -> attention 8 -> flatten -> fc 9", "`fc` flattens 16x512: it reads 16 x 512 values"),
    ],
)
def test_a_note_where_it_might_be_meant_otherwise(written: str, expected: str) -> None:
    assert [d.message for d in load(written).diagnostics] == [expected]


@pytest.mark.parametrize(
    "written",
    [
        "64 -> Linear 10",
        "7x5 -> conv 3 1",
        "28x28 -> fc 10",
        "400x3 -> lstm 50 returns=last -> fc 1",
        "20x64 -> conv 3 8 -> fc 2",
        "28x28 -> lstm 8",
        "32x32x3 -> conv 32 3x3",
    ],
)
def test_no_note_where_nothing_else_is_meant(written: str) -> None:
    assert load(written).diagnostics == ()


@pytest.mark.parametrize(
    ("written", "message", "help"),
    [
        ("32x32x3 -> conv 3 64 3", "`conv` takes no further value", "its values without a name"),
        ("32x32x3 -> conv 64 3", "the window 64x64 is larger than the input 32x32", "`conv 3 64`"),
        ("32x32 -> conv 5x5 6", "`kernel` has 2 numbers, the input has 1 axis", "32x32x1"),
        (
            "1x3x32x32 -> conv 5x5 6",
            "`kernel` has 2 numbers, the input has 3 axes",
            "sizes have no batch: write 32x32x3",
        ),
        ("9x9x3 -> 3 x conv 3x3 8 relu", "it is not clear what is repeated", "parentheses"),
        ("9x9x3 -> conv1d 3 8", "`conv1d` is for 1 axis, and 9x9x3 has 2 axes and channels", "`conv`"),
        ("9x9x3 -> pool 2x2", "no layer or block is called `pool`", "`maxpool`"),
        ("9x9x3 -> (add | relu | ) -> relu", "an empty branch", "`identity`"),
        (
            "nn.Conv2d(3, 64, 3)",
            "this is code for PyTorch, which is read from a .py file or standard input alone",
            "conv 3x3 64",
        ),
        (
            "model.add(Conv2D(64, (3, 3)))",
            "this is code for Keras, which is read from a .py file or standard input alone",
            "conv",
        ),
        ("net.engine", "net.engine is an engine of TensorRT, which is not read", "the ONNX file"),
        (
            "3x224x224 -> conv 3x3 8 -> maxpool 2x2",
            "the window 2x2 is larger than the input 1x222",
            "is it 224x224x3?",
        ),
    ],
)
def test_one_message_with_the_right_words(written: str, message: str, help: str) -> None:
    with pytest.raises(SpecError) as caught:
        load(written)
    errors = [d for d in caught.value.diagnostics if d.severity == "error"]
    assert [d.message for d in errors] == [message]
    assert any(help in line for line in errors[0].help), errors[0].help
    assert help in str(caught.value), "an exception keeps its help"


def test_parameters_and_blocks_keep_their_names() -> None:
    """Defeats a reader for which `units` behind `fc` is always the setting, and `relu` an arrow
    that was left out."""
    network = load(
        "-",
        stdin=(
            "block relu units act\n  fc units -> act\n"
            "net n stride=2\n  input 9x9x3\n  conv 3x3 4 stride=stride\n  relu 5 tanh\n"
        ),
    )
    assert [layer.text for layer in network.graph.layers] == ["conv 3x3 4 stride=2", "fc 5", "tanh"]


def test_no_synonym_is_the_name_of_something_else() -> None:
    """A synonym that a block of the library has for its name would be read as another thing."""
    ops = registry()
    blocks = {normal(name) for name in Library().blocks}
    for op in ops.values():
        for synonym in op.synonyms:
            assert synonym == normal(synonym)
            assert synonym not in blocks
            same = next((other for other in ops.values() if normal(other.name) == synonym), None)
            assert same in (None, ops["linear"]) or op is same
    for op in ops.values():
        for name in op.attributes:
            others = [
                attribute
                for attribute, words in _SETTINGS.items()
                if normal(name) in words and attribute in op.attributes
            ]
            # The power p of lppool is its setting of this name, which goes first.
            assert others == [] or (op.name, name) == ("lppool", "p"), f"{op.name} {name}"


# Files --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("32x32x3 -> conv 5x5 10 -> relu\n", "32x32x3 -> conv 5x5 10 -> relu"),
        ("32x32x3 -> conv 5x5 10\nrelu\n", "32x32x3 -> conv 5x5 10; relu"),
        ("# mine\n32x32x3\nconv 5x5 10\nrelu\n", "32x32x3 -> conv 5x5 10; relu"),
        ("input 32x32x3\nconv 5x5 10\nrelu\n", "my_net"),
        ("block b\n  conv 5x5 10\n\ninput 32x32x3\nb -> relu\n", "my_net"),
    ],
)
def test_a_file_of_layers_alone(text: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "my-net.arch"
    path.write_text(text, "utf-8")
    network = load(str(path))
    assert network.name == name
    assert network.summary().totals["params"] == 760
    assert text.splitlines()[-1] in call("show", str(path)).out
    assert load("-", stdin=text).summary().totals["params"] == 760


def test_a_file_of_layers_without_input(tmp_path: Path) -> None:
    path = tmp_path / "bare.arch"
    path.write_text("conv 5x5 10\nrelu\n", "utf-8")
    with pytest.raises(SpecError) as caught:
        load(str(path))
    (diagnostic,) = caught.value.diagnostics
    assert "a file of layers alone begins with `input 224x224x3`" in diagnostic.help


def test_code_in_a_file_is_one_message(tmp_path: Path) -> None:
    path = tmp_path / "net.arch"
    path.write_text("import torch\nfrom torch import nn\n\nmodel = nn.Sequential(\n)\n", "utf-8")
    with pytest.raises(SpecError) as caught:
        load(str(path))
    assert [d.message for d in caught.value.diagnostics] == [
        "this is code for PyTorch, which is read from a .py file or standard input alone"
    ]


# Names of layers ----------------------------------------------------------------------------------


def test_layers_are_asked_for_in_any_case() -> None:
    assert call("check", "alexnet", "CONV1.params=34944").code == 0
    assert "34,944" in call("explain", "alexnet", "Conv1", "params").out
    network = load("-", stdin="net n\n  input 8x8x3\n  a: conv 1x1 4\n  A: conv 1x1 5\n  B: relu\n")
    assert network.layer("b").name == "B"
    assert network.layer("A").output[-1] == 5, "what is written exactly so comes first"
    assert load("8x8x3 -> conv 1x1 4; Skip: relu; add @skip @CONV1").graph.output.op.name == "add"


# Titles can be pasted back ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "28x28x256 -> concat\n  | conv 1x1 128\n  | conv 3x3 192 pad=1",
        "28x28x8 -> concat\n  | conv 1x1 4\n    relu\n  | identity\nfc 3  # done",
        "28x28x8 -> add\n  | concat\n      | conv 1x1 4\n      | take 4\n  | identity\nrelu",
        "9x9x3 → a: conv 3×3 8\nout b: gap -> fc 2\n@a -> (2*1) x (relu\n -> bn)\nfc 3 if 1 < 2",
        "9x9x3 -> (add | relu | tanh) -> fc 2",
        '9x9x3 -> c: conv 3x3 2 connect="10 01 11"  # LeNet',
    ],
)
def test_the_name_of_a_chain_is_read_again(text: str) -> None:
    """Defeats joining the words of the text: branches need their ends."""
    first = load(text)
    again = load(first.name)
    assert "\n" not in first.name
    assert again.name == first.name
    assert again.summary().to_dict() == first.summary().to_dict()


# Layout -------------------------------------------------------------------------------------------


def layout_notes(*arguments: str) -> list[str]:
    return [line for line in call(*arguments).err.splitlines() if "channels" in line]


@pytest.mark.parametrize("size", ["3x224x224", "1x28x28", "4x84x84", "3x16x112x112"])
def test_channels_first_is_noticed(size: str) -> None:
    other = "x".join([*size.split("x")[1:], size.split("x")[0]])
    kernel = "x".join(["1"] * size.count("x"))
    notes = layout_notes("summary", f"{size} -> conv {kernel} 8")
    assert notes[0].endswith(f"the input is read as {size}, channels last: is it {other}?")


@pytest.mark.parametrize("size", ["224x224x3", "3x5x7", "2x8x8", "8x8x8", "3x224", "4x4x1"])
def test_and_nothing_else(size: str) -> None:
    assert load(f"{size} -> relu").diagnostics == ()


def test_also_of_an_input_option_and_in_a_file(tmp_path: Path) -> None:
    assert layout_notes("summary", "resnet18", "--input", "3x224x224") != []
    assert layout_notes("summary", "resnet18") == []
    path = tmp_path / "n.arch"
    path.write_text("net n\n  input 3x32x32\n  conv 3x3 8\n", "utf-8")
    assert layout_notes("summary", str(path)) != []


def test_chw_reads_what_it_prints() -> None:
    """Inputs, shapes that a chain asserts, and answers."""
    chain = "3x32x32 -> (add | conv 5x5 10 pad=2 -> [10x32x32] | conv 1x1 10) -> [10x32x32]"
    found = call("summary", chain, "--layout", "chw", "--format", "json")
    assert found.code == 0
    record = json.loads(found.out)
    assert record["input"] == [3, 32, 32]
    assert record["layers"][0]["output"] == [10, 32, 32]
    assert found.err == ""
    marked = call("check", "3x32x32 -> conv 5x5 10 pad=2", "--layout", "chw", "output=10x32x32", "params=760")
    assert marked.code == 0
    found = call("summary", "resnet18", "--layout", "chw", "--input", "3x224x224", "--format", "json")
    assert json.loads(found.out)["totals"]["params"] == 11_689_512
    assert found.err == ""
    assert load("3x32x32 -> relu", layout="chw").graph.output.output == (32, 32, 3)
    assert "is it 3x32x32?" in load("32x32x3 -> relu", layout="chw").diagnostics[0].message


@pytest.mark.parametrize("size", ["3, 24, 24", "(3, 24, 24)", "3X24X24", "3 x 24 x 24"])
def test_sizes_as_other_tools_print_them(size: str) -> None:
    assert load("32x32x3 -> gap", size, layout="chw").graph.inputs[0].output == (24, 24, 3)


# Python -------------------------------------------------------------------------------------------


def test_reports_print_as_tables() -> None:
    network = load("32x32x3 -> conv 5x5 10")
    for report, words in (
        (network.summary(), "588,000"),
        (network.receptive_field(), "sees size pixels"),
        (network.receptive_field("conv1"), "conv1"),
        (network.explain(), "(5 · 5 · 3 + 1) · 10"),
        (archcalc.compare("lenet5", "alexnet"), "62,378,344"),
        (archcalc.solve("8x8x3 -> conv 3x3 4 pad=? -> [8x8x4]"), "half"),
    ):
        assert words in str(report)
        assert max(map(len, str(report).splitlines())) <= 80


def test_the_api_is_shown() -> None:
    import pydoc

    names = {name for name in dir(archcalc) if not name.startswith("_")}
    expected = {"Network", "SpecError", "apply", "check", "compare", "explain", "load", "mark", "reconcile"}
    assert names == expected | {"solve", "sweep", "trace"}
    text = pydoc.plain(pydoc.render_doc(archcalc))
    for name in ("load(", "trace(", "compare(", "solve(", "class Network", "class SpecError"):
        assert name in text


def test_a_drawing_shows_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    from archcalc.report.pictures import graphviz

    network = load("32x32x3 -> conv 5x5 10")
    drawing = network.draw()
    assert isinstance(drawing, str)
    assert drawing.startswith("digraph")
    monkeypatch.setattr(graphviz, "program", lambda: None)
    shown = drawing._repr_mimebundle_()
    assert shown["text/vnd.mermaid"] == network.draw("mermaid")
    assert set(shown) == {"text/vnd.mermaid"}
    monkeypatch.setattr(graphviz, "program", lambda: "dot")
    monkeypatch.setattr(graphviz, "drawn", lambda boxes, text, form: f"<{form} {boxes}>".encode())
    assert drawing._repr_mimebundle_()["image/svg+xml"].startswith("<svg ")


@pytest.mark.parametrize("arrow", ["→", "⇒", "⟶", "=>", "-->", "–>", "—>"])
def test_every_command_knows_the_arrows(arrow: str) -> None:
    """Defeats a command that looks for `->` alone before the text is read: solve, and chains whose
    input has no size, of which the last layer was no longer meant."""
    found = call("solve", f"32x32x3 {arrow} conv ? 8 {arrow} [28x28x8]")
    assert found.code == 0, found.err
    assert "32x32x3 -> conv 5 8 -> [28x28x8]" in found.out
    plain, other = (call("explain", f"?x?x3 {sign} conv 3x3 8", "params").out for sign in ("->", arrow))
    assert other == plain
    assert call("summary", "-", stdin=f"8x8x3 {arrow} conv 1x1 2").code == 0


@pytest.mark.parametrize(
    ("text", "help"),
    [
        ("32x32x3 -> conv3x3 32", "did you mean `conv 3x3`?"),
        ("32x32x3 -> resblock 3", "`archcalc ops` lists the layers"),
        ("32x32x3 -> conv 3x3 32 yes", "its values without a name: kernel, filters"),
        ("32x32x3 -> conv 3x3 32 same valid", "its values without a name: kernel, filters"),
    ],
)
def test_a_word_that_may_mean_several_things_is_not_guessed(text: str, help: str) -> None:
    """`yes` may be of several settings, and a second word for the padding is one too many."""
    refused = call("summary", text)
    assert refused.code == 2
    assert help in refused.err
