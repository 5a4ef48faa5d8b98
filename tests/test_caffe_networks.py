"""Well-known networks, written as the files of Caffe's model zoo: published parameters, the zoo's MACs."""

from __future__ import annotations

from pathlib import Path

import pytest

from archcalc import load


class Prototxt:
    """A file of Caffe that is written layer by layer.

    Args:
        channels: Channels of the image.
        size: Its height and width.
    """

    def __init__(self, channels: int, size: int):
        self.lines = ['input: "data"']
        self.lines.append(f"input_shape {{ dim: 1 dim: {channels} dim: {size} dim: {size} }}")
        self.last = "data"

    def layer(self, name: str, type: str, *bottoms: str, top: str = "", more: str = "") -> str:
        """Write a layer. Returns its top."""
        read = "".join(f' bottom: "{one}"' for one in bottoms or (self.last,))
        self.last = top or name
        self.lines.append(f'layer {{ name: "{name}" type: "{type}"{read} top: "{self.last}" {more} }}')
        return self.last

    def conv(
        self,
        name: str,
        filters: int,
        kernel: int,
        more: str = "",
        bottom: str = "",
        relu: bool = True,
        type: str = "Convolution",
    ) -> str:
        """Write a convolution, and a rectifier in its place."""
        settings = f"convolution_param {{ num_output: {filters} kernel_size: {kernel} {more} }}"
        self.layer(name, type, bottom or self.last, more=settings)
        return self.layer(f"relu_{name}", "ReLU", top=name) if relu else name

    def pool(self, name: str, settings: str, bottom: str = "") -> str:
        """Write a pool."""
        return self.layer(name, "Pooling", bottom or self.last, more=f"pooling_param {{ {settings} }}")

    def norm(self, name: str, relu: bool = True) -> str:
        """Write a batch norm with its scale, both in place."""
        top = self.last
        self.layer(f"bn_{name}", "BatchNorm", top=top)
        self.layer(f"scale_{name}", "Scale", top=top, more="scale_param { bias_term: true }")
        return self.layer(f"relu_{name}", "ReLU", top=top) if relu else top

    def fc(self, name: str, units: int) -> str:
        """Write a fully connected layer."""
        return self.layer(name, "InnerProduct", more=f"inner_product_param {{ num_output: {units} }}")

    @property
    def text(self) -> str:
        """The file."""
        return "\n".join(self.lines)


def vgg16(net: Prototxt, classes: int = 1000) -> None:
    for stage, (turns, filters) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], start=1):
        for turn in range(1, turns + 1):
            net.conv(f"conv{stage}_{turn}", filters, 3, "pad: 1")
        net.pool(f"pool{stage}", "pool: MAX kernel_size: 2 stride: 2")


def vgg16_whole() -> Prototxt:
    net = Prototxt(3, 224)
    vgg16(net)
    for name, units in (("fc6", 4096), ("fc7", 4096), ("fc8", 1000)):
        net.fc(name, units)
        if name != "fc8":
            net.layer(f"relu_{name}", "ReLU", top=name)
            net.layer(f"drop_{name}", "Dropout", top=name, more="dropout_param { dropout_ratio: 0.5 }")
    net.layer("prob", "Softmax")
    return net


def squeezenet(first: tuple[int, int], pools: tuple[int, ...]) -> Prototxt:
    net = Prototxt(3, 227)
    net.conv("conv1", *first, "stride: 2")
    net.pool("pool1", "pool: MAX kernel_size: 3 stride: 2")
    sizes = [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)]
    for number, (squeeze, expand) in enumerate(sizes, start=2):
        name = f"fire{number}"
        inside = net.conv(f"{name}/squeeze1x1", squeeze, 1)
        left = net.conv(f"{name}/expand1x1", expand, 1, bottom=inside)
        right = net.conv(f"{name}/expand3x3", expand, 3, "pad: 1", bottom=inside)
        net.layer(f"{name}/concat", "Concat", left, right)
        if number in pools:
            net.pool(f"pool{number}", "pool: MAX kernel_size: 3 stride: 2")
    net.layer("drop9", "Dropout", top=net.last)
    net.conv("conv10", 1000, 1)
    net.pool("pool10", "pool: AVE global_pooling: true")
    net.layer("prob", "Softmax")
    return net


def resnet(blocks: tuple[int, ...]) -> Prototxt:
    net = Prototxt(3, 224)
    net.conv("conv1", 64, 7, "pad: 3 stride: 2 bias_term: false", relu=False)
    net.norm("conv1")
    net.pool("pool1", "kernel_size: 3 stride: 2 pool: MAX")
    for stage, turns in enumerate(blocks, start=2):
        width = 64 * 2 ** (stage - 2)
        for turn in range(turns):
            name, x = f"{stage}{chr(97 + turn)}" if turn < 26 else f"{stage}b{turn}", net.last
            stride = 2 if turn == 0 and stage > 2 else 1
            skip = x
            if turn == 0:
                net.conv(
                    f"res{name}_branch1", 4 * width, 1, f"stride: {stride} bias_term: false", x, relu=False
                )
                skip = net.norm(f"{name}_branch1", relu=False)
            net.conv(f"res{name}_branch2a", width, 1, f"stride: {stride} bias_term: false", x, relu=False)
            net.norm(f"{name}_branch2a")
            net.conv(f"res{name}_branch2b", width, 3, "pad: 1 bias_term: false", relu=False)
            net.norm(f"{name}_branch2b")
            net.conv(f"res{name}_branch2c", 4 * width, 1, "bias_term: false", relu=False)
            main = net.norm(f"{name}_branch2c", relu=False)
            net.layer(f"res{name}", "Eltwise", skip, main)
            net.layer(f"res{name}_relu", "ReLU", top=f"res{name}")
    net.pool("pool5", "kernel_size: 7 stride: 1 pool: AVE")
    net.fc("fc1000", 1000)
    net.layer("prob", "Softmax")
    return net


def nin() -> Prototxt:
    net = Prototxt(3, 224)
    stages = [(96, 11, "stride: 4", (96, 96)), (256, 5, "pad: 2", (256, 256)), (384, 3, "pad: 1", (384, 384))]
    for number, (filters, kernel, more, inside) in enumerate(
        [*stages, (1024, 3, "pad: 1", (1024, 1000))], start=1
    ):
        net.conv(f"conv{number}", filters, kernel, more)
        for turn, width in enumerate(inside, start=1):
            net.conv(f"cccp{number}_{turn}", width, 1)
        if number < 4:
            net.pool(f"pool{number}", "pool: MAX kernel_size: 3 stride: 2")
    net.pool("pool4", "pool: AVE kernel_size: 6 stride: 1")
    return net


def mobilenet() -> Prototxt:
    net = Prototxt(3, 224)
    net.conv("conv1", 32, 3, "stride: 2 pad: 1 bias_term: false", relu=False)
    net.norm("conv1")
    channels = 32
    plan = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]
    for number, (filters, stride) in enumerate(plan, start=2):
        more = f"stride: {stride} pad: 1 group: {channels} bias_term: false"
        net.conv(f"conv{number}/dw", channels, 3, more, relu=False)
        net.norm(f"conv{number}/dw")
        net.conv(f"conv{number}/sep", filters, 1, "bias_term: false", relu=False)
        net.norm(f"conv{number}/sep")
        channels = filters
    net.pool("pool6", "pool: AVE global_pooling: true")
    net.conv("fc7", 1000, 1, relu=False)
    net.layer("prob", "Softmax")
    return net


def densenet121() -> Prototxt:
    net = Prototxt(3, 224)
    net.conv("conv1", 64, 7, "stride: 2 pad: 3 bias_term: false", relu=False)
    net.norm("conv1")
    net.pool("pool1", "pool: MAX kernel_size: 3 stride: 2")
    channels = 64
    for stage, turns in enumerate([6, 12, 24, 16], start=2):
        for turn in range(1, turns + 1):
            x, name = net.last, f"conv{stage}_{turn}"
            net.layer(f"{name}/bn", "BatchNorm")
            net.layer(f"{name}/scale", "Scale", top=net.last, more="scale_param { bias_term: true }")
            net.conv(f"{name}/x1", 128, 1, "bias_term: false", relu=False)
            net.norm(f"{name}/x2")
            net.conv(f"{name}/x2", 32, 3, "pad: 1 bias_term: false", relu=False)
            net.layer(f"concat_{stage}_{turn}", "Concat", x, net.last)
            channels += 32
        net.norm(f"conv{stage}_blk")
        if stage < 5:
            channels //= 2
            net.conv(f"conv{stage}_blk", channels, 1, "bias_term: false", relu=False)
            net.pool(f"pool{stage}", "pool: AVE kernel_size: 2 stride: 2")
    net.pool("pool5", "pool: AVE global_pooling: true")
    net.conv("fc6", 1000, 1, relu=False)
    return net


def fcn8s() -> Prototxt:
    net = Prototxt(3, 500)
    for stage, (turns, filters) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], start=1):
        for turn in range(1, turns + 1):
            net.conv(f"conv{stage}_{turn}", filters, 3, f"pad: {100 if (stage, turn) == (1, 1) else 1}")
        net.pool(f"pool{stage}", "pool: MAX kernel_size: 2 stride: 2")
    net.conv("fc6", 4096, 7)
    net.conv("fc7", 4096, 1)
    net.conv("score_fr", 21, 1, relu=False)
    large = "bias_term: false stride:"
    net.conv("upscore2", 21, 4, f"{large} 2", relu=False, type="Deconvolution")
    net.conv("score_pool4", 21, 1, bottom="pool4", relu=False)
    net.layer("score_pool4c", "Crop", "score_pool4", "upscore2", more="crop_param { axis: 2 offset: 5 }")
    net.layer("fuse_pool4", "Eltwise", "upscore2", "score_pool4c", more="eltwise_param { operation: SUM }")
    net.conv("upscore_pool4", 21, 4, f"{large} 2", relu=False, type="Deconvolution")
    net.conv("score_pool3", 21, 1, bottom="pool3", relu=False)
    net.layer("score_pool3c", "Crop", "score_pool3", "upscore_pool4", more="crop_param { axis: 2 offset: 9 }")
    net.layer("fuse_pool3", "Eltwise", "upscore_pool4", "score_pool3c")
    net.conv("upscore8", 21, 16, f"{large} 8", relu=False, type="Deconvolution")
    net.layer("score", "Crop", "upscore8", "data", more="crop_param { axis: 2 offset: 31 }")
    return net


def ssd300() -> Prototxt:
    net = Prototxt(3, 300)
    for stage, (turns, filters) in enumerate([(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)], start=1):
        for turn in range(1, turns + 1):
            net.conv(f"conv{stage}_{turn}", filters, 3, "pad: 1")
        size = "kernel_size: 3 stride: 1 pad: 1" if stage == 5 else "kernel_size: 2 stride: 2"
        net.pool(f"pool{stage}", f"pool: MAX {size}")
    net.conv("fc6", 1024, 3, "pad: 6 dilation: 6")
    net.conv("fc7", 1024, 1)
    for name, narrow, wide, more in (
        ("conv6", 256, 512, "pad: 1 stride: 2"),
        ("conv7", 128, 256, "pad: 1 stride: 2"),
        ("conv8", 128, 256, ""),
        ("conv9", 128, 256, ""),
    ):
        net.conv(f"{name}_1", narrow, 1)
        net.conv(f"{name}_2", wide, 3, more)
    norm = "norm_param { across_spatial: false channel_shared: false }"
    net.layer("conv4_3_norm", "Normalize", "conv4_3", more=norm)
    order = "permute_param { order: 0 order: 2 order: 3 order: 1 }"
    heads: dict[str, list[str]] = {"loc": [], "conf": [], "priorbox": []}
    sources = [
        ("conv4_3_norm", 4),
        ("fc7", 6),
        ("conv6_2", 6),
        ("conv7_2", 6),
        ("conv8_2", 4),
        ("conv9_2", 4),
    ]
    for source, boxes in sources:
        for kind, values in (("loc", 4), ("conf", 21)):
            name = f"{source}_mbox_{kind}"
            net.conv(name, boxes * values, 3, "pad: 1", bottom=source, relu=False)
            net.layer(f"{name}_perm", "Permute", name, more=order)
            heads[kind].append(net.layer(f"{name}_flat", "Flatten", more="flatten_param { axis: 1 }"))
        ratios = "aspect_ratio: 2" + (" aspect_ratio: 3" if boxes == 6 else "")
        prior = f"prior_box_param {{ min_size: 30 max_size: 60 {ratios} flip: true clip: false }}"
        heads["priorbox"].append(net.layer(f"{source}_mbox_priorbox", "PriorBox", source, "data", more=prior))
    for kind, axis in (("loc", 1), ("conf", 1), ("priorbox", 2)):
        net.layer(f"mbox_{kind}", "Concat", *heads[kind], more=f"concat_param {{ axis: {axis} }}")
    shape = "reshape_param { shape { dim: 0 dim: -1 dim: 21 } }"
    net.layer("mbox_conf_reshape", "Reshape", "mbox_conf", more=shape)
    net.layer("mbox_conf_softmax", "Softmax", more="softmax_param { axis: 2 }")
    net.layer("mbox_conf_flatten", "Flatten", more="flatten_param { axis: 1 }")
    kept = "detection_output_param { num_classes: 21 keep_top_k: 200 }"
    net.layer("detection_out", "DetectionOutput", "mbox_loc", "mbox_conf_flatten", "mbox_priorbox", more=kept)
    return net


# Published parameters, and the network of the zoo that was written after the paper; None where there is none.
NETWORKS = [
    ("VGG-16", vgg16_whole, 138_357_544, "vgg16"),
    ("SqueezeNet 1.0", lambda: squeezenet((96, 7), (4, 8)), 1_248_424, None),
    ("SqueezeNet 1.1", lambda: squeezenet((64, 3), (3, 5)), 1_235_496, None),
    ("ResNet-50", lambda: resnet((3, 4, 6, 3)), 25_557_032, "resnet50_v1"),
    ("ResNet-101", lambda: resnet((3, 4, 23, 3)), 44_549_160, None),
    ("ResNet-152", lambda: resnet((3, 8, 36, 3)), 60_192_808, None),
    ("NiN", nin, 7_595_176, None),
    ("MobileNet", mobilenet, 4_231_976, "mobilenet"),
    ("DenseNet-121", densenet121, 7_978_856, "densenet121"),
    ("FCN-8s", fcn8s, 134_489_759, "fcn8s"),
    ("SSD300", ssd300, 26_285_486, None),
]


@pytest.mark.parametrize(("name", "write", "params", "zoo"), NETWORKS, ids=[name for name, *_ in NETWORKS])
def test_published_parameters(name: str, write: object, params: int, zoo: str | None, tmp_path: Path) -> None:
    """Defeats batch norms with values of their own, groups that are forgotten, and heads that are lost."""
    path = tmp_path / "net.prototxt"
    assert callable(write)
    path.write_text(write().text, encoding="utf-8")
    totals = load(str(path)).summary().totals
    assert totals["params"] == params
    if zoo is not None:
        assert totals["macs"] == load(zoo).summary().totals["macs"]


def test_the_boxes_of_ssd(tmp_path: Path) -> None:
    """SSD300 has 8,732 boxes. Defeats boxes of one map, and a softmax over all scores of an image."""
    path = tmp_path / "ssd.prototxt"
    path.write_text(ssd300().text, encoding="utf-8")
    network = load(str(path))
    assert tuple(network.layer("mbox_priorbox").output) == (2, 4 * 8732)
    assert tuple(network.layer("mbox_conf_softmax").output) == (8732, 21)
    assert tuple(network.graph.output.output) == (1, 200, 7)
    assert tuple(network.layer("detection_out").output) == (1, 200, 7)


def test_the_map_of_fcn(tmp_path: Path) -> None:
    """FCN-8s puts out a map as large as the image. Defeats crops of a fixed size."""
    path = tmp_path / "fcn.prototxt"
    path.write_text(fcn8s().text, encoding="utf-8")
    assert tuple(load(str(path)).graph.output.output) == (500, 500, 21)
    assert tuple(load(str(path), "300x412x3").graph.output.output) == (300, 412, 21)
