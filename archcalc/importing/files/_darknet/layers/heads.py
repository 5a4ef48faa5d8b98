"""Layers that read boxes off a map."""

from __future__ import annotations

from ... import WrittenLayer
from ..calls import DarknetCall
from ..vocabulary import SectionType


class WholeHead(SectionType):
    """A head whose map or vector is the output as it arrives."""

    words = ("region", "detection")

    def write(self, call: DarknetCall) -> WrittenLayer:
        return call.op("identity")


class BoxHead(SectionType):
    """A head among others. Of several the boxes are read together, as darknet's ``get_network_boxes`` does:
    they are the output of the network, a row a box."""

    words = ("yolo", "gaussian_yolo")

    def write(self, call: DarknetCall) -> WrittenLayer:
        if call.heads.count == 1:
            return call.op("identity")
        section = call.section
        channels = call.map[2]
        boxes = len([part for part in section.text("mask", "").split(",") if part])
        boxes = boxes or section.number("num", 1, 1)
        if channels % boxes:
            message = f"{channels} channels are no {boxes} boxes: {channels} / {boxes} is not whole"
            raise call.refused(message, "mask")
        read = call.op("rearrange", pattern=f"h w (box={boxes} c) -> (h w box) c")
        call.heads.boxes.append(read)
        if len({head.output.channels for head in call.heads.boxes}) > 1:
            raise call.refused("the boxes of the yolo layers have values of different numbers")
        return call.last  # what follows reads the map, and not its boxes
