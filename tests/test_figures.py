"""Each figure on each screen is the one in the JSON for that layer.

Tables are read back from the terminal, Markdown and LaTeX. Their rows hold every layer once, and
what a row is named after, a layer or a label, has the row's volume and field; its counts are those
of all its layers. Boxes, edges and outlines of pictures are held against the same records.
"""

from __future__ import annotations

import html
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from calling import call
from hypothesis import given, settings
from hypothesis import strategies as st
from random_blocks import block_networks
from random_networks import network_of
from reading import RULE, figure

import archcalc
from archcalc.language.library import Library
from archcalc.report.pictures.fields import outlines_of
from archcalc.report.pictures.graph import Picture
from archcalc.report.screens.folding import FoldedRow, Folding, every_layer
from archcalc.report.screens.rf import rows_of
from archcalc.report.words import field_size

ZOO = sorted(Library().zoo)


class Known:
    """What the JSON says of each layer, by name."""

    def __init__(self, target: str, *extra: str):
        self.target = target
        answer = call("summary", target, "--format", "json", *extra)
        assert answer.code == 0, answer.err
        self.json = json.loads(answer.out)
        self.layers = {layer["name"]: layer for layer in self.json["layers"]}
        given = self.json["input"]
        self.inputs = given if isinstance(given, dict) else None
        self.network = archcalc.load(target)
        self.heads = bool(extra)

    def field(self, name: str) -> str:
        """The receptive field as tables write it, from the JSON."""
        rf = self.layers[name]["rf"]
        if rf is not None and "size" not in rf:
            names = [source.name for source in self.network.graph.inputs if source.name in rf]
            rf = rf[names[0]] if names else None  # in the first input that is seen
        if rf is None:
            return "?"
        if rf["global"]:
            return "all"
        size = rf["size"]
        text = "x".join(map(str, size)) if len(set(size)) > 1 else str(size[0]) if size else ""
        marks = ("" if rf["aligned"] else "~") + ("*" if rf["gated"] else "")
        marks += "+" if rf.get("normed") else ""
        return text + marks if size else ""

    def of(self, row: FoldedRow) -> dict[str, object]:
        """What a row has to say, of its layers' records."""
        records = [self.layers[layer.name] for layer in row.layers]
        shown: dict[str, object] = {
            "output": "x".join(map(str, records[-1]["output"])),
            "RF": self.field(row.last.name),
        }
        for key, head in (("params", "parameters"), ("macs", "MACs")):
            values = [record[key] for record in records]
            shown[head] = None if None in values else sum(values)
        shown["memory"] = sum(record["activation_bytes"] for record in records)
        return shown


def is_of(row: FoldedRow, known: Known) -> None:
    """A row's name says what it stands for: the volume and field of that are the row's."""
    last = row.last.name
    core = row.layers[len(row.before) : len(row.layers) - len(row.after)]
    place = known.network.graph.labels.get(row.name)
    if len(core) == 1 and not row.opened:
        # What rides besides leaves the figures of the layer that the row is named after.
        named = core[0].name
    elif place is not None and place.tensor in row.layers:
        named = place.tensor.name
    else:
        return
    assert known.layers[named]["output"] == known.layers[last]["output"], (row.name, row.what)
    assert known.field(named) == known.field(last), (row.name, row.what)


def closed_rows(known: Known, rows: list[FoldedRow]) -> None:
    """Each layer is in one closed row, and in each opened row above that."""
    held = [layer.name for row in rows if not row.opened for layer in row.layers]
    assert held == list(known.layers), "every layer once, in the order of the text"
    for at, row in enumerate(rows):
        if row.opened:
            inside: list[str] = []
            for below in rows[at + 1 :]:
                if below.indent <= row.indent:
                    break
                if not below.opened:
                    inside += [layer.name for layer in below.layers]
            assert inside == [layer.name for layer in row.layers], row.name
        is_of(row, known)


def same(text: str, expected: object) -> bool:
    """Whether a cell says a number, in all its digits or in three."""
    if expected is None or text == "?":
        return text == "?" and expected is None
    assert isinstance(expected, int)
    value, slack = figure(text)
    return abs(value - expected) <= slack and (slack > 0 or value == expected)


# Reading the formats back ------------------------------------------------------------------------


def terminal_cells(text: str) -> tuple[list[str], list[list[str]]]:
    """Heads, and the cells of each row of the first table, without second lines of broken texts."""
    lines = text.splitlines()
    rules = [number for number, line in enumerate(lines) if RULE.match(line)]
    head = lines[rules[0] - 1]
    body = lines[rules[0] + 1 : rules[1] if len(rules) > 1 else lines.index("", rules[0])]
    heads = [match.group() for match in re.finditer(r"\S+", head)]
    spans = {match.group(): match.span() for match in re.finditer(r"\S+", head)}
    rows = []
    for line in body:
        cells = []
        for name in heads:
            start, end = spans[name]
            if name in ("layer", "what"):
                cells.append(line[start:].split("  ")[0].strip())
            else:
                blank = line[end - 1 : end].strip() == ""
                cells.append("" if blank else re.split(r"[\s│━╸╺╴╶]", line[:end])[-1])
        rows.append(cells)
    at = heads.index("output" if "output" in heads else "size")
    return heads, [cells for cells in rows if cells[at]]


def markdown_cells(text: str) -> tuple[list[str], list[list[str]]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    table = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    table = [[html.unescape(cell) for cell in row] for row in table]
    clean = [[re.sub(r"[*`\\\xa0\u2003]", "", cell) for cell in row] for row in table]
    # Stars are bold marks, and the sign of a gate: the latter is escaped.
    at = clean[0].index("RF") if "RF" in clean[0] else None
    for row, raw in zip(clean, table, strict=True):
        if at is not None:
            row[at] = raw[at].replace("\\", "")
    return clean[0], [row for row in clean[2:] if row[clean[0].index("output")]]


def latex_cells(text: str) -> tuple[list[str], list[list[str]]]:
    body = text.partition("\\midrule")[2].partition("\\midrule")[0]
    if "\\endhead" in text:
        body = text.partition("\\endfoot")[2].partition("\\midrule")[0]
    heads = text.partition("\\toprule\n")[2].partition(" \\\\")[0].split(" & ")
    rows = []
    for line in body.splitlines():
        if "&" not in line:
            continue
        bare = re.sub(r"\s*\\(\\|tabularnewline)\s*$", "", line.strip())
        bare = bare.replace("{,}", ",").replace("{*}", "*").replace("\\textless{}", "<")
        bare = re.sub(r"\\textbf\{([^}]*)\}|\\raggedright |\\quad ", r"\1", bare)
        bare = bare.replace("$\\times$", "x").replace("\\texttimes{}", "x")
        bare = bare.replace("\\textasciitilde{}", "~").replace("\\sim", "~").replace("\\,", "")
        rows.append([cell.replace("$", "").strip() for cell in re.split(r" & ?", bare)])
    return heads, [row for row in rows if row[heads.index("output")]]


# Comparing ---------------------------------------------------------------------------------------


def check_table(known: Known, rows: list[FoldedRow], heads: list[str], cells: list[list[str]]) -> None:
    """Every cell of a table says what the JSON does."""
    inputs = len(known.network.graph.inputs)
    assert len(cells) == inputs + len(rows)
    for row, found in zip(rows, cells[inputs:], strict=True):
        shown = dict(zip(heads, found, strict=True))
        expected = known.of(row)
        shape = shown["output"].replace("\u00d7", "x").replace("\\times", "x")
        assert shape.replace(" ", "") == expected["output"], (row.name, shown)
        for head in ("parameters", "params", "MACs"):
            if head in shown:
                key = "parameters" if head == "params" else head
                assert same(shown[head], expected[key]), (row.name, head, shown[head], expected)
        if "RF" in shown:
            field = shown["RF"].replace("\u00d7", "x").replace("\\times", "x").replace(" ", "")
            assert field == expected["RF"], (row.name, shown)
        if "memory" in shown:
            memory = expected["memory"]
            assert isinstance(memory, int)
            total = known.json["totals"]["activation_bytes"]
            unit = next((size for size in (2**20, 2**10) if total >= size), 1)
            text = shown["memory"].replace(",", "")
            if text.startswith("<"):
                assert 0 < memory / unit < float(text[1:])
            else:
                assert abs(float(text) - memory / unit) <= 0.005001, (row.name, text)


def rf_cells(known: Known, rows: list[FoldedRow], text: str) -> None:
    """The first table of `rf`."""
    heads, cells = terminal_cells(text + "\n\n")
    if len(known.network.graph.inputs) > 1:
        return  # a table an input
    assert len(cells) == 1 + len(rows)
    for row, found in zip(rows, cells[1:], strict=True):
        shown = dict(zip(heads, found, strict=False))
        expected = known.of(row)
        assert shown.get("output", expected["output"]) == expected["output"], row.name
        assert shown["size"] == expected["RF"], row.name


def check_pictures(known: Known) -> None:
    """Boxes hold the parameters of their layers, edges say the shape of the tensor they stand for,
    and no layer is lost."""
    graph = known.network.graph
    for options in ({}, {"all_layers": True}, {"depth": 1}):
        picture = Picture(graph, **options)  # type: ignore[arg-type]
        boxes = list(picture.root.boxes())
        inside = [layer.name for box in boxes for layer in box.layers]
        assert inside == [source.name for source in graph.inputs] + list(known.layers)
        for edge in picture.edges:
            name = edge.tensor.name
            sizes = known.layers[name]["output"] if name in known.layers else edge.tensor.output
            assert edge.lines[-1] == "x".join(map(str, sizes))
        for box in boxes:
            records = [known.layers[at.name] for at in box.layers if at.name in known.layers]
            values = [record["params"] for record in records]
            reported = [line for line in box.lines if line.endswith(" parameters")]
            if None in values:
                assert reported == ["? parameters"]
            elif sum(values):
                assert reported == [f"{sum(values):,} parameters"]
            else:
                assert not reported
    summary = known.network.summary()
    source = graph.inputs[0]
    if len(source.output.spatial) == 2:
        rows, _ = rows_of(summary, summary.layers, None, False)
        by_name = {layer.name: layer for layer in summary.layers}
        for outline in outlines_of(summary, rows, source):
            place = graph.labels.get(outline.name)
            # A label's first row may be called like its main layer.
            named = {outline.name, place.tensor.name if place is not None else outline.name}
            if named & by_name.keys() and len(graph.inputs) == 1:
                fields = {known.field(name) for name in named & by_name.keys()}
                assert field_size(outline.extent) in fields, outline.name


def check_screens(target: str, *extra: str, widths: tuple[int, ...] = (200, 80, 57)) -> None:
    known = Known(target, *extra)
    if not known.layers:
        return
    network = known.network
    summary = network.summary(with_heads=bool(extra))
    folding = Folding(network.graph, summary.layers)
    for depth in range(1, folding.levels + 1):
        closed_rows(known, folding.rows(depth))
        closed_rows(known, folding.rows(depth, runs=False))
        rows = folding.rows(depth, False, False)
        assert [at.name for row in rows for at in row.layers] == list(known.layers)
        for row in rows:
            is_of(row, known)
    usual = folding.rows(folding.best())
    for width in widths:
        text = call("summary", target, *extra, "--width", str(width)).out
        check_table(known, usual, *terminal_cells(text))
    everything = every_layer(summary.layers)
    if len(everything) <= 400:
        text = call("summary", target, *extra, "--all").out
        check_table(known, everything, *terminal_cells(text))
    for form, read in (("markdown", markdown_cells), ("latex", latex_cells)):
        check_table(known, usual, *read(call("summary", target, *extra, "--format", form).out))
    if not extra:
        rows, _ = rows_of(summary, summary.layers, None, False)
        for width in widths:
            rf_cells(known, rows, call("rf", target, "--width", str(width)).out)
        check_pictures(known)


@pytest.mark.slow
@pytest.mark.parametrize("network", ZOO)
def test_the_whole_zoo(network: str) -> None:
    """On a wide screen and on two others: each width is that of two networks in five, of every family."""
    turn = ZOO.index(network)
    narrow = (120, 100, 80, 57, 40)
    check_screens(network, widths=(200, narrow[turn % 5], narrow[(turn + 2) % 5]))
    if archcalc.load(network).graph.heads:
        check_screens(network, "--with-heads")


# Random networks ---------------------------------------------------------------------------------


class Writer:
    """A network with what tends to stand where it does not belong: flatten, reshape and activations
    between layers, behind labels and references, in branches, repeats and heads; shared layers."""

    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.number = 0

    def text(self) -> str:
        pick = self.random
        self.lines = [
            "block unit c",
            "  conv 3x3 c pad=1 bias=no",
            "  bn",
            "  relu",
            "",
            "block head_of n",
            "  flatten",
            "  fc n",
            "",
            "block late c",
            "  relu",
            "  conv 1x1 c",
            "  dropout 0.2",
            "",
            "net random",
            "  input 16x16x4",
        ]
        maps: list[str] = []
        shared: list[str] = []
        for number in range(pick.randint(3, 8)):
            if pick.random() < 0.2 and maps:
                self.write(f"@{pick.choice(maps)}")
            parts = [
                pick.choice(
                    [
                        "conv 3x3 4 pad=1",
                        "conv 1x1 4 -> relu",
                        "unit 4",
                        "late 4",
                        "relu",
                        "lrn 5",
                        "maxpool 3x3 stride=1 pad=1",
                        "dropout 0.1 -> conv 1x1 4",
                        "2 x unit 4",
                        "softmax",
                        "3 x late 4",
                        "reshape 16x16x4 -> relu",
                        "relu -> reshape 16x16x4",
                        "bn -> relu",
                    ]
                )
                for _ in range(pick.randint(1, 3))
            ]
            label = f"m{number}: " if pick.random() < 0.5 else ""
            if pick.random() < 0.15 and shared:
                self.write(f"s{number}: conv 3x3 4 pad=1 like={pick.choice(shared)}")
            elif pick.random() < 0.2:
                self.write(f"w{number}: conv 3x3 4 pad=1")
                shared.append(f"w{number}")
            self.write(label + " -> ".join(parts))
            if label:
                maps.append(f"m{number}")
            if pick.random() < 0.25:
                self.write("add")
                self.write("  | " + pick.choice(["relu", "conv 3x3 4 pad=1 -> relu", "unit 4"]))
                self.write("  | " + pick.choice(["identity", "relu -> conv 1x1 4", "dropout 0.3"]))
        if maps and pick.random() < 0.5:
            ending = pick.choice(
                [
                    "flatten -> fc 3",
                    "gap -> fc 3 -> softmax",
                    "conv 1x1 2 -> relu",
                    "head_of 3",
                    "flatten -> relu",
                    "relu",
                ]
            )
            self.write(f"main: {pick.choice(['relu', 'conv 1x1 4'])}")
            self.write(f"out side: {ending}")
            self.write("@main")
        self.write(
            pick.choice(
                [
                    "flatten -> fc 5",
                    "maxpool 2x2 -> flatten -> relu -> fc 5",
                    "gap -> flatten -> fc 5",
                    "reshape 1024 -> fc 5 -> relu",
                    "flatten",
                    "relu -> flatten -> softmax",
                    "head_of 5",
                    "conv 3x3 4 -> flatten -> dropout 0.5 -> fc 5 -> softmax",
                    "reshape 256x4 -> linear 3",
                    "f: flatten\n  fc 5",
                    "gap\n  relu\n  fc 5",
                    "2 x head_of 6",
                    "reshape 8x8x16 -> relu",
                ]
            )
        )
        return "\n".join(self.lines) + "\n"

    def write(self, line: str) -> None:
        self.lines.append(f"  {line}")


def random_targets(seeds: range, folder: Path) -> Iterator[str]:
    for seed in seeds:
        path = folder / f"r{seed}.arch"
        path.write_text(Writer(seed).text(), encoding="utf-8")
        yield str(path)


@pytest.mark.slow
def test_random_networks_with_flatten_and_the_like(tmp_path: Path) -> None:
    """Defeats a row that puts out what the flatten behind it does, an activation that rides on a
    layer it does not read, and sums of opened rows that leave out what rides on them."""
    for target in random_targets(range(25), tmp_path):
        check_screens(target, widths=(200, 60))
        if archcalc.load(target).graph.heads:
            check_screens(target, "--with-heads", widths=(100,))


@pytest.mark.slow
def test_more_random_networks(tmp_path: Path) -> None:
    for target in random_targets(range(100, 300), tmp_path):
        check_screens(target, widths=(200, 40))


@pytest.mark.slow
def test_random_networks_of_all_ops(tmp_path: Path) -> None:
    for seed in range(60):
        path = tmp_path / f"n{seed}.arch"
        path.write_text(network_of(seed, 14), encoding="utf-8")
        check_screens(str(path), widths=(200, 60))


@pytest.mark.slow
# The same networks in every run: rare ones, such as a label `shortcut` in a repeated block, still have a row
# whose name is not that of its last layer.
@settings(max_examples=60, deadline=None, derandomize=True)
@given(text=block_networks(), width=st.sampled_from([200, 80, 50]))
def test_random_blocks(text: str, width: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("blocks") / "b.arch"
    path.write_text(text, encoding="utf-8")
    check_screens(str(path), widths=(width,))


# By hand -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("between", ["flatten", "reshape 43264", "flatten -> relu"])
def test_a_shape_is_that_of_its_row(between: str) -> None:
    """By hand: 28 - 3 + 1 = 26, 64 filters, a field of 3; the vector stands with what reads it."""
    text = call("summary", f"28x28x1 -> conv 3x3 64 -> {between} -> fc 10").out
    heads, cells = terminal_cells(text)
    rows = {row[0]: dict(zip(heads, row, strict=True)) for row in cells}
    assert rows["conv1"]["output"] == "26x26x64"
    assert rows["conv1"]["RF"] == "3"
    assert rows["fc1"]["output"] == "10"
    assert rows["fc1"]["RF"] == "all"
    assert f"{between.replace(' -> ', ', ')}, fc 10" in text
    for command in ("rf", "draw"):
        assert "26x26x64" in call(command, f"28x28x1 -> conv 3x3 64 -> {between} -> fc 10").out


def test_an_activation_rides_on_what_it_reads(tmp_path: Path) -> None:
    """Defeats a relu of another tensor on the row above it, which then shows another volume."""
    path = tmp_path / "refs.arch"
    path.write_text(
        "net refs\n  input 32x32x3\n  a: conv 3x3 8\n  out b: conv 5x5 4 stride=2\n"
        "  @a\n  relu\n  c: conv 3x3 2\n",
        encoding="utf-8",
    )
    heads, cells = terminal_cells(call("summary", str(path), "--with-heads").out)
    rows = {row[0]: dict(zip(heads, row, strict=True)) for row in cells}
    assert rows["b"]["output"] == "13x13x4"
    assert rows["b"]["RF"] == "7"
    assert rows["c"]["output"] == "28x28x2"
    assert rows["c"]["what"].startswith("relu, conv")


def test_a_pooling_before_a_flatten_is_in_the_picture() -> None:
    """Defeats a picture of fields in which the row of the pool sees everything."""
    network = archcalc.load("28x28x1 -> conv 3x3 64 -> maxpool 2x2 -> flatten -> fc 10")
    summary = network.summary()
    rows, _ = rows_of(summary, summary.layers, None, False)
    outlines = outlines_of(summary, rows, network.graph.inputs[0])
    assert [(outline.name, outline.extent.size) for outline in outlines] == [
        ("conv1", (3, 3)),
        ("maxpool1", (4, 4)),
    ]


@pytest.mark.slow
def test_show_says_varies_where_calls_differ() -> None:
    """Defeats the shape of a shortcut's first call beside a line that is called with several: of
    resnet18's four stages the first alone puts out 56x56x64."""
    lines = call("show", "resnet18").out.splitlines()
    (shortcut,) = [line for line in lines if line.split("#")[0].strip().startswith("| shortcut")]
    assert shortcut.split()[-1] == "varies"
    for name in ZOO:
        known = json.loads(call("show", name, "--format", "json").out)
        found = [line["output"] for line in known["lines"] if "shortcut" in line["text"]]
        turns = [layer for layer in archcalc.load(name).graph.layers if "shortcut" in layer.text]
        if len({tuple(layer.output) for layer in turns}) > 1 and len(found) == 1:
            assert found == [None], name
