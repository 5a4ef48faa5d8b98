"""Where numbers are from, and formulas in letters: what ``archcalc.explain()`` gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..letters.explanation import LetterExplanation
from ..loading.letters import LetteredChain
from .text import Report

if TYPE_CHECKING:
    from ..network import Network
    from ..report.flat import FlatTable
    from ..report.sheet import Sheet, Space
    from .calculations import CalculationReport
    from .explanations import ExplanationReport


class FormulaReport(Report, LetterExplanation):
    """What ``archcalc.explain()`` returns for a chain in letters; formulas where it is printed.

    Attributes:
        derivations: Each quantity: ``quantity``, its ``formulas`` with their ``forms``, and ``notes``.
        notes: What is to be known of all formulas.

    Example:
        >>> report = archcalc.explain("m x n x 3 -> conv f x f k stride=s pad=p")
        >>> report.formulas["params"]
        {'': '(3·f·f + 1)·k'}
        >>> report.numbers("params", m=32, n=32, f=5, k=10, s=1, p=2)
        {'': Fraction(760, 1)}
    """

    @property
    def formulas(self) -> dict[str, dict[str, str]]:
        """Each quantity's formulas as a textbook writes them, by what they are: ``Ho``, ``Wo``, ``Co``; the
        name is empty where the quantity is one number.

        Example:
            >>> archcalc.explain("m x m x 3 -> conv f x f k").formulas["output"]["Ho"]
            'm − f + 1'
        """
        from ..report.screens.letters import format_letters

        return {
            at.quantity: {formula.of: format_letters(formula.forms[0]) for formula in at.formulas}
            for at in self.derivations
        }

    def numbers(self, quantity: str, **letters: int) -> dict[str, Fraction]:
        """Put numbers in for the letters.

        Args:
            quantity: One of those that ``formulas`` has, by any of its names.
            letters: A whole number for each letter.

        Returns:
            The exact values, by the names that ``formulas`` has for them.

        Raises:
            ValueError: For a quantity without a formula, a letter too few, or one that there is not.
            ZeroDivisionError: Where a formula divides by a letter that is 0.

        Example:
            >>> report = archcalc.explain("m x m x 3 -> conv f x f k stride=s")
            >>> report.numbers("output", m=227, f=11, s=4, k=96)["Ho"]
            Fraction(55, 1)
        """
        from ..algebra.evaluation import evaluate
        from ..quantities import called

        meant = called(quantity)
        found = [at for at in self.derivations if meant is not None and at.quantity == meant.name]
        if not found or not found[0].formulas:
            raise ValueError(f"there is no formula of {quantity!r}")
        unknown = [name for name in letters if name not in self.chain.names]
        missing = [name for name in self.chain.names if name not in letters]
        if unknown or missing:
            what = f"{unknown[0]!r} is no letter of the chain" if unknown else f"{missing[0]!r} has no number"
            raise ValueError(what)
        return {formula.of: evaluate(formula.forms[0], letters) for formula in found[0].formulas}

    def _flat_table(self) -> FlatTable:
        """A line per formula."""
        from ..report.flat import letters_table

        return letters_table(self)

    def _sheets(self, space: Space) -> Sequence[Sheet]:
        """Each quantity with its formulas."""
        from ..report.screens.letters import letter_sheets

        return letter_sheets(self, space)

    def to_dict(self) -> dict[str, Any]:
        """Give all formulas, as ``archcalc explain CHAIN --format json`` writes them.

        Returns:
            Dicts, lists, strings and ints alone.

        Example:
            >>> record = archcalc.explain("m x m x c -> conv f x f k", "params").to_dict()
            >>> record["derivations"][0]["formulas"][0]["formula"]
            '(f*f*c + 1)*k'
        """
        from ..report.records.networks import letters_record

        return letters_record(self)


def explain(
    target: Any,
    quantity: str | None = None,
    layer: str | None = None,
    *,
    second: Any = None,
    input: Any = None,
    batch: int = 1,
    dtype: str = "fp32",
    with_heads: bool = False,
    layout: str = "hwc",
    parameters: Mapping[str, Any] | None = None,
) -> ExplanationReport | CalculationReport | FormulaReport:
    """Say where a number is from: the formula, the numbers put in, the result.

    Args:
        target: A network, or a target as ``archcalc.load`` takes it. Or a chain with letters in the place of
            numbers, ``"m x n x 3 -> conv f x f k"``.
        quantity: One of docs/quantities.md, by any of its names; None means the main ones. Or what is
            computed of quantities: ``"percent(params(fc6) / params(total))"``.
        layer: A layer or a label; None as in ``Network.explain``.
        second: Another network: ``quantity`` compares the two, or computes of both, ``"rf(A) - rf(B)"``.
        input: Another input shape, as in ``archcalc.load``.
        batch: Images per batch, from 1.
        dtype: The type of values and parameters, as in ``Network.summary``.
        with_heads: Whether the layers of side heads are in the sums.
        layout: The order of the axes in shapes: ``hwc`` or ``chw``.
        parameters: Parameters of the network, by name.

    Returns:
        The derivations; for a chain in letters a ``FormulaReport``, and for what is computed of quantities
        a ``CalculationReport``. The working is shown where it is printed.

    Raises:
        SpecError: For a target that is none, an unknown layer or quantity, or an expression that is none.
        ValueError: For an unknown dtype or layout, a batch below 1, or a second network without a quantity.

    Example:
        >>> archcalc.explain("32x32x3 -> conv 5x5 10 pad=2", "params").derivations[0].value
        760
        >>> archcalc.explain("m x m x c -> n x (conv k x k c pad=half)", "rf").formulas
        {'rf': {'': '1 + n·(k − 1)'}}
        >>> archcalc.explain("vgg16", "params", second="alexnet").questions[0].plain
        75979200
    """
    from ..answers.calculated import is_calculation
    from ..network import Network

    how: dict[str, Any] = {"batch": batch, "dtype": dtype, "with_heads": with_heads, "layout": layout}
    chain = LetteredChain.find(target) if isinstance(target, str) and second is None else None
    if chain is not None:
        return FormulaReport(chain, layer, quantity, **how)

    def network(one: Any) -> Network:
        if isinstance(one, Network):
            return one
        return Network.of(one, input, dict(parameters or {}), layout=layout, runs_code=True)

    first = network(target)
    if second is not None and quantity is None:
        raise ValueError('two networks are explained by a quantity, as in "params"')
    if quantity is not None and (second is not None or is_calculation(quantity, first.graph)):
        from .calculations import CalculationReport

        graphs = [first.graph] if second is None else [first.graph, network(second).graph]
        return CalculationReport(graphs, quantity, **how)
    return first.explain(layer, quantity, **how)
