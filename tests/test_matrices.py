"""Matrices that are typed or named, and layers that are applied to them.

Defeats: a reader that takes a minus for an option, that rounds ``1/9`` or ``0.1``, that runs a pickle, that
believes the header of a file; kernels that go to another layer than they were given for.
"""

from __future__ import annotations

import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from archcalc.diagnostics import SpecError
from archcalc.loading.applying import GivenMatrix, apply_layers
from archcalc.loading.matrices import MOST_NUMBERS, read_matrix


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("1 0 2;3 1 1", [[1, 0, 2], [3, 1, 1]]),
        ("1,0,2;3,1,1", [[1, 0, 2], [3, 1, 1]]),
        (" 1, 0 , 2 ; 3 1 1 ; ", [[1, 0, 2], [3, 1, 1]]),
        ("1 0 2\n3 1 1\n", [[1, 0, 2], [3, 1, 1]]),
        ("-1 −2;+3 4", [[-1, -2], [3, 4]]),
        ("1/9 -2/4", [[Fraction(1, 9), Fraction(-1, 2)]]),
        ("0.1 .5 2. 1e-2", [[Fraction(1, 10), Fraction(1, 2), 2, Fraction(1, 100)]]),
        ("7", [[7]]),
    ],
)
def test_rows_of_numbers(text: str, rows: list[list[object]]) -> None:
    """Exact: 0.1 is a tenth, and not the float next to it."""
    found = read_matrix(text)
    assert found.shape == (len(rows), len(rows[0]), 1)
    assert found[..., 0].tolist() == rows
    assert found.dtype == object


@pytest.mark.parametrize("text", ["1 2;3 4|5 6;7 8", "1 2\n3 4\n\n5 6\n7 8\n"])
def test_channels_come_last(text: str) -> None:
    """Defeats channels that are taken for further rows."""
    assert read_matrix(text)[0, 1].tolist() == [2, 6]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("1 2;3", 5, "row 2 of MATRIX has 1 numbers, row 1 has 2"),
        ("1 2;a 4", 5, "`a` in MATRIX is no number"),
        ("1 2;;3 4", 5, "a row of MATRIX is empty"),
        ("1,,2", 3, "a number is missing in MATRIX"),
        ("1 2|3", 5, "channel 2 of MATRIX is 1x1, channel 1 is 1x2"),
        ("1 1/0", 3, "`1/0` divides by zero"),
        ("1 1e999", 3, "a number of MATRIX has too many digits"),
        ("1 " + "9" * 41, 3, "a number of MATRIX has too many digits"),
        ("1 nan", 3, "`nan` in MATRIX is no number"),
        ("1 ٣", 3, "`٣` in MATRIX is no number"),
        ("", 1, "a row of MATRIX is empty"),
        ("|", 1, "a row of MATRIX is empty"),
    ],
)
def test_what_is_no_matrix_is_pointed_at(text: str, column: int, message: str) -> None:
    """Defeats a message without a place, and a matrix that is filled up."""
    with pytest.raises(SpecError) as error:
        read_matrix(text)
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.message == message
    assert diagnostic.span is not None
    assert diagnostic.span.position == (1, column)


def test_files(tmp_path: Path) -> None:
    """Tables of both countries, an array of numpy, grey and colour images."""
    pytest.importorskip("PIL")
    from PIL import Image

    values = np.arange(12).reshape(3, 4)
    (tmp_path / "a.csv").write_text("0,1,2,3\n4,5,6,7\n8,9,10,11\n")
    (tmp_path / "b.csv").write_text("0;1;2;3\n4;5;6;7\n8;9;10;11\n")
    np.save(tmp_path / "c.npy", values)
    Image.fromarray(values.astype(np.uint8)).save(tmp_path / "d.png")
    Image.fromarray(values.astype(np.uint8)).save(tmp_path / "e.pgm")
    for name in "a.csv b.csv c.npy d.png e.pgm".split():
        found = read_matrix(str(tmp_path / name))
        assert found[..., 0].tolist() == values.tolist(), name
        assert found.dtype == object, name
    colours = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    Image.fromarray(colours).save(tmp_path / "f.ppm")
    assert read_matrix(str(tmp_path / "f.ppm")).tolist() == colours.tolist()
    (tmp_path / "g.csv").write_text("0,5;1,5\n2;3\n")
    assert read_matrix(str(tmp_path / "g.csv"))[..., 0].tolist() == [[Fraction(1, 2), Fraction(3, 2)], [2, 3]]


def test_a_large_table_is_read_as_a_small_one(tmp_path: Path) -> None:
    """Defeats the fast way for whole numbers giving others."""
    values = np.arange(-20_000, 20_000).reshape(200, 200)
    np.savetxt(tmp_path / "a.csv", values, fmt="%d", delimiter=",")
    assert (read_matrix(str(tmp_path / "a.csv"))[..., 0] == values).all()


def test_layout_of_three_axes(tmp_path: Path) -> None:
    """Defeats an array of PyTorch's layout that is read channels last though --layout says otherwise."""
    np.save(tmp_path / "a.npy", np.zeros((3, 5, 6)))
    assert read_matrix(str(tmp_path / "a.npy")).shape == (3, 5, 6)
    assert read_matrix(str(tmp_path / "a.npy"), layout="chw").shape == (5, 6, 3)


def test_standard_input() -> None:
    assert read_matrix("-", stdin=lambda: b"1 2\n3 4\n")[..., 0].tolist() == [[1, 2], [3, 4]]
    with pytest.raises(SpecError, match="cannot be read from standard input"):
        read_matrix("-")


def _header(shape: str, kind: str = "<f8") -> bytes:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


class Trap:
    """Runs when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (open, ("/tmp/trap-of-a-pickle", "w"))


def _pickled() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([Trap()], dtype=object), allow_pickle=True)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_pickled(), "no real numbers"),
        (_header("(1000000, 1000000)"), "more than"),
        (_header("(4,)"), "ends before its numbers do"),
        (_header("(2, 2)", "<c16"), "no real numbers"),
        (_header("()") + bytes(8), "0 axes"),
        (_header("(1,)") + np.array([np.nan]).tobytes(), "not finite"),
        (b"\x93NUMPY\x09\x00garbage", "cannot|can be read"),
        (b"\x89PNG\r\n\x1a\ngarbage", "no image"),
        (b"\xff\xfe\x00\x01", "is no number"),
        (b"\xff\xfe\x00", "no text"),
    ],
)
def test_hostile_files_end_in_one_message(tmp_path: Path, data: bytes, message: str) -> None:
    """Defeats a reader that unpickles, one that reserves what a header promises, and tracebacks."""
    path = tmp_path / "a.npy"
    path.write_bytes(data)
    with pytest.raises(SpecError, match=message):
        read_matrix(str(path))
    assert MOST_NUMBERS < 10**12


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="there is no file"):
        read_matrix(str(tmp_path / "none.csv"))


# Layers -------------------------------------------------------------------------------------------

SOBEL = "2 1 3 0 1;1 4 2 1 0;3 1 5 2 1;0 2 1 4 3;1 0 3 1 2"


def applied(layers: str, matrix: str, *kernels: str) -> object:
    given = [GivenMatrix(*text.split("=")) if "=" in text else GivenMatrix("", text) for text in kernels]
    read = [GivenMatrix(name, read_matrix(values)) for name, values in given]
    found = apply_layers(layers, read_matrix(matrix), read).values[-1].output
    return np.moveaxis(found, -1, 0).tolist() if found.ndim == 3 else found.tolist()


def test_the_filters_are_as_many_as_the_kernels() -> None:
    """Defeats one filter for all, and a kernel that is turned round without being asked to."""
    kernel = "-1 0 1;-2 0 2;-1 0 1"
    right = [[5, -6, -10], [6, 1, -8], [6, 6, -1]]
    assert applied("conv 3x3", SOBEL, kernel) == [right]
    assert applied("conv", SOBEL, kernel, "0 0 0;0 1 0;0 0 0") == [right, [[4, 2, 1], [1, 5, 2], [2, 1, 4]]]


def test_a_row_is_what_the_layer_reads() -> None:
    """Defeats a row that is a map for softmax, and a vector for windows."""
    assert applied("conv 1x3", "2 1 2 3 1 0", "1 -1 2") == [[[5, 5, 1, 2]]]
    assert applied("conv 3 stride=2", "2 1 2 3 1 0", "1 -1 2") == [[5], [1]]
    assert apply_layers("relu", read_matrix("-1 2")).values[-1].output.tolist() == [0, 2]
    assert applied("maxpool 1x2", "1 2 7 3") == [[[2, 7]]]


def test_kernels_go_where_they_are_given() -> None:
    """In order, or by name; defeats those of the second layer in the first."""
    chain = "conv 1x1 -> relu -> conv 1x1"
    assert applied(chain, "1 -1", "2", "3") == [[[6, 0]]]
    assert applied(chain, "1 -1", "conv2=3", "conv1=-2") == [[[0, 6]]]
    with pytest.raises(SpecError, match="3 kernels for 2 layers: conv1, conv2"):
        applied(chain, "1 -1", "2", "3", "4")
    with pytest.raises(SpecError, match="no layer is called `conv3`"):
        applied(chain, "1 -1", "conv3=3")


@pytest.mark.parametrize(
    ("layers", "kernel", "help"),
    [
        ("conv 3x3", "1 0;0 1", "`conv 3x3 1` has a kernel of 3x3, this one is 2x2"),
        ("conv 2x2 3", "1 0;0 1", "it has 3 filters, 1 kernels are given"),
        ("conv 2x2", "1 0;0 1|1 1;1 1", "a kernel has 1 channels here: part them by `|`"),
    ],
)
def test_a_kernel_of_another_size(layers: str, kernel: str, help: str) -> None:
    with pytest.raises(SpecError) as error:
        applied(layers, SOBEL, kernel)
    assert help in str(error.value)


def test_an_output_beyond_all_bounds_is_refused() -> None:
    """Defeats a call that fills the memory."""
    with pytest.raises(SpecError, match="more than"):
        applied("tconv 1x1 1 stride=100000", "1 2;3 4", "1")
