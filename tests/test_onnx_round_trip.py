"""Networks as ONNX files and back: what was written is what is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from calling import call

from archcalc import load
from archcalc.language.library import Library

# Small ones of each kind: a chain, residuals, branches, dense and inverted blocks, attention.
QUICK = ("alexnet", "resnet18", "googlenet", "mobilenet_v2", "squeezenet1_1", "shufflenet_v2", "vit_b_16")
# What ONNX has no form for, so that more values stand in the file than the network has.
MORE_VALUES = {
    "colorization": "a batch norm has always a scale and a shift there",
    "inception_resnet_v2_keras": "a batch norm has always a scale there",
    "inception_v3_keras": "a batch norm has always a scale there",
    "lenet5": "chosen channels are a whole kernel with zeros there",
    "mnist_harley": "chosen channels are a whole kernel with zeros there",
    "neuraltalk_caption": "a recurrent layer has always two biases there",
}
# What is done in another way there, which costs operations.
MORE_OPERATIONS = {"yolo_v1_darknet": "the windows of a local layer are taken out by a convolution there"}


def same(name: str, folder: Path) -> None:
    """Compare a network with the file that was written of it: totals, output and the largest layers."""
    path = folder / f"{name}.onnx"
    written = call("export", name, "-o", str(path))
    network = load(name)
    if written.code:
        # What ONNX has no operators for is named, and no file is left.
        assert "ONNX" in written.err
        assert not path.exists()
        return
    again = load(str(path))
    first, second = network.summary().totals, again.summary().totals
    # A network that ends by giving a vector other axes ends with the vector when it is read.
    assert again.graph.output.output.values == network.graph.output.output.values
    if name in MORE_VALUES:
        assert second["params"] > first["params"], MORE_VALUES[name]
        return
    if name in MORE_OPERATIONS:
        assert second["macs"] > first["macs"], MORE_OPERATIONS[name]
        second["macs"] = first["macs"]
    for quantity in ("params", "buffers", "macs"):
        assert second[quantity] == first[quantity], quantity


@pytest.mark.parametrize("name", QUICK)
def test_a_file_has_the_figures_of_the_network(name: str, tmp_path: Path) -> None:
    """Defeats a writer that leaves out groups, biases or rims, and a reader that counts a constant as a
    parameter."""
    same(name, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(Library().zoo))
def test_every_network_of_the_zoo_comes_back(name: str, tmp_path: Path) -> None:
    """As above, for all that ONNX has operators for."""
    same(name, tmp_path)
