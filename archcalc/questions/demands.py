"""What a template demands of a network and of a question that were drawn."""

from __future__ import annotations

from ..answers.audit import CORE, finding
from ..answers.quiz import QuizQuestion
from ..answers.quiz_item import QuizItem
from ..loading import LoadedNetwork
from .templates import Demands


def unmet(demands: Demands, question: QuizQuestion, network: LoadedNetwork, item: QuizItem) -> str:
    """The first demand that a draw does not meet, in words; empty where it meets all."""
    misfits = any(layer.facts.misfits for layer in network.graph.layers)
    if demands.even and (misfits or any(one.code == "fit" for one in network.diagnostics)):
        return "a window does not fit exactly (`even`)"
    if demands.distinguishable is not None:
        return _undistinguished(demands.distinguishable, question, item)
    return ""


def _undistinguished(ids: tuple[str, ...], question: QuizQuestion, item: QuizItem) -> str:
    """The misconception that the answer does not show, or does not tell from another; empty for none."""
    found = finding(question, item)
    core = CORE.get(item.asked.quantity, {})
    if not ids:
        if found.blind:
            return f"`{found.blind[0].belief.id}` cannot be detected: {found.blind[0].why}"
        wanted = set(core)
    else:
        wanted = set(ids)
        singles = item.diagnosis.singles.values()
        visible = {id for hypotheses in singles for hypothesis in hypotheses for id in hypothesis.ids}
        for id in ids:
            if id not in visible:
                return f"`{id}` cannot be detected: it comes to the right value, or is of other questions"
    for tie in found.ties:
        alike = [belief.id for belief in tie.beliefs if belief.id in wanted]
        if len(alike) > 1:
            return f"`{alike[0]}` and `{alike[1]}` come to the same value"
    return ""
