"""`archcalc export`: source that a person could have written, which makes the same network.

Golden files are in ``golden/``. After a change that was meant, write them anew and look at the
difference:

    python tests/test_export.py && git diff tests/golden
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from calling import call
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_blocks import block_networks
from random_networks import networks
from test_torch_code import without_torch_code

import archcalc
from archcalc.diagnostics import SpecError
from archcalc.export.identifiers import OF_MODULES, class_name
from archcalc.export.layout import Bracket, lines
from archcalc.graph import Graph
from archcalc.language.library import Library

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from exported import check_shapes, check_values, executed  # noqa: E402

GOLDEN = Path(__file__).parent / "golden"
ZOO = sorted(Library().zoo)
GOLDEN_NETWORKS = ("lenet5", "resnet18", "googlenet", "nasnet_mobile")


def graph_of(text: str) -> Graph:
    return archcalc.load("-", stdin=text).graph


# The same network -------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_the_zoo(name: str) -> None:
    """Every tensor by name and size, and the shape of the output, without a value."""
    graph = archcalc.load(name).graph
    if any(layer.op.name == "nms" for layer in graph.layers):
        answer = call("export", name)
        assert (answer.code, answer.out) == (2, "")
        assert "`nms` has no counterpart in PyTorch" in answer.err
        return
    check_shapes(graph)
    if graph.heads:
        check_shapes(graph, with_heads=True)


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("lenet5", {}),
        ("lenet5_modern", {}),
        ("convnetjs_cifar10", {}),
        ("resnet20_cifar", {}),
        ("squeezenet1_1", {"input": "64x64x3"}),
        ("mobilenet_v2", {"input": "64x64x3", "width": "0.25"}),
        ("mobilenet", {"input": "63x64x3", "width": "0.25"}),
        ("neuraltalk_caption", {"vocabulary": "50"}),
        ("resnet18", {"input": "64x64x3"}),
        ("resnet34_a", {"input": "33x32x3"}),
        ("densenet121", {"input": "32x32x3", "k": "4"}),
        ("googlenet", {"input": "64x64x3"}),
        ("nasnet_mobile", {"input": "64x64x3"}),
        ("efficientnet_b0", {"input": "32x32x3", "width": "0.25"}),
        ("alphago_policy", {"k": "8"}),
    ],
)
@pytest.mark.slow
def test_the_same_weights_give_the_same_outputs(target: str, options: dict[str, str]) -> None:
    """Defeats branches in another order, a shortcut left out, padding on the wrong side."""
    check_values(archcalc.load(target, **options).graph)


def test_side_heads_come_behind_the_main_output() -> None:
    check_values(archcalc.load("googlenet", "96x96x3", classes=5).graph, with_heads=True)


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(networks())
def test_random_networks(text: str) -> None:
    """Defeats an op that is written another way than it is built, alone or beside others. A window
    that lies on padding alone has a maximum of minus infinity, here as there."""
    graph = graph_of(text)
    assume(not without_torch_code(graph))
    check_values(graph, finite=False)


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(block_networks(), st.integers(0, 40))
def test_random_blocks(text: str, frozen: int) -> None:
    """Blocks in blocks, with parameters, conditions, repeats, shared parameters, labels that Python
    stumbles over. Defeats a literal taken for a parameter that it only equals here, a class for two
    structures, a variable written over that is still read."""
    graph = graph_of(text)
    assume(len(graph.layers) <= 300)
    if frozen % 2:
        graph = graph.frozen(frozen % len(graph.layers))
    check_values(graph, with_heads=True, finite=False)


PAIRS = """
block wide c
  conv 3x3 c pad=1 -> bn

block narrow c
  conv 1x1 c -> relu -> bn

block cell f c
  a: f c
  b: f c
  conv 1x1 c

block pair f c
  first: cell f c
  cell f c -> relu

net n
  input 4x4x2
"""


@pytest.mark.parametrize(
    "body",
    [
        "one: cell wide 2\n  other: cell narrow 2",
        "3 x cell wide 2\n  3 x cell narrow 2",
        "pair narrow 2\n  2 x pair wide 2",
    ],
)
def test_modules_in_the_same_words_are_not_the_same_module(body: str) -> None:
    """Defeats one argument for two places because they are filled in the same words: the two would
    learn together."""
    check_values(graph_of(f"{PAIRS}  {body}\n"))


@pytest.mark.parametrize(
    "chain",
    [
        "6x4 -> rnn 2 returns=sequence -> reshape 6x2 -> conv 1 1",
        "3x2x4 -> linear 5 -> flatten -> fc 2",
        "3x2x4 -> linear 5 -> relu -> layernorm -> softmax -> linear 2 -> gelu -> reshape 2x3x2",
    ],
)
def test_channels_behind_the_positions_and_in_front_again(chain: str) -> None:
    """Defeats the move left out, or put off, in front of what looks at the axes."""
    check_values(archcalc.load(chain).graph)


def test_shared_parameters() -> None:
    """Layers, layers of another stride, and whole blocks that share what they learn."""
    text = check_values(
        graph_of("""
block head c
  conv: conv 3x3 c pad=1 -> relu
  scores: conv 1x1 3

net levels
  input 16x16x8
  c1: conv 3x3 8 pad=1 -> relu
  c2: conv 3x3 8 stride=2 pad=1 like=c1
  a: @c1 -> maxpool 2x2
  on_a: head 8 @a
  on_b: head 8 @c2 like=on_a
  add @on_a @on_b
""")
    )
    assert "self.c2.weight = self.c1.weight" in text
    assert text.count("Head()") == 1
    assert text.count("self.on_a(") == 2


def test_frozen_layers() -> None:
    graph = archcalc.load("resnet18", "32x32x3").freeze("conv3_1").graph
    text = check_values(graph)
    assert "ConvBn(3, 64, 7, stride=2).requires_grad_(False)" in text
    assert text.count("requires_grad_(False)") == 3


# Names ------------------------------------------------------------------------------------------

HOSTILE = """
block F c
  forward: conv 3x3 c pad=1 -> relu
  self: bn

block Linear c | x cur
  add
    | @x -> conv 1x1 c
    | @cur -> F c

net torch "A \\"quoted\\" \\\\ title" lambda=3
  input x: 6x6x2
  input class: 6x6x2
  paper "\\"\\"\\""
  nn: @x -> conv 1x1 2
  train: conv 3x3 2 pad=1 -> bn
  type: conv 3x3 lambda pad=1
  _apply: bn
  __init__: relu
  l: conv 1x1 2
  None: F 2
  range: F 3 @class
  i: Linear 2 @range @l
  forward: Linear 3 @l @x
  return: concat @i @forward @nn
  state_dict: 6 x (conv 1x1 2 -> relu)
  x_: dwconv 3x3 pad=1
  out torch: @x_ -> gap
  super: fc 2
"""


def test_hostile_names() -> None:
    """Keywords, attributes of every module, names that the source itself uses."""
    text = check_values(graph_of(HOSTILE), with_heads=True)
    ast.parse(text, feature_version=(3, 10))


@pytest.mark.parametrize(
    "name",
    [
        "tensor",
        "sequence",
        "any",
        "math",
        "torch",
        "nn",
        "f",
        "Subsample",
        "module",
        "super",
        "Net",
        "range",
        "self",
        "xs",
        "in_channels",
        "turn",
        "x1",
        "weight",
    ],
)
def test_one_name_for_everything(name: str) -> None:
    """A block, its label, its parameter, an input and an output of one name, beside modules that
    the file brings and what they import: defeats a class that hides them."""
    text = check_values(
        graph_of(f"""
block {name} {name}
  {name}1: conv 3x3 {name} pad=1 -> bn
  subsample 2x2

net {name} {name}=4
  input x: 16x16x3
  {name}: @x -> {name} {name}
  {name}2: {name} {name}
  conv 1x2 2 connect="01 10 11 11"
  out {name}3: @{name}2 -> gap
"""),
        with_heads=True,
    )
    assert text.count("class Subsample(nn.Module)") == 1


def test_attributes_of_every_module_are_known() -> None:
    """A label so called would hide them: a new release of PyTorch may bring more."""
    public = {name for name in dir(torch.nn.Module()) if not name.startswith("_")}
    # Other packages of the process may have given it more.
    of_torch = {
        n
        for n in public
        if getattr(getattr(torch.nn.Module, n, None), "__module__", "torch").startswith("torch")
    }
    assert len(of_torch) > 40
    assert of_torch <= OF_MODULES


@pytest.mark.parametrize(
    ("name", "family", "wanted"),
    [
        ("resnet50", "ResNet", "ResNet50"),
        ("vgg16", "VGG", "VGG16"),
        ("lenet5", "LeNet", "LeNet5"),
        ("squeezenet1_0", "SqueezeNet", "SqueezeNet1_0"),
        ("mobilenet_v2", "MobileNet", "MobileNetV2"),
        ("plain18", "ResNet", "Plain18"),
        ("inverted_residual", None, "InvertedResidual"),
        ("conv_bn", None, "ConvBn"),
        ("_", None, "Block"),
        ("none", None, "None_"),
        ("f", None, "F_"),
    ],
)
def test_names_of_classes(name: str, family: str | None, wanted: str) -> None:
    assert class_name(name, family) == wanted


# The source -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GOLDEN_NETWORKS)
def test_golden(name: str) -> None:
    text = archcalc.load(name).export()
    assert text == (GOLDEN / f"export-{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("resnet50", 90),
        ("resnet152", 90),
        ("vgg16", 80),
        ("googlenet", 100),
        ("densenet264", 80),
        ("nasnet_large", 190),
        ("mobilenet_v2", 100),
    ],
)
def test_as_a_person_would_write_it(name: str, most: int) -> None:
    """Blocks as classes, repeats as loops: few lines, however deep the network."""
    text = archcalc.load(name).export()
    assert len(text.splitlines()) <= most
    assert "archcalc." not in text.replace("archcalc from", "")


@pytest.mark.slow
def test_the_style_of_the_whole_zoo(tmp_path: Path) -> None:
    """Clean to ruff's own rules, for Python 3.10, in lines of at most 100 columns."""
    for name in ZOO:
        for with_heads in (False, True):
            try:
                text = archcalc.load(name).export(with_heads=with_heads)
            except SpecError:
                continue
            assert text.endswith("\n")
            assert text == text.rstrip() + "\n"
            for line in text.splitlines():
                assert line == line.rstrip(), line
                assert len(line) <= 100, line
            (tmp_path / f"{name}_{with_heads}.py").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--isolated",
            "--target-version",
            "py310",
            "--no-cache",
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_one_class_for_blocks_with_and_without_a_part() -> None:
    text = archcalc.load("resnet50").export()
    assert text.count("class Bottleneck") == 1
    assert "*[Bottleneck(1024, 256) for _ in range(5)]" in text
    text = archcalc.load("mobilenet_v2").export()
    assert text.count("class InvertedResidual") == 1
    assert "return x + y if self.residual else y" in text


def test_numbers_that_grow_from_turn_to_turn() -> None:
    assert "*[DenseLayer(256 + 32 * i) for i in range(24)]" in archcalc.load("densenet121").export()


def test_a_repeat_whose_turns_take_the_two_before() -> None:
    text = archcalc.load("nasnet_large").export()
    assert "for turn in self.cell1:\n            cur, prev = turn(cur, prev), cur\n" in text


def test_an_op_without_a_counterpart(mystery: str) -> None:
    net = archcalc.load("-", stdin=f"net n\n  input 4x4x2\n  conv 1x1 2\n  odd: {mystery}\n")
    with pytest.raises(SpecError) as caught:
        net.export()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.message.startswith("odd: `mystery` has no counterpart in PyTorch")


def test_lines_that_are_too_long_are_broken_where_python_allows_it() -> None:
    """Defeats a break in front of a method's dot, which ends the statement."""
    inner = Bracket("self.norm(", ["a" * 60], ").movedim(-1, 1)")
    node = Bracket("self.conv(", [Bracket("self.act(", [inner], ".movedim(1, -1))")], ")")
    found = lines(node, "        ", "x = ")
    ast.parse("\n".join(line[8:] for line in found))
    wide = Bracket("f(", [Bracket("g(", ["b" * 50, "c" * 50]), "d=1"])
    assert lines(wide) == [
        "f(",
        "    g(",
        f"        {'b' * 50},",
        f"        {'c' * 50},",
        "    ),",
        "    d=1,",
        ")",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"  conv 3x3 {3 + i % 7} pad=1 -> relu\n" for i in range(6_000)),
        "  long: 25_000 x (conv 3x3 4 pad=1 -> relu)\n",
        "  concat\n" + "    | conv 3x3 4 pad=1 -> relu\n" * 6_000,
        "  conv 1x1 4\n" + "  relu -> gelu\n" * 6_000,
    ],
)
@pytest.mark.slow
def test_large_networks(body: str) -> None:
    """Defeats work that grows with the square of the layers; Python can read what is written."""
    graph = archcalc.load("-", stdin=f"net n\n  input 8x8x4\n{body}", budget=60_000)
    start = time.process_time()
    text = graph.export()
    assert time.process_time() - start < 30
    compile(text, "large.py", "exec")


# The command ------------------------------------------------------------------------------------


def test_a_file(tmp_path: Path) -> None:
    answer = call("export", "lenet5_modern", "--to", "torch", "-o", f"{tmp_path}/net.py")
    assert (answer.code, answer.out) == (0, "")
    module = executed((tmp_path / "net.py").read_text(encoding="utf-8"))
    assert sum(p.numel() for p in module.parameters()) == 61_706
    answer = call("export", "faster_rcnn_vgg16", "-o", f"{tmp_path}/none.py")
    assert answer.code == 2
    assert not (tmp_path / "none.py").exists()


@pytest.mark.slow
def test_it_runs_by_itself_and_is_written_without_torch(tmp_path: Path) -> None:
    """Neither does the source need archcalc, nor archcalc PyTorch to write it."""
    code = (
        "import sys; from archcalc.cli import main\n"
        "try: main(['export', 'lenet5', '--output', sys.argv[1]])\n"
        "finally: assert not {'torch', 'numpy'} & set(sys.modules)\n"
    )
    path = tmp_path / "net.py"
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    alone = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=True, env=alone)
    assert done.stdout == "(1, 10)\n60,000 parameters\n"
    assert "import archcalc" not in path.read_text(encoding="utf-8")


def test_the_same_call_gives_the_same_bytes_in_another_process() -> None:
    """Defeats an order taken from a set."""
    texts = set()
    for seed in ("0", "1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "archcalc", "export", "nasnet_mobile"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        texts.add(done.stdout)
    assert len(texts) == 1


def test_from_python() -> None:
    net = archcalc.load("32x32x3 -> conv 5x5 10 pad=2 -> relu -> gap")
    assert "class Net(nn.Module):" in net.export(to="torch")
    with pytest.raises(ValueError, match="jax"):
        net.export(to="jax")


if __name__ == "__main__":
    for each in GOLDEN_NETWORKS:
        path = GOLDEN / f"export-{each}.py"
        path.write_text(archcalc.load(each).export(), encoding="utf-8")


def test_errors_are_for_a_reader() -> None:
    """The source is written as it is, and so as ``plain``. Defeats errors as records between tabs, which
    only those get who ask for ``--format plain``."""
    assert call("export", "8x8x3 -> conv").err.startswith("error[argument]: `conv` needs `kernel`")
    assert call("export", "8x8x3 -> conv", "--format", "plain").err.count("\t") == 3
    assert call("export", "lenet5").out == call("export", "lenet5", "--format", "plain").out
