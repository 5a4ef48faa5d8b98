"""Forward passes of small networks, layer by layer, against the numpy reference of reference.py."""

from __future__ import annotations

from typing import Any

import pytest

pytest.importorskip("torch", reason="PyTorch is not installed")
from values import check, load

# Name: what is loaded, an input, parameters.
NETWORKS: dict[str, tuple[str, Any, dict[str, int]]] = {
    "lenet5": ("lenet5", None, {}),
    "squeezenet": ("squeezenet1_1", "35x39x3", {"classes": 5}),
    "inception": (
        """
net inception_modules
  input 17x19x3
  conv 5x5 6 stride=2 pad=half -> relu -> maxpool 3x3 stride=2 round=ceil -> lrn 5
  inception 3 2 4 1 2 3
  inception 2 3 5 2 4 1
  out aux: avgpool 3x3 stride=2 round=ceil -> conv 1x1 4 -> fc 6 -> relu -> dropout 0.7 -> fc 3
  inception 4 2 3 1 1 2
  gap -> dropout 0.4 -> fc 3 -> softmax
""",
        None,
        {},
    ),
    "residual_a": ("resnet20_cifar", "9x11x3", {}),
    "caption": ("neuraltalk_caption", {"image": 30, "words": 6}, {"vocabulary": 11, "size": 5}),
    "vit": (
        """
block encoder heads width | tokens
  add
    | identity
    | layernorm -> attention heads
  add
    | identity
    | layernorm -> linear width -> gelu -> linear tokens.c

net small_vit
  input 8x12x3
  conv 4x4 6 stride=4
  reshape (size(in.h * in.w, in))
  class_token -> positions
  2 x encoder 3 10
  layernorm
  crop 1 -> fc 4
""",
        None,
        {},
    ),
    "segments": (
        """
net segments                                    # FCN's skips and crops, U-Net's concat, tied layers
  input 12x11x3
  one: conv 3x3 4 pad=3 -> relu -> maxpool 2x2 round=ceil
  two: dwconv 3x3 multiplier=2 pad=same stride=2 -> bn -> relu6
  low: squeeze_excite 2
  score: conv 1x1 3
  up: tconv 4x4 3 stride=2 bias=no -> crop @one offset=1
  skip: @one -> conv 1x1 3
  same: @skip -> conv 1x1 3 pad=1
  again: @up -> conv 1x1 3 pad=1 like=same
  fuse: concat @same @again
  concat
    | identity
    | relu -> leaky_relu
    | tanh
  wide: upsample 2 mode=bilinear -> pixel_shuffle 1
  tconv 3x3 2 stride=2 pad=same -> crop @input offset=2
  softmax
""",
        None,
        {},
    ),
    "tied": (
        """
net tied                                        # SAME puts other padding round each of them
  input left: 9x9x2
  input right: 6x7x2
  a: conv 3x3 4 stride=2 pad=same -> bn -> relu -> gap
  b: @right -> conv 3x3 4 stride=2 pad=same like=a -> bn -> relu -> gap
  mul @a @b
  fc 3
""",
        None,
        {},
    ),
    "views": (
        """
net views                                       # of one tensor, each written over
  input 4x5x3
  a: conv 1x1 4
  v1: @a -> flatten -> relu -> fc 3
  v2: @a -> reshape 20x4 -> tanh -> gap -> fc 3
  v3: @a -> reshape 5x4x4 -> tanh -> gap -> fc 3
  v4: @a -> crop 3x5 -> relu -> gap -> fc 3
  v5: @a -> crop 4x5 -> sigmoid -> gap -> fc 3
  v6: @a -> zeropad 0 -> relu6 -> gap -> fc 3
  v7: @a -> channel_shuffle 1 -> elu -> gap -> fc 3
  v8: @a -> upsample 1 -> pixel_shuffle 1 -> silu -> gap -> fc 3
  v9: @a -> adaptive_avgpool 4x5 -> hardswish -> gap -> fc 3
  v10: @a -> maxpool 1 -> dropout 0.1 -> selu -> gap -> fc 3
  v11: @a -> maxout 1 -> leaky_relu -> gap -> fc 3
  v12: @a -> softmax -> hardsigmoid -> gap -> fc 3
  v13: @a -> take 4 -> relu -> gap -> fc 3
  v14: @a -> take 2 offset=1 -> relu6 -> gap -> fc 3
  last: @a -> gap -> fc 3
  add @v1 @v2 @v3 @v4 @v5 @v6 @v7 @v8 @v9 @v10 @v11 @v12 @v13 @v14 @last
""",
        None,
        {},
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_networks(name: str) -> None:
    """Every layer of a network, from the input on. Defeats: a layer that reads another's output
    or its own of before, weights of another layer or its own where they are shared, a tensor
    written over that is still to be read."""
    target, shape, parameters = NETWORKS[name]
    assert check(load(target.strip(), input=shape, **parameters), 1)
