"""Layers without a rule: what is stated of them is counted, what is not is reported, and never is it 0."""

from __future__ import annotations

import json
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc.ops.stated import format_tensors, stated_tensors

CHAIN = '16x16x3 -> conv 3x3 4 pad=1 -> opaque "aten.unknown" 16x16x4{} -> conv 3x3 5 -> gap -> fc 2'
TENSORS = ' tensors="weight=64x3x7x7 bias=64 temperature" buffers="grid=16x16x2"'


def record(chain: str, command: str = "summary") -> Any:
    answer = call(command, chain, "--format", "json")
    assert (answer.code, answer.err) == (0, "")
    return json.loads(answer.out)


def test_what_is_unknown_is_never_zero() -> None:
    """Defeats a silent 0 for the operations of an unknown layer, and a total that does not say that it
    leaves one out."""
    found = record(CHAIN.format(""))
    layer = next(row for row in found["layers"] if row["name"] == "opaque1")
    assert layer["macs"] is None
    assert layer["operations"] is None
    assert {"layer": "opaque1", "quantity": "macs"} in found["uncounted"]
    assert {"layer": "opaque1", "quantity": "saved"} in found["uncounted"]
    assert "macs" in found["totals"]["at_least"]
    assert found["totals"]["macs"] == 16 * 16 * 27 * 4 + 14 * 14 * 36 * 5 + 5 * 2
    screen = call("summary", CHAIN.format("")).out
    assert "≥ 62,938" in screen


def test_a_sum_that_leaves_one_out_says_so() -> None:
    """In the sum and in its table. Defeats a table whose total looks exact."""
    screen = call("explain", CHAIN.format(""), "macs").out
    (total,) = [line for line in screen.splitlines() if line.startswith("total")]
    assert "≥ 62,938" in total


def test_stated_tensors_are_counted() -> None:
    """Sizes multiplied with pencil and paper; one without axes is one value. Defeats buffers that are
    counted as learned, and a tensor of no axes that counts 0."""
    network = archcalc.load(CHAIN.format(TENSORS))
    facts = network.layer("opaque1").facts
    assert facts.params == 64 * 3 * 7 * 7 + 64 + 1
    assert facts.biases == 64
    assert facts.buffers == 512
    frozen = archcalc.load(CHAIN.format(TENSORS + " frozen=yes")).summary().totals
    free = network.summary().totals
    assert free["params"] == frozen["params"]
    assert free["trainable"] - frozen["trainable"] == 9473


def test_macs_that_are_stated() -> None:
    """They count in the total, which is then exact. Defeats a total that stays a lower bound."""
    found = record(CHAIN.format(" macs=1000"))
    assert found["totals"]["macs"] == 62_938 + 1000
    assert "macs" not in found["totals"]["at_least"]
    assert record(CHAIN.format(" macs=0"))["totals"]["macs"] == 62_938


def fields(more: str) -> dict[str, Any]:
    rows = record(CHAIN.format(more), "rf")["layers"]
    return {row["name"]: row["rf"] for row in rows}


def test_windows_that_are_unknown() -> None:
    """Nothing behind is known until a layer reads everything, and then it is everything. Defeats a
    layer that is taken to read its own position where nobody said so."""
    found = fields("")
    assert found["conv1"]["size"] == [3, 3]
    assert found["opaque1"] is found["conv2"] is None
    assert found["gap1"]["global"]
    assert found["fc1"]["size"] == [16, 16]
    assert fields(" reads=own")["conv2"]["size"] == [5, 5]
    assert fields(" reads=everything")["opaque1"]["global"]


def test_behind_everything_an_unknown_layer_sees_everything() -> None:
    """Whatever it reads of a vector has seen all. Defeats fields that are lost there."""
    rows = record('16x16x3 -> gap -> opaque "f" 7 -> fc 2', "rf")["layers"]
    assert all(row["rf"]["global"] for row in rows if row["name"] in ("opaque1", "fc1"))


def test_an_input_that_no_way_leads_from() -> None:
    """Defeats a field of all inputs of the network, behind a layer that reads one of them."""
    text = 'net two\n  input a: 8x8x3\n  input b: 6x6x3\n  @a -> opaque "f" 4x4x3 -> gap\n'
    network = archcalc.load("-", stdin=text + "  out other: @b -> gap\n")
    seen = network.summary(with_heads=True).fields.of(network.layer("gap1"))
    assert [(source.name, extent.size, extent.whole) for source, extent in seen.items()] == [
        ("a", (8, 8), True)
    ]


def test_a_view_takes_no_memory() -> None:
    """Defeats storage=view that is counted anew."""

    def activations(more: str) -> int:
        return record(f'16x16x3 -> conv 1x1 4 -> opaque "v" 8x32x4{more}')["totals"]["activation_bytes"] // 4

    assert activations("") - activations(" storage=view") == 8 * 32 * 4


def test_several_tensors() -> None:
    """Any number of them, of any shapes. Defeats a merge that wants equal ones."""
    text = 'net n\n  input a: 8x8x3\n  input b: 5\n  opaque "f" 4x4x3 @a @b\n'
    assert record_of(text)["layers"][-1]["output"] == [4, 4, 3]


def record_of(text: str) -> Any:
    answer = call("summary", "-", "--format", "json", stdin=text)
    assert (answer.code, answer.err) == (0, "")
    return json.loads(answer.out)


def test_training_is_a_lower_bound() -> None:
    """Defeats a sum of kept bytes that takes an unknown layer to keep nothing."""
    screen = " ".join(call("summary", CHAIN.format(TENSORS), "--optimizer", "sgd").out.split())
    assert "kept for backward ≥" in screen
    assert "no rule for the kept bytes of opaque1" in screen


def test_pytorch_has_no_such_layer() -> None:
    """verify goes as far as the layer before it and says so; export gives one message. Defeats a
    traceback, and a module that computes something else."""
    answer = call("verify", CHAIN.format(TENSORS))
    assert answer.code == 0
    assert "as far as conv1" in answer.err
    answer = call("export", "--to", "torch", CHAIN.format(TENSORS))
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("error") == 1
    assert "archcalc does not know what it computes" in answer.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ('opaque "f"', "`opaque` needs `shape`"),
        ('opaque "f" 3 tensors="a=3 a=4"', "two tensors are called 'a'"),
        ('opaque "f" 3 tensors="a=3 b:4"', "'b:4' is no tensor"),
        ('opaque "f" 3 tensors="a=3" buffers="a=3"', "a tensor is learned or a buffer, and not both"),
        ('opaque "f" 3x3 reads=own', "`opaque` reads its own position, and 8x8x3 has other positions"),
    ],
)
def test_what_is_refused(words: str, message: str) -> None:
    answer = call("summary", f"8x8x3 -> {words}")
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_tensors_are_read_as_they_are_written() -> None:
    """Defeats a tensor without axes that comes back with one."""
    tensors = {"a.weight": (3, 4), "scale": (), "b[0]": (1,)}
    assert dict(stated_tensors(format_tensors(tensors))) == tensors
    assert stated_tensors(None) == ()
