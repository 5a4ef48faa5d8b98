"""Misconceptions of what a layer puts out."""

from __future__ import annotations

from collections.abc import Iterator

from ...arithmetic import value_of
from ...ops.window import (
    BEFORE,
    CEIL,
    EXACT,
    FLOOR,
    NEVER,
    divided,
    fitting,
    padded,
    same,
    transposed,
    unchanged,
)
from ..methods.fields import Path
from ..methods.rims import BOTH, WHOLE, Rim
from ..methods.volumes import VolumeMethod
from ..working import renumbered
from .belief import CONVENTION, Variant, belief

_COURSERA = "Coursera Deep Learning, course 4, week 1: an option of the quiz"


def _padded(volume: VolumeMethod) -> bool:
    return any(
        window.rule is same or value_of(window.low) or value_of(window.high) for window in volume.windows
    )


@belief(
    "padding counted on one side only",
    wrong="⌊(W − F + P) / S⌋ + 1",
    why="Padding is added on both sides: the input grows by 2·P.",
    hint="On how many sides of the input is the padding?",
    source=f"{_COURSERA} (19x19x8 -> 17x17x8)",
)
def pad_once(volume: VolumeMethod) -> VolumeMethod | None:
    if not any(
        window.rule in (fitting, padded) and value_of(window.low) and value_of(window.high)
        for window in volume.windows
    ):
        return None
    return volume.each(high=0)


@belief(
    "padding ignored",
    wrong="⌊(W − F) / S⌋ + 1",
    why="Padding makes the input larger by 2·P before the window slides over it.",
    hint="How large is what the window slides over?",
    source="Keras' valid in the place of same; Texas Wesleyan University, a quiz",
)
def pad_ignored(volume: VolumeMethod) -> VolumeMethod | None:
    if all(window.has_kernel and not window.slides for window in volume.windows):
        return volume.each(rule=transposed, low=0, high=0) if _padded(volume) else None
    if not volume.slides or not _padded(volume):
        return None
    return volume.each(rule=fitting, low=0, high=0)


@belief(
    "padding of both sides put on each side",
    wrong="⌊(W − F + 4·P) / S⌋ + 1, or P = F − 1",
    why="P is what is added on one side; both sides together are 2·P.",
    hint="Is P the padding of one side or of both?",
    source=f"{_COURSERA} (4 -> 8)",
)
def pad_double(volume: VolumeMethod | Rim) -> VolumeMethod | Rim | None:
    if isinstance(volume, Rim):
        return volume.but(how=BOTH)
    if not volume.slides or not any(value_of(window.low) for window in volume.windows):
        return None
    return volume.mapped(lambda window: window.but(rule=fitting, low=2 * window.low, high=2 * window.high))


@belief(
    "padded by the kernel's size",
    wrong="⌊(W − F + 2·F) / S⌋ + 1, or P = F",
    why="The size is kept by padding (F − 1)/2 on each side.",
    hint="By how much does a window of F positions shrink the input?",
    source=f"{_COURSERA} (3 -> 7)",
)
def pad_kernel(volume: VolumeMethod | Rim) -> VolumeMethod | Rim | None:
    if isinstance(volume, Rim):
        return volume.but(how=WHOLE)
    if not volume.slides or not _padded(volume):
        return None
    return volume.mapped(lambda window: window.but(rule=fitting, low=window.kernel, high=window.kernel))


@belief(
    "stride ignored",
    wrong="W − F + 2·P + 1",
    why="The window moves S positions at a time: there are S times fewer places for it.",
    hint="How far does the window move at a time?",
    source=f"{_COURSERA} (62 -> 123)",
)
def stride_ignored(volume: VolumeMethod) -> VolumeMethod | None:
    return volume.each(stride=1) if volume.slides and volume.stepped else None


@belief(
    "“+ 1” forgotten",
    wrong="⌊(W − F + 2·P) / S⌋",
    why="The quotient counts the steps of the window. The place that it starts from is one more.",
    hint="Where is the window before it has moved?",
    source=f"{_COURSERA} (22 -> 21, 16 -> 15)",
)
def one_forgotten(volume: VolumeMethod) -> VolumeMethod | None:
    if not volume.slides:
        return None
    return volume.each(rule=fitting, one=NEVER)


@belief(
    "divided after adding 1",
    wrong="⌊(W − F + 2·P + 1) / S⌋",
    why="The 1 is the place that the window starts from: it is added to the number of steps.",
    hint="Is the first place divided by the stride?",
    source="a published walk-through (55 -> 54 for 227, 11, 4)",
)
def one_before(volume: VolumeMethod) -> VolumeMethod | None:
    return volume.each(rule=fitting, one=BEFORE) if volume.slides and volume.stepped else None


@belief(
    "divided by the stride only",
    wrong="⌊W / S⌋",
    why="Windows that hang over the end are left out: there are (W − F + 2·P) positions to move "
    "over, and not W.",
    hint="How far can the window move before it reaches the end?",
    source="512, 7, stride 2: 253 -> 256",
)
def stride_only(volume: VolumeMethod) -> VolumeMethod | None:
    return volume.each(rule=divided) if volume.slides and volume.stepped else None


@belief(
    "rounded up",
    wrong="⌈(W − F + 2·P) / S⌉ + 1",
    why="A window that hangs over the end is left out: the quotient is rounded down.",
    hint="What becomes of a window that does not fit?",
    source="udacity/deep-learning#355 (13 -> 14 for 28, 3, 2)",
)
def rounded_up(volume: VolumeMethod) -> VolumeMethod | None:
    if volume.pools or not volume.slides or any(w.rounding != FLOOR for w in volume.windows):
        return None
    return volume.each(rule=fitting, rounding=CEIL)


@belief(
    "a pooling window may hang over the end, as in Caffe",
    wrong="⌈(W − F + 2·P) / S⌉ + 1",
    why="Caffe's pools take in a last window that hangs over (`round=ceil`). Most others leave it out.",
    hint="Which way of rounding does the course use?",
    source="BVLC/caffe#4781; PyTorch's ceil_mode (56 for 55)",
    scope=CONVENTION,
)
def pool_up(volume: VolumeMethod) -> VolumeMethod | None:
    if not volume.pools or not volume.slides or all(window.rounding == CEIL for window in volume.windows):
        return None
    return volume.each(rounding=CEIL)


@belief(
    "pooling windows that do not fit are left out",
    wrong="⌊(W − F + 2·P) / S⌋ + 1",
    why="Most frameworks leave out a last window that hangs over the end. This layer takes it in, "
    "as Caffe's pools do (`round=ceil`).",
    hint="Which way of rounding does the course use?",
    source="ethereon/netscope#25; BVLC/caffe#4781 (55 for 56)",
    scope=CONVENTION,
)
def pool_down(volume: VolumeMethod) -> VolumeMethod | None:
    if not volume.pools or not any(window.rounding == CEIL for window in volume.windows):
        return None
    return volume.each(rounding=FLOOR)


@belief(
    "padding as of TensorFlow's “same”",
    wrong="⌈W / S⌉",
    why="This layer does not keep the size: without padding a window of F shrinks it by F − 1.",
    hint="How much padding does the task state?",
    source="Texas Wesleyan University, a quiz (26 -> 28)",
)
def same_size(volume: VolumeMethod) -> VolumeMethod | None:
    if not volume.slides or all(window.rule is same for window in volume.windows):
        return None
    return volume.each(rule=same)


@belief(
    "pooling taken to move by 1",
    wrong="W − F + 1",
    why="Where no stride is given, a pooling window moves by its own size.",
    hint="How far does a pooling window move if nothing is said?",
    source=_COURSERA,
    family=True,
)
def pool_stride_one(volume: VolumeMethod) -> VolumeMethod | None:
    return volume.each(stride=1) if volume.pools and not volume.stride_stated else None


@belief(
    "pooling taken to move by 2",
    wrong="⌊(W − F) / 2⌋ + 1, or ⌊W / 2⌋",
    why="Where no stride is given, a pooling window moves by its own size.",
    hint="How far does this pooling window move?",
    source=f"{_COURSERA} (32x32x12 -> 64x64x12)",
    family=True,
)
def pool_stride_two(volume: VolumeMethod) -> Iterator[Variant]:
    if volume.pools and any(value_of(window.stride) != 2 for window in volume.windows):
        yield Variant("pooling taken to move by 2", volume.each(stride=2))
        yield Variant("pooling taken to be 2x2, moving by 2", volume.each(stride=2, kernel=2))


@belief(
    "pooling left out",
    wrong="Wo = W",
    why="A pooling layer makes height and width smaller, and what is behind it gets what it puts out.",
    hint="What does the pooling layer do to the size?",
    source="a lecture's option (6x6x32 -> 13x13x32); a dense layer behind it (22,510 -> 90,010)",
    alone="{} left out",
)
def pool_left_out(volume: VolumeMethod) -> VolumeMethod | None:
    if volume.lost:
        return volume.but(windows=volume.lost)
    return volume.each(rule=unchanged) if volume.pools and volume.windows else None


@belief(
    "pooled twice",
    wrong="Wo of Wo",
    why="A pooling layer is applied once.",
    hint="How often is it pooled here?",
    source="an exam's answer (64x64 -> 32x32)",
    alone="{} applied twice",
    family=True,
)
def pool_twice(volume: VolumeMethod) -> VolumeMethod | None:
    if not volume.pools or not volume.windows or any(window.output is None for window in volume.windows):
        return None
    return volume.mapped(lambda window: window.but(size=window.output))


@belief(
    "a pooling that is not there",
    of=(),
    wrong="Wo = ⌊W / 2⌋",
    why="Not every convolution has a pooling behind it: this one's output goes on as it is.",
    hint="Between which layers is there a pooling?",
    source="a lecture's quiz: 225,034 in all for 1,011,466, 204,928 of the first dense layer",
    alone="a 2x2 pooling behind {} that is not there",
    family=True,
)
def pool_added(volume: VolumeMethod) -> VolumeMethod | None:
    if volume.filters is None or any(window.output is None for window in volume.windows):
        return None
    halved = [window.but(rule=divided, size=window.output, stride=2) for window in volume.windows]
    return volume.but(windows=tuple(halved)) if halved else None


@belief(
    "the kernel's size in the place of the output's",
    wrong="Wo = F",
    why="The kernel is what the window covers. The output has as many positions as there are places for it.",
    hint="Is that the window, or how many places there are for it?",
    source="an exam's answer (60x60 -> 5x5)",
    family=True,
)
def kernel_for_output(volume: VolumeMethod) -> VolumeMethod | None:
    if not volume.slides:
        return None
    return volume.mapped(lambda window: window.but(rule=unchanged, size=window.kernel))


@belief(
    "the width before the height",
    wrong="Wo x Ho",
    why="Height comes first here, then width.",
    hint="Which of the two is the height?",
    source="baidu-research/DeepBench#42 (62x84x16 -> 84x62x16)",
    scope=CONVENTION,
)
def sides_swapped(volume: VolumeMethod) -> VolumeMethod | None:
    if len(volume.windows) != 2:
        return None
    height, width = volume.windows
    return volume.but(windows=(width, height))


@belief(
    "dilation ignored",
    wrong="⌊(W − F + 2·P) / S⌋ + 1",
    why="A kernel with holes covers (F − 1)·D + 1 positions.",
    hint="How many positions does the kernel cover, holes included?",
    source="Understanding Deep Learning, errata; RMIT, a pair of questions (18 -> 14)",
    special=True,
)
def dilation_ignored(method: VolumeMethod | Path) -> VolumeMethod | Path | None:
    if isinstance(method, Path):
        return _closed(method)
    if all(value_of(window.dilation) == 1 for window in method.windows):
        return None
    return method.each(dilation=1)


def _closed(path: Path) -> Path | None:
    """The path with the positions of each kernel side by side, undilated."""
    if all(value_of(step.window.dilation) == 1 for step in path.steps):
        return None
    return path.but(steps=tuple([step.but(dilation=1) for step in path.steps]))


@belief(
    "kernel multiplied by the dilation",
    wrong="⌊(W − F·D + 2·P) / S⌋ + 1",
    why="There are holes between the F positions only: the kernel covers (F − 1)·D + 1.",
    hint="How many gaps are there between F positions?",
    source="torch/nn#1134 (5 -> 6 for 3, dilation 2)",
    special=True,
)
def dilation_times_kernel(method: VolumeMethod | Path) -> VolumeMethod | Path | None:
    if isinstance(method, Path):
        return _stretched(method)
    if all(value_of(window.dilation) == 1 for window in method.windows):
        return None
    return method.each(stretched=True)


def _stretched(path: Path) -> Path | None:
    """A way through kernels that cover F·D positions."""
    if all(value_of(step.window.dilation) == 1 for step in path.steps):
        return None
    return path.but(
        steps=tuple(
            [
                step.but(kernel=step.window.kernel * step.window.dilation, dilation=1)
                if value_of(step.window.dilation) != 1
                else step
                for step in path.steps
            ]
        )
    )


@belief(
    "a window that does not fit is no layer",
    wrong="(W − F + 2·P) / S is not whole",
    why="By the strict rule of some courses, a window that does not fit is refused. Frameworks round down.",
    hint="Does the window come out even?",
    source="CS231n, convolutional networks: 4.5 is invalid",
    scope=CONVENTION,
)
def not_rounded(volume: VolumeMethod) -> VolumeMethod | None:
    if not all(window.rule is fitting and window.rounding != CEIL for window in volume.windows):
        return None
    return volume.each(rounding=EXACT)


@belief(
    "an input of 224 in the place of 227",
    wrong="W = 224 where W = 227 is given",
    why="The paper says 224, with which the first layer does not come out even; 227 does.",
    hint="Which size of the image is meant?",
    source="CS231n, a note on AlexNet; ageron/handson-ml#202",
    scope=CONVENTION,
)
def input_224(volume: VolumeMethod) -> VolumeMethod | None:
    return _image_of(volume, 227, 224)


@belief(
    "an input of 227 in the place of 224",
    wrong="W = 227 where W = 224 is given",
    why="With 224 the first layer of AlexNet does not come out even; with 227 it does.",
    hint="Which size of the image is meant?",
    source="CS231n, a note on AlexNet; ageron/handson-ml#202",
    scope=CONVENTION,
)
def input_227(volume: VolumeMethod) -> VolumeMethod | None:
    return _image_of(volume, 224, 227)


def _image_of(volume: VolumeMethod, size: int, other: int) -> VolumeMethod | None:
    """The volume of an image of ``other`` positions, where the input is an image of ``size`` positions."""
    if not volume.windows or any(value_of(window.size) != size for window in volume.windows):
        return None
    if value_of(volume.arriving) not in (1, 3):  # an image
        return None
    return volume.mapped(lambda window: window.but(size=renumbered(window.size, other)))
