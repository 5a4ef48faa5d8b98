"""What a shell offers behind `archcalc`: quickly, and never a traceback into a prompt."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from calling import call

from archcalc.cli import COMMANDS
from archcalc.language.library import Library
from archcalc.ops import registry
from archcalc.report.formats import names


def offered(line: str) -> list[str]:
    """What is offered for the last word of a line, in click's own words for bash."""
    words = line.split(" ")
    answer = call(_ARCHCALC_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=str(len(words) - 1))
    assert answer.code == 0
    assert answer.err == ""
    return answer.out.split("\n")[:-1] if answer.out.strip() else []


def words(line: str) -> list[str]:
    """The plain words among them."""
    return [text.removeprefix("plain,") for text in offered(line) if text.startswith("plain,")]


def test_commands() -> None:
    assert words("archcalc ") == list(COMMANDS)
    assert words("archcalc su") == ["summary"]
    assert words("archcalc --v") == ["--version"]
    # A word that is no command is no reason to complain at a prompt.
    assert "Traceback" not in "".join(offered("archcalc vgg16 "))


def test_quantities_of_a_sweep() -> None:
    """Each word of the list, behind those before it."""
    assert "params" in words("archcalc sweep vgg16 --pareto par")
    assert words("archcalc sweep vgg16 --columns params,pea") == ["params,peak", "params,peak_bytes"]


def test_options_and_their_words() -> None:
    assert "--format" in words("archcalc summary vgg16 --")
    assert words("archcalc summary vgg16 --format ") == names()
    assert words("archcalc rf vgg16 --format ma") == ["markdown"]
    assert words("archcalc summary --layout ") == ["hwc", "chw"]
    assert "bf16" in words("archcalc summary vgg16 --dtype ")
    assert offered("archcalc summary vgg16 --output ") == ["file,"]


@pytest.mark.parametrize("command", ["summary", "rf", "show", "verify", "draw"])
def test_targets(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.arch").write_text("net a\n  input 8x8x3\n  conv 3x3 4\n")
    Path("notes.txt").write_text("")
    found = words(f"archcalc {command} ")
    assert set(found) >= {*Library().zoo, "mine.arch"}
    assert "notes.txt" not in found
    vgg = words(f"archcalc {command} vgg1")
    assert set(vgg) >= {"vgg11", "vgg13", "vgg16"}
    assert all(name.startswith("vgg1") for name in vgg)
    assert vgg == sorted(vgg)
    assert words(f"archcalc {command} ResNet-1") == words(f"archcalc {command} resnet1") != []
    assert words(f"archcalc {command} mi") == ["mine.arch"]
    # The shell knows paths better.
    assert offered(f"archcalc {command} ./some") == ["file,./some"]
    assert set(words("archcalc show ")) >= set(Library().blocks)
    assert not set(words("archcalc summary ")) & set(Library().blocks) - set(Library().zoo)


def test_one_target_is_enough() -> None:
    assert offered("archcalc summary vgg16 vgg") == []
    assert offered("archcalc show vgg16 vgg") == []
    assert offered("archcalc rf vgg16 pool5 po") == []


def test_layers() -> None:
    assert words("archcalc rf vgg16 pool") == ["pool1", "pool2", "pool3", "pool4", "pool5"]
    # Of a block first its name, and what is inside behind a dot.
    top = words("archcalc rf resnet50 conv2")
    assert "conv2_1" in top
    assert not any("." in name for name in top)
    inside = words("archcalc rf resnet50 conv2_1.")
    assert "conv2_1.conv1" in inside
    for option in ("--until", "--freeze"):
        for line in (
            f"archcalc summary resnet50 {option} conv2",
            f"archcalc summary --format csv resnet50 {option} conv2",
        ):
            assert words(line) == top
    assert offered("archcalc summary --until conv") == [], "of no network there are no layers"


@pytest.mark.parametrize(
    "line",
    [
        "archcalc rf vgg99 c",
        "archcalc rf - c",
        "archcalc rf no.arch c",
        "archcalc rf a:b c",
        "archcalc rf vgg16 --set nope=1 c",
        "archcalc rf vgg16 --input 1x c",
    ],
)
def test_a_network_that_cannot_be_read_has_no_layers(line: str) -> None:
    assert offered(line) == []


def test_ops() -> None:
    assert words("archcalc ops con") == ["concat", "conv", "conv_bn", "conv_bn_relu"]
    assert set(words("archcalc ops ")) == {*registry(), *Library().blocks}


def imported(line: str) -> set[str]:
    """The modules that a process imports to complete a line."""
    script = (
        "import atexit, json, os, sys\n"
        "atexit.register(lambda: print(json.dumps(list(sys.modules)), file=sys.stderr))\n"
        "from archcalc.cli import main\nmain()"
    )
    count = str(len(line.split(" ")) - 1)
    env = {"_ARCHCALC_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": count}
    done = subprocess.run(
        [sys.executable, "-c", script], env={**_env(), **env}, capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stderr))


def _env() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "ARCHCALC_FORMAT"}


def test_little_is_imported() -> None:
    """Defeats a first word for which all commands are imported to ask their help, and a target for
    which networks are computed."""
    first = imported("archcalc s")
    assert not {f"archcalc.cli.{module}" for module in COMMANDS.values()} & first
    assert not {"archcalc.ops", "archcalc.language.library", "archcalc.network"} & first
    target = imported("archcalc summary resn")
    assert "archcalc.language.library" in target
    assert not {"archcalc.network", "archcalc.language.expand", "archcalc.analysis.receptive"} & target
    for found in (first, target, imported("archcalc rf resnet50 c")):
        assert not {"torch", "numpy", "pandas", "rich", "importlib.metadata"} & found


@pytest.mark.parametrize(
    ("shell", "sign"),
    [("bash", "complete -o"), ("zsh", "#compdef archcalc"), ("fish", "complete --no-files")],
)
def test_the_line_of_the_readme(shell: str, sign: str) -> None:
    """What each shell reads at its start; defeats another name of the variable."""
    answer = call(_ARCHCALC_COMPLETE=f"{shell}_source")
    assert answer.code == 0
    assert sign in answer.out
    assert f"_ARCHCALC_COMPLETE={shell}_complete" in answer.out
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    assert f"_ARCHCALC_COMPLETE={shell}_source archcalc" in readme


def test_a_real_bash(tmp_path: Path) -> None:
    """The function that the line defines, called as bash calls it."""
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("there is no bash")
    program = tmp_path / "archcalc"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m archcalc "$@"\n')
    program.chmod(0o755)
    script = (
        "(( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404 )) || exit 77\n"
        'eval "$(_ARCHCALC_COMPLETE=bash_source archcalc)"\n'
        "COMP_WORDS=(archcalc rf vgg16 pool); COMP_CWORD=3\n"
        '_archcalc_completion archcalc; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    env = _env()
    env["PATH"] = f"{tmp_path}:{env['PATH']}"
    done = subprocess.run(
        [bash, "--norc", "-c", script], env=env, capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode == 77:
        pytest.skip("this bash is older than 4.4")
    assert done.stdout.split() == ["pool1", "pool2", "pool3", "pool4", "pool5"], done.stderr


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    "name",
    [
        "my net.arch",
        "$(touch X).arch",
        "`touch X`.arch",
        "a;touch X.arch",
        "a'b.arch",
        'a"b.arch',
        "a\\b.arch",
        "*.arch",
        "a&b|c<d>e.arch",
        "~a.arch",
        "#a.arch",
        "é!{x,y}.arch",
    ],
)
@pytest.mark.slow
def test_bash_inserts_a_file_name_quoted(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: a word that bash runs, or takes for several, once ENTER is pressed; a name that the
    script of the completion itself expands."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.arch").write_text("")
    (tmp_path / name).write_text("net a\n  input 8x8x3\n  conv 3x3 4\n")
    start = "\\" + name[0] if not name[0].isalnum() else name[0]
    bin = tmp_path / "bin"
    bin.mkdir()
    (bin / "archcalc").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m archcalc "$@"\n')
    (bin / "archcalc").chmod(0o755)
    script = (
        'eval "$(_ARCHCALC_COMPLETE=bash_source archcalc)"\n'
        'COMP_WORDS=(archcalc show "$1") COMP_CWORD=2 COMPREPLY=()\n'
        "_archcalc_completion archcalc\n"
        'for word in "${COMPREPLY[@]}"; do eval "printf \'%s\\n\' $word"; done\n'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", start],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": f"{bin}:{os.environ['PATH']}"},
    )
    assert done.stderr == ""
    assert name in done.stdout.splitlines()
    assert not (tmp_path / "X").exists()


def test_what_click_s_own_script_would_run_is_not_offered_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Defeats: a script that stands in somebody's .bashrc from before."""
    monkeypatch.chdir(tmp_path)
    Path("$(touch X).arch").write_text("")
    Path("a\nplain,$(touch Y).arch").write_text("")
    assert words("archcalc summary $") == []
    assert offered("archcalc summary \\$") == ["quoted,\\$\\(touch\\ X\\).arch"]
    assert offered("archcalc summary a") == [
        f"plain,{name}" for name in sorted(Library().zoo) if name.startswith("a")
    ]
