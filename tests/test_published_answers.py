"""A published figure in an answer: what `summary -v` knows of it, `check` says, with the reason."""

from __future__ import annotations

import json

import pytest
from calling import call

from archcalc import load
from archcalc.answers.published import figure_value
from archcalc.loading import LoadedNetwork

CUT = "cut off where it is to be rounded"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("target", "answer", "expected"),
    [
        ("googlenet", "params=5M", "as printed in arXiv:1512.00567, section 1: its own layers hold 7.0M"),
        ("googlenet", "params=4M", "as printed in lecture slides: its own layers hold 7.0M"),
        ("googlenet", "depth=19", "as printed in lecture slides: 22 layers with weights on a path"),
        ("googlenet", "conv1.macs=34M", "as printed in Table 1: counts a 7x1 and a 1x7; 7x7x3x64 takes 118M"),
        (
            "alexnet",
            "flops=1.5B",
            "as printed in lecture slides: of the net in two groups; one group takes 2.27G",
        ),
        (
            "alexnet",
            "depth=7",
            "as printed in lecture slides: five convolutional and three fully connected layers",
        ),
        (
            "vgg16",
            "neurons=24M",
            "as printed in CS231n notes: the rows of its listing sum to 15.2M, image and pools among them",
        ),
        (
            "vgg16",
            "memory=93MB",
            "as printed in CS231n notes: 4 bytes for each of 24M values; the "
            "rows of its listing sum to 15.2M",
        ),
        ("resnet50", "macs=3.8G", "as printed in Table 1: the paper's net has the stride on the first 1x1"),
        # Of another network of the family.
        (
            "alexnet",
            "params=60M",
            "the figure of alexnet_grouped, as printed in abstract: 60,965,224 parameters, cut off",
        ),
        (
            "resnet50",
            "params=25636712",
            "the figure of resnet50_keras, as printed in "
            "keras.applications: 25,636,712 parameters with buffers",
        ),
        # The number itself, which the paper prints cut off.
        (
            "alexnet_grouped",
            "neurons=650000",
            f"{CUT}, as printed in abstract: 650,000 neurons (659,272 neurons, cut off)",
        ),
        (
            "alexnet",
            "neurons=650000",
            f"{CUT}, the figure of alexnet_grouped, as printed in "
            "abstract: 650,000 neurons (659,272 neurons, cut off)",
        ),
    ],
)
def test_the_reason_of_a_summary(target: str, answer: str, expected: str) -> None:
    """Defeats: a bare "wrong", where the spec of the network holds the reason."""
    found = call("check", target, answer)
    assert f"wrong, {expected}" in " ".join(found.out.split())
    assert found.code == 1


@pytest.mark.slow
def test_every_figure_that_a_spec_calls_wrong_has_its_reason() -> None:
    """Of some networks with many of them. Defeats: figures of layers and blocks left out."""
    for name in ("googlenet", "vgg16", "alexnet", "lenet5"):
        for figure in LoadedNetwork.of(name).graph.published_figures:
            if not figure.wrong or figure_value(figure.printed) is None:
                continue
            ask = f"{figure.of}.{figure.quantity}" if figure.of else f"total.{figure.quantity}"
            if figure.quantity in ("total", "bytes", "trainable"):
                continue
            found = call("check", name, f"{ask}={figure.printed}", "--format", "json")
            (answer,) = json.loads(found.out)["answers"]
            reasons = [reading["reason"] for reading in answer["readings"]]
            assert answer["verdict"] in ("rounded", "convention") or figure.wrong in reasons, figure


def test_a_figure_that_is_right_as_its_publication_counts() -> None:
    """Defeats: wrong in `check` what agrees in `summary -v`: 112 times 1,024 weights. 163,328 are
    159.5 times 1,024."""
    found = call("check", "googlenet", "conv2.params=112K")
    out = " ".join(found.out.split())
    assert "right by another convention: without biases, K = 1024, as printed in Table 1" in out
    assert found.code == 0
    found = call("check", "googlenet", "inception_3a.params=159K")
    out = " ".join(found.out.split())
    assert f"wrong, {CUT}, as printed in Table 1 (163,328 parameters, without biases" in out
    assert found.code == 1


def test_what_it_is_the_figure_of_goes_before_where_it_is_printed() -> None:
    out = " ".join(call("check", "vgg16", "macs=19.6G").out.split())
    assert "consistent with the figure of vgg19 and vgg19_bn" in out
    assert "or as printed in lecture slides: this is VGG-19; VGG-16 takes 15.5G" in out


def test_a_misconception_goes_before_where_it_is_printed() -> None:
    out = " ".join(call("check", "vgg16", "pool2.params=65664").out.split())
    assert "consistent with pooling layer counted as a convolution" in out
    assert "or as printed in lecture slides: a max pool has no parameters" in out


def test_what_explains_it_is_no_kind_of_error() -> None:
    """A published figure may be wrong for any reason: its kind is empty, its reason is not."""
    found = call("check", "googlenet", "params=5M", "--format", "json")
    (answer,) = json.loads(found.out)["answers"]
    assert answer["kind"] is None
    assert answer["reason"] == "its own layers hold 7.0M"
    assert answer["readings"][0]["kind"] == "published"


@pytest.mark.parametrize("name", ["alexnet", "alexnet_grouped", "mobilenet_v2", "vit_b_16"])
def test_a_summary_and_the_verdict_say_the_same(name: str) -> None:
    """Of each total that a spec reports: what agrees when it is rounded is right, what agrees when
    it is cut off is that. Defeats: two rules for what the digits of a figure are."""
    for report in load(name).summary().to_dict()["reports"]:
        if report["of"] or report["quantity"] not in ("params", "macs") or report["convention"]:
            continue
        ask = f"total.{report['quantity']}={report['printed']}"
        (answer,) = json.loads(call("check", name, ask, "--format", "json").out)["answers"]
        expected = answer["kind"] or answer["verdict"]
        assert expected == {"exact": "right", "rounded": "rounded", "truncated": "cut-off"}[report["how"]], (
            report
        )
