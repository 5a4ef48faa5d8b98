"""`archcalc solve`."""

from __future__ import annotations

import click

from ..report.answer import Answer
from .answer import report_diagnostics, reported, write_answer
from .completion import targets
from .given import given_inputs, given_settings
from .help import Command
from .options import (
    CountedOptions,
    answer_options,
    budget_option,
    columns_option,
    counted_options,
    counter_options,
    input_option,
    no_columns,
    ops_option,
    set_option,
)
from .target import one_target, standard_input


class SolveOptions(CountedOptions):
    """The words and options of `archcalc solve`."""

    words: tuple[str, ...]
    where: str | None
    limit: int | None
    maximize: str | None
    minimize: str | None
    up_to: int | None
    all_answers: bool
    even: bool


@click.command("solve", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@click.option("--where", metavar="CONDITION", help='What must hold, as in "params <= 1M and rf >= 31".')
@set_option("A parameter of a network; NAME=? asks for it, NAME=8..64:8 or {3, 5} among these.")
@input_option("Another input size of a network.")
@counted_options
@counter_options
@click.option(
    "--limit",
    type=click.IntRange(1, 100_000_000),
    metavar="N",
    help="The most designs that are tried.  [default: 4,000,000; 5,000 where each is made by itself]",
)
@click.option("--maximize", metavar="QUANTITY", help="The designs with the most of it first, as in params.")
@click.option("--minimize", metavar="QUANTITY", help="The designs with the least of it first.")
@click.option(
    "--up-to",
    type=click.IntRange(1, 1_000_000),
    metavar="N",
    help="The largest number to look at; without it ranges grow as need be.",
)
@click.option("--all", "all_answers", is_flag=True, help="Show all that meet it, not ten.")
@click.option("--even", is_flag=True, help="Every window comes out even: nothing is left over.")
@budget_option("design")
@columns_option
@ops_option
@answer_options()
@reported(SolveOptions)
def command(options: SolveOptions) -> int:
    """The values of each ? that meet an assertion, a budget or a receptive field.

    TARGET is a chain with ? in the place of values and perhaps a shape to come to: "56x56x64 ->
    conv 3x3 128 stride=2 pad=? -> [28x28x128]". Of a network, --set width=? asks for a parameter.
    --where names quantities of the network, as in explain; joined by and, or, not; numbers end in
    K, M, G, KiB, MiB, GiB. A ? among the sizes of the input, "?x?x3 -> ..." or --input ?x?x3, asks
    for the input: of which --where "size = 388", "size(conv5) = 7" or "output = 7x7x512" holds; where
    nothing is demanded, for the smallest that the network takes. The smallest change comes first, or
    with --maximize or --minimize what is best: the largest that fits. Where there are too many designs
    to compute, those that cannot be among the answers are ruled out by bounds; what is found says
    whether it is proved to be the best. Where no number meets it and the largest comes nearest, larger
    ones are looked at. Exit code 1 if no value meets it.
    """
    (target,) = one_target(options.words)
    if options.maximize is not None and options.minimize is not None:
        raise click.UsageError("--maximize and --minimize exclude each other")
    no_columns(options)
    import gc

    from ..network import solve
    from ..report.terminal import Waiting

    gc.enable()  # thousands of networks are made, and let go of
    text = standard_input() if target == "-" else None
    with Waiting("trying values"):
        solution = solve(
            target,
            options.where,
            given_settings(options.settings),
            input=given_inputs(options.inputs),
            batch=options.batch,
            dtype=options.dtype,
            limit=options.limit,
            up_to=options.up_to,
            budget=options.budget,
            stdin=text,
            even=options.even,
            counter=options.counter,
            faults=not options.without_faults,
            maximize=options.maximize,
            minimize=options.minimize,
        )
    from ..report.screens.solve import solve_sheets, solve_table

    answer = Answer(
        solution.to_dict,
        lambda: solve_table(solution),
        lambda space: solve_sheets(solution, options.all_answers),
    )
    write_answer(answer, options)
    report_diagnostics(solution.diagnostics, options.diagnostics_format)
    return 0 if solution.answers else 1
