"""Operations counted in other ways than archcalc does, for every layer that has operations.

MACs called FLOPs, a multiply and an add as two operations, additions of the biases counted, sums of
K products of K - 1 additions; each alone and any two of them together.
"""

from __future__ import annotations

import pytest
from calling import call

from archcalc import load
from archcalc.ops import registry
from archcalc.ops.base import Op

HALVED = "a multiply and an add as one operation: MACs"
DOUBLED = "a multiply and an add as two operations"
BIASES = "additions of the biases counted too"
ONE_FLOP = "adding a bias counted as one operation"
SUMS = "K products of a dot product added up by K − 1 additions"
NONE = "a bias where there is none"


def marked(target: str, answer: str) -> tuple[int, str]:
    """The exit code, and what is said of the answer, on one line."""
    found = call("check", target, answer)
    return found.code, " ".join(found.out.split())


@pytest.mark.parametrize(
    ("target", "answer", "expected"),
    [
        # MACs called FLOPs, of every kind of layer. Defeats: a list of the ops that have it.
        ("196x768 -> linear 3072", "flops=462422016", HALVED),
        ("197x768 -> attention 12", "flops=524391936", HALVED),
        ("16x4096 -> lstm 256", "flops=71303168", HALVED),
        ("16x4096 -> lstm 256 returns=last", "flops=71303168", HALVED),
        ("2x2x3 -> tconv 2x2 1 stride=2", "flops=48", HALVED),
        ("4x4x3 -> tconv 3x3 2 stride=2 pad=same", "flops=864", HALVED),
        ("8x8x3 -> local 3x3 4", "flops=3888", HALVED),
        ("vit_b_16", "total.flops=17.56G", HALVED),
        ("convnext_tiny", "total.flops=4.5G", HALVED),
        ("convnext_tiny", "total.flops=4455531264", HALVED),
        # Two operations a MAC.
        ("16x4096 -> lstm 256", "macs=142606336", DOUBLED),
        ("196x768 -> linear 3072", "macs=924844032", DOUBLED),
        ("197x768 -> attention 12", "macs=1048783872", DOUBLED),
        # Additions of biases, where there are biases. Defeats: those of fully connected layers
        # forgotten where a convolution has none; positions of the input for a transposed one.
        ("196x768 -> linear 3072", "macs=463024128", BIASES),
        ("10x8 -> attention 2", "macs=4480", BIASES),
        ("16x4096 -> lstm 256 biases=two", "macs=71335936", BIASES),
        ("20x8 -> lstm 5 bidirectional=yes", "macs=11200", BIASES),
        ("2x2x3 -> tconv 2x2 1 stride=2", "macs=64", BIASES),
        ("4x4x3 -> tconv 3x3 2 stride=2 pad=same", "macs=992", BIASES),
        ("32x32x3 -> conv 3x3 8 bias=no -> bn -> fc 10", "total.macs=266410", BIASES),
        ("32x32x3 -> conv 3x3 8 bias=no -> conv 3x3 8 -> fc 10", "total.macs=714986", BIASES),
        ("resnet18", "total.macs=1814074344", BIASES),
        ("resnet50", "total.macs=4089185256", BIASES),
        ("mobilenet_v2", "total.macs=300775272", BIASES),
        ("10x8 -> attention 2", "flops=8640", ONE_FLOP),
        # Two at once.
        ("28x28x1 -> conv 5x5 20", "flops=299520", f"{HALVED}, and {BIASES}"),
        ("vgg16", "total.flops=15483821032", f"{HALVED}, and {BIASES}"),
        ("300x300x3 -> conv 3x3 64", "flops=159136768", f"{HALVED}, and {BIASES}"),
        ("196x768 -> linear 3072", "flops=463024128", f"{HALVED}, and {BIASES}"),
        ("28x28x1 -> conv 5x5 20", "macs=599040", f"{DOUBLED}, and {BIASES}"),
        ("28x28x1 -> conv 5x5 20", "macs=587520", f"{DOUBLED}, and {ONE_FLOP}"),
        ("28x28x1 -> conv 5x5 20", "macs=564480", f"{DOUBLED}, and {SUMS}"),
        # 7,200 dot products without a bias take an addition less, 6,272 with one take none less.
        ("32x32x3 -> conv 3x3 8 bias=no -> conv 3x3 8", "total.flops=1284768", f"{ONE_FLOP}, and {SUMS}"),
        ("vgg16", "total.flops=15346630656", f"{HALVED}, and convolutions only"),
    ],
)
def test_another_convention(target: str, answer: str, expected: str) -> None:
    code, out = marked(target, answer)
    assert f"right by another convention: {expected}" in out
    assert code == 0


@pytest.mark.parametrize(
    ("target", "answer", "right"),
    [
        ("32x32x3 -> conv 3x3 8 bias=no", "macs=201600", "194,400"),
        ("32x32x3 -> conv 3x3 8 bias=no", "flops=396000", "388,800"),
        ("32x32x3 -> conv 3x3 8 bias=no", "flops=403200", "388,800"),
        ("32x32x24 -> dwconv 3x3 bias=no", "macs=216000", "194,400"),
        ("7x7x8 -> fc 10 bias=no", "macs=3930", "3,920"),
        ("7x7x8 -> fc 10 bias=no", "params=3930", "3,920"),
        ("10x8 -> attention 2 bias=no", "macs=4480", "4,160"),
        ("10x8 -> attention 2 bias=no", "params=288", "256"),
        ("2x2x3 -> tconv 2x2 1 stride=2 bias=no", "macs=64", "48"),
        ("20x8 -> lstm 5 biases=none", "params=280", "260"),
        ("20x8 -> lstm 5 biases=none", "macs=5600", "5,200"),
        # 7,200 of them are of a layer that has no biases, and 10 of one that has.
        ("32x32x3 -> conv 3x3 8 bias=no -> bn -> fc 10", "total.macs=273610", "266,400"),
    ],
)
def test_a_bias_where_there_is_none(target: str, answer: str, right: str) -> None:
    """Defeats: an addition for every output credited whether or not there is a bias to add."""
    code, out = marked(target, answer)
    assert "wrong, consistent with" in out
    assert NONE in out
    assert right in out
    assert code == 1


def test_two_conventions_are_not_met_by_two_digits() -> None:
    """Defeats: a figure of two digits that one of many pairs of conventions rounds to."""
    code, out = marked("28x28x1 -> conv 5x5 20", "flops=300K")
    assert code == 1
    assert "convention" not in out


def test_the_operations_of_a_batch() -> None:
    """The number of images multiplies biases too. Defeats: the 2 of FLOPs taken for the batch."""
    found = call("check", "28x28x1 -> conv 5x5 20", "macs=1198080", "flops=1175040", "--batch", "2")
    out = " ".join(found.out.split())
    assert f"{DOUBLED}, and {BIASES}" in out
    assert f"convention: {ONE_FLOP}" in out
    assert found.code == 0


@pytest.mark.parametrize("op", [op for op in registry().values() if op.matrix_product])
def test_every_op_that_has_macs(op: type[Op]) -> None:
    """Its own ledger says what the conventions come to. Defeats: an op that none of them knows."""
    chain = f"{op.example} macs=5000" if op.name == "opaque" else op.example  # unknown unless stated
    graph = load(chain).graph
    layer = next(layer for layer in graph.layers if type(layer.op) is op)
    operations = layer.facts.operations
    assert operations is not None
    macs, biases = int(operations.mul_add), int(operations.biases)
    answers = {f"{layer.name}.flops={macs}": HALVED, f"{layer.name}.macs={2 * macs}": DOUBLED}
    if biases:
        answers |= {
            f"{layer.name}.macs={macs + biases}": BIASES,
            f"{layer.name}.flops={2 * macs + biases}": ONE_FLOP,
            f"{layer.name}.flops={macs + biases}": f"{HALVED}, and {BIASES}",
            f"{layer.name}.macs={2 * (macs + biases)}": f"{DOUBLED}, and {BIASES}",
        }
    for answer, expected in answers.items():
        code, out = marked(chain, answer)
        assert f"right by another convention: {expected}" in out, answer
        assert code == 0


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("flops=576000", "a multiply-add is 1 MAC and 2 FLOPs"),
        ("flops=299520", BIASES),
        ("flops=587520", f"a multiply-add is 1 MAC and 2 FLOPs, and {ONE_FLOP}"),
    ],
)
def test_where_a_course_counts_a_mac_as_one_operation(answer: str, expected: str) -> None:
    """Defeats: the course's own convention that is taken back alone, and never with another."""
    found = call("check", "28x28x1 -> conv 5x5 20", answer, "--convention", "operations=mac")
    assert f"right by another convention: {expected}" in " ".join(found.out.split())
    assert found.code == 0
