"""`archcalc verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..spec.diagnostics import fail
from .answer import answer, answer_json, answer_sheets, flat_answer, reported, say, width_for
from .completion import targets
from .options import SHEETS, format_option, network_options, no_columns, output_options
from .target import load_network, one_target, remarks

if TYPE_CHECKING:
    from ..witness.against import Comparison
    from ..witness.compare import Verification


@click.command("verify")
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@network_options
@click.option(
    "--device", type=click.Choice(["cpu", "cuda", "meta"]), default="cpu",
    help="Where to build it; meta has shapes and storages but no values.  [default: cpu]",
)
@click.option(
    "--against", metavar="MODULE",
    help="Somebody else's module, as in torchvision.models:resnet50; this runs its code.",
)
@click.option("--with-heads", is_flag=True, help="Side heads too.")
@click.option("--all", "everything", is_flag=True, help="All differences, however many.")
@click.option("--columns", metavar="NAMES", help="With --format plain or csv: the columns.")
@format_option()
@output_options
@reported
def command(words: tuple[str, ...], **options: Any) -> int:
    """The network as a PyTorch module, measured beside what the rules say.

    Shapes, parameters, operations and receptive fields layer by layer; what training keeps and the
    peak of inference in all. Exit code 1 where anything differs.
    """
    (target,) = one_target(words)
    no_columns(options)
    network = load_network(target, options)
    need_torch("verify")
    device = options["device"]
    found: Comparison | Verification
    if options["against"] is not None:
        from ..witness.against import Comparison

        _one_module(options["against"])
        found = Comparison(
            network.graph, options["against"], with_heads=options["with_heads"]
        )
    else:
        from .room import enough

        enough(network.graph, device)
        from ..witness.compare import Verification

        found = Verification(network.graph, device=device, with_heads=options["with_heads"])
    form, output = options["form"], options["output"]
    if form == "json":
        answer_json(found.to_dict(), output)
    elif form in ("plain", "csv"):
        from ..report.flat import verify_table

        flat_answer(verify_table(found), form, options["columns"], output)
    elif form in SHEETS:
        from ..report.verify_screen import verify_sheets

        answer_sheets(verify_sheets(found, options["everything"]), form, output)
    else:
        from ..report.verify_screen import verify_lines

        answer(verify_lines(found, width_for(options), options["everything"]), output)
    say(remarks(network, target, options["verbose"]), form)
    return 0 if found.agrees else 1


def _one_module(target: str) -> None:
    path, sign, attribute = target.partition(":")
    words = [*path.split("."), *attribute.split(".")]
    if not sign or not all(word.isidentifier() for word in words):
        raise fail("usage", f"`--against {target}` is not package.module:attribute",
                   "as in --against torchvision.models:resnet50")  # fmt: skip


def need_torch(command: str) -> None:
    """Raises SpecError where PyTorch is not installed."""
    from importlib.util import find_spec

    if find_spec("torch") is None:
        raise fail("torch", f"`{command}` needs PyTorch: pip install 'archcalc[torch]'")
