"""The layers of a file in their newest form: Caffe has had three.

Sources: src/caffe/proto/caffe.proto and src/caffe/util/upgrade_proto.cpp of https://github.com/BVLC/caffe.
"""

from __future__ import annotations

from collections.abc import Iterator

from ....source import Span
from .. import refused
from .messages import FieldValue, Message, decimals

# Words of the second form that are written otherwise than by capitals at the parts of a word.
_SECOND = {
    "ABSVAL": "AbsVal",
    "BNLL": "BNLL",
    "ELU": "ELU",
    "HDF5_DATA": "HDF5Data",
    "HDF5_OUTPUT": "HDF5Output",
    "IM2COL": "Im2col",
    "LRN": "LRN",
    "MVN": "MVN",
    "PRELU": "PReLU",
    "RELU": "ReLU",
    "SOFTMAX_LOSS": "SoftmaxWithLoss",
    "SPP": "SPP",
    "TANH": "TanH",
    "ARGMAX": "ArgMax",
}
# Words of the first form, and what holds their settings.
_FIRST = {
    "accuracy": ("Accuracy", "accuracy_param"),
    "bnll": ("BNLL", ""),
    "concat": ("Concat", "concat_param"),
    "conv": ("Convolution", "convolution_param"),
    "data": ("Data", "data_param"),
    "dropout": ("Dropout", "dropout_param"),
    "euclidean_loss": ("EuclideanLoss", ""),
    "flatten": ("Flatten", ""),
    "hdf5_data": ("HDF5Data", "hdf5_data_param"),
    "hdf5_output": ("HDF5Output", ""),
    "hinge_loss": ("HingeLoss", ""),
    "im2col": ("Im2col", "convolution_param"),
    "images": ("ImageData", "image_data_param"),
    "infogain_loss": ("InfogainLoss", ""),
    "innerproduct": ("InnerProduct", "inner_product_param"),
    "lrn": ("LRN", "lrn_param"),
    "multinomial_logistic_loss": ("MultinomialLogisticLoss", ""),
    "padding": ("Padding", "convolution_param"),
    "pool": ("Pooling", "pooling_param"),
    "relu": ("ReLU", ""),
    "sigmoid": ("Sigmoid", ""),
    "softmax": ("Softmax", ""),
    "softmax_loss": ("SoftmaxWithLoss", ""),
    "split": ("Split", ""),
    "tanh": ("TanH", ""),
    "window_data": ("WindowData", "window_data_param"),
}
# Settings that the first form calls otherwise.
_RENAMED = {"biasterm": "bias_term", "kernelsize": "kernel_size", "cropsize": "crop_size"}


class CaffeLayer:
    """A layer of a file.

    Attributes:
        message: Its fields, in the newest form.
        name: Its name; its type where it has none.
        word: Its type, in the newest form.
        bottoms: The blobs that it reads.
        tops: The blobs that it writes.
        shared: The names of its parameters, which other layers of these names share; empty for one without.
    """

    def __init__(self, message: Message, word: str):
        self.message = message
        self.word = word
        self.name = message.text("name") or word
        self.bottoms = message.texts("bottom")
        self.tops = message.texts("top")
        params = message.all("param")
        self.shared = tuple(
            [one.value.text("name") if isinstance(one.value, Message) else one.value for one in params]
        )
        rates = [one.value.decimal("lr_mult", "1") for one in params if isinstance(one.value, Message)]
        self._rates = rates or decimals(message, "blobs_lr")

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.message.span

    def frozen(self, count: int) -> bool | None:
        """Whether none of its parameters, so many, is trained: the rate of each is 0; None where one is."""
        rates = self._rates[:count]
        return True if len(rates) == count and not any(rates) else None


def layers_of(network: Message) -> Iterator[CaffeLayer]:
    """Yield the layers of a network, in their order. Raises SpecError."""
    for message in network.messages("layer"):
        yield CaffeLayer(message, _type(message))
    for message in network.messages("layers"):
        if message.all("layer"):
            yield _from_first(message)
        else:
            word = _type(message)
            if word.isupper():
                word = _SECOND.get(word) or "".join(part.capitalize() for part in word.split("_"))
            yield CaffeLayer(message, word)


def _type(message: Message) -> str:
    word = message.text("type")
    if not word:
        raise refused(f"{message.text('name') or 'a layer'} has no type", message.span)
    return word


def _from_first(message: Message) -> CaffeLayer:
    """A layer of the first form, whose settings stand beside its type. Raises SpecError."""
    inner = message.message("layer")
    word = _type(inner)
    known = _FIRST.get(word)
    if known is None:
        raise refused(
            f"{inner.text('name') or word}: a layer `{word[:40]}` of the first form is not known",
            inner.place("type"),
            f"known: {', '.join(_FIRST)}",
        )
    newest, holder = known
    fields = {key: inner.all(key) for key in ("name", "blobs_lr") if inner.all(key)}
    fields.update({key: message.all(key) for key in ("bottom", "top") if message.all(key)})
    if holder:
        settings = Message(
            inner.span,
            {_RENAMED.get(key, key): values for key, values in inner.fields.items() if key != "name"},
        )
        fields[holder] = [FieldValue(settings, inner.span)]
    return CaffeLayer(Message(message.span, fields), newest)
