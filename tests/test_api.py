"""The Python side: a target becomes a network, a network gives reports, errors say where."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import pytest

import archcalc
from archcalc import Network, SpecError, load


def test_load_and_ask() -> None:
    network = load("resnet18")
    assert isinstance(network, Network)
    assert network.name == "resnet18"
    summary = network.summary()
    assert summary.totals["params"] == 11_689_512
    assert [row.name for row in summary.rows][:3] == ["conv1", "conv1.bn", "conv1.relu"]
    first = summary.rows[0]
    assert (first.op, first.params, first.trainable, first.buffers) == ("conv", 9408, 9408, 0)
    assert (tuple(first.output), first.macs) == ((112, 112, 64), 118_013_952)
    assert first.operations is not None
    assert first.operations.mul_add == 118_013_952
    assert first.output_bytes == 112 * 112 * 64 * 4
    assert json.loads(json.dumps(summary.to_dict())) == summary.to_dict()
    table = list(csv.DictReader(io.StringIO(summary.to_csv())))
    assert [row["name"] for row in table] == ["input", *(row.name for row in summary.rows)]
    assert sum(int(row["params"]) for row in table) == 11_689_512


def test_receptive_field() -> None:
    field = load("resnet18").receptive_field()
    assert field.totals["rf"]["size"] == [435, 435]
    assert [row.name for row in field.rows] == [r.name for r in load("resnet18").summary().rows]
    one = load("vgg16").receptive_field("pool5")
    assert [row.name for row in one.rows] == ["pool5"]
    assert one.to_dict()["layers"][0]["rf"]["size"] == [212, 212]
    assert one.to_csv().split("\n")[1].startswith('pool5,maxpool,7x7x512,"212,212"')


def test_input_and_parameters() -> None:
    assert load("vgg16", classes=10).summary().totals["params"] == 134_301_514
    for shape in ("32x32x3", (32, 32, 3), [32, 32, 3], {"input": "32x32x3"}):
        network = load("vgg16", shape, classes=10)
        assert network.summary().to_dict()["input"] == [32, 32, 3]
    assert load("vgg16", input=(64, 64, 3)).summary().to_dict()["input"] == [64, 64, 3]
    assert load("3072 -> fc 10", 100).summary().to_dict()["input"] == [100]
    text = "net a w=1 kind=no\n  input 8x8x4\n  conv 1x1 (8*w)\n  bn if kind\n"
    for value, filters in ((2, 16), (Fraction(1, 2), 4), (0.5, 4), ("0.5", 4)):
        network = load("-", stdin=text, w=value)
        assert network.graph.layers[0].output.channels == filters
    assert len(load("-", stdin=text, kind=True).graph.layers) == 2
    assert len(load("-", stdin=text, kind="yes").graph.layers) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: load("vgg99"),
        lambda: load(""),
        lambda: load("vgg16", "axb"),
        lambda: load("vgg16", (32, 32.5, 3)),
        lambda: load("vgg16", (32, 0, 3)),
        lambda: load("vgg16", (True, 3, 3)),
        lambda: load("vgg16", {"other": (1, 2, 3)}),
        lambda: load("vgg16", object()),
        lambda: load("vgg16", classes=object()),
        lambda: load("vgg16", classes=None),
        lambda: load("vgg16", nope=1),
        lambda: load("vgg16", classes="a b"),
        lambda: load("vgg16", budget=3),
        lambda: load("vgg16").until("nope"),
        lambda: load("vgg16").freeze("nope"),
        lambda: load("vgg16").layer("nope"),
        lambda: load("vgg16").receptive_field("nope"),
    ],
)
def test_errors_carry_diagnostics(wrong: object) -> None:
    with pytest.raises(SpecError) as caught:
        wrong()  # type: ignore[operator]
    (diagnostic,) = [d for d in caught.value.diagnostics if d.severity == "error"]
    assert diagnostic.message in str(caught.value)
    assert set(diagnostic.to_dict()) >= {"code", "severity", "message", "file", "line", "column", "help"}


def test_several_errors_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.arch"
    path.write_text("net a\n  input 8x8x3\n  cnov 3x3 4\n  maxpol 2x2\n")
    with pytest.raises(SpecError) as caught:
        load(str(path))
    assert [d.to_dict()["line"] for d in caught.value.diagnostics] == [3, 4]
    assert str(caught.value).startswith(f"{path}:3:3: ")


@pytest.mark.parametrize(
    "options", [{"batch": 0}, {"batch": 1.5}, {"batch": True}, {"dtype": "fp3"}, {"layout": "nchw"}]
)
def test_bad_options_of_a_summary(options: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"no dtype|no layout|a batch is"):
        load("lenet5").summary(**options)  # type: ignore[arg-type]


def test_a_network_stays_as_it_is() -> None:
    network = load("googlenet")
    before = network.summary(with_heads=True).to_dict()
    frozen = network.freeze("inception_4a")
    part = network.until("inception_4a")
    both = part.freeze("conv2")
    assert frozen is not network
    totals = frozen.summary().totals
    assert totals["trainable"] < totals["params"] == 6_998_552
    assert part.summary().totals["params"] < 6_998_552
    assert 0 < both.summary().totals["trainable"] < both.summary().totals["params"]
    assert both.freeze("inception_4a").summary().totals["trainable"] == 0
    assert part.summary().totals["trainable"] == part.summary().totals["params"]
    assert network.summary(with_heads=True).to_dict() == before
    # Figures published of the whole are not claimed of a part.
    assert part.summary().to_dict()["reports"] == []
    assert network.until("loss3").summary().totals["params"] == 6_998_552


def test_freezing_a_long_chain() -> None:
    network = load("8x8x4 -> 3000 x conv 1x1 4")
    assert network.freeze("conv2999").summary().totals["trainable"] == 20


def test_in_a_notebook() -> None:
    evil = "<script>alert(1)</script> & \"'"
    text = 'net a "<b>bold</b> & more"\n  input 8x8x3\n  conv 3x3 4\n'
    text += "  3 x (conv 1x1 4 -> bn -> relu)\n"
    network = load("-", stdin=text)
    network.graph.layers[0].text = evil
    for html in (
        network._repr_html_(),
        network.summary()._repr_html_(),
        network.receptive_field()._repr_html_(),
    ):
        assert html.startswith("<table>")
        assert html.count("<table>") == html.count("</table>") == 1
        assert html.count("<p") == html.count("</p>") > 0
        assert "<script>" not in html
        assert "<b>bold" not in html
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;&#x27;" in html
        assert html.count("<tr>") == html.count("</tr>") > 3
        assert html.count("<td") == html.count("</td>")
    assert "<caption>a: &lt;b&gt;bold&lt;/b&gt; &amp; more</caption>" in network._repr_html_()
    assert '<th style="text-align:right">196</th>' in network._repr_html_()
    two = load("-", stdin="net a\n  input left: 8x8x3\n  input right: 8x8x3\n  add @left @right\n")
    assert two.receptive_field()._repr_html_().count("<table>") == 2


def test_names() -> None:
    assert archcalc.__all__ == [
        "Network",
        "SpecError",
        "__version__",
        "apply",
        "check",
        "compare",
        "explain",
        "load",
        "mark",
        "reconcile",
        "solve",
        "sweep",
        "trace",
    ]
    assert repr(load("lenet5")) == "<Network lenet5: 13 layers>"
    with pytest.raises(AttributeError):
        _ = archcalc.nothing
