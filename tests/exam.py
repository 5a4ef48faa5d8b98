"""Published exam questions with their official answers, as networks and questions.

From CS231n, Coursera, Udacity, NPTEL, KTU, UTM, Géron's book, answer keys of universities. The
answer is as the key writes it: its precision is the tolerance.
"""

from __future__ import annotations

from typing import NamedTuple


class Question(NamedTuple):
    """A question: id of the collection, network, what is asked, the official answer, and what was
    agreed on where that matters."""

    id: str
    target: str
    ask: str
    answer: str
    conventions: tuple[tuple[str, str], ...] = ()


_VGG = (
    "224x224x3 -> conv 3x3 64 pad=1 -> conv 3x3 64 pad=1 -> maxpool 2x2 -> "
    "conv 3x3 128 pad=1 -> conv 3x3 128 pad=1 -> maxpool 2x2 -> "
    "conv 3x3 256 pad=1 -> conv 3x3 256 pad=1 -> conv 3x3 256 pad=1 -> "
    "maxpool 2x2 -> conv 3x3 512 pad=1 -> conv 3x3 512 pad=1 -> "
    "conv 3x3 512 pad=1 -> maxpool 2x2 -> conv 3x3 512 pad=1 -> "
    "conv 3x3 512 pad=1 -> conv 3x3 512 pad=1 -> maxpool 2x2 -> fc 4096 -> "
    "fc 4096 -> fc 1000"
)
_ALEXNET = (
    "227x227x3 -> conv 11x11 96 stride=4 -> maxpool 3x3 stride=2 -> "
    "conv 5x5 256 pad=2 -> maxpool 3x3 stride=2 -> conv 3x3 384 pad=1 -> "
    "conv 3x3 384 pad=1 -> conv 3x3 256 pad=1 -> maxpool 3x3 stride=2 -> fc 4096 -> "
    "fc 4096 -> fc 1000"
)
_UTM = (
    "100x100x3 -> conv 3x3 5 -> maxpool 2x2 -> conv 3x3 10 -> maxpool 2x2 -> "
    "conv 3x3 5 -> flatten -> fc 20 -> fc 10"
)
_KTU = (
    "32x32x3 -> conv 3x3 8 pad=1 -> maxpool 2x2 -> conv 3x3 16 -> maxpool 2x2 -> "
    "flatten -> fc 64 -> fc 10"
)
_NORM = (
    "32x32x3 -> conv 3x3 8 -> bn -> maxpool 2x2 -> conv 3x3 16 -> maxpool 2x2 -> "
    "fc 10"
)
_GERON = (
    "200x300x3 -> conv 3x3 100 stride=2 pad=same -> "
    "conv 3x3 200 stride=2 pad=same -> conv 3x3 400 stride=2 pad=same"
)
_CATS = (
    "128x128x3 -> conv 9x9 32 -> maxpool 2x2 -> conv 5x5 64 -> maxpool 2x2 -> "
    "conv 5x5 64 -> maxpool 2x2 -> flatten -> fc 3"
)
_ERRATA = (
    "32x32x3 -> conv 5x5 8 -> maxpool 2x2 -> conv 5x5 16 -> maxpool 2x2 -> flatten -> fc 120 -> "
    "fc 84 -> fc 10"
)
_SIGNAL = "40x1 -> conv 3 15 stride=2 -> conv 3 15 stride=2 -> conv 3 15 stride=2 -> fc 10"
_POOLS = (
    "224x224x3 -> conv 3x3 1 pad=1 -> conv 3x3 1 pad=1 -> maxpool 2x2 -> conv 3x3 1 pad=1 -> "
    "conv 3x3 1 pad=1 -> maxpool 2x2"
)

QUESTIONS = (
    Question("q009", "227x227x3 -> conv 11x11 96 stride=4", "conv1.output",
             "55x55x96", (("rounding", "strict"),)),
    Question("q010", "227x227x3 -> conv 11x11 96 stride=4", "conv1.neurons", "290,400"),
    Question("q013", "227x227x3 -> local 11x11 96 stride=4", "local1.params", "105,705,600"),
    Question("q015", "11x11x4 -> conv 5x5 1 stride=2", "conv1.size", "4"),
    Question("q018", "200x200x3 -> fc 1", "fc1.weights", "120,000"),
    Question("q022", _VGG, "conv1.weights", "1,728"),
    Question("q025", _VGG, "conv4.weights", "147,456"),
    Question("q028", _VGG, "conv8.weights", "1,179,648"),
    Question("q030", _VGG, "fc1.weights", "102,760,448"),
    Question("q031", _VGG, "fc2.weights", "16,777,216"),
    Question("q037", "32x32x3 -> fc 10", "fc1.params", "30,730"),
    Question("q042", "128x128x1 -> fc 256", "fc1.params", "4,194,560"),
    Question("q050", "63x63x16 -> conv 7x7 32 pad=same", "conv1.pad", "3"),
    Question("q055", "64x64x16 -> conv 1x1 1", "conv1.params", "17"),
    Question("q057", "64x64x64x3 -> conv 4x4x4 16 stride=2", "conv1.output", "31x31x31x16"),
    Question("q059", _ERRATA,
             "conv2.params", "3,216"),
    Question("q063", "28x28x192 -> conv 5x5 32 pad=2", "conv1.macs", "120M"),
    Question("q065", "6x6x3 -> conv 3x3 5", "conv1.macs", "2160"),
    Question("q067", "32x32x3 -> conv 8x8 20 stride=2 pad=1", "conv1.output", "14x14x20"),
    Question("q069", "32x32x3 -> conv 8x8 20 stride=2 pad=1", "conv1.params", "3,860"),
    Question("q073", "39x39x3 -> conv 3x3 10 -> conv 5x5 20 stride=2 -> conv 5x5 40 stride=2",
             "conv3.neurons", "1960"),
    Question("q082", _UTM, "maxpool1.output", "49x49x5"),
    Question("q084", _UTM, "maxpool2.output", "23x23x10"),
    Question("q086", _UTM, "flatten1.output", "2205"),
    Question("q088", _UTM, "maxpool1.params", "0"),
    Question("q089", _UTM, "conv2.params", "460"),
    Question("q094", "10 -> fc 5 -> fc 10 -> fc 5", "total.params", "170"),
    Question("q095", "2x2x3 -> tconv 3x3 2", "tconv1.output", "4x4x2"),
    Question("q102", "20x20x6 -> fc 800 bias=no", "fc1.params", "1,920,000"),
    Question("q103", "512x512x128 -> conv 7x7 48 stride=2", "conv1.size", "253"),
    Question("q104", "512x512x128 -> conv 7x7 48 stride=2", "conv1.params",
             "48*(7*7*128+1) = 301,104"),
    Question("q106", _ALEXNET, "conv1.weights", "34,848"),
    Question("q110", _ALEXNET, "conv5.weights", "884,736"),
    Question("q111", _ALEXNET, "fc1.weights", "37,748,736"),
    Question("q113", _ALEXNET, "fc3.weights", "4,096,000"),
    Question("q115", _SIGNAL,
             "total.params", "2,050"),
    Question("q116", _GERON, "total.params", "903,400"),
    Question("q117", _GERON, "conv3.output", "25x38x400"),
    Question("q118", _GERON, "total.inference", "12.6 MB"),
    Question("q127", _CATS, "conv2.weights", "51,200"),
    Question("q128", _CATS, "conv3.weights", "102,400"),
    Question("q130", "100x100x1 -> conv 100x100 100", "conv1.params", "1,000,100"),
    Question("q135", "99x99x1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1",
             "conv4.rf", "9"),
    Question("q137", "14x14x6 -> conv 5x5 16", "conv1.params", "2,416"),
    Question("q138", "120 -> fc 84", "fc1.params", "10,164"),
    Question("q143", _KTU, "conv2.output", "16x14x14", (("layout", "chw"),)),
    Question("q144", _KTU, "fc1.params", "50,240"),
    Question("q145", _POOLS,
             "maxpool2.rf", "16"),
    Question("q148", _NORM, "conv2.params", "1168"),
    Question("q149", _NORM, "fc1.params", "5770"),
    Question("q151", "28x28x32 -> conv 3x3 64", "conv1.output", "26x26x64"),
    Question("q162", "14x14x8 -> conv 3x3 16 stride=2 pad=1", "conv1.macs",
             "7*7*(1168-16) = 56,448"),
    Question("q164", _ALEXNET, "maxpool3.rf", "195"),
    Question("q170", "224x224x3 -> conv 3x3 64 stride=2", "conv1.size", "111x111"),
    Question("q173", "32x32x3 -> conv 5x5 16", "conv1.output", "28x28x16"),
    Question("q175", "64x64x16 -> conv 3x3 32", "conv1.params", "4,640"),
    Question("q176", "50x50x1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1",
             "conv4.size", "42x42"),
    Question("q184", "9x9x3 -> dwconv 3x3 -> conv 1x1 128", "total.params", "542"),
    Question("q191", "4096 -> lstm 256", "lstm1.params", "4,457,472"),
    Question("q194", "224x224x3 -> conv 3x3 20", "conv1.params", "560"),
)  # fmt: skip
