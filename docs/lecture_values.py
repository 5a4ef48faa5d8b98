"""The questions of lectures and exams that are worked by hand on small matrices, for docs/lectures.md."""

from __future__ import annotations

from lecture_questions import Question, Slip, Topic, one

FIVE = "'1 1 1 0 0;0 1 1 1 0;0 0 1 1 1;0 0 1 1 0;0 1 1 0 0'"
SIX = "'1 0 0 0 0 1;0 1 0 0 1 0;0 0 1 1 0 0;1 0 0 0 1 0;0 1 0 0 1 0;0 0 1 0 1 0'"
DIAGONAL, UPRIGHT = "'1 -1 -1;-1 1 -1;-1 -1 1'", "'-1 1 -1;-1 1 -1;-1 1 -1'"
H, G = "'2 0 3;3 3 2;2 3 2'", "'1 2 0;2 0 0;1 1 2'"
SIGNAL, TAPS = "'2 1 2 3 1 0'", "'1 -1 2'"

VALUES = Topic(
    "Values by hand",
    """\
A window of the input times the kernel, added up, is one value of the output. `archcalc apply` does
it on the numbers themselves; `--at` writes another cell out, `--steps` all of them. Layers of neural
networks do not turn the kernel round (a cross-correlation); `--flip` does, as mathematics does.
""",
    (
        one(
            "A 3x3 patch of ones under a kernel of ones?",
            "apply 'conv 3x3' '1 1 1;1 1 1;1 1 1' --kernel '1 1 1;1 1 1;1 1 1'",
            "1·1 + 1·1 + 1·1 + 1·1 + 1·1 + 1·1 + 1·1 + 1·1 + 1·1 = 9",
        ),
        one(
            "A 5x5 image of zeros and ones under a 3x3 kernel?",
            f"apply 'conv 3x3' {FIVE} --kernel '1 0 1;0 1 0;1 0 1'",
            "│ 4 │ 3 4",
            "2 4 3",
            "2 3 4",
        ),
        one(
            "A 6x6 image under a filter for a diagonal: the first two values are 3 and −1. The others?",
            f"apply 'conv 3x3' {SIX} --kernel {DIAGONAL}",
            "│ 3 │ -1 -3 -1",
            "-3 1 0 -3",
            "-3 -3 0 1",
            "3 -2 -2 -1",
        ),
        one(
            "The same with stride 2?",
            f"apply 'conv 3x3 stride=2' {SIX} --kernel {DIAGONAL}",
            "│ 3 │ -3",
            "-3 0",
            note="The 3x3 window does not fit at the end: (6 − 3)/2 + 1 = 2.5, of which the floor is taken.",
        ),
        one(
            "A second filter for a vertical line, and 2x2 max pooling of both maps?",
            f"apply 'conv 3x3 -> maxpool 2x2' {SIX} --kernel {DIAGONAL} --kernel {UPRIGHT}",
            "-1 -1 -2 1",
            "-1 0 -4 3",
            "max(3, −1, −3, 1) = 3",
            "max(−1, −1, −1, −1) = −1",
        ),
        one(
            "A 5x5 image under a kernel for vertical edges: the first cell is 6. All of them?",
            "apply 'conv 3x3' '7 2 3 3 8;4 5 3 8 4;3 3 2 8 4;2 8 7 2 7;5 4 4 5 4' "
            "--kernel '1 0 -1;1 0 -1;1 0 -1'",
            "│ 6 │ -9 -8",
            "-3 -2 -3",
            "-3 0 -2",
        ),
        one(
            "The numbers 0 to 8 as a 3x3 image, padding 1, a 2x2 kernel: the cell in row 1, column 1?",
            "apply 'conv 2x2 pad=1' '0 1 2;3 4 5;6 7 8' --kernel '0 1;2 3' --at 1,1",
            "0·0 + 1·1 + 3·2 + 4·3 = 19",
            "21 37 43 16",
            "6 7 8 0",
        ),
        one(
            "2x2 max pooling of a 4x4 map?",
            "apply 'maxpool 2x2' '1 1 2 4;5 6 7 8;3 2 1 0;1 2 3 4'",
            "max(1, 1, 5, 6) = 6",
            "3 4",
        ),
        one(
            "And of another one?",
            "apply 'maxpool 2x2' '12 20 30 0;8 12 2 0;34 70 37 4;112 100 25 12'",
            "max(12, 20, 8, 12) = 20",
            "112 37",
        ),
        one(
            "A third: the largest values are 9, 7, 8 and 6?",
            "apply 'maxpool 2x2' '2 2 7 3;9 4 6 1;8 5 2 4;3 1 2 6' --steps",
            "max(2, 2, 9, 4) = 9",
            "max(7, 3, 6, 1) = 7",
            "max(8, 5, 3, 1) = 8",
            "max(2, 4, 2, 6) = 6",
        ),
        one(
            "The averages of the same windows?",
            "apply 'avgpool 2x2' '2 2 7 3;9 4 6 1;8 5 2 4;3 1 2 6'",
            "│ 4.25 │ 4.25",
            "4.25 3.5",
        ),
        Question(
            "Two 3x3 kernels one after the other make one 5x5, with 18 weights in the place of 25. Which?",
            (f"apply --compose {H} {G}", f"apply 'conv 3x3 pad=2' {H} --kernel {G}"),
            ("9 + 9 = 18 one after the other, 25 at once", "10 15 19 7 6", "4 12 17 17 9"),
            slip=Slip(
                "4 2 6 2 2 / 6 9 14 5 6 / 4 12 17 15 8 / 0 6 13 13 6 / 0 4 8 7 2",
                "2 4 3 6 0 / 7 9 14 4 0 / 10 15 19 7 6 / 7 12 15 8 4 / 2 5 9 8 4",
                "the printed grid comes of a kernel that is not turned round, as in the second call, and of "
                "a 2 for the 3 in the corner of the first kernel",
            ),
        ),
        one(
            "A column and a row make a 3x3 kernel, with 6 weights in the place of 9. Which?",
            "apply --compose '1;3;2' '3 0 1'",
            "3 + 3 = 6 one after the other, 9 at once",
            "9 0 3",
            "6 0 2",
            slip=Slip(
                "1 0 3 / 3 0 9 / 2 0 6",
                "3 0 1 / 9 0 3 / 6 0 2",
                "the printed grid is mirrored: the row was turned round",
            ),
        ),
        one(
            "How is a convolution written as a product with a sparse matrix?",
            "apply 'conv 3x3' '1 2 3 4;5 6 7 8;9 1 2 3;4 5 6 7' --kernel '1 2 3;4 5 6;7 8 9' --as-matrix",
            "4x16, 36 of 64 cells are not 0",
            "0 1 2 3 0 4 5 6 0 7 8 9 0 0 0 0",
        ),
        one(
            "A kernel for horizontal gradients on a 5x5 matrix, in an exam?",
            "apply 'conv 3x3' '2 1 3 0 1;1 4 2 1 0;3 1 5 2 1;0 2 1 4 3;1 0 3 1 2' "
            "--kernel '-1 0 1;-2 0 2;-1 0 1'",
            "│ 5 │ -6 -10",
            "6 1 -8",
            "6 6 -1",
            slip=Slip(
                "5 −6 2 / 8 0 −4 / −2 6 1",
                "5 −6 −10 / 6 1 −8 / 6 6 −1",
                "six of the nine cells of the printed key are wrong; the two whose sums it shows are right",
            ),
        ),
        one(
            "The cross-correlation of 2 1 2 3 1 0 with 1 −1 2, stride 1?",
            f"apply 'conv 3' {SIGNAL} --kernel {TAPS}",
            "│ 5 │ 5 1 2",
        ),
        one("With stride 2?", f"apply 'conv 3 stride=2' {SIGNAL} --kernel {TAPS}", "│ 5 │ 1"),
    ),
)
