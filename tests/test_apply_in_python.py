"""`archcalc.apply`, and `apply --compose` over several channels, beside PyTorch."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calling import call

import archcalc

torch = pytest.importorskip("torch")
F = torch.nn.functional
IMAGE = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]


def drawn(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).integers(-4, 5, shape)


def of_torch(function: Any, *arrays: Any) -> Any:
    """What a function of PyTorch gives of a batch of one, as ints: small ints are exact in float64."""
    tensors = [torch.tensor(np.asarray(array), dtype=torch.float64) for array in arrays]
    return function(tensors[0][None], *tensors[1:])[0].numpy().astype(int)


@pytest.mark.parametrize("layout", ["hwc", "chw"])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_convolution_of_arrays(layout: str, channels: int) -> None:
    """Defeats the axes of filters and channels exchanged, and channels last where they are first."""
    image, weight, bias = drawn(1, channels, 5, 6), drawn(2, 4, channels, 3, 2), drawn(3, 4)
    given = image if layout == "chw" else np.moveaxis(image, 0, -1)
    report = archcalc.apply("conv 3x2 stride=2 pad=1", given, weight, bias, layout=layout)
    expected = of_torch(lambda x, w, b: F.conv2d(x, w, b, stride=2, padding=1), image, weight, bias)
    found = report.output if layout == "chw" else np.moveaxis(report.output, -1, 0)
    assert found.tolist() == expected.tolist()
    assert all(type(value) is int for value in report.output.ravel())
    assert report.exact


def test_what_values_may_be() -> None:
    """Lists, arrays, tensors and texts are one matrix. Defeats an array of numpy whose ints become floats."""
    kernel = [[0, 1], [2, 3]]
    for image in (
        IMAGE,
        np.array(IMAGE),
        np.array(IMAGE, dtype=np.uint8),
        torch.tensor(IMAGE),
        "0 1 2;3 4 5;6 7 8",
    ):
        for weight in (
            kernel,
            np.array(kernel),
            torch.tensor(kernel),
            "0 1;2 3",
            ["0 1;2 3"],
            [kernel],
            [[kernel]],
        ):
            assert archcalc.apply("conv 2x2", image, weight).output.tolist() == [[19, 25], [37, 43]]
    floats = archcalc.apply("conv 2x2", np.array(IMAGE) / 2, kernel)
    assert (floats.output.dtype, floats.exact) == (np.float64, False)
    thirds = archcalc.apply("conv 2x2", IMAGE, [[Fraction(1, 3)] * 2] * 2)
    assert thirds.output.tolist() == [[Fraction(8, 3), 4], [Fraction(20, 3), 8]]


def test_vectors_signals_and_filters() -> None:
    """One axis is a vector, or a row; several filters stand first. Defeats a softmax over rows of one."""
    weights = [[1, 2, 3], [0, -1, 1]]
    assert archcalc.apply("fc", [1, 2, 3], weights, [1, 0]).output.tolist() == [15, 1]
    assert archcalc.apply("conv 3", [1, 2, 3, 4], [1, 0, -1]).output.ravel().tolist() == [-2, -2]
    assert archcalc.apply("softmax", [0.0, 0.0]).output.tolist() == [0.5, 0.5]
    two = archcalc.apply("conv 2x2", IMAGE, [[[1, 0], [0, 0]], [[0, 0], [0, 1]]]).output
    assert two[:, :, 0].tolist() == [[0, 1], [3, 4]]
    assert two[:, :, 1].tolist() == [[4, 5], [7, 8]]


def test_weights_of_a_signal_with_channels() -> None:
    """Three axes are filters x channels x positions where the layer reads a signal. Defeats a kernel
    of height 2 for 2 channels."""
    signal, weight = drawn(4, 2, 7), drawn(5, 3, 2, 3)
    found = archcalc.apply("7x2 -> conv 3", signal.T[None], weight).output
    assert found.T.tolist() == of_torch(F.conv1d, signal, weight).tolist()


def test_chains_layers_and_statistics() -> None:
    report = archcalc.apply(
        "conv 2x2 -> bn -> relu",
        IMAGE,
        {"conv1": [[0, 1], [2, 3]]},
        {"conv1": -20},
        {"bn1.mean": 5, "bn1.var": 4, "bn1.eps": 0},
    )
    assert [layer.layer.name for layer in report.layers] == ["conv1", "bn1", "relu1"]
    assert report.output.tolist() == [[0, 0], [6, 9]]


def test_the_forms_of_the_command() -> None:
    """The record, the rows and the screen are those of the command."""
    words = ["apply", "conv 2x2", "0 1 2;3 4 5;6 7 8", "--kernel", "0 1;2 3"]
    report = archcalc.apply("conv 2x2", IMAGE, [[0, 1], [2, 3]])
    assert report.to_dict() == json.loads(call(*words, "--format", "json").out)
    assert report.to_csv() == call(*words, "--format", "csv").out == "19,25\n37,43\n"
    assert str(report).split() == call(*words, "--width", "100").out.split()
    assert report.at(1, 1) == ["4·0 + 5·1 + 7·2 + 8·3 = 43"]
    assert repr(report) == "<AppliedLayers 2x2>"
    assert archcalc.apply("conv 2x2", IMAGE, [[0, 1], [2, 3]], flip=True).output[0, 0] == 0 * 3 + 1 * 2 + 3
    for position in ((2, 0), (-1, 0), (0,)):
        with pytest.raises(IndexError):
            report.at(*position)


@pytest.mark.parametrize(
    ("error", "values", "kernels"),
    [
        (ValueError, [[1, 2], [3]], None),
        (ValueError, [], None),
        (ValueError, [[]], None),
        (ValueError, 3, None),
        (ValueError, [[[[1]]]], None),
        (ValueError, [[float("nan")]], None),
        (ValueError, [[float("inf"), 1.0]], None),
        (TypeError, [["a"]], None),
        (TypeError, [[1j]], None),
        (TypeError, [[None]], None),
        (archcalc.SpecError, "1 2;3", None),
        (archcalc.SpecError, IMAGE, None),
        (archcalc.SpecError, IMAGE, [[1, 2, 3]]),
        (ValueError, IMAGE, [[1, 2], [3]]),
        (archcalc.SpecError, IMAGE, {"conv9": [[1, 2], [3, 4]]}),
    ],
)
def test_bad_values(error: type[Exception], values: Any, kernels: Any) -> None:
    with pytest.raises(error):
        archcalc.apply("conv 2x2", values, kernels)
    with pytest.raises(ValueError, match="neither"):
        archcalc.apply("relu", IMAGE, layout="nchw")


# Kernels as one, over several channels ------------------------------------------------------------


def bank(weight: Any) -> str:
    """Kernels of PyTorch as they are typed."""
    return " || ".join(
        "|".join(";".join(" ".join(map(str, row)) for row in plane) for plane in f) for f in weight
    )


@pytest.mark.parametrize(
    "shapes",
    [
        [(2, 3, 2, 2), (2, 2, 1, 3)],
        [(4, 1, 3, 3), (1, 4, 3, 3)],
        [(2, 3, 3, 2), (3, 2, 2, 2), (2, 3, 1, 1)],
        [(1, 2, 3, 1), (3, 1, 1, 3)],
    ],
)
def test_one_kernel_does_what_several_do(shapes: list[tuple[int, int, int, int]], tmp_path: Path) -> None:
    """A convolution by the one kernel is the convolution of the convolution. Defeats a sum over the wrong
    channels, a correlation of the kernels, and kernels in the other order."""
    weights = [drawn(number, *shape) for number, shape in enumerate(shapes)]
    image = drawn(9, shapes[0][1], 9, 8)
    expected = of_torch(lambda x, *ws: _one_after_the_other(x, ws), image, *weights)
    typed = json.loads(call("apply", "--compose", *map(bank, weights), "--format", "json").out)
    filters, channels = shapes[-1][0], shapes[0][1]
    kernel = np.array(typed["kernel"]).reshape(filters, channels, *np.array(typed["output"]).shape[-2:])
    assert of_torch(F.conv2d, image, kernel).tolist() == expected.tolist()
    names = []
    for number, weight in enumerate(weights):
        names.append(str(tmp_path / f"{number}.npy"))
        np.save(names[-1], weight)
    target = tmp_path / "one.npy"
    assert call("apply", "--compose", *names, "-o", str(target)).code == 0
    assert np.load(target).tolist() == kernel.tolist()


def _one_after_the_other(x: Any, weights: Any) -> Any:
    for weight in weights:
        x = F.conv2d(x, weight)
    return x


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["1 2|3 4", "1|2"], "kernel 2 has 2 channels, kernel 1 1 filters"),
        (["1 2||3", "1|2"], "differ in size"),
        (["1 2||3 4", "1|2", "--at", "0,0"], "--at"),
        (["1 2||", "1|2"], "empty"),
    ],
)
def test_kernels_that_do_not_follow(words: list[str], message: str) -> None:
    answer = call("apply", "--compose", *words)
    assert answer.code == 2
    assert message in answer.err
    assert not answer.out
