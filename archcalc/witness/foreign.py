"""Somebody else's module: found by name, run once, and told layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from inspect import signature
from math import prod
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils.flop_counter import FlopCounterMode

from ..diagnostics import SpecError
from ..importing.torch.building import BuiltModule, any_on_meta, build
from ..importing.torch.finding import find, guarded
from ..importing.torch.targets import ModuleTarget
from .measure import Most, held

# Modules that run their children without calling them.
WHOLE = (nn.MultiheadAttention,)


class ModuleRecord:
    """A module with tensors of its own that was called: its name, kind, the sizes of its learned
    tensors and buffers, the sizes of its output without the batch (None where it is not one
    tensor, or where modules inside are told by themselves), and its multiply-adds."""

    __slots__ = ("name", "kind", "learned", "buffers", "output", "macs")

    def __init__(self, name: str, kind: str, learned: list[tuple[int, ...]], buffers: list[tuple[int, ...]]):
        self.name = name
        self.kind = kind
        self.learned = learned
        self.buffers = buffers
        self.output: tuple[int, ...] | None = None
        self.macs: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON, of which ``of`` makes the same again."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def of(cls, record: dict[str, Any]) -> ModuleRecord:
        """The record that ``to_dict`` wrote."""
        learned, buffers = ([tuple(sizes) for sizes in record[name]] for name in ("learned", "buffers"))
        found = cls(record["name"], record["kind"], learned, buffers)
        found.output = None if record["output"] is None else tuple(record["output"])
        found.macs = record["macs"]
        return found


class Foreign:
    """A module of somebody else's, recorded while it runs on inputs.

    records   the modules with tensors, in the order in which they are called
    params    learned values of what is called, each tensor once; ``buffers`` the others, batch
              counters left out
    idle      the outermost modules with tensors of which nothing is called, as side heads are not
    macs      multiply-adds of one run, half of what FlopCounterMode counts
    peak      the most bytes that lived between its operations, parameters and buffers apart
    """

    def __init__(self, records: list[ModuleRecord], macs: int, idle: list[str], peak: int):
        self.records = records
        self.macs = macs
        self.idle = idle
        self.peak = peak
        self.params = sum([prod(s) for record in records for s in record.learned])
        self.buffers = sum([prod(s) for record in records for s in record.buffers])

    def to_dict(self) -> dict[str, Any]:
        """The JSON, of which ``of`` makes the same again."""
        records = [record.to_dict() for record in self.records]
        return {"records": records, "macs": self.macs, "idle": self.idle, "peak": self.peak}

    @classmethod
    def of(cls, found: dict[str, Any]) -> Foreign:
        """Read what ``to_dict`` wrote."""
        records = [ModuleRecord.of(record) for record in found["records"]]
        return cls(records, found["macs"], found["idle"], found["peak"])


class _Recorder:
    """Runs a module once and writes down what is called."""

    def __init__(self, module: nn.Module, inputs: list[Tensor], names: Sequence[str] = ()):
        self._names = names
        self.records: list[ModuleRecord] = []
        self.macs = 0
        self.peak = 0
        self._run(module.eval(), inputs)
        self.idle = self._idle(module)

    @property
    def found(self) -> Foreign:
        """What the run has shown."""
        return Foreign(self.records, self.macs, self.idle, self.peak)

    def _run(self, module: nn.Module, inputs: list[Tensor]) -> None:
        counter = FlopCounterMode(display=False)
        wholes = _wholes(module)
        removers = []
        seen: set[Tensor] = set()
        for name, part in module.named_modules():
            inside = isinstance(part, WHOLE)
            learned: list[Tensor] = list(part.parameters(recurse=inside))
            buffers = [b for b_name, b in part.named_buffers(recurse=inside) if _counted(b_name)]
            inside_a_whole = any(name.startswith(f"{other}.") for other in wholes)
            if inside_a_whole or not (learned or buffers):
                continue
            leaf = inside or not any(True for _ in part.children())
            removers += self._watch(name, part, learned, buffers, leaf, counter, seen)
        try:
            births = Most(held((*module.parameters(), *module.buffers())))
            births.watch(inputs)
            with torch.no_grad(), counter, births:
                called(module, inputs, self._names)
            self.peak = births.most
        finally:
            for remover in removers:
                remover.remove()
        self.macs = counter.get_total_flops() // 2

    def _idle(self, module: nn.Module) -> list[str]:
        called = {record.name for record in self.records}
        found: list[str] = []
        wholes = _wholes(module)
        for name, part in module.named_modules():
            inside_a_whole = any(name.startswith(f"{other}.") for other in (*found, *wholes))
            if not name or inside_a_whole or not any(True for _ in part.parameters()):
                continue
            if not any(other == name or other.startswith(f"{name}.") for other in called):
                found.append(name)
        return found

    def _watch(
        self,
        name: str,
        part: nn.Module,
        learned: list[Tensor],
        buffers: list[Tensor],
        leaf: bool,
        counter: FlopCounterMode,
        seen: set[Tensor],
    ) -> list[Any]:
        started: list[tuple[ModuleRecord, int]] = []

        def fresh(tensors: list[Tensor]) -> list[tuple[int, ...]]:
            # Tensors that are used again are listed once, for the first module.
            new = [tensor for tensor in tensors if tensor not in seen]
            seen.update(new)
            return [tuple(tensor.shape) for tensor in new]

        def before(module: nn.Module, inputs: Any) -> None:
            record = ModuleRecord(name, type(part).__name__, fresh(learned), fresh(buffers))
            self.records.append(record)
            started.append((record, counter.get_total_flops()))

        def behind(module: nn.Module, inputs: Any, output: Any) -> None:
            record, flops = started.pop()
            if isinstance(output, tuple) and isinstance(part, WHOLE):
                output = output[0]
            if leaf:
                record.macs = (counter.get_total_flops() - flops) // 2
                if isinstance(output, Tensor):
                    record.output = tuple(output.shape[1:])

        return [part.register_forward_pre_hook(before), part.register_forward_hook(behind)]


def _counted(name: str) -> bool:
    return not name.endswith("num_batches_tracked")


def _wholes(module: nn.Module) -> list[str]:
    return [name for name, part in module.named_modules() if isinstance(part, WHOLE)]


def run(target: str, inputs: list[Tensor], names: Sequence[str] = ()) -> Foreign:
    """The records of the module that ``target`` names for these inputs.

    Args:
        target: What names it.
        inputs: What it is given, channels first.
        names: What the inputs are called: where its forward has the same names they are given by name.

    Raises:
        SpecError: There is no such module, or it fails on the inputs however sequences are laid out; it
            holds what was raised first.
    """
    built = build(find(ModuleTarget.read(target)))
    first: SpecError | None = None
    for way in ways(built.module, inputs):
        try:
            return _run_once(target, built, way, names)
        except SpecError as error:
            first = first or error
    assert first is not None
    raise first


def _run_once(target: str, built: BuiltModule, inputs: list[Tensor], names: Sequence[str]) -> Foreign:
    if not any_on_meta(built.module):
        return _recorded(target, built.module, inputs, names)
    try:
        return _recorded(target, built.module, inputs, names)
    except SpecError:
        # What looks at values, or makes tensors of its own on the CPU, runs in real memory only.
        return _recorded(target, built.real(), inputs, names)


def ways(module: nn.Module, inputs: list[Tensor]) -> Iterator[list[Tensor]]:
    """Yield the inputs with sequences laid out as a module may want them, the likeliest first: channels in
    front, as a convolution does; positions in front, as linear layers do and recurrent ones that are told to;
    or the batch behind the positions, which is what recurrent layers take by themselves."""
    layouts = {"NCT": (0, 1, 2), "NTC": (0, 2, 1), "TNC": (2, 0, 1)}
    likely = _layout(module)
    for name in sorted(layouts, key=lambda name: name != likely):
        if name == likely or any(_is_sequence(tensor) for tensor in inputs):
            order = layouts[name]
            yield [tensor.permute(order) if _is_sequence(tensor) else tensor for tensor in inputs]


def _is_sequence(tensor: Tensor) -> bool:
    return tensor.dim() == 3 and tensor.is_floating_point()


def _layout(module: nn.Module) -> str:
    """How the first layer that cares lays out a sequence."""
    for part in module.modules():
        if hasattr(part, "batch_first"):
            return "NTC" if part.batch_first else "TNC"
        if isinstance(part, (nn.Linear, nn.LayerNorm)):
            return "NTC"
        if isinstance(part, (nn.Conv1d, nn.BatchNorm1d)):
            return "NCT"
    return "NCT"


def called(module: nn.Module, inputs: Sequence[Tensor], names: Sequence[str]) -> Any:
    """Call a module: by name where several inputs are called as its forward calls them, else in order."""
    known = set(signature(module.forward).parameters)
    if len(names) > 1 and known.issuperset(names):
        return module(**dict(zip(names, inputs, strict=True)))
    return module(*inputs)


def _recorded(target: str, module: nn.Module, inputs: list[Tensor], names: Sequence[str] = ()) -> Foreign:
    parameter = next(iter(module.parameters()), torch.empty(0))
    floating = parameter.dtype if parameter.is_floating_point() else None
    placed = [
        tensor.to(parameter.device, floating if tensor.is_floating_point() else None) for tensor in inputs
    ]

    def act() -> Foreign:
        if any(is_lazy(tensor) for tensor in (*module.parameters(), *module.buffers())):
            with torch.no_grad():
                called(module.eval(), placed, names)  # takes its sizes from what it is given
        return _Recorder(module, placed, names).found

    return guarded(target, act)  # type: ignore[no-any-return]
