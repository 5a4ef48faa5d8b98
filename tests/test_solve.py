"""`archcalc solve`: what it finds is checked by `summary`, and by brute force that knows nothing of
its order, its pruning or its spaces."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from fractions import Fraction
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc import SpecError
from archcalc.language.conditions import Condition
from archcalc.quantities import COMPARED
from archcalc.solving.search import Candidate, Outcome, ordered, search


def totals(spec: str) -> dict[str, Any]:
    """What `summary` says of a chain or network."""
    found = json.loads(call("summary", spec, "--format", "json").out)
    return {**found["totals"], "output": found["layers"][-1]["output"]}


def solved(target: str, **options: Any) -> list[dict[str, Any]]:
    """The values of the answers, in order."""
    return [design.values for design in archcalc.solve(target, **options).answers]


# What it finds -----------------------------------------------------------------------------------


def test_the_issue_s_example() -> None:
    chain = "56x56x64 -> conv 3x3 128 stride=2 pad=? -> [28x28x128]"
    answer = call("solve", chain, "--format", "json")
    assert (answer.code, answer.err) == (0, "")
    found = json.loads(answer.out)
    assert [design["values"] for design in found["answers"]] == [{"pad": 1}, {"pad": "half"}, {"pad": "same"}]
    assert (found["tried"], found["space"], found["whole"]) == (35, 35, True)
    for design in found["answers"]:
        assert totals(design["spec"])["output"] == [28, 28, 128]


PUZZLES = [
    ("56x56x64 -> conv 3x3 128 stride=? pad=? -> [28x28x128]", None),
    ("28x28x3 -> conv ? 8 -> conv ? 8 -> [24x24x8]", None),
    ("32x32x3 -> conv 3x3 ? pad=1 -> maxpool 2x2 -> conv 3x3 ?", "params <= 3K and macs > 100K"),
    ("64x64x3 -> ? x (conv 3x3 8 dilation=2) -> gap -> fc 10", "rf >= 31 and params < 6K"),
    ("16x16x32 -> conv 3x3 64 groups=? pad=half bias=?", "params < 5K"),
    ("40x40x3 -> avgpool ? round=? -> [10x10x3]", None),
    ("8x8x3 -> conv 3x3 ? -> fc ?", "peak_bytes < 3KiB and not params < 500"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("target", "where"), PUZZLES)
def test_answers_hold(target: str, where: str | None) -> None:
    """Each answer, computed anew from its own text."""
    solution = archcalc.solve(target, where)
    assert solution.answers
    chosen = solution.answers[:: max(1, len(solution.answers) // 20)]
    for design in chosen:
        assert design.spec is not None
        assert "?" not in design.spec
        summary = archcalc.load(design.spec).summary()  # an assertion that fails would raise
        if where is not None:
            assert Condition(where, COMPARED)(Candidate(summary))
        assert summary.totals["params"] == design.to_dict(["params"])["params"]


SPACES: list[tuple[str, list[list[Any]], str | None]] = [
    (
        "24x24x4 -> conv 5x5 8 stride={} pad={} -> [12x12x8]",
        [list(range(1, 33)), [*range(33), "half", "same"]],
        None,
    ),
    (
        "12x12x3 -> conv {} 8 pad={} stride=2 -> maxpool 2x2 stride=1 -> [6x6x8]",
        [list(range(1, 33)), [*range(33), "half", "same"]],
        None,
    ),
    (
        "9x9x4 -> conv 3x3 {} bias=no -> conv 3x3 {} bias=no",
        [list(range(1, 28)), list(range(1, 110))],
        "params <= 1K and 900 < params",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("form", "spaces", "where"), SPACES)
def test_brute_force_finds_the_same(form: str, spaces: list[list[Any]], where: str | None) -> None:
    """Defeats a search that skips, that prunes what is no budget, or stops too early."""
    wanted = set()
    condition = Condition(where, COMPARED) if where is not None else None
    for values in itertools.product(*spaces):
        try:
            summary = archcalc.load(form.format(*values)).summary()
        except SpecError:
            continue
        if condition is None or condition(Candidate(summary)):
            wanted.add(values)
    found = [tuple(at.values()) for at in solved(form.format(*"?" * len(spaces)), where=where, limit=60_000)]
    assert set(found) == wanted
    assert len(found) == len(set(found))


def test_smallest_change_first() -> None:
    """Defaults before all, then numbers by distance, words last; several `?` by the sum."""
    answers = solved("8x8x4 -> conv 3x3 4 stride=? pad=?", where="params > 0")
    places = [
        (at["stride"] - 1, at["pad"] if isinstance(at["pad"], int) else 33 + (at["pad"] == "same"))
        for at in answers
    ]
    assert places == sorted(places, key=lambda at: (sum(at), at))
    assert places[0] == (0, 0)
    widths = [
        at["width"]
        for at in solved("mobilenet_v2", where="params > 0 and depth > 0", set={"width": "?"}, limit=9)
    ]
    assert widths[0] == 1
    assert widths == sorted(widths, key=lambda width: (abs(width - 1), width))


@pytest.mark.slow
def test_a_width_of_the_zoo() -> None:
    """The widest that meets a budget comes first, as it is nearest to the network as it is."""
    solution = archcalc.solve("mobilenet_v2", "params <= 2M", {"width": "?", "classes": 100})
    best = solution.answers[0]
    width = best.values["width"]
    assert width < 1
    fits = archcalc.load("mobilenet_v2", width=width, classes=100).summary().totals["params"]
    more = archcalc.load("mobilenet_v2", width=width + Fraction(1, 20), classes=100)
    assert fits == best.record["params"] <= 2_000_000 < more.summary().totals["params"]
    text = call("solve", "mobilenet_v2", "--set", "width=?", "--where", "macs < 100M").out
    assert "0.5 " in text.splitlines()[4]


def test_parameters_of_other_kinds() -> None:
    classes = solved("lenet5_modern", where="params <= 61K", set={"classes": "?"})
    assert classes[0] == {"classes": 1} if len(classes) == 1 else classes[0]["classes"] < 10
    with pytest.raises(SpecError, match="has no parameter `widht`"):
        archcalc.solve("mobilenet_v2", "params < 1M", {"widht": "?"})


def test_none_meets_it_and_what_comes_nearest() -> None:
    chain = "32x32x3 -> conv 5x5 10 pad=? -> [27x27x10]"
    answer = call("solve", chain, "--format", "json")
    found = json.loads(answer.out)
    assert answer.code == 1
    assert found["answers"] == []
    distances = [abs(27 - design["output"][0]) for design in found["nearest"]]
    assert distances[0] == 1
    assert distances == sorted(distances)
    screen = call("solve", "32x32x3 -> conv 5x5 10", "--where", "params < 3")
    assert screen.code == 2, "nothing is asked"
    screen = call("solve", "32x32x3 -> conv 5x5 ?", "--where", "params < 3")
    assert screen.code == 1
    assert "none meets it up to " in screen.out
    assert screen.out.splitlines()[4].split()[:3] == ["1", "28x28x1", "76"]


def test_nearest_is_measured_by_shares() -> None:
    """4 bytes short of a peak is nearer than 4 pixels short of a field."""
    condition = Condition("macs <= 1M and rf >= 31", COMPARED)
    near = {"macs": 1_000_004, "rf": 31}
    far = {"macs": 1_000_000, "rf": 27}
    assert 0 < condition.gap(near) < condition.gap(far)
    assert condition.gap({"macs": 10, "rf": 31}) == 0
    either = Condition("macs <= 1M or rf >= 31", COMPARED)
    assert either.gap({"macs": 2_000_000, "rf": 30}) == Fraction(1, 31)
    assert Condition("not rf > 3", COMPARED).gap({"rf": 4}) > 0
    assert Condition("rf < 4", COMPARED).gap({"rf": 4}) > 0, "just missed is missed"


@pytest.mark.parametrize(
    ("text", "lost"),
    [
        ("params < 9", True),
        ("9 > params", True),
        ("params <= 9 and macs > 100", True),
        ("params < 9 or macs < 9", False),
        ("params < 9 or params < 10", True),
        ("not params < 9", False),
        ("not params > 9", False),
        ("params > 100", False),
        ("params < macs", False),
        ("params / 2 < 9", False),
        ("1 < params < 9", True),
    ],
)
def test_what_is_lost(text: str, lost: bool) -> None:
    """Lost is what more of everything cannot mend: never what it might."""
    assert Condition(text, COMPARED).lost({"params": 50, "macs": 5}) is lost


def test_what_is_ruled_out_is_not_tried() -> None:
    """A budget ends the search along filters; a floor, or a repeat, does not."""
    chain = "56x56x64 -> conv 3x3 ? -> conv 3x3 ?"
    solution = archcalc.solve(chain, "params <= 5K")
    assert solution.whole
    assert solution.tried < 20_000 < solution.space
    counts = {
        (a, b) for a in range(1, 12) for b in range(1, 1025) if (9 * 64 + 1) * a + (9 * a + 1) * b <= 5000
    }
    assert {tuple(at.values.values()) for at in solution.answers} == counts
    assert archcalc.solve("8x8x4 -> conv 3x3 ?", "params >= 5K").tried == 1024
    shown = call("solve", chain, "--where", "params <= 5K").out
    assert "ruled out the others by bounds" in " ".join(shown.split())


def test_where_more_filters_may_be_fewer_parameters_nothing_is_ruled_out() -> None:
    """A shortcut projects at every width but its own: the budget is met there and beyond it not."""
    chain = "8x8x16 -> add\n  | conv 1x1 ? bias=no\n  | shortcut"
    found = archcalc.solve(chain, "params < 300 and params > 200").answers
    assert {"filters": 16} in [at.values for at in found]


def test_limit() -> None:
    solution = archcalc.solve("8x8x4 -> conv ? ? pad=?", "rf >= 3", limit=50)
    assert (solution.tried, solution.whole) == (50, False)
    answer = call("solve", "8x8x4 -> conv ? ? pad=?", "--where", "rf >= 3", "--limit", "50")
    shown = "tried 50 of 1,146,880 designs, the least changes: --limit sets another number"
    assert shown in " ".join(answer.out.split())


def test_counts_that_are_asserted_are_looked_at() -> None:
    assert solved("4x4x8 -> conv 1x1 ? -> [4x4x7777]") == [{"filters": 7777}]


def test_order_of_a_product() -> None:
    order = list(ordered([3, 4, 2]))
    assert sorted(order) == sorted(itertools.product(range(3), range(4), range(2)))
    assert order == sorted(order, key=lambda at: (sum(at), at))
    assert list(ordered([3, 0])) == []


def test_what_is_no_network_is_passed_over() -> None:
    def attempt(values: tuple[Any, ...]) -> Outcome | None:
        return None if values[0] % 2 else Outcome(Fraction(abs(values[0] - 9)), False, values[0])

    found = search([range(20)], [False], attempt, 100, keep=2)
    assert (found.tried, found.refused, found.whole) == (20, 10, True)
    assert [values for values, _ in found.nearest] == [(8,), (10,)]


@pytest.mark.parametrize("target", ["vgg16", "mobilenet_v2", "8x8x3 -> fc 10", "20x1 -> lstm 4"])
def test_quantities_are_the_summary_s(target: str) -> None:
    summary = archcalc.load(target).summary(batch=2, dtype="fp16")
    record = Candidate(summary)
    for name in COMPARED:
        if name in summary.totals.get("at_least", ()):
            assert record[name] is None
        elif name in summary.totals and name != "operations":
            assert record[name] == summary.totals[name]


def test_lower_bounds_meet_no_budget(mystery: str) -> None:
    """Silence is never zero."""
    solution = archcalc.solve(f"8x8x3 -> conv 3x3 ? -> {mystery}", "params < 1M", limit=20)
    assert solution.answers == []
    assert solution.nearest[0].record["params"] is None


# Screens, formats, errors ------------------------------------------------------------------------


def test_screen() -> None:
    text = call("solve", "9x9x4 -> conv 3x3 ?", "--where", "params <= 1K", "--width", "80").out
    lines = text.splitlines()
    assert lines[0] == "9x9x4 -> conv 3x3 ?"
    assert lines[2].split() == ["filters", "output", "parameters", "MACs", "RF"]
    assert len([line for line in lines if line.startswith("     ") and "7x7x" in line]) == 10
    assert "the first 10 of 27 that meet it: --all shows them" in text
    assert "between    filters 1..27" in text
    all_of_it = call("solve", "9x9x4 -> conv 3x3 ?", "--where", "params <= 1K", "--all").out
    assert all_of_it.count("7x7x") == 27
    assert max(map(len, lines)) <= 80


def test_one_answer_is_written_out() -> None:
    text = call("solve", "4x4x8 -> conv 1x1 ? -> [4x4x7]").out
    assert "spec       4x4x8 -> conv 1x1 7 -> [4x4x7]" in text


@pytest.mark.parametrize("form", ["plain", "csv"])
def test_flat(form: str) -> None:
    lines = call(
        "solve", "9x9x4 -> conv 3x3 ? pad=?", "--where", "peak_bytes <= 2K and rf < 4", "--format", form
    ).out.splitlines()
    sign = "\t" if form == "plain" else ","
    assert lines[0].split(sign) == [
        "verdict",
        "filters",
        "pad",
        "output",
        "params",
        "macs",
        "rf",
        "peak_bytes",
        "spec",
        "misses",
    ]
    assert lines[1].split(sign)[:4] == ["meets", "1", "0", "7x7x1"]


def test_documents() -> None:
    asked = "9x9x4 -> conv 3x3 ?", "--where", "params <= 1K"
    assert "filters 1..27" in call("solve", *asked, "--format", "markdown").out
    assert "\\toprule" in call("solve", *asked, "--format", "latex").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["8x8x3 -> conv 3x3 8"], "nothing is asked"),
        (["8x8x3 -> conv 3x3 ?"], "nothing is demanded"),
        (["vgg16", "--where", "params < 1M"], "nothing is asked"),
        (["8x8x3 -> conv ?x3 8 -> [6x6x8]"], "a `?` stands for a value of a layer"),
        (["8x8x3 -> ? 3x3 8 -> [6x6x8]"], "a `?` stands for a value of a layer"),
        (["8x8x3 -> ?: conv 3x3 8 -> [6x6x8]"], "a `?` stands for a value of a layer"),
        (["8x8x3 -> dropout ? -> [8x8x3]"], "there is nothing to look through"),
        (["8x8x3 -> covn 3x3 ? -> [8x8x3]"], "did you mean `conv`?"),
        (["8x8x3 -> conv 9x9 ? -> [8x8x3]"], "larger than the input"),
        (["8x8x3 -> conv 3x3 ?", "--where", "parms < 3"], "did you mean `params`?"),
        (["8x8x3 -> conv 3x3 ?", "--where", "params < 3", "--input", "9x9x3"], "begins with its"),
        (["8x8x3 -> conv 3x3 ?", "--where", "params <"], "the condition ends"),
    ],
)
def test_errors(arguments: list[str], message: str) -> None:
    answer = call("solve", *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["summary", "8x8x3 -> conv 3x3 ?"],
        ["rf", "8x8x3 -> conv 3x3 8 pad=?"],
        ["summary", "mobilenet_v2", "--set", "width=?"],
    ],
)
def test_elsewhere_it_is_an_error_that_names_solve(arguments: list[str]) -> None:
    answer = call(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert answer.err.count("error[") == 1
    assert "= help: archcalc solve finds the value of a `?`" in answer.err


def test_a_comment_may_ask() -> None:
    chain = "8x8x3 -> conv 3x3 ?   # how many?\n-> [6x6x5]"
    assert solved(chain) == [{"filters": 5}]


# Ranges that grow -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "where", "name", "value"),
    [
        ("100x100x1 -> conv ? 100 -> [1x1x100]", None, "kernel", 100),
        ("224x224x1 -> ? x conv 3x3 1 pad=1", "rf >= 224", "turns", 112),
        ("1000x1 -> conv 2 1 dilation=?", "rf >= 100", "dilation", 99),
        ("9x9x1 -> conv 3x3 ?", "params >= 123_456", "filters", 12_346),
        ("9x9x1 -> conv 3x3 ? bias=no", "params = 90_000", "filters", 10_000),
        ("40x40x1 -> conv 3x3 1 pad=? stride=4 -> [151x151x1]", None, "pad", 282),
        ("8x8x3 -> conv 3x3 4 groups=1 -> fc ?", "units = 5_144", "units", 5_000),
    ],
)
def test_ranges_grow_while_larger_comes_nearer(target: str, where: str | None, name: str, value: int) -> None:
    """The smallest number that meets the demand, beyond the first range. Defeats a search that says
    `none` at its own end, and one that leaps over the smallest."""
    solution = archcalc.solve(target, where)
    assert solution.widened
    assert solution.answers[0].values[name] == value
    assert solution.tried < 5000


def test_a_parameter_s_range_grows() -> None:
    """120·84 and more lie before it; a class takes 85 parameters."""
    wide = archcalc.solve("lenet5_modern", "params >= 100K", {"classes": "?"})
    assert wide.widened
    assert wide.answers[0].values["classes"] == 461
    assert wide.answers[0].record["params"] == 60_856 + 85 * 461


def test_none_says_how_far_it_looked() -> None:
    """What comes no nearer is not looked at for ever, and `none` names the end."""
    answer = call("solve", "28x28x1 -> conv ? 4 -> [40x40x4]")
    assert answer.code == 1
    shown = " ".join(answer.out.split())
    assert "none meets it up to kernel 32; these come nearest" in shown
    assert "--up-to N looks further" in shown
    endless = archcalc.solve("20x20x1 -> ? x relu", "rf >= 1000")
    assert endless.answers == []
    assert endless.tried < 5000


def test_up_to() -> None:
    """The range is the option's: no further, and no less."""
    chain = "100x100x1 -> conv ? 100 -> [1x1x100]"
    assert call("solve", chain, "--up-to", "99").code == 1
    found = json.loads(call("solve", chain, "--up-to", "100", "--format", "json").out)
    assert [one["values"] for one in found["answers"]] == [{"kernel": 100}]
    assert found["asked"] == [{"name": "kernel", "looked": "1..100", "values": 100}]
    assert not found["widened"]
    assert call("solve", chain, "--up-to", "0").code == 2


@pytest.mark.slow
def test_memory_is_flat() -> None:
    """Designs let go of their networks. Defeats answers that keep every graph, in a process that
    does not look for cycles."""
    script = (
        "import resource, sys; from archcalc.cli import main\n"
        "def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "sys.argv = ['archcalc', 'solve', 'nasnet_mobile', '--set', 'classes=?', '--where',\n"
        "            sys.argv[1], '--limit', sys.argv[2]]\n"
        "try: main()\n"
        "except SystemExit: print(peak(), file=sys.stderr)\n"
    )
    peaks = []
    for where, limit in (("params > 1", "20"), ("params > 1", "60"), ("params < 1", "60")):
        done = subprocess.run(
            [sys.executable, "-c", script, where, limit], check=True, capture_output=True, text=True
        )
        peaks.append(int(done.stderr.split()[-1]))
    assert max(peaks) < peaks[0] + 12_000, "KiB; every network takes 250 and more"


def test_an_input_that_looks_channels_first() -> None:
    """Sizes have one order here, and a note or the error says so. Defeats silence."""
    question = "the input is read as 3x224x224, channels last: is it 224x224x3?"
    found = call("solve", "3x224x224 -> conv 3x3 8 pad=? -> [8x224x224]")
    assert question in found.err
    assert "--layout" not in found.err, "solve has no such option"
    refused = call("solve", "3x224x224 -> conv 5x5 8 -> maxpool 2x2 stride=? -> [8x112x112]")
    assert refused.code == 2
    assert question in refused.err
    assert not call("solve", "56x56x64 -> conv 3x3 8 stride=? -> [27x27x8]").err.count("channels")


def test_an_input_without_a_size() -> None:
    found = call("solve", "?x?x3 -> conv 3x3 8", "--where", "macs < 1M", "--format", "json")
    assert json.loads(found.out)["answers"][-1]["values"] == {"input": 70}  # 68·68·216 = 998,784
