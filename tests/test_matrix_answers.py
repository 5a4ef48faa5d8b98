"""Values worked by hand, marked cell by cell; loops of another hand are the witness."""

from __future__ import annotations

import contextlib
import json
import time
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from calling import call

from archcalc.answers.conventions import Conventions
from archcalc.answers.marking import Examiner
from archcalc.answers.matrices.items import matrix_item
from archcalc.answers.matrices.reading import UnreadMatrixError, read_matrices
from archcalc.answers.misconceptions import CATALOGUE
from archcalc.answers.question import Subject
from archcalc.answers.verdict import Verdict
from archcalc.answers.written_kinds import WrittenFormula
from archcalc.loading.applying import GivenMatrix, apply_layers
from archcalc.loading.matrices import read_matrix

IMAGE = "2 1 3 0 1;1 4 2 1 0;3 1 5 2 1;0 2 1 4 3;1 0 3 1 2"
SOBEL = "-1 0 1;-2 0 2;-1 0 1"


# The witness: loops over numpy arrays, rows x columns (x channels) ------------------------------------


def correlated(
    x: Any, k: Any, stride: int = 1, pad: int = 0, dilation: int = 1, mode: str = "constant"
) -> Any:
    x = np.pad(np.array(x), pad, mode=mode)
    k = np.array(k)
    span = (np.array(k.shape) - 1) * dilation + 1
    rows, columns = [(n - s) // stride + 1 for n, s in zip(x.shape, span, strict=True)]
    made = np.zeros((rows, columns), dtype=int)
    for i in range(rows):
        for j in range(columns):
            total = 0
            for u in range(k.shape[0]):
                for v in range(k.shape[1]):
                    total += x[i * stride + u * dilation, j * stride + v * dilation] * k[u, v]
            made[i, j] = total
    return made


def pooled(x: Any, size: int, of: Any, stride: int | None = None) -> Any:
    x = np.array(x)
    stride = stride or size
    rows, columns = [(n - size) // stride + 1 for n in x.shape]
    cells = []
    for i in range(rows):
        parts = [x[i * stride : i * stride + size, j * stride : j * stride + size] for j in range(columns)]
        cells.append([of([int(cell) for cell in part.ravel()]) for part in parts])
    return np.array(cells, dtype=object)


def text_of(x: Any) -> str:
    x = np.atleast_2d(np.array(x, dtype=object))
    return "; ".join([" ".join(map(str, row)) for row in x.tolist()])


def marked(
    layers: str,
    on: Any,
    answer: str,
    kernels: Any = (),
    bias: Any = None,
    flip: bool = False,
    ask: str = "values",
) -> Verdict:
    matrix = read_matrix(on if isinstance(on, str) else text_of(on))
    given = [GivenMatrix("", read_matrix(k if isinstance(k, str) else text_of(k))) for k in kernels]
    biases = [GivenMatrix("", read_matrix(str(bias)))] if bias is not None else []
    applied = apply_layers(layers, matrix, given, biases, flip=flip)
    item = matrix_item(Subject(applied.graph), applied, ask, Conventions(), flip)
    return Examiner([item]).mark({item.id: WrittenFormula(answer)})[item.id]


def words(verdict: Verdict) -> list[str]:
    return [reading.words for reading in verdict.readings]


# ------------------------------------------------------------------------------------------------------

X = [[3, 1, 4, 1, 5], [9, 2, 6, 5, 3], [5, 8, 9, 7, 9], [3, 2, 3, 8, 4], [6, 2, 6, 4, 3]]
K = [[2, -1, 3], [0, 4, -2], [5, 1, -7]]
_SUM = "the sum in the place of the largest"

# What is believed: the layers, their kernels and bias, the values of the witness, and the words for it.
SEEN: list[tuple[str, str, dict[str, Any], Any, str]] = [
    ("kernel-turned", "conv 3x3", {"kernels": [K]}, correlated(X, np.rot90(K, 2)), "the kernel turned round"),
    (
        "kernel-turned",
        "conv 3x3",
        {"kernels": [K], "flip": True},
        correlated(X, K),
        "the kernel not turned round",
    ),
    (
        "kernel-transposed",
        "conv 3x3",
        {"kernels": [K]},
        correlated(X, np.array(K).T),
        "rows and columns of the kernel exchanged",
    ),
    (
        "kernel-signs-ignored",
        "conv 3x3",
        {"kernels": [K]},
        correlated(X, np.abs(K)),
        "minus signs of the kernel left out",
    ),
    (
        "result-transposed",
        "conv 3x3",
        {"kernels": [K]},
        correlated(X, K).T,
        "rows and columns of the result exchanged",
    ),
    (
        "input-transposed",
        "conv 3x3",
        {"kernels": [K]},
        correlated(np.array(X).T, K),
        "the input read by columns",
    ),
    (
        "padded-with-edge",
        "conv 3x3 pad=1",
        {"kernels": [K]},
        correlated(X, K, pad=1, mode="edge"),
        "padded with the values at the edge",
    ),
    (
        "padded-with-edge",
        "conv 3x3 pad=1",
        {"kernels": [K]},
        correlated(X, K, pad=1, mode="reflect"),
        "padded with the values mirrored at the edge",
    ),
    ("pad-ignored", "conv 3x3 pad=1", {"kernels": [K]}, correlated(X, K), "padding ignored"),
    ("stride-ignored", "conv 3x3 stride=2", {"kernels": [K]}, correlated(X, K), "stride ignored"),
    (
        "dilation-ignored",
        "conv 2x2 dilation=2",
        {"kernels": ["1 2;3 -4"]},
        correlated(X, [[1, 2], [3, -4]]),
        "dilation ignored",
    ),
    (
        "windows-side-by-side",
        "conv 2x2",
        {"kernels": ["1 2;3 -4"]},
        correlated(X, [[1, 2], [3, -4]], stride=2),
        "windows side by side",
    ),
    ("bias-not-added", "conv 3x3", {"kernels": [K], "bias": 7}, correlated(X, K), "bias not added"),
    ("activation-left-out", "conv 3x3 -> relu", {"kernels": [K]}, correlated(X, K), "ReLU left out"),
    (
        "absolute-values",
        "conv 3x3 -> relu",
        {"kernels": [K]},
        np.abs(correlated(X, K)),
        "absolute values in the place of ReLU",
    ),
    (
        "pooled-otherwise",
        "maxpool 2x2",
        {},
        pooled(X, 2, lambda v: Fraction(int(sum(v)), 4)),
        "the average in the place of the largest",
    ),
    ("pooled-otherwise", "maxpool 2x2", {}, pooled(X, 2, min), "the smallest in the place of the largest"),
    ("pooled-otherwise", "maxpool 2x2", {}, pooled(X, 2, sum), _SUM),
    ("pooled-otherwise", "avgpool 2x2", {}, pooled(X, 2, max), "the largest in the place of the average"),
    ("pooled-otherwise", "avgpool 2x2", {}, pooled(X, 2, sum), "the sum in the place of the average"),
    ("stride-ignored", "maxpool 2x2", {}, pooled(X, 2, max, 1), "stride ignored"),
    (
        "padding-in-mean",
        "avgpool 3x3 stride=3 pad=1",
        {},
        [
            [Fraction(3 + 1 + 9 + 2, 4), Fraction(4 + 1 + 5 + 6 + 5 + 3, 6)],
            [Fraction(5 + 8 + 3 + 2 + 6 + 2, 6), Fraction(9 + 7 + 9 + 3 + 8 + 4 + 6 + 4 + 3, 9)],
        ],
        "divided by the cells on the input alone",
    ),
]


@pytest.mark.parametrize(("id", "layers", "given", "values", "named"), SEEN)
def test_each_misconception_has_its_name(
    id: str, layers: str, given: dict[str, Any], values: Any, named: str
) -> None:
    """Defeats rules that are copied and drift from the layers, and a reading that no values have."""
    verdict = marked(layers, X, text_of(values), **given)
    assert verdict.kind == "wrong"
    assert named in words(verdict)
    assert id in [id for reading in verdict.readings for id in reading.ids]
    assert len(verdict.readings) == 1, words(verdict)


def test_channels_and_filters() -> None:
    """Defeats sums over one channel, and a map too few."""
    two = f"{text_of(X)}|{text_of(np.array(X)[::-1])}"
    kernel = f"{text_of(K)}|{text_of(np.array(K).T)}"
    first, second = correlated(X, K), correlated(np.array(X)[::-1], np.array(K).T)
    assert marked("conv 3x3", two, text_of(first + second), [kernel]).kind == "right"
    apart = marked("conv 3x3", two, f"{text_of(first)} | {text_of(second)}", [kernel])
    assert (apart.kind, words(apart)) == ("wrong", ["channels not added up"])
    assert "3x3 in 2 channels" in apart.remark
    assert words(marked("conv 3x3", two, text_of(second), [kernel])) == ["channel 2 read alone"]
    filters = [text_of(K), text_of(np.array(K) * 2 + 1)]
    maps = [correlated(X, K), correlated(X, np.array(K) * 2 + 1)]
    right = " | ".join(map(text_of, maps))
    assert marked("conv 3x3", X, right, filters).kind == "right"
    assert words(marked("conv 3x3", X, text_of(maps[1]), filters)) == ["filter 2 alone"]
    turned = " | ".join(map(text_of, maps[::-1]))
    assert words(marked("conv 3x3", X, turned, filters)) == ["filters exchanged"]


def test_every_belief_is_seen() -> None:
    """A belief that no values reach would never be found wrong."""
    mine = {belief.id for belief in CATALOGUE.values() if belief.rule.__module__.endswith(".matrices")}
    others = {"channels-not-added", "one-filter-alone", "filters-exchanged"}
    assert mine - {id for id, *_ in SEEN} == others


def test_a_printed_key_with_six_wrong_cells() -> None:
    """Nobody checks printed keys: which cells are wrong is named."""
    printed = marked("conv 3x3", IMAGE, "[[5,-6,2],[8,0,-4],[-2,6,1]]", [SOBEL])
    assert printed.kind == "wrong"
    assert printed.cells is not None
    assert [(at.row, at.column) for at in printed.cells.wrong] == [
        (0, 2),
        (1, 0),
        (1, 1),
        (1, 2),
        (2, 0),
        (2, 2),
    ]
    assert printed.remark.startswith("6 of 9 cells are wrong: (0, 2), (1, 0)")
    assert marked("conv 3x3", IMAGE, "[[5,-6,-10],[6,1,-8],[6,6,-1]]", [SOBEL]).kind == "right"


def test_a_kernel_and_a_number_misread_together() -> None:
    """A lecture's example of associativity: a correlation, of an input with 2 in the place of 3."""
    printed = "4 2 6 2 2;6 9 14 5 6;4 12 17 15 8;0 6 13 13 6;0 4 8 7 2"
    verdict = marked("conv 3x3 pad=2", "2 0 3;3 3 2;2 3 2", printed, ["1 2 0;2 0 0;1 1 2"], flip=True)
    assert words(verdict) == [
        "the kernel not turned round, and the number at (0, 2) of the input read as 2, and it is 3"
    ]


def test_random_layers() -> None:
    """The witness's values are right, and with cells changed they are wrong in these very cells."""
    random = Random(3)
    for _ in range(60):
        n, k = random.randint(4, 6), random.randint(1, 3)
        stride, pad, dilation = random.randint(1, 2), random.randint(0, 1), random.randint(1, 2)
        if (k - 1) * dilation + 1 > n:
            continue
        x = [[random.randint(-9, 9) for _ in range(n)] for _ in range(n)]
        kernel = [[random.randint(-5, 5) for _ in range(k)] for _ in range(k)]
        right = correlated(x, kernel, stride, pad, dilation)
        layers = f"conv {k}x{k} stride={stride} pad={pad} dilation={dilation}"
        assert marked(layers, x, text_of(right), [kernel]).kind == "right"
        changed = right.copy()
        places = sorted(
            {(random.randrange(right.shape[0]), random.randrange(right.shape[1])) for _ in range(3)}
        )
        for at in places:
            changed[at] += random.choice([-37, 41, 53])
        verdict = marked(layers, x, text_of(changed), [kernel])
        assert verdict.kind == "wrong"
        assert verdict.cells is not None
        assert [(at.row, at.column) for at in verdict.cells.wrong] == places
        assert verdict.cells.right == right.size - len(places)


def test_readings_give_what_was_written() -> None:
    """Every value of the catalogue gets its own reading. Defeats a reading that is another one's."""
    random = Random(5)
    for _ in range(12):
        x = [[random.randint(0, 9) for _ in range(5)] for _ in range(5)]
        kernel = [[random.randint(-3, 3) for _ in range(3)] for _ in range(3)]
        applied = apply_layers(
            "conv 3x3 stride=2 pad=1 -> relu",
            read_matrix(text_of(x)),
            [GivenMatrix("", read_matrix(text_of(kernel)))],
        )
        item = matrix_item(Subject(applied.graph), applied, "values", Conventions())
        right = item.diagnosis.value
        for value, hypotheses in item.diagnosis.singles.items():
            assert value != right
            verdict = Examiner([item]).mark({item.id: WrittenFormula(str(value))})[item.id]
            assert verdict.kind == "wrong"
            assert {hypothesis.ids for hypothesis in hypotheses} <= {
                reading.ids for reading in verdict.readings
            }


@pytest.mark.parametrize(
    ("cell", "named"),
    [
        (1, "(2, 2): the sign is lost"),
        (-11, "(2, 2): 10 too few: a carry"),
        (6, "(2, 2): the number of (2, 1) again"),
        (-3, "(2, 2): 2·1 left out"),
        (-2, "(2, 2): 1·1 left out"),
    ],
)
def test_slips_in_one_cell(cell: int, named: str) -> None:
    """Defeats a slip of the pen that is called a misconception, or nothing."""
    verdict = marked("conv 3x3", IMAGE, f"5 -6 -10;6 1 -8;6 6 {cell}", [SOBEL])
    assert named in words(verdict)
    assert {reading.kind for reading in verdict.readings} == {"slip"}


def test_two_misconceptions_at_once() -> None:
    """Two at once are named where no other two come to the same."""
    verdict = marked("conv 3x3 -> relu", X, text_of(correlated(X, np.rot90(K, 2))), [K])
    assert words(verdict) == ["the kernel turned round, and ReLU left out"]


def test_what_follows_from_earlier_values() -> None:
    """A pooling of a student's own wrong map is charged once."""
    lines = [
        *("check", "conv 3x3 -> relu -> maxpool 2x2 stride=1", "--on", IMAGE, "--kernel", SOBEL),
        *("conv1.values=5 -6 -10; 6 1 -8; 6 6 9", "relu1.values=5 0 0;6 1 0;6 6 9", "values=6 1;6 9"),
    ]
    result = call(*lines, "--format", "json")
    answers = json.loads(result.out)["answers"]
    assert [one["verdict"] for one in answers] == ["wrong", "follow-through", "follow-through"]
    assert answers[2]["follows"] == "conv1.values"


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("0.09 0.24 0.67", "rounded"),
        ("0.0900 0.2447 0.6652", "right"),
        ("0.0900; 0.2447; 0.6652", "right"),  # a vector is a row and a column
        ("0.09 0.25 0.67", "wrong"),
        ("", "blank"),
        ("1/3 x 1/3", "unreadable"),
    ],
)
def test_floats(answer: str, kind: str) -> None:
    """What cannot be written exactly is right in three digits, and rounded in fewer."""
    assert marked("softmax", "1 2 3", answer).kind == kind


def test_another_size_is_named() -> None:
    """Defeats a comparison of the cells that happen to be there."""
    verdict = marked("conv 3x3", IMAGE, "5 -6; 6 1", [SOBEL])
    assert (verdict.kind, verdict.remark) == ("wrong", "it is 2x2, and 3x3 is asked for")
    flat = marked("conv 3x3", IMAGE, "5 -6 -10 6 1 -8 6 6 -1", [SOBEL])
    assert flat.kind == "unreadable"
    assert "row by row" in flat.remark


def test_a_row_may_be_a_column() -> None:
    """Of a signal, and not of a map."""
    assert marked("conv 3", "2 1 2 3 1 0", "5\n5\n1\n2", ["1 -1 2"]).kind == "right"
    assert marked("conv 3", "2 1 2 3 1 0", "[5,5,1,2]", ["1 -1 2"]).kind == "right"
    assert (
        marked("conv 3 stride=2", "2 1 2 3 1 0", "5 5 1 2", ["1 -1 2"]).readings[0].words == "stride ignored"
    )
    assert marked("conv 1x3", "1 2 3 4;5 6 7 8", "-2 -2", ["1 0 -1"]).kind == "wrong"


def test_one_cell() -> None:
    assert marked("conv 3x3", IMAGE, "-8", [SOBEL], ask="values[1,2]").kind == "right"
    assert marked("conv 3x3", IMAGE, "8", [SOBEL], ask="values[1,2]").kind == "wrong"
    for bad in ("values[3,0]", "values[1]", "values[a,b]", "pool9.values", "value"):
        with pytest.raises(Exception, match=r"position|outside|no layer|quantity"):
            marked("conv 3x3", IMAGE, "8", [SOBEL], ask=bad)


# Texts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "1 2; 3 4",
        "1 2;3 4;",
        "[[1,2],[3,4]]",
        "[[1, 2]\n [3, 4]]",
        "[[1 2]\n [3 4]]",
        "[1 2; 3 4]",
        "[1 2]\n[3 4]",
        "array([[1., 2.],\n       [3., 4.]])",
        "np.array([[1, 2], [3, 4]], dtype=np.float32)",
        "tensor([[1, 2], [3, 4]], device='cuda:0')",
        "1\t2\n3\t4",
        "1,2\n3,4",
        r"\begin{pmatrix}1 & 2\\ 3 & 4\end{pmatrix}",
        r"$\left[\begin{array}{cc} 1 & 2 \\ 3 & 4\end{array}\right]$",
        "| 1 | 2 |\n|---|---|\n| 3 | 4 |",
        "⎡1 2⎤\n⎣3 4⎦",
        "{{1,2},{3,4}}",
        "the answer is [[1,2],[3,4]].",
        "y = (1 2; 3 4)",
        "1 2 / 3 4",
        "1.0 2.0; 3.0 4.0",
    ],
)
def test_ways_of_writing(text: str) -> None:
    """Defeats a reader that knows one program's brackets."""
    found = read_matrices(text)
    assert (1, 2, 2) in [one.shape for one in found]
    one = next(one for one in found if one.shape == (1, 2, 2))
    assert [int(cell.value) for cell in one.cells] == [1, 2, 3, 4]


def test_numbers_of_texts() -> None:
    halves = read_matrices("1/2 −3 0.25")[0].cells
    assert [cell.value for cell in halves] == [Fraction(1, 2), -3, Fraction(1, 4)]
    assert read_matrices("0,5 1,5\n2,5 3")[0].cells[0].value == Fraction(1, 2)
    shapes = [one.shape for one in read_matrices("[[[1,2],[3,4]],[[5,6],[7,8]],[[9,1],[2,3]]]")]
    assert shapes[:2] == [(3, 2, 2), (2, 3, 2)]  # channels first, and last


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 2;3", "rows differ in length"),
        ("[[1,2],[3", "not closed"),
        ("1 2]", "not opened"),
        ("1 x", "`x` in it is no number"),
        ("1/0", "divides by zero"),
        ("1,,2", "missing between two commas"),
        ("[[],[]]", "nothing in them"),
        ("[[[[[[[[1]]]]]]]]", "too many brackets"),
        ("9" * 60, "too many digits"),
        ("1 " * 20_000, "longer than"),
        ("5 [1 2]", "outside of the brackets"),
        ("nan 1", "no number"),
    ],
)
def test_what_is_no_matrix(text: str, says: str) -> None:
    with pytest.raises(UnreadMatrixError, match=says):
        read_matrices(text)


def test_texts_at_random() -> None:
    """Whatever stands on a sheet is read or is a message, and is read at once: no other exception."""
    random = Random(11)
    pieces = [*"0123456789-+.,;:|/[](){}\\&$ \n\t=xé½", "\\begin{bmatrix}", "\\end{bmatrix}", "array("]
    pieces += ["\\frac{1}{2}", "1e9", "channel 1:", "[[1 2]", "1 2; 3 4"]
    unread = 0
    for _ in range(4000):
        text = "".join(random.choices(pieces, k=random.randint(0, 40)))
        try:
            found = read_matrices(text)
        except UnreadMatrixError:
            unread += 1
            continue
        for one in found:
            assert len(one.cells) == one.shape[0] * one.shape[1] * one.shape[2]
    assert 0 < unread < 4000


def test_long_texts_are_read_at_once() -> None:
    """Defeats patterns whose time grows as the square of the text: a sheet of dollars, of empty lines."""
    start = time.perf_counter()
    for piece in ("$", "\t\n", " ", "[ ", "|-", "dtype=(", "\\\\ [", "1 ", "map ", "answer "):
        with contextlib.suppress(UnreadMatrixError):
            read_matrices(piece * (19_000 // len(piece)))
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("conv 3x3", "--on", IMAGE, "--kernel", SOBEL), "nothing to check"),
        (("conv 3x3", "--on", IMAGE, "--kernel", SOBEL, "5 6"), "QUANTITY=VALUE"),
        (("conv 3x3", "--on", IMAGE, "--kernel", "1 2", "values=5"), "conv1"),
        (("conv 3x3", "--on", "1 x", "--kernel", SOBEL, "values=5"), "no number"),
        (("conv 3x3", "--on", IMAGE, "--kernel", SOBEL, "values=5", "--at", "9,9"), "outside 3x3"),
        (("conv 3x3", "--on", IMAGE, "--kernel", SOBEL, "values=5", "conv1.values=6"), "answered twice"),
        (("conv 3x3", "--on", IMAGE, "--kernel", SOBEL, "nothing=5"), "no quantity"),
        (("conv 3x3", "--on", IMAGE, "values=5", "--audit"), "--audit"),
        (("8x8x3 -> conv 3x3 4", "--kernel", SOBEL, "params=5"), "--on"),
    ],
)
def test_one_message(arguments: tuple[str, ...], says: str) -> None:
    """Bad input ends in one message and exit code 2."""
    result = call("check", *arguments)
    assert result.code == 2
    assert says in result.err
    assert "Traceback" not in result.err
    assert not result.out


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ("1 2;3 5", "2 3/4"),
        ("1 2;3 5", "2¾"),
        ("1 2;3 4", "2½"),
        ("-1 -2;-3 -4", "-2 1/2"),
        ("1 2 0 1;3 4 1 0", "2 1/2, 1/2"),
        ("8 0 0 1;0 0 1 0", "2 1/2"),
    ],
)
def test_mixed_numbers_are_numbers(image: str, text: str) -> None:
    """Defeats 2 3/4 taken for two cells where one is asked for, 2½ taken for 21/2, and two cells taken for a
    mixed number where two are asked for."""
    found = call("check", "avgpool 2x2", "--on", image, f"values={text}")
    assert found.code == 0, found.out


@pytest.mark.parametrize(
    ("text", "line"), [("6 | 8 | 3 | 4", "column"), ("6;8;3;4", "column"), ("6 8 3 4", "row")]
)
def test_right_numbers_in_one_line_are_asked_about(text: str, line: str) -> None:
    """Defeats a wrong of numbers that are right row by row, where they stand below each other."""
    image = "1 1 2 4;5 6 7 8;3 2 1 0;1 2 3 4"
    found = call("check", "maxpool 2x2", "--on", image, f"values={text}").out
    assert f"its numbers stand in one {line}: is it 2x2, row by row?" in found
    assert "wrong" in call("check", "maxpool 2x2", "--on", image, "values=6 | 8 | 4 | 3").out


def test_a_kernel_of_one_number_is_not_turned_round() -> None:
    """The channels added without weights. Defeats a kernel turned round and misread beside one misread."""
    words = ["--on", "1 2;3 4|5 6;7 8", "--kernel", "1|2", "values=6 8;10 12"]
    found = call("check", "conv 1x1", *words).out
    assert "read as 1, and it is 2" in found
    assert "turned round" not in found


def test_a_normalisation_is_given_by_names() -> None:
    words = ["--on", "1 2;3 4", "values=-1.5 -0.5; 0.5 1.5", "--kernel"]
    found = call("check", "bn", *words, "bn1.mean=2.5", "--kernel", "bn1.var=1", "--kernel", "bn1.eps=0")
    assert "✓" in found.out, found.out + found.err
    refused = call("check", "bn", *words[:-1], "--statistics", "mean=2.5")
    assert "--kernel bn1.mean=…" in refused.err


def test_a_hostile_answer_is_not_shown_in_full() -> None:
    """Defeats a thousand lines of screen for one answer that cannot be read."""
    found = call("check", "maxpool 2x2", "--on", "1 2;3 4", "values=" + "[" * 50_000).out
    assert len(found) < 5_000
    assert "not read" in found
