"""The documentation as a site: it builds without a warning, every page is reached, and what its first pages
show is true. ``python tests/test_docs_site.py`` writes the outputs again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from test_readme import CONSOLE, commands, run

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = ("index", "start")
WIDTH = 80
CASES = [
    case
    for page in PAGES
    for block in CONSOLE.findall((DOCS / f"{page}.md").read_text(encoding="utf-8"))
    for case in commands(block)
]


@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    assert run(command, WIDTH) == "\n".join(shown).rstrip().split("\n")


@pytest.mark.slow
def test_the_three_paths_can_be_copied(tmp_path: Path) -> None:
    """All commands of the ten minutes run in their order, in a folder with the examples alone; defeats a file
    that a reader does not have. Exit code 1 is a verdict: an answer is wrong, or not read."""
    text = (DOCS / "start.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
    plain = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    inline = [" ".join(each.split()) for each in re.findall(r"`(archcalc [^`]+)`", plain)]
    # These stop at Ctrl-C, or take longer than a test has.
    inline = [each for each in inline if each.split()[1] not in ("practice", "serve", "verify")]
    assert len(blocks) >= 5
    assert len(inline) >= 9
    if find_spec("torch") is None:
        blocks = [re.sub(r".*small_net.*\n", "", block) for block in blocks]
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", "\n".join(["trap '[ $? = 1 ] || echo FAILED: $BASH_COMMAND' ERR", *blocks, *inline])],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert "FAILED" not in done.stdout, done.stdout[-2000:] + done.stderr
    assert "error" not in done.stderr
    assert {"quiz.toml", "quiz.xml", "marks.csv", "grades.csv"} <= {each.name for each in tmp_path.iterdir()}


def test_every_page_is_in_the_table_of_contents() -> None:
    """Defeats a page that nobody can find."""
    text = (DOCS / "index.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^(\w+)$", "".join(re.findall(r"```\{toctree\}(.*?)```", text, re.DOTALL)), re.M))
    assert named == {path.stem for path in DOCS.glob("*.md")} - {"index"}


def test_the_dictionary_is_that_of_today() -> None:
    script = str(DOCS / "dictionary.py")
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_it_builds_without_a_warning(tmp_path: Path) -> None:
    """Links between pages lead somewhere, and code is code of a language that is known."""
    pytest.importorskip("sphinx", reason="Sphinx is not installed")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-W",
        "--keep-going",
        "-q",
        "-b",
        "html",
        "-d",
        str(tmp_path / "d"),
    ]
    done = subprocess.run(
        [*command, str(DOCS), str(tmp_path / "html")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    api = (tmp_path / "html" / "api.html").read_text(encoding="utf-8")
    assert "archcalc.Network.receptive_field" in api


def write() -> None:
    """Put the real output behind every command."""
    for page in PAGES:
        path = DOCS / f"{page}.md"

        def fill(match: re.Match[str]) -> str:
            lines = ["```console"]
            for command, _ in commands(match[1]):
                lines += [f"$ {command}", *[line.rstrip() for line in run(command, WIDTH)]]
            return "\n".join([*lines, "```"])

        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"```console\n(.*?)```", fill, text, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    write()
