"""The command line as its user meets it: targets, options, exit codes, what goes where."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from calling import Answer, call

pytestmark = pytest.mark.usefixtures("zoo_kept")

SMALL = "net small\n  input 8x8x3\n  conv1: conv 3x3 4 pad=1 -> relu\n  fc 10\n"
TWO = "net one\n  input 8x8x3\n  conv 3x3 4\n\nnet two\n  input 8x8x3\n  conv 3x3 5\n"
CHAIN = "32x32x3 -> conv 5x5 10 pad=2 -> relu -> maxpool 2x2"


def refused(answer: Answer) -> str:
    """What stands on standard error, where a call is refused as all calls are."""
    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("error["), answer.err
    assert "Traceback" not in answer.err
    return answer.err


def total(answer: Answer) -> str:
    """The line of totals."""
    assert answer.code == 0, answer.err
    return next(line for line in answer.out.split("\n") if line.startswith("total"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Targets ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["vgg16", "VGG16", "Vgg-16", "vgg_16"])
def test_zoo_in_any_spelling(name: str) -> None:
    assert "138,357,544" in total(call("summary", name))


def test_file_and_a_network_of_a_file(here: Path) -> None:
    Path("nets.arch").write_text(TWO)
    Path("small.arch").write_text(SMALL)
    Path("noend").write_text(SMALL)
    assert "112" in total(call("summary", "nets.arch:one"))
    assert "140" in total(call("summary", "nets.arch:two"))
    assert "2,682" in total(call("summary", "small.arch"))
    assert "2,682" in total(call("summary", "./noend"))
    assert "2,682" in total(call("summary", str(here / "small.arch")))


def test_line_ends_and_byte_order_mark_do_not_matter(here: Path) -> None:
    Path("dos.arch").write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    Path("mac.arch").write_bytes(SMALL.replace("\n", "\r").encode())
    assert "2,682" in total(call("summary", "dos.arch"))
    assert "2,682" in total(call("summary", "mac.arch"))


def test_chain_and_standard_input() -> None:
    assert "768,000" in total(call("summary", CHAIN))
    assert "768,000" in total(call("summary", "-", stdin=CHAIN + "\n"))
    assert "2,682" in total(call("summary", "-", stdin=SMALL))
    assert "2,682" in total(call("summary", "-", stdin=b"\xef\xbb\xbf" + SMALL.encode()))
    branches = "56x56x64 -> add\n  | conv 3x3 64 pad=1 -> bn\n  | identity"
    answer = call("summary", branches)
    assert "115,605,504" in total(answer)
    assert answer.out.startswith("56x56x64 -> add | conv 3x3 64 pad=1 -> bn | identity\n")


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("missing.arch", "there is no file missing.arch"),
        ("folder.arch", "cannot read folder.arch: is a directory"),
        ("./folder.arch", "is a directory"),
        ("binary.arch", "binary.arch is not text"),
        ("zero.arch", "binary.arch is not text"),
        ("empty.arch", "nothing is defined here"),
        ("nets.arch", "name one, as in nets.arch:one"),
        ("nets.arch:tow", "did you mean `two`?"),
        ("", "the target is empty"),
        ("vgg99", "did you mean `vgg19`?"),
        ("Reznet50", "did you mean `resnet50`?"),
        ("small", "there is a file small.arch here"),
        ("nothing_like_it", "`archcalc list` shows them all"),
    ],
)
def test_no_such_target(here: Path, target: str, says: str) -> None:
    Path("folder.arch").mkdir()
    Path("binary.arch").write_bytes(bytes(range(128, 256)))
    Path("zero.arch").write_bytes(b"net a\0\n")
    Path("empty.arch").write_text("")
    Path("nets.arch").write_text(TWO)
    Path("small.arch").write_text(SMALL)
    shown = refused(call("summary", target))
    assert says.replace("binary.arch is", "is") in shown


def test_file_that_may_not_be_read(here: Path) -> None:
    Path("secret.arch").write_text(SMALL)
    Path("secret.arch").chmod(0)
    if os.access("secret.arch", os.R_OK):
        pytest.skip("this user may read everything")
    assert "permission denied" in refused(call("summary", "secret.arch"))


# The three likeliest mistakes -------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        # What is left of: archcalc summary 32x32x3 -> conv 5x5 10
        ["32x32x3", "-", "5x5", "10"],
        ["32x32x3", "-"],
        ["32x32x3", "-", "5x5", "10", "pad=2", "-", "-"],
    ],
)
@pytest.mark.parametrize("command", ["summary", "rf", "show"])
def test_the_shell_took_the_arrow(command: str, words: list[str]) -> None:
    assert refused(call(command, *words)) == (
        "error[target]: the shell took the `>` of `->` for itself\n"
        f'  = help: quote the chain: archcalc {command} "32x32x3 -> conv 5x5 10 pad=2"\n'
        "  = help: the answer went to a file called like the word behind `->`\n"
    )


def test_a_chain_in_pieces() -> None:
    shown = refused(call("summary", "32x32x3", "conv", "5x5"))
    assert "`conv` is one word too many" in shown
    assert 'quote a chain: archcalc summary "32x32x3 -> conv 5x5 10 pad=2"' in shown


def test_a_misspelt_name() -> None:
    assert refused(call("summary", "resnet5O")) == (
        "error[name]: no network of the zoo is called `resnet5O`\n"
        "  = help: did you mean `resnet50`?\n"
        "  = help: `archcalc list` shows them all; a file ends in .arch, a one-liner holds `->`\n"
    )
    assert "did you mean `conv`?" in refused(call("summary", "32x32x3 -> cnov 3x3 8"))
    assert "did you mean `pool5`?" in refused(call("rf", "vgg16", "pol5"))


def test_a_file_without_an_end_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats: a dead end for a file that stands here, whose name has no dot."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tiny").write_text("[net]\nwidth=8\nheight=8\nchannels=3\n\n[avgpool]\n")
    assert "there is a file tiny here: say ./tiny" in refused(call("summary", "tiny"))
    assert call("summary", "./tiny").code == 0


def test_a_target_without_a_command() -> None:
    assert refused(call("vgg16")) == (
        "error[usage]: `vgg16` is a target, not a command\n  = help: archcalc summary vgg16\n"
    )
    assert f'archcalc summary "{CHAIN}"' in refused(call(CHAIN))
    assert "archcalc summary my.arch:a" in refused(call("my.arch:a"))


# Options ----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call_", "says"),
    [
        ("summary", "a TARGET is missing"),
        ("summary vgg16 vgg19", "`vgg19` is one word too many"),
        ("rf vgg16 pool5 conv1", "`conv1` is one word too many"),
        ("sumary vgg16", "did you mean `summary`?"),
        ("summary vgg16 --bogus", "no option is called `--bogus`"),
        ("summary vgg16 --colums x", "did you mean `--columns`?"),
        ("summary vgg16 --depth", "requires an argument"),
        ("summary vgg16 --depth 0", "invalid value for `--depth`"),
        ("summary vgg16 --depth x", "`x` is not a whole number"),
        ("summary vgg16 --depth 2 --all", "--all and --depth do not go together"),
        ("rf vgg16 --depth 2 --all", "--all and --depth do not go together"),
        ("summary vgg16 --format xml", "`xml` is not one of `table`, `csv`, `html`, `json`"),
        ("summary vgg16 --dtype fp3", "`fp3` is not one of `fp64`, `fp32`"),
        ("summary vgg16 --batch 0", "invalid value for `--batch`"),
        ("summary vgg16 --batch -3", "invalid value for `--batch`"),
        ("summary vgg16 --layout nchw", "`nchw` is not one of `hwc`, `chw`"),
        ("summary vgg16 --width 10", "invalid value for `--width`"),
        ("summary vgg16 --budget 0", "invalid value for `--budget`"),
        ("summary vgg16 --budget 3", "more than 3 "),
        ("summary vgg16 --until pol5", "did you mean `pool5`?"),
        ("summary vgg16 --until input", "there are no layers up to `input`"),
        ("summary vgg16 --freeze conv9", "vgg16 has no layer `conv9`"),
        ("summary vgg16 --set classes", "`--set classes` is not NAME=VALUE"),
        ("summary vgg16 --set =3", "`--set =3` is not NAME=VALUE"),
        ("summary vgg16 --set classes=", "is no value for `classes`"),
        ("summary vgg16 --set classes=0", "must be at least 1"),
        ("summary vgg16 --set classes=half", "whole number"),
        ("summary vgg16 --set classes=1 --set classes=2", "`classes` is set twice"),
        ("summary vgg16 --set nope=3", "vgg16 has no parameter `nope`"),
        ("summary vgg16 --set input=3", "vgg16 has no parameter `input`"),
        ("summary vgg16 --set budget=3", "vgg16 has no parameter `budget`"),
        ("summary vgg16 --input 10", "needs positions, 10 is a vector"),
        ("summary vgg16 --input 10x10x3", "is larger than the input"),
        ("summary vgg16 --input 0x0x3", "`0x0x3` is no input size"),
        ("summary vgg16 --input -1x2x3", "is no input size"),
        ("summary vgg16 --input 224", "needs positions, 224 is a vector"),
        ("summary vgg16 --input axb", "as in 224x224x3"),
        ("summary vgg16 --input foo=3x3x3", "there is no input `foo`"),
        ("summary vgg16 --input 9x9x9 --input 9x9x9", "give several inputs by name"),
        ("summary vgg16 --input input=9x9x9 --input input=8x8x8", "is given twice"),
        ("summary vgg16 --columns bogus", "there is no column `bogus`"),
        ("summary vgg16 --columns parms", "did you mean `params`?"),
        ("rf vgg16 --columns size", "--columns does not go with --format table"),
        ("list --columns name", "--columns does not go with --format table"),
        ("list --family resnt", "did you mean `ResNet`?"),
        ("rf vgg16 pool5 --at 9,9", "`--at 9,9` lies outside 7x7"),
        ("rf vgg16 pool5 --at -1,0", "`--at -1,0` lies outside 7x7"),
        ("rf vgg16 pool5 --at 3", "`pool5` has 2 axes, `--at 3` 1"),
        ("rf vgg16 pool5 --at x", "as in --at 3,3"),
        ("rf vgg16 fc6 --at 3,3", "puts out a vector"),
        ("ops cnov", "did you mean `conv`?"),
        ("show vgg99", "did you mean `vgg19`?"),
        ("summary vgg16 --output /nowhere/at/all", "no such file or directory"),
        ("summary vgg16 --output /", "is a directory"),
    ],
)
def test_bad_option(call_: str, says: str) -> None:
    assert says in refused(call(*call_.split()))


@pytest.mark.parametrize(
    ("call_", "says"),
    [
        ("show vgg16 --format xml", "`xml` is not one of `table`, `csv`, `html`, `json`"),
        ("summary vgg16 --columns name --format json", "--columns does not go with --format json"),
        ("summary vgg16 --columns what --format csv", "there is no column `what`"),
    ],
)
def test_bad_option_for_a_format(call_: str, says: str) -> None:
    answer = call(*call_.split())
    assert answer.code == 2
    assert answer.out == ""
    assert says in answer.err


def test_options_that_change_the_network() -> None:
    assert "14,714,688" in total(call("summary", "vgg16", "--until", "pool5"))
    assert "14,714,688" in total(call("summary", "vgg16", "--until", "conv5"))
    assert "134,301,514" in total(call("summary", "vgg16", "--set", "classes=10"))
    small = call("summary", "vgg16", "--input", "32x32x3", "--set", "classes=10")
    assert "33,638,218" in total(small)
    assert "not the network as declared: published figures left out" in small.out
    frozen = call("summary", "vgg16", "--freeze", "pool5")
    assert "frozen     14,714,688 parameters are held fixed · trainable 123,642,856" in frozen.out
    assert "138,357,544" in total(frozen)
    both = call("summary", "vgg16", "--until", "pool5", "--freeze", "conv5_3")
    assert "14,714,688 parameters are held fixed · trainable 0" in both.out
    batch = call("summary", "alexnet", "--batch", "32")
    assert f"{32 * 1_135_256_096:,}" in total(batch)
    assert "MACs of conv and fc, no bias, for a batch of 32" in batch.out
    assert "  3x227x227" in call("summary", "alexnet", "--layout", "chw").out


def test_several_inputs(here: Path) -> None:
    Path("two.arch").write_text(
        "net two\n  input image: 64x64x3\n  input depth: 64x64x1\n"
        "  a: @image -> conv 3x3 16 pad=1 -> relu\n"
        "  b: @depth -> conv 5x5 16 pad=2 -> relu\n"
        "  both: add @a @b\n  gap\n  fc 10\n"
    )
    answer = call("summary", "two.arch", "--input", "image=32x32x3", "--input", "depth=32x32x1")
    assert "image" in answer.out
    assert "32x32x1" in answer.out
    assert "RF: receptive field in the first input seen" in answer.out
    shown = refused(call("summary", "two.arch", "--input", "32x32x3"))
    assert "give image, depth by name" in shown
    fields = call("rf", "two.arch")
    assert fields.out.count("unit i sees size pixels") == 2
    assert "of the input depth" in fields.out


def test_notes_of_one_liners_and_with_v(here: Path) -> None:
    chain = "7x7x3 -> conv 3x3 16 stride=3"
    shown = call("summary", chain)
    assert shown.code == 0
    assert shown.err.startswith("note[fit]: the window does not fit: (7 − 3 + 2·0)/3 + 1 = 2.33")
    Path("file.arch").write_text(f"net a\n  input 7x7x3\n  {chain.partition('-> ')[2]}\n")
    assert call("summary", "file.arch").err == ""
    assert "note[fit]" in call("summary", "file.arch", "-v").err
    assert "sizes floored" in shown.out
    assert len(call("summary", "vgg16", "-v").out) > len(call("summary", "vgg16").out)


def test_warnings_go_to_standard_error(here: Path) -> None:
    Path("wrong.arch").write_text(SMALL.replace("conv1", "report params 9.9M\n  conv1"))
    answer = call("summary", "wrong.arch")
    assert answer.code == 0
    assert "warning[report]: the published params 9.9M does not agree" in answer.err
    assert "wrong.arch:3" in answer.err
    assert "✗ 2,682" in answer.out
    assert json.loads(call("summary", "wrong.arch", "--format", "json").err)["diagnostics"]


def test_help_and_version() -> None:
    for words in ([], ["--help"], ["-h"]):
        answer = call(*words)
        assert answer.code == 0
        assert answer.out.startswith("Usage: archcalc")
    for command in ("list", "show", "summary", "rf", "ops"):
        answer = call(command, "--help")
        assert answer.code == 0
        assert max(len(line) for line in answer.out.split("\n")) <= 80
    assert call("--version").out.startswith("archcalc, version ")


# Formats and streams ----------------------------------------------------------------------------


@pytest.mark.slow
def test_errors_in_the_format_of_the_answer() -> None:
    for words in (
        ["summary", "vgg99"],
        ["summary", "vgg16", "--depth", "x"],
        ["sumary"],
        ["summary"],
        ["rf", "vgg16", "pol5"],
        ["ops", "cnov"],
        ["list", "--family", "x"],
        ["show", "vgg99"],
        ["summary", "vgg16", "--output", "/nowhere/x"],
        ["summary", "a", "-", "b"],
    ):
        for option in (["--format", "json"], ["--format=json"]):
            answer = call(*words, *option)
            assert answer.code == 2
            assert answer.out == ""
            (found,) = json.loads(answer.err)["diagnostics"]
            assert set(found) >= {"code", "severity", "message", "file", "line", "column", "help"}
            assert found["severity"] == "error"
        plain = call(*words, "--format", "plain").err
        assert plain.count("\n") == 1
        assert "error[" in plain.split("\t")[1]
        assert json.loads(call(*words, ARCHCALC_FORMAT="json").err)["diagnostics"]


@pytest.mark.slow
def test_format_for_good() -> None:
    assert call("summary", "lenet5", ARCHCALC_FORMAT="plain").out.startswith("name\top\t")
    assert json.loads(call("list", ARCHCALC_FORMAT="json").out)
    assert call("summary", "lenet5", "--format", "table", ARCHCALC_FORMAT="json").out[0] == "l"
    assert call("show", "lenet5", ARCHCALC_FORMAT="csv").out.startswith("line,text,output\n")
    assert call("show", "lenet5", ARCHCALC_FORMAT="plain").out.startswith('net lenet5 "')
    # Defeats: an option blamed that nobody gave.
    shown = refused(call("summary", "lenet5", ARCHCALC_FORMAT="xml"))
    assert "ARCHCALC_FORMAT is `xml`, which is no format" in shown
    assert call("summary", "lenet5", "--format", "csv", ARCHCALC_FORMAT="xml").code == 0
    assert call("summary", "--help", ARCHCALC_FORMAT="xml").code == 0


@pytest.mark.slow
def test_nothing_a_terminal_would_obey(here: Path) -> None:
    evil = "\x1b[31m\x07\u202e\x9b"
    for text in (
        f'net a "{evil}"\n  input 8x8x3\n  conv 3x3 4\n',
        f"net a{evil}\n  input 8x8x3\n  conv 3x3 4\n",
        f"net a\n  input 8x8x3\n  {evil}conv 3x3 4\n",
        f"net a\n  input 8x8x3\n  conv 3x3 4 # {evil}\n  oops\n",
        f"net a\n  input 8x8x3\n  conv 3x3 4 # {evil}\n",
    ):
        Path("evil.arch").write_text(text)
        for words in (["summary"], ["show"], ["rf"]):
            for form in ("table", "plain", "json"):
                answer = call(*words, "evil.arch", "--format", form)
                for line in (answer.out + answer.err).split("\n"):
                    assert line.replace("\t", "").isprintable() or form == "json"
                    assert "\x1b" not in line
                    assert "\x9b" not in line or form == "json"
    for words in (
        ["summary", evil],
        ["ops", evil],
        ["summary", "vgg16", "--until", evil],
        ["summary", f"8x8x3 -> {evil}"],
        [evil],
        ["summary", "vgg16", evil],
        ["summary", "vgg16", "--set", f"{evil}=1"],
        ["summary", f"{evil}.arch"],
        ["summary", "vgg16", "--columns", evil],
        ["summary", "vgg16", f"--{evil}"],
        ["summary", "vgg16", "--dtype", evil],
        ["list", "--family", evil],
    ):
        answer = call(*words)
        assert answer.code == 2
        assert all(line.isprintable() for line in answer.err.split("\n")), words


def test_titles_of_any_length_and_width(here: Path) -> None:
    long = "A network with a title that goes on and on, " * 12
    Path("long.arch").write_text(f'net a "{long.strip()}"\n  input 8x8x3\n  conv 3x3 4\n')
    for width in ("40", "60", "200"):
        lines = call("summary", "long.arch", "--width", width).out.split("\n")
        assert max(map(len, lines)) <= int(width)
        assert " ".join(lines).count("goes on") >= 11
    Path("wide.arch").write_text('net a "卷积网络"\n  paper "论文"\n  input 8x8x3\n  conv 3x3 4\n')
    wide = call("summary", "wide.arch").out.split("\n")[0]
    assert wide.startswith("a  卷积网络 ")
    assert wide.endswith(" 论文")
    # Signs that are two columns wide count as two.
    assert len(wide) + 4 + 2 == max(60, len(call("summary", "wide.arch").out.split("\n")[3]))
    # Marks below them too.
    assert "  |       ^^^^^\n" in call("summary", "-", stdin='net a "论文\n').err
    ascii = call("summary", "wide.arch", encoding="ascii")
    assert ascii.out.startswith("a  ???? ")
    assert (
        json.loads(call("summary", "wide.arch", "--format", "json", encoding="ascii").out)["title"]
        == "卷积网络"
    )
    latin = call("summary", "wide.arch", "--format", "plain", encoding="latin-1")
    assert latin.code == 0


def test_output_is_whole_or_nothing(here: Path) -> None:
    Path("answer.txt").write_text("kept")
    assert call("summary", "vgg99", "--output", "answer.txt").code == 2
    assert call("summary", "vgg16", "--columns", "x", "-o", "answer.txt").code == 2
    assert Path("answer.txt").read_text() == "kept"
    Path("answer.txt").chmod(0o640)
    Path("link.txt").symlink_to("answer.txt")
    for form in ("table", "plain", "csv", "json"):
        answer = call("summary", "lenet5", "--format", form, "--output", "link.txt")
        assert (answer.code, answer.out, answer.err) == (0, "", "")
        assert Path("answer.txt").read_bytes() == call("summary", "lenet5", "--format", form).bytes
    assert Path("link.txt").is_symlink()
    assert Path("answer.txt").stat().st_mode & 0o777 == 0o640
    # A file holds every sign, whatever the terminal can show.
    call("summary", "lenet5", "-o", "answer.txt", encoding="ascii")
    assert "│" in Path("answer.txt").read_text(encoding="utf-8")
    assert sorted(os.listdir()) == ["answer.txt", "link.txt"]
    assert call("summary", "lenet5", "--output", os.devnull).code == 0
    assert not os.path.isfile(os.devnull)


def archcalc(*words: str) -> list[str]:
    return [sys.executable, "-m", "archcalc", *words]


@pytest.mark.slow
def test_a_reader_that_has_seen_enough() -> None:
    for words in (
        ["summary", "nasnet_mobile", "--format", "plain"],
        ["summary", "nasnet_mobile"],
        ["list"],
        ["summary", "nasnet_mobile", "--format", "json"],
    ):
        process = subprocess.Popen(
            archcalc(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(1)
        process.stdout.close()
        assert process.stderr.read() == b""
        process.stderr.close()
        assert process.wait() == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is full")
def test_a_disk_that_is_full() -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(archcalc("summary", "vgg16"), stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr == b"error[file]: cannot write the answer: no space left on device\n"


def test_closed_streams() -> None:
    for closed in (">&-", "2>&-", "<&-", ">&- 2>&- <&-"):
        for words in ("summary vgg16", "summary vgg99", "summary -"):
            script = f'"{sys.executable}" -m archcalc {words} {closed}'
            done = subprocess.run(["sh", "-c", script], stdin=subprocess.DEVNULL, capture_output=True)
            assert b"Traceback" not in done.stderr, (closed, words)


def on_a_terminal(*words: str, **environment: str) -> str:
    """What a terminal of 100 columns is sent."""
    leader, follower = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    process = subprocess.Popen(
        archcalc(*words),
        stdout=follower,
        stderr=follower,
        env={**kept, "TERM": "xterm", "COLUMNS": "100", **environment},
    )
    os.close(follower)
    found = b""
    while True:
        try:
            piece = os.read(leader, 65536)
        except OSError:
            break
        if not piece:
            break
        found += piece
    os.close(leader)
    process.wait()
    return found.decode().replace("\r\n", "\n")


def stripped(text: str) -> str:
    """A text without its styles."""
    import re

    return re.sub(r"\x1b\[[0-9;]*m|\x1b\]8;.*?\x1b\\", "", text)


def test_colour_on_a_terminal_alone() -> None:
    coloured = on_a_terminal("summary", "vgg16")
    assert "\x1b[36m" in coloured  # cyan: parameters
    assert "\x1b[35m" in coloured  # magenta: MACs
    assert "\x1b[1mvgg16\x1b[0m" in coloured
    assert stripped(coloured) == call("summary", "vgg16", "--width", "100").out
    bare = on_a_terminal("summary", "vgg16", NO_COLOR="1")
    assert "\x1b[36m" not in bare
    assert "\x1b[1m" in bare
    assert "\x1b[2m" in bare
    assert stripped(bare) == stripped(coloured)
    assert "\x1b" not in on_a_terminal("summary", "vgg16", TERM="dumb")
    assert "\x1b" not in call("summary", "vgg16").out
    for many in ({"TERM": "xterm-256color"}, {"COLORTERM": "truecolor"}):
        same = on_a_terminal("summary", "vgg16", **many)
        assert stripped(same) == stripped(coloured)
        assert "\x1b[38" not in same, "the colours are the user's own, for light and for dark"
    assert "\x1b[1;31merror[name]" in on_a_terminal("summary", "vgg99")
    narrow = on_a_terminal("summary", "vgg16", COLUMNS="70")
    assert "left out at 70 columns" in narrow


def test_papers_are_links_on_a_terminal_alone() -> None:
    import re

    paper = r"\x1b\]8;id=\d+;https://arxiv\.org/abs/1409\.1556\x1b\\.*arXiv:1409\.1556.*\x1b\]8;;\x1b\\"
    link = f"{paper}.*, Table 1"
    assert re.search(link, on_a_terminal("summary", "vgg16"))
    assert "\x1b]8" not in on_a_terminal("summary", "vgg16", TERM="dumb")
    assert "\x1b]8" not in call("summary", "vgg16").out


def test_locale_c() -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    environment.pop("COLUMNS", None)
    done = subprocess.run(archcalc("summary", "vgg16"), capture_output=True, env=environment)
    assert done.returncode == 0
    answer = call("summary", "vgg16", "--width", "80", encoding="ascii")
    assert done.stdout.decode("ascii") == answer.out
    failed = subprocess.run(
        archcalc("summary", "7x7x3 -> conv 3x3 1 stride=3 round=exact"), capture_output=True, env=environment
    )
    assert failed.returncode == 2
    assert b"(7 - 3 + 2*0)/3 + 1 = 2.33" in failed.stderr


# Starting up ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "heavy"),
    [
        ("plain", "rich inspect pathlib shutil tempfile json csv difflib subprocess logging dataclasses"),
        (
            "table",
            "archcalc.report.flat archcalc.report.formats.html archcalc.report.formats.json "
            "archcalc.report.screens.rf archcalc.report.diagnostics",
        ),
    ],
)
def test_imports_little(form: str, heavy: str) -> None:
    code = (
        "import sys\nbefore = set(sys.modules)\nimport click\nclicks = set(sys.modules)\n"
        "from archcalc.cli import main\n"
        f"try:\n main(['summary', 'vgg16', '--format', '{form}', '--output', '/dev/null'])\n"
        "except SystemExit: pass\n"
        "print(*sorted(set(sys.modules) - clicks))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "archcalc.analysis.summary" in loaded
    never = "torch numpy importlib.metadata archcalc.language.excerpt archcalc.cli.usage"
    assert not loaded & {*never.split(), *heavy.split()}


# Numbers without end ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        ["--batch", "1" + "0" * 308],
        ["--batch", "9" * 5000],
        ["--batch", str(10**12 + 1)],
        ["--fits", "9" * 5000 + "B"],
        ["--fits", "0." + "9" * 5000 + "GiB"],
        ["--set", "a=" + "9" * 5000],
        ["--input", "9" * 5000 + "x8x3"],
        ["--depth", "9" * 5000],
        ["--budget", "9" * 5000],
        ["--width", "9" * 5000],
        ["--until", "9" * 5000],
    ],
)
def test_a_number_without_end_is_one_message(words: list[str]) -> None:
    """Defeats: a traceback of Python's own limits, a screen of floats that have run out of
    digits."""
    for command in ("summary", "explain"):
        if command == "explain" and words[0] in ("--fits", "--depth"):
            continue
        found = call(command, "8x8x3 -> relu", *words)
        assert (found.code, found.out) == (2, "")
        assert found.err.count("error[") == 1


def test_bytes_of_a_large_batch_are_exact() -> None:
    """Defeats: floats, which have sixteen digits."""
    found = call("summary", "2048x2048x48 -> relu", "--batch", str(10**12 - 1)).out
    assert "768,000,000,000,000" not in found
    assert f"{768 * (10**12 - 1):,}.00" in found
