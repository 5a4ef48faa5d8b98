"""What units read, by gradients through the built network, against the windows of the rules."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc.graph import Group
from archcalc.language.library import Library
from archcalc.network import Network
from archcalc.ops import registry

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

# Imported once torch is known to be there.
from archcalc.witness import reach  # noqa: E402
from archcalc.witness.compare import receptive_fields  # noqa: E402

FIELDS = [
    "13x11x2 -> conv 3x3 4 stride=2 pad=same -> maxpool 2x2 -> conv 2x3 3 dilation=1x2 pad=1x2",
    "11x11x2 -> conv 4x4 3 stride=3 pad=2 -> relu -> upsample 2 -> conv 3x3 2 pad=1",
    "9x9x2 -> maxpool 3x3 stride=2 round=ceil -> tconv 3x3 2 stride=2 -> crop 7x6 offset=1x2",
    "10x10x4 -> conv 3x3 4 pad=1 groups=2 -> channel_shuffle 2 -> pixel_shuffle 2 -> avgpool 3x3",
    "10x10x3 -> local 3x3 2 stride=2 -> subsample 2x2 stride=1 -> lrn 3 across=positions",
    "12x12x2 -> lcn 3 -> lppool 2x2 -> adaptive_avgpool 4x5",
    "8x8x2 -> upsample 2 mode=bilinear -> conv 3x3 2 stride=2",
    "20x3 -> conv 3 4 pad=1 -> lstm 5 -> conv 3 2",
    "9x3 -> rnn 4 -> conv 3 2 stride=2 -> gru 3 -> conv 2 2",
    "6 -> embedding 9 4 -> conv 3 4 -> class_token -> conv 2 2 -> reshape 4x2 -> conv 2 2",
    "9x9x4 -> dwconv 3x3 stride=2 pad=half -> bn -> groupnorm 2 -> instancenorm -> layernorm -> "
    "scale -> bias -> times 2 -> linear 4 -> maxout 2 -> zeropad 1 -> dropout 0.5 -> softmax -> "
    "identity -> positions -> conv 2x2 2",
    "9x8x2 -> adaptive_maxpool 5x4 -> relu -> relu6 -> leaky_relu -> elu -> selu -> gelu -> silu "
    "-> hardswish -> hardsigmoid -> sigmoid -> tanh -> softplus -> prelu -> conv 3x3 2",
    "13x13x4 -> basic 4 -> bottleneck 2 stride=2 -> bottleneck_v1 2 -> conv_bn 3x3 4 stride=2",
    "12x12x4 -> conv_bn_relu 3x3 4 -> dense_layer 2 -> separable 3x3 4 -> inception 1 1 2 1 2 1",
    "11x11x4 -> inverted_residual 2 4 stride=2 -> squeeze_excite reduction=2 -> separable_xception 3x3 4",
    "net products\n  input 9x9x4\n  a: conv 3x3 4 pad=1\n  b: avgpool 3x3 stride=1 pad=1\n  mul @a @b\n",
    "10x10x4 -> conv 3x3 6 pad=1 -> take 3 offset=3 -> conv 3x3 2",
    "10x10x4 -> conv 3x3 4 pad=1 -> resize 7x6 -> resize 11x9 mode=bilinear -> conv 3x3 2",
    "8x8x4 -> pixel_unshuffle 2 -> conv 3x3 2 pad=1",
    "10x10x4 -> conv 3x3 4 pad=1 -> resize 7x6 mode=bilinear align_corners=yes -> upsample 2 mode=bilinear "
    "align_corners=yes -> conv 3x3 2",
    "10x10x4 -> conv 3x3 4 pad=1 -> resize 7x6 mode=bicubic -> upsample 3 mode=bicubic -> conv 3x3 2",
    "8x7x2 -> upsample 3x2 mode=bicubic align_corners=yes -> avgpool 2x2",
    "9x7x2 -> conv 3x3 2 -> roll 2x-3 -> conv 3x3 2 pad=1 -> slice 1 6 step=2 -> conv 2x2 2 pad=1",
    '6x8x4 -> conv 3x3 4 pad=1 -> rearrange "h (w q=2) c -> w h (c q)" -> conv 3x2 2 pad=1',
    '6x8x4 -> conv 3x3 4 pad=1 -> rearrange "(p=2 h) w (c q=2) -> (h p) (q w) c" -> conv 3x3 2 pad=1',
    '6x8x4 -> conv 3x3 4 pad=1 -> rearrange "(p=2 h) w c -> w c p h" -> conv 2x1x2 2',
    "4x6x5x2 -> conv 3 2 pad=1 -> select -1 axis=1 -> conv 3x3 3 pad=1 -> select 1 axis=-1",
    '9x4 -> conv 3 4 pad=1 -> select 2 -> linear 6 -> rearrange "(h c=2) -> h c" -> conv 2 2',
    "9x8x3 -> conv 3x3 2 -> reflectpad 1x2x0x3 -> conv 3x3 2 stride=2 -> replicatepad 2 -> conv 3x2 2 pad=1",
    "8x7x2 -> circularpad 2 -> conv 3x3 2 pad=1 pad_mode=reflect -> conv 4x4 2 pad=half pad_mode=circular",
    "9x2 -> conv 4 2 pad=same pad_mode=replicate -> dwconv 3 pad=1 pad_mode=reflect -> flip -> conv 2 2",
    "9x7x2 -> conv 2x3 2 -> flip axis=1 -> conv 3x2 2 pad=1 -> upsample 2 -> flip -> conv 3x3 2",
    "3x1x3 -> conv 1 2 -> repeat 4 axis=1 -> repeat 2 mode=each -> conv 3x3 2 pad=1 -> repeat 2 -> conv 3 2",
    "7x6x2 -> conv 2x2 2 -> im2col 2x3 stride=2 pad=1 -> linear 12 -> col2im 7x6 2x3 stride=2 pad=1",
    "net twice\n  input 7x6x2\n  input y: 3x6x2\n  a: @input -> conv 3x3 2 pad=1\n"
    "  b: concat @a @y @y axis=0\n  conv 3x3 2\n",
    "net joined\n  input 7x6x2\n  input y: 3x6x2\n  a: @input -> conv 3x3 2 pad=1\n"
    '  b: concat @a @y axis=0\n  conv 3x3 2 stride=2 -> rearrange "h w c -> w h c" -> conv 3x1 2 pad=1x0\n',
    "net pair\n  input 5x6x2\n  a: @input -> conv 3x3 2 pad=1\n  b: @input -> roll 1 -> conv 1x3 2 pad=0x1\n"
    "  stack @a @b axis=1 -> conv 2x1x2 3\n",
    "net token\n  input 5x6x4\n  a: @input -> conv 3x3 4 pad=1\n  b: @a -> select 0 -> select 2\n"
    "  add @a @b -> conv 2x2 2\n",
    "8x12x3 -> conv 3x3 6 pad=1 -> sdpa 1 window=4x3 -> linear 6 -> sdpa 2 grid=2x4 -> conv 2x2 2",
    "net scores\n  input 5x7x3\n  q: conv 1x3 4 pad=0x1\n  s: matmul @q @q transpose=yes\n  matmul @s @q",
    "net turned\n  input x: 4x6x3\n  input y: 6x2\n  q: @x -> conv 3x1 4 pad=1x0\n"
    '  einsum "hwc,wd->whd" @q @y\n  conv 2x1 1\n',
    "6x7x3 -> conv 3x3 4 pad=1 -> reduce logsumexp axis=1 keep=yes -> conv 3x1 2 -> reduce amax axis=-1",
    "7x6x4 -> conv 3x1 4 pad=1x0 -> sort axis=1 -> conv 1x1 4 -> topk 4 axis=0 -> glu axis=1 -> cumsum "
    "-> log_softmax -> conv 2x1 2",
    "9x8x2 -> mish -> logsigmoid -> softsign -> tanhshrink -> softshrink lambda=0.01 -> hardshrink "
    "lambda=0.1 -> threshold 0 -> celu -> rrelu -> argsort axis=0 -> softmax axis=1 -> conv 1x2 1",
    "6x7x3 -> conv 1x3 4 pad=0x1 -> reduce mean axis=0 -> conv 3 2 pad=1",
    "6x7x3 -> conv 3x3 4 pad=1 -> reduce argmax axis=0 keep=yes -> conv 1x2 2",
    "net spread\n  input 4x6x3\n  q: conv 3x3 4 pad=1\n  r: @input -> conv 4x1 4\n  u: @input -> conv 4x3 4 "
    "pad=0x1 -> reshape 6x4\n  a: add @q @r @u\n  b: map div @a @r\n  c: map floor\n  map where @c @b @u\n",
    "net crossed\n  input 9x2\n  q: conv 3 4\n  k: @input -> conv 3 8\n  sdpa 2 @q @k causal=yes\n",
]
# Without positions, or what they read is no window: everything, or by data.
NO_WINDOWS = {
    *("attention", "fc", "flatten", "gap", "gmp", "nms", "opaque", "parameter", "rbf", "roi_align"),
    *("roi_pool", "rnn_cell", "lstm_cell", "gru_cell", "grid_sample", "affine_grid", "embedding_bag"),
    *("max_unpool", "gather"),
}


def loaded(text: str) -> Network:
    return archcalc.load("-", stdin=text) if text.startswith("net ") else archcalc.load(text)


def measured(chain: str) -> set[str]:
    """The ops of a chain whose units are compared."""
    network = loaded(chain)
    found = reach.measurable(network.graph, network.summary().fields, network.graph.layers)
    return {layer.op.name for layer in found}


def blocks_of(group: Group) -> set[str]:
    """The blocks in a group, at any depth."""
    found: set[str] = set()
    for member in group.members:
        if isinstance(member, Group):
            found |= blocks_of(member) | ({member.called.name} if member.called is not None else set())
    return found


MET = set().union(*map(measured, FIELDS))
# Of these two no layer is left.
REST = set(registry()) - MET - NO_WINDOWS - {"identity", "shortcut"}
FIELDS += [registry()[name].example or "" for name in sorted(REST)]


def test_every_op_and_block_is_among_the_chains() -> None:
    """Defeats a layer whose units nobody looks at: one that no chain has stands alone, as its example."""
    assert not MET & NO_WINDOWS
    for name in REST:
        assert name in measured(registry()[name].example or ""), name
    assert set().union(*(blocks_of(loaded(chain).graph.tree) for chain in FIELDS)) >= set(Library().blocks)


@pytest.mark.slow
@pytest.mark.parametrize("chain", FIELDS)
def test_every_unit(chain: str) -> None:
    """Every unit of every layer: gradients against windows."""
    network = loaded(chain)
    graph = network.graph
    for layer in reach.measurable(graph, network.summary().fields, graph.layers):
        places = [(layer, tuple(unit)) for unit in _units(layer.output.spatial)]
        for (at, unit), blocks in zip(places, reach.read_by(graph, places), strict=True):
            shown = reach.predicted(graph, at, unit)
            assert shown is not None
            assert set(blocks) <= set(shown)
            for source, one in shown.items():
                other = blocks.get(source)
                assert one.allows(other), (layer.name, unit, one.block, other)


TWO_INPUTS = """net siamese
  input a: 8x8x3
  input b: 8x8x3
  ca: @a -> conv 3x3 4 pad=1
  cb: @b -> conv 3x3 4 pad=1 like=ca
  both: concat @ca @cb
"""


def test_a_layer_that_sees_one_input_of_two() -> None:
    """Defeats a witness that sets what a unit reads beside what others of the run read."""
    answer = call("verify", "-", stdin=TWO_INPUTS)
    assert (answer.code, answer.err) == (0, "")
    assert re.search(r"✓ receptive fields +3 of 3", answer.out)


def test_an_input_that_no_rule_speaks_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a comparison that asks only after the inputs of which a rule speaks."""
    network = archcalc.load("-", stdin=TWO_INPUTS)
    rule = reach.predicted

    def blind(*asked: Any) -> Any:
        return dict(list((rule(*asked) or {}).items())[:1])

    monkeypatch.setattr(reach, "predicted", blind)
    graph = network.graph
    check = receptive_fields(graph, network.summary().fields, graph.layers)
    assert {d.layer for d in check.differences} == {"both"}


def _units(spatial: tuple[int, ...]) -> list[tuple[int, ...]]:
    units: list[tuple[int, ...]] = [()]
    for n in spatial:
        units = [(*unit, i) for unit in units for i in range(n)]
    return units


# What gradients say, of units that meet padding in between, and of nets that are right ------------

PADDED_BETWEEN = [
    ("20x20x1 -> crop 6x6 offset=7 -> conv 3x3 1 pad=1", (0, 0), ((7, 8), (7, 8))),
    ("7x7x1 -> conv 3x3 1 stride=3 -> conv 3x3 1 pad=1", (1, 1), ((0, 5), (0, 5))),
    ("9x9x1 -> conv 3x3 1 -> zeropad 2 -> conv 5x5 1", (0, 3), ((0, 4), (1, 7))),
    ("9x1 -> conv 2 1 dilation=4 pad=3 -> conv 1 1", (0,), ((1, 1),)),
    ("6x1 -> maxpool 3 stride=2 pad=1 -> conv 3 1 pad=2", (0,), ((0, 1),)),
    ("8x2 -> tconv 2 2 stride=3 -> crop 10 offset=2 -> conv 3 1 pad=1", (0,), ((1, 1),)),
]


@pytest.mark.parametrize(("chain", "unit", "pixels"), PADDED_BETWEEN)
def test_padding_in_between_is_no_pixel(
    chain: str, unit: tuple[int, ...], pixels: tuple[tuple[int, int], ...]
) -> None:
    """The rules' pixels are those of the gradients, to the pixel. Defeats: windows that are cut off
    at the image alone; a witness that lets a rule say more than gradients do."""
    graph = archcalc.load(chain).graph
    source, last = graph.inputs[0], graph.output
    shown = reach.predicted(graph, last, unit)
    assert shown is not None
    assert shown[source].block == pixels
    (found,) = reach.read_by(graph, [(last, unit)])
    assert found[source] == pixels
    wider = tuple((low, high + 1) for low, high in pixels)
    assert not shown[source].allows(wider)
    assert not reach.PredictedBlock(wider).allows(found[source])


def test_ends_of_networks_with_windows_that_do_not_fit() -> None:
    """Pools that leave out the last row of their input. Defeats: counting a row that nothing reads."""
    for name, label, pixels in [("squeezenet1_0", "fire2.expand3x3", ((208, 222), (208, 222)))]:
        network = archcalc.load(name)
        layer = network.layer(label)
        unit = tuple(n - 1 for n in layer.output.spatial)
        shown = reach.predicted(network.graph, layer, unit)
        assert shown is not None
        assert shown[network.graph.inputs[0]].block == pixels


RIGHT = {
    "a gate that stands first": "net a\n  input 8x6\n  g: fc 3\n  m: @input -> conv 3 3 pad=1\n  mul @g @m\n",
    "parameters of a layer that is not used": (
        "net b\n  input 10x1\n  a: conv 2 3\n  @input\n  b: conv 2 3 like=a\n"
    ),
    "a head on the main path": (
        "net c\n  input 8x8x3\n  out h: conv 1x1 4\n  @h\n  conv 1x1 64\n  conv 1x1 64\n"
    ),
    "a weight of interpolation that is nought": (
        "12x1 -> upsample 3 mode=bilinear -> maxpool 3 stride=3 pad=half"
    ),
    "a mean of one value": "24x1 -> lcn 1",
    "a mean of one position": "9x9x2 -> lcn 1 -> conv 3x3 2",
    "a backward pass that PyTorch does not survive": "12 -> reshape 2x3x2 -> groupnorm 1",
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_verify_agrees_where_the_rules_are_right(text: str) -> None:
    """Defeats: a witness that looks at the first branch of a product alone, at the owner of shared
    parameters alone, keeps heads that nobody asked for, or takes rounding for reading."""
    target, stdin = ("-", text) if text.startswith("net ") else (text, None)
    answer = call("verify", target, "--format", "json", stdin=stdin)
    found = json.loads(answer.out)
    assert (answer.code, found["agrees"]) == (0, True), [check["differences"] for check in found["checks"]]
    assert {check["quantity"] for check in found["checks"]} >= {"receptive fields", "parameters"}


def test_shared_parameters_of_a_layer_that_is_not_used_are_compared() -> None:
    """They are there once. Defeats: leaving them out of what is compared."""
    found = json.loads(
        call("verify", "-", "--format", "json", stdin=RIGHT["parameters of a layer that is not used"]).out
    )
    (params,) = (check for check in found["checks"] if check["quantity"] == "parameters")
    assert (params["layers"], params["predicted"], params["measured"]) == (1, 9, 9)


# Norms that read the whole map --------------------------------------------------------------------

NORM = "32x32x3 -> conv 3x3 4 pad=1 -> groupnorm 2 -> conv 3x3 4 pad=1"


def test_norms_of_a_map_are_named() -> None:
    """Their statistics are left out of the fields, and that is said. Defeats: an identity in the
    place of a norm, which nobody sees."""
    found = json.loads(call("verify", NORM, "--format", "json").out)
    (fields,) = (check for check in found["checks"] if check["quantity"] == "receptive fields")
    assert [entry["layer"] for entry in fields["unseen"]] == ["groupnorm1"]
    counted = json.loads(call("verify", NORM, "--whole-norms", "--format", "json").out)
    (fields,) = (check for check in counted["checks"] if check["quantity"] == "receptive fields")
    assert fields["agrees"]
    assert fields["unseen"] == []
    # Layers that read each position by itself are not named.
    plain = json.loads(call("verify", "8x8x3 -> layernorm -> bn", "--format", "json").out)
    (fields,) = (check for check in plain["checks"] if check["quantity"] == "receptive fields")
    assert fields["unseen"] == []


@pytest.mark.parametrize(
    ("chain", "whole"),
    [
        ("6x5x4 -> groupnorm 2", True),
        ("6x5x4 -> instancenorm", True),
        ("9x4 -> groupnorm 4", True),
        ("6x5x4 -> layernorm", False),
        ("6x5x4 -> bn", False),
    ],
)
def test_what_a_norm_reads(chain: str, whole: bool) -> None:
    """By gradients through the norm itself, against what the op says of itself."""
    (layer,) = archcalc.load(chain).graph.layers
    assert reach.reads_map(layer) == whole == layer.op.whole_statistics


def test_a_norm_that_reads_less_than_it_says_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: a mark that nobody checks."""
    from archcalc.ops.normalisation import LayerNorm

    monkeypatch.setattr(LayerNorm, "check", lambda norm: vars(norm).update(whole_statistics=True))
    network = archcalc.load("6x5x4 -> layernorm -> conv 3x3 2")
    graph = network.graph
    check = receptive_fields(graph, network.summary().fields, graph.layers)
    assert [difference.layer for difference in check.differences] == ["layernorm1"]
