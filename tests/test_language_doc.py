"""docs/language.md is a test: every spec in it is followed by what must come of it.

A fenced `arch` block is a file, or a one-liner. `arch name=other.arch` lays a file beside the ones
that follow in its section. The `expect` block behind it holds one expectation per line:

    with NET input=SIZE NAME=VALUE …   load (again) like this; at first, the only net as it is
    layers NAME NAME …                 the names of all layers, in the order of the text
    NAME OP SHAPE [PARAMS]             a layer, what it puts out, what it learns
    NAME <- NAME NAME …                a layer and what it reads
    @PLACE SHAPE                       a place and its tensor
    output SHAPE                       the main output; `head NAME SHAPE` a side head
    QUANTITY NUMBER                    a total: params, trainable, buffers, macs, depth
    field NAME SIZE stride S start P   a receptive field
    report QUANTITY WORDS              how a published figure compares: `agrees rounded`, `differs`
    SEVERITY[CODE] LINE:COLUMN: TEXT   a diagnostic; indented `help:`, `note:`, `also:` lines belong
                                       to it. All errors and warnings must be listed, and as listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from archcalc import Network, SpecError, load
from archcalc.diagnostics import Diagnostic

GUIDE = Path(__file__).resolve().parent.parent / "docs" / "language.md"
TOTALS = ("params", "trainable", "buffers", "macs", "depth")
_FENCE = re.compile(r"^```(\w*) *(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DIAGNOSTIC = re.compile(r"(error|warning|note)\[([\w-]+)\] (?:(\d+):(\d+)): (.*)")


class Example:
    """A spec, the files beside it, and what is expected of it."""

    def __init__(self, line: int, heading: str, beside: dict[str, str], text: str, expect: str):
        self.line = line
        self.heading = heading
        self.beside = beside
        self.text = text
        self.expect = expect

    def __repr__(self) -> str:
        return f"line {self.line}, {self.heading}"


def examples() -> Iterator[Example]:
    text = GUIDE.read_text("utf-8")
    heading, beside = "", {}
    waiting: tuple[int, str] | None = None
    at = 0
    for fence in _FENCE.finditer(text):
        for found in re.finditer(r"^#+ (.*)$", text[at : fence.start()], re.MULTILINE):
            heading, beside = found[1], {}
        at = fence.end()
        line = text.count("\n", 0, fence.start()) + 2
        kind, info, body = fence.groups()
        if kind == "arch" and info.startswith("name="):
            beside = {**beside, info.removeprefix("name="): body}
        elif kind == "arch":
            assert waiting is None, f"line {line}: the spec above expects nothing"
            waiting = (line, body)
        else:
            assert kind == "expect", f"line {line}: a code block that is not tested"
            assert waiting is not None, f"line {line}: nothing to expect of"
            yield Example(waiting[0], heading, beside, waiting[1], body)
            waiting = None
    assert waiting is None


EXAMPLES = list(examples())


class Outcome:
    """A spec, loaded in one way."""

    def __init__(self, target: str, words: list[str]):
        options: dict[str, Any] = {}
        for word in words:
            name, equals, value = word.partition("=")
            if equals:
                options[name] = value
            else:
                target += ":" + name
        self.network: Network | None = None
        try:
            self.network = load(target, **options)
            self.diagnostics = list(self.network.diagnostics)
        except SpecError as error:
            self.diagnostics = list(error.diagnostics)
        self.summary = self.network.summary(with_heads=True) if self.network else None

    def check(self, line: str) -> None:
        """One expectation about the network."""
        assert self.network is not None, [str(d.span) + " " + d.message for d in self.diagnostics]
        assert self.summary is not None
        graph = self.network.graph
        word, *rest = line.split()
        layers = {layer.name: layer for layer in (*graph.inputs, *graph.layers)}
        if word == "layers":
            assert [layer.name for layer in graph.layers] == rest
        elif word == "output":
            assert str(graph.output.output) == rest[0]
        elif word == "head":
            assert str(graph.heads[rest[0]].output) == rest[1]
        elif word in TOTALS:
            totals = self.network.summary().totals
            assert totals[word] == int(rest[0].replace(",", ""))
        elif word == "field":
            found = self.network.receptive_field(rest[0]).rows[0].rf_dict()
            size, stride, start = found["size"], found["stride"], found["start"]
            axes = ["x".join(map(str, axis)) for axis in (size, stride, start)]
            assert [axes[0], "stride", axes[1], "start", axes[2]] == rest[1:]
        elif word == "report":
            checked = [c for c in self.summary.published_figures if c.figure.quantity == rest[0]]
            agrees = {True: "agrees", False: "differs", None: "not-compared"}
            shown = [" ".join(filter(None, (agrees[c.agrees], c.how))) for c in checked]
            assert " ".join(rest[1:]) in shown, shown
        elif word.startswith("@"):
            place = graph.find(word[1:])
            assert place is not None, word
            assert str(place.tensor.output) == rest[0]
        elif rest[0] == "<-":
            assert [source.name for source in layers[word].inputs] == rest[1:]
        else:
            layer = layers[word]
            assert [layer.op.name, str(layer.output)] == rest[:2]
            if len(rest) > 2:
                assert self.summary.params_of(layer) == int(rest[2].replace(",", ""))


def written(diagnostic: Diagnostic, more: list[str]) -> list[str]:
    """A diagnostic as an expectation has it, with as many kinds of further lines."""
    line, column = diagnostic.span.position if diagnostic.span is not None else (0, 0)
    lines = [f"{diagnostic.severity}[{diagnostic.code}] {line}:{column}: {diagnostic.message}"]
    if any(m.startswith("  also:") for m in more):
        for span, label in diagnostic.others:
            lines.append(f"  also: {':'.join(map(str, span.position))}: {label}")
    if any(m.startswith("  note:") for m in more):
        lines += [f"  note: {note}" for note in diagnostic.notes]
    if any(m.startswith("  help:") for m in more):
        lines += [f"  help: {help}" for help in diagnostic.help]
    return lines


def check_diagnostics(found: list[Diagnostic], expected: list[str]) -> None:
    wanted: list[list[str]] = []
    for line in expected:
        if line.startswith("  "):
            wanted[-1].append(line.rstrip())
        else:
            assert _DIAGNOSTIC.fullmatch(line), line
            wanted.append([line])
    silent = [d for d in found if d.severity != "note" or any("note[" in w[0] for w in wanted)]
    more = {w[0]: w[1:] for w in wanted}
    shown = [written(d, more.get(written(d, [])[0], [])) for d in silent]
    shown = [
        [line.replace(str(d.span.source.name) + ":", "") if d.span else line for line in s]
        for s, d in zip(shown, silent, strict=True)
    ]
    assert shown == wanted


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example, tmp_path: Path) -> None:
    for name, text in example.beside.items():
        (tmp_path / name).write_text(text, "utf-8")
    path = tmp_path / "my.arch"
    path.write_text(example.text, "utf-8")
    is_file = re.search(r"^(net|block|default)\b", example.text, re.MULTILINE)
    target = str(path) if is_file else example.text
    outcome: Outcome | None = None
    diagnostics: list[str] = []
    for line in example.expect.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("with "):
            outcome = Outcome(target, line.split()[1:])
            continue
        outcome = outcome or Outcome(target, [])
        if line.startswith("  ") or _DIAGNOSTIC.match(line):
            diagnostics.append(line)
        else:
            outcome.check(line)
    assert outcome is not None, "it expects nothing"
    check_diagnostics(outcome.diagnostics, diagnostics)


def test_every_section_has_examples() -> None:
    text = GUIDE.read_text("utf-8")
    headings = set(re.findall(r"^## (.*)$", text, re.MULTILINE))
    shown = {example.heading for example in EXAMPLES}
    sub = {h: s for s, hs in _sections(text).items() for h in hs}
    assert headings - shown - {sub[h] for h in shown if h in sub} == set()


def _sections(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    current = ""
    for marks, title in re.findall(r"^(##+) (.*)$", text, re.MULTILINE):
        if marks == "##":
            current = title
        found.setdefault(current, []).append(title)
    return found
