"""Layers in front of a network: numbers of words and classes, images, sound."""

from __future__ import annotations

from typing import Any

from .....ops.attributes import Word
from .....ops.stated import format_tensors
from ..calls import Call, Value, per_axis
from ..vocabulary import LayerClass
from .convolution import map_of

_OUTPUTS = ("int", "one_hot", "multi_hot", "binary", "count", "tf_idf", "tf-idf")


def looked_up(call: Call, sizes: tuple[int, ...], same: bool) -> Value:
    """Write a layer that compares and looks up, and multiplies nothing."""
    call.note("it compares or looks up values, and multiplies none: only multiply-adds are counted")
    return call.op(
        "opaque",
        *call.values,
        channels_first=False,
        operation=call.layer.class_name,
        shape=per_axis(sizes or (1,)),
        macs=0,
        reads=Word("own" if same else "everything"),
    )


def encoded(call: Call, mode: str, size: int | None) -> Value:
    """Write numbers of classes, as they are or as a value for each class. Raises SpecError."""
    sizes = tuple([int(n) for n in call.in_order(call.x).shape])
    if mode == "int":
        return looked_up(call, sizes, True)
    if size is None:
        raise call.refused(
            "how many values it puts out depends on a vocabulary that the model does not state",
            "a layer that was adapted, or is given `vocabulary=`, states it",
        )
    if mode == "one_hot":
        return looked_up(call, (*(sizes[:-1] if sizes[-1] == 1 else sizes), size), False)
    return looked_up(call, (*sizes[:-1], size), False)


class CategoryEncoding(LayerClass):
    """A value for each class."""

    names = ("CategoryEncoding",)
    signature = "num_tokens=None, output_mode='multi_hot'"

    def write(self, call: Call) -> Value:
        settings = call.settings
        return encoded(call, settings.word("output_mode", _OUTPUTS), settings.count("num_tokens"))


class Discretization(LayerClass):
    """The number of the bin that each value is in."""

    names = ("Discretization",)
    signature = "bin_boundaries=None, num_bins=None, epsilon=0.01, output_mode='int'"

    def write(self, call: Call) -> Value:
        settings, given = call.settings, call.settings.value("bin_boundaries")
        size = len(given) + 1 if isinstance(given, (list, tuple)) else None
        if size is None and settings.value("num_bins") is not None:
            size = settings.count("num_bins")
        return encoded(call, settings.word("output_mode", _OUTPUTS), size)


class Hashing(LayerClass):
    """The bin that a hash puts each value into, or each pair of values."""

    names = ("Hashing", "HashedCrossing")
    signature = "num_bins, mask_value=None, salt=None, output_mode='int'"

    def write(self, call: Call) -> Value:
        settings = call.settings
        return encoded(call, settings.word("output_mode", _OUTPUTS), settings.count("num_bins"))


class Lookup(LayerClass):
    """The number of each word or number in a vocabulary."""

    names = ("StringLookup", "IntegerLookup")
    signature = (
        "max_tokens=None, num_oov_indices=1, mask_token=None, oov_token='[UNK]', vocabulary=None, "
        "idf_weights=None, invert=False, output_mode='int', pad_to_max_tokens=False, vocabulary_size=None"
    )

    def write(self, call: Call) -> Value:
        settings, given = call.settings, call.settings.value("vocabulary")
        size = None
        if settings.flag("pad_to_max_tokens") and settings.value("max_tokens") is not None:
            size = settings.count("max_tokens")
        elif isinstance(given, (list, tuple)):
            size = len(given) + settings.whole("num_oov_indices")
        elif settings.value("vocabulary_size") is not None:
            size = settings.count("vocabulary_size")
        return encoded(call, settings.word("output_mode", _OUTPUTS), size)


class TextVectorization(LayerClass):
    """Texts as numbers of words."""

    names = ("TextVectorization",)
    signature = (
        "max_tokens=None, standardize='lower_and_strip_punctuation', split='whitespace', ngrams=None, "
        "output_mode='int', output_sequence_length=None, pad_to_max_tokens=False, vocabulary=None"
    )

    def write(self, call: Call) -> Value:
        settings = call.settings
        mode = settings.word("output_mode", _OUTPUTS)
        if mode == "int":
            if settings.value("output_sequence_length") is None:
                raise settings.refused(
                    "output_sequence_length",
                    "how many words it puts out depends on the texts",
                    "`output_sequence_length=200` states it",
                )
            return looked_up(call, (settings.count("output_sequence_length"),), False)
        if not settings.flag("pad_to_max_tokens") or settings.value("max_tokens") is None:
            raise settings.refused("max_tokens", "how many values it puts out depends on its vocabulary")
        return looked_up(call, (settings.count("max_tokens"),), False)


class RandomCrop(LayerClass):
    """A part of images, or the images in its size."""

    names = ("RandomCrop",)
    signature = "height, width, seed=None, data_format=None"

    def write(self, call: Call) -> Value:
        settings, x = call.settings, map_of(call, 2)
        size = (settings.count("height"), settings.count("width"))
        if size == tuple(x.shape[:-1]):
            return x
        if size[0] > x.shape[0] or size[1] > x.shape[1]:
            return call.op("resize", x, size=per_axis(size), mode=Word("bilinear"))
        call.note("a part by chance is read as the middle")
        offset = ((x.shape[0] - size[0]) // 2, (x.shape[1] - size[1]) // 2)
        return call.op("crop", x, size=per_axis(size), offset=per_axis(offset))


class WithoutRule(LayerClass):
    """Layers that change images at inference too, by rules that the language has not."""

    names = ("AutoContrast", "ContrastLimitedAdaptiveHistogramEqualization")

    def write(self, call: Call) -> Value:
        call.note("it has no rule: its operations are not known")
        return call.op("opaque", call.x, operation=call.layer.class_name, shape=per_axis(tuple(call.x.shape)))


class Spectrograms(LayerClass):
    """Sound as frequencies over time."""

    names = ("STFTSpectrogram", "MelSpectrogram")
    signature = "mode='log', frame_length=256, fft_length=None, num_mel_bins=128, sequence_stride=512"

    def write(self, call: Call) -> Any:
        settings = call.settings
        attributes: dict[str, Any] = {}
        if call.layer.class_name == "STFTSpectrogram":
            length = settings.count("frame_length")
            whole = 1 << (length - 1).bit_length()
            if settings.value("fft_length") is not None:
                whole = settings.count("fft_length")
            shape = (length, 1, whole // 2 + 1)
            parts = {"real": ("real",), "imag": ("imag",)}.get(str(settings.value("mode")), ("real", "imag"))
            attributes["tensors"] = format_tensors({f"{part}_kernel": shape for part in parts})
        else:
            steps, shapes = settings.count("sequence_stride"), call.layer.shapes
            if not shapes:
                count = (int(call.x.shape[-1]) + steps + 1) // steps
                shapes[call.layer.at, 0] = (None, settings.count("num_mel_bins"), count)
        return call.stated_outputs(call.layer.class_name, "a spectrogram has no rule", **attributes)
