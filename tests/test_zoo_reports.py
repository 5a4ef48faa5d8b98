"""The published figures that the specs of the zoo carry.

Each docstring says which wrong algorithm its test defeats.
"""

from __future__ import annotations

import re

import pytest
from published import ZOO, facts, summary


def bare(figure: str) -> str:
    """A figure without what only separates its digits."""
    return figure.replace("_", "").replace(",", "")


@pytest.mark.parametrize("name", ZOO)
def test_title_says_what_is_special(name: str) -> None:
    """Defeats: a zoo list whose column `which` is empty."""
    assert re.fullmatch(r"[^,]+, \S.*", summary(name)["title"])


@pytest.mark.parametrize("name", ZOO)
def test_every_report_is_checked(name: str) -> None:
    """Defeats: reports dropped in silence, reports read but in another order than written."""
    lines = re.findall(r"^ +report +(\w+) +(?:of +(\S+) +)?(\S+)", ZOO[name], flags=re.MULTILINE)
    found = [(r["quantity"], r["of"] or "", bare(r["printed"])) for r in summary(name)["reports"]]
    assert found == [(quantity, of, bare(figure)) for quantity, of, figure in lines]


@pytest.mark.parametrize("name", ZOO)
def test_every_report_agrees_or_says_why_not(name: str) -> None:
    """Defeats: digits compared by a tolerance, wrong figures that are right, computed accuracy."""
    for report in summary(name)["reports"]:
        if report["quantity"] in ("top1", "top5"):
            assert report["computed"] is None, report
            continue
        assert isinstance(report["computed"], int), report
        assert report["agrees"] is (report["wrong"] is None), report


# A lecture's net that was run with other numbers, and one that its paper tells in pictures alone.
WITHOUT_FIGURES = {"very_deep", "inception_resnet_v2_paper"}


def test_every_network_has_a_published_figure() -> None:
    """With its source. Defeats: a network of which nothing says that it is the one of its name."""
    bare = {name for name in ZOO if not summary(name)["reports"]}
    assert bare == WITHOUT_FIGURES
    for name in ZOO:
        assert all(report["source"] for report in summary(name)["reports"]), name


TORCHVISION = facts("torchvision_totals.json")


@pytest.mark.parametrize("name", TORCHVISION)
def test_what_torchvision_publishes_is_reported(name: str) -> None:
    """Parameters, operations, and both accuracies of one crop. Defeats: a figure left out."""
    found = {
        report["quantity"]
        for report in summary(name)["reports"]
        if report["source"].startswith("torchvision")
    }
    assert found >= {"params", "macs", "top1", "top5"}


def test_some_published_figures_are_wrong() -> None:
    """The known ones stay in. Defeats: a figure that was made to agree by leaving it out."""
    wrong = {
        (name, r["quantity"], r["of"], bare(r["printed"]))
        for name in ZOO
        for r in summary(name)["reports"]
        if r["wrong"]
    }
    assert wrong >= {
        ("lenet5", "depth", None, "8"),
        ("lenet5_modern", "params", None, "60K"),
        ("alexnet", "flops", None, "1.5G"),
        ("alexnet", "depth", None, "7"),
        ("alexnet_grouped", "units", "conv1", "253440"),
        ("vgg16", "params", None, "138423208"),
        ("vgg16", "params", "pool2", "65664"),
        ("vgg16", "units", None, "24M"),
        ("vgg16", "macs", None, "19.6G"),
        ("googlenet", "params", None, "5M"),
        ("googlenet", "params", None, "4M"),
        ("googlenet", "params", "inception_5a", "1072K"),
        ("googlenet", "macs", "inception_5a", "54M"),
        ("bn_inception", "params", None, "13.6M"),
        ("inception_v2", "macs", None, "3.8G"),
        ("inception_v3", "macs", None, "4.8G"),
        ("inception_v4", "params", None, "48M"),
        ("shufflenet_v2", "macs", None, "146M"),
        ("inception_v3", "params", None, "23626728"),
        ("resnet50", "macs", None, "3.8G"),
        ("densenet264", "depth", None, "264"),
        ("mobilenet", "macs", None, "529M"),
        ("mobilenet_v3_large", "macs", None, "219M"),
        ("efficientnet_b0", "total", None, "5330571"),
        ("efficientnet_b4", "macs", None, "4.2G"),
        ("squeezenet1_0", "flops", None, "1.72G"),
        ("squeezenet1_1", "flops", None, "0.72G"),
        ("mlp_400", "params", None, "480001001"),
    }
