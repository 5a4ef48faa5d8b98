"""Every command in every format: one record, one flat table and sheets, through one function."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from calling import call
from lanes import slow_but

from archcalc.cli import COMMANDS, cli
from archcalc.cli.options import Options
from archcalc.report.formats import Document, named, names
from archcalc.report.sheet import FactsBlock, NotesBlock, TableBlock, TextBlock
from archcalc.report.working import Legend, WorkingBlock

pytestmark = pytest.mark.usefixtures("zoo_kept")

ROOT = Path(__file__).parent.parent
QUIZ = str(ROOT / "examples" / "class" / "quiz.toml")
SHEETS = str(ROOT / "examples" / "class" / "class.csv")
EVIL = "8x8x3 -> conv 3x3 4 pad=1 -> relu"
# A call of every command, and of each further form of its JSON, by the schema of that.
CALLS = {
    "list": ["list", "lenet"],
    "show": ["show", "lenet5"],
    "summary": ["summary", "googlenet"],
    "summary-like": ["summary", "lenet5", "--like", "torchinfo"],
    "rf": ["rf", "resnet18"],
    "rf-at": ["rf", "vgg16", "conv3_1", "--at", "0,0"],
    "time": ["time", "alexnet", "--on", "h100", "--measured", "1.5ms"],
    "time-batches": ["time", "resnet18", "--on", "t4", "--dtype", "fp16", "--batch", "1..256"],
    "explain": ["explain", "alexnet", "conv1"],
    "explain-tools": ["explain", "vit_b_16", "macs", "--tools"],
    "explain-training": ["explain", "mobilenet_v2", "step_macs", "--tools", "--freeze", "stage3"],
    "compare": ["compare", "alexnet", "vgg16"],
    "compare-layers": ["compare", "resnet50", "resnet50_v1", "--layers"],
    "compare-quantities": ["compare", "vgg16", "vgg19", "--quantity", "params(fc6)", "--quantity", "macs"],
    "reconcile": ["reconcile", "resnet50", "3.8G", "4.11G", "25.6M", "102MB", "4.77G", "50 layers"],
    "solve": ["solve", "8x8x3 -> conv 3x3 4 pad=? -> [8x8x4]"],
    "sweep": [
        "sweep",
        "8x8x3 -> conv {3, 5, 9} ? pad={0, half}",
        "--set",
        "filters=4..12:4",
        "--sort=-params",
    ],
    "apply": ["apply", "conv 2x2 -> relu", "-1 0 1;2 1/2 0;3 1 1", "--kernel", "1 0;0 2", "--at", "0,1"],
    "draw": ["draw", "lenet5"],
    "export": ["export", "lenet5"],
    "verify": ["verify", "lenet5"],
    "check": ["check", EVIL, "conv1.output=8x8x4", "conv1.params=108", "macs=5"],
    "check-budgets": ["check", "resnet50", "--where", "macs < 4G and rf >= 300", "--where", "peak < 9MiB"],
    "check-class": ["check", QUIZ, SHEETS],
    "check-statistics": ["check", QUIZ, SHEETS, "--statistics"],
    "check-audit": ["check", "--audit", QUIZ],
    "quiz": ["quiz", QUIZ],
    "practice": ["practice", "--seed", "7"],
    "ops": ["ops", "conv"],
}
# A page has one form, and no formats.
PAGES = {"report", "serve"}
# Further calls whose JSON has other keys.
MORE = {
    "summary": [
        ["summary", "vgg16", "--optimizer", "adam", "--fits", "24GiB"],
        ["summary", "resnet20_cifar", "--layout", "chw"],
        ["summary", "googlenet", "--with-heads"],
        ["summary", "googlenet", "--with-heads", "--counter", "thop"],
        ["summary", "lenet5", "--counter", "burden", "--batch", "4"],
    ],
    "summary-like": [["summary", "lenet5", "--like", "keras"]],
    "rf": [["rf", "alexnet", "conv3"], ["rf", "nasnet_mobile"]],
    "time": [
        ["time", "mobilenet_v2", "--on", "orin", "--dtype", "int8", "--batch", "8", "--fused"],
        ["time", "googlenet", "--on", "cpu", "--with-heads", "--layout", "chw"],
        ["time", "20 -> embedding 10000 256 -> linear 30", "--on", "v100-pcie"],
    ],
    "time-batches": [["time", "vgg16", "--on", "a100", "--batch", "1..9:4", "--fused"]],
    "explain": [
        ["explain", "m x n x 3 -> conv f x f k stride=s pad=p"],
        ["explain", "vgg16", "rf"],
        ["explain", "googlenet", "macs"],
        ["explain", "lenet5"],
        ["explain", "lenet5", "macs", "--counter", "macs-bias"],
        ["explain", "lenet5", "c1", "--counter", "2k-1", "--batch", "2"],
    ],
    "compare": [["compare", "resnet50", "mobilenet_v2", "--on", "t4", "--dtype", "fp16"]],
    "compare-layers": [
        ["compare", "alexnet", "vgg16", "--layers", "--layout", "chw"],
        ["compare", "8x8x3 -> conv 3x3 4", "8x8x3 -> conv 3x3 5 -> relu", "--layers"],
    ],
    "check-budgets": [["check", "lenet5", "--where", "macs / params < 5 or c1.params = 156"]],
    "solve": [["solve", "8x8x3 -> conv 3x3 ?", "--where", "params <= 10"]],
    "sweep": [
        ["sweep", "vgg11", "--set", "classes={2, 10}", "--pareto=params,-rf", "--where", "macs > 1"],
        ["sweep", "8x8x3 -> conv {3, 9} 4 stride={1, 2}", "--refused", "--sample", "3", "--seed", "2"],
        ["sweep", "8x8x3 -> upsample {2, 3} -> conv 3x3 4", "--columns", "stride,peak"],
    ],
    "ops": [["ops"], ["ops", "bottleneck"]],
    "apply": [
        ["apply", "maxpool 2x2", "1 2 7 3;9 4 6 1|0 0 0 0;1 1 1 1", "--steps"],
        ["apply", "relu", "-1 0.5 2"],
        ["apply", "--compose", "1;3;2", "3 0 1"],
        ["apply", "--compose", "1 2;3 4|0 1;1 0||1 1;1 1|2 0;0 2", "1 0 1|0 1 0"],
        ["apply", "conv 2x2", "1 2 3;4 5 6;7 8 9", "--kernel", "1 2;3 4", "--as-matrix"],
    ],
    "list": [
        ["list", "--where", "macs < 1G"],
        ["list", "resnet", "--on", "t4", "--where", "time < 3ms", "--sort", "intensity"],
    ],
    "show": [["show", "bottleneck"]],
    "quiz": [["quiz", QUIZ, "--solutions"]],
    "check": [
        ["check", "alexnet", "conv1.params=34848", "conv2.rf=51", "total.macs=700M"],
        ["check", "m x n x 3 -> conv f x f k stride=s pad=p", "params=3f²k", "rf=W", "size=m x n"],
    ],
}


def skip_without_torch(words: list[str]) -> None:
    if words[0] == "verify":
        pytest.importorskip("torch")


def answer(words: list[str], form: str) -> str:
    """What a call writes in a format; the class and the quiz hold wrong answers."""
    found = call(*words, "--format", form)
    assert found.code in (0, 1), found.err
    return found.out


def test_every_command_is_walked() -> None:
    """Defeats a command that is added, and speaks no formats."""
    assert {words[0] for words in CALLS.values()} == set(COMMANDS) - PAGES


# ---------------------------------------------------------------------------------------------
# Formats


class Checked(HTMLParser):
    """A page whose tags are counted off: each one closed in its turn, none that loads or runs."""

    def __init__(self, page: str):
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        assert tag not in ("script", "link", "img", "iframe", "object"), tag
        assert not {"src", "href", "onclick", "onload"} & {name for name, _ in attrs}
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)


def numbers(text: str) -> set[str]:
    """The figures of a text, without what sets thousands apart."""
    return set(re.findall(r"\d+", re.sub(r"(?<=\d),(?=\d{3})", "", text)))


def leaves(value: Any) -> set[str]:
    """All figures of a JSON value, those in its texts too, and how many entries its lists have."""
    if isinstance(value, dict):
        found = [leaves(part) for part in value.values()] + [numbers(key) for key in value]
        return set().union(*found) if found else set()
    if isinstance(value, list):
        return {str(len(value))}.union(*[leaves(part) for part in value])
    return numbers(f"{value}") | set(re.findall(r"\d+", f"{value}"))


# Columns of quotients that the JSON has as exact fractions.
DECIMALS = {
    "compare-quantities": ("ratio", "percent"),
    **dict.fromkeys(("time", "time-batches"), ("intensity",)),
}


@pytest.mark.parametrize("name", slow_but(CALLS, 8))
def test_the_flat_table_has_the_figures_of_the_json(name: str) -> None:
    """Defeats a table that is worked out another way, and figures that are rounded on the way."""
    words = CALLS[name]
    skip_without_torch(words)
    known = leaves(json.loads(answer(words, "json")))
    header, *records = csv.reader(io.StringIO(answer(words, "csv")))
    assert records
    plain = answer(words, "plain")
    if name not in ("show", "export"):  # whose plain text is the text itself
        assert plain.splitlines()[0].split("\t") == header
        assert len(plain.splitlines()) == len(records) + 1
    for record in records:
        assert len(record) == len(header)
        for column, cell in zip(header, record, strict=True):
            # Ratios are fractions in the JSON, decimals in a table.
            decimal = column.endswith("_ratio") or column in DECIMALS.get(name, ())
            if not decimal and (name, column) != ("export", "line"):
                assert set(re.findall(r"\d+", cell)) <= known, (column, cell)


@pytest.mark.parametrize("name", slow_but(CALLS, 8))
def test_html_is_a_page_with_all_figures(name: str) -> None:
    """Well formed, alone, and with every figure of the Markdown. Defeats a format that leaves a
    block out."""
    words = CALLS[name]
    skip_without_torch(words)
    page = Checked(answer(words, "html"))
    if words[0] != "ops":  # which has Markdown of its own
        shown = numbers(" ".join(page.words))
        assert numbers(re.sub(r"&[#\w]+;", " ", answer(words, "markdown"))) <= shown


def test_strangers_text_is_text() -> None:
    """Defeats markup out of a spec."""
    spec = 'net evil "<script>alert(1)</script> & <b>"\n  input 8x8x3\n  "<i>": conv 3x3 4\n'
    for words in (["summary", "-"], ["rf", "-"], ["explain", "-"], ["show", "-"], ["draw", "-", "--all"]):
        found = call(*words, "--format", "html", stdin=spec.replace('"<i>": ', ""))
        assert found.code == 0, found.err
        Checked(found.out)
        assert "<script" not in found.out
        assert "&lt;script&gt;" in found.out or words[0] in ("explain", "rf")


def test_a_heading_of_html_parts_what_stands_apart_on_a_screen() -> None:
    """Defeats a title that runs into the paper that it is from."""
    found = call("summary", "vgg16", "--format", "html").out
    assert "<small>VGG-16, configuration D · arXiv:1409.1556, Table 1</small>" in found


def test_html_where_only_ascii_arrives() -> None:
    """Defeats an escape of Python's in the middle of a page."""
    found = call("summary", "vgg16", "--format", "html", encoding="ascii").out
    assert "\\x" not in found
    assert Checked(found).words == Checked(call("summary", "vgg16", "--format", "html").out).words


def test_every_block_of_a_sheet_has_a_writer() -> None:
    """Defeats a document format that inherits the refusal of a block, and a kind that no document knows."""
    for known in (TableBlock, FactsBlock, NotesBlock, TextBlock, WorkingBlock, Legend):
        assert callable(getattr(Document, known.kind)), known
    for name in names():
        form = named(name)
        if isinstance(form, Document):
            for block in ("sheet", "table", "facts", "notes", "text"):
                assert getattr(type(form), block) is not getattr(Document, block), (name, block)


SHOUT = '''
"""A format for a test."""

from archcalc.report.formats import Writer
from archcalc.report.sheet import PAGE


class Format(Writer):
    suffixes = (".shout",)
    sheets = True

    def pieces(self, answer, page):
        record = answer.record()
        first = record if isinstance(record, dict) else record[0]
        yield f"SHOUT {first['schema']} {'|'.join(answer.table()[0])}"
        sheets = answer.sheets(PAGE)
        yield f" {len(sheets)} {sheets[0].caption}"
'''
RUN = """
import contextlib, io, json, os, sys
from archcalc.report import formats
formats.__path__.append(sys.argv[1])
from archcalc.cli import main
found = []
for words in json.loads(sys.stdin.read()):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            main(words)
        except SystemExit as end:
            code = end.code
    found.append([code, out.getvalue()])
print(json.dumps(found))
"""


def documented() -> str:
    """The format that CONTRIBUTING.md shows."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add a format")[2]
    return text.partition("```python\n")[2].partition("```\n")[0]


@pytest.mark.slow
def test_a_new_format_is_one_file(tmp_path: Path) -> None:
    """All commands speak it, with all three parts of an answer: it is offered, written, and meant by
    the suffix of a file. Defeats a command with a list of formats of its own."""
    (tmp_path / "shout.py").write_text(SHOUT)
    (tmp_path / "wiki.py").write_text(documented())
    named_so = str(tmp_path / "answer.shout")
    calls = [
        [*words, "--format", "shout"]
        for name, words in CALLS.items()
        if words[0] != "verify" and name != "check-class"
    ]
    wiki = [[*words[:-1], "wiki"] for words in calls]
    calls += [["summary", "lenet5", "-o", named_so], ["summary", "--help"], *wiki]
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(tmp_path)],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    shouted, (code, out), (_, help) = found[: len(wiki)], *found[len(wiki) : len(wiki) + 2]
    for words, (code_of, text) in zip(wiki, found[len(wiki) + 2 :], strict=True):
        assert code_of in (0, 1), (words, done.stderr)
        assert text.startswith("h2. "), words
        assert numbers(text), words
    for words, (code_of, text) in zip(calls, shouted, strict=False):
        assert code_of in (0, 1), (words, done.stderr)
        assert re.match(r"SHOUT 1 \w+\|.* \d+ \S", text), (words, text)
    assert (code, out) == (0, "")
    assert Path(named_so).read_text().startswith("SHOUT 1 name|op|")
    assert "shout" in help


@pytest.mark.parametrize("form", names())
def test_all_of_them_go_through_one_function(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a command that writes a format itself."""
    from archcalc.cli import answer as out

    asked: list[str] = []

    def watched(name: str) -> Any:
        asked.append(name)
        return named(name)

    monkeypatch.setattr(out, "named", watched)
    special = {("show", "plain"), ("export", "plain"), ("export", "table"), ("ops", "markdown")}
    for name in ("list", "show", "rf", "explain", "solve", "draw", "export", "check", "ops"):
        asked.clear()
        answer(CALLS[name], form)
        assert asked == ([] if (name, form) in special else [form]), name


# ---------------------------------------------------------------------------------------------
# Schemas


def schemas() -> dict[str, Any]:
    """The schemas of docs/schema, by name."""
    found = sorted((ROOT / "docs" / "schema").glob("*.json"))
    return {path.stem: json.loads(path.read_text()) for path in found}


def valid(record: Any, name: str) -> None:
    """A record holds to its schema, and says its number."""
    jsonschema = pytest.importorskip("jsonschema")
    jsonschema.Draft202012Validator(schemas()[name]).validate(record)
    for part in record if isinstance(record, list) else [record]:
        assert part["schema"] == 1


def test_schemas_are_up_to_date() -> None:
    """Defeats a schema that is changed by hand, and one that describes nothing."""
    done = subprocess.run(
        [sys.executable, "docs/schema.py", "--check"], capture_output=True, text=True, cwd=ROOT
    )
    assert (done.returncode, done.stderr) == (0, "")
    jsonschema = pytest.importorskip("jsonschema")
    for name, schema in schemas().items():
        jsonschema.Draft202012Validator.check_schema(schema)
        assert schema["description"], name


@pytest.mark.parametrize("name", CALLS)
def test_the_json_holds_to_its_schema(name: str) -> None:
    """Defeats a key that nobody describes, one that goes, and a number that becomes a float."""
    for words in [CALLS[name], *MORE.get(name, [])]:
        skip_without_torch(words)
        valid(json.loads(answer(words, "json")), name)


def test_the_json_of_the_whole_zoo_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here of one network."""
    pytest.importorskip("torch")
    from archcalc.language.library import Library

    one = {"lenet5": Library().zoo["lenet5"]}
    monkeypatch.setattr(Library, "zoo", property(lambda self: one))
    (record,) = json.loads(answer(["verify", "--all"], "json"))
    valid([record], "verify-all")


@pytest.mark.slow
def test_the_json_beside_somebody_elses_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That agrees, and that differs."""
    pytest.importorskip("torch")
    text = "from torch import nn\ndef net():\n    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU())\n"
    (tmp_path / "theirs.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    for filters in (8, 9):
        words = ["verify", f"16x16x3 -> conv 3x3 {filters} -> relu", "--against", "theirs:net"]
        valid(json.loads(answer(words, "json")), "verify-against")


@pytest.mark.slow
def test_the_json_of_the_whole_zoo_holds_to_its_schema() -> None:
    """Several inputs, layers without rules, fractions: whatever a network has."""
    for name in json.loads(answer(["list"], "json")):
        for command in ("summary", "rf", "explain"):
            valid(json.loads(answer([command, name["name"]], "json")), command)


def test_diagnostics_hold_to_their_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    for words in (["summary", "nosuch"], ["rf", "8x8x3 -> conv"], ["explain"], ["list", "--columns", "x"]):
        found = json.loads(call(*words, "--format", "json").err)
        jsonschema.Draft202012Validator(schemas()["diagnostics"]).validate(found)


def test_a_key_that_is_not_described_is_refused() -> None:
    """The schemas are closed: this is what makes the tests above mean something."""
    jsonschema = pytest.importorskip("jsonschema")
    record = json.loads(answer(["summary", "lenet5"], "json"))
    record["layers"][0]["parms"] = 1
    with pytest.raises(jsonschema.ValidationError, match="parms"):
        valid(record, "summary")


# ---------------------------------------------------------------------------------------------
# Options


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_declares_its_options(name: str) -> None:
    """The object that a command is handed has an attribute for each option, and no command reads
    one that it does not have. Defeats an option that is added to one of the two alone."""
    command = cli.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    module = sys.modules[f"archcalc.cli.{COMMANDS[name]}"]
    (kind,) = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Options) and kind.__module__ != Options.__module__
    ]
    vars(module)  # hints of a command name no types that are imported for the checker alone
    declared = set(get_type_hints(kind))
    given = {parameter.name for parameter in command.params if parameter.expose_value}
    assert given <= declared
    # What is declared without a value must be given.
    assert {key for key in declared if not hasattr(kind, key)} <= given
