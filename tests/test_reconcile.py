"""`archcalc reconcile` and `explain --tools`: figures that tools printed, and what they come from."""

from __future__ import annotations

import json
import random
import sys
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from lanes import slow_but

import archcalc
from archcalc.diagnostics import SpecError
from archcalc.loading import LoadedNetwork
from archcalc.reconciling.printed import figures_of, read_figure
from archcalc.reconciling.search import FigureExplanation, Reconciliation
from archcalc.reconciling.tools import DIFFERENCES, CountsByTools, ours
from archcalc.reconciling.variants import macs_on
from archcalc.shape import Shape
from tests.calling import call

# What the tools printed of torchvision's modules: each with the words of its explanation.
MEASURED = {
    ("resnet50", 4_111_512_576): ["fvcore"],
    ("resnet50", 4_132_436_968): ["ptflops"],
    ("resnet50", 4_133_742_592): ["thop"],
    ("resnet50", 4_089_238_376): ["torchinfo"],
    ("resnet50", 8_221_876_096): ["torchscan"],
    ("resnet50", 8_211_108_352): ["calflops"],
    ("resnet50", 3_857_973_248): ["resnet50_v1"],
    ("vgg16", 15_470_289_408): ["no softmax", "an adaptive pool that changes nothing", "fvcore"],
    ("vgg16", 15_523_225_576): ["no softmax", "an adaptive pool that changes nothing", "ptflops"],
    ("mobilenet_v2", 314_193_216): ["fvcore"],
}


def explained(network: str, *figures: str, **how: Any) -> list[tuple[FigureExplanation, ...]]:
    """The explanations of figures."""
    found = Reconciliation(LoadedNetwork.of(network), figures, network, **how)
    return [figure.explanations for figure in found.figures]


def words(explanation: FigureExplanation) -> list[str]:
    return [assumption.words for assumption in explanation.assumptions]


@pytest.mark.parametrize(("network", "figure"), MEASURED)
def test_what_tools_printed(network: str, figure: int) -> None:
    """Defeats a count of a tool that is near its figure, or that is of another way of writing the code."""
    ((first, *_),) = explained(network, f"{figure:,}")
    assert first.believed
    assert first.value == figure
    assert words(first) == MEASURED[network, figure]


def test_terms_add_up() -> None:
    """Defeats terms that leave something out: ours and all differences are the figure."""
    figures = [
        "3.8G",
        "4.1G",
        "4.11G",
        "4.13G",
        "8.2G",
        "8.22G",
        "25.6M",
        "23.5M",
        "51MB",
        "102MB",
        "4.6G",
        "54 layers",
    ]
    for network in ("resnet50", "googlenet", "vit_b_16"):
        for found in explained(network, *figures):
            for one in found:
                assert sum([term.value for term in one.terms]) == one.value, one


def test_many_digits_bear_what_few_do_not() -> None:
    """Defeats a search that believes whatever it finds: of three digits a guess is a guess."""
    (long, *_), short = explained("resnet50", "4,628,849,408", "4.63G")
    assert long.believed
    assert words(long) == ["input 227x227x3"]
    assert not any(one.believed for one in short)
    assert short[0].chance > Fraction(1, 500)


def test_rounding_is_told_from_cutting_off() -> None:
    """Defeats a search that takes 4.08 for 4.089 without a word."""
    (rounded, *_), (cut, *_) = explained("resnet50", "4.09G", "4.08G", by_records=False)
    assert words(rounded) == []
    assert words(cut) == ["cut off, not rounded"]
    assert rounded.believed
    assert not cut.believed


def test_published_figures_are_no_guess() -> None:
    """Defeats a rule that counts digits alone: the paper itself prints 3.8G of this network."""
    ((first, *_),) = explained("resnet50", "3.8G")
    assert first.believed
    assert first.sources == ("arXiv:1512.03385, Table 1",)
    assert words(first) == ["resnet50_v1", "cut off, not rounded"]


def test_parameters() -> None:
    """Defeats parameters without the ways in which they are counted. 53 batch norms, 53,120 buffers."""
    found = explained(
        "resnet50",
        "params=25,610,152",
        "25,610,205 params",
        "23,508,032",
        "25,529,472 parameters",
        "25.6M params",
    )
    assert [words(one[0]) for one in found] == [
        ["with the buffers, as Keras' total"],
        ["with the buffers, as Keras' total", "with a batch counter for each batch norm, as in a state_dict"],
        ["without the classifier"],
        ["without biases"],
        [],
    ]
    assert found[1][0].value == 25_557_032 + 53_120 + 53


def test_memory() -> None:
    """Defeats MB and MiB taken for each other: 102,228,128 bytes are 102.2 MB and 97.49 MiB."""
    decimal, binary, called, half = explained("resnet50", "102.2 MB", "97.49 MiB", "97.49 MB", "51.11MB")
    assert words(decimal[0]) == words(binary[0]) == []
    assert words(called[0]) == ["1 MB taken for 2^20 bytes"]
    assert words(half[0]) == ["fp16, 2 bytes a value"]


def test_depths() -> None:
    """Defeats 50 layers counted in one way: with the four projections of its shortcuts there are 54."""
    fifty, more = explained("resnet50", "50 layers", "54 layers")
    assert words(fifty[0]) == []
    assert words(more[0]) == [
        "all convolutions and fully connected layers, on shortcuts and side branches too"
    ]


def test_units_that_are_printed() -> None:
    """Defeats MACs and FLOPs that are the same thing: what is printed is kept apart from what is meant."""
    (flops, *_), (called, *_) = explained("resnet50", "8.18 GFLOPs", "4.09 GFLOPs", by_records=False)
    assert words(flops) == []
    assert flops.value == 8_178_368_512
    assert words(called) == ["MACs called FLOPs"]
    assert called.value == 4_089_184_256


def test_billions_with_a_b() -> None:
    """Defeats a B that is always a byte: papers print 8.18B FLOPs, and darknet 8.18 BFLOPs."""
    for text in ("8.18B FLOPs", "8.18 BFLOPs", "8.18 B FLOPs", "8.18G FLOPs"):
        ((first, *_),) = explained("resnet50", text)
        assert first.value == 8_178_368_512
        assert words(first) == []


@pytest.mark.parametrize("name", slow_but(["vgg16", "resnet50", "mobilenet_v2", "densenet121"], 1))
def test_random_figures_are_not_explained(name: str) -> None:
    """Defeats a rule of acceptance that chance meets: no guess about a figure that means nothing is
    believed."""
    draw = random.Random(17)
    network = LoadedNetwork.of(name)
    macs = sum([layer.facts.macs or 0 for layer in network.graph.main()])
    figures = [
        f"macs={macs * (1 + draw.uniform(-0.1, 0.1)):.{digits}e}" for digits in (2, 3, 4) for _ in "1234"
    ]
    for figure in Reconciliation(network, figures, name).figures:
        assert all(one.documented for one in figure.explanations if one.believed), figure


@pytest.mark.parametrize("name", ["resnet50", "googlenet", "mobilenet_v2", "squeezenet1_0"])
def test_macs_on_another_input(name: str) -> None:
    """Defeats an estimate by the area: the layers are counted on the sizes that arrive."""
    graph = LoadedNetwork.of(name).graph
    other = LoadedNetwork.of(name, "227x227x3").graph
    assert macs_on(graph, Shape((227, 227, 3))) == sum([layer.facts.macs or 0 for layer in other.main()])


def test_an_input_on_which_a_side_head_reads_nothing() -> None:
    """Defeats a network that is given up for its side head: ptflops' README prints 2.85 G of Inception-v3 at
    224x224, where PyTorch runs it without the head."""
    ((first, *_),) = explained("inception_v3", "2.838G")
    assert words(first) == ["input 224x224x3"]


@pytest.mark.parametrize(
    ("figure", "message"),
    [
        ("abc", "is no figure"),
        ("12 pixels", "figures in pixels"),
        ("colour=3", "called `colour`"),
        ("-3G", "is no figure"),
        ("0", "not above 0"),
        ("9" * 5000, "…` is no figure"),
        ("34.944", "34,944, or 34.944"),
        ("params=3 MB", "not counted in bytes"),
        ("nan", "it is no number"),
        ("", "it is no number"),
        ("1e999", "its exponent is too large"),
        ("4.1G/4.2G", "it is a quotient"),
    ],
)
def test_what_is_no_figure(figure: str, message: str) -> None:
    """Defeats a guess at what cannot be read."""
    with pytest.raises(SpecError) as error:
        read_figure(figure)
    assert message in str(error.value)


def test_exit_codes() -> None:
    """Defeats a call that says yes where a figure is not explained."""
    assert call("reconcile", "resnet50", "4.11G", "25.6M").code == 0
    nothing = call("reconcile", "resnet50", "4.09G", "4.77G")
    assert nothing.code == 1
    assert "nothing known gives it" in nothing.out
    wrong = call("reconcile", "resnet50", "4.09G", "many")
    assert wrong.code == 2
    assert wrong.out == ""
    assert "no figure" in wrong.err
    assert call("reconcile", "resnet50").code == 2


def test_python_and_the_command_agree() -> None:
    """Defeats two records of one thing."""
    made = call("reconcile", "resnet50", "4.11G", "3.8G", "--format", "json").out
    assert json.loads(made) == archcalc.reconcile("resnet50", "4.11G", "3.8G").to_dict()


def test_a_chain_is_reconciled_too() -> None:
    """Defeats a search that needs a name of the zoo: 320 x 10 + 10 parameters."""
    ((first, *_),) = explained("8x8x5 -> fc 10", "3,210")
    assert first.value == 3_210
    assert words(first) == []


@pytest.mark.parametrize("name", ["resnet50", "vit_b_16", "convnext_tiny", "googlenet", "lenet5"])
def test_the_table_of_tools_adds_up(name: str) -> None:
    """Defeats a difference that is in no column: ours and the columns are the tool's figure."""
    figures = CountsByTools(LoadedNetwork.of(name))
    for row in figures.rows:
        differences = sum([row.differences[kind] for kind in DIFFERENCES])
        assert row.figure == ours(figures, row.profile.unit) + differences, row.profile.name


def test_the_table_of_tools_names_who_is_wrong() -> None:
    """Defeats a table in which thop's 11 G of a vision transformer look as good as 17.6 G."""
    shown = " ".join(call("explain", "vit_b_16", "macs", "--tools").out.split())
    assert "17,563,828,224" in shown
    (torchinfo,) = [
        row for row in CountsByTools(LoadedNetwork.of("vit_b_16")).rows if row.profile.name == "torchinfo"
    ]
    assert torchinfo.figure == 180_319_720
    assert torchinfo.faults
    assert all(fault.reason in shown for fault in torchinfo.faults)
    refused = call("explain", "resnet50", "params", "--tools")
    assert refused.code == 2
    assert "params" in refused.err


def test_a_tool_that_is_run() -> None:
    """Defeats a profile that drifts from its tool: both stand side by side, layer by layer."""
    pytest.importorskip("torch")
    found = call("reconcile", "lenet5_modern", "--with", "flopcounter", "--format", "json")
    (run,) = json.loads(found.out)["with"]
    macs = sum([layer.facts.macs or 0 for layer in LoadedNetwork.of("lenet5_modern").graph.layers])
    assert run["figure"] == run["by_profile"] == 2 * macs
    assert run["layers"] == 5
    assert run["differing"] == []


def test_a_tool_that_cannot_be_run() -> None:
    """Defeats a traceback where a tool is missing: a line says how it is installed, or which there are."""
    pytest.importorskip("torch")
    found = call("reconcile", "lenet5_modern", "4M", "--with", "fvcor")
    assert found.code == 2
    assert "`fvcor` cannot be run" in found.err
    assert "fvcore" in found.err


@pytest.mark.parametrize("tool", ["ptflops", "ptflops-aten", "torchscan-macs"])
def test_tools_beside_a_torchvision_without_operators(tool: str) -> None:
    """Defeats a tool that is called broken, or is to be installed again, where it imports a torchvision that
    lacks its own operators."""
    pytest.importorskip("torch")
    if find_spec(tool.partition("-")[0]) is None:
        pytest.skip(f"{tool} is not installed")
    found = call("reconcile", "lenet5_modern", "--with", tool, "--format", "json")
    (run,) = json.loads(found.out)["with"]
    assert run["figure"] == run["by_profile"]


def test_a_tool_whose_own_needs_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats advice to install once more what is there, where a package that it needs is not."""
    pytest.importorskip("torch")
    (tmp_path / "calflops.py").write_text("import not_there.models\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "calflops", raising=False)
    found = call("reconcile", "lenet5_modern", "--with", "calflops")
    assert found.code == 2
    assert "No module named 'not_there'" in found.err
    assert found.err.strip().endswith("-m pip install not_there")


def test_units_that_stand_apart() -> None:
    """Defeats `4.1 GFLOPs` without quotes, read as a number and a word that is no figure."""
    words = ["4.1", "GFLOPs", "25.6", "M", "params", "50", "layers", "4.11G", "billion", "many", "3x3"]
    assert figures_of(words) == ["4.1 GFLOPs", "25.6 M params", "50 layers", "4.11G billion", "many", "3x3"]
    assert call("reconcile", "resnet50", "4.1", "GFLOPs", "25.6", "M", "params", "50layers").code == 0


def test_one_guess_is_shown() -> None:
    """Defeats a screen on which the likeliest guess stands among less likely ones that come to nearly the
    same; and one that keeps them from whoever asks."""
    few, every = call("reconcile", "resnet50", "4.63G"), call("reconcile", "resnet50", "4.63G", "-v")
    assert few.out.count("? ") == 2  # the guess, and what the sign means
    assert "2 less likely guesses left out: -v" in few.out
    assert every.out.count("? ") == 4
    assert "left out" not in every.out
    assert "torchinfo" in every.out
    table = call("reconcile", "resnet50", "4.63G", "--format", "markdown").out
    assert table.count("| ?") == 1
    assert (
        len(
            json.loads(call("reconcile", "resnet50", "4.63G", "--format", "json").out)["figures"][0][
                "explanations"
            ]
        )
        == 4
    )


def test_explanations_of_one_value_stand_together() -> None:
    """Defeats two rows for one number: without its classifier a chain has its convolutions alone."""
    shown = call("reconcile", "28x28x1 -> conv 5x5 6 -> maxpool 2x2 -> fc 10", "86.4K").out
    assert shown.count("86,400") == 1
    assert "without the classifier or convolutions only" in shown


def test_a_publication_says_not_how_it_counted() -> None:
    """Defeats an explanation that is believed for the paper's sake: MobileNetV2's prints 3.4M, and not that
    it left out biases."""
    ((first, *_),) = explained("mobilenet_v2", "3.4M")
    assert first.sources
    assert not first.believed


def test_megabytes_of_either_kind() -> None:
    """Defeats Keras' 528 MB of VGG-16 taken for a guess: they are 2^20 bytes each."""
    ((first, *_),) = explained("vgg16", "528MB")
    assert first.believed
    assert words(first) == ["1 MB taken for 2^20 bytes"]


def test_figures_of_labels() -> None:
    """Defeats a figure of a layer that is compared with the whole network, in a tool's count or in ours: thop
    and ptflops count conv1 of ResNet-50 with its norm and its activation, fvcore with its norm alone."""
    ours, norm, both, block = explained(
        "resnet50",
        "conv1.macs=118,013,952",
        "conv1.macs=119,619,584",
        "conv1.macs=121,225,216",
        "CONV1.params=9,536",
    )
    assert words(ours[0]) == []
    assert "fvcore" in [word for one in norm for word in words(one)]
    assert {"ptflops", "thop"} <= {word for one in both for word in words(one)}
    assert words(block[0]) == []
    assert all(sum([term.value for term in one.terms]) == one.value for one in (*ours, *norm, *both, *block))
    ((printed, *_),) = explained("squeezenet1_0", "fire2.params=11,920")
    assert printed.sources == ("arXiv:1602.07360, Table 1",)


def test_labels_that_there_are_not() -> None:
    """Defeats a label that is misspelt and passes for the network, and memory of a label, which is no sum."""
    missing = call("reconcile", "googlenet", "inception_3x.macs=3M")
    assert missing.code == 2
    assert "nothing is called `inception_3x` in googlenet" in missing.err
    assert "did you mean `inception_3" in missing.err
    assert "operations and parameters" in call("reconcile", "googlenet", "conv1.memory=3MB").err
    assert call("reconcile", "resnet50", "total.macs=4.11G").code == 0


def test_published_figures_that_are_wrong() -> None:
    """Defeats silence on a misprint that the spec knows: GoogLeNet's table has 34M for its first layer."""
    found = call("reconcile", "googlenet", "conv1.macs=34M")
    assert found.code == 1
    shown = " ".join(found.out.split())
    assert "printed in Table 1, and wrong by the spec: counts a 7x1 and a 1x7" in shown
    (figure,) = archcalc.reconcile("googlenet", "conv1.macs=34M").to_dict()["figures"]
    assert figure["wrong"] in shown
    (right,) = archcalc.reconcile("googlenet", "conv2.macs=360M").to_dict()["figures"]
    assert right["wrong"] is None
