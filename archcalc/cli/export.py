"""`archcalc export`."""

from __future__ import annotations

from typing import Any

import click

from .answer import answer_text, report_diagnostics, reported
from .completion import targets
from .help import Command
from .options import network_options, output_option
from .target import load_network, one_target, remarks


@click.command("export", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@network_options
@click.option(
    "--to",
    "form",
    type=click.Choice(["torch"]),
    default="torch",
    help="What it is written for.  [default: torch]",
)
@click.option("--with-heads", is_flag=True, help="Side heads too: forward returns a tuple.")
@output_option
@reported
def command(words: tuple[str, ...], **options: Any) -> int:
    """The network as readable PyTorch source, which builds it without archcalc.

    Blocks become classes, repeats loops, labels attributes. `python FILE` runs it once. PyTorch is
    not needed to write it.
    """
    (target,) = one_target(words)
    network = load_network(target, options)
    answer_text([network.export(options["form"], with_heads=options["with_heads"])], options["output"])
    report_diagnostics(remarks(network, target, options["verbose"]), "")
    return 0
