"""How the code of a layer is written: as a module of PyTorch, as a subclass of one, or as a function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

MODULE, SUBCLASS, FUNCTION = "module", "subclass", "function"


class CodeForm(NamedTuple):
    """How a layer is written in PyTorch. Tools that count operations see modules, or functions, or both.

    Args:
        form: MODULE, SUBCLASS or FUNCTION.
        name: The class of ``torch.nn``, of a subclass the one that it is made of: ``Conv2d``. Of a function
            its name: ``relu``.
        within: Of a function, the class of the innermost module whose code calls it: ``MultiheadAttention``;
            of a subclass its own name.
        leaf: Of a function, whether that module holds no other modules.
        settings: What a module was given, by name: ``padding``, ``kernel_size``.
        called: Of a function, how the code spells it: ``F.softmax``, ``Tensor.softmax``, ``operator.matmul``.
        inside: Of a function the class of ``within`` with the module of Python that defines it, of a module
            that of the module of PyTorch around it: ``timm.layers.attention.Attention``.
        leading: The size of the first axis of what it gives for a batch of one: more than 1 where positions
            were put into the batch.
        contiguous: Of a linear layer over several positions, whether its input lies in memory in its order.

    Example:
        >>> from archcalc.code_form import FUNCTION, CodeForm
        >>> CodeForm(FUNCTION, "relu", within="BasicConv2d").name
        'relu'
    """

    form: str = MODULE
    name: str = ""
    within: str = ""
    leaf: bool = False
    settings: Mapping[str, object] = {}
    called: str = ""
    inside: str = ""
    leading: int = 1
    contiguous: bool = True
