"""The applications of Keras from their configurations, beside what Keras counts itself."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from forking import keras_process

from archcalc import load

pytestmark = pytest.mark.skipif(find_spec("keras") is None, reason="Keras is the witness")

QUICK = ("VGG16", "MobileNetV2")
ALL = (
    *("ConvNeXtBase", "ConvNeXtLarge", "ConvNeXtSmall", "ConvNeXtTiny", "ConvNeXtXLarge"),
    *("DenseNet121", "DenseNet169", "DenseNet201"),
    *("EfficientNetB0", "EfficientNetB1", "EfficientNetB2", "EfficientNetB3", "EfficientNetB4"),
    *("EfficientNetB5", "EfficientNetB6", "EfficientNetB7"),
    *("EfficientNetV2B0", "EfficientNetV2B1", "EfficientNetV2B2", "EfficientNetV2B3"),
    *("EfficientNetV2L", "EfficientNetV2M", "EfficientNetV2S"),
    *("InceptionResNetV2", "InceptionV3", "MobileNet", "MobileNetV2", "MobileNetV3Large", "MobileNetV3Small"),
    *("NASNetLarge", "NASNetMobile", "ResNet101", "ResNet101V2", "ResNet152", "ResNet152V2", "ResNet50"),
    *("ResNet50V2", "VGG16", "VGG19", "Xception"),
)
# Run with Keras: it writes each model's configuration, and what Keras counts and puts out, layer by layer.
SCRIPT = """\
import json, math, sys
import keras
zeros = lambda self, shape, dtype=None: keras.ops.zeros(shape)  # 140 million random numbers take seconds
keras.initializers.VarianceScaling.__call__ = zeros
folder, *names = sys.argv[1:]
for name in names:
    keras.backend.clear_session()
    model = getattr(keras.applications, name)(weights=None)
    with open(f"{folder}/{name}.json", "w") as file:
        file.write(model.to_json())
    counts, waiting = {}, list(model.layers)
    while waiting:
        layer = waiting.pop()
        if hasattr(layer, "layers"):
            waiting += layer.layers
            continue
        both = (layer.trainable_weights, layer.non_trainable_weights)
        counts[layer.name] = [sum(math.prod(weight.shape) for weight in weights) for weights in both]
    with open(f"{folder}/{name}.count", "w") as file:
        json.dump([model.count_params(), counts, list(model.output_shape[1:])], file)
"""


def compared(names: tuple[str, ...], folder: Path) -> None:
    """Hold each layer's parameters against those that Keras counts, and the totals and the output."""
    run = keras_process().run(SCRIPT, folder, str(folder), *names)
    assert not run.returncode, run.stderr
    for name in names:
        total, counts, output = json.loads((folder / f"{name}.count").read_text())
        open_sizes = name.startswith("MobileNetV3")
        network = load(str(folder / f"{name}.json"), "224x224x3" if open_sizes else None)
        summary = network.summary()
        assert summary.totals["params"] + summary.totals["buffers"] == total, name
        assert list(network.graph.output.output) == output, name
        found: dict[str, list[int]] = {}
        for layer in summary.to_dict()["layers"]:
            mine = found.setdefault(layer["module"], [0, 0])
            mine[0] += layer["trainable"]
            mine[1] += layer["params"] - layer["trainable"] + layer["buffers"]
        found = {layer: mine for layer, mine in found.items() if any(mine)}
        assert found == {layer: both for layer, both in counts.items() if any(both)}, name


def test_applications_layer_by_layer(tmp_path: Path) -> None:
    """Defeats: a bias where a batch norm follows, a moving mean that is counted as learned, a multiplier of a
    depthwise convolution that is taken for filters, a merge along another axis."""
    compared(QUICK, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(5))
def test_all_applications_layer_by_layer(part: int, tmp_path: Path) -> None:
    """As above, for all that Keras has."""
    compared(ALL[part::5], tmp_path)
