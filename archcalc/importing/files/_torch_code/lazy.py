"""The lazy classes of ``torch.nn``: what they are given first tells how many features they read, and from
then on they are modules of the class that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._source.values import EvaluationError
from . import layers as layers
from .modules import CodeModule
from .tensors import CodeTensor
from .vocabulary import CLASSES, ModuleClass


class LazyClass(ModuleClass):
    """A lazy class.

    Args:
        real: The class that its modules become.
    """

    __slots__ = ("real",)

    def __init__(self, real: ModuleClass):
        _, _, signature = real.signature.partition(", ")
        super().__init__(f"Lazy{real.name}", real.file, signature, None, None)
        self.real = real

    def made(self, module: CodeModule, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """Make a module ready that waits for its first input. Raises EvaluationError."""
        super().made(module, args, kwargs)  # looks whether the arguments fit

        def wait() -> None:
            module.kind, module.base, module.defined = self.name, self.name, self.defined
            module.settings, module.plain, module.tensors = {}, {}, {}
            module.work = begin

        def begin(m: CodeModule, input: CodeTensor) -> Any:
            sizes = input.sizes
            if len(sizes) < 2:
                raise EvaluationError(f"{self.name} cannot take a tensor of {len(sizes)} axes")
            real = self.real
            m.kind, m.base, m.defined = real.name, real.name, real.defined
            m.rank = next((int(sign) for sign in m.base if sign in "123"), 0)
            features = sizes[-1] if real.name == "Linear" else sizes[1]
            real.made(m, (features, *args), kwargs)
            m.run.became(m)
            assert m.work is not None
            return m.work(m, input)

        module.run.waiting.append(wait)
        wait()


for _name in (
    "Linear",
    *[f"{kind}{rank}d" for kind in ("Conv", "ConvTranspose", "BatchNorm", "InstanceNorm") for rank in "123"],
):
    CLASSES[f"Lazy{_name}"] = LazyClass(CLASSES[_name])
