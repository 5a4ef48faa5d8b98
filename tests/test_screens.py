"""Screens as they are, kept in ``golden/``, and what holds of every screen.

After a change that was meant, write them anew and look at the difference:

    python tests/test_screens.py && git diff tests/golden
"""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path

import pytest
from calling import call
from reading import RULE, UNITS, Screen

from archcalc.language.library import Library
from archcalc.ops import registry

GOLDEN = Path(__file__).parent / "golden"
pytestmark = pytest.mark.usefixtures("zoo_kept")

UNKNOWN_LAYER = """\
net small
  input 32x32x3
  conv1: conv 3x3 16 pad=1 -> relu
  pool1: maxpol 2x2
  fc 10
"""
BRANCHES_DIFFER = """\
block unit c
  add
    | conv 3x3 c stride=2 pad=1 -> bn
    | identity

net small
  input 56x56x64
  unit 128
  gap
"""
DOES_NOT_FIT = """\
net small
  input 7x7x512
  conv 3x3 16 stride=3 round=exact
"""
# Name of the file, arguments, standard input.
CALLS = {
    "summary-vgg16": "summary vgg16",
    "summary-resnet50": "summary resnet50",
    "summary-resnet50-depth3": "summary resnet50 --depth 3",
    "summary-googlenet": "summary googlenet",
    "summary-googlenet-heads": "summary googlenet --with-heads",
    "summary-nasnet_mobile": "summary nasnet_mobile",
    "summary-lenet5": "summary lenet5",
    "summary-vgg16-chart": "summary vgg16 --chart",
    "summary-resnet50-chart": "summary resnet50 --chart",
    "summary-resnet20_cifar-keras": "summary resnet20_cifar --like keras",
    "summary-squeezenet1_1-torchinfo": "summary squeezenet1_1 --like torchinfo",
    "rf-resnet18": "rf resnet18",
    "rf-resnet152": "rf resnet152",
    "rf-nasnet_mobile": "rf nasnet_mobile",
    "rf-vgg16-at-3-3": "rf vgg16 pool5 --at 3,3",
    "rf-vgg16-at-0-1": "rf vgg16 pool5 --at 0,1",
    "time-vgg16": "time vgg16 --on h100 --measured 1.5ms",
    "time-mobilenet_v2": "time mobilenet_v2 --on orin --dtype fp16 --fused --depth 1",
    "time-alexnet-all": "time alexnet --on cpu --all",
    "time-batches": "time alexnet --on a100 --dtype fp16 --batch 1..256",
    "compare": "compare resnet50 vgg16 mobilenet_v2",
    "compare-two-inputs": "compare alexnet vgg16 googlenet lenet5",
    "compare-layers-resnet50": "compare resnet50 resnet50_v1 --layers",
    "compare-layers-vgg16": "compare vgg16 vgg16_bn --layers",
    "compare-layers-resnet34": "compare resnet18 resnet34_a --layers",
    "compare-layers-mobilenet": "compare mobilenet_v2 mobilenet_v2 --set 2:width=0.5 --layers --depth 1",
    "sweep-mobilenet_v2": "sweep mobilenet_v2 --set width=0.5..1.4:0.3 --set expansion=2..6:2 "
    "--set input={128,224} --where macs<200M --pareto=-params,macs",
    "sweep-vgg16": "sweep vgg16 --set input=16..64:8 --sort=-macs --top 3 --columns params,peak,saved",
    "sweep-vgg16-refused": "sweep vgg16 --set input=8..48:8 --refused",
    "list": "list",
    "show-resnet18": "show resnet18",
    "ops-conv": "ops conv",
    "explain-alexnet-conv1": "explain alexnet conv1",
    "explain-googlenet-3b-rf": "explain googlenet inception_3b.conv3 rf",
    "explain-vgg16": "explain vgg16",
    "explain-resnet50-macs": "explain resnet50 macs",
}
ERRORS = {
    "error-unknown-layer": UNKNOWN_LAYER,
    "error-branches-differ": BRANCHES_DIFFER,
    "error-does-not-fit": DOES_NOT_FIT,
}
SIZES = {"80": 80, "120": 120, "natural": None, "ascii": 80}
DOCUMENTS = [
    "summary-lenet5",
    "summary-resnet50",
    "rf-resnet18",
    "time-vgg16",
    "time-batches",
    "explain-alexnet-conv1",
    "explain-googlenet-3b-rf",
    "compare",
    "compare-layers-resnet50",
    "sweep-mobilenet_v2",
]
SCREENS = [
    f"{name}.{size}"
    for name, size in [
        *product(CALLS, SIZES),
        *product(ERRORS, ("natural", "ascii")),
        *product(DOCUMENTS, ("markdown", "latex")),
    ]
]


def screen(name: str) -> str:
    """The screen of that name, as it is now."""
    case, _, size = name.rpartition(".")
    encoding = "ascii" if size == "ascii" else "utf-8"
    if case in ERRORS:
        answer = call("summary", "-", stdin=ERRORS[case], encoding=encoding)
        assert answer.code == 2
        assert answer.out == ""
        return answer.err
    if size in SIZES:
        how = [] if SIZES[size] is None else ["--width", str(SIZES[size])]
    else:
        how = ["--format", size]
    answer = call(*CALLS[case].split(), *how, encoding=encoding)
    assert answer.code == 0, answer.err
    assert answer.err == ""
    return answer.out


@pytest.mark.parametrize("name", SCREENS)
def test_golden(name: str) -> None:
    text = screen(name)
    assert text == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")
    assert text == screen(name), "the same call gives the same bytes"
    size = name.rpartition(".")[2]
    # A spec's own lines are never wrapped.
    wide = SIZES.get(size) if not name.startswith(("show", "error")) else None
    check(text, wide, ascii=size in ("ascii", "latex"))


@pytest.mark.parametrize("size", SIZES)
def test_ops_lists_every_op(size: str) -> None:
    """Not golden: a layer is added by writing its class, and nothing else has to be touched."""
    encoding = "ascii" if size == "ascii" else "utf-8"
    width = [] if SIZES[size] is None else ["--width", str(SIZES[size])]
    text = call("ops", *width, encoding=encoding).out
    check(text, SIZES[size], ascii=size == "ascii")
    entries = re.findall(r"^  (\w+) ", text, re.MULTILINE)
    assert set(entries) >= {*registry(), *Library().blocks}
    assert len(entries) == len(set(entries))


def test_nothing_else_is_golden() -> None:
    found = [at.name for at in GOLDEN.iterdir() if at.is_file() and not at.name.startswith("export-")]
    assert sorted(found) == sorted(f"{n}.txt" for n in SCREENS)


def check(text: str, width: int | None, ascii: bool = False) -> None:
    """What holds of every screen."""
    assert text.endswith("\n")
    for line in text.split("\n"):
        assert line == line.rstrip(), f"spaces at the end of {line!r}"
        assert width is None or len(line) <= width, f"wider than {width}: {line!r}"
        assert line.isprintable(), line
        assert line.isascii() or not ascii, line
    if "\nmemory     parameters" in text:
        check_summary(text, ascii)


def check_summary(text: str, ascii: bool = False) -> None:
    """What holds of every summary: it adds up, and its footers name what is on screen."""
    seen = Screen(text)
    seen.check_sums()
    below = "\n".join(seen.foot)
    assert ("MACs of conv and fc" in below) == ("MACs" in seen.heads)
    assert ("RF: receptive field" in below) == ("RF" in seen.heads)
    if "RF" in seen.heads:
        fields = [seen.cell(line, "RF") for _, line in seen.rows]
        assert ("~ paths" in below) == any("~" in field for field in fields)
    left = re.search(r"left out at \d+ columns: (.*?)( ·|,|)\s--width \d+ shows all", below, re.S)
    gone = left.group(1).replace("\n", " ").split(", ") if left else []
    gone = [name.strip() for name in gone]
    order = [
        "bars",
        "digits of MACs",
        "digits of parameters",
        "memory",
        "activations",
        "RF",
        "MACs",
        "parameters",
    ]
    assert gone == [name for name in order if name in gone]
    for name in ("MACs", "parameters", "memory", "RF"):
        heads = {name, "params"} if name == "parameters" else {name}
        assert bool(heads & set(seen.heads)) != (name in gone)
    assert "what" in seen.heads, "settings are what a summary is read for"
    for name in ("MACs", "parameters"):
        short = f"digits of {name}" in gone
        assert ("\ntotal      " in "\n" + below) or not short, "the exact totals stay"
        head = "params" if name == "parameters" and short else name
        if head in seen.heads:
            cells = [seen.cell(line, head) for _, line in seen.rows]
            assert short or not any(cell[-1:] in UNITS for cell in cells if cell)
    axis = "|" if ascii else "│"
    assert ("bars" in gone) != any(axis in line for _, line in seen.rows)
    if "bars" not in gone:
        check_bars(seen, ascii)


def check_bars(seen: Screen, ascii: bool) -> None:
    """Opened rows have no bars, others one for each number above zero, longest for the largest."""
    axis = "|" if ascii else "│"
    for head, side in (("parameters", 0), ("MACs", 1)):
        column = seen.column(head)
        longest: dict[float, int] = {}
        for at, ((indent, value), (_, line)) in enumerate(zip(column, seen.rows, strict=True)):
            half_bar = line.partition(axis)[2 * side]
            half_bar = re.sub(r"[^━╸╺╴╶=-]", "", half_bar[-10:] if side == 0 else half_bar[:9])
            opened = at + 1 < len(column) and column[at + 1][0] > indent
            assert bool(half_bar) == bool(value and not opened), line
            if value and not opened:
                longest[value] = sum(2 if sign == "━" else sign in "╸╺" for sign in half_bar)
        ordered = [longest[value] for value in sorted(longest)]
        assert ascii or ordered == sorted(ordered), "a larger number has no shorter bar"


ZOO = ["lenet5", "alexnet_grouped", "vgg16", "googlenet", "resnet18", "resnet152", "nasnet_mobile"]


@pytest.mark.slow
@pytest.mark.parametrize("network", ZOO)
@pytest.mark.parametrize("width", [40, 57, 80, 99, 120, None])
def test_every_depth_and_width(network: str, width: int | None) -> None:
    columns = ["--width", str(width)] if width is not None else []
    for how in (["--depth", "1"], ["--depth", "3"], ["--depth", "9"], ["--all"], ["--with-heads"]):
        for encoding in ("utf-8", "ascii"):
            answer = call("summary", network, *columns, *how, encoding=encoding)
            assert answer.code == 0
            # Names are never given up, and with them the figure is.
            names = 30 if network in ("googlenet", "nasnet_mobile", "resnet152") else 0
            table = max(len(line) for line in answer.out.split("\n") if RULE.match(line))
            check(answer.out, None if width is None else max(width, table, names), ascii=encoding == "ascii")
            if width is not None and width >= 80:
                assert table <= width
    rf = call("rf", network, *columns, "--depth", "2")
    check(rf.out, width if width is None or width >= 57 else None)


def write() -> None:
    """Write all screens as they are now."""
    GOLDEN.mkdir(exist_ok=True)
    for path in GOLDEN.glob("*.txt"):
        path.unlink()
    for name in SCREENS:
        (GOLDEN / f"{name}.txt").write_text(screen(name), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
