"""What somebody wrote as an answer is read without guessing.

The wrong readings to defeat: ``int(text.replace(",", ""))`` with everything else refused or wrong;
a tolerance that is the teacher's and not the writer's; a point that is always a decimal sign;
``eval``; dimension lists that are sorted or multiplied out; unreadable answers that count as wrong.
"""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archcalc.answers.written import Ambiguous, Unreadable, WrittenNumber, WrittenSizes, WrittenWord, read


def number(text: str, asked: str = "params", decimal: str = "ask") -> WrittenNumber:
    found = read(text, asked, decimal)
    assert isinstance(found, WrittenNumber), found
    return found


@pytest.mark.parametrize(
    "text",
    [
        "34,944",
        "34 944",
        "34_944",
        "34'944",
        "34’944",
        "34\u202f944",
        "34\xa0944",
        "34\u2009944",
        "34944",
        "**34,944**",
        "`34,944`",
        "$34{,}944$",
        r"34\,944",
        " = 34944",
        "Answer: 34,944.",
        "params = 34,944",
        "34,944 parameters",
        "34,944 (with bias)",
        "٣٤٩٤٤",
        "３４９４４",
        "34944?",
        "\u201c34,944\u201d",
        "34,944 learnable params",
        "(11*11*3+1)*96",
        "(11×11×3+1)×96",
        "(11·11·3 + 1)·96 = 34,944",
        "11*11*3*96+96",
        "11x11x3x96 + 96 = 34944",
        "96(11^2·3 + 1)",
        "(11²·3+1)·96",
        "(11**2*3+1)*96",
        "params: 34848 + 96 = 34944",
        "(F*F*D + 1)*K = (11*11*3+1)*96 = 34944",
        "⌊F·F·D + 1⌋·K = 34,944",
    ],
)
def test_an_integer_is_itself_however_it_is_typed(text: str) -> None:
    found = number(text)
    assert found.value == found.low == found.high == 34_944
    assert found.covers(34_944)
    assert not found.covers(34_848)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("35K", 34_500, 35_500),
        ("35k", 34_500, 35_500),
        ("~35k", 34_500, 35_500),
        ("3.5e4", 34_500, 35_500),
        ("3.49e4", 34_850, 34_950),
        ("3.5 × 10^4", 34_500, 35_500),
        ("3.5·10⁴", 34_500, 35_500),
        ("35 thousand", 34_500, 35_500),
        ("3,5E4", 34_500, 35_500),
        ("138M", 137_500_000, 138_500_000),
        ("138.4M", 138_350_000, 138_450_000),
        ("138,4 million", 138_350_000, 138_450_000),
        ("1.5 GFLOPs", 1_450_000_000, 1_550_000_000),
        ("768K MACs", 767_500, 768_500),
        ("19.6B", 19_550_000_000, 19_650_000_000),
        ("800K", 795_000, 805_000),
        ("120M", 115_000_000, 125_000_000),
        ("10K", 9_500, 10_500),
        ("801K", 800_500, 801_500),
        ("800.0K", 799_950, 800_050),
        ("1000 K", 950_000, 1_050_000),
        ("93 MB", 92_500_000, 93_500_000),
        ("34.944 K", Fraction("34943.5"), Fraction("34944.5")),
        ("35Ki", Fraction("34.5") * 1024, Fraction("35.5") * 1024),
        ("4.5", Fraction("4.45"), Fraction("4.55")),
        ("28.0", Fraction("27.95"), Fraction("28.05")),
    ],
)
def test_the_written_precision_is_the_tolerance(text: str, low: Fraction, high: Fraction) -> None:
    found = number(text)
    assert (found.low, found.high) == (low, high)
    assert found.covers(low)
    assert not found.covers(high)  # half open: 35,500 is written 36K


def test_scales_and_units_are_kept() -> None:
    assert (number("768K MACs").scale, number("768K MACs").unit) == ("K", "macs")
    assert (number("93 MiB").scale, number("93 MiB").unit) == ("Mi", "bytes")
    assert number("93 MB").binary() == number("93 MB")._replace(
        value=number("93 MiB").value, low=number("93 MiB").low, high=number("93 MiB").high, scale="Mi"
    )
    assert number("120 million parameters").unit == "params"
    assert number("290,400 neurons").unit == "values"


def test_a_lone_b_is_a_byte_of_memory_and_a_billion_of_operations() -> None:
    assert number("150528 B", "memory").value == 150_528
    assert number("1.5 B", "flops").value == 1_500_000_000


def test_a_tilde_widens_only_where_that_is_allowed() -> None:
    found = number("~35k")
    assert found.approximate
    assert not found.covers(34_100)
    assert found.widened().covers(34_100)
    assert not found.widened().covers(33_400)
    assert number("35k").widened() == number("35k")
    assert number("34.9K...").approximate
    assert number("~35,000").widened().covers(34_944)
    assert not number("~35,000").covers(34_944)
    assert number("~34,943").widened().covers(34_943)


def test_a_point_before_three_digits_is_asked_about() -> None:
    found = read("34.944")
    assert isinstance(found, Ambiguous)
    assert [reading.value for reading in found.readings if isinstance(reading, WrittenNumber)] == [
        Fraction("34.944"),
        34_944,
    ]
    assert "34,944" in found.question
    assert number("34.944", decimal="comma").value == 34_944
    assert number("34.944", "memory", decimal="point").value == Fraction("34.944")
    # There is no 34.944 of a parameter, whatever the sign.
    assert isinstance(read("34.944", "params", "point"), Ambiguous)
    # What cannot be thousands is not asked about.
    for text, value in (
        ("0.944", "0.944"),
        ("3.45", "3.45"),
        ("1234.567", "1234.567"),
        ("1,234.567", "1234.567"),
        ("34.944 MB", "34944000"),
        ("1.234.567", "1234567"),
        ("1.234,5", "1234.5"),
    ):
        assert number(text).value == Fraction(value)


def test_decimal_commas() -> None:
    assert number("3,45 MB").value == 3_450_000
    assert number("0,5").value == Fraction(1, 2)
    assert number("34,944", "memory", decimal="comma").value == Fraction("34.944")
    assert isinstance(read("34,944", "params", "comma"), Ambiguous)
    assert number("13,83,57,544").value == 138_357_544  # as India groups


@pytest.mark.parametrize(
    ("text", "dims", "named"),
    [
        ("55x55x96", (55, 55, 96), False),
        ("55×55×96", (55, 55, 96), False),
        ("55*55*96", (55, 55, 96), False),
        ("55 by 55 by 96", (55, 55, 96), False),
        ("55 X 55 X 96", (55, 55, 96), False),
        ("55х55х96", (55, 55, 96), False),
        ("(96,55,55)", (96, 55, 55), False),
        ("[1, 96, 55, 55]", (1, 96, 55, 55), False),
        ("(None, 55, 55, 96)", (55, 55, 96), False),
        ("Nx55x55x96", (55, 55, 96), False),
        ("torch.Size([1, 96, 55, 55])", (1, 96, 55, 55), False),
        ("55² x 96", (55, 55, 96), False),
        ("55^2*96", (55, 55, 96), False),
        (r"\(55 \times 55 \times 96\)", (55, 55, 96), False),
        ("6@28x28", (28, 28, 6), True),
        ("96 feature maps of size 55x55", (55, 55, 96), True),
        ("55x55, 96 channels", (55, 55, 96), True),
        ("C=96, H=55, W=55", (55, 55, 96), True),
        ("W=62, H=84, D=16", (84, 62, 16), True),
        ("55x55x96 = 290400", (55, 55, 96), False),
        ("227x227x3 -> 55x55x96", (55, 55, 96), False),
        ("253", (253,), False),
        ("9,216", (9216,), False),
        ("(9, 216)", (9, 216), False),
        ("64,112,112", (64, 112, 112), False),
        ("224 224 3", (224, 224, 3), False),
        ("111x111 px", (111, 111), False),
        ("(32-5+2*2)/1+1 = 32, so 32x32x10", (32, 32, 10), False),
        ("55x55x96 (HWC)", (55, 55, 96), True),
        ("96x55x55 (CxHxW)", (55, 55, 96), True),
        ("(96, 55, 55) channels first", (55, 55, 96), True),
        ("WxHxD = 62x84x16", (84, 62, 16), True),
        ("(C, H, W) = (16, 84, 62)", (84, 62, 16), True),
        ("NCHW: 1x16x84x62", (1, 16, 84, 62), False),
        ("1,024x1,024x3", (1024, 1024, 3), False),
        ("(1,024, 1,024, 3)", (1024, 1024, 3), False),
        ("14*2 = 28", (28,), False),
        ("7x7 = 49", (7, 7), False),
        ("28x28, 6", (28, 28, 6), False),
        ("(55; 55; 96)", (55, 55, 96), False),
        ("31x31x31x16", (31, 31, 31, 16), False),
        ("H: 32, W: 32, D: 10", (32, 32, 10), True),
        ("32 = (32 - 5 + 2*2)/1 + 1", (32,), False),
        ("output: 1x1x4096", (1, 1, 4096), False),
    ],
)
def test_volumes_in_the_order_written(text: str, dims: tuple[int, ...], named: bool) -> None:
    assert read(text, "output") == WrittenSizes(text, dims, named)


def test_a_volume_where_a_count_is_asked_is_a_product() -> None:
    assert number("55x55x96", "units").value == 290_400
    assert isinstance(read("(96,55,55)"), Unreadable)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("does not fit", "does not fit"),
        ("Doesn’t fit!", "does not fit"),
        ("invalid", "does not fit"),
        ("not an integer (2.33)", "does not fit"),
        ("n/a", "not applicable"),
        ("N.A.", "not applicable"),
        ("", "blank"),
        ("-", "blank"),
        ("—", "blank"),
        ("?", "blank"),
        ("___", "blank"),
        ("…", "blank"),
        ("nan", "blank"),
        ("I don't know", "blank"),
        ("all", "everything"),
        ("the whole image", "everything"),
    ],
)
def test_words(text: str, meaning: str) -> None:
    assert read(text, "output") == WrittenWord(text, meaning)
    assert read(text, "rf") == WrittenWord(text, meaning)


def test_no_parameters_are_zero() -> None:
    assert number("none").value == number("zero").value == number("no parameters").value == 0


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("760 or 750", "two answers"),
        ("760; 750", "several"),
        ("30-40", "range"),
        ("700 to 800", "range"),
        ("<= 760", "bound"),
        ("at least 760", "bound"),
        ("76 each", "each"),
        ("about a lot", "no number"),
        ("1,2,3", "several"),
        ("1.5.2", "no number"),
        ("34 9444", "9444"),
        ("760/750", "quotient"),
        ("5*", "missing"),
        ("(5*5", "missing"),
        ("1/0", "zero"),
        ("9^9^9", "9"),
        ("10^99", "exponent"),
        ("1e99", "large"),
        ("9^64", "large"),
        ("(" * 200 + "1" + ")" * 200, "longer"),
        ("(" * 100 + "1" + ")" * 100, "deeply"),
        ("__import__('os').system('true')", ""),
        ("7" * 299, "large"),
        ("", ""),
    ],
)
def test_unreadable_says_why(text: str, why: str) -> None:
    found = read(text)
    if text:
        assert isinstance(found, Unreadable), found
        assert why in found.reason


def test_a_size_that_is_no_whole_number_is_no_volume() -> None:
    assert isinstance(read("2.33x2.33", "output"), Unreadable)
    assert number("4.5", "size").value == Fraction("4.5")


def test_a_volume_and_another_answer_are_no_volume() -> None:
    for text in ("28x28x6, 156", "28x28x6; 156", "55x55x96 or 54x54x96", "28x28x06"):
        assert isinstance(read(text, "output"), Unreadable), text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.17 x 10**7", 11_700_000),
        ("7**2*3*64", 9408),
        ("7*7*3*64 = **9408**", 9408),
        ("**7*7*3*64**", 9408),
        ("(3**2 * 64 + 1)*64", 36928),
        ("**760**", 760),
    ],
)
def test_two_stars_are_a_power_or_bold(text: str, value: int) -> None:
    """Defeats: Python's power, read as something else; a result that Markdown has in bold."""
    found = read(text)
    assert isinstance(found, WrittenNumber)
    assert found.value == value


def test_the_working_is_kept() -> None:
    found = number("(5·5·3 + 1)·10 = 750")
    assert found.value == 750  # what was answered, not what it should come to
    assert found.working is not None
    assert found.working.value == 760
    assert found.working.text == "(5*5*3 + 1)*10"
    floored = number("⌊(227 − 11)/4⌋ + 1")
    assert floored.working is not None
    assert floored.working.text == "(227 - 11) // 4 + 1"
    assert number("1/4", "rf").value == Fraction(1, 4)


def test_what_stands_in_brackets_explains() -> None:
    # Not 760 times what is in the brackets.
    found = number("760 (75*10+10)")
    assert found.value == 760
    assert found.working is not None
    assert found.working.value == 760
    assert number("96(5*5+1)").value == number("(5*5+1) (96)").value == 2496
    assert number("35K (34,944)").low == 34_944
    assert number("34,944 (35K)").exact
    assert number("12.6 MB (12,613,600 bytes)", "memory").value == 12_613_600
    assert number("0 (no parameters)").value == 0
    assert isinstance(read("760 (750)"), Unreadable)
    assert isinstance(read("760 (per filter)"), Unreadable)
    assert isinstance(read("1:4"), Unreadable)


def test_a_sum_of_rounded_numbers_stands_for_an_interval() -> None:
    found = number("24M * 4 bytes", "memory")
    assert (found.low, found.high) == (94_000_000, 98_000_000)
    assert number("24M*4 B ~ 93MB", "memory").value == 93_000_000


@given(st.integers(0, 10**15))
def test_every_integer_comes_back(n: int) -> None:
    for text in (str(n), f"{n:,}", f"{n:_}", f"{n:,}".replace(",", " ")):
        assert number(text).value == n
    if n >= 10**6:
        assert number(f"{n:,}".replace(",", ".")).value == n


@given(st.lists(st.integers(1, 9999), min_size=2, max_size=4))
def test_every_volume_comes_back(dims: list[int]) -> None:
    for text in ("x".join(map(str, dims)), str(dims), str(tuple(dims)), " × ".join(map(str, dims))):
        found = read(text, "output")
        assert isinstance(found, WrittenSizes)
        assert found.dims == tuple(dims)


@given(st.integers(1, 999), st.integers(0, 3), st.sampled_from("KMGT"))
def test_a_rounded_number_covers_what_rounds_to_it(n: int, places: int, scale: str) -> None:
    shown = Fraction(n, 10**places)
    text = f"{float(shown):.{places}f}{scale}"
    found = number(text)
    factor = 1000 ** ("KMGT".index(scale) + 1)
    step = Fraction(factor, 10**places)
    if not places and n >= 100 and n % 10 == 0:
        step *= 10  # the last nought may only hold its place
    assert found.value == shown * factor
    assert found.covers(shown * factor - step / 2)
    assert not found.covers(shown * factor + step / 2)


@given(st.text(max_size=60), st.sampled_from(["params", "output", "memory", "rf"]))
def test_anything_is_read(text: str, asked: str) -> None:
    found = read(text, asked)
    assert found.text == text


@given(st.text("0123456789.,x*()[]+-/^=~ kKMB⌊⌋²@'e", max_size=40), st.sampled_from(["params", "output"]))
def test_anything_like_an_answer_is_read(text: str, asked: str) -> None:
    assert read(text, asked).text == text
