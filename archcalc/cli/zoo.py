"""`archcalc list`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ..analysis.totals import DTYPES
from ..diagnostics import Diagnostic, did_you_mean, fail, nearest
from ..quantities import ALIASES, ON_DEVICE, ON_DEVICE_ALIASES, further
from ..report.answer import Answer
from .answer import report_diagnostics, reported, write_answer
from .completion import counters, device_names
from .help import Command
from .options import BATCHES, OutputOptions, no_columns, table_options

if TYPE_CHECKING:
    from ..report.screens.list import ZooEntry


class ListOptions(OutputOptions):
    """The words and options of `archcalc list`."""

    name: str | None
    family: str | None
    where: str | None
    sort: str | None
    no_cache: bool
    counter: tuple[str, ...]
    without_faults: bool
    on: str
    batch: int
    dtype: str


@click.command("list", cls=Command)
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--family", metavar="NAME", help="Only this family, as in resnet.")
@click.option(
    "--where",
    metavar="CONDITION",
    help='Only networks of which this holds, as in "macs < 1G and year <= 2016".',
)
@click.option(
    "--sort",
    metavar="QUANTITY",
    help="In the order of this quantity, not by family; -QUANTITY from the largest down.",
)
@click.option(
    "--no-cache", is_flag=True, help="Compute everything anew and keep nothing, as with ARCHCALC_CACHE=off."
)
@click.option(
    "--counter",
    multiple=True,
    metavar="NAME",
    shell_complete=counters,
    help="A column for what another tool counts: fvcore, thop … Several may be given.",
)
@click.option("--without-faults", is_flag=True, help="With --counter: what the tool means to count.")
@click.option(
    "--on",
    metavar="DEVICE",
    default="",
    shell_complete=device_names,
    help="A device, as `archcalc time` has it: a column for the least time; --where and --sort know time, "
    "traffic and intensity.",
)
@click.option("--batch", type=BATCHES, default=1, metavar="N", help="With --on: batch size.  [default: 1]")
@click.option(
    "--dtype", type=click.Choice(list(DTYPES)), default="fp32", help="With --on: type of the values."
)
@table_options()
@reported(ListOptions)
def command(options: ListOptions) -> int:
    """What is in the zoo: input, parameters, MACs, receptive field.

    With a NAME, the networks of that family, or those that have it in their names.

    Quantities for --where and --sort: name, family, year, params, weights, biases, trainable,
    buffers, neurons or units, connections, macs, flops, backward_macs, step_macs, operations,
    mul_add, mul, add, compare, div, special, outputs, multiplications, additions, memory,
    activation_bytes, param_bytes, peak or peak_bytes, saved or saved_bytes, inference or
    inference_bytes, size, rf, stride, start (of the last local receptive field), depth, top1, top5
    (published accuracy in per cent). --where joins comparisons by and, or, not; numbers end in K,
    M, G, T, KiB, MiB, GiB; what a network does not have compares with nothing. With --on also time
    (at least: 5ms), traffic and intensity.
    """
    no_columns(options)
    from ..report.records.zoo import zoo_record
    from ..report.screens.list import PLAIN, by_family, list_sheets, list_table

    entries, warnings = zoo(not options.no_cache)
    entries = by_family(entries)
    also: list[str] = []
    if options.name is not None:
        entries = called(entries, options.name)
    if options.family is not None:
        entries = of_family(entries, options.family)
    device = ON_DEVICE if options.on else {}
    if options.on:
        entries = on_device(entries, options)
    elif options.batch != 1 or options.dtype != "fp32":
        raise fail("usage", "--batch and --dtype go with --on DEVICE: all else is listed for one image")
    if options.where is not None:
        entries, also = where(entries, options.where, tuple(device))
    families = options.sort is None
    if options.sort is not None:
        entries, by = in_order(entries, options.sort, tuple(device))
        also = list(dict.fromkeys([*also, by]))
    also = list(dict.fromkeys([*also, *(["time"] if options.on else [])]))
    entries, tools = counted(entries, options.counter, not options.without_faults)
    answer = Answer(
        lambda: zoo_record([entry.record for entry in entries]),
        lambda: list_table(entries, [*further(options.columns, [*PLAIN, *tools]), *tools, *device]),
        lambda space: list_sheets(
            entries, space, [*also, *tools], families, [*tools.values(), *_device_words(options)]
        ),
    )
    write_answer(answer, options)
    report_diagnostics(warnings, options.diagnostics_format)
    return 0


def zoo(cached: bool = True) -> tuple[list[ZooEntry], list[Diagnostic]]:
    """All networks of the zoo, and warnings for published figures that do not hold."""
    from . import cache

    key = cache.key() if cached and cache.wanted() else None
    known = _entries(cache.load(key)) if key is not None else None
    if known is not None:
        return known, []
    entries, warnings = computed()
    # Warnings point into the text, and are for whoever is at work on it: nothing is kept. Nor is
    # what was computed while a file changed.
    if key is not None and not warnings and cache.key() == key:
        cache.store(key, [entry.record for entry in entries])
    return entries, warnings


def on_device(entries: list[ZooEntry], options: ListOptions) -> list[ZooEntry]:
    """The entries with what a roofline gives of each. Raises SpecError."""
    from ..language.library import Library
    from ..network import Network
    from ..report.records.zoo import device_figures

    library = Library()
    library.read_zoo()
    found = []
    for entry in entries:
        network = Network.of(entry.name, library=library)
        try:
            report = network.time(options.on, batch=options.batch, dtype=options.dtype)
        except ValueError as error:
            raise fail("usage", str(error)) from None
        found.append(type(entry)({**entry.record, "on": device_figures(report.totals)}))
    return found


def _device_words(options: ListOptions) -> list[str]:
    """What the times are of, in words."""
    if not options.on:
        return []
    from ..devices import device
    from ..report.lines import clean_line

    return [
        f"time: at least, on {clean_line(device(options.on).title)}, {options.dtype}, batch {options.batch:,}"
    ]


def counted(
    entries: list[ZooEntry], names: Sequence[str], faults: bool
) -> tuple[list[ZooEntry], dict[str, str]]:
    """The entries with what other tools count, and the tools, each with what it counts, in words. Raises
    SpecError for one that there is not."""
    if not names:
        return entries, {}
    from ..counters import count, profile
    from ..language.library import Library
    from ..network import Network

    profiles = {by.name: by for by in [profile(name) for name in names]}
    library = Library()
    library.read_zoo()
    found = []
    for entry in entries:
        graph = Network.of(entry.name, library=library).graph
        figures = {name: count(by, graph, faults).figure for name, by in profiles.items()}
        found.append(type(entry)({**entry.record, "counters": figures}))
    meant = "" if faults else ", without its faults"
    return found, {name: f"{name}: {by.unit} as {by.tool} counts{meant}" for name, by in profiles.items()}


def names() -> list[str]:
    """The networks of the zoo, in its order."""
    from ..language.library import Library

    return list(Library().zoo)


def _entries(kept: object) -> list[ZooEntry] | None:
    """The entries that a cache holds; None where that is not the whole zoo, with all that a list
    shows, chooses and sorts by."""
    from ..report.screens.list import ZooEntry, list_table

    if not isinstance(kept, list):
        return None
    try:
        entries = [ZooEntry(record) for record in kept]
        for _ in list_table(entries)[1]:
            pass
        whole = all(entry.quantities and entry.inputs for entry in entries)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return None
    return entries if whole and [entry.name for entry in entries] == names() else None


def computed() -> tuple[list[ZooEntry], list[Diagnostic]]:
    """The same as ``zoo``, worked out from the specs."""
    from ..language.library import Library
    from ..network import Network
    from ..report.screens.list import ZooEntry
    from ..report.terminal import watched

    library = Library()
    library.read_zoo()
    warnings = []
    entries = []
    for name in watched(library.zoo, "computing", "networks", len(library.zoo)):
        network = Network.of(name, library=library)
        summary = network.summary()
        warnings += network.doubts(summary)
        entries.append(ZooEntry.of(summary))
    return entries, warnings


def of_family(entries: list[ZooEntry], name: str) -> list[ZooEntry]:
    """The networks of a family. Raises SpecError where there is none."""
    from ..language.zoo_path import normal

    found = [entry for entry in entries if normal(entry.family) == normal(name)]
    if not found:
        families = {normal(entry.family): entry.family for entry in entries}
        near = nearest(normal(name), families)
        help = [f"did you mean `{families[near]}`?"] if near else []
        raise fail(
            "name", f"no family is called `{name}`", *help, f"there are {', '.join(families.values())}"
        )
    return found


def called(entries: list[ZooEntry], name: str) -> list[ZooEntry]:
    """The networks of a family, or else those that have a word in their names. Raises SpecError
    where there is none."""
    from ..language.zoo_path import normal

    wanted = normal(name)
    found = [entry for entry in entries if normal(entry.family) == wanted]
    found = found or [entry for entry in entries if wanted and wanted in normal(entry.name)]
    if not found:
        families = {normal(entry.family): entry.family for entry in entries}
        near = nearest(wanted, [*families, *[normal(entry.name) for entry in entries]])
        help = [f"did you mean `{families.get(near, near)}`?"] if near else []
        raise fail(
            "name", f"no family and no network is called `{name}`", *help, "`archcalc list` shows them all"
        )
    return found


def where(entries: list[ZooEntry], text: str, device: Sequence[str] = ()) -> tuple[list[ZooEntry], list[str]]:
    """The networks of which a condition holds, and the quantities it names; ``device`` are those that a
    device adds. Raises SpecError."""
    from fractions import Fraction

    from ..language.conditions import Condition
    from ..report.records.zoo import ACCURACIES
    from ..report.screens.list import NUMBERS, OTHERS, TEXTS

    rows = [entry.quantities for entry in entries]
    known = {name: list(dict.fromkeys([row[name] for row in rows])) for name in TEXTS}
    called = {**ALIASES, **(ON_DEVICE_ALIASES if device else {})}
    condition = Condition(text, (*NUMBERS, *OTHERS, *device), known, called)
    for row in rows:
        for name in ACCURACIES:
            if row[name] is not None:
                row[name] = Fraction(row[name])
    found = [entry for entry, row in zip(entries, rows, strict=True) if condition(row)]
    return found, condition.named


def in_order(entries: list[ZooEntry], asked: str, device: Sequence[str] = ()) -> tuple[list[ZooEntry], str]:
    """The networks by a quantity, those without it last, and its name; ``device`` are those that a device
    adds. Raises SpecError."""
    from ..language.zoo_path import normal
    from ..report.screens.list import NUMBERS, OTHERS, TEXTS

    aliases = {**ALIASES, **(ON_DEVICE_ALIASES if device else {})}
    names = {normal(word): name for word, name in aliases.items()}
    names.update({normal(name): name for name in (*TEXTS, *NUMBERS, *OTHERS, *device)})
    name = names.get(normal(asked))
    if name is None:
        word = asked.removeprefix("-")
        raise fail(
            "name",
            f"no quantity is called `{word}`",
            *did_you_mean(word.lower(), names),
            f"there are {', '.join([*TEXTS, *NUMBERS, *OTHERS, *device])}",
        )
    values = {entry.name: entry.quantities[name] for entry in entries}
    have = [entry for entry in entries if values[entry.name] is not None]
    have.sort(
        key=lambda e: normal(values[e.name]) if name in TEXTS else values[e.name],
        reverse=asked.startswith("-"),
    )
    return have + [entry for entry in entries if values[entry.name] is None], name
