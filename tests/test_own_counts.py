"""An op that states its counts as terms is computed, explained and examined without another word.

The ops are defined here. Defeats: an examiner that knows the classes of archcalc and no others, and
a number, a formula or a changed rule that is stated a second time somewhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from calling import call
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_ops import COMPUTING, layers

import archcalc.answers
from archcalc import load
from archcalc.answers.assumptions import FACTOR
from archcalc.answers.conventions import Conventions
from archcalc.answers.diagnosis import Diagnosis
from archcalc.answers.judging import judge
from archcalc.answers.methods.products import count_of
from archcalc.answers.question import Question, Subject
from archcalc.answers.verdict import CONVENTION, RIGHT, WRONG, Verdict
from archcalc.answers.written import read
from archcalc.arithmetic import product, symbol
from archcalc.ops import registry
from archcalc.ops.attributes import Count, Flag
from archcalc.ops.base import REGISTRY
from archcalc.ops.convolution import Conv
from archcalc.ops.dot_products import DotProducts
from archcalc.ops.terms import BIAS, DEPTH, FILTERS, SCALE, Factor, Term, weighted
from archcalc.ops.volume import Volume
from archcalc.ops.window import unchanged_axes
from archcalc.shape import Shape

SCALED = "32x32x3 -> scaled_conv 5x5 10 pad=2"
PROTOTYPES = "14x14x64 -> prototypes 20"


@pytest.fixture(autouse=True)
def _own_ops() -> Iterator[None]:
    registry()

    class ScaledConv(Conv):
        """A convolution whose filters have a learned scale each, as weight normalisation has."""

        name = "scaled_conv"
        synonyms = ()

        def terms(self, x: Shape) -> tuple[Term, ...]:
            return (*super().terms(x), Term(SCALE, (Factor(FILTERS, self.filters),)))

    class Prototypes(DotProducts):
        """How alike each position is to learned vectors: a dot product with every one of them."""

        name = "prototypes"
        group = "fully connected"
        positional = ("units",)
        weighted = True

        units = Count("number of vectors", symbol="K", required=True)
        bias = Flag("a bias for each vector", True)

        def volume(self, x: Shape) -> Volume:
            return Volume(unchanged_axes(x.spatial), self.units, x.channels, self.units)

        def terms(self, x: Shape) -> tuple[Term, ...]:
            return weighted((Factor(DEPTH, x.channels),), self.units, self.bias)

    yield
    for op in (ScaledConv, Prototypes):
        del REGISTRY[op.name]


def verdict(target: str, ask: str, value: int) -> Verdict:
    """What is said of an answer."""
    diagnosis = Diagnosis(Question.read(Subject(load(target).graph), ask, Conventions()))
    return judge(diagnosis, read(str(value), diagnosis.asked.quantity))


def record(target: str) -> dict[str, object]:
    """The row of the one layer."""
    (row,) = json.loads(call("summary", target, "--format", "json").out)["layers"]
    found: dict[str, object] = row
    return found


def test_it_is_computed() -> None:
    """Numbers worked out by hand. Defeats: tensors, additions or scales that are not in the terms."""
    scaled = record(SCALED)
    assert scaled["params"] == (5 * 5 * 3 + 1) * 10 + 10
    assert scaled["macs"] == 5 * 5 * 3 * 32 * 32 * 10
    counts = scaled["operations"]
    assert isinstance(counts, dict)
    outputs = 32 * 32 * 10
    assert (counts["mul"], counts["add"], counts["outputs"]) == (outputs, outputs, outputs)
    alike = record(PROTOTYPES)
    assert (alike["params"], alike["macs"]) == ((64 + 1) * 20, 64 * 14 * 14 * 20)


@pytest.mark.parametrize(
    ("target", "quantity", "formula", "numbers"),
    [
        (SCALED, "params", "(F*F*C + 2)*K", "(5*5*3 + 2)*10"),
        (SCALED, "macs", "F*F*C*Ho*Wo*K", "5*5*3*32*32*10"),
        (PROTOTYPES, "params", "(C + 1)*K", "(64 + 1)*20"),
        (PROTOTYPES, "weights", "C*K", "64*20"),
        (PROTOTYPES, "macs", "C*H*W*K", "64*14*14*20"),
    ],
)
def test_it_is_explained_term_by_term(target: str, quantity: str, formula: str, numbers: str) -> None:
    """Defeats: a form that only the classes of archcalc state."""
    (found,) = json.loads(call("explain", target, quantity, "--format", "json").out)["derivations"]
    (made,) = found["formulas"]
    assert (made["formula"], made["numbers"]) == (formula, numbers)


@pytest.mark.parametrize(
    ("target", "ask", "value", "belief"),
    [
        (SCALED, "params", 5 * 5 * 3 * 10 + 10, "bias-forgotten"),
        (SCALED, "params", (5 * 5 + 1 + 1) * 10, "channels-forgotten"),
        (SCALED, "params", (5 * 3 + 1 + 1) * 10, "kernel-not-squared"),
        (SCALED, "params", (5 * 5 * 10 + 1 + 1) * 10, "filters-for-channels"),
        (SCALED, "weights", 5 * 5 * 3 + 1, "one-filter"),
        (SCALED, "macs", 5 * 5 * 3 * 10, "one-position"),
        ("32x32x3 -> scaled_conv 5x5 10 stride=2", "macs", 5 * 5 * 3 * 32 * 32 * 10, "input-positions"),
        (PROTOTYPES, "params", 64 * 20, "bias-forgotten"),
        (PROTOTYPES, "params", 64 * 20 + 1, "one-bias"),
        (PROTOTYPES, "params", (3 + 1) * 20, "three-channels"),
        (PROTOTYPES, "macs", 64 * 20, "one-position"),
    ],
)
def test_a_wrong_count_is_diagnosed(target: str, ask: str, value: int, belief: str) -> None:
    """Defeats: an examiner that is silent, or guesses, about a layer that it has no class of."""
    found = verdict(target, ask, value)
    assert found.kind == WRONG
    assert belief in [id for reading in found.readings for id in reading.ids]


@pytest.mark.parametrize("target", [SCALED, PROTOTYPES])
def test_conventions_hold_and_factors_are_solved_for(target: str) -> None:
    """FLOPs for MACs is a convention; another number of filters would be right."""
    layer = load(target).graph.layers[-1]
    macs, params = layer.facts.macs, layer.facts.params
    assert macs is not None
    assert params is not None
    assert verdict(target, "params", params).kind == RIGHT
    doubled = verdict(target, "macs", 2 * macs)
    assert (doubled.kind, doubled.convention) == (CONVENTION, "a multiply and an add as two operations")
    filters = 10 if target == SCALED else 20
    other = verdict(target, "params", params // filters * 37)
    assert (other.readings[0].kind, other.readings[0].ids) == (FACTOR, ("factor",))


# What an op is, and what it states: all that the examiner may read.
STATED = {"base", "terms", "window", "volume", "attributes", "tracing"}


def test_the_examiner_knows_no_class_of_a_layer() -> None:
    """Defeats: ``isinstance(op, Conv)``, which is silent about every op that is added."""
    folder = Path(archcalc.answers.__file__).parent
    found = {
        (path.name, module)
        for path in folder.rglob("*.py")
        for module in re.findall(
            r"from (?:\.+|archcalc\.)ops\.(\w+) import", path.read_text(encoding="utf-8")
        )
    }
    assert len(found) > len(STATED)
    assert {(path, module) for path, module in found if module not in STATED} == set()


# Of an op that has some, the examiner knows how each of these comes about.
COUNTED = ("params", "weights", "biases", "trainable", "param_bytes", "macs", "flops")


@pytest.mark.parametrize("name", sorted(name for name, op in registry().items() if op.example))
def test_the_examiner_is_silent_about_no_op(name: str) -> None:
    """Defeats: an op that is added, and whose counts the examiner has no method for."""
    graph = load(registry()[name].example).graph
    subject = Subject(graph)
    for layer in graph.layers:
        for quantity in COUNTED:
            asked = Question(subject, layer, quantity, Conventions())
            if asked.plain:
                assert Diagnosis(asked).known, (layer.name, quantity)


@pytest.mark.parametrize("name", sorted(name for name, op in registry().items() if op.example))
def test_a_count_comes_to_what_its_working_shows(name: str) -> None:
    """Defeats: a number that is worked out in another way than the formula that is shown for it, for
    images of a batch, in FLOPs with additions, and without the first term too."""
    graph = load(registry()[name].example).graph
    for layer in graph.layers:
        inputs = [above.output for above in layer.inputs]
        for quantity in ("params", "weights", "macs", "flops", "values", "connections"):
            count = count_of(quantity, layer.op, inputs, symbol)
            for made in (count, *([count.for_images(3), count.but(terms=count.terms[1:])] if count else ())):
                if made is not None and made.terms and made.value is not None:
                    assert made.working.lines[0].made.value == made.value, (layer.name, quantity)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(COMPUTING))
@given(st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_terms_are_the_tensors_and_the_operations(name: str, data: st.DataObject) -> None:
    """Terms come to the sizes of the learned tensors, and where the op multiplies matrices, to its
    multiply-adds and additions of biases. Defeats: a rule that is stated twice and changed once."""
    op, inputs = data.draw(layers(COMPUTING[name]))
    tensors, stated = op.tensors(*inputs), op.terms(*inputs)
    if tensors is None or stated is None:
        return
    facts = op.facts(inputs)
    for quantity, right in (("params", facts.params), ("biases", facts.biases)):
        count = count_of(quantity, op, inputs)
        assert count is not None
        assert (count.value or 0) == right
    assert facts.operations is not None
    places = {"once": 1, "input": inputs[0].positions, "output": facts.output.positions}

    def running(*kinds: str) -> int:
        return sum(
            product(factor.number for factor in term.factors) * places[term.runs]
            for term in stated
            if term.kind in kinds
        )

    biases = running(BIAS)
    assert facts.operations.biases == biases
    assert facts.operations.mul_add == running(*{term.kind for term in stated} - {BIAS, SCALE})
