"""Misconceptions of how many channels there are, and how long a vector is."""

from __future__ import annotations

from collections.abc import Iterator

from ...arithmetic import share, total, value_of
from ...ops.window import padded, unchanged
from ..methods.volumes import VolumeMethod
from .belief import Variant, belief

# Of more branches one left out explains too much.
MOST = 40

_COURSERA = "Coursera Deep Learning, course 4, week 1: an option of the quiz"


@belief(
    "channels padded too",
    wrong="C + 2·P channels",
    why="Padding goes around height and width. Channels are not padded.",
    hint="Along which axes is the input padded?",
    source=f"{_COURSERA} (19x19x8 -> 19x19x12)",
)
def pad_channels(volume: VolumeMethod) -> VolumeMethod | None:
    pads = volume.windows and (volume.windows[0].has_kernel or volume.windows[0].rule is padded)
    low = volume.windows[0].low if pads else 0
    return volume.but(channels=volume.channels + 2 * low) if value_of(low) else None


@belief(
    "output has the channels of the input",
    wrong="Ho x Wo x C",
    why="Each filter makes one channel of the output: there are K.",
    hint="What does one filter put out?",
    source=f"{_COURSERA} (29x29x32 -> 29x29x16)",
)
def channels_kept(volume: VolumeMethod) -> VolumeMethod | None:
    if not volume.windows or volume.joined or value_of(volume.channels) == value_of(volume.arriving):
        return None
    return volume.but(channels=volume.arriving)


@belief(
    "a map for every input channel of every filter",
    wrong="Ho x Wo x C·K",
    why="A filter reads all channels and adds up: it makes one map, and not one per channel.",
    hint="How many maps does one filter make?",
    source="IIT lecture notes: “most common error on this topic” (10 -> 30)",
)
def map_a_channel(volume: VolumeMethod) -> VolumeMethod | None:
    if volume.filters is None or not volume.windows:
        return None
    if value_of(volume.channels) != value_of(volume.filters):  # a depthwise layer
        return None
    return volume.but(channels=volume.arriving * volume.filters)


@belief(
    "pooling divides the channels too",
    wrong="Ho x Wo x C/S",
    why="Pooling works on every channel by itself: there are as many after it as before.",
    hint="What does pooling do to channels?",
    source=f"{_COURSERA} (22x22x21 -> 22x22x7)",
)
def pool_channels_too(volume: VolumeMethod) -> VolumeMethod | None:
    if not volume.pools or not volume.slides or not volume.stepped:
        return None
    return volume.but(channels=share(volume.arriving, volume.windows[0].stride))


@belief(
    "pooling over channels only",
    wrong="H x W x C/S",
    why="Pooling makes height and width smaller, and leaves the channels.",
    hint="Along which axes does the pooling window slide?",
    source=f"{_COURSERA} (66x66x7)",
)
def pool_channels_only(volume: VolumeMethod) -> VolumeMethod | None:
    if not volume.pools or not volume.slides or not volume.stepped:
        return None
    kept = volume.each(rule=unchanged)
    return kept.but(channels=share(volume.arriving, volume.windows[0].stride))


@belief(
    "channels of the branches added up, as in a concatenation",
    wrong="C1 + C2 channels",
    why="An addition adds values: the channels are those of each branch. Side by side, as in a "
    "concatenation, there would be more.",
    hint="What becomes of two channels that are added?",
    source="homework on residual networks and DenseNet, one taken for the other",
    alone="{} taken for a concatenation",
    special=True,
)
def add_as_concat(volume: VolumeMethod) -> VolumeMethod | None:
    if not volume.adds:
        return None
    return volume.but(channels=total(volume.joined))


@belief(
    "branches added, in the place of laid side by side",
    wrong="C channels",
    why="A concatenation lays the channels of its branches side by side: there are as many as in "
    "all of them together.",
    hint="What becomes of the channels of the branches?",
    source="homework on residual networks and DenseNet, one taken for the other",
    alone="{} taken for an addition",
    special=True,
)
def concat_as_add(volume: VolumeMethod) -> VolumeMethod | None:
    if volume.adds or len({value_of(channels) for channels in volume.joined}) != 1:
        return None
    return volume.but(channels=volume.joined[0])


@belief(
    "channels of one branch",
    wrong="Ci channels",
    why="A concatenation lays the channels of its branches side by side: there are as many as in "
    "all of them together.",
    hint="Which branches meet here?",
    source="the counterpart of taking a concatenation for an addition",
    family=True,
)
def one_branch(volume: VolumeMethod) -> Iterator[Variant]:
    different = {value_of(channels): channels for channels in volume.joined}
    if not volume.adds and len(different) > 1:
        for channels in different.values():
            yield Variant(f"the {value_of(channels):,} channels of one branch", volume.but(channels=channels))


@belief(
    "a branch left out",
    wrong="C1 + … without one Ci",
    why="A concatenation lays the channels of its branches side by side: there are as many as in "
    "all of them together.",
    hint="How many branches meet here?",
    source="the counterpart of taking one branch for all of them",
    family=True,
)
def branch_left_out(volume: VolumeMethod) -> Iterator[Variant]:
    if volume.adds or not 3 <= len(volume.joined) <= MOST:
        return
    seen: set[int] = set()
    for at, left in enumerate(volume.joined):
        number = int(value_of(left))
        if number not in seen:
            seen.add(number)
            rest = [*volume.joined[:at], *volume.joined[at + 1 :]]
            yield Variant(f"a branch of {number:,} channels left out", volume.but(channels=total(rest)))
