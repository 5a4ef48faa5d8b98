"""What a module tells of its inputs, where nobody has said their sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from torch import nn

from .sizes import GivenTensor

# Sizes where nothing is said of them: of a picture, a film, a signal, a sentence, a sound.
PICTURE, FRAMES, SIGNAL, WORDS, SAMPLES = 224, 16, 224, 128, 16_000
GuessedInput = GivenTensor | list[GivenTensor]


class Guess:
    """Inputs that a module is likely to take.

    Attributes:
        inputs: The tensors by the names of ``forward``, with a batch of one.
        source: What told them, in words.
    """

    __slots__ = ("inputs", "source")

    def __init__(self, inputs: Mapping[str, GuessedInput], source: str):
        self.inputs = inputs
        self.source = source


def guesses(module: nn.Module, names: Sequence[str]) -> Iterator[Guess]:
    """Yield what a module tells of its inputs, the surest first.

    Args:
        module: The module.
        names: The names that its ``forward`` takes, in order.

    Yields:
        Inputs; those that lack a name that ``forward`` needs are for the caller to leave out.
    """
    for source in (_timm, _transformers, _torchvision, _of_two, _first_layer):
        found = source(module, names)
        if found is not None:
            yield found


def _floats(module: nn.Module, *sizes: int) -> GivenTensor:
    for tensor in module.parameters():
        if tensor.is_floating_point():
            return GivenTensor(sizes, str(tensor.dtype).removeprefix("torch."), True)
    return GivenTensor(sizes, "float32", True)


def _indices(*sizes: int) -> GivenTensor:
    return GivenTensor(sizes, "int64", True)


def _timm(module: nn.Module, names: Sequence[str]) -> Guess | None:
    """``input_size`` of the configuration that timm's models carry: channels, height, width."""
    for name in ("pretrained_cfg", "default_cfg"):
        config = getattr(module, name, None)
        size = config.get("input_size") if isinstance(config, dict) else getattr(config, "input_size", None)
        if names and isinstance(size, (tuple, list)) and size and all(type(n) is int and n > 0 for n in size):
            return Guess({names[0]: _floats(module, 1, *size)}, f"the input_size of its {name}")
    return None


def _transformers(module: nn.Module, names: Sequence[str]) -> Guess | None:
    """The configuration of a model of the transformers library, and the name of its main input."""
    config, main = getattr(module, "config", None), getattr(module, "main_input_name", None)
    if config is None or not isinstance(main, str) or main not in names:
        return None
    text, vision = (getattr(config, name, None) or config for name in ("text_config", "vision_config"))
    made: dict[str, GuessedInput] = {}
    if main == "input_ids" or ("input_ids" in names and text is not config):
        made["input_ids"] = _indices(1, _words(text))
    if main == "pixel_values" or ("pixel_values" in names and vision is not config):
        size = _number(vision, "image_size", PICTURE)
        size = size if isinstance(size, tuple) else (size, size)
        channels = _number(vision, "num_channels", 3)
        made["pixel_values"] = _floats(module, 1, channels, *size)
        if main == "pixel_values" and "num_frames" in vars(config):
            made["pixel_values"] = _floats(module, 1, _number(config, "num_frames", FRAMES), channels, *size)
    if main == "input_values":
        bins = getattr(config, "num_mel_bins", None)  # of a spectrum, and not of the sound itself
        sizes = (SAMPLES,) if bins is None else (_number(config, "max_length", 1024), bins)
        made["input_values"] = _floats(module, 1, *sizes)
    if main == "input_features":
        bins = _number(config, "num_mel_bins", 80)
        made["input_features"] = _floats(module, 1, bins, 2 * _number(config, "max_source_positions", 1500))
    if main == "inputs":  # a Perceiver takes vectors of any kind, or reads them off words
        reader = getattr(getattr(module, "perceiver", module), "input_preprocessor", None)
        width = getattr(config, "d_model", None)
        if reader is None and isinstance(width, int):
            made["inputs"] = _floats(module, 1, _words(config), width)
        elif isinstance(getattr(reader, "embeddings", None), nn.Embedding):
            made["inputs"] = _indices(1, _words(config))
    if main not in made:
        return None
    if getattr(config, "is_encoder_decoder", False) and "decoder_input_ids" in names:
        made["decoder_input_ids"] = _indices(1, _words(config))
    return Guess(made, "its config")


def _words(config: Any) -> int:
    known = [
        value
        for name in ("max_position_embeddings", "n_positions", "max_target_positions")
        if isinstance(value := getattr(config, name, None), int) and value > 0
    ]
    return min([WORDS, *known])


def _number(config: Any, name: str, default: int) -> Any:
    value = getattr(config, name, None)
    if isinstance(value, (list, tuple)) and value and all(type(n) is int for n in value):
        return tuple(value)
    return value if type(value) is int and value > 0 else default


def _torchvision(module: nn.Module, names: Sequence[str]) -> Guess | None:
    """The family that a model of torchvision is of."""
    path = type(module).__module__
    if not path.startswith("torchvision.models") or not names:
        return None
    source = "what torchvision's models take"
    if ".detection" in path:
        return Guess({names[0]: [_floats(module, 3, PICTURE, PICTURE)]}, source)
    if ".optical_flow" in path:
        return Guess({name: _floats(module, 1, 3, PICTURE, PICTURE) for name in names[:2]}, source)
    if ".video" in path:
        size = 112 if path.endswith(".resnet") else PICTURE
        return Guess({names[0]: _floats(module, 1, 3, FRAMES, size, size)}, source)
    size = 299 if path.endswith(".inception") else _number(module, "image_size", PICTURE)
    return Guess({names[0]: _floats(module, 1, 3, size, size)}, source)


def _of_two(module: nn.Module, names: Sequence[str]) -> Guess | None:
    """Modules of PyTorch that have two inputs."""
    if len(names) < 2:
        return None
    where = f"what a {type(module).__name__} says of itself"
    if isinstance(module, nn.Bilinear):
        widths = (module.in1_features, module.in2_features)
        return Guess({name: _floats(module, 1, n) for name, n in zip(names, widths, strict=False)}, where)
    part: Any = module
    if isinstance(module, nn.Transformer):
        part = module.decoder
    if isinstance(part, nn.TransformerDecoder):
        part = part.layers[0]
    if not isinstance(part, nn.TransformerDecoderLayer):
        return None
    attention = part.self_attn
    sizes = (1, 16, attention.embed_dim) if attention.batch_first else (16, 1, attention.embed_dim)
    return Guess({name: _floats(module, *sizes) for name in names[:2]}, where)


# First layers that tell their input: by the class, from the layer to the sizes behind the batch.
_TELLING: tuple[tuple[type[nn.Module], Callable[[Any], tuple[int, ...]]], ...] = (
    (nn.Conv1d, lambda at: (at.in_channels, SIGNAL)),
    (nn.Conv2d, lambda at: (at.in_channels, PICTURE, PICTURE)),
    (nn.Conv3d, lambda at: (at.in_channels, FRAMES, 112, 112)),
    (nn.ConvTranspose1d, lambda at: (at.in_channels, 16)),
    (nn.ConvTranspose2d, lambda at: (at.in_channels, 8, 8)),
    (nn.ConvTranspose3d, lambda at: (at.in_channels, 8, 8, 8)),
    (nn.BatchNorm2d, lambda at: (at.num_features, PICTURE, PICTURE)),
    (nn.Linear, lambda at: (at.in_features,)),
    (nn.Bilinear, lambda at: (at.in1_features,)),
    (nn.RNNBase, lambda at: (16, at.input_size)),
    (nn.RNNCellBase, lambda at: (at.input_size,)),
    (nn.MultiheadAttention, lambda at: (16, at.embed_dim)),
    (nn.LayerNorm, lambda at: tuple(at.normalized_shape)),
)


def _first_layer(module: nn.Module, names: Sequence[str]) -> Guess | None:
    """The first layer with weights, in the order in which they are registered."""
    for path, part in module.named_modules():
        if not any(True for _ in part.parameters(recurse=False)) or not names:
            continue
        where = f"its first layer, {path + ': ' if path else ''}{type(part).__name__}"
        if isinstance(part, (nn.EmbeddingBag, nn.Embedding)):
            return Guess({names[0]: _indices(1, 16)}, where)
        for kind, sizes in _TELLING:
            if not isinstance(part, kind):
                continue
            whole = (1, *sizes(part))
            if min(whole) < 1:
                return None  # it takes its sizes from its first input
            if isinstance(part, nn.RNNBase) and not part.batch_first:
                whole = (whole[1], 1, *whole[2:])
            if isinstance(part, nn.MultiheadAttention):
                if not part.batch_first:
                    whole = (whole[1], 1, *whole[2:])
                if part is module:  # it attends to what it is given
                    return Guess({name: _floats(module, *whole) for name in names[:3]}, where)
            return Guess({names[0]: _floats(module, *whole)}, where)
        if any(True for _ in part.children()):
            continue  # bare parameters of one that has layers, as of a class token
        return None
    return None
