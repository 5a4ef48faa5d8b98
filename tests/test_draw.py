"""`archcalc draw`: what is in the picture is what is in the graph, and any text can be read.

After a change that was meant, write the pictures anew and look at the difference:

    python tests/test_draw.py && git diff tests/pictures
"""

from __future__ import annotations

import os
import pty
import re
import shutil
import stat
import subprocess
import sys
from bisect import bisect_left
from collections import Counter
from pathlib import Path

import pytest
from calling import Answer, call
from drawn import Drawn, read_dot, read_mermaid
from hypothesis import HealthCheck, given, settings
from random_networks import networks

import archcalc
from archcalc.graph import Graph, Layer
from archcalc.language.library import Library
from archcalc.network import Network
from archcalc.report.screens.folding import Folding

HERE = Path(__file__).parent / "pictures"
ZOO = list(Library().zoo)
GRAPHVIZ = shutil.which("dot")

BRANCHY = """\
block unit c                                    # what is added is read before the norm
  add
    | bn -> relu -> conv 3x3 c pad=1 -> relu
      conv 3x3 c pad=1
    | identity

block cell c | cur prev                         # a cell of two tensors
  a: @cur -> conv 1x1 c
  b: @prev -> conv 1x1 c
  add @a @b

net branchy "Every kind of box"
  input image: 16x16x3
  input depth: 16x16x1
  join: concat @image @depth
  stem: conv 3x3 8 pad=1 -> relu -> maxpool 2x2
  units: 4 x unit 8
  twice: add @units @units -> relu
  cells: 3 x cell 8
  gate: gap -> fc 8 -> sigmoid
  scaled: mul @cells @gate
  out side: gap -> fc 2
  gap
  fc 10 -> softmax
"""
# Name of the file without its suffix, arguments.
PICTURES = {
    "branchy": "draw - --with-heads",
    "branchy-depth3": "draw - --with-heads --depth 3",
    "branchy-all": "draw - --with-heads --all --direction LR --layout chw",
    "resnet18": "draw resnet18",
    "resnet18-depth3": "draw resnet18 --depth 3",
}
SUFFIXES = {"dot": "dot", "mermaid": "mmd"}
relaxed = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def picture(name: str, form: str) -> str:
    """The picture of that name, as it is now."""
    answer = call(*PICTURES[name].split(), "--format", form, stdin=BRANCHY)
    assert answer.code == 0, answer.err
    return answer.out


def load(text: str) -> Network:
    return archcalc.load("-", stdin=text)


def refused(answer: Answer) -> str:
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("error["), answer.err
    assert "Traceback" not in answer.err
    return answer.err


# As they are --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize("name", PICTURES)
def test_golden(name: str, form: str) -> None:
    text = picture(name, form)
    assert text == (HERE / f"{name}.{SUFFIXES[form]}").read_text(encoding="utf-8")


def test_the_same_call_gives_the_same_bytes_in_another_process() -> None:
    """Defeats an order taken from a set."""
    texts = set()
    for seed in ("0", "1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "archcalc", "draw", "nasnet_mobile", "--depth", "3"],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        )
        texts.add(done.stdout)
    assert len(texts) == 1


# What is in a picture -----------------------------------------------------------------------------


class Oracle:
    """What a picture has to hold, worked out from the graph and the keys of the boxes alone.

    A box is a stretch of the layers that ends with the tensor that it is called after.
    """

    def __init__(self, graph: Graph, with_heads: bool, drawn: Drawn):
        self.layers = graph.select(with_heads)
        self.heads = graph.heads if with_heads else {}
        self.graph = graph
        by_name = {layer.name: layer for layer in (*graph.inputs, *self.layers)}
        keys = [key for key in drawn.nodes if key in by_name]
        self.ends = sorted(by_name[key].index for key in keys)
        self.keys = {by_name[key].index: key for key in keys}
        self.others = [key for key in drawn.nodes if key not in by_name]

    def home(self, layer: Layer) -> str:
        """The key of the box that a layer is in."""
        return self.keys[self.ends[bisect_left(self.ends, layer.index)]]

    def edges(self) -> Counter[tuple[str, str, str, str]]:
        """From box, to box, tensor, shape: how often."""
        most: Counter[tuple[str, str, str, str]] = Counter()
        for layer in self.layers:
            for source, times in Counter(layer.inputs).items():
                ends = self.home(source), self.home(layer)
                if ends[0] != ends[1]:
                    edge = (*ends, source.name, str(source.output))
                    most[edge] = max(most[edge], times)
        outputs = {"output: output": self.graph.output}
        outputs |= {f"head: {name}": layer for name, layer in self.heads.items()}
        for key, layer in outputs.items():
            most[self.home(layer), key, layer.name, str(layer.output)] = 1
        return most


def check(network: Network, with_heads: bool = False, **options: object) -> Drawn:
    """A picture of a network, after a look at all that holds of every one."""
    text = network.draw(with_heads=with_heads, **options)
    drawn = read_dot(text)
    oracle = Oracle(network.graph, with_heads, drawn)
    # Every edge of the graph, contracted by the boxes, as often as it is there: no other.
    found = Counter(
        (source, target, lines[0] if len(lines) > 1 else source, lines[-1])
        for source, target, lines in drawn.edges
    )
    assert found == oracle.edges()
    assert set(oracle.others) == {"output: output", *(f"head: {name}" for name in oracle.heads)}
    # All parameters, each once.
    stated = [line for lines in drawn.nodes.values() for line in lines if "parameters" in line]
    total = network.summary(with_heads=with_heads).totals["params"]
    assert sum(int(line.split(" ")[0].replace(",", "")) for line in stated) == total
    # Mermaid draws the same, box for box and edge for edge.
    other = read_mermaid(network.draw("mermaid", with_heads=with_heads, **options))
    names = dict(zip(other.nodes, drawn.nodes, strict=True))
    assert list(other.nodes.values()) == list(drawn.nodes.values())
    assert [(names[a], names[b], lines) for a, b, lines in other.edges] == drawn.edges
    assert [[names[key] for key in keys] for _, keys in other.clusters] == [
        keys for _, keys in drawn.clusters
    ]
    return drawn


def depths(network: Network, with_heads: bool) -> list[int]:
    graph = network.graph
    return list(range(1, Folding(graph, graph.select(with_heads)).levels + 1))


@pytest.mark.slow
@pytest.mark.parametrize("name", ZOO)
def test_every_edge_of_every_network_at_every_depth(name: str) -> None:
    """Defeats a folded repeat with one edge in and one out, a merge that loses a branch, a rider
    whose other readers are forgotten, an edge drawn once a layer instead of once a box."""
    network = archcalc.load(name)
    for with_heads in (False, True) if network.graph.heads else (False,):
        check(network, with_heads, all_layers=True)
        for depth in depths(network, with_heads):
            drawn = check(network, with_heads, depth=depth)
            graph = network.graph
            rows = Folding(graph, graph.select(with_heads)).rows(depth)
            # Every row ends a box, and every opened one is a cluster with its own rows inside.
            assert {row.last.name for row in rows} <= set(drawn.nodes)
            opened = [row for row in rows if row.opened]
            assert len(drawn.clusters) == len(opened)
            for row, (lines, inside) in zip(opened, drawn.clusters, strict=True):
                assert lines[0] == (row.name or row.text)
                assert inside[-1] == row.last.name
                assert set(inside) <= {layer.name for layer in row.layers}


@pytest.mark.slow
@given(networks())
@settings(relaxed, max_examples=200)
def test_every_edge_of_random_networks(text: str) -> None:
    """Riders that read far back, tensors read by many, several inputs."""
    network = load(text)
    for depth in depths(network, False):
        check(network, depth=depth)
    check(network, all_layers=True)


def test_all_draws_every_layer() -> None:
    """Defeats --all with riders on other boxes, or with repeats folded."""
    network = archcalc.load("googlenet")
    drawn = check(network, True, all_layers=True)
    layers = [layer.name for layer in network.graph.layers]
    assert [key for key in drawn.nodes if ": " not in key] == ["input", *layers]
    headings = [lines for lines, _ in drawn.clusters]
    assert ["inception_3a", "inception 64 96 128 16 32 32"] in headings


def test_opened_blocks_hold_their_layers_and_no_others() -> None:
    drawn = check(archcalc.load("googlenet"), depth=2)
    inside = {lines[0]: keys for lines, keys in drawn.clusters}
    assert len(inside) == 10
    for name, keys in inside.items():
        if name.startswith("inception"):
            assert len(keys) == 8
            assert all(key.startswith(f"{name}.") for key in keys)
            readers = [a for a, b, _ in drawn.edges if b == f"{name}.concat"]
            assert len(set(readers)) == 4, "a merge with all its branches"


def test_a_folded_repeat_keeps_its_ends() -> None:
    """A NASNet stack reads two tensors, and what follows reads two of it: the last and the last
    but one, which says its name."""
    drawn = check(archcalc.load("nasnet_mobile"), depth=1)
    into = [(a, lines) for a, b, lines in drawn.edges if b == "cell2_3.concat"]
    assert into == [("reduce1.concat", ["14x14x352"]), ("last1.concat", ["28x28x264"])]
    out = [(b, lines) for a, b, lines in drawn.edges if a == "cell2_3.concat"]
    assert out == [
        ("last2.concat", ["14x14x528"]),
        ("last2.concat", ["cell2_2.concat", "14x14x528"]),
        ("reduce2.concat", ["14x14x528"]),
    ]
    assert drawn.nodes["cell2_3.concat"][:2] == ["cell2", "3 x normal 88"]
    assert drawn.looks["cell2_3.concat"]["peripheries"] == "2"


@pytest.mark.parametrize(
    ("text", "boxes"),
    [
        # What rides in front, and is read behind what it rides on.
        ("8x8x4 -> relu -> add\n  | conv 3x3 4 pad=1\n  | identity", ["relu", "conv 3x3 4 pad=1", "add"]),
        # What rides behind, on a tensor that is read by others too.
        ("8x8x4 -> conv 1x1 4 -> add\n  | relu\n  | bn", ["conv 1x1 4", "relu", "bn", "add"]),
        # What is written behind an item, and reads another.
        ("8x8x4 -> concat\n  | conv 1x1 4\n  | relu", ["conv 1x1 4", "relu", "concat"]),
        # A merge of which one branch passes through what rides in front of it.
        ("8x8x4 -> add\n  | relu\n  | identity", ["relu", "add"]),
        # And what does ride.
        (
            "8x8x4 -> relu -> conv 1x1 4 -> relu -> dropout 0.5 -> gap",
            ["relu, conv 1x1 4, relu, dropout 0.5", "gap"],
        ),
    ],
)
def test_inline_layers_are_attached_where_nobody_else_reads(text: str, boxes: list[str]) -> None:
    """Defeats a box that two tensors leave, of which a reader cannot tell which is which."""
    drawn = check(archcalc.load(text))
    inner = [
        " ".join(w for w in lines[1:] if "param" not in w) or lines[0]
        for key, lines in drawn.nodes.items()
        if key not in ("input", "output: output")
    ]
    assert inner == boxes
    assert all(len(lines) == 1 for *_, lines in drawn.edges), "each tensor is its box's last"


def test_what_is_put_out_ends_its_box() -> None:
    """Defeats a head, or the output, that leaves a box between what rides on it."""
    text = "net n\n  input 8x8x3\n  a: conv 1x1 4\n  out side: @a\n  relu\n  gap\n  fc 2\n"
    drawn = check(load(text), True)
    assert list(drawn.nodes)[:4] == ["input", "a", "relu1", "gap1"]
    assert ("a", "head: side", ["8x8x4"]) in drawn.edges


def test_what_rides_on_opened_blocks_stands_with_their_first_part() -> None:
    """Defeats layers that no closed row holds, and so are drawn nowhere."""
    text = (
        "block inner\n  conv 1x1 4\n  maxpool 2x2\n\nblock outer\n  inner\n  conv 1x1 4\n\n"
        "net n\n  input 8x8x3\n  relu\n  outer -> sigmoid\n  fc 2\n"
    )
    for depth in (1, 2, 3):
        drawn = check(load(text), depth=depth)
        words = [line for lines in drawn.nodes.values() for line in lines[1:]]
        assert sum("relu" in line for line in words) == 1
        assert sum("sigmoid" in line for line in words) == 1
    assert drawn.nodes["conv1"][1] == "relu, conv 1x1 4"
    assert drawn.clusters[1] == (["conv1", "inner"], ["conv1", "maxpool1"])


def test_a_tensor_added_to_itself_is_two_branches() -> None:
    drawn = check(load(BRANCHY), True)
    between = [edge for edge in drawn.edges if edge[:2] == ("units_4.add", "twice.relu")]
    assert len(between) == 2


def test_inputs_outputs_and_heads_stand_out() -> None:
    drawn = check(load(BRANCHY), True)
    styles: dict[str, set[str]] = {}
    for key, look in drawn.looks.items():
        if "penwidth" not in look:
            styles.setdefault(look["style"], set()).add(key)
    assert styles["rounded,filled"] == {"image", "depth", "output: output"}
    assert styles["rounded,filled,dashed"] == {"head: side"}
    without = check(load(BRANCHY))
    assert not any("side" in key for key in without.nodes)


def test_unknown_parameters_are_no_silent_zero(mystery: str) -> None:
    drawn = read_dot(archcalc.load(f"8x8x4 -> {mystery} -> conv 1x1 4").draw())
    assert drawn.nodes[f"{mystery}1"] == [f"{mystery}1", mystery, "? parameters"]
    assert drawn.nodes["conv1"][-1] == "20 parameters"


def test_shared_parameters_are_said_once() -> None:
    text = "net twins\n  input 8x8x4\n  a: conv 1x1 4\n  b: conv 1x1 4 like=a\n"
    drawn = check(load(text))
    assert [lines[-1] for lines in drawn.nodes.values()].count("20 parameters") == 1


def test_layout_and_depth_are_shown() -> None:
    network = archcalc.load("resnet18")
    assert ["3x224x224"] in [lines for *_, lines in read_dot(network.draw(layout="chw")).edges]
    assert network.draw(depth=1).startswith("// depth 1 of 4\n")
    assert "%% depth 1 of 4" in network.draw("mermaid", depth=1)
    assert not network.draw(depth=4).startswith("//")
    assert network.draw(depth=99) == network.draw(depth=4)


def test_only_a_part() -> None:
    answer = call("draw", "vgg16", "--until", "pool1", "--set", "classes=10", "--input", "32x32x3")
    drawn = read_dot(answer.out)
    assert list(drawn.nodes) == ["input", "conv1_1.relu", "conv1_2.relu", "pool1", "output: output"]
    assert drawn.edges[-1] == ("pool1", "output: output", ["16x16x64"])


# Any text -----------------------------------------------------------------------------------------

HOSTILE = [
    'say "hi"',
    "a\\b",
    "ends in \\",
    "\\N \\G \\l \\n \\\\n",
    "a -> b; c [label=x]",
    "<b>bold</b>",
    "<<i>x</i>>",
    "& &lt; &#65; &quot;",
    "#65; #quot; #",
    "{a|b|<p> c}",
    "a\nb\r\nc",
    "\t\x00\x1b[2J",
    "π × ☃ 汉字 🙂 e\u0301",
    "`code` **bold** _it_",
    "%%{init: {'theme':'dark'}}%%",
    "%% note",
    "end",
    '"]; click n1 "javascript:alert(1)"',
    "-->",
    "$$x^2$$ $$$$",
    "</text><script>x</script>",
    ":::free",
    "@{ shape: circle }",
    "1. one",
    "- dash",
    "// c",
    "/* c */",
    "<!-- c -->",
    "---",
]


def hostile_network() -> Network:
    """A chain of layers with the names and the words of strangers, as another way in may make."""
    graph = archcalc.load("8x8x3 -> conv 1x1 3").graph
    (source,), (model,) = graph.inputs, graph.layers
    layers, before = [], source
    for text in HOSTILE:
        before = Layer(text, model.op, (before,), model.facts, (), text)
        layers.append(before)
    graph.tree.members[:] = layers
    graph.metadata.name, graph.metadata.title = HOSTILE[0], " ".join(HOSTILE)
    return Network(Graph(graph.metadata, (source,), tuple(layers), before, {}, graph.tree, {}))


def shown(text: str) -> str:
    """A text as a screen shows it: control characters are no characters."""
    return "".join(c if c.isprintable() else "�" for c in text)


def test_strangers_words_in_dot() -> None:
    drawn = read_dot(hostile_network().draw(all_layers=True))
    inner = list(drawn.nodes.values())[1:-1]
    assert [lines[0] for lines in inner] == [shown(text) for text in HOSTILE]
    assert len(drawn.edges) == len(HOSTILE) + 1
    whole = " ".join(drawn.title)
    assert all(word in whole for word in shown(" ".join(HOSTILE)).split())


def test_strangers_words_in_mermaid() -> None:
    drawn = read_mermaid(hostile_network().draw("mermaid", all_layers=True))
    inner = list(drawn.nodes.values())[1:-1]
    assert [lines[0] for lines in inner] == [" ".join(shown(text).split()) for text in HOSTILE]
    assert len(drawn.edges) == len(HOSTILE) + 1
    # A title is cleaned like HTML and then shown as it is: nothing in it may need cleaning.
    (title,) = drawn.title
    assert not set(title) & set("<>&\n")
    assert "$$x^2$$" in title


@pytest.mark.skipif(GRAPHVIZ is None, reason="Graphviz is not installed")
def test_strangers_words_as_graphviz_draws_them() -> None:
    """The witness for the reader of these tests: what Graphviz itself puts into the picture."""
    import html

    assert GRAPHVIZ is not None
    text = hostile_network().draw(all_layers=True)
    done = subprocess.run([GRAPHVIZ, "-Tsvg"], input=text.encode(), capture_output=True, check=True)
    assert done.stderr == b""
    texts = re.findall(r"<text[^>]*>(.*?)</text>", done.stdout.decode())
    found = Counter(html.unescape(part).replace("\u00a0", " ").strip() for part in texts)
    for text in HOSTILE:
        assert found[shown(text)] >= 1, text


def test_a_stream_that_takes_ascii_alone() -> None:
    spec = 'net small "Größe π"\n  input 8x8x3\n  conv 1x1 3\n'
    answer = call("draw", "-", stdin=spec, encoding="ascii")
    assert read_dot(answer.out).title == ["small  Größe π"]
    answer = call("draw", "-", "--format", "mermaid", stdin=spec, encoding="ascii")
    assert read_mermaid(answer.out).title == ["small  Größe π"]
    assert "Größe π" in call("draw", "-", stdin=spec).out


# The command --------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def program(folder: Path, text: str) -> str:
    """A PATH on which `dot` is this script."""
    path = folder / "bin" / "dot"
    path.parent.mkdir()
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path.parent)


def test_the_suffix_says_the_format(here: Path) -> None:
    for name in ("a.dot", "a.gv", "a.GV", "a"):
        assert call("draw", "vgg16", "-o", name).out == ""
        assert Path(name).read_text().startswith("digraph")
    for name in ("a.mmd", "a.mermaid"):
        assert call("draw", "vgg16", "-o", name).code == 0
        assert "\nflowchart TB\n" in Path(name).read_text()
    # The word is stronger than the name.
    assert call("draw", "vgg16", "-o", "b.svg", "--format", "dot").code == 0
    assert Path("b.svg").read_text().startswith("digraph")
    assert "`.jpg` is the suffix of no picture" in refused(call("draw", "vgg16", "-o", "a.jpg"))
    assert not Path("a.jpg").exists()


@pytest.mark.parametrize("form", ["svg", "png"])
def test_pictures_are_drawn_by_dot(here: Path, form: str) -> None:
    """Bytes arrive as they are, in a file and on standard output."""
    path = program(
        here,
        "import sys\nassert sys.stdin.buffer.read()[:7] == b'digraph'\n"
        "sys.stdout.buffer.write(b'\\x89\\xff\\r\\n' + sys.argv[1].encode())\n",
    )
    expected = b"\x89\xff\r\n-T" + form.encode()
    assert call("draw", "vgg16", "-o", f"a.{form}", PATH=path).code == 0
    assert Path(f"a.{form}").read_bytes() == expected
    done = subprocess.run(
        [sys.executable, "-m", "archcalc", "draw", "vgg16", "--format", form],
        env={**os.environ, "PATH": path},
        capture_output=True,
        check=True,
    )
    assert done.stdout == expected


@pytest.mark.parametrize("form", ["svg", "png"])
def test_without_graphviz_one_line_says_what_to_do(here: Path, form: str) -> None:
    Path(f"a.{form}").write_text("kept")
    error = refused(call("draw", "vgg16", "-o", f"a.{form}", PATH=str(here)))
    assert error == (
        f"error[missing]: {form} is drawn by Graphviz, whose `dot` is not installed: install "
        "Graphviz, or use --format dot or mermaid\n"
    )
    assert Path(f"a.{form}").read_text() == "kept"


def test_graphviz_that_fails(here: Path) -> None:
    path = program(here, "import sys\nsys.exit('dot: out of memory\\nmore')\n")
    error = refused(call("draw", "vgg16", "-o", "a.svg", PATH=path))
    assert "Graphviz cannot draw it: dot: out of memory\n" in error
    assert not Path("a.svg").exists()


def test_graphviz_that_does_not_run(here: Path) -> None:
    path = program(here, "")
    Path(path, "dot").write_bytes(b"\x00")
    assert "Graphviz cannot draw it: " in refused(call("draw", "vgg16", "-o", "a.svg", PATH=path))


def test_a_png_is_kept_off_the_terminal() -> None:
    ours, theirs = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "archcalc", "draw", "vgg16", "--format", "png"],
        stdout=theirs,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 2
    assert b"a PNG is not for the terminal" in done.stderr


def test_calls_that_cannot_be(here: Path) -> None:
    assert "`gif` is not one of" in refused(call("draw", "vgg16", "--format", "gif"))
    assert "BT" in refused(call("draw", "vgg16", "--direction", "BT"))
    Path("folder.svg").mkdir()
    assert "is a directory" in refused(call("draw", "vgg16", "-o", "folder.svg"))
    assert "no such file or directory" in refused(call("draw", "vgg16", "-o", "none/a.dot"))
    assert "do not go together" in refused(call("draw", "vgg16", "--all", "--depth", "2"))
    assert "a TARGET is missing" in refused(call("draw"))
    assert "no layer or block is called `nothing`" in refused(call("draw", "8x8x3 -> nothing"))
    network = archcalc.load("vgg16")
    for wrong in ({"format": "svg"}, {"direction": "up"}, {"layout": "nchw"}):
        with pytest.raises(ValueError, match="is neither"):
            network.draw(**wrong)


def test_too_many_boxes_for_graphviz_are_refused_at_once() -> None:
    target = "8x8x3 -> 3000 x (conv 1x1 3)"
    error = refused(call("draw", target, "--all", "--format", "svg"))
    assert "3,002 boxes are more than Graphviz lays out in good time" in error


def test_what_viewers_of_mermaid_refuse_is_reported() -> None:
    target = "8x8x3 -> 600 x (conv 1x1 3)"
    answer = call("draw", target, "--all", "--format", "mermaid")
    assert answer.code == 0
    assert len(read_mermaid(answer.out).edges) == 601
    assert "601 edges: most viewers draw at most 500" in answer.err
    assert call("draw", target, "--format", "mermaid").err == ""


@pytest.mark.slow
def test_a_long_network_is_drawn_in_time_that_grows_with_it() -> None:
    """Defeats a search for the box of a layer, or a count of readers, once a layer."""
    import time

    taken = []
    for layers in (2_000, 16_000):
        parts = " ".join(["@a"] * layers)
        text = f"net long\n  input 4x4x1\n  a: {layers} x (conv 1x1 1 -> relu)\n  concat {parts}\n"
        network = archcalc.load("-", stdin=text, budget=1_000_000)
        start = time.process_time()
        assert network.draw(all_layers=True).count("->") == 3 * layers + 1
        taken.append(time.process_time() - start)
    assert taken[1] < 40 * max(taken[0], 0.05)


@pytest.mark.skipif(GRAPHVIZ is None, reason="Graphviz is not installed")
def test_graphviz_draws_googlenet(here: Path) -> None:
    """For real: an SVG with every box and every edge, and a PNG."""
    assert call("draw", "googlenet", "--depth", "2", "--with-heads", "-o", "a.svg").code == 0
    drawn = read_dot(archcalc.load("googlenet").draw(depth=2, with_heads=True))
    text = Path("a.svg").read_text()
    assert text.count('class="node"') == len(drawn.nodes)
    assert text.count('class="edge"') == len(drawn.edges)
    assert text.count('class="cluster"') == len(drawn.clusters) + 1  # that of the legend
    assert call("draw", "googlenet", "-o", "a.png").code == 0
    assert Path("a.png").read_bytes().startswith(b"\x89PNG\r\n")


def main() -> None:
    """Write the pictures."""
    for name in PICTURES:
        for form, suffix in SUFFIXES.items():
            (HERE / f"{name}.{suffix}").write_text(picture(name, form), encoding="utf-8")


if __name__ == "__main__":
    main()
