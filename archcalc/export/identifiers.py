"""Names of a spec as names of Python."""

from __future__ import annotations

import keyword
import re

from ..graph import Metadata

# Public attributes of every nn.Module, and what classes here have besides.
OF_MODULES = frozenset(
    (
        "T_destination",
        "add_module",
        "apply",
        "bfloat16",
        "buffers",
        "call_super_init",
        "children",
        "compile",
        "cpu",
        "cuda",
        "double",
        "dump_patches",
        "eval",
        "extra_repr",
        "float",
        "forward",
        "get_buffer",
        "get_extra_state",
        "get_parameter",
        "get_submodule",
        "half",
        "ipu",
        "load_state_dict",
        "modules",
        "mtia",
        "named_buffers",
        "named_children",
        "named_modules",
        "named_parameters",
        "parameters",
        "register_backward_hook",
        "register_buffer",
        "register_forward_hook",
        "register_forward_pre_hook",
        "register_full_backward_hook",
        "register_full_backward_pre_hook",
        "register_load_state_dict_post_hook",
        "register_load_state_dict_pre_hook",
        "register_module",
        "register_parameter",
        "register_state_dict_post_hook",
        "register_state_dict_pre_hook",
        "requires_grad_",
        "set_extra_state",
        "set_submodule",
        "share_memory",
        "state_dict",
        "to",
        "to_empty",
        "train",
        "training",
        "type",
        "xpu",
        "zero_grad",
    )
)
# What the source itself uses: an argument or variable called so would hide it. l, I and O are
# refused by style checks for looking like digits.
OF_SOURCE = frozenset(("self", "super", "torch", "nn", "F", "range", "i", "_", "l", "I", "O"))
# What an op's PyTorch code calls its inputs and its module.
NAMES_IN_TORCH_CODE = frozenset(("x", "xs", "m"))
# Classes that would hide something.
OF_CLASSES = frozenset(("F", "None", "True", "False", "Tensor", "Any", "Sequence"))


def attribute(name: str) -> str:
    """Return a name for ``self.name``."""
    name = _plain(name)
    return f"{name}_" if name in OF_MODULES or name in NAMES_IN_TORCH_CODE else name


def variable(name: str) -> str:
    """Return a name for an argument or variable."""
    name = _plain(name)
    return f"{name}_" if name in OF_SOURCE else name


def _plain(name: str) -> str:
    if name.startswith("_") or name[:1].isdigit():
        # What begins with an underscore is the module's own, or mangled; with a digit it is no name.
        name = f"layer{name}"
    return f"{name}_" if keyword.iskeyword(name) else name


def net_name(metadata: Metadata) -> str:
    """Return the class of a whole network: ``ResNet50``; ``Net`` where it is called nothing."""
    return class_name(metadata.name, metadata.family) if metadata.name.isidentifier() else "Net"


def class_name(name: str, family: str | None = None) -> str:
    """``inverted_residual`` as ``InvertedResidual``; ``resnet50`` of the family ResNet as
    ``ResNet50``."""
    head = ""
    if family is not None:
        letters = re.sub(r"\W", "", family)
        if letters.isascii() and letters[:1].isalpha() and name.lower().startswith(letters.lower()):
            head, name = letters, name[len(letters) :]
            if name and not name.startswith("_") and not name[0].isdigit():
                return _joined([head + name])
    return _joined([head, *name.split("_")])


def _joined(words: list[str]) -> str:
    found = ""
    for word in words:
        gap = "_" if found[-1:].isdigit() and word[:1].isdigit() else ""
        found += gap + word[:1].upper() + word[1:]
    if not found or not found[0].isalpha():
        found = f"Block{found}"
    return f"{found}_" if found in OF_CLASSES else found


class Names:
    """Names given out in one place, each once."""

    def __init__(self, *taken: str):
        self.taken = set(taken)
        self._next: dict[str, int] = {}

    def free(self, name: str) -> str:
        """Return the name if it is free, else with the first free number from 2; from now on taken."""
        found, number = name, self._next.get(name, 2)
        while found in self.taken:
            found = numbered(name, number)
            number += 1
        self._next[name] = number
        self.taken.add(found)
        return found


def numbered(name: str, number: int) -> str:
    """``conv2``; ``conv1_2`` where the name ends in a digit."""
    return f"{name}_{number}" if name[-1].isdigit() else f"{name}{number}"
