"""`archcalc summary --chart`: bars that are as high as the numbers say."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from calling import call

import archcalc
from archcalc.language.library import Library
from archcalc.report.screens.folding import Folding

ZOO = list(Library().zoo)
MARGIN, HEIGHT = 7, 6


class Chart:
    """A chart read back from the screen: heights in half cells, column by column; 0.5 where there
    is only a hairline."""

    def __init__(self, text: str):
        lines = text.split("\n")
        axis = next(n for n, line in enumerate(lines) if set(line.strip()) == {"─"})
        self.width = len(lines[axis]) - MARGIN
        above, below = lines[:axis][::-1], lines[axis + 1 :]
        self.above = self._heights(above[:HEIGHT], {"█": 2, "▄": 1, "▁": 0.5})
        self.below = self._heights(below[:HEIGHT], {"█": 2, "▀": 1, "▔": 0.5})
        self.scale = above[HEIGHT - 1].split()[0], below[HEIGHT - 1].split()[0]
        self.ticks = below[HEIGHT][MARGIN:]
        end = below.index("", HEIGHT)
        self.names = [line[MARGIN:] for line in below[HEIGHT + 1 : end]]
        self.shown = " ".join(" ".join(below[end:]).split())

    def _heights(self, rows: list[str], cells: dict[str, float]) -> list[float]:
        found = []
        for column in range(MARGIN, MARGIN + self.width):
            signs = [row[column] if column < len(row) else " " for row in rows]
            filled = "".join(signs).rstrip()
            assert " " not in filled, "a bar without holes"
            assert all(sign == "█" for sign in filled[:-1])
            # A question mark is no height.
            found.append(-1 if filled == "?" else sum(cells[sign] for sign in filled))
        return found


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_bars_are_as_high_as_the_numbers(name: str) -> None:
    """Defeats sides of one scale, turns left out, bars of the wrong side, and a bar of nothing for
    what is little."""
    summary = archcalc.load(name).summary()
    folding = Folding(summary.graph, summary.layers)
    rows = folding.rows(folding.best(), runs=False, parents=False)
    answer = call("summary", name, "--chart", "--width", "400")
    assert answer.code == 0, answer.err
    chart = Chart(answer.out)
    cell = (chart.width + 1) // len(rows) - 1
    assert cell >= 1
    for heights, quantity, scale in (
        (chart.above, "params", chart.scale[0]),
        (chart.below, "macs", chart.scale[1]),
    ):
        values = []
        for row in rows:
            if quantity == "params":
                values.append(sum(summary.params_of(layer) or 0 for layer in row.layers))
            else:
                values.append(sum(layer.facts.macs or 0 for layer in row.layers))
        total = summary.totals[quantity]
        assert sum(values) == total
        assert scale == f"{float(round(Fraction(max(values) * 100, total), 1)):.1f}%"
        for number, value in enumerate(values):
            start = number * (cell + 1)
            bar = set(heights[start : start + cell])
            if quantity == "macs" and any(at.facts.macs is None for at in rows[number].layers):
                assert -1 in bar
                continue
            expected = round(Fraction(value * 2 * HEIGHT, max(values))) or (0.5 if value else 0)
            assert bar == {expected}, rows[number].name
        # What is said of it.
        assert f"{total:,} {'parameters' if quantity == 'params' else 'MACs'}" in chart.shown
        assert f"most in {rows[values.index(max(values))].name}: {scale}" in chart.shown
        passed, shares = 0, {}
        for row, value in zip(rows, values, strict=True):
            passed += value
            for share in (Fraction(1, 2), Fraction(9, 10)):
                if share not in shares and passed >= share * total:
                    shares[share] = row.name
        half, nine = shares.values()
        both = f"half by {half}, nine tenths by {nine}"
        assert (both if half != nine else f"half and nine tenths by {half}") in chart.shown


@pytest.mark.parametrize("name", ["vgg16", "resnet50", "alexnet", "googlenet", "mobilenet_v2"])
@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_highest_bars_are_named(name: str, width: int) -> None:
    """Defeats names from the left as they fit, of which the bar to look at is none."""
    chart = Chart(call("summary", name, "--chart", "--width", str(width)).out)
    most = re.findall(r"most in (\S+):", chart.shown)
    assert len(most) == 2
    for side, wanted in zip((chart.above, chart.below), most, strict=True):
        top = side.index(2 * HEIGHT)
        end = top
        while end + 1 < len(side) and side[end + 1] == 2 * HEIGHT:
            end += 1
        found = [m.span() for line in chart.names for m in re.finditer(r"\S+", line) if m.group() == wanted]
        assert len(found) == 1, (wanted, chart.names)
        ((start, stop),) = found
        assert start == top or top <= stop - 1 <= end, "it begins or ends below its bar"
        assert chart.ticks[start if start == top else stop - 1] == "╵"


def test_names_stand_below_their_bars() -> None:
    chart = Chart(call("summary", "vgg16", "--chart", "--width", "80").out)
    names = [layer.name for layer in archcalc.load("vgg16").graph.layers if not layer.op.inline]
    (line,) = chart.names
    found = list(re.finditer(r"\S+", line))
    for match in found:
        assert names[match.start() // 3] == match.group()
        assert match.start() % 3 == 0
    assert [at for at, sign in enumerate(chart.ticks) if sign == "╵"] == [m.start() for m in found]


def test_more_rows_than_columns() -> None:
    """Bars of several rows still hold everything, and say what they are."""
    text = call("summary", "resnet152", "--chart", "--all", "--width", "60").out
    chart = Chart(text)
    assert chart.width == 52
    assert "a bar stands for up to 10 rows" in chart.shown
    assert "60,192,808 parameters" in chart.shown
    layers = archcalc.load("resnet152").graph.layers
    bins = [layers[start : start + 10] for start in range(0, len(layers), 10)]
    values = [sum(layer.facts.macs or 0 for layer in part) for part in bins]
    assert chart.below == [
        round(Fraction(value * 12, max(values))) or (0.5 if value else 0) for value in values
    ]


def test_what_has_no_rule_is_no_silent_nothing(mystery: str) -> None:
    text = call("summary", f"8x8x4 -> conv 1x1 4 -> {mystery} -> conv 1x1 4", "--chart").out
    assert text.count("?") == 2
    assert "≥ 40 parameters" in text
    assert "≥ 2,048 MACs" in text


def test_options_count_as_for_the_table() -> None:
    assert f"{15_470_264_320 * 8:,} MACs" in call("summary", "vgg16", "--chart", "--batch", "8").out
    assert "MACs of conv and fc, no bias, for a batch of 8" in call(
        "summary", "vgg16", "--chart", "--batch", "8"
    ).out.replace("\n", " ")
    assert "13,378,280 parameters" in call("summary", "googlenet", "--chart", "--with-heads").out
    one, two = (call("summary", "resnet18", "--chart", "--depth", d).out for d in "12")
    assert "depth 1 of 4" in one
    assert Chart(one).width < Chart(two).width
    assert "0 parameters\n" in call("summary", "8x8x3 -> relu", "--chart").out


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (["--format", "json"], "--chart does not go with --format json"),
        (["--format", "plain"], "--chart does not go with --format plain"),
        (["--columns", "params"], "--chart and --columns do not go together"),
        (["--fits", "1GiB"], "--chart and --fits do not go together"),
        (["--all", "--depth", "2"], "--all and --depth do not go together"),
    ],
)
def test_what_does_not_go_with_a_chart(extra: list[str], says: str) -> None:
    answer = call("summary", "vgg16", "--chart", *extra)
    assert answer.code == 2
    assert answer.out == ""
    assert says in answer.err
