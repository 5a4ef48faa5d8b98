"""A network of Caffe on its way into a spec."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ....diagnostics import SpecError, nearest
from ....source import Source
from .. import Request, SpecWriter, refused
from .blobs import Blob
from .calls import CaffeCall, SharedWeights
from .forms import CaffeLayer, layers_of
from .inputs import SOURCES, declared, written_input
from .messages import Message
from .phases import NetState
from .vocabulary import layer_types

# What only training needs, or a count of errors.
_TRAINING = ("Accuracy", "SoftmaxWithLoss", "HDF5Output", "Silence", "DetectionEvaluate", "LabelAccuracy")
# Layers that cannot be read, and why.
_REFUSED = {
    "BatchReindex": "it exchanges the images of a batch, and a network here has one image",
    "Filter": "how many images it passes on depends on their values",
    "Parameter": "its tensor has no batch, and nothing says how others read it",
    "ROIPooling": "the regions of an image are a batch of their own, which a spec has not",
    "ROIAlign": "the regions of an image are a batch of their own, which a spec has not",
    "PSROIPooling": "the regions of an image are a batch of their own, which a spec has not",
    "Proposal": "the regions of an image are a batch of their own, which a spec has not",
}


class CaffeWriting:
    """Writes the spec of a network.

    Args:
        source: The file.
        network: Its fields.
        request: What the caller wants besides.
    """

    def __init__(self, source: Source, network: Message, request: Request):
        stem = os.path.splitext(os.path.basename(source.name))[0]
        self.writer = SpecWriter(source, stem, "Caffe")
        self.network = network
        self.request = request
        self.blobs: dict[str, Blob] = {}
        self.unread: dict[str, str] = {}  # blobs that no layer here writes, and why
        self.elsewhere: dict[str, str] = {}  # blobs that a layer of another phase writes, and its name
        self.shared = SharedWeights()
        self.batch = 1

    def spec(self) -> SpecWriter:
        """Write all layers. Raises SpecError."""
        state = NetState(self.network, self.request)
        everything = [*layers_of(self.network)]
        if not everything:
            raise refused("there are no layers: it is no network of Caffe", self.network.span)
        layers = [layer for layer in everything if state.has(layer.message)]
        if not layers:
            raise refused(
                f"no layer stands in the phase {state.phase}",
                self.network.span,
                "--set phase=TRAIN and --set stage=NAME say which network of the file it is",
            )
        for layer in everything:
            if layer not in layers:
                self.elsewhere.update(dict.fromkeys(layer.tops, layer.name))
        self._leave_out(layers)
        kept = [layer for layer in layers if layer.word not in SOURCES and not self._is_left_out(layer)]
        self._inputs(layers, kept)
        for layer in kept:
            self._layer(layer)
        if not kept:
            raise refused("the network has no layers besides its data and losses", self.network.span)
        return self.writer

    # What is no layer of the network -------------------------------------------------------------

    def _leave_out(self, layers: list[CaffeLayer]) -> None:
        """Find what only training writes: labels, and what layers of training put out."""
        for layer in layers:
            if layer.word in SOURCES and layer.word not in ("Input", "DummyData"):
                for top in layer.tops[1:]:
                    if self.request.sizes(top, 2) is None:
                        self.unread[top] = "is what is to be learned"

    def _is_left_out(self, layer: CaffeLayer) -> bool:
        """Whether a layer is none of inference; then it is noted, and so is what it puts out."""
        of_training = layer.word in _TRAINING or layer.word.endswith("Loss")
        if not of_training and not (layer.bottoms and all(one in self.unread for one in layer.bottoms)):
            for top in layer.tops:
                self.unread.pop(top, None)
            return False
        for top in layer.tops:
            self.unread[top] = f"is of {layer.name}, a layer of training"
        why = f"{layer.word} is of training" if of_training else "it reads labels or losses alone"
        self.writer.note(f"{layer.name}: {why}, and no layer", layer.span)
        return True

    # Inputs ----------------------------------------------------------------------------------

    def _inputs(self, layers: list[CaffeLayer], kept: list[CaffeLayer]) -> None:
        read: set[str] = set()
        known = layer_types()
        for layer in kept:
            read |= {*(known[layer.word].reads(layer) if layer.word in known else layer.bottoms)}
        inputs = [*declared(self.network, layers)]
        needed = [one for one in inputs if one.name in read]
        for one in inputs:
            if one.name not in read:
                self.unread.setdefault(one.name, "is an input that is not written")
        of_steps = _sequences(kept)
        for one in needed:
            axis = 1 if one.name in of_steps and len(one.shape) in (2, 3) else 0
            if one.shape and axis == 0:
                self.batch = one.shape[0]
            self.unread.pop(one.name, None)
            self.blobs[one.name] = written_input(self.writer, one, len(needed), self.request, axis)

    # Layers ----------------------------------------------------------------------------------

    def _layer(self, layer: CaffeLayer) -> None:
        known = layer_types().get(layer.word)
        if known is None:
            raise _unknown(layer)
        if not layer.bottoms or not layer.tops:
            raise refused(f"{layer.name} has no {'bottom' if not layer.bottoms else 'top'}", layer.span)
        blobs = []
        for bottom in layer.bottoms:
            if bottom in self.blobs:
                blobs.append(self.blobs[bottom])
            elif bottom in known.reads(layer):
                why = f", which {self.unread[bottom]}" if bottom in self.unread else ""
                message = f"nothing before {layer.name} writes `{bottom[:60]}`"
                if why:
                    message = f"{layer.name} reads `{bottom[:60]}`{why}"
                raise refused(message, layer.message.place("bottom"), *self._way_out(bottom))
        call = CaffeCall(self.writer, self.shared, layer, blobs, known.param, self.batch)
        made = known.write(call)
        for name, near in call.settings.misspelled():
            self.writer.note(
                f"{layer.name}: `{name[:40]}` is not read",
                call.settings.place(name),
                f"did you mean `{near}`?",
            )
        for top, blob in zip(layer.tops, made if isinstance(made, list) else [made], strict=False):
            self.blobs[top] = blob

    def _way_out(self, bottom: str) -> Iterator[str]:
        """What may help where nothing before a layer writes a blob."""
        if bottom in self.elsewhere:
            yield (
                f"{self.elsewhere[bottom][:60]} writes it, in another phase or stage: "
                "--set phase=TRAIN and --set stage=NAME say which network of the file it is"
            )
        elif near := nearest(bottom, [*self.blobs, *self.unread]):
            yield f"did you mean `{near[:60]}`?"


def _sequences(layers: list[CaffeLayer]) -> set[str]:
    """The blobs from which sequences of a recurrent layer are made: their first axis are the steps, and the
    second one is the batch."""
    found: set[str] = set()
    for layer in reversed(layers):
        recurrent = layer.word in ("LSTM", "RNN")
        if recurrent or found.intersection(layer.tops):
            found |= {*(layer.bottoms[:1] if recurrent else layer.bottoms)}
    return found


def _unknown(layer: CaffeLayer) -> SpecError:
    """The error for a type that is not read."""
    place, known = layer.message.place("type"), layer_types()
    if layer.word == "Python":
        param = layer.message.message("python_param")
        code = f"{param.text('module') or '?'}.{param.text('layer') or '?'}"
        return refused(
            f"{layer.name}: a layer Python of Caffe is not read: it is somebody's own code (`{code[:80]}`), "
            "and no code is run",
            place,
            "write the network as a spec: `opaque` is a layer without a rule",
        )
    message = f"{layer.name}: a layer {layer.word} of Caffe is not read"
    if layer.word in _REFUSED:
        return refused(f"{message}: {_REFUSED[layer.word]}", place)
    near = nearest(layer.word, known)
    return refused(
        message, place, *([f"did you mean {near}?"] if near else [f"what is read: {', '.join(known)}"])
    )
