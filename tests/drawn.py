"""What is drawn in a text of DOT or of Mermaid, read as their grammars say."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r'\s+|//[^\n]*|(?P<string>"(?:\\.|[^"\\])*")|(?P<html><<.*?>>)|(?P<arrow>->)|(?P<mark>[\[\]{}=])|(?P<word>[\w.]+)',
    re.DOTALL,
)
_SWATCH = re.compile(r'bgcolor="(#\w+)"(?:(?!align).)*<td align="left">([\w ]*)')
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


@dataclass
class Drawn:
    """Nodes by key, each with its lines; clusters as (lines, keys of the nodes inside, clusters
    around it included); edges as (key, key, lines); attributes of the nodes; (colour, words) of the
    legend."""

    title: list[str] = field(default_factory=list)
    nodes: dict[str, list[str]] = field(default_factory=dict)
    looks: dict[str, object] = field(default_factory=dict)
    legend: list[tuple[str, str]] = field(default_factory=list)
    clusters: list[tuple[list[str], list[str]]] = field(default_factory=list)
    edges: list[tuple[str, str, list[str]]] = field(default_factory=list)


# DOT --------------------------------------------------------------------------------------------


def label(text: str) -> list[str]:
    """The lines of a label: escapes first, then entities, as Graphviz does."""
    found = _ESCAPE.sub(lambda m: {"n": "\0", "l": "\0"}.get(m[1], m[1]), text)
    return [html.unescape(line) for line in found.removesuffix("\0").split("\0")]


class _Dot:
    def __init__(self, text: str):
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(text):
            match = _TOKEN.match(text, at)
            assert match, f"no DOT: {text[at : at + 40]!r}"
            at = match.end()
            if match.lastgroup:
                self.tokens.append((match.lastgroup, match.group()))
        self.at = 0
        self.drawn = Drawn()

    def take(self, *expected: str) -> str:
        kind, text = self.tokens[self.at]
        assert kind in expected or text in expected, (expected, text)
        self.at += 1
        return text[1:-1] if kind == "string" else text

    def next_is(self, text: str) -> bool:
        return self.tokens[self.at][1] == text

    def attributes(self) -> dict[str, str]:
        found = {}
        self.take("[")
        while not self.next_is("]"):
            name = self.take("word")
            self.take("=")
            assert name not in found
            found[name] = self.take("word", "string", "html")
        self.take("]")
        return found

    def same_level(self) -> None:
        """Nodes that are drawn beside each other; each is in the text already."""
        for word in ("{", "rank", "=", "same"):
            self.take(word)
        while not self.next_is("}"):
            assert self.take("string") in self.drawn.nodes
        self.take("}")

    def body(self, open_at: list[tuple[list[str], list[str]]], frame: bool = False) -> None:
        drawn = self.drawn
        self.take("{")
        while not self.next_is("}"):
            if self.next_is("{"):
                self.same_level()
            elif self.next_is("subgraph"):
                self.take("subgraph")
                name = self.take("word")
                assert name.startswith("cluster")
                if name == "cluster_0":
                    self.body(open_at, frame=True)
                    continue
                cluster: tuple[list[str], list[str]] = ([], [])
                drawn.clusters.append(cluster)
                self.body([*open_at, cluster])
            elif self.tokens[self.at][0] == "word":
                what = self.take("graph", "node", "edge")
                found = self.attributes()
                if what == "graph" and frame:
                    drawn.legend = _SWATCH.findall(found["label"])
                elif what == "graph":
                    (open_at[-1][0] if open_at else drawn.title)[:] = label(found["label"])
            else:
                key = self.take("string")
                if self.next_is("->"):
                    self.take("->")
                    other = self.take("string")
                    lines = label(self.attributes()["label"])
                    drawn.edges.append((key, other, [line.strip() for line in lines]))
                else:
                    assert key not in drawn.nodes
                    found = self.attributes()
                    drawn.nodes[key] = label(found.pop("label"))
                    drawn.looks[key] = found
                    for _, inside in open_at:
                        inside.append(key)
        self.take("}")


def read_dot(text: str) -> Drawn:
    """What a text of DOT draws. Fails where it is none."""
    reader = _Dot(text)
    reader.take("digraph")
    reader.take("string")
    reader.body([])
    assert reader.at == len(reader.tokens)
    return reader.drawn


# Mermaid ----------------------------------------------------------------------------------------

_QUOTED = r'"([^"]*)"'
_NODE = re.compile(rf"(n\d+)(\(\[|\[\[|\[|\(){_QUOTED}(\]\)|\]\]|\]|\)):::(\w+)")
_EDGE = re.compile(rf"(n\d+) -->\|{_QUOTED}\| (n\d+)")
_GROUP = re.compile(rf"subgraph (g\d+)\[{_QUOTED}\]")
_NUMBER = re.compile(r"#(\d+);")


def shown(text: str) -> list[str]:
    """The lines of a quoted text: a break ends one, numbers stand for signs, and nothing else may
    stand there that Mermaid, Markdown or HTML would take for more than itself."""
    lines = text.split("<br>")
    for line in lines:
        assert not re.search(r"[<>&`*{}\[\];\\%$^\n]", _NUMBER.sub("", line)), line
        assert "#" not in _NUMBER.sub("", line), line
    found = [_NUMBER.sub(lambda m: chr(int(m[1])), line) for line in lines]
    for line in found:
        assert "\\n" not in line, "a line break even where it is written in numbers"
        assert "$$" not in line, "a formula even where it is written in numbers"
    return [line.replace("\u200b", "") for line in found]


def read_mermaid(text: str) -> Drawn:
    """What a text of Mermaid draws. Fails where it is not of the kind that we write."""
    drawn = Drawn()
    head, _, body = text.removeprefix("---\n").partition("\n---\n")
    first = head.split("\n")[0]
    if first.startswith("title: "):
        drawn.title = [json.loads(first.removeprefix("title: "))]
    lines = [line.strip() for line in body.rstrip("\n").split("\n")]
    assert lines[0] in ("flowchart TB", "flowchart LR")
    open_at: list[tuple[list[str], list[str]]] = []
    kinds, used, groups = set(), set(), []
    for line in lines[1:]:
        if match := _NODE.fullmatch(line):
            name, left, text, right, kind = match.groups()
            assert {"([": "])", "[[": "]]", "[": "]", "(": ")"}[left] == right
            assert name not in drawn.nodes
            drawn.nodes[name] = shown(text)
            drawn.looks[name] = (left, kind)
            used.add(kind)
            for _, inside in open_at:
                inside.append(name)
        elif match := _EDGE.fullmatch(line):
            assert not open_at
            drawn.edges.append((match[1], match[3], shown(match[2])))
        elif match := _GROUP.fullmatch(line):
            groups.append(match[1])
            open_at.append((shown(match[2]), []))
            drawn.clusters.append(open_at[-1])
        elif line == "end":
            open_at.pop()
        elif match := re.fullmatch(r"class (g\d+) (\w+)", line):
            assert match[1] in groups
            used.add(match[2])
        elif match := re.fullmatch(r"classDef (\w+) [\w:#,-]+", line):
            kinds.add(match[1])
        else:
            assert line.startswith("%% "), line
    assert not open_at
    assert len(set(groups)) == len(groups)
    assert kinds == used
    return drawn
