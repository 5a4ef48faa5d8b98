"""`--from`, and files whose format is told by what they hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from calling import call

from archcalc import load

CAFFE = Path(__file__).parent / "caffe" / "lenet.prototxt"
DARKNET = Path(__file__).parent / "darknet" / "yolov3-tiny.cfg"
SPEC = "net small\n  input 8x8x3\n  conv 3x3 4\n"


def total(target: str, *options: str, stdin: str = "") -> int:
    """The parameters of a target, as the command says."""
    answer = call("summary", target, *options, "--format", "json", stdin=stdin)
    assert answer.code == 0, answer.err
    return int(json.loads(answer.out)["totals"]["params"])


@pytest.mark.parametrize("sample", [CAFFE, DARKNET], ids=lambda path: path.stem)
@pytest.mark.parametrize("name", ["net.txt", "net.conf", "sub/net"])
def test_content_tells_the_format(sample: Path, name: str, tmp_path: Path) -> None:
    """Defeats a reader that goes by the suffix alone."""
    other = tmp_path / name
    other.parent.mkdir(exist_ok=True)
    other.write_bytes(sample.read_bytes())
    assert total(str(other)) == total(str(sample)) == load(str(sample)).summary().totals["params"]


def test_from_forces_a_format(tmp_path: Path) -> None:
    """A spec with the suffix of Darknet is read as one, where somebody says so; without that it is refused.
    Defeats an option that is a hint only."""
    spec = tmp_path / "small.cfg"
    spec.write_text(SPEC)
    refused = call("summary", str(spec))
    assert refused.code == 2
    assert "small.cfg:1:1" in refused.err
    assert total(str(spec), "--from", "arch") == 112
    text = CAFFE.read_text()
    assert total("-", "--from", "caffe", stdin=text) == total(str(CAFFE))
    assert load(str(spec), file_format="arch").summary().totals["params"] == 112


@pytest.mark.parametrize(
    ("target", "form", "words"),
    [
        ("vgg16", "caffe", "there is no file vgg16"),
        (str(CAFFE), "caffee", "did you mean caffe?"),
        (str(CAFFE), "docx", "there are arch, "),
        (str(CAFFE), "darknet", "lenet.prototxt:"),
        (str(CAFFE), "arch", "lenet.prototxt:2:7"),
        ("32x32x3 -> conv 3x3 8", "caffe", "there is no file"),
        ("-", "darknet", "it is no file of Darknet"),
    ],
)
def test_wrong_formats_are_refused(target: str, form: str, words: str) -> None:
    answer = call("summary", target, "--from", form, stdin="")
    assert answer.code == 2, answer.err
    assert words in answer.err


def test_compare_takes_a_format_for_each(tmp_path: Path) -> None:
    """Defeats an option that is for all targets, names of the zoo too."""
    spec = tmp_path / "small.cfg"
    spec.write_text(SPEC)
    answer = call("compare", "lenet5", str(spec), "--from", "arch", "--format", "json")
    assert answer.code == 0, answer.err
    answer = call("compare", str(CAFFE), str(spec), "--from", "2:arch", "--format", "json")
    assert answer.code == 0, answer.err
    answer = call("compare", "lenet5", str(spec), "--from", "3:arch")
    assert answer.code == 2
    assert "none of the 2 targets" in answer.err
