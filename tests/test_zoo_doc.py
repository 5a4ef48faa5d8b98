"""docs/zoo.md: of today, whole, and with links that lead somewhere."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

import archcalc
from archcalc.language.library import Library

SCRIPT = Path(__file__).parent.parent / "docs" / "zoo.py"
TEXT = SCRIPT.with_name("zoo.md").read_text(encoding="utf-8")
# The document's part of each network.
PARTS = {part.partition("\n")[0]: part for part in re.split(r"^### ", TEXT, flags=re.MULTILINE)[1:]}


@pytest.mark.slow
def test_the_file_is_that_of_today() -> None:
    """`python docs/zoo.py` writes it. Defeats figures that the specs or rules have outgrown."""
    assert subprocess.run([sys.executable, str(SCRIPT), "--check"], check=False).returncode == 0


@pytest.mark.slow
def test_a_stale_file_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Defeats a check that cannot fail."""
    monkeypatch.syspath_prepend(str(SCRIPT.parent))  # as where the script itself is run
    spec = importlib.util.spec_from_file_location("zoo_doc", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    families = script.zoo()
    monkeypatch.setattr(script, "zoo", lambda: families)
    monkeypatch.setattr(script, "PATH", tmp_path / "zoo.md")
    monkeypatch.setattr(sys, "argv", ["zoo.py", "--check"])
    assert script.main() == 1
    script.PATH.write_text(TEXT, encoding="utf-8")
    assert script.main() == 0
    script.PATH.write_text(TEXT.replace("25,557,032", "25,557,033"), encoding="utf-8")
    assert script.main() == 1
    assert "python docs/zoo.py" in capsys.readouterr().err


def test_reasons_are_computed_where_they_can_be() -> None:
    """Defeats words that nobody has checked, a tool that fits by chance (ShuffleNet v2 x2.0 as fvcore), and a
    slip in a sum that is taken for a misprint."""
    part = TEXT.partition("## Figures that differ")[2].partition("\n## ")[0]
    why = {line.split("](#")[0].removeprefix("| ["): line for line in part.split("\n") if "](#" in line}
    assert "resnet101_v1: 7,570,194,432" in why["resnet101"]
    assert "vgg19: 19,632,062,464" in part
    assert "input 800x800x3: 134,379,721,216" in why["faster_rcnn_resnet50_fpn"]
    assert "fvcore" not in why["shufflenet_v2_x2_0"]
    assert "misprint: 1 for 2" not in why["mlp_400"]


def test_every_network_and_every_figure() -> None:
    """Counted in the text of the specs, which nothing has read. Defeats a report that is lost."""
    folder = Path(Library.folder())
    specs = "".join([path.read_text(encoding="utf-8") for path in folder.glob("*.arch")])
    nets = re.split(r"^net +(\w+)", specs, flags=re.MULTILINE)[1:]
    assert sorted(nets[::2]) == sorted(PARTS)
    for name, text in zip(nets[::2], nets[1::2], strict=True):
        reports = re.findall(r"^  report +\w+(?: of [\w.]+)? +(\S+)", text, re.MULTILINE)
        rows = [line.split(" | ") for line in PARTS[name].split("\n") if line.startswith("| ")]
        assert [row[1] for row in rows[2:]] == [r.replace("_", ",") for r in reports], name


def test_every_difference_has_its_reason() -> None:
    """Those of the specs, word for word; in the table at the top what is computed goes first."""
    top = TEXT.partition("## Figures that differ")[2].partition("\n## ")[0]
    found = 0
    for name in PARTS:
        for checked in archcalc.load(name).summary().published_figures:
            if checked.figure.wrong is None:
                continue
            found += 1
            shown = checked.figure.wrong.replace("*", "\\*")
            figure = checked.figure.printed.replace("_", ",")
            assert f"**differs**: {shown} |" in PARTS[name]
            line = next(
                line
                for line in top.split("\n")
                if line.startswith(f"| [{name}]")
                and (line.endswith(f"| {shown} |") or re.search(r": [\d,]+(?: \([^|]*\))? \|$", line))
                and f" | {figure} | " in line
            )
            assert f"{checked.computed:,}" in line
    assert found == TEXT.count("**differs**: ") == top.count("\n| [") > 40


def test_links_lead_somewhere() -> None:
    heads = re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    known = [re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads]
    assert len(set(known)) == len(known), "a second heading of a name has another link"
    links = re.findall(r"\]\(#([^)]*)\)", TEXT)
    assert set(links) <= set(known)
    assert set(PARTS) <= set(links)


def test_tables_are_tables() -> None:
    """Defeats a bar in a text that makes a cell more."""
    width = 0
    for line in TEXT.split("\n"):
        if not line.startswith("|"):
            width = 0
            continue
        cells = len(re.findall(r"(?<!\\)\|", line))
        assert width in (0, cells), line
        width = cells
