"""What was published of the zoo, and what archcalc says of it: shared by the tests of the zoo.

Every figure here comes from a paper, or was read off Keras, torchvision or TF-slim; the files in
`data/` hold those facts and nothing that archcalc computed.
"""

from __future__ import annotations

import json
import math
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import archcalc

TESTS = Path(__file__).resolve().parent
SPECS = TESTS.parent / "specs"
TEST_SPECS = TESTS / "specs"

Row = dict[str, Any]


def facts(name: str) -> dict[str, Any]:
    """The facts of one file in `data/`, by model."""
    models: dict[str, Any] = json.loads((TESTS / "data" / name).read_text("utf-8"))["models"]
    return models


@cache
def summary(target: str, with_heads: bool = False) -> dict[str, Any]:
    """The JSON of `archcalc summary`."""
    result: dict[str, Any] = archcalc.load(target).summary(with_heads=with_heads).to_dict()
    return result


@cache
def fields(target: str, size: str | None = None) -> list[Row]:
    """The rows of `archcalc rf`, in the order of the text."""
    rows: list[Row] = archcalc.load(target, input=size).receptive_field().to_dict()["layers"]
    return rows


def zoo() -> dict[str, str]:
    """The nets of the zoo and the text of each, read without archcalc."""
    nets = {}
    for file in sorted(SPECS.glob("*.arch")):
        pieces = re.split(r"^(?=\S)", file.read_text("utf-8"), flags=re.MULTILINE)
        for piece in pieces:
            if found := re.match(r"net +(\w+)", piece):
                nets[found[1]] = piece
    return nets


ZOO = zoo()


def inside(rows: list[Row], label: str) -> list[Row]:
    """The rows of one labelled statement: the layer of that name and all `label.op`."""
    found = [r for r in rows if r["name"] == label or r["name"].startswith(label + ".")]
    assert found, f"no layer is called {label}"
    return found


def weights(rows: list[Row]) -> int:
    """The learned values of the tensors called `weight`."""
    return sum(math.prod(r["tensors"]["weight"]) for r in rows if "weight" in r["tensors"])


def field(row: Row) -> tuple[Any, Any, Any]:
    """Size, stride and start of a row, each per axis."""
    return row["rf"]["size"], row["rf"]["stride"], row["rf"]["start"]


def square(size: int, stride: int, start: int) -> tuple[list[int], list[int], list[int]]:
    return [size, size], [stride, stride], [start, start]


class Figures(NamedTuple):
    """P: learned. M: multiply-adds of conv and fc. RF: before global pooling or flattening.

    frozen: of the learned values, those that are not trained.
    """

    params: int
    macs: int
    rf: int | None = None
    frozen: int = 0


# torchvision's detectors on 800x1344: ResNet-50's convolutions, by area; the pyramid's 1x1 and 3x3
# on four maps; the proposals' 3x3 and 1x1 on five; four matrices for each of 1,000 proposals.
LEVELS = [200 * 336, 100 * 168, 50 * 84, 25 * 42, 13 * 21]
DETECTOR = (
    (4_089_184_256 - 2_048_000) // 224**2 * 800 * 1344
    + 65_536 * (LEVELS[0] + 2 * LEVELS[1] + 4 * LEVELS[2] + 8 * LEVELS[3])
    + 589_824 * sum(LEVELS[:4])
    + (589_824 + 256 * 15) * sum(LEVELS)
    + 1000 * 1024 * (12_544 + 1024 + 91 + 364)
)
# Four 3x3 on 14x14, one transposed 2x2, 91 masks of 28x28.
MASK = 14**2 * (4 * 589_824 + 4 * 65_536) + 28**2 * 256 * 91

FIGURES = {
    "lenet5": Figures(60_000, 325_680, 32),
    "lenet5_modern": Figures(61_706, 416_520, 16),
    "lenet5_keras": Figures(44_426, 281_640),
    "mnist_harley": Figures(62_902, 117_600 + 150_000 + 48_000 + 12_000 + 1_000),
    # a multiply-add for each excitatory synapse of an S-cell
    "neocognitron": Figures(29_400, 153_600 + 921_600 + 57_600),
    "alexnet": Figures(62_378_344, 1_135_256_096, 195),
    "alexnet_grouped": Figures(60_965_224, 724_406_816, 195),
    "caffenet": Figures(60_965_224, 724_406_816, 195),
    "alexnet_torchvision": Figures(61_100_840, 714_188_480, 195),
    "zfnet": Figures(62_357_608, 1_168_032_896),
    "convnetjs_cifar10": Figures(22_466, 3_920_000),
    "maxout_cifar10": Figures(16_247_830, 732_290_696),
    "maxout_mnist_conv": Figures(471_994, 21**2 * 6144 + 9**2 * 294_912 + 6**2 * 115_200 + 2160),
    "maxout_mnist": Figures(1_233_610, 784 * 1200 + 240 * 1200 + 240 * 10),
    "keras_no_pool": Figures(55_744, 28_653_696, 7),
    "keras_classroom": Figures(93_322, 2_794_240),
    "dogs_vs_cats": Figures(
        3_453_121, 148**2 * 864 + 72**2 * 18_432 + 34**2 * 73_728 + 15**2 * 147_456 + 6272 * 512 + 512
    ),
    "depth_study": Figures(
        29_338, 24**2 * 400 + (20**2 + 16**2 + 12**2) * 6400 + 576 * 16 + 16 * 16 + 16 * 10
    ),
    "very_deep": Figures(433_290, 231_987_616),
    "residual_study": Figures(250_986, 24**2 * (400 + 16 * 6400) + 9216 * 16 + 16 * 16 + 16 * 10),
    "mlp_mnist": Figures(55_050, 784 * 64 + 64 * 64 + 64 * 10),
    "vgg16_cifar10_finetune": Figures(14_748_170, 313_196_544 + 512 * 64 + 640, frozen=7_635_264),
    "linear_cifar10": Figures(30_730, 30_720),
    "mlp_400": Figures(480_002_001, 480_001_000),
    "alexnet_localization": Figures(62_378_344, 1_135_256_096),
    "deeppose": Figures(58_396_060, 1_135_256_096 - 4096 * 1000 + 4096 * 28),
    "colorization": Figures(32_230_393, 31_981_780_992),
    "rcnn_caffenet": Figures(57_687_624, 721_130_016),
    # published with one of the 300 proposals
    "faster_rcnn_vgg16": Figures(137_078_239, 189_703_575_552 + 299 * 119_967_744),
    "faster_rcnn_resnet50_fpn": Figures(41_755_286, DETECTOR),
    "mask_rcnn_resnet50_fpn": Figures(44_401_393, DETECTOR + 100 * MASK),
    # the interpolation: 64x64, 32x32 + 4x4, 16x16 + 2 of 4x4 and 63x63 weights a pair of 21 classes
    "fcn32s": Figures(136_152_917, 181_365_854_976, frozen=4096 * 441),
    "fcn16s": Figures(134_815_994, 181_448_086_272, frozen=1040 * 441),
    "fcn8s": Figures(134_489_759, 181_529_034_048, frozen=288 * 441),
    "fcn_alexnet": Figures(
        58_704_590,
        173**2 * 34_848
        + 86**2 * 307_200
        + 43**2 * (884_736 + 663_552 + 442_368)
        + 16**2 * (37_748_736 + 16_777_216 + 86_016 + 3969 * 441),
        frozen=3969 * 441,
    ),
    "yolo_v1": Figures(271_703_550, 20_285_153_280),
    # the released file's floats but the moving statistics; the local layer and one fc for two
    "yolo_v1_darknet": Figures(
        194_254_718 - 26_368, 20_285_153_280 - 205_520_896 - 6_021_120 + 115_605_504 + 7 * 7 * 256 * 1470
    ),
    "alphago_policy": Figures(3_882_793, 1_400_726_208),
    # 20 words: the LSTM takes 21 steps
    "neuraltalk_caption": Figures(6_704_144, 4096 * 256 + 21 * 512 * 1024 + 20 * 256 * 10_000),
    "vit_b_16": Figures(86_567_656, 17_563_828_224),
    "vgg11": Figures(132_863_336, 7_609_090_048),
    "vgg13": Figures(133_047_848, 11_308_466_176),
    "vgg16": Figures(138_357_544, 15_470_264_320, 212),
    "vgg19": Figures(143_667_240, 19_632_062_464, 268),
    "vgg11_bn": Figures(132_868_840, 7_609_090_048),
    "vgg13_bn": Figures(133_053_736, 11_308_466_176),
    "vgg16_bn": Figures(138_365_992, 15_470_264_320, 212),
    "vgg19_bn": Figures(143_678_248, 19_632_062_464, 268),
    # the FCN paper's 907 for GoogLeNet is behind the 7x7 average pool: 715 + 6 * 32
    "googlenet": Figures(6_998_552, 1_582_671_872, 715),
    "googlenet_torchvision": Figures(6_624_904, 1_498_376_192, 379),
    "bn_inception": Figures(11_295_240, 2_032_600_064, 699),
    "inception_v3": Figures(23_834_568, 5_713_216_096, 1311),
    "inception_v3_keras": Figures(23_817_352, 5_713_216_096, 1311),
    "inception_v4": Figures(42_679_816, 12_253_974_624, 2071),
    "inception_resnet_v1": Figures(22_756_328, 6_206_361_696),
    "inception_resnet_v2": Figures(55_843_464, 13_155_794_016, 3039),
    "inception_resnet_v2_keras": Figures(55_813_192, 13_155_794_016, 3039),
    "inception_resnet_v2_paper": Figures(32_433_928, 9_257_953_632),
    "resnet18": Figures(11_689_512, 1_814_073_344, 435),
    "resnet34": Figures(21_797_672, 3_663_761_408, 899),
    "plain34": Figures(21_623_848, 3_644_493_824, 899),
    "resnet34_a": Figures(21_623_848, 3_644_493_824, 899),
    "plain18": Figures(11_515_688, 1_794_805_760, 435),
    "resnet50": Figures(25_557_032, 4_089_184_256, 427),
    "resnet101": Figures(44_549_160, 7_801_405_440, 971),
    "resnet152": Figures(60_192_808, 11_513_626_624, 1451),
    "resnet50_v1": Figures(25_557_032, 3_857_973_248, 483),
    "resnet101_v1": Figures(44_549_160, 7_570_194_432, 1027),
    "resnet152_v1": Figures(60_192_808, 11_282_415_616, 1507),
    "resnet50_keras": Figures(25_583_592, 3_857_973_248, 483),
    "resnet101_keras": Figures(44_601_832, 7_570_194_432, 1027),
    "resnet152_keras": Figures(60_268_520, 11_282_415_616, 1507),
    "resnet50_v2": Figures(25_568_360, 3_482_255_360),
    "resnet101_v2": Figures(44_577_896, 7_194_476_544),
    "resnet152_v2": Figures(60_236_904, 10_906_697_728),
    # a further n takes 14,155,776 multiply-adds: in each stage two convolutions of 2,359,296
    "resnet20_cifar": Figures(269_722, 40_551_040),
    "resnet32_cifar": Figures(464_154, 68_862_592),
    "resnet44_cifar": Figures(658_586, 97_174_144),
    "resnet56_cifar": Figures(853_018, 125_485_696),
    "resnet110_cifar": Figures(1_727_962, 252_887_680),
    "plain20_cifar": Figures(269_722, 40_551_040),
    "plain56_cifar": Figures(853_018, 125_485_696),
    "resnext50": Figures(25_028_904, 4_230_479_872, 427),
    "resnext101": Figures(44_177_704, 7_969_996_800, 971),
    "resnext101_32x8d": Figures(88_791_336, 16_414_015_488, 971),
    "resnext101_64x4d": Figures(83_455_272, 15_460_270_080, 971),
    "squeezenet1_0": Figures(1_248_424, 818_924_576),
    "squeezenet1_1": Figures(1_235_496, 349_151_936),
    "xception": Figures(22_855_952, 8_357_403_496, 1083),
    "densenet121": Figures(7_978_856, 2_834_161_664, 2071),
    "densenet161": Figures(28_681_000, 7_727_907_072),
    "densenet169": Figures(14_149_480, 3_359_843_328, 3351),
    "densenet201": Figures(20_013_928, 4_291_365_888, 3863),
    "densenet264": Figures(33_337_704, 5_751_653_376),
    "mobilenet": Figures(4_231_976, 568_740_352, 315),
    "mobilenet_v2": Figures(3_504_872, 300_774_272, 491),
    # from here to efficientnet_b7, fields were measured on torchvision's models, without gates
    "mobilenet_v3_large": Figures(5_483_032, 216_589_760, 595),
    "mobilenet_v3_small": Figures(2_542_856, 56_510_400, 639),
    "mnasnet": Figures(4_383_312, 314_415_872, 843),
    "shufflenet_v2": Figures(2_278_604, 144_907_992, 527),
    "shufflenet_v2_x0_5": Figures(1_366_792, 40_476_448),
    "shufflenet_v2_x1_5": Figures(3_503_624, 295_759_392),
    "shufflenet_v2_x2_0": Figures(7_393_996, 583_253_464),
    "regnet_y_400mf": Figures(4_344_144, 401_842_848, 575),
    "convnext_tiny": Figures(28_589_128, 4_455_531_264, 1688),
    "convnext_small": Figures(50_223_688, 8_683_712_256),
    "convnext_base": Figures(88_591_464, 15_354_729_472),
    "convnext_large": Figures(197_767_336, 34_361_433_600),
    "efficientnet_b0": Figures(5_288_548, 385_814_752, 851),
    "efficientnet_b1": Figures(7_794_184, 686_802_832),
    "efficientnet_b2": Figures(9_109_994, 1_087_529_456),
    "efficientnet_b3": Figures(12_233_232, 1_827_141_392, 1407),
    "efficientnet_b4": Figures(19_341_616, 4_393_771_024),
    "efficientnet_b5": Figures(30_389_784, 10_266_384_752),
    "efficientnet_b6": Figures(43_040_704, 19_067_593_536),
    "efficientnet_b7": Figures(66_347_960, 37_745_884_192),
    "nasnet_mobile": Figures(5_289_978, 563_638_816),
    "nasnet_large": Figures(88_753_150, 23_783_414_658),
    "nasnet_cifar": Figures(3_346_538, 544_333_312),
}
