"""What is computed of the quantities of one network or of several, with how each of them comes about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..analysis.explained import explained
from ..analysis.explanation import Explanation
from ..graph import Graph
from ..quantities import called
from .calculated import CalculatedQuestion, asked_of_two
from .conventions import Conventions
from .question import Subject


class Calculations:
    """Calculations, and the explanations of the quantities in them.

    graphs        the networks: ``A`` is the first, ``B`` the second
    questions     the calculations; of several networks and one quantity, what compares it
    explanations  how each quantity comes about, by its words in the text
    """

    # The class of an explanation.
    explanation: type[Explanation] = Explanation

    def __init__(
        self,
        graphs: Sequence[Graph],
        text: str,
        *,
        batch: int = 1,
        dtype: str = "fp32",
        with_heads: bool = False,
        layout: str = "hwc",
    ):
        subjects = [Subject(at, batch=batch, dtype=dtype, with_heads=with_heads) for at in graphs]
        names = [at.metadata.name for at in graphs]
        conventions = Conventions({"layout": layout} if layout != "hwc" else {})
        meant = called(text)
        texts = [text] if meant is None else asked_of_two(meant.name)
        self.graphs = list(graphs)
        self.questions = [CalculatedQuestion.of(subjects, one, conventions, names) for one in texts]
        how: dict[str, Any] = {"batch": batch, "dtype": dtype, "with_heads": with_heads, "layout": layout}
        self.explanations: dict[str, Explanation] = {}
        for question in self.questions:
            for key, side in question.sides.items():
                words = question.written[key]
                if words not in self.explanations:
                    self.explanations[words] = explained(
                        self.explanation, side.graph, side.explained_at, side.quantity, **how
                    )
