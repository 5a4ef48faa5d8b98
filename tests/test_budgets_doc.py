"""docs/budgets.md is true: its commands print what it shows, its YAML is YAML, and the calls in it are calls.
``python tests/test_budgets_doc.py`` writes the output again."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from test_readme import commands, run

from archcalc.cli import cli
from archcalc.solving.budgets import Budgets

WIDTH = 100
ROOT = Path(__file__).resolve().parent.parent
GUIDE = ROOT / "docs" / "budgets.md"
TEXT = GUIDE.read_text(encoding="utf-8")
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
CASES = [case for block in CONSOLE.findall(TEXT) for case in commands(block)]
YAML = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize(("command", "shown"), CASES, ids=[command for command, _ in CASES])
def test_commands_print_what_is_shown(command: str, shown: list[str]) -> None:
    assert run(command, WIDTH) == "\n".join(shown).rstrip().split("\n")


def test_the_python_runs() -> None:
    (text,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    exec(text, {})


def test_every_condition_of_the_table_is_one() -> None:
    """Defeats an example that is refused. GoogLeNet has the layers that the table names."""
    import archcalc

    conditions = re.findall(r"^\| `([^`]+)` \|", TEXT, re.MULTILINE)
    assert len(conditions) >= 7
    summary = archcalc.load("googlenet").summary()
    for condition in conditions:
        assert Budgets(summary, [condition]).holds in (True, False), condition


def parsed(text: str) -> Any:
    return pytest.importorskip("yaml").safe_load(text)


def calls() -> list[str]:
    """The calls of archcalc in the workflow and in the hook."""
    workflow, hooks = map(parsed, YAML)
    (job,) = workflow["jobs"].values()
    lines = [line for step in job["steps"] for line in step.get("run", "").splitlines()]
    entries = [hook["entry"] for repo in hooks["repos"] for hook in repo["hooks"]]
    return [line for line in [*lines, *entries] if line.startswith("archcalc ")]


def test_the_calls_in_the_yaml_are_calls() -> None:
    """Each is read by the command that it names, options and all, and its conditions are conditions. Defeats
    an option that was renamed, and quotes that YAML takes away."""
    import archcalc

    found = calls()
    assert len(found) == 3
    summary = archcalc.load("resnet50").summary()
    for call in found:
        _, name, *words = shlex.split(call.partition(" >>")[0])
        command = cli.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        context = command.make_context(name, words)
        for condition in context.params.get("where") or ():
            assert Budgets(summary, [condition]).holds is not None


def test_the_workflow_and_the_hook_have_their_keys() -> None:
    """Defeats YAML that parses to something else, as `on:` without quotes does in YAML 1.1."""
    workflow, hooks = map(parsed, YAML)
    assert {"name", "jobs"} < workflow.keys()
    assert workflow.get("on", workflow.get(True)) == ["pull_request"]
    (job,) = workflow["jobs"].values()
    assert job["runs-on"] == "ubuntu-latest"
    assert all("uses" in step or "run" in step for step in job["steps"])
    (hook,) = hooks["repos"][0]["hooks"]
    assert hooks["repos"][0]["repo"] == "local"
    assert {"id", "name", "entry", "language"} < hook.keys()
    assert hook["pass_filenames"] is False
    assert re.compile(hook["files"]).match("mypkg/models.py")


@pytest.mark.slow
def test_the_hook_runs(tmp_path: Path) -> None:
    """The entry of the hook as pre-commit runs it: split into words, in the folder of the repository."""
    pytest.importorskip("torch")
    package = tmp_path / "mypkg"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "models.py").write_text("from torch import nn\n\n\nclass Net(nn.Conv2d):\n" + MODEL)
    (entry,) = [call for call in calls() if "mypkg" in call]
    lines = run(f"cd {tmp_path} && {shlex.join(shlex.split(entry))} --format csv; echo code $?")
    assert lines[-1] == "code 0", lines
    assert "macs < 4.2G,holds,1354752," in "\n".join(lines)  # 224·224·27


MODEL = """    def __init__(self):
        super().__init__(3, 1, 3, padding=1)
"""


def test_the_last_step_of_the_workflow_runs(tmp_path: Path) -> None:
    """The two specs of a pull request, compared as the workflow does it."""
    spec = "net detector\n  input 32x32x3\n  conv 3x3 8{}\n  gap\n  fc 10\n"
    (tmp_path / "before.arch").write_text(spec.format(""))
    (tmp_path / "nets").mkdir()
    (tmp_path / "nets" / "detector.arch").write_text(spec.format(" stride=2"))
    (line,) = [call for call in calls() if " --layers " in call]
    command = line.replace('"$GITHUB_STEP_SUMMARY"', "summary.md")
    assert run(f"cd {tmp_path} && {command}") == []
    assert "`stride 1 → 2`" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def write() -> None:
    """Put the real output behind every command."""

    def fill(match: re.Match[str]) -> str:
        blocks = ["\n".join([f"$ {command}", *run(command, WIDTH)]) for command, _ in commands(match[1])]
        return "```console\n" + "\n\n".join(blocks) + "\n```"

    GUIDE.write_text(CONSOLE.sub(fill, TEXT), encoding="utf-8")


if __name__ == "__main__":
    write()
