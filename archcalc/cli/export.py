"""`archcalc export`."""

from __future__ import annotations

import click

from .answer import report_diagnostics, reported, write
from .completion import targets
from .help import Command
from .options import NetworkOptions, network_options, output_option
from .target import load_network, one_target, remarks


class ExportOptions(NetworkOptions):
    """What `archcalc export` is called with."""

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
@output_option
@reported(ExportOptions)
def command(options: ExportOptions) -> int:
    """The network as readable PyTorch source, which builds it without archcalc.

    Blocks become classes, repeats loops, labels attributes. `python FILE` runs it once. PyTorch is
    not needed to write it.
    """
    (target,) = one_target(options.words)
    network = load_network(target, options)
    write([network.export(options.to, with_heads=options.with_heads)], options.output)
    report_diagnostics(remarks(network, target, options.verbose), "")
    return 0
