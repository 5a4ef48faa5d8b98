"""The questions of exams and textbooks in docs/lectures.md, in our own words."""

from __future__ import annotations

from typing import NamedTuple


class Exam(NamedTuple):
    """A question.

    key      what tests/data/exam_answers.json calls it
    source   where it is asked
    command  the call that answers it, without the name of the program
    says     the answer as the output has it
    remark   another answer that is about, and what it is
    wrong    what a slide or a key prints in its place
    """

    key: str
    source: str
    asked: str
    command: str
    says: str
    remark: str = ""
    wrong: str = ""


CS231N = "cs231n notes"
CS231N_VGG = "cs231n notes, VGG table"
PRINCE = "Prince, Understanding Deep Learning, problem 10.16"
GERON = "Géron, Hands-On Machine Learning, CNN exercise 2"
HISTORIANS = "the two-historians exam, CS230 style"
AUC = "AUC exam set"
KTU = "KTU PECST632 numericals"
IIT = "IIT self test"
CS230 = "CS230-style table"
DLS = "Deep Learning Specialization, course 4"
CSC413 = "UofT Mississauga CSC413"
CSC321 = "UofT CSC321"
UDACITY = "Udacity quiz"

GERON_NET = (
    "'200x300x3 -> conv 3x3 100 stride=2 pad=same -> conv 3x3 200 stride=2 pad=same "
    "-> conv 3x3 400 stride=2 pad=same'"
)
FOUR = "-> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1'"

EXAMS: dict[str, tuple[Exam, ...]] = {
    "Output volumes": (
        Exam(
            "q009",
            CS231N,
            "96 filters 11x11, stride 4, on 227x227x3",
            "explain alexnet conv1 output",
            "55x55x96",
        ),
        Exam("q010", CS231N, "… neurons in that volume", "explain alexnet conv1 output", "290,400"),
        Exam(
            "q015",
            CS231N,
            "5x5, stride 2, on 11x11x4: width",
            "explain '11x11x4 -> conv 5x5 1 stride=2' output",
            "4x4x1",
        ),
        Exam(
            "q050",
            DLS,
            "padding that keeps 63x63 under 7x7, stride 1",
            "solve '63x63x16 -> conv 7x7 32 pad=? -> [63x63x32]'",
            "3",
        ),
        Exam(
            "q057",
            DLS,
            "16 filters 4x4x4, stride 2, on 64x64x64x3",
            "explain '64x64x64x3 -> conv 4x4x4 16 stride=2' output",
            "31x31x31x16",
        ),
        Exam(
            "q067",
            UDACITY,
            "20 filters 8x8, stride 2, padding 1, on 32x32x3",
            "explain '32x32x3 -> conv 8x8 20 stride=2 pad=1' output",
            "14x14x20",
        ),
        Exam(
            "q073",
            "NPTEL, Deep Learning, week 8",
            "39x39x3 under 3x3/10, 5x5 s2/20, 5x5 s2/40: values for the next layer",
            "explain '39x39x3 -> conv 3x3 10 -> conv 5x5 20 stride=2 -> conv 5x5 40 stride=2' output",
            "1,960",
        ),
        Exam(
            "q082",
            CSC413,
            "after the first pooling",
            "explain '100x100x3 -> conv 3x3 5 -> maxpool 2x2' output",
            "49x49x5",
        ),
        Exam(
            "q084",
            CSC413,
            "after the second pooling",
            "explain '100x100x3 -> conv 3x3 5 -> maxpool 2x2 -> conv 3x3 10 -> maxpool 2x2' output",
            "23x23x10",
        ),
        Exam(
            "q086",
            CSC413,
            "… length when flattened",
            "explain '100x100x3 -> conv 3x3 5 -> maxpool 2x2 -> conv 3x3 10 -> maxpool 2x2 "
            "-> conv 3x3 5 -> flatten' output",
            "2,205",
        ),
        Exam(
            "q095",
            CSC413,
            "transposed 3x3, stride 1, two filters, on 2x2x3",
            "explain '2x2x3 -> tconv 3x3 2' output",
            "4x4x2",
            "channels first: 2x4x4",
        ),
        Exam(
            "q103",
            CSC321,
            "48 filters 7x7, stride 2, on 512x512x128: sides",
            "explain '512x512x128 -> conv 7x7 48 stride=2' output",
            "253x253x48",
            "(512 − 7)/2 + 1 = 253.5 does not fit; the floor is taken",
        ),
        Exam(
            "q117",
            GERON,
            "last map of three 3x3, stride 2, SAME, on 200x300",
            f"explain {GERON_NET} output",
            "25x38x400",
            "SAME rounds up: 75 gives 38",
        ),
        Exam(
            "q143",
            KTU,
            "after the second convolution",
            "explain '32x32x3 -> conv 3x3 8 pad=1 -> maxpool 2x2 -> conv 3x3 16' output",
            "14x14x16",
            "channels first: 16x14x14",
        ),
        Exam(
            "q151",
            "Texas Wesleyan CIS-4345",
            "64 filters 3x3, no padding, on 28x28x32",
            "explain '28x28x32 -> conv 3x3 64' output",
            "26x26x64",
            "28x28x64 is with padding, 26x26x32 keeps the channels",
        ),
        Exam(
            "q170",
            "interview set",
            "3x3, stride 2, no padding, on 224x224",
            "explain '224x224x3 -> conv 3x3 64 stride=2' output",
            "111x111x64",
        ),
        Exam("q173", IIT, "16 filters 5x5 on 32x32x3", "explain '32x32x3 -> conv 5x5 16' output", "28x28x16"),
        Exam("q176", IIT, "four 3x3 without padding on 50x50", f"explain '50x50x1 {FOUR} output", "42x42x1"),
    ),
    "Parameters of a layer": (
        Exam(
            "q013",
            CS231N,
            "AlexNet's first layer, if no weights were shared",
            "explain '227x227x3 -> local 11x11 96 stride=4' params",
            "105,705,600",
        ),
        Exam(
            "q018",
            CS231N,
            "weights of one dense neuron on 200x200x3",
            "explain '200x200x3 -> fc 1' params",
            "120,000",
        ),
        Exam("q022", CS231N_VGG, "VGG-16, weights of layer 1", "explain vgg16 conv1_1 params", "1,728"),
        Exam("q025", CS231N_VGG, "… layer 5", "explain vgg16 conv2_2 params", "147,456"),
        Exam("q028", CS231N_VGG, "… layer 11", "explain vgg16 conv4_1 params", "1,179,648"),
        Exam("q030", CS231N_VGG, "… layer 19", "explain vgg16 fc6 params", "102,760,448"),
        Exam("q031", CS231N_VGG, "… layer 20", "explain vgg16 fc7 params", "16,777,216"),
        Exam(
            "q037",
            CS231N,
            "linear classifier of CIFAR-10, W and b",
            "explain '32x32x3 -> fc 10' params",
            "30,730",
        ),
        Exam(
            "q042",
            DLS,
            "128x128 grey image into 256 dense units",
            "explain '128x128x1 -> fc 256' params",
            "4,194,560",
            "4,194,304 without biases, 12,583,168 for a colour image",
        ),
        Exam(
            "q055",
            DLS,
            "one 1x1 filter on 64x64x16, with bias",
            "explain '64x64x16 -> conv 1x1 1' params",
            "17",
            "2 is without the 16 channels, 4,097 takes positions for channels",
        ),
        Exam(
            "q059",
            DLS,
            "a LeNet of 8 and 16 filters on 32x32x3: second convolution",
            "explain '32x32x3 -> conv 5x5 8 -> maxpool 2x2 -> conv 5x5 16' conv2 params",
            "3,216",
            "without the 8 channels it is 416; the official errata have 3,216",
            "416",
        ),
        Exam(
            "q069",
            UDACITY,
            "20 filters 8x8 on 32x32x3",
            "explain '32x32x3 -> conv 8x8 20 stride=2 pad=1' params",
            "3,860",
            "3,880 counts the biases twice, 756,560 shares nothing",
        ),
        Exam(
            "q088",
            CSC413,
            "first pooling",
            "explain '100x100x3 -> conv 3x3 5 -> maxpool 2x2' maxpool1 params",
            "0",
        ),
        Exam(
            "q089",
            CSC413,
            "second convolution",
            "explain '100x100x3 -> conv 3x3 5 -> maxpool 2x2 -> conv 3x3 10' conv2 params",
            "460",
        ),
        Exam(
            "q102",
            CSC321,
            "20x20x6 into 800 units without biases",
            "explain '20x20x6 -> fc 800 bias=no' params",
            "1,920,000",
        ),
        Exam(
            "q104",
            CSC321,
            "48 filters 7x7 on 128 channels",
            "explain '512x512x128 -> conv 7x7 48 stride=2' params",
            "301,104",
        ),
        Exam("q106", PRINCE, "AlexNet, weights of layer 1", "explain alexnet conv1 params", "34,848"),
        Exam("q110", PRINCE, "… layer 7", "explain alexnet conv5 params", "884,736"),
        Exam("q111", PRINCE, "… layer 9", "explain alexnet fc6 params", "37,748,736"),
        Exam("q113", PRINCE, "… layer 11", "explain alexnet fc8 params", "4,096,000"),
        Exam(
            "q127",
            HISTORIANS,
            "weights of the second convolution",
            "explain '128x128x3 -> conv 9x9 32 -> maxpool 2x2 -> conv 5x5 64' conv2 params",
            "51,200",
        ),
        Exam(
            "q128",
            HISTORIANS,
            "… of the third",
            "explain '128x128x3 -> conv 9x9 32 -> maxpool 2x2 -> conv 5x5 64 -> maxpool 2x2 "
            "-> conv 5x5 64' conv3 params",
            "102,400",
        ),
        Exam(
            "q130",
            AUC,
            "100 filters as large as their 100x100 image",
            "explain '100x100x1 -> conv 100x100 100' params",
            "1,000,100",
        ),
        Exam(
            "q137",
            AUC,
            "LeNet-5's C3, every map connected",
            "explain lenet5_modern conv2 params",
            "2,416",
            "1,516 with the paper's table: `explain lenet5 c3 params`",
        ),
        Exam("q138", AUC, "LeNet-5's F6", "explain lenet5 f6 params", "10,164"),
        Exam(
            "q144",
            KTU,
            "first fully connected layer",
            "explain '32x32x3 -> conv 3x3 8 pad=1 -> maxpool 2x2 -> conv 3x3 16 "
            "-> maxpool 2x2 -> flatten -> fc 64' fc1 params",
            "50,240",
        ),
        Exam(
            "q148",
            CS230,
            "second convolution",
            "explain '32x32x3 -> conv 3x3 8 -> bn -> maxpool 2x2 -> conv 3x3 16' conv2 params",
            "1,168",
        ),
        Exam(
            "q149",
            CS230,
            "fully connected layer",
            "explain '32x32x3 -> conv 3x3 8 -> bn -> maxpool 2x2 -> conv 3x3 16 "
            "-> maxpool 2x2 -> fc 10' fc1 params",
            "5,770",
        ),
        Exam(
            "q175", IIT, "32 filters 3x3 on 16 channels", "explain '64x64x16 -> conv 3x3 32' params", "4,640"
        ),
        Exam(
            "q191",
            "Stack Overflow 38080035",
            "LSTM of 256 units on 4096 inputs",
            "explain '4096 -> lstm 256' params",
            "4,457,472",
        ),
        Exam(
            "q194",
            "exercise sheet",
            "20 filters 3x3 on 224x224x3",
            "explain '224x224x3 -> conv 3x3 20' params",
            "560",
        ),
    ),
    "Parameters of a network": (
        Exam(
            "q094",
            CSC413,
            "dense 10, 5, 10, 5 with biases",
            "explain '10 -> fc 5 -> fc 10 -> fc 5' total params",
            "170",
        ),
        Exam(
            "q115",
            "Prince, section 10.2.7",
            "40 values under three convolutions of 15 filters, kernel 3, stride 2, then ten classes",
            "explain '40x1 -> conv 3 15 stride=2 -> conv 3 15 stride=2 -> conv 3 15 stride=2 "
            "-> fc 10' total params",
            "2,050",
            "first printings differ",
        ),
        Exam(
            "q116",
            GERON,
            "three 3x3 layers of 100, 200, 400 filters on 200x300x3",
            f"explain {GERON_NET} total params",
            "903,400",
        ),
        Exam(
            "q184",
            "deeplearning.ai forum",
            "depthwise 3x3 on 3 channels, then 1x1 to 128, with biases",
            "explain '9x9x3 -> dwconv 3x3 -> conv 1x1 128' total params",
            "542",
            "a standard 3x3 convolution has 3,584",
        ),
    ),
    "Operations": (
        Exam(
            "q063",
            DLS,
            "32 filters 5x5, size kept, on 28x28x192: multiplications",
            "explain '28x28x192 -> conv 5x5 32 pad=2' macs",
            "120,422,400",
            "those are its multiplications; it has 153,632 parameters",
            "120 million parameters",
        ),
        Exam(
            "q065",
            DLS,
            "five 3x3 filters on 6x6x3: multiplications",
            "explain '6x6x3 -> conv 3x3 5' macs",
            "2,160",
        ),
        Exam(
            "q162",
            "fastbook, chapter 13",
            "3x3 from 8 to 16 channels, output 7x7: multiplications",
            "explain '14x14x8 -> conv 3x3 16 stride=2 pad=1' macs",
            "56,448",
        ),
    ),
    "Memory": (
        Exam(
            "q118",
            GERON,
            "bytes to predict one image: two layers in a row and the parameters",
            f"explain {GERON_NET} total memory",
            "12,613,600",
            "9,000,000 bytes for the first two layers, not 15 million; corrected later",
            "18,613,600",
        ),
    ),
    "Receptive fields": (
        Exam("q135", AUC, "four 3x3 in a row", f"explain '99x99x1 {FOUR} rf", "9"),
        Exam(
            "q145",
            KTU,
            "3x3, 3x3, pool 2x2, and the same again",
            "explain '224x224x3 -> conv 3x3 1 pad=1 -> conv 3x3 1 pad=1 -> maxpool 2x2 "
            "-> conv 3x3 1 pad=1 -> conv 3x3 1 pad=1 -> maxpool 2x2' rf",
            "16",
            "9 is without the poolings",
        ),
        Exam("q164", "Girshick et al., R-CNN", "AlexNet's last pooling", "explain alexnet pool5 rf", "195"),
    ),
}
