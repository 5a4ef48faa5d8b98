"""Answers to questions that are worked by hand on small matrices, marked, for docs/lectures.md."""

from __future__ import annotations

from lecture_questions import Question, Topic, one
from lecture_values import DIAGONAL, FIVE, SIGNAL, SIX, TAPS, UPRIGHT

EDGES = "'7 2 3 3 8;4 5 3 8 4;3 3 2 8 4;2 8 7 2 7;5 4 4 5 4' --kernel '1 0 -1;1 0 -1;1 0 -1'"
EXAM = "'2 1 3 0 1;1 4 2 1 0;3 1 5 2 1;0 2 1 4 3;1 0 3 1 2' --kernel '-1 0 1;-2 0 2;-1 0 1'"
LARGEST = "'2 2 7 3;9 4 6 1;8 5 2 4;3 1 2 6'"
FIRST, SECOND = "'2 0 3;3 3 2;2 3 2'", "'1 2 0;2 0 0;1 1 2'"

MARKED = Topic(
    "Values by hand, marked",
    """\
`archcalc check LAYERS --on MATRIX` marks such answers cell by cell, and says what a wrong one is
consistent with: each misconception is run by the layers themselves. What lectures and keys print is
marked here as an answer of a student is.
""",
    (
        one(
            "A 3x3 patch of ones under a kernel of ones: 9?",
            "check 'conv 3x3' --on '1 1 1;1 1 1;1 1 1' --kernel '1 1 1;1 1 1;1 1 1' values=9",
            "1 of 1 right",
        ),
        one(
            "The 5x5 image of zeros and ones under a 3x3 kernel, as the slide prints it?",
            f"check 'conv 3x3' --on {FIVE} --kernel '1 0 1;0 1 0;1 0 1' values='4 3 4; 2 4 3; 2 3 4'",
            "1 of 1 right",
        ),
        one(
            "The filter for a diagonal: the first row begins with 3 and −1. With stride 2 it is 3, −3?",
            f"check 'conv 3x3 stride=2' --on {SIX} --kernel {DIAGONAL} values='3 -3; -3 0'",
            "1 of 1 right",
        ),
        one(
            "Somebody takes stride 1?",
            f"check 'conv 3x3 stride=2' --on {SIX} --kernel {DIAGONAL} "
            "values='3 -1 -3 -1; -3 1 0 -3; -3 -3 0 1; 3 -2 -2 -1'",
            "wrong, consistent with stride ignored",
        ),
        one(
            "Both filters, each map pooled?",
            f"check 'conv 3x3 -> maxpool 2x2' --on {SIX} --kernel {DIAGONAL} --kernel {UPRIGHT} "
            "values='3 0; 3 1 | -1 1; 0 3'",
            "1 of 1 right",
        ),
        one(
            "The second map alone?",
            f"check 'conv 3x3 -> maxpool 2x2' --on {SIX} --kernel {DIAGONAL} --kernel {UPRIGHT} "
            "values='-1 1; 0 3'",
            "wrong, consistent with filter 2 alone",
        ),
        one(
            "The kernel for vertical edges, and its first cell?",
            f"check 'conv 3x3' --on {EDGES} 'values[0,0]=6' values='6 -9 -8; -3 -2 -3; -3 0 -2'",
            "2 of 2 right",
        ),
        one(
            "With the kernel turned round, as mathematics does?",
            f"check 'conv 3x3' --on {EDGES} values='-6 9 8; 3 2 3; 3 0 2'",
            "the kernel turned round",
        ),
        one(
            "The numbers 0 to 8, padding 1, a 2x2 kernel?",
            "check 'conv 2x2 pad=1' --on '0 1 2;3 4 5;6 7 8' --kernel '0 1;2 3' "
            "values='0 3 8 4; 9 19 25 10; 21 37 43 16; 6 7 8 0'",
            "1 of 1 right",
        ),
        one(
            "Without the padding?",
            "check 'conv 2x2 pad=1' --on '0 1 2;3 4 5;6 7 8' --kernel '0 1;2 3' values='19 25; 37 43'",
            "wrong, consistent with padding ignored",
        ),
        one(
            "2x2 max pooling of a 4x4 map?",
            "check 'maxpool 2x2' --on '1 1 2 4;5 6 7 8;3 2 1 0;1 2 3 4' values='6 8; 3 4'",
            "1 of 1 right",
        ),
        one(
            "And of another one?",
            "check 'maxpool 2x2' --on '12 20 30 0;8 12 2 0;34 70 37 4;112 100 25 12' values='20 30; 112 37'",
            "1 of 1 right",
        ),
        one(
            "A third, where the averages are asked for?",
            f"check 'avgpool 2x2' --on {LARGEST} values='9 7; 8 6'",
            "wrong, consistent with the largest in the place of the average",
        ),
        Question(
            "Two 3x3 kernels as one 5x5: which convolution is the printed grid, and which is right?",
            (
                f"check 'conv 3x3 pad=2' --flip --on {FIRST} --kernel {SECOND} "
                "values='4 2 6 2 2; 6 9 14 5 6; 4 12 17 15 8; 0 6 13 13 6; 0 4 8 7 2'",
                f"check 'conv 3x3 pad=2' --flip --on {FIRST} --kernel {SECOND} "
                "values='2 4 3 6 0; 7 9 14 4 0; 10 15 19 7 6; 7 12 15 8 4; 2 5 9 8 4'",
            ),
            ("the kernel not turned round, and the number at (0, 2) of the input read as 2", "1 of 1 right"),
        ),
        one(
            "A column and a row as one 3x3 kernel, as the slide prints it?",
            "check 'conv 1x3 pad=0x2' --flip --on '1;3;2' --kernel '3 0 1' values='1 0 3; 3 0 9; 2 0 6'",
            "wrong, consistent with the kernel not turned round",
        ),
        one(
            "The printed key of an exam: which of its nine cells are wrong?",
            f"check 'conv 3x3' --on {EXAM} values='[[5, -6, 2], [8, 0, -4], [-2, 6, 1]]'",
            "6 of 9 cells are wrong: (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 2)",
        ),
        one(
            "What that key should be?",
            f"check 'conv 3x3' --on {EXAM} values='[[5, -6, -10], [6, 1, -8], [6, 6, -1]]'",
            "1 of 1 right",
        ),
        one(
            "The cross-correlation of 2 1 2 3 1 0 with 1 −1 2, stride 1?",
            f"check 'conv 3' --on {SIGNAL} --kernel {TAPS} values='[5,5,1,2]'",
            "1 of 1 right",
        ),
        one(
            "With stride 2, and how long is that?",
            f"check 'conv 3 stride=2' --on {SIGNAL} --kernel {TAPS} values='[5,1]' size=2",
            "2 of 2 right",
        ),
    ),
)
