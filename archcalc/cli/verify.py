"""`archcalc verify`."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import partial
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ..diagnostics import WARNING, Diagnostic, fail
from ..packages import needed
from ..report.answer import Answer
from . import verify_time
from .answer import report_diagnostics, reported, write_answer
from .completion import device_names, targets
from .given import given_inputs, given_settings, given_tensors, tensor_texts
from .help import Command
from .options import apart, counted_options, first_given, network_options, no_columns, table_options
from .target import load_network, one_target, remarks, standard_input

if TYPE_CHECKING:
    from ..importing.live_keras import LayerFigures
    from ..importing.torch import Trace
    from ..network import Network


class VerifyOptions(verify_time.TimedOptions):
    """The words and options of `archcalc verify`."""

    words: tuple[str, ...]
    against: str | None
    everything: bool
    timed: bool


@click.command("verify", cls=Command)
@click.argument("words", metavar="TARGET", nargs=-1, shell_complete=targets)
@network_options
@click.option(
    "--device",
    type=click.Choice(["cpu", "cuda", "meta"]),
    help="Where to build it; meta has shapes and storages but no values.  [default: cpu]",
)
@click.option(
    "--against",
    metavar="MODULE",
    help="Somebody else's module, as in torchvision.models:resnet50; this runs its code.",
)
@click.option("--with-heads", is_flag=True, help="Side heads too.")
@click.option("--all", "everything", is_flag=True, help="The whole zoo, on meta unless told.")
@click.option(
    "--time",
    "timed",
    is_flag=True,
    help="How long it takes, layer by layer, beside the bound of --on DEVICE.",
)
@click.option(
    "--on",
    metavar="DEVICE",
    default="",
    shell_complete=device_names,
    help="With --time: as in `archcalc time`.",
)
@counted_options
@table_options()
@reported(VerifyOptions)
def command(options: VerifyOptions) -> int:
    """The network as a PyTorch module, measured beside what the rules say.

    Shapes, parameters, operations and receptive fields layer by layer; what training keeps and the
    peak of inference in all; on CUDA what the allocator hands out. -v shows all differences,
    however many. Exit code 1 where anything differs.
    With --time, what a forward pass takes: the median of several after a warm-up.
    """
    no_columns(options)
    if options.timed:
        return _measured(options)
    _only_with_time()
    if options.everything:
        _alone(options)
        needed("torch", "`verify`", "torch")
        return whole_zoo(options.device or "meta", options)
    (target,) = one_target(options.words)
    if options.against is not None:
        return against(target, options.against, options)
    if not (options.until or options.freeze):
        from ..loading.targets import module_of

        if module_of(target, options.file_format) is not None:
            return own_module(target, options)
    return built(target, load_network(target, options), options)


def _measured(options: VerifyOptions) -> int:
    """`--time`. Raises SpecError."""
    other = first_given(all=options.everything, against=options.against)
    if other:
        raise apart("--time", other)
    (target,) = one_target(options.words)
    return verify_time.measured(target, options)


def _only_with_time() -> None:
    """Refuse what measures times, where none is to be measured. Raises SpecError."""
    for name in ("on", "batch", "dtype"):
        if click.get_current_context().get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise fail("usage", f"--{name} goes with --time", "archcalc verify TARGET --time --on DEVICE")


def built(
    target: str, network: Network, options: VerifyOptions, layers: Sequence[LayerFigures] | None = None
) -> int:
    """Verify a network that is built in PyTorch; ``layers`` are those of the Keras model that it is from."""
    needed("torch", "`verify`", "torch")
    from ..report.records.verifying import verification_record
    from ..report.screens.verify import verify_sheets, verify_table
    from ..report.terminal import Waiting
    from ..witness.compare import Verification
    from ..witness.zoo import able
    from .device_check import require_memory

    cut: list[Diagnostic] = []
    device = options.device or "cpu"
    network, until = able(network)
    if until is not None:
        cut = [
            Diagnostic(
                "torch", f"as far as {until}: what follows has no counterpart in PyTorch", severity=WARNING
            )
        ]
    require_memory(network.graph, device)
    with Waiting(f"verifying {target}"):
        found = verified = Verification(network.graph, device=device, with_heads=options.with_heads)
    if layers is not None:
        from ..witness.live_keras import keras_checks

        found.checks += keras_checks(network.graph, layers)
    record = partial(verification_record, verified)
    answer = Answer(
        record, lambda: verify_table(found), lambda space: verify_sheets(found, space, options.verbose)
    )
    write_answer(answer, options)
    report_diagnostics(remarks(network, target, options.verbose, cut), options.diagnostics_format)
    return 0 if found.agrees else 1


def against(target: str, module: str, options: VerifyOptions) -> int:
    """Verify a network against a module of somebody else's, which runs in a process of its own."""
    from ..importing.torch.stored import StoredModule
    from ..importing.torch.targets import ModuleTarget
    from ..report.records.verifying import against_record
    from ..report.screens.verify import verify_sheets, verify_table
    from ..report.terminal import Waiting
    from ..witness.apart import IsolatedRun

    if options.device is not None:
        raise apart("--against", "--device", "somebody else's module runs where it is made")
    if StoredModule.find(module) is None:
        ModuleTarget.read(module)
    text = standard_input() if target == "-" else None
    mine, given = _divided(target, options, text)
    network = load_network(target, mine, text)
    needed("torch", "`verify`", "torch")
    from ..witness.against import Comparison
    from ..witness.foreign import Foreign

    with Waiting(f"running {module}"):
        run = IsolatedRun(
            network.graph,
            module,
            given,
            layout=options.layout,
            training=options.train,
            with_heads=options.with_heads,
        )
        other = Foreign.of(run.record)
        found = Comparison(network.graph, module, with_heads=options.with_heads, other=other)
    answer = Answer(
        lambda: against_record(found),
        lambda: verify_table(found),
        lambda space: verify_sheets(found, space, options.verbose),
    )
    write_answer(answer, options)
    noticed = [*other.remarks, *run.remarks]
    report_diagnostics(remarks(network, target, options.verbose, noticed), options.diagnostics_format)
    return 0 if found.agrees else 1


def _divided(
    target: str, options: VerifyOptions, text: str | None
) -> tuple[VerifyOptions, dict[str, tuple[str, bool]]]:
    """What of ``--input``, ``--tensor`` and ``--train`` is for the network; and, by the names of its forward,
    what the other module is given beside the inputs of the network, each with whether it is exact."""
    from ..loading.targets import module_of
    from ..network import Network

    exact = tensor_texts(options.tensors)
    sizes = given_inputs(options.inputs)
    named = dict(sizes) if isinstance(sizes, dict) else {}
    mine = copy(options)
    if module_of(target, options.file_format) is None:
        mine.tensors, mine.train = (), False
        if named:
            settings = given_settings(options.settings)
            plain = Network.of(
                target, None, settings, budget=options.budget, stdin=text, file_format=options.file_format
            )
            known = {source.name for source in plain.graph.inputs}
            mine.inputs = tuple([f"{name}={size}" for name, size in named.items() if name in known])
            named = {name: size for name, size in named.items() if name not in known}
    given = {name: (size, False) for name, size in named.items()}
    for name, size in exact.items():
        if name in given:
            raise fail("argument", f"the input `{name}` is given twice")
        given[name] = size, True
    return mine, given


def own_module(target: str, options: VerifyOptions) -> int:
    """Verify what somebody's own code holds: a model of Keras, or a PyTorch module. The code is run once."""
    from ..importing.live_keras import layer_figures
    from ..importing.opened import Opened
    from ..importing.torch import trace_network
    from ..loading.targets import module_of
    from ..network import Network

    module = module_of(target, options.file_format)
    assert module is not None
    needed("torch", "`verify`", "torch")
    sizes = given_inputs(options.inputs)
    inputs = given_tensors(options.inputs, options.tensors) if options.tensors else sizes
    # Nothing is written within the block, where what is printed is kept apart.
    with Opened(module, given_settings(options.settings)) as opened:
        if opened.model is None:
            trace = trace_network(
                opened.target, inputs, opened.settings, layout=options.layout, training=options.train
            )
        else:
            network = Network.of(
                opened,
                inputs,
                budget=options.budget,
                layout=options.layout,
                training=options.train,
                runs_code=True,
            )
            layers = layer_figures(opened.model, target)
    if opened.model is not None:
        return built(target, network, options, layers)
    return traced(target, trace, opened.remarks, options)


def traced(target: str, trace: Trace, before: Sequence[Diagnostic], options: VerifyOptions) -> int:
    """Verify a PyTorch module: its figures beside the module itself, on meta unless told."""
    from ..importing.torch.isolation import printed
    from ..report.records.verifying import verification_record
    from ..report.screens.verify import verify_sheets, verify_table
    from ..report.terminal import Waiting
    from .device_check import require_memory

    device = options.device or "meta"
    require_memory(trace.graph, device)
    from ..witness.own import OwnVerification

    with Waiting(f"verifying {target}"):
        found = OwnVerification(trace, device=device, with_heads=options.with_heads)
    record = partial(verification_record, found)
    answer = Answer(
        record, lambda: verify_table(found), lambda space: verify_sheets(found, space, options.verbose)
    )
    write_answer(answer, options)
    noticed = [*before, *trace.diagnostics, *([printed(target, found.lines)] if found.lines else [])]
    shown = {(remark.message, *remark.notes): remark for remark in noticed}
    report_diagnostics(list(shown.values()), options.diagnostics_format)
    return 0 if found.agrees else 1


def whole_zoo(device: str, options: VerifyOptions) -> int:
    """Verify every network of the zoo, each on its own so that memory is for one at a time."""
    from ..language.library import Library
    from ..network import Network
    from ..report.records.verifying import zoo_verified_record
    from ..report.screens.verify_zoo import zoo_sheets, zoo_table
    from ..report.terminal import watched
    from ..witness.allocator import place
    from ..witness.zoo import verified
    from .device_check import require_device, require_memory

    require_device(device)
    library = Library()
    library.read_zoo()

    names = watched(library.zoo, "verifying", "networks", len(library.zoo), named="verifying {}".format)
    networks = ((name, Network.of(name, library=library)) for name in names)
    found = list(verified(networks, device, require_memory))
    where = place(device)
    answer = Answer(
        lambda: zoo_verified_record(found), lambda: zoo_table(found), lambda space: zoo_sheets(found, where)
    )
    write_answer(answer, options)
    return 0 if all(one.found.agrees for one in found) else 1


def _alone(options: VerifyOptions) -> None:
    """Refuse what is about one network. Raises SpecError."""
    other = (
        "a TARGET"
        if options.words
        else first_given(
            against=options.against,
            until=options.until,
            freeze=options.freeze,
            input=options.inputs,
            set=options.settings,
            with_heads=options.with_heads,
        )
    )
    if other:
        raise apart("--all", other, "--all is every network of the zoo as it stands")
