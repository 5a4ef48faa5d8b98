"""`archcalc show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ..report.answer import Answer, Page, Pieces
from ..report.lines import clean
from ..shape import Shape
from .answer import report_diagnostics, reported, write_answer
from .completion import targets_and_blocks
from .help import Command
from .options import NetworkOptions, answer_options, network_options
from .target import load_network, one_target, remarks

if TYPE_CHECKING:
    from ..diagnostics import Diagnostic
    from ..language.definitions import BlockDefinition


class ShowOptions(NetworkOptions):
    """The words and options of `archcalc show`."""

    words: tuple[str, ...]


@click.command("show", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets_and_blocks)
@network_options
@answer_options("arch")
@reported(ShowOptions)
def command(options: ShowOptions) -> int:
    """The spec itself, beside the shapes that it computes; also a block of the library.

    Of a PyTorch module the spec is written from what the module does. -o FILE.arch keeps it: from
    then on no PyTorch is needed.
    """
    (target,) = one_target(options.words)
    if (options.output or "").lower().endswith(".arch") and options.format == "table":
        options.format = "plain"  # a spec, as it is read again
    shapes: dict[int, Shape | None] = {}
    diagnostics: list[Diagnostic] = []
    block = _library_block(target)
    if block is not None:
        from ..language.excerpt import excerpt

        assert block.file is not None
        source, name, numbers = block.file.source, block.name, excerpt(block.file, block)
        file: str | None = source.name
    else:
        network = load_network(target, options)
        source, numbers, shapes = network.excerpt()
        name = network.name
        file = source.name if network.graph.metadata.traced is None else None
        diagnostics = remarks(network, target, options.verbose)
    from ..report.records.networks import spec_record
    from ..report.screens.show import ShownSpec, show_sheets, show_table

    def text(page: Page) -> Pieces:
        return (clean(source.line(number)) + "\n" for number in numbers)

    shown = ShownSpec(name, source, numbers, shapes, options.layout, file)
    answer = Answer(
        lambda: spec_record(shown),
        lambda: show_table(shown),
        lambda space: show_sheets(shown),
        {"plain": text, "arch": text},
    )
    write_answer(answer, options)
    report_diagnostics(diagnostics, options.diagnostics_format)
    return 0


def _library_block(target: str) -> BlockDefinition | None:
    """The block of the standard library so named, if no network is."""
    from ..language.library import Library
    from ..language.zoo_path import normal

    library = Library()
    if any(normal(name) == normal(target) for name in library.zoo):
        return None
    return library.block(target)
