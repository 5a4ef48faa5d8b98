"""Wrong answers that were published, each on a network, with the misconceptions that explain it.

From quizzes, slides with their errata, issue trackers, answer keys. Where nobody could say how an
answer came about, ``ids`` is empty: it counts as one without a reading. ``convention`` marks those
that are right under another convention, and have to be told apart from errors.
"""

from __future__ import annotations

from typing import NamedTuple


class Wrong(NamedTuple):
    """A wrong answer: target, question, what was written, and what explains it."""

    target: str
    ask: str
    text: str
    ids: tuple[str, ...] = ()
    convention: bool = False


_LARGE = "300x300x3 -> conv 5x5 100"
_GREY = "256x256x1 -> conv 3x3 128 pad=1"
_ONE = "64x64x16 -> conv 1x1 1"
_UDACITY = "32x32x3 -> conv 8x8 20 stride=2 pad=1"
_RGB = "32x32x3 -> conv 3x3 32"
_FLAT = "128x128x1 -> fc 256"
_GROUPS = "14x14x256 -> conv 3x3 256 pad=1 groups=4"
_WESLEYAN = "28x28x1 -> conv 3x3 16 -> maxpool 2x2 -> fc 10"
_PADDED = "15x15x8 -> zeropad 2"
_SAME = "63x63x16 -> conv 7x7 32 pad=same"
_NO_PAD = "63x63x16 -> conv 7x7 32 stride=2"
_POOL = "66x66x21 -> maxpool 3x3"
_VALID = "28x28x32 -> conv 3x3 64"
_TWO = "99x99x1 -> conv 3x3 1 -> conv 3x3 1"
_KTU = (
    "224x224x3 -> conv 3x3 1 pad=1 -> conv 3x3 1 pad=1 -> maxpool 2x2 -> conv 3x3 1 pad=1 -> "
    "conv 3x3 1 pad=1 -> maxpool 2x2"
)
_SFD = (
    "640x640x3 -> conv 3x3 64 pad=1 -> conv 3x3 64 pad=1 -> maxpool 2x2 -> conv 3x3 128 pad=1 "
    "-> conv 3x3 128 pad=1 -> maxpool 2x2 -> conv 3x3 256 pad=1 -> conv 3x3 256 pad=1 -> "
    "conv 3x3 256 pad=1 -> conv 3x3 4 pad=1"
)
_GERON = (
    "200x300x3 -> conv 3x3 100 stride=2 pad=same -> conv 3x3 200 stride=2 pad=same -> "
    "conv 3x3 400 stride=2 pad=same"
)
_SEPARABLE = "9x9x3 -> dwconv 3x3 -> conv 1x1 128"
_CLASSROOM = "28x28x1 -> conv 3x3 32 -> maxpool 2x2 -> conv 3x3 64 -> flatten -> fc 128 -> relu -> fc 10"
_POOLED = "32x32x3 -> conv 3x3 10 -> maxpool 2x2 -> flatten -> fc 10"
_SPREAD = "32x32x1 -> conv 3x3 1 stride=2 pad=1 -> tconv 2x2 1 stride=2 -> conv 3x3 1 pad=1"
_ENLARGED = "32x32x8 -> conv 3x3 8 -> upsample 2 -> conv 3x3 4"
_WAVENET = "8192x1 -> 3 x (" + " -> ".join([f"conv 2 1 dilation={1 << n}" for n in range(10)]) + ")"

WRONG = (
    # Parameters
    Wrong(_LARGE, "params", "7,500", ("bias-forgotten",)),
    Wrong("224x224x3 -> conv 3x3 64 pad=1", "params", "1728", ("bias-forgotten",)),
    Wrong("14x14x3 -> conv 5x5 8", "params", "208", ("channels-forgotten",)),
    Wrong(_LARGE, "params", "2,600", ("channels-forgotten",)),
    Wrong(_RGB, "params", "288", ("bias-forgotten", "channels-forgotten")),
    Wrong("5x5x16 -> fc 120", "params", "48,001", ("one-bias",)),
    Wrong("300x300x3 -> fc 100", "params", "27,000,001", ("one-bias",)),
    Wrong(_UDACITY, "params", "3,880", ("bias-twice",)),
    Wrong(_UDACITY, "params", "756,560", ("not-shared",)),
    Wrong("227x227x3 -> conv 11x11 96 stride=4", "params", "105,705,600", ("not-shared",)),
    Wrong("128x128x3 -> conv 5x5 64 pad=2", "weights", "78,643,200", ("operations-for-parameters",)),
    Wrong(_GREY, "params", "75,497,600", ("operations-for-parameters",)),
    Wrong(_ONE, "params", "4,097", ("area-for-channels",)),
    Wrong(_ONE, "params", "1", ("bias-forgotten", "channels-forgotten")),
    Wrong(_ONE, "params", "2", ("channels-forgotten",)),
    Wrong(_GREY, "params", "3,584", ("three-channels",)),
    Wrong(_FLAT, "params", "4,194,304", ("bias-forgotten",)),
    Wrong(_FLAT, "params", "12,583,168", ("three-channels",)),
    Wrong(_FLAT, "params", "12,582,912", ("bias-forgotten", "three-channels")),
    Wrong("32x32x32 -> conv 3x3 64", "params", "36,928", ("filters-for-channels",)),
    Wrong(_RGB, "params", "32", ("biases-only",)),
    Wrong("32x32x3 -> conv 5x5 10 pad=2", "params", "260", ("stride-for-channels",)),
    Wrong(_GROUPS, "params", "590,080", ("groups-ignored",)),
    Wrong("alexnet_grouped", "total.params", "62,378,344", ("groups-ignored",)),
    Wrong(_SEPARABLE, "total.params", "3,584", ("separable-as-ordinary",)),
    Wrong("14x14x8 -> bn", "params", "32", ("norm-stored",), convention=True),
    Wrong(
        "28x28x1 -> conv 3x3 10 pad=same -> fc 2",
        "total.params",
        "1,668",
        ("flatten-channels-forgotten", "dense-biases-forgotten"),
    ),
    Wrong(_WESLEYAN, "total.params", "27,050", ("one-layer-only",)),
    Wrong(_WESLEYAN, "total.params", "27,370", ("layer-twice",)),
    Wrong("14x14x6 -> conv 5x5 16", "params", "1,516", ("partial-table",), convention=True),
    Wrong("vgg16", "total.params", "138,344,128", ("biases-not-counted",), convention=True),
    Wrong(
        "64x64x3 -> conv 5x5 8 -> maxpool 2x2 -> conv 5x5 16", "conv2.params", "416", ("channels-forgotten",)
    ),
    Wrong("vgg16", "pool2.params", "65,664", ("pool-parameters",)),
    Wrong("vgg16", "total.macs", "19.6G", ("other-network",)),
    Wrong("32x32x3 -> conv 5x5 64", "params", "64", ("biases-only",)),
    Wrong("32x32x3 -> conv 5x5 64", "params", "4,800", ("bias-forgotten",)),
    Wrong("32x32x3 -> conv 5x5 64", "params", "75", ("bias-forgotten", "one-filter")),
    Wrong("10x25 -> lstm 100", "params", "50,000", ("bias-forgotten",)),
    Wrong("20x15 -> lstm 256", "params", "557,056", ("both-directions",)),
    Wrong("20x15 -> lstm 256", "params", "835,584"),
    Wrong(_CLASSROOM, "fc1.params", "204,928", ("pool-added",)),
    Wrong(_CLASSROOM, "total.params", "225,034", ("pool-added",)),
    Wrong(_POOLED, "fc1.params", "90,010", ("pool-left-out",)),
    Wrong("60x1 -> conv 40 7", "params", "11,207", ("kernel-squared",)),
    Wrong("16x512 -> attention 8", "params", "786,432", ("joined-left-out", "bias-forgotten")),
    # Sizes
    Wrong("64x64x1 -> conv 5x5 1", "size", "5x5", ("kernel-for-output",)),
    Wrong("128x128x3 -> conv 5x5 16 pad=2 -> maxpool 2x2", "size", "32x32", ("pool-twice",)),
    Wrong("13x13x32 -> maxpool 2x2", "output", "13x13x32", ("pool-left-out",)),
    Wrong("13x13x32 -> maxpool 2x2", "output", "11x11x32"),
    Wrong("13x13x32 -> maxpool 2x2", "output", "7x7x32", ("pool-up",), convention=True),
    Wrong(_PADDED, "output", "17x17x8", ("pad-once",)),
    Wrong(_PADDED, "output", "19x19x12", ("pad-channels",)),
    Wrong(_SAME, "pad", "7", ("pad-kernel",)),
    Wrong(_SAME, "pad", "1"),
    Wrong(_SAME, "pad", "2"),
    Wrong("63x63x16 -> conv 9x9 32 pad=same", "pad", "8", ("pad-double",)),
    Wrong("127x127x16 -> conv 5x5 32 stride=2", "output", "123x123x32", ("stride-ignored",)),
    Wrong("121x121x16 -> conv 4x4 32 stride=3", "output", "118x118x32", ("stride-ignored",)),
    Wrong(_POOL, "output", "21x21x21", ("one-forgotten",)),
    Wrong("32x32x16 -> maxpool 2x2", "output", "15x15x16", ("one-forgotten",)),
    Wrong("32x32x16 -> maxpool 2x2", "output", "16x16x32"),
    Wrong(_VALID, "output", "28x28x64", ("same-size",)),
    Wrong(_VALID, "output", "26x26x32", ("channels-kept",)),
    Wrong(_VALID, "output", "28x28x32", ("same-size", "channels-kept")),
    Wrong(_NO_PAD, "output", "29x29x16", ("channels-kept",)),
    Wrong(_NO_PAD, "output", "16x16x32"),
    Wrong(_POOL, "output", "22x22x7", ("pool-channels-too",)),
    Wrong(_POOL, "output", "66x66x7", ("pool-channels-only",)),
    Wrong("128x128x12 -> maxpool 4x4", "output", "64x64x12", ("pool-stride-two",)),
    Wrong("510x510x1 -> tconv 3x3 1", "output", "509x509x1", ("spread-kernel-forgotten",)),
    Wrong("10x10x1 -> tconv 3x3 1 dilation=2", "output", "12x12x1", ("dilation-ignored",)),
    Wrong("227x227x3 -> conv 11x11 96 stride=4", "output", "(96, 55, 55)", (), convention=True),
    Wrong("112x112x64 -> maxpool 3x3 stride=2", "output", "56x56x64", ("pool-up",), convention=True),
    Wrong("30x30x30x16 -> conv 3x3x3 32 pad=1", "output", "undefined"),
    # Operations
    Wrong("32x32x3 -> conv 5x5 10 pad=2", "macs", "1,536,000", ("macs-doubled",), convention=True),
    Wrong("2x2x3 -> tconv 2x2 1 stride=2", "macs", "192", ("output-positions",)),
    Wrong("1x1x32 -> tconv 3x3 1", "macs", "81", ("output-positions",)),
    Wrong("100x64 -> lstm 64", "macs", "32,768", ("one-position",)),
    Wrong("100x100x3 -> linear 8", "macs", "24", ("one-position",)),
    Wrong("20x512 -> attention 8", "macs", "20,971,520", ("scores-left-out",)),
    Wrong("28x28x1 -> conv 5x5 20", "macs", "288,020", ("bias-once",)),
    Wrong("56x56x64 -> conv 3x3 64 pad=1", "macs", "37,748,736", ("factor",)),
    Wrong("56x56x64 -> conv 1x1 64", "macs", "2,359,296", ("factor",)),
    Wrong("224x224x3 -> conv 7x7 64 stride=2 pad=3", "macs", "55,296,768"),
    # Receptive field
    Wrong(_SPREAD, "rf", "7", ("spread-as-window",)),
    Wrong(_ENLARGED, "rf", "7", ("enlarging-stride-multiplied",)),
    Wrong(_ENLARGED, "rf", "5", ("enlarging-stride-forgotten",)),
    Wrong(_WAVENET, "rf", "3072", ("blocks-added",)),
    Wrong("32x32x3 -> conv 5x5 20 -> conv 3x3 4", "rf", "49", ("field-area",)),
    Wrong(_TWO, "rf", "6", ("kernels-added",)),
    Wrong(_TWO, "rf", "9", ("kernels-multiplied",)),
    Wrong(_TWO, "rf", "3", ("last-kernel",)),
    Wrong(_KTU, "rf", "9", ("pools-left-out",)),
    Wrong("vgg16", "pool5.rf", "308", ("layers-reversed",)),
    Wrong(_SFD, "rf", "40", ("field-before",)),
    # Memory
    Wrong("3000x3000x1 -> conv 1x1 1", "memory", "9 MB", ("bytes-forgotten",)),
    Wrong("vgg16", "total.memory", "93 MB"),
    Wrong(_GERON, "total.inference", "18,613,600 bytes", ("layer-twice",)),
    # A slip, which is to be called one
    Wrong("11x11x96 -> conv 3x3 9 bias=no", "params", "77,760", ("slip",)),
)
