"""Blocks that add what arrives where shapes agree are one block with a condition, and its calls repeats."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

from torch import Tensor, nn  # noqa: E402

import archcalc  # noqa: E402
from archcalc.language.writing import write  # noqa: E402
from archcalc.language.writing.checking import gives  # noqa: E402


class Inverted(nn.Module):
    """An inverted residual, whose sum is there where it may be, or where it is wanted."""

    def __init__(self, before: int, after: int, stride: int, adds: bool | None = None):
        super().__init__()
        self.wide = nn.Conv2d(before, 4 * before, 1)
        self.deep = nn.Conv2d(4 * before, 4 * before, 3, stride, 1, groups=4 * before)
        self.narrow = nn.Conv2d(4 * before, after, 1)
        self.adds = stride == 1 and before == after if adds is None else adds

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.narrow(torch.relu(self.deep(torch.relu(self.wide(x)))))
        return x + y if self.adds else y


def stages(*blocks: tuple[int, int, int]) -> nn.Module:
    return nn.Sequential(*[Inverted(*block) for block in blocks])


def test_a_stage_is_a_repeat() -> None:
    """The first turn of a stage has another stride and no sum. Defeats two blocks, a turn on each line, a
    condition that holds by the stride alone, and channels of the block taken for those that the sum has."""
    module = stages((8, 16, 2), (16, 16, 1), (16, 16, 1), (16, 24, 1), (24, 24, 1), (24, 24, 2))
    graph = archcalc.trace(module, torch.rand(1, 8, 16, 16)).graph
    text = write(graph, "stages")
    assert gives(text, graph)
    assert text.count("block ") == 1
    assert "  add @x @narrow   if stride == 1 and x.c == c\n" in text
    assert "3 x inverted 16 stride=[2, 1..]" in text
    assert "wide: conv 1x1 (4*in) -> relu" in text


def test_no_condition_on_the_parameters() -> None:
    """Where the sum depends on what no parameter says, there are two blocks. Defeats a condition that holds
    in other places too."""
    module = nn.Sequential(*[Inverted(8, 8, 1, adds) for adds in (True, False, False, True)])
    graph = archcalc.trace(module, torch.rand(1, 8, 16, 16)).graph
    text = write(graph, "mixed")
    assert gives(text, graph)
    assert " if " not in text


def test_turns_of_which_some_are_alike() -> None:
    """Turns that differ from the first are a repeat by themselves. Defeats a line for each."""

    class Stage(nn.Module):
        def __init__(self, *adds: bool):
            super().__init__()
            self.blocks = nn.Sequential(*[Inverted(8, 8, 1, each) for each in adds])

        def forward(self, x: Tensor) -> Tensor:
            return self.blocks(x)  # type: ignore[no-any-return]

    graph = archcalc.trace(Stage(False, True, True, True), torch.rand(1, 8, 16, 16)).graph
    text = write(graph, "stage")
    assert gives(text, graph)
    assert "3 x inverted" in text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("mobilenet_v2", ("features_7: 4 x inverted_residual 64 stride=[2, 1..]", "if x.c == c")),
        ("efficientnet_b0", ("features_4: 3 x mbconv 3x3 80 stride=[2, 1..]", "(6*in)", "if x.c == c")),
    ],
)
def test_classifiers_read_as_their_papers(name: str, lines: tuple[str, ...]) -> None:
    """A stage is a line, as in the tables of the papers."""
    from archcalc.importing.torch.finding import imported

    try:
        imported("torchvision.models")
    except ImportError as error:
        pytest.skip(f"torchvision cannot be imported: {error}")
    network = archcalc.load(f"torchvision.models:{name}", input="224x224x3")
    text = write(network.graph)
    assert gives(text, network.graph)
    for line in lines:
        assert line in text
