"""From a PyTorch module to the graph.

The way is: a target names a module (``targets``, ``finding``), which is made without memory for its weights
(``building``) and run once on inputs without values (``inputs``, ``recorder``), apart from the process around
it (``isolation``). What it did is a ``Recording`` of operations, which knows no torch. The operations become
layers (``lifting``), and the module tree becomes the groups that reports fold by (``grouping``).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ...diagnostics import NOTE, WARNING, Diagnostic, SpecError, fail
from ...packages import needed
from .stored import StoredModule
from .targets import ModuleTarget

# The code of notes on how a module was run: a summary has them in its foot.
TRACED = "traced"

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ...graph import Graph
    from ..operations.lifting.lifter import Lifter
    from ..operations.recording import Recording
    from .building import BuiltModule
    from .inputs import Arguments
    from .sizes import GivenTensor


def import_network(
    target: ModuleTarget | StoredModule | Any,
    inputs: Any = None,
    settings: Mapping[str, Any] | None = None,
    *,
    layout: str = "hwc",
    training: bool = False,
    until: str = "",
) -> tuple[Graph, list[Diagnostic]]:
    """Trace a module: run it once without values, and make a graph of what it did. This runs its code.

    Args:
        target: What names the module; or the module itself, which stays as it is.
        inputs: What ``forward`` is given; see ``inputs.arguments``.
        settings: Arguments of what makes the module, by name.
        layout: The order of the axes in sizes: ``hwc``, channels last, or ``chw``.
        training: Whether it runs in training mode.
        until: The name of a part: once it is complete, what follows may fail. The graph then ends with it.

    Returns:
        The graph, and what else is to be said: notes, and a warning where it printed something.

    Raises:
        SpecError: PyTorch is missing; nothing of that name is a module or makes one; or the module fails on
            these inputs. What it raises is one message, with the last lines that it printed.
    """
    found = trace_network(target, inputs, settings, layout=layout, training=training, until=until)
    return found.graph, found.diagnostics


def trace_network(
    target: ModuleTarget | StoredModule | Any,
    inputs: Any = None,
    settings: Mapping[str, Any] | None = None,
    *,
    layout: str = "hwc",
    training: bool = False,
    until: str = "",
    others: Mapping[str, GivenTensor] | None = None,
) -> Trace:
    """Trace a module as ``import_network`` does, and keep it with all that came of it.

    Args:
        target: See ``import_network``.
        inputs: See ``import_network``.
        settings: See ``import_network``.
        layout: See ``import_network``.
        training: See ``import_network``.
        until: See ``import_network``.
        others: The inputs of a network that it stands beside; see ``inputs.arguments``.

    Raises:
        SpecError: See ``import_network``.
    """
    if isinstance(target, ModuleTarget):
        target = target.with_arguments(settings)
    name = target.text if isinstance(target, (ModuleTarget, StoredModule)) else type(target).__name__
    needed("torch", name, "torch")
    from .inputs import arguments

    def asked(built: BuiltModule) -> Iterable[Arguments]:
        return arguments(built.module, inputs, layout, built.example, others)

    if settings and not isinstance(target, ModuleTarget):
        raise fail("argument", f"{name} is a module already: nothing takes {', '.join(settings)}")
    return trace(target, asked, name, training=training, until=until)


def traced(
    target: ModuleTarget | StoredModule | Any,
    asked: Callable[[BuiltModule], Iterable[Arguments]],
    name: str,
    *,
    training: bool,
    until: str = "",
) -> tuple[Graph, list[Diagnostic]]:
    """Trace a module on the first arguments that it takes.

    Args:
        target: What names the module, or the module itself.
        asked: The arguments for a module that was made, the likeliest first.
        name: What the network is called.
        training: Whether it runs in training mode.
        until: See ``import_network``.

    Returns:
        The graph, and what else is to be said.

    Raises:
        SpecError: See ``import_network``.
    """
    found = trace(target, asked, name, training=training, until=until)
    return found.graph, found.diagnostics


class Trace:
    """A module that was run, and all that came of it.

    Attributes:
        built: The module.
        given: What it was run on.
        recording: What it did.
        lifter: The layers that it came to, and how each tensor lies over them.
        graph: The graph of these layers.
        diagnostics: What else is to be said.
    """

    __slots__ = ("built", "given", "recording", "lifter", "graph", "diagnostics")

    def __init__(self, built: BuiltModule, recording: Recording, given: Arguments, name: str):
        from ..operations.lifting import graph_of, lifted
        from ..operations.lifting.given import UnliftedError

        self.built = built
        self.given = given
        self.recording = recording
        try:
            self.lifter: Lifter = lifted(recording)
            self.graph = graph_of(self.lifter, name)
        except UnliftedError as error:
            report = "this is a fault of archcalc: please report it, with the module"
            raise fail("internal", f"{name} ran, and no graph came of it: {error}", report) from None
        self.diagnostics: list[Diagnostic] = []


def trace(
    target: ModuleTarget | StoredModule | Any,
    asked: Callable[[BuiltModule], Iterable[Arguments]],
    name: str,
    *,
    training: bool,
    until: str = "",
) -> Trace:
    """Trace a module and keep it with all that came of it: for who measures it beside its graph.

    Args:
        target: See ``traced``.
        asked: See ``traced``.
        name: See ``traced``.
        training: See ``traced``.
        until: See ``traced``.

    Raises:
        SpecError: See ``import_network``.
    """
    from .isolation import MOST_LINES, Isolated, printed

    kept = Isolated(forget=isinstance(target, ModuleTarget) and target.found is None)
    try:
        with kept:
            built = _built(target, name)
            made = _within_the_batch(
                Trace(built, *run, name) for run in _runs(built, asked, name, training, until)
            )
    except SpecError as error:
        error.diagnostics[0].add_notes(f"it printed: {line}" for line in kept.lines[-MOST_LINES:])
        raise
    recording, given = made.recording, made.given
    found = [printed(name, kept.lines)] if kept.lines else []
    if isinstance(target, StoredModule):
        trusted = f"{name} holds code, and it was run: load only files that you trust"
        found.append(Diagnostic("module", trusted, severity=WARNING))
    if recording.stopped:
        stopped = f"this is the part up to {recording.until}: behind it {recording.stopped}"
        found.append(Diagnostic("module", stopped, severity=WARNING))
    found += [Diagnostic("module", text, severity=NOTE) for text in (built.note, given.note) if text]
    found += [Diagnostic(TRACED, text, severity=NOTE) for text in (recording.why, *recording.notes) if text]
    made.diagnostics = found
    if isinstance(target, ModuleTarget):
        made.graph.metadata.parameters = {word: repr(value) for word, value in target.kwargs.items()}
    return made


def defaults(target: ModuleTarget | StoredModule) -> dict[str, Any]:
    """Return the arguments that what makes a module has values for by itself. This imports its code.

    Args:
        target: What names the module.

    Returns:
        The values by name; none of a module that is there already.

    Raises:
        SpecError: PyTorch is missing, or there is nothing of that name.
    """
    needed("torch", target.text, "torch")
    if not isinstance(target, ModuleTarget):
        return {}
    from .finding import signature_of
    from .isolation import Isolated

    with Isolated(forget=True):
        parameters = signature_of(target)
    return {one.name: one.default for one in parameters if one.default is not one.empty}


def _built(target: Any, name: str) -> BuiltModule:
    import torch

    from ..keras_objects import is_model
    from .building import build
    from .finding import Maker, find, of_keras

    if isinstance(target, StoredModule):
        return build(target.maker())
    maker = find(target) if isinstance(target, ModuleTarget) else Maker(name, module=target)
    if is_model(maker.module) and not isinstance(maker.module, torch.nn.Module):
        raise of_keras(name)
    return build(maker)


def _within_the_batch(traces: Iterable[Trace]) -> Trace:
    """The first trace in which each element of a batch goes its own way, else the first of all: a sequence
    that is given to a recurrence in another order than it reads has its steps along the batch."""
    first: Trace | None = None
    for made in traces:
        if not made.lifter.mixed:
            return made
        first = first or made
    assert first is not None
    return first


def _runs(
    built: BuiltModule,
    asked: Callable[[BuiltModule], Iterable[Arguments]],
    name: str,
    training: bool,
    until: str,
) -> Iterator[tuple[Recording, Arguments]]:
    """Yield what the module did on the arguments that it takes, and these, the likeliest first. Raises
    SpecError where it takes none: of those that it refuses, the first are told of."""
    from ..operations.pairing import grows_with_the_batch
    from .finding import guarded
    from .inputs import one_of_batch
    from .recorder import record

    refused: SpecError | None = None
    accepted = False
    ways = iter(asked(built))

    def recorded(given: Arguments) -> Recording:
        return record(
            built.module,
            given.args,
            given.kwargs,
            target=name,
            training=training,
            fresh=built.fresh,
            remake=built.real if built.fresh else None,
            until=until,
        )

    while True:
        given: Arguments | None = guarded(name, lambda: next(ways, None))
        if given is None:
            if accepted:
                return
            assert refused is not None
            raise refused
        try:
            recording = recorded(given)
        except SpecError as error:
            first = error.diagnostics[0]
            first.add_notes([f"it was given {given}"])
            if given.note:
                first.help = (*first.help, given.note, "--input says other sizes, --tensor exact ones")
            refused = refused or error
            continue
        accepted = True
        # Figures are for one element. Where a batch was given, its first element stands for it.
        for one, count in one_of_batch(built.module, given):
            with suppress(SpecError):
                alone = recorded(one)
                if grows_with_the_batch(alone, recording, count):
                    yield alone, one
        yield recording, given
