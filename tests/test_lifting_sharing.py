"""Lifting: what is shared, and what a recurrent layer puts out besides its sequence, is neither lost nor
counted twice."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from lifted import Lifted  # noqa: E402
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

from archcalc.analysis.summary import Summary  # noqa: E402


class LastState(nn.Module):
    """A classifier of the state behind the last step."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(5, 6, batch_first=True)
        self.fc = nn.Linear(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(self.rnn(x)[1][0][-1])  # type: ignore[no-any-return]


class BothEnds(nn.Module):
    """The states of both directions side by side."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(5, 6, 2, batch_first=True, bidirectional=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.rnn(x)[1].transpose(0, 1).flatten(1)  # type: ignore[no-any-return]


class Sequences(nn.Module):
    """A decoder that begins with the state that the encoder ends with."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.GRU(5, 6, 2, batch_first=True)
        self.decoder = nn.GRU(5, 6, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.decoder(x, self.encoder(x)[1])[0]  # type: ignore[no-any-return]


class LearnedState(nn.Module):
    """A recurrence that begins with a state that is learned."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(5, 6, batch_first=True)
        self.state = nn.Parameter(torch.rand(1, 1, 6))

    def forward(self, x: Tensor) -> Tensor:
        return self.rnn(x, self.state)[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("make", "macs"),
    [
        (LastState, 7 * 4 * 6 * (5 + 6) + 12),
        (BothEnds, 2 * 7 * 3 * 6 * (5 + 6 + 12 + 6)),
        (Sequences, 2 * 7 * 3 * 6 * (5 + 6 + 6 + 6)),
        (LearnedState, 7 * 3 * 6 * (5 + 6)),
    ],
)
def test_states_of_a_recurrence_are_followed(make: type[nn.Module], macs: int) -> None:
    """Defeats a second output that is taken for a constant, so that the recurrence before it is lost with its
    parameters, and an initial state that is left out."""
    module = make()
    lifted = Lifted(module, torch.randn(1, 7, 5))
    assert lifted.params() == sum([p.numel() for p in module.parameters()])
    assert Summary(lifted.graph).totals["macs"] == macs
    assert lifted.opaque or not lifted.differences()


class SharedBias(nn.Module):
    """Two linear maps with weights of their own and one bias."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.bias = [nn.Parameter(torch.randn(s)) for s in ((5, 5), (5, 5), (5,))]

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(F.linear(x, self.one, self.bias).relu(), self.two, self.bias)


class SharedConvBias(nn.Module):
    """The same with convolutions."""

    def __init__(self) -> None:
        super().__init__()
        sizes = ((4, 4, 3, 3), (4, 4, 3, 3), (4,))
        self.one, self.two, self.bias = [nn.Parameter(torch.randn(s)) for s in sizes]

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(F.conv2d(x, self.one, self.bias), self.two, self.bias)


class SharedWeight(nn.Module):
    """Two linear maps with one weight, and biases of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.weight, self.one, self.two = [nn.Parameter(torch.randn(s)) for s in ((5, 5), (5,), (5,))]

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(F.linear(x, self.weight, self.one).relu(), self.weight, self.two)


class Transposed(nn.Module):
    """An autoencoder whose decoder has the weights of its encoder, transposed."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(6, 5))

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(F.linear(x, self.weight).relu(), self.weight.t())


@pytest.mark.parametrize(
    ("make", "sizes", "macs"),
    [
        (SharedBias, (1, 5), 50),
        (SharedConvBias, (1, 4, 8, 8), 36 * 4 * 36 + 16 * 4 * 36),
        (SharedWeight, (1, 5), 50),
        (Transposed, (1, 5), 60),
    ],
)
def test_shared_tensors_are_counted_once(make: type[nn.Module], sizes: tuple[int, ...], macs: int) -> None:
    """Defeats a look at the first tensor alone, which counts a shared bias twice, and a transposed matrix
    that is taken for the same layer, which no spec can say."""
    module = make()
    lifted = Lifted(module, torch.randn(sizes))
    assert lifted.params() == sum([p.numel() for p in module.parameters()])
    assert Summary(lifted.graph).totals["macs"] == macs
    assert lifted.opaque or not lifted.differences()


def test_parameters_of_an_output_without_an_input_are_named() -> None:
    """Defeats a total that lacks parameters without a word: here an output that is made of them alone."""

    class Beside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc = nn.Linear(4, 4)
            self.beside = nn.Parameter(torch.randn(3))

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return self.fc(x), self.beside * 2

    traced = Lifted(Beside(), torch.randn(1, 4)).graph.metadata.traced
    assert traced is not None
    assert [name for name, _ in traced.unused] == ["beside"]


def test_operations_are_those_that_run() -> None:
    """Defeats a running product that is counted as a sum, a scale that attention does not have, a sum of
    absolute values that is counted as a sum of squares, and rolls along one axis of which one is
    forgotten."""

    class Plain(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (x @ x.transpose(-1, -2)).softmax(-1) @ x

    sizes = torch.randn(1, 6, 8)
    attention = Lifted(Plain(), sizes)
    assert not attention.differences()
    assert (
        sum([layer.facts.operations.mul for layer in attention.graph.layers if layer.facts.operations]) == 0
    )

    class Norm(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.norm(p=1, dim=-1)

    class Rolled(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.roll(x, (1, 2), (1, 1))

    for module in (Norm(), Rolled()):
        lifted = Lifted(module, sizes)
        assert not lifted.opaque
        assert not lifted.differences()

    class Product(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.cumprod(1)

    assert Lifted(Product(), sizes).opaque == ["aten.cumprod.default"]


def test_an_activation_of_another_slope_is_no_mish() -> None:
    """Defeats a pattern that looks at the name of ``softplus`` and not at its ``beta``."""

    class Steeper(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x * torch.tanh(F.softplus(x, beta=2.0))

    graph = Lifted(Steeper(), torch.randn(1, 8)).graph
    assert "mish" not in [layer.op.name for layer in graph.layers]


class StoredTwice(nn.Module):
    """A norm without scale and shift that is called twice, and a fixed matrix that is used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(5, affine=False)
        self.matrix: Tensor
        self.register_buffer("matrix", torch.rand(5, 5))

    def forward(self, x: Tensor) -> Tensor:
        x = F.linear(self.norm(x), self.matrix)
        return F.linear(self.norm(x.relu()), self.matrix)


def test_stored_tensors_are_counted_once() -> None:
    """Means and variances of five channels, and a matrix. Defeats sharing that looks at learned tensors
    alone, and counts the buffers of each call."""
    found = Lifted(StoredTwice(), torch.rand(1, 5))
    assert Summary(found.graph).totals["buffers"] == 2 * 5 + 25
    assert not found.opaque
    assert not found.differences()
