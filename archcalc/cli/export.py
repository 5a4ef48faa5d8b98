"""`archcalc export`."""

from __future__ import annotations

import click

from ..report.answer import Answer, Page, Pieces
from ..report.formats import names
from .answer import report_diagnostics, reported, write_answer
from .completion import targets
from .help import Command
from .options import NetworkOptions, network_options, output_option
from .target import load_network, one_target, remarks


class ExportOptions(NetworkOptions):
    """The words and options of `archcalc export`."""

    words: tuple[str, ...]
    to: str
    with_heads: bool


@click.command("export", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@network_options
@click.option(
    "--to", type=click.Choice(["torch"]), default="torch", help="What it is written for.  [default: torch]"
)
@click.option("--with-heads", is_flag=True, help="Side heads too: forward returns a tuple.")
@click.option(
    "--format",
    type=click.Choice(names()),
    default="table",
    show_default=False,
    help="How to write it: plain is the source as it is.  [default: plain]",
)
@output_option
@reported(ExportOptions)
def command(options: ExportOptions) -> int:
    """The network as readable PyTorch source, which builds it without archcalc.

    Blocks become classes, repeats loops, labels attributes. `python FILE` runs it once. PyTorch is
    not needed to write it.
    """
    (target,) = one_target(options.words)
    network = load_network(target, options)
    source = network.export(options.to, with_heads=options.with_heads)
    from ..report.records.networks import source_record
    from ..report.screens.export import export_sheets, export_table

    def text(page: Page) -> Pieces:
        return [source]

    answer = Answer(
        lambda: source_record(network.graph, options.to, source),
        lambda: export_table(source),
        lambda space: export_sheets(network.graph, options.to, source),
        {"plain": text, "table": text},
    )
    write_answer(answer, options)
    report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0
