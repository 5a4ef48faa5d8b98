"""`archcalc export`."""

from __future__ import annotations

import sys

import click

from ..diagnostics import fail
from ..network import Network
from ..report.answer import Answer, Page, Pieces
from ..report.formats import names
from .answer import report_diagnostics, reported, write, write_answer
from .completion import targets
from .help import Command
from .options import NetworkOptions, format_is_stated, network_options, output_option
from .target import load_network, one_target, remarks


class ExportOptions(NetworkOptions):
    """The words and options of `archcalc export`."""

    words: tuple[str, ...]
    to: str | None
    with_heads: bool
    weights: str | None
    batch: int | None
    opset: int | None


@click.command("export", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@network_options
@click.option(
    "--to",
    type=click.Choice(["torch", "onnx"]),
    help="What it is written for: PyTorch source, or an ONNX file.  [default: torch; onnx for -o NAME.onnx]",
)
@click.option(
    "--with-heads", is_flag=True, help="Side heads too: forward returns a tuple, a file has more outputs."
)
@click.option(
    "--weights",
    type=click.Choice(["none", "random"]),
    help="ONNX: names and sizes alone, each tensor full of one number, or random values.  [default: none]",
)
@click.option(
    "--batch",
    type=click.IntRange(1, 2**31 - 1),
    metavar="N",
    help="ONNX: elements of a batch; by default any number of them.",
)
@click.option(
    "--opset", type=click.IntRange(1), metavar="N", help="ONNX: the version of its operators.  [default: 21]"
)
@click.option(
    "--format",
    type=click.Choice(names()),
    default="table",
    show_default=False,
    help="How to write source: plain is the source as it is.  [default: plain]",
)
@output_option
@reported(ExportOptions)
def command(options: ExportOptions) -> int:
    """The network as readable PyTorch source, or as an ONNX file.

    The source builds the network without archcalc: blocks become classes, repeats loops, labels
    attributes, and `python FILE` runs it once. In the file (`-o net.onnx`) tensors, weights and nodes
    have the names of the layers; Netron shows it and onnxruntime runs it. PyTorch is needed for
    neither; the file needs the onnx package.
    """
    (target,) = one_target(options.words)
    file = options.output is not None and options.output.lower().endswith(".onnx")
    tool = options.to or ("onnx" if file else "torch")
    if tool == "onnx":
        _refuse_unfit(options)
    else:
        for name in ("weights", "batch", "opset"):
            if getattr(options, name) is not None:
                raise fail("usage", f"--{name} is for --to onnx", "-o net.onnx writes an ONNX file")
    network = load_network(target, options)
    if tool == "onnx":
        data = network.onnx(
            weights=options.weights or "none",
            batch=options.batch,
            opset=options.opset,
            with_heads=options.with_heads,
        )
        write(data, options.output)
    else:
        _write_source(network, options)
    report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0


def _refuse_unfit(options: ExportOptions) -> None:
    """Refuse an ONNX file in a format of text, or where nobody could read it. Raises SpecError."""
    if format_is_stated():
        raise fail("usage", "--format is for source, and an ONNX file has one form", "leave it out")
    if options.output is None and sys.stdout.isatty():
        raise fail("usage", "an ONNX file is not for the terminal", "--output FILE.onnx")


def _write_source(network: Network, options: ExportOptions) -> None:
    source = network.export("torch", with_heads=options.with_heads)
    from ..report.records.networks import source_record
    from ..report.screens.export import export_sheets, export_table

    def text(page: Page) -> Pieces:
        return [source]

    answer = Answer(
        lambda: source_record(network.graph, "torch", source),
        lambda: export_table(source),
        lambda space: export_sheets(network.graph, "torch", source),
        {"plain": text, "table": text},
    )
    write_answer(answer, options)
