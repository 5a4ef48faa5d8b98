"""Layers that read other layers by their numbers.

Sources: src/route_layer.c, shortcut_layer.c of darknet; scale_channels_layer.c, sam_layer.c and
representation_layer.c of https://github.com/AlexeyAB/darknet, and what reads these in its forks.
"""

from __future__ import annotations

from .....ops.attributes import Size
from ... import WrittenLayer
from ..calls import DarknetCall
from ..vocabulary import SectionType


class Route(SectionType):
    """Layers side by side; of each one group of channels where there are groups."""

    words = ("route",)

    def write(self, call: DarknetCall) -> WrittenLayer:
        section = call.section
        parts = call.earlier("layers")
        groups, chosen = section.number("groups", 1, 1), section.number("group_id", 0)
        if groups > 1:
            cut = []
            for at, part in enumerate(parts, start=1):
                channels = part.output.channels
                if channels % groups or chosen >= groups:
                    raise call.refused(f"{part.label} has no group {chosen} of {groups}", "groups")
                name = f"{at}" if len(parts) > 1 else ""
                size = channels // groups
                cut.append(call.op("take", part, part=name, channels=size, offset=size * chosen))
            parts = cut
        if len(parts) > 1:
            return call.op("concat", *parts)
        return parts[0] if groups > 1 else call.op("identity", parts[0])


class DarknetShortcut(SectionType):
    """A sum with other layers; of one with more channels or positions a part is added."""

    words = ("shortcut",)

    def write(self, call: DarknetCall) -> WrittenLayer:
        section = call.section
        if section.text("weights_type", "none") != "none":
            message = "a sum with learned weights, which add up to 1, is not read"
            raise call.refused(message, "weights_type")
        mine, others = call.last, call.earlier("from")
        fitting = [self._fitting(call, mine, other, len(others)) for other in others]
        shared = min([other.output.channels for other in others])
        if shared >= mine.output.channels:
            return call.activated(call.op("add", mine, *fitting), "linear")
        # The channels that the others have are added, and the rest of this map stays as it is.
        same = call.op("take", mine, part="same", channels=shared)
        channels = mine.output.channels - shared
        rest = call.op("take", mine, part="rest", channels=channels, offset=shared)
        total = call.op("add", same, *fitting, part="sum")
        return call.activated(call.op("concat", total, rest), "linear")

    def _fitting(
        self, call: DarknetCall, mine: WrittenLayer, other: WrittenLayer, count: int
    ) -> WrittenLayer:
        """A map that is added, with no more channels or positions than this one: of one that is wider Darknet
        takes every so many. Raises SpecError."""
        if other.output.channels < mine.output.channels and count > 1:
            raise call.refused("maps of several widths are added to one", "from")
        (down, across), (height, width) = [tuple(one.output)[:-1] or (1, 1) for one in (mine, other)]
        if height < down or width < across:
            raise call.refused(f"layer {other.label} is smaller than the map that it is added to", "from")
        name = other.label
        made = other
        if width >= 2 * across:
            made = call.op("maxpool", made, part=name, kernel=Size((1, 1)), stride=width // across)
        if other.output.channels > mine.output.channels:
            channels = mine.output.channels
            if made is other:
                made = call.op("take", made, part=name, channels=channels)
            else:
                made = call.then(made, "take", channels=channels)
        return made


class ScaledChannels(SectionType):
    """A gate on the channels of another layer, or on its positions."""

    words = ("scale_channels",)

    def write(self, call: DarknetCall) -> WrittenLayer:
        gate, (other,) = call.last, call.earlier("from")[:1]
        by_position = call.section.number("scale_wh", 0)
        sizes, wanted = tuple(gate.output), tuple(other.output)
        fits = (*wanted[:-1], 1) if by_position else (*(1 for _ in wanted[:-1]), wanted[-1])
        if sizes != fits and not (len(sizes) == 1 and sizes == wanted[-1:]):
            raise call.refused(f"a gate of {gate.output} is none for the map {other.output}", "from")
        return call.activated(call.op("mul", other, gate), "linear")


class PositionsTimesMap(SectionType):
    """The product with another layer, value by value."""

    words = ("sam",)

    def write(self, call: DarknetCall) -> WrittenLayer:
        (other,) = call.earlier("from")[:1]
        if tuple(other.output) != tuple(call.last.output):
            raise call.refused(f"{call.last.output} is multiplied by {other.output}", "from")
        return call.activated(call.op("mul", call.last, other), "linear")


class LearnedConstant(SectionType):
    """Learned values that depend on nothing."""

    words = ("implicit",)

    def write(self, call: DarknetCall) -> WrittenLayer:
        filters, atoms = call.section.number("filters", 128, 1), call.section.number("atoms", 1, 1)
        return call.op("parameter", shape=Size((atoms, 1, filters)))


class WithLearnedConstant(SectionType):
    """A map with the values of an [implicit] added to its channels, or multiplied with them."""

    words = ("shift_channels", "control_channels")

    def write(self, call: DarknetCall) -> WrittenLayer:
        (other,) = call.earlier("from")[:1]
        if tuple(other.output) != (1, 1, call.map[2]):
            raise call.refused(f"{other.output} is no value for each channel of {call.last.output}", "from")
        return call.op("mul" if call.section.word == "control_channels" else "add", call.last, other)
