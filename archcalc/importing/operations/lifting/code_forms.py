"""How the code of a layer was written, as the run has shown it: as a module of PyTorch, or as a function."""

from __future__ import annotations

from ....code_form import FUNCTION, MODULE, SUBCLASS, CodeForm
from ....diagnostics import SpecError
from ....graph import Layer
from ....torch_code import torch_code_of
from ..recording import ModuleInfo, Operation


def code_form(
    layer: Layer, operation: Operation, info: ModuleInfo | None, around: ModuleInfo | None, alone: bool
) -> CodeForm:
    """Return how a layer is written.

    Args:
        layer: The layer.
        operation: The operation that it was made for.
        info: The innermost module that ran then.
        around: The module whose code called that one.
        alone: Whether this is the only operation that the module did in that call, views apart.
    """
    form = _form(layer, operation, info, alone)
    home = info if form.form == FUNCTION else around
    return form._replace(
        inside="" if home is None else home.defined,
        leading=next((value.sizes[0] for value in operation.outputs[:1] if value.sizes), 1),
        contiguous=operation.contiguous,
    )


def _form(layer: Layer, operation: Operation, info: ModuleInfo | None, alone: bool) -> CodeForm:
    upsampled: dict[str, object] = {}
    if operation.name.startswith("upsample_"):
        scales = [value for key, value in operation.arguments.items() if key.startswith("scale")]
        upsampled["by_size"] = not any(scales)
    if info is not None and info.base and info.leaf:
        # A module of PyTorch that does several operations calls functions, as LocalResponseNorm does.
        if info.exact and (alone or _is_made_of(layer, info.base)):
            return CodeForm(MODULE, info.base, settings={**info.settings, **upsampled})
        if not info.exact and _is_made_of(layer, info.base):
            return CodeForm(SUBCLASS, info.base, info.kind, settings=info.settings)
    settings = upsampled | {
        key: value for key, value in operation.arguments.items() if isinstance(value, (int, str))
    }
    if info is None:
        return CodeForm(FUNCTION, operation.name, settings=settings, called=operation.called)
    settings["parameters"] = " ".join(info.parameters)
    return CodeForm(FUNCTION, operation.name, info.kind, info.leaf, settings, operation.called)


def _is_made_of(layer: Layer, base: str) -> bool:
    """Whether the module that does what a layer does is of a class: a module that is made of another may call
    functions besides."""
    try:
        module = torch_code_of(layer).module
    except SpecError:
        return True
    if module is None:
        return False
    name = module.removeprefix("nn.").partition("(")[0]
    return name.startswith(base) or base.startswith(name)
