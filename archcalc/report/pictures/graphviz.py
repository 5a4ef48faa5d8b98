"""Pictures that Graphviz draws of DOT, where it is installed."""

from __future__ import annotations

from typing import Any

from ...diagnostics import fail

# The most boxes that Graphviz is given: its time grows with their square and more.
MOST_BOXES = 2_000
# Dots an inch; an SVG of 72 has the size of its text.
DOTS = {"svg": 72, "png": 144, "json": 72, "pdf": 72}


def program() -> str | None:
    """Where Graphviz' `dot` is; None where it is not installed."""
    from shutil import which

    return which("dot")


def drawn(boxes: int, text: str, form: str) -> bytes:
    """The picture of a DOT text with ``boxes`` boxes: ``svg``, ``png``, or its layout as ``json``. Raises
    SpecError."""
    import subprocess

    if boxes > MOST_BOXES:
        raise fail(
            "limit",
            f"{boxes:,} boxes are more than Graphviz lays out in good time",
            "--depth folds blocks",
            "--format dot has them all",
        )
    dot = program()
    if dot is None:
        raise fail(
            "missing",
            f"{form} is drawn by Graphviz, whose `dot` is not installed: install "
            "Graphviz, or use --format dot or mermaid",
        )
    try:
        done = subprocess.run(
            [dot, f"-T{form}", f"-Gdpi={DOTS[form]}"], input=text.encode(), capture_output=True, check=False
        )
        why = done.stderr.decode(errors="replace").strip().partition("\n")[0]
    except OSError as error:
        done, why = None, f"{dot}: {(error.strerror or 'it does not run').lower()}"
    if done is None or done.returncode or not done.stdout:
        raise fail(
            "missing", f"Graphviz cannot draw it: {why or 'it does not say why'}", "--format dot or mermaid"
        )
    return done.stdout


class Drawing(str):
    """A picture as text, DOT or Mermaid, which a notebook shows as a picture."""

    dot: str
    mermaid: str
    boxes: int

    __slots__ = ("dot", "mermaid", "boxes")

    @classmethod
    def of(cls, text: str, dot: str, mermaid: str, boxes: int) -> Drawing:
        """The text asked for, with both forms of it."""
        drawing = cls(text)
        drawing.dot, drawing.mermaid, drawing.boxes = dot, mermaid, boxes
        return drawing

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """An SVG by Graphviz; without it Mermaid, which notebooks draw themselves."""
        if program() is not None and self.boxes <= MOST_BOXES:
            return {"image/svg+xml": drawn(self.boxes, self.dot, "svg").decode()}
        return {"text/vnd.mermaid": self.mermaid}

    def _plain(self) -> str:
        """What stands beside the picture, and in a terminal."""
        return str(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """The text as it is: IPython would write that of a ``str`` on one line, in quotes."""
        printer.text(self._plain())
