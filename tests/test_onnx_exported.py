"""Networks that PyTorch's exporters write as ONNX: as many parameters and operations as the traced module."""

from __future__ import annotations

import importlib
import logging
import warnings
from pathlib import Path
from typing import Any

import pytest

import archcalc

pytest.importorskip("onnx")
pytest.importorskip("onnxscript")
torch = pytest.importorskip("torch")

CLASSIFIERS = [
    *("alexnet", "vgg11_bn", "squeezenet1_0", "squeezenet1_1", "resnet18", "resnet50", "wide_resnet50_2"),
    *("resnext50_32x4d", "densenet121", "googlenet", "mobilenet_v2", "mobilenet_v3_small"),
    *("mobilenet_v3_large", "shufflenet_v2_x0_5", "shufflenet_v2_x1_0", "efficientnet_b0", "mnasnet0_5"),
    *("regnet_x_400mf", "regnet_y_400mf", "resnet34", "resnet101", "densenet169", "shufflenet_v2_x1_5"),
    *(
        "efficientnet_b1",
        "efficientnet_v2_s",
        "mnasnet1_0",
        "regnet_x_800mf",
        "regnet_y_800mf",
        "convnext_tiny",
    ),
    *("convnext_small", "resnet152", "densenet201", "efficientnet_b2", "shufflenet_v2_x2_0", "mnasnet1_3"),
    *("regnet_x_1_6gf", "regnet_y_1_6gf", "wide_resnet101_2", "efficientnet_b3", "mnasnet0_75"),
]


def classifier(name: str) -> Any:
    from archcalc.importing.torch.finding import with_operators

    models = with_operators(lambda: importlib.import_module("torchvision.models"))
    weights = {"init_weights": False, "aux_logits": False} if name == "googlenet" else {}
    return models.get_model(name, **weights).eval()


def exported(module: Any, size: int, path: Path, dynamic: bool) -> None:
    """Write a file as PyTorch's older exporter does, the network as it is."""
    image = torch.zeros(1, 3, size, size)
    axes = {"image": {0: "batch"}} if dynamic else None
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module,
                (image,),
                str(path),
                dynamo=False,
                training=torch.onnx.TrainingMode.PRESERVE,
                do_constant_folding=False,
                input_names=["image"],
                dynamic_axes=axes,
            )
    finally:
        logging.disable(logging.NOTSET)


def alike(module: Any, size: int, tmp_path: Path, dynamic: bool) -> None:
    path = tmp_path / "net.onnx"
    exported(module, size, path, dynamic)
    read = archcalc.load(str(path))
    totals = archcalc.load(module, input=f"{size}x{size}x3").summary().totals
    mine = read.summary().totals
    assert mine["params"] == totals["params"] == sum(p.numel() for p in module.parameters())
    assert mine["macs"] == totals["macs"]
    assert not read.graph.metadata.traced.mixed  # type: ignore[union-attr]
    assert not read.graph.metadata.traced.notes  # type: ignore[union-attr]


@pytest.mark.parametrize("dynamic", [False, True])
def test_a_small_classifier(tmp_path: Path, dynamic: bool) -> None:
    """A batch that the file leaves open is no size of the network."""
    alike(classifier("squeezenet1_1"), 64, tmp_path, dynamic)


@pytest.mark.slow
def test_the_newer_exporter(tmp_path: Path) -> None:
    """Its functions are opened, and its notes beside the nodes name the modules."""
    path = tmp_path / "net.onnx"
    module = classifier("mobilenet_v2")
    image = torch.zeros(1, 3, 64, 64)
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                module, (image,), str(path), dynamo=True, optimize=False, verbose=False, external_data=False
            )
    finally:
        logging.disable(logging.NOTSET)
    read, traced = archcalc.load(str(path)), archcalc.load(module, input="64x64x3")
    for word in ("params", "macs"):
        assert read.summary().totals[word] == traced.summary().totals[word]
    names = {layer.name for layer in read.graph.layers}
    assert {name for name, part in module.named_modules() if isinstance(part, torch.nn.Conv2d)} <= names
    assert not [layer for layer in read.graph.layers if layer.op.name == "opaque"]


def test_layers_have_the_names_of_modules(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    module = classifier("squeezenet1_1")
    exported(module, 64, path, False)
    names = {layer.name for layer in archcalc.load(str(path)).graph.layers}
    assert {name for name, part in module.named_modules() if isinstance(part, torch.nn.Conv2d)} <= names


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifiers_of_torchvision(tmp_path: Path, name: str) -> None:
    alike(classifier(name), 224 if name in ("alexnet", "vgg11_bn") else 64, tmp_path, name > "m")
