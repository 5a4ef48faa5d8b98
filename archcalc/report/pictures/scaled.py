"""The styles of a drawing to scale."""

from __future__ import annotations

from ...graph import Graph
from .graphviz import Drawing
from .scene import Scene
from .volumes_in_line import volumes_scene
from .volumes_on_levels import unet_scene


def scaled_scene(
    graph: Graph, style: str, depth: int | None, all_layers: bool, with_heads: bool, layout: str
) -> Scene:
    """Draw a network to scale; ``style`` is ``volumes`` or ``unet``. Raises SpecError."""
    scene = {"volumes": volumes_scene, "unet": unet_scene}[style]
    return scene(graph, depth, all_layers, with_heads, layout)


class ScaledDrawing(Drawing):
    """A picture to scale as text, SVG or TikZ, which a notebook shows as a picture."""

    svg: str

    __slots__ = ("svg",)

    def _plain(self) -> str:
        """The text where it is another one than that of the picture: a notebook would hold it twice."""
        return f"<picture, {len(self):,} characters>" if self == self.svg else str(self)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        return {"image/svg+xml": self.svg}


def scaled_drawing(
    graph: Graph, style: str, form: str, depth: int | None, all_layers: bool, with_heads: bool, layout: str
) -> ScaledDrawing:
    """The text of a drawing to scale, ``svg`` or ``tikz``. Raises SpecError."""
    scene = scaled_scene(graph, style, depth, all_layers, with_heads, layout)
    drawing = ScaledDrawing(scene.written(form).decode())
    drawing.svg = scene.written("svg").decode()
    return drawing
