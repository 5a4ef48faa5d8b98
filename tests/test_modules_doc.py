"""docs/modules.md is true: its commands print what it shows, and its Python runs.
``python tests/test_modules_doc.py`` writes the output again."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest
from test_readme import CONSOLE, PYTHON, commands, run

from archcalc.importing.torch.targets import ModuleTarget
from archcalc.loading.targets import plain_name

WIDTH = 100
GUIDE = Path(__file__).resolve().parent.parent / "docs" / "modules.md"
TEXT = GUIDE.read_text(encoding="utf-8")
CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    assert run(command, WIDTH) == "\n".join(shown).rstrip().split("\n")


def test_the_targets_of_the_table_are_targets() -> None:
    """Defeats a form that is not read."""
    targets = re.findall(r"^\| `([^`]*:[^`]*)` \| [^t]", TEXT.partition("## Which")[0], re.MULTILINE)
    assert len(targets) == 5
    for target in targets:
        assert ModuleTarget.read(target.strip("'")).attribute


@pytest.mark.slow
def test_the_python_of_the_page_runs() -> None:
    pytest.importorskip("torch", reason="PyTorch is not installed")
    if not run('python -c \'import importlib.util as u; print(u.find_spec("torchvision") or "")\'')[0]:
        pytest.skip("torchvision is not installed")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(PYTHON.findall(TEXT)[0], "docs/modules.md", "exec"), {})
    assert printed.getvalue().split() == [str(11_689_512 - 513_000 + 5_130)]


def test_names_of_specs() -> None:
    """Each is a word of the language. Defeats a name with brackets, dots or a digit in front."""
    for target, name in (
        ("torchvision.models:resnet50", "resnet50"),
        ("mine:net.layers.0", "net_0"),
        ('timm:create_model("vit_tiny.augreg-in21k")', "vit_tiny_augreg_in21k"),
        ("nets/small.pt2", "small"),
        ("Sequential", "Sequential"),
    ):
        assert plain_name(target) == name


def write() -> None:
    """Put the real output behind every command."""

    def fill(match: re.Match[str]) -> str:
        blocks = ["\n".join([f"$ {command}", *run(command, WIDTH)]) for command, _ in commands(match[1])]
        return "```console\n" + "\n\n".join(blocks) + "\n```"

    GUIDE.write_text(CONSOLE.sub(fill, TEXT), encoding="utf-8")


if __name__ == "__main__":
    write()
