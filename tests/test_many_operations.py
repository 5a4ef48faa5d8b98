"""Networks of thousands of operations: the time to read them grows as they do."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time

import pytest

from archcalc.importing.operations.builder import RecordingBuilder
from archcalc.importing.operations.lifting import lift
from archcalc.importing.operations.recording import Recording, Value


def in_one_block(count: int) -> Recording:
    """Operations of three kinds, all in the network itself; each second one reads the input as well."""
    net = RecordingBuilder("net")
    x = start = net.input("x", (1, 8, 4, 4))
    for number in range(count // 2):
        x = net.operation("add", net.operation(("relu", "tanh")[number % 2], x), start)
    return net.finish(x)


def in_many_blocks(count: int) -> Recording:
    """Blocks with parameters, between which the network itself does something."""
    net = RecordingBuilder("net")
    x = net.input("x", (1, 4, 8))
    for number in range(count // 3):
        with net.call(f"blocks.{number}", "Block"):
            weight = net.parameter(f"blocks.{number}.linear.weight", (8, 8))
            x = net.operation("relu", net.operation("linear", x, weight))
        if number % 3 == 0:
            x = net.operation("tanh", x)
    return net.finish(x)


def written_out(count: int) -> Recording:
    """Activations that are written out, all with the same stored number."""
    net = RecordingBuilder("net")
    x = net.input("x", (1, 4, 8))
    one = net.constant((), 1.0)
    for _ in range(count // 3):
        gate = net.operation("sigmoid", x)
        x = net.operation("add", net.operation("mul", x, gate), one)
    return net.finish(x)


def views(count: int) -> Recording:
    """Views of views."""
    net = RecordingBuilder("net")
    x: Value = net.input("x", (1, 4, 8))
    for _ in range(count):
        x = net.operation("transpose", x, 1, 2)
    return net.finish(net.operation("relu", x))


@pytest.mark.slow
@pytest.mark.parametrize("make", [in_one_block, in_many_blocks, written_out, views])
def test_time_grows_as_the_network_does(make: Callable[[int], Recording]) -> None:
    """Defeats: names that are counted anew for each layer, operations that are all copied for each pattern
    found, and a list of all views before it for each view. Of these twice the operations take four times as
    long."""

    def seconds(count: int) -> float:
        begin = process_time()
        lift(make(count))
        return process_time() - begin

    seconds(300)
    few, many = (min(seconds(count) for _ in range(3)) for count in (3000, 6000))
    assert many < 3 * few, (few, many)


def test_what_is_written_out_many_times() -> None:
    """Each of them is found, also where all read one stored number, and the order stays."""
    names = [layer.op.name for layer in lift(written_out(30)).layers]
    assert names == ["silu", "map"] * 10


def test_numbers_of_layers_in_one_block() -> None:
    """Numbers count the layers of each kind in their order."""
    names = [layer.name for layer in lift(in_one_block(8)).layers]
    assert names == ["relu1", "add1", "tanh1", "add2", "relu2", "add3", "tanh2", "add4"]


def test_blocks_between_other_layers() -> None:
    """A run of blocks has the name of their list only where no layer else stands below that name.
    Defeats: a name that two groups have."""
    names = [group.name for group in lift(in_many_blocks(36)).tree.members if group.name]
    assert len(names) == len(set(names))
    assert "blocks" not in names
