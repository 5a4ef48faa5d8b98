"""Ops of one's own, from a file that is named and from installed packages, and never from elsewhere."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from calling import call

import archcalc
from archcalc.loading.own_ops import own_files
from archcalc.ops import registry

EXAMPLE = Path(__file__).parent.parent / "examples" / "own_op.py"
CHAIN = "32x32x3 -> unfold 3x3 pad=1"


pytestmark = pytest.mark.usefixtures("ops_as_before")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("summary", CHAIN), "32x32x27"),
        (("check", CHAIN, "output=30x30x27"), "padding ignored"),
        (("explain", CHAIN), "unfold"),
        (("rf", CHAIN), "unfold1"),
        (("compare", CHAIN, "alexnet"), "alexnet"),
        (("export", CHAIN), "nn.Unfold"),
        (("draw", CHAIN), "unfold"),
        (("solve", "32x32x3 -> unfold ? -> fc 10", "--where", "params < 40K"), "30,730"),
        (("ops", "unfold"), "im2col"),
        (("ops",), "im2col"),
        (("show", CHAIN), "unfold"),
    ],
    ids=lambda words: words[0] if isinstance(words, tuple) else "",
)
def test_every_command_takes_them(words: tuple[str, ...], found: str) -> None:
    """Defeats a command that was left out."""
    assert found in call(*words, "--ops", str(EXAMPLE)).out


def test_from_python() -> None:
    """The file may be named again and again. Defeats a second run that clashes with the first."""
    for _ in range(2):
        assert archcalc.load(CHAIN, ops=str(EXAMPLE)).graph.output.output == (32, 32, 27)
    assert archcalc.load(CHAIN).summary().totals["params"] == 0


def test_never_from_a_file_that_lies_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside a spec, in the folder at hand, or named by what is not typed."""
    monkeypatch.chdir(tmp_path)
    for name in ("unfold.py", "ops.py", "own_op.py", "archcalc_ops.py"):
        (tmp_path / name).write_text(EXAMPLE.read_text())
    (tmp_path / "nets.arch").write_text("net a\n  input 32x32x3\n  unfold 3x3\n")
    for words in (("summary", CHAIN), ("summary", "nets.arch")):
        answer = call(*words)
        assert answer.code == 2
        assert "no layer or block is called `unfold`" in answer.err
    (tmp_path / "quiz.toml").write_text(
        'title = "a"\nops = "own_op.py"\n[[question]]\nid = "1"\n'
        f'target = "{CHAIN}"\nask = "unfold1.output"\npoints = 1\n'
    )
    assert call("check", "quiz.toml", "--audit").code == 2


def class_text(name: str, after: str = "") -> str:
    """The example under another name, and what stands behind it."""
    text = EXAMPLE.read_text().replace('name = "unfold"', f'name = "{name}"')
    return text + after


def line_of(part: str) -> int:
    """The line of the example where a text stands last."""
    text = EXAMPLE.read_text()
    return text[: text.rindex(part)].count("\n") + 1


# What a file may have wrong, what is said, and the line that is pointed at.
WRONG = {
    "no Python": ("x = 1\ny = (\n", "it is no Python: '(' was never closed", 2),
    "raises": (
        "\ndef f():\n    return 1 / 0\n\nf()\n",
        "it cannot be run: ZeroDivisionError: division by zero",
        3,
    ),
    "ends the program": ("import sys\nsys.exit('no')\n", "it cannot be run: SystemExit: no", 2),
    "missing package": ("import no_such\n", "ModuleNotFoundError: No module named 'no_such'", 1),
    "no op": ("x = 1\n", "defines no op", None),
    "clash with an op": (class_text("conv"), "two ops are called conv", line_of("class Unfold")),
    "clash with a block": (class_text("inception"), "no op can be called `inception`", None),
    "a word of the language": (class_text("use"), "no op can be called `use`", None),
    "no output": (
        'from archcalc.ops import Op\nclass A(Op):\n    name = "a"\n',
        "does not say what it puts out",
        None,
    ),
    "no word": (class_text("un-fold"), "no op can be called `un-fold`", None),
    "an op before the error": (
        class_text("other", after="\n1 / 0\n"),
        "ZeroDivisionError",
        line_of("return TorchCode(") + 2,
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_reported(name: str, tmp_path: Path) -> None:
    """One message, exit code 2, and no op stays. Defeats a traceback, and half a file that counts."""
    text, message, line = WRONG[name]
    path = tmp_path / "mine.py"
    path.write_text(text)
    before = dict(registry())
    answer = call("summary", "lenet5", "--ops", str(path))
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert answer.err.count("error[") == 1
    if line is not None:
        assert f"mine.py:{line}:" in answer.err.replace("\n", "")
    assert registry() == before
    assert str(path) not in own_files(), "other processes would run it again"


def test_a_rule_that_fails(tmp_path: Path) -> None:
    """Defeats a report that calls it a fault of archcalc."""
    path = tmp_path / "mine.py"
    path.write_text(class_text("mine").replace("self.windows(x)", "x.colour"))
    answer = call("summary", "8x8x3 -> mine 3x3", "--ops", str(path), may_break=True)
    assert (answer.code, answer.out) == (2, "")
    assert "it cannot be run: AttributeError: 'Shape' object has no attribute 'colour'" in answer.err
    assert f"mine.py:{line_of('self.windows(x)')}:" in answer.err.replace("\n", "")
    assert "fault of archcalc" not in answer.err


def test_no_file() -> None:
    answer = call("summary", "lenet5", "--ops", "no_such.py")
    assert (answer.code, answer.out) == (2, "")
    assert "there is no file no_such.py" in answer.err


def test_an_edited_file_is_run_again(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(class_text("mine"))
    assert "mine1" in call("summary", "8x8x3 -> mine 3x3", "--ops", str(path)).out
    path.write_text(class_text("mine").replace("product([x.channels,", "product([7, x.channels,"))
    assert "6x6x189" in call("summary", "8x8x3 -> mine 3x3", "--ops", str(path)).out


# Installed packages -----------------------------------------------------------------------------


def installed(tmp_path: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A call with a package installed that has these ops. Says last whether it was imported."""
    (tmp_path / "lecture_ops.py").write_text(text)
    info = tmp_path / "lecture_ops-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lecture-ops\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[archcalc.ops]\nlecture = lecture_ops\n")
    script = (
        "import sys\nfrom archcalc.cli import main\n"
        "try:\n    main()\nfinally:\n"
        "    print('imported', [m for m in ('lecture_ops', 'importlib.metadata') if m in sys.modules])\n"
    )
    paths = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, "-c", script, *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        cwd=tmp_path,
    )


def test_an_installed_package(tmp_path: Path) -> None:
    """Defeats a word that is looked for only in archcalc."""
    found = installed(tmp_path, EXAMPLE.read_text(), "summary", CHAIN)
    assert "32x32x27" in found.stdout, found.stderr
    assert "unfold" in installed(tmp_path, EXAMPLE.read_text(), "ops").stdout


def test_nobody_else_waits_for_it(tmp_path: Path) -> None:
    """Defeats packages that are looked for in every call."""
    found = installed(tmp_path, EXAMPLE.read_text(), "summary", "lenet5")
    assert found.stdout.endswith("imported []\n")


def test_a_broken_package(tmp_path: Path) -> None:
    """A known word is answered all the same; a misspelt one is told, and the package beside it."""
    broken = "raise ValueError('old')\n"
    assert installed(tmp_path, broken, "summary", "lenet5").returncode == 0
    found = installed(tmp_path, broken, "summary", "8x8x3 -> cnov 3x3 4")
    assert found.returncode == 2
    assert "did you mean `conv`" in found.stderr
    assert "the ops of lecture-ops, `lecture_ops`, cannot be loaded: ValueError: old" in found.stderr
    found = installed(tmp_path, broken, "ops")
    assert found.returncode == 2
    assert "cannot be loaded: ValueError: old" in found.stderr
