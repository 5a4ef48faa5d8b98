"""The files of all tools together: file, text and graph agree, what a file holds tells its format, and what
holds no network is one message."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from calling import call
from imported import figures
from lanes import slow_where
from test_code_listings import FOLDER, LECTURES

from archcalc import SpecError, load
from archcalc.importing.files import format_names, formats
from archcalc.loading.targets import file_formats
from archcalc.network import Network

TESTS = Path(__file__).parent
# Names, and what is written otherwise with the same meaning: a rim by its word, a block around its layers.
NAMES = {"name", "inputs", "path", "attributes", "like"}

# A model as Keras 3 writes it, and one with two inputs, of which the second is read first.
SEQUENTIAL = {
    "class_name": "Sequential",
    "config": {
        "name": "small",
        "layers": [
            {"class_name": "InputLayer", "config": {"name": "image", "batch_shape": [None, 12, 10, 3]}},
            {
                "class_name": "Conv2D",
                "config": {"name": "c1", "filters": 4, "kernel_size": [3, 3], "activation": "relu"},
            },
            {"class_name": "BatchNormalization", "config": {"name": "n1"}},
            {"class_name": "MaxPooling2D", "config": {"name": "p1", "pool_size": [2, 2]}},
            {"class_name": "Flatten", "config": {"name": "flat"}},
            {"class_name": "Dense", "config": {"name": "d1", "units": 5, "activation": "softmax"}},
        ],
    },
}


def inbound(*names: str) -> list[Any]:
    """The layers that a layer of Keras reads, as Keras 2 writes them."""
    return [[[name, 0, 0, {}] for name in names]]


TWO_INPUTS = {
    "class_name": "Functional",
    "config": {
        "name": "two",
        "layers": [
            {"class_name": "InputLayer", "name": "a", "config": {"name": "a", "batch_shape": [None, 7]}},
            {"class_name": "InputLayer", "name": "b", "config": {"name": "b", "batch_shape": [None, 9]}},
            {
                "class_name": "Dense",
                "name": "of_b",
                "config": {"name": "of_b", "units": 3},
                "inbound_nodes": inbound("b"),
            },
            {
                "class_name": "Dense",
                "name": "of_a",
                "config": {"name": "of_a", "units": 3},
                "inbound_nodes": inbound("a"),
            },
            {
                "class_name": "Add",
                "name": "sum",
                "config": {"name": "sum"},
                "inbound_nodes": inbound("of_a", "of_b"),
            },
        ],
        "input_layers": [["a", 0, 0], ["b", 0, 0]],
        "output_layers": [["sum", 0, 0]],
    },
}


def archive(text: str) -> bytes:
    """A file of Keras 3 without its weights."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("metadata.json", "{}")
        packed.writestr("config.json", text)
    return out.getvalue()


def hdf5(text: str) -> bytes:
    """A file of Keras 2 without its weights."""
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        file.attrs["model_config"] = text
    return out.getvalue()


def onnx(name: str) -> bytes:
    """A model of the onnx package."""
    package = pytest.importorskip("onnx", reason="the onnx package is not installed")
    folder = Path(package.__file__).parent / "backend" / "test" / "data" / "light"
    return (folder / f"light_{name}.onnx").read_bytes()


class Sample:
    """A file of a tool.

    Args:
        form: The name of its format.
        suffix: The end of its name.
        data: What it holds.
        text: Whether it is text.
    """

    def __init__(self, form: str, suffix: str, data: Callable[[], bytes], text: bool = True):
        self.form = form
        self.suffix = suffix
        self.text = text
        self._data = data

    @property
    def data(self) -> bytes:
        """What it holds."""
        return self._data()

    def written(self, folder: Path, name: str = "") -> Path:
        """Write the file."""
        path = folder / (name or f"net{self.suffix}")
        path.write_bytes(self.data)
        return path


def read(path: Path) -> Callable[[], bytes]:
    return path.read_bytes


# A torch listing whose inputs its own code tells, of each kind.
LISTINGS = (
    *("alexnet", "cifar_tutorial", "densenet", "googlenet", "heads", "inherited", "lenet", "pix2pix"),
    *("resnet_small", "shuffle", "squeeze_excite", "transformer", "unet", "vae"),
)
TFLITE = sorted((TESTS / "tflite").glob("*.tflite"))[:3]
SAMPLES = {
    **{path.name: Sample("caffe", path.suffix, read(path)) for path in sorted((TESTS / "caffe").iterdir())},
    **{path.name: Sample("darknet", ".cfg", read(path)) for path in sorted((TESTS / "darknet").iterdir())},
    "keras.json": Sample("keras", ".json", lambda: json.dumps(SEQUENTIAL).encode()),
    "keras_two.json": Sample("keras", ".json", lambda: json.dumps(TWO_INPUTS, indent=1).encode()),
    "keras.keras": Sample("keras", ".keras", lambda: archive(json.dumps(SEQUENTIAL)), text=False),
    "keras.h5": Sample("keras", ".h5", lambda: hdf5(json.dumps(SEQUENTIAL)), text=False),
    "squeezenet.onnx": Sample("onnx", ".onnx", lambda: onnx("squeezenet"), text=False),
    "shufflenet.onnx": Sample("onnx", ".onnx", lambda: onnx("shufflenet"), text=False),
    **{path.name: Sample("tflite", ".tflite", read(path), text=False) for path in TFLITE},
    **{f"keras_{name}.py": Sample("source", ".py", read(FOLDER / f"{name}.py")) for name in LECTURES},
    **{
        f"torch_{name}.py": Sample("source", ".py", read(TESTS / "torch_listings" / f"{name}.py"))
        for name in LISTINGS
    },
}
# One of each form of file, small ones.
FEW = (
    *("lenet.prototxt", "yolov3-tiny.cfg", "keras.json", "keras.keras", "keras.h5", "squeezenet.onnx"),
    *("keras_classroom.py", "torch_resnet_small.py", TFLITE[0].name),
)
few = pytest.mark.parametrize("name", FEW)


@cache
def params(name: str) -> int:
    """The parameters of a sample, from a file of its usual name."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return int(load(str(SAMPLES[name].written(Path(folder)))).summary().totals["params"])


def answered(path: Path | str, *options: str) -> int | str:
    """The parameters of a file, or the one message about it."""
    answer = call("summary", str(path), *options, "--format", "json")
    if answer.code == 0:
        return int(json.loads(answer.out)["totals"]["params"])
    assert answer.code == 2, answer.err
    assert answer.out == ""
    errors = [one for one in json.loads(answer.err)["diagnostics"] if one["severity"] == "error"]
    assert len(errors) == 1, errors
    return " ".join([errors[0]["message"], errors[0]["file"] or "", errors[0]["help"] or ""])


def nameless(network: Network) -> tuple[Any, ...]:
    """All figures of a network but its names: a graph is written as blocks, which name layers anew."""
    record = figures(network)
    layers = [{key: value for key, value in layer.items() if key not in NAMES} for layer in record["layers"]]
    for layer in layers:
        layer["tensors"] = sorted(layer["tensors"].values())
    totals = {key: value for key, value in record["totals"].items() if key not in ("peak_at", "peak_live")}
    return layers, totals, record["input"]


def test_every_format_has_a_sample() -> None:
    """Defeats a format that no test below knows."""
    assert {sample.form for sample in SAMPLES.values()} == {*format_names()}


@pytest.mark.parametrize("name", slow_where(SAMPLES, lambda name: "very_deep" in name))
def test_file_text_and_graph_agree(name: str, tmp_path: Path) -> None:
    """`show` writes a spec, which is the same network: layers, sizes, parameters, operations, receptive
    fields and memory. Defeats a spec that loses a setting, and a reference to another layer."""
    sample = SAMPLES[name]
    path = sample.written(tmp_path)
    answer = call("show", str(path), "-o", str(tmp_path / "shown.arch"))
    assert answer.code == 0, answer.err
    first, again = load(str(path)), load(str(tmp_path / "shown.arch"))
    by_graph = sample.form in ("onnx", "tflite") or name.startswith("torch_")
    assert nameless(first) == nameless(again)
    if not by_graph:
        assert figures(first) == figures(again)


@pytest.mark.parametrize("name", SAMPLES)
def test_json_says_where_each_layer_is_from(name: str, tmp_path: Path) -> None:
    """Names of the file, its tool's word for the layer, and its line. Defeats names that the file has not."""
    sample = SAMPLES[name]
    path = sample.written(tmp_path)
    answer = call("summary", str(path), "--format", "json")
    record = json.loads(answer.out)
    assert any(layer.get("module") for layer in record["layers"])
    for layer in record["layers"]:
        if layer.get("source"):
            file, line = layer["source"]
            assert file == str(path)
            assert line >= 1
        if sample.form in ("caffe", "keras") and layer.get("module") and sample.text:
            assert f'"{layer["module"]}"' in sample.data.decode()


@few
@pytest.mark.parametrize(
    "other", ["net.txt", "net", "net.cfg", "net.prototxt", "net.json", "net.h5", "A B.C.py"]
)
def test_what_a_file_holds_tells_its_format(name: str, other: str, tmp_path: Path) -> None:
    """Also where its name says something else. Defeats a reader that goes by names."""
    assert answered(SAMPLES[name].written(tmp_path, other)) == params(name)


@few
def test_from_forces_a_format(name: str, tmp_path: Path) -> None:
    """Defeats an option that is a hint: each other format is one message, and no figure."""
    sample = SAMPLES[name]
    path = sample.written(tmp_path, "net.dat")
    assert answered(path, "--from", sample.form) == params(name)
    assert load(str(path), file_format=sample.form).summary().totals["params"] == params(name)
    for form in format_names():
        if form != sample.form:
            assert isinstance(answered(path, "--from", form), str), form
    assert call("summary", str(path), "--from", "arch").code == 2


@few
def test_marks_and_line_ends_of_editors(name: str, tmp_path: Path) -> None:
    """A mark before the text, and lines that end otherwise. Defeats a first line that is not known."""
    sample = SAMPLES[name]
    if not sample.text:
        pytest.skip("it is no text")
    marked, plain = b"\xef\xbb\xbf" + sample.data, sample.data.replace(b"\r\n", b"\n")
    for number, data in enumerate(
        (
            marked,
            plain.replace(b"\n", b"\r\n"),
            plain.replace(b"\n", b"\r"),
            plain + b"\n\n",
            marked + b"\r\n",
        )
    ):
        for suffix in (sample.suffix, ".txt"):
            path = tmp_path / f"net{number}{suffix}"
            path.write_bytes(data)
            assert answered(path) == params(name), (number, suffix)


def harmful(sample: Sample, folder: Path) -> dict[str, tuple[Path, str]]:
    """Files that hold no network, and a part of the message about each."""
    data, end = sample.data, sample.suffix
    words = "text in UTF-8" if sample.text else ""
    contents = {
        "utf16": (data.decode("latin-1").encode("utf-16"), words),
        "bytes": (data[:60] + b"\xff\xfe" + data[60:], words) if sample.text else (b"\xff\xfe\xe9", ""),
        "zero": (data[:60] + b"\0" + data[60:], "a zero byte") if sample.text else (b"\0" * 99, ""),
        "empty": (b"", ""),
        "blank": (b" \n\n\t", ""),
        "packed": (gzip.compress(data), "packed with gzip" if sample.form not in ("onnx", "tflite") else ""),
        "large": (b"# " + b"x" * (1 << 24) + b"\n" + data, ""),
        "random": (bytes(range(255, 0, -1)) * 20, ""),
        "deep": (b"a { " * 9000 + b"[" * 90_000 + b"(" * 9000, ""),
        "wide": (b"9" * 200_000, ""),
    }
    found = {}
    for name, (content, part) in contents.items():
        path = folder / f"{name}{end}"
        path.write_bytes(content)
        found[name] = path, part
    (folder / f"folder{end}").mkdir()
    found["folder"] = folder / f"folder{end}", "is a directory"
    found["missing"] = folder / f"missing{end}", "there is no file"
    if os.name == "posix":
        for name, to, part in (
            ("dangling", folder / "nowhere", "there is no file"),
            ("circle", folder / f"circle{end}", "symbolic links"),
            ("device", Path("/dev/zero"), "no regular file"),
            ("nothing", Path("/dev/null"), "no regular file"),
        ):
            (folder / f"{name}{end}").symlink_to(to)
            found[name] = folder / f"{name}{end}", part
        os.mkfifo(folder / f"pipe{end}")
        found["pipe"] = folder / f"pipe{end}", "no regular file"
        if os.geteuid() != 0:
            locked = sample.written(folder, f"locked{end}")
            locked.chmod(0)
            found["locked"] = locked, "permission denied"
    return found


@few
def test_what_holds_no_network_is_one_message(name: str, tmp_path: Path) -> None:
    """Defeats a traceback, a file that is read without end, and a pipe that is waited for."""
    for which, (path, part) in harmful(SAMPLES[name], tmp_path).items():
        found = answered(path)
        assert isinstance(found, str), which
        assert part in found, (which, found)
        assert str(path) in found or which in ("deep", "wide", "blank"), (which, found)


@few
def test_a_link_is_the_file(name: str, tmp_path: Path) -> None:
    """Defeats a guard against links that keeps out those that people make."""
    if os.name != "posix":
        pytest.skip("links need rights there")
    (tmp_path / "there").mkdir()
    path = SAMPLES[name].written(tmp_path / "there")
    link = tmp_path / f"link{SAMPLES[name].suffix}"
    link.symlink_to(path)
    assert answered(link) == params(name)


def test_two_inputs_are_told_apart() -> None:
    """The layer that is written first reads the second input. Defeats a reference that is left out."""
    network = load("-", stdin=json.dumps(TWO_INPUTS))
    assert network.layer("of_b").facts.params == 9 * 3 + 3
    assert network.layer("of_a").facts.params == 7 * 3 + 3


def test_formats_say_what_they_are() -> None:
    """Each has its tool and the ends of its names, and no two have the same end."""
    ends = [end for form in formats().values() for end in form.suffixes]
    assert len(ends) == len(set(ends))
    assert all(form.tool for form in formats().values())


def test_the_page_lists_every_format() -> None:
    """docs/files.md has a row for each in both tables, with the ends of its names and its page. Defeats a
    format that users do not find."""
    page = (TESTS.parent / "docs" / "files.md").read_text("utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for name, form in formats().items():
        first, second = [line for line in rows if line.startswith(f"| `{name}` |")]
        assert all(f"`{end}`" in first for end in form.suffixes), name
        (link,) = re.findall(r"\]\((\w+\.md)\)", first)
        assert (TESTS.parent / "docs" / link).exists()
        assert second.count("|") == 5
    for name in file_formats():
        assert f"| `{name}` |" in page


def test_a_setting_that_no_format_has_is_refused(tmp_path: Path) -> None:
    """Defeats `--set` that is passed over."""
    for name in FEW:
        with pytest.raises(SpecError, match="no parameter `depth`"):
            load(str(SAMPLES[name].written(tmp_path)), depth=3)


@pytest.mark.parametrize("name", ["a.onnx", "a.tflite", "a.h5", "a.keras", "a.cfg", "a.prototxt", "a.py"])
def test_a_file_that_is_not_there(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defeats a reader that asks for its package first: who installs it learns only then what is wrong."""
    for package in ("onnx", "tflite", "h5py"):
        monkeypatch.setitem(sys.modules, package, None)
    path = tmp_path / name
    assert f"there is no file {path}" in str(answered(path))
