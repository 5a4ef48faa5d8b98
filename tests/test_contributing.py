"""CONTRIBUTING and the README's map of the folders are true: what they name exists, their examples run.

Defeats: a page for newcomers that speaks of files and commands of last year.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import archcalc
from archcalc.language.library import Library

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
QUOTED = re.findall(r"`([^`\n]+)`", PROSE)
MAP = README.split("## Where things are", 1)[1]
# A file that an example makes.
MADE = {"archcalc/ops/hard_tanh.py", "archcalc/cli/depth.py", "edge_list.py", "percent.py", "wiki.py"}


def section(title: str) -> str:
    """The text below a heading."""
    return PAGE.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]


def example(title: str, language: str) -> str:
    """The code of a section."""
    return re.findall(rf"```{language}\n(.*?)```", section(title), re.DOTALL)[0]


def run(code: str, *arguments: str) -> str:
    """What a program prints; an op or a belief stays in a process, so that it has its own."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code, *arguments],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_files_exist() -> None:
    names = {word for word in QUOTED if re.fullmatch(r"[\w./-]+(/|\.(py|md|toml|txt|cfg|arch))", word)}
    names |= set(re.findall(r"\]\(([^)#:]+)(?:#[\w-]+)?\)", PROSE))
    assert len(names) > 20
    assert [name for name in sorted(names - MADE) if not (ROOT / name).exists()] == []


def test_names_stand_where_they_are_said_to() -> None:
    """``SEEN`` of a file is in that file."""
    pairs = re.findall(r"`([\w.]+)`(?: or `\w+`)?(?:,)? (?:of|in)(?: the)?\s+`([\w/]+\.py)`", PROSE)
    assert len(pairs) >= 4
    for name, path in pairs:
        text = (ROOT / path).read_text(encoding="utf-8")
        for part in name.split("."):
            assert re.search(rf"\b{part}\b", text), (name, path)


def test_commands_exist() -> None:
    """Modules, scripts and options of pytest."""
    commands = [word for word in QUOTED if re.match(r"(python|ruff|pip|pre-commit|archcalc) ", word)]
    assert len(commands) > 10
    for command in commands:
        for module in re.findall(r"python -m ([\w.]+)", command):
            assert find_spec(module) is not None, command
        for script in re.findall(r"[\w/]+\.(?:py|txt)\b", command):
            assert (ROOT / script).exists(), command
        for word in re.findall(r"python tests/renew.py ([a-z ]+)", command):
            from renew import SCRIPTS

            assert all(any(part in script for script in SCRIPTS) for part in word.split()), command


def test_every_generator_is_renewed() -> None:
    """Defeats a page with a script of its own that ``tests/renew.py`` forgets."""
    from renew import SCRIPTS

    assert {script for script in SCRIPTS if script.startswith("docs/")} == {
        f"docs/{path.name}"
        for path in (ROOT / "docs").glob("*.py")
        if "__main__" in path.read_text(encoding="utf-8")
    }
    assert [script for script in SCRIPTS if not (ROOT / script).exists()] == []


def test_the_layer() -> None:
    """A class alone is enough: parsed, computed and documented."""
    code = example("Add a layer", "python") + (
        "import archcalc\n"
        "row = archcalc.load('28x28x6 -> hardtanh').summary().rows[0]\n"
        "assert row.operations.compare == 2 * 28 * 28 * 6\n"
        "from archcalc.cli import cli\n"
        "cli.main(['ops', 'hardtanh'], standalone_mode=False)\n"
    )
    assert "Hard hyperbolic tangent" in run(code)


def test_the_misconception() -> None:
    code = example("Add a misconception", "python") + (
        "from archcalc.cli import cli\n"
        "cli.main(['check', '32x32x3 -> conv 5x5 10 pad=2', 'params=780'], standalone_mode=False)\n"
        "from archcalc.answers.misconceptions import CATALOGUE\nprint(list(CATALOGUE))\n"
    )
    printed = run(code)
    assert "consistent with a bias for every input channel" in printed
    assert "(5·5·3 + 3)·10 = 780" in printed
    assert "'bias-per-channel'" in printed


def test_the_command() -> None:
    """In the place of a file of ``archcalc/cli/``. Defeats an example of how commands once were."""
    code = (
        "import sys, types\nfrom archcalc.cli import COMMANDS, main\n"
        "module = types.ModuleType('archcalc.cli.depth')\nmodule.__package__ = 'archcalc.cli'\n"
        f"exec({example('Add a command', 'python')!r}, module.__dict__)\n"
        "sys.modules['archcalc.cli.depth'] = module\nCOMMANDS['depth'] = 'depth'\nmain(sys.argv[1:])\n"
    )
    assert "5 layers" in run(code, "depth", "lenet5_modern")
    assert json.loads(run(code, "depth", "lenet5_modern", "--format", "json"))["depth"] == 5
    assert run(code, "depth", "lenet5_modern", "--format", "csv").splitlines()[1] == "lenet5_modern,5"


def test_the_block_and_the_network(tmp_path: Path) -> None:
    """Counted by hand: a conv of 3 channels, one of 16, and a head of ten classes."""
    path = tmp_path / "walk.arch"
    net = example("Add a network to the zoo", "arch")
    path.write_text(f"{net}\n{example('Add a block', 'arch')}", encoding="utf-8")
    summary = archcalc.load(f"{path}:walknet").summary()
    params = (3 * 3 * 3 + 1) * 16 + (3 * 3 * 16 + 1) * 32 + (32 + 1) * 10
    assert summary.totals["params"] == params
    (figure,) = summary.published_figures
    assert figure.agrees
    chain = "net n\n  input 8x8x4\n  plain_unit 2 stride=2\n"
    path.write_text(chain + example("Add a block", "arch"), encoding="utf-8")
    assert tuple(archcalc.load(f"{path}:n").graph.output.output) == (4, 4, 2)


def test_the_readme_lists_every_format() -> None:
    """Defeats a format that only its author knows of."""
    from archcalc.report.formats import names

    table = README.split("\n## Formats\n", 1)[1].strip().split("\n\n")[0]
    listed = [word for row in table.splitlines()[2:] for word in re.findall(r"`(\w+)`", row.split("|")[1])]
    assert sorted(listed) == sorted(names())


# The map ----------------------------------------------------------------------------------------


def places() -> list[str]:
    """The paths of the map's first column; a bare name stands in the folder of the one before."""
    found: list[str] = []
    for cell in re.findall(r"^\| (`.*?) \|", MAP, re.MULTILINE):
        folder = ""
        for name in re.findall(r"`([^`]+)`", cell):
            if "/" in name:
                folder = name.rsplit("/", 1)[0] if name.endswith(".py") else str(Path(name).parent)
            found.append(name if "/" in name else f"{folder}/{name}")
    return found


def test_the_map_has_every_folder() -> None:
    named = {name.rstrip("/") for name in places()}
    assert [name for name in named if not (ROOT / name).exists()] == []
    python = [path for path in (ROOT / "archcalc").iterdir() if path.suffix == ".py" or path.is_dir()]
    present = {f"archcalc/{path.name}" for path in python if not path.name.startswith("_")}
    top = {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.glob("*.py"))}
    assert present | (top - {"archcalc"}) <= named


def test_the_rule_of_conv_is_where_the_readme_says() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", MAP)
    assert "archcalc/ops/convolution.py" in links
    for link in links:
        assert (ROOT / link).exists(), link
    assert re.search(r"^class Conv\(", (ROOT / "archcalc/ops/convolution.py").read_text("utf-8"), re.M)
    assert re.search(r"^class Window\b", (ROOT / "archcalc/ops/window.py").read_text("utf-8"), re.M)


@pytest.mark.parametrize("title", ["Add a layer", "Add a block", "Add a network to the zoo", "Add a format"])
def test_examples_are_new(title: str) -> None:
    """Defeats an example of what archcalc has, which a newcomer could not add."""
    from archcalc.ops import registry

    known = {*registry(), *Library().blocks, *Library().zoo}
    assert not {"hardtanh", "plain_unit", "walknet"} & known
    assert "```" in section(title)
