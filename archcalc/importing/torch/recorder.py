"""A module runs once, watched, and what it did is a ``Recording``.

There is a ladder of ways to run it. The highest is without values and without gradients: no memory is taken,
and operations arrive as the module calls them. Modules that ask for gradients run with them, and modules that
look at values run in memory. The recording says on which rung it was made, and why not on a higher one.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from inspect import Parameter
from pathlib import Path
from typing import Any

import torch
from torch import nn

from ...diagnostics import SpecError
from ..operations.liveness import keep_needed, needed
from ..operations.reaching import all_needed, complete, help_of, results
from ..operations.recording import ModuleCall, Recording
from . import torch_state
from .copies import (
    attributes_kept,
    copied_with_values,
    copied_without_memory,
    has_lazy_tensors,
    tensors_exchanged,
    with_values,
    without_memory,
)
from .errors import described, text_of
from .finding import guarded
from .placing import Placing
from .signatures import forward_signature
from .trees import replaced, tensors_in
from .watching import Watcher
from .whole import operations_whole

META, GRADIENTS, CPU = "meta", "gradients", "cpu"


def record(
    module: nn.Module,
    args: tuple[Any, ...] = (),
    kwargs: dict[str, Any] | None = None,
    *,
    target: str = "",
    training: bool = False,
    fresh: bool = False,
    remake: Callable[[], nn.Module] | None = None,
    until: str = "",
) -> Recording:
    """Run a module once and return what it did.

    The module, its tensors, hooks, modes and random numbers stay as they are.

    Args:
        module: The module. It may be on any device, or on none.
        args: What ``forward`` is given in order; tensors may have no values.
        kwargs: What ``forward`` is given by name.
        target: What messages call the module; its class without one.
        training: Whether it runs in training mode.
        fresh: Whether the module was made for this alone, so that no copy of it is needed.
        remake: Makes the module anew in memory, for one that stands on no device and looks at values.
        until: The name of a part, ``rpn.head``: once it is complete, what follows may fail.

    Returns:
        The recording: of the part up to there, where what follows fails or depends on no input.

    Raises:
        SpecError: The module fails on these arguments.
    """
    run = _Run(module, args, kwargs or {}, target or type(module).__name__, training, fresh, remake, until)
    return run.recording()


class _BrokenError(Exception):
    """A rung on which the module breaks, and where."""

    def __init__(
        self,
        error: BaseException,
        at: tuple[str, tuple[str, int] | None] | None,
        calls: Iterable[ModuleCall] = (),
    ):
        super().__init__(text_of(error))
        self.error = error
        self.at = at
        self.help = help_of(calls)


class _Run:
    """A module and its arguments, run on one rung after the other."""

    def __init__(
        self,
        module: nn.Module,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        target: str,
        training: bool,
        fresh: bool,
        remake: Callable[[], nn.Module] | None,
        until: str,
    ):
        self.module = module
        self.args = args
        self.kwargs = kwargs
        self.target = target
        self.training = training
        self.fresh = fresh
        self.remake = remake
        self.until = until
        self.gradients = False

    def recording(self) -> Recording:
        """The recording on the highest rung that holds."""
        with _state_kept():
            try:
                return self._on(META)
            except _BrokenError as broken:
                first = broken
            why = reason(first)
            if not _wants_values(first.error):
                self.gradients = True
                try:
                    return self._on(GRADIENTS, why)
                except _BrokenError as broken:
                    second = broken
                if not _wants_values(second.error) and str(second) == str(first):
                    return self._failed(first)
                self.gradients = _wants_gradients(first.error)
                why = reason(second)
            try:
                return self._on(CPU, why)
            except _BrokenError as broken:
                if self.gradients or not _wants_gradients(broken.error):
                    return self._failed(broken)
            self.gradients = True
            try:
                return self._on(CPU, why)
            except _BrokenError as broken:
                return self._failed(broken)

    def _failed(self, broken: _BrokenError) -> Recording:
        """Raise what the module has raised as one message."""

        def again() -> Recording:
            raise broken.error

        try:
            return guarded(self.target, again)  # type: ignore[no-any-return]
        except SpecError as error:
            first = error.diagnostics[0]
            first.help = (*first.help, *broken.help)
            if "more than 1 value per channel" in str(broken):
                two = "a norm in training mode needs several values of a channel: give a batch of two"
                first.help = (f"{two}, as in --tensor x=2x3x299x299", *first.help)
            raise

    def _on(self, rung: str, why: str = "") -> Recording:
        """Run on one rung. Raises _BrokenError."""
        try:
            module, around = self._ready(rung)
        except Exception as error:
            raise _BrokenError(error, None) from error
        with around, attributes_kept(module):
            module.train(self.training)
            return self._watched(module, rung, why)

    def _ready(self, rung: str) -> tuple[nn.Module, AbstractContextManager[None]]:
        """The module as a rung needs it, and what has to be around the run."""
        module = self.module
        on_meta = all(t.is_meta for t in (*module.parameters(), *module.buffers()))
        if rung != CPU:
            if self.fresh and on_meta and not has_lazy_tensors(module):
                return module, nullcontext()
            act, copied = without_memory, copied_without_memory
        elif self.remake is not None and on_meta:
            return self.remake(), nullcontext()
        else:
            act, copied = with_values, copied_with_values
        try:
            return copied(module), nullcontext()
        except Exception:  # locks, generators, open files: what a module holds may refuse to be copied
            return module, tensors_exchanged(module, act)

    def _watched(self, module: nn.Module, rung: str, why: str) -> Recording:
        recording = Recording(self.target)
        recording.rung, recording.why, recording.training = rung, why, self.training
        device = torch.device("cpu" if rung == CPU else "meta")
        grad = torch.enable_grad() if self.gradients else torch.inference_mode()
        names = _names(module, self.args, self.kwargs)
        if has_lazy_tensors(module):
            args, kwargs, _ = self._arguments(names, rung)
            try:
                with torch.no_grad(), device:
                    module(*args, **kwargs)
            except (Exception, SystemExit, GeneratorExit) as error:
                raise _BrokenError(error, None) from error
        placing = Placing(device)
        watcher = Watcher(module, _run_watched.__code__, placing)
        whole = operations_whole(device, watcher.whole) if self.gradients else nullcontext()
        with grad, plain_attention():
            args, kwargs, given = self._arguments(names, rung)
            recording.inputs = tuple([watcher.tensors.begin(tensor, name) for name, tensor in given])
            try:
                with watcher.calls.watched(watcher.tensors.value_of), placing, whole:
                    result = _run_watched(watcher, module, args, kwargs)
            except (Exception, SystemExit, GeneratorExit) as error:
                if not self._cut(recording, watcher):
                    raise _BrokenError(error, watcher.at, watcher.calls.calls) from error
                recording.stopped = described(self.target, error)
            else:
                recording.outputs = tuple(result)
                if self.until:
                    self._cut_where_needed(recording, watcher)
        return _completed(recording, watcher)

    def _cut(self, recording: Recording, watcher: Watcher) -> bool:
        """Make what the part gave that is asked for the outputs. Returns whether it is complete."""
        calls = watcher.calls
        name, found = complete(self.until, calls.calls, calls.modules) if self.until else ("", [])
        if found:
            recording.until, recording.outputs = name, tuple(results(found))
        return bool(found)

    def _cut_where_needed(self, recording: Recording, watcher: Watcher) -> None:
        """Do so where the outputs of the module do not depend on that part: the boxes of a detector depend on
        values, and there may be none."""
        calls = watcher.calls
        _, found = complete(self.until, calls.calls, calls.modules)
        live = needed(watcher.tensors.operations, [value for _, value in recording.outputs])
        if not all_needed(found, live):
            self._cut(recording, watcher)

    def _arguments(
        self, names: tuple[list[str], dict[str, str]], rung: str
    ) -> tuple[list[Any], dict[str, Any], list[tuple[str, torch.Tensor]]]:
        """Clones of the arguments, and the tensors among them by their names."""
        given: list[tuple[str, torch.Tensor]] = []
        clones: dict[int, torch.Tensor] = {}

        def placed(tree: Any, name: str) -> Any:
            named = {id(tensor): inner for inner, tensor in reversed(list(tensors_in(tree, name)))}

            def clone(tensor: torch.Tensor) -> torch.Tensor:
                found = clones.get(id(tensor))
                if found is None:
                    inner = named[id(tensor)]
                    found = with_values(tensor, inner) if rung == CPU else without_memory(tensor)
                    if self.gradients and tensor.requires_grad:
                        found.requires_grad_()
                    clones[id(tensor)] = found
                    given.append((inner, found))
                return found

            return replaced(tree, clone)

        places, words = names
        args = [placed(argument, name) for name, argument in zip(places, self.args, strict=True)]
        kwargs = {key: placed(argument, words[key]) for key, argument in self.kwargs.items()}
        return args, kwargs, given


def _run_watched(watcher: Watcher, module: nn.Module, args: Any, kwargs: Any) -> list[tuple[str, Any]]:
    with watcher:
        result = module(*args, **kwargs)
    return [(name or "out", watcher.tensors.value_of(tensor)) for name, tensor in tensors_in(result)]


def _completed(recording: Recording, watcher: Watcher) -> Recording:
    """Take out what no output needs or no input reaches, and tell what else was seen."""
    watcher.calls.complete(watcher.tensors.leaf)
    recording.modules, recording.calls = watcher.calls.modules, watcher.calls.calls
    keep_needed(recording, watcher.tensors.operations, watcher.tensors.recorded, watcher.count)
    if watcher.calls.unregistered:
        names = ", ".join(watcher.calls.unregistered)
        recording.notes.append(f"no module registers {names}: .parameters() does not give them")
    if watcher.calls.elsewhere:
        recording.notes.append("it calls modules in threads of its own: what they do is not seen")
    if recording.rung == CPU:
        recording.why = seen(watcher, recording.why)
    return recording


# ---- the ladder


def _wants_values(error: BaseException) -> bool:
    """Whether an error says that there are no values."""
    if isinstance(error, NotImplementedError):
        return True
    text = text_of(error).lower()
    return "meta" in text or "data-dependent" in text or "fake " in text


def _wants_gradients(error: BaseException) -> bool:
    """Whether an error says that there are no gradients."""
    text = text_of(error).lower()
    return "inference" in text or "require grad" in text or "requires_grad" in text or "grad_fn" in text


def reason(broken: _BrokenError) -> str:
    """Why a rung does not hold, in plain words."""
    place_ = broken.at[1] if broken.at is not None else None
    text = str(broken)
    if "item() cannot be called" in text or "no data!" in text or "nonzero" in text:
        return looks_at_values(place_)
    if _wants_gradients(broken.error):
        return "it asks for gradients" + (f" ({place(place_)})" if place_ else "")
    where = f" ({place(place_)})" if place_ else ""
    line = text.strip().partition("\n")[0]
    return f"it fails without values{where}: {type(broken.error).__name__}: {line}"


def looks_at_values(at: tuple[str, int] | None) -> str:
    """The sentence about a module that looks at values."""
    return f"it looks at values{_at(at)}: other branches were not seen"


def seen(watcher: Watcher, why: str) -> str:
    """Why a run took memory, told from what it did with values; ``why`` is what is known from before."""
    found = []
    if watcher.looked:
        found.append(looks_at_values(watcher.looked[0]))
    if watcher.sized:
        found.append(f"how many elements its tensors have depends on values{_at(watcher.sized[0])}")
    if watcher.left:
        found.append(
            f"it reads tensors as arrays or lists{_at(watcher.left[0])}: what it makes of them is not seen"
        )
    if found or "looks at values" not in why:
        return "; ".join(found) or why
    return why.partition(":")[0].replace("it looks at values", "it looks at values that no input reaches")


def _at(at: tuple[str, int] | None) -> str:
    return f" ({place(at)})" if at else ""


def place(at: tuple[str, int]) -> str:
    """File and line, the file as one looks for it from here."""
    path = Path(at[0])
    for folder in sorted({str(Path(entry).absolute()) for entry in sys.path}, key=len, reverse=True):
        if path.is_relative_to(folder):
            return f"{path.relative_to(folder)}:{at[1]}"
    return f"{path}:{at[1]}"


# ---- names and state


def _names(
    module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[list[str], dict[str, str]]:
    """What ``forward`` calls what it is given, in order and by name."""
    parameters = list(forward_signature(module).parameters.values())
    places: list[str] = []
    for number in range(len(args)):
        plain = [
            p for p in parameters if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
        ]
        if number < len(plain):
            places.append(plain[number].name)
        else:
            rest = next((p.name for p in parameters if p.kind == Parameter.VAR_POSITIONAL), "x")
            places.append(f"{rest}.{number - len(plain)}")
    return places, {key: key for key in kwargs}


@contextmanager
def plain_attention() -> Iterator[None]:
    """Let attention modules run as the layers that they consist of, and flexible attention without being
    compiled, until the block ends."""
    flexible: Any = sys.modules.get("torch.nn.attention.flex_attention")
    compiles = "_FLEX_ATTENTION_DISABLE_COMPILE_DEBUG"
    old, flag = torch.backends.mha.get_fastpath_enabled(), getattr(flexible, compiles, None)
    torch.backends.mha.set_fastpath_enabled(False)
    if flag is not None:
        setattr(flexible, compiles, True)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(old)
        if flag is not None:
            setattr(flexible, compiles, flag)


@contextmanager
def _state_kept() -> Iterator[None]:
    """Keep random numbers and the settings of PyTorch as they are, until the block ends."""
    numpy = sys.modules.get("numpy")
    python, of_numpy = random.getstate(), numpy.random.get_state() if numpy else None
    back = torch_state.keep()
    try:
        yield
    finally:
        back()
        random.setstate(python)
        if numpy is not None:
            numpy.random.set_state(of_numpy)
