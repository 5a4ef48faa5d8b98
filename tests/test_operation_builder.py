"""Recordings written without PyTorch are those that PyTorch's own runs give: operation by operation, and
layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from replayed import Replayed, calls_of, facts_of, tree_of
from torch import Tensor, nn

from archcalc.importing.operations.builder import OperationError, RecordingBuilder, TwoSizes
from archcalc.importing.operations.lifting import graph_of, lifted
from archcalc.importing.operations.lifting.lifter import RULES
from archcalc.importing.operations.pairing import pair
from archcalc.importing.operations.recording import Value
from archcalc.importing.operations.schemas import schemas
from archcalc.importing.operations.sizing import SIZE_RULES
from archcalc.importing.torch.finding import imported
from archcalc.importing.torch.recorder import record
from archcalc.importing.torch.schemas import word


def same(module: nn.Module, sizes: tuple[int, ...]) -> None:
    """Hold a recording that the builder wrote against that of a run."""
    given, two = torch.empty(1, *sizes, device="meta"), torch.empty(2, *sizes, device="meta")
    recording = record(module.eval(), (given,), target="net")
    assert pair(recording, record(module, (two,), target="net"))
    replayed = Replayed(recording)
    assert not replayed.differences
    assert [o.name for o in replayed.recording.operations] == [o.name for o in recording.operations]
    mine, theirs = graph_of(lifted(recording)), graph_of(lifted(replayed.recording))
    assert facts_of(theirs) == facts_of(mine)
    assert tree_of(theirs.tree) == tree_of(mine.tree)
    assert calls_of(theirs) == calls_of(mine)


NETWORKS = (
    "resnet18 googlenet densenet121 mobilenet_v3_small vit_b_16 swin_t shufflenet_v2_x1_0 convnext_tiny"
)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS.split())
def test_networks_are_the_same(name: str) -> None:
    """Defeats sizes, types, views, in-place forms, defaults or calls of modules that are not PyTorch's: of
    every operation, at a batch of one and of two, and of every layer that comes of them."""
    try:
        models = imported("torchvision.models")
    except Exception:
        pytest.skip("torchvision is not installed")
    extra = {"init_weights": False} if name == "googlenet" else {}
    with torch.device("meta"):
        module = getattr(models, name)(weights=None, **extra)
    same(module, (3, 224, 224))


class _InPlace(nn.Module):
    """What is read after it was written over, as a whole and in part."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        half = x[:, :4]
        y = self.relu(x)
        y += x
        half.mul_(2)
        return torch.cat([y, half, x.flatten(2).transpose(1, 2).reshape(x.shape)], 1)


class _Moves(nn.Module):
    """Views and copies that follow how values lie in memory."""

    def forward(self, x: Tensor) -> Tensor:
        a = x.permute(0, 2, 3, 1).contiguous().view(x.size(0), -1, 3)
        b = x.permute(0, 2, 3, 1).reshape(x.size(0), -1, 3)
        c = torch.stack(x.flatten(2).transpose(1, 2).unbind(2), 2)
        parts = (a + b * c).split([1, 2], 2)
        wide = nn.functional.pad(torch.cat(parts[::-1], 2), (1, 1)).expand(-1, -1, -1)
        return wide.repeat(1, 1, 2).roll(1, 1).flip(1).unsqueeze(1).squeeze(1).softmax(-1)


def _layers() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, padding="valid"),
        nn.GroupNorm(2, 8),
        nn.GELU(),
        nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1),
        nn.MaxPool2d(3, 2, 1, ceil_mode=True),
        nn.Upsample(scale_factor=2, mode="bilinear"),
        nn.PReLU(4),
        nn.AvgPool2d(2),
        nn.PixelShuffle(2),
        nn.AdaptiveAvgPool2d(3),
        nn.Flatten(),
        nn.Linear(9, 4),
        nn.LayerNorm(4),
        nn.Dropout(0.1),
    )


@pytest.mark.parametrize("make", [_InPlace, _Moves, _layers])
def test_small_modules_are_the_same(make: Callable[[], nn.Module]) -> None:
    """Defeats a view that is taken for a copy, and a tensor that is read as it was before it was
    written to."""
    same(make(), (3, 16, 16))


def test_a_recurrence_is_the_same() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.rnn = nn.LSTM(8, 5, num_layers=2, batch_first=True, bidirectional=True)
            self.head = nn.Linear(10, 3)

        def forward(self, x: Tensor) -> Any:
            return self.head(self.rnn(x)[0][:, -1])

    same(Net(), (7, 8))


# ---- the table of schemas


# Operations of no operator: functions of PyTorch's that are several operations, the recorder's own, and those
# of another tool, whose reader states the sizes.
WITHOUT_SCHEMA = {
    *("float", "identity", "softsign", "lp_pool2d", "write", "archcalc.write", "_to_cpu"),
    *("upsample_nearest_exact1d", "upsample_nearest_exact2d", "onnx.LRN", "onnx.LpPool"),
    "tflite.UNIDIRECTIONAL_SEQUENCE_LSTM",
}


def test_every_rule_of_lifting_has_one_of_sizes() -> None:
    """Defeats a layer that a traced module has, and a file or a pasted module cannot."""
    assert RULES.keys() - SIZE_RULES.keys() <= WITHOUT_SCHEMA
    for name in SIZE_RULES.keys() - WITHOUT_SCHEMA:
        assert schemas(name), name


@pytest.mark.parametrize("name", sorted(SIZE_RULES.keys() - WITHOUT_SCHEMA))
def test_schemas_are_those_of_torch(name: str) -> None:
    """Defeats a default that was written down wrong, and one that a newer PyTorch has changed."""
    for schema in schemas(name):
        operator = getattr(getattr(torch.ops.aten, name), schema.overload)
        theirs = operator._schema.arguments
        assert [a.name for a in schema.arguments] == [a.name for a in theirs]
        for mine, its in zip(schema.arguments, theirs, strict=True):
            assert mine.required != its.has_default_value(), (schema.target(), mine.name)
            assert mine.named == its.kwarg_only
            if not mine.required:
                assert mine.default == word(its.default_value), (schema.target(), mine.name)


# ---- numbers that depend on the batch


def test_numbers_that_depend_on_the_batch() -> None:
    """Defeats a number of two elements that is computed from that of one."""
    n = TwoSizes(3, 6)
    found = [n + 1, 1 + n, n - 1, 10 - n, n * 2, 2 * n, n // 2, 12 // n, -n, n * n]
    assert [int(one) for one in found] == [4, 4, 2, 7, 6, 6, 1, 4, -3, 9]
    assert [one.at_two for one in found] == [7, 7, 5, 4, 12, 12, 3, 2, -6, 36]


def test_a_network_for_one_element_alone() -> None:
    """What holds for one element alone has no sizes at two, and nor has what follows."""
    net = RecordingBuilder("net")
    x = net.input("x", (1, 3, 4, 4))
    y = net.operation("relu", net.operation("view", x, (1, 48)))
    assert (y.sizes, y.at_two) == ((1, 48), None)
    z = net.operation("view", x, (net.size(x, 0), 48))
    assert (z.sizes, z.at_two) == ((1, 48), (2, 48))


# ---- refusals


def _refusal(name: str, *shapes: tuple[int, ...], **kwargs: Any) -> str:
    net = RecordingBuilder("net")
    tensors: list[Value] = [net.input(f"x{n}", shape) for n, shape in enumerate(shapes)]
    with pytest.raises(OperationError) as caught:
        net.operation(name, *tensors, **kwargs)
    return str(caught.value)


def test_refusals_say_what_is_wrong() -> None:
    """Defeats words of the kernels, such as mat1 and mat2, in messages."""
    assert (
        _refusal("conv2d", (1, 3, 8, 8), (4, 5, 3, 3)) == "conv2d: it is made for 5 channels, and is given 3"
    )
    assert "it is made for 400 features, and is given 1x120" in _refusal("linear", (1, 120), (10, 400))
    assert "1x8 and 1x9 do not go together" in _refusal("add", (1, 8), (1, 9))
    assert "holds 48 values" in _refusal("view", (1, 3, 4, 4), size=(1, 50))
    assert "a window of 9 positions does not fit" in _refusal("max_pool2d", (1, 3, 8, 8), kernel_size=9)
    assert "no rule" in _refusal("nms", (1, 4))
    assert "the first has 3 columns, the second 4 rows" in _refusal("matmul", (2, 3), (4, 5))
    net = RecordingBuilder("net")
    with pytest.raises(OperationError, match="too large"):
        net.input("x", (1, 2**41))
