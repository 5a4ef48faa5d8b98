"""Published figures of another input or another setting: what the spec says of them, worked out."""

from __future__ import annotations

import archcalc


def wrong(name: str, printed: str) -> str:
    """The reason that the spec gives for a figure that is not its own."""
    (figure,) = (c for c in archcalc.load(name).graph.published_figures if c.printed == printed)
    assert figure.wrong is not None
    return figure.wrong


def test_darknets_operations_of_yolo() -> None:
    """Darknet counts convolutions and connected layers, of the cfg with three boxes a cell.
    Defeats: the local layer counted; two boxes."""
    graph = archcalc.load("yolo_v1_darknet", B=3).graph
    macs = sum(layer.facts.macs or 0 for layer in graph.layers if layer.op.name != "local")
    assert f"{2 * macs:,}" == "40,190,248,448"
    assert f"{2 * macs:,} with B=3" in wrong("yolo_v1_darknet", "40.19G")


def test_torchvisions_operations_of_faster_rcnn() -> None:
    """Of an image of 800x800. Defeats: the larger image that the spec has."""
    macs = archcalc.load("faster_rcnn_resnet50_fpn", input="800x800x3").summary().totals["macs"]
    assert f"{macs:,}" == "134,379,721,216"
    assert f"{macs:,}" in wrong("faster_rcnn_resnet50_fpn", "134.38G")
