"""Markdown: the screen's rows as a table with pipes, whatever words a spec holds."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from calling import call
from documents import HOSTILE, MarkdownTable, unescaped
from hypothesis import given
from hypothesis import strategies as st
from reading import RULE

from archcalc.cli import COMMANDS
from archcalc.report.formats.markdown import Format, escaped
from archcalc.report.grid import Column, Grid
from archcalc.report.lines import clean
from archcalc.report.sheet import FactsBlock, NotesBlock, Sheet, TableBlock

ZOO = ["lenet5", "alexnet_grouped", "vgg16", "googlenet", "resnet18", "resnet152", "nasnet_mobile"]


def written(*words: str, **how: str) -> str:
    """The Markdown that a call gives."""
    found = call(*words, "--format", "markdown", **how)
    assert found.code == 0, found.err
    return found.out


def columns(screen: str) -> tuple[list[str], list[str]]:
    """Heads, and the rows' first cells, of a screen's first table."""
    lines = screen.split("\n")
    rules = [at for at, line in enumerate(lines) if RULE.match(line)]
    end = rules[1] if len(rules) > 1 else lines.index("", rules[0])
    heads = lines[rules[0] - 1].split()
    names = []
    for line in lines[rules[0] + 1 : end]:
        bare = line.lstrip()
        names.append(" " * (len(line) - len(bare)) + re.split(r"  +", bare)[0])
    return heads, names


@pytest.mark.slow
@pytest.mark.parametrize("network", ZOO)
@pytest.mark.parametrize(
    "how", ["", "--depth 1", "--depth 3", "--all", "--with-heads", "--batch 32 --dtype fp16"]
)
def test_summary(network: str, how: str) -> None:
    """Rows, names and columns of the screen; sums and totals to the last digit. Defeats a column
    or a depth that only the screen knows of, and totals that were rounded."""
    words = ["summary", network, *how.split()]
    text = written(*words)
    table = MarkdownTable(text)
    heads, names = columns(call(*words).out)
    assert table.heads == heads
    assert table.names() == names
    assert table.right == [head not in ("layer", "what") for head in heads]
    table.check_sums("parameters", "MACs")
    assert table.total is not None
    totals = json.loads(call(*words, "--format", "json").out)["totals"]
    assert table.total[table.heads.index("parameters")] == f"**{totals['params']:,}**"
    assert table.total[table.heads.index("MACs")] == f"**{totals['macs']:,}**"
    assert "━" not in text
    assert "│" not in text


def test_columns() -> None:
    table = MarkdownTable(written("summary", "vgg16", "--columns", "macs,output"))
    assert table.heads == ["layer", "output", "MACs"]
    table.check_sums("MACs")
    shown = call("rf", "vgg16", "--columns", "size", "--format", "markdown")
    assert shown.code == 2
    assert "--columns does not go with --format markdown" in shown.err


def test_what_stands_below() -> None:
    """Published figures one an item, conventions behind them; nothing of the screen is lost."""
    text = written("summary", "resnet50", "-v")
    below = text[text.rindex("|\n") + 2 :]
    items = [line for line in below.split("\n") if line]
    assert all(re.match(r"(  )?- ", line) for line in items)
    assert "- published" in items
    assert "  - 25.6M parameters (torchvision) ✓ agrees, rounded" in items
    assert any(line.startswith("- memory: ") or line == "- memory" for line in items)
    shown = re.sub(r"[^\w]+", " ", unescaped(re.sub(r"^ *- ", "", below, flags=re.MULTILINE)))
    screen = call("summary", "resnet50", "-v").out
    foot = screen[screen.rindex("─\ntotal") :].split("\n", 2)[2]
    # Sentences are broken into other lines; their words are the same.
    assert sorted(shown.split()) == sorted(re.sub(r"[^\w]+", " ", foot).split())


def test_training_is_a_table_of_its_own() -> None:
    """Defeats the screen's ledger, laid out with spaces, pasted into a list."""
    text = written("summary", "lenet5", "--optimizer", "adam")
    breakdown = MarkdownTable(text, 1)
    assert breakdown.heads[0] == "Adam, fp32, batch 1"
    assert breakdown.names()[:2] == ["parameters", "gradients"]
    breakdown.check_sums("bytes")
    assert "─" not in text


def test_rf() -> None:
    table = MarkdownTable(written("rf", "resnet18"))
    assert table.heads == ["layer", "what", "output", "size", "stride", "start"]
    row = dict(zip(table.heads, table.rows[1], strict=True))
    assert row == {
        "layer": "conv1",
        "what": "`conv_bn 7x7 64 stride=2`",
        "output": "112x112x64",
        "size": "7",
        "stride": "2",
        "start": "-3",
    }
    assert table.total is None
    two = "net a\n  input left: 8x8x3\n  input right: 8x8x1\n  conv_l: @left -> conv 3x3 4\n"
    two += "  conv_r: @right -> conv 3x3 4\n  add @conv_l @conv_r\n"
    text = written("rf", "-", stdin=two)
    assert MarkdownTable(text).names() == ["left", "conv_l", "add1"]
    assert MarkdownTable(text, 1).names() == ["right", "conv_r", "add1"]
    # `~` and `*` of a field are no marks of Markdown.
    assert re.search(r"\| +\d+\\~ \|", written("rf", "nasnet_mobile"))
    assert "\n- unit i sees" in text


def test_one_unit() -> None:
    text = written("rf", "vgg16", "pool5", "--at", "3,3")
    assert text.startswith("**vgg16 pool5**: what unit (3, 3) of 7x7 sees\n\n| layer ")
    table = MarkdownTable(text)
    assert table.rows[-1] == ["input", "224x224x3", "6..217", "6..217", "212x212"]
    assert "- rows **6..217** columns **6..217** of the input 224x224x3\n" in text
    assert "░" not in text
    assert len(MarkdownTable(written("rf", "vgg16", "pool5", "--at", "3,3", "--all")).rows) > len(table.rows)


@pytest.mark.slow
def test_list() -> None:
    table = MarkdownTable(written("list"))
    entries = json.loads(call("list", "--format", "json").out)
    named = [row for row in table.rows if row[0].startswith("&emsp;")]
    found = {unescaped(row[0].removeprefix("&emsp;")): row for row in named}
    assert set(found) == {entry["name"] for entry in entries}
    for entry in entries:
        row = dict(zip(table.heads, found[entry["name"]], strict=True))
        assert row["parameters"] == f"{entry['totals']['params']:,}"
        assert row["MACs"] == f"{entry['totals']['macs']:,}"


def test_verify() -> None:
    pytest.importorskip("torch")
    answer = call("verify", "lenet5", "--format", "markdown")
    screen = call("verify", "lenet5").out
    assert answer.code == call("verify", "lenet5").code
    table = MarkdownTable(answer.out)
    assert table.heads[1:5] == ["quantity", "layers agree", "predicted", "measured"]
    for row in table.rows:
        assert re.search(r" +".join(map(re.escape, [cell for cell in row if cell])), screen)
    if answer.code == 1:
        assert MarkdownTable(answer.out, 1).heads[1:3] == ["layer", "what"]


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_offers_it_writes_it(name: str) -> None:
    """Defeats a screen under another name: a new command either has a sheet, or no such format."""
    if name == "verify":
        pytest.importorskip("torch")
    asked = {
        "list": [],
        "ops": [],
        "compare": ["lenet5", "vgg16"],
        "reconcile": ["lenet5", "60000", "416520"],
        "time": ["lenet5", "--on", "cpu"],
        "solve": ["8x8x3 -> conv 3x3 4 pad=? -> [8x8x4]"],
        "sweep": ["8x8x3 -> conv {3, 5} 4"],
        "apply": ["maxpool 2x2", "1 2 7 3;9 4 6 1"],
        "check": ["lenet5", "params=60000"],
        "quiz": [str(Path(__file__).parent.parent / "examples" / "class" / "quiz.toml")],
    }
    words = [name, *asked.get(name, ["lenet5"])]
    answer = call(*words, "--format", "markdown")
    if "markdown" in call(name, "--help").out:
        assert answer.code in (0, 1)
        held = {"show": r"^```text", "apply": r"^```text", "export": r"^```text", "quiz": r"^## "}.get(
            name, r"^\| -+"
        )
        assert re.search(held, answer.out, re.MULTILINE)
        assert "━" not in answer.out
    else:
        assert answer.code == 2


def test_format_for_good_and_files(tmp_path: Path) -> None:
    wanted = written("summary", "lenet5")
    assert call("summary", "lenet5", ARCHCALC_FORMAT="markdown").out == wanted
    path = tmp_path / "out.md"
    assert call("summary", "lenet5", "--format", "markdown", "-o", str(path)).out == ""
    assert path.read_text(encoding="utf-8") == wanted
    assert "```text\nnet lenet5" in call("show", "lenet5", ARCHCALC_FORMAT="markdown").out


def test_where_only_ascii_arrives() -> None:
    """Signs are written as what Markdown reads as the same sign, and in file as themselves."""
    from html import unescape

    ascii = call("summary", "resnet50", "--format", "markdown", encoding="ascii").out
    assert ascii.isascii()
    assert "&#183;" in ascii
    assert unescape(ascii) == unescape(written("summary", "resnet50"))


# Hostile words ----------------------------------------------------------------------------------


def test_hostile_words() -> None:
    text = written("summary", "-", stdin=HOSTILE)
    table = MarkdownTable(text)
    table.check_sums("parameters", "MACs")
    title = next(line for line in text.split("\n") if line.startswith("**a**: "))
    shown = call("summary", "-", stdin=HOSTILE).out.split("\n")[0]
    assert unescaped(title) == shown.replace("a  ", "**a**: ", 1)
    assert "\n- published: 232 parameters (=T\\|able_1 \\*50%\\* & {x} \\\\ #2)" in text


def test_an_underscore_between_letters_stays_readable() -> None:
    assert escaped("conv1_1..3") == "conv1_1..3"
    assert escaped("_a_ a_ _b") == r"\_a\_ a\_ \_b"
    assert escaped("AT&T &amp; &#1;") == r"AT&T \&amp; \&#1;"


@pytest.mark.parametrize(
    "text", ["http://e<img src=x onerror=alert(1)>", "www.e.org<b>", "a@b.org<i>", "https://e/\\<a>`<b>"]
)
def test_no_tag_is_live_behind_an_address(text: str) -> None:
    """GitHub makes a link of an address up to the next `<`, and the link swallows a backslash that
    stands before it. Defeats: backslashes alone."""
    shown = "".join(Format().document([sheet(text)]))
    assert "<" not in shown
    assert "&lt;" in shown
    titled = f'net a "{text}"\n  input 8x8x3\n  relu\n'.replace("\\<", "<")
    for words in (["summary"], ["explain"], ["rf"]):
        assert "<" not in written(*words, "-", stdin=titled)


def sheet(text: str) -> Sheet:
    """A table of one row in which a text stands as every role."""
    cells = [(text, "spec"), (text, "sum"), (text, ""), (text, "aside")]
    grid = Grid([Column(str(at)) for at in range(len(cells))], [cells])
    facts = FactsBlock(lambda width: [("word", [(text, "")])])
    return Sheet("name", text, text, "", TableBlock(grid), facts, NotesBlock([text]))


SIGNS = st.one_of(
    st.text(st.sampled_from("|\\`*_[]()<>~$&#!-+=:;.ab1 {}\"'@"), min_size=1, max_size=12),
    st.text(min_size=1, max_size=20),
)


@given(SIGNS)
def test_any_text_means_itself(text: str) -> None:
    """Read by another's parser: the cells and the items hold the text, and no mark but ours.
    Defeats a pipe behind a backslash, backticks in code, entities, and signs at the ends."""
    markdown_it = pytest.importorskip("markdown_it")
    wanted = " ".join(clean(text).split())
    if not wanted:
        return
    shown = "".join(Format().document([sheet(clean(text).strip())]))
    reader = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = reader.parse(shown)
    assert [t.type for t in tokens].count("td_open") == 4
    inlines = [token for token in tokens if token.type == "inline"]
    heading, _, _, _, _, spec, total, bare, aside, fact, note = inlines
    for token in inlines:
        kinds = {child.type for child in token.children}
        assert kinds <= {"text", "text_special", "strong_open", "strong_close", "code_inline"}
        assert "code_inline" not in kinds or token is spec
    for token, around in (
        (heading, "name: {0} ({0})"),
        (spec, "{}"),
        (total, "{}"),
        (bare, "{}"),
        (aside, "{}"),
        (fact, "word: {}"),
        (note, "{}"),
    ):
        content = "".join([child.content for child in token.children])
        assert " ".join(content.split()) == around.format(wanted)
