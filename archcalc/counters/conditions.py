"""When a rule of a profile holds: what the code of a layer is, and what its attributes are."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from ..ops import registry
from ..ops.attributes import show

if TYPE_CHECKING:
    from ..code_form import CodeForm
    from ..graph import Layer

# What conditions may ask besides attributes of layers and settings of modules.
FORM_KEYS = {
    "written": "how it is written: module, subclass (of a module of PyTorch), or function",
    "name": "the class of torch.nn, or the name of the function",
    "within": "of a function, the class of the module whose code calls it; of a subclass its own name",
    "called": "of a function, how the code spells it: F.softmax, torch.softmax, Tensor.softmax, operator.add",
    "softmax": "of attention that is written out, what the code calls for the softmax: nn.Softmax, F.softmax",
    "inside": "the class of the module around it, with the module of Python that defines it",
    "contiguous": "of a linear layer over several positions, whether its input lies in memory in its order",
    "leaf": "of a function, whether that module holds no other modules",
    "parameters": "of a function, the names of the parameters that this module registers itself",
    "by_size": "of upsampling, whether the code gives the size of the output, and no factor",
    "one_number": "whether the module was given its window as one number for all axes",
    "training": "whether the module ran in training mode",
    "axes": "axes of positions of its first input",
}
# Settings of modules of PyTorch that stand for themselves.
SETTINGS = ("padding", "kernel_size", "stride", "mode", "padding_mode", "p", "affine", "elementwise_affine")

Wanted = tuple[str, ...]


@cache
def known_keys() -> frozenset[str]:
    """Give what a condition may ask for."""
    attributes = {name for op in registry().values() for name in op.attributes}
    return frozenset({*FORM_KEYS, *SETTINGS, *attributes})


def wanted(value: Any) -> Wanted | None:
    """Give the texts of which a fact must be one; None for what no condition can ask."""
    values = value if isinstance(value, list) else [value]
    if not values or any(isinstance(one, (dict, list)) for one in values):
        return None
    return tuple([text(one) for one in values])


def text(value: object) -> str:
    """Give a value as conditions compare it."""
    if isinstance(value, (list, tuple)):
        return "x".join([text(one) for one in value])
    return show(value).strip('"') if isinstance(value, (str, bool, Fraction)) else str(value)


class Conditions(NamedTuple):
    """What must hold of a layer, and what must not hold as a whole, for a rule to be meant.

    Args:
        when: Facts, each with the words of which it must be one.
        unless: Facts that may not all hold; none for no exception.
    """

    when: Mapping[str, Wanted]
    unless: Mapping[str, Wanted]

    def hold(self, layer: Layer, form: CodeForm, training: bool) -> bool:
        """Tell whether they are met by a layer whose code is written so."""
        if self.unless and _all(self.unless, layer, form, training):
            return False
        return _all(self.when, layer, form, training)


def _all(wanted: Mapping[str, Wanted], layer: Layer, form: CodeForm, training: bool) -> bool:
    return all(_is_one(_fact(key, layer, form, training), words) for key, words in wanted.items())


def _is_one(fact: str | None, words: Wanted) -> bool:
    """Whether a fact is one of some words, of which ``*`` stands for any letters."""
    return fact in words or (
        fact is not None and any("*" in word and fnmatchcase(fact, word) for word in words)
    )


def _fact(key: str, layer: Layer, form: CodeForm, training: bool) -> str | None:
    if key == "written":
        return form.form
    if key in ("name", "within", "leaf", "called", "inside", "contiguous"):
        return text(getattr(form, key))
    if key == "one_number":
        return text(not isinstance(form.settings.get("kernel_size"), (tuple, list)))
    if key == "training":
        return text(training)
    if key == "axes":
        return str(len(layer.inputs[0].output) - 1)
    if key in form.settings:
        return text(form.settings[key])
    if key in layer.op.attributes:
        return text(layer.op.argument(key))
    return None
