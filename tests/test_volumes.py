"""Every op states what it puts out as one record, from which shape, windows and the examiner's working
follow."""

from __future__ import annotations

import ast
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_ops import COMPUTING, layers

import archcalc
from archcalc.answers.conventions import Conventions
from archcalc.answers.diagnosis import Diagnosis
from archcalc.answers.methods.volumes import volume_of
from archcalc.answers.question import Question, Subject
from archcalc.answers.working import named
from archcalc.arithmetic import value_of
from archcalc.graph import Graph, Layer
from archcalc.ops import registry
from archcalc.ops.base import Op
from archcalc.ops.tracing import trace
from archcalc.ops.window import CEIL, EXACT, Window, fitting, same, transposed
from archcalc.shape import Shape

STATING = sorted(name for name, op in COMPUTING.items() if not op.no_volume_reason)


def example(op: type[Op]) -> Graph:
    """The network of an op's example."""
    first, _, rest = op.example.partition(" -> ")
    lines = "\n".join([f"  {line}" for line in rest.split("\n")])
    return archcalc.load("-", stdin=f"net n\n  input {first}\n{lines}\n").graph


@pytest.mark.parametrize("name", sorted(registry()))
def test_every_op_states_a_volume_or_says_why_not(name: str) -> None:
    """Defeats: a layer about which the examiner says nothing, and nobody notices."""
    op = registry()[name]
    if op.expanded or op.transparent:  # the language replaces it by others, or by nothing
        return
    layers = [layer for layer in example(op).layers if type(layer.op) is op]
    assert layers
    for layer in layers:
        stated = layer.op.volume(*[above.output for above in layer.inputs])
        assert (stated is None) == bool(op.no_volume_reason), "no_volume_reason is for ops without a volume"


def has_recursion(subject: Subject, layer: Layer) -> bool:
    """Whether a textbook's recursion gives the field: strides are whole, or whole parts of one."""
    field = subject.summary.fields.main(layer)
    windows = layer.facts.windows
    if field is None or field.whole or not field.size or not isinstance(windows, tuple):
        return False
    slopes = [Fraction(window.slope) for window in windows]
    return all(1 in slope.as_integer_ratio() for slope in slopes)


@pytest.mark.parametrize("name", sorted(registry()))
def test_the_examiner_knows_every_op(name: str) -> None:
    """Where its method gives another number than the rule, nothing is said of a wrong answer but that
    it is wrong. Defeats: that this happens, and nobody notices."""
    op = registry()[name]
    if op.expanded or op.no_volume_reason:
        return
    graph = example(op)
    subject = Subject(graph)
    for layer in graph.layers:
        quantities = ["output", "size", "params", "neurons", "memory"]
        quantities += ["macs", "flops"] if layer.facts.macs else []
        quantities += ["rf"] if has_recursion(subject, layer) else []
        for quantity in quantities:
            found = Diagnosis(Question.read(subject, f"{layer.name}.{quantity}", Conventions()))
            assert found.known, (layer.name, quantity)
            assert found.working is not None
            assert found.working.value == found.value


@pytest.mark.parametrize("name", STATING)
@given(st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_shape_and_working_follow_from_the_volume(name: str, data: st.DataObject) -> None:
    """On numbers, on symbols, and as textbooks write it. Defeats: an `output` beside a `volume` that
    says something else; a textbook form that forgets a rounding, an output padding or a multiplier."""
    op, inputs = data.draw(layers(COMPUTING[name]))
    stated, output = op.volume(*inputs), op.output(*inputs)
    assert stated is not None
    assert stated.shape == output
    traced, shapes = trace(op, inputs)
    recorded = traced.volume(*shapes)
    assert recorded is not None
    assert [value_of(n) for n in recorded.shape] == list(output)
    for naming in (None, named):
        method = volume_of(op, inputs) if naming is None else volume_of(op, inputs, naming)
        assert method is not None
        assert method.value == output
        lines = method.working.lines
        assert lines[-1].made.value == output.channels
        assert {line.made.value for line in lines[:-1]} == set(output.spatial)


def test_a_window_is_changed_by_its_fields_alone() -> None:
    """Defeats: a misconception that sets a field which is none, and changes nothing."""
    window = Window(32, 3, 2, 1, 1, rule=fitting)
    assert window.output == 16
    assert window.but(low=0, high=0).output == 15
    assert window.but(rounding=CEIL).output == window.but(rule=same, rounding=EXACT).output + 1 == 17
    assert window.but(rule=transposed).output == 63
    with pytest.raises(TypeError, match="padding"):
        window.but(padding=0)
    conv = registry()["conv"](kernel=3, filters=8)
    stated = conv.volume(Shape((32, 32, 3)))
    assert stated is not None
    with pytest.raises(TypeError, match="axes"):
        stated.but(axes=())


def test_the_examiner_knows_no_op_by_its_class() -> None:
    """What is true of an op stands in its class, and the examiner asks for it. Defeats: an `isinstance`
    that comes back, with which the next op is one of which nothing is known."""
    own_files = {op.__module__ for op in registry().values()}
    answers = Path(archcalc.__file__).parent / "answers"
    for path in sorted(answers.rglob("*.py")):
        package = ["archcalc", "answers", *path.relative_to(answers).parent.parts]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                above = package[: len(package) + 1 - node.level] if node.level else []
                module = ".".join([*above, *(node.module or "").split(".")])
                assert module not in own_files, (path, module)
