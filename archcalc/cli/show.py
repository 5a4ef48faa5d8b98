"""`archcalc show`."""

from __future__ import annotations

from typing import Any

import click

from ..report.lines import clean
from ..shape import Shape
from .answer import answer, answer_json, answer_text, report_diagnostics, reported, width_for
from .completion import targets_and_blocks
from .help import Command
from .options import format_option, network_options, output_options
from .target import load_network, one_target, remarks


@click.command("show", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets_and_blocks)
@network_options
@format_option("table", "plain", "json")
@output_options
@reported
def command(words: tuple[str, ...], **options: Any) -> int:
    """The spec itself, beside the shapes that it computes; also a block of the library."""
    (target,) = one_target(words)
    form, output, layout = options["form"], options["output"], options["layout"]
    shapes: dict[int, Shape | None] = {}
    diagnostics = []
    block = _library_block(target)
    if block is not None:
        from ..language.excerpt import excerpt

        assert block.file is not None
        source, name, numbers = block.file.source, block.name, excerpt(block.file, block)
    else:
        network = load_network(target, options)
        source, numbers, shapes = network.excerpt()
        name = network.name
        diagnostics = remarks(network, target, options["verbose"])
    if form == "plain":
        answer_text((clean(source.line(number)) + "\n" for number in numbers), output)
    elif form == "json":
        from ..analysis.summary import laid_out

        lines = []
        for number in numbers:
            shape = shapes.get(number)
            put_out = None if shape is None else laid_out(shape, layout)
            lines.append({"line": number, "text": source.line(number), "output": put_out})
        answer_json({"name": name, "file": source.name, "lines": lines}, output)
    else:
        from ..report.screens.show import show_lines

        answer(show_lines(source, numbers, shapes, layout, width_for(options)), output)
    report_diagnostics(diagnostics, form)
    return 0


def _library_block(target: str) -> Any:
    """The block of the standard library so named, if no network is."""
    from ..language.library import Library
    from ..language.zoo_path import normal

    library = Library()
    if any(normal(name) == normal(target) for name in library.zoo):
        return None
    return library.block(target)
