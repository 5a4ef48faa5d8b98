"""Published exam questions with their official answers, as networks and questions.

From CS231n, Coursera, Udacity, NPTEL, KTU, UTM, Géron's book, answer keys of universities. The
answer is as the key writes it: its precision is the tolerance.

``QUESTIONS`` and ``MORE`` are two collections; the keys of ``WRONG_KEYS`` are wrong in print.
"""

from __future__ import annotations

from typing import NamedTuple


class ExamQuestion(NamedTuple):
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
_KTU = "32x32x3 -> conv 3x3 8 pad=1 -> maxpool 2x2 -> conv 3x3 16 -> maxpool 2x2 -> flatten -> fc 64 -> fc 10"
_NORM = "32x32x3 -> conv 3x3 8 -> bn -> maxpool 2x2 -> conv 3x3 16 -> maxpool 2x2 -> fc 10"
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
    ExamQuestion(
        "q009", "227x227x3 -> conv 11x11 96 stride=4", "conv1.output", "55x55x96", (("rounding", "strict"),)
    ),
    ExamQuestion("q010", "227x227x3 -> conv 11x11 96 stride=4", "conv1.neurons", "290,400"),
    ExamQuestion("q013", "227x227x3 -> local 11x11 96 stride=4", "local1.params", "105,705,600"),
    ExamQuestion("q015", "11x11x4 -> conv 5x5 1 stride=2", "conv1.size", "4"),
    ExamQuestion("q018", "200x200x3 -> fc 1", "fc1.weights", "120,000"),
    ExamQuestion("q022", _VGG, "conv1.weights", "1,728"),
    ExamQuestion("q025", _VGG, "conv4.weights", "147,456"),
    ExamQuestion("q028", _VGG, "conv8.weights", "1,179,648"),
    ExamQuestion("q030", _VGG, "fc1.weights", "102,760,448"),
    ExamQuestion("q031", _VGG, "fc2.weights", "16,777,216"),
    ExamQuestion("q037", "32x32x3 -> fc 10", "fc1.params", "30,730"),
    ExamQuestion("q042", "128x128x1 -> fc 256", "fc1.params", "4,194,560"),
    ExamQuestion("q050", "63x63x16 -> conv 7x7 32 pad=same", "conv1.pad", "3"),
    ExamQuestion("q055", "64x64x16 -> conv 1x1 1", "conv1.params", "17"),
    ExamQuestion("q057", "64x64x64x3 -> conv 4x4x4 16 stride=2", "conv1.output", "31x31x31x16"),
    ExamQuestion("q059", _ERRATA, "conv2.params", "3,216"),
    ExamQuestion("q063", "28x28x192 -> conv 5x5 32 pad=2", "conv1.macs", "120M"),
    ExamQuestion("q065", "6x6x3 -> conv 3x3 5", "conv1.macs", "2160"),
    ExamQuestion("q067", "32x32x3 -> conv 8x8 20 stride=2 pad=1", "conv1.output", "14x14x20"),
    ExamQuestion("q069", "32x32x3 -> conv 8x8 20 stride=2 pad=1", "conv1.params", "3,860"),
    ExamQuestion(
        "q073",
        "39x39x3 -> conv 3x3 10 -> conv 5x5 20 stride=2 -> conv 5x5 40 stride=2",
        "conv3.neurons",
        "1960",
    ),
    ExamQuestion("q082", _UTM, "maxpool1.output", "49x49x5"),
    ExamQuestion("q084", _UTM, "maxpool2.output", "23x23x10"),
    ExamQuestion("q086", _UTM, "flatten1.output", "2205"),
    ExamQuestion("q088", _UTM, "maxpool1.params", "0"),
    ExamQuestion("q089", _UTM, "conv2.params", "460"),
    ExamQuestion("q094", "10 -> fc 5 -> fc 10 -> fc 5", "total.params", "170"),
    ExamQuestion("q095", "2x2x3 -> tconv 3x3 2", "tconv1.output", "4x4x2"),
    ExamQuestion("q102", "20x20x6 -> fc 800 bias=no", "fc1.params", "1,920,000"),
    ExamQuestion("q103", "512x512x128 -> conv 7x7 48 stride=2", "conv1.size", "253"),
    ExamQuestion("q104", "512x512x128 -> conv 7x7 48 stride=2", "conv1.params", "48*(7*7*128+1) = 301,104"),
    ExamQuestion("q106", _ALEXNET, "conv1.weights", "34,848"),
    ExamQuestion("q110", _ALEXNET, "conv5.weights", "884,736"),
    ExamQuestion("q111", _ALEXNET, "fc1.weights", "37,748,736"),
    ExamQuestion("q113", _ALEXNET, "fc3.weights", "4,096,000"),
    ExamQuestion("q115", _SIGNAL, "total.params", "2,050"),
    ExamQuestion("q116", _GERON, "total.params", "903,400"),
    ExamQuestion("q117", _GERON, "conv3.output", "25x38x400"),
    ExamQuestion("q118", _GERON, "total.inference", "12.6 MB"),
    ExamQuestion("q127", _CATS, "conv2.weights", "51,200"),
    ExamQuestion("q128", _CATS, "conv3.weights", "102,400"),
    ExamQuestion("q130", "100x100x1 -> conv 100x100 100", "conv1.params", "1,000,100"),
    ExamQuestion("q135", "99x99x1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1", "conv4.rf", "9"),
    ExamQuestion("q137", "14x14x6 -> conv 5x5 16", "conv1.params", "2,416"),
    ExamQuestion("q138", "120 -> fc 84", "fc1.params", "10,164"),
    ExamQuestion("q143", _KTU, "conv2.output", "16x14x14", (("layout", "chw"),)),
    ExamQuestion("q144", _KTU, "fc1.params", "50,240"),
    ExamQuestion("q145", _POOLS, "maxpool2.rf", "16"),
    ExamQuestion("q148", _NORM, "conv2.params", "1168"),
    ExamQuestion("q149", _NORM, "fc1.params", "5770"),
    ExamQuestion("q151", "28x28x32 -> conv 3x3 64", "conv1.output", "26x26x64"),
    ExamQuestion("q162", "14x14x8 -> conv 3x3 16 stride=2 pad=1", "conv1.macs", "7*7*(1168-16) = 56,448"),
    ExamQuestion("q164", _ALEXNET, "maxpool3.rf", "195"),
    ExamQuestion("q170", "224x224x3 -> conv 3x3 64 stride=2", "conv1.size", "111x111"),
    ExamQuestion("q173", "32x32x3 -> conv 5x5 16", "conv1.output", "28x28x16"),
    ExamQuestion("q175", "64x64x16 -> conv 3x3 32", "conv1.params", "4,640"),
    ExamQuestion(
        "q176", "50x50x1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1", "conv4.size", "42x42"
    ),
    ExamQuestion("q184", "9x9x3 -> dwconv 3x3 -> conv 1x1 128", "total.params", "542"),
    ExamQuestion("q191", "4096 -> lstm 256", "lstm1.params", "4,457,472"),
    ExamQuestion("q194", "224x224x3 -> conv 3x3 20", "conv1.params", "560"),
)

_DQN = "84x84x4 -> conv 8x8 16 stride=4 -> conv 4x4 32 stride=2 -> fc 256 -> fc 18"
_DIGITS = "28x28x1 -> conv 3x3 32 -> maxpool 2x2 -> conv 3x3 64 -> {} flatten -> fc {} -> fc 10"
_DEEPER = (
    "32x32x3 -> conv 3x3 32 -> conv 3x3 32 -> maxpool 2x2 -> conv 3x3 64 -> conv 3x3 64 -> "
    "maxpool 2x2 -> conv 3x3 128 -> maxpool 2x2 -> flatten -> fc 256 -> fc 10"
)
_DILATED = " -> ".join(f"conv 2 1 dilation={2**n}" for n in range(10))
_AUTOENCODER = (
    "28x28x1 -> conv 3x3 16 pad=same -> maxpool 2x2 pad=same -> conv 3x3 8 pad=same -> "
    "maxpool 2x2 pad=same -> conv 3x3 8 pad=same -> maxpool 2x2 pad=same -> "
    "conv 3x3 8 pad=same -> upsample 2 -> conv 3x3 8 pad=same -> upsample 2 -> conv 3x3 16 -> "
    "upsample 2 -> conv 3x3 1 pad=same"
)
_NOFIT = (
    "64x64x3 -> conv 3x3 10 stride=2 -> maxpool 2x2 -> conv 3x3 10 stride=2 -> maxpool 2x2 -> flatten -> fc 2"
)
_VIDEO = "5x64x64x3 -> conv 3x3x3 32 -> maxpool 1x2x2 -> conv 3x3x3 64 -> maxpool 1x2x2 -> flatten -> fc 10"
_CONVNETJS = (
    "32x32x3 -> conv 5x5 16 pad=2 -> maxpool 2x2 -> conv 5x5 20 pad=2 -> maxpool 2x2 -> "
    "conv 5x5 20 pad=2 -> maxpool 2x2 -> fc 10"
)
_SOFT = (
    "32x32x3 -> conv 5x5 16 pad=same -> maxpool 2x2 -> conv 3x3 32 pad=same -> maxpool 2x2 -> fc 64 -> fc 10"
)
_PADDLE = "224x224x3 -> conv 5x5 6 pad=2 -> maxpool 2x2 -> conv 5x5 16 pad=2 -> maxpool 2x2 -> fc 64 -> fc 1"
_INVERTED = "112x112x64 -> conv 1x1 384 -> dwconv 3x3 pad=1 -> conv 1x1 128"
_UNET = (
    "572x572x1 -> conv 3x3 64 -> conv 3x3 64 -> maxpool 2x2 -> conv 3x3 128 -> conv 3x3 128 -> "
    "maxpool 2x2 -> conv 3x3 256 -> conv 3x3 256 -> maxpool 2x2 -> conv 3x3 512 -> "
    "conv 3x3 512 -> maxpool 2x2 -> conv 3x3 1024 -> conv 3x3 1024 -> upsample 2 -> "
    "conv 3x3 512 -> conv 3x3 512 -> upsample 2 -> conv 3x3 256 -> conv 3x3 256 -> upsample 2 -> "
    "conv 3x3 128 -> conv 3x3 128 -> upsample 2 -> conv 3x3 64 -> conv 3x3 64"
)
_NAIVE = (
    "28x28x256 -> concat | conv 1x1 128 | conv 3x3 192 pad=1 | conv 5x5 96 pad=2 | maxpool 3x3 stride=1 pad=1"
)
_REDUCED = (
    "28x28x256 -> concat | conv 1x1 128 | conv 1x1 64 -> conv 3x3 192 pad=1 | "
    "conv 1x1 64 -> conv 5x5 96 pad=2 | maxpool 3x3 stride=1 pad=1 -> conv 1x1 64"
)
_WORDS = "500 -> embedding 10000 32"

MORE = (
    ExamQuestion("x001", _DQN, "conv1.output", "20x20x16"),
    ExamQuestion("x002", _DQN, "conv1.neurons", "6,400"),
    ExamQuestion("x004", _DQN, "conv1.connections", "20*20*16*257 = 1,644,800"),
    ExamQuestion("x005", _DQN, "conv1.params", "16*257 = 4,112"),
    ExamQuestion("x006", _DQN, "conv2.output", "9x9x32"),
    ExamQuestion("x007", _DQN, "conv2.connections", "9*9*32*257 = 666,144"),
    ExamQuestion("x008", _DQN, "conv2.params", "32*257 = 8,224"),
    ExamQuestion("x009", _DQN, "fc1.params", "256*2593 = 663,808"),
    ExamQuestion("x010", _DQN, "fc2.params", "18*257 = 4,626"),
    ExamQuestion("x014", "64x64x3 -> conv 5x5 32 stride=2 pad=1", "conv1.params", "2,432"),
    ExamQuestion("x021", "32x32x3 -> conv 5x5 64", "conv1.params", "4,864"),
    ExamQuestion("x022", "13x13x32 -> maxpool 2x2", "maxpool1.output", "6x6x32"),
    ExamQuestion(
        "x023", "32x32x3 -> conv 5x5 64 -> maxpool 2x2 -> conv 3x3 128", "conv2.output", "12x12x128"
    ),
    ExamQuestion("x026", _DIGITS.format("maxpool 2x2 ->", 64), "total.params", "121,930"),
    ExamQuestion("x027", _DEEPER, "maxpool3.output", "1x1x128"),
    ExamQuestion("x035", "12x12x3 -> conv 5x5 256", "conv1.macs", "1,228,800"),
    ExamQuestion("x036", "12x12x3 -> dwconv 5x5 -> conv 1x1 256", "total.macs", "4,800 + 49,152 = 53,952"),
    ExamQuestion("x037", f"4096x1 -> {_DILATED}", "conv10.rf", "1024"),
    ExamQuestion(
        "x039",
        "64x64x1 -> conv 3x3 1 -> conv 3x3 1 dilation=2 -> conv 3x3 1 dilation=4 -> conv 3x3 1 dilation=8",
        "conv4.rf",
        "31",
    ),
    ExamQuestion("x040", "10x25 -> lstm 100", "lstm1.params", "50,400"),
    ExamQuestion("x041", "3 -> lstm 2", "lstm1.params", "4*[2*(2+3)+2] = 48"),
    ExamQuestion("x044", "20x15 -> lstm 256", "lstm1.params", "278,528"),
    ExamQuestion("x045", _WORDS, "embedding1.params", "320,000"),
    ExamQuestion(
        "x046", f"{_WORDS} -> lstm 32 -> lstm 32 -> lstm 32 returns=last -> fc 1", "total.params", "344,993"
    ),
    ExamQuestion(
        "x047", f"{_WORDS} -> lstm 32 bidirectional=yes returns=last -> fc 1", "total.params", "336,705"
    ),
    ExamQuestion("x048", "5x20 -> rnn 20 returns=last -> fc 10", "total.params", "1,030"),
    ExamQuestion("x049", "5x20 -> lstm 20 returns=last -> fc 10", "total.params", "3,490"),
    ExamQuestion("x050", "5x20 -> gru 20 biases=two returns=last -> fc 10", "total.params", "2,730"),
    ExamQuestion("x066", _AUTOENCODER, "conv7.output", "28x28x1"),
    ExamQuestion("x067", _AUTOENCODER, "total.params", "4,385"),
    ExamQuestion("x085", _NOFIT, "maxpool2.output", "3x3x10"),
    ExamQuestion("x086", _NOFIT, "total.params", "280 + 910 + 182"),
    ExamQuestion("x093", "32x32x1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1", "conv3.rf", "7x7"),
    ExamQuestion("x095", _NAIVE, "output", "28x28x672"),
    ExamQuestion("x096", _NAIVE, "total.macs", "854,196,224"),
    ExamQuestion("x102", "784 -> fc 200 -> fc 10", "total.params", "159,010"),
    ExamQuestion("x103", _CONVNETJS, "total.params", "1216 + 8020 + 10020 + 3210"),
    ExamQuestion("x106", "lenet5", "c1.connections", "(25+1)*6*28*28 = 122,304"),
    ExamQuestion("x107", "lenet5", "s2.connections", "5,880"),
    ExamQuestion("x108", "lenet5", "s2.params", "12"),
    ExamQuestion("x109", "lenet5", "c3.connections", "151,600"),
    ExamQuestion("x116", _VIDEO, "conv1.output", "3x62x62x32"),
    ExamQuestion("x117", _VIDEO, "conv1.params", "2,624"),
    ExamQuestion("x118", _VIDEO, "total.params", "183,434"),
    ExamQuestion("x127", _SOFT, "total.params", "1216 + 4640 + 131136 + 650"),
    ExamQuestion("x128", _SOFT, "fc1.params", "131,136"),
    ExamQuestion("x135", "256x256x3 -> conv 3x3 128 pad=1", "conv1.macs", "226,492,416"),
    ExamQuestion("x136", "112x112x64 -> dwconv 3x3 pad=1", "dwconv1.macs", "7,225,344"),
    ExamQuestion("x137", "112x112x64 -> dwconv 3x3 pad=1 -> conv 1x1 128", "total.macs", "109,985,792"),
    ExamQuestion("x138", "112x112x64 -> conv 3x3 128 pad=1", "conv1.macs", "924,844,032"),
    ExamQuestion("x139", _INVERTED, "total.macs", "968,196,096"),
    ExamQuestion("x142", _PADDLE, "maxpool2.neurons", "50,176"),
    ExamQuestion("x143", _PADDLE, "fc1.weights", "3,211,264"),
    ExamQuestion("x144", "244x244x3 -> conv 3x3 12 pad=1 groups=3", "conv1.weights", "12*1*3*3 = 108"),
    ExamQuestion("x146", "28x28x1 -> conv 5x5 20", "conv1.params", "26*20 = 520"),
    ExamQuestion("x147", "28x28x1 -> fc 30", "fc1.params", "23,550"),
    ExamQuestion("x148", _UNET, "conv18.size", "388"),
    ExamQuestion("x153", "6x1 -> conv 3 1 stride=2", "conv1.size", "2"),
)


class WrongKey(NamedTuple):
    """A question whose printed key is wrong: the right value, and what the key is consistent with,
    as the reading says it; empty where none is known."""

    id: str
    target: str
    ask: str
    printed: str
    right: int
    reading: str


WRONG_KEYS = (
    WrongKey(
        "x024",
        _DIGITS.format("", 128),
        "total.params",
        "225,034",
        1_011_466,
        "a 2x2 pooling behind conv2 that is not there",
    ),
    WrongKey(
        "x025",
        _DIGITS.format("", 128),
        "fc1.params",
        "204,928",
        991_360,
        "a 2x2 pooling behind conv2 that is not there",
    ),
    WrongKey("x028", _DEEPER, "total.params", "500K", 175_018, ""),
    WrongKey(
        "x038",
        f"8192x1 -> {_DILATED} -> {_DILATED} -> {_DILATED}",
        "conv30.rf",
        "3072",
        3070,
        "fields of blocks added",
    ),
    WrongKey("x097", _REDUCED, "total.macs", "358M", 271_351_808, "conv3 twice in the sum"),
    WrongKey("x132", "224x224x3 -> conv 7x7 64 stride=2 pad=3", "conv1.flops", "55,296,768", 236_027_904, ""),
    WrongKey("x133", "56x56x64 -> conv 1x1 64", "conv1.macs", "2,359,296", 12_845_056, "24x24"),
    WrongKey("x134", "56x56x64 -> conv 3x3 64 pad=1", "conv1.macs", "37,748,736", 115_605_504, "32x32"),
)
