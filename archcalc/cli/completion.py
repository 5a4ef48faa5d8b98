"""Completion in a shell: names of the zoo, files, layers. Nothing is computed for a
target; for a layer its network is read."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

# The most layers of a network that is read while somebody waits for a word.
BUDGET = 5000


def _words(ctx: click.Context) -> tuple[str, ...]:
    """The words before the one that is asked for; click leaves them lying where an option that has
    no value yet ends its reading."""
    return tuple(ctx.params.get("words") or ctx.args)


def targets(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str] | list[CompletionItem]:
    """Networks of the zoo and files of this folder; else paths, which the shell knows better."""
    return [] if _words(ctx) else more_targets(ctx, param, incomplete)


def more_targets(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[str] | list[CompletionItem]:
    """Complete one of several targets."""
    from ..importing.files import by_suffix
    from ..language.library import Library
    from ..language.zoo_path import normal

    wanted = normal(incomplete)
    found = sorted([name for name in Library().zoo if normal(name).startswith(wanted)])
    try:
        here = sorted(os.listdir())
    except OSError:
        here = []
    files = [
        name
        for name in here
        if (name.endswith(".arch") or by_suffix(name) is not None)
        and name.startswith(incomplete)
        and name.isprintable()
        and not name.startswith("-")  # which would be an option
    ]
    from click.shell_completion import CompletionItem

    if found or files:
        return [CompletionItem(name) for name in found] + [CompletionItem(name, file=True) for name in files]
    return [CompletionItem(incomplete, type="file")]


def targets_and_quizzes(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[str] | list[CompletionItem]:
    """A target, or the file of a quiz in this folder."""
    if _words(ctx):
        return []
    from click.shell_completion import CompletionItem

    try:
        here = sorted(os.listdir())
    except OSError:
        here = []
    quizzes = [
        CompletionItem(name, file=True)
        for name in here
        if name.endswith(".toml") and name.startswith(incomplete) and name.isprintable() and name[0] != "-"
    ]
    found = more_targets(ctx, param, incomplete)
    return [item if isinstance(item, CompletionItem) else CompletionItem(item) for item in found] + quizzes


def targets_and_layers(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[str] | list[CompletionItem]:
    """A target, then one of its layers."""
    words = _words(ctx)
    if not words:
        return targets(ctx, param, incomplete)
    return layers(ctx, param, incomplete) if len(words) == 1 else []


def layers_and_quantities(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[str] | list[CompletionItem]:
    """A target, one of its layers, and what can be explained of it."""
    if len(_words(ctx)) != 2:
        return targets_and_layers(ctx, param, incomplete)
    from ..quantities import QUANTITIES

    return [name for name in QUANTITIES if name.startswith(incomplete)]


def layers(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Labels and layers of the network on the line, those of a block behind its name and a dot."""
    words = _words(ctx)
    if not words or words[0] == "-":
        return []
    from ..diagnostics import SpecError
    from ..loading import LoadedNetwork
    from .given import given_inputs, given_settings

    given = ctx.params
    try:
        inputs, settings = given_inputs(given.get("inputs", ())), given_settings(given.get("settings", ()))
        layout = given.get("layout") or "hwc"
        names = LoadedNetwork.of(words[0], inputs, settings, budget=BUDGET, layout=layout).graph.names()
    except SpecError:
        return []
    return [
        name
        for name in dict.fromkeys(names)
        if name.startswith(incomplete) and "." not in name[len(incomplete) :]
    ]


def targets_and_blocks(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[str] | list[CompletionItem]:
    """A target, or a block of the library."""
    from ..language.library import Library

    blocks = [name for name in Library().blocks if name.startswith(incomplete)]
    found = targets(ctx, param, incomplete)
    if _words(ctx) or not blocks:
        return found
    from click.shell_completion import CompletionItem

    return [CompletionItem(name) for name in sorted(blocks)] + [
        item if isinstance(item, CompletionItem) else CompletionItem(item) for item in found
    ]


def op_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The layers of the language, and the blocks of its library."""
    from ..language.library import Library
    from ..ops import registry

    names = sorted([*registry(), *Library().blocks])
    return [name for name in names if name.startswith(incomplete)]


def counters(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The counters that come with archcalc."""
    from ..counters import profiles

    return [name for name in profiles() if name.startswith(incomplete)]


def quantities(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Quantities that networks are compared by, behind those that are there already."""
    from ..quantities import COMPARED

    before, comma, last = incomplete.rpartition(",")
    sign = "-" if last.startswith("-") else ""
    return [f"{before}{comma}{sign}{name}" for name in COMPARED if name.startswith(last.removeprefix("-"))]


def device_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The devices that come with archcalc."""
    from ..devices import devices

    known = [name for each in devices() for name in (each.name, *each.aliases)]
    return [name for name in known if name.startswith(incomplete)]


def file_formats(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """The formats of files that are read."""
    from ..loading.targets import file_formats

    return [name for name in file_formats() if name.startswith(incomplete)]
