"""The applications of Keras that pasted code starts from, beside those that Keras makes, layer by layer."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from forking import keras_process

from archcalc import SpecError, load

pytestmark = pytest.mark.skipif(find_spec("keras") is None, reason="Keras is the witness")

# Run with Keras: it writes the configuration of each model.
SCRIPT = """\
import sys
import keras
zeros = lambda self, shape, dtype=None: keras.ops.zeros(shape)
keras.initializers.VarianceScaling.__call__ = zeros
folder, *calls = sys.argv[1:]
for number, call in enumerate(calls):
    keras.backend.clear_session()
    model = eval("keras.applications." + call)
    with open(f"{folder}/{number}.json", "w") as file:
        file.write(model.to_json())
"""
QUICK = (
    "MobileNetV2(weights=None, include_top=False, input_shape=(97, 128, 3))",
    "EfficientNetB0(weights=None, pooling='max', include_top=False, input_shape=(65, 65, 3))",
)
ALL = (
    "ResNet50V2(weights=None, classes=7)",
    "MobileNet((128, 128, 3), 0.5, weights=None)",
    *[f"ResNet{depth}(weights=None)" for depth in (50, 101, 152)],
    *[f"ResNet{depth}V2(weights=None)" for depth in (101, 152)],
    *[f"DenseNet{depth}(weights=None, input_shape=(64, 64, 3))" for depth in (121, 169, 201)],
    *[f"EfficientNetB{number}(weights=None)" for number in range(8)],
    "MobileNetV2(weights=None, alpha=1.4)",
    "MobileNetV2(weights=None, alpha=0.35, input_shape=(96, 96, 3), pooling='avg', include_top=False)",
    "MobileNet(weights=None)",
    "VGG16(weights=None, include_top=False, input_shape=(64, 64, 3), pooling='avg')",
    "VGG19(True, None)",
    "InceptionV3(weights=None)",
    "Xception(weights=None)",
)


def compared(calls: tuple[str, ...], folder: Path) -> None:
    """Hold each network in code against the configuration that Keras writes of it: names, sizes, places,
    parameters and operations of all layers."""
    run = keras_process().run(SCRIPT, folder, str(folder), *calls)
    assert not run.returncode, run.stderr
    for number, call in enumerate(calls):
        path = folder / f"net{number}.py"
        path.write_text(f"import keras\nmodel = keras.applications.{call}\n")
        in_code, in_file = load(str(path)).summary().to_dict(), load(str(folder / f"{number}.json")).summary()
        expected = in_file.to_dict()
        assert json.dumps(in_code["totals"], default=str) == json.dumps(expected["totals"], default=str), call
        assert len(in_code["layers"]) == len(expected["layers"]), call
        for mine, other in zip(in_code["layers"], expected["layers"], strict=True):
            apart = [key for key in other if key != "source" and mine.get(key) != other[key]]
            assert not apart, (call, other["name"], apart)


def test_applications_in_code(tmp_path: Path) -> None:
    """Defeats: a rim of a stride that does not depend on whether the size is even, a bias beside a batch
    norm, widths that are not rounded, a shortcut of the wrong stride."""
    compared(QUICK, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_all_applications_in_code(part: int, tmp_path: Path) -> None:
    """As above, for the rest."""
    compared(ALL[part::4], tmp_path)


def test_what_is_not_known_of_an_application_is_pointed_at(tmp_path: Path) -> None:
    """Defeats a reader that takes a default where the code gives another value."""
    path = tmp_path / "net.py"
    path.write_text("import keras\nn = input()\nmodel = keras.applications.VGG16(weights=None, classes=n)\n")
    with pytest.raises(SpecError, match="`classes` of VGG16 is not known"):
        load(str(path))
    path.write_text("import keras\nmodel = keras.applications.NASNetLarge(weights=None)\n")
    with pytest.raises(SpecError, match="live model") as caught:
        load(str(path))
    assert caught.value.diagnostics[0].span is not None
