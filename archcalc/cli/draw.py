"""`archcalc draw`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from ..diagnostics import WARNING, Diagnostic, fail
from .answer import (
    answer_picture,
    answer_text,
    ascii_only,
    no_png_for_a_terminal,
    report_diagnostics,
    reported,
)
from .completion import targets
from .options import network_options, one_depth, output_option
from .target import load_network, one_target, remarks

if TYPE_CHECKING:
    from ..report.pictures.graph import Picture

# Format to the suffixes of files that are in it.
SUFFIXES = {"dot": (".dot", ".gv"), "mermaid": (".mmd", ".mermaid"), "svg": (".svg",), "png": (".png",)}


@click.command("draw")
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@network_options
@click.option(
    "--format",
    "form",
    type=click.Choice(list(SUFFIXES)),
    help="How to write the picture.  [default: by the suffix of --output, else dot]",
)
@click.option("--depth", type=click.IntRange(1), metavar="N", help="How far blocks are opened.")
@click.option("--all", "all_layers", is_flag=True, help="Every layer in a box of its own.")
@click.option(
    "--direction",
    type=click.Choice(["TB", "LR"], case_sensitive=False),
    default="TB",
    help="From top to bottom or from left to right.  [default: TB]",
)
@click.option("--with-heads", is_flag=True, help="Side heads too.")
@output_option
@reported
def command(words: tuple[str, ...], **options: Any) -> int:
    """A picture of the graph: layers and folded blocks, and the shapes that pass between them.

    dot is text for Graphviz (`archcalc draw vgg16 | dot -Tpdf`), mermaid is text that GitHub draws
    inside Markdown; svg and png are drawn by Graphviz, where it is installed.
    """
    (target,) = one_target(words)
    one_depth(options)
    form, output = options["form"] or _form_of(options["output"]), options["output"]
    network = load_network(target, options)
    from ..report.pictures.graph import Picture

    picture = Picture(
        network.graph, options["depth"], options["all_layers"], options["with_heads"], options["layout"]
    )
    diagnostics = remarks(network, target, options["verbose"])
    if form == "mermaid":
        from ..report.pictures.mermaid import limits, mermaid_text

        text = mermaid_text(picture, options["direction"], ascii_only(output))
        diagnostics += [
            Diagnostic("limit", message, severity=WARNING, help=["--depth folds blocks"])
            for message in limits(picture, text)
        ]
        answer_text([text], output)
    else:
        from ..report.pictures.dot import dot_text

        text = dot_text(picture, options["direction"], ascii_only(output))
        if form == "dot":
            answer_text([text], output)
        else:
            _drawn(picture, text, form, output)
    report_diagnostics(diagnostics, "")
    return 0


def _form_of(output: str | None) -> str:
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
    return "dot"


def _drawn(picture: Picture, text: str, form: str, output: str | None) -> None:
    """Have Graphviz draw what the text describes. Raises SpecError."""
    from ..report.pictures.graphviz import drawn

    no_png_for_a_terminal(form, output)
    answer_picture(drawn(sum(1 for _ in picture.root.boxes()), text, form), form, output)
