"""`archcalc draw`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from ..diagnostics import WARNING, Diagnostic, fail
from ..report.answer import Answer, Page, Pieces
from ..report.formats import names
from .answer import no_png_for_a_terminal, report_diagnostics, reported, write_answer
from .completion import targets
from .help import Command
from .options import (
    FoldedOptions,
    counter_options,
    folding_options,
    network_options,
    one_depth,
    output_option,
)
from .target import load_network, one_target, remarks

if TYPE_CHECKING:
    from ..network import Network

# Format to the suffixes of files that are in it.
SUFFIXES = {
    "dot": (".dot", ".gv"),
    "mermaid": (".mmd", ".mermaid"),
    "svg": (".svg",),
    "png": (".png",),
    "pdf": (".pdf",),
    "tikz": (".tikz",),
}
# What a style that is drawn to scale can be written in.
SCALED = ("svg", "png", "pdf", "tikz")


class DrawOptions(FoldedOptions):
    """The words and options of `archcalc draw`."""

    words: tuple[str, ...]
    direction: str
    style: str
    with_heads: bool


@click.command("draw", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@network_options
@counter_options
@click.option(
    "--format",
    type=click.Choice([*SUFFIXES, *names()]),
    help="How to write the picture.  [default: by the suffix of --output, else dot]",
)
@folding_options("Every layer in a box of its own.")
@click.option(
    "--style",
    type=click.Choice(["blocks", "volumes", "unet"]),
    default="blocks",
    help="Boxes of words, volumes to scale, or volumes that go down and up.  [default: blocks]",
)
@click.option(
    "--direction",
    type=click.Choice(["TB", "LR"], case_sensitive=False),
    default="TB",
    help="From top to bottom or from left to right.  [default: TB]",
)
@click.option("--with-heads", is_flag=True, help="Side heads too.")
@output_option
@reported(DrawOptions)
def command(options: DrawOptions) -> int:
    """A picture of the graph: layers and folded blocks, and the shapes that pass between them.

    dot is text for Graphviz (`archcalc draw vgg16 | dot -Tpdf`), mermaid is text that GitHub draws
    inside Markdown; svg, png, pdf and tikz are drawn by Graphviz, where it is installed. --style volumes
    draws the tensors as boxes to scale, as papers do, without Graphviz; --style unet sets them on levels.
    """
    (target,) = one_target(options.words)
    one_depth(options)
    options.format = options.format or _format_of(options.output, options.style)
    if options.style != "blocks" and options.format in SUFFIXES and options.format not in SCALED:
        raise fail(
            "usage",
            f"--style {options.style} does not go with --format {options.format}",
            f"there are {', '.join(SCALED)}",
        )
    network = load_network(target, options)
    from ..report.pictures.graph import Picture
    from ..report.records.networks import picture_record
    from ..report.screens.draw import draw_sheets, draw_table

    picture = Picture(network.graph, options.depth, options.all_layers, options.with_heads, options.layout)
    diagnostics = remarks(network, target, options.verbose)

    def mermaid(page: Page) -> Pieces:
        from ..report.pictures.mermaid import limits, mermaid_text

        text = mermaid_text(picture, options.direction, page.ascii)
        diagnostics.extend(
            Diagnostic("limit", message, severity=WARNING, help=["--depth folds blocks"])
            for message in limits(picture, text)
        )
        return [text]

    def dot(page: Page) -> Pieces:
        from ..report.pictures.dot import dot_text

        return [dot_text(picture, options.direction, page.ascii)]

    def drawn(page: Page) -> Pieces:
        """Have Graphviz draw what the text describes."""
        from ..report.pictures.dot import dot_text
        from ..report.pictures.graphviz import drawn
        from ..report.terminal import Waiting

        no_png_for_a_terminal(options)
        if options.style != "blocks":
            return _scaled(network, options)
        if options.format == "tikz":
            from ..report.pictures.tikz import tikz_text

            return [tikz_text(picture)]
        text = dot_text(picture, options.direction, page.ascii)
        with Waiting(f"drawing {target}"):
            return drawn(sum(1 for _ in picture.root.boxes()), text, options.format)

    answer = Answer(
        lambda: picture_record(picture),
        lambda: draw_table(picture),
        lambda space: draw_sheets(picture),
        {"dot": dot, "mermaid": mermaid, **dict.fromkeys(SCALED, drawn)},
    )
    write_answer(answer, options)
    report_diagnostics(diagnostics, options.diagnostics_format)
    return 0


def _scaled(network: Network, options: DrawOptions) -> bytes:
    """What `--style volumes` and `--style unet` draw. Raises SpecError."""
    from ..report.pictures.scaled import scaled_scene

    how = options.depth, options.all_layers, options.with_heads, options.layout
    return scaled_scene(network.graph, options.style, *how).written(options.format)


def _format_of(output: str | None, style: str) -> str:
    """The format that the name of a file asks for. Raises SpecError."""
    suffix = os.path.splitext(output or "")[1].lower()
    for form, suffixes in SUFFIXES.items():
        if suffix in suffixes:
            return form
    if suffix:
        known = ", ".join(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)
        raise fail(
            "usage",
            f"`{suffix}` is the suffix of no picture",
            f"there are {known}",
            "--format says it where the name does not",
        )
    return "dot" if style == "blocks" else "svg"
