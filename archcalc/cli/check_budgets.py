"""``check TARGET --where CONDITION``: budgets, for continuous integration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..diagnostics import fail
from ..loading.two_sizes import pair
from ..loading.unsized import depends, unsized
from ..report.answer import Answer
from .answer import report_diagnostics, write_answer
from .check_shared import CLASS_FORMATS, PICTURES, CheckOptions, refuse_overwrite
from .options import first_given, no_columns, not_in_format
from .target import load_network, one_target, remarks

if TYPE_CHECKING:
    from ..api.budgets import BudgetReport
    from ..network import Network


def budgets_kept(options: CheckOptions) -> int:
    """Whether a network keeps within its budgets: 0, or 1 where one does not hold or cannot be decided.
    Raises SpecError."""
    from ..report.screens.budgets import budgets_sheets, budgets_table

    _refuse_others(options)
    no_columns(options)
    refuse_overwrite(options)
    (target,) = one_target(options.words)
    other = None
    if unsized(target):
        network, other = pair(target, lambda text: load_network(text, options))
    else:
        network = load_network(target, options)

    def budgets_of(loaded: Network) -> BudgetReport:
        try:
            summary = loaded.summary(
                batch=options.batch, dtype=options.dtype, layout=options.layout, on=options.on
            )
        except ValueError as error:
            raise fail("usage", str(error)) from None
        return summary.check(*options.where)

    budgets = budgets_of(network)
    if other is not None:
        _need_no_size(budgets, budgets_of(other), network.name)
    answer = Answer(
        budgets.to_dict, lambda: budgets_table(budgets), lambda space: budgets_sheets(budgets, space)
    )
    write_answer(answer, options)
    report_diagnostics(remarks(network, target, options.verbose), options.diagnostics_format)
    return 0 if budgets.holds else 1


def _refuse_others(options: CheckOptions) -> None:
    """Refuse answers, and what goes with them. Raises SpecError."""
    if len(options.words) > 1 or (options.words and options.words[0].lower().endswith(".toml")):
        word = options.words[-1]
        raise fail(
            "usage",
            f"--where is about a network, and `{word}` is no part of that",
            "answers are marked in a call of their own",
        )
    given = first_given(
        audit=options.audit, hint=options.hint, solution=options.solution, convention=options.conventions
    )
    if given is not None:
        raise fail("usage", f"--where and {given} do not go together", f"{given} is for answers")
    if options.format in (*CLASS_FORMATS, *PICTURES):
        raise not_in_format("--where", options)


def _need_no_size(budgets: BudgetReport, others: BudgetReport, name: str) -> None:
    """Refuse what depends on the size of an input that has none. Raises SpecError."""
    for one, other in zip(budgets.conditions, others.conditions, strict=True):
        for mine, its in zip(one.comparisons, other.comparisons, strict=True):
            if mine.measured.bounds != its.measured.bounds:
                raise depends(f"`{mine.text}`", name)
