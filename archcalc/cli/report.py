"""`archcalc report`."""

from __future__ import annotations

import os
import sys

import click

from ..diagnostics import fail
from .answer import report_diagnostics, reported, write
from .completion import targets
from .help import Command
from .options import CountedOptions, counted_options, counter_options, network_options, output_option
from .target import load_network, one_target, remarks


class ReportOptions(CountedOptions):
    """The words and options of `archcalc report`."""

    words: tuple[str, ...]
    with_heads: bool


@click.command("report", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@network_options
@counter_options
@counted_options
@click.option("--with-heads", is_flag=True, help="Side heads too.")
@output_option
@reported(ReportOptions)
def command(options: ReportOptions) -> int:
    """The network as a page: one HTML file with the graph, the table and how each number comes about.

    The file needs no network and no other file; it opens from disk in any browser, in light and dark, on
    a phone and on paper. A figure that is clicked shows its derivation; a unit that is chosen shows its
    receptive field on the input and on every tensor before it.
    """
    (target,) = one_target(options.words)
    if options.output is None and sys.stdout.isatty():
        raise fail("usage", "a page is not for the terminal", "--output FILE.html")
    suffix = os.path.splitext(options.output or "")[1].lower()
    if suffix not in ("", ".html", ".htm"):
        raise fail("usage", f"`{suffix}` is the suffix of no page", "a page is HTML, as in -o net.html")
    network = load_network(target, options)
    text = network.page(
        batch=options.batch, dtype=options.dtype, with_heads=options.with_heads, layout=options.layout
    )
    write(text.encode(), options.output)
    report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0
