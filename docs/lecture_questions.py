"""The questions of the lectures in docs/lectures.md, and which calls answer them.

Facts are those of the slides; the words are our own.
"""

from __future__ import annotations

from typing import NamedTuple


class Slip(NamedTuple):
    """What a slide or a key says wrongly: what it prints, what is right, why."""

    printed: str
    right: str
    why: str


class Question(NamedTuple):
    """A question of a lecture.

    commands  the calls that answer it, without the name of the program
    says      what stands in their output: the answer
    slip      what the slides make of it where they err
    note      what else is to know
    """

    asked: str
    commands: tuple[str, ...]
    says: tuple[str, ...]
    slip: Slip | None = None
    note: str = ""


class Topic(NamedTuple):
    """A part of the document."""

    name: str
    text: str
    questions: tuple[Question, ...]


def one(asked: str, command: str, *says: str, slip: Slip | None = None, note: str = "") -> Question:
    """A question that one call answers."""
    return Question(asked, (command,), says, slip, note)


VOLUMES = Topic(
    "Output volumes",
    """\
One formula, ⌊(W − F + 2P)/S⌋ + 1, for every convolution and pooling along each axis; as many
channels as filters.
""",
    (
        one(
            "Six 5x5 filters on a 32x32x3 image: which volume comes out?",
            "explain '32x32x3 -> conv 5x5 6' output",
            "28x28x6",
        ),
        one(
            "And another 5x5 layer behind it: how fast does the image shrink?",
            "explain '32x32x3 -> conv 5x5 6 -> conv 5x5 10' output",
            "24x24x10",
            note="32, 28, 24: every 5x5 without padding takes four.",
        ),
        one("A 3x3 window on 7x7, stride 1?", "explain '7x7x1 -> conv 3x3 1' output", "5x5x1"),
        one("Stride 2?", "explain '7x7x1 -> conv 3x3 1 stride=2' output", "3x3x1"),
        one(
            "Stride 3? Some lectures say that it does not fit, frameworks take the floor.",
            "explain '7x7x1 -> conv 3x3 1 stride=3' output",
            "2.33: it does not fit",
            note="`round=exact` in the spec refuses it, as those lectures do.",
        ),
        one(
            "Which padding keeps the size at stride 1? The rule is P = (F − 1)/2: 1 for 3x3, 2 for "
            "5x5, 3 for 7x7.",
            "solve '7x7x1 -> conv 3x3 1 pad=? -> [7x7x1]'",
            "1 7x7x1",
        ),
        one(
            "For a 7x7 filter on 224x224?",
            "solve '224x224x3 -> conv 7x7 64 pad=? -> [224x224x64]'",
            "3 224x224x64",
        ),
        one(
            "A row of 7 values, kernel 3, no padding, stride 1 and then 2?",
            "explain '7x1 -> conv 3 1 stride=2' output",
            "3x1",
            note="With `stride=1` it is 5.",
        ),
        one(
            "A row of 5 values, kernel 3, padding 1, stride 2?",
            "explain '5x1 -> conv 3 1 pad=1 stride=2' output",
            "3x1",
            note="With `stride=1` it stays 5.",
        ),
        one(
            "A 3x3 filter over a 6x6 image, stride 2: a slide shows 2x2 and says no more.",
            "explain '6x6x1 -> conv 3x3 1 stride=2' output",
            "2.50: it does not fit",
        ),
        one(
            "A 3x3 filter on 5x5, padded so that the size stays?",
            "explain '5x5x1 -> conv 3x3 1 pad=1' output",
            "5x5x1",
            note="Unpadded 3x3 remain.",
        ),
        one(
            "A 2x2 max pooling on 26x26?",
            "explain '26x26x32 -> maxpool 2x2' output",
            "13x13x32",
            note="It halves even sides only: 27 gives 13 as well, with a row and a column unread.",
        ),
        one(
            "A 2x2 pooling with stride 2 on 224x224x64?",
            "explain '224x224x64 -> maxpool 2x2 stride=2' output",
            "112x112x64",
            slip=Slip(
                "the size does not change",
                "112x112",
                "F = 2, S = 2 halves both sides; the depth is what stays",
            ),
        ),
        one(
            "The first layer of AlexNet: 96 filters 11x11, stride 4, on 227x227x3?",
            "explain alexnet conv1 output",
            "55x55x96",
        ),
        one("Its first pooling, 3x3 with stride 2?", "explain alexnet pool1 output", "27x27x96"),
        one(
            "Every size of AlexNet?",
            "summary alexnet --width 80",
            "13x13x384",
            "6x6x256",
            note="Slides that list convolution, pooling, normalisation show CaffeNet; the paper "
            "normalises before it pools.",
        ),
        one(
            "A Go board of 19x19 under a 5x5 filter, padded to 23x23?",
            "explain alphago_policy conv1 output",
            "19x19x192",
            note="The network reads 48 planes, not one board of +1, −1 and 0.",
        ),
        one(
            "A 400x400 colour image as a vector: how long is it?",
            "explain '400x400x3 -> flatten' output",
            "480,000",
        ),
        one("A 200x200 one?", "explain '200x200x3 -> flatten' output", "120,000"),
        one(
            "What arrives at the last layer of a dense block? k0 + k(l − 1), here with l = 6.",
            "explain densenet121 dense1_6 output",
            "56x56x224 ->",
            note="224 channels arrive, 64 + 5·32; the layer adds 32, so that 256 go out.",
            slip=Slip(
                "L(L − 1)/2 direct connections in a dense block",
                "L(L + 1)/2",
                "layer l reads l tensors, the input of the block among them; five layers have 15",
            ),
        ),
        one(
            "Which volumes have the stages of Inception-v2?",
            "summary inception_v2 --depth 1 --width 80",
            "35x35x288",
            "17x17x768",
            "8x8x1280",
            "8x8x2048",
            note="The paper's own table forgets to say that the convolution that leads to "
            "35x35x288 is padded.",
        ),
    ),
)

PARAMETERS = Topic(
    "Parameters",
    """\
A filter has F·F·C weights, one for every value that it reads, and a bias; K filters have K times as
many. Pooling has none. Whether biases are counted is a convention: `explain` says both.
""",
    (
        one(
            "Ten 5x5 filters on 32x32x3, stride 1, padding 2?",
            "explain '32x32x3 -> conv 5x5 10 pad=2' params",
            "760",
            slip=Slip(
                "K·K·Cin·Cout",
                "(K·K·Cin + 1)·Cout",
                "one slide leaves the biases out of the formula and counts them in its tables",
            ),
        ),
        one("32 filters 1x1 on 64 channels?", "explain '56x56x64 -> conv 1x1 32' params", "2,080", "2,048"),
        one(
            "The first layer of AlexNet? A slide has 35K.",
            "explain alexnet conv1 params",
            "34,944",
            "34,848",
            note="35K is the count without biases, two slides after an example that counts them.",
        ),
        one("Its first pooling layer?", "explain alexnet pool1 params", "nothing to learn"),
        one(
            "A 4x4 filter on one channel?", "explain '28x28x1 -> conv 4x4 1' params", "17", "without them 16"
        ),
        one(
            "Two 3x3 filters on a grey image, on a colour image?",
            "compare '6x6x1 -> conv 3x3 2 bias=no' '6x6x3 -> conv 3x3 2 bias=no' --width 100",
            "18",
            "54",
            note="2 x 9 and 2 x 27 weights.",
        ),
        one(
            "A standard 3x3 convolution from 16 to 32 channels?",
            "explain '14x14x16 -> conv 3x3 32 bias=no' params",
            "4,608",
        ),
        one(
            "The same as a depthwise separable convolution?",
            "explain '14x14x16 -> dwconv 3x3 bias=no -> conv 1x1 32 bias=no' total params",
            "656",
            "144",
            "512",
            slip=Slip(
                "a map 32 deep between the two, and 1x1x32 filters",
                "16 deep, 32 filters 1x1x16",
                "the depthwise step keeps its 16 channels; the pointwise one makes 32 of them",
            ),
        ),
        one("One dense unit on 22x22x64?", "explain '22x22x64 -> fc 1' params", "30,977"),
        one(
            "A hundred of them and then one?",
            "explain '22x22x64 -> fc 100 -> fc 1' total params",
            "3,097,801",
        ),
        one(
            "A linear classifier of ten classes on 32x32x3?", "explain linear_cifar10 total params", "30,730"
        ),
        one(
            "A 400x400 colour image into 1,000 hidden units and one output?",
            "explain mlp_400 total params",
            "480,002,001",
            slip=Slip(
                "480,001,001",
                "480,002,001",
                "the 1,000 weights of the output unit are missing; "
                "rounded to 480 million it makes no difference",
            ),
        ),
        one(
            "Into as many hidden units as it has values?",
            "explain mlp_400 total params --set hidden=480000",
            "230,400,960,001",
            slip=Slip(
                "230,400,480,001", "230,400,960,001", "the 480,000 weights of the output unit are missing"
            ),
        ),
        one(
            "A bias for every place of a Go board behind a 1x1 convolution?",
            "explain alphago_policy bias13 params",
            "361",
        ),
    ),
)

NETWORKS = Topic(
    "Whole networks",
    """\
The total is a sum over layers; in a long one, equal terms stand together.
""",
    (
        one(
            "AlexNet, row by row?",
            "explain alexnet params",
            "62,378,344",
            "34,944",
            "614,656",
            "885,120",
            "1,327,488",
            "884,992",
            "37,752,832",
            "16,781,312",
            "4,097,000",
            note="This is the network in one group, as most lectures have it: 62 million.",
        ),
        one(
            "Why do others say 60 or 61 million?",
            "explain alexnet_grouped params",
            "60,965,224",
            "307,456",
            "663,936",
            "442,624",
            note="The paper's network runs on two cards: conv2, conv4 and conv5 see half of the "
            "channels. 60 and 61 million are both this count, cut off and rounded.",
        ),
        one(
            "And its 650,000 neurons?",
            "explain alexnet operations",
            "659,272",
            note="`outputs`: the values of all layers that have weights.",
        ),
        one(
            "VGG-16, row by row?",
            "explain vgg16 params",
            "138,357,544",
            "36,928",
            "5 x 2,359,808",
            "102,764,544",
            "138,344,128",
            slip=Slip(
                "138,423,208",
                "138,357,544",
                "a max pooling was given 65,664 parameters, which "
                "it cannot have; the rest of that table is right",
            ),
            note="Without biases 138,344,128, the sum of the listing that counts weights alone.",
        ),
        one(
            "Where might 65,664 be from?",
            "explain googlenet aux1.conv params",
            "65,664",
            note="(512 + 1)·128: the 1x1 convolution of GoogLeNet's first side head.",
        ),
        one(
            "LeNet-5, about?",
            "explain lenet5 params",
            "60,000",
            note="As published, with a table of connections in C3 and learned subsampling.",
        ),
        one(
            "LeNet-5 as it is taught today, and as a notebook builds it on 28x28?",
            "compare lenet5 lenet5_modern lenet5_keras --width 100",
            "60,000",
            "61,706",
            "44,426",
        ),
        one(
            "GoogLeNet: four million, or five?",
            "explain googlenet params",
            "6,998,552",
            slip=Slip(
                "4 million, and 5 million",
                "6,998,552",
                "its own table of layers comes to seven million; 4 and 5 million are repeated from papers",
            ),
        ),
        one("With the side heads that training uses?", "explain googlenet params --with-heads", "13,378,280"),
        one(
            "Has GoogLeNet no fully connected layer?",
            "explain googlenet loss3 params",
            "1,025,000",
            slip=Slip(
                "no FC layers",
                "one, of 1,025,000 parameters",
                "the large ones are gone; 1024 to 1000 is left, and each side head has two",
            ),
        ),
        one(
            "How many layers have LeNet, AlexNet, VGG-16, GoogLeNet?",
            "compare lenet5_modern alexnet vgg16 googlenet --width 100",
            "5",
            "8",
            "16",
            "22",
            slip=Slip(
                "LeNet 8, AlexNet 7, GoogLeNet 19",
                "5 (7 with the two poolings), 8, 22",
                "counted are convolutions and fully connected layers on the way to the output",
            ),
        ),
        one("A small net of a Keras course for digits?", "explain keras_classroom params", "93,322"),
        one("Cats against dogs, from the same course?", "explain dogs_vs_cats params", "3,453,121"),
        one("A multilayer perceptron 784, 64, 64, 10?", "explain mlp_mnist params", "55,050"),
        one(
            "Has every residual block two 3x3 layers?",
            "explain resnet50 conv2_2 params",
            "conv 1x1 64",
            "conv 3x3 64",
            "conv 1x1 256",
            slip=Slip(
                "two 3x3 layers in every block",
                "one between two 1x1, from ResNet-50 on",
                "only ResNet-18 and ResNet-34 have two",
            ),
        ),
        one(
            "A thousand convolutions in a loop?",
            "explain very_deep params",
            "433,290",
            slip=Slip(
                "a loop with its tail indented into it",
                "only the convolution is repeated",
                "as printed the second turn fails: it convolves a vector",
            ),
            note="The summary that the notebook prints, 32,522, is of eight turns: `--set n=8`. The code "
            "itself is among the [listings](#listings-of-code).",
        ),
        one(
            "The residual net of the same course, sixteen convolutions deep?",
            "explain residual_study params",
            "250,986",
        ),
        one(
            "Which depth has the residual net of 353,642 parameters?",
            "solve residual_study --set n=? --where 'params == 353642'",
            "32",
        ),
        one("VGG-16 fine-tuned on CIFAR-10?", "explain vgg16_cifar10_finetune params", "14,748,170"),
        one(
            "The blocks of DenseNet-121?",
            "summary densenet121 --depth 1 --width 80",
            "24 x dense_layer 32",
            "16 x dense_layer 32",
            slip=Slip(
                "24, 32, 48, 64 layers in block 4",
                "16, 32, 32, 48",
                "two rows of the table were merged: those are of block 3",
            ),
        ),
    ),
)

OPERATIONS = Topic(
    "Operations",
    """\
A MAC is a multiply and its add: F·F·C of them for every value of the output. Where FLOPs are said,
some mean MACs and some twice as many; `explain` says which.
""",
    (
        one(
            "Which branch of an Inception block on 28x28x16 is dearest: 32 filters 1x1, 64 of 3x3, or "
            "8 of 5x5?",
            "compare '28x28x16 -> conv 1x1 32' '28x28x16 -> conv 3x3 64 pad=1' "
            "'28x28x16 -> conv 5x5 8 pad=2' --width 100",
            "401,408",
            "7,225,344",
            "2,508,800",
        ),
        one("And 64 filters 5x5?", "explain '28x28x16 -> conv 5x5 64 pad=2' macs", "20,070,400"),
        one(
            "And a 2x2 max pooling with stride 1?",
            "explain '28x28x16 -> maxpool 2x2 stride=1 pad=same' operations",
            "37,632",
            slip=Slip(
                "50K",
                "37,632 comparisons",
                "50,176 are the values read, four a window; the largest of four takes three comparisons",
            ),
        ),
        one(
            "The 5x5 branch of Inception 4a without its 1x1 reduction?",
            "explain '14x14x480 -> conv 5x5 48 pad=2 bias=no' macs",
            "112,896,000",
        ),
        one(
            "With 16 channels between?",
            "explain '14x14x480 -> conv 1x1 16 bias=no -> conv 5x5 48 pad=2 bias=no' total macs",
            "5,268,480",
        ),
        one(
            "VGG-19, a plain net of 34 layers and its residual form, 19.6 and 3.6 billion FLOPs?",
            "compare vgg19 plain34 resnet34 --width 100",
            "19,632,062,464",
            "3,644,493,824",
            "3,663,761,408",
            note="What the paper calls FLOPs are multiply-adds.",
        ),
        one(
            "VGG-16: 19.6 billion?",
            "explain vgg16 macs",
            "15,470,264,320",
            "30,940,528,640",
            slip=Slip(
                "19.6 billion for VGG-16",
                "15,470,264,320 MACs",
                "19.6 billion is VGG-19; twice VGG-16's are 30.9",
            ),
        ),
        one(
            "AlexNet: 62 million parameters and 1.5 billion FLOPs?",
            "compare alexnet alexnet_grouped --width 100",
            "1,135,256,096",
            "724,406,816",
            slip=Slip(
                "62 M and 1.5 G in one row",
                "62.4 M with 2.27 G, or 61.0 M with 1.45 G",
                "the parameters are of one group, the operations of two groups; both doubled",
            ),
        ),
        one(
            "ResNet-152: 60.3 million and 11 billion?",
            "compare resnet152_v1 resnet152 --width 100",
            "11,282,415,616",
            "60,192,808",
            note="11 G counts MACs, in the same column where AlexNet's were doubled. Parameters: "
            "60.19 M learned, 60.34 M with the moving statistics (`explain resnet152 params`), which "
            "is the 60.3. The second row has the stride on the 3x3.",
        ),
        one(
            "Convolving 320x280 with a kernel of two values, as the textbook counts?",
            "explain '320x280x1 -> conv 2x1 1 bias=no' macs",
            "178,640",
            "267,960",
            note="The textbook counts two products and one sum per value.",
        ),
    ),
)

MEMORY = Topic(
    "Memory",
    """\
Four bytes per value in fp32. What a layer in place writes over takes none of its own.
""",
    (
        one(
            "VGG-16, the values of all layers for one image?",
            "explain vgg16 memory",
            "60,950,432",
            "58.13 MiB",
            slip=Slip(
                "24M values, 93 MB",
                "15,237,608 values, 60.95 MB (58.1 MiB)",
                "the rows of the listing are right, their sum is not; nor would 24M·4 bytes be 93 MB",
            ),
        ),
        one("Its first layer, 3.2M values?", "explain vgg16 conv1_1 memory", "12,845,056"),
    ),
)

FIELDS = Topic(
    "Receptive fields",
    """\
r ← r + (F − 1)·j with the strides so far in j, from the input up.
""",
    (
        one(
            "What does a unit of the third 3x3 convolution see?",
            "explain '32x32x1 -> conv 3x3 1 -> conv 3x3 1 -> conv 3x3 1' rf",
            "7",
        ),
        one("Two 3x3 on a 5x5 grid?", "explain '5x5x1 -> conv 3x3 1 -> conv 3x3 1' rf", "5"),
        one("One 5x5?", "explain '5x5x1 -> conv 5x5 1' rf", "5"),
        one("The last pooling of AlexNet?", "explain alexnet pool5 rf", "195"),
        one("And of VGG-16?", "explain vgg16 pool5 rf", "212"),
    ),
)

COMPARISONS = Topic(
    "Comparisons",
    """\
The arguments of the lectures, one `compare` each; ratios are to the first.
""",
    (
        one(
            "Two 3x3 see what a 5x5 sees: 18 weights against 25.",
            "compare '32x32x1 -> conv 5x5 1 bias=no' "
            "'32x32x1 -> conv 3x3 1 bias=no -> conv 3x3 1 bias=no' --width 100",
            "25",
            "18",
            "1/1.4",
        ),
        one(
            "A 1x3 and a 3x1 for a 3x3: 6 against 9.",
            "compare '32x32x1 -> conv 3x3 1 bias=no' "
            "'32x32x1 -> conv 1x3 1 bias=no -> conv 3x1 1 bias=no' --width 100",
            "9",
            "6",
            "1/1.5",
        ),
        one(
            "The bottleneck of Inception: 5.27M against 112.9M.",
            "compare '14x14x480 -> conv 5x5 48 pad=2 bias=no' "
            "'14x14x480 -> conv 1x1 16 bias=no -> conv 5x5 48 pad=2 bias=no' --width 100",
            "112,896,000",
            "5,268,480",
            "576,000",
            "26,880",
            "1/21.4",
        ),
        one(
            "Fully connected against convolution, for the same volume.",
            "compare '32x32x3 -> conv 5x5 10 pad=2' '32x32x3 -> fc 10240' --width 100",
            "760",
            "31,467,520",
            "41,405x",
        ),
        one(
            "Depthwise separable against standard: 656 against 4,608.",
            "compare '14x14x16 -> conv 3x3 32 bias=no' "
            "'14x14x16 -> dwconv 3x3 bias=no -> conv 1x1 32 bias=no' --width 100",
            "4,608",
            "656",
            "1/7.0",
        ),
        one(
            "The edges of a 320x280 image: a kernel of two values, a dense matrix, a sparse one.",
            "compare '320x280x1 -> conv 2x1 1 bias=no' '320x280x1 -> fc 89320 bias=no' "
            "'320x280x1 -> local 2x1 1 bias=no' --width 140",
            "8,003,072,000",
            "178,640",
            "4,001,536,000x",
            "89,320x",
            note="An unshared convolution is the sparse matrix: the same products, each with a number "
            "of its own. Counted as products and sums, the dense one takes 16 billion operations.",
        ),
    ),
)

FORMULAS = Topic(
    "Formulas in letters",
    """\
Letters in the place of numbers: what slides derive, and what exams ask for "in terms of". How far such a
formula can be trusted, and how an answer in letters is marked, is in [symbols.md](symbols.md).
""",
    (
        one(
            "The summary of a convolution: which volume comes out of W1 x H1 x D1 by K filters F x F, "
            "stride S, padding P?",
            "explain 'W1 x H1 x D1 -> conv F x F K stride=S pad=P' output",
            "⌊(W1 − F + 2·P) / S⌋ + 1",
            "⌊(H1 − F + 2·P) / S⌋ + 1",
            note="The slides leave the rounding out: it makes no difference where the windows fit.",
        ),
        one(
            "And how many weights and biases has it?",
            "explain 'W1 x H1 x D1 -> conv F x F K stride=S pad=P' params",
            "(F·F·D1 + 1)·K",
        ),
        one(
            "A student's answer to both.",
            "check 'W1 x H1 x D1 -> conv F x F K stride=S pad=P' params='(F*F*D1)*K + K' "
            "output='(W1-F+2P)/S+1 x (H1-F+2P)/S+1 x K'",
            "2 of 2 right",
        ),
        one(
            "Which padding keeps the size of an n x n image under an f x f filter of stride 1? (f − 1)/2, "
            "for odd f.",
            "explain 'n x n x c -> conv f x f k pad=((f-1)/2)' size",
            "size n",
        ),
        one(
            "What do n layers of k x k see?",
            "explain 'm x m x c -> n x (conv k x k c pad=half)' rf",
            "1 + n·(k − 1)",
        ),
        one(
            "Three layers of 3x3 with C channels in and out: parameters without biases, against one 7x7?",
            "explain 'm x m x C -> 3 x (conv 3x3 C pad=1 bias=no)' total params",
            "27·C²",
        ),
        one("The one 7x7.", "explain 'm x m x C -> conv 7x7 C pad=3 bias=no' params", "49·C·C"),
        one(
            "A normal convolution of k x k, from c to d channels, without biases: parameters?",
            "explain 'm x m x c -> conv k x k d bias=no' params",
            "k·k·c·d",
        ),
        one(
            "The depthwise separable one.",
            "explain 'm x m x c -> dwconv k x k bias=no -> conv 1x1 d bias=no' total params",
            "k·k·c + c·d",
        ),
        one(
            "A dense block: each layer adds k channels to the c that arrive. How many are there behind n "
            "layers?",
            "explain 'm x m x c -> n x (concat | identity | conv 3x3 k pad=1)' output",
            "c + n·k",
            note="Layer l reads what l − 1 layers before it left: c + k(l − 1), as the slides have it.",
        ),
        one(
            "An encoder block of width d, four maps without biases, a feed-forward part of 4d with biases: "
            "parameters?",
            "explain 't x d -> attention heads=8 bias=no -> conv 1 (4*d) -> conv 1 d' total params",
            "d·(12·d + 5)",
            slip=Slip(
                "12d² + 4d", "12d² + 5d", "the second layer has d biases too, as the printed 3,148,288 has"
            ),
        ),
        one(
            "Two fully connected layers, n inputs, k hidden units, l outputs: parameters?",
            "explain 'n -> fc k -> fc l' total params",
            "(n + 1)·k + (k + 1)·l",
        ),
    ),
)

TOPICS = (VOLUMES, PARAMETERS, NETWORKS, OPERATIONS, MEMORY, FIELDS, COMPARISONS, FORMULAS)

# What Keras prints as the parameters of its applications: learned values and moving statistics.
KERAS = {
    "xception": 22_910_480,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "resnet50_keras": 25_636_712,
    "resnet101_keras": 44_707_176,
    "resnet152_keras": 60_419_944,
    "resnet50_v2": 25_613_800,
    "resnet101_v2": 44_675_560,
    "resnet152_v2": 60_380_648,
    "resnext50": 25_097_128,
    "resnext101": 44_315_560,
    "inception_v3_keras": 23_851_784,
    "inception_resnet_v2_keras": 55_873_736,
    "mobilenet": 4_253_864,
    "mobilenet_v2": 3_538_984,
    "densenet121": 8_062_504,
    "densenet169": 14_307_880,
    "densenet201": 20_242_984,
    "nasnet_mobile": 5_326_716,
    "nasnet_large": 88_949_818,
}
