"""`archcalc apply`: values by hand.

Defeats: the printed results of lectures that are wrong; a kernel that is turned round without being asked
to; a minus that is taken for an option; a window that is drawn in another place than the sum is of.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from calling import call

import archcalc

IMAGE = "7 2 3 3 8;4 5 3 8 4;3 3 2 8 4;2 8 7 2 7;5 4 4 5 4"
# The 6x6 image of a lecture and its two filters.
CROSSES = "1 0 0 0 0 1;0 1 0 0 1 0;0 0 1 1 0 0;1 0 0 0 1 0;0 1 0 0 1 0;0 0 1 0 1 0"
FILTERS = ["1 -1 -1;-1 1 -1;-1 -1 1", "-1 1 -1;-1 1 -1;-1 1 -1"]


def result(*words: str, stdin: str = "") -> Any:
    found = call("apply", *words, "--format", "json", stdin=stdin)
    assert found.code == 0, found.err
    return json.loads(found.out)["output"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["conv 3x3", "1 1 1;1 1 1;1 1 1", "--kernel", "1 1 1;1 1 1;1 1 1"], [[9]]),
        (
            [
                *("conv 3x3", "1 1 1 0 0;0 1 1 1 0;0 0 1 1 1;0 0 1 1 0;0 1 1 0 0"),
                *("--kernel", "1 0 1;0 1 0;1 0 1"),
            ],
            [[4, 3, 4], [2, 4, 3], [2, 3, 4]],
        ),
        (["maxpool 2x2", "1 1 2 4;5 6 7 8;3 2 1 0;1 2 3 4"], [[6, 8], [3, 4]]),
        (["maxpool 2x2", "12 20 30 0;8 12 2 0;34 70 37 4;112 100 25 12"], [[20, 30], [112, 37]]),
        (["maxpool 2x2", "2 2 7 3;9 4 6 1;8 5 2 4;3 1 2 6"], [[9, 7], [8, 6]]),
        (
            ["conv 3x3", CROSSES, "--kernel", FILTERS[0]],
            [[3, -1, -3, -1], [-3, 1, 0, -3], [-3, -3, 0, 1], [3, -2, -2, -1]],
        ),
        (["conv 3x3 stride=2", CROSSES, "--kernel", FILTERS[0]], [[3, -3], [-3, 0]]),
        (
            ["conv 3x3 -> maxpool 2x2", CROSSES, "--kernel", FILTERS[0], "--kernel", FILTERS[1]],
            [[[3, 0], [3, 1]], [[-1, 1], [0, 3]]],
        ),
        (["conv 3x3", IMAGE, "--kernel", "1 0 -1;1 0 -1;1 0 -1"], [[6, -9, -8], [-3, -2, -3], [-3, 0, -2]]),
        (
            ["conv 2x2 pad=1", "0 1 2;3 4 5;6 7 8", "--kernel", "0 1;2 3"],
            [[0, 3, 8, 4], [9, 19, 25, 10], [21, 37, 43, 16], [6, 7, 8, 0]],
        ),
        (["conv 3", "2 1 2 3 1 0", "--kernel", "1 -1 2"], [[5, 5, 1, 2]]),
        (["conv 3 stride=2", "2 1 2 3 1 0", "--kernel", "1 -1 2"], [[5, 1]]),
    ],
)
def test_items_of_lectures_and_exams(words: list[str], expected: Any) -> None:
    """Worked by hand in the sources, and recomputed."""
    assert result(*words) == expected


def test_a_printed_key_is_wrong_in_six_of_nine_cells() -> None:
    """Defeats a program that agrees with the key, whose first two cells alone are right."""
    image = "2 1 3 0 1;1 4 2 1 0;3 1 5 2 1;0 2 1 4 3;1 0 3 1 2"
    found = result("conv 3x3", image, "--kernel", "-1 0 1;-2 0 2;-1 0 1")
    assert found == [[5, -6, -10], [6, 1, -8], [6, 6, -1]]


def test_flip_is_the_convolution_of_mathematics() -> None:
    """np.convolve is the witness; defeats a kernel that is turned along one axis alone."""
    signal, kernel = [2, 1, 2, 3, 1, 0], [1, -1, 2]
    text = " ".join(map(str, signal)), " ".join(map(str, kernel))
    assert result("conv 3", text[0], "--kernel", text[1], "--flip") == [
        np.convolve(signal, kernel, "valid").tolist()
    ]
    turned = result("conv 2x2", "1 2 3;4 5 6;7 8 9", "--kernel", "1 2;3 4", "--flip")
    assert turned == result("conv 2x2", "1 2 3;4 5 6;7 8 9", "--kernel", "4 3;2 1")


def test_fractions_stay_exact() -> None:
    """Defeats 0.1 + 0.2, and a ninth in floats."""
    ninth = ";".join(["1/9 1/9 1/9"] * 3)
    assert result("conv 3x3", "1 2 3;4 5 6;7 8 10", "--kernel", ninth) == [["46/9"]]
    assert result("conv 1x2", "0.1 0.2", "--kernel", "1 1") == [["3/10"]]
    assert "0.3" in call("apply", "conv 1x2", "0.1 0.2", "--kernel", "1 1").out


@pytest.mark.parametrize(
    ("layers", "channels", "filters", "module"),
    [
        ("conv 3x2 stride=2 pad=1", 2, 3, "nn.Conv2d(2, 3, (3, 2), 2, 1)"),
        ("conv 3x3 dilation=2", 1, 1, "nn.Conv2d(1, 1, 3, dilation=2)"),
        ("conv 3x3 groups=2 pad=1", 4, 4, "nn.Conv2d(4, 4, 3, groups=2, padding=1)"),
        ("conv 3x3 pad=2 pad_mode=reflect", 1, 2, "nn.Conv2d(1, 2, 3, padding=2, padding_mode='reflect')"),
    ],
)
def test_pytorch_agrees(layers: str, channels: int, filters: int, module: str) -> None:
    """Whole numbers, so that both are exact; defeats channels and filters that change places."""
    torch = pytest.importorskip("torch")
    from torch import nn  # noqa: F401

    made = eval(module)
    random = np.random.default_rng(5)
    image = random.integers(-9, 10, (channels, 6, 7))
    weight = random.integers(-9, 10, tuple(made.weight.shape))
    bias = random.integers(-9, 10, filters)
    with torch.no_grad():
        made.weight[:] = torch.from_numpy(weight)
        made.bias[:] = torch.from_numpy(bias)
        wanted = made(torch.from_numpy(image).float()[None])[0].numpy().tolist()

    def typed(planes: Any) -> str:
        return "|".join(";".join(" ".join(map(str, row)) for row in plane) for plane in planes)

    words = [layers, typed(image), "--bias", " ".join(map(str, bias))]
    for kernel in weight:
        words += ["--kernel", typed(kernel)]
    found = result(*words)
    assert (found if filters > 1 else [found]) == wanted


def test_attention_on_a_small_matrix() -> None:
    """PyTorch is the witness; defeats tokens in columns, and a projection that goes to another."""
    torch = pytest.importorskip("torch")
    x, proj, out = (
        [[1, 0], [0, 2], [1, 1]],
        [[1, 0], [0, 1], [1, 1], [0, 1], [2, 0], [0, 1]],
        [[1, 1], [0, 2]],
    )
    made = torch.nn.MultiheadAttention(2, 1, batch_first=True, bias=False)
    with torch.no_grad():
        made.in_proj_weight[:] = torch.tensor(proj)
        made.out_proj.weight[:] = torch.tensor(out)
        tokens = torch.tensor(x).float()[None]
        wanted = made(tokens, tokens, tokens)[0][0].numpy()

    def typed(rows: list[list[int]]) -> str:
        return ";".join(" ".join(map(str, row)) for row in rows)

    found = result(
        *("attention 1 bias=no", typed(x), "--kernel", f"attention1.in_proj_weight={typed(proj)}"),
        *("--kernel", f"attention1.out_proj.weight={typed(out)}"),
    )
    assert np.allclose(found, wanted, atol=1e-5)


def test_the_rows_of_a_matrix_are_positions_for_softmax() -> None:
    """Defeats ones, which softmax over a single channel gives, and a window across positions."""
    found = call("apply", "softmax", "0 0;0 0;1 1", "--at", "1")
    assert json.loads(call("apply", "softmax", "0 0;0 0", "--format", "json").out)["output"] == [
        ["1/2", "1/2"],
        ["1/2", "1/2"],
    ]
    assert "│ 0  0 │" in found.out


def test_one_cell_is_written_out() -> None:
    """Defeats a sum of another cell than the one that is marked."""
    words = ["apply", "conv 2x2 pad=1", "0 1 2;3 4 5;6 7 8", "--kernel", "0 1;2 3", "--at", "1,1"]
    found = json.loads(call(*words, "--format", "json").out)
    (step,) = found["layers"][0]["steps"]
    assert step == {"at": [1, 1], "channel": 0, "text": "0·0 + 1·1 + 3·2 + 4·3 = 19", "value": 19}
    screen = call(*words).out
    assert "│ 0  1 │" in screen
    assert "│ 3  4 │" in screen
    assert "│ 19 │" in screen


def test_one_value_of_a_vector_is_written_out() -> None:
    """Defeats a refusal, as a vector has no rows, and the value of another unit."""
    words = ["apply", "fc 2", "1 2 3", "--kernel", "1 0 1;1/2 0 -1", "--bias", "1 2", "--at", "1"]
    (step,) = json.loads(call(*words, "--format", "json").out)["layers"][0]["steps"]
    assert (step["channel"], step["value"]) == (1, "-1/2")
    assert "1  1·(1/2) + 2·0 + 3·(−1) + 2 = −1/2" in call(*words).out
    assert call(*words[:-1], "2").code == 2


def test_where_only_ascii_arrives(tmp_path: Path) -> None:
    """Defeats columns that shift where a sign takes two places, and signs that are lost."""
    np.save(tmp_path / "a.npy", np.arange(900).reshape(30, 30))
    found = call("apply", "maxpool 2x2", str(tmp_path / "a.npy"), encoding="ascii").out
    assert "?" not in found
    rows = [line for line in found.splitlines() if line.startswith("|")]
    assert len(rows) == 2
    assert len({line.index("..") for line in rows}) == 1


def test_steps_writes_every_cell() -> None:
    found = call("apply", "maxpool 2x2", "2 2 7 3;9 4 6 1;8 5 2 4;3 1 2 6", "--steps", "--format", "json").out
    assert [step["value"] for step in json.loads(found)["layers"][0]["steps"]] == [9, 7, 8, 6]


@pytest.mark.parametrize("end", ["csv", "npy", "json", "md", "tex", "html"])
def test_files(tmp_path: Path, end: str) -> None:
    """The result in a file; the first two are read back as a matrix."""
    path = tmp_path / f"a.{end}"
    assert call("apply", "conv 2x2", "-1 0 1;2 1 0;3 1 1", "--kernel", "1 0;0 2", "-o", str(path)).code == 0
    if end in ("csv", "npy"):
        assert result("relu", str(path)) == [[1, 0], [4, 3]]
    if end == "tex":
        assert "\\begin{bmatrix}" in path.read_text()


def test_a_result_goes_on_through_a_pipe() -> None:
    """What csv writes is what - reads, channels too."""
    two = ["conv 1x1", "1 2;3 4", "--kernel", "1", "--kernel", "-1"]
    out = call("apply", *two, "--format", "csv").out
    assert out == "1,2\n3,4\n\n-1,-2\n-3,-4\n"
    assert result("relu", "-", stdin=out) == [[[1, 2], [3, 4]], [[0, 0], [0, 0]]]


def test_a_large_input_is_cut_on_the_screen_alone(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(10_000).reshape(100, 100))
    screen = call("apply", "maxpool 2x2", str(tmp_path / "a.npy"), "--width", "80").out
    assert "100x100" in screen
    assert "50x50" in screen
    assert len(screen.splitlines()) < 40
    assert max(map(len, screen.splitlines())) <= 80
    csv = call("apply", "maxpool 2x2", str(tmp_path / "a.npy"), "--format", "csv").out
    assert csv.splitlines()[-1].split(",")[-1] == "9999"
    call("apply", "maxpool 2x2", str(tmp_path / "a.npy"), "-o", str(tmp_path / "b.npy"))
    assert np.load(tmp_path / "b.npy")[-1, -1] == 9999


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["maxpool 2x2"], "LAYERS and MATRIX are needed"),
        (["maxpool 2x2", "1 2;3"], "row 2 of MATRIX has 1 numbers"),
        (["conv 3x3", "1 2;3 4", "--kernel", "1 x;3 4"], "`x` in --kernel is no number"),
        (["conv 2x2", "1 2;3 4"], "needs its weight"),
        (["conv 2x2", "1 2;3 4", "--kernel", "1 0;0 1", "--at", "1,1"], "lies outside 1x1"),
        (["maxpool 2x2", "1 2;3 4", "--at", "a"], "is no position"),
        (["maxpool 2x2", "1 2;3 4", "--kernel", "1"], "no layer takes one"),
        (["maxpool 3x3", "1 2;3 4"], "maxpool"),
        (["maxpul 2x2", "1 2;3 4"], "no layer or block is called `maxpul`"),
        (["", "1 2;3 4"], "LAYERS is empty"),
        (["relu", "none.csv"], "there is no file none.csv"),
        (["maxpool 2x2", "1 2;3 4", "--at", "0,0", "--steps"], "do not go together"),
    ],
)
def test_bad_calls_end_in_one_message(words: list[str], message: str) -> None:
    """Exit code 2, nothing on standard output."""
    found = call("apply", *words)
    assert found.code == 2
    assert found.out == ""
    assert message in found.err
    assert "Traceback" not in found.err


def test_numbers_in_one_style() -> None:
    """Decimals where all of them end, else fractions; defeats a matrix that mixes both."""
    from archcalc.report.matrices import number_texts

    assert number_texts([Fraction(17, 4), Fraction(-1, 8)]) == ["4.25", "-0.125"]
    assert number_texts([Fraction(1, 4), Fraction(1, 3), 2]) == ["1/4", "1/3", "2"]
    assert number_texts([-0.0, 1e-9, 12345.678]) == ["0", "1e-09", "1.235e+04"]


# Kernels as one, layers as matrices ----------------------------------------------------------------


def test_composed_kernels_do_what_they_do_one_after_the_other() -> None:
    """Defeats the grid that a lecture prints, which is a correlation, with a 2 for a 3."""
    h, g = "2 0 3;3 3 2;2 3 2", "1 2 0;2 0 0;1 1 2"
    found = result("--compose", h, g)
    assert found == [
        [2, 4, 3, 6, 0],
        [7, 9, 14, 4, 0],
        [10, 15, 19, 7, 6],
        [7, 12, 15, 8, 4],
        [2, 5, 9, 8, 4],
    ]
    assert result("--compose", g, h) == found
    image = ";".join(" ".join(str((7 * y + 3 * x) % 11 - 5) for x in range(7)) for y in range(7))
    one = result("conv 5x5", image, "--kernel", ";".join(" ".join(map(str, row)) for row in found))
    assert result("conv 3x3 -> conv 3x3", image, "--kernel", h, "--kernel", g) == one
    assert "9 + 9 = 18 one after the other, 25 at once" in call("apply", "--compose", h, g).out
    assert result("--compose", "1;3;2", "3 0 1") == [[3, 0, 1], [9, 0, 3], [6, 0, 2]]
    assert result("--compose", "1 1", "1 1", "1 1") == [[1, 3, 3, 1]]


@pytest.mark.parametrize(
    "words",
    [
        ["conv 3x3", "1 2 3 4;5 6 7 8;9 1 2 3;4 5 6 7", "--kernel", "1 2 3;4 5 6;7 8 9", "--bias", "1"],
        ["conv 2x2 stride=2 pad=1", "1 2 3;4 5 6|7 8 9;1 0 1", "--kernel", "1 0;0 2|3 1;1/2 0"],
        ["conv 2x2", "1 2 3;4 5 6", "--kernel", "1 0;0 2", "--kernel", "-1 1;2 2"],
    ],
)
def test_a_layer_as_a_matrix(words: list[str]) -> None:
    """Matrix times input is the output; defeats rows in the order of channels last."""
    found = json.loads(call("apply", *words, "--as-matrix", "--format", "json").out)

    def vector(planes: Any) -> list[Fraction]:
        planes = planes if isinstance(planes[0][0], list) else [planes]
        return [Fraction(value) for plane in planes for row in plane for value in row]

    x, y, constant = vector(found["input"]), vector(found["output"]), map(Fraction, found["constant"])
    rows = [[Fraction(value) for value in row] for row in found["matrix"]]
    assert [
        sum(a * b for a, b in zip(row, x, strict=True)) + c for row, c in zip(rows, constant, strict=True)
    ] == y


def test_what_is_no_matrix_is_refused() -> None:
    """Defeats a matrix that holds for one input alone."""
    found = call("apply", "maxpool 2x2", "1 2;3 4", "--as-matrix")
    assert (found.code, found.out) == (2, "")
    assert "sums of products" in found.err


def test_latex() -> None:
    """Balanced, its package named, and with place for more columns than amsmath has for a matrix. Defeats a
    matrix of 16 columns, at which TeX stops."""
    words = ["conv 3x3", "1 2 3 4;5 6 7 8;9 1 2 3;4 5 6 7", "--kernel", "1 2 3;4 5 -1/6;7 8 9", "--as-matrix"]
    found = call("apply", *words, "--format", "latex").out
    assert found.count("{") == found.count("}")
    assert found.isascii()
    assert found.startswith("% Needs \\usepackage{amsmath}")
    assert "\\setcounter{MaxMatrixCols}{16}" in found
    assert found.count("\\begin{bmatrix}") == found.count("\\end{bmatrix}") == 3
    assert "1 & 2 & 3 & 0 & 4 & 5 & -\\tfrac{1}{6} & 0 & 7" in found


# Pictures ------------------------------------------------------------------------------------------


def drawn(path: Path, *words: str) -> bytes:
    pytest.importorskip("matplotlib")
    found = call("apply", *words, "-o", str(path))
    assert found.code == 0, found.err
    return path.read_bytes()


def test_a_picture_holds_the_window_and_the_sum(tmp_path: Path) -> None:
    """Read as XML; the same call gives the same bytes. Defeats a picture of another cell."""
    from xml.etree import ElementTree

    words = ["conv 2x2", "1 2 3;4 5 6;7 8 9", "--kernel", "1 0;0 1", "--at", "1,0"]
    first = drawn(tmp_path / "a.svg", *words)
    assert drawn(tmp_path / "b.svg", *words) == first
    ElementTree.fromstring(first)
    # matplotlib leaves each text in a comment.
    assert "(1, 0)  4·1 + 5·0 + 7·0 + 8·1 = 12" in first.decode()
    assert first != drawn(tmp_path / "c.svg", *words[:-1], "0,0")


@pytest.mark.slow
def test_the_window_moves_over_every_cell(tmp_path: Path) -> None:
    """Read by Pillow: a frame for each cell, all of one size, each another. Defeats a GIF that is cut."""
    image = pytest.importorskip("PIL.Image")
    words = ["conv 2x2 -> relu -> conv 2x2", "1 2 3 4;4 5 6 0;7 8 9 1;1 0 1 0"]
    words += ["--kernel", "1 0;0 1", "--kernel", "conv2=1 1;0 -1", "--kernel", "conv2=9 9;9 9"]
    words[words.index("1 0;0 1")] = "conv1=1 0;0 1"
    drawn(tmp_path / "a.gif", *words)
    found = image.open(tmp_path / "a.gif")
    frames = []
    for number in range(found.n_frames):
        found.seek(number)
        frames.append(found.convert("RGB").tobytes())
    assert len(frames) == len(set(frames)) == 4


def test_a_window_with_too_many_places(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    np.save(tmp_path / "a.npy", np.ones((40, 40)))
    found = call("apply", "maxpool 2x2", str(tmp_path / "a.npy"), "-o", str(tmp_path / "a.gif"))
    assert found.code == 2
    assert "more than 100" in found.err
    assert not (tmp_path / "a.gif").exists()


@pytest.mark.slow
def test_a_large_image_takes_a_second(tmp_path: Path) -> None:
    """Seconds of the processor, of the whole process. Defeats a loop over cells, which takes a minute."""
    import resource
    import subprocess
    import sys

    random = np.random.default_rng(0)
    image, kernel = random.integers(0, 256, (1000, 1000)), random.integers(-3, 4, (7, 7))
    np.save(tmp_path / "image.npy", image)
    np.save(tmp_path / "kernel.npy", kernel)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = ["conv 7x7", "image.npy", "--kernel", "kernel.npy", "-o", "out.npy"]
    subprocess.run([sys.executable, "-m", "archcalc", "apply", *words], cwd=tmp_path, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    windows = np.lib.stride_tricks.sliding_window_view(image, (7, 7))
    assert (np.load(tmp_path / "out.npy") == np.einsum("abij,ij->ab", windows, kernel)).all()
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


@pytest.mark.slow
@pytest.mark.parametrize(("form", "limit"), [("png", 2), ("csv", 3), ("decimals", 6)])
def test_a_large_image_of_other_files(tmp_path: Path, form: str, limit: int) -> None:
    """Seconds of the processor for an image and for tables, to CSV. Defeats a parser of cells, which takes
    6 s for decimals, and decimals that become floats on the way."""
    import resource
    import subprocess
    import sys

    from PIL import Image

    image = np.random.default_rng(0).integers(0, 256, (1000, 1000))
    name = "image.png" if form == "png" else "image.csv"
    if form == "png":
        Image.fromarray(image.astype(np.uint8)).save(tmp_path / name)
    else:
        np.savetxt(
            tmp_path / name,
            image / 100 if form == "decimals" else image,
            "%.2f" if form == "decimals" else "%d",
            ",",
        )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = ["conv 2x2", name, "--kernel", "1 0;0 -1", "-o", "out.csv"]
    subprocess.run([sys.executable, "-m", "archcalc", "apply", *words], cwd=tmp_path, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    first = (tmp_path / "out.csv").read_text().partition(",")[0]
    assert Fraction(first) == Fraction(int(image[0, 0] - image[1, 1]), 100 if form == "decimals" else 1)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < limit


def test_a_large_table_is_read_as_a_small_one(tmp_path: Path) -> None:
    """Decimals, signs and spaces of a table that is read at once are those that are read cell by cell.
    Defeats 0.1 as the nearest float, and a table of which some cells are misread."""
    from archcalc.loading.matrices import read_matrix

    random = np.random.default_rng(1)
    words = ["0.1", "-.5", "+3", "2.", "12.345", "0", "-7", "1234567.25", "0.000001"]
    rows = [[words[n] for n in random.integers(0, len(words), 100)] for _ in range(300)]
    small = [",".join(row) for row in rows]
    (tmp_path / "large.csv").write_text("\n".join(small) + "\n")
    found = read_matrix(str(tmp_path / "large.csv"))[:, :, 0]
    assert found.tolist() == [[read_matrix(word).item() for word in row] for row in rows]
    for bad in ("1.2.3", "1e", "--1", "1,,2", "nan", ".", "+"):
        (tmp_path / "bad.csv").write_text("\n".join([*small, ",".join([bad, *rows[0][1:]])]) + "\n")
        answer = call("apply", "relu", str(tmp_path / "bad.csv"))
        assert answer.code == 2, bad
        assert answer.err.count("error") == 1


@pytest.mark.parametrize(
    "text", ["[[1, 2], [3, -4]]", "[1 2; 3 -4]", "[[1 2]\n [3 -4]]", "[[ 1. 2.], [ 3. -4. ]]"]
)
def test_lists_are_matrices(text: str) -> None:
    """As Python, MATLAB and numpy write them. Defeats brackets that are taken for parts of numbers."""
    assert result("relu", text) == [[1, 2], [3, 0]]


@pytest.mark.parametrize(
    ("text", "place"),
    [("[[1,2],[3,x]]", 11), ("[1,2", 1), ("[[[1,2]]]", 1), ("[]", 1), ("[[1,2],[3]]", None)],
)
def test_lists_that_are_none(text: str, place: int | None) -> None:
    """One message, at the place in what was typed."""
    found = call("apply", "relu", text)
    assert (found.code, found.out, found.err.count("error")) == (2, "", 1)
    assert place is None or f"<MATRIX>:1:{place}" in found.err


def test_files_of_spreadsheets(tmp_path: Path) -> None:
    """UTF-16 with tabs, and cells in quotes. Defeats a file that is no text in UTF-8."""
    (tmp_path / "wide.txt").write_bytes("1\t2\r\n3\t-4\r\n".encode("utf-16"))
    (tmp_path / "quoted.csv").write_text('"1","2"\n"3","-4"\n')
    for name in ("wide.txt", "quoted.csv"):
        assert result("relu", str(tmp_path / name)) == [[1, 2], [3, 0]]


def test_statistics_that_do_not_fit() -> None:
    """Defeats a traceback for an epsilon of two numbers."""
    found = call("apply", "bn", "1 2", "--statistics", "eps=1 2", "--statistics", "mean=0")
    assert (found.code, found.out) == (2, "")
    assert "--statistics eps is one number, not 2" in found.err


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ("bn", "--statistics mean=…"),
        ("bn -> relu -> bn", "--statistics bn1.mean=…"),
        ("conv 2x2", "--kernel conv1=…"),
        ("conv 1x1 -> attention 1 @conv1", "--kernel conv1=…"),
    ],
)
def test_what_is_missing_is_called_as_the_option_takes_it(layers: str, words: str) -> None:
    """Defeats a help that is refused when it is followed."""
    found = call("apply", layers, "1 2;3 4")
    assert found.code == 2
    assert words in found.err


def test_each_weight_of_attention_is_asked_for_by_its_name() -> None:
    """Defeats one name for both, and a message on the size of the two together that says no more."""
    maps = "1 0;0 1;1 0;0 1;1 0;0 1"
    missing = call("apply", "attention 1 bias=no", "1 0;0 1", "--kernel", maps).err
    assert "--kernel attention1.out_proj.weight=…" in missing
    both = call("apply", "attention 1 bias=no", "1 0;0 1", "--kernel", maps, "--kernel", "1 0;0 1").err
    assert "it has 2 weights, each by its name: --kernel attention1.out_proj.weight=…" in both


def test_names_of_statistics_are_those_that_are_taken() -> None:
    """Defeats names of PyTorch beside others in the docs, and `eps` left out."""
    found = call("apply", "bn", "1 2;3 4", "--statistics", "mu=2", "--statistics", "var=1")
    assert "it takes gamma, beta, mean, var, eps" in found.err
    assert "no layer takes statistics" in call("apply", "relu", "1 2", "--statistics", "mean=1").err


def test_padding_that_a_mean_counts_is_zeros() -> None:
    """Defeats a note that says it is left out, beside a sum of nine that has its zeros."""
    counted = call("apply", "avgpool 3x3 pad=1 stride=1", "1 2 3;4 5 6;7 8 9").out
    assert "left out" not in counted
    assert "│ 0  1  2 │  3  0" in counted
    for layers in ("avgpool 3x3 pad=1 stride=1 count_pad=no", "avgpool 2x2 round=ceil", "maxpool 2x2 pad=1"):
        assert "· lies beyond the input, and is left out" in call("apply", layers, "1 2 3;4 5 6;7 8 9").out


def test_a_cell_that_reads_no_number_has_no_frame() -> None:
    """Defeats a frame around nothing, which moves all rows but the first."""
    out = call("apply", "zeropad 1", "1 2;3 4").out
    assert "┌┐" not in out
    assert "1  2   ->   └───┘" in out


@pytest.mark.parametrize(("channels", "filters", "groups"), [(2, 2, 1), (2, 3, 1), (4, 4, 2), (4, 2, 2)])
def test_a_transposed_weight_in_a_file_is_pytorchs(
    tmp_path: Path, channels: int, filters: int, groups: int
) -> None:
    """Defeats filters and channels exchanged, which nothing shows where there are as many of both."""
    torch = pytest.importorskip("torch")
    draw = np.random.default_rng(channels + filters)
    weight = draw.integers(-3, 4, (channels, filters // groups, 2, 3))
    image = draw.integers(-3, 4, (channels, 3, 4))
    right = torch.nn.functional.conv_transpose2d(
        torch.tensor(image[None]).double(), torch.tensor(weight).double(), stride=2, groups=groups
    )[0].numpy()
    np.save(tmp_path / "weight.npy", weight)
    np.save(tmp_path / "image.npy", image)
    words = ["--kernel", str(tmp_path / "weight.npy"), "--layout", "chw", "-o", str(tmp_path / "made.npy")]
    layer = f"tconv 2x3 stride=2 groups={groups}"
    assert call("apply", layer, str(tmp_path / "image.npy"), *words).code == 0
    made = np.load(tmp_path / "made.npy").astype(float)
    assert np.array_equal(made, right) or np.array_equal(np.moveaxis(made, -1, 0), right)
    from_python = archcalc.apply(layer, image, kernels=torch.tensor(weight), layout="chw").output
    assert np.array_equal(np.asarray(from_python, float), right)
