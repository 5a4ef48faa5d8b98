"""Questions of lectures and exams on differences, shares and the size of an input, in docs/lectures.md."""

from __future__ import annotations

from lecture_questions import Slip, Topic, one

UNET = (
    "'{} -> conv 3x3 64 -> conv 3x3 64 -> maxpool 2x2 -> conv 3x3 128 -> conv 3x3 128 -> maxpool 2x2 "
    "-> conv 3x3 256 -> conv 3x3 256 -> maxpool 2x2 -> conv 3x3 512 -> conv 3x3 512 -> maxpool 2x2 "
    "-> conv 3x3 1024 -> conv 3x3 1024 -> upsample 2 -> conv 3x3 512 -> conv 3x3 512 -> upsample 2 "
    "-> conv 3x3 256 -> conv 3x3 256 -> upsample 2 -> conv 3x3 128 -> conv 3x3 128 -> upsample 2 "
    "-> conv 3x3 64 -> conv 3x3 64'"
)
DQN = "'84x84x4 -> conv 8x8 16 stride=4 -> conv 4x4 32 stride=2 -> fc 256 -> fc 18'"

DIFFERENCES = Topic(
    "Differences and shares",
    """\
What is computed of several quantities is an expression: `params(A)` is of the first of two networks,
`params(conv1)` of a layer. `percent(…)` is a hundred times a share. Answers to such questions are
marked like all others, each in its own precision.
""",
    (
        one(
            "How many parameters does a depthwise separable convolution save, how many times fewer are "
            "they, and which share is saved?",
            "explain '14x14x16 -> conv 3x3 32 bias=no' "
            "'14x14x16 -> dwconv 3x3 bias=no -> conv 1x1 32 bias=no' params",
            "3,952",
            "7.024",
            "85.76 %",
        ),
        one(
            "How many operations does the bottleneck of Inception 4a save?",
            "explain '14x14x480 -> conv 5x5 48 pad=2 bias=no' "
            "'14x14x480 -> conv 1x1 16 bias=no -> conv 5x5 48 pad=2 bias=no' "
            "'percent(1 - macs(B) / macs(A))'",
            "95.33 %",
        ),
        one(
            "Two 3x3 in the place of a 5x5: which share of the weights is left?",
            "explain '32x32x1 -> conv 5x5 1 bias=no' '32x32x1 -> conv 3x3 1 bias=no -> conv 3x3 1 bias=no' "
            "'weights(B) / weights(A)'",
            "18/25",
        ),
        one(
            "Which share of VGG-16's parameters does its first fully connected layer have?",
            "explain vgg16 'percent(params(fc6) / params(total))'",
            "74.27 %",
        ),
        one(
            "An LSTM of 256 units on 15 inputs: how many parameters does making it bidirectional add?",
            "explain '20x15 -> lstm 256' '20x15 -> lstm 256 bidirectional=yes' 'params(B) - params(A)'",
            "278,528",
        ),
        one(
            "A network for Atari games: how many weights has a neuron of the first layer, its bias counted?",
            f"explain {DQN} 'connections(conv1) / neurons(conv1)'",
            "257",
        ),
        one(
            "A filter 3x3x3 on a video against one of 3x3 on an image, both in colour?",
            "explain '8x8x8x3 -> conv 3x3x3 1' '8x8x3 -> conv 3x3 1' 'weights(A) / weights(B)'",
            "81",
            "27",
            "3",
        ),
        one(
            "A clip of 64 frames of 224x224 in colour: how many values?",
            "explain '64x224x224x3 -> relu' neurons",
            "9,633,792",
        ),
        one(
            "Ten images 224x224x3, 64 filters 3x3: how many multiplications, and how many additions with "
            "the bias?",
            "explain '224x224x3 -> conv 3x3 64 pad=1' additions --batch 10",
            "867,041,280",
            note="As many multiplications: a dot product of 27 terms takes 26 additions, and its bias one.",
        ),
        one(
            "An encoder block of width 512, without biases in the attention: how many parameters?",
            "explain '16x512 -> attention 8 bias=no -> linear 2048 -> relu -> linear 512' total params",
            "3,148,288",
            slip=Slip(
                "12·d² + 4·d, which is 3,147,776",
                "12·d² + 5·d, which is 3,148,288",
                "the second layer of the feed-forward part has a bias of its own",
            ),
        ),
    ),
)

INPUTS = Topic(
    "The size of the input",
    """\
A `?` among the sizes of an input asks for it. Of several inputs that come to the same, because sizes are
rounded down, all are found.
""",
    (
        one(
            "A U-Net with unpadded convolutions: how many pixels of 572 are lost on the way?",
            f"explain {UNET.format('572x572x1')} 'size(input) - size'",
            "184",
        ),
        one(
            "Which inputs come to 388?",
            f"solve {UNET.format('?x?x1')} --where 'size = 388' --up-to 600",
            "572..587",
        ),
        one(
            "Above 500, for which does every pooling come out even?",
            f"solve {UNET.format('?x?x1')} --where 'input > 500' --even --up-to 600",
            "508",
            "508..588 by 16",
        ),
        one(
            "Which is the smallest that it takes, and why is the next smaller one none?",
            f"solve {UNET.format('?x?x1')}",
            "188",
            "input 187: the window 3x3 is larger than the input 2x2",
        ),
        one(
            "For which inputs is VGG-16's last map 7x7?",
            "solve vgg16 --input '?x?x3' --where 'output(pool5) = 7x7x512'",
            "224..255",
        ),
    ),
)
