"""A module without memory for its weights: on PyTorch's device ``meta``, which has shapes and no values."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_parameter_registration_hook
from torch.nn.parameter import is_lazy
from torch.utils.weak import WeakIdKeyDictionary

from ...diagnostics import SpecError
from .copies import has_lazy_tensors, without_memory
from .finding import Maker, guarded


class BuiltModule:
    """A module that was made.

    Attributes:
        module: The module; one that was made stands on meta where that could be.
        note: Why it was made in memory; empty where it was not.
    """

    __slots__ = ("module", "note", "_maker")

    def __init__(self, module: nn.Module, note: str, maker: Maker):
        self.module = module
        self.note = note
        self._maker = maker

    @property
    def example(self) -> tuple[Any, Any] | None:
        """Arguments that it is known to take, by position and by name."""
        return self._maker.example

    @property
    def fresh(self) -> bool:
        """Whether it was made for this alone."""
        return self._maker.module is None

    def real(self) -> nn.Module:
        """Make the module in memory, with values: for one that looks at them. Raises SpecError."""
        maker = self._maker
        if maker.module is not None:
            return maker.module  # type: ignore[no-any-return]
        return guarded(maker.target, maker.make)  # type: ignore[no-any-return]


def build(maker: Maker) -> BuiltModule:
    """Make a module on meta.

    Each parameter is moved as it is registered, so that a network of any size takes neither memory nor the
    time to draw its values; what remains is moved at the end. A constructor that looks at values of
    parameters is run once more, in memory.

    Args:
        maker: What makes it. A module that is there already is left as it is.

    Returns:
        The module.

    Raises:
        SpecError: Where nothing is made, or no module; it holds whatever the constructor raises.
    """
    if maker.module is not None:
        return BuiltModule(maker.module, "", maker)
    moved = _Moved()

    def attempt() -> tuple[Any, Exception | None]:
        handle = register_module_parameter_registration_hook(moved)
        try:
            return maker.make(), None
        except SpecError:
            raise
        except Exception as error:
            if not moved.any:
                raise
            return None, error
        finally:
            handle.remove()

    module, refused = guarded(maker.target, attempt)
    if refused is None:
        return BuiltModule(_on_meta(module), "", maker)
    module = guarded(maker.target, maker.make)
    why = type(refused).__name__
    note = f"its constructor looks at values of parameters ({why} without them): it was made in memory"
    return BuiltModule(_on_meta(module), note, maker)


class _Moved:
    """A hook that replaces each parameter as it is registered; the same one always by the same."""

    def __init__(self) -> None:
        self.any = False
        self._replacements: Any = WeakIdKeyDictionary()

    def __call__(self, module: nn.Module, name: str, parameter: Any) -> Any:
        if parameter is None or parameter.is_meta or is_lazy(parameter):
            return None
        self.any = True
        replacement = self._replacements.get(parameter)
        if replacement is None:
            replacement = self._replacements[parameter] = _replacement(parameter)
        return replacement


def _replacement(parameter: nn.Parameter) -> nn.Parameter:
    """A parameter of the same sizes, type, class and marks without memory."""
    with torch.no_grad():
        replacement = nn.Parameter(without_memory(parameter), requires_grad=parameter.requires_grad)
    if type(parameter) is not nn.Parameter:
        replacement.__class__ = type(parameter)
    replacement.__dict__.update(vars(parameter))
    return replacement


def _on_meta(module: nn.Module) -> nn.Module:
    """The module with all that it has registered on meta, if it bears that: a tensor that takes its size from
    the first input does not, and holds nothing yet."""
    if has_lazy_tensors(module):
        return module
    try:
        return module.to("meta")
    except Exception:  # it has a `to` of its own, or tensors that cannot be moved
        return module


def any_on_meta(module: nn.Module) -> bool:
    """Tell whether a module has a tensor without values."""
    return any(tensor.is_meta for tensor in (*module.parameters(), *module.buffers()))
