"""`archcalc explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..diagnostics import fail
from ..loading.two_sizes import pair
from ..loading.unsized import depends, unsized
from ..report.answer import Answer
from .answer import report_diagnostics, reported, write_answer
from .completion import layers_and_quantities
from .help import Command
from .options import (
    CountedOptions,
    counted_options,
    counter_options,
    network_options,
    no_columns,
    table_options,
)
from .target import is_network, lettered, load_network, one_target, remarks

if TYPE_CHECKING:
    from ..api.explanations import ExplanationReport
    from ..loading.letters import LetteredChain
    from ..network import Network
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space


# Quantities of a training step, of which --tools has a table of its own.
TRAINING = ("backward_macs", "step_macs")


class ExplainOptions(CountedOptions):
    """The words and options of `archcalc explain`."""

    words: tuple[str, ...]
    with_heads: bool
    tools: bool


@click.command("explain", cls=Command)
@click.argument(
    "words",
    metavar="TARGET [LAYER [QUANTITY]] | TARGET [TARGET] EXPRESSION",
    nargs=-1,
    shell_complete=layers_and_quantities,
)
@network_options
@counter_options
@counted_options
@click.option("--with-heads", is_flag=True, help="Side heads in the totals too.")
@click.option("--tools", is_flag=True, help="With macs, flops or step_macs: what every tool counts.")
@table_options()
@reported(ExplainOptions)
def command(options: ExplainOptions) -> int:
    """Where a number is from: the formula, the numbers put in, the result.

    QUANTITY is output, size, params, weights, biases, trainable, buffers, neurons, connections,
    macs, flops, backward_macs, step_macs, operations, one of their ledger, multiplications,
    additions, memory, activation_bytes, param_bytes, peak, saved, inference, rf, stride, start, pad
    or depth; without it the main ones are explained. LAYER is a layer, a label that stands for
    several (their sums), or total. Without it, a sum is that of the whole network, and what is no
    sum that of a chain's last layer.

    An EXPRESSION is computed of quantities: "params(conv2) - params(conv1)", "macs(conv1) /
    macs(total)", "percent(1 - params(B) / params(A))" of two networks, A the first and B the second.
    Two networks and a QUANTITY compare it.

    Letters may stand for numbers of a chain, as in "m x n x 3 -> conv f x f k stride=s pad=p": the
    answer is a formula in these letters.
    """
    target, *rest = one_target(options.words, more=2)
    no_columns(options)
    if options.tools:
        return _by_tools(target, rest, options)
    other = None
    chain = lettered(target, options)
    if chain is not None:
        return _in_letters(chain, rest, options)
    if rest and not unsized(target) and _computes(target, rest, options):
        return _calculated([target, *rest[:-1]], rest[-1], options)
    if unsized(target):
        network, other = pair(target, lambda text: load_network(text, options))
        if len(rest) == 1 and _is_calculated(rest[0], network, other, options):
            return _written([network], rest[0], options)
    else:
        network = load_network(target, options)
    layer, quantity = _asked(network, rest)
    explanation = _explained(network, layer, quantity, options)
    if other is not None:
        explanation.alike(_explained(other, layer, quantity, options))
        if not explanation.derivations:
            raise depends(quantity or "all of it", target)

    def table() -> FlatTable:
        from ..report.flat import explain_table

        return explain_table(explanation)

    def sheets(space: Space) -> list[Sheet]:
        from ..report.screens.explain import explain_sheets

        return explain_sheets(explanation, space)

    write_answer(Answer(explanation.to_dict, table, sheets), options)
    if other is None:
        report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0


def _by_tools(target: str, words: list[str], options: ExplainOptions) -> int:
    """Write what every tool counts of a network. Raises SpecError."""
    from ..quantities import called

    for word in words:
        known = called(word)
        if known is None or known.name not in ("macs", "flops", "operations", *TRAINING):
            raise fail(
                "usage",
                f"--tools is of the operations of a network, and not of `{word}`",
                "as in macs --tools",
            )
    counted = {"--batch": options.batch != 1, "--with-heads": options.with_heads}
    for option, given in counted.items():
        if given:
            raise fail(
                "usage", f"{option} does not go with --tools: tools count one image, without side heads"
            )
    network = load_network(target, options)
    if any(known is not None and known.name in TRAINING for known in map(called, words)):
        write_answer(_of_training(network), options)
        report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
        return 0
    from ..reconciling.tools import CountsByTools

    figures = CountsByTools(network)

    def record() -> dict[str, Any]:
        from ..report.records.reconciling import tools_record

        return tools_record(figures)

    def table() -> FlatTable:
        from ..report.screens.tools import tools_table

        return tools_table(figures)

    def sheets(space: Space) -> list[Sheet]:
        from ..report.screens.tools import tools_sheets

        return tools_sheets(figures, space)

    write_answer(Answer(record, table, sheets), options)
    report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0


def _of_training(network: Network) -> Answer:
    """What tools count of a training step."""
    from ..analysis.tools_of_training import TrainingFigures

    figures = TrainingFigures(network.graph)

    def record() -> dict[str, Any]:
        from ..report.records.reconciling import training_record

        return training_record(figures)

    def table() -> FlatTable:
        from ..report.screens.training import training_table

        return training_table(figures)

    def sheets(space: Space) -> list[Sheet]:
        from ..report.screens.training import training_sheets

        return training_sheets(figures)

    return Answer(record, table, sheets)


def _computes(target: str, rest: list[str], options: ExplainOptions) -> bool:
    """Whether the last word is computed of quantities, or a second network is named before it."""
    from ..answers.calculated import is_calculation

    if len(rest) < 2 and rest[0].isidentifier():
        return False
    graph = load_network(target, options).graph
    if len(rest) == 2 and graph.find(rest[0]) is None:
        return is_network(rest[0])
    return is_calculation(rest[-1], graph)


def _calculated(targets: list[str], text: str, options: ExplainOptions) -> int:
    """Explain what is computed of the quantities of one network or of two. Raises SpecError."""
    networks = [load_network(target, options) for target in targets]
    _written(networks, text, options)
    for network, target in zip(networks, targets, strict=True):
        report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0


def _is_calculated(text: str, one: Network, two: Network, options: ExplainOptions) -> bool:
    """Whether a text is computed of quantities of a chain without a size. Raises SpecError where it depends
    on that."""
    from ..answers.calculated import is_calculation, question_of
    from ..answers.conventions import Conventions
    from ..answers.question import Subject

    if not is_calculation(text, one.graph):
        return False
    how: dict[str, Any] = {"batch": options.batch, "dtype": options.dtype, "with_heads": options.with_heads}
    first, second = [question_of(Subject(at.graph, **how), text, Conventions()) for at in (one, two)]
    if first.plain != second.plain:
        raise depends(text, one.name)
    return True


def _written(networks: list[Network], text: str, options: ExplainOptions) -> int:
    """Write what is computed of the quantities of networks. Raises SpecError."""
    from ..api.calculations import CalculationReport

    report = CalculationReport(
        [network.graph for network in networks],
        text,
        batch=options.batch,
        dtype=options.dtype,
        with_heads=options.with_heads,
        layout=options.layout,
    )
    write_answer(Answer(report.to_dict, report._flat_table, report._sheets), options)
    return 0


def _in_letters(chain: LetteredChain, words: list[str], options: ExplainOptions) -> int:
    """The answer for a chain in letters. Raises SpecError."""
    from ..letters.explanation import LetterExplanation
    from ..loading.letters import one_quantity
    from ..quantities import called

    if (refused := one_quantity(words)) is not None:
        raise refused
    layer, quantity = (words[0], words[1]) if len(words) == 2 else (None, words[0] if words else None)
    if len(words) == 1 and called(words[0]) is None:
        layer, quantity = words[0], None
    explanation = LetterExplanation(
        chain,
        layer,
        quantity,
        options.layout,
        batch=options.batch,
        dtype=options.dtype,
        with_heads=options.with_heads,
    )

    def record() -> dict[str, Any]:
        from ..report.records.networks import letters_record

        return letters_record(explanation)

    def table() -> FlatTable:
        from ..report.flat import letters_table

        return letters_table(explanation)

    def sheets(space: Space) -> list[Sheet]:
        from ..report.screens.letters import letter_sheets

        return letter_sheets(explanation, space)

    write_answer(Answer(record, table, sheets), options)
    return 0


def _explained(
    network: Network, layer: str | None, quantity: str | None, options: ExplainOptions
) -> ExplanationReport:
    """An explanation under the options of the call. Raises SpecError."""
    return network.explain(
        layer,
        quantity,
        batch=options.batch,
        dtype=options.dtype,
        with_heads=options.with_heads,
        layout=options.layout,
    )


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
