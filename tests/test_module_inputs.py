"""The arguments of a module: as somebody gives them, and as the module tells."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from calling import call
from test_one_way_out import valid

import archcalc
from archcalc import SpecError
from archcalc.importing.torch.sizes import GivenTensor, nested, read_tensor

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch import nn  # noqa: E402

from archcalc.importing.torch.finding import imported  # noqa: E402
from archcalc.importing.torch.inputs import Arguments, arguments  # noqa: E402


def first(module: nn.Module, given: Any = None, layout: str = "hwc") -> Arguments:
    """The likeliest arguments."""
    return next(iter(arguments(module, given, layout)))


def sizes(found: Arguments) -> list[Any]:
    """The sizes by position, then those by name."""
    return [tuple(at.shape) for at in (*found.args, *found.kwargs.values())]


class Named(nn.Module):
    """Of several inputs: some needed, some not, some by name alone."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x: Any, mask: Any, scale: Any = None, *more: Any, flag: bool = False) -> Any:
        return self.linear(x)


@pytest.mark.parametrize(
    ("text", "exact", "expected"),
    [
        ("224x224x3", False, ((224, 224, 3), "")),
        ("128:int64", False, ((128,), "int64")),
        ("1 x 16 : long", True, ((1, 16), "int64")),
        ("(3, 4)", False, ((3, 4), "")),
        ("5X6×7*8", False, ((5, 6, 7, 8), "")),
        ("3:half", False, ((3,), "float16")),
    ],
)
def test_sizes(text: str, exact: bool, expected: Any) -> None:
    found = read_tensor(text, exact)
    assert (found.sizes, found.dtype, found.exact) == (*expected, exact)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is no input size"),
        ("3xx4", "is no input size"),
        ("0x3", "is no input size"),
        ("-1x3", "is no input size"),
        ("3:int65", "`int65` is no type of values"),
        ("3x" * 9 + "3", "is no input size"),
        ("9" * 30, "is no input size"),
        ("'open", "is no text in quotes"),
    ],
)
def test_no_sizes(text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        read_tensor(text)


def test_values_that_are_no_tensors() -> None:
    assert [read_tensor(text) for text in ("True", "None", "'a b'")] == [True, None, "a b"]
    tensor = torch.zeros(2)
    assert read_tensor(tensor) is tensor


def test_nested() -> None:
    """Defeats: places of a list that are sorted as texts, a name that is a list and a tensor."""
    found = nested({f"b.{n}": n for n in range(11)} | {"d.x.y": 1, "d.z": 2})
    assert found == {"b": list(range(11)), "d": {"x": {"y": 1}, "z": 2}}
    for given, message in (
        ({"b": 1, "b.0": 2}, "`b.0` is given twice"),
        ({"b.0": 1, "b.2": 2}, "`b.1` is missing"),
        ({"b.": 1}, "is no name of an input"),
    ):
        with pytest.raises(SpecError, match=message):
            nested(given)


def test_by_name() -> None:
    """Defeats: arguments in the order in which they are given, and one that is passed behind a gap."""
    found = first(Named(), {"mask": "3", "x": "4", "flag": "True"})
    assert [tuple(at.shape) for at in found.args] == [(1, 4), (1, 3)]
    assert found.kwargs == {"flag": True}
    more = first(Named(), {"x": "4", "mask": "4", "scale": "1", "more.0": "2", "more.1": "3"})
    assert sizes(more) == [(1, 4), (1, 4), (1, 1), (1, 2), (1, 3)]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("4", "forward needs x, mask: give them by name"),
        ({"x": "4"}, "forward also needs mask"),
        ({"x": "4", "mask": "4", "maks": "3"}, "forward has no input `maks`"),
        (None, "the sizes of the inputs are not known: the module does not tell them"),
    ],
)
def test_names_that_are_wrong(given: Any, message: str) -> None:
    """Each says what forward takes."""
    with pytest.raises(SpecError, match=message):
        first(Named(), given)


class Recurrent(nn.Module):
    """A recurrence behind a layer that reads vectors or words; with ``turned`` it gets the axes turned."""

    def __init__(self, first: nn.Module, cell: nn.Module, turned: bool = False):
        super().__init__()
        self.first, self.cell, self.turned = first, cell, turned

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        return self.cell(x.transpose(0, 1) if self.turned else x)[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("module", "size", "outputs"),
    [
        (nn.LSTM(8, 16), "20x8", [(20, 16)]),
        (nn.LSTM(8, 16, batch_first=True), "20x8", [(20, 16)]),
        (nn.GRU(8, 5, 2, bidirectional=True), "20x8", [(20, 10)]),
        (nn.RNN(8, 5, bidirectional=True, batch_first=True), "20x8", [(20, 10)]),
        (Recurrent(nn.Linear(8, 6), nn.LSTM(6, 16)), "20x8", [(20, 6), (20, 16)]),
        (Recurrent(nn.Linear(8, 6), nn.LSTM(6, 16), turned=True), "20x8", [(20, 6), (20, 16)]),
        (Recurrent(nn.Embedding(9, 6), nn.LSTM(6, 16)), "20", [(20, 6), (20, 16)]),
        (Recurrent(nn.Embedding(9, 6), nn.LSTM(6, 16), turned=True), "20", [(20, 6), (20, 16)]),
        (Recurrent(nn.Embedding(9, 6), nn.LSTM(6, 16, batch_first=True)), "20", [(20, 6), (20, 16)]),
    ],
)
def test_the_steps_of_a_recurrence_are_the_positions(
    module: nn.Module, size: str, outputs: list[tuple[int, ...]]
) -> None:
    """Whichever order the layers read, and whatever turns the axes before. Defeats: the batch in front for
    all, with which a recurrence has one step of twenty sequences; and positions in front wherever a layer
    reads them so, though the module turns its input by itself."""
    graph = archcalc.load(module, input=size).graph
    assert [tuple(layer.output) for layer in graph.inputs] == [tuple(map(int, size.split("x")))]
    assert [tuple(layer.output) for layer in graph.layers] == outputs
    assert all(layer.op.name != "opaque" for layer in graph.layers)
    assert graph.metadata.traced is not None
    assert not graph.metadata.traced.mixed


class Packed(nn.Module):
    """Sequences of several lengths, which are packed."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTM(8, 6, batch_first=True)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True)
        found: torch.Tensor = self.cell(packed)[0].data
        return found


class Subtracts(nn.Module):
    """An image without a batch, of which the means of its channels are taken."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.conv(x - torch.ones(3, 1, 1))
        return found


class Scores(nn.Module):
    """Attention over the first axis, written out."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        flat = x.flatten(1)
        return torch.softmax(flat @ flat.t(), -1) @ flat


@pytest.mark.parametrize(
    ("module", "sizes", "input_shape", "batch"),
    [
        (nn.Conv2d(3, 4, 3), "4x3x9x7", (9, 7, 3), 4),
        (nn.Conv2d(3, 4, 3), "1x3x9x7", (9, 7, 3), 1),
        (nn.Conv2d(3, 4, 3), "3x9x7", (9, 7, 3), 1),
        (Subtracts(), "3x9x7", (9, 7, 3), 1),
        (nn.Linear(8, 4), "5x8", (8,), 5),
        (nn.LSTM(8, 4), "20x5x8", (20, 8), 5),
        (nn.LSTM(8, 4), "20x1x8", (20, 8), 1),
        (nn.LSTM(8, 4, batch_first=True), "5x20x8", (20, 8), 5),
        (Recurrent(nn.Linear(8, 6), nn.LSTM(6, 16)), "20x5x8", (20, 8), 5),
        (Recurrent(nn.Linear(8, 6), nn.LSTM(6, 16), turned=True), "5x20x8", (20, 8), 5),
        (Scores(), "6x5", (6, 5), 1),
    ],
)
def test_the_batch_of_an_exact_tensor(
    module: nn.Module, sizes: str, input_shape: tuple[int, ...], batch: int
) -> None:
    """It is no axis of the network; what is no batch is one. Defeats: every first axis that is not 1 as an
    axis of positions, every first axis as a batch, and the second one of recurrences as one of a map."""
    name = "input" if type(module).__module__.startswith("torch.") else "x"
    net = archcalc.load(module, input={name: read_tensor(sizes, exact=True)})
    assert tuple(net.graph.inputs[0].output) == input_shape
    notes = " ".join(remark.message for remark in net.diagnostics)
    assert (f"is a batch of {batch}:" in notes) == (batch > 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4:int64=5,3,2,1", [5, 3, 2, 1]),
        ("2x2:int64=1,2,3,4", [[1, 2], [3, 4]]),
        ("3:bool=True,0,1", [True, False, True]),
        ("2x2=0.5", [[0.5, 0.5], [0.5, 0.5]]),
        ("3:int8=-128", [-128] * 3),
    ],
)
def test_values(text: str, expected: list[Any]) -> None:
    """The last axis runs first, one value fills. Defeats: zeros, and columns for rows."""
    (found,) = first(nn.Identity(), {"input": read_tensor(text, exact=True)}).args
    assert found.tolist() == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("4:int64=5,3", "2 values are given for 4"),
        ("4:int64=", "`` is no value: a whole number is"),
        ("4:int64=1.5", "`1.5` is no value: a whole number is"),
        ("2:bool=yes", "`yes` is no value: True or False is"),
        ("2:uint8=256", "256 is no uint8"),
        ("2=a", "`a` is no value: a number is"),
    ],
)
def test_values_that_are_none(text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        read_tensor(text, exact=True)


def test_lengths_of_packed_sequences() -> None:
    """Lengths that have no values are zeros, which nothing can be packed by. Defeats: values that do not
    reach the module."""
    packed = Packed()
    x = read_tensor("4x7x8", exact=True)
    with pytest.raises(SpecError):
        archcalc.load(packed, input={"x": x, "lengths": read_tensor("4:int64", exact=True)})
    lengths = read_tensor("4:int64=5,3,2,1", exact=True)
    graph = archcalc.load(packed, input={"x": x, "lengths": lengths}).graph
    assert graph.output.output.values == (5 + 3 + 2 + 1) * 6


def test_layouts() -> None:
    """Channels come first in PyTorch. Defeats: a layout that is turned round, integers that are laid out as a
    picture, a batch that is put before an exact tensor, half precision that meets single."""
    conv = nn.Conv2d(3, 4, 3)
    assert sizes(first(conv, "20x30x3")) == [(1, 3, 20, 30)]
    assert sizes(first(conv, "3x20x30", "chw")) == [(1, 3, 20, 30)]
    assert sizes(first(conv, (20, 30, 3))) == [(1, 3, 20, 30)]
    assert sizes(first(conv, {"input": "20x30x3:int64"})) == [(1, 20, 30, 3)]
    assert sizes(first(conv, {"input": GivenTensor((2, 3, 20, 30), "", True)})) == [(2, 3, 20, 30)]
    assert first(conv.half(), "20x30x3").args[0].dtype == torch.float16
    assert sizes(first(nn.Conv1d(3, 4, 3), "100x3")) == [(1, 3, 100)]
    assert sizes(first(nn.LSTM(3, 4, batch_first=True), "100x3")) == [(1, 100, 3)]
    assert first(nn.Embedding(9, 3), "100").args[0].dtype == torch.int64


@pytest.mark.parametrize(
    ("module", "expected", "words"),
    [
        (nn.Linear(7, 3), [(1, 7)], "input=7 is taken, from its first layer, Linear"),
        (nn.Sequential(nn.ReLU(), nn.Conv2d(3, 3, 3)), [(1, 3, 224, 224)], "input=224x224x3 is taken"),
        (nn.Conv1d(5, 3, 3), [(1, 5, 224)], "from its first layer, Conv1d"),
        (nn.Conv3d(3, 3, 3), [(1, 3, 16, 112, 112)], "input=16x112x112x3 is taken"),
        (nn.Embedding(9, 4), [(1, 16)], "input=16:int64 is taken"),
        (nn.LSTM(3, 4, batch_first=True), [(1, 16, 3)], "LSTM"),
        (nn.LSTM(3, 4), [(16, 1, 3)], "input=16x1x3 (exactly)"),
        (nn.MultiheadAttention(8, 2), [(16, 1, 8)] * 3, "query=16x1x8 (exactly) key=16x1x8 (exactly)"),
        (nn.Bilinear(3, 4, 5), [(1, 3), (1, 4)], "input1=3 input2=4 is taken"),
        (nn.Transformer(8, 2, 1, 1, batch_first=True), [(1, 16, 8)] * 2, "src=1x16x8 (exactly)"),
    ],
)
def test_what_a_module_tells(module: nn.Module, expected: list[tuple[int, ...]], words: str) -> None:
    """What was taken is said."""
    found = first(module)
    assert sizes(found) == expected
    assert words in found.note


@pytest.mark.parametrize("module", [nn.ReLU(), nn.LazyConv2d(4, 3), nn.Sequential()])
def test_what_no_module_tells(module: nn.Module) -> None:
    """Defeats: a size of nothing, of a layer that takes its sizes from its first input."""
    with pytest.raises(SpecError, match="the module does not tell them"):
        first(module)


def test_what_other_libraries_tell() -> None:
    class Configured(nn.Module):
        def __init__(self, **known: Any) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 4, 3)
            for name, value in known.items():
                setattr(self, name, value)

        def forward(self, x: Any = None, input_ids: Any = None, decoder_input_ids: Any = None) -> Any:
            return x

    timm = Configured(pretrained_cfg={"input_size": (3, 384, 256)})
    assert sizes(first(timm)) == [(1, 3, 384, 256)]

    class Config:
        max_position_embeddings = 77
        is_encoder_decoder = True

    words = first(Configured(config=Config(), main_input_name="input_ids"))
    assert {name: tuple(at.shape) for name, at in words.kwargs.items()} == {
        "input_ids": (1, 77),
        "decoder_input_ids": (1, 77),
    }


@pytest.mark.slow
def test_what_a_perceiver_tells() -> None:
    """Defeats pictures for a model that takes vectors of any kind, or word indices."""
    with suppress(ImportError):
        imported("torchvision")  # which transformers looks for, and which may lack its operators
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    config = transformers.PerceiverConfig(
        num_latents=4, d_latents=8, d_model=8, num_blocks=1, num_self_attends_per_block=1, vocab_size=9,
        num_self_attention_heads=2, num_cross_attention_heads=2, max_position_embeddings=20,
    )  # fmt: skip
    assert sizes(first(transformers.PerceiverModel(config))) == [(1, 20, 8)]
    found = first(transformers.PerceiverForMaskedLM(config))
    assert (sizes(found), "inputs=20:int64 is taken" in found.note) == ([(1, 20)], True)


NETS = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.spare = nn.Linear(2, 2)
        self.norm = nn.BatchNorm2d(width)
    def forward(self, x):
        return self.norm(self.conv(x))

class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.ModuleList([nn.Linear(2, 2), nn.Embedding(10, 4)])
    def forward(self, ids):
        return self.table[1](ids)

class Boxes(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(3, 5), nn.Linear(4, 5)
    def forward(self, batch):
        return {"sum": self.a(batch["boxes"][0]) + self.b(batch["boxes"][1])}

class Looks(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 5)
    def forward(self, x):
        x = self.a(x)
        return x * 2 if x.sum() > 1e9 else x
"""


@pytest.fixture
def nets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "nets_of_mine.py").write_text(NETS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands_take_modules(nets: Path) -> None:
    """Defeats: a command that goes by itself."""
    target = "nets_of_mine.py:Net(width=16)"
    given = ("--input", "x=32x32x3")
    summary = json.loads(call("summary", target, *given, "--format", "json").out)
    valid(summary, "summary")
    assert summary["totals"]["params"] == 16 * 27 + 16 + 32
    assert summary["traced"] == {
        "target": target,
        "rung": "meta",
        "why": None,
        "training": False,
        "unused": {"spare.weight": [2, 2], "spare.bias": [2]},
        "notes": [],
        "until": None,
    }
    conv = summary["layers"][0]
    assert (conv["module"], conv["kind"], conv["source"][1]) == ("conv", "lifted", 12)
    assert conv["source"][0].endswith("nets_of_mine.py")
    screen = call("summary", target, *given).out
    assert (
        "unused     6 parameters that no output needs, not in the table · spare.weight, spare.bias" in screen
    )
    assert "traced     eval mode · run once without values" in screen
    for words in (
        ["rf", target],
        ["explain", target, "conv", "params"],
        ["compare", target, "alexnet"],
        ["draw", target],
        ["export", target],
        ["check", target, "conv.params=448"],
        ["summary", "nets_of_mine:Net", "--set", "width=16"],
        ["summary", target, "--until", "conv"],
        ["summary", target, "--freeze", "conv"],
    ):
        answer = call(*words, *(given if words[0] != "compare" else ()))
        assert answer.code == 0, (words, answer.err)
        assert answer.out


def test_what_was_not_seen_is_said_everywhere(nets: Path) -> None:
    """Defeats: a branch that was not run, and nobody is told."""
    remark = "it looks at values (nets_of_mine.py:34): other branches were not seen"
    assert f"run once in memory: {remark[:30]}" in " ".join(call("summary", "nets_of_mine:Looks").out.split())
    assert remark in call("rf", "nets_of_mine:Looks").err
    assert (
        json.loads(call("summary", "nets_of_mine:Looks", "--format", "json").out)["traced"]["why"] == remark
    )


def test_inputs_on_the_command_line(nets: Path) -> None:
    """Defeats: a name with a dot, an embedding behind another layer that refuses floats, and batch that is
    put before what is exact."""
    boxes = call(
        *("summary", "nets_of_mine:Boxes", "--format", "json"),
        *("--input", "batch.boxes.0=3", "--input", "batch.boxes.1=4"),
    )
    assert json.loads(boxes.out)["totals"]["params"] == 45
    words = call("summary", "nets_of_mine:Words", "--input", "12")
    assert words.code == 0, words.err
    assert "ids=12 is read as word indices, 12:int64" in words.err
    exact = call("summary", "nets_of_mine:Words", "--tensor", "ids=1x12:int64", "--format", "json")
    assert json.loads(exact.out)["layers"][-1]["output"] == [12, 4]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["summary", "vgg16", "--train"], "--train is for a PyTorch module, and vgg16 is none"),
        (["summary", "vgg16", "--tensor", "x=1x3"], "--tensor is for a PyTorch module, and vgg16 is none"),
        (["summary", "nets_of_mine:Net", "--tensor", "1x3"], "`--tensor 1x3` is not NAME=SIZES"),
        (["summary", "nets_of_mine:Net", "--input", "y=3"], "forward has no input `y`"),
        (["summary", "nets_of_mine:Net", "--input", "8x8x4"], "it was given 1x4x8x8 float32"),
        (["summary", "nets_of_mine:Net", "--set", "widht=4"], "did you mean `width`?"),
        (["summary", "nets_of_mine:Net(4)", "--set", "width=4"], "`width` is given twice"),
        (["summary", "nets_of_mine.py"], "nets_of_mine.py holds several networks: Net, line 5"),
        (["solve", "nets_of_mine:Net", "--set", "wdith=?", "--where", "params<9"], "did you mean `width`?"),
        (["solve", "nets_of_mine:Net", "--where", "params<9"], "nothing is asked: there is no `?`"),
    ],
)
def test_wrong_calls(nets: Path, words: list[str], message: str) -> None:
    answer = call(*words)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_what_is_asked_of_a_module(nets: Path) -> None:
    """Counted by hand: the norm's 2 and the convolution's 27 weights and a bias per channel; 64x64 values per
    channel in, 62x62 out. Defeats: an argument that is passed as a text, and a `?` that is put in once."""
    solved = call(
        *("solve", "nets_of_mine:Net", "--set", "width=?", "--input", "x=8x8x3", "--where", "params = 630"),
        *("--format", "json"),
    )
    assert [answer["values"] for answer in json.loads(solved.out)["answers"]] == [{"width": 21}]
    sized = call(
        *("solve", "nets_of_mine.py:Net(8)", "--input", "x=?x?x3", "--format", "json"),
        *("--where", f"macs = {62 * 62 * 27 * 8}"),
    )
    assert [answer["values"] for answer in json.loads(sized.out)["answers"]] == [{"x": 64}]


def test_nobody_elses_text_runs_code(nets: Path) -> None:
    """A quiz, and what a shell completes, must not run what they name. Defeats: a target that is read by one
    function for everybody."""
    marker = nets / "ran"
    (nets / "evil_net.py").write_text(
        f"open({str(marker)!r}, 'w').close()\nfrom torch import nn\nnet = nn.Linear(3, 4)\n"
    )
    for target in ("evil_net:net", "evil_net.py:net", "./evil_net.py:net()", "script.pt2"):
        quiz = f"title = 'q'\n[[question]]\nid = '1'\ntarget = '{target}'\nask = 'total.params'\npoints = 1\n"
        (nets / "quiz.toml").write_text(quiz)
        (nets / "sheet.csv").write_text("question,answer\n1,16\n")
        answer = call("check", "quiz.toml", "sheet.csv")
        assert (answer.code, answer.out) == (2, "")
        assert f"a quiz does not run the code of {target}" in answer.err
        assert answer.err.count("error[") == 1
    with pytest.raises(SpecError, match="does not run the code of evil_net:net"):
        archcalc.Network.of("evil_net:net")
    from click.testing import CliRunner

    from archcalc.cli import cli

    environment = {"_ARCHCALC_COMPLETE": "bash_complete", "COMP_CWORD": "3"}
    environment["COMP_WORDS"] = "archcalc rf evil_net:net "
    CliRunner().invoke(cli, [], env=environment, prog_name="archcalc")
    assert not marker.exists()
    assert call("summary", "evil_net:net").code == 0
    assert marker.exists()


class Holder:
    """An object that is no container, with a tensor."""

    def __init__(self, tensors: torch.Tensor):
        self.tensors = tensors


class Prepares(nn.Module):
    """A part that gives an object, as the transform of a detector does."""

    def forward(self, x: torch.Tensor) -> tuple[Holder, None]:
        return Holder(torch.relu(x)), None


class Detects(nn.Module):
    """What follows the first part fails."""

    def __init__(self) -> None:
        super().__init__()
        self.prepare, self.conv = Prepares(), nn.Conv2d(3, 4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        held, _ = self.prepare(x)
        raise ValueError(str(self.conv(held.tensors).shape))


def test_a_part_that_gives_an_object() -> None:
    """Defeats: results in lists and dictionaries alone, with which such a part gives nothing."""
    graph = archcalc.load(Detects(), input="9x9x3", until="prepare").graph
    assert [layer.op.name for layer in graph.layers] == ["relu"]


def test_a_norm_that_needs_a_batch(nets: Path) -> None:
    """Defeats: a message that says what is wrong, and not what to do."""
    answer = call("summary", "torch.nn:BatchNorm1d(4)", "--input", "4", "--train")
    assert answer.code == 2
    assert "give a batch of two, as in --tensor" in answer.err


@pytest.mark.parametrize(
    ("chain", "meant"),
    [("32x32x3 - conv 3x3 8", "32x32x3 -> conv 3x3 8"), ("8 – fc 4 – relu", "8 -> fc 4 -> relu")],
)
def test_a_chain_with_dashes(chain: str, meant: str) -> None:
    """Defeats: a chain that is looked for in the zoo."""
    answer = call("summary", chain)
    assert answer.code == 2
    assert f"a chain has `->`: {meant}" in answer.err


def test_a_text_that_names_its_inputs() -> None:
    """Python takes what the command line takes. Defeats: `ids=7` that is refused as no size."""

    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.table, self.conv = nn.Embedding(9, 4), nn.Conv2d(3, 4, 3)

        def forward(self, ids: torch.Tensor, image: torch.Tensor) -> torch.Tensor:
            return self.table(ids).mean(1) + self.conv(image).mean((2, 3))  # type: ignore[no-any-return]

    one = archcalc.load(Two(), input="ids=7:int64 image=8x10x3")
    other = archcalc.load(Two(), input={"ids": "7:int64", "image": "8x10x3"})
    assert [tuple(layer.output) for layer in one.graph.inputs] == [(7,), (8, 10, 3)]
    assert one.summary().totals == other.summary().totals
    assert tuple(archcalc.load("vgg16", input="input=64x64x3").graph.inputs[0].output) == (64, 64, 3)
    for wrong in ("ids=", "=7", "ids=7 8x8x3", "seven"):
        with pytest.raises(SpecError):
            archcalc.load(Two(), input=wrong)


def test_a_forward_that_takes_nothing() -> None:
    """There is no size to give. Defeats: a message that asks for one."""

    class Makes(nn.Module):
        def forward(self) -> torch.Tensor:
            return torch.zeros(3)

    with pytest.raises(SpecError, match="its forward takes no input") as caught:
        archcalc.load(Makes())
    assert "--input" not in str(caught.value)


def test_products_that_are_seen(nets: Path) -> None:
    """Packing a sequence multiplies nothing, and a product of two vectors as many numbers as they have, by
    whichever name. Defeats: sums that are bounds for what costs nothing, and `vdot` beside `dot`."""

    class Packs(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.recurrent = nn.LSTM(8, 12, batch_first=True)

        def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
            packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            return self.recurrent(packed)[1][0]  # type: ignore[no-any-return]

    net = archcalc.load(Packs(), input={"x": "6x8", "lengths": torch.tensor([6])})
    assert net.summary().totals["macs"] == 6 * 4 * 12 * (8 + 12)
    assert net.summary().check("macs < 1M").holds is True
    normed = nn.utils.parametrizations.spectral_norm(nn.Linear(8, 5)).eval()
    assert archcalc.load(normed, input="8").summary().totals["macs"] == 8 * 5 + (8 * 5 + 5)
