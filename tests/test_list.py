"""`archcalc list`: which networks are chosen, in what order, and what a wrong condition is told."""

from __future__ import annotations

import csv
import json
import operator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from calling import call

import archcalc
from archcalc.counters import count, profile
from archcalc.diagnostics import SpecError
from archcalc.language.conditions import Condition
from archcalc.report.screens.list import NUMBERS, TEXTS

pytestmark = pytest.mark.usefixtures("zoo_kept")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the zoo is computed once."""
    return {"ARCHCALC_CACHE": "on", "XDG_CACHE_HOME": str(tmp_path_factory.mktemp("cache"))}


@pytest.fixture(scope="module")
def whole(cache: dict[str, str]) -> list[dict[str, Any]]:
    """All entries."""
    found: list[dict[str, Any]] = json.loads(call("list", "--format", "json", **cache).out)
    return found


def chosen(cache: dict[str, str], *options: str) -> list[str]:
    """Names of the networks that a call lists."""
    found = call("list", "--format", "json", *options, **cache)
    assert (found.code, found.err) == (0, "")
    return [entry["name"] for entry in json.loads(found.out)]


# Networks ---------------------------------------------------------------------------------------


def test_of_the_issue(cache: dict[str, str], whole: list[dict[str, Any]]) -> None:
    """Against the JSON itself. Defeats a suffix of 2^30, `<=` taken for `<`, `and` for `or`, and a
    network without a year that passes for an old one."""
    found = chosen(cache, "--where", "macs < 1G and year <= 2016")
    wanted = [
        entry["name"]
        for entry in whole
        if entry["totals"]["macs"] < 10**9 and entry["year"] and entry["year"] <= 2016
    ]
    assert found == wanted
    assert {"squeezenet1_1", "lenet5", "caffenet"} <= set(found)
    assert {"mobilenet", "vgg16", "mlp_400"}.isdisjoint(found)


@pytest.mark.slow
def test_every_quantity_is_that_of_the_json(cache: dict[str, str], whole: list[dict[str, Any]]) -> None:
    """Each quantity, at the median of its values. Defeats two that are swapped."""
    for name in NUMBERS:
        values = {}
        for entry in whole:
            field = entry["rf"]
            values[entry["name"]] = (
                (max(field["size"], default=None) if field else None)
                if name == "rf"
                else entry["totals"].get(name, entry.get(name))
            )
        known = sorted(value for value in values.values() if value is not None)
        middle = known[len(known) // 2]
        for sign, holds in (("<", operator.lt), (">=", operator.ge), ("=", operator.eq)):
            wanted = [n for n, v in values.items() if v is not None and holds(v, middle)]
            assert chosen(cache, "--where", f"{name} {sign} {middle}") == wanted, name


def test_accuracy_is_accuracy(whole: list[dict[str, Any]]) -> None:
    """Papers print errors too. Defeats a network of 24 % error that ranks below all others, and
    100 - 8.75 in binary."""
    known = {entry["name"]: (entry["top1"], entry["top5"]) for entry in whole}
    assert known["resnet50"] == ("76.13", "92.862")
    assert known["resnet50_v1"] == ("77.15", "93.29")
    assert known["resnet20_cifar"] == ("91.25", None)
    assert known["mlp_400"] == (None, None)
    # Of ten crops and of one, that of one, as `compare` has it.
    assert known["resnet34"] == ("73.314", "91.420")
    for entry in whole:
        for quantity, number in entry["accuracies"].items():
            text = entry[quantity]
            assert (number is None) == (text is None), entry["name"]
            assert number is None or (isinstance(number, float) and number == float(text))
    compared = json.loads(call("compare", "resnet34", "zfnet", "--format", "json").out)["networks"]
    reported = {entry["name"]: entry["top1"] for entry in whole}
    assert [each["top1"]["accuracy"] for each in compared] == [reported["resnet34"], reported["zfnet"]]


def test_families(cache: dict[str, str]) -> None:
    """Texts are compared as `--family` spells them."""
    for spelled in ("resnet", "ResNet", "RES_NET", "'res-net'", '"resnet"'):
        assert chosen(cache, "--where", f"family = {spelled}") == chosen(cache, "--family", "resnet")
    both = chosen(cache, "--where", "family = vgg or name = 'ResNet-50'")
    norms = ["vgg11_bn", "vgg13_bn", "vgg16_bn", "vgg19_bn"]
    assert both == ["vgg11", "vgg13", "vgg16", "vgg19", *norms, "resnet50"]
    assert chosen(cache, "--family", "vgg", "--where", "name != vgg16") == ["vgg11", "vgg13", "vgg19", *norms]
    nothing = call("list", "--where", "params < 1", **cache)
    assert (nothing.code, "0 networks" in nothing.out) == (0, True)


def test_what_is_asked_about_is_shown(cache: dict[str, str]) -> None:
    """A quantity of a condition has a column; one that has it already, no second."""
    screen = call("list", "--where", "top1 > 76 and macs > 1G", **cache).out.split("\n")
    head = screen[0].split()
    assert head == ["name", "which", "input", "parameters", "MACs", "RF", "top1"]
    assert next(line for line in screen if line.startswith("  resnet50 ")).endswith(" 76.13")
    narrow = call("list", "--where", "depth > 100", "--width", "60", **cache).out.split("\n")
    assert narrow[0].endswith("depth")
    assert max(map(len, narrow)) <= 60


def test_sort(cache: dict[str, str], whole: list[dict[str, Any]]) -> None:
    """Either way, those without the quantity last both times."""
    for sign in (1, -1):
        found = chosen(cache, "--sort", "top1" if sign > 0 else "-top1")
        values = {entry["name"]: entry["top1"] and Decimal(entry["top1"]) for entry in whole}
        known = [values[name] for name in found if values[name] is not None]
        assert known == sorted(known, reverse=sign < 0)
        assert [values[name] for name in found[: len(known)]] == known
        assert len(found) == len(whole)
    screen = call("list", "--family", "vgg", "--sort", "-params", **cache).out
    assert [line.split()[0] for line in screen.split("\n")[2:6]] == ["vgg19_bn", "vgg19", "vgg16_bn", "vgg16"]
    wrong = call("list", "--sort", "deph", **cache)
    assert (wrong.code, wrong.out) == (2, "")
    assert "did you mean `depth`?" in wrong.err


# The expression ----------------------------------------------------------------------------------

RECORD = {
    "name": "tiny",
    "family": "ResNet",
    "year": None,
    "params": 2_000_000,
    "macs": 10**9,
    "peak_bytes": 2**20,
    "top1": Fraction("75.5"),
}
KNOWN = {"name": ["tiny", "huge"], "family": ["ResNet", "VGG"]}


def holds(text: str) -> bool:
    """Whether a condition holds of the record."""
    return Condition(text, NUMBERS, KNOWN)(RECORD)


@pytest.mark.parametrize(
    "text",
    [
        "params = 2M",
        "params == 2_000_000",
        "params = 2e6",
        "params = 0.002G",
        "macs <= 1g",
        "peak_bytes = 1MiB",
        "peak_bytes != 1MB",
        "peak_bytes = 1024KiB",
        "macs >= 0.001T",
        "top1 = 75.5",
        "1M < params < 3M",
        "3M > params >= 2M",
        "macs / params = 500",
        "2*params - 1M = 3 * 1M",
        "params - 1M - 1M = 0",
        "-params < 0",
        "macs/params/2 = 250",
        "params < 1 or params > 1 and macs > 1",
        "not params < 1",
        "not not macs = 1G",
        "(params < 1 or params > 1) and macs > 1",
        "NOT (macs > 1 AND params < 1)",
        "family = resnet",
        "family = 'Res-Net'",
        "resnet = family",
        "family != vgg",
        "PARAMS ≥ 2M",
        "Peak_Bytes = 1MiB",
        "macs < 9e99",
        "2M = params and resnet = family",
    ],
)
def test_holds(text: str) -> None:
    """Defeats suffixes of the other base, left and right swapped, wrong precedence."""
    assert holds(text)


@pytest.mark.parametrize(
    "text",
    [
        "params = 2",
        "peak_bytes = 1MB",
        "1M < params < 2M",
        "3M < params < 1G",
        "not params > 1",
        "params > 1 and macs < 1 or params < 1",
        "params > 1 and (macs < 1 or params < 1)",
        "not (params > 1) or macs < 1",
        "params - (1M - 1M) = 0",
        # What is not there compares with nothing, and nothing is divided by zero.
        "year < 2000",
        "year >= 2000",
        "year != 2000",
        "year = year",
        "year + 1 > 0",
        "-year < 0",
        "params / 0 > 0",
        "params / 0 <= 0",
        "rf > 0",
    ],
)
def test_does_not_hold(text: str) -> None:
    assert not holds(text)


# The condition, where the fault is, a part of the message, a part of the help.
FAULTS = [
    ("macs <", 7, "the condition ends", ""),
    ("", 1, "the condition ends", ""),
    ("< 1", 1, "expected a quantity or a number, found `<`", ""),
    ("macs < and", 8, "found `and`", ""),
    ("mcas < 1G", 1, "no quantity is called `mcas`", "did you mean `macs`?"),
    ("macs < 1G or prams > 1", 14, "no quantity is called `prams`", "did you mean `params`?"),
    ("family = resnett", 10, "no family is called `resnett`", "did you mean `ResNet`?"),
    ("vgh = family", 1, "no family is called `vgh`", ""),
    ("family = res-net", 10, "no quantity is called `res`", "stands in quotes"),
    ("macs", 1, "no condition", "as in `macs < 1G`"),
    ("macs and params > 1", 1, "no condition", ""),
    ("not 1", 5, "no condition", ""),
    ("family", 1, "no condition", "as in `family = resnet`"),
    ("macs < 1G year > 1", 11, "expected the end, found `year`", "joined by `and`"),
    ("macs < 5B", 8, "`5B` is no number", "K, M, G, T"),
    ("macs < 1.2.3", 8, "is no number", ""),
    ("macs < 1,000", 9, "unexpected character ','", "`_` groups"),
    ("top1 > 75%", 10, "unexpected character '%'", "per cent"),
    ("macs > 1 && params > 1", 10, "unexpected character '&&'", "`and`"),
    ("!macs > 1", 1, "unexpected character '!'", "`not`"),
    ("name = 'tiny", 8, "without its closing quote", ""),
    ("(macs < 1", 10, "expected `)`", ""),
    ("macs < 1)", 9, "expected the end", ""),
    ("family < vgg", 8, "texts are equal or not", ""),
    ("family = 3", 10, "`family` is a text, `3` a number", ""),
    ("macs = 'vgg'", 1, "is a text, `macs` a number", ""),
    ("(macs < 1) = 1", 2, "no number", ""),
    ("family + 1 > 2", 1, "`family` is a text", ""),
    ("__import__('os')", 11, "expected a comparison", ""),
    ("macs.real > 1", 1, "no quantity is called `macs.real`", "there are name, family"),
    ("(" * 100 + "macs", 65, "nested more than 64 deep", ""),
    ("not " * 100 + "macs", 257, "nested more than 64 deep", ""),
    ("-" * 100 + "macs > 1", 65, "nested more than 64 deep", ""),
    ("1" * 41 + " < macs", 1, "too many digits", ""),
    ("macs < 1" + " " * 5000, 1, "longer than 4,096", ""),
]


@pytest.mark.parametrize(
    ("text", "column", "message", "help"), FAULTS, ids=[fault[0][:20] for fault in FAULTS]
)
def test_faults_are_pointed_at(text: str, column: int, message: str, help: str) -> None:
    """Defeats a traceback, an answer to something else, and carets under the wrong word."""
    with pytest.raises(SpecError) as caught:
        holds(text)
    (found,) = caught.value.diagnostics
    assert found.span is not None
    assert message in found.message
    assert found.span.position == (1, column)
    assert help in "; ".join(found.help)


def test_a_fault_is_an_answer_of_the_command(cache: dict[str, str]) -> None:
    """In the form of the answer, and nothing on standard output."""
    found = call("list", "--where", "year <= 2016 and mcas < 1G", **cache)
    assert (found.code, found.out) == (2, "")
    assert " --> --where:1:18\n" in found.err
    as_json = call("list", "--where", "macs < mcas", "--format", "json", **cache)
    (record,) = json.loads(as_json.err)["diagnostics"]
    assert (record["line"], record["column"], record["code"]) == (1, 8, "name")


def test_help_names_every_quantity() -> None:
    """Defeats a quantity that nobody is told of."""
    text = " ".join(call("list", "--help").out.split())
    shown = text.partition("Quantities for --where and --sort:")[2].partition("(published")[0]
    assert [word for word in (*TEXTS, *NUMBERS) if word not in shown.replace(",", " ").split()] == []


def test_what_tools_count_has_columns(cache: dict[str, str]) -> None:
    """On the screen, in CSV and in the JSON, and none of it in the cache. Defeats: a column of archcalc's
    MACs under a tool's name, and a list that shows tools which nobody asked for."""
    words = ("list", "resnet", "--where", "params = 25557032", "--counter", "thop", "--counter", "torchinfo")
    network = archcalc.load("resnet50")
    figures = {name: count(profile(name), network.graph).figure for name in ("thop", "torchinfo")}
    (found,) = [
        entry
        for entry in json.loads(call(*words, "--format", "json", **cache).out)
        if entry["name"] == "resnet50"
    ]
    assert found["counters"] == figures
    table = list(csv.DictReader(call(*words, "--format", "csv", **cache).out.splitlines()))
    (row,) = [row for row in table if row["name"] == "resnet50"]
    assert [int(row[name]) for name in figures] == list(figures.values())
    screen = call(*words, "--width", "120", **cache).out
    assert all(f"{figure:,}" in screen for figure in figures.values())
    assert "thop: MACs as thop counts" in " ".join(screen.split())
    plain = json.loads(call("list", "resnet", "--format", "json", **cache).out)
    assert not [entry for entry in plain if "counters" in entry]
    right = call("list", "vit", "--counter", "fvcore", "--without-faults", "--format", "json", **cache)
    assert json.loads(right.out)[0]["counters"]["fvcore"] > 17_563_828_224
    refused = call("list", "--counter", "fvcor", **cache)
    assert (refused.code, refused.out) == (2, "")
    assert "there is no counter `fvcor`" in refused.err
