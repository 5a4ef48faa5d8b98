"""`archcalc explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..analysis.totals import DTYPES
from ..diagnostics import fail
from ..unsized import depends, pair, unsized
from .answer import (
    answer,
    answer_json,
    answer_markdown,
    answer_text,
    flat_answer,
    report_diagnostics,
    reported,
    width_for,
)
from .completion import layers_and_quantities
from .options import BATCHES, format_option, network_options, no_columns, output_options
from .target import load_network, one_target, remarks

if TYPE_CHECKING:
    from ..network import Network


@click.command("explain")
@click.argument("words", metavar="TARGET [LAYER [QUANTITY]]", nargs=-1, shell_complete=layers_and_quantities)
@network_options
@click.option("--batch", type=BATCHES, default=1, metavar="N", help="Batch size.")
@click.option("--dtype", type=click.Choice(list(DTYPES)), default="fp32", help="Type of the values.")
@click.option("--with-heads", is_flag=True, help="Side heads in the totals too.")
@click.option("--columns", metavar="NAMES", help="With --format plain or csv: the columns.")
@format_option()
@output_options
@reported
def command(words: tuple[str, ...], **options: Any) -> int:
    """Where a number is from: the formula, the numbers put in, the result.

    QUANTITY is output, size, params, weights, biases, trainable, buffers, neurons, connections,
    macs, flops, backward_macs, step_macs, operations, one of their ledger, multiplications,
    additions, memory, activation_bytes, param_bytes, peak, saved, inference, rf, stride, start, pad
    or depth; without it the main ones are explained. LAYER is a layer, a label that stands for
    several (their sums), or total. Without it, a sum is that of the whole network, and what is no
    sum that of a chain's last layer.
    """
    target, *rest = one_target(words, more=2)
    no_columns(options)
    other = None
    if unsized(target):
        network, other = pair(target, lambda text: load_network(text, options))
    else:
        network = load_network(target, options)
    layer, quantity = _asked(network, rest)
    form, output = options["form"], options["output"]
    how = {name: options[name] for name in ("batch", "dtype", "with_heads", "layout")}
    explanation = network.explain(layer, quantity, **how)
    if other is not None:
        explanation.alike(other.explain(layer, quantity, **how))
        if not explanation.derivations:
            raise depends(quantity or "all of it", target)
    if form == "json":
        answer_json(explanation.to_dict(), output)
    elif form in ("plain", "csv"):
        from ..report.flat import explain_table

        flat_answer(explain_table(explanation), form, options["columns"], output)
    elif form == "markdown":
        from ..report.screens.explain_documents import explain_markdown

        answer_markdown(explain_markdown(explanation), output)
    elif form == "latex":
        from ..report.screens.explain_documents import explain_latex

        answer_text(explain_latex(explanation), output)
    else:
        from ..report.screens.explain import explain_lines

        answer(explain_lines(explanation, width_for(options)), output)
    if other is None:
        report_diagnostics(remarks(network, target, options["verbose"]), form)
    return 0


def _asked(network: Network, words: list[str]) -> tuple[str | None, str | None]:
    """The layer and the quantity; a quantity may stand alone, where no layer has its name.
    Raises SpecError."""
    from ..quantities import called, names

    if len(words) == 2:
        return words[0], words[1]
    if not words or network.graph.find(words[0]) is not None:
        return (words[0] if words else None), None
    if called(words[0]) is not None:
        return None, words[0]
    from ..diagnostics import nearest

    if nearest(words[0], network.graph.names()) is None and words[0] not in ("total", "totals"):
        near = nearest(words[0].lower(), names())
        if near is not None:
            raise fail(
                "name",
                f"{network.name or 'the network'} has no layer `{words[0]}`",
                f"did you mean the quantity `{near}`?",
            )
    return words[0], None
