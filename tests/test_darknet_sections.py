"""Sections of darknet and of its forks: sizes and weights by their sources; networks of published size."""

from __future__ import annotations

from math import prod
from pathlib import Path

import pytest
from setting_fuzz import pointless_messages

from archcalc import SpecError, load
from archcalc.importing.files._darknet.vocabulary import section_types

MAP = "[net]\nheight=16\nwidth=20\nchannels=8\n"
VECTOR = "[net]\ninputs=30\ntime_steps=5\n"


def written(folder: Path, text: str) -> str:
    path = folder / "net.cfg"
    path.write_text(text, encoding="utf-8")
    return str(path)


def conv(filters: int, size: int = 1, **more: object) -> str:
    settings = {"filters": filters, "size": size, "pad": 1, "activation": "linear", **more}
    return "[convolutional]\n" + "".join(f"{key}={value}\n" for key, value in settings.items())


# A section behind the input, what it puts out, and how many parameters there are.
SECTIONS = [
    ("groups", MAP + conv(8, 3, groups=4), (16, 20, 8), 8 * 2 * 9 + 8),
    ("dilated with its rim", MAP + conv(4, 3, dilation=2), (16, 20, 4), 4 * 8 * 9 + 4),
    ("1x1 is not dilated", MAP + conv(4, 1, dilation=7), (16, 20, 4), 36),
    ("steps by axis", MAP + conv(4, 3, stride_x=2, stride_y=1), (16, 10, 4), 292),
    ("a step with a blur", MAP + conv(4, 3, stride=2, antialiasing=1), (8, 10, 4), 292),
    ("a step with a blur of two", MAP + conv(4, 3, stride=2, antialiasing=2), (8, 10, 4), 292),
    ("shared weights", MAP + conv(8, 3) + conv(8, 3, share_index=-1), (16, 20, 8), 584),
    (
        "shared weights with batch norm",
        MAP + conv(8, 3, batch_normalize=1) + conv(8, 3, batch_normalize=1, share_index=0),
        (16, 20, 8),
        576 + 16,
    ),
    ("a pool by axis", MAP + "[maxpool]\nsize=3\nstride=1\nstride_x=2\n", (16, 10, 8), 0),
    ("a pool with a blur", MAP + "[maxpool]\nsize=2\nstride=2\nantialiasing=1\n", (8, 10, 8), 0),
    ("a pool over channels", MAP + "[maxpool]\nmaxpool_depth=1\nout_channels=2\n", (16, 20, 2), 0),
    ("a mean of windows", MAP + "[local_avgpool]\nsize=3\nstride=2\n", (8, 10, 8), 0),
    ("the mean of a map", MAP + "[avg]\n", (1, 1, 8), 0),
    ("local", MAP + "[local]\nfilters=2\nsize=3\nstride=1\npad=1\n", (16, 20, 2), 320 * 2 * 72 + 320 * 2),
    ("normalization", MAP + "[normalization]\nsize=3\nalpha=1e-4\n", (16, 20, 8), 0),
    ("lrn", MAP + "[lrn]\n", (16, 20, 8), 0),
    ("batchnorm", MAP + "[batchnorm]\n", (16, 20, 8), 16),
    ("activation", MAP + "[activation]\nactivation=mish\n", (16, 20, 8), 0),
    ("dropout of forks", MAP + "[dropout]\nprobability=.2\ndropblock=1\n" + conv(2), (16, 20, 2), 18),
    ("upsample with a factor", MAP + "[upsample]\nstride=3\nscale=0.5\n", (48, 60, 8), 0),
    ("reorg", MAP + "[reorg]\nstride=2\n", (8, 10, 32), 0),
    ("reorg backwards", MAP + "[reorg]\nstride=2\nreverse=1\n", (32, 40, 2), 0),
    ("crop", MAP + "[crop]\ncrop_height=9\ncrop_width=7\n", (9, 7, 8), 0),
    ("softmax of a map", MAP + "[softmax]\n", (2560,), 0),
    ("softmax of positions", MAP + "[softmax]\nspatial=1\n", (16, 20, 8), 0),
    ("connected", MAP + "[connected]\noutput=3\nbatch_normalize=1\n", (3,), 2560 * 3 + 6),
    ("lstm", VECTOR + "[lstm]\noutput=16\n", (16,), 4 * (30 * 16 + 16 * 16 + 2 * 16)),
    ("gru", VECTOR + "[gru]\noutput=16\n", (16,), 3 * (30 * 16 + 16 * 16 + 2 * 16)),
    ("lstm of a map", MAP + "[lstm]\noutput=4\n", (4,), 4 * (2560 * 4 + 16 + 8)),
    (
        "gru with batch norms",
        VECTOR + "[gru]\noutput=16\nbatch_normalize=1\n",
        (16,),
        3 * (30 * 16 + 16 * 16 + 4 * 16),
    ),
    ("rnn", VECTOR + "[rnn]\nhidden=16\noutput=9\n", (9,), 30 * 16 + 16 * 16 + 16 * 9 + 16 + 16 + 9),
    ("sam", MAP + conv(8) + "[sam]\nfrom=-1\n", (16, 20, 8), 72),
    (
        "scale_channels",
        MAP + conv(8) + "[avgpool]\n" + conv(8) + "[scale_channels]\nfrom=0\n",
        (16, 20, 8),
        144,
    ),
    (
        "scale_channels by position",
        MAP + conv(8) + conv(1) + "[scale_channels]\nfrom=-2\nscale_wh=1\nactivation=relu\n",
        (16, 20, 8),
        81,
    ),
    (
        "implicit values of a map",
        MAP + conv(8) + "[implicit]\nfilters=8\n[route]\nlayers=0\n[shift_channels]\nfrom=1\n",
        (16, 20, 8),
        80,
    ),
    (
        "control_channels",
        MAP + conv(8) + "[implicit]\nfilters=8\n[route]\nlayers=0\n[control_channels]\nfrom=1\n",
        (16, 20, 8),
        80,
    ),
    ("logistic", MAP + conv(2) + "[logistic]\n", (16, 20, 2), 18),
    ("empty", MAP + conv(2) + "[empty]\n", (16, 20, 2), 18),
    ("gaussian_yolo", MAP + conv(27) + "[Gaussian_yolo]\nmask=0,1,2\nclasses=0\n", (16, 20, 27), 243),
    ("contrastive", MAP + conv(2) + "[contrastive]\nclasses=2\n", (16, 20, 2), 18),
    ("detection", MAP + conv(2) + "[detection]\n", (16, 20, 2), 18),
    ("region", MAP + conv(2) + "[region]\n", (16, 20, 2), 18),
    ("implicit", MAP + conv(2) + "[implicit]\nfilters=8\natoms=3\n", (3, 1, 8), 18 + 24),
]


@pytest.mark.parametrize(("name", "text", "output", "params"), SECTIONS, ids=[name for name, *_ in SECTIONS])
def test_sections(name: str, text: str, output: tuple[int, ...], params: int, tmp_path: Path) -> None:
    """Defeats settings of forks that are passed over, and gates that are taken for maps."""
    network = load(written(tmp_path, text))
    assert tuple(network.graph.output.output) == output
    assert network.summary().totals["params"] == params


def test_multiply_adds_of_steps(tmp_path: Path) -> None:
    """A step of a recurrent layer has a map of what arrives and one of the state for each gate."""
    for section, macs in (
        ("[rnn]\nhidden=16\noutput=9\n", 30 * 16 + 16 * 16 + 16 * 9),
        ("[gru]\noutput=16\nbatch_normalize=1\n", 3 * (30 * 16 + 16 * 16)),
        ("[lstm]\noutput=16\n", 4 * (30 * 16 + 16 * 16)),
    ):
        summary = load(written(tmp_path, VECTOR + section)).summary()
        assert sum(row.macs or 0 for row in summary.rows) == macs


def test_every_section_is_tried() -> None:
    """Each section that can be read is one of the table, or of the other tests of Darknet."""
    here = Path(__file__).read_text("utf-8").lower()
    elsewhere = (Path(__file__).parent / "test_darknet.py").read_text("utf-8")
    samples = "".join(path.read_text("utf-8") for path in (Path(__file__).parent / "darknet").glob("*.cfg"))
    aliases = {"conn", "conv", "cost", "soft", "max", "local_avg", "logxent", "silence"}
    assert {word for word in section_types() if f"[{word}]" not in here + elsewhere + samples} <= aliases


class Configuration:
    """A file of darknet that is written layer by layer."""

    def __init__(self, size: int):
        self.text = f"[net]\nheight={size}\nwidth={size}\nchannels=3\n"
        self.count = 0

    def add(self, word: str, **settings: object) -> int:
        """Write a section. Returns its number."""
        self.text += f"[{word}]\n" + "".join(f"{key}={value}\n" for key, value in settings.items())
        self.count += 1
        return self.count - 1

    def conv(self, filters: int, size: int, stride: int = 1, activation: str = "leaky", norm: int = 1) -> int:
        """Write a convolution."""
        settings = {"filters": filters, "size": size, "stride": stride, "pad": 1, "activation": activation}
        return self.add("convolutional", batch_normalize=norm, **settings)

    def route(self, *layers: int, **more: object) -> int:
        """Write a route."""
        return self.add("route", layers=",".join(map(str, layers)), **more)


def yolov4_tiny(size: int) -> Configuration:
    net = Configuration(size)
    net.conv(32, 3, 2)
    net.conv(64, 3, 2)
    last = 0
    for width in (64, 128, 256):
        first = net.conv(width, 3)
        net.route(first, groups=2, group_id=1)
        one = net.conv(width // 2, 3)
        two = net.conv(width // 2, 3)
        net.route(two, one)
        last = net.conv(width, 1)
        net.route(first, last)
        net.add("maxpool", size=2, stride=2)
    net.conv(512, 3)
    narrow = net.conv(256, 1)
    net.conv(512, 3)
    net.conv(255, 1, activation="linear", norm=0)
    net.add("yolo", mask="3,4,5", classes=80, num=6)
    net.route(narrow)
    up = net.conv(128, 1)
    up = net.add("upsample", stride=2)
    net.route(up, last)
    net.conv(256, 3)
    net.conv(255, 1, activation="linear", norm=0)
    net.add("yolo", mask="1,2,3", classes=80, num=6)
    return net


def yolov4(size: int) -> Configuration:
    net = Configuration(size)
    net.conv(32, 3, activation="mish")
    stages = []
    for width, turns in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
        down = net.conv(width, 3, 2, "mish")
        half = width if width == 64 else width // 2
        left = net.conv(half, 1, activation="mish")
        net.route(down)
        net.conv(half, 1, activation="mish")
        for _ in range(turns):
            net.conv(32 if width == 64 else half, 1, activation="mish")
            net.conv(half, 3, activation="mish")
            net.add("shortcut", **{"from": -3, "activation": "linear"})
        right = net.conv(half, 1, activation="mish")
        net.route(right, left)
        stages.append(net.conv(width, 1, activation="mish"))
    net.conv(512, 1)
    net.conv(1024, 3)
    x = net.conv(512, 1)
    pools = []
    for window in (5, 9, 13):
        pools.append(net.add("maxpool", size=window, stride=1))
        net.route(x) if window < 13 else None
    net.route(pools[2], pools[1], pools[0], x)
    net.conv(512, 1)
    net.conv(1024, 3)
    levels = [net.conv(512, 1)]
    for width, stage in ((256, stages[3]), (128, stages[2])):
        net.conv(width, 1)
        up = net.add("upsample", stride=2)
        net.route(stage)
        skip = net.conv(width, 1)
        net.route(skip, up)
        for _ in range(2):
            net.conv(width, 1)
            net.conv(2 * width, 3)
        levels.append(net.conv(width, 1))
    last = levels[2]
    for width, other in ((128, None), (256, levels[1]), (512, levels[0])):
        if other is not None:
            net.route(last)
            down = net.conv(width, 3, 2)
            net.route(down, other)
            for _ in range(2):
                net.conv(width, 1)
                net.conv(2 * width, 3)
            last = net.conv(width, 1)
        net.conv(2 * width, 3)
        net.conv(255, 1, activation="linear", norm=0)
        net.add("yolo", mask="0,1,2", classes=80, num=9, scale_x_y=1.2)
    return net


def printed(text: Path) -> float:
    """What AlexeyAB's darknet adds up as it loads: two for a MAC, a window for each value of a pool, and one
    for each value of a sum; in billions."""
    total = 0
    for row in load(str(text)).summary().to_dict()["layers"]:
        size = prod(row["output"])
        total += 2 * row["macs"]
        total += size if row["op"] == "add" else 0
        if row["op"] == "maxpool":
            total += size * row["attributes"]["kernel"][0] ** 2
    return total / 1e9


# The floats of yolov4-tiny.weights (24,251,276 bytes) and yolov4.weights (257,717,640 bytes) behind a head of
# 20 bytes; and the billions of operations that darknet prints as it loads.
PUBLISHED = [
    ("yolov4-tiny", yolov4_tiny, 416, (24_251_276 - 20) // 4, 6.910, 2535),
    ("yolov4", yolov4, 416, (257_717_640 - 20) // 4, 60.137, 10_647),
    ("yolov4", yolov4, 608, (257_717_640 - 20) // 4, 128.459, 22_743),
]


@pytest.mark.parametrize(("name", "write", "size", "floats", "billions", "boxes"), PUBLISHED)
def test_published_networks(
    name: str, write: object, size: int, floats: int, billions: float, boxes: int, tmp_path: Path
) -> None:
    """Defeats a route whose groups are forgotten, pools that shrink, and batch norms without statistics."""
    assert callable(write)
    network = load(written(tmp_path, write(size).text))
    totals = network.summary().totals
    assert totals["params"] + totals["buffers"] == floats
    assert tuple(network.graph.output.output) == (boxes, 85)
    assert round(printed(tmp_path / "net.cfg"), 3) == billions


def test_a_block_of_efficientnet(tmp_path: Path) -> None:
    """As enet-coco.cfg has it: widened, filtered by channel, gated, narrowed. Defeats a gate of maps."""
    net = Configuration(32)
    x = net.conv(16, 3, 2, "swish")
    net.conv(96, 1, activation="swish")
    net.add(
        "convolutional", filters=96, groups=96, size=3, stride=1, pad=1, batch_normalize=1, activation="swish"
    )
    net.add("avgpool")
    net.conv(4, 1, activation="swish", norm=0)
    net.conv(96, 1, activation="logistic", norm=0)
    net.add("scale_channels", **{"from": -4})
    net.conv(16, 1, activation="linear")
    net.add("dropout", probability=".2")
    net.add("shortcut", **{"from": x - net.count, "activation": "linear"})
    network = load(written(tmp_path, net.text))
    weights = 3 * 16 * 9 + 16 * 96 + 96 * 9 + 96 * 4 + 4 + 4 * 96 + 96 + 96 * 16
    assert network.summary().totals["params"] == weights + 2 * (16 + 96 + 96 + 16)
    assert tuple(network.graph.output.output) == (16, 16, 16)


REFUSED = [
    (MAP + conv(4, 3, deform=1), "deformed filters"),
    (MAP + conv(4, 3, stretch=1), "`stretch` is not read"),
    (MAP + conv(4, 3, share_index=-1), "there is no layer -1"),
    (MAP + "[maxpool]\n" + conv(4, 3, share_index=-1), "layer 0 has no weights"),
    (MAP + conv(8, 3) + conv(8, 3, batch_normalize=1, share_index=0), "one alone has batch_normalize"),
    (MAP + "[maxpool]\nmaxpool_depth=1\nout_channels=3\n", "no whole number of times 3"),
    (MAP + "[upsample]\nstride=-2\n", "`stride` below 0"),
    (MAP + "[softmax]\ngroups=2\n", "parts of the values"),
    (MAP + "[softmax]\ntree=a.tree\n", "parts of the values"),
    (MAP + conv(4) + conv(8) + "[shortcut]\nfrom=-1\nweights_type=per_feature\n", "learned weights"),
    (MAP + conv(4) + conv(8) + "[sam]\nfrom=-2\n", "16x20x8 is multiplied by 16x20x4"),
    (MAP + conv(8) + conv(8) + "[scale_channels]\nfrom=-2\n", "a gate of 16x20x8"),
    (MAP + conv(8) + conv(4) + "[shift_channels]\nfrom=-2\n", "no value for each channel"),
    (MAP + "[crnn]\n", "its state comes from the image before"),
    (MAP + "[iseg]\n", "depends on the values"),
    (VECTOR + "[maxpool]\nmaxpool_depth=1\n", "[maxpool] reads a map, and 30 arrives"),
    (MAP + "[normalization]\nalpha=x\n", "`alpha` is no number"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_cannot_be_read_is_one_message(text: str, message: str, tmp_path: Path) -> None:
    """Defeats a traceback, and a figure for what was not understood."""
    with pytest.raises(SpecError) as caught:
        load(written(tmp_path, text))
    (error,) = caught.value.diagnostics
    assert message in error.message


def test_a_setting_that_is_misspelled_is_noted(tmp_path: Path) -> None:
    """Darknet prints settings that nobody reads. Defeats a step of 1 without a word, and notes on anchors."""
    network = load(
        written(tmp_path, MAP + conv(4, 3, strid=2) + "[yolo]\nanchors=1,2\nclasses=2\njitter=.3\n")
    )
    (note,) = network.diagnostics
    assert (note.message, note.help) == ("conv0: `strid` is not read", ("did you mean `stride`?",))
    for path in sorted((Path(__file__).parent / "darknet").glob("*.cfg")):
        assert not [one for one in load(str(path)).diagnostics if "is not read" in one.message]


def test_layers_are_called_by_their_word_and_number(tmp_path: Path) -> None:
    """Defeats a layer that is called as another of its family."""
    for section, name in (
        ("[gru]\noutput=4\n", "gru0"),
        ("[lstm]\noutput=4\n", "lstm0"),
        ("[conn]\noutput=4\nactivation=linear\n", "fc0"),
        ("[soft]\n", "softmax0"),
        ("[logistic]\n", "logistic0"),
        ("[rnn]\n", "rnn0"),
    ):
        assert [row.name for row in load(written(tmp_path, VECTOR + section)).summary().rows] == [name]
    for section, name in (("[max]\nsize=2\nstride=2\n", "maxpool0"), ("[avg]\n", "avgpool0")):
        assert [row.name for row in load(written(tmp_path, MAP + section)).summary().rows] == [name]


def test_sizes_of_the_caller_hold_throughout(tmp_path: Path) -> None:
    """Defeats a shortcut whose step is that of the sizes of the file."""
    text = MAP + conv(4, 3, stride=2) + conv(4) + "[route]\nlayers=0\n[reorg]\nstride=2\n[shortcut]\nfrom=1\n"
    assert tuple(load(written(tmp_path, text), "32x24x8").graph.output.output) == (8, 6, 16)


@pytest.mark.parametrize("seed", range(4))
def test_changed_settings_end_in_one_message_or_a_network(seed: int, tmp_path: Path) -> None:
    """A fuzzer of settings. Defeats a traceback for a number of another sign or size, and a message without
    a place."""
    texts = [text for _, text, *_ in SECTIONS]
    assert pointless_messages(seed, texts, lambda text: written(tmp_path, text)) == []
