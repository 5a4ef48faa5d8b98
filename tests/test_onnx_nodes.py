"""ONNX's own tests of its operators: 1,900 models of one node, or of what a node is made of, and what each
puts out. Each is read with these sizes, or is a layer without a rule, or is refused for a reason."""

from __future__ import annotations

import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

onnx = pytest.importorskip("onnx", reason="the onnx package is not installed")

from onnx import defs, numpy_helper  # noqa: E402

import archcalc  # noqa: E402
from archcalc.diagnostics import SpecError  # noqa: E402
from archcalc.importing.files._onnx.container import TYPES  # noqa: E402
from archcalc.importing.files._onnx.entering import Entering, GivenInput  # noqa: E402
from archcalc.importing.files._onnx.folding import _FOLDS  # noqa: E402
from archcalc.importing.files._onnx.nodes import OnnxNode  # noqa: E402
from archcalc.importing.files._onnx.operators.gathering import without_layer  # noqa: E402
from archcalc.importing.files._onnx.rules import rules  # noqa: E402
from archcalc.importing.files._onnx.walk import NodeWalk  # noqa: E402
from archcalc.importing.operations.lifting import graph_of, lifted  # noqa: E402

# Operators that are computed before any rule is looked for.
COMPUTED = {"Constant", "ConstantOfShape", "Shape", "Size"}
_DATA = "depends on values"
# Operators of which a test is refused, and why; of a test of several nodes the name of the test.
REFUSED = {
    "ConstantOfShape": _DATA,
    "test_slice_start_out_of_bounds": "no output depends on an input",  # it holds no values
    "If": "which of its branches runs depends on values",
    "OptionalGetElement": "a list of tensors",
    "SplitToSequence": "no output depends on an input",
    "Shape": "no output depends on an input",
    "Size": "no output depends on an input",
    "StringSplit": _DATA,
    "Unique": _DATA,
    **{
        f"test_{word}window{end}": _DATA for word in ("blackman", "hamming", "hann") for end in ("_expanded",)
    },
    **{f"test_{word}window_symmetric_expanded": _DATA for word in ("blackman", "hamming", "hann")},
    **{
        f"test_range_{kind}_expanded": "does not state the shape"
        for kind in (
            *("bfloat16_type_positive_delta", "float16_type_positive_delta", "float_type_positive_delta"),
            "int32_type_negative_delta",
        )
    },
}
# Options that no layer has: operators of which a test is a layer without a rule, and how many tests
# have the option.
OPTIONS = {
    "AveragePool": (6, "a pool with holes"),
    "Col2Im": (1, "columns of three axes"),
    "CumSum": (3, "sums that leave the last value out"),
    "Hardmax": (7, "the place of the largest value as ones and zeros"),
    "Loop": (1, "a list of tensors is carried"),
    "LpPool": (1, "a pool with holes"),
    "NonMaxSuppression": (10, "the file states how many boxes there are"),
    "Resize": (8, "a part of the map, or a mean of many positions"),
    "Scan": (1, "version 8, whose batch is an axis of its own"),
    "Slice": (1, "every other position from behind"),
}


class Read(NamedTuple):
    """What came of a model: what it is called, the operators without a rule, and sizes that are wrong."""

    kind: str
    message: str = ""
    unknown: tuple[str, ...] = ()
    wrong: str = ""


def cases() -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        return [case for case in collect_testcases(None) if case.data_sets]


def stored(model: Any, data: Any) -> Any:
    """A model whose inputs behind the first are tensors of the file, with the values of the test."""
    found = onnx.ModelProto()
    found.CopyFrom(model)
    inputs = list(found.graph.input)
    for one, value in list(zip(inputs, data, strict=True))[1:]:
        if isinstance(value, onnx.TensorProto):
            held = found.graph.initializer.add()
            held.CopyFrom(value)
            held.name = one.name
        elif isinstance(value, (np.ndarray, np.generic)) and np.asarray(value).dtype.kind not in "OU":
            found.graph.initializer.append(numpy_helper.from_array(np.asarray(value), one.name))
        else:
            continue
        inputs.remove(one)
    del found.graph.input[:]
    found.graph.input.extend(inputs)
    return found


def unbatched(model: Any) -> Entering:
    """The inputs of a model as they are: none of their axes is the batch."""
    found = object.__new__(Entering)
    found.file, found.batch = "node.onnx", 1
    found.inputs = []
    for one in model.graph.input:
        kind = one.type.tensor_type
        sizes = tuple([dim.dim_value or 1 for dim in kind.shape.dim])
        found.inputs.append(GivenInput(one.name, sizes, TYPES.get(kind.elem_type, "float32"), None))
    return found


def read(model: Any, outputs: Any, unknown: list[str]) -> Read:
    unknown.clear()
    walk = NodeWalk("node.onnx", model, unbatched(model))
    try:
        recording = walk.recording()
        graph_of(lifted(recording), "node")
    except SpecError as error:
        return Read("refused", error.diagnostics[0].message)
    wrong = []
    for one, value in zip(model.graph.output, outputs, strict=True):
        array = numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value
        tensor = walk.scope.get(one.name)
        if isinstance(array, (np.ndarray, np.generic)) and (
            tensor is None or tensor.sizes != np.asarray(array).shape
        ):
            wrong.append(f"{one.name} is {tensor and tensor.sizes}, not {np.asarray(array).shape}")
    return Read("read", "", tuple(unknown), "; ".join([*wrong, *recording.notes]))


def test_every_operator_of_the_newest_version_is_known() -> None:
    """Defeats: an operator that nobody has thought of, and a rule for a name that ONNX does not have."""
    names = {schema.name for schema in defs.get_all_schemas() if not schema.domain}
    known = {operator for domain, operator in rules() if not domain}
    assert names - known - COMPUTED == set()
    assert known - names <= {"SimplifiedLayerNormalization"}, "a rule for an operator that there is not"
    # What is computed has a rule too, for when it reads an input.
    assert {*_FOLDS} - known == set()


@pytest.mark.slow
def test_sizes_are_those_of_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests of operators that ONNX has, the inputs behind the first stored in the file: what is put out
    has the sizes that ONNX's own implementation gives. Defeats: a size rule of an older version, an attribute
    that is not read, and an operator with a rule that is a layer without one all the same."""
    unknown: list[str] = []
    usual = OnnxNode.unknown

    def noted(node: OnnxNode) -> Any:
        unknown.append(node.operator)
        return usual(node)

    monkeypatch.setattr(OnnxNode, "unknown", noted)
    known = rules()
    wrong: dict[str, str] = {}
    options: dict[str, list[str]] = defaultdict(list)
    count = 0
    for case in cases():
        inputs, outputs = case.data_sets[0]
        model = stored(case.model, inputs)
        nodes = list(case.model.graph.node)
        tensors = all(one.type.HasField("tensor_type") for one in model.graph.input)
        empty = any(dim.HasField("dim_value") and not dim.dim_value for one in model.graph.input
                    for dim in one.type.tensor_type.shape.dim)  # fmt: skip
        if not model.graph.input or not tensors or empty:
            continue
        count += 1
        found = read(model, outputs, unknown)
        name = nodes[0].op_type if len(nodes) == 1 else ""
        if found.kind == "refused":
            if REFUSED.get(case.name, REFUSED.get(name, "?")) not in found.message:
                wrong[case.name] = found.message
            continue
        if found.wrong:
            wrong[case.name] = found.wrong
        for operator in set(found.unknown):
            rule = known.get((nodes[0].domain if len(nodes) == 1 else "", operator))
            if rule is not None and rule is not without_layer:
                options[operator].append(case.name)
    assert not wrong, wrong
    assert count > 1700
    assert {operator: len(names) for operator, names in options.items()} == {
        operator: number for operator, (number, _) in OPTIONS.items()
    }


@pytest.mark.slow
def test_the_door_ends_in_a_network_or_in_one_message(tmp_path: Path) -> None:
    """The same models as a user would give them, the first axis for the batch. Defeats: an error of Python
    where a batch of one meets a tensor of the file that has all of it."""
    path = tmp_path / "node.onnx"
    messages = set()
    for case in cases():
        for model in (case.model, stored(case.model, case.data_sets[0][0])):
            path.write_bytes(model.SerializeToString())
            try:
                archcalc.load(str(path)).summary()
            except SpecError as error:
                messages.add(tuple([one.message for one in error.diagnostics]))
    assert all(len(message) == 1 and str(path) in message[0] for message in messages)
