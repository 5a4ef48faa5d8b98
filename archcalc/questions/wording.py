"""What is asked, in words, where nobody has written a text."""

from __future__ import annotations

from .. import quantities
from ..answers.question import Question
from ..answers.quiz import QuizQuestion
from ..answers.quiz_item import QuizItem

# How the right value is to be written, by the form of the quantity.
_ORDERS = {"hwc": "height x width x channels", "chw": "channels x height x width"}
# Quantities that are counted: how many of them, and the verb of the layer.
_COUNTED = {
    **dict.fromkeys(
        ("params", "weights", "biases", "trainable", "buffers", "neurons", "connections"), "have"
    ),
    **dict.fromkeys(
        ("macs", "flops", "mul_add", "mul", "add", "compare", "div", "special", "outputs"), "take"
    ),
    **dict.fromkeys(("multiplications", "additions", "backward_macs", "step_macs"), "take"),
}
# Of bytes: what is asked about, with the article that it takes.
_BYTES = {
    "memory": "the output",
    "activation_bytes": "the activations",
    "param_bytes": "the parameters",
    "peak": "all activations that live at a time, at most",
    "saved": "all that is kept for the backward pass",
    "inference": "the parameters, the buffers and the peak of the activations together",
}


def question_text(question: QuizQuestion, item: QuizItem) -> str:
    """The text of a question: the teacher's, else one that names the network and asks for the quantity."""
    return question.text or f"{subject_text(question.target)} {asked_text(item.asked, question.unit)}"


def subject_text(target: str) -> str:
    """The sentence that says which network is meant."""
    if "->" in target:
        return f"Consider the chain of layers `{target}`."
    return f"Consider the network `{target}`."


def asked_text(asked: Question, unit: str = "") -> str:
    """The question for a quantity of a layer, of a block or of a whole network."""
    where = _where(asked)
    quantity = quantities.QUANTITIES[asked.quantity]
    name = quantity.name
    if name in ("output", "size"):
        order = _ORDERS[asked.conventions["layout"]] if name == "output" else "height x width"
        form = "" if len(asked.plain if isinstance(asked.plain, tuple) else ()) < 2 else f" ({order})"
        what = "the output volume" if name == "output" else "the size of the output"
        return f"What is {what} of {where}{form}?"
    if quantity.form == quantities.BYTES:
        values = asked.conventions["memory"] == "values"
        measure = f"How many {unit or ('values' if values else 'bytes')}"
        return f"{measure} of memory do {_BYTES[name]} of {where} take? {_counted_for(asked)}"
    if name in _COUNTED:
        verb = _COUNTED[name]
        wanted = f" (in {unit})" if unit else ""
        images = asked.summary.batch
        behind = f" For a batch of {images:,} images." if quantity.images and images != 1 else ""
        return f"How many {quantity.words} does {where} {verb}{wanted}?{behind}"
    what = {"depth": "depth", "rf": "receptive field", "start": "start of the first window"}.get(
        name, quantity.words
    )
    return f"What is the {what} of {where}, {quantity.means.split(';')[0]}?"


def _where(asked: Question) -> str:
    if asked.block:
        return f"the block `{asked.block}`"
    if asked.layer is None:
        return "the whole network"
    return f"the layer `{asked.called or asked.layer.name}`"


def _counted_for(asked: Question) -> str:
    images = asked.summary.batch
    batch = "one image" if images == 1 else f"a batch of {images:,} images"
    return f"Values are {asked.summary.dtype}, for {batch}."
