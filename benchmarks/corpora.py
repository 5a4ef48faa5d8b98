"""Corpora of other people's models: how each is made without weights, and what it is fed.

``torchvision`` are its classifiers and its segmentation, video, optical-flow and detection models; ``timm``
all names that it lists, and ``files`` a small one of each of its model files; ``transformers`` one model of
each type below, by its configuration, with few layers.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from math import prod
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from archcalc.analysis.summary import Summary
from archcalc.diagnostics import SpecError
from archcalc.importing.operations.lifting import graph_of, lifted
from archcalc.importing.torch.building import build
from archcalc.importing.torch.copies import copied_with_values, with_values
from archcalc.importing.torch.finding import Maker, find, imported
from archcalc.importing.torch.recorder import record
from archcalc.importing.torch.targets import ModuleTarget

Inputs = tuple[tuple[Any, ...], dict[str, Any]]


# The largest number of parameters of a model that is run in memory.
IN_MEMORY = 150_000_000


class Model:
    """A model of a corpus.

    Attributes:
        name: Its name there.
        family: The file of the library that it stands in, or its type.
        build: Makes it without memory.
        inputs: Makes what it is fed, from the module: by position and by name.
        until: The part with which it ends, where what follows looks at values: a detector's heads; empty for
            the whole of it.
    """

    def __init__(
        self,
        name: str,
        family: str,
        build: Callable[[], nn.Module],
        inputs: Callable[[nn.Module], Inputs],
        until: str = "",
    ):
        self.until = until
        self.name = name
        self.family = family
        self.build = build
        self.inputs = inputs


def picture(*sizes: int) -> Tensor:
    """Floats without values."""
    return torch.empty(*sizes, device="meta")


def made(text: str) -> nn.Module:
    """The module that a target names."""
    return build(find(ModuleTarget.read(text))).module


# ---- torchvision

PATCHES = ("detection", "segmentation")


def of_torchvision(name: str) -> Model:
    """A model of torchvision by its name."""
    models = imported("torchvision.models")
    home = models.get_model_builder(name).__module__.removeprefix("torchvision.models.")
    kind = home.partition(".")[0]
    more = ", weights_backbone=None" if kind in PATCHES else ""

    def inputs(module: nn.Module) -> Inputs:
        if kind == "video":
            side = 112 if home.endswith("resnet") else 224
            return (picture(1, 3, 16, side, side),), {}
        if kind == "optical_flow":
            return (picture(1, 3, 128, 128), picture(1, 3, 128, 128)), {}
        if kind == "detection":
            return ([picture(3, 320, 320)],), {}
        side = 299 if home == "inception" else 224
        return (picture(1, 3, side, side),), {}

    until = ("rpn.head" if "rcnn" in name else "head") if kind == "detection" else ""
    return Model(name, home, lambda: made(f"torchvision.models:get_model('{name}'{more})"), inputs, until)


def torchvision_names() -> list[str]:
    """All names but those of quantized copies, which hold no parameters."""
    models = imported("torchvision.models")
    return [n for n in models.list_models() if ".quantization" not in models.get_model_builder(n).__module__]


def classifiers() -> list[str]:
    """The classifiers of torchvision."""
    models = imported("torchvision.models")
    return sorted(models.list_models(module=models))


# ---- timm


def timm() -> Any:
    """The package. Raises ImportError where it is not installed."""
    imported("torchvision.models")
    return imported("timm")


def file_of(name: str) -> str:
    """The model file of timm that a model stands in."""
    return str(timm().model_entrypoint(name).__module__.rpartition(".")[2])


def of_timm(name: str) -> Model:
    """A model of timm by its name."""

    def inputs(module: nn.Module) -> Inputs:
        sizes = getattr(module, "default_cfg", {}).get("input_size", (3, 224, 224))
        return (picture(1, *sizes),), {}

    return Model(name, file_of(name), lambda: made(f"timm:create_model('{name}')"), inputs)


SMALL = ("tiny", "nano", "small", "_s", "18", "26", "b0", "atto")


def timm_files() -> list[str]:
    """A small model of each of timm's model files."""
    found = []
    for module in sorted(timm().list_modules()):
        names = timm().list_models(module=module)
        small = [name for name in names if any(word in name for word in SMALL)]
        found += (small or names)[:1]
    return found


# ---- transformers


def words(number: int = 64) -> dict[str, Tensor]:
    """Word indices without values."""
    return {"input_ids": torch.zeros(1, number, dtype=torch.int64, device="meta")}


def pair() -> dict[str, Tensor]:
    """What an encoder and a decoder take."""
    return {**words(), "decoder_input_ids": words(16)["input_ids"]}


def pixels(side: int = 224) -> dict[str, Tensor]:
    return {"pixel_values": picture(1, 3, side, side)}


def sound() -> dict[str, Tensor]:
    return {"input_values": picture(1, 16_000)}


# By the type of the model: its class without `Model`, what it takes, and what its configuration is given.
TRANSFORMERS: dict[str, tuple[str, Callable[[], dict[str, Tensor]], dict[str, Any]]] = {
    "albert": ("Albert", words, {}),
    "ast": ("AST", lambda: {"input_values": picture(1, 1024, 128)}, {}),
    "bart": ("Bart", pair, {}),
    "beit": ("Beit", pixels, {}),
    "bert": ("Bert", words, {}),
    "bloom": ("Bloom", words, {}),
    "clip": ("CLIP", lambda: {**words(), **pixels()}, {}),
    "convnext": ("ConvNext", pixels, {}),
    "deberta_v2": ("DebertaV2", words, {}),
    "deit": ("DeiT", pixels, {}),
    "detr": ("Detr", lambda: pixels(256), {"use_pretrained_backbone": False}),
    "dinov2": ("Dinov2", pixels, {}),
    "distilbert": ("DistilBert", words, {}),
    "dpt": ("DPT", lambda: pixels(384), {}),
    "electra": ("Electra", words, {}),
    "falcon": ("Falcon", words, {}),
    "fnet": ("FNet", words, {}),
    "funnel": ("Funnel", words, {}),
    "gemma": ("Gemma", words, {}),
    "gpt2": ("GPT2", words, {}),
    "gpt_neo": ("GPTNeo", words, {"attention_types": [[["global", "local"], 1]], "num_layers": 2}),
    "gpt_neox": ("GPTNeoX", words, {}),
    "hubert": ("Hubert", sound, {}),
    "llama": ("Llama", words, {}),
    "longformer": ("Longformer", lambda: words(512), {"max_position_embeddings": 4098}),
    "mamba": ("Mamba", words, {}),
    "mistral": ("Mistral", words, {}),
    "mixtral": (
        "Mixtral",
        words,
        {"experts_implementation": "eager", "hidden_size": 256, "intermediate_size": 512},
    ),
    "mobilenet_v2": ("MobileNetV2", pixels, {}),
    "mobilevit": ("MobileViT", lambda: pixels(256), {}),
    "mpnet": ("MPNet", words, {}),
    "opt": ("OPT", words, {}),
    "perceiver": ("Perceiver", lambda: {"inputs": picture(1, 64, 768)}, {}),
    "phi": ("Phi", words, {}),
    "poolformer": ("PoolFormer", pixels, {}),
    "qwen2": ("Qwen2", words, {}),
    "regnet": ("RegNet", pixels, {}),
    "resnet": ("ResNet", pixels, {}),
    "roberta": ("Roberta", words, {}),
    "rwkv": ("Rwkv", words, {}),
    "segformer": ("Segformer", pixels, {}),
    "swin": ("Swin", pixels, {}),
    "t5": ("T5", pair, {}),
    "vit": ("ViT", pixels, {}),
    "wav2vec2": ("Wav2Vec2", sound, {}),
    "whisper": ("Whisper", lambda: {"input_features": picture(1, 80, 3000), **later(pair())}, {}),
    "xlnet": ("XLNet", words, {}),
}
DEPTHS = ("num_hidden_layers", "n_layer", "num_layers", "n_layers", "encoder_layers", "decoder_layers")


def later(given: dict[str, Tensor]) -> dict[str, Tensor]:
    """What the decoder alone takes."""
    return {name: tensor for name, tensor in given.items() if name.startswith("decoder")}


def transformers() -> Any:
    """The package. Raises ImportError where it is not installed."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ["HF_HUB_OFFLINE"] = "1"
    imported("torchvision.models")
    return imported("transformers")


def of_transformers(name: str) -> Model:
    """A model of transformers by its type, with two layers where its configuration has more than four."""
    kind, inputs, given = TRANSFORMERS[name]

    def make() -> nn.Module:
        package = transformers()
        given_here = dict(given)
        experts = given_here.pop("experts_implementation", None)
        configuration = getattr(package, f"{kind}Config")(**given_here)
        for word in DEPTHS:
            if isinstance(getattr(configuration, word, None), int) and getattr(configuration, word) > 4:
                with suppress(NotImplementedError):  # a number of layers that follows from a list
                    setattr(configuration, word, 2)
        if experts:
            configuration._experts_implementation = experts
        module: nn.Module = getattr(package, f"{kind}Model")(configuration)
        return module

    return Model(
        name, name, lambda: build(Maker(f"{kind}Model", call=make)).module, lambda module: ((), inputs())
    )


# By name: the names of a corpus, and a model of it by its name.
CORPORA: dict[str, tuple[Callable[[], list[str]], Callable[[str], Model]]] = {
    "torchvision": (torchvision_names, of_torchvision),
    "timm": (lambda: list(timm().list_models()), of_timm),
    "files": (timm_files, of_timm),
    "transformers": (lambda: list(TRANSFORMERS), of_transformers),
}


# Models of which FlopCounterMode counts more on purpose or by mistake: how much more, and why that is not
# work on the input.
COUNTED_OTHERWISE: dict[str, tuple[int, str]] = {}


# ---- what is measured


@contextmanager
def in_matrix_products() -> Iterator[None]:
    """Attention as the products that it consists of: the formula that FlopCounterMode has for it as a whole
    raises where queries and keys are not equally many."""
    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel(SDPBackend.MATH):
        yield


class ReadTensors(TorchDispatchMode):
    """Notes which parameters and buffers of a module any operation reads, whichever of its methods was
    called; the count of batches that a norm keeps is none of the values that a layer computes with.

    Attributes:
        params: The elements of each parameter that was read, by its name.
        buffers: Those of each buffer.
    """

    def __init__(self, module: nn.Module):
        super().__init__()
        self.params: dict[str, int] = {}
        self.buffers: dict[str, int] = {}
        self._known: dict[int, tuple[dict[str, int], str]] = {}
        for name, parameter in module.named_parameters():
            self._known[id(parameter)] = self.params, name
        for name, buffer in module.named_buffers():
            if not name.endswith("num_batches_tracked"):
                self._known[id(buffer)] = self.buffers, name

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        for leaf in tree_leaves((args, kwargs or {})):
            if found := self._known.get(id(leaf)):
                kind, name = found
                kind[name] = leaf.numel()
        return func(*args, **(kwargs or {}))


class ReachedError(Exception):
    """A run came to its end: the part that it was to come to is complete."""


def reached(*_: Any) -> None:
    """End a run. Raises ReachedError."""
    raise ReachedError


class Counted(NamedTuple):
    """What PyTorch has of a run.

    Attributes:
        macs: Multiply-adds as its counter has them; None where it raises.
        read: The parameters and buffers that were read; None where it raises.
        how: Why it raises, or how it was had.
    """

    macs: int | None
    read: ReadTensors | None
    how: str


def counted(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], until: str = "") -> Counted:
    """What PyTorch has of one run of a module, or of the part of it that ends with ``until``."""
    why = ""
    small = sum([parameter.numel() for parameter in module.parameters()]) < IN_MEMORY
    for with_memory in (False, True) if small else (False,):
        given: Any = (list(args), kwargs)
        if with_memory:
            module, given = copied_with_values(module), valued(given)
        module.requires_grad_(False)
        # In memory attention is a kernel that is not counted.
        for whole in (False,) if with_memory else (True, False):
            counter, read = FlopCounterMode(display=False), ReadTensors(module)
            end = module.get_submodule(until).register_forward_hook(reached) if until else None
            try:
                with (
                    suppress(ReachedError),
                    read,
                    counter,
                    torch.no_grad(),
                    nullcontext() if whole else in_matrix_products(),
                ):
                    module(*given[0], **given[1])
            except Exception as error:
                why = why or f"{type(error).__name__}: {' '.join(str(error).split())}"
                continue
            finally:
                if end is not None:
                    end.remove()
            ways = ["in memory"] * with_memory + ["attention in products"] * (not whole)
            return Counted(int(counter.get_total_flops()) // 2, read, ", ".join(ways))
    return Counted(None, None, why)


def valued(given: Any) -> Any:
    """What a model is fed, with random values."""
    if isinstance(given, Tensor):
        return with_values(given)
    if isinstance(given, dict):
        return {name: valued(part) for name, part in given.items()}
    return [valued(part) for part in given]


class Figures:
    """What archcalc has of a model beside what PyTorch has.

    Attributes:
        params: Learned values, those that no output needs among them.
        params_of_torch: The elements of all parameters of the module; of a part those that were read.
        buffers: Values of the buffers that layers hold.
        buffers_of_torch: The elements of all buffers that an operation read, batch counters left out; None
            where it raises.
        macs: Multiply-adds.
        macs_of_torch: Those of FlopCounterMode; None where it raises.
        counter: Why it raises, or how it was had.
        layers: How many there are.
        opaque: Operations without a layer of their own, by name.
        reasons: Why they have none.
        uncounted: The quantities that a layer has no figure of.
        rung: Where it ran: `meta`, `gradients` or `cpu`.
        why: Why it did not run higher.
    """

    __slots__ = (
        *("params", "params_of_torch", "buffers", "buffers_of_torch", "macs", "macs_of_torch", "counter"),
        *("layers", "opaque", "reasons", "uncounted", "rung", "why"),
    )

    def __init__(self, model: Model):
        module = model.build().eval()
        args, kwargs = model.inputs(module)
        recording = record(module, args, kwargs, target=model.name, until=model.until)
        lifter = lifted(recording)
        graph = graph_of(lifter, model.name)
        summary = Summary(graph, with_heads=True)
        totals = summary.totals
        unused = graph.metadata.traced.unused if graph.metadata.traced else ()
        self.params = totals["params"] + sum([prod(sizes) for _, sizes in unused])
        self.params_of_torch: int | None = sum([parameter.numel() for parameter in module.parameters()])
        self.buffers = totals["buffers"]
        self.macs = totals["macs"]
        self.macs_of_torch, read, self.counter = counted(module, args, kwargs, model.until)
        self.buffers_of_torch = None if read is None else sum(read.buffers.values())
        if model.until:
            self.params_of_torch = None if read is None else sum(read.params.values())
        self.layers = len(graph.layers)
        opaque = [layer.op.argument("operation") for layer in graph.layers if layer.op.name == "opaque"]
        self.opaque = dict(Counter(opaque))
        self.reasons = dict(lifter.reasons) if opaque else {}
        self.uncounted = sorted({found["quantity"] for found in summary.uncounted})
        self.rung = recording.rung
        self.why = recording.why

    def record(self) -> dict[str, Any]:
        """All figures by name."""
        return {name: getattr(self, name) for name in self.__slots__}


def measured(corpus: str, name: str) -> dict[str, Any]:
    """What is known of a model of a corpus: its figures, or why it was refused."""
    _, of = CORPORA[corpus]
    found: dict[str, Any] = {"corpus": corpus, "name": name, "family": ""}
    try:
        model = of(name)
        found["family"] = model.family
        return found | Figures(model).record()
    except SpecError as error:
        return found | {"refused": " ".join(str(error).split())}
    except Exception as error:
        return found | {"refused": f"{type(error).__name__}: {' '.join(str(error).split())}", "crash": True}
