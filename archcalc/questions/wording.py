"""What is asked, in words, where nobody has written a text."""

from __future__ import annotations

from .. import quantities
from ..answers.matrices.asking import VALUES, asks_all_values
from ..answers.matrices.given import GivenMatrices
from ..answers.question import TOTAL, Question
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
# Of bytes: what takes them in a layer, and in a whole network, with the verb.
_BYTES = {
    "memory": ("does the output of {} take", "do the input and all new outputs of {} take"),
    "activation_bytes": ("do the activations of {} take", "do all activations of {} take"),
    "param_bytes": ("do the parameters of {} take", "do the parameters of {} take"),
    "peak": ("", "do the activations of {} that live at a time take at most"),
    "saved": ("does {} keep for the backward pass", "does {} keep for the backward pass"),
    "inference": ("", "do the parameters, the buffers and the peak of the activations of {} take"),
}
# Of what is no count: the question, `{}` for the layer.
_ASKED = {
    "rf": "How many positions of the input does a unit of {} see along an axis (its receptive field)?",
    "stride": "How many positions of the input lie between the windows of neighbouring units of {}?",
    "start": "At which position of the input, counted from 0, does the window of the first unit of {} begin?",
    "pad": "How many zeros does {} have on each side?",
    "depth": "How many convolutions and fully connected layers does the longest path through {} have?",
}

# Of what a device adds: the question, with the layer, the device, and how the unit is said.
_ON_DEVICE = {
    "time": "How long does {} take at least on {}, {}? Layers run one after the other.",
    "traffic": "How many {3} does {0} move on {1}: inputs, parameters and outputs?",
    "intensity": "How many operations does {} do on {} for each byte that is moved? A multiply-add is two.",
}


def question_text(question: QuizQuestion, item: QuizItem) -> str:
    """The text of a question: the teacher's, else one that names the network and asks for the quantity."""
    if question.given is not None:
        return _about_matrices(question, question.given, item)
    if question.text:
        return question.text
    return f"{subject_text(question.target, question.second)} {asked_text(item.asked, question.unit)}"


def _about_matrices(question: QuizQuestion, given: GivenMatrices, item: QuizItem) -> str:
    """The question with the matrices that layers are given: those that the teacher's text does not show."""
    asked = item.asked
    if question.text:
        return "\n".join([question.text, *given.parts(question.text)])
    start = f"The layers `{question.target}` are given a matrix."
    layer = asked.layer.name if asked.layer is not None and len(asked.graph.layers) > 1 else ""
    what = f"the layer `{layer}` puts out" if layer else "comes out"
    if asked.quantity != VALUES:
        end = asked_text(asked, question.unit)
    elif asks_all_values(question.ask):
        end = f"Which values stand in what {what}? Part rows by a semicolon."
    else:
        end = f"What is {asked.words}? Rows and columns are counted from 0."
    return "\n".join([start, *given.parts(), f"{given.turned} {end}".strip()])


def subject_text(target: str, second: str = "") -> str:
    """The sentence that says which network is meant, or which two."""
    if second:
        return f"Consider the networks A, `{target}`, and B, `{second}`."
    if "->" in target:
        return f"Consider the chain of layers `{target}`."
    return f"Consider the network `{target}`."


def asked_text(asked: Question, unit: str = "") -> str:
    """The question for a quantity of a layer, of a block or of a whole network."""
    where = _where(asked)
    if asked.quantity in quantities.ON_DEVICE:
        device = asked.subject.device
        title = device.title if device is not None else ""
        text = _ON_DEVICE[asked.quantity]
        wanted = f"in {unit}" if unit else "with its unit"
        return f"{text.format(_where(asked), title, wanted, unit or 'bytes')} {_counted_for(asked)}"
    quantity = quantities.QUANTITIES.get(asked.quantity)
    if quantity is None:  # it is computed of several
        return f"What is {asked.words}?"
    name = quantity.name
    if name in ("output", "size"):
        order = _ORDERS[asked.conventions["layout"]] if name == "output" else "height x width"
        form = "" if len(asked.plain if isinstance(asked.plain, tuple) else ()) < 2 else f" ({order})"
        what = "the output volume" if name == "output" else "the size of the output"
        return f"What is {what} of {where}{form}?"
    if quantity.form == quantities.BYTES:
        measure = unit or ("values" if asked.conventions["memory"] == "values" else "bytes")
        of_network = asked.layer is None and not asked.block
        return f"How many {measure} {_BYTES[name][of_network].format(where)}? {_counted_for(asked)}"
    if name in _COUNTED:
        verb = _COUNTED[name]
        wanted = f" (in {unit})" if unit else ""
        images = asked.summary.batch
        behind = f" For a batch of {images:,} images." if quantity.images and images != 1 else ""
        return f"How many {quantity.words} does {where} {verb}{wanted}?{behind}"
    if name in _ASKED:
        return _ASKED[name].format(where)
    return f"What is the value of this for {where}: {quantity.words}?"


def _where(asked: Question) -> str:
    if asked.block:
        return f"the block `{asked.block}`"
    if asked.layer is None or asked.called.lower() in TOTAL:
        return "the whole network"
    return f"the layer `{asked.called or asked.layer.name}`"


def _counted_for(asked: Question) -> str:
    images = asked.summary.batch
    batch = "one image" if images == 1 else f"a batch of {images:,} images"
    return f"Values are {asked.summary.dtype}, for {batch}."
