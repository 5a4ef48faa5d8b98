"""LaTeX: the screen's rows in booktabs, set by a real TeX where there is one, checked in structure
everywhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from calling import call
from documents import HOSTILE, MarkdownTable, check_latex, latex_number, latex_rows, unescaped
from hypothesis import given
from hypothesis import strategies as st

from archcalc.report.formats.latex import Format
from archcalc.report.grid import Column, Grid
from archcalc.report.lines import clean
from archcalc.report.sheet import FactsBlock, NotesBlock, Sheet, TableBlock
from archcalc.report.tex import tex, tex_number

CALLS = [
    "summary lenet5",
    "summary resnet50",
    "summary vgg16 --all",
    "summary googlenet -v",
    "summary xception",
    "summary fcn8s",
    "summary nasnet_mobile",
    "rf resnet18",
    "rf nasnet_mobile",
    "rf vgg16 pool5 --at 3,3",
    "list",
    "list --family lenet",
    "summary lenet5 --columns what",
    "summary lenet5 --optimizer adam --batch 1000000",
    "summary resnet18 --columns layer,what,output",
]


def written(*words: str, stdin: str = "") -> str:
    """The LaTeX that a call gives."""
    found = call(*words, "--format", "latex", stdin=stdin)
    assert found.code == 0, found.err
    return found.out


def body(text: str) -> str:
    """What stands in the first table."""
    table = r"\\begin\{(tabular|longtable)\}\{.*?@\{\}\}\n(.*?)\\end\{\1\}"
    found = re.search(table, text, re.DOTALL)
    assert found is not None
    return found.group(2)


@pytest.mark.slow
@pytest.mark.parametrize("call_", CALLS)
def test_structure(call_: str) -> None:
    text = written(*call_.split())
    check_latex(text)
    comment = re.match(r"% Needs \\usepackage\{([\w,]+)\} in the preamble\.\n", text)
    assert comment is not None
    needed = comment.group(1).split(",")
    assert ("longtable" in needed) == ("\\begin{longtable}" in text)
    tables = text.count("\\end{tabular}") + text.count("\\end{longtable}")
    assert text.count("\\caption{") == text.count("\\label{tab:") == tables
    assert "━" not in text


@pytest.mark.parametrize("network", ["lenet5", "resnet50", "googlenet", "nasnet_mobile"])
def test_the_same_table_as_markdown(network: str) -> None:
    """Cell for cell, so that its rows are the screen's and its columns sum to the totals."""
    found = latex_rows(body(written("summary", network)))
    table = MarkdownTable(call("summary", network, "--format", "markdown").out)
    start = found.index(table.heads) + 1
    if "\\endhead" in written("summary", network):
        start = found.index(table.heads, start) + 1
    assert table.total is not None
    rows = [*table.rows, table.total]
    assert len(found) - start == len(rows)
    for row, wanted in zip(found[start:], rows, strict=True):
        assert row[0].count("\\quad") == wanted[0].count("&emsp;")
        name = re.sub(r"\\quad |\\textbf|[{}]", "", row[0]).replace("\\_", "_").strip()
        assert name == unescaped(re.sub(r"&emsp;|\*\*", "", wanted[0]))
        for at, head in enumerate(table.heads):
            if head in ("parameters", "MACs"):
                bold = wanted[at].startswith("**")
                assert row[at].startswith("\\textbf{") == bold
                assert f"{latex_number(row[at]):,}" == (wanted[at].strip("*") or "0")
            if head == "output":
                assert row[at].replace("$\\times$", "x") == wanted[at]


def test_totals() -> None:
    totals = json.loads(call("summary", "vgg16", "--format", "json").out)["totals"]
    last = latex_rows(body(written("summary", "vgg16")))[-1]
    assert last[0] == "\\textbf{total}"
    assert [latex_number(cell) for cell in last[3:5]] == [totals["params"], totals["macs"]]
    assert "138{,}357{,}544" in last[3]


@pytest.mark.slow
def test_labels_differ() -> None:
    """Defeats two tables of one document that LaTeX cannot tell apart."""
    texts = [
        written(*words.split())
        for words in (
            "summary resnet50",
            "summary resnet50_v1",
            "rf resnet50",
            "rf vgg16 pool5 --at 3,3",
            "rf vgg16 pool5 --at 3,4",
            "list",
            "summary resnet50 --optimizer adam",
        )
    ]
    labels = re.findall(r"\\label\{(.*?)\}", "".join(texts[:-1]))
    assert len(set(labels)) == len(labels)
    assert "tab:resnet50-summary" in labels
    assert "\\label{tab:resnet50-training}" in texts[-1]


def test_numbers() -> None:
    assert tex_number("25,557,032") == "25{,}557{,}032"
    assert tex_number("-3,-3") == "$-$3,$-$3", "a comma between two numbers is none of thousands"
    assert tex_number("224x224x3") == "224$\\times$224$\\times$3"
    assert tex_number("27~*") == "27$\\sim${*}"
    assert tex_number("≥ 137") == "$\\geq$ 137"
    assert tex_number("1/2") == "1/2"


def test_signs() -> None:
    assert tex("50% of A&B_c #1 $x$ {y} ~ ^ \\") == (
        "50\\% of A\\&B\\_c \\#1 \\$x\\$ \\{y\\} $\\sim$ \\textasciicircum{} \\textbackslash{}"
    )
    assert tex("a--b---c") == "a-{}-b-{}-{}-c"
    assert tex("Čech, naïve, Ångström, Łódź, ß") == (
        "\\v{C}ech, na\\\"{i}ve, \\r{A}ngstr\\\"{o}m, \\L{}\\'{o}d\\'{z}, \\ss{}"
    )
    assert tex("α=0.5, Ω, Λ, ς, Β") == "$\\alpha$=0.5, $\\Omega$, $\\Lambda$, $\\varsigma$, B"
    assert tex("⌊x·y⌋ − 3 × 4 … 10² ½ H₂O") == (
        "$\\lfloor$x$\\cdot$y$\\rfloor$ $-$ 3 $\\times$ 4 \\dots{} 10\\textsuperscript{2} 1/2 "
        "H\\textsubscript{2}O"
    )
    assert tex("中 🙂") == "{[}U+4E2D{]} {[}U+1F642{]}"


def test_a_row_that_starts_like_an_argument() -> None:
    """Defeats `\\\\` that takes the next row's bracket or star for its own."""
    for sign in ("[2pt] a", "* b"):
        text = "".join(Format().document([sheet(sign)]))
        assert "\n{" in body(text)
        check_latex(text)


def sheet(text: str) -> Sheet:
    """A table in which a text stands everywhere."""
    cells = [(text, ""), (text, "spec"), (text, "sum"), (text, "")]
    columns = [Column("a"), Column("b"), Column("c", right=True), Column(text)]
    return Sheet(
        text,
        text,
        text,
        text,
        TableBlock(Grid(columns, [cells, cells], [cells])),
        FactsBlock(lambda width: [("word", [(text, "")])]),
        NotesBlock([text]),
    )


@given(
    st.one_of(
        st.text(st.sampled_from("\\{}$&#%_~^[]<>|*\"'`-!?/ ab1"), min_size=1, max_size=12),
        st.text(min_size=1, max_size=12),
    )
)
def test_any_text_is_text(text: str) -> None:
    shown = tex(clean(text))
    assert shown.isascii()
    assert shown.count("{") - shown.count("\\{") == shown.count("}") - shown.count("\\}")
    # Without commands, escapes, formulas and groups, nothing is left that TeX would obey.
    bare = re.sub(r"\\[A-Za-z]+|\\[^A-Za-z]|\$[^$]*\$", "", shown)
    assert not set(bare) & set('\\$&#%_~^"<>|')


# A real TeX -------------------------------------------------------------------------------------

PDFLATEX = shutil.which("pdflatex")
TECTONIC = shutil.which("tectonic")
needs_tex = pytest.mark.skipif(not (PDFLATEX or TECTONIC), reason="neither pdflatex nor tectonic is on PATH")


def typeset(parts: list[str], folder: Path) -> str:
    """Set a bare article of these tables, as its reader would; what TeX had to say."""
    packages = set(re.findall(r"\w+", " ".join(re.findall(r"\\usepackage\{([\w,]+)\}", "".join(parts)))))
    assert packages <= {"booktabs", "longtable"}
    head = "".join([f"\\usepackage{{{name}}}\n" for name in sorted(packages)])
    text = f"\\documentclass{{article}}\n{head}\\begin{{document}}\n"
    text += "\\clearpage\n".join(parts) + "\\end{document}\n"
    path = folder / "tables.tex"
    path.write_text(text, encoding="utf-8")
    if PDFLATEX:
        command = [PDFLATEX, "-interaction=nonstopmode", "-halt-on-error", path.name]
    else:
        command = [str(TECTONIC), "--keep-logs", path.name]
    for _ in range(2):  # longtables need to see their widths
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        shown = path.with_suffix(".log").read_text(encoding="latin-1")
        assert done.returncode == 0, shown[-3000:]
    assert path.with_suffix(".pdf").stat().st_size > 1000
    return shown


@needs_tex
@pytest.mark.slow
def test_tables_fit_a_bare_article(tmp_path: Path) -> None:
    """Defeats a command that needs a package, and a table that runs over the page's edge."""
    shown = typeset([written(*words.split()) for words in CALLS], tmp_path)
    assert "Overfull" not in shown
    assert "Float too large" not in shown


@needs_tex
def test_any_sign_is_set(tmp_path: Path) -> None:
    """Signs of every block of Unicode that a font may have, and all of ASCII in odd company."""
    signs = "".join(
        [
            clean(chr(c))
            for c in [
                *range(32, 0x250),
                *range(0x370, 0x400),
                *range(0x1E00, 0x1F00),
                *range(0x2000, 0x2800),
                *range(0xFB00, 0xFB07),
                0x4E2D,
                0x1F642,
            ]
        ]
    )
    parts = ["".join(Format().document([sheet(signs[at : at + 16])])) for at in range(0, len(signs), 16)]
    odd = ["[2pt]", "*", "!`?`", "--", "\\\\", "}{", "$$", "%", "&&", "#1", "^^M", "~~", '"a']
    parts += ["".join(Format().document([sheet(text)])) for text in odd]
    parts.append(written("summary", "-", stdin=HOSTILE))
    typeset(parts, tmp_path)
