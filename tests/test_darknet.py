"""Darknet's configurations: published figures, size rules, and messages that point into the file."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from calling import call
from imported import figures

from archcalc import SpecError, load

SAMPLES = Path(__file__).parent / "darknet"


def configuration(*sections: str, size: int = 32) -> str:
    head = f"[net]\nheight={size}\nwidth={size}\nchannels=3\n"
    return head + "".join(f"\n{section}\n" for section in sections)


def written(folder: Path, *sections: str, size: int = 32) -> str:
    path = folder / "net.cfg"
    path.write_text(configuration(*sections, size=size), encoding="utf-8")
    return str(path)


# Billions of operations, as pjreddie.com/darknet prints them (imagenet: 256x256, yolo: 416 and 608), two
# for a MAC and none for a local layer; and the parameters where the size of the weights is published.
PUBLISHED = [
    ("darknet53.cfg", 18.57, None),
    ("resnet50.cfg", 9.74, None),
    ("densenet201.cfg", 10.85, None),
    ("vgg-16.cfg", 30.94, 138_357_544),
    ("yolov1.cfg", 40.19, None),
    ("yolov2.cfg", 62.94, None),
    ("yolov3-tiny.cfg", 5.56, None),
    ("yolov3.cfg", 140.69, 61_949_149),
]


@pytest.mark.parametrize(("name", "billions", "params"), PUBLISHED)
def test_published_figures(name: str, billions: float, params: int | None) -> None:
    """Defeats a padding of (size - 1)/2 for 1x1, biases beside batch norms, a shortcut over unequal maps that
    adds all of them, and heads that are forgotten."""
    summary = load(str(SAMPLES / name)).summary()
    macs = sum(row.macs or 0 for row in summary.rows if row.op != "local")
    assert round(2 * macs / 1e9, 2) == billions
    if params is not None:
        assert summary.totals["params"] == params


def test_the_size_of_a_file_of_weights() -> None:
    """yolov1.weights of cfg/yolov1.cfg holds 197,328,243 floats, moving statistics included. Defeats biases
    beside batch norms."""
    totals = load(str(SAMPLES / "yolov1.cfg")).summary().totals
    assert totals["params"] + totals["buffers"] == 197_328_243


def test_the_boxes_of_all_heads_are_the_output() -> None:
    """YOLOv3 at 608x608 finds 22,743 boxes of 85 values. Defeats the map of the last head alone."""
    assert load(str(SAMPLES / "yolov3.cfg")).graph.output.output == (22_743, 85)
    assert load(str(SAMPLES / "yolov2.cfg")).graph.output.output == (19, 19, 425)


def test_layers_behind_a_head_read_its_map(tmp_path: Path) -> None:
    """Defeats a convolution of the boxes, which have no positions."""
    head = "[convolutional]\nfilters=14\nactivation=linear"
    yolo = "[yolo]\nmask=0,1\nnum=2"
    path = written(tmp_path, head, yolo, head, yolo, "[convolutional]\nfilters=5")
    network = load(path)
    assert network.layer("conv2").facts.params == 14 * 14 + 14
    assert network.graph.output.output == (2 * 2 * 32 * 32, 7)


def darknet(layers: list[dict[str, int | str | list[int]]], size: int) -> list[tuple[int, int, int]]:
    """Sizes as darknet's own functions compute them: (width, channels, weights) of each layer."""
    found: list[tuple[int, int, int]] = []
    width, channels = size, 3
    for layer in layers:
        weights = 0
        get = layer.get
        if layer["word"] == "convolutional":
            k, s, n, groups = get("size", 1), get("stride", 1), get("filters", 1), get("groups", 1)
            pad = k // 2 if get("pad", 0) else get("padding", 0)
            weights = k * k * channels // groups * n + n + (n if get("batch_normalize", 0) else 0)
            width, channels = (width + 2 * pad - k) // s + 1, n
        elif layer["word"] == "maxpool":
            s = get("stride", 1)
            k = get("size", s)
            width = (width + get("padding", k - 1) - k) // s + 1
        elif layer["word"] == "upsample":
            width *= get("stride", 2)
        elif layer["word"] == "reorg":
            width, channels = width // get("stride", 1), channels * get("stride", 1) ** 2
        elif layer["word"] == "route":
            parts = [found[at] for at in layer["at"]]
            width, channels = parts[0][0], sum(part[1] for part in parts) // get("groups", 1)
        elif layer["word"] == "connected":
            weights = width * width * channels * layer["output"] + layer["output"]
            width, channels = 1, layer["output"]
        found.append((width, channels, weights))
    return found


def drawn(random: random.Random) -> tuple[list[dict[str, int | str | list[int]]], int]:
    """Layers that fit on each other."""
    size, layers = random.choice([31, 32, 40, 45]), []
    for _ in range(random.randint(3, 14)):
        sizes = darknet(layers, size)
        width, channels = sizes[-1][:2] if sizes else (size, 3)
        word = random.choice(["convolutional"] * 4 + ["maxpool", "upsample", "reorg", "route", "shortcut"])
        layer: dict[str, int | str | list[int]] = {"word": word}
        if word == "convolutional":
            kernel = random.choice([k for k in (1, 2, 3, 5, 7) if k <= width])
            layer |= {"size": kernel, "filters": random.choice([4, 6, 8]), "stride": random.choice([1, 1, 2])}
            layer |= random.choice([{"pad": 1}, {"padding": random.randint(0, 2)}, {}])
            layer |= random.choice([{"batch_normalize": 1}, {}])
            layer |= random.choice([{"groups": 2}, {}]) if channels % 2 == 0 else {}
        elif word == "maxpool":
            layer |= {"size": random.choice([2, 3]), "stride": random.choice([1, 2])}
            layer |= random.choice([{}, {"padding": 0}]) if width > 3 else {}
        elif word == "upsample":
            if width > 60:
                continue
            layer |= {"stride": random.choice([2, 3])}
        elif word == "reorg":
            if width % 2 or channels > 200:
                continue
            layer |= {"stride": 2}
        elif word == "route":
            like = [at for at, other in enumerate(sizes) if other[0] == width]
            if not like:
                continue
            layer["at"] = random.choices(like, k=random.randint(1, 3))
            layer["layers"] = ",".join(
                str(at if random.random() < 0.5 else at - len(sizes)) for at in layer["at"]
            )
            if all(sizes[at][1] % 2 == 0 for at in layer["at"]) and random.random() < 0.4:
                layer |= {"groups": 2, "group_id": random.randint(0, 1)}
        elif word == "shortcut":
            like = [at for at, other in enumerate(sizes) if other[0] == width or other[0] == 2 * width]
            if len(sizes) < 2 or not like:
                continue
            layer["from"] = random.choice(like) - len(sizes)
        layers.append(layer)
    layers.append({"word": "connected", "output": 10})
    return layers, size


@pytest.mark.parametrize("seed", range(40))
def test_sizes_and_weights_are_darknets(seed: int, tmp_path: Path) -> None:
    """Random networks, against the size rules of darknet's own layers. Defeats pooling of odd maps that
    rounds down, and a route that counts from the wrong layer."""
    layers, size = drawn(random.Random(seed))
    sections = [
        f"[{layer['word']}]\n" + "".join(f"{k} = {v}\n" for k, v in layer.items() if k not in ("word", "at"))
        for layer in layers
    ]
    network = load(written(tmp_path, *sections, size=size))
    expected = darknet(layers, size)
    assert network.summary().totals["params"] <= sum(weights for *_, weights in expected)
    owners = {row.name: row for row in network.summary().rows}
    for number, (layer, (width, channels, weights)) in enumerate(zip(layers, expected, strict=True)):
        name = {"convolutional": f"conv{number}", "connected": f"fc{number}"}.get(str(layer["word"]))
        row = owners.get(name or "")
        if row is not None:
            norm = owners.get(f"{name}.bn")
            assert row.params + (norm.params if norm is not None else 0) == weights, name
            assert tuple(row.output) == ((10,) if name.startswith("fc") else (width, width, channels)), name
    assert f"fc{len(layers) - 1}" in owners


def test_a_message_points_into_the_file(tmp_path: Path) -> None:
    """Defeats lines of the spec that was written, which nobody has seen."""
    path = written(tmp_path, "[convolutional]\nfilters=8\nsize=3", "[convolutional]\nfilters=8\nsize=40")
    with pytest.raises(SpecError) as caught:
        load(path)
    (error,) = caught.value.diagnostics
    assert str(error.span) == f"{path}:10:1"
    assert error.message == "conv1: the window 40x40 is larger than the input 30x30"


WRONG = [
    ("", "has no sections"),
    ("a=1\n", "begins with the section [net]"),
    ("[convolutional]\n", "begins with [net]"),
    ("[net]\nwidth=3\n", "the input needs"),
    (configuration(), "the network has no layers"),
    (configuration("[convolutionl]"), "[convolutionl] of Darknet is not read"),
    (configuration("[conv_lstm]"), "its state comes from the image before"),
    (configuration("[maxpool]\nsize=x"), "`size` is no whole number"),
    (configuration("[maxpool]\nsize=0"), "`size` is 0"),
    (configuration("[maxpool]\nsize=2\nsize=3"), "stands here twice"),
    (configuration("[maxpool]\nsize"), "a setting is a name"),
    (configuration("[maxpool\nsize=2"), "a section is a word in square brackets"),
    (configuration("[convolutional]\nactivation=lhtan"), "the activation `lhtan` is not known"),
    (configuration("[route]\nlayers=-1"), "there is no layer -1 before this one"),
    (configuration("[route]\nlayers=a"), "names layers by numbers"),
    (configuration("[route]"), "needs `layers`"),
    (configuration("[convolutional]\nfilters=99999999999"), "is no whole number"),
    (configuration("[reorg]\nstride=2\nreverse=1"), "3 channels do not divide into blocks of 4"),
    (configuration("[dropout]\nprobability=2"), "between 0 and 1"),
]


@pytest.mark.parametrize(("text", "message"), WRONG)
def test_what_cannot_be_read_is_one_message(text: str, message: str, tmp_path: Path) -> None:
    """Defeats a traceback, a default in the place of what is wrong, and half a network."""
    path = tmp_path / "net.cfg"
    path.write_text(text, encoding="utf-8")
    answer = call("summary", str(path))
    assert answer.code == 2
    assert message in answer.err
    assert answer.out == ""


@pytest.mark.parametrize("name", [name for name, *_ in PUBLISHED])
def test_the_spec_that_is_shown_is_the_network(name: str, tmp_path: Path) -> None:
    """The round trip of file, text and graph. Defeats a spec that loses a layer's settings."""
    answer = call("show", str(SAMPLES / name), "-o", str(tmp_path / "net.arch"))
    assert answer.code == 0, answer.err
    first = figures(load(str(SAMPLES / name)))
    again = figures(load(str(tmp_path / "net.arch")))
    assert first == again


PIECES = ["", "\0", "[", "]", "=", "-1", "0", "9" * 30, "é", "\n", "[net]", "a" * 50, " "]


def test_every_mutation_ends_in_one_message_or_a_network(tmp_path: Path) -> None:
    """A fuzzer. Defeats tracebacks of every kind."""
    source = random.Random(7)
    texts = [path.read_text(encoding="utf-8") for path in sorted(SAMPLES.glob("*.cfg"))]
    read = 0
    for _ in range(150):
        text = source.choice(texts)[: source.choice([400, 1200, 3000])]
        for _ in range(source.randint(1, 6)):
            at = source.randrange(len(text))
            piece = source.choice(
                ["", "\0", "[", "]", "=", "-1", "0", "9" * 30, "é", "\n", "[net]", "a" * 50, " "]
            )
            text = text[:at] + piece + text[at + source.randint(0, 4) :]
        path = tmp_path / "mutated.cfg"
        path.write_text(text, encoding="utf-8")
        try:
            load(str(path)).summary()
            read += 1
        except SpecError:
            continue
    assert 5 < read < 145


def test_a_text_without_a_name_is_known_by_its_form() -> None:
    """On standard input. Defeats a reader of names alone, and a spec that is taken for a configuration."""
    text = configuration("[convolutional]\nfilters=4\nsize=3")
    assert load("-", stdin=text).summary().totals["params"] == 3 * 9 * 4 + 4
    spec = "# [net] of our own\nnet tiny\n  input 8x8x3\n  conv 3x3 4\n"
    assert load("-", stdin=spec).name == "tiny"


def test_comments_spaces_and_case_are_darknets(tmp_path: Path) -> None:
    """Darknet strips spaces anywhere in a line, and knows two signs of comments."""
    path = tmp_path / "net.cfg"
    text = "# first\n;second\n[NET]\n height = 8\nwidth=8\nchannels = 3\n\n[ conv ]\nfilters = 4 \r\n"
    path.write_text(text, encoding="utf-8")
    assert load(str(path)).summary().totals["params"] == 16


def test_all_commands_take_it() -> None:
    """Defeats a target that one command alone knows."""
    path = str(SAMPLES / "yolov3-tiny.cfg")
    for words in (
        ["rf", path],
        ["explain", path, "conv0"],
        ["compare", path, "resnet18"],
        ["check", path, "conv0.params=464"],
        ["export", path],
        ["draw", path, "--format", "mermaid"],
        ["summary", path, "--input", "608x608x3", "--format", "json"],
    ):
        answer = call(*words)
        assert answer.code == 0, (words, answer.err)
    assert json.loads(answer.out)["layers"][1]["output"] == [608, 608, 16]
