"""`archcalc show`."""

from __future__ import annotations

from typing import Any

import click

from .common import (
    answer,
    answer_text,
    format_option,
    load_network,
    network_options,
    one_target,
    output_options,
    remarks,
    reported,
    say,
    width_for,
)


@click.command("show")
@click.argument("words", metavar="TARGET", nargs=-1)
@network_options
@format_option("table", "plain", "json")
@output_options
@reported
def command(words: tuple[str, ...], **options: Any) -> int:
    """The spec itself, beside the shapes that it computes; also a block of the library."""
    (target,) = one_target(words)
    form, output = options["form"], options["output"]
    block = _library_block(target)
    if block is not None:
        from ..spec.excerpt import excerpt

        assert block.file is not None
        source, shapes, name = block.file.source, {}, block.name
        numbers = excerpt(block.file, block)
    else:
        network = load_network(target, options)
        source, numbers, shapes = network.excerpt()
        name = network.name
        say(remarks(network, target, options["verbose"]), form)
    if form == "plain":
        answer_text((source.line(number) for number in numbers), output, "\n")
    elif form == "json":
        from ..analysis.summary import laid_out
        from ..report.jsontext import text

        lines = []
        for number in numbers:
            shape = shapes.get(number)
            record: dict[str, Any] = {"line": number, "text": source.line(number)}
            record["output"] = None if shape is None else laid_out(shape, options["layout"])
            lines.append(record)
        answer_text([text({"name": name, "file": source.name, "lines": lines})], output, "\n")
    else:
        from ..report.show_screen import show_lines

        answer(show_lines(source, numbers, shapes, options["layout"], width_for(options)), output)
    return 0


def _library_block(target: str) -> Any:
    """The block of the standard library so named, if no network is."""
    from ..spec.library import Library, normal

    library = Library()
    if any(normal(name) == normal(target) for name in library.zoo):
        return None
    return library.block(target)
